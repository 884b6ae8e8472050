//! Where the body goes.

use std::cell::{Cell, RefCell};
use std::io::Read as _;
use std::os::fd::AsRawFd;
use std::rc::Rc;
use std::thread;

use curlback::callback::body::curlback_data::{CURLBACK_ABORT, CURLBACK_ALL, CURLBACK_PAUSE};
use curlback::callback::curlback_callback::{CURLBACK_CALLBACK_NONE, CURLBACK_CALLBACK_WRITE};
use curlback::easy::curlback_easy_reset;
use curlback::easy::perform::curlback_easy_pause;
use curlback::easy::sink::{
    curlback_easy_body_to_fd, curlback_easy_body_to_file, curlback_easy_body_to_memory,
    curlback_easy_clear_body,
};
use curlback::libcurl::tables::opt;
use curlback::result::code;
use curlback_test_servers::{HttpServer, RawServer, ReservedPort, pattern, wait_until};

use crate::support::{Easy, LIMIT, Raw, last_error, ok, on_write};
use crate::{
    Bytes, Stream, body_of, closed_descriptor, collect, content, do_not_block, limited, memory_file, pipe,
    succeed, to,
};

const WRITE_ERROR: i32 = 23;
/// libcurl's own limit for one call.
const CHUNK: usize = 16 * 1024;

#[test]
fn on_write_gets_every_byte_once_and_in_order() {
    for size in [0, 1, 13, CHUNK, CHUNK + 1, 1_000_000] {
        let easy = to(&format!("/bytes/{size}"));
        let body = Bytes::default();
        let sink = body.clone();
        easy.on_write(move |_, data| {
            assert!(data.len() <= CHUNK, "{}", data.len());
            sink.borrow_mut().extend_from_slice(data);
            data.len() as i64
        });
        succeed(&easy);
        assert!(*body.borrow() == pattern(0, size), "{size} bytes");
    }
}

#[test]
fn on_write_gets_a_chunked_body_without_its_framing() {
    for (size, chunk) in [(1, 1), (1000, 7), (100_000, 777), (100_000, 50_000)] {
        let easy = to(&format!("/chunked/{size}/{chunk}"));
        let body = collect(&easy);
        succeed(&easy);
        assert!(*body.borrow() == pattern(0, size), "{size} bytes in chunks of {chunk}");
    }
}

#[test]
fn on_write_is_given_the_handle_it_was_registered_on() {
    let easy = to("/hello");
    let raw = easy.raw();
    easy.on_write(move |given, data| {
        assert_eq!(given, raw);
        data.len() as i64
    });
    succeed(&easy);
}

#[test]
fn all_consumes_whatever_came() {
    let easy = to("/bytes/100000");
    let body = Bytes::default();
    let sink = body.clone();
    easy.on_write(move |_, data| {
        sink.borrow_mut().extend_from_slice(data);
        CURLBACK_ALL as i64
    });
    succeed(&easy);
    assert!(*body.borrow() == pattern(0, 100_000));
}

#[test]
fn a_paused_chunk_is_delivered_again_whole() {
    let easy = to("/bytes/50000");
    let raw = easy.raw() as usize;
    let (paused, is_paused) = std::sync::mpsc::channel();
    let refused = Bytes::default();
    let body = Bytes::default();
    let (first, sink) = (refused.clone(), body.clone());
    easy.on_write(move |_, data| {
        if first.borrow().is_empty() {
            first.borrow_mut().extend_from_slice(data);
            paused.send(()).unwrap();
            return CURLBACK_PAUSE as i64;
        }
        sink.borrow_mut().extend_from_slice(data);
        data.len() as i64
    });
    let unpause = thread::spawn(move || {
        is_paused.recv_timeout(LIMIT).unwrap();
        curlback_easy_pause(raw as Raw, 0)
    });
    succeed(&easy);
    ok(unpause.join().unwrap());
    assert!(!refused.borrow().is_empty());
    assert!(body.borrow().starts_with(&refused.borrow()));
    assert!(*body.borrow() == pattern(0, 50_000));
}

