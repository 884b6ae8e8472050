//! Performing a transfer, ending it early, pausing it.
//!
//! libcurl's own curl_easy_perform() cannot be woken, so the transfer is driven in a multi handle that belongs to the easy
//! handle and keeps its connections. The libcurl handle stays in it after the transfer, as CONNECT_ONLY needs it to, until the next
//! perform, reset or close.

use std::cell::UnsafeCell;
use std::ffi::{CStr, c_char, c_int, c_long};
use std::ptr::null_mut;

use super::batch::Handed;
use super::{Easy, curlback_easy};
use crate::access::Call;
use crate::boundary::{Failure, Outcome, enter, fail};
use crate::libcurl::sys::{self, CURLM};
use crate::libcurl::tables::{info, opt};
use crate::registry::{self, claim};
use crate::result::{code, curlback_result};

/// What curlback_easy_pause() sets.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(non_camel_case_types)]
pub enum curlback_pause {
    /// Both directions go on.
    CURLBACK_PAUSE_NONE = 0,
    /// Receiving is paused, sending goes on.
    CURLBACK_PAUSE_RECV = 1,
    /// Sending is paused, receiving goes on.
    CURLBACK_PAUSE_SEND = 4,
    /// Both are paused.
    CURLBACK_PAUSE_BOTH = 5,
}

const NO_MEMORY: curlback_result = sys::CURLE_OUT_OF_MEMORY as curlback_result;
/// How long one wait is at most, in milliseconds: what wakes it comes sooner.
const WAIT: c_int = 1000;

/// The most that libcurl receives, and hands over, at a time.
const FULL: usize = 16 << 10;

/// A multi handle's trouble, as the CURLcode that curl_easy_perform() makes of it.
fn from_multi(code: sys::CURLMcode) -> curlback_result {
    if code == sys::CURLM_OUT_OF_MEMORY {
        NO_MEMORY
    } else {
        sys::CURLE_BAD_FUNCTION_ARGUMENT as curlback_result
    }
}

/// That a transfer has ended, as libcurl says.
pub struct Message {
    pub curl: *mut sys::CURL,
    pub result: curlback_result,
    /// Whether there is no other one.
    pub is_last: bool,
}

/// The next of the transfers that libcurl says have ended, with its result.
///
/// # Safety
/// This thread owns the multi handle, and libcurl is not at work on it.
pub unsafe fn next_message(multi: *mut CURLM) -> Option<Message> {
    let mut left: c_int = 0;
    // SAFETY: the caller's. A message is there until the next call for it, and of a transfer that is done it holds the result: there are
    // no others.
    unsafe {
        let message = sys::curl_multi_info_read(multi, &mut left).as_ref()?;
        let result = message.data as usize as curlback_result;
        Some(Message { curl: message.easy_handle, result, is_last: left == 0 })
    }
}

impl Easy {
    fn perform(&self) -> Outcome {
        if self.member().is_some() {
            return fail(code::E_IN_USE, "the handle is in a multi handle: remove it from there first");
        }
        self.leave_multi();
        let multi = self.own_multi()?;
        self.start()?;
        let curl_code = self.drive(multi);
        if self.ended() {
            // What it was doing ends now, its connection with it, while its callbacks are still kept from running.
            self.leave_multi();
        }
        let result = self.finish(curl_code, false);
        if result == code::OK { Ok(()) } else { Err(Failure::new(result, self.record().sentence())) }
    }

    /// The transfer is over, as libcurl says with `curl_code`; answers with what is reported. `removed` where it was cut short by its
    /// removal from a multi handle.
    pub fn finish(&self, curl_code: curlback_result, removed: bool) -> curlback_result {
        let cancelled = self.slot().end_transfer();
        self.go_on();
        self.held.let_go();
        self.end_mime();
        let os_errno = if curl_code == code::OK {
            self.keep_own_connection();
            0
        } else {
            self.info_int(info::OS_ERRNO)
        };
        self.record().finish(curl_code, cancelled || removed, self.sentence(), os_errno as i32)
    }

