//! WebSocket servers of two makes.

use std::io;
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use tungstenite::handshake::server::{Request, Response};
use tungstenite::protocol::CloseFrame;
use tungstenite::protocol::frame::coding::CloseCode;
use tungstenite::{Error, Message, WebSocket};

use crate::cert;
use crate::child::{self, Program};
use crate::raw::{RawServer, ReservedPort};

const PYTHON: &str = include_str!("websocket.py");

/// A WebSocket as the server has it.
pub type Socket<'a> = WebSocket<&'a TcpStream>;

/// Runs a closure for each WebSocket, each in a thread of its own: tungstenite over [`RawServer`].
#[derive(Debug)]
pub struct WsServer(RawServer);

impl WsServer {
    /// Starts one on a free port of 127.0.0.1.
    ///
    /// The closure gets the WebSocket and the path that was asked for. The connection is closed when it returns; an error is taken
    /// for the client going away.
    pub fn start(script: impl Fn(&mut Socket, &str) -> Result<(), Error> + Send + Sync + 'static) -> Self {
        Self(RawServer::start(move |stream, _| {
            let mut path = String::new();
            #[expect(clippy::result_large_err, reason = "tungstenite asks for this type")]
            let note = |request: &Request, response: Response| {
                request.uri().path().clone_into(&mut path);
                Ok(response)
            };
            let accepted = tungstenite::accept_hdr(stream, note);
            let mut socket = accepted.map_err(|error| io::Error::other(error.to_string()))?;
            script(&mut socket, &path).map_err(io::Error::other)
        }))
    }

    /// What the examples talk to:
    ///
    /// | path | what it does |
    /// |---|---|
    /// | /questions | sends three texts, waits for an answer to each, and closes with how many were `ack` in binary |
    /// | any other | sends every message back until the client closes |
    pub fn for_examples() -> Self {
        Self::start(|socket, path| if path == "/questions" { ask(socket) } else { echo(socket) })
    }

    /// `ws://127.0.0.1:PORT` and then `path`, which starts with a slash.
    pub fn url(&self, path: &str) -> String {
        format!("ws://127.0.0.1:{}{path}", self.0.port())
    }

    pub fn port(&self) -> u16 {
        self.0.port()
    }

    /// How many connections were accepted so far.
    pub fn connections(&self) -> usize {
        self.0.connections()
    }
}

/// Until the client closes; tungstenite answers that, and pings, by itself.
fn echo(socket: &mut Socket) -> Result<(), Error> {
    loop {
        let message = socket.read()?;
        if message.is_text() || message.is_binary() {
            socket.send(message)?;
        }
    }
}

fn ask(socket: &mut Socket) -> Result<(), Error> {
    let mut right = 0;
    for question in ["one", "two", "three"] {
        socket.send(Message::text(question))?;
        right += usize::from(socket.read()? == Message::binary(b"ack".as_slice()));
    }
    let reason = format!("{right} of 3 answered");
    socket.close(Some(CloseFrame { code: CloseCode::Normal, reason: reason.into() }))?;
    loop {
        socket.read()?;
    }
}

/// Python's websockets on free ports of 127.0.0.1, with and without TLS. Dropping it stops it.
///
/// | path | what it does |
/// |---|---|
/// | /talk/NAME | sends the text `héllo`, 100,000 bytes of 0x5a, an empty text and `a`, `b`, `c` as one text of three fragments, sends a ping and waits for the pong, sends the text `your turn`, then receives until the client closes |
/// | /listen/NAME | receives until the client closes |
/// | /goodbye/NAME | closes with 4001 and `góodbye` at once |
/// | /report/NAME | once the connection of that name is closed: sends what it was, a text for each line of the record, and closes |
///
/// A record has `text TEXT`, `binary LENGTH SUM-OF-BYTES`, `pong`, and at the end `close CODE REASON`.
#[derive(Debug)]
pub struct PythonWs {
    plain: u16,
    tls: u16,
    directory: PathBuf,
    _program: Program,
}

impl PythonWs {
    /// Starts one and waits until it listens.
    pub fn start() -> io::Result<Self> {
        let python = child::python("websockets", "python3-websockets")?;
        let temporary = tempfile::Builder::new().prefix("curlback-websockets-").tempdir()?;
        let directory = temporary.path().to_owned();
        cert::write_to(&directory)?;
        // Held until the server listens, so that nobody else gets them.
        let reserved = [ReservedPort::new()?, ReservedPort::new()?];
        let [plain, tls] = reserved.each_ref().map(ReservedPort::port);
        let mut command = Command::new(python);
        command.args(["-c", PYTHON, &plain.to_string(), &tls.to_string()]);
        command.arg(directory.join(format!("{}.pem", cert::VALID)));
        command.arg(directory.join(format!("{}.key", cert::VALID)));
        let program = Program::start(command, temporary, vec![plain, tls])?;
        Ok(Self { plain, tls, directory, _program: program })
    }

    /// One for the whole process, stopped when it exits.
    pub fn shared() -> Result<&'static Self, &'static io::Error> {
        static SHARED: OnceLock<io::Result<PythonWs>> = OnceLock::new();
        SHARED.get_or_init(PythonWs::start).as_ref()
    }

    /// `ws://127.0.0.1:PORT` and then `path`, which starts with a slash.
    pub fn ws_url(&self, path: &str) -> String {
        format!("ws://127.0.0.1:{}{path}", self.plain)
    }

    /// The same over TLS, with a certificate that verifies against [`PythonWs::ca_path`].
    pub fn wss_url(&self, path: &str) -> String {
        format!("wss://127.0.0.1:{}{path}", self.tls)
    }

    /// The certificate of the authority that issued the server's certificate.
    pub fn ca_path(&self) -> PathBuf {
        self.directory.join(cert::CA_FILE)
    }
}
