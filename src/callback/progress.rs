//! progress and xferinfo: how far a transfer is. libcurl has one data pointer for both, and calls xferinfo where both are set.

use std::ffi::{c_int, c_void};

use super::{Kind, curlback_callback, run};
use crate::access::Call;
use crate::boundary::{Outcome, enter};
use crate::easy::{Easy, curlback_easy};
use crate::libcurl::tables::opt;
use crate::registry::claim;
use crate::result::curlback_result;
use crate::slot::curlback_drop_cb;

/// How far the transfer is, in bytes; a total that is not known is 0. Called about once a second, and more often while data moves;
/// also where nothing has moved.
///
/// Return 0 to go on; anything else ends the transfer with ABORTED_BY_CALLBACK (42).
#[allow(non_camel_case_types)]
pub type curlback_progress_cb = Option<
    unsafe extern "C-unwind" fn(
        easy: *mut curlback_easy,
        download_total: f64,
        download_now: f64,
        upload_total: f64,
        upload_now: f64,
        user_data: *mut c_void,
    ) -> i32,
>;

/// As curlback_progress_cb, in whole bytes.
#[allow(non_camel_case_types)]
pub type curlback_xferinfo_cb = Option<
    unsafe extern "C-unwind" fn(
        easy: *mut curlback_easy,
        download_total: i64,
        download_now: i64,
        upload_total: i64,
        upload_now: i64,
        user_data: *mut c_void,
    ) -> i32,
>;

pub struct Progress;

impl Kind for Progress {
    type Function = unsafe extern "C-unwind" fn(*mut curlback_easy, f64, f64, f64, f64, *mut c_void) -> i32;
    const ID: curlback_callback = curlback_callback::CURLBACK_CALLBACK_PROGRESS;
    const OPTIONS: (i32, i32) = (opt::PROGRESSFUNCTION, opt::PROGRESSDATA);
    const ENDS_WITH: &'static [i32] = &[42];

    fn trampoline() -> *const c_void {
        progress_trampoline as *const c_void
    }

    fn wire(easy: &Easy, set: bool) -> Outcome {
        wire(easy, set, easy.has::<Xferinfo>())
    }
}

pub struct Xferinfo;

impl Kind for Xferinfo {
    type Function = unsafe extern "C-unwind" fn(*mut curlback_easy, i64, i64, i64, i64, *mut c_void) -> i32;
    const ID: curlback_callback = curlback_callback::CURLBACK_CALLBACK_XFERINFO;
    const OPTIONS: (i32, i32) = (opt::XFERINFOFUNCTION, opt::XFERINFODATA);
    const ENDS_WITH: &'static [i32] = &[42];

    fn trampoline() -> *const c_void {
        xferinfo_trampoline as *const c_void
    }

    fn wire(easy: &Easy, set: bool) -> Outcome {
        wire(easy, easy.has::<Progress>(), set)
    }
}

/// libcurl's own 0 goes on; its CURL_PROGRESSFUNC_CONTINUE, which would print a progress meter, is a failure like any other.
const ABORT: c_int = 1;

unsafe extern "C" fn progress_trampoline(
    easy: *mut c_void,
    download_total: f64,
    download_now: f64,
    upload_total: f64,
    upload_now: f64,
) -> c_int {
    // SAFETY: `easy` is what wire() set as PROGRESSDATA.
    unsafe {
        run::<Progress, c_int>(
            easy,
            ABORT,
            |_| 0,
            move |easy, function, user_data| {
                let answer = function(
                    easy.handle(),
                    download_total,
                    download_now,
                    upload_total,
                    upload_now,
                    user_data,
                );
                if answer == 0 { Ok(0) } else { Err(ABORT) }
            },
        )
    }
}

unsafe extern "C" fn xferinfo_trampoline(
    easy: *mut c_void,
    download_total: i64,
    download_now: i64,
    upload_total: i64,
    upload_now: i64,
) -> c_int {
    // SAFETY: `easy` is what wire() set as XFERINFODATA.
    unsafe {
        run::<Xferinfo, c_int>(
            easy,
            ABORT,
            |_| 0,
            move |easy, function, user_data| {
                let answer = function(
                    easy.handle(),
                    download_total,
                    download_now,
                    upload_total,
                    upload_now,
                    user_data,
                );
                if answer == 0 { Ok(0) } else { Err(ABORT) }
            },
        )
    }
}

/// Gives libcurl the functions that are to be called, and the data pointer while there is any.
fn wire(easy: &Easy, progress: bool, xferinfo: bool) -> Outcome {
    let pointer = |set: bool, value: *const c_void| if set { value } else { std::ptr::null() };
    easy.setopt_pointer(opt::XFERINFODATA, pointer(progress || xferinfo, easy.data()))?;
    let set_progress =
        || easy.setopt_pointer(opt::PROGRESSFUNCTION, pointer(progress, Progress::trampoline()));
    let set_xferinfo =
        || easy.setopt_pointer(opt::XFERINFOFUNCTION, pointer(xferinfo, Xferinfo::trampoline()));
    // libcurl goes by the last of the two: after a NULL it writes its own meter's newline to standard error.
    if progress {
        set_xferinfo()?;
        set_progress()
    } else {
        set_progress()?;
        set_xferinfo()
    }
}

/// Calls `callback` with how far the transfer is. Deprecated by libcurl in favour of curlback_easy_on_xferinfo(), which is called
/// alone where both are registered. Registering either switches the option NOPROGRESS off, unsetting both, with NULL,
/// switches it on, unless NOPROGRESS was set by curlback_easy_set_int(); curlback_easy_unset() lets it follow again.
///
/// Also inside callbacks; replacing takes effect with the next call.
///
/// # Safety
/// `callback` may be called with `user_data` until `drop` was called.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_easy_on_progress(
    easy: *mut curlback_easy,
    callback: curlback_progress_cb,
    user_data: *mut c_void,
    drop: curlback_drop_cb,
) -> curlback_result {
    enter(|| {
        let easy = claim::<Easy>(easy, Call::Set)?;
        easy.register::<Progress>(callback, user_data, drop)?;
        easy.follow_callbacks(opt::NOPROGRESS)
    })
}

/// Calls `callback` with how far the transfer is, in whole bytes. Otherwise as curlback_easy_on_progress().
///
/// # Safety
/// `callback` may be called with `user_data` until `drop` was called.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_easy_on_xferinfo(
    easy: *mut curlback_easy,
    callback: curlback_xferinfo_cb,
    user_data: *mut c_void,
    drop: curlback_drop_cb,
) -> curlback_result {
    enter(|| {
        let easy = claim::<Easy>(easy, Call::Set)?;
        easy.register::<Xferinfo>(callback, user_data, drop)?;
        easy.follow_callbacks(opt::NOPROGRESS)
    })
}
