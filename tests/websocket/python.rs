//! A server of another make, which says what it received.

use curlback::libcurl::tables::opt;
use curlback_test_servers::{PythonWs, pattern};

use crate::support::ok;
use crate::*;

fn python() -> &'static PythonWs {
    PythonWs::shared().unwrap_or_else(|error| panic!("{error}"))
}

/// The server's record of the connection of that name.
fn report(name: &str) -> Vec<String> {
    let easy = to(&python().ws_url(&format!("/report/{name}")));
    let lines = list();
    let sink = std::rc::Rc::clone(&lines);
    ok(on_ws_message(easy.raw(), 10_000, move |easy, flags, data| {
        if flags == CLOSE {
            // The server waits for it.
            ok(close_with(easy, 1000, b""));
        } else {
            sink.borrow_mut().push(String::from_utf8(data.to_vec()).unwrap());
        }
        0
    }));
    ok(easy.perform());
    lines.take()
}

fn binary(bytes: &[u8]) -> String {
    let sum: u64 = bytes.iter().map(|byte| u64::from(*byte)).sum();
    format!("binary {} {sum}", bytes.len())
}

/// What is sent to it, in a callback or detached.
fn say_all(easy: Raw) {
    send(easy, "grüezi".as_bytes(), TEXT);
    send(easy, &pattern(0, 70_000), BINARY);
    send(easy, b"", TEXT);
    send(easy, b"one ", TEXT | CONT);
    send(easy, b"two ", TEXT | CONT);
    send(easy, b"", PING);
    send(easy, b"three", TEXT);
    assert_eq!(send_piece(easy, b"pie", 5, BINARY | OFFSET), (0, 3));
    assert_eq!(send_piece(easy, b"ce", 0, BINARY | OFFSET), (0, 2));
    ok(close_with(easy, 3456, "schluß".as_bytes()));
}

fn said() -> Vec<String> {
    [
        "text grüezi",
        &binary(&pattern(0, 70_000)),
        "text ",
        "text one two three",
        &binary(b"piece"),
        "close 3456 schluß",
    ]
    .map(str::to_owned)
    .to_vec()
}

#[test]
fn both_sides_agree_on_what_was_said_with_and_without_tls() {
    if left_out() {
        return;
    }
    for (name, url) in [("plain", python().ws_url("/talk/plain")), ("tls", python().wss_url("/talk/tls"))] {
        let easy = to(&url);
        easy.set_str(opt::CAINFO, python().ca_path().to_str().unwrap());
        let messages = collect_messages(&easy, 100_000, |easy, data| {
            if data == b"your turn" {
                say_all(easy);
            }
        });
        ok(easy.perform());
        let expected = [
            (TEXT, "héllo".as_bytes().to_vec()),
            (BINARY, vec![0x5a; 100_000]),
            (TEXT, Vec::new()),
            (TEXT, b"abc".to_vec()),
            (TEXT, b"your turn".to_vec()),
            (PONG, Vec::new()),
            (CLOSE, b"\x0d\x80schlu\xc3\x9f".to_vec()),
        ];
        assert_eq!(*messages.borrow(), expected, "{name}");
        let record = report(name);
        assert_eq!((record[0].as_str(), &record[1..]), ("pong", &said()[..]), "{name}");
    }
}

#[test]
fn a_detached_handle_says_the_same() {
    if left_out() {
        return;
    }
    let easy = to(&python().wss_url("/listen/detached"));
    easy.set_str(opt::CAINFO, python().ca_path().to_str().unwrap());
    easy.set_int(opt::CONNECT_ONLY, 2);
    ok(easy.perform());
    say_all(easy.raw());
    let (frame, data) = receive_waiting(&easy, 100).unwrap();
    assert_eq!((frame.flags as u32, data), (PONG, Vec::new()));
    let (frame, data) = receive_waiting(&easy, 100).unwrap();
    assert_eq!((frame.flags as u32, data), (CLOSE, b"\x0d\x80schlu\xc3\x9f".to_vec()));
    assert_eq!(receive_waiting(&easy, 100), Err(52));
    // The server waits for its peer to go.
    drop(easy);
    assert_eq!(report("detached"), said());
}

#[test]
fn a_server_that_closes_at_once_ends_perform() {
    if left_out() {
        return;
    }
    let easy = to(&python().ws_url("/goodbye/closes"));
    let chunks = collect(&easy, |easy, frame, data| {
        assert_eq!(frame.flags as u32, CLOSE);
        // The answer that the protocol asks for.
        ok(close_with(easy, 4001, &data[2..]));
    });
    ok(easy.perform());
    let chunks = chunks.borrow();
    assert_eq!(crate::frames::flags_and_bytes(&chunks), [(CLOSE, b"\x0f\xa1g\xc3\xb3odbye".as_slice())]);
    assert_eq!(report("closes"), ["close 4001 góodbye"]);
}

#[test]
fn codes_arrive_as_they_were_given() {
    if left_out() {
        return;
    }
    // What RFC 6455 has for an empty close frame, and one that not every server knows.
    for (name, close_code, reason, arrives) in
        [("empty", 0, "", "close 1005 "), ("new", 1014, "w", "close 1014 w")]
    {
        let easy = detached(&python().ws_url(&format!("/listen/{name}")));
        ok(close_with(easy.raw(), close_code, reason.as_bytes()));
        let (frame, data) = receive_waiting(&easy, 100).unwrap();
        assert_eq!((frame.flags as u32, data.len()), (CLOSE, if close_code == 0 { 0 } else { 3 }));
        assert_eq!(receive_waiting(&easy, 100), Err(52));
        drop(easy);
        assert_eq!(report(name), [arrives]);
    }
}

#[test]
fn a_client_that_goes_without_a_close_is_noticed() {
    if left_out() {
        return;
    }
    let easy = detached(&python().ws_url("/listen/gone"));
    send(easy.raw(), b"last words", TEXT);
    drop(easy);
    assert_eq!(report("gone"), ["text last words", "close 1006 "]);
}