    /// A transfer begins: what is refused from here on is in its record too.
    pub fn start(&self) -> Outcome {
        self.begin()?;
        self.slot().begin_transfer();
        self.begin_mime().map_err(|why| {
            let ends_with = match why.code {
                code::E_NO_MEMORY => NO_MEMORY,
                libcurl if libcurl < code::E_NULL => libcurl,
                _ => sys::CURLE_FAILED_INIT as curlback_result,
            };
            self.explain(ends_with as sys::CURLcode, why);
            Failure::new(self.finish(ends_with, false), self.record().sentence())
        })
    }

    /// What the last transfer left goes.
    fn begin(&self) -> Outcome {
        let failed = self.record().has_failed();
        self.record().begin(self);
        self.forget_strings();
        self.body.begin(self.group(super::groups::Which::Body).get());
        self.header.begin(self.group(super::groups::Which::Header).get());
        if let Some(source) = &*self.source_bytes.borrow() {
            source.rewind();
        }
        self.ws.begin();
        self.batch.begin();
        self.receive_for_batch();
        self.follow_at_last()?;
        self.paused.set(0);
        self.have_sentences()?;
        self.clear_sentence();
        let garbage = registry::Object::garbage(self);
        if !garbage.is_empty() {
            crate::slot::dispose(garbage);
        }
        crate::callback::ftp::prepare(self, failed)
    }

    /// Runs the transfer to its end, or until it is to end early; answers with libcurl's result.
    fn drive(&self, multi: *mut CURLM) -> curlback_result {
        let added = self.join_multi(multi);
        if added != sys::CURLM_OK {
            return from_multi(added);
        }
        let mut running: c_int = 0;
        loop {
            if !self.is_over() {
                // SAFETY: this thread owns the multi handle, and no callback of it is running.
                let done = self.within(|| unsafe { sys::curl_multi_perform(multi, &mut running) });
                if done != sys::CURLM_OK {
                    return self.give_up(done);
                }
                if running == 0 {
                    let result = self.libcurl_result(multi);
                    if self.body_is_over(result) {
                        return result;
                    }
                } else if self.goes_on(multi) && !self.asked() {
                    continue;
                } else if self.flush_body() == Handed::Paused {
                    self.hold_back();
                }
            }
            if let Some(mask) = self.slot().pause_asked() {
                self.pause(mask);
            } else if !self.ended() {
                // SAFETY: as above; no descriptors are passed.
                let waited = unsafe { sys::curl_multi_poll(multi, null_mut(), 0, WAIT, null_mut()) };
                if waited != sys::CURLM_OK {
                    return self.give_up(waited);
                }
            }
            if let Some(result) = self.over_since() {
                return result;
            }
            if self.ended() {
                return sys::CURLE_ABORTED_BY_CALLBACK as curlback_result;
            }
        }
    }

    /// Whether libcurl is to be called again at once, because a wait would end at once too: it sends, and there is mostly room for
    /// more; or it left off in the middle of what had arrived, as it does after some buffers full.
    #[inline]
    fn goes_on(&self, multi: *mut CURLM) -> bool {
        if self.state.read.replace(0) > 0 {
            return true;
        }
        // Asking costs something too.
        if self.state.expected.get() < FULL && !self.has_batch() {
            return false;
        }
        let mut milliseconds: c_long = -1;
        // SAFETY: the multi handle is this handle's own, and libcurl is not at work on it.
        let asked = unsafe { sys::curl_multi_timeout(multi, &mut milliseconds) };
        asked == sys::CURLM_OK && milliseconds == 0
    }

    /// The multi handle cannot go on: the transfer is not left in it half done.
    fn give_up(&self, why: sys::CURLMcode) -> curlback_result {
        self.leave_multi();
        from_multi(why)
    }

