//! FTP: a server that does its part up to a point.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};

use curlback::libcurl::tables::opt;
use curlback_test_servers::{RawServer, pattern};

use crate::case::*;
use crate::phases::{self, Phase};
use crate::script::Step::{self, *};
use crate::script::run;
use crate::support::Easy;

#[derive(Clone, Copy)]
pub enum FtpFault {
    /// Instead of an answer to this command; "" is the greeting.
    At(&'static str, &'static [Step]),
    /// On the data connection, after so many bytes of 1000.
    Data(usize, &'static [Step]),
    /// On the control connection, after the data.
    After(&'static [Step]),
}

pub fn serve_ftp(fault: FtpFault) -> RawServer {
    RawServer::start(move |stream, _| session(stream, fault))
}

fn session(mut control: &TcpStream, fault: FtpFault) -> io::Result<()> {
    let at = |command: &str| match fault {
        FtpFault::At(place, steps) if place == command => Some(steps),
        _ => None,
    };
    if let Some(steps) = at("") {
        return run(control, control, steps);
    }
    control.write_all(b"220 ready\r\n")?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let port = listener.local_addr()?.port();
    loop {
        let line = read_line(control)?;
        let command = line.split_whitespace().next().unwrap_or_default();
        if let Some(steps) = at(command) {
            return run(control, control, steps);
        }
        let answer = match command {
            "USER" => "331 who are you\r\n",
            "PASS" => "230 welcome\r\n",
            "PWD" => "257 \"/\"\r\n",
            "TYPE" => "200 as you like\r\n",
            "SIZE" => "213 1000\r\n",
            "EPSV" => &format!("229 here (|||{port}|)\r\n"),
            "RETR" | "STOR" => {
                control.write_all(b"150 it comes\r\n")?;
                let (data, _) = listener.accept()?;
                let sent = transfer(&data, control, command == "RETR", fault);
                drop(data);
                sent?;
                if let FtpFault::After(steps) = fault {
                    return run(control, control, steps);
                }
                "226 that was it\r\n"
            }
            "QUIT" => return control.write_all(b"221 bye\r\n"),
            _ => "500 what\r\n",
        };
        control.write_all(answer.as_bytes())?;
    }
}

fn transfer(mut data: &TcpStream, control: &TcpStream, down: bool, fault: FtpFault) -> io::Result<()> {
    let (bytes, steps) = match fault {
        FtpFault::Data(bytes, steps) => (bytes, steps),
        _ => (1000, &[][..]),
    };
    if down {
        data.write_all(&pattern(0, bytes))?;
    } else {
        data.read_exact(&mut vec![0; bytes])?;
    }
    run(data, control, steps)
}

fn read_line(mut stream: &TcpStream) -> io::Result<String> {
    let (mut line, mut byte) = (Vec::new(), [0]);
    while !line.ends_with(b"\n") {
        stream.read_exact(&mut byte)?;
        line.push(byte[0]);
    }
    String::from_utf8(line).map_err(io::Error::other)
}

/// libcurl 7.88 waits for an answer to this, or the end of the connection, when the handle closes.
const QUIT: Step = Until(b"QUIT\r\n");

const fn ftp(name: &'static str, fault: FtpFault, end: End) -> Case {
    Case {
        server: Server::Ftp(fault),
        url: "ftp://127.0.0.1:PORT/file",
        needs: "ftp",
        ..case(name, &[], end)
    }
}

fn upload(easy: &Easy, _: u16) {
    easy.set_int(opt::UPLOAD, 1);
    easy.set_int(opt::INFILESIZE_LARGE, 64 << 20);
}

fn phase(name: &'static str, steps: &'static [Step], ends: [End; 3]) -> Phase {
    Phase { name, steps, base: ftp("", FtpFault::At("", &[]), good("")), ends, before: None }
}

pub fn a_control_connection_fails_in_any_phase() -> Vec<Case> {
    let phase = |name, steps, order| {
        // RECV_ERROR
        vec![phase(name, steps, [reset(order), end(56, "response reading failed", order), timeout(order)])]
    };
    let at = |name, steps, command: &'static str, order| {
        phases::of(phase(name, steps, order), move |steps| Server::Ftp(FtpFault::At(command, steps)))
    };
    // A reset before the client has said anything can be one of the attempt to connect.
    let greeting = |name, steps, order| {
        phases::without_resets(phase(name, steps, order), |steps| Server::Ftp(FtpFault::At("", steps)))
    };
    let cases: [Vec<Case>; 5] = [
        greeting("instead of a greeting", &[], "ROSC"),
        greeting("in the greeting", &[Send(b"220 wel")], "ROSC"),
        at("instead of an answer to USER", &[], "USER", "ROSHC"),
        at("instead of an answer to EPSV", &[], "EPSV", "ROSHPC"),
        // Both connections are closed.
        at("instead of an answer to RETR", &[], "RETR", "ROSHPHROSHC"),
    ];
    cases.concat()
}

pub fn a_data_connection_fails_in_any_phase() -> Vec<Case> {
    let data = |phase, bytes| phases::of(vec![phase], move |steps| Server::Ftp(FtpFault::Data(bytes, steps)));
    let (none, some, sent) = ("ROSHPHROSHC", "ROSHPHROSHWC", "ROSHPHROSHDC");
    let before = phase("before a download by FTP", &[], [reset(none), partial(none), timeout(none)]);
    let middle = phase("in a download by FTP", &[], [reset(some), partial(some), timeout(some)]);
    // Nobody reads the data connection while it uploads: its half-close is as a stall. SEND_ERROR
    let uploading = phase(
        "in an upload by FTP",
        &[],
        [end(55, "connection reset by peer", sent), timeout(sent), timeout(sent)],
    );
    let after = phase(
        "after a download by FTP",
        &[],
        [reset(some), end(56, "response reading failed", some), end(28, "timeout", some)],
    );
    let whole = Body::Pattern(1000);
    let cases = [
        data(before, 0),
        data(Phase { base: Case { body: Body::Pattern(500), ..middle.base }, ..middle }, 500),
        data(Phase { base: Case { prepare: upload, slow: true, ..uploading.base }, ..uploading }, 500),
        phases::of(vec![Phase { base: Case { body: whole, ..after.base }, ..after }], |steps| {
            Server::Ftp(FtpFault::After(steps))
        }),
    ];
    cases.concat()
}

pub fn answers_of_ftp_that_are_wrong() -> Vec<Case> {
    let at = |name, command, steps, end| ftp(name, FtpFault::At(command, steps), end);
    vec![
        at(
            "no FTP",
            "",
            &[Send(b"HTTP/1.1 400 Bad Request\r\n\r\n")],
            end(56, "response reading failed", "ROSHC"),
        ),
        // That is what libcurl has for "service not available".
        at("a greeting that refuses", "", &[Send(b"421 no\r\n"), QUIT], end(28, "", "ROSHC")),
        at("a password that is refused", "PASS", &[Send(b"530 no\r\n"), QUIT], end(67, "530", "ROSHC")),
        at("no passive port", "EPSV", &[Send(b"229 (|||none|)\r\n"), QUIT], end(13, "epsv", "ROSHPH")),
        at(
            "a data port that refuses",
            "EPSV",
            &[Send(b"229 (|||1|)\r\n"), Until(b"PASV\r\n"), Send(b"502 no\r\n"), QUIT],
            end(13, "502", "ROSHPHROSCH"),
        ),
        at("no such file", "RETR", &[Send(b"550 no\r\n"), QUIT], end(78, "550", "ROSHPHROSHC")),
        Case {
            slow: true,
            ..at("an answer without an end", "USER", &[Repeat(b"331-and more\r\n", 1)], timeout("ROSHC"))
        },
    ]
}
