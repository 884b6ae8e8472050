//! NULL for every other pointer: which functions refuse it, and which have a meaning for it.

use std::collections::BTreeSet;
use std::ffi::c_void;
use std::ptr::{null, null_mut};

use curlback::callback::body::*;
use curlback::callback::debug::curlback_easy_on_debug;
use curlback::callback::ftp::*;
use curlback::callback::hsts::*;
use curlback::callback::progress::{curlback_easy_on_progress, curlback_easy_on_xferinfo};
use curlback::callback::request::*;
use curlback::callback::socket::*;
use curlback::callback::source::*;
use curlback::callback::ssh::*;
use curlback::callback::tls::*;
use curlback::easy::error::*;
use curlback::easy::info::*;
use curlback::easy::options::*;
use curlback::easy::raw::*;
use curlback::easy::sink::*;
use curlback::easy::source::*;
use curlback::easy::*;
use curlback::libcurl::tables::{info, opt};
use curlback::library::*;
use curlback::mime::callbacks::curlback_mime_part_callbacks;
use curlback::mime::part::*;
use curlback::mime::sending::curlback_easy_set_mime;
use curlback::mime::*;
use curlback::result::code;
use curlback::share::lock::curlback_share_on_lock;
use curlback::share::{curlback_easy_set_share, curlback_share, curlback_share_new, curlback_share_release};
use curlback::ws::close::curlback_ws_close;
use curlback::ws::message::curlback_easy_on_ws_message;
use curlback::ws::meta::curlback_ws_frame;
use curlback::ws::recv::curlback_ws_recv;
use curlback::ws::send::curlback_ws_send;

use crate::calls::header::prototypes;
use crate::calls::{all_rows, result_of};
use crate::support::{Easy, Raw, last_error};
use crate::works;

type Case = (&'static str, &'static str, fn(Raw) -> i32);

unsafe extern "C-unwind" fn write(_: Raw, _: *const u8, len: usize, _: *mut c_void) -> i64 {
    len as i64
}

unsafe extern "C-unwind" fn read(_: Raw, _: *mut u8, _: usize, _: *mut c_void) -> i64 {
    0
}

unsafe extern "C-unwind" fn seek(_: Raw, _: i64, _: i32, _: *mut c_void) -> i32 {
    0
}

unsafe extern "C-unwind" fn debug(_: Raw, _: i32, _: *const u8, _: usize, _: *mut c_void) {}

unsafe extern "C-unwind" fn progress(_: Raw, _: f64, _: f64, _: f64, _: f64, _: *mut c_void) -> i32 {
    0
}

unsafe extern "C-unwind" fn xferinfo(_: Raw, _: i64, _: i64, _: i64, _: i64, _: *mut c_void) -> i32 {
    0
}

unsafe extern "C-unwind" fn open_socket(_: Raw, _: i32, _: *const curlback_address, _: *mut c_void) -> isize {
    -1
}

unsafe extern "C-unwind" fn close_socket(_: Raw, _: isize, _: *mut c_void) -> i32 {
    0
}

unsafe extern "C-unwind" fn sockopt(_: Raw, _: isize, _: i32, _: *mut c_void) -> i32 {
    0
}

/// The result of a function of mime parts, called for a new one.
fn with_part(easy: Raw, call: impl FnOnce(*mut curlback_mime_part) -> i32) -> i32 {
    let mime = curlback_mime_new(easy);
    let result = call(curlback_mime_add(mime));
    // Not closed: what went wrong last is looked at.
    curlback_mime_release(mime);
    result
}

/// The result of a function of shares, called for a new one.
fn with_share(call: impl FnOnce(*mut curlback_share) -> i32) -> i32 {
    let share = curlback_share_new();
    let result = call(share);
    // Its locks are some function's that must not be called, as closing it would.
    // SAFETY: there are none.
    assert_eq!(unsafe { curlback_share_on_lock(share, None, None, null_mut(), None) }, code::OK);
    curlback_share_release(share);
    result
}

