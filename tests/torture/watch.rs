//! A crash says in which run it was, and so does what never ends.

use std::sync::atomic::{AtomicPtr, AtomicU64, AtomicUsize, Ordering::SeqCst};

static NAME: AtomicPtr<u8> = AtomicPtr::new(std::ptr::null_mut());
static LENGTH: AtomicUsize = AtomicUsize::new(0);
/// How long a run may take.
const LIMIT_SECONDS: u32 = 60;
static NUMBER: AtomicU64 = AtomicU64::new(0);

pub fn begins(name: &'static str, number: u64) {
    LENGTH.store(0, SeqCst);
    NAME.store(name.as_ptr().cast_mut(), SeqCst);
    NUMBER.store(number, SeqCst);
    LENGTH.store(name.len(), SeqCst);
    // SAFETY: it sets a clock.
    unsafe { libc::alarm(LIMIT_SECONDS) };
}

/// Nothing is to be waited for any more.
pub fn ends() {
    // SAFETY: it stops a clock.
    unsafe { libc::alarm(0) };
}

/// Writes with nothing but what a signal handler may call, and dies of the signal.
extern "C" fn crashed(signal: i32) {
    let (mut digits, mut at, mut number) = ([0_u8; 20], 20, NUMBER.load(SeqCst));
    while number > 0 || at == 20 {
        at -= 1;
        digits[at] = b'0' + (number % 10) as u8;
        number /= 10;
    }
    let write = |text: *const u8, len: usize| {
        // SAFETY: the bytes are there.
        unsafe { libc::write(2, text.cast(), len) };
    };
    write(NAME.load(SeqCst), LENGTH.load(SeqCst));
    let between = b" was ended by a signal, failing at allocation ";
    write(between.as_ptr(), between.len());
    write(digits[at..].as_ptr(), 20 - at);
    write(b"\n".as_ptr(), 1);
    // SAFETY: both may be called here.
    unsafe {
        libc::signal(signal, libc::SIG_DFL);
        libc::raise(signal);
    }
}

pub fn crashes() {
    for signal in [libc::SIGSEGV, libc::SIGBUS, libc::SIGABRT, libc::SIGILL, libc::SIGALRM] {
        // SAFETY: the handler calls nothing that is not allowed in one.
        unsafe { libc::signal(signal, crashed as extern "C" fn(i32) as libc::sighandler_t) };
    }
}
