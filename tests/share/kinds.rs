//! What can be shared, each with a look at what happens without.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use curlback::libcurl::tables::{info, opt};
use curlback::result::code;
use curlback_test_servers::{HttpServer, Nginx};

use crate::support::{Drops, Easy, last_error, ok, skipped};
use crate::*;

/// Two handles that share `kinds`.
fn pair(kinds: &[i32], first: &str, second: &str) -> (Share, (Easy, Body), (Easy, Body)) {
    let share = Share::new(kinds);
    let (first, second) = (to(first), to(second));
    join(&first.0, share.raw());
    join(&second.0, share.raw());
    (share, first, second)
}

#[test]
fn cookies() {
    for shared in [true, false] {
        let kinds: &[i32] = if shared { &[COOKIES] } else { &[DNS] };
        let (_share, first, second) = pair(kinds, &url("/cookies"), &url("/request-headers"));
        ok(first.0.perform());
        ok(second.0.perform());
        let sent = second.1.text().lines().find(|line| line.starts_with("cookie: ")).map(str::to_owned);
        match sent {
            Some(line) => assert!(shared && line.contains("one=1") && line.contains("two=2"), "{line}"),
            None => assert!(!shared),
        }
        drop((first, second));
    }
}

#[test]
fn addresses() {
    for shared in [true, false] {
        let kinds: &[i32] = if shared { &[DNS] } else { &[COOKIES] };
        let server = HttpServer::shared();
        let target = format!("http://shared.test:{}/hello", server.port());
        let (_share, first, second) = pair(kinds, &target, &target);
        resolve(&first.0, server.port());
        ok(first.0.perform());
        let result = second.0.perform();
        assert_eq!(result, if shared { 0 } else { 6 }, "{}", last_error());
        drop((first, second));
    }
}

#[test]
fn connections() {
    for shared in [true, false] {
        let kinds: &[i32] = if shared { &[CONNECTIONS] } else { &[COOKIES] };
        let server = HttpServer::start();
        let (share, first, second) = pair(kinds, &server.url("/hello"), &server.url("/hello"));
        ok(first.0.perform());
        // It stays, whoever made it.
        drop(first);
        ok(second.0.perform());
        assert_eq!(second.1.text(), "hello, world\n");
        assert_eq!((connects(&second.0), server.connections()), if shared { (0, 1) } else { (1, 2) });
        if shared {
            // Once more is nothing new: the connections stay.
            join(&second.0, std::ptr::null_mut());
            ok(curlback_share_add(share.raw(), CONNECTIONS));
            join(&second.0, share.raw());
            ok(second.0.perform());
            assert_eq!((connects(&second.0), server.connections()), (0, 1));
        }
        drop(second);
        drop(share);
    }
}

#[test]
fn tls_sessions() {
    let Ok(nginx) = Nginx::shared() else { return skipped("sharing TLS sessions", "nginx") };
    for shared in [true, false] {
        let kinds: &[i32] = if shared { &[TLS_SESSIONS] } else { &[COOKIES] };
        let target = nginx.https_url("/hello.txt");
        let (_share, first, second) = pair(kinds, &target, &target);
        let reused = Rc::new(RefCell::new(false));
        let found = reused.clone();
        second.0.on_debug(move |_, _, text| {
            let text = String::from_utf8_lossy(text).to_lowercase();
            if text.contains("reusing session") || text.contains("re-using session") {
                found.replace(true);
            }
        });
        for easy in [&first.0, &second.0] {
            trust(easy, nginx);
            ok(easy.perform());
        }
        assert_eq!(*reused.borrow(), shared);
        drop((first, second));
    }
}

#[test]
fn the_public_suffix_list() {
    if !has(PSL) {
        return skipped("sharing the PSL", "a libcurl with it");
    }
    for shared in [true, false] {
        let kinds: &[i32] = if shared { &[PSL] } else { &[DNS] };
        let server = domain_cookies();
        let target = format!("http://shared.test:{}/", server.port());
        let (share, first, second) = pair(kinds, &target, &target);
        drop((first, second));
        let (drops, count) = (Drops::new(), Arc::new(AtomicUsize::new(0)));
        let counted = count.clone();
        crate::locks::watch(share.raw(), &drops, move |_, what| {
            counted.fetch_add(usize::from(what == PSL), SeqCst);
        });
        let (easy, _body) = to(&target);
        resolve(&easy, server.port());
        join(&easy, share.raw());
        for round in 1..=2 {
            ok(easy.perform());
            // Loaded once: to be read, to be changed, to be read.
            assert_eq!(count.load(SeqCst), if shared { 2 + round } else { 0 });
        }
        drop(easy);
    }
}

