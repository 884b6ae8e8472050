//! A document as one script for the shell.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use super::blocks::Block;

/// What documents have for a URL. Ours answers to it with [`BODY`].
const URL: &str = "http://example.com/";
const BODY: &str = "hello, world";

/// Where a step fails, what was said in it is shown.
const START: &str = "\
set -e
said=$HOME/said
: > \"$said\"
trap 'status=$?; [ $status = 0 ] || { echo \"$where: failed\"; cat \"$said\"; }; exit $status' EXIT
";

pub struct Script {
    pub text: String,
}

impl Script {
    /// Blocks that are files are written, blocks for the shell are run; nothing else may be there but what programs print.
    pub fn new(blocks: &[Block], url: &str, root: &Path) -> Result<Self> {
        // Tasks are those of the source that is tested; what needs longer is a step of its own.
        let mut text = format!("{START}cargo() {{ (cd '{}' && command cargo \"$@\"); }}\n", root.display());
        for block in blocks {
            text += &format!("where={}\n", block.place());
            match (&*block.language, &block.file) {
                ("sh", _) => text += &commands(block, url, root)?,
                ("c" | "cpp" | "go" | "zig" | "cmake", Some(file)) => text += &written(file, &block.text),
                // Tested where the library is: programs that have no name are not for being saved.
                ("c" | "cpp" | "text", _) => {}
                (language, _) => bail!("{}: a {language} block that is no file", block.place()),
            }
        }
        Ok(Self { text })
    }
}

fn written(file: &str, text: &str) -> String {
    let folder = Path::new(file).parent().map(|folder| folder.display().to_string()).unwrap_or_default();
    let folder = if folder.is_empty() { ".".to_owned() } else { folder };
    // The user's source has links to ours.
    format!(
        "[ ! -L '{folder}' ]\n[ ! -L '{file}' ]\nmkdir -p '{folder}'\ncat > '{file}' <<'END OF FILE'\n{text}END OF FILE\n"
    )
}

/// The block, and a look at what came of each URL in it.
fn commands(block: &Block, url: &str, root: &Path) -> Result<String> {
    let mut lines = String::new();
    for line in block.text.lines() {
        let task = line.strip_prefix("cargo xtask ").and_then(|rest| rest.split_whitespace().next());
        match task {
            Some(task) if task != "build" => is_a_step_of_ci(task, block, root)?,
            _ => lines += &format!("{line}\n"),
        }
    }
    let bodies = block.text.matches(URL).count();
    let lines = lines.replace(URL, url);
    let check = format!("[ \"$(grep -c '{BODY}' \"$said\")\" = {bodies} ]\n");
    let check = if bodies == 0 { "" } else { &check };
    Ok(format!("{{\n:\n{lines}}} > \"$said\" 2>&1\n{check}"))
}

fn is_a_step_of_ci(task: &str, block: &Block, root: &Path) -> Result<()> {
    let steps = fs::read_to_string(root.join(".ci/run")).context("cannot read .ci/run")?;
    if !steps.lines().any(|line| line == format!("step cargo xtask {task}")) {
        bail!("{}: cargo xtask {task} is no step of .ci/run", block.place());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(language: &str, file: Option<&str>, text: &str) -> Block {
        let (language, file) = (language.to_owned(), file.map(str::to_owned));
        Block { document: "a.md".into(), line: 7, language, file, text: text.to_owned() }
    }

    #[test]
    fn files_are_written_and_commands_are_run() -> Result<()> {
        let blocks = [
            block("go", Some("a/b.go"), "package main\n"),
            block("sh", None, "go run . http://example.com/\n"),
        ];
        let text = Script::new(&blocks, "http://here/", Path::new("/"))?.text;
        assert!(text.ends_with(
            "where=a.md:7\n[ ! -L 'a' ]\n[ ! -L 'a/b.go' ]\nmkdir -p 'a'\ncat > 'a/b.go' <<'END OF FILE'\npackage main\nEND OF FILE\n\
             where=a.md:7\n{\n:\ngo run . http://here/\n} > \"$said\" 2>&1\n[ \"$(grep -c 'hello, world' \"$said\")\" = 1 ]\n"
        ));
        Ok(())
    }

    #[test]
    fn a_block_that_nobody_runs_is_refused() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        for (block, message) in [
            (block("zig", None, ""), "a.md:7: a zig block that is no file"),
            (block("python", Some("a.py"), ""), "a.md:7: a python block that is no file"),
            (block("sh", None, "cargo xtask sing\n"), "a.md:7: cargo xtask sing is no step of .ci/run"),
        ] {
            let refused = Script::new(&[block], "", root).map(|script| script.text).unwrap_err();
            assert_eq!(refused.to_string(), message);
        }
    }
}
