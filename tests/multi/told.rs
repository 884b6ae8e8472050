//! on_done and next_done: of each transfer one of them tells, once.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::ptr::null_mut;
use std::rc::Rc;

use curlback::easy::error::curlback_easy_error;
use curlback::easy::perform::curlback_easy_cancel;
use curlback::easy::{curlback_easy_close, curlback_easy_release, curlback_easy_reset};
use curlback::libcurl::tables::info;
use curlback::multi::done::{curlback_multi_next_done, curlback_multi_on_done};
use curlback::multi::drive::{curlback_multi_perform, curlback_multi_poll};
use curlback::multi::members::{curlback_multi_add, curlback_multi_remove};
use curlback::multi::queue::curlback_multi_stop;
use curlback::multi::run::curlback_multi_run;
use curlback::multi::socket::curlback_multi_socket_action;
use curlback::multi::{curlback_multi_close, curlback_multi_release};
use curlback::result::code;
use curlback_test_servers::HttpServer;

use crate::support::multi::*;
use crate::support::*;
use crate::transfer;

fn unset(multi: RawMulti) {
    // SAFETY: nothing is registered.
    ok(unsafe { curlback_multi_on_done(multi, None, null_mut(), None) });
}

#[test]
fn next_done_says_nothing_while_on_done_is_set() {
    let multi = Multi::new();
    let (easy, _) = transfer("/hello");
    let ended = multi.collect();
    multi.add(&easy);
    multi.perform_all();
    assert_eq!(*ended.borrow(), [(easy.raw(), 0)]);
    assert_eq!(multi.next_done(), None);
    unset(multi.raw());
    assert_eq!(multi.next_done(), None);
}

#[test]
fn what_next_done_did_not_hand_out_goes_to_an_on_done_that_is_set_later() {
    let multi = Multi::new();
    let transfers: Vec<_> = (0..3).map(|_| transfer("/hello").0).collect();
    for easy in &transfers {
        multi.add(easy);
    }
    multi.perform_all();
    let (first, result) = multi.next_done().unwrap();
    assert_eq!(result, 0);
    let ended = multi.collect();
    assert_eq!(ended.borrow().len(), 0, "not inside the registration");
    assert_eq!(multi.perform(), (0, 0));
    let mut told: Vec<Raw> = ended.borrow().iter().map(|(easy, _)| *easy).collect();
    told.push(first);
    assert_eq!(BTreeSet::from_iter(told), transfers.iter().map(Easy::raw).collect());
    assert_eq!(ended.borrow().len(), 2);
}

#[test]
fn on_done_may_unset_itself_and_the_rest_goes_to_next_done() {
    let multi = Multi::new();
    let drops = Drops::new();
    let told = Rc::new(RefCell::new(Vec::new()));
    let (into, token) = (Rc::clone(&told), drops.token());
    multi.on_done(move |multi, easy, result| {
        let _held = &token;
        into.borrow_mut().push((easy, result));
        unset(multi);
    });
    let transfers: Vec<_> = (0..4).map(|_| transfer("/hello").0).collect();
    for easy in &transfers {
        multi.add(easy);
    }
    multi.run();
    assert_eq!((told.borrow().len(), drops.count()), (1, 1));
    told.borrow_mut().extend(multi.all_done());
    assert_eq!(told.borrow().len(), 4);
    let all: BTreeSet<_> = told.borrow().iter().copied().collect();
    assert_eq!(all, transfers.iter().map(|easy| (easy.raw(), 0)).collect());
}

#[test]
fn what_is_removed_or_closed_before_it_is_told_of_is_not_told_of() {
    let multi = Multi::new();
    let (removed, _) = transfer("/hello");
    let (closed, _) = transfer("/hello");
    let (reset, _) = transfer("/hello");
    for easy in [&removed, &closed, &reset] {
        multi.add(easy);
    }
    multi.perform_all();
    multi.remove(&removed);
    ok(curlback_easy_close(closed.into_raw()));
    ok(curlback_easy_reset(reset.raw()));
    assert_eq!(multi.all_done(), [(reset.raw(), 0)]);
    let ended = multi.collect();
    assert_eq!(multi.perform(), (0, 0));
    assert_eq!(ended.borrow().len(), 0);
    // Removed before its end, on this thread: nothing either.
    let (hangs, _) = transfer("/hang?untold");
    multi.add(&hangs);
    assert_eq!(multi.perform(), (0, 1));
    multi.remove(&hangs);
    assert_eq!(multi.perform(), (0, 0));
    assert_eq!(ended.borrow().len(), 0);
}

