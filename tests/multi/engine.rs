//! Other threads, while one is in run.

use std::ptr::without_provenance_mut;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use curlback::easy::perform::{curlback_easy_cancel, curlback_easy_pause, curlback_easy_perform};
use curlback::easy::{curlback_easy_close, curlback_easy_release, curlback_easy_reset};
use curlback::libcurl::tables::{mopt, opt};
use curlback::multi::drive::{curlback_multi_perform, curlback_multi_poll};
use curlback::multi::members::{curlback_multi_add, curlback_multi_remove};
use curlback::multi::options::curlback_multi_set_int;
use curlback::multi::queue::{curlback_multi_stop, curlback_multi_wakeup};
use curlback::multi::run::curlback_multi_run;
use curlback::multi::{curlback_multi_close, curlback_multi_release};
use curlback::result::code;
use curlback_test_servers::{HttpServer, wait_until};

use crate::support::multi::*;
use crate::support::*;

/// How soon the running thread does what it is asked.
const SOON: Duration = Duration::from_millis(50);

pub fn multi_at(address: usize) -> RawMulti {
    without_provenance_mut(address)
}

pub fn easy_at(address: usize) -> Raw {
    without_provenance_mut(address)
}

/// A thread that is in run until it is stopped, and tells of each transfer that ended.
pub struct Engine {
    multi: usize,
    thread: Option<JoinHandle<i32>>,
}

impl Engine {
    /// `done` is called on the engine's thread.
    pub fn start(done: impl Fn(RawMulti, Raw, i32) + Send + 'static) -> Self {
        let (made, making) = channel();
        let thread = thread::spawn(move || {
            let multi = Multi::new();
            multi.on_done(done);
            made.send(multi.raw().addr()).unwrap();
            let multi = multi.into_raw();
            let result = curlback_multi_run(multi, UNTIL_STOPPED);
            // A test may have released it.
            curlback_multi_release(multi);
            result
        });
        Engine { multi: making.recv_timeout(LIMIT).unwrap(), thread: Some(thread) }
    }

    pub fn raw(&self) -> RawMulti {
        multi_at(self.multi)
    }

    /// Waits until it is in run: until then others add to an idle multi handle, and may close what is in there.
    fn running(self) -> Self {
        // Refused for its mode where nobody is.
        assert!(wait_until(LIMIT, || curlback_multi_run(self.raw(), -1) == code::E_BUSY));
        self
    }

    pub fn stop(mut self) -> i32 {
        ok(curlback_multi_stop(self.raw()));
        self.thread.take().unwrap().join().unwrap()
    }
}

/// Sends what ended.
fn telling(tell: Sender<(usize, i32)>) -> impl Fn(RawMulti, Raw, i32) {
    move |_, easy, result| tell.send((easy.addr(), result)).unwrap()
}

/// A handle that no callback of the submitting thread's is in, so that any thread may run it.
pub fn plain(url: &str) -> Raw {
    let easy = Easy::to(url);
    ok(curlback::easy::sink::curlback_easy_body_to_memory(easy.raw(), 1_000_000));
    easy.into_raw()
}

fn hanging(name: &str) -> Raw {
    plain(&HttpServer::shared().url(&format!("/hang?{name}")))
}

#[test]
fn eight_threads_submit_thousands_and_none_is_lost() {
    const THREADS: usize = 8;
    const EACH: usize = 500;
    let server = HttpServer::start();
    let told = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&told);
    let engine = Engine::start(move |multi, easy, result| {
        assert_eq!(result, 0);
        counter.fetch_add(1, Ordering::SeqCst);
        ok(curlback_multi_remove(multi, easy));
        ok(curlback_easy_close(easy));
    });
    let url = server.url("/hello");
    thread::scope(|scope| {
        for _ in 0..THREADS {
            let (engine, url, told) = (&engine, &url, &told);
            scope.spawn(move || {
                for n in 0..EACH {
                    // At the very start too, when the engine may just be entering run.
                    ok(curlback_multi_add(engine.raw(), plain(url)));
                    // Not all at once: a connection each would be a descriptor each.
                    assert!(wait_until(LIMIT, || (n + 1) * THREADS < told.load(Ordering::SeqCst) + 400));
                }
            });
        }
    });
    assert!(wait_until(LIMIT, || told.load(Ordering::SeqCst) == THREADS * EACH), "{told:?}");
    assert_eq!(engine.stop(), 0);
    assert_eq!((told.load(Ordering::SeqCst), server.requests()), (THREADS * EACH, THREADS * EACH));
}

