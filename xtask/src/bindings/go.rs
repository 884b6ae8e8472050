//! bindings/go: formatting, vet, its tests under the race detector, and what its README tells new users.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use super::Bench;
use super::tools::Tools;
use crate::process;

const FOLDER: &str = "bindings/go";

/// What getting started may take.
const MOST_LINES: usize = 30;

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
    show(&mut test)?;
    go.getting_started()
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

    /// Does what the README says, in an empty folder, with the library found in both ways.
    fn getting_started(&self) -> Result<()> {
        let readme = fs::read_to_string(self.module.join("README.md"))?;
        let program =
            readme.split_once("`main.go`:\n\n```go\n").and_then(|(_, rest)| rest.split_once("```\n"));
        let (program, _) = program.context("bindings/go/README.md has no main.go")?;
        let lines = program.lines().filter(|line| !line.trim().is_empty()).count();
        if lines > MOST_LINES {
            bail!("the program of {FOLDER}/README.md has {lines} lines, more than {MOST_LINES}");
        }
        let folder = self.bench.folder.join("go-get");
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("main.go"), program)?;
        process::run(self.command(&folder).args(["mod", "init", "get"]))?;
        let replace = format!("-replace=curlback={}", self.module.display());
        process::run(self.command(&folder).args(["mod", "edit", "-require=curlback@v0.1.0", &replace]))?;

        let mut found = self.command(&folder);
        self.says_hello(found.args(["run", "."]))?;
        let mut told = self.command(&folder);
        told.args(["run", "-tags", "curlback_no_pkg_config", "."])
            .env_remove("PKG_CONFIG_PATH")
            .env("CGO_CFLAGS", format!("-I{}", self.bench.prefix.include().display()))
            .env("CGO_LDFLAGS", format!("-L{}", self.bench.prefix.lib().display()));
        self.says_hello(&mut told)
    }

    fn says_hello(&self, program: &mut Command) -> Result<()> {
        let printed = process::output(program.arg(format!("{}/hello", self.bench.server.address("HTTP")?)))?;
        if printed != "hello, world\n" {
            bail!("the program of {FOLDER}/README.md printed {printed:?}");
        }
        Ok(())
    }
}
