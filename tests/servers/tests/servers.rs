//! Each server and each route does what its table says.

#[path = "common/mod.rs"]
mod common;

use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use common::{Client, LIMIT};
use curlback_test_servers::{
    BIG_FILE_SIZE, HttpServer, Nginx, PythonWs, RawServer, ReservedPort, WsServer, pattern, wait_until,
};

#[test]
fn one_connection_serves_many_requests_by_hyper_and_by_hand() {
    let server = HttpServer::start();
    let mut client = Client::connect(server.port());
    for _ in 0..3 {
        let hello = client.get("/hello");
        assert_eq!((hello.status, hello.text()), (200, "hello, world\n"));
        assert_eq!(hello.header("X-Hello"), Some("one"));
        assert_eq!(hello.header("Content-Length"), Some("13"));

        let chunked = client.get("/chunked/100000/777");
        assert_eq!(chunked.body, pattern(0, 100_000));
        assert_eq!(chunked.trailers, ["X-Trailer: end"]);

        client.send("GET /early HTTP/1.1\r\nHost: test\r\n\r\n");
        assert_eq!(client.head(), ["HTTP/1.1 103 Early Hints", "Link: </style.css>; rel=preload"]);
        assert_eq!(client.answer().text(), "hello, world\n");
    }
    assert_eq!((server.requests(), server.connections()), (9, 1));
}

#[test]
fn bytes_come_whole_and_in_parts() {
    let server = HttpServer::start();
    let mut client = Client::connect(server.port());
    assert_eq!(client.get("/bytes/3000000").body, pattern(0, 3_000_000));
    assert_eq!(client.get("/bytes/0").body, b"");

    let mut part = |range: &str| {
        client.send(&format!("GET /bytes/1000 HTTP/1.1\r\nHost: test\r\nRange: bytes={range}\r\n\r\n"));
        client.answer()
    };
    for (range, first, last) in [("10-19", 10, 19), ("990-", 990, 999), ("-5", 995, 999), ("0-5000", 0, 999)]
    {
        let answer = part(range);
        assert_eq!(answer.status, 206, "{range}");
        assert_eq!(answer.body, pattern(first, (last - first + 1) as usize), "{range}");
        assert_eq!(answer.header("Content-Range"), Some(format!("bytes {first}-{last}/1000").as_str()));
    }
    let refused = part("1000-");
    assert_eq!((refused.status, refused.header("Content-Range")), (416, Some("bytes */1000")));
}

#[test]
fn a_trickle_takes_its_time() {
    let server = HttpServer::start();
    let mut client = Client::connect(server.port());
    let start = Instant::now();
    assert_eq!(client.get("/trickle/3/20").body, pattern(0, 3));
    assert!(start.elapsed() >= Duration::from_millis(40));

    client.send("GET /trickle/2/60000 HTTP/1.1\r\nHost: test\r\n\r\n");
    client.head();
    assert_eq!(client.bytes(1), pattern(0, 1), "the first byte does not wait for the second");
}

#[test]
fn stalls_are_told_by_target() {
    let server = HttpServer::start();
    assert!(!server.wait_stalled("/stall?a", Duration::from_millis(1)));
    let mut client = Client::connect(server.port());
    assert_eq!(client.get("/hello").status, 200);
    client.send("GET /stall?a HTTP/1.1\r\nHost: test\r\n\r\n");
    let mut hanging = Client::connect(server.port());
    hanging.send("GET /hang HTTP/1.1\r\nHost: test\r\n\r\n");
    assert!(server.wait_stalled("/stall?a", LIMIT));
    assert!(server.wait_stalled("/hang", LIMIT));
    assert!(!server.wait_stalled("/stall?a", Duration::from_millis(1)), "one request is one event");
    assert_eq!(client.head(), ["HTTP/1.1 200 OK", "Content-Length: 1000"]);
    assert_eq!(client.bytes(10), pattern(0, 10));
    drop(server);
    client.assert_closed();
    hanging.assert_closed();
}

