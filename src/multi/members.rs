//! The easy handles of a multi handle: how they come, how their transfers end, how they go.

use std::cell::Cell;
use std::ptr::null;

use super::done::Ended;
use super::queue::{self, Command, Found, NOT_IN_IT};
use super::{Multi, curlback_multi};
use crate::access::Call;
use crate::boundary::{Failure, Outcome, enter};
use crate::easy::batch::Handed;
use crate::easy::{Easy, curlback_easy};
use crate::libcurl::sys;
use crate::registry::{self, claim};
use crate::result::{code, curlback_result};

const ABORTED: curlback_result = sys::CURLE_ABORTED_BY_CALLBACK as curlback_result;

/// What an easy handle knows of the multi handle that it is in.
pub struct Membership {
    multi: Cell<*const Multi>,
    /// Where it is among the members.
    place: Cell<usize>,
    /// Whether its transfer has ended and nobody was told yet.
    untold: Cell<bool>,
    /// The one that it was in last; NULL for none.
    left: Cell<*const curlback_multi>,
}

impl Default for Membership {
    fn default() -> Self {
        Membership {
            multi: Cell::new(null()),
            place: Cell::new(usize::MAX),
            untold: Cell::new(false),
            left: Cell::new(null()),
        }
    }
}

impl Membership {
    #[inline]
    pub fn multi(&self) -> Option<&Multi> {
        // SAFETY: NULL, or the multi handle that it is in: that takes its members out before it goes, and this thread owns both.
        unsafe { self.multi.get().as_ref() }
    }

    /// The multi handle that it was in last, which may be gone by now.
    pub fn left(&self) -> Option<*const curlback_multi> {
        Some(self.left.get()).filter(|multi| !multi.is_null())
    }

    /// It is in none any more.
    pub fn leave(&self) {
        if let Some(multi) = self.multi() {
            self.left.set(multi.handle());
        }
        self.multi.set(null());
        self.untold.set(false);
        self.place.set(usize::MAX);
    }

    /// Whether its transfer has begun in there: not yet where another thread submitted it.
    fn is_listed(&self) -> bool {
        self.place.get() != usize::MAX
    }

    pub fn told(&self) {
        self.untold.set(false);
    }
}

impl Multi {
    /// The easy handle behind a handle's value, if it is in here.
    pub(super) fn member(&self, easy: u64) -> Option<&Easy> {
        let slot = registry::slot_of::<Easy>(easy)?;
        let here = slot.domain().is_some_and(|domain| std::ptr::eq(domain, self.slot));
        // SAFETY: it is in here, and so this thread owns it: nobody else frees it, and this thread only where no reference is kept.
        here.then(|| unsafe { &*slot.object::<Easy>() })
    }

    /// The easy handle that libcurl shows, if it is in here.
    pub(super) fn member_of(&self, curl: *mut sys::CURL) -> Option<&Easy> {
        if curl.is_null() {
            return None;
        }
        let mut value: *mut std::ffi::c_char = std::ptr::null_mut();
        // SAFETY: libcurl passed the handle; the info takes a pointer to a pointer.
        unsafe { sys::curl_easy_getinfo(curl, sys::CURLINFO_PRIVATE, &raw mut value) };
        self.member(value.addr() as u64).filter(|easy| std::ptr::eq(easy.curl(), curl))
    }

    /// How many transfers are under way.
    pub fn active(&self) -> usize {
        self.active.get()
    }

    /// Lists an easy handle whose transfer has begun.
    pub(super) fn enlist(&self, easy: &Easy) {
        let mut members = self.members.borrow_mut();
        easy.membership.place.set(members.len());
        members.push(easy);
        drop(members);
        if self.takes_turns.get() {
            easy.take_turns();
        } else if easy.takes_turns() {
            self.take_turns();
        }
        self.active.set(self.active.get() + 1);
        if easy.asked() {
            // Before it was in here, when nobody could be told.
            self.look_at(easy.handle());
        }
    }

    /// From here on it is in here for everybody: who owns this owns it. The calling thread owns its slot, and this one's or a pin.
    pub(super) fn take_in(&self, easy: &Easy) {
        easy.membership.multi.set(self);
        easy.slot().set_domain(Some(self.slot));
    }

