//! What curlback costs: the same program on libcurl and on curlback, with the same static libcurl, in instructions.
//!
//! The limit holds for what happens from main() on. Before that the dynamic linker loads one library more for curlback, and
//! binds the symbols of Rust's standard library; what the whole process takes is printed beside it. Both are bound at
//! start, as Rust links libraries: bound lazily, libcurl's share of that would count from main() on.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::libcurl::{Library, Profile, Way};
use crate::server::Server;
use crate::workspace::Workspace;
use crate::{full, process};

/// What curlback may take where libcurl takes 1.
const LIMIT: f64 = 1.02;

struct Measure {
    mode: &'static str,
    path: &'static str,
    name: &'static str,
}

const MEASURES: &[Measure] = &[
    Measure { mode: "download", path: "/64MiB.bin", name: "64 MiB download" },
    Measure { mode: "small", path: "/small.txt", name: "1,000 small GETs" },
];

pub fn bench(workspace: &Workspace) -> Result<()> {
    let library = Library::build(workspace, Way::Full, Profile::Release)?;
    let source = |name: &str| workspace.root.join("benches").join(name);
    let curlback = library.compile(&source("transfer_curlback.c"), &["-O2"])?;
    let libcurl = compile_libcurl(workspace, &library, &source("transfer_libcurl.c"))?;
    let server = Server::start(workspace, &["--nginx"])?;
    let nginx = server.address("NGINX_HTTP")?.trim_end_matches('/');
    let counts = library.dir.join("callgrind");
    fs::create_dir_all(&counts)?;

    println!("instructions, counted by callgrind\n");
    println!("{:34} {:>12} {:>12} {:>7} {:>6}", "", "libcurl", "curlback", "ratio", "limit");
    let mut over = Vec::new();
    for Measure { mode, path, name } in MEASURES {
        let url = format!("{nginx}{path}");
        for (part, flags, limit) in
            [("from main", &["--toggle-collect=main"][..], Some(LIMIT)), ("whole process", &[], None)]
        {
            let base = fewest(&libcurl, mode, &url, flags, &counts)?;
            let ours = fewest(&curlback, mode, &url, flags, &counts)?;
            let ratio = ours as f64 / base as f64;
            let shown = limit.map_or(String::new(), |limit| format!("{limit:.2}"));
            println!("{:34} {base:12} {ours:12} {ratio:7.4} {shown:>6}", format!("{name}, {part}"));
            if limit.is_some_and(|limit| ratio > limit) {
                over.push(*name);
            }
        }
    }
    if !over.is_empty() {
        bail!("over the limit: {}", over.join(", "));
    }
    Ok(())
}

/// Compiles a program against the static libcurl alone. Its `Libs` list all it needs; `--static` would ask for static
/// libraries behind the shared ones, which are not installed.
pub fn compile_libcurl(workspace: &Workspace, library: &Library, source: &Path) -> Result<PathBuf> {
    let path = full::pkg_config_path(&full::prefix(workspace)?);
    let mut pkg_config = Command::new("pkg-config");
    pkg_config.args(["--cflags", "--libs", "libcurl"]).env("PKG_CONFIG_PATH", path);
    let flags = process::output(&mut pkg_config)?;
    let name = source.file_stem().context("a source without a name")?;
    let program = library.dir.join("programs/benches").join(name);
    process::run(
        Command::new("cc")
            .args([
                "-std=c99",
                "-Wall",
                "-Wextra",
                "-Wpedantic",
                "-Werror",
                "-g",
                "-pthread",
                "-O2",
                "-Wl,-z,now",
            ])
            .arg(source)
            .arg("-o")
            .arg(&program)
            .args(flags.split_whitespace()),
    )?;
    Ok(program)
}

/// How often each program is run: the fewest instructions count. What arrives with one read, and so how often libcurl looks
/// again, is not the same each time.
const RUNS: usize = 3;

fn fewest(program: &Path, mode: &str, url: &str, flags: &[&str], folder: &Path) -> Result<u64> {
    let mut fewest = u64::MAX;
    for _ in 0..RUNS {
        fewest = fewest.min(instructions(program, &[mode, url], flags, folder)?);
    }
    Ok(fewest)
}

pub fn instructions(program: &Path, arguments: &[&str], flags: &[&str], folder: &Path) -> Result<u64> {
    let name = program.file_name().unwrap_or_default().display();
    let counts = folder.join(format!("{name}.{}", arguments.first().unwrap_or(&"")));
    let mut callgrind = Command::new("valgrind");
    callgrind
        .args(["--quiet", "--tool=callgrind"])
        .args(flags)
        .arg(format!("--callgrind-out-file={}", counts.display()))
        .arg(program)
        .args(arguments);
    process::output(&mut callgrind)?;
    let text = fs::read_to_string(&counts).with_context(|| format!("cannot read {}", counts.display()))?;
    total(&text).with_context(|| format!("{} has no total", counts.display()))
}

/// The sum that callgrind writes at the end of its file.
fn total(text: &str) -> Option<u64> {
    let line = text.lines().rev().find_map(|line| line.strip_prefix("totals: "))?;
    line.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::total;

    #[test]
    fn reads_the_total() {
        assert_eq!(total("events: Ir\nfn=(1)\n0 12\n\ntotals: 6543210\n"), Some(6_543_210));
        assert_eq!(total("events: Ir\n"), None);
    }
}
