//! What libcurl itself does wrong where there is no memory, and in which version. Of each a program in C on that libcurl alone shows the
//! same.

use curlback::library::curlback_libcurl_version_number;

fn minor_version() -> u32 {
    curlback_libcurl_version_number() >> 8
}

/// 8.22, with an application's own loop: a transfer whose start finds no memory to wait for libcurl's own wakeup stays at its start with no
/// time set, where another one starts in the same call: curl_multi_socket_action() answers with that one's success. Asked to perform all
/// of them, libcurl goes on with it.
pub fn loses_transfers() -> bool {
    minor_version() == 0x0816
}

/// 7.88, of a handle with cookies that cannot be duplicated: it frees the cookie files, and again when the handle closes, and leaks what it
/// had of the duplicate's cookies.
pub fn duplicates_no_cookies() -> bool {
    minor_version() == 0x0758
}

/// 7.88, of an FTP URL whose file name it has no memory for: it answers with the directory's list, and success.
pub fn lists_instead() -> bool {
    minor_version() == 0x0758
}
