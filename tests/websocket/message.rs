//! on_ws_message: whole messages, a limit, and the rules of every callback.

use std::cell::Cell;
use std::ptr::null_mut;
use std::rc::Rc;

use curlback::callback::curlback_callback;
use curlback::easy::error::curlback_easy_raise;
use curlback::easy::perform::{curlback_easy_cancel, curlback_easy_pause};
use curlback::easy::sink::{curlback_easy_body_to_memory, curlback_easy_clear_body};
use curlback::easy::{curlback_easy_duplicate, curlback_easy_release, curlback_easy_reset};
use curlback::libcurl::tables::opt;
use curlback::result::code;
use curlback_test_servers::tungstenite::protocol::frame::coding::Data;
use curlback_test_servers::tungstenite::{Bytes, Message};
use curlback_test_servers::{HttpServer, Socket, pattern};

use crate::frames::frame;
use crate::support::{Drops, last_error, ok, text};
use crate::*;

const KIND: i32 = curlback_callback::CURLBACK_CALLBACK_WS_MESSAGE as i32;
const ROOMY: usize = 1 << 20;

/// Ten times a number as text, then a close.
fn counting() -> WsServer {
    WsServer::start(|socket, _| {
        (0..10).try_for_each(|number| socket.send(Message::text(number.to_string())))?;
        socket.close(None)
    })
}

/// Sends these and closes.
fn sending(send: impl Fn(&mut Socket) -> Result<(), Error> + Send + Sync + 'static) -> WsServer {
    WsServer::start(move |socket, _| {
        send(socket)?;
        socket.close(None)
    })
}

#[test]
fn messages_are_joined_and_control_frames_come_between_them() {
    if left_out() {
        return;
    }
    let server = sending(|socket| {
        socket.send(Message::text("whole"))?;
        socket.send(Message::binary(pattern(0, 300_000)))?;
        socket.send(frame(&pattern(0, 100_000), Data::Binary, false))?;
        socket.send(Message::Ping(Bytes::from_static(b"between")))?;
        assert_eq!(socket.read()?, Message::Pong(Bytes::from_static(b"between")));
        socket.send(frame(b"", Data::Continue, false))?;
        socket.send(Message::Pong(Bytes::from_static(b"and again")))?;
        socket.send(frame(&pattern(100_000, 100_000), Data::Continue, true))?;
        socket.send(Message::text(""))?;
        socket.send(frame("hé".as_bytes(), Data::Text, false))?;
        socket.send(frame(b"llo", Data::Continue, true))
    });
    for automatic_pongs in [true, false] {
        let easy = to(&server.url("/"));
        easy.set_int(opt::WS_OPTIONS, if automatic_pongs { 0 } else { 2 });
        let messages = collect_messages(&easy, ROOMY, |easy, data| {
            assert_eq!(meta(easy), Err(code::E_NOT_IN_CALLBACK));
            if data == b"between" {
                send(easy, data, PONG);
            }
        });
        ok(easy.perform());
        let mut expected = vec![
            (TEXT, b"whole".to_vec()),
            (BINARY, pattern(0, 300_000)),
            (PING, b"between".to_vec()),
            (PONG, b"and again".to_vec()),
            (BINARY, pattern(0, 200_000)),
            (TEXT, Vec::new()),
            (TEXT, "héllo".as_bytes().to_vec()),
            (CLOSE, Vec::new()),
        ];
        if automatic_pongs {
            expected.remove(2);
        }
        assert!(*messages.borrow() == expected);
    }
}