/// The result of a function that says false or 0 to NULL.
pub fn missing(value: i32) -> i32 {
    assert_eq!(value, 0);
    result_of(&last_error())
}

/// A count that is written always.
fn uncounted(call: impl FnOnce(&mut usize) -> i32) -> i32 {
    let mut count = 77;
    let result = call(&mut count);
    assert_eq!(count, 0);
    result
}

// SAFETY of all the calls: NULL is what they are for; all else can be written to, ends with NUL, has its length.
const REFUSED: &[Case] = &[
    ("curlback_easy_duplicate", "copy", |h| unsafe { curlback_easy_duplicate(h, null_mut()) }),
    ("curlback_easy_error", "error", |h| unsafe { curlback_easy_error(h, null_mut()) }),
    ("curlback_easy_get_int", "value", |h| unsafe {
        curlback_easy_get_int(h, info::RESPONSE_CODE, null_mut())
    }),
    ("curlback_easy_get_double", "value", |h| unsafe {
        curlback_easy_get_double(h, info::TOTAL_TIME, null_mut())
    }),
    ("curlback_easy_get_str", "value", |h| unsafe {
        curlback_easy_get_str(h, info::EFFECTIVE_URL, null_mut())
    }),
    ("curlback_easy_get_list", "value", |h| unsafe {
        curlback_easy_get_list(h, info::COOKIELIST, null_mut())
    }),
    ("curlback_easy_get_cert", "fields", |h| unsafe { curlback_easy_get_cert(h, 0, null_mut()) }),
    ("curlback_easy_set_list", "items", |h| unsafe { curlback_easy_set_list(h, opt::HTTPHEADER, null(), 1) }),
    ("curlback_easy_set_bytes", "data", |h| unsafe {
        curlback_easy_set_bytes(h, opt::POSTFIELDS, null(), 1)
    }),
    ("curlback_easy_read_from_memory", "data", |h| unsafe { curlback_easy_read_from_memory(h, null(), 1) }),
    ("curlback_easy_body", "data", |h| {
        let mut len = 77;
        let result = unsafe { curlback_easy_body(h, null_mut(), &mut len) };
        assert_eq!(len, 77);
        result
    }),
    ("curlback_easy_body", "len", |h| {
        let mut data = null();
        let result = unsafe { curlback_easy_body(h, &mut data, null_mut()) };
        assert!(data.is_null());
        result
    }),
    ("curlback_easy_header", "data", |h| {
        let mut len = 77;
        let result = unsafe { curlback_easy_header(h, null_mut(), &mut len) };
        assert_eq!(len, 77);
        result
    }),
    ("curlback_easy_header", "len", |h| {
        let mut data = null();
        let result = unsafe { curlback_easy_header(h, &mut data, null_mut()) };
        assert!(data.is_null());
        result
    }),
    ("curlback_easy_send", "data", |h| uncounted(|n| unsafe { curlback_easy_send(h, null(), 1, n) })),
    ("curlback_easy_send", "sent", |h| unsafe { curlback_easy_send(h, null(), 0, null_mut()) }),
    ("curlback_easy_recv", "buffer", |h| uncounted(|n| unsafe { curlback_easy_recv(h, null_mut(), 1, n) })),
    ("curlback_easy_recv", "received", |h| unsafe { curlback_easy_recv(h, null_mut(), 0, null_mut()) }),
    ("curlback_ws_send", "data", |h| uncounted(|n| unsafe { curlback_ws_send(h, null(), 1, 0, 1, n) })),
    ("curlback_ws_send", "sent", |h| unsafe { curlback_ws_send(h, null(), 0, 0, 1, null_mut()) }),
    ("curlback_ws_close", "reason", |h| unsafe { curlback_ws_close(h, 1000, null(), 1) }),
    ("curlback_ws_recv", "buffer", |h| {
        let mut frame = curlback_ws_frame::default();
        uncounted(|n| unsafe { curlback_ws_recv(h, null_mut(), 1, n, &mut frame) })
    }),
    ("curlback_ws_recv", "received", |h| {
        let mut frame = curlback_ws_frame::default();
        unsafe { curlback_ws_recv(h, null_mut(), 0, null_mut(), &mut frame) }
    }),
    ("curlback_ws_recv", "frame", |h| {
        uncounted(|n| unsafe { curlback_ws_recv(h, null_mut(), 0, n, null_mut()) })
    }),
    ("curlback_mime_part_data", "data", |h| {
        with_part(h, |part| unsafe { curlback_mime_part_data(part, null(), 1) })
    }),
    ("curlback_mime_part_headers", "items", |h| {
        with_part(h, |part| unsafe { curlback_mime_part_headers(part, null(), 1) })
    }),
    ("curlback_option_id", "name", |_| missing(unsafe { curlback_option_id(null()) })),
    ("curlback_info_id", "name", |_| missing(unsafe { curlback_info_id(null()) })),
    ("curlback_has_protocol", "name", |_| missing(unsafe { curlback_has_protocol(null()) }.into())),
    ("curlback_has_feature", "name", |_| missing(unsafe { curlback_has_feature(null()) }.into())),
    // Not a parameter of its own, and named as what it is.
    ("curlback_easy_set_list", "an item", |h| {
        let items = [c"X-One: 1".as_ptr(), null()];
        unsafe { curlback_easy_set_list(h, opt::HTTPHEADER, items.as_ptr(), 2) }
    }),
    ("curlback_easy_set_list", "an item", |h| unsafe {
        curlback_easy_set_list(h, opt::HTTPHEADER, [null()].as_ptr(), 1)
    }),
    ("curlback_mime_part_headers", "an item", |h| {
        let items = [c"X-One: 1".as_ptr(), null()];
        with_part(h, |part| unsafe { curlback_mime_part_headers(part, items.as_ptr(), 2) })
    }),
];

