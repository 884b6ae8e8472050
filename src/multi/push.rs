//! on_push: transfers that an HTTP/2 server begins by itself.

use std::ffi::{c_char, c_int, c_void};

use super::event::Event;
use super::{Multi, curlback_multi};
use crate::access::Call;
use crate::boundary::enter;
use crate::callback::curlback_callback;
use crate::easy::{Easy, curlback_easy};
use crate::libcurl::multi::{PushHeaders, curl_pushheader_bynum};
use crate::libcurl::sys::{self, CURL};
use crate::registry::{self, claim};
use crate::result::curlback_result;
use crate::slot::curlback_drop_cb;

/// What an on_push callback returns.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(non_camel_case_types)]
pub enum curlback_push {
    /// The transfer is wanted: `pushed` is in the multi handle from here on, and the application's, to be closed by it.
    CURLBACK_PUSH_OK = 0,
    /// It is not.
    CURLBACK_PUSH_DENY = 1,
    /// It is not, and the transfer that it belongs to ends with RECV_ERROR (56).
    CURLBACK_PUSH_ERROR = 2,
}

const OK: c_int = curlback_push::CURLBACK_PUSH_OK as c_int;
const DENY: c_int = curlback_push::CURLBACK_PUSH_DENY as c_int;
const ERROR: c_int = curlback_push::CURLBACK_PUSH_ERROR as c_int;

/// The server pushes what belongs to the transfer of `parent`: with `count` headers, "name: value" each, which are there until the
/// callback returns. `pushed` is a duplicate of `parent` for it; unless the callback returns CURLBACK_PUSH_OK it is gone then.
///
/// Return one of CURLBACK_PUSH_*; any other value counts as CURLBACK_PUSH_DENY.
#[allow(non_camel_case_types)]
pub type curlback_multi_push_cb = Option<
    unsafe extern "C-unwind" fn(
        multi: *mut curlback_multi,
        parent: *mut curlback_easy,
        pushed: *mut curlback_easy,
        headers: *const *const c_char,
        count: usize,
        user_data: *mut c_void,
    ) -> i32,
>;

pub struct Push;

impl Event for Push {
    type Function = unsafe extern "C-unwind" fn(
        *mut curlback_multi,
        *mut curlback_easy,
        *mut curlback_easy,
        *const *const c_char,
        usize,
        *mut c_void,
    ) -> i32;
    const ID: curlback_callback = curlback_callback::CURLBACK_CALLBACK_MULTI_PUSH;
}

pub fn trampoline() -> *const c_void {
    push_trampoline as *const c_void
}

unsafe extern "C" fn push_trampoline(
    parent: *mut CURL,
    pushed: *mut CURL,
    count: usize,
    headers: *mut PushHeaders,
    multi: *mut c_void,
) -> c_int {
    // SAFETY: `multi` is what Multi set as PUSHDATA; this thread owns it, as it runs libcurl.
    let multi = unsafe { &*multi.cast::<Multi>() };
    // SAFETY: libcurl has as many headers as it says, until this returns.
    let header = |n| unsafe { curl_pushheader_bynum(headers, n) }.cast_const();
    let headers = || (0..count).map(header).filter(|header| !header.is_null()).collect();
    multi.called(|| multi.on_push(parent, pushed, headers)).unwrap_or(DENY)
}

impl Multi {
    fn on_push(
        &self,
        parent: *mut CURL,
        pushed: *mut CURL,
        headers: impl FnOnce() -> Vec<*const c_char>,
    ) -> c_int {
        if self.registered::<Push>().is_none() {
            return DENY;
        }
        let Some(parent) = self.member_of(parent).filter(|parent| !parent.ended()) else { return DENY };
        let Ok(handle) = parent.adopt_pushed(pushed) else { return DENY };
        let Some(slot) = registry::slot_of::<Easy>(handle.addr() as u64) else { return DENY };
        // SAFETY: it was made just now, and nobody but this thread knows it.
        let easy = unsafe { &*slot.object::<Easy>() };
        self.take_in(easy);
        let headers = headers();
        let answer = self.call::<Push, i32>(DENY, |function, user_data| {
            // SAFETY: the caller registered the function for this user data.
            unsafe {
                function(self.handle(), parent.handle(), handle, headers.as_ptr(), headers.len(), user_data)
            }
        });
        if answer == Some(OK) {
            easy.attach_pushed(self.curlm);
            self.enlist(easy);
            return OK;
        }
        // libcurl frees its handle itself.
        slot.own();
        easy.disown();
        easy.membership.leave();
        slot.set_domain(None);
        slot.destroy();
        if answer == Some(ERROR) {
            // libcurl means to end it so, and forgets to.
            parent.end_with(sys::CURLE_RECV_ERROR as curlback_result);
        }
        DENY
    }
}

/// Calls `callback` for each transfer that an HTTP/2 server pushes. NULL unsets: all are refused. For HTTP/2 that libcurl multiplexes. Also
/// inside callbacks; replacing takes effect with the next call.
///
/// # Safety
/// `callback` may be called with `user_data` until `drop` was called.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_multi_on_push(
    multi: *mut curlback_multi,
    callback: curlback_multi_push_cb,
    user_data: *mut c_void,
    drop: curlback_drop_cb,
) -> curlback_result {
    enter(|| {
        claim::<Multi>(multi, Call::Set)?.register::<Push>(callback, user_data, drop);
        Ok(())
    })
}
