//! A drop function may call the library.

use std::cell::Cell;
use std::ffi::c_void;
use std::ptr::null_mut;
use std::rc::Rc;

use curlback::easy::options::curlback_easy_set_int;
use curlback::easy::perform::curlback_easy_perform;
use curlback::easy::*;
use curlback::libcurl::tables::opt;
use curlback::result::code;
use curlback::slot::curlback_drop_cb;
use curlback_test_servers::HttpServer;

use crate::kinds::{Watch, each, ready_for, unset};
use crate::support::{Easy, Raw, boxed, ok};

struct OnDrop<F: FnMut()>(F);

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        self.0();
    }
}

fn user_data(body: impl FnMut() + 'static) -> (*mut c_void, curlback_drop_cb) {
    boxed(OnDrop(body))
}

fn set_private(easy: Raw, (data, drop): (*mut c_void, curlback_drop_cb)) -> i32 {
    // SAFETY: the data and its drop function go together.
    unsafe { curlback_easy_set_private(easy, data, drop) }
}

fn touch(easy: Raw) -> i32 {
    curlback_easy_set_int(easy, opt::TIMEOUT_MS, 20_000)
}

#[test]
fn it_makes_performs_and_closes_other_handles() {
    let (easy, other) = (Easy::new(), Easy::new().into_raw());
    let called = Rc::new(Cell::new(false));
    let count = Rc::clone(&called);
    ok(set_private(
        easy.raw(),
        user_data(move || {
            let new = Easy::to(&HttpServer::shared().url("/status/204"));
            ok(new.perform());
            ok(curlback_easy_close(other));
            count.set(true);
        }),
    ));
    drop(easy);
    assert!(called.get());
    assert_eq!(touch(other), code::E_HANDLE);
}

#[test]
fn it_may_use_the_handle_that_let_go_and_finds_the_new_state() {
    each(|kind| {
        let (easy, _) = ready_for(kind);
        let raw = easy.raw();
        let (first, second) = (Rc::new(Cell::new(0)), Watch::default());
        let (dropped, again) = (Rc::clone(&first), second.clone());
        let held = OnDrop(move || {
            dropped.set(dropped.get() + 1);
            ok(touch(raw));
            assert_eq!(again.drops(), 0);
            ok(unset(kind, raw));
            assert_eq!(again.drops(), 1, "the one that replaced this is in place already");
        });
        ok(crate::kinds::register(kind, raw, move |_| {
            let _held = &held;
        }));
        second.register(kind, raw, |_| ());
        assert_eq!((first.get(), second.drops()), (1, 1));
    });
}

#[test]
fn it_may_even_perform_close_or_release_the_handle_that_let_go() {
    let easy = Easy::to(&HttpServer::shared().url("/status/204"));
    let raw = easy.raw();
    ok(set_private(raw, user_data(move || ok(curlback_easy_perform(raw)))));
    ok(set_private(raw, (null_mut(), None)));
    let raw = easy.into_raw();
    ok(set_private(raw, user_data(move || ok(curlback_easy_close(raw)))));
    ok(set_private(raw, (null_mut(), None)));
    assert_eq!(touch(raw), code::E_HANDLE);
    let raw = Easy::new().into_raw();
    ok(set_private(raw, user_data(move || curlback_easy_release(raw))));
    ok(set_private(raw, (null_mut(), None)));
    assert_eq!(touch(raw), code::E_HANDLE);
}

#[test]
fn as_the_handle_closes_it_is_no_handle_any_more() {
    for released in [false, true] {
        let raw = Easy::new().into_raw();
        let answer = Rc::new(Cell::new(code::OK));
        let seen = Rc::clone(&answer);
        ok(set_private(
            raw,
            user_data(move || {
                seen.set(touch(raw));
                curlback_easy_release(raw);
            }),
        ));
        if released {
            curlback_easy_release(raw);
        } else {
            ok(curlback_easy_close(raw));
        }
        assert_eq!(answer.get(), code::E_HANDLE);
    }
}

#[test]
fn one_that_registers_again_is_dropped_in_its_turn() {
    fn again(easy: Raw, left: u32, drops: &Rc<Cell<u32>>) {
        let counted = Rc::clone(drops);
        ok(set_private(
            easy,
            user_data(move || {
                counted.set(counted.get() + 1);
                if left > 0 {
                    again(easy, left - 1, &counted);
                }
            }),
        ));
    }
    let easy = Easy::new();
    let drops = Rc::new(Cell::new(0));
    again(easy.raw(), 5, &drops);
    for count in 1..=5 {
        let before = drops.get();
        assert_eq!(before, count - 1);
        ok(set_private(easy.raw(), (null_mut(), None)));
        assert_eq!(drops.get(), count);
    }
    drop(easy);
    assert_eq!(drops.get(), 6);
}
