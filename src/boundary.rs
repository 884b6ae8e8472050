//! Entering and leaving: what every exported function and every trampoline goes through.

use std::any::Any;
use std::borrow::Cow;
use std::cell::RefCell;
use std::ffi::{CStr, CString, c_char};
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::libcurl::sys;
use crate::result::{self, code, curlback_result};

/// Why a call fails: a result and the sentence that curlback_last_error() gives.
#[derive(Debug)]
pub struct Failure {
    pub code: curlback_result,
    pub text: Cow<'static, str>,
}

pub type Outcome<T = ()> = Result<T, Failure>;

/// What libcurl calls a failed allocation: of an easy handle, of a multi handle.
const NO_MEMORY: [curlback_result; 2] =
    [sys::CURLE_OUT_OF_MEMORY as curlback_result, code::MULTI_BASE + sys::CURLM_OUT_OF_MEMORY];

impl Failure {
    pub fn new(code: curlback_result, text: impl Into<Cow<'static, str>>) -> Self {
        Failure { code, text: text.into() }
    }

    /// One of libcurl's results, in libcurl's words. Failed allocations have one number, whoever reports them.
    pub fn libcurl(code: curlback_result) -> Self {
        let number = if NO_MEMORY.contains(&code) { code::E_NO_MEMORY } else { code };
        Failure::new(number, result::text(code).to_string_lossy())
    }

    fn panicked(panic: &(dyn Any + Send)) -> Self {
        Failure::new(code::E_INTERNAL, format!("a panic was contained: {}", panic_text(panic)))
    }
}

/// A refusal, for `return fail(..)`.
pub fn fail<T>(code: curlback_result, text: impl Into<Cow<'static, str>>) -> Outcome<T> {
    Err(Failure::new(code, text))
}

pub fn panic_text(panic: &(dyn Any + Send)) -> &str {
    if let Some(text) = panic.downcast_ref::<&str>() {
        text
    } else if let Some(text) = panic.downcast_ref::<String>() {
        text
    } else {
        "no text"
    }
}

/// Runs what a panic must not leave.
#[inline(always)]
pub fn contain<T>(body: impl FnOnce() -> T) -> Result<T, Box<dyn Any + Send>> {
    // What a panic can leave half done stands in Cells and is put right by the guards on the way out.
    catch_unwind(AssertUnwindSafe(body))
}

thread_local! {
    static LAST_ERROR: RefCell<Option<CString>> = const { RefCell::new(None) };
}

/// `text` as C takes it; what follows a NUL is lost.
pub fn c_string(text: &str) -> CString {
    let text = text.split('\0').next().unwrap_or_default();
    CString::new(text).unwrap_or_default()
}

#[cold]
fn record(failure: &Failure) -> curlback_result {
    let text = c_string(&failure.text);
    // A thread that is ending has no place for it any more.
    let _ = LAST_ERROR.try_with(|last| last.replace(Some(text)));
    failure.code
}

/// Runs drop functions where a panic of theirs must not change what the call answers: only the sentence is kept.
pub fn note_panic(body: impl FnOnce()) {
    if let Err(panic) = contain(body) {
        record(&Failure::panicked(&*panic));
    }
}

/// The body of an exported function that answers with a result.
#[inline(always)]
pub fn enter(body: impl FnOnce() -> Outcome) -> curlback_result {
    match contain(body) {
        Ok(Ok(())) => code::OK,
        Ok(Err(failure)) => record(&failure),
        Err(panic) => record(&Failure::panicked(&*panic)),
    }
}

/// The body of an exported function that answers with something else, `missing` where it fails.
#[inline(always)]
pub fn enter_or<T>(missing: T, body: impl FnOnce() -> Outcome<T>) -> T {
    match contain(body) {
        Ok(Ok(value)) => value,
        Ok(Err(failure)) => {
            record(&failure);
            missing
        }
        Err(panic) => {
            record(&Failure::panicked(&*panic));
            missing
        }
    }
}

/// The body of an exported function that cannot fail.
#[inline(always)]
pub fn value<T>(missing: T, body: impl FnOnce() -> T) -> T {
    enter_or(missing, || Ok(body()))
}

/// Refuses a NULL where the caller must give something: `name` is the parameter's.
pub fn given<T>(pointer: *const T, name: &'static str) -> Outcome {
    if pointer.is_null() { fail(code::E_NULL, format!("{name} is NULL")) } else { Ok(()) }
}

/// A caller's `count` pieces, which may be NULL where there are none.
///
/// # Safety
/// There are that many, and they stay as they are for `'a`.
pub unsafe fn slice_given<'a, T>(first: *const T, count: usize, name: &'static str) -> Outcome<&'a [T]> {
    if count == 0 {
        return Ok(&[]);
    }
    given(first, name)?;
    // SAFETY: not NULL, and the caller vouches for the count.
    Ok(unsafe { std::slice::from_raw_parts(first, count) })
}

/// A caller's string, which may be NULL.
///
/// # Safety
/// `text` is NULL or ends with NUL, and stays as it is for `'a`.
pub unsafe fn text_or_null<'a>(text: *const c_char) -> Option<&'a CStr> {
    // SAFETY: not NULL there, and the caller of this function vouches for the rest.
    (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) })
}

/// A caller's string.
///
/// # Safety
/// `text` is NULL or ends with NUL, and stays as it is for `'a`.
pub unsafe fn text_given<'a>(text: *const c_char, name: &'static str) -> Outcome<&'a CStr> {
    given(text, name)?;
    // SAFETY: not NULL, and the caller of this function vouches for the rest.
    Ok(unsafe { CStr::from_ptr(text) })
}

/// What exactly was wrong with this thread's latest failing call, with libcurl's own words where it gave any.
///
/// Never NULL; "" where nothing failed yet. Valid until this thread's next call into the library. Inside callbacks it
/// speaks of the calls that the callback itself has made, and those before.
#[unsafe(no_mangle)]
pub extern "C" fn curlback_last_error() -> *const c_char {
    // Not through enter(): nothing here panics, and a recorded panic would replace what is asked for.
    LAST_ERROR
        .try_with(|last| last.borrow().as_ref().map_or(c"".as_ptr(), |text| text.as_ptr()))
        .unwrap_or(c"".as_ptr())
}
