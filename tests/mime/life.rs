//! How long mimes, parts and their user data live, and who may touch them meanwhile.

use std::cell::{Cell, RefCell};
use std::ffi::c_void;
use std::ptr::{null, null_mut, without_provenance_mut};
use std::rc::Rc;
use std::sync::mpsc::channel;
use std::thread;

use curlback::easy::perform::curlback_easy_perform;
use curlback::easy::{
    curlback_easy_close, curlback_easy_duplicate, curlback_easy_release, curlback_easy_reset,
};
use curlback::mime::callbacks::curlback_mime_part_callbacks;
use curlback::mime::part::*;
use curlback::mime::sending::curlback_easy_set_mime;
use curlback::mime::*;
use curlback::result::code;
use curlback::slot::curlback_drop_cb;

use crate::support::{Drops, Easy, LIMIT, Raw, boxed, last_error, ok};
use crate::{
    Answer, Mime, NoSeek, RawMime, RawPart, add, contents, data, duplicate, name_it, sent, set, to,
    try_supply,
};

/// Fills the part with one byte, and counts.
fn supply(part: RawPart, drops: &Drops) {
    let read = |_, _: &mut [u8]| 0;
    ok(try_supply(part, 0, read, None::<NoSeek>, Some(drops.token())));
}

#[test]
fn replacing_drops_the_old_user_data_and_keeps_the_new() {
    let easy = Easy::new();
    let mime = Mime::new(&easy);
    let part = mime.add("part");
    let [first, second, third] = [Drops::new(), Drops::new(), Drops::new()];
    supply(part, &first);
    supply(part, &second);
    assert_eq!((first.count(), second.count()), (1, 0));
    data(part, b"data");
    assert_eq!((first.count(), second.count()), (1, 1));
    supply(part, &third);
    let (marked, drop_it) = Drops::new().user_data();
    // SAFETY: there is no callback: the user data is the caller's.
    unsafe {
        ok(curlback_mime_part_callbacks(part, -1, None, None, marked, drop_it));
        crate::support::unbox::<crate::support::Token>((marked, drop_it));
    }
    assert_eq!(third.count(), 1);
    drop(mime);
    assert_eq!((first.count(), second.count(), third.count()), (1, 1, 1));
}

#[test]
fn close_drops_before_it_returns_and_ends_the_parts() {
    let easy = Easy::new();
    let mime = Mime::new(&easy).into_raw();
    let drops = Drops::new();
    let parts = [add(mime, "one"), add(mime, "two")];
    for part in parts {
        supply(part, &drops);
    }
    ok(curlback_mime_close(mime));
    assert_eq!(drops.count(), 2);
    for part in parts {
        assert_eq!(name_it(part, "x"), code::E_HANDLE);
        assert_eq!(last_error(), "not a live curlback_mime_part: it was closed, or never was one");
    }
    assert_eq!(curlback_mime_close(mime), code::E_HANDLE);
    assert!(curlback_mime_add(mime).is_null());
    curlback_mime_release(mime);
    ok(curlback_mime_close(null_mut()));
    curlback_mime_release(null_mut());
    assert_eq!(drops.count(), 2);
}

#[test]
fn a_mime_that_is_set_is_not_closed_until_it_is_detached() {
    let detach: [fn(&Easy); 3] = [
        |easy| set(easy, null_mut()),
        |easy| ok(curlback_easy_reset(easy.raw())),
        |easy| {
            let other = Mime::new(easy);
            set(easy, other.raw());
            set(easy, null_mut());
        },
    ];
    for detach in detach {
        let (easy, drops) = (to("/multipart"), Drops::new());
        let mime = Mime::new(&easy);
        supply(mime.add("part"), &drops);
        set(&easy, mime.raw());
        // Twice is as once.
        set(&easy, mime.raw());
        assert_eq!(curlback_mime_close(mime.raw()), code::E_IN_USE);
        assert!(last_error().contains("is set on a handle"), "{}", last_error());
        detach(&easy);
        assert_eq!(drops.count(), 0);
        drop(mime);
        assert_eq!(drops.count(), 1);
    }
}

