//! What CMake installs and packages, tried as its users would: from what was installed alone, in a temporary folder.

mod consumer;
mod debian;
mod refusals;
mod scratch;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::libcurl::Way;
use crate::process;
use crate::server::Server;
use crate::workspace::Workspace;
use consumer::Consumer;
use scratch::Scratch;

/// What the parts of this task share.
struct Packages<'a> {
    workspace: &'a Workspace,
    scratch: Scratch,
    /// What the programs ask for.
    url: String,
    /// curlback's own.
    version: String,
}

pub fn package(workspace: &Workspace) -> Result<()> {
    let server = Server::start(workspace, &[])?;
    let url = format!("{}/hello", server.address("HTTP")?);
    let packages = Packages {
        workspace,
        scratch: Scratch::new()?,
        url,
        version: workspace.package("curlback")?.version,
    };
    let consumer = Consumer::new(&packages)?;

    for way in Way::ALL {
        // Debian's places; the libraries that Cargo built for other tasks are used again.
        let build =
            packages.configure(way, &format!("build-{}", way.name()), &["-DCMAKE_INSTALL_PREFIX=/usr"])?;
        let prefix = packages.install_and_move(&build, way.name())?;
        names_no_place(&prefix, &[&workspace.root, &build, &packages.scratch.path])?;
        consumer.by_cmake(&prefix, way, &["curlback", "shared", "static"])?;
        consumer.by_pkg_config(&prefix, way)?;
    }

    let way = Way::System;
    let build = packages.scratch.path.join("build-system");
    let archive = packages.archive(&build)?;
    consumer.by_cmake(&archive, way, &["curlback", "shared", "static"])?;
    done("cpack's archive");
    debian::packages(&packages, &consumer, &build, way)?;

    let only = |name: &str, off: &str| -> Result<PathBuf> {
        let build = packages.configure(way, &format!("build-{name}"), &[off])?;
        packages.install_and_move(&build, name)
    };
    let shared_only = only("shared-only", "-DCURLBACK_STATIC=OFF")?;
    consumer.by_cmake(&shared_only, way, &["curlback", "shared"])?;
    let static_only = only("static-only", "-DCURLBACK_SHARED=OFF")?;
    consumer.by_cmake(&static_only, way, &["curlback", "static"])?;
    consumer.static_by_pkg_config(&static_only, way)?;

    consumer.as_subproject("add_subdirectory", way)?;
    consumer.as_subproject("FetchContent", way)?;
    let installed = packages.scratch.path.join(way.name());
    refusals::refusals(&packages, &consumer, &installed, &shared_only)
}

impl Packages<'_> {
    /// Configures and builds curlback; returns the build directory.
    fn configure(&self, way: Way, name: &str, options: &[&str]) -> Result<PathBuf> {
        let build = self.scratch.path.join(name);
        let mut cmake = self.cmake(&build);
        cmake.arg(format!("-DCURLBACK_LIBCURL={}", way.name())).args(options);
        quietly(&mut cmake)?;
        quietly(Command::new("cmake").arg("--build").arg(&build))?;
        Ok(build)
    }

    fn cmake(&self, build: &Path) -> Command {
        let mut cmake = Command::new("cmake");
        cmake
            .args(["-G", "Ninja", "-DCMAKE_BUILD_TYPE=Debug", "-S"])
            .arg(&self.workspace.root)
            .arg("-B")
            .arg(build)
            .arg(format!("-DCURLBACK_CARGO_TARGET_DIR={}", self.workspace.target.display()));
        cmake
    }

    /// Installs through DESTDIR, as packagers do, and moves what came of it: nothing may be found by its first place.
    fn install_and_move(&self, build: &Path, name: &str) -> Result<PathBuf> {
        let destination = self.scratch.path.join(format!("destination-{name}"));
        quietly(
            Command::new("cmake")
                .args(["--install"])
                .arg(build)
                .args(["--prefix", "/opt/first"])
                .env("DESTDIR", &destination),
        )?;
        let moved = self.scratch.path.join(name);
        fs::rename(destination.join("opt/first"), &moved)?;
        fs::remove_dir_all(destination)?;
        done(&format!("{name}: DESTDIR, and the prefix moved"));
        Ok(moved)
    }

    /// The prefix in cpack's .tar.gz.
    fn archive(&self, build: &Path) -> Result<PathBuf> {
        let folder = self.scratch.folder("archive")?;
        quietly(Command::new("cpack").args(["-G", "TGZ", "-B"]).arg(&folder).current_dir(build))?;
        let file = only_file(&folder, ".tar.gz")?;
        quietly(Command::new("tar").arg("-xzf").arg(&file).arg("-C").arg(&folder))?;
        let name = file.file_name().context("a path without a name")?.to_string_lossy();
        Ok(folder.join(name.trim_end_matches(".tar.gz")))
    }
}

/// The one file in the folder whose name has this end.
fn only_file(folder: &Path, end: &str) -> Result<PathBuf> {
    let entries = folder.read_dir().with_context(|| format!("cannot read {}", folder.display()))?;
    let mut found = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    found.retain(|path| path.to_string_lossy().ends_with(end));
    match found.as_slice() {
        [one] => Ok(one.clone()),
        others => bail!("one *{end} was expected in {}, not {others:?}", folder.display()),
    }
}

/// Fails where a text that is installed names one of these directories.
fn names_no_place(prefix: &Path, places: &[&Path]) -> Result<()> {
    let mut folders = vec![prefix.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir()? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            // The libraries carry what the compiler put there for debuggers.
            let Ok(text) = String::from_utf8(fs::read(&path)?) else { continue };
            if let Some(place) = places.iter().find(|place| text.contains(&*place.to_string_lossy())) {
                bail!("{} names {}", path.display(), place.display());
            }
        }
    }
    Ok(())
}

/// Runs a command, showing what it says only where it fails.
fn quietly(command: &mut Command) -> Result<String> {
    let output =
        clean(command).output().with_context(|| format!("cannot start {}", process::line(command)))?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        let complained = String::from_utf8_lossy(&output.stderr);
        bail!("{}: {}\n{said}{complained}", output.status, process::line(command));
    }
    Ok(said)
}

/// Without what Cargo tells the programs it runs: users have none of it.
fn clean(command: &mut Command) -> &mut Command {
    command.env_remove("LD_LIBRARY_PATH").env_remove("CARGO_TARGET_DIR")
}

fn done(what: &str) {
    println!("ok {what}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_for_vcpkg_has_the_version_of_the_library() -> Result<()> {
        let workspace = Workspace::load()?;
        let port = fs::read_to_string(workspace.root.join("packaging/vcpkg/curlback/vcpkg.json"))?;
        let port: serde_json::Value = serde_json::from_str(&port)?;
        assert_eq!(port["version"], workspace.package("curlback")?.version);
        Ok(())
    }
}
