//! No descriptors left, at any moment: an error and nothing lost, and once there are some again the handle works.

use curlback::libcurl::tables::opt;
use curlback::multi::curlback_multi_new;
use curlback_test_servers::{Nginx, open_descriptors};

use crate::case::{alone, trust};
use crate::counted::held;
use crate::support::multi::Multi;
use crate::support::{Easy, last_error, ok};

/// The process may have so many descriptors from here on. Dropping it brings the old limit back.
struct Limit(libc::rlimit);

impl Limit {
    fn set(count: usize) -> Self {
        let mut old = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        // SAFETY: the limit can be written to, and read.
        unsafe {
            assert_eq!(libc::getrlimit(libc::RLIMIT_NOFILE, &mut old), 0);
            let new = libc::rlimit { rlim_cur: count as libc::rlim_t, ..old };
            assert_eq!(libc::setrlimit(libc::RLIMIT_NOFILE, &new), 0);
        }
        Limit(old)
    }
}

impl Drop for Limit {
    fn drop(&mut self) {
        // SAFETY: it is the limit that there was.
        assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &self.0) }, 0);
    }
}

/// The first number that is no descriptor, whatever is closed below the highest one.
fn first_free() -> usize {
    // SAFETY: a copy of standard output, closed at once.
    unsafe {
        let free = libc::dup(1);
        assert!(free >= 0);
        libc::close(free);
        free as usize
    }
}

/// Does it with no descriptor left, with one, and so on, until it comes out well; how often it did not.
fn until_it_works(url: &str, perform: impl Fn(&Easy) -> i32) -> usize {
    for left in 0..30 {
        let before = held();
        let easy = Easy::new();
        trust(&easy);
        easy.set_url(url);
        easy.on_write(|_, data| data.len() as i64);
        easy.set_int(opt::TIMEOUT, 20);
        let limit = Limit::set(first_free() + left);
        let result = perform(&easy);
        let said = last_error();
        drop(limit);
        assert!(result == 0 || !said.is_empty(), "{left} left: {result}");
        if result == 0 {
            return left;
        }
        // The same handle, with descriptors again.
        ok(perform(&easy));
        drop(easy);
        assert_eq!(held(), before, "{left} left: {result}, {said}");
    }
    panic!("30 descriptors are not enough");
}

#[test]
fn a_process_without_descriptors_has_an_error_and_goes_on() {
    let _alone = alone();
    let nginx = Nginx::shared().unwrap();
    for url in [nginx.http_url("/1MiB.bin"), nginx.https_url("/1MiB.bin")] {
        let failures = until_it_works(&url, Easy::perform);
        assert!(failures > 0, "it needs none");
    }
    let in_a_multi_handle = |easy: &Easy| {
        let multi = curlback_multi_new();
        if multi.is_null() {
            return curlback::result::code::E_NO_MEMORY;
        }
        let multi = Multi::adopt(multi);
        let ended = multi.collect();
        multi.add(easy);
        let run = curlback::multi::run::curlback_multi_run(multi.raw(), 0);
        multi.remove(easy);
        ended.take().first().map_or(run, |(_, result)| *result)
    };
    assert!(until_it_works(&nginx.http_url("/1MiB.bin"), in_a_multi_handle) > 0);
    assert!(open_descriptors() > 0);
}
