//! Who may call what around a multi handle: the functions of the multi handle, and of an easy handle that is in it.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::mpsc::channel;
use std::thread;

use curlback::access::Situation;
use curlback::easy::{curlback_easy_close, curlback_easy_release};
use curlback::multi::members::{curlback_multi_add, curlback_multi_remove};
use curlback::multi::run::curlback_multi_run;
use curlback::multi::socket::curlback_multi_socket_action;
use curlback::multi::{curlback_multi_close, curlback_multi_new, curlback_multi_release};
use curlback::result::code;

use crate::calls::{MULTI_ROWS, ROWS, Row, Rule};
use crate::expected;
use crate::situations::{new, server};
use crate::support::multi::*;
use crate::support::*;

/// Where a function is called, with a multi handle that has two easy handles.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Place {
    Idle,
    /// Inside the multi handle's socket or timer callback, which libcurl calls.
    Timer,
    /// Inside a callback of the first easy handle.
    Callback,
    /// Inside a callback of the second one.
    OthersCallback,
    /// Inside on_done, for the second one.
    Done,
    /// Inside the socket or timer callback while the multi handle closes.
    Closing,
    /// While another thread is in perform.
    OtherThread,
}

impl Place {
    fn for_multi(self) -> Situation {
        match self {
            Place::Idle => Situation::Idle,
            Place::Timer => Situation::OwnCallback,
            Place::Callback | Place::OthersCallback => Situation::Beside,
            Place::Done => Situation::Between,
            Place::Closing => Situation::Closing,
            Place::OtherThread => Situation::OtherThread,
        }
    }

    fn for_easy(self) -> Situation {
        match self {
            Place::Callback => Situation::OwnCallback,
            Place::Timer | Place::OthersCallback | Place::Closing => Situation::Beside,
            other => other.for_multi(),
        }
    }
}

type Answer = Rc<RefCell<Option<(i32, String)>>>;

/// Calls the function there; answers with what it answered. `on_easy`: the first easy handle is what it takes.
fn call(row: &'static Row, place: Place, on_easy: bool) -> (i32, String) {
    if place == Place::OtherThread {
        return while_another_thread_performs(row, on_easy);
    }
    let multi = curlback_multi_new();
    let (first, second) = (new().into_raw(), new().into_raw());
    let subject = if on_easy { first.addr() } else { multi.addr() };
    let answer = Answer::default();
    let probe = {
        let answer = Rc::clone(&answer);
        move || {
            if answer.borrow().is_none() {
                // The call may come back here.
                answer.replace(Some((-1, String::new())));
                let seen = row.attempt(subject);
                answer.replace(Some(seen));
            }
        }
    };
    let closing = Rc::new(Cell::new(false));
    match place {
        Place::Timer | Place::Closing => {
            let here = {
                let (probe, closing) = (probe.clone(), Rc::clone(&closing));
                move || {
                    if closing.get() == (place == Place::Closing) {
                        probe();
                    }
                    0
                }
            };
            let also_here = here.clone();
            ok(on_timer(multi, move |_, _| here()));
            ok(on_socket(multi, move |_, _, _, _, _| also_here()));
        }
        Place::Callback | Place::OthersCallback => {
            let easy = if place == Place::Callback { first } else { second };
            let probe = probe.clone();
            ok(on_header(easy, move |_, line| {
                probe();
                line.len() as i64
            }));
        }
        Place::Done => {
            let probe = probe.clone();
            ok(on_done(multi, move |_, easy, _| {
                if easy == second {
                    probe();
                }
            }));
        }
        Place::Idle | Place::OtherThread => {}
    }
    let add = |easy| {
        let added = curlback_multi_add(multi, easy);
        // What is called in there may be what closes a handle.
        assert!(added == code::OK || answer.borrow().is_some(), "{}", last_error());
    };
    add(first);
    if place == Place::Done && on_easy {
        // Its own transfer is over by then, whichever of the two ends first.
        curlback_multi_run(multi, 0);
    }
    add(second);
    match place {
        Place::Idle => probe(),
        Place::Closing => {
            // libcurl tells of the sockets that it opens here, and again when it closes them.
            // SAFETY: nothing is written.
            ok(unsafe { curlback_multi_socket_action(multi, -1, 0, std::ptr::null_mut()) });
            closing.set(true);
            ok(curlback_multi_close(multi));
        }
        _ => {
            curlback_multi_run(multi, 0);
        }
    }
    for easy in [first, second] {
        curlback_easy_release(easy);
    }
    curlback_multi_release(multi);
    answer.take().unwrap_or_else(|| panic!("{} was not called in {place:?}", row.name))
}

