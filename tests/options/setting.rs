//! Each setter with each option: what it takes, and how it refuses the rest.

use std::cell::Cell;
use std::ffi::CString;
use std::ptr::null;
use std::rc::Rc;

use curlback::easy::error::curlback_easy_error;
use curlback::easy::options::{
    curlback_easy_set_bytes, curlback_easy_set_int, curlback_easy_set_list, curlback_easy_unset,
};
use curlback::easy::{curlback_easy_curl, curlback_easy_reset};
use curlback::libcurl::sys;
use curlback::libcurl::tables::{Kind, OPTIONS, Row, info, opt};
use curlback::libcurl::version;
use curlback::result::code;
use curlback_test_servers::{HttpServer, ReservedPort};

use crate::support::{Easy, Raw, last_error, ok, skipped, text};
use crate::{SETTERS, fetch_text, is_known, name, refused, set_bytes, set_list, set_str, unset_str};

/// The setter that fits, what sentences say it takes, and the function's name; None where a function of its own sets it.
fn setter(kind: Kind) -> Option<(usize, &'static str)> {
    match kind {
        Kind::Long | Kind::Values | Kind::Offt => Some((0, "an integer")),
        Kind::String => Some((1, "a string")),
        Kind::Slist => Some((2, "a list of strings")),
        Kind::Blob => Some((3, "bytes")),
        Kind::Object | Kind::Cbptr | Kind::Function => None,
        Kind::Double | Kind::Certinfo | Kind::Ptr | Kind::Socket => panic!("{kind:?} is for infos"),
    }
}

/// The name that sentences use: the present one.
fn present(row: &Row) -> &'static Row {
    OPTIONS.iter().find(|other| other.number == row.number && !other.alias).unwrap()
}

fn set_fitting(easy: Raw, row: &Row) -> i32 {
    match name(row) {
        "PROTOCOLS_STR" | "REDIR_PROTOCOLS_STR" => set_str(easy, row.number, c"http"),
        "TLSAUTH_TYPE" | "PROXY_TLSAUTH_TYPE" => set_str(easy, row.number, c"SRP"),
        // An engine must exist, and the others would name a file to write to.
        "SSLENGINE" | "COOKIEJAR" | "HSTS" | "ALTSVC" => set_str(easy, row.number, c""),
        _ => SETTERS[setter(row.kind).unwrap().0].1(easy, row.number),
    }
}

fn this() -> String {
    let note = match env!("CURLBACK_LINKAGE") {
        "bundled" => ", the bundled one: build curlback with the full one to have everything",
        "system" => ", the system's",
        _ => "",
    };
    format!("this is libcurl {}{note}", version::text())
}

#[test]
fn every_option_is_set_by_the_function_of_its_type_or_unsupported() {
    let mut lacking = Vec::new();
    let old = version::number() < version::version(8, 0, 0);
    for row in OPTIONS.iter().filter(|row| setter(row.kind).is_some()) {
        let easy = Easy::new();
        let result = set_fitting(easy.raw(), row);
        // Another name of an option is newer than the option.
        let known = OPTIONS.iter().any(|other| other.number == row.number && is_known(other));
        if result == code::OK {
            assert!(known, "{} is newer than {}", name(row), this());
            continue;
        }
        let row = present(row);
        if old && row.number == opt::PROXY_TLSAUTH_TYPE {
            // A fault of libcurl's: it then refused every value.
            refused(result, code::E_RANGE);
            continue;
        }
        let sentence = refused(result, code::E_UNSUPPORTED);
        let (name, since) = (name(row), row.since);
        assert_eq!(sentence, format!("{name} needs libcurl {since} or newer, built with it; {}", this()));
        if known && !lacking.contains(&name) {
            lacking.push(name);
        }
    }
    if env!("CURLBACK_LINKAGE") == "full" {
        // c-ares, ECH, RFC 9421, GSS-API and SRP are not built in, the rest libcurl no longer does.
        let known = [
            "DNS_INTERFACE",
            "DNS_LOCAL_IP4",
            "DNS_LOCAL_IP6",
            "DNS_SERVERS",
            "ECH",
            "GSSAPI_DELEGATION",
            "HTTPSIG_ALGORITHM",
            "HTTPSIG_HEADERS",
            "HTTPSIG_KEY",
            "HTTPSIG_KEYID",
            "KRBLEVEL",
            "PROXY_TLSAUTH_PASSWORD",
            "PROXY_TLSAUTH_TYPE",
            "PROXY_TLSAUTH_USERNAME",
            "SOCKS5_GSSAPI_NEC",
            "SSL_FALSESTART",
            "TLSAUTH_PASSWORD",
            "TLSAUTH_TYPE",
            "TLSAUTH_USERNAME",
        ];
        assert_eq!(lacking, known);
    }
}

