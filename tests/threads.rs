//! Several threads at once. Handles cross threads as numbers: a callback's user data is only ever used by the one that performs.

mod support;

use std::ffi::c_void;
use std::ptr::{null, null_mut, without_provenance_mut};
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use curlback::easy::info::{curlback_easy_get_int, curlback_easy_get_str};
use curlback::easy::options::curlback_easy_set_int;
use curlback::easy::perform::{curlback_easy_cancel, curlback_easy_pause, curlback_easy_perform};
use curlback::easy::sink::curlback_easy_body_to_memory;
use curlback::easy::{
    curlback_easy_close, curlback_easy_duplicate, curlback_easy_new, curlback_easy_private,
    curlback_easy_release, curlback_easy_set_private,
};
use curlback::libcurl::tables::{info, opt};
use curlback::result::code;
use curlback::slot::curlback_drop_cb;
use curlback_test_servers::HttpServer;
use support::{Drops, Easy, LIMIT, Raw, ok, stretched};

/// How long the races run.
const WHILE: Duration = Duration::from_millis(800);

fn raw(address: usize) -> Raw {
    without_provenance_mut(address)
}

/// A handle whose transfer needs no server and calls back, with as many pieces of user data as `drops` is to count: 2.
fn counted(drops: &Drops) -> usize {
    let easy = Easy::to("file:///dev/null");
    let (data, drop) = drops.user_data();
    // SAFETY: the data and its drop function go together.
    ok(unsafe { curlback_easy_set_private(easy.raw(), data, drop) });
    let token = drops.token();
    easy.on_header(move |_, line| {
        let _held = &token;
        line.len() as i64
    });
    easy.into_raw().addr()
}

#[test]
fn a_handle_moves_from_thread_to_thread() {
    let drops = Drops::new();
    let mut easy = counted(&drops);
    for _ in 0..10 {
        easy = thread::spawn(move || {
            ok(curlback_easy_set_int(raw(easy), opt::TIMEOUT_MS, 20_000));
            ok(curlback_easy_perform(raw(easy)));
            easy
        })
        .join()
        .unwrap();
    }
    assert_eq!(drops.count(), 0);
    thread::spawn(move || ok(curlback_easy_close(raw(easy)))).join().unwrap();
    assert_eq!(drops.count(), 2);
}

#[test]
fn connections_move_with_the_handle() {
    let server = HttpServer::start();
    let easy = Easy::to(&server.url("/hello"));
    ok(curlback_easy_body_to_memory(easy.raw(), 100));
    let address = easy.raw().addr();
    for _ in 0..5 {
        thread::spawn(move || ok(curlback_easy_perform(raw(address)))).join().unwrap();
    }
    assert_eq!((server.requests(), server.connections()), (5, 1));
}

#[test]
fn short_calls_of_several_threads_wait_for_each_other() {
    let easy = Easy::to("file:///dev/null");
    ok(easy.perform());
    let address = easy.raw().addr();
    let start = Barrier::new(4);
    thread::scope(|scope| {
        for number in 0..4_i64 {
            let start = &start;
            scope.spawn(move || {
                start.wait();
                for round in 0..5_000 {
                    if (number + round) % 2 == 0 {
                        ok(curlback_easy_set_int(raw(address), opt::TIMEOUT_MS, 1 + round));
                    } else {
                        let mut value = -1;
                        // SAFETY: the value can be written to.
                        ok(unsafe { curlback_easy_get_int(raw(address), info::OS_ERRNO, &mut value) });
                        assert_eq!(value, 0);
                    }
                }
            });
        }
    });
}

/// Says that it is over when it goes.
struct Ends<'a>(&'a AtomicBool);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

