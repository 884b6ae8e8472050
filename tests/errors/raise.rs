//! A callback says why it fails.

use std::cell::Cell;
use std::ffi::{CStr, c_void};
use std::io::Read as _;
use std::os::fd::IntoRawFd as _;
use std::os::unix::net::UnixStream;
use std::ptr::{null, null_mut};
use std::rc::Rc;

use curlback::easy::curlback_easy_reset;
use curlback::easy::error::curlback_raise::{CURLBACK_RAISE_ERROR, CURLBACK_RAISE_INTERRUPT};
use curlback::easy::error::{curlback_easy_raise, curlback_easy_take_payload};
use curlback::easy::perform::curlback_easy_cancel;
use curlback::result::code;
use curlback_test_servers::{HttpServer, RawServer};

use crate::collect;
use crate::support::{Drops, Easy, LIMIT, Raw, Token, last_error, ok, on_open_socket, text, unbox};
use crate::watched::{DEBUG, KINDS, SEEK, WRITE, goes_on, watched};

const ERROR: i32 = CURLBACK_RAISE_ERROR as i32;
const INTERRUPT: i32 = CURLBACK_RAISE_INTERRUPT as i32;

/// Raises with a payload that counts its drop, and answers with that.
fn raise(raw: Raw, severity: i32, code: i32, message: Option<&CStr>, drops: &Drops) -> *mut c_void {
    let (payload, drop) = drops.user_data();
    let message = message.map_or(null(), CStr::as_ptr);
    // SAFETY: the message ends with NUL, and the drop function is that of the payload.
    ok(unsafe { curlback_easy_raise(raw, severity, code, message, payload, drop) });
    payload
}

fn raise_nothing(raw: Raw, severity: i32) -> i32 {
    // SAFETY: neither a message nor a payload.
    unsafe { curlback_easy_raise(raw, severity, 0, null(), null_mut(), None) }
}

#[test]
fn an_error_explains_the_failing_return_of_every_callback() {
    for (kind, name, expected) in KINDS {
        let drops = Drops::new();
        let payload = Rc::new(Cell::new(null_mut::<c_void>()));
        let (counter, kept) = (drops.clone(), payload.clone());
        let transfer = watched(kind, move |called, raw| {
            let first = called == kind && kept.get().is_null();
            if first {
                kept.set(raise(raw, ERROR, -77, Some(c"the reason"), &counter));
            }
            first
        });
        let easy = &transfer.easy;
        assert_eq!(easy.perform(), expected, "{name}: {}", last_error());
        let sentence = last_error();
        let error = easy.error();
        assert_eq!((error.result, error.curl_code), (expected, expected), "{name}");
        assert_eq!((error.callback, error.severity, error.code), (kind, ERROR, -77), "{name}");
        assert_eq!(text(error.message), "the reason");
        assert_eq!(error.payload, payload.get());
        assert_eq!(error.easy, easy.raw());
        let said = text(error.curl_message);
        assert_eq!(said.is_empty(), expected == 0, "{name}: {said}");
        if expected != 0 {
            for part in ["the reason", name, said.as_str()] {
                assert!(sentence.contains(part), "{name}: {part:?} is not in {sentence:?}");
            }
            assert_eq!(transfer.count(kind), 1, "{name}");
        }
        assert_eq!(drops.count(), 0, "{name}");
        goes_on(easy);
        assert_eq!(drops.count(), 1, "{name}");
        assert_eq!(transfer.drops.count(), transfer.registered);
    }
}

#[test]
fn an_interrupt_ends_the_transfer_from_every_callback_whatever_it_returns() {
    for (kind, name, _) in KINDS {
        for fails in [false, true] {
            let drops = Drops::new();
            let payload = Rc::new(Cell::new(null_mut::<c_void>()));
            let (counter, kept) = (drops.clone(), payload.clone());
            let transfer = watched(kind, move |called, raw| {
                if called != kind {
                    return false;
                }
                assert!(kept.get().is_null(), "{name} was called after it interrupted");
                kept.set(raise(raw, INTERRUPT, 5, Some(c"enough"), &counter));
                fails
            });
            let easy = &transfer.easy;
            assert_eq!(easy.perform(), code::E_RAISED, "{name}: {}", last_error());
            let sentence = last_error();
            assert!(sentence.contains("enough") && sentence.contains(name), "{name}: {sentence}");
            let error = easy.error();
            assert_eq!(error.result, code::E_RAISED);
            assert_ne!(error.curl_code, 0, "{name}");
            assert_eq!((error.callback, error.severity, error.code), (kind, INTERRUPT, 5), "{name}");
            assert_eq!(text(error.message), "enough");
            assert!(!text(error.curl_message).is_empty());
            assert_eq!((error.payload, error.easy), (payload.get(), easy.raw()));
            assert_eq!(transfer.count(kind), 1, "{name}");
            assert_eq!(transfer.calls.borrow().last(), Some(&kind), "{name}: others were called after it");
            assert_eq!(drops.count(), 0, "{name}");
            goes_on(easy);
            assert_eq!(drops.count(), 1, "{name}");
        }
    }
}

