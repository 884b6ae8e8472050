//! The callbacks that need a peer of their own, each against the real thing.

#[path = "../support/mod.rs"]
mod support;

mod active;
mod every;
mod ftp;
mod hsts;
mod interleave;
mod kinds;
mod request;
mod resume;
mod ssh;
mod tls;
mod wildcard;
