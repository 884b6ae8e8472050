//! The fuzz targets, with AddressSanitizer and libFuzzer's coverage in Rust and in libcurl's C. They are laid out as cargo-fuzz has
//! them, and built without it: what it does for a nightly compiler, a few variables do for this one.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::process;
use crate::sanitizer::{Sanitizer, at_run_time};
use crate::workspace::Workspace;

/// A target, and how long its inputs are at most.
const TARGETS: [(&str, u32); 2] = [("calls", 256), ("peer", 1024)];

/// What has rustc count which edges are taken, the way libFuzzer reads it.
const COVERAGE: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing -Cdebug-assertions -Ccodegen-units=1";

/// One play takes milliseconds: this is for ever.
const HANGS_AFTER: u32 = 20;

/// What to do with the targets.
#[derive(Default)]
pub struct Task {
    /// Those meant; all where there is none.
    pub targets: Vec<String>,
    pub seconds: Option<u32>,
    /// Whether what was found is to be kept with the sources.
    pub keep: bool,
}

pub fn fuzz(workspace: &Workspace, task: &Task) -> Result<()> {
    if let Some(other) = task.targets.iter().find(|name| TARGETS.iter().all(|(known, _)| known != name)) {
        bail!("there is no target {other:?}: say calls or peer");
    }
    let sanitizer = Sanitizer::new()?;
    let target = workspace.target.join("fuzz");
    let mut cargo = Command::new("cargo");
    cargo
        .current_dir(&workspace.root)
        .args(["build", "--manifest-path", "fuzz/Cargo.toml", "--release", "--bins"])
        .env("CARGO_TARGET_DIR", &target)
        .envs(sanitizer.environment(",fuzzer-no-link"))
        // libFuzzer itself is not to be measured.
        .env("CXXFLAGS", "-g");
    sanitizer.apply(&mut cargo, COVERAGE);
    process::run(&mut cargo)?;
    let programs = target.join(&sanitizer.target).join("release");
    for (name, longest) in TARGETS {
        if task.targets.is_empty() || task.targets.iter().any(|wanted| wanted == name) {
            let run = Run::new(workspace, &target, &programs, name, longest)?;
            run.search(task.seconds.unwrap_or(60))?;
            if task.keep {
                run.keep()?;
            }
        }
    }
    Ok(())
}

struct Run<'a> {
    name: &'a str,
    program: PathBuf,
    longest: u32,
    /// What is kept with the sources.
    corpus: PathBuf,
    /// What was found since.
    found: PathBuf,
    /// Inputs that are findings.
    findings: PathBuf,
    log: PathBuf,
}

impl<'a> Run<'a> {
    fn new(
        workspace: &Workspace,
        target: &Path,
        programs: &Path,
        name: &'a str,
        longest: u32,
    ) -> Result<Self> {
        let run = Self {
            name,
            program: programs.join(name),
            longest,
            corpus: workspace.root.join("fuzz/corpus").join(name),
            found: target.join("corpus").join(name),
            findings: target.join("findings"),
            log: target.join(format!("{name}.log")),
        };
        for folder in [&run.corpus, &run.found, &run.findings] {
            fs::create_dir_all(folder)?;
        }
        Ok(run)
    }

    fn search(&self, seconds: u32) -> Result<()> {
        println!("fuzzing {} for {seconds} s", self.name);
        self.start(&[
            &format!("-max_total_time={seconds}"),
            "-len_control=0",
            "-print_final_stats=1",
            &self.found.display().to_string(),
            &self.corpus.display().to_string(),
        ])?;
        let said = self.said()?;
        let counted = |line: &&str| line.trim_start_matches('#').starts_with(|c: char| c.is_ascii_digit());
        let coverage = said.lines().rev().filter(|line| line.starts_with('#')).find(counted);
        println!("{}", coverage.unwrap_or_default());
        for line in said.lines().filter(|line| line.starts_with("stat::number_of_executed")) {
            println!("{line}");
        }
        Ok(())
    }

    /// The fewest inputs that reach all that was reached take the place of those that are kept.
    fn keep(&self) -> Result<()> {
        let all = self.found.with_extension("all");
        if all.exists() {
            fs::remove_dir_all(&all)?;
        }
        fs::create_dir_all(&all)?;
        let folder = |path: &Path| path.display().to_string();
        self.start(&[
            "-set_cover_merge=1",
            "-use_counters=0",
            &folder(&all),
            &folder(&self.corpus),
            &folder(&self.found),
        ])?;
        fs::remove_dir_all(&self.corpus)?;
        fs::create_dir_all(&self.corpus)?;
        for input in all.read_dir()? {
            let input = input?.path();
            fs::copy(&input, self.corpus.join(input.file_name().context("an input has a name")?))?;
        }
        println!("{}: {} inputs are kept", self.name, self.corpus.read_dir()?.count());
        Ok(())
    }

    fn start(&self, arguments: &[&str]) -> Result<()> {
        let mut command = Command::new(&self.program);
        command
            .args([format!("-max_len={}", self.longest), format!("-timeout={HANGS_AFTER}")])
            .arg(format!("-artifact_prefix={}/{}-", self.findings.display(), self.name))
            .args(arguments)
            // Naming functions starts a symbolizer, whose pipes the targets take for descriptors that are left open.
            .arg("-print_funcs=0")
            // Bodies that nobody takes go there.
            .stdout(Stdio::null())
            .stderr(File::create(&self.log)?);
        at_run_time(&mut command);
        let status = command.status().with_context(|| format!("cannot start {}", self.program.display()))?;
        if !status.success() {
            let said = self.said()?;
            let lines: Vec<&str> = said.lines().filter(|line| !line.starts_with('#')).collect();
            eprintln!("{}", lines[lines.len().saturating_sub(120)..].join("\n"));
            bail!(
                "a finding: play it again with {} {}/{}-...",
                self.program.display(),
                self.findings.display(),
                self.name
            );
        }
        Ok(())
    }

    fn said(&self) -> Result<String> {
        Ok(String::from_utf8_lossy(&fs::read(&self.log)?).into_owned())
    }
}
