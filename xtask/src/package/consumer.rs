//! Programs in C and C++ that link curlback from where it was installed, built in each way that users have.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context, Result, bail};

use super::{Packages, clean, done, quietly};
use crate::libcurl::Way;
use crate::{demo, process};

const FOLDER: &str = "tests/packages";

/// Of the sources that are copied: what compiles them and how.
const LANGUAGES: [(&str, &[&str]); 2] = [("c", &["cc", "-std=c99"]), ("cpp", &["c++", "-std=c++17"])];

pub struct Consumer<'a> {
    packages: &'a Packages<'a>,
    /// A copy of the sources, so that nothing leads from them to curlback's.
    source: PathBuf,
}

impl<'a> Consumer<'a> {
    pub fn new(packages: &'a Packages<'a>) -> Result<Self> {
        let source = packages.scratch.folder("consumer")?;
        for entry in packages.workspace.root.join(FOLDER).read_dir()? {
            let path = entry?.path();
            fs::copy(&path, source.join(path.file_name().context("a path without a name")?))?;
        }
        Ok(Self { packages, source })
    }

    /// With find_package() from this prefix, each of these targets.
    pub fn by_cmake(&self, prefix: &Path, way: Way, targets: &[&str]) -> Result<()> {
        let build = self.build_folder()?;
        let mut cmake = self.configure(&build, targets);
        cmake.arg(format!("-DCMAKE_PREFIX_PATH={}", prefix.display()));
        self.build(&mut cmake, &build, way, targets)?;
        done(&format!("{}: find_package, {}, C and C++", name(prefix), targets.join(", ")));
        Ok(())
    }

    /// With curlback's source as a part of the program's.
    pub fn as_subproject(&self, how: &str, way: Way) -> Result<()> {
        let targets = ["curlback", "shared", "static"];
        let build = self.build_folder()?;
        let workspace = self.packages.workspace;
        let mut cmake = self.configure(&build, &targets);
        cmake
            .arg(format!("-DHOW={how}"))
            .arg(format!("-DSOURCE={}", workspace.root.display()))
            .arg(format!("-DCURLBACK_LIBCURL={}", way.name()))
            .arg(format!("-DCURLBACK_CARGO_TARGET_DIR={}", workspace.target.display()));
        self.build(&mut cmake, &build, way, &targets)?;
        done(&format!("{how}, {}, C and C++", targets.join(", ")));
        Ok(())
    }

    /// Where nothing has to be told: curlback is where the system looks.
    pub fn on_the_system(&self, way: Way) -> Result<()> {
        let targets = ["curlback", "shared", "static"];
        let build = self.build_folder()?;
        self.build(&mut self.configure(&build, &targets), &build, way, &targets)?;
        for (language, compiler) in LANGUAGES {
            let flags = quietly(Command::new("pkg-config").args(["--cflags", "--libs", "curlback"]))?;
            let program = self.compile(language, compiler, flags.split_whitespace())?;
            self.run(&program, way)?;
            let flags =
                quietly(Command::new("pkg-config").args(["--static", "--cflags", "--libs", "curlback"]))?;
            self.run_static(language, compiler, &flags.replace("-lcurlback", "-l:libcurlback.a"), way)?;
        }
        Ok(())
    }

    /// Configures a program that has to be refused; returns what CMake says.
    pub fn refused(&self, prefix: &Path, options: &[&str]) -> Result<String> {
        let build = self.build_folder()?;
        let mut cmake = self.configure(&build, &[]);
        refusal(cmake.arg(format!("-DCMAKE_PREFIX_PATH={}", prefix.display())).args(options))
    }

    /// Runs a program with a libcurl that is too old; returns what it says.
    pub fn with_old_libcurl(&self, prefix: &Path) -> Result<String> {
        let folder = self.build_folder()?;
        let preloaded = folder.join("old_libcurl.so");
        let source = |name: &str| self.source.join(name);
        let cc = |output: &Path| {
            let mut cc = Command::new("cc");
            cc.args(["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-o"]).arg(output);
            cc
        };
        quietly(cc(&preloaded).args(["-shared", "-fPIC"]).arg(source("old_libcurl.c")))?;
        let program = folder.join("init");
        let flags = pkg_config(prefix, &["--cflags", "--libs", "curlback"])?;
        let libraries = pkg_config(prefix, &["--variable=libdir", "curlback"])?;
        let rpath = format!("-Wl,-rpath,{}", libraries.trim());
        quietly(cc(&program).arg(source("init.c")).args(flags.split_whitespace()).arg(rpath))?;
        quietly(&mut Command::new(&program))?;
        refusal(Command::new(&program).env("LD_PRELOAD", preloaded))
    }

    fn configure(&self, build: &Path, targets: &[&str]) -> Command {
        let mut cmake = Command::new("cmake");
        cmake
            .args(["-G", "Ninja", "-DCMAKE_BUILD_TYPE=Debug", "-S"])
            .arg(&self.source)
            .arg("-B")
            .arg(build)
            .arg(format!("-DTARGETS={}", targets.join(";")));
        cmake
    }

