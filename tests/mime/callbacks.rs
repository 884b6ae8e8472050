//! The callbacks of a part: what they are given, and what their answers do.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use curlback::callback::body::curlback_data;
use curlback::callback::curlback_callback::*;
use curlback::callback::curlback_has_callback;
use curlback::easy::error::curlback_easy_raise;
use curlback::easy::perform::{curlback_easy_cancel, curlback_easy_pause};
use curlback::libcurl::tables::opt;
use curlback::result::code;
use curlback_test_servers::pattern;

use crate::support::{Drops, Easy, Raw, last_error, ok};
use crate::{Answer, Mime, NoSeek, Supply, contents, duplicate, sent, set, to, try_supply};

const READ_ERROR: i32 = 26;
const ABORTED: i32 = 42;
const REWIND: i32 = 65;
const MIME_READ: i32 = CURLBACK_CALLBACK_MIME_READ as i32;
const MIME_SEEK: i32 = CURLBACK_CALLBACK_MIME_SEEK as i32;

#[test]
fn they_are_there() {
    assert!(curlback_has_callback(MIME_READ) && curlback_has_callback(MIME_SEEK));
}

/// A handle that sends `before`, what the callbacks supply, and `after`.
fn with_callbacks(
    path: &str,
    size: i64,
    read: impl Fn(Raw, &mut [u8]) -> i64 + 'static,
    seek: Option<impl Fn(Raw, i64, i32) -> i32 + 'static>,
) -> (Easy, Mime) {
    let easy = to(path);
    let mime = Mime::new(&easy);
    mime.with("before", b"b");
    ok(try_supply(mime.add("part"), size, read, seek, None));
    mime.with("after", b"a");
    set(&easy, mime.raw());
    (easy, mime)
}

fn close((easy, mime): (Easy, Mime)) {
    drop(easy);
    drop(mime);
}

#[test]
fn a_content_of_known_and_of_unknown_size_arrives_whole() {
    for length in [1_usize, 1000, 70_000, 1_000_000] {
        let content = pattern(0, length);
        for size in [length as i64, -1] {
            let easy = to("/multipart");
            let mime = Mime::new(&easy);
            mime.with("before", b"b");
            let supply = Supply::of(&content);
            supply.fill(mime.add("part"), size);
            mime.with("after", b"a");
            set(&easy, mime.raw());
            let parts = sent(&easy);
            assert!(
                contents(&parts) == [("before", &b"b"[..]), ("part", &content), ("after", b"a")],
                "{length}"
            );
            let reads = supply.reads();
            assert!(reads.iter().all(|(raw, capacity)| *raw == easy.raw() && *capacity > 0));
            // Nothing is to be rewound.
            assert_eq!(supply.seeks(), []);
            close((easy, mime));
        }
    }
}

#[test]
fn the_capacity_never_goes_beyond_a_known_size() {
    let easy = to("/multipart");
    let mime = Mime::new(&easy);
    let supplied = Rc::new(Cell::new(0));
    let counted = supplied.clone();
    // Fills whatever it is offered.
    let greedy = move |_, buffer: &mut [u8]| {
        buffer.fill(b'g');
        counted.set(counted.get() + buffer.len());
        buffer.len() as i64
    };
    ok(try_supply(mime.add("part"), 10, greedy, None::<NoSeek>, None));
    mime.with("after", b"a");
    set(&easy, mime.raw());
    assert_eq!(contents(&sent(&easy)), [("part", &b"gggggggggg"[..]), ("after", b"a")]);
    assert_eq!(supplied.get(), 10);
    close((easy, mime));
}

#[test]
fn a_size_of_0_is_never_read_and_one_below_minus_1_is_refused() {
    let easy = to("/multipart");
    let mime = Mime::new(&easy);
    let part = mime.add("part");
    let supply = Supply::of(b"");
    supply.fill(part, 0);
    set(&easy, mime.raw());
    assert_eq!(contents(&sent(&easy)), [("part", &b""[..])]);
    assert_eq!(supply.reads(), []);
    for size in [-2, i64::MIN] {
        let drops = Drops::new();
        let result = try_supply(part, size, |_, _: &mut [u8]| 0, None::<NoSeek>, Some(drops.token()));
        assert_eq!(result, code::E_RANGE);
        assert!(last_error().contains("is no size"), "{}", last_error());
    }
    assert_eq!(contents(&sent(&easy)), [("part", &b""[..])]);
    close((easy, mime));
}

