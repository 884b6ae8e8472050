//! poll, wakeup, timeout, wait_fds: a loop of perform's own.

use std::io::Write as _;
use std::os::fd::AsRawFd as _;
use std::os::unix::net::UnixStream;
use std::ptr::null_mut;
use std::thread;
use std::time::{Duration, Instant};

use curlback::libcurl::tables::opt;
use curlback::libcurl::version;
use curlback::multi::drive::{
    curlback_multi_perform, curlback_multi_poll, curlback_multi_timeout, curlback_multi_wait_fds,
    curlback_wait_fd,
};
use curlback::multi::queue::curlback_multi_wakeup;
use curlback::result::code;

use crate::support::multi::*;
use crate::support::*;
use crate::{HELLO, transfer};

const IN: i16 = 1;
const OUT: i16 = 4;

/// Longer than any of these may wait, where something should happen at once.
const LONG: i32 = 15_000;

fn wait_fd(socket: &UnixStream, events: i16) -> curlback_wait_fd {
    curlback_wait_fd { socket: socket.as_raw_fd() as isize, events, revents: 77 }
}

/// poll with descriptors of one's own: its result and how many are ready.
fn poll(multi: &Multi, fds: &mut [curlback_wait_fd], timeout_ms: i32) -> (i32, i32) {
    let mut ready = -1;
    // SAFETY: as many entries as it says; the number can be written to.
    let result =
        unsafe { curlback_multi_poll(multi.raw(), fds.as_mut_ptr(), fds.len(), timeout_ms, &mut ready) };
    (result, ready)
}

fn timeout(multi: &Multi) -> i64 {
    let mut timeout_ms = -7;
    // SAFETY: it can be written to.
    ok(unsafe { curlback_multi_timeout(multi.raw(), &mut timeout_ms) });
    timeout_ms
}

fn wait_fds(multi: &Multi, room: usize) -> (Vec<curlback_wait_fd>, usize) {
    let mut fds = vec![curlback_wait_fd { socket: -9, events: 99, revents: 99 }; room];
    let mut count = usize::MAX;
    // SAFETY: as many entries as it says.
    ok(unsafe { curlback_multi_wait_fds(multi.raw(), fds.as_mut_ptr(), room, &mut count) });
    (fds, count)
}

#[test]
fn own_descriptors_end_the_wait_and_say_what_happened() {
    let multi = Multi::new();
    let (mut ours, theirs) = UnixStream::pair().unwrap();
    let mut fds = [wait_fd(&theirs, IN), wait_fd(&ours, OUT), wait_fd(&ours, IN)];
    assert_eq!(poll(&multi, &mut fds, LONG), (0, 1));
    assert_eq!(fds.map(|fd| fd.revents), [0, OUT, 0]);
    ours.write_all(b"x").unwrap();
    assert_eq!(poll(&multi, &mut fds[..1], LONG), (0, 1));
    assert_eq!(fds[0].revents, IN);
    assert_eq!(fds[0].events, IN);
    // With a transfer that waits too.
    let (hangs, _) = transfer("/hang?own-descriptors");
    multi.add(&hangs);
    assert_eq!(multi.perform(), (0, 1));
    let (result, ready) = poll(&multi, &mut fds, LONG);
    assert_eq!(result, 0);
    assert!(ready >= 2, "{ready}");
    assert_eq!(fds.map(|fd| fd.revents), [IN, OUT, 0]);
}

#[test]
fn poll_waits_as_long_as_it_is_told_where_nothing_happens() {
    let multi = Multi::new();
    let (_ours, theirs) = UnixStream::pair().unwrap();
    let began = Instant::now();
    assert_eq!(poll(&multi, &mut [wait_fd(&theirs, IN)], 80), (0, 0));
    assert!(began.elapsed() >= Duration::from_millis(78), "{:?}", began.elapsed());
    // Without a transfer too.
    let began = Instant::now();
    ok(multi.poll(80));
    assert!(began.elapsed() >= Duration::from_millis(78), "{:?}", began.elapsed());
    let began = Instant::now();
    ok(multi.poll(0));
    assert!(began.elapsed() < stretched(Duration::from_millis(70)), "{:?}", began.elapsed());
}

