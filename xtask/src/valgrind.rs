//! Every example, every C test and the Rust tests under valgrind's memcheck.

use anyhow::{Result, bail};

use crate::libcurl::{Library, Profile, Way};
use crate::sanitizer::ERROR_EXIT;
use crate::workspace::Workspace;
use crate::{checked, demo, test};

/// Memory that is still reachable at the end is no leak: OpenSSL and Rust's runtime keep some until the process ends.
const OPTIONS: &[&str] = &["--quiet", "--leak-check=full", "--num-callers=30"];

/// Those of the test programs that every change has to pass; AddressSanitizer, which is faster, has others.
const TESTS: &[&str] = &["handles", "life", "mime", "raw", "sockets"];

/// Tests that start themselves again, or a program that they have compiled, do so under valgrind too, which takes its time. What is
/// installed, such as servers and compilers, they start without.
const CHILDREN: &[&str] = &["--trace-children=yes", "--trace-children-skip=/usr/*,/bin/*,/sbin/*"];

/// `tests` are the names of test programs: with any, only those are run. `all` adds the others to those of every change.
pub fn valgrind(workspace: &Workspace, all: bool, tests: &[String]) -> Result<()> {
    if all && !tests.is_empty() {
        bail!("valgrind takes --all or names of test programs, not both");
    }
    if !tests.is_empty() {
        return rust_tests(workspace, &named(tests), CHILDREN);
    }
    let library = Library::build(workspace, Way::Full, Profile::Dev)?;
    checked::programs(workspace, &library, "valgrind", || {
        let mut command = demo::limited();
        command.arg("valgrind").args(OPTIONS).args(counted("definite,possible"));
        command
    })?;
    if all {
        rust_tests(workspace, &["--tests"], CHILDREN)
    } else {
        rust_tests(workspace, &named(TESTS), &[])
    }
}

fn named<T: AsRef<str>>(tests: &[T]) -> Vec<&str> {
    tests.iter().flat_map(|test| ["--test", test.as_ref()]).collect()
}

/// What makes a run fail: errors, and leaks of these kinds.
fn counted(leaks: &str) -> [String; 3] {
    [
        format!("--errors-for-leak-kinds={leaks}"),
        format!("--show-leak-kinds={leaks}"),
        format!("--error-exitcode={ERROR_EXIT}"),
    ]
}

/// `chosen` are cargo test's arguments, `more` valgrind's.
fn rust_tests(workspace: &Workspace, chosen: &[&str], more: &[&str]) -> Result<()> {
    // AddressSanitizer, which the tests in C++ have otherwise, does not run under valgrind. The variable is the tests' alone: for Cargo it
    // would be a reason to build again.
    let mut runner = vec!["env", "CXXFLAGS=-fno-sanitize=address", "valgrind", "--fair-sched=yes"];
    runner.extend(OPTIONS.iter().chain(more));
    // Rust's test harness leaves a thread's state that valgrind takes for lost, possibly: only what is lost for certain counts.
    let counted = counted("definite");
    runner.extend(counted.iter().map(String::as_str));
    let mut cargo = Way::Full.cargo(workspace, "test")?;
    cargo
        .args(["--no-fail-fast", "--config", &format!("target.'cfg(all())'.runner={runner:?}")])
        .args(chosen)
        .envs([test::SLOW]);
    let counts = test::count(&mut cargo)?;
    if counts.failed > 0 {
        bail!("under valgrind: {counts}");
    }
    println!(
        "{} tests in {} programs under valgrind, none failed, nothing lost",
        counts.passed, counts.programs
    );
    Ok(())
}
