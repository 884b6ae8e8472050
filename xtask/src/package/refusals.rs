//! What is refused, and that the message says what to do.

use std::fs;
use std::path::Path;

use anyhow::{Result, bail};

use super::consumer::{Consumer, refusal};
use super::{Packages, done};
use crate::libcurl::Way;

pub fn refusals(
    packages: &Packages,
    consumer: &Consumer,
    installed: &Path,
    shared_only: &Path,
) -> Result<()> {
    let version = &packages.version;
    let minor = version.rsplit_once('.').map_or("", |(minor, _)| minor);
    let too_old = format!("version: {version} (too old: install curlback 9.9 or newer, or ask for {minor})");
    let too_new =
        format!("version: {version} (newer, and not compatible: ask for {minor}, or install curlback 0.0.9)");
    for (options, message) in [
        (&["-DWANTED=9.9"][..], &*too_old),
        (&["-DWANTED=0.0.9"], &too_new),
        (&["-DCOMPONENTS=python"], "curlback: there is no component python: ask for shared or static"),
        (
            &["-DCOMPONENTS=static", "-DCMAKE_IGNORE_PATH=/usr/lib/x86_64-linux-gnu;/lib/x86_64-linux-gnu"],
            "curlback: the static library needs libcurl, not found here: install the development files \
             (libcurl4-openssl-dev on Debian), set CMAKE_PREFIX_PATH to where they are, or use curlback::shared",
        ),
    ] {
        expect(message, &consumer.refused(installed, options)?)?;
    }
    expect(
        "curlback: the static library was not installed: configure curlback with -DCURLBACK_STATIC=ON, or use curlback::shared",
        &consumer.refused(shared_only, &["-DCOMPONENTS=static"])?,
    )?;

    // Building curlback where the system's libcurl is too old, or missing.
    let fake = packages.scratch.folder("fake")?;
    let configure = |options: &[&str]| {
        let build = packages.scratch.folder("refused-build")?;
        fs::remove_dir_all(&build)?;
        refusal(
            packages
                .cmake(&build)
                .env("PKG_CONFIG_LIBDIR", &fake)
                .env_remove("PKG_CONFIG_PATH")
                .args(options),
        )
    };
    expect(
        "pkg-config finds no libcurl: install its development files (libcurl4-openssl-dev on Debian), set PKG_CONFIG_PATH, \
         or build another one in with -DCURLBACK_LIBCURL=bundled",
        &configure(&["-DCURLBACK_LIBCURL=system"])?,
    )?;
    fs::write(fake.join("libcurl.pc"), "Name: libcurl\nDescription: old\nVersion: 7.64.0\nLibs: -lcurl\n")?;
    expect(
        "libcurl 7.88 or newer is needed, and pkg-config finds 7.64.0: install a newer one and set PKG_CONFIG_PATH to its \
         lib/pkgconfig, or build another one in with -DCURLBACK_LIBCURL=bundled",
        &configure(&[])?,
    )?;
    let mut cargo = Way::System.cargo(packages.workspace, "build")?;
    cargo.arg("--target-dir").arg(packages.workspace.target.join(Way::System.name()));
    expect(
        "libcurl 7.88 or newer is needed, and pkg-config finds 7.64.0: install a newer one and set PKG_CONFIG_PATH to its \
         lib/pkgconfig, or build another one in with --features bundled",
        &refusal(cargo.env("PKG_CONFIG_LIBDIR", &fake).env_remove("PKG_CONFIG_PATH"))?,
    )?;
    expect(
        "CURLBACK_E_UNSUPPORTED: curlback needs libcurl 7.88 or newer; this is 7.64.0: install a newer one where the program finds it, \
         or a curlback with libcurl built in",
        &consumer.with_old_libcurl(installed)?,
    )?;
    expect("it takes system, bundled or full", &configure(&["-DCURLBACK_LIBCURL=curl"])?)?;
    expect(
        "CURLBACK_SHARED and CURLBACK_STATIC are both OFF: switch one of them on",
        &configure(&["-DCURLBACK_SHARED=OFF", "-DCURLBACK_STATIC=OFF"])?,
    )?;
    done("what is refused says what to do");
    Ok(())
}

fn expect(message: &str, said: &str) -> Result<()> {
    if !said.contains(message) {
        bail!("{message:?} was expected in: {said}");
    }
    Ok(())
}
