//! bindings/zig: its tests, and what its README tells new users.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::Bench;
use super::tools::Tools;
use crate::process;

const FOLDER: &str = "bindings/zig";

/// What getting started may take.
const MOST_LINES: usize = 30;

pub fn test(bench: &Bench) -> Result<()> {
    let tools = Tools::install(bench.workspace)?;
    let package = bench.workspace.root.join(FOLDER);
    process::run(tools.zig().args(["fmt", "--check"]).arg(&package))?;
    let mut test = zig_build(bench, &tools, &package);
    test.args(["test", "--summary", "all"])
        .arg(format!("-Dcurlback-prefix={}", bench.prefix.path.display()))
        .env("CURLBACK_TEST_HTTP", bench.server.address("HTTP")?);
    process::run(&mut test)?;
    getting_started(bench, &tools, &package)
}

fn zig_build(bench: &Bench, tools: &Tools, folder: &Path) -> Command {
    let mut zig = tools.zig();
    zig.current_dir(folder).args(["build", "--cache-dir"]).arg(bench.folder.join("zig-cache"));
    // What Cargo has for its own programs would come before what is tested.
    zig.env_remove("LD_LIBRARY_PATH");
    zig
}

/// Does what the README says, in an empty folder, with the library found by pkg-config.
fn getting_started(bench: &Bench, tools: &Tools, package: &Path) -> Result<()> {
    let readme = fs::read_to_string(package.join("README.md"))?;
    let project = bench.folder.join("getting_started");
    if project.exists() {
        fs::remove_dir_all(&project)?;
    }
    fs::create_dir_all(&project)?;
    process::run(tools.zig().current_dir(&project).args(["init", "--minimal"]))?;
    process::run(tools.zig().current_dir(&project).args(["fetch", "--save=curlback"]).arg(package))?;
    let mut lines = 0;
    for file in ["build.zig", "src/main.zig"] {
        let block = block(&readme, file)?;
        lines += block.lines().filter(|line| !line.trim().is_empty()).count();
        let path = project.join(file);
        fs::create_dir_all(path.parent().context("a file without a folder")?)?;
        fs::write(path, block)?;
    }
    if lines > MOST_LINES {
        bail!("getting started takes {lines} lines, more than {MOST_LINES}");
    }
    let url = format!("{}/hello", bench.server.address("HTTP")?);
    let mut run = zig_build(bench, tools, &project);
    run.args(["run", "--", &url]).env("PKG_CONFIG_PATH", bench.prefix.pkg_config());
    let (status, printed) = process::converse(run, "", "")?;
    println!("{}", printed.trim_end());
    if !status.success() || !printed.contains("13 bytes, status 200") {
        bail!("the program of {FOLDER}/README.md ended with {status}");
    }
    Ok(())
}

/// The block of code in the README that follows the line which names the file.
fn block<'a>(readme: &'a str, file: &str) -> Result<&'a str> {
    let found =
        readme.split_once(&format!("`{file}`:\n\n```zig\n")).and_then(|(_, rest)| rest.split_once("```\n"));
    found.map(|(block, _)| block).with_context(|| format!("{FOLDER}/README.md has no block for {file}"))
}
