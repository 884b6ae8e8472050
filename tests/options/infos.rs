//! What a handle says about its last transfer.

use std::ffi::c_char;
use std::ptr::{null, null_mut};

use curlback::easy::info::{
    curlback_easy_get_cert, curlback_easy_get_double, curlback_easy_get_int, curlback_easy_get_list,
    curlback_easy_get_str,
};
use curlback::easy::options::curlback_easy_unset;
use curlback::libcurl::tables::{INFOS, Kind, Row, info, opt};
use curlback::list::{curlback_list, curlback_list_free, curlback_list_get, curlback_list_len};
use curlback::result::code;
use curlback_test_servers::{HttpServer, Nginx};

use crate::support::{Easy, ok, skipped, text};
use crate::{Access, is_known, name, refused};

fn double(easy: &Easy, info: i32) -> f64 {
    let mut value = 0.0;
    // SAFETY: it can be written to.
    ok(unsafe { curlback_easy_get_double(easy.raw(), info, &mut value) });
    value
}

fn strings(list: *mut curlback_list) -> Vec<String> {
    assert!(!list.is_null());
    let strings = (0..curlback_list_len(list)).map(|i| text(curlback_list_get(list, i))).collect();
    assert!(curlback_list_get(list, curlback_list_len(list)).is_null());
    curlback_list_free(list);
    strings
}

fn list(easy: &Easy, info: i32) -> Vec<String> {
    let mut value = null_mut();
    // SAFETY: it can be written to.
    ok(unsafe { curlback_easy_get_list(easy.raw(), info, &mut value) });
    strings(value)
}

/// The getters, each with the place for its answer: they leave it as it was where they refuse.
const GETTERS: [Access; 4] = [
    ("curlback_easy_get_int", |easy, info| {
        let mut value = 77;
        // SAFETY: it can be written to, as in the others.
        let result = unsafe { curlback_easy_get_int(easy, info, &mut value) };
        assert!(result == code::OK || value == 77);
        result
    }),
    ("curlback_easy_get_double", |easy, info| {
        let mut value = 77.0;
        // SAFETY: see above.
        let result = unsafe { curlback_easy_get_double(easy, info, &mut value) };
        assert!(result == code::OK || value == 77.0);
        result
    }),
    ("curlback_easy_get_str", |easy, info| {
        let before: *const c_char = c"before".as_ptr();
        let mut value = before;
        // SAFETY: see above.
        let result = unsafe { curlback_easy_get_str(easy, info, &mut value) };
        assert!(result == code::OK || value == before);
        result
    }),
    ("curlback_easy_get_list", |easy, info| {
        let mut value = null_mut();
        // SAFETY: see above.
        let result = unsafe { curlback_easy_get_list(easy, info, &mut value) };
        assert_eq!(result == code::OK, !value.is_null());
        curlback_list_free(value);
        result
    }),
];

/// Which of the getters fits, and what sentences say the info is.
fn getter(row: &Row) -> Option<(usize, &'static str)> {
    match row.kind {
        Kind::Long | Kind::Socket | Kind::Offt => Some((0, "an integer")),
        Kind::Double => Some((1, "a double")),
        Kind::String if row.number == info::PRIVATE => None,
        Kind::String => Some((2, "a string")),
        Kind::Slist => Some((3, "a list of strings")),
        _ => None,
    }
}

#[test]
fn every_info_is_given_by_the_function_of_its_type_or_unsupported() {
    let easy = Easy::to(&HttpServer::shared().url("/hello"));
    easy.on_write(|_, data| data.len() as i64);
    for performed in [false, true] {
        for row in INFOS.iter().filter(|row| !row.alias) {
            let Some((fitting, what)) = getter(row) else { continue };
            for (number, (_, get)) in GETTERS.iter().enumerate() {
                let result = get(easy.raw(), row.number);
                if number != fitting {
                    let right = GETTERS[fitting].0;
                    let sentence = refused(result, code::E_TYPE);
                    assert_eq!(sentence, format!("{} is {what}: use {right}", name(row)));
                } else if is_known(row) {
                    ok(result);
                } else {
                    let sentence = refused(result, code::E_UNSUPPORTED);
                    let expected = format!("{} needs libcurl {} or newer", name(row), row.since);
                    assert!(sentence.starts_with(&expected), "{sentence}");
                }
            }
        }
        if !performed {
            ok(easy.perform());
        }
    }
}

