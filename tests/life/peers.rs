//! The kinds of callback that the common transfer does not call, as they need a server of their own: tests/callbacks has their
//! transfers. What happens to their user data without a transfer is tested here.

use std::ffi::c_void;
use std::ptr::null_mut;

use curlback::callback::body::curlback_easy_on_interleave;
use curlback::callback::ftp::*;
use curlback::callback::hsts::*;
use curlback::callback::request::*;
use curlback::callback::source::curlback_easy_on_ioctl;
use curlback::callback::ssh::*;
use curlback::callback::tls::*;
use curlback::callback::{Info, KINDS, curlback_callback};
use curlback::easy::{curlback_easy_close, curlback_easy_duplicate, curlback_easy_reset};
use curlback::slot::curlback_drop_cb;
use curlback::ws::message::{curlback_easy_on_ws_message, curlback_ws_message_cb};

use crate::support::{Drops, Easy, Raw, Token, ok, skipped, unbox};

/// An on_* function, whatever its callback is: a pointer to a function like any other.
type Register =
    unsafe extern "C" fn(Raw, Option<unsafe extern "C-unwind" fn()>, *mut c_void, curlback_drop_cb) -> i32;

macro_rules! table {
    ($($kind:ident $function:ident)*) => {
        &[$((curlback_callback::$kind as i32, $function as *const ())),*]
    };
}

const REGISTER: &[(i32, *const ())] = table! {
    CURLBACK_CALLBACK_SSH_KEY curlback_easy_on_ssh_key
    CURLBACK_CALLBACK_SSH_HOST_KEY curlback_easy_on_ssh_host_key
    CURLBACK_CALLBACK_FNMATCH curlback_easy_on_fnmatch
    CURLBACK_CALLBACK_CHUNK_BEGIN curlback_easy_on_chunk_begin
    CURLBACK_CALLBACK_CHUNK_END curlback_easy_on_chunk_end
    CURLBACK_CALLBACK_IOCTL curlback_easy_on_ioctl
    CURLBACK_CALLBACK_PREREQ curlback_easy_on_prereq
    CURLBACK_CALLBACK_TRAILER curlback_easy_on_trailer
    CURLBACK_CALLBACK_RESOLVER_START curlback_easy_on_resolver_start
    CURLBACK_CALLBACK_INTERLEAVE curlback_easy_on_interleave
    CURLBACK_CALLBACK_SSL_CTX curlback_easy_on_ssl_ctx
    CURLBACK_CALLBACK_HSTS_READ curlback_easy_on_hsts_read
    CURLBACK_CALLBACK_HSTS_WRITE curlback_easy_on_hsts_write
    CURLBACK_CALLBACK_WS_MESSAGE on_ws_message
};

/// With a limit, as the others have none.
unsafe extern "C" fn on_ws_message(
    easy: Raw,
    callback: curlback_ws_message_cb,
    user_data: *mut c_void,
    drop: curlback_drop_cb,
) -> i32 {
    // SAFETY: as the caller of this vouches.
    unsafe { curlback_easy_on_ws_message(easy, 1000, callback, user_data, drop) }
}

fn function(kind: i32) -> Option<Register> {
    let (_, function) = REGISTER.iter().find(|(known, _)| *known == kind)?;
    // SAFETY: each is an on_* function, and those differ in the type of the callback alone, which nothing here calls.
    Some(unsafe { std::mem::transmute::<*const (), Register>(*function) })
}

/// Whether the common transfer leaves this kind out.
pub fn has(kind: i32) -> bool {
    function(kind).is_some()
}

unsafe extern "C-unwind" fn never_called() {
    unreachable!("there is no transfer");
}

fn register(kind: i32, easy: Raw, drops: &Drops) -> i32 {
    let function = function(kind).unwrap();
    let (data, drop) = drops.user_data();
    // SAFETY: the callback is not called.
    let result = unsafe { function(easy, Some(never_called), data, drop) };
    if result != 0 {
        unbox::<Token>((data, drop));
    }
    result
}

fn unset(kind: i32, easy: Raw) {
    let function = function(kind).unwrap();
    // SAFETY: there is no callback.
    ok(unsafe { function(easy, None, null_mut(), None) });
}

fn each(test: impl Fn(i32)) {
    for Info { id, name, available, .. } in KINDS.iter().filter(|info| has(info.id as i32)) {
        if available() {
            println!("{name}");
            test(*id as i32);
        } else {
            skipped(&format!("the {name} callback"), "a libcurl that has it");
            let (easy, drops) = (Easy::new(), Drops::new());
            assert_eq!(register(*id as i32, easy.raw(), &drops), curlback::result::code::E_UNSUPPORTED);
        }
    }
}

#[test]
fn replacing_unsetting_and_resetting_drop() {
    each(|kind| {
        let (easy, drops) = (Easy::new(), Drops::new());
        ok(register(kind, easy.raw(), &drops));
        ok(register(kind, easy.raw(), &drops));
        assert_eq!(drops.count(), 1);
        unset(kind, easy.raw());
        assert_eq!(drops.count(), 2);
        ok(register(kind, easy.raw(), &drops));
        ok(curlback_easy_reset(easy.raw()));
        assert_eq!(drops.count(), 3);
        drop(easy);
        assert_eq!(drops.count(), 3);
    });
}

#[test]
fn duplicates_share_and_the_last_to_close_drops() {
    each(|kind| {
        for original_first in [true, false] {
            let drops = Drops::new();
            let original = Easy::new().into_raw();
            ok(register(kind, original, &drops));
            let mut copy = null_mut();
            // SAFETY: the copy can be written to.
            ok(unsafe { curlback_easy_duplicate(original, &mut copy) });
            let (first, last) = if original_first { (original, copy) } else { (copy, original) };
            ok(curlback_easy_close(first));
            assert_eq!(drops.count(), 0);
            ok(curlback_easy_close(last));
            assert_eq!(drops.count(), 1);
        }
    });
}
