//! Where the body and the headers go when no callback takes them: a file, a descriptor, memory.

use std::cell::{Cell, RefCell};
use std::ffi::c_int;
use std::io;

use super::groups::{Member, Which, member_name};
use super::lazy::Lazy;
use super::{Easy, curlback_easy, stream};
use crate::access::Call;
use crate::boundary::{Failure, Outcome, enter, fail, given};
use crate::libcurl::sys;
use crate::registry::claim;
use crate::result::{code, curlback_result};

const WRITE_ERROR: curlback_result = sys::CURLE_WRITE_ERROR as curlback_result;

/// What a transfer collected in memory.
#[derive(Default)]
pub struct Collected(Lazy<Account>);

#[derive(Default)]
struct Account {
    bytes: RefCell<Vec<u8>>,
    /// Whether the last transfer collected anything here, if only nothing.
    filled: Cell<bool>,
}

impl Collected {
    /// A transfer begins: what the last one left goes.
    pub fn begin(&self, member: Member) {
        let collects = matches!(member, Member::Memory(_));
        if collects || self.0.get().is_some() {
            let account = self.0.made();
            account.bytes.borrow_mut().clear();
            account.filled.set(collects);
        }
    }

    pub fn forget(&self) {
        if let Some(account) = self.0.get() {
            account.bytes.take();
            account.filled.set(false);
        }
    }

    fn append(&self, chunk: &[u8], limit: usize, name: &str) -> Outcome {
        let account = self.0.made();
        let mut bytes = account.bytes.borrow_mut();
        if chunk.len() > limit.saturating_sub(bytes.len()) {
            return fail(code::E_LIMIT, format!("{name}: more than the limit of {limit} bytes arrived"));
        }
        if bytes.try_reserve(chunk.len()).is_err() {
            return fail(code::E_NO_MEMORY, format!("{name}: no memory for what arrived"));
        }
        bytes.extend_from_slice(chunk);
        account.filled.set(true);
        Ok(())
    }

    fn give(&self, name: &str) -> Outcome<(*const u8, usize)> {
        match self.0.get().filter(|account| account.filled.get()) {
            Some(account) => {
                let bytes = account.bytes.borrow();
                Ok((bytes.as_ptr(), bytes.len()))
            }
            None => {
                fail(code::E_ABSENT, format!("the last transfer collected nothing in memory: set {name}"))
            }
        }
    }
}

impl Easy {
    fn collected(&self, which: Which) -> &Collected {
        if which == Which::Header { &self.header } else { &self.body }
    }

    /// Takes a chunk where no callback does; answers with what libcurl is to get.
    ///
    /// # Safety
    /// There are `len` bytes at `data`.
    pub unsafe fn deliver(&self, which: Which, data: *const u8, len: usize) -> usize {
        // SAFETY: the caller vouches for it; libcurl may pass NULL with a length of 0.
        let chunk = if len == 0 { &[] } else { unsafe { std::slice::from_raw_parts(data, len) } };
        let member = self.group(which).get();
        let name = member_name(which, member);
        let written = match member {
            Member::File(file) => stream::write_file(file, chunk),
            Member::Fd(fd) => stream::write_fd(fd, chunk, || self.ended()),
            Member::Memory(limit) => {
                return match self.collected(which).append(chunk, limit, name) {
                    Ok(()) => len,
                    Err(failure) => {
                        self.explain(sys::CURLE_WRITE_ERROR, failure);
                        sys::CURL_WRITEFUNC_ERROR
                    }
                };
            }
            // Cleared during a transfer: what libcurl does by default.
            Member::None | Member::Callback | Member::Messages(_) if which == Which::Header => return len,
            Member::None | Member::Callback | Member::Messages(_) => {
                stream::write_file(sys::standard_output().cast(), chunk)
            }
        };
        match written {
            Ok(()) => len,
            Err(error) => {
                self.explain(sys::CURLE_WRITE_ERROR, cannot_write(name, &error));
                sys::CURL_WRITEFUNC_ERROR
            }
        }
    }
}

#[cold]
fn cannot_write(name: &str, error: &io::Error) -> Failure {
    Failure::new(WRITE_ERROR, format!("{name}: cannot write what arrived: {error}"))
}

/// The body of the to_file, to_fd and to_memory functions.
fn set_member(easy: *mut curlback_easy, which: Which, member: Member, set: bool) -> curlback_result {
    enter(|| {
        let easy = claim::<Easy>(easy, Call::Set)?;
        easy.change(which, member, set).map(drop)
    })
}

fn set_fd(easy: *mut curlback_easy, which: Which, fd: c_int) -> curlback_result {
    if fd < -1 {
        return enter(|| {
            drop(claim::<Easy>(easy, Call::Set)?);
            fail(code::E_RANGE, format!("{fd} is no descriptor; -1 unsets"))
        });
    }
    set_member(easy, which, Member::Fd(fd), fd >= 0)
}

