//! Where the headers go.

use std::cell::{Cell, RefCell};
use std::os::fd::AsRawFd;
use std::ptr::null_mut;
use std::rc::Rc;
use std::sync::mpsc;
use std::thread;

use curlback::callback::body::curlback_data::{CURLBACK_ABORT, CURLBACK_ALL, CURLBACK_PAUSE};
use curlback::callback::body::curlback_easy_on_header;
use curlback::callback::curlback_callback::{CURLBACK_CALLBACK_HEADER, CURLBACK_CALLBACK_NONE};
use curlback::easy::perform::curlback_easy_pause;
use curlback::easy::sink::{
    curlback_easy_body_to_memory, curlback_easy_clear_header, curlback_easy_header_to_fd,
    curlback_easy_header_to_file, curlback_easy_header_to_memory,
};
use curlback::libcurl::tables::opt;
use curlback::library::curlback_libcurl_version_number;
use curlback::result::code;
use curlback_test_servers::{HttpServer, RawServer};

use crate::support::{Easy, LIMIT, Raw, last_error, ok, on_header};
use crate::{
    Bytes, Lines, Stream, body_of, closed_descriptor, collect, collect_headers, content, header_of, limited,
    memory_file, succeed, to,
};

const WRITE_ERROR: i32 = 23;
const HEAD: &str = "HTTP/1.1 200 Fine\r\nX-One: 1\r\nx-two:   2 \r\nContent-Length: 4\r\n\r\n";

/// A server whose header lines are HEAD, and whose body is `body`.
fn fixed() -> RawServer {
    RawServer::answering(format!("{HEAD}body"))
}

fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

#[test]
fn on_header_gets_each_line_as_it_came_the_empty_one_too() {
    let server = fixed();
    let easy = limited(&server.url("/"));
    let (headers, body) = (collect_headers(&easy), collect(&easy));
    succeed(&easy);
    assert_eq!(*headers.borrow(), lines(HEAD));
    assert_eq!(*body.borrow(), b"body");
}

#[test]
fn on_header_gets_the_headers_of_redirects() {
    let easy = to("/redirect/2");
    easy.set_int(opt::FOLLOWLOCATION, 1);
    let (headers, body) = (collect_headers(&easy), collect(&easy));
    succeed(&easy);
    let headers = headers.borrow();
    let starts: Vec<&str> =
        headers.iter().map(String::as_str).filter(|line| line.starts_with("HTTP/")).collect();
    assert_eq!(starts, ["HTTP/1.1 302 Found\r\n", "HTTP/1.1 302 Found\r\n", "HTTP/1.1 200 OK\r\n"]);
    assert_eq!(headers.iter().filter(|line| *line == "\r\n").count(), 3);
    assert!(headers.iter().any(|line| line.eq_ignore_ascii_case("Location: /redirect/1\r\n")), "{headers:?}");
    assert_eq!(headers.last().unwrap(), "\r\n");
    assert_eq!(*body.borrow(), b"hello, world\n");
}

#[test]
fn on_header_gets_the_headers_of_early_answers() {
    let easy = to("/early");
    let (headers, body) = (collect_headers(&easy), collect(&easy));
    succeed(&easy);
    assert_eq!(
        *headers.borrow(),
        [
            "HTTP/1.1 103 Early Hints\r\n",
            "Link: </style.css>; rel=preload\r\n",
            "\r\n",
            "HTTP/1.1 200 OK\r\n",
            "Content-Length: 13\r\n",
            "\r\n"
        ]
    );
    assert_eq!(*body.borrow(), b"hello, world\n");
}

