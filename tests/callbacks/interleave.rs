//! interleave: what an RTSP server sends between its answers.

use std::cell::RefCell;
use std::ptr::without_provenance_mut;
use std::rc::Rc;

use curlback::callback::body::curlback_easy_on_interleave;
use curlback::callback::{curlback_callback, curlback_has_callback};
use curlback::libcurl::tables::opt;
use curlback::result::code;
use curlback_test_servers::{RTP_PACKETS, RawServer, rtsp};

use crate::request::{body, quiet};
use crate::support::{Easy, Raw, call_write, last_error, ok, register, skipped};

const ALL: i64 = -3;
const PAUSE: i64 = -2;
const WRITE_ERROR: i32 = 23;
/// What libcurl calls CURL_RTSPREQ_SETUP and CURL_RTSPREQ_PLAY.
const SETUP: i64 = 4;
const PLAY: i64 = 5;

fn on_interleave<F: Fn(Raw, &[u8]) -> i64 + 'static>(easy: Raw, body: F) -> i32 {
    // SAFETY: `call_write` gets the F that register() boxes.
    register(body, |data, drop| unsafe {
        curlback_easy_on_interleave(easy, Some(call_write::<F>), data, drop)
    })
}

/// A session that is set up and is to play. None where libcurl lacks RTSP.
fn playing(server: &RawServer) -> Option<Easy> {
    if !curlback_has_callback(curlback_callback::CURLBACK_CALLBACK_INTERLEAVE as i32) {
        skipped("interleaved data", "RTSP");
        let easy = Easy::new();
        assert_eq!(on_interleave(easy.raw(), |_, _| ALL), code::E_UNSUPPORTED);
        assert!(last_error().starts_with("interleave needs libcurl "), "{}", last_error());
        return None;
    }
    let url = server.url("/stream").replace("http:", "rtsp:");
    let easy = quiet(&url);
    easy.set_str(opt::RTSP_STREAM_URI, &url);
    easy.set_str(opt::RTSP_TRANSPORT, "RTP/AVP/TCP;interleaved=0-1");
    easy.set_int(opt::RTSP_REQUEST, SETUP);
    ok(easy.perform());
    easy.set_int(opt::RTSP_REQUEST, PLAY);
    Some(easy)
}

#[test]
fn interleaved_packets_arrive_with_their_channel_and_length() {
    let server = rtsp();
    let Some(easy) = playing(&server) else { return };
    let packets = Rc::new(RefCell::new(Vec::new()));
    let (all, handle) = (Rc::clone(&packets), easy.raw());
    ok(on_interleave(easy.raw(), move |easy, packet| {
        assert_eq!(easy, handle);
        all.borrow_mut().push(packet.to_vec());
        if all.borrow().len() == 1 { ALL } else { packet.len() as i64 }
    }));
    ok(easy.perform());
    assert_eq!(*packets.borrow(), RTP_PACKETS);
    assert_eq!(body(&easy), "");
}

#[test]
fn interleaved_packets_go_with_the_body_where_no_callback_is() {
    let server = rtsp();
    let Some(easy) = playing(&server) else { return };
    ok(on_interleave(easy.raw(), |_, _| 0));
    // SAFETY: there is no callback.
    ok(unsafe { curlback_easy_on_interleave(easy.raw(), None, without_provenance_mut(1), None) });
    ok(easy.perform());
    assert_eq!(body(&easy).as_bytes(), RTP_PACKETS.concat());
}

#[test]
fn interleaved_packets_cannot_be_refused_or_paused() {
    let server = rtsp();
    for answer in [PAUSE, -1, 0, 8, 10] {
        let Some(easy) = playing(&server) else { return };
        ok(on_interleave(easy.raw(), move |_, _| answer));
        assert_eq!(easy.perform(), WRITE_ERROR, "{answer}");
        let sentence = if answer == PAUSE { "Cannot pause RTP" } else { "Failed writing RTP data" };
        assert_eq!(last_error(), format!("{sentence} (in the interleave callback)"));
        assert_eq!(easy.error().callback, curlback_callback::CURLBACK_CALLBACK_INTERLEAVE as i32);
    }
}
