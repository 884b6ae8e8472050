//! hsts_read and hsts_write: entries that come in, and come out again.

use std::cell::{Cell, RefCell};
use std::ffi::{CString, c_char, c_void};
use std::ptr::{null, null_mut, without_provenance_mut};
use std::rc::Rc;
use std::sync::mpsc;
use std::thread;
use std::time::SystemTime;

use curlback::callback::hsts::*;
use curlback::callback::{curlback_callback, curlback_has_callback};
use curlback::easy::options::{curlback_easy_set_int, curlback_easy_set_list, curlback_easy_unset};
use curlback::easy::{
    curlback_easy_duplicate, curlback_easy_private, curlback_easy_release, curlback_easy_reset,
    curlback_easy_set_private,
};
use curlback::libcurl::tables::{info, opt};
use curlback::result::code;
use curlback_test_servers::{Nginx, RawServer};

use crate::request::{body, quiet};
use crate::support::{Drops, Easy, LIMIT, Raw, last_error, ok, register, skipped};

const READ: i32 = curlback_callback::CURLBACK_CALLBACK_HSTS_READ as i32;
const OK: i32 = 0;
const DONE: i32 = 1;
const FAIL: i32 = 2;
const NEVER: i64 = i64::MAX;
const ABORTED: i32 = 42;
const BAD_ARGUMENT: i32 = 43;

type Slot = *mut curlback_hsts_slot;
/// Host, expiry, whether the names below it are meant too.
type Entry = (String, i64, bool);

fn on_hsts_read<F: Fn(Raw, Slot) -> i32 + 'static>(easy: Raw, body: F) -> i32 {
    unsafe extern "C-unwind" fn call<F: Fn(Raw, Slot) -> i32>(
        easy: Raw,
        slot: Slot,
        closure: *mut c_void,
    ) -> i32 {
        // SAFETY: the closure is the F that was registered.
        unsafe { (*closure.cast::<F>())(easy, slot) }
    }
    // SAFETY: `call` gets the F that register() boxes.
    register(body, |data, drop| unsafe { curlback_easy_on_hsts_read(easy, Some(call::<F>), data, drop) })
}

fn on_hsts_write<F: Fn(Raw, Entry, usize, usize) -> i32 + 'static>(easy: Raw, body: F) -> i32 {
    unsafe extern "C-unwind" fn call<F: Fn(Raw, Entry, usize, usize) -> i32>(
        easy: Raw,
        entry: *const curlback_hsts_entry,
        index: usize,
        total: usize,
        closure: *mut c_void,
    ) -> i32 {
        // SAFETY: the entry is there until this returns, with a name that ends with NUL; the closure is what was registered.
        unsafe {
            let entry = &*entry;
            let host = crate::support::text(entry.host);
            assert_eq!(host.len(), entry.host_len);
            (*closure.cast::<F>())(easy, (host, entry.expire, entry.include_subdomains), index, total)
        }
    }
    // SAFETY: `call` gets the F that register() boxes.
    register(body, |data, drop| unsafe { curlback_easy_on_hsts_write(easy, Some(call::<F>), data, drop) })
}

fn fill(slot: Slot, host: &[u8], expire: i64, include_subdomains: bool) -> i32 {
    // SAFETY: the bytes are there.
    unsafe {
        curlback_hsts_fill(slot, host.as_ptr().cast::<c_char>(), host.len(), expire, include_subdomains)
    }
}

/// Supplies the entries once for each transfer; how often it was called.
fn supply(easy: &Easy, entries: Vec<(&'static str, i64, bool)>) -> Rc<Cell<usize>> {
    let calls = Rc::new(Cell::new(0));
    let (count, handle) = (Rc::clone(&calls), easy.raw());
    ok(on_hsts_read(easy.raw(), move |easy, slot| {
        assert_eq!(easy, handle);
        let number = count.replace(count.get() + 1) % (entries.len() + 1);
        let Some((host, expire, include_subdomains)) = entries.get(number) else { return DONE };
        ok(fill(slot, host.as_bytes(), *expire, *include_subdomains));
        OK
    }));
    calls
}

type Written = Rc<RefCell<Vec<Entry>>>;

/// Collects what comes out when the handle closes.
fn collect(easy: &Easy, answer: i32) -> Written {
    let written = Written::default();
    let (all, handle) = (Rc::clone(&written), easy.raw());
    ok(on_hsts_write(easy.raw(), move |easy, entry, index, total| {
        assert_eq!((easy, index), (handle, all.borrow().len()));
        assert!(index < total);
        all.borrow_mut().push(entry);
        answer
    }));
    written
}

/// Whether the linked libcurl has HSTS. Where not, it is refused and said so.
fn available() -> bool {
    let available = curlback_has_callback(READ);
    if !available {
        skipped("the HSTS callbacks", "HSTS");
        let easy = Easy::new();
        assert_eq!(on_hsts_read(easy.raw(), |_, _| DONE), code::E_UNSUPPORTED);
        assert!(last_error().starts_with("hsts_read needs libcurl "), "{}", last_error());
        assert_eq!(on_hsts_write(easy.raw(), |_, _, _, _| DONE), code::E_UNSUPPORTED);
    }
    available
}

fn now() -> i64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs() as i64
}

