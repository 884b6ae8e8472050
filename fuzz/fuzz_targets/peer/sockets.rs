//! The server's end of the connections: it sends the next piece each time it is asked to, and hears nothing.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::fd::IntoRawFd;
use std::os::unix::net::UnixStream;

/// Ends a piece.
const CUT: u8 = 0xfe;
/// What follows goes over data connections.
const DATA: u8 = 0xfd;
/// The next byte stands for itself.
const LITERAL: u8 = 0xfc;

#[derive(Default)]
pub struct Server {
    /// What is still to be sent: over the first connections, and over an FTP transfer's second ones.
    pieces: [RefCell<VecDeque<Vec<u8>>>; 2],
    connections: RefCell<Vec<(UnixStream, usize)>>,
    /// libcurl's ends that are open.
    open: RefCell<Vec<isize>>,
    ftp: Cell<bool>,
}

impl Server {
    pub fn new(text: &[u8], ftp: bool) -> Self {
        let server = Server::default();
        server.ftp.set(ftp);
        let (mut stream, mut piece) = (0, Vec::new());
        let mut bytes = text.iter().copied();
        while let Some(byte) = bytes.next() {
            match byte {
                CUT => server.pieces[stream].borrow_mut().push_back(std::mem::take(&mut piece)),
                DATA if stream == 0 => {
                    server.pieces[stream].borrow_mut().push_back(std::mem::take(&mut piece));
                    stream = 1;
                }
                LITERAL => piece.extend(bytes.next()),
                byte => piece.push(byte),
            }
        }
        server.pieces[stream].borrow_mut().push_back(piece);
        server
    }

    /// libcurl needs a socket: one end is its, the other the server's.
    pub fn connect(&self) -> isize {
        let Ok((ours, theirs)) = UnixStream::pair() else { return -1 };
        let set = ours.set_nonblocking(true).and_then(|()| theirs.set_nonblocking(true));
        set.expect("a socket");
        // The second of an FTP transfer is for data.
        let stream = usize::from(self.ftp.get() && self.connections.borrow().len() % 2 == 1);
        self.connections.borrow_mut().push((ours, stream));
        let socket = theirs.into_raw_fd() as isize;
        self.open.borrow_mut().push(socket);
        socket
    }

    pub fn closed(&self, socket: isize) {
        let mut open = self.open.borrow_mut();
        let place = open.iter().position(|known| *known == socket);
        open.swap_remove(place.expect("a socket is closed that is not open"));
    }

    /// libcurl waits within curl_multi_perform() for what an FTP server says at the end of the data: nothing is kept back until then.
    fn say_all(&self) {
        let connections = self.connections.borrow();
        let Some((control, _)) = connections.iter().rev().find(|(_, kind)| *kind == 0) else { return };
        let mut control = control;
        for piece in self.pieces[0].take() {
            drop(control.write(&piece));
        }
        drop(control.shutdown(Shutdown::Write));
    }

    /// Nobody waits for an answer any more.
    pub fn hang_up(&self) {
        self.connections.borrow_mut().clear();
    }

    pub fn assert_all_closed(&self) {
        assert_eq!(*self.open.borrow(), [], "libcurl's sockets are left open");
    }

    /// Sends the next piece over each connection that is the last of its kind, and ends those for which there is none. Whether there
    /// was any.
    pub fn go_on(&self) -> bool {
        let mut sent = false;
        let mut ignored = [0; 16384];
        let connections = self.connections.borrow();
        for (number, (stream, kind)) in connections.iter().enumerate() {
            let mut stream = stream;
            while stream.read(&mut ignored).is_ok_and(|count| count > 0) {}
            let last = connections[number + 1..].iter().all(|(_, other)| other != kind);
            let piece = if last { self.pieces[*kind].borrow_mut().pop_front() } else { None };
            match piece {
                // Nobody may be there to read it any more.
                Some(piece) => {
                    sent = true;
                    drop(stream.write(&piece));
                }
                None => {
                    if *kind == 1 {
                        self.say_all();
                    }
                    drop(stream.shutdown(Shutdown::Write));
                }
            }
        }
        sent
    }
}
