//! Each language's bindings against the header: every function of it can be reached, or is said why not.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Functions that need no wrapper, and the reason.
type Exceptions = &'static [(&'static str, &'static [&'static str])];

const CPP: Exceptions = &[
    (
        "takes and returns plain values: it is called as it is",
        &[
            "curlback_version",
            "curlback_version_number",
            "curlback_libcurl_version",
            "curlback_libcurl_version_number",
            "curlback_libcurl_linkage",
            "curlback_protocol_name",
            "curlback_feature_name",
            "curlback_has_protocol",
            "curlback_has_feature",
            "curlback_has_callback",
            "curlback_live_handles",
            "curlback_option_id",
            "curlback_option_name",
            "curlback_info_id",
            "curlback_info_name",
        ],
    ),
    (
        "comes before all else and has no handle: it is called as it is",
        &["curlback_init", "curlback_init_memory"],
    ),
];

const GO: Exceptions = &[
    (
        "takes a FILE, which Go has none of: writers, readers and descriptors are there for it",
        &["curlback_easy_body_to_file", "curlback_easy_header_to_file", "curlback_easy_read_from_file"],
    ),
    (
        "keeps a pointer for C: SetPrivate keeps a value where Go's collector sees it, which frees a handle that its own value refers to",
        &["curlback_easy_set_private", "curlback_easy_private"],
    ),
    ("comes before all else: the first use of the library initialises it", &["curlback_init"]),
    ("takes C functions that allocate, which Go's memory cannot be behind", &["curlback_init_memory"]),
];

const ZIG: Exceptions = &[
    (
        "takes a FILE of C's: what Zig opens has a descriptor, and there are methods for these",
        &["curlback_easy_body_to_file", "curlback_easy_header_to_file", "curlback_easy_read_from_file"],
    ),
    (
        "hands over a payload, which here is an error and nobody's to free: Failure has it as its cause",
        &["curlback_easy_take_payload", "curlback_multi_take_payload"],
    ),
    (
        "finds names and numbers while the program runs: here the compiler does, from `.URL`",
        &["curlback_option_id", "curlback_option_name", "curlback_info_id", "curlback_info_name"],
    ),
    (
        "says in words what the name of an error says: lastError() and Failure have whole sentences",
        &["curlback_strerror"],
    ),
    ("comes before all else: the first use of the library initialises it", &["curlback_init"]),
    (
        "takes functions that free without being told the size, which Zig's allocators want",
        &["curlback_init_memory"],
    ),
];

fn text(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// The texts of the folder's files with one of these extensions, without comments.
fn sources(folder: &str, extensions: &[&str]) -> String {
    let mut texts = String::new();
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let known = extensions.iter().any(|extension| name.ends_with(extension));
        if known && !name.ends_with("_test.go") {
            texts += &without_comments(&text(&format!("{folder}/{name}")));
        }
    }
    assert!(!texts.is_empty(), "{folder} has no {extensions:?}");
    texts
}

fn without_comments(text: &str) -> String {
    let mut rest = text;
    let mut code = String::new();
    while let Some(start) = ["//", "/*"].iter().filter_map(|start| rest.find(start)).min() {
        code += &rest[..start];
        let end = if rest[start..].starts_with("//") { "\n" } else { "*/" };
        rest = rest[start..].split_once(end).map_or("", |(_, after)| after);
        code.push('\n');
    }
    code + rest
}

/// The words that name something of the interface.
fn names(code: &str) -> BTreeSet<&str> {
    let words = code.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    words.filter(|word| word.starts_with("curlback_")).collect()
}

/// What the header declares: a name, an opening parenthesis, and no typedef before it.
fn functions(header: &str) -> BTreeSet<&str> {
    let declared = header.match_indices("curlback_").filter_map(|(at, _)| {
        let line = header[..at].rsplit('\n').next().unwrap_or_default();
        let name = header[at..].split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next()?;
        let opens = header[at + name.len()..].starts_with('(');
        // The rest of a longer declaration is indented.
        let begins = !line.is_empty() && !line.starts_with(' ') && !line.starts_with("typedef");
        (opens && begins && !line.ends_with(|c: char| c.is_alphanumeric())).then_some(name)
    });
    declared.collect()
}

/// Fails with whatever is neither used nor said to need no wrapper, and with what is said wrongly.
fn check(language: &str, code: &str, exceptions: Exceptions) {
    let header = without_comments(&text("include/curlback.h"));
    let functions = functions(&header);
    assert!(functions.len() > 130, "{} functions were found", functions.len());
    let used = names(code);
    let mut excused = BTreeMap::new();
    for (reason, names) in exceptions {
        for name in *names {
            assert!(functions.contains(name), "{language}: the header has no {name}");
            assert!(!used.contains(name), "{language}: {name} is used, although it {reason}");
            assert!(excused.insert(*name, reason).is_none(), "{language}: {name} is named twice");
        }
    }
    let missing: Vec<_> =
        functions.iter().filter(|name| !used.contains(*name) && !excused.contains_key(*name)).collect();
    assert!(missing.is_empty(), "{language} has no way to {missing:#?}");
}

#[test]
fn cpp_reaches_every_function() {
    let code = sources("include/curlback", &[".hpp"]);
    check("C++", &code, CPP);
}

/// bridge.c makes the names of the functions that register callbacks from words.
fn spelt_out(code: &str) -> String {
    let mut spelt = String::new();
    let mut prefix = "";
    for line in code.lines() {
        if let Some((_, rest)) = line.split_once("return curlback_") {
            prefix = rest.split_once("##NAME").map_or(prefix, |(prefix, _)| prefix);
        }
        if let Some((_, name)) = line.trim().strip_prefix("REGISTER(").and_then(|rest| rest.split_once(", "))
        {
            spelt += &format!("curlback_{prefix}{}\n", name.trim_end_matches(");"));
        }
    }
    assert!(!spelt.is_empty());
    spelt
}

#[test]
fn go_reaches_every_function() {
    let code = sources("bindings/go", &[".go", ".c", ".h"]);
    check("Go", &(spelt_out(&text("bindings/go/bridge.c")) + &code), GO);
}

#[test]
fn zig_reaches_every_function() {
    let code = sources("bindings/zig/src", &[".zig"]);
    check("Zig", &code, ZIG);
}
