//! Closing in every order: easy handles, the multi handle, in callbacks, what is left after it.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Instant;

use curlback::easy::perform::curlback_easy_cancel;
use curlback::easy::{curlback_easy_close, curlback_easy_duplicate, curlback_easy_release};
use curlback::libcurl::tables::info;
use curlback::multi::done::curlback_multi_on_done;
use curlback::multi::members::{curlback_multi_add, curlback_multi_remove};
use curlback::multi::{curlback_multi_close, curlback_multi_curl, curlback_multi_release};
use curlback::result::code;
use curlback_test_servers::HttpServer;

use crate::support::multi::*;
use crate::support::*;
use crate::{HELLO, transfer};

/// A transfer whose user data is counted: two pieces.
fn counted(path: &str, drops: &Drops) -> Easy {
    let easy = Easy::to(&HttpServer::shared().url(path));
    let (data, drop) = drops.user_data();
    // SAFETY: the data and its drop function go together.
    ok(unsafe { curlback::easy::curlback_easy_set_private(easy.raw(), data, drop) });
    let token = drops.token();
    easy.on_write(move |_, data| {
        let _held = &token;
        data.len() as i64
    });
    easy
}

/// A multi handle with user data of each kind of callback: three pieces.
fn counted_multi(drops: &Drops) -> Multi {
    let multi = Multi::new();
    let (one, two, three) = (drops.token(), drops.token(), drops.token());
    multi.on_done(move |_, _, _| {
        let _held = &one;
    });
    multi.on_socket(move |_, _, _, _, _| {
        let _held = &two;
        0
    });
    multi.on_timer(move |_, _| {
        let _held = &three;
        0
    });
    multi
}

/// One that has ended, one that hangs, one that has not begun.
fn three(multi: &Multi, drops: &Drops) -> Vec<Easy> {
    let ended = counted("/hello", drops);
    multi.add(&ended);
    multi.run();
    let hangs = counted("/hang?three", drops);
    multi.add(&hangs);
    assert_eq!(multi.perform(), (0, 1));
    let new = counted("/hello", drops);
    multi.add(&new);
    vec![ended, hangs, new]
}

#[test]
fn easy_handles_first_and_then_the_multi_handle() {
    let drops = Drops::new();
    let multi = counted_multi(&drops);
    for (n, easy) in three(&multi, &drops).into_iter().enumerate() {
        ok(curlback_easy_close(easy.into_raw()));
        assert_eq!(drops.count(), 2 * (n + 1));
    }
    assert_eq!(multi.perform(), (0, 0));
    drop(multi);
    assert_eq!(drops.count(), 9);
}

#[test]
fn the_multi_handle_first_and_its_easy_handles_live_on() {
    for release in [false, true] {
        let drops = Drops::new();
        let multi = counted_multi(&drops);
        let all = three(&multi, &drops);
        let raw = multi.into_raw();
        if release {
            curlback_multi_release(raw);
        } else {
            ok(curlback_multi_close(raw));
        }
        assert_eq!(drops.count(), 3);
        assert_eq!(curlback_multi_close(raw), code::E_HANDLE);
        curlback_multi_release(raw);
        let results: Vec<i32> = all.iter().map(|easy| easy.error().result).collect();
        assert_eq!(results, [0, code::E_CANCELLED, code::E_CANCELLED]);
        for easy in &all {
            easy.set_url(&HttpServer::shared().url("/hello"));
            ok(easy.perform());
        }
        // They can go into another one too.
        let other = Multi::new();
        for easy in &all {
            other.add(easy);
        }
        other.run();
        assert_eq!(other.all_done().len(), 3);
        drop(other);
        drop(all);
        assert_eq!(drops.count(), 9);
    }
}

#[test]
fn released_easy_handles_of_an_idle_multi_handle_are_closed_at_once() {
    let drops = Drops::new();
    let multi = counted_multi(&drops);
    for (n, easy) in three(&multi, &drops).into_iter().enumerate() {
        let raw = easy.into_raw();
        if n == 1 {
            // By whatever thread a collector has.
            let address = raw.addr();
            std::thread::spawn(move || curlback_easy_release(std::ptr::without_provenance_mut(address)))
                .join()
                .unwrap();
        } else {
            curlback_easy_release(raw);
        }
        assert_eq!(drops.count(), 2 * (n + 1));
        assert_eq!(curlback_multi_remove(multi.raw(), raw), code::E_HANDLE);
    }
    assert_eq!(multi.perform(), (0, 0));
}

