//! prereq, trailer and resolver_start: before, within and after a request.

use std::cell::RefCell;
use std::ffi::{c_char, c_int, c_void};

use super::{Kind, curlback_callback, run};
use crate::access::Call;
use crate::boundary::{enter, fail, text_given};
use crate::easy::{Easy, curlback_easy};
use crate::libcurl::strings::Strings;
use crate::libcurl::sys::{CURLE_ABORTED_BY_CALLBACK, curl_slist};
use crate::libcurl::tables::opt;
use crate::libcurl::version;
use crate::registry::{self, Object, claim, lend};
use crate::result::{code, curlback_result};
use crate::slot::curlback_drop_cb;

/// What a prereq callback returns.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(non_camel_case_types)]
pub enum curlback_prereq {
    /// Send the request.
    CURLBACK_PREREQ_OK = 0,
    /// The transfer ends with ABORTED_BY_CALLBACK (42).
    CURLBACK_PREREQ_ABORT = 1,
}

const PREREQ_OK: c_int = curlback_prereq::CURLBACK_PREREQ_OK as c_int;
const PREREQ_ABORT: c_int = curlback_prereq::CURLBACK_PREREQ_ABORT as c_int;

/// A connection is there, and a request is about to be sent over it: from `local_ip` and `local_port` to `primary_ip` and
/// `primary_port`, which are the proxy's where there is one. The addresses are numeric and there until the callback returns; ""
/// and 0 or -1 where there is no connection, as with file://.
///
/// Return CURLBACK_PREREQ_*; any other value counts as CURLBACK_PREREQ_ABORT.
#[allow(non_camel_case_types)]
pub type curlback_prereq_cb = Option<
    unsafe extern "C-unwind" fn(
        easy: *mut curlback_easy,
        primary_ip: *const c_char,
        local_ip: *const c_char,
        primary_port: i32,
        local_port: i32,
        user_data: *mut c_void,
    ) -> i32,
>;

pub struct Prereq;

impl Kind for Prereq {
    type Function = unsafe extern "C-unwind" fn(
        *mut curlback_easy,
        *const c_char,
        *const c_char,
        i32,
        i32,
        *mut c_void,
    ) -> i32;
    const ID: curlback_callback = curlback_callback::CURLBACK_CALLBACK_PREREQ;
    const OPTIONS: (i32, i32) = (opt::PREREQFUNCTION, opt::PREREQDATA);
    const ENDS_WITH: &'static [i32] = &[42];

    fn trampoline() -> *const c_void {
        prereq_trampoline as *const c_void
    }
}

unsafe extern "C" fn prereq_trampoline(
    easy: *mut c_void,
    primary_ip: *mut c_char,
    local_ip: *mut c_char,
    primary_port: c_int,
    local_port: c_int,
) -> c_int {
    // SAFETY: `easy` is what register() set as PREREQDATA.
    unsafe {
        run::<Prereq, c_int>(
            easy,
            PREREQ_ABORT,
            |_| PREREQ_OK,
            move |easy, function, user_data| match function(
                easy.handle(),
                primary_ip,
                local_ip,
                primary_port,
                local_port,
                user_data,
            ) {
                PREREQ_OK => Ok(PREREQ_OK),
                _ => Err(PREREQ_ABORT),
            },
        )
    }
}

/// Calls `callback` before each request, with the connection that it will go over: on reused connections too, and before each
/// request that a redirect or an authentication makes. NULL unsets.
///
/// Also inside callbacks; replacing takes effect with the next call.
///
/// # Safety
/// `callback` may be called with `user_data` until `drop` was called.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_easy_on_prereq(
    easy: *mut curlback_easy,
    callback: curlback_prereq_cb,
    user_data: *mut c_void,
    drop: curlback_drop_cb,
) -> curlback_result {
    enter(|| claim::<Easy>(easy, Call::Set)?.register::<Prereq>(callback, user_data, drop))
}

