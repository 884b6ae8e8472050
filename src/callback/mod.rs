//! The callbacks of an easy handle. Each stands in one file with its C type, its documentation, its on_* function and its
//! trampoline; here is what they have in common.
//!
//! | a callback | what it does to the transfer |
//! |---|---|
//! | returns a failing value | libcurl ends the transfer with its code for that callback |
//! | raises an error | nothing by itself: it explains the failing value that it then returns |
//! | raises an interrupt | CURLBACK_E_RAISED; no further callback of this transfer runs |
//! | panics (Rust only) | CURLBACK_E_INTERNAL; no further callback of this transfer runs |
//!
//! Once a transfer has been interrupted or cancelled, every trampoline gives libcurl its failing value.

pub mod body;
pub mod closer;
pub mod debug;
pub mod ftp;
pub mod hsts;
pub mod progress;
pub mod request;
pub mod socket;
pub mod source;
pub mod ssh;
pub mod tls;

use std::any::Any;
use std::ffi::c_void;
use std::ptr::null;
use std::sync::Arc;

use crate::boundary::{self, Outcome, contain};
use crate::easy::{Easy, unsupported};
use crate::libcurl::{sys, version};
use crate::multi::notify;
use crate::share::turn;
use crate::slot::{AnyFunction, Garbage, Registration, UserData, curlback_drop_cb};
use crate::ws::message;

/// Which callback: what curlback_has_callback() takes and curlback_error has.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(non_camel_case_types)]
pub enum curlback_callback {
    /// None at all.
    CURLBACK_CALLBACK_NONE = 0,
    /// curlback_easy_on_write()
    CURLBACK_CALLBACK_WRITE = 1,
    /// curlback_easy_on_header()
    CURLBACK_CALLBACK_HEADER = 2,
    /// curlback_easy_on_read()
    CURLBACK_CALLBACK_READ = 3,
    /// curlback_easy_on_seek()
    CURLBACK_CALLBACK_SEEK = 4,
    /// curlback_easy_on_ioctl()
    CURLBACK_CALLBACK_IOCTL = 5,
    /// curlback_easy_on_debug()
    CURLBACK_CALLBACK_DEBUG = 6,
    /// curlback_easy_on_progress()
    CURLBACK_CALLBACK_PROGRESS = 7,
    /// curlback_easy_on_xferinfo()
    CURLBACK_CALLBACK_XFERINFO = 8,
    /// curlback_easy_on_open_socket()
    CURLBACK_CALLBACK_OPEN_SOCKET = 9,
    /// curlback_easy_on_close_socket()
    CURLBACK_CALLBACK_CLOSE_SOCKET = 10,
    /// curlback_easy_on_sockopt()
    CURLBACK_CALLBACK_SOCKOPT = 11,
    /// curlback_easy_on_ssh_key()
    CURLBACK_CALLBACK_SSH_KEY = 12,
    /// curlback_easy_on_ssh_host_key()
    CURLBACK_CALLBACK_SSH_HOST_KEY = 13,
    /// curlback_easy_on_prereq()
    CURLBACK_CALLBACK_PREREQ = 14,
    /// curlback_easy_on_trailer()
    CURLBACK_CALLBACK_TRAILER = 15,
    /// curlback_easy_on_resolver_start()
    CURLBACK_CALLBACK_RESOLVER_START = 16,
    /// curlback_easy_on_fnmatch()
    CURLBACK_CALLBACK_FNMATCH = 17,
    /// curlback_easy_on_chunk_begin()
    CURLBACK_CALLBACK_CHUNK_BEGIN = 18,
    /// curlback_easy_on_chunk_end()
    CURLBACK_CALLBACK_CHUNK_END = 19,
    /// curlback_easy_on_interleave()
    CURLBACK_CALLBACK_INTERLEAVE = 20,
    /// curlback_easy_on_ssl_ctx()
    CURLBACK_CALLBACK_SSL_CTX = 21,
    /// curlback_easy_on_hsts_read()
    CURLBACK_CALLBACK_HSTS_READ = 22,
    /// curlback_easy_on_hsts_write()
    CURLBACK_CALLBACK_HSTS_WRITE = 23,
    /// read of a mime part
    CURLBACK_CALLBACK_MIME_READ = 24,
    /// seek of a mime part
    CURLBACK_CALLBACK_MIME_SEEK = 25,
    /// curlback_multi_on_socket()
    CURLBACK_CALLBACK_MULTI_SOCKET = 26,
    /// curlback_multi_on_timer()
    CURLBACK_CALLBACK_MULTI_TIMER = 27,
    /// curlback_multi_on_done()
    CURLBACK_CALLBACK_MULTI_DONE = 28,
    /// curlback_multi_on_notify()
    CURLBACK_CALLBACK_MULTI_NOTIFY = 29,
    /// curlback_multi_on_push()
    CURLBACK_CALLBACK_MULTI_PUSH = 30,
    /// lock of a share handle
    CURLBACK_CALLBACK_SHARE_LOCK = 31,
    /// unlock of a share handle
    CURLBACK_CALLBACK_SHARE_UNLOCK = 32,
    /// curlback_easy_on_ws_message()
    CURLBACK_CALLBACK_WS_MESSAGE = 33,
}

