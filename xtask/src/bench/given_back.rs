//! Many transfers at once and in a row on curlback's loop: whether none is lost, and all is given back.

use std::process::Command;

use anyhow::{Context, Result, bail};

use super::measure::Report;
use super::programs::Programs;
use super::rows::Who;

/// How much more memory a program may hold at its end than at its start, in KiB: what was touched for the first time of the
/// libraries, the heap and the table of handles, which keeps its places. 5,000 transfers take 40,000 and more.
const RSS_LIMIT: i64 = 2048;

struct Work {
    name: &'static str,
    transfers: i64,
    at_once: i64,
    file: &'static str,
    bytes: i64,
    /// Whether all that are at once receive at once.
    slow: bool,
}

const WORK: &[Work] = &[
    Work {
        name: "5,000 at once",
        transfers: 5_000,
        at_once: 5_000,
        file: "/slow.bin",
        bytes: 40_000,
        slow: true,
    },
    Work {
        name: "100,000 small ones over 64",
        transfers: 100_000,
        at_once: 64,
        file: "/small.txt",
        bytes: 100,
        slow: false,
    },
];

/// Prints what the process held; answers with what is over the limit.
pub fn check(programs: &Programs, nginx: &str) -> Result<Vec<String>> {
    println!("curlback run, all of them well and complete\n");
    println!(
        "{:30} {:>11} {:>10} {:>10} {:>10} {:>18}",
        "", "in flight", "KiB before", "at most", "after", "descriptors"
    );
    let mut over = Vec::new();
    for work in WORK {
        let words = programs.words(Who::LoadRun);
        let mut command = Command::new(&words[0]);
        command.args([work.transfers.to_string(), work.at_once.to_string(), format!("{nginx}{}", work.file)]);
        let report = Report::of(&mut command)?;
        work.check(&report).with_context(|| work.name)?;
        let get = |name| report.get(name);
        println!(
            "{:30} {:11} {:10} {:10} {:10} {:>18}",
            work.name,
            work.at_once,
            get("rss_start_kib")?,
            get("rss_most_kib")?,
            get("rss_end_kib")?,
            format!("{} before, {} after", get("descriptors_start")?, get("descriptors_end")?),
        );
        if get("rss_end_kib")? - get("rss_start_kib")? > RSS_LIMIT {
            over.push(format!("the memory after {}", work.name));
        }
    }
    Ok(over)
}

impl Work {
    /// None was lost, and as many were under way as there should.
    fn check(&self, report: &Report) -> Result<()> {
        let receiving = report.get("most_receiving")?;
        let expected = [
            ("done", self.transfers),
            ("failed", 0),
            ("bytes", self.transfers * self.bytes),
            ("most_receiving", if self.slow { self.at_once } else { receiving }),
            ("descriptors_end", report.get("descriptors_start")?),
        ];
        for (name, expected) in expected {
            let found = report.get(name)?;
            if found != expected {
                bail!("{name} is {found}, not {expected}");
            }
        }
        Ok(())
    }
}
