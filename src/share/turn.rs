//! The turn: one thread at a time is in libcurl for handles that share what libcurl does not lock.
//!
//! Of connections and of hosts for HSTS libcurl locks the lists, but not what stands in them: it counts references to what connections have
//! in common, looks at a connection that another thread changes, and adds hosts, all without a lock. So for handles that share these
//! it is called with the turn taken. Waiting for the network is done without it, and so is whatever libcurl calls: callbacks, the
//! locks of shares, files that are written. Whoever waits for something else than the turn does not have it, and whoever has it waits
//! for nothing: it is free again in a moment.
//!
//! Handles never stop taking turns once they have begun: what their last transfer has left refers to what it shared. There is one
//! turn for all shares, since a multi handle can have handles of several in it.

use std::cell::Cell;

use parking_lot::RawMutex;
use parking_lot::lock_api::RawMutex as _;

static TURN: RawMutex = RawMutex::INIT;

thread_local! {
    static MINE: Cell<bool> = const { Cell::new(false) };
}

fn take() {
    TURN.lock();
    MINE.set(true);
}

/// This thread has the turn.
fn give_up() {
    MINE.set(false);
    // SAFETY: this thread has locked it: nothing else sets MINE.
    unsafe { TURN.unlock() };
}

/// Does something in the end, panics included.
struct Finally(fn());

impl Drop for Finally {
    fn drop(&mut self) {
        self.0();
    }
}

/// Calls libcurl, in turn.
#[cold]
pub fn inside<R>(call: impl FnOnce() -> R) -> R {
    if MINE.get() {
        return call();
    }
    take();
    let _finally = Finally(give_up);
    call()
}

/// Does what libcurl has called for: the turn, if the thread has it, is anybody's meanwhile.
pub fn outside<R>(call: impl FnOnce() -> R) -> R {
    if !MINE.get() {
        return call();
    }
    give_up();
    let _finally = Finally(take);
    call()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;
    use std::sync::atomic::Ordering::SeqCst;
    use std::sync::mpsc::channel;
    use std::thread;

    use super::*;

    #[test]
    fn one_thread_at_a_time_is_inside() {
        let inside_now = AtomicUsize::new(0);
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..100 {
                        inside(|| {
                            assert_eq!(inside_now.fetch_add(1, SeqCst), 0);
                            thread::yield_now();
                            inside_now.fetch_sub(1, SeqCst);
                        });
                    }
                });
            }
        });
    }

    #[test]
    fn another_thread_can_be_inside_while_this_one_is_called_back() {
        let from_inside = |call: &dyn Fn()| inside(|| outside(call));
        let (tell, told) = channel();
        from_inside(&|| {
            let tell = tell.clone();
            thread::spawn(move || inside(|| tell.send(()).unwrap()));
            told.recv().unwrap();
            // What the callback calls can be called back too.
            inside(|| assert!(MINE.get()));
            assert!(!MINE.get());
        });
        assert!(!MINE.get());
    }

    #[test]
    fn a_call_inside_another_keeps_the_turn() {
        inside(|| {
            inside(|| ());
            assert!(MINE.get());
        });
        assert!(!MINE.get());
        outside(|| assert!(!MINE.get()));
        assert!(!MINE.get());
    }

    #[test]
    fn a_panic_leaves_it_as_it_was() {
        let panicked = std::panic::catch_unwind(|| inside(|| panic!("on purpose")));
        assert!(panicked.is_err() && !MINE.get());
        inside(|| {
            let panicked = std::panic::catch_unwind(|| outside(|| panic!("on purpose")));
            assert!(panicked.is_err() && MINE.get());
        });
        inside(|| ());
    }
}
