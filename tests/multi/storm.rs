//! Eight threads that do anything at any time, in a process of its own: nothing may be left of it.

use std::process::{Command, Stdio};
use std::ptr::null_mut;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use curlback::easy::options::curlback_easy_set_int;
use curlback::easy::perform::{curlback_easy_cancel, curlback_easy_pause};
use curlback::easy::{
    curlback_easy_close, curlback_easy_new, curlback_easy_release, curlback_easy_reset,
    curlback_easy_set_private,
};
use curlback::libcurl::tables::opt;
use curlback::libcurl::version;
use curlback::library::curlback_live_handles;
use curlback::multi::drive::{curlback_multi_perform, curlback_multi_poll};
use curlback::multi::members::{curlback_multi_add, curlback_multi_remove};
use curlback::multi::queue::{curlback_multi_stop, curlback_multi_wakeup};
use curlback::multi::run::curlback_multi_run;
use curlback::multi::{curlback_multi_close, curlback_multi_new, curlback_multi_release};
use curlback::result::code;
use curlback_test_servers::{HttpServer, open_descriptors, wait_until};

use crate::engine::{easy_at, multi_at, plain};
use crate::support::multi::*;
use crate::support::*;

const THREADS: usize = 8;
const WHILE: Duration = Duration::from_millis(2500);
/// How many easy handles there are at most.
const MOST: usize = 200;
/// For the child: where the server is, and how long the storm lasts.
const SERVER: &str = "CURLBACK_STORM_SERVER";
const MILLISECONDS: &str = "CURLBACK_STORM_MS";

const NAME: &str = "storm::nothing_is_left_of_a_storm_of_eight_threads";

#[test]
fn nothing_is_left_of_a_storm_of_eight_threads() {
    if let Ok(server) = std::env::var(SERVER) {
        return child(&server);
    }
    let server = HttpServer::start();
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", NAME, "--nocapture"])
        .env(SERVER, server.url(""))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let process = child.id() as libc::pid_t;
    let (tell, told) = channel();
    // What it says is read meanwhile: a full pipe would look like a hang.
    let reader = thread::spawn(move || tell.send(child.wait_with_output().unwrap()).unwrap());
    let mut output = told.recv_timeout(Duration::from_secs(60));
    let ended = output.is_ok();
    if !ended {
        // SAFETY: the child has not been waited for.
        unsafe { libc::kill(process, libc::SIGKILL) };
        output = told.recv_timeout(LIMIT);
    }
    reader.join().unwrap();
    let output = output.unwrap();
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(ended, "it hangs: {said}");
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
    println!("{said}");
}

/// Random enough, and the same in each run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }
}

struct Storm {
    server: String,
    drops: Drops,
    made: AtomicUsize,
    easies: Mutex<Vec<usize>>,
    told: AtomicUsize,
}

impl Storm {
    fn url(&self, random: &mut Random) -> String {
        match random.below(6) {
            0 => format!("{}/hang", self.server),
            1 => format!("{}/trickle/20/1", self.server),
            2 => format!("{}/bytes/100000", self.server),
            3 => "http://127.0.0.1:1/".into(),
            _ => format!("{}/hello", self.server),
        }
    }

    /// A handle whose user data is counted.
    fn make(&self, random: &mut Random) {
        if self.easies.lock().unwrap().len() < MOST {
            let easy = self.prepare(random);
            self.easies.lock().unwrap().push(easy.addr());
        }
    }

    fn prepare(&self, random: &mut Random) -> Raw {
        let easy = plain(&self.url(random));
        let (data, drop) = self.drops.user_data();
        // SAFETY: the data and its drop function go together.
        ok(unsafe { curlback_easy_set_private(easy, data, drop) });
        let token = self.drops.token();
        ok(on_header(easy, move |_, line| {
            let _held = &token;
            line.len() as i64
        }));
        self.made.fetch_add(2, Ordering::SeqCst);
        easy
    }

    fn pick(&self, random: &mut Random) -> Raw {
        let easies = self.easies.lock().unwrap();
        if easies.is_empty() { null_mut() } else { easy_at(easies[random.below(easies.len())]) }
    }

