//! Every example and every C test under valgrind's memcheck.

use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::demo::{self, Programs, RUNS, Words};
use crate::libcurl::{Library, Profile, Way};
use crate::process;
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

pub fn valgrind(workspace: &Workspace) -> Result<()> {
    let library = Library::build(workspace, Way::Full, Profile::Dev)?;
    let programs = Programs::compile(workspace, &library)?;
    let mut tests = Vec::new();
    for source in workspace.files("tests/c", "c")? {
        tests.push(library.compile(&source, &[])?);
    }
    let server = Server::start(workspace, &[])?;
    let words = Words::new(workspace, &server)?;

    let mut failed = 0;
    for run in RUNS {
        failed += usize::from(!check(programs.path(run)?, &words.arguments(run), run.exit)?);
    }
    let url = [server.address("HTTP")?.to_owned()];
    for test in &tests {
        failed += usize::from(!check(test, &url, 0)?);
    }
    let total = RUNS.len() + tests.len();
    println!("\nvalgrind: {} of {total} runs without an error or a leak", total - failed);
    if failed > 0 {
        bail!("{failed} runs failed under valgrind");
    }
    Ok(())
}

fn check(program: &Path, arguments: &[String], exit: i32) -> Result<bool> {
    let mut command = demo::limited();
    command.arg("valgrind").args(OPTIONS).arg(format!("--error-exitcode={ERROR_EXIT}"));
    command.arg(program).args(arguments);
    let output = command.output().with_context(|| format!("cannot start {}", process::line(&command)))?;
    let passed = output.status.code() == Some(exit);
    let name = program.file_name().unwrap_or_default().display();
    println!("{} {name} {}", if passed { "ok    " } else { "FAILED" }, arguments.join(" "));
    if !passed {
        println!("{} where {exit} was expected", output.status);
        println!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    }
    Ok(passed)
}
