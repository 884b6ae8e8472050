//! What cannot be: a clear error or the obvious result, and nothing else changes.

use std::cell::Cell;
use std::ptr::{null_mut, without_provenance_mut};
use std::rc::Rc;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Instant;

use curlback::easy::{curlback_easy_close, curlback_easy_reset};
use curlback::multi::drive::{curlback_multi_perform, curlback_multi_poll};
use curlback::multi::members::{curlback_multi_add, curlback_multi_remove};
use curlback::multi::options::curlback_multi_set_int;
use curlback::multi::queue::{curlback_multi_stop, curlback_multi_wakeup};
use curlback::multi::run::curlback_multi_run;
use curlback::multi::{curlback_multi_close, curlback_multi_release};
use curlback::result::code;
use curlback_test_servers::HttpServer;

use crate::engine::multi_at;
use crate::support::multi::*;
use crate::support::*;
use crate::{HELLO, transfer};

const NOT_IN_IT: i32 = 1002;

#[test]
fn a_handle_is_in_one_multi_handle_once() {
    let (multi, other) = (Multi::new(), Multi::new());
    let (easy, body) = transfer("/hello");
    multi.add(&easy);
    assert_eq!(curlback_multi_add(multi.raw(), easy.raw()), code::E_IN_USE);
    assert_eq!(curlback_multi_add(other.raw(), easy.raw()), code::E_IN_USE);
    assert_eq!(curlback_multi_remove(other.raw(), easy.raw()), NOT_IN_IT);
    assert_eq!(easy.perform(), code::E_IN_USE);
    assert_eq!(other.perform(), (0, 0));
    multi.run();
    assert_eq!(*body.borrow(), HELLO);
    // Over, but still added.
    assert_eq!(curlback_multi_add(multi.raw(), easy.raw()), code::E_IN_USE);
    assert_eq!(easy.perform(), code::E_IN_USE);
    multi.remove(&easy);
    assert_eq!(curlback_multi_remove(multi.raw(), easy.raw()), NOT_IN_IT);
    other.add(&easy);
    other.run();
    assert_eq!(body.borrow().len(), 2 * HELLO.len());
}

#[test]
fn handles_that_are_none_are_refused() {
    let multi = Multi::new();
    let (easy, _) = transfer("/hello");
    let gone = Easy::new().into_raw();
    ok(curlback_easy_close(gone));
    for wrong in [gone, without_provenance_mut(1), multi.raw().cast()] {
        assert_eq!(curlback_multi_add(multi.raw(), wrong), code::E_HANDLE);
        assert_eq!(curlback_multi_remove(multi.raw(), wrong), code::E_HANDLE);
    }
    assert_eq!(curlback_multi_add(multi.raw(), null_mut()), code::E_NULL);
    assert_eq!(curlback_multi_remove(multi.raw(), null_mut()), code::E_NULL);
    assert_eq!(curlback_multi_add(easy.raw().cast(), easy.raw()), code::E_HANDLE);
    assert_eq!(last_error(), "this is a curlback_easy, not a curlback_multi");
    assert_eq!(curlback_multi_stop(null_mut()), code::E_NULL);
    assert_eq!(curlback_multi_wakeup(without_provenance_mut(7)), code::E_HANDLE);
    ok(curlback_multi_close(null_mut()));
    curlback_multi_release(null_mut());
    curlback_multi_release(easy.raw().cast());
    for mode in [-1, 2, i32::MAX] {
        assert_eq!(curlback_multi_run(multi.raw(), mode), code::E_RANGE);
    }
    multi.add(&easy);
    multi.run();
}

fn until_one_is_left(multi: &Multi) {
    let end = Instant::now() + LIMIT;
    while multi.perform() != (0, 1) {
        assert!(Instant::now() < end);
        ok(multi.poll(20));
    }
}

#[test]
fn a_transfer_under_way_cannot_be_reset_and_one_that_is_over_can() {
    let multi = Multi::new();
    let (easy, _) = transfer("/hang?not-reset");
    multi.add(&easy);
    assert_eq!(curlback_easy_reset(easy.raw()), code::E_IN_USE);
    assert_eq!(multi.perform(), (0, 1));
    assert_eq!(curlback_easy_reset(easy.raw()), code::E_IN_USE);
    let (over, body) = transfer("/hello");
    multi.add(&over);
    until_one_is_left(&multi);
    ok(curlback_easy_reset(over.raw()));
    assert_eq!(multi.all_done(), [(over.raw(), 0)]);
    multi.remove(&over);
    over.set_url(&HttpServer::shared().url("/hello"));
    let again = crate::collect_body(&over);
    multi.add(&over);
    until_one_is_left(&multi);
    assert_eq!((&*body.borrow(), &*again.borrow()), (&HELLO.to_vec(), &HELLO.to_vec()));
    multi.remove(&easy);
}

