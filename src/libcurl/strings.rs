//! A list of strings in libcurl's form.

use std::ffi::c_char;
use std::ptr::null_mut;

use super::sys::{self, curl_slist};
use crate::boundary::{Outcome, fail, given};
use crate::result::code;

pub struct Strings(*mut curl_slist);

// SAFETY: it is changed only through a mutable reference, and libcurl only reads what it was set to.
unsafe impl Send for Strings {}
// SAFETY: as for Send.
unsafe impl Sync for Strings {}

impl Strings {
    pub(crate) fn new() -> Self {
        Strings(null_mut())
    }

    /// Copies of a caller's strings.
    ///
    /// # Safety
    /// Each is NULL, which is refused, or ends with NUL.
    pub unsafe fn given(items: &[*const c_char]) -> Outcome<Self> {
        let mut list = Strings::new();
        for item in items {
            given(*item, "an item")?;
            // SAFETY: a string, as the caller vouches.
            unsafe { list.push(*item) }?;
        }
        Ok(list)
    }

    /// Appends a copy.
    ///
    /// # Safety
    /// `text` ends with NUL.
    pub unsafe fn push(&mut self, text: *const c_char) -> Outcome {
        // SAFETY: the list is this one's own; the caller vouches for the string.
        let longer = unsafe { sys::curl_slist_append(self.0, text) };
        if longer.is_null() {
            return fail(code::E_NO_MEMORY, "no memory for a list of strings");
        }
        self.0 = longer;
        Ok(())
    }

    pub fn as_ptr(&self) -> *const curl_slist {
        self.0
    }

    /// Hands the list over to libcurl, which frees it.
    pub fn into_raw(mut self) -> *mut curl_slist {
        std::mem::replace(&mut self.0, null_mut())
    }
}

impl Drop for Strings {
    fn drop(&mut self) {
        // SAFETY: it is this list's own, made by curl_slist_append.
        unsafe { sys::curl_slist_free_all(self.0) };
    }
}