#[test]
fn closing_the_last_of_the_handles_that_have_it_lets_it_be_closed() {
    let easy = to("/multipart");
    let mime = Mime::new(&easy);
    set(&easy, mime.raw());
    let copy = duplicate(&easy);
    let other = Easy::new();
    set(&other, mime.raw());
    for handle in [easy, copy, other] {
        assert_eq!(curlback_mime_close(mime.raw()), code::E_IN_USE);
        drop(handle);
    }
    drop(mime);
}

#[test]
fn a_released_mime_stays_for_the_handles_that_have_it() {
    for release_first in [true, false] {
        let (easy, drops) = (to("/multipart"), Drops::new());
        let mime = Mime::new(&easy).into_raw();
        let inner = Mime::new(&easy).into_raw();
        let part = add(inner, "part");
        supply(part, &drops);
        ok(curlback_mime_part_subparts(add(mime, "inner"), inner));
        if release_first {
            curlback_mime_release(inner);
        }
        set(&easy, mime);
        curlback_mime_release(mime);
        for gone in [mime, inner] {
            assert!(curlback_mime_add(gone).is_null());
        }
        assert_eq!(name_it(part, "x"), code::E_HANDLE);
        assert_eq!(curlback_easy_set_mime(easy.raw(), mime), code::E_HANDLE);
        for _ in 0..2 {
            assert_eq!(contents(&sent(&easy)), [("inner", &b""[..]), ("part", b"")]);
        }
        let copy = duplicate(&easy);
        drop(easy);
        assert_eq!(sent(&copy).len(), 2);
        assert_eq!(drops.count(), 0);
        set(&copy, null_mut());
        assert_eq!(drops.count(), 1);
        drop(copy);
        assert_eq!(drops.count(), 1);
    }
}

/// What every function of mimes and parts answers: results where there are any, E_OK for a pointer.
fn answers(mime: RawMime, part: RawPart) -> Vec<(&'static str, i32)> {
    let result_of = |missing: bool| if missing { code::E_BUSY } else { code::OK };
    unsafe extern "C-unwind" fn read(_: Raw, _: *mut u8, _: usize, _: *mut c_void) -> i64 {
        0
    }
    // SAFETY: strings that end with NUL, a length that is right, a callback that takes anything.
    unsafe {
        vec![
            ("add", result_of(curlback_mime_add(mime).is_null())),
            ("name", curlback_mime_part_name(part, c"n".as_ptr())),
            ("filename", curlback_mime_part_filename(part, null())),
            ("type", curlback_mime_part_type(part, null())),
            ("encoder", curlback_mime_part_encoder(part, null())),
            ("headers", curlback_mime_part_headers(part, null(), 0)),
            ("data", curlback_mime_part_data(part, null(), 0)),
            ("file", curlback_mime_part_file(part, null())),
            ("subparts", curlback_mime_part_subparts(part, null_mut())),
            ("callbacks", curlback_mime_part_callbacks(part, 0, Some(read), None, null_mut(), COUNT)),
        ]
    }
}

/// Only ever refused.
const COUNT: curlback_drop_cb = Some(never);
unsafe extern "C-unwind" fn never(data: *mut c_void) {
    assert!(data.is_null());
}

fn all(expected: i32, mime: RawMime, part: RawPart) {
    for (function, answer) in answers(mime, part) {
        assert_eq!(answer, expected, "{function}: {}", last_error());
    }
}

