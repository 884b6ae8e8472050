//! Memory that the options refer to, kept for as long as libcurl may read it.

use std::cell::{Cell, RefCell};
use std::ffi::c_void;
use std::ptr::null;
use std::sync::Arc;

use super::lazy::Lazy;
use crate::libcurl::strings::Strings;

/// Memory that libcurl reads from without copying it. Duplicates share it.
#[derive(Clone)]
pub enum Memory {
    List(Arc<Strings>),
    Bytes(Arc<[u8]>),
}

/// What the options refer to, by option.
#[derive(Default)]
pub struct Held(Lazy<Kept>);

#[derive(Default)]
struct Kept {
    current: RefCell<Vec<(i32, Memory)>>,
    /// Replaced during a transfer, which may still read it.
    replaced: RefCell<Vec<Memory>>,
    post_length: Cell<Option<i64>>,
}

impl Held {
    pub fn put(&self, option: i32, memory: Option<Memory>, in_use: bool) {
        if memory.is_none() && self.0.get().is_none() {
            return;
        }
        let kept = self.0.made();
        let mut current = kept.current.borrow_mut();
        if let Some(position) = current.iter().position(|(held, _)| *held == option) {
            let (_, old) = current.swap_remove(position);
            if in_use {
                kept.replaced.borrow_mut().push(old);
            }
        }
        current.extend(memory.map(|memory| (option, memory)));
    }

    /// The bytes that an option refers to, NULL where there are none.
    pub fn bytes(&self, option: i32) -> *const c_void {
        let Some(kept) = self.0.get() else { return null() };
        match kept.current.borrow().iter().find(|(held, _)| *held == option) {
            Some((_, Memory::Bytes(bytes))) => bytes.as_ptr().cast(),
            _ => null(),
        }
    }

    /// The length of what POSTFIELDS was set to; libcurl must not be told a greater one.
    pub fn post_length(&self) -> Option<i64> {
        self.0.get().and_then(|kept| kept.post_length.get())
    }

    pub fn set_post_length(&self, length: Option<i64>) {
        if length != self.post_length() {
            self.0.made().post_length.set(length);
        }
    }

    /// The transfer is over: libcurl no longer reads what was replaced in it.
    pub fn let_go(&self) {
        if let Some(kept) = self.0.get() {
            kept.replaced.borrow_mut().clear();
        }
    }

    pub fn clear(&self) {
        if let Some(kept) = self.0.get() {
            kept.current.take();
            kept.replaced.take();
            kept.post_length.set(None);
        }
    }

    pub fn copy_from(&self, other: &Held) {
        if let Some(theirs) = other.0.get() {
            let kept = self.0.made();
            kept.current.replace(theirs.current.borrow().clone());
            kept.post_length.set(theirs.post_length.get());
        }
    }
}
