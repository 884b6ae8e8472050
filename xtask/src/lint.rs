//! Formatting and lints: Rust, C and C++.

use std::process::Command;

use anyhow::Result;

use crate::process;
use crate::workspace::Workspace;

const C_FOLDERS: &[&str] = &[
    "packaging/conan/test_package",
    "examples-c",
    "examples-cpp",
    "tests/c",
    "tests/cpp",
    "tests/packages",
    "benches",
    "bindings/go",
    "include",
    "include/curlback",
];

pub fn lint(workspace: &Workspace) -> Result<()> {
    let cargo = || {
        let mut cargo = Command::new("cargo");
        cargo.current_dir(&workspace.root);
        cargo
    };
    process::run(cargo().args(["fmt", "--all", "--check"]))?;
    // No members of the workspace.
    process::run(cargo().args(["fmt", "--check", "--manifest-path", "tests/generators/bindgen/Cargo.toml"]))?;
    process::run(cargo().args(["fmt", "--check", "--manifest-path", "fuzz/Cargo.toml"]))?;
    process::run(cargo().args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))?;
    let mut sources = Vec::new();
    for folder in C_FOLDERS {
        for extension in ["c", "cpp", "hpp"] {
            sources.extend(workspace.files(folder, extension)?);
        }
    }
    if !sources.is_empty() {
        process::run(Command::new("clang-format").args(["--dry-run", "--Werror"]).args(sources))?;
    }
    Ok(())
}
