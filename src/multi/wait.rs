//! Waiting in the library's own loop for what happens on sockets.

use std::io;
use std::time::Duration;

use polling::Poller;

/// How many events one wait takes.
const EVENTS: usize = 256;

/// What happened on a socket: the key that it was added with.
#[derive(Clone, Copy)]
pub(super) struct Happened {
    pub key: usize,
    pub readable: bool,
    pub writable: bool,
}

pub(super) use system::Waiter;

/// The poller's own wait takes five system calls: it sets a timer, and makes ready again what can wake it, each time. Here is one, on the
/// descriptor behind it, and the poller is only asked to where somebody woke it.
#[cfg(target_os = "linux")]
mod system {
    use std::num::NonZeroUsize;
    use std::os::fd::{AsFd as _, AsRawFd as _};

    use polling::Events;

    use super::*;

    const READABLE: u32 = (libc::EPOLLIN | libc::EPOLLPRI | libc::EPOLLHUP | libc::EPOLLERR) as u32;
    const WRITABLE: u32 = (libc::EPOLLOUT | libc::EPOLLHUP | libc::EPOLLERR) as u32;
    /// The key that pollers keep for themselves.
    const WOKEN: u64 = usize::MAX as u64;

    pub(in crate::multi) struct Waiter {
        events: Vec<libc::epoll_event>,
        woken: Events,
    }

    impl Waiter {
        pub fn new() -> Self {
            Waiter { events: Vec::with_capacity(EVENTS), woken: Events::with_capacity(NonZeroUsize::MIN) }
        }

        /// Waits until something happens, somebody wakes the poller, or the time is over; None is without end.
        pub fn wait(&mut self, poller: &Poller, time: Option<Duration>) -> io::Result<()> {
            // A moment early would be too early for what is to be done then.
            let milliseconds =
                time.map_or(-1, |time| i32::try_from(time.as_micros().div_ceil(1000)).unwrap_or(i32::MAX));
            self.events.clear();
            // SAFETY: the descriptor is an epoll's for as long as the poller is there, and there is room for that many events.
            let count = unsafe {
                libc::epoll_wait(
                    poller.as_fd().as_raw_fd(),
                    self.events.as_mut_ptr(),
                    EVENTS as i32,
                    milliseconds,
                )
            };
            let count = usize::try_from(count).map_err(|_| io::Error::last_os_error())?;
            // SAFETY: the system has written that many, which is at most the capacity.
            unsafe { self.events.set_len(count) };
            if self.events.iter().any(|event| event.u64 == WOKEN) {
                self.events.retain(|event| event.u64 != WOKEN);
                // What is ready on sockets is ready still: the poller's list of them has room for one, and is not looked at.
                poller.wait(&mut self.woken, Some(Duration::ZERO))?;
                self.woken.clear();
            }
            Ok(())
        }

        pub fn happened(&self) -> impl Iterator<Item = Happened> {
            self.events.iter().map(|event| Happened {
                key: event.u64 as usize,
                readable: event.events & READABLE != 0,
                writable: event.events & WRITABLE != 0,
            })
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use std::num::NonZeroUsize;

    use polling::Events;

    use super::*;

    pub(in crate::multi) struct Waiter(Events);

    impl Waiter {
        pub fn new() -> Self {
            Waiter(Events::with_capacity(NonZeroUsize::new(EVENTS).unwrap_or(NonZeroUsize::MIN)))
        }

        /// Waits until something happens, somebody wakes the poller, or the time is over; None is without end.
        pub fn wait(&mut self, poller: &Poller, time: Option<Duration>) -> io::Result<()> {
            self.0.clear();
            poller.wait(&mut self.0, time).map(|_| ())
        }

        pub fn happened(&self) -> impl Iterator<Item = Happened> {
            self.0.iter().map(|event| Happened {
                key: event.key,
                readable: event.readable,
                writable: event.writable,
            })
        }
    }
}
