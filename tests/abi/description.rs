//! What programs were compiled against, as lines of text, and what a change of it means for them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

const HEAD: &str = "\
# The interface that programs are compiled against, on 64-bit Linux. `cargo xtask abi` writes it; docs/abi.md says what may change.
";

/// The interface: what each item is, by its kind and name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Description {
    /// The part of the version that says what is compatible.
    pub version: String,
    pub soname: String,
    pub items: BTreeMap<String, String>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Change {
    Removed(String),
    Changed { item: String, was: String, is: String },
    NotRecorded(String),
}

/// "0.1" of 0.1.7, "2" of 2.1.7: until 1.0 the minor number is the one.
pub fn compatible_part(version: &str) -> String {
    let mut parts = version.split('.');
    match (parts.next(), parts.next()) {
        (Some("0"), Some(minor)) => format!("0.{minor}"),
        (Some(major), Some(_)) => major.to_owned(),
        _ => panic!("not a version: {version:?}"),
    }
}

impl Description {
    pub fn parse(text: &str) -> Self {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let mut items: BTreeMap<String, String> = lines
            .map(|line| line.split_once(": ").unwrap_or_else(|| panic!("no item: {line:?}")))
            .map(|(item, what)| (item.to_owned(), what.to_owned()))
            .collect();
        let mut take = |item| items.remove(item).unwrap_or_else(|| panic!("no {item}"));
        let (version, soname) = (take("version"), take("soname"));
        Description { version, soname, items }
    }

    pub fn to_text(&self) -> String {
        let mut text = format!("{HEAD}version: {}\nsoname: {}\n", self.version, self.soname);
        for (item, what) in &self.items {
            let _ = writeln!(text, "{item}: {what}");
        }
        text
    }
}

/// What is other than recorded.
pub fn compare(recorded: &Description, now: &Description) -> Vec<Change> {
    let missing = recorded.items.iter().filter_map(|(item, was)| match now.items.get(item) {
        None => Some(Change::Removed(item.clone())),
        Some(is) if is != was => {
            Some(Change::Changed { item: item.clone(), was: was.clone(), is: is.clone() })
        }
        Some(_) => None,
    });
    let new = now.items.keys().filter(|item| !recorded.items.contains_key(*item));
    missing.chain(new.cloned().map(Change::NotRecorded)).collect()
}

/// Whether what was recorded may be replaced: nothing that programs rely on is gone, or both the version and the SONAME say that they
/// have to be compiled anew. The sentence names each change that breaks them.
pub fn may_be_recorded(recorded: &Description, now: &Description) -> Result<(), String> {
    if recorded.version != now.version && recorded.soname != now.soname {
        return Ok(());
    }
    let breaks = |change| match change {
        Change::Removed(item) => Some(format!("removed: {item}\n")),
        Change::Changed { item, was, is } => Some(format!("changed: {item}: {was} -> {is}\n")),
        Change::NotRecorded(_) => None,
    };
    let broken: String = compare(recorded, now).into_iter().filter_map(breaks).collect();
    if broken.is_empty() {
        return Ok(());
    }
    Err(format!(
        "programs that were compiled against {} ({}) would break, and this is {} ({}):\n{broken}\
         docs/abi.md says what a change like this takes",
        recorded.version, recorded.soname, now.version, now.soname
    ))
}

/// Whether the record is what there is.
pub fn check(recorded: &Description, now: &Description) -> Result<(), String> {
    may_be_recorded(recorded, now)?;
    if recorded == now {
        return Ok(());
    }
    let new = compare(recorded, now).into_iter().filter_map(|change| match change {
        Change::NotRecorded(item) => Some(format!("not recorded: {item}\n")),
        _ => None,
    });
    Err(format!("{}`cargo xtask abi` records it", new.collect::<String>()))
}