#[test]
fn while_it_is_sent_nothing_of_it_changes_and_it_is_not_closed() {
    let easy = to("/multipart");
    let mime = Mime::new(&easy);
    let inner = Mime::new(&easy).into_raw();
    ok(curlback_mime_part_subparts(mime.add("inner"), inner));
    let (outside, inside) = (mime.with("data", b"data"), add(inner, "inside"));
    let (raw, calls) = (mime.raw(), Rc::new(Cell::new(0)));
    let counted = calls.clone();
    let read = move |easy, buffer: &mut [u8]| {
        counted.set(counted.get() + 1);
        all(code::E_BUSY, raw, outside);
        all(code::E_BUSY, inner, inside);
        assert_eq!(curlback_mime_close(raw), code::E_IN_USE);
        assert_eq!(curlback_mime_close(inner), code::E_IN_USE);
        // Nor where it was taken off the handle.
        ok(curlback_easy_set_mime(easy, null_mut()));
        assert_eq!(curlback_mime_close(raw), code::E_IN_USE);
        assert!(last_error().contains("is being sent"), "{}", last_error());
        all(code::E_BUSY, raw, outside);
        ok(curlback_easy_set_mime(easy, raw));
        let address = (raw.addr(), outside.addr());
        let elsewhere = thread::spawn(move || {
            let (raw, outside) = (without_provenance_mut(address.0), without_provenance_mut(address.1));
            all(code::E_BUSY, raw, outside);
            assert_eq!(curlback_mime_close(raw), code::E_IN_USE);
        });
        elsewhere.join().unwrap();
        // One that is not being sent is anybody's.
        let own = curlback_mime_new(easy);
        let part = curlback_mime_add(own);
        all(code::OK, own, part);
        ok(curlback_mime_close(own));
        buffer[0] = b'x';
        1
    };
    ok(try_supply(mime.add("callback"), 1, read, None::<NoSeek>, None));
    set(&easy, mime.raw());
    let parts = sent(&easy);
    assert_eq!(
        contents(&parts),
        [("inner", &b""[..]), ("inside", b""), ("data", b"data"), ("callback", b"x")]
    );
    assert_eq!(calls.get(), 1);
    // And it is free again.
    all(code::OK, raw, outside);
    set(&easy, null_mut());
    drop(mime);
}

#[test]
fn replaced_and_released_inside_its_own_callback_it_is_sent_to_its_end() {
    let (easy, drops) = (to("/multipart"), Drops::new());
    let mime = Mime::new(&easy).into_raw();
    let other = Mime::new(&easy);
    other.with("other", b"o");
    let (part, next, counted) = (add(mime, "part"), other.raw(), drops.clone());
    let calls = Cell::new(0);
    let read = move |easy, buffer: &mut [u8]| {
        calls.set(calls.get() + 1);
        if calls.get() == 1 {
            ok(curlback_easy_set_mime(easy, next));
            curlback_mime_release(mime);
            assert_eq!(name_it(part, "x"), code::E_HANDLE);
        }
        assert_eq!(counted.count(), 0);
        buffer[0] = b'x';
        i64::from(calls.get() < 1000)
    };
    ok(try_supply(part, -1, read, None::<NoSeek>, Some(drops.token())));
    data(add(mime, "after"), &[b'a'; 100_000]);
    set(&easy, mime);
    let parts = sent(&easy);
    assert_eq!((parts[0].content.len(), parts[1].content.len()), (999, 100_000));
    assert_eq!(drops.count(), 1);
    // The next one sends what was set meanwhile.
    assert_eq!(contents(&sent(&easy)), [("other", &b"o"[..])]);
    drop(easy);
    drop(other);
}

#[test]
fn released_with_its_handle_inside_its_callback_both_go_when_perform_returns() {
    let (easy, drops) = (to("/multipart").into_raw(), Drops::new());
    let mime = curlback_mime_new(easy);
    let counted = drops.clone();
    let read = move |easy, _: &mut [u8]| {
        curlback_easy_release(easy);
        curlback_mime_release(mime);
        assert_eq!(counted.count(), 0);
        0
    };
    ok(try_supply(add(mime, "part"), -1, read, None::<NoSeek>, Some(drops.token())));
    ok(curlback_easy_set_mime(easy, mime));
    // The body would go to standard output.
    ok(curlback::easy::sink::curlback_easy_body_to_memory(easy, 1000));
    ok(curlback_easy_perform(easy));
    assert_eq!(drops.count(), 1);
    assert_eq!(curlback_easy_close(easy), code::E_HANDLE);
}

