//! Frames in a transfer: what on_write is told of them, and what callbacks send.

use std::rc::Rc;

use curlback::libcurl::tables::opt;
use curlback::result::code;
use curlback_test_servers::tungstenite::protocol::CloseFrame;
use curlback_test_servers::tungstenite::protocol::frame::Frame;
use curlback_test_servers::tungstenite::protocol::frame::coding::{CloseCode, Data, OpCode};
use curlback_test_servers::tungstenite::{Bytes, Message};
use curlback_test_servers::{HttpServer, Nginx, Socket, pattern};

use crate::support::{last_error, ok};
use crate::*;

/// A frame of a message, as tungstenite writes it.
pub fn frame(data: &[u8], kind: Data, last: bool) -> Message {
    Message::Frame(Frame::message(Bytes::copy_from_slice(data), OpCode::Data(kind), last))
}

/// Flags and bytes of each chunk.
pub fn flags_and_bytes(chunks: &[(curlback_ws_frame, Vec<u8>)]) -> Vec<(u32, &[u8])> {
    chunks.iter().map(|(frame, data)| (frame.flags as u32, data.as_slice())).collect()
}

fn send_one_of_each(socket: &mut Socket) -> Result<(), Error> {
    socket.send(Message::text("hi"))?;
    socket.send(Message::binary([0u8, 1, 255].as_slice()))?;
    socket.send(Message::text(""))?;
    socket.send(frame(b"a", Data::Text, false))?;
    socket.send(Message::Pong(Bytes::from_static(b"unasked")))?;
    socket.send(frame(b"", Data::Continue, false))?;
    socket.send(frame(b"c", Data::Continue, true))?;
    socket.send(frame(b"x", Data::Binary, false))?;
    socket.send(frame(b"y", Data::Continue, true))?;
    socket.close(Some(CloseFrame { code: CloseCode::Library(4000), reason: "done".into() }))
}

#[test]
fn each_chunk_comes_with_its_frame_and_perform_ends_when_the_peer_closes() {
    if left_out() {
        return;
    }
    let (server, _) = server::<()>(|socket, _| send_one_of_each(socket));
    let easy = to(&server.url("/"));
    let chunks = collect(&easy, |_, _, _| ());
    ok(easy.perform());
    let chunks = chunks.borrow();
    assert_eq!(
        flags_and_bytes(&chunks),
        [
            (TEXT, b"hi".as_slice()),
            (BINARY, &[0, 1, 255]),
            (TEXT, b""),
            (TEXT | CONT, b"a"),
            (PONG, b"unasked"),
            (TEXT | CONT, b""),
            (TEXT, b"c"),
            (BINARY | CONT, b"x"),
            (BINARY, b"y"),
            (CLOSE, b"\x0f\xa0done"),
        ]
    );
    assert!(chunks.iter().all(|(frame, _)| (frame.offset, frame.bytes_left) == (0, 0)));
    assert_eq!(easy.int(info::RESPONSE_CODE), 101);
}

#[test]
fn a_large_frame_comes_in_chunks_that_say_where_they_belong() {
    if left_out() {
        return;
    }
    let (server, _) = server::<()>(|socket, _| {
        socket.send(Message::binary(pattern(0, 1_000_000)))?;
        socket.send(Message::text("next"))?;
        socket.close(None)
    });
    let easy = to(&server.url("/"));
    let chunks = collect(&easy, |_, _, _| ());
    ok(easy.perform());
    let (mut bytes, chunks) = (Vec::new(), chunks.borrow());
    let (large, rest) = chunks.split_at(chunks.len() - 2);
    for (frame, data) in large {
        assert_eq!(frame.flags as u32, BINARY);
        assert_eq!(frame.offset, bytes.len() as i64);
        bytes.extend_from_slice(data);
        assert_eq!(frame.bytes_left, 1_000_000 - bytes.len() as i64);
    }
    assert!(large.len() > 1);
    assert!(bytes == pattern(0, 1_000_000));
    assert_eq!(flags_and_bytes(rest), [(TEXT, b"next".as_slice()), (CLOSE, b"")]);
}

#[test]
fn libcurl_answers_pings_by_itself_and_does_not_show_them() {
    if left_out() {
        return;
    }
    let (server, answers) = server(|socket, answers| {
        socket.send(Message::Ping(Bytes::from_static(b"there?")))?;
        answers.send(socket.read()?).unwrap();
        socket.close(None)
    });
    let easy = to(&server.url("/"));
    let chunks = collect(&easy, |_, _, _| ());
    ok(easy.perform());
    assert_eq!(answers.recv_timeout(LIMIT).unwrap(), Message::Pong(Bytes::from_static(b"there?")));
    assert_eq!(flags_and_bytes(&chunks.borrow()), [(CLOSE, b"".as_slice())]);
}

