//! What other threads may ask of a transfer that is going on.

use std::sync::atomic::Ordering::{Acquire, Relaxed, SeqCst};

use super::{ACTIVE, CANCELLED, Object, PAUSE_ASKED, PAUSE_MASK, PAUSE_SHIFT, Slot, TRANSFER, pinned};
use crate::boundary::Outcome;
use crate::libcurl::sys::{CURLM, curl_multi_wakeup};
use crate::multi::queue::Command;

/// Asks the running transfer to end. Nothing where none runs.
pub fn cancel<T: Object>(handle: *const T::Opaque) -> Outcome {
    pinned::<T>(handle, |slot| {
        // SAFETY: the slot is pinned, so the object behind it is there.
        let tell = || unsafe { T::told_to_end(slot.object.load(Acquire).cast_const().cast()) };
        slot.ask(|word| word | CANCELLED, tell);
    })
}

/// Asks the running transfer to pause or go on. Nothing where none runs.
pub fn pause<T: Object>(handle: *const T::Opaque, mask: i32) -> Outcome {
    let mask = (mask as u64) << PAUSE_SHIFT;
    pinned::<T>(handle, |slot| slot.ask(|word| word & !PAUSE_MASK | PAUSE_ASKED | mask, || {}))
}

impl Slot {
    /// Changes the word if a transfer is going on, and wakes the thread that runs it.
    fn ask(&'static self, change: impl Fn(u64) -> u64, also: impl FnOnce()) {
        let asked = self.word.fetch_update(SeqCst, SeqCst, |word| (word & ACTIVE != 0).then(|| change(word)));
        if asked.is_ok() {
            also();
            if self.with_domain(|multi| crate::multi::ask(multi, Command::Look(self.id()))).is_some() {
                return;
            }
            self.wake();
        }
    }

    /// Wakes the owner where it waits for the network. The caller is pinned.
    pub fn wake(&self) {
        let waker = self.waker.load(SeqCst);
        if !waker.is_null() {
            // SAFETY: set_waker(NULL) waits for pins before the multi handle goes, and the caller of this is pinned;
            // curl_multi_wakeup may be called from any thread.
            unsafe { curl_multi_wakeup(waker) };
        }
    }

    /// Says what wakes the owner, or, with NULL, that nothing does any more: then nobody touches the former from here on.
    pub fn set_waker(&self, waker: *mut CURLM) {
        self.waker.store(waker, SeqCst);
        if waker.is_null() {
            self.wait_for_pins();
        }
    }

    /// The owner begins a transfer.
    pub fn begin_transfer(&self) {
        self.word.fetch_or(ACTIVE, SeqCst);
    }

    /// The owner ended its transfer; whether it had been cancelled by then. Nobody tells the object to end any more.
    pub fn end_transfer(&self) -> bool {
        let cancelled = self.word.fetch_and(!TRANSFER, SeqCst) & CANCELLED != 0;
        self.wait_for_pins();
        cancelled
    }

    /// Whether a transfer is going on.
    pub fn active(&self) -> bool {
        self.word.load(Relaxed) & ACTIVE != 0
    }

    /// Whether another thread asked for a pause that was not carried out yet.
    pub fn pause_waits(&self) -> bool {
        self.word.load(SeqCst) & PAUSE_ASKED != 0
    }

    /// The mask that another thread asked for, once.
    pub fn pause_asked(&self) -> Option<i32> {
        if self.word.load(Relaxed) & PAUSE_ASKED == 0 {
            return None;
        }
        let word = self.word.fetch_and(!(PAUSE_ASKED | PAUSE_MASK), SeqCst);
        Some(((word & PAUSE_MASK) >> PAUSE_SHIFT) as i32)
    }
}
