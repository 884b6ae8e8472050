//! Servers that break the protocol, written by hand: the right result, nothing leaked, and a handle that goes on.

use std::io::Write;
use std::net::TcpStream;

use curlback::result::code;
use curlback_test_servers::{HttpServer, RawServer, open_descriptors, read_request, wait_until};

use crate::support::{Drops, last_error, ok};
use crate::*;

const RECV_ERROR: i32 = 56;
const ACCEPT: &[u8] =
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";

struct Fault {
    name: &'static str,
    frames: &'static [u8],
    /// What a transfer ends with, what libcurl says of it, and what the callback is given before.
    expected: i32,
    says: &'static str,
    chunks: &'static [(u32, &'static [u8])],
}

const FAULTS: &[Fault] = &[
    Fault {
        name: "a masked frame",
        frames: b"\x81\x02hi\x81\x82\x01\x02\x03\x04ik",
        expected: RECV_ERROR,
        says: "masked input frame",
        chunks: &[(TEXT, b"hi")],
    },
    Fault {
        name: "a reserved bit",
        frames: b"\xc1\x02hi",
        expected: RECV_ERROR,
        says: "invalid reserved bits",
        chunks: &[],
    },
    Fault {
        name: "a reserved opcode",
        frames: b"\x83\x02hi",
        expected: RECV_ERROR,
        says: "invalid opcode",
        chunks: &[],
    },
    Fault {
        name: "a continuation of nothing",
        frames: b"\x80\x02hi",
        expected: RECV_ERROR,
        says: "no ongoing fragmented message",
        chunks: &[],
    },
    Fault {
        name: "a message within a message",
        frames: b"\x01\x02hi\x81\x02ho",
        expected: RECV_ERROR,
        says: "interrupted by new TEXT",
        chunks: &[(TEXT | CONT, b"hi")],
    },
    Fault {
        name: "a fragmented ping",
        frames: b"\x09\x02hi",
        expected: RECV_ERROR,
        says: "fragmented PING",
        chunks: &[],
    },
    Fault {
        name: "a ping that is too long",
        frames: b"\x89\x7e\x00\x7ehi",
        expected: RECV_ERROR,
        says: "PING frame is too big",
        chunks: &[],
    },
    Fault {
        name: "a close that is too long",
        frames: b"\x88\x7e\x00\x7ehi",
        expected: RECV_ERROR,
        says: "CLOSE frame is too big",
        chunks: &[],
    },
    Fault {
        name: "a frame of more than 63 bits",
        frames: b"\x82\x7f\xff\xff\xff\xff\xff\xff\xff\xffhi",
        expected: RECV_ERROR,
        says: "longer than 63 bits",
        chunks: &[],
    },
    // What libcurl does not check comes as it is.
    Fault {
        name: "text that is no UTF-8",
        frames: b"\x81\x04\xff\xfe\xc0\x80\x88\x00",
        expected: code::OK,
        says: "",
        chunks: &[(TEXT, b"\xff\xfe\xc0\x80"), (CLOSE, b"")],
    },
    Fault {
        name: "a close code that must not be sent, and a reason that is no UTF-8",
        frames: b"\x88\x04\x03\xed\xff\xfe",
        expected: code::OK,
        says: "",
        chunks: &[(CLOSE, b"\x03\xed\xff\xfe")],
    },
    // GOT_NOTHING
    Fault {
        name: "nothing but the end",
        frames: b"",
        expected: 52,
        says: "Empty reply from server",
        chunks: &[],
    },
    Fault {
        name: "the end within a frame's head",
        frames: b"\x81",
        expected: code::OK,
        says: "",
        chunks: &[],
    },
    Fault {
        name: "the end within a frame",
        frames: b"\x81\x0ahello",
        expected: code::OK,
        says: "",
        chunks: &[(TEXT, b"hello")],
    },
];

fn serve(frames: &'static [u8]) -> RawServer {
    RawServer::start(move |mut stream: &TcpStream, _| {
        read_request(stream)?;
        stream.write_all(&[ACCEPT, frames].concat())
    })
}

fn goes_on(easy: &Easy) {
    easy.set_url(&HttpServer::shared().url("/hello"));
    easy.on_write(|_, data| data.len() as i64);
    ok(easy.perform());
}

#[test]
fn each_fault_ends_with_its_code_and_leaks_nothing() {
    if left_out() {
        return;
    }
    goes_on(&Easy::new());
    for fault in FAULTS {
        let name = fault.name;
        let server = serve(fault.frames);
        let drops = Drops::new();
        let easy = to(&server.url("/").replace("http", "ws"));
        let token = drops.token();
        let chunks = collect(&easy, move |_, _, _| {
            let _held = &token;
        });
        assert_eq!(easy.perform(), fault.expected, "{name}: {}", last_error());
        if fault.expected != code::OK {
            assert!(last_error().contains(fault.says), "{name}: {}", last_error());
        }
        assert_eq!(crate::frames::flags_and_bytes(&chunks.borrow()), fault.chunks, "{name}");
        assert_eq!((easy.error().callback, drops.count()), (0, 0), "{name}");
        goes_on(&easy);
        assert_eq!(drops.count(), 1, "{name}");
    }
}

