//! Mimes in mimes.

use std::ptr::null_mut;

use curlback::mime::part::*;
use curlback::mime::sending::curlback_easy_set_mime;
use curlback::mime::*;
use curlback::result::code;

use crate::support::{Drops, last_error, ok};
use crate::{
    Mime, NoSeek, RawMime, RawPart, Supply, add, contents, data, name_it, sent, set, text, to, try_supply,
};

/// How deep mimes can be nested.
const DEEPEST: usize = 9;

fn subparts(part: RawPart, inner: RawMime) -> i32 {
    curlback_mime_part_subparts(part, inner)
}

#[test]
fn parts_of_parts_arrive_in_their_order_with_type_and_headers() {
    let easy = to("/multipart");
    let mime = Mime::new(&easy);
    mime.with("first", b"1");
    let inner = Mime::new(&easy);
    inner.with("a", b"A");
    Supply::of(b"B").fill(inner.add("b"), -1);
    let deeper = Mime::new(&easy);
    ok(text(curlback_mime_part_encoder, deeper.with("deep", b"hello"), "base64"));
    ok(subparts(inner.add("c"), deeper.into_raw()));
    let part = mime.add("nested");
    ok(subparts(part, inner.into_raw()));
    ok(text(curlback_mime_part_type, part, "multipart/alternative"));
    mime.with("last", b"2");
    set(&easy, mime.raw());
    let parts = sent(&easy);
    let seen: Vec<_> = parts.iter().map(|part| (part.depth, part.name.as_deref().unwrap_or("-"))).collect();
    assert_eq!(seen, [(1, "first"), (1, "nested"), (2, "a"), (2, "b"), (2, "c"), (3, "deep"), (1, "last")]);
    assert!(parts[1].header("content-type").unwrap().starts_with("multipart/alternative; boundary="));
    assert!(parts[4].header("content-type").unwrap().starts_with("multipart/mixed; boundary="));
    assert_eq!([&parts[2].content, &parts[3].content, &parts[5].content], [&b"A"[..], b"B", b"aGVsbG8="]);
    drop(easy);
}

#[test]
fn a_mime_that_was_taken_over_still_gets_parts_and_is_closed_with_the_other() {
    let easy = to("/multipart");
    let mime = Mime::new(&easy);
    let inner = Mime::new(&easy).into_raw();
    ok(subparts(mime.add("nested"), inner));
    let late = add(inner, "late");
    data(late, b"content");
    set(&easy, mime.raw());
    assert_eq!(contents(&sent(&easy)), [("nested", &b""[..]), ("late", b"content")]);
    assert_eq!(curlback_mime_close(inner), code::E_IN_USE);
    assert_eq!(last_error(), "the mime is part of another");
    drop(easy);
    drop(mime);
    assert_eq!(curlback_mime_close(inner), code::E_HANDLE);
    assert_eq!(name_it(late, "x"), code::E_HANDLE);
}

#[test]
fn another_content_closes_what_was_taken_over() {
    let easy = to("/multipart");
    let mime = Mime::new(&easy);
    let part = mime.add("part");
    for replace in 0..4 {
        let drops = Drops::new();
        let inner = Mime::new(&easy);
        let inside = inner.add("inside");
        ok(try_supply(inside, -1, |_, _: &mut [u8]| 0, None::<NoSeek>, Some(drops.token())));
        let inner = inner.into_raw();
        ok(subparts(part, inner));
        // The same once more changes nothing.
        ok(subparts(part, inner));
        assert_eq!(drops.count(), 0);
        match replace {
            0 => data(part, b"data"),
            1 => ok(subparts(part, null_mut())),
            2 => ok(subparts(part, Mime::new(&easy).into_raw())),
            _ => Supply::of(b"").fill(part, 0),
        }
        assert_eq!(drops.count(), 1, "{replace}");
        assert_eq!(curlback_mime_close(inner), code::E_HANDLE);
        assert_eq!(name_it(inside, "x"), code::E_HANDLE);
    }
    drop(mime);
}

#[test]
fn a_mime_is_taken_over_once_and_never_while_it_is_set() {
    let easy = to("/multipart");
    let (mime, inner) = (Mime::new(&easy), Mime::new(&easy));
    let (first, second) = (mime.with("first", b"1"), mime.with("second", b"2"));
    set(&easy, inner.raw());
    assert_eq!(subparts(first, inner.raw()), code::E_IN_USE);
    assert!(last_error().contains("set on a handle"), "{}", last_error());
    set(&easy, null_mut());
    ok(subparts(first, inner.raw()));
    assert_eq!(subparts(second, inner.raw()), code::E_IN_USE);
    assert_eq!(curlback_easy_set_mime(easy.raw(), inner.raw()), code::E_IN_USE);
    assert_eq!(last_error(), "the mime is part of another");
    set(&easy, mime.raw());
    inner.with("inner", b"i");
    assert_eq!(contents(&sent(&easy)), [("first", &b""[..]), ("inner", b"i"), ("second", b"2")]);
    drop(easy);
    inner.into_raw();
    drop(mime);
}

#[test]
fn a_mime_cannot_be_part_of_itself_by_any_way() {
    let easy = to("/multipart");
    let outer = Mime::new(&easy);
    let part = outer.with("outer", b"o");
    assert_eq!(subparts(part, outer.raw()), code::E_RANGE);
    assert_eq!(last_error(), "a mime cannot be part of itself");
    let middle = Mime::new(&easy);
    let inner = Mime::new(&easy);
    let deep = inner.with("deep", b"d");
    ok(subparts(middle.add("middle"), inner.into_raw()));
    let middle_raw = middle.raw();
    assert_eq!(subparts(deep, middle_raw), code::E_RANGE);
    ok(subparts(part, middle.into_raw()));
    assert_eq!(subparts(deep, outer.raw()), code::E_RANGE);
    set(&easy, outer.raw());
    assert_eq!(contents(&sent(&easy)), [("outer", &b""[..]), ("middle", b""), ("deep", b"d")]);
    drop(easy);
    drop(outer);
}

#[test]
fn what_is_deeper_than_libcurl_sends_is_refused_and_all_else_arrives() {
    for encoded in [false, true] {
        let easy = to("/multipart");
        let outermost = Mime::new(&easy);
        let mut mime = outermost.raw();
        let mut part = add(mime, "1");
        for level in 2..=DEEPEST {
            mime = Mime::new(&easy).into_raw();
            ok(subparts(part, mime));
            if encoded {
                ok(text(curlback_mime_part_encoder, part, "binary"));
            }
            part = add(mime, &level.to_string());
        }
        let one_more = Mime::new(&easy);
        assert_eq!(subparts(part, one_more.raw()), code::E_RANGE);
        assert_eq!(last_error(), "libcurl sends mimes that are at most 9 deep");
        // Nor from the other end.
        assert_eq!(subparts(one_more.add("0"), outermost.raw()), code::E_RANGE);
        data(part, b"deep");
        ok(text(curlback_mime_part_encoder, part, "base64"));
        set(&easy, outermost.raw());
        let parts = sent(&easy);
        assert_eq!(parts.len(), DEEPEST);
        assert_eq!((parts[8].depth, &parts[8].content[..]), (DEEPEST, &b"ZGVlcA=="[..]));
        drop(easy);
        drop(outermost);
    }
}
