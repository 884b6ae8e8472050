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
//! released meanwhile. An easy handle that is in a multi handle is owned with it: its `domain` is then the multi handle's slot, whose
//! word decides. The domain changes only while a thread owns both words.

mod glance;
mod guard;
mod lend;
mod transfer;

use std::ptr::{NonNull, null_mut};
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release, SeqCst};
use std::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, AtomicUsize};

use parking_lot::Mutex;

use crate::access::Situation;
use crate::boundary::{Outcome, fail};
use crate::libcurl::sys::CURLM;
use crate::result::code;
use crate::slot::Garbage;

pub use glance::glance;
pub use guard::{Guard, claim, claim_here, claim_quickly, claim_quietly, release, runs_here};
pub use lend::lend;
pub use transfer::{cancel, pause};

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
    Trailers = 3,
    HstsSlot = 4,
    Multi = 5,
    Share = 6,
    Mime = 7,
    MimePart = 8,
}

impl Kind {
    const ALL: [Kind; 8] = [
        Kind::Easy,
        Kind::List,
        Kind::Trailers,
        Kind::HstsSlot,
        Kind::Multi,
        Kind::Share,
        Kind::Mime,
        Kind::MimePart,
    ];

    fn name(self) -> &'static str {
        match self {
            Kind::Easy => "curlback_easy",
            Kind::List => "curlback_list",
            Kind::Trailers => "curlback_trailers",
            Kind::HstsSlot => "curlback_hsts_slot",
            Kind::Multi => "curlback_multi",
            Kind::Share => "curlback_share",
            Kind::Mime => "curlback_mime",
            Kind::MimePart => "curlback_mime_part",
        }
    }
}

/// What stands behind a handle.
pub trait Object: Sized {
    /// The opaque type of the C interface.
    type Opaque;
    const KIND: Kind;

    /// What a callback that makes a call has to find again after it.
    type Suspended: Copy;
    fn suspend(&self) -> Self::Suspended;
    fn resume(&self, suspended: Self::Suspended);

    /// Whether a callback of this very handle is running on the calling thread, which owns it.
    fn in_callback(&self) -> bool {
        false
    }

    /// How the calling thread, which owns it, stands to it.
    fn situation(&self) -> Situation {
        if self.in_callback() { Situation::OwnCallback } else { Situation::Beside }
    }

    /// What was replaced and can be dropped now that the calling thread is leaving; empty while a callback may use it.
    fn garbage(&self) -> Vec<Garbage> {
        Vec::new()
    }

    /// The transfer is to end, another thread says: it may be any, and may touch nothing but what is atomic.
    ///
    /// # Safety
    /// The object is there.
    unsafe fn told_to_end(_object: *const Self) {}

    /// Ends everything that can call back. The handle is still known, to callbacks alone.
    fn close(&self) {}

    /// What is left to be dropped once the handle is no more.
    fn remains(self: Box<Self>) -> Vec<Garbage> {
        Vec::new()
    }
}

/// `word`: the owning thread's number, 0 for nobody, above these.
const OWNER_SHIFT: u32 = 32;
const OWNER: u64 = 0xffff_ffff << OWNER_SHIFT;
/// The owner is in a call that can call back: others are refused rather than kept waiting.
const RUNNING: u64 = 1 << 0;
/// A transfer is going on, which can be cancelled and paused.
const ACTIVE: u64 = 1 << 1;
const CANCELLED: u64 = 1 << 2;
const CLOSING: u64 = 1 << 3;
const RELEASED: u64 = 1 << 4;
const PAUSE_ASKED: u64 = 1 << 5;
const PAUSE_SHIFT: u32 = 6;
const PAUSE_MASK: u64 = 0b111 << PAUSE_SHIFT;
/// Of a multi handle: some of its easy handles were released, which the owner has to close before it leaves.
const ASKED: u64 = 1 << 9;
/// The owner's call can call back but is a short one, which drives nothing: it is worth waiting for.
const BRIEF: u64 = 1 << 10;
/// Of an easy handle: it is in a multi handle, whose word decides.
const MEMBER: u64 = 1 << 11;
/// What goes when the owner leaves.
const HELD: u64 = OWNER | RUNNING | BRIEF;
/// What ends with the transfer.
const TRANSFER: u64 = ACTIVE | CANCELLED | PAUSE_ASKED | PAUSE_MASK;

