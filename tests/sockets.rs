//! open_socket, close_socket and sockopt on real sockets: who opens, who closes, and who is told.

#[path = "sockets/lifetime.rs"]
mod lifetime;
mod support;

use std::cell::{Cell, RefCell};
use std::ffi::CString;
use std::io::Write;
use std::net::TcpStream;
use std::os::fd::IntoRawFd;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::path::{Path, PathBuf};
use std::ptr::null_mut;
use std::rc::Rc;
use std::time::{Duration, Instant};

use curlback::callback::curlback_callback;
use curlback::callback::socket::{curlback_easy_on_close_socket, curlback_easy_on_open_socket};
use curlback::easy::options::curlback_easy_set_list;
use curlback::easy::{curlback_easy_release, curlback_easy_reset};
use curlback::libcurl::tables::opt;
use curlback::libcurl::version;
use curlback::result::code;
use curlback_test_servers::{HttpServer, ReservedPort, read_request, wait_until};
use support::*;

const COULDNT_CONNECT: i32 = 7;
const BAD: isize = -1;
const DEFAULT: isize = -2;

/// A handle for this URL whose body goes nowhere.
fn to(url: &str) -> Easy {
    let easy = Easy::to(url);
    easy.set_int(opt::TIMEOUT_MS, LIMIT.as_millis() as i64);
    easy.on_write(|_, data| data.len() as i64);
    easy
}

fn is_open(socket: isize) -> bool {
    // SAFETY: asks about a number.
    unsafe { libc::fcntl(socket as i32, libc::F_GETFD) != -1 }
}

/// What the system calls the socket: its number may be somebody else's once it is closed.
fn name_of(socket: isize) -> PathBuf {
    std::fs::read_link(format!("/proc/self/fd/{socket}")).unwrap()
}

/// How many descriptors there are of it.
fn still_open(name: &Path) -> usize {
    let descriptors = std::fs::read_dir("/proc/self/fd").unwrap().flatten();
    descriptors
        .filter_map(|entry| std::fs::read_link(entry.path()).ok())
        .filter(|found| found == name)
        .count()
}

/// Opens as the address says, as a callback of the application's would.
fn open(family: i32, socktype: i32, protocol: i32) -> isize {
    // SAFETY: three numbers.
    unsafe { libc::socket(family, socktype, protocol) as isize }
}

#[derive(Default)]
struct Seen {
    opened: RefCell<Vec<isize>>,
    closed: RefCell<Vec<(bool, isize)>>,
}

/// Registers both callbacks, which count what they open and close.
fn watch(easy: &Easy, drops: &Drops) -> Rc<Seen> {
    let seen = Rc::new(Seen::default());
    let (opening, closing) = (Rc::clone(&seen), Rc::clone(&seen));
    let (one, two) = (drops.token(), drops.token());
    ok(on_open_socket(easy.raw(), move |_, purpose, address| {
        let _held = &one;
        assert_eq!(purpose, 0);
        let socket = open(address.family, address.socktype, address.protocol);
        opening.opened.borrow_mut().push(socket);
        socket
    }));
    ok(on_close_socket(easy.raw(), move |easy, socket| {
        let _held = &two;
        closing.closed.borrow_mut().push((!easy.is_null(), socket));
        close_socket(socket)
    }));
    seen
}

#[test]
fn an_ipv4_address_is_described_and_the_socket_is_the_librarys() {
    let server = HttpServer::shared();
    let easy = to(&server.url("/hello"));
    let seen = Rc::new(RefCell::new(Vec::new()));
    let told = Rc::clone(&seen);
    ok(on_open_socket(easy.raw(), move |_, _, address| {
        // SAFETY: host_len bytes are there, and a NUL behind them.
        let host = unsafe { std::slice::from_raw_parts(address.host.cast::<u8>(), address.host_len + 1) };
        told.borrow_mut().push((address.family, host.to_vec(), address.port, address.sockaddr_len));
        assert_eq!(address.socktype & !(libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK), libc::SOCK_STREAM);
        open(address.family, address.socktype, address.protocol)
    }));
    ok(easy.perform());
    assert_eq!(*seen.borrow(), [(libc::AF_INET, b"127.0.0.1\0".to_vec(), server.port(), 16)]);
}

