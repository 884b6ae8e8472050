//! FTP: a wildcard, a download, an upload.

use std::cell::RefCell;
use std::ffi::{CStr, c_char, c_void};
use std::rc::Rc;

use curlback::callback::ftp::*;
use curlback::callback::{curlback_callback, curlback_has_callback};
use curlback::libcurl::tables::opt;
use curlback_test_servers::{Ftp, pattern};

use crate::exceptions::lists_instead;
use crate::run::{Run, Step, check};
use crate::support::{Raw, Token, register, skipped};
use crate::torture;

/// The FTP server, where there is one and libcurl can talk to it.
fn server() -> Option<&'static Ftp> {
    if !curlback_has_callback(curlback_callback::CURLBACK_CALLBACK_FNMATCH as i32) {
        skipped("the torture of FTP", "a libcurl built with FTP");
        return None;
    }
    match Ftp::shared() {
        Ok(server) => Some(server),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            skipped("the torture of FTP", &format!("an FTP server ({error})"));
            None
        }
        Err(error) => panic!("{error}"),
    }
}

type Names = Rc<RefCell<Vec<String>>>;

struct Seen {
    names: Names,
    _token: Token,
}

unsafe extern "C-unwind" fn begin(_: Raw, file: *const curlback_file_info, _: i32, seen: *mut c_void) -> i32 {
    // SAFETY: the file is there while this runs, and it is a Seen that was registered.
    let (name, seen) = unsafe { (CStr::from_ptr((*file).name), &*seen.cast::<Seen>()) };
    seen.names.borrow_mut().push(name.to_str().unwrap().to_owned());
    0
}

unsafe extern "C-unwind" fn end(_: Raw, _: *mut c_void) -> i32 {
    0
}

unsafe extern "C-unwind" fn matches(_: Raw, _: *const c_char, name: *const c_char, _: *mut c_void) -> i32 {
    // SAFETY: the name ends with NUL.
    i32::from(unsafe { CStr::from_ptr(name) } != c"regular.bin")
}

fn wildcard(run: &Run, url: &str) -> Step {
    let easy = run.easy(url)?;
    easy.set_int(opt::WILDCARDMATCH, 1)?;
    let names = Names::default();
    let seen = Seen { names: Rc::clone(&names), _token: run.token() };
    // SAFETY: the functions get what they are registered with.
    unsafe {
        check(register(seen, |data, drop| {
            curlback_easy_on_chunk_begin(easy.raw(), Some(begin), data, drop)
        }))?;
        check(register(run.token(), |data, drop| {
            curlback_easy_on_chunk_end(easy.raw(), Some(end), data, drop)
        }))?;
        check(register(run.token(), |data, drop| {
            curlback_easy_on_fnmatch(easy.raw(), Some(matches), data, drop)
        }))?;
    }
    let body = run.collect(&easy)?;
    easy.perform()?;
    assert_eq!(names.borrow().as_slice(), ["regular.bin"]);
    look(run, &body.borrow());
    Ok(())
}

/// It is what the file has in it, or else known.
fn look(run: &Run, body: &[u8]) {
    if lists_instead() && body.starts_with(b"drwx") {
        return run.is_known();
    }
    assert!(body == pattern(0, 1234), "{} wrong bytes", body.len());
}

#[test]
fn a_wildcard() {
    let Some(server) = server() else { return };
    torture("FTP wildcard", |run| wildcard(run, &server.url("/kinds/*")));
}

#[test]
fn a_download() {
    let Some(server) = server() else { return };
    torture("FTP download", |run| {
        let easy = run.easy(&server.url("/kinds/regular.bin"))?;
        run.watch(&easy)?;
        let body = run.collect(&easy)?;
        easy.perform()?;
        look(run, &body.borrow());
        Ok(())
    });
}

#[test]
fn an_upload() {
    let Some(server) = server() else { return };
    torture("FTP upload", |run| {
        let file = server.root().join("tortured.bin");
        let easy = run.easy(&server.url("/tortured.bin"))?;
        run.supply(&easy, &pattern(0, 3000), true)?;
        easy.perform()?;
        assert!(std::fs::read(&file).unwrap() == pattern(0, 3000));
        std::fs::remove_file(&file).unwrap();
        Ok(())
    });
}
