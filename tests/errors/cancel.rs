//! Cancelling, from other threads and from inside callbacks.

use std::cell::Cell;
use std::io::{Read as _, Write as _};
use std::os::fd::AsRawFd as _;
use std::rc::Rc;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use curlback::callback::body::curlback_data::CURLBACK_PAUSE;
use curlback::easy::perform::curlback_easy_cancel;
use curlback::easy::sink::{curlback_easy_body_to_fd, curlback_easy_body_to_memory};
use curlback::result::code;
use curlback_test_servers::{HttpServer, RawServer, read_request, wait_until};

use crate::collect;
use crate::support::{Easy, LIMIT, Raw, last_error, ok, stretched};
use crate::watched::{KINDS, goes_on, watched};

const ROUNDS: usize = 9;
/// What is promised, and what a machine that does other things too may need.
const PROMISED: Duration = Duration::from_millis(50);
const AT_MOST: Duration = Duration::from_millis(500);

/// Performs, cancels from another thread once `ready` says so, and answers with how long perform took from there.
fn cancelled(easy: &Easy, ready: impl FnOnce() + Send + 'static) -> Duration {
    let raw = easy.raw() as usize;
    let other = thread::spawn(move || {
        ready();
        let asked = Instant::now();
        ok(curlback_easy_cancel(raw as Raw));
        asked
    });
    let result = easy.perform();
    let returned = Instant::now();
    let asked = other.join().unwrap();
    assert_eq!(result, code::E_CANCELLED, "{}", last_error());
    assert!(last_error().contains("cancelled"), "{}", last_error());
    let error = easy.error();
    assert_eq!((error.result, error.callback, error.severity), (code::E_CANCELLED, 0, 0));
    returned.saturating_duration_since(asked)
}

#[track_caller]
fn assert_quick(mut times: Vec<Duration>) {
    times.sort();
    assert!(times[times.len() / 2] < stretched(PROMISED), "{times:?}");
    assert!(times[times.len() - 1] < stretched(AT_MOST), "{times:?}");
}

#[test]
fn a_stalled_transfer_ends_within_50_ms_of_being_cancelled() {
    for path in ["/stall", "/hang"] {
        let times = (0..ROUNDS).map(|round| {
            let target = format!("{path}?cancel-{round}");
            let easy = Easy::to(&HttpServer::shared().url(&target));
            let body = collect(&easy);
            let time = cancelled(&easy, move || assert!(HttpServer::shared().wait_stalled(&target, LIMIT)));
            assert!(body.borrow().len() <= 10);
            goes_on(&easy);
            time
        });
        assert_quick(times.collect());
    }
}

#[test]
fn a_paused_transfer_ends_within_50_ms_of_being_cancelled() {
    let times = (0..ROUNDS).map(|_| {
        let easy = Easy::to(&HttpServer::shared().url("/hello"));
        let (paused, is_paused) = mpsc::channel();
        let calls = Rc::new(Cell::new(0));
        let counted = calls.clone();
        easy.on_write(move |_, _| {
            counted.set(counted.get() + 1);
            paused.send(()).unwrap();
            CURLBACK_PAUSE as i64
        });
        let time = cancelled(&easy, move || is_paused.recv_timeout(LIMIT).unwrap());
        assert_eq!(calls.get(), 1);
        goes_on(&easy);
        time
    });
    assert_quick(times.collect());
}

#[test]
fn a_transfer_that_waits_for_the_reader_of_its_pipe_ends_within_50_ms_of_being_cancelled() {
    let times = (0..ROUNDS).map(|_| {
        let (_reading, writing) = std::io::pipe().unwrap();
        let fd = writing.as_raw_fd();
        // SAFETY: the descriptor is open.
        assert_eq!(unsafe { libc::fcntl(fd, libc::F_SETFL, libc::O_NONBLOCK) }, 0);
        let full = move || {
            let mut wait = libc::pollfd { fd, events: libc::POLLOUT, revents: 0 };
            // SAFETY: one entry, which is there.
            unsafe { libc::poll(&mut wait, 1, 0) == 0 }
        };
        let easy = Easy::to(&HttpServer::shared().url("/bytes/1000000"));
        ok(curlback_easy_body_to_fd(easy.raw(), fd));
        let time = cancelled(&easy, move || assert!(wait_until(LIMIT, full)));
        goes_on(&easy);
        time
    });
    assert_quick(times.collect());
}

