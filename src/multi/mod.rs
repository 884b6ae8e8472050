//! Multi handles: many transfers on one thread.
//!
//! | file | what |
//! |---|---|
//! | members | add and remove; what ends with a transfer |
//! | drive | perform, poll and the like: what happens around each call of libcurl's |
//! | run, wait | the library's own event loop |
//! | queue | what other threads ask for |
//! | done | on_done and next_done |
//! | socket, timer | on_socket with assign, on_timer, socket_action: somebody else's loop |
//! | notify, push | on_notify, on_push |
//! | error | raise, and what was raised |
//!
//! An easy handle that is in a multi handle is owned with it (registry/): whoever runs the multi handle runs all of them. libcurl
//! never sees a failing return of the multi handle's own callbacks: it would refuse all work until its last transfer has
//! been removed. This library ends the transfers itself, and the multi handle works on.

pub mod done;
pub mod drive;
pub mod error;
pub mod event;
pub mod members;
pub mod notify;
pub mod options;
pub mod orphan;
pub mod push;
pub mod queue;
pub mod run;
pub mod socket;
pub mod timer;
mod wait;

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::ffi::c_void;
use std::ptr::null_mut;
use std::time::Instant;

use crate::access::{Call, Situation};
use crate::boundary::{self, Outcome, enter, enter_or, fail};
use crate::callback::NONE;
use crate::easy::Easy;
use crate::libcurl::sys::{self, CURLM};
use crate::library;
use crate::registry::{self, Kind, Object, claim};
use crate::result::{code, curlback_result};
use crate::share::turn;
use crate::slot::{Garbage, Slot};

use done::Ended;
use notify::Notification;
use queue::Shared;
use socket::Sockets;

pub use queue::{ask, carry_out, close_released, release_member};

/// A handle for many transfers at once, which one thread drives at a time.
///
/// Made by curlback_multi_new(), freed by curlback_multi_close() or curlback_multi_release(). Opaque: the value is never dereferenced,
/// and never used again for another handle.
#[allow(non_camel_case_types)]
pub struct curlback_multi {
    _opaque: [u8; 0],
}

/// What stands behind a curlback_multi. Only the thread that owns its slot comes here, but for what is in `shared`.
pub struct Multi {
    slot: &'static registry::Slot,
    handle: *mut curlback_multi,
    curlm: *mut CURLM,
    shared: Shared,
    /// Whether libcurl is at work on it.
    inside: Cell<bool>,
    /// Whether libcurl is called in turn: share/turn.rs. It is where one of its easy handles ever was.
    takes_turns: Cell<bool>,
    /// Which of its own callbacks is running.
    current: Cell<u8>,
    /// How many calls that run transfers are in progress, one inside another: those that on_done and on_notify make.
    depth: Cell<u32>,
    /// Its easy handles. Each knows its place.
    members: RefCell<Vec<*const Easy>>,
    /// How many of them have a transfer under way.
    active: Cell<usize>,
    /// Easy handles that are to be looked at: interrupted, cancelled, paused.
    looks: RefCell<Vec<u64>>,
    /// Easy handles that have collected some of the body for their callback.
    batches: RefCell<Vec<u64>>,
    ended: RefCell<VecDeque<Ended>>,
    notifications: RefCell<VecDeque<Notification>>,
    slots: [Slot; event::COUNT],
    garbage: RefCell<Vec<Garbage>>,
    sockets: RefCell<Sockets>,
    /// When libcurl wants to be called again, whatever happens until then.
    deadline: Cell<Option<Instant>>,
    /// Whether curlback_multi_perform() has driven transfers that are still under way.
    performed: Cell<bool>,
    /// A callback of its own failed: all transfers are to end.
    aborted: Cell<bool>,
    record: error::Record,
}

impl Object for Multi {
    type Opaque = curlback_multi;
    const KIND: Kind = Kind::Multi;

    type Suspended = u8;

    fn suspend(&self) -> u8 {
        self.current.get()
    }

    fn resume(&self, current: u8) {
        self.current.set(current);
    }

    fn in_callback(&self) -> bool {
        self.current.get() != NONE
    }

    fn situation(&self) -> Situation {
        match self.current.get() {
            NONE => Situation::Beside,
            current if !event::is_between(current) => Situation::OwnCallback,
            _ if self.inside.get() => Situation::Beside,
            _ => Situation::Between,
        }
    }

    fn garbage(&self) -> Vec<Garbage> {
        self.garbage.take()
    }

    fn close(&self) {
        self.leave_all();
        // From here on nobody pinned wakes it.
        self.slot.set_waker(null_mut());
        self.within(|curlm| {
            // SAFETY: this thread owns it, no callback of it is running, it has no easy handles any more, and it is not used after this.
            unsafe { sys::curl_multi_cleanup(curlm) }
        });
    }

    fn remains(self: Box<Self>) -> Vec<Garbage> {
        for slot in &self.slots {
            if let Some(old) = slot.replace(None) {
                self.discard(Garbage::Registration(old));
            }
        }
        self.record.end(&self);
        let mut garbage = self.garbage.take();
        garbage.extend(self.sockets.take().into_data().map(Garbage::UserData));
        garbage
    }
}