#[repr(C, align(64))]
pub struct Slot {
    /// The first, as what is asked for most.
    word: AtomicU64,
    /// The handle's value while there is one, else 0.
    id: AtomicU64,
    object: AtomicPtr<()>,
    /// Closes and frees the object, of whatever kind it is.
    destroy: AtomicPtr<()>,
    /// What wakes the thread that waits for the network; NULL where none does.
    waker: AtomicPtr<CURLM>,
    /// The slot of the multi handle that the easy handle is in; NULL where it is in none.
    domain: AtomicPtr<Slot>,
    /// Threads that are between finding the slot by a handle and being done with it without owning it.
    pins: AtomicU32,
    generation: AtomicU32,
    index: u32,
}

/// Slots in blocks of 64, 128, 256 and so on.
const FIRST_BLOCK: u32 = 6;
static BLOCKS: [AtomicPtr<Slot>; 20] = [const { AtomicPtr::new(null_mut()) }; 20];
static LIVE: AtomicUsize = AtomicUsize::new(0);

/// The first block. Most programs need no other, and so no memory for it.
static FIRST: [Slot; 1 << FIRST_BLOCK] = {
    let mut slots = [const { Slot::new(0) }; 1 << FIRST_BLOCK];
    let mut index = 0;
    while index < slots.len() {
        slots[index].index = index as u32;
        index += 1;
    }
    slots
};

fn more_slots(first: u32, count: u32) -> &'static [Slot] {
    let slots: Box<[Slot]> = (0..count).map(|n| Slot::new(first + n)).collect();
    Box::leak(slots)
}

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
    if let Some(slot) = FIRST.get(index as usize) {
        return Some(slot);
    }
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
                let slots = if block == 0 { &FIRST } else { more_slots(index, 64 << block) };
                // Closing needs no memory, and least of all when much has just been freed.
                let known = index as usize + slots.len();
                let needed = known - free.slots.len();
                free.slots.reserve(needed);
                BLOCKS[block].store(slots.as_ptr().cast_mut(), Release);
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

/// The calling thread, as the owner in a `word`: a number that no other thread has.
#[inline]
pub fn thread_number() -> u64 {
    thread_local! {
        static NUMBER: std::cell::Cell<u32> = const { std::cell::Cell::new(0) };
    }
    #[cold]
    fn assign() -> u32 {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        // 0 is nobody, and all ones is what glance.rs takes.
        let number = (NEXT.fetch_add(1, Relaxed) % u32::MAX).max(1);
        NUMBER.set(number);
        number
    }
    let number = NUMBER.get();
    u64::from(if number == 0 { assign() } else { number }) << OWNER_SHIFT
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
            slot.destroy.store(Slot::destroy_as::<T> as guard::Destroy as *mut (), Relaxed);
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
    // One of the same kind is on its way out: it was released and runs still.
    let other = Kind::ALL.into_iter().filter(|other| *other != kind).find(|other| {
        id >> KIND_SHIFT == (TOP >> KIND_SHIFT) | *other as u64
            && slot_at(id as u32 & ((1 << SLOT_BITS) - 1)).is_some_and(|slot| slot.id.load(Acquire) == id)
    });
    match other {
        Some(other) => fail(code::E_HANDLE, format!("this is a {}, not a {name}", other.name())),
        None => fail(code::E_HANDLE, format!("not a live {name}: it was closed, or never was one")),
    }
}