#[test]
fn every_other_setter_names_the_right_one() {
    let easy = Easy::new();
    for row in &OPTIONS {
        let Some((fitting, what)) = setter(row.kind) else { continue };
        for (number, (_, set)) in SETTERS.iter().enumerate() {
            if number != fitting {
                let sentence = refused(set(easy.raw(), row.number), code::E_TYPE);
                let (name, right) = (name(present(row)), SETTERS[fitting].0);
                assert_eq!(sentence, format!("{name} takes {what}: use {right}"));
            }
        }
    }
}

#[test]
fn what_a_function_of_its_own_sets_is_refused_with_its_name() {
    let header = include_str!("../../include/curlback.h");
    let easy = Easy::new();
    for row in &OPTIONS {
        if setter(row.kind).is_some() || row.number == opt::POSTFIELDS {
            continue;
        }
        let results = SETTERS.iter().map(|(_, set)| set(easy.raw(), row.number));
        for result in results.chain([curlback_easy_unset(easy.raw(), row.number)]) {
            let sentence = refused(result, code::E_OPTION);
            assert!(sentence.starts_with(name(present(row))), "{sentence}");
            for word in sentence.split([' ', ',']).filter(|word| word.starts_with("curlback_")) {
                assert!(header.contains(&format!("{word}(")), "{sentence}");
            }
        }
    }
    for (option, sentence) in [
        (
            opt::WRITEFUNCTION,
            "WRITEFUNCTION is not set directly: use curlback_easy_on_write or curlback_easy_body_to_file",
        ),
        (
            opt::WRITEDATA,
            "WRITEDATA is not set directly: use curlback_easy_on_write or curlback_easy_body_to_file",
        ),
        (
            opt::HEADERDATA,
            "HEADERDATA is not set directly: use curlback_easy_on_header or curlback_easy_header_to_file",
        ),
        (
            opt::READDATA,
            "READDATA is not set directly: use curlback_easy_on_read or curlback_easy_read_from_file",
        ),
        (opt::SEEKFUNCTION, "SEEKFUNCTION is not set directly: use curlback_easy_on_seek"),
        (opt::DEBUGFUNCTION, "DEBUGFUNCTION is not set directly: use curlback_easy_on_debug"),
        (opt::PROGRESSFUNCTION, "PROGRESSFUNCTION is not set directly: use curlback_easy_on_progress"),
        (opt::PROGRESSDATA, "XFERINFODATA is not set directly: use curlback_easy_on_xferinfo"),
        (opt::ERRORBUFFER, "ERRORBUFFER is not set directly: use curlback_easy_error"),
        (opt::PRIVATE, "PRIVATE is not set directly: use curlback_easy_set_private"),
    ] {
        assert_eq!(refused(set_str(easy.raw(), option, c"x"), code::E_OPTION), sentence);
    }
}

#[test]
fn numbers_of_no_option_are_refused() {
    let easy = Easy::new();
    for option in [0, -1, 4999, 9999, 10_500, 20_000, 50_002, 999_999, i32::MAX, i32::MIN] {
        let results = SETTERS.iter().map(|(_, set)| set(easy.raw(), option));
        for result in results.chain([curlback_easy_unset(easy.raw(), option)]) {
            let sentence = refused(result, code::E_OPTION);
            assert_eq!(sentence, format!("libcurl has no option with the number {option}"));
        }
    }
}

