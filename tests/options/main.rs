//! Options and infos: names and numbers, setting, asking, and what is refused how.

mod in_the_middle;
mod infos;
mod names;
mod post;
mod setting;
#[path = "../support/mod.rs"]
mod support;

use std::cell::RefCell;
use std::ffi::{CStr, CString, c_char, c_void};
use std::ptr::null;
use std::rc::Rc;

use curlback::easy::options::{
    curlback_easy_set_bytes, curlback_easy_set_int, curlback_easy_set_list, curlback_easy_set_str,
};
use curlback::libcurl::tables::Row;
use curlback::libcurl::version;
use support::{Easy, Raw, last_error, ok};

/// The option or info as sentences name it.
fn name(row: &Row) -> &'static str {
    row.name.to_str().unwrap()
}

/// Performs the transfer, which must succeed, and answers with the body that came.
fn fetch(easy: &Easy) -> Vec<u8> {
    let body = Rc::new(RefCell::new(Vec::new()));
    let copy = Rc::clone(&body);
    easy.on_write(move |_, data| {
        copy.borrow_mut().extend_from_slice(data);
        data.len() as i64
    });
    ok(easy.perform());
    body.take()
}

/// The same as text.
fn fetch_text(easy: &Easy) -> String {
    String::from_utf8(fetch(easy)).unwrap()
}

/// Whether the linked libcurl is new enough to know the row.
fn is_known(row: &Row) -> bool {
    let mut parts = row.since.split('.').map(|part| part.parse().unwrap());
    let mut part = || parts.next().unwrap_or(0);
    version::version(part(), part(), part()) <= version::number()
}

/// What the failing call said, having checked what it answered.
#[track_caller]
fn refused(result: i32, expected: i32) -> String {
    assert_eq!(result, expected, "{}", last_error());
    last_error()
}

/// A function of the library, by name, for any option or info.
type Access = (&'static str, fn(Raw, i32) -> i32);

/// The four setters, with a value that each takes.
const SETTERS: [Access; 4] = [
    ("curlback_easy_set_int", |easy, option| curlback_easy_set_int(easy, option, 1)),
    ("curlback_easy_set_str", |easy, option| set_str(easy, option, c"x")),
    ("curlback_easy_set_list", |easy, option| set_list(easy, option, &["X-Item: 1"])),
    ("curlback_easy_set_bytes", |easy, option| set_bytes(easy, option, b"x")),
];

fn set_str(easy: Raw, option: i32, value: &CStr) -> i32 {
    // SAFETY: a CStr ends with NUL.
    unsafe { curlback_easy_set_str(easy, option, value.as_ptr()) }
}

fn unset_str(easy: Raw, option: i32) -> i32 {
    // SAFETY: NULL is allowed.
    unsafe { curlback_easy_set_str(easy, option, null()) }
}

/// The items are gone when this returns, as the library copies them.
fn set_list(easy: Raw, option: i32, items: &[&str]) -> i32 {
    let items: Vec<CString> = items.iter().map(|item| CString::new(*item).unwrap()).collect();
    let pointers: Vec<*const c_char> = items.iter().map(|item| item.as_ptr()).collect();
    // SAFETY: there are as many strings as the length says.
    unsafe { curlback_easy_set_list(easy, option, pointers.as_ptr(), pointers.len()) }
}

/// The bytes are overwritten before this returns, as the library copies them.
fn set_bytes(easy: Raw, option: i32, bytes: &[u8]) -> i32 {
    let mut copy = bytes.to_vec();
    let data: *const c_void = copy.as_ptr().cast();
    // SAFETY: there are as many bytes as the length says.
    let result = unsafe { curlback_easy_set_bytes(easy, option, data, copy.len()) };
    copy.fill(b'?');
    std::hint::black_box(&copy);
    result
}
