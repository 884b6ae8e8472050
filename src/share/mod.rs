//! Shares: caches that several handles have in common.
//!
//! libcurl's share belongs to a Pool, which the share's handle has, and every easy handle that uses it. Whoever lets go of it
//! last cleans it up, which closes the connections that are still in there.

pub mod lock;
pub mod turn;

use std::collections::HashMap;
use std::ffi::c_int;
use std::ptr::null_mut;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::Relaxed;

use parking_lot::Mutex;

use crate::access::Call;
use crate::boundary::{self, Failure, Outcome, enter, enter_or, fail};
use crate::easy::{Easy, curlback_easy, unsupported};
use crate::libcurl::sys::{self, CURL, CURLSH};
use crate::libcurl::tables::opt;
use crate::libcurl::version;
use crate::library;
use crate::registry::{self, Kind, Object, claim};
use crate::result::{code, curlback_result};
use crate::slot::Garbage;

use lock::{Locking, Locks};

/// Caches that easy handles share: curlback_share_add(), curlback_easy_set_share(). Made by curlback_share_new(), freed by
/// curlback_share_close() or curlback_share_release(). Opaque: the value is never dereferenced, and never used again for
/// another handle.
#[allow(non_camel_case_types)]
pub struct curlback_share {
    _opaque: [u8; 0],
}

/// What a share can have in common.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(non_camel_case_types)]
pub enum curlback_share_data {
    /// Cookies, among the handles that use any: those that have the option COOKIEFILE, "" say.
    CURLBACK_SHARE_COOKIES = 2,
    /// The addresses of hosts.
    CURLBACK_SHARE_DNS = 3,
    /// TLS sessions, to be resumed.
    CURLBACK_SHARE_TLS_SESSIONS = 4,
    /// Connections that are kept for reuse. The option MAXCONNECTS of each handle is a limit for all that the share keeps.
    CURLBACK_SHARE_CONNECTIONS = 5,
    /// The Public Suffix List.
    CURLBACK_SHARE_PSL = 6,
    /// The hosts that are to be reached over HTTPS alone.
    CURLBACK_SHARE_HSTS = 7,
}

use curlback_share_data::*;

const KINDS: [(curlback_share_data, &str); 6] = [
    (CURLBACK_SHARE_COOKIES, "cookies"),
    (CURLBACK_SHARE_DNS, "DNS"),
    (CURLBACK_SHARE_TLS_SESSIONS, "TLS sessions"),
    (CURLBACK_SHARE_CONNECTIONS, "connections"),
    (CURLBACK_SHARE_PSL, "the PSL"),
    (CURLBACK_SHARE_HSTS, "HSTS"),
];

/// Whether libcurl leaves some of these kinds without a lock.
fn takes_turns(kinds: u32) -> bool {
    kinds & (1 << CURLBACK_SHARE_CONNECTIONS as u32 | 1 << CURLBACK_SHARE_HSTS as u32) != 0
}

fn kind(what: i32) -> Outcome<(curlback_share_data, &'static str)> {
    let found = KINDS.into_iter().find(|(kind, _)| *kind as i32 == what);
    found.map_or_else(
        || fail(code::E_RANGE, format!("{what} is nothing to be shared: it takes one of CURLBACK_SHARE_*")),
        Ok,
    )
}

/// libcurl's share, with all that it refers to.
pub struct Pool {
    share: *mut CURLSH,
    handle: *mut curlback_share,
    /// What it has in common, one bit for each kind.
    kinds: AtomicU32,
    /// The same, of the time when a handle last began to use it.
    used: AtomicU32,
    users: Mutex<Users>,
    locks: Locks,
}

/// The easy handles that use a share, by libcurl's handle.
#[derive(Default)]
struct Users {
    handles: HashMap<usize, User>,
    /// The application's own locks.
    locking: Option<Arc<Locking>>,
}

#[derive(Clone, Copy)]
struct User {
    easy: *const Easy,
    handle: *mut curlback_easy,
}

// SAFETY: libcurl's share is set up by whoever owns the share's handle while no easy handle uses it, and locks itself after that; the
// handles are numbers, and an Easy is only looked at by the thread that libcurl runs on it.
unsafe impl Send for Pool {}
// SAFETY: as for Send.
unsafe impl Sync for Pool {}

impl Pool {
    fn new(handle: *mut curlback_share) -> Outcome<Arc<Self>> {
        // SAFETY: the library is initialised: the caller sees to that.
        let share = unsafe { sys::curl_share_init() };
        if share.is_null() {
            return fail(code::E_NO_MEMORY, "libcurl could not make a share");
        }
        let pool = Arc::new(Pool {
            share,
            handle,
            kinds: AtomicU32::new(0),
            used: AtomicU32::new(0),
            users: Mutex::default(),
            locks: Locks::default(),
        });
        pool.wire_locks(false)?;
        Ok(pool)
    }

    fn has(&self, what: curlback_share_data) -> bool {
        self.kinds.load(Relaxed) & 1 << what as u32 != 0
    }

