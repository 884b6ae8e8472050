//! The Debian packages: built, looked into, installed, used and removed.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use super::consumer::Consumer;
use super::{Packages, done, only_file, quietly};
use crate::libcurl::Way;
use crate::{process, setup};

const NAMES: [&str; 2] = ["libcurlback0", "libcurlback-dev"];

pub fn packages(packages: &Packages, consumer: &Consumer, build: &Path, way: Way) -> Result<()> {
    if !process::succeeds(Command::new("dpkg-shlibdeps").arg("--version")) {
        println!("skipped: Debian packages need dpkg-dev, which is not here");
        return Ok(());
    }
    let folder = packages.scratch.folder("debian")?;
    quietly(Command::new("cpack").args(["-G", "DEB", "-B"]).arg(&folder).current_dir(build))?;
    let version = &packages.version;
    let architecture = quietly(Command::new("dpkg").arg("--print-architecture"))?;
    let package = |name: &str| only_file(&folder, &format!("/{name}_{version}_{}.deb", architecture.trim()));
    let [runtime, development] = [package(NAMES[0])?, package(NAMES[1])?];
    let library = format!("/libcurlback.so.{version}\n");
    contents(
        &runtime,
        &[&library, "/libcurlback.so.0 ", "/libcurlback0/copyright\n"],
        &[".h\n", ".a\n", "/libcurlback.so "],
    )?;
    contents(
        &development,
        &[
            "/curlback.h\n",
            "/curlback.hpp\n",
            "/curlback/easy.hpp\n",
            "/libcurlback.a\n",
            "/libcurlback.so ",
            "/curlback.pc\n",
            "/curlbackConfig.cmake\n",
            "/libcurlback-dev/copyright\n",
        ],
        &[&library],
    )?;
    field(&runtime, "Depends", "libcurl4 (>= ")?;
    field(&development, "Depends", &format!("libcurlback0 (= {version})"))?;
    field(&development, "Recommends", "libcurl4-openssl-dev")?;
    done("cpack's Debian packages, looked into");

    if !setup::is_root()? {
        println!("skipped: installing the Debian packages needs root");
        return Ok(());
    }
    let installed = Installed::new(&[runtime, development])?;
    consumer.on_the_system(way)?;
    installed.remove()?;
    done("cpack's Debian packages, installed, linked with and removed");
    Ok(())
}

fn contents(package: &Path, has: &[&str], lacks: &[&str]) -> Result<()> {
    let listed = quietly(Command::new("dpkg-deb").arg("--contents").arg(package))?;
    for (words, wanted) in [(has, true), (lacks, false)] {
        if let Some(word) = words.iter().find(|word| listed.contains(**word) != wanted) {
            bail!("{}: {word:?} should be there: {wanted}\n{listed}", package.display());
        }
    }
    Ok(())
}

fn field(package: &Path, name: &str, wanted: &str) -> Result<()> {
    let value = quietly(Command::new("dpkg-deb").arg("--field").arg(package).arg(name))?;
    if !value.contains(wanted) {
        bail!("{}: {name} is {value:?}, without {wanted:?}", package.display());
    }
    Ok(())
}

/// The packages are removed on every path.
struct Installed;

impl Installed {
    fn new(packages: &[PathBuf]) -> Result<Self> {
        if process::succeeds(Command::new("dpkg").arg("--status").arg(NAMES[0])) {
            bail!("{} is installed already: remove it, so that its packages can be tested", NAMES[0]);
        }
        let installed = Self;
        quietly(Command::new("dpkg").arg("--install").args(packages))?;
        Ok(installed)
    }

    fn remove(self) -> Result<()> {
        std::mem::forget(self);
        quietly(Command::new("dpkg").arg("--purge").args(NAMES))?;
        if process::succeeds(Command::new("pkg-config").args(["--exists", "curlback"]))
            || Path::new("/usr/include/curlback.h").exists()
        {
            bail!("something was left behind");
        }
        Ok(())
    }
}

impl Drop for Installed {
    fn drop(&mut self) {
        if let Err(error) = quietly(Command::new("dpkg").arg("--purge").args(NAMES)) {
            eprintln!("{error}");
        }
    }
}
