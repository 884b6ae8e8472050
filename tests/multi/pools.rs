//! Connections that a multi handle keeps outlive the easy handle that opened them: close_socket, each socket once.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::ptr::{null_mut, without_provenance_mut};
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use curlback::callback::socket::curlback_easy_on_close_socket;
use curlback::easy::perform::curlback_easy_cancel;
use curlback::easy::{curlback_easy_close, curlback_easy_release, curlback_easy_reset};
use curlback::libcurl::tables::opt;
use curlback::multi::members::{curlback_multi_add, curlback_multi_remove};
use curlback::multi::run::curlback_multi_run;
use curlback::multi::{curlback_multi_close, curlback_multi_release};
use curlback_test_servers::{Ftp, HttpServer};

use crate::engine::{easy_at, multi_at, plain};
use crate::support::multi::*;
use crate::support::*;

/// What became of the sockets of a handle.
#[derive(Default)]
struct Seen {
    opened: RefCell<BTreeSet<isize>>,
    /// The sockets that were closed, with the handle that was shown.
    closed: RefCell<Vec<(Raw, isize)>>,
}

impl Seen {
    fn open(&self) -> usize {
        self.opened.borrow().len()
    }
}

/// Registers callbacks that open and close, and expect that each socket is closed once. `drops` counts their user data: two pieces.
fn watch(easy: &Easy, drops: &Drops) -> Rc<Seen> {
    let seen = Rc::new(Seen::default());
    let (opening, closing) = (Rc::clone(&seen), Rc::clone(&seen));
    let (one, two) = (drops.token(), drops.token());
    ok(on_open_socket(easy.raw(), move |_, _, address| {
        let _held = &one;
        // SAFETY: three numbers.
        let socket = unsafe { libc::socket(address.family, address.socktype, address.protocol) } as isize;
        assert!(opening.opened.borrow_mut().insert(socket));
        socket
    }));
    ok(on_close_socket(easy.raw(), move |easy, socket| {
        let _held = &two;
        assert!(closing.opened.borrow_mut().remove(&socket), "{socket} is not open");
        closing.closed.borrow_mut().push((easy, socket));
        close_socket(socket)
    }));
    seen
}

/// A handle that has done a transfer in `multi`, which keeps its connection, and has left.
fn used(multi: &Multi, server: &HttpServer, drops: &Drops) -> (Easy, Rc<Seen>) {
    let easy = Easy::to(&server.url("/hello"));
    easy.on_write(|_, data| data.len() as i64);
    let seen = watch(&easy, drops);
    multi.add(&easy);
    multi.run();
    multi.remove(&easy);
    assert_eq!((seen.open(), seen.closed.borrow().len()), (1, 0), "the connection is kept");
    (easy, seen)
}

#[test]
fn a_closed_or_released_handle_s_socket_is_closed_with_the_multi_handle() {
    for release in [false, true] {
        let (drops, server, multi) = (Drops::new(), HttpServer::start(), Multi::new());
        let (easy, seen) = used(&multi, &server, &drops);
        if release {
            curlback_easy_release(easy.into_raw());
        } else {
            drop(easy);
        }
        assert_eq!((seen.open(), drops.count()), (1, 1), "open_socket's user data is not needed any more");
        drop(multi);
        assert_eq!((seen.open(), drops.count()), (0, 2));
        assert!(seen.closed.borrow()[0].0.is_null(), "the handle is gone");
    }
}

#[test]
fn a_live_handle_is_shown_when_its_socket_is_closed_later() {
    let (drops, server, multi) = (Drops::new(), HttpServer::start(), Multi::new());
    let (easy, seen) = used(&multi, &server, &drops);
    drop(multi);
    assert_eq!((seen.open(), seen.closed.borrow()[0].0), (0, easy.raw()));
    assert_eq!(drops.count(), 0);
    drop(easy);
    assert_eq!(drops.count(), 2);
}

#[test]
fn after_unset_and_reset_the_library_closes_the_socket() {
    for reset in [false, true] {
        let (drops, server, multi) = (Drops::new(), HttpServer::start(), Multi::new());
        let (easy, seen) = used(&multi, &server, &drops);
        if reset {
            ok(curlback_easy_reset(easy.raw()));
        } else {
            // SAFETY: nothing is registered.
            ok(unsafe { curlback_easy_on_close_socket(easy.raw(), None, null_mut(), None) });
        }
        let socket = *seen.opened.borrow().first().unwrap();
        assert!(is_open(socket));
        drop(multi);
        assert!(seen.closed.borrow().is_empty());
        drop(easy);
        assert_eq!(drops.count(), 2);
    }
}

fn is_open(socket: isize) -> bool {
    // SAFETY: asks about a number.
    unsafe { libc::fcntl(socket as i32, libc::F_GETFD) != -1 }
}

