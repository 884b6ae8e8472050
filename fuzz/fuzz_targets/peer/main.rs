//! The input is what a server sends, for HTTP, WebSocket or FTP, cut into pieces; the callbacks check what they are promised, and
//! pause, fail, raise, send frames and close. There is no network: libcurl gets one end of a pair of sockets for each connection.
#![no_main]

mod script;
mod sockets;
mod transfer;

#[path = "../../../tests/support/mod.rs"]
mod support;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| transfer::play(data));
