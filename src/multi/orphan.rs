//! libcurl handles that are freed by the thread that drives the multi handle they were in.
//!
//! libcurl counts, without a lock, who refers to what it knows of a host: an easy handle does as well as the connections that it has left
//! in its multi handle. So an easy handle is not freed while another thread drives that one. Where one does, what the easy
//! handle held of its caller's goes at once, and the rest is left to that thread.

use std::sync::Arc;

use super::queue;
use crate::callback::hsts::HstsWrite;
use crate::easy::Easy;
use crate::libcurl::sys::{self, CURL};
use crate::libcurl::tables::opt;
use crate::share::{Pool, turn};

/// A libcurl handle without an owner, and what it still refers to.
pub struct Orphan {
    curl: *mut CURL,
    takes_turns: bool,
    _share: Option<Arc<Pool>>,
}

// SAFETY: nobody else refers to the libcurl handle, and it calls nothing back but the locks of a share, which every thread may do.
unsafe impl Send for Orphan {}

impl Drop for Orphan {
    fn drop(&mut self) {
        // SAFETY: its owner has given it up, and it is freed here alone. The share that it uses goes after this.
        let free = || unsafe { sys::curl_easy_cleanup(self.curl) };
        if self.takes_turns { turn::inside(free) } else { free() }
    }
}

impl Easy {
    /// Frees the libcurl handle, which nothing uses any more, or sees to that.
    pub fn free(&self) {
        // SAFETY: this thread owns it, no callback of it is running, and it is not used after this.
        let here = || self.within(|| unsafe { sys::curl_easy_cleanup(self.curl()) });
        match self.membership.left() {
            // hsts_write is called as the handle is freed, and cannot be later.
            Some(multi) if !self.has::<HstsWrite>() => queue::free(multi, || self.orphan(), here),
            _ => here(),
        }
    }

    /// The libcurl handle without all that refers to this. What was kept of cookies is in their file when the close returns.
    fn orphan(&self) -> Orphan {
        let nothing = std::ptr::null();
        // None of these can fail but for want of memory, in which case libcurl has not written the cookies.
        let _ = self.setopt_pointer(opt::COOKIELIST, c"FLUSH".as_ptr().cast());
        let _ = self.setopt_pointer(opt::COOKIEJAR, nothing);
        let _ = self.setopt_long(opt::VERBOSE, 0);
        let _ = self.setopt_pointer(opt::DEBUGFUNCTION, nothing);
        let _ = self.setopt_pointer(opt::ERRORBUFFER, nothing);
        let share = self.share.borrow().clone();
        if let Some(pool) = &share {
            pool.leave(self);
        }
        Orphan { curl: self.curl(), takes_turns: self.takes_turns(), _share: share }
    }
}