#[test]
fn a_duplicate_made_inside_its_callback_sends_it_by_itself() {
    let (easy, drops) = (to("/multipart"), Drops::new());
    let mime = Mime::new(&easy);
    let (copies, seen) = (Rc::new(RefCell::new(Vec::new())), Rc::new(RefCell::new(Vec::new())));
    let (made, see, done) = (copies.clone(), seen.clone(), Cell::new(false));
    let read = move |easy: Raw, buffer: &mut [u8]| {
        see.borrow_mut().push(easy);
        if !done.replace(true) {
            let mut copy = null_mut();
            // SAFETY: the copy can be written to.
            ok(unsafe { curlback_easy_duplicate(easy, &mut copy) });
            made.borrow_mut().push(Easy::adopt(copy));
        }
        buffer[0] = b'x';
        1
    };
    ok(try_supply(mime.add("part"), 1, read, Some(|_, _, _| 0), Some(drops.token())));
    set(&easy, mime.raw());
    assert_eq!(contents(&sent(&easy)), [("part", &b"x"[..])]);
    assert_eq!(*seen.borrow(), [easy.raw()]);
    drop(easy);
    let copy = copies.borrow_mut().pop().unwrap();
    seen.borrow_mut().clear();
    assert_eq!(contents(&sent(&copy)), [("part", &b"x"[..])]);
    assert_eq!(*seen.borrow(), [copy.raw()]);
    assert_eq!(curlback_mime_close(mime.raw()), code::E_IN_USE);
    drop(copy);
    assert_eq!(drops.count(), 0);
    drop(mime);
    assert_eq!(drops.count(), 1);
}

