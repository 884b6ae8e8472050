//! The callbacks. Each registration has a short script: what its first calls do and answer; later ones go on as if nothing were.

use std::ffi::{c_char, c_void};
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};

use curlback::callback::body::*;
use curlback::callback::debug::curlback_easy_on_debug;
use curlback::callback::ftp::*;
use curlback::callback::hsts::*;
use curlback::callback::progress::*;
use curlback::callback::request::*;
use curlback::callback::socket::*;
use curlback::callback::source::*;
use curlback::callback::ssh::*;
use curlback::callback::tls::*;
use curlback::easy::curlback_easy;
use curlback::mime::callbacks::curlback_mime_part_callbacks;
use curlback::multi::curlback_multi;
use curlback::multi::done::curlback_multi_on_done;
use curlback::multi::notify::curlback_multi_on_notify;
use curlback::multi::push::curlback_multi_on_push;
use curlback::multi::socket::curlback_multi_on_socket;
use curlback::multi::timer::curlback_multi_on_timer;
use curlback::share::curlback_share;
use curlback::share::lock::curlback_share_on_lock;
use curlback::ws::message::curlback_easy_on_ws_message;
use curlback_fuzz::{Token, register};

use crate::world::{Handle, Kind, State, World, world};

type Easy = *mut curlback_easy;
type Multi = *mut curlback_multi;

/// The user data of all callbacks.
pub struct Script {
    steps: [u8; 4],
    called: AtomicUsize,
    token: Token,
}

impl Script {
    pub fn new(world: &Rc<World>, what: &'static str) -> Self {
        let steps = [world.byte(), world.byte(), world.byte(), world.byte()];
        Script { steps, called: AtomicUsize::new(0), token: world.token(what) }
    }

    /// Does what the script says for this call; how the call is to answer, 0 for well.
    fn call(&self) -> u8 {
        self.token.assert_alive();
        let call = self.called.fetch_add(1, Ordering::SeqCst);
        let step = self.steps.get(call).copied().unwrap_or(0);
        if let Some(world) = world() {
            for _ in 0..step >> 4 & 3 {
                world.act();
            }
        }
        // Whatever was done, the user data of a running callback stays.
        self.token.assert_alive();
        // Half of all calls go well.
        if step & 8 == 0 { 0 } else { step & 7 }
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        // A drop function may call in, too.
        if self.steps[3] == 0x7f
            && let Some(world) = world()
        {
            world.act();
        }
    }
}

/// Runs the script of a callback.
unsafe fn call(script: *mut c_void) -> u8 {
    // SAFETY: the user data of all callbacks is a Script, until it is dropped.
    unsafe { (*script.cast::<Script>()).call() }
}

/// A callback of the type that its arguments make: how many times it goes wrong, and how.
macro_rules! callbacks {
    ($($name:ident($($argument:ty),*) -> $result:ty: $answers:expr;)*) => {$(
        unsafe extern "C-unwind" fn $name(_: Easy, $(_: $argument,)* script: *mut c_void) -> $result {
            // SAFETY: it is called with what it was registered with.
            let answer = unsafe { call(script) };
            let answers = $answers;
            answers[usize::from(answer) % answers.len()]
        }
    )*};
}

const ALL: i64 = curlback_data::CURLBACK_ALL as i64;
const ABORT: i64 = curlback_data::CURLBACK_ABORT as i64;
const PAUSE: i64 = curlback_data::CURLBACK_PAUSE as i64;

callbacks! {
    seek(i64, i32) -> i32: [0, 1, 2, 3];
    number(i32) -> i32: [0, 1, 2, -1];
    debug(i32, *const u8, usize) -> (): [()];
    progress(f64, f64, f64, f64) -> i32: [0, 1, -1];
    xferinfo(i64, i64, i64, i64) -> i32: [0, 1, i32::MIN];
    sockopt(isize, i32) -> i32: [0, 1, 2, 3];
    ssh_key(*const curlback_ssh_key, *const curlback_ssh_key, i32) -> i32: [1, 0];
    ssh_host_key(*const curlback_ssh_key) -> i32: [1, 0];
    prereq(*const c_char, *const c_char, i32, i32) -> i32: [0, 1, 7];
    plain() -> i32: [0, 1, 2];
    fnmatch(*const c_char, *const c_char) -> i32: [0, 1, 2];
    chunk_begin(*const curlback_file_info, i32) -> i32: [0, 1, 2];
    ssl_ctx(*mut c_void) -> i32: [0, 35];
    hsts_write(*const curlback_hsts_entry, usize, usize) -> i32: [0, 1, 2];
}

