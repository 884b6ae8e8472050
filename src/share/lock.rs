//! The locks of a share: the library's own, and the application's.
//!
//! libcurl locks one kind of data at a time, in one function, and unlocks it in another, on the same thread.
//!
//! Inside the application's locks there are locks of the library's: those are called out of turn (turn.rs), and what libcurl does
//! after unlocking is to be done before another thread finds the data unlocked. It puts a new connection among the shared ones, unlocks them,
//! and then only says that the connection is in use.

use std::ffi::{c_int, c_void};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;

use parking_lot::lock_api::{RawReentrantMutex, RawRwLock as _};
use parking_lot::{RawMutex, RawRwLock, RawThreadId};

use super::{Pool, Share, curlback_share, turn};
use crate::access::Call;
use crate::boundary::{Outcome, contain, enter, fail};
use crate::callback::curlback_callback::{
    self, CURLBACK_CALLBACK_SHARE_LOCK, CURLBACK_CALLBACK_SHARE_UNLOCK,
};
use crate::callback::surround;
use crate::easy::curlback_easy;
use crate::libcurl::sys::{self, CURL};
use crate::registry::claim;
use crate::result::{code, curlback_result};
use crate::slot::{UserData, curlback_drop_cb};

/// How data is locked.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(non_camel_case_types)]
pub enum curlback_access {
    /// libcurl never says this.
    CURLBACK_ACCESS_NONE = 0,
    /// To be read, by several threads at a time.
    CURLBACK_ACCESS_SHARED = 1,
    /// By this thread alone.
    CURLBACK_ACCESS_SINGLE = 2,
}

const SHARED: c_int = curlback_access::CURLBACK_ACCESS_SHARED as c_int;

/// Lock the data `what` of the share and return when that is done: one lock for each kind of data. `what` is one of CURLBACK_SHARE_*, or 1
/// for the share itself; `access` one of CURLBACK_ACCESS_*. `easy` is the handle that libcurl works for; NULL where it is none of
/// the application's.
///
/// It runs in the midst of libcurl's work, on whatever thread that is: do nothing else with the share and with handles that use it.
#[allow(non_camel_case_types)]
pub type curlback_lock_cb = Option<
    unsafe extern "C-unwind" fn(
        share: *mut curlback_share,
        easy: *mut curlback_easy,
        what: i32,
        access: i32,
        user_data: *mut c_void,
    ),
>;

/// Unlock the data `what` of the share, which this thread has locked. Otherwise as curlback_lock_cb.
#[allow(non_camel_case_types)]
pub type curlback_unlock_cb = Option<
    unsafe extern "C-unwind" fn(
        share: *mut curlback_share,
        easy: *mut curlback_easy,
        what: i32,
        user_data: *mut c_void,
    ),
>;

type Lock = unsafe extern "C-unwind" fn(*mut curlback_share, *mut curlback_easy, i32, i32, *mut c_void);
type Unlock = unsafe extern "C-unwind" fn(*mut curlback_share, *mut curlback_easy, i32, *mut c_void);

/// The application's locks.
pub struct Locking {
    lock: Lock,
    unlock: Unlock,
    user_data: UserData,
}

/// As many kinds of data as libcurl has, and room for some more.
const KINDS: usize = 16;

/// The library's own locks, one for each kind of data.
pub struct Locks([One; KINDS]);

struct One {
    lock: RawRwLock,
    /// Whether it is held by one thread alone. Only who holds it looks.
    single: AtomicBool,
    /// What is held inside the application's lock in place of the library's own: what the application's functions call is not to wait for it.
    inner: RawReentrantMutex<RawMutex, RawThreadId>,
}

impl One {
    fn lock(&self, access: c_int) {
        let shared = access == SHARED;
        let at_once = if shared { self.lock.try_lock_shared() } else { self.lock.try_lock_exclusive() };
        if !at_once {
            // Whoever has it may be waiting for the turn.
            turn::outside(|| if shared { self.lock.lock_shared() } else { self.lock.lock_exclusive() });
        }
        if !shared {
            self.single.store(true, Relaxed);
        }
    }

