//! What was raised in a multi handle: by its own callbacks, and by those of its easy handles that interrupted.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::ffi::{CString, c_char, c_void};
use std::ptr::null_mut;
use std::sync::Arc;

use super::{Multi, curlback_multi};
use crate::access::Call;
use crate::boundary::{Failure, Outcome, c_string, enter, enter_or, given, note_panic};
use crate::callback::{self, NONE, curlback_callback};
use crate::easy::curlback_easy;
use crate::easy::error::{Raised, curlback_error, shown};
use crate::registry::claim;
use crate::result::{self, code, curlback_result};
use crate::slot::{Garbage, curlback_drop_cb};

/// A socket or timer callback failed: libcurl's own result for it.
const ABORTED: curlback_result = code::MULTI_BASE + 11;

#[derive(Default)]
pub struct Record {
    raised: RefCell<Option<Arc<Raised>>>,
    /// Interrupts of the multi handle's own callbacks that came after that one, with payloads: each is a later call's.
    waiting: RefCell<VecDeque<Arc<Raised>>>,
    /// In whose callback that was; NULL for the multi handle's own.
    easy: Cell<*mut curlback_easy>,
    /// The multi handle's callback that failed last.
    callback: Cell<u8>,
    /// The gravest that happened: 1011, CURLBACK_E_RAISED, CURLBACK_E_INTERNAL are in that order.
    result: Cell<curlback_result>,
    /// What of it the call in progress has to return.
    pending: Cell<curlback_result>,
    panic: RefCell<Option<CString>>,
}

impl Record {
    /// A call that runs transfers begins: the last one's record goes.
    #[inline]
    pub fn begin(&self, multi: &Multi) {
        if self.result.replace(code::OK) != code::OK || self.raised.borrow().is_some() {
            self.forget(multi);
        }
    }

    /// The call that begins drives transfers: what an earlier one had no room for comes out of it.
    #[inline]
    pub fn resume(&self) {
        if !self.waiting.borrow().is_empty() {
            self.take_waiting();
        }
    }

    #[cold]
    fn take_waiting(&self) {
        let next = self.waiting.borrow_mut().pop_front();
        self.raised.replace(next);
        self.set(code::E_RAISED);
    }

    /// The handle closes: there is no later call.
    pub fn end(&self, multi: &Multi) {
        self.begin(multi);
        for raised in self.waiting.take() {
            multi.discard(Garbage::Holder(raised));
        }
    }

    #[cold]
    fn forget(&self, multi: &Multi) {
        if let Some(raised) = self.raised.take() {
            multi.discard(Garbage::Holder(raised));
        }
        self.easy.set(null_mut());
        self.callback.set(NONE);
        self.panic.take();
    }

    /// Whether the call in progress fails.
    pub fn fails(&self) -> bool {
        self.pending.get() != code::OK
    }

    /// Whether the call in progress is to return soon.
    pub fn interrupted(&self) -> bool {
        self.pending.get() >= code::E_RAISED
    }

    fn set(&self, result: curlback_result) {
        self.result.set(self.result.get().max(result));
        self.pending.set(self.pending.get().max(result));
    }

    /// The first interrupt stands, and takes an error's place. Of those after it an easy handle keeps its own; the multi handle's wait if
    /// they have payloads. Answers with what nobody has any use for.
    fn keep(&self, raised: Arc<Raised>, easy: *mut curlback_easy) -> Option<Arc<Raised>> {
        let mut current = self.raised.borrow_mut();
        if current.as_ref().is_some_and(|current| current.interrupts()) {
            if easy.is_null() && raised.interrupts() && raised.has_payload() {
                self.waiting.borrow_mut().push_back(raised);
                return None;
            }
            return Some(raised);
        }
        self.easy.set(easy);
        current.replace(raised)
    }

    /// A callback of an easy handle, or one of the multi handle's own, interrupted.
    pub fn interrupt(&self, multi: &Multi, raised: Arc<Raised>, easy: *mut curlback_easy) {
        if let Some(old) = self.keep(raised, easy) {
            multi.discard(Garbage::Holder(old));
        }
        self.set(code::E_RAISED);
    }

    /// A call begins inside of another: what that one has to return so far.
    pub fn set_aside(&self) -> curlback_result {
        self.pending.replace(code::OK)
    }

    /// It has ended, and left this to that one.
    pub fn restore(&self, outer: curlback_result) {
        self.pending.set(self.pending.get().max(outer));
    }

    /// What the call in progress returns, once.
    #[inline]
    pub fn verdict(&self) -> Outcome {
        match self.pending.replace(code::OK) {
            code::OK => Ok(()),
            result => Err(Failure::new(result, self.sentence(result))),
        }
    }