#[test]
fn any_other_answer_ends_the_transfer_with_write_error_and_names_the_callback() {
    let len = 13;
    let nonsense = [
        CURLBACK_ABORT as i64,
        0,
        1,
        len - 1,
        len + 1,
        -4,
        -len,
        // libcurl's own signals for PAUSE, ABORT and ERROR.
        0x1000_0001,
        0x1000_0000,
        0xFFFF_FFFF,
        (1 << 32) + len,
        i64::from(i32::MIN),
        i64::from(i32::MAX),
        i64::MIN,
        i64::MAX,
    ];
    let easy = to("/hello");
    for answer in nonsense {
        let calls = Rc::new(Cell::new(0));
        let counted = calls.clone();
        easy.on_write(move |_, data| {
            assert_eq!(data.len() as i64, len);
            counted.set(counted.get() + 1);
            answer
        });
        assert_eq!(easy.perform(), WRITE_ERROR, "{answer}");
        assert!(last_error().contains("write callback"), "{}", last_error());
        let error = easy.error();
        assert_eq!((error.result, error.curl_code), (WRITE_ERROR, WRITE_ERROR));
        assert_eq!(error.callback, CURLBACK_CALLBACK_WRITE as i32);
        assert_eq!((error.severity, error.code), (0, 0));
        assert_eq!(calls.get(), 1, "{answer}");
    }
    let body = collect(&easy);
    succeed(&easy);
    assert_eq!(*body.borrow(), b"hello, world\n");
    assert_eq!(easy.error().callback, CURLBACK_CALLBACK_NONE as i32);
}

#[test]
fn body_to_file_writes_exactly_the_body_where_the_stream_stands() {
    let stream = Stream::temporary();
    let easy = to("/bytes/100000");
    // SAFETY: the stream is open for longer than the handle.
    ok(unsafe { curlback_easy_body_to_file(easy.raw(), stream.0) });
    succeed(&easy);
    easy.set_url(&HttpServer::shared().url("/chunked/1000/10"));
    succeed(&easy);
    assert!(stream.content() == [pattern(0, 100_000), pattern(0, 1000)].concat());
}

#[test]
fn body_to_fd_writes_exactly_the_body_where_the_descriptor_stands() {
    let file = memory_file();
    let easy = to("/bytes/100000");
    ok(curlback_easy_body_to_fd(easy.raw(), file.as_raw_fd()));
    succeed(&easy);
    easy.set_url(&HttpServer::shared().url("/chunked/1000/10"));
    succeed(&easy);
    assert!(content(&file) == [pattern(0, 100_000), pattern(0, 1000)].concat());
}

#[test]
fn the_same_destination_again_replaces_the_former() {
    let (first, second) = (memory_file(), memory_file());
    let easy = to("/hello");
    ok(curlback_easy_body_to_fd(easy.raw(), first.as_raw_fd()));
    ok(curlback_easy_body_to_fd(easy.raw(), second.as_raw_fd()));
    succeed(&easy);
    assert_eq!((content(&first), content(&second)), (Vec::new(), b"hello, world\n".to_vec()));
    ok(curlback_easy_clear_body(easy.raw()));
    ok(curlback_easy_body_to_memory(easy.raw(), 1));
    ok(curlback_easy_body_to_memory(easy.raw(), 13));
    succeed(&easy);
    assert_eq!(body_of(&easy).unwrap(), b"hello, world\n");
}

#[test]
fn body_to_memory_takes_exactly_the_limit() {
    for (path, size) in [("/bytes/100000", 100_000), ("/chunked/100000/777", 100_000), ("/hello", 13)] {
        let easy = to(path);
        ok(curlback_easy_body_to_memory(easy.raw(), size));
        succeed(&easy);
        assert_eq!(body_of(&easy).unwrap().len(), size);
        ok(curlback_easy_body_to_memory(easy.raw(), usize::MAX));
        succeed(&easy);
        let whole = body_of(&easy).unwrap();
        assert!(whole == pattern(0, size) || whole == b"hello, world\n");
    }
}

#[test]
fn one_byte_more_than_the_limit_ends_the_transfer_and_keeps_what_came_until_then() {
    let easy = to("/bytes/100000");
    ok(curlback_easy_body_to_memory(easy.raw(), 99_999));
    assert_eq!(easy.perform(), code::E_LIMIT);
    let sentence = last_error();
    assert!(sentence.contains("body_to_memory") && sentence.contains("99999"), "{sentence}");
    let error = easy.error();
    assert_eq!((error.result, error.curl_code), (code::E_LIMIT, WRITE_ERROR));
    assert_eq!(error.callback, CURLBACK_CALLBACK_NONE as i32);
    let kept = body_of(&easy).unwrap();
    assert!(kept.len() >= 99_999 - CHUNK && kept.len() <= 99_999, "{}", kept.len());
    assert!(kept == pattern(0, kept.len()));

    easy.set_url(&HttpServer::shared().url("/hello"));
    succeed(&easy);
    assert_eq!(body_of(&easy).unwrap(), b"hello, world\n");
}

