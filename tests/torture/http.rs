//! HTTP: downloads, uploads, redirects, what a handle can be told.

use std::ffi::CStr;
use std::ptr::null;

use curlback::callback::request::{curlback_easy_on_trailer, curlback_trailers, curlback_trailers_add};
use curlback::callback::{curlback_callback, curlback_has_callback};
use curlback::easy::batch::curlback_easy_batch_body;
use curlback::easy::curlback_easy_reset;
use curlback::easy::error::{curlback_easy_raise, curlback_raise};
use curlback::easy::options::curlback_easy_unset;
use curlback::easy::raw::{curlback_easy_recv, curlback_easy_send};
use curlback::easy::sink::{
    curlback_easy_body, curlback_easy_body_to_memory, curlback_easy_header_to_memory,
};
use curlback::easy::source::curlback_easy_read_from_memory;
use curlback::libcurl::tables::{info, opt};
use curlback::result::code;
use curlback_test_servers::{HttpServer, RawServer, pattern, read_request};

use crate::memory;
use crate::run::{Easy, Run, Step, check};
use crate::support::{self, Raw, register, skipped};
use crate::{torture, torture_with, wait_readable};

fn url(path: &str) -> String {
    HttpServer::shared().url(path)
}

fn download(run: &Run) -> Step {
    let easy = run.easy(&url("/bytes/40000"))?;
    easy.set_str(opt::USERAGENT, "torture")?;
    easy.set_list(opt::HTTPHEADER, &["X-One: 1", "X-Two: 2", "Accept:"])?;
    run.watch(&easy)?;
    run.keep(&easy)?;
    let body = run.collect(&easy)?;
    let first = easy.perform();
    if first.is_ok() {
        assert_eq!(*body.borrow(), pattern(0, 40_000));
    }
    // A handle that failed for want of memory works when there is some.
    memory::relieve();
    body.borrow_mut().clear();
    assert_eq!(easy.perform(), Ok(()), "the next transfer fails: {}", support::last_error());
    assert_eq!(*body.borrow(), pattern(0, 40_000));
    first
}

#[test]
fn a_download() {
    torture("download", download);
}

#[test]
fn a_download_into_memory() {
    torture("download into memory", |run| {
        let easy = run.easy(&url("/headers/30"))?;
        check(curlback_easy_body_to_memory(easy.raw(), 1 << 16))?;
        check(curlback_easy_header_to_memory(easy.raw(), 1 << 16))?;
        easy.perform()?;
        assert_eq!(collected(&easy)?, b"30 headers\n");
        assert_eq!(easy.int(info::RESPONSE_CODE)?, 200);
        Ok(())
    });
}

fn collected(easy: &Easy) -> Step<Vec<u8>> {
    let (mut data, mut len) = (null(), 0);
    // SAFETY: both can be written to, and the body stays until the next transfer.
    unsafe {
        check(curlback_easy_body(easy.raw(), &mut data, &mut len))?;
        Ok(if len == 0 { Vec::new() } else { std::slice::from_raw_parts(data, len).to_vec() })
    }
}

#[test]
fn an_upload() {
    torture("upload", |run| {
        let easy = run.easy(&url("/echo"))?;
        run.supply(&easy, &pattern(0, 30_000), true)?;
        let body = run.collect(&easy)?;
        easy.perform()?;
        assert_eq!(*body.borrow(), pattern(0, 30_000));
        Ok(())
    });
}

#[test]
fn an_upload_from_memory() {
    torture("upload from memory", |run| {
        let easy = run.easy(&url("/echo"))?;
        let content = pattern(0, 3000);
        // SAFETY: the bytes are there until the handle closes.
        check(unsafe { curlback_easy_read_from_memory(easy.raw(), content.as_ptr().cast(), content.len()) })?;
        easy.set_int(opt::UPLOAD, 1)?;
        let body = run.collect(&easy)?;
        easy.perform()?;
        assert_eq!(*body.borrow(), content);
        Ok(())
    });
}

