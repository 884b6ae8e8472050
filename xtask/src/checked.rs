//! Every example and every C test, run under something that finds faults of memory.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use crate::demo::{self, End, Programs, Words};
use crate::libcurl::Library;
use crate::process;
use crate::runs::RUNS;
use crate::server::Server;
use crate::workspace::Workspace;

/// `under` begins each command; the program and its arguments come after it.
pub fn programs(
    workspace: &Workspace,
    library: &Library,
    name: &str,
    under: impl Fn() -> Command,
) -> Result<()> {
    let programs = Programs::compile(workspace, library)?;
    let mut tests = Vec::new();
    for source in workspace.files("tests/c", "c")? {
        tests.push(library.compile(&source, &[])?);
    }
    let server = Server::start(workspace, &["--all"])?;
    let words = Words::new(workspace, &server)?;

    let mut failed = 0;
    for run in RUNS {
        let mut command = under();
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
        failed += usize::from(!check(under(), test, &url)?);
    }
    let total = RUNS.len() + tests.len();
    println!("\n{name}: {} of {total} runs without an error or a leak", total - failed);
    if failed > 0 {
        bail!("{failed} runs failed under {name}");
    }
    Ok(())
}

fn check(mut command: Command, program: &Path, arguments: &[String]) -> Result<bool> {
    command.arg(program).args(arguments);
    let (status, printed) = process::converse(command, "", "")?;
    let name = program.file_name().unwrap_or_default().display();
    println!("{} {name} {}", if status.success() { "ok    " } else { "FAILED" }, arguments.join(" "));
    if !status.success() {
        println!("{status}\n{printed}");
    }
    Ok(status.success())
}