/// libcurl opens its own sockets so that programs which are started do not get them.
#[test]
fn sockets_that_the_library_opens_are_not_inherited() {
    for registered in [false, true] {
        let easy = to(&HttpServer::shared().url("/hello"));
        if registered {
            ok(on_open_socket(easy.raw(), |_, _, _| DEFAULT));
        }
        let flags = Rc::new(Cell::new(0));
        let found = Rc::clone(&flags);
        ok(on_sockopt(easy.raw(), move |_, socket, _| {
            // SAFETY: asks about a descriptor that is open.
            found.set(unsafe { libc::fcntl(socket as i32, libc::F_GETFD) });
            0
        }));
        ok(easy.perform());
        assert_eq!(flags.get(), libc::FD_CLOEXEC, "{registered}");
    }
}

#[test]
fn an_ipv6_address_is_described() {
    let Ok(server) = HttpServer::start_ipv6() else {
        return skipped("an IPv6 address", "a system with IPv6");
    };
    let easy = to(&server.url("/hello"));
    let seen = Rc::new(RefCell::new(Vec::new()));
    let told = Rc::clone(&seen);
    ok(on_open_socket(easy.raw(), move |_, _, address| {
        let host = text(address.host);
        told.borrow_mut().push((address.family, host, address.port, address.flow_info, address.scope_id));
        DEFAULT
    }));
    ok(easy.perform());
    assert_eq!(*seen.borrow(), [(libc::AF_INET6, "::1".to_owned(), server.port(), 0, 0)]);
}

/// Answers one request on a Unix socket.
fn answer_once(listener: UnixListener) -> std::thread::JoinHandle<()> {
    std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        // SAFETY: the descriptor is given over. read_request wants a TcpStream, and only reads and writes.
        let stream = unsafe { <TcpStream as std::os::fd::FromRawFd>::from_raw_fd(stream.into_raw_fd()) };
        read_request(&stream).unwrap();
        (&stream).write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").unwrap();
    })
}

#[test]
fn unix_sockets_are_described_by_their_path_also_where_it_begins_with_nul() {
    let name = format!("curlback-test-{}", std::process::id());
    let path = std::env::temp_dir().join(&name);
    let _ = std::fs::remove_file(&path);
    let in_files = UnixListener::bind(&path).unwrap();
    let without = UnixListener::bind_addr(&SocketAddr::from_abstract_name(&name).unwrap()).unwrap();
    let path = path.to_str().unwrap().to_owned();
    let cases = [
        (opt::UNIX_SOCKET_PATH, path.clone(), path.clone().into_bytes(), in_files),
        (opt::ABSTRACT_UNIX_SOCKET, name.clone(), [b"\0", name.as_bytes()].concat(), without),
    ];
    for (option, value, expected, listener) in cases {
        let server = answer_once(listener);
        let easy = to("http://localhost/");
        easy.set_str(option, &value);
        let seen = Rc::new(RefCell::new(Vec::new()));
        let told = Rc::clone(&seen);
        ok(on_open_socket(easy.raw(), move |_, _, address| {
            // SAFETY: host_len bytes are there.
            let host = unsafe { std::slice::from_raw_parts(address.host.cast::<u8>(), address.host_len) };
            told.borrow_mut().push((address.family, host.to_vec(), address.port));
            DEFAULT
        }));
        ok(easy.perform());
        assert_eq!(*seen.borrow(), [(libc::AF_UNIX, expected, 0)]);
        server.join().unwrap();
    }
    std::fs::remove_file(path).unwrap();
}

