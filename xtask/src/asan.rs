//! The tests, every example and every C test with AddressSanitizer, which finds leaks too: the library, its libcurl and the
//! programs are all instrumented.

use std::process::Command;

use anyhow::Result;

use crate::libcurl::{Compilers, Library, Way};
use crate::sanitizer::{Sanitizer, at_run_time};
use crate::workspace::Workspace;
use crate::{checked, demo, full, process};

/// `tests` are the names of test programs: with any, only those are run.
pub fn asan(workspace: &Workspace, tests: &[String]) -> Result<()> {
    let sanitizer = Sanitizer::new()?;
    let prefix = full::variant(workspace, "libcurl-full-asan", &sanitizer.environment(""))?;
    let cargo = |command: &str| {
        let mut cargo = Command::new("cargo");
        cargo
            .current_dir(&workspace.root)
            .arg(command)
            .args(["--package", "curlback", "--no-default-features"])
            .env("CURLBACK_LIBCURL", "full")
            .env("CARGO_TARGET_DIR", workspace.target.join("asan"))
            .env("PKG_CONFIG_PATH", full::pkg_config_path(&prefix))
            .envs(sanitizer.environment(""));
        sanitizer.apply(&mut cargo, "");
        cargo
    };
    if tests.is_empty() {
        process::run(&mut cargo("build"))?;
        let dir = workspace.target.join("asan").join(&sanitizer.target).join("debug");
        let compilers = Compilers::from(sanitizer.environment("").as_slice());
        checked::programs(
            workspace,
            &Library::built(workspace, Way::Full, dir, compilers)?,
            "AddressSanitizer",
            || {
                let mut command = demo::limited();
                at_run_time(&mut command);
                command
            },
        )?;
    }
    let mut run = cargo("test");
    run.arg("--no-fail-fast");
    for test in tests {
        run.args(["--test", test]);
    }
    process::run(&mut run)
}
