//! Sending frames: whole, as fragments of a message, or in pieces.

use std::cell::Cell;
use std::ffi::{c_int, c_void};

use parking_lot::Mutex;

use super::{BINARY, CLOSE, CONT, OFFSET, PING, PONG, TEXT, close, supported};
use crate::access::Call;
use crate::boundary::{Failure, Outcome, enter, fail, given};
use crate::easy::{Easy, curlback_easy};
use crate::libcurl::sys;
use crate::libcurl::tables::info;
use crate::registry::claim;
use crate::result::{code, curlback_result};

/// The longest payload of a control frame: RFC 6455, 5.5.
pub const LONGEST_CONTROL: usize = 125;

const AGAIN: curlback_result = sys::CURLE_AGAIN as curlback_result;

/// The socket that a callback's send may be waiting for. libcurl waits for as long as it takes, and nothing wakes it but the
/// end of the connection.
#[derive(Default)]
pub struct Sending(Mutex<Option<c_int>>);

impl Sending {
    /// The transfer is to end, any thread says: a send that waits fails.
    pub fn give_up(&self) {
        if let Some(socket) = *self.0.lock() {
            // SAFETY: the socket is open: it is taken from here before libcurl could close it. It ends with the transfer.
            unsafe { libc::shutdown(socket, libc::SHUT_RDWR) };
        }
    }
}

/// Takes the socket back when the send is over.
struct Published<'a>(&'a Sending);

impl<'a> Published<'a> {
    fn new(sending: &'a Sending, socket: c_int) -> Self {
        *sending.0.lock() = Some(socket);
        Published(sending)
    }
}

impl Drop for Published<'_> {
    fn drop(&mut self) {
        *self.0.0.lock() = None;
    }
}

/// A frame that was begun, and of which more is to come.
#[derive(Clone, Copy)]
struct Begun {
    flags: u32,
    total: u64,
    left: u64,
    /// How many bytes the last call gave that were not taken: libcurl may have encoded them already.
    again: usize,
}

/// What was begun and is not finished.
#[derive(Default)]
pub struct Outgoing {
    frame: Cell<Option<Begun>>,
    /// TEXT or BINARY of the message whose last fragment is still to come; 0 where there is none.
    message: Cell<u32>,
}

impl Outgoing {
    pub fn begin(&self) {
        self.frame.set(None);
        self.message.set(0);
    }

    /// What is to be sent with the next call of libcurl's: the frame that was begun, or a new one.
    fn check(&self, data: &[u8], fragment_size: i64, flags: u32) -> Outcome<Begun> {
        match self.frame.get() {
            Some(begun) => begun.goes_on(data.len(), fragment_size, flags).map(|()| begun),
            None => self.new_frame(data, fragment_size, flags),
        }
    }

    fn new_frame(&self, data: &[u8], fragment_size: i64, flags: u32) -> Outcome<Begun> {
        let (kind, len) = (flags & !(CONT | OFFSET), data.len());
        if ![TEXT, BINARY, CLOSE, PING, PONG].contains(&kind) {
            return out_of_range(format!(
                "{flags} is no kind of frame: flags takes one of TEXT, BINARY, CLOSE, PING and PONG, and CONT and OFFSET with \
                 the first two"
            ));
        }
        if kind & (TEXT | BINARY) == 0 {
            if flags != kind {
                return out_of_range("a control frame is sent whole: neither CONT nor OFFSET goes with it");
            }
            if len > LONGEST_CONTROL {
                return out_of_range(format!(
                    "a control frame has at most {LONGEST_CONTROL} bytes, not {len}"
                ));
            }
            if kind == CLOSE {
                close::check_payload(data)?;
            }
        } else if ![0, kind].contains(&self.message.get()) {
            return out_of_range(
                "a fragmented message goes on with the same of TEXT and BINARY that it began with",
            );
        }
        let total = if flags & OFFSET == 0 { Some(len as u64) } else { u64::try_from(fragment_size).ok() };
        match total {
            Some(total) if total >= len as u64 && (flags & OFFSET != 0 || fragment_size == 0) => {
                Ok(Begun { flags, total, left: total, again: 0 })
            }
            _ if flags & OFFSET == 0 => {
                out_of_range("fragment_size goes with OFFSET: it is 0 where the frame is sent whole")
            }
            _ => out_of_range(format!(
                "fragment_size, {fragment_size}, is the size of the whole frame, of which these {len} bytes are a piece"
            )),
        }
    }

