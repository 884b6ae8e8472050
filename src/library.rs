//! The library as a whole: versions, what the linked libcurl has, initialisation.

use std::ffi::{CStr, c_char, c_void};
use std::mem::transmute;
use std::ptr::null;

use once_cell::sync::OnceCell;

use crate::boundary::{self, Outcome, enter, enter_or, fail, text_given};
use crate::libcurl::{sys, version};
use crate::registry;
use crate::result::{code, curlback_result};

pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// How libcurl was linked: system, bundled or full. build.rs says what they are.
const LINKAGE: &str = env!("CURLBACK_LINKAGE");

/// What to add to a sentence about something that the linked libcurl lacks.
pub fn linkage_note() -> &'static str {
    match LINKAGE {
        "bundled" => ", the bundled one: build curlback with the full one to have everything",
        "system" => ", the system's",
        _ => "",
    }
}

static INITIALISED: OnceCell<()> = OnceCell::new();

/// libcurl is ready from here on.
pub fn initialised() -> Outcome {
    initialise_with(|| {
        // SAFETY: once a process, whichever thread comes first, the others waiting.
        unsafe { sys::curl_global_init(sys::CURL_GLOBAL_ALL) }
    })
}

fn initialise_with(start: impl FnOnce() -> sys::CURLcode) -> Outcome {
    let ready = INITIALISED.get_or_try_init(|| {
        if version::number() < version::OLDEST {
            return fail(
                code::E_UNSUPPORTED,
                format!(
                    "curlback needs libcurl 7.88 or newer; this is {}: install a newer one where the program finds it, or a curlback \
                     with libcurl built in",
                    version::text()
                ),
            );
        }
        match start() {
            sys::CURLE_OK => Ok(()),
            error => Err(boundary::Failure::libcurl(error as curlback_result)),
        }
    });
    ready.map(|_| ())
}

/// This library's version, "1.2.3". Static; from any thread, also inside callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn curlback_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}

/// This library's version as a number, 0x010203 for "1.2.3". From any thread, also inside callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn curlback_version_number() -> u32 {
    const fn part(text: &str) -> u32 {
        let mut number = 0;
        let mut rest = text.as_bytes();
        while let [digit, tail @ ..] = rest {
            number = number * 10 + (*digit - b'0') as u32;
            rest = tail;
        }
        number
    }
    const NUMBER: u32 = version::version(
        part(env!("CARGO_PKG_VERSION_MAJOR")),
        part(env!("CARGO_PKG_VERSION_MINOR")),
        part(env!("CARGO_PKG_VERSION_PATCH")),
    );
    NUMBER
}

/// The linked libcurl's own line, "libcurl/8.22.0 OpenSSL/3.0.19 ...". Static; from any thread, also inside callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn curlback_libcurl_version() -> *const c_char {
    // SAFETY: libcurl answers with a static string, written before the first call returns.
    boundary::value(c"".as_ptr(), || unsafe { sys::curl_version() }.cast_const())
}

/// The linked libcurl's version as a number, 0x081600 for 8.22.0. From any thread, also inside callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn curlback_libcurl_version_number() -> u32 {
    boundary::value(0, version::number)
}

/// How libcurl was linked: "system", the one found on the system; "bundled", compiled with this library; "full", the same with
/// every protocol. Static; from any thread, also inside callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn curlback_libcurl_linkage() -> *const c_char {
    concat!(env!("CURLBACK_LINKAGE"), "\0").as_ptr().cast()
}

fn has(names: impl Iterator<Item = &'static CStr>, name: *const c_char) -> bool {
    enter_or(false, || {
        // SAFETY: the functions below ask their callers for a string.
        let name = unsafe { text_given(name, "name") }?;
        Ok(version::has(names, &name.to_string_lossy()))
    })
}

/// Whether the linked libcurl speaks the protocol `name`: "https", "wss", "sftp", in any case.
///
/// From any thread, also inside callbacks. False for NULL.
///
/// # Safety
/// `name` is NULL or ends with NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_has_protocol(name: *const c_char) -> bool {
    has(version::protocols(), name)
}

/// Whether the linked libcurl was built with the feature `name`, by libcurl's names: "HSTS", "HTTP2", "SSL", in any case.
///
/// From any thread, also inside callbacks. False for NULL.
///
/// # Safety
/// `name` is NULL or ends with NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_has_feature(name: *const c_char) -> bool {
    has(version::features(), name)
}

