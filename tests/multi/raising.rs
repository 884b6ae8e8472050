//! raise: by easy handles inside a multi handle, and by the multi handle's own callbacks.

use std::cell::{Cell, RefCell};
use std::ffi::{CString, c_void};
use std::ptr::null_mut;
use std::rc::Rc;
use std::time::Instant;

use curlback::callback::curlback_callback::*;
use curlback::easy::error::{curlback_easy_raise, curlback_easy_take_payload};
use curlback::multi::error::{curlback_multi_error, curlback_multi_raise, curlback_multi_take_payload};
use curlback::multi::members::{curlback_multi_add, curlback_multi_remove};
use curlback::multi::run::curlback_multi_run;
use curlback::result::code;

use crate::support::multi::*;
use crate::support::*;
use crate::{HELLO, transfer};

const ERROR: i32 = 0;
const INTERRUPT: i32 = 1;

/// Raises with a payload that `drops` counts; answers with the payload.
fn raise_with(
    drops: &Drops,
    call: impl FnOnce(*const std::ffi::c_char, *mut c_void, curlback::slot::curlback_drop_cb) -> i32,
) -> *mut c_void {
    let (payload, drop) = drops.user_data();
    let message = CString::new("as it was").unwrap();
    ok(call(message.as_ptr(), payload, drop));
    payload
}

#[test]
fn an_interrupt_in_an_easy_callback_ends_that_transfer_and_the_call_once() {
    // Whose door the payload is taken by: the multi handle's, the easy handle's, nobody's.
    for door in 0..3 {
        let drops = Drops::new();
        let multi = Multi::new();
        let ended = multi.collect();
        let (raises, _) = transfer("/trickle/100/1");
        let payload = Rc::new(Cell::new(null_mut()));
        let (into, counter) = (Rc::clone(&payload), drops.clone());
        raises.on_write(move |easy, _| {
            into.set(raise_with(&counter, |message, payload, drop| {
                // SAFETY: the message ends with NUL; the payload and its drop function go together.
                unsafe { curlback_easy_raise(easy, INTERRUPT, 77, message, payload, drop) }
            }));
            0
        });
        let others: Vec<_> = (0..3).map(|_| transfer("/trickle/60/1")).collect();
        multi.add(&raises);
        for (easy, _) in &others {
            multi.add(easy);
        }
        assert_eq!(curlback_multi_run(multi.raw(), UNTIL_DONE), code::E_RAISED);
        assert!(last_error().starts_with("as it was: "), "{}", last_error());
        let (whole, own) = (multi.error(), raises.error());
        assert_eq!((whole.result, own.result), (code::E_RAISED, code::E_RAISED));
        for error in [&whole, &own] {
            assert_eq!((error.severity, error.code), (INTERRUPT, 77));
            assert_eq!(error.callback, CURLBACK_CALLBACK_WRITE as i32);
            assert_eq!(text(error.message), "as it was");
            assert_eq!((error.payload, error.easy), (payload.get(), raises.raw()));
        }
        match door {
            0 => {
                assert_eq!(curlback_multi_take_payload(multi.raw()), payload.get());
                assert_eq!(curlback_easy_take_payload(raises.raw()), null_mut());
            }
            1 => {
                assert_eq!(curlback_easy_take_payload(raises.raw()), payload.get());
                assert_eq!(curlback_multi_take_payload(multi.raw()), null_mut());
            }
            _ => {}
        }
        assert!(multi.error().payload.is_null() == (door < 2));
        assert_eq!(drops.count(), 0);
        multi.run();
        assert_eq!(multi.error().result, 0, "the record lived until this call");
        assert_eq!(drops.count(), 0, "the easy handle has it still");
        assert!(ended.borrow().contains(&(raises.raw(), code::E_RAISED)));
        assert_eq!(ended.borrow().len(), 4);
        for (easy, body) in &others {
            assert!(ended.borrow().contains(&(easy.raw(), 0)));
            assert_eq!(body.borrow().len(), 60);
        }
        drop(multi);
        drop(raises);
        assert_eq!(drops.count(), usize::from(door == 2));
        if door < 2 {
            unbox::<Token>(boxed_again(payload.get()));
        }
    }
}

