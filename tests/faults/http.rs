//! HTTP/1.1: a connection that fails, in each phase of a transfer.

use curlback::libcurl::tables::opt;

use crate::case::*;
use crate::phases::{self, Phase};
use crate::script::Step::{self, *};
use crate::support::Easy;

const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n";
const CHUNKED: &[u8] = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

/// An upload of more than the sockets hold, which waits for 100 Continue so long.
fn upload_waiting(easy: &Easy, milliseconds: i64) {
    easy.set_int(opt::UPLOAD, 1);
    easy.set_int(opt::INFILESIZE_LARGE, 64 << 20);
    easy.set_int(opt::EXPECT_100_TIMEOUT_MS, milliseconds);
}

fn upload(easy: &Easy, _: u16) {
    upload_waiting(easy, 1);
}

fn upload_after_continue(easy: &Easy, _: u16) {
    upload_waiting(easy, 100_000);
}

fn phase(name: &'static str, steps: &'static [Step], ends: [End; 3]) -> Phase {
    Phase { name, steps, base: case("", &[], good("")), ends, before: None }
}

impl Phase {
    fn after(self, prepare: fn(&Easy, u16)) -> Self {
        Phase { base: Case { prepare, ..self.base }, ..self }
    }

    /// libcurl 7.88 does not notice the half-close.
    fn slow(self) -> Self {
        Phase { base: Case { slow: true, ..self.base }, ..self }
    }

    fn giving(self, body: &'static [u8]) -> Self {
        Phase { base: Case { body: Body::Exactly(body), ..self.base }, ..self }
    }
}

fn phases() -> Vec<Phase> {
    // With no body at all, and with a part of it.
    let (none, some) = ("ROSPHC", "ROSPHWC");
    let silent = [reset("ROSPC"), empty("ROSPC"), timeout("ROSPC")];
    let in_body = [reset(some), partial(some), timeout(some)];
    vec![
        phase("as the request comes", &[Take(1)], silent),
        phase("instead of an answer", &[Request], silent),
        phase("in the status line", &[Request, Send(b"HTTP/1.1 20")], silent),
        phase(
            "in the headers",
            &[Request, Send(b"HTTP/1.1 200 OK\r\nContent-Le")],
            // libcurl takes the end of the connection for the end of the headers, and of the body.
            [reset(none), good("ROSPH"), timeout(none)],
        ),
        phase("after the headers", &[Request, Send(HEAD)], [reset(none), partial(none), timeout(none)]),
        phase("in the body", &[Request, Send(HEAD), Send(&[b'b'; 100])], in_body).giving(&[b'b'; 100]),
        phase("in a chunk's size", &[Request, Send(CHUNKED), Send(b"5\r\nchunk\r\n1")], in_body)
            .giving(b"chunk"),
        phase("in a chunk", &[Request, Send(CHUNKED), Send(b"8\r\nchunk")], in_body).giving(b"chunk"),
        phase("before the trailers", &[Request, Send(CHUNKED), Send(b"5\r\nchunk\r\n0\r\n")], in_body)
            .giving(b"chunk"),
        phase("in the trailers", &[Request, Send(CHUNKED), Send(b"5\r\nchunk\r\n0\r\nX-Tra")], in_body)
            .giving(b"chunk"),
        Phase {
            before: Some([reset_or_send("ROSPDC"), timeout("ROSPDC"), timeout("ROSPDC")]),
            ..phase(
                "in an upload",
                &[Head, Take(10_000)],
                [reset_or_send("ROSPDC"), empty("ROSPDC"), timeout("ROSPDC")],
            )
            .after(upload)
            .slow()
        },
        phase("instead of 100 Continue", &[Head], silent).after(upload_after_continue),
        Phase {
            before: Some([reset_or_send("ROSPHDC"), timeout("ROSPHDC"), timeout("ROSPHDC")]),
            ..phase(
                "after 100 Continue",
                &[Head, Send(CONTINUE), Take(10_000)],
                [reset_or_send("ROSPHDC"), empty("ROSPHDC"), timeout("ROSPHDC")],
            )
            .after(upload_after_continue)
            .slow()
        },
    ]
}

pub fn a_connection_fails_in_any_phase_of_http() -> Vec<Case> {
    phases::of(phases(), |steps| Server::Scripts(Vec::leak(vec![steps])))
}
