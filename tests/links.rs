//! What the documentation points to is there.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use curlback::callback::KINDS;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// README, CHANGELOG and everything in docs.
fn documents() -> BTreeMap<PathBuf, String> {
    let in_docs = fs::read_dir(Path::new(ROOT).join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let on_top = ["README.md", "CHANGELOG.md"].map(|name| Path::new(ROOT).join(name));
    let markdown = in_docs.chain(on_top).filter(|path| path.extension().is_some_and(|end| end == "md"));
    markdown.map(|path| (path.clone(), read(&path))).collect()
}

/// The targets of the links in a text, but for what looks like one in its code.
fn links(text: &str) -> impl Iterator<Item = &str> {
    let prose = text.split("```").step_by(2);
    prose
        .flat_map(|prose| prose.split("](").skip(1))
        .filter_map(|rest| rest.split_once(')'))
        .map(|(target, _)| target)
}

/// The anchors that the headings of a document make.
fn anchors(text: &str) -> Vec<String> {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    let anchor = |heading: &str| {
        let words = heading.trim_start_matches('#').trim().to_lowercase().replace(' ', "-");
        words.chars().filter(|c| c.is_alphanumeric() || "-_".contains(*c)).collect()
    };
    headings.map(anchor).collect()
}

/// Why a link in this document leads nowhere.
fn broken(document: &Path, text: &str, target: &str) -> Option<String> {
    if target.starts_with("https://") {
        return None;
    }
    let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
    let found = if path.is_empty() { document.to_owned() } else { document.parent().unwrap().join(path) };
    if !found.exists() {
        return Some(format!("{}: {target} does not exist", document.display()));
    }
    let text = if path.is_empty() || anchor.is_empty() { text.to_owned() } else { read(&found) };
    let known = anchor.is_empty() || anchors(&text).iter().any(|known| known == anchor);
    (!known).then(|| format!("{}: {target} is no heading", document.display()))
}

/// The links in a text that name a function in a source file: `[`name`](file.rs)`.
fn functions(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let named = text.split("[`").skip(1).filter_map(|rest| rest.split_once("`]("));
    named
        .filter_map(|(name, rest)| Some((name, rest.split_once(')')?.0)))
        .filter(|(_, file)| file.ends_with(".rs"))
}

/// What is wrong with a row of docs/libcurl.md or docs/known-bugs.md: each has its code, where it has a cell for that, and its tests,
/// and those are tests of that name.
fn faults(row: &str) -> Vec<String> {
    let docs = Path::new(ROOT).join("docs");
    let cells: Vec<_> = row.trim_matches('|').split(" | ").collect();
    let Some((tests, rest)) = cells.split_last() else { return vec![row.to_owned()] };
    let mut faults = Vec::new();
    if rest.len() == 3 && links(rest[2]).count() == 0 {
        faults.push(format!("no code: {row}"));
    }
    if functions(tests).count() == 0 || functions(tests).count() != links(tests).count() {
        faults.push(format!("no test: {row}"));
    }
    for (name, file) in functions(tests) {
        let text = read(&docs.join(file));
        let after = text.split("#[test]").skip(1).filter_map(|after| Some(after.split_once("fn ")?.1));
        if !after.into_iter().any(|test| test.starts_with(&format!("{name}("))) {
            faults.push(format!("{file} has no test {name}"));
        }
    }
    faults
}

#[test]
fn every_corner_of_libcurls_has_its_code_and_tests_that_are_there() {
    let text = read(&Path::new(ROOT).join("docs/libcurl.md"));
    let rows: Vec<_> =
        text.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| what ")).collect();
    assert!(rows.len() > 100, "{}", rows.len());
    let faults: Vec<_> = rows.iter().flat_map(|row| faults(row)).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_bug_seen_elsewhere_has_tests_that_are_there() {
    let text = read(&Path::new(ROOT).join("docs/known-bugs.md"));
    let rows: Vec<_> =
        text.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| bug ")).collect();
    assert!(rows.len() >= 12, "{}", rows.len());
    let faults: Vec<_> = rows.iter().flat_map(|row| faults(row)).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_row_without_its_code_or_its_test_is_noticed() {
    let test = "[`every_link_leads_somewhere`](../tests/links.rs)";
    let code = "[links.rs](../tests/links.rs)";
    assert_eq!(faults(&format!("| a | b | {code} | {test} |")), Vec::<String>::new());
    assert_eq!(faults(&format!("| a | {test} |")), Vec::<String>::new());
    for row in [
        format!("| a | b | c | {test} |"),
        format!("| a | b | {code} | d |"),
        format!("| a | b | {code} | {test}, {code} |"),
        // A function, but no test.
        format!("| a | b | {code} | [`functions`](../tests/links.rs) |"),
    ] {
        assert_eq!(faults(&row).len(), 1, "{row}");
    }
}

#[test]
fn every_link_leads_somewhere() {
    let documents = documents();
    let of = |(document, text): (&PathBuf, &String)| {
        links(text).filter_map(|target| broken(document, text, target)).collect::<Vec<_>>()
    };
    let broken: Vec<String> = documents.iter().flat_map(of).collect();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    assert!(documents.values().map(|text| links(text).count()).sum::<usize>() > 100);
}

#[test]
fn a_link_that_leads_nowhere_is_noticed() {
    let readme = Path::new(ROOT).join("README.md");
    let text = "# One thing\n\n[a](docs/none.md) [b](#one-thing) [c](#two) [d](docs/linking.md#none) [e](LICENSE-MIT)";
    let targets: Vec<_> = links(text).filter(|target| broken(&readme, text, target).is_some()).collect();
    assert_eq!(targets, ["docs/none.md", "#two", "docs/linking.md#none"]);
}

/// The row of README's table, its documentation, its examples, its tests.
#[test]
fn every_callback_has_its_documentation_its_example_and_its_test() {
    let readme = read(&Path::new(ROOT).join("README.md"));
    for name in KINDS.iter().map(|info| info.name) {
        let first = format!("| [`on_{name}`](docs/callbacks.md#on_{name}) |");
        let rows: Vec<_> = readme.lines().filter(|line| line.starts_with(&first)).collect();
        let [row] = rows[..] else { panic!("{} rows for on_{name}", rows.len()) };
        for (folder, calls) in [("src/", ""), ("examples-c/", "curlback_easy_"), ("tests/", "")] {
            let targets: Vec<_> = links(row).filter(|target| target.starts_with(folder)).collect();
            assert!(!targets.is_empty(), "on_{name} has nothing in {folder}");
            for target in targets {
                let text = read(&Path::new(ROOT).join(target));
                let word = format!("{calls}on_{name}");
                let uses = |line: &str| {
                    line.split(|c: char| !c.is_alphanumeric() && c != '_')
                        .any(|found| found == word || found == format!("curlback_easy_{word}"))
                };
                assert!(text.lines().any(uses), "{target} has no {word}");
            }
        }
    }
}

/// What a section on a callback has to have.
#[test]
fn every_section_on_a_callback_says_what_it_returns_its_errors_since_when_and_where_an_example_is() {
    let sections = |document: &str| -> Vec<(String, String)> {
        let text = read(&Path::new(ROOT).join(document));
        let sections = text.split("\n### ").skip(1).filter_map(|section| section.split_once('\n'));
        sections.map(|(title, text)| (title.to_owned(), text.to_owned())).collect()
    };
    let easy = sections("docs/callbacks.md");
    let multi = sections("docs/multi.md");
    for name in KINDS.iter().map(|info| format!("on_{}", info.name)) {
        assert!(easy.iter().any(|(title, _)| *title == name), "docs/callbacks.md has no {name}");
    }
    assert_eq!((easy.len(), multi.len()), (KINDS.len() + 2, 5));
    for (title, text) in easy.iter().chain(&multi) {
        for part in [
            "```c\ntypedef ",
            "\n- **Returns** ",
            "\n- **Errors:** ",
            "\n- **Since** libcurl ",
            " **Example:** [",
        ] {
            assert!(text.contains(part), "{title} has no {part:?}");
        }
    }
}

/// What a program cannot set by an option's type has its function there.
#[test]
fn the_guide_for_those_who_come_from_libcurl_has_every_option_that_is_set_by_a_function_of_its_own() {
    let guide = read(&Path::new(ROOT).join("docs/from-libcurl.md"));
    let options = read(&Path::new(ROOT).join("src/libcurl/options.in"));
    let mut count = 0;
    for line in options.lines().filter(|line| !line.starts_with('#')) {
        let words: Vec<_> = line.split_whitespace().collect();
        if let [name, _, "function" | "cbptr" | "object", ..] = words[..] {
            assert!(guide.contains(&format!("`CURLOPT_{name}`")), "CURLOPT_{name} is missing");
            count += 1;
        }
    }
    assert!(count > 50);
}

#[test]
fn every_function_that_the_documentation_names_is_in_the_header() {
    let header = read(&Path::new(ROOT).join("include/curlback.h"));
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let known: BTreeSet<&str> = header.split(|c| !word(c)).collect();
    let mut count = 0;
    for (document, text) in documents() {
        for name in text.split(|c| !word(c)).filter(|name| name.starts_with("curlback_")) {
            // `curlback_mime_...` and the like stand for several.
            let several = name.ends_with('_') && known.iter().any(|known| known.starts_with(name));
            let settings = name.ends_with("pkg_config");
            assert!(
                several || settings || known.contains(name),
                "{}: there is no {name}",
                document.display()
            );
            count += 1;
        }
    }
    assert!(count > 300);
}
