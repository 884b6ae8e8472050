//! prereq, trailer, resolver_start and ioctl.

use std::cell::{Cell, RefCell};
use std::ffi::{CString, c_char, c_void};
use std::io::Write;
use std::ptr::{null, without_provenance_mut};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use curlback::callback::request::*;
use curlback::callback::source::curlback_easy_on_ioctl;
use curlback::callback::{curlback_callback, curlback_has_callback};
use curlback::easy::sink::{
    curlback_easy_body, curlback_easy_body_to_memory, curlback_easy_header_to_memory,
};
use curlback::easy::source::curlback_easy_read_from_memory;
use curlback::libcurl::tables::{info, opt};
use curlback::libcurl::version;
use curlback::result::code;
use curlback_test_servers::{HttpServer, RawServer, read_request};

use crate::support::{Easy, Raw, last_error, ok, register, skipped, text};

const ABORTED: i32 = 42;
const SEND_FAIL_REWIND: i32 = 65;

/// What a prereq callback was given: remote address and port, local address and port.
type Connection = (String, i32, String, i32);

fn on_prereq<F: Fn(Raw, Connection) -> i32 + 'static>(easy: Raw, body: F) {
    unsafe extern "C-unwind" fn call<F: Fn(Raw, Connection) -> i32>(
        easy: Raw,
        primary_ip: *const c_char,
        local_ip: *const c_char,
        primary_port: i32,
        local_port: i32,
        closure: *mut c_void,
    ) -> i32 {
        let connection = (text(primary_ip), primary_port, text(local_ip), local_port);
        // SAFETY: the closure is the F that was registered.
        unsafe { (*closure.cast::<F>())(easy, connection) }
    }
    // SAFETY: `call` gets the F that register() boxes.
    ok(register(body, |data, drop| unsafe { curlback_easy_on_prereq(easy, Some(call::<F>), data, drop) }));
}

fn on_trailer<F: Fn(Raw, *mut curlback_trailers) -> i32 + 'static>(easy: Raw, body: F) {
    ok(try_on_trailer(easy, body));
}

fn try_on_trailer<F: Fn(Raw, *mut curlback_trailers) -> i32 + 'static>(easy: Raw, body: F) -> i32 {
    unsafe extern "C-unwind" fn call<F: Fn(Raw, *mut curlback_trailers) -> i32>(
        easy: Raw,
        trailers: *mut curlback_trailers,
        closure: *mut c_void,
    ) -> i32 {
        // SAFETY: the closure is the F that was registered.
        unsafe { (*closure.cast::<F>())(easy, trailers) }
    }
    // SAFETY: `call` gets the F that register() boxes.
    register(body, |data, drop| unsafe { curlback_easy_on_trailer(easy, Some(call::<F>), data, drop) })
}

fn add(trailers: *mut curlback_trailers, header: &str) -> i32 {
    let header = CString::new(header).unwrap();
    // SAFETY: it ends with NUL.
    unsafe { curlback_trailers_add(trailers, header.as_ptr()) }
}

fn on_resolver_start<F: Fn(Raw) -> i32 + 'static>(easy: Raw, body: F) {
    unsafe extern "C-unwind" fn call<F: Fn(Raw) -> i32>(easy: Raw, closure: *mut c_void) -> i32 {
        // SAFETY: the closure is the F that was registered.
        unsafe { (*closure.cast::<F>())(easy) }
    }
    // SAFETY: `call` gets the F that register() boxes.
    ok(register(body, |data, drop| unsafe {
        curlback_easy_on_resolver_start(easy, Some(call::<F>), data, drop)
    }));
}

fn on_ioctl<F: Fn(Raw, i32) -> i32 + 'static>(easy: Raw, body: F) {
    unsafe extern "C-unwind" fn call<F: Fn(Raw, i32) -> i32>(
        easy: Raw,
        command: i32,
        closure: *mut c_void,
    ) -> i32 {
        // SAFETY: the closure is the F that was registered.
        unsafe { (*closure.cast::<F>())(easy, command) }
    }
    // SAFETY: `call` gets the F that register() boxes.
    ok(register(body, |data, drop| unsafe { curlback_easy_on_ioctl(easy, Some(call::<F>), data, drop) }));
}

