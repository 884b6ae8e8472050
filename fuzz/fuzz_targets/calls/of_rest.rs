//! Calls that take a share, a mime, a part of one, a list, or what a callback is lent.

use std::ffi::CStr;
use std::rc::Rc;

use curlback::callback::hsts::curlback_hsts_fill;
use curlback::callback::request::curlback_trailers_add;
use curlback::list::*;
use curlback::mime::part::*;
use curlback::mime::*;
use curlback::result::code;
use curlback::share::*;

use crate::callbacks::{Script, on_lock, on_part};
use crate::world::{Kind, State, World};

pub fn act(world: &Rc<World>, act: u8) {
    match act {
        0..16 => share(world, act),
        16..24 => mime(world, act - 16),
        24..40 => part(world, act - 24),
        40..44 => list(world, act - 40),
        44..47 => {
            let trailers = world.pick(Kind::Trailers);
            let line = world.one_of(&[c"X-Trailer: 1", c"X", c"", c"X: a\r\nb"]);
            // SAFETY: a string.
            let result = unsafe { curlback_trailers_add(trailers.pointer(), line.as_ptr()) };
            world.answered_of(trailers, result);
        }
        _ => {
            let slot = world.pick(Kind::HstsSlot);
            let (host, expire) = (world.one_of(&[c"f", c"", c"a.b"]), world.one_of(&[0, -1, i64::MAX]));
            let (host, len): (&CStr, _) = (host, host.count_bytes());
            // SAFETY: so many bytes.
            let result = unsafe { curlback_hsts_fill(slot.pointer(), host.as_ptr(), len, expire, true) };
            world.answered_of(slot, result);
        }
    }
}

fn share(world: &Rc<World>, act: u8) {
    if act < 3 {
        if world.has_room(Kind::Share) {
            world.keep(Kind::Share, curlback_share_new(), State::Live);
        }
        return;
    }
    let handle = world.pick(Kind::Share);
    let share = handle.pointer();
    match act {
        3..8 => {
            world.answered(handle, curlback_share_add(share, i32::from(world.byte() % 9)));
        }
        8..10 => {
            world.answered(handle, curlback_share_remove(share, i32::from(world.byte() % 9)));
        }
        10..13 => {
            let script = (!world.byte().is_multiple_of(8)).then(|| Script::new(world, "share_on_lock"));
            world.answered_of(handle, on_lock(share, script));
        }
        13..15 => world.close(handle, || curlback_share_close(share)),
        _ => {
            world.releases(handle);
            curlback_share_release(share);
        }
    }
}

fn mime(world: &Rc<World>, act: u8) {
    let handle = world.pick(Kind::Mime);
    match act {
        0..5 => {
            if world.has_room(Kind::Part) {
                world.keep(Kind::Part, curlback_mime_add(handle.pointer()), State::Unsure);
            }
        }
        5..7 => world.close(handle, || curlback_mime_close(handle.pointer())),
        _ => {
            world.releases(handle);
            curlback_mime_release(handle.pointer());
        }
    }
}

fn part(world: &Rc<World>, act: u8) {
    let handle = world.pick(Kind::Part);
    let part = handle.pointer();
    let text = world.one_of(&[c"", c"a\"b\r\n", c"text/plain", c"base64", c"quoted-printable"]).as_ptr();
    // SAFETY of all: strings, and so many bytes.
    let result = match act {
        0 => unsafe { curlback_mime_part_name(part, text) },
        1 => unsafe { curlback_mime_part_filename(part, text) },
        2 => unsafe { curlback_mime_part_type(part, text) },
        3 => unsafe { curlback_mime_part_encoder(part, text) },
        4 => unsafe { curlback_mime_part_headers(part, [text].as_ptr(), 1) },
        5..7 => unsafe { curlback_mime_part_data(part, b"data".as_ptr().cast(), 4) },
        7 => unsafe { curlback_mime_part_file(part, c"/dev/null".as_ptr()) },
        8..11 => {
            let mime = world.pick(Kind::Mime);
            let result = curlback_mime_part_subparts(part, mime.pointer());
            if result == code::OK {
                // It is closed with the other.
                world.releases(mime);
            }
            result
        }
        _ => {
            let size = world.one_of(&[-1, 0, 7, 21, 1_000]);
            on_part(part, size, world.byte() & 1 == 0, Script::new(world, "a mime part"))
        }
    };
    world.answered_of(handle, result);
}

fn list(world: &Rc<World>, act: u8) {
    let handle = world.pick(Kind::List);
    match act {
        0 => assert!(curlback_list_len(handle.pointer()) == 0 || handle.state != State::Dead),
        1 => assert!(curlback_list_get(handle.pointer(), 0).is_null() || handle.state != State::Dead),
        _ => {
            curlback_list_free(handle.pointer());
            if handle.state == State::Live {
                world.set_state(handle, State::Dead);
            }
        }
    }
}
