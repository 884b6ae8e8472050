//! Servers that do as they are told, byte for byte.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::fd::AsRawFd;
use std::thread;
use std::time::Duration;

use curlback_test_servers::{Nginx, RawServer, read_request, reset_on_close};

/// What a server does on a connection, one after the other; at the end it closes.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    /// Reads a request with its body.
    Request,
    /// Reads a request's head, and says nothing to an `Expect`.
    Head,
    /// Reads so many bytes.
    Take(usize),
    /// Reads until these bytes have come.
    Until(&'static [u8]),
    /// Reads HTTP/2's frames until one of this type has come.
    Frame(u8),
    Send(&'static [u8]),
    /// The same again and again until the client goes away, so many milliseconds apart.
    Repeat(&'static [u8], u64),
    /// Between the client and nginx's TLS port: so many bytes of nginx's.
    Relay(usize),
    Reset,
    /// Ends its own direction and waits for the client to go away.
    HalfClose,
    /// Does nothing until the client goes away.
    Stall,
}

/// Runs a script for each connection; the last one for all further ones.
pub fn serve(scripts: &'static [&'static [Step]]) -> RawServer {
    RawServer::start(move |stream, number| run(stream, stream, scripts[number.min(scripts.len() - 1)]))
}

/// `control` is the connection by which the client's end is noticed.
pub fn run(mut stream: &TcpStream, control: &TcpStream, steps: &[Step]) -> io::Result<()> {
    stream.set_nodelay(true)?;
    for step in steps {
        match *step {
            Step::Request => drop(read_request(stream)?),
            Step::Head => read_until(stream, b"\r\n\r\n")?,
            Step::Take(count) => stream.read_exact(&mut vec![0; count])?,
            Step::Until(bytes) => read_until(stream, bytes)?,
            Step::Frame(kind) => read_frame(stream, kind)?,
            Step::Send(bytes) => stream.write_all(bytes)?,
            Step::Repeat(bytes, milliseconds) => loop {
                stream.write_all(bytes)?;
                thread::sleep(Duration::from_millis(milliseconds));
            },
            Step::Relay(bytes) => relay(stream, bytes)?,
            Step::Reset => return reset_on_close(stream),
            Step::HalfClose => {
                stream.shutdown(Shutdown::Write)?;
                until_gone(control);
            }
            Step::Stall => until_gone(control),
        }
    }
    Ok(())
}

/// Waits for the client, or the end of the server, without reading.
fn until_gone(stream: &TcpStream) {
    let mut socket = libc::pollfd { fd: stream.as_raw_fd(), events: libc::POLLRDHUP, revents: 0 };
    // SAFETY: one descriptor.
    unsafe { libc::poll(&mut socket, 1, -1) };
}

fn read_until(mut stream: &TcpStream, end: &[u8]) -> io::Result<()> {
    let (mut read, mut byte) = (Vec::new(), [0]);
    while !read.ends_with(end) {
        stream.read_exact(&mut byte)?;
        read.push(byte[0]);
    }
    Ok(())
}

fn read_frame(mut stream: &TcpStream, kind: u8) -> io::Result<()> {
    let mut head = [0; 9];
    loop {
        stream.read_exact(&mut head)?;
        let length = usize::from(head[0]) << 16 | usize::from(head[1]) << 8 | usize::from(head[2]);
        stream.read_exact(&mut vec![0; length])?;
        if head[3] == kind {
            return Ok(());
        }
    }
}

fn relay(mut client: &TcpStream, mut bytes: usize) -> io::Result<()> {
    let nginx = Nginx::shared().map_err(|error| io::Error::other(error.to_string()))?;
    let mut server = TcpStream::connect(("127.0.0.1", nginx.https_port()))?;
    let mut buffer = [0; 4096];
    while bytes > 0 {
        let mut sockets = [client.as_raw_fd(), server.as_raw_fd()].map(|fd| libc::pollfd {
            fd,
            events: libc::POLLIN,
            revents: 0,
        });
        // SAFETY: two descriptors.
        unsafe { libc::poll(sockets.as_mut_ptr(), 2, -1) };
        if sockets[0].revents != 0 {
            let count = client.read(&mut buffer)?;
            if count == 0 {
                return Ok(());
            }
            server.write_all(&buffer[..count])?;
        }
        if sockets[1].revents != 0 {
            let room = bytes.min(buffer.len());
            let count = server.read(&mut buffer[..room])?;
            if count == 0 {
                return Ok(());
            }
            client.write_all(&buffer[..count])?;
            bytes -= count;
        }
    }
    Ok(())
}