    /// libcurl took `sent` of `len` bytes.
    fn took(&self, begun: Begun, sent: usize, len: usize) {
        let left = begun.left - sent as u64;
        let unfinished = left > 0 || sent < len;
        self.frame.set(unfinished.then_some(Begun { left, again: len - sent, ..begun }));
        self.message_goes_on(begun.flags);
    }

    fn message_goes_on(&self, flags: u32) {
        if flags & (TEXT | BINARY) != 0 {
            self.message.set(if flags & CONT == 0 { 0 } else { flags & (TEXT | BINARY) });
        }
    }
}

impl Begun {
    fn goes_on(&self, len: usize, fragment_size: i64, flags: u32) -> Outcome {
        let Begun { left, again, total, .. } = *self;
        if flags != self.flags || ![0, total as i64].contains(&fragment_size) {
            return out_of_range(format!(
                "the frame before this one is not finished: {left} bytes of it come first, with its flags, {}",
                self.flags
            ));
        }
        if len as u64 > left {
            return out_of_range(format!("{left} bytes of the frame are still to come, not {len}"));
        }
        if len < again {
            return out_of_range(format!("call again with all the {again} bytes that were not taken"));
        }
        Ok(())
    }
}

#[cold]
fn out_of_range<T>(text: impl Into<std::borrow::Cow<'static, str>>) -> Outcome<T> {
    fail(code::E_RANGE, text)
}

impl Easy {
    /// Sends a frame or a piece of one, and counts in `sent` what was taken of it.
    pub(super) fn ws_send(&self, data: &[u8], fragment_size: i64, flags: u32, sent: &mut usize) -> Outcome {
        if self.ws.is_raw() {
            if flags != 0 || fragment_size != 0 {
                return out_of_range("in raw mode the data are the frames: flags and fragment_size are 0");
            }
            self.ws_connected()?;
            return self.send_blocking_in_callback(data, 0, 0, sent);
        }
        let outgoing = &self.ws.parts().outgoing;
        let begun = outgoing.check(data, fragment_size, flags)?;
        self.ws_connected()?;
        // What libcurl knows of a frame that was begun it is not told again.
        let size = if outgoing.frame.get().is_some() { 0 } else { fragment_size };
        let result = self.send_blocking_in_callback(data, size, flags, sent);
        match &result {
            Err(failure) if failure.code != AGAIN => {}
            _ => outgoing.took(begun, *sent, data.len()),
        }
        result
    }

    fn send_blocking_in_callback(
        &self,
        data: &[u8],
        fragment_size: i64,
        flags: u32,
        sent: &mut usize,
    ) -> Outcome {
        if !self.slot().active() {
            return self.within(|| self.send_all(data, fragment_size, flags, sent));
        }
        // This may take as long as the peer does, and is not done in turn: it concerns this connection alone, which is in use.
        let _published = Published::new(&self.ws.sending, self.info_int(info::ACTIVESOCKET) as c_int);
        // Before it was published nothing could end the waiting.
        if self.ended() {
            return Err(self.over());
        }
        let result = self.send_all(data, fragment_size, flags, sent);
        if result.is_err() && self.ended() { Err(self.over()) } else { result }
    }

    /// Why nothing more is sent in this transfer.
    #[cold]
    fn over(&self) -> Failure {
        let result = match self.record().interrupted() {
            code::OK => code::E_CANCELLED,
            interrupted => interrupted,
        };
        Failure::new(result, "the transfer is ending: nothing more is sent")
    }