/// A handle whose body and headers go to memory.
pub fn quiet(url: &str) -> Easy {
    let easy = Easy::to(url);
    ok(curlback_easy_body_to_memory(easy.raw(), 1 << 20));
    ok(curlback_easy_header_to_memory(easy.raw(), 1 << 20));
    easy
}

pub fn body(easy: &Easy) -> String {
    read(easy, curlback_easy_body)
}

fn headers(easy: &Easy) -> String {
    read(easy, curlback::easy::sink::curlback_easy_header)
}

fn read(easy: &Easy, of: unsafe extern "C" fn(Raw, *mut *const u8, *mut usize) -> i32) -> String {
    let (mut data, mut len) = (null(), 0);
    // SAFETY: both can be written to, and what is there stays until the next transfer.
    let bytes = unsafe {
        ok(of(easy.raw(), &mut data, &mut len));
        std::slice::from_raw_parts(data, len)
    };
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Collects what the callback was given, and answers with `answer`.
fn collect_prereq(easy: &Easy, answer: impl Fn(usize) -> i32 + 'static) -> Rc<RefCell<Vec<Connection>>> {
    let seen = Rc::new(RefCell::new(Vec::new()));
    let (handle, all) = (easy.raw(), Rc::clone(&seen));
    on_prereq(easy.raw(), move |easy, connection| {
        assert_eq!(easy, handle);
        all.borrow_mut().push(connection);
        answer(all.borrow().len())
    });
    seen
}

#[test]
fn prereq_is_told_of_new_and_reused_connections() {
    let server = HttpServer::shared();
    let easy = quiet(&server.url("/hello"));
    let seen = collect_prereq(&easy, |_| 0);
    ok(easy.perform());
    let local = easy.int(info::LOCAL_PORT) as i32;
    ok(easy.perform());
    assert_eq!(easy.int(info::NUM_CONNECTS), 0, "it was not reused");
    easy.set_int(opt::FRESH_CONNECT, 1);
    ok(easy.perform());
    let other = easy.int(info::LOCAL_PORT) as i32;
    assert_ne!(local, other);
    let expected = [local, local, other]
        .map(|local| ("127.0.0.1".into(), server.port().into(), "127.0.0.1".into(), local));
    assert_eq!(*seen.borrow(), expected);
}

#[test]
fn prereq_is_told_of_each_redirect() {
    let target = RawServer::answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
    let answer = format!("HTTP/1.1 302 Found\r\nLocation: {}\r\nContent-Length: 0\r\n\r\n", target.url("/"));
    let first = RawServer::answering(answer);
    let easy = quiet(&first.url("/"));
    easy.set_int(opt::FOLLOWLOCATION, 1);
    let seen = collect_prereq(&easy, |_| 0);
    ok(easy.perform());
    assert_eq!(body(&easy), "hi");
    let ports: Vec<_> = seen.borrow().iter().map(|(_, port, ..)| *port).collect();
    assert_eq!(ports, [i32::from(first.port()), i32::from(target.port())]);
}

#[test]
fn prereq_keeps_a_request_from_being_sent() {
    for answer in [1, 2, -1] {
        let requests = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&requests);
        let server = RawServer::start(move |mut stream, _| {
            while read_request(stream)?.is_some() {
                counted.fetch_add(1, Ordering::SeqCst);
                stream.write_all(b"HTTP/1.1 307 Elsewhere\r\nLocation: /\r\nContent-Length: 0\r\n\r\n")?;
            }
            Ok(())
        });
        let easy = quiet(&server.url("/"));
        easy.set_int(opt::FOLLOWLOCATION, 1);
        let seen = collect_prereq(&easy, move |call| if call == 3 { answer } else { 0 });
        assert_eq!(easy.perform(), ABORTED, "{answer}");
        assert!(last_error().ends_with("(in the prereq callback)"), "{}", last_error());
        assert_eq!(easy.error().callback, curlback_callback::CURLBACK_CALLBACK_PREREQ as i32);
        assert_eq!((seen.borrow().len(), requests.load(Ordering::SeqCst)), (3, 2));
    }
}

