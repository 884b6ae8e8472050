//! FTP in active mode: the server connects to a socket that libcurl listens on, which is opened, accepted and closed through the
//! socket callbacks.

use std::cell::RefCell;
use std::path::PathBuf;
use std::ptr::null_mut;
use std::rc::Rc;

use curlback::callback::curlback_callback;
use curlback::callback::socket::{curlback_easy_on_close_socket, curlback_socket_purpose};
use curlback::easy::curlback_easy_duplicate;
use curlback::easy::error::curlback_easy_raise;
use curlback::easy::sink::curlback_easy_body_to_memory;
use curlback::libcurl::tables::opt;
use curlback::result::code;
use curlback_test_servers::Ftp;

use crate::request::body;
use crate::support::{
    Drops, Easy, LIMIT, close_socket, last_error, ok, on_close_socket, on_open_socket, on_sockopt,
};
use crate::wildcard::server;

const CONNECT: i32 = curlback_socket_purpose::CURLBACK_SOCKET_CONNECT as i32;
const ACCEPT: i32 = curlback_socket_purpose::CURLBACK_SOCKET_ACCEPT as i32;
const SOCKOPT: i32 = curlback_callback::CURLBACK_CALLBACK_SOCKOPT as i32;

/// A download in active mode. A transfer that fails must not leave the server's answers to the next one.
fn active(server: &Ftp) -> Easy {
    let easy = Easy::to(&server.url("/many/file042.txt"));
    easy.set_int(opt::TIMEOUT, LIMIT.as_secs() as i64);
    easy.set_str(opt::FTPPORT, "127.0.0.1");
    ok(curlback_easy_body_to_memory(easy.raw(), 1000));
    easy
}

#[derive(Default)]
struct Seen {
    opened: RefCell<Vec<isize>>,
    closed: RefCell<Vec<isize>>,
    /// Purpose, and whether the socket has a peer.
    told: RefCell<Vec<(i32, State)>>,
    /// As the system names those that were opened or told of, whatever their numbers are used for later.
    names: RefCell<Vec<PathBuf>>,
}

/// "socket:[12345]"
fn name(socket: isize) -> PathBuf {
    std::fs::read_link(format!("/proc/self/fd/{socket}")).unwrap()
}

fn is_open(name: &PathBuf) -> bool {
    let descriptors = std::fs::read_dir("/proc/self/fd").unwrap();
    descriptors.flatten().any(|entry| std::fs::read_link(entry.path()).is_ok_and(|found| found == *name))
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    New,
    Connected,
}

fn state(socket: isize) -> State {
    // SAFETY: asks about a number, and has room for any address.
    let has_peer = unsafe {
        let mut address = std::mem::zeroed::<libc::sockaddr_storage>();
        let mut len = size_of_val(&address) as libc::socklen_t;
        libc::getpeername(socket as i32, (&raw mut address).cast(), &mut len) == 0
    };
    if has_peer { State::Connected } else { State::New }
}

fn watch(easy: &Easy, drops: &Drops, answer: impl Fn(i32) -> i32 + 'static) -> Rc<Seen> {
    let seen = Rc::new(Seen::default());
    let tokens = [(); 3].map(|()| drops.token());
    let ([opening, closing, told], [one, two, three]) = ([(); 3].map(|()| Rc::clone(&seen)), tokens);
    ok(on_open_socket(easy.raw(), move |_, purpose, address| {
        let _held = &one;
        assert_eq!(purpose, CONNECT);
        // SAFETY: three numbers.
        let socket = unsafe { libc::socket(address.family, address.socktype, address.protocol) } as isize;
        opening.opened.borrow_mut().push(socket);
        opening.names.borrow_mut().push(name(socket));
        socket
    }));
    ok(on_close_socket(easy.raw(), move |_, socket| {
        let _held = &two;
        closing.closed.borrow_mut().push(socket);
        close_socket(socket)
    }));
    ok(on_sockopt(easy.raw(), move |_, socket, purpose| {
        let _held = &three;
        told.told.borrow_mut().push((purpose, state(socket)));
        answer(purpose)
    }));
    seen
}

