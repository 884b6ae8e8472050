//! bindings/go: formatting, vet, and its tests under the race detector.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use super::Bench;
use super::tools::Tools;
use crate::process;

const FOLDER: &str = "bindings/go";

/// How long the tests may take, in Go's terms.
const LIMIT: &str = "120s";

struct Go<'a> {
    bench: &'a Bench<'a>,
    tools: Tools,
    module: PathBuf,
}

pub fn test(bench: &Bench) -> Result<()> {
    let module = bench.workspace.root.join(FOLDER);
    let go = Go { bench, tools: Tools::install(bench.workspace)?, module };
    go.formatted()?;
    process::run(go.command(&go.module).args(["vet", "./..."]))?;
    let mut test = go.command(&go.module);
    // Of a run that was cached nobody learns anything: the library is not among what Go looks at.
    test.args(["test", "-race", "-count=1", "-v", "-timeout", LIMIT, "./..."]);
    for (name, address) in bench.server.addresses() {
        test.env(format!("CURLBACK_TEST_{name}"), address);
    }
    show(&mut test)
}

/// Runs the tests and prints what they say, but for those that begin and those that pass: what is skipped and why is seen.
fn show(test: &mut Command) -> Result<()> {
    let name = process::line(test);
    let mut child = test.stdout(Stdio::piped()).spawn().with_context(|| format!("cannot start {name}"))?;
    for line in BufReader::new(child.stdout.take().context("go has no output")?).lines() {
        let line = line?;
        if !["=== ", "--- PASS"].iter().any(|start| line.starts_with(start)) {
            println!("{line}");
        }
    }
    let status = child.wait()?;
    if !status.success() {
        bail!("{status}: {name}");
    }
    Ok(())
}

impl Go<'_> {
    /// A go command that sees the installed library alone, and no other modules than those that are here.
    fn command(&self, folder: &Path) -> Command {
        let mut go = self.tools.program("go");
        go.current_dir(folder)
            .env("CGO_ENABLED", "1")
            .env("GOCACHE", self.bench.folder.join("go-cache"))
            .env("GOPATH", self.bench.folder.join("go-path"))
            .env("GOFLAGS", "-mod=readonly")
            .env("GOPROXY", "off")
            .env("GOTOOLCHAIN", "local")
            .env("LD_LIBRARY_PATH", self.bench.prefix.lib())
            .env("PKG_CONFIG_PATH", self.bench.prefix.pkg_config());
        go
    }

    fn formatted(&self) -> Result<()> {
        let root = process::output(self.command(&self.module).args(["env", "GOROOT"]))?;
        let gofmt = Path::new(root.trim_end()).join("bin/gofmt");
        let files = process::output(Command::new(gofmt).arg("-l").arg(&self.module))?;
        if !files.is_empty() {
            bail!("gofmt would change\n{files}");
        }
        Ok(())
    }
}
