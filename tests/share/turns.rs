//! Handles that share connections are at work in turn, and nobody keeps the others waiting: whatever is not libcurl's own work is
//! done out of turn.

use std::cell::Cell;
use std::ffi::c_void;
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsRawFd as _, FromRawFd as _};
use std::ptr::{null_mut, without_provenance_mut};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread;

use curlback::callback::curlback_has_callback;
use curlback::callback::request::{
    curlback_easy_on_prereq, curlback_easy_on_resolver_start, curlback_easy_on_trailer, curlback_trailers,
};
use curlback::easy::sink::curlback_easy_body_to_fd;
use curlback::libcurl::tables::mopt;
use curlback::mime::callbacks::curlback_mime_part_callbacks;
use curlback::mime::sending::curlback_easy_set_mime;
use curlback::mime::{curlback_mime_add, curlback_mime_new, curlback_mime_release};
use curlback::multi::options::curlback_multi_set_int;
use curlback_test_servers::{Nginx, RawServer, pattern, read_request, take_little};

use crate::support::multi::Multi;
use crate::support::{Raw, boxed, close_socket, ok, on_close_socket, on_open_socket, on_sockopt, skipped};
use crate::*;

const WS_MESSAGE: i32 = 33;

/// Makes a transfer on another thread with a handle that uses the share, and waits for its end.
fn another_thread_gets_through(share: usize) {
    let (done, waits) = channel();
    let thread = thread::spawn(move || {
        let (easy, body) = to(&url("/hello"));
        join(&easy, without_provenance_mut(share));
        ok(easy.perform());
        done.send(body.text()).unwrap();
    });
    assert_eq!(waits.recv_timeout(LIMIT).expect("it waits for the turn"), "hello, world\n");
    thread.join().unwrap();
}

/// Once: a callback can be called any number of times.
fn once(share: usize) -> impl Fn() + 'static {
    let left = RefCell::new(Some(()));
    move || {
        if left.take().is_some() {
            another_thread_gets_through(share);
        }
    }
}

/// Registers a callback that calls the function.
type Register = fn(&Easy, Box<dyn Fn()>);

unsafe extern "C-unwind" fn call(closure: *mut c_void) {
    // SAFETY: it is the Box that boxed() boxed.
    unsafe { (*closure.cast::<Box<dyn Fn()>>())() };
}

unsafe extern "C-unwind" fn prereq(
    _: Raw,
    _: *const c_char,
    _: *const c_char,
    _: i32,
    _: i32,
    closure: *mut c_void,
) -> i32 {
    // SAFETY: as in call().
    unsafe { call(closure) };
    0
}

unsafe extern "C-unwind" fn resolver_start(_: Raw, closure: *mut c_void) -> i32 {
    // SAFETY: as in call().
    unsafe { call(closure) };
    0
}

unsafe extern "C-unwind" fn trailer(_: Raw, _: *mut curlback_trailers, closure: *mut c_void) -> i32 {
    // SAFETY: as in call().
    unsafe { call(closure) };
    0
}

unsafe extern "C-unwind" fn mime_read(_: Raw, _: *mut u8, _: usize, closure: *mut c_void) -> i64 {
    // SAFETY: as in call().
    unsafe { call(closure) };
    0
}

fn upload(easy: &Easy, read: impl Fn() + 'static) {
    easy.set_int(opt::UPLOAD, 1);
    easy.on_read(move |_, _| {
        read();
        0
    });
}