    fn libcurl_result(&self, multi: *mut CURLM) -> curlback_result {
        // SAFETY: the multi handle is this handle's own.
        unsafe { next_message(multi) }
            .map_or(sys::CURLE_BAD_FUNCTION_ARGUMENT as curlback_result, |message| message.result)
    }

    /// Takes the libcurl handle out of the multi handle that it is in, of whosever: what is left of its transfer ends.
    pub fn leave_multi(&self) {
        let multi = self.attached.replace(null_mut());
        if !multi.is_null() {
            // SAFETY: this thread owns both, and it is in there.
            self.within(|| unsafe { sys::curl_multi_remove_handle(multi, self.curl) });
        }
    }

    /// Puts the libcurl handle into a multi handle.
    pub(crate) fn join_multi(&self, multi: *mut CURLM) -> sys::CURLMcode {
        // Callbacks that libcurl calls meanwhile are to find it there.
        self.attached.set(multi);
        // SAFETY: this thread owns both, and it is in no other.
        let added = self.within(|| unsafe { sys::curl_multi_add_handle(multi, self.curl) });
        if added != sys::CURLM_OK {
            self.attached.set(null_mut());
        }
        added
    }

    /// Pauses and goes on, on the thread that runs the transfer.
    pub fn pause(&self, mask: i32) -> curlback_result {
        self.paused.set(mask);
        let mask = self.resume_body(mask);
        if self.is_over() {
            return code::OK;
        }
        // SAFETY: this thread owns the handle; libcurl allows it in callbacks too.
        self.within(|| unsafe { sys::curl_easy_pause(self.curl, mask) as curlback_result })
    }

    /// A callback that supplies what is sent has paused: libcurl pauses sending by itself.
    pub fn sending_paused(&self) {
        self.paused.set(self.paused.get() | curlback_pause::CURLBACK_PAUSE_SEND as i32);
    }

    /// on_write has paused at what was collected for it: libcurl is to receive no more.
    pub fn hold_back(&self) {
        let mask = self.paused.get() | curlback_pause::CURLBACK_PAUSE_RECV as i32;
        // SAFETY: as in pause().
        self.within(|| unsafe { sys::curl_easy_pause(self.curl, mask) });
    }

    /// Where libcurl writes its sentences; NULL before the first transfer.
    pub(super) fn sentence_start(&self) -> *mut c_char {
        self.error_buffer.get().map_or(null_mut(), |buffer| buffer.get().cast())
    }

    /// From here on libcurl has a place for its sentences.
    pub(super) fn have_sentences(&self) -> Outcome {
        if self.error_buffer.get().is_none() {
            self.error_buffer.get_or_init(|| Box::new(UnsafeCell::new([0; sys::CURL_ERROR_SIZE])));
            self.set_error_buffer()?;
        }
        Ok(())
    }

    pub(super) fn set_error_buffer(&self) -> Outcome {
        self.setopt_pointer(opt::ERRORBUFFER, self.sentence_start().cast_const().cast())
    }

    /// What libcurl wrote to the error buffer last.
    pub(crate) fn sentence(&self) -> &CStr {
        let start = self.sentence_start();
        if start.is_null() {
            return c"";
        }
        // SAFETY: libcurl ends what it writes there with NUL, and it does not write while this is looked at: the reference is
        // used up before the next call into libcurl.
        unsafe { CStr::from_ptr(start) }
    }

    /// One of libcurl's results of a call outside of a transfer, in the sentence that libcurl gave for it, if any.
    pub(crate) fn failure(&self, curl_code: sys::CURLcode) -> Failure {
        let plain = Failure::libcurl(curl_code as curlback_result);
        match self.sentence() {
            own if own.is_empty() => plain,
            own => Failure::new(plain.code, own.to_string_lossy().into_owned()),
        }
    }

    pub(crate) fn clear_sentence(&self) {
        if let Some(buffer) = self.error_buffer.get() {
            // SAFETY: the buffer is this handle's own, and libcurl is not running.
            unsafe { *buffer.get().cast::<c_char>() = 0 };
        }
    }
}

