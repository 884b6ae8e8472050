//! Handles: what the pointers that callers hold stand for.
//!
//! A handle is no address. It encodes a slot, how often that slot was used before, and the kind of handle:
//!
//! | bits | what | why |
//! |---|---|---|
//! | 63 | 1 | never a small number, never where an allocator or a garbage collector keeps its heap |
//! | 58..63 | kind | a handle of another kind is recognised |
//! | 26..58 | generation | a value is never used twice: a slot whose generations are used up is retired |
//! | 0..26 | slot | |
//!
//! Slots are never freed, so looking one up needs no lock and cannot touch freed memory. Who may use what is behind a slot
//! is decided by its `word`: one thread owns it at a time, and the thread that owns it closes what another thread
//! released meanwhile.

use std::ops::Deref;
use std::ptr::{NonNull, null_mut};
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release, SeqCst};
use std::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, AtomicUsize};

use parking_lot::Mutex;

use crate::access::{Call, Situation, permit};
use crate::boundary::{Outcome, fail};
use crate::libcurl::sys::{CURLM, curl_multi_wakeup};
use crate::result::code;
use crate::slot::{Garbage, dispose};

#[cfg(not(target_pointer_width = "64"))]
compile_error!("a handle of curlback has 64 bits");

const SLOT_BITS: u32 = 26;
const KIND_SHIFT: u32 = 58;
const TOP: u64 = 1 << 63;

/// What a handle is of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Kind {
    Easy = 1,
    List = 2,
}

impl Kind {
    const ALL: [Kind; 2] = [Kind::Easy, Kind::List];

    fn name(self) -> &'static str {
        match self {
            Kind::Easy => "curlback_easy",
            Kind::List => "curlback_list",
        }
    }
}

/// What stands behind a handle.
pub trait Object: Sized {
    /// The opaque type of the C interface.
    type Opaque;
    const KIND: Kind;

    /// Whether a callback of this very handle is running on the calling thread, which owns it.
    fn in_callback(&self) -> bool {
        false
    }

    /// What was replaced and can be dropped now that the calling thread is leaving; empty while a callback may use it.
    fn garbage(&self) -> Vec<Garbage> {
        Vec::new()
    }

    /// Ends everything that can call back. The handle is still known, to callbacks alone.
    fn close(&self) {}

    /// What is left to be dropped once the handle is no more.
    fn remains(self: Box<Self>) -> Vec<Garbage> {
        Vec::new()
    }
}

/// `word`: the owning thread's number, and these.
const OWNER: u64 = 0xffff_ffff;
/// The owner is in a call that can call back: others are refused rather than kept waiting.
const RUNNING: u64 = 1 << 32;
/// A transfer is going on, which can be cancelled and paused.
const ACTIVE: u64 = 1 << 33;
const CANCELLED: u64 = 1 << 34;
const INTERRUPTED: u64 = 1 << 35;
const PAUSE_ASKED: u64 = 1 << 36;
const PAUSE_SHIFT: u32 = 37;
const PAUSE_MASK: u64 = 0b111 << PAUSE_SHIFT;
const CLOSING: u64 = 1 << 40;
const RELEASED: u64 = 1 << 41;
/// What ends with the transfer.
const TRANSFER: u64 = ACTIVE | CANCELLED | INTERRUPTED | PAUSE_ASKED | PAUSE_MASK;

#[repr(align(64))]
pub struct Slot {
    /// The handle's value while there is one, else 0.
    id: AtomicU64,
    word: AtomicU64,
    object: AtomicPtr<()>,
    /// Closes and frees the object, of whatever kind it is.
    destroy: AtomicPtr<()>,
    /// What wakes the thread that waits for the network; NULL where none does.
    waker: AtomicPtr<CURLM>,
    /// Threads that are between finding the slot by a handle and being done with it without owning it.
    pins: AtomicU32,
    generation: AtomicU32,
    index: u32,
}

/// Slots in blocks of 64, 128, 256 and so on.
const FIRST_BLOCK: u32 = 6;
static BLOCKS: [AtomicPtr<Slot>; 20] = [const { AtomicPtr::new(null_mut()) }; 20];
static LIVE: AtomicUsize = AtomicUsize::new(0);

struct Free {
    slots: Vec<u32>,
    /// The first slot never used.
    next: u32,
}

