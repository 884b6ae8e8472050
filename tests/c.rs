//! The C programs: all compile without a warning, and those of tests/c run.

#[path = "support/programs.rs"]
mod programs;

use std::fs;

use curlback_test_servers::HttpServer;
use programs::{Language, compile, directory, limited, sources, with_each};

const C: Language = Language { extension: "c", compiler: "cc", options: &["-std=c99"] };

/// How many seconds a program may take.
const LIMIT: u32 = 60;

#[test]
fn every_example_compiles_without_a_warning() {
    let directory = directory("examples-c");
    with_each(&sources("examples-c", C), |source| compile(source, C, &directory).map(drop));
    fs::remove_dir_all(directory).unwrap();
}

#[test]
fn every_program_of_tests_c_says_ok() {
    let directory = directory("tests-c");
    let url = HttpServer::shared().url("/hello");
    with_each(&sources("tests/c", C), |source| {
        let program = compile(source, C, &directory)?;
        let output = limited(&program, LIMIT).arg(&url).output().map_err(|error| error.to_string())?;
        let (said, complained) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        if output.status.success() && said == "ok\n" && complained.is_empty() {
            return Ok(());
        }
        Err(format!("{}: {}: {said}{complained}", source.display(), output.status))
    });
    fs::remove_dir_all(directory).unwrap();
}