#[test]
fn a_wakeup_ends_the_wait_or_the_next_one() {
    let multi = Multi::new();
    let address = multi.raw().addr();
    let began = Instant::now();
    let waker = thread::spawn(move || {
        thread::sleep(Duration::from_millis(30));
        ok(curlback_multi_wakeup(std::ptr::without_provenance_mut(address)));
    });
    ok(multi.poll(LONG));
    waker.join().unwrap();
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    ok(curlback_multi_wakeup(multi.raw()));
    ok(curlback_multi_wakeup(multi.raw()));
    let began = Instant::now();
    ok(multi.poll(LONG));
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
}

#[test]
fn bad_arguments_are_refused() {
    let multi = Multi::new();
    for timeout_ms in [-1, i32::MIN] {
        assert_eq!(multi.poll(timeout_ms), code::E_RANGE);
    }
    let (ours, _theirs) = UnixStream::pair().unwrap();
    let mut fd = wait_fd(&ours, OUT);
    // SAFETY: what is NULL is refused or allowed to be.
    unsafe {
        assert_eq!(curlback_multi_poll(multi.raw(), null_mut(), 1, 0, null_mut()), code::E_NULL);
        ok(curlback_multi_poll(multi.raw(), &mut fd, 1, LONG, null_mut()));
        ok(curlback_multi_poll(multi.raw(), &mut fd, 0, 0, null_mut()));
        ok(curlback_multi_perform(multi.raw(), null_mut()));
        assert_eq!(curlback_multi_timeout(multi.raw(), null_mut()), code::E_NULL);
        let mut count = 5;
        assert_eq!(curlback_multi_wait_fds(multi.raw(), null_mut(), 1, &mut count), code::E_NULL);
        assert_eq!(curlback_multi_wait_fds(multi.raw(), null_mut(), 0, null_mut()), code::E_NULL);
        assert_eq!(count, 5);
        ok(curlback_multi_wait_fds(multi.raw(), null_mut(), 0, &mut count));
        assert_eq!(count, 0);
    }
    fd.socket = isize::MAX;
    assert_eq!(poll(&multi, &mut [fd], 0).0, code::E_RANGE);
    assert_eq!(multi.poll(0), 0);
}

#[test]
fn the_timeout_is_what_libcurl_wants_next() {
    let multi = Multi::new();
    assert_eq!(timeout(&multi), -1);
    let (hangs, _) = transfer("/hang?timeout");
    hangs.set_int(opt::TIMEOUT_MS, 10_000);
    multi.add(&hangs);
    assert_eq!(timeout(&multi), 0, "there is something to do at once");
    let end = Instant::now() + LIMIT;
    while !(1..=10_000).contains(&timeout(&multi)) {
        assert!(Instant::now() < end);
        assert_eq!(multi.perform(), (0, 1));
        ok(multi.poll(20));
    }
    // From inside its callbacks as well, where libcurl does not answer.
    let (other, _) = transfer("/hello");
    let raw = multi.raw();
    other.on_header(move |_, line| {
        let mut timeout_ms = -7;
        // SAFETY: it can be written to.
        ok(unsafe { curlback_multi_timeout(raw, &mut timeout_ms) });
        assert!((-1..=10_000).contains(&timeout_ms), "{timeout_ms}");
        line.len() as i64
    });
    multi.add(&other);
    while multi.perform() != (0, 1) {
        assert!(Instant::now() < end);
        ok(multi.poll(20));
    }
    assert_eq!(multi.next_done(), Some((other.raw(), 0)));
}

