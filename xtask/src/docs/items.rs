//! What has no comment, by what Doxygen has read: of constants and of enums without a name it does not warn.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use roxmltree::{Document, Node};

/// The items of the XML files in the folder that have none, by name.
pub fn undocumented(xml: &Path) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for entry in xml.read_dir().with_context(|| format!("cannot read {}", xml.display()))? {
        let path = entry?.path();
        if path.extension().is_some_and(|end| end == "xml") {
            let text = fs::read_to_string(&path)?;
            let document = Document::parse(&text).with_context(|| path.display().to_string())?;
            found.extend(document.descendants().filter(|item| lacks_comment(*item)).map(name));
        }
    }
    found.sort();
    found.dedup();
    Ok(found)
}

fn lacks_comment(item: Node) -> bool {
    let counts = match item.tag_name().name() {
        "memberdef" => !is_deleted(item) && (item.attribute("kind") != Some("define") || has_value(item)),
        "enumvalue" => true,
        // Doxygen counts the guides among the files.
        "compounddef" if name(item).ends_with(".md") => false,
        "compounddef" => matches!(item.attribute("kind"), Some("file" | "struct" | "class" | "union")),
        _ => false,
    };
    counts
        && item.attribute("prot") != Some("private")
        && !has_text(item, "briefdescription")
        && !has_text(item, "detaileddescription")
}

/// An include guard has none.
fn has_value(define: Node) -> bool {
    define.children().any(|child| child.has_tag_name("initializer"))
}

fn is_deleted(function: Node) -> bool {
    let arguments = function.children().find(|child| child.has_tag_name("argsstring"));
    arguments.and_then(|arguments| arguments.text()).is_some_and(|text| text.ends_with("=delete"))
}

fn has_text(item: Node, tag: &str) -> bool {
    let descriptions = item.children().filter(|child| child.has_tag_name(tag));
    descriptions
        .flat_map(|description| description.descendants())
        .any(|node| node.is_text() && node.text().is_some_and(|text| !text.trim().is_empty()))
}

fn name(item: Node) -> String {
    let tag = if item.has_tag_name("compounddef") { "compoundname" } else { "name" };
    let name = item.children().find(|child| child.has_tag_name(tag)).and_then(|name| name.text());
    // Enums that have none are "@" and a number.
    match name.filter(|name| !name.starts_with('@')) {
        Some(name) => name.to_owned(),
        None => {
            let first = item.children().find(|child| child.has_tag_name("enumvalue")).map(self::name);
            format!("the enum of {}", first.unwrap_or_default())
        }
    }
}