fn boxed_again(payload: *mut c_void) -> (*mut c_void, curlback::slot::curlback_drop_cb) {
    (payload, None)
}

#[test]
fn the_record_outlives_the_easy_handle() {
    let drops = Drops::new();
    let multi = Multi::new();
    let (raises, _) = transfer("/hello");
    let counter = drops.clone();
    raises.on_header(move |easy, _| {
        raise_with(&counter, |message, payload, drop| {
            // SAFETY: the message ends with NUL; the payload and its drop function go together.
            unsafe { curlback_easy_raise(easy, INTERRUPT, 1, message, payload, drop) }
        });
        0
    });
    multi.add(&raises);
    assert_eq!(curlback_multi_run(multi.raw(), UNTIL_DONE), code::E_RAISED);
    drop(raises);
    assert_eq!(drops.count(), 0);
    assert_eq!(text(multi.error().message), "as it was");
    // A call that runs transfers.
    assert_eq!(multi.perform(), (0, 0));
    assert_eq!(drops.count(), 1);
    assert_eq!(text(multi.error().message), "");
}

#[test]
fn an_error_raised_in_an_easy_callback_is_the_easy_handle_s_alone() {
    let multi = Multi::new();
    let ended = multi.collect();
    let (raises, _) = transfer("/hello");
    raises.on_write(|easy, _| {
        // SAFETY: the message ends with NUL.
        ok(unsafe { curlback_easy_raise(easy, ERROR, 5, c"full".as_ptr(), null_mut(), None) });
        -1
    });
    multi.add(&raises);
    multi.run();
    assert_eq!(*ended.borrow(), [(raises.raw(), 23)]);
    assert_eq!((text(raises.error().message), raises.error().code), ("full".into(), 5));
    assert_eq!((multi.error().result, text(multi.error().message)), (0, String::new()));
}

#[test]
fn two_interrupts_in_one_call_end_two_transfers_and_it_returns_once() {
    let multi = Multi::new();
    let ended = multi.collect();
    let transfers: Vec<_> = (0..4).map(|_| transfer("/hello").0).collect();
    for easy in &transfers {
        easy.on_header(|easy, _| {
            // SAFETY: no message.
            ok(unsafe { curlback_easy_raise(easy, INTERRUPT, 5, std::ptr::null(), null_mut(), None) });
            0
        });
        multi.add(easy);
    }
    let end = Instant::now() + LIMIT;
    let mut raised = 0;
    loop {
        assert!(Instant::now() < end);
        let (result, running) = multi.perform();
        assert!([0, code::E_RAISED].contains(&result), "{result}");
        raised += usize::from(result == code::E_RAISED);
        if running == 0 && result == 0 {
            break;
        }
        ok(multi.poll(if running == 0 { 0 } else { 10 }));
    }
    assert!((1..=4).contains(&raised), "{raised}");
    assert_eq!(ended.borrow().len(), 4);
    assert!(ended.borrow().iter().all(|(_, result)| *result == code::E_RAISED));
}

/// Raises in the multi handle's callback `kind` when it is called for the first time; the multi handle with a transfer in it.
fn raising(kind: i32, severity: i32, answer: i32, drops: &Drops) -> (Multi, Easy) {
    let multi = Multi::new();
    let counter = drops.clone();
    let raised = Rc::new(Cell::new(false));
    let armed = Rc::new(Cell::new(false));
    let arm = Rc::clone(&armed);
    let raise = move |multi: RawMulti| {
        if !armed.get() || raised.replace(true) {
            return 0;
        }
        raise_with(&counter, |message, payload, drop| {
            // SAFETY: the message ends with NUL; the payload and its drop function go together.
            unsafe { curlback_multi_raise(multi, severity, 33, message, payload, drop) }
        });
        answer
    };
    if kind == CURLBACK_CALLBACK_MULTI_SOCKET as i32 {
        multi.on_socket(move |multi, _, _, _, _| raise(multi));
    } else if kind == CURLBACK_CALLBACK_MULTI_TIMER as i32 {
        multi.on_timer(move |multi, _| raise(multi));
    } else {
        multi.on_done(move |multi, _, _| {
            raise(multi);
        });
    }
    let (easy, _) = transfer("/trickle/20/1");
    multi.add(&easy);
    arm.set(true);
    (multi, easy)
}

