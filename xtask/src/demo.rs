//! The examples, and what they are run with.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::libcurl::{Library, Profile, Way};
use crate::process;
use crate::server::Server;
use crate::workspace::Workspace;

pub const FOLDER: &str = "examples-c";

/// Longer than any example takes, valgrind included.
const LIMIT_SECONDS: &str = "120";

/// One run of an example. In `args`, HTTP stands for the server, REFUSED for one that refuses connections, INPUT for a
/// file to read and OUTPUT for one to write.
pub struct Run {
    pub program: &'static str,
    pub args: &'static [&'static str],
    pub exit: i32,
    pub shows: &'static str,
}

pub const RUNS: &[Run] = &[
    Run {
        program: "headers_and_body",
        args: &["HTTP/hello"],
        exit: 0,
        shows: "header lines and a body arrive",
    },
    Run { program: "debug", args: &["HTTP/hello"], exit: 0, shows: "what libcurl says, sends and receives" },
    Run { program: "progress", args: &["HTTP/trickle/20/50"], exit: 0, shows: "a slow transfer's progress" },
    Run {
        program: "upload",
        args: &["HTTP/echo", "INPUT"],
        exit: 0,
        shows: "a callback gives the data to send",
    },
    Run {
        program: "upload",
        args: &["HTTP/redirect307", "INPUT"],
        exit: 0,
        shows: "a redirect has the data sent again, so it is rewound",
    },
    Run {
        program: "download",
        args: &["HTTP/bytes/100000", "OUTPUT"],
        exit: 0,
        shows: "a body goes to a file, and not to a callback as well",
    },
    Run {
        program: "failing_callback",
        args: &["HTTP/hello"],
        exit: 0,
        shows: "a callback fails and says why",
    },
    Run {
        program: "refused_connection",
        args: &["HTTP/hello"],
        exit: 0,
        shows: "a callback refuses the connection and says why",
    },
    Run {
        program: "address_filter",
        args: &["HTTP/hello"],
        exit: 1,
        shows: "a filter keeps the program from loopback",
    },
    Run {
        program: "cancel",
        args: &["HTTP/stall"],
        exit: 0,
        shows: "another thread cancels a stalled transfer",
    },
    Run {
        program: "prereq",
        args: &["HTTP/redirect/2"],
        exit: 0,
        shows: "the connection of each request, before it is sent",
    },
    Run {
        program: "trailers",
        args: &["HTTP/echo", "INPUT"],
        exit: 0,
        shows: "an upload in chunks, with trailers where libcurl is new enough",
    },
    Run {
        program: "hsts_file",
        args: &["HTTP/hello", "OUTPUT.hsts"],
        exit: 0,
        shows: "the hosts that want HTTPS are read from a file and written to it",
    },
    Run {
        program: "headers_and_body",
        args: &["REFUSED/"],
        exit: 1,
        shows: "a server that refuses connections",
    },
    Run {
        program: "ftp_wildcard",
        args: &["REFUSED/*", "OUTPUT"],
        exit: 1,
        shows: "a download by wildcard from a server that refuses connections",
    },
    Run {
        program: "ssh_host_key",
        args: &["REFUSED/", "OUTPUT", "INPUT"],
        exit: 1,
        shows: "a server that refuses connections, before it has shown a host key",
    },
];

/// Every example, compiled.
pub struct Programs(BTreeMap<String, PathBuf>);

impl Programs {
    pub fn compile(workspace: &Workspace, library: &Library) -> Result<Self> {
        let mut programs = BTreeMap::new();
        for source in workspace.files(FOLDER, "c")? {
            let name = source.file_stem().map(|name| name.to_string_lossy().into_owned());
            programs.insert(name.context("a source without a name")?, library.compile(&source, &[])?);
        }
        Ok(Self(programs))
    }

    pub fn path(&self, run: &Run) -> Result<&Path> {
        let path = self.0.get(run.program).map(PathBuf::as_path);
        path.with_context(|| format!("there is no example named {}", run.program))
    }
}

/// What the words in `Run::args` stand for.
pub struct Words([(&'static str, String); 4]);

impl Words {
    pub fn new(workspace: &Workspace, server: &Server) -> Result<Self> {
        let folder = workspace.target.join("demo");
        fs::create_dir_all(&folder)?;
        let (input, output) = (folder.join("input.txt"), folder.join("output"));
        fs::write(&input, "a few words to upload\n")?;
        Ok(Self([
            ("HTTP", server.address("HTTP")?.to_owned()),
            ("REFUSED", server.address("REFUSED")?.to_owned()),
            ("INPUT", input.display().to_string()),
            ("OUTPUT", output.display().to_string()),
        ]))
    }

    pub fn arguments(&self, run: &Run) -> Vec<String> {
        let replace = |arg: &str| {
            let found = self
                .0
                .iter()
                .find_map(|(word, meaning)| arg.strip_prefix(word).map(|rest| format!("{meaning}{rest}")));
            found.unwrap_or_else(|| arg.to_owned())
        };
        run.args.iter().map(|arg| replace(arg)).collect()
    }
}

/// `timeout` before a command: one that hangs ends with status 124.
pub fn limited() -> Command {
    let mut command = Command::new("timeout");
    command.arg(LIMIT_SECONDS);
    command
}

pub fn demo(workspace: &Workspace, way: Option<Way>) -> Result<()> {
    let way = way.unwrap_or_else(Way::quickest);
    println!("building curlback with the {} libcurl, and the examples", way.name());
    let library = Library::build(workspace, way, Profile::Dev)?;
    let programs = Programs::compile(workspace, &library)?;
    let server = Server::start(workspace, &[])?;
    let words = Words::new(workspace, &server)?;

    let mut unexpected = 0;
    for run in RUNS {
        let program = programs.path(run)?;
        let arguments = words.arguments(run);
        println!("\n== {}: {}", run.program, run.shows);
        println!("$ {} {}", run.program, arguments.join(" "));
        let mut command = limited();
        command.arg(program).args(arguments);
        let status = command.status().with_context(|| format!("cannot start {}", process::line(&command)))?;
        if status.code() == Some(run.exit) {
            println!("-- exit status {}, as expected", run.exit);
        } else {
            println!("-- {status}, but {} was expected", run.exit);
            unexpected += 1;
        }
    }
    if unexpected > 0 {
        bail!("{unexpected} of {} runs did not end as expected", RUNS.len());
    }
    println!("\nall {} runs ended as expected", RUNS.len());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_example_is_run() -> Result<()> {
        let sources = Workspace::load()?.files(FOLDER, "c")?;
        for source in sources {
            let found = RUNS.iter().any(|run| source.file_stem().is_some_and(|name| name == run.program));
            assert!(found, "{} is missing in RUNS", source.display());
        }
        Ok(())
    }
}
