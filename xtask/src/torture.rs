//! Scenarios whose memory runs out, with a line for each: tests/torture.

use anyhow::Result;

use crate::libcurl::Way;
use crate::process;
use crate::workspace::Workspace;

pub fn torture(workspace: &Workspace, way: Way) -> Result<()> {
    let mut cargo = way.cargo(workspace, "test")?;
    process::run(cargo.args(["--test", "torture"]).env("CURLBACK_TORTURE", "report"))
}
