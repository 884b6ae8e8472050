//! Receiving frames on a detached handle.

use std::ffi::c_void;
use std::ptr::null;

use super::meta::curlback_ws_frame;
use super::supported;
use crate::access::Call;
use crate::boundary::{Outcome, enter, fail, given};
use crate::easy::{Easy, curlback_easy};
use crate::libcurl::sys;
use crate::registry::claim;
use crate::result::{code, curlback_result};

impl Easy {
    /// # Safety
    /// `capacity` bytes can be written at `buffer`.
    unsafe fn ws_recv(
        &self,
        buffer: *mut c_void,
        capacity: usize,
        received: &mut usize,
    ) -> Outcome<curlback_ws_frame> {
        self.ws_connected()?;
        self.clear_sentence();
        let mut frame = null();
        // SAFETY: the libcurl handle is there, and this thread owns it; the caller vouches for the buffer.
        let done =
            self.within(|| unsafe { sys::curl_ws_recv(self.curl(), buffer, capacity, received, &mut frame) });
        // SAFETY: NULL, or there until the next call with this handle.
        match unsafe { frame.as_ref() } {
            Some(frame) if done == sys::CURLE_OK => Ok(frame.into()),
            _ if done == sys::CURLE_OK => Err(self.failure(sys::CURLE_RECV_ERROR)),
            // What libcurl says of a transfer in a multi handle, and nowhere else.
            _ if done == sys::CURLE_UNSUPPORTED_PROTOCOL => {
                fail(code::E_ABSENT, "the handle is not detached: what arrives goes to its callbacks")
            }
            _ => Err(self.failure(done)),
        }
    }
}

/// Receives a WebSocket frame, or a piece of one, on a detached handle, one that has performed with CONNECT_ONLY 2: up to `capacity`
/// bytes to `buffer`, how many in `received`, and in `frame` where they belong: bytes_left says how many of the frame are still to come.
/// It does not wait: AGAIN (81) where nothing is there, to be called again once the socket, which is the info ACTIVESOCKET, can be
/// read. 0 bytes with CURLBACK_OK are an empty frame. libcurl answers pings unless the option WS_OPTIONS says otherwise.
///
/// `*received` is always written. GOT_NOTHING (52) once the peer has closed the connection, RECV_ERROR (56) for what is no
/// WebSocket frame; CURLBACK_E_ABSENT where there is no WebSocket; CURLBACK_E_IN_CALLBACK inside a callback of the handle, which
/// gets its data by that; CURLBACK_E_UNSUPPORTED where the linked libcurl is older than 8.14 or was built without WebSocket.
///
/// # Safety
/// `capacity` bytes can be written at `buffer`; `received` and `frame` are NULL or can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_ws_recv(
    easy: *mut curlback_easy,
    buffer: *mut c_void,
    capacity: usize,
    received: *mut usize,
    frame: *mut curlback_ws_frame,
) -> curlback_result {
    let mut count = 0;
    let result = enter(|| {
        let easy = claim::<Easy>(easy, Call::Perform)?;
        if capacity > 0 {
            given(buffer, "buffer")?;
        }
        given(received, "received")?;
        given(frame, "frame")?;
        supported()?;
        // SAFETY: the caller vouches for the buffer; `frame` is not NULL, and the caller vouches that it can be written to.
        unsafe { *frame = easy.ws_recv(buffer, capacity, &mut count)? };
        Ok(())
    });
    if !received.is_null() {
        // SAFETY: not NULL, and the caller vouches that it can be written to.
        unsafe { *received = count };
    }
    result
}
