//! Uploads that go on where an earlier one ended, with each verdict of the seek callback.

use std::cell::{Cell, RefCell};
use std::path::PathBuf;
use std::ptr::null_mut;
use std::rc::Rc;

use curlback::callback::curlback_callback;
use curlback::callback::source::{curlback_easy_on_seek, curlback_seek};
use curlback::easy::source::curlback_easy_read_from_memory;
use curlback::libcurl::tables::opt;
use curlback::result::code;
use curlback_test_servers::{HttpServer, pattern};

use crate::request::quiet;
use crate::support::{Easy, LIMIT, last_error, ok};
use crate::wildcard::server;

const OK: i32 = curlback_seek::CURLBACK_SEEK_OK as i32;
const FAIL: i32 = curlback_seek::CURLBACK_SEEK_FAIL as i32;
const CANTSEEK: i32 = curlback_seek::CURLBACK_SEEK_CANTSEEK as i32;

const READ: i32 = curlback_callback::CURLBACK_CALLBACK_READ as i32;
const SEEK: i32 = curlback_callback::CURLBACK_CALLBACK_SEEK as i32;

const READ_ERROR: i32 = 26;
const FTP_COULDNT_USE_REST: i32 = 31;

/// What the whole file is to have, and how much of it is there.
const WHOLE: usize = 20_000;
const THERE: usize = 9_000;

/// A file of the FTP server with the first part of the pattern, and a handle that is to append the rest.
struct Upload {
    easy: Easy,
    file: PathBuf,
    /// How much of the pattern the read callback has given.
    position: Rc<Cell<usize>>,
    seeks: Rc<RefCell<Vec<(i64, i32)>>>,
}

impl Upload {
    fn new(name: &str) -> Option<Self> {
        let server = server()?;
        let file = server.root().join(name);
        std::fs::write(&file, pattern(0, THERE)).unwrap();
        let easy = quiet(&server.url(&format!("/{name}")));
        Some(Upload::with(easy, file))
    }

    fn with(easy: Easy, file: PathBuf) -> Self {
        easy.set_int(opt::TIMEOUT, LIMIT.as_secs() as i64);
        easy.set_int(opt::UPLOAD, 1);
        easy.set_int(opt::INFILESIZE_LARGE, WHOLE as i64);
        let position = Rc::new(Cell::new(0));
        let at = Rc::clone(&position);
        easy.on_read(move |_, buffer| {
            let count = (WHOLE - at.get()).min(buffer.len());
            buffer[..count].copy_from_slice(&pattern(at.get() as u64, count));
            at.set(at.get() + count);
            count as i64
        });
        Upload { easy, file, position, seeks: Rc::default() }
    }

    /// Registers a seek callback that moves where it answers OK.
    fn seek(&self, answer: i32) {
        let (position, seeks) = (Rc::clone(&self.position), Rc::clone(&self.seeks));
        self.easy.on_seek(move |_, offset, origin| {
            seeks.borrow_mut().push((offset, origin));
            if answer == OK {
                position.set(offset as usize);
            }
            answer
        });
    }

    fn holds(&self) -> Vec<u8> {
        std::fs::read(&self.file).unwrap()
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.file);
    }
}

#[test]
fn a_resumed_upload_seeks_and_sends_the_rest() {
    // -1 has libcurl ask the server how much is there.
    for from in [THERE as i64, -1] {
        let Some(upload) = Upload::new("resume-ok.bin") else { return };
        upload.easy.set_int(opt::RESUME_FROM_LARGE, from);
        upload.seek(OK);
        ok(upload.easy.perform());
        assert_eq!(*upload.seeks.borrow(), [(THERE as i64, 0)], "{from}");
        assert!(upload.holds() == pattern(0, WHOLE), "{from}");
    }
}

#[test]
fn a_resumed_upload_reads_and_throws_away_where_it_cannot_seek() {
    let Some(upload) = Upload::new("resume-cannot.bin") else { return };
    upload.easy.set_int(opt::RESUME_FROM_LARGE, THERE as i64);
    upload.seek(CANTSEEK);
    ok(upload.easy.perform());
    assert_eq!(upload.seeks.borrow().len(), 1);
    assert_eq!(upload.position.get(), WHOLE, "all of it was read");
    assert!(upload.holds() == pattern(0, WHOLE));
    let error = upload.easy.error();
    assert_eq!((error.result, error.callback), (0, 0), "a verdict that ends nothing is not named");
}

#[test]
fn a_resumed_upload_whose_seek_fails_sends_nothing() {
    for answer in [FAIL, 3, -1, i32::MIN, i32::MAX] {
        let Some(upload) = Upload::new("resume-fail.bin") else { return };
        upload.easy.set_int(opt::RESUME_FROM_LARGE, THERE as i64);
        upload.seek(answer);
        assert_eq!(upload.easy.perform(), FTP_COULDNT_USE_REST, "{answer}");
        assert!(last_error().ends_with("(in the seek callback)"), "{}", last_error());
        assert_eq!(upload.easy.error().callback, SEEK);
        assert_eq!((upload.seeks.borrow().len(), upload.position.get()), (1, 0), "{answer}");
        assert!(upload.holds() == pattern(0, THERE), "{answer}");
    }
}