/// How many slots an easy handle has: one for each of its kinds, and one for none.
pub const SLOTS: usize = slot_of(curlback_callback::CURLBACK_CALLBACK_WS_MESSAGE) + 1;

/// Which slot of an easy handle a kind has. Those between the first and the last of its kinds are of other handles.
pub const fn slot_of(kind: curlback_callback) -> usize {
    match kind {
        curlback_callback::CURLBACK_CALLBACK_WS_MESSAGE => {
            curlback_callback::CURLBACK_CALLBACK_HSTS_WRITE as usize + 1
        }
        kind => kind as usize,
    }
}

pub const NONE: u8 = curlback_callback::CURLBACK_CALLBACK_NONE as u8;

/// What the generic parts need to know of a callback.
pub trait Kind {
    /// The callback's function type, without NULL.
    type Function: Copy;
    const ID: curlback_callback;
    /// Its libcurl options: the function's and the data's.
    const OPTIONS: (i32, i32);
    /// The results that libcurl makes of a failing return.
    const ENDS_WITH: &'static [i32];
    /// The oldest libcurl that has it.
    const SINCE: u32 = version::OLDEST;
    /// Whether libcurl was built with what it needs.
    fn built_in() -> bool {
        true
    }
    /// The function that libcurl calls.
    fn trampoline() -> *const c_void;
    /// Gives libcurl what it needs with the callback set, or unset.
    fn wire(easy: &Easy, set: bool) -> Outcome {
        if set {
            easy.set_pointers(Self::OPTIONS, Self::trampoline(), easy.data())
        } else {
            easy.set_pointers(Self::OPTIONS, null(), null())
        }
    }
}

/// The kinds that this library offers, without their types.
pub struct Info {
    pub id: curlback_callback,
    pub name: &'static str,
    pub ends_with: &'static [i32],
    pub available: fn() -> bool,
    pub wire: fn(&Easy, bool) -> Outcome,
}

const fn info<K: Kind>(name: &'static str) -> Info {
    Info { id: K::ID, name, ends_with: K::ENDS_WITH, available: available::<K>, wire: K::wire }
}

pub const KINDS: &[Info] = &[
    info::<body::Write>("write"),
    info::<body::Header>("header"),
    info::<source::Read>("read"),
    info::<source::Seek>("seek"),
    info::<debug::Debug>("debug"),
    info::<progress::Progress>("progress"),
    info::<progress::Xferinfo>("xferinfo"),
    info::<socket::OpenSocket>("open_socket"),
    info::<socket::CloseSocket>("close_socket"),
    info::<socket::Sockopt>("sockopt"),
    info::<ssh::SshKey>("ssh_key"),
    info::<ssh::SshHostKey>("ssh_host_key"),
    info::<ftp::Fnmatch>("fnmatch"),
    info::<ftp::ChunkBegin>("chunk_begin"),
    info::<ftp::ChunkEnd>("chunk_end"),
    info::<source::Ioctl>("ioctl"),
    info::<request::Prereq>("prereq"),
    info::<request::Trailer>("trailer"),
    info::<request::ResolverStart>("resolver_start"),
    info::<body::Interleave>("interleave"),
    info::<tls::SslCtx>("ssl_ctx"),
    info::<hsts::HstsRead>("hsts_read"),
    info::<hsts::HstsWrite>("hsts_write"),
    info::<message::WsMessage>("ws_message"),
];