/// A handle for a URL without a port, which is led to nginx by either scheme.
fn to_nginx(url: &str) -> Easy {
    let nginx = Nginx::shared().unwrap();
    let easy = quiet(url);
    easy.set_str(opt::CAINFO, nginx.ca_path().to_str().unwrap());
    // A name that is none of the certificate's will do.
    easy.set_int(opt::SSL_VERIFYHOST, 0);
    let ports = [(80, nginx.http_port()), (443, nginx.https_port())];
    let led = ports.map(|(from, to)| CString::new(format!(":{from}:127.0.0.1:{to}")).unwrap());
    let items = [led[0].as_ptr(), led[1].as_ptr()];
    // SAFETY: there are two strings.
    ok(unsafe { curlback_easy_set_list(easy.raw(), opt::CONNECT_TO, items.as_ptr(), 2) });
    easy
}

/// Performs, which must work, and tells which scheme was used.
fn scheme(easy: &Easy) -> String {
    ok(easy.perform());
    assert_eq!(body(easy), "hello, world\n");
    easy.string(info::SCHEME).to_lowercase()
}

/// A server without TLS, for transfers that are about something else.
fn plain() -> RawServer {
    RawServer::answering("HTTP/1.1 204 No Content\r\nStrict-Transport-Security: max-age=1000\r\n\r\n")
}

#[test]
fn an_entry_that_is_read_turns_http_into_https() {
    if !available() {
        return;
    }
    let (sub, top) = ("http://sub.localhost/hello.txt", "http://localhost/hello.txt");
    for (url, host, expire, include_subdomains, expected) in [
        (top, "localhost", NEVER, false, "https"),
        (top, "LOCALHOST", now() + 1000, true, "https"),
        (top, "localhost", 253_402_300_799, false, "https"),
        (top, "localhost", 253_402_300_800, false, "https"),
        (top, "localhost", now() - 1000, false, "http"),
        (top, "localhost", 0, false, "http"),
        (top, "localhost", i64::MIN, false, "http"),
        (top, "elsewhere", NEVER, true, "http"),
        (sub, "localhost", NEVER, true, "https"),
        (sub, "localhost", NEVER, false, "http"),
    ] {
        let easy = to_nginx(url);
        let calls = supply(&easy, vec![(host, expire, include_subdomains)]);
        // It is asked in each transfer.
        for transfer in 1..=2 {
            assert_eq!(scheme(&easy), expected, "{url} {host} {expire} {include_subdomains}");
            assert_eq!(calls.get(), 2 * transfer);
        }
    }
}

#[test]
fn an_answers_header_comes_out_when_the_handle_closes() {
    if !available() {
        return;
    }
    for release in [false, true] {
        let easy = to_nginx("https://localhost/hsts.txt");
        let written = collect(&easy, OK);
        let before = now();
        ok(easy.perform());
        assert_eq!(*written.borrow(), []);
        if release {
            curlback_easy_release(easy.into_raw());
        } else {
            drop(easy);
        }
        let (host, expire, include_subdomains) = written.borrow()[0].clone();
        assert_eq!((written.borrow().len(), host.as_str(), include_subdomains), (1, "localhost", true));
        // libcurl's clock may be a moment behind.
        assert!((before - 1..=now()).contains(&(expire - 31_536_000)), "{expire}");
    }
}

#[test]
fn a_header_without_tls_counts_for_nothing() {
    if !available() {
        return;
    }
    let server = plain();
    let easy = quiet(&format!("http://localhost:{}/", server.port()));
    easy.set_int(opt::IPRESOLVE, 1);
    let written = collect(&easy, OK);
    ok(easy.perform());
    drop(easy);
    assert_eq!(*written.borrow(), []);
}

