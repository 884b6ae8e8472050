//! The application's own locks.

use std::collections::BTreeMap;
use std::ffi::c_void;
use std::ptr::null_mut;
use std::sync::Mutex;

use curlback::callback::curlback_callback::*;
use curlback::callback::curlback_has_callback;
use curlback::easy::error::curlback_easy_raise;
use curlback::result::code;
use curlback::share::curlback_share;
use curlback::share::lock::*;
use curlback_test_servers::HttpServer;

use crate::support::{Drops, Raw, Token, boxed, last_error, ok, unbox};
use crate::*;

/// What the callbacks were called with, and what they do besides.
pub struct Record {
    /// What is locked now, by kind.
    held: Mutex<BTreeMap<i32, i32>>,
    calls: Mutex<Vec<(bool, usize, i32)>>,
    inside: Box<dyn Fn(Raw, i32) + Send + Sync>,
    _token: Token,
}

unsafe extern "C-unwind" fn lock(
    _: *mut curlback_share,
    easy: Raw,
    what: i32,
    access: i32,
    record: *mut c_void,
) {
    // SAFETY: it is the Record that was registered.
    let record = unsafe { &*record.cast::<Record>() };
    assert!([1, 2].contains(&access), "{access}");
    assert!((1..=7).contains(&what), "{what}");
    assert_eq!(record.held.lock().unwrap().insert(what, access), None, "{what} is locked already");
    record.calls.lock().unwrap().push((true, easy.addr(), what));
    (record.inside)(easy, what);
}

unsafe extern "C-unwind" fn unlock(_: *mut curlback_share, easy: Raw, what: i32, record: *mut c_void) {
    // SAFETY: as in lock().
    let record = unsafe { &*record.cast::<Record>() };
    assert!(record.held.lock().unwrap().remove(&what).is_some(), "{what} is not locked");
    record.calls.lock().unwrap().push((false, easy.addr(), what));
}

/// Registers locks for one thread that record what they are asked for; the record is there until the share is closed.
pub fn watch(
    share: RawShare,
    drops: &Drops,
    inside: impl Fn(Raw, i32) + Send + Sync + 'static,
) -> *const Record {
    let record = Record {
        held: Mutex::default(),
        calls: Mutex::default(),
        inside: Box::new(inside),
        _token: drops.token(),
    };
    let (data, drop_it) = boxed(record);
    // SAFETY: the functions get the Record.
    ok(unsafe { curlback_share_on_lock(share, Some(lock), Some(unlock), data, drop_it) });
    data.cast_const().cast()
}

#[test]
fn they_are_there() {
    for kind in [CURLBACK_CALLBACK_SHARE_LOCK, CURLBACK_CALLBACK_SHARE_UNLOCK] {
        assert!(curlback_has_callback(kind as i32));
    }
}

#[test]
fn they_are_called_in_pairs_with_the_handle_that_works_or_none_and_dropped_once() {
    let (share, drops) = (Share::new(&ALL), Drops::new());
    let record = watch(share.raw(), &drops, |_, _| ());
    let server = HttpServer::shared();
    let target = format!("http://shared.test:{}/cookies", server.port());
    let (first, _body) = to(&target);
    let (second, _body) = to(&target);
    let (outside, _body) = to(&target);
    for easy in [&first, &second] {
        join(easy, share.raw());
        resolve(easy, server.port());
        ok(easy.perform());
    }
    resolve(&outside, server.port());
    ok(outside.perform());
    // SAFETY: the share is not closed yet.
    let record = unsafe { &*record };
    let calls = std::mem::take(&mut *record.calls.lock().unwrap());
    assert!(record.held.lock().unwrap().is_empty());
    assert_eq!(calls.iter().filter(|(lock, ..)| *lock).count() * 2, calls.len());
    for (_, easy, what) in &calls {
        let known = [0, first.raw().addr(), second.raw().addr()];
        assert!(known.contains(easy), "{easy:#x} for {what}");
    }
    for what in [1, COOKIES, DNS, CONNECTIONS] {
        for easy in [&first, &second] {
            assert!(calls.contains(&(true, easy.raw().addr(), what)), "{what}: {calls:?}");
        }
    }
    drop((first, second));
    assert!(record.held.lock().unwrap().is_empty());
    assert_eq!(drops.count(), 0);
    drop(share);
    assert_eq!(drops.count(), 1);
}

#[test]
fn both_or_neither_and_only_before_it_is_used() {
    let (share, drops) = (Share::new(&[COOKIES]), Drops::new());
    let raw = share.raw();
    // SAFETY: what is refused is not called.
    unsafe {
        for (lock, unlock, sentence) in [
            (Some(lock as _), None, "unlock is NULL, and lock is not"),
            (None, Some(unlock as _), "lock is NULL, and unlock is not"),
        ] {
            let (data, drop_it) = drops.user_data();
            assert_eq!(curlback_share_on_lock(raw, lock, unlock, data, drop_it), code::E_NULL);
            assert_eq!(last_error(), sentence);
            unbox::<Token>((data, drop_it));
        }
        assert_eq!(drops.count(), 2);
        let first = Drops::new();
        watch(raw, &first, |_, _| ());
        let second = Drops::new();
        watch(raw, &second, |_, _| ());
        assert_eq!((first.count(), second.count()), (1, 0));
        let (easy, _body) = to(&url("/cookies"));
        join(&easy, raw);
        let (data, drop_it) = drops.user_data();
        assert_eq!(curlback_share_on_lock(raw, Some(lock), Some(unlock), data, drop_it), code::E_IN_USE);
        assert_eq!(curlback_share_on_lock(raw, None, None, null_mut(), None), code::E_IN_USE);
        unbox::<Token>((data, drop_it));
        ok(easy.perform());
        join(&easy, null_mut());
        assert_eq!(second.count(), 0);
        ok(curlback_share_on_lock(raw, None, None, null_mut(), None));
        assert_eq!(second.count(), 1);
        // The library's own locks again.
        join(&easy, raw);
        ok(easy.perform());
        drop(easy);
        drop(share);
        assert_eq!((first.count(), second.count(), drops.count()), (1, 1, 3));
    }
}

#[test]
fn raising_and_panicking_in_one_ends_the_transfer_and_leaves_nothing_locked() {
    for panics in [false, true] {
        let (share, drops) = (Share::new(&[COOKIES]), Drops::new());
        let record = watch(share.raw(), &drops, move |easy, what| {
            if what != COOKIES || easy.is_null() {
                return;
            }
            assert!(!panics, "in a lock");
            // SAFETY: a string and no payload.
            ok(unsafe { curlback_easy_raise(easy, 1, 5, c"not now".as_ptr(), null_mut(), None) });
        });
        let (easy, _body) = to(&url("/cookies"));
        join(&easy, share.raw());
        assert_eq!(easy.perform(), if panics { code::E_INTERNAL } else { code::E_RAISED });
        assert!(last_error().contains(if panics { "in a lock" } else { "not now" }), "{}", last_error());
        assert_eq!(easy.error().callback, CURLBACK_CALLBACK_SHARE_LOCK as i32);
        // SAFETY: the share is not closed yet.
        assert!(unsafe { &*record }.held.lock().unwrap().is_empty());
        drop(easy);
        drop(share);
        assert_eq!(drops.count(), 1);
    }
}
