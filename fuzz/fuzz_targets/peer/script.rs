//! What the callbacks do, and what they check.

use std::cell::{Cell, RefCell};
use std::ffi::CStr;
use std::ptr::null_mut;
use std::rc::Rc;

use curlback::callback::body::curlback_data;
use curlback::callback::ftp::*;
use curlback::easy::error::curlback_easy_raise;
use curlback::easy::perform::curlback_easy_cancel;
use curlback::result::code;
use curlback::ws::close::curlback_ws_close;
use curlback::ws::message::curlback_easy_on_ws_message;
use curlback::ws::meta::{curlback_ws_frame, curlback_ws_meta};
use curlback::ws::send::curlback_ws_send;
use curlback_fuzz::{assert_known, register};

use crate::support::{Raw, close_socket, ok, on_close_socket, on_open_socket, on_sockopt};

use crate::sockets::Server;

const ALL: i64 = curlback_data::CURLBACK_ALL as i64;
const ABORT: i64 = curlback_data::CURLBACK_ABORT as i64;
const PAUSE: i64 = curlback_data::CURLBACK_PAUSE as i64;

/// The longest piece of a body, and the longest header line, that libcurl hands out.
const CHUNK: usize = 16_384;
const LINE: usize = 100 * 1024;

const CONNECTED: i32 = 2;

/// How long a message may be.
pub const LIMIT: usize = 300;

pub struct Script {
    steps: Vec<u8>,
    calls: Cell<usize>,
    pub easy: Cell<usize>,
    pub paused: Cell<bool>,
    /// From then on nothing may be called but what closes a socket.
    pub over: Cell<bool>,
    /// From then on the library closes sockets by itself.
    pub interrupted: Cell<bool>,
    pub headers: Cell<usize>,
    pub body: RefCell<Vec<u8>>,
    /// Whether the body may come in larger pieces.
    pub batch: Cell<usize>,
    pub websocket: bool,
    pub ftp: bool,
}

impl Script {
    pub fn new(steps: &[u8], websocket: bool, ftp: bool) -> Rc<Self> {
        Rc::new(Script {
            steps: steps.to_vec(),
            calls: Cell::default(),
            easy: Cell::default(),
            paused: Cell::default(),
            over: Cell::default(),
            interrupted: Cell::default(),
            headers: Cell::default(),
            body: RefCell::default(),
            batch: Cell::default(),
            websocket,
            ftp,
        })
    }

    /// What this callback does now: its answer.
    fn step(&self, easy: Raw, len: usize) -> i64 {
        self.check(easy);
        let call = self.calls.replace(self.calls.get() + 1);
        match self.steps.get(call).map_or(0, |step| step % 16) {
            8 => {
                self.paused.set(true);
                PAUSE
            }
            9 => ABORT,
            10 => len as i64 - 1,
            11 => {
                self.interrupted.set(true);
                // SAFETY: a string, and no payload.
                let raised = unsafe { curlback_easy_raise(easy, 1, 7, c"raised".as_ptr(), null_mut(), None) };
                ok(raised);
                ALL
            }
            12 => {
                self.interrupted.set(true);
                ok(curlback_easy_cancel(easy));
                ALL
            }
            13 => self.send(easy, 1, 20),
            14 => self.send(easy, 16, 3),
            15 => {
                // SAFETY: three bytes.
                assert_known(unsafe { curlback_ws_close(easy, 1000, c"bye".as_ptr(), 3) });
                ALL
            }
            _ => ALL,
        }
    }

    fn send(&self, easy: Raw, flags: u32, len: usize) -> i64 {
        let (data, mut sent) = ([b'x'; 20], 0);
        // SAFETY: so many bytes.
        let result = unsafe { curlback_ws_send(easy, data.as_ptr().cast(), len, 0, flags, &mut sent) };
        assert_known(result);
        assert!(sent <= len && (result != code::OK || sent == len), "{sent} of {len} bytes were sent");
        ALL
    }

    fn check(&self, easy: Raw) {
        assert!(!self.over.get(), "called after the end");
        assert_eq!(easy.addr(), self.easy.get(), "called with another handle");
    }

    pub fn on_write(&self, easy: Raw, data: &[u8]) -> i64 {
        assert!(data.len() <= CHUNK.max(self.batch.get()), "{} bytes at once", data.len());
        assert!(self.ftp || self.headers.get() > 0, "a body without headers");
        let mut frame = curlback_ws_frame::default();
        // SAFETY: it can be written to.
        let known = unsafe { curlback_ws_meta(easy, &mut frame) };
        assert_known(known);
        if known == code::OK {
            assert!(self.websocket, "a frame, and no WebSocket");
            assert_eq!(frame.len, data.len());
            assert!(frame.offset >= 0 && frame.bytes_left >= 0);
            assert!(frame.offset.checked_add(data.len() as i64).is_some());
        }
        let answer = self.step(easy, data.len());
        if answer == ALL {
            self.body.borrow_mut().extend_from_slice(data);
        }
        answer
    }

