//! How the last transfer went: what libcurl says, what a callback raised, which callback ended it.

use std::cell::{Cell, RefCell};
use std::ffi::{CStr, CString, c_char, c_void};
use std::ptr::null_mut;
use std::sync::Arc;

use parking_lot::Mutex;

use super::{Easy, curlback_easy};
use crate::access::Call;
use crate::boundary::{Failure, Outcome, enter, enter_or, fail, given, note_panic};
use crate::callback::{self, NONE, curlback_callback};
use crate::libcurl::sys;
use crate::registry::claim;
use crate::result::{self, code, curlback_result};
use crate::slot::{Garbage, UserData, curlback_drop_cb};

/// How grave what a callback raises is.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(non_camel_case_types)]
pub enum curlback_raise {
    /// perform returns what libcurl makes of the callback's failing return; the record explains it.
    CURLBACK_RAISE_ERROR = 0,
    /// perform returns CURLBACK_E_RAISED, whatever the callback returns, and no further callback of this transfer runs.
    CURLBACK_RAISE_INTERRUPT = 1,
}

const ERROR: i32 = curlback_raise::CURLBACK_RAISE_ERROR as i32;
const INTERRUPT: i32 = curlback_raise::CURLBACK_RAISE_INTERRUPT as i32;

/// How a transfer went. The strings are copies, which stay until the handle's next perform, reset or close.
#[repr(C)]
#[allow(non_camel_case_types)]
pub struct curlback_error {
    /// What curlback_easy_perform() returned, or the multi handle reported.
    pub result: curlback_result,
    /// libcurl's own result.
    pub curl_code: curlback_result,
    /// The callback that raised, or else whose return ended the transfer: CURLBACK_CALLBACK_*, NONE where neither.
    pub callback: i32,
    /// CURLBACK_RAISE_*, from curlback_easy_raise(); 0 where nothing was raised.
    pub severity: i32,
    /// The code given to curlback_easy_raise(); 0 where nothing was raised.
    pub code: i32,
    /// The system's errno of a transfer that failed, where libcurl knows one; else 0.
    pub os_errno: i32,
    /// The message given to curlback_easy_raise(); "" where there was none.
    pub message: *const c_char,
    /// libcurl's own sentence, or else curlback_strerror()'s; "" after success.
    pub curl_message: *const c_char,
    /// The payload given to curlback_easy_raise(), still the record's; NULL where there is none or it was taken.
    pub payload: *mut c_void,
    /// The handle in whose callback it was raised; NULL where that was one of a multi handle's own.
    pub easy: *mut curlback_easy,
}

/// What a callback raised. A multi handle shows what its handles' callbacks raised too, by the same record.
pub struct Raised {
    severity: i32,
    code: i32,
    message: CString,
    payload: Mutex<Option<UserData>>,
    callback: u8,
}

impl Raised {
    /// What a caller gives, checked.
    ///
    /// # Safety
    /// `message` is NULL or ends with NUL.
    pub unsafe fn new(severity: i32, code: i32, message: *const c_char, callback: u8) -> Outcome<Self> {
        if severity != ERROR && severity != INTERRUPT {
            return fail(
                code::E_RANGE,
                format!(
                    "{severity} is no severity: it takes CURLBACK_RAISE_ERROR or CURLBACK_RAISE_INTERRUPT"
                ),
            );
        }
        let message = if message.is_null() {
            CString::default()
        } else {
            // SAFETY: not NULL, and the caller vouches for the NUL.
            unsafe { CStr::from_ptr(message) }.to_owned()
        };
        Ok(Raised { severity, code, message, payload: Mutex::new(None), callback })
    }

    /// From here on the payload is the record's.
    pub fn with_payload(self, payload: *mut c_void, drop: curlback_drop_cb) -> Arc<Self> {
        let payload = (!payload.is_null()).then(|| UserData::new(payload, drop));
        *self.payload.lock() = payload;
        Arc::new(self)
    }