#[test]
fn an_interrupt_in_the_last_callback_of_a_transfer_that_is_done_counts_all_the_same() {
    let easy = Easy::to(&HttpServer::shared().url("/hello"));
    let body = collect(&easy);
    let calls = Rc::new(Cell::new(0));
    let counted = calls.clone();
    easy.on_debug(move |raw, kind, data| {
        if counted.get() > 0 {
            counted.set(counted.get() + 1);
        }
        // The last that libcurl says of a transfer that ended well.
        if kind == 0 && String::from_utf8_lossy(data).contains("left intact") {
            ok(raise_nothing(raw, INTERRUPT));
            counted.set(1);
        }
    });
    assert_eq!(easy.perform(), code::E_RAISED);
    assert_eq!(calls.get(), 1);
    assert_eq!(*body.borrow(), b"hello, world\n");
    let error = easy.error();
    assert_eq!((error.result, error.callback, error.severity), (code::E_RAISED, DEBUG, INTERRUPT));
    goes_on(&easy);
}

#[test]
fn an_interrupt_in_the_only_write_of_a_small_body_counts_whatever_is_returned() {
    let server = RawServer::answering("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody");
    for answer in [4, -3, -1, -2] {
        let easy = Easy::to(&server.url("/"));
        easy.on_write(move |raw, _| {
            ok(raise_nothing(raw, INTERRUPT));
            answer
        });
        assert_eq!(easy.perform(), code::E_RAISED);
        assert_eq!(easy.error().callback, WRITE);
    }
}

#[test]
fn the_first_error_stands_against_a_second() {
    let drops = Drops::new();
    let counter = drops.clone();
    let easy = Easy::to(&HttpServer::shared().url("/hello"));
    easy.on_write(move |raw, _| {
        raise(raw, ERROR, 1, Some(c"first"), &counter);
        raise(raw, ERROR, 2, Some(c"second"), &counter);
        assert_eq!(counter.count(), 1);
        -1
    });
    assert_eq!(easy.perform(), 23);
    let error = easy.error();
    assert_eq!((error.code, text(error.message)), (1, "first".to_owned()));
    assert_eq!(drops.count(), 1);
    drop(easy);
    assert_eq!(drops.count(), 2);
}

#[test]
fn an_error_of_an_earlier_callback_stands_against_one_of_a_later() {
    let easy = Easy::to(&HttpServer::shared().url("/hello"));
    let drops = Drops::new();
    let (one, two) = (drops.clone(), drops.clone());
    easy.on_header(move |raw, data| {
        raise(raw, ERROR, 1, Some(c"first"), &one);
        data.len() as i64
    });
    easy.on_write(move |raw, _| {
        raise(raw, ERROR, 2, Some(c"second"), &two);
        -1
    });
    assert_eq!(easy.perform(), 23);
    let error = easy.error();
    assert_eq!((error.code, error.callback), (1, crate::watched::HEADER));
    goes_on(&easy);
    assert_eq!(easy.error().code, 0);
}

#[test]
fn an_interrupt_replaces_an_error_and_nothing_replaces_an_interrupt() {
    let drops = Drops::new();
    let counter = drops.clone();
    let easy = Easy::to(&HttpServer::shared().url("/hello"));
    easy.on_write(move |raw, data| {
        raise(raw, ERROR, 1, Some(c"first"), &counter);
        raise(raw, INTERRUPT, 2, Some(c"second"), &counter);
        assert_eq!(counter.count(), 1);
        raise(raw, INTERRUPT, 3, Some(c"third"), &counter);
        raise(raw, ERROR, 4, Some(c"fourth"), &counter);
        assert_eq!(counter.count(), 3);
        data.len() as i64
    });
    assert_eq!(easy.perform(), code::E_RAISED);
    let error = easy.error();
    assert_eq!((error.severity, error.code, text(error.message)), (INTERRUPT, 2, "second".to_owned()));
    ok(curlback_easy_reset(easy.raw()));
    assert_eq!(drops.count(), 4);
    let error = easy.error();
    assert_eq!((error.result, error.callback, error.code, error.payload), (0, 0, 0, null_mut()));
}

