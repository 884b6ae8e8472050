//! Header lines of answers that are not the last, and the shape of what comes: folded lines, chunks at most as large as documented,
//! chunks of nothing.

use std::cell::{Cell, RefCell};
use std::io::Write as _;
use std::rc::Rc;

use curlback::callback::body::curlback_data::{CURLBACK_ABORT, CURLBACK_ALL};
use curlback::callback::curlback_callback::CURLBACK_CALLBACK_WRITE;
use curlback::easy::options::curlback_easy_set_int;
use curlback::libcurl::tables::opt;
use curlback::library::curlback_has_protocol;
use curlback_test_servers::{RawServer, pattern, read_request};

use crate::support::{ok, skipped};
use crate::{collect, collect_headers, limited, succeed, to};

const WRITE_ERROR: i32 = 23;

#[test]
fn on_header_gets_the_answer_of_a_proxy_to_connect() {
    let proxy = RawServer::start(|mut stream, _| {
        let connect = read_request(stream)?.map(|request| request.head).unwrap_or_default();
        assert!(connect.starts_with("CONNECT far.example:80 HTTP/1.1\r\n"), "{connect}");
        stream.write_all(b"HTTP/1.1 200 Connected\r\nX-Proxy: yes\r\n\r\n")?;
        read_request(stream)?;
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
    });
    let easy = limited("http://far.example/");
    easy.set_str(opt::PROXY, &proxy.url(""));
    easy.set_int(opt::HTTPPROXYTUNNEL, 1);
    let (headers, body) = (collect_headers(&easy), collect(&easy));
    succeed(&easy);
    let expected = [
        "HTTP/1.1 200 Connected\r\n",
        "X-Proxy: yes\r\n",
        "\r\n",
        "HTTP/1.1 200 OK\r\n",
        "Content-Length: 2\r\n",
        "\r\n",
    ];
    assert_eq!(*headers.borrow(), expected);
    assert_eq!(*body.borrow(), b"hi");
}

#[test]
fn on_header_gets_every_round_of_an_authentication() {
    let easy = to("/auth");
    easy.set_str(opt::USERPWD, "user:secret");
    // All that there are: libcurl asks first which the server takes.
    easy.set_int(opt::HTTPAUTH, 0xffff_ffef);
    let (headers, body) = (collect_headers(&easy), collect(&easy));
    succeed(&easy);
    let headers = headers.borrow();
    let starts: Vec<_> = headers.iter().filter(|line| line.starts_with("HTTP/")).collect();
    assert_eq!(starts, ["HTTP/1.1 401 Unauthorized\r\n", "HTTP/1.1 200 OK\r\n"]);
    assert_eq!(*body.borrow(), b"welcome\n");
}

/// Both ways of libcurl's keep what the server said in order: in a line of its own, or put behind the line it belongs to.
#[test]
fn a_folded_header_line_comes_whole() {
    let head = "HTTP/1.1 200 OK\r\nX-Folded: one\r\n two\r\n\tthree\r\nContent-Length: 2\r\n\r\n";
    let server = RawServer::answering(format!("{head}hi"));
    let easy = limited(&server.url("/"));
    let (headers, body) = (collect_headers(&easy), collect(&easy));
    succeed(&easy);
    let all = headers.borrow().concat();
    let unfolded = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(unfolded(&all), unfolded(head));
    assert!(headers.borrow().iter().all(|line| line.ends_with("\r\n")), "{headers:?}");
    assert_eq!(*body.borrow(), b"hi");
}

#[test]
fn a_chunk_of_a_body_has_16_kib_at_most_whatever_the_buffer_is() {
    let easy = to("/bytes/2000000");
    ok(curlback_easy_set_int(easy.raw(), opt::BUFFERSIZE, 512 * 1024));
    let (largest, body) = (Rc::new(Cell::new(0)), Rc::new(RefCell::new(Vec::new())));
    let (seen, sink) = (Rc::clone(&largest), Rc::clone(&body));
    easy.on_write(move |_, data| {
        seen.set(seen.get().max(data.len()));
        sink.borrow_mut().extend_from_slice(data);
        data.len() as i64
    });
    succeed(&easy);
    assert_eq!(largest.get(), 16 * 1024);
    assert!(*body.borrow() == pattern(0, 2_000_000));
}

/// An empty frame of a WebSocket is the chunk without bytes: 0 is success there, and a failing answer is no 0.
#[test]
fn a_chunk_of_nothing_can_be_consumed_and_refused() {
    // SAFETY: the name ends with NUL.
    if !unsafe { curlback_has_protocol(c"ws".as_ptr()) } {
        return skipped("chunks of nothing", "WebSocket");
    }
    let server = RawServer::start(|mut stream, _| {
        read_request(stream)?;
        stream.write_all(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
              Sec-WebSocket-Accept: of-no-interest\r\n\r\n",
        )?;
        // An empty text frame, one with two bytes, then the end.
        stream.write_all(b"\x81\x00\x81\x02hi\x88\x02\x03\xe8")
    });
    let url = server.url("/").replace("http:", "ws:");
    for (answer, result) in
        [(0, 0), (CURLBACK_ALL as i64, 0), (CURLBACK_ABORT as i64, WRITE_ERROR), (1, WRITE_ERROR)]
    {
        let easy = limited(&url);
        let lengths = Rc::new(RefCell::new(Vec::new()));
        let seen = Rc::clone(&lengths);
        easy.on_write(move |_, data| {
            seen.borrow_mut().push(data.len());
            if data.is_empty() { answer } else { data.len() as i64 }
        });
        let got = easy.perform();
        let lengths = lengths.borrow();
        assert_eq!(lengths[0], 0, "{lengths:?}");
        if result == 0 {
            assert_eq!(lengths[1], 2, "{answer}: {lengths:?}");
        } else {
            assert_eq!((got, lengths.len()), (result, 1), "{answer}");
            assert_eq!(easy.error().callback, CURLBACK_CALLBACK_WRITE as i32);
        }
    }
}
