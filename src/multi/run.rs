//! run: the library's own event loop.

use std::io;
use std::os::fd::BorrowedFd;
use std::time::{Duration, Instant};

use polling::{Event, PollMode, Poller};

use super::drive::libcurl;
use super::socket::Watched;
use super::wait::{Happened, Waiter};
use super::{Multi, curlback_multi};
use crate::access::Call;
use crate::boundary::{Failure, Outcome, enter, fail};
use crate::callback::curlback_callback;
use crate::libcurl::sys::{self, CURLM, CURLMcode, curl_socket_t};
use crate::libcurl::version;
use crate::registry::claim_quietly;
use crate::result::{code, curlback_result};

/// When curlback_multi_run() returns.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(non_camel_case_types)]
pub enum curlback_run {
    /// When no transfer is under way any more.
    CURLBACK_RUN_UNTIL_DONE = 0,
    /// When curlback_multi_stop() was called: it waits for more transfers.
    CURLBACK_RUN_UNTIL_STOPPED = 1,
}

const UNTIL_DONE: i32 = curlback_run::CURLBACK_RUN_UNTIL_DONE as i32;
const UNTIL_STOPPED: i32 = curlback_run::CURLBACK_RUN_UNTIL_STOPPED as i32;

/// How long nothing may happen to transfers of which libcurl may have forgotten that they can go on.
const ASK_AGAIN: Duration = Duration::from_millis(100);

/// An event is for a socket of this number and generation. The poller keeps the greatest key for itself.
fn key(socket: curl_socket_t, generation: u32) -> usize {
    (generation as usize & 0x7fff_ffff) << 32 | socket as usize
}

fn interest(socket: curl_socket_t, watched: &Watched) -> Event {
    let wanted = if watched.what == sys::CURL_POLL_REMOVE { 0 } else { watched.what };
    Event::new(
        key(socket, watched.generation),
        wanted & sys::CURL_POLL_IN != 0,
        wanted & sys::CURL_POLL_OUT != 0,
    )
}

/// Puts a socket into the loop, changes what is waited for, or takes it out.
fn follow(poller: &Poller, socket: curl_socket_t, watched: &mut Watched) -> io::Result<()> {
    // SAFETY: libcurl has the socket open while it says what to wait for.
    let source = unsafe { BorrowedFd::borrow_raw(socket) };
    if watched.what == sys::CURL_POLL_REMOVE {
        if std::mem::take(&mut watched.polled) {
            return poller.delete(source);
        }
        return Ok(());
    }
    let event = interest(socket, watched);
    if watched.polled {
        return poller.modify_with_mode(source, event, PollMode::Level);
    }
    // SAFETY: it is taken out before libcurl closes it: libcurl says REMOVE first.
    match unsafe { poller.add_with_mode(&source, event, PollMode::Level) } {
        // A descriptor of that number was closed while another one of the same file was still open.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            poller.modify_with_mode(source, event, PollMode::Level)?;
        }
        added => added?,
    }
    watched.polled = true;
    Ok(())
}

/// Whether libcurl leaves transfers with neither a socket nor a timer: before 8.4 it does with FTP on a connection that was kept, and 7.88
/// with those that wait for another's connection. They go on when it is asked about all.
fn forgets_transfers() -> bool {
    version::number() < version::version(8, 4, 0)
}

impl Multi {
    /// libcurl has said what to wait for on a socket.
    pub(super) fn follow(&self, socket: curl_socket_t, watched: &mut Watched) {
        if let Some(poller) = self.shared.poller.get() {
            // What cannot be waited for shows as a transfer that times out; it is what libcurl does with such a descriptor too.
            let _ = follow(poller, socket, watched);
        }
    }

    fn poller(&self) -> Outcome<&Poller> {
        let poller = self.shared.poller.get_or_try_init(|| {
            let poller = Poller::new()?;
            for (socket, watched) in self.sockets.borrow_mut().known() {
                follow(&poller, socket, watched)?;
            }
            Ok(poller)
        });
        poller.map_err(|error: io::Error| {
            Failure::new(code::E_INTERNAL, format!("the system gave no event loop: {error}"))
        })
    }

    /// The calling thread has claimed it quietly.
    fn run(&self, mode: i32) -> Outcome {
        let poller = self.poller()?;
        self.shared.open(self.slot);
        let outer = self.begin_call();
        self.record.resume();
        let done = self.run_loop(poller, mode);
        // What was submitted until now is still taken, and what was collected handed over.
        while self.shared.is_open() {
            self.flush_bodies();
            self.shared.look_again();
            self.tidy();
            self.deliver();
            self.dispose(curlback_callback::CURLBACK_CALLBACK_NONE);
            if self.shared.shut(self.slot) {
                break;
            }
        }
        self.end_call(outer, sys::CURLM_OK).and(done)
    }

    /// One step of the loop; false if it is not to go on.
    fn step(&self, call: impl FnOnce(*mut CURLM) -> CURLMcode) -> Outcome<bool> {
        let done = self.within(call);
        self.after(done)
    }

    /// libcurl has done something of the loop's, and said `done`: what has come of it. False if the loop is not to go on.
    fn after(&self, done: CURLMcode) -> Outcome<bool> {
        self.collect();
        self.tidy();
        self.deliver();
        self.dispose(curlback_callback::CURLBACK_CALLBACK_NONE);
        libcurl(done)?;
        Ok(!self.record.fails())
    }

