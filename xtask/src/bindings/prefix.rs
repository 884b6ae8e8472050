//! A prefix with the library, its header and its .pc file in it, and nothing of the source tree.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::libcurl::Library;
use crate::workspace::Workspace;

pub struct Prefix {
    pub path: PathBuf,
}

impl Prefix {
    pub fn install(workspace: &Workspace, library: &Library) -> Result<Self> {
        let prefix = Self { path: library.dir.join("prefix") };
        for folder in [prefix.include(), prefix.pkg_config()] {
            fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
        }
        copy(&library.include.join("curlback.h"), &prefix.include().join("curlback.h"))?;
        copy(&library.shared(), &prefix.library())?;
        copy(&library.shared(), &prefix.lib().join("libcurlback.so.0"))?;
        let version = workspace.package("curlback")?.version;
        let text = format!(
            "prefix={}\n\nName: curlback\nDescription: what is tested\nVersion: {version}\nCflags: -I${{prefix}}/include\n\
             Libs: -L${{prefix}}/lib -lcurlback\n",
            prefix.path.display()
        );
        fs::write(prefix.pkg_config().join("curlback.pc"), text)?;
        Ok(prefix)
    }

    pub fn include(&self) -> PathBuf {
        self.path.join("include")
    }

    pub fn lib(&self) -> PathBuf {
        self.path.join("lib")
    }

    pub fn library(&self) -> PathBuf {
        self.lib().join("libcurlback.so")
    }

    pub fn pkg_config(&self) -> PathBuf {
        self.lib().join("pkgconfig")
    }
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    // A program may have the old one open.
    if to.exists() {
        fs::remove_file(to)?;
    }
    fs::copy(from, to).with_context(|| format!("cannot copy {}", from.display()))?;
    Ok(())
}
