//! batch_body: the body goes to on_write in larger pieces.
//!
//! What arrives is collected up to a size, and handed over when that is reached, before the thread waits for the network, before
//! each header that comes after it, and at the end. Where the callback pauses, what was collected stays here and libcurl is
//! paused; a transfer that libcurl has finished is over for its caller when the last piece has been taken.

use std::cell::{Cell, RefCell};
use std::ffi::{c_char, c_long, c_void};

use super::groups::{Member, Which};
use super::lazy::Lazy;
use super::perform::curlback_pause;
use super::{Easy, curlback_easy};
use crate::access::Call;
use crate::boundary::{Failure, Outcome, contain, enter};
use crate::callback::body::{header_trampoline, write_trampoline};
use crate::callback::ftp::{ChunkBegin, ChunkEnd};
use crate::libcurl::sys::{self, CURL_WRITEFUNC_ERROR, CURL_WRITEFUNC_PAUSE};
use crate::libcurl::tables::opt;
use crate::registry::claim;
use crate::result::{code, curlback_result};

/// How much libcurl receives at a time unless it is told otherwise, and how much it is told at most: beyond that nothing is gained.
const RECEIVED: usize = 16 << 10;
const RECEIVED_AT_MOST: usize = 256 << 10;

const RECV: i32 = curlback_pause::CURLBACK_PAUSE_RECV as i32;
const WRITE_ERROR: curlback_result = sys::CURLE_WRITE_ERROR as curlback_result;

/// What an easy handle keeps account of whose body is collected.
#[derive(Default)]
pub struct Batch(Lazy<Account>);

#[derive(Default)]
struct Account {
    /// How large a piece is at most; 0 where nothing is collected.
    max: Cell<usize>,
    bytes: RefCell<Vec<u8>>,
    /// How much of the chunk that libcurl will deliver again has been taken already.
    taken: Cell<usize>,
    /// Whether the callback paused at what is collected.
    held: Cell<bool>,
    /// Whether the multi handle knows that there is something.
    listed: Cell<bool>,
    /// What libcurl ended the transfer with while the callback was paused.
    over: Cell<Option<curlback_result>>,
    /// How much libcurl was told to receive at a time; 0 where it was not.
    received: Cell<usize>,
}

/// What became of what was collected.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Handed {
    /// There is nothing left.
    All,
    /// The callback paused, now or before.
    Paused,
    /// The callback failed.
    Failed,
}

impl Batch {
    pub fn begin(&self) {
        if let Some(account) = self.0.get() {
            account.bytes.borrow_mut().clear();
            account.taken.set(0);
            account.held.set(false);
            account.listed.set(false);
            account.over.set(None);
        }
    }

    pub fn reset(&self) {
        self.begin();
        if let Some(account) = self.0.get() {
            account.bytes.take();
            account.max.set(0);
            account.received.set(0);
        }
    }

    pub fn copy_from(&self, other: &Batch) {
        if self.max() != other.max() {
            self.made().max.set(other.max());
        }
        if let Some(account) = other.0.get().filter(|account| account.received.get() > 0) {
            self.made().received.set(account.received.get());
        }
    }

    fn made(&self) -> &Account {
        self.0.made()
    }

    /// How large a piece is at most; 0 where nothing is collected.
    fn max(&self) -> usize {
        self.0.get().map_or(0, |account| account.max.get())
    }

    fn is_empty(&self) -> bool {
        self.0.get().is_none_or(|account| account.bytes.borrow().is_empty())
    }

    /// Whether the callback paused at what is collected.
    fn is_held(&self) -> bool {
        self.0.get().is_some_and(|account| account.held.get())
    }

    /// What libcurl ended the transfer with while the callback was paused.
    fn over(&self) -> Option<curlback_result> {
        self.0.get().and_then(|account| account.over.get())
    }

    /// Whether libcurl's functions have to be the ones below.
    pub fn collects(&self) -> bool {
        self.max() > 0 || !self.is_empty()
    }

    /// The multi handle has taken note of what there is.
    pub fn heard(&self) {
        if let Some(account) = self.0.get() {
            account.listed.set(false);
        }
    }
}

/// libcurl's write function while the body is collected.
pub fn trampoline() -> *const c_void {
    batch_trampoline as *const c_void
}

/// libcurl's header function meanwhile.
pub fn ordering_trampoline() -> *const c_void {
    header_after_body as *const c_void
}