#[test]
fn prereq_has_no_addresses_without_a_connection() {
    let file = tempfile();
    let easy = quiet(&format!("file://{}", file.0));
    let seen = collect_prereq(&easy, |_| 0);
    ok(easy.perform());
    assert_eq!(body(&easy), "from a file");
    assert_eq!(seen.borrow().len(), 1);
    let (primary, port, local, local_port) = seen.borrow()[0].clone();
    assert_eq!((primary.as_str(), local.as_str()), ("", ""));
    assert!(port <= 0 && local_port <= 0, "{port} {local_port}");
}

struct Temporary(String);

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn tempfile() -> Temporary {
    let path = std::env::temp_dir().join(format!("curlback-prereq-{}", std::process::id()));
    std::fs::write(&path, "from a file").unwrap();
    Temporary(path.to_str().unwrap().to_owned())
}

/// A chunked upload of "hello" to /echo, which tells of the trailers that it got. None where libcurl is too old for trailers.
fn chunked() -> Option<Easy> {
    if !curlback_has_callback(curlback_callback::CURLBACK_CALLBACK_TRAILER as i32) {
        skipped("the trailer callback", "8.7.0");
        let easy = Easy::new();
        assert_eq!(try_on_trailer(easy.raw(), |_, _| 0), code::E_UNSUPPORTED);
        assert!(last_error().starts_with("trailer needs libcurl 8.7.0 or newer"), "{}", last_error());
        return None;
    }
    let easy = quiet(&HttpServer::shared().url("/echo"));
    easy.set_int(opt::UPLOAD, 1);
    // SAFETY: the bytes are there.
    ok(unsafe { curlback_easy_read_from_memory(easy.raw(), b"hello".as_ptr().cast(), 5) });
    Some(easy)
}

/// The trailers that the server got.
fn got(easy: &Easy) -> Vec<String> {
    let headers = headers(easy).to_lowercase();
    assert!(headers.contains("x-transfer-encoding: chunked\r\n"), "{headers}");
    let trailers = headers.lines().filter_map(|line| line.strip_prefix("x-got-trailer-"));
    trailers.map(str::to_owned).collect()
}

#[test]
fn trailers_reach_the_server() {
    let Some(easy) = chunked() else { return };
    let handle = easy.raw();
    on_trailer(easy.raw(), move |easy, trailers| {
        assert_eq!(easy, handle);
        ok(add(trailers, "X-One: 1"));
        ok(add(trailers, "x-two: with spaces; and a tab\t."));
        ok(add(trailers, "X-One: again"));
        0
    });
    for _ in 0..2 {
        ok(easy.perform());
        assert_eq!(body(&easy), "hello");
        assert_eq!(got(&easy), ["x-one: 1", "x-one: again", "x-two: with spaces; and a tab\t."]);
    }
}

#[test]
fn a_trailer_callback_may_add_none_and_may_be_unset() {
    let Some(easy) = chunked() else { return };
    let calls = Rc::new(Cell::new(0));
    let count = Rc::clone(&calls);
    on_trailer(easy.raw(), move |_, _| {
        count.set(count.get() + 1);
        0
    });
    ok(easy.perform());
    assert_eq!((got(&easy).len(), calls.get()), (0, 1));
    // SAFETY: there is no callback.
    ok(unsafe { curlback_easy_on_trailer(easy.raw(), None, without_provenance_mut(1), None) });
    ok(easy.perform());
    assert_eq!((got(&easy).len(), calls.get()), (0, 1));
}

#[test]
fn a_trailer_callback_aborts() {
    for answer in [1, 2, -1] {
        let Some(easy) = chunked() else { return };
        on_trailer(easy.raw(), move |_, trailers| {
            ok(add(trailers, "X-One: 1"));
            answer
        });
        assert_eq!(easy.perform(), ABORTED, "{answer}");
        assert!(last_error().ends_with("(in the trailer callback)"), "{}", last_error());
        assert_eq!(easy.error().callback, curlback_callback::CURLBACK_CALLBACK_TRAILER as i32);
    }
}

