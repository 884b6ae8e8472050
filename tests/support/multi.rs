//! A multi handle that closes itself, with closures as callbacks.

use std::cell::RefCell;
use std::ffi::{CString, c_char, c_void};
use std::mem::MaybeUninit;
use std::ptr::null_mut;
use std::rc::Rc;

use curlback::easy::error::curlback_error;
use curlback::multi::done::{curlback_multi_next_done, curlback_multi_on_done};
use curlback::multi::drive::{curlback_multi_perform, curlback_multi_poll};
use curlback::multi::error::{curlback_multi_error, curlback_multi_raise};
use curlback::multi::members::{curlback_multi_add, curlback_multi_remove};
use curlback::multi::notify::curlback_multi_on_notify;
use curlback::multi::run::{curlback_multi_run, curlback_run};
use curlback::multi::socket::{curlback_multi_on_socket, curlback_multi_socket_action};
use curlback::multi::timer::curlback_multi_on_timer;
use curlback::multi::{curlback_multi, curlback_multi_close, curlback_multi_new};

use super::{Easy, LIMIT, Raw, last_error, ok, register};

pub type RawMulti = *mut curlback_multi;

/// The transfers that ended, in their order, with their results.
pub type Ended = Rc<RefCell<Vec<(Raw, i32)>>>;

pub const UNTIL_DONE: i32 = curlback_run::CURLBACK_RUN_UNTIL_DONE as i32;
pub const UNTIL_STOPPED: i32 = curlback_run::CURLBACK_RUN_UNTIL_STOPPED as i32;

/// A handle that is closed when it goes, and must be closable then.
pub struct Multi(RawMulti);

impl Multi {
    pub fn new() -> Self {
        let raw = curlback_multi_new();
        assert!(!raw.is_null(), "{}", last_error());
        Multi(raw)
    }

    pub fn adopt(raw: RawMulti) -> Self {
        assert!(!raw.is_null());
        Multi(raw)
    }

    pub fn raw(&self) -> RawMulti {
        self.0
    }

    /// Leaves the closing to the test.
    pub fn into_raw(mut self) -> RawMulti {
        std::mem::replace(&mut self.0, null_mut())
    }

    pub fn add(&self, easy: &Easy) {
        ok(curlback_multi_add(self.0, easy.raw()));
    }

    pub fn remove(&self, easy: &Easy) {
        ok(curlback_multi_remove(self.0, easy.raw()));
    }

    pub fn run(&self) {
        ok(curlback_multi_run(self.0, UNTIL_DONE));
    }

    /// One perform: its result and the number of transfers under way.
    pub fn perform(&self) -> (i32, i32) {
        let mut running = -1;
        // SAFETY: the number can be written to.
        let result = unsafe { curlback_multi_perform(self.0, &mut running) };
        (result, running)
    }

    pub fn poll(&self, timeout_ms: i32) -> i32 {
        // SAFETY: no descriptors of one's own.
        unsafe { curlback_multi_poll(self.0, null_mut(), 0, timeout_ms, null_mut()) }
    }

    /// perform and poll until no transfer is under way.
    pub fn perform_all(&self) {
        let end = std::time::Instant::now() + LIMIT;
        loop {
            let (result, running) = self.perform();
            ok(result);
            if running == 0 {
                return;
            }
            assert!(std::time::Instant::now() < end, "{running} transfers are still under way");
            ok(self.poll(100));
        }
    }

    /// socket_action: its result and the number of transfers under way.
    pub fn act(&self, socket: isize, events: i32) -> (i32, i32) {
        let mut running = -1;
        // SAFETY: the number can be written to.
        let result = unsafe { curlback_multi_socket_action(self.0, socket, events, &mut running) };
        (result, running)
    }

    pub fn next_done(&self) -> Option<(Raw, i32)> {
        let (mut easy, mut result) = (null_mut(), -1);
        // SAFETY: both can be written to.
        let found = unsafe { curlback_multi_next_done(self.0, &mut easy, &mut result) };
        found.then_some((easy, result))
    }

    pub fn all_done(&self) -> Vec<(Raw, i32)> {
        std::iter::from_fn(|| self.next_done()).collect()
    }

    pub fn error(&self) -> curlback_error {
        let mut error = MaybeUninit::uninit();
        // SAFETY: it is filled on success.
        unsafe {
            ok(curlback_multi_error(self.0, error.as_mut_ptr()));
            error.assume_init()
        }
    }