#[test]
fn one_byte_at_a_time_arrives_whole() {
    for size in [300, -1] {
        let left = Cell::new(300_u32);
        let one = move |_, buffer: &mut [u8]| {
            let rest = left.get();
            left.set(rest.saturating_sub(1));
            buffer[0] = b'1';
            i64::from(rest > 0)
        };
        let both = with_callbacks("/multipart", size, one, None::<NoSeek>);
        assert_eq!(sent(&both.0)[1].content, [b'1'; 300]);
        close(both);
    }
}

#[test]
fn ending_before_the_size_is_a_clear_error() {
    let left = Cell::new(3_i64);
    let short = move |_, buffer: &mut [u8]| {
        buffer[..3].fill(b's');
        left.replace(0)
    };
    let both = with_callbacks("/multipart", 10, short, None::<NoSeek>);
    let _answer = Answer::of(&both.0);
    assert_eq!(both.0.perform(), READ_ERROR);
    assert_eq!(last_error(), "a mime part's read callback ended after 3 of 10 bytes");
    close(both);
}

#[test]
fn abort_and_what_is_negative_end_the_transfer_and_too_much_is_refused() {
    let answers = [
        (curlback_data::CURLBACK_ABORT as i64, ABORTED),
        (-100, ABORTED),
        (i64::MIN, ABORTED),
        (1 << 40, READ_ERROR),
        (i64::MAX, READ_ERROR),
        (0x1000_0000, READ_ERROR),
        (0x1000_0001, READ_ERROR),
    ];
    for (answer, expected) in answers {
        for size in [1000, -1] {
            let both = with_callbacks("/multipart", size, move |_, _: &mut [u8]| answer, None::<NoSeek>);
            let _answer = Answer::of(&both.0);
            assert_eq!(both.0.perform(), expected, "{answer}, {size}: {}", last_error());
            let error = both.0.error();
            assert_eq!((error.curl_code, error.callback), (expected, MIME_READ), "{answer}");
            assert!(last_error().ends_with("(in the mime_read callback)"), "{}", last_error());
            close(both);
        }
    }
}

#[test]
fn one_more_than_the_capacity_is_refused() {
    for size in [1000, -1] {
        let both = with_callbacks(
            "/multipart",
            size,
            |_, buffer: &mut [u8]| buffer.len() as i64 + 1,
            None::<NoSeek>,
        );
        let _answer = Answer::of(&both.0);
        assert_eq!(both.0.perform(), READ_ERROR);
        close(both);
    }
}

#[test]
fn pause_holds_the_body_until_it_is_unpaused() {
    for size in [5, -1] {
        let (calls, progressed) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
        let counted = calls.clone();
        let read = move |_, buffer: &mut [u8]| {
            counted.set(counted.get() + 1);
            match counted.get() {
                1 => curlback_data::CURLBACK_PAUSE as i64,
                2 => {
                    buffer[..5].copy_from_slice(b"bytes");
                    5
                }
                _ => 0,
            }
        };
        let both = with_callbacks("/multipart", size, read, None::<NoSeek>);
        let (paused, rounds) = (calls.clone(), progressed.clone());
        both.0.on_xferinfo(move |easy, _| {
            if paused.get() == 1 {
                rounds.set(rounds.get() + 1);
                if rounds.get() == 3 {
                    ok(curlback_easy_pause(easy, 0));
                }
            }
            0
        });
        assert_eq!(sent(&both.0)[1].content, b"bytes");
        assert!(progressed.get() >= 3 && calls.get() >= 2);
        close(both);
    }
}

fn raise(easy: Raw, severity: i32) {
    // SAFETY: a string and no payload.
    ok(unsafe { curlback_easy_raise(easy, severity, 7, c"no more".as_ptr(), std::ptr::null_mut(), None) });
}

