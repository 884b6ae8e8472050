//! Calls that take an easy handle.

use std::ffi::{CStr, c_char, c_void};
use std::mem::MaybeUninit;
use std::ptr::{null, null_mut};
use std::rc::Rc;

use curlback::easy::batch::curlback_easy_batch_body;
use curlback::easy::error::*;
use curlback::easy::info::*;
use curlback::easy::options::*;
use curlback::easy::perform::*;
use curlback::easy::raw::*;
use curlback::easy::sink::*;
use curlback::easy::source::*;
use curlback::easy::*;
use curlback::libcurl::tables::{info, opt};
use curlback::mime::curlback_mime_new;
use curlback::mime::sending::curlback_easy_set_mime;
use curlback::result::code;
use curlback::share::curlback_easy_set_share;
use curlback::ws::close::curlback_ws_close;
use curlback::ws::meta::{curlback_ws_frame, curlback_ws_meta};
use curlback::ws::recv::curlback_ws_recv;
use curlback::ws::send::curlback_ws_send;
use curlback_fuzz::{Token, register, take_back};

use crate::callbacks::{KINDS, Script, on_easy};
use crate::world::{Handle, Kind, State, World};
use crate::{elsewhere, watchdog};

type Raw = *mut curlback_easy;

const URLS: &[&CStr] = &[
    c"http://f/s",
    c"http://f/b",
    c"http://f/c",
    c"http://f/r",
    c"http://f/e",
    c"http://f/i",
    c"http://f/x",
    c"http://f/t",
    c"http://f/h",
    c"ws://f/w1",
    c"ws://f/w2",
    c"https://f/s",
    c"ftp://f/s",
    c"file:///dev/null",
    c"file:///etc/hostname",
    c"nothing://f",
    c"http://",
];

const TEXTS: &[(i32, &CStr)] = &[
    (opt::CUSTOMREQUEST, c"DELETE"),
    (opt::USERAGENT, c"fuzz"),
    (opt::COOKIEFILE, c""),
    (opt::COOKIELIST, c"ALL"),
    (opt::COOKIELIST, c"Set-Cookie: a=b"),
    (opt::REFERER, c"http://g/"),
    (opt::USERPWD, c"a:b"),
    (opt::RANGE, c"1-3"),
    (opt::ACCEPT_ENCODING, c""),
    (opt::COPYPOSTFIELDS, c"a=b"),
    (opt::REQUEST_TARGET, c"/c"),
    (opt::PROXY, c"http://p:1"),
    (opt::WRITEDATA, c"x"),
];

const NUMBERS: &[(i32, i64)] = &[
    (opt::UPLOAD, 1),
    (opt::UPLOAD, 0),
    (opt::POST, 1),
    (opt::NOBODY, 1),
    (opt::HTTPGET, 1),
    (opt::FOLLOWLOCATION, 1),
    (opt::CONNECT_ONLY, 0),
    (opt::CONNECT_ONLY, 1),
    (opt::CONNECT_ONLY, 2),
    (opt::FRESH_CONNECT, 1),
    (opt::FORBID_REUSE, 1),
    (opt::NOPROGRESS, 1),
    (opt::FAILONERROR, 1),
    (opt::INFILESIZE_LARGE, 10),
    (opt::INFILESIZE_LARGE, -1),
    (opt::POSTFIELDSIZE, 3),
    (opt::WS_OPTIONS, 1),
    (opt::WS_OPTIONS, 2),
    (opt::WS_OPTIONS, 3),
    (opt::MAXFILESIZE, 10),
    (opt::BUFFERSIZE, 1024),
    (opt::RESUME_FROM_LARGE, 3),
    (opt::EXPECT_100_TIMEOUT_MS, 1),
    (opt::HSTS_CTRL, 1),
    (opt::MAXCONNECTS, 1),
    (opt::HEADER, 1),
    (opt::WILDCARDMATCH, 1),
    (opt::HTTPAUTH, 2),
    (opt::HTTP_VERSION, 1),
    (opt::IGNORE_CONTENT_LENGTH, 1),
    (opt::PRIVATE, 1),
];

const INFOS: &[i32] =
    &[info::RESPONSE_CODE, info::EFFECTIVE_URL, info::TOTAL_TIME, info::COOKIELIST, info::ACTIVESOCKET];

const FRAMES: &[u32] = &[1, 2, 8, 16, 64, 1 | 4, 2 | 32, 0, 255];

pub fn new(world: &Rc<World>) {
    if !world.has_room(Kind::Easy) {
        return;
    }
    let easy = curlback_easy_new();
    assert!(!easy.is_null());
    World::limit(easy);
    world.keep(Kind::Easy, easy, State::Live);
    // SAFETY: a string.
    let _ = unsafe { curlback_easy_set_str(easy, opt::URL, world.one_of(URLS).as_ptr()) };
    let _ = on_easy(easy, 0, Some(Script::new(world, "on_write")));
}