    pub fn on_done(&self, body: impl Fn(RawMulti, Raw, i32) + 'static) {
        ok(on_done(self.0, body));
    }

    /// Collects what ends.
    pub fn collect(&self) -> Ended {
        let ended = Ended::default();
        let into = Rc::clone(&ended);
        self.on_done(move |_, easy, result| into.borrow_mut().push((easy, result)));
        ended
    }

    pub fn on_notify(&self, body: impl Fn(RawMulti, i32, Raw) + 'static) {
        ok(on_notify(self.0, body));
    }

    pub fn on_socket(&self, body: impl Fn(RawMulti, Raw, isize, i32, *mut c_void) -> i32 + 'static) {
        ok(on_socket(self.0, body));
    }

    pub fn on_timer(&self, body: impl Fn(RawMulti, i64) -> i32 + 'static) {
        ok(on_timer(self.0, body));
    }
}

impl Drop for Multi {
    fn drop(&mut self) {
        let closed = curlback_multi_close(self.0);
        if !std::thread::panicking() {
            ok(closed);
        }
    }
}

/// curlback_multi_raise() without a payload.
pub fn raise(multi: RawMulti, severity: i32, code: i32, message: &str) -> i32 {
    let message = CString::new(message).unwrap();
    let message: *const c_char = message.as_ptr();
    // SAFETY: the message ends with NUL.
    unsafe { curlback_multi_raise(multi, severity, code, message, null_mut(), None) }
}

pub fn on_done<F: Fn(RawMulti, Raw, i32) + 'static>(multi: RawMulti, body: F) -> i32 {
    unsafe extern "C-unwind" fn call<F: Fn(RawMulti, Raw, i32)>(
        multi: RawMulti,
        easy: Raw,
        result: i32,
        closure: *mut c_void,
    ) {
        // SAFETY: the closure is the F that was registered.
        unsafe { (*closure.cast::<F>())(multi, easy, result) }
    }
    // SAFETY: `call` gets the F that register() boxes.
    register(body, |data, drop| unsafe { curlback_multi_on_done(multi, Some(call::<F>), data, drop) })
}

pub fn on_notify<F: Fn(RawMulti, i32, Raw) + 'static>(multi: RawMulti, body: F) -> i32 {
    unsafe extern "C-unwind" fn call<F: Fn(RawMulti, i32, Raw)>(
        multi: RawMulti,
        notification: i32,
        easy: Raw,
        closure: *mut c_void,
    ) {
        // SAFETY: the closure is the F that was registered.
        unsafe { (*closure.cast::<F>())(multi, notification, easy) }
    }
    // SAFETY: `call` gets the F that register() boxes.
    register(body, |data, drop| unsafe { curlback_multi_on_notify(multi, Some(call::<F>), data, drop) })
}

pub fn on_socket<F>(multi: RawMulti, body: F) -> i32
where
    F: Fn(RawMulti, Raw, isize, i32, *mut c_void) -> i32 + 'static,
{
    unsafe extern "C-unwind" fn call<F: Fn(RawMulti, Raw, isize, i32, *mut c_void) -> i32>(
        multi: RawMulti,
        easy: Raw,
        socket: isize,
        what: i32,
        data: *mut c_void,
        closure: *mut c_void,
    ) -> i32 {
        // SAFETY: the closure is the F that was registered.
        unsafe { (*closure.cast::<F>())(multi, easy, socket, what, data) }
    }
    // SAFETY: `call` gets the F that register() boxes.
    register(body, |data, drop| unsafe { curlback_multi_on_socket(multi, Some(call::<F>), data, drop) })
}

pub fn on_timer<F: Fn(RawMulti, i64) -> i32 + 'static>(multi: RawMulti, body: F) -> i32 {
    unsafe extern "C-unwind" fn call<F: Fn(RawMulti, i64) -> i32>(
        multi: RawMulti,
        timeout_ms: i64,
        closure: *mut c_void,
    ) -> i32 {
        // SAFETY: the closure is the F that was registered.
        unsafe { (*closure.cast::<F>())(multi, timeout_ms) }
    }
    // SAFETY: `call` gets the F that register() boxes.
    register(body, |data, drop| unsafe { curlback_multi_on_timer(multi, Some(call::<F>), data, drop) })
}
