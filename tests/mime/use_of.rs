//! Which request a handle makes that has a mime.

use std::ptr::null_mut;

use curlback::easy::curlback_easy_reset;
use curlback::easy::options::{curlback_easy_set_bytes, curlback_easy_set_str, curlback_easy_unset};
use curlback::libcurl::tables::opt;
use curlback::mime::sending::curlback_easy_set_mime;
use curlback::result::code;
use curlback_test_servers::HttpServer;

use crate::support::{Easy, last_error, ok};
use crate::{Answer, Mime, contents, sent, set, to};

/// The method and the body that arrive.
fn arrives(easy: &Easy, get: bool) -> (String, String) {
    easy.set_url(&HttpServer::shared().url(if get { "/request-headers" } else { "/echo" }));
    let answer = Answer::of(easy);
    ok(easy.perform());
    let body = String::from_utf8_lossy(&answer.body.borrow()).into_owned();
    if get {
        let (method, _) = body.split_once(' ').expect("a request line");
        return (method.to_owned(), String::new());
    }
    (answer.header("x-method").unwrap(), body)
}

fn fields(easy: &Easy) {
    // SAFETY: the bytes are there.
    ok(unsafe { curlback_easy_set_bytes(easy.raw(), opt::POSTFIELDS, b"fields".as_ptr().cast(), 6) });
}

#[test]
fn what_was_said_last_is_the_request() {
    type Say = fn(&Easy);
    let others: [(Say, bool, &str, &str); 3] = [
        (|easy| easy.set_int(opt::HTTPGET, 1), true, "GET", ""),
        (fields, false, "POST", "fields"),
        (
            |easy| {
                easy.set_int(opt::UPLOAD, 1);
                // SAFETY: the bytes are there.
                ok(unsafe {
                    curlback::easy::source::curlback_easy_read_from_memory(
                        easy.raw(),
                        b"put".as_ptr().cast(),
                        3,
                    )
                });
            },
            false,
            "PUT",
            "put",
        ),
    ];
    for (say, get, method, body) in others {
        let easy = to("/multipart");
        let mime = Mime::new(&easy);
        mime.with("part", b"content");
        for _ in 0..2 {
            set(&easy, mime.raw());
            say(&easy);
            assert_eq!(arrives(&easy, get), (method.to_owned(), body.to_owned()));
            set(&easy, mime.raw());
            easy.set_url(&HttpServer::shared().url("/multipart"));
            assert_eq!(contents(&sent(&easy)), [("part", &b"content"[..])]);
        }
        drop(easy);
    }
}

#[test]
fn options_that_say_nothing_of_the_request_leave_the_mime() {
    let easy = to("/multipart");
    let mime = Mime::new(&easy);
    mime.with("part", b"content");
    set(&easy, mime.raw());
    easy.set_int(opt::HTTPGET, 0);
    easy.set_int(opt::NOBODY, 0);
    easy.set_int(opt::VERBOSE, 0);
    easy.set_str(opt::USERAGENT, "agent");
    assert_eq!(sent(&easy).len(), 1);
    drop(easy);
}

#[test]
fn no_body_asks_for_the_head_alone() {
    let easy = to("/hello");
    let mime = Mime::new(&easy);
    mime.with("part", b"content");
    set(&easy, mime.raw());
    easy.set_int(opt::NOBODY, 1);
    let answer = Answer::of(&easy);
    ok(easy.perform());
    assert_eq!(answer.header("x-hello").as_deref(), Some("one"));
    assert!(answer.body.borrow().is_empty());
    // As with libcurl: HEAD becomes GET.
    easy.set_int(opt::NOBODY, 0);
    assert_eq!(arrives(&easy, true).0, "GET");
    set(&easy, mime.raw());
    easy.set_url(&HttpServer::shared().url("/multipart"));
    assert_eq!(sent(&easy).len(), 1);
    drop(easy);
}

#[test]
fn detaching_makes_it_a_get_unless_something_else_was_said() {
    let easy = to("/multipart");
    let mime = Mime::new(&easy);
    mime.with("part", b"content");
    set(&easy, mime.raw());
    assert_eq!(sent(&easy).len(), 1);
    set(&easy, null_mut());
    assert_eq!(arrives(&easy, true).0, "GET");
    // Once more changes nothing.
    set(&easy, null_mut());
    assert_eq!(arrives(&easy, true).0, "GET");
    set(&easy, mime.raw());
    fields(&easy);
    set(&easy, null_mut());
    assert_eq!(arrives(&easy, false), ("POST".to_owned(), "fields".to_owned()));
    ok(curlback_easy_unset(easy.raw(), opt::POSTFIELDS));
    drop(mime);
}

#[test]
fn reset_takes_it_off() {
    let easy = to("/multipart");
    let mime = Mime::new(&easy);
    mime.with("part", b"content");
    set(&easy, mime.raw());
    assert_eq!(sent(&easy).len(), 1);
    ok(curlback_easy_reset(easy.raw()));
    drop(mime);
    assert_eq!(arrives(&easy, true).0, "GET");
}

#[test]
fn a_custom_method_takes_the_mime_along() {
    let easy = to("/multipart");
    let mime = Mime::new(&easy);
    mime.with("part", b"content");
    set(&easy, mime.raw());
    // SAFETY: it ends with NUL.
    ok(unsafe { curlback_easy_set_str(easy.raw(), opt::CUSTOMREQUEST, c"PUT".as_ptr()) });
    assert_eq!(contents(&sent(&easy)), [("part", &b"content"[..])]);
    let (method, body) = arrives(&easy, false);
    assert!(method == "PUT" && body.contains("name=\"part\"\r\n\r\ncontent\r\n"), "{method} {body}");
    drop(easy);
}

#[test]
fn libcurls_option_names_the_function_to_use() {
    let easy = Easy::new();
    for option in [opt::MIMEPOST, opt::HTTPPOST] {
        // SAFETY: one byte is there.
        let result = unsafe { curlback_easy_set_bytes(easy.raw(), option, b"x".as_ptr().cast(), 1) };
        assert_eq!(result, code::E_OPTION);
        assert!(
            last_error().ends_with("is not set directly: use curlback_easy_set_mime"),
            "{}",
            last_error()
        );
    }
}

#[test]
fn what_is_no_mime_is_refused_and_changes_nothing() {
    let easy = to("/multipart");
    let mime = Mime::new(&easy);
    let part = mime.with("part", b"content");
    set(&easy, mime.raw());
    for wrong in [easy.raw().cast(), part.cast(), std::ptr::without_provenance_mut(8)] {
        assert_eq!(curlback_easy_set_mime(easy.raw(), wrong), code::E_HANDLE);
    }
    assert_eq!(sent(&easy).len(), 1);
    drop(easy);
}