pub fn act(world: &Rc<World>, act: u8) {
    if act < 4 {
        return new(world);
    }
    let handle = world.pick(Kind::Easy);
    let easy: Raw = handle.pointer();
    match act {
        4..20 => perform(world, handle),
        20..45 => {
            let kind = world.number();
            world.answered(handle, on_easy(easy, kind, Some(Script::new(world, "a callback"))));
        }
        45..50 => {
            let kind = world.number() % KINDS;
            world.answered(handle, on_easy(easy, kind, None));
        }
        50..56 => {
            let url = world.one_of(URLS);
            // SAFETY: a string.
            world.answered(handle, unsafe { curlback_easy_set_str(easy, opt::URL, url.as_ptr()) });
        }
        56..59 => {
            let (option, text) = world.one_of(TEXTS);
            // SAFETY: a string.
            world.answered(handle, unsafe { curlback_easy_set_str(easy, option, text.as_ptr()) });
        }
        59..65 => {
            let (option, number) = world.one_of(NUMBERS);
            world.connects_only.set(world.connects_only.get() || option == opt::CONNECT_ONLY);
            world.answered(handle, curlback_easy_set_int(easy, option, number));
        }
        65 => {
            let option = world.one_of(NUMBERS).0;
            world.answered(handle, curlback_easy_unset(easy, option));
        }
        66 => {
            let option = world.one_of(TEXTS).0;
            world.answered(handle, curlback_easy_unset(easy, option));
        }
        67..70 => world.close(handle, || curlback_easy_close(easy)),
        70..72 if world.may_release() => {
            world.releases(handle);
            curlback_easy_release(easy);
        }
        72..74 => {
            if world.answered(handle, curlback_easy_reset(easy)) == code::OK {
                World::limit(easy);
            }
        }
        74..76 => duplicate(world, handle),
        76..79 => {
            world.answered(handle, curlback_easy_cancel(easy));
        }
        79..84 => {
            let mask = i32::from(world.one_of(&[0u8, 1, 4, 5, 7]));
            world.answered(handle, curlback_easy_pause(easy, mask));
        }
        84..90 => raise(world, handle),
        90..92 => {
            let mut error = MaybeUninit::<curlback_error>::uninit();
            // SAFETY: it can be written to.
            world.answered(handle, unsafe { curlback_easy_error(easy, error.as_mut_ptr()) });
        }
        92 => {
            let payload = curlback_easy_take_payload(easy);
            if !payload.is_null() {
                // SAFETY: every payload is a Token, and it is ours now.
                unsafe { take_back::<Token>(payload) };
            }
        }
        93..96 => get(world, handle),
        96..100 => private(world, handle),
        100..105 => body(world, handle),
        105..108 => source(world, handle),
        108..111 => {
            let share = world.pick(Kind::Share);
            world.answered_of(handle, curlback_easy_set_share(easy, share.pointer()));
        }
        111..114 => {
            let mime = world.pick(Kind::Mime);
            world.answered_of(handle, curlback_easy_set_mime(easy, mime.pointer()));
        }
        114..117 if world.has_room(Kind::Mime) => {
            world.keep(Kind::Mime, curlback_mime_new(easy), State::Live);
        }
        117..119 => raw(world, handle),
        119..126 => websocket(world, handle),
        126..128 => elsewhere::of_easy(world, handle),
        128 => {
            let _ = curlback_easy_curl(easy);
        }
        _ => {
            world.answered(handle, curlback_easy_batch_body(easy, world.one_of(&[0, 1, 100, 50_000])));
        }
    }
}

fn perform(world: &Rc<World>, handle: Handle) {
    if world.may_transfer() {
        world.answered(handle, watchdog::guarded(|| curlback_easy_perform(handle.pointer())));
    }
}

fn duplicate(world: &Rc<World>, handle: Handle) {
    if !world.has_room(Kind::Easy) {
        return;
    }
    let mut copy = null_mut();
    // SAFETY: it can be written to.
    let result = unsafe { curlback_easy_duplicate(handle.pointer(), &mut copy) };
    // hsts_read is called in this, which can do anything with the handle.
    world.answered_of(handle, result);
    world.keep(Kind::Easy, copy, State::Live);
}

fn raise(world: &Rc<World>, handle: Handle) {
    let (severity, code) = (i32::from(world.byte() % 3), i32::from(world.byte()));
    let easy = handle.pointer();
    let result = register(world.token("a payload"), |data, drop| {
        // SAFETY: a string, and what drops the payload.
        unsafe { curlback_easy_raise(easy, severity, code, c"raised".as_ptr(), data, drop) }
    });
    if handle.state != State::Dead || result != code::E_NOT_IN_CALLBACK {
        world.answered(handle, result);
    }
}

