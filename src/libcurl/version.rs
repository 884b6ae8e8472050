//! The linked libcurl: which it is and what it was built with.

use std::ffi::{CStr, c_char, c_int};

use once_cell::sync::OnceCell;

use super::sys::{self, VersionInfo};

/// The oldest libcurl that is supported.
pub const OLDEST: u32 = version(7, 88, 0);

pub const fn version(major: u32, minor: u32, patch: u32) -> u32 {
    (major << 16) | (minor << 8) | patch
}

/// Asked for once: libcurl writes it anew each time.
pub fn info() -> &'static VersionInfo {
    static INFO: OnceCell<&VersionInfo> = OnceCell::new();
    INFO.get_or_init(ask)
}

fn ask() -> &'static VersionInfo {
    // SAFETY: libcurl answers with a pointer to static data, whose members up to what `age` says are there; from the
    // oldest supported version on that is all of VersionInfo, whose layout is libcurl's.
    unsafe { &*sys::curl_version_info(sys::CURLVERSION_NOW).cast::<VersionInfo>() }
}

pub fn number() -> u32 {
    info().version_num
}

/// "7.84.0" for 0x075400.
pub fn in_words(number: u32) -> String {
    format!("{}.{}.{}", number >> 16, number >> 8 & 0xff, number & 0xff)
}

/// "8.22.0"
pub fn text() -> &'static str {
    // SAFETY: libcurl's version is a static NUL-terminated string.
    unsafe { CStr::from_ptr(info().version) }.to_str().unwrap_or("?")
}

/// "OpenSSL/3.0.1"; "" without TLS.
pub fn tls() -> &'static str {
    let name = info().ssl_version;
    // SAFETY: libcurl's version information holds NULL or static strings.
    let name = (!name.is_null()).then(|| unsafe { CStr::from_ptr(name) });
    name.and_then(|name| name.to_str().ok()).unwrap_or_default()
}

/// The protocols, in libcurl's order.
pub fn protocols() -> impl Iterator<Item = &'static CStr> {
    strings(info().protocols)
}

/// The features, in libcurl's order.
pub fn features() -> impl Iterator<Item = &'static CStr> {
    let info = info();
    strings(if info.age >= 10 { info.feature_names } else { std::ptr::null() })
}

pub fn has(mut names: impl Iterator<Item = &'static CStr>, wanted: &str) -> bool {
    names.any(|name| name.to_bytes().eq_ignore_ascii_case(wanted.as_bytes()))
}

fn strings(mut next: *const *const c_char) -> impl Iterator<Item = &'static CStr> {
    std::iter::from_fn(move || {
        if next.is_null() {
            return None;
        }
        // SAFETY: `next` stays within libcurl's array of static strings, which a NULL ends; it is not moved past that.
        unsafe {
            let string = *next;
            if string.is_null() {
                return None;
            }
            next = next.add(1);
            Some(CStr::from_ptr(string))
        }
    })
}

/// libcurl's words for a CURLcode.
pub fn strerror(code: sys::CURLcode) -> &'static CStr {
    // SAFETY: libcurl answers any number with a static string.
    unsafe { CStr::from_ptr(sys::curl_easy_strerror(code)) }
}

/// libcurl's words for a CURLMcode.
pub fn multi_strerror(code: c_int) -> &'static CStr {
    // SAFETY: as for strerror.
    unsafe { CStr::from_ptr(sys::curl_multi_strerror(code)) }
}

/// libcurl's words for a CURLSHcode.
pub fn share_strerror(code: sys::CURLSHcode) -> &'static CStr {
    // SAFETY: as for strerror.
    unsafe { CStr::from_ptr(sys::curl_share_strerror(code)) }
}