    #[cold]
    fn sentence(&self, result: curlback_result) -> String {
        let mut text = result::text(result).to_string_lossy().into_owned();
        if let Some(panic) = &*self.panic.borrow()
            && result == code::E_INTERNAL
        {
            text = format!("a panic was contained: {}", panic.to_string_lossy());
        }
        let raised = self.raised.borrow();
        let callback = raised.as_ref().map_or(self.callback.get(), |raised| raised.callback());
        if let Some(name) = callback::name(i32::from(callback)) {
            text = format!("{text} (in the {name} callback)");
        }
        match raised.as_ref().map(|raised| raised.message()) {
            Some(message) if !message.is_empty() => format!("{}: {text}", message.to_string_lossy()),
            _ => text,
        }
    }
}

impl Multi {
    /// A callback of the multi handle's own failed: all its transfers end.
    #[cold]
    pub(super) fn abort(&self, kind: curlback_callback) {
        self.record.callback.set(kind as u8);
        self.record.set(ABORTED);
        self.aborted.set(true);
        for easy in &*self.members.borrow() {
            // SAFETY: members are there, and this thread owns them.
            let easy = unsafe { &**easy };
            if easy.slot().active() {
                easy.end_early();
            }
        }
    }

    #[cold]
    pub(super) fn panicked(&self, kind: curlback_callback, text: &str) {
        self.record.callback.set(kind as u8);
        self.record.panic.replace(Some(c_string(text)));
        self.record.set(code::E_INTERNAL);
    }
}

/// As curlback_easy_raise(), from inside one of the multi handle's own callbacks (else CURLBACK_E_NOT_IN_CALLBACK).
///
/// CURLBACK_RAISE_ERROR goes with a -1 of on_socket or on_timer. CURLBACK_RAISE_INTERRUPT makes the call in progress return
/// CURLBACK_E_RAISED as soon as it can, add and remove too; the transfers go on with the next call, and on_socket and on_timer are
/// called meanwhile as ever. The first of several interrupts is shown by curlback_multi_error(); each of the others that has a payload
/// makes a later call that drives the multi handle return CURLBACK_E_RAISED, and is shown then. Of errors the last is shown, but
/// none in an interrupt's place; one that is not shown is CURLBACK_OK, its payload dropped at once.
///
/// `message` is copied and may be NULL. The payload is dropped at the next call that runs transfers, or with the handle, unless taken.
///
/// # Safety
/// `message` is NULL or ends with NUL; `drop` may be called with `payload`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_multi_raise(
    multi: *mut curlback_multi,
    severity: i32,
    code: i32,
    message: *const c_char,
    payload: *mut c_void,
    drop: curlback_drop_cb,
) -> curlback_result {
    enter(|| {
        let multi = claim::<Multi>(multi, Call::RaiseMulti)?;
        // SAFETY: the caller's.
        let raised = unsafe { Raised::new(severity, code, message, multi.current.get()) }?;
        let interrupts = raised.interrupts();
        let lost = multi.record.keep(raised.with_payload(payload, drop), null_mut());
        if interrupts {
            multi.record.set(code::E_RAISED);
        }
        std::mem::drop(multi);
        note_panic(|| std::mem::drop(lost));
        Ok(())
    })
}

/// What was raised in the last call that ran transfers, in `error`: by a callback of the multi handle, or as an interrupt by one of an
/// easy handle, which is then in `easy`: that is the easy handle's own record, with the same payload. Of several interrupts it is the
/// first; curlback_easy_error() has those of other easy handles. Without a raise a -1 shows as result 1011 with its callback. All is
/// 0, NULL or "" where nothing went wrong. The strings stay until the next call that runs transfers.
///
/// # Safety
/// `error` is NULL or can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_multi_error(
    multi: *mut curlback_multi,
    error: *mut curlback_error,
) -> curlback_result {
    enter(|| {
        let multi = claim::<Multi>(multi, Call::Get)?;
        given(error, "error")?;
        let record = &multi.record;
        let raised = record.raised.borrow();
        let mut filled = shown(raised.as_deref(), record.easy.get());
        filled.result = record.result.get();
        if raised.is_none() {
            filled.callback = i32::from(record.callback.get());
        }
        if filled.result != code::OK {
            filled.curl_message = result::text(filled.result).as_ptr();
        }
        // SAFETY: not NULL, and the caller vouches that it can be written to.
        unsafe { *error = filled };
        Ok(())
    })
}

/// Hands the payload of curlback_multi_error() over to the caller: its drop function is then never called. NULL if there is none, or it
/// was taken before, here or from its easy handle.
#[unsafe(no_mangle)]
pub extern "C" fn curlback_multi_take_payload(multi: *mut curlback_multi) -> *mut c_void {
    enter_or(null_mut(), || {
        let multi = claim::<Multi>(multi, Call::Get)?;
        let raised = multi.record.raised.borrow();
        Ok(raised.as_ref().map_or(null_mut(), |raised| raised.take_payload()))
    })
}
