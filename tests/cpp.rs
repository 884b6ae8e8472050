//! The C++ programs, all with AddressSanitizer, which finds leaks too, or under valgrind where the test is.

#[path = "support/programs.rs"]
mod programs;

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use curlback_test_servers::{Ftp, HostKey, HttpServer, Nginx, Sshd, WsServer};
use programs::{Language, compile, directory, limited, sources, with_each};

const CPP: Language = Language {
    extension: "cpp",
    compiler: "c++",
    options: &["-std=c++17", "-fsanitize=address", concat!("-I", env!("CARGO_MANIFEST_DIR"), "/tests/cpp")],
};

/// How many seconds a program may take.
const LIMIT: u32 = 120;

/// The program, told where the servers are that are here.
fn run(program: &Path, known_hosts: &Path, websocket: &WsServer) -> Command {
    let mut command = limited(program, LIMIT);
    command.env("HTTP", HttpServer::shared().url("")).env("WS", websocket.url(""));
    if let Ok(nginx) = Nginx::shared() {
        command.env("HTTPS", nginx.https_url("/hello.txt")).env("CA", nginx.ca_path());
    }
    if let Ok(ftp) = Ftp::shared() {
        command.env("FTP", ftp.url(""));
    }
    if let Ok(sshd) = Sshd::shared(HostKey::Ed25519) {
        command
            .env("SFTP", sshd.url("sftp", "hello.txt"))
            .env("SSH_KEY", sshd.user_key())
            .env("KNOWN_HOSTS", known_hosts);
    }
    command
}

#[test]
fn every_program_of_tests_cpp_says_ok() {
    let directory = directory("tests-cpp");
    let known_hosts = directory.join("known_hosts");
    fs::write(&known_hosts, "").unwrap();
    let websocket = WsServer::for_examples();
    with_each(&sources("tests/cpp", CPP), |source| {
        let program = compile(source, CPP, &directory)?;
        let output = run(&program, &known_hosts, &websocket).output().map_err(|error| error.to_string())?;
        let (said, complained) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        let only_skipped = complained.lines().all(|line| line.starts_with("skipped: "));
        if output.status.success() && said == "ok\n" && only_skipped {
            // What println! says a passing test does not show.
            let _ = write!(std::io::stderr(), "{complained}");
            return Ok(());
        }
        Err(format!("{}: {}: {said}{complained}", source.display(), output.status))
    });
    fs::remove_dir_all(directory).unwrap();
}

#[test]
fn every_example_compiles_without_a_warning() {
    let directory = directory("examples-cpp");
    with_each(&sources("examples-cpp", CPP), |source| compile(source, CPP, &directory).map(drop));
    fs::remove_dir_all(directory).unwrap();
}

#[test]
fn each_part_of_the_header_compiles_alone_and_in_two_files_at_once() {
    let directory = directory("parts-cpp");
    let parts = [
        "curlback.hpp",
        "curlback/error.hpp",
        "curlback/callback.hpp",
        "curlback/easy.hpp",
        "curlback/multi.hpp",
        "curlback/mime.hpp",
        "curlback/share.hpp",
    ];
    for (number, part) in parts.iter().enumerate() {
        let source = directory.join(format!("part{number}.cpp"));
        // What is not inline is defined twice then.
        let other = directory.join(format!("other{number}.hpp"));
        fs::write(&other, format!("#include <{part}>\n")).unwrap();
        fs::write(&source, format!("#include <{part}>\n#include \"other{number}.hpp\"\nint main() {{}}\n"))
            .unwrap();
        compile(&source, CPP, &directory).unwrap();
    }
    fs::remove_dir_all(directory).unwrap();
}

/// What the compiler says to a callback that cannot be.
#[test]
fn the_compiler_says_what_is_wrong_with_a_callback() {
    let directory = directory("refused-cpp");
    let refused = [
        (
            "easy.on_write([](std::string_view) { return true; });",
            "a callback returns nothing, a count or a CURLBACK_ constant",
        ),
        ("easy.on_write([](int, int) {});", "the callback takes other arguments than this on_... gives"),
        (
            "easy.on_read([](char *, std::size_t) {});",
            "this callback has to return a count, a socket or a CURLBACK_ constant",
        ),
    ];
    for (number, (statement, message)) in refused.into_iter().enumerate() {
        let source = directory.join(format!("refused{number}.cpp"));
        let text =
            format!("#include <curlback.hpp>\nint main() {{\n  curlback::easy easy;\n  {statement}\n}}\n");
        fs::write(&source, text).unwrap();
        let said = compile(&source, CPP, &directory).unwrap_err();
        assert!(said.contains(message), "{statement}: {said}");
    }
    let old = Language { options: &["-std=c++14"], ..CPP };
    let source = directory.join("old.cpp");
    fs::write(&source, "#include <curlback.hpp>\nint main() {}\n").unwrap();
    let said = compile(&source, old, &directory).unwrap_err();
    assert!(said.contains("curlback.hpp needs C++17: compile with -std=c++17 or newer"), "{said}");
    fs::remove_dir_all(directory).unwrap();
}
