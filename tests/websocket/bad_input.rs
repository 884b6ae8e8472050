//! What the caller must not send is refused before anything of it is sent.

use curlback::result::code;
use curlback_test_servers::tungstenite::Message;

use crate::support::{last_error, ok};
use crate::*;

/// A detached handle, and what its server receives until it is closed.
fn listening() -> (Easy, Receiver<Vec<Message>>, WsServer) {
    let (server, came) = server(|socket, came| {
        came.send(read_all(socket)).unwrap();
        Ok(())
    });
    (detached(&server.url("/")), came, server)
}

#[track_caller]
fn refused(result: i32, says: &str) {
    assert_eq!(result, code::E_RANGE, "{}", last_error());
    assert!(last_error().contains(says), "{says:?} is not in {:?}", last_error());
}

#[test]
fn close_codes_that_must_not_be_sent_are_refused_and_all_others_sent() {
    if left_out() {
        return;
    }
    let (easy, came, _server) = listening();
    let may_be_sent = |close_code: u16| matches!(close_code, 1000..=1003 | 1007..=1014 | 3000..=4999);
    for close_code in (1..=u16::MAX).filter(|close_code| !may_be_sent(*close_code)) {
        refused(close_with(easy.raw(), close_code, b"why"), "is no close code that may be sent");
        let payload = close_code.to_be_bytes();
        refused(send_piece(easy.raw(), &payload, 0, CLOSE).0, "is no close code that may be sent");
    }
    drop(easy);
    assert_eq!(came.recv_timeout(LIMIT).unwrap(), []);
    for close_code in [1000, 1001, 1002, 1003, 1007, 1008, 1013, 3000, 3999, 4000, 4999] {
        let (easy, came, _server) = listening();
        ok(close_with(easy.raw(), close_code, b"why"));
        let came = came.recv_timeout(LIMIT).unwrap();
        let Some(Message::Close(Some(close))) = came.first() else { panic!("{close_code}: {came:?}") };
        assert_eq!((u16::from(close.code), close.reason.as_str()), (close_code, "why"));
    }
}

#[test]
fn reasons_that_are_no_utf_8_or_too_long_are_refused() {
    if left_out() {
        return;
    }
    let (easy, came, _server) = listening();
    let raw = easy.raw();
    refused(close_with(raw, 1000, b"\xff\xfe"), "not UTF-8");
    // Cut within a character.
    refused(close_with(raw, 1000, &"ü".as_bytes()[..1]), "not UTF-8");
    // A surrogate, and an overlong NUL.
    refused(close_with(raw, 1000, b"\xed\xa0\x80"), "not UTF-8");
    refused(close_with(raw, 1000, b"\xc0\x80"), "not UTF-8");
    refused(close_with(raw, 1000, &[b'x'; 124]), "at most 123 bytes, not 124");
    refused(close_with(raw, 0, b"without a code"), "0 is no close code");
    refused(send_piece(raw, b"\x03", 0, CLOSE).0, "a code of two bytes");
    refused(send_piece(raw, b"\x03\xe8\xff", 0, CLOSE).0, "not UTF-8");
    // A NUL is a character like any other, and 123 bytes fit.
    let reason = [&[0; 23], [b'x'; 100].as_slice()].concat();
    ok(close_with(raw, 1000, &reason));
    let came = came.recv_timeout(LIMIT).unwrap();
    let Some(Message::Close(Some(close))) = came.first() else { panic!("{came:?}") };
    assert_eq!(close.reason.as_bytes(), reason);
}

