//! WebSocket: handshakes and connections that fail. What breaks the protocol is in tests/websocket/bad_server.rs.

use crate::case::*;
use crate::phases::{self, Phase};
use crate::script::Step::*;

const ACCEPT: &[u8] =
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";

pub fn a_connection_fails_in_any_phase_of_websocket() -> Vec<Case> {
    let phase = |name, steps, body, ends| Phase {
        name,
        steps,
        base: Case {
            url: "ws://127.0.0.1:PORT/",
            needs: "ws",
            body: Body::Exactly(body),
            ..case("", &[], good(""))
        },
        ends,
        before: None,
    };
    // libcurl takes the end of the connection for the end of the transfer once something has come.
    let phases = vec![
        phase("instead of 101", &[Request], b"", [reset("ROSPC"), empty("ROSPC"), timeout("ROSPC")]),
        phase(
            "in 101",
            &[Request, Send(b"HTTP/1.1 101 Swi")],
            b"",
            [reset("ROSPC"), empty("ROSPC"), timeout("ROSPC")],
        ),
        phase(
            "before a frame",
            &[Request, Send(ACCEPT)],
            b"",
            [reset("ROSPHC"), empty("ROSPHC"), timeout("ROSPHC")],
        ),
        phase(
            "in a frame's head",
            &[Request, Send(ACCEPT), Send(b"\x81")],
            b"",
            [reset("ROSPHC"), good("ROSPHC"), timeout("ROSPHC")],
        ),
        phase(
            "in a frame",
            &[Request, Send(ACCEPT), Send(b"\x81\x0ahello")],
            b"hello",
            [reset("ROSPHWC"), good("ROSPHWC"), timeout("ROSPHWC")],
        ),
        phase(
            "after a frame",
            &[Request, Send(ACCEPT), Send(b"\x81\x05hello")],
            b"hello",
            [reset("ROSPHWC"), good("ROSPHWC"), timeout("ROSPHWC")],
        ),
    ];
    phases::of(phases, |steps| Server::Scripts(Vec::leak(vec![steps])))
}

pub fn handshakes_of_websocket_that_are_wrong() -> Vec<Case> {
    let of = |case| Case { url: "ws://127.0.0.1:PORT/", needs: "ws", ..case };
    vec![
        of(case(
            "200 instead of 101",
            &[&[Request, Send(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), Stall]],
            end(22, "refused", "ROSPHC"),
        )),
        of(case(
            "403 instead of 101",
            &[&[Request, Send(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"), Stall]],
            end(22, "refused", "ROSPHC"),
        )),
    ]
}
