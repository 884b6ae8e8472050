//! write, header and interleave: what is received.

use std::ffi::{c_char, c_void};

use super::{Kind, curlback_callback, marked, registered, run, settle, settle_panic};
use crate::access::Call;
use crate::boundary::{Outcome, contain, enter};
use crate::easy::groups::{Member, Which};
use crate::easy::{Easy, curlback_easy};
use crate::libcurl::sys::{CURL_WRITEFUNC_ERROR, CURL_WRITEFUNC_PAUSE};
use crate::libcurl::tables::opt;
use crate::libcurl::version;
use crate::registry::claim;
use crate::result::curlback_result;
use crate::slot::curlback_drop_cb;
use crate::ws::message;

/// What the data callbacks (write, header, interleave, read) may return beside a count of bytes.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(non_camel_case_types)]
pub enum curlback_data {
    /// End the transfer.
    CURLBACK_ABORT = -1,
    /// Pause this direction until curlback_easy_pause() resumes it. What was received is delivered again then, whole,
    /// perhaps with newer data after it.
    CURLBACK_PAUSE = -2,
    /// All that was received has been consumed.
    CURLBACK_ALL = -3,
}

const PAUSE: i64 = curlback_data::CURLBACK_PAUSE as i64;
const ALL: i64 = curlback_data::CURLBACK_ALL as i64;

/// `len` bytes at `data` were received: of the body in curlback_easy_on_write(), one line in curlback_easy_on_header(), one packet
/// in curlback_easy_on_interleave().
///
/// `data` belongs to libcurl and is there until the callback returns; it does not end with NUL. `len` is at most 16 KiB for a
/// body and can be 0.
///
/// Return `len` or CURLBACK_ALL: consumed. CURLBACK_PAUSE: deliver the same bytes again after unpausing. Anything else
/// ends the transfer with libcurl's WRITE_ERROR (23).
#[allow(non_camel_case_types)]
pub type curlback_write_cb = Option<
    unsafe extern "C-unwind" fn(
        easy: *mut curlback_easy,
        data: *const u8,
        len: usize,
        user_data: *mut c_void,
    ) -> i64,
>;

type Function = unsafe extern "C-unwind" fn(*mut curlback_easy, *const u8, usize, *mut c_void) -> i64;

pub struct Write;

impl Kind for Write {
    type Function = Function;
    const ID: curlback_callback = curlback_callback::CURLBACK_CALLBACK_WRITE;
    const OPTIONS: (i32, i32) = (opt::WRITEFUNCTION, opt::WRITEDATA);
    const ENDS_WITH: &'static [i32] = &[23];

    fn trampoline() -> *const c_void {
        write_trampoline as *const c_void
    }

    fn wire(easy: &Easy, _set: bool) -> Outcome {
        easy.wire_group(Which::Body)
    }
}

pub struct Header;

impl Kind for Header {
    type Function = Function;
    const ID: curlback_callback = curlback_callback::CURLBACK_CALLBACK_HEADER;
    const OPTIONS: (i32, i32) = (opt::HEADERFUNCTION, opt::HEADERDATA);
    const ENDS_WITH: &'static [i32] = &[23];

    fn trampoline() -> *const c_void {
        header_trampoline as *const c_void
    }

    fn wire(easy: &Easy, _set: bool) -> Outcome {
        easy.wire_group(Which::Header)
    }
}

pub struct Interleave;

impl Kind for Interleave {
    type Function = Function;
    const ID: curlback_callback = curlback_callback::CURLBACK_CALLBACK_INTERLEAVE;
    const OPTIONS: (i32, i32) = (opt::INTERLEAVEFUNCTION, opt::INTERLEAVEDATA);
    const ENDS_WITH: &'static [i32] = &[23];

    fn built_in() -> bool {
        version::has(version::protocols(), "rtsp")
    }

    fn trampoline() -> *const c_void {
        interleave_trampoline as *const c_void
    }
}

/// Only the documented answers mean anything: a count that happens to be one of libcurl's own signals is an error.
fn verdict(easy: &Easy, kind: curlback_callback, answer: i64) -> Result<usize, usize> {
    match answer {
        _ if answer == easy.state.expected.get() as i64 => Ok(answer as usize),
        ALL => Ok(easy.state.expected.get()),
        PAUSE => {
            // Where a transfer cannot pause, from a file:// say, this ends it.
            easy.failed_in(kind);
            Ok(CURL_WRITEFUNC_PAUSE)
        }
        _ => Err(CURL_WRITEFUNC_ERROR),
    }
}