#[test]
fn uploads_are_echoed_and_described() {
    let server = HttpServer::start();
    let mut client = Client::connect(server.port());
    client.send(
        "PUT /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\nContent-Type: text/plain\r\n\r\nhello",
    );
    let put = client.answer();
    assert_eq!((put.status, put.text()), (200, "hello"));
    assert_eq!(put.header("X-Method"), Some("PUT"));
    assert_eq!(put.header("X-Content-Length"), Some("5"));
    assert_eq!(put.header("X-Transfer-Encoding"), Some("none"));
    assert_eq!(put.header("X-Content-Type"), Some("text/plain"));

    client.send(
        "POST /echo HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n",
    );
    assert_eq!(client.head(), ["HTTP/1.1 100 Continue"]);
    client.send("3\r\nabc\r\n2\r\nde\r\n0\r\nMy-Trailer: value\r\n\r\n");
    let post = client.answer();
    assert_eq!(post.text(), "abcde");
    assert_eq!(post.header("X-Method"), Some("POST"));
    assert_eq!(post.header("X-Content-Length"), Some("none"));
    assert_eq!(post.header("X-Transfer-Encoding"), Some("chunked"));
    assert_eq!(post.header("X-Got-Trailer-My-Trailer"), Some("value"));

    client.send("POST /redirect307 HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\n\r\nhello");
    let redirect = client.answer();
    assert_eq!((redirect.status, redirect.header("Location")), (307, Some("/echo")));

    client.send("PUT /digest HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\n\r\nhello");
    let challenge = client.answer();
    assert_eq!(challenge.status, 401);
    assert!(challenge.header("WWW-Authenticate").is_some_and(|value| value.starts_with("Digest ")));
    let authorization = "Authorization: Digest username=\"user\", response=\"any\"";
    client.send(&format!(
        "PUT /digest HTTP/1.1\r\nHost: test\r\n{authorization}\r\nContent-Length: 5\r\n\r\nhello"
    ));
    assert_eq!(client.answer().text(), "hello");
}

#[test]
fn small_routes() {
    let server = HttpServer::start();
    let mut client = Client::connect(server.port());
    for (from, to) in [("/redirect/3", "/redirect/2"), ("/redirect/1", "/hello"), ("/loop", "/loop")] {
        let answer = client.get(from);
        assert_eq!((answer.status, answer.header("Location")), (302, Some(to)));
    }
    let headers = client.get("/headers/300");
    assert_eq!(headers.header("X-Header-299"), Some("299"));
    assert_eq!(headers.head.iter().filter(|line| line.to_lowercase().starts_with("x-header-")).count(), 300);
    assert_eq!(client.get("/bigheader/200000").header("X-Big").map(str::len), Some(200_000));
    assert_eq!(client.get("/status/503").text(), "status 503\n");
    assert_eq!(client.get("/status/204").status, 204);
    assert_eq!(client.get("/nowhere").status, 404);
    assert_eq!(client.get("/chunked/1/0").status, 400);
    let cookies = client.get("/cookies");
    assert_eq!(cookies.headers("Set-Cookie").collect::<Vec<_>>(), ["one=1; Path=/", "two=2; Path=/"]);
    assert_eq!(client.get("/request-headers?q").text(), "GET /request-headers?q HTTP/1.1\nhost: test\n");
    assert_eq!(client.get("/auth").header("WWW-Authenticate"), Some("Basic realm=\"curlback\""));
    client.send("GET /auth HTTP/1.1\r\nHost: test\r\nAuthorization: Basic dXNlcjpzZWNyZXQ=\r\n\r\n");
    assert_eq!(client.answer().text(), "welcome\n");
    client.send("DELETE /hello HTTP/1.1\r\nHost: test\r\n\r\n");
    assert_eq!(client.answer().status, 405);
    client.send("HEAD /hello HTTP/1.1\r\nHost: test\r\n\r\n");
    assert!(client.head().iter().any(|line| line == "Content-Length: 13"));
    assert_eq!(client.get("/hello").status, 200, "HEAD has no body");
}

