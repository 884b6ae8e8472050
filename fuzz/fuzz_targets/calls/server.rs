//! The peer: HTTP and WebSocket on an abstract UNIX socket, which leaves no ports behind. The first letter of a path says what is
//! answered. Each answer is one write, so that it arrives in one piece.

use std::io::{self, Read};
use std::os::fd::AsRawFd;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener, UnixStream};
use std::sync::OnceLock;
use std::thread;

/// Starts it the first time; the name of its socket.
pub fn name() -> &'static str {
    static NAME: OnceLock<String> = OnceLock::new();
    NAME.get_or_init(|| {
        let name = format!("curlback-fuzz-{}", std::process::id());
        let address = SocketAddr::from_abstract_name(&name).expect("a name");
        let listener = UnixListener::bind_addr(&address).expect("nobody else has the name");
        listener.set_nonblocking(true).expect("a socket");
        thread::spawn(move || serve(&listener));
        name
    })
}

/// How long nothing may happen on any connection.
const STALL_MS: i32 = 100;

struct Connection {
    stream: UnixStream,
    received: Vec<u8>,
    websocket: bool,
}

fn serve(listener: &UnixListener) {
    let mut connections: Vec<Connection> = Vec::new();
    loop {
        let wait = |fd| libc::pollfd { fd, events: libc::POLLIN, revents: 0 };
        let mut waits = vec![wait(listener.as_raw_fd())];
        waits.extend(connections.iter().map(|connection| wait(connection.stream.as_raw_fd())));
        // SAFETY: so many of them.
        unsafe { libc::poll(waits.as_mut_ptr(), waits.len() as libc::nfds_t, STALL_MS) };
        if waits.iter().all(|wait| wait.revents == 0) {
            // libcurl has no limit of time for the beginning of a detached WebSocket.
            connections.clear();
        }
        let mut ready = waits[1..].iter().map(|wait| wait.revents != 0);
        connections.retain_mut(|connection| !ready.next().unwrap_or(false) || connection.go_on().is_ok());
        while let Ok((stream, _)) = listener.accept() {
            stream.set_nonblocking(true).expect("a socket");
            connections.push(Connection { stream, received: Vec::new(), websocket: false });
        }
    }
}

impl Connection {
    /// Reads what has come and answers; an error ends the connection.
    fn go_on(&mut self) -> io::Result<()> {
        let mut piece = [0; 16384];
        loop {
            match self.stream.read(&mut piece) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(count) => self.received.extend_from_slice(&piece[..count]),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        if self.websocket {
            return self.frames();
        }
        while let Some(head) = find(&self.received, b"\r\n\r\n") {
            let Some(end) = end_of_request(&self.received, head + 4) else { return Ok(()) };
            let request: Vec<u8> = self.received.drain(..end).collect();
            self.answer(&request)?;
        }
        Ok(())
    }

    fn answer(&mut self, request: &[u8]) -> io::Result<()> {
        let slash = find(request, b" /").map_or(0, |at| at + 2);
        let letters = [request.get(slash).copied(), request.get(slash + 1).copied()];
        let body: &[u8] = if request.starts_with(b"HEAD") { b"" } else { b"hello" };
        match letters[0] {
            Some(b'b') => {
                let mut answer = b"HTTP/1.1 200 OK\r\nContent-Length: 40000\r\n\r\n".to_vec();
                answer.resize(answer.len() + 40_000, b'b');
                self.send(&answer)
            }
            Some(b'c') => self.send(
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nSet-Cookie: a=b\r\nTrailer: X-T\r\n\r\n\
                  3\r\nabc\r\n4\r\ndefg\r\n0\r\nX-T: 1\r\n\r\n",
            ),
            Some(b'r') => self.send(b"HTTP/1.1 307 Elsewhere\r\nLocation: /s\r\nContent-Length: 0\r\n\r\n"),
            Some(b'e') => self.send(b"HTTP/1.1 404 No\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno"),
            Some(b'i') => {
                self.send(b"HTTP/1.1 103 Early\r\nX: y\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\ni")
            }
            Some(b'x') => Err(io::ErrorKind::ConnectionAborted.into()),
            // It never answers.
            Some(b'h') => Ok(()),
            Some(b't') => self
                .send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\ncut off")
                .and(Err(io::ErrorKind::ConnectionAborted.into())),
            Some(b'w') => {
                self.websocket = true;
                let mut answer = b"HTTP/1.1 101 Switch\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                    Sec-WebSocket-Accept: x\r\n\r\n"
                    .to_vec();
                // A message in two fragments around a ping, and a close for those that do not wait for ours.
                answer.extend_from_slice(b"\x01\x02he\x89\x01p\x80\x03llo\x82\x02\x00\x01");
                if letters[1] == Some(b'1') {
                    answer.extend_from_slice(b"\x88\x05\x03\xe8bye");
                }
                self.send(&answer)
            }
            _ => {
                let mut answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
                answer.push_str(std::str::from_utf8(body).unwrap_or_default());
                self.send(answer.as_bytes())
            }
        }
    }

    /// A frame that came is answered with a message; a close with a close.
    fn frames(&mut self) -> io::Result<()> {
        let close = self.received.first().is_some_and(|first| first & 15 == 8);
        self.received.clear();
        if close { self.send(b"\x88\x02\x03\xe8") } else { self.send(b"\x81\x04echo") }
    }

    fn send(&self, bytes: &[u8]) -> io::Result<()> {
        // SAFETY: so many bytes; without SIGPIPE.
        let sent = unsafe {
            libc::send(self.stream.as_raw_fd(), bytes.as_ptr().cast(), bytes.len(), libc::MSG_NOSIGNAL)
        };
        if sent == bytes.len() as isize { Ok(()) } else { Err(io::ErrorKind::WriteZero.into()) }
    }
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|window| window == what)
}

/// Where the body of a request ends, if all of it has come.
fn end_of_request(received: &[u8], body: usize) -> Option<usize> {
    let head = String::from_utf8_lossy(&received[..body]).to_ascii_lowercase();
    if head.contains("transfer-encoding: chunked") {
        // Its trailers end with an empty line.
        let last = if received[body..].starts_with(b"0\r\n") {
            body
        } else {
            body + find(&received[body..], b"\r\n0\r\n")? + 2
        };
        return Some(last + find(&received[last..], b"\r\n\r\n")? + 4);
    }
    let length =
        head.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next()?.parse().ok());
    let end = body.saturating_add(length.unwrap_or(0));
    (received.len() >= end).then_some(end)
}
