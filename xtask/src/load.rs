//! Many transfers at once and in a row: what curlback's loop costs beside loops on libcurl itself, and whether all is given back.

use std::collections::HashMap;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::bench::{compile_libcurl, instructions};
use crate::libcurl::{Library, Profile, Way};
use crate::process;
use crate::server::Server;
use crate::workspace::Workspace;

/// What curlback may take of instructions where libcurl with epoll and curl_multi_socket_action() takes 1.
const INSTRUCTIONS_LIMIT: f64 = 1.03;
/// How many bytes a handle may take beyond libcurl's own.
const HANDLE_LIMIT: i64 = 1024;
/// How much more memory a program may hold at its end than at its start, in KiB: what was touched for the first time of the
/// libraries, the heap and the table of handles, which keeps its places. 5,000 transfers take 40,000 and more.
const RSS_LIMIT: i64 = 2048;
/// How often instructions are counted, and times taken: what arrives together is not the same each time.
const RUNS: usize = 3;
const TIMES: usize = 3;

/// What nginx sends of these, 8 KiB a second and at once.
const SLOW: (&str, i64) = ("/slow.bin", 40_000);
const SMALL: (&str, i64) = ("/small.txt", 100);

struct Work {
    name: &'static str,
    transfers: i64,
    at_once: i64,
    file: (&'static str, i64),
}

/// With whether the limit holds: making and closing a handle costs more than the limit allows, so that where each does one transfer
/// the sum is only shown.
const COUNTED: &[(Work, bool)] = &[
    (Work { name: "3,000, 1,000 at once", transfers: 3_000, at_once: 1_000, file: SLOW }, true),
    (Work { name: "5,000 small ones over 64", transfers: 5_000, at_once: 64, file: SMALL }, true),
    (Work { name: "1,000 at once, a handle each", transfers: 1_000, at_once: 1_000, file: SLOW }, false),
];

const TIMED: &[Work] = &[
    Work { name: "2,000 at once", transfers: 2_000, at_once: 2_000, file: SLOW },
    Work { name: "5,000 at once", transfers: 5_000, at_once: 5_000, file: SLOW },
];

const GIVEN_BACK: &[Work] = &[
    Work { name: "5,000 at once", transfers: 5_000, at_once: 5_000, file: SLOW },
    Work { name: "100,000 small ones over 64", transfers: 100_000, at_once: 64, file: SMALL },
];

/// A program, as it is named and where it is.
struct Program<'a> {
    name: &'static str,
    path: &'a std::path::Path,
}

/// What a load program says of its run.
struct Report(HashMap<String, i64>);

impl Report {
    fn of(program: &Program, arguments: &[String]) -> Result<Self> {
        let mut command = Command::new(program.path);
        let text = process::output(command.args(arguments))?;
        let words: Vec<&str> = text.split_whitespace().collect();
        let pairs = words.chunks_exact(2).map(|pair| Ok((pair[0].to_owned(), pair[1].parse()?)));
        Ok(Self(pairs.collect::<Result<_>>()?))
    }

    fn get(&self, name: &str) -> Result<i64> {
        self.0.get(name).copied().with_context(|| format!("no {name} was reported"))
    }

    /// None was lost, and as many were under way as there should.
    fn check(&self, work: &Work) -> Result<()> {
        let expected = [
            ("done", work.transfers),
            ("failed", 0),
            ("bytes", work.transfers * work.file.1),
            ("most_receiving", if work.file == SLOW { work.at_once } else { self.get("most_receiving")? }),
            ("descriptors_end", self.get("descriptors_start")?),
        ];
        for (name, expected) in expected {
            let found = self.get(name)?;
            if found != expected {
                bail!("{}: {name} is {found}, not {expected}", work.name);
            }
        }
        Ok(())
    }

    fn cpu(&self) -> Result<i64> {
        Ok(self.get("user_us")? + self.get("sys_us")?)
    }
}

impl Work {
    fn arguments(&self, nginx: &str) -> Vec<String> {
        vec![self.transfers.to_string(), self.at_once.to_string(), format!("{nginx}{}", self.file.0)]
    }
}