const TAKEN: &[Case] = &[
    ("curlback_easy_on_write", "callback", |h| unsafe { curlback_easy_on_write(h, None, null_mut(), None) }),
    ("curlback_easy_on_write", "user_data", |h| unsafe {
        curlback_easy_on_write(h, Some(write), null_mut(), None)
    }),
    ("curlback_easy_on_write", "drop", |h| unsafe {
        curlback_easy_on_write(h, Some(write), null_mut(), None)
    }),
    ("curlback_easy_on_header", "callback", |h| unsafe {
        curlback_easy_on_header(h, None, null_mut(), None)
    }),
    ("curlback_easy_on_header", "user_data", |h| unsafe {
        curlback_easy_on_header(h, Some(write), null_mut(), None)
    }),
    ("curlback_easy_on_header", "drop", |h| unsafe {
        curlback_easy_on_header(h, Some(write), null_mut(), None)
    }),
    ("curlback_easy_on_read", "callback", |h| unsafe { curlback_easy_on_read(h, None, null_mut(), None) }),
    ("curlback_easy_on_read", "user_data", |h| unsafe {
        curlback_easy_on_read(h, Some(read), null_mut(), None)
    }),
    ("curlback_easy_on_read", "drop", |h| unsafe { curlback_easy_on_read(h, Some(read), null_mut(), None) }),
    ("curlback_easy_on_seek", "callback", |h| unsafe { curlback_easy_on_seek(h, None, null_mut(), None) }),
    ("curlback_easy_on_seek", "user_data", |h| unsafe {
        curlback_easy_on_seek(h, Some(seek), null_mut(), None)
    }),
    ("curlback_easy_on_seek", "drop", |h| unsafe { curlback_easy_on_seek(h, Some(seek), null_mut(), None) }),
    ("curlback_easy_on_debug", "callback", |h| unsafe { curlback_easy_on_debug(h, None, null_mut(), None) }),
    ("curlback_easy_on_debug", "user_data", |h| unsafe {
        curlback_easy_on_debug(h, Some(debug), null_mut(), None)
    }),
    ("curlback_easy_on_debug", "drop", |h| unsafe {
        curlback_easy_on_debug(h, Some(debug), null_mut(), None)
    }),
    ("curlback_easy_on_progress", "callback", |h| unsafe {
        curlback_easy_on_progress(h, None, null_mut(), None)
    }),
    ("curlback_easy_on_progress", "user_data", |h| unsafe {
        curlback_easy_on_progress(h, Some(progress), null_mut(), None)
    }),
    ("curlback_easy_on_progress", "drop", |h| unsafe {
        curlback_easy_on_progress(h, Some(progress), null_mut(), None)
    }),
    ("curlback_easy_on_xferinfo", "callback", |h| unsafe {
        curlback_easy_on_xferinfo(h, None, null_mut(), None)
    }),
    ("curlback_easy_on_xferinfo", "user_data", |h| unsafe {
        curlback_easy_on_xferinfo(h, Some(xferinfo), null_mut(), None)
    }),
    ("curlback_easy_on_xferinfo", "drop", |h| unsafe {
        curlback_easy_on_xferinfo(h, Some(xferinfo), null_mut(), None)
    }),
    ("curlback_easy_on_open_socket", "callback", |h| unsafe {
        curlback_easy_on_open_socket(h, None, null_mut(), None)
    }),
    ("curlback_easy_on_open_socket", "user_data", |h| unsafe {
        curlback_easy_on_open_socket(h, Some(open_socket), null_mut(), None)
    }),
    ("curlback_easy_on_open_socket", "drop", |h| unsafe {
        curlback_easy_on_open_socket(h, Some(open_socket), null_mut(), None)
    }),
    ("curlback_easy_on_close_socket", "callback", |h| unsafe {
        curlback_easy_on_close_socket(h, None, null_mut(), None)
    }),
    ("curlback_easy_on_close_socket", "user_data", |h| unsafe {
        curlback_easy_on_close_socket(h, Some(close_socket), null_mut(), None)
    }),
    ("curlback_easy_on_close_socket", "drop", |h| unsafe {
        curlback_easy_on_close_socket(h, Some(close_socket), null_mut(), None)
    }),
    ("curlback_easy_on_sockopt", "callback", |h| unsafe {
        curlback_easy_on_sockopt(h, None, null_mut(), None)
    }),
    ("curlback_easy_on_sockopt", "user_data", |h| unsafe {
        curlback_easy_on_sockopt(h, Some(sockopt), null_mut(), None)
    }),
    ("curlback_easy_on_sockopt", "drop", |h| unsafe {
        curlback_easy_on_sockopt(h, Some(sockopt), null_mut(), None)
    }),
    ("curlback_easy_on_ws_message", "callback", |h| unsafe {
        curlback_easy_on_ws_message(h, 10, None, null_mut(), None)
    }),
    ("curlback_easy_on_ws_message", "user_data", |h| unsafe {
        curlback_easy_on_ws_message(h, 10, some(), null_mut(), None)
    }),
    ("curlback_easy_on_ws_message", "drop", |h| unsafe {
        curlback_easy_on_ws_message(h, 10, some(), null_mut(), None)
    }),
    ("curlback_easy_set_private", "user_data", |h| unsafe { curlback_easy_set_private(h, null_mut(), None) }),
    ("curlback_easy_set_private", "drop", |h| unsafe { curlback_easy_set_private(h, null_mut(), None) }),
    ("curlback_easy_set_str", "value", |h| unsafe { curlback_easy_set_str(h, opt::USERAGENT, null()) }),
    ("curlback_easy_set_list", "items", |h| unsafe { curlback_easy_set_list(h, opt::HTTPHEADER, null(), 0) }),
    ("curlback_easy_set_bytes", "data", |h| unsafe {
        curlback_easy_set_bytes(h, opt::POSTFIELDS, null(), 0)
    }),
    ("curlback_easy_read_from_memory", "data", |h| unsafe { curlback_easy_read_from_memory(h, null(), 0) }),
    ("curlback_easy_body_to_file", "file", |h| unsafe { curlback_easy_body_to_file(h, null_mut()) }),
    ("curlback_easy_header_to_file", "file", |h| unsafe { curlback_easy_header_to_file(h, null_mut()) }),
    ("curlback_easy_read_from_file", "file", |h| unsafe { curlback_easy_read_from_file(h, null_mut()) }),
    ("curlback_easy_set_share", "share", |h| curlback_easy_set_share(h, null_mut())),
    ("curlback_share_on_lock", "lock", |_| {
        with_share(|share| unsafe { curlback_share_on_lock(share, None, None, null_mut(), None) })
    }),
    ("curlback_share_on_lock", "unlock", |_| {
        with_share(|share| unsafe { curlback_share_on_lock(share, None, None, null_mut(), None) })
    }),
    ("curlback_share_on_lock", "user_data", |_| {
        with_share(|share| unsafe { curlback_share_on_lock(share, some(), some(), null_mut(), None) })
    }),
    ("curlback_share_on_lock", "drop", |_| {
        with_share(|share| unsafe { curlback_share_on_lock(share, some(), some(), null_mut(), None) })
    }),
    ("curlback_easy_set_mime", "mime", |h| curlback_easy_set_mime(h, null_mut())),
    ("curlback_mime_part_name", "name", |h| {
        with_part(h, |part| unsafe { curlback_mime_part_name(part, null()) })
    }),
    ("curlback_mime_part_filename", "filename", |h| {
        with_part(h, |part| unsafe { curlback_mime_part_filename(part, null()) })
    }),
    ("curlback_mime_part_type", "mime_type", |h| {
        with_part(h, |part| unsafe { curlback_mime_part_type(part, null()) })
    }),
    ("curlback_mime_part_encoder", "encoding", |h| {
        with_part(h, |part| unsafe { curlback_mime_part_encoder(part, null()) })
    }),
    ("curlback_mime_part_headers", "items", |h| {
        with_part(h, |part| unsafe { curlback_mime_part_headers(part, null(), 0) })
    }),
    ("curlback_mime_part_data", "data", |h| {
        with_part(h, |part| unsafe { curlback_mime_part_data(part, null(), 0) })
    }),
    ("curlback_mime_part_file", "path", |h| {
        with_part(h, |part| unsafe { curlback_mime_part_file(part, null()) })
    }),
    ("curlback_mime_part_subparts", "subparts", |h| {
        with_part(h, |part| curlback_mime_part_subparts(part, null_mut()))
    }),
    ("curlback_mime_part_callbacks", "read", |h| {
        with_part(h, |part| unsafe { curlback_mime_part_callbacks(part, -1, None, some(), null_mut(), None) })
    }),
    ("curlback_mime_part_callbacks", "seek", |h| {
        with_part(h, |part| unsafe { curlback_mime_part_callbacks(part, -1, some(), None, null_mut(), None) })
    }),
    ("curlback_mime_part_callbacks", "user_data", |h| {
        with_part(h, |part| unsafe {
            curlback_mime_part_callbacks(part, -1, some(), some(), null_mut(), None)
        })
    }),
    ("curlback_mime_part_callbacks", "drop", |h| {
        with_part(h, |part| unsafe { curlback_mime_part_callbacks(part, -1, some(), None, null_mut(), None) })
    }),
    ("curlback_easy_set_private", "user_data", |h| {
        assert!(curlback_easy_private(h).is_null());
        code::OK
    }),
    ("curlback_easy_set_private", "drop", |h| unsafe {
        curlback_easy_set_private(h, std::ptr::without_provenance_mut(1), None)
    }),
];

