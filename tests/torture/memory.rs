//! An allocator for libcurl that fails where it is told to, and knows what is live.

use std::backtrace::Backtrace;
use std::cell::Cell;
use std::collections::HashMap;
use std::ffi::{CStr, c_char, c_void};
use std::ptr::null_mut;
use std::sync::{Mutex, MutexGuard, PoisonError};

use curlback::library::curlback_init_memory;

/// What memory has in it before anybody wrote to it, and after it was freed: whoever reads it is not to find what it hopes for.
const FRESH: u8 = 0xa5;
const FREED: u8 = 0xdf;

struct Block {
    size: usize,
    /// Which of the run's allocations it was.
    number: u64,
    place: Option<Backtrace>,
}

struct Ledger {
    live: Option<HashMap<usize, Block>>,
    /// Since the run began, on any thread.
    foreign_frees: u64,
}

static LEDGER: Mutex<Ledger> = Mutex::new(Ledger { live: None, foreign_frees: 0 });

thread_local! {
    /// Allocations of this thread since it was armed.
    static COUNT: Cell<u64> = const { Cell::new(0) };
    /// Which of them fail.
    static FAILS: Cell<Fails> = const { Cell::new(Fails::None) };
    /// How many did.
    static FAILED: Cell<u64> = const { Cell::new(0) };
    /// Whether places are written down.
    static TRACED: Cell<bool> = const { Cell::new(false) };
}

/// Which allocations fail.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fails {
    None,
    /// This one.
    Once(u64),
    /// This one and all that follow.
    From(u64),
}

fn ledger() -> MutexGuard<'static, Ledger> {
    LEDGER.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether this allocation is one that fails.
fn fails() -> bool {
    let number = COUNT.get() + 1;
    COUNT.set(number);
    let fails = match FAILS.get() {
        Fails::None => false,
        Fails::Once(failing) => number == failing,
        Fails::From(first) => number >= first,
    };
    if fails {
        FAILED.set(FAILED.get() + 1);
        if TRACED.get() {
            eprintln!("allocation {number} fails:\n{}", Backtrace::force_capture());
        }
    }
    fails
}

fn enter(memory: *mut c_void, size: usize) -> *mut c_void {
    if !memory.is_null() {
        let place = TRACED.get().then(Backtrace::force_capture);
        let block = Block { size, number: COUNT.get(), place };
        ledger().live.get_or_insert_default().insert(memory.addr(), block);
    }
    memory
}

/// How large it was; None for what is not live, which is then left alone.
fn leave(memory: *mut c_void) -> Option<usize> {
    let mut ledger = ledger();
    let block = ledger.live.as_mut().and_then(|live| live.remove(&memory.addr()));
    if block.is_none() {
        ledger.foreign_frees += 1;
    }
    block.map(|block| block.size)
}

unsafe extern "C-unwind" fn malloc(size: usize) -> *mut c_void {
    if fails() {
        return null_mut();
    }
    // SAFETY: what malloc() hands out can be written to.
    unsafe {
        let memory = libc::malloc(size);
        if !memory.is_null() {
            memory.cast::<u8>().write_bytes(FRESH, size);
        }
        enter(memory, size)
    }
}

unsafe extern "C-unwind" fn free(memory: *mut c_void) {
    if memory.is_null() {
        return;
    }
    if let Some(size) = leave(memory) {
        // SAFETY: it is live, with that size.
        unsafe {
            memory.cast::<u8>().write_bytes(FREED, size);
            libc::free(memory);
        }
    }
}

unsafe extern "C-unwind" fn realloc(memory: *mut c_void, size: usize) -> *mut c_void {
    if memory.is_null() {
        // SAFETY: as C has it.
        return unsafe { malloc(size) };
    }
    if fails() {
        return null_mut();
    }
    let Some(old) = leave(memory) else { return null_mut() };
    // SAFETY: both have room for the smaller of the two sizes. It moves each time: who keeps the old pointer is found out.
    unsafe {
        let moved = libc::malloc(size);
        moved.cast::<u8>().write_bytes(FRESH, size);
        moved.copy_from_nonoverlapping(memory, old.min(size));
        memory.cast::<u8>().write_bytes(FREED, old);
        libc::free(memory);
        enter(moved, size)
    }
}

unsafe extern "C-unwind" fn strdup(string: *const c_char) -> *mut c_char {
    // SAFETY: the string ends with NUL, and the copy has room for it.
    unsafe {
        let bytes = CStr::from_ptr(string).to_bytes_with_nul();
        let copy = malloc(bytes.len()).cast::<c_char>();
        if !copy.is_null() {
            copy.copy_from_nonoverlapping(string, bytes.len());
        }
        copy
    }
}

unsafe extern "C-unwind" fn calloc(count: usize, size: usize) -> *mut c_void {
    if fails() {
        return null_mut();
    }
    // SAFETY: as C has it.
    enter(unsafe { libc::calloc(count, size) }, count * size)
}

/// Gives libcurl this allocator, as the library's first call; its result.
pub fn install() -> i32 {
    // SAFETY: they do what C's do, for ever.
    unsafe { curlback_init_memory(Some(malloc), Some(free), Some(realloc), Some(strdup), Some(calloc)) }
}

/// What was live when a run began.
pub struct Before {
    live: Vec<usize>,
}

/// From here on there is memory.
pub fn relieve() {
    FAILS.set(Fails::None);
}

/// A run begins on this thread.
pub fn arm(fails: Fails, traced: bool) -> Before {
    COUNT.set(0);
    FAILED.set(0);
    FAILS.set(fails);
    TRACED.set(traced);
    let mut ledger = ledger();
    ledger.foreign_frees = 0;
    Before { live: ledger.live.iter().flat_map(|live| live.keys().copied()).collect() }
}

/// What a run did with memory.
pub struct After {
    pub allocations: u64,
    /// How many of them failed.
    pub failed: u64,
    pub wrong: Vec<String>,
}

/// The run has ended.
pub fn disarm(before: &Before) -> After {
    relieve();
    TRACED.set(false);
    let ledger = ledger();
    let mut wrong = Vec::new();
    for (address, block) in ledger.live.iter().flatten() {
        if !before.live.contains(address) {
            wrong.push(format!("{} bytes of allocation {} leak", block.size, block.number));
            wrong.extend(block.place.as_ref().map(|place| format!("made at\n{place}")));
        }
    }
    if ledger.foreign_frees > 0 {
        wrong.push(format!("{} frees of what is not live", ledger.foreign_frees));
    }
    After { allocations: COUNT.get(), failed: FAILED.get(), wrong }
}