const CALLBACKS: [(i32, Register); 13] = [
    (1, |easy, call| {
        easy.on_write(move |_, data| {
            call();
            data.len() as i64
        });
    }),
    (2, |easy, call| {
        easy.on_header(move |_, line| {
            call();
            line.len() as i64
        });
    }),
    (3, |easy, call| upload(easy, call)),
    (4, |easy, call| {
        // libcurl rewinds what it sends to another URL.
        let sent = Rc::new(Cell::new(false));
        let again = sent.clone();
        easy.set_url(&url("/redirect307"));
        easy.set_int(opt::FOLLOWLOCATION, 1);
        easy.set_int(opt::UPLOAD, 1);
        easy.on_read(move |_, buffer| {
            if sent.replace(true) {
                return 0;
            }
            buffer[0] = b'x';
            1
        });
        easy.on_seek(move |_, _, _| {
            call();
            again.set(false);
            0
        });
    }),
    (6, |easy, call| easy.on_debug(move |_, _, _| call())),
    (7, |easy, call| {
        easy.on_progress(move |_, _| {
            call();
            0
        });
    }),
    (8, |easy, call| {
        easy.on_xferinfo(move |_, _| {
            call();
            0
        });
    }),
    (9, |easy, call| {
        ok(on_open_socket(easy.raw(), move |_, _, _| {
            call();
            -2
        }));
    }),
    (11, |easy, call| {
        ok(on_sockopt(easy.raw(), move |_, _, _| {
            call();
            0
        }));
    }),
    (14, |easy, call| {
        let (data, drop) = boxed(call);
        // SAFETY: the function gets the closure.
        ok(unsafe { curlback_easy_on_prereq(easy.raw(), Some(prereq), data, drop) });
    }),
    (15, |easy, call| {
        upload(easy, || ());
        let (data, drop) = boxed(call);
        // SAFETY: as above.
        ok(unsafe { curlback_easy_on_trailer(easy.raw(), Some(trailer), data, drop) });
    }),
    (16, |easy, call| {
        let (data, drop) = boxed(call);
        // SAFETY: as above.
        ok(unsafe { curlback_easy_on_resolver_start(easy.raw(), Some(resolver_start), data, drop) });
    }),
    (24, |easy, call| {
        let mime = curlback_mime_new(easy.raw());
        let (data, drop) = boxed(call);
        // SAFETY: as above.
        ok(unsafe {
            curlback_mime_part_callbacks(curlback_mime_add(mime), -1, Some(mime_read), None, data, drop)
        });
        ok(curlback_easy_set_mime(easy.raw(), mime));
        curlback_mime_release(mime);
    }),
];

#[test]
fn a_callback_can_wait_for_a_transfer_with_the_same_share() {
    for (kind, register) in CALLBACKS {
        if !curlback_has_callback(kind) {
            skipped(&format!("callback {kind} of a handle with shared connections"), "more of libcurl");
            continue;
        }
        let share = Share::new(&[CONNECTIONS]);
        let (easy, _body) = to(&url("/echo"));
        let called = Rc::new(Cell::new(0));
        let (calls, wait) = (called.clone(), once(share.raw().addr()));
        register(
            &easy,
            Box::new(move || {
                calls.set(calls.get() + 1);
                wait();
            }),
        );
        join(&easy, share.raw());
        ok(easy.perform());
        assert!(called.get() > 0, "callback {kind} was not called");
    }
}

#[test]
fn a_callback_that_closes_a_socket_can_wait_for_a_transfer_with_another_share() {
    let (share, other) = (Share::new(&[CONNECTIONS]), Share::new(&[CONNECTIONS]));
    let (easy, _body) = to(&url("/hello"));
    let wait = once(other.raw().addr());
    let closed = Rc::new(Cell::new(0));
    let count = closed.clone();
    ok(on_close_socket(easy.raw(), move |_, socket| {
        wait();
        count.set(count.get() + 1);
        close_socket(socket)
    }));
    easy.set_int(opt::FORBID_REUSE, 1);
    join(&easy, share.raw());
    ok(easy.perform());
    assert_eq!(closed.get(), 1);
}

#[test]
fn in_a_multi_handle_those_that_share_nothing_keep_nobody_waiting() {
    for shares_first in [true, false] {
        let (share, multi) = (Share::new(&[CONNECTIONS]), Multi::new());
        let (sharing, _body) = to(&url("/trickle/5/5"));
        join(&sharing, share.raw());
        let plain = Easy::to(&url("/trickle/5/5"));
        let wait = once(share.raw().addr());
        let (sockets, timers) = (once(share.raw().addr()), once(share.raw().addr()));
        plain.on_write(move |_, data| {
            wait();
            data.len() as i64
        });
        multi.on_socket(move |_, _, _, _, _| {
            sockets();
            0
        });
        multi.on_timer(move |_, _| {
            timers();
            0
        });
        let order = if shares_first { [&sharing, &plain] } else { [&plain, &sharing] };
        order.into_iter().for_each(|easy| multi.add(easy));
        multi.perform_all();
        assert_eq!(multi.all_done().len(), 2);
    }
}

#[test]
fn a_descriptor_that_is_full_keeps_nobody_waiting() {
    let mut ends = [0; 2];
    // SAFETY: two descriptors can be written; each is one's own from here on.
    let (mut from, to_it) = unsafe {
        assert_eq!(libc::pipe(ends.as_mut_ptr()), 0);
        (File::from_raw_fd(ends[0]), File::from_raw_fd(ends[1]))
    };
    let share = Share::new(&[CONNECTIONS]);
    let at = share.raw().addr();
    let reader = thread::spawn(move || {
        let mut first = [0];
        from.read_exact(&mut first).unwrap();
        // By now the pipe is full, or soon is.
        another_thread_gets_through(at);
        let mut rest = Vec::new();
        from.read_to_end(&mut rest).unwrap();
        1 + rest.len()
    });
    let easy = Easy::to(&url("/bytes/1000000"));
    ok(curlback_easy_body_to_fd(easy.raw(), to_it.as_raw_fd()));
    join(&easy, share.raw());
    ok(easy.perform());
    drop(to_it);
    assert_eq!(reader.join().unwrap(), 1_000_000);
}