#[test]
fn what_no_getter_gives_is_refused_with_what_does() {
    let easy = Easy::new();
    for (_, get) in GETTERS {
        assert_eq!(
            refused(get(easy.raw(), info::PRIVATE), code::E_OPTION),
            "PRIVATE is not asked for directly: use curlback_easy_private"
        );
        assert_eq!(
            refused(get(easy.raw(), info::CERTINFO), code::E_TYPE),
            "CERTINFO is a list of certificates: use curlback_easy_get_cert"
        );
        for pointer in [info::TLS_SSL_PTR, info::TLS_SESSION] {
            let name = INFOS.iter().find(|row| row.number == pointer).map(name).unwrap();
            assert_eq!(
                refused(get(easy.raw(), pointer), code::E_OPTION),
                format!(
                    "{name} is a pointer of the TLS library's: ask the CURL for it, with curlback_easy_curl"
                )
            );
        }
    }
}

/// The number says the type of an info that a newer libcurl may have.
#[test]
fn numbers_of_no_info_are_refused() {
    let easy = Easy::new();
    for info in [0, -1, 1, 0x0f_ffff, 0x70_0001, i32::MAX, i32::MIN] {
        for (getter, get) in GETTERS {
            let sentence = refused(get(easy.raw(), info), code::E_OPTION);
            assert_eq!(sentence, format!("libcurl has no info with the number {info}"), "{getter}");
        }
    }
    for (info, fitting, what) in [
        (0x20_03e7, 0, "an integer"),
        (0x50_03e7, 0, "an integer"),
        (0x60_03e7, 0, "an integer"),
        (0x30_03e7, 1, "a double"),
        (0x10_03e7, 2, "a string"),
    ] {
        for (number, (_, get)) in GETTERS.iter().enumerate() {
            let result = get(easy.raw(), info);
            if number == fitting {
                let sentence = refused(result, code::E_OPTION);
                assert_eq!(sentence, format!("libcurl has no info with the number {info}"));
            } else {
                let right = GETTERS[fitting].0;
                assert_eq!(refused(result, code::E_TYPE), format!("{info} is {what}: use {right}"));
            }
        }
    }
    for (_, get) in GETTERS {
        assert_eq!(get(easy.raw(), 0x40_03e7), code::E_OPTION);
    }
}

#[test]
fn null_is_refused() {
    let easy = Easy::new();
    for (_, get) in GETTERS {
        assert_eq!(get(null_mut(), info::RESPONSE_CODE), code::E_NULL);
    }
    // SAFETY: the library refuses NULL.
    unsafe {
        for result in [
            curlback_easy_get_int(easy.raw(), info::RESPONSE_CODE, null_mut()),
            curlback_easy_get_double(easy.raw(), info::TOTAL_TIME, null_mut()),
            curlback_easy_get_str(easy.raw(), info::EFFECTIVE_URL, null_mut()),
            curlback_easy_get_list(easy.raw(), info::COOKIELIST, null_mut()),
        ] {
            assert_eq!(refused(result, code::E_NULL), "value is NULL");
        }
        let result = curlback_easy_get_cert(easy.raw(), 0, null_mut());
        assert_eq!(refused(result, code::E_NULL), "fields is NULL");
    }
}

#[test]
fn a_transfer_is_described() {
    let server = HttpServer::shared();
    let easy = Easy::to(&server.url("/redirect/1"));
    easy.set_int(opt::FOLLOWLOCATION, 1);
    assert_eq!(easy.int(info::RESPONSE_CODE), 0);
    easy.on_write(|_, data| data.len() as i64);
    ok(easy.perform());
    assert_eq!(easy.int(info::RESPONSE_CODE), 200);
    assert_eq!(easy.int(info::REDIRECT_COUNT), 1);
    assert_eq!(easy.int(info::PRIMARY_PORT), i64::from(server.port()));
    assert_eq!(easy.string(info::PRIMARY_IP), "127.0.0.1");
    assert_eq!(easy.int(info::SIZE_DOWNLOAD_T), 13);
    assert_eq!(double(&easy, info::SIZE_DOWNLOAD), 13.0);
    assert_eq!(easy.int(info::CONTENT_LENGTH_DOWNLOAD_T), 13);
    let (seconds, micros) = (double(&easy, info::TOTAL_TIME), easy.int(info::TOTAL_TIME_T));
    assert!(seconds > 0.0 && seconds < 20.0, "{seconds}");
    assert_eq!((seconds * 1e6).round() as i64, micros);
    assert_eq!(easy.string(info::EFFECTIVE_METHOD), "GET");
    assert_eq!(easy.string(info::SCHEME).to_lowercase(), "http");
}

#[test]
fn a_string_stays_when_the_option_changes() {
    let url = HttpServer::shared().url("/hello");
    let easy = Easy::to(&url);
    easy.on_write(|_, data| data.len() as i64);
    ok(easy.perform());
    let mut given = null();
    // SAFETY: it can be written to.
    ok(unsafe { curlback_easy_get_str(easy.raw(), info::EFFECTIVE_URL, &mut given) });
    easy.set_url("http://127.0.0.1:1/another/and/longer/than/the/first/so/that/it/is/moved");
    assert_eq!(text(given), url);
    ok(curlback_easy_unset(easy.raw(), opt::URL));
    assert_eq!(easy.string(info::PRIMARY_IP), "127.0.0.1");
    assert_eq!(text(given), url, "asking for another does not touch it");
}

