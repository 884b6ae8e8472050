//! With no destination set the body goes to standard output. This test runs itself once more, with a file for that.

use std::fs::File;
use std::os::fd::{AsRawFd, FromRawFd};
use std::process::{Command, Stdio};
use std::ptr::null_mut;

use curlback::callback::body::curlback_easy_on_write;
use curlback::easy::curlback_easy_reset;
use curlback::easy::sink::{
    curlback_easy_body_to_fd, curlback_easy_body_to_file, curlback_easy_body_to_memory,
    curlback_easy_clear_body, curlback_easy_clear_header, curlback_easy_header_to_memory,
};
use curlback::libcurl::sys::standard_output;
use curlback_test_servers::{HttpServer, pattern};

use crate::support::{Easy, ok};
use crate::{Stream, collect, content, memory_file, succeed};

/// The descriptor that the child is to make its standard output.
const TARGET: &str = "CURLBACK_TEST_STDOUT";

#[test]
fn the_body_goes_to_standard_output_where_nothing_is_set() {
    if let Ok(target) = std::env::var(TARGET) {
        child(target.parse().unwrap());
    }
    let file = memory_file();
    // The child inherits a duplicate that stays open across exec.
    // SAFETY: the descriptor is open, and the duplicate is nobody else's.
    let inherited = unsafe { File::from_raw_fd(libc::dup(file.as_raw_fd())) };
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "stdout::the_body_goes_to_standard_output_where_nothing_is_set", "--nocapture"])
        .env(TARGET, inherited.as_raw_fd().to_string())
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success(), "{status}");
    let expected: Vec<u8> = (1..=CASES).flat_map(|case| pattern(0, case * SIZE)).collect();
    assert!(content(&file) == expected);
}

const CASES: usize = 9;
const SIZE: usize = 20_000;

/// One transfer for each way of having nothing set, and nothing else on standard output.
fn child(target: i32) -> ! {
    // SAFETY: both are open; what stdio holds back was printed by the test harness and is not flushed.
    unsafe { libc::dup2(target, 1) };
    let (file, stream) = (memory_file(), Stream::temporary());
    let mut case = 0;
    let mut transfer = |easy: &Easy| {
        case += 1;
        easy.set_url(&HttpServer::shared().url(&format!("/bytes/{}", case * SIZE)));
        succeed(easy);
    };
    let easy = Easy::new();
    transfer(&easy);
    let never_called = collect(&easy);
    // SAFETY: it unsets.
    ok(unsafe { curlback_easy_on_write(easy.raw(), None, null_mut(), None) });
    transfer(&easy);
    collect(&easy);
    ok(curlback_easy_clear_body(easy.raw()));
    transfer(&easy);
    // SAFETY: the stream is open, and then it unsets.
    ok(unsafe { curlback_easy_body_to_file(easy.raw(), stream.0) });
    // SAFETY: as above.
    ok(unsafe { curlback_easy_body_to_file(easy.raw(), null_mut()) });
    transfer(&easy);
    ok(curlback_easy_body_to_fd(easy.raw(), file.as_raw_fd()));
    ok(curlback_easy_body_to_fd(easy.raw(), -1));
    transfer(&easy);
    ok(curlback_easy_body_to_memory(easy.raw(), 10));
    ok(curlback_easy_body_to_memory(easy.raw(), 0));
    transfer(&easy);
    collect(&easy);
    ok(curlback_easy_reset(easy.raw()));
    transfer(&easy);
    // Unset inside itself: what it got until then is put there by itself.
    easy.on_write(|raw, data| {
        // SAFETY: the bytes and the stream are there.
        let written = unsafe { libc::fwrite(data.as_ptr().cast(), 1, data.len(), standard_output().cast()) };
        assert_eq!(written, data.len());
        // SAFETY: it unsets.
        ok(unsafe { curlback_easy_on_write(raw, None, null_mut(), None) });
        data.len() as i64
    });
    transfer(&easy);
    // Headers neither follow the body to standard output, nor once they are unset.
    ok(curlback_easy_header_to_memory(easy.raw(), 10_000));
    ok(curlback_easy_clear_header(easy.raw()));
    transfer(&easy);
    assert_eq!(case, CASES);
    assert!(never_called.borrow().is_empty());
    // SAFETY: NULL flushes every stream of C; then the process ends before the harness prints anything.
    unsafe {
        libc::fflush(null_mut());
        libc::_exit(0)
    }
}