#[test]
fn a_websocket_whose_peer_is_slow_keeps_nobody_waiting() {
    if !curlback_has_callback(WS_MESSAGE) {
        return skipped("a WebSocket with shared connections", "WebSocket");
    }
    const MUCH: usize = 5_000_000;
    let ((stuck, is_stuck), (go, goes_on)) = (channel(), channel());
    let goes_on = Mutex::new(goes_on);
    let server = RawServer::start(move |mut stream, _| {
        read_request(stream)?;
        take_little(stream)?;
        stream.write_all(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n\x81\x02go",
        )?;
        // Far more is sent than all buffers between the two can hold.
        stream.read_exact(&mut vec![0; 100_000])?;
        stuck.send(()).unwrap();
        goes_on.lock().unwrap().recv_timeout(LIMIT).unwrap();
        stream.read_exact(&mut vec![0; MUCH + 14 - 100_000])?;
        stream.write_all(b"\x88\x00")
    });
    let share = Share::new(&[CONNECTIONS]);
    let easy = Easy::to(&server.url("/").replace("http", "ws"));
    let sent = Rc::new(Cell::new(0));
    let count = sent.clone();
    let once = Cell::new(true);
    easy.on_write(move |easy, data| {
        if once.replace(false) {
            let (much, mut taken) = (pattern(0, MUCH), 0);
            // SAFETY: the bytes are there, and the count can be written to.
            ok(unsafe {
                curlback::ws::send::curlback_ws_send(easy, much.as_ptr().cast(), MUCH, 0, 2, &mut taken)
            });
            count.set(taken);
        }
        data.len() as i64
    });
    join(&easy, share.raw());
    let at = share.raw().addr();
    let other = thread::spawn(move || {
        is_stuck.recv_timeout(LIMIT).unwrap();
        another_thread_gets_through(at);
        go.send(()).unwrap();
    });
    ok(easy.perform());
    other.join().unwrap();
    assert_eq!(sent.get(), MUCH);
}

#[test]
fn four_multi_handles_at_once_have_their_connections_in_common() {
    let server = HttpServer::start();
    let share = Share::new(&[CONNECTIONS]);
    let at = share.raw().addr();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let easies: Vec<_> = (0..4)
                    .map(|_| {
                        let (easy, body) = to(&server.url("/hello"));
                        easy.set_int(opt::MAXCONNECTS, 16);
                        join(&easy, without_provenance_mut(at));
                        (easy, body)
                    })
                    .collect();
                for round in 1..=10 {
                    // A new one each time: connections of its own would be gone with it. Unless told, it keeps fewer the fewer handles it has.
                    let multi = Multi::new();
                    ok(curlback_multi_set_int(multi.raw(), mopt::MAXCONNECTS, 16));
                    for (easy, _) in &easies {
                        multi.add(easy);
                    }
                    multi.run();
                    assert_eq!(multi.all_done().len(), 4);
                    for (easy, body) in &easies {
                        multi.remove(easy);
                        assert_eq!(body.text(), "hello, world\n".repeat(round));
                    }
                }
            });
        }
    });
    assert_eq!(server.requests(), 160);
    assert!(server.connections() <= 16, "{}", server.connections());
}

#[test]
fn eight_threads_learn_of_hosts_and_close_connections_at_once() {
    let Ok(nginx) = Nginx::shared() else { return skipped("sharing HSTS", "nginx") };
    let share = Share::new(&ALL);
    let at = share.raw().addr();
    let closed = Arc::new(AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let (easy, _body) = to(&format!("https://localhost:{}/hsts.txt", nginx.https_port()));
                trust(&easy, nginx);
                // What all keep together is limited to that, so that they close each other's.
                easy.set_int(opt::MAXCONNECTS, 2);
                let count = closed.clone();
                ok(on_close_socket(easy.raw(), move |_, socket| {
                    count.fetch_add(1, SeqCst);
                    close_socket(socket)
                }));
                join(&easy, without_provenance_mut(at));
                for _ in 0..20 {
                    ok(easy.perform());
                }
                join(&easy, null_mut());
            });
        }
    });
    drop(share);
    assert!(closed.load(SeqCst) >= 2);
}
