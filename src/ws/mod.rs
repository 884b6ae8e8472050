//! WebSocket. Inside a transfer of ws:// or wss:// frames come to on_write or messages to on_ws_message, and callbacks answer;
//! with CONNECT_ONLY 2 perform only connects, and the handle is detached: frames are sent and received without a transfer.

pub mod close;
pub mod message;
pub mod meta;
pub mod recv;
pub mod send;

use std::cell::{Cell, OnceCell};

use crate::boundary::{Outcome, fail};
use crate::easy::{Easy, unsupported};
use crate::libcurl::sys::CURLWS_RAW_MODE;
use crate::libcurl::tables::info;
use crate::libcurl::version::{self, version};
use crate::result::code;

use close::Closing;
use message::Messages;
use send::{Outgoing, Sending};

/// What a WebSocket frame is: bits of `flags` in curlback_ws_frame and of what curlback_ws_send() takes.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(non_camel_case_types)]
pub enum curlback_ws {
    /// Of a text message, in UTF-8. libcurl does not check what arrives.
    CURLBACK_WS_TEXT = 1,
    /// Of a binary message.
    CURLBACK_WS_BINARY = 2,
    /// With TEXT or BINARY: more fragments of the message follow.
    CURLBACK_WS_CONT = 4,
    /// The peer closes: a code in two bytes, big-endian, and a reason in UTF-8, or nothing. libcurl does not answer it:
    /// curlback_ws_close() does, and most peers wait for that.
    CURLBACK_WS_CLOSE = 8,
    /// A ping. libcurl answers it and does not show it, unless the bit 2 of the option WS_OPTIONS is set.
    CURLBACK_WS_PING = 16,
    /// For curlback_ws_send(), with TEXT or BINARY: the frame is sent in pieces, of which this is the first or another.
    CURLBACK_WS_OFFSET = 32,
    /// A pong.
    CURLBACK_WS_PONG = 64,
}

pub const TEXT: u32 = curlback_ws::CURLBACK_WS_TEXT as u32;
pub const BINARY: u32 = curlback_ws::CURLBACK_WS_BINARY as u32;
pub const CONT: u32 = curlback_ws::CURLBACK_WS_CONT as u32;
pub const CLOSE: u32 = curlback_ws::CURLBACK_WS_CLOSE as u32;
pub const PING: u32 = curlback_ws::CURLBACK_WS_PING as u32;
pub const OFFSET: u32 = curlback_ws::CURLBACK_WS_OFFSET as u32;
pub const PONG: u32 = curlback_ws::CURLBACK_WS_PONG as u32;

/// Before this libcurl said nothing of a message's last fragment, and older ones did not block in callbacks.
pub const SINCE: u32 = version(8, 14, 0);

/// What an easy handle keeps account of for WebSocket.
#[derive(Default)]
pub struct WebSocket {
    /// The option WS_OPTIONS.
    pub options: Cell<i64>,
    pub sending: Sending,
    parts: OnceCell<Box<Parts>>,
}

/// What there is once a WebSocket is used: most handles never do.
#[derive(Default)]
struct Parts {
    outgoing: Outgoing,
    closing: Closing,
    messages: Messages,
}

impl WebSocket {
    /// A transfer begins: what was half sent and half received goes with the last one's connection.
    pub fn begin(&self) {
        if let Some(parts) = self.parts.get() {
            parts.outgoing.begin();
            parts.closing.begin();
            parts.messages.begin();
        }
    }

    fn parts(&self) -> &Parts {
        self.parts.get_or_init(Box::default)
    }

    pub fn forget(&self) {
        self.begin();
        self.options.set(0);
    }

    /// The caller does the framing.
    fn is_raw(&self) -> bool {
        self.options.get() & CURLWS_RAW_MODE != 0
    }
}

/// Whether the linked libcurl has it.
pub fn built_in() -> bool {
    version::number() >= SINCE && version::has(version::protocols(), "ws")
}

fn supported() -> Outcome {
    if built_in() { Ok(()) } else { Err(unsupported("WebSocket", &version::in_words(SINCE))) }
}

impl Easy {
    /// Refuses where there is no WebSocket to send to or to receive from.
    fn ws_connected(&self) -> Outcome {
        const SWITCHING_PROTOCOLS: i64 = 101;
        let scheme = self.scheme().to_bytes();
        let of_websocket = [b"ws".as_slice(), b"wss"].iter().any(|name| scheme.eq_ignore_ascii_case(name));
        if of_websocket
            && self.info_int(info::RESPONSE_CODE) == SWITCHING_PROTOCOLS
            && self.info_int(info::ACTIVESOCKET) >= 0
        {
            return Ok(());
        }
        fail(
            code::E_ABSENT,
            "the handle has no WebSocket: perform ws:// or wss:// and use it in a callback, or set CONNECT_ONLY to 2",
        )
    }
}
