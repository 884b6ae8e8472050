//! Eight threads that share everything.

use std::ffi::c_void;
use std::ptr::without_provenance_mut;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Barrier, Mutex, OnceLock};
use std::thread;
use std::time::Duration;

use curlback::libcurl::tables::{info, opt};
use curlback::share::curlback_share;
use curlback::share::lock::*;
use curlback_test_servers::{HttpServer, Nginx};
use parking_lot::RawMutex;
use parking_lot::lock_api::RawMutex as _;

use crate::support::{Drops, Raw, Token, boxed, ok, skipped};
use crate::*;

const THREADS: usize = 8;
const ROUNDS: usize = 25;

/// Locks of the application's.
struct Locks {
    locks: [RawMutex; 8],
    taken: AtomicUsize,
    /// Is called when something was unlocked, for the handle and what it was.
    unlocked: Box<dyn Fn(Raw, i32) + Send + Sync>,
    _token: Token,
}

impl Locks {
    /// The share's; it says how often something was locked, for as long as the share is there.
    fn set(
        share: RawShare,
        drops: &Drops,
        unlocked: impl Fn(Raw, i32) + Send + Sync + 'static,
    ) -> *const Self {
        let (data, drop_it) = boxed(Locks {
            locks: [const { RawMutex::INIT }; 8],
            taken: AtomicUsize::new(0),
            unlocked: Box::new(unlocked),
            _token: drops.token(),
        });
        // SAFETY: the functions get the Locks.
        ok(unsafe { curlback_share_on_lock(share, Some(lock), Some(unlock), data, drop_it) });
        data.cast_const().cast()
    }
}

unsafe extern "C-unwind" fn lock(_: *mut curlback_share, _: Raw, what: i32, _: i32, locks: *mut c_void) {
    // SAFETY: they are the Locks that were registered.
    let locks = unsafe { &*locks.cast::<Locks>() };
    locks.locks[what as usize].lock();
    locks.taken.fetch_add(1, SeqCst);
}

unsafe extern "C-unwind" fn unlock(_: *mut curlback_share, easy: Raw, what: i32, locks: *mut c_void) {
    // SAFETY: as in lock().
    let locks = unsafe { &*locks.cast::<Locks>() };
    // SAFETY: this thread holds it.
    unsafe { locks.locks[what as usize].unlock() };
    (locks.unlocked)(easy, what);
}

/// Eight threads, each with a handle of its own, make transfers at the same time. `prepare` sets a handle up and `check` looks
/// at each transfer that it made.
fn at_once(share: RawShare, prepare: impl Fn(&Easy) + Sync, check: impl Fn(&Easy, &Body) + Sync) {
    let start = Barrier::new(THREADS);
    let share = share.addr();
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                let (easy, body) = to(&url("/cookies"));
                // What is kept is limited for all of them together.
                easy.set_int(opt::MAXCONNECTS, 2 * THREADS as i64);
                prepare(&easy);
                start.wait();
                // Joining, too, is at the same time.
                join(&easy, without_provenance_mut(share));
                for _ in 0..ROUNDS {
                    body.0.borrow_mut().clear();
                    ok(easy.perform());
                    check(&easy, &body);
                }
            });
        }
    });
}

/// With the library's own locks and with the application's.
fn with_both_locks(kinds: &[i32], test: impl Fn(RawShare)) {
    for applications in [false, true] {
        let (share, drops) = (Share::new(kinds), Drops::new());
        let locks = applications.then(|| Locks::set(share.raw(), &drops, |_, _| ()));
        test(share.raw());
        if let Some(locks) = locks {
            // SAFETY: the share is there.
            assert!(unsafe { (*locks).taken.load(SeqCst) } > THREADS * ROUNDS);
        }
        drop(share);
        assert_eq!(drops.count(), usize::from(applications));
    }
}

#[test]
fn eight_threads_share_cookies_addresses_and_connections() {
    with_both_locks(&ALL, |share| {
        let server = HttpServer::start();
        let (first, _body) = to(&format!("http://shared.test:{}/cookies", server.port()));
        resolve(&first, server.port());
        join(&first, share);
        ok(first.perform());
        at_once(
            share,
            |easy| easy.set_url(&format!("http://shared.test:{}/request-headers", server.port())),
            |_, body| {
                let text = body.text();
                assert!(text.contains("one=1") && text.contains("two=2"), "{text}");
            },
        );
        assert_eq!(server.requests(), 1 + THREADS * ROUNDS);
        assert!(server.connections() <= THREADS + 1, "{}", server.connections());
    });
}

