//! on_socket, assign and socket_action: sockets in somebody else's loop, or in the library's own.

use std::ffi::{c_int, c_void};
use std::ptr::null_mut;

use super::drive::tell_running;
use super::event::Event;
use super::{Multi, curlback_multi};
use crate::access::Call;
use crate::boundary::{enter, fail};
use crate::callback::curlback_callback;
use crate::callback::socket::curlback_socket;
use crate::easy::{Easy, curlback_easy};
use crate::libcurl::sys::{self, CURL, curl_socket_t};
use crate::registry::claim;
use crate::result::{code, curlback_result};
use crate::slot::{Garbage, UserData, curlback_drop_cb};

/// What to wait for on a socket: the `what` of on_socket callbacks.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(non_camel_case_types)]
pub enum curlback_poll {
    /// Nothing for now, but the socket is still used.
    CURLBACK_POLL_NONE = 0,
    /// That it can be read.
    CURLBACK_POLL_IN = 1,
    /// That it can be written.
    CURLBACK_POLL_OUT = 2,
    /// Either.
    CURLBACK_POLL_INOUT = 3,
    /// Nothing any more: libcurl is about to close it, or has no use for it.
    CURLBACK_POLL_REMOVE = 4,
}

const REMOVE: c_int = curlback_poll::CURLBACK_POLL_REMOVE as c_int;

/// What happened on a socket: the `events` of curlback_multi_socket_action(), or'ed.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(non_camel_case_types)]
pub enum curlback_select {
    /// It can be read.
    CURLBACK_SELECT_IN = 1,
    /// It can be written.
    CURLBACK_SELECT_OUT = 2,
    /// It is in an error state.
    CURLBACK_SELECT_ERR = 4,
}

/// The socket that stands for none.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(non_camel_case_types)]
pub enum curlback_socket_timeout {
    /// For curlback_multi_socket_action(): the time has come that on_timer was told.
    CURLBACK_SOCKET_TIMEOUT = -1,
}

/// The application's loop is to wait for `what`, one of CURLBACK_POLL_*, on `socket`, which is used for `easy`: NULL for the sockets that
/// libcurl has for itself, to wake up by. `socket_data` is what curlback_multi_assign() set for it, or NULL.
///
/// Return 0. -1 ends every transfer of the multi handle with ABORTED_BY_CALLBACK (42), and the call in progress returns 1011.
#[allow(non_camel_case_types)]
pub type curlback_multi_socket_cb = Option<
    unsafe extern "C-unwind" fn(
        multi: *mut curlback_multi,
        easy: *mut curlback_easy,
        socket: curlback_socket,
        what: i32,
        socket_data: *mut c_void,
        user_data: *mut c_void,
    ) -> i32,
>;

pub struct Socket;

impl Event for Socket {
    type Function = unsafe extern "C-unwind" fn(
        *mut curlback_multi,
        *mut curlback_easy,
        curlback_socket,
        i32,
        *mut c_void,
        *mut c_void,
    ) -> i32;
    const ID: curlback_callback = curlback_callback::CURLBACK_CALLBACK_MULTI_SOCKET;
}

/// A socket that libcurl waits for.
#[derive(Default)]
pub struct Watched {
    /// Whether libcurl uses it now.
    pub known: bool,
    /// What for: CURLBACK_POLL_*.
    pub what: c_int,
    /// Whether it is in the library's own loop.
    pub polled: bool,
    /// How many sockets of this number there were before: an event of one of those is not this one's.
    pub generation: u32,
    data: Option<UserData>,
}

/// The sockets, by number: the system gives out the lowest that is free.
#[derive(Default)]
pub struct Sockets {
    all: Vec<Watched>,
    /// How many of them libcurl uses now.
    known: usize,
}

impl Sockets {
    pub fn get(&mut self, socket: curl_socket_t) -> Option<&mut Watched> {
        self.all.get_mut(usize::try_from(socket).ok()?).filter(|watched| watched.known)
    }

    /// Whether libcurl waits for none.
    pub fn is_empty(&self) -> bool {
        self.known == 0
    }

    pub fn known(&mut self) -> impl Iterator<Item = (curl_socket_t, &mut Watched)> {
        let all = self.all.iter_mut().enumerate();
        all.filter(|(_, watched)| watched.known).map(|(socket, watched)| (socket as curl_socket_t, watched))
    }

    fn get_or_add(&mut self, socket: curl_socket_t) -> &mut Watched {
        let index = usize::try_from(socket).unwrap_or_default();
        if index >= self.all.len() {
            self.all.resize_with(index + 1, Watched::default);
        }
        let watched = &mut self.all[index];
        self.known += usize::from(!watched.known);
        watched.known = true;
        watched
    }

    /// libcurl uses it no more; what assign set.
    fn remove(&mut self, socket: curl_socket_t) -> Option<UserData> {
        let watched = self.get(socket)?;
        watched.known = false;
        watched.generation = watched.generation.wrapping_add(1);
        let data = watched.data.take();
        self.known -= 1;
        data
    }

    /// What assign set and nobody has let go of.
    pub fn into_data(self) -> impl Iterator<Item = UserData> {
        self.all.into_iter().filter_map(|watched| watched.data)
    }
}

pub fn trampoline() -> *const c_void {
    socket_trampoline as *const c_void
}