    fn send_all(&self, data: &[u8], mut fragment_size: i64, flags: u32, sent: &mut usize) -> Outcome {
        loop {
            let rest = &data[*sent..];
            let mut taken = 0;
            self.clear_sentence();
            // SAFETY: the libcurl handle is there, and this thread owns it; the rest is there for the length of the call.
            let done = unsafe {
                sys::curl_ws_send(
                    self.curl(),
                    rest.as_ptr().cast(),
                    rest.len(),
                    &mut taken,
                    fragment_size,
                    flags,
                )
            };
            *sent += taken;
            match done {
                sys::CURLE_OK if *sent >= data.len() => return Ok(()),
                sys::CURLE_OK if taken > 0 => fragment_size = 0,
                sys::CURLE_OK => return Err(self.failure(sys::CURLE_AGAIN)),
                failed => return Err(self.failure(failed)),
            }
        }
    }
}

/// Sends a WebSocket frame, or a piece of one: `len` bytes at `data`, which may be NULL where `len` is 0. `flags` has one of
/// CURLBACK_WS_TEXT, BINARY, CLOSE, PING and PONG.
///
/// With CURLBACK_WS_CONT the frame is a fragment of a text or binary message, and more follow; the last comes without CONT, and all have
/// the same of TEXT and BINARY. With CURLBACK_WS_OFFSET the frame is sent in pieces: `fragment_size` is the size of all of it in the
/// first call, and 0 or the same in those that follow with the same flags. Without OFFSET `fragment_size` is 0. In raw mode,
/// which bit 1 of the option WS_OPTIONS switches on, the data are whole frames of the caller's making, and both are 0.
///
/// Inside any callback of a handle whose transfer is a WebSocket: it returns when all is written, however long the peer
/// takes, unless the transfer's time is up or curlback_easy_cancel() ends it, which is CURLBACK_E_CANCELLED here. Nothing is received
/// meanwhile. On a detached handle, one that has performed with CONNECT_ONLY 2, it does not wait: AGAIN (81) with `*sent` bytes
/// taken; call again with the rest, once the socket, which is the info ACTIVESOCKET, can be written to.
///
/// `*sent` is always written. CURLBACK_E_RANGE for flags that contradict each other or what was begun, a control frame of over 125
/// bytes, a close frame that curlback_ws_close() would not send; CURLBACK_E_ABSENT where there is no WebSocket;
/// CURLBACK_E_UNSUPPORTED where the linked libcurl is older than 8.14 or was built without it; or libcurl's CURLcode.
///
/// # Safety
/// There are `len` bytes at `data`; `sent` is NULL or can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_ws_send(
    easy: *mut curlback_easy,
    data: *const c_void,
    len: usize,
    fragment_size: i64,
    flags: u32,
    sent: *mut usize,
) -> curlback_result {
    let mut taken = 0;
    let result = enter(|| {
        let easy = claim::<Easy>(easy, Call::WsSend)?;
        // SAFETY: the caller vouches for the length.
        let data = unsafe { bytes_given(data, len, "data") }?;
        given(sent, "sent")?;
        supported()?;
        easy.ws_send(data, fragment_size, flags, &mut taken)
    });
    if !sent.is_null() {
        // SAFETY: not NULL, and the caller vouches that it can be written to.
        unsafe { *sent = taken };
    }
    result
}

/// A caller's bytes.
///
/// # Safety
/// There are `len` bytes at `data`, unless that is NULL, and they stay as they are for `'a`.
pub unsafe fn bytes_given<'a>(data: *const c_void, len: usize, name: &'static str) -> Outcome<&'a [u8]> {
    if len == 0 {
        return Ok(&[]);
    }
    given(data, name)?;
    // SAFETY: not NULL, and the caller vouches for the rest.
    Ok(unsafe { std::slice::from_raw_parts(data.cast(), len) })
}