#[test]
fn values_out_of_range_are_refused_and_change_nothing() {
    let easy = Easy::to(&HttpServer::shared().url("/hello"));
    for (option, value) in [
        (opt::TIMEOUT, -1),
        (opt::CONNECTTIMEOUT, i64::MIN),
        (opt::PORT, 65_536),
        (opt::PORT, -1),
        (opt::LOCALPORT, 65_536),
        (opt::MAXREDIRS, -2),
        (opt::INFILESIZE_LARGE, -2),
        (opt::MAX_RECV_SPEED_LARGE, -1),
        (opt::SSLVERSION, 99),
        (opt::POSTFIELDSIZE_LARGE, -2),
    ] {
        let name = name(OPTIONS.iter().find(|row| row.number == option).unwrap());
        let sentence = refused(curlback_easy_set_int(easy.raw(), option, value), code::E_RANGE);
        assert_eq!(sentence, format!("libcurl refuses this value for {name}"), "{value}");
    }
    ok(curlback_easy_set_int(easy.raw(), opt::TIMEOUT, 20));
    assert_eq!(fetch_text(&easy), "hello, world\n");
}

#[test]
fn strings_over_libcurls_limit_are_refused_and_change_nothing() {
    let easy = Easy::to(&HttpServer::shared().url("/hello"));
    // libcurl takes 8,000,000 bytes at most.
    let long = CString::new(vec![b'a'; 8_000_001]).unwrap();
    let sentence = refused(set_str(easy.raw(), opt::URL, &long), code::E_RANGE);
    assert_eq!(sentence, "libcurl takes at most 8000000 bytes for URL");
    let sentence = refused(set_bytes(easy.raw(), opt::SSLKEY_BLOB, long.as_bytes()), code::E_RANGE);
    assert_eq!(sentence, "libcurl takes at most 8000000 bytes for SSLKEY_BLOB");
    assert_eq!(fetch_text(&easy), "hello, world\n");
}

#[test]
fn options_newer_than_libcurl_are_unsupported() {
    if version::number() >= version::version(8, 9, 0) {
        skipped("refusing TCP_KEEPCNT", "a libcurl older than 8.9.0");
        return;
    }
    let sentence =
        refused(curlback_easy_set_int(Easy::new().raw(), opt::TCP_KEEPCNT, 1), code::E_UNSUPPORTED);
    assert_eq!(sentence, format!("TCP_KEEPCNT needs libcurl 8.9.0 or newer, built with it; {}", this()));
}

#[test]
fn null_is_refused_where_it_means_nothing() {
    let easy = Easy::new();
    for (_, set) in SETTERS {
        assert_eq!(set(std::ptr::null_mut(), opt::URL), code::E_NULL);
    }
    assert_eq!(curlback_easy_unset(std::ptr::null_mut(), opt::URL), code::E_NULL);
    // SAFETY: the library does not look at what is behind NULL.
    unsafe {
        let result = curlback_easy_set_list(easy.raw(), opt::HTTPHEADER, null(), 1);
        assert_eq!(refused(result, code::E_NULL), "items is NULL");
        let items = [c"X-One: 1".as_ptr(), null()];
        let result = curlback_easy_set_list(easy.raw(), opt::HTTPHEADER, items.as_ptr(), 2);
        assert_eq!(refused(result, code::E_NULL), "an item is NULL");
        let result = curlback_easy_set_bytes(easy.raw(), opt::POSTFIELDS, null(), 1);
        assert_eq!(refused(result, code::E_NULL), "data is NULL");
        ok(curlback_easy_set_list(easy.raw(), opt::HTTPHEADER, null(), 0));
        ok(curlback_easy_set_bytes(easy.raw(), opt::POSTFIELDS, null(), 0));
    }
}

