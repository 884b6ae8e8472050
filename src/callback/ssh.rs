//! ssh_key and ssh_host_key: whether a server's host key is accepted, for sftp:// and scp://.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr::from_ref;

use super::{Curl, Kind, curlback_callback, run};
use crate::access::Call;
use crate::boundary::enter;
use crate::easy::{Easy, curlback_easy};
use crate::libcurl::sys::{self, KnownHostKey};
use crate::libcurl::tables::opt;
use crate::libcurl::version;
use crate::registry::claim;
use crate::result::curlback_result;
use crate::slot::curlback_drop_cb;

/// What sort of host key it is.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(non_camel_case_types)]
pub enum curlback_ssh_key_type {
    /// None of the others.
    CURLBACK_SSH_KEY_UNKNOWN = 0,
    /// RSA, of version 1 of the protocol.
    CURLBACK_SSH_KEY_RSA1 = 1,
    /// RSA.
    CURLBACK_SSH_KEY_RSA = 2,
    /// DSS.
    CURLBACK_SSH_KEY_DSS = 3,
    /// ECDSA.
    CURLBACK_SSH_KEY_ECDSA = 4,
    /// ED25519.
    CURLBACK_SSH_KEY_ED25519 = 5,
}

/// A host key. It is there until the callback returns.
#[repr(C)]
#[allow(non_camel_case_types)]
pub struct curlback_ssh_key {
    /// Its `len` bytes, which do not end with NUL unless `base64` is true.
    pub key: *const u8,
    /// How many bytes there are, without the NUL.
    pub len: usize,
    /// CURLBACK_SSH_KEY_*.
    pub r#type: i32,
    /// Whether they are base64 text rather than the key itself.
    pub base64: bool,
}

/// What libcurl says of a host key.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(non_camel_case_types)]
pub enum curlback_ssh_match {
    /// The known-hosts file has this key for the server.
    CURLBACK_SSH_MATCH = 0,
    /// It has another one: the key has changed, or this is not the server.
    CURLBACK_SSH_MISMATCH = 1,
    /// It has none.
    CURLBACK_SSH_MISSING = 2,
}

/// A verdict on a host key. These are not libcurl's numbers: 0 rejects, so that a callback that fails never accepts one.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(non_camel_case_types)]
pub enum curlback_ssh_verdict {
    /// The transfer ends with PEER_FAILED_VERIFICATION (60).
    CURLBACK_SSH_REJECT = 0,
    /// It is fine this time.
    CURLBACK_SSH_ACCEPT = 1,
    /// It is fine, and goes into the known-hosts file, beside the ones that are there.
    CURLBACK_SSH_ADD_TO_FILE = 2,
    /// It is fine, and takes the place of the server's key in the known-hosts file.
    CURLBACK_SSH_REPLACE = 3,
    /// As CURLBACK_SSH_REJECT: nobody is asked again.
    CURLBACK_SSH_DEFER = 4,
}

/// Decide on the host key `found`. `known` is the one that the known-hosts file has for the server, NULL where it has none;
/// `match`, one of CURLBACK_SSH_MATCH, _MISMATCH and _MISSING, says how they compare.
///
/// Return one of CURLBACK_SSH_REJECT, _ACCEPT, _ADD_TO_FILE, _REPLACE and _DEFER; any other value rejects too.
#[allow(non_camel_case_types)]
pub type curlback_ssh_key_cb = Option<
    unsafe extern "C-unwind" fn(
        easy: *mut curlback_easy,
        known: *const curlback_ssh_key,
        found: *const curlback_ssh_key,
        r#match: i32,
        user_data: *mut c_void,
    ) -> i32,
>;

/// Decide on the host key `found`. Return CURLBACK_SSH_ACCEPT to accept it; any other value rejects: PEER_FAILED_VERIFICATION (60).
#[allow(non_camel_case_types)]
pub type curlback_ssh_host_key_cb = Option<
    unsafe extern "C-unwind" fn(
        easy: *mut curlback_easy,
        found: *const curlback_ssh_key,
        user_data: *mut c_void,
    ) -> i32,