#[test]
fn a_handle_that_is_released_while_others_ask_it_is_closed_once() {
    const ROUNDS: usize = 600;
    let drops = Drops::new();
    let current = AtomicUsize::new(0);
    let over = AtomicBool::new(false);
    let asked = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !over.load(Ordering::SeqCst) {
                    let mut value = -1;
                    let easy = raw(current.load(Ordering::SeqCst));
                    // SAFETY: the value can be written to.
                    let result = unsafe { curlback_easy_get_int(easy, info::RESPONSE_CODE, &mut value) };
                    match result {
                        code::OK => assert_eq!(value, 0),
                        // Its values say which handle it was: another one never answers for it.
                        _ => assert!(
                            matches!(result, code::E_HANDLE | code::E_NULL | code::E_BUSY),
                            "{result}"
                        ),
                    }
                    asked.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        // Also where this thread panics: the others would ask for ever.
        let _ends = Ends(&over);
        for _ in 0..ROUNDS {
            let easy = Easy::new();
            let (data, drop) = drops.user_data();
            // SAFETY: the data and its drop function go together.
            ok(unsafe { curlback_easy_set_private(easy.raw(), data, drop) });
            let before = asked.load(Ordering::SeqCst);
            current.store(easy.raw().addr(), Ordering::SeqCst);
            while asked.load(Ordering::SeqCst) < before + 4 {
                thread::yield_now();
            }
            curlback_easy_release(easy.into_raw());
        }
    });
    assert_eq!(drops.count(), ROUNDS);
}

/// Its place in the table serves another by then, which must not notice.
#[test]
fn a_call_with_a_handle_that_is_gone_makes_no_other_busy() {
    let gone = AtomicUsize::new(0);
    let over = AtomicBool::new(false);
    let end = Instant::now() + WHILE;
    let busy = thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                while !over.load(Ordering::SeqCst) {
                    let closed = curlback_easy_close(raw(gone.load(Ordering::SeqCst)));
                    assert!(matches!(closed, code::OK | code::E_HANDLE | code::E_BUSY), "{closed}");
                }
            });
        }
        let _ends = Ends(&over);
        let mut busy = 0;
        while Instant::now() < end {
            let easy = curlback_easy_new();
            for _ in 0..3 {
                busy += usize::from(curlback_easy_set_int(easy, opt::TIMEOUT_MS, 1) == code::E_BUSY);
            }
            // From here on the others close it too.
            gone.store(easy.addr(), Ordering::SeqCst);
            curlback_easy_release(easy);
        }
        busy
    });
    assert_eq!(busy, 0);
}

#[test]
fn private_data_replaced_by_many_threads_is_dropped_once_each() {
    const ROUNDS: usize = 2_000;
    let drops = Drops::new();
    let easy = Easy::new();
    let address = easy.raw().addr();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..ROUNDS {
                    let (data, drop) = drops.user_data();
                    // SAFETY: the data and its drop function go together.
                    ok(unsafe { curlback_easy_set_private(raw(address), data, drop) });
                    assert!(!curlback_easy_private(raw(address)).is_null());
                }
            });
        }
    });
    assert_eq!(drops.count(), 4 * ROUNDS - 1);
    drop(easy);
    assert_eq!(drops.count(), 4 * ROUNDS);
}

#[test]
fn every_thread_has_handles_of_its_own() {
    let server = HttpServer::start();
    let drops = Drops::new();
    thread::scope(|scope| {
        for number in 0..8 {
            let (server, drops) = (&server, &drops);
            scope.spawn(move || {
                for round in 0..20 {
                    let size = 1000 * number + round;
                    let easy = Easy::to(&server.url(&format!("/bytes/{size}")));
                    let received = std::rc::Rc::new(std::cell::Cell::new(0));
                    let (count, token) = (std::rc::Rc::clone(&received), drops.token());
                    easy.on_write(move |_, data| {
                        let _held = &token;
                        count.set(count.get() + data.len());
                        data.len() as i64
                    });
                    ok(easy.perform());
                    assert_eq!(received.get(), size);
                }
            });
        }
    });
    assert_eq!((server.requests(), drops.count()), (160, 160));
}

#[test]
fn what_went_wrong_is_each_threads_own() {
    let easy = Easy::new();
    assert_eq!(curlback_easy_set_int(easy.raw(), -5, 0), code::E_OPTION);
    let before = support::last_error();
    thread::spawn(|| {
        assert_eq!(support::last_error(), "");
        assert_eq!(curlback_easy_perform(null_mut()), code::E_NULL);
        assert_eq!(support::last_error(), "the curlback_easy is NULL");
    })
    .join()
    .unwrap();
    assert_eq!(support::last_error(), before);
}

