//! Where an upload comes from when no callback supplies it: a file, a descriptor, memory. All three can be rewound as far as the
//! system lets them, unless an on_seek callback is registered.

use std::cell::{Cell, RefCell};
use std::ffi::{c_int, c_void};
use std::io;
use std::sync::Arc;

use super::groups::{Member, Which, member_name};
use super::{Easy, curlback_easy, stream};
use crate::access::Call;
use crate::boundary::{Failure, Outcome, enter, fail, given};
use crate::callback::Kind as _;
use crate::callback::source::Seek;
use crate::libcurl::sys;
use crate::registry::claim;
use crate::result::{code, curlback_result};

const READ_ERROR: curlback_result = sys::CURLE_READ_ERROR as curlback_result;

/// What read_from_memory was given, and how far it has been read. A duplicate shares the bytes.
pub struct SourceBytes {
    bytes: Arc<[u8]>,
    position: Cell<usize>,
}

impl SourceBytes {
    pub fn new(bytes: Arc<[u8]>) -> Self {
        SourceBytes { bytes, position: Cell::new(0) }
    }

    /// The same bytes from their beginning, for a duplicate.
    pub fn again(&self) -> Self {
        SourceBytes::new(Arc::clone(&self.bytes))
    }

    pub fn rewind(&self) {
        self.position.set(0);
    }

    pub fn read(&self, buffer: &mut [u8]) -> usize {
        let position = self.position.get();
        let rest = self.bytes.get(position..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        self.position.set(position + count);
        count
    }

    pub fn seek(&self, offset: i64, origin: c_int) -> bool {
        let base = match origin {
            libc::SEEK_SET => 0,
            libc::SEEK_CUR => self.position.get(),
            _ => self.bytes.len(),
        };
        let target = i64::try_from(base).ok().and_then(|base| base.checked_add(offset));
        let target = target.and_then(|target| usize::try_from(target).ok());
        let target = target.filter(|target| *target <= self.bytes.len());
        target.inspect(|target| self.position.set(*target)).is_some()
    }
}

pub type Source = RefCell<Option<SourceBytes>>;

impl Easy {
    /// Fills the buffer where no callback does; answers with what libcurl is to get.
    pub fn supply(&self, buffer: &mut [u8]) -> usize {
        let member = self.group(Which::Source).get();
        let read = match member {
            Member::File(file) => stream::read_file(file, buffer),
            Member::Fd(fd) => stream::read_fd(fd, buffer, || self.ended()),
            Member::Memory(_) => {
                Ok(self.source_bytes.borrow().as_ref().map_or(0, |source| source.read(buffer)))
            }
            // Cleared during a transfer: what libcurl does by default.
            Member::None | Member::Callback | Member::Messages(_) => {
                stream::read_file(sys::standard_input().cast(), buffer)
            }
        };
        read.unwrap_or_else(|error| {
            let name = member_name(Which::Source, member);
            let failure = Failure::new(READ_ERROR, format!("{name}: cannot read what to send: {error}"));
            self.explain(sys::CURLE_ABORTED_BY_CALLBACK, failure);
            sys::CURL_READFUNC_ABORT
        })
    }

    /// Moves within what is sent where no callback does.
    pub fn move_to(&self, offset: i64, origin: c_int) -> c_int {
        let member = self.group(Which::Source).get();
        let moved = match member {
            // SAFETY: the caller of the library keeps the stream open while it is set.
            Member::File(file) => unsafe { libc::fseeko(file, offset, origin) == 0 },
            // SAFETY: a descriptor that is not open is an error.
            Member::Fd(fd) => unsafe { libc::lseek(fd, offset, origin) >= 0 },
            Member::Memory(_) => {
                self.source_bytes.borrow().as_ref().is_some_and(|source| source.seek(offset, origin))
            }
            Member::None | Member::Callback | Member::Messages(_) => false,
        };
        if moved {
            return sys::CURL_SEEKFUNC_OK;
        }
        if matches!(member, Member::File(_) | Member::Fd(_)) {
            let name = member_name(Which::Source, member);
            let failure = Failure::new(
                sys::CURLE_SEND_FAIL_REWIND as curlback_result,
                format!("{name}: cannot send it again: {}", io::Error::last_os_error()),
            );
            self.explain(sys::CURLE_SEND_FAIL_REWIND, failure);
        }
        sys::CURL_SEEKFUNC_CANTSEEK
    }

