//! Owning what is behind a handle, for one call; giving it up.

use std::ops::Deref;
use std::ptr::{NonNull, null_mut};
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release, SeqCst};

use super::{
    ASKED, BRIEF, CLOSING, FREE, HELD, LIVE, OWNER, Object, PATIENCE, RELEASED, RUNNING, Slot, find,
    pause_briefly, pinned, thread_number, unknown,
};
use crate::access::{Call, Situation, permit};
use crate::boundary::{Outcome, note_panic};
use crate::slot::{Garbage, dispose};

/// What closes the object in a slot, of whatever kind it is.
pub(super) type Destroy = fn(&'static Slot) -> Vec<Garbage>;

/// The right to use an object, on this thread, until it is dropped.
pub struct Guard<T: Object> {
    slot: &'static Slot,
    /// Whose word says that this thread owns it: the slot's own, or that of the multi handle it is in.
    lock: &'static Slot,
    object: NonNull<T>,
    /// Whether this guard made the thread the owner; inside callbacks it was that before.
    owns: bool,
    call: Call,
    /// What the callback that makes this call has to find again.
    suspended: Option<T::Suspended>,
}

impl<T: Object> Deref for Guard<T> {
    type Target = T;
    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: the object is freed only by its owner when it leaves, and this thread owns it while the guard is there.
        unsafe { self.object.as_ref() }
    }
}

/// Takes the handle for a call, or says why not.
pub fn claim<T: Object>(handle: *const T::Opaque, call: Call) -> Outcome<Guard<T>> {
    claim_quickly(handle, call)
}

/// The same, for functions that callbacks call often: it takes more room.
#[inline(always)]
pub fn claim_quickly<T: Object>(handle: *const T::Opaque, call: Call) -> Outcome<Guard<T>> {
    match claim_here(handle, call)? {
        Some(guard) => Ok(guard),
        None => claim_as(handle, call, call.runs()),
    }
}

/// The same where the calling thread is at work on the handle already, as it is in callbacks; None where it is not. It is there
/// because it costs less.
#[inline(always)]
pub fn claim_here<T: Object>(handle: *const T::Opaque, call: Call) -> Outcome<Option<Guard<T>>> {
    let (slot, id) = find::<T>(handle)?;
    let lock = slot.lock();
    if lock.word.load(Acquire) & OWNER != thread_number() {
        return Ok(None);
    }
    let own = slot.word.load(Acquire);
    if !slot.serves(id, own) {
        return Ok(None);
    }
    slot.guard_here(lock, own, call).map(Some)
}

/// As claim(), but other threads wait for this one rather than being refused, until Slot::begin_running(): nobody may be called
/// meanwhile.
pub fn claim_quietly<T: Object>(handle: *const T::Opaque, call: Call) -> Outcome<Guard<T>> {
    claim_as(handle, call, false)
}

fn claim_as<T: Object>(handle: *const T::Opaque, call: Call, runs: bool) -> Outcome<Guard<T>> {
    let (slot, id) = find::<T>(handle)?;
    let me = thread_number();
    let mut spins = 0;
    loop {
        let lock = slot.lock();
        let word = lock.word.load(Acquire);
        let owner = word & OWNER;
        if owner == 0 {
            permit(call, Situation::Idle)?;
            if lock.word.compare_exchange_weak(word, word | me, Acquire, Relaxed).is_err() {
                continue;
            }
            // The handle may have joined or left a multi handle since, or be closed and its slot given to another: then what
            // was taken is left again.
            if !std::ptr::eq(lock, slot.lock()) {
                lock.leave();
                continue;
            }
            if !slot.serves(id, slot.word.load(Relaxed)) {
                lock.leave();
                return unknown(id, T::KIND);
            }
            // Not before: whoever has the handle that the slot serves by now is to wait for that moment, and not to find it busy.
            if runs {
                // Of a handle in a multi handle nothing is driven: it closes, say.
                let brief = call == Call::Member || !std::ptr::eq(lock, slot);
                lock.word.fetch_or(RUNNING | if brief { BRIEF } else { 0 }, SeqCst);
            }
            return Ok(slot.guard(lock, true, call));
        }
        let own = slot.word.load(Acquire);
        // Its own callbacks know a handle while it closes.
        let closes_here = owner == me && own & CLOSING != 0 && slot.id.load(Acquire) == id;
        if !(closes_here || slot.serves(id, own)) {
            return unknown(id, T::KIND);
        }
        if owner == me {
            return slot.guard_here(lock, own, call);
        }
        let worth_waiting = word & BRIEF != 0 && call.waits() && spins < PATIENCE;
        if word & RUNNING != 0 && !worth_waiting {
            permit(call, Situation::OtherThread)?;
        }
        // The other thread is in a call that calls nobody back: it is out of it in a moment.
        pause_briefly(&mut spins);
    }
}

