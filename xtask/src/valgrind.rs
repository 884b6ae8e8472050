//! Every example, every C test and the Rust tests of callbacks under valgrind's memcheck.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use crate::demo::{self, End, Programs, Words};
use crate::libcurl::{Library, Profile, Way};
use crate::process;
use crate::runs::RUNS;
use crate::server::Server;
use crate::workspace::Workspace;

/// A status that no program ends with by itself.
const ERROR_EXIT: i32 = 99;

/// Memory that is still reachable at the end is no leak: OpenSSL and Rust's runtime keep some until the process ends.
const OPTIONS: &[&str] = &[
    "--quiet",
    "--leak-check=full",
    "--errors-for-leak-kinds=definite,possible",
    "--show-leak-kinds=definite,possible",
    "--num-callers=30",
];

/// Test programs that do without limits of milliseconds.
const TESTS: &[&str] = &["callbacks", "handles", "life", "sockets", "transfers"];

pub fn valgrind(workspace: &Workspace) -> Result<()> {
    let library = Library::build(workspace, Way::Full, Profile::Dev)?;
    let programs = Programs::compile(workspace, &library)?;
    let mut tests = Vec::new();
    for source in workspace.files("tests/c", "c")? {
        tests.push(library.compile(&source, &[])?);
    }
    let server = Server::start(workspace, &["--all"])?;
    let words = Words::new(workspace, &server)?;

    let mut failed = 0;
    for run in RUNS {
        let mut command = under_valgrind();
        command.arg(programs.path(run)?);
        let passed = match demo::attempt(command, run, &words)? {
            End::AsExpected => true,
            End::LeftOut(what) | End::Unexpected(what) => {
                println!("-- {what}");
                false
            }
        };
        println!("{} {}", if passed { "ok    " } else { "FAILED" }, run.program);
        failed += usize::from(!passed);
    }
    let url = [server.address("HTTP")?.to_owned()];
    for test in &tests {
        failed += usize::from(!check(test, &url)?);
    }
    let total = RUNS.len() + tests.len();
    println!("\nvalgrind: {} of {total} runs without an error or a leak", total - failed);
    if failed > 0 {
        bail!("{failed} runs failed under valgrind");
    }
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

fn under_valgrind() -> Command {
    let mut command = demo::limited();
    command.arg("valgrind").args(OPTIONS).arg(format!("--error-exitcode={ERROR_EXIT}"));
    command
}

fn check(program: &Path, arguments: &[String]) -> Result<bool> {
    let mut command = under_valgrind();
    command.arg(program).args(arguments);
    let (status, printed) = process::converse(command, "", "")?;
    let name = program.file_name().unwrap_or_default().display();
    println!("{} {name} {}", if status.success() { "ok    " } else { "FAILED" }, arguments.join(" "));
    if !status.success() {
        println!("{status}\n{printed}");
    }
    Ok(status.success())
}