#[test]
fn callbacks_of_an_easy_handle_may_release_it_and_others_and_the_multi_handle() {
    let drops = Drops::new();
    let multi = counted_multi(&drops);
    let raw = multi.raw();
    let other = counted("/hang?released-by-another", &drops);
    multi.add(&other);
    let other = other.into_raw();
    let easy = counted("/hello", &drops);
    let counter = drops.clone();
    easy.on_header(move |own, line| {
        assert_eq!(curlback_easy_close(own), code::E_IN_CALLBACK);
        assert_eq!(curlback_multi_remove(raw, own), code::E_IN_CALLBACK);
        assert!([code::E_IN_CALLBACK, code::E_HANDLE].contains(&curlback_easy_close(other)));
        curlback_easy_release(other);
        curlback_easy_release(own);
        curlback_multi_release(raw);
        assert_eq!(counter.count(), 0, "none of it is closed while this runs");
        line.len() as i64
    });
    multi.add(&easy);
    easy.into_raw();
    let multi = multi.into_raw();
    assert_eq!(curlback::multi::run::curlback_multi_run(multi, UNTIL_DONE), 0);
    assert_eq!(drops.count(), 7);
    assert_eq!(curlback_multi_close(multi), code::E_HANDLE);
}

#[test]
fn drop_functions_may_close_what_is_left() {
    let multi = Multi::new();
    let closed = Rc::new(Cell::new(0));
    let (other, _) = transfer("/hang?closed-by-a-drop");
    multi.add(&other);
    struct Closes(Raw, RawMulti, Rc<Cell<i32>>);
    impl Drop for Closes {
        fn drop(&mut self) {
            // In a multi handle that the thread is not in, or has just left.
            ok(curlback_easy_close(self.0));
            ok(curlback_multi_close(self.1));
            self.2.set(self.2.get() + 1);
        }
    }
    let closes = Closes(other.into_raw(), multi.raw(), Rc::clone(&closed));
    let (easy, _) = transfer("/hello");
    easy.on_header(move |_, line| {
        let _held = &closes;
        line.len() as i64
    });
    multi.add(&easy);
    assert_eq!(multi.perform(), (0, 2));
    multi.into_raw();
    // In the multi handle as well; it leaves that, and then its user data goes.
    ok(curlback_easy_close(easy.into_raw()));
    assert_eq!(closed.get(), 1);
}

#[test]
fn user_data_of_replaced_callbacks_goes_when_none_of_them_runs() {
    let drops = Drops::new();
    let multi = Multi::new();
    let (token, counter) = (drops.token(), drops.clone());
    multi.on_done(move |multi, easy, _| {
        let _held = &token;
        // SAFETY: nothing is registered.
        ok(unsafe { curlback_multi_on_done(multi, None, std::ptr::null_mut(), None) });
        assert_eq!(counter.count(), 0);
        ok(curlback_easy_close(easy));
        assert_eq!(counter.count(), 0, "this one still runs");
    });
    let (easy, _) = transfer("/hello");
    ok(curlback_multi_add(multi.raw(), easy.into_raw()));
    multi.run();
    assert_eq!(drops.count(), 1);
    for round in 2..5 {
        let token = drops.token();
        multi.on_timer(move |_, _| {
            let _held = &token;
            0
        });
        assert_eq!(drops.count(), round - 1);
    }
    drop(multi);
    assert_eq!(drops.count(), 4);
}

#[test]
fn user_data_may_be_replaced_in_on_socket_and_on_timer_themselves() {
    let drops = Drops::new();
    let multi = Multi::new();
    let rounds = Rc::new(Cell::new(0));
    fn again(multi: RawMulti, drops: &Drops, rounds: &Rc<Cell<usize>>) {
        let (inner, next, token) = (drops.clone(), Rc::clone(rounds), drops.token());
        ok(on_timer(multi, move |multi, _| {
            let _held = &token;
            next.set(next.get() + 1);
            let before = inner.count();
            again(multi, &inner, &next);
            assert_eq!(inner.count(), before);
            0
        }));
    }
    again(multi.raw(), &drops, &rounds);
    let (easy, body) = transfer("/trickle/20/1");
    multi.add(&easy);
    multi.run();
    assert_eq!(body.borrow().len(), 20);
    assert!(rounds.get() > 0);
    assert_eq!(drops.count(), rounds.get());
    drop(multi);
    assert_eq!(drops.count(), rounds.get() + 1);
}