#[test]
fn eight_threads_share_tls_sessions_and_hsts() {
    let Ok(nginx) = Nginx::shared() else { return skipped("sharing TLS sessions", "nginx") };
    with_both_locks(&ALL, |share| {
        let (first, _body) = to(&format!("https://localhost:{}/hsts.txt", nginx.https_port()));
        trust(&first, nginx);
        join(&first, share);
        ok(first.perform());
        at_once(
            share,
            |easy| {
                trust(easy, nginx);
                // A handshake for each, from the sessions that are shared.
                easy.set_int(opt::FORBID_REUSE, 1);
                let scheme = if has(HSTS) { "http" } else { "https" };
                easy.set_url(&format!("{scheme}://localhost:{}/hello.txt", nginx.https_port()));
            },
            |easy, body| {
                assert_eq!(body.text(), "hello, world\n");
                let went = easy.string(info::EFFECTIVE_URL);
                assert!(went.starts_with("https://"), "{went}");
            },
        );
    });
}

#[test]
fn eight_threads_share_the_psl() {
    with_both_locks(&ALL, |share| {
        let server = domain_cookies();
        let target = format!("http://shared.test:{}/", server.port());
        let prepare = |easy: &Easy| {
            resolve(easy, server.port());
            easy.set_url(&target);
        };
        at_once(share, prepare, |_, body| assert_eq!(body.text(), "ok"));
    });
}

#[test]
fn eight_threads_leave_a_released_share() {
    let share = Share::new(&ALL).into_raw();
    let (holder, _body) = to(&url("/hello"));
    join(&holder, share);
    at_once(share, |_| (), |_, _| ());
    curlback_share_release(share);
    ok(holder.perform());
}

/// A new connection is among the shared ones before libcurl says, having unlocked them, that it is in use.
#[test]
fn what_libcurl_does_after_unlocking_is_done_before_another_thread_locks() {
    let (share, drops) = (Share::new(&[CONNECTIONS]), Drops::new());
    let at = share.raw().addr();
    let (first, body) = to(&url("/hello"));
    // So that the first which is locked is the adding of the connection.
    first.set_int(opt::FRESH_CONNECT, 1);
    let (mine, other) = (first.raw().addr(), Arc::new(OnceLock::new()));
    let others = other.clone();
    Locks::set(share.raw(), &drops, move |easy, what| {
        if what != CONNECTIONS || easy.addr() != mine || others.get().is_some() {
            return;
        }
        let (done, waits) = channel();
        let thread = thread::spawn(move || {
            let (easy, body) = to(&url("/hello"));
            join(&easy, without_provenance_mut(at));
            let result = easy.perform();
            // The other one listens only for as long as this is to wait.
            let _ = done.send(());
            (result, body.text())
        });
        assert!(others.set(Mutex::new(Some(thread))).is_ok());
        assert_eq!(waits.recv_timeout(Duration::from_millis(200)), Err(RecvTimeoutError::Timeout));
    });
    join(&first, share.raw());
    ok(first.perform());
    assert_eq!(body.text(), "hello, world\n");
    let other = other.get().expect("it unlocked nothing").lock().unwrap().take().unwrap();
    assert_eq!(other.join().unwrap(), (0, "hello, world\n".to_owned()));
}

/// They are told not to; it is no reason to hang.
#[test]
fn what_an_unlock_function_does_with_the_share_does_not_wait_for_itself() {
    let (share, drops) = (Share::new(&[COOKIES]), Drops::new());
    let at = share.raw().addr();
    let others = Arc::new(AtomicUsize::new(0));
    let count = others.clone();
    let (first, body) = to(&url("/cookies"));
    let mine = first.raw().addr();
    Locks::set(share.raw(), &drops, move |easy, what| {
        if what == COOKIES && easy.addr() == mine {
            let (other, _body) = to(&url("/cookies"));
            join(&other, without_provenance_mut(at));
            ok(other.perform());
            count.fetch_add(1, SeqCst);
        }
    });
    join(&first, share.raw());
    ok(first.perform());
    assert_eq!(body.text(), "cookies\n");
    assert!(others.load(SeqCst) > 0);
}