/// A callback of a multi handle: its name, and whether the linked libcurl has it.
type OfMulti = (curlback_callback, &'static str, fn() -> bool);

const MULTI: [OfMulti; 5] = [
    (curlback_callback::CURLBACK_CALLBACK_MULTI_SOCKET, "socket", || true),
    (curlback_callback::CURLBACK_CALLBACK_MULTI_TIMER, "timer", || true),
    (curlback_callback::CURLBACK_CALLBACK_MULTI_DONE, "done", || true),
    (curlback_callback::CURLBACK_CALLBACK_MULTI_NOTIFY, "notify", notify::available),
    (curlback_callback::CURLBACK_CALLBACK_MULTI_PUSH, "push", || true),
];

/// The name of a callback, an easy handle's or a multi handle's.
pub fn name(kind: i32) -> Option<&'static str> {
    let of_multi = MULTI.iter().find(|(id, ..)| *id as i32 == kind).map(|(_, name, _)| *name);
    by_number(kind).map(|info| info.name).or(of_multi)
}

/// Those of an easy handle's transfer that are registered on something else.
const ELSEWHERE: &[Info] = &[
    elsewhere(curlback_callback::CURLBACK_CALLBACK_MIME_READ, "mime_read", &[26, 42]),
    elsewhere(curlback_callback::CURLBACK_CALLBACK_MIME_SEEK, "mime_seek", &[65]),
    elsewhere(curlback_callback::CURLBACK_CALLBACK_SHARE_LOCK, "lock", &[]),
    elsewhere(curlback_callback::CURLBACK_CALLBACK_SHARE_UNLOCK, "unlock", &[]),
];

const fn elsewhere(id: curlback_callback, name: &'static str, ends_with: &'static [i32]) -> Info {
    Info { id, name, ends_with, available: || true, wire: |_, _| Ok(()) }
}

pub fn by_number(kind: i32) -> Option<&'static Info> {
    KINDS.iter().chain(ELSEWHERE).find(|info| info.id as i32 == kind)
}

fn available<K: Kind>() -> bool {
    version::number() >= K::SINCE && K::built_in()
}

/// Refuses a callback that the linked libcurl lacks.
pub fn require<K: Kind>() -> Outcome {
    if available::<K>() {
        return Ok(());
    }
    let name = by_number(K::ID as i32).map_or("this callback", |info| info.name);
    Err(unsupported(name, &version::in_words(K::SINCE)))
}

/// A function pointer as slot.rs keeps it.
fn erase<K: Kind>(function: K::Function) -> AnyFunction {
    const { assert!(size_of::<K::Function>() == size_of::<AnyFunction>()) };
    // SAFETY: K::Function is a function pointer: the assertion has its size, and the trait asks for nothing else.
    unsafe { std::mem::transmute_copy(&function) }
}

impl Easy {
    /// The body of an on_* function: sets, replaces or, with no function, unsets a callback.
    pub fn register<K: Kind>(
        &self,
        callback: Option<K::Function>,
        user_data: *mut c_void,
        drop: curlback_drop_cb,
    ) -> Outcome {
        require::<K>()?;
        K::wire(self, callback.is_some())?;
        self.store::<K>(callback, user_data, drop);
        Ok(())
    }

    /// What a duplicate needs: libcurl copied the original's data pointers, and a callback that ran meanwhile may have changed what
    /// is registered.
    pub fn wire_all(&self) -> Outcome {
        KINDS
            .iter()
            .filter(|info| (info.available)())
            .try_for_each(|info| (info.wire)(self, self.slots[slot_of(info.id)].is_set()))
    }

    /// Puts a callback into its slot; what was there is dropped when no callback runs any more.
    pub fn store<K: Kind>(
        &self,
        callback: Option<K::Function>,
        user_data: *mut c_void,
        drop: curlback_drop_cb,
    ) {
        let registration = callback.map(|function| {
            Arc::new(Registration {
                function: erase::<K>(function),
                user_data: UserData::new(user_data, drop),
            })
        });
        if let Some(old) = self.slots[slot_of(K::ID)].replace(registration) {
            self.discard(Garbage::Registration(old));
        }
    }

