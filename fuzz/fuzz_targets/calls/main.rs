//! The input is a row of calls over live, closed and invented handles, and what the callbacks that come of them do: call in again,
//! pause, raise, close and replace themselves. The peer is a server in this process.
#![no_main]

mod callbacks;
mod elsewhere;
mod of_easy;
mod of_multi;
mod of_rest;
mod server;
mod watchdog;
mod world;

#[path = "../../../tests/support/calls.rs"]
mod calls;
#[path = "../../../tests/support/mod.rs"]
mod support;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| world::play(data));
