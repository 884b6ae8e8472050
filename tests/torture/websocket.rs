//! WebSocket: in a transfer and detached.

use std::cell::RefCell;
use std::ffi::c_void;
use std::rc::Rc;

use curlback::callback::{curlback_callback, curlback_has_callback};
use curlback::libcurl::tables::opt;
use curlback::result::code;
use curlback::ws::close::curlback_ws_close;
use curlback::ws::message::curlback_easy_on_ws_message;
use curlback::ws::meta::curlback_ws_frame;
use curlback::ws::recv::curlback_ws_recv;
use curlback::ws::send::curlback_ws_send;
use curlback_test_servers::WsServer;
use curlback_test_servers::tungstenite::Message;

use crate::run::check;
use crate::support::{Raw, Token, register, skipped};
use crate::{torture_with, wait_readable};

const TEXT: u32 = 1;
const CLOSE: i32 = 8;
const AGAIN: i32 = 81;

fn left_out() -> bool {
    let available = curlback_has_callback(curlback_callback::CURLBACK_CALLBACK_WS_MESSAGE as i32);
    if !available {
        skipped("the torture of WebSocket", "8.14.0 or newer with WebSocket");
    }
    !available
}

fn send(easy: Raw, data: &[u8]) -> i32 {
    let mut sent = 0;
    // SAFETY: the data are there.
    let result = unsafe { curlback_ws_send(easy, data.as_ptr().cast(), data.len(), 0, TEXT, &mut sent) };
    assert!(result != code::OK || sent == data.len());
    result
}

struct Talk {
    texts: Rc<RefCell<Vec<Vec<u8>>>>,
    _token: Token,
}

/// Answers each text but the last.
unsafe extern "C-unwind" fn message(
    easy: Raw,
    flags: i32,
    data: *const u8,
    len: usize,
    talk: *mut c_void,
) -> i32 {
    // SAFETY: it is what was registered, and there are `len` bytes.
    let (talk, data) = unsafe { (&*talk.cast::<Talk>(), std::slice::from_raw_parts(data, len)) };
    if flags & CLOSE != 0 {
        return 0;
    }
    talk.texts.borrow_mut().push(data.to_vec());
    i32::from(data != b"bye" && send(easy, &vec![b'x'; 3000]) != code::OK)
}

#[test]
fn messages() {
    if left_out() {
        return;
    }
    let start = || {
        WsServer::start(|socket, _| {
            for text in ["one", "two"] {
                socket.send(Message::text(text))?;
                assert_eq!(socket.read()?.len(), 3000);
            }
            socket.send(Message::text("bye"))?;
            socket.close(None)
        })
    };
    torture_with("WebSocket", start, |server, run| {
        let easy = run.easy(&server.url("/"))?;
        run.watch(&easy)?;
        let texts = Rc::default();
        let talk = Talk { texts: Rc::clone(&texts), _token: run.token() };
        check(register(talk, |data, drop| {
            // SAFETY: the function gets the Talk that register() boxes.
            unsafe { curlback_easy_on_ws_message(easy.raw(), 1 << 16, Some(message), data, drop) }
        }))?;
        easy.perform()?;
        let expected: [&[u8]; 3] = [b"one", b"two", b"bye"];
        assert_eq!(*texts.borrow(), expected);
        Ok(())
    });
}

#[test]
fn a_detached_connection() {
    if left_out() {
        return;
    }
    torture_with("detached WebSocket", WsServer::for_examples, |server, run| {
        let easy = run.easy(&server.url("/"))?;
        easy.set_int(opt::CONNECT_ONLY, 2)?;
        easy.perform()?;
        let text = [b'y'; 2000];
        check(send(easy.raw(), &text))?;
        let mut answer = Vec::new();
        while answer.len() < text.len() {
            let (mut buffer, mut received) = ([0_u8; 4096], 0);
            let mut frame = curlback_ws_frame::default();
            // SAFETY: the buffer has that capacity.
            let result = unsafe {
                curlback_ws_recv(
                    easy.raw(),
                    buffer.as_mut_ptr().cast(),
                    buffer.len(),
                    &mut received,
                    &mut frame,
                )
            };
            match result {
                AGAIN => wait_readable(&easy)?,
                result => check(result)?,
            }
            answer.extend_from_slice(&buffer[..received]);
        }
        assert_eq!(answer, text);
        // SAFETY: the reason is there.
        check(unsafe { curlback_ws_close(easy.raw(), 1000, b"done".as_ptr().cast(), 4) })
    });
}
