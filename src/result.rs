//! One number space for everything that can go wrong, with names and texts.

#![allow(non_camel_case_types, non_upper_case_globals)]

use std::ffi::{CStr, c_char};

use crate::boundary;
use crate::libcurl::version;

/// What a function of this library answers:
///
/// - 0: success;
/// - 1 to 999: libcurl's CURLcode, unchanged;
/// - 1000 to 1999: 1000 + libcurl's CURLMcode;
/// - 2000 to 2999: 2000 + libcurl's CURLSHcode;
/// - from 10000: this library's own, CURLBACK_E_*.
///
/// curlback_result_name() and curlback_strerror() know them all.
pub type curlback_result = i32;

/// This library's own results, and where libcurl's begin.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum curlback_code {
    /// Success.
    CURLBACK_OK = 0,
    /// Added to libcurl's CURLMcode.
    CURLBACK_MULTI_BASE = 1000,
    /// Added to libcurl's CURLSHcode.
    CURLBACK_SHARE_BASE = 2000,
    /// A pointer that must not be NULL was NULL.
    CURLBACK_E_NULL = 10000,
    /// Not a live handle of this kind: closed, of another kind, or never a handle.
    CURLBACK_E_HANDLE = 10001,
    /// The handle is at work on another thread, and this call must wait until it has finished.
    CURLBACK_E_BUSY = 10002,
    /// Not allowed from inside a callback.
    CURLBACK_E_IN_CALLBACK = 10003,
    /// Allowed only from inside a callback of this handle.
    CURLBACK_E_NOT_IN_CALLBACK = 10004,
    /// Another destination or source of the same group is set; unset it first.
    CURLBACK_E_EXCLUSIVE = 10005,
    /// No such option or info, or one that only its own function may set.
    CURLBACK_E_OPTION = 10006,
    /// The option or info is of another type.
    CURLBACK_E_TYPE = 10007,
    /// The value does not fit.
    CURLBACK_E_RANGE = 10008,
    /// The linked libcurl lacks it: too old, or built without it.
    CURLBACK_E_UNSUPPORTED = 10009,
    /// A callback interrupted the transfer; see curlback_easy_raise().
    CURLBACK_E_RAISED = 10010,
    /// curlback_easy_cancel() ended the transfer.
    CURLBACK_E_CANCELLED = 10011,
    /// Still attached to something else.
    CURLBACK_E_IN_USE = 10012,
    /// A limit that the caller set was reached.
    CURLBACK_E_LIMIT = 10013,
    /// Out of memory.
    CURLBACK_E_NO_MEMORY = 10014,
    /// A defect of this library, or a panic in a callback written in Rust: contained.
    CURLBACK_E_INTERNAL = 10015,
    /// There is none of what was asked for.
    CURLBACK_E_ABSENT = 10016,
}

/// The results, short, for the code inside.
pub mod code {
    use super::{curlback_code, curlback_result};
    pub const OK: curlback_result = curlback_code::CURLBACK_OK as curlback_result;
    pub const MULTI_BASE: curlback_result = curlback_code::CURLBACK_MULTI_BASE as curlback_result;
    pub const SHARE_BASE: curlback_result = curlback_code::CURLBACK_SHARE_BASE as curlback_result;
    pub const E_NULL: curlback_result = curlback_code::CURLBACK_E_NULL as curlback_result;
    pub const E_HANDLE: curlback_result = curlback_code::CURLBACK_E_HANDLE as curlback_result;
    pub const E_BUSY: curlback_result = curlback_code::CURLBACK_E_BUSY as curlback_result;
    pub const E_IN_CALLBACK: curlback_result = curlback_code::CURLBACK_E_IN_CALLBACK as curlback_result;
    pub const E_NOT_IN_CALLBACK: curlback_result =
        curlback_code::CURLBACK_E_NOT_IN_CALLBACK as curlback_result;
    pub const E_EXCLUSIVE: curlback_result = curlback_code::CURLBACK_E_EXCLUSIVE as curlback_result;
    pub const E_OPTION: curlback_result = curlback_code::CURLBACK_E_OPTION as curlback_result;
    pub const E_TYPE: curlback_result = curlback_code::CURLBACK_E_TYPE as curlback_result;
    pub const E_RANGE: curlback_result = curlback_code::CURLBACK_E_RANGE as curlback_result;
    pub const E_UNSUPPORTED: curlback_result = curlback_code::CURLBACK_E_UNSUPPORTED as curlback_result;
    pub const E_RAISED: curlback_result = curlback_code::CURLBACK_E_RAISED as curlback_result;
    pub const E_CANCELLED: curlback_result = curlback_code::CURLBACK_E_CANCELLED as curlback_result;
    pub const E_IN_USE: curlback_result = curlback_code::CURLBACK_E_IN_USE as curlback_result;
    pub const E_LIMIT: curlback_result = curlback_code::CURLBACK_E_LIMIT as curlback_result;
    pub const E_NO_MEMORY: curlback_result = curlback_code::CURLBACK_E_NO_MEMORY as curlback_result;
    pub const E_INTERNAL: curlback_result = curlback_code::CURLBACK_E_INTERNAL as curlback_result;
    pub const E_ABSENT: curlback_result = curlback_code::CURLBACK_E_ABSENT as curlback_result;
}