#[test]
fn strings_are_copied_and_null_unsets_them() {
    let easy = Easy::to(&HttpServer::shared().url("/request-headers"));
    let mut agent = b"agent/1\0".to_vec();
    // SAFETY: it ends with NUL.
    ok(unsafe {
        curlback::easy::options::curlback_easy_set_str(easy.raw(), opt::USERAGENT, agent.as_ptr().cast())
    });
    agent.fill(b'?');
    assert!(fetch_text(&easy).contains("\nuser-agent: agent/1\n"));
    ok(unset_str(easy.raw(), opt::USERAGENT));
    assert!(!fetch_text(&easy).contains("user-agent"));
    easy.set_str(opt::USERAGENT, "agent/2");
    assert!(fetch_text(&easy).contains("\nuser-agent: agent/2\n"));
    ok(curlback_easy_unset(easy.raw(), opt::USERAGENT));
    assert!(!fetch_text(&easy).contains("user-agent"));
}

#[test]
fn integers_cannot_be_unset() {
    let easy = Easy::new();
    for row in &OPTIONS {
        if setter(row.kind).is_none_or(|(fitting, _)| fitting != 0)
            || [opt::VERBOSE, opt::NOPROGRESS, opt::HSTS_CTRL].contains(&row.number)
        {
            continue;
        }
        let sentence = refused(curlback_easy_unset(easy.raw(), row.number), code::E_TYPE);
        let name = name(present(row));
        assert_eq!(sentence, format!("{name} is an integer: it cannot be unset, only set to another"));
    }
}

#[test]
fn libcurl_says_why_it_refuses_a_value_before_the_first_transfer_too() {
    let easy = Easy::new();
    let said = refused(set_str(easy.raw(), opt::SSLENGINE, c"no-such"), 53);
    // More than curlback_strerror() has for the number: what its TLS library said.
    assert_ne!(said, "SSLENGINE: SSL crypto engine not found");
}

#[test]
fn a_failing_set_does_not_report_the_last_transfers_error() {
    let refusing = ReservedPort::new().unwrap();
    let easy = Easy::to(&refusing.url("/"));
    assert_eq!(easy.perform(), 7);
    let of_transfer = last_error();
    assert!(of_transfer.contains("connect"), "{of_transfer}");

    for (result, expected) in [
        (set_str(easy.raw(), opt::SSLENGINE, c"no-such"), 53),
        (curlback_easy_set_int(easy.raw(), opt::PORT, -1), code::E_RANGE),
        (set_str(easy.raw(), opt::PORT, c"1"), code::E_TYPE),
        (set_bytes(easy.raw(), opt::URL, b"x"), code::E_TYPE),
        (set_list(easy.raw(), opt::WRITEDATA, &["x"]), code::E_OPTION),
        (curlback_easy_unset(easy.raw(), opt::PORT), code::E_TYPE),
    ] {
        assert!(!refused(result, expected).contains("connect"), "{}", last_error());
    }

    // And the transfer's record does not change.
    let mut error = std::mem::MaybeUninit::uninit();
    // SAFETY: it can be written to, and is filled on success.
    let error = unsafe {
        ok(curlback_easy_error(easy.raw(), error.as_mut_ptr()));
        error.assume_init()
    };
    assert_eq!(error.result, 7);
    assert!(text(error.curl_message).contains("connect"));

    // libcurl's own number and words, with no sentence in its error buffer.
    let sentence = refused(set_str(easy.raw(), opt::PROTOCOLS_STR, c"no-such"), 1);
    assert_eq!(sentence, "PROTOCOLS_STR: Unsupported protocol");
}

/// How often a callback is called in one transfer.
fn calls(easy: &Easy, count: &Rc<Cell<usize>>) -> usize {
    count.set(0);
    ok(easy.perform());
    count.get()
}

#[test]
fn verbose_follows_the_debug_callback_until_it_is_set() {
    let easy = Easy::to(&HttpServer::shared().url("/hello"));
    easy.on_write(|_, data| data.len() as i64);
    let count = Rc::new(Cell::new(0));
    let counter = Rc::clone(&count);
    easy.on_debug(move |_, _, _| counter.set(counter.get() + 1));
    assert!(calls(&easy, &count) > 0);
    easy.set_int(opt::VERBOSE, 0);
    assert_eq!(calls(&easy, &count), 0);
    let counter = Rc::clone(&count);
    easy.on_debug(move |_, _, _| counter.set(counter.get() + 1));
    assert_eq!(calls(&easy, &count), 0, "registering does not undo what was set");
    ok(curlback_easy_unset(easy.raw(), opt::VERBOSE));
    assert!(calls(&easy, &count) > 0);
    easy.set_int(opt::VERBOSE, 0);
    ok(curlback_easy_reset(easy.raw()));
    easy.set_url(&HttpServer::shared().url("/hello"));
    easy.on_write(|_, data| data.len() as i64);
    let counter = Rc::clone(&count);
    easy.on_debug(move |_, _, _| counter.set(counter.get() + 1));
    assert!(calls(&easy, &count) > 0, "reset lets it follow again");
}