pub fn load(workspace: &Workspace) -> Result<()> {
    let library = Library::build(workspace, Way::Full, Profile::Release)?;
    let source = |name: &str| workspace.root.join("benches").join(name);
    let curlback = library.compile(&source("load_curlback.c"), &["-O2"])?;
    let epoll = compile_libcurl(workspace, &library, &source("load_epoll.c"))?;
    let poll = compile_libcurl(workspace, &library, &source("load_poll.c"))?;
    let memory = library.compile(&source("memory_curlback.c"), &["-O2"])?;
    let memory_libcurl = compile_libcurl(workspace, &library, &source("memory_libcurl.c"))?;
    let server = Server::start(workspace, &["--nginx"])?;
    let nginx = server.address("NGINX_HTTP")?.trim_end_matches('/');

    let curlback = Program { name: "curlback", path: &curlback };
    let epoll = Program { name: "epoll", path: &epoll };
    let poll = Program { name: "poll", path: &poll };
    let mut over = Vec::new();
    count(&library, [&epoll, &curlback], nginx, &mut over)?;
    time([&poll, &epoll, &curlback], nginx, &mut over)?;
    give_back(&curlback, nginx, &mut over)?;
    handles(
        [&Program { name: "libcurl", path: &memory_libcurl }, &Program { name: "curlback", path: &memory }],
        &mut over,
    )?;
    if !over.is_empty() {
        bail!("over the limit: {}", over.join(", "));
    }
    Ok(())
}

fn count(
    library: &Library,
    [epoll, curlback]: [&Program; 2],
    nginx: &str,
    over: &mut Vec<String>,
) -> Result<()> {
    let counts = library.dir.join("callgrind");
    std::fs::create_dir_all(&counts)?;
    println!("instructions from main on, counted by callgrind, the fewest of {RUNS} runs\n");
    println!("{:30} {:>14} {:>14} {:>7} {:>6}", "", "libcurl, epoll", "curlback run", "ratio", "limit");
    for (work, limited) in COUNTED {
        let arguments = work.arguments(nginx);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let fewest = |program: &Program| -> Result<u64> {
            let runs = (0..RUNS)
                .map(|_| instructions(program.path, &arguments, &["--toggle-collect=main"], &counts));
            runs.collect::<Result<Vec<_>>>()?.into_iter().min().context("no run")
        };
        let (base, ours) = (fewest(epoll)?, fewest(curlback)?);
        let ratio = ours as f64 / base as f64;
        let limit = if *limited { format!("{INSTRUCTIONS_LIMIT:.2}") } else { String::new() };
        println!("{:30} {base:14} {ours:14} {ratio:7.4} {limit:>6}", work.name);
        if *limited && ratio > INSTRUCTIONS_LIMIT {
            over.push(format!("the instructions of {}", work.name));
        }
    }
    Ok(())
}

fn time(programs: [&Program; 3], nginx: &str, over: &mut Vec<String>) -> Result<()> {
    println!("\nCPU time in milliseconds, user and system, the medians of {TIMES} runs taken by turns\n");
    println!("{:30} {:>14} {:>14} {:>14}", "", "perform + poll", "libcurl, epoll", "curlback run");
    for work in TIMED {
        let arguments = work.arguments(nginx);
        let mut taken = programs.map(|_| Vec::new());
        for _ in 0..TIMES {
            for (program, taken) in programs.iter().zip(&mut taken) {
                let report = Report::of(program, &arguments)?;
                report.check(work).with_context(|| program.name)?;
                taken.push(report.cpu()?);
            }
        }
        let [poll, epoll, ours] = taken.map(|mut taken| {
            taken.sort_unstable();
            taken[taken.len() / 2] as f64 / 1000.0
        });
        println!("{:30} {poll:14.0} {epoll:14.0} {ours:14.0}", work.name);
        if ours >= poll {
            over.push(format!("the CPU time of {}: it is not below perform + poll", work.name));
        }
    }
    Ok(())
}

fn give_back(curlback: &Program, nginx: &str, over: &mut Vec<String>) -> Result<()> {
    println!("\ncurlback run, all of them well and complete\n");
    println!(
        "{:30} {:>11} {:>10} {:>10} {:>10} {:>18}",
        "", "in flight", "KiB before", "at most", "after", "descriptors"
    );
    for work in GIVEN_BACK {
        let report = Report::of(curlback, &work.arguments(nginx))?;
        report.check(work)?;
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
    Ok(())
}

fn handles(programs: [&Program; 2], over: &mut Vec<String>) -> Result<()> {
    println!("\nbytes that an idle handle takes\n");
    println!("{:30} {:>14} {:>14} {:>7} {:>6}", "", "libcurl", "curlback", "more", "limit");
    let [base, ours] = programs.map(|program| Report::of(program, &[]));
    let (base, ours) = (base?, ours?);
    for kind in ["easy", "multi"] {
        let (base, ours) = (base.get(kind)?, ours.get(kind)?);
        println!("{kind:30} {base:14} {ours:14} {:7} {HANDLE_LIMIT:6}", ours - base);
        if ours - base > HANDLE_LIMIT {
            over.push(format!("the memory of a handle: {kind}"));
        }
    }
    Ok(())
}