#[test]
fn raw_servers_misbehave_as_named() {
    let half_way = RawServer::closes_half_way();
    let mut client = Client::connect(half_way.port());
    client.send("GET / HTTP/1.1\r\n\r\n");
    assert!(client.head().contains(&"Content-Length: 1000".to_owned()));
    assert_eq!(client.rest().expect("an orderly end"), pattern(0, 100));

    let resets = RawServer::resets();
    let mut client = Client::connect(resets.port());
    client.send("PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
    assert!(client.head().contains(&"Content-Length: 1000".to_owned()));
    assert_eq!(client.rest().expect_err("a reset").kind(), ErrorKind::ConnectionReset);

    let closes = RawServer::closes_reused();
    for _ in 0..2 {
        let mut client = Client::connect(closes.port());
        assert_eq!(client.get("/").text(), "hello, world\n");
        client.send("POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc");
        assert_eq!(client.rest().expect("an orderly end"), b"");
    }
    assert_eq!(closes.connections(), 2);

    let garbage = RawServer::answering("garbage\r\n");
    let mut client = Client::connect(garbage.port());
    client.send("GET / HTTP/1.1\r\n\r\n");
    assert_eq!(client.rest().expect("an orderly end"), b"garbage\r\n");
}

#[test]
fn dropping_a_raw_server_ends_an_open_connection() {
    let server = RawServer::answering("never");
    let mut client = Client::connect(server.port());
    client.send("GET / HTTP/1.1\r\n");
    assert!(wait_until(LIMIT, || server.connections() == 1));
    let dropped = thread::spawn(|| drop(server));
    client.assert_closed();
    assert!(wait_until(LIMIT, || dropped.is_finished()));
}

#[test]
fn a_reserved_port_refuses() {
    let port = ReservedPort::new().unwrap();
    let error = TcpStream::connect(("127.0.0.1", port.port())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
}

#[test]
fn nginx_serves_its_files_and_cleans_up() {
    let nginx = Nginx::start().unwrap();
    let mut client = Client::connect(nginx.http_port());
    assert_eq!(client.get("/hello.txt").text(), "hello, world\n");
    assert_eq!(client.get("/small.txt").body, pattern(0, 100));
    assert_eq!(client.get(nginx.big_file().unwrap()).body, pattern(0, BIG_FILE_SIZE as usize));
    let refusal = Client::connect(nginx.https_port()).get("/hello.txt");
    assert!(refusal.text().contains("plain HTTP request was sent to HTTPS port"), "{}", refusal.text());
    assert!(nginx.https_url("/x").starts_with("https://127.0.0.1:") && nginx.https_url("/x").ends_with("/x"));

    let (port, ca) = (nginx.http_port(), nginx.ca_path());
    assert!(std::fs::read_to_string(&ca).unwrap().starts_with("-----BEGIN CERTIFICATE-----"));
    drop(nginx);
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
    assert!(!ca.parent().unwrap().exists());
}

/// Asks for a WebSocket, and answers with the first bytes that come over it.
fn first_frame(port: u16, path: &str, count: usize) -> Vec<u8> {
    let mut client = Client::connect(port);
    client.send(&format!(
        "GET {path} HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    ));
    let answer = client.answer();
    assert_eq!(answer.status, 101);
    // The example of RFC 6455.
    assert_eq!(answer.header("Sec-WebSocket-Accept"), Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    client.bytes(count)
}

#[test]
fn websockets_are_served_by_two_makes() {
    let server = WsServer::for_examples();
    assert_eq!(first_frame(server.port(), "/questions", 5), b"\x81\x03one");
    assert_eq!(server.url("/x"), format!("ws://127.0.0.1:{}/x", server.port()));
    assert_eq!(server.connections(), 1);
    let python = PythonWs::shared().unwrap();
    let url = python.ws_url("/goodbye/x");
    let port = url.trim_end_matches("/goodbye/x").rsplit(':').next().unwrap().parse().unwrap();
    assert_eq!(first_frame(port, "/goodbye/x", 12), b"\x88\x0a\x0f\xa1g\xc3\xb3odbye");
}

/// The binary, killed if a test fails.
struct Binary(Child);

impl Binary {
    fn start() -> (Self, Vec<(String, String)>) {
        let mut child = Command::new(env!("CARGO_BIN_EXE_curlback-test-server"))
            .arg("--nginx")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let values = lines
            .take_while(|line| line != "READY")
            .map(|line| line.split_once(' ').map(|(name, value)| (name.into(), value.into())).unwrap())
            .collect();
        (Self(child), values)
    }
}

impl Drop for Binary {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn port_of(values: &[(String, String)], name: &str) -> u16 {
    let url = &values.iter().find(|(found, _)| found == name).unwrap_or_else(|| panic!("{name}")).1;
    url.rsplit_once(':').and_then(|(_, port)| port.parse().ok()).unwrap_or_else(|| panic!("{url}"))
}

#[test]
fn the_binary_runs_until_its_input_is_closed() {
    let (mut binary, values) = Binary::start();
    assert_eq!(Client::connect(port_of(&values, "HTTP")).get("/hello").status, 200);
    let nginx = port_of(&values, "NGINX_HTTP");
    assert_eq!(Client::connect(nginx).get("/64MiB.bin").body.len() as u64, BIG_FILE_SIZE);
    let ca = values.iter().find(|(name, _)| name == "CA").map(|(_, path)| path.clone()).unwrap();
    let mut input = binary.0.stdin.take().unwrap();
    input.write_all(b"ignored\n").unwrap();
    drop(input);
    assert!(binary.0.wait().unwrap().success());
    assert!(TcpStream::connect(("127.0.0.1", nginx)).is_err());
    assert!(!std::fs::exists(ca).unwrap());
}

#[test]
fn nginx_dies_with_a_parent_that_is_killed() {
    let (mut binary, values) = Binary::start();
    let nginx = port_of(&values, "NGINX_HTTP");
    assert!(TcpStream::connect(("127.0.0.1", nginx)).is_ok());
    binary.0.kill().unwrap();
    binary.0.wait().unwrap();
    assert!(wait_until(LIMIT, || TcpStream::connect(("127.0.0.1", nginx)).is_err()));
    // Nobody was left to remove it.
    let ca = values.into_iter().find(|(name, _)| name == "CA").unwrap().1;
    std::fs::remove_dir_all(std::path::Path::new(&ca).parent().unwrap()).unwrap();
}