#[test]
fn without_automatic_pongs_the_callback_sees_the_ping_and_answers() {
    if left_out() {
        return;
    }
    let (server, answers) = server(|socket, answers| {
        socket.send(Message::Ping(Bytes::from_static(b"there?")))?;
        answers.send([socket.read()?, socket.read()?]).unwrap();
        socket.close(None)
    });
    let easy = to(&server.url("/"));
    easy.set_int(opt::WS_OPTIONS, 2);
    let chunks = collect(&easy, |easy, frame, data| {
        if frame.flags as u32 == PING {
            send(easy, b"first", TEXT);
            send(easy, data, PONG);
        }
    });
    ok(easy.perform());
    let pong = Message::Pong(Bytes::from_static(b"there?"));
    assert_eq!(answers.recv_timeout(LIMIT).unwrap(), [Message::text("first"), pong]);
    assert_eq!(flags_and_bytes(&chunks.borrow()), [(PING, b"there?".as_slice()), (CLOSE, b"")]);
}

/// Greets, reports all that comes, and answers what it is told to end by.
fn listening() -> (WsServer, Receiver<Vec<Message>>) {
    server(|socket, came| {
        socket.send(Message::text("speak"))?;
        came.send(read_all(socket)).unwrap();
        Ok(())
    })
}

fn text(text: &str) -> Message {
    Message::text(text)
}

fn close_message(close_code: u16, reason: &str) -> Message {
    Message::Close(Some(CloseFrame { code: CloseCode::from(close_code), reason: reason.into() }))
}

#[test]
fn a_callback_sends_frames_of_every_kind() {
    if left_out() {
        return;
    }
    let (server, came) = listening();
    let easy = to(&server.url("/"));
    let chunks = collect(&easy, |easy, frame, _| {
        if frame.flags as u32 != TEXT {
            return;
        }
        send(easy, "héllo".as_bytes(), TEXT);
        send(easy, b"", TEXT);
        send(easy, &pattern(0, 70_000), BINARY);
        // Fragments of one message, with a control frame between them.
        send(easy, b"one ", TEXT | CONT);
        send(easy, b"two ", TEXT | CONT);
        send(easy, b"knock", PING);
        send(easy, b"three", TEXT);
        send(easy, b"unasked", PONG);
        // One frame in pieces.
        assert_eq!(send_piece(easy, b"01", 7, BINARY | OFFSET), (0, 2));
        assert_eq!(send_piece(easy, b"234", 0, BINARY | OFFSET), (0, 3));
        assert_eq!(send_piece(easy, b"", 0, BINARY | OFFSET), (0, 0));
        assert_eq!(send_piece(easy, b"56", 7, BINARY | OFFSET), (0, 2));
        // A fragment in pieces, its size first.
        assert_eq!(send_piece(easy, b"", 3, TEXT | CONT | OFFSET), (0, 0));
        assert_eq!(send_piece(easy, b"abc", 0, TEXT | CONT | OFFSET), (0, 3));
        assert_eq!(send_piece(easy, b"d", 1, TEXT | OFFSET), (0, 1));
        ok(close_with(easy, 3000, "bye ü".as_bytes()));
    });
    ok(easy.perform());
    assert_eq!(
        came.recv_timeout(LIMIT).unwrap(),
        [
            text("héllo"),
            text(""),
            Message::binary(pattern(0, 70_000)),
            Message::Ping(Bytes::from_static(b"knock")),
            text("one two three"),
            Message::Pong(Bytes::from_static(b"unasked")),
            Message::binary(b"0123456".as_slice()),
            text("abcd"),
            close_message(3000, "bye ü"),
        ]
    );
    let chunks = chunks.borrow();
    let last = &flags_and_bytes(&chunks)[1..];
    assert_eq!(last, [(PONG, b"knock".as_slice()), (CLOSE, b"\x0b\xb8bye \xc3\xbc")]);
}

#[test]
fn frames_are_sent_from_other_callbacks_too() {
    if left_out() {
        return;
    }
    let (server, came) = listening();
    let easy = to(&server.url("/"));
    let chunks = collect(&easy, |_, _, _| ());
    let (seen, sent) = (Rc::clone(&chunks), std::cell::Cell::new(false));
    easy.on_xferinfo(move |easy, _| {
        if !seen.borrow().is_empty() && !sent.replace(true) {
            assert_eq!(meta(easy), Err(code::E_NOT_IN_CALLBACK));
            assert_eq!(last_error(), "allowed only from inside the on_write callback of this handle");
            send(easy, b"from xferinfo", TEXT);
            ok(close_with(easy, 1000, b""));
        }
        0
    });
    ok(easy.perform());
    assert_eq!(came.recv_timeout(LIMIT).unwrap(), [text("from xferinfo"), close_message(1000, "")]);
}

