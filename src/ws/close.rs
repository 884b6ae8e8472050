//! Closing a WebSocket.

use std::cell::RefCell;
use std::ffi::{c_char, c_void};

use super::send::{LONGEST_CONTROL, bytes_given};
use super::{CLOSE, supported};
use crate::access::Call;
use crate::boundary::{Outcome, enter, fail};
use crate::easy::{Easy, curlback_easy};
use crate::libcurl::sys;
use crate::registry::claim;
use crate::result::{code, curlback_result};

/// A close frame that was taken in part: what is in it and how much was taken.
#[derive(Default)]
pub struct Closing(RefCell<Option<(Vec<u8>, usize)>>);

impl Closing {
    pub fn begin(&self) {
        self.0.take();
    }

    /// How much of this frame has been taken already.
    fn taken(&self, payload: &[u8]) -> Outcome<usize> {
        match &*self.0.borrow() {
            None => Ok(0),
            Some((begun, taken)) if begun == payload => Ok(*taken),
            Some(_) => fail(
                code::E_RANGE,
                "another close frame is not finished: call again with the code and the reason of that",
            ),
        }
    }
}

/// RFC 6455, 7.4: what an endpoint may send. The rest is reserved, unused or only ever said locally.
fn may_be_sent(code: u16) -> bool {
    matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999)
}

/// What a close frame says: a code and a reason, or nothing.
pub fn check_payload(payload: &[u8]) -> Outcome {
    match payload {
        [] => Ok(()),
        [_] => fail(code::E_RANGE, "a close frame has a code of two bytes, or nothing"),
        [high, low, reason @ ..] => check(u16::from_be_bytes([*high, *low]), reason),
    }
}

fn check(close_code: u16, reason: &[u8]) -> Outcome {
    const LONGEST_REASON: usize = LONGEST_CONTROL - 2;
    if !may_be_sent(close_code) {
        return fail(
            code::E_RANGE,
            format!(
                "{close_code} is no close code that may be sent: 1000 to 1003, 1007 to 1014, 3000 to 4999"
            ),
        );
    }
    if reason.len() > LONGEST_REASON {
        return fail(
            code::E_RANGE,
            format!("the reason for closing has at most {LONGEST_REASON} bytes, not {}", reason.len()),
        );
    }
    if std::str::from_utf8(reason).is_err() {
        return fail(code::E_RANGE, "the reason for closing is not UTF-8");
    }
    Ok(())
}

impl Easy {
    fn ws_close(&self, close_code: u16, reason: &[u8]) -> Outcome {
        let payload = if close_code == 0 && reason.is_empty() {
            Vec::new()
        } else {
            check(close_code, reason)?;
            [&close_code.to_be_bytes(), reason].concat()
        };
        if self.ws.is_raw() {
            return fail(
                code::E_RANGE,
                "in raw mode the data are the frames: send one with curlback_ws_send",
            );
        }
        let closing = &self.ws.parts().closing;
        let before = closing.taken(&payload)?;
        let mut sent = 0;
        let result = self.ws_send(&payload[before..], 0, CLOSE, &mut sent);
        let again = matches!(&result, Err(failure) if failure.code == sys::CURLE_AGAIN as curlback_result);
        closing.0.replace(again.then_some((payload, before + sent)));
        result
    }
}

/// Sends a close frame with a code and a reason, `reason_len` bytes of UTF-8; code 0 and no reason: an empty one. The peer answers with
/// another and closes the connection: until then data can still arrive, and nothing but that ends a transfer.
///
/// CURLBACK_E_RANGE for a code that must not be sent, which is any but 1000 to 1003, 1007 to 1014 and 3000 to 4999, and for a reason
/// without a code, over 123 bytes or not UTF-8. After AGAIN (81), on a detached handle, call again with the same arguments, once the
/// socket can be written to. Otherwise as curlback_ws_send().
///
/// # Safety
/// There are `reason_len` bytes at `reason`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_ws_close(
    easy: *mut curlback_easy,
    code: u16,
    reason: *const c_char,
    reason_len: usize,
) -> curlback_result {
    enter(|| {
        let easy = claim::<Easy>(easy, Call::WsSend)?;
        // SAFETY: the caller vouches for the length.
        let reason = unsafe { bytes_given(reason.cast::<c_void>(), reason_len, "reason") }?;
        supported()?;
        easy.ws_close(code, reason)
    })
}
