//! The C programs: all compile without a warning, and those of tests/c run.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::thread;

use curlback_test_servers::HttpServer;

/// Where the library that this test was built with is.
fn built() -> PathBuf {
    std::env::current_exe().unwrap().parent().unwrap().to_owned()
}

/// A directory for the programs, with the library by its SONAME, which is what they look for.
fn directory(name: &str) -> PathBuf {
    // The place that Cargo gives for this is shared by all profiles.
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
    fs::create_dir_all(&directory).unwrap();
    symlink(built().join("libcurlback.so"), directory.join("libcurlback.so.0")).unwrap();
    directory
}

fn sources(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap();
    let mut sources: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    sources.retain(|path| path.extension().is_some_and(|extension| extension == "c"));
    sources.sort();
    assert!(!sources.is_empty(), "{folder} has no programs");
    sources
}

/// What else the program is linked with: its comment says how to compile it.
fn libraries(source: &Path) -> Vec<String> {
    let text = fs::read_to_string(source).unwrap();
    let line = text.lines().find(|line| line.starts_with(" * Compile: ")).unwrap_or_default();
    let libraries = line.split_whitespace().filter(|word| word.starts_with("-l") && *word != "-lcurlback");
    libraries.map(str::to_owned).collect()
}

/// Compiles the program; what the compiler says where it does not.
fn compile(source: &Path, to: &Path) -> Result<PathBuf, String> {
    let program = to.join(source.file_stem().unwrap());
    let output = Command::new("cc")
        .args(["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-g", "-pthread"])
        .arg(concat!("-I", env!("CARGO_MANIFEST_DIR"), "/include"))
        .arg(source)
        .arg("-o")
        .arg(&program)
        .arg(to.join("libcurlback.so.0"))
        .arg(format!("-Wl,-rpath,{}", to.display()))
        // cargo sets LD_LIBRARY_PATH for what it runs: without this that comes before the rpath.
        .arg("-Wl,--disable-new-dtags")
        .args(libraries(source))
        .output()
        .expect("a C compiler, cc, is needed");
    let said = String::from_utf8_lossy(&output.stderr);
    if output.status.success() { Ok(program) } else { Err(format!("{}: {said}", source.display())) }
}

/// Does `work` with each program on as many threads as there are processors; all failures together.
fn with_each(sources: &[PathBuf], work: impl Fn(&Path) -> Result<(), String> + Sync) {
    let left = Mutex::new(sources.iter());
    let failures = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let Some(source) = left.lock().unwrap().next() else { return };
                    if let Err(failure) = work(source) {
                        failures.lock().unwrap().push(failure);
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap();
    assert!(failures.is_empty(), "{} of {} failed:\n{}", failures.len(), sources.len(), failures.join("\n"));
}

#[test]
fn every_example_compiles_without_a_warning() {
    let directory = directory("examples-c");
    with_each(&sources("examples-c"), |source| compile(source, &directory).map(drop));
    fs::remove_dir_all(directory).unwrap();
}

#[test]
fn every_program_of_tests_c_says_ok() {
    let directory = directory("tests-c");
    let url = HttpServer::shared().url("/hello");
    with_each(&sources("tests/c"), |source| {
        let program = compile(source, &directory)?;
        let output = Command::new(&program).arg(&url).output().map_err(|error| error.to_string())?;
        let (said, complained) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        if output.status.success() && said == "ok\n" && complained.is_empty() {
            return Ok(());
        }
        Err(format!("{}: {}: {said}{complained}", source.display(), output.status))
    });
    fs::remove_dir_all(directory).unwrap();
}

#[test]
fn the_program_of_the_readme_prints_a_body() {
    let directory = directory("readme");
    let readme = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let program = readme.split("```c\n").nth(1).and_then(|rest| rest.split("```").next());
    let source = directory.join("readme.c");
    fs::write(&source, program.expect("README.md has a program")).unwrap();
    let program = compile(&source, &directory).unwrap();
    let output = Command::new(&program).arg(HttpServer::shared().url("/hello")).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.stdout, b"hello, world\n");
    assert!(output.status.success());
    fs::remove_dir_all(directory).unwrap();
}