#[test]
fn entries_make_a_round_trip() {
    if !available() {
        return;
    }
    let soon = now() + 86_400;
    let entries = [
        ("never.example", NEVER, true),
        ("soon.example", soon, false),
        ("last.example", 253_402_300_799, true),
        ("past.example", soon - 2 * 86_400, true),
        ("later.example", 253_402_300_800, false),
    ];
    let kept: Vec<Entry> = entries
        .iter()
        .filter(|(_, expire, _)| *expire >= soon)
        .map(|(host, expire, sub)| {
            (host.to_string(), if *expire > 253_402_300_799 { NEVER } else { *expire }, *sub)
        })
        .collect();
    assert_eq!(kept.len(), 4);
    for (answer, count) in [(OK, 4), (DONE, 1), (FAIL, 1), (7, 1)] {
        let server = plain();
        let easy = quiet(&server.url("/"));
        supply(&easy, entries.to_vec());
        let written = collect(&easy, answer);
        ok(easy.perform());
        drop(easy);
        assert_eq!(*written.borrow(), kept[..count], "{answer}");
    }
}

#[test]
fn a_callback_that_fails_to_supply_ends_the_transfer() {
    if !available() {
        return;
    }
    for (answer, result) in [(FAIL, ABORTED), (3, ABORTED), (-1, ABORTED), (OK, BAD_ARGUMENT)] {
        let server = plain();
        let easy = quiet(&server.url("/"));
        ok(on_hsts_read(easy.raw(), move |_, _| answer));
        assert_eq!(easy.perform(), result, "{answer}");
        assert!(last_error().ends_with("(in the hsts_read callback)"), "{}", last_error());
        assert_eq!((easy.error().callback, server.connections()), (READ, 0));
    }
}

#[test]
fn a_host_must_fit() {
    if !available() {
        return;
    }
    let server = plain();
    let easy = quiet(&server.url("/"));
    let written = collect(&easy, OK);
    let called = Cell::new(false);
    let longest = Rc::new(Cell::new(0));
    let found = Rc::clone(&longest);
    ok(on_hsts_read(easy.raw(), move |_, slot| {
        if called.replace(true) {
            return DONE;
        }
        for host in [&b""[..], b"."] {
            assert_eq!(fill(slot, host, NEVER, false), code::E_RANGE);
            assert_eq!(last_error(), "the host is empty");
        }
        assert_eq!(fill(slot, b"a\0b", NEVER, false), code::E_RANGE);
        assert_eq!(last_error(), "the host has a NUL in it");
        // SAFETY: NULL is what it is for.
        assert_eq!(unsafe { curlback_hsts_fill(slot, null(), 4, NEVER, false) }, code::E_NULL);
        assert_eq!(last_error(), "host is NULL");
        assert_eq!(fill(slot, &[b'a'; 10_000], NEVER, false), code::E_RANGE);
        let said = last_error();
        let room: usize =
            said.strip_prefix("the host has 10000 bytes; libcurl has room for ").unwrap().parse().unwrap();
        assert!([256, 2048].contains(&room), "{room}");
        assert_eq!(fill(slot, &vec![b'a'; room + 1], NEVER, false), code::E_RANGE);
        ok(fill(slot, b"replaced.example", 0, true));
        found.set(room);
        // One byte fewer than there is room for: libcurl looks names up by a buffer of that size.
        ok(fill(slot, &vec![b'a'; room], NEVER, false));
        OK
    }));
    ok(easy.perform());
    drop(easy);
    assert_eq!(*written.borrow(), [("a".repeat(longest.get()), NEVER, false)]);
}

#[test]
fn a_slot_is_the_callbacks_alone() {
    if !available() {
        return;
    }
    let server = plain();
    let easy = quiet(&server.url("/"));
    let kept = Rc::new(Cell::new(0));
    let keep = Rc::clone(&kept);
    ok(on_hsts_read(easy.raw(), move |easy, slot| {
        let last = keep.replace(slot.addr());
        if last != 0 {
            assert_ne!(last, slot.addr());
            assert_eq!(fill(without_provenance_mut(last), b"late.example", NEVER, false), code::E_HANDLE);
            return DONE;
        }
        let address = slot.addr();
        let elsewhere =
            thread::spawn(move || fill(without_provenance_mut(address), b"thread.example", NEVER, false));
        assert_eq!(elsewhere.join().unwrap(), code::E_NOT_IN_CALLBACK);
        assert_eq!(fill(easy.cast(), b"easy.example", NEVER, false), code::E_HANDLE);
        ok(fill(slot, b"good.example", NEVER, false));
        OK
    }));
    let written = collect(&easy, OK);
    ok(easy.perform());
    assert_eq!(fill(without_provenance_mut(kept.get()), b"late.example", NEVER, false), code::E_HANDLE);
    assert_eq!(last_error(), "not a live curlback_hsts_slot: it was closed, or never was one");
    drop(easy);
    assert_eq!(*written.borrow(), [("good.example".to_owned(), NEVER, false)]);
}

