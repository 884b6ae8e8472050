//! A server for answers that no HTTP library gives, and a port that refuses.

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use socket2::{Domain, SockRef, Socket, Type};

use crate::pattern::pattern;

/// Runs a closure for each connection, each in a thread of its own. Dropping it shuts every connection down.
#[derive(Debug)]
pub struct RawServer {
    address: SocketAddr,
    shared: Arc<Shared>,
    acceptor: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    connections: AtomicUsize,
    /// The connections whose closure runs; None once the server stops.
    open: Mutex<Option<HashMap<usize, Arc<TcpStream>>>>,
}

impl RawServer {
    /// Starts one on a free port of 127.0.0.1.
    ///
    /// The closure gets the connection and its number, from 0. The connection is closed when it returns; an error
    /// is taken for the client going away. The connection is shut down under it when the server is dropped.
    pub fn start(answer: impl Fn(&TcpStream, usize) -> io::Result<()> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port of 127.0.0.1");
        let address = listener.local_addr().expect("a bound listener has an address");
        let shared =
            Arc::new(Shared { connections: AtomicUsize::new(0), open: Mutex::new(Some(HashMap::new())) });
        let acceptor = {
            let shared = shared.clone();
            thread::spawn(move || accept(&listener, &shared, answer))
        };
        Self { address, shared, acceptor: Some(acceptor) }
    }

    /// Reads a request, sends `bytes` and closes.
    pub fn answering(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        Self::start(move |mut stream, _| {
            read_request(stream)?;
            stream.write_all(&bytes)
        })
    }

    /// Promises 1000 bytes, sends 100 of the pattern and closes.
    pub fn closes_half_way() -> Self {
        let mut answer = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n".to_vec();
        answer.extend(pattern(0, 100));
        Self::answering(answer)
    }

    /// Promises 1000 bytes and resets the connection after the headers.
    pub fn resets() -> Self {
        Self::start(|mut stream, _| {
            read_request(stream)?;
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")?;
            reset_on_close(stream)
        })
    }

    /// Answers the first request of each connection with `hello, world\n`, keeps the connection, and closes it when
    /// the second has come, without an answer.
    pub fn closes_reused() -> Self {
        Self::start(|mut stream, _| {
            if read_request(stream)?.is_some() {
                stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\nhello, world\n")?;
                read_request(stream)?;
            }
            Ok(())
        })
    }

    /// `http://127.0.0.1:PORT` and then `path`, which starts with a slash.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// How many connections were accepted so far.
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }
}

impl Drop for RawServer {
    fn drop(&mut self) {
        let open = self.shared.open.lock().unwrap_or_else(PoisonError::into_inner).take();
        for stream in open.iter().flat_map(HashMap::values) {
            // Fails where the client was faster.
            let _ = stream.shutdown(Shutdown::Both);
        }
        // Wakes the acceptor. Where it does not get through, the acceptor has work and looks at `open` anyway.
        let _ = TcpStream::connect(self.address);
        if let Some(acceptor) = self.acceptor.take() {
            // A panic in there was printed already, and a second one here would abort the test.
            let _ = acceptor.join();
        }
    }
}

fn accept(
    listener: &TcpListener,
    shared: &Shared,
    answer: impl Fn(&TcpStream, usize) -> io::Result<()> + Sync,
) {
    let open = || shared.open.lock().unwrap_or_else(PoisonError::into_inner);
    thread::scope(|scope| {
        for stream in listener.incoming() {
            let Some(connections) = &mut *open() else { return };
            let Ok(stream) = stream else {
                // Out of descriptors, most likely: the test that took them gives them back.
                thread::sleep(Duration::from_millis(10));
                continue;
            };
            let stream = Arc::new(stream);
            let number = shared.connections.fetch_add(1, Ordering::SeqCst);
            connections.insert(number, stream.clone());
            let answer = &answer;
            scope.spawn(move || {
                let closed = Closed { shared, number };
                // The error is the client going away, which is what most of these tests are about.
                let _ = answer(&stream, number);
                drop(closed);
            });
        }
    });
}

/// Takes a connection off the list, after a panic too, so that it is closed.
struct Closed<'a> {
    shared: &'a Shared,
    number: usize,
}

impl Drop for Closed<'_> {
    fn drop(&mut self) {
        if let Some(open) = &mut *self.shared.open.lock().unwrap_or_else(PoisonError::into_inner) {
            open.remove(&self.number);
        }
    }
}

/// Makes closing `stream` send a reset.
pub fn reset_on_close(stream: &TcpStream) -> io::Result<()> {
    SockRef::from(stream).set_linger(Some(Duration::ZERO))
}

/// Makes `stream` take little before it is read from, so that the sender soon has to wait.
pub fn take_little(stream: &TcpStream) -> io::Result<()> {
    SockRef::from(stream).set_recv_buffer_size(64 << 10)
}

/// A request as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The request line and the header lines, each with its line end.
    pub head: String,
    /// Without the chunks' framing.
    pub body: Vec<u8>,
}

/// Reads one request and nothing after it; None where the client closed before it. Answers `Expect: 100-continue`.
///
/// Reading a request whole matters before closing: closing with unread bytes resets the connection.
pub fn read_request(mut stream: &TcpStream) -> io::Result<Option<Request>> {
    let mut head = String::new();
    let mut length = 0;
    let mut chunked = false;
    loop {
        let line = match read_line(stream) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof && head.is_empty() => return Ok(None),
            line => line?,
        };
        if line.trim_end().is_empty() {
            break;
        }
        let lower = line.trim_end().to_ascii_lowercase();
        if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse().map_err(io::Error::other)?;
        }
        chunked |= lower.starts_with("transfer-encoding:") && lower.ends_with("chunked");
        if lower == "expect: 100-continue" {
            stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        head.push_str(&line);
    }
    let body = if chunked { read_chunks(stream)? } else { read_bytes(stream, length)? };
    Ok(Some(Request { head, body }))
}

fn read_chunks(stream: &TcpStream) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line = read_line(stream)?;
        let size = usize::from_str_radix(line.trim_end(), 16).map_err(io::Error::other)?;
        if size == 0 {
            while !read_line(stream)?.trim_end().is_empty() {}
            return Ok(body);
        }
        body.extend(read_bytes(stream, size)?);
        read_line(stream)?;
    }
}

fn read_bytes(mut stream: &TcpStream, count: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; count];
    stream.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// One line with its end. Byte by byte, because what follows is not ours to take.
fn read_line(stream: &TcpStream) -> io::Result<String> {
    let mut line = Vec::new();
    while !line.ends_with(b"\n") {
        line.extend(read_bytes(stream, 1)?);
    }
    String::from_utf8(line).map_err(io::Error::other)
}

/// A port of 127.0.0.1 that refuses connections. It is held, so that nobody else gets it in the meantime.
#[derive(Debug)]
pub struct ReservedPort {
    _socket: Socket,
    port: u16,
}

impl ReservedPort {
    pub fn new() -> io::Result<Self> {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        // A server that sets this too can listen on the port while it is held.
        socket.set_reuse_address(true)?;
        socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())?;
        let address = socket.local_addr()?.as_socket_ipv4();
        let port = address.ok_or_else(|| io::Error::other("a socket of another family"))?.port();
        Ok(Self { _socket: socket, port })
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// `http://127.0.0.1:PORT` and then `path`, which starts with a slash.
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }
}
