//! What trampolines look at first: whether there is anything else to do than to call a callback.

use std::sync::atomic::AtomicU8;
use std::sync::atomic::Ordering::{Relaxed, SeqCst};

use super::Easy;
use crate::share::turn;

/// The transfer is to end without another callback: cancelled, by any thread, or interrupted.
const ENDED: u8 = 1;
/// libcurl is called in turn: share/turn.rs.
const TURNS: u8 = 2;

/// ENDED and TURNS, in one byte.
#[derive(Default)]
pub struct Marks(AtomicU8);

impl Marks {
    /// By any thread.
    pub fn end(&self) {
        self.0.fetch_or(ENDED, SeqCst);
    }
}

impl Easy {
    #[inline(always)]
    pub fn ended(&self) -> bool {
        self.marks.0.load(Relaxed) & ENDED != 0
    }

    /// Whether there is anything else to do than to call a callback.
    #[inline(always)]
    pub fn is_marked(&self) -> bool {
        self.marks.0.load(Relaxed) != 0
    }

    /// A transfer may go on to its end again.
    pub(super) fn go_on(&self) {
        self.marks.0.fetch_and(!ENDED, Relaxed);
    }

    /// It shares, or did, what libcurl does not lock: from here on libcurl is called for it in turn.
    pub fn take_turns(&self) {
        self.marks.0.fetch_or(TURNS, Relaxed);
    }

    pub fn takes_turns(&self) -> bool {
        self.marks.0.load(Relaxed) & TURNS != 0
    }

    /// Calls libcurl for what may concern handles that it shares with.
    #[inline]
    pub fn within<R>(&self, call: impl FnOnce() -> R) -> R {
        if self.takes_turns() { turn::inside(call) } else { call() }
    }

    /// Whether another thread has cancelled or paused the transfer. What is asked after the handle has got its place in a multi handle, and is
    /// not seen here, sees that.
    pub fn asked(&self) -> bool {
        self.marks.0.load(SeqCst) & ENDED != 0 || self.slot.pause_waits()
    }

    /// The transfer is to end without another callback.
    pub fn end_early(&self) {
        self.marks.0.fetch_or(ENDED, Relaxed);
        if let Some(multi) = self.member() {
            multi.look_at(self.handle);
        }
    }
}
