//! Many handles: in a multi handle, with a share, duplicates.

use std::cell::{Cell, RefCell};
use std::ffi::c_void;
use std::ptr::null_mut;
use std::rc::Rc;
use std::time::Instant;

use curlback::easy::options::curlback_easy_unset;
use curlback::libcurl::tables::opt;
use curlback::library::curlback_has_feature;
use curlback::multi::done::curlback_multi_next_done;
use curlback::multi::drive::{curlback_multi_perform, curlback_multi_poll};
use curlback::multi::members::{curlback_multi_add, curlback_multi_remove};
use curlback::multi::run::curlback_multi_run;
use curlback::multi::socket::{curlback_multi_assign, curlback_multi_socket_action};
use curlback::multi::{curlback_multi, curlback_multi_close, curlback_multi_new};
use curlback::result::code;
use curlback::share::lock::curlback_share_on_lock;
use curlback::share::*;
use curlback_test_servers::{HttpServer, pattern};

use crate::exceptions::{duplicates_no_cookies, loses_transfers};
use crate::run::{Bytes, Easy, Run, Step, check, made};
use crate::support::multi::{UNTIL_DONE, on_done, on_socket, on_timer};
use crate::support::{LIMIT, Raw, ok, register};
use crate::{HUNG, torture};

fn url(path: &str) -> String {
    HttpServer::shared().url(path)
}

/// A handle that is closed when it goes, and must be closable then.
struct Multi(*mut curlback_multi);

impl Drop for Multi {
    fn drop(&mut self) {
        let closed = curlback_multi_close(self.0);
        if !std::thread::panicking() {
            ok(closed);
        }
    }
}

/// Three transfers in a multi handle, and what comes of them.
struct Crowd {
    members: Vec<(Easy, Bytes)>,
    results: Rc<RefCell<Vec<(Raw, i32)>>>,
    // Goes last: its members may be closed before.
    multi: Multi,
}

impl Crowd {
    fn new(run: &Run) -> Step<Self> {
        let multi = Multi(made(curlback_multi_new())?);
        let results: Rc<RefCell<Vec<(Raw, i32)>>> = Rc::default();
        let (sink, token) = (Rc::clone(&results), run.token());
        check(on_done(multi.0, move |_, easy, result| {
            let _ = &token;
            sink.borrow_mut().push((easy, result));
        }))?;
        Ok(Crowd { members: Vec::new(), results, multi })
    }

    fn fill(&mut self, run: &Run) -> Step {
        for _ in 0..3 {
            let easy = run.easy(&url("/bytes/5000"))?;
            let body = run.collect(&easy)?;
            run.watch(&easy)?;
            check(curlback_multi_add(self.multi.0, easy.raw()))?;
            self.members.push((easy, body));
        }
        Ok(())
    }

    /// Each transfer has ended, with an error or with all of its body.
    fn look(self) -> Step {
        let mut first = Ok(());
        assert_eq!(self.results.borrow().len(), self.members.len(), "{:?}", self.results);
        for (easy, body) in &self.members {
            let results = self.results.borrow();
            let (_, result) = results.iter().find(|(raw, _)| *raw == easy.raw()).expect("a result for each");
            if *result == code::OK {
                assert_eq!(*body.borrow(), pattern(0, 5000));
            } else if first.is_ok() {
                first = Err(*result);
            }
        }
        for (easy, _) in &self.members {
            check(curlback_multi_remove(self.multi.0, easy.raw()))?;
        }
        first
    }
}

#[test]
fn the_library_s_own_loop() {
    torture("multi, run", |run| {
        let mut crowd = Crowd::new(run)?;
        crowd.fill(run)?;
        check(curlback_multi_run(crowd.multi.0, UNTIL_DONE))?;
        crowd.look()
    });
}

fn perform_all(multi: *mut curlback_multi) -> Step {
    let start = Instant::now();
    let mut running = 1;
    while start.elapsed() < LIMIT {
        // SAFETY: the number can be written to.
        check(unsafe { curlback_multi_perform(multi, &mut running) })?;
        if running == 0 {
            return Ok(());
        }
        // SAFETY: there are no descriptors.
        check(unsafe { curlback_multi_poll(multi, null_mut(), 0, 1000, null_mut()) })?;
    }
    Err(HUNG)
}