#[test]
fn wait_fds_drives_a_loop_of_poll() {
    let multi = Multi::new();
    let transfers: Vec<_> = (0..4).map(|_| transfer("/trickle/13/1")).collect();
    for (easy, _) in &transfers {
        multi.add(easy);
    }
    let end = Instant::now() + LIMIT;
    let mut most = 0;
    loop {
        let (result, running) = multi.perform();
        ok(result);
        if running == 0 {
            break;
        }
        assert!(Instant::now() < end);
        let (found, count) = wait_fds(&multi, 16);
        most = most.max(count);
        let mut fds: Vec<_> = found[..count]
            .iter()
            .map(|fd| {
                assert!(fd.socket >= 0 && fd.events & !(IN | OUT) == 0 && fd.revents == 0, "{fd:?}");
                let wanted = |bit, event| if fd.events & bit != 0 { event } else { 0 };
                let events = wanted(IN, libc::POLLIN) | wanted(OUT, libc::POLLOUT);
                libc::pollfd { fd: fd.socket as i32, events, revents: 0 }
            })
            .collect();
        assert!(found[count..].iter().all(|fd| fd.socket == -9), "no more is written than there is");
        let wait = timeout(&multi).clamp(0, 100) as i32;
        // SAFETY: as many entries as it says.
        unsafe { libc::poll(fds.as_mut_ptr(), fds.len() as libc::nfds_t, wait) };
    }
    assert!(most >= 4, "{most}");
    assert_eq!(multi.all_done().len(), 4);
    assert!(transfers.iter().all(|(_, body)| body.borrow().len() == 13));
}

#[test]
fn wait_fds_says_how_many_there_are_whatever_the_room() {
    let multi = Multi::new();
    let transfers: Vec<_> = (0..3).map(|n| transfer(&format!("/hang?room{n}")).0).collect();
    for easy in &transfers {
        multi.add(easy);
    }
    let end = Instant::now() + LIMIT;
    while wait_fds(&multi, 0).1 < 3 {
        assert!(Instant::now() < end);
        assert_eq!(multi.perform(), (0, 3));
        ok(multi.poll(10));
    }
    // libcurl may have one of its own.
    let all = wait_fds(&multi, 0).1;
    let (fds, count) = wait_fds(&multi, 2);
    assert_eq!(count, all);
    assert_eq!(wait_fds(&multi, all).0.iter().filter(|fd| fd.socket >= 0).count(), all);
    assert!(fds.iter().all(|fd| fd.socket >= 0));
}

/// Gives the transfer sockets of high numbers, whatever else is open.
fn with_high_sockets(easy: &Easy) {
    ok(on_open_socket(easy.raw(), |_, _, address| {
        // SAFETY: three numbers; the socket is this function's own until it is given away.
        unsafe {
            let socket = libc::socket(address.family, address.socktype, address.protocol);
            let high = libc::fcntl(socket, libc::F_DUPFD_CLOEXEC, 1100);
            libc::close(socket);
            high as isize
        }
    }));
}

#[test]
fn descriptors_above_1024_are_waited_for() {
    let multi = Multi::new();
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the limit can be written to.
    unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) };
    if limit.rlim_cur < 2200 {
        return skipped("descriptors above 1024", "a higher limit of open files");
    }
    if version::number() >= version::version(8, 8, 0) {
        let (hangs, _) = transfer("/hang?above-1024");
        with_high_sockets(&hangs);
        multi.add(&hangs);
        let end = Instant::now() + LIMIT;
        while !wait_fds(&multi, 8).0.iter().any(|fd| fd.socket >= 1024) {
            assert!(Instant::now() < end);
            assert_eq!(multi.perform(), (0, 1), "{:?}", multi.next_done());
        }
    } else {
        skipped("wait_fds above 1024", "libcurl 8.8");
    }
    for run in [false, true] {
        let (easy, body) = transfer("/hello");
        with_high_sockets(&easy);
        easy.set_int(opt::FRESH_CONNECT, 1);
        multi.add(&easy);
        if run {
            multi.run()
        } else {
            multi.perform_all()
        }
        assert_eq!(*body.borrow(), HELLO);
    }
}
