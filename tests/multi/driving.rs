//! The three ways to drive, and how they end.

use std::cell::RefCell;
use std::rc::Rc;

use curlback::easy::curlback_easy_close;
use curlback::easy::perform::curlback_easy_cancel;
use curlback::multi::members::{curlback_multi_add, curlback_multi_remove};
use curlback::result::code;

use crate::support::multi::*;
use crate::support::*;
use crate::{HELLO, transfer};

#[test]
fn run_ends_every_transfer_and_tells_on_done_of_each_once() {
    let multi = Multi::new();
    let transfers: Vec<_> = (0..20).map(|_| transfer("/hello")).collect();
    let ended = multi.collect();
    for (easy, _) in &transfers {
        multi.add(easy);
    }
    multi.run();
    let mut told: Vec<_> = ended.borrow().clone();
    assert_eq!(told.len(), 20);
    told.sort_unstable();
    told.dedup();
    assert_eq!(told.len(), 20);
    assert!(told.iter().all(|(_, result)| *result == code::OK));
    for (easy, body) in &transfers {
        assert_eq!(*body.borrow(), HELLO);
        multi.remove(easy);
    }
}

#[test]
fn perform_and_poll_hand_out_by_next_done() {
    let multi = Multi::new();
    let (good, body) = transfer("/hello");
    let (bad, _) = transfer("/hello");
    bad.set_url("http://127.0.0.1:1/");
    multi.add(&good);
    multi.add(&bad);
    multi.perform_all();
    let mut done = multi.all_done();
    done.sort_by_key(|(_, result)| *result);
    assert_eq!(done, [(good.raw(), 0), (bad.raw(), 7)]);
    assert_eq!(*body.borrow(), HELLO);
    assert_eq!(multi.next_done(), None);
}

#[test]
fn on_done_may_remove_close_and_add() {
    let multi = Multi::new();
    let left = Rc::new(RefCell::new(30));
    let counter = Rc::clone(&left);
    multi.on_done(move |multi, easy, result| {
        assert_eq!(result, code::OK);
        let left = *counter.borrow();
        match left % 3 {
            0 => {
                ok(curlback_multi_remove(multi, easy));
                ok(curlback_easy_close(easy));
            }
            1 => ok(curlback_easy_close(easy)),
            _ => {
                ok(curlback_multi_remove(multi, easy));
                ok(curlback_multi_add(multi, easy));
                *counter.borrow_mut() -= 1;
                return;
            }
        }
        *counter.borrow_mut() -= 1;
        if *counter.borrow() > 0 {
            ok(curlback_multi_add(multi, transfer("/hello").0.into_raw()));
        }
    });
    ok(curlback_multi_add(multi.raw(), transfer("/hello").0.into_raw()));
    multi.run();
    assert_eq!(*left.borrow(), 0);
}

#[test]
fn cancel_ends_a_transfer_of_an_idle_multi_on_the_thread_that_drives_it() {
    let multi = Multi::new();
    let (easy, _) = transfer("/hang?idle");
    let ended = multi.collect();
    multi.add(&easy);
    let (result, running) = multi.perform();
    assert_eq!((result, running), (0, 1));
    ok(curlback_easy_cancel(easy.raw()));
    assert_eq!(*ended.borrow(), [(easy.raw(), code::E_CANCELLED)]);
    assert_eq!(multi.perform(), (0, 0));
    multi.remove(&easy);
    assert_eq!(ended.borrow().len(), 1);
}
