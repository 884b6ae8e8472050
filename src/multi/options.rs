//! The options of a multi handle.

use std::ffi::c_long;

use super::{Multi, curlback_multi};
use crate::access::Call;
use crate::boundary::{Outcome, enter, fail};
use crate::easy::unsupported;
use crate::libcurl::{sys, tables};
use crate::registry::claim;
use crate::result::{code, curlback_result};

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
    #[allow(clippy::useless_conversion, reason = "a long is narrower on some systems")]
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
        match (done, tables::multi_option(option)) {
            (sys::CURLM_UNKNOWN_OPTION, Some(row)) => {
                Err(unsupported(&row.name.to_string_lossy(), row.since))
            }
            (sys::CURLM_UNKNOWN_OPTION, None) => {
                fail(code::E_OPTION, format!("{option} is no option of a multi handle"))
            }
            (done, _) => super::drive::libcurl(done),
        }
    }
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
