//! What the targets share: an input as a row of decisions, user data that has to be dropped once, and what may be left behind.

use std::cell::{Cell, RefCell};
use std::ffi::{CStr, c_void};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use curlback::boundary::curlback_last_error;
use curlback::result::{code, curlback_result_name};
use curlback::slot::curlback_drop_cb;

/// The input, byte by byte; zeroes once it is used up.
pub struct Input {
    bytes: Vec<u8>,
    at: Cell<usize>,
}

impl Input {
    pub fn new(bytes: &[u8]) -> Self {
        Input { bytes: bytes.to_vec(), at: Cell::new(0) }
    }

    pub fn byte(&self) -> u8 {
        let at = self.at.get();
        self.at.set(at + 1);
        self.bytes.get(at).copied().unwrap_or(0)
    }

    pub fn ended(&self) -> bool {
        self.at.get() >= self.bytes.len()
    }

    /// The next `count` bytes, fewer where the input ends.
    pub fn take(&self, count: usize) -> &[u8] {
        let start = self.at.get().min(self.bytes.len());
        let end = (start + count).min(self.bytes.len());
        self.at.set(end);
        &self.bytes[start..end]
    }
}

/// Counts how often each piece of user data was dropped.
#[derive(Default)]
pub struct Drops(RefCell<Vec<(&'static str, Arc<AtomicUsize>)>>);

impl Drops {
    pub fn token(&self, what: &'static str) -> Token {
        let count = Arc::new(AtomicUsize::new(0));
        self.0.borrow_mut().push((what, Arc::clone(&count)));
        Token(count)
    }

    pub fn assert_each_once(&self) {
        for (what, count) in &*self.0.borrow() {
            assert_eq!(count.load(Ordering::SeqCst), 1, "user data of {what} was not dropped once");
        }
    }
}

/// A part of user data: it knows that it was dropped.
pub struct Token(Arc<AtomicUsize>);

impl Token {
    pub fn assert_alive(&self) {
        assert_eq!(self.0.load(Ordering::SeqCst), 0, "user data is used after it was dropped");
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        assert_eq!(self.0.fetch_add(1, Ordering::SeqCst), 0, "user data was dropped twice");
    }
}

unsafe extern "C-unwind" fn drop_box<T>(data: *mut c_void) {
    // SAFETY: register() and user_data() made it of a Box<T>.
    drop(unsafe { Box::from_raw(data.cast::<T>()) });
}

/// `value` as user data, and what drops it.
pub fn user_data<T>(value: T) -> (*mut c_void, curlback_drop_cb) {
    (Box::into_raw(Box::new(value)).cast(), Some(drop_box::<T>))
}

/// Frees what user_data() made where the library did not take it.
///
/// # Safety
/// It is of that type, and nobody else's.
pub unsafe fn take_back<T>(data: *mut c_void) {
    // SAFETY: the caller vouches for it.
    unsafe { drop_box::<T>(data) }
}

/// Registers `value` as user data; a call that fails leaves it to its caller.
pub fn register<T>(value: T, call: impl FnOnce(*mut c_void, curlback_drop_cb) -> i32) -> i32 {
    let (data, drop) = user_data(value);
    let result = call(data, drop);
    if result != code::OK {
        // SAFETY: made above, and refused.
        unsafe { take_back::<T>(data) };
    }
    result
}

/// A result has a name, and is no defect that the library found in itself.
#[track_caller]
pub fn assert_known(result: i32) {
    // SAFETY: the library's names are static strings.
    let name = unsafe { CStr::from_ptr(curlback_result_name(result)) };
    assert!(
        name.to_bytes().starts_with(b"CURL") && result != code::E_INTERNAL && result != code::E_NO_MEMORY,
        "{result} is {name:?}: {}",
        last_error()
    );
}

pub fn last_error() -> String {
    // SAFETY: a string that is there until the next call.
    unsafe { CStr::from_ptr(curlback_last_error()) }.to_string_lossy().into_owned()
}

/// How many of the first descriptors are open: far more than a target uses.
pub fn open_descriptors() -> usize {
    // SAFETY: it only asks.
    (0..128).filter(|number| unsafe { libc::fcntl(*number, libc::F_GETFD) } >= 0).count()
}

/// What is open, for a finding.
pub fn descriptors() -> Vec<String> {
    let open = |number: &i32| std::fs::read_link(format!("/proc/self/fd/{number}"));
    (0..128).filter_map(|number| Some(format!("{number}: {}", open(&number).ok()?.display()))).collect()
}
