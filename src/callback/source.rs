//! read, seek and ioctl: what is sent.

use std::ffi::{c_char, c_int, c_uint, c_void};

use super::{Curl, Kind, curlback_callback, run};
use crate::access::Call;
use crate::boundary::{Outcome, enter};
use crate::easy::groups::{Member, Which};
use crate::easy::{Easy, curlback_easy};
use crate::libcurl::sys::{
    CURL_READFUNC_ABORT, CURL_READFUNC_PAUSE, CURL_SEEKFUNC_CANTSEEK, CURL_SEEKFUNC_FAIL,
};
use crate::libcurl::tables::opt;
use crate::registry::claim;
use crate::result::curlback_result;
use crate::slot::curlback_drop_cb;

use super::body::curlback_data;

/// Fill `buffer` with at most `capacity` bytes of what is to be sent and return how many; 0 ends the upload.
///
/// CURLBACK_PAUSE: nothing for now; called again after unpausing. CURLBACK_ABORT and any other negative value end the transfer
/// with ABORTED_BY_CALLBACK (42), a count above `capacity` with READ_ERROR (26), nothing of it sent. While a resumed FTP upload
/// reads what it throws away, all of these end it with FTP_COULDNT_USE_REST (31), CURLBACK_PAUSE too. The buffer belongs to
/// libcurl and is there until the callback returns.
#[allow(non_camel_case_types)]
pub type curlback_read_cb = Option<
    unsafe extern "C-unwind" fn(
        easy: *mut curlback_easy,
        buffer: *mut u8,
        capacity: usize,
        user_data: *mut c_void,
    ) -> i64,
>;

pub struct Read;

impl Kind for Read {
    type Function = unsafe extern "C-unwind" fn(*mut curlback_easy, *mut u8, usize, *mut c_void) -> i64;
    const ID: curlback_callback = curlback_callback::CURLBACK_CALLBACK_READ;
    const OPTIONS: (i32, i32) = (opt::READFUNCTION, opt::READDATA);
    // 31 while a resumed FTP upload reads and throws away.
    const ENDS_WITH: &'static [i32] = &[26, 42, 31];

    fn trampoline() -> *const c_void {
        read_trampoline as *const c_void
    }

    fn wire(easy: &Easy, _set: bool) -> Outcome {
        easy.wire_group(Which::Source)
    }
}

/// libcurl's read function, for every member of the source group. The size of an item is always 1, libcurl says.
unsafe extern "C" fn read_trampoline(
    buffer: *mut c_char,
    _size: usize,
    capacity: usize,
    easy: *mut c_void,
) -> usize {
    // SAFETY: `easy` is what groups.rs set as READDATA; the buffer has `capacity` bytes, as libcurl says.
    unsafe {
        run::<Read, usize>(
            easy,
            CURL_READFUNC_ABORT,
            move |easy| {
                let count = easy.supply(std::slice::from_raw_parts_mut(buffer.cast(), capacity));
                easy.state.read.set(count);
                count
            },
            move |easy, function, user_data| {
                const PAUSE: i64 = curlback_data::CURLBACK_PAUSE as i64;
                let _supplying = easy.state.supplying();
                match function(easy.handle(), buffer.cast(), capacity, user_data) {
                    PAUSE => {
                        easy.sending_paused();
                        Ok(CURL_READFUNC_PAUSE)
                    }
                    n if n < 0 => Err(CURL_READFUNC_ABORT),
                    n if n as u64 <= capacity as u64 => {
                        easy.state.read.set(n as usize);
                        Ok(n as usize)
                    }
                    // libcurl takes any count above the capacity for READ_ERROR, but for its own two signals.
                    _ => Err(capacity + 1),
                }
            },
        )
    }
}