/// Writes the body to `file`, which stays the caller's: keep it open until it is unset or the handle closed, and flush it before
/// reading it another way. A member of the body group: CURLBACK_E_EXCLUSIVE while another member is set. NULL unsets.
///
/// Where writing fails the transfer ends with WRITE_ERROR (23), and curlback_last_error() has the system's reason.
///
/// # Safety
/// `file` is NULL or an open stream, for as long as it is set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_easy_body_to_file(
    easy: *mut curlback_easy,
    file: *mut libc::FILE,
) -> curlback_result {
    set_member(easy, Which::Body, Member::File(file), !file.is_null())
}

/// Writes the body to the descriptor `fd`, which stays the caller's. Otherwise as curlback_easy_body_to_file(); -1 unsets, a
/// number below that is CURLBACK_E_RANGE. A descriptor that does not block is waited for.
#[unsafe(no_mangle)]
pub extern "C" fn curlback_easy_body_to_fd(easy: *mut curlback_easy, fd: c_int) -> curlback_result {
    set_fd(easy, Which::Body, fd)
}

/// Collects the body in memory, up to `limit` bytes: curlback_easy_body() gives it out. A body that is longer ends the transfer with
/// CURLBACK_E_LIMIT, what came until then kept. Every perform starts anew. A member of the body group:
/// CURLBACK_E_EXCLUSIVE while another member is set. 0 unsets.
#[unsafe(no_mangle)]
pub extern "C" fn curlback_easy_body_to_memory(easy: *mut curlback_easy, limit: usize) -> curlback_result {
    set_member(easy, Which::Body, Member::Memory(limit), limit > 0)
}

/// Writes the header lines to `file`: otherwise as curlback_easy_body_to_file(), in the header group.
///
/// # Safety
/// `file` is NULL or an open stream, for as long as it is set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_easy_header_to_file(
    easy: *mut curlback_easy,
    file: *mut libc::FILE,
) -> curlback_result {
    set_member(easy, Which::Header, Member::File(file), !file.is_null())
}

/// Writes the header lines to the descriptor `fd`: otherwise as curlback_easy_body_to_fd(), in the header group.
#[unsafe(no_mangle)]
pub extern "C" fn curlback_easy_header_to_fd(easy: *mut curlback_easy, fd: c_int) -> curlback_result {
    set_fd(easy, Which::Header, fd)
}

/// Collects the header lines in memory, up to `limit` bytes: curlback_easy_header() gives them out. Otherwise as
/// curlback_easy_body_to_memory(), in the header group.
#[unsafe(no_mangle)]
pub extern "C" fn curlback_easy_header_to_memory(easy: *mut curlback_easy, limit: usize) -> curlback_result {
    set_member(easy, Which::Header, Member::Memory(limit), limit > 0)
}

/// Unsets whatever member of the body group is set: the body goes to standard output again. CURLBACK_OK also where none is.
#[unsafe(no_mangle)]
pub extern "C" fn curlback_easy_clear_body(easy: *mut curlback_easy) -> curlback_result {
    enter(|| claim::<Easy>(easy, Call::Set)?.clear_group(Which::Body))
}

/// Unsets whatever member of the header group is set: headers go nowhere. CURLBACK_OK also where none is.
#[unsafe(no_mangle)]
pub extern "C" fn curlback_easy_clear_header(easy: *mut curlback_easy) -> curlback_result {
    enter(|| claim::<Easy>(easy, Call::Set)?.clear_group(Which::Header))
}

fn give(easy: *mut curlback_easy, which: Which, data: *mut *const u8, len: *mut usize) -> curlback_result {
    enter(|| {
        let easy = claim::<Easy>(easy, Call::Get)?;
        given(data, "data")?;
        given(len, "len")?;
        let (start, count) = easy.collected(which).give(member_name(which, Member::Memory(0)))?;
        // SAFETY: neither is NULL, and the caller vouches that they can be written to.
        unsafe {
            *data = start;
            *len = count;
        }
        Ok(())
    })
}

/// What the last transfer collected with curlback_easy_body_to_memory(), in `data` and `len`; CURLBACK_E_ABSENT if it collected
/// nothing that way. It belongs to the library and stays until the next perform, reset or close; taken inside a callback,
/// until that returns.
///
/// # Safety
/// `data` and `len` are NULL or can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_easy_body(
    easy: *mut curlback_easy,
    data: *mut *const u8,
    len: *mut usize,
) -> curlback_result {
    give(easy, Which::Body, data, len)
}

/// What the last transfer collected with curlback_easy_header_to_memory(): otherwise as curlback_easy_body().
///
/// # Safety
/// `data` and `len` are NULL or can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_easy_header(
    easy: *mut curlback_easy,
    data: *mut *const u8,
    len: *mut usize,
) -> curlback_result {
    give(easy, Which::Header, data, len)
}
