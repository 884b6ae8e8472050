//! What curlback costs: the same program on libcurl and on curlback, and in other languages, with the same static libcurl inside all.
//!
//! rows.rs has what is measured and what it must be.

mod given_back;
mod measure;
mod processor;
mod programs;
mod report;
mod rows;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::server::Server;
use crate::workspace::Workspace;
use measure::{COUNTS, Measure};
use processor::Processor;
use programs::Programs;
use report::Measured;
use rows::{ROWS, Row};

/// How often a row is measured again at most.
const AGAIN: usize = 3;

/// Which rows.
pub struct Choice<'a> {
    /// Only those that are the same each time, as quickly as it goes.
    pub ci: bool,
    /// Those of many transfers at once, and whether all is given back.
    pub load: bool,
    /// Those with these names.
    pub names: &'a [String],
}

impl Choice<'_> {
    fn is_all(&self) -> bool {
        !self.ci && !self.load && self.names.is_empty()
    }

    fn rows(&self) -> Result<Vec<&'static Row>> {
        if let Some(name) = self.names.iter().find(|name| ROWS.iter().all(|row| row.name != **name)) {
            let known: Vec<&str> = ROWS.iter().map(|row| row.name).collect();
            bail!("no row is named {name:?}: there are {}", known.join(", "));
        }
        let chosen = |row: &&Row| {
            (!self.ci || row.in_ci)
                && (!self.load || row.name.starts_with("load-"))
                && (self.names.is_empty() || self.names.iter().any(|name| name == row.name))
        };
        Ok(ROWS.iter().filter(chosen).collect())
    }
}

pub fn bench(workspace: &Workspace, choice: &Choice) -> Result<()> {
    let rows = choice.rows()?;
    let programs = Programs::build(workspace, !choice.ci && !choice.load)?;
    let processor = Processor::first()?;
    let server = Server::start_below(workspace, Some(processor.command()), &["--nginx"])?;
    make_files(&server)?;
    let measure = Measure {
        programs: &programs,
        processor: &processor,
        nginx: server.address("NGINX_HTTP")?.trim_end_matches('/').to_owned(),
        counts: programs.folder.join("callgrind"),
    };
    fs::create_dir_all(&measure.counts)?;

    let mut all = Vec::new();
    let mut over = Vec::new();
    for row in rows {
        match patiently(&measure, row, if choice.ci { 1 } else { COUNTS }) {
            Ok(measured) => {
                println!("{}", measured.text());
                over.extend(measured.over());
                all.push(measured);
            }
            // What the others came to is not lost for it.
            Err(error) => over.push(format!("{error:#}")),
        }
    }
    if choice.load || choice.is_all() {
        match given_back::check(&programs, &measure.nginx) {
            Ok(more) => over.extend(more),
            Err(error) => over.push(format!("{error:#}")),
        }
    }
    if choice.is_all() {
        report::write(workspace, &programs, &all)?;
    }
    if !over.is_empty() {
        bail!("over the limit, or not measured:\n{}", over.join("\n"));
    }
    Ok(())
}

fn once(measure: &Measure, row: &'static Row, times: usize) -> Result<Measured> {
    let runs: Vec<_> = row.runs.iter().filter(|run| measure.programs.has(run.who)).collect();
    let figures = measure.figures(row, &runs, times).with_context(|| row.name)?;
    Ok(Measured { row, figures: runs.iter().map(|run| run.label).zip(figures).collect() })
}

/// Measures, and again where that was too much: on a busy machine what is sent arrives in more pieces, and the fewest count.
fn patiently(measure: &Measure, row: &'static Row, times: usize) -> Result<Measured> {
    let mut measured = once(measure, row, times)?;
    for _ in 0..AGAIN {
        if measured.over().is_empty() {
            break;
        }
        measured.keep_fewer(&once(measure, row, times)?);
    }
    Ok(measured)
}

/// Files of more sizes than the server comes with. They are holes, which take no room.
fn make_files(server: &Server) -> Result<()> {
    let folder = Path::new(server.address("CA")?).parent().context("a file without a folder")?.join("www");
    for mebibytes in [16, 1024] {
        fs::File::create(folder.join(format!("{mebibytes}MiB.bin")))?.set_len(mebibytes << 20)?;
    }
    Ok(())
}
