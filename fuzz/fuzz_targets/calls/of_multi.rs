//! Calls that take a multi handle.

use std::mem::MaybeUninit;
use std::ptr::null_mut;
use std::rc::Rc;

use curlback::easy::error::curlback_error;
use curlback::libcurl::tables::mopt;
use curlback::multi::done::curlback_multi_next_done;
use curlback::multi::drive::*;
use curlback::multi::error::*;
use curlback::multi::members::*;
use curlback::multi::notify::curlback_multi_notify;
use curlback::multi::options::curlback_multi_set_int;
use curlback::multi::queue::*;
use curlback::multi::run::curlback_multi_run;
use curlback::multi::socket::*;
use curlback::multi::*;
use curlback::result::code;
use curlback_fuzz::{Token, register, take_back};

use crate::callbacks::{Script, on_multi};
use crate::world::{Handle, Kind, State, World};
use crate::{elsewhere, watchdog};

type Raw = *mut curlback_multi;

const OPTIONS: &[(i32, i64)] = &[
    (mopt::MAXCONNECTS, 1),
    (mopt::MAX_TOTAL_CONNECTIONS, 1),
    (mopt::MAX_HOST_CONNECTIONS, 1),
    (mopt::PIPELINING, 0),
    (mopt::MAX_CONCURRENT_STREAMS, 2),
    // One that on_socket has.
    (10002, 1),
];

pub fn new(world: &Rc<World>) {
    if world.has_room(Kind::Multi) {
        world.keep(Kind::Multi, curlback_multi_new(), State::Live);
    }
}

pub fn act(world: &Rc<World>, act: u8) {
    if act == 0 {
        return new(world);
    }
    let handle = world.pick(Kind::Multi);
    let multi: Raw = handle.pointer();
    match act {
        1..12 => {
            let easy = world.pick(Kind::Easy);
            world.answered_of(handle, curlback_multi_add(multi, easy.pointer()));
        }
        12..16 => {
            let easy = world.pick(Kind::Easy);
            world.answered_of(handle, curlback_multi_remove(multi, easy.pointer()));
        }
        16..36 => drive(world, handle),
        36..45 => {
            let kind = world.number();
            let script =
                (!world.byte().is_multiple_of(8)).then(|| Script::new(world, "a callback of a multi handle"));
            world.answered_of(handle, on_multi(multi, kind, script));
        }
        45..47 => {
            let (mut easy, mut result) = (null_mut(), 0);
            // SAFETY: both can be written to.
            if unsafe { curlback_multi_next_done(multi, &mut easy, &mut result) } {
                curlback_fuzz::assert_known(result);
            }
        }
        47 => world.close(handle, || curlback_multi_close(multi)),
        48 => {
            world.releases(handle);
            curlback_multi_release(multi);
        }
        49..51 => raise(world, handle),
        51 => {
            let mut error = MaybeUninit::<curlback_error>::uninit();
            // SAFETY: it can be written to.
            world.answered(handle, unsafe { curlback_multi_error(multi, error.as_mut_ptr()) });
            let payload = curlback_multi_take_payload(multi);
            if !payload.is_null() {
                // SAFETY: every payload is a Token, and it is ours now.
                unsafe { take_back::<Token>(payload) };
            }
        }
        52..54 => assign(world, handle),
        54 => {
            let (option, number) = world.one_of(OPTIONS);
            world.answered(handle, curlback_multi_set_int(multi, option, number));
        }
        55 => {
            let mut left = 0;
            // SAFETY: it can be written to.
            world.answered(handle, unsafe { curlback_multi_timeout(multi, &mut left) });
        }
        56 => {
            let mut fds = [const { MaybeUninit::<curlback_wait_fd>::uninit() }; 4];
            let mut count = 0;
            // SAFETY: there is room for so many.
            let result = unsafe { curlback_multi_wait_fds(multi, fds.as_mut_ptr().cast(), 4, &mut count) };
            world.answered(handle, result);
        }
        57 => {
            world.answered(handle, curlback_multi_notify(multi, i32::from(world.byte() % 3), true));
        }
        58 => elsewhere::of_multi(world, handle),
        _ => {
            world.answered(handle, curlback_multi_wakeup(multi));
        }
    }
}

fn drive(world: &Rc<World>, handle: Handle) {
    if !world.may_transfer() {
        return;
    }
    let multi = handle.pointer();
    let mut running = 0;
    // What these call can close any handle but this one; it can be released.
    // SAFETY of all: the number can be written to.
    let result = match world.byte() % 8 {
        0..3 => watchdog::guarded(|| curlback_multi_run(multi, 0)),
        3 => {
            // It returns for nothing but this.
            if curlback_multi_stop(multi) != code::OK {
                return;
            }
            watchdog::guarded(|| curlback_multi_run(multi, 1))
        }
        4..6 => unsafe { curlback_multi_perform(multi, &mut running) },
        6 => unsafe { curlback_multi_poll(multi, null_mut(), 0, 2, &mut running) },
        _ => {
            let sockets = world.sockets.borrow().clone();
            let socket = sockets.get(world.number() % 5).copied().unwrap_or(-1);
            let events = i32::from(world.byte() % 8);
            unsafe { curlback_multi_socket_action(multi, socket, events, &mut running) }
        }
    };
    world.answered_of(handle, result);
}

fn raise(world: &Rc<World>, handle: Handle) {
    let severity = i32::from(world.byte() % 3);
    let multi = handle.pointer();
    let result = register(world.token("a payload of a multi handle"), |data, drop| {
        // SAFETY: a string, and what drops the payload.
        unsafe { curlback_multi_raise(multi, severity, 5, c"raised".as_ptr(), data, drop) }
    });
    world.answered(handle, result);
}

fn assign(world: &Rc<World>, handle: Handle) {
    let sockets = world.sockets.borrow().clone();
    let Some(socket) = sockets.get(world.number() % 4).copied() else { return };
    let multi = handle.pointer();
    let result = register(world.token("data of a socket"), |data, drop| {
        // SAFETY: what drops the data.
        unsafe { curlback_multi_assign(multi, socket, data, drop) }
    });
    world.answered_of(handle, result);
}