#[test]
fn the_handle_knows_how_it_went_before_on_done_is_called() {
    let multi = Multi::new();
    let looked = Rc::new(Cell::new(0));
    let counter = Rc::clone(&looked);
    multi.on_done(move |_, easy, result| {
        let mut error = std::mem::MaybeUninit::uninit();
        // SAFETY: filled on success.
        let error = unsafe {
            ok(curlback_easy_error(easy, error.as_mut_ptr()));
            error.assume_init()
        };
        assert_eq!((error.result, error.curl_code), (result, result));
        assert_eq!(text(error.curl_message).is_empty(), result == 0);
        let mut status = -1;
        // SAFETY: it can be written to.
        ok(unsafe { curlback::easy::info::curlback_easy_get_int(easy, info::RESPONSE_CODE, &mut status) });
        assert_eq!(status, if result == 0 { 200 } else { 0 });
        counter.set(counter.get() + 1);
    });
    let (good, _) = transfer("/hello");
    let bad = Easy::to("http://127.0.0.1:1/");
    multi.add(&good);
    multi.add(&bad);
    multi.run();
    assert_eq!(looked.get(), 2);
    assert_eq!((good.error().result, bad.error().result), (0, 7));
}

#[test]
fn next_done_works_inside_callbacks_too() {
    let multi = Multi::new();
    let (first, _) = transfer("/hello");
    multi.add(&first);
    multi.perform_all();
    let (second, _) = transfer("/hello");
    let seen = Rc::new(Cell::new(None));
    let (raw, into) = (multi.raw(), Rc::clone(&seen));
    second.on_header(move |_, line| {
        let (mut easy, mut result) = (null_mut(), -1);
        // SAFETY: both can be written to.
        if unsafe { curlback_multi_next_done(raw, &mut easy, &mut result) } {
            assert!(into.replace(Some((easy, result))).is_none());
        }
        line.len() as i64
    });
    multi.add(&second);
    multi.perform_all();
    assert_eq!(seen.get(), Some((first.raw(), 0)));
    assert_eq!(multi.all_done(), [(second.raw(), 0)]);
    let (mut easy, mut result) = (null_mut(), -1);
    // SAFETY: NULL is refused.
    unsafe {
        assert!(!curlback_multi_next_done(raw, null_mut(), &mut result));
        assert_eq!(last_error(), "easy is NULL");
        assert!(!curlback_multi_next_done(raw, &mut easy, null_mut()));
        assert_eq!(last_error(), "result is NULL");
    }
}

#[test]
fn on_done_may_do_with_the_finished_handle_what_it_likes() {
    let server = HttpServer::start();
    let multi = Multi::new();
    let drops = Drops::new();
    let round = Rc::new(Cell::new(0));
    let rounds = Rc::clone(&round);
    multi.on_done(move |multi, easy, result| {
        assert_eq!(result, 0);
        rounds.set(rounds.get() + 1);
        match rounds.get() % 6 {
            0 => ok(curlback_easy_close(easy)),
            1 => curlback_easy_release(easy),
            2 => {
                ok(curlback_easy_reset(easy));
                ok(curlback_easy_close(easy));
            }
            3 => {
                ok(curlback_multi_remove(multi, easy));
                ok(curlback_easy_close(easy));
            }
            4 => {
                ok(curlback_multi_remove(multi, easy));
                curlback_easy_release(easy);
            }
            _ => {
                ok(curlback_easy_reset(easy));
                curlback_easy_release(easy);
                assert_eq!(curlback_multi_remove(multi, easy), code::E_HANDLE);
            }
        }
    });
    for _ in 0..60 {
        let easy = Easy::to(&server.url("/hello"));
        let token = drops.token();
        easy.on_write(move |_, data| {
            let _held = &token;
            data.len() as i64
        });
        ok(curlback_multi_add(multi.raw(), easy.into_raw()));
    }
    multi.run();
    assert_eq!((round.get(), drops.count(), server.requests()), (60, 60, 60));
}