    fn gone(&self, easy: Raw) {
        self.easies.lock().unwrap().retain(|other| *other != easy.addr());
    }

    /// One of the things that any thread may do.
    fn act(&self, random: &mut Random, engines: &[usize]) {
        let easy = self.pick(random);
        if easy.is_null() {
            return self.make(random);
        }
        // From 8.21 on libcurl wants the next transfer of a handle in the same multi handle while that is driven: docs/multi.md.
        let engine =
            if wanders() { random.below(engines.len()) } else { easy.addr() / (1 << 5) % engines.len() };
        let engine = multi_at(engines[engine]);
        let (allowed, answer): (&[i32], i32) = match random.below(16) {
            0 | 1 => return self.make(random),
            2..=5 => (&[0, code::E_BUSY, code::E_IN_USE], curlback_multi_add(engine, easy)),
            6 => (&[0, 1002, code::E_BUSY], curlback_multi_remove(engine, easy)),
            7 => (&[0], curlback_easy_cancel(easy)),
            // On a multi handle that nobody drives libcurl says that there is nothing to pause.
            8 => (&[0, 43], curlback_easy_pause(easy, [0, 1, 4, 5][random.below(4)])),
            9 => {
                curlback_easy_release(easy);
                self.gone(easy);
                return;
            }
            10 => {
                let closed = curlback_easy_close(easy);
                if closed == 0 {
                    self.gone(easy);
                }
                (&[0, code::E_BUSY], closed)
            }
            11 => (&[0, code::E_BUSY, code::E_IN_USE], {
                let reset = curlback_easy_reset(easy);
                if reset == 0 {
                    // It has no callbacks and no URL any more.
                    curlback_easy_release(easy);
                    self.gone(easy);
                }
                reset
            }),
            12 => (&[0, code::E_BUSY], curlback_easy_set_int(easy, opt::TIMEOUT_MS, 10_000)),
            13 => (&[0], curlback_multi_wakeup(engine)),
            14 => (&[0], if random.below(20) == 0 { curlback_multi_stop(engine) } else { 0 }),
            _ => return self.own_multi(random),
        };
        // Any other thread may have closed it meanwhile.
        assert!(allowed.contains(&answer) || answer == code::E_HANDLE, "{answer}: {}", last_error());
    }

    /// A multi handle of the thread's own, with whatever there is, for a moment.
    fn own_multi(&self, random: &mut Random) {
        let multi = curlback_multi_new();
        let own = [(); 3].map(|()| if wanders() { self.pick(random) } else { self.prepare(random) });
        for easy in own {
            let added = curlback_multi_add(multi, easy);
            let allowed = [0, code::E_BUSY, code::E_IN_USE, code::E_HANDLE, code::E_NULL];
            assert!(allowed.contains(&added), "{added}: {}", last_error());
        }
        for _ in 0..random.below(8) {
            let mut running = -1;
            // SAFETY: the number can be written to; no descriptors of one's own.
            let answers = unsafe {
                [
                    curlback_multi_perform(multi, &mut running),
                    curlback_multi_poll(multi, null_mut(), 0, 1, null_mut()),
                ]
            };
            // Another thread may be closing one of its handles.
            assert!(answers.iter().all(|answer| [0, code::E_BUSY].contains(answer)), "{answers:?}");
        }
        if random.below(2) == 0 {
            curlback_multi_release(multi);
        } else {
            let mut closed = code::E_BUSY;
            assert!(wait_until(LIMIT, || {
                closed = curlback_multi_close(multi);
                closed != code::E_BUSY
            }));
            ok(closed);
        }
        if !wanders() {
            own.into_iter().for_each(|easy| curlback_easy_release(easy));
        }
    }
}

/// Whether a handle may be in one multi handle after the other while both are driven.
fn wanders() -> bool {
    version::number() < version::version(8, 21, 0)
}

