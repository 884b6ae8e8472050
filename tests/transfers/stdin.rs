//! With no source set an upload comes from standard input. This test runs itself once more, with a file for that.

use std::fs::File;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::process::{Command, Stdio};
use std::ptr::null_mut;

use curlback::callback::source::curlback_easy_on_read;
use curlback::easy::curlback_easy_reset;
use curlback::easy::source::{
    curlback_easy_clear_source, curlback_easy_read_from_fd, curlback_easy_read_from_file,
    curlback_easy_read_from_memory,
};
use curlback_test_servers::pattern;

use crate::source::{echoes, read_from_memory};
use crate::support::{Easy, Raw, ok, on_read};
use crate::{memory_file, to, upload};

const CHILD: &str = "CURLBACK_TEST_STDIN";
const SIZE: usize = 5000;

/// Each unsets in its own way what was set.
const CASES: &[fn(Raw)] = &[
    |_| {},
    |raw| {
        ok(on_read(raw, |_, _| unreachable!("it was unset")));
        // SAFETY: it unsets.
        ok(unsafe { curlback_easy_on_read(raw, None, null_mut(), None) });
    },
    |raw| {
        ok(on_read(raw, |_, _| unreachable!("it was unset")));
        ok(curlback_easy_clear_source(raw));
    },
    |raw| {
        ok(curlback_easy_read_from_fd(raw, 2));
        ok(curlback_easy_read_from_fd(raw, -1));
    },
    |raw| {
        // SAFETY: any stream will do that is not read; then it unsets.
        unsafe {
            let stream = libc::tmpfile();
            ok(curlback_easy_read_from_file(raw, stream));
            ok(curlback_easy_read_from_file(raw, null_mut()));
            libc::fclose(stream);
        }
    },
    |raw| {
        // SAFETY: the bytes are there; then it unsets.
        unsafe {
            ok(curlback_easy_read_from_memory(raw, b"no".as_ptr().cast(), 2));
            ok(curlback_easy_clear_source(raw));
        }
    },
];

#[test]
fn an_upload_comes_from_standard_input_where_nothing_is_set() {
    if let Ok(case) = std::env::var(CHILD) {
        return child(case.parse().unwrap());
    }
    for case in 0..CASES.len() {
        for reset in [false, true] {
            let mut file = memory_file();
            file.write_all(&pattern(case as u64, SIZE)).unwrap();
            file.seek(SeekFrom::Start(0)).unwrap();
            let status = Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "stdin::an_upload_comes_from_standard_input_where_nothing_is_set"])
                .env(CHILD, format!("{}", case + if reset { CASES.len() } else { 0 }))
                .stdout(Stdio::null())
                .stdin(Stdio::from(File::from(std::os::fd::OwnedFd::from(file))))
                .status()
                .unwrap();
            assert!(status.success(), "case {case}: {status}");
        }
    }
}

fn child(case: usize) {
    let easy = if case < CASES.len() { to("/echo") } else { Easy::new() };
    if case >= CASES.len() {
        // A reset has to do the same for whatever is set.
        read_from_memory(&easy, b"gone");
        ok(curlback_easy_reset(easy.raw()));
        easy.set_url(&curlback_test_servers::HttpServer::shared().url("/echo"));
    }
    CASES[case % CASES.len()](easy.raw());
    upload(&easy, Some(SIZE));
    echoes(&easy, &pattern((case % CASES.len()) as u64, SIZE), true);
}
