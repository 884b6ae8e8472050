//! The tests of threads under ThreadSanitizer, and what its reports mean.
//!
//! curlback, its dependencies and libcurl are instrumented. Rust's standard library is not: where a thread waits in there for another one
//! ThreadSanitizer does not see it, and reports what is in order.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::libcurl::Way;
use crate::test;
use crate::workspace::Workspace;

const TESTS: &[&str] = &["errors", "mime", "multi", "share", "threads", "websocket"];

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Meaning {
    /// The last reference to something is dropped: the standard library waits for the others with a fence, which ThreadSanitizer
    /// does not know.
    LastReference,
    /// Nothing of curlback or libcurl is at work: a test, or its server, that waits for a lock of the standard library's.
    Harness,
    Finding,
}

impl Meaning {
    fn words(self) -> &'static str {
        match self {
            Self::LastReference => "last references dropped, which the standard library waits for",
            Self::Harness => "tests and their servers, which wait for the standard library's locks",
            Self::Finding => "findings",
        }
    }

    /// What the report of a data race is about: `root` is the project's directory.
    fn of(report: &str, root: &Path) -> Self {
        let accesses = accesses(report);
        let anywhere = |word: &str| accesses.iter().flatten().any(|frame| frame.contains(word));
        let source = format!("{}/", root.join("src").display());
        let at_work = |frames: &Vec<&str>| {
            // Whose code it is that does it: what the standard library does, it does for somebody.
            let own = |frame: &&&str| {
                frame.contains("/registry/src/")
                    || frame.contains(&*root.to_string_lossy())
                    || frame.contains("/curl/lib/")
            };
            let first = frames.iter().find(own).copied().unwrap_or_default();
            first.contains(&source) || first.contains("/curl/lib/")
        };
        if anywhere("alloc::sync::Arc") && anywhere("::drop") {
            Self::LastReference
        } else if !accesses.is_empty() && !accesses.iter().any(at_work) {
            Self::Harness
        } else {
            Self::Finding
        }
    }
}

/// The frames of each of the accesses that a report is about.
fn accesses(report: &str) -> Vec<Vec<&str>> {
    let mut found = Vec::new();
    let mut within = false;
    for line in report.lines() {
        if line.starts_with("    #") {
            if let (true, Some(frames)) = (within, found.last_mut()) {
                Vec::push(frames, line);
            }
        } else if line.starts_with("  ") {
            let access = line.trim_start().to_ascii_lowercase();
            let access = access.trim_start_matches("previous ").trim_start_matches("atomic ");
            within = access.starts_with("write of") || access.starts_with("read of");
            if within {
                found.push(Vec::new());
            }
        }
    }
    found
}

pub fn tsan(workspace: &Workspace) -> Result<()> {
    let target = workspace.target.join("tsan");
    let reports = target.join("reports");
    if reports.exists() {
        fs::remove_dir_all(&reports)?;
    }
    fs::create_dir_all(&reports)?;
    let log = reports.join("report");
    let mut cargo = Way::Bundled.cargo(workspace, "test")?;
    cargo
        .args(["--no-fail-fast", "--target", TARGET])
        .args(TESTS.iter().flat_map(|test| ["--test", test]))
        .env("CARGO_TARGET_DIR", &target)
        // Sanitizers are options of the compiler's that stable Rust hides.
        .env("RUSTC_BOOTSTRAP", "1")
        .envs([test::SLOW])
        .env("RUSTFLAGS", "-Zsanitizer=thread -Cunsafe-allow-abi-mismatch=sanitizer")
        .env("CFLAGS", "-fsanitize=thread -g")
        .env("TSAN_OPTIONS", format!("exitcode=0:history_size=4:log_path={}", log.display()));
    // What a test makes of it is not judged here: some count descriptors, of which ThreadSanitizer has some. A crash is a report too.
    let counts_of_tests = test::count(&mut cargo)?;

    let mut counts = BTreeMap::new();
    let mut findings = Vec::new();
    for file in fs::read_dir(&reports)? {
        let path = file?.path();
        let text = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let text = String::from_utf8_lossy(&text);
        let is_report =
            |part: &&str| ["WARNING: Thread", "ERROR: Thread"].iter().any(|word| part.contains(word));
        for report in text.split("==================\n").filter(is_report) {
            let meaning = Meaning::of(report, &workspace.root);
            *counts.entry(meaning).or_insert(0) += 1;
            if meaning == Meaning::Finding {
                findings.push(report.to_owned());
            }
        }
    }
    for finding in &findings {
        println!("{finding}");
    }
    println!("{counts_of_tests}, by ThreadSanitizer's speed and with its descriptors; its reports:");
    for (meaning, count) in counts {
        println!("{count:6} {}", meaning.words());
    }
    if !findings.is_empty() {
        bail!("ThreadSanitizer found {} data races", findings.len());
    }
    println!("none of them is a data race of curlback's");
    Ok(())
}

/// What the standard library is there for, by name: otherwise build scripts would be instrumented too.
const TARGET: &str = "x86_64-unknown-linux-gnu";

#[cfg(test)]
mod tests {
    use super::*;

    fn report(first: &[&str], second: &[&str]) -> String {
        let stack = |frames: &[&str]| -> String {
            let lines = frames.iter().enumerate().map(|(n, frame)| format!("    #{n} {frame}\n"));
            lines.collect()
        };
        format!(
            "WARNING: ThreadSanitizer: data race (pid=1)\n  Write of size 8 at 0x1 by thread T1:\n{}\n  Previous atomic write of size 8 at 0x1 by thread T2:\n{}\n  Thread T1 created at:\n    #0 curlback /project/src/lib.rs:1\n",
            stack(first),
            stack(second)
        )
    }

    fn meaning(first: &[&str], second: &[&str]) -> Meaning {
        Meaning::of(&report(first, second), Path::new("/project"))
    }

    #[test]
    fn a_race_in_the_library_is_a_finding_whoever_else_is_in_it() {
        let library = ["core::ptr::read /std/ptr.rs:1", "curlback::f /project/src/f.rs:3"];
        let test = ["multi::storm /project/tests/multi/storm.rs:5", "curlback::f /project/src/f.rs:3"];
        assert_eq!(meaning(&library, &test), Meaning::Finding);
        assert_eq!(meaning(&test, &library), Meaning::Finding);
        assert_eq!(meaning(&["url_match /c/curl/lib/url.c:1"], &library), Meaning::Finding);
        assert_eq!(meaning(&test, &test), Meaning::Harness);
    }

    #[test]
    fn what_is_known_is_recognised() {
        let dropped =
            ["free", "<alloc::sync::Arc<T> as core::ops::drop::Drop>::drop", "f /project/src/f.rs:3"];
        assert_eq!(meaning(&dropped, &["f /project/src/f.rs:4"]), Meaning::LastReference);
        let counted = ["Curl_peer_unlink /c/curl/lib/peer.c:313", "Curl_close /c/curl/lib/url.c:2"];
        assert_eq!(meaning(&counted, &counted), Meaning::Finding);
    }
}
