//! The record of the interface, which a test compares with the header.

use anyhow::Result;

use crate::libcurl::Way;
use crate::process;
use crate::workspace::Workspace;

/// The test itself writes the record, and refuses where programs would break.
pub fn record(workspace: &Workspace) -> Result<()> {
    let mut cargo = Way::quickest().cargo(workspace, "test")?;
    cargo.args(["--test", "abi", "the_interface_is_the_one_that_is_recorded"]).env("CURLBACK_WRITE_ABI", "1");
    process::run(&mut cargo)
}
