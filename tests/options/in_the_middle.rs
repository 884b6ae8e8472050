//! What libcurl may be using is not changed in the callbacks that it calls meanwhile.

use std::cell::{Cell, RefCell};
use std::ffi::CString;
use std::io::Write as _;
use std::ptr::null_mut;
use std::rc::Rc;
use std::sync::mpsc::channel;

use curlback::easy::info::curlback_easy_get_list;
use curlback::easy::options::{
    curlback_easy_set_bytes, curlback_easy_set_int, curlback_easy_set_str, curlback_easy_unset,
};
use curlback::easy::sink::curlback_easy_body_to_memory;
use curlback::libcurl::tables::{info, opt};
use curlback::list::{curlback_list_free, curlback_list_len};
use curlback::result::code;
use curlback::share::curlback_share_data::CURLBACK_SHARE_COOKIES;
use curlback::share::*;
use curlback_test_servers::{HttpServer, RawServer, read_request};

use crate::support::{Easy, LIMIT, Raw, last_error, ok};

fn set_str(easy: Raw, option: i32, value: &str) -> i32 {
    let value = CString::new(value).unwrap();
    // SAFETY: it ends with NUL.
    unsafe { curlback_easy_set_str(easy, option, value.as_ptr()) }
}

/// How many cookies there are, or why nobody says.
fn cookies(easy: Raw) -> Result<usize, i32> {
    let mut list = null_mut();
    // SAFETY: the list can be written to.
    match unsafe { curlback_easy_get_list(easy, info::COOKIELIST, &mut list) } {
        0 => {
            let count = curlback_list_len(list);
            curlback_list_free(list);
            Ok(count)
        }
        refused => Err(refused),
    }
}

/// The results of all that a callback tries.
fn attempts(easy: Raw) -> Vec<(&'static str, i32)> {
    vec![
        ("COOKIELIST", set_str(easy, opt::COOKIELIST, "ALL")),
        ("COOKIEFILE", set_str(easy, opt::COOKIEFILE, "")),
        ("COOKIEFILE", curlback_easy_unset(easy, opt::COOKIEFILE)),
        ("COOKIEJAR", curlback_easy_unset(easy, opt::COOKIEJAR)),
        ("ALTSVC", set_str(easy, opt::ALTSVC, "no-such-folder/file")),
        ("ALTSVC_CTRL", curlback_easy_set_int(easy, opt::ALTSVC_CTRL, 4)),
        ("HSTS", curlback_easy_unset(easy, opt::HSTS)),
        ("CUSTOMREQUEST", set_str(easy, opt::CUSTOMREQUEST, "OTHER")),
        ("INTERFACE", curlback_easy_unset(easy, opt::INTERFACE)),
        // SAFETY: three bytes.
        ("SSLCERT_BLOB", unsafe {
            curlback_easy_set_bytes(easy, opt::SSLCERT_BLOB, b"new".as_ptr().cast(), 3)
        }),
        ("HSTS_CTRL", curlback_easy_set_int(easy, opt::HSTS_CTRL, 0)),
    ]
}

#[test]
fn what_libcurl_may_be_using_is_not_changed_in_on_debug() {
    let easy = Easy::to(&HttpServer::shared().url("/cookies"));
    easy.set_str(opt::COOKIEFILE, "");
    ok(curlback_easy_body_to_memory(easy.raw(), 1000));
    let tried = Rc::new(RefCell::new(Vec::new()));
    let into = tried.clone();
    easy.on_debug(move |easy, _, _| {
        for (name, result) in attempts(easy) {
            assert_eq!(result, code::E_IN_CALLBACK, "{name}");
            into.borrow_mut().push(name);
        }
        assert!(last_error().contains("HSTS_CTRL"), "{}", last_error());
        // All else is set as ever, and asked for.
        ok(curlback_easy_set_int(easy, opt::TIMEOUT, 20));
        assert!(cookies(easy).is_ok());
    });
    ok(easy.perform());
    assert_eq!(cookies(easy.raw()), Ok(2));
    // libcurl calls it for what is set outside of a transfer too.
    tried.borrow_mut().clear();
    easy.set_str(opt::COOKIELIST, "Set-Cookie: three=3; Domain=example.com");
    assert!(!tried.borrow().is_empty(), "libcurl did not say what it added");
    assert_eq!(cookies(easy.raw()), Ok(3));
    easy.set_str(opt::COOKIELIST, "ALL");
    assert_eq!(cookies(easy.raw()), Ok(0));
}

