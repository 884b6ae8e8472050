//! on_socket and on_timer that return -1: every transfer ends with 42, the call with 1011, and the multi handle works on.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Instant;

use curlback::callback::curlback_callback::{CURLBACK_CALLBACK_MULTI_SOCKET, CURLBACK_CALLBACK_MULTI_TIMER};
use curlback::easy::curlback_easy_close;
use curlback::easy::perform::curlback_easy_pause;
use curlback::libcurl::tables::opt;
use curlback::multi::members::{curlback_multi_add, curlback_multi_remove};
use curlback::multi::run::curlback_multi_run;
use curlback::result::code;
use curlback_test_servers::HttpServer;

use crate::support::multi::*;
use crate::support::*;
use crate::{HELLO, transfer};

const ABORTED: i32 = 1011;
const SOCKET: i32 = CURLBACK_CALLBACK_MULTI_SOCKET as i32;
const TIMER: i32 = CURLBACK_CALLBACK_MULTI_TIMER as i32;

/// Whether the callbacks fail from here on.
type Fails = Rc<Cell<bool>>;

/// A multi handle whose callback of that kind can be told to fail.
fn failing(kind: i32) -> (Multi, Fails) {
    let multi = Multi::new();
    let fails = Fails::default();
    let asked = Rc::clone(&fails);
    if kind == SOCKET {
        multi.on_socket(move |_, _, _, _, _| if asked.get() { -1 } else { 0 });
    } else {
        multi.on_timer(move |_, _| if asked.get() { -1 } else { 0 });
    }
    (multi, fails)
}

/// That the multi handle says so, and does a transfer again.
fn works_on(multi: &Multi, fails: &Fails, ended: &Ended, kind: i32) {
    let error = multi.error();
    assert_eq!((error.result, error.callback, error.severity, error.code), (ABORTED, kind, 0, 0));
    assert!(error.easy.is_null() && error.payload.is_null());
    assert!(!text(error.curl_message).is_empty());
    fails.set(false);
    ended.borrow_mut().clear();
    let (easy, body) = transfer("/hello");
    multi.add(&easy);
    multi.run();
    assert_eq!(*ended.borrow(), [(easy.raw(), 0)]);
    assert_eq!(*body.borrow(), HELLO);
    assert_eq!(multi.error().result, 0);
    assert_eq!(multi.perform(), (0, 0));
}

#[test]
fn minus_one_ends_all_transfers_but_those_that_were_over() {
    for kind in [SOCKET, TIMER] {
        let (multi, fails) = failing(kind);
        let ended = multi.collect();
        let (over, _) = transfer("/hello");
        multi.add(&over);
        multi.run();
        let going: Vec<_> = (0..5).map(|n| transfer(&format!("/trickle/{}/1", 500 + n))).collect();
        for (easy, _) in &going {
            multi.add(easy);
        }
        let (fail, body) = (Rc::clone(&fails), Rc::clone(&going[0].1));
        // Once all are under way.
        let count = Rc::new(Cell::new(0));
        let counter = Rc::clone(&count);
        going[1].0.on_xferinfo(move |_, _| {
            counter.set(counter.get() + 1);
            fail.set(body.borrow().len() > 5);
            0
        });
        // Something for either to hear of: a socket that goes, and a time that goes with it.
        let (short, _) = transfer("/trickle/30/1");
        short.set_int(opt::TIMEOUT_MS, 15_000);
        multi.add(&short);
        assert_eq!(curlback_multi_run(multi.raw(), UNTIL_DONE), ABORTED, "{kind}");
        assert!(last_error().contains(if kind == SOCKET { "socket" } else { "timer" }), "{}", last_error());
        let results: Vec<i32> = ended.borrow().iter().map(|(_, result)| *result).collect();
        assert_eq!(
            results.iter().filter(|result| **result == 42).count()
                + results.iter().filter(|r| **r == 0).count(),
            7
        );
        assert_eq!(ended.borrow()[0], (over.raw(), 0));
        for (easy, body) in &going {
            assert!(body.borrow().len() < 500);
            assert!(ended.borrow().contains(&(easy.raw(), 42)));
            assert_eq!((easy.error().result, easy.error().curl_code), (42, 42));
        }
        works_on(&multi, &fails, &ended, kind);
        // The very handles can be used again.
        let (easy, body) = &going[2];
        easy.set_url(&HttpServer::shared().url("/hello"));
        body.borrow_mut().clear();
        multi.remove(easy);
        multi.add(easy);
        multi.run();
        assert_eq!(*body.borrow(), HELLO);
    }
}