#[test]
fn an_error_of_a_callback_that_then_succeeds_is_kept_and_the_transfer_is_well() {
    let easy = Easy::to(&HttpServer::shared().url("/hello"));
    let drops = Drops::new();
    let counter = drops.clone();
    easy.on_write(move |raw, data| {
        raise(raw, ERROR, 9, None, &counter);
        data.len() as i64
    });
    ok(easy.perform());
    let error = easy.error();
    assert_eq!((error.result, error.curl_code, error.os_errno), (0, 0, 0));
    assert_eq!((error.callback, error.severity, error.code), (WRITE, ERROR, 9));
    assert_eq!((text(error.message), text(error.curl_message)), (String::new(), String::new()));
    assert!(!error.payload.is_null());
}

#[test]
fn what_was_raised_can_be_looked_at_inside_the_callback() {
    let easy = Easy::to(&HttpServer::shared().url("/hello"));
    easy.on_write(|raw, _| {
        let drops = Drops::new();
        let payload = raise(raw, ERROR, 3, Some(c"why"), &drops);
        let mut error = std::mem::MaybeUninit::uninit();
        // SAFETY: it is filled on success.
        let error = unsafe {
            ok(curlback::easy::error::curlback_easy_error(raw, error.as_mut_ptr()));
            error.assume_init()
        };
        assert_eq!((error.callback, error.code, error.payload), (WRITE, 3, payload));
        assert_eq!(text(error.message), "why");
        -1
    });
    assert_eq!(easy.perform(), 23);
}

#[test]
fn a_message_is_copied_and_may_be_empty_or_long() {
    let easy = Easy::to(&HttpServer::shared().url("/hello"));
    for message in ["", "ä€ \u{1F600}", &"long ".repeat(10_000)] {
        let given = std::ffi::CString::new(message).unwrap();
        easy.on_write(move |raw, _| {
            let message = given.clone();
            // SAFETY: the message ends with NUL.
            ok(unsafe { curlback_easy_raise(raw, ERROR, 0, message.as_ptr(), null_mut(), None) });
            -1
        });
        assert_eq!(easy.perform(), 23);
        assert_eq!(text(easy.error().message), message);
        assert!(last_error().contains(message));
        assert!(easy.error().payload.is_null());
    }
}

#[test]
fn raising_is_refused_outside_a_callback_and_the_caller_keeps_the_payload() {
    let easy = Easy::to(&HttpServer::shared().url("/hello"));
    let drops = Drops::new();
    let refused = |raw: Raw| {
        let data = drops.user_data();
        // SAFETY: the drop function is that of the payload.
        let answer = unsafe { curlback_easy_raise(raw, INTERRUPT, 0, null(), data.0, data.1) };
        assert_eq!(answer, code::E_NOT_IN_CALLBACK);
        let before = drops.count();
        unbox::<Token>(data);
        assert_eq!(drops.count(), before + 1);
    };
    refused(easy.raw());
    let other = Easy::new();
    let raw = other.raw();
    let (answers, from_thread) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
    let (answer, threads_answer) = (answers.clone(), from_thread.clone());
    easy.on_write(move |own, data| {
        // A handle that the callback is not of, and this one on another thread.
        answer.set(raise_nothing(raw, INTERRUPT));
        let own = own as usize;
        threads_answer.set(std::thread::spawn(move || raise_nothing(own as Raw, INTERRUPT)).join().unwrap());
        data.len() as i64
    });
    ok(easy.perform());
    assert_eq!((answers.get(), from_thread.get()), (code::E_NOT_IN_CALLBACK, code::E_NOT_IN_CALLBACK));
    refused(easy.raw());
    assert_eq!(easy.error().severity, 0);
}

#[test]
fn a_severity_that_is_none_is_refused() {
    let easy = Easy::to(&HttpServer::shared().url("/hello"));
    easy.on_write(|raw, data| {
        for severity in [-1, 2, i32::MIN, i32::MAX] {
            assert_eq!(raise_nothing(raw, severity), code::E_RANGE);
            assert!(last_error().contains(&severity.to_string()), "{}", last_error());
        }
        data.len() as i64
    });
    ok(easy.perform());
    assert_eq!(easy.error().callback, 0);
}

#[test]
fn a_payload_is_handed_over_once_and_then_not_dropped() {
    let easy = Easy::to(&HttpServer::shared().url("/hello"));
    assert!(curlback_easy_take_payload(easy.raw()).is_null());
    let drops = Drops::new();
    let counter = drops.clone();
    easy.on_write(move |raw, _| {
        raise(raw, ERROR, 1, Some(c"why"), &counter);
        -1
    });
    assert_eq!(easy.perform(), 23);
    let payload = easy.error().payload;
    assert!(!payload.is_null());
    assert_eq!(curlback_easy_take_payload(easy.raw()), payload);
    assert!(curlback_easy_take_payload(easy.raw()).is_null());
    let error = easy.error();
    assert!(error.payload.is_null());
    assert_eq!((error.code, text(error.message)), (1, "why".to_owned()));
    drop(easy);
    assert_eq!(drops.count(), 0);
    unbox::<Token>((payload, None));
    assert_eq!(drops.count(), 1);
}

