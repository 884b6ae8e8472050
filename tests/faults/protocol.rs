//! HTTP/1.1: answers that are wrong, too long, too many, or not what was promised.

use curlback::libcurl::tables::opt;
use curlback::result::code::E_NO_MEMORY;

use crate::case::*;
use crate::script::Step::{self, *};
use crate::support::{Easy, LIMIT, stretched};

const HELLO: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
const TWO_HELLOS: &[u8] =
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
const OK: &[u8] = b"HTTP/1.1 200 OK\r\n";
const CHUNKED: &[u8] = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
const TO_ITSELF: &[u8] = b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n";
const LINE: &[u8] = b"X-Header: one of very many, which are one too many in the end\r\n";
const MANY_X: &[u8] = &[b'x'; 1000];

/// Answers with this and waits; the callbacks get no body.
fn answer(name: &'static str, bytes: &'static [u8], end: End) -> Case {
    // The scripts live as long as the test.
    let script: &'static [Step] = Vec::leak(vec![Request, Send(bytes), Stall]);
    case(name, Vec::leak(vec![script]), end)
}

/// libcurl 7.88 goes on until a limit ends it, or takes another way.
fn newer(case: Case) -> Case {
    Case { newer: true, ..case }
}

/// The callbacks get this body.
fn with(body: &'static [u8], case: Case) -> Case {
    Case { body: Body::Exactly(body), ..case }
}

