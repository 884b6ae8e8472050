//! All tests, on each way to link libcurl.

use std::fmt;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::libcurl::Way;
use crate::process;
use crate::workspace::Workspace;

/// How many times longer the tests' limits of time are where something watches each step: tests/support reads it.
pub const SLOW: (&str, &str) = ("CURLBACK_TEST_SLOWNESS", "20");

#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub struct Counts {
    pub programs: u64,
    pub passed: u64,
    pub failed: u64,
    skipped: u64,
}

impl Counts {
    /// Reads `test result: ok. 3 passed; 0 failed; 1 ignored; ...`, which cargo test prints for each test program.
    fn parse(line: &str) -> Option<Self> {
        let (_, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
        let count = |label: &str| {
            let part = counts.split(';').find_map(|part| part.trim().strip_suffix(label))?;
            part.trim().parse().ok()
        };
        Some(Self {
            programs: 1,
            passed: count("passed")?,
            failed: count("failed")?,
            skipped: count("ignored")?,
        })
    }

    fn add(&mut self, other: Self) {
        self.programs += other.programs;
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}

/// `arguments` are cargo test's. With any, only curlback's own tests are run: they may not fit the other packages.
pub fn test(workspace: &Workspace, ways: &[Way], arguments: &[String]) -> Result<()> {
    let mut results = Vec::new();
    for way in ways {
        heading(&format!("curlback on the {} libcurl", way.name()));
        let counts = count(way.cargo(workspace, "test")?.arg("--no-fail-fast").args(arguments))?;
        results.push((way.name(), counts));
    }
    if arguments.is_empty() {
        heading("the test servers and xtask");
        let mut cargo = Command::new("cargo");
        cargo.current_dir(&workspace.root).args(["test", "--no-fail-fast"]);
        let counts = count(cargo.args(["--package", "curlback-test-servers", "--package", "xtask"]))?;
        results.push(("tools", counts));
    }

    heading("summary");
    let mut sum = Counts::default();
    for (name, counts) in results {
        println!("{name:8} {counts}");
        sum.add(counts);
    }
    println!("\n{sum}");
    if sum.failed > 0 {
        bail!("{} tests failed", sum.failed);
    }
    Ok(())
}

fn heading(text: &str) {
    println!("\n==== {text} ====\n");
}

/// Runs the tests, showing what they print. A run that fails without a failed test, because it does not compile or a
/// test program dies, counts as one failed test.
pub fn count(cargo: &mut Command) -> Result<Counts> {
    let mut child = cargo
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {}", process::line(cargo)))?;
    let mut counts = Counts::default();
    for line in BufReader::new(child.stdout.take().context("cargo has no output")?).split(b'\n') {
        let line = line?;
        let line = String::from_utf8_lossy(&line);
        println!("{line}");
        if let Some(found) = Counts::parse(&line) {
            counts.add(found);
        }
    }
    if !child.wait()?.success() && counts.failed == 0 {
        counts.failed = 1;
    }
    Ok(counts)
}

#[cfg(test)]
mod tests {
    use super::Counts;

    #[test]
    fn reads_the_result_line() {
        let line = "test result: FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; 7 filtered out; finished in 0.52s";
        assert_eq!(Counts::parse(line), Some(Counts { programs: 1, passed: 12, failed: 3, skipped: 1 }));
    }

    #[test]
    fn reads_nothing_else() {
        assert_eq!(Counts::parse("test registry::tests::stale ... ok"), None);
        assert_eq!(Counts::parse("test result: cut off"), None);
    }
}