unsafe extern "C-unwind" fn never_called() {
    unreachable!("there is no transfer");
}

/// Some function of the type that is wanted.
///
/// # Safety
/// F is a pointer to a function, and is not called.
pub unsafe fn some<F: Copy>() -> Option<F> {
    let function: unsafe extern "C-unwind" fn() = never_called;
    // SAFETY: pointers to functions are all alike until they are called.
    Some(unsafe { std::mem::transmute_copy(&function) })
}

macro_rules! all_three {
    ($($function:ident)*) => {
        &[$(
            (stringify!($function), "callback", |h| unsafe { $function(h, None, null_mut(), None) }),
            (stringify!($function), "user_data", |h| unsafe { $function(h, some(), null_mut(), None) }),
            (stringify!($function), "drop", |h| unsafe { $function(h, some(), null_mut(), None) }),
        )*]
    };
}

/// on_* functions, whatever their callback is.
const REGISTERING: &[Case] = all_three! {
    curlback_easy_on_ioctl
    curlback_easy_on_prereq
    curlback_easy_on_trailer
    curlback_easy_on_resolver_start
    curlback_easy_on_interleave
    curlback_easy_on_ssl_ctx
    curlback_easy_on_ssh_key
    curlback_easy_on_ssh_host_key
    curlback_easy_on_fnmatch
    curlback_easy_on_chunk_begin
    curlback_easy_on_chunk_end
    curlback_easy_on_hsts_read
    curlback_easy_on_hsts_write
};