#[test]
fn an_upload_of_known_size_has_no_trailers_and_nobody_is_asked() {
    let Some(easy) = chunked() else { return };
    easy.set_int(opt::INFILESIZE_LARGE, 5);
    on_trailer(easy.raw(), |_, _| unreachable!("only chunks have trailers"));
    ok(easy.perform());
    assert_eq!(body(&easy), "hello");
    assert!(!headers(&easy).to_lowercase().contains("x-got-trailer-"));
}

#[test]
fn only_header_lines_are_trailers() {
    let Some(easy) = chunked() else { return };
    on_trailer(easy.raw(), |_, trailers| {
        let bad = [
            "",
            "X-One",
            "X-One:",
            "X-One:1",
            ": 1",
            " X: 1",
            "X One: 1",
            "X: a\r\nY: b",
            "X: a\nY: b",
            "X: \x7f",
        ];
        for header in bad {
            assert_eq!(add(trailers, header), code::E_RANGE, "{header:?}");
            let shown = CString::new(header).unwrap();
            assert_eq!(last_error(), format!("{shown:?} is no trailer: it takes \"Name: value\""));
        }
        // SAFETY: NULL is what it is for.
        assert_eq!(unsafe { curlback_trailers_add(trailers, null()) }, code::E_NULL);
        ok(add(trailers, "X-Good: yes"));
        0
    });
    ok(easy.perform());
    assert_eq!(got(&easy), ["x-good: yes"]);
}

#[test]
fn trailers_are_the_callbacks_alone() {
    let Some(easy) = chunked() else { return };
    let kept = Rc::new(Cell::new(0));
    let keep = Rc::clone(&kept);
    on_trailer(easy.raw(), move |easy, trailers| {
        keep.set(trailers.addr());
        let address = trailers.addr();
        let elsewhere = thread::spawn(move || add(without_provenance_mut(address), "X-Bad: other thread"));
        assert_eq!(elsewhere.join().unwrap(), code::E_NOT_IN_CALLBACK);
        assert_eq!(add(easy.cast(), "X-Bad: a handle"), code::E_HANDLE);
        assert_eq!(last_error(), "this is a curlback_easy, not a curlback_trailers");
        // Within another handle's callback it is still inside this one.
        let other = quiet(&HttpServer::shared().url("/hello"));
        on_prereq(other.raw(), move |_, _| add(without_provenance_mut(address), "X-Nested: yes"));
        ok(other.perform());
        0
    });
    ok(easy.perform());
    assert_eq!(got(&easy), ["x-nested: yes"]);
    assert_eq!(add(without_provenance_mut(kept.get()), "X-Bad: late"), code::E_HANDLE);
    assert_eq!(last_error(), "not a live curlback_trailers: it was closed, or never was one");
    let first = kept.get();
    ok(easy.perform());
    assert_ne!(kept.get(), first, "a value is never used again");
}

#[test]
fn resolver_start_comes_before_names_and_literals() {
    let server = HttpServer::shared();
    for host in ["127.0.0.1", "localhost"] {
        let easy = quiet(&format!("http://{host}:{}/hello", server.port()));
        // Names have addresses of both kinds, and the server listens at one.
        easy.set_int(opt::IPRESOLVE, 1);
        easy.set_int(opt::FRESH_CONNECT, 1);
        let (calls, handle) = (Rc::new(Cell::new(0)), easy.raw());
        let count = Rc::clone(&calls);
        on_resolver_start(easy.raw(), move |easy| {
            assert_eq!(easy, handle);
            count.set(count.get() + 1);
            0
        });
        ok(easy.perform());
        assert_eq!((body(&easy).as_str(), calls.get()), ("hello, world\n", 1), "{host}");
        // libcurl's DNS cache answers.
        if host == "localhost" {
            ok(easy.perform());
            assert_eq!(calls.get(), 1);
        }
    }
}