#[test]
fn refusing_every_address_ends_at_once_and_names_the_callback() {
    let easy = to(&HttpServer::shared().url("/hello"));
    let calls = Rc::new(Cell::new(0));
    let counted = Rc::clone(&calls);
    ok(on_open_socket(easy.raw(), move |_, _, _| {
        counted.set(counted.get() + 1);
        BAD
    }));
    let began = Instant::now();
    assert_eq!(easy.perform(), COULDNT_CONNECT);
    assert!(began.elapsed() < Duration::from_secs(5));
    assert_eq!(calls.get(), 1);
    assert_eq!(easy.error().callback, curlback_callback::CURLBACK_CALLBACK_OPEN_SOCKET as i32);
    // SAFETY: there is no callback.
    ok(unsafe { curlback_easy_on_open_socket(easy.raw(), None, null_mut(), None) });
    ok(easy.perform());
}

/// A handle whose host has three addresses, of which the last leads to the server.
fn with_three_addresses() -> Easy {
    let port = HttpServer::shared().port();
    let easy = to(&format!("http://three.example:{port}/hello"));
    let line = CString::new(format!("three.example:{port}:127.0.0.3,127.0.0.2,127.0.0.1")).unwrap();
    // SAFETY: there is one string.
    ok(unsafe { curlback_easy_set_list(easy.raw(), opt::RESOLVE, &line.as_ptr(), 1) });
    easy
}

#[test]
fn every_address_is_asked_for_and_refusing_all_ends_well_before_the_timeout() {
    for refused in [3, 2] {
        let easy = with_three_addresses();
        easy.set_int(opt::CONNECTTIMEOUT_MS, LIMIT.as_millis() as i64);
        let hosts = Rc::new(RefCell::new(Vec::new()));
        let told = Rc::clone(&hosts);
        ok(on_open_socket(easy.raw(), move |_, _, address| {
            told.borrow_mut().push(text(address.host));
            if told.borrow().len() <= refused { BAD } else { DEFAULT }
        }));
        let began = Instant::now();
        assert_eq!(easy.perform(), if refused == 3 { COULDNT_CONNECT } else { 0 }, "{}", last_error());
        assert!(began.elapsed() < LIMIT / 2, "{:?}", began.elapsed());
        assert_eq!(*hosts.borrow(), ["127.0.0.3", "127.0.0.2", "127.0.0.1"]);
        let named = curlback_callback::CURLBACK_CALLBACK_OPEN_SOCKET as i32;
        assert_eq!(easy.error().callback, if refused == 3 { named } else { 0 });
    }
}

#[test]
fn what_close_socket_returns_changes_nothing() {
    for answer in [-1, 0, 1, i32::MIN] {
        let easy = to(&HttpServer::shared().url("/hello"));
        easy.set_int(opt::FORBID_REUSE, 1);
        let calls = Rc::new(Cell::new(0));
        let counted = Rc::clone(&calls);
        ok(on_close_socket(easy.raw(), move |_, socket| {
            counted.set(counted.get() + 1);
            close_socket(socket);
            answer
        }));
        ok(easy.perform());
        assert_eq!((calls.get(), easy.error().callback), (1, 0), "{answer}");
    }
}

#[test]
fn nonsense_for_a_socket_is_a_refusal() {
    for nonsense in [-3, isize::MIN, isize::MAX, 1 << 40] {
        let easy = to(&HttpServer::shared().url("/hello"));
        ok(on_open_socket(easy.raw(), move |_, _, _| nonsense));
        assert_eq!(easy.perform(), COULDNT_CONNECT, "{nonsense}");
    }
}

#[test]
fn a_socket_that_is_connected_already_is_used_as_it_is() {
    if version::number() < version::version(8, 0, 0) {
        // 7.88.1 connects it again and fails.
        return skipped("a socket that is connected already", "libcurl 8.0 or newer");
    }
    let server = HttpServer::shared();
    let port = server.port();
    // Nothing listens there: only the connected socket can answer.
    let nobody = ReservedPort::new().unwrap();
    let easy = to(&nobody.url("/hello"));
    ok(on_open_socket(easy.raw(), move |_, _, _| {
        TcpStream::connect(("127.0.0.1", port)).unwrap().into_raw_fd() as isize
    }));
    let purposes = Rc::new(RefCell::new(Vec::new()));
    let told = Rc::clone(&purposes);
    ok(on_sockopt(easy.raw(), move |_, socket, purpose| {
        assert!(is_open(socket));
        told.borrow_mut().push(purpose);
        2
    }));
    ok(easy.perform());
    assert_eq!(*purposes.borrow(), [0]);
}

