//! The documentation: Doxygen's, from the headers and the guides.

mod items;
mod pages;

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::process;
use crate::workspace::Workspace;
use pages::Pages;

const HEADERS: [&str; 3] = ["include/curlback.h", "include/curlback.hpp", "include/curlback"];

pub fn docs(workspace: &Workspace) -> Result<()> {
    let folder = workspace.target.join("docs");
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    what_is_missing_is_noticed(workspace, &folder.join("refused"))?;
    let pages = Pages::write(&workspace.root, &folder.join("pages"))?;
    let mut inputs: Vec<PathBuf> = HEADERS.map(|header| workspace.root.join(header)).into();
    inputs.extend(pages.written.iter().cloned());
    let complaints = doxygen(workspace, &folder, &inputs)?;
    if !complaints.is_empty() {
        bail!("the documentation is not whole:\n{complaints}");
    }
    let html = folder.join("html");
    pages.copy_sources(&workspace.root, &html)?;
    println!("documentation: {}", html.join("index.html").display());
    Ok(())
}

/// What Doxygen complains of, and what has no comment; nothing where all is well.
fn doxygen(workspace: &Workspace, output: &Path, inputs: &[PathBuf]) -> Result<String> {
    fs::create_dir_all(output).with_context(|| format!("cannot create {}", output.display()))?;
    let quoted = |path: &Path| format!("\"{}\"", path.display());
    let inputs: Vec<String> = inputs.iter().map(|input| quoted(input)).collect();
    let pages = output.join("pages");
    let settings = format!(
        "{}\nINPUT = {}\nOUTPUT_DIRECTORY = {}\nSTRIP_FROM_PATH = {} {}\nUSE_MDFILE_AS_MAINPAGE = {}\n",
        fs::read_to_string(workspace.root.join("docs/Doxyfile"))?,
        inputs.join(" "),
        quoted(output),
        quoted(&workspace.root.join("include")),
        quoted(&pages),
        quoted(&pages.join("README.md")),
    );
    let mut command = Command::new("doxygen");
    command.arg("-").current_dir(&workspace.root);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().context("cannot start doxygen")?;
    child.stdin.take().context("doxygen has no input")?.write_all(settings.as_bytes())?;
    let done = child.wait_with_output()?;
    let mut complaints = String::from_utf8_lossy(&done.stderr).into_owned();
    if !done.status.success() && complaints.is_empty() {
        bail!("{}: {}", done.status, process::line(&command));
    }
    for name in items::undocumented(&output.join("xml"))? {
        complaints += &format!("{name} has no comment\n");
    }
    Ok(complaints)
}

/// A header in which all is documented.
const DOCUMENTED: &str = "\
/** @file whole.h An example. */
/** A type. */
typedef int whole_type;
/** A callback. */
typedef void (*whole_cb)(int);
/** Some constants. */
enum {
  /** One. */
  WHOLE_ONE = 1,
};
/** Named ones. */
typedef enum whole_enum {
  /** Two. */
  WHOLE_TWO = 2,
} whole_enum;
/** A structure. */
typedef struct whole_struct {
  /** A member. */
  int member;
} whole_struct;
/** A number. */
#define WHOLE_NUMBER 1
/** A function, see whole_struct. */
int whole_function(int number);
";

/// Without any one of its comments, and with a link that leads nowhere, that header has to be refused.
fn what_is_missing_is_noticed(workspace: &Workspace, folder: &Path) -> Result<()> {
    let complaints = |text: &str| -> Result<String> {
        fs::create_dir_all(folder)?;
        let header = folder.join("whole.h");
        fs::write(&header, text)?;
        doxygen(workspace, folder, &[header])
    };
    let said = complaints(DOCUMENTED)?;
    if !said.is_empty() {
        bail!("of a header in which nothing is missing is said:\n{said}");
    }
    let lines: Vec<&str> = DOCUMENTED.lines().collect();
    let comments = (1..lines.len()).filter(|&number| lines[number].trim_start().starts_with("/**"));
    for number in comments {
        let without: Vec<&str> = [&lines[..number], &lines[number + 1..]].concat();
        if !complaints(&without.join("\n"))?.contains(" has no comment\n") {
            bail!("it is not noticed that {:?} has no comment", lines[number + 1]);
        }
    }
    let broken = DOCUMENTED.replace("see whole_struct", "see @ref nothing");
    if !complaints(&broken)?.contains("nothing") {
        bail!("a broken link is not noticed");
    }
    println!("ok what has no comment is noticed, and a broken link");
    fs::remove_dir_all(folder)?;
    Ok(())
}