static FREE: Mutex<Free> = Mutex::new(Free { slots: Vec::new(), next: 0 });

/// The block that has the slot, and where in it.
#[inline]
fn place(index: u32) -> (usize, usize) {
    let shifted = index + (1 << FIRST_BLOCK);
    let block = 31 - shifted.leading_zeros() - FIRST_BLOCK;
    (block as usize, (shifted - (1 << (block + FIRST_BLOCK))) as usize)
}

#[inline]
fn slot_at(index: u32) -> Option<&'static Slot> {
    let (block, offset) = place(index);
    let start = NonNull::new(BLOCKS.get(block)?.load(Acquire))?;
    // SAFETY: a block that is there has 64 << block slots, place() stays within that, and blocks are never freed.
    Some(unsafe { start.add(offset).as_ref() })
}

fn take_slot() -> Outcome<&'static Slot> {
    let mut free = FREE.lock();
    let index = match free.slots.pop() {
        Some(index) => index,
        None => {
            let index = free.next;
            if index >= 1 << SLOT_BITS {
                return fail(code::E_NO_MEMORY, "67,108,864 handles are live: there can be no more");
            }
            let (block, offset) = place(index);
            if offset == 0 {
                let slots: Box<[Slot]> = (0..64 << block).map(|n| Slot::new(index + n)).collect();
                BLOCKS[block].store(Box::leak(slots).as_mut_ptr(), Release);
            }
            free.next += 1;
            index
        }
    };
    slot_at(index).map_or_else(|| fail(code::E_INTERNAL, "a block of handles is missing"), Ok)
}

pub fn live() -> usize {
    LIVE.load(Relaxed)
}

/// A number for the calling thread that no other thread has.
#[inline]
fn thread_number() -> u64 {
    thread_local! {
        static NUMBER: std::cell::Cell<u32> = const { std::cell::Cell::new(0) };
    }
    #[cold]
    fn assign() -> u32 {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        // 0 is nobody.
        let number = NEXT.fetch_add(1, Relaxed).max(1);
        NUMBER.set(number);
        number
    }
    let number = NUMBER.get();
    u64::from(if number == 0 { assign() } else { number })
}