#[cold]
#[inline(never)]
fn settle_chunk<K: Kind>(easy: &Easy, answer: i64) -> usize {
    settle(easy, K::ID, verdict(easy, K::ID, answer), CURL_WRITEFUNC_ERROR)
}

/// What takes a chunk where no callback does: it gets libcurl's arguments.
type Elsewhere = unsafe extern "C" fn(*mut c_char, usize, usize, *mut c_void) -> usize;

/// A callback that takes chunks.
trait Chunks: Kind<Function = Function> {
    const ELSEWHERE: Elsewhere;
}

impl Chunks for Write {
    const ELSEWHERE: Elsewhere = write_elsewhere;
}

impl Chunks for Header {
    const ELSEWHERE: Elsewhere = header_elsewhere;
}

/// Hands a chunk to the callback: run(), written out for the callbacks that are called most. What is rare is a function that gets libcurl's
/// arguments as they are: it costs the others no register.
///
/// # Safety
/// As for run(); there are `len` bytes at `data`.
#[inline(always)]
unsafe fn hand_over<K: Chunks>(data: *mut c_char, len: usize, easy: *mut c_void) -> usize {
    // SAFETY: the caller vouches for it.
    unsafe {
        let this = &*easy.cast::<Easy>();
        if this.is_marked() {
            return hand_over_marked::<K>(data, 1, len, easy);
        }
        call_with::<K>(this, data, len, easy)
    }
}

/// As hand_over(), of a handle that is marked.
///
/// # Safety
/// As for hand_over().
#[cold]
#[inline(never)]
unsafe extern "C" fn hand_over_marked<K: Chunks>(
    data: *mut c_char,
    _size: usize,
    len: usize,
    easy: *mut c_void,
) -> usize {
    // SAFETY: the caller vouches for it.
    let this = unsafe { &*easy.cast::<Easy>() };
    // SAFETY: as above.
    marked(this, CURL_WRITEFUNC_ERROR, || unsafe { call_with::<K>(this, data, len, easy) })
}

/// The transfer goes on.
///
/// # Safety
/// As for hand_over(), and `easy` is `this`.
#[inline(always)]
unsafe fn call_with<K: Chunks>(this: &Easy, data: *mut c_char, len: usize, easy: *mut c_void) -> usize {
    // Before the function is looked up, so that it can be called from where it stands.
    this.state.expected.set(len);
    this.state.enter(K::ID as u8);
    let Some((function, user_data)) = registered::<K>(this) else {
        this.state.clear();
        // SAFETY: the caller vouches for it.
        return unsafe { K::ELSEWHERE(data, 1, len, easy) };
    };
    // SAFETY: the caller registered the function for this user data; the chunk is there.
    match contain(|| unsafe { function(this.handle(), data.cast(), len, user_data) }) {
        Ok(answer) if answer == this.state.expected.get() as i64 && this.state.leave(K::ID as u8) => {
            answer as usize
        }
        Ok(answer) => settle_chunk::<K>(this, answer),
        Err(panic) => settle_panic(this, K::ID, panic, CURL_WRITEFUNC_ERROR),
    }
}

/// libcurl's write function, for every member of the body group. The size of an item is always 1, libcurl says.
pub(crate) unsafe extern "C" fn write_trampoline(
    data: *mut c_char,
    _size: usize,
    len: usize,
    easy: *mut c_void,
) -> usize {
    // SAFETY: `easy` is what groups.rs set as WRITEDATA; `data` has `len` bytes, as libcurl says.
    unsafe { hand_over::<Write>(data, len, easy) }
}

/// Another member of the group takes the body.
#[cold]
#[inline(never)]
unsafe extern "C" fn write_elsewhere(
    data: *mut c_char,
    _size: usize,
    len: usize,
    easy: *mut c_void,
) -> usize {
    // SAFETY: as for write_trampoline.
    let this = unsafe { &*easy.cast::<Easy>() };
    if let Member::Messages(limit) = this.group(Which::Body).get() {
        // SAFETY: as above.
        return contain(|| unsafe { message::take(easy, limit, data.cast(), len) })
            .unwrap_or(CURL_WRITEFUNC_ERROR);
    }
    elsewhere(this, Which::Body, data, len)
}

