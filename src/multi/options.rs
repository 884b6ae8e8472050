//! The options of a multi handle.

use std::ffi::c_long;

use super::{Multi, curlback_multi};
use crate::access::Call;
use crate::boundary::{Outcome, enter, fail};
use crate::easy::unsupported;
use crate::libcurl::sys;
use crate::registry::claim;
use crate::result::{code, curlback_result};

/// libcurl's options of a multi handle, by libcurl's own numbers: what curlback_multi_set_int() takes.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(non_camel_case_types)]
pub enum curlback_multi_option {
    /// CURLMOPT_PIPELINING: 2 multiplexes transfers on one connection, 0 does not.
    CURLBACK_MOPT_PIPELINING = 3,
    /// CURLMOPT_MAXCONNECTS: how many idle connections are kept.
    CURLBACK_MOPT_MAXCONNECTS = 6,
    /// CURLMOPT_MAX_HOST_CONNECTIONS: to one host at a time; 0 for no limit.
    CURLBACK_MOPT_MAX_HOST_CONNECTIONS = 7,
    /// CURLMOPT_MAX_PIPELINE_LENGTH: does nothing any more.
    CURLBACK_MOPT_MAX_PIPELINE_LENGTH = 8,
    /// CURLMOPT_MAX_TOTAL_CONNECTIONS: at a time; 0 for no limit.
    CURLBACK_MOPT_MAX_TOTAL_CONNECTIONS = 13,
    /// CURLMOPT_MAX_CONCURRENT_STREAMS: on one connection.
    CURLBACK_MOPT_MAX_CONCURRENT_STREAMS = 16,
    /// CURLMOPT_NETWORK_CHANGED: what of the connections and names that are kept is not to be used any more. Since libcurl 8.16.
    CURLBACK_MOPT_NETWORK_CHANGED = 17,
    /// CURLMOPT_RESOLVE_THREADS_MAX: how many names are resolved at a time. Since libcurl 8.20.
    CURLBACK_MOPT_RESOLVE_THREADS_MAX = 20,
    /// CURLMOPT_QUICK_EXIT: closing does not wait for threads that resolve names. Since libcurl 8.20.
    CURLBACK_MOPT_QUICK_EXIT = 21,
    /// CURLMOPT_CONTENT_LENGTH_PENALTY_SIZE: does nothing any more.
    CURLBACK_MOPT_CONTENT_LENGTH_PENALTY_SIZE = 30009,
    /// CURLMOPT_CHUNK_LENGTH_PENALTY_SIZE: does nothing any more.
    CURLBACK_MOPT_CHUNK_LENGTH_PENALTY_SIZE = 30010,
}

/// Where libcurl's numbers of options with pointers, functions and curl_off_t begin.
const POINTERS: i32 = 10_000;
const OFF_T: i32 = 30_000;

/// The function to use instead, of those that the library keeps to itself.
fn owner(option: sys::CURLMoption) -> Option<&'static str> {
    Some(match option {
        sys::CURLMOPT_SOCKETFUNCTION | sys::CURLMOPT_SOCKETDATA => "curlback_multi_on_socket",
        sys::CURLMOPT_TIMERFUNCTION | sys::CURLMOPT_TIMERDATA => "curlback_multi_on_timer",
        sys::CURLMOPT_PUSHFUNCTION | sys::CURLMOPT_PUSHDATA => "curlback_multi_on_push",
        sys::CURLMOPT_NOTIFYFUNCTION | sys::CURLMOPT_NOTIFYDATA => "curlback_multi_on_notify",
        _ => return None,
    })
}

impl Multi {
    fn set_int(&self, option: i32, value: i64) -> Outcome {
        if let Some(function) = owner(option as sys::CURLMoption) {
            return fail(code::E_OPTION, format!("set it by {function}"));
        }
        if (POINTERS..OFF_T).contains(&option) {
            return fail(code::E_TYPE, format!("the option {option} takes no number"));
        }
        // A long is narrower than the value on some systems.
        let long = value as c_long;
        if value < 0 || option < POINTERS && i64::from(long) != value {
            return fail(code::E_RANGE, format!("{value} does not fit the option {option}"));
        }
        // SAFETY: this thread owns the multi handle, which libcurl is not at work on, and the number says the type.
        let done = unsafe {
            if option >= OFF_T {
                sys::curl_multi_setopt(self.curlm, option as sys::CURLMoption, value)
            } else {
                sys::curl_multi_setopt(self.curlm, option as sys::CURLMoption, long)
            }
        };
        match done {
            sys::CURLM_UNKNOWN_OPTION if is_known(option) => {
                Err(unsupported("this option", "that the enumerator says"))
            }
            sys::CURLM_UNKNOWN_OPTION => {
                fail(code::E_OPTION, format!("{option} is no option of a multi handle"))
            }
            done => super::drive::libcurl(done),
        }
    }
}

fn is_known(option: i32) -> bool {
    use curlback_multi_option::*;
    [
        CURLBACK_MOPT_PIPELINING,
        CURLBACK_MOPT_MAXCONNECTS,
        CURLBACK_MOPT_MAX_HOST_CONNECTIONS,
        CURLBACK_MOPT_MAX_PIPELINE_LENGTH,
        CURLBACK_MOPT_MAX_TOTAL_CONNECTIONS,
        CURLBACK_MOPT_MAX_CONCURRENT_STREAMS,
        CURLBACK_MOPT_NETWORK_CHANGED,
        CURLBACK_MOPT_RESOLVE_THREADS_MAX,
        CURLBACK_MOPT_QUICK_EXIT,
        CURLBACK_MOPT_CONTENT_LENGTH_PENALTY_SIZE,
        CURLBACK_MOPT_CHUNK_LENGTH_PENALTY_SIZE,
    ]
    .iter()
    .any(|known| *known as i32 == option)
}

/// Sets an option, one of CURLBACK_MOPT_*, to a number. CURLBACK_E_OPTION for what is none and for what a function of its own sets,
/// CURLBACK_E_TYPE for one that takes no number, CURLBACK_E_RANGE for a number that does not fit, CURLBACK_E_UNSUPPORTED where the linked libcurl
/// lacks it.
///
/// Also from inside on_done and on_notify; CURLBACK_E_IN_CALLBACK from other callbacks: libcurl takes no options while it is at work.
#[unsafe(no_mangle)]
pub extern "C" fn curlback_multi_set_int(
    multi: *mut curlback_multi,
    option: i32,
    value: i64,
) -> curlback_result {
    enter(|| claim::<Multi>(multi, Call::Member)?.set_int(option, value))
}