#[test]
fn a_submit_is_refused_at_no_moment_of_a_run_until_done() {
    let server = HttpServer::start();
    let url = server.url("/hello");
    let told = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&told);
    let (made, making) = channel();
    let stop = Arc::new(AtomicUsize::new(0));
    let stopped = Arc::clone(&stop);
    let runner = thread::spawn(move || {
        let multi = Multi::new();
        multi.on_done(move |multi, easy, result| {
            assert_eq!(result, 0);
            counter.fetch_add(1, Ordering::SeqCst);
            ok(curlback_multi_remove(multi, easy));
            ok(curlback_easy_close(easy));
        });
        made.send(multi.raw().addr()).unwrap();
        let mut runs = 0;
        // Each of them ends as soon as nothing is under way: at any moment of the others' adding.
        while stopped.load(Ordering::SeqCst) == 0 {
            multi.run();
            runs += 1;
        }
        multi.run();
        assert_eq!(multi.perform(), (0, 0));
        runs
    });
    let multi = making.recv_timeout(LIMIT).unwrap();
    const EACH: usize = 700;
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                for _ in 0..EACH {
                    ok(curlback_multi_add(multi_at(multi), plain(&url)));
                }
            });
        }
    });
    stop.store(1, Ordering::SeqCst);
    let runs = runner.join().unwrap();
    assert_eq!(told.load(Ordering::SeqCst), 2 * EACH, "in {runs} runs");
}

#[test]
fn cancel_ends_a_transfer_of_the_running_thread_soon() {
    let (tell, told) = channel();
    let engine = Engine::start(telling(tell));
    for n in 0..5 {
        let name = format!("engine-cancel{n}");
        let easy = hanging(&name);
        ok(curlback_multi_add(engine.raw(), easy));
        assert!(HttpServer::shared().wait_stalled(&format!("/hang?{name}"), LIMIT));
        let began = Instant::now();
        ok(curlback_easy_cancel(easy));
        assert_eq!(told.recv_timeout(LIMIT).unwrap(), (easy.addr(), code::E_CANCELLED));
        assert!(began.elapsed() < stretched(SOON), "{:?}", began.elapsed());
        ok(curlback_easy_cancel(easy));
        ok(curlback_multi_remove(engine.raw(), easy));
        curlback_easy_release(easy);
    }
    assert_eq!(engine.stop(), 0);
    assert!(told.try_recv().is_err());
}

#[test]
fn cancel_at_once_after_the_submit_is_not_lost() {
    let (tell, told) = channel();
    let engine = Engine::start(telling(tell)).running();
    // Kept connections: nothing but the request goes out, and nothing comes back.
    for n in 0..300 {
        let easy = hanging("cancelled-at-once");
        let address = easy.addr();
        if n % 2 == 0 {
            ok(curlback_multi_add(engine.raw(), easy));
            ok(curlback_easy_cancel(easy));
        } else {
            // From another thread, at any moment of the submit: until it has begun there is nothing to cancel.
            let canceller = thread::spawn(move || {
                let end = Instant::now() + LIMIT;
                while curlback_easy_close(easy_at(address)) == code::E_BUSY && Instant::now() < end {
                    let answer = curlback_easy_cancel(easy_at(address));
                    assert!([0, code::E_HANDLE].contains(&answer), "{answer}");
                }
            });
            match curlback_multi_add(engine.raw(), easy) {
                // Closed before.
                code::E_HANDLE | code::E_BUSY => {
                    canceller.join().unwrap();
                    continue;
                }
                added => ok(added),
            }
            let done = told.recv_timeout(LIMIT).unwrap();
            assert_eq!(done, (address, code::E_CANCELLED));
            curlback_easy_release(easy);
            canceller.join().unwrap();
            continue;
        }
        assert_eq!(told.recv_timeout(LIMIT).unwrap(), (address, code::E_CANCELLED), "{n}");
        curlback_easy_release(easy);
    }
    assert_eq!(engine.stop(), 0);
}