/// The trailers of an upload: curlback_trailers_add(). Lent to a trailer callback, and gone when that returns. Opaque: the value is
/// never dereferenced, and never used again for another handle.
#[allow(non_camel_case_types)]
pub struct curlback_trailers {
    _opaque: [u8; 0],
}

struct Trailers(RefCell<Strings>);

impl Object for Trailers {
    type Opaque = curlback_trailers;
    const KIND: registry::Kind = registry::Kind::Trailers;

    // It lives for one callback.
    fn in_callback(&self) -> bool {
        true
    }

    // Nothing calls back.
    type Suspended = ();
    fn suspend(&self) {}
    fn resume(&self, (): ()) {}
}

/// "Name: value", with a name as HTTP has it and a value that stays on its line.
fn is_field(text: &[u8]) -> bool {
    let in_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
    let in_value = |byte: &u8| !byte.is_ascii_control() || *byte == b'\t';
    let Some(end) = text.iter().position(|byte| *byte == b':') else { return false };
    let (name, rest) = text.split_at(end);
    !name.is_empty() && name.iter().all(in_name) && rest.starts_with(b": ") && rest.iter().all(in_value)
}

/// What a trailer callback returns.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(non_camel_case_types)]
pub enum curlback_trailer {
    /// Send the trailers that were added.
    CURLBACK_TRAILER_OK = 0,
    /// The transfer ends with ABORTED_BY_CALLBACK (42).
    CURLBACK_TRAILER_ABORT = 1,
}

const TRAILER_OK: c_int = curlback_trailer::CURLBACK_TRAILER_OK as c_int;
const TRAILER_ABORT: c_int = curlback_trailer::CURLBACK_TRAILER_ABORT as c_int;

/// The body has been sent: add its trailers to `trailers` with curlback_trailers_add(), any number of them.
///
/// Return CURLBACK_TRAILER_*; any other value counts as CURLBACK_TRAILER_ABORT.
#[allow(non_camel_case_types)]
pub type curlback_trailer_cb = Option<
    unsafe extern "C-unwind" fn(
        easy: *mut curlback_easy,
        trailers: *mut curlback_trailers,
        user_data: *mut c_void,
    ) -> i32,
>;

pub struct Trailer;

impl Kind for Trailer {
    type Function =
        unsafe extern "C-unwind" fn(*mut curlback_easy, *mut curlback_trailers, *mut c_void) -> i32;
    const ID: curlback_callback = curlback_callback::CURLBACK_CALLBACK_TRAILER;
    const OPTIONS: (i32, i32) = (opt::TRAILERFUNCTION, opt::TRAILERDATA);
    const ENDS_WITH: &'static [i32] = &[42];
    /// It is there since 7.64. But before 8.7 libcurl does not forget that a handle has sent trailers: its next chunked upload
    /// writes before the beginning of a buffer.
    const SINCE: u32 = version::version(8, 7, 0);

    fn trampoline() -> *const c_void {
        trailer_trampoline as *const c_void
    }
}

/// libcurl frees the list that it is given, whatever the answer.
unsafe extern "C" fn trailer_trampoline(list: *mut *mut curl_slist, easy: *mut c_void) -> c_int {
    // SAFETY: `easy` is what register() set as TRAILERDATA; the list can be written to, as libcurl says.
    unsafe {
        run::<Trailer, c_int>(
            easy,
            TRAILER_ABORT,
            |_| TRAILER_OK,
            move |easy, function, user_data| {
                let trailers = lend(Trailers(RefCell::new(Strings::new()))).map_err(|failure| {
                    easy.explain(CURLE_ABORTED_BY_CALLBACK, failure);
                    TRAILER_ABORT
                })?;
                match function(easy.handle(), trailers.handle(), user_data) {
                    TRAILER_OK => {
                        *list = trailers.0.replace(Strings::new()).into_raw();
                        Ok(TRAILER_OK)
                    }
                    _ => Err(TRAILER_ABORT),
                }
            },
        )
    }
}