#[test]
fn before_the_handshake_is_done_there_is_nothing_to_send_to() {
    if left_out() {
        return;
    }
    let (server, came) = listening();
    let easy = to(&server.url("/"));
    let results = list();
    let seen = Rc::clone(&results);
    easy.on_header(move |easy, line| {
        seen.borrow_mut().push(send_piece(easy, b"early", 0, TEXT));
        line.len() as i64
    });
    collect(&easy, |easy, frame, _| {
        if frame.flags as u32 == TEXT {
            ok(close_with(easy, 0, b""));
        }
    });
    ok(easy.perform());
    assert_eq!(came.recv_timeout(LIMIT).unwrap(), [Message::Close(None)]);
    let results = results.borrow();
    assert!(!results.is_empty());
    // SEND_ERROR is libcurl's own answer, once the status has come.
    assert!(results.iter().all(|result| [(code::E_ABSENT, 0), (55, 0)].contains(result)), "{results:?}");
}

#[test]
fn what_is_no_websocket_has_neither_frames_nor_a_way_to_send_them() {
    if left_out() {
        return;
    }
    let easy = to(&HttpServer::shared().url("/hello"));
    easy.on_write(|easy, data| {
        assert_eq!(meta(easy), Err(code::E_ABSENT));
        assert_eq!(send_piece(easy, b"x", 0, TEXT), (code::E_ABSENT, 0));
        assert!(last_error().contains("the handle has no WebSocket"), "{}", last_error());
        assert_eq!(close_with(easy, 1000, b""), code::E_ABSENT);
        assert_eq!(receive(easy, 10), Err(code::E_IN_CALLBACK));
        data.len() as i64
    });
    ok(easy.perform());
    assert_eq!(send_piece(easy.raw(), b"x", 0, TEXT), (code::E_ABSENT, 0));
    assert_eq!(receive(easy.raw(), 10), Err(code::E_ABSENT));
    assert_eq!(meta(easy.raw()), Err(code::E_NOT_IN_CALLBACK));
}

#[test]
fn once_the_transfer_has_ended_the_websocket_is_gone() {
    if left_out() {
        return;
    }
    let (server, _) = server::<()>(|socket, _| send_one_of_each(socket));
    let easy = to(&server.url("/"));
    for _ in 0..2 {
        let chunks = collect(&easy, |_, _, _| ());
        ok(easy.perform());
        assert_eq!(chunks.borrow().len(), 10);
        assert_eq!(send_piece(easy.raw(), b"x", 0, TEXT), (code::E_ABSENT, 0));
        assert_eq!(receive(easy.raw(), 10), Err(code::E_ABSENT));
        assert_eq!(close_with(easy.raw(), 1000, b""), code::E_ABSENT);
    }
}

#[test]
fn frames_go_both_ways_over_tls() {
    if left_out() {
        return;
    }
    let nginx = Nginx::shared().unwrap_or_else(|error| panic!("{error}"));
    let (server, came) = listening();
    let url = nginx.https_url(&format!("/to/{}/", server.port())).replace("https://", "wss://");
    let easy = to(&url);
    easy.set_str(opt::CAINFO, nginx.ca_path().to_str().unwrap());
    let chunks = collect(&easy, |easy, frame, _| {
        if frame.flags as u32 == TEXT {
            send(easy, &pattern(0, 1_000_000), BINARY);
            ok(close_with(easy, 1000, b"enough"));
        }
    });
    ok(easy.perform());
    let came = came.recv_timeout(LIMIT).unwrap();
    assert!(came == [Message::binary(pattern(0, 1_000_000)), close_message(1000, "enough")]);
    let chunks = chunks.borrow();
    assert_eq!(flags_and_bytes(&chunks), [(TEXT, b"speak".as_slice()), (CLOSE, b"\x03\xe8enough")]);
}

#[test]
fn a_paused_chunk_comes_again_with_its_frame() {
    if left_out() {
        return;
    }
    let (server, _) = server::<()>(|socket, _| send_one_of_each(socket));
    let easy = to(&server.url("/"));
    let chunks = list();
    let (sink, paused) = (Rc::clone(&chunks), std::cell::Cell::new(false));
    easy.on_write(move |easy, data| {
        let frame = meta(easy).unwrap();
        if !paused.replace(true) {
            assert_eq!((frame.flags as u32, data), (TEXT, b"hi".as_slice()));
            return -2;
        }
        sink.borrow_mut().push((frame, data.to_vec()));
        data.len() as i64
    });
    easy.on_xferinfo(|easy, _| {
        ok(curlback::easy::perform::curlback_easy_pause(easy, 0));
        0
    });
    ok(easy.perform());
    let chunks = chunks.borrow();
    let seen = flags_and_bytes(&chunks);
    assert_eq!(seen.len(), 10, "{seen:?}");
    assert_eq!((seen[0], seen[9]), ((TEXT, b"hi".as_slice()), (CLOSE, b"\x0f\xa0done".as_slice())));
}
