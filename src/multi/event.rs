//! What the callbacks of a multi handle have in common.

use std::ffi::c_void;
use std::sync::Arc;

use super::Multi;
use crate::boundary::{contain, panic_text};
use crate::callback::{NONE, curlback_callback};
use crate::slot::{AnyFunction, Garbage, Registration, UserData, curlback_drop_cb, dispose};

const FIRST: usize = curlback_callback::CURLBACK_CALLBACK_MULTI_SOCKET as usize;
const LAST: usize = curlback_callback::CURLBACK_CALLBACK_MULTI_PUSH as usize;
/// How many kinds there are.
pub const COUNT: usize = LAST - FIRST + 1;

/// A kind of callback.
pub trait Event {
    /// The callback's function type, without NULL.
    type Function: Copy;
    const ID: curlback_callback;
}

/// Whether it is one of those that this library calls while libcurl is not at work.
pub fn is_between(kind: u8) -> bool {
    const DONE: u8 = curlback_callback::CURLBACK_CALLBACK_MULTI_DONE as u8;
    const NOTIFY: u8 = curlback_callback::CURLBACK_CALLBACK_MULTI_NOTIFY as u8;
    matches!(kind, DONE | NOTIFY)
}

impl Multi {
    /// What to call now, with its user data.
    #[inline]
    pub(super) fn registered<E: Event>(&self) -> Option<(E::Function, *mut c_void)> {
        let (function, user_data) = self.slots[E::ID as usize - FIRST].get()?;
        // SAFETY: the slot of this kind only ever holds what register() made of an E::Function.
        Some((unsafe { std::mem::transmute_copy::<AnyFunction, E::Function>(&function) }, user_data))
    }

    /// Sets, replaces or, with no function, unsets a callback.
    pub(super) fn register<E: Event>(
        &self,
        callback: Option<E::Function>,
        user_data: *mut c_void,
        drop: curlback_drop_cb,
    ) {
        const { assert!(size_of::<E::Function>() == size_of::<AnyFunction>()) };
        let registration = callback.map(|function| {
            Arc::new(Registration {
                // SAFETY: E::Function is a function pointer: the assertion has its size, and the trait asks for nothing else.
                function: unsafe { std::mem::transmute_copy::<E::Function, AnyFunction>(&function) },
                user_data: UserData::new(user_data, drop),
            })
        });
        if let Some(old) = self.slots[E::ID as usize - FIRST].replace(registration) {
            self.discard(Garbage::Registration(old));
        }
    }

    /// Calls the callback, where there is one, with all that has to happen around it.
    pub(super) fn call<E: Event, R>(
        &self,
        failing: R,
        call: impl FnOnce(E::Function, *mut c_void) -> R,
    ) -> Option<R> {
        let (function, user_data) = self.registered::<E>()?;
        let before = self.current.replace(E::ID as u8);
        let answer = contain(|| call(function, user_data)).unwrap_or_else(|panic| {
            self.panicked(E::ID, panic_text(&*panic));
            failing
        });
        self.current.set(before);
        if before == NONE {
            self.dispose(E::ID);
        }
        Some(answer)
    }

    /// Drops what was replaced.
    #[inline]
    pub(super) fn dispose(&self, kind: curlback_callback) {
        if !self.garbage.borrow().is_empty() {
            self.dispose_of(self.garbage.take(), kind);
        }
    }

    #[cold]
    fn dispose_of(&self, garbage: Vec<Garbage>, kind: curlback_callback) {
        if let Err(panic) = contain(|| dispose(garbage)) {
            self.panicked(kind, panic_text(&*panic));
        }
    }
}