/// Performs the transfer that the options describe, and returns when it has ended. What the callbacks collected or raised, and
/// connections, stay for later; curlback_easy_error() says how it went.
///
/// Returns CURLBACK_OK; libcurl's CURLcode; CURLBACK_E_RAISED when a callback interrupted it; CURLBACK_E_CANCELLED after
/// curlback_easy_cancel(); CURLBACK_E_LIMIT when more arrived than memory was to collect. CURLBACK_E_IN_CALLBACK from inside a callback of
/// this handle; a transfer of another handle can be performed there.
#[unsafe(no_mangle)]
pub extern "C" fn curlback_easy_perform(easy: *mut curlback_easy) -> curlback_result {
    enter(|| claim::<Easy>(easy, Call::Perform)?.perform())
}

/// Ends the running transfer with CURLBACK_E_CANCELLED, however little of it was left; no further callback of it runs. CURLBACK_OK
/// where nothing runs. From any thread, also inside callbacks; it does not wait for the transfer to end, which takes at most
/// some milliseconds unless a callback or the system's resolver is slow.
///
/// In a multi handle that nothing runs on it is done before the call returns, on_done included, where the calling thread is the
/// one that last drove it; else with the next call that drives it, and curlback_multi_poll() is woken.
#[unsafe(no_mangle)]
pub extern "C" fn curlback_easy_cancel(easy: *mut curlback_easy) -> curlback_result {
    enter(|| {
        registry::cancel::<Easy>(easy)?;
        crate::multi::carry_out(easy)
    })
}

/// Pauses the directions of the running transfer that `mask` names, one of CURLBACK_PAUSE_*, and lets the others go on.
/// CURLBACK_E_RANGE for any other mask, CURLBACK_OK where nothing runs.
///
/// From any thread, also inside callbacks. Called on the thread that runs the transfer it takes effect at once, and unpausing can run
/// callbacks before it returns: CURLBACK_E_RAISED if one interrupts. Called on another the running thread carries it out soon.
#[unsafe(no_mangle)]
pub extern "C" fn curlback_easy_pause(easy: *mut curlback_easy, mask: i32) -> curlback_result {
    enter(|| {
        let known = [
            curlback_pause::CURLBACK_PAUSE_NONE,
            curlback_pause::CURLBACK_PAUSE_RECV,
            curlback_pause::CURLBACK_PAUSE_SEND,
            curlback_pause::CURLBACK_PAUSE_BOTH,
        ];
        registry::known::<Easy>(easy)?;
        if !known.iter().any(|known| *known as i32 == mask) {
            return fail(code::E_RANGE, format!("{mask} is no mask: it takes one of CURLBACK_PAUSE_*"));
        }
        if !registry::runs_here::<Easy>(easy) {
            registry::pause::<Easy>(easy, mask)?;
            return crate::multi::carry_out(easy);
        }
        let guard = claim::<Easy>(easy, Call::Private)?;
        if !guard.slot().active() {
            return Ok(());
        }
        // Between its callbacks libcurl can pause a transfer at any time, but not inside a multi handle's own callbacks, nor may a transfer
        // that it runs meanwhile be one that it was not told about.
        if guard.member().is_some_and(|multi| !multi.can_pause()) {
            drop(guard);
            registry::pause::<Easy>(easy, mask)?;
            return crate::multi::carry_out(easy);
        }
        let curl_code = guard.pause(mask);
        if guard.over_since().is_some()
            && let Some(multi) = guard.member()
        {
            multi.look_at(guard.handle());
        }
        match guard.record().interrupted() {
            code::OK if curl_code == code::OK => Ok(()),
            code::OK => Err(Failure::libcurl(curl_code)),
            interrupted => fail(interrupted, "a callback that it ran ended the transfer"),
        }
    })
}