#[test]
fn a_sockopt_that_fails_or_answers_nonsense_aborts() {
    for answer in [1, 3, -1] {
        let easy = to(&HttpServer::shared().url("/hello"));
        let seen = watch(&easy, &Drops::new());
        ok(on_sockopt(easy.raw(), move |_, _, _| answer));
        assert_eq!(easy.perform(), 42);
        assert_eq!(easy.error().callback, curlback_callback::CURLBACK_CALLBACK_SOCKOPT as i32);
        drop(easy);
        assert_eq!(seen.opened.borrow().len(), seen.closed.borrow().len());
    }
}

#[test]
fn each_socket_is_closed_once_and_the_handle_is_given_while_it_closes() {
    let drops = Drops::new();
    let easy = to(&HttpServer::shared().url("/hello"));
    let seen = watch(&easy, &drops);
    ok(easy.perform());
    ok(easy.perform());
    // One connection, kept.
    assert_eq!((seen.opened.borrow().len(), seen.closed.borrow().len()), (1, 0));
    drop(easy);
    let socket = seen.opened.borrow()[0];
    assert_eq!(*seen.closed.borrow(), [(true, socket)]);
    assert_eq!(drops.count(), 2);
}

#[test]
fn after_unset_and_reset_the_library_closes_what_is_left() {
    for reset in [false, true] {
        let drops = Drops::new();
        let easy = to(&HttpServer::shared().url("/hello"));
        let seen = watch(&easy, &drops);
        ok(easy.perform());
        let socket = seen.opened.borrow()[0];
        if reset {
            ok(curlback_easy_reset(easy.raw()));
            assert_eq!(drops.count(), 2);
        } else {
            // SAFETY: there is no callback.
            ok(unsafe { curlback_easy_on_close_socket(easy.raw(), None, null_mut(), None) });
            assert_eq!(drops.count(), 1);
        }
        let name = name_of(socket);
        drop(easy);
        assert!(seen.closed.borrow().is_empty());
        assert_eq!((still_open(&name), drops.count()), (0, 2));
    }
}

#[test]
fn a_callback_that_comes_after_the_connection_closes_it() {
    let easy = to(&HttpServer::shared().url("/hello"));
    ok(easy.perform());
    let drops = Drops::new();
    let seen = watch(&easy, &drops);
    drop(easy);
    assert_eq!((seen.opened.borrow().len(), seen.closed.borrow().len()), (0, 1));
    assert_eq!(drops.count(), 2);
}

#[test]
fn release_with_a_kept_connection_closes_it_through_the_callback() {
    let drops = Drops::new();
    let easy = to(&HttpServer::shared().url("/hello"));
    let seen = watch(&easy, &drops);
    ok(easy.perform());
    curlback_easy_release(easy.into_raw());
    assert_eq!(seen.closed.borrow().len(), 1);
    assert_eq!(drops.count(), 2);
}

#[test]
fn an_interrupted_transfers_socket_is_closed_by_the_library() {
    let easy = to(&HttpServer::shared().url("/hello"));
    let drops = Drops::new();
    let seen = watch(&easy, &drops);
    easy.on_header(|easy, line| {
        // SAFETY: there is no message and no payload.
        ok(unsafe {
            curlback::easy::error::curlback_easy_raise(easy, 1, 0, std::ptr::null(), null_mut(), None)
        });
        line.len() as i64
    });
    assert_eq!(easy.perform(), code::E_RAISED);
    let socket = seen.opened.borrow()[0];
    assert!(seen.closed.borrow().is_empty());
    assert!(wait_until(LIMIT, || !is_open(socket)));
}