#[test]
fn the_next_perform_begins_with_no_record() {
    let easy = Easy::to(&HttpServer::shared().url("/hello"));
    let drops = Drops::new();
    let counter = drops.clone();
    let round = Cell::new(0);
    easy.on_write(move |raw, data| {
        round.set(round.get() + 1);
        if round.get() == 1 {
            raise(raw, INTERRUPT, 1, Some(c"why"), &counter);
        } else {
            assert_eq!(counter.count(), 1);
        }
        data.len() as i64
    });
    assert_eq!(easy.perform(), code::E_RAISED);
    assert_eq!(drops.count(), 0);
    ok(easy.perform());
    assert_eq!(drops.count(), 1);
    let error = easy.error();
    assert_eq!((error.result, error.curl_code, error.callback), (0, 0, 0));
    assert_eq!((error.severity, error.code, error.payload), (0, 0, null_mut()));
    assert_eq!((text(error.message), text(error.curl_message)), (String::new(), String::new()));
    assert_eq!(error.easy, easy.raw());
}

#[test]
fn a_failing_return_without_a_reason_names_its_callback() {
    for (kind, name, expected) in KINDS.into_iter().filter(|(kind, ..)| *kind != DEBUG) {
        let transfer = watched(kind, move |called, _| called == kind);
        assert_eq!(transfer.easy.perform(), expected, "{name}");
        assert!(last_error().contains(&format!("{name} callback")), "{}", last_error());
        let error = transfer.easy.error();
        assert_eq!((error.callback, error.severity, error.code), (kind, 0, 0));
        assert_eq!((text(error.message), error.payload), (String::new(), null_mut()));
        assert_eq!(transfer.count(kind), 1);
        goes_on(&transfer.easy);
    }
}

#[test]
fn a_transfer_that_is_well_calls_all_of_them() {
    for (kind, name, _) in KINDS {
        let transfer = watched(kind, |_, _| false);
        ok(transfer.easy.perform());
        assert!(transfer.count(kind) > 0, "{name}");
        assert_eq!(transfer.count(SEEK), 1);
        assert_eq!(transfer.drops.count(), 0);
        let drops = transfer.drops.clone();
        drop(transfer.easy);
        assert_eq!(drops.count(), transfer.registered);
    }
}

#[test]
fn a_callback_that_fails_when_the_transfer_has_failed_already_is_not_named() {
    let server = RawServer::closes_half_way();
    let easy = Easy::to(&server.url("/"));
    let _body = collect(&easy);
    let (over, failed) = (Rc::new(Cell::new(false)), Rc::new(Cell::new(false)));
    let (is_over, has_failed) = (over.clone(), failed.clone());
    easy.on_debug(move |_, kind, data| {
        if kind == 0 && String::from_utf8_lossy(data).contains("900 bytes") {
            over.set(true);
        }
    });
    easy.on_xferinfo(move |_, _| {
        has_failed.set(is_over.get());
        i32::from(is_over.get())
    });
    assert_eq!(easy.perform(), 18);
    assert!(failed.get(), "nothing was tested: xferinfo was not called after the failure");
    let error = easy.error();
    assert_eq!((error.curl_code, error.callback), (18, 0));
    assert!(!last_error().contains("callback"), "{}", last_error());
}

#[test]
fn a_socket_of_a_callback_that_interrupts_or_cancels_is_closed() {
    for (interrupts, result) in [(true, code::E_RAISED), (false, code::E_CANCELLED)] {
        let easy = Easy::to("http://127.0.0.1:9/");
        let kept = Rc::new(Cell::new(None));
        let keep = Rc::clone(&kept);
        ok(on_open_socket(easy.raw(), move |easy, _, _| {
            let (ours, theirs) = UnixStream::pair().unwrap();
            keep.set(Some(ours));
            if interrupts {
                // SAFETY: no payload.
                ok(unsafe { curlback_easy_raise(easy, INTERRUPT, 1, null(), null_mut(), None) });
            } else {
                ok(curlback_easy_cancel(easy));
            }
            theirs.into_raw_fd() as isize
        }));
        assert_eq!(easy.perform(), result);
        let mut other = kept.take().unwrap();
        other.set_read_timeout(Some(LIMIT)).unwrap();
        assert_eq!(other.read(&mut [0]).unwrap(), 0, "the other end is open");
    }
}