/// Puts an object behind a new handle. `make` is given the slot and the handle's value.
pub fn insert<T: Object>(
    make: impl FnOnce(&'static Slot, *mut T::Opaque) -> Outcome<Box<T>>,
) -> Outcome<*mut T::Opaque> {
    let slot = take_slot()?;
    let generation = slot.generation.load(Relaxed);
    let id =
        TOP | (T::KIND as u64) << KIND_SHIFT | u64::from(generation) << SLOT_BITS | u64::from(slot.index);
    let handle = std::ptr::without_provenance_mut::<T::Opaque>(id as usize);
    match make(slot, handle) {
        Ok(object) => {
            slot.object.store(Box::into_raw(object).cast(), Relaxed);
            slot.destroy.store(Slot::destroy_as::<T> as fn(&'static Slot) as *mut (), Relaxed);
            slot.id.store(id, SeqCst);
            LIVE.fetch_add(1, Relaxed);
            Ok(handle)
        }
        Err(failure) => {
            FREE.lock().slots.push(slot.index);
            Err(failure)
        }
    }
}

/// The slot that a handle of this kind names, if it is live just now.
#[inline]
fn find<T: Object>(handle: *const T::Opaque) -> Outcome<(&'static Slot, u64)> {
    let id = handle.addr() as u64;
    if id >> KIND_SHIFT == (TOP >> KIND_SHIFT) | T::KIND as u64
        && let Some(slot) = slot_at(id as u32 & ((1 << SLOT_BITS) - 1))
        && slot.id.load(Acquire) == id
    {
        return Ok((slot, id));
    }
    unknown(id, T::KIND)
}

#[cold]
fn unknown<T>(id: u64, kind: Kind) -> Outcome<T> {
    let name = kind.name();
    if id == 0 {
        return fail(code::E_NULL, format!("the {name} is NULL"));
    }
    let other = Kind::ALL.into_iter().find(|other| {
        id >> KIND_SHIFT == (TOP >> KIND_SHIFT) | *other as u64
            && slot_at(id as u32 & ((1 << SLOT_BITS) - 1)).is_some_and(|slot| slot.id.load(Acquire) == id)
    });
    match other {
        Some(other) => fail(code::E_HANDLE, format!("this is a {}, not a {name}", other.name())),
        None => fail(code::E_HANDLE, format!("not a live {name}: it was closed, or never was one")),
    }
}

/// The right to use an object, on this thread, until it is dropped.
pub struct Guard<T: Object> {
    slot: &'static Slot,
    object: NonNull<T>,
    /// Whether this guard made the thread the owner; inside callbacks it was that before.
    owns: bool,
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
#[inline]
pub fn claim<T: Object>(handle: *const T::Opaque, call: Call) -> Outcome<Guard<T>> {
    let (slot, id) = find::<T>(handle)?;
    let me = thread_number();
    let mut spins = 0;
    loop {
        let word = slot.word.load(Acquire);
        let owner = word & OWNER;
        if owner == 0 {
            permit(call, Situation::Idle)?;
            let mine = word | me | if call.runs() { RUNNING } else { 0 };
            if slot.word.compare_exchange_weak(word, mine, Acquire, Relaxed).is_err() {
                continue;
            }
            // The slot may have been given to another handle since it was found: then that one is left again.
            let found = slot.id.load(Acquire) == id && word & RELEASED == 0;
            return if found {
                Ok(slot.guard(true))
            } else {
                slot.leave();
                unknown(id, T::KIND)
            };
        }
        if slot.id.load(Acquire) != id || (word & RELEASED != 0 && !(owner == me && word & CLOSING != 0)) {
            return unknown(id, T::KIND);
        }
        if owner == me {
            let guard = slot.guard::<T>(false);
            let situation = match word & CLOSING {
                0 if guard.in_callback() => Situation::OwnCallback,
                0 => Situation::Beside,
                _ => Situation::Closing,
            };
            permit(call, situation)?;
            return Ok(guard);
        }
        if word & RUNNING != 0 {
            permit(call, Situation::OtherThread)?;
        }
        // The other thread is in a call that calls nobody back: it is out of it in a moment.
        spins += 1;
        if spins < 100 { std::hint::spin_loop() } else { std::thread::yield_now() }
    }
}

impl<T: Object> Drop for Guard<T> {
    #[inline]
    fn drop(&mut self) {
        if self.in_callback() {
            return;
        }
        let garbage = self.garbage();
        if self.owns {
            self.slot.leave();
        }
        if !garbage.is_empty() {
            dispose(garbage);
        }
    }
}

impl<T: Object> Guard<T> {
    /// Closes the object and frees the handle. The guard must own it.
    pub fn close(self) {
        let slot = self.slot;
        std::mem::forget(self);
        slot.destroy();
    }
}

/// Runs `body` on the slot of a live handle without owning it: the slot serves no other handle meanwhile.
fn pinned<T: Object>(handle: *const T::Opaque, body: impl FnOnce(&'static Slot)) -> Outcome {
    let (slot, id) = find::<T>(handle)?;
    // Either this pin is seen by the thread that frees the handle, which then waits, or the id is seen to have gone.
    slot.pins.fetch_add(1, SeqCst);
    let live = slot.id.load(SeqCst) == id && slot.word.load(SeqCst) & RELEASED == 0;
    if live {
        body(slot);
    }
    slot.pins.fetch_sub(1, Release);
    if live { Ok(()) } else { unknown(id, T::KIND) }
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
        slot.destroy();
    }
}

/// Asks the running transfer to end. Nothing where none runs.
pub fn cancel<T: Object>(handle: *const T::Opaque) -> Outcome {
    pinned::<T>(handle, |slot| slot.ask(|word| word | CANCELLED))
}

/// Asks the running transfer to pause or go on. Nothing where none runs.
pub fn pause<T: Object>(handle: *const T::Opaque, mask: i32) -> Outcome {
    let mask = (mask as u64) << PAUSE_SHIFT;
    pinned::<T>(handle, |slot| slot.ask(|word| word & !PAUSE_MASK | PAUSE_ASKED | mask))
}

/// Refuses what is no live handle.
pub fn known<T: Object>(handle: *const T::Opaque) -> Outcome {
    pinned::<T>(handle, |_| {})
}

/// Whether the calling thread is the one that runs the handle.
pub fn runs_here<T: Object>(handle: *const T::Opaque) -> bool {
    find::<T>(handle).is_ok_and(|(slot, _)| slot.word.load(Acquire) & OWNER == thread_number())
}

impl Slot {
    fn new(index: u32) -> Self {
        Slot {
            id: AtomicU64::new(0),
            word: AtomicU64::new(0),
            object: AtomicPtr::new(null_mut()),
            destroy: AtomicPtr::new(null_mut()),
            waker: AtomicPtr::new(null_mut()),
            pins: AtomicU32::new(0),
            generation: AtomicU32::new(0),
            index,
        }
    }

    #[inline]
    fn guard<T: Object>(&'static self, owns: bool) -> Guard<T> {
        // SAFETY: this thread owns the slot and its id was seen to be a live handle of kind T, so the object is there.
        let object = unsafe { NonNull::new_unchecked(self.object.load(Acquire).cast::<T>()) };
        Guard { slot: self, object, owns }
    }

    #[inline]
    fn leave(&'static self) {
        let word = self.word.load(Relaxed);
        if word & RELEASED == 0 && self.word.compare_exchange(word, 0, Release, Relaxed).is_ok() {
            return;
        }
        self.leave_slowly();
    }

    #[cold]
    fn leave_slowly(&'static self) {
        let left = self.word.fetch_update(SeqCst, SeqCst, |word| (word & RELEASED == 0).then_some(0));
        if left.is_err() {
            // Released meanwhile: the owner closes it.
            self.word.fetch_or(RUNNING, SeqCst);
            self.destroy();
        }
    }

    /// Closes what this thread owns, and makes the slot free for another handle.
    fn destroy(&'static self) {
        let destroy = self.destroy.load(Relaxed);
        // SAFETY: insert() stored a function of this type before the handle could be known to anybody, and the slot has
        // held a handle since, as this thread found it released or closes it.
        let destroy = unsafe { std::mem::transmute::<*mut (), fn(&'static Slot)>(destroy) };
        destroy(self);
    }

    fn destroy_as<T: Object>(&'static self) {
        self.word.fetch_or(RUNNING | CLOSING, SeqCst);
        let object = self.object.load(Acquire).cast::<T>();
        // SAFETY: this thread owns the slot, so nobody frees the object but the lines below.
        unsafe { (*object).close() };
        self.id.store(0, SeqCst);
        while self.pins.load(SeqCst) != 0 {
            std::hint::spin_loop();
        }
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
        dispose(garbage);
    }

    fn ask(&self, change: impl Fn(u64) -> u64) {
        let asked = self.word.fetch_update(SeqCst, SeqCst, |word| (word & ACTIVE != 0).then(|| change(word)));
        if asked.is_ok() {
            let waker = self.waker.load(SeqCst);
            if !waker.is_null() {
                // SAFETY: set_waker(NULL) waits for pins before the multi handle goes, and the caller of this is pinned;
                // curl_multi_wakeup may be called from any thread.
                unsafe { curl_multi_wakeup(waker) };
            }
        }
    }

    /// Says what wakes the owner, or, with NULL, that nothing does any more: then nobody touches the former from here on.
    pub fn set_waker(&self, waker: *mut CURLM) {
        self.waker.store(waker, SeqCst);
        if waker.is_null() {
            while self.pins.load(SeqCst) != 0 {
                std::hint::spin_loop();
            }
        }
    }

    /// The owner begins a transfer.
    pub fn begin_transfer(&self) {
        self.word.fetch_or(ACTIVE, SeqCst);
    }

    /// The owner ended its transfer; whether it had been cancelled by then.
    pub fn end_transfer(&self) -> bool {
        self.word.fetch_and(!TRANSFER, SeqCst) & CANCELLED != 0
    }

    /// The owner's callback interrupted the transfer, if one is going on.
    pub fn interrupt(&self) {
        let _ =
            self.word.fetch_update(SeqCst, SeqCst, |word| (word & ACTIVE != 0).then_some(word | INTERRUPTED));
    }

    /// Whether the transfer is to end without another callback.
    #[inline(always)]
    pub fn ended(&self) -> bool {
        self.word.load(Relaxed) & (CANCELLED | INTERRUPTED) != 0
    }

    /// Whether a transfer is going on.
    pub fn active(&self) -> bool {
        self.word.load(Relaxed) & ACTIVE != 0
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