/// libcurl's header function, for every member of the header group. As for writing, an item's size is 1.
pub(crate) unsafe extern "C" fn header_trampoline(
    data: *mut c_char,
    _size: usize,
    len: usize,
    easy: *mut c_void,
) -> usize {
    // SAFETY: `easy` is what groups.rs set as HEADERDATA; `data` has `len` bytes, as libcurl says.
    unsafe { hand_over::<Header>(data, len, easy) }
}

/// Another member of the group takes the headers.
#[cold]
#[inline(never)]
unsafe extern "C" fn header_elsewhere(
    data: *mut c_char,
    _size: usize,
    len: usize,
    easy: *mut c_void,
) -> usize {
    // SAFETY: as for header_trampoline.
    let easy = unsafe { &*easy.cast::<Easy>() };
    elsewhere(easy, Which::Header, data, len)
}

fn elsewhere(easy: &Easy, which: Which, data: *mut c_char, len: usize) -> usize {
    if easy.ended() {
        return CURL_WRITEFUNC_ERROR;
    }
    // SAFETY: libcurl gave the chunk to the trampoline.
    contain(|| unsafe { easy.deliver(which, data.cast(), len) }).unwrap_or(CURL_WRITEFUNC_ERROR)
}

/// libcurl's function for interleaved data. Where it has none it gives them to the write function.
unsafe extern "C" fn interleave_trampoline(
    data: *mut c_char,
    size: usize,
    len: usize,
    easy: *mut c_void,
) -> usize {
    // SAFETY: `easy` is what register() set as INTERLEAVEDATA; `data` has `len` bytes, as libcurl says.
    unsafe {
        run::<Interleave, usize>(
            easy,
            CURL_WRITEFUNC_ERROR,
            |_| write_trampoline(data, size, len, easy),
            |easy, function, user_data| match function(easy.handle(), data.cast(), len, user_data) {
                ALL => Ok(len),
                // libcurl cannot do it, and says so.
                PAUSE => Err(CURL_WRITEFUNC_PAUSE),
                answer if answer == len as i64 => Ok(len),
                _ => Err(CURL_WRITEFUNC_ERROR),
            },
        )
    }
}

/// Calls `callback` with each piece of the body that arrives. A member of the body group: CURLBACK_E_EXCLUSIVE while another
/// member is set. NULL unsets: the body goes to standard output again.
///
/// Also inside callbacks; replacing takes effect with the next call.
///
/// # Safety
/// `callback` may be called with `user_data` until `drop` was called.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_easy_on_write(
    easy: *mut curlback_easy,
    callback: curlback_write_cb,
    user_data: *mut c_void,
    drop: curlback_drop_cb,
) -> curlback_result {
    enter(|| {
        claim::<Easy>(easy, Call::Set)?.register_member::<Write>(
            Which::Body,
            Member::Callback,
            callback,
            user_data,
            drop,
        )
    })
}

/// Calls `callback` with each header line: status lines, the empty line at the end of each response's headers, those of redirects,
/// of 1xx answers and of proxies, and an HTTP body's trailers after it. Each with its CRLF. A member of the header group:
/// CURLBACK_E_EXCLUSIVE while another member is set. NULL unsets: headers go nowhere.
///
/// Also inside callbacks; replacing takes effect with the next call.
///
/// # Safety
/// `callback` may be called with `user_data` until `drop` was called.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_easy_on_header(
    easy: *mut curlback_easy,
    callback: curlback_write_cb,
    user_data: *mut c_void,
    drop: curlback_drop_cb,
) -> curlback_result {
    enter(|| {
        claim::<Easy>(easy, Call::Set)?.register_member::<Header>(
            Which::Header,
            Member::Callback,
            callback,
            user_data,
            drop,
        )
    })
}

/// Calls `callback` with each packet that an RTSP server sends between its answers: RTP or RTCP, with the four bytes before it
/// that begin with "$" and have its channel and length. It cannot be paused: CURLBACK_PAUSE ends the transfer with WRITE_ERROR
/// (23) too. NULL unsets: libcurl gives the packets to where the body goes. CURLBACK_E_UNSUPPORTED where libcurl was built
/// without RTSP.
///
/// Also inside callbacks; replacing takes effect with the next call.
///
/// # Safety
/// `callback` may be called with `user_data` until `drop` was called.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_easy_on_interleave(
    easy: *mut curlback_easy,
    callback: curlback_write_cb,
    user_data: *mut c_void,
    drop: curlback_drop_cb,
) -> curlback_result {
    enter(|| claim::<Easy>(easy, Call::Set)?.register::<Interleave>(callback, user_data, drop))
}
