//! The test servers for programs that are not written in Rust.
//!
//! Prints one line `NAME VALUE` for each thing it started, then `READY`, and runs until its standard input is closed:
//!
//! | name | value |
//! |---|---|
//! | HTTP | the scripted server |
//! | HALF_WAY | promises 1000 bytes, closes after 100 |
//! | RESETS | resets the connection after the headers |
//! | CLOSES_REUSED | closes the connection at its second request |
//! | WS | a WebSocket server: asks at /questions, sends everything back elsewhere |
//! | REFUSED | a port that refuses |
//! | RTSP | an RTSP server |
//! | NGINX_HTTP | HTTP/1.1 |
//! | NGINX_HTTPS | HTTP/2 and HTTP/1.1 |
//! | NGINX_EXPIRED | a certificate that expired |
//! | NGINX_WRONG_NAME | a certificate for another name |
//! | TLS_NAME | as NGINX_HTTPS, with a name for the host |
//! | TLS_PLAIN | the same with http:// |
//! | CA | the file of the authority's certificate |
//! | PUSH | a page with which an HTTP/2 server pushes two more |
//! | PUSH_CA | the file of its authority's certificate |
//! | FTP | an FTP server |
//! | PUSHES | HTTP/2, with two files pushed along with /page.txt |
//! | PUSHES_CA | the file of its authority's certificate |
//! | SFTP | the directory of an SSH server |
//! | SSH_KEY | the base64 text of the SSH server's host key |
//! | SSH_USER_KEY | the file of the private key that logs in to it |
//!
//! Those from NGINX_HTTP to CA come with --nginx, which fails where nginx is not installed. With --all they come, and those
//! after them, as far as the programs are installed; what is not is said on standard error.

use std::io::{self, Write};
use std::process::ExitCode;

use curlback_test_servers::{
    Ftp, HostKey, HttpServer, Nghttpd, Nginx, RawServer, ReservedPort, Sshd, WsServer, rtsp,
};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Peers {
    OwnAlone,
    Nginx,
    All,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let peers = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => Peers::OwnAlone,
        ["--nginx"] => Peers::Nginx,
        ["--all"] => Peers::All,
        _ => {
            eprintln!("usage: curlback-test-server [--nginx | --all]");
            return ExitCode::from(2);
        }
    };
    match run(peers) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("curlback-test-server: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(peers: Peers) -> io::Result<()> {
    let http = HttpServer::start();
    let half_way = RawServer::closes_half_way();
    let resets = RawServer::resets();
    let closes_reused = RawServer::closes_reused();
    let websocket = WsServer::for_examples();
    let refused = ReservedPort::new()?;
    let rtsp = rtsp();

    let mut out = io::stdout().lock();
    writeln!(out, "HTTP {}", http.url(""))?;
    writeln!(out, "HALF_WAY {}", half_way.url(""))?;
    writeln!(out, "RESETS {}", resets.url(""))?;
    writeln!(out, "CLOSES_REUSED {}", closes_reused.url(""))?;
    writeln!(out, "WS {}", websocket.url(""))?;
    writeln!(out, "REFUSED {}", refused.url(""))?;
    writeln!(out, "RTSP rtsp://127.0.0.1:{}", rtsp.port())?;
    let all = peers == Peers::All;
    if let Some(nginx) = started(peers != Peers::OwnAlone, !all, Nginx::shared)? {
        nginx.big_file()?;
        writeln!(out, "NGINX_HTTP {}", nginx.http_url(""))?;
        writeln!(out, "NGINX_HTTPS {}", nginx.https_url(""))?;
        writeln!(out, "NGINX_EXPIRED {}", nginx.expired_url(""))?;
        writeln!(out, "NGINX_WRONG_NAME {}", nginx.wrong_name_url(""))?;
        writeln!(out, "TLS_NAME https://localhost:{}", nginx.https_port())?;
        writeln!(out, "TLS_PLAIN http://localhost:{}", nginx.https_port())?;
        writeln!(out, "CA {}", nginx.ca_path().display())?;
    }
    if let Some(nghttpd) = started(all, false, Nghttpd::shared)? {
        writeln!(out, "PUSH {}", nghttpd.url("/page.txt"))?;
        writeln!(out, "PUSH_CA {}", nghttpd.ca_path().display())?;
    }
    if let Some(ftp) = started(all, false, Ftp::shared)? {
        writeln!(out, "FTP {}", ftp.url(""))?;
    }
    if let Some(nghttpd) = started(all, false, Nghttpd::shared)? {
        writeln!(out, "PUSHES {}", nghttpd.url(""))?;
        writeln!(out, "PUSHES_CA {}", nghttpd.ca_path().display())?;
    }
    if let Some(sshd) = started(all, false, || Sshd::shared(HostKey::Ed25519))? {
        let key = sshd.key().rsplit(' ').next().unwrap_or_default();
        writeln!(out, "SFTP {}", sshd.url("sftp", "").trim_end_matches('/'))?;
        writeln!(out, "SSH_KEY {key}")?;
        writeln!(out, "SSH_USER_KEY {}", sshd.user_key().display())?;
    }
    writeln!(out, "READY")?;
    out.flush()?;

    io::copy(&mut io::stdin().lock(), &mut io::sink())?;
    Ok(())
}

/// Starts a server that is wanted; None where it is not, or where it is not installed and need not be.
fn started<T>(
    wanted: bool,
    needed: bool,
    start: impl FnOnce() -> Result<T, &'static io::Error>,
) -> io::Result<Option<T>> {
    if !wanted {
        return Ok(None);
    }
    match start() {
        Ok(server) => Ok(Some(server)),
        Err(error) if !needed && error.kind() == io::ErrorKind::NotFound => {
            eprintln!("curlback-test-server: {error}");
            Ok(None)
        }
        Err(error) => Err(io::Error::other(error)),
    }
}
