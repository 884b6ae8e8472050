//! Every exported function that takes a handle, called so that it changes nothing that matters: what handles.rs and access.rs
//! walk. The header says which functions there are.
#![allow(dead_code, reason = "each test binary uses its own part")]

#[path = "calls_free.rs"]
mod free;
#[path = "calls_header.rs"]
pub mod header;
#[path = "calls_multi.rs"]
mod multi;

use std::ffi::{c_char, c_void};
use std::ptr::{null, null_mut, without_provenance_mut};

use curlback::access::Call;
use curlback::callback::KINDS;
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
use curlback::easy::batch::curlback_easy_batch_body;
use curlback::easy::error::*;
use curlback::easy::info::*;
use curlback::easy::options::*;
use curlback::easy::perform::*;
use curlback::easy::raw::*;
use curlback::easy::sink::*;
use curlback::easy::source::*;
use curlback::easy::*;
use curlback::libcurl::tables::{info, opt};
use curlback::library::curlback_has_protocol;
use curlback::list::*;
use curlback::mime::sending::curlback_easy_set_mime;
use curlback::mime::{curlback_mime_new, curlback_mime_release};
use curlback::multi::notify::available as notify_available;
use curlback::result::code;
use curlback::share::curlback_easy_set_share;
use curlback::ws::close::curlback_ws_close;
use curlback::ws::message::curlback_easy_on_ws_message;
use curlback::ws::meta::{curlback_ws_frame, curlback_ws_meta};
use curlback::ws::recv::curlback_ws_recv;
use curlback::ws::send::curlback_ws_send;

use crate::support::{Raw, last_error, ok};

pub use multi::ROWS as MULTI_ROWS;

/// Those that take an easy handle, and those that take another.
pub fn all_rows() -> impl Iterator<Item = &'static Row> {
    ROWS.iter().chain(free::ROWS).chain(MULTI_ROWS)
}

/// Who may call a function.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rule {
    /// As the table of src/access.rs says.
    Of(Call),
    /// Anybody at any time.
    Always,
    /// It takes what nothing ever runs on: a list, a mime, a part of one, a share.
    Free,
    /// It takes what a callback is lent, and is for that callback alone.
    Lent,
}

/// What a call answered with.
enum Answer {
    Result(i32),
    /// Something else, missing where the call fails.
    Value {
        missing: bool,
    },
    Nothing,
}
use Answer::{Nothing, Result, Value};

pub struct Row {
    pub name: &'static str,
    pub rule: Rule,
    /// What it answers where it may be called.
    pub allowed: i32,
    /// What it answers to NULL.
    pub null: i32,
    /// What it answers to what is no live handle of its kind.
    pub unknown: i32,
    call: fn(usize) -> Answer,
}

impl Row {
    /// Calls it. The result, and the sentence where it is a refusal. A function that answers with something else has the result
    /// that its sentence belongs to.
    pub fn attempt(&self, handle: usize) -> (i32, String) {
        let name = self.name;
        // A sentence that no function with a handle gives.
        // SAFETY: NULL is an answer of its own.
        assert!(!unsafe { curlback_has_protocol(null()) });
        let before = last_error();
        let answer = (self.call)(handle);
        let said = last_error();
        let new = said != before;
        let result = match answer {
            Result(result) => {
                assert_eq!(new, result != code::OK, "{name} answered {result} and said {said:?}");
                result
            }
            Value { missing } if new => {
                assert!(missing, "{name} gave something and said {said:?}");
                result_of(&said)
            }
            Value { .. } => code::OK,
            Nothing => {
                assert!(!new, "{name} cannot fail and said {said:?}");
                code::OK
            }
        };
        if result == code::OK { (result, String::new()) } else { (result, said) }
    }