unsafe extern "C" fn batch_trampoline(
    data: *mut c_char,
    size: usize,
    len: usize,
    easy: *mut c_void,
) -> usize {
    // SAFETY: `easy` is what groups.rs set as WRITEDATA: an Easy that this thread owns.
    let this = unsafe { &*easy.cast::<Easy>() };
    if this.ended() {
        return CURL_WRITEFUNC_ERROR;
    }
    let gathered = contain(|| {
        if !this.gathers() {
            return match this.hand_over_batch() {
                // SAFETY: libcurl gave this function the chunk.
                Handed::All => unsafe { write_trampoline(data, size, len, easy) },
                Handed::Paused => CURL_WRITEFUNC_PAUSE,
                Handed::Failed => CURL_WRITEFUNC_ERROR,
            };
        }
        // SAFETY: libcurl has `len` bytes at `data`, or none.
        let chunk =
            if len == 0 { &[] } else { unsafe { std::slice::from_raw_parts(data.cast::<u8>(), len) } };
        this.gather(chunk)
    });
    gathered.unwrap_or(CURL_WRITEFUNC_ERROR)
}

/// What was collected came before the header.
unsafe extern "C" fn header_after_body(
    data: *mut c_char,
    size: usize,
    len: usize,
    easy: *mut c_void,
) -> usize {
    // SAFETY: as in batch_trampoline, with HEADERDATA.
    let this = unsafe { &*easy.cast::<Easy>() };
    if this.ended() {
        return CURL_WRITEFUNC_ERROR;
    }
    match contain(|| this.hand_over_batch()) {
        // SAFETY: libcurl gave this function the line.
        Ok(Handed::All) => unsafe { header_trampoline(data, size, len, easy) },
        Ok(Handed::Paused) => CURL_WRITEFUNC_PAUSE,
        Ok(Handed::Failed) | Err(_) => CURL_WRITEFUNC_ERROR,
    }
}

impl Easy {
    /// Whether what arrives now may wait: not where each chunk stands for itself, as a frame of a WebSocket does, or where other
    /// callbacks say which file it is of.
    fn gathers(&self) -> bool {
        self.batch.max() > 0
            && self.group(Which::Body).get() == Member::Callback
            && !self.has::<ChunkBegin>()
            && !self.has::<ChunkEnd>()
            // SAFETY: libcurl is delivering a chunk for this handle.
            && unsafe { sys::curl_ws_meta(self.curl) }.is_null()
    }

    /// Takes a chunk; answers with what libcurl is to get.
    fn gather(&self, chunk: &[u8]) -> usize {
        let batch = self.batch.made();
        let mut taken = batch.taken.replace(0).min(chunk.len());
        loop {
            let max = batch.max.get();
            if batch.bytes.borrow().len() >= max {
                match self.hand_over_batch() {
                    Handed::All => {}
                    Handed::Paused => {
                        // libcurl delivers the chunk again, whole.
                        batch.taken.set(taken);
                        return CURL_WRITEFUNC_PAUSE;
                    }
                    Handed::Failed => return CURL_WRITEFUNC_ERROR,
                }
            }
            let rest = &chunk[taken..];
            if rest.is_empty() {
                return chunk.len();
            }
            let mut bytes = batch.bytes.borrow_mut();
            // The callback may have changed the size, to none even: then it is the chunk's rest that goes next.
            let room = batch.max.get().saturating_sub(bytes.len());
            let part = if room == 0 { rest } else { &rest[..rest.len().min(room)] };
            if bytes.try_reserve(part.len()).is_err() {
                drop(bytes);
                let why = Failure::new(code::E_NO_MEMORY, "batch_body: no memory for what arrived");
                self.explain(sys::CURLE_WRITE_ERROR, why);
                return CURL_WRITEFUNC_ERROR;
            }
            bytes.extend_from_slice(part);
            drop(bytes);
            taken += part.len();
            self.list_batch();
        }
    }

    /// A multi handle has to know of it before it waits.
    fn list_batch(&self) {
        if let Some(multi) = self.member()
            && !self.batch.made().listed.replace(true)
        {
            multi.batches_body(self.handle);
        }
    }

    /// Gives on_write what was collected.
    fn hand_over_batch(&self) -> Handed {
        if self.batch.is_empty() {
            return Handed::All;
        }
        let batch = self.batch.made();
        if batch.held.get() {
            return Handed::Paused;
        }
        let mut bytes = batch.bytes.take();
        let data: *const c_void = self.data();
        // SAFETY: this is the Easy that the function gets from libcurl otherwise, and there are as many bytes.
        let answer = unsafe { write_trampoline(bytes.as_mut_ptr().cast(), 1, bytes.len(), data.cast_mut()) };
        let handed = match answer {
            CURL_WRITEFUNC_PAUSE => Handed::Paused,
            count if count == bytes.len() => Handed::All,
            _ => Handed::Failed,
        };
        if handed == Handed::Paused {
            batch.held.set(true);
        } else {
            bytes.clear();
        }
        // The memory is used again.
        batch.bytes.replace(bytes);
        handed
    }