    /// Tells libcurl what happened on which sockets; false if the loop is not to go on.
    fn act(&self, events: impl Iterator<Item = Happened>) -> Outcome<bool> {
        let (mut count, mut before) = (0, 0);
        for event in events {
            let socket = event.key as u32 as curl_socket_t;
            let current = self.sockets.borrow_mut().get(socket).map(|watched| watched.generation);
            // One that was closed meanwhile, whether or not there is another of its number.
            if current.is_none_or(|generation| key(socket, generation) != event.key) {
                continue;
            }
            let readable = if event.readable { sys::CURL_CSELECT_IN } else { 0 };
            let writable = if event.writable { sys::CURL_CSELECT_OUT } else { 0 };
            // SAFETY: this thread owns the multi handle, whose count can be written to.
            let done = self.within(|curlm| unsafe {
                sys::curl_multi_socket_action(curlm, socket, readable | writable, &raw mut count)
            });
            // Where none seems to have ended that is asked for all events together.
            let ended = count < before;
            before = count;
            let due = ended || done != sys::CURLM_OK || self.has_news() || self.record.fails();
            if due && !self.after(done)? {
                return Ok(false);
            }
        }
        self.after(sys::CURLM_OK)
    }

    fn run_loop(&self, poller: &Poller, mode: i32) -> Outcome {
        // Of no use: this library counts by itself. Older libcurls write it without asking.
        let mut count = 0;
        let count = &raw mut count;
        let mut waiter = Waiter::new();
        // Of transfers that perform has driven libcurl has not said what they wait for. It performs them for that, and forgets what it wanted
        // to be called for at once: where nothing else happens for a while it is asked again.
        // SAFETY: this thread owns the multi handle, whose count can be written to.
        let look_at_all = |curlm| unsafe { sys::curl_multi_socket_all(curlm, count) };
        let mut goes_on = match self.performed.get() {
            true => self.step(look_at_all)?,
            false => self.step(|_| sys::CURLM_OK)?,
        };
        while goes_on && !self.shared.take_stop() {
            if self.shared.is_asked() {
                goes_on = self.step(|_| sys::CURLM_OK)?;
                continue;
            }
            if self.batches_wait() {
                self.flush_bodies();
                goes_on = self.step(|_| sys::CURLM_OK)?;
                continue;
            }
            if mode == UNTIL_DONE && self.active() == 0 && self.shared.shut(self.slot) {
                break;
            }
            if self.active() == 0 {
                self.performed.set(false);
            }
            let until_due = self.deadline.get().map(|at| at.saturating_duration_since(Instant::now()));
            // With neither a time nor a socket to wait for they are paused, or out of libcurl's mind: 8.22 loses a transfer that it had no memory
            // for at its start.
            let nothing_known = until_due.is_none() && self.sockets.borrow().is_empty();
            let may_forget =
                self.active() > 0 && (self.performed.get() || forgets_transfers() || nothing_known);
            let until_asked = may_forget.then_some(ASK_AGAIN);
            let wait = until_due.into_iter().chain(until_asked).min();
            if let Err(error) = waiter.wait(poller, wait)
                && error.kind() != io::ErrorKind::Interrupted
            {
                return fail(code::E_INTERNAL, format!("the system's event loop failed: {error}"));
            }
            let mut events = waiter.happened().peekable();
            if events.peek().is_none() {
                if until_asked.is_some() && wait == until_asked {
                    goes_on = self.step(look_at_all)?;
                    continue;
                }
            } else {
                goes_on = self.act(events)?;
                if !goes_on {
                    return Ok(());
                }
            }
            if self.deadline.get().is_some_and(|at| at <= Instant::now()) {
                self.deadline.set(None);
                // SAFETY: as above.
                goes_on = self.step(|curlm| unsafe {
                    sys::curl_multi_socket_action(curlm, sys::CURL_SOCKET_TIMEOUT, 0, count)
                })?;
            }
        }
        Ok(())
    }
}

/// Runs the transfers on the library's own event loop, on the calling thread, until none is under way or, with CURLBACK_RUN_UNTIL_STOPPED,
/// until curlback_multi_stop(). As each ends on_done is called, which may add more.
///
/// Meanwhile any thread may call curlback_multi_add() and curlback_multi_remove() for it, curlback_easy_cancel() and curlback_easy_pause()
/// for its easy handles, curlback_multi_stop() and curlback_multi_wakeup().
///
/// Returns CURLBACK_OK; CURLBACK_E_RAISED when a callback interrupted, 1011 when a socket or timer callback failed: see
/// curlback_multi_perform(); what is left goes on with the next call. CURLBACK_E_RANGE for a mode that is none of CURLBACK_RUN_*,
/// CURLBACK_E_BUSY while another thread drives it, CURLBACK_E_IN_CALLBACK from inside any callback of it or of its easy handles.
#[unsafe(no_mangle)]
pub extern "C" fn curlback_multi_run(multi: *mut curlback_multi, mode: i32) -> curlback_result {
    enter(|| {
        let multi = claim_quietly::<Multi>(multi, Call::Drive)?;
        if ![UNTIL_DONE, UNTIL_STOPPED].contains(&mode) {
            return fail(code::E_RANGE, format!("{mode} is no mode: it takes one of CURLBACK_RUN_*"));
        }
        multi.run(mode)
    })
}
