//! WebSocket: frames and messages in a transfer, sending from callbacks, detached connections, servers that misbehave.

#[path = "../support/mod.rs"]
mod support;

mod bad_input;
mod bad_server;
mod blocking;
mod detached;
mod frames;
mod in_multi;
mod message;
mod python;
mod raw_mode;

use std::cell::RefCell;
use std::ffi::c_void;
use std::rc::Rc;
use std::sync::mpsc::{Receiver, Sender, channel};

use curlback::easy::perform::curlback_easy_perform;
use curlback::libcurl::tables::{info, opt};
use curlback::libcurl::version;
use curlback::result::code;
use curlback::ws::close::curlback_ws_close;
use curlback::ws::message::curlback_easy_on_ws_message;
use curlback::ws::meta::{curlback_ws_frame, curlback_ws_meta};
use curlback::ws::recv::curlback_ws_recv;
use curlback::ws::send::curlback_ws_send;
use curlback_test_servers::tungstenite::{Error, Message};
use curlback_test_servers::{Socket, WsServer};
use support::{Easy, LIMIT, Raw, ok, register, skipped};

const TEXT: u32 = 1;
const BINARY: u32 = 2;
const CONT: u32 = 4;
const CLOSE: u32 = 8;
const PING: u32 = 16;
const OFFSET: u32 = 32;
const PONG: u32 = 64;

const AGAIN: i32 = 81;

/// Whether a test has nothing to test; says so.
fn left_out() -> bool {
    let lacking = !curlback::ws::built_in();
    if lacking {
        let test = std::thread::current();
        skipped(test.name().unwrap_or("a test"), "a libcurl with WebSocket");
    }
    lacking
}

/// A new handle for this URL, with a limit for what hangs.
fn to(url: &str) -> Easy {
    let easy = Easy::to(url);
    easy.set_int(opt::TIMEOUT, LIMIT.as_secs() as i64);
    easy
}

/// The same, detached.
fn detached(url: &str) -> Easy {
    let easy = to(url);
    easy.set_int(opt::CONNECT_ONLY, 2);
    ok(easy.perform());
    easy
}

fn meta(easy: Raw) -> Result<curlback_ws_frame, i32> {
    let mut frame = curlback_ws_frame { age: 77, ..Default::default() };
    // SAFETY: the frame can be written to.
    match unsafe { curlback_ws_meta(easy, &mut frame) } {
        0 => Ok(frame),
        failed => {
            assert_eq!(frame, curlback_ws_frame { age: 77, ..Default::default() });
            Err(failed)
        }
    }
}

/// The result, and how much was taken.
fn send_piece(easy: Raw, data: &[u8], size: i64, flags: u32) -> (i32, usize) {
    let mut sent = usize::MAX;
    // SAFETY: the data are there.
    let result = unsafe { curlback_ws_send(easy, data.as_ptr().cast(), data.len(), size, flags, &mut sent) };
    assert_ne!(sent, usize::MAX);
    (result, sent)
}

#[track_caller]
fn send(easy: Raw, data: &[u8], flags: u32) {
    let (result, sent) = send_piece(easy, data, 0, flags);
    ok(result);
    assert_eq!(sent, data.len());
}

fn close_with(easy: Raw, close_code: u16, reason: &[u8]) -> i32 {
    // SAFETY: the reason is there.
    unsafe { curlback_ws_close(easy, close_code, reason.as_ptr().cast(), reason.len()) }
}

/// What is there now.
fn receive(easy: Raw, capacity: usize) -> Result<(curlback_ws_frame, Vec<u8>), i32> {
    let mut buffer = vec![0; capacity];
    let (mut received, mut frame) = (usize::MAX, curlback_ws_frame::default());
    // SAFETY: the buffer has that capacity.
    match unsafe {
        curlback_ws_recv(easy, buffer.as_mut_ptr().cast::<c_void>(), capacity, &mut received, &mut frame)
    } {
        0 => {
            assert_eq!(frame.len, received);
            buffer.truncate(received);
            Ok((frame, buffer))
        }
        failed => {
            assert_eq!((received, frame), (0, curlback_ws_frame::default()));
            Err(failed)
        }
    }
}

/// Waits until the connection's socket can be read, or written to.
fn wait(easy: &Easy, events: i16) {
    let mut socket =
        libc::pollfd { fd: easy.int(info::ACTIVESOCKET).try_into().unwrap(), events, revents: 0 };
    // SAFETY: one descriptor.
    assert_eq!(unsafe { libc::poll(&mut socket, 1, LIMIT.as_millis() as i32) }, 1);
}

