//! The tasks of curlback's developers: `cargo xtask`, and nothing to install first.

mod abi;
mod asan;
mod bench;
mod bindings;
mod checked;
mod demo;
mod docs;
mod full;
mod fuzz;
mod guides;
mod libcurl;
mod lint;
mod package;
mod process;
mod runs;
mod sanitizer;
mod server;
mod setup;
mod test;
mod torture;
mod tsan;
mod valgrind;
mod workspace;

use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use lexopt::prelude::*;

use libcurl::{Library, Profile, Way};
use setup::Needs;
use workspace::Workspace;

const HELP: &str = "\
cargo xtask setup                                    install what is missing
cargo xtask demo [--libcurl WAY]                     build the examples and run them
cargo xtask test [--libcurl WAY]... [-- ARGUMENT...] run the tests, on all three ways unless told
cargo xtask build [--libcurl WAY] [--release]        build the library
cargo xtask libcurl                                  build the full libcurl and print where it is
cargo xtask package                                  test what CMake installs and packages
cargo xtask bindings [--libcurl WAY] [NAME]...       test go, zig and generators, or those named
cargo xtask docs                                     build the documentation
cargo xtask guides                                   do what README and the guides say
cargo xtask abi                                      record what is new in the interface: docs/abi.md
cargo xtask lint                                     check formatting and lints
cargo xtask torture [--libcurl WAY]                  run scenarios with each allocation failing, and report on each
cargo xtask valgrind [--all | TEST...]              run examples and most tests under valgrind; with --all every test, or these
                                                     test programs
cargo xtask tsan                                     run the tests of threads under ThreadSanitizer
cargo xtask asan [TEST]...                           run examples and tests with AddressSanitizer, or these test programs
cargo xtask fuzz [TARGET]... [--seconds N] [--keep]  fuzz calls and peer, or those named, for 60 s each unless told;
                                                     with --keep, what was found joins fuzz/corpus
cargo xtask bench [--ci | --load] [NAME]...          measure what curlback costs and write docs/speed.md; with --ci what is short
                                                     and repeats, with --load many transfers at once, or the rows named

WAY is system, bundled or full: docs/linking.md explains them.
The arguments after -- are cargo test's, for curlback's own tests.";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[derive(Default)]
struct Options {
    ways: Vec<Way>,
    release: bool,
    ci: bool,
    load: bool,
    all: bool,
    seconds: Option<u32>,
    keep: bool,
    rest: Vec<String>,
}

fn run() -> Result<()> {
    let mut parser = lexopt::Parser::from_env();
    let task = match parser.next()? {
        Some(Value(task)) => task.string()?,
        Some(Long("help") | Short('h')) | None => "help".to_owned(),
        Some(other) => return Err(other.unexpected().into()),
    };
    let options = options(&task, &mut parser)?;
    let one_way = options.ways.first().copied();
    match task.as_str() {
        "help" => {
            println!("{HELP}");
            Ok(())
        }
        "setup" => setup::setup(Needs::Everything),
        "demo" => {
            setup::setup(needs(one_way))?;
            setup::setup(Needs::Peers)?;
            demo::demo(&Workspace::load()?, one_way)
        }
        "test" => {
            setup::setup(Needs::Everything)?;
            let ways = if options.ways.is_empty() { &Way::ALL } else { options.ways.as_slice() };
            test::test(&Workspace::load()?, ways, &options.rest)
        }
        "build" => build(one_way, options.release),
        // CMake calls it: nothing else on standard output, and nothing is installed.
        "libcurl" => {
            println!("{}", full::prefix(&Workspace::load()?)?.display());
            Ok(())
        }
        "package" => {
            setup::setup(Needs::Everything)?;
            package::package(&Workspace::load()?)
        }
        "bindings" => {
            setup::setup(Needs::Everything)?;
            bindings::bindings(&Workspace::load()?, one_way, &options.rest)
        }
        "docs" => {
            setup::setup(Needs::Everything)?;
            docs::docs(&Workspace::load()?)
        }
        "guides" => {
            setup::setup(Needs::Everything)?;
            guides::guides(&Workspace::load()?)
        }
        "abi" => {
            setup::setup(needs(None))?;
            abi::record(&Workspace::load()?)
        }
        "lint" => {
            setup::setup(Needs::Everything)?;
            lint::lint(&Workspace::load()?)
        }
        "torture" => {
            setup::setup(Needs::Everything)?;
            torture::torture(&Workspace::load()?, one_way.unwrap_or(Way::Full))
        }
        "valgrind" => {
            setup::setup(Needs::Everything)?;
            valgrind::valgrind(&Workspace::load()?, options.all, &options.rest)
        }
        "tsan" => {
            setup::setup(Needs::Everything)?;
            tsan::tsan(&Workspace::load()?)
        }
        "asan" => {
            setup::setup(Needs::Everything)?;
            asan::asan(&Workspace::load()?, &options.rest)
        }
        "fuzz" => {
            setup::setup(Needs::Build)?;
            let task = fuzz::Task { targets: options.rest, seconds: options.seconds, keep: options.keep };
            fuzz::fuzz(&Workspace::load()?, &task)
        }
        "bench" => {
            setup::setup(Needs::Everything)?;
            let choice = bench::Choice { ci: options.ci, load: options.load, names: &options.rest };
            bench::bench(&Workspace::load()?, &choice)
        }
        other => bail!("there is no task {other:?}\n\n{HELP}"),
    }
}

/// The options after the task, refused where the task has no use for them.
fn options(task: &str, parser: &mut lexopt::Parser) -> Result<Options> {
    let mut options = Options::default();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("libcurl") if matches!(task, "demo" | "test" | "build" | "bindings" | "torture") => {
                let way = parser.value()?.string()?.parse()?;
                if task != "test" && !options.ways.is_empty() {
                    bail!("{task} takes --libcurl once");
                }
                options.ways.push(way);
            }
            Long("ci") if task == "bench" => options.ci = true,
            Long("load") if task == "bench" => options.load = true,
            Long("all") if task == "valgrind" => options.all = true,
            Long("seconds") if task == "fuzz" => options.seconds = Some(parser.value()?.parse()?),
            Long("keep") if task == "fuzz" => options.keep = true,
            Long("release") if task == "build" => options.release = true,
            Value(argument)
                if matches!(task, "test" | "bindings" | "bench" | "valgrind" | "asan" | "fuzz") =>
            {
                options.rest.push(argument.string()?)
            }
            other => return Err(other.unexpected()).context(format!("cargo xtask {task}")),
        }
    }
    Ok(options)
}

/// Without a way, the one that needs least is taken.
fn needs(way: Option<Way>) -> Needs {
    match way {
        None | Some(Way::Bundled) => Needs::Build,
        Some(Way::System | Way::Full) => Needs::Everything,
    }
}

fn build(way: Option<Way>, release: bool) -> Result<()> {
    setup::setup(needs(way))?;
    let profile = if release { Profile::Release } else { Profile::Dev };
    let library = Library::build(&Workspace::load()?, way.unwrap_or_else(Way::quickest), profile)?;
    println!("linked:  {} libcurl", library.way.name());
    println!("library: {}", library.shared().display());
    println!("header:  {}", library.include.join("curlback.h").display());
    Ok(())
}
