//! on_notify: libcurl says that something happened. Its notifications are passed on when it has returned, so that the callback can
//! close handles.

use std::ffi::{c_uint, c_void};
use std::ptr::null_mut;

use super::drive::libcurl;
use super::event::Event;
use super::{Multi, curlback_multi};
use crate::access::Call;
use crate::boundary::{Outcome, contain, enter, fail};
use crate::callback::curlback_callback;
use crate::easy::{Easy, curlback_easy, unsupported};
use crate::libcurl::multi::notify_switches;
use crate::libcurl::sys::{CURL, CURLM};
use crate::libcurl::version;
use crate::registry::claim;
use crate::result::{code, curlback_result};
use crate::slot::curlback_drop_cb;

/// What on_notify is called for.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(non_camel_case_types)]
pub enum curlback_notify {
    /// Transfers have ended since it was last called for that: of which curlback_multi_next_done() tells. `easy` is NULL.
    CURLBACK_NOTIFY_INFO_READ = 0,
    /// The transfer of `easy` has ended.
    CURLBACK_NOTIFY_EASY_DONE = 1,
}

const KNOWN: [i32; 2] =
    [curlback_notify::CURLBACK_NOTIFY_INFO_READ as i32, curlback_notify::CURLBACK_NOTIFY_EASY_DONE as i32];

/// `notification`, one of CURLBACK_NOTIFY_*, happened, to `easy` or, where that is NULL, to the multi handle.
///
/// It may add, remove, reset, close and release handles, this one included, but not drive the multi handle.
#[allow(non_camel_case_types)]
pub type curlback_multi_notify_cb = Option<
    unsafe extern "C-unwind" fn(
        multi: *mut curlback_multi,
        notification: i32,
        easy: *mut curlback_easy,
        user_data: *mut c_void,
    ),
>;

pub struct Notify;

impl Event for Notify {
    type Function = unsafe extern "C-unwind" fn(*mut curlback_multi, i32, *mut curlback_easy, *mut c_void);
    const ID: curlback_callback = curlback_callback::CURLBACK_CALLBACK_MULTI_NOTIFY;
}

/// One that is to be passed on.
#[derive(Clone, Copy)]
pub struct Notification {
    what: i32,
    easy: *mut curlback_easy,
}

const SINCE: u32 = version::version(8, 17, 0);

pub fn available() -> bool {
    version::number() >= SINCE && notify_switches().is_some()
}

fn required() -> Outcome {
    if available() { Ok(()) } else { Err(unsupported("notify", &version::in_words(SINCE))) }
}

pub fn trampoline() -> *const c_void {
    notify_trampoline as *const c_void
}

unsafe extern "C" fn notify_trampoline(
    _curlm: *mut CURLM,
    what: c_uint,
    curl: *mut CURL,
    multi: *mut c_void,
) {
    // SAFETY: `multi` is what Multi set as NOTIFYDATA; this thread owns it, as it runs libcurl.
    let multi = unsafe { &*multi.cast::<Multi>() };
    let noted = contain(|| {
        if multi.registered::<Notify>().is_some() {
            let easy = multi.member_of(curl).map_or(null_mut(), Easy::handle);
            multi.notifications.borrow_mut().push_back(Notification { what: what as i32, easy });
        }
    });
    if noted.is_err() {
        multi.panicked(Notify::ID, "a notification was lost");
    }
}

impl Multi {
    /// Passes one notification on; false where there is none.
    pub(super) fn notify_next(&self) -> bool {
        let Some(next) = self.notifications.borrow_mut().pop_front() else { return false };
        // One about a handle that has been closed meanwhile says nothing to anybody.
        if next.easy.is_null() || self.member(next.easy.addr() as u64).is_some() {
            self.call::<Notify, ()>((), |function, user_data| {
                // SAFETY: the caller registered the function for this user data.
                unsafe { function(self.handle(), next.what, next.easy, user_data) }
            });
        }
        true
    }
}

/// Calls `callback` for the notifications that curlback_multi_notify() enables, when libcurl has returned to this library. NULL unsets.
/// Needs libcurl 8.17, else CURLBACK_E_UNSUPPORTED. Also inside callbacks; replacing takes effect with the next call.
///
/// # Safety
/// `callback` may be called with `user_data` until `drop` was called.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_multi_on_notify(
    multi: *mut curlback_multi,
    callback: curlback_multi_notify_cb,
    user_data: *mut c_void,
    drop: curlback_drop_cb,
) -> curlback_result {
    enter(|| {
        let multi = claim::<Multi>(multi, Call::Set)?;
        required()?;
        multi.register::<Notify>(callback, user_data, drop);
        Ok(())
    })
}

/// Switches a notification, one of CURLBACK_NOTIFY_*, on or off; all are off at first. CURLBACK_E_RANGE for any other. Needs libcurl 8.17,
/// else CURLBACK_E_UNSUPPORTED. Also inside callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn curlback_multi_notify(
    multi: *mut curlback_multi,
    notification: i32,
    enabled: bool,
) -> curlback_result {
    enter(|| {
        let multi = claim::<Multi>(multi, Call::Set)?;
        required()?;
        if !KNOWN.contains(&notification) {
            return fail(code::E_RANGE, format!("{notification} is none of CURLBACK_NOTIFY_*"));
        }
        let Some((enable, disable)) = notify_switches() else { return required() };
        let switch = if enabled { enable } else { disable };
        // SAFETY: this thread owns the multi handle, and libcurl allows it in callbacks too.
        libcurl(unsafe { switch(multi.curlm, notification as c_uint) })
    })
}