impl<T: Object> Drop for Guard<T> {
    #[inline]
    fn drop(&mut self) {
        if let Some(suspended) = self.suspended {
            return self.resume(suspended);
        }
        let garbage = self.garbage();
        if self.owns {
            self.lock.leave();
        }
        if garbage.is_empty() {
            return;
        }
        if self.call.runs() {
            dispose(garbage);
        } else {
            // The call has done its work, and says so: a caller that is told otherwise takes back what it handed over.
            note_panic(|| dispose(garbage));
        }
    }
}

impl<T: Object> Guard<T> {
    /// Closes the object and frees the handle. The guard must own it, or what it is in must be this thread's.
    pub fn close(self) {
        let (slot, lock, owns) = (self.slot, self.lock, self.owns);
        std::mem::forget(self);
        if !std::ptr::eq(lock, slot) {
            slot.own();
        }
        let garbage = slot.take_down();
        if owns && !std::ptr::eq(lock, slot) {
            lock.leave();
        }
        // What it was in is nobody's again: drop functions may close that.
        dispose(garbage);
    }

    /// Leaves it without touching it any more: another thread may be at work on it already.
    pub fn hand_over(self) {
        let (lock, owns) = (self.lock, self.owns);
        std::mem::forget(self);
        if owns {
            lock.leave();
        }
    }
}

/// Gives a handle up for good: closed now if nothing runs on it, else by the thread that runs it.
pub fn release<T: Object>(handle: *const T::Opaque) {
    let me = thread_number();
    let mut mine = None;
    // A handle that is gone already needs nothing.
    let _ = pinned::<T>(handle, |slot| {
        let before = slot.word.fetch_update(SeqCst, SeqCst, |word| {
            let owner = if word & OWNER == 0 { me | RUNNING } else { 0 };
            (word & RELEASED == 0).then_some(word | RELEASED | owner)
        });
        if before.is_ok_and(|word| word & OWNER == 0) {
            mine = Some(slot);
        }
    });
    if let Some(slot) = mine {
        slot.leave();
    }
}

/// Whether the calling thread is the one that runs the handle.
pub fn runs_here<T: Object>(handle: *const T::Opaque) -> bool {
    find::<T>(handle).is_ok_and(|(slot, _)| slot.lock().word.load(Acquire) & OWNER == thread_number())
}

impl Slot {
    #[inline]
    fn guard<T: Object>(&'static self, lock: &'static Slot, owns: bool, call: Call) -> Guard<T> {
        // SAFETY: this thread owns the slot and its id was seen to be a live handle of kind T, so the object is there.
        let object = unsafe { NonNull::new_unchecked(self.object.load(Acquire).cast::<T>()) };
        Guard { slot: self, lock, object, owns, call, suspended: None }
    }

    /// The guard for a call on what the calling thread is at work on; `own` is this slot's word.
    #[inline(always)]
    fn guard_here<T: Object>(&'static self, lock: &'static Slot, own: u64, call: Call) -> Outcome<Guard<T>> {
        let mut guard = self.guard::<T>(lock, false, call);
        if guard.in_callback() {
            guard.suspended = Some(guard.suspend());
        }
        let situation = match own & CLOSING {
            0 => guard.situation(),
            _ => Situation::Closing,
        };
        permit(call, situation)?;
        Ok(guard)
    }

    /// Whether it serves the handle `id`, its word being `word`, and that was not given up.
    #[inline]
    fn serves(&self, id: u64, word: u64) -> bool {
        self.id.load(Acquire) == id && word & RELEASED == 0
    }

