//! Sending a body again.

use std::cell::{Cell, RefCell};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::os::fd::AsRawFd;
use std::ptr::null_mut;
use std::rc::Rc;
use std::sync::{Arc, Mutex};

use curlback::callback::curlback_callback::{CURLBACK_CALLBACK_NONE, CURLBACK_CALLBACK_SEEK};
use curlback::callback::source::curlback_easy_on_seek;
use curlback::easy::sink::curlback_easy_body_to_memory;
use curlback::easy::source::curlback_easy_read_from_fd;
use curlback::libcurl::tables::{info, opt};
use curlback_test_servers::{HttpServer, RawServer, pattern, read_request};

use crate::source::{echoes, read_from_file, read_from_memory, supply};
use crate::support::{Easy, last_error, ok};
use crate::{Stream, collect, collect_headers, limited, memory_file, pipe, succeed, to, upload};

const REWIND: i32 = 65;

/// Follows the 307, with `answer` for the seek callback, and answers with perform's result, the calls of it and the bytes that
/// were supplied.
fn redirected(answer: impl Fn(&Cell<usize>) -> i32 + 'static) -> (Easy, Vec<(i64, i32)>, usize) {
    let easy = to("/redirect307");
    easy.set_int(opt::FOLLOWLOCATION, 1);
    upload(&easy, Some(1000));
    let position = Rc::new(Cell::new(0));
    let sent = Rc::new(Cell::new(0));
    let (at, counted) = (position.clone(), sent.clone());
    easy.on_read(move |_, buffer| {
        let count = (1000 - at.get()).min(buffer.len());
        buffer[..count].copy_from_slice(&pattern(at.get() as u64, count));
        at.set(at.get() + count);
        counted.set(counted.get() + count);
        count as i64
    });
    let calls = Rc::new(RefCell::new(Vec::new()));
    let seen = calls.clone();
    easy.on_seek(move |_, offset, origin| {
        seen.borrow_mut().push((offset, origin));
        answer(&position)
    });
    let _headers = collect_headers(&easy);
    ok(curlback_easy_body_to_memory(easy.raw(), 10_000));
    easy.perform();
    let calls = calls.borrow().clone();
    (easy, calls, sent.get())
}

#[test]
fn a_307_seeks_to_the_start_and_sends_the_body_again_whole() {
    let (easy, calls, sent) = redirected(|position| {
        position.set(0);
        0
    });
    assert_eq!(easy.error().result, 0);
    assert_eq!(easy.int(info::RESPONSE_CODE), 200);
    assert_eq!(calls, [(0, 0)]);
    assert_eq!(sent, 2000);
    assert!(crate::body_of(&easy).unwrap() == pattern(0, 1000));
}

#[test]
fn a_308_and_the_second_round_of_an_authentication_send_the_body_again_too() {
    let elsewhere = RawServer::answering(format!(
        "HTTP/1.1 308 Permanent Redirect\r\nLocation: {}\r\nContent-Length: 0\r\n\r\n",
        HttpServer::shared().url("/echo")
    ));
    for url in [elsewhere.url("/"), HttpServer::shared().url("/digest")] {
        let easy = limited(&url);
        easy.set_int(opt::FOLLOWLOCATION, 1);
        easy.set_str(opt::USERPWD, "user:secret");
        // All that there are: libcurl sends the body before it knows which the server takes.
        easy.set_int(opt::HTTPAUTH, 0xffff_ffef);
        upload(&easy, Some(1000));
        let (position, seeks) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
        supply(&easy, pattern(0, 1000), 1000, &position);
        let counted = seeks.clone();
        easy.on_seek(move |_, offset, origin| {
            assert_eq!((offset, origin), (0, 0));
            counted.set(counted.get() + 1);
            position.set(0);
            0
        });
        echoes(&easy, &pattern(0, 1000), true);
        assert_eq!(seeks.get(), 1, "{url}");
    }
}

#[test]
fn a_seek_that_fails_cannot_or_answers_nonsense_fails_the_rewind_and_is_named() {
    for answer in [1, 2, 3, -1, i32::MIN, i32::MAX] {
        let (easy, calls, sent) = redirected(move |_| answer);
        let error = easy.error();
        assert_eq!((error.result, error.curl_code), (REWIND, REWIND), "{answer}");
        assert_eq!(error.callback, CURLBACK_CALLBACK_SEEK as i32, "{answer}");
        assert_eq!((calls, sent), (vec![(0, 0)], 1000), "{answer}");
        assert!(last_error().contains("seek callback"), "{}", last_error());
    }
}

#[test]
fn without_a_seek_the_rewind_fails() {
    let easy = to("/redirect307");
    easy.set_int(opt::FOLLOWLOCATION, 1);
    upload(&easy, Some(1000));
    let position = Rc::new(Cell::new(0));
    supply(&easy, pattern(0, 1000), 1000, &position);
    easy.on_seek(|_, _, _| 0);
    // SAFETY: it unsets.
    ok(unsafe { curlback_easy_on_seek(easy.raw(), None, null_mut(), None) });
    let _body = collect(&easy);
    assert_eq!(easy.perform(), REWIND);
    assert!(last_error().contains("rewind"), "{}", last_error());
    let error = easy.error();
    assert_eq!((error.curl_code, error.callback), (REWIND, CURLBACK_CALLBACK_NONE as i32));
    assert_eq!(position.get(), 1000);
    easy.set_url(&HttpServer::shared().url("/echo"));
    position.set(0);
    echoes(&easy, &pattern(0, 1000), true);
}