/// A resumed upload is read from before its request is sent.
#[test]
fn the_method_is_not_changed_where_what_is_sent_is_supplied() {
    let (tell, said) = channel();
    let server = RawServer::start(move |mut stream, _| {
        if let Some(request) = read_request(stream)? {
            tell.send(request.head).unwrap();
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    });
    let easy = Easy::to(&server.url("/"));
    easy.set_int(opt::UPLOAD, 1);
    easy.set_int(opt::RESUME_FROM_LARGE, 150);
    easy.set_str(opt::CUSTOMREQUEST, "PATCH");
    let tried = Rc::new(RefCell::new(Vec::new()));
    let attempt = |name: &'static str| {
        let into = tried.clone();
        move |easy: Raw| into.borrow_mut().push((name, set_str(easy, opt::CUSTOMREQUEST, "OTHER")))
    };
    let (reads, seeks) = (attempt("read"), attempt("seek"));
    let left = Cell::new(3);
    easy.on_read(move |easy, buffer| {
        reads(easy);
        // Others are set here.
        ok(set_str(easy, opt::USERAGENT, "somebody"));
        let count = if left.get() == 0 { 0 } else { buffer.len().min(100) };
        left.set(left.get().max(1) - 1);
        buffer[..count].fill(b'x');
        count as i64
    });
    easy.on_seek(move |easy, _, _| {
        seeks(easy);
        2
    });
    easy.on_write(move |easy, data| {
        ok(set_str(easy, opt::CUSTOMREQUEST, "OTHER"));
        data.len() as i64
    });
    ok(easy.perform());
    let head = said.recv_timeout(LIMIT).unwrap();
    assert!(head.starts_with("PATCH / HTTP/1.1"), "{head}");
    let tried = tried.borrow();
    assert!(tried.iter().all(|(_, result)| *result == code::E_IN_CALLBACK), "{tried:?}");
    assert_eq!(tried[0].0, "seek");
    assert!(tried.len() > 2, "{tried:?}");
}

#[test]
fn in_other_callbacks_it_is() {
    let easy = Easy::to(&HttpServer::shared().url("/cookies"));
    easy.set_str(opt::COOKIEFILE, "");
    easy.on_write(|easy, data| {
        assert_eq!(cookies(easy), Ok(2));
        ok(set_str(easy, opt::COOKIELIST, "ALL"));
        data.len() as i64
    });
    ok(easy.perform());
    assert_eq!(cookies(easy.raw()), Ok(0));
}

#[test]
fn the_cookies_of_a_share_are_not_asked_for_where_libcurl_has_them_locked() {
    let share = curlback_share_new();
    ok(curlback_share_add(share, CURLBACK_SHARE_COOKIES as i32));
    let easy = Easy::to(&HttpServer::shared().url("/cookies"));
    easy.set_str(opt::COOKIEFILE, "");
    ok(curlback_easy_body_to_memory(easy.raw(), 1000));
    ok(curlback_easy_set_share(easy.raw(), share));
    easy.on_debug(|easy, _, _| assert_eq!(cookies(easy), Err(code::E_IN_CALLBACK)));
    ok(easy.perform());
    assert_eq!(cookies(easy.raw()), Ok(2));
    drop(easy);
    ok(curlback_share_close(share));
}