#[test]
fn both_can_raise_errors_and_interrupts() {
    for severity in [0, 1] {
        let read = move |easy, _: &mut [u8]| {
            raise(easy, severity);
            curlback_data::CURLBACK_ABORT as i64
        };
        let both = with_callbacks("/multipart", -1, read, None::<NoSeek>);
        let _answer = Answer::of(&both.0);
        let expected = [ABORTED, code::E_RAISED][severity as usize];
        assert_eq!(both.0.perform(), expected);
        let error = both.0.error();
        assert_eq!((error.callback, error.severity, error.code), (MIME_READ, severity, 7));
        assert!(last_error().starts_with("no more: "), "{}", last_error());
        close(both);

        let supply = Supply::of(b"content");
        let read = move |easy, buffer: &mut [u8]| supply.read(easy, buffer);
        let seek = move |easy, _, _| {
            raise(easy, severity);
            1
        };
        let both = with_callbacks("/redirect307/multipart", 7, read, Some(seek));
        both.0.set_int(opt::FOLLOWLOCATION, 1);
        let _answer = Answer::of(&both.0);
        let expected = [REWIND, code::E_RAISED][severity as usize];
        assert_eq!(both.0.perform(), expected, "{}", last_error());
        let error = both.0.error();
        assert_eq!((error.callback, error.severity, error.code), (MIME_SEEK, severity, 7));
        close(both);
    }
}

#[test]
fn an_interrupt_that_returns_as_if_all_were_well_and_a_cancel_end_it() {
    for cancel in [false, true] {
        let calls = Rc::new(Cell::new(0));
        let counted = calls.clone();
        let read = move |easy, buffer: &mut [u8]| {
            counted.set(counted.get() + 1);
            if cancel {
                ok(curlback_easy_cancel(easy));
            } else {
                raise(easy, 1);
            }
            buffer[0] = b'x';
            1
        };
        let both = with_callbacks("/multipart", 1, read, None::<NoSeek>);
        let _answer = Answer::of(&both.0);
        assert_eq!(both.0.perform(), if cancel { code::E_CANCELLED } else { code::E_RAISED });
        assert_eq!(calls.get(), 1);
        close(both);
    }
}

#[test]
fn a_panic_is_contained() {
    let both = with_callbacks("/multipart", -1, |_, _: &mut [u8]| panic!("in read"), None::<NoSeek>);
    let _answer = Answer::of(&both.0);
    assert_eq!(both.0.perform(), code::E_INTERNAL);
    assert!(last_error().contains("in read"), "{}", last_error());
    assert_eq!(both.0.error().callback, MIME_READ);
    close(both);
}

#[test]
fn a_307_seeks_to_the_start_and_sends_the_content_again() {
    let content = pattern(0, 100_000);
    for size in [100_000, -1] {
        let easy = to("/redirect307/multipart");
        easy.set_int(opt::FOLLOWLOCATION, 1);
        let mime = Mime::new(&easy);
        mime.with("short", b"s");
        mime.with("long", &content);
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), &content).unwrap();
        ok(crate::text(
            curlback::mime::part::curlback_mime_part_file,
            mime.add("file"),
            file.path().to_str().unwrap(),
        ));
        let supply = Supply::of(&content);
        supply.fill(mime.add("part"), size);
        set(&easy, mime.raw());
        let parts = sent(&easy);
        let expected = [("short", &b"s"[..]), ("long", &content), ("file", &content), ("part", &content)];
        assert!(contents(&parts) == expected, "{size}");
        assert_eq!(supply.seeks(), [(easy.raw(), 0, 0)]);
        close((easy, mime));
    }
}

#[test]
fn a_307_without_a_seek_or_with_one_that_fails_cannot_send_it_again() {
    for answer in [None, Some(1), Some(2), Some(-1), Some(77)] {
        let supply = Supply::of(b"content");
        let read = move |easy, buffer: &mut [u8]| supply.read(easy, buffer);
        let seek = answer.map(|answer| move |_, _, _| answer);
        let both = with_callbacks("/redirect307/multipart", 7, read, seek);
        both.0.set_int(opt::FOLLOWLOCATION, 1);
        let _answer = Answer::of(&both.0);
        assert_eq!(both.0.perform(), REWIND, "{answer:?}: {}", last_error());
        let error = both.0.error();
        assert_eq!(error.callback, if answer.is_some() { MIME_SEEK } else { 0 }, "{answer:?}");
        close(both);
    }
}