fn while_another_thread_performs(row: &Row, on_easy: bool) -> (i32, String) {
    let (entered, inside) = channel();
    let (leave, left) = channel::<()>();
    let thread = thread::spawn(move || {
        let (multi, easy) = (Multi::new(), new());
        let waited = Cell::new(false);
        let handles = [multi.raw().addr(), easy.raw().addr()];
        easy.on_header(move |_, line| {
            if !waited.replace(true) {
                entered.send(handles).unwrap();
                left.recv_timeout(LIMIT).unwrap();
            }
            line.len() as i64
        });
        multi.add(&easy);
        multi.perform_all();
        let _ = (curlback_easy_release(easy.into_raw()), curlback_multi_release(multi.into_raw()));
    });
    let [multi, easy] = inside.recv_timeout(LIMIT).unwrap();
    let seen = row.attempt(if on_easy { easy } else { multi });
    leave.send(()).unwrap();
    thread.join().unwrap();
    seen
}

const PLACES: [Place; 7] = [
    Place::Idle,
    Place::Timer,
    Place::Callback,
    Place::OthersCallback,
    Place::Done,
    Place::Closing,
    Place::OtherThread,
];

#[test]
fn every_function_of_a_multi_handle_in_every_place() {
    server();
    for place in PLACES {
        for row in MULTI_ROWS {
            let (result, sentence) = match row.rule {
                Rule::Of(call) => expected(row, call, place.for_multi()),
                _ => (code::OK, ""),
            };
            let seen = call(row, place, false);
            assert_eq!(seen.0, result, "{} in {place:?}: {:?}", row.name, seen.1);
            if result != row.allowed_here() {
                assert_eq!(seen.1, sentence, "{} in {place:?}", row.name);
            }
        }
    }
}

#[test]
fn every_function_of_an_easy_handle_that_is_in_a_multi_handle() {
    server();
    for place in PLACES {
        for row in ROWS {
            let Rule::Of(rule) = row.rule else { continue };
            let (mut result, sentence) = expected(row, rule, place.for_easy());
            // Of those that are allowed, what its multi handle does not let it do.
            if result == code::OK
                && (["curlback_easy_perform", "curlback_easy_set_share"].contains(&row.name)
                    || row.name == "curlback_easy_reset" && place == Place::Idle)
            {
                result = code::E_IN_USE;
            }
            let seen = call(row, place, true);
            assert_eq!(seen.0, result, "{} in {place:?}: {:?}", row.name, seen.1);
            if ![code::OK, code::E_IN_USE, row.allowed_here()].contains(&result) {
                assert_eq!(seen.1, sentence, "{} in {place:?}", row.name);
            }
        }
    }
}

#[test]
fn an_easy_handle_that_left_answers_for_itself() {
    let (multi, easy) = (curlback_multi_new(), new().into_raw());
    let entered = Rc::new(Cell::new(false));
    let other = new().into_raw();
    let did = Rc::clone(&entered);
    ok(on_header(other, move |_, line| {
        if !did.replace(true) {
            // It is in no multi handle any more: the one that runs has nothing to do with it.
            ok(curlback_easy_close(easy));
        }
        line.len() as i64
    }));
    ok(curlback_multi_add(multi, easy));
    ok(curlback_multi_remove(multi, easy));
    ok(curlback_multi_add(multi, other));
    ok(curlback_multi_run(multi, 0));
    assert!(entered.get());
    ok(curlback_multi_close(multi));
    ok(curlback_easy_close(other));
}