#[test]
fn perform_and_poll() {
    torture("multi, perform and poll", |run| {
        let multi = Multi(made(curlback_multi_new())?);
        let easy = run.easy(&url("/bytes/5000"))?;
        let body = run.collect(&easy)?;
        check(curlback_multi_add(multi.0, easy.raw()))?;
        perform_all(multi.0)?;
        let (mut done, mut result) = (null_mut(), -1);
        // SAFETY: both can be written to.
        assert!(unsafe { curlback_multi_next_done(multi.0, &mut done, &mut result) });
        assert_eq!(done, easy.raw());
        check(curlback_multi_remove(multi.0, easy.raw()))?;
        if result == code::OK {
            assert_eq!(*body.borrow(), pattern(0, 5000));
            return Ok(());
        }
        Err(result)
    });
}

/// How long nothing may happen on loopback while libcurl has set no timer, in milliseconds.
fn quiet() -> i64 {
    if loses_transfers() { 20 } else { 5000 }
}

/// What an application's own loop has to look after.
#[derive(Default)]
struct Loop {
    sockets: RefCell<Vec<(isize, i32)>>,
    timeout: Cell<i64>,
}

impl Loop {
    fn turn(&self, run: &Run, multi: *mut curlback_multi) -> Step {
        let mut waited: Vec<libc::pollfd> = Vec::new();
        for (socket, what) in &*self.sockets.borrow() {
            let wanted = [(1, libc::POLLIN), (2, libc::POLLOUT)];
            let events = wanted.iter().filter(|(bit, _)| what & bit != 0).map(|(_, event)| event).sum();
            waited.push(libc::pollfd { fd: i32::try_from(*socket).unwrap(), events, revents: 0 });
        }
        let due = self.timeout.replace(-1);
        let timeout = if due < 0 { quiet() } else { due };
        // SAFETY: as many descriptors as there are.
        let ready = unsafe { libc::poll(waited.as_mut_ptr(), waited.len() as u64, timeout as i32) };
        let mut running = -1;
        if ready == 0 && due < 0 {
            if !loses_transfers() {
                return Err(HUNG);
            }
            run.is_known();
            return perform_all(multi);
        }
        if ready > 0 && self.timeout.get() < 0 {
            self.timeout.set(due);
        }
        if ready == 0 {
            // SAFETY: the number can be written to.
            check(unsafe { curlback_multi_socket_action(multi, -1, 0, &mut running) })?;
        }
        for socket in waited.iter().filter(|socket| socket.revents != 0) {
            let seen = [(libc::POLLIN | libc::POLLHUP, 1), (libc::POLLOUT, 2), (libc::POLLERR, 4)];
            let events =
                seen.iter().filter(|(event, _)| socket.revents & event != 0).map(|(_, bit)| bit).sum();
            // SAFETY: as above.
            check(unsafe { curlback_multi_socket_action(multi, socket.fd as isize, events, &mut running) })?;
        }
        Ok(())
    }
}

#[test]
fn a_loop_of_the_application_s_own() {
    torture("multi, socket_action", |run| {
        let mut crowd = Crowd::new(run)?;
        let state = Rc::new(Loop::default());
        state.timeout.set(-1);
        let (seen, token) = (Rc::clone(&state), run.token());
        let assigned = Rc::new(RefCell::new(Vec::new()));
        let inner = Rc::clone(&assigned);
        check(on_socket(crowd.multi.0, move |multi, _, socket, what, data| {
            let _ = &token;
            let mut sockets = seen.sockets.borrow_mut();
            sockets.retain(|(known, _)| *known != socket);
            if what == 4 {
                return 0;
            }
            sockets.push((socket, what));
            if data.is_null() {
                let drops = crate::support::Drops::new();
                let result = register(drops.token(), |data, drop| {
                    // SAFETY: register() says what drops it.
                    unsafe { curlback_multi_assign(multi, socket, data, drop) }
                });
                assert_eq!(result, 0);
                inner.borrow_mut().push(drops);
            }
            0
        }))?;
        let (seen, token) = (Rc::clone(&state), run.token());
        check(on_timer(crowd.multi.0, move |_, timeout| {
            let _ = &token;
            seen.timeout.set(timeout);
            0
        }))?;
        let filled = crowd.fill(run);
        let start = Instant::now();
        let ended = filled.and_then(|()| {
            while crowd.results.borrow().len() < crowd.members.len() {
                assert!(start.elapsed() < LIMIT, "it never ends");
                state.turn(run, crowd.multi.0)?;
            }
            Ok(())
        });
        let ended = match ended {
            Ok(()) => crowd.look(),
            Err(error) => {
                drop(crowd);
                Err(error)
            }
        };
        let counts: Vec<_> = assigned.borrow().iter().map(crate::support::Drops::count).collect();
        assert!(counts.iter().all(|count| *count == 1), "what was assigned was dropped {counts:?} times");
        ended
    });
}