const OWN: [i32; 3] = [
    CURLBACK_CALLBACK_MULTI_SOCKET as i32,
    CURLBACK_CALLBACK_MULTI_TIMER as i32,
    CURLBACK_CALLBACK_MULTI_DONE as i32,
];

#[test]
fn an_interrupt_in_its_own_callbacks_ends_the_call_and_no_transfer() {
    for kind in OWN {
        let drops = Drops::new();
        let (multi, easy) = raising(kind, INTERRUPT, 0, &drops);
        assert_eq!(curlback_multi_run(multi.raw(), UNTIL_DONE), code::E_RAISED, "{kind}");
        let error = multi.error();
        assert_eq!((error.result, error.callback, error.severity, error.code), (code::E_RAISED, kind, 1, 33));
        assert!(error.easy.is_null() && !error.payload.is_null());
        assert_eq!(text(error.message), "as it was");
        assert!(last_error().starts_with("as it was: "), "{}", last_error());
        assert_eq!(drops.count(), 0);
        multi.run();
        assert_eq!((multi.error().result, drops.count()), (0, 1));
        assert_eq!(easy.error().result, 0);
    }
}

#[test]
fn an_error_goes_with_minus_one_and_explains_it() {
    for kind in &OWN[..2] {
        let drops = Drops::new();
        let (multi, easy) = raising(*kind, ERROR, -1, &drops);
        assert_eq!(curlback_multi_run(multi.raw(), UNTIL_DONE), 1011);
        let error = multi.error();
        assert_eq!((error.result, error.callback, error.severity, error.code), (1011, *kind, 0, 33));
        assert_eq!(text(error.message), "as it was");
        assert_eq!(easy.error().result, 42);
        let payload = curlback_multi_take_payload(multi.raw());
        assert_eq!(payload, error.payload);
        assert!(multi.error().payload.is_null());
        assert_eq!(multi.perform(), (0, 0));
        assert_eq!(drops.count(), 0);
        unbox::<Token>((payload, None));
        assert_eq!(drops.count(), 1);
    }
    // Without the -1 it only stands in the record.
    for kind in OWN {
        let drops = Drops::new();
        let (multi, easy) = raising(kind, ERROR, 0, &drops);
        multi.run();
        assert_eq!((multi.error().result, multi.error().callback), (0, kind));
        assert_eq!((text(multi.error().message), easy.error().result), ("as it was".into(), 0));
        drop(multi);
        assert_eq!(drops.count(), 1, "with the handle");
    }
}

#[test]
fn add_and_remove_return_it_and_have_the_obvious_effect() {
    let multi = Multi::new();
    let ended = multi.collect();
    let armed = Rc::new(Cell::new(false));
    let arm = Rc::clone(&armed);
    multi.on_timer(move |multi, _| {
        if armed.get() {
            ok(raise(multi, INTERRUPT, 1, "in the timer"));
        }
        0
    });
    let (going, _) = transfer("/hang?raised-in-add");
    going.set_int(curlback::libcurl::tables::opt::TIMEOUT_MS, 15_000);
    multi.add(&going);
    assert_eq!(multi.perform(), (0, 1));
    arm.set(true);
    let (refused, body) = transfer("/hello");
    assert_eq!(curlback_multi_add(multi.raw(), refused.raw()), code::E_RAISED);
    assert_eq!(curlback_multi_remove(multi.raw(), refused.raw()), 1002);
    assert_eq!(curlback_multi_remove(multi.raw(), going.raw()), code::E_RAISED);
    assert_eq!(curlback_multi_remove(multi.raw(), going.raw()), 1002);
    arm.set(false);
    assert_eq!(multi.perform(), (0, 0));
    assert_eq!(ended.borrow().len(), 0);
    multi.add(&refused);
    multi.run();
    assert_eq!(*body.borrow(), HELLO);
}

