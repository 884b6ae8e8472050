//! Somebody else's loop: poll(2), on_socket, on_timer, socket_action.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::ffi::c_void;
use std::net::TcpListener;
use std::ptr::{null_mut, without_provenance_mut};
use std::rc::Rc;
use std::time::{Duration, Instant};

use curlback::easy::curlback_easy_close;
use curlback::easy::perform::{curlback_easy_cancel, curlback_easy_perform};
use curlback::libcurl::tables::opt;
use curlback::multi::members::curlback_multi_add;
use curlback::multi::queue::curlback_multi_stop;
use curlback::multi::socket::{curlback_multi_assign, curlback_multi_socket_action};
use curlback::result::code;
use curlback_test_servers::Nginx;

use crate::support::multi::*;
use crate::support::*;
use crate::{HELLO, transfer};

const REMOVE: i32 = 4;
const BAD_SOCKET: i32 = 1005;

/// What libcurl wants to be waited for.
#[derive(Default)]
struct Wanted {
    sockets: RefCell<BTreeMap<isize, i32>>,
    deadline: Cell<Option<Instant>>,
    /// Every call of on_socket: the easy handle, the socket, what for.
    calls: RefCell<Vec<(Raw, isize, i32)>>,
    timers: Cell<usize>,
}

/// An event loop as an application has it.
pub struct Loop {
    wanted: Rc<Wanted>,
}

impl Loop {
    pub fn on(multi: &Multi) -> Self {
        let wanted = Rc::new(Wanted::default());
        let seen = Rc::clone(&wanted);
        multi.on_socket(move |_, easy, socket, what, _| {
            seen.calls.borrow_mut().push((easy, socket, what));
            if what == REMOVE {
                assert!(seen.sockets.borrow_mut().remove(&socket).is_some(), "{socket} was never announced");
            } else {
                seen.sockets.borrow_mut().insert(socket, what);
            }
            0
        });
        let seen = Rc::clone(&wanted);
        multi.on_timer(move |_, timeout_ms| {
            seen.timers.set(seen.timers.get() + 1);
            let wait = u64::try_from(timeout_ms).ok().map(Duration::from_millis);
            seen.deadline.set(wait.map(|wait| Instant::now() + wait));
            0
        });
        Loop { wanted }
    }

    /// Waits once, and tells the multi handle what happened; how many transfers are under way.
    pub fn step(&self, multi: &Multi) -> i32 {
        let mut fds: Vec<libc::pollfd> = Vec::new();
        for (socket, what) in &*self.wanted.sockets.borrow() {
            let wanted = |bit, event| if what & bit != 0 { event } else { 0 };
            let events = wanted(1, libc::POLLIN) | wanted(2, libc::POLLOUT);
            fds.push(libc::pollfd { fd: *socket as i32, events, revents: 0 });
        }
        let left = self.wanted.deadline.get().map(|at| at.saturating_duration_since(Instant::now()));
        let wait = left.unwrap_or(LIMIT).min(LIMIT).as_micros().div_ceil(1000) as i32;
        // SAFETY: as many entries as it says.
        let ready = unsafe { libc::poll(fds.as_mut_ptr(), fds.len() as libc::nfds_t, wait) };
        assert!(ready >= 0, "{}", std::io::Error::last_os_error());
        let mut running = -1;
        for fd in fds.iter().filter(|fd| fd.revents != 0) {
            // An earlier one of this round may have had it closed.
            if !self.wanted.sockets.borrow().contains_key(&(fd.fd as isize)) {
                continue;
            }
            let happened = |event, bit| if fd.revents & event != 0 { bit } else { 0 };
            let events = happened(libc::POLLIN, 1) | happened(libc::POLLOUT, 2) | happened(libc::POLLERR, 4);
            let (result, now) = multi.act(fd.fd as isize, events);
            ok(result);
            running = now;
        }
        if self.wanted.deadline.get().is_some_and(|at| at <= Instant::now()) {
            self.wanted.deadline.set(None);
            let (result, now) = multi.act(-1, 0);
            ok(result);
            running = now;
        }
        running
    }

    /// Until nothing is under way.
    pub fn run(&self, multi: &Multi) {
        let end = Instant::now() + LIMIT;
        while self.step(multi) != 0 {
            assert!(Instant::now() < end, "the transfers do not end");
        }
    }
}