pub fn heads_that_are_wrong() -> Vec<Case> {
    // Before the first header, and after it.
    let (early, late) = ("ROSPC", "ROSPHC");
    let weird = |says| end(8, says, late);
    vec![
        answer("no HTTP", b"220 this is no HTTP\r\n", end(1, "http/0.9", early)),
        answer("a version that is none", b"HTTP/9.9 200 OK\r\n\r\n", end(1, "version", early)),
        answer("a status that is none", b"HTTP/1.1 2OO OK\r\n\r\n", end(1, "unsupported", early)),
        case(
            "a status of four digits",
            &[&[Request, Send(b"HTTP/1.1 2000 OK\r\n\r\n")]],
            good("ROSPHC"),
        )
        .before(end(1, "unsupported", early)),
        answer("a header without a colon", b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n", weird("colon")),
        answer("a NUL in a header", b"HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n", weird("nul byte")),
        answer(
            "a negative length",
            b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
            weird("content-length"),
        ),
        answer(
            "a length that is no number",
            b"HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\n",
            weird("content-length"),
        ),
        newer(answer(
            "two lengths",
            b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
            weird("content-length"),
        )),
        with(
            b"hello",
            case(
                "a length of more than 64 bits",
                &[&[Request, Send(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nhello")]],
                good("ROSPHWC"),
            ),
        ),
        with(
            b"hello",
            answer(
                "a length beside chunks",
                b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
                good("ROSPHW"),
            ),
        ),
        answer(
            "an encoding of the transfer that nobody asked for",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: nonsense\r\n\r\nhello",
            end(61, "encoding", late),
        ),
        with(
            b"hello",
            case(
                "101 that nobody asked for",
                &[&[Request, Send(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\nhello")]],
                good("ROSPHW"),
            ),
        ),
        case("a header without an end", &[&[Request, Send(OK), Send(b"X: "), Repeat(MANY_X, 0)]], end(100, "", late))
            .before(end(E_NO_MEMORY, "memory", late)),
        case("headers without an end", &[&[Request, Send(OK), Repeat(LINE, 0)]], end(56, "headers", late)),
        case(
            "100 Continue without an end",
            &[&[Request, Repeat(b"HTTP/1.1 100 Continue\r\n\r\n", 0)]],
            end(56, "headers", late),
        ),
        case(
            "103 without an end",
            &[&[Request, Repeat(b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n", 0)]],
            end(100, "headers", late),
        )
        .before(end(56, "headers", late)),
    ]
}

pub fn chunks_that_are_wrong() -> Vec<Case> {
    let chunks = |name, chunks: &'static [u8], end| {
        let script: &'static [Step] = Vec::leak(vec![Request, Send(CHUNKED), Send(chunks), Stall]);
        with(b"hello", case(name, Vec::leak(vec![script]), end))
    };
    let order = "ROSPHWC";
    let bad = |says| end(56, says, order);
    vec![
        chunks("a chunk's size that is none", b"5\r\nhello\r\nzz\r\n", bad("chunk")),
        chunks("a chunk's size of more than 64 bits", b"5\r\nhello\r\nfffffffffffffffff\r\n", bad("chunk")),
        chunks("a negative chunk's size", b"5\r\nhello\r\n-1\r\n", bad("chunk")),
        chunks("no line end after a chunk", b"5\r\nhello6\r\nworld!\r\n", bad("chunk")),
        chunks("a trailer without a colon", b"5\r\nhello\r\n0\r\nno colon\r\n\r\n", end(8, "colon", order))
            .before(end(43, "chunked", order)),
        with(
            b"hello",
            case(
                "a huge chunk that does not come",
                &[&[Request, Send(CHUNKED), Send(b"7fffffffffffffff\r\nhello")]],
                partial(order),
            ),
        ),
        with(
            b"hello",
            case(
                "a trailer without an end",
                &[&[Request, Send(CHUNKED), Send(b"5\r\nhello\r\n0\r\nX: "), Repeat(MANY_X, 0)]],
                end(100, "chunk", order),
            )
            .before(end(56, "chunk", order)),
        ),
        newer(with(
            b"hello",
            case(
                "trailers without an end",
                &[&[Request, Send(CHUNKED), Send(b"5\r\nhello\r\n0\r\n"), Repeat(LINE, 0)]],
                end(100, "headers", "ROSPHWHC"),
            ),
        )),
        // libcurl reads it until somebody has enough.
        Case {
            slow: true,
            ..with(
                b"hello",
                case(
                    "a chunk's extension without an end",
                    &[&[Request, Send(CHUNKED), Send(b"5\r\nhello\r\n5;x="), Repeat(MANY_X, 1)]],
                    timeout(order),
                ),
            )
        },
    ]
}

pub fn bodies_that_are_wrong() -> Vec<Case> {
    fn at_most(easy: &Easy, _: u16) {
        easy.set_int(opt::MAXFILESIZE_LARGE, 100_000);
    }
    fn not_slower(easy: &Easy, _: u16) {
        easy.set_int(opt::TIMEOUT, stretched(LIMIT).as_secs() as i64);
        easy.set_int(opt::LOW_SPEED_LIMIT, 1000);
        easy.set_int(opt::LOW_SPEED_TIME, stretched(SHORT).as_secs() as i64);
    }
    vec![
        with(b"hello", answer("a body that is longer than promised", TWO_HELLOS, good("ROSPHWC"))),
        answer(
            "a body for 204",
            b"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello",
            good("ROSPHC"),
        )
        .before(good("ROSPH")),
        with(
            b"hello",
            answer(
                "more after the last chunk",
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\nand more",
                good("ROSPHW"),
            ),
        ),
        with(
            b"hello",
            case("an answer before the request", &[&[Send(HELLO), Request, Stall]], good("ROSPHW")),
        ),
        Case {
            newer: true,
            prepare: at_most,
            body: Body::UpTo(b'x', 100_000),
            ..case(
                "a body without an end, and a limit for it",
                &[&[Request, Send(OK), Send(b"\r\n"), Repeat(MANY_X, 0)]],
                end(63, "exceeded", "ROSPHWC"),
            )
        },
        Case {
            prepare: at_most,
            ..answer(
                "a body that is announced as too long",
                b"HTTP/1.1 200 OK\r\nContent-Length: 100001\r\n\r\n",
                end(63, "exceeded", "ROSPHC"),
            )
        },
        Case {
            slow: true,
            prepare: not_slower,
            body: Body::UpTo(b'x', 1000),
            ..case(
                "a slow drip under a low speed limit",
                &[&[Request, Send(OK), Send(b"\r\n"), Repeat(b"x", 50)]],
                end(28, "too slow", "ROSPHWC"),
            )
        },
    ]
}

pub fn encodings_that_lie() -> Vec<Case> {
    fn decode(easy: &Easy, _: u16) {
        easy.set_str(opt::ACCEPT_ENCODING, "");
    }
    let encoded = |name, bytes, end| Case { prepare: decode, ..answer(name, bytes, end) };
    let bad = end(61, "", "ROSPHC");
    vec![
        encoded("gzip that is none", b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello", bad),
        // libcurl takes it for whole.
        with(
            b"h",
            encoded(
                "gzip that ends early",
                b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 12\r\n\r\n\
                  \x1f\x8b\x08\0\0\0\0\0\0\x03\xcb\x48",
                good("ROSPHW"),
            ),
        ),
        encoded(
            "deflate that is none",
            b"HTTP/1.1 200 OK\r\nContent-Encoding: deflate\r\nContent-Length: 5\r\n\r\nhello",
            bad,
        ),
        encoded(
            "an encoding that nobody knows",
            b"HTTP/1.1 200 OK\r\nContent-Encoding: nonsense\r\nContent-Length: 5\r\n\r\nhello",
            bad,
        ),
        encoded(
            "more encodings than anybody has",
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip, gzip, gzip, gzip, gzip, gzip\r\nContent-Length: 5\r\n\r\nhello",
            bad,
        ),
    ]
}

pub fn redirects_that_are_wrong() -> Vec<Case> {
    fn follow(easy: &Easy, _: u16) {
        easy.set_int(opt::FOLLOWLOCATION, 1);
        easy.set_int(opt::MAXREDIRS, 3);
    }
    let to = |name, bytes, end| Case { prepare: follow, ..answer(name, bytes, end) };
    vec![
        Case {
            prepare: follow,
            ..case(
                "redirects without an end",
                &[&[
                    Request,
                    Send(TO_ITSELF),
                    Request,
                    Send(TO_ITSELF),
                    Request,
                    Send(TO_ITSELF),
                    Request,
                    Send(TO_ITSELF),
                    Stall,
                ]],
                end(47, "redirects", "ROSPHPHPHPH"),
            )
        },
        to(
            "a redirect to another scheme",
            b"HTTP/1.1 302 Found\r\nLocation: nosuch://127.0.0.1/\r\nContent-Length: 0\r\n\r\n",
            end(1, "unsupported", "ROSPH"),
        ),
        to(
            "a redirect to a file",
            b"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n",
            end(1, "disabled", "ROSPH"),
        ),
        to(
            "a redirect to no URL",
            b"HTTP/1.1 302 Found\r\nLocation: http://[::/\r\nContent-Length: 0\r\n\r\n",
            end(3, "", "ROSPH"),
        ),
        to("a redirect to nowhere", b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n", good("ROSPH")),
        to(
            "a redirect to a port that refuses",
            b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
            end(7, "connect", "ROSPHROSC"),
        ),
        Case {
            prepare: follow,
            ..case(
                "a redirect that is reset within its body",
                &[&[
                    Request,
                    Send(b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 5\r\n\r\nhel"),
                    Reset,
                ]],
                reset("ROSPHC"),
            )
        },
    ]
}

pub fn a_server_that_changes_its_mind() -> Vec<Case> {
    fn upload(easy: &Easy, _: u16) {
        easy.set_int(opt::UPLOAD, 1);
        easy.set_int(opt::INFILESIZE_LARGE, 10);
    }
    let again = |name, scripts, end| Case { reuses: true, ..case(name, scripts, end) };
    let retried = |case: Case| Case { connections: 2, ..with(b"hello", case) };
    vec![
        retried(again(
            "a reused connection that is reset",
            &[&[Request, Send(HELLO), Take(1), Reset], &[Request, Send(HELLO), Stall]],
            good("PCOSPHW"),
        )),
        retried(again(
            "a reused connection that ends instead of an answer",
            &[&[Request, Send(HELLO), Request], &[Request, Send(HELLO), Stall]],
            good("PCOSPHW"),
        )),
        Case {
            connections: 2,
            ..again(
                "a reused connection that is reset, and the next as well",
                &[&[Request, Send(HELLO), Take(1), Reset], &[Take(1), Reset]],
                reset("PCOSPC"),
            )
        },
        Case {
            newer: true,
            prepare: upload,
            ..retried(again(
                "a reused connection that is reset in an upload",
                &[&[Request, Send(HELLO), Head, Take(10), Reset], &[Request, Send(HELLO), Stall]],
                good("PDCKOSPDHW"),
            ))
        },
        again(
            "200 and a reset on a reused connection",
            &[&[Request, Send(HELLO), Request, Send(b"HTTP/1.1 200 OK\r\n"), Reset]],
            reset("PHC"),
        ),
        again(
            "no HTTP on a reused connection",
            &[&[Request, Send(HELLO), Request, Send(b"220 this is no HTTP\r\n"), Stall]],
            end(8, "status line", "PC"),
        )
        .before(end(1, "http/0.9", "PC")),
        // The connection is not used again.
        retried(again(
            "an answer too many",
            &[&[Request, Send(TWO_HELLOS), Stall], &[Request, Send(HELLO), Stall]],
            good("OSPHW"),
        )),
        Case {
            prepare: upload,
            ..case(
                "an answer before the upload is over",
                &[&[
                    Head,
                    Send(b"HTTP/1.1 413 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
                    HalfClose,
                ]],
                good("ROSPDHC"),
            )
            .before(good("ROSPHC"))
        },
    ]
}