#[test]
fn a_duplicate_of_a_member_is_in_no_multi_handle() {
    let multi = Multi::new();
    let (easy, body) = transfer("/hello");
    multi.add(&easy);
    let mut copy = std::ptr::null_mut();
    // SAFETY: it can be written to.
    ok(unsafe { curlback_easy_duplicate(easy.raw(), &mut copy) });
    let copy = Easy::adopt(copy);
    assert_eq!(curlback_multi_remove(multi.raw(), copy.raw()), 1002);
    ok(copy.perform());
    multi.run();
    assert_eq!(body.borrow().len(), 2 * HELLO.len());
}

#[test]
fn transfers_of_two_multi_handles_do_not_meet() {
    let (one, two) = (Multi::new(), Multi::new());
    let (first, second) = (one.collect(), two.collect());
    let (a, _) = transfer("/hello");
    let (b, _) = transfer("/hello");
    one.add(&a);
    two.add(&b);
    // Driven inside a callback of the other's.
    let raw = two.raw();
    let results: Rc<RefCell<Vec<i32>>> = Rc::default();
    let into = Rc::clone(&results);
    a.on_header(move |_, line| {
        into.borrow_mut().push(curlback::multi::run::curlback_multi_run(raw, UNTIL_DONE));
        line.len() as i64
    });
    one.run();
    assert!(!results.borrow().is_empty() && results.borrow().iter().all(|result| *result == 0));
    assert_eq!((&*first.borrow(), &*second.borrow()), (&vec![(a.raw(), 0)], &vec![(b.raw(), 0)]));
    assert!(!curlback_multi_curl(one.raw()).is_null());
    assert_ne!(curlback_multi_curl(one.raw()), curlback_multi_curl(two.raw()));
}

#[test]
fn closing_everything_in_on_done_ends_the_run() {
    let multi = Multi::new();
    let all: Rc<RefCell<Vec<Raw>>> = Rc::default();
    for n in 0..10 {
        let (easy, _) = transfer(if n == 9 { "/hello" } else { "/hang?closed-in-on-done" });
        all.borrow_mut().push(easy.raw());
        ok(curlback_multi_add(multi.raw(), easy.into_raw()));
    }
    let left = Rc::clone(&all);
    multi.on_done(move |multi, _, _| {
        for easy in left.take() {
            ok(curlback_easy_cancel(easy));
            ok(curlback_easy_close(easy));
        }
        curlback_multi_release(multi);
    });
    let began = Instant::now();
    assert_eq!(curlback::multi::run::curlback_multi_run(multi.into_raw(), UNTIL_STOPPED), 0);
    assert!(began.elapsed() < LIMIT);
    assert!(all.borrow().is_empty());
}

/// libcurl shows how far a transfer has come once more when it is taken out.
#[test]
fn xferinfo_is_called_while_its_transfer_is_removed_unless_that_was_cancelled() {
    for cancelled in [false, true] {
        let multi = Multi::new();
        let ended = multi.collect();
        let (easy, _) = transfer(&format!("/stall?removed-{cancelled}"));
        let (other, _) = transfer("/hello");
        let (refused, leaving) = (Rc::new(RefCell::new(Vec::new())), Rc::new(Cell::new(false)));
        let (into, is_leaving) = (Rc::clone(&refused), Rc::clone(&leaving));
        let (raw, spare) = (multi.raw(), other.raw());
        easy.on_xferinfo(move |easy, _| {
            if is_leaving.get() {
                into.borrow_mut().extend([curlback_multi_add(raw, spare), curlback_easy_close(easy)]);
            }
            0
        });
        multi.add(&easy);
        let end = Instant::now() + LIMIT;
        while easy.int(info::SIZE_DOWNLOAD_T) == 0 {
            assert!(Instant::now() < end);
            ok(multi.perform().0);
            ok(multi.poll(10));
        }
        leaving.set(true);
        if cancelled {
            ok(curlback_easy_cancel(easy.raw()));
            assert_eq!(*ended.borrow(), [(easy.raw(), code::E_CANCELLED)]);
        }
        multi.remove(&easy);
        assert_eq!(refused.borrow().is_empty(), cancelled, "{refused:?}");
        assert!(refused.borrow().iter().all(|result| *result == code::E_IN_CALLBACK), "{refused:?}");
    }
}
