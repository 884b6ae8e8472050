//! Bodies in parts.

use std::ffi::{CStr, c_void};
use std::io::Write as _;

use curlback::libcurl::tables::opt;
use curlback::mime::callbacks::curlback_mime_part_callbacks;
use curlback::mime::part::*;
use curlback::mime::sending::curlback_easy_set_mime;
use curlback::mime::*;
use curlback_test_servers::{HttpServer, parts, pattern};

use crate::run::{Easy, Run, Step, check, made};
use crate::support::{Raw, Token, ok, register};
use crate::torture_with;

/// A mime that is closed when it goes, and must be closable then.
struct Mime(*mut curlback_mime);

impl Mime {
    fn new(easy: &Easy) -> Step<Self> {
        Ok(Mime(made(curlback_mime_new(easy.raw()))?))
    }

    fn add(&self, name: &CStr) -> Step<*mut curlback_mime_part> {
        let part = made(curlback_mime_add(self.0))?;
        // SAFETY: the name ends with NUL.
        check(unsafe { curlback_mime_part_name(part, name.as_ptr()) })?;
        Ok(part)
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

fn data(part: *mut curlback_mime_part, content: &[u8]) -> Step {
    // SAFETY: the bytes are there.
    check(unsafe { curlback_mime_part_data(part, content.as_ptr().cast(), content.len()) })
}

/// A content that is read once, and what counts its drop.
struct Supply {
    left: std::cell::Cell<usize>,
    _token: Token,
}

unsafe extern "C-unwind" fn read(_: Raw, buffer: *mut u8, capacity: usize, supply: *mut c_void) -> i64 {
    // SAFETY: it is what was registered, and the buffer has that capacity.
    let (supply, buffer) =
        unsafe { (&*supply.cast::<Supply>(), std::slice::from_raw_parts_mut(buffer, capacity)) };
    let count = supply.left.get().min(capacity);
    buffer[..count].fill(b'r');
    supply.left.set(supply.left.get() - count);
    count as i64
}

unsafe extern "C-unwind" fn seek(_: Raw, _: i64, _: i32, supply: *mut c_void) -> i32 {
    // SAFETY: it is what was registered.
    unsafe { &*supply.cast::<Supply>() }.left.set(2000);
    0
}

/// Parts of every sort; `file` is sent as one.
fn fill(run: &Run, easy: &Easy, file: &CStr) -> Step<Mime> {
    let outer = Mime::new(easy)?;
    let plain = outer.add(c"plain")?;
    data(plain, b"plain content")?;
    // SAFETY: all strings end with NUL.
    unsafe {
        check(curlback_mime_part_type(plain, c"text/x-plain".as_ptr()))?;
        check(curlback_mime_part_filename(plain, c"plain.txt".as_ptr()))?;
        let headers = [c"X-One: 1".as_ptr(), c"X-Two: 2".as_ptr()];
        check(curlback_mime_part_headers(plain, headers.as_ptr(), headers.len()))?;
        let encoded = outer.add(c"encoded")?;
        data(encoded, b"encoded content")?;
        check(curlback_mime_part_encoder(encoded, c"base64".as_ptr()))?;
        check(curlback_mime_part_file(outer.add(c"file")?, file.as_ptr()))?;
    }
    let called = outer.add(c"called")?;
    let supply = Supply { left: std::cell::Cell::new(2000), _token: run.token() };
    check(register(supply, |data, drop| {
        // SAFETY: the functions get the Supply that register() boxes.
        unsafe { curlback_mime_part_callbacks(called, 2000, Some(read), Some(seek), data, drop) }
    }))?;
    let inner = Mime::new(easy)?;
    data(inner.add(c"inner")?, b"inner content")?;
    check(curlback_mime_part_subparts(outer.add(c"nested")?, inner.0))?;
    // It belongs to the other one now.
    std::mem::forget(inner);
    Ok(outer)
}

/// A mime and the handle for it, which is to go first, and so comes last.
fn ready(run: &Run, file: &CStr) -> Step<(Mime, Easy)> {
    let easy = run.easy(&HttpServer::shared().url("/multipart"))?;
    let mime = fill(run, &easy, file)?;
    Ok((mime, easy))
}

/// What the server found is what was sent.
fn look(body: &[u8], expected: &[u8]) {
    let parts = parts(body);
    let names: Vec<_> = parts.iter().map(|part| part.name.as_deref().unwrap_or("-")).collect();
    assert_eq!(names, ["plain", "encoded", "file", "called", "nested", "inner"]);
    assert_eq!(parts[0].content, b"plain content");
    assert_eq!(parts[1].content, b"ZW5jb2RlZCBjb250ZW50");
    assert_eq!(parts[2].content, expected);
    assert_eq!(parts[3].content, [b'r'; 2000]);
    assert_eq!(parts[5].content, b"inner content");
}

fn file() -> (tempfile::NamedTempFile, std::ffi::CString) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(&pattern(0, 5000)).unwrap();
    let path = std::ffi::CString::new(file.path().to_str().unwrap()).unwrap();
    (file, path)
}

#[test]
fn a_mime() {
    torture_with("mime", file, |(_, path), run| {
        let (mime, easy) = ready(run, path)?;
        check(curlback_easy_set_mime(easy.raw(), mime.0))?;
        let body = run.collect(&easy)?;
        easy.perform()?;
        look(&body.borrow(), &pattern(0, 5000));
        Ok(())
    });
}

#[test]
fn a_mime_of_a_duplicate() {
    torture_with("mime of a duplicate", file, |(_, path), run| {
        let (mime, easy) = ready(run, path)?;
        easy.set_list(opt::HTTPHEADER, &["X-One: 1"])?;
        check(curlback_easy_set_mime(easy.raw(), mime.0))?;
        let body = run.collect(&easy)?;
        let copy = easy.duplicate()?;
        drop(easy);
        copy.perform()?;
        look(&body.borrow(), &pattern(0, 5000));
        Ok(())
    });
}
