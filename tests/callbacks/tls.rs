//! ssl_ctx, with OpenSSL itself.

use std::cell::Cell;
use std::ffi::{CStr, c_int, c_void};
use std::ptr::null_mut;
use std::rc::Rc;

use curlback::callback::tls::curlback_easy_on_ssl_ctx;
use curlback::callback::{curlback_callback, curlback_has_callback};
use curlback::easy::sink::curlback_easy_body_to_memory;
use curlback::libcurl::tables::{info, opt};
use curlback::result::code;
use curlback_test_servers::Nginx;

use crate::support::{Easy, Raw, last_error, ok, register, skipped};

const KIND: i32 = curlback_callback::CURLBACK_CALLBACK_SSL_CTX as i32;
const COULDNT_RESOLVE_HOST: i32 = 6;
const PEER_FAILED_VERIFICATION: i32 = 60;

fn on_ssl_ctx<F: Fn(Raw, *mut c_void) -> i32 + 'static>(easy: Raw, body: F) -> i32 {
    unsafe extern "C-unwind" fn call<F: Fn(Raw, *mut c_void) -> i32>(
        easy: Raw,
        ssl_ctx: *mut c_void,
        closure: *mut c_void,
    ) -> i32 {
        // SAFETY: the closure is the F that was registered.
        unsafe { (*closure.cast::<F>())(easy, ssl_ctx) }
    }
    // SAFETY: `call` gets the F that register() boxes.
    register(body, |data, drop| unsafe { curlback_easy_on_ssl_ctx(easy, Some(call::<F>), data, drop) })
}

/// A handle for nginx with TLS, whose certificate nobody vouches for. None where the TLS library has no such callback.
fn https() -> Option<(Easy, &'static Nginx)> {
    if !curlback_has_callback(KIND) {
        skipped("the ssl_ctx callback", "OpenSSL, wolfSSL or mbedTLS");
        let easy = Easy::new();
        assert_eq!(on_ssl_ctx(easy.raw(), |_, _| 0), code::E_UNSUPPORTED);
        assert!(last_error().starts_with("ssl_ctx needs libcurl "), "{}", last_error());
        return None;
    }
    let nginx = Nginx::shared().unwrap();
    let easy = Easy::to(&nginx.https_url("/hello.txt"));
    ok(curlback_easy_body_to_memory(easy.raw(), 1000));
    Some((easy, nginx))
}

/// A function of the OpenSSL that libcurl uses.
///
/// # Safety
/// F is its type.
unsafe fn openssl<F: Copy>(name: &CStr) -> Option<F> {
    // SAFETY: the name ends with NUL.
    let function = unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()) };
    // SAFETY: a function's address is as wide as a pointer, and the caller vouches for the type.
    (!function.is_null()).then(|| unsafe { std::mem::transmute_copy(&function) })
}

/// Adds the certificate to those that the SSL_CTX trusts. None where OpenSSL's functions are out of reach.
fn trust(ssl_ctx: *mut c_void, pem: &[u8]) -> Option<()> {
    type Pointer = *mut c_void;
    // SAFETY: the types are OpenSSL's.
    unsafe {
        let store_of = openssl::<unsafe extern "C" fn(Pointer) -> Pointer>(c"SSL_CTX_get_cert_store")?;
        let memory = openssl::<unsafe extern "C" fn(*const u8, c_int) -> Pointer>(c"BIO_new_mem_buf")?;
        let read = openssl::<unsafe extern "C" fn(Pointer, Pointer, Pointer, Pointer) -> Pointer>(
            c"PEM_read_bio_X509",
        )?;
        let add = openssl::<unsafe extern "C" fn(Pointer, Pointer) -> c_int>(c"X509_STORE_add_cert")?;
        let free = openssl::<unsafe extern "C" fn(Pointer)>(c"X509_free")?;
        let free_memory = openssl::<unsafe extern "C" fn(Pointer) -> c_int>(c"BIO_free")?;
        let source = memory(pem.as_ptr(), pem.len() as c_int);
        let certificate = read(source, null_mut(), null_mut(), null_mut());
        assert!(!certificate.is_null());
        assert_eq!(add(store_of(ssl_ctx), certificate), 1);
        free(certificate);
        free_memory(source);
    }
    Some(())
}

#[test]
fn a_callback_loads_an_authority_from_memory() {
    let Some((easy, nginx)) = https() else { return };
    assert_eq!(easy.perform(), PEER_FAILED_VERIFICATION, "nobody else vouches for the server");
    let pem = std::fs::read(nginx.ca_path()).unwrap();
    let (calls, reached, handle) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(true)), easy.raw());
    let (count, reach) = (Rc::clone(&calls), Rc::clone(&reached));
    ok(on_ssl_ctx(easy.raw(), move |easy, ssl_ctx| {
        assert_eq!(easy, handle);
        assert!(!ssl_ctx.is_null());
        count.set(count.get() + 1);
        reach.set(trust(ssl_ctx, &pem).is_some());
        0
    }));
    let result = easy.perform();
    if !reached.get() {
        return skipped("loading an authority from memory", "OpenSSL as a shared library");
    }
    ok(result);
    assert_eq!(easy.int(info::RESPONSE_CODE), 200);
    // A connection that is reused was set up before.
    ok(easy.perform());
    assert_eq!((easy.int(info::NUM_CONNECTS), calls.get()), (0, 1));
}

#[test]
fn a_callback_chooses_the_result() {
    for (answer, result) in
        [(58, 58), (60, 60), (1, 1), (35, 35), (27, code::E_NO_MEMORY), (102, 35), (-1, 35), (10_001, 35)]
    {
        let Some((easy, _)) = https() else { return };
        ok(on_ssl_ctx(easy.raw(), move |_, _| answer));
        assert_eq!(easy.perform(), result, "{answer}");
        assert!(last_error().ends_with("(in the ssl_ctx callback)"), "{}", last_error());
        assert_eq!(easy.error().callback, KIND);
    }
}

#[test]
fn a_callback_that_was_unset_is_not_called() {
    let Some((easy, nginx)) = https() else { return };
    easy.set_str(opt::CAINFO, nginx.ca_path().to_str().unwrap());
    ok(on_ssl_ctx(easy.raw(), |_, _| 58));
    // SAFETY: there is no callback.
    ok(unsafe { curlback_easy_on_ssl_ctx(easy.raw(), None, null_mut(), None) });
    ok(easy.perform());
}

/// Names that are asked for by HTTPS are asked for by handles of libcurl's own, which have the same callback.
#[test]
fn a_callback_is_given_the_handle_it_was_registered_on_also_by_handles_of_libcurls_own() {
    let Some((easy, nginx)) = https() else { return };
    easy.set_url("http://name.example/");
    easy.set_str(opt::DOH_URL, &nginx.https_url("/hello.txt"));
    easy.set_int(opt::DOH_SSL_VERIFYPEER, 0);
    easy.set_int(opt::DOH_SSL_VERIFYHOST, 0);
    let (calls, handle) = (Rc::new(Cell::new(0)), easy.raw());
    let count = Rc::clone(&calls);
    ok(on_ssl_ctx(easy.raw(), move |easy, _| {
        assert_eq!(easy, handle);
        count.set(count.get() + 1);
        0
    }));
    // nginx serves files, not names.
    assert_eq!(easy.perform(), COULDNT_RESOLVE_HOST, "{}", last_error());
    assert!(calls.get() > 0);
}
