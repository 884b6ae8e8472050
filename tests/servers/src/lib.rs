//! What curlback's tests, demo and benches talk to. Everything listens on loopback only.
//!
//! * [`HttpServer`]: HTTP/1.1 with keep-alive, one route for each situation a test needs.
//! * [`RawServer`]: a closure for each connection, for answers that no HTTP library gives.
//! * [`rtsp`]: a server of streams, with packets between its answers.
//! * [`WsServer`]: a closure for each WebSocket, by tungstenite.
//! * [`PythonWs`]: a WebSocket server of another make, which reports what it received.
//! * [`Nginx`]: HTTP/1.1, HTTP/2 and TLS as they are in the world.
//! * [`Sshd`]: OpenSSH's server, for SFTP and SCP.
//! * [`Ftp`]: an FTP server with a directory for wildcards.
//! * [`ReservedPort`]: a port that refuses connections.
//! * [`parts`]: what a multipart body was found to have.
//! * [`pattern`]: the bytes that the servers send.
//! * [`wait_until`] and [`open_descriptors`]: waiting for an event with a limit, and counting what is left open.
//!
//! The binary `curlback-test-server` starts the same servers for programs that are not written in Rust.
//! Linux only: /proc/self/fd is read, and server programs are bound to their parent's life with `prctl`.

mod cert;
mod child;
mod ftp;
mod http;
mod nghttpd;
mod nginx;
mod parts;
mod pattern;
mod raw;
mod rtsp;
mod sshd;
mod wait;
mod websocket;

pub use ftp::Ftp;
pub use http::HttpServer;
pub use nghttpd::Nghttpd;
pub use nginx::{BIG_FILE_SIZE, Nginx};
pub use parts::{Part, parts};
pub use pattern::pattern;
pub use raw::{RawServer, Request, ReservedPort, read_request, reset_on_close, take_little};
pub use rtsp::{RTP_PACKETS, rtsp};
pub use sshd::{HostKey, Sshd};
pub use tungstenite;
pub use wait::{open_descriptors, wait_until};
pub use websocket::{PythonWs, Socket, WsServer};