    pub fn on_header(&self, easy: Raw, line: &[u8]) -> i64 {
        self.check(easy);
        assert!(line.len() <= LINE, "a line of {} bytes", line.len());
        self.headers.set(self.headers.get() + 1);
        if line.len() % 16 == 15 { self.step(easy, line.len()) } else { ALL }
    }

    pub fn on_read(&self, easy: Raw, buffer: &mut [u8]) -> i64 {
        self.check(easy);
        assert!(!buffer.is_empty());
        let count = buffer.len().min(5);
        buffer[..count].fill(b'r');
        let call = self.calls.replace(self.calls.get() + 1);
        if call < 3 { count as i64 } else { 0 }
    }

    pub fn on_xferinfo(&self, easy: Raw, numbers: [i64; 4]) -> i32 {
        self.check(easy);
        assert!(numbers.iter().all(|number| *number >= 0), "{numbers:?}");
        0
    }

    pub fn on_debug(&self, easy: Raw, kind: i32, data: &[u8]) {
        // What closes after the end is spoken of.
        assert_eq!(easy.addr(), self.easy.get(), "called with another handle");
        assert!((0..7).contains(&kind));
        std::hint::black_box(data.iter().fold(0u8, |sum, byte| sum ^ byte));
    }
}

/// The callbacks that make the connections.
pub fn connect(easy: Raw, server: &Rc<Server>) {
    let to = Rc::clone(server);
    ok(on_open_socket(easy, move |_, _, _| to.connect()));
    ok(on_sockopt(easy, |_, _, _| CONNECTED));
    let of = Rc::clone(server);
    ok(on_close_socket(easy, move |_, socket| {
        of.closed(socket);
        close_socket(socket)
    }));
}

type Shared = Rc<Script>;

unsafe extern "C-unwind" fn message(
    easy: Raw,
    flags: i32,
    data: *const u8,
    len: usize,
    script: *mut std::ffi::c_void,
) -> i32 {
    // SAFETY: the user data is a Shared, and there are so many bytes.
    let (script, data) = unsafe {
        let data = if len == 0 { &[] } else { std::slice::from_raw_parts(data, len) };
        (&*script.cast::<Shared>(), data)
    };
    assert!(script.websocket, "a message, and no WebSocket");
    assert!(len <= LIMIT.max(125), "a message of {len} bytes");
    assert!([1, 2, 8, 16, 64].contains(&(flags & !4)), "a message of kind {flags}");
    script.body.borrow_mut().extend_from_slice(data);
    match script.step(easy, len) {
        // A message can be paused at no more than a chunk can fail in part.
        ALL | PAUSE => {
            script.paused.set(false);
            0
        }
        _ => 1,
    }
}

pub fn on_message(easy: Raw, script: &Shared) {
    ok(register(Rc::clone(script), |data, drop| {
        // SAFETY: the callback takes a Shared.
        unsafe { curlback_easy_on_ws_message(easy, LIMIT, Some(message), data, drop) }
    }));
}

unsafe extern "C-unwind" fn begin(
    easy: Raw,
    file: *const curlback_file_info,
    remaining: i32,
    script: *mut std::ffi::c_void,
) -> i32 {
    // SAFETY: the user data is a Shared; the file is there, and its strings are NULL or end with NUL.
    let (script, lengths) = unsafe {
        let file = &*file;
        let texts =
            [file.name, file.time_text, file.permissions_text, file.user, file.group, file.link_target];
        assert!(!file.name.is_null(), "a file without a name");
        let length = |text: *const std::ffi::c_char| {
            if text.is_null() { 0 } else { CStr::from_ptr(text).count_bytes() }
        };
        (&*script.cast::<Shared>(), texts.map(length))
    };
    assert!(remaining >= 0);
    std::hint::black_box(lengths);
    match script.step(easy, 0) {
        ALL => 0,
        PAUSE => 2,
        _ => 1,
    }
}

unsafe extern "C-unwind" fn end(easy: Raw, script: *mut std::ffi::c_void) -> i32 {
    // SAFETY: the user data is a Shared.
    unsafe { (*script.cast::<Shared>()).check(easy) };
    0
}

pub fn on_files(easy: Raw, script: &Shared) {
    // SAFETY of both: the callbacks take a Shared.
    ok(register(Rc::clone(script), |data, drop| unsafe {
        curlback_easy_on_chunk_begin(easy, Some(begin), data, drop)
    }));
    ok(register(Rc::clone(script), |data, drop| unsafe {
        curlback_easy_on_chunk_end(easy, Some(end), data, drop)
    }));
}