const OWN: [(curlback_result, &CStr, &CStr); 18] = [
    (code::OK, c"CURLBACK_OK", c"success"),
    (code::E_NULL, c"CURLBACK_E_NULL", c"a pointer that must not be NULL was NULL"),
    (code::E_HANDLE, c"CURLBACK_E_HANDLE", c"not a live handle of this kind"),
    (code::E_BUSY, c"CURLBACK_E_BUSY", c"the handle is at work on another thread"),
    (code::E_IN_CALLBACK, c"CURLBACK_E_IN_CALLBACK", c"not allowed from inside a callback"),
    (
        code::E_NOT_IN_CALLBACK,
        c"CURLBACK_E_NOT_IN_CALLBACK",
        c"allowed only from inside a callback of this handle",
    ),
    (code::E_EXCLUSIVE, c"CURLBACK_E_EXCLUSIVE", c"another destination or source of the same group is set"),
    (
        code::E_OPTION,
        c"CURLBACK_E_OPTION",
        c"no such option or info, or one that only its own function may set",
    ),
    (code::E_TYPE, c"CURLBACK_E_TYPE", c"the option or info is of another type"),
    (code::E_RANGE, c"CURLBACK_E_RANGE", c"the value does not fit"),
    (code::E_UNSUPPORTED, c"CURLBACK_E_UNSUPPORTED", c"the linked libcurl lacks it"),
    (code::E_RAISED, c"CURLBACK_E_RAISED", c"a callback interrupted the transfer"),
    (code::E_CANCELLED, c"CURLBACK_E_CANCELLED", c"the transfer was cancelled"),
    (code::E_IN_USE, c"CURLBACK_E_IN_USE", c"still attached to something else"),
    (code::E_LIMIT, c"CURLBACK_E_LIMIT", c"a limit that the caller set was reached"),
    (code::E_NO_MEMORY, c"CURLBACK_E_NO_MEMORY", c"out of memory"),
    (code::E_INTERNAL, c"CURLBACK_E_INTERNAL", c"an internal error, contained"),
    (code::E_ABSENT, c"CURLBACK_E_ABSENT", c"there is none of what was asked for"),
];

/// How many CURLcodes this library knows.
pub const CURL_CODES: usize = EASY.len();