unsafe extern "C" fn socket_trampoline(
    curl: *mut CURL,
    socket: curl_socket_t,
    what: c_int,
    multi: *mut c_void,
    _assigned: *mut c_void,
) -> c_int {
    // SAFETY: `multi` is what Multi set as SOCKETDATA; this thread owns it, as it runs libcurl.
    let multi = unsafe { &*multi.cast::<Multi>() };
    if multi.called(|| multi.on_socket(curl, socket, what)).is_err() {
        multi.abort(Socket::ID);
    }
    // libcurl is never told of a failure: see multi/mod.rs.
    0
}

impl Multi {
    fn on_socket(&self, curl: *mut CURL, socket: curl_socket_t, what: c_int) {
        let data = {
            let mut sockets = self.sockets.borrow_mut();
            let watched = sockets.get_or_add(socket);
            watched.what = what;
            self.follow(socket, watched);
            watched.data.as_ref().map_or(null_mut(), UserData::get)
        };
        let answer = self.call::<Socket, i32>(0, |function, user_data| {
            let easy = self.member_of(curl).map_or(null_mut(), Easy::handle);
            // SAFETY: the caller registered the function for this user data.
            unsafe { function(self.handle(), easy, socket as curlback_socket, what, data, user_data) }
        });
        if what == REMOVE {
            let data = self.sockets.borrow_mut().remove(socket);
            if let Some(data) = data {
                self.discard(Garbage::UserData(data));
                if self.current.get() == crate::callback::NONE {
                    self.dispose(Socket::ID);
                }
            }
        }
        if answer == Some(-1) {
            self.abort(Socket::ID);
        }
    }
}

/// Calls `callback` with what the application's loop is to wait for on which socket; it then calls curlback_multi_socket_action() for
/// what happens. NULL unsets. libcurl calls it from inside perform, socket_action, run, add, remove, and whatever closes a
/// connection: of a pause, of an easy handle that closes.
///
/// Register it before the first transfer is added: what libcurl has said already it does not say again. Also inside callbacks;
/// replacing takes effect with the next call.
///
/// # Safety
/// `callback` may be called with `user_data` until `drop` was called.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_multi_on_socket(
    multi: *mut curlback_multi,
    callback: curlback_multi_socket_cb,
    user_data: *mut c_void,
    drop: curlback_drop_cb,
) -> curlback_result {
    enter(|| {
        claim::<Multi>(multi, Call::Set)?.register::<Socket>(callback, user_data, drop);
        Ok(())
    })
}

/// Keeps a pointer of the application's own with a socket that on_socket was called for, and is still: on_socket gets it as its
/// `socket_data`. What was there is dropped; `drop` is called when it is replaced, after the on_socket with
/// CURLBACK_POLL_REMOVE, or when the multi handle closes. NULL for `socket_data` keeps none, and `drop` is then not called.
///
/// 1005 for a socket that libcurl does not use. Also inside callbacks, on_socket itself among them.
///
/// # Safety
/// `drop` may be called with `socket_data`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_multi_assign(
    multi: *mut curlback_multi,
    socket: curlback_socket,
    socket_data: *mut c_void,
    drop: curlback_drop_cb,
) -> curlback_result {
    enter(|| {
        let multi = claim::<Multi>(multi, Call::Set)?;
        let mut sockets = multi.sockets.borrow_mut();
        let watched = curl_socket_t::try_from(socket).ok().and_then(|socket| sockets.get(socket));
        let Some(watched) = watched else {
            return fail(
                code::MULTI_BASE + sys::CURLM_BAD_SOCKET,
                format!("libcurl does not use the socket {socket} for this multi handle"),
            );
        };
        let data = (!socket_data.is_null()).then(|| UserData::new(socket_data, drop));
        let old = std::mem::replace(&mut watched.data, data);
        std::mem::drop(sockets);
        if let Some(old) = old {
            multi.discard(Garbage::UserData(old));
        }
        Ok(())
    })
}

/// Something happened on a socket, CURLBACK_SELECT_* or'ed, or, with CURLBACK_SOCKET_TIMEOUT, the time has come that on_timer was told:
/// the transfers that it is for do what they can without waiting. A socket that libcurl does not use is ignored. Otherwise
/// as curlback_multi_perform().
///
/// # Safety
/// `running` is NULL or can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_multi_socket_action(
    multi: *mut curlback_multi,
    socket: curlback_socket,
    events: i32,
    running: *mut i32,
) -> curlback_result {
    enter(|| {
        // SAFETY: the caller's.
        unsafe { tell_running(running, 0) };
        let multi = claim::<Multi>(multi, Call::Drive)?;
        let known = curl_socket_t::try_from(socket).ok().filter(|socket| *socket >= -1);
        let Some(socket) = known else { return Err(super::drive::no_socket(socket)) };
        if !(0..=7).contains(&events) {
            return fail(code::E_RANGE, format!("{events} are no events: they are CURLBACK_SELECT_*, or'ed"));
        }
        let mut count = 0;
        // SAFETY: this thread owns the multi handle, whose count can be written to.
        let done =
            multi.drive(|curlm| unsafe { sys::curl_multi_socket_action(curlm, socket, events, &mut count) });
        // SAFETY: the caller's.
        unsafe { tell_running(running, multi.active()) };
        done
    })
}
