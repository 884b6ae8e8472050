//! Driving a multi handle: what happens around each call of libcurl's; perform, poll and the like.

use std::ffi::{c_int, c_long};
use std::time::Instant;

use super::queue::{Command, News};
use super::{Multi, curlback_multi};
use crate::access::Call;
use crate::boundary::{Failure, Outcome, enter, fail, given};
use crate::callback::socket::curlback_socket;
use crate::callback::{NONE, curlback_callback};
use crate::easy::perform::next_message;
use crate::libcurl::sys::{self, CURLM, CURLMcode};
use crate::registry::claim;
use crate::result::{code, curlback_result};

/// What to wait for on a descriptor: the `events` and `revents` of a curlback_wait_fd.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(non_camel_case_types)]
pub enum curlback_wait {
    /// Something can be read.
    CURLBACK_WAIT_IN = 1,
    /// Something urgent can be read.
    CURLBACK_WAIT_PRI = 2,
    /// Something can be written.
    CURLBACK_WAIT_OUT = 4,
}

/// A descriptor to wait for.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(non_camel_case_types)]
pub struct curlback_wait_fd {
    /// The descriptor.
    pub socket: curlback_socket,
    /// What to wait for: CURLBACK_WAIT_*, or'ed.
    pub events: i16,
    /// What there is, after waiting.
    pub revents: i16,
}

impl Multi {
    /// A call that runs transfers begins. What one around it has to return waits meanwhile: end_call() wants it back.
    pub(super) fn begin_call(&self) -> curlback_result {
        if self.depth.get() == 0 {
            self.record.begin(self);
        }
        self.begin_quietly()
    }

    /// A call begins that has other results: what the last one raised is shown still.
    pub(super) fn begin_quietly(&self) -> curlback_result {
        if self.depth.get() == 0 {
            self.shared.driven_here();
        }
        self.depth.set(self.depth.get() + 1);
        self.record.set_aside()
    }

    /// The call ends; `done` is what libcurl said.
    pub(super) fn end_call(&self, outer: curlback_result, done: CURLMcode) -> Outcome {
        self.end_depth();
        let verdict = self.record.verdict();
        self.record.restore(outer);
        match verdict {
            Ok(()) if done != sys::CURLM_OK => Err(Failure::libcurl(code::MULTI_BASE + done)),
            verdict => verdict,
        }
    }

    /// The call ends, and nobody asked how it went: only what is around it is told.
    pub(super) fn end_quietly(&self, outer: curlback_result) {
        self.end_depth();
        if self.depth.get() == 0 {
            let _ = self.record.verdict();
        }
        self.record.restore(outer);
    }

    fn end_depth(&self) {
        if self.depth.get() == 1 {
            self.flush_bodies();
            self.deliver();
            if self.current.get() == NONE {
                self.dispose(curlback_callback::CURLBACK_CALLBACK_NONE);
            }
        }
        self.depth.set(self.depth.get() - 1);
    }

    /// Has libcurl run transfers. What an earlier call had no room for comes out of it too.
    pub(super) fn drive(&self, call: impl FnOnce(*mut CURLM) -> CURLMcode) -> Outcome {
        let outer = self.begin_call();
        self.record.resume();
        self.finish_call(outer, call)
    }

    /// Does what was asked of an easy handle.
    pub fn look_around(&self) -> Outcome {
        let outer = self.begin_call();
        self.finish_call(outer, |_| sys::CURLM_OK)
    }

    fn finish_call(&self, outer: curlback_result, call: impl FnOnce(*mut CURLM) -> CURLMcode) -> Outcome {
        let done = self.within(call);
        self.collect();
        self.tidy();
        self.end_call(outer, done)
    }

    /// libcurl has returned: what callbacks and other threads asked for.
    #[inline]
    pub(super) fn tidy(&self) {
        while self.has_news() {
            self.hear();
        }
    }

    #[inline]
    pub(super) fn has_news(&self) -> bool {
        self.shared.is_asked() || self.aborted.get() || !self.looks.borrow().is_empty()
    }

    fn hear(&self) {
        if let Some(news) = self.shared.take() {
            self.obey(news);
        }
        for easy in self.looks.take() {
            self.look(easy);
        }
        if self.aborted.get() {
            self.end_all();
            self.aborted.set(false);
        }
    }