fn get(world: &Rc<World>, handle: Handle) {
    let (easy, wanted) = (handle.pointer(), world.one_of(INFOS));
    let (mut number, mut float, mut text, mut list) = (0, 0.0, null::<c_char>(), null_mut());
    // SAFETY of all: the value can be written to.
    let result = match world.byte() % 5 {
        0 => unsafe { curlback_easy_get_int(easy, wanted, &mut number) },
        1 => unsafe { curlback_easy_get_double(easy, wanted, &mut float) },
        2 => unsafe { curlback_easy_get_str(easy, wanted, &mut text) },
        3 if world.has_room(Kind::List) => unsafe { curlback_easy_get_list(easy, wanted, &mut list) },
        _ => unsafe { curlback_easy_get_cert(easy, 0, &mut list) },
    };
    world.answered(handle, result);
    if result == code::OK && !text.is_null() {
        // SAFETY: it is there until the next call for the handle.
        std::hint::black_box(unsafe { CStr::from_ptr(text) }.to_bytes().len());
    }
    world.keep(Kind::List, list, State::Live);
}

fn private(world: &Rc<World>, handle: Handle) {
    let easy = handle.pointer();
    let found = curlback_easy_private(easy);
    if !found.is_null() {
        // SAFETY: what is kept with a handle is a Token.
        unsafe { (*found.cast::<Token>()).assert_alive() };
    }
    let result = register(world.token("private data"), |data, drop| {
        // SAFETY: what drops the data.
        unsafe { curlback_easy_set_private(easy, data, drop) }
    });
    // Dropping what was there can have called anything.
    world.answered_of(handle, result);
}

fn body(world: &Rc<World>, handle: Handle) {
    let easy = handle.pointer();
    let (mut data, mut len) = (null(), 0);
    // SAFETY of all: the values can be written to.
    let result = match world.byte() % 8 {
        0 => curlback_easy_body_to_memory(easy, world.one_of(&[0, 3, 100_000])),
        1 => curlback_easy_header_to_memory(easy, world.one_of(&[0, 30, 100_000])),
        2 => curlback_easy_body_to_fd(easy, world.one_of(&[-1, 2000, -2])),
        3 => curlback_easy_header_to_fd(easy, world.one_of(&[-1, 2000])),
        4 => curlback_easy_clear_body(easy),
        5 => curlback_easy_clear_header(easy),
        6 => unsafe { curlback_easy_body(easy, &mut data, &mut len) },
        _ => unsafe { curlback_easy_header(easy, &mut data, &mut len) },
    };
    // A former callback's user data can be dropped in this.
    world.answered_of(handle, result);
    if result == code::OK && !data.is_null() {
        // SAFETY: the library says that so many bytes are there.
        std::hint::black_box(unsafe { std::slice::from_raw_parts(data, len) }.to_vec());
    }
}

fn source(world: &Rc<World>, handle: Handle) {
    let easy = handle.pointer();
    // SAFETY of all: so many bytes, so many strings.
    let result = match world.byte() % 5 {
        0 => unsafe { curlback_easy_read_from_memory(easy, b"memory".as_ptr().cast(), 6) },
        1 => curlback_easy_read_from_fd(easy, world.one_of(&[-1, 2000])),
        2 => curlback_easy_clear_source(easy),
        3 => unsafe { curlback_easy_set_bytes(easy, opt::POSTFIELDS, b"posted".as_ptr().cast(), 6) },
        _ => {
            let lines = [c"X-One: 1".as_ptr(), c"Transfer-Encoding: chunked".as_ptr(), c"Expect:".as_ptr()];
            unsafe { curlback_easy_set_list(easy, opt::HTTPHEADER, lines.as_ptr(), world.number() % 4) }
        }
    };
    world.answered_of(handle, result);
}

fn raw(world: &Rc<World>, handle: Handle) {
    let (mut count, mut buffer) = (0, [0u8; 64]);
    let request = b"GET /s HTTP/1.1\r\nHost: f\r\n\r\n";
    // SAFETY of both: so many bytes.
    let result = if world.byte() & 1 == 0 {
        unsafe { curlback_easy_send(handle.pointer(), request.as_ptr().cast(), request.len(), &mut count) }
    } else {
        unsafe { curlback_easy_recv(handle.pointer(), buffer.as_mut_ptr().cast(), 64, &mut count) }
    };
    world.answered(handle, result);
    assert!(count <= 64);
}

fn websocket(world: &Rc<World>, handle: Handle) {
    let easy = handle.pointer();
    let (mut count, mut buffer, mut frame) = (0, [0u8; 16], curlback_ws_frame::default());
    // SAFETY of all: so many bytes.
    let result = watchdog::guarded(|| match world.byte() % 4 {
        0 => {
            let (flags, len) = (world.one_of(FRAMES), world.number() % 17);
            let fragment = world.one_of(&[0, 0, 20, -1]);
            let data: *const c_void = buffer.as_ptr().cast();
            unsafe { curlback_ws_send(easy, data, len.min(16), fragment, flags, &mut count) }
        }
        1 => {
            let code = world.one_of(&[1000, 1005, 3000, 0]);
            unsafe { curlback_ws_close(easy, code, c"bye".as_ptr(), 3) }
        }
        2 => unsafe { curlback_ws_recv(easy, buffer.as_mut_ptr().cast(), 16, &mut count, &mut frame) },
        _ => unsafe { curlback_ws_meta(easy, &mut frame) },
    });
    assert!(count <= 16);
    world.answered(handle, result);
}
