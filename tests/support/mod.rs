//! What the tests share: a handle that closes itself, closures as callbacks, counters of drops.
#![allow(dead_code, reason = "each test binary uses its own part")]

pub mod multi;

use std::ffi::{CStr, CString, c_char, c_void};
use std::ptr::{null, null_mut};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use curlback::boundary::curlback_last_error;
use curlback::callback::body::{curlback_easy_on_header, curlback_easy_on_write};
use curlback::callback::debug::curlback_easy_on_debug;
use curlback::callback::progress::{curlback_easy_on_progress, curlback_easy_on_xferinfo};
use curlback::callback::socket::{
    curlback_address, curlback_easy_on_close_socket, curlback_easy_on_open_socket, curlback_easy_on_sockopt,
};
use curlback::callback::source::{curlback_easy_on_read, curlback_easy_on_seek};
use curlback::easy::error::{curlback_easy_error, curlback_error};
use curlback::easy::info::{curlback_easy_get_int, curlback_easy_get_str};
use curlback::easy::options::{curlback_easy_set_int, curlback_easy_set_str};
use curlback::easy::perform::curlback_easy_perform;
use curlback::easy::{curlback_easy, curlback_easy_close, curlback_easy_new};
use curlback::libcurl::tables::opt;
use curlback::library::curlback_libcurl_version;
use curlback::slot::curlback_drop_cb;

/// How long anything may take that should happen at once.
pub const LIMIT: Duration = Duration::from_secs(20);

/// A limit that is right at full speed. It is longer where xtask's valgrind and tsan run the tests, which are slower by far then.
pub fn stretched(limit: Duration) -> Duration {
    let times = std::env::var("CURLBACK_TEST_SLOWNESS");
    limit * times.map_or(1, |times| times.parse().expect("CURLBACK_TEST_SLOWNESS takes a number"))
}

pub type Raw = *mut curlback_easy;

/// What the thread's latest failing call said.
pub fn last_error() -> String {
    text(curlback_last_error())
}

pub fn text(pointer: *const c_char) -> String {
    assert!(!pointer.is_null());
    // SAFETY: the library hands out strings that end with NUL.
    unsafe { CStr::from_ptr(pointer) }.to_string_lossy().into_owned()
}

/// Says in one line what the linked libcurl leaves out of a test. Not by println!, which a passing test does not show.
pub fn skipped(what: &str, needs: &str) {
    use std::io::Write as _;
    let this = text(curlback_libcurl_version());
    let _ = writeln!(std::io::stderr(), "skipped: {what} needs {needs}; this libcurl is {this}");
}

/// Counts how often what it was put into was dropped.
#[derive(Clone, Default)]
pub struct Drops(Arc<AtomicUsize>);

impl Drops {
    pub fn new() -> Self {
        Drops::default()
    }

    pub fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }

    /// To be moved into a closure or a Box: counts when that goes.
    pub fn token(&self) -> Token {
        Token(Arc::clone(&self.0))
    }

    /// User data of its own and its drop function, for what takes no closure.
    pub fn user_data(&self) -> (*mut c_void, curlback_drop_cb) {
        boxed(self.token())
    }
}

pub struct Token(Arc<AtomicUsize>);

impl Drop for Token {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

unsafe extern "C-unwind" fn drop_box<T>(pointer: *mut c_void) {
    // SAFETY: boxed() made it of a Box<T>, and the library drops once.
    drop(unsafe { Box::from_raw(pointer.cast::<T>()) });
}

/// User data that is `value`, and what drops it.
pub fn boxed<T>(value: T) -> (*mut c_void, curlback_drop_cb) {
    (Box::into_raw(Box::new(value)).cast(), Some(drop_box::<T>))
}

/// Frees what `boxed` made where a registration was refused: the caller keeps it then.
pub fn unbox<T>(data: (*mut c_void, curlback_drop_cb)) {
    // SAFETY: the library did not take it.
    unsafe { drop_box::<T>(data.0) };
}

/// A handle that is closed when it goes, and must be closable then.
pub struct Easy(Raw);

impl Easy {
    pub fn new() -> Self {
        let raw = curlback_easy_new();
        assert!(!raw.is_null(), "{}", last_error());
        Easy(raw)
    }

    /// A new handle for this URL.
    pub fn to(url: &str) -> Self {
        let easy = Easy::new();
        easy.set_url(url);
        easy
    }

    pub fn adopt(raw: Raw) -> Self {
        assert!(!raw.is_null());
        Easy(raw)
    }

    pub fn raw(&self) -> Raw {
        self.0
    }

    /// Leaves the closing to the test.
    pub fn into_raw(mut self) -> Raw {
        std::mem::replace(&mut self.0, null_mut())
    }

    pub fn set_url(&self, url: &str) {
        self.set_str(opt::URL, url);
    }

    pub fn set_str(&self, option: i32, value: &str) {
        let value = CString::new(value).unwrap();
        // SAFETY: it ends with NUL.
        ok(unsafe { curlback_easy_set_str(self.0, option, value.as_ptr()) });
    }

