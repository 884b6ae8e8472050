//! Multi handles: each way of driving them, other threads, everything that can be closed in any order.

#[path = "../support/mod.rs"]
mod support;

mod bad_input;
mod closing;
mod driving;
mod engine;
mod failing;
mod foreign;
mod left;
mod notify;
mod pausing;
mod pools;
mod protocols;
mod push;
mod raising;
mod storm;
mod told;
mod waiting;

use std::cell::RefCell;
use std::rc::Rc;

use curlback_test_servers::HttpServer;

use support::Easy;

pub type Body = Rc<RefCell<Vec<u8>>>;

pub const HELLO: &[u8] = b"hello, world\n";

/// Collects the body.
pub fn collect_body(easy: &Easy) -> Body {
    let body = Body::default();
    let into = Rc::clone(&body);
    easy.on_write(move |_, data| {
        into.borrow_mut().extend_from_slice(data);
        data.len() as i64
    });
    body
}

/// A transfer from the shared server that collects its body.
pub fn transfer(path: &str) -> (Easy, Body) {
    let easy = Easy::to(&HttpServer::shared().url(path));
    let body = collect_body(&easy);
    (easy, body)
}