#[test]
fn an_empty_body_is_collected_as_nothing() {
    for path in ["/bytes/0", "/status/204"] {
        let easy = to(path);
        ok(curlback_easy_body_to_memory(easy.raw(), 1));
        succeed(&easy);
        assert_eq!(body_of(&easy), Ok(Vec::new()), "{path}");
    }
}

#[test]
fn the_body_is_absent_where_it_was_not_collected() {
    let easy = to("/hello");
    assert_eq!(body_of(&easy), Err(code::E_ABSENT));
    assert!(last_error().contains("body_to_memory"), "{}", last_error());
    ok(curlback_easy_body_to_memory(easy.raw(), 100));
    assert_eq!(body_of(&easy), Err(code::E_ABSENT));
    succeed(&easy);
    assert_eq!(body_of(&easy).unwrap(), b"hello, world\n");
    ok(curlback_easy_clear_body(easy.raw()));
    // It is of the last transfer, however that is.
    assert_eq!(body_of(&easy).unwrap(), b"hello, world\n");
    collect(&easy);
    assert_eq!(body_of(&easy).unwrap(), b"hello, world\n");
    succeed(&easy);
    assert_eq!(body_of(&easy), Err(code::E_ABSENT));
    ok(curlback_easy_clear_body(easy.raw()));
    ok(curlback_easy_body_to_memory(easy.raw(), 100));
    succeed(&easy);
    ok(curlback_easy_reset(easy.raw()));
    assert_eq!(body_of(&easy), Err(code::E_ABSENT));
}

#[test]
fn every_perform_begins_with_nothing_collected() {
    let refuses = ReservedPort::new().unwrap();
    let easy = to("/bytes/1000");
    ok(curlback_easy_body_to_memory(easy.raw(), 1000));
    succeed(&easy);
    succeed(&easy);
    assert_eq!(body_of(&easy).unwrap(), pattern(0, 1000));
    easy.set_url(&refuses.url("/"));
    assert_eq!(easy.perform(), 7);
    assert_eq!(body_of(&easy), Ok(Vec::new()));
}

#[test]
fn what_came_before_a_failure_is_collected() {
    let server = RawServer::closes_half_way();
    let easy = limited(&server.url("/"));
    ok(curlback_easy_body_to_memory(easy.raw(), 1000));
    assert_eq!(easy.perform(), 18);
    assert_eq!(body_of(&easy).unwrap(), pattern(0, 100));
}

#[test]
fn what_is_collected_can_be_looked_at_from_inside_a_callback() {
    let easy = to("/bytes/40000");
    ok(curlback_easy_body_to_memory(easy.raw(), 40_000));
    let seen = Rc::new(Cell::new(0));
    let most = seen.clone();
    easy.on_xferinfo(move |raw, _| {
        let now = crate::given(raw, curlback::easy::sink::curlback_easy_body).unwrap();
        assert!(now == pattern(0, now.len()));
        most.set(most.get().max(now.len()));
        0
    });
    succeed(&easy);
    assert_eq!(seen.get(), 40_000);
}

#[test]
fn a_descriptor_that_does_not_block_is_waited_for() {
    let size = 1_000_000;
    let (reading, writing) = pipe();
    do_not_block(&writing);
    let full = {
        let writing = writing.as_raw_fd();
        move || {
            let mut wait = libc::pollfd { fd: writing, events: libc::POLLOUT, revents: 0 };
            // SAFETY: one entry, which is there.
            unsafe { libc::poll(&mut wait, 1, 0) == 0 }
        }
    };
    let reader = thread::spawn(move || {
        // Not before the writer has to wait.
        assert!(wait_until(LIMIT, full));
        let mut bytes = Vec::new();
        std::fs::File::from(reading).read_to_end(&mut bytes).unwrap();
        bytes
    });
    let easy = to(&format!("/bytes/{size}"));
    ok(curlback_easy_body_to_fd(easy.raw(), writing.as_raw_fd()));
    succeed(&easy);
    drop(writing);
    assert!(reader.join().unwrap() == pattern(0, size));
}

/// The transfer ends with 23, the sentence has the function and the system's reason, and the handle goes on.
#[track_caller]
fn cannot_write(easy: &Easy, function: &str, reason: i32) {
    assert_eq!(easy.perform(), WRITE_ERROR);
    let sentence = last_error();
    let reason = std::io::Error::from_raw_os_error(reason).to_string();
    assert!(sentence.contains(function) && sentence.contains(&reason), "{sentence}: not {reason}");
    let error = easy.error();
    assert_eq!((error.result, error.curl_code, error.callback), (WRITE_ERROR, WRITE_ERROR, 0));
    ok(curlback_easy_clear_body(easy.raw()));
    let body = collect(easy);
    succeed(easy);
    assert_eq!(body.borrow().len(), 100_000);
}