    fn lock_inner(&self) {
        if !self.inner.try_lock() {
            turn::outside(|| self.inner.lock());
        }
    }

    /// # Safety
    /// This thread has locked it.
    unsafe fn unlock(&self) {
        // SAFETY: the caller's; whoever holds it alone has said so.
        unsafe {
            if self.single.swap(false, Relaxed) {
                self.lock.unlock_exclusive();
            } else {
                self.lock.unlock_shared();
            }
        }
    }
}

impl Default for Locks {
    fn default() -> Self {
        Locks(
            [const {
                One { lock: RawRwLock::INIT, single: AtomicBool::new(false), inner: RawReentrantMutex::INIT }
            }; KINDS],
        )
    }
}

impl Locks {
    fn of(&self, what: c_int) -> &One {
        // A kind that is not known has some other's: that only makes it wait more often.
        &self.0[what as usize % KINDS]
    }
}

impl Pool {
    /// Has libcurl lock with the library's own locks or the application's.
    pub(super) fn wire_locks(&self, applications: bool) -> Outcome {
        type LockFunction = unsafe extern "C" fn(*mut CURL, c_int, c_int, *mut c_void);
        type UnlockFunction = unsafe extern "C" fn(*mut CURL, c_int, *mut c_void);
        let (lock, unlock): (LockFunction, UnlockFunction) =
            if applications { (lock_trampoline, unlock_trampoline) } else { (lock_own, unlock_own) };
        let data = std::ptr::from_ref(self).cast_mut().cast::<c_void>();
        // SAFETY: the share is there and no handle uses it; the options take functions of these types and a pointer, which is good for as
        // long as the share is.
        unsafe {
            self.done("it", sys::curl_share_setopt(self.share, sys::CURLSHOPT_USERDATA, data))?;
            self.done("it", sys::curl_share_setopt(self.share, sys::CURLSHOPT_LOCKFUNC, lock))?;
            self.done("it", sys::curl_share_setopt(self.share, sys::CURLSHOPT_UNLOCKFUNC, unlock))
        }
    }

    /// Calls one of the application's functions, with what it is to be given.
    fn call(&self, curl: *mut CURL, kind: curlback_callback, call: impl Fn(&Locking, *mut curlback_easy)) {
        let Some(locking) = self.users.lock().locking.clone() else { return };
        let user = self.user(curl);
        turn::outside(|| match user {
            // libcurl goes on whatever happens in there: it has locked, or unlocked.
            Some(user) => {
                // SAFETY: libcurl works on this handle, so this thread owns it: it is there until it has left the share.
                let easy = unsafe { &*user.easy };
                surround(easy, kind, (), || {
                    call(&locking, user.handle);
                    Ok(())
                });
            }
            // There is nobody to tell of a panic.
            None => drop(contain(|| call(&locking, std::ptr::null_mut()))),
        });
    }

    /// The application's locks, or the library's own again; gives back those that were there.
    fn set_locking(&self, locking: Option<Locking>) -> Outcome<Option<Arc<Locking>>> {
        if let Err(failure) = self.wire_locks(locking.is_some()) {
            // The caller keeps it.
            locking.map(|locking| locking.user_data.take());
            return Err(failure);
        }
        Ok(std::mem::replace(&mut self.users.lock().locking, locking.map(Arc::new)))
    }
}

unsafe extern "C" fn lock_own(_curl: *mut CURL, what: c_int, access: c_int, pool: *mut c_void) {
    // SAFETY: `pool` is what wire_locks() set with this function.
    unsafe { &*pool.cast::<Pool>() }.locks.of(what).lock(access);
}

unsafe extern "C" fn unlock_own(_curl: *mut CURL, what: c_int, pool: *mut c_void) {
    // SAFETY: `pool` is what wire_locks() set with this function. libcurl unlocks what it has locked, on the same thread.
    unsafe { (*pool.cast::<Pool>()).locks.of(what).unlock() };
}

