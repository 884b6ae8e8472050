//! Measuring one row: by callgrind, by CPU time, or by what the programs say.

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::processor::Processor;
use super::programs::Programs;
use super::rows::{How, Row, Run, Who};
use crate::process;

/// How often instructions are counted: the fewest count. What arrives with one read, and so how often libcurl looks again, is not
/// quite the same each time, whoever goes first.
pub const COUNTS: usize = 3;

/// How often times are taken, by turns.
const TIMES: usize = 5;

/// Without this the C library copies long pieces with one instruction, which callgrind counts once for each byte.
const TUNABLES: &str =
    "glibc.cpu.x86_rep_movsb_threshold=1073741824:glibc.cpu.x86_rep_stosb_threshold=1073741824";

/// The files of which EachCallback takes the difference, in MiB.
const FEW_MIB: u64 = 16;
const MANY_MIB: u64 = 64;

/// What a program prints: names and numbers.
pub struct Report(HashMap<String, i64>);

impl Report {
    pub fn of(command: &mut Command) -> Result<Self> {
        let line = process::line(command);
        Self::parse(&process::output(command)?).with_context(|| line)
    }

    fn parse(text: &str) -> Result<Self> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let pairs = words.chunks_exact(2).map(|pair| Ok((pair[0].to_owned(), pair[1].parse()?)));
        Ok(Self(pairs.collect::<Result<_>>()?))
    }

    pub fn get(&self, name: &str) -> Result<i64> {
        self.0.get(name).copied().with_context(|| format!("no {name} was reported"))
    }

    fn cpu(&self) -> Result<f64> {
        Ok((self.get("user_us")? + self.get("sys_us")?) as f64 / 1000.0)
    }
}

pub struct Measure<'a> {
    pub programs: &'a Programs,
    pub processor: &'a Processor,
    /// The server's address.
    pub nginx: String,
    /// Where callgrind writes.
    pub counts: PathBuf,
}

impl Measure<'_> {
    /// What the row's runs come to, in their order. `times` is how often instructions are counted.
    pub fn figures(&self, row: &Row, runs: &[&Run], times: usize) -> Result<Vec<f64>> {
        if let How::Cpu = row.how {
            return self.cpu(runs);
        }
        runs.iter().map(|run| self.figure(row, run, times)).collect()
    }

    fn figure(&self, row: &Row, run: &Run, times: usize) -> Result<f64> {
        // Thousands of transfers take long, and what arrives together evens out.
        let times = if matches!(run.who, Who::LoadEpoll | Who::LoadPoll | Who::LoadRun) { 1 } else { times };
        let fewest = |n: u64, flags: &[&str]| -> Result<(u64, Report)> {
            let counted = (0..times).map(|_| self.count(run, n, flags)).collect::<Result<Vec<_>>>()?;
            counted.into_iter().min_by_key(|(instructions, _)| *instructions).context("no run")
        };
        Ok(match row.how {
            How::FromMain => fewest(0, &["--toggle-collect=main"])?.0 as f64,
            How::Each { few, many } => {
                let (base, _) = fewest(few, &[])?;
                let (all, _) = fewest(many, &[])?;
                (all as f64 - base as f64) / (many - few) as f64
            }
            How::EachCallback => {
                let (base, less) = fewest(FEW_MIB, &[])?;
                let (all, more) = fewest(MANY_MIB, &[])?;
                let callbacks = more.get("callbacks")? - less.get("callbacks")?;
                (all as f64 - base as f64) / callbacks as f64
            }
            How::InCallback => {
                let (all, report) = fewest(0, &[&format!("--toggle-collect={}", callback(run.who))])?;
                all as f64 / report.get("callbacks")? as f64
            }
            How::Reported(name) => Report::of(&mut self.command(run, 0, None))?.get(name)? as f64,
            How::Cpu => unreachable!("times are taken by turns"),
        })
    }

    /// The medians, in milliseconds.
    fn cpu(&self, runs: &[&Run]) -> Result<Vec<f64>> {
        let mut taken = vec![Vec::new(); runs.len()];
        for _ in 0..TIMES {
            for (run, taken) in runs.iter().zip(&mut taken) {
                taken.push(Report::of(&mut self.command(run, 0, None))?.cpu()? / f64::from(run.by));
            }
        }
        Ok(taken.into_iter().map(median).collect())
    }

    fn count(&self, run: &Run, n: u64, flags: &[&str]) -> Result<(u64, Report)> {
        let counts = self.counts.join(format!("{:?}", run.who));
        let mut callgrind = self.processor.command_that_waits();
        callgrind
            .args(["valgrind", "--quiet", "--tool=callgrind"])
            .args(flags)
            .arg(format!("--callgrind-out-file={}", counts.display()));
        let report = Report::of(&mut self.command(run, n, Some(callgrind)))?;
        let text =
            fs::read_to_string(&counts).with_context(|| format!("cannot read {}", counts.display()))?;
        fs::remove_file(&counts)?;
        let instructions = total(&text).with_context(|| format!("{} has no total", counts.display()))?;
        ensure!(instructions > 0, "of {} nothing was counted with {flags:?}", run.label);
        Ok((instructions, report))
    }

    /// The run's program, below `under` where that is given.
    fn command(&self, run: &Run, n: u64, under: Option<Command>) -> Command {
        let words = self.programs.words(run.who);
        let mut command = match under {
            Some(mut under) => {
                under.args(words).env("GLIBC_TUNABLES", TUNABLES);
                under
            }
            None => {
                let mut command = Command::new(&words[0]);
                command.args(&words[1..]);
                command
            }
        };
        let arguments = run.arguments.replace("{nginx}", &self.nginx).replace("{n}", &n.to_string());
        // Where Python's dictionaries keep what is not to be chance.
        command.args(arguments.split_whitespace()).env("PYTHONHASHSEED", "0");
        command
    }
}

/// What libcurl calls for a piece of the body.
fn callback(who: Who) -> &'static str {
    match who {
        Who::Curlback => "curlback::callback::body::write_trampoline*",
        Who::Rust => "curl::easy::handler::write_cb*",
        Who::Pycurl => "write_callback",
        _ => "on_body",
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The sum that callgrind writes at the end of its file.
fn total(text: &str) -> Option<u64> {
    let line = text.lines().rev().find_map(|line| line.strip_prefix("totals: "))?;
    line.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{Report, median, total};

    #[test]
    fn reads_the_total() {
        assert_eq!(total("events: Ir\nfn=(1)\n0 12\n\ntotals: 6543210\n"), Some(6_543_210));
        assert_eq!(total("events: Ir\n"), None);
    }

    #[test]
    fn reads_names_and_numbers() {
        let report = Report::parse("callbacks 12 bytes 3\n").unwrap();
        assert_eq!((report.get("callbacks").unwrap(), report.get("bytes").unwrap()), (12, 3));
        assert!(report.get("others").is_err());
    }

    #[test]
    fn takes_the_middle() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
    }
}
