//! The guides as Doxygen reads them: with names for their headings, and with links between them that it checks.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::guides::blocks;

/// Below the pages: what they link to in the source.
const SOURCES: &str = "source";

pub struct Pages {
    pub written: Vec<PathBuf>,
    /// What they link to that is no page.
    sources: BTreeSet<PathBuf>,
}

/// One guide, by its path in the source.
struct Guide {
    path: PathBuf,
    text: String,
}

impl Pages {
    /// Writes all guides to the folder.
    pub fn write(root: &Path, folder: &Path) -> Result<Self> {
        let paths = blocks::documents(root);
        let mut pages = Self { written: Vec::new(), sources: BTreeSet::new() };
        for path in &paths {
            let guide = Guide { path: path.clone(), text: fs::read_to_string(root.join(path))? };
            let text = pages.converted(&guide, root, &paths)?;
            let file = folder.join(path);
            fs::create_dir_all(file.parent().context("a page without a folder")?)?;
            fs::write(&file, text)?;
            pages.written.push(file);
        }
        Ok(pages)
    }

    /// Copies what the pages link to below the HTML, so that it can be put anywhere.
    pub fn copy_sources(&self, root: &Path, html: &Path) -> Result<()> {
        self.sources.iter().try_for_each(|path| copy(&root.join(path), &html.join(SOURCES).join(path)))
    }

    fn converted(&mut self, guide: &Guide, root: &Path, guides: &[PathBuf]) -> Result<String> {
        let mut in_code = false;
        let mut first = true;
        let mut lines = Vec::new();
        for line in guide.text.lines() {
            in_code ^= line.starts_with("```");
            if in_code {
                lines.push(line.to_owned());
            } else if line.starts_with('#') {
                let anchor = if first { String::new() } else { slug(line) };
                first = false;
                lines.push(format!("{line} {{#{}}}", name(&guide.path, &anchor)));
            } else {
                lines.push(self.with_links(line, guide, root, guides)?);
            }
        }
        Ok(lines.join("\n") + "\n")
    }

    fn with_links(&mut self, line: &str, guide: &Guide, root: &Path, guides: &[PathBuf]) -> Result<String> {
        let mut pieces = line.split("](");
        let mut text = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let (target, rest) = piece.split_once(')').context("a link without an end")?;
            text += &format!("]({}){rest}", self.link(target, guide, root, guides)?);
        }
        Ok(text)
    }

    fn link(&mut self, target: &str, guide: &Guide, root: &Path, guides: &[PathBuf]) -> Result<String> {
        if target.starts_with("https://") {
            return Ok(target.to_owned());
        }
        let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
        let found = match path {
            "" => guide.path.clone(),
            path => normal(&guide.path.with_file_name("").join(path)),
        };
        if guides.contains(&found) {
            return Ok(format!("@ref {}", name(&found, anchor)));
        }
        if let Ok(header) = found.strip_prefix("include") {
            return Ok(format!("@ref {}", header.display()));
        }
        if !root.join(&found).exists() {
            bail!("{}: {target} does not exist", guide.path.display());
        }
        let link = format!("{SOURCES}/{}", found.display());
        self.sources.insert(found);
        Ok(link)
    }
}

/// What Doxygen knows a guide by, or a heading in it.
fn name(guide: &Path, anchor: &str) -> String {
    let guide = guide.with_extension("");
    let guide = guide.to_string_lossy().to_lowercase().replace('/', "_");
    if anchor.is_empty() { format!("page_{guide}") } else { format!("page_{guide}-{anchor}") }
}

/// The anchor that a heading makes.
fn slug(heading: &str) -> String {
    let words = heading.trim_start_matches('#').trim().to_lowercase().replace(' ', "-");
    words.chars().filter(|c| c.is_alphanumeric() || "-_".contains(*c)).collect()
}

/// Without `..`.
fn normal(path: &Path) -> PathBuf {
    path.components().fold(PathBuf::new(), |mut normal, component| {
        match component {
            Component::ParentDir => {
                normal.pop();
            }
            other => normal.push(other),
        }
        normal
    })
}

/// A file or a folder, without what is hidden in it.
fn copy(from: &Path, to: &Path) -> Result<()> {
    if from.is_dir() {
        for entry in from.read_dir().with_context(|| format!("cannot read {}", from.display()))? {
            let name = entry?.file_name();
            if !name.to_string_lossy().starts_with('.') {
                copy(&from.join(&name), &to.join(&name))?;
            }
        }
        return Ok(());
    }
    fs::create_dir_all(to.parent().context("a file without a folder")?)?;
    fs::copy(from, to).with_context(|| format!("cannot copy {}", from.display()))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_become_references_or_copies() -> Result<()> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("no root")?;
        let guides = [PathBuf::from("README.md"), PathBuf::from("docs/multi.md")];
        let text = "# A\n\n## B c\n[1](#b-c) [2](../README.md) [3](../src/lib.rs) [4](../include/curlback.h)\n\
            [5](https://curl.se/)\n```c\n# no [heading](x)\n```\n";
        let guide = Guide { path: "docs/multi.md".into(), text: text.into() };
        let mut pages = Pages { written: Vec::new(), sources: BTreeSet::new() };
        let converted = pages.converted(&guide, root, &guides)?;
        let expected = "# A {#page_docs_multi}\n\n## B c {#page_docs_multi-b-c}\n[1](@ref page_docs_multi-b-c) \
            [2](@ref page_readme) [3](source/src/lib.rs) [4](@ref curlback.h)\n\
            [5](https://curl.se/)\n```c\n# no [heading](x)\n```\n";
        assert_eq!(converted, expected);
        assert_eq!(pages.sources, BTreeSet::from([PathBuf::from("src/lib.rs")]));
        Ok(())
    }

    #[test]
    fn a_link_that_leads_nowhere_is_an_error() -> Result<()> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("no root")?;
        let guide = Guide { path: "docs/multi.md".into(), text: "[1](none.rs)\n".into() };
        let mut pages = Pages { written: Vec::new(), sources: BTreeSet::new() };
        let error = pages.converted(&guide, root, &[]).unwrap_err();
        assert_eq!(error.to_string(), "docs/multi.md: none.rs does not exist");
        Ok(())
    }
}
