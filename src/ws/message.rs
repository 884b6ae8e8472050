//! Whole messages: what arrives is joined until a message is complete.

use std::cell::RefCell;
use std::ffi::c_void;

use super::meta::curlback_ws_frame;
use super::{BINARY, CLOSE, CONT, PING, PONG, SINCE, TEXT};
use crate::access::Call;
use crate::boundary::{Failure, Outcome, enter, fail};
use crate::callback::{Kind, body, curlback_callback, require, run};
use crate::easy::groups::{Member, Which};
use crate::easy::{Easy, curlback_easy};
use crate::libcurl::sys::{CURL_WRITEFUNC_ERROR, CURLE_WRITE_ERROR};
use crate::libcurl::version;
use crate::registry::claim;
use crate::result::{code, curlback_result};
use crate::slot::curlback_drop_cb;

/// A whole WebSocket message of `len` bytes arrived at `data`, its fragments joined, or a control frame. `flags` is one of
/// CURLBACK_WS_TEXT, BINARY, PING, PONG and CLOSE.
///
/// `data` belongs to the library and is there until the callback returns; it does not end with NUL. Text is handed over as it came:
/// nobody has checked that it is UTF-8. Control frames that come between the fragments of a message are delivered before it.
///
/// Return 0 to go on. Anything else ends the transfer with libcurl's WRITE_ERROR (23). curlback_ws_send() and
/// curlback_ws_close() can be called in it; curlback_ws_meta() cannot: a message has no frame of its own. curlback_easy_pause() can: what
/// libcurl has received already is delivered all the same.
#[allow(non_camel_case_types)]
pub type curlback_ws_message_cb = Option<
    unsafe extern "C-unwind" fn(
        easy: *mut curlback_easy,
        flags: i32,
        data: *const u8,
        len: usize,
        user_data: *mut c_void,
    ) -> i32,
>;

pub struct WsMessage;

impl Kind for WsMessage {
    type Function =
        unsafe extern "C-unwind" fn(*mut curlback_easy, i32, *const u8, usize, *mut c_void) -> i32;
    const ID: curlback_callback = curlback_callback::CURLBACK_CALLBACK_WS_MESSAGE;
    const OPTIONS: (i32, i32) = body::Write::OPTIONS;
    const ENDS_WITH: &'static [i32] = &[23];
    const SINCE: u32 = SINCE;

    fn built_in() -> bool {
        version::has(version::protocols(), "ws")
    }

    fn trampoline() -> *const c_void {
        body::Write::trampoline()
    }

    fn wire(easy: &Easy, _set: bool) -> Outcome {
        easy.wire_group(Which::Body)
    }
}

/// What came so far of a message, and of a control frame.
#[derive(Default)]
pub struct Messages {
    message: RefCell<Vec<u8>>,
    control: RefCell<Vec<u8>>,
}

impl Messages {
    pub fn begin(&self) {
        self.message.take();
        self.control.take();
    }

    /// Takes a chunk in; gives out the kind of what is complete now, with its bytes, which are `joined` or the chunk itself.
    fn add<'a>(
        &self,
        frame: &curlback_ws_frame,
        chunk: &'a [u8],
        limit: usize,
        joined: &'a mut Vec<u8>,
    ) -> Outcome<Option<(u32, &'a [u8])>> {
        let flags = frame.flags as u32;
        let control = flags & (PING | PONG | CLOSE);
        let place = if control == 0 { &self.message } else { &self.control };
        let mut so_far = place.borrow_mut();
        if control == 0 {
            let coming = u64::try_from(frame.bytes_left).unwrap_or(0);
            if (so_far.len() + chunk.len()) as u64 + coming > limit as u64 {
                return fail(code::E_LIMIT, format!("on_ws_message: a message is longer than {limit} bytes"));
            }
        } else if frame.offset == 0 {
            // libcurl keeps the end of a ping that it answers to itself.
            so_far.clear();
        }
        let complete = frame.bytes_left == 0 && (control != 0 || flags & CONT == 0);
        let kind = if control == 0 { flags & (TEXT | BINARY) } else { control };
        if complete && so_far.is_empty() {
            return Ok(Some((kind, chunk)));
        }
        if so_far.try_reserve(chunk.len()).is_err() {
            return fail(code::E_NO_MEMORY, "on_ws_message: no memory for what arrived");
        }
        so_far.extend_from_slice(chunk);
        if !complete {
            return Ok(None);
        }
        // The callback may make libcurl deliver more.
        *joined = std::mem::take(&mut so_far);
        Ok(Some((kind, joined)))
    }

    /// The message was delivered: its memory serves the next one.
    fn again(&self, mut joined: Vec<u8>) {
        let mut message = self.message.borrow_mut();
        if message.capacity() == 0 {
            joined.clear();
            *message = joined;
        }
    }
}

