//! Eight threads that share everything.

use std::ffi::c_void;
use std::ptr::without_provenance_mut;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Barrier};
use std::thread;

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
    taken: Arc<AtomicUsize>,
    _token: Token,
}

unsafe extern "C-unwind" fn lock(_: *mut curlback_share, _: Raw, what: i32, _: i32, locks: *mut c_void) {
    // SAFETY: they are the Locks that were registered.
    let locks = unsafe { &*locks.cast::<Locks>() };
    locks.locks[what as usize].lock();
    locks.taken.fetch_add(1, SeqCst);
}

unsafe extern "C-unwind" fn unlock(_: *mut curlback_share, _: Raw, what: i32, locks: *mut c_void) {
    // SAFETY: as in lock(); this thread holds it.
    unsafe { (*locks.cast::<Locks>()).locks[what as usize].unlock() };
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

/// What libcurl locks by itself, and the hosts for HSTS.
const LOCKED: [i32; 5] = [COOKIES, DNS, TLS_SESSIONS, PSL, HSTS];

/// With the library's own locks and with the application's.
fn with_both_locks(kinds: &[i32], test: impl Fn(RawShare)) {
    for applications in [false, true] {
        let (share, drops, taken) = (Share::new(kinds), Drops::new(), Arc::new(AtomicUsize::new(0)));
        if applications {
            let locks = [const { RawMutex::INIT }; 8];
            let (data, drop_it) = boxed(Locks { locks, taken: taken.clone(), _token: drops.token() });
            // SAFETY: the functions get the Locks.
            ok(unsafe { curlback_share_on_lock(share.raw(), Some(lock), Some(unlock), data, drop_it) });
        }
        test(share.raw());
        drop(share);
        assert_eq!(drops.count(), usize::from(applications));
        assert_eq!(taken.load(SeqCst) > THREADS * ROUNDS, applications);
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
    // Not with connections in common: with FORBID_REUSE, under valgrind, libcurl's 2 FAILED_INIT was seen then.
    with_both_locks(&LOCKED, |share| {
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