#[test]
fn the_limit_is_the_longest_message_and_control_frames_do_not_count() {
    if left_out() {
        return;
    }
    let server = sending(|socket| {
        socket.send(Message::Pong(Bytes::from(vec![7; 125])))?;
        socket.send(frame(b"12345", Data::Text, false))?;
        socket.send(frame(b"67890", Data::Continue, true))?;
        socket.send(Message::text("short"))
    });
    for (limit, expected) in [(10, code::OK), (9, code::E_LIMIT), (5, code::E_LIMIT), (0, code::E_LIMIT)] {
        let easy = to(&server.url("/"));
        let messages = collect_messages(&easy, limit, |_, _| ());
        assert_eq!(easy.perform(), expected, "{limit}");
        let kinds: Vec<u32> = messages.borrow().iter().map(|(kind, _)| *kind).collect();
        if expected == code::OK {
            assert_eq!(kinds, [PONG, TEXT, TEXT, CLOSE]);
            continue;
        }
        assert_eq!(last_error(), format!("on_ws_message: a message is longer than {limit} bytes"));
        assert_eq!(kinds, [PONG]);
        let error = easy.error();
        assert_eq!((error.result, error.curl_code, error.callback), (code::E_LIMIT, 23, 0));
    }
}

#[test]
fn a_frame_that_says_it_is_too_long_is_not_waited_for() {
    if left_out() {
        return;
    }
    let (server, came) = server(|socket, came| {
        // One message of 100 MB, of which only the beginning is ever sent.
        use std::io::Write;
        let mut head = vec![0x82, 127];
        head.extend(100_000_000u64.to_be_bytes());
        socket.get_mut().write_all(&[head, pattern(0, 1000)].concat()).unwrap();
        came.send(read_all(socket)).unwrap();
        Ok(())
    });
    let easy = to(&server.url("/"));
    let messages = collect_messages(&easy, 1_000_000, |_, _| ());
    assert_eq!(easy.perform(), code::E_LIMIT);
    assert!(messages.borrow().is_empty());
    drop(easy);
    assert_eq!(came.recv_timeout(LIMIT).unwrap(), []);
}

#[test]
fn an_endless_message_ends_at_the_limit() {
    if left_out() {
        return;
    }
    let server = sending(|socket| {
        socket.send(frame(b"x", Data::Binary, false))?;
        loop {
            socket.send(frame(&[0; 1000], Data::Continue, false))?;
        }
    });
    let easy = to(&server.url("/"));
    let messages = collect_messages(&easy, ROOMY, |_, _| ());
    assert_eq!(easy.perform(), code::E_LIMIT);
    assert!(messages.borrow().is_empty());
}

#[test]
fn what_is_left_of_a_message_does_not_come_with_the_next_transfer() {
    if left_out() {
        return;
    }
    let server = WsServer::start(|socket, path| {
        if path == "/half" {
            socket.send(frame(b"half of ", Data::Text, false))?;
        } else {
            socket.send(Message::text("a whole one"))?;
        }
        socket.close(None)
    });
    let easy = to(&server.url("/half"));
    let messages = collect_messages(&easy, ROOMY, |_, _| ());
    ok(easy.perform());
    assert_eq!(messages.take(), [(CLOSE, Vec::new())]);
    easy.set_url(&server.url("/whole"));
    ok(easy.perform());
    assert_eq!(messages.take(), [(TEXT, b"a whole one".to_vec()), (CLOSE, Vec::new())]);
}

#[test]
fn what_is_in_no_frames_is_refused_with_a_sentence() {
    if left_out() {
        return;
    }
    let raw = counting();
    for (url, options) in [(HttpServer::shared().url("/hello"), 0), (raw.url("/"), 1)] {
        let easy = to(&url);
        easy.set_int(opt::WS_OPTIONS, options);
        let messages = collect_messages(&easy, ROOMY, |_, _| ());
        assert_eq!(easy.perform(), code::E_ABSENT);
        assert_eq!(
            last_error(),
            "on_ws_message: what arrives is not in WebSocket frames: use on_write for it"
        );
        assert!(messages.borrow().is_empty());
    }
}

