//! Pausing and going on, from inside callbacks and from other threads.

use std::cell::{Cell, RefCell};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use curlback::callback::body::curlback_data::CURLBACK_PAUSE;
use curlback::easy::error::curlback_easy_raise;
use curlback::easy::error::curlback_raise::CURLBACK_RAISE_INTERRUPT;
use curlback::easy::perform::curlback_easy_pause;
use curlback::easy::perform::curlback_pause::{
    CURLBACK_PAUSE_BOTH, CURLBACK_PAUSE_NONE, CURLBACK_PAUSE_RECV, CURLBACK_PAUSE_SEND,
};
use curlback::easy::sink::{curlback_easy_body_to_memory, curlback_easy_clear_body};
use curlback::libcurl::tables::opt;
use curlback::result::code;
use curlback_test_servers::{RawServer, pattern, read_request};

use crate::support::{Easy, LIMIT, Raw, last_error, ok};
use crate::{Bytes, collect, limited, memory_file, succeed, to, upload};

const NONE: i32 = CURLBACK_PAUSE_NONE as i32;
const RECV: i32 = CURLBACK_PAUSE_RECV as i32;
const SEND: i32 = CURLBACK_PAUSE_SEND as i32;
const BOTH: i32 = CURLBACK_PAUSE_BOTH as i32;
const MASKS: [i32; 4] = [NONE, RECV, SEND, BOTH];

/// How long a peer must have been stuck to count as paused. A transfer that runs moves megabytes in it.
const STUCK: Duration = Duration::from_millis(200);
/// More than what the sockets on both sides hold.
const SIZE: usize = 40 << 20;

/// What a server says of its client.
enum Event {
    /// It has taken nothing, or sent nothing, for a while.
    Stuck,
    Done,
}

/// Nobody listens any more once the transfer goes on, slow as it may be.
fn tell(events: &Sender<Event>, event: Event) {
    let _ = events.send(event);
}

fn is_stuck(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}

/// Sends SIZE bytes of the pattern, and says when the client does not take them.
fn sender() -> (RawServer, Receiver<Event>) {
    let (events, seen) = mpsc::channel();
    let send = move |mut stream: &TcpStream, events: &Sender<Event>| -> io::Result<()> {
        read_request(stream)?;
        stream.set_write_timeout(Some(STUCK))?;
        write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {SIZE}\r\n\r\n")?;
        let body = pattern(0, SIZE);
        let mut sent = 0;
        while sent < SIZE {
            match stream.write(&body[sent..SIZE.min(sent + 65_536)]) {
                Ok(count) => sent += count,
                Err(error) if is_stuck(&error) => tell(events, Event::Stuck),
                Err(error) => return Err(error),
            }
        }
        tell(events, Event::Done);
        Ok(())
    };
    (RawServer::start(move |stream, _| send(stream, &events)), seen)
}

/// Counts the body's bytes as they come, wherever they are looked at.
fn count(easy: &Easy, first: impl Fn(Raw) + 'static) -> (Arc<AtomicUsize>, Bytes) {
    let (count, body) = (Arc::new(AtomicUsize::new(0)), Bytes::default());
    let (counted, sink) = (count.clone(), body.clone());
    easy.on_write(move |raw, data| {
        sink.borrow_mut().extend_from_slice(data);
        if counted.fetch_add(data.len(), Ordering::SeqCst) == 0 {
            first(raw);
        }
        data.len() as i64
    });
    (count, body)
}

/// Waits until the peer has been stuck twice with nothing moving in between, then unpauses.
fn go_on_when_stuck(raw: usize, events: &Receiver<Event>, count: &AtomicUsize) -> usize {
    let moved = || {
        assert!(matches!(events.recv_timeout(LIMIT), Ok(Event::Stuck)), "the transfer did not pause");
        count.load(Ordering::SeqCst)
    };
    let mut before = moved();
    loop {
        let after = moved();
        if after > 0 && after == before {
            break;
        }
        before = after;
    }
    ok(curlback_easy_pause(raw as Raw, NONE));
    before
}

#[test]
fn receiving_pauses_inside_the_write_callback_and_goes_on_from_another_thread() {
    let (server, events) = sender();
    let easy = limited(&server.url("/"));
    let raw = easy.raw() as usize;
    let (counted, body) = count(&easy, |raw| ok(curlback_easy_pause(raw, RECV)));
    let other = thread::spawn(move || go_on_when_stuck(raw, &events, &counted));
    succeed(&easy);
    let before = other.join().unwrap();
    assert!(before > 0 && before < SIZE, "{before}");
    assert!(*body.borrow() == pattern(0, SIZE));
}

