//! What a callback raised with its error.

use std::cell::Cell;
use std::ffi::c_void;
use std::ptr::{null, null_mut};

use curlback::easy::error::{curlback_easy_raise, curlback_easy_take_payload};
use curlback::easy::{curlback_easy_duplicate, curlback_easy_release, curlback_easy_reset};
use curlback::result::code;
use curlback::slot::curlback_drop_cb;
use curlback_test_servers::HttpServer;

use crate::support::{Drops, Easy, Raw, Token, ok, unbox};

const ERROR: i32 = 0;
const INTERRUPT: i32 = 1;

fn raise(easy: Raw, severity: i32, (payload, drop): (*mut c_void, curlback_drop_cb)) -> i32 {
    // SAFETY: the payload and its drop function go together.
    unsafe { curlback_easy_raise(easy, severity, 1, null(), payload, drop) }
}

/// A handle that runs `first` in the first header callback of its first transfer.
fn with(first: impl Fn(Raw) + 'static) -> Easy {
    let easy = Easy::to(&HttpServer::shared().url("/status/204"));
    let done = Cell::new(false);
    easy.on_header(move |easy, line| {
        if !done.replace(true) {
            first(easy);
        }
        line.len() as i64
    });
    easy
}

/// A handle whose transfer raised one payload, still there.
fn raised(drops: &Drops) -> Easy {
    let mine = drops.clone();
    let easy = with(move |easy| ok(raise(easy, ERROR, mine.user_data())));
    ok(easy.perform());
    assert_eq!(drops.count(), 0);
    assert!(!easy.error().payload.is_null());
    easy
}

#[test]
fn the_next_perform_drops_it() {
    let drops = Drops::new();
    let easy = raised(&drops);
    ok(easy.perform());
    assert_eq!(drops.count(), 1);
    assert!(easy.error().payload.is_null());
    drop(easy);
    assert_eq!(drops.count(), 1);
}

#[test]
fn reset_drops_it() {
    let drops = Drops::new();
    let easy = raised(&drops);
    ok(curlback_easy_reset(easy.raw()));
    assert_eq!(drops.count(), 1);
    assert!(easy.error().payload.is_null());
    drop(easy);
    assert_eq!(drops.count(), 1);
}

#[test]
fn close_and_release_drop_it() {
    let drops = Drops::new();
    drop(raised(&drops));
    assert_eq!(drops.count(), 1);
    let drops = Drops::new();
    curlback_easy_release(raised(&drops).into_raw());
    assert_eq!(drops.count(), 1);
}

#[test]
fn taken_it_is_never_dropped() {
    let drops = Drops::new();
    let easy = raised(&drops);
    let payload = easy.error().payload;
    assert_eq!(curlback_easy_take_payload(easy.raw()), payload);
    assert!(curlback_easy_take_payload(easy.raw()).is_null());
    assert!(easy.error().payload.is_null());
    ok(easy.perform());
    drop(easy);
    assert_eq!(drops.count(), 0);
    unbox::<Token>((payload, None));
    assert_eq!(drops.count(), 1);
}

#[test]
fn it_can_be_taken_inside_the_callback() {
    let drops = Drops::new();
    let mine = drops.clone();
    let easy = with(move |easy| {
        let data = mine.user_data();
        ok(raise(easy, ERROR, data));
        assert_eq!(curlback_easy_take_payload(easy), data.0);
        unbox::<Token>(data);
    });
    ok(easy.perform());
    drop(easy);
    assert_eq!(drops.count(), 1);
}

#[test]
fn a_record_that_does_not_stand_is_dropped_at_once() {
    for (first, second) in [(ERROR, ERROR), (INTERRUPT, ERROR), (INTERRUPT, INTERRUPT)] {
        let (stands, lost) = (Drops::new(), Drops::new());
        let (mine, other) = (stands.clone(), lost.clone());
        let easy = with(move |easy| {
            ok(raise(easy, first, mine.user_data()));
            ok(raise(easy, second, other.user_data()));
            assert_eq!((mine.count(), other.count()), (0, 1));
        });
        let result = easy.perform();
        assert_eq!(result, if first == INTERRUPT { code::E_RAISED } else { code::OK });
        assert_eq!((stands.count(), lost.count()), (0, 1));
        drop(easy);
        assert_eq!((stands.count(), lost.count()), (1, 1));
    }
}

#[test]
fn an_interrupt_replaces_an_error_whose_payload_is_dropped_at_once() {
    let (error, interrupt) = (Drops::new(), Drops::new());
    let (first, second) = (error.clone(), interrupt.clone());
    let easy = with(move |easy| {
        ok(raise(easy, ERROR, first.user_data()));
        ok(raise(easy, INTERRUPT, second.user_data()));
        assert_eq!((first.count(), second.count()), (1, 0));
    });
    assert_eq!(easy.perform(), code::E_RAISED);
    assert_eq!(easy.error().severity, INTERRUPT);
    drop(easy);
    assert_eq!((error.count(), interrupt.count()), (1, 1));
}

#[test]
fn a_refused_raise_leaves_it_to_the_caller() {
    let drops = Drops::new();
    let mine = drops.clone();
    let easy = with(move |easy| {
        for (count, severity) in [-1, 2, i32::MAX].into_iter().enumerate() {
            let data = mine.user_data();
            assert_eq!(raise(easy, severity, data), code::E_RANGE);
            assert_eq!(mine.count(), count);
            unbox::<Token>(data);
        }
    });
    ok(easy.perform());
    let data = drops.user_data();
    assert_eq!(raise(easy.raw(), ERROR, data), code::E_NOT_IN_CALLBACK);
    assert_eq!(raise(null_mut(), ERROR, data), code::E_NULL);
    drop(easy);
    assert_eq!(drops.count(), 3);
    unbox::<Token>(data);
}

#[test]
fn a_payload_of_null_is_none() {
    unsafe extern "C-unwind" fn never(_: *mut c_void) {
        panic!("there was nothing to drop");
    }
    let easy = with(|easy| ok(raise(easy, ERROR, (null_mut(), Some(never)))));
    ok(easy.perform());
    assert_eq!(easy.error().code, 1);
    assert!(curlback_easy_take_payload(easy.raw()).is_null());
    ok(easy.perform());
}

#[test]
fn a_duplicate_has_no_record() {
    let drops = Drops::new();
    let easy = raised(&drops);
    let mut copy = null_mut();
    // SAFETY: the copy can be written to.
    ok(unsafe { curlback_easy_duplicate(easy.raw(), &mut copy) });
    let copy = Easy::adopt(copy);
    assert!(copy.error().payload.is_null());
    drop(copy);
    assert_eq!(drops.count(), 0);
}