#[test]
fn messages_are_answered_from_the_callback() {
    if left_out() {
        return;
    }
    let (server, came) = server(|socket, came| {
        socket.send(Message::text("first"))?;
        came.send(socket.read()?).unwrap();
        socket.send(frame(b"sec", Data::Text, false))?;
        socket.send(frame(b"ond", Data::Continue, true))?;
        came.send(socket.read()?).unwrap();
        came.send(socket.read()?).unwrap();
        socket.read().map(drop)
    });
    let easy = to(&server.url("/"));
    collect_messages(&easy, ROOMY, |easy, data| match data {
        b"first" => send(easy, b"ack first", BINARY),
        b"second" => {
            send(easy, b"ack second", BINARY);
            ok(close_with(easy, 1000, b""));
        }
        _ => {}
    });
    ok(easy.perform());
    let came: Vec<Message> = came.iter().take(3).collect();
    assert_eq!(
        came[..2],
        [Message::binary(b"ack first".as_slice()), Message::binary(b"ack second".as_slice())]
    );
    assert!(came[2].is_close());
}

/// Runs a transfer of ten messages whose callback does `inside` in its third call; perform's result and the calls.
fn third_call(inside: impl Fn(Raw) -> i32 + 'static) -> (Easy, i32, usize, Drops) {
    let server = counting();
    let easy = to(&server.url("/"));
    let (drops, calls) = (Drops::new(), Rc::new(Cell::new(0)));
    let (token, count) = (drops.token(), Rc::clone(&calls));
    ok(on_ws_message(easy.raw(), ROOMY, move |easy, _, _| {
        let _held = &token;
        count.set(count.get() + 1);
        if count.get() == 3 { inside(easy) } else { 0 }
    }));
    let result = easy.perform();
    (easy, result, calls.get(), drops)
}

#[test]
fn any_other_return_than_0_ends_the_transfer() {
    if left_out() {
        return;
    }
    for answer in [1, -1, -2, -3, i32::MIN, i32::MAX, 0x1000_0001] {
        let (easy, result, calls, drops) = third_call(move |_| answer);
        assert_eq!((result, calls), (23, 3), "{answer}");
        assert!(last_error().ends_with("(in the ws_message callback)"), "{}", last_error());
        let error = easy.error();
        assert_eq!((error.result, error.curl_code, error.callback), (23, 23, KIND));
        drop(easy);
        assert_eq!(drops.count(), 1);
    }
}

#[test]
fn it_raises_as_every_callback_does() {
    if left_out() {
        return;
    }
    for (severity, answer, expected, calls_expected) in
        [(0, 1, 23, 3), (0, 0, code::OK, 11), (1, 0, code::E_RAISED, 3), (1, 1, code::E_RAISED, 3)]
    {
        let payloads = Drops::new();
        let counted = payloads.clone();
        let (easy, result, calls, drops) = third_call(move |easy| {
            let (payload, drop) = counted.user_data();
            // SAFETY: the payload and its drop function go together.
            ok(unsafe { curlback_easy_raise(easy, severity, 9, c"too many".as_ptr(), payload, drop) });
            answer
        });
        assert_eq!((result, calls), (expected, calls_expected), "{severity} {answer}");
        let error = easy.error();
        assert_eq!((error.callback, error.severity, error.code), (KIND, severity, 9));
        assert_eq!(text(error.message), "too many");
        drop(easy);
        assert_eq!((drops.count(), payloads.count()), (1, 1));
    }
}

#[test]
fn a_panic_a_cancel_and_a_release_end_as_in_every_callback() {
    if left_out() {
        return;
    }
    let (easy, result, calls, drops) = third_call(|_| panic!("on purpose"));
    assert_eq!((result, calls), (code::E_INTERNAL, 3));
    assert_eq!((easy.error().callback, drops.count()), (KIND, 0));
    drop(easy);
    assert_eq!(drops.count(), 1);

    let (easy, result, calls, drops) = third_call(|easy| curlback_easy_cancel(easy));
    assert_eq!((result, calls), (code::E_CANCELLED, 3));
    drop(easy);
    assert_eq!(drops.count(), 1);

    let (easy, result, calls, drops) = third_call(|easy| {
        curlback_easy_release(easy);
        0
    });
    assert_eq!((result, calls, drops.count()), (code::OK, 11, 1));
    assert_eq!(curlback::easy::curlback_easy_close(easy.into_raw()), code::E_HANDLE);
}

