//! The quick way to a handle for a call that only asks, and calls nobody back: of one that is idle and in no multi handle.

use std::sync::atomic::Ordering::{Acquire, Relaxed, Release, SeqCst};

use super::{KIND_SHIFT, OWNER, Object, RELEASED, SLOT_BITS, Slot, TOP, slot_at, thread_number};

/// Who owns the handle meanwhile: a number that no thread has, and a bit that means nothing. Its own thread need not be told from
/// others, since it is back before it could ask; others wait, as for any short call. The processor has it in an instruction.
const GLANCE: u64 = OWNER | 1 << 31;

/// Gives the handle up again.
struct Glance(&'static Slot);

impl Drop for Glance {
    #[inline(always)]
    fn drop(&mut self) {
        if self.0.word.fetch_sub(GLANCE, Release) != GLANCE {
            leave_asked(self.0);
        }
    }
}

/// It was released meanwhile: who leaves it closes it. Another thread may have come before this one, and done so.
#[cold]
#[inline(never)]
fn leave_asked(slot: &'static Slot) {
    let me = thread_number();
    let released = |word: u64| (word & OWNER == 0 && word & RELEASED != 0).then_some(word | me);
    if slot.word.fetch_update(SeqCst, SeqCst, released).is_ok() {
        slot.leave();
    }
}

/// Has `body` look at what is behind a live handle. None where that is not so simple: then it is claim()'s to find out, and to say why.
#[inline(always)]
pub fn glance<T: Object, R>(handle: *const T::Opaque, body: impl FnOnce(&T) -> R) -> Option<R> {
    let id = handle.addr() as u64;
    if id >> KIND_SHIFT != (TOP >> KIND_SHIFT) | T::KIND as u64 {
        return None;
    }
    let slot = slot_at(id as u32 & ((1 << SLOT_BITS) - 1))?;
    // That of one in a multi handle is never 0. Inside callbacks looking first is less than trying.
    if slot.word.load(Relaxed) != 0 || slot.word.compare_exchange(0, GLANCE, Acquire, Relaxed).is_err() {
        return None;
    }
    let _glance = Glance(slot);
    // It does not change while the word is taken.
    if slot.id.load(Relaxed) != id {
        return None;
    }
    // SAFETY: the slot is owned here and serves this handle, which is of kind T, so the object is there, and stays until the slot is
    // given up.
    Some(body(unsafe { &*slot.object.load(Relaxed).cast::<T>() }))
}