#[test]
fn flags_that_contradict_each_other_are_refused() {
    if left_out() {
        return;
    }
    let (easy, came, _server) = listening();
    let raw = easy.raw();
    let kinds = [TEXT, BINARY, CLOSE, PING, PONG];
    for flags in 0..=128 {
        let of_one_kind = kinds.contains(&(flags & !(CONT | OFFSET)));
        let control = flags & (CLOSE | PING | PONG) != 0;
        if !of_one_kind {
            refused(send_piece(raw, b"", 0, flags).0, "no kind of frame");
        } else if control && flags & (CONT | OFFSET) != 0 {
            refused(send_piece(raw, b"", 0, flags).0, "a control frame is sent whole");
        }
    }
    refused(send_piece(raw, b"", 0, TEXT | 1 << 31).0, "no kind of frame");
    for flags in [PING, PONG, CLOSE] {
        refused(send_piece(raw, &[0; 126], 0, flags).0, "at most 125 bytes, not 126");
    }
    refused(send_piece(raw, b"abc", 3, TEXT).0, "fragment_size goes with OFFSET");
    refused(send_piece(raw, b"abc", -1, TEXT).0, "fragment_size goes with OFFSET");
    for size in [2, 0, -1, i64::MIN] {
        refused(send_piece(raw, b"abc", size, TEXT | OFFSET).0, "the size of the whole frame");
    }
    drop(easy);
    assert_eq!(came.recv_timeout(LIMIT).unwrap(), []);
}

#[test]
fn what_does_not_go_on_with_what_was_begun_is_refused() {
    if left_out() {
        return;
    }
    let (easy, came, _server) = listening();
    let raw = easy.raw();
    send(raw, b"text ", TEXT | CONT);
    refused(send_piece(raw, b"x", 0, BINARY).0, "goes on with the same of TEXT and BINARY");
    refused(send_piece(raw, b"x", 0, BINARY | CONT).0, "goes on with the same of TEXT and BINARY");
    send(raw, b"to be ", TEXT | CONT);
    send(raw, b"p", PING);
    assert_eq!(send_piece(raw, b"con", 9, TEXT | OFFSET), (0, 3));
    for (data, size, flags) in [
        (b"x".as_slice(), 0, TEXT),
        (b"x", 0, TEXT | CONT | OFFSET),
        (b"", 0, PING),
        (b"x", 8, TEXT | OFFSET),
    ] {
        refused(send_piece(raw, data, size, flags).0, "not finished: 6 bytes of it come first");
    }
    refused(close_with(raw, 1000, b""), "not finished");
    refused(send_piece(raw, b"1234567", 0, TEXT | OFFSET).0, "6 bytes of the frame are still to come, not 7");
    assert_eq!(send_piece(raw, b"tinued", 0, TEXT | OFFSET), (0, 6));
    send(raw, b"now", BINARY);
    ok(close_with(raw, 1000, b""));
    let came = came.recv_timeout(LIMIT).unwrap();
    assert_eq!(
        came[..3],
        [
            Message::Ping(curlback_test_servers::tungstenite::Bytes::from_static(b"p")),
            Message::text("text to be continued"),
            Message::binary(b"now".as_slice())
        ]
    );
}

#[test]
fn what_is_refused_in_a_callback_leaves_the_transfer_alone() {
    if left_out() {
        return;
    }
    let (server, came) = server(|socket, came| {
        socket.send(Message::text("go"))?;
        came.send(read_all(socket)).unwrap();
        Ok(())
    });
    let easy = to(&server.url("/"));
    collect(&easy, |easy, frame, _| {
        if frame.flags as u32 == TEXT {
            refused(close_with(easy, 1005, b""), "1005");
            refused(close_with(easy, 1000, b"\xff"), "not UTF-8");
            refused(send_piece(easy, &[0; 126], 0, PING).0, "125");
            refused(send_piece(easy, b"", 0, TEXT | BINARY).0, "no kind");
            ok(close_with(easy, 1000, b""));
        }
    });
    ok(easy.perform());
    let came = came.recv_timeout(LIMIT).unwrap();
    assert!(matches!(came[..], [Message::Close(Some(_))]), "{came:?}");
}

#[test]
fn a_handle_without_a_websocket_is_told_so_before_and_after() {
    if left_out() {
        return;
    }
    let easy = Easy::new();
    for _ in 0..2 {
        assert_eq!(send_piece(easy.raw(), b"x", 0, TEXT), (code::E_ABSENT, 0));
        assert!(last_error().contains("the handle has no WebSocket"), "{}", last_error());
        assert_eq!(close_with(easy.raw(), 1000, b""), code::E_ABSENT);
        assert_eq!(receive(easy.raw(), 10), Err(code::E_ABSENT));
        assert_eq!(meta(easy.raw()), Err(code::E_NOT_IN_CALLBACK));
        easy.set_url("file:///dev/null");
        ok(easy.perform());
    }
}