    pub fn interrupts(&self) -> bool {
        self.severity == INTERRUPT
    }

    pub fn callback(&self) -> u8 {
        self.callback
    }

    pub fn message(&self) -> &CStr {
        &self.message
    }

    pub fn has_payload(&self) -> bool {
        self.payload.lock().is_some()
    }

    pub fn take_payload(&self) -> *mut c_void {
        let payload = self.payload.lock().take();
        payload.map_or(null_mut(), UserData::take)
    }
}

/// The raised part of a curlback_error; the rest of it is as where nothing was said or done.
pub fn shown(raised: Option<&Raised>, easy: *mut curlback_easy) -> curlback_error {
    curlback_error {
        result: code::OK,
        curl_code: code::OK,
        callback: raised.map_or(i32::from(NONE), |raised| i32::from(raised.callback)),
        severity: raised.map_or(0, |raised| raised.severity),
        code: raised.map_or(0, |raised| raised.code),
        os_errno: 0,
        message: raised.map_or(c"".as_ptr(), |raised| raised.message.as_ptr()),
        curl_message: c"".as_ptr(),
        payload: raised
            .and_then(|raised| raised.payload.lock().as_ref().map(UserData::get))
            .unwrap_or(null_mut()),
        easy,
    }
}

/// libcurl's result as this library gives it: out of memory is one of its own.
pub fn own_number(curl_code: curlback_result) -> curlback_result {
    if curl_code == sys::CURLE_OUT_OF_MEMORY as curlback_result { code::E_NO_MEMORY } else { curl_code }
}

#[derive(Default)]
pub struct Record {
    raised: RefCell<Option<Arc<Raised>>>,
    /// Why this library failed the transfer itself, where libcurl only sees a callback that failed: with what libcurl then ends
    /// with.
    explained: RefCell<Option<Box<(curlback_result, Failure)>>>,
    /// What an interrupted transfer ends with; 0 where none interrupted it.
    interrupted: Cell<curlback_result>,
    /// The callback that returned a failing value last.
    failed: Cell<u8>,
    result: Cell<curlback_result>,
    curl_code: Cell<curlback_result>,
    callback: Cell<u8>,
    os_errno: Cell<i32>,
    curl_message: RefCell<Option<CString>>,
}

impl Record {
    /// A transfer begins: the last one's record goes.
    pub fn begin(&self, easy: &Easy) {
        if let Some(raised) = self.raised.take() {
            easy.discard(Garbage::Holder(raised));
        }
        self.explained.take();
        self.interrupted.set(code::OK);
        self.failed.set(NONE);
        self.result.set(code::OK);
        self.curl_code.set(code::OK);
        self.callback.set(NONE);
        self.os_errno.set(0);
        self.curl_message.take();
    }

    /// What a callback has ended the transfer with, whatever libcurl makes of it; 0 where none has.
    pub fn interrupted(&self) -> curlback_result {
        self.interrupted.get()
    }

    /// The transfer ends with `result`, unless something else ended it before.
    pub fn replace_result(&self, result: curlback_result) {
        if self.interrupted.get() == code::OK {
            self.interrupted.set(result);
        }
    }

    /// Whether the last transfer failed.
    pub fn has_failed(&self) -> bool {
        self.result.get() != code::OK
    }