#[test]
fn remove_by_another_thread_is_told_of_once_with_cancelled() {
    let (tell, told) = channel();
    let engine = Engine::start(telling(tell)).running();
    let easy = hanging("engine-remove");
    ok(curlback_multi_add(engine.raw(), easy));
    assert!(HttpServer::shared().wait_stalled("/hang?engine-remove", LIMIT));
    let began = Instant::now();
    ok(curlback_multi_remove(engine.raw(), easy));
    assert_eq!(told.recv_timeout(LIMIT).unwrap(), (easy.addr(), code::E_CANCELLED));
    assert!(began.elapsed() < stretched(SOON), "{:?}", began.elapsed());
    // It has left: it is this thread's again.
    assert_eq!(curlback_multi_remove(engine.raw(), easy), 1002);
    ok(curlback_easy_reset(easy));
    ok(curlback_easy_close(easy));
    // One that was over, and told of: nothing more.
    let easy = plain(&HttpServer::shared().url("/hello"));
    ok(curlback_multi_add(engine.raw(), easy));
    assert_eq!(told.recv_timeout(LIMIT).unwrap(), (easy.addr(), 0));
    ok(curlback_multi_remove(engine.raw(), easy));
    assert!(wait_until(LIMIT, || curlback_easy_close(easy) == 0));
    // Never added, and not there any more.
    let other = plain(&HttpServer::shared().url("/hello"));
    assert_eq!(curlback_multi_remove(engine.raw(), other), 1002);
    assert_eq!(curlback_multi_remove(engine.raw(), easy), code::E_HANDLE);
    ok(curlback_easy_close(other));
    assert_eq!(engine.stop(), 0);
    assert!(told.try_recv().is_err());
}

#[test]
fn a_handle_can_be_added_again_once_it_was_told_of() {
    let (tell, told) = channel();
    let engine = Engine::start(telling(tell));
    let easy = plain(&HttpServer::shared().url("/hello"));
    for _ in 0..50 {
        ok(curlback_multi_add(engine.raw(), easy));
        assert_eq!(curlback_multi_add(engine.raw(), easy), code::E_IN_USE);
        assert_eq!(told.recv_timeout(LIMIT).unwrap(), (easy.addr(), 0));
        ok(curlback_multi_remove(engine.raw(), easy));
        // Until it is carried out it is in there.
        assert!(wait_until(LIMIT, || match curlback_easy_perform(easy) {
            0 => true,
            busy => {
                assert!([code::E_BUSY, code::E_IN_USE].contains(&busy), "{busy}");
                false
            }
        }));
    }
    assert_eq!(engine.stop(), 0);
    ok(curlback_easy_close(easy));
}

#[test]
fn what_only_the_running_thread_may_do_is_refused_to_others() {
    let (tell, told) = channel();
    let engine = Engine::start(telling(tell)).running();
    let easy = hanging("engine-busy");
    ok(curlback_multi_add(engine.raw(), easy));
    assert!(HttpServer::shared().wait_stalled("/hang?engine-busy", LIMIT));
    let multi = engine.raw();
    let mut running = -1;
    // SAFETY: the number can be written to.
    let driven = unsafe {
        [
            curlback_multi_perform(multi, &mut running),
            curlback_multi_poll(multi, std::ptr::null_mut(), 0, 0, std::ptr::null_mut()),
        ]
    };
    assert_eq!((driven, running), ([code::E_BUSY; 2], 0));
    let refused = [
        curlback_multi_run(multi, UNTIL_DONE),
        curlback_multi_run(multi, UNTIL_STOPPED),
        curlback_multi_close(multi),
        curlback_easy_perform(easy),
        curlback_easy_reset(easy),
        curlback_easy_close(easy),
        curlback::easy::options::curlback_easy_set_int(easy, opt::VERBOSE, 0),
    ];
    assert_eq!(refused, [code::E_BUSY; 7]);
    assert_eq!(engine.stop(), 0);
    assert!(told.try_recv().is_err(), "closing the multi handle tells nobody");
    assert!(wait_until(LIMIT, || curlback_easy_close(easy) == 0));
}

