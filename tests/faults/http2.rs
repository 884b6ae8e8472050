//! HTTP/2 without TLS: a server of few bytes.

use curlback::libcurl::tables::opt;

use crate::case::*;
use crate::phases::{self, Phase};
use crate::script::Step::{self, *};
use crate::support::Easy;

const PREFACE: Step = Take(24);
/// The client's HEADERS: its request.
const ASKED: Step = Frame(1);
/// The client has taken the settings: it has nothing more to send.
const ACK: Step = Until(b"\0\0\0\x04\x01\0\0\0\0");
const SETTINGS: &[u8] = b"\0\0\0\x04\0\0\0\0\0";
/// Stream 1: ":status: 200", and more to come.
const HEADERS: &[u8] = b"\0\0\x01\x01\x04\0\0\0\x01\x88";
/// Stream 1: "hello", and more to come.
const DATA: &[u8] = b"\0\0\x05\0\0\0\0\0\x01hello";
/// The whole of an answer: headers, and "hello" as the end.
const ANSWER: &[u8] = b"\0\0\x01\x01\x04\0\0\0\x01\x88\0\0\x05\0\x01\0\0\0\x01hello";
/// Stream 1: INTERNAL_ERROR.
const RST_STREAM: &[u8] = b"\0\0\x04\x03\0\0\0\0\x01\0\0\0\x02";
/// Stream 1: REFUSED_STREAM, which asks for another try.
const REFUSED: &[u8] = b"\0\0\x04\x03\0\0\0\0\x01\0\0\0\x07";
/// The last stream is 0, or 1; NO_ERROR.
const GOAWAY_0: &[u8] = b"\0\0\x08\x07\0\0\0\0\0\0\0\0\0\0\0\0\0";
const GOAWAY_1: &[u8] = b"\0\0\x08\x07\0\0\0\0\0\0\0\0\x01\0\0\0\0";
/// The last stream is 1; PROTOCOL_ERROR.
const GOAWAY_ERROR: &[u8] = b"\0\0\x08\x07\0\0\0\0\0\0\0\0\x01\0\0\0\x01";

fn prior_knowledge(easy: &Easy, _: u16) {
    easy.set_int(opt::HTTP_VERSION, 5);
}

const fn h2(name: &'static str, scripts: &'static [&'static [Step]], end: End) -> Case {
    Case { prepare: prior_knowledge, needs: "HTTP2", ..case(name, scripts, end) }
}

pub fn a_connection_fails_in_any_phase_of_http2() -> Vec<Case> {
    let broken = |order| end(16, "", order);
    let unclean = |order| end(18, "not closed cleanly", order);
    let phase = |name, steps, body, ends| Phase {
        name,
        steps,
        base: Case { body: Body::Exactly(body), ..h2("", &[], good("")) },
        ends,
        before: None,
    };
    // What the transfer itself does not notice leaves the connection open.
    let phases = vec![
        Phase {
            before: Some([reset_or_send("ROSP"), unclean("ROSP"), timeout("ROSP")]),
            ..phase(
                "instead of SETTINGS",
                &[PREFACE, ASKED],
                b"",
                [reset_or_send("ROSP"), broken("ROSPC"), timeout("ROSP")],
            )
        },
        Phase {
            before: Some([reset_or_send("ROSP"), unclean("ROSP"), timeout("ROSP")]),
            ..phase(
                "after SETTINGS",
                &[PREFACE, ASKED, Send(SETTINGS), ACK],
                b"",
                [reset_or_send("ROSP"), broken("ROSPC"), timeout("ROSP")],
            )
        },
        Phase {
            before: Some([reset_or_send("ROSP"), unclean("ROSP"), timeout("ROSP")]),
            ..phase(
                "in HEADERS",
                &[PREFACE, ASKED, Send(SETTINGS), ACK, Send(b"\0\0\x05\x01")],
                b"",
                [reset_or_send("ROSP"), broken("ROSPC"), timeout("ROSP")],
            )
        },
        Phase {
            before: Some([reset_or_send("ROSPHW"), unclean("ROSPHW"), timeout("ROSPHW")]),
            ..phase(
                "in DATA",
                &[PREFACE, ASKED, Send(SETTINGS), ACK, Send(HEADERS), Send(DATA)],
                b"hello",
                [reset_or_send("ROSPHW"), partial("ROSPHWC"), timeout("ROSPHW")],
            )
        },
    ];
    phases::of(phases, |steps| Server::Scripts(Vec::leak(vec![steps])))
}

pub fn frames_that_end_or_break_a_transfer() -> Vec<Case> {
    let hello = |case| Case { body: Body::Exactly(b"hello"), ..case };
    let again = |case| Case { connections: 2, ..hello(case) };
    let broken = |says| end(16, says, "ROSPC");
    vec![
        h2(
            "RST_STREAM before the headers",
            &[&[PREFACE, ASKED, Send(SETTINGS), Send(RST_STREAM), Stall]],
            end(92, "internal_error", "ROSP"),
        ),
        Case {
            newer: true,
            ..hello(h2(
                "RST_STREAM in the body",
                &[&[PREFACE, ASKED, Send(SETTINGS), Send(HEADERS), Send(DATA), Send(RST_STREAM), Stall]],
                end(92, "internal_error", "ROSPHW"),
            ))
        },
        again(h2(
            "a stream that is refused",
            &[
                &[PREFACE, ASKED, Send(SETTINGS), Send(REFUSED), Stall],
                &[PREFACE, ASKED, Send(SETTINGS), Send(ANSWER), Stall],
            ],
            good("ROSPCOSPHW"),
        )),
        Case {
            newer: true,
            ..again(h2(
                "GOAWAY that leaves the stream out",
                &[
                    &[PREFACE, ASKED, Send(SETTINGS), Send(GOAWAY_0), Stall],
                    &[PREFACE, ASKED, Send(SETTINGS), Send(ANSWER), Stall],
                ],
                good("ROSPCOSPHW"),
            ))
        },
        hello(h2(
            "GOAWAY before the answer, which comes",
            &[&[PREFACE, ASKED, Send(SETTINGS), Send(GOAWAY_1), Send(ANSWER), Stall]],
            good("ROSPHWC"),
        )),
        h2(
            "GOAWAY for an error, and the end",
            &[&[PREFACE, ASKED, Send(SETTINGS), ACK, Send(GOAWAY_ERROR), HalfClose]],
            broken(""),
        )
        .before(end(18, "not closed cleanly", "ROSPC")),
        h2(
            "no HTTP/2",
            &[&[PREFACE, ASKED, Send(b"HTTP/1.1 400 Bad Request\r\n\r\n"), Stall]],
            broken("settings"),
        )
        .before(empty("ROSPC")),
        h2(
            "a frame that is too long",
            &[&[PREFACE, ASKED, Send(SETTINGS), Send(b"\xff\xff\xff\0\0\0\0\0\x01"), Stall]],
            broken("frame_size_error"),
        )
        .before(empty("ROSPC")),
        h2(
            "DATA before HEADERS",
            &[&[PREFACE, ASKED, Send(SETTINGS), Send(DATA), Stall]],
            broken("protocol_error"),
        )
        .before(empty("ROSPC")),
        h2(
            "headers that cannot be read",
            &[&[PREFACE, ASKED, Send(SETTINGS), Send(b"\0\0\x01\x01\x04\0\0\0\x01\xff"), Stall]],
            broken("compression_error"),
        )
        .before(empty("ROSPC")),
    ]
}