#[test]
fn a_file_a_descriptor_and_memory_rewind_by_themselves() {
    let bytes = pattern(0, 100_000);
    for known in [true, false] {
        let redirected = || {
            let easy = to("/redirect307");
            easy.set_int(opt::FOLLOWLOCATION, 1);
            upload(&easy, known.then_some(bytes.len()));
            easy
        };
        let check = |easy: &Easy| {
            let (body, _headers) = (collect(easy), collect_headers(easy));
            succeed(easy);
            assert!(*body.borrow() == bytes);
            assert_eq!(easy.int(info::RESPONSE_CODE), 200);
        };
        let easy = redirected();
        read_from_memory(&easy, &bytes);
        check(&easy);

        let stream = Stream::with(&bytes);
        let easy = redirected();
        read_from_file(&easy, &stream);
        check(&easy);

        let mut file = memory_file();
        file.write_all(&bytes).unwrap();
        file.seek(SeekFrom::Start(0)).unwrap();
        let easy = redirected();
        ok(curlback_easy_read_from_fd(easy.raw(), file.as_raw_fd()));
        check(&easy);
    }
}

#[test]
fn a_seek_callback_comes_before_the_rewinding_of_the_source_itself() {
    let easy = to("/redirect307");
    easy.set_int(opt::FOLLOWLOCATION, 1);
    upload(&easy, Some(5));
    read_from_memory(&easy, b"bytes");
    let calls = Rc::new(Cell::new(0));
    let counted = calls.clone();
    easy.on_seek(move |_, _, _| {
        counted.set(counted.get() + 1);
        1
    });
    let body = collect(&easy);
    assert_eq!(easy.perform(), REWIND);
    assert_eq!(calls.get(), 1);
    // SAFETY: it unsets.
    ok(unsafe { curlback_easy_on_seek(easy.raw(), None, null_mut(), None) });
    succeed(&easy);
    assert!(body.borrow().ends_with(b"bytes"));
    assert_eq!(calls.get(), 1);
}

#[test]
fn a_pipe_is_sent_and_cannot_rewind() {
    let bytes = pattern(0, 1000);
    for (path, expected) in [("/echo", 0), ("/redirect307", REWIND)] {
        for stream in [false, true] {
            let (reading, writing) = pipe();
            let mut writing = std::fs::File::from(writing);
            writing.write_all(&bytes).unwrap();
            drop(writing);
            let easy = to(path);
            easy.set_int(opt::FOLLOWLOCATION, 1);
            upload(&easy, Some(bytes.len()));
            let body = collect(&easy);
            // SAFETY: the descriptor is open; the stream gets a duplicate of its own.
            let file = Stream(unsafe { libc::fdopen(libc::dup(reading.as_raw_fd()), c"r".as_ptr()) });
            if stream {
                read_from_file(&easy, &file);
            } else {
                ok(curlback_easy_read_from_fd(easy.raw(), reading.as_raw_fd()));
            }
            assert_eq!(easy.perform(), expected, "{path}: {}", last_error());
            if expected == 0 {
                assert!(*body.borrow() == bytes);
            } else {
                let function = if stream { "read_from_file" } else { "read_from_fd" };
                let sentence = last_error();
                assert!(sentence.contains(function) && sentence.contains("Illegal seek"), "{sentence}");
                assert_eq!(easy.error().callback, CURLBACK_CALLBACK_NONE as i32);
            }
        }
    }
}

#[test]
fn a_dead_connection_that_was_reused_makes_the_body_be_sent_again() {
    for by_callback in [false, true] {
        let requests = Arc::new(Mutex::new(Vec::new()));
        let sink = requests.clone();
        // As RawServer::closes_reused(), with a record of what came.
        let server = RawServer::start(move |mut stream, number| {
            let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\nhello, world\n";
            for request in 0..2 {
                let Some(came) = read_request(stream)? else { break };
                sink.lock().unwrap().push((number, came.body));
                if request == 0 {
                    stream.write_all(answer)?;
                }
            }
            Ok(())
        });
        let easy = limited(&server.url("/"));
        let body = collect(&easy);
        succeed(&easy);
        // Not with PUT, which asks for a 100 first: after that libcurl does not try again.
        easy.set_int(opt::POST, 1);
        easy.set_int(opt::POSTFIELDSIZE_LARGE, 1000);
        let position = Rc::new(Cell::new(0));
        let seeks = Rc::new(Cell::new(0));
        if by_callback {
            supply(&easy, pattern(0, 1000), 1000, &position);
            let counted = seeks.clone();
            easy.on_seek(move |_, offset, origin| {
                assert_eq!((offset, origin), (0, 0));
                counted.set(counted.get() + 1);
                position.set(0);
                0
            });
        } else {
            read_from_memory(&easy, &pattern(0, 1000));
        }
        succeed(&easy);
        assert_eq!(*body.borrow(), b"hello, world\nhello, world\n");
        let requests = requests.lock().unwrap();
        let expected = [(0, Vec::new()), (0, pattern(0, 1000)), (1, pattern(0, 1000))];
        assert!(*requests == expected, "{} requests", requests.len());
        assert_eq!(seeks.get(), usize::from(by_callback));
    }
}