#[test]
fn duplicating_reads_with_the_original_and_the_copy_lives_on_alone() {
    if !available() {
        return;
    }
    let original = to_nginx("http://localhost/hello.txt");
    let handles = Rc::new(RefCell::new(Vec::new()));
    let seen = Rc::clone(&handles);
    ok(on_hsts_read(original.raw(), move |easy, slot| {
        seen.borrow_mut().push(easy);
        if seen.borrow().len() % 2 == 0 {
            return DONE;
        }
        ok(fill(slot, b"localhost", NEVER, false));
        OK
    }));
    let raw = original.raw();
    let mut copy = null_mut();
    // SAFETY: the copy can be written to.
    ok(unsafe { curlback_easy_duplicate(raw, &mut copy) });
    assert_eq!(*handles.borrow(), [raw, raw]);
    drop(original);
    let copy = Easy::adopt(copy);
    assert_eq!(scheme(&copy), "https");
    assert_eq!(handles.borrow()[2..], [copy.raw(), copy.raw()]);
}

/// Duplicating calls back, so that other threads are refused meanwhile, and not kept waiting.
#[test]
fn another_thread_is_answered_while_duplicating_reads() {
    if !available() {
        return;
    }
    let easy = Easy::new();
    let (answers, handle) = (Rc::new(RefCell::new(Vec::new())), easy.raw().addr());
    let keep = Rc::clone(&answers);
    ok(on_hsts_read(easy.raw(), move |_, _| {
        let (say, said) = mpsc::channel();
        thread::spawn(move || {
            say.send(curlback_easy_set_int(without_provenance_mut(handle), opt::TIMEOUT_MS, 1))
        });
        keep.borrow_mut().push(said.recv_timeout(LIMIT));
        DONE
    }));
    let mut copy = null_mut();
    // SAFETY: the copy can be written to.
    ok(unsafe { curlback_easy_duplicate(easy.raw(), &mut copy) });
    drop(Easy::adopt(copy));
    assert_eq!(*answers.borrow(), [Ok(code::E_BUSY)]);
}

#[test]
fn a_callback_may_unset_itself_while_libcurl_asks_for_more() {
    if !available() {
        return;
    }
    let drops = Drops::new();
    let easy = to_nginx("http://localhost/hello.txt");
    let (calls, token) = (Rc::new(Cell::new(0)), drops.token());
    let count = Rc::clone(&calls);
    ok(on_hsts_read(easy.raw(), move |easy, slot| {
        let _held = &token;
        count.set(count.get() + 1);
        ok(fill(slot, b"localhost", NEVER, false));
        // SAFETY: there is no callback.
        ok(unsafe { curlback_easy_on_hsts_read(easy, None, null_mut(), None) });
        OK
    }));
    // Keeps the cache that the other would take with it.
    let written = collect(&easy, OK);
    assert_eq!(scheme(&easy), "https");
    assert_eq!((calls.get(), drops.count()), (1, 1));
    // libcurl's function stayed with the handle; a duplicate's must not lead to it.
    let mut copy = null_mut();
    // SAFETY: the copy can be written to.
    ok(unsafe { curlback_easy_duplicate(easy.raw(), &mut copy) });
    let copy = Easy::adopt(copy);
    let from_copy = collect(&copy, OK);
    let again = supply(&easy, vec![]);
    scheme(&copy);
    assert_eq!((calls.get(), again.get()), (1, 0));
    drop(easy);
    assert_eq!(*written.borrow(), [("localhost".to_owned(), NEVER, false)]);
    scheme(&copy);
    drop(copy);
    assert!(from_copy.borrow().len() <= 1, "newer libcurls copy what is known");
}

