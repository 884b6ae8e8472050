//! Detached connections: CONNECT_ONLY 2.

use std::time::Duration;

use curlback::libcurl::tables::opt;
use curlback::result::code;
use curlback_test_servers::tungstenite::{Bytes, Message};
use curlback_test_servers::{
    Nginx, RawServer, open_descriptors, pattern, read_request, take_little, wait_until,
};

use crate::support::ok;
use crate::*;

/// Sends each message back until the client closes.
fn echo() -> WsServer {
    WsServer::for_examples()
}

/// All of one frame's payload, with its flags.
fn whole_frame(easy: &Easy) -> Result<(u32, Vec<u8>), i32> {
    let (mut bytes, mut flags) = (Vec::new(), None);
    loop {
        let (frame, piece) = receive_waiting(easy, 4096)?;
        assert_eq!(frame.offset, bytes.len() as i64);
        assert_eq!(frame.flags as u32, *flags.get_or_insert(frame.flags as u32));
        bytes.extend(piece);
        if frame.bytes_left == 0 {
            return Ok((flags.unwrap(), bytes));
        }
    }
}

/// Sends all of a frame, waiting where the socket takes no more; how often it had to.
fn send_waiting(easy: &Easy, data: &[u8], flags: u32) -> usize {
    let (mut done, mut waited) = (0, 0);
    loop {
        match send_piece(easy.raw(), &data[done..], 0, flags) {
            (0, sent) => {
                assert_eq!(done + sent, data.len());
                return waited;
            }
            (AGAIN, sent) => {
                done += sent;
                assert!(done < data.len());
                waited += 1;
                wait(easy, libc::POLLOUT);
            }
            (failed, _) => panic!("{failed}: {}", crate::support::last_error()),
        }
    }
}

#[test]
fn frames_go_to_and_fro() {
    if left_out() {
        return;
    }
    let server = echo();
    let easy = detached(&server.url("/"));
    assert_eq!(receive(easy.raw(), 10), Err(AGAIN));
    for (flags, data) in [
        (TEXT, "héllo".as_bytes().to_vec()),
        (BINARY, vec![0, 255]),
        (TEXT, Vec::new()),
        (BINARY, pattern(0, 300_000)),
    ] {
        send_waiting(&easy, &data, flags);
        assert!(whole_frame(&easy).unwrap() == (flags, data));
        assert_eq!(receive(easy.raw(), 10), Err(AGAIN));
    }
    // Fragments, and a frame in pieces, are one message to the server.
    send(easy.raw(), b"one ", TEXT | CONT);
    assert_eq!(send_piece(easy.raw(), b"t", 3, TEXT | OFFSET), (0, 1));
    assert_eq!(send_piece(easy.raw(), b"wo", 0, TEXT | OFFSET), (0, 2));
    assert_eq!(whole_frame(&easy), Ok((TEXT, b"one two".to_vec())));
    send(easy.raw(), b"are you there?", PING);
    assert_eq!(whole_frame(&easy), Ok((PONG, b"are you there?".to_vec())));
    ok(close_with(easy.raw(), 1000, b"bye"));
    assert_eq!(whole_frame(&easy), Ok((CLOSE, b"\x03\xe8bye".to_vec())));
    // GOT_NOTHING
    assert_eq!(receive_waiting(&easy, 10), Err(52));
    assert_eq!(meta(easy.raw()), Err(code::E_NOT_IN_CALLBACK));
}

#[test]
fn a_frame_is_received_in_pieces_of_any_size() {
    if left_out() {
        return;
    }
    let server = echo();
    let easy = detached(&server.url("/"));
    send(easy.raw(), b"0123456789", TEXT);
    let mut seen = Vec::new();
    while seen.len() < 4 {
        let (frame, piece) = receive_waiting(&easy, 3).unwrap();
        seen.push((frame.flags as u32, frame.offset, frame.bytes_left, piece));
    }
    let piece = |offset, left, bytes: &[u8]| (TEXT, offset, left, bytes.to_vec());
    assert_eq!(seen, [piece(0, 7, b"012"), piece(3, 4, b"345"), piece(6, 1, b"678"), piece(9, 0, b"9")]);
}

#[test]
fn pings_are_answered_while_receiving() {
    if left_out() {
        return;
    }
    let (server, came) = server(|socket, came| {
        socket.send(Message::Ping(Bytes::from_static(b"there?")))?;
        socket.send(Message::text("data"))?;
        came.send(socket.read()?).unwrap();
        socket.close(None)
    });
    let easy = detached(&server.url("/"));
    assert_eq!(whole_frame(&easy), Ok((TEXT, b"data".to_vec())));
    assert_eq!(whole_frame(&easy), Ok((CLOSE, Vec::new())));
    assert_eq!(came.recv_timeout(LIMIT).unwrap(), Message::Pong(Bytes::from_static(b"there?")));
}

