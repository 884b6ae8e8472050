//! Seeing what goes on.

use std::cell::{Cell, RefCell};
use std::io::Write as _;
use std::process::{Command, Output};
use std::ptr::null_mut;
use std::rc::Rc;
use std::sync::{Arc, Mutex};

use curlback::callback::debug::curlback_debug::{
    CURLBACK_DEBUG_DATA_IN, CURLBACK_DEBUG_DATA_OUT, CURLBACK_DEBUG_HEADER_IN, CURLBACK_DEBUG_HEADER_OUT,
    CURLBACK_DEBUG_TEXT, CURLBACK_DEBUG_TLS_DATA_IN, CURLBACK_DEBUG_TLS_DATA_OUT,
};
use curlback::callback::debug::curlback_easy_on_debug;
use curlback::callback::progress::{curlback_easy_on_progress, curlback_easy_on_xferinfo};
use curlback::easy::source::curlback_easy_read_from_memory;
use curlback::libcurl::tables::opt;
use curlback::libcurl::version;
use curlback_test_servers::{HttpServer, Nginx, RawServer, pattern, read_request};

use crate::collect;
use crate::support::{Drops, Easy, last_error, ok, skipped};

const COULDNT_RESOLVE_HOST: i32 = 6;
const ABORTED: i32 = 42;

/// What the debug callback was shown, by kind.
type Shown = Rc<RefCell<[Vec<u8>; 7]>>;

fn show(easy: &Easy) -> Shown {
    let shown = Shown::default();
    let sink = shown.clone();
    easy.on_debug(move |_, kind, data| sink.borrow_mut()[kind as usize].extend_from_slice(data));
    shown
}

#[test]
fn debug_shows_the_exact_bytes_of_headers_and_bodies_in_both_directions() {
    let head = "HTTP/1.1 200 Fine\r\nX-One: 1\r\nContent-Length: 1000\r\n\r\n";
    let requests = Arc::new(Mutex::new(Vec::new()));
    let sink = requests.clone();
    let server = RawServer::start(move |mut stream, _| {
        sink.lock().unwrap().extend(read_request(stream)?);
        stream.write_all(head.as_bytes())?;
        stream.write_all(&pattern(7, 1000))
    });
    let easy = Easy::to(&server.url("/path?query"));
    let sent = pattern(0, 500);
    easy.set_int(opt::POST, 1);
    easy.set_int(opt::POSTFIELDSIZE_LARGE, 500);
    // SAFETY: the bytes are there.
    ok(unsafe { curlback_easy_read_from_memory(easy.raw(), sent.as_ptr().cast(), sent.len()) });
    let (shown, body) = (show(&easy), collect(&easy));
    ok(easy.perform());
    let shown = shown.borrow();
    let requests = requests.lock().unwrap();
    let kind = |kind: i32| shown[kind as usize].as_slice();
    assert_eq!(kind(CURLBACK_DEBUG_HEADER_OUT as i32), format!("{}\r\n", requests[0].head).as_bytes());
    assert!(requests[0].head.starts_with("POST /path?query HTTP/1.1\r\n"));
    assert_eq!(kind(CURLBACK_DEBUG_HEADER_IN as i32), head.as_bytes());
    assert_eq!(kind(CURLBACK_DEBUG_DATA_OUT as i32), sent);
    assert_eq!(requests[0].body, sent);
    assert_eq!(kind(CURLBACK_DEBUG_DATA_IN as i32), pattern(7, 1000));
    assert_eq!(*body.borrow(), pattern(7, 1000));
    let said = String::from_utf8_lossy(kind(CURLBACK_DEBUG_TEXT as i32));
    assert!(said.contains("127.0.0.1") && said.ends_with('\n'), "{said}");
    assert_eq!(kind(CURLBACK_DEBUG_TLS_DATA_IN as i32), b"");
    assert_eq!(kind(CURLBACK_DEBUG_TLS_DATA_OUT as i32), b"");
}

#[test]
fn debug_shows_the_records_of_tls() {
    let nginx = Nginx::shared().unwrap_or_else(|error| panic!("{error}"));
    let easy = Easy::to(&nginx.https_url("/hello.txt"));
    easy.set_str(opt::CAINFO, nginx.ca_path().to_str().unwrap());
    let (shown, _body) = (show(&easy), collect(&easy));
    ok(easy.perform());
    let shown = shown.borrow();
    assert!(!shown[CURLBACK_DEBUG_TLS_DATA_IN as usize].is_empty());
    assert!(!shown[CURLBACK_DEBUG_TLS_DATA_OUT as usize].is_empty());
    assert_eq!(shown[CURLBACK_DEBUG_DATA_IN as usize], b"hello, world\n");
}

/// Set where this program was started again for one test.
const CHILD: &str = "CURLBACK_TEST_CHILD";

/// Runs one test of this program in a process of its own, where it must be well; what it wrote.
fn in_child(test: &str, value: &str) -> Output {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(CHILD, value)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("1 passed"), "{test} is no test: {said}");
    output
}

