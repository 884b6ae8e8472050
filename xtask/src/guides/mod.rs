//! What README and the guides tell new users to type, typed: in a home of its own, with nothing installed before.

#[path = "../../../tests/support/blocks.rs"]
pub mod blocks;
mod script;

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::bindings::Tools;
use crate::process;
use crate::server::Server;
use crate::workspace::Workspace;
use script::Script;

/// In this order: the first installs what the others use.
const DOCUMENTS: [&str; 5] = [
    "docs/getting-started.md",
    "README.md",
    "docs/linking.md",
    "bindings/go/README.md",
    "bindings/zig/README.md",
];

/// How long one document may take.
const LIMIT_SECONDS: &str = "600";

/// What getting started may take in each language.
const MOST_LINES: usize = 30;

struct Guides<'a> {
    workspace: &'a Workspace,
    tools: Tools,
    /// The new user's.
    home: PathBuf,
    /// The source as that user has it, with nothing built in it.
    source: PathBuf,
    url: String,
}

pub fn guides(workspace: &Workspace) -> Result<()> {
    let home = workspace.target.join("guides");
    if home.exists() {
        fs::remove_dir_all(&home).with_context(|| format!("cannot remove {}", home.display()))?;
    }
    let server = Server::start(workspace, &[])?;
    let guides = Guides {
        workspace,
        tools: Tools::install(workspace)?,
        source: home.join("source"),
        home,
        url: format!("{}/hello", server.address("HTTP")?),
    };
    guides.link_source()?;
    guides.put_tools_into_path()?;
    for document in DOCUMENTS {
        let began = Instant::now();
        guides.follow(Path::new(document))?;
        println!("ok {document}, as it is written: {} s", began.elapsed().as_secs());
    }
    Ok(())
}

impl Guides<'_> {
    /// Links to what the source has, so that what the user builds in it is not built in ours.
    fn link_source(&self) -> Result<()> {
        fs::create_dir_all(&self.source)?;
        for entry in self.workspace.root.read_dir()? {
            let entry = entry?;
            symlink(entry.path(), self.source.join(entry.file_name()))?;
        }
        Ok(())
    }

    /// What pip installs is a module in the case of Zig.
    fn put_tools_into_path(&self) -> Result<()> {
        let bin = self.home.join("bin");
        fs::create_dir_all(&bin)?;
        let python = self.tools.python();
        let zig = bin.join("zig");
        fs::write(&zig, format!("#!/bin/sh\nexec \"{}\" -m ziglang \"$@\"\n", process::line(&python)))?;
        fs::set_permissions(&zig, fs::Permissions::from_mode(0o755))?;
        symlink(self.tools.bin.join("go"), bin.join("go"))?;
        Ok(())
    }

    fn follow(&self, document: &Path) -> Result<()> {
        let blocks = blocks::blocks(&self.workspace.root, document);
        if document.ends_with("getting-started.md") {
            short_enough(&blocks)?;
        }
        let script = Script::new(&blocks, &self.url, &self.workspace.root)?;
        let file = self.home.join("script.sh");
        fs::write(&file, script.text)?;
        let mut shell = Command::new("timeout");
        shell.arg(LIMIT_SECONDS).arg("sh").arg(&file).current_dir(&self.source);
        self.environment(&mut shell)?;
        process::run(&mut shell).with_context(|| document.display().to_string())
    }

    fn environment(&self, shell: &mut Command) -> Result<()> {
        let home = |name: &str, below: &str| -> Result<PathBuf> {
            let own = env::var_os("HOME").context("HOME is not set")?;
            Ok(env::var_os(name).map_or_else(|| Path::new(&own).join(below), PathBuf::from))
        };
        let path = env::var("PATH").context("PATH is not set")?;
        let cache = self.workspace.target.join("bindings");
        for name in [
            "LD_LIBRARY_PATH",
            "PKG_CONFIG_PATH",
            "CURLBACK_LIBCURL",
            "CARGO_TARGET_DIR",
            "CMAKE_PREFIX_PATH",
        ] {
            shell.env_remove(name);
        }
        shell
            .env("PATH", format!("{}:{path}", self.home.join("bin").display()))
            // What these have downloaded and compiled already they need not again.
            .env("CARGO_HOME", home("CARGO_HOME", ".cargo")?)
            .env("RUSTUP_HOME", home("RUSTUP_HOME", ".rustup")?)
            .env("ZIG_GLOBAL_CACHE_DIR", home("ZIG_GLOBAL_CACHE_DIR", ".cache/zig")?)
            .env("ZIG_LOCAL_CACHE_DIR", cache.join("zig-cache"))
            .env("GOCACHE", cache.join("go-cache"))
            .env("GOPATH", cache.join("go-path"))
            .env("GOPROXY", "off")
            .env("GOTOOLCHAIN", "local")
            .env("HOME", &self.home)
            // The optimizer's minutes show nothing here.
            .env("CMAKE_BUILD_TYPE", "Debug")
            // What getting-started.md sets, for the documents that take it for set.
            .env("CURLBACK", &self.source)
            .env("PREFIX", self.home.join("curlback"))
            .env("PKG_CONFIG_PATH", self.home.join("curlback/lib/pkgconfig"))
            .env("LD_LIBRARY_PATH", self.home.join("curlback/lib"));
        Ok(())
    }
}

/// Whether the programs are short, build files apart from Zig's own included.
fn short_enough(blocks: &[blocks::Block]) -> Result<()> {
    let mut lines: BTreeMap<&str, usize> = BTreeMap::new();
    for block in blocks.iter().filter(|block| matches!(&*block.language, "c" | "cpp" | "go" | "zig")) {
        let filled = block.text.lines().filter(|line| !line.trim().is_empty()).count();
        *lines.entry(&block.language).or_default() += filled;
    }
    if lines.len() != 4 {
        bail!("getting started is for C, C++, Go and Zig, not {:?}", lines.keys());
    }
    match lines.iter().find(|(_, count)| **count > MOST_LINES) {
        Some((language, count)) => bail!("getting started in {language} takes {count} lines"),
        None => Ok(()),
    }
}
