//! Memory that runs out: scenarios, each run with its first allocation failing, then with its second, and so on to the last; then with all
//! that follow failing too. libcurl's memory comes from an allocator of the tests' own, so this is a program by itself.
//!
//! CURLBACK_TORTURE=report prints a line for each scenario, as `cargo xtask torture` does. CURLBACK_TORTURE=17 fails the 17th allocation
//! alone, and shows where that is and where what leaks was made.

#[path = "../support/mod.rs"]
mod support;

mod bodies;
mod exceptions;
mod ftp;
mod http;
mod many;
mod memory;
mod run;
mod tls;
mod watch;
mod websocket;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use curlback::libcurl::tables::info;
use curlback::library::curlback_live_handles;
use curlback::result::{code, curlback_result_name};
use curlback_test_servers::{Ftp, HttpServer, Nginx, open_descriptors, wait_until};
use memory::Fails;
use run::{Easy, Run, Step};
use support::LIMIT;

/// What a transfer ends with that nothing ended but its limit.
const HUNG: i32 = 28;

/// What the environment asks for: a report; one run alone.
fn asked() -> (bool, Option<u64>) {
    match std::env::var("CURLBACK_TORTURE").as_deref() {
        Err(_) => (false, None),
        Ok("report") => (true, None),
        Ok(number) => (true, Some(number.parse().expect("CURLBACK_TORTURE takes report, or a number"))),
    }
}

/// One scenario at a time, with the allocator in place.
fn turn() -> MutexGuard<'static, bool> {
    static INSTALLED: Mutex<bool> = Mutex::new(false);
    let mut installed = INSTALLED.lock().unwrap_or_else(PoisonError::into_inner);
    if !*installed {
        watch::crashes();
        initialise();
        // Their descriptors are not those of any scenario.
        HttpServer::shared();
        let _ = (Nginx::shared(), Ftp::shared());
        *installed = true;
    }
    installed
}

/// The first scenario of all, which can be run only while nothing else was.
fn initialise() {
    for number in 1.. {
        let before = memory::arm(Fails::Once(number), false);
        let result = memory::install();
        let after = memory::disarm(&before);
        if result == code::OK {
            assert_eq!(after.failed, 0, "allocation {number} of libcurl's start failed unseen");
            return;
        }
        assert_eq!(after.wrong, [""; 0], "allocation {number} of libcurl's start");
    }
}

/// What a run came to.
struct Outcome {
    /// A panic of the scenario's own says what is wrong.
    step: Result<Step, String>,
    memory: memory::After,
    /// How often one of the exceptions came up.
    known: u32,
}

fn run(fails: Fails, traced: bool, scenario: &dyn Fn(&Run) -> Step) -> Outcome {
    let live = curlback_live_handles();
    let run = Run::default();
    let before = memory::arm(fails, traced);
    let step = catch_unwind(AssertUnwindSafe(|| scenario(&run)));
    let mut memory = memory::disarm(&before);
    memory.wrong.extend(run.wrong_drops());
    if curlback_live_handles() != live {
        memory.wrong.push("handles are left".to_owned());
    }
    let step = step.map_err(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default()
    });
    Outcome { step, memory, known: run.known.get() }
}

/// What a scenario has come to so far.
#[derive(Default)]
struct Findings {
    results: BTreeMap<i32, u32>,
    runs: u32,
    known: u32,
    wrong: String,
}

impl Findings {
    /// One run after the other, until nothing fails any more.
    fn go_through(&mut self, name: &'static str, fails: fn(u64) -> Fails, scenario: &dyn Fn(&Run) -> Step) {
        for number in 1.. {
            watch::begins(name, number);
            if !self.take(name, fails(number), run(fails(number), false, scenario)) {
                return;
            }
        }
    }

    /// False where nothing failed in the run.
    fn take(&mut self, name: &'static str, fails: Fails, outcome: Outcome) -> bool {
        let failed = outcome.memory.failed > 0;
        let mut wrong = outcome.memory.wrong;
        let mut ended = |result| *self.results.entry(result).or_default() += 1;
        match outcome.step {
            Ok(Ok(())) if failed => ended(code::OK),
            Ok(Ok(())) => {}
            Ok(Err(error)) if !failed || [HUNG, code::E_INTERNAL].contains(&error) => {
                wrong.push(format!("ends with {error}"));
            }
            Ok(Err(error)) => ended(error),
            Err(panic) => wrong.push(panic),
        }
        if !wrong.is_empty() {
            let _ = writeln!(self.wrong, "{name}, {fails:?}: {}", wrong.join("\n  "));
        }
        self.runs += u32::from(failed);
        self.known += outcome.known;
        failed
    }
}

/// A scenario with the shared servers alone.
fn torture(name: &'static str, scenario: impl Fn(&Run) -> Step) {
    torture_with(name, || (), |(), run| scenario(run));
}

/// A scenario with what `start` makes for it. No descriptor is left open at its end.
fn torture_with<T>(name: &'static str, start: impl FnOnce() -> T, scenario: impl Fn(&T, &Run) -> Step) {
    let _turn = turn();
    let things = start();
    let open = open_descriptors();
    fail_each(name, &|run| scenario(&things, run));
    // The servers are in this process, and close theirs a little later.
    let closed = wait_until(LIMIT, || open_descriptors() <= open);
    assert!(closed, "{name}: {} descriptors where {open} were open", open_descriptors());
}

/// Runs the scenario with all its memory, then without one allocation after the other, then without all from one on. Each run ends
/// rightly or with an error code, and leaves nothing.
fn fail_each(name: &'static str, scenario: &dyn Fn(&Run) -> Step) {
    let (reported, alone) = asked();
    // What is made once a process is made by the first.
    let mut allocations = 0;
    for _ in 0..2 {
        watch::begins(name, 0);
        let calm = run(Fails::None, false, scenario);
        assert_eq!(calm.step, Ok(Ok(())), "{name}, with all its memory: {}", support::last_error());
        assert_eq!(calm.memory.wrong, [""; 0], "{name}, with all its memory");
        allocations = calm.memory.allocations;
    }
    let start = Instant::now();
    let mut findings = Findings::default();
    if let Some(number) = alone {
        let fails = Fails::Once(number);
        findings.take(name, fails, run(fails, true, scenario));
    } else {
        findings.go_through(name, Fails::Once, scenario);
        findings.go_through(name, Fails::From, scenario);
    }
    watch::ends();
    if reported {
        report(name, allocations, start, &findings);
    }
    assert!(findings.wrong.is_empty(), "{}", findings.wrong);
}

/// Waits until the connection's socket can be read.
fn wait_readable(easy: &Easy) -> Step {
    let fd = easy.int(info::ACTIVESOCKET)?.try_into().unwrap();
    let mut socket = libc::pollfd { fd, events: libc::POLLIN, revents: 0 };
    // SAFETY: one descriptor.
    let ready = unsafe { libc::poll(&mut socket, 1, LIMIT.as_millis() as i32) };
    if ready == 1 { Ok(()) } else { Err(HUNG) }
}

/// One line.
fn report(name: &str, allocations: u64, start: Instant, findings: &Findings) {
    let seconds = start.elapsed().as_secs_f32();
    let mut line = format!("{name}: {allocations} allocations, {} runs in {seconds:.1} s", findings.runs);
    for (result, count) in &findings.results {
        let _ = write!(line, ", {count} {}", support::text(curlback_result_name(*result)));
    }
    if findings.known > 0 {
        let _ = write!(line, "; {} times what libcurl is known for", findings.known);
    }
    // Not by eprintln!, which a passing test does not show.
    let _ = writeln!(std::io::stderr(), "{line}");
}