    fn refuse_while_used(&self) -> Outcome {
        if self.users.lock().handles.is_empty() {
            return Ok(());
        }
        fail(code::E_IN_USE, "a handle uses the share: curlback_easy_set_share with NULL detaches it")
    }

    fn done(&self, name: &str, done: sys::CURLSHcode) -> Outcome {
        const NOT_BUILT_IN: sys::CURLSHcode = 5;
        match done {
            sys::CURLSHE_OK => Ok(()),
            sys::CURLSHE_NOMEM => fail(code::E_NO_MEMORY, format!("no memory to share {name}")),
            sys::CURLSHE_BAD_OPTION | NOT_BUILT_IN => {
                Err(unsupported(&format!("sharing {name}"), &version::in_words(version::OLDEST)))
            }
            other => {
                let number = code::SHARE_BASE + other as curlback_result;
                Err(Failure::libcurl(number))
            }
        }
    }

    fn add(&self, what: i32) -> Outcome {
        let (what, name) = kind(what)?;
        self.refuse_while_used()?;
        // Older libcurls lose the connections that they have when they are told twice.
        if !self.has(what) {
            // SAFETY: the share is there and no handle uses it; the option takes an int.
            self.done(name, unsafe {
                sys::curl_share_setopt(self.share, sys::CURLSHOPT_SHARE, what as c_int)
            })?;
            self.kinds.fetch_or(1 << what as u32, Relaxed);
        }
        Ok(())
    }

    fn remove(&self, what: i32) -> Outcome {
        let (what, name) = kind(what)?;
        self.refuse_while_used()?;
        if !self.has(what) {
            return Ok(());
        }
        let in_use_before = self.used.load(Relaxed) & 1 << what as u32 != 0;
        // libcurl would forget the connections without closing them, and has no way at all for the PSL.
        if what == CURLBACK_SHARE_PSL || what == CURLBACK_SHARE_CONNECTIONS && in_use_before {
            return fail(
                code::E_UNSUPPORTED,
                format!("libcurl cannot stop sharing {name} once it has begun: make another share"),
            );
        }
        // SAFETY: as in add().
        self.done(name, unsafe {
            sys::curl_share_setopt(self.share, sys::CURLSHOPT_UNSHARE, what as c_int)
        })?;
        self.kinds.fetch_and(!(1 << what as u32), Relaxed);
        Ok(())
    }

    /// Before libcurl hears of it: it may lock at once.
    fn join(&self, easy: &Easy) {
        if takes_turns(self.kinds.load(Relaxed)) {
            easy.take_turns();
        }
        self.used.fetch_or(self.kinds.load(Relaxed), Relaxed);
        let user = User { easy, handle: easy.handle() };
        self.users.lock().handles.insert(easy.curl().addr(), user);
    }

    /// After libcurl has let go of it, or when the easy handle is gone for its callers.
    pub fn leave(&self, easy: &Easy) {
        let mut users = self.users.lock();
        let key = easy.curl().addr();
        // A libcurl handle that was freed meanwhile may have given its place to another's.
        if users.handles.get(&key).is_some_and(|user| user.handle == easy.handle()) {
            users.handles.remove(&key);
        }
    }

    /// The easy handle that libcurl shows, if it is one of those that use this: libcurl shows some of its own too, and handles that are
    /// being freed.
    fn user(&self, curl: *mut CURL) -> Option<User> {
        self.users.lock().handles.get(&curl.addr()).copied()
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        // SAFETY: no handle uses the share any more: each of them has the pool. What it refers to goes after this.
        let free = || unsafe { sys::curl_share_cleanup(self.share) };
        if takes_turns(self.used.load(Relaxed)) {
            turn::inside(free)
        } else {
            free()
        };
    }
}

pub struct Share(Arc<Pool>);

impl Object for Share {
    type Opaque = curlback_share;
    const KIND: Kind = Kind::Share;

    // Nothing calls back that has this claimed.
    type Suspended = ();
    fn suspend(&self) {}
    fn resume(&self, (): ()) {}

    fn remains(self: Box<Self>) -> Vec<Garbage> {
        vec![Garbage::Holder(self.0)]
    }
}

impl Easy {
    fn set_share(&self, share: *mut curlback_share) -> Outcome {
        if self.member().is_some() {
            return fail(code::E_IN_USE, "the handle is in a multi handle: remove it from there first");
        }
        let new = if share.is_null() {
            None
        } else {
            let share = claim::<Share>(share, Call::Get)?;
            // Counted from here on: the share is not closed or changed meanwhile.
            share.0.join(self);
            Some(Arc::clone(&share.0))
        };
        let former = self.share.borrow().clone();
        if let (Some(new), Some(former)) = (&new, &former)
            && Arc::ptr_eq(new, former)
        {
            return Ok(());
        }
        // What is left of its last transfer belongs to the caches that it had.
        self.leave_multi();
        let raw = new.as_ref().map_or(null_mut(), |pool| pool.share);
        let set = self.setopt_pointer(opt::SHARE, raw.cast_const().cast());
        let (kept, gone) = if set.is_ok() { (new, former) } else { (former, new) };
        self.share.replace(kept);
        if let Some(gone) = gone {
            gone.leave(self);
            self.discard(Garbage::Holder(gone));
        }
        set?;
        // libcurl has let go of the cache that the callbacks need.
        if self.wants_hsts() && !self.shares_hsts() { self.follow_callbacks(opt::HSTS_CTRL) } else { Ok(()) }
    }

