//! on_push: what an HTTP/2 server sends unasked.

use std::cell::{Cell, RefCell};
use std::ffi::{c_char, c_void};
use std::ptr::null_mut;
use std::rc::Rc;

use curlback::callback::curlback_callback::CURLBACK_CALLBACK_MULTI_PUSH;
use curlback::easy::perform::curlback_easy_cancel;
use curlback::easy::{curlback_easy, curlback_easy_close, curlback_easy_release};
use curlback::libcurl::tables::{info, mopt, opt};
use curlback::library::{curlback_has_feature, curlback_libcurl_version_number};
use curlback::multi::members::{curlback_multi_add, curlback_multi_remove};
use curlback::multi::options::curlback_multi_set_int;
use curlback::multi::push::curlback_multi_on_push;
use curlback::multi::run::curlback_multi_run;
use curlback::multi::{curlback_multi, curlback_multi_close};
use curlback::result::code;
use curlback_test_servers::Nghttpd;

use crate::support::multi::*;
use crate::support::*;
use crate::{Body, HELLO, collect_body};

const OK: i32 = 0;
const DENY: i32 = 1;
const ERROR: i32 = 2;

fn on_push<F>(multi: RawMulti, body: F) -> i32
where
    F: Fn(RawMulti, Raw, Raw, Vec<String>) -> i32 + 'static,
{
    unsafe extern "C-unwind" fn call<F: Fn(RawMulti, Raw, Raw, Vec<String>) -> i32>(
        multi: *mut curlback_multi,
        parent: *mut curlback_easy,
        pushed: *mut curlback_easy,
        headers: *const *const c_char,
        count: usize,
        closure: *mut c_void,
    ) -> i32 {
        // SAFETY: the closure is the F that was registered; there are as many headers.
        unsafe {
            let headers = std::slice::from_raw_parts(headers, count).iter().map(|header| text(*header));
            (*closure.cast::<F>())(multi, parent, pushed, headers.collect())
        }
    }
    // SAFETY: `call` gets the F that register() boxes.
    register(body, |data, drop| unsafe { curlback_multi_on_push(multi, Some(call::<F>), data, drop) })
}

/// A multi handle with a transfer that the server answers with two more; None where that cannot be.
fn pushing() -> Option<(Multi, Easy, Body)> {
    let nghttpd = match Nghttpd::shared() {
        Ok(nghttpd) => nghttpd,
        Err(_) => {
            skipped("server push", "nghttpd");
            return None;
        }
    };
    // SAFETY: the name ends with NUL.
    if !unsafe { curlback_has_feature(c"HTTP2".as_ptr()) } {
        skipped("server push", "HTTP/2");
        return None;
    }
    if curlback_libcurl_version_number() < 0x08_00_00 {
        skipped("server push", "libcurl 8.0.0 or newer");
        return None;
    }
    let multi = Multi::new();
    ok(curlback_multi_set_int(multi.raw(), mopt::PIPELINING, 2));
    let easy = Easy::to(&nghttpd.url("/page.txt"));
    easy.set_int(opt::HTTP_VERSION, 3);
    easy.set_str(opt::CAINFO, nghttpd.ca_path().to_str().unwrap());
    let body = collect_body(&easy);
    multi.add(&easy);
    Some((multi, easy, body))
}

#[test]
fn pushed_transfers_that_are_wanted_become_the_application_s() {
    let Some((multi, easy, body)) = pushing() else { return };
    let ended = multi.collect();
    let parent = easy.raw();
    type Pushed = Rc<RefCell<Vec<(Easy, Vec<String>)>>>;
    let pushed = Pushed::default();
    let into = Rc::clone(&pushed);
    ok(on_push(multi.raw(), move |multi, from, pushed, headers| {
        assert_eq!(from, parent);
        assert_eq!(curlback_multi_add(multi, pushed), code::E_IN_CALLBACK);
        into.borrow_mut().push((Easy::adopt(pushed), headers));
        OK
    }));
    multi.run();
    let pushed = pushed.take();
    assert_eq!((pushed.len(), ended.borrow().len()), (2, 3));
    for (easy, headers) in &pushed {
        assert!(ended.borrow().contains(&(easy.raw(), 0)));
        assert!(
            headers.contains(&":method: GET".into()) || headers.contains(&":method:GET".into()),
            "{headers:?}"
        );
        assert!(headers.iter().any(|header| header.starts_with(":path") && header.ends_with(".bin")));
        assert_eq!((easy.int(info::RESPONSE_CODE), easy.int(info::HTTP_VERSION)), (200, 3));
    }
    // A duplicate of the parent: they share its on_write.
    assert_eq!(body.borrow().len(), HELLO.len() + 1000 + 2000);
    for (easy, _) in &pushed {
        multi.remove(easy);
        easy.set_url("file:///dev/null");
        ok(easy.perform());
    }
}

