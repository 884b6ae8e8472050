//! Pausing and going on: from every callback, from other threads, by what on_write returns.

use std::cell::Cell;
use std::ptr::without_provenance_mut;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use curlback::easy::perform::{curlback_easy_cancel, curlback_easy_pause};
use curlback::libcurl::tables::opt;
use curlback::result::code;
use curlback_test_servers::wait_until;

use crate::support::multi::*;
use crate::support::*;
use crate::{Body, HELLO, transfer};

const NONE: i32 = 0;
const RECV: i32 = 1;
const BOTH: i32 = 5;
const PAUSE: i64 = -2;

/// A transfer whose on_write pauses it at its first call; how often it was called.
fn pauses_itself(path: &str) -> (Easy, Body, Rc<Cell<usize>>) {
    let (easy, body) = transfer(path);
    let (into, calls) = (Rc::clone(&body), Rc::new(Cell::new(0)));
    let counter = Rc::clone(&calls);
    easy.on_write(move |_, data| {
        counter.set(counter.get() + 1);
        if counter.get() == 1 {
            return PAUSE;
        }
        into.borrow_mut().extend_from_slice(data);
        data.len() as i64
    });
    (easy, body, calls)
}

/// Performs until `condition` holds.
#[track_caller]
fn perform_until(multi: &Multi, condition: impl Fn() -> bool) {
    let end = Instant::now() + LIMIT;
    while !condition() {
        assert!(Instant::now() < end);
        ok(multi.perform().0);
        ok(multi.poll(5));
    }
}

#[test]
fn a_transfer_that_its_on_write_paused_goes_on_when_it_is_told() {
    let multi = Multi::new();
    let ended = multi.collect();
    let (easy, body, calls) = pauses_itself("/hello");
    multi.add(&easy);
    perform_until(&multi, || calls.get() == 1);
    for _ in 0..5 {
        assert_eq!(multi.perform(), (0, 1));
    }
    assert_eq!((calls.get(), ended.borrow().len()), (1, 0));
    ok(curlback_easy_pause(easy.raw(), NONE));
    multi.run();
    assert_eq!(*body.borrow(), HELLO);
    assert_eq!(*ended.borrow(), [(easy.raw(), 0)]);
}

#[test]
fn run_waits_for_what_is_paused_without_spinning() {
    // Also where its server has gone meanwhile: the system says so of the socket again and again.
    for reset in [false, true] {
        let multi = Multi::new();
        let server = curlback_test_servers::RawServer::start(move |stream, _| {
            use std::io::{Read as _, Write as _};
            curlback_test_servers::read_request(stream)?;
            let mut to = stream;
            to.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n")?;
            to.write_all(&[b'x'; 100_000])?;
            if reset {
                thread::sleep(Duration::from_millis(30));
                curlback_test_servers::reset_on_close(stream)?;
            } else {
                // Until the client goes away.
                let _ = to.read(&mut [0]);
            }
            Ok(())
        });
        let (easy, _, calls) = pauses_itself("/");
        easy.set_url(&server.url("/"));
        multi.add(&easy);
        let (hangs, _) = transfer("/hang?not-spinning");
        let limit = stretched(Duration::from_millis(400));
        hangs.set_int(opt::TIMEOUT_MS, limit.as_millis() as i64);
        let paused = easy.raw();
        multi.on_done(move |_, ended, _| {
            if ended != paused {
                ok(curlback_easy_cancel(paused));
            }
        });
        multi.add(&hangs);
        let before = cpu_time();
        multi.run();
        let used = cpu_time() - before;
        assert_eq!(calls.get(), 1);
        assert!(used < limit * 3 / 8, "{used:?} of {limit:?}");
    }
}

/// Of the calling thread.
fn cpu_time() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: it can be written to.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

#[test]
fn easy_callbacks_pause_and_unpause_themselves_and_others() {
    let multi = Multi::new();
    let ended = multi.collect();
    let (paused, body, calls) = pauses_itself("/hello");
    let raw = paused.raw();
    // Another one's callback lets it go on, once it has paused itself.
    let (other, other_body) = transfer("/trickle/80/1");
    let (into, waits) = (Rc::clone(&other_body), Rc::clone(&calls));
    let told = Rc::new(Cell::new(false));
    let tell = Rc::clone(&told);
    other.on_write(move |own, data| {
        into.borrow_mut().extend_from_slice(data);
        // Itself: it comes to nothing, twice over.
        ok(curlback_easy_pause(own, RECV));
        ok(curlback_easy_pause(own, NONE));
        if waits.get() == 1 && !tell.replace(true) {
            ok(curlback_easy_pause(raw, NONE));
        }
        data.len() as i64
    });
    multi.add(&paused);
    multi.add(&other);
    multi.run();
    assert!(told.get());
    assert_eq!(*body.borrow(), HELLO);
    assert_eq!(other_body.borrow().len(), 80);
    assert!(ended.borrow().iter().all(|(_, result)| *result == 0));
}

#[test]
fn callbacks_of_every_kind_may_pause_and_unpause() {
    let multi = Multi::new();
    let ended = multi.collect();
    let (easy, body) = transfer("/bytes/100000");
    let raw = easy.raw();
    let both = move || {
        for mask in [RECV, BOTH, NONE] {
            let paused = curlback_easy_pause(raw, mask);
            // libcurl has nothing to pause before there is a connection.
            assert!(paused == 0 || paused == 43, "{paused}: {}", last_error());
        }
    };
    easy.on_header(move |_, line| {
        both();
        line.len() as i64
    });
    easy.on_debug(move |_, _, _| both());
    easy.on_xferinfo(move |_, _| {
        both();
        0
    });
    multi.on_socket(move |_, _, _, _, _| {
        both();
        0
    });
    multi.on_timer(move |_, _| {
        both();
        0
    });
    multi.add(&easy);
    multi.run();
    assert_eq!(*ended.borrow(), [(raw, 0)]);
    assert_eq!(body.borrow().len(), 100_000);
    both();
}

