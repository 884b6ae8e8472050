//! Where things are, as Cargo sees it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::process;

pub struct Workspace {
    pub root: PathBuf,
    /// Cargo's target directory; everything that is built ends up below it.
    pub target: PathBuf,
    metadata: Value,
}

/// A crate whose C sources are built here.
pub struct Package {
    pub version: String,
    pub dir: PathBuf,
}

impl Workspace {
    pub fn load() -> Result<Self> {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
        let mut cargo = Command::new("cargo");
        cargo.args(["metadata", "--format-version=1", "--manifest-path"]).arg(manifest);
        let metadata: Value = serde_json::from_str(&process::output(&mut cargo)?)?;
        let path = |key: &str| -> Result<PathBuf> {
            Ok(metadata[key].as_str().with_context(|| format!("cargo metadata has no {key}"))?.into())
        };
        Ok(Self { root: path("workspace_root")?, target: path("target_directory")?, metadata })
    }

    pub fn package(&self, name: &str) -> Result<Package> {
        let package = self.metadata["packages"]
            .as_array()
            .and_then(|packages| packages.iter().find(|package| package["name"] == name))
            .with_context(|| format!("{name} is not among the dependencies"))?;
        let text = |key: &str| package[key].as_str().with_context(|| format!("{name} has no {key}"));
        let manifest = Path::new(text("manifest_path")?);
        let dir = manifest.parent().context("a manifest without a directory")?;
        Ok(Package { version: text("version")?.to_owned(), dir: dir.to_owned() })
    }

    /// The files in `folder` whose name ends in `.extension`, sorted; none when the folder is missing.
    pub fn files(&self, folder: &str, extension: &str) -> Result<Vec<PathBuf>> {
        let folder = self.root.join(folder);
        if !folder.is_dir() {
            return Ok(Vec::new());
        }
        let entries = folder.read_dir().with_context(|| format!("cannot read {}", folder.display()))?;
        let mut files = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
        files.retain(|file| file.extension().is_some_and(|found| found == extension));
        files.sort();
        Ok(files)
    }
}
