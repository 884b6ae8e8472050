//! Asking a handle about its last transfer. The number of an info says which type it has.

use std::ffi::{CStr, CString, c_char, c_long, c_void};
use std::ptr::{null, null_mut};

use super::{Easy, curlback_easy, unsupported};
use crate::access::Call;
use crate::boundary::{Failure, Outcome, enter, enter_or, fail, given, text_given};
use crate::libcurl::sys::{self, curl_slist};
use crate::libcurl::tables::{self, Kind, info};
use crate::list::{List, curlback_list};
use crate::registry::{claim, claim_quickly, glance};
use crate::result::{code, curlback_result};

const TYPE: i32 = 0xf0_0000;
const STRING: i32 = 0x10_0000;
const LONG: i32 = 0x20_0000;
const DOUBLE: i32 = 0x30_0000;
const POINTER: i32 = 0x40_0000;
const SOCKET: i32 = 0x50_0000;
const OFF_T: i32 = 0x60_0000;
/// What those two have in common.
const LONG_OR_OFF_T: i32 = TYPE & !(LONG ^ OFF_T);

fn name(info: i32) -> String {
    tables::info(info).map_or_else(|| info.to_string(), |row| row.name.to_string_lossy().into_owned())
}

#[cold]
fn wrong_type(info: i32) -> Failure {
    let (what, function) = match info & TYPE {
        _ if info == info::PRIVATE => {
            return Failure::new(
                code::E_OPTION,
                "PRIVATE is not asked for directly: use curlback_easy_private",
            );
        }
        LONG | SOCKET | OFF_T => ("an integer", "curlback_easy_get_int"),
        DOUBLE => ("a double", "curlback_easy_get_double"),
        STRING => ("a string", "curlback_easy_get_str"),
        POINTER => match tables::info(info).map(|row| row.kind) {
            Some(Kind::Slist) => ("a list of strings", "curlback_easy_get_list"),
            Some(Kind::Certinfo) => ("a list of certificates", "curlback_easy_get_cert"),
            _ => {
                return Failure::new(
                    code::E_OPTION,
                    format!(
                        "{} is a pointer of the TLS library's: ask the CURL for it, with curlback_easy_curl",
                        name(info)
                    ),
                );
            }
        },
        _ => return Failure::new(code::E_OPTION, format!("libcurl has no info with the number {info}")),
    };
    Failure::new(code::E_TYPE, format!("{} is {what}: use {function}", name(info)))
}

impl Easy {
    /// # Safety
    /// As for getinfo().
    #[inline(always)]
    unsafe fn getinfo_code(&self, info: i32, value: *mut c_void) -> sys::CURLcode {
        // SAFETY: the handle is there and this thread owns it; the caller vouches for the rest.
        unsafe { sys::curl_easy_getinfo(self.curl, info as sys::CURLINFO, value) }
    }

    /// # Safety
    /// `value` points to what the info's type is written as.
    unsafe fn getinfo(&self, info: i32, value: *mut c_void) -> Outcome {
        // SAFETY: the caller vouches for it.
        let done = unsafe { self.getinfo_code(info, value) };
        if done == sys::CURLE_OK { Ok(()) } else { Err(getinfo_failed(info, done)) }
    }

    fn get_int(&self, info: i32) -> Outcome<i64> {
        match info & TYPE {
            LONG => {
                let mut value: c_long = 0;
                // SAFETY: a long, as the number says.
                unsafe { self.getinfo(info, (&raw mut value).cast()) }?;
                Ok(value as i64)
            }
            OFF_T => {
                let mut value: i64 = 0;
                // SAFETY: a curl_off_t, as the number says.
                unsafe { self.getinfo(info, (&raw mut value).cast()) }?;
                Ok(value)
            }
            SOCKET => {
                let mut value: sys::curl_socket_t = -1;
                // libcurl looks for its connection.
                // SAFETY: a socket, as the number says.
                self.within(|| unsafe { self.getinfo(info, (&raw mut value).cast()) })?;
                Ok(i64::from(value))
            }
            _ => Err(wrong_type(info)),
        }
    }

    /// For this library's own use: 0 where libcurl does not say.
    pub fn info_int(&self, info: i32) -> i64 {
        self.get_int(info).unwrap_or(0)
    }

