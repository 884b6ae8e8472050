//! Who may call what: every function in every situation.

#[path = "../support/calls.rs"]
mod calls;
mod document;
mod everywhere;
mod multi;
mod situations;
#[path = "../support/mod.rs"]
mod support;

use std::cell::Cell;
use std::rc::Rc;

use calls::{ROWS, Row, Rule, all_rows};
use curlback::access::{Call, Situation, TABLE};
use curlback::easy::curlback_easy_close;
use curlback::easy::error::curlback_easy_raise;
use curlback::easy::options::curlback_easy_set_int;
use curlback::easy::perform::curlback_easy_perform;
use curlback::libcurl::tables::opt;
use curlback::result::code;
use situations::{Place, call, server, texts_of_close};
use support::{Drops, Easy, Raw, ok};

/// What the function answers in the situation: its result and its sentence.
pub fn expected(row: &Row, call: Call, situation: Situation) -> (i32, &'static str) {
    let answer = TABLE.iter().find(|(row, _)| *row == call).expect("the table has every call").1;
    match answer[situation as usize] {
        code::OK => (row.allowed_here(), ""),
        code::E_BUSY => (code::E_BUSY, "the handle is at work on another thread; wait until it has finished"),
        code::E_IN_CALLBACK if [Call::Perform, Call::Drive].contains(&call) => {
            (code::E_IN_CALLBACK, "the handle is at work: this cannot be called from inside its callbacks")
        }
        code::E_IN_CALLBACK if call == Call::Member => (
            code::E_IN_CALLBACK,
            "libcurl is at work on the multi handle: this can be called from on_done and on_notify, not from other callbacks",
        ),
        code::E_IN_CALLBACK if call == Call::WsSend => (
            code::E_IN_CALLBACK,
            "the handle is at work: frames are sent from inside its callbacks, or when it is idle",
        ),
        code::E_IN_CALLBACK => (
            code::E_IN_CALLBACK,
            "the handle is being closed: only curlback_easy_private and the functions that raise can be called",
        ),
        other => (other, "allowed only from inside a callback of this handle"),
    }
}

fn check(place: Place) {
    for row in ROWS {
        let (expected, sentence) = match row.rule {
            Rule::Of(call) => expected(row, call, place.situation()),
            Rule::Always => (code::OK, ""),
            Rule::Free | Rule::Lent => continue,
        };
        let seen = call(row, place);
        assert_eq!(seen.answer.0, expected, "{} in {place:?}: {:?}", row.name, seen.answer.1);
        // A result of libcurl's or about the arguments comes with a sentence of its own.
        if expected != row.allowed_here() || expected == code::OK {
            assert_eq!(seen.answer.1, sentence, "{} in {place:?}", row.name);
        }
        let ends = match (row.name, place) {
            (_, Place::Idle) => None,
            // Nothing runs any more, or yet.
            (_, Place::DebugCallbackOfClose | Place::DropAtTheStart) => Some(code::OK),
            ("curlback_easy_cancel", _) => Some(code::E_CANCELLED),
            _ => Some(code::OK),
        };
        assert_eq!(seen.around, ends, "what {} was called in, {place:?}", row.name);
    }
}

#[test]
fn on_an_idle_handle() {
    check(Place::Idle);
}

#[test]
fn inside_a_callback_of_the_handle() {
    check(Place::HeaderCallback);
}

#[test]
fn in_a_drop_function_at_the_start_of_a_transfer() {
    check(Place::DropAtTheStart);
}

#[test]
fn in_a_drop_function_after_a_callback() {
    check(Place::DropAfterACallback);
}

#[test]
fn in_a_callback_that_runs_while_the_handle_closes() {
    check(Place::DebugCallbackOfClose);
}

#[test]
fn while_another_thread_performs() {
    check(Place::WhileAnotherThreadPerforms);
}

#[test]
fn every_situation_and_every_call_is_walked() {
    // The one in between two calls of libcurl's is a multi handle's alone.
    for situation in (0..TABLE[0].1.len()).filter(|situation| *situation != Situation::Between as usize) {
        assert!(Place::ALL.iter().any(|place| place.situation() as usize == situation));
    }
    for (number, (call, _)) in TABLE.iter().enumerate() {
        assert_eq!(*call as usize, number, "permit() looks rows up by number");
        assert!(all_rows().any(|row| row.rule == Rule::Of(*call)), "{call:?} is nobody's");
    }
}

#[test]
fn libcurl_tells_of_the_connection_that_a_close_ends() {
    let texts = texts_of_close();
    assert!(texts.iter().any(|text| text.to_lowercase().starts_with("closing connection")), "{texts:?}");
}

/// Runs `inside` in the first header callback of a transfer, which must end well.
fn inside(inside: impl Fn(Raw) + 'static) {
    let easy = Easy::to(&server().url("/"));
    let done = Rc::new(Cell::new(false));
    let did = Rc::clone(&done);
    easy.on_header(move |easy, line| {
        if !did.replace(true) {
            inside(easy);
        }
        line.len() as i64
    });
    ok(easy.perform());
    assert!(done.get());
}

#[test]
fn another_handle_performs_inside_a_callback() {
    inside(|_| {
        let other = Easy::to(&server().url("/"));
        ok(other.perform());
        ok(other.perform());
    });
}

#[test]
fn handles_perform_inside_each_others_callbacks_ten_deep() {
    fn level(left: u32, reached: &Rc<Cell<u32>>) {
        reached.set(reached.get() + 1);
        if left == 0 {
            return;
        }
        let (easy, reached) = (Easy::to(&server().url("/")), Rc::clone(reached));
        let entered = Cell::new(false);
        easy.on_header(move |_, line| {
            if !entered.replace(true) {
                level(left - 1, &reached);
            }
            line.len() as i64
        });
        ok(easy.perform());
    }
    let reached = Rc::new(Cell::new(0));
    level(10, &reached);
    assert_eq!(reached.get(), 11);
}

#[test]
fn the_outer_handle_counts_as_in_its_callback_inside_the_inner_ones_too() {
    inside(|outer| {
        let inner = Easy::to(&server().url("/"));
        inner.on_header(move |inner, line| {
            assert_ne!(inner, outer);
            assert_eq!(curlback_easy_perform(outer), code::E_IN_CALLBACK);
            assert_eq!(curlback_easy_close(outer), code::E_IN_CALLBACK);
            assert_eq!(curlback_easy_close(inner), code::E_IN_CALLBACK);
            ok(curlback_easy_set_int(outer, opt::TIMEOUT_MS, 20_000));
            // SAFETY: no message and no payload.
            ok(unsafe { curlback_easy_raise(outer, 0, 1, std::ptr::null(), std::ptr::null_mut(), None) });
            line.len() as i64
        });
        ok(inner.perform());
        assert_eq!(inner.error().callback, 0, "it was raised in the outer handle's");
    });
}

#[test]
fn an_unrelated_handle_is_closed_inside_a_callback() {
    let drops = Drops::new();
    let counted = drops.clone();
    inside(move |_| {
        let other = Easy::to(&server().url("/"));
        let token = counted.token();
        other.on_header(move |_, line| {
            let _held = &token;
            line.len() as i64
        });
        ok(other.perform());
        drop(other);
        assert_eq!(counted.count(), 1);
    });
    assert_eq!(drops.count(), 1);
}

#[test]
fn lists_are_read_and_freed_inside_callbacks() {
    inside(|easy| {
        let row = ROWS.iter().find(|row| row.name == "curlback_easy_get_list").unwrap();
        assert_eq!(row.attempt(easy.addr()).0, code::OK);
    });
}