/// The next piece of a frame, waited for.
fn receive_waiting(easy: &Easy, capacity: usize) -> Result<(curlback_ws_frame, Vec<u8>), i32> {
    loop {
        match receive(easy.raw(), capacity) {
            Err(AGAIN) => wait(easy, libc::POLLIN),
            answer => return answer,
        }
    }
}

/// A list that a closure fills.
type List<T> = Rc<RefCell<Vec<T>>>;

fn list<T>() -> List<T> {
    Rc::default()
}

fn on_ws_message<F: Fn(Raw, u32, &[u8]) -> i32 + 'static>(easy: Raw, limit: usize, body: F) -> i32 {
    unsafe extern "C-unwind" fn call<F: Fn(Raw, u32, &[u8]) -> i32>(
        easy: Raw,
        flags: i32,
        data: *const u8,
        len: usize,
        closure: *mut c_void,
    ) -> i32 {
        // SAFETY: the closure is the F that was registered; there are `len` bytes.
        unsafe { (*closure.cast::<F>())(easy, flags as u32, std::slice::from_raw_parts(data, len)) }
    }
    // SAFETY: `call` gets the F that register() boxes.
    register(body, |data, drop| unsafe {
        curlback_easy_on_ws_message(easy, limit, Some(call::<F>), data, drop)
    })
}

/// Collects whole messages, answering each with what `answer` does.
fn collect_messages(
    easy: &Easy,
    limit: usize,
    answer: impl Fn(Raw, &[u8]) + 'static,
) -> List<(u32, Vec<u8>)> {
    let messages = list();
    let sink = Rc::clone(&messages);
    ok(on_ws_message(easy.raw(), limit, move |easy, flags, data| {
        sink.borrow_mut().push((flags, data.to_vec()));
        answer(easy, data);
        0
    }));
    messages
}

/// Collects chunks with their frames, answering each with what `answer` does.
fn collect(
    easy: &Easy,
    answer: impl Fn(Raw, &curlback_ws_frame, &[u8]) + 'static,
) -> List<(curlback_ws_frame, Vec<u8>)> {
    let chunks = list();
    let sink = Rc::clone(&chunks);
    easy.on_write(move |easy, data| {
        let frame = meta(easy).unwrap();
        assert_eq!((frame.age, frame.len), (0, data.len()));
        sink.borrow_mut().push((frame, data.to_vec()));
        answer(easy, &frame, data);
        data.len() as i64
    });
    chunks
}

/// A server, and what comes out of its script.
fn server<T: Send + 'static>(
    script: impl Fn(&mut Socket, &Sender<T>) -> Result<(), Error> + Send + Sync + 'static,
) -> (WsServer, Receiver<T>) {
    let (sender, receiver) = channel();
    let sender = std::sync::Mutex::new(sender);
    let server = WsServer::start(move |socket, _| {
        let sender = sender.lock().unwrap().clone();
        script(socket, &sender)
    });
    (server, receiver)
}

/// Reads until the client is gone; what came.
fn read_all(socket: &mut Socket) -> Vec<Message> {
    std::iter::from_fn(|| socket.read().ok()).collect()
}

#[test]
fn every_function_says_what_an_older_libcurl_lacks() {
    let has_it = version::has(version::protocols(), "ws");
    if has_it && version::number() >= version::version(8, 14, 0) {
        return;
    }
    let easy = Easy::to("ws://127.0.0.1:1/");
    let check = |result: i32, name: &str| {
        assert_eq!(result, code::E_UNSUPPORTED);
        let sentence = support::last_error();
        assert!(
            sentence.starts_with(&format!("{name} needs libcurl 8.14.0 or newer, built with it; this is")),
            "{sentence}"
        );
    };
    check(send_piece(easy.raw(), b"x", 0, TEXT).0, "WebSocket");
    check(close_with(easy.raw(), 1000, b""), "WebSocket");
    check(receive(easy.raw(), 10).unwrap_err(), "WebSocket");
    check(on_ws_message(easy.raw(), 10, |_, _, _| 0), "ws_message");
    easy.on_write(|_, data| data.len() as i64);
    // UNSUPPORTED_PROTOCOL
    assert_eq!(curlback_easy_perform(easy.raw()), 1);
}
