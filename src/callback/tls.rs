//! ssl_ctx: the TLS library's own object for a connection.

use std::ffi::c_void;

use super::{Curl, Kind, curlback_callback, run};
use crate::access::Call;
use crate::boundary::enter;
use crate::easy::{Easy, curlback_easy};
use crate::libcurl::sys::{CURLE_OK, CURLE_SSL_CONNECT_ERROR, CURLcode};
use crate::libcurl::tables::opt;
use crate::libcurl::version;
use crate::registry::claim;
use crate::result::{CURL_CODES, curlback_result};
use crate::slot::curlback_drop_cb;

/// A TLS connection is about to be made. `ssl_ctx` is the TLS library's own object: SSL_CTX * with OpenSSL and its relatives,
/// WOLFSSL_CTX * with wolfSSL, mbedtls_ssl_config * with mbedTLS. It is there until the callback returns.
///
/// Return 0 to go on. Anything else is the CURLcode that the transfer ends with; what is none counts as SSL_CONNECT_ERROR (35).
#[allow(non_camel_case_types)]
pub type curlback_ssl_ctx_cb = Option<
    unsafe extern "C-unwind" fn(
        easy: *mut curlback_easy,
        ssl_ctx: *mut c_void,
        user_data: *mut c_void,
    ) -> i32,
>;

/// The callback chooses among them all.
const ANY_CODE: [i32; CURL_CODES - 1] = {
    let mut codes = [0; CURL_CODES - 1];
    let mut index = 0;
    while index < codes.len() {
        codes[index] = index as i32 + 1;
        index += 1;
    }
    codes
};

/// The TLS libraries with which libcurl offers it, as its version names them.
const LIBRARIES: [&str; 7] =
    ["OpenSSL/", "LibreSSL/", "BoringSSL", "AWS-LC", "quictls/", "wolfSSL/", "mbedTLS/"];

pub struct SslCtx;

impl Kind for SslCtx {
    type Function = unsafe extern "C-unwind" fn(*mut curlback_easy, *mut c_void, *mut c_void) -> i32;
    const ID: curlback_callback = curlback_callback::CURLBACK_CALLBACK_SSL_CTX;
    const OPTIONS: (i32, i32) = (opt::SSL_CTX_FUNCTION, opt::SSL_CTX_DATA);
    const ENDS_WITH: &'static [i32] = &ANY_CODE;

    /// Where libcurl has several TLS libraries, those not in use are in parentheses.
    fn built_in() -> bool {
        let in_use = |name: &str| LIBRARIES.iter().any(|library| name.starts_with(library));
        version::tls().split_whitespace().any(in_use)
    }

    fn trampoline() -> *const c_void {
        trampoline as *const c_void
    }
}

unsafe extern "C" fn trampoline(_curl: *mut Curl, ssl_ctx: *mut c_void, easy: *mut c_void) -> CURLcode {
    // SAFETY: `easy` is what register() set as SSL_CTX_DATA.
    unsafe {
        run::<SslCtx, CURLcode>(
            easy,
            CURLE_SSL_CONNECT_ERROR,
            |_| CURLE_OK,
            move |easy, function, user_data| match function(easy.handle(), ssl_ctx, user_data) {
                0 => Ok(CURLE_OK),
                code if ANY_CODE.contains(&code) => Err(code as CURLcode),
                _ => Err(CURLE_SSL_CONNECT_ERROR),
            },
        )
    }
}

/// Calls `callback` before each new TLS connection, after libcurl has set the connection up as the options say. What the callback
/// changes in the TLS library's object replaces that. NULL unsets. CURLBACK_E_UNSUPPORTED where libcurl's TLS library is not
/// OpenSSL or one of its relatives, wolfSSL or mbedTLS.
///
/// Also inside callbacks; replacing takes effect with the next call. A connection that is reused was set up before: libcurl does
/// not look at what a callback did to it.
///
/// # Safety
/// `callback` may be called with `user_data` until `drop` was called.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_easy_on_ssl_ctx(
    easy: *mut curlback_easy,
    callback: curlback_ssl_ctx_cb,
    user_data: *mut c_void,
    drop: curlback_drop_cb,
) -> curlback_result {
    enter(|| claim::<Easy>(easy, Call::Set)?.register::<SslCtx>(callback, user_data, drop))
}