/// Without a seek callback the application has to begin at the offset itself.
#[test]
fn a_resumed_upload_without_a_seek_reads_on_from_where_the_callback_stands() {
    let Some(upload) = Upload::new("resume-unset.bin") else { return };
    upload.easy.set_int(opt::RESUME_FROM_LARGE, THERE as i64);
    upload.seek(FAIL);
    // SAFETY: there is no callback.
    ok(unsafe { curlback_easy_on_seek(upload.easy.raw(), None, null_mut(), None) });
    upload.position.set(THERE);
    ok(upload.easy.perform());
    assert_eq!(upload.seeks.borrow().len(), 0);
    assert!(upload.holds() == pattern(0, WHOLE));
}

#[test]
fn memory_seeks_by_itself_for_a_resumed_upload() {
    let Some(upload) = Upload::new("resume-memory.bin") else { return };
    upload.easy.set_int(opt::RESUME_FROM_LARGE, THERE as i64);
    let bytes = pattern(0, WHOLE);
    // SAFETY: there is no callback; the bytes are there.
    unsafe {
        use curlback::callback::source::curlback_easy_on_read;
        ok(curlback_easy_on_read(upload.easy.raw(), None, null_mut(), None));
        ok(curlback_easy_read_from_memory(upload.easy.raw(), bytes.as_ptr().cast(), bytes.len()));
    }
    ok(upload.easy.perform());
    assert!(upload.holds() == bytes);
}

#[test]
fn appending_sends_what_the_callback_gives_without_a_seek() {
    let Some(upload) = Upload::new("append.bin") else { return };
    upload.easy.set_int(opt::APPEND, 1);
    upload.seek(FAIL);
    ok(upload.easy.perform());
    assert_eq!(upload.seeks.borrow().len(), 0);
    assert!(upload.holds() == [pattern(0, THERE), pattern(0, WHOLE)].concat());
}

#[test]
fn an_interrupt_in_the_seek_of_a_resumed_upload_ends_it_whatever_is_returned() {
    for answer in [OK, CANTSEEK] {
        let Some(upload) = Upload::new("resume-interrupt.bin") else { return };
        upload.easy.set_int(opt::RESUME_FROM_LARGE, THERE as i64);
        upload.easy.on_seek(move |easy, _, _| {
            // SAFETY: there is no message and no payload.
            let raised = unsafe {
                curlback::easy::error::curlback_easy_raise(easy, 1, 0, std::ptr::null(), null_mut(), None)
            };
            ok(raised);
            answer
        });
        assert_eq!(upload.easy.perform(), code::E_RAISED);
        assert_eq!(upload.easy.error().callback, SEEK);
        assert_eq!(upload.position.get(), 0, "no further callback runs");
        assert!(upload.holds() == pattern(0, THERE));
    }
}

/// What is read only to be thrown away is read by the same callback.
#[test]
fn a_read_that_fails_while_a_resumed_upload_throws_away_is_named() {
    for answer in [-1, -2, i64::MAX] {
        let Some(upload) = Upload::new("resume-read.bin") else { return };
        upload.easy.set_int(opt::RESUME_FROM_LARGE, THERE as i64);
        upload.seek(CANTSEEK);
        upload.easy.on_read(move |_, _| answer);
        assert_eq!(upload.easy.perform(), FTP_COULDNT_USE_REST, "{answer}");
        // To pause is no failing answer elsewhere: the verdict that had it read is named then.
        assert_eq!(upload.easy.error().callback, if answer == -2 { SEEK } else { READ }, "{answer}");
        assert!(upload.holds() == pattern(0, THERE));
    }
}

#[test]
fn http_resumes_by_the_same_verdicts() {
    for (answer, result) in [(OK, 0), (CANTSEEK, 0), (FAIL, READ_ERROR), (-1, READ_ERROR)] {
        let upload = Upload::with(quiet(&HttpServer::shared().url("/echo")), PathBuf::new());
        upload.easy.set_int(opt::RESUME_FROM_LARGE, THERE as i64);
        upload.seek(answer);
        assert_eq!(upload.easy.perform(), result, "{answer}: {}", last_error());
        assert_eq!(*upload.seeks.borrow(), [(THERE as i64, 0)]);
        assert_eq!(upload.easy.error().callback, if result == 0 { 0 } else { SEEK });
        if result == 0 {
            let (mut data, mut len) = (std::ptr::null(), 0);
            // SAFETY: both can be written to, and what is there stays until the next transfer.
            let bytes = unsafe {
                ok(curlback::easy::sink::curlback_easy_body(upload.easy.raw(), &mut data, &mut len));
                std::slice::from_raw_parts(data, len)
            };
            assert!(bytes == pattern(THERE as u64, WHOLE - THERE), "{answer}");
        }
    }
}