    /// The transfer has ended; answers with what perform reports.
    pub fn finish(
        &self,
        curl_code: curlback_result,
        cancelled: bool,
        sentence: &CStr,
        os_errno: i32,
    ) -> curlback_result {
        let interrupted = self.interrupted.get();
        if curl_code == code::OK
            && interrupted == code::OK
            && !cancelled
            && self.failed.get() == NONE
            && self.raised.borrow().is_none()
        {
            // What begin() set is so still.
            return code::OK;
        }
        // See end_with().
        let in_place_of_libcurl = interrupted != code::OK && interrupted < code::MULTI_BASE;
        let (curl_code, sentence) =
            if in_place_of_libcurl { (interrupted, c"") } else { (curl_code, sentence) };
        self.curl_code.set(curl_code);
        let result = match interrupted {
            code::OK if cancelled => code::E_CANCELLED,
            code::OK if curl_code == code::OK => code::OK,
            code::OK => match self.explained.borrow().as_deref() {
                Some((ends_with, failure)) if *ends_with == curl_code => failure.code,
                _ => own_number(curl_code),
            },
            interrupted => interrupted,
        };
        self.result.set(result);
        if curl_code != code::OK {
            self.os_errno.set(os_errno);
            let sentence = if sentence.is_empty() { result::text(curl_code) } else { sentence };
            self.curl_message.replace(Some(sentence.to_owned()));
        }
        let failed = self.failed.get();
        let explained =
            matches!(self.explained.borrow().as_deref(), Some((ends_with, _)) if *ends_with == curl_code);
        let by_return = callback::by_number(i32::from(failed)).is_some_and(|info| {
            !explained && info.ends_with.contains(&curl_code) && result != code::E_CANCELLED
        });
        let raised = self.raised.borrow().as_ref().map(|raised| raised.callback);
        self.callback.set(match raised {
            Some(callback) => callback,
            None if by_return || result == code::E_INTERNAL => failed,
            None => NONE,
        });
        result
    }

    /// The sentence for curlback_last_error().
    pub fn sentence(&self) -> String {
        let result = self.result.get();
        let mut text = match (self.explained.borrow().as_deref(), &*self.curl_message.borrow()) {
            (Some((ends_with, failure)), _)
                if failure.code == result && [self.curl_code.get(), code::OK].contains(ends_with) =>
            {
                failure.text.to_string()
            }
            (_, Some(sentence)) if result < code::E_NULL => sentence.to_string_lossy().into_owned(),
            _ => result::text(result).to_string_lossy().into_owned(),
        };
        if let Some(info) = callback::by_number(i32::from(self.callback.get())) {
            text = format!("{text} (in the {} callback)", info.name);
        }
        if let Some(raised) = &*self.raised.borrow()
            && !raised.message.is_empty()
        {
            text = format!("{}: {text}", raised.message.to_string_lossy());
        }
        text
    }
}

impl Easy {
    pub fn record(&self) -> &Record {
        &self.record
    }

    #[cold]
    pub fn failed_in(&self, kind: curlback_callback) {
        self.record.failed.set(kind as u8);
    }

    /// Says why the transfer is failing, where it is this library that fails it: libcurl will end it with `ends_with`. The first
    /// reason stands.
    #[cold]
    pub fn explain(&self, ends_with: sys::CURLcode, failure: Failure) {
        self.record
            .explained
            .borrow_mut()
            .get_or_insert_with(|| Box::new((ends_with as curlback_result, failure)));
    }

    /// A callback panicked: an interrupt that nobody raised.
    #[cold]
    pub fn panicked_in(&self, kind: curlback_callback, text: &str) {
        let record = &self.record;
        record.failed.set(kind as u8);
        if record.interrupted.get() == code::OK {
            record.interrupted.set(code::E_INTERNAL);
            record.explained.replace(Some(Box::new((
                code::OK,
                Failure::new(code::E_INTERNAL, format!("a panic was contained: {text}")),
            ))));
        }
        self.interrupt();
    }

    /// A callback ends the transfer by a return that libcurl takes no notice of: with `result`, a code of libcurl's, as if it did, and
    /// without another callback. A callback that interrupted or cancelled before has ended it with that.
    #[cold]
    pub fn end_with(&self, result: curlback_result) {
        if !self.ended() {
            self.record.replace_result(result);
        }
        self.interrupt();
    }

    /// What interrupted the transfer, where a callback raised it.
    pub fn raised_interrupt(&self) -> Option<Arc<Raised>> {
        self.record.raised.borrow().as_ref().filter(|raised| raised.interrupts()).cloned()
    }

