//! TLS: HTTP/1.1 and HTTP/2 over it, HSTS.

use std::ffi::c_void;

use curlback::callback::hsts::*;
use curlback::callback::tls::curlback_easy_on_ssl_ctx;
use curlback::callback::{curlback_callback, curlback_has_callback};
use curlback::libcurl::tables::{info, opt};
use curlback_test_servers::Nginx;

use crate::run::{Easy, Run, Step, check};
use crate::support::{Raw, Token, register, skipped};
use crate::torture;

const HTTP_1_1: i64 = 2;
const HTTP_2_TLS: i64 = 4;

unsafe extern "C-unwind" fn leave(_: Raw, _: *mut c_void, _: *mut c_void) -> i32 {
    0
}

fn https(run: &Run, version: i64) -> Step {
    let nginx = Nginx::shared().unwrap();
    let easy = run.easy(&nginx.https_url("/hello.txt"))?;
    easy.set_int(opt::HTTP_VERSION, version)?;
    trust(&easy)?;
    if curlback_has_callback(curlback_callback::CURLBACK_CALLBACK_SSL_CTX as i32) {
        check(register(run.token(), |data, drop| {
            // SAFETY: the function looks at nothing.
            unsafe { curlback_easy_on_ssl_ctx(easy.raw(), Some(leave), data, drop) }
        }))?;
    }
    easy.set_int(opt::CERTINFO, 1)?;
    let body = run.collect(&easy)?;
    easy.perform()?;
    assert_eq!(*body.borrow(), b"hello, world\n");
    assert_eq!(easy.int(info::RESPONSE_CODE)?, 200);
    Ok(())
}

fn trust(easy: &Easy) -> Step {
    easy.set_str(opt::CAINFO, Nginx::shared().unwrap().ca_path().to_str().unwrap())
}

#[test]
fn tls() {
    torture("TLS", |run| https(run, HTTP_1_1));
}

#[test]
fn http_2() {
    torture("HTTP/2", |run| https(run, HTTP_2_TLS));
}

/// Entries still to be supplied, and what counts the drop.
struct Entries {
    left: std::cell::Cell<usize>,
    _token: Token,
}

unsafe extern "C-unwind" fn supply(_: Raw, slot: *mut curlback_hsts_slot, entries: *mut c_void) -> i32 {
    // SAFETY: it is what was registered.
    let entries = unsafe { &*entries.cast::<Entries>() };
    let Some(left) = entries.left.get().checked_sub(1) else { return 1 };
    entries.left.set(left);
    let name = ["one.test", "two.test"][left];
    // SAFETY: the name is there.
    unsafe { curlback_hsts_fill(slot, name.as_ptr().cast(), name.len(), i64::MAX, true) }
}

unsafe extern "C-unwind" fn write(
    _: Raw,
    entry: *const curlback_hsts_entry,
    _: usize,
    _: usize,
    token: *mut c_void,
) -> i32 {
    assert!(!entry.is_null() && !token.is_null());
    0
}

#[test]
fn hsts() {
    if !curlback_has_callback(curlback_callback::CURLBACK_CALLBACK_HSTS_READ as i32) {
        return skipped("the torture of HSTS", "HSTS");
    }
    torture("HSTS", |run| {
        let nginx = Nginx::shared().unwrap();
        let easy = run.easy("http://one.test/hsts.txt")?;
        trust(&easy)?;
        // A name that is none of the certificate's will do.
        easy.set_int(opt::SSL_VERIFYHOST, 0)?;
        easy.set_int(opt::HTTP_VERSION, HTTP_1_1)?;
        easy.set_list(opt::CONNECT_TO, &[&format!("one.test:443:127.0.0.1:{}", nginx.https_port())])?;
        let entries = Entries { left: std::cell::Cell::new(2), _token: run.token() };
        // SAFETY: the functions get what they are registered with.
        unsafe {
            check(register(entries, |data, drop| {
                curlback_easy_on_hsts_read(easy.raw(), Some(supply), data, drop)
            }))?;
            check(register(run.token(), |data, drop| {
                curlback_easy_on_hsts_write(easy.raw(), Some(write), data, drop)
            }))?;
        }
        let body = run.collect(&easy)?;
        easy.perform()?;
        assert_eq!(*body.borrow(), b"hello, world\n");
        assert_eq!(easy.int(info::RESPONSE_CODE)?, 200);
        Ok(())
    });
}
