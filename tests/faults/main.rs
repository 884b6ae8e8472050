//! A network that misbehaves: for each case the result, the order of the callbacks and the bytes they were given, everything back that was
//! held, and a handle that is good for the next transfer.

mod case;
mod counted;
mod ftp;
mod http;
mod phases;
mod protocol;
mod script;
#[path = "../support/mod.rs"]
mod support;