/// Without a debug callback libcurl writes to STDERR.
#[test]
fn verbose_can_be_set_without_a_callback_and_unset() {
    let mut buffer = std::ptr::null_mut();
    let mut length = 0;
    let size = &raw mut length;
    let easy = Easy::to(&HttpServer::shared().url("/hello"));
    easy.on_write(|_, data| data.len() as i64);
    // SAFETY: both can be written to until the stream is closed, which is after the handle last uses it.
    let stream = unsafe { libc::open_memstream(&mut buffer, size) };
    assert!(!stream.is_null());
    let curl = curlback_easy_curl(easy.raw());
    // SAFETY: the option takes a FILE.
    let set = unsafe { sys::curl_easy_setopt(curl.cast(), opt::STDERR as sys::CURLoption, stream) };
    assert_eq!(set, sys::CURLE_OK);
    let written = || {
        ok(easy.perform());
        // SAFETY: the stream is open, and writes the size when it is flushed.
        unsafe {
            libc::fflush(stream);
            *size
        }
    };
    assert_eq!(written(), 0);
    easy.set_int(opt::VERBOSE, 1);
    let once = written();
    assert!(once > 0);
    ok(curlback_easy_unset(easy.raw(), opt::VERBOSE));
    assert_eq!(written(), once);
    drop(easy);
    // SAFETY: nothing uses the stream any more, and the buffer is the caller's to free.
    unsafe {
        libc::fclose(stream);
        libc::free(buffer.cast());
    }
}

#[test]
fn noprogress_follows_both_progress_callbacks_until_it_is_set() {
    let easy = Easy::to(&HttpServer::shared().url("/hello"));
    easy.on_write(|_, data| data.len() as i64);
    let count = Rc::new(Cell::new(0));
    let counter = Rc::clone(&count);
    easy.on_xferinfo(move |_, _| {
        counter.set(counter.get() + 1);
        0
    });
    assert!(calls(&easy, &count) > 0);
    easy.set_int(opt::NOPROGRESS, 1);
    assert_eq!(calls(&easy, &count), 0);
    ok(curlback_easy_unset(easy.raw(), opt::NOPROGRESS));
    assert!(calls(&easy, &count) > 0);

    let other = Rc::new(Cell::new(0));
    let counter = Rc::clone(&other);
    easy.on_progress(move |_, _| {
        counter.set(counter.get() + 1);
        0
    });
    assert_eq!(calls(&easy, &other), 0, "xferinfo is called alone");
    // SAFETY: NULL unsets.
    ok(unsafe {
        curlback::callback::progress::curlback_easy_on_xferinfo(easy.raw(), None, std::ptr::null_mut(), None)
    });
    assert!(calls(&easy, &other) > 0, "one of the two is enough");
}

#[test]
fn how_many_connections_are_kept_can_change_between_transfers() {
    let address = HttpServer::shared().url("/hello");
    let addresses = [address.replace("127.0.0.1", "localhost"), address];
    let easy = Easy::new();
    // Each address once: how many connections were made for it.
    let connects = || {
        addresses.each_ref().map(|address| {
            easy.set_url(address);
            fetch_text(&easy);
            easy.int(info::NUM_CONNECTS)
        })
    };
    connects();
    assert_eq!(connects(), [0, 0]);
    // One of them is closed for the other, or each: within a millisecond which is older is chance.
    easy.set_int(opt::MAXCONNECTS, 1);
    connects();
    assert!(connects().iter().sum::<i64>() >= 1);
    ok(curlback_easy_reset(easy.raw()));
    connects();
    assert_eq!(connects(), [0, 0]);
}