/// CURLcode's names, by number.
const EASY: [&CStr; 102] = [
    c"CURLE_OK",
    c"CURLE_UNSUPPORTED_PROTOCOL",
    c"CURLE_FAILED_INIT",
    c"CURLE_URL_MALFORMAT",
    c"CURLE_NOT_BUILT_IN",
    c"CURLE_COULDNT_RESOLVE_PROXY",
    c"CURLE_COULDNT_RESOLVE_HOST",
    c"CURLE_COULDNT_CONNECT",
    c"CURLE_WEIRD_SERVER_REPLY",
    c"CURLE_REMOTE_ACCESS_DENIED",
    c"CURLE_FTP_ACCEPT_FAILED",
    c"CURLE_FTP_WEIRD_PASS_REPLY",
    c"CURLE_FTP_ACCEPT_TIMEOUT",
    c"CURLE_FTP_WEIRD_PASV_REPLY",
    c"CURLE_FTP_WEIRD_227_FORMAT",
    c"CURLE_FTP_CANT_GET_HOST",
    c"CURLE_HTTP2",
    c"CURLE_FTP_COULDNT_SET_TYPE",
    c"CURLE_PARTIAL_FILE",
    c"CURLE_FTP_COULDNT_RETR_FILE",
    c"CURLE_OBSOLETE20",
    c"CURLE_QUOTE_ERROR",
    c"CURLE_HTTP_RETURNED_ERROR",
    c"CURLE_WRITE_ERROR",
    c"CURLE_OBSOLETE24",
    c"CURLE_UPLOAD_FAILED",
    c"CURLE_READ_ERROR",
    c"CURLE_OUT_OF_MEMORY",
    c"CURLE_OPERATION_TIMEDOUT",
    c"CURLE_OBSOLETE29",
    c"CURLE_FTP_PORT_FAILED",
    c"CURLE_FTP_COULDNT_USE_REST",
    c"CURLE_OBSOLETE32",
    c"CURLE_RANGE_ERROR",
    c"CURLE_OBSOLETE34",
    c"CURLE_SSL_CONNECT_ERROR",
    c"CURLE_BAD_DOWNLOAD_RESUME",
    c"CURLE_FILE_COULDNT_READ_FILE",
    c"CURLE_LDAP_CANNOT_BIND",
    c"CURLE_LDAP_SEARCH_FAILED",
    c"CURLE_OBSOLETE40",
    c"CURLE_OBSOLETE41",
    c"CURLE_ABORTED_BY_CALLBACK",
    c"CURLE_BAD_FUNCTION_ARGUMENT",
    c"CURLE_OBSOLETE44",
    c"CURLE_INTERFACE_FAILED",
    c"CURLE_OBSOLETE46",
    c"CURLE_TOO_MANY_REDIRECTS",
    c"CURLE_UNKNOWN_OPTION",
    c"CURLE_SETOPT_OPTION_SYNTAX",
    c"CURLE_OBSOLETE50",
    c"CURLE_OBSOLETE51",
    c"CURLE_GOT_NOTHING",
    c"CURLE_SSL_ENGINE_NOTFOUND",
    c"CURLE_SSL_ENGINE_SETFAILED",
    c"CURLE_SEND_ERROR",
    c"CURLE_RECV_ERROR",
    c"CURLE_OBSOLETE57",
    c"CURLE_SSL_CERTPROBLEM",
    c"CURLE_SSL_CIPHER",
    c"CURLE_PEER_FAILED_VERIFICATION",
    c"CURLE_BAD_CONTENT_ENCODING",
    c"CURLE_OBSOLETE62",
    c"CURLE_FILESIZE_EXCEEDED",
    c"CURLE_USE_SSL_FAILED",
    c"CURLE_SEND_FAIL_REWIND",
    c"CURLE_SSL_ENGINE_INITFAILED",
    c"CURLE_LOGIN_DENIED",
    c"CURLE_TFTP_NOTFOUND",
    c"CURLE_TFTP_PERM",
    c"CURLE_REMOTE_DISK_FULL",
    c"CURLE_TFTP_ILLEGAL",
    c"CURLE_TFTP_UNKNOWNID",
    c"CURLE_REMOTE_FILE_EXISTS",
    c"CURLE_TFTP_NOSUCHUSER",
    c"CURLE_OBSOLETE75",
    c"CURLE_OBSOLETE76",
    c"CURLE_SSL_CACERT_BADFILE",
    c"CURLE_REMOTE_FILE_NOT_FOUND",
    c"CURLE_SSH",
    c"CURLE_SSL_SHUTDOWN_FAILED",
    c"CURLE_AGAIN",
    c"CURLE_SSL_CRL_BADFILE",
    c"CURLE_SSL_ISSUER_ERROR",
    c"CURLE_FTP_PRET_FAILED",
    c"CURLE_RTSP_CSEQ_ERROR",
    c"CURLE_RTSP_SESSION_ERROR",
    c"CURLE_FTP_BAD_FILE_LIST",
    c"CURLE_CHUNK_FAILED",
    c"CURLE_NO_CONNECTION_AVAILABLE",
    c"CURLE_SSL_PINNEDPUBKEYNOTMATCH",
    c"CURLE_SSL_INVALIDCERTSTATUS",
    c"CURLE_HTTP2_STREAM",
    c"CURLE_RECURSIVE_API_CALL",
    c"CURLE_AUTH_ERROR",
    c"CURLE_HTTP3",
    c"CURLE_QUIC_CONNECT_ERROR",
    c"CURLE_PROXY",
    c"CURLE_SSL_CLIENTCERT",
    c"CURLE_UNRECOVERABLE_POLL",
    c"CURLE_TOO_LARGE",
    c"CURLE_ECH_REQUIRED",
];