#[test]
fn a_post() {
    torture("post", |run| {
        let easy = run.easy(&url("/echo"))?;
        easy.set_bytes(opt::POSTFIELDS, &pattern(0, 2000))?;
        let body = run.collect(&easy)?;
        easy.perform()?;
        assert_eq!(*body.borrow(), pattern(0, 2000));
        Ok(())
    });
}

#[test]
fn redirects() {
    torture("redirect", |run| {
        let easy = run.easy(&url("/redirect/3"))?;
        easy.set_int(opt::FOLLOWLOCATION, 1)?;
        easy.set_str(opt::REFERER, "http://127.0.0.1/before")?;
        run.watch(&easy)?;
        let body = run.collect(&easy)?;
        easy.perform()?;
        assert_eq!(*body.borrow(), b"hello, world\n");
        assert_eq!(easy.int(info::REDIRECT_COUNT)?, 3);
        Ok(())
    });
}

#[test]
fn an_upload_that_is_rewound() {
    torture("redirected upload", |run| {
        let easy = run.easy(&url("/redirect307"))?;
        easy.set_int(opt::FOLLOWLOCATION, 1)?;
        run.supply(&easy, &pattern(0, 5000), true)?;
        let body = run.collect(&easy)?;
        easy.perform()?;
        assert_eq!(*body.borrow(), pattern(0, 5000));
        Ok(())
    });
}

#[test]
fn a_password_by_digest() {
    torture("digest", |run| {
        let easy = run.easy(&url("/digest"))?;
        easy.set_str(opt::USERPWD, "user:secret")?;
        easy.set_int(opt::HTTPAUTH, 1 << 1)?;
        // Without memory for the answer to it, libcurl may take the server's challenge for all there is.
        easy.set_int(opt::FAILONERROR, 1)?;
        run.supply(&easy, b"digested", true)?;
        let body = run.collect(&easy)?;
        easy.perform()?;
        assert_eq!(*body.borrow(), b"digested");
        Ok(())
    });
}

#[test]
fn cookies_and_lists() {
    torture("cookies and lists", |run| {
        let easy = run.easy(&url("/cookies"))?;
        easy.set_str(opt::COOKIEFILE, "")?;
        easy.set_list(opt::HTTPHEADER, &["X-One: 1", "X-Two: 2"])?;
        // What is replaced is freed once.
        easy.set_list(opt::HTTPHEADER, &["X-Three: 3"])?;
        easy.set_list(opt::RESOLVE, &["torture.test:80:127.0.0.1"])?;
        let body = run.collect(&easy)?;
        easy.perform()?;
        assert_eq!(*body.borrow(), b"cookies\n");
        easy.list(info::COOKIELIST)?;
        body.borrow_mut().clear();
        easy.set_str(opt::URL, &url("/request-headers"))?;
        easy.perform()?;
        let text = String::from_utf8_lossy(&body.borrow()).into_owned();
        assert!(text.contains("x-three: 3\n") && !text.contains("x-one"), "{text}");
        check(curlback_easy_unset(easy.raw(), opt::HTTPHEADER))
    });
}

#[test]
fn a_body_in_batches() {
    torture("batch_body", |run| {
        let easy = run.easy(&url("/chunked/30000/1000"))?;
        check(curlback_easy_batch_body(easy.raw(), 8192))?;
        run.watch(&easy)?;
        let body = run.collect(&easy)?;
        easy.perform()?;
        assert_eq!(*body.borrow(), pattern(0, 30_000));
        Ok(())
    });
}

#[test]
fn callbacks_that_are_replaced_and_a_reset() {
    torture("replace and reset", |run| {
        let easy = run.easy(&url("/hello"))?;
        run.collect(&easy)?;
        run.watch(&easy)?;
        run.watch(&easy)?;
        run.keep(&easy)?;
        run.keep(&easy)?;
        easy.perform()?;
        check(curlback_easy_reset(easy.raw()))?;
        easy.set_int(opt::TIMEOUT, 10)?;
        easy.set_str(opt::URL, &url("/hello"))?;
        // From inside of itself.
        let body = run.collect(&easy)?;
        let token = run.token();
        let inner = std::cell::RefCell::new(Some(run.token()));
        check(support::on_header(easy.raw(), move |easy, line| {
            let _ = &token;
            let Some(token) = inner.borrow_mut().take() else { return line.len() as i64 };
            let replaced = support::on_header(easy, move |_, line| {
                let _ = &token;
                line.len() as i64
            });
            if replaced == 0 { line.len() as i64 } else { -1 }
        }))?;
        easy.perform()?;
        assert_eq!(*body.borrow(), b"hello, world\n");
        Ok(())
    });
}

