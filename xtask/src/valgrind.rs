//! Every example, every C test and the Rust tests under valgrind's memcheck.

use anyhow::Result;

use crate::libcurl::{Library, Profile, Way};
use crate::sanitizer::ERROR_EXIT;
use crate::workspace::Workspace;
use crate::{checked, demo, process};

/// Memory that is still reachable at the end is no leak: OpenSSL and Rust's runtime keep some until the process ends.
const OPTIONS: &[&str] = &[
    "--quiet",
    "--leak-check=full",
    "--errors-for-leak-kinds=definite,possible",
    "--show-leak-kinds=definite,possible",
    "--num-callers=30",
];

/// Test programs that do without limits of milliseconds.
const TESTS: &[&str] =
    &["callbacks", "handles", "life", "mime", "raw", "share", "sockets", "transfers", "websocket"];

pub fn valgrind(workspace: &Workspace) -> Result<()> {
    let library = Library::build(workspace, Way::Full, Profile::Dev)?;
    checked::programs(workspace, &library, "valgrind", || {
        let mut command = demo::limited();
        command.arg("valgrind").args(OPTIONS).arg(format!("--error-exitcode={ERROR_EXIT}"));
        command
    })?;
    rust_tests(workspace)
}

/// Rust's test harness leaves a thread's state that valgrind takes for lost, possibly: only what is lost for certain counts.
fn rust_tests(workspace: &Workspace) -> Result<()> {
    let runner = [
        "valgrind",
        "--quiet",
        "--leak-check=full",
        "--errors-for-leak-kinds=definite",
        "--show-leak-kinds=definite",
        "--num-callers=30",
        "--fair-sched=yes",
        &format!("--error-exitcode={ERROR_EXIT}"),
    ];
    let mut cargo = Way::Full.cargo(workspace, "test")?;
    cargo.args(["--config", &format!("target.'cfg(all())'.runner={runner:?}")]);
    for test in TESTS {
        cargo.args(["--test", test]);
    }
    process::run(&mut cargo)
}
