//! What frame a chunk is of.

use super::{Easy, supported};
use crate::access::Call;
use crate::boundary::{Outcome, enter, fail, given};
use crate::callback::curlback_callback;
use crate::easy::curlback_easy;
use crate::libcurl::sys::{self, WsFrame};
use crate::registry::claim;
use crate::result::{code, curlback_result};

/// The WebSocket frame that a chunk of data is of.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[allow(non_camel_case_types)]
pub struct curlback_ws_frame {
    /// libcurl's version of this, 0 so far.
    pub age: i32,
    /// CURLBACK_WS_*. All fragments of a message have its TEXT or BINARY; CONT is missing in the last.
    pub flags: i32,
    /// How many bytes of the frame came before this chunk.
    pub offset: i64,
    /// How many bytes of the frame are still to come after it.
    pub bytes_left: i64,
    /// The length of the chunk.
    pub len: usize,
}

impl From<&WsFrame> for curlback_ws_frame {
    fn from(frame: &WsFrame) -> Self {
        curlback_ws_frame {
            age: frame.age,
            flags: frame.flags,
            offset: frame.offset,
            bytes_left: frame.bytesleft,
            len: frame.len,
        }
    }
}

impl Easy {
    /// The frame that the chunk is of which libcurl is delivering; None where it is of none.
    pub(super) fn ws_frame(&self) -> Option<curlback_ws_frame> {
        // SAFETY: the libcurl handle is there, and this thread owns it; libcurl answers with NULL or with what stays until it
        // goes on, and it is copied before that.
        unsafe { sys::curl_ws_meta(self.curl()).as_ref() }.map(curlback_ws_frame::from)
    }
}

/// The frame of the chunk that the running on_write callback of this handle was given, in `frame`.
///
/// CURLBACK_E_NOT_IN_CALLBACK anywhere else, also in other callbacks; CURLBACK_E_ABSENT where there are no frames, as over http://
/// and with bit 1 of the option WS_OPTIONS, the raw mode; CURLBACK_E_UNSUPPORTED where the linked libcurl is older than 8.14 or
/// was built without WebSocket. A large frame comes in several chunks, and chunks of two frames are never joined.
///
/// # Safety
/// `frame` is NULL or can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_ws_meta(
    easy: *mut curlback_easy,
    frame: *mut curlback_ws_frame,
) -> curlback_result {
    enter(|| {
        let easy = claim::<Easy>(easy, Call::WsMeta)?;
        in_on_write(&easy)?;
        given(frame, "frame")?;
        supported()?;
        match easy.ws_frame() {
            // SAFETY: not NULL, and the caller vouches that it can be written to.
            Some(found) => unsafe { *frame = found },
            None => return fail(code::E_ABSENT, "what arrived is not in WebSocket frames"),
        }
        Ok(())
    })
}

fn in_on_write(easy: &Easy) -> Outcome {
    if easy.state.current() == curlback_callback::CURLBACK_CALLBACK_WRITE as u8 {
        return Ok(());
    }
    fail(code::E_NOT_IN_CALLBACK, "allowed only from inside the on_write callback of this handle")
}