#[test]
fn a_foreign_loop_drives_every_transfer_to_its_end() {
    let multi = Multi::new();
    let foreign = Loop::on(&multi);
    let ended = multi.collect();
    let transfers: Vec<_> = (0..30).map(|n| transfer(&format!("/bytes/{}", n * 10_000))).collect();
    for (easy, _) in &transfers {
        multi.add(easy);
    }
    assert!(foreign.wanted.timers.get() > 0, "add says that the loop is to call");
    foreign.run(&multi);
    assert_eq!(ended.borrow().len(), 30);
    for (n, (easy, body)) in transfers.iter().enumerate() {
        assert!(ended.borrow().contains(&(easy.raw(), 0)));
        assert_eq!(body.borrow().len(), n * 10_000);
    }
    assert!(foreign.wanted.calls.borrow().iter().any(|(easy, ..)| *easy == transfers[0].0.raw()));
}

#[test]
fn transfers_that_start_later_and_time_out_are_heard_of_by_the_timer() {
    let multi = Multi::new();
    let foreign = Loop::on(&multi);
    let ended = multi.collect();
    let (hangs, _) = transfer("/hang?foreign");
    hangs.set_int(opt::TIMEOUT_MS, 120);
    multi.add(&hangs);
    let began = Instant::now();
    foreign.run(&multi);
    assert_eq!(*ended.borrow(), [(hangs.raw(), 28)]);
    assert!(began.elapsed() >= Duration::from_millis(115), "{:?}", began.elapsed());
    let (next, body) = transfer("/hello");
    multi.add(&next);
    foreign.run(&multi);
    assert_eq!(*ended.borrow(), [(hangs.raw(), 28), (next.raw(), 0)]);
    assert_eq!(*body.borrow(), HELLO);
}

#[test]
fn every_socket_is_taken_back_when_the_multi_handle_closes() {
    let multi = Multi::new();
    let foreign = Loop::on(&multi);
    let (stalled, _) = transfer("/stall?taken-back");
    let (good, _) = transfer("/hello");
    multi.add(&stalled);
    multi.add(&good);
    let end = Instant::now() + LIMIT;
    while foreign.step(&multi) != 1 {
        assert!(Instant::now() < end);
    }
    let wanted = Rc::clone(&foreign.wanted);
    assert!(!wanted.sockets.borrow().is_empty());
    drop(multi);
    let left: Vec<isize> = wanted.sockets.borrow().keys().copied().collect();
    assert_eq!(left, [0; 0]);
    drop((stalled, good));
}

#[test]
fn unknown_sockets_are_ignored_by_socket_action_and_refused_by_assign() {
    let multi = Multi::new();
    let foreign = Loop::on(&multi);
    for socket in [0, 1, 999_999] {
        assert_eq!(multi.act(socket, 1), (0, 0));
        // SAFETY: no drop function.
        let assigned = unsafe { curlback_multi_assign(multi.raw(), socket, null_mut(), None) };
        assert_eq!(assigned, BAD_SOCKET);
    }
    let (easy, body) = transfer("/hello");
    multi.add(&easy);
    // Some other descriptor of this process.
    assert_eq!(multi.act(0, 1), (0, 1));
    for (socket, events) in [(-2, 0), (isize::MAX, 1), (isize::MIN, 1), (0, 8), (0, -1), (-1, 64)] {
        assert_eq!(multi.act(socket, events).0, code::E_RANGE, "{socket} {events}");
    }
    // SAFETY: no drop function; the socket is none.
    unsafe {
        assert_eq!(curlback_multi_assign(multi.raw(), -1, null_mut(), None), BAD_SOCKET);
        assert_eq!(curlback_multi_assign(multi.raw(), isize::MAX, null_mut(), None), BAD_SOCKET);
        // The number of transfers need not be asked for.
        ok(curlback_multi_socket_action(multi.raw(), -1, 0, null_mut()));
    }
    foreign.run(&multi);
    assert_eq!(*body.borrow(), HELLO);
}

/// Registers an on_socket that assigns `data` at the first call for a socket, and expects it there in each later one.
fn assign_at_first_call(multi: &Multi, drops: &Drops, seen: &Rc<Cell<usize>>) {
    let (drops, seen) = (drops.clone(), Rc::clone(seen));
    let mine: RefCell<BTreeMap<isize, *mut c_void>> = RefCell::default();
    multi.on_socket(move |multi, _, socket, what, data| {
        let known = mine.borrow().get(&socket).copied();
        assert_eq!(data, known.unwrap_or(null_mut()));
        if known.is_some() {
            seen.set(seen.get() + 1);
        } else if what != REMOVE {
            let (data, drop) = drops.user_data();
            // SAFETY: the data and its drop function go together.
            ok(unsafe { curlback_multi_assign(multi, socket, data, drop) });
            mine.borrow_mut().insert(socket, data);
        }
        if what == REMOVE {
            mine.borrow_mut().remove(&socket);
        }
        0
    });
}