/// Calls `callback` for what is to be sent. A member of the source group: CURLBACK_E_EXCLUSIVE while another member is set. NULL
/// unsets: libcurl reads standard input.
///
/// It does not switch uploading on: set UPLOAD or POST, and INFILESIZE_LARGE or POSTFIELDSIZE_LARGE where the length is known.
/// Register curlback_easy_on_seek() too where a redirect or an authentication may need the body again. Also inside callbacks;
/// replacing takes effect with the next call.
///
/// # Safety
/// `callback` may be called with `user_data` until `drop` was called.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_easy_on_read(
    easy: *mut curlback_easy,
    callback: curlback_read_cb,
    user_data: *mut c_void,
    drop: curlback_drop_cb,
) -> curlback_result {
    enter(|| {
        claim::<Easy>(easy, Call::Set)?.register_member::<Read>(
            Which::Source,
            Member::Callback,
            callback,
            user_data,
            drop,
        )
    })
}

/// What a seek callback returns.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(non_camel_case_types)]
pub enum curlback_seek {
    /// Done.
    CURLBACK_SEEK_OK = 0,
    /// The transfer fails: SEND_FAIL_REWIND (65) where a body had to be sent again, FTP_COULDNT_USE_REST (31) where an upload by
    /// FTP or SFTP was to be resumed, READ_ERROR (26) where one by HTTP was.
    CURLBACK_SEEK_FAIL = 1,
    /// It cannot be done. A resumed upload then reads and throws away; a body to be sent again is SEND_FAIL_REWIND (65).
    CURLBACK_SEEK_CANTSEEK = 2,
}

/// What the offset of a seek callback counts from.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(non_camel_case_types)]
pub enum curlback_origin {
    /// The beginning.
    CURLBACK_ORIGIN_START = 0,
    /// Where it stands.
    CURLBACK_ORIGIN_CURRENT = 1,
    /// The end.
    CURLBACK_ORIGIN_END = 2,
}

/// Move to `offset` bytes from `origin`, one of CURLBACK_ORIGIN_*, within what on_read supplies; libcurl uses CURLBACK_ORIGIN_START.
///
/// Return CURLBACK_SEEK_*; any other value counts as CURLBACK_SEEK_FAIL.
#[allow(non_camel_case_types)]
pub type curlback_seek_cb = Option<
    unsafe extern "C-unwind" fn(
        easy: *mut curlback_easy,
        offset: i64,
        origin: i32,
        user_data: *mut c_void,
    ) -> i32,
>;

pub struct Seek;

impl Kind for Seek {
    type Function = unsafe extern "C-unwind" fn(*mut curlback_easy, i64, i32, *mut c_void) -> i32;
    const ID: curlback_callback = curlback_callback::CURLBACK_CALLBACK_SEEK;
    const OPTIONS: (i32, i32) = (opt::SEEKFUNCTION, opt::SEEKDATA);
    const ENDS_WITH: &'static [i32] = &[65, 31, 26];

    fn trampoline() -> *const c_void {
        seek_trampoline as *const c_void
    }

    fn wire(easy: &Easy, set: bool) -> Outcome {
        easy.wire_seek(set)
    }
}

/// libcurl's seek function, for the callback and for the sources that seek by themselves.
unsafe extern "C" fn seek_trampoline(easy: *mut c_void, offset: i64, origin: c_int) -> c_int {
    // SAFETY: `easy` is what Easy::wire_seek set as SEEKDATA.
    unsafe {
        run::<Seek, c_int>(
            easy,
            CURL_SEEKFUNC_FAIL,
            move |easy| easy.move_to(offset, origin),
            move |easy, function, user_data| {
                let _supplying = easy.state.supplying();
                match function(easy.handle(), offset, origin, user_data) {
                    0 => Ok(0),
                    CURL_SEEKFUNC_CANTSEEK => Err(CURL_SEEKFUNC_CANTSEEK),
                    _ => Err(CURL_SEEKFUNC_FAIL),
                }
            },
        )
    }
}

/// Calls `callback` when what on_read supplies must be sent again, or from further on: after a redirect with 307 or 308, in
/// the rounds of an authentication, when a reused connection turned out dead, for a resumed upload. NULL unsets. A
/// source other than on_read seeks by itself while none is registered.
///
/// Also inside callbacks; replacing takes effect with the next call.
///
/// # Safety
/// `callback` may be called with `user_data` until `drop` was called.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_easy_on_seek(
    easy: *mut curlback_easy,
    callback: curlback_seek_cb,
    user_data: *mut c_void,
    drop: curlback_drop_cb,
) -> curlback_result {
    enter(|| claim::<Easy>(easy, Call::Set)?.register::<Seek>(callback, user_data, drop))
}