#[test]
fn hsts() {
    let Ok(nginx) = Nginx::shared() else { return skipped("sharing HSTS", "nginx") };
    if !has(HSTS) {
        return skipped("sharing HSTS", "a libcurl with it");
    }
    for shared in [true, false] {
        let kinds: &[i32] = if shared { &[HSTS] } else { &[COOKIES] };
        let secure = format!("https://localhost:{}/hsts.txt", nginx.https_port());
        let plain = format!("http://localhost:{}/hello.txt", nginx.https_port());
        let (_share, first, second) = pair(kinds, &secure, &plain);
        for easy in [&first.0, &second.0] {
            trust(easy, nginx);
        }
        ok(first.0.perform());
        ok(second.0.perform());
        let went = second.0.string(info::EFFECTIVE_URL);
        assert_eq!(went.starts_with("https://"), shared, "{went}");
        // One that switches its own off leaves the others' alone.
        first.0.set_int(opt::HSTS_CTRL, 0);
        ok(second.0.perform());
        assert_eq!(second.0.string(info::EFFECTIVE_URL), went);
        drop((first, second));
    }
}

#[test]
fn a_callback_that_needs_hsts_has_it_with_a_share_and_after_it() {
    use curlback::callback::hsts::{curlback_easy_on_hsts_read, curlback_hsts_slot};
    use std::ffi::c_void;
    if !has(HSTS) {
        return skipped("sharing HSTS", "a libcurl with it");
    }
    unsafe extern "C-unwind" fn done(
        _: crate::support::Raw,
        _: *mut curlback_hsts_slot,
        calls: *mut c_void,
    ) -> i32 {
        // SAFETY: it is the counter below.
        let calls = unsafe { &*calls.cast::<std::cell::Cell<u32>>() };
        calls.set(calls.get() + 1);
        1
    }
    let share = Share::new(&[HSTS]);
    let (easy, _body) = to(&url("/hello"));
    let calls = std::cell::Cell::new(0_u32);
    // SAFETY: the counter outlives the handle.
    let set = |callback| unsafe {
        ok(curlback_easy_on_hsts_read(easy.raw(), callback, (&raw const calls).cast_mut().cast(), None));
    };
    set(Some(done));
    for share in [share.raw(), std::ptr::null_mut(), share.raw()] {
        let before = calls.get();
        join(&easy, share);
        ok(easy.perform());
        assert_eq!(calls.get(), before + 1);
    }
    // The cache is the share's: it stays for the others.
    set(None);
    let (other, _body) = to(&url("/hello"));
    join(&other, share.raw());
    ok(other.perform());
    ok(easy.perform());
    drop((easy, other));
}

#[test]
fn kinds_are_added_once_or_twice_and_removed() {
    let share = Share::new(&[]);
    for kind in ALL {
        if !has(kind) {
            assert_eq!(curlback_share_add(share.raw(), kind), code::E_UNSUPPORTED);
            continue;
        }
        ok(curlback_share_remove(share.raw(), kind));
        ok(curlback_share_add(share.raw(), kind));
        ok(curlback_share_add(share.raw(), kind));
        if kind == PSL {
            assert_eq!(curlback_share_remove(share.raw(), kind), code::E_UNSUPPORTED);
            assert_eq!(
                last_error(),
                "libcurl cannot stop sharing the PSL once it has begun: make another share"
            );
            continue;
        }
        ok(curlback_share_remove(share.raw(), kind));
        ok(curlback_share_remove(share.raw(), kind));
    }
    for wrong in [-1, 0, 1, 8, 100, i32::MIN, i32::MAX] {
        for function in [curlback_share_add, curlback_share_remove] {
            assert_eq!(function(share.raw(), wrong), code::E_RANGE);
            assert!(last_error().contains("is nothing to be shared"), "{}", last_error());
        }
    }
}

#[test]
fn what_was_removed_is_no_longer_shared() {
    let (share, first, second) = pair(&[COOKIES, CONNECTIONS], &url("/cookies"), &url("/request-headers"));
    ok(first.0.perform());
    for easy in [&first.0, &second.0] {
        join(easy, std::ptr::null_mut());
    }
    ok(curlback_share_remove(share.raw(), COOKIES));
    assert_eq!(curlback_share_remove(share.raw(), CONNECTIONS), code::E_UNSUPPORTED);
    assert!(last_error().contains("cannot stop sharing connections"), "{}", last_error());
    join(&second.0, share.raw());
    ok(second.0.perform());
    assert!(!second.1.text().contains("cookie: "), "{}", second.1.text());
    drop((first, second));
}
