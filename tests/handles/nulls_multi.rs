//! NULL for the pointers that a multi handle's functions take beside it.

use std::ptr::{null_mut, without_provenance_mut};

use curlback::multi::done::*;
use curlback::multi::drive::*;
use curlback::multi::error::curlback_multi_error;
use curlback::multi::members::*;
use curlback::multi::notify::curlback_multi_on_notify;
use curlback::multi::push::curlback_multi_on_push;
use curlback::multi::socket::*;
use curlback::multi::timer::curlback_multi_on_timer;
use curlback::result::code;

use crate::calls::all_rows;
use crate::nulls::{missing, some};
use crate::support::last_error;
use crate::support::multi::{Multi, RawMulti};

type Case = (&'static str, &'static str, fn(RawMulti) -> i32);

// SAFETY of all the calls: NULL is what they are for; all else can be written to, has its length.
const REFUSED: &[Case] = &[
    ("curlback_multi_error", "error", |h| unsafe { curlback_multi_error(h, null_mut()) }),
    ("curlback_multi_timeout", "timeout_ms", |h| unsafe { curlback_multi_timeout(h, null_mut()) }),
    ("curlback_multi_wait_fds", "count", |h| unsafe {
        curlback_multi_wait_fds(h, null_mut(), 0, null_mut())
    }),
    ("curlback_multi_wait_fds", "fds", |h| {
        let mut count = 77;
        let result = unsafe { curlback_multi_wait_fds(h, null_mut(), 1, &mut count) };
        assert_eq!(count, 77);
        result
    }),
    ("curlback_multi_poll", "extra", |h| unsafe { curlback_multi_poll(h, null_mut(), 1, 0, null_mut()) }),
    ("curlback_multi_next_done", "easy", |h| {
        let mut result = 77;
        missing(unsafe { curlback_multi_next_done(h, null_mut(), &mut result) }.into())
    }),
    ("curlback_multi_next_done", "result", |h| {
        let mut easy = null_mut();
        missing(unsafe { curlback_multi_next_done(h, &mut easy, null_mut()) }.into())
    }),
];

const TAKEN: &[Case] = &[
    ("curlback_multi_perform", "running", |h| unsafe { curlback_multi_perform(h, null_mut()) }),
    ("curlback_multi_socket_action", "running", |h| unsafe {
        curlback_multi_socket_action(h, -1, 0, null_mut())
    }),
    ("curlback_multi_poll", "ready", |h| unsafe { curlback_multi_poll(h, null_mut(), 0, 0, null_mut()) }),
    ("curlback_multi_assign", "socket_data", |h| unsafe {
        curlback_multi_assign(h, 999_999, null_mut(), None)
    }),
    ("curlback_multi_assign", "drop", |h| unsafe {
        curlback_multi_assign(h, 999_999, without_provenance_mut(1), None)
    }),
];

macro_rules! all_three {
    ($($function:ident)*) => {
        &[$(
            (stringify!($function), "callback", |h| unsafe { $function(h, None, null_mut(), None) }),
            (stringify!($function), "user_data", |h| unsafe { $function(h, some(), null_mut(), None) }),
            (stringify!($function), "drop", |h| unsafe { $function(h, some(), null_mut(), None) }),
        )*]
    };
}

const REGISTERING: &[Case] = all_three! {
    curlback_multi_on_done
    curlback_multi_on_socket
    curlback_multi_on_timer
    curlback_multi_on_push
    curlback_multi_on_notify
};

/// What is here, by function and parameter.
pub fn here() -> impl Iterator<Item = (&'static str, &'static str)> {
    // Handles of another kind: see below.
    let easy = [("curlback_multi_add", "easy"), ("curlback_multi_remove", "easy")];
    // These need a callback that is running: tests/multi has them.
    let raise = ["message", "payload", "drop"].map(|parameter| ("curlback_multi_raise", parameter));
    let tables = REFUSED.iter().chain(TAKEN).chain(REGISTERING);
    tables.map(|(function, name, _)| (*function, *name)).chain(easy).chain(raise)
}

#[test]
fn null_is_refused_by_the_name_of_the_parameter_and_the_multi_handle_goes_on() {
    for (function, parameter, call) in REFUSED {
        let multi = Multi::new();
        assert_eq!(call(multi.raw()), code::E_NULL, "{function}: {parameter}");
        assert_eq!(last_error(), format!("{parameter} is NULL"), "{function}");
        assert_eq!(multi.perform(), (0, 0));
    }
}

#[test]
fn null_unsets_or_means_none_where_a_multi_handle_says_so() {
    for (function, parameter, call) in TAKEN.iter().chain(REGISTERING) {
        let multi = Multi::new();
        let row = all_rows().find(|row| row.name == *function).expect("it takes a handle");
        assert_eq!(call(multi.raw()), row.allowed_here(), "{function}: {parameter}: {}", last_error());
    }
}

#[test]
fn an_easy_handle_that_is_null_or_none_is_refused_by_add_and_remove() {
    let multi = Multi::new();
    for call in [curlback_multi_add, curlback_multi_remove] {
        assert_eq!(call(multi.raw(), null_mut()), code::E_NULL);
        assert_eq!(last_error(), "the curlback_easy is NULL");
        assert_eq!(call(multi.raw(), multi.raw().cast()), code::E_HANDLE);
        assert_eq!(last_error(), "this is a curlback_multi, not a curlback_easy");
    }
}