/// CURLMcode's names, by number.
const MULTI: [&CStr; 13] = [
    c"CURLM_OK",
    c"CURLM_BAD_HANDLE",
    c"CURLM_BAD_EASY_HANDLE",
    c"CURLM_OUT_OF_MEMORY",
    c"CURLM_INTERNAL_ERROR",
    c"CURLM_BAD_SOCKET",
    c"CURLM_UNKNOWN_OPTION",
    c"CURLM_ADDED_ALREADY",
    c"CURLM_RECURSIVE_API_CALL",
    c"CURLM_WAKEUP_FAILURE",
    c"CURLM_BAD_FUNCTION_ARGUMENT",
    c"CURLM_ABORTED_BY_CALLBACK",
    c"CURLM_UNRECOVERABLE_POLL",
];

/// CURLSHcode's names, by number.
const SHARE: [&CStr; 6] = [
    c"CURLSHE_OK",
    c"CURLSHE_BAD_OPTION",
    c"CURLSHE_IN_USE",
    c"CURLSHE_INVALID",
    c"CURLSHE_NOMEM",
    c"CURLSHE_NOT_BUILT_IN",
];

/// Which of libcurl's numbers a result carries.
enum Origin {
    Easy(u32),
    Multi(u32),
    Share(u32),
    Own,
}

fn origin(result: curlback_result) -> Origin {
    match result {
        1..code::MULTI_BASE => Origin::Easy(result as u32),
        code::MULTI_BASE..code::SHARE_BASE => Origin::Multi((result - code::MULTI_BASE) as u32),
        code::SHARE_BASE..3000 => Origin::Share((result - code::SHARE_BASE) as u32),
        _ => Origin::Own,
    }
}

fn own(result: curlback_result) -> Option<&'static (curlback_result, &'static CStr, &'static CStr)> {
    OWN.iter().find(|(number, ..)| *number == result)
}

pub fn name(result: curlback_result) -> &'static CStr {
    let found = match origin(result) {
        Origin::Easy(number) => EASY.get(number as usize).copied(),
        Origin::Multi(number) => MULTI.get(number as usize).copied(),
        Origin::Share(number) => SHARE.get(number as usize).copied(),
        Origin::Own => own(result).map(|(_, name, _)| *name),
    };
    found.unwrap_or(c"UNKNOWN")
}

pub fn text(result: curlback_result) -> &'static CStr {
    match origin(result) {
        Origin::Easy(number) => version::strerror(number),
        Origin::Multi(number) => version::multi_strerror(number as i32),
        Origin::Share(number) => version::share_strerror(number),
        Origin::Own => own(result).map_or(c"unknown result", |(_, _, text)| *text),
    }
}

/// The name of a result: "CURLBACK_E_BUSY", "CURLE_WRITE_ERROR", "CURLM_BAD_HANDLE"; "UNKNOWN" for a number that is none.
///
/// Never NULL; static. From any thread, also inside callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn curlback_result_name(result: curlback_result) -> *const c_char {
    boundary::value(c"UNKNOWN".as_ptr(), || name(result).as_ptr())
}

/// A result in words, libcurl's own for libcurl's results. curlback_last_error() says more of the latest failure.
///
/// Never NULL; static. From any thread, also inside callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn curlback_strerror(result: curlback_result) -> *const c_char {
    boundary::value(c"unknown result".as_ptr(), || text(result).as_ptr())
}
