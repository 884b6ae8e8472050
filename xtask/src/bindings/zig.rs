//! bindings/zig: formatting and its tests.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::Bench;
use super::tools::Tools;
use crate::process;

const FOLDER: &str = "bindings/zig";

pub fn test(bench: &Bench) -> Result<()> {
    let tools = Tools::install(bench.workspace)?;
    let package = bench.workspace.root.join(FOLDER);
    process::run(tools.zig().args(["fmt", "--check"]).arg(&package))?;
    let mut test = zig_build(bench, &tools, &package);
    test.args(["test", "--summary", "all"])
        .arg(format!("-Dcurlback-prefix={}", bench.prefix.path.display()))
        .env("CURLBACK_TEST_HTTP", bench.server.address("HTTP")?);
    process::run(&mut test)
}

fn zig_build(bench: &Bench, tools: &Tools, folder: &Path) -> Command {
    let mut zig = tools.zig();
    zig.current_dir(folder).args(["build", "--cache-dir"]).arg(bench.folder.join("zig-cache"));
    // What Cargo has for its own programs would come before what is tested.
    zig.env_remove("LD_LIBRARY_PATH");
    zig
}
