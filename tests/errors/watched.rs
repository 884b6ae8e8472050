//! A transfer that calls every kind of callback, each of which asks the test what to do.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use curlback::callback::curlback_callback::{
    CURLBACK_CALLBACK_DEBUG, CURLBACK_CALLBACK_HEADER, CURLBACK_CALLBACK_PROGRESS, CURLBACK_CALLBACK_READ,
    CURLBACK_CALLBACK_SEEK, CURLBACK_CALLBACK_WRITE, CURLBACK_CALLBACK_XFERINFO,
};
use curlback::libcurl::tables::opt;
use curlback_test_servers::HttpServer;

use crate::support::{Drops, Easy, Raw};

pub const WRITE: i32 = CURLBACK_CALLBACK_WRITE as i32;
pub const HEADER: i32 = CURLBACK_CALLBACK_HEADER as i32;
pub const READ: i32 = CURLBACK_CALLBACK_READ as i32;
pub const SEEK: i32 = CURLBACK_CALLBACK_SEEK as i32;
pub const DEBUG: i32 = CURLBACK_CALLBACK_DEBUG as i32;
pub const PROGRESS: i32 = CURLBACK_CALLBACK_PROGRESS as i32;
pub const XFERINFO: i32 = CURLBACK_CALLBACK_XFERINFO as i32;

/// Each kind, its name and what libcurl makes of its failing; 0 where it ignores that.
pub const KINDS: [(i32, &str, i32); 7] = [
    (WRITE, "write", 23),
    (HEADER, "header", 23),
    (READ, "read", 42),
    (SEEK, "seek", 65),
    (DEBUG, "debug", 0),
    (PROGRESS, "progress", 42),
    (XFERINFO, "xferinfo", 42),
];

const BODY: &[u8] = b"what is sent, twice";

/// The kinds of the callbacks in the order of their calls.
pub type Calls = Rc<RefCell<Vec<i32>>>;

pub struct Watched {
    pub easy: Easy,
    pub calls: Calls,
    /// Counts the callbacks' user data as it goes.
    pub drops: Drops,
    /// How many were registered.
    pub registered: usize,
}

impl Watched {
    /// How often this kind was called.
    pub fn count(&self, kind: i32) -> usize {
        self.calls.borrow().iter().filter(|call| **call == kind).count()
    }
}

/// A PUT with a redirect that needs the body again. `fails` is asked in each call and gets the kind and the handle. `main` is the
/// kind that is looked at: xferinfo hides progress, so one of the two is registered.
pub fn watched(main: i32, fails: impl Fn(i32, Raw) -> bool + 'static) -> Watched {
    let easy = Easy::to(&HttpServer::shared().url("/redirect307"));
    easy.set_int(opt::FOLLOWLOCATION, 1);
    easy.set_int(opt::UPLOAD, 1);
    easy.set_int(opt::INFILESIZE_LARGE, BODY.len() as i64);
    let (calls, drops, fails) = (Calls::default(), Drops::new(), Rc::new(fails));
    let asks = || {
        let (calls, fails, token) = (calls.clone(), fails.clone(), drops.token());
        move |kind, raw| {
            let _held = &token;
            calls.borrow_mut().push(kind);
            fails(kind, raw)
        }
    };
    let position = Rc::new(Cell::new(0));

    let ask = asks();
    easy.on_write(move |raw, data| if ask(WRITE, raw) { -1 } else { data.len() as i64 });
    let ask = asks();
    easy.on_header(move |raw, data| if ask(HEADER, raw) { -1 } else { data.len() as i64 });
    let (ask, at) = (asks(), position.clone());
    easy.on_read(move |raw, buffer| {
        if ask(READ, raw) {
            return -1;
        }
        let rest = &BODY[at.get()..];
        buffer[..rest.len()].copy_from_slice(rest);
        at.set(BODY.len());
        rest.len() as i64
    });
    let ask = asks();
    easy.on_seek(move |raw, _, _| {
        position.set(0);
        i32::from(ask(SEEK, raw))
    });
    let ask = asks();
    easy.on_debug(move |raw, _, _| {
        ask(DEBUG, raw);
    });
    let ask = asks();
    if main == PROGRESS {
        easy.on_progress(move |raw, _| i32::from(ask(PROGRESS, raw)));
    } else {
        easy.on_xferinfo(move |raw, _| i32::from(ask(XFERINFO, raw)));
    }
    Watched { easy, calls, drops, registered: 6 }
}

/// Takes all callbacks away and expects that the handle does a transfer that is well.
#[track_caller]
pub fn goes_on(easy: &Easy) {
    crate::support::ok(curlback::easy::curlback_easy_reset(easy.raw()));
    easy.set_url(&HttpServer::shared().url("/hello"));
    let body = crate::collect(easy);
    crate::support::ok(easy.perform());
    assert_eq!(*body.borrow(), b"hello, world\n");
}