#[test]
fn on_header_gets_the_trailers_after_the_body() {
    let easy = to("/chunked/1000/100");
    let events = Lines::default();
    let (seen, also_seen) = (events.clone(), events.clone());
    easy.on_header(move |_, data| {
        seen.borrow_mut().push(String::from_utf8(data.to_vec()).unwrap());
        data.len() as i64
    });
    easy.on_write(move |_, data| {
        let mut events = also_seen.borrow_mut();
        if !data.is_empty() && events.last().unwrap() != "body" {
            events.push("body".to_owned());
        }
        data.len() as i64
    });
    succeed(&easy);
    let events = events.borrow();
    let body = events.iter().position(|event| event == "body").unwrap();
    assert_eq!(events[body - 1], "\r\n");
    assert_eq!(events[body + 1], "X-Trailer: end\r\n");
    assert_eq!(events.iter().filter(|event| *event == "body").count(), 1);
    assert_eq!(events.iter().filter(|event| event.contains("X-Trailer: end")).count(), 1);
}

#[test]
fn headers_go_nowhere_once_they_are_unset() {
    let file = memory_file();
    let fd = file.as_raw_fd();
    let set_and_unset: [&dyn Fn(&Easy); 6] = [
        &|_| {},
        &|easy| {
            collect_headers(easy);
            // SAFETY: it unsets.
            ok(unsafe { curlback_easy_on_header(easy.raw(), None, null_mut(), None) });
        },
        &|easy| {
            collect_headers(easy);
            ok(curlback_easy_clear_header(easy.raw()));
        },
        &|easy| {
            ok(curlback_easy_header_to_fd(easy.raw(), fd));
            ok(curlback_easy_header_to_fd(easy.raw(), -1));
        },
        &|easy| {
            ok(curlback_easy_header_to_memory(easy.raw(), 1000));
            ok(curlback_easy_header_to_memory(easy.raw(), 0));
        },
        &|easy| {
            let stream = Stream::temporary();
            // SAFETY: the stream is open, and then it unsets.
            ok(unsafe { curlback_easy_header_to_file(easy.raw(), stream.0) });
            // SAFETY: as above.
            ok(unsafe { curlback_easy_header_to_file(easy.raw(), null_mut()) });
        },
    ];
    let server = fixed();
    for prepare in set_and_unset {
        let easy = limited(&server.url("/"));
        let body = collect(&easy);
        prepare(&easy);
        succeed(&easy);
        // HEADERDATA without HEADERFUNCTION would send them to the write callback.
        assert_eq!(*body.borrow(), b"body");
        assert_eq!(header_of(&easy), Err(code::E_ABSENT));
    }
    assert_eq!(content(&file), b"");
}

#[test]
fn a_callback_unset_inside_itself_gets_nothing_more() {
    let server = fixed();
    let easy = limited(&server.url("/"));
    let body = collect(&easy);
    let calls = Rc::new(Cell::new(0));
    let counted = calls.clone();
    easy.on_header(move |raw, data| {
        counted.set(counted.get() + 1);
        ok(curlback_easy_clear_header(raw));
        data.len() as i64
    });
    succeed(&easy);
    assert_eq!(calls.get(), 1);
    assert_eq!(*body.borrow(), b"body");
}

#[test]
fn headers_go_to_a_file_a_descriptor_and_memory_as_they_came() {
    let server = fixed();
    let (stream, file) = (Stream::temporary(), memory_file());
    let easy = limited(&server.url("/"));
    ok(curlback_easy_body_to_memory(easy.raw(), 100));
    // SAFETY: the stream is open for longer than the handle uses it.
    ok(unsafe { curlback_easy_header_to_file(easy.raw(), stream.0) });
    succeed(&easy);
    ok(curlback_easy_clear_header(easy.raw()));
    ok(curlback_easy_header_to_fd(easy.raw(), file.as_raw_fd()));
    succeed(&easy);
    assert_eq!(header_of(&easy), Err(code::E_ABSENT));
    ok(curlback_easy_clear_header(easy.raw()));
    ok(curlback_easy_header_to_memory(easy.raw(), HEAD.len()));
    succeed(&easy);
    let expected = HEAD.as_bytes();
    assert_eq!(stream.content(), expected);
    assert_eq!(content(&file), expected);
    assert_eq!(header_of(&easy).unwrap(), expected);
    assert_eq!(body_of(&easy).unwrap(), b"body");
}

