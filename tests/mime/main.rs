//! Bodies in parts. What arrives is what a server says that takes them apart by itself.

mod callbacks;
mod content;
mod in_multi;
mod life;
mod structure;
#[path = "../support/mod.rs"]
mod support;
mod use_of;

use std::cell::RefCell;
use std::ffi::{CString, c_char, c_void};
use std::ptr::{null, null_mut};
use std::rc::Rc;

use curlback::easy::curlback_easy_duplicate;
use curlback::libcurl::tables::{info, opt};
use curlback::mime::callbacks::curlback_mime_part_callbacks;
use curlback::mime::part::*;
use curlback::mime::sending::curlback_easy_set_mime;
use curlback::mime::*;
use curlback::slot::curlback_drop_cb;
use curlback_test_servers::{HttpServer, Part, parts};
use support::{Easy, LIMIT, Raw, Token, last_error, ok, register};

type RawMime = *mut curlback_mime;
type RawPart = *mut curlback_mime_part;

/// A mime that is closed when it goes, and must be closable then.
struct Mime(RawMime);

impl Mime {
    fn new(easy: &Easy) -> Self {
        let mime = curlback_mime_new(easy.raw());
        assert!(!mime.is_null(), "{}", last_error());
        Mime(mime)
    }

    fn raw(&self) -> RawMime {
        self.0
    }

    fn into_raw(self) -> RawMime {
        let raw = self.0;
        std::mem::forget(self);
        raw
    }

    /// A part with this name and nothing in it.
    fn add(&self, name: &str) -> RawPart {
        add(self.0, name)
    }

    /// A part with this name and content.
    fn with(&self, name: &str, content: &[u8]) -> RawPart {
        let part = self.add(name);
        data(part, content);
        part
    }
}

impl Drop for Mime {
    fn drop(&mut self) {
        let closed = curlback_mime_close(self.0);
        if !std::thread::panicking() {
            ok(closed);
        }
    }
}

fn add(mime: RawMime, name: &str) -> RawPart {
    let part = curlback_mime_add(mime);
    assert!(!part.is_null(), "{}", last_error());
    ok(name_it(part, name));
    part
}

type SetText = unsafe extern "C" fn(RawPart, *const c_char) -> i32;

fn text(set: SetText, part: RawPart, value: &str) -> i32 {
    let value = CString::new(value).unwrap();
    // SAFETY: it ends with NUL.
    unsafe { set(part, value.as_ptr()) }
}

fn none(set: SetText, part: RawPart) {
    // SAFETY: NULL unsets.
    ok(unsafe { set(part, null()) });
}

fn name_it(part: RawPart, name: &str) -> i32 {
    text(curlback_mime_part_name, part, name)
}

fn data(part: RawPart, content: &[u8]) {
    // SAFETY: the bytes are there; where there are none, the pointer is not NULL all the same.
    ok(unsafe { curlback_mime_part_data(part, content.as_ptr().cast(), content.len()) });
}

fn headers(part: RawPart, lines: &[&str]) {
    let lines: Vec<_> = lines.iter().map(|line| CString::new(*line).unwrap()).collect();
    let pointers: Vec<_> = lines.iter().map(|line| line.as_ptr()).collect();
    // SAFETY: each ends with NUL.
    ok(unsafe { curlback_mime_part_headers(part, pointers.as_ptr(), pointers.len()) });
}

/// Closures for the callbacks of a part, and what counts when they are dropped.
struct Callbacks<R, S> {
    read: R,
    seek: Option<S>,
    _token: Option<Token>,
}

type NoSeek = fn(Raw, i64, i32) -> i32;

unsafe extern "C-unwind" fn call_read<R: Fn(Raw, &mut [u8]) -> i64, S>(
    easy: Raw,
    buffer: *mut u8,
    capacity: usize,
    closures: *mut c_void,
) -> i64 {
    // SAFETY: the closures are those that were registered; the buffer has that much room.
    unsafe {
        ((*closures.cast::<Callbacks<R, S>>()).read)(easy, std::slice::from_raw_parts_mut(buffer, capacity))
    }
}

unsafe extern "C-unwind" fn call_seek<R, S: Fn(Raw, i64, i32) -> i32>(
    easy: Raw,
    offset: i64,
    origin: i32,
    closures: *mut c_void,
) -> i32 {
    // SAFETY: the closures are those that were registered.
    unsafe { (*closures.cast::<Callbacks<R, S>>()).seek.as_ref().unwrap()(easy, offset, origin) }
}

/// Registers closures; the result is the library's.
fn try_supply<R, S>(part: RawPart, size: i64, read: R, seek: Option<S>, token: Option<Token>) -> i32
where
    R: Fn(Raw, &mut [u8]) -> i64 + 'static,
    S: Fn(Raw, i64, i32) -> i32 + 'static,
{
    let call = seek.is_some().then_some(call_seek::<R, S> as _);
    let register_all = |data: *mut c_void, drop: curlback_drop_cb| {
        // SAFETY: the functions get the closures that register() boxes.
        unsafe { curlback_mime_part_callbacks(part, size, Some(call_read::<R, S>), call, data, drop) }
    };
    register(Callbacks { read, seek, _token: token }, register_all)
}

