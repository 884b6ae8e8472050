//! What other threads ask of a multi handle, and how its thread hears of it.

use std::sync::atomic::Ordering::{Relaxed, SeqCst};
use std::sync::atomic::{AtomicBool, AtomicU64};

use once_cell::sync::OnceCell;
use parking_lot::Mutex;
use polling::Poller;

use super::orphan::Orphan;
use super::{Multi, curlback_multi};
use crate::access::Call;
use crate::boundary::{Outcome, enter};
use crate::easy::{Easy, curlback_easy};
use crate::registry::{self, Slot, claim};
use crate::result::{code, curlback_result};

/// What the thread that drives the multi handle is asked to do, with the easy handle.
#[derive(Clone, Copy)]
pub enum Command {
    Add(u64),
    Remove(u64),
    /// It was cancelled, or is to be paused: its slot says which.
    Look(u64),
}

#[derive(Default)]
struct Queue {
    /// Whether a thread is in run, and takes handles from others.
    open: bool,
    /// How often it began to.
    runs: u64,
    news: News,
}

/// What other threads have left for the one that drives the multi handle.
#[derive(Default)]
pub struct News {
    pub commands: Vec<Command>,
    /// Easy handles in there that were released.
    pub released: Vec<u64>,
    /// libcurl handles that were in there.
    pub orphans: Vec<Orphan>,
}

impl News {
    fn is_empty(&self) -> bool {
        self.commands.is_empty() && self.released.is_empty() && self.orphans.is_empty()
    }
}

/// What every thread may touch that has pinned the multi handle's slot.
#[derive(Default)]
pub struct Shared {
    queue: Mutex<Queue>,
    /// Whether there may be something in the queue.
    asked: AtomicBool,
    stop: AtomicBool,
    /// The library's own loop, once there was one; and whether a thread waits there.
    pub poller: OnceCell<Poller>,
    looping: AtomicBool,
    /// The thread that last drove it, as the registry numbers them.
    driver: AtomicU64,
}

impl Shared {
    /// The queue's content, once it was announced.
    pub fn take(&self) -> Option<News> {
        if !self.is_asked() || !self.asked.swap(false, SeqCst) {
            return None;
        }
        Some(std::mem::take(&mut self.queue.lock().news))
    }

    #[inline]
    pub fn is_asked(&self) -> bool {
        self.asked.load(Relaxed)
    }

    /// The calling thread begins to take handles from others, and to wait in its own loop. Whoever is refused as it runs finds it open.
    pub fn open(&self, slot: &Slot) {
        self.looping.store(true, SeqCst);
        let mut queue = self.queue.lock();
        queue.open = true;
        queue.runs += 1;
        slot.begin_running();
    }

    /// It takes no more, if there is nothing in the queue. It must call nobody after that: others wait for it to leave.
    pub fn shut(&self, slot: &Slot) -> bool {
        let mut queue = self.queue.lock();
        let shut = queue.news.is_empty();
        if shut {
            queue.open = false;
            self.looping.store(false, SeqCst);
            slot.end_running();
        }
        shut
    }

    /// The queue is looked at once more, whatever was announced.
    pub fn look_again(&self) {
        self.asked.store(true, SeqCst);
    }

    pub fn is_open(&self) -> bool {
        self.queue.lock().open
    }

    /// Puts what `commit` makes into the queue of a thread that is in run; false where there is none.
    fn submit(&self, commit: impl FnOnce() -> Outcome<Command>) -> Outcome<bool> {
        let mut queue = self.queue.lock();
        if queue.open {
            queue.news.commands.push(commit()?);
        }
        Ok(queue.open)
    }

    /// Whether run was told to stop, once.
    pub fn take_stop(&self) -> bool {
        self.stop.load(Relaxed) && self.stop.swap(false, SeqCst)
    }

    pub fn driven_here(&self) {
        self.driver.store(registry::thread_number(), Relaxed);
    }