/// Reads what a callback is given.
unsafe fn look_at(data: *const u8, len: usize) {
    // SAFETY: the caller vouches for so many bytes; where there are none, the pointer may be NULL.
    let data = if len == 0 { &[] } else { unsafe { std::slice::from_raw_parts(data, len) } };
    std::hint::black_box(data.iter().fold(0u8, |sum, byte| sum ^ byte));
}

unsafe extern "C-unwind" fn chunk(_: Easy, data: *const u8, len: usize, script: *mut c_void) -> i64 {
    // SAFETY: the library hands out so many bytes.
    unsafe { look_at(data, len) };
    // SAFETY: it is called with what it was registered with.
    match unsafe { call(script) } {
        1 => PAUSE,
        2 => ABORT,
        3 => len as i64,
        4 => len as i64 - 1,
        5 => len as i64 + 1,
        6 => i64::MIN,
        _ => ALL,
    }
}

unsafe extern "C-unwind" fn read(_: Easy, buffer: *mut u8, capacity: usize, script: *mut c_void) -> i64 {
    // SAFETY: the user data is a Script; there is room for so many bytes.
    unsafe {
        buffer.write_bytes(b'r', capacity);
        let before = (*script.cast::<Script>()).called.load(Ordering::SeqCst);
        match call(script) {
            1 => PAUSE,
            2 => ABORT,
            3 => capacity as i64,
            4 => capacity as i64 + 1,
            5 => i64::MIN,
            _ if before < 3 => capacity.min(7) as i64,
            _ => 0,
        }
    }
}

unsafe extern "C-unwind" fn open_socket(
    _: Easy,
    _: i32,
    address: *const curlback_address,
    script: *mut c_void,
) -> isize {
    // SAFETY: the address is there; the user data is a Script.
    unsafe {
        let address = &*address;
        match call(script) {
            1 => -1,
            2 => isize::MIN,
            3 | 4 => libc::socket(address.family, address.socktype, address.protocol) as isize,
            _ => -2,
        }
    }
}

unsafe extern "C-unwind" fn close_socket(_: Easy, socket: isize, script: *mut c_void) -> i32 {
    // SAFETY: libcurl gives the socket up; the user data is a Script.
    unsafe {
        assert_eq!(libc::close(socket as i32), 0, "the socket was closed before");
        i32::from(call(script))
    }
}

unsafe extern "C-unwind" fn trailer(_: Easy, trailers: *mut curlback_trailers, script: *mut c_void) -> i32 {
    lent(Kind::Trailers, trailers.addr(), script)
}

unsafe extern "C-unwind" fn hsts_read(_: Easy, slot: *mut curlback_hsts_slot, script: *mut c_void) -> i32 {
    // An answer without an entry ends the transfer, and most of them are to go on.
    (lent(Kind::HstsSlot, slot.addr(), script) + 1) % 3
}

/// A callback that is lent a handle, which is none any more when it has returned.
fn lent(kind: Kind, value: usize, script: *mut c_void) -> i32 {
    let handle = Handle { kind, value, state: State::Live };
    let world = world().filter(|world| world.has_room(kind));
    if let Some(world) = &world {
        world.keep(kind, handle.pointer::<u8>(), State::Unsure);
    }
    // SAFETY: it is called with what it was registered with.
    let answer = i32::from(unsafe { call(script) } % 3);
    if let Some(world) = &world {
        world.set_state(handle, State::Dead);
    }
    answer
}

unsafe extern "C-unwind" fn message(
    _: Easy,
    _: i32,
    data: *const u8,
    len: usize,
    script: *mut c_void,
) -> i32 {
    // SAFETY: the library hands out so many bytes; the user data is a Script.
    unsafe {
        look_at(data, len);
        i32::from(call(script))
    }
}

/// How many kinds there are.
pub const KINDS: usize = 24;

