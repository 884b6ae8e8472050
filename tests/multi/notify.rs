//! on_notify, since libcurl 8.17.

use std::cell::{Cell, RefCell};
use std::ptr::null_mut;
use std::rc::Rc;

use curlback::callback::curlback_callback::CURLBACK_CALLBACK_MULTI_NOTIFY;
use curlback::callback::curlback_has_callback;
use curlback::easy::{curlback_easy_close, curlback_easy_release, curlback_easy_reset};
use curlback::multi::done::curlback_multi_next_done;
use curlback::multi::members::{curlback_multi_add, curlback_multi_remove};
use curlback::multi::notify::{curlback_multi_notify, curlback_multi_on_notify};
use curlback::multi::run::curlback_multi_run;
use curlback::multi::{curlback_multi_close, curlback_multi_release};
use curlback::result::code;

use crate::support::multi::*;
use crate::support::*;
use crate::{HELLO, transfer};

const INFO_READ: i32 = 0;
const EASY_DONE: i32 = 1;
const KIND: i32 = CURLBACK_CALLBACK_MULTI_NOTIFY as i32;

fn available() -> bool {
    let available = curlback_has_callback(KIND);
    if !available {
        skipped("on_notify", "libcurl 8.17");
        let multi = Multi::new();
        assert_eq!(on_notify(multi.raw(), |_, _, _| {}), code::E_UNSUPPORTED);
        assert_eq!(curlback_multi_notify(multi.raw(), EASY_DONE, true), code::E_UNSUPPORTED);
    }
    available
}

fn enable(multi: &Multi, notification: i32) {
    ok(curlback_multi_notify(multi.raw(), notification, true));
}

#[test]
fn each_end_is_notified_once_and_only_where_that_is_enabled() {
    if !available() {
        return;
    }
    for enabled in [vec![], vec![EASY_DONE], vec![INFO_READ], vec![INFO_READ, EASY_DONE]] {
        let multi = Multi::new();
        let seen: Rc<RefCell<Vec<(i32, Raw)>>> = Rc::default();
        let into = Rc::clone(&seen);
        multi.on_notify(move |_, what, easy| into.borrow_mut().push((what, easy)));
        for what in &enabled {
            enable(&multi, *what);
        }
        let transfers: Vec<_> = (0..3).map(|_| transfer("/hello")).collect();
        for (easy, _) in &transfers {
            multi.add(easy);
        }
        multi.run();
        let seen = seen.borrow();
        let ended: Vec<Raw> =
            seen.iter().filter(|(what, _)| *what == EASY_DONE).map(|(_, easy)| *easy).collect();
        assert_eq!(ended.len(), if enabled.contains(&EASY_DONE) { 3 } else { 0 });
        for easy in &ended {
            assert!(transfers.iter().any(|(own, _)| own.raw() == *easy));
        }
        let reads = seen.iter().filter(|(what, _)| *what == INFO_READ);
        assert!(reads.clone().all(|(_, easy)| easy.is_null()));
        assert_eq!(reads.count() > 0, enabled.contains(&INFO_READ));
        assert_eq!(multi.all_done().len(), 3);
    }
}

#[test]
fn it_may_add_remove_reset_close_and_release() {
    if !available() {
        return;
    }
    let multi = Multi::new();
    enable(&multi, EASY_DONE);
    let (round, drops) = (Rc::new(Cell::new(0)), Drops::new());
    let rounds = Rc::clone(&round);
    multi.on_notify(move |multi, what, easy| {
        assert_eq!(what, EASY_DONE);
        rounds.set(rounds.get() + 1);
        assert_eq!(curlback_multi_run(multi, UNTIL_DONE), code::E_IN_CALLBACK);
        assert_eq!(curlback_multi_close(multi), code::E_IN_CALLBACK);
        match rounds.get() % 4 {
            0 => ok(curlback_easy_close(easy)),
            1 => curlback_easy_release(easy),
            2 => {
                ok(curlback_easy_reset(easy));
                ok(curlback_multi_remove(multi, easy));
                ok(curlback_easy_close(easy));
            }
            _ => {
                ok(curlback_multi_remove(multi, easy));
                ok(curlback_multi_add(multi, easy));
            }
        }
    });
    for _ in 0..30 {
        let (easy, _) = transfer("/hello");
        let (data, drop) = drops.user_data();
        // SAFETY: the data and its drop function go together.
        ok(unsafe { curlback::easy::curlback_easy_set_private(easy.raw(), data, drop) });
        ok(curlback_multi_add(multi.raw(), easy.into_raw()));
    }
    multi.run();
    assert_eq!(drops.count(), 30);
    assert!(round.get() >= 38, "{}", round.get());
    assert_eq!(multi.all_done(), []);
}

