//! A transfer by what bindgen made of the header.

#[allow(non_camel_case_types, non_snake_case, non_upper_case_globals, dead_code)]
mod c {
    include!(concat!(env!("OUT_DIR"), "/curlback.rs"));
}

use std::ffi::{CStr, CString, c_void};

unsafe extern "C" fn write(
    _: *mut c::curlback_easy,
    data: *const u8,
    len: usize,
    user_data: *mut c_void,
) -> i64 {
    // SAFETY: the library gives what was registered, and `len` bytes at `data`.
    let (text, piece) = unsafe { (&mut *user_data.cast::<Vec<u8>>(), std::slice::from_raw_parts(data, len)) };
    text.extend_from_slice(piece);
    i64::from(c::CURLBACK_ALL)
}

unsafe extern "C" fn drop_text(user_data: *mut c_void) {
    // SAFETY: it came from Box::into_raw, and the library drops it once.
    let text = unsafe { Box::from_raw(user_data.cast::<Vec<u8>>()) };
    print!("{}dropped\n", String::from_utf8_lossy(&text));
}

fn check(result: c::curlback_result) {
    if result != c::CURLBACK_OK as i32 {
        // SAFETY: it is never NULL.
        let sentence = unsafe { CStr::from_ptr(c::curlback_last_error()) };
        panic!("{}", sentence.to_string_lossy());
    }
}

fn main() {
    let url = CString::new(std::env::args().nth(1).expect("a URL")).expect("a URL without NUL");
    let text = Box::into_raw(Box::new(Vec::<u8>::new()));
    // SAFETY: the handle is live, the string ends with NUL, and the functions fit the user data.
    unsafe {
        let easy = c::curlback_easy_new();
        check(c::curlback_easy_set_str(easy, c::CURLBACK_OPT_URL as i32, url.as_ptr()));
        check(c::curlback_easy_on_write(easy, Some(write), text.cast(), Some(drop_text)));
        check(c::curlback_easy_perform(easy));
        check(c::curlback_easy_close(easy));
    }
}