/// Calls `callback` for the trailers of an upload once its body has been sent. libcurl has trailers for HTTP/1.1 and chunked
/// uploads alone: no size is set, or the header "Transfer-Encoding: chunked" is. Announce them in a header "Trailer: Name" where the
/// server wants that. NULL unsets: no trailers.
///
/// CURLBACK_E_UNSUPPORTED before libcurl 8.7, which corrupts memory when a handle that has sent trailers uploads again.
///
/// Also inside callbacks; replacing takes effect with the next call.
///
/// # Safety
/// `callback` may be called with `user_data` until `drop` was called.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_easy_on_trailer(
    easy: *mut curlback_easy,
    callback: curlback_trailer_cb,
    user_data: *mut c_void,
    drop: curlback_drop_cb,
) -> curlback_result {
    enter(|| claim::<Easy>(easy, Call::Set)?.register::<Trailer>(callback, user_data, drop))
}

/// Adds a trailer, "Name: value", which is copied. CURLBACK_E_RANGE for anything else: a name that HTTP does not allow, no
/// colon with a space after it, a line break.
///
/// Only inside the trailer callback that was given `trailers`: CURLBACK_E_NOT_IN_CALLBACK on other threads meanwhile,
/// CURLBACK_E_HANDLE once it has returned.
///
/// # Safety
/// `header` is NULL, which is CURLBACK_E_NULL, or ends with NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_trailers_add(
    trailers: *mut curlback_trailers,
    header: *const c_char,
) -> curlback_result {
    enter(|| {
        let trailers = claim::<Trailers>(trailers, Call::Raise)?;
        // SAFETY: the caller vouches for it.
        let text = unsafe { text_given(header, "header") }?;
        if !is_field(text.to_bytes()) {
            return fail(code::E_RANGE, format!("{text:?} is no trailer: it takes \"Name: value\""));
        }
        // SAFETY: as above.
        unsafe { trailers.0.borrow_mut().push(text.as_ptr()) }
    })
}

/// A name is about to be resolved. Return 0 to go on; anything else ends the transfer with ABORTED_BY_CALLBACK (42), with
/// COULDNT_RESOLVE_HOST (6) up to libcurl 8.14.
#[allow(non_camel_case_types)]
pub type curlback_resolver_start_cb =
    Option<unsafe extern "C-unwind" fn(easy: *mut curlback_easy, user_data: *mut c_void) -> i32>;

pub struct ResolverStart;

impl Kind for ResolverStart {
    type Function = unsafe extern "C-unwind" fn(*mut curlback_easy, *mut c_void) -> i32;
    const ID: curlback_callback = curlback_callback::CURLBACK_CALLBACK_RESOLVER_START;
    const OPTIONS: (i32, i32) = (opt::RESOLVER_START_FUNCTION, opt::RESOLVER_START_DATA);
    const ENDS_WITH: &'static [i32] = &[42, 6];

    fn trampoline() -> *const c_void {
        resolver_start_trampoline as *const c_void
    }
}

/// The resolver's own state is the resolver library's, and there is none with most.
unsafe extern "C" fn resolver_start_trampoline(
    _resolver: *mut c_void,
    _reserved: *mut c_void,
    easy: *mut c_void,
) -> c_int {
    // SAFETY: `easy` is what register() set as RESOLVER_START_DATA.
    unsafe {
        run::<ResolverStart, c_int>(
            easy,
            1,
            |_| 0,
            move |easy, function, user_data| match function(easy.handle(), user_data) {
                0 => Ok(0),
                _ => Err(1),
            },
        )
    }
}

/// Calls `callback` before each name resolution, that of a numeric address too, but not where libcurl's DNS cache answers. NULL
/// unsets.
///
/// Also inside callbacks; replacing takes effect with the next call.
///
/// # Safety
/// `callback` may be called with `user_data` until `drop` was called.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_easy_on_resolver_start(
    easy: *mut curlback_easy,
    callback: curlback_resolver_start_cb,
    user_data: *mut c_void,
    drop: curlback_drop_cb,
) -> curlback_result {
    enter(|| claim::<Easy>(easy, Call::Set)?.register::<ResolverStart>(callback, user_data, drop))
}