#[test]
fn the_multi_handle_s_own_callbacks_let_a_transfer_go_on() {
    // In on_socket, in on_timer, in on_done.
    for kind in 0..3 {
        let multi = Multi::new();
        let (paused, body, calls) = pauses_itself("/hello");
        let raw = paused.raw();
        let goes_on = Rc::new(Cell::new(0));
        let counter = Rc::clone(&goes_on);
        let called = Rc::clone(&calls);
        let unpause = move || {
            if called.get() == 1 && counter.get() == 0 {
                counter.set(1);
                ok(curlback_easy_pause(raw, NONE));
            }
        };
        match kind {
            0 => multi.on_socket(move |_, _, _, _, _| {
                unpause();
                0
            }),
            1 => multi.on_timer(move |_, _| {
                unpause();
                0
            }),
            _ => multi.on_done(move |_, _, _| unpause()),
        }
        multi.add(&paused);
        perform_until(&multi, || calls.get() == 1);
        // Something that goes on meanwhile, and ends.
        let (other, _) = transfer("/trickle/60/1");
        other.set_int(opt::TIMEOUT_MS, 15_000);
        multi.add(&other);
        multi.run();
        assert_eq!(*body.borrow(), HELLO, "{kind}");
        assert_eq!(goes_on.get(), 1);
    }
}

#[test]
fn a_transfer_paused_in_on_socket_stays_so_until_it_is_told() {
    let multi = Multi::new();
    let ended = multi.collect();
    let (easy, body) = transfer("/trickle/40/1");
    let paused = Rc::new(Cell::new(false));
    let once = Rc::clone(&paused);
    multi.on_socket(move |_, shown, _, _, _| {
        if !shown.is_null() && !once.replace(true) {
            ok(curlback_easy_pause(shown, RECV));
        }
        0
    });
    multi.add(&easy);
    let (meanwhile, _) = transfer("/trickle/100/1");
    let raw = easy.raw();
    multi.add(&meanwhile);
    let other = meanwhile.raw();
    let (into, at) = (Rc::clone(&ended), Rc::clone(&body));
    multi.on_done(move |_, easy, result| {
        into.borrow_mut().push((easy, result));
        if easy == other {
            assert!(at.borrow().len() < 40);
            ok(curlback_easy_pause(raw, NONE));
        }
    });
    multi.run();
    assert!(paused.get());
    assert_eq!(*ended.borrow(), [(other, 0), (raw, 0)]);
    assert_eq!(body.borrow().len(), 40);
}

#[test]
fn other_threads_pause_and_unpause_while_it_runs() {
    let multi = Multi::new();
    let ended = multi.collect();
    let arrived = Arc::new(AtomicUsize::new(0));
    let (easy, _) = transfer("/trickle/400/1");
    let counter = Arc::clone(&arrived);
    easy.on_write(move |_, data| {
        counter.fetch_add(data.len(), Ordering::SeqCst);
        data.len() as i64
    });
    multi.add(&easy);
    let address = easy.raw().addr();
    let (counter, limit) = (Arc::clone(&arrived), LIMIT);
    let pauser = thread::spawn(move || {
        let easy: Raw = without_provenance_mut(address);
        for round in 1..=3 {
            let from = counter.load(Ordering::SeqCst);
            assert!(wait_until(limit, || counter.load(Ordering::SeqCst) > from));
            ok(curlback_easy_pause(easy, RECV));
            // Soon nothing comes any more: the same count twice, some milliseconds apart.
            let mut last = usize::MAX;
            assert!(wait_until(limit, || {
                thread::sleep(Duration::from_millis(20));
                let now = counter.load(Ordering::SeqCst);
                std::mem::replace(&mut last, now) == now
            }));
            assert!(last < 400, "round {round}");
            ok(curlback_easy_pause(easy, NONE));
        }
    });
    multi.run();
    pauser.join().unwrap();
    assert_eq!(*ended.borrow(), [(easy.raw(), 0)]);
    assert_eq!(arrived.load(Ordering::SeqCst), 400);
}

#[test]
fn a_paused_transfer_can_be_cancelled_removed_and_closed() {
    let multi = Multi::new();
    let ended = multi.collect();
    let all: Vec<_> = (0..3).map(|_| pauses_itself("/hello")).collect();
    for (easy, ..) in &all {
        multi.add(easy);
    }
    perform_until(&multi, || all.iter().all(|(.., calls)| calls.get() == 1));
    let [(first, ..), (second, ..), (third, ..)] = <[_; 3]>::try_from(all).ok().unwrap();
    ok(curlback_easy_cancel(first.raw()));
    assert_eq!(*ended.borrow(), [(first.raw(), code::E_CANCELLED)]);
    multi.remove(&second);
    drop(third);
    assert_eq!(multi.perform(), (0, 0));
    assert_eq!(ended.borrow().len(), 1);
    // Its on_write pauses no more.
    ok(second.perform());
}

#[test]
fn what_is_wrong_or_too_late_is_said() {
    let multi = Multi::new();
    let (easy, _) = transfer("/hello");
    multi.add(&easy);
    for mask in [-1, 2, 3, 6] {
        assert_eq!(curlback_easy_pause(easy.raw(), mask), code::E_RANGE);
    }
    multi.run();
    ok(curlback_easy_pause(easy.raw(), RECV));
    multi.remove(&easy);
    multi.add(&easy);
    multi.run();
    assert_eq!(easy.error().result, 0, "what was asked of the last transfer is not this one's");
}