#[test]
fn replacing_and_unsetting_inside_itself_drops_when_it_has_returned() {
    if left_out() {
        return;
    }
    let second = Drops::new();
    let token = Rc::new(second.token());
    let calls = Rc::new(Cell::new(0));
    let count = Rc::clone(&calls);
    let (easy, result, first_calls, first) = third_call(move |easy| {
        let (held, count) = (Rc::clone(&token), Rc::clone(&count));
        on_ws_message(easy, ROOMY, move |_, _, _| {
            let _held = &held;
            count.set(count.get() + 1);
            0
        })
    });
    assert_eq!((result, first_calls, calls.get()), (0, 3, 8));
    assert_eq!((first.count(), second.count()), (1, 0));
    drop(easy);
    assert_eq!((first.count(), second.count()), (1, 1));

    // The message that the callback looks at stays while another member takes over.
    let (easy, result, calls, drops) = third_call(|easy| {
        ok(curlback_easy_clear_body(easy));
        curlback_easy_body_to_memory(easy, 1000)
    });
    assert_eq!((result, calls, drops.count()), (0, 3, 1));
    drop(easy);
    assert_eq!(drops.count(), 1);
}

#[test]
fn the_message_stays_while_the_callback_that_has_it_unsets_itself() {
    if left_out() {
        return;
    }
    let server = sending(|socket| {
        socket.send(frame(&pattern(0, 50_000), Data::Binary, false))?;
        socket.send(frame(&pattern(50_000, 50_000), Data::Continue, true))
    });
    let easy = to(&server.url("/"));
    let right = Rc::new(Cell::new(false));
    let seen = Rc::clone(&right);
    ok(on_ws_message(easy.raw(), ROOMY, move |easy, _, data| {
        // SAFETY: there is no callback.
        ok(unsafe { curlback_easy_on_ws_message(easy, 0, None, null_mut(), None) });
        ok(curlback_easy_body_to_memory(easy, 1000));
        seen.set(data == pattern(0, 100_000));
        0
    }));
    ok(easy.perform());
    assert!(right.get());
}

#[test]
fn a_transfer_that_is_paused_in_it_goes_on_later_and_loses_nothing() {
    if left_out() {
        return;
    }
    let server = counting();
    let easy = to(&server.url("/"));
    let (calls, paused) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(false)));
    let (count, is_paused) = (Rc::clone(&calls), Rc::clone(&paused));
    ok(on_ws_message(easy.raw(), ROOMY, move |easy, _, _| {
        count.set(count.get() + 1);
        if count.get() == 5 {
            is_paused.set(true);
            ok(curlback_easy_pause(easy, 1));
        }
        0
    }));
    easy.on_xferinfo(move |easy, _| {
        if paused.replace(false) {
            ok(curlback_easy_pause(easy, 0));
        }
        0
    });
    ok(easy.perform());
    assert_eq!(calls.get(), 11);
}

#[test]
fn duplicates_and_resets_do_with_it_as_with_the_others() {
    if left_out() {
        return;
    }
    let server = counting();
    let easy = to(&server.url("/"));
    let drops = Drops::new();
    let (token, seen) = (drops.token(), list());
    let sink = Rc::clone(&seen);
    ok(on_ws_message(easy.raw(), 1, move |easy, _, data| {
        let _held = &token;
        sink.borrow_mut().push((easy, data.to_vec()));
        0
    }));
    let mut copy = null_mut();
    // SAFETY: the copy can be written to.
    ok(unsafe { curlback_easy_duplicate(easy.raw(), &mut copy) });
    let copy = Easy::adopt(copy);
    ok(curlback_easy_reset(easy.raw()));
    assert_eq!(drops.count(), 0);
    ok(copy.perform());
    assert_eq!(seen.borrow().len(), 11);
    assert!(seen.borrow().iter().all(|(easy, _)| *easy == copy.raw()));
    easy.set_url("file:///dev/null");
    ok(easy.perform());
    assert_eq!(seen.borrow().len(), 11);
    drop(copy);
    assert_eq!(drops.count(), 1);
}