    /// The type of handle that it takes.
    pub fn takes(&self) -> &'static str {
        match self.name {
            "curlback_trailers_add" => "curlback_trailers",
            "curlback_hsts_fill" => "curlback_hsts_slot",
            name if name.starts_with("curlback_multi_") => "curlback_multi",
            // It takes the handle that the mime is for.
            "curlback_mime_new" => "curlback_easy",
            name if name.starts_with("curlback_mime_part_") => "curlback_mime_part",
            name if name.starts_with("curlback_mime_") => "curlback_mime",
            name if name.starts_with("curlback_share_") => "curlback_share",
            _ if self.rule == Rule::Free => "curlback_list",
            _ => "curlback_easy",
        }
    }

    /// What it answers where it may be called and the linked libcurl lacks something.
    pub fn allowed_here(&self) -> i32 {
        let callback = self.name.strip_prefix("curlback_easy_on_");
        let notify = ["curlback_multi_on_notify", "curlback_multi_notify"].contains(&self.name);
        // Outside of on_write there is nothing to say of what the libcurl has.
        let websocket = self.name.starts_with("curlback_ws_") && self.rule != Rule::Of(Call::WsMeta);
        let lacking = notify && !notify_available()
            || websocket && !curlback::ws::built_in()
            || KINDS.iter().any(|info| Some(info.name) == callback && !(info.available)());
        if lacking { code::E_UNSUPPORTED } else { self.allowed }
    }
}

/// The result that goes with a sentence on a handle.
pub fn result_of(sentence: &str) -> i32 {
    let known = [
        ("is NULL", code::E_NULL),
        ("not a", code::E_HANDLE),
        ("another thread", code::E_BUSY),
        ("at work: this cannot be called from inside its callbacks", code::E_IN_CALLBACK),
        ("libcurl is at work on the multi handle: this can be called from", code::E_IN_CALLBACK),
        ("the handle is being closed", code::E_IN_CALLBACK),
        ("at work: frames are sent from inside its callbacks", code::E_IN_CALLBACK),
        ("allowed only from inside a callback", code::E_NOT_IN_CALLBACK),
    ];
    let found = known.iter().find(|(part, _)| sentence.contains(part));
    found.unwrap_or_else(|| panic!("not about a handle: {sentence:?}")).1
}

fn easy(handle: usize) -> Raw {
    without_provenance_mut(handle)
}

const fn row(name: &'static str, rule: Rule, call: fn(usize) -> Answer) -> Row {
    Row { name, rule, allowed: code::OK, null: code::E_NULL, unknown: code::E_HANDLE, call }
}

const fn set(name: &'static str, call: fn(usize) -> Answer) -> Row {
    row(name, Rule::Of(Call::Set), call)
}

const fn get(name: &'static str, call: fn(usize) -> Answer) -> Row {
    row(name, Rule::Of(Call::Get), call)
}

/// An output that must stay as it was where the call fails, with what is checked and freed where it does not.
fn output<T: PartialEq + Copy>(untouched: T, call: impl FnOnce(*mut T) -> i32, done: fn(T)) -> Answer {
    let mut value = untouched;
    let result = call(&raw mut value);
    if result == code::OK {
        done(value);
    } else {
        assert!(value == untouched, "the call failed with {result} and wrote its output");
    }
    Result(result)
}

/// A count that is written always; nothing is sent or received here.
fn counted(call: impl FnOnce(*mut usize) -> i32) -> Answer {
    let mut count = 77;
    let result = call(&raw mut count);
    assert_eq!(count, 0);
    Result(result)
}

fn close_copy(copy: Raw) {
    ok(curlback_easy_close(copy));
}

/// A pointer that nothing else has.
fn marked<T>() -> *mut T {
    without_provenance_mut(0xbad0)
}

fn bytes(handle: usize, call: unsafe extern "C" fn(Raw, *mut *const u8, *mut usize) -> i32) -> Answer {
    let (mut data, mut len) = (marked::<u8>().cast_const(), 77);
    // SAFETY: both can be written to.
    let result = unsafe { call(easy(handle), &mut data, &mut len) };
    assert!(result == code::OK || (data == marked() && len == 77));
    Result(result)
}

