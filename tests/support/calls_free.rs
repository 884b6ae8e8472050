//! The functions that take a list, a mime, a part of one or a share: nothing ever runs on these.

use std::ptr::{null_mut, without_provenance_mut};

use curlback::list::*;
use curlback::mime::callbacks::curlback_mime_part_callbacks;
use curlback::mime::part::*;
use curlback::mime::*;
use curlback::result::code;
use curlback::share::lock::curlback_share_on_lock;
use curlback::share::*;

use super::Answer::{Nothing, Result, Value};
use super::{Row, Rule, marked, row};

fn list(handle: usize) -> *mut curlback_list {
    without_provenance_mut(handle)
}

fn mime(handle: usize) -> *mut curlback_mime {
    without_provenance_mut(handle)
}

fn part(handle: usize) -> *mut curlback_mime_part {
    without_provenance_mut(handle)
}

fn share(handle: usize) -> *mut curlback_share {
    without_provenance_mut(handle)
}

const COOKIES: i32 = curlback_share_data::CURLBACK_SHARE_COOKIES as i32;

// SAFETY of all the calls: a handle may be any value, strings end with NUL, lengths are right.
pub const ROWS: &[Row] = &[
    row("curlback_list_len", Rule::Free, |h| Value { missing: curlback_list_len(list(h)) == 0 }),
    row("curlback_list_get", Rule::Free, |h| Value { missing: curlback_list_get(list(h), 0).is_null() }),
    Row {
        null: code::OK,
        unknown: code::OK,
        ..row("curlback_list_free", Rule::Free, |h| {
            curlback_list_free(list(h));
            Nothing
        })
    },
    row("curlback_mime_add", Rule::Free, |h| Value { missing: curlback_mime_add(mime(h)).is_null() }),
    row("curlback_mime_part_name", Rule::Free, |h| {
        Result(unsafe { curlback_mime_part_name(part(h), c"name".as_ptr()) })
    }),
    row("curlback_mime_part_filename", Rule::Free, |h| {
        Result(unsafe { curlback_mime_part_filename(part(h), c"name".as_ptr()) })
    }),
    row("curlback_mime_part_type", Rule::Free, |h| {
        Result(unsafe { curlback_mime_part_type(part(h), c"text/plain".as_ptr()) })
    }),
    row("curlback_mime_part_encoder", Rule::Free, |h| {
        Result(unsafe { curlback_mime_part_encoder(part(h), c"base64".as_ptr()) })
    }),
    row("curlback_mime_part_headers", Rule::Free, |h| {
        Result(unsafe { curlback_mime_part_headers(part(h), [c"X-One: 1".as_ptr()].as_ptr(), 1) })
    }),
    row("curlback_mime_part_data", Rule::Free, |h| {
        Result(unsafe { curlback_mime_part_data(part(h), b"x".as_ptr().cast(), 1) })
    }),
    row("curlback_mime_part_file", Rule::Free, |h| {
        Result(unsafe { curlback_mime_part_file(part(h), c"/dev/null".as_ptr()) })
    }),
    row("curlback_mime_part_subparts", Rule::Free, |h| {
        Result(curlback_mime_part_subparts(part(h), null_mut()))
    }),
    row("curlback_mime_part_callbacks", Rule::Free, |h| {
        Result(unsafe { curlback_mime_part_callbacks(part(h), -1, None, None, marked(), None) })
    }),
    Row {
        null: code::OK,
        ..row("curlback_mime_close", Rule::Free, |h| Result(curlback_mime_close(mime(h))))
    },
    Row {
        null: code::OK,
        unknown: code::OK,
        ..row("curlback_mime_release", Rule::Free, |h| {
            curlback_mime_release(mime(h));
            Nothing
        })
    },
    row("curlback_share_add", Rule::Free, |h| Result(curlback_share_add(share(h), COOKIES))),
    row("curlback_share_remove", Rule::Free, |h| Result(curlback_share_remove(share(h), COOKIES))),
    row("curlback_share_on_lock", Rule::Free, |h| {
        Result(unsafe { curlback_share_on_lock(share(h), None, None, marked(), None) })
    }),
    Row {
        null: code::OK,
        ..row("curlback_share_close", Rule::Free, |h| Result(curlback_share_close(share(h))))
    },
    Row {
        null: code::OK,
        unknown: code::OK,
        ..row("curlback_share_release", Rule::Free, |h| {
            curlback_share_release(share(h));
            Nothing
        })
    },
];