#[test]
fn a_string_that_libcurl_has_not_is_null() {
    let mut value = c"before".as_ptr();
    // SAFETY: it can be written to.
    ok(unsafe { curlback_easy_get_str(Easy::new().raw(), info::CONTENT_TYPE, &mut value) });
    assert!(value.is_null());
}

#[test]
fn cookies_are_listed() {
    let easy = Easy::to(&HttpServer::shared().url("/cookies"));
    easy.on_write(|_, data| data.len() as i64);
    easy.set_str(opt::COOKIEFILE, "");
    assert_eq!(list(&easy, info::COOKIELIST), Vec::<String>::new());
    ok(easy.perform());
    let mut cookies = list(&easy, info::COOKIELIST);
    cookies.sort();
    assert_eq!(cookies, ["127.0.0.1\tFALSE\t/\tFALSE\t0\tone\t1", "127.0.0.1\tFALSE\t/\tFALSE\t0\ttwo\t2"]);
}

/// Which there are depends on OpenSSL's configuration.
#[test]
fn engines_are_listed() {
    assert!(list(&Easy::new(), info::SSL_ENGINES).iter().all(|engine| !engine.is_empty()));
}

const NONE: &str = "there are 0 certificates: set the option CERTINFO before the transfer";

fn cert(easy: &Easy, index: usize) -> (i32, *mut curlback_list) {
    let mut fields = null_mut();
    // SAFETY: it can be written to.
    (unsafe { curlback_easy_get_cert(easy.raw(), index, &mut fields) }, fields)
}

#[test]
fn certificates_are_listed() {
    let nginx = Nginx::shared().unwrap();
    let performed = |certinfo| {
        let easy = Easy::to(&nginx.https_url("/hello.txt"));
        assert_eq!(refused(cert(&easy, 0).0, code::E_RANGE), NONE);
        easy.on_write(|_, data| data.len() as i64);
        easy.set_str(opt::CAINFO, nginx.ca_path().to_str().unwrap());
        easy.set_int(opt::CERTINFO, certinfo);
        ok(easy.perform());
        easy
    };
    assert_eq!(refused(cert(&performed(0), 0).0, code::E_RANGE), NONE);

    let easy = performed(1);
    let (result, fields) = cert(&easy, 0);
    ok(result);
    let fields = strings(fields);
    let field = |name: &str| fields.iter().find_map(|field| field.strip_prefix(name)).unwrap_or("none");
    assert!(field("Subject:").contains("curlback test server: valid"), "{fields:?}");
    assert!(field("Issuer:").contains("curlback test authority"), "{fields:?}");
    assert!(field("Cert:").starts_with("-----BEGIN CERTIFICATE-----"), "{fields:?}");
    assert!(refused(cert(&easy, 1).0, code::E_RANGE).starts_with("there are 1 certificates"));
    assert_eq!(cert(&easy, usize::MAX).0, code::E_RANGE);
}

/// The port that the socket is connected to.
fn peer_port(socket: i64) -> u16 {
    use std::net::TcpStream;
    use std::os::fd::{BorrowedFd, RawFd};

    // SAFETY: libcurl has just given it and has it open.
    let socket = unsafe { BorrowedFd::borrow_raw(socket as RawFd) };
    TcpStream::from(socket.try_clone_to_owned().unwrap()).peer_addr().unwrap().port()
}

#[test]
fn the_active_socket_is_the_live_connection() {
    let server = HttpServer::shared();
    for connect_only in [0, 1] {
        let easy = Easy::to(&server.url("/hello"));
        assert_eq!(easy.int(info::ACTIVESOCKET), -1);
        easy.on_write(|_, data| data.len() as i64);
        easy.set_int(opt::CONNECT_ONLY, connect_only);
        ok(easy.perform());
        assert_eq!(peer_port(easy.int(info::ACTIVESOCKET)), server.port());
    }
}

#[test]
fn infos_newer_than_libcurl_are_unsupported() {
    let Some(newer) = INFOS.iter().find(|row| !is_known(row)) else {
        skipped("refusing an info that is too new", "a libcurl older than 8.20.0");
        return;
    };
    let easy = Easy::new();
    let sentence =
        refused(GETTERS[getter(newer).unwrap().0].1(easy.raw(), newer.number), code::E_UNSUPPORTED);
    assert!(sentence.contains(newer.since), "{sentence}");
}