    /// Whether its HSTS cache is one that others use too.
    pub fn shares_hsts(&self) -> bool {
        self.shares(CURLBACK_SHARE_HSTS)
    }

    /// Whether its cookies are those of others too.
    pub fn shares_cookies(&self) -> bool {
        self.shares(CURLBACK_SHARE_COOKIES)
    }

    fn shares(&self, what: curlback_share_data) -> bool {
        self.share.borrow().as_ref().is_some_and(|pool| pool.has(what))
    }

    /// libcurl's handle has been freed.
    pub fn leave_share(&self) {
        if let Some(pool) = self.share.take() {
            pool.leave(self);
            self.discard(Garbage::Holder(pool));
        }
    }
}

/// A new share, which has nothing in common yet: curlback_share_add(). It locks by itself where several threads use it, unless
/// curlback_share_on_lock() says how.
///
/// NULL on failure, which curlback_last_error() explains. Free it with curlback_share_close() or curlback_share_release(). From any
/// thread, also inside callbacks. The first use of the library initialises it, as curlback_init() does.
#[unsafe(no_mangle)]
pub extern "C" fn curlback_share_new() -> *mut curlback_share {
    enter_or(null_mut(), || {
        library::initialised()?;
        registry::insert::<Share>(|_, handle| Ok(Box::new(Share(Pool::new(handle)?))))
    })
}

/// Closes the share: the connections in it are closed, by the close_socket callbacks of the handles that opened them, which get
/// NULL for handles that are gone. NULL is CURLBACK_OK.
///
/// CURLBACK_E_IN_USE while a handle uses it: it then stays open. From any thread, also inside callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn curlback_share_close(share: *mut curlback_share) -> curlback_result {
    enter(|| {
        if !share.is_null() {
            let share = claim::<Share>(share, Call::Get)?;
            share.0.refuse_while_used()?;
            share.close();
        }
        Ok(())
    })
}

/// Gives the share up: for finalizers. Never fails, from any thread, at any time, also inside callbacks and drop functions; NULL and
/// handles that are gone already are ignored. The handle is gone at once for its callers. What is behind it is closed as soon
/// as no handle uses it any more, on the thread of the last.
#[unsafe(no_mangle)]
pub extern "C" fn curlback_share_release(share: *mut curlback_share) {
    boundary::value((), || registry::release::<Share>(share));
}

/// Has the handles that use the share have `what` in common, one of CURLBACK_SHARE_*; CURLBACK_E_RANGE for anything else. What is shared
/// already is CURLBACK_OK.
///
/// CURLBACK_E_UNSUPPORTED where the linked libcurl lacks it; CURLBACK_E_IN_USE while a handle uses the share.
///
/// Threads may make transfers at the same time with all of these. libcurl itself does not support that for connections and HSTS, whoever
/// locks: of handles that share one of these, or are in a multi handle with one that does, libcurl's own work is therefore done by one
/// thread at a time. Waiting for the network and callbacks are not part of it, a slow look-up of a name can be.
///
/// From any thread, also inside callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn curlback_share_add(share: *mut curlback_share, what: i32) -> curlback_result {
    enter(|| claim::<Share>(share, Call::Get)?.0.add(what))
}

/// Has the handles that will use the share have `what` no longer in common. What is not shared is CURLBACK_OK. CURLBACK_E_UNSUPPORTED for
/// CURLBACK_SHARE_PSL, and for CURLBACK_SHARE_CONNECTIONS once a handle has used the share: libcurl cannot take those back. Otherwise as
/// curlback_share_add().
#[unsafe(no_mangle)]
pub extern "C" fn curlback_share_remove(share: *mut curlback_share, what: i32) -> curlback_result {
    enter(|| claim::<Share>(share, Call::Get)?.0.remove(what))
}

/// Lets the handle use the caches of the share in place of its own. NULL detaches. What the handle had of these itself, cookies and
/// HSTS hosts say, is dropped, as are connections that an earlier transfer with CONNECT_ONLY left.
///
/// reset keeps it, duplicates have none. CURLBACK_E_IN_CALLBACK from inside a callback of this handle or its multi handle, CURLBACK_E_IN_USE
/// while it is in a multi handle.
#[unsafe(no_mangle)]
pub extern "C" fn curlback_easy_set_share(
    easy: *mut curlback_easy,
    share: *mut curlback_share,
) -> curlback_result {
    enter(|| claim::<Easy>(easy, Call::Perform)?.set_share(share))
}