#[test]
fn headers_longer_than_the_limit_end_the_transfer_and_the_lines_that_fit_are_kept() {
    let server = fixed();
    let easy = limited(&server.url("/"));
    ok(curlback_easy_header_to_memory(easy.raw(), HEAD.len() - 1));
    assert_eq!(easy.perform(), code::E_LIMIT);
    assert!(last_error().contains("header_to_memory"), "{}", last_error());
    assert_eq!(header_of(&easy).unwrap(), HEAD.strip_suffix("\r\n").unwrap().as_bytes());
    assert_eq!(easy.error().callback, CURLBACK_CALLBACK_NONE as i32);

    ok(curlback_easy_header_to_memory(easy.raw(), HEAD.len()));
    let body = collect(&easy);
    succeed(&easy);
    assert_eq!(*body.borrow(), b"body");
}

#[test]
fn all_consumes_a_line_and_anything_wrong_ends_the_transfer_and_names_the_callback() {
    let server = fixed();
    let easy = limited(&server.url("/"));
    let body = collect(&easy);
    easy.on_header(|_, _| CURLBACK_ALL as i64);
    succeed(&easy);
    assert_eq!(*body.borrow(), b"body");
    let len = lines(HEAD)[0].len() as i64;
    for answer in
        [CURLBACK_ABORT as i64, 0, len - 1, len + 1, -4, 0x1000_0001, 0xFFFF_FFFF, i64::MIN, i64::MAX]
    {
        let calls = Rc::new(Cell::new(0));
        let counted = calls.clone();
        easy.on_header(move |_, _| {
            counted.set(counted.get() + 1);
            answer
        });
        assert_eq!(easy.perform(), WRITE_ERROR, "{answer}");
        assert!(last_error().contains("header callback"), "{}", last_error());
        assert_eq!(easy.error().callback, CURLBACK_CALLBACK_HEADER as i32);
        assert_eq!(calls.get(), 1, "{answer}");
    }
    let headers = collect_headers(&easy);
    succeed(&easy);
    assert_eq!(*headers.borrow(), lines(HEAD));
}

#[test]
fn a_paused_header_line_is_delivered_again_before_the_body() {
    let server = fixed();
    let easy = limited(&server.url("/"));
    let raw = easy.raw() as usize;
    let (paused, is_paused) = mpsc::channel();
    let received = Bytes::default();
    let (sink, body_sink) = (received.clone(), received.clone());
    let first = Cell::new(true);
    easy.on_header(move |_, data| {
        if data.starts_with(b"X-One") && first.replace(false) {
            paused.send(()).unwrap();
            return CURLBACK_PAUSE as i64;
        }
        sink.borrow_mut().extend_from_slice(data);
        data.len() as i64
    });
    easy.on_write(move |_, data| {
        body_sink.borrow_mut().extend_from_slice(data);
        data.len() as i64
    });
    let unpause = thread::spawn(move || {
        is_paused.recv_timeout(LIMIT).unwrap();
        curlback_easy_pause(raw as Raw, 0)
    });
    succeed(&easy);
    ok(unpause.join().unwrap());
    assert_eq!(String::from_utf8_lossy(&received.borrow()), format!("{HEAD}body"));
}

#[test]
fn a_long_header_line_comes_in_one_call_until_libcurl_refuses_it() {
    let easy = to("/bigheader/90000");
    let (headers, body) = (collect_headers(&easy), collect(&easy));
    succeed(&easy);
    let long = format!("X-Big: {}\r\n", "a".repeat(90_000));
    assert_eq!(headers.borrow().iter().filter(|line| **line == long).count(), 1);
    assert_eq!(*body.borrow(), b"90000 bytes\n");

    // libcurl takes 100 KiB for one line.
    easy.set_url(&HttpServer::shared().url("/bigheader/102400"));
    headers.borrow_mut().clear();
    let expected = if curlback_libcurl_version_number() >= 0x08_07_00 { 100 } else { 27 };
    let result = easy.perform();
    assert_eq!(easy.error().curl_code, expected, "{}", last_error());
    assert_ne!(result, 0);
    assert!(!last_error().is_empty());
    assert!(!headers.borrow().iter().any(|line| line.starts_with("X-Big")));
    easy.set_url(&HttpServer::shared().url("/bigheader/10"));
    succeed(&easy);
}

