//! TLS: handshakes that fail, and encrypted connections that are cut.

use curlback::libcurl::tables::opt;

use crate::case::*;
use crate::phases::{self, Phase};
use crate::script::Step::{self, *};
use crate::support::Easy;

/// HTTP/1.1 over TLS, with nginx behind what is relayed.
fn over_tls(easy: &Easy, _: u16) {
    trust(easy);
    // HTTP/1.1
    easy.set_int(opt::HTTP_VERSION, 2);
    // TLS 1.3 alone has nothing of a client's after the handshake.
    easy.set_int(opt::SSL_ENABLE_ALPN, 0);
}

const fn tls(name: &'static str, scripts: &'static [&'static [Step]], end: End) -> Case {
    Case {
        url: "https://127.0.0.1:PORT/1MiB.bin",
        prepare: over_tls,
        needs: "https",
        ..case(name, scripts, end)
    }
}

pub fn a_connection_fails_in_any_phase_of_tls() -> Vec<Case> {
    let phase = |name, steps, ends| Phase { name, steps, base: tls("", &[], good("")), ends, before: None };
    let in_body = phase(
        "in an encrypted body",
        &[Relay(100_000)],
        [reset("ROSPHWC"), end(56, "", "ROSPHWC"), timeout("ROSPHWC")],
    );
    let phases = vec![
        phase("before the hello", &[Take(1)], [end(35, "", "ROSC"), end(35, "", "ROSC"), timeout("ROSC")]),
        phase("in the handshake", &[Relay(200)], [end(35, "", "ROSC"), end(35, "", "ROSC"), timeout("ROSC")]),
        Phase {
            base: Case { body: Body::Pattern(100_000), ..in_body.base },
            before: Some([reset("ROSPHWC"), partial("ROSPHWC"), timeout("ROSPHWC")]),
            ..in_body
        },
    ];
    phases::of(phases, |steps| Server::Scripts(Vec::leak(vec![steps])))
}

pub fn handshakes_that_are_wrong() -> Vec<Case> {
    vec![
        tls("no TLS", &[&[Send(b"HTTP/1.1 400 Bad Request\r\n\r\n"), Stall]], end(35, "", "ROSC")),
        // handshake_failure, fatal
        tls(
            "an alert instead of a hello",
            &[&[Take(1), Send(b"\x15\x03\x03\0\x02\x02\x28"), Stall]],
            end(35, "alert", "ROSC"),
        ),
        tls(
            "a record that is too long",
            &[&[Take(1), Send(b"\x16\x03\x03\xff\xff"), Stall]],
            end(35, "", "ROSC"),
        ),
        Case {
            prepare: |_, _| (),
            ..tls("an issuer whom nobody trusts", &[&[Relay(1 << 20)]], end(60, "certificate", "ROSC"))
        },
    ]
}