#[test]
fn a_descriptor_that_cannot_be_written_ends_the_transfer_with_the_systems_reason() {
    let to_fd = |fd| {
        let easy = to("/bytes/100000");
        ok(curlback_easy_body_to_fd(easy.raw(), fd));
        easy
    };
    cannot_write(&to_fd(closed_descriptor()), "body_to_fd", libc::EBADF);
    let (reading, writing) = pipe();
    cannot_write(&to_fd(reading.as_raw_fd()), "body_to_fd", libc::EBADF);
    drop(reading);
    // Rust programs ignore SIGPIPE.
    cannot_write(&to_fd(writing.as_raw_fd()), "body_to_fd", libc::EPIPE);
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    cannot_write(&to_fd(full.as_raw_fd()), "body_to_fd", libc::ENOSPC);
}

#[test]
fn a_stream_that_cannot_be_written_ends_the_transfer_with_the_systems_reason() {
    for (path, mode, reason) in [("/dev/null", "r", libc::EBADF), ("/dev/full", "w", libc::ENOSPC)] {
        let stream = Stream::open(path, mode);
        let easy = to("/bytes/100000");
        // SAFETY: the stream is open for longer than the handle.
        ok(unsafe { curlback_easy_body_to_file(easy.raw(), stream.0) });
        cannot_write(&easy, "body_to_file", reason);
    }
}

#[test]
fn a_callback_replaced_inside_itself_is_called_no_more() {
    let easy = to("/bytes/50000");
    let body = Rc::new(RefCell::new(Vec::new()));
    let calls = Rc::new(Cell::new(0));
    let (sink, counted) = (body.clone(), calls.clone());
    easy.on_write(move |raw, data| {
        counted.set(counted.get() + 1);
        sink.borrow_mut().extend_from_slice(data);
        let sink = sink.clone();
        ok(on_write(raw, move |_, data| {
            sink.borrow_mut().extend_from_slice(data);
            data.len() as i64
        }));
        data.len() as i64
    });
    succeed(&easy);
    assert_eq!(calls.get(), 1);
    assert!(*body.borrow() == pattern(0, 50_000));
}

#[test]
fn the_destination_can_change_inside_the_callback() {
    let file = memory_file();
    let stream = Stream::temporary();
    type Change = Box<dyn Fn(Raw) -> i32>;
    let (fd, pointer) = (file.as_raw_fd(), stream.0);
    let changes: [Change; 3] = [
        Box::new(|raw| curlback_easy_body_to_memory(raw, 50_000)),
        Box::new(move |raw| curlback_easy_body_to_fd(raw, fd)),
        // SAFETY: the stream is open for longer than the handle.
        Box::new(move |raw| unsafe { curlback_easy_body_to_file(raw, pointer) }),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let easy = to("/bytes/50000");
        let before = Bytes::default();
        let sink = before.clone();
        easy.on_write(move |raw, data| {
            sink.borrow_mut().extend_from_slice(data);
            assert_eq!(change(raw), code::E_EXCLUSIVE);
            ok(curlback_easy_clear_body(raw));
            ok(change(raw));
            data.len() as i64
        });
        succeed(&easy);
        let after = match number {
            0 => body_of(&easy).unwrap(),
            1 => content(&file),
            _ => stream.content(),
        };
        assert!(!after.is_empty());
        assert!([before.borrow().as_slice(), &after].concat() == pattern(0, 50_000));
    }
}

#[test]
fn the_destination_can_change_to_a_callback_inside_another() {
    let easy = to("/bytes/50000");
    ok(curlback_easy_body_to_memory(easy.raw(), 50_000));
    let body = Bytes::default();
    let sink = body.clone();
    let done = Cell::new(false);
    easy.on_header(move |raw, data| {
        if !done.replace(true) {
            ok(curlback_easy_clear_body(raw));
            let sink = sink.clone();
            ok(on_write(raw, move |_, data| {
                sink.borrow_mut().extend_from_slice(data);
                data.len() as i64
            }));
        }
        data.len() as i64
    });
    succeed(&easy);
    assert!(*body.borrow() == pattern(0, 50_000));
    assert_eq!(body_of(&easy), Ok(Vec::new()));
}

#[test]
fn a_range_is_what_the_callback_gets() {
    let easy = to("/bytes/1000");
    easy.set_str(opt::RANGE, "10-19");
    let body = collect(&easy);
    succeed(&easy);
    assert_eq!(*body.borrow(), pattern(10, 10));
}