    pub fn set_int(&self, option: i32, value: i64) {
        ok(curlback_easy_set_int(self.0, option, value));
    }

    pub fn perform(&self) -> i32 {
        curlback_easy_perform(self.0)
    }

    pub fn int(&self, info: i32) -> i64 {
        let mut value = 0;
        // SAFETY: the value can be written to.
        ok(unsafe { curlback_easy_get_int(self.0, info, &mut value) });
        value
    }

    pub fn string(&self, info: i32) -> String {
        let mut value = null();
        // SAFETY: the value can be written to.
        ok(unsafe { curlback_easy_get_str(self.0, info, &mut value) });
        text(value)
    }

    pub fn error(&self) -> curlback_error {
        let mut error = std::mem::MaybeUninit::uninit();
        // SAFETY: it is filled on success.
        unsafe {
            ok(curlback_easy_error(self.0, error.as_mut_ptr()));
            error.assume_init()
        }
    }

    pub fn on_write(&self, body: impl Fn(Raw, &[u8]) -> i64 + 'static) {
        ok(on_write(self.0, body));
    }

    pub fn on_header(&self, body: impl Fn(Raw, &[u8]) -> i64 + 'static) {
        ok(on_header(self.0, body));
    }

    pub fn on_read(&self, body: impl Fn(Raw, &mut [u8]) -> i64 + 'static) {
        ok(on_read(self.0, body));
    }

    pub fn on_seek(&self, body: impl Fn(Raw, i64, i32) -> i32 + 'static) {
        ok(on_seek(self.0, body));
    }

    pub fn on_debug(&self, body: impl Fn(Raw, i32, &[u8]) + 'static) {
        ok(on_debug(self.0, body));
    }

    pub fn on_progress(&self, body: impl Fn(Raw, [f64; 4]) -> i32 + 'static) {
        ok(on_progress(self.0, body));
    }

    pub fn on_xferinfo(&self, body: impl Fn(Raw, [i64; 4]) -> i32 + 'static) {
        ok(on_xferinfo(self.0, body));
    }
}

impl Drop for Easy {
    fn drop(&mut self) {
        let closed = curlback_easy_close(self.0);
        if !std::thread::panicking() {
            ok(closed);
        }
    }
}

#[track_caller]
pub fn ok(result: i32) {
    assert_eq!(result, 0, "{}", last_error());
}

unsafe fn bytes<'a>(data: *const u8, len: usize) -> &'a [u8] {
    // SAFETY: the library hands out `len` bytes at `data` for the length of the call.
    if len == 0 { &[] } else { unsafe { std::slice::from_raw_parts(data, len) } }
}

/// Registers a closure, freeing it again where that is refused; the result is the library's.
pub fn register<F>(body: F, set: impl FnOnce(*mut c_void, curlback_drop_cb) -> i32) -> i32 {
    let data = boxed(body);
    let result = set(data.0, data.1);
    if result != 0 {
        unbox::<F>(data);
    }
    result
}

pub fn on_write<F: Fn(Raw, &[u8]) -> i64 + 'static>(easy: Raw, body: F) -> i32 {
    // SAFETY: `call` gets the F that register() boxes.
    register(body, |data, drop| unsafe { curlback_easy_on_write(easy, Some(call_write::<F>), data, drop) })
}

pub fn on_header<F: Fn(Raw, &[u8]) -> i64 + 'static>(easy: Raw, body: F) -> i32 {
    // SAFETY: as for on_write.
    register(body, |data, drop| unsafe { curlback_easy_on_header(easy, Some(call_write::<F>), data, drop) })
}

pub unsafe extern "C-unwind" fn call_write<F: Fn(Raw, &[u8]) -> i64>(
    easy: Raw,
    data: *const u8,
    len: usize,
    closure: *mut c_void,
) -> i64 {
    // SAFETY: the closure is the F that was registered.
    unsafe { (*closure.cast::<F>())(easy, bytes(data, len)) }
}

pub fn on_read<F: Fn(Raw, &mut [u8]) -> i64 + 'static>(easy: Raw, body: F) -> i32 {
    unsafe extern "C-unwind" fn call<F: Fn(Raw, &mut [u8]) -> i64>(
        easy: Raw,
        buffer: *mut u8,
        capacity: usize,
        closure: *mut c_void,
    ) -> i64 {
        // SAFETY: the closure is the F that was registered; the buffer has `capacity` bytes.
        unsafe { (*closure.cast::<F>())(easy, std::slice::from_raw_parts_mut(buffer, capacity)) }
    }
    // SAFETY: `call` gets the F that register() boxes.
    register(body, |data, drop| unsafe { curlback_easy_on_read(easy, Some(call::<F>), data, drop) })
}

