//! A callback that panics, a drop function that panics.

use std::cell::Cell;
use std::ffi::c_void;
use std::rc::Rc;

use curlback::callback::debug::curlback_easy_on_debug;
use curlback::easy::perform::curlback_easy_perform;
use curlback::easy::*;
use curlback::result::code;
use curlback::slot::curlback_drop_cb;

use crate::kinds::{HEADER, Watch, each, ready_for, register};
use crate::support::{Drops, Easy, Raw, Token, boxed, last_error, ok};

#[test]
fn a_panic_in_a_callback_ends_the_transfer_and_nothing_else() {
    each(|kind| {
        let (easy, others) = ready_for(kind);
        let watch = Watch::default();
        let (calls_before, other_calls) = (Rc::new(Cell::new(0)), Rc::clone(&others));
        let before = Rc::clone(&calls_before);
        watch.register(kind, easy.raw(), move |_| {
            if before.get() == 0 {
                before.set(other_calls.get() + 1);
                panic!("on purpose");
            }
        });
        assert_eq!(easy.perform(), code::E_INTERNAL);
        assert!(last_error().contains("on purpose"), "{}", last_error());
        let error = easy.error();
        assert_eq!((error.result, error.callback, error.severity), (code::E_INTERNAL, kind, 0));
        assert_eq!(watch.calls(), 1, "called again in a transfer that is over");
        assert_eq!(others.get() + 1, calls_before.get(), "another callback was called after it");
        assert_eq!(watch.drops(), 0);
        ok(easy.perform());
        assert!(watch.calls() > 1);
        assert_eq!(easy.error().callback, 0);
        drop(easy);
        assert_eq!(watch.drops(), 1);
    });
}

#[test]
fn a_callback_that_replaces_itself_and_panics_is_dropped_once() {
    each(|kind| {
        let (easy, _) = ready_for(kind);
        let (first, second) = (Watch::default(), Watch::default());
        let new = second.clone();
        first.register(kind, easy.raw(), move |easy| {
            new.register(kind, easy, |_| ());
            panic!("on purpose");
        });
        assert_eq!(easy.perform(), code::E_INTERNAL);
        assert_eq!((first.calls(), first.drops()), (1, 1));
        assert_eq!((second.calls(), second.drops()), (0, 0));
        ok(easy.perform());
        assert!(second.calls() > 0);
        drop(easy);
        assert_eq!((first.drops(), second.drops()), (1, 1));
    });
}

#[test]
fn a_callback_that_releases_its_handle_and_panics_is_dropped_once() {
    each(|kind| {
        let (easy, _) = ready_for(kind);
        let watch = Watch::default();
        watch.register(kind, easy.raw(), move |easy| {
            curlback_easy_release(easy);
            panic!("on purpose");
        });
        let raw = easy.into_raw();
        assert_eq!(curlback_easy_perform(raw), code::E_INTERNAL);
        assert_eq!((watch.calls(), watch.drops()), (1, 1));
        assert_eq!(curlback_easy_close(raw), code::E_HANDLE);
    });
}

/// Counts, and panics as it is dropped.
struct Bomb(#[expect(dead_code, reason = "it counts")] Token);

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("in a drop function");
    }
}

fn bomb(drops: &Drops) -> (*mut c_void, curlback_drop_cb) {
    boxed(Bomb(drops.token()))
}

fn set_private(easy: &Easy, (data, drop): (*mut c_void, curlback_drop_cb)) -> i32 {
    // SAFETY: the data and its drop function go together.
    unsafe { curlback_easy_set_private(easy.raw(), data, drop) }
}

const SENTENCE: &str = "a panic was contained: in a drop function";

#[test]
fn a_drop_function_that_panics_leaves_no_doubt_about_who_owns_the_new_user_data() {
    unsafe extern "C-unwind" fn debug(_: Raw, _: i32, _: *const u8, _: usize, _: *mut c_void) {}
    type Set = fn(&Easy, (*mut c_void, curlback_drop_cb)) -> i32;
    let on_debug: Set = |easy, (data, drop)| {
        // SAFETY: the callback does nothing; the data and its drop function go together.
        unsafe { curlback_easy_on_debug(easy.raw(), Some(debug), data, drop) }
    };
    for set in [on_debug, set_private] {
        let (bombs, drops) = (Drops::new(), Drops::new());
        let easy = Easy::new();
        ok(set(&easy, bomb(&bombs)));
        let data = drops.user_data();
        let result = set(&easy, data);
        assert_eq!(bombs.count(), 1);
        assert_eq!(drops.count(), 0);
        drop(easy);
        // A caller whose registration failed keeps the user data, and frees it.
        let taken = drops.count() == 1;
        assert_eq!(result == code::OK, taken, "the call answered {result}");
    }
}

#[test]
fn a_drop_function_that_panics_fails_the_reset_that_dropped() {
    each(|kind| {
        let drops = Drops::new();
        let (easy, _) = ready_for(kind);
        let held = Bomb(drops.token());
        ok(register(kind, easy.raw(), move |_| {
            let _held = &held;
        }));
        assert_eq!(curlback_easy_reset(easy.raw()), code::E_INTERNAL);
        assert_eq!(last_error(), SENTENCE);
        assert_eq!(drops.count(), 1);
        ok(curlback_easy_reset(easy.raw()));
    });
}

#[test]
fn a_drop_function_that_panics_keeps_no_other_from_being_called() {
    for close in [true, false] {
        let drops = Drops::new();
        let (easy, _) = ready_for(HEADER);
        let watch = Watch::default();
        watch.register(HEADER, easy.raw(), |_| ());
        ok(set_private(&easy, bomb(&drops)));
        let mut copy = std::ptr::null_mut();
        // SAFETY: the copy can be written to.
        ok(unsafe { curlback_easy_duplicate(easy.raw(), &mut copy) });
        ok(curlback_easy_close(copy));
        let raw = easy.into_raw();
        if close {
            assert_eq!(curlback_easy_close(raw), code::E_INTERNAL);
        } else {
            curlback_easy_release(raw);
        }
        assert_eq!(last_error(), SENTENCE);
        assert_eq!((drops.count(), watch.drops()), (1, 1));
        assert_eq!(curlback_easy_close(raw), code::E_HANDLE);
    }
}

#[test]
fn a_drop_function_that_panics_during_a_transfer_fails_that() {
    let drops = Drops::new();
    let (easy, _) = ready_for(HEADER);
    ok(set_private(&easy, bomb(&drops)));
    let done = Cell::new(false);
    let watch = Watch::default();
    watch.register(HEADER, easy.raw(), move |easy| {
        if !done.replace(true) {
            // SAFETY: no data.
            ok(unsafe { curlback_easy_set_private(easy, std::ptr::null_mut(), None) });
        }
    });
    assert_eq!(easy.perform(), code::E_INTERNAL);
    assert!(last_error().contains(SENTENCE), "{}", last_error());
    assert_eq!((drops.count(), watch.calls()), (1, 1));
    ok(easy.perform());
}