#[test]
fn stop_ends_run_soon_with_its_transfers_still_added() {
    let multi = Multi::new();
    let ended = multi.collect();
    let easy = Easy::adopt(hanging("engine-stop"));
    multi.add(&easy);
    let address = multi.raw().addr();
    for mode in [UNTIL_DONE, UNTIL_STOPPED] {
        let stopper = thread::spawn(move || {
            assert!(wait_until(LIMIT, || curlback_multi_set_int(multi_at(address), mopt::MAXCONNECTS, 10)
                == code::E_BUSY));
            thread::sleep(Duration::from_millis(20));
            let began = Instant::now();
            ok(curlback_multi_stop(multi_at(address)));
            began
        });
        assert_eq!(curlback_multi_run(multi.raw(), mode), 0);
        let ended = Instant::now();
        let began = stopper.join().unwrap();
        assert!(ended - began < stretched(SOON), "{:?}", ended - began);
    }
    assert_eq!(multi.perform(), (0, 1));
    // Before run: the next one returns at once, and only that.
    ok(curlback_multi_stop(multi.raw()));
    multi.run();
    assert_eq!((multi.perform(), ended.borrow().len()), ((0, 1), 0));
    ok(curlback_easy_cancel(easy.raw()));
    multi.run();
    assert_eq!(ended.borrow().len(), 1);
}

#[test]
fn wakeups_do_nothing_to_run() {
    let (tell, told) = channel();
    let engine = Engine::start(telling(tell));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..2_000 {
                    ok(curlback_multi_wakeup(engine.raw()));
                }
            });
        }
    });
    let easy = plain(&HttpServer::shared().url("/hello"));
    ok(curlback_multi_add(engine.raw(), easy));
    assert_eq!(told.recv_timeout(LIMIT).unwrap(), (easy.addr(), 0));
    curlback_easy_release(easy);
    assert_eq!(engine.stop(), 0);
}

#[test]
fn pause_reaches_the_running_thread() {
    let (tell, told) = channel();
    let engine = Engine::start(telling(tell));
    let easy = plain(&HttpServer::shared().url("/trickle/300/1"));
    ok(curlback_multi_add(engine.raw(), easy));
    thread::sleep(Duration::from_millis(60));
    ok(curlback_easy_pause(easy, 1));
    assert!(told.recv_timeout(Duration::from_millis(600)).is_err(), "it is paused");
    ok(curlback_easy_pause(easy, 0));
    assert_eq!(told.recv_timeout(LIMIT).unwrap(), (easy.addr(), 0));
    curlback_easy_release(easy);
    assert_eq!(engine.stop(), 0);
}

#[test]
fn an_error_that_shows_only_there_reaches_on_done() {
    let (tell, told) = channel();
    let engine = Engine::start(telling(tell));
    for (url, expected) in [("", 3), ("nonsense://x/", 1), ("http://127.0.0.1:1/", 7)] {
        let easy = if url.is_empty() { Easy::new().into_raw() } else { plain(url) };
        ok(curlback_multi_add(engine.raw(), easy));
        assert_eq!(told.recv_timeout(LIMIT).unwrap(), (easy.addr(), expected), "{url}");
        curlback_easy_release(easy);
    }
    assert_eq!(engine.stop(), 0);
}

#[test]
fn released_easy_handles_of_the_running_thread_are_closed_by_it() {
    let drops = Drops::new();
    let (tell, told) = channel();
    let engine = Engine::start(telling(tell)).running();
    for n in 0..20 {
        let name = format!("engine-release{n}");
        let easy = hanging(&name);
        let (data, drop) = drops.user_data();
        // SAFETY: the data and its drop function go together.
        ok(unsafe { curlback::easy::curlback_easy_set_private(easy, data, drop) });
        ok(curlback_multi_add(engine.raw(), easy));
        if n % 2 == 0 {
            assert!(HttpServer::shared().wait_stalled(&format!("/hang?{name}"), LIMIT));
        }
        curlback_easy_release(easy);
        assert_eq!(curlback_easy_cancel(easy), code::E_HANDLE);
        assert_eq!(curlback_multi_remove(engine.raw(), easy), code::E_HANDLE);
        assert!(wait_until(LIMIT, || drops.count() == n + 1));
    }
    assert_eq!(engine.stop(), 0);
    assert!(told.try_recv().is_err(), "who gave it up hears no more of it");
}