    /// One that another thread submitted: on_done hears of it where it fails.
    pub(super) fn start_submitted(&self, easy: u64) {
        let Some(easy) = self.member(easy) else { return };
        if easy.membership.is_listed() {
            // on_done took it out before it came to this, and added it itself.
            return;
        }
        self.enlist(easy);
        let added = self.within(|curlm| easy.join_multi(curlm));
        if added != sys::CURLM_OK {
            easy.record().replace_result(from_multi(added));
            self.finish(easy, ABORTED);
        }
    }

    /// The transfer of an easy handle in here is over, as libcurl says with `curl_code`.
    pub(super) fn finish(&self, easy: &Easy, curl_code: curlback_result) {
        if !easy.slot().active() || !easy.body_is_over(curl_code) {
            return;
        }
        if self.aborted.get() && curl_code != code::OK {
            easy.record().replace_result(ABORTED);
        }
        if easy.ended() {
            // What it was doing ends now, its connection with it, while its callbacks are still kept from running.
            self.within(|_| easy.leave_multi());
        }
        let result = easy.finish(curl_code, false);
        self.active.set(self.active.get() - 1);
        if result == code::E_RAISED
            && let Some(raised) = easy.raised_interrupt()
        {
            self.record.interrupt(self, raised, easy.handle());
        }
        easy.membership.untold.set(true);
        self.ended.borrow_mut().push_back(Ended { easy: easy.handle(), result });
    }

    /// Ends every transfer: a callback of the multi handle's own failed.
    pub(super) fn end_all(&self) {
        let mut next = 0;
        loop {
            let Some(easy) = self.members.borrow().get(next).copied() else { return };
            next += 1;
            // SAFETY: members are there, and this thread owns them. None goes while this runs: libcurl is asked to let go of them, which only
            // this multi handle's own callbacks can hear of, and those cannot close any.
            let easy = unsafe { &*easy };
            if easy.slot().active() {
                easy.end_early();
                self.finish(easy, ABORTED);
            }
        }
    }

    /// What is interrupted, cancelled or to be paused.
    pub(super) fn look(&self, easy: u64) {
        let Some(easy) = self.member(easy) else { return };
        if !easy.slot().active() || !easy.membership.is_listed() {
            return;
        }
        if easy.ended() {
            self.finish(easy, ABORTED);
            return;
        }
        if let Some(mask) = easy.slot().pause_asked() {
            self.within(|_| easy.pause(mask));
        }
        if let Some(curl_code) = easy.over_since() {
            self.finish(easy, curl_code);
        }
    }

    /// An easy handle has collected some of the body: its callback is to get it before the thread waits.
    pub fn batches_body(&self, easy: *mut curlback_easy) {
        self.batches.borrow_mut().push(easy.addr() as u64);
    }

    /// Whether callbacks are to get what was collected for them.
    #[inline]
    pub(super) fn batches_wait(&self) -> bool {
        !self.batches.borrow().is_empty()
    }

    #[inline]
    pub(super) fn flush_bodies(&self) {
        if self.batches_wait() {
            self.flush_all();
        }
    }

    #[cold]
    fn flush_all(&self) {
        for easy in self.batches.take() {
            let Some(easy) = self.member(easy) else { continue };
            easy.batch.heard();
            if easy.flush_body() == Handed::Paused && !easy.is_over() {
                self.within(|_| easy.hold_back());
            }
        }
        self.tidy();
    }

    pub fn look_at(&self, easy: *mut curlback_easy) {
        self.looks.borrow_mut().push(easy.addr() as u64);
    }

    /// Takes an easy handle out whose slot this thread owns too. Its transfer, if it is under way, ends; true then.
    fn take_out(&self, easy: &Easy) -> bool {
        let membership = &easy.membership;
        self.within(|_| easy.leave_multi());
        let unfinished = easy.slot().active();
        if unfinished {
            easy.finish(ABORTED, true);
            if membership.is_listed() {
                self.active.set(self.active.get() - 1);
            }
        }
        if membership.untold.take() {
            self.ended.borrow_mut().retain(|ended| ended.easy != easy.handle());
        }
        let mut members = self.members.borrow_mut();
        let place = membership.place.replace(usize::MAX);
        // One that was submitted and not started yet is in no place.
        if place != usize::MAX {
            members.swap_remove(place);
            if let Some(moved) = members.get(place) {
                // SAFETY: members are there, and this thread owns them.
                unsafe { &**moved }.membership.place.set(place);
            }
        }
        membership.leave();
        easy.slot().set_domain(None);
        unfinished
    }