#[test]
fn many_header_lines_come_in_their_order() {
    let easy = to("/headers/1000");
    let (headers, _body) = (collect_headers(&easy), collect(&easy));
    succeed(&easy);
    let headers = headers.borrow();
    let numbered: Vec<String> =
        headers.iter().filter(|line| line.starts_with("X-Header-")).cloned().collect();
    let expected: Vec<String> = (0..1000).map(|number| format!("X-Header-{number}: {number}\r\n")).collect();
    assert_eq!(numbered, expected);
}

#[test]
fn a_header_destination_that_cannot_be_written_ends_the_transfer_with_the_systems_reason() {
    let server = fixed();
    let easy = limited(&server.url("/"));
    let body = collect(&easy);
    ok(curlback_easy_header_to_fd(easy.raw(), closed_descriptor()));
    assert_eq!(easy.perform(), WRITE_ERROR);
    let sentence = last_error();
    assert!(sentence.contains("header_to_fd") && sentence.contains("Bad file descriptor"), "{sentence}");
    assert!(body.borrow().is_empty());
    ok(curlback_easy_clear_header(easy.raw()));
    let read_only = Stream::open("/dev/null", "r");
    // SAFETY: the stream is open for longer than the handle uses it.
    ok(unsafe { curlback_easy_header_to_file(easy.raw(), read_only.0) });
    assert_eq!(easy.perform(), WRITE_ERROR);
    let sentence = last_error();
    assert!(sentence.contains("header_to_file") && sentence.contains("Bad file descriptor"), "{sentence}");
    ok(curlback_easy_clear_header(easy.raw()));
    succeed(&easy);
    assert_eq!(*body.borrow(), b"body");
}

#[test]
fn the_destination_can_change_inside_the_callback() {
    let server = fixed();
    let easy = limited(&server.url("/"));
    let _body = collect(&easy);
    let before = Rc::new(RefCell::new(String::new()));
    let sink = before.clone();
    easy.on_header(move |raw, data| {
        sink.borrow_mut().push_str(std::str::from_utf8(data).unwrap());
        let sink = sink.clone();
        ok(on_header(raw, move |raw, data| {
            sink.borrow_mut().push_str(std::str::from_utf8(data).unwrap());
            ok(curlback_easy_clear_header(raw));
            ok(curlback_easy_header_to_memory(raw, 1000));
            data.len() as i64
        }));
        data.len() as i64
    });
    succeed(&easy);
    assert_eq!(*before.borrow(), lines(HEAD)[..2].concat());
    assert_eq!(header_of(&easy).unwrap(), lines(HEAD)[2..].concat().as_bytes());
}

#[test]
fn headers_and_body_can_go_to_the_same_file() {
    let server = fixed();
    let easy = limited(&server.url("/"));
    let stream = Stream::temporary();
    // SAFETY: the stream is open for longer than the handle.
    unsafe {
        ok(curlback_easy_header_to_file(easy.raw(), stream.0));
        ok(curlback::easy::sink::curlback_easy_body_to_file(easy.raw(), stream.0));
    }
    succeed(&easy);
    assert_eq!(stream.content(), format!("{HEAD}body").as_bytes());
}

#[test]
fn the_option_header_puts_the_headers_into_the_body_too() {
    let server = fixed();
    let easy = limited(&server.url("/"));
    easy.set_int(opt::HEADER, 1);
    let (headers, body) = (collect_headers(&easy), collect(&easy));
    succeed(&easy);
    assert_eq!(*headers.borrow(), lines(HEAD));
    assert_eq!(*body.borrow(), format!("{HEAD}body").as_bytes());
}
