//! Bit 1 of WS_OPTIONS: the frames are the caller's.

use curlback::libcurl::tables::opt;
use curlback::result::code;
use curlback_test_servers::tungstenite::{Bytes, Message};

use crate::support::{last_error, ok};
use crate::*;

/// A client's frame, masked with zeros: only short ones.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    [&[first, 0x80 | payload.len() as u8, 0, 0, 0, 0], payload].concat()
}

/// Sends a ping and a text, reports two messages and closes.
fn greeting() -> (WsServer, Receiver<[Message; 2]>) {
    server(|socket, came| {
        socket.send(Message::Ping(Bytes::from_static(b"p")))?;
        socket.send(Message::text("hi"))?;
        came.send([socket.read()?, socket.read()?]).unwrap();
        socket.close(None)
    })
}

fn expected() -> [Message; 2] {
    [Message::Pong(Bytes::from_static(b"p")), Message::text("ho")]
}

#[test]
fn in_a_transfer_bytes_come_and_go_as_they_are() {
    if left_out() {
        return;
    }
    let (server, came) = greeting();
    let easy = to(&server.url("/"));
    easy.set_int(opt::WS_OPTIONS, 1);
    let bytes = list();
    let sink = std::rc::Rc::clone(&bytes);
    easy.on_write(move |easy, data| {
        assert_eq!(meta(easy), Err(code::E_ABSENT));
        let mut bytes = sink.borrow_mut();
        bytes.extend_from_slice(data);
        if bytes.as_slice() == b"\x89\x01p\x81\x02hi" {
            assert_eq!(send_piece(easy, b"x", 0, TEXT), (code::E_RANGE, 0));
            assert!(last_error().contains("in raw mode the data are the frames"), "{}", last_error());
            assert_eq!(send_piece(easy, b"x", 1, 0), (code::E_RANGE, 0));
            assert_eq!(close_with(easy, 1000, b""), code::E_RANGE);
            let both = [frame(0x8a, b"p"), frame(0x81, b"ho")].concat();
            send(easy, &both, 0);
        }
        data.len() as i64
    });
    ok(easy.perform());
    assert_eq!(came.recv_timeout(LIMIT).unwrap(), expected());
    assert_eq!(*bytes.borrow(), b"\x89\x01p\x81\x02hi\x88\x00");
}

#[test]
fn detached_frames_of_the_callers_making_are_sent() {
    if left_out() {
        return;
    }
    let (server, came) = greeting();
    let easy = to(&server.url("/"));
    easy.set_int(opt::CONNECT_ONLY, 2);
    easy.set_int(opt::WS_OPTIONS, 1);
    ok(easy.perform());
    let both = [frame(0x8a, b"p"), frame(0x81, b"ho")].concat();
    let (first, rest) = both.split_at(3);
    send(easy.raw(), first, 0);
    send(easy.raw(), rest, 0);
    assert_eq!(came.recv_timeout(LIMIT).unwrap(), expected());
}

#[test]
fn the_option_follows_duplicates_and_ends_with_a_reset() {
    if left_out() {
        return;
    }
    let (server, came) = server(|socket, came| {
        came.send(socket.read()?).unwrap();
        Ok(())
    });
    let easy = Easy::new();
    easy.set_int(opt::WS_OPTIONS, 1);
    let mut copy = std::ptr::null_mut();
    // SAFETY: the copy can be written to.
    ok(unsafe { curlback::easy::curlback_easy_duplicate(easy.raw(), &mut copy) });
    let copy = Easy::adopt(copy);
    ok(curlback::easy::curlback_easy_reset(easy.raw()));
    for (easy, data, flags) in [(copy, frame(0x81, b"raw"), 0), (easy, b"framed".to_vec(), TEXT)] {
        easy.set_url(&server.url("/"));
        easy.set_int(opt::CONNECT_ONLY, 2);
        ok(easy.perform());
        send(easy.raw(), &data, flags);
        let text = if flags == 0 { "raw" } else { "framed" };
        assert_eq!(came.recv_timeout(LIMIT).unwrap(), Message::text(text));
    }
}
