//! What is still held: blocks of libcurl's memory and of Rust's, descriptors, handles.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::ffi::{c_char, c_void};
use std::sync::atomic::{AtomicIsize, Ordering};

use curlback::library::{curlback_init_memory, curlback_live_handles};
use curlback_test_servers::open_descriptors;

use crate::support::ok;

static OF_LIBCURL: AtomicIsize = AtomicIsize::new(0);

thread_local! {
    static OF_RUST: Cell<isize> = const { Cell::new(0) };
}

/// Counts the blocks of this library, which is part of the test, and of the test itself, each thread for itself: what the threads of
/// servers and of the test harness do is their own.
struct Counting;

#[global_allocator]
static RUST: Counting = Counting;

// SAFETY: the system's allocator does the work.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        OF_RUST.set(OF_RUST.get() + 1);
        // SAFETY: the caller's.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        OF_RUST.set(OF_RUST.get() - 1);
        // SAFETY: the caller's.
        unsafe { System.dealloc(memory, layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller's.
        unsafe { System.realloc(memory, layout, size) }
    }
}

fn counted<T>(block: *mut T) -> *mut T {
    if !block.is_null() {
        OF_LIBCURL.fetch_add(1, Ordering::SeqCst);
    }
    block
}

unsafe extern "C-unwind" fn on_malloc(size: usize) -> *mut c_void {
    // SAFETY: any size can be asked for.
    counted(unsafe { libc::malloc(size) })
}

unsafe extern "C-unwind" fn on_free(memory: *mut c_void) {
    if !memory.is_null() {
        OF_LIBCURL.fetch_sub(1, Ordering::SeqCst);
        // SAFETY: it is one of the others'.
        unsafe { libc::free(memory) }
    }
}

unsafe extern "C-unwind" fn on_realloc(memory: *mut c_void, size: usize) -> *mut c_void {
    // SAFETY: it is one of the others', or NULL.
    let block = unsafe { libc::realloc(memory, size) };
    if memory.is_null() { counted(block) } else { block }
}

unsafe extern "C-unwind" fn on_strdup(string: *const c_char) -> *mut c_char {
    // SAFETY: libcurl gives a string.
    counted(unsafe { libc::strdup(string) })
}

unsafe extern "C-unwind" fn on_calloc(count: usize, size: usize) -> *mut c_void {
    // SAFETY: any size can be asked for.
    counted(unsafe { libc::calloc(count, size) })
}

/// Before anything else is done with the library.
pub fn count_libcurls_memory() {
    // SAFETY: they do what C's do.
    ok(unsafe {
        curlback_init_memory(
            Some(on_malloc),
            Some(on_free),
            Some(on_realloc),
            Some(on_strdup),
            Some(on_calloc),
        )
    });
}

/// How many blocks of Rust's this thread has taken and not given back.
pub fn blocks_of_rust() -> isize {
    OF_RUST.get()
}

/// What the process holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Held {
    blocks_of_libcurl: isize,
    descriptors: usize,
    handles: usize,
}

pub fn held() -> Held {
    Held {
        blocks_of_libcurl: OF_LIBCURL.load(Ordering::SeqCst),
        descriptors: open_descriptors(),
        handles: curlback_live_handles(),
    }
}