    /// An easy handle in here closes: this thread owns its slot too. What callbacks raise meanwhile has nobody to go to.
    pub fn part_with(&self, easy: &Easy) {
        let outer = self.begin_quietly();
        self.take_out(easy);
        self.tidy();
        self.end_quietly(outer);
    }

    /// All easy handles go, and live on.
    pub(super) fn leave_all(&self) {
        loop {
            let Some(easy) = self.members.borrow().last().copied() else { break };
            // SAFETY: members are there, and this thread owns them.
            let easy = unsafe { &*easy };
            let slot = easy.slot();
            slot.own();
            self.take_out(easy);
            // Nobody touches it from here on: another thread may have it.
            slot.leave();
        }
        // Submitted and not started yet.
        while let Some(news) = self.shared.take() {
            for command in news.commands {
                if let Command::Add(easy) = command
                    && let Some(easy) = self.member(easy)
                {
                    let slot = easy.slot();
                    slot.own();
                    easy.finish(ABORTED, true);
                    easy.membership.leave();
                    slot.set_domain(None);
                    slot.leave();
                }
            }
        }
    }

    fn add(&self, handle: *mut curlback_easy) -> Outcome {
        let guard = prepare(handle)?;
        let easy: *const Easy = &*guard;
        self.take_in(&guard);
        // on_done may close it before this returns.
        guard.hand_over();
        let outer = self.begin_call();
        // SAFETY: it is in here, so this thread owns it, and nothing has run since that could close it.
        let added = unsafe {
            self.enlist(&*easy);
            self.within(|curlm| (*easy).join_multi(curlm))
        };
        self.tidy();
        if added != sys::CURLM_OK || self.record.fails() {
            // It may have been released meanwhile.
            self.remove(handle.addr() as u64);
            self.tidy();
        }
        self.end_call(outer, added)
    }

    /// Removes a member, where it is one; answers with whether its transfer was under way.
    pub(super) fn remove(&self, easy: u64) -> bool {
        let Some(easy) = self.member(easy) else { return false };
        let slot = easy.slot();
        slot.own();
        let unfinished = self.take_out(easy);
        slot.leave();
        unfinished
    }

    fn remove_now(&self, easy: u64) -> Outcome {
        registry::known::<Easy>(std::ptr::without_provenance(easy as usize))?;
        if self.member(easy).is_none() {
            return Err(not_in_it());
        }
        let outer = self.begin_call();
        self.remove(easy);
        self.tidy();
        self.end_call(outer, sys::CURLM_OK)
    }

    /// Another thread removed it: that is how on_done hears of it.
    pub(super) fn remove_submitted(&self, easy: u64) {
        let Some(member) = self.member(easy) else { return };
        let untold = member.membership.untold.get().then(|| {
            let ended = self.ended.borrow();
            ended.iter().find(|ended| ended.easy == member.handle()).map(|ended| ended.result)
        });
        let handle = member.handle();
        let unfinished = self.remove(easy);
        let result = match untold.flatten() {
            None if !unfinished => return,
            None => code::E_CANCELLED,
            Some(result) => result,
        };
        self.ended.borrow_mut().push_back(Ended { easy: handle, result });
    }
}

fn not_in_it() -> Failure {
    Failure::new(NOT_IN_IT, "the easy handle is not in this multi handle")
}

/// A multi handle's trouble as the result that a transfer ends with.
fn from_multi(code: sys::CURLMcode) -> curlback_result {
    if code == sys::CURLM_OUT_OF_MEMORY { code::E_NO_MEMORY } else { code::MULTI_BASE + code }
}

