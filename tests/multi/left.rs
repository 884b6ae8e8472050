//! Closing an easy handle that has left a multi handle, while another thread drives that one.

use std::ffi::c_void;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread::{self, ThreadId};

use curlback::easy::sink::curlback_easy_body_to_memory;
use curlback::easy::{curlback_easy_close, curlback_easy_release};
use curlback::libcurl::tables::opt;
use curlback::multi::members::{curlback_multi_add, curlback_multi_remove};
use curlback::result::code;
use curlback::share::lock::curlback_share_on_lock;
use curlback::share::*;
use curlback_test_servers::{HttpServer, wait_until};

use crate::engine::{Engine, easy_at};
use crate::support::multi::Multi;
use crate::support::*;

/// On which threads the share was locked, and for which handles.
type Locked = Mutex<Vec<(ThreadId, Raw)>>;

unsafe extern "C-unwind" fn lock(_: *mut curlback_share, easy: Raw, _: i32, _: i32, locked: *mut c_void) {
    // SAFETY: it is the Locked that was registered.
    unsafe { &*locked.cast::<Arc<LockedShare>>() }.0.lock().unwrap().push((thread::current().id(), easy));
}

unsafe extern "C-unwind" fn unlock(_: *mut curlback_share, _: Raw, _: i32, _: *mut c_void) {}

#[derive(Default)]
struct LockedShare(Locked);

// SAFETY: the handles in there are only compared.
unsafe impl Send for LockedShare {}
// SAFETY: as for Send.
unsafe impl Sync for LockedShare {}

/// A share that libcurl locks for each handle that it frees, one at a time.
fn watched_share(locked: &Arc<LockedShare>) -> *mut curlback_share {
    let share = curlback_share_new();
    ok(curlback_share_add(share, curlback_share_data::CURLBACK_SHARE_COOKIES as i32));
    let (data, drop) = boxed(Arc::clone(locked));
    // SAFETY: the functions get the LockedShare.
    ok(unsafe { curlback_share_on_lock(share, Some(lock), Some(unlock), data, drop) });
    share
}

#[test]
fn the_thread_that_drives_it_frees_what_libcurl_has_and_the_user_data_goes_at_once() {
    for release in [false, true] {
        let server = HttpServer::start();
        let (told, hear) = channel();
        let engine = Engine::start(move |multi, easy, result| {
            ok(curlback_multi_remove(multi, easy));
            told.send((thread::current().id(), result)).unwrap();
        });
        let directory = tempfile::tempdir().unwrap();
        let jar = directory.path().join("cookies.txt");
        let locked = Arc::new(LockedShare::default());
        let share = watched_share(&locked);
        let drops = Drops::new();
        let easy = Easy::to(&server.url("/cookies"));
        easy.set_str(opt::COOKIEJAR, jar.to_str().unwrap());
        ok(curlback_easy_set_share(easy.raw(), share));
        let token = drops.token();
        easy.on_write(move |_, data| {
            let _held = &token;
            data.len() as i64
        });
        let easy = easy.into_raw();
        ok(curlback_multi_add(engine.raw(), easy));
        let (driver, result) = hear.recv_timeout(LIMIT).unwrap();
        assert_eq!(result, 0);

        locked.0.lock().unwrap().clear();
        if release {
            curlback_easy_release(easy);
        } else {
            ok(curlback_easy_close(easy));
        }
        assert_eq!(drops.count(), 1);
        assert_eq!(curlback_easy_close(easy), code::E_HANDLE);
        let kept = std::fs::read_to_string(&jar).unwrap();
        assert!(kept.contains("one\t1") && kept.contains("two\t2"), "{kept}");

        // The handle is none of the application's any more.
        let by_driver = || locked.0.lock().unwrap().contains(&(driver, std::ptr::null_mut()));
        assert!(wait_until(LIMIT, by_driver), "{:?}", locked.0.lock().unwrap());
        assert_eq!(engine.stop(), 0);
        ok(curlback_share_close(share));
    }
}

#[test]
fn nobody_drives_it_and_the_closing_thread_frees_it_all() {
    let server = HttpServer::start();
    let locked = Arc::new(LockedShare::default());
    let share = watched_share(&locked);
    let multi = Multi::new();
    let easy = Easy::to(&server.url("/hello"));
    ok(curlback_easy_set_share(easy.raw(), share));
    easy.on_write(|_, data| data.len() as i64);
    multi.add(&easy);
    multi.run();
    multi.remove(&easy);
    let easy = easy.into_raw().addr();
    let closer = thread::scope(|scope| {
        let closing = scope.spawn(move || {
            ok(curlback_easy_close(easy_at(easy)));
            thread::current().id()
        });
        closing.join().unwrap()
    });
    let last = *locked.0.lock().unwrap().last().unwrap();
    assert_eq!(last.0, closer);
    // It can be driven as before.
    let again = Easy::to(&server.url("/hello"));
    ok(curlback_easy_body_to_memory(again.raw(), 100));
    multi.add(&again);
    multi.run();
    assert_eq!(multi.all_done().len(), 1);
    ok(curlback_share_close(share));
}
