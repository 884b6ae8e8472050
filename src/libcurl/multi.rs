//! What curl-sys's bindings lack of libcurl's multi interface, and what the oldest libcurls lack.

use std::ffi::{c_char, c_int, c_uint};

use super::sys::{self, CURLM, CURLMcode, curl_socket_t, curl_waitfd};
use crate::boundary::{Failure, Outcome};
use crate::result::code;

/// `struct curl_pushheaders`: libcurl's own.
#[repr(C)]
pub struct PushHeaders {
    _opaque: [u8; 0],
}

unsafe extern "C" {
    pub fn curl_pushheader_bynum(headers: *mut PushHeaders, number: usize) -> *mut c_char;
    #[cfg(libcurl_static)]
    fn curl_multi_waitfds(
        multi: *mut CURLM,
        fds: *mut curl_waitfd,
        size: c_uint,
        count: *mut c_uint,
    ) -> CURLMcode;
    #[cfg(libcurl_static)]
    fn curl_multi_notify_enable(multi: *mut CURLM, notification: c_uint) -> CURLMcode;
    #[cfg(libcurl_static)]
    fn curl_multi_notify_disable(multi: *mut CURLM, notification: c_uint) -> CURLMcode;
}

type WaitFds = unsafe extern "C" fn(*mut CURLM, *mut curl_waitfd, c_uint, *mut c_uint) -> CURLMcode;
pub type NotifySwitch = unsafe extern "C" fn(*mut CURLM, c_uint) -> CURLMcode;

/// A function that a libcurl newer than the oldest supported one has.
#[cfg(not(libcurl_static))]
fn symbol<F: Copy>(name: &std::ffi::CStr) -> Option<F> {
    const { assert!(size_of::<F>() == size_of::<*mut std::ffi::c_void>()) };
    // SAFETY: the name ends with NUL.
    let found = unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()) };
    // SAFETY: libcurl's function of that name, whose type the callers below give as its header does: F is a function pointer.
    (!found.is_null()).then(|| unsafe { std::mem::transmute_copy(&found) })
}

#[cfg(libcurl_static)]
fn waitfds() -> Option<WaitFds> {
    Some(curl_multi_waitfds)
}

#[cfg(not(libcurl_static))]
fn waitfds() -> Option<WaitFds> {
    symbol(c"curl_multi_waitfds")
}

/// What switches a notification on, and off; since 8.17.
#[cfg(libcurl_static)]
pub fn notify_switches() -> Option<(NotifySwitch, NotifySwitch)> {
    Some((curl_multi_notify_enable, curl_multi_notify_disable))
}

#[cfg(not(libcurl_static))]
pub fn notify_switches() -> Option<(NotifySwitch, NotifySwitch)> {
    Some((symbol(c"curl_multi_notify_enable")?, symbol(c"curl_multi_notify_disable")?))
}

/// What to wait for, as libcurl says, by CURL_WAIT_*.
///
/// # Safety
/// The calling thread owns the multi handle, and libcurl is not at work on it.
pub unsafe fn wait_fds(multi: *mut CURLM) -> Outcome<Vec<(curl_socket_t, i16)>> {
    let libcurl = |done| match done {
        sys::CURLM_OK => Ok(()),
        done => Err(Failure::libcurl(code::MULTI_BASE + done)),
    };
    let Some(waitfds) = waitfds() else {
        // SAFETY: the caller's.
        return unsafe { from_sets(multi, libcurl) };
    };
    let mut count: c_uint = 0;
    // SAFETY: with no room it only counts.
    libcurl(unsafe { waitfds(multi, std::ptr::null_mut(), 0, &mut count) })?;
    let none = curl_waitfd { fd: 0, events: 0, revents: 0 };
    let mut fds: Vec<curl_waitfd> = (0..count).map(|_| curl_waitfd { ..none }).collect();
    // SAFETY: as much room as it says.
    libcurl(unsafe { waitfds(multi, fds.as_mut_ptr(), count, &mut count) })?;
    fds.truncate(count as usize);
    Ok(fds.iter().map(|fd| (fd.fd, fd.events)).collect())
}

/// Before 8.8: libcurl leaves out what does not fit an fd_set.
///
/// # Safety
/// As wait_fds().
unsafe fn from_sets(
    multi: *mut CURLM,
    libcurl: impl Fn(CURLMcode) -> Outcome,
) -> Outcome<Vec<(curl_socket_t, i16)>> {
    // SAFETY: all zeroes is an empty set.
    let mut sets: [libc::fd_set; 3] = unsafe { std::mem::zeroed() };
    let [read, write, except] = &mut sets;
    let mut greatest: c_int = -1;
    // SAFETY: the caller's; the sets are there.
    libcurl(unsafe { sys::curl_multi_fdset(multi, read, write, except, &mut greatest) })?;
    let events = [sys::CURL_WAIT_POLLIN, sys::CURL_WAIT_POLLOUT, sys::CURL_WAIT_POLLPRI];
    let all = (0..=greatest).map(|fd| {
        let found = sets.iter().zip(events).filter(|(set, _)| {
            // SAFETY: libcurl's greatest is one that fits.
            unsafe { libc::FD_ISSET(fd, *set) }
        });
        (fd, found.fold(0, |found, (_, event)| found | event))
    });
    Ok(all.filter(|(_, events)| *events != 0).collect())
}
