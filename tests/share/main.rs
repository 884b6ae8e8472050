//! Shares: caches that handles have in common.

mod kinds;
mod life;
mod locks;
#[path = "../support/mod.rs"]
mod support;
mod threads;
mod turns;

use std::cell::RefCell;
use std::ffi::{CString, c_char};
use std::io::Write as _;
use std::rc::Rc;

use curlback::easy::options::curlback_easy_set_list;
use curlback::libcurl::tables::{info, opt};
use curlback::library::curlback_has_feature;
use curlback::share::curlback_share_data::*;
use curlback::share::*;
use curlback_test_servers::{HttpServer, Nginx, RawServer, read_request};
use support::{Easy, LIMIT, last_error, ok};

type RawShare = *mut curlback_share;

const COOKIES: i32 = CURLBACK_SHARE_COOKIES as i32;
const DNS: i32 = CURLBACK_SHARE_DNS as i32;
const TLS_SESSIONS: i32 = CURLBACK_SHARE_TLS_SESSIONS as i32;
const CONNECTIONS: i32 = CURLBACK_SHARE_CONNECTIONS as i32;
const PSL: i32 = CURLBACK_SHARE_PSL as i32;
const HSTS: i32 = CURLBACK_SHARE_HSTS as i32;
const ALL: [i32; 6] = [COOKIES, DNS, TLS_SESSIONS, CONNECTIONS, PSL, HSTS];

/// A share that is closed when it goes, and must be closable then.
struct Share(RawShare);

impl Share {
    fn new(kinds: &[i32]) -> Self {
        let share = curlback_share_new();
        assert!(!share.is_null(), "{}", last_error());
        for kind in kinds.iter().filter(|kind| has(**kind)) {
            ok(curlback_share_add(share, *kind));
        }
        Share(share)
    }

    fn raw(&self) -> RawShare {
        self.0
    }

    fn into_raw(self) -> RawShare {
        let raw = self.0;
        std::mem::forget(self);
        raw
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let closed = curlback_share_close(self.0);
        if !std::thread::panicking() {
            ok(closed);
        }
    }
}

/// Whether the linked libcurl has it.
fn has(kind: i32) -> bool {
    let feature = match kind {
        PSL => c"PSL",
        HSTS => c"HSTS",
        TLS_SESSIONS => c"SSL",
        _ => return true,
    };
    // SAFETY: it ends with NUL.
    unsafe { curlback_has_feature(feature.as_ptr()) }
}

fn join(easy: &Easy, share: RawShare) {
    ok(curlback_easy_set_share(easy.raw(), share));
}

/// What arrives.
#[derive(Clone, Default)]
struct Body(Rc<RefCell<Vec<u8>>>);

impl Body {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.borrow()).into_owned()
    }
}

/// A new handle for this URL, and what it gets. What hangs fails.
fn to(url: &str) -> (Easy, Body) {
    let easy = Easy::to(url);
    easy.set_int(opt::TIMEOUT, LIMIT.as_secs() as i64);
    // Sharing cookies does not switch their use on.
    easy.set_str(opt::COOKIEFILE, "");
    let body = Body::default();
    let sink = body.0.clone();
    easy.on_write(move |_, data| {
        sink.borrow_mut().extend_from_slice(data);
        data.len() as i64
    });
    (easy, body)
}

fn url(path: &str) -> String {
    HttpServer::shared().url(path)
}

/// Has the handle trust nginx's certificates.
fn trust(easy: &Easy, nginx: &Nginx) {
    easy.set_str(opt::CAINFO, nginx.ca_path().to_str().unwrap());
}

/// Has the handle find "shared.test" at 127.0.0.1.
fn resolve(easy: &Easy, port: u16) {
    let entry = CString::new(format!("shared.test:{port}:127.0.0.1")).unwrap();
    let entries: [*const c_char; 1] = [entry.as_ptr()];
    // SAFETY: one string.
    ok(unsafe { curlback_easy_set_list(easy.raw(), opt::RESOLVE, entries.as_ptr(), 1) });
}

/// A server whose cookies are for all of a domain: whether that is a public suffix is looked up.
fn domain_cookies() -> RawServer {
    RawServer::start(|mut stream, _| {
        while read_request(stream)?.is_some() {
            stream.write_all(
                b"HTTP/1.1 200 OK\r\nSet-Cookie: a=1; Domain=shared.test\r\nContent-Length: 2\r\n\r\nok",
            )?;
        }
        Ok(())
    })
}

/// How many connections the last transfer made.
fn connects(easy: &Easy) -> i64 {
    easy.int(info::NUM_CONNECTS)
}