/// Runs `body` on the slot of a live handle without owning it: the slot serves no other handle meanwhile.
pub fn pinned<T: Object>(handle: *const T::Opaque, body: impl FnOnce(&'static Slot)) -> Outcome {
    pinned_unless::<T>(handle, RELEASED, body)
}

/// As pinned(), also where the handle was released and is not closed yet. Nothing where it is gone.
pub fn while_there<T: Object>(handle: *const T::Opaque, body: impl FnOnce(&'static Slot)) {
    let _ = pinned_unless::<T>(handle, 0, body);
}

fn pinned_unless<T: Object>(
    handle: *const T::Opaque,
    given_up: u64,
    body: impl FnOnce(&'static Slot),
) -> Outcome {
    let (slot, id) = find::<T>(handle)?;
    // Either this pin is seen by the thread that frees the handle, which then waits, or the id is seen to have gone.
    slot.pins.fetch_add(1, SeqCst);
    let live = slot.id.load(SeqCst) == id && slot.word.load(SeqCst) & given_up == 0;
    if live {
        body(slot);
    }
    slot.pins.fetch_sub(1, Release);
    if live { Ok(()) } else { unknown(id, T::KIND) }
}

/// The slot that serves the handle of this kind with that value.
pub fn slot_of<T: Object>(handle: u64) -> Option<&'static Slot> {
    let handle = std::ptr::without_provenance::<T::Opaque>(handle as usize);
    find::<T>(handle).ok().map(|(slot, _)| slot)
}

/// Refuses what is no live handle.
pub fn known<T: Object>(handle: *const T::Opaque) -> Outcome {
    pinned::<T>(handle, |_| {})
}

impl Slot {
    const fn new(index: u32) -> Self {
        Slot {
            id: AtomicU64::new(0),
            word: AtomicU64::new(0),
            object: AtomicPtr::new(null_mut()),
            destroy: AtomicPtr::new(null_mut()),
            waker: AtomicPtr::new(null_mut()),
            domain: AtomicPtr::new(null_mut()),
            pins: AtomicU32::new(0),
            generation: AtomicU32::new(0),
            index,
        }
    }

    /// The slot whose word says who owns this one.
    #[inline]
    pub fn lock(&'static self) -> &'static Slot {
        // SAFETY: NULL or one of the slots, which are never freed.
        unsafe { self.domain.load(SeqCst).as_ref() }.unwrap_or(self)
    }

    /// The multi handle's slot, where it is in one.
    pub fn domain(&'static self) -> Option<&'static Slot> {
        // SAFETY: as in lock().
        unsafe { self.domain.load(SeqCst).as_ref() }
    }

    /// The calling thread, which owns both, puts the handle into a multi handle, or takes it out of it.
    pub fn set_domain(&self, domain: Option<&'static Slot>) {
        if domain.is_some() {
            self.word.fetch_or(MEMBER, SeqCst);
        }
        self.domain.store(domain.map_or(null_mut(), |slot| std::ptr::from_ref(slot).cast_mut()), SeqCst);
        if domain.is_none() {
            self.word.fetch_and(!MEMBER, SeqCst);
        }
    }

    /// Whether the calling thread owns it.
    pub fn is_owned_here(&self) -> bool {
        self.word.load(Acquire) & OWNER == thread_number()
    }

    /// Whether it was given up while it ran: no caller reaches it any more.
    pub fn is_released(&self) -> bool {
        self.word.load(Relaxed) & RELEASED != 0
    }

    /// The handle that it serves; 0 for none.
    pub fn id(&self) -> u64 {
        self.id.load(Acquire)
    }

    /// What is behind it.
    pub fn object<T: Object>(&self) -> *const T {
        self.object.load(Acquire).cast_const().cast()
    }

    /// Runs `body` on the multi handle's slot that this one is in, which stays while it runs; None where it is in none.
    pub fn with_domain<R>(&'static self, body: impl Fn(&'static Slot) -> R) -> Option<R> {
        loop {
            let domain = self.domain()?;
            // Either this pin is seen by the thread that closes the multi handle, which waits for it after its handles have left, or
            // this handle is seen to have left.
            domain.pins.fetch_add(1, SeqCst);
            let body = self.domain().is_some_and(|now| std::ptr::eq(now, domain)).then_some(&body);
            let result = body.map(|body| body(domain));
            domain.pins.fetch_sub(1, Release);
            if result.is_some() {
                return result;
            }
        }
    }

    pub fn wait_for_pins(&self) {
        let mut spins = 0;
        while self.pins.load(SeqCst) != 0 {
            pause_briefly(&mut spins);
        }
    }
}

/// How many looks a call that is worth waiting for is waited for: its callbacks may take as long as they like.
const PATIENCE: u32 = 100_000;

/// Between two looks at what another thread will have done in a moment.
fn pause_briefly(spins: &mut u32) {
    *spins += 1;
    if *spins < 100 { std::hint::spin_loop() } else { std::thread::yield_now() }
}