    /// Sets a function and its data pointer at libcurl.
    pub(crate) fn set_pointers(
        &self,
        (function, data): (i32, i32),
        trampoline: *const c_void,
        pointer: *const c_void,
    ) -> Outcome {
        self.setopt_pointer(data, pointer)?;
        self.setopt_pointer(function, trampoline)
    }
}

/// What to call now, with its user data.
#[inline(always)]
fn registered<K: Kind>(easy: &Easy) -> Option<(K::Function, *mut c_void)> {
    let (function, user_data) = easy.slots[const { slot_of(K::ID) }].get()?;
    // SAFETY: the slot of this kind only ever holds what erase::<K> made of a K::Function.
    Some((unsafe { std::mem::transmute_copy::<AnyFunction, K::Function>(&function) }, user_data))
}

/// Calls a callback from its trampoline, with all that has to happen around it. `call` answers with what libcurl is to get, as
/// an error if that ends the transfer. `unset` is what happens where no callback is registered: another member of the
/// group is, or it was unset during the transfer and libcurl has not noticed.
///
/// # Safety
/// `easy` is the data pointer that this library gave libcurl for the callback: an Easy that this thread owns.
#[inline(always)]
pub unsafe fn run<K: Kind, R: Copy>(
    easy: *mut c_void,
    failing: R,
    unset: impl FnOnce(&Easy) -> R,
    call: impl FnOnce(&Easy, K::Function, *mut c_void) -> Result<R, R>,
) -> R {
    // SAFETY: the caller vouches for it; the Easy lives until libcurl's handle has been cleaned up.
    let easy = unsafe { &*easy.cast::<Easy>() };
    let go_on = || {
        let Some((function, user_data)) = registered::<K>(easy) else {
            return contain(|| unset(easy)).unwrap_or(failing);
        };
        surround(easy, K::ID, failing, || call(easy, function, user_data))
    };
    if easy.is_marked() { marked(easy, failing, go_on) } else { go_on() }
}

/// What libcurl calls for a handle that is marked: nothing is done any more where the transfer has ended, and else without the turn.
#[cold]
#[inline(never)]
pub fn marked<R>(easy: &Easy, failing: R, go_on: impl FnOnce() -> R) -> R {
    if easy.ended() { failing } else { turn::outside(go_on) }
}

/// What happens around every call of a callback of this handle. It is the caller's to look whether the handle is marked.
#[inline(always)]
pub fn surround<R: Copy>(
    easy: &Easy,
    kind: curlback_callback,
    failing: R,
    call: impl FnOnce() -> Result<R, R>,
) -> R {
    easy.state.enter(kind as u8);
    match contain(call) {
        Ok(Ok(value)) if easy.state.leave(kind as u8) => value,
        Ok(answer) => settle(easy, kind, answer, failing),
        Err(panic) => settle_panic(easy, kind, panic, failing),
    }
}

/// After a callback that failed, interrupted the transfer or replaced something.
#[cold]
#[inline(never)]
fn settle<R>(easy: &Easy, kind: curlback_callback, answer: Result<R, R>, failing: R) -> R {
    easy.state.clear();
    let answer = answer.unwrap_or_else(|value| {
        easy.failed_in(kind);
        value
    });
    easy.dispose_in_callback(kind);
    // A callback that interrupted its transfer and then returned as if all were well ends it all the same.
    if easy.ended() { failing } else { answer }
}

/// After a callback that panicked.
#[cold]
#[inline(never)]
fn settle_panic<R: Copy>(easy: &Easy, kind: curlback_callback, panic: Box<dyn Any + Send>, failing: R) -> R {
    easy.panicked_in(kind, boundary::panic_text(&*panic));
    settle(easy, kind, Err(failing), failing)
}

/// Whether the callback `kind`, one of CURLBACK_CALLBACK_*, can be used: the linked libcurl has it, and so has this version
/// of curlback.
///
/// From any thread, also inside callbacks. False for a number that is none.
#[unsafe(no_mangle)]
pub extern "C" fn curlback_has_callback(kind: i32) -> bool {
    boundary::value(false, || {
        let of_multi = MULTI.iter().find(|(id, ..)| *id as i32 == kind).map(|(_, _, available)| available);
        by_number(kind).map(|info| &info.available).or(of_multi).is_some_and(|available| available())
    })
}

/// libcurl's handle type, for the trampolines.
pub type Curl = sys::CURL;