/// on_done of the engines: with the finished one anything may happen.
fn done(storm: &Storm, multi: RawMulti, easy: Raw, result: i32) {
    storm.told.fetch_add(1, Ordering::SeqCst);
    // 3: another thread has reset it, and is about to release it.
    assert!([0, 3, 7, 42, code::E_CANCELLED].contains(&result), "{result}");
    let answer = match easy.addr() / (1 << 5) % 5 {
        0 => curlback_multi_remove(multi, easy),
        1 => curlback_multi_remove(multi, easy).max(curlback_multi_add(multi, easy)),
        2 => {
            curlback_easy_release(easy);
            storm.gone(easy);
            0
        }
        3 => {
            let closed = curlback_easy_close(easy);
            if closed == 0 {
                storm.gone(easy);
            }
            closed
        }
        _ => 0,
    };
    // One that another thread removed may be anybody's by now.
    let allowed = [0, 1002, code::E_HANDLE, code::E_BUSY, code::E_IN_USE];
    assert!(allowed.contains(&answer), "{answer}: {}", last_error());
}

fn child(server: &str) {
    let lasts = std::env::var(MILLISECONDS).ok().and_then(|ms| ms.parse().ok());
    let lasts = lasts.map_or(WHILE, Duration::from_millis);
    // What libcurl and its libraries open once for the process.
    let easy = plain(&format!("{server}/hello"));
    ok(curlback::easy::perform::curlback_easy_perform(easy));
    ok(curlback_easy_close(easy));
    let before = open_descriptors();
    let storm = Storm {
        server: server.to_owned(),
        drops: Drops::new(),
        made: AtomicUsize::new(0),
        easies: Mutex::default(),
        told: AtomicUsize::new(0),
    };
    let quit = AtomicBool::new(false);
    let end = Instant::now() + lasts;
    thread::scope(|scope| {
        let (made, making) = channel();
        for _ in 0..2 {
            let (made, storm, quit) = (made.clone(), &storm, &quit);
            scope.spawn(move || {
                let multi = curlback_multi_new();
                let storm_at = std::ptr::from_ref(storm).addr();
                ok(on_done(multi, move |multi, easy, result| {
                    // SAFETY: the storm outlives this scope.
                    let storm = unsafe { &*std::ptr::with_exposed_provenance::<Storm>(storm_at) };
                    done(storm, multi, easy, result);
                }));
                made.send(multi.addr()).unwrap();
                while !quit.load(Ordering::SeqCst) {
                    let ran = curlback_multi_run(multi, UNTIL_STOPPED);
                    // Another thread may be closing one of its handles between two runs.
                    assert!([0, code::E_BUSY].contains(&ran), "{ran}: {}", last_error());
                }
                curlback_multi_release(multi);
            });
        }
        let _ = std::ptr::from_ref(&storm).expose_provenance();
        let engines = [(); 2].map(|()| making.recv_timeout(LIMIT).unwrap());
        let threads: Vec<_> = (0..THREADS)
            .map(|number| {
                let storm = &storm;
                scope.spawn(move || {
                    let mut random = Random(number as u64);
                    let mut acts = 0;
                    while Instant::now() < end {
                        storm.act(&mut random, &engines);
                        acts += 1;
                    }
                    acts
                })
            })
            .collect();
        let acts: usize = threads.into_iter().map(|thread| thread.join().unwrap()).sum();
        println!("{acts} acts, {} ended", storm.told.load(Ordering::SeqCst));
        quit.store(true, Ordering::SeqCst);
        for engine in engines {
            // Gone already if it was between two runs.
            let stopped = curlback_multi_stop(multi_at(engine));
            assert!([0, code::E_HANDLE].contains(&stopped), "{stopped}");
        }
    });
    for easy in storm.easies.lock().unwrap().drain(..) {
        curlback_easy_release(easy_at(easy));
    }
    assert_eq!(storm.drops.count(), storm.made.load(Ordering::SeqCst));
    assert_eq!(curlback_live_handles(), 0);
    assert!(wait_until(LIMIT, || open_descriptors() == before), "{} of {before}", open_descriptors());
    assert!(storm.told.load(Ordering::SeqCst) > 0);
    // The library is as good as new.
    let easy = curlback_easy_new();
    ok(curlback_easy_close(easy));
}
