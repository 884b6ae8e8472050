//! FTP: a server that does its part up to a point.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};

use curlback_test_servers::{RawServer, pattern};

use crate::case::*;
use crate::script::{Step, run};

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
        return run(control, steps);
    }
    control.write_all(b"220 ready\r\n")?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let port = listener.local_addr()?.port();
    loop {
        let line = read_line(control)?;
        let command = line.split_whitespace().next().unwrap_or_default();
        if let Some(steps) = at(command) {
            return run(control, steps);
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
                let sent = transfer(&data, command == "RETR", fault);
                drop(data);
                sent?;
                if let FtpFault::After(steps) = fault {
                    return run(control, steps);
                }
                "226 that was it\r\n"
            }
            "QUIT" => return control.write_all(b"221 bye\r\n"),
            _ => "500 what\r\n",
        };
        control.write_all(answer.as_bytes())?;
    }
}

fn transfer(mut data: &TcpStream, down: bool, fault: FtpFault) -> io::Result<()> {
    let (bytes, steps) = match fault {
        FtpFault::Data(bytes, steps) => (bytes, steps),
        _ => (1000, &[][..]),
    };
    if down {
        data.write_all(&pattern(0, bytes))?;
    } else {
        data.read_exact(&mut vec![0; bytes])?;
    }
    run(data, steps)
}

fn read_line(mut stream: &TcpStream) -> io::Result<String> {
    let (mut line, mut byte) = (Vec::new(), [0]);
    while !line.ends_with(b"\n") {
        stream.read_exact(&mut byte)?;
        line.push(byte[0]);
    }
    String::from_utf8(line).map_err(io::Error::other)
}