#[test]
fn resolver_start_keeps_a_name_from_being_resolved() {
    let server = RawServer::answering("HTTP/1.1 204 No Content\r\n\r\n");
    let expected = if version::number() >= version::version(8, 15, 0) { ABORTED } else { 6 };
    for answer in [1, -1, 42] {
        for host in ["127.0.0.1", "localhost"] {
            let easy = quiet(&format!("http://{host}:{}/", server.port()));
            on_resolver_start(easy.raw(), move |_| answer);
            assert_eq!(easy.perform(), expected, "{host} {answer}");
            assert!(last_error().ends_with("(in the resolver_start callback)"), "{}", last_error());
            assert_eq!(easy.error().callback, curlback_callback::CURLBACK_CALLBACK_RESOLVER_START as i32);
        }
    }
    assert_eq!(server.connections(), 0);
}

/// An upload from a callback, which a redirect makes libcurl send again.
fn redirected() -> Easy {
    let easy = quiet(&HttpServer::shared().url("/redirect307"));
    easy.set_int(opt::UPLOAD, 1);
    easy.set_int(opt::INFILESIZE_LARGE, 5);
    easy.set_int(opt::FOLLOWLOCATION, 1);
    easy.on_read(|_, buffer| {
        buffer[..5].copy_from_slice(b"hello");
        5
    });
    easy
}

fn collect_ioctl(easy: &Easy, answer: i32) -> Rc<RefCell<Vec<i32>>> {
    let commands = Rc::new(RefCell::new(Vec::new()));
    let (all, handle) = (Rc::clone(&commands), easy.raw());
    on_ioctl(easy.raw(), move |easy, command| {
        assert_eq!(easy, handle);
        all.borrow_mut().push(command);
        answer
    });
    commands
}

#[test]
fn ioctl_rewinds_for_a_redirect() {
    let easy = redirected();
    let commands = collect_ioctl(&easy, 0);
    ok(easy.perform());
    assert_eq!(body(&easy), "hello");
    assert_eq!(*commands.borrow(), [1]);
}

#[test]
fn an_ioctl_that_cannot_rewind_ends_the_transfer() {
    for answer in [1, 2, 3, -1] {
        let easy = redirected();
        let commands = collect_ioctl(&easy, answer);
        assert_eq!(easy.perform(), SEND_FAIL_REWIND, "{answer}");
        assert!(last_error().ends_with("(in the ioctl callback)"), "{}", last_error());
        assert_eq!(easy.error().callback, curlback_callback::CURLBACK_CALLBACK_IOCTL as i32);
        assert_eq!(*commands.borrow(), [1]);
    }
}

#[test]
fn ioctl_rewinds_after_a_dead_connection_that_was_reused() {
    let server = RawServer::closes_reused();
    let easy = quiet(&server.url("/"));
    ok(easy.perform());
    // The second connection's first request is answered.
    easy.set_int(opt::POST, 1);
    easy.set_int(opt::POSTFIELDSIZE_LARGE, 5);
    easy.on_read(|_, buffer| {
        buffer[..5].copy_from_slice(b"hello");
        5
    });
    let commands = collect_ioctl(&easy, 0);
    ok(easy.perform());
    assert_eq!(*commands.borrow(), [1]);
    assert_eq!(server.connections(), 2);
}

#[test]
fn ioctl_is_left_out_where_there_is_something_to_seek_with() {
    let easy = redirected();
    let commands = collect_ioctl(&easy, 2);
    easy.on_seek(|_, _, _| 0);
    ok(easy.perform());
    assert_eq!(body(&easy), "hello");
    let easy = redirected();
    // SAFETY: there is no callback; the bytes are there.
    unsafe {
        ok(curlback::callback::source::curlback_easy_on_read(
            easy.raw(),
            None,
            without_provenance_mut(1),
            None,
        ));
        ok(curlback_easy_read_from_memory(easy.raw(), b"hello".as_ptr().cast(), 5));
    }
    let of_memory = collect_ioctl(&easy, 2);
    ok(easy.perform());
    assert_eq!(body(&easy), "hello");
    assert_eq!((commands.borrow().len(), of_memory.borrow().len()), (0, 0));
}