    /// Says that there is something in the queue. Wakes the thread that waits, once for all that comes until it has looked.
    fn announce(&self, slot: &'static Slot) {
        if self.note() && !slot.is_owned_here() {
            self.wake(slot);
        }
    }

    /// Whether what is in the queue was not announced already.
    fn note(&self) -> bool {
        !self.asked.swap(true, SeqCst)
    }

    fn wake(&self, slot: &'static Slot) {
        match self.poller.get() {
            // It fails only where there is no loop to be woken any more.
            Some(poller) if self.looping.load(SeqCst) => drop(poller.notify()),
            _ => slot.wake(),
        }
    }
}

fn shared(slot: &'static Slot) -> &'static Shared {
    // SAFETY: the slot is a multi handle's, and pinned or owned by the caller, so the object is there; `shared` is the part of it
    // that any thread may touch. The reference is used for no longer than the pin or the ownership lasts.
    unsafe { &(*slot.object::<Multi>()).shared }
}

/// Asks the thread that drives the multi handle in `slot`. The caller is pinned to it.
pub fn ask(slot: &'static Slot, command: Command) {
    let shared = shared(slot);
    shared.queue.lock().news.commands.push(command);
    shared.announce(slot);
}

/// The easy handle `id` in a multi handle was released: its slot's word says so, and whoever owns the multi handle closes it. By now that
/// may have happened, and the slot serve another.
pub fn release_member(easy: &'static Slot, id: u64) {
    let taken = easy.with_domain(|multi| {
        shared(multi).queue.lock().news.released.push(id);
        own_or_ask(multi)
    });
    if let Some(Some(multi)) = taken {
        close_released(multi);
        multi.leave();
    }
}

/// Something was left in the queue of the multi handle in `slot`, to which the caller is pinned: for its owner, who hears of it, or for the
/// calling thread, which owns it then.
fn own_or_ask(slot: &'static Slot) -> Option<&'static Slot> {
    loop {
        if slot.try_own() {
            return Some(slot);
        }
        if slot.ask_owner() {
            shared(slot).announce(slot);
            return None;
        }
    }
}

/// Frees a libcurl handle that was in `multi`: on the calling thread, as `here` does, with the multi handle kept from being driven
/// elsewhere. Where another thread is at it already, that one gets the `orphan`.
pub fn free(multi: *const curlback_multi, orphan: impl FnOnce() -> Orphan, here: impl FnOnce()) {
    let (mut driven, mut owned) = (false, None);
    registry::while_there::<Multi>(multi, |slot| {
        if !slot.is_owned_here() {
            driven = !slot.try_own();
            owned = (!driven).then_some(slot);
        }
    });
    if driven {
        let mut orphan = Some(orphan());
        registry::while_there::<Multi>(multi, |slot| {
            shared(slot).queue.lock().news.orphans.extend(orphan.take());
            owned = own_or_ask(slot);
        });
    } else {
        here();
    }
    if let Some(slot) = owned {
        close_released(slot);
        slot.leave();
    }
}

/// Closes the easy handles of the multi handle in `slot` that were released, and frees the orphans. The caller owns it.
#[cold]
pub fn close_released(slot: &'static Slot) {
    let (released, orphans) = {
        let news = &mut shared(slot).queue.lock().news;
        (std::mem::take(&mut news.released), std::mem::take(&mut news.orphans))
    };
    drop(orphans);
    for id in released {
        close_if_member(slot, id);
    }
}

pub(super) fn close_if_member(multi: &'static Slot, easy: u64) {
    if let Some(easy) = registry::slot_of::<Easy>(easy)
        && easy.domain().is_some_and(|domain| std::ptr::eq(domain, multi))
    {
        easy.own();
        easy.destroy();
    }
}

/// What was asked of an easy handle in a multi handle is done at once where the calling thread is the one that last drove that, and does
/// not drive it just now. Otherwise the thread that drives it hears of it.
pub fn carry_out(easy: *const curlback_easy) -> Outcome {
    let driven_here = registry::slot_of::<Easy>(easy.addr() as u64)
        .and_then(|slot| {
            slot.with_domain(|multi| {
                let here = shared(multi).driver.load(Relaxed) == registry::thread_number();
                here.then(|| std::ptr::without_provenance::<curlback_multi>(multi.id() as usize))
            })
        })
        .flatten();
    match driven_here.map(|multi| claim::<Multi>(multi, Call::Drive)) {
        Some(Ok(multi)) => multi.look_around(),
        // Whoever drives it looks when libcurl has returned.
        Some(Err(_)) | None => Ok(()),
    }
}

/// What a thread that adds or removes finds.
pub enum Found {
    /// Another thread is in run, and takes handles.
    Open,
    /// The multi handle is the calling thread's.
    Claimed(registry::Guard<Multi>),
    /// Neither: a run has begun or ended meanwhile.
    Changed,
}

/// Claims the multi handle for a call that can be given to a thread in run, unless there is one.
pub fn find(multi: *const curlback_multi) -> Outcome<Found> {
    let state = || {
        let mut state = (false, 0);
        registry::pinned::<Multi>(multi, |slot| {
            let queue = shared(slot).queue.lock();
            state = (queue.open && !slot.is_owned_here(), queue.runs);
        })?;
        Ok(state)
    };
    let before = state()?;
    if before.0 {
        return Ok(Found::Open);
    }
    match claim::<Multi>(multi, Call::Member) {
        Err(refused) if refused.code == code::E_BUSY && state()? != before => Ok(Found::Changed),
        claimed => claimed.map(Found::Claimed),
    }
}

/// Gives a command to the thread that is in run on `multi`; false where none is. `commit` may refuse; what it does is done while that
/// thread still takes handles, and so owns the multi handle: it must not call anybody.
pub fn submit(
    multi: *const curlback_multi,
    commit: impl FnOnce(&'static Slot) -> Outcome<Command>,
) -> Outcome<bool> {
    let mut answer = Ok(false);
    registry::pinned::<Multi>(multi, |slot| {
        let shared = shared(slot);
        answer = shared.submit(|| commit(slot));
        if let Ok(true) = answer {
            shared.announce(slot);
        }
    })?;
    answer
}

pub fn stop(multi: *mut curlback_multi) -> Outcome {
    registry::pinned::<Multi>(multi, |slot| {
        shared(slot).stop.store(true, SeqCst);
        shared(slot).wake(slot);
    })
}

/// Makes curlback_multi_run() return soon, with CURLBACK_OK and its unfinished transfers still added; where none is running, the next
/// one returns at once. From any thread, also inside callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn curlback_multi_stop(multi: *mut curlback_multi) -> curlback_result {
    enter(|| stop(multi))
}

/// Makes the curlback_multi_poll() that is waiting return, or the next one at once; curlback_multi_run() takes a look at what there
/// is to do. From any thread, also inside callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn curlback_multi_wakeup(multi: *mut curlback_multi) -> curlback_result {
    enter(|| registry::pinned::<Multi>(multi, |slot| shared(slot).wake(slot)))
}

/// Refused where a handle is not in the multi handle: libcurl's own word for it.
pub const NOT_IN_IT: curlback_result = code::MULTI_BASE + 2;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_running_thread_is_woken_once_for_all_that_comes_until_it_looks() {
        let shared = Shared::default();
        for _ in 0..3 {
            shared.queue.lock().news.commands.extend([Command::Add(1), Command::Look(1), Command::Remove(1)]);
            assert_eq!([(); 3].map(|()| shared.note()), [true, false, false]);
            assert_eq!(shared.take().map(|news| news.commands.len()), Some(3));
            assert!(shared.take().is_none());
        }
    }
}