    fn build(&self, configure: &mut Command, build: &Path, way: Way, targets: &[&str]) -> Result<()> {
        quietly(configure)?;
        quietly(Command::new("cmake").arg("--build").arg(build))?;
        for target in targets {
            for (language, _) in LANGUAGES {
                let program = build.join(format!("{target}_{language}"));
                self.run(&program, way)?;
                let expected = match *target {
                    "shared" => Some(true),
                    "static" => Some(false),
                    _ => None,
                };
                if expected.is_some_and(|shared| needs_library(&program).is_ok_and(|needs| needs != shared)) {
                    bail!("{} is linked the other way", program.display());
                }
            }
        }
        Ok(())
    }

    pub fn by_pkg_config(&self, prefix: &Path, way: Way) -> Result<()> {
        for (language, compiler) in LANGUAGES {
            let flags = pkg_config(prefix, &["--cflags", "--libs", "curlback"])?;
            let rpath =
                format!("-Wl,-rpath,{}", pkg_config(prefix, &["--variable=libdir", "curlback"])?.trim());
            let words = flags.split_whitespace().chain([rpath.as_str()]);
            let program = self.compile(language, compiler, words)?;
            self.run(&program, way)?;
            if !needs_library(&program)? {
                bail!("pkg-config did not link the shared library");
            }

            // As docs/linking.md says it for a prefix that has both libraries.
            let flags = pkg_config(prefix, &["--static", "--cflags", "--libs", "curlback"])?;
            let flags = flags.replace("-lcurlback", "-l:libcurlback.a");
            self.run_static(language, compiler, &flags, way)?;
        }
        done(&format!("{}: pkg-config, shared and static, C and C++", name(prefix)));
        Ok(())
    }

    /// From a prefix that has the static library alone: `--static` may be left out.
    pub fn static_by_pkg_config(&self, prefix: &Path, way: Way) -> Result<()> {
        for (language, compiler) in LANGUAGES {
            for arguments in
                [&["--cflags", "--libs", "curlback"][..], &["--static", "--cflags", "--libs", "curlback"]]
            {
                self.run_static(language, compiler, &pkg_config(prefix, arguments)?, way)?;
            }
        }
        done(&format!("{}: pkg-config, C and C++", name(prefix)));
        Ok(())
    }

    fn run_static(&self, language: &str, compiler: &[&str], flags: &str, way: Way) -> Result<()> {
        let program = self.compile(language, compiler, flags.split_whitespace())?;
        self.run(&program, way)?;
        if needs_library(&program)? {
            bail!("pkg-config did not link the static library");
        }
        Ok(())
    }

    fn compile<'f>(
        &self,
        language: &str,
        compiler: &[&str],
        flags: impl Iterator<Item = &'f str>,
    ) -> Result<PathBuf> {
        let program = self.build_folder()?.join("get");
        quietly(
            Command::new(compiler[0])
                .args(&compiler[1..])
                .args(["-Wall", "-Wextra", "-Wpedantic", "-Werror"])
                .arg(self.source.join(format!("get.{language}")))
                .arg("-o")
                .arg(&program)
                .args(flags),
        )?;
        Ok(program)
    }

    fn run(&self, program: &Path, way: Way) -> Result<()> {
        let said = quietly(demo::limited().arg(program).arg(&self.packages.url))?;
        let expected = format!("hello, world\n{}\n", way.name());
        if said != expected {
            bail!("{} said {said:?}, not {expected:?}", program.display());
        }
        Ok(())
    }

    /// An empty folder.
    fn build_folder(&self) -> Result<PathBuf> {
        let folder = self.packages.scratch.folder("consumer-build")?;
        fs::remove_dir_all(&folder)?;
        self.packages.scratch.folder("consumer-build")
    }
}

fn name(prefix: &Path) -> String {
    prefix.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Runs what has to fail; returns all that it says, in one line as messages are wrapped.
pub fn refusal(command: &mut Command) -> Result<String> {
    let Output { status, stdout, stderr } =
        clean(command).output().with_context(|| format!("cannot start {}", process::line(command)))?;
    let said = format!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    if status.success() {
        bail!("should have been refused: {}\n{said}", process::line(command));
    }
    Ok(said.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn pkg_config(prefix: &Path, arguments: &[&str]) -> Result<String> {
    // In lib, or in Debian's directory below it.
    let mut folders = vec![prefix.join("lib")];
    for entry in folders[0].read_dir()? {
        folders.push(entry?.path());
    }
    let folder = folders.iter().map(|folder| folder.join("pkgconfig")).find(|folder| folder.is_dir());
    let folder = folder.context("there is no pkgconfig directory")?;
    quietly(Command::new("pkg-config").args(arguments).env("PKG_CONFIG_PATH", folder))
}

/// Whether the program looks for the shared library.
fn needs_library(program: &Path) -> Result<bool> {
    let dynamic = quietly(Command::new("readelf").arg("-d").arg(program))?;
    Ok(dynamic.contains("[libcurlback.so.0]"))
}