#[test]
fn another_handle_reuses_the_connection_and_its_end_is_the_opener_s() {
    let (drops, server, multi) = (Drops::new(), HttpServer::start(), Multi::new());
    let (easy, seen) = used(&multi, &server, &drops);
    drop(easy);
    let other = Easy::to(&server.url("/hello"));
    other.on_write(|_, data| data.len() as i64);
    let other_seen = watch(&other, &drops);
    multi.add(&other);
    multi.run();
    assert_eq!((server.connections(), other_seen.open(), seen.open()), (1, 0, 1));
    // Cancelled within: the connection goes with it, by the callback of the handle that is gone.
    other.set_url(&server.url("/hang"));
    multi.remove(&other);
    multi.add(&other);
    assert_eq!(multi.perform(), (0, 1));
    let end = Instant::now() + LIMIT;
    while !server.wait_stalled("/hang", Duration::from_millis(5)) {
        assert!(Instant::now() < end);
        assert_eq!(multi.perform(), (0, 1));
    }
    ok(curlback_easy_cancel(other.raw()));
    assert_eq!((seen.open(), server.connections()), (0, 1));
    assert!(seen.closed.borrow()[0].0.is_null());
    assert_eq!(other_seen.closed.borrow().len(), 0);
    assert_eq!(drops.count(), 2);
    drop(multi);
    drop(other);
    assert_eq!(drops.count(), 4);
}

#[test]
fn sockets_that_are_opened_on_another_handle_s_connection_are_closed_by_their_opener() {
    let Ok(ftp) = Ftp::shared() else { return skipped("data connections", "pyftpdlib") };
    for keep_first in [false, true] {
        let (drops, multi) = (Drops::new(), Multi::new());
        let mut all = Vec::new();
        for n in 0..4 {
            let easy = Easy::to(&ftp.url(&format!("/many/file00{n}.txt")));
            easy.on_write(|_, data| data.len() as i64);
            let seen = watch(&easy, &drops);
            multi.add(&easy);
            multi.run();
            multi.remove(&easy);
            assert_eq!(easy.error().result, 0);
            // The first keeps the connection for commands; each has had its own for data.
            assert_eq!((seen.open(), seen.closed.borrow().len()), (usize::from(n == 0), 1), "{n}");
            assert_eq!(seen.closed.borrow()[0].0, easy.raw());
            if keep_first || n > 0 {
                all.push(easy);
            }
        }
        assert_eq!(drops.count(), if keep_first { 0 } else { 1 });
        drop(multi);
        drop(all);
        assert_eq!(drops.count(), 8);
    }
}

#[test]
fn a_connection_that_died_is_closed_once_while_another_handle_wants_it() {
    let server = curlback_test_servers::RawServer::closes_reused();
    let (drops, multi) = (Drops::new(), Multi::new());
    let mut all = Vec::new();
    for _ in 0..3 {
        let easy = Easy::to(&server.url("/"));
        easy.on_write(|_, data| data.len() as i64);
        let seen = watch(&easy, &drops);
        multi.add(&easy);
        multi.run();
        multi.remove(&easy);
        all.push((easy, seen));
    }
    let open: usize = all.iter().map(|(_, seen)| seen.open()).sum();
    assert!(open <= 1, "{open}");
    drop(multi);
    assert!(all.iter().all(|(_, seen)| seen.open() == 0));
    drop(all);
    assert_eq!(drops.count(), 6);
}

#[test]
fn a_limit_of_kept_connections_closes_those_beyond_it() {
    let servers: Vec<_> = (0..3).map(|_| HttpServer::start()).collect();
    let (drops, multi) = (Drops::new(), Multi::new());
    ok(curlback::multi::options::curlback_multi_set_int(multi.raw(), 6, 1));
    let mut all = Vec::new();
    for server in &servers {
        let easy = Easy::to(&server.url("/hello"));
        easy.on_write(|_, data| data.len() as i64);
        let seen = watch(&easy, &drops);
        multi.add(&easy);
        multi.run();
        all.push((easy, seen));
    }
    // The oldest, as far as milliseconds tell.
    assert_eq!(all.iter().map(|(_, seen)| seen.open()).sum::<usize>(), 1);
    for (easy, seen) in all.iter().filter(|(_, seen)| seen.open() == 0) {
        assert_eq!(seen.closed.borrow()[0].0, easy.raw());
    }
    drop(all);
    drop(multi);
    assert_eq!(drops.count(), 6);
}

#[test]
fn close_socket_may_use_its_handle_where_that_is_there() {
    let (drops, server, multi) = (Drops::new(), HttpServer::start(), Multi::new());
    let easy = Easy::to(&server.url("/hello"));
    easy.on_write(|_, data| data.len() as i64);
    let (called, token) = (Rc::new(Cell::new(0)), drops.token());
    let (counter, raw) = (Rc::clone(&called), multi.raw());
    ok(on_close_socket(easy.raw(), move |easy, socket| {
        let _held = &token;
        counter.set(counter.get() + 1);
        ok(curlback::easy::options::curlback_easy_set_int(easy, opt::TIMEOUT_MS, 5_000));
        // Its multi handle is closing.
        let in_there = curlback_multi_remove(raw, easy);
        assert!([curlback::result::code::E_IN_CALLBACK, 10001].contains(&in_there), "{in_there}");
        close_socket(socket)
    }));
    multi.add(&easy);
    multi.run();
    drop(multi);
    assert_eq!(called.get(), 1);
    drop(easy);
    assert_eq!(drops.count(), 1);
}