#[test]
fn receiving_pauses_and_goes_on_from_another_thread() {
    for mask in [RECV, BOTH] {
        let (server, events) = sender();
        let easy = limited(&server.url("/"));
        let raw = easy.raw() as usize;
        let (began, has_begun) = mpsc::channel();
        let (asked, is_asked) = mpsc::channel();
        let (counted, body) = count(&easy, move |_| {
            began.send(()).unwrap();
            is_asked.recv_timeout(LIMIT).unwrap();
        });
        let other = thread::spawn(move || {
            has_begun.recv_timeout(LIMIT).unwrap();
            ok(curlback_easy_pause(raw as Raw, mask));
            asked.send(()).unwrap();
            go_on_when_stuck(raw, &events, &counted)
        });
        succeed(&easy);
        let before = other.join().unwrap();
        assert!(before > 0 && before < SIZE, "{before}");
        assert!(*body.borrow() == pattern(0, SIZE));
    }
}

#[test]
fn sending_pauses_and_goes_on_from_another_thread() {
    let (events, seen) = mpsc::channel();
    let received = Arc::new(Mutex::new(Vec::new()));
    let sink = received.clone();
    let server = RawServer::start(move |mut stream, _| {
        stream.set_read_timeout(Some(STUCK))?;
        let mut buffer = [0; 65_536];
        loop {
            match stream.read(&mut buffer) {
                Ok(count) => {
                    let mut sink = sink.lock().unwrap();
                    sink.extend_from_slice(&buffer[..count]);
                    if count == 0 || sink.ends_with(b"0\r\n\r\n") {
                        break;
                    }
                }
                Err(error) if is_stuck(&error) => tell(&events, Event::Stuck),
                Err(error) => return Err(error),
            }
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")?;
        tell(&events, Event::Done);
        Ok(())
    });
    let easy = limited(&server.url("/"));
    let raw = easy.raw() as usize;
    upload(&easy, None);
    // The server does not answer Expect.
    easy.set_int(opt::EXPECT_100_TIMEOUT_MS, 1);
    let _body = collect(&easy);
    let (began, has_begun) = mpsc::channel();
    let (asked, is_asked) = mpsc::channel();
    let supplied = Arc::new(AtomicUsize::new(0));
    let counted = supplied.clone();
    easy.on_read(move |_, buffer| {
        let before = counted.load(Ordering::SeqCst);
        if before == 0 {
            began.send(()).unwrap();
            is_asked.recv_timeout(LIMIT).unwrap();
        }
        let len = buffer.len().min(SIZE - before);
        buffer[..len].fill(b'!');
        counted.fetch_add(len, Ordering::SeqCst);
        len as i64
    });
    let other = thread::spawn(move || {
        has_begun.recv_timeout(LIMIT).unwrap();
        ok(curlback_easy_pause(raw as Raw, SEND));
        asked.send(()).unwrap();
        go_on_when_stuck(raw, &seen, &supplied)
    });
    succeed(&easy);
    let before = other.join().unwrap();
    assert!(before > 0 && before < SIZE, "{before}");
    let sent = received.lock().unwrap().iter().filter(|byte| **byte == b'!').count();
    assert_eq!(sent, SIZE);
}

#[test]
fn a_transfer_paused_inside_one_callback_goes_on_from_inside_another() {
    let easy = to("/bytes/50000");
    let body = Bytes::default();
    let paused = Rc::new(Cell::new(0));
    let (sink, state) = (body.clone(), paused.clone());
    easy.on_write(move |_, data| {
        if state.get() == 0 {
            state.set(1);
            return CURLBACK_PAUSE as i64;
        }
        sink.borrow_mut().extend_from_slice(data);
        data.len() as i64
    });
    let state = paused.clone();
    easy.on_xferinfo(move |raw, _| {
        if state.get() == 1 {
            state.set(2);
            ok(curlback_easy_pause(raw, NONE));
        }
        0
    });
    succeed(&easy);
    assert_eq!(paused.get(), 2);
    assert!(*body.borrow() == pattern(0, 50_000));
}

#[test]
fn unpausing_says_so_when_a_callback_that_it_runs_interrupts() {
    let easy = to("/bytes/50000");
    let calls = Rc::new(Cell::new(0));
    let counted = calls.clone();
    easy.on_write(move |raw, data| {
        counted.set(counted.get() + 1);
        if counted.get() == 1 {
            return CURLBACK_PAUSE as i64;
        }
        // SAFETY: no message, no payload.
        ok(unsafe {
            curlback_easy_raise(
                raw,
                CURLBACK_RAISE_INTERRUPT as i32,
                5,
                std::ptr::null(),
                std::ptr::null_mut(),
                None,
            )
        });
        data.len() as i64
    });
    let answers = Rc::new(RefCell::new(Vec::new()));
    let (seen, state) = (answers.clone(), calls.clone());
    easy.on_xferinfo(move |raw, _| {
        if state.get() == 1 && seen.borrow().is_empty() {
            let answer = curlback_easy_pause(raw, NONE);
            // Whether the call delivers at once is libcurl's to decide.
            seen.borrow_mut().push((answer, state.get()));
        }
        0
    });
    assert_eq!(easy.perform(), code::E_RAISED);
    assert_eq!(calls.get(), 2);
    let expected = match answers.borrow()[0] {
        (_, 2) => (code::E_RAISED, 2),
        _ => (0, 1),
    };
    assert_eq!(*answers.borrow(), [expected]);
}

#[test]
fn a_mask_that_is_none_is_refused_idle_and_running() {
    let wrong = [-1, 2, 3, 6, 7, 8, 0x1_0000, i32::MIN, i32::MAX];
    let refused = move |raw| {
        for mask in wrong {
            assert_eq!(curlback_easy_pause(raw, mask), code::E_RANGE);
            assert!(last_error().contains(&mask.to_string()), "{}", last_error());
        }
    };
    let easy = to("/bytes/50000");
    refused(easy.raw());
    let raw = easy.raw() as usize;
    let (_, body) = count(&easy, move |raw| {
        refused(raw);
        let raw = raw as usize;
        thread::spawn(move || refused(raw as Raw)).join().unwrap();
    });
    succeed(&easy);
    refused(raw as Raw);
    assert!(*body.borrow() == pattern(0, 50_000));
}

#[test]
fn pausing_a_handle_that_is_idle_is_ok_and_does_nothing() {
    let easy = to("/bytes/50000");
    let body = collect(&easy);
    for round in 1..=2 {
        for mask in MASKS.into_iter().chain([BOTH]) {
            ok(curlback_easy_pause(easy.raw(), mask));
            let raw = easy.raw() as usize;
            ok(thread::spawn(move || curlback_easy_pause(raw as Raw, mask)).join().unwrap());
        }
        succeed(&easy);
        assert_eq!(body.borrow().len(), round * 50_000);
    }
}

#[test]
fn every_mask_is_ok_inside_a_callback() {
    let easy = to("/bytes/50000");
    let (_, body) = count(&easy, |raw| {
        for mask in [RECV, SEND, BOTH, NONE] {
            ok(curlback_easy_pause(raw, mask));
        }
    });
    succeed(&easy);
    assert!(*body.borrow() == pattern(0, 50_000));
}

#[test]
fn a_pause_ends_with_its_transfer() {
    let server = RawServer::answering("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody");
    let easy = limited(&server.url("/"));
    let paused = Rc::new(Cell::new(false));
    let state = paused.clone();
    easy.on_write(move |_, _| {
        state.set(true);
        CURLBACK_PAUSE as i64
    });
    let raw = easy.raw() as usize;
    let state = paused.clone();
    easy.on_xferinfo(move |_, _| i32::from(state.get()));
    assert_eq!(easy.perform(), 42);
    // SAFETY: it unsets.
    ok(unsafe {
        curlback::callback::progress::curlback_easy_on_xferinfo(raw as Raw, None, std::ptr::null_mut(), None)
    });
    let body = collect(&easy);
    succeed(&easy);
    assert_eq!(*body.borrow(), b"body");
}

#[test]
fn a_file_cannot_be_paused() {
    use std::os::fd::AsRawFd as _;
    let mut file = memory_file();
    file.write_all(b"content").unwrap();
    let easy = limited(&format!("file:///proc/{}/fd/{}", std::process::id(), file.as_raw_fd()));
    let body = collect(&easy);
    succeed(&easy);
    assert_eq!(*body.borrow(), b"content");
    easy.on_write(|_, _| CURLBACK_PAUSE as i64);
    assert_eq!(easy.perform(), 23);
    let error = easy.error();
    assert_eq!((error.result, error.curl_code), (23, 23));
    // Its return is what ended the transfer.
    assert_eq!(error.callback, curlback::callback::curlback_callback::CURLBACK_CALLBACK_WRITE as i32);
    assert!(last_error().contains("write callback"), "{}", last_error());
}

#[test]
fn a_callback_that_paused_is_not_named_where_something_else_ends_the_transfer() {
    let easy = to("/bytes/50000");
    let paused = Rc::new(Cell::new(false));
    let state = paused.clone();
    easy.on_write(move |raw, _| {
        ok(curlback_easy_clear_body(raw));
        ok(curlback_easy_body_to_memory(raw, 10));
        state.set(true);
        CURLBACK_PAUSE as i64
    });
    easy.on_xferinfo(move |raw, _| {
        if paused.replace(false) {
            // It may fail at once, by what it delivers.
            curlback_easy_pause(raw, NONE);
        }
        0
    });
    assert_eq!(easy.perform(), code::E_LIMIT);
    assert_eq!(easy.error().callback, curlback::callback::curlback_callback::CURLBACK_CALLBACK_NONE as i32);
    assert!(!last_error().contains("callback"), "{}", last_error());
}