    #[cold]
    fn obey(&self, news: News) {
        for command in news.commands {
            match command {
                Command::Add(easy) => self.start_submitted(easy),
                Command::Remove(easy) => self.remove_submitted(easy),
                Command::Look(easy) => self.look(easy),
            }
        }
        for easy in news.released {
            super::queue::close_if_member(self.slot, easy);
        }
    }

    /// libcurl has run transfers, and nothing else ends any: those that it says have ended. The count of those under way does not
    /// tell: transfers of libcurl's own are in it.
    pub(super) fn collect(&self) {
        // SAFETY: this thread owns the multi handle, and libcurl is not at work on it.
        while let Some(message) = unsafe { next_message(self.curlm) } {
            if let Some(easy) = self.member_of(message.curl) {
                self.finish(easy, message.result);
            }
            if message.is_last {
                return;
            }
        }
    }

    /// Whether libcurl can be told to pause a transfer from where the calling thread is.
    pub fn can_pause(&self) -> bool {
        self.inside.get() && self.current.get() == NONE
    }

    #[allow(clippy::useless_conversion, reason = "a long is narrower on some systems")]
    fn timeout(&self) -> Outcome<i64> {
        if self.inside.get() {
            // libcurl does not answer while it is at work; this is what it said last.
            let left = self.deadline.get().map(|at| at.saturating_duration_since(Instant::now()));
            return Ok(left.map_or(-1, |left| left.as_micros().div_ceil(1000) as i64));
        }
        let mut milliseconds: c_long = -1;
        // SAFETY: this thread owns the multi handle.
        libcurl(unsafe { sys::curl_multi_timeout(self.curlm, &mut milliseconds) })?;
        Ok(i64::from(milliseconds))
    }

    fn poll(&self, extra: &mut [curlback_wait_fd], timeout_ms: c_int, ready: *mut i32) -> Outcome {
        let mut fds: Vec<sys::curl_waitfd> = Vec::with_capacity(extra.len());
        for fd in &*extra {
            let socket = sys::curl_socket_t::try_from(fd.socket).map_err(|_| no_socket(fd.socket))?;
            fds.push(sys::curl_waitfd { fd: socket, events: fd.events, revents: 0 });
        }
        let timeout_ms = if self.shared.is_asked() { 0 } else { timeout_ms };
        let count = u32::try_from(fds.len())
            .map_err(|_| Failure::new(code::E_RANGE, "libcurl cannot wait for as many descriptors"))?;
        let mut number: c_int = 0;
        self.depth.set(self.depth.get() + 1);
        self.shared.driven_here();
        // SAFETY: as many descriptors as it says.
        let waited = self.within_waiting(|curlm| unsafe {
            sys::curl_multi_poll(curlm, fds.as_mut_ptr(), count, timeout_ms, &mut number)
        });
        self.tidy();
        for (fd, waited) in extra.iter_mut().zip(&fds) {
            fd.revents = waited.revents;
        }
        if !ready.is_null() {
            // SAFETY: not NULL, and the caller of curlback_multi_poll() vouches that it can be written to.
            unsafe { *ready = number };
        }
        self.end_call(code::OK, waited)
    }
}

pub(super) fn libcurl(done: CURLMcode) -> Outcome {
    if done == sys::CURLM_OK { Ok(()) } else { Err(Failure::libcurl(code::MULTI_BASE + done)) }
}

pub(super) fn no_socket(socket: curlback_socket) -> Failure {
    Failure::new(code::E_RANGE, format!("{socket} is no socket"))
}

/// Tells the caller how many transfers are under way.
///
/// # Safety
/// `running` is NULL or can be written to.
pub(super) unsafe fn tell_running(running: *mut i32, count: usize) {
    if !running.is_null() {
        // SAFETY: the caller's.
        unsafe { *running = i32::try_from(count).unwrap_or(i32::MAX) };
    }
}