/// Tested elsewhere: curlback_easy_raise() needs a callback, as do the functions that take what one is lent, curlback_init_memory() names all five at once.
const ELSEWHERE: [(&str, &str); 11] = [
    ("curlback_ws_meta", "frame"),
    ("curlback_trailers_add", "header"),
    ("curlback_hsts_fill", "host"),
    ("curlback_easy_raise", "message"),
    ("curlback_easy_raise", "payload"),
    ("curlback_easy_raise", "drop"),
    ("curlback_init_memory", "on_malloc"),
    ("curlback_init_memory", "on_free"),
    ("curlback_init_memory", "on_realloc"),
    ("curlback_init_memory", "on_strdup"),
    ("curlback_init_memory", "on_calloc"),
];

#[test]
fn every_other_pointer_of_the_header_is_in_these_tables() {
    let mut header = BTreeSet::new();
    for function in prototypes() {
        let handles = usize::from(function.takes_handle());
        for (kind, name) in function.parameters.iter().skip(handles) {
            if kind.ends_with('*') || kind.ends_with("_cb") {
                header.insert((function.name.clone(), name.clone()));
            }
        }
    }
    let here = REFUSED
        .iter()
        .chain(TAKEN)
        .chain(REGISTERING)
        .map(|(function, name, _)| (*function, *name))
        .chain(ELSEWHERE)
        .chain(crate::nulls_multi::here());
    let here: BTreeSet<_> = here
        .filter(|(_, name)| *name != "an item")
        .map(|(function, name)| (function.to_owned(), name.to_owned()))
        .collect();
    let missing: Vec<_> = header.difference(&here).collect();
    let extra: Vec<_> = here.difference(&header).collect();
    assert!(missing.is_empty() && extra.is_empty(), "not here: {missing:?}; not in the header: {extra:?}");
}