#[test]
fn a_stalled_transfer_is_cancelled_and_released_from_another_thread() {
    for release in [false, true] {
        let server = HttpServer::start();
        let (made, made_there) = channel();
        let url = server.url("/stall");
        let drops = Drops::new();
        let thread = {
            let drops = drops.clone();
            thread::spawn(move || {
                let easy = counted(&drops);
                let url = std::ffi::CString::new(url).unwrap();
                // SAFETY: it ends with NUL.
                ok(unsafe {
                    curlback::easy::options::curlback_easy_set_str(raw(easy), opt::URL, url.as_ptr())
                });
                ok(curlback_easy_body_to_memory(raw(easy), 100));
                made.send(easy).unwrap();
                let result = curlback_easy_perform(raw(easy));
                (result, drops.count(), curlback_easy_close(raw(easy)))
            })
        };
        let easy = made_there.recv_timeout(LIMIT).unwrap();
        assert!(server.wait_stalled("/stall", LIMIT));
        assert_eq!(curlback_easy_close(raw(easy)), code::E_BUSY);
        let began = Instant::now();
        ok(curlback_easy_cancel(raw(easy)));
        if release {
            curlback_easy_release(raw(easy));
        }
        let ended = thread.join().unwrap();
        assert!(began.elapsed() < stretched(Duration::from_millis(500)), "{:?}", began.elapsed());
        let expected =
            if release { (code::E_CANCELLED, 2, code::E_HANDLE) } else { (code::E_CANCELLED, 0, code::OK) };
        assert_eq!(ended, expected);
        assert_eq!(drops.count(), 2);
    }
}

/// One thread performs a handle a few times, while others call `other` on it until that answers true, for it is gone then.
/// Rounds of that for a while, with new handles; every drop must have happened once.
fn race(threads: usize, other: impl Fn(Raw) -> bool + Sync) {
    let drops = Drops::new();
    let end = Instant::now() + WHILE;
    let mut rounds = 0;
    let start = Barrier::new(threads + 1);
    let current = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    start.wait();
                    let easy = current.load(Ordering::SeqCst);
                    if easy == 0 {
                        return;
                    }
                    while !other(raw(easy)) {
                        thread::yield_now();
                    }
                    start.wait();
                }
            });
        }
        // What is wrong is told once the others have ended: they would wait for ever for a thread that panics.
        let mut wrong = None;
        while Instant::now() < end && wrong.is_none() {
            let easy = counted(&drops);
            current.store(easy, Ordering::SeqCst);
            start.wait();
            // Not until it is gone: the others may find it busy every time.
            for _ in 0..rounds % 10 {
                match curlback_easy_perform(raw(easy)) {
                    code::OK | code::E_CANCELLED => {}
                    // Another thread is closing it just now.
                    code::E_BUSY => thread::yield_now(),
                    code::E_HANDLE => break,
                    other => wrong = Some(format!("perform answered {other}: {}", support::last_error())),
                }
            }
            start.wait();
            rounds += 1;
            if drops.count() != 2 * rounds {
                wrong = Some(format!("{} drops in {rounds} rounds", drops.count()));
            }
        }
        current.store(0, Ordering::SeqCst);
        start.wait();
        assert_eq!(wrong, None);
    });
    println!("{rounds} rounds");
}

#[test]
fn close_races_with_perform() {
    race(2, |easy| match curlback_easy_close(easy) {
        code::OK | code::E_HANDLE => true,
        busy => {
            assert_eq!(busy, code::E_BUSY);
            false
        }
    });
}

#[test]
fn release_races_with_perform() {
    race(2, |easy| {
        curlback_easy_release(easy);
        true
    });
}

#[test]
fn cancel_and_pause_race_with_perform_and_close() {
    race(2, |easy| {
        for mask in [0, 1, 4, 5, 0] {
            let answer = curlback_easy_pause(easy, mask);
            assert!([code::OK, code::E_HANDLE].contains(&answer), "{answer}");
        }
        let answer = curlback_easy_cancel(easy);
        assert!([code::OK, code::E_HANDLE].contains(&answer), "{answer}");
        let answer = curlback_easy_close(easy);
        assert!([code::OK, code::E_HANDLE, code::E_BUSY].contains(&answer), "{answer}");
        answer != code::E_BUSY
    });
}