#[test]
fn sockopt_is_told_of_the_data_connection_that_was_accepted() {
    let Some(server) = server() else { return };
    let (easy, drops) = (active(server), Drops::new());
    let seen = watch(&easy, &drops, |_| 0);
    for round in 1..=3 {
        ok(easy.perform());
        assert_eq!(body(&easy), "42\n");
        // The control connection, which is kept, and in each round a socket that listens.
        assert_eq!(seen.opened.borrow().len(), 1 + round);
        assert_eq!(seen.closed.borrow().len(), round, "the socket that listened");
    }
    let told = seen.told.borrow().clone();
    assert_eq!(told.iter().filter(|told| **told == (ACCEPT, State::Connected)).count(), 3);
    assert_eq!(told.first(), Some(&(CONNECT, State::New)));
    drop(easy);
    let (mut opened, mut closed) = (seen.opened.take(), seen.closed.take());
    opened.sort_unstable();
    closed.sort_unstable();
    assert_eq!(opened, closed, "libcurl closes an accepted socket itself");
    assert_eq!(drops.count(), 3);
}

#[test]
fn a_sockopt_that_fails_an_accepted_socket_aborts() {
    for answer in [1, 3, -1, i32::MAX] {
        let Some(server) = server() else { return };
        let (easy, drops) = (active(server), Drops::new());
        let seen = watch(&easy, &drops, move |purpose| if purpose == ACCEPT { answer } else { 0 });
        assert_eq!(easy.perform(), 42, "{answer}: {}", last_error());
        assert!(last_error().ends_with("(in the sockopt callback)"), "{}", last_error());
        assert_eq!(easy.error().callback, SOCKOPT);
        assert_eq!(body(&easy), "");
        drop(easy);
        assert_eq!(seen.opened.borrow().len(), seen.closed.borrow().len(), "{answer}");
        assert_eq!(drops.count(), 3);
    }
}

#[test]
fn an_interrupt_while_accepting_closes_every_socket_once() {
    let Some(server) = server() else { return };
    let (easy, drops) = (active(server), Drops::new());
    let seen = watch(&easy, &drops, |_| 0);
    let accepted = Rc::clone(&seen);
    ok(on_sockopt(easy.raw(), move |easy, socket, purpose| {
        if purpose == ACCEPT {
            accepted.told.borrow_mut().push((purpose, state(socket)));
            accepted.names.borrow_mut().push(name(socket));
            // SAFETY: there is no message and no payload.
            ok(unsafe { curlback_easy_raise(easy, 1, 0, std::ptr::null(), null_mut(), None) });
        }
        0
    }));
    assert_eq!(easy.perform(), code::E_RAISED);
    assert_eq!((easy.error().callback, seen.told.borrow().len()), (SOCKOPT, 1));
    drop(easy);
    assert_eq!(drops.count(), 3);
    // The control connection, the socket that listened, the one that was accepted.
    let names = seen.names.take();
    assert_eq!((names.len(), names.iter().filter(|name| is_open(name)).count()), (3, 0));
}

/// libcurl closes what it accepted without the callback: that must not count as closing what was opened.
#[test]
fn without_a_callback_active_mode_leaves_no_descriptor() {
    let Some(server) = server() else { return };
    let (easy, drops) = (active(server), Drops::new());
    let seen = watch(&easy, &drops, |_| 0);
    // SAFETY: there is no callback.
    ok(unsafe { curlback_easy_on_close_socket(easy.raw(), None, null_mut(), None) });
    ok(easy.perform());
    let mut copy = null_mut();
    // SAFETY: the copy can be written to.
    ok(unsafe { curlback_easy_duplicate(easy.raw(), &mut copy) });
    drop(easy);
    let copy = Easy::adopt(copy);
    ok(curlback_easy_body_to_memory(copy.raw(), 1000));
    ok(copy.perform());
    assert_eq!(body(&copy), "42\n");
    drop(copy);
    assert_eq!((seen.opened.borrow().len(), seen.closed.borrow().len(), drops.count()), (4, 0, 3));
    assert!(!seen.names.borrow().iter().any(is_open));
}