    /// libcurl is to seek wherever somebody can: the callback, or a source that is not one.
    pub fn wire_seek(&self, callback: bool) -> Outcome {
        let built_in = !matches!(self.group(Which::Source).get(), Member::None | Member::Callback);
        if built_in || callback {
            self.set_pointers(Seek::OPTIONS, Seek::trampoline(), self.data())
        } else {
            self.set_pointers(Seek::OPTIONS, std::ptr::null(), std::ptr::null())
        }
    }

    fn read_from(&self, member: Member, set: bool, bytes: Option<SourceBytes>) -> Outcome {
        if self.change(Which::Source, member, set)? {
            self.source_bytes.replace(bytes);
        }
        Ok(())
    }
}

/// Sends what is read from `file`, which stays the caller's: keep it open until it is unset or the handle closed. Sending starts
/// where the file stands; a rewind seeks to its beginning. A member of the source group: CURLBACK_E_EXCLUSIVE while another
/// member is set. NULL unsets: libcurl reads standard input.
///
/// It does not switch uploading on: set UPLOAD or POST, and INFILESIZE_LARGE or POSTFIELDSIZE_LARGE where the length is known.
/// Where reading fails the transfer ends with READ_ERROR (26), and curlback_last_error() has the system's reason.
///
/// # Safety
/// `file` is NULL or an open stream, for as long as it is set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_easy_read_from_file(
    easy: *mut curlback_easy,
    file: *mut libc::FILE,
) -> curlback_result {
    enter(|| claim::<Easy>(easy, Call::Set)?.read_from(Member::File(file), !file.is_null(), None))
}

/// Sends what is read from the descriptor `fd`, which stays the caller's. Otherwise as curlback_easy_read_from_file(); -1 unsets,
/// a number below that is CURLBACK_E_RANGE. A descriptor that does not block is waited for.
#[unsafe(no_mangle)]
pub extern "C" fn curlback_easy_read_from_fd(easy: *mut curlback_easy, fd: c_int) -> curlback_result {
    enter(|| {
        let easy = claim::<Easy>(easy, Call::Set)?;
        if fd < -1 {
            return fail(code::E_RANGE, format!("{fd} is no descriptor; -1 unsets"));
        }
        easy.read_from(Member::Fd(fd), fd >= 0, None)
    })
}

/// Sends `len` bytes at `data`, which are copied before the call returns; every perform starts at their beginning, and libcurl
/// can rewind them. Otherwise as curlback_easy_read_from_file(). `data` NULL with a `len` of 0 unsets, with another it is
/// CURLBACK_E_NULL; `len` 0 with `data` that is not NULL sends an empty body.
///
/// # Safety
/// There are `len` bytes at `data`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_easy_read_from_memory(
    easy: *mut curlback_easy,
    data: *const c_void,
    len: usize,
) -> curlback_result {
    enter(|| {
        let easy = claim::<Easy>(easy, Call::Set)?;
        if data.is_null() {
            return if len == 0 {
                easy.read_from(Member::Memory(0), false, None)
            } else {
                given(data, "data")
            };
        }
        // SAFETY: not NULL, and the caller vouches for the length.
        let bytes = unsafe { std::slice::from_raw_parts(data.cast::<u8>(), len) };
        easy.read_from(Member::Memory(0), true, Some(SourceBytes::new(Arc::from(bytes))))
    })
}

/// Unsets whatever member of the source group is set: libcurl reads standard input. CURLBACK_OK also where none is.
#[unsafe(no_mangle)]
pub extern "C" fn curlback_easy_clear_source(easy: *mut curlback_easy) -> curlback_result {
    enter(|| claim::<Easy>(easy, Call::Set)?.clear_group(Which::Source))
}