#[test]
fn a_failing_timer_in_add_refuses_the_handle_and_ends_the_others() {
    let (multi, fails) = failing(TIMER);
    let ended = multi.collect();
    let (going, _) = transfer("/hang?timer-in-add");
    multi.add(&going);
    assert_eq!(multi.perform(), (0, 1));
    fails.set(true);
    let (refused, body) = transfer("/hello");
    assert_eq!(curlback_multi_add(multi.raw(), refused.raw()), ABORTED);
    assert_eq!(curlback_multi_remove(multi.raw(), refused.raw()), 1002);
    assert_eq!(*ended.borrow(), [(going.raw(), 42)]);
    let error = multi.error();
    assert_eq!((error.result, error.callback), (ABORTED, TIMER));
    fails.set(false);
    assert_eq!(multi.perform(), (0, 0), "none is counted too many");
    // In no multi handle: it performs by itself.
    ok(refused.perform());
    assert_eq!(*body.borrow(), HELLO);
}

#[test]
fn perform_and_socket_action_return_it_too() {
    let (multi, fails) = failing(TIMER);
    let ended = multi.collect();
    let (going, _) = transfer("/hang?timer-in-perform");
    multi.add(&going);
    fails.set(true);
    let end = Instant::now() + LIMIT;
    // libcurl tells when the time changes, which is not with every call.
    loop {
        assert!(Instant::now() < end);
        match multi.perform() {
            (0, 1) => ok(multi.poll(10)),
            other => {
                assert_eq!(other, (ABORTED, 0));
                break;
            }
        }
    }
    assert_eq!(*ended.borrow(), [(going.raw(), 42)]);
    works_on(&multi, &fails, &ended, TIMER);

    let (multi, fails) = failing(SOCKET);
    let ended = multi.collect();
    let (going, _) = transfer("/hang?socket-in-action");
    multi.add(&going);
    fails.set(true);
    loop {
        assert!(Instant::now() < end);
        match multi.act(-1, 0) {
            (0, 1) => ok(multi.poll(10)),
            other => {
                assert_eq!(other, (ABORTED, 0));
                break;
            }
        }
    }
    assert_eq!(*ended.borrow(), [(going.raw(), 42)]);
    works_on(&multi, &fails, &ended, SOCKET);
}

/// Transfers under way that libcurl has told on_socket of.
fn going(multi: &Multi, count: usize) -> Vec<Easy> {
    let known = Rc::new(RefCell::new(std::collections::BTreeSet::new()));
    let into = Rc::clone(&known);
    multi.on_socket(move |_, easy, _, _, _| {
        into.borrow_mut().insert(easy);
        0
    });
    let all: Vec<_> = (0..count).map(|n| transfer(&format!("/hang?going{n}")).0).collect();
    for easy in &all {
        multi.add(easy);
    }
    let end = Instant::now() + LIMIT;
    while !all.iter().all(|easy| known.borrow().contains(&easy.raw())) {
        assert!(Instant::now() < end);
        assert_eq!(multi.act(-1, 0), (0, count as i32));
        ok(multi.poll(5));
    }
    all
}

fn fail_sockets(multi: &Multi) {
    multi.on_socket(|_, _, _, _, _| -1);
}

