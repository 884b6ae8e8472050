//! AddressSanitizer in everything that is linked together: Rust, libcurl's C, programs. rustc carries a runtime of its own, and what
//! Clang of the same LLVM compiles fits it.

use std::process::Command;

use anyhow::{Context, Result};

use crate::{process, setup};

/// A status that no program ends with by itself.
pub const ERROR_EXIT: i32 = 99;

pub struct Sanitizer {
    /// The machine, as rustc names it. Cargo instruments build scripts too where it is not told to build for one.
    pub target: String,
    pub clang: String,
    clang_cpp: String,
}

impl Sanitizer {
    /// What Clang and its runtime need is installed first.
    pub fn new() -> Result<Self> {
        let rustc = process::output(Command::new("rustc").arg("-vV"))?;
        let line = |name: &str| {
            let found = rustc.lines().find_map(|line| line.strip_prefix(name));
            found.with_context(|| format!("rustc -vV says nothing of {name}"))
        };
        let version = line("LLVM version: ")?;
        let major = version.split('.').next().unwrap_or(version);
        setup::install_missing(&[&format!("clang-{major}"), &format!("libclang-rt-{major}-dev")])?;
        Ok(Self {
            target: line("host: ")?.to_owned(),
            clang: format!("clang-{major}"),
            clang_cpp: format!("clang++-{major}"),
        })
    }

    /// What C is compiled with; `more` adds to the sanitizers.
    pub fn environment(&self, more: &str) -> Vec<(&'static str, String)> {
        let flags = format!("-g -fno-omit-frame-pointer -fsanitize=address{more}");
        vec![
            ("CC", self.clang.clone()),
            ("CXX", self.clang_cpp.clone()),
            ("CFLAGS", flags.clone()),
            ("CXXFLAGS", flags),
        ]
    }

    /// Has Cargo build with it, and what it runs find leaks.
    pub fn apply(&self, cargo: &mut Command, rust_flags: &str) {
        cargo
            .args(["--target", &self.target])
            // The option is not stable; the compiler is.
            .env("RUSTC_BOOTSTRAP", "1")
            .env("RUSTFLAGS", format!("-Zsanitizer=address -Cforce-frame-pointers=yes {rust_flags}"));
        at_run_time(cargo);
    }
}

/// How the runtime is to behave in what the command starts.
pub fn at_run_time(command: &mut Command) {
    let options = format!("detect_leaks=1:allow_addr2line=1:exitcode={ERROR_EXIT}");
    command.env("ASAN_OPTIONS", options);
}