/// Registers a callback of this kind with the script, or unsets it.
pub fn on_easy(easy: Easy, kind: usize, script: Option<Script>) -> i32 {
    let set = script.is_some();
    macro_rules! table {
        ($($kind:literal $function:ident $callback:ident,)*) => {
            |data, drop| match kind % KINDS {
                // SAFETY: the callbacks take a Script.
                $($kind => unsafe { $function(easy, set.then_some($callback as _), data, drop) },)*
                // SAFETY: as above.
                _ => unsafe { curlback_easy_on_ws_message(easy, 8, set.then_some(message as _), data, drop) },
            }
        };
    }
    let call = table! {
        0 curlback_easy_on_write chunk,
        1 curlback_easy_on_header chunk,
        2 curlback_easy_on_interleave chunk,
        3 curlback_easy_on_read read,
        4 curlback_easy_on_seek seek,
        5 curlback_easy_on_ioctl number,
        6 curlback_easy_on_debug debug,
        7 curlback_easy_on_progress progress,
        8 curlback_easy_on_xferinfo xferinfo,
        9 curlback_easy_on_open_socket open_socket,
        10 curlback_easy_on_close_socket close_socket,
        11 curlback_easy_on_sockopt sockopt,
        12 curlback_easy_on_ssh_key ssh_key,
        13 curlback_easy_on_ssh_host_key ssh_host_key,
        14 curlback_easy_on_prereq prereq,
        15 curlback_easy_on_trailer trailer,
        16 curlback_easy_on_resolver_start plain,
        17 curlback_easy_on_fnmatch fnmatch,
        18 curlback_easy_on_chunk_begin chunk_begin,
        19 curlback_easy_on_chunk_end plain,
        20 curlback_easy_on_ssl_ctx ssl_ctx,
        21 curlback_easy_on_hsts_read hsts_read,
        22 curlback_easy_on_hsts_write hsts_write,
    };
    given(script, call)
}

/// Registers with the script as user data, or without.
fn given(
    script: Option<Script>,
    call: impl FnOnce(*mut c_void, curlback::slot::curlback_drop_cb) -> i32,
) -> i32 {
    match script {
        Some(script) => register(script, call),
        None => call(std::ptr::null_mut(), None),
    }
}

unsafe extern "C-unwind" fn done(_: Multi, _: Easy, _: i32, script: *mut c_void) {
    // SAFETY: it is called with what it was registered with.
    unsafe { call(script) };
}

unsafe extern "C-unwind" fn notify(_: Multi, _: i32, _: Easy, script: *mut c_void) {
    // SAFETY: as above.
    unsafe { call(script) };
}

unsafe extern "C-unwind" fn timer(_: Multi, _: i64, script: *mut c_void) -> i32 {
    // SAFETY: as above.
    -i32::from(unsafe { call(script) } == 1)
}

unsafe extern "C-unwind" fn socket(
    _: Multi,
    _: Easy,
    socket: isize,
    _: i32,
    data: *mut c_void,
    script: *mut c_void,
) -> i32 {
    if let Some(world) = world() {
        let mut sockets = world.sockets.borrow_mut();
        if sockets.len() < 4 {
            sockets.push(socket);
        }
    }
    if !data.is_null() {
        // SAFETY: what is kept with a socket is a Token.
        unsafe { (*data.cast::<Token>()).assert_alive() };
    }
    // SAFETY: as above.
    -i32::from(unsafe { call(script) } == 1)
}

unsafe extern "C-unwind" fn push(
    _: Multi,
    _: Easy,
    _: Easy,
    _: *const *const c_char,
    _: usize,
    script: *mut c_void,
) -> i32 {
    // SAFETY: as above.
    i32::from(unsafe { call(script) } % 3)
}

pub fn on_multi(multi: Multi, kind: usize, script: Option<Script>) -> i32 {
    let set = script.is_some();
    // SAFETY of all: the callbacks take a Script.
    given(script, |data, drop| match kind % 5 {
        0 => unsafe { curlback_multi_on_done(multi, set.then_some(done as _), data, drop) },
        1 => unsafe { curlback_multi_on_socket(multi, set.then_some(socket as _), data, drop) },
        2 => unsafe { curlback_multi_on_timer(multi, set.then_some(timer as _), data, drop) },
        3 => unsafe { curlback_multi_on_notify(multi, set.then_some(notify as _), data, drop) },
        _ => unsafe { curlback_multi_on_push(multi, set.then_some(push as _), data, drop) },
    })
}

unsafe extern "C-unwind" fn lock(_: *mut curlback_share, _: Easy, _: i32, _: i32, script: *mut c_void) {
    // SAFETY: it is called with what it was registered with.
    unsafe { call(script) };
}

unsafe extern "C-unwind" fn unlock(_: *mut curlback_share, _: Easy, _: i32, script: *mut c_void) {
    // SAFETY: as above.
    unsafe { call(script) };
}

pub fn on_lock(share: *mut curlback_share, script: Option<Script>) -> i32 {
    let set = script.is_some();
    // SAFETY: the callbacks take a Script.
    given(script, |data, drop| unsafe {
        curlback_share_on_lock(share, set.then_some(lock as _), set.then_some(unlock as _), data, drop)
    })
}

pub fn on_part(
    part: *mut curlback::mime::curlback_mime_part,
    size: i64,
    seekable: bool,
    script: Script,
) -> i32 {
    // SAFETY: the callbacks take a Script.
    register(script, |data, drop| unsafe {
        curlback_mime_part_callbacks(part, size, Some(read), seekable.then_some(seek as _), data, drop)
    })
}
