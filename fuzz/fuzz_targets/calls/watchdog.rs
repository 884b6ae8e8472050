//! A transfer whose last bytes are collected for a callback that has paused waits for nobody but its caller: libcurl has finished
//! with it, and its limits of time are over. Here another thread is that caller: it cancels what takes long.

use std::ptr::without_provenance_mut;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};
use std::thread;
use std::time::Duration;

use curlback::easy::perform::curlback_easy_cancel;

/// How often it looks; what goes on for two of these is cancelled.
const TICK: Duration = Duration::from_millis(25);

/// The number of the transfer that goes on; 0 for none.
static GOING_ON: AtomicU64 = AtomicU64::new(0);
static STARTED: AtomicU64 = AtomicU64::new(0);
static EASIES: Mutex<Vec<usize>> = Mutex::new(Vec::new());

fn easies() -> MutexGuard<'static, Vec<usize>> {
    EASIES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A play begins.
pub fn begin() {
    static START: Once = Once::new();
    START.call_once(|| {
        thread::spawn(watch);
    });
    easies().clear();
}

pub fn knows(easy: usize) {
    easies().push(easy);
}

/// Does what can wait for a transfer; inside another such call it changes nothing.
pub fn guarded(call: impl FnOnce() -> i32) -> i32 {
    let number = STARTED.fetch_add(1, Ordering::SeqCst) + 1;
    let outermost = GOING_ON.compare_exchange(0, number, Ordering::SeqCst, Ordering::SeqCst).is_ok();
    let result = call();
    if outermost {
        GOING_ON.store(0, Ordering::SeqCst);
    }
    result
}

fn watch() {
    let mut seen = 0;
    loop {
        thread::sleep(TICK);
        let now = GOING_ON.load(Ordering::SeqCst);
        if now != 0 && now == seen {
            for easy in easies().clone() {
                // One that is closed is no handle any more.
                let _ = curlback_easy_cancel(without_provenance_mut(easy));
            }
        }
        seen = now;
    }
}