// SAFETY of all the calls: a handle may be any value, outputs can be written to, strings end with NUL, lengths are right.
pub const ROWS: &[Row] = &[
    set("curlback_easy_on_write", |h| {
        Result(unsafe { curlback_easy_on_write(easy(h), None, marked(), None) })
    }),
    set("curlback_easy_on_header", |h| {
        Result(unsafe { curlback_easy_on_header(easy(h), None, marked(), None) })
    }),
    set("curlback_easy_on_read", |h| Result(unsafe { curlback_easy_on_read(easy(h), None, marked(), None) })),
    set("curlback_easy_on_seek", |h| Result(unsafe { curlback_easy_on_seek(easy(h), None, marked(), None) })),
    set("curlback_easy_on_debug", |h| {
        Result(unsafe { curlback_easy_on_debug(easy(h), None, marked(), None) })
    }),
    set("curlback_easy_on_progress", |h| {
        Result(unsafe { curlback_easy_on_progress(easy(h), None, marked(), None) })
    }),
    set("curlback_easy_on_xferinfo", |h| {
        Result(unsafe { curlback_easy_on_xferinfo(easy(h), None, marked(), None) })
    }),
    set("curlback_easy_on_open_socket", |h| {
        Result(unsafe { curlback_easy_on_open_socket(easy(h), None, marked(), None) })
    }),
    set("curlback_easy_on_close_socket", |h| {
        Result(unsafe { curlback_easy_on_close_socket(easy(h), None, marked(), None) })
    }),
    set("curlback_easy_on_sockopt", |h| {
        Result(unsafe { curlback_easy_on_sockopt(easy(h), None, marked(), None) })
    }),
    set("curlback_easy_on_ioctl", |h| {
        Result(unsafe { curlback_easy_on_ioctl(easy(h), None, marked(), None) })
    }),
    set("curlback_easy_on_ssh_key", |h| {
        Result(unsafe { curlback_easy_on_ssh_key(easy(h), None, marked(), None) })
    }),
    set("curlback_easy_on_ssh_host_key", |h| {
        Result(unsafe { curlback_easy_on_ssh_host_key(easy(h), None, marked(), None) })
    }),
    set("curlback_easy_on_fnmatch", |h| {
        Result(unsafe { curlback_easy_on_fnmatch(easy(h), None, marked(), None) })
    }),
    set("curlback_easy_on_chunk_begin", |h| {
        Result(unsafe { curlback_easy_on_chunk_begin(easy(h), None, marked(), None) })
    }),
    set("curlback_easy_on_chunk_end", |h| {
        Result(unsafe { curlback_easy_on_chunk_end(easy(h), None, marked(), None) })
    }),
    set("curlback_easy_on_prereq", |h| {
        Result(unsafe { curlback_easy_on_prereq(easy(h), None, marked(), None) })
    }),
    set("curlback_easy_on_trailer", |h| {
        Result(unsafe { curlback_easy_on_trailer(easy(h), None, marked(), None) })
    }),
    set("curlback_easy_on_resolver_start", |h| {
        Result(unsafe { curlback_easy_on_resolver_start(easy(h), None, marked(), None) })
    }),
    set("curlback_easy_on_interleave", |h| {
        Result(unsafe { curlback_easy_on_interleave(easy(h), None, marked(), None) })
    }),
    set("curlback_easy_on_ssl_ctx", |h| {
        Result(unsafe { curlback_easy_on_ssl_ctx(easy(h), None, marked(), None) })
    }),
    set("curlback_easy_on_hsts_read", |h| {
        Result(unsafe { curlback_easy_on_hsts_read(easy(h), None, marked(), None) })
    }),
    set("curlback_easy_on_hsts_write", |h| {
        Result(unsafe { curlback_easy_on_hsts_write(easy(h), None, marked(), None) })
    }),
    set("curlback_easy_on_ws_message", |h| {
        Result(unsafe { curlback_easy_on_ws_message(easy(h), 10, None, marked(), None) })
    }),
    set("curlback_easy_set_int", |h| Result(curlback_easy_set_int(easy(h), opt::CONNECTTIMEOUT_MS, 20_000))),
    set("curlback_easy_set_str", |h| {
        Result(unsafe { curlback_easy_set_str(easy(h), opt::USERAGENT, c"agent".as_ptr()) })
    }),
    set("curlback_easy_set_list", |h| {
        Result(unsafe {
            curlback_easy_set_list(easy(h), opt::HTTPHEADER, [c"X-One: 1".as_ptr()].as_ptr(), 1)
        })
    }),
    set("curlback_easy_set_bytes", |h| {
        Result(unsafe { curlback_easy_set_bytes(easy(h), opt::POSTFIELDS, b"x".as_ptr().cast(), 1) })
    }),
    set("curlback_easy_unset", |h| Result(curlback_easy_unset(easy(h), opt::USERAGENT))),
    set("curlback_easy_set_mime", |h| Result(curlback_easy_set_mime(easy(h), null_mut()))),
    set("curlback_easy_set_private", |h| {
        Result(unsafe { curlback_easy_set_private(easy(h), null_mut::<c_void>(), None) })
    }),
    set("curlback_easy_batch_body", |h| Result(curlback_easy_batch_body(easy(h), 1000))),
    set("curlback_easy_body_to_file", |h| Result(unsafe { curlback_easy_body_to_file(easy(h), null_mut()) })),
    set("curlback_easy_body_to_fd", |h| Result(curlback_easy_body_to_fd(easy(h), -1))),
    set("curlback_easy_body_to_memory", |h| Result(curlback_easy_body_to_memory(easy(h), 0))),
    set("curlback_easy_header_to_file", |h| {
        Result(unsafe { curlback_easy_header_to_file(easy(h), null_mut()) })
    }),
    set("curlback_easy_header_to_fd", |h| Result(curlback_easy_header_to_fd(easy(h), -1))),
    set("curlback_easy_header_to_memory", |h| Result(curlback_easy_header_to_memory(easy(h), 0))),
    set("curlback_easy_read_from_file", |h| {
        Result(unsafe { curlback_easy_read_from_file(easy(h), null_mut()) })
    }),
    set("curlback_easy_read_from_fd", |h| Result(curlback_easy_read_from_fd(easy(h), -1))),
    set("curlback_easy_read_from_memory", |h| {
        Result(unsafe { curlback_easy_read_from_memory(easy(h), null(), 0) })
    }),
    set("curlback_easy_clear_body", |h| Result(curlback_easy_clear_body(easy(h)))),
    set("curlback_easy_clear_header", |h| Result(curlback_easy_clear_header(easy(h)))),
    set("curlback_easy_clear_source", |h| Result(curlback_easy_clear_source(easy(h)))),
    get("curlback_easy_get_int", |h| {
        output(-77, |value| unsafe { curlback_easy_get_int(easy(h), info::RESPONSE_CODE, value) }, |_| ())
    }),
    get("curlback_easy_get_double", |h| {
        output(-77.0, |value| unsafe { curlback_easy_get_double(easy(h), info::TOTAL_TIME, value) }, |_| ())
    }),
    get("curlback_easy_get_str", |h| {
        let call = |value| unsafe { curlback_easy_get_str(easy(h), info::EFFECTIVE_URL, value) };
        output(marked::<c_char>().cast_const(), call, |url| assert!(!url.is_null()))
    }),
    get("curlback_easy_get_list", |h| {
        let call = |value| unsafe { curlback_easy_get_list(easy(h), info::COOKIELIST, value) };
        output(marked(), call, curlback_list_free_safely)
    }),
    Row {
        // No transfer here has certificates.
        allowed: code::E_RANGE,
        ..get("curlback_easy_get_cert", |h| {
            let call = |fields| unsafe { curlback_easy_get_cert(easy(h), 0, fields) };
            output(marked(), call, curlback_list_free_safely)
        })
    },
    Row { allowed: code::E_ABSENT, ..get("curlback_easy_body", |h| bytes(h, curlback_easy_body)) },
    Row { allowed: code::E_ABSENT, ..get("curlback_easy_header", |h| bytes(h, curlback_easy_header)) },
    get("curlback_easy_error", |h| {
        let mut error = std::mem::MaybeUninit::<curlback_error>::uninit();
        // SAFETY: the type has no padding that matters here: only what was written is compared.
        unsafe { error.as_mut_ptr().cast::<u8>().write_bytes(0x5a, size_of::<curlback_error>()) };
        let result = unsafe { curlback_easy_error(easy(h), error.as_mut_ptr()) };
        // SAFETY: every byte was written above.
        let first = unsafe { error.as_ptr().cast::<i32>().read() };
        assert_eq!(first == 0x5a5a_5a5a, result != code::OK);
        Result(result)
    }),
    get("curlback_easy_take_payload", |h| Value { missing: curlback_easy_take_payload(easy(h)).is_null() }),
    get("curlback_easy_curl", |h| Value { missing: curlback_easy_curl(easy(h)).is_null() }),
    row("curlback_easy_duplicate", Rule::Of(Call::Duplicate), |h| {
        output(marked(), |copy| unsafe { curlback_easy_duplicate(easy(h), copy) }, close_copy)
    }),
    row("curlback_easy_private", Rule::Of(Call::Private), |h| Value {
        missing: curlback_easy_private(easy(h)).is_null(),
    }),
    row("curlback_easy_raise", Rule::Of(Call::Raise), |h| {
        Result(unsafe { curlback_easy_raise(easy(h), 0, 7, c"why".as_ptr(), null_mut(), None) })
    }),
    row("curlback_easy_perform", Rule::Of(Call::Perform), |h| Result(curlback_easy_perform(easy(h)))),
    Row {
        // No handle here has a connection of its own.
        allowed: code::E_ABSENT,
        ..row("curlback_easy_send", Rule::Of(Call::Perform), |h| {
            counted(|sent| unsafe { curlback_easy_send(easy(h), b"x".as_ptr().cast(), 1, sent) })
        })
    },
    Row {
        allowed: code::E_ABSENT,
        ..row("curlback_easy_recv", Rule::Of(Call::Perform), |h| {
            let mut buffer = [0u8; 4];
            counted(|received| unsafe {
                curlback_easy_recv(easy(h), buffer.as_mut_ptr().cast(), 4, received)
            })
        })
    },
    Row {
        allowed: code::E_ABSENT,
        ..row("curlback_ws_recv", Rule::Of(Call::Perform), |h| {
            let (mut buffer, mut frame) = ([0u8; 4], curlback_ws_frame::default());
            let answer = counted(|received| unsafe {
                curlback_ws_recv(easy(h), buffer.as_mut_ptr().cast(), 4, received, &mut frame)
            });
            assert_eq!(frame, curlback_ws_frame::default());
            answer
        })
    },
    Row {
        allowed: code::E_ABSENT,
        ..row("curlback_ws_send", Rule::Of(Call::WsSend), |h| {
            counted(|sent| unsafe { curlback_ws_send(easy(h), b"x".as_ptr().cast(), 1, 0, 1, sent) })
        })
    },
    Row {
        allowed: code::E_ABSENT,
        ..row("curlback_ws_close", Rule::Of(Call::WsSend), |h| {
            Result(unsafe { curlback_ws_close(easy(h), 1000, null(), 0) })
        })
    },
    Row {
        // The callback here is another than on_write.
        allowed: code::E_NOT_IN_CALLBACK,
        ..row("curlback_ws_meta", Rule::Of(Call::WsMeta), |h| {
            let mut frame = curlback_ws_frame::default();
            let result = unsafe { curlback_ws_meta(easy(h), &mut frame) };
            assert_eq!(frame, curlback_ws_frame::default());
            Result(result)
        })
    },
    row("curlback_easy_set_share", Rule::Of(Call::Perform), |h| {
        Result(curlback_easy_set_share(easy(h), null_mut()))
    }),
    row("curlback_easy_reset", Rule::Of(Call::Perform), |h| Result(curlback_easy_reset(easy(h)))),
    Row {
        null: code::OK,
        ..row("curlback_easy_close", Rule::Of(Call::Perform), |h| Result(curlback_easy_close(easy(h))))
    },
    row("curlback_easy_cancel", Rule::Always, |h| Result(curlback_easy_cancel(easy(h)))),
    row("curlback_easy_pause", Rule::Always, |h| Result(curlback_easy_pause(easy(h), 0))),
    Row {
        null: code::OK,
        unknown: code::OK,
        ..row("curlback_easy_release", Rule::Always, |h| {
            curlback_easy_release(easy(h));
            Nothing
        })
    },
    get("curlback_mime_new", |h| {
        let mime = curlback_mime_new(easy(h));
        curlback_mime_release(mime);
        Value { missing: mime.is_null() }
    }),
    row("curlback_trailers_add", Rule::Lent, |h| {
        Result(unsafe { curlback_trailers_add(without_provenance_mut(h), c"X-One: 1".as_ptr()) })
    }),
    row("curlback_hsts_fill", Rule::Lent, |h| {
        Result(unsafe { curlback_hsts_fill(without_provenance_mut(h), c"host".as_ptr(), 4, 0, false) })
    }),
];

fn curlback_list_free_safely(list: *mut curlback_list) {
    assert!(!list.is_null());
    curlback_list_free(list);
}