/// What an ioctl callback returns.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(non_camel_case_types)]
pub enum curlback_ioctl {
    /// Done.
    CURLBACK_IOCTL_OK = 0,
    /// It does not know the command: SEND_FAIL_REWIND (65).
    CURLBACK_IOCTL_UNKNOWN_COMMAND = 1,
    /// It cannot go back to the beginning: SEND_FAIL_REWIND (65).
    CURLBACK_IOCTL_FAIL_RESTART = 2,
}

/// What an ioctl callback is asked for.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(non_camel_case_types)]
pub enum curlback_ioctl_command {
    /// Nothing. libcurl never asks for it.
    CURLBACK_IOCTL_NOP = 0,
    /// Go back to the beginning of what on_read supplies.
    CURLBACK_IOCTL_RESTART_READ = 1,
}

const IOCTL_OK: c_uint = curlback_ioctl::CURLBACK_IOCTL_OK as c_uint;
const IOCTL_UNKNOWN: c_uint = curlback_ioctl::CURLBACK_IOCTL_UNKNOWN_COMMAND as c_uint;
const IOCTL_FAIL: c_uint = curlback_ioctl::CURLBACK_IOCTL_FAIL_RESTART as c_uint;

/// Do what `command` says, one of CURLBACK_IOCTL_NOP and CURLBACK_IOCTL_RESTART_READ.
///
/// Return CURLBACK_IOCTL_OK, _UNKNOWN_COMMAND or _FAIL_RESTART; any other value counts as CURLBACK_IOCTL_FAIL_RESTART.
#[allow(non_camel_case_types)]
pub type curlback_ioctl_cb = Option<
    unsafe extern "C-unwind" fn(easy: *mut curlback_easy, command: i32, user_data: *mut c_void) -> i32,
>;

pub struct Ioctl;

impl Kind for Ioctl {
    type Function = unsafe extern "C-unwind" fn(*mut curlback_easy, i32, *mut c_void) -> i32;
    const ID: curlback_callback = curlback_callback::CURLBACK_CALLBACK_IOCTL;
    const OPTIONS: (i32, i32) = (opt::IOCTLFUNCTION, opt::IOCTLDATA);
    const ENDS_WITH: &'static [i32] = &[65];

    fn trampoline() -> *const c_void {
        ioctl_trampoline as *const c_void
    }
}

unsafe extern "C" fn ioctl_trampoline(_curl: *mut Curl, command: c_int, easy: *mut c_void) -> c_uint {
    // SAFETY: `easy` is what register() set as IOCTLDATA.
    unsafe {
        run::<Ioctl, c_uint>(
            easy,
            IOCTL_FAIL,
            |_| IOCTL_UNKNOWN,
            move |easy, function, user_data| {
                let _supplying = easy.state.supplying();
                match function(easy.handle(), command, user_data) as c_uint {
                    IOCTL_OK => Ok(IOCTL_OK),
                    IOCTL_UNKNOWN => Err(IOCTL_UNKNOWN),
                    _ => Err(IOCTL_FAIL),
                }
            },
        )
    }
}

/// Calls `callback` when what on_read supplies must be sent again from its beginning. NULL unsets. libcurl has deprecated it in
/// favour of curlback_easy_on_seek(), and does not call it where there is something to seek with: an on_seek callback, or a
/// source other than on_read.
///
/// Also inside callbacks; replacing takes effect with the next call.
///
/// # Safety
/// `callback` may be called with `user_data` until `drop` was called.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_easy_on_ioctl(
    easy: *mut curlback_easy,
    callback: curlback_ioctl_cb,
    user_data: *mut c_void,
    drop: curlback_drop_cb,
) -> curlback_result {
    enter(|| claim::<Easy>(easy, Call::Set)?.register::<Ioctl>(callback, user_data, drop))
}
