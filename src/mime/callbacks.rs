//! The callbacks of a mime part: what it reads, and how that is rewound.

use std::cell::Cell;
use std::ffi::{c_char, c_int, c_void};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;

use super::tree::Content;
use super::{MimePart, curlback_mime_part};
use crate::access::Call;
use crate::boundary::{Failure, enter, fail};
use crate::callback::body::curlback_data;
use crate::callback::curlback_callback::{CURLBACK_CALLBACK_MIME_READ, CURLBACK_CALLBACK_MIME_SEEK};
use crate::callback::{marked, surround};
use crate::easy::{Easy, curlback_easy};
use crate::libcurl::sys::{
    CURL_READFUNC_ABORT, CURL_READFUNC_PAUSE, CURL_SEEKFUNC_CANTSEEK, CURL_SEEKFUNC_FAIL, CURL_SEEKFUNC_OK,
    CURLE_READ_ERROR, CURLE_SEND_FAIL_REWIND,
};
use crate::registry::claim;
use crate::result::{code, curlback_result};
use crate::slot::{AnyFunction, Garbage, Registration, UserData, curlback_drop_cb};

type Read = unsafe extern "C-unwind" fn(*mut curlback_easy, *mut u8, usize, *mut c_void) -> i64;
type Seek = unsafe extern "C-unwind" fn(*mut curlback_easy, i64, i32, *mut c_void) -> i32;

/// Fill `buffer` with at most `capacity` bytes of the part's content and return how many; 0 ends it. Where the part's size is known
/// the capacity is never more than what is left of it.
///
/// CURLBACK_PAUSE: nothing for now; called again after unpausing. CURLBACK_ABORT and any other negative value end the transfer
/// with ABORTED_BY_CALLBACK (42); a count above `capacity`, and an end before the size is reached, with READ_ERROR (26). The buffer
/// belongs to libcurl and is there until the callback returns. `easy` is the handle that performs: the callback can raise there.
#[allow(non_camel_case_types)]
pub type curlback_mime_read_cb = Option<
    unsafe extern "C-unwind" fn(
        easy: *mut curlback_easy,
        buffer: *mut u8,
        capacity: usize,
        user_data: *mut c_void,
    ) -> i64,
>;

/// Move to `offset` bytes from `origin`, one of CURLBACK_ORIGIN_*, within what the part's read callback supplies; libcurl goes to
/// the beginning only: 0 from CURLBACK_ORIGIN_START.
///
/// Return CURLBACK_SEEK_OK; anything else ends the transfer with SEND_FAIL_REWIND (65). `easy` is the handle that performs: the callback
/// can raise there.
#[allow(non_camel_case_types)]
pub type curlback_mime_seek_cb = Option<
    unsafe extern "C-unwind" fn(
        easy: *mut curlback_easy,
        offset: i64,
        origin: i32,
        user_data: *mut c_void,
    ) -> i32,
>;

/// What a part has for its content. All handles that send the part share it.
pub struct Callbacks {
    /// The function is the one that reads.
    registration: Arc<Registration>,
    seek: Option<Seek>,
    /// -1: unknown.
    size: i64,
    /// Whether some transfer has read from it: the next begins with a rewind.
    touched: AtomicBool,
}

impl Callbacks {
    pub fn size(&self) -> i64 {
        self.size
    }

    pub fn garbage(&self) -> Garbage {
        Garbage::Registration(Arc::clone(&self.registration))
    }

    pub fn can_seek(&self) -> bool {
        self.seek.is_some()
    }

    fn read(&self) -> Read {
        // SAFETY: curlback_mime_part_callbacks() put a function of this type there, and nothing changes it.
        unsafe { std::mem::transmute::<AnyFunction, Read>(self.registration.function) }
    }
}

/// The callbacks of a part for one transfer: what libcurl's data pointer leads to.
pub struct Source {
    easy: *const Easy,
    callbacks: Arc<Callbacks>,
    /// How many bytes were supplied since the beginning.
    position: Cell<i64>,
    /// Whether this transfer has read from it.
    begun: Cell<bool>,
}

impl Source {
    pub fn new(easy: &Easy, callbacks: &Arc<Callbacks>) -> Self {
        Source { easy, callbacks: Arc::clone(callbacks), position: Cell::new(0), begun: Cell::new(false) }
    }

    pub fn garbage(&self) -> Garbage {
        self.callbacks.garbage()
    }

    fn easy(&self) -> &Easy {
        // SAFETY: the handle that performs holds this, and takes it down before it goes.
        unsafe { &*self.easy }
    }

    /// What an earlier transfer has read from starts again; false if it cannot, and the transfer ends.
    #[cold]
    fn begin_again(&self) -> bool {
        let easy = self.easy();
        if !self.callbacks.can_seek() {
            easy.explain(
                CURLE_SEND_FAIL_REWIND,
                Failure::new(
                    CURLE_SEND_FAIL_REWIND as curlback_result,
                    "a mime part was read in an earlier transfer, and has no seek callback to begin again with",
                ),
            );
        }
        let done = self.seek(0, libc::SEEK_SET) == CURL_SEEKFUNC_OK;
        if !done {
            easy.end_with(CURLE_SEND_FAIL_REWIND as curlback_result);
        }
        done
    }