#[test]
fn remove_returns_it_and_the_handle_has_left() {
    let multi = Multi::new();
    let ended = multi.collect();
    let all = going(&multi, 3);
    fail_sockets(&multi);
    assert_eq!(curlback_multi_remove(multi.raw(), all[0].raw()), ABORTED);
    assert_eq!(curlback_multi_remove(multi.raw(), all[0].raw()), 1002);
    let mut told: Vec<_> = ended.borrow().clone();
    told.sort_unstable();
    let mut expected = [(all[1].raw(), 42), (all[2].raw(), 42)];
    expected.sort_unstable();
    assert_eq!(told, expected);
    multi.on_socket(|_, _, _, _, _| 0);
    works_on(&multi, &Fails::default(), &ended, SOCKET);
}

#[test]
fn closing_an_easy_handle_ends_the_others_and_closes() {
    let multi = Multi::new();
    let ended = multi.collect();
    let mut all = going(&multi, 2);
    fail_sockets(&multi);
    ok(curlback_easy_close(all.pop().unwrap().into_raw()));
    assert_eq!(*ended.borrow(), [(all[0].raw(), 42)]);
    multi.on_socket(|_, _, _, _, _| 0);
    works_on(&multi, &Fails::default(), &ended, SOCKET);
}

#[test]
fn closing_the_multi_handle_is_not_kept_from_it() {
    let multi = Multi::new();
    let ended = multi.collect();
    let all = going(&multi, 3);
    fail_sockets(&multi);
    multi.on_timer(|_, _| -1);
    drop(multi);
    assert_eq!(ended.borrow().len(), 0);
    for easy in &all {
        easy.set_url(&HttpServer::shared().url("/hello"));
        ok(easy.perform());
    }
}

#[test]
fn pause_returns_what_the_socket_callback_failed_with() {
    let multi = Multi::new();
    let ended = multi.collect();
    let all = going(&multi, 2);
    let called = Rc::new(Cell::new(0));
    let counter = Rc::clone(&called);
    multi.on_socket(move |_, _, _, _, _| {
        counter.set(counter.get() + 1);
        -1
    });
    let result = curlback_easy_pause(all[0].raw(), 1);
    if called.get() == 0 {
        // libcurl looks at the sockets with the next call only.
        ok(result);
        assert_eq!(multi.act(-1, 0).0, ABORTED);
    } else {
        assert_eq!(result, ABORTED);
    }
    let results: Vec<i32> = ended.borrow().iter().map(|(_, result)| *result).collect();
    assert_eq!(results, [42, 42]);
    multi.on_socket(|_, _, _, _, _| 0);
    works_on(&multi, &Fails::default(), &ended, SOCKET);
}

#[test]
fn any_other_answer_is_fine() {
    let multi = Multi::new();
    multi.on_socket(|_, _, _, _, _| 7);
    multi.on_timer(|_, _| -2);
    let (easy, body) = transfer("/hello");
    multi.add(&easy);
    multi.run();
    assert_eq!(*body.borrow(), HELLO);
}

#[test]
fn a_panic_is_contained_and_ends_the_call_as_an_interrupt_does() {
    let multi = Multi::new();
    let ended = multi.collect();
    multi.on_socket(|_, _, _, _, _| panic!("on purpose"));
    let (easy, _) = transfer("/hello");
    multi.add(&easy);
    assert_eq!(curlback_multi_run(multi.raw(), UNTIL_DONE), code::E_INTERNAL);
    assert!(last_error().contains("on purpose"), "{}", last_error());
    assert_eq!((multi.error().result, multi.error().callback), (code::E_INTERNAL, SOCKET));
    assert_eq!(*ended.borrow(), []);
    multi.on_socket(|_, _, _, _, _| 0);
    multi.run();
    assert_eq!(*ended.borrow(), [(easy.raw(), 0)]);
}
