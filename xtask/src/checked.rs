//! Every example and every C test, run under something that finds faults of memory.

use std::path::Path;
use std::process::Command;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;
use std::thread;

use anyhow::{Result, bail};

use crate::demo::{self, End, Programs, Words};
use crate::libcurl::Library;
use crate::process;
use crate::runs::{RUNS, Run};
use crate::server::Server;
use crate::workspace::Workspace;

/// How many are run at a time.
const AT_ONCE: usize = 2;

/// What is run by itself: how many of it failed, and what there is to show.
type Task<'a> = Box<dyn Fn() -> Result<(usize, String)> + Sync + 'a>;

/// `under` begins each command; the program and its arguments come after it.
pub fn programs(
    workspace: &Workspace,
    library: &Library,
    name: &str,
    under: impl Fn() -> Command + Sync,
) -> Result<()> {
    let programs = Programs::compile(workspace, library)?;
    let mut tests = Vec::new();
    for source in workspace.files("tests/c", "c")? {
        tests.push(library.compile(&source, &[])?);
    }
    let server = Server::start(workspace, &["--all"])?;
    let words = Words::new(workspace, &server)?;
    let url = server.address("HTTP")?;

    let (under, programs, words) = (&under, &programs, &words);
    let mut tasks: Vec<Task> = Vec::new();
    // A program's next run can go on with what the last has left.
    for runs in RUNS.chunk_by(|one, next| one.program == next.program) {
        tasks.push(Box::new(move || {
            runs.iter().try_fold((0, String::new()), |(failed, shown), run| {
                let mut command = under();
                command.arg(programs.path(run)?);
                let (failed_now, shown_now) = attempt(command, run, words)?;
                Ok((failed + failed_now, shown + &shown_now))
            })
        }));
    }
    for test in &tests {
        tasks.push(Box::new(move || check(under(), test, url)));
    }
    let failed = all(&tasks)?;
    let total = RUNS.len() + tests.len();
    println!("\n{name}: {} of {total} runs without an error or a leak", total - failed);
    if failed > 0 {
        bail!("{failed} runs failed under {name}");
    }
    Ok(())
}

/// Runs them all and shows each when it has ended; how many failed.
fn all(tasks: &[Task]) -> Result<usize> {
    let (next, failed) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let work = || -> Result<()> {
        while let Some(task) = tasks.get(next.fetch_add(1, SeqCst)) {
            let (failed_now, shown) = task()?;
            print!("{shown}");
            failed.fetch_add(failed_now, SeqCst);
        }
        Ok(())
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|worker| worker.join().expect("a worker has not panicked"))
    })?;
    Ok(failed.into_inner())
}

fn attempt(command: Command, run: &Run, words: &Words) -> Result<(usize, String)> {
    let (end, mut shown) = demo::attempt(command, run, words)?;
    let failed = match end {
        End::AsExpected => false,
        End::LeftOut(what) | End::Unexpected(what) => {
            shown += &format!("-- {what}\n");
            true
        }
    };
    shown += &format!("{} {}\n", said(failed), run.program);
    Ok((usize::from(failed), shown))
}

fn check(mut command: Command, program: &Path, url: &str) -> Result<(usize, String)> {
    command.arg(program).arg(url);
    let (status, printed) = process::converse(command, "", "")?;
    let failed = !status.success();
    let mut shown = format!("{} {} {url}\n", said(failed), program.file_name().unwrap_or_default().display());
    if failed {
        shown += &format!("{status}\n{printed}\n");
    }
    Ok((usize::from(failed), shown))
}

fn said(failed: bool) -> &'static str {
    if failed { "FAILED" } else { "ok    " }
}