#[test]
fn what_on_done_raises_is_not_taken_by_the_calls_that_it_makes() {
    let multi = Multi::new();
    let (next, body) = transfer("/hello");
    let raw = next.raw();
    let first = Rc::new(Cell::new(true));
    multi.on_done(move |multi, easy, _| {
        if first.replace(false) {
            ok(raise(multi, INTERRUPT, 9, "enough"));
            ok(curlback_multi_add(multi, raw));
            ok(curlback_multi_remove(multi, easy));
        }
    });
    let (easy, _) = transfer("/hello");
    multi.add(&easy);
    assert_eq!(curlback_multi_run(multi.raw(), UNTIL_DONE), code::E_RAISED);
    assert_eq!((multi.error().code, text(multi.error().message)), (9, "enough".into()));
    multi.run();
    assert_eq!(*body.borrow(), HELLO);
}

#[test]
fn what_a_call_of_on_done_s_raises_is_that_call_s() {
    let multi = Multi::new();
    let (refused, _) = transfer("/hello");
    let raw = refused.raw();
    let inside = Rc::new(Cell::new(false));
    let armed = Rc::clone(&inside);
    multi.on_timer(move |multi, _| {
        if armed.get() {
            ok(raise(multi, INTERRUPT, 4, "not this one"));
        }
        0
    });
    let added = Rc::new(Cell::new(-1));
    let into = Rc::clone(&added);
    multi.on_done(move |multi, _, _| {
        inside.set(true);
        into.set(curlback_multi_add(multi, raw));
        inside.set(false);
    });
    let (easy, _) = transfer("/hello");
    multi.add(&easy);
    multi.run();
    assert_eq!(added.get(), code::E_RAISED);
    assert_eq!(multi.error().code, 4);
    assert_eq!(curlback_multi_remove(multi.raw(), refused.raw()), 1002);
}

/// What on_done, called once, raises: each with its position as its code.
fn raising_in_on_done(severities: &'static [i32], drops: &Drops) -> (Multi, Easy) {
    let multi = Multi::new();
    let counter = drops.clone();
    multi.on_done(move |multi, _, _| {
        for (n, severity) in severities.iter().enumerate() {
            raise_with(&counter, |message, payload, drop| {
                // SAFETY: the message ends with NUL; the payload and its drop function go together.
                unsafe { curlback_multi_raise(multi, *severity, n as i32, message, payload, drop) }
            });
        }
    });
    let (easy, _) = transfer("/hello");
    multi.add(&easy);
    (multi, easy)
}

#[test]
fn the_last_error_is_shown_but_the_first_interrupt_in_its_place() {
    let drops = Drops::new();
    let (multi, _easy) = raising_in_on_done(&[ERROR, ERROR, INTERRUPT, ERROR], &drops);
    assert_eq!(curlback_multi_run(multi.raw(), UNTIL_DONE), code::E_RAISED);
    assert_eq!((multi.error().severity, multi.error().code, drops.count()), (INTERRUPT, 2, 3));
    drop(multi);
    assert_eq!(drops.count(), 4);
}

#[test]
fn every_interrupt_of_its_own_comes_out_of_a_call_in_their_order() {
    let drops = Drops::new();
    let (multi, easy) = raising_in_on_done(&[INTERRUPT; 4], &drops);
    assert_eq!(curlback_multi_run(multi.raw(), UNTIL_DONE), code::E_RAISED);
    assert_eq!((multi.error().code, drops.count()), (0, 0));
    // These run no transfers: it is not for them.
    multi.remove(&easy);
    assert_eq!((multi.error().result, drops.count()), (0, 1));
    let (next, _) = transfer("/hang?raised-later");
    multi.add(&next);
    assert_eq!(multi.perform(), (code::E_RAISED, 1));
    assert_eq!((multi.error().severity, multi.error().code), (INTERRUPT, 1));
    assert!(multi.error().easy.is_null());
    assert!(last_error().starts_with("as it was: "), "{}", last_error());
    assert_eq!(curlback_multi_run(multi.raw(), UNTIL_DONE), code::E_RAISED);
    assert_eq!((multi.error().code, drops.count()), (2, 2));
    let payload = curlback_multi_take_payload(multi.raw());
    unbox::<Token>((payload, None));
    drop(multi);
    assert_eq!(drops.count(), 4, "the one that nobody asked for goes with the handle");
}

