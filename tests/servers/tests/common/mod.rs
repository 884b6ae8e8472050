//! A client that is just enough for these tests.
#![allow(dead_code, reason = "each test binary uses its own part")]

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

pub const LIMIT: Duration = Duration::from_secs(20);

pub struct Client {
    stream: BufReader<TcpStream>,
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    /// The status line and the header lines, without line ends.
    pub head: Vec<String>,
    pub body: Vec<u8>,
    pub trailers: Vec<String>,
}

impl Client {
    pub fn connect(port: u16) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).expect("the server listens");
        stream.set_read_timeout(Some(LIMIT)).expect("a limit that is not zero");
        Self { stream: BufReader::new(stream) }
    }

    pub fn send(&mut self, request: &str) {
        self.stream.get_mut().write_all(request.as_bytes()).expect("the server reads");
    }

    pub fn get(&mut self, path: &str) -> Answer {
        self.send(&format!("GET {path} HTTP/1.1\r\nHost: test\r\n\r\n"));
        self.answer()
    }

    pub fn answer(&mut self) -> Answer {
        let head = self.head();
        let status = head[0].split(' ').nth(1).and_then(|code| code.parse().ok()).expect("a status line");
        let mut answer = Answer { status, head, body: Vec::new(), trailers: Vec::new() };
        if answer.header("Transfer-Encoding") == Some("chunked") {
            loop {
                let size = usize::from_str_radix(&self.line(), 16).expect("a chunk's size");
                if size == 0 {
                    answer.trailers = self.head();
                    break;
                }
                answer.body.extend(self.bytes(size));
                assert_eq!(self.line(), "");
            }
        } else if let Some(length) = answer.header("Content-Length") {
            let length = length.parse().expect("a length");
            answer.body = self.bytes(length);
        }
        answer
    }

    /// Lines up to an empty one.
    pub fn head(&mut self) -> Vec<String> {
        std::iter::from_fn(|| Some(self.line()).filter(|line| !line.is_empty())).collect()
    }

    pub fn line(&mut self) -> String {
        let mut line = String::new();
        self.stream.read_line(&mut line).expect("a line within the limit");
        line.trim_end().to_owned()
    }

    pub fn bytes(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = vec![0; count];
        self.stream.read_exact(&mut bytes).expect("that many bytes within the limit");
        bytes
    }

    /// Everything up to the end of the connection.
    pub fn rest(&mut self) -> std::io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.stream.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// The connection ends within the limit, orderly or with a reset, and nothing comes before that.
    pub fn assert_closed(&mut self) {
        match self.rest() {
            Ok(rest) => assert_eq!(rest, b""),
            Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset),
        }
    }
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers(name).next()
    }

    pub fn headers(&self, name: &str) -> impl Iterator<Item = &str> {
        self.head.iter().filter_map(move |line| {
            line.split_once(": ")
                .filter(|(found, _)| found.eq_ignore_ascii_case(name))
                .map(|(_, value)| value)
        })
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("text")
    }
}