/// Newer libcurls have their own handles say nothing unless that is asked for by name, for the whole process.
fn let_handles_that_ask_for_names_speak() {
    type Trace = unsafe extern "C" fn(*const std::ffi::c_char) -> u32;
    #[cfg(libcurl_static)]
    let trace: Option<Trace> = {
        unsafe extern "C" {
            fn curl_global_trace(config: *const std::ffi::c_char) -> u32;
        }
        Some(curl_global_trace)
    };
    #[cfg(not(libcurl_static))]
    let trace: Option<Trace> = {
        // SAFETY: the name ends with NUL.
        let found = unsafe { libc::dlsym(libc::RTLD_DEFAULT, c"curl_global_trace".as_ptr()) };
        // SAFETY: libcurl's function of that name has this type.
        (!found.is_null()).then(|| unsafe { std::mem::transmute::<*mut std::ffi::c_void, Trace>(found) })
    };
    if let Some(trace) = trace {
        // SAFETY: the text ends with NUL; libcurl is initialised, as there is a handle.
        assert_eq!(unsafe { trace(c"doh".as_ptr()) }, 0);
    }
}

/// Names that are asked for by HTTPS are asked for by handles of libcurl's own, which have the same callback and data pointer.
#[test]
fn debug_is_given_the_handle_it_was_registered_on_also_by_handles_of_libcurls_own() {
    if version::number() < version::version(8, 4, 0) {
        return skipped("debug with handles of libcurl's own", "8.4");
    }
    let Ok(doh) = std::env::var(CHILD) else {
        let test =
            "debug_progress::debug_is_given_the_handle_it_was_registered_on_also_by_handles_of_libcurls_own";
        in_child(test, &Nginx::shared().unwrap().https_url("/hello.txt"));
        return;
    };
    let easy = Easy::to("http://name.example/");
    let_handles_that_ask_for_names_speak();
    easy.set_str(opt::DOH_URL, &doh);
    easy.set_int(opt::DOH_SSL_VERIFYPEER, 0);
    easy.set_int(opt::DOH_SSL_VERIFYHOST, 0);
    let (handle, asked) = (easy.raw(), Rc::new(Cell::new(0)));
    let count = asked.clone();
    easy.on_debug(move |easy, kind, data| {
        assert_eq!(easy, handle);
        // The transfer itself never comes to its request.
        if kind == CURLBACK_DEBUG_HEADER_OUT as i32 {
            assert!(String::from_utf8_lossy(data).contains("/hello.txt "), "{data:?}");
            count.set(count.get() + 1);
        }
    });
    // nginx serves files, not names.
    assert_eq!(easy.perform(), COULDNT_RESOLVE_HOST, "{}", last_error());
    assert!(asked.get() > 0);
}

#[test]
fn debug_is_silent_once_it_is_unset_also_inside_itself() {
    let easy = Easy::to(&HttpServer::shared().url("/hello"));
    let drops = Drops::new();
    let (token, calls) = (drops.token(), Rc::new(Cell::new(0)));
    let counted = calls.clone();
    easy.on_debug(move |raw, _, _| {
        let _held = &token;
        counted.set(counted.get() + 1);
        // SAFETY: it unsets.
        ok(unsafe { curlback_easy_on_debug(raw, None, null_mut(), None) });
        // What it was called with is there until it returns.
        counted.set(counted.get() + 10);
    });
    let _body = collect(&easy);
    ok(easy.perform());
    ok(easy.perform());
    assert_eq!((calls.get(), drops.count()), (11, 1));
}

/// Registers both, each adding to what was called, in this order.
fn both(easy: &Easy, xferinfo_first: bool) -> (Rc<RefCell<String>>, Drops) {
    let (called, drops) = (Rc::new(RefCell::new(String::new())), Drops::new());
    let add = |letter| {
        let (called, token) = (called.clone(), drops.token());
        move || {
            let _held = &token;
            called.borrow_mut().push(letter);
            0
        }
    };
    let progress = add('p');
    let xferinfo = add('x');
    if xferinfo_first {
        easy.on_xferinfo(move |_, _| xferinfo());
        easy.on_progress(move |_, _| progress());
    } else {
        easy.on_progress(move |_, _| progress());
        easy.on_xferinfo(move |_, _| xferinfo());
    }
    (called, drops)
}

fn clear_progress(easy: &Easy) {
    // SAFETY: it unsets.
    ok(unsafe { curlback_easy_on_progress(easy.raw(), None, null_mut(), None) });
}

fn clear_xferinfo(easy: &Easy) {
    // SAFETY: it unsets.
    ok(unsafe { curlback_easy_on_xferinfo(easy.raw(), None, null_mut(), None) });
}