#[test]
fn on_done_may_close_all_the_others() {
    let multi = Multi::new();
    let drops = Drops::new();
    let others: Rc<RefCell<Vec<Raw>>> = Rc::default();
    let left = Rc::clone(&others);
    let calls = Rc::new(Cell::new(0));
    let called = Rc::clone(&calls);
    multi.on_done(move |multi, easy, _| {
        called.set(called.get() + 1);
        for (n, other) in left.take().into_iter().filter(|other| *other != easy).enumerate() {
            match n % 3 {
                0 => ok(curlback_easy_close(other)),
                1 => curlback_easy_release(other),
                _ => {
                    ok(curlback_multi_remove(multi, other));
                    ok(curlback_easy_close(other));
                }
            }
        }
        ok(curlback_easy_close(easy));
    });
    for n in 0..20 {
        // Some have ended in the same step, some have hardly begun.
        let (easy, _) = transfer(if n % 2 == 0 { "/hello" } else { "/hang?closes-all" });
        let (data, drop) = drops.user_data();
        // SAFETY: the data and its drop function go together.
        ok(unsafe { curlback::easy::curlback_easy_set_private(easy.raw(), data, drop) });
        others.borrow_mut().push(easy.raw());
        ok(curlback_multi_add(multi.raw(), easy.into_raw()));
    }
    multi.run();
    assert_eq!((calls.get(), drops.count()), (1, 20));
    assert_eq!(multi.perform(), (0, 0));
}

#[test]
fn on_done_may_release_the_multi_handle_and_not_close_it() {
    let multi = Multi::new();
    let drops = Drops::new();
    let token = drops.token();
    multi.on_done(move |multi, _, _| {
        let _held = &token;
        assert_eq!(curlback_multi_close(multi), code::E_IN_CALLBACK);
        curlback_multi_release(multi);
        assert_eq!(curlback_multi_stop(multi), code::E_HANDLE);
    });
    let (good, body) = transfer("/hello");
    let (hangs, _) = transfer("/hang?released-multi");
    multi.add(&good);
    multi.add(&hangs);
    let raw = multi.into_raw();
    // It stays until the call returns, which is soon: nobody could stop it any more.
    let result = curlback_multi_run(raw, UNTIL_DONE);
    assert_eq!(result, 0);
    assert_eq!(drops.count(), 1);
    assert_eq!(curlback_multi_run(raw, UNTIL_DONE), code::E_HANDLE);
    assert!(!body.borrow().is_empty());
    assert_eq!(hangs.error().result, code::E_CANCELLED);
    hangs.set_url(&HttpServer::shared().url("/hello"));
    ok(hangs.perform());
}

#[test]
fn nothing_drives_the_multi_handle_from_inside_its_callbacks() {
    let multi = Multi::new();
    let raw = multi.raw();
    let tried = Rc::new(Cell::new(0));
    let drive = move || {
        let mut running = -1;
        // SAFETY: the number can be written to; nothing else is given.
        let results = unsafe {
            [
                curlback_multi_perform(raw, &mut running),
                curlback_multi_poll(raw, null_mut(), 0, 0, null_mut()),
                curlback_multi_socket_action(raw, -1, 0, &mut running),
                curlback_multi_run(raw, UNTIL_DONE),
                curlback_multi_run(raw, UNTIL_STOPPED),
                curlback_multi_close(raw),
            ]
        };
        assert_eq!(results, [code::E_IN_CALLBACK; 6]);
        assert_eq!(running, 0, "written always");
    };
    let count = Rc::clone(&tried);
    let tries = Rc::new(move |bit: i32| {
        drive();
        count.set(count.get() | bit);
    });
    let (a, b, c, d) = (Rc::clone(&tries), Rc::clone(&tries), Rc::clone(&tries), tries);
    multi.on_done(move |_, _, _| a(1));
    multi.on_socket(move |_, _, _, _, _| {
        b(2);
        0
    });
    multi.on_timer(move |_, _| {
        c(4);
        0
    });
    let (easy, _) = transfer("/hello");
    easy.on_header(move |_, line| {
        d(8);
        line.len() as i64
    });
    multi.add(&easy);
    multi.run();
    assert_eq!(tried.get(), 15);
}

#[test]
fn cancelled_ones_are_told_of_once_with_whatever_is_called_next() {
    let multi = Multi::new();
    let transfers: Vec<_> = (0..3).map(|_| transfer("/hang?cancelled-once").0).collect();
    for easy in &transfers {
        multi.add(easy);
    }
    assert_eq!(multi.perform(), (0, 3));
    let cancelled: Vec<usize> = transfers.iter().map(|easy| easy.raw().addr()).collect();
    // On another thread than the one that drives it: with the next call.
    std::thread::spawn(move || {
        for easy in cancelled {
            ok(curlback_easy_cancel(std::ptr::without_provenance_mut(easy)));
        }
    })
    .join()
    .unwrap();
    assert_eq!(multi.all_done(), []);
    ok(multi.poll(15_000));
    assert_eq!(multi.all_done().len(), 3);
    assert_eq!(multi.perform(), (0, 0));
    assert_eq!(multi.all_done(), []);
}