/// Nothing of the library's is locked while it runs: other sockets can be opened and closed.
#[test]
fn close_socket_may_perform_another_transfer() {
    let (done, is_done) = mpsc::channel();
    thread::spawn(move || {
        let (server, multi) = (HttpServer::start(), Multi::new());
        let easy = Easy::to(&server.url("/hello"));
        easy.on_write(|_, data| data.len() as i64);
        let url = server.url("/hello");
        ok(on_close_socket(easy.raw(), move |_, socket| {
            let other = Easy::to(&url);
            other.on_write(|_, data| data.len() as i64);
            ok(other.perform());
            drop(other);
            close_socket(socket)
        }));
        multi.add(&easy);
        multi.run();
        drop(multi);
        drop(easy);
        done.send(server.connections()).unwrap();
    });
    assert_eq!(is_done.recv_timeout(LIMIT), Ok(2));
}

/// A handle whose close_socket can be called by any thread.
fn anywhere(server: &HttpServer, drops: &Drops, closed: &Arc<Mutex<Vec<thread::ThreadId>>>) -> Raw {
    let easy = plain(&server.url("/hello"));
    let (into, token) = (Arc::clone(closed), drops.token());
    ok(on_close_socket(easy, move |_, socket| {
        let _held = &token;
        into.lock().unwrap().push(thread::current().id());
        close_socket(socket)
    }));
    easy
}

#[test]
fn a_connection_may_be_closed_by_another_thread_than_its_handle_s() {
    for way in 0..3 {
        let (drops, server) = (Drops::new(), HttpServer::start());
        let closed = Arc::new(Mutex::new(Vec::new()));
        let multi = Multi::new();
        let easy = anywhere(&server, &drops, &closed);
        ok(curlback_multi_add(multi.raw(), easy));
        multi.run();
        ok(curlback_multi_remove(multi.raw(), easy));
        let multi = multi.into_raw().addr();
        let easy_address = easy.addr();
        // The handle is this thread's still: idle, at work elsewhere, or gone.
        let closer = thread::spawn(move || {
            match way {
                0 => ok(curlback_multi_close(multi_at(multi))),
                1 => curlback_multi_release(multi_at(multi)),
                _ => {
                    curlback_easy_release(easy_at(easy_address));
                    ok(curlback_multi_close(multi_at(multi)));
                }
            }
            thread::current().id()
        });
        let by = closer.join().unwrap();
        assert_eq!(*closed.lock().unwrap(), [by]);
        if way < 2 {
            assert_eq!(drops.count(), 0);
            ok(curlback_easy_close(easy));
        }
        assert_eq!(drops.count(), 1);
    }
}

#[test]
fn handles_close_on_many_threads_while_a_multi_handle_closes_their_connections() {
    let drops = Drops::new();
    let sockets = Arc::new(AtomicUsize::new(0));
    for _ in 0..20 {
        let server = HttpServer::start();
        let multi = Multi::new();
        let easies: Vec<usize> = (0..8)
            .map(|_| {
                let easy = plain(&server.url("/hello"));
                let (opened, closed, token) = (Arc::clone(&sockets), Arc::clone(&sockets), drops.token());
                ok(on_open_socket(easy, move |_, _, _| {
                    opened.fetch_add(1, Ordering::SeqCst);
                    -2
                }));
                ok(on_close_socket(easy, move |_, socket| {
                    let _held = &token;
                    closed.fetch_sub(1, Ordering::SeqCst);
                    close_socket(socket)
                }));
                ok(curlback_multi_add(multi.raw(), easy));
                easy.addr()
            })
            .collect();
        ok(curlback_multi_run(multi.raw(), UNTIL_DONE));
        for easy in &easies {
            ok(curlback_multi_remove(multi.raw(), easy_at(*easy)));
        }
        assert!(sockets.load(Ordering::SeqCst) > 0);
        thread::scope(|scope| {
            for part in easies.chunks(2) {
                scope.spawn(move || {
                    ok(curlback_easy_close(easy_at(part[0])));
                    curlback_easy_release(easy_at(part[1]));
                });
            }
            ok(curlback_multi_close(multi.into_raw()));
        });
        assert_eq!(sockets.load(Ordering::SeqCst), 0);
    }
    assert_eq!(drops.count(), 160);
    assert_eq!(curlback_easy_close(without_provenance_mut(1)), 10001);
}
