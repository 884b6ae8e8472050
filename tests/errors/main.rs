//! How a transfer ends when it does not end well, and what can be seen of it.

#[path = "../support/mod.rs"]
mod support;

mod bad_input;
mod cancel;
mod debug_progress;
mod descriptors;
mod faults;
mod raise;
mod watched;

use std::cell::RefCell;
use std::rc::Rc;

use support::Easy;

type Bytes = Rc<RefCell<Vec<u8>>>;

/// Collects the body by a callback that consumes all of it.
fn collect(easy: &Easy) -> Bytes {
    let bytes = Bytes::default();
    let sink = bytes.clone();
    easy.on_write(move |_, data| {
        sink.borrow_mut().extend_from_slice(data);
        data.len() as i64
    });
    bytes
}