#[test]
fn everything_else_races_with_perform_and_release() {
    race(3, |easy| {
        let (mut value, mut url, mut copy) = (-1, null(), null_mut());
        // SAFETY: outputs can be written to. The string is not looked at: another thread may have asked for it again.
        let answers = unsafe {
            [
                curlback_easy_set_int(easy, opt::TIMEOUT_MS, 20_000),
                curlback_easy_get_int(easy, info::OS_ERRNO, &mut value),
                curlback_easy_get_str(easy, info::EFFECTIVE_URL, &mut url),
                curlback_easy_duplicate(easy, &mut copy),
            ]
        };
        for answer in answers {
            assert!([code::OK, code::E_HANDLE, code::E_BUSY].contains(&answer), "{answer}");
        }
        curlback_easy_release(easy);
        if !copy.is_null() {
            ok(curlback_easy_close(copy));
        }
        true
    });
}

#[test]
fn a_collector_releases_handles_that_others_still_use() {
    let drops = Drops::new();
    let (give, take) = channel::<usize>();
    let handles = AtomicUsize::new(0);
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            for easy in take {
                curlback_easy_release(raw(easy));
                curlback_easy_release(raw(easy));
            }
            done.store(true, Ordering::SeqCst);
        });
        for _ in 0..4 {
            let (give, drops, handles) = (give.clone(), &drops, &handles);
            scope.spawn(move || {
                let end = Instant::now() + WHILE;
                while Instant::now() < end {
                    let easy = counted(drops);
                    handles.fetch_add(1, Ordering::SeqCst);
                    give.send(easy).unwrap();
                    let mut performed = 0;
                    loop {
                        match curlback_easy_perform(raw(easy)) {
                            code::OK => performed += 1,
                            code::E_BUSY => thread::yield_now(),
                            gone => {
                                assert_eq!(gone, code::E_HANDLE, "after {performed}");
                                break;
                            }
                        }
                    }
                }
            });
        }
        drop(give);
    });
    assert!(done.load(Ordering::SeqCst));
    let handles = handles.load(Ordering::SeqCst);
    println!("{handles} handles");
    assert_eq!(drops.count(), 2 * handles);
}

#[test]
fn many_threads_make_and_close_handles_and_no_value_comes_twice() {
    const EACH: usize = 2_000;
    let mut all: Vec<usize> = thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    (0..EACH)
                        .map(|_| {
                            let easy = curlback_easy_new();
                            assert!(!easy.is_null());
                            ok(curlback_easy_close(easy));
                            easy.addr()
                        })
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 4 * EACH);
}

#[test]
fn a_released_handle_closes_on_the_thread_that_let_go_last() {
    static DROPPED_BY: std::sync::Mutex<Option<thread::ThreadId>> = std::sync::Mutex::new(None);
    unsafe extern "C-unwind" fn dropped(_: *mut c_void) {
        *DROPPED_BY.lock().unwrap() = Some(thread::current().id());
    }
    const DROP: curlback_drop_cb = Some(dropped);
    let (entered, inside) = channel();
    let (leave, left) = channel::<()>();
    let performer = thread::spawn(move || {
        let easy = Easy::to("file:///dev/null");
        // SAFETY: the drop function does not look at the pointer.
        ok(unsafe { curlback_easy_set_private(easy.raw(), without_provenance_mut(1), DROP) });
        let waited = std::cell::Cell::new(false);
        easy.on_header(move |easy, line| {
            if !waited.replace(true) {
                entered.send(easy.addr()).unwrap();
                left.recv_timeout(LIMIT).unwrap();
            }
            line.len() as i64
        });
        ok(curlback_easy_perform(easy.into_raw()));
        thread::current().id()
    });
    let easy = inside.recv_timeout(LIMIT).unwrap();
    curlback_easy_release(raw(easy));
    assert_eq!(*DROPPED_BY.lock().unwrap(), None);
    leave.send(()).unwrap();
    let performer = performer.join().unwrap();
    assert_eq!(*DROPPED_BY.lock().unwrap(), Some(performer));
}
