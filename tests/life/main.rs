//! What is registered, kept or raised has an owner, and is dropped once.

mod drop_functions;
mod kinds;
mod panics;
mod payload;
mod peers;
mod private;
mod registrations;
#[path = "../support/mod.rs"]
mod support;
