//! What has to be installed besides Rust and a C compiler.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use crate::process;

/// Which Debian packages a task needs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Those that build the library with the system's or the bundled libcurl, and the examples.
    Build,
    /// The servers that the examples talk to.
    Peers,
    /// Those that also build the full libcurl and run every test.
    Everything,
}

const BUILD: &[&str] = &["g++", "pkg-config", "libssl-dev", "libuv1-dev", "zlib1g-dev"];

const PEERS: &[&str] = &[
    "nghttp2-server",
    "nginx",
    "openssh-client",
    "openssh-server",
    "python3",
    "python3-pyftpdlib",
    "python3-websockets",
];

const REST: &[&str] = &[
    // The libcurl that is linked as `system`.
    "libcurl4-openssl-dev",
    // What the full libcurl is built with and from.
    "cmake",
    "ninja-build",
    "libbrotli-dev",
    "libidn2-dev",
    "libnghttp2-dev",
    "libpsl-dev",
    "libssh2-1-dev",
    "libzstd-dev",
    // What the tests run.
    "ca-certificates",
    "clang-format",
    "dpkg-dev",
    "doxygen",
    "valgrind",
    // Without the C library's symbols valgrind does not start.
    "libc6-dbg",
    // What reads the header besides what pip installs: bindgen takes it by libclang.
    "libclang-common-14-dev",
    "libclang1-14",
    "luajit",
    "python3-dev",
    // What pip installs goes into a virtual environment.
    "python3-venv",
];

pub fn setup(needs: Needs) -> Result<()> {
    match needs {
        Needs::Build => install_missing(BUILD),
        Needs::Peers => install_missing(PEERS),
        Needs::Everything => install_missing(&[BUILD, PEERS, REST].concat()),
    }
}

/// Installs those of these Debian packages that are not there, or says what to install.
pub fn install_missing(packages: &[&str]) -> Result<()> {
    let mut packages = packages.to_vec();
    let Some(installed) = installed(&packages) else {
        println!("not a Debian: packages like these have to be there: {}", packages.join(" "));
        return Ok(());
    };
    packages.retain(|package| !installed.iter().any(|name| name == package));
    if packages.is_empty() {
        return Ok(());
    }
    if !is_root()? {
        bail!("as root, run: apt-get update && apt-get install {}", packages.join(" "));
    }
    install(&packages)
}

/// Those of the packages that are installed, or `None` where there is no dpkg.
fn installed(packages: &[&str]) -> Option<Vec<String>> {
    let query = Command::new("dpkg-query")
        .args(["--show", "--showformat=${db:Status-Status} ${Package}\n"])
        .args(packages)
        .output();
    let text = String::from_utf8_lossy(&query.ok()?.stdout).into_owned();
    Some(text.lines().filter_map(|line| line.strip_prefix("installed ")).map(str::to_owned).collect())
}

pub fn is_root() -> Result<bool> {
    Ok(process::output(Command::new("id").arg("-u"))?.trim() == "0")
}

fn install(packages: &[&str]) -> Result<()> {
    println!("installing {}", packages.join(" "));
    let _services = KeepServicesStopped::new()?;
    process::run(Command::new("apt-get").args(["update", "--quiet"]))?;
    process::run(
        Command::new("apt-get")
            // A package of the user's that stands in the way, another libcurl*-dev say, is not for us to remove.
            .args(["install", "--quiet", "--yes", "--no-install-recommends", "--no-remove"])
            .args(packages)
            .env("DEBIAN_FRONTEND", "noninteractive"),
    )?;
    // The tests start servers of their own; Debian's would come up with the machine.
    for (package, service) in [("nginx", "nginx"), ("openssh-server", "ssh")] {
        if packages.contains(&package) && Path::new("/run/systemd/system").exists() {
            process::run(Command::new("systemctl").args(["--quiet", "disable", service]))?;
        }
    }
    Ok(())
}

/// While this lives, packages that are installed start no service: the way that Debian's policy has for it.
struct KeepServicesStopped {
    ours: bool,
}

impl KeepServicesStopped {
    const POLICY: &str = "/usr/sbin/policy-rc.d";

    fn new() -> Result<Self> {
        let ours = !Path::new(Self::POLICY).exists();
        if ours {
            fs::write(Self::POLICY, "#!/bin/sh\nexit 101\n")?;
            fs::set_permissions(Self::POLICY, fs::Permissions::from_mode(0o755))?;
        }
        Ok(Self { ours })
    }
}

impl Drop for KeepServicesStopped {
    fn drop(&mut self) {
        if self.ours
            && let Err(error) = fs::remove_file(Self::POLICY)
        {
            eprintln!("cannot remove {}: {error}", Self::POLICY);
        }
    }
}
