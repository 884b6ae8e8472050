//! Waiting for an event with a limit, and counting descriptors.

use std::thread;
use std::time::{Duration, Instant};

/// Asks `condition` again and again until it holds or `limit` has passed; returns whether it held.
///
/// It is asked once more after the limit, so a thread that was not scheduled for a while gives no false answer.
#[must_use]
pub fn wait_until(limit: Duration, mut condition: impl FnMut() -> bool) -> bool {
    let end = Instant::now() + limit;
    while Instant::now() < end {
        if condition() {
            return true;
        }
        thread::sleep(Duration::from_millis(1));
    }
    condition()
}

/// How many descriptors this process has open.
///
/// Servers in the same process count too: their ends of closed connections are closed a little later, so compare
/// inside [`wait_until`].
pub fn open_descriptors() -> usize {
    // The listing itself holds one.
    std::fs::read_dir("/proc/self/fd").expect("/proc is mounted").count() - 1
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use super::*;

    #[test]
    fn waiting_ends_with_the_condition_or_the_limit() {
        let mut asked = 0;
        assert!(wait_until(Duration::from_secs(20), || {
            asked += 1;
            asked == 3
        }));
        assert!(!wait_until(Duration::from_millis(5), || false));
    }

    /// No other test of this binary opens a descriptor.
    #[test]
    fn descriptors_are_counted() {
        let before = open_descriptors();
        let files = [(); 5].map(|()| File::open("/dev/null").unwrap());
        assert_eq!(open_descriptors(), before + 5);
        drop(files);
        assert_eq!(open_descriptors(), before);
    }
}
