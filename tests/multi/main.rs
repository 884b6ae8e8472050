//! Multi handles: each way of driving them, other threads, everything that can be closed in any order.

#[path = "../support/mod.rs"]
mod support;

mod driving;
