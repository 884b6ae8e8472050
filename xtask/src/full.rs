//! The full libcurl: the sources that curl-sys carries, built by CMake with everything curlback has callbacks for,
//! and libssh2 from libssh2-sys's sources, both static, in `libcurl-full` below Cargo's target directory.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process;
use crate::workspace::Workspace;

const COMMON: &[&str] = &[
    "-DCMAKE_BUILD_TYPE=Release",
    "-DCMAKE_INSTALL_LIBDIR=lib",
    "-DCMAKE_POSITION_INDEPENDENT_CODE=ON",
    "-DBUILD_SHARED_LIBS=OFF",
    "-DBUILD_STATIC_LIBS=ON",
    "-DBUILD_EXAMPLES=OFF",
    "-DBUILD_TESTING=OFF",
];

const LIBSSH2: &[&str] =
    &["-DCRYPTO_BACKEND=OpenSSL", "-DENABLE_ZLIB_COMPRESSION=ON", "-DLIBSSH2_BUILD_DOCS=OFF"];

const LIBCURL: &[&str] = &[
    "-DBUILD_CURL_EXE=OFF",
    "-DBUILD_LIBCURL_DOCS=OFF",
    "-DBUILD_MISC_DOCS=OFF",
    "-DENABLE_CURL_MANUAL=OFF",
    "-DCMAKE_DISABLE_FIND_PACKAGE_Perl=ON",
    "-DCURL_USE_PKGCONFIG=ON",
    "-DCURL_USE_OPENSSL=ON",
    "-DCURL_USE_LIBSSH2=ON",
    "-DLIBSSH2_USE_STATIC_LIBS=ON",
    "-DCURL_USE_LIBPSL=ON",
    "-DUSE_NGHTTP2=ON",
    "-DUSE_LIBIDN2=ON",
    "-DCURL_ZLIB=ON",
    "-DCURL_BROTLI=ON",
    "-DCURL_ZSTD=ON",
    "-DCURL_DISABLE_LDAP=ON",
];

/// What `libcurl.pc` must list afterwards. CMake goes on without some of these when it does not find them.
const PROTOCOLS: &[&str] =
    &["FILE", "FTP", "FTPS", "HTTP", "HTTPS", "MQTT", "RTSP", "SCP", "SFTP", "WS", "WSS"];
const FEATURES: &[&str] = &[
    "AsynchDNS",
    "HSTS",
    "HTTP2",
    "IDN",
    "IPv6",
    "Largefile",
    "PSL",
    "SSL",
    "UnixSockets",
    "brotli",
    "libz",
    "threadsafe",
    "zstd",
];

/// The directory the full libcurl is installed to. It is built first when it is missing or out of date.
pub fn prefix(workspace: &Workspace) -> Result<PathBuf> {
    variant(workspace, "libcurl-full", &[])
}

/// The same in another folder, compiled with these variables in the environment.
pub fn variant(
    workspace: &Workspace,
    folder: &str,
    environment: &[(&'static str, String)],
) -> Result<PathBuf> {
    let prefix = workspace.target.join(folder);
    let curl = workspace.package("curl-sys")?;
    let ssh2 = workspace.package("libssh2-sys")?;
    let compiled = if environment.is_empty() { String::new() } else { format!("{environment:?}\n") };
    // The directory is part of it, because what is installed names it.
    let recipe = format!(
        "{}\ncurl-sys {}\nlibssh2-sys {}\n{COMMON:?}\n{LIBSSH2:?}\n{LIBCURL:?}\n{compiled}",
        prefix.display(),
        curl.version,
        ssh2.version
    );
    let stamp = prefix.join("recipe");
    if fs::read_to_string(&stamp).is_ok_and(|built| built == recipe) {
        return Ok(prefix);
    }

    eprintln!("building the full libcurl ({}) and libssh2 ({})", curl.version, ssh2.version);
    if prefix.exists() {
        fs::remove_dir_all(&prefix)?;
    }
    install(&ssh2.dir.join("libssh2"), "libssh2", LIBSSH2, &prefix, environment)?;
    install(&curl.dir.join("curl"), "libcurl", LIBCURL, &prefix, environment)?;
    check(&prefix)?;
    fs::remove_dir_all(prefix.join("build"))?;
    fs::write(stamp, recipe)?;
    Ok(prefix)
}

/// `PKG_CONFIG_PATH` with which this libcurl is found before any other.
pub fn pkg_config_path(prefix: &Path) -> String {
    let own = prefix.join("lib/pkgconfig").display().to_string();
    match std::env::var("PKG_CONFIG_PATH") {
        Ok(others) if !others.is_empty() => format!("{own}:{others}"),
        _ => own,
    }
}

fn install(
    source: &Path,
    name: &str,
    options: &[&str],
    prefix: &Path,
    environment: &[(&'static str, String)],
) -> Result<()> {
    let build = prefix.join("build").join(name);
    let mut configure = Command::new("cmake");
    configure
        .args(["-G", "Ninja", "-S"])
        .arg(source)
        .arg("-B")
        .arg(&build)
        .arg(format!("-DCMAKE_INSTALL_PREFIX={}", prefix.display()))
        .arg(format!("-DCMAKE_PREFIX_PATH={}", prefix.display()))
        .args(COMMON)
        .args(options);
    let mut make = Command::new("cmake");
    make.arg("--build").arg(&build).args(["--target", "install"]);
    for mut step in [configure, make] {
        // Hundreds of lines that nobody needs unless the step fails.
        let output = step
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .env("PKG_CONFIG_PATH", pkg_config_path(prefix))
            .output()
            .with_context(|| format!("cannot start {}", process::line(&step)))?;
        if !output.status.success() {
            eprintln!("{}", String::from_utf8_lossy(&output.stdout));
            eprintln!("{}", String::from_utf8_lossy(&output.stderr));
            bail!("{}: {}", output.status, process::line(&step));
        }
    }
    Ok(())
}

fn check(prefix: &Path) -> Result<()> {
    let variable = |name: &str| -> Result<String> {
        let mut pkg_config = Command::new("pkg-config");
        pkg_config.arg(format!("--variable={name}")).arg("libcurl");
        process::output(pkg_config.env("PKG_CONFIG_PATH", pkg_config_path(prefix)))
    };
    for (name, wanted) in [("supported_protocols", PROTOCOLS), ("supported_features", FEATURES)] {
        let found = variable(name)?;
        let missing: Vec<_> =
            wanted.iter().filter(|word| !found.split_whitespace().any(|other| other == **word)).collect();
        if !missing.is_empty() {
            bail!("the full libcurl lacks {missing:?} among its {name}");
        }
    }
    Ok(())
}
