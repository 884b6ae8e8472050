//! The blocks of code in README and the guides: those in C and C++ are compiled and run here, and `cargo xtask guides` runs the
//! others.

#[path = "support/blocks.rs"]
mod blocks;
#[expect(dead_code, reason = "its programs are in no folder")]
#[path = "support/programs.rs"]
mod programs;

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use blocks::{Block, documents};
use curlback_test_servers::HttpServer;
use programs::{Language, compile, directory, limited, with_each};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

const C: Language = Language { extension: "c", compiler: "cc", options: &["-std=c99"] };
const CPP: Language = Language { extension: "cpp", compiler: "c++", options: &["-std=c++17"] };

/// How many seconds a program may take.
const LIMIT: u32 = 60;

/// What a program prints where the document does not say.
const BODY: &str = "hello, world\n";

fn all() -> Vec<Block> {
    documents(Path::new(ROOT)).iter().flat_map(|document| blocks::blocks(Path::new(ROOT), document)).collect()
}

fn is_program(block: &Block) -> bool {
    block.text.contains("\nint main(")
}

#[test]
fn every_block_has_a_language_and_none_is_indented() {
    let known = ["c", "cpp", "go", "zig", "cmake", "sh", "text"];
    for block in all() {
        assert!(known.contains(&&*block.language), "{}: {:?}", block.place(), block.language);
    }
    for document in documents(Path::new(ROOT)) {
        let text = fs::read_to_string(Path::new(ROOT).join(&document)).unwrap();
        assert_eq!(indented(&text), [0; 0], "{}", document.display());
    }
}

/// The lines that begin a block by being indented, which has no language.
fn indented(text: &str) -> Vec<usize> {
    let mut in_block = false;
    let mut after_blank = true;
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate() {
        in_block ^= line.starts_with("```");
        if !in_block && after_blank && line.starts_with("    ") {
            found.push(number + 1);
        }
        after_blank = line.is_empty();
    }
    found
}

/// What it prints stands in the text block after it.
#[test]
fn every_program_in_c_and_cpp_prints_what_its_document_says() {
    let directory = directory("documents");
    let url = HttpServer::shared().url("/hello");
    let blocks = all();
    let mut sources = Vec::new();
    let mut expected = Vec::new();
    for (number, block) in blocks.iter().enumerate() {
        if matches!(&*block.language, "c" | "cpp") && is_program(block) {
            let source = directory.join(format!("{number}.{}", block.language));
            fs::write(&source, &block.text).unwrap();
            sources.push(source);
            let said = blocks.get(number + 1).filter(|next| follows(block, next));
            expected.push((block.place(), said.map_or(BODY, |said| &said.text)));
        }
    }
    assert!(sources.len() >= 4, "{} programs", sources.len());
    with_each(&sources, |source| {
        let (place, expected) = &expected[sources.iter().position(|other| other == source).unwrap()];
        let language = if source.extension().is_some_and(|end| end == "cpp") { CPP } else { C };
        let program = match compile(source, language, &directory) {
            // What another program than curlback's needs.
            Err(said) if said.contains("curl/curl.h: No such file") => {
                let _ = writeln!(std::io::stderr(), "skipped: {place}: libcurl's headers are not here");
                return Ok(());
            }
            program => program.map_err(|said| format!("{place}: {said}"))?,
        };
        let output = limited(&program, LIMIT).arg(&url).output().map_err(|error| error.to_string())?;
        let (said, complained) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        let as_told = output.status.success() && said == *expected;
        as_told.then_some(()).ok_or_else(|| format!("{place}: {}: {said}{complained}", output.status))
    });
    fs::remove_dir_all(directory).unwrap();
}

/// Whether the block says what the program prints: nothing stands between them but one line.
fn follows(program: &Block, next: &Block) -> bool {
    let end = program.line + program.text.lines().count() + 1;
    next.language == "text" && next.document == program.document && next.line <= end + 4
}

/// Signatures and the like: what is no program stands in the header as it does in the document.
#[test]
fn every_other_block_in_c_is_a_part_of_the_header() {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").replace("( ", "(");
    let header = words(&fs::read_to_string(Path::new(ROOT).join("include/curlback.h")).unwrap());
    for block in all() {
        if block.language == "c" && !is_program(&block) {
            for part in block.text.split("\n\n") {
                assert!(header.contains(&words(part)), "{}: curlback.h has no\n{part}", block.place());
            }
        }
        assert!(block.language != "cpp" || is_program(&block), "{}: no program", block.place());
    }
}

/// What the shell and other compilers are given needs one of the documents that `cargo xtask guides` follows.
#[test]
fn every_block_for_the_shell_and_other_languages_is_in_a_document_that_is_followed() {
    let list = fs::read_to_string(Path::new(ROOT).join("xtask/src/guides/mod.rs")).unwrap();
    let followed = |document: &PathBuf| list.contains(&format!("\"{}\"", document.display()));
    for block in all() {
        let here = matches!(&*block.language, "c" | "cpp" | "text");
        assert!(here || followed(&block.document), "{}: nobody runs it", block.place());
        assert!(here || block.language == "sh" || block.file.is_some(), "{}: it is no file", block.place());
    }
}
