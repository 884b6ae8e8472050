//! The blocks of code in README and the guides.

use std::fs;
use std::path::{Path, PathBuf};

pub struct Block {
    /// By its path from the root.
    pub document: PathBuf,
    /// Where it begins.
    pub line: usize,
    pub language: String,
    pub text: String,
    /// The file that it is, where the line before says so: "`get.c`:".
    pub file: Option<String>,
}

impl Block {
    pub fn place(&self) -> String {
        format!("{}:{}", self.document.display(), self.line)
    }
}

/// README, what is in docs, and the bindings' READMEs, from the root.
pub fn documents(root: &Path) -> Vec<PathBuf> {
    let entries = |folder: &str| {
        let entries = fs::read_dir(root.join(folder)).unwrap_or_else(|error| panic!("{folder}: {error}"));
        entries.map(|entry| entry.unwrap().path())
    };
    let guides = entries("docs").filter(|path| path.extension().is_some_and(|end| end == "md"));
    let bindings = entries("bindings").map(|folder| folder.join("README.md")).filter(|path| path.exists());
    let all = guides.chain(bindings).chain([root.join("README.md")]);
    let mut all: Vec<PathBuf> = all.map(|path| path.strip_prefix(root).unwrap().to_owned()).collect();
    all.sort();
    all
}

pub fn blocks(root: &Path, document: &Path) -> Vec<Block> {
    let text = fs::read_to_string(root.join(document))
        .unwrap_or_else(|error| panic!("{}: {error}", document.display()));
    parse(document, &text)
}

fn parse(document: &Path, text: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut in_block = false;
    let mut before = "";
    for (number, line) in text.lines().enumerate() {
        match line.strip_prefix("```") {
            Some(_) if in_block => in_block = false,
            Some(language) => {
                in_block = true;
                blocks.push(Block {
                    document: document.to_owned(),
                    line: number + 1,
                    language: language.to_owned(),
                    text: String::new(),
                    file: file_name(before),
                });
            }
            None if in_block => {
                if let Some(block) = blocks.last_mut() {
                    block.text += line;
                    block.text.push('\n');
                }
            }
            None => {}
        }
        if !line.is_empty() {
            before = line;
        }
    }
    assert!(!in_block, "{} ends inside a block", document.display());
    blocks
}

fn file_name(line: &str) -> Option<String> {
    let (_, name) = line.strip_suffix("`:")?.rsplit_once('`')?;
    (!name.contains(' ')).then(|| name.to_owned())
}
