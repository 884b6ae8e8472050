//! The multi handle that perform drives a handle's transfers with, and the options that libcurl has for multi handles of its own alone.

use std::cell::Cell;
use std::ffi::c_long;
use std::ptr::null_mut;

use super::Easy;
use crate::boundary::{Outcome, fail};
use crate::libcurl::sys::{self, CURLM};
use crate::libcurl::tables::{mopt, opt};
use crate::libcurl::version;
use crate::result::code;

/// How many connections libcurl's own multi handles keep.
const MAX_CONNECTIONS: i64 = 5;

/// The libcurl whose multi handles have that option.
const QUICK_EXIT_SINCE: u32 = version::version(8, 20, 0);

pub struct OwnMulti {
    /// NULL before the first transfer.
    handle: Cell<*mut CURLM>,
    max_connections: Cell<i64>,
    quick_exit: Cell<bool>,
    /// Whether the multi handle has been told both: telling it costs some 240 instructions, a third of what curlback adds to a small GET.
    told: Cell<bool>,
}

impl Default for OwnMulti {
    fn default() -> Self {
        Self {
            handle: Cell::new(null_mut()),
            max_connections: Cell::new(MAX_CONNECTIONS),
            quick_exit: Cell::new(false),
            told: Cell::new(false),
        }
    }
}

impl OwnMulti {
    /// An option was set to a number.
    pub fn number_set(&self, option: i32, value: i64) {
        match option {
            opt::MAXCONNECTS => self.max_connections.set(value),
            opt::QUICK_EXIT => self.quick_exit.set(value != 0),
            _ => return,
        }
        self.told.set(false);
    }

    pub fn copy_from(&self, original: &Self) {
        self.max_connections.set(original.max_connections.get());
        self.quick_exit.set(original.quick_exit.get());
        self.told.set(false);
    }

    /// The options are again what they are in a new handle.
    pub fn reset(&self) {
        self.copy_from(&Self::default());
    }

    /// Gives the multi handle up, to be freed; NULL where there was none.
    pub fn take(&self) -> *mut CURLM {
        self.handle.replace(null_mut())
    }
}

impl Easy {
    pub(super) fn own_multi(&self) -> Outcome<*mut CURLM> {
        let own = &self.multi;
        if own.handle.get().is_null() {
            // SAFETY: the library is initialised: there is an easy handle.
            let multi = unsafe { sys::curl_multi_init() };
            if multi.is_null() {
                return fail(code::E_NO_MEMORY, "libcurl could not make a multi handle");
            }
            own.handle.set(multi);
            own.told.set(false);
            self.slot().set_waker(multi);
        }
        let multi = own.handle.get();
        if !own.told.replace(true) {
            let limit = own.max_connections.get() as c_long;
            let quick = c_long::from(own.quick_exit.get());
            // SAFETY: the multi handle is this handle's own; the options take a long.
            unsafe {
                sys::curl_multi_setopt(multi, sys::CURLMOPT_MAXCONNECTS, limit);
                if version::number() >= QUICK_EXIT_SINCE {
                    sys::curl_multi_setopt(multi, mopt::QUICK_EXIT as sys::CURLMoption, quick);
                }
            }
        }
        Ok(multi)
    }
}