#[test]
fn a_duplicate_made_while_the_mime_is_sent_but_another_request_was_chosen_makes_that() {
    use curlback::easy::options::{curlback_easy_set_bytes, curlback_easy_set_int};
    use curlback::libcurl::tables::opt;
    type Choice = (fn(Raw), &'static str);
    let choose: [Choice; 4] = [
        (|easy| ok(curlback_easy_set_int(easy, opt::HTTPGET, 1)), "GET"),
        (|easy| ok(curlback_easy_set_mime(easy, null_mut())), "GET"),
        (
            // SAFETY: the bytes are there.
            |easy| {
                ok(unsafe { curlback_easy_set_bytes(easy, opt::POSTFIELDS, b"fields".as_ptr().cast(), 6) })
            },
            "POST",
        ),
        (|easy| ok(curlback_easy_set_int(easy, opt::UPLOAD, 1)), "PUT"),
    ];
    for (choose, method) in choose {
        let easy = to("/multipart");
        let mime = Mime::new(&easy);
        let copies = Rc::new(RefCell::new(Vec::new()));
        let made = copies.clone();
        let read = move |easy: Raw, buffer: &mut [u8]| {
            choose(easy);
            let mut copy = null_mut();
            // SAFETY: the copy can be written to.
            ok(unsafe { curlback_easy_duplicate(easy, &mut copy) });
            made.borrow_mut().push(Easy::adopt(copy));
            buffer[0] = b'x';
            1
        };
        ok(try_supply(mime.add("part"), 1, read, None::<NoSeek>, None));
        set(&easy, mime.raw());
        assert_eq!(sent(&easy).len(), 1);
        let copy = copies.borrow_mut().pop().unwrap();
        let path = if method == "GET" { "/request-headers" } else { "/echo" };
        copy.set_url(&curlback_test_servers::HttpServer::shared().url(path));
        // SAFETY: the bytes are there.
        ok(unsafe {
            curlback::easy::source::curlback_easy_read_from_memory(copy.raw(), b"put".as_ptr().cast(), 3)
        });
        let answer = Answer::of(&copy);
        ok(copy.perform());
        let said = answer.header("x-method");
        let body = String::from_utf8(answer.body.take()).unwrap();
        match method {
            "GET" => assert!(body.starts_with("GET /request-headers"), "{body}"),
            "POST" => assert_eq!((said.as_deref(), body.as_str()), (Some("POST"), "fields")),
            _ => assert_eq!((said.as_deref(), body.as_str()), (Some("PUT"), "put")),
        }
        drop(copy);
        drop(easy);
        drop(mime);
    }
}

#[test]
fn a_refused_registration_leaves_the_user_data_to_the_caller() {
    let easy = Easy::new();
    let mime = Mime::new(&easy);
    let part = mime.add("part");
    drop(mime);
    let drops = Drops::new();
    let read = |_, _: &mut [u8]| 0;
    assert_eq!(try_supply(part, -1, read, None::<NoSeek>, Some(drops.token())), code::E_HANDLE);
    // The test's own helper freed it, as the caller has to.
    assert_eq!(drops.count(), 1);
}

#[test]
fn a_drop_function_may_change_the_part_whose_user_data_it_drops() {
    let easy = to("/multipart");
    let mime = Mime::new(&easy);
    let part = mime.add("part");
    struct ChangeIt(RawPart);
    impl Drop for ChangeIt {
        fn drop(&mut self) {
            data(self.0, b"by the drop function");
        }
    }
    unsafe extern "C-unwind" fn read(_: Raw, _: *mut u8, _: usize, _: *mut c_void) -> i64 {
        0
    }
    let (user_data, drop_it) = boxed(ChangeIt(part));
    // SAFETY: the user data and its drop function go together.
    ok(unsafe { curlback_mime_part_callbacks(part, -1, Some(read), None, user_data, drop_it) });
    data(part, b"by the caller");
    set(&easy, mime.raw());
    assert_eq!(contents(&sent(&easy)), [("part", &b"by the drop function"[..])]);
    drop(easy);
}

#[test]
fn a_drop_function_that_panics_keeps_none_of_the_others_from_running() {
    struct Panics;
    impl Drop for Panics {
        fn drop(&mut self) {
            panic!("in drop");
        }
    }
    let (easy, drops) = (Easy::new(), Drops::new());
    let mime = Mime::new(&easy).into_raw();
    for _ in 0..2 {
        supply(add(mime, "before"), &drops);
        let panics = Panics;
        let read = move |_, _: &mut [u8]| {
            let _held = &panics;
            0
        };
        ok(try_supply(add(mime, "panics"), -1, read, None::<NoSeek>, None));
    }
    supply(add(mime, "after"), &drops);
    ok(curlback_easy_set_mime(easy.raw(), mime));
    curlback_mime_release(mime);
    ok(curlback_easy_set_mime(easy.raw(), null_mut()));
    assert!(last_error().contains("in drop"), "{}", last_error());
    assert_eq!(drops.count(), 3);
}

#[test]
fn threads_send_one_mime_at_the_same_time() {
    let easy = to("/multipart");
    let mime = Mime::new(&easy);
    mime.with("data", &[b'd'; 50_000]);
    set(&easy, mime.raw());
    let (done, results) = channel();
    let mut threads = Vec::new();
    for _ in 0..8 {
        let (copy, done) = (duplicate(&easy).into_raw().addr(), done.clone());
        threads.push(thread::spawn(move || {
            let copy = Easy::adopt(without_provenance_mut(copy));
            for _ in 0..20 {
                let parts = sent(&copy);
                done.send(parts[0].content == [b'd'; 50_000]).unwrap();
            }
        }));
    }
    for _ in 0..160 {
        assert!(results.recv_timeout(LIMIT).unwrap());
    }
    for thread in threads {
        thread.join().unwrap();
    }
    drop(easy);
}