/// libcurl's write function where messages are collected.
///
/// # Safety
/// As for run(); there are `len` bytes at `data`.
pub unsafe fn take(easy: *mut c_void, limit: usize, data: *const u8, len: usize) -> usize {
    // SAFETY: the caller vouches for it; libcurl may pass NULL with a length of 0.
    let (this, chunk) = unsafe {
        (&*easy.cast::<Easy>(), if len == 0 { &[] } else { std::slice::from_raw_parts(data, len) })
    };
    if this.ended() {
        return CURL_WRITEFUNC_ERROR;
    }
    let Some(frame) = this.ws_frame() else {
        let why = "on_ws_message: what arrives is not in WebSocket frames: use on_write for it";
        this.explain(CURLE_WRITE_ERROR, Failure::new(code::E_ABSENT, why));
        return CURL_WRITEFUNC_ERROR;
    };
    let messages = &this.ws.parts().messages;
    let mut joined = Vec::new();
    let (kind, message) = match messages.add(&frame, chunk, limit, &mut joined) {
        Ok(None) => return len,
        Ok(Some(complete)) => complete,
        Err(failure) => {
            this.explain(CURLE_WRITE_ERROR, failure);
            return CURL_WRITEFUNC_ERROR;
        }
    };
    // SAFETY: the caller vouches for `easy`; the callback was registered for its user data, and the message is there.
    let answer = unsafe {
        run::<WsMessage, usize>(
            easy,
            CURL_WRITEFUNC_ERROR,
            |_| len,
            |easy, function, user_data| match function(
                easy.handle(),
                kind as i32,
                message.as_ptr(),
                message.len(),
                user_data,
            ) {
                0 => Ok(len),
                _ => Err(CURL_WRITEFUNC_ERROR),
            },
        )
    };
    messages.again(joined);
    answer
}

/// Calls `callback` with each whole message of a WebSocket, and with each ping, pong and close. A message longer than `limit` bytes
/// ends the transfer with CURLBACK_E_LIMIT, as soon as that is known. A member of the body group: CURLBACK_E_EXCLUSIVE while another
/// member is set. NULL unsets: what arrives goes to standard output again.
///
/// For ws:// and wss://: what comes over another protocol, or in raw mode, ends the transfer with CURLBACK_E_ABSENT. Pings come
/// only with bit 2 of the option WS_OPTIONS, as libcurl answers them otherwise. A message that the connection ends in the middle of is
/// not delivered, and libcurl does not take that for an error: a peer that has said all sends a close before. CURLBACK_E_UNSUPPORTED where the linked libcurl is
/// older than 8.14 or was built without WebSocket.
///
/// Also inside callbacks; replacing takes effect with the next call.
///
/// # Safety
/// `callback` may be called with `user_data` until `drop` was called.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_easy_on_ws_message(
    easy: *mut curlback_easy,
    limit: usize,
    callback: curlback_ws_message_cb,
    user_data: *mut c_void,
    drop: curlback_drop_cb,
) -> curlback_result {
    enter(|| {
        let easy = claim::<Easy>(easy, Call::Set)?;
        require::<WsMessage>()?;
        easy.register_member::<WsMessage>(Which::Body, Member::Messages(limit), callback, user_data, drop)
    })
}
