//! The server that the examples talk to, in a process of its own.

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::process;
use crate::workspace::Workspace;

const LIMIT: Duration = Duration::from_secs(60);

pub struct Server {
    child: Child,
    addresses: HashMap<String, String>,
}

impl Server {
    /// Builds and starts it; returns when it is ready.
    pub fn start(workspace: &Workspace, options: &[&str]) -> Result<Self> {
        Self::start_below(workspace, None, options)
    }

    /// The same, below another program where one is given.
    pub fn start_below(workspace: &Workspace, under: Option<Command>, options: &[&str]) -> Result<Self> {
        process::run(Command::new("cargo").current_dir(&workspace.root).args([
            "build",
            "--quiet",
            "--package",
            "curlback-test-servers",
        ]))?;
        let program = workspace.target.join("debug/curlback-test-server");
        let mut command = match under {
            Some(mut under) => {
                under.arg(&program);
                under
            }
            None => Command::new(&program),
        };
        let mut child = command
            .args(options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let output = child.stdout.take().context("the server has no output")?;
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                // Nobody listens any more once the server is ready.
                let _ = sender.send(line);
            }
        });
        // From here on the server is stopped on every path.
        let mut server = Self { child, addresses: HashMap::new() };
        loop {
            let line = lines.recv_timeout(LIMIT).context("the test server did not get ready")?;
            match line.split_once(' ') {
                Some((key, value)) => server.addresses.insert(key.to_owned(), value.to_owned()),
                None if line == "READY" => return Ok(server),
                None => bail!("the test server said {line:?}"),
            };
        }
    }

    pub fn addresses(&self) -> &HashMap<String, String> {
        &self.addresses
    }

    pub fn address(&self, key: &str) -> Result<&str> {
        self.addresses.get(key).map(String::as_str).with_context(|| format!("the test server has no {key}"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It ends when its standard input is closed, and takes down what it started.
        drop(self.child.stdin.take());
        if let Err(error) = self.child.wait() {
            eprintln!("the test server did not end: {error}");
        }
    }
}