/// Has every transfer do what it can without waiting. `running`, which may be NULL, then says how many are still under way; it is
/// written always, 0 where the call is refused.
///
/// Returns CURLBACK_OK; CURLBACK_E_RAISED when a callback interrupted, of the multi handle or of one of its easy handles, 1011 when a
/// socket or timer callback failed: curlback_multi_error() says which, and the transfers that are left go on with the next
/// call. CURLBACK_E_IN_CALLBACK from inside any callback of the multi handle or of its easy handles.
///
/// # Safety
/// `running` is NULL or can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_multi_perform(
    multi: *mut curlback_multi,
    running: *mut i32,
) -> curlback_result {
    enter(|| {
        // SAFETY: the caller's.
        unsafe { tell_running(running, 0) };
        let multi = claim::<Multi>(multi, Call::Drive)?;
        let mut count = 0;
        // SAFETY: this thread owns the multi handle.
        let done = multi.drive(|curlm| unsafe { sys::curl_multi_perform(curlm, &mut count) });
        multi.performed.set(multi.active() > 0);
        // SAFETY: the caller's.
        unsafe { tell_running(running, multi.active()) };
        done
    })
}

/// Waits until there is something to do for a transfer or on one of the `extra_count` descriptors at `extra`, whose `revents` then
/// say what; until curlback_multi_wakeup(); or until `timeout_ms` milliseconds have passed. `ready`, which may be NULL, says on
/// how many descriptors something happened. What other threads asked for meanwhile is done. CURLBACK_E_RANGE for a negative timeout.
///
/// CURLBACK_E_IN_CALLBACK from inside any callback of the multi handle or of its easy handles.
///
/// # Safety
/// `extra` is NULL or has `extra_count` entries; `ready` is NULL or can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_multi_poll(
    multi: *mut curlback_multi,
    extra: *mut curlback_wait_fd,
    extra_count: usize,
    timeout_ms: i32,
    ready: *mut i32,
) -> curlback_result {
    enter(|| {
        let multi = claim::<Multi>(multi, Call::Drive)?;
        if timeout_ms < 0 {
            return fail(
                code::E_RANGE,
                format!("a wait of {timeout_ms} milliseconds: it cannot be negative"),
            );
        }
        let extra = if extra_count == 0 {
            &mut []
        } else {
            given(extra, "extra")?;
            // SAFETY: not NULL, and the caller vouches for as many entries.
            unsafe { std::slice::from_raw_parts_mut(extra, extra_count) }
        };
        multi.poll(extra, timeout_ms, ready)
    })
}

/// In how many milliseconds libcurl wants curlback_multi_perform(), or curlback_multi_socket_action() with CURLBACK_SOCKET_TIMEOUT, to be
/// called at the latest; -1: at no time of its own.
///
/// # Safety
/// `timeout_ms` is NULL or can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_multi_timeout(
    multi: *mut curlback_multi,
    timeout_ms: *mut i64,
) -> curlback_result {
    enter(|| {
        let multi = claim::<Multi>(multi, Call::Get)?;
        given(timeout_ms, "timeout_ms")?;
        let left = multi.timeout()?;
        // SAFETY: not NULL, and the caller vouches that it can be written to.
        unsafe { *timeout_ms = left };
        Ok(())
    })
}

/// What to wait for in a loop of one's own kind, before each curlback_multi_perform(): fills at most `capacity` entries at `fds`, and
/// says in `count` how many there are. `fds` may be NULL where `capacity` is 0. An application that has many transfers does better
/// with curlback_multi_on_socket().
///
/// CURLBACK_E_IN_CALLBACK from inside callbacks other than on_done and on_notify: libcurl does not tell while it is at work. Before libcurl
/// 8.8 descriptors from 1,024 on are not among them.
///
/// # Safety
/// `fds` has room for `capacity` entries; `count` is NULL or can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_multi_wait_fds(
    multi: *mut curlback_multi,
    fds: *mut curlback_wait_fd,
    capacity: usize,
    count: *mut usize,
) -> curlback_result {
    enter(|| {
        let multi = claim::<Multi>(multi, Call::Member)?;
        given(count, "count")?;
        if capacity > 0 {
            given(fds, "fds")?;
        }
        // SAFETY: this thread owns the multi handle.
        let found = multi.within(|curlm| unsafe { crate::libcurl::multi::wait_fds(curlm) })?;
        for (n, (socket, events)) in found.iter().take(capacity).enumerate() {
            let entry = curlback_wait_fd { socket: *socket as curlback_socket, events: *events, revents: 0 };
            // SAFETY: the caller vouches for the room.
            unsafe { fds.add(n).write(entry) };
        }
        // SAFETY: not NULL, and the caller vouches that it can be written to.
        unsafe { *count = found.len() };
        Ok(())
    })
}
