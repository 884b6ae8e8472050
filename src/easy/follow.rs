//! Options that follow the callbacks until the caller sets them, and those that cannot be set at any time.

use std::ffi::c_long;

use super::Easy;
use crate::boundary::{Outcome, fail};
use crate::callback::debug::Debug;
use crate::callback::progress::{Progress, Xferinfo};
use crate::libcurl::tables::{self, Kind, opt};
use crate::result::code;

/// The options that follow the callbacks until the caller sets them, and the bit that says so.
const FOLLOWING: [(i32, u8); 3] = [(opt::VERBOSE, 1), (opt::NOPROGRESS, 2), (opt::HSTS_CTRL, 4)];

/// What else is noted once the caller has set it: batch_body leaves it alone then.
const BUFFERSIZE_SET: u8 = 8;
/// HSTS_CTRL is to follow the callbacks when nothing is at work on what it would free.
const HSTS_LATER: u8 = 16;

fn following(option: i32) -> Option<u8> {
    FOLLOWING.iter().find(|(following, _)| *following == option).map(|(_, bit)| *bit)
}

impl Easy {
    /// The caller has set an option.
    pub(super) fn pin(&self, option: i32) {
        let bit = if option == opt::BUFFERSIZE { BUFFERSIZE_SET } else { following(option).unwrap_or(0) };
        self.pinned.set(self.pinned.get() | bit);
    }

    /// An option follows the callbacks again; false if it is none that does.
    pub(super) fn unpin(&self, option: i32) -> bool {
        let bit = following(option);
        self.pinned.set(self.pinned.get() & !bit.unwrap_or(0));
        bit.is_some()
    }

    /// Whether the caller has set BUFFERSIZE.
    pub fn has_set_buffer_size(&self) -> bool {
        self.pinned.get() & BUFFERSIZE_SET != 0
    }

    /// Refuses what would free something that libcurl goes on with when the running callback has returned: it calls on_debug and
    /// on_hsts_read in the middle of anything, and those that supply what is sent between choosing the request's method and sending it.
    pub(super) fn refuse_while_used(&self, option: i32, kind: Kind) -> Outcome {
        let frees =
            matches!(kind, Kind::String | Kind::Blob) || [opt::ALTSVC_CTRL, opt::HSTS_CTRL].contains(&option);
        let outside_of = if self.state.is_in_the_middle() && frees {
            "on_debug and on_hsts_read"
        } else if self.state.is_supplying() && option == opt::CUSTOMREQUEST {
            "the callbacks that supply what is sent"
        } else {
            return Ok(());
        };
        let name = tables::option(option).and_then(|row| row.name.to_str().ok()).unwrap_or("this option");
        fail(
            code::E_IN_CALLBACK,
            format!("libcurl may be using what {name} was set to before: set it outside of {outside_of}"),
        )
    }

    /// Sets an option as the registered callbacks need it, unless the caller has set it.
    pub fn follow_callbacks(&self, option: i32) -> Outcome {
        let value = match option {
            opt::VERBOSE => self.has::<Debug>(),
            opt::NOPROGRESS => !(self.has::<Progress>() || self.has::<Xferinfo>()),
            _ => self.wants_hsts(),
        };
        self.follow(option, value)
    }

    /// Sets an option that follows the callbacks, unless the caller has set it.
    pub fn follow(&self, option: i32, value: bool) -> Outcome {
        let bit = following(option).unwrap_or(0);
        if self.pinned.get() & bit != 0 {
            return Ok(());
        }
        if option == opt::HSTS_CTRL && !value && (self.slot().active() || self.state.is_in_the_middle()) {
            self.pinned.set(self.pinned.get() | HSTS_LATER);
            return Ok(());
        }
        self.setopt_long(option, c_long::from(value))
    }

    /// A transfer begins: what could not follow the callbacks in the middle of another does now.
    pub fn follow_at_last(&self) -> Outcome {
        if self.pinned.get() & HSTS_LATER == 0 {
            return Ok(());
        }
        self.pinned.set(self.pinned.get() & !HSTS_LATER);
        self.follow_callbacks(opt::HSTS_CTRL)
    }
}