    /// Takes the slot's own word, on top of that of the multi handle that it is in: nobody keeps it for longer than a look.
    pub fn own(&'static self) {
        let me = thread_number() | RUNNING;
        let mut spins = 0;
        while self.word.fetch_update(SeqCst, SeqCst, |word| (word & OWNER == 0).then_some(word | me)).is_err()
        {
            pause_briefly(&mut spins);
        }
    }

    /// Takes the slot for the calling thread if it is nobody's, for a short call.
    pub fn try_own(&'static self) -> bool {
        let me = thread_number() | RUNNING | BRIEF;
        self.word.fetch_update(SeqCst, SeqCst, |word| (word & OWNER == 0).then_some(word | me)).is_ok()
    }

    /// The owner can call back from here on: other threads are refused.
    pub fn begin_running(&self) {
        self.word.fetch_or(RUNNING, SeqCst);
    }

    /// The owner calls nobody back any more, and leaves in a moment.
    pub fn end_running(&self) {
        self.word.fetch_and(!RUNNING, SeqCst);
    }

    /// Has the owner look at what it was asked before it leaves; false if there is no owner.
    pub fn ask_owner(&self) -> bool {
        self.word.fetch_update(SeqCst, SeqCst, |word| (word & OWNER != 0).then_some(word | ASKED)).is_ok()
    }

    #[inline]
    pub fn leave(&'static self) {
        let word = self.word.load(Relaxed);
        let free = word & !HELD;
        if word & (RELEASED | ASKED) == 0 && self.word.compare_exchange(word, free, Release, Relaxed).is_ok()
        {
            return;
        }
        self.leave_slowly();
    }

    #[cold]
    fn leave_slowly(&'static self) {
        loop {
            let left = self.word.fetch_update(SeqCst, SeqCst, |word| {
                (word & (RELEASED | ASKED) == 0).then_some(word & !HELD)
            });
            let Err(word) = left else { return };
            if word & ASKED != 0 {
                self.word.fetch_or(RUNNING | BRIEF, SeqCst);
                self.word.fetch_and(!ASKED, SeqCst);
                crate::multi::close_released(self);
            } else if std::ptr::eq(self, self.lock()) {
                // Released meanwhile: the owner closes it.
                return self.destroy();
            } else {
                // It is in a multi handle, whose owner closes it. That it is in there cannot change while this thread owns it.
                let id = self.id();
                self.word.fetch_and(!HELD, SeqCst);
                return crate::multi::release_member(self, id);
            }
        }
    }

    /// Closes what this thread owns, and makes the slot free for another handle.
    pub fn destroy(&'static self) {
        dispose(self.take_down());
    }

    /// As destroy(), but leaves what is left to be dropped to the caller.
    fn take_down(&'static self) -> Vec<Garbage> {
        let destroy = self.destroy.load(Relaxed);
        // SAFETY: insert() stored a function of this type before the handle could be known to anybody, and the slot has
        // held a handle since, as this thread found it released or closes it.
        let destroy = unsafe { std::mem::transmute::<*mut (), Destroy>(destroy) };
        destroy(self)
    }

    pub(super) fn destroy_as<T: Object>(&'static self) -> Vec<Garbage> {
        self.word.fetch_or(RUNNING | CLOSING, SeqCst);
        let object = self.object.load(Acquire).cast::<T>();
        // SAFETY: this thread owns the slot, so nobody frees the object but the lines below.
        unsafe { (*object).close() };
        self.id.store(0, SeqCst);
        self.wait_for_pins();
        // SAFETY: it came from a Box; the id is gone and only the owner comes here, so this happens once. No reference to
        // it is left: guards end with their calls, and no callback is running any more.
        let garbage = unsafe { Box::from_raw(object) }.remains();
        self.object.store(null_mut(), Relaxed);
        let generation = self.generation.load(Relaxed);
        self.word.store(0, Release);
        LIVE.fetch_sub(1, Relaxed);
        if let Some(next) = generation.checked_add(1) {
            self.generation.store(next, Relaxed);
            FREE.lock().slots.push(self.index);
        }
        garbage
    }
}