#[test]
fn what_was_assigned_comes_back_and_is_dropped_after_the_removal() {
    let (drops, seen) = (Drops::new(), Rc::new(Cell::new(0)));
    let multi = Multi::new();
    assign_at_first_call(&multi, &drops, &seen);
    let (easy, body) = transfer("/bytes/200000");
    // The connection is closed with the transfer.
    easy.set_int(opt::FORBID_REUSE, 1);
    multi.add(&easy);
    multi.run();
    assert_eq!(body.borrow().len(), 200_000);
    assert!(seen.get() >= 1, "REMOVE at least brings it back");
    let assigned = drops.count();
    assert!(assigned >= 1);
    drop(multi);
    drop(easy);
}

#[test]
fn assigned_data_is_dropped_once_when_it_is_replaced_removed_or_left_at_close() {
    let multi = Multi::new();
    let foreign = Loop::on(&multi);
    let (easy, _) = transfer("/hang?assigned");
    multi.add(&easy);
    let end = Instant::now() + LIMIT;
    let socket = loop {
        assert!(Instant::now() < end);
        let calls = foreign.wanted.calls.borrow();
        if let Some((.., socket, _)) = calls.iter().find(|(shown, ..)| *shown == easy.raw()) {
            break *socket;
        }
        drop(calls);
        assert_eq!(foreign.step(&multi), 1);
    };
    let (first, second, third) = (Drops::new(), Drops::new(), Drops::new());
    let assign = |drops: &Drops| {
        let (data, drop) = drops.user_data();
        // SAFETY: the data and its drop function go together.
        ok(unsafe { curlback_multi_assign(multi.raw(), socket, data, drop) });
    };
    assign(&first);
    assert_eq!(first.count(), 0);
    assign(&second);
    assert_eq!((first.count(), second.count()), (1, 0));
    // SAFETY: no drop function; one that comes with no data is never called.
    ok(unsafe { curlback_multi_assign(multi.raw(), socket, null_mut(), None) });
    assert_eq!((first.count(), second.count()), (1, 1));
    assign(&third);
    ok(curlback_easy_close(easy.into_raw()));
    assert_eq!(third.count(), 1, "the transfer's connection is closed with it");
    drop(multi);
    assert_eq!((first.count(), second.count(), third.count()), (1, 1, 1));
}

#[test]
fn assigned_data_that_is_replaced_in_the_callback_is_there_until_it_returns() {
    struct Assigned {
        alive: Rc<Cell<i32>>,
    }
    impl Drop for Assigned {
        fn drop(&mut self) {
            self.alive.set(self.alive.get() - 1);
        }
    }
    let multi = Multi::new();
    let alive = Rc::new(Cell::new(0));
    let (calls, counted) = (Rc::new(Cell::new(0)), Rc::clone(&alive));
    let called = Rc::clone(&calls);
    multi.on_socket(move |multi, easy, socket, what, data| {
        if easy.is_null() {
            return 0;
        }
        called.set(called.get() + 1);
        let before = counted.get();
        if what != REMOVE {
            counted.set(before + 1);
            let (new, drop) = boxed(Assigned { alive: Rc::clone(&counted) });
            // SAFETY: the data and its drop function go together.
            ok(unsafe { curlback_multi_assign(multi, socket, new, drop) });
            assert_eq!(counted.get(), before + 1, "the former one is used until this returns");
        }
        assert_eq!(data.is_null(), before == 0);
        0
    });
    let (easy, body) = transfer("/bytes/100000");
    multi.add(&easy);
    multi.run();
    assert_eq!(body.borrow().len(), 100_000);
    assert!(calls.get() > 1);
    drop(multi);
    assert_eq!(alive.get(), 0);
    drop(easy);
}