/// Reads nothing until it is told to, then reports all that came.
fn patient() -> (WsServer, Receiver<Vec<Message>>, Sender<()>) {
    let (go, waits) = channel();
    let waits = std::sync::Mutex::new(waits);
    let (server, came) = server(move |socket, came| {
        take_little(socket.get_ref())?;
        waits.lock().unwrap().recv_timeout(LIMIT).unwrap();
        came.send(read_all(socket)).unwrap();
        Ok(())
    });
    (server, came, go)
}

#[test]
fn a_full_socket_is_again_with_what_was_taken_and_the_rest_follows() {
    if left_out() {
        return;
    }
    let (server, came, go) = patient();
    let easy = detached(&server.url("/"));
    let bytes = pattern(0, 12_000_000);
    let (result, mut done) = send_piece(easy.raw(), &bytes, 0, BINARY);
    assert_eq!(result, AGAIN);
    assert!(0 < done && done < bytes.len(), "{done}");
    // Nothing has changed: nothing is taken.
    let (result, sent) = send_piece(easy.raw(), &bytes[done..], 0, BINARY);
    assert_eq!(result, AGAIN);
    done += sent;
    // Another frame cannot be put between, nor a part of the rest be left out.
    for (data, flags) in [(b"x".as_slice(), TEXT), (b"x", BINARY), (b"", PING), (&bytes, BINARY)] {
        assert_eq!(send_piece(easy.raw(), data, 0, flags), (code::E_RANGE, 0));
    }
    assert_eq!(close_with(easy.raw(), 1000, b""), code::E_RANGE);
    go.send(()).unwrap();
    send_waiting(&easy, &bytes[done..], BINARY);
    send_waiting(&easy, b"and another", TEXT);
    ok(close_with(easy.raw(), 1001, b"going"));
    let came = came.recv_timeout(LIMIT).unwrap();
    assert!(came[..2] == [Message::binary(bytes), Message::text("and another")]);
    assert!(came[2].is_close());
}

/// Longer than the system waits before it fills what little room the other side has.
const FULL: Duration = Duration::from_millis(500);

/// Fills the connection behind libcurl's back with frames of 1000 zeros; what is left of the last one, and how many there are.
fn fill(socket: i32) -> (Vec<u8>, usize) {
    let frame = [&[0x82, 0xfe, 0x03, 0xe8, 0, 0, 0, 0], [0; 1000].as_slice()].concat();
    let (mut done, mut frames) = (0, 1);
    loop {
        let rest = &frame[done..];
        let mut sent = -1;
        // The system may move some of it to the other side a little later: full is what stays so for a while.
        let taken = wait_until(FULL, || {
            // SAFETY: the rest is there; the socket does not block.
            sent = unsafe { libc::send(socket, rest.as_ptr().cast(), rest.len(), libc::MSG_NOSIGNAL) };
            sent >= 0
        });
        if !taken {
            return (rest.to_vec(), frames);
        }
        done += sent as usize;
        if done == frame.len() {
            (done, frames) = (0, frames + 1);
        }
    }
}

#[test]
fn a_close_that_does_not_fit_is_called_again_with_the_same_arguments() {
    if left_out() {
        return;
    }
    let (server, came, go) = patient();
    let easy = detached(&server.url("/"));
    let socket = easy.int(info::ACTIVESOCKET) as i32;
    let (rest, frames) = fill(socket);
    let reason = "ende ü".as_bytes();
    assert_eq!(close_with(easy.raw(), 4999, reason), AGAIN);
    assert_eq!(close_with(easy.raw(), 4999, reason), AGAIN);
    for (close_code, other) in [(1000, reason), (4999, b"other"), (0, b"")] {
        assert_eq!(close_with(easy.raw(), close_code, other), code::E_RANGE);
    }
    assert_eq!(send_piece(easy.raw(), b"x", 0, TEXT), (code::E_RANGE, 0));
    go.send(()).unwrap();
    let mut done = 0;
    while done < rest.len() {
        wait(&easy, libc::POLLOUT);
        // SAFETY: as in fill().
        let sent = unsafe {
            libc::send(socket, rest[done..].as_ptr().cast(), rest.len() - done, libc::MSG_NOSIGNAL)
        };
        done += usize::try_from(sent).unwrap_or(0);
    }
    while close_with(easy.raw(), 4999, reason) == AGAIN {
        wait(&easy, libc::POLLOUT);
    }
    let came = came.recv_timeout(LIMIT).unwrap();
    assert_eq!(came.len(), frames + 1);
    let Some(Message::Close(Some(close))) = came.last() else { panic!("{:?}", came.last()) };
    assert_eq!((u16::from(close.code), close.reason.as_str()), (4999, "ende ü"));
}