#[test]
fn of_several_easy_handles_that_interrupt_the_first_is_shown_and_each_keeps_its_own() {
    let multi = Multi::new();
    let order = Rc::new(RefCell::new(Vec::new()));
    let transfers: Vec<_> = (0..4)
        .map(|n| {
            let (easy, _) = transfer("/hello");
            let order = Rc::clone(&order);
            easy.on_header(move |easy, _| {
                order.borrow_mut().push(n);
                // SAFETY: no message.
                ok(unsafe { curlback_easy_raise(easy, INTERRUPT, n, std::ptr::null(), null_mut(), None) });
                0
            });
            multi.add(&easy);
            easy
        })
        .collect();
    let mut shown = Vec::new();
    let mut running = 4;
    while running > 0 {
        let before = order.borrow().len();
        let (result, left) = multi.perform();
        running = left;
        if result == code::E_RAISED {
            assert_eq!(multi.error().code, order.borrow()[before]);
            shown.push(multi.error().code);
        }
        ok(multi.poll(10));
    }
    assert!(!shown.is_empty());
    for (n, easy) in transfers.iter().enumerate() {
        assert_eq!((easy.error().result, easy.error().code), (code::E_RAISED, n as i32));
    }
}

#[test]
fn raise_is_for_the_multi_handle_s_own_callbacks() {
    let multi = Multi::new();
    assert_eq!(raise(multi.raw(), INTERRUPT, 0, ""), code::E_NOT_IN_CALLBACK);
    let (easy, body) = transfer("/hello");
    let raw = multi.raw();
    easy.on_header(move |_, line| {
        assert_eq!(raise(raw, INTERRUPT, 0, ""), code::E_NOT_IN_CALLBACK);
        line.len() as i64
    });
    let handle = easy.raw();
    multi.on_done(move |multi, _, _| {
        assert_eq!(raise(multi, 2, 0, ""), code::E_RANGE);
        assert_eq!(raise(multi, -1, 0, ""), code::E_RANGE);
        // SAFETY: no message.
        let own = unsafe { curlback_easy_raise(handle, INTERRUPT, 0, std::ptr::null(), null_mut(), None) };
        assert_eq!(own, code::E_NOT_IN_CALLBACK);
    });
    multi.add(&easy);
    multi.run();
    assert_eq!(*body.borrow(), HELLO);
    assert_eq!(curlback_multi_take_payload(multi.raw()), null_mut());
    // SAFETY: NULL is refused.
    assert_eq!(unsafe { curlback_multi_error(multi.raw(), null_mut()) }, code::E_NULL);
}

#[test]
fn on_done_that_interrupts_is_called_for_the_rest_with_the_next_call() {
    let multi = Multi::new();
    let told = Rc::new(Cell::new(0));
    let counter = Rc::clone(&told);
    multi.on_done(move |multi, _, _| {
        counter.set(counter.get() + 1);
        ok(raise(multi, INTERRUPT, 0, "one at a time"));
    });
    let transfers: Vec<_> = (0..5).map(|_| transfer("/hello").0).collect();
    for easy in &transfers {
        multi.add(easy);
    }
    for expected in 1..=5 {
        assert_eq!(curlback_multi_run(multi.raw(), UNTIL_DONE), code::E_RAISED);
        assert_eq!(told.get(), expected);
    }
    multi.run();
    assert_eq!(told.get(), 5);
}
