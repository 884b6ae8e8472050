//! on_timer: when libcurl wants to be called again.

use std::ffi::{c_int, c_long, c_void};
use std::time::{Duration, Instant};

use super::event::Event;
use super::{Multi, curlback_multi};
use crate::access::Call;
use crate::boundary::enter;
use crate::callback::curlback_callback;
use crate::libcurl::sys::CURLM;
use crate::registry::claim;
use crate::result::curlback_result;
use crate::slot::curlback_drop_cb;

/// Arrange one call of curlback_multi_socket_action() with CURLBACK_SOCKET_TIMEOUT in `timeout_ms` milliseconds, in place of what was
/// arranged before; -1 deletes it. With 0 the call may come at once, but not from inside this callback.
///
/// Return 0. -1 ends every transfer of the multi handle with ABORTED_BY_CALLBACK (42), and the call in progress returns 1011.
#[allow(non_camel_case_types)]
pub type curlback_multi_timer_cb = Option<
    unsafe extern "C-unwind" fn(multi: *mut curlback_multi, timeout_ms: i64, user_data: *mut c_void) -> i32,
>;

pub struct Timer;

impl Event for Timer {
    type Function = unsafe extern "C-unwind" fn(*mut curlback_multi, i64, *mut c_void) -> i32;
    const ID: curlback_callback = curlback_callback::CURLBACK_CALLBACK_MULTI_TIMER;
}

pub fn trampoline() -> *const c_void {
    timer_trampoline as *const c_void
}

#[allow(clippy::useless_conversion, reason = "a long is narrower on some systems")]
unsafe extern "C" fn timer_trampoline(_curlm: *mut CURLM, timeout_ms: c_long, multi: *mut c_void) -> c_int {
    // SAFETY: `multi` is what Multi set as TIMERDATA; this thread owns it, as it runs libcurl.
    let multi = unsafe { &*multi.cast::<Multi>() };
    if multi.called(|| multi.on_timer(i64::from(timeout_ms))).is_err() {
        multi.abort(Timer::ID);
    }
    // libcurl is never told of a failure: see multi/mod.rs.
    0
}

impl Multi {
    fn on_timer(&self, timeout_ms: i64) {
        let wait = u64::try_from(timeout_ms).ok().map(Duration::from_millis);
        self.deadline.set(wait.and_then(|wait| Instant::now().checked_add(wait)));
        let answer = self.call::<Timer, i32>(0, |function, user_data| {
            // SAFETY: the caller registered the function for this user data.
            unsafe { function(self.handle(), timeout_ms, user_data) }
        });
        if answer == Some(-1) {
            self.abort(Timer::ID);
        }
    }
}

/// Calls `callback` when the time changes at which libcurl wants curlback_multi_socket_action() with CURLBACK_SOCKET_TIMEOUT. NULL unsets.
/// libcurl calls it from inside perform, socket_action, run, add, remove, of a pause, and of an easy handle that closes.
///
/// Register it before the first transfer is added. Also inside callbacks; replacing takes effect with the next call.
///
/// # Safety
/// `callback` may be called with `user_data` until `drop` was called.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_multi_on_timer(
    multi: *mut curlback_multi,
    callback: curlback_multi_timer_cb,
    user_data: *mut c_void,
    drop: curlback_drop_cb,
) -> curlback_result {
    enter(|| {
        claim::<Multi>(multi, Call::Set)?.register::<Timer>(callback, user_data, drop);
        Ok(())
    })
}