    fn interrupt(&self) {
        // While the handle closes there is nothing left to end.
        if self.slot().active() {
            self.end_early();
        }
        self.state.call_attention();
    }

    /// Keeps what a callback raises if it stands against what was raised before; answers with what does not stand.
    fn raise(&self, raised: Arc<Raised>) -> Option<Arc<Raised>> {
        let interrupts = raised.interrupts();
        let mut current = self.record.raised.borrow_mut();
        if current.as_ref().is_some_and(|current| current.interrupts() || !interrupts) {
            return Some(raised);
        }
        let old = current.replace(raised);
        if interrupts {
            self.record.interrupted.set(code::E_RAISED);
            self.interrupt();
        }
        old
    }
}

/// From inside a callback of this handle: records why it fails, or interrupts the transfer. CURLBACK_E_NOT_IN_CALLBACK anywhere else,
/// CURLBACK_E_RANGE for a severity that is none of CURLBACK_RAISE_*.
///
/// With CURLBACK_RAISE_ERROR the callback should then return a failing value. With CURLBACK_RAISE_INTERRUPT its return does not matter:
/// perform returns CURLBACK_E_RAISED, and no further callback of this transfer runs. The first record of a transfer
/// stands, except that an interrupt replaces an error; one that does not stand is CURLBACK_OK.
///
/// `message` is copied and may be NULL. `payload` is the application's, an exception object say, and may be NULL: curlback_easy_error()
/// shows it, curlback_easy_take_payload() hands it over; unless taken, `drop` is called with it at the next perform, reset or
/// close, and at once where the record does not stand or is replaced. Where the call fails the caller keeps it.
///
/// # Safety
/// `message` is NULL or ends with NUL; `drop` may be called with `payload`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_easy_raise(
    easy: *mut curlback_easy,
    severity: i32,
    code: i32,
    message: *const c_char,
    payload: *mut c_void,
    drop: curlback_drop_cb,
) -> curlback_result {
    enter(|| {
        let easy = claim::<Easy>(easy, Call::Raise)?;
        // SAFETY: the caller's.
        let raised = unsafe { Raised::new(severity, code, message, easy.state.current()) }?;
        let lost = easy.raise(raised.with_payload(payload, drop));
        std::mem::drop(easy);
        note_panic(|| std::mem::drop(lost));
        Ok(())
    })
}

/// How the last transfer went, in `error`; all is 0, NULL or "" before the first one and after reset. The raised part is there
/// whenever something was raised since the transfer began, also where it succeeded all the same. Inside a callback it shows
/// what was raised so far.
///
/// # Safety
/// `error` is NULL or can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_easy_error(
    easy: *mut curlback_easy,
    error: *mut curlback_error,
) -> curlback_result {
    enter(|| {
        let easy = claim::<Easy>(easy, Call::Get)?;
        given(error, "error")?;
        let record = &easy.record;
        let raised = record.raised.borrow();
        let curl_message = record.curl_message.borrow();
        let mut filled = shown(raised.as_deref(), easy.handle());
        filled.result = record.result.get();
        filled.curl_code = record.curl_code.get();
        filled.os_errno = record.os_errno.get();
        filled.curl_message = curl_message.as_ref().map_or(c"".as_ptr(), |text| text.as_ptr());
        if raised.is_none() {
            filled.callback = i32::from(record.callback.get());
        }
        // SAFETY: not NULL, and the caller vouches that it can be written to.
        unsafe { *error = filled };
        Ok(())
    })
}

/// Hands the payload of the last transfer's record over to the caller: its drop function is then never called. NULL if there is
/// none, or it was taken before.
#[unsafe(no_mangle)]
pub extern "C" fn curlback_easy_take_payload(easy: *mut curlback_easy) -> *mut c_void {
    enter_or(null_mut(), || {
        let easy = claim::<Easy>(easy, Call::Get)?;
        Ok(easy.record.raised.borrow().as_ref().map_or(null_mut(), |raised| raised.take_payload()))
    })
}