    /// "https", or "HTTPS" of an older libcurl; "" before the first connection.
    pub fn scheme(&self) -> &'static CStr {
        let mut name: *const c_char = null();
        // SAFETY: a string, as the number says. It is a name of libcurl's own, which is static, or NULL.
        unsafe {
            match self.getinfo(info::SCHEME, (&raw mut name).cast()) {
                Ok(()) if !name.is_null() => CStr::from_ptr(name),
                _ => c"",
            }
        }
    }

    fn get_double(&self, info: i32) -> Outcome<f64> {
        if info & TYPE != DOUBLE {
            return Err(wrong_type(info));
        }
        let mut value = 0.0;
        // SAFETY: a double, as the number says.
        unsafe { self.getinfo(info, (&raw mut value).cast()) }?;
        Ok(value)
    }

    fn get_str(&self, info: i32) -> Outcome<*const c_char> {
        if info & TYPE != STRING || info == info::PRIVATE {
            return Err(wrong_type(info));
        }
        let mut value: *const c_char = null();
        // SAFETY: a string, as the number says.
        unsafe { self.getinfo(info, (&raw mut value).cast()) }?;
        // SAFETY: NULL, or a string of libcurl's, which is copied before anything else can happen to it.
        let copy = (!value.is_null()).then(|| unsafe { CStr::from_ptr(value) }.to_owned());
        let mut strings = self.strings.made().borrow_mut();
        strings.retain(|(known, _)| *known != info);
        Ok(copy.map_or(null(), |copy| {
            let start = copy.as_ptr();
            strings.push((info, copy));
            start
        }))
    }

    /// What get_str gave out goes.
    pub(super) fn forget_strings(&self) {
        if let Some(strings) = self.strings.get() {
            strings.take();
        }
    }

    fn get_list(&self, info: i32) -> Outcome<Vec<CString>> {
        if tables::info(info).is_none_or(|row| row.kind != Kind::Slist) {
            return Err(wrong_type(info));
        }
        // With a share libcurl has locked them.
        if info == info::COOKIELIST && self.state.is_in_the_middle() && self.shares_cookies() {
            return fail(
                code::E_IN_CALLBACK,
                "libcurl may be at work on the share's cookies: ask outside of on_debug",
            );
        }
        let mut list: *mut curl_slist = null_mut();
        // SAFETY: a list, as the table says. It is the caller's to free.
        unsafe {
            self.getinfo(info, (&raw mut list).cast())?;
            let items = copied(list);
            sys::curl_slist_free_all(list);
            Ok(items)
        }
    }

    fn get_cert(&self, index: usize) -> Outcome<Vec<CString>> {
        let mut certificates: *const sys::curl_certinfo = null();
        // SAFETY: CERTINFO is such a pointer. What it points to stays libcurl's, until the next transfer.
        unsafe {
            self.getinfo(info::CERTINFO, (&raw mut certificates).cast())?;
            let count =
                certificates.as_ref().map_or(0, |info| usize::try_from(info.num_of_certs).unwrap_or(0));
            if index >= count {
                return fail(
                    code::E_RANGE,
                    format!("there are {count} certificates: set the option CERTINFO before the transfer"),
                );
            }
            Ok(copied(*(*certificates).certinfo.add(index)))
        }
    }
}

/// # Safety
/// `list` is NULL or a list of libcurl's.
unsafe fn copied(mut list: *const curl_slist) -> Vec<CString> {
    let mut items = Vec::new();
    // SAFETY: each item is a string, and the last one's next is NULL.
    while let Some(item) = unsafe { list.as_ref() } {
        // SAFETY: as above.
        items.push(unsafe { CStr::from_ptr(item.data) }.to_owned());
        list = item.next;
    }
    items
}

#[cold]
fn getinfo_failed(info: i32, done: sys::CURLcode) -> Failure {
    match done {
        sys::CURLE_UNKNOWN_OPTION | sys::CURLE_BAD_FUNCTION_ARGUMENT => match tables::info(info) {
            Some(row) => unsupported(row.name.to_str().unwrap_or("?"), row.since),
            None => Failure::new(code::E_OPTION, format!("libcurl has no info with the number {info}")),
        },
        _ => Failure::libcurl(done as curlback_result),
    }
}

/// The number of an info by its name: "RESPONSE_CODE", "CURLINFO_RESPONSE_CODE", in any case; 0 if unknown.
///
/// From any thread, also inside callbacks. NULL is 0.
///
/// # Safety
/// `name` is NULL or ends with NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_info_id(name: *const c_char) -> i32 {
    enter_or(0, || {
        // SAFETY: the caller vouches for it.
        let name = unsafe { text_given(name, "name") }?;
        Ok(tables::by_name(&tables::INFOS, b"CURLINFO_", name).map_or(0, |row| row.number))
    })
}

/// The name of an info by its number, "RESPONSE_CODE"; NULL if unknown. Static.
///
/// From any thread, also inside callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn curlback_info_name(info: i32) -> *const c_char {
    enter_or(null(), || match tables::info(info) {
        Some(row) => Ok(row.name.as_ptr()),
        None => fail(code::E_OPTION, format!("libcurl has no info with the number {info}")),
    })
}