    fn seek(&self, offset: i64, origin: c_int) -> c_int {
        let (easy, registration) = (self.easy(), &self.callbacks.registration);
        let Some(function) = self.callbacks.seek else { return CURL_SEEKFUNC_CANTSEEK };
        let go_on = || {
            surround(easy, CURLBACK_CALLBACK_MIME_SEEK, CURL_SEEKFUNC_FAIL, || {
                let _supplying = easy.state.supplying();
                // SAFETY: the caller registered the function for this user data, which the registration keeps.
                match unsafe { function(easy.handle(), offset, origin, registration.user_data.get()) } {
                    CURL_SEEKFUNC_OK => {
                        self.position.set(offset);
                        Ok(CURL_SEEKFUNC_OK)
                    }
                    CURL_SEEKFUNC_CANTSEEK => Err(CURL_SEEKFUNC_CANTSEEK),
                    _ => Err(CURL_SEEKFUNC_FAIL),
                }
            })
        };
        if easy.is_marked() { marked(easy, CURL_SEEKFUNC_FAIL, go_on) } else { go_on() }
    }

    /// Fills libcurl's buffer; the transfer has not ended.
    fn read(&self, buffer: *mut c_char, capacity: usize) -> usize {
        const PAUSE: i64 = curlback_data::CURLBACK_PAUSE as i64;
        let (easy, callbacks) = (self.easy(), &*self.callbacks);
        if !self.begun.replace(true) && callbacks.touched.swap(true, Relaxed) && !self.begin_again() {
            return CURL_READFUNC_ABORT;
        }
        let room = self.room(capacity);
        if room == 0 {
            return 0;
        }
        surround(easy, CURLBACK_CALLBACK_MIME_READ, CURL_READFUNC_ABORT, || {
            let _supplying = easy.state.supplying();
            let user_data = callbacks.registration.user_data.get();
            // SAFETY: the caller registered the function for this user data, which the registration keeps; the buffer has that much
            // room, as libcurl says.
            match unsafe { callbacks.read()(easy.handle(), buffer.cast(), room, user_data) } {
                PAUSE => {
                    easy.sending_paused();
                    Ok(CURL_READFUNC_PAUSE)
                }
                n if n < 0 => Err(CURL_READFUNC_ABORT),
                0 if callbacks.size > 0 => {
                    let text = format!(
                        "a mime part's read callback ended after {} of {} bytes",
                        self.position.get(),
                        callbacks.size
                    );
                    let why = Failure::new(CURLE_READ_ERROR as curlback_result, text);
                    easy.explain(CURLE_READ_ERROR, why);
                    Err(FAILED)
                }
                n if n as u64 <= room as u64 => {
                    self.position.set(self.position.get() + n);
                    Ok(n as usize)
                }
                _ => Err(FAILED),
            }
        })
    }

    /// How much of a buffer may be filled: libcurl would send more than the size that it has told the server.
    fn room(&self, capacity: usize) -> usize {
        match self.callbacks.size {
            ..0 => capacity,
            size => usize::try_from(size - self.position.get()).unwrap_or(0).min(capacity),
        }
    }
}

/// libcurl's for a part that cannot be read. It takes a count above the capacity for one that is none.
const FAILED: usize = usize::MAX;

/// libcurl's read function. The size of an item is always 1, libcurl says.
pub(super) unsafe extern "C" fn read_trampoline(
    buffer: *mut c_char,
    _size: usize,
    capacity: usize,
    source: *mut c_void,
) -> usize {
    // SAFETY: `source` is what sending.rs gave libcurl with this function, and keeps until the transfer is over.
    let source = unsafe { &*source.cast::<Source>() };
    let (easy, go_on) = (source.easy(), || source.read(buffer, capacity));
    if easy.is_marked() { marked(easy, CURL_READFUNC_ABORT, go_on) } else { go_on() }
}

/// libcurl's seek function, where there is a callback for it.
pub(super) unsafe extern "C" fn seek_trampoline(source: *mut c_void, offset: i64, origin: c_int) -> c_int {
    // SAFETY: as in read_trampoline.
    unsafe { &*source.cast::<Source>() }.seek(offset, origin)
}

/// Makes what `read` supplies the part's content, in place of what it had. `size` says how many bytes will come; with -1, unknown, the
/// body has no length: HTTP/1.1 sends it in chunks. `read` NULL leaves the part without content; `seek`, `user_data` and `drop` are
/// then ignored.
///
/// `seek` is called when the content must be sent again: after a redirect with 307 or 308, in the rounds of an authentication, and
/// at the start of every later transfer that sends the part, on whatever handle. It may be NULL: such a transfer ends with
/// SEND_FAIL_REWIND (65). Handles that have the same mime, duplicates say, share the user data; `drop` is called when the part
/// gets another content or its mime is gone, and no handle has it any more.
///
/// CURLBACK_E_RANGE for a `size` below -1; CURLBACK_E_BUSY while the mime is being sent. Also inside callbacks.
///
/// # Safety
/// `read` and `seek` may be called with `user_data` until `drop` was called, on the threads that perform.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_mime_part_callbacks(
    part: *mut curlback_mime_part,
    size: i64,
    read: curlback_mime_read_cb,
    seek: curlback_mime_seek_cb,
    user_data: *mut c_void,
    drop: curlback_drop_cb,
) -> curlback_result {
    enter(|| {
        let part = claim::<MimePart>(part, Call::Get)?;
        let Some(read) = read else { return part.replace(|| Content::None) };
        if size < -1 {
            return fail(code::E_RANGE, format!("{size} is no size; -1 says that it is unknown"));
        }
        part.replace(|| {
            Content::Callbacks(Arc::new(Callbacks {
                registration: Arc::new(Registration {
                    function: read as AnyFunction,
                    user_data: UserData::new(user_data, drop),
                }),
                seek,
                size,
                touched: AtomicBool::new(false),
            }))
        })
    })
}