#[test]
fn those_that_are_not_wanted_leave_nothing() {
    for answer in [DENY, 77, -1] {
        let Some((multi, easy, body)) = pushing() else { return };
        let ended = multi.collect();
        let seen: Rc<RefCell<Vec<Raw>>> = Rc::default();
        let into = Rc::clone(&seen);
        ok(on_push(multi.raw(), move |_, _, pushed, _| {
            into.borrow_mut().push(pushed);
            // Refused, as it is not sure yet that it is anybody's.
            assert_eq!(curlback_easy_close(pushed), code::E_IN_CALLBACK);
            answer
        }));
        multi.run();
        assert_eq!(*ended.borrow(), [(easy.raw(), 0)]);
        assert_eq!(*body.borrow(), HELLO);
        assert_eq!(seen.borrow().len(), 2);
        for gone in &*seen.borrow() {
            assert_eq!(curlback_easy_close(*gone), code::E_HANDLE);
        }
    }
    // Without a callback too.
    let Some((multi, easy, body)) = pushing() else { return };
    multi.run();
    assert_eq!((multi.all_done(), &*body.borrow()), (vec![(easy.raw(), 0)], &HELLO.to_vec()));
}

#[test]
fn an_error_ends_the_transfer_that_it_belongs_to() {
    let Some((multi, easy, _)) = pushing() else { return };
    let ended = multi.collect();
    ok(on_push(multi.raw(), |_, _, _, _| ERROR));
    multi.run();
    assert_eq!(*ended.borrow(), [(easy.raw(), 56)]);
    assert_eq!((easy.error().result, easy.error().curl_code), (56, 56));
}

#[test]
fn user_data_is_shared_with_what_is_pushed_and_goes_with_the_last() {
    let Some((multi, easy, _)) = pushing() else { return };
    let drops = Drops::new();
    let (token, pushes) = (drops.token(), drops.token());
    easy.on_header(move |_, line| {
        let _held = &token;
        line.len() as i64
    });
    let round = Cell::new(0);
    let kept = Rc::new(Cell::new(null_mut()));
    let keep = Rc::clone(&kept);
    ok(on_push(multi.raw(), move |_, _, pushed, _| {
        let _held = &pushes;
        round.set(round.get() + 1);
        if round.get() == 1 {
            keep.set(pushed);
            return OK;
        }
        DENY
    }));
    multi.run();
    drop(easy);
    drop(multi);
    assert_eq!(drops.count(), 1, "on_push's own");
    ok(curlback_easy_close(kept.get()));
    assert_eq!(drops.count(), 2);
}

#[test]
fn what_is_pushed_may_be_released_cancelled_and_interrupted_at_once() {
    let Some((multi, easy, _)) = pushing() else { return };
    let ended = multi.collect();
    let round = Cell::new(0);
    let cancelled = Rc::new(Cell::new(null_mut()));
    let into = Rc::clone(&cancelled);
    ok(on_push(multi.raw(), move |multi, _, pushed, _| {
        round.set(round.get() + 1);
        if round.get() == 1 {
            curlback_easy_release(pushed);
            return OK;
        }
        into.set(pushed);
        ok(curlback_easy_cancel(pushed));
        ok(raise(multi, 1, 8, "pushed"));
        OK
    }));
    assert_eq!(curlback_multi_run(multi.raw(), UNTIL_DONE), code::E_RAISED);
    assert_eq!((multi.error().code, multi.error().callback), (8, CURLBACK_CALLBACK_MULTI_PUSH as i32));
    multi.run();
    assert!(ended.borrow().contains(&(easy.raw(), 0)));
    // Nothing ran yet that could be cancelled.
    assert!(ended.borrow().contains(&(cancelled.get(), 0)));
    assert_eq!(ended.borrow().len(), 2);
    ok(curlback_multi_remove(multi.raw(), cancelled.get()));
    ok(curlback_easy_close(cancelled.get()));
    let raw = multi.into_raw();
    ok(curlback_multi_close(raw));
}