>;

pub struct SshKey;

impl Kind for SshKey {
    type Function = unsafe extern "C-unwind" fn(
        *mut curlback_easy,
        *const curlback_ssh_key,
        *const curlback_ssh_key,
        i32,
        *mut c_void,
    ) -> i32;
    const ID: curlback_callback = curlback_callback::CURLBACK_CALLBACK_SSH_KEY;
    const OPTIONS: (i32, i32) = (opt::SSH_KEYFUNCTION, opt::SSH_KEYDATA);
    const ENDS_WITH: &'static [i32] = &[60];

    fn built_in() -> bool {
        version::has(version::protocols(), "sftp")
    }

    fn trampoline() -> *const c_void {
        key_trampoline as *const c_void
    }
}

pub struct SshHostKey;

impl Kind for SshHostKey {
    type Function =
        unsafe extern "C-unwind" fn(*mut curlback_easy, *const curlback_ssh_key, *mut c_void) -> i32;
    const ID: curlback_callback = curlback_callback::CURLBACK_CALLBACK_SSH_HOST_KEY;
    const OPTIONS: (i32, i32) = (opt::SSH_HOSTKEYFUNCTION, opt::SSH_HOSTKEYDATA);
    const ENDS_WITH: &'static [i32] = &[60];

    fn built_in() -> bool {
        by_libssh2()
    }

    fn trampoline() -> *const c_void {
        host_key_trampoline as *const c_void
    }
}

/// Whether libcurl's SSH is libssh2. Its others lack ssh_host_key, and give ssh_key both keys as base64 text.
fn by_libssh2() -> bool {
    let library = version::info().libssh_version;
    // SAFETY: NULL, or a static string that ends with NUL.
    !library.is_null() && unsafe { CStr::from_ptr(library) }.to_bytes().starts_with(b"libssh2/")
}

fn key_type(number: c_int) -> i32 {
    // libcurl's numbers are the same.
    let known = 0..=curlback_ssh_key_type::CURLBACK_SSH_KEY_ED25519 as i32;
    if known.contains(&number) { number } else { curlback_ssh_key_type::CURLBACK_SSH_KEY_UNKNOWN as i32 }
}