#[test]
fn null_is_refused_by_the_name_of_the_parameter_and_the_handle_goes_on() {
    for (function, parameter, call) in REFUSED {
        let easy = Easy::new();
        assert_eq!(call(easy.raw()), code::E_NULL, "{function}: {parameter}");
        assert_eq!(last_error(), format!("{parameter} is NULL"), "{function}");
        works(easy.raw());
    }
}

#[test]
fn null_unsets_or_means_none_where_the_header_says_so() {
    for (function, parameter, call) in TAKEN.iter().chain(REGISTERING) {
        let easy = Easy::new();
        let row = all_rows().find(|row| row.name == *function).expect("it takes a handle");
        assert_eq!(call(easy.raw()), row.allowed_here(), "{function}: {parameter}: {}", last_error());
        works(easy.raw());
    }
}

#[test]
fn a_null_handle_is_noticed_before_any_other_null() {
    // SAFETY: NULL is what it is for.
    assert_eq!(unsafe { curlback_easy_get_int(null_mut(), info::RESPONSE_CODE, null_mut()) }, code::E_NULL);
    assert_eq!(last_error(), "the curlback_easy is NULL");
}

#[test]
fn memory_functions_are_needed_all() {
    // SAFETY: none is ever called: one is missing.
    let result = unsafe { curlback_init_memory(None, None, None, None, None) };
    assert_eq!((result, last_error().as_str()), (code::E_NULL, "all five memory functions are needed"));
}