#[test]
fn the_library_s_own_transfers_are_shown_without_a_handle() {
    let Ok(nginx) = Nginx::shared() else { return skipped("DNS over HTTPS", "nginx") };
    let multi = Multi::new();
    let foreign = Loop::on(&multi);
    let ended = multi.collect();
    let easy = Easy::to("http://doh.example/");
    easy.set_str(opt::DOH_URL, &nginx.https_url("/hello.txt"));
    easy.set_int(opt::DOH_SSL_VERIFYPEER, 0);
    easy.set_int(opt::DOH_SSL_VERIFYHOST, 0);
    multi.add(&easy);
    foreign.run(&multi);
    // nginx answers, though not as a resolver does.
    assert_eq!(*ended.borrow(), [(easy.raw(), 6)]);
    let calls = foreign.wanted.calls.borrow();
    assert!(calls.iter().any(|(easy, ..)| easy.is_null()), "the two probes are libcurl's own");
    assert!(calls.iter().all(|(shown, ..)| shown.is_null() || *shown == easy.raw()));
}

#[test]
fn probes_of_libcurl_s_own_do_not_hide_that_a_transfer_ended() {
    // Never answers.
    let resolver = TcpListener::bind("127.0.0.1:0").unwrap();
    let multi = Multi::new();
    let ended = multi.collect();
    let (good, _) = transfer("/trickle/30/1");
    let probing = Easy::to("http://doh.example/");
    // One probe, so that libcurl has as many transfers under way as were added once the good one has ended.
    probing.set_int(opt::IPRESOLVE, 1);
    probing.set_str(opt::DOH_URL, &format!("https://{}/", resolver.local_addr().unwrap()));
    multi.add(&good);
    multi.add(&probing);
    let end = Instant::now() + LIMIT;
    while ended.borrow().is_empty() {
        assert!(Instant::now() < end);
        ok(multi.perform().0);
        ok(multi.poll(10));
    }
    assert_eq!(*ended.borrow(), [(good.raw(), 0)]);
    ok(curlback_easy_cancel(probing.raw()));
    assert_eq!(*ended.borrow(), [(good.raw(), 0), (probing.raw(), code::E_CANCELLED)]);
}

#[test]
fn the_loop_may_close_everything_between_two_events() {
    let multi = Multi::new();
    let foreign = Loop::on(&multi);
    let transfers: Vec<_> = (0..5).map(|_| transfer("/hang?between-events").0.into_raw()).collect();
    for easy in &transfers {
        ok(curlback_multi_add(multi.raw(), *easy));
    }
    assert_eq!(foreign.step(&multi), 5);
    for easy in &transfers {
        ok(curlback_easy_close(*easy));
    }
    assert_eq!(multi.act(-1, 0), (0, 0));
    assert_eq!(*foreign.wanted.sockets.borrow(), BTreeMap::new());
}

#[test]
fn a_transfer_goes_from_one_way_of_driving_to_another() {
    let multi = Multi::new();
    let ended = multi.collect();
    let (easy, body) = transfer("/trickle/60/2");
    multi.add(&easy);
    let end = Instant::now() + LIMIT;
    // perform, then run until it is stopped, then perform once more, and then run.
    for round in 0..3 {
        let reached = 10 * (round + 1);
        while body.borrow().len() < reached {
            assert!(Instant::now() < end, "{} bytes", body.borrow().len());
            if round == 1 {
                ok(curlback_multi_stop(multi.raw()));
                multi.run();
            }
            ok(multi.perform().0);
            ok(multi.poll(20));
        }
    }
    assert_eq!(ended.borrow().len(), 0);
    multi.run();
    assert_eq!(*ended.borrow(), [(easy.raw(), 0)]);
    assert_eq!(body.borrow().len(), 60);
    // Alone, and then in somebody else's loop.
    multi.remove(&easy);
    ok(curlback_easy_perform(easy.raw()));
    let foreign = Loop::on(&multi);
    multi.add(&easy);
    foreign.run(&multi);
    assert_eq!((ended.borrow().len(), body.borrow().len()), (2, 180));
}

#[test]
fn user_data_may_be_any_number() {
    // SAFETY: no drop function looks at it.
    unsafe extern "C-unwind" fn never(_: *mut c_void) {
        unreachable!("no data was given");
    }
    let multi = Multi::new();
    let one: *mut c_void = without_provenance_mut(1);
    let seen = Rc::new(Cell::new(false));
    let into = Rc::clone(&seen);
    multi.on_socket(move |multi, _, socket, what, data| {
        if data == one {
            into.set(true);
        } else if what != REMOVE {
            // SAFETY: no drop function, or one that is not called for NULL.
            unsafe {
                ok(curlback_multi_assign(multi, socket, null_mut(), Some(never)));
                ok(curlback_multi_assign(multi, socket, one, None));
            }
        }
        0
    });
    let (easy, _) = transfer("/hello");
    multi.add(&easy);
    multi.run();
    drop(multi);
    assert!(seen.get());
    drop(easy);
}