impl Multi {
    fn create() -> Outcome<*mut curlback_multi> {
        library::initialised()?;
        registry::insert::<Multi>(|slot, handle| {
            // SAFETY: the library is initialised.
            let curlm = unsafe { sys::curl_multi_init() };
            if curlm.is_null() {
                return fail(code::E_NO_MEMORY, "libcurl could not make a multi handle");
            }
            let multi = Box::new(Multi {
                slot,
                handle,
                curlm,
                shared: Shared::default(),
                inside: Cell::new(false),
                takes_turns: Cell::new(false),
                current: Cell::new(NONE),
                depth: Cell::new(0),
                members: RefCell::default(),
                active: Cell::new(0),
                looks: RefCell::default(),
                batches: RefCell::default(),
                ended: RefCell::default(),
                notifications: RefCell::default(),
                slots: [const { Slot::new() }; event::COUNT],
                garbage: RefCell::default(),
                sockets: RefCell::default(),
                deadline: Cell::new(None),
                performed: Cell::new(false),
                aborted: Cell::new(false),
                record: error::Record::default(),
            });
            multi.install();
            slot.set_waker(curlm);
            Ok(multi)
        })
    }

    /// libcurl takes no options while it is at work, and callbacks may be registered then: the trampolines are always there.
    fn install(&self) {
        self.set_pointers(sys::CURLMOPT_SOCKETDATA, sys::CURLMOPT_SOCKETFUNCTION, socket::trampoline());
        self.set_pointers(sys::CURLMOPT_TIMERDATA, sys::CURLMOPT_TIMERFUNCTION, timer::trampoline());
        self.set_pointers(sys::CURLMOPT_PUSHDATA, sys::CURLMOPT_PUSHFUNCTION, push::trampoline());
        if notify::available() {
            self.set_pointers(sys::CURLMOPT_NOTIFYDATA, sys::CURLMOPT_NOTIFYFUNCTION, notify::trampoline());
        }
    }

    fn set_pointers(&self, data: sys::CURLMoption, function: sys::CURLMoption, trampoline: *const c_void) {
        let this: *const Multi = self;
        // SAFETY: the multi handle is this one's own and gone before this is; libcurl knows the options, which take pointers.
        unsafe {
            sys::curl_multi_setopt(self.curlm, data, this.cast::<c_void>());
            sys::curl_multi_setopt(self.curlm, function, trampoline);
        }
    }

    pub fn handle(&self) -> *mut curlback_multi {
        self.handle
    }

    /// Whether on_done or on_notify is running, with libcurl not at work.
    #[inline]
    pub fn is_between(&self) -> bool {
        event::is_between(self.current.get()) && !self.inside.get()
    }

    /// Runs libcurl.
    #[inline]
    fn within<R>(&self, call: impl FnOnce(*mut CURLM) -> R) -> R {
        self.within_waiting(
            |curlm| {
                if self.takes_turns.get() { turn::inside(|| call(curlm)) } else { call(curlm) }
            },
        )
    }

    /// Has libcurl wait.
    #[inline]
    fn within_waiting<R>(&self, call: impl FnOnce(*mut CURLM) -> R) -> R {
        let before = self.inside.replace(true);
        let result = call(self.curlm);
        self.inside.set(before);
        result
    }

    /// What libcurl calls for: a panic does not leave it, and it is done without the turn.
    #[inline]
    fn called<R>(&self, body: impl FnOnce() -> R) -> std::thread::Result<R> {
        let contained = || boundary::contain(body);
        if self.takes_turns.get() { turn::outside(contained) } else { contained() }
    }

    /// One of its easy handles takes turns: from here on all do, as the callbacks of all are called from the same call of libcurl's.
    fn take_turns(&self) {
        self.takes_turns.set(true);
        for easy in &*self.members.borrow() {
            // SAFETY: members are there, and this thread owns them.
            unsafe { &**easy }.take_turns();
        }
    }

    /// Keeps what was replaced until none of its own callbacks is running.
    fn discard(&self, piece: Garbage) {
        self.garbage.borrow_mut().push(piece);
    }
}

/// A new multi handle without transfers. NULL on failure, which curlback_last_error() explains. Free it with curlback_multi_close()
/// or curlback_multi_release(). From any thread, also inside callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn curlback_multi_new() -> *mut curlback_multi {
    enter_or(null_mut(), Multi::create)
}

/// Closes the handle. Its easy handles leave it and live on; what of their transfers was under way ends with CURLBACK_E_CANCELLED and
/// on_done is not called for it. Its connections end, and all user data it holds is dropped before the call returns. NULL is
/// CURLBACK_OK.
///
/// CURLBACK_E_IN_CALLBACK from inside a callback of it or of one of its easy handles, CURLBACK_E_BUSY while another thread drives it. The
/// socket and timer callbacks that libcurl calls meanwhile still get the handle, but can only call curlback_multi_raise().
#[unsafe(no_mangle)]
pub extern "C" fn curlback_multi_close(multi: *mut curlback_multi) -> curlback_result {
    enter(|| {
        if !multi.is_null() {
            claim::<Multi>(multi, Call::Drive)?.close();
        }
        Ok(())
    })
}

/// Gives the handle up: for finalizers. Never fails, from any thread, at any time, also inside callbacks and drop functions; NULL
/// and handles that are gone already are ignored. The handle is gone at once for its callers; what is behind it is closed
/// before the call returns if nothing runs on it, else by the thread that drives it, when that call returns: curlback_multi_run() does so
/// soon, as after curlback_multi_stop().
#[unsafe(no_mangle)]
pub extern "C" fn curlback_multi_release(multi: *mut curlback_multi) {
    boundary::value((), || {
        // Nobody could stop it later. A handle that is gone already needs nothing.
        let _ = queue::stop(multi);
        registry::release::<Multi>(multi);
    });
}

/// The CURLM pointer underneath, for what this interface lacks; NULL where it is refused. It belongs to the handle. Leave its callbacks
/// and their data pointers alone, do not drive or clean it up, and add no handles to it.
#[unsafe(no_mangle)]
pub extern "C" fn curlback_multi_curl(multi: *mut curlback_multi) -> *mut c_void {
    enter_or(null_mut(), || Ok(claim::<Multi>(multi, Call::Get)?.curlm.cast()))
}