/// A content that callbacks supply, and what they were called for.
#[derive(Clone)]
struct Supply(Rc<Supplied>);

struct Supplied {
    content: Vec<u8>,
    position: RefCell<usize>,
    /// The capacities that the read callback was given, and the handles.
    reads: RefCell<Vec<(Raw, usize)>>,
    seeks: RefCell<Vec<(Raw, i64, i32)>>,
}

impl Supply {
    fn of(content: &[u8]) -> Self {
        Supply(Rc::new(Supplied {
            content: content.to_vec(),
            position: RefCell::default(),
            reads: RefCell::default(),
            seeks: RefCell::default(),
        }))
    }

    fn reads(&self) -> Vec<(Raw, usize)> {
        self.0.reads.borrow().clone()
    }

    fn seeks(&self) -> Vec<(Raw, i64, i32)> {
        self.0.seeks.borrow().clone()
    }

    fn read(&self, easy: Raw, buffer: &mut [u8]) -> i64 {
        self.0.reads.borrow_mut().push((easy, buffer.len()));
        let mut position = self.0.position.borrow_mut();
        let rest = &self.0.content[*position..];
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        *position += count;
        count as i64
    }

    fn seek(&self, easy: Raw, offset: i64, origin: i32) -> i32 {
        self.0.seeks.borrow_mut().push((easy, offset, origin));
        *self.0.position.borrow_mut() = offset as usize;
        0
    }

    /// Makes it the part's content; `size` is what the library is told.
    fn fill(&self, part: RawPart, size: i64) {
        let (reader, seeker) = (self.clone(), self.clone());
        ok(try_supply(
            part,
            size,
            move |easy, buffer: &mut [u8]| reader.read(easy, buffer),
            Some(move |easy, offset, origin| seeker.seek(easy, offset, origin)),
            None,
        ));
    }

    /// The same, without a seek callback.
    fn fill_without_seek(&self, part: RawPart, size: i64) {
        let reader = self.clone();
        let read = move |easy, buffer: &mut [u8]| reader.read(easy, buffer);
        ok(try_supply(part, size, read, None::<NoSeek>, None));
    }
}

/// A new handle for this path of the shared server. What hangs fails.
fn to(path: &str) -> Easy {
    limited(&HttpServer::shared().url(path))
}

fn limited(url: &str) -> Easy {
    let easy = Easy::to(url);
    easy.set_int(opt::TIMEOUT, LIMIT.as_secs() as i64);
    easy
}

fn set(easy: &Easy, mime: RawMime) {
    ok(curlback_easy_set_mime(easy.raw(), mime));
}

fn duplicate(easy: &Easy) -> Easy {
    let mut copy = null_mut();
    // SAFETY: the copy can be written to.
    ok(unsafe { curlback_easy_duplicate(easy.raw(), &mut copy) });
    Easy::adopt(copy)
}

/// Collects the body and the headers of the answers.
#[derive(Clone, Default)]
struct Answer {
    body: Rc<RefCell<Vec<u8>>>,
    headers: Rc<RefCell<Vec<String>>>,
}

impl Answer {
    fn of(easy: &Easy) -> Self {
        let answer = Answer::default();
        let (body, headers) = (answer.body.clone(), answer.headers.clone());
        easy.on_write(move |_, data| {
            body.borrow_mut().extend_from_slice(data);
            data.len() as i64
        });
        easy.on_header(move |_, line| {
            headers.borrow_mut().push(String::from_utf8_lossy(line).trim_end().to_owned());
            line.len() as i64
        });
        answer
    }

    /// The last value of a header, by its name in lower case.
    fn header(&self, name: &str) -> Option<String> {
        let headers = self.headers.borrow();
        let mut lines = headers.iter().rev().filter_map(|line| line.split_once(": "));
        lines.find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned())
    }
}

/// Performs, and answers with the parts that the server found.
#[track_caller]
fn sent(easy: &Easy) -> Vec<Part> {
    let answer = Answer::of(easy);
    let result = easy.perform();
    assert_eq!(result, 0, "{}", last_error());
    let body = answer.body.borrow();
    // What follows a redirect comes after its body.
    let body = body.strip_prefix(b"elsewhere\n").unwrap_or(&body);
    assert_eq!(easy.int(info::RESPONSE_CODE), 200, "{}", String::from_utf8_lossy(body));
    parts(body)
}

/// What the parts are called and have in them.
fn contents(parts: &[Part]) -> Vec<(&str, &[u8])> {
    parts.iter().map(|part| (part.name.as_deref().unwrap_or("-"), &part.content[..])).collect()
}
