//! Mimes that are sent in a multi handle.

use std::cell::Cell;
use std::rc::Rc;

use curlback::libcurl::tables::opt;
use curlback::mime::curlback_mime_close;
use curlback::mime::part::curlback_mime_part_file;
use curlback::multi::members::curlback_multi_add;
use curlback::result::code;
use curlback_test_servers::{RawServer, parts, pattern};

use crate::support::multi::Multi;
use crate::support::{Drops, Easy, last_error, ok};
use crate::{Answer, Mime, NoSeek, contents, data, duplicate, limited, name_it, set, text, to, try_supply};

#[test]
fn each_handle_sends_it_and_the_callbacks_get_the_one_that_does() {
    let content = pattern(0, 200_000);
    let easy = to("/multipart");
    let mime = Mime::new(&easy);
    mime.with("data", &content);
    set(&easy, mime.raw());
    let handles = [duplicate(&easy), duplicate(&easy), easy];
    let answers = handles.each_ref().map(Answer::of);
    let multi = Multi::new();
    for easy in &handles {
        multi.add(easy);
    }
    // From its beginning on, not just while the multi handle is driven.
    assert_eq!(name_it(mime.raw().cast(), "x"), code::E_HANDLE);
    assert!(curlback::mime::curlback_mime_add(mime.raw()).is_null());
    assert!(last_error().contains("is being sent"), "{}", last_error());
    multi.perform_all();
    let done = multi.all_done();
    assert_eq!(done.len(), 3);
    assert!(done.iter().all(|(_, result)| *result == 0), "{done:?}");
    for answer in &answers {
        assert!(contents(&parts(&answer.body.borrow())) == [("data", &content[..])]);
    }
    // They are still in the multi handle; what they sent is free.
    mime.with("more", b"more");
    assert_eq!(curlback_mime_close(mime.raw()), code::E_IN_USE);
    drop(multi);
    drop(handles);
    drop(mime);
}

#[test]
fn one_whose_file_is_gone_is_not_added() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let easy = to("/multipart");
    let mime = Mime::new(&easy);
    let part = mime.add("file");
    ok(text(curlback_mime_part_file, part, file.path().to_str().unwrap()));
    set(&easy, mime.raw());
    drop(file);
    let multi = Multi::new();
    let answer = Answer::of(&easy);
    assert_eq!(curlback_multi_add(multi.raw(), easy.raw()), 26);
    assert!(last_error().starts_with("cannot read "), "{}", last_error());
    assert_eq!(easy.error().result, 26);
    data(part, b"content");
    multi.add(&easy);
    multi.perform_all();
    assert_eq!(multi.all_done(), [(easy.raw(), 0)]);
    assert_eq!(contents(&parts(&answer.body.borrow())), [("file", &b"content"[..])]);
    drop(multi);
    drop(easy);
}

#[test]
fn one_that_is_removed_or_closed_half_way_is_sent_no_more() {
    // Answers nothing.
    let server = RawServer::start(|mut stream, _| std::io::copy(&mut stream, &mut std::io::sink()).map(drop));
    for close in [false, true] {
        let (easy, drops) = (limited(&server.url("/")), Drops::new());
        easy.set_int(opt::EXPECT_100_TIMEOUT_MS, 1);
        let mime = Mime::new(&easy);
        let calls = Rc::new(Cell::new(0));
        let counted = calls.clone();
        let endless = move |_, buffer: &mut [u8]| {
            counted.set(counted.get() + 1);
            buffer.fill(b'x');
            buffer.len() as i64
        };
        let part = mime.add("part");
        ok(try_supply(part, -1, endless, None::<NoSeek>, Some(drops.token())));
        set(&easy, mime.raw());
        let multi = Multi::new();
        multi.add(&easy);
        while calls.get() == 0 {
            multi.perform();
            multi.poll(100);
        }
        assert_eq!(name_it(part, "x"), code::E_BUSY);
        let easy: Option<Easy> = if close {
            drop(easy);
            None
        } else {
            multi.remove(&easy);
            Some(easy)
        };
        ok(name_it(part, "x"));
        let before = calls.get();
        multi.perform();
        assert_eq!(calls.get(), before);
        drop(easy);
        drop(mime);
        assert_eq!(drops.count(), 1);
    }
}