#[test]
fn cancelling_closes_the_connection_while_the_handle_stays() {
    let (seen, events) = mpsc::channel();
    let server = RawServer::start(move |mut stream, number| {
        read_request(stream)?;
        if number > 0 {
            return stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody");
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nsome")?;
        seen.send("sent").unwrap();
        // Nothing comes until the client closes.
        assert!(matches!(stream.read(&mut [0; 1]), Ok(0) | Err(_)));
        seen.send("closed").unwrap();
        Ok(())
    });
    let easy = Easy::to(&server.url("/"));
    let body = collect(&easy);
    let (sent, is_sent) = mpsc::channel();
    let relay = thread::spawn(move || {
        sent.send(events.recv_timeout(LIMIT).unwrap()).unwrap();
        events.recv_timeout(LIMIT).unwrap()
    });
    cancelled(&easy, move || assert_eq!(is_sent.recv_timeout(LIMIT).unwrap(), "sent"));
    assert_eq!(relay.join().unwrap(), "closed");
    body.borrow_mut().clear();
    ok(easy.perform());
    assert_eq!(*body.borrow(), b"body");
    assert_eq!(server.connections(), 2);
}

#[test]
fn cancelling_inside_a_callback_ends_the_transfer_without_another_callback() {
    for (kind, name, _) in KINDS {
        for fails in [false, true] {
            let transfer = watched(kind, move |called, raw| {
                if called == kind {
                    ok(curlback_easy_cancel(raw));
                }
                called == kind && fails
            });
            assert_eq!(transfer.easy.perform(), code::E_CANCELLED, "{name}: {}", last_error());
            assert_eq!(transfer.count(kind), 1, "{name}");
            assert_eq!(transfer.calls.borrow().last(), Some(&kind), "{name}: others were called after it");
            let error = transfer.easy.error();
            assert_eq!((error.result, error.callback, error.severity), (code::E_CANCELLED, 0, 0), "{name}");
            assert_eq!(transfer.drops.count(), 0);
            goes_on(&transfer.easy);
            assert_eq!(transfer.drops.count(), transfer.registered, "{name}");
        }
    }
}

#[test]
fn cancelling_in_the_last_callback_of_a_transfer_counts_all_the_same() {
    let easy = Easy::to(&HttpServer::shared().url("/hello"));
    let body = collect(&easy);
    let after = Rc::new(Cell::new(None));
    let counted = after.clone();
    easy.on_debug(move |raw, kind, data| {
        counted.set(counted.get().map(|count: i32| count + 1));
        // The last that libcurl says of a transfer that ended well.
        if kind == 0 && String::from_utf8_lossy(data).contains("left intact") {
            ok(curlback_easy_cancel(raw));
            counted.set(Some(0));
        }
    });
    assert_eq!(easy.perform(), code::E_CANCELLED);
    assert_eq!(after.get(), Some(0));
    assert_eq!(*body.borrow(), b"hello, world\n");
    goes_on(&easy);
}

#[test]
fn cancelling_in_the_only_write_of_a_small_body_counts_all_the_same() {
    let server = RawServer::answering("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody");
    for answer in [4, -3, -1, -2] {
        let easy = Easy::to(&server.url("/"));
        let calls = Rc::new(Cell::new(0));
        let counted = calls.clone();
        easy.on_write(move |raw, _| {
            counted.set(counted.get() + 1);
            ok(curlback_easy_cancel(raw));
            answer
        });
        assert_eq!(easy.perform(), code::E_CANCELLED);
        assert_eq!(calls.get(), 1);
        let body = collect(&easy);
        ok(easy.perform());
        assert_eq!(*body.borrow(), b"body");
    }
}

#[test]
fn cancelling_a_handle_that_is_idle_has_no_effect() {
    let easy = Easy::to(&HttpServer::shared().url("/hello"));
    let body = collect(&easy);
    let raw = easy.raw() as usize;
    for round in 1..=2 {
        ok(curlback_easy_cancel(easy.raw()));
        ok(thread::spawn(move || curlback_easy_cancel(raw as Raw)).join().unwrap());
        ok(easy.perform());
        assert_eq!(body.borrow().len(), 13 * round);
    }
}

#[test]
fn cancelling_twice_is_the_same_as_once() {
    let easy = Easy::to(&HttpServer::shared().url("/stall?twice"));
    let raw = easy.raw() as usize;
    let _body = collect(&easy);
    cancelled(&easy, move || {
        assert!(HttpServer::shared().wait_stalled("/stall?twice", LIMIT));
        ok(curlback_easy_cancel(raw as Raw));
    });
    ok(curlback_easy_cancel(easy.raw()));
    goes_on(&easy);
}

#[test]
fn what_came_before_it_was_cancelled_is_collected() {
    let easy = Easy::to(&HttpServer::shared().url("/stall?collected"));
    ok(curlback_easy_body_to_memory(easy.raw(), 1000));
    let (came, has_come) = mpsc::channel();
    easy.on_xferinfo(move |_, [_, now, ..]| {
        if now == 10 {
            // The other side goes once it has heard it.
            let _ = came.send(());
        }
        0
    });
    cancelled(&easy, move || has_come.recv_timeout(LIMIT).unwrap());
    let (mut data, mut len) = (std::ptr::null(), 0);
    // SAFETY: both can be written to.
    ok(unsafe { curlback::easy::sink::curlback_easy_body(easy.raw(), &mut data, &mut len) });
    assert_eq!(len, 10);
}
