//! Programs in other languages: compiled against the library that the test was built with.

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::thread;

#[derive(Clone, Copy)]
pub struct Language {
    pub extension: &'static str,
    pub compiler: &'static str,
    pub options: &'static [&'static str],
}

/// Where the library that this test was built with is.
fn built() -> PathBuf {
    std::env::current_exe().unwrap().parent().unwrap().to_owned()
}

/// A directory for the programs, with the library by its SONAME, which is what they look for.
pub fn directory(name: &str) -> PathBuf {
    // The place that Cargo gives for this is shared by all profiles.
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
    fs::create_dir_all(&directory).unwrap();
    symlink(built().join("libcurlback.so"), directory.join("libcurlback.so.0")).unwrap();
    directory
}

pub fn sources(folder: &str, language: Language) -> Vec<PathBuf> {
    let entries = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap();
    let mut sources: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    sources.retain(|path| path.extension().is_some_and(|extension| extension == language.extension));
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
pub fn compile(source: &Path, language: Language, to: &Path) -> Result<PathBuf, String> {
    let program = to.join(source.file_stem().unwrap());
    // What the library was compiled with, where somebody has chosen: a sanitizer has to be in all that is linked.
    let [compiler, flags] = if language.extension == "c" { ["CC", "CFLAGS"] } else { ["CXX", "CXXFLAGS"] };
    let flags = std::env::var(flags).unwrap_or_default();
    let output = Command::new(std::env::var(compiler).unwrap_or(language.compiler.to_owned()))
        .args(language.options)
        .args(flags.split_whitespace())
        .args(["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-g", "-pthread"])
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
        .unwrap_or_else(|error| panic!("{}, a compiler, is needed: {error}", language.compiler));
    let said = String::from_utf8_lossy(&output.stderr);
    if output.status.success() { Ok(program) } else { Err(format!("{}: {said}", source.display())) }
}

/// The program, which SIGALRM ends where it takes longer than so many seconds.
pub fn limited(program: &Path, seconds: u32) -> Command {
    let mut command = Command::new(program);
    let set = move || {
        // SAFETY: it sets a clock, which may be done between fork and exec, and which exec leaves running.
        unsafe { libc::alarm(seconds) };
        Ok(())
    };
    // SAFETY: `set` does nothing else.
    unsafe { command.pre_exec(set) };
    command
}

/// Does `work` with each program on as many threads as there are processors; all failures together.
pub fn with_each(sources: &[PathBuf], work: impl Fn(&Path) -> Result<(), String> + Sync) {
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
