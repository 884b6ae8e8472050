//! Memory that the options refer to, kept for as long as libcurl may read it.

use std::cell::{Cell, RefCell};
use std::ffi::c_void;
use std::ptr::null;
use std::sync::Arc;

use crate::libcurl::strings::Strings;

/// Memory that libcurl reads from without copying it. Duplicates share it.
#[derive(Clone)]
pub enum Memory {
    List(Arc<Strings>),
    Bytes(Arc<[u8]>),
}

/// What the options refer to, by option.
#[derive(Default)]
pub struct Held {
    current: RefCell<Vec<(i32, Memory)>>,
    /// Replaced during a transfer, which may still read it.
    replaced: RefCell<Vec<Memory>>,
    /// The length of what POSTFIELDS was set to; libcurl must not be told a greater one.
    pub post_length: Cell<Option<i64>>,
}

impl Held {
    pub fn put(&self, option: i32, memory: Option<Memory>, in_use: bool) {
        let mut current = self.current.borrow_mut();
        if let Some(position) = current.iter().position(|(held, _)| *held == option) {
            let (_, old) = current.swap_remove(position);
            if in_use {
                self.replaced.borrow_mut().push(old);
            }
        }
        current.extend(memory.map(|memory| (option, memory)));
    }

    /// The bytes that an option refers to, NULL where there are none.
    pub fn bytes(&self, option: i32) -> *const c_void {
        let current = self.current.borrow();
        match current.iter().find(|(held, _)| *held == option) {
            Some((_, Memory::Bytes(bytes))) => bytes.as_ptr().cast(),
            _ => null(),
        }
    }

    /// The transfer is over: libcurl no longer reads what was replaced in it.
    pub fn let_go(&self) {
        self.replaced.borrow_mut().clear();
    }

    pub fn clear(&self) {
        self.current.take();
        self.let_go();
        self.post_length.set(None);
    }

    pub fn copy_from(&self, other: &Held) {
        self.current.replace(other.current.borrow().clone());
        self.post_length.set(other.post_length.get());
    }
}
