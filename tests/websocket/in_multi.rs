//! WebSockets in a multi handle.

use std::ptr::null_mut;

use curlback::multi::drive::{curlback_multi_perform, curlback_multi_poll};
use curlback::multi::members::{curlback_multi_add, curlback_multi_remove};
use curlback::multi::run::curlback_multi_run;
use curlback::multi::{curlback_multi, curlback_multi_close, curlback_multi_new};
use curlback::result::code;
use curlback_test_servers::tungstenite::Message;
use curlback_test_servers::{pattern, take_little};

use crate::support::{last_error, ok};
use crate::*;

struct Multi(*mut curlback_multi);

impl Multi {
    fn new() -> Self {
        Multi(curlback_multi_new())
    }

    fn add(&self, easy: &Easy) {
        ok(curlback_multi_add(self.0, easy.raw()));
    }

    /// One round of driving and waiting; how many transfers are under way.
    fn round(&self) -> i32 {
        let mut running = 0;
        // SAFETY: the number can be written to, and there are no further descriptors.
        unsafe {
            ok(curlback_multi_perform(self.0, &mut running));
            if running > 0 {
                ok(curlback_multi_poll(self.0, null_mut(), 0, 100, null_mut()));
            }
        }
        running
    }
}

impl Drop for Multi {
    fn drop(&mut self) {
        let closed = curlback_multi_close(self.0);
        if !std::thread::panicking() {
            ok(closed);
        }
    }
}

fn greeting() -> (WsServer, Receiver<Vec<Message>>) {
    server(|socket, came| {
        socket.send(Message::text("go"))?;
        came.send(read_all(socket)).unwrap();
        Ok(())
    })
}

#[test]
fn each_has_its_own_frames_and_sends_its_own() {
    if left_out() {
        return;
    }
    let (server, came) = greeting();
    let multi = Multi::new();
    let [one, two] = [(); 2].map(|()| to(&server.url("/")));
    for (easy, other) in [(&one, two.raw()), (&two, one.raw())] {
        collect(easy, move |easy, frame, _| {
            if frame.flags as u32 != TEXT {
                return;
            }
            assert_eq!(meta(other), Err(code::E_NOT_IN_CALLBACK));
            assert_eq!(send_piece(other, b"x", 0, TEXT), (code::E_IN_CALLBACK, 0));
            assert_eq!(
                last_error(),
                "the handle is at work: frames are sent from inside its callbacks, or when it is idle"
            );
            assert_eq!(receive(other, 10), Err(code::E_IN_CALLBACK));
            send(easy, &pattern(0, 300_000), BINARY);
            ok(close_with(easy, 1000, b""));
        });
        multi.add(easy);
    }
    ok(curlback_multi_run(multi.0, 0));
    for _ in 0..2 {
        let came = came.recv_timeout(LIMIT).unwrap();
        assert!(came[0] == Message::binary(pattern(0, 300_000)) && came[1].is_close() && came.len() == 2);
    }
}

#[test]
fn between_the_calls_that_drive_it_frames_are_sent_without_waiting() {
    if left_out() {
        return;
    }
    let (go, waits) = channel();
    let waits = std::sync::Mutex::new(waits);
    let (server, came) = server(move |socket, came| {
        take_little(socket.get_ref())?;
        socket.send(Message::text("go"))?;
        waits.lock().unwrap().recv_timeout(LIMIT).unwrap();
        came.send(read_all(socket)).unwrap();
        Ok(())
    });
    let multi = Multi::new();
    let easy = to(&server.url("/"));
    let messages = collect_messages(&easy, 1000, |_, _| ());
    multi.add(&easy);
    assert_eq!(send_piece(easy.raw(), b"x", 0, TEXT), (code::E_ABSENT, 0));
    while messages.borrow().is_empty() {
        assert!(multi.round() > 0);
    }
    assert_eq!(receive(easy.raw(), 10), Err(code::E_ABSENT));
    assert_eq!(last_error(), "the handle is not detached: what arrives goes to its callbacks");
    let bytes = pattern(0, 10_000_000);
    let (mut done, mut again) = (0, 0);
    while done < bytes.len() {
        let (result, sent) = send_piece(easy.raw(), &bytes[done..], 0, BINARY);
        done += sent;
        if result == AGAIN {
            // The server reads only now.
            if again == 0 {
                go.send(()).unwrap();
            }
            again += 1;
            assert!(multi.round() > 0);
        } else {
            ok(result);
        }
    }
    while close_with(easy.raw(), 1000, b"bye") == AGAIN {
        assert!(multi.round() > 0);
    }
    while multi.round() > 0 {}
    assert_eq!(*messages.borrow(), [(TEXT, b"go".to_vec()), (CLOSE, b"\x03\xe8bye".to_vec())]);
    let came = came.recv_timeout(LIMIT).unwrap();
    assert!(came[0] == Message::binary(bytes) && came[1].is_close());
    assert!(again > 0);
}

#[test]
fn a_detached_handle_is_used_while_it_stays_in_it() {
    if left_out() {
        return;
    }
    let server = WsServer::for_examples();
    let multi = Multi::new();
    let easy = to(&server.url("/"));
    easy.set_int(opt::CONNECT_ONLY, 2);
    multi.add(&easy);
    ok(curlback_multi_run(multi.0, 0));
    send(easy.raw(), b"there and back", TEXT);
    let (frame, data) = receive_waiting(&easy, 100).unwrap();
    assert_eq!((frame.flags as u32, data), (TEXT, b"there and back".to_vec()));
    ok(curlback_multi_remove(multi.0, easy.raw()));
    assert_eq!(send_piece(easy.raw(), b"x", 0, TEXT), (code::E_ABSENT, 0));
}

#[test]
fn a_second_transfer_begins_with_nothing_of_the_first() {
    if left_out() {
        return;
    }
    let (server, came) = greeting();
    let multi = Multi::new();
    let easy = to(&server.url("/"));
    for _ in 0..2 {
        collect(&easy, |easy, frame, _| {
            if frame.flags as u32 == TEXT {
                // A frame of which most is never sent.
                assert_eq!(send_piece(easy, b"x", 1000, BINARY | OFFSET), (0, 1));
                assert_eq!(close_with(easy, 1000, b""), code::E_RANGE);
                ok(curlback::easy::perform::curlback_easy_cancel(easy));
            }
        });
        multi.add(&easy);
        ok(curlback_multi_run(multi.0, 0));
        assert_eq!(easy.error().result, code::E_CANCELLED);
        ok(curlback_multi_remove(multi.0, easy.raw()));
        assert_eq!(came.recv_timeout(LIMIT).unwrap(), []);
    }
}