pub fn on_seek<F: Fn(Raw, i64, i32) -> i32 + 'static>(easy: Raw, body: F) -> i32 {
    unsafe extern "C-unwind" fn call<F: Fn(Raw, i64, i32) -> i32>(
        easy: Raw,
        offset: i64,
        origin: i32,
        closure: *mut c_void,
    ) -> i32 {
        // SAFETY: the closure is the F that was registered.
        unsafe { (*closure.cast::<F>())(easy, offset, origin) }
    }
    // SAFETY: `call` gets the F that register() boxes.
    register(body, |data, drop| unsafe { curlback_easy_on_seek(easy, Some(call::<F>), data, drop) })
}

pub fn on_debug<F: Fn(Raw, i32, &[u8]) + 'static>(easy: Raw, body: F) -> i32 {
    unsafe extern "C-unwind" fn call<F: Fn(Raw, i32, &[u8])>(
        easy: Raw,
        kind: i32,
        data: *const u8,
        len: usize,
        closure: *mut c_void,
    ) {
        // SAFETY: the closure is the F that was registered.
        unsafe { (*closure.cast::<F>())(easy, kind, bytes(data, len)) }
    }
    // SAFETY: `call` gets the F that register() boxes.
    register(body, |data, drop| unsafe { curlback_easy_on_debug(easy, Some(call::<F>), data, drop) })
}

pub fn on_open_socket<F: Fn(Raw, i32, &curlback_address) -> isize + 'static>(easy: Raw, body: F) -> i32 {
    unsafe extern "C-unwind" fn call<F: Fn(Raw, i32, &curlback_address) -> isize>(
        easy: Raw,
        purpose: i32,
        address: *const curlback_address,
        closure: *mut c_void,
    ) -> isize {
        // SAFETY: the closure is the F that was registered; the address is there.
        unsafe { (*closure.cast::<F>())(easy, purpose, &*address) }
    }
    // SAFETY: `call` gets the F that register() boxes.
    register(body, |data, drop| unsafe { curlback_easy_on_open_socket(easy, Some(call::<F>), data, drop) })
}

pub fn on_close_socket<F: Fn(Raw, isize) -> i32 + 'static>(easy: Raw, body: F) -> i32 {
    unsafe extern "C-unwind" fn call<F: Fn(Raw, isize) -> i32>(
        easy: Raw,
        socket: isize,
        closure: *mut c_void,
    ) -> i32 {
        // SAFETY: the closure is the F that was registered.
        unsafe { (*closure.cast::<F>())(easy, socket) }
    }
    // SAFETY: `call` gets the F that register() boxes.
    register(body, |data, drop| unsafe { curlback_easy_on_close_socket(easy, Some(call::<F>), data, drop) })
}

pub fn on_sockopt<F: Fn(Raw, isize, i32) -> i32 + 'static>(easy: Raw, body: F) -> i32 {
    unsafe extern "C-unwind" fn call<F: Fn(Raw, isize, i32) -> i32>(
        easy: Raw,
        socket: isize,
        purpose: i32,
        closure: *mut c_void,
    ) -> i32 {
        // SAFETY: the closure is the F that was registered.
        unsafe { (*closure.cast::<F>())(easy, socket, purpose) }
    }
    // SAFETY: `call` gets the F that register() boxes.
    register(body, |data, drop| unsafe { curlback_easy_on_sockopt(easy, Some(call::<F>), data, drop) })
}

/// What a close_socket callback has to do.
pub fn close_socket(socket: isize) -> i32 {
    // SAFETY: libcurl has given the socket up.
    unsafe { libc::close(socket as i32) }
}

pub fn on_progress<F: Fn(Raw, [f64; 4]) -> i32 + 'static>(easy: Raw, body: F) -> i32 {
    unsafe extern "C-unwind" fn call<F: Fn(Raw, [f64; 4]) -> i32>(
        easy: Raw,
        download_total: f64,
        download_now: f64,
        upload_total: f64,
        upload_now: f64,
        closure: *mut c_void,
    ) -> i32 {
        // SAFETY: the closure is the F that was registered.
        unsafe { (*closure.cast::<F>())(easy, [download_total, download_now, upload_total, upload_now]) }
    }
    // SAFETY: `call` gets the F that register() boxes.
    register(body, |data, drop| unsafe { curlback_easy_on_progress(easy, Some(call::<F>), data, drop) })
}

pub fn on_xferinfo<F: Fn(Raw, [i64; 4]) -> i32 + 'static>(easy: Raw, body: F) -> i32 {
    unsafe extern "C-unwind" fn call<F: Fn(Raw, [i64; 4]) -> i32>(
        easy: Raw,
        download_total: i64,
        download_now: i64,
        upload_total: i64,
        upload_now: i64,
        closure: *mut c_void,
    ) -> i32 {
        // SAFETY: the closure is the F that was registered.
        unsafe { (*closure.cast::<F>())(easy, [download_total, download_now, upload_total, upload_now]) }
    }
    // SAFETY: `call` gets the F that register() boxes.
    register(body, |data, drop| unsafe { curlback_easy_on_xferinfo(easy, Some(call::<F>), data, drop) })
}
