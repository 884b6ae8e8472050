//! Raw connections: bytes as they are, over a connection that perform made with the option CONNECT_ONLY.

use std::ffi::c_void;

use super::{Easy, curlback_easy};
use crate::access::Call;
use crate::boundary::{Failure, Outcome, enter, given};
use crate::libcurl::{sys, version};
use crate::registry::claim;
use crate::result::{code, curlback_result};

/// The libcurl that closes connections on which something has arrived, because nothing uses them.
const CLOSES_UNCLEAN_SINCE: u32 = version::version(8, 0, 0);

impl Easy {
    /// The transfer has ended well. Where it has only connected, libcurl takes the connection for an idle one until it is used, and closes it, if
    /// something has arrived on it, when another handle in the same multi handle, or with the same share, looks for one: it is used here,
    /// for nothing.
    pub(super) fn keep_own_connection(&self) {
        if self.connect_only.get()
            && version::number() >= CLOSES_UNCLEAN_SINCE
            && !self.attached.get().is_null()
        {
            let mut sent = 0;
            // SAFETY: the libcurl handle is there, this thread owns it, and libcurl is not at work on it; 0 bytes are sent.
            self.within(|| unsafe { sys::curl_easy_send(self.curl, c"".as_ptr().cast(), 0, &mut sent) });
            // Where that fails the next call says so.
            self.clear_sentence();
        }
    }

    fn raw_done(&self, done: sys::CURLcode) -> Outcome {
        match done {
            sys::CURLE_OK => Ok(()),
            // What libcurl says where the handle keeps no connection, and nowhere else.
            sys::CURLE_UNSUPPORTED_PROTOCOL => Err(Failure::new(
                code::E_ABSENT,
                "the handle has no connection of its own: set CONNECT_ONLY and perform first",
            )),
            failed => Err(self.failure(failed)),
        }
    }
}

/// Sends up to `len` bytes at `data` over the connection of a handle that has performed with the option CONNECT_ONLY; how many were
/// taken, in `sent`. It does not wait: AGAIN (81) where none was, to be called again once the socket, which is the info
/// ACTIVESOCKET, can be written to. Over TLS the bytes are encrypted.
///
/// `*sent` is always written. SEND_ERROR (55) where the connection is broken, CURLBACK_E_ABSENT where there is none,
/// CURLBACK_E_IN_CALLBACK inside a callback of the handle. `data` may be NULL where `len` is 0.
///
/// # Safety
/// There are `len` bytes at `data`; `sent` is NULL or can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_easy_send(
    easy: *mut curlback_easy,
    data: *const c_void,
    len: usize,
    sent: *mut usize,
) -> curlback_result {
    let mut count = 0;
    let result = enter(|| {
        let easy = claim::<Easy>(easy, Call::Perform)?;
        if len > 0 {
            given(data, "data")?;
        }
        given(sent, "sent")?;
        easy.clear_sentence();
        // SAFETY: the libcurl handle is there, and this thread owns it; the caller vouches for the data.
        match easy.within(|| unsafe { sys::curl_easy_send(easy.curl, data, len, &mut count) }) {
            // What an older libcurl says whenever it has sent 0 bytes.
            sys::CURLE_AGAIN if len == 0 => Ok(()),
            done => easy.raw_done(done),
        }
    });
    if !sent.is_null() {
        // SAFETY: not NULL, and the caller vouches that it can be written to.
        unsafe { *sent = count };
    }
    result
}

/// Receives up to `capacity` bytes to `buffer` over the connection of a handle that has performed with the option CONNECT_ONLY; how
/// many, in `received`. It does not wait: AGAIN (81) where nothing is there, to be called again once the socket, which is the
/// info ACTIVESOCKET, can be read; TLS may hold bytes that have left the socket, so receive until AGAIN before waiting. 0 bytes
/// with CURLBACK_OK: the peer has closed the connection.
///
/// `*received` is always written. RECV_ERROR (56) where the connection is broken, CURLBACK_E_ABSENT where there is none,
/// CURLBACK_E_IN_CALLBACK inside a callback of the handle. `buffer` may be NULL where `capacity` is 0.
///
/// # Safety
/// `capacity` bytes can be written at `buffer`; `received` is NULL or can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_easy_recv(
    easy: *mut curlback_easy,
    buffer: *mut c_void,
    capacity: usize,
    received: *mut usize,
) -> curlback_result {
    let mut count = 0;
    let result = enter(|| {
        let easy = claim::<Easy>(easy, Call::Perform)?;
        if capacity > 0 {
            given(buffer, "buffer")?;
        }
        given(received, "received")?;
        easy.clear_sentence();
        // SAFETY: the libcurl handle is there, and this thread owns it; the caller vouches for the buffer.
        easy.raw_done(easy.within(|| unsafe { sys::curl_easy_recv(easy.curl, buffer, capacity, &mut count) }))
    });
    if !received.is_null() {
        // SAFETY: not NULL, and the caller vouches that it can be written to.
        unsafe { *received = count };
    }
    result
}