/// Protocol number `index`, from 0, of the linked libcurl; NULL past the last. Static; from any thread, also inside callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn curlback_protocol_name(index: usize) -> *const c_char {
    boundary::value(null(), || version::protocols().nth(index).map_or(null(), CStr::as_ptr))
}

/// Feature number `index`, from 0, of the linked libcurl; NULL past the last. Static; from any thread, also inside callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn curlback_feature_name(index: usize) -> *const c_char {
    boundary::value(null(), || version::features().nth(index).map_or(null(), CStr::as_ptr))
}

/// How many handles of all kinds are live: 0 in a program that closed all that it opened. From any thread, also inside
/// callbacks. A handle that was released while it was running counts until it is closed.
#[unsafe(no_mangle)]
pub extern "C" fn curlback_live_handles() -> usize {
    boundary::value(0, registry::live)
}

/// Initialises the library, libcurl with it. Optional: the first handle does it. CURLBACK_E_UNSUPPORTED where the linked libcurl is
/// older than 7.88; any further call is CURLBACK_OK. From any thread, several at once too.
#[unsafe(no_mangle)]
pub extern "C" fn curlback_init() -> curlback_result {
    enter(initialised)
}

/// malloc(): for curlback_init_memory().
#[allow(non_camel_case_types)]
pub type curlback_malloc_cb = Option<unsafe extern "C-unwind" fn(size: usize) -> *mut c_void>;
/// free(): for curlback_init_memory().
#[allow(non_camel_case_types)]
pub type curlback_free_cb = Option<unsafe extern "C-unwind" fn(memory: *mut c_void)>;
/// realloc(): for curlback_init_memory().
#[allow(non_camel_case_types)]
pub type curlback_realloc_cb =
    Option<unsafe extern "C-unwind" fn(memory: *mut c_void, size: usize) -> *mut c_void>;
/// strdup(): for curlback_init_memory().
#[allow(non_camel_case_types)]
pub type curlback_strdup_cb = Option<unsafe extern "C-unwind" fn(string: *const c_char) -> *mut c_char>;
/// calloc(): for curlback_init_memory().
#[allow(non_camel_case_types)]
pub type curlback_calloc_cb = Option<unsafe extern "C-unwind" fn(count: usize, size: usize) -> *mut c_void>;

/// Initialises the library and makes libcurl use these functions for its memory, on every thread; this library's own memory is not
/// affected. Only before any handle was made and before curlback_init(): CURLBACK_E_BUSY afterwards. All five are needed:
/// CURLBACK_E_NULL.
///
/// # Safety
/// The functions do what C's functions of those names do, on any thread, and stay callable until the process ends.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_init_memory(
    on_malloc: curlback_malloc_cb,
    on_free: curlback_free_cb,
    on_realloc: curlback_realloc_cb,
    on_strdup: curlback_strdup_cb,
    on_calloc: curlback_calloc_cb,
) -> curlback_result {
    enter(|| {
        let (Some(malloc), Some(free), Some(realloc), Some(strdup), Some(calloc)) =
            (on_malloc, on_free, on_realloc, on_strdup, on_calloc)
        else {
            return fail(code::E_NULL, "all five memory functions are needed");
        };
        let mut used = false;
        initialise_with(|| {
            used = true;
            // SAFETY: the types differ in nothing but that these may unwind, which C's functions do not.
            unsafe {
                sys::curl_global_init_mem(
                    sys::CURL_GLOBAL_ALL,
                    transmute::<unsafe extern "C-unwind" fn(usize) -> *mut c_void, sys::curl_malloc_callback>(
                        malloc,
                    ),
                    transmute::<unsafe extern "C-unwind" fn(*mut c_void), sys::curl_free_callback>(free),
                    transmute::<
                        unsafe extern "C-unwind" fn(*mut c_void, usize) -> *mut c_void,
                        sys::curl_realloc_callback,
                    >(realloc),
                    transmute::<
                        unsafe extern "C-unwind" fn(*const c_char) -> *mut c_char,
                        sys::curl_strdup_callback,
                    >(strdup),
                    transmute::<
                        unsafe extern "C-unwind" fn(usize, usize) -> *mut c_void,
                        sys::curl_calloc_callback,
                    >(calloc),
                )
            }
        })?;
        if used {
            Ok(())
        } else {
            fail(code::E_BUSY, "the library is in use: memory functions come before anything else")
        }
    })
}
