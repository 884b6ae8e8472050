//! What curl-sys's bindings lack. tests/header.rs compares the values with a real curl.h.

use std::ffi::{c_char, c_int, c_uint, c_void};

pub use curl_sys::*;

pub const CURLE_NOT_BUILT_IN: CURLcode = 4;
pub const CURL_WRITEFUNC_ERROR: usize = 0xFFFF_FFFF;

/// `curl_version_info_data` up to the member that 7.87 added last.
#[repr(C)]
pub struct VersionInfo {
    pub age: c_uint,
    pub version: *const c_char,
    pub version_num: c_uint,
    pub host: *const c_char,
    pub features: c_int,
    pub ssl_version: *const c_char,
    ssl_version_num: std::ffi::c_long,
    pub libz_version: *const c_char,
    pub protocols: *const *const c_char,
    ares: *const c_char,
    ares_num: c_int,
    libidn: *const c_char,
    iconv_ver_num: c_int,
    pub libssh_version: *const c_char,
    brotli_ver_num: c_uint,
    brotli_version: *const c_char,
    nghttp2_ver_num: c_uint,
    nghttp2_version: *const c_char,
    quic_version: *const c_char,
    pub cainfo: *const c_char,
    pub capath: *const c_char,
    zstd_ver_num: c_uint,
    zstd_version: *const c_char,
    hyper_version: *const c_char,
    gsasl_version: *const c_char,
    /// Since age 10 (7.87).
    pub feature_names: *const *const c_char,
}

pub const CURLMOPT_NOTIFYFUNCTION: CURLMoption = CURLOPTTYPE_FUNCTIONPOINT + 18;
pub const CURLMOPT_NOTIFYDATA: CURLMoption = CURLOPTTYPE_OBJECTPOINT + 19;

/// What an SSH key callback tells libcurl: `enum curl_khstat`.
pub const CURLKHSTAT_FINE_ADD_TO_FILE: c_int = 0;
pub const CURLKHSTAT_FINE: c_int = 1;
pub const CURLKHSTAT_REJECT: c_int = 2;
pub const CURLKHSTAT_FINE_REPLACE: c_int = 4;

/// `struct curl_khkey`.
#[repr(C)]
pub struct KnownHostKey {
    pub key: *const c_char,
    pub len: usize,
    pub keytype: c_int,
}

/// `struct curl_easyoption`.
#[repr(C)]
pub struct EasyOption {
    pub name: *const c_char,
    pub id: CURLoption,
    pub kind: c_int,
    pub flags: c_uint,
}

/// `struct curl_hstsentry`. The flag is a bit field, which takes one byte: the text begins right after it.
#[repr(C)]
pub struct HstsEntry {
    pub name: *mut c_char,
    pub namelen: usize,
    flags: u8,
    pub expire: [u8; 18],
}

impl HstsEntry {
    /// Compilers put the first bit field where counting begins.
    const INCLUDE_SUBDOMAINS: u8 = if cfg!(target_endian = "big") { 0x80 } else { 1 };

    pub fn include_subdomains(&self) -> bool {
        self.flags & Self::INCLUDE_SUBDOMAINS != 0
    }

    pub fn set_include_subdomains(&mut self, value: bool) {
        self.flags = if value { Self::INCLUDE_SUBDOMAINS } else { 0 };
    }
}

/// `struct curl_index`.
#[repr(C)]
pub struct HstsIndex {
    pub index: usize,
    pub total: usize,
}

/// `struct curl_ws_frame`.
#[repr(C)]
pub struct WsFrame {
    pub age: c_int,
    pub flags: c_int,
    pub offset: curl_off_t,
    pub bytesleft: curl_off_t,
    pub len: usize,
}

/// The bit of the option WS_OPTIONS that leaves all of the frames to the caller.
pub const CURLWS_RAW_MODE: i64 = 1;

/// `curl_mime`.
pub enum Mime {}
/// `curl_mimepart`.
pub enum MimePart {}

/// `curl_read_callback`.
pub type MimeRead = unsafe extern "C" fn(*mut c_char, usize, usize, *mut c_void) -> usize;
/// `curl_seek_callback`.
pub type MimeSeek = unsafe extern "C" fn(*mut c_void, curl_off_t, c_int) -> c_int;

// SAFETY: libcurl writes it when it is first asked for, and nothing changes it after that.
unsafe impl Sync for VersionInfo {}
// SAFETY: as for Sync.
unsafe impl Send for VersionInfo {}

unsafe extern "C" {
    // curl-sys leaves easyoptions.c out of what it compiles.
    #[cfg(not(libcurl_bundled))]
    pub fn curl_easy_option_by_id(id: CURLoption) -> *const EasyOption;
    #[cfg(not(libcurl_bundled))]
    pub fn curl_easy_option_by_name(name: *const c_char) -> *const EasyOption;
    // There since 7.86, and failing where WebSocket is not built in.
    pub fn curl_ws_meta(curl: *mut CURL) -> *const WsFrame;
    pub fn curl_ws_recv(
        curl: *mut CURL,
        buffer: *mut c_void,
        capacity: usize,
        received: *mut usize,
        frame: *mut *const WsFrame,
    ) -> CURLcode;
    pub fn curl_ws_send(
        curl: *mut CURL,
        data: *const c_void,
        len: usize,
        sent: *mut usize,
        fragment_size: curl_off_t,
        flags: c_uint,
    ) -> CURLcode;

    pub fn curl_mime_init(easy: *mut CURL) -> *mut Mime;
    pub fn curl_mime_free(mime: *mut Mime);
    pub fn curl_mime_addpart(mime: *mut Mime) -> *mut MimePart;
    pub fn curl_mime_name(part: *mut MimePart, name: *const c_char) -> CURLcode;
    pub fn curl_mime_filename(part: *mut MimePart, filename: *const c_char) -> CURLcode;
    pub fn curl_mime_type(part: *mut MimePart, mimetype: *const c_char) -> CURLcode;
    pub fn curl_mime_encoder(part: *mut MimePart, encoding: *const c_char) -> CURLcode;
    pub fn curl_mime_data(part: *mut MimePart, data: *const c_char, datasize: usize) -> CURLcode;
    pub fn curl_mime_filedata(part: *mut MimePart, filename: *const c_char) -> CURLcode;
    pub fn curl_mime_data_cb(
        part: *mut MimePart,
        datasize: curl_off_t,
        readfunc: Option<MimeRead>,
        seekfunc: Option<MimeSeek>,
        freefunc: Option<unsafe extern "C" fn(arg: *mut c_void)>,
        arg: *mut c_void,
    ) -> CURLcode;
    pub fn curl_mime_subparts(part: *mut MimePart, subparts: *mut Mime) -> CURLcode;
    pub fn curl_mime_headers(
        part: *mut MimePart,
        headers: *mut curl_slist,
        take_ownership: c_int,
    ) -> CURLcode;
}

/// C's standard streams, which libcurl's defaults write to and read from.
#[cfg(unix)]
pub fn standard_output() -> *mut c_void {
    unsafe extern "C" {
        #[cfg_attr(target_vendor = "apple", link_name = "__stdoutp")]
        static stdout: *mut libc::FILE;
    }
    // SAFETY: the C library defines it and sets it before main.
    unsafe { stdout.cast() }
}

/// See [`standard_output`].
#[cfg(unix)]
pub fn standard_input() -> *mut c_void {
    unsafe extern "C" {
        #[cfg_attr(target_vendor = "apple", link_name = "__stdinp")]
        static stdin: *mut libc::FILE;
    }
    // SAFETY: the C library defines it and sets it before main.
    unsafe { stdin.cast() }
}
