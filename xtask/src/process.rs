//! Running other programs, with errors that name the program.

use std::io::{self, Read, Write};
use std::process::{Command, ExitStatus, Stdio};

use anyhow::{Context, Result, bail};

/// The command as a person would type it.
pub fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

pub fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot start {}", line(command)))?;
    if !status.success() {
        bail!("{status}: {}", line(command));
    }
    Ok(())
}

/// What the command prints on standard output; its standard error goes where ours goes.
pub fn output(command: &mut Command) -> Result<String> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("cannot start {}", line(command)))?;
    if !output.status.success() {
        bail!("{}: {}", output.status, line(command));
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// Whether the command can be started and succeeds; what it prints is not shown.
pub fn succeeds(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// Types `input` and collects what the command prints on both streams, in order. Where `interrupt_at` is not empty Ctrl-C is
/// pressed when that has been printed.
pub fn converse(mut command: Command, input: &str, interrupt_at: &str) -> Result<(ExitStatus, String)> {
    let name = line(&command);
    let (mut reader, writer) = io::pipe()?;
    command.stdin(Stdio::piped()).stdout(writer.try_clone()?).stderr(writer);
    let mut child = command.spawn().with_context(|| format!("cannot start {name}"))?;
    // It holds both ends for writing, which would keep the reader waiting.
    drop(command);
    if let Some(mut typed) = child.stdin.take() {
        // One that has ended already does not want it.
        let _ = typed.write_all(input.as_bytes());
    }
    let mut printed = Vec::new();
    let mut piece = [0; 4096];
    let mut to_interrupt = !interrupt_at.is_empty();
    loop {
        let count = reader.read(&mut piece)?;
        if count == 0 {
            return Ok((child.wait()?, String::from_utf8_lossy(&printed).into_owned()));
        }
        printed.extend_from_slice(&piece[..count]);
        if to_interrupt && String::from_utf8_lossy(&printed).contains(interrupt_at) {
            to_interrupt = false;
            run(Command::new("kill").args(["-INT", &child.id().to_string()]))?;
        }
    }
}