    /// The thread is about to wait for the network, or libcurl has finished: what was collected goes. A transfer that has ended needs
    /// nothing.
    #[inline]
    pub fn flush_body(&self) -> Handed {
        if self.batch.is_empty() { Handed::All } else { self.flush_batch() }
    }

    #[cold]
    fn flush_batch(&self) -> Handed {
        if self.ended() {
            return Handed::All;
        }
        if self.batch.is_held() {
            return Handed::Paused;
        }
        let handed = self.hand_over_batch();
        if handed == Handed::Failed {
            self.record().replace_result(WRITE_ERROR);
            self.end_early();
        }
        handed
    }

    /// libcurl has finished with `curl_code`. Whether the transfer is over with that, or waits for its callback.
    pub fn body_is_over(&self, curl_code: curlback_result) -> bool {
        if self.flush_body() != Handed::Paused {
            return true;
        }
        if curl_code != code::OK {
            // A transfer that fails does not wait: limits of time hold while the callback is paused, too. What it was paused at
            // goes, as what libcurl keeps for it does.
            self.batch.begin();
            return true;
        }
        self.batch.made().over.set(Some(curl_code));
        false
    }

    /// Whether there is something that the callback has not got yet.
    #[inline]
    pub fn has_batch(&self) -> bool {
        !self.batch.is_empty()
    }

    /// What libcurl finished with, if that is known and the callback has taken the rest since. Nobody can unpause a handle that was
    /// released: it does not take the rest any more.
    pub fn over_since(&self) -> Option<curlback_result> {
        self.batch.over().filter(|_| self.batch.is_empty() || self.ended() || self.slot().is_released())
    }

    /// Whether libcurl has finished, and only the callback is paused.
    pub fn is_over(&self) -> bool {
        self.batch.over().is_some()
    }

    /// The caller unpauses, with this mask: the callback gets what it was paused at. Answers with the mask for libcurl.
    pub fn resume_body(&self, mask: i32) -> i32 {
        if mask & RECV == 0
            && self.batch.is_held()
            && self.batch.made().held.replace(false)
            && self.flush_body() == Handed::Paused
        {
            return mask | RECV;
        }
        mask
    }

    /// Before a transfer: libcurl receives as much at a time as is collected, within reason, so that the system is called less often. Not
    /// where the caller has said how much.
    pub fn receive_for_batch(&self) {
        let Some(account) = self.batch.0.get() else { return };
        let size = match account.max.get() {
            0 if account.received.get() == 0 => return,
            max => max.clamp(RECEIVED, RECEIVED_AT_MOST),
        };
        // Where libcurl cannot it receives what it did before, which is as well.
        if !self.has_set_buffer_size()
            && account.received.get() != size
            && self.setopt_long(opt::BUFFERSIZE, size as c_long).is_ok()
        {
            account.received.set(size);
        }
    }

    fn batch_body(&self, max: usize) -> Outcome {
        let before = self.batch.made().max.replace(max);
        let wired = self.wire_group(Which::Body).and_then(|()| self.wire_group(Which::Header));
        if wired.is_err() {
            self.batch.made().max.set(before);
        }
        wired
    }
}

/// Collects the body that arrives, and calls on_write with `max_bytes` of it at a time: fewer calls, for bindings to which each costs
/// much. Nothing waits for that: whatever was collected is handed over before the thread waits for the network, before each header that
/// comes after it, and at the end. 0 switches it off, as it is by default.
///
/// Pausing, failing and raising in on_write work as ever; once all has arrived libcurl's limits of time do not hold any more for a
/// transfer that is paused. WebSocket frames and the files of an FTP wildcard download
/// (curlback_easy_on_chunk_begin(), _end()) are not collected, nor is what goes elsewhere than to on_write. Memory for `max_bytes` is
/// kept with the handle. From the next transfer on libcurl receives up to as much at a time, at most 256 KiB, unless the option
/// BUFFERSIZE is set.
///
/// Also inside callbacks. reset switches it off, duplicate copies it.
#[unsafe(no_mangle)]
pub extern "C" fn curlback_easy_batch_body(easy: *mut curlback_easy, max_bytes: usize) -> curlback_result {
    enter(|| claim::<Easy>(easy, Call::Set)?.batch_body(max_bytes))
}