#[test]
fn every_later_transfer_begins_with_a_seek() {
    let easy = to("/multipart");
    let mime = Mime::new(&easy);
    let supply = Supply::of(b"content");
    let part = mime.add("part");
    supply.fill(part, 7);
    set(&easy, mime.raw());
    let copy = duplicate(&easy);
    let mut seeks = Vec::new();
    for (number, performing) in [&easy, &easy, &copy, &easy].into_iter().enumerate() {
        assert_eq!(contents(&sent(performing)), [("part", &b"content"[..])]);
        if number > 0 {
            seeks.push((performing.raw(), 0, 0));
        }
        assert_eq!(supply.seeks(), seeks);
    }
    // What is registered anew was never read from.
    supply.seek(easy.raw(), 0, 0);
    supply.fill(part, 7);
    assert_eq!(contents(&sent(&easy)), [("part", &b"content"[..])]);
    assert_eq!(supply.seeks().len(), seeks.len() + 1);
    drop(copy);
    close((easy, mime));
}

#[test]
fn a_later_transfer_without_a_seek_or_with_one_that_fails_ends() {
    let easy = to("/multipart");
    let mime = Mime::new(&easy);
    Supply::of(b"content").fill_without_seek(mime.add("part"), 7);
    set(&easy, mime.raw());
    sent(&easy);
    let _answer = Answer::of(&easy);
    assert_eq!(easy.perform(), REWIND);
    assert_eq!(
        last_error(),
        "a mime part was read in an earlier transfer, and has no seek callback to begin again with"
    );
    let error = easy.error();
    assert_eq!((error.curl_code, error.callback), (REWIND, 0));
    close((easy, mime));

    let (reads, fail) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
    let (counted, answer) = (reads.clone(), fail.clone());
    let read = move |_, buffer: &mut [u8]| {
        counted.set(counted.get() + 1);
        buffer[0] = b'x';
        1
    };
    let both = with_callbacks("/multipart", 1, read, Some(move |_, _, _| answer.get()));
    sent(&both.0);
    for wrong in [1, 2, 9] {
        fail.set(wrong);
        let before = reads.get();
        assert_eq!(both.0.perform(), REWIND);
        let error = both.0.error();
        assert_eq!((error.curl_code, error.callback), (REWIND, MIME_SEEK));
        assert!(last_error().ends_with("(in the mime_seek callback)"), "{}", last_error());
        assert_eq!(reads.get(), before);
    }
    fail.set(0);
    assert_eq!(sent(&both.0)[1].content, b"x");
    close(both);
}

#[test]
fn a_transfer_that_never_got_as_far_as_reading_does_not_count() {
    let refused = curlback_test_servers::ReservedPort::new().unwrap();
    let easy = crate::limited(&format!("http://127.0.0.1:{}/", refused.port()));
    let mime = Mime::new(&easy);
    Supply::of(b"content").fill_without_seek(mime.add("part"), 7);
    set(&easy, mime.raw());
    assert_eq!(easy.perform(), 7);
    easy.set_url(&curlback_test_servers::HttpServer::shared().url("/multipart"));
    assert_eq!(contents(&sent(&easy)), [("part", &b"content"[..])]);
    close((easy, mime));
}

#[test]
fn duplicates_are_given_themselves_and_share_the_callbacks() {
    let easy = to("/multipart");
    let mime = Mime::new(&easy);
    let seen = Rc::new(RefCell::new(Vec::new()));
    let drops = Drops::new();
    let (see, at) = (seen.clone(), Cell::new(false));
    let read = move |easy: Raw, buffer: &mut [u8]| {
        see.borrow_mut().push(easy);
        buffer[0] = b'x';
        i64::from(!at.replace(!at.get()))
    };
    ok(try_supply(mime.add("part"), -1, read, Some(|_, _, _| 0), Some(drops.token())));
    set(&easy, mime.raw());
    let copy = duplicate(&easy);
    for performing in [&copy, &easy, &copy] {
        seen.borrow_mut().clear();
        assert_eq!(sent(performing)[0].content, b"x");
        assert!(seen.borrow().len() >= 2 && seen.borrow().iter().all(|easy| *easy == performing.raw()));
    }
    drop(easy);
    assert_eq!(sent(&copy)[0].content, b"x");
    drop(copy);
    assert_eq!(drops.count(), 0);
    drop(mime);
    assert_eq!(drops.count(), 1);
}