/// Raises an interrupt with a payload.
fn interrupt(easy: Raw, payload: support::Token) -> i32 {
    let interrupt = curlback_raise::CURLBACK_RAISE_INTERRUPT as i32;
    let message: &CStr = c"enough";
    register(payload, |data, drop| {
        // SAFETY: the message ends with NUL, and register() says what drops the payload.
        unsafe { curlback_easy_raise(easy, interrupt, 7, message.as_ptr(), data, drop) }
    })
}

#[test]
fn a_callback_that_raises() {
    torture("raise", |run| {
        let easy = run.easy(&url("/bytes/1000"))?;
        let payload = std::cell::RefCell::new(Some(run.token()));
        let token = run.token();
        check(support::on_write(easy.raw(), move |easy, data| {
            let _ = &token;
            let raised = payload.borrow_mut().take().map(|payload| interrupt(easy, payload));
            assert_eq!(raised, Some(0));
            data.len() as i64
        }))?;
        match easy.perform() {
            Err(code::E_RAISED) => Ok(()),
            Ok(()) => panic!("what was raised is lost"),
            other => other,
        }
    });
}

#[test]
fn trailers() {
    if !curlback_has_callback(curlback_callback::CURLBACK_CALLBACK_TRAILER as i32) {
        return skipped("the torture of trailers", "8.7.0 or newer");
    }
    unsafe extern "C-unwind" fn add(
        _: Raw,
        trailers: *mut curlback_trailers,
        _: *mut std::ffi::c_void,
    ) -> i32 {
        // SAFETY: they end with NUL.
        let added =
            unsafe { [c"X-One: 1", c"X-Two: 2"].map(|line| curlback_trailers_add(trailers, line.as_ptr())) };
        i32::from(added != [0, 0])
    }
    torture("trailers", |run| {
        let easy = run.easy(&url("/echo"))?;
        run.supply(&easy, b"with trailers", false)?;
        check(register(run.token(), |data, drop| {
            // SAFETY: the function does not look at the user data.
            unsafe { curlback_easy_on_trailer(easy.raw(), Some(add), data, drop) }
        }))?;
        check(curlback_easy_header_to_memory(easy.raw(), 1 << 16))?;
        let body = run.collect(&easy)?;
        easy.perform()?;
        assert_eq!(*body.borrow(), b"with trailers");
        Ok(())
    });
}

#[test]
fn a_raw_connection() {
    let start = || {
        RawServer::start(|mut stream, _| {
            if read_request(stream)?.is_some() {
                std::io::Write::write_all(&mut stream, b"hello")?;
            }
            Ok(())
        })
    };
    torture_with("raw connection", start, |server, run| {
        let easy = run.easy(&server.url("/"))?;
        easy.set_int(opt::CONNECT_ONLY, 1)?;
        easy.perform()?;
        let request = b"GET / HTTP/1.1\r\n\r\n";
        let mut sent = 0;
        // SAFETY: the bytes are there.
        check(unsafe { curlback_easy_send(easy.raw(), request.as_ptr().cast(), request.len(), &mut sent) })?;
        assert_eq!(sent, request.len());
        let mut answer = Vec::new();
        while answer.len() < 5 {
            wait_readable(&easy)?;
            let (mut buffer, mut received) = ([0_u8; 100], 0);
            // SAFETY: the buffer has that capacity.
            check(unsafe {
                curlback_easy_recv(easy.raw(), buffer.as_mut_ptr().cast(), buffer.len(), &mut received)
            })?;
            answer.extend_from_slice(&buffer[..received]);
        }
        assert_eq!(answer, b"hello");
        Ok(())
    });
}