unsafe extern "C" fn lock_trampoline(curl: *mut CURL, what: c_int, access: c_int, pool: *mut c_void) {
    // SAFETY: `pool` is what wire_locks() set with this function.
    let pool = unsafe { &*pool.cast::<Pool>() };
    pool.call(curl, CURLBACK_CALLBACK_SHARE_LOCK, |locking, easy| {
        // SAFETY: the caller registered the function for this user data.
        unsafe { (locking.lock)(pool.handle, easy, what, access, locking.user_data.get()) }
    });
    pool.locks.of(what).lock_inner();
}

unsafe extern "C" fn unlock_trampoline(curl: *mut CURL, what: c_int, pool: *mut c_void) {
    // SAFETY: `pool` is what wire_locks() set with this function.
    let pool = unsafe { &*pool.cast::<Pool>() };
    pool.call(curl, CURLBACK_CALLBACK_SHARE_UNLOCK, |locking, easy| {
        // SAFETY: the caller registered the function for this user data.
        unsafe { (locking.unlock)(pool.handle, easy, what, locking.user_data.get()) }
    });
    // SAFETY: libcurl unlocks what it has locked, on the same thread, and lock_trampoline() had locked this too.
    unsafe { pool.locks.of(what).inner.unlock() };
}

/// Has the share lock with the application's `lock` and `unlock` in place of the library's own locks, whatever the callbacks do: a
/// transfer cannot be failed by them, only interrupted. Both or neither: CURLBACK_E_NULL for one alone; NULL for both gives the
/// library's own back, and `user_data` and `drop` are then ignored.
///
/// CURLBACK_E_IN_USE while a handle uses the share. The callbacks are called until the share is closed, the last time in
/// closing it, and `drop` after that. From any thread, also inside callbacks.
///
/// # Safety
/// `lock` and `unlock` may be called with `user_data` on any thread until `drop` was called.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_share_on_lock(
    share: *mut curlback_share,
    lock: curlback_lock_cb,
    unlock: curlback_unlock_cb,
    user_data: *mut c_void,
    drop: curlback_drop_cb,
) -> curlback_result {
    enter(|| {
        let share = claim::<Share>(share, Call::Get)?;
        share.0.refuse_while_used()?;
        let former = match (lock, unlock) {
            (None, None) => share.0.set_locking(None)?,
            (Some(lock), Some(unlock)) => {
                let user_data = UserData::new(user_data, drop);
                share.0.set_locking(Some(Locking { lock, unlock, user_data }))?
            }
            (None, _) => return fail(code::E_NULL, "lock is NULL, and unlock is not"),
            (_, None) => return fail(code::E_NULL, "unlock is NULL, and lock is not"),
        };
        std::mem::drop(share);
        crate::boundary::note_panic(|| std::mem::drop(former));
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::{Locks, RawRwLock, SHARED, curlback_access};
    use parking_lot::lock_api::RawRwLock as _;

    const SINGLE: i32 = curlback_access::CURLBACK_ACCESS_SINGLE as i32;

    fn free(lock: &RawRwLock) -> bool {
        !lock.is_locked()
    }

    #[test]
    fn what_was_locked_to_read_is_free_when_the_last_has_unlocked() {
        let locks = Locks::default();
        let one = locks.of(6);
        for _ in 0..2 {
            // SAFETY: each is unlocked as often as it is locked.
            unsafe {
                one.lock(SINGLE);
                assert!(one.lock.is_locked_exclusive());
                one.unlock();
                assert!(free(&one.lock));
                one.lock(SHARED);
                one.lock(SHARED);
                one.unlock();
                assert!(one.lock.is_locked() && !one.lock.is_locked_exclusive());
                one.unlock();
                assert!(free(&one.lock));
            }
        }
    }

    #[test]
    fn each_kind_of_data_has_a_lock_of_its_own() {
        let locks = Locks::default();
        locks.of(2).lock(SINGLE);
        for what in (0..8).filter(|what| *what != 2) {
            assert!(free(&locks.of(what).lock), "{what}");
        }
        // SAFETY: it was locked above.
        unsafe { locks.of(2).unlock() };
    }
}
