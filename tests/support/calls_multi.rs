//! The functions that take a multi handle.

use std::ptr::{null_mut, without_provenance_mut};

use curlback::access::Call;
use curlback::easy::curlback_easy_release;
use curlback::easy::error::curlback_error;
use curlback::libcurl::tables::mopt;
use curlback::multi::done::*;
use curlback::multi::drive::*;
use curlback::multi::error::*;
use curlback::multi::members::*;
use curlback::multi::notify::*;
use curlback::multi::options::curlback_multi_set_int;
use curlback::multi::push::curlback_multi_on_push;
use curlback::multi::queue::{curlback_multi_stop, curlback_multi_wakeup};
use curlback::multi::run::curlback_multi_run;
use curlback::multi::socket::*;
use curlback::multi::timer::curlback_multi_on_timer;
use curlback::multi::{curlback_multi, curlback_multi_close, curlback_multi_curl, curlback_multi_release};
use curlback::result::code;

use super::Answer::{self, Nothing, Result, Value};
use super::{Row, Rule, marked, output, row};
use crate::support::Easy;

fn multi(handle: usize) -> *mut curlback_multi {
    without_provenance_mut(handle)
}

const fn of(name: &'static str, call: Call, body: fn(usize) -> Answer) -> Row {
    row(name, Rule::Of(call), body)
}

const NOT_IN_IT: i32 = 1002;
const BAD_SOCKET: i32 = 1005;

/// Calls with a number that must be written whatever the answer is.
fn running(call: impl FnOnce(*mut i32) -> i32) -> Answer {
    let mut running = -77;
    let result = call(&mut running);
    assert_ne!(running, -77, "the call answered {result} and did not write its number");
    Result(result)
}

// SAFETY of all the calls: a handle may be any value, outputs can be written to, strings end with NUL, lengths are right.
pub const ROWS: &[Row] = &[
    Row {
        null: code::OK,
        ..of("curlback_multi_close", Call::Drive, |h| Result(curlback_multi_close(multi(h))))
    },
    Row {
        null: code::OK,
        unknown: code::OK,
        ..row("curlback_multi_release", Rule::Always, |h| {
            curlback_multi_release(multi(h));
            Nothing
        })
    },
    of("curlback_multi_curl", Call::Get, |h| Value { missing: curlback_multi_curl(multi(h)).is_null() }),
    of("curlback_multi_add", Call::Member, |h| {
        let easy = Easy::new().into_raw();
        let result = curlback_multi_add(multi(h), easy);
        curlback_easy_release(easy);
        Result(result)
    }),
    Row {
        allowed: NOT_IN_IT,
        ..of("curlback_multi_remove", Call::Member, |h| {
            let easy = Easy::new().into_raw();
            let result = curlback_multi_remove(multi(h), easy);
            curlback_easy_release(easy);
            Result(result)
        })
    },
    of("curlback_multi_set_int", Call::Member, |h| {
        Result(curlback_multi_set_int(multi(h), mopt::MAXCONNECTS, 10))
    }),
    of("curlback_multi_on_done", Call::Set, |h| {
        Result(unsafe { curlback_multi_on_done(multi(h), None, marked(), None) })
    }),
    of("curlback_multi_on_socket", Call::Set, |h| {
        Result(unsafe { curlback_multi_on_socket(multi(h), None, marked(), None) })
    }),
    of("curlback_multi_on_timer", Call::Set, |h| {
        Result(unsafe { curlback_multi_on_timer(multi(h), None, marked(), None) })
    }),
    of("curlback_multi_on_push", Call::Set, |h| {
        Result(unsafe { curlback_multi_on_push(multi(h), None, marked(), None) })
    }),
    of("curlback_multi_on_notify", Call::Set, |h| {
        Result(unsafe { curlback_multi_on_notify(multi(h), None, marked(), None) })
    }),
    of("curlback_multi_notify", Call::Set, |h| Result(curlback_multi_notify(multi(h), 0, false))),
    Row {
        allowed: BAD_SOCKET,
        ..of("curlback_multi_assign", Call::Set, |h| {
            Result(unsafe { curlback_multi_assign(multi(h), 999_999, marked(), None) })
        })
    },
    of("curlback_multi_run", Call::Drive, |h| Result(curlback_multi_run(multi(h), 0))),
    of("curlback_multi_perform", Call::Drive, |h| {
        running(|running| unsafe { curlback_multi_perform(multi(h), running) })
    }),
    of("curlback_multi_socket_action", Call::Drive, |h| {
        running(|running| unsafe { curlback_multi_socket_action(multi(h), -1, 0, running) })
    }),
    of("curlback_multi_poll", Call::Drive, |h| {
        Result(unsafe { curlback_multi_poll(multi(h), null_mut(), 0, 0, null_mut()) })
    }),
    of("curlback_multi_timeout", Call::Get, |h| {
        output(-77, |left| unsafe { curlback_multi_timeout(multi(h), left) }, |left| assert!(left >= -1))
    }),
    of("curlback_multi_wait_fds", Call::Member, |h| {
        output(77, |count| unsafe { curlback_multi_wait_fds(multi(h), null_mut(), 0, count) }, |_| ())
    }),
    of("curlback_multi_next_done", Call::Get, |h| {
        let (mut easy, mut result) = (null_mut(), 77);
        let found = unsafe { curlback_multi_next_done(multi(h), &mut easy, &mut result) };
        assert!(found || easy.is_null() && result == 77);
        Value { missing: !found }
    }),
    of("curlback_multi_raise", Call::RaiseMulti, |h| {
        Result(unsafe { curlback_multi_raise(multi(h), 0, 7, c"why".as_ptr(), null_mut(), None) })
    }),
    of("curlback_multi_error", Call::Get, |h| {
        let mut error = std::mem::MaybeUninit::<curlback_error>::uninit();
        Result(unsafe { curlback_multi_error(multi(h), error.as_mut_ptr()) })
    }),
    of("curlback_multi_take_payload", Call::Get, |h| Value {
        missing: curlback_multi_take_payload(multi(h)).is_null(),
    }),
    row("curlback_multi_stop", Rule::Always, |h| Result(curlback_multi_stop(multi(h)))),
    row("curlback_multi_wakeup", Rule::Always, |h| Result(curlback_multi_wakeup(multi(h)))),
];
