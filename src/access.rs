//! Who may call what: the one table. docs/who-may-call-what.md shows it, and tests/access.rs walks it.

use crate::boundary::{Outcome, fail};
use crate::result::{code, curlback_result};

/// What kind of call it is. A handle *runs* while a function that can call back is at work on it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(usize)]
pub enum Call {
    /// set_*, unset, on_*, *_to_*, clear_*.
    Set,
    /// get_*, error, body, header, list functions.
    Get,
    /// duplicate: as Get, but it can call back.
    Duplicate,
    /// perform, close, reset.
    Perform,
    /// raise, trailers_add, hsts_fill.
    Raise,
    /// private.
    Private,
    /// ws_meta.
    WsMeta,
    /// ws_send, ws_close.
    WsSend,
    /// A multi handle's perform, run, poll, socket_action, close.
    Drive,
    /// A multi handle's add, remove; what libcurl cannot do while it is at work on it: set_int, wait_fds.
    Member,
    /// A multi handle's raise.
    RaiseMulti,
}

/// How the calling thread stands to the handle.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(usize)]
pub enum Situation {
    /// Nothing runs on it.
    Idle,
    /// Inside a callback of this handle.
    OwnCallback,
    /// On the thread that runs it, but in no callback of it: in a drop, say, or in a callback of another handle in the same multi.
    Beside,
    /// Inside on_done or on_notify of the multi handle, which libcurl is not at work on meanwhile.
    Between,
    /// Inside a callback that libcurl calls while the handle closes.
    Closing,
    /// It runs on another thread.
    OtherThread,
}

const YES: curlback_result = code::OK;
const BUSY: curlback_result = code::E_BUSY;
const INSIDE: curlback_result = code::E_IN_CALLBACK;
const OUTSIDE: curlback_result = code::E_NOT_IN_CALLBACK;

/// By call, then by situation. release, cancel and pause are not in it: they are allowed always; nor are a multi handle's stop and
/// wakeup. add and remove are queued where another thread is in run.
pub const TABLE: [(Call, [curlback_result; 6]); 11] = [
    (Call::Set, [YES, YES, YES, YES, INSIDE, BUSY]),
    (Call::Get, [YES, YES, YES, YES, INSIDE, BUSY]),
    (Call::Duplicate, [YES, YES, YES, YES, INSIDE, BUSY]),
    (Call::Perform, [YES, INSIDE, INSIDE, YES, INSIDE, BUSY]),
    (Call::Raise, [OUTSIDE, YES, OUTSIDE, OUTSIDE, YES, OUTSIDE]),
    (Call::Private, [YES, YES, YES, YES, YES, BUSY]),
    (Call::WsMeta, [OUTSIDE, YES, OUTSIDE, OUTSIDE, OUTSIDE, OUTSIDE]),
    (Call::WsSend, [YES, YES, INSIDE, YES, INSIDE, BUSY]),
    (Call::Drive, [YES, INSIDE, INSIDE, INSIDE, INSIDE, BUSY]),
    (Call::Member, [YES, INSIDE, INSIDE, YES, INSIDE, BUSY]),
    (Call::RaiseMulti, [OUTSIDE, YES, OUTSIDE, YES, YES, OUTSIDE]),
];

impl Call {
    /// Whether the call can run callbacks: then it is running on the handle until it returns.
    pub const fn runs(self) -> bool {
        matches!(self, Call::Duplicate | Call::Perform | Call::WsSend | Call::Drive | Call::Member)
    }

    /// Whether the call waits for a short one of another thread's: a multi handle's add, say, or an easy handle that leaves it.
    pub const fn waits(self) -> bool {
        matches!(self, Call::Drive | Call::Member)
    }
}

#[inline]
pub fn permit(call: Call, situation: Situation) -> Outcome {
    let answer = TABLE[call as usize].1[situation as usize];
    if answer == YES { Ok(()) } else { refuse(call, answer) }
}

#[cold]
fn refuse(call: Call, answer: curlback_result) -> Outcome {
    fail(
        answer,
        match (answer, call) {
            (code::E_BUSY, _) => "the handle is at work on another thread; wait until it has finished",
            (code::E_IN_CALLBACK, Call::Perform | Call::Drive) => {
                "the handle is at work: this cannot be called from inside its callbacks"
            }
            (code::E_IN_CALLBACK, Call::WsSend) => {
                "the handle is at work: frames are sent from inside its callbacks, or when it is idle"
            }
            (code::E_IN_CALLBACK, Call::Member) => {
                "libcurl is at work on the multi handle: this can be called from on_done and on_notify, not from other callbacks"
            }
            (code::E_IN_CALLBACK, _) => {
                "the handle is being closed: only curlback_easy_private and the functions that raise can be called"
            }
            _ => "allowed only from inside a callback of this handle",
        },
    )
}
