//! Where what is counted runs: on one processor with the server, which goes first. So all that the server sends has arrived when the
//! program looks, and how often libcurl looks again is the same each time.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result};

pub struct Processor(String);

impl Processor {
    /// The first of those that this process may run on.
    pub fn first() -> Result<Self> {
        let status = fs::read_to_string("/proc/self/status")?;
        first_allowed(&status).map(|number| Self(number.to_owned())).context("the system names no processor")
    }

    /// To be followed by a program and its arguments.
    pub fn command(&self) -> Command {
        let mut command = Command::new("taskset");
        command.args(["--cpu-list", &self.0]);
        command
    }

    /// The same, for a program that runs when nothing else wants to.
    pub fn command_that_waits(&self) -> Command {
        let mut command = self.command();
        command.args(["chrt", "--idle", "0"]);
        command
    }
}

fn first_allowed(status: &str) -> Option<&str> {
    let list = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"))?;
    list.trim().split([',', '-']).next().filter(|number| !number.is_empty())
}

#[cfg(test)]
mod tests {
    use super::first_allowed;

    #[test]
    fn the_first_processor_of_a_list_or_a_range() {
        assert_eq!(first_allowed("Name:\tx\nCpus_allowed_list:\t2-3,7\n"), Some("2"));
        assert_eq!(first_allowed("Cpus_allowed_list:\t5,7\n"), Some("5"));
        assert_eq!(first_allowed("Name:\tx\n"), None);
    }
}
