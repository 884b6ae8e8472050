//! The three ways to link libcurl, and building curlback in each.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::str::FromStr;

use anyhow::{Context, Result, bail};

use crate::workspace::Workspace;
use crate::{full, process};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// The libcurl that pkg-config finds.
    System,
    /// The one that curl-sys carries and compiles with Cargo alone.
    Bundled,
    /// The same sources built by CMake with everything.
    Full,
}

impl Way {
    pub const ALL: [Self; 3] = [Self::System, Self::Bundled, Self::Full];

    pub fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Bundled => "bundled",
            Self::Full => "full",
        }
    }

    /// The way that needs least on this machine.
    pub fn quickest() -> Self {
        let found = process::succeeds(Command::new("pkg-config").args(["--exists", "libcurl >= 7.88"]));
        if found { Self::System } else { Self::Bundled }
    }

    /// A cargo command for the curlback package with this libcurl. Each way has a target directory of its own, so that
    /// going from one to another compiles nothing again.
    pub fn cargo(self, workspace: &Workspace, command: &str) -> Result<Command> {
        let mut cargo = Command::new("cargo");
        cargo
            .current_dir(&workspace.root)
            .arg(command)
            .args(["--package", "curlback", "--no-default-features"])
            .env("CURLBACK_LIBCURL", self.name())
            .env("CARGO_TARGET_DIR", self.target(workspace));
        match self {
            Self::System => {}
            Self::Bundled => {
                cargo.args(["--features", "bundled"]);
            }
            Self::Full => {
                cargo.env("PKG_CONFIG_PATH", full::pkg_config_path(&full::prefix(workspace)?));
            }
        }
        Ok(cargo)
    }

    fn target(self, workspace: &Workspace) -> PathBuf {
        workspace.target.join(self.name())
    }
}

impl FromStr for Way {
    type Err = anyhow::Error;

    fn from_str(name: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|way| way.name() == name);
        found
            .with_context(|| format!("no way to link libcurl is named {name:?}: say system, bundled or full"))
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    Dev,
    Release,
}

/// What programs are compiled with.
pub struct Compilers {
    c: String,
    cpp: String,
    options: Vec<String>,
}

impl Default for Compilers {
    fn default() -> Self {
        Self { c: "cc".to_owned(), cpp: "c++".to_owned(), options: Vec::new() }
    }
}

impl From<&[(&'static str, String)]> for Compilers {
    /// The variables that make and the like know.
    fn from(environment: &[(&'static str, String)]) -> Self {
        let mut compilers = Self::default();
        for (name, value) in environment {
            match *name {
                "CC" => compilers.c.clone_from(value),
                "CXX" => compilers.cpp.clone_from(value),
                "CFLAGS" => compilers.options = value.split_whitespace().map(str::to_owned).collect(),
                _ => {}
            }
        }
        compilers
    }
}

/// A built curlback.
pub struct Library {
    pub way: Way,
    compilers: Compilers,
    /// The directory of the shared library; what is linked with it is put below.
    pub dir: PathBuf,
    pub include: PathBuf,
}

impl Library {
    pub fn build(workspace: &Workspace, way: Way, profile: Profile) -> Result<Self> {
        let mut cargo = way.cargo(workspace, "build")?;
        let folder = match profile {
            Profile::Dev => "debug",
            Profile::Release => {
                cargo.arg("--release");
                "release"
            }
        };
        process::run(&mut cargo)?;
        Self::built(workspace, way, way.target(workspace).join(folder), Compilers::default())
    }

    /// The one that Cargo has put there.
    pub fn built(workspace: &Workspace, way: Way, dir: PathBuf, compilers: Compilers) -> Result<Self> {
        let library = Self { way, compilers, dir, include: workspace.root.join("include") };
        library.link_soname()?;
        Ok(library)
    }

    pub fn shared(&self) -> PathBuf {
        self.dir.join("libcurlback.so")
    }

    /// Programs look for the library by its SONAME; Cargo writes it without a version.
    fn link_soname(&self) -> Result<()> {
        let link = self.dir.join("libcurlback.so.0");
        if fs::symlink_metadata(&link).is_err() {
            std::os::unix::fs::symlink("libcurlback.so", &link)
                .with_context(|| format!("cannot create {}", link.display()))?;
        }
        Ok(())
    }

    /// Compiles one program in C or C++ against the shared library, with warnings as errors.
    pub fn compile(&self, source: &Path, options: &[&str]) -> Result<PathBuf> {
        let [Some(folder), Some(name)] = [source.parent().and_then(Path::file_name), source.file_stem()]
        else {
            bail!("{} is not a source file in a folder", source.display());
        };
        let programs = self.dir.join("programs").join(folder);
        fs::create_dir_all(&programs)?;
        let program = programs.join(name);
        let mut include = OsString::from("-I");
        include.push(&self.include);
        let mut path = OsString::from("-L");
        path.push(&self.dir);
        let mut rpath = OsString::from("-Wl,-rpath,");
        rpath.push(&self.dir);
        let [compiler, standard] = match source.extension() {
            Some(extension) if extension == "cpp" => [self.compilers.cpp.as_str(), "-std=c++17"],
            _ => [self.compilers.c.as_str(), "-std=c99"],
        };
        process::run(
            Command::new(compiler)
                .args([standard, "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-g", "-pthread"])
                .args(&self.compilers.options)
                .args(options)
                .arg(include)
                .arg(source)
                .arg("-o")
                .arg(&program)
                .arg(path)
                .arg("-lcurlback")
                .args(libraries(source)?)
                .arg(rpath)
                // cargo sets LD_LIBRARY_PATH for what it runs: without this that comes before the rpath.
                .arg("-Wl,--disable-new-dtags"),
        )?;
        Ok(program)
    }
}

/// What else a program is linked with: its comment says how to compile it.
fn libraries(source: &Path) -> Result<Vec<String>> {
    let text = fs::read_to_string(source).with_context(|| format!("cannot read {}", source.display()))?;
    let line = text.lines().find(|line| line.starts_with(" * Compile: ")).unwrap_or_default();
    let libraries = line.split_whitespace().filter(|word| word.starts_with("-l") && *word != "-lcurlback");
    Ok(libraries.map(str::to_owned).collect())
}