#[test]
fn a_callback_that_unsets_itself_takes_the_cache_with_it_later() {
    if !available() {
        return;
    }
    let easy = to_nginx("http://localhost/hello.txt");
    let calls = Rc::new(Cell::new(0));
    let count = Rc::clone(&calls);
    ok(on_hsts_read(easy.raw(), move |easy, slot| {
        count.set(count.get() + 1);
        ok(fill(slot, b"localhost", NEVER, false));
        // SAFETY: there is no callback.
        ok(unsafe { curlback_easy_on_hsts_read(easy, None, null_mut(), None) });
        // libcurl is about to put the entry into what this would free.
        assert_eq!(curlback_easy_set_int(easy, opt::HSTS_CTRL, 0), code::E_IN_CALLBACK);
        assert_eq!(curlback_easy_unset(easy, opt::HSTS_CTRL), code::E_IN_CALLBACK);
        OK
    }));
    assert_eq!((scheme(&easy).as_str(), calls.get()), ("https", 1));
    assert_eq!((scheme(&easy).as_str(), calls.get()), ("http", 1));
    let again = supply(&easy, vec![("localhost", NEVER, false)]);
    assert_eq!((scheme(&easy).as_str(), again.get()), ("https", 2));
}

#[test]
fn the_option_follows_the_callbacks_until_it_is_set() {
    if !available() {
        return;
    }
    let easy = to_nginx("http://localhost/hello.txt");
    let calls = supply(&easy, vec![("localhost", NEVER, false)]);
    ok(curlback_easy_set_int(easy.raw(), opt::HSTS_CTRL, 0));
    assert_eq!((scheme(&easy).as_str(), calls.get()), ("http", 0));
    ok(curlback_easy_unset(easy.raw(), opt::HSTS_CTRL));
    assert_eq!((scheme(&easy).as_str(), calls.get()), ("https", 2));
    // SAFETY: there is no callback.
    ok(unsafe { curlback_easy_on_hsts_read(easy.raw(), None, null_mut(), None) });
    assert_eq!((scheme(&easy).as_str(), calls.get()), ("http", 2));
    // One that stays keeps the cache.
    let calls = supply(&easy, vec![("localhost", NEVER, false)]);
    let written = collect(&easy, OK);
    assert_eq!((scheme(&easy).as_str(), calls.get()), ("https", 2));
    // SAFETY: there is no callback.
    ok(unsafe { curlback_easy_on_hsts_read(easy.raw(), None, null_mut(), None) });
    assert_eq!(scheme(&easy), "https");
    drop(easy);
    assert_eq!(*written.borrow(), [("localhost".to_owned(), NEVER, false)]);
}

#[test]
fn what_is_unset_or_reset_is_not_written() {
    if !available() {
        return;
    }
    for reset in [false, true] {
        let server = plain();
        let easy = quiet(&server.url("/"));
        supply(&easy, vec![("one.example", NEVER, false)]);
        let written = collect(&easy, OK);
        ok(easy.perform());
        if reset {
            ok(curlback_easy_reset(easy.raw()));
        } else {
            // SAFETY: there is no callback.
            ok(unsafe { curlback_easy_on_hsts_write(easy.raw(), None, null_mut(), None) });
        }
        drop(easy);
        assert_eq!(*written.borrow(), []);
    }
}

#[test]
fn while_the_handle_closes_private_and_raise_are_served() {
    if !available() {
        return;
    }
    let server = plain();
    let easy = quiet(&server.url("/"));
    // SAFETY: nothing is dropped.
    ok(unsafe { curlback_easy_set_private(easy.raw(), without_provenance_mut(77), None) });
    supply(&easy, vec![("one.example", NEVER, false), ("two.example", NEVER, false)]);
    let calls = Rc::new(Cell::new(0));
    let (count, drops) = (Rc::clone(&calls), Drops::new());
    let counted = drops.clone();
    ok(on_hsts_write(easy.raw(), move |easy, _, _, total| {
        count.set(count.get() + 1);
        assert_eq!(total, 2);
        assert_eq!(curlback_easy_private(easy).addr(), 77);
        assert_eq!(curlback_easy_set_int(easy, opt::VERBOSE, 0), code::E_IN_CALLBACK);
        let (payload, drop) = counted.user_data();
        // SAFETY: the message is NULL, and the payload is dropped once.
        ok(unsafe { curlback::easy::error::curlback_easy_raise(easy, 1, 5, null(), payload, drop) });
        OK
    }));
    ok(easy.perform());
    drop(easy);
    assert_eq!((calls.get(), drops.count()), (2, 2));
}