#[test]
fn an_idle_multi_handle_has_nothing_to_do() {
    let multi = Multi::new();
    assert_eq!(multi.perform(), (0, 0));
    multi.run();
    assert_eq!(multi.act(-1, 0), (0, 0));
    assert_eq!(multi.next_done(), None);
    let error = multi.error();
    assert_eq!((error.result, error.callback, text(error.message)), (0, 0, String::new()));
    assert_eq!(text(error.curl_message), "");
}

#[test]
fn what_another_thread_drives_is_busy() {
    let multi = Multi::new();
    let (entered, inside) = channel();
    let (leave, left) = channel::<()>();
    let (easy, body) = transfer("/hello");
    let waited = Cell::new(false);
    easy.on_header(move |easy, line| {
        if !waited.replace(true) {
            entered.send(easy.addr()).unwrap();
            left.recv_timeout(LIMIT).unwrap();
        }
        line.len() as i64
    });
    multi.add(&easy);
    let address = multi.raw().addr();
    let other = thread::spawn(move || {
        let easy: Raw = without_provenance_mut(inside.recv_timeout(LIMIT).unwrap());
        let multi = multi_at(address);
        let new = Easy::new();
        let mut running = -1;
        // SAFETY: the number can be written to.
        let driven = unsafe {
            [
                curlback_multi_perform(multi, &mut running),
                curlback_multi_poll(multi, null_mut(), 0, 0, null_mut()),
            ]
        };
        assert_eq!(driven, [code::E_BUSY; 2]);
        let refused = [
            curlback_multi_run(multi, UNTIL_DONE),
            curlback_multi_close(multi),
            // It is in perform: nobody takes handles.
            curlback_multi_add(multi, new.raw()),
            curlback_multi_remove(multi, easy),
            curlback_multi_set_int(multi, 6, 1),
            on_timer(multi, |_, _| 0),
            curlback_easy_close(easy),
        ];
        assert_eq!(refused, [code::E_BUSY; 7]);
        ok(curlback_multi_wakeup(multi));
        leave.send(()).unwrap();
    });
    multi.perform_all();
    other.join().unwrap();
    assert_eq!(*body.borrow(), HELLO);
    assert_eq!(multi.all_done(), [(easy.raw(), 0)]);
}

#[test]
fn a_callback_that_stops_the_loop_stops_it() {
    for mode in [UNTIL_DONE, UNTIL_STOPPED] {
        let multi = Multi::new();
        let raw = multi.raw();
        let (easy, body) = transfer("/trickle/50/1");
        let stopped = Rc::new(Cell::new(false));
        let once = Rc::clone(&stopped);
        let into = Rc::clone(&body);
        easy.on_write(move |_, data| {
            into.borrow_mut().extend_from_slice(data);
            if !once.replace(true) {
                ok(curlback_multi_stop(raw));
            }
            data.len() as i64
        });
        multi.add(&easy);
        ok(curlback_multi_run(multi.raw(), mode));
        assert!(stopped.get() && body.borrow().len() < 50);
        multi.on_done(|multi, _, _| ok(curlback_multi_stop(multi)));
        ok(curlback_multi_run(multi.raw(), UNTIL_STOPPED));
        assert_eq!(body.borrow().len(), 50);
    }
}

#[test]
fn callbacks_but_on_done_cannot_add_remove_or_set() {
    let multi = Multi::new();
    let (other, _) = transfer("/hello");
    let (raw, spare) = (multi.raw(), other.raw());
    let tried = Rc::new(Cell::new(0));
    let count = Rc::clone(&tried);
    let refused = Rc::new(move |bit: i32| {
        let results = [
            curlback_multi_add(raw, spare),
            curlback_multi_remove(raw, spare),
            curlback_multi_set_int(raw, 6, 3),
        ];
        assert_eq!(results, [code::E_IN_CALLBACK; 3]);
        count.set(count.get() | bit);
    });
    let (a, b, c) = (Rc::clone(&refused), Rc::clone(&refused), refused);
    multi.on_socket(move |_, _, _, _, _| {
        a(1);
        0
    });
    multi.on_timer(move |_, _| {
        b(2);
        0
    });
    let (easy, _) = transfer("/hello");
    easy.on_header(move |_, line| {
        c(4);
        line.len() as i64
    });
    multi.add(&easy);
    multi.run();
    assert_eq!(tried.get(), 7);
    assert_eq!(other.error().result, 0);
    multi.add(&other);
    multi.run();
}