/// A share that is closed when it goes, and must be closable then.
struct Share(*mut curlback_share);

impl Drop for Share {
    fn drop(&mut self) {
        let closed = curlback_share_close(self.0);
        if !std::thread::panicking() {
            ok(closed);
        }
    }
}

unsafe extern "C-unwind" fn lock(_: *mut curlback_share, _: Raw, _: i32, _: i32, _: *mut c_void) {}
unsafe extern "C-unwind" fn unlock(_: *mut curlback_share, _: Raw, _: i32, _: *mut c_void) {}

fn shared(run: &Run, own_locks: bool) -> Step {
    let share = Share(made(curlback_share_new())?);
    use curlback_share_data::*;
    let mut kinds = vec![CURLBACK_SHARE_COOKIES, CURLBACK_SHARE_DNS, CURLBACK_SHARE_CONNECTIONS];
    let optional =
        [(c"PSL", CURLBACK_SHARE_PSL), (c"HSTS", CURLBACK_SHARE_HSTS), (c"SSL", CURLBACK_SHARE_TLS_SESSIONS)];
    // SAFETY: the names end with NUL.
    kinds.extend(
        optional
            .iter()
            .filter(|(name, _)| unsafe { curlback_has_feature(name.as_ptr()) })
            .map(|(_, kind)| *kind),
    );
    for kind in kinds {
        check(curlback_share_add(share.0, kind as i32))?;
    }
    if own_locks {
        check(register(run.token(), |data, drop| {
            // SAFETY: the functions look at nothing.
            unsafe { curlback_share_on_lock(share.0, Some(lock), Some(unlock), data, drop) }
        }))?;
    }
    let members = [run.easy(&url("/cookies"))?, run.easy(&url("/request-headers"))?];
    let mut bodies = Vec::new();
    for easy in &members {
        easy.set_str(opt::COOKIEFILE, "")?;
        check(curlback_easy_set_share(easy.raw(), share.0))?;
        bodies.push(run.collect(easy)?);
        easy.perform()?;
    }
    assert_eq!(*bodies[0].borrow(), b"cookies\n");
    let request = String::from_utf8_lossy(&bodies[1].borrow()).into_owned();
    assert!(request.starts_with("GET /request-headers "), "{request}");
    Ok(())
}

#[test]
fn a_share() {
    torture("share", |run| shared(run, false));
}

#[test]
fn a_share_with_locks_of_the_application_s_own() {
    torture("share with own locks", |run| shared(run, true));
}

#[test]
fn duplicates() {
    torture("duplicate", |run| {
        let easy = run.easy(&url("/request-headers"))?;
        easy.set_str(opt::USERAGENT, "duplicated")?;
        if !duplicates_no_cookies() {
            easy.set_str(opt::COOKIEFILE, "")?;
            easy.set_str(opt::COOKIELIST, "Set-Cookie: one=1; domain=127.0.0.1; path=/")?;
        }
        easy.set_list(opt::HTTPHEADER, &["X-One: 1", "X-Two: 2"])?;
        easy.set_bytes(opt::POSTFIELDS, b"posted")?;
        check(curlback_easy_unset(easy.raw(), opt::POSTFIELDS))?;
        easy.set_int(opt::HTTPGET, 1)?;
        run.watch(&easy)?;
        run.keep(&easy)?;
        let body = run.collect(&easy)?;
        let first = easy.duplicate()?;
        let second = first.duplicate()?;
        drop(easy);
        for copy in [second, first] {
            body.borrow_mut().clear();
            copy.perform()?;
            let request = String::from_utf8_lossy(&body.borrow()).into_owned();
            assert!(
                request.contains("x-two: 2\n") && request.contains("user-agent: duplicated\n"),
                "{request}"
            );
        }
        Ok(())
    });
}