#[test]
fn next_done_hands_out_in_it_what_has_ended() {
    if !available() {
        return;
    }
    let multi = Multi::new();
    enable(&multi, INFO_READ);
    let seen: Rc<RefCell<Vec<(Raw, i32)>>> = Rc::default();
    let into = Rc::clone(&seen);
    multi.on_notify(move |multi, _, _| {
        let (mut easy, mut result) = (null_mut(), -1);
        // SAFETY: both can be written to.
        while unsafe { curlback_multi_next_done(multi, &mut easy, &mut result) } {
            into.borrow_mut().push((easy, result));
        }
    });
    let transfers: Vec<_> = (0..10).map(|_| transfer("/hello").0).collect();
    for easy in &transfers {
        multi.add(easy);
    }
    multi.run();
    seen.borrow_mut().extend(multi.all_done());
    assert_eq!(seen.borrow().len(), 10);
    assert!(transfers.iter().all(|easy| seen.borrow().contains(&(easy.raw(), 0))));
}

#[test]
fn it_interrupts_and_the_rest_comes_with_the_next_call() {
    if !available() {
        return;
    }
    let multi = Multi::new();
    enable(&multi, EASY_DONE);
    let drops = Drops::new();
    let (calls, token) = (Rc::new(Cell::new(0)), drops.token());
    let counter = Rc::clone(&calls);
    multi.on_notify(move |multi, _, _| {
        let _held = &token;
        counter.set(counter.get() + 1);
        ok(raise(multi, 1, 3, "enough"));
    });
    let transfers: Vec<_> = (0..3).map(|_| transfer("/hello")).collect();
    for (easy, _) in &transfers {
        multi.add(easy);
    }
    for expected in 1..=3 {
        assert_eq!(curlback_multi_run(multi.raw(), UNTIL_DONE), code::E_RAISED);
        assert_eq!((multi.error().code, multi.error().callback), (3, KIND));
        assert_eq!(calls.get(), expected);
    }
    multi.run();
    assert!(transfers.iter().all(|(_, body)| *body.borrow() == HELLO));
    drop(multi);
    assert_eq!(drops.count(), 1);
}

#[test]
fn it_may_unset_itself_switch_itself_off_and_release_the_multi_handle() {
    if !available() {
        return;
    }
    let multi = Multi::new();
    enable(&multi, EASY_DONE);
    for wrong in [-1, 2, 99] {
        assert_eq!(curlback_multi_notify(multi.raw(), wrong, true), code::E_RANGE);
    }
    let calls = Rc::new(Cell::new(0));
    let counter = Rc::clone(&calls);
    multi.on_notify(move |multi, _, _| {
        counter.set(counter.get() + 1);
        ok(curlback_multi_notify(multi, EASY_DONE, false));
        // SAFETY: nothing is registered.
        ok(unsafe { curlback_multi_on_notify(multi, None, null_mut(), None) });
    });
    let (easy, body) = transfer("/hello");
    multi.add(&easy);
    multi.run();
    multi.remove(&easy);
    multi.add(&easy);
    multi.run();
    assert_eq!((calls.get(), body.borrow().len()), (1, 2 * HELLO.len()));
    enable(&multi, EASY_DONE);
    multi.on_notify(|multi, _, _| curlback_multi_release(multi));
    multi.remove(&easy);
    multi.add(&easy);
    let raw = multi.into_raw();
    assert_eq!(curlback_multi_run(raw, UNTIL_STOPPED), 0);
    assert_eq!(curlback_multi_close(raw), code::E_HANDLE);
}