/// libcurl's form of a key, whose length is 0 where it is text that ends with NUL.
///
/// # Safety
/// `key` is NULL or as libcurl gives it to an ssh_key callback, for as long as the answer is used.
unsafe fn convert(key: *const KnownHostKey) -> Option<curlback_ssh_key> {
    // SAFETY: the caller vouches for it.
    let key = unsafe { key.as_ref() }?;
    let (len, base64) = match key.len {
        // SAFETY: libcurl says with this length that it ends with NUL.
        0 => (unsafe { CStr::from_ptr(key.key) }.count_bytes(), true),
        len => (len, !by_libssh2()),
    };
    Some(curlback_ssh_key { key: key.key.cast(), len, r#type: key_type(key.keytype), base64 })
}

/// libcurl's number for a verdict; anything but the three that accept is a rejection. libcurl 7.88 asks again without end when it is
/// told CURLKHSTAT_DEFER.
fn answer(verdict: i32) -> Result<c_int, c_int> {
    const ACCEPT: i32 = curlback_ssh_verdict::CURLBACK_SSH_ACCEPT as i32;
    const ADD_TO_FILE: i32 = curlback_ssh_verdict::CURLBACK_SSH_ADD_TO_FILE as i32;
    const REPLACE: i32 = curlback_ssh_verdict::CURLBACK_SSH_REPLACE as i32;
    match verdict {
        ACCEPT => Ok(sys::CURLKHSTAT_FINE),
        ADD_TO_FILE => Ok(sys::CURLKHSTAT_FINE_ADD_TO_FILE),
        REPLACE => Ok(sys::CURLKHSTAT_FINE_REPLACE),
        _ => Err(sys::CURLKHSTAT_REJECT),
    }
}

unsafe extern "C" fn key_trampoline(
    _curl: *mut Curl,
    known: *const KnownHostKey,
    found: *const KnownHostKey,
    matches: c_int,
    easy: *mut c_void,
) -> c_int {
    // libcurl goes on past its own three where it could not compare the keys at all.
    if matches > curlback_ssh_match::CURLBACK_SSH_MISSING as c_int {
        return sys::CURLKHSTAT_REJECT;
    }
    // SAFETY: `easy` is what register() set as SSH_KEYDATA; the keys are libcurl's, for as long as this call takes.
    unsafe {
        run::<SshKey, c_int>(
            easy,
            sys::CURLKHSTAT_REJECT,
            |_| sys::CURLKHSTAT_REJECT,
            move |easy, function, user_data| {
                let (known, found) = (convert(known), convert(found));
                let pointer =
                    |key: &Option<curlback_ssh_key>| key.as_ref().map_or(std::ptr::null(), from_ref);
                answer(function(easy.handle(), pointer(&known), pointer(&found), matches, user_data))
            },
        )
    }
}

unsafe extern "C" fn host_key_trampoline(
    easy: *mut c_void,
    keytype: c_int,
    key: *const c_char,
    len: usize,
) -> c_int {
    /// What libcurl takes for a rejection: anything but 0.
    const REJECT: c_int = 1;
    // SAFETY: `easy` is what register() set as SSH_HOSTKEYDATA.
    unsafe {
        run::<SshHostKey, c_int>(
            easy,
            REJECT,
            |_| REJECT,
            move |easy, function, user_data| {
                let found =
                    curlback_ssh_key { key: key.cast(), len, r#type: key_type(keytype), base64: false };
                let verdict = function(easy.handle(), &found, user_data);
                if verdict == curlback_ssh_verdict::CURLBACK_SSH_ACCEPT as i32 { Ok(0) } else { Err(REJECT) }
            },
        )
    }
}

/// Calls `callback` to decide on the host key of an SSH server, whatever the known-hosts file says of it. It needs the option
/// SSH_KNOWNHOSTS, the name of that file: without it libcurl neither asks nor looks, and accepts every key. NULL unsets: then
/// only a key that the file has is accepted.
///
/// CURLBACK_E_UNSUPPORTED where libcurl was built without SSH. Also inside callbacks.
///
/// # Safety
/// `callback` may be called with `user_data` until `drop` was called.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_easy_on_ssh_key(
    easy: *mut curlback_easy,
    callback: curlback_ssh_key_cb,
    user_data: *mut c_void,
    drop: curlback_drop_cb,
) -> curlback_result {
    enter(|| claim::<Easy>(easy, Call::Set)?.register::<SshKey>(callback, user_data, drop))
}

/// Calls `callback` to decide on the host key of an SSH server, in place of the known-hosts file: that is not looked at, and an
/// ssh_key callback is not called. The options SSH_HOST_PUBLIC_KEY_MD5 and SSH_HOST_PUBLIC_KEY_SHA256, where they are set, decide
/// instead of it. NULL unsets.
///
/// CURLBACK_E_UNSUPPORTED where libcurl was built without SSH, or with another SSH library than libssh2. Also inside callbacks.
///
/// # Safety
/// `callback` may be called with `user_data` until `drop` was called.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_easy_on_ssh_host_key(
    easy: *mut curlback_easy,
    callback: curlback_ssh_host_key_cb,
    user_data: *mut c_void,
    drop: curlback_drop_cb,
) -> curlback_result {
    enter(|| claim::<Easy>(easy, Call::Set)?.register::<SshHostKey>(callback, user_data, drop))
}