/// An info that is a number, in `value`: CURLBACK_INFO_*, of the types long, off_t and socket (-1: there is none).
///
/// CURLBACK_E_OPTION where there is no such info, CURLBACK_E_TYPE where it is something else, CURLBACK_E_UNSUPPORTED where the
/// linked libcurl lacks it. Also inside callbacks, where it speaks of the transfer so far.
///
/// # Safety
/// `value` is NULL or can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_easy_get_int(
    easy: *mut curlback_easy,
    info: i32,
    value: *mut i64,
) -> curlback_result {
    // Both have 64 bits but on a few systems.
    if size_of::<c_long>() == size_of::<i64>() && !value.is_null() && info & LONG_OR_OFF_T == LONG {
        // SAFETY: a long or a curl_off_t, as the number says. libcurl writes nothing where it fails.
        let done = glance::<Easy, _>(easy, |easy| unsafe { easy.getinfo_code(info, value.cast()) });
        match done {
            Some(sys::CURLE_OK) => return code::OK,
            Some(done) => return get_int_failed(info, done),
            None => {}
        }
    }
    // SAFETY: the caller vouches for it.
    unsafe { get_int_of_any(easy, info, value) }
}

#[cold]
#[inline(never)]
fn get_int_failed(info: i32, done: sys::CURLcode) -> curlback_result {
    enter(|| Err(getinfo_failed(info, done)))
}

/// The same whatever the info and wherever the handle is. A function of its own, so that the quick way need not save its registers.
///
/// # Safety
/// As for curlback_easy_get_int().
#[inline(never)]
unsafe fn get_int_of_any(easy: *mut curlback_easy, info: i32, value: *mut i64) -> curlback_result {
    enter(|| {
        let easy = claim_quickly::<Easy>(easy, Call::Get)?;
        given(value, "value")?;
        let found = easy.get_int(info)?;
        // SAFETY: not NULL, and the caller vouches that it can be written to.
        unsafe { *value = found };
        Ok(())
    })
}

/// An info that is a double, in `value`: seconds, bytes or bytes a second. Otherwise as curlback_easy_get_int().
///
/// # Safety
/// `value` is NULL or can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_easy_get_double(
    easy: *mut curlback_easy,
    info: i32,
    value: *mut f64,
) -> curlback_result {
    enter(|| {
        let easy = claim::<Easy>(easy, Call::Get)?;
        given(value, "value")?;
        let found = easy.get_double(info)?;
        // SAFETY: not NULL, and the caller vouches that it can be written to.
        unsafe { *value = found };
        Ok(())
    })
}

/// An info that is a string, in `value`; NULL where libcurl has none. It is a copy that belongs to the library and stays until the
/// next curlback_easy_get_str() of the same info, perform, reset or close. Otherwise as curlback_easy_get_int().
///
/// # Safety
/// `value` is NULL or can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_easy_get_str(
    easy: *mut curlback_easy,
    info: i32,
    value: *mut *const c_char,
) -> curlback_result {
    enter(|| {
        let easy = claim::<Easy>(easy, Call::Get)?;
        given(value, "value")?;
        let found = easy.get_str(info)?;
        // SAFETY: not NULL, and the caller vouches that it can be written to.
        unsafe { *value = found };
        Ok(())
    })
}

/// An info that is a list of strings, in `value`: COOKIELIST, SSL_ENGINES. The list is the caller's, to be freed by
/// curlback_list_free(); it is empty where libcurl has none. Otherwise as curlback_easy_get_int().
///
/// # Safety
/// `value` is NULL or can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_easy_get_list(
    easy: *mut curlback_easy,
    info: i32,
    value: *mut *mut curlback_list,
) -> curlback_result {
    enter(|| {
        let easy = claim::<Easy>(easy, Call::Get)?;
        given(value, "value")?;
        let list = List::create(easy.get_list(info)?)?;
        // SAFETY: not NULL, and the caller vouches that it can be written to.
        unsafe { *value = list };
        Ok(())
    })
}

/// The fields ("Subject:...") of the server's certificate number `index`, from 0, in `fields`, after a transfer with the option
/// CERTINFO; CURLBACK_E_RANGE past the last. The list is the caller's, to be freed by curlback_list_free(). Otherwise as
/// curlback_easy_get_int().
///
/// # Safety
/// `fields` is NULL or can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_easy_get_cert(
    easy: *mut curlback_easy,
    index: usize,
    fields: *mut *mut curlback_list,
) -> curlback_result {
    enter(|| {
        let easy = claim::<Easy>(easy, Call::Get)?;
        given(fields, "fields")?;
        let list = List::create(easy.get_cert(index)?)?;
        // SAFETY: not NULL, and the caller vouches that it can be written to.
        unsafe { *fields = list };
        Ok(())
    })
}