#[test]
fn over_tls_too() {
    if left_out() {
        return;
    }
    let nginx = Nginx::shared().unwrap_or_else(|error| panic!("{error}"));
    let server = echo();
    let url = nginx.https_url(&format!("/to/{}/", server.port())).replace("https://", "wss://");
    let easy = to(&url);
    easy.set_str(opt::CAINFO, nginx.ca_path().to_str().unwrap());
    easy.set_int(opt::CONNECT_ONLY, 2);
    ok(easy.perform());
    send_waiting(&easy, &pattern(0, 100_000), BINARY);
    assert!(whole_frame(&easy) == Ok((BINARY, pattern(0, 100_000))));
    ok(close_with(easy.raw(), 0, b""));
    assert_eq!(whole_frame(&easy), Ok((CLOSE, Vec::new())));
}

#[test]
fn the_connection_lasts_until_the_next_perform_reset_or_close() {
    if left_out() {
        return;
    }
    let (server, came) = server(|socket, came| {
        came.send(read_all(socket).len()).unwrap();
        Ok(())
    });
    let before = open_descriptors();
    let easy = detached(&server.url("/"));
    send(easy.raw(), b"1", TEXT);
    ok(easy.perform());
    assert_eq!(came.recv_timeout(LIMIT), Ok(1), "performing again ends the first");
    send(easy.raw(), b"2", TEXT);
    send(easy.raw(), b"3", TEXT);
    ok(curlback::easy::curlback_easy_reset(easy.raw()));
    assert_eq!(send_piece(easy.raw(), b"4", 0, TEXT), (code::E_ABSENT, 0));
    drop(easy);
    assert_eq!(came.recv_timeout(LIMIT), Ok(2));
    drop(server);
    let _ = wait_until(LIMIT / 20, || open_descriptors() <= before);
}

#[test]
fn a_peer_that_goes_away_without_a_close_frame() {
    if left_out() {
        return;
    }
    let server = RawServer::start(|mut stream, _| {
        use std::io::Write;
        read_request(stream)?;
        stream.write_all(b"HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")?;
        // Half of a frame.
        stream.write_all(b"\x81\x0ahello")
    });
    let easy = detached(&server.url("/").replace("http", "ws"));
    let (frame, piece) = receive_waiting(&easy, 100).unwrap();
    assert_eq!((frame.bytes_left, piece), (5, b"hello".to_vec()));
    assert_eq!(receive_waiting(&easy, 100), Err(52));
    // The system notices with the first or the second frame that nobody is there: SEND_ERROR.
    let failed = wait_until(LIMIT, || send_piece(easy.raw(), b"x", 0, TEXT).0 == 55);
    assert!(failed);
}

#[test]
fn a_server_that_refuses_the_upgrade_ends_perform() {
    if left_out() {
        return;
    }
    for connect_only in [0, 2] {
        let easy = to(&curlback_test_servers::HttpServer::shared().url("/status/403").replace("http", "ws"));
        easy.set_int(opt::CONNECT_ONLY, connect_only);
        let chunks = collect(&easy, |_, _, _| ());
        // HTTP_RETURNED_ERROR
        assert_eq!(easy.perform(), 22);
        assert!(chunks.borrow().is_empty());
        assert_eq!(send_piece(easy.raw(), b"x", 0, TEXT), (code::E_ABSENT, 0));
        assert_eq!(receive(easy.raw(), 10), Err(code::E_ABSENT));
    }
}

#[test]
fn a_raw_connection_is_no_websocket() {
    if left_out() {
        return;
    }
    let server = echo();
    let easy = to(&server.url("/"));
    easy.set_int(opt::CONNECT_ONLY, 1);
    ok(easy.perform());
    assert_eq!(send_piece(easy.raw(), b"x", 0, TEXT), (code::E_ABSENT, 0));
    assert_eq!(close_with(easy.raw(), 1000, b""), code::E_ABSENT);
    assert_eq!(receive(easy.raw(), 10), Err(code::E_ABSENT));
}
