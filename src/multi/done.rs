//! Transfers that have ended: on_done and next_done.

use std::ffi::c_void;

use super::event::Event;
use super::{Multi, curlback_multi};
use crate::access::Call;
use crate::boundary::{enter, enter_or, given};
use crate::callback::curlback_callback;
use crate::easy::curlback_easy;
use crate::registry::claim;
use crate::result::curlback_result;
use crate::slot::curlback_drop_cb;

/// The transfer of `easy` has ended with `result`, which is what curlback_easy_perform() would have returned; curlback_easy_error() says
/// more. The easy handle stays in the multi handle until it is removed or closed.
///
/// It may add, remove, reset, close and release handles, this one included, but not drive the multi handle.
#[allow(non_camel_case_types)]
pub type curlback_done_cb = Option<
    unsafe extern "C-unwind" fn(
        multi: *mut curlback_multi,
        easy: *mut curlback_easy,
        result: curlback_result,
        user_data: *mut c_void,
    ),
>;

pub struct Done;

impl Event for Done {
    type Function =
        unsafe extern "C-unwind" fn(*mut curlback_multi, *mut curlback_easy, curlback_result, *mut c_void);
    const ID: curlback_callback = curlback_callback::CURLBACK_CALLBACK_MULTI_DONE;
}

/// A transfer that has ended, and how.
#[derive(Clone, Copy)]
pub struct Ended {
    pub easy: *mut curlback_easy,
    pub result: curlback_result,
}

impl Multi {
    /// The one that ended first of those that nobody was told of.
    #[inline]
    fn next_ended(&self) -> Option<Ended> {
        let ended = self.ended.borrow_mut().pop_front()?;
        if let Some(easy) = self.member(ended.easy.addr() as u64) {
            easy.membership.told();
        }
        Some(ended)
    }

    /// Calls on_notify and on_done for all there is to tell, unless one of them interrupts.
    #[inline(always)]
    pub(super) fn deliver(&self) {
        if !self.ended.borrow().is_empty() || !self.notifications.borrow().is_empty() {
            self.deliver_all();
        }
    }

    #[inline(never)]
    fn deliver_all(&self) {
        while !self.record.interrupted() {
            if self.notify_next() {
                self.tidy();
                continue;
            }
            if self.registered::<Done>().is_none() {
                return;
            }
            let Some(ended) = self.next_ended() else { return };
            self.call::<Done, ()>((), |function, user_data| {
                // SAFETY: the caller registered the function for this user data.
                unsafe { function(self.handle(), ended.easy, ended.result, user_data) }
            });
            self.tidy();
        }
    }
}

/// Calls `callback` for each transfer that ends: in curlback_multi_run(), perform, poll and socket_action, and in whatever other call
/// ends one. NULL unsets: curlback_multi_next_done() hands out what ends from then on.
///
/// Also inside callbacks; replacing takes effect with the next call. What ended and was not handed out yet goes to `callback`.
///
/// # Safety
/// `callback` may be called with `user_data` until `drop` was called.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_multi_on_done(
    multi: *mut curlback_multi,
    callback: curlback_done_cb,
    user_data: *mut c_void,
    drop: curlback_drop_cb,
) -> curlback_result {
    enter(|| {
        claim::<Multi>(multi, Call::Set)?.register::<Done>(callback, user_data, drop);
        Ok(())
    })
}

/// Hands out one transfer that has ended, the first that did, with its result; false where there is none, and always while on_done is
/// set. Also inside callbacks.
///
/// # Safety
/// `easy` and `result` are NULL or can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_multi_next_done(
    multi: *mut curlback_multi,
    easy: *mut *mut curlback_easy,
    result: *mut curlback_result,
) -> bool {
    enter_or(false, || {
        let multi = claim::<Multi>(multi, Call::Get)?;
        given(easy, "easy")?;
        given(result, "result")?;
        if multi.registered::<Done>().is_some() {
            return Ok(false);
        }
        let Some(ended) = multi.next_ended() else { return Ok(false) };
        // SAFETY: neither is NULL, and the caller vouches that they can be written to.
        unsafe {
            *easy = ended.easy;
            *result = ended.result;
        }
        Ok(true)
    })
}