#[test]
fn a_released_multi_handle_stops_and_closes_on_the_running_thread() {
    let drops = Drops::new();
    let token = drops.token();
    let engine = Engine::start(move |_, _, _| {
        let _held = &token;
    });
    let easy = hanging("engine-released");
    ok(curlback_multi_add(engine.raw(), easy));
    assert!(HttpServer::shared().wait_stalled("/hang?engine-released", LIMIT));
    let began = Instant::now();
    curlback_multi_release(engine.raw());
    assert_eq!(curlback_multi_stop(engine.raw()), code::E_HANDLE);
    assert_eq!(curlback_multi_add(engine.raw(), easy), code::E_HANDLE);
    assert!(wait_until(LIMIT, || drops.count() == 1));
    assert!(began.elapsed() < stretched(SOON), "{:?}", began.elapsed());
    // The easy handle lives on.
    assert!(wait_until(LIMIT, || curlback_easy_reset(easy) == 0));
    ok(curlback_easy_close(easy));
}

#[test]
fn another_thread_takes_over_the_driving() {
    let multi = Multi::new();
    let easy = plain(&HttpServer::shared().url("/trickle/60/2"));
    ok(curlback_multi_add(multi.raw(), easy));
    let address = multi.into_raw().addr();
    for n in 0..4 {
        thread::spawn(move || {
            for _ in 0..5 {
                let mut running = -1;
                // SAFETY: the number can be written to.
                unsafe {
                    ok(curlback_multi_perform(multi_at(address), &mut running));
                    assert_eq!(running, 1, "{n}");
                    ok(curlback_multi_poll(
                        multi_at(address),
                        std::ptr::null_mut(),
                        0,
                        10,
                        std::ptr::null_mut(),
                    ));
                }
            }
        })
        .join()
        .unwrap();
    }
    ok(curlback_multi_run(multi_at(address), UNTIL_DONE));
    let (mut done, mut result) = (std::ptr::null_mut(), -1);
    // SAFETY: both can be written to.
    assert!(unsafe {
        curlback::multi::done::curlback_multi_next_done(multi_at(address), &mut done, &mut result)
    });
    assert_eq!((done, result), (easy, 0));
    ok(curlback_multi_close(multi_at(address)));
    ok(curlback_easy_close(easy));
}

#[test]
fn on_done_meets_handles_that_were_submitted_and_have_not_begun() {
    let (inside, entered) = channel::<()>();
    let (submit, submitted) = channel::<usize>();
    let (tell, told) = channel();
    let first = plain(&HttpServer::shared().url("/hello"));
    let first_at = first.addr();
    let engine = Engine::start(move |multi, easy, result| {
        if easy.addr() != first_at {
            return tell.send((easy.addr(), result)).unwrap();
        }
        ok(curlback_multi_remove(multi, easy));
        inside.send(()).unwrap();
        for n in 0..6 {
            let easy = easy_at(submitted.recv_timeout(LIMIT).unwrap());
            match n {
                0 => ok(curlback_easy_close(easy)),
                1 => curlback_easy_release(easy),
                2 => ok(curlback_multi_remove(multi, easy)),
                3 => {
                    ok(curlback_multi_remove(multi, easy));
                    ok(curlback_multi_add(multi, easy));
                }
                4 => ok(curlback_easy_cancel(easy)),
                _ => ok(curlback_easy_pause(easy, 0)),
            }
        }
    });
    ok(curlback_multi_add(engine.raw(), first));
    entered.recv_timeout(LIMIT).unwrap();
    let all: Vec<usize> = (0..6)
        .map(|_| {
            let easy = plain(&HttpServer::shared().url("/hello"));
            ok(curlback_multi_add(engine.raw(), easy));
            submit.send(easy.addr()).unwrap();
            easy.addr()
        })
        .collect();
    let mut ended = [(); 3].map(|()| told.recv_timeout(LIMIT).unwrap());
    ended.sort_by_key(|(easy, _)| all.iter().position(|other| other == easy));
    assert_eq!(ended, [(all[3], 0), (all[4], code::E_CANCELLED), (all[5], 0)]);
    assert_eq!(curlback_multi_remove(engine.raw(), easy_at(all[0])), code::E_HANDLE);
    assert_eq!(curlback_multi_remove(engine.raw(), easy_at(all[1])), code::E_HANDLE);
    assert_eq!(curlback_multi_remove(engine.raw(), easy_at(all[2])), 1002);
    // The count of what is under way is right: a run until done would end.
    assert_eq!(engine.stop(), 0);
    assert!(told.try_recv().is_err());
    for easy in [first_at, all[2], all[3], all[4], all[5]] {
        ok(curlback_easy_close(easy_at(easy)));
    }
}