#[test]
fn the_same_faults_in_messages() {
    if left_out() {
        return;
    }
    for fault in FAULTS {
        let name = fault.name;
        let server = serve(fault.frames);
        let easy = to(&server.url("/").replace("http", "ws"));
        let messages = collect_messages(&easy, 1000, |_, _| ());
        assert_eq!(easy.perform(), fault.expected, "{name}: {}", last_error());
        // What did not come whole is not a message.
        let whole: Vec<_> = fault
            .chunks
            .iter()
            .filter(|(flags, data)| flags & CONT == 0 && data != b"hello")
            .map(|(flags, data)| (*flags, data.to_vec()))
            .collect();
        assert_eq!(*messages.borrow(), whole, "{name}");
    }
}

#[test]
fn the_same_faults_on_a_detached_handle() {
    if left_out() {
        return;
    }
    for fault in FAULTS.iter().filter(|fault| fault.expected != code::OK) {
        let name = fault.name;
        let server = serve(fault.frames);
        let easy = detached(&server.url("/").replace("http", "ws"));
        for (flags, data) in fault.chunks {
            let (frame, piece) = receive_waiting(&easy, 100).unwrap();
            assert_eq!((frame.flags as u32, piece.as_slice()), (*flags, *data), "{name}");
        }
        assert_eq!(receive_waiting(&easy, 100), Err(fault.expected), "{name}: {}", last_error());
        goes_on_detached(&easy);
    }
}

fn goes_on_detached(easy: &Easy) {
    easy.set_int(curlback::libcurl::tables::opt::CONNECT_ONLY, 0);
    goes_on(easy);
}

#[test]
fn descriptors_are_closed_whatever_the_server_did() {
    if left_out() {
        return;
    }
    let servers: Vec<_> = FAULTS.iter().map(|fault| serve(fault.frames)).collect();
    let round = || {
        for server in &servers {
            for connect_only in [0, 2] {
                let easy = to(&server.url("/").replace("http", "ws"));
                easy.set_int(curlback::libcurl::tables::opt::CONNECT_ONLY, connect_only);
                collect_messages(&easy, 1000, |_, _| ());
                easy.perform();
            }
        }
    };
    round();
    let before = open_descriptors();
    (0..5).for_each(|_| round());
    // Other tests of this process have theirs.
    assert!(wait_until(LIMIT, || open_descriptors() <= before + 40), "{} of {before}", open_descriptors());
}

#[test]
fn a_fault_after_a_send_in_the_callback_is_told_of_as_well() {
    if left_out() {
        return;
    }
    let server = RawServer::start(|mut stream: &TcpStream, _| {
        read_request(stream)?;
        stream.write_all(&[ACCEPT, b"\x81\x02hi"].concat())?;
        // The client's frame: two bytes, a mask and the payload.
        std::io::Read::read_exact(&mut stream, &mut [0; 2 + 4 + 3])?;
        stream.write_all(b"\x81\x82\x01\x02\x03\x04ik")
    });
    let easy = to(&server.url("/").replace("http", "ws"));
    collect(&easy, |easy, _, _| send(easy, b"ack", BINARY));
    assert_eq!(easy.perform(), RECV_ERROR);
    assert!(last_error().contains("masked input frame"), "{}", last_error());
}

#[test]
fn a_ping_that_comes_in_two_parts_leaves_nothing_behind() {
    if left_out() {
        return;
    }
    let server = RawServer::start(|mut stream: &TcpStream, _| {
        read_request(stream)?;
        stream.write_all(&[ACCEPT, b"\x81\x02hi\x89\x04ab"].concat())?;
        // The client has both when it answers the one.
        std::io::Read::read_exact(&mut stream, &mut [0; 2 + 4 + 3])?;
        stream.write_all(b"cd\x8a\x03xyz\x88\x00")?;
        stream.shutdown(std::net::Shutdown::Write)?;
        std::io::Read::read_to_end(&mut stream, &mut Vec::new()).map(drop)
    });
    let easy = to(&server.url("/").replace("http", "ws"));
    let messages = collect_messages(&easy, 1000, |easy, data| {
        if data == b"hi" {
            send(easy, b"ack", BINARY);
        }
    });
    ok(easy.perform());
    let expected = [(TEXT, b"hi".to_vec()), (PONG, b"xyz".to_vec()), (CLOSE, Vec::new())];
    assert_eq!(*messages.borrow(), expected);
}
