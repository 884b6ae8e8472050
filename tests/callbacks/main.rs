//! The callbacks that need a peer of their own, each against the real thing.

#[path = "../support/mod.rs"]
mod support;

mod active;
#[path = "../support/calls.rs"]
mod calls;
mod every;
mod finalizers;
mod ftp;
mod hsts;
mod interleave;
mod kinds;
mod offsets;
mod request;
mod resume;
mod ssh;
mod tls;
mod unlocked;
mod wildcard;
