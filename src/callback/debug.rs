//! debug: what libcurl does and what goes over the wire.

use std::ffi::{c_char, c_int, c_void};

use super::{Curl, Kind, curlback_callback, run};
use crate::access::Call;
use crate::boundary::enter;
use crate::easy::{Easy, curlback_easy};
use crate::libcurl::tables::opt;
use crate::registry::claim;
use crate::result::curlback_result;
use crate::slot::curlback_drop_cb;

/// What a debug callback is shown.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(non_camel_case_types)]
pub enum curlback_debug {
    /// What libcurl says about its work.
    CURLBACK_DEBUG_TEXT = 0,
    /// Headers received.
    CURLBACK_DEBUG_HEADER_IN = 1,
    /// Headers sent.
    CURLBACK_DEBUG_HEADER_OUT = 2,
    /// Body received.
    CURLBACK_DEBUG_DATA_IN = 3,
    /// Body sent.
    CURLBACK_DEBUG_DATA_OUT = 4,
    /// TLS records received.
    CURLBACK_DEBUG_TLS_DATA_IN = 5,
    /// TLS records sent.
    CURLBACK_DEBUG_TLS_DATA_OUT = 6,
}

/// `len` bytes at `data`, of the sort `kind`, one of CURLBACK_DEBUG_*. They are there until the callback returns and do not
/// end with NUL. It cannot fail; curlback_easy_raise() with CURLBACK_RAISE_INTERRUPT ends the transfer all the same.
#[allow(non_camel_case_types)]
pub type curlback_debug_cb = Option<
    unsafe extern "C-unwind" fn(
        easy: *mut curlback_easy,
        kind: i32,
        data: *const u8,
        len: usize,
        user_data: *mut c_void,
    ),
>;

pub struct Debug;

impl Kind for Debug {
    type Function = unsafe extern "C-unwind" fn(*mut curlback_easy, i32, *const u8, usize, *mut c_void);
    const ID: curlback_callback = curlback_callback::CURLBACK_CALLBACK_DEBUG;
    const OPTIONS: (i32, i32) = (opt::DEBUGFUNCTION, opt::DEBUGDATA);
    const ENDS_WITH: &'static [i32] = &[];

    fn trampoline() -> *const c_void {
        trampoline as *const c_void
    }
}

/// The CURL pointer can be one of libcurl's own handles: only the data pointer says whose callback it is.
unsafe extern "C" fn trampoline(
    _curl: *mut Curl,
    kind: c_int,
    data: *mut c_char,
    len: usize,
    easy: *mut c_void,
) -> c_int {
    // SAFETY: `easy` is what register() set as DEBUGDATA.
    unsafe {
        run::<Debug, c_int>(
            easy,
            0,
            |_| 0,
            move |easy, function, user_data| {
                let _middle = easy.state.in_the_middle();
                function(easy.handle(), kind, data.cast(), len, user_data);
                Ok(0)
            },
        )
    }
}

/// Calls `callback` with what libcurl does and what goes over the wire. Registering switches the option VERBOSE on and unsetting,
/// with NULL, switches it off, unless VERBOSE was set by curlback_easy_set_int(); curlback_easy_unset() lets it follow again.
///
/// Also inside callbacks; replacing takes effect with the next call. libcurl calls it in the middle of whatever it does: strings cannot be
/// set in there, as curlback_easy_set_int() says.
///
/// # Safety
/// `callback` may be called with `user_data` until `drop` was called.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_easy_on_debug(
    easy: *mut curlback_easy,
    callback: curlback_debug_cb,
    user_data: *mut c_void,
    drop: curlback_drop_cb,
) -> curlback_result {
    enter(|| {
        let easy = claim::<Easy>(easy, Call::Set)?;
        easy.register::<Debug>(callback, user_data, drop)?;
        easy.follow_callbacks(opt::VERBOSE)
    })
}
