//! The examples, and what they are run with.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::libcurl::{Library, Profile, Way};
use crate::process;
use crate::runs::{RUNS, Run};
use crate::server::Server;
use crate::workspace::Workspace;

/// The folders of examples, and what their sources' names end with.
const FOLDERS: [(&str, &str); 2] = [("examples-c", "c"), ("examples-cpp", "cpp")];

/// Longer than any example takes, valgrind included.
const LIMIT_SECONDS: &str = "120";

/// Every example, compiled.
pub struct Programs(BTreeMap<String, PathBuf>);

impl Programs {
    pub fn compile(workspace: &Workspace, library: &Library) -> Result<Self> {
        let mut programs = BTreeMap::new();
        for source in examples(workspace)? {
            programs.insert(name(&source), library.compile(&source, &[])?);
        }
        Ok(Self(programs))
    }

    pub fn path(&self, run: &Run) -> Result<&Path> {
        let path = self.0.get(run.program).map(PathBuf::as_path);
        path.with_context(|| format!("there is no example named {}", run.program))
    }
}

fn examples(workspace: &Workspace) -> Result<Vec<PathBuf>> {
    let mut sources = Vec::new();
    for (folder, extension) in FOLDERS {
        sources.extend(workspace.files(folder, extension)?);
    }
    Ok(sources)
}

/// How [`RUNS`] names an example: without the end where it is in C, so that both languages can have one of a name.
fn name(source: &Path) -> String {
    let name = source.file_name().unwrap_or_default().to_string_lossy();
    name.strip_suffix(".c").unwrap_or(&name).to_owned()
}

/// What the words in [`Run::args`] stand for.
pub struct Words(HashMap<String, String>);

impl Words {
    /// What earlier runs wrote is removed.
    pub fn new(workspace: &Workspace, server: &Server) -> Result<Self> {
        let folder = workspace.target.join("demo");
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        let files = folder.join("files");
        fs::create_dir_all(&files)?;
        let (input, output) = (folder.join("input.txt"), folder.join("output"));
        fs::write(&input, "a few words to upload\n")?;
        let own = [("INPUT", input), ("OUTPUT", output), ("FOLDER", files)];
        let own = own.map(|(word, path)| (word.to_owned(), path.display().to_string()));
        Ok(Self(server.addresses().clone().into_iter().chain(own).collect()))
    }

    /// A text with the word that it begins with replaced; the word that is missing, with a server that is not installed, as the
    /// error.
    fn replace(&self, text: &str) -> Result<String, String> {
        let end = text.find(|c: char| !c.is_ascii_uppercase() && c != '_').unwrap_or(text.len());
        let (word, rest) = text.split_at(end);
        match self.0.get(word) {
            Some(meaning) => Ok(format!("{meaning}{rest}")),
            None if word.len() > 1 => Err(word.to_owned()),
            None => Ok(text.to_owned()),
        }
    }

    /// The arguments of a run, and what is typed.
    fn given(&self, run: &Run) -> Result<(Vec<String>, String), String> {
        let arguments: Result<_, _> = run.args.iter().map(|arg| self.replace(arg)).collect();
        let typed: Result<_, _> = run.input.split_inclusive('\n').map(|line| self.replace(line)).collect();
        Ok((arguments?, typed?))
    }
}

/// `timeout` before a command: one that hangs ends with status 124.
pub fn limited() -> Command {
    let mut command = Command::new("timeout");
    command.arg(LIMIT_SECONDS);
    command
}

/// How a run went.
pub enum End {
    AsExpected,
    /// Why it cannot be done here.
    LeftOut(String),
    /// What was expected instead.
    Unexpected(String),
}

/// Runs an example; how it went, and what there is to show. `command` is the program, without arguments.
pub fn attempt(mut command: Command, run: &Run, words: &Words) -> Result<(End, String)> {
    let (arguments, typed) = match words.given(run) {
        Ok(given) => given,
        Err(word) => return Ok((End::LeftOut(format!("there is no {word} to talk to")), String::new())),
    };
    let mut shown = format!("\n== {}: {}\n", run.program, run.shows);
    shown += &format!("$ {} {}\n", run.program, arguments.join(" "));
    command.args(arguments);
    let (status, printed) = process::converse(command, &typed, run.interrupt_at)?;
    shown += &format!("{}\n", printed.trim_end());
    let missing = run.says.iter().find(|text| !printed.to_lowercase().contains(&text.to_lowercase()));
    let as_it_should = status.code() == Some(run.exit);
    if as_it_should && missing.is_none() {
        return Ok((End::AsExpected, shown));
    }
    // What the library says of a callback that the linked libcurl has not, and libcurl of a protocol.
    let lacks = |line: &&str| line.contains(" needs libcurl ") || line.contains("Unsupported protocol");
    if status.code() == Some(1)
        && let Some(sentence) = printed.lines().find(lacks)
    {
        return Ok((End::LeftOut(sentence.to_owned()), shown));
    }
    let what = match missing {
        Some(text) if as_it_should => format!("it did not say {text:?}"),
        _ => format!("{status}, but {} was expected", run.exit),
    };
    Ok((End::Unexpected(what), shown))
}

pub fn demo(workspace: &Workspace, way: Option<Way>) -> Result<()> {
    let way = way.unwrap_or_else(Way::quickest);
    println!("building curlback with the {} libcurl, and the examples", way.name());
    let library = Library::build(workspace, way, Profile::Dev)?;
    let programs = Programs::compile(workspace, &library)?;
    let server = Server::start(workspace, &["--all"])?;
    let words = Words::new(workspace, &server)?;

    let (mut unexpected, mut left_out) = (0, 0);
    for run in RUNS {
        let mut command = limited();
        command.arg(programs.path(run)?);
        let (end, shown) = attempt(command, run, &words)?;
        print!("{shown}");
        match end {
            End::AsExpected => println!("-- exit status {}, as expected", run.exit),
            End::LeftOut(why) => {
                println!("-- {} is left out: {why}", run.program);
                left_out += 1;
            }
            End::Unexpected(what) => {
                println!("-- {what}");
                unexpected += 1;
            }
        }
    }
    if unexpected > 0 {
        bail!("{unexpected} of {} runs did not end as expected", RUNS.len());
    }
    println!("\n{} runs ended as expected, {left_out} left out", RUNS.len() - left_out);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_example_is_run() -> Result<()> {
        for source in examples(&Workspace::load()?)? {
            let found = RUNS.iter().any(|run| run.program == name(&source));
            assert!(found, "{} is missing in RUNS", source.display());
        }
        Ok(())
    }

    #[test]
    fn words_are_replaced_and_a_missing_one_is_named() {
        let words = Words(HashMap::from([("FTP".to_owned(), "ftp://host".to_owned())]));
        let arguments = |args| words.given(&Run { args, ..RUNS[0] }).map(|(arguments, _)| arguments);
        let plain = ["ftp://host/a", "^file(007|19.)$", "127.0.0.1", "another"].map(str::to_owned).to_vec();
        assert_eq!(arguments(&["FTP/a", "^file(007|19.)$", "127.0.0.1", "another"]), Ok(plain));
        assert_eq!(arguments(&["FTP/a", "CA"]), Err("CA".to_owned()));
    }
}
