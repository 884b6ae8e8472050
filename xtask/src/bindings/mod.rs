//! Other languages' bindings, and what other languages' generators make of the header.

mod generators;
mod go;
mod prefix;
mod tools;
mod zig;

use std::str::FromStr;

use anyhow::{Result, bail};

use crate::libcurl::{Library, Profile, Way};
use crate::server::Server;
use crate::workspace::Workspace;
pub use prefix::Prefix;
pub use tools::Tools;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Binding {
    Go,
    Zig,
    Generators,
}

impl Binding {
    const ALL: [Self; 3] = [Self::Go, Self::Zig, Self::Generators];
}

impl FromStr for Binding {
    type Err = anyhow::Error;

    fn from_str(name: &str) -> Result<Self> {
        match name {
            "go" => Ok(Self::Go),
            "zig" => Ok(Self::Zig),
            "generators" => Ok(Self::Generators),
            _ => bail!("no binding is named {name:?}: say go, zig or generators"),
        }
    }
}

/// What every one of them is tested with.
struct Bench<'a> {
    workspace: &'a Workspace,
    /// Where the library and its header are installed.
    prefix: Prefix,
    /// Where programs and their builders put things.
    folder: std::path::PathBuf,
    server: Server,
}

/// Tests those that are named, or all.
pub fn bindings(workspace: &Workspace, way: Option<Way>, names: &[String]) -> Result<()> {
    let chosen = names.iter().map(|name| name.parse()).collect::<Result<Vec<Binding>>>()?;
    let chosen = if chosen.is_empty() { Binding::ALL.to_vec() } else { chosen };
    let library = Library::build(workspace, way.unwrap_or(Way::Full), Profile::Dev)?;
    let bench = Bench {
        workspace,
        prefix: Prefix::install(workspace, &library)?,
        folder: workspace.target.join("bindings"),
        server: Server::start(workspace, &["--all"])?,
    };
    for binding in chosen {
        match binding {
            Binding::Go => go::test(&bench)?,
            Binding::Zig => zig::test(&bench)?,
            Binding::Generators => generators::test(&bench)?,
        }
    }
    Ok(())
}