#[test]
fn only_xferinfo_is_called_where_both_are_set_and_clearing_one_leaves_the_other() {
    for xferinfo_first in [false, true] {
        for progress_goes_first in [false, true] {
            let easy = Easy::to(&HttpServer::shared().url("/bytes/100000"));
            let _body = collect(&easy);
            let (called, drops) = both(&easy, xferinfo_first);
            let called_in_one = || {
                called.borrow_mut().clear();
                ok(easy.perform());
                let mut letters: Vec<char> = called.borrow().chars().collect();
                letters.dedup();
                letters
            };
            assert_eq!(called_in_one(), ['x']);
            if progress_goes_first {
                clear_progress(&easy);
                assert_eq!((called_in_one(), drops.count()), (vec!['x'], 1));
                clear_xferinfo(&easy);
            } else {
                clear_xferinfo(&easy);
                assert_eq!((called_in_one(), drops.count()), (vec!['p'], 1));
                clear_progress(&easy);
            }
            assert_eq!(drops.count(), 2);
            assert_eq!(called_in_one(), []);
            easy.on_progress(|_, _| 0);
            ok(easy.perform());
        }
    }
}

#[test]
fn anything_but_0_ends_the_transfer() {
    // 0x10000001 is libcurl's own CURL_PROGRESSFUNC_CONTINUE, which would show a progress meter.
    for answer in [1, -1, 2, 42, 0x1000_0001, i32::MIN, i32::MAX] {
        for xferinfo in [false, true] {
            let easy = Easy::to(&HttpServer::shared().url("/bytes/100000"));
            let body = collect(&easy);
            let calls = Rc::new(Cell::new(0));
            let counted = calls.clone();
            let count = move || {
                counted.set(counted.get() + 1);
                answer
            };
            if xferinfo {
                easy.on_xferinfo(move |_, _| count());
            } else {
                easy.on_progress(move |_, _| count());
            }
            assert_eq!(easy.perform(), ABORTED, "{answer}");
            let name = if xferinfo { "xferinfo callback" } else { "progress callback" };
            assert!(last_error().contains(name), "{}", last_error());
            assert_eq!((calls.get(), body.borrow().len()), (1, 0));
            clear_progress(&easy);
            clear_xferinfo(&easy);
            ok(easy.perform());
            assert_eq!(body.borrow().len(), 100_000);
        }
    }
}

/// The totals and counts of the last call, after a transfer in which none went back.
fn last_of(easy: &Easy, xferinfo: bool) -> [i64; 4] {
    let last = Rc::new(Cell::new([0; 4]));
    let seen = last.clone();
    let see = move |now: [i64; 4]| {
        let before = seen.replace(now);
        assert!(before.iter().zip(&now).all(|(before, now)| before <= now), "{before:?}, then {now:?}");
        0
    };
    if xferinfo {
        easy.on_xferinfo(move |_, now| see(now));
    } else {
        easy.on_progress(move |_, now| {
            assert!(now.iter().all(|number| number.fract() == 0.0));
            see(now.map(|number| number as i64))
        });
    }
    ok(easy.perform());
    last.get()
}

#[test]
fn the_totals_of_a_download_and_of_an_upload_are_right() {
    for xferinfo in [false, true] {
        let download = Easy::to(&HttpServer::shared().url("/bytes/300000"));
        let _body = collect(&download);
        assert_eq!(last_of(&download, xferinfo), [300_000, 300_000, 0, 0]);

        let unknown = Easy::to(&HttpServer::shared().url("/chunked/300000/1000"));
        let _body = collect(&unknown);
        assert_eq!(last_of(&unknown, xferinfo), [0, 300_000, 0, 0]);

        let upload = Easy::to(&HttpServer::shared().url("/echo"));
        let sent = pattern(0, 200_000);
        upload.set_int(opt::UPLOAD, 1);
        upload.set_int(opt::INFILESIZE_LARGE, 200_000);
        // SAFETY: the bytes are there.
        ok(unsafe { curlback_easy_read_from_memory(upload.raw(), sent.as_ptr().cast(), sent.len()) });
        let _body = collect(&upload);
        assert_eq!(last_of(&upload, xferinfo), [200_000, 200_000, 200_000, 200_000]);
    }
}

#[test]
fn xferinfo_counts_beyond_32_bits() {
    let size = (4_i64 << 30) + 123;
    let server = RawServer::start(move |mut stream, _| {
        read_request(stream)?;
        write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n")?;
        stream.write_all(b"begin")
    });
    let easy = Easy::to(&server.url("/"));
    let _body = collect(&easy);
    let total = Rc::new(Cell::new(0));
    let seen = total.clone();
    easy.on_xferinfo(move |_, [download_total, ..]| {
        seen.set(download_total);
        0
    });
    assert_eq!(easy.perform(), 18);
    assert_eq!(total.get(), size);
}

/// libcurl's own meter, or what is left of it, would come on standard error.
#[test]
fn libcurl_shows_no_meter_of_its_own_whichever_is_set() {
    if std::env::var(CHILD).is_err() {
        let shown = in_child("debug_progress::libcurl_shows_no_meter_of_its_own_whichever_is_set", "").stderr;
        return assert_eq!(String::from_utf8_lossy(&shown), "");
    }
    for xferinfo_first in [false, true] {
        let easy = Easy::to(&HttpServer::shared().url("/bytes/100000"));
        let _body = collect(&easy);
        let _both = both(&easy, xferinfo_first);
        ok(easy.perform());
        clear_xferinfo(&easy);
        ok(easy.perform());
        clear_progress(&easy);
        ok(easy.perform());
        easy.on_xferinfo(|_, _| 0);
        ok(easy.perform());
    }
}