/// Takes an easy handle that is in no multi handle, and begins its transfer.
fn prepare(easy: *mut curlback_easy) -> Outcome<registry::Guard<Easy>> {
    let in_use = || {
        Failure::new(
            code::E_IN_USE,
            "the easy handle is in a multi handle already: remove it from there first",
        )
    };
    if registry::slot_of::<Easy>(easy.addr() as u64).is_some_and(|slot| slot.domain().is_some()) {
        registry::known::<Easy>(easy)?;
        return Err(in_use());
    }
    let guard = claim::<Easy>(easy, Call::Perform)?;
    if guard.member().is_some() {
        return Err(in_use());
    }
    guard.leave_multi();
    guard.start()?;
    Ok(guard)
}

/// Hands an easy handle to the thread that is in run; false where none is any more.
#[cold]
fn submit_add(multi: *mut curlback_multi, easy: *mut curlback_easy) -> Outcome<bool> {
    let guard = prepare(easy)?;
    let given = queue::submit(multi, |slot| {
        // Whoever is in run owns the multi handle until it takes no more, so that this thread may put the handle in there.
        guard.membership.multi.set(slot.object::<Multi>());
        guard.slot().set_domain(Some(slot));
        Ok(Command::Add(easy.addr() as u64))
    });
    if let Ok(true) = given {
        // The other thread may be at work on it already.
        guard.hand_over();
    } else {
        guard.finish(ABORTED, true);
    }
    given
}

/// Asks the thread that is in run to remove an easy handle; false where none is any more.
#[cold]
fn submit_remove(multi: *mut curlback_multi, easy: u64) -> Outcome<bool> {
    let submit = |slot: &'static registry::Slot| {
        registry::known::<Easy>(std::ptr::without_provenance(easy as usize))?;
        let member = registry::slot_of::<Easy>(easy).and_then(|easy| easy.domain());
        if !member.is_some_and(|domain| std::ptr::eq(domain, slot)) {
            return Err(not_in_it());
        }
        Ok(Command::Remove(easy))
    };
    queue::submit(multi, submit)
}

/// Adds an easy handle, whose transfer begins with the next call that drives the multi handle.
///
/// CURLBACK_E_IN_USE if it is in a multi handle already. On any failure it has not been added; CURLBACK_E_RAISED and 1011 come from
/// the socket and timer callbacks, which libcurl calls meanwhile. Until it is removed it answers for the multi handle: it runs
/// when that does. It is neither freed nor kept alive: curlback_easy_close() takes it out.
///
/// Also from inside on_done and on_notify. While another thread is in curlback_multi_run() it is handed to that thread: an
/// error that shows only there reaches on_done. CURLBACK_E_BUSY while another thread drives it otherwise.
#[unsafe(no_mangle)]
pub extern "C" fn curlback_multi_add(
    multi: *mut curlback_multi,
    easy: *mut curlback_easy,
) -> curlback_result {
    enter(|| {
        if let Some(multi) = registry::claim_here::<Multi>(multi, Call::Member)? {
            return multi.add(easy);
        }
        loop {
            match queue::find(multi)? {
                Found::Open => {
                    if submit_add(multi, easy)? {
                        return Ok(());
                    }
                }
                Found::Claimed(multi) => return multi.add(easy),
                Found::Changed => {}
            }
        }
    })
}

/// Takes an easy handle out, whether its transfer has ended or not: what was under way ends, and neither on_done nor next_done
/// speak of it. 1002 if it is not in this multi handle. On CURLBACK_E_RAISED and 1011 it has left all the same.
///
/// Also from inside on_done and on_notify. While another thread is in curlback_multi_run() that thread carries it out soon, and on_done
/// is called with CURLBACK_E_CANCELLED if the transfer had not ended: the easy handle may be closed from then on.
#[unsafe(no_mangle)]
pub extern "C" fn curlback_multi_remove(
    multi: *mut curlback_multi,
    easy: *mut curlback_easy,
) -> curlback_result {
    enter(|| {
        let easy = easy.addr() as u64;
        if let Some(multi) = registry::claim_here::<Multi>(multi, Call::Member)? {
            return multi.remove_now(easy);
        }
        loop {
            match queue::find(multi)? {
                Found::Open => {
                    if submit_remove(multi, easy)? {
                        return Ok(());
                    }
                }
                Found::Claimed(multi) => return multi.remove_now(easy),
                Found::Changed => {}
            }
        }
    })
}
