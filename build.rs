//! Decides which libcurl is linked, writes the option table and the C header, and names the shared library.
//!
//! | way | how | what it is |
//! |---|---|---|
//! | system | nothing, or `--no-default-features` | the libcurl that pkg-config finds |
//! | bundled | `--features bundled`, or nothing where pkg-config finds none | curl-sys compiles its own |
//! | full | `cargo xtask build --libcurl full` | the same sources built by CMake with every protocol |
//!
//! CURLBACK_LIBCURL in the environment names the way that is meant; the build fails if another one came about.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, process};

/// As in src/libcurl/version.rs.
const OLDEST_LIBCURL: (u32, u32) = (7, 88);

fn main() {
    println!("cargo:rerun-if-changed=src");
    println!("cargo:rerun-if-changed=cbindgen.toml");
    println!("cargo:rerun-if-changed=include/curlback.h");
    let root = PathBuf::from(variable("CARGO_MANIFEST_DIR"));
    let out = PathBuf::from(variable("OUT_DIR"));
    linkage();
    let options = rows(&root.join("src/libcurl/options.in"));
    let infos = rows(&root.join("src/libcurl/infos.in"));
    let multi_options = rows(&root.join("src/libcurl/multi_options.in"));
    write(&out.join("tables.rs"), &rust_tables(&options, &infos, &multi_options));
    let enums =
        [("option", "OPT", &options), ("info", "INFO", &infos), ("multi option", "MOPT", &multi_options)];
    header(&root, &enums.map(|(noun, infix, rows)| c_enum(noun, infix, rows)).concat());
    soname();
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| stop(&format!("{name} is not set: build with cargo")))
}

fn stop(message: &str) -> ! {
    println!("cargo:warning={message}");
    process::exit(1);
}

/// Only what changed is written, so that nothing is rebuilt without a reason.
fn write(path: &Path, text: &str) {
    if fs::read_to_string(path).is_ok_and(|old| old == text) {
        return;
    }
    if let Err(error) = fs::write(path, text) {
        stop(&format!("cannot write {}: {error}", path.display()));
    }
}

fn linkage() {
    println!("cargo:rerun-if-env-changed=CURLBACK_LIBCURL");
    println!("cargo:rerun-if-env-changed=HOST_CFLAGS");
    println!("cargo:rerun-if-env-changed=TARGET_CFLAGS");
    println!("cargo:rustc-check-cfg=cfg(libcurl_bundled, libcurl_static)");
    let wanted = env::var("CURLBACK_LIBCURL").ok();
    let compiled = env::var("DEP_CURL_STATIC").is_ok();
    let way = match (compiled, wanted.as_deref()) {
        (true, _) => "bundled",
        (false, Some("full")) => "full",
        (false, _) => "system",
    };
    match wanted.as_deref() {
        None => {}
        Some(wanted) if wanted == way => {}
        Some("system" | "full") => stop(
            "CURLBACK_LIBCURL asks for a libcurl that pkg-config finds, and it found none: \
             install libcurl4-openssl-dev and pkg-config, or set PKG_CONFIG_PATH",
        ),
        Some("bundled") => stop("CURLBACK_LIBCURL=bundled needs --features bundled"),
        Some(other) => stop(&format!("CURLBACK_LIBCURL is {other:?}: it takes system, bundled or full")),
    }
    if way == "system" {
        refuse_old_libcurl();
    } else {
        println!("cargo:rustc-cfg=libcurl_static");
    }
    if way == "bundled" {
        println!("cargo:rustc-cfg=libcurl_bundled");
        let mended = ["HOST_CFLAGS", "TARGET_CFLAGS", "CFLAGS"]
            .iter()
            .any(|name| env::var(name).is_ok_and(|flags| flags.contains("-DHAVE_POLL=1")));
        if !mended && cfg!(target_os = "linux") {
            stop(
                "the bundled libcurl would be compiled without the settings in .cargo/config.toml: \
                 run cargo inside curlback's source directory",
            );
        }
    }
    println!("cargo:rustc-env=CURLBACK_LINKAGE={way}");
}

/// The libcurl that curl-sys has found by pkg-config. Where there is no pkg-config, or another one for another system, it has found it
/// otherwise, and curlback_init() looks.
fn refuse_old_libcurl() {
    if variable("HOST") != variable("TARGET") {
        return;
    }
    println!("cargo:rerun-if-env-changed=PKG_CONFIG");
    println!("cargo:rerun-if-env-changed=PKG_CONFIG_PATH");
    println!("cargo:rerun-if-env-changed=PKG_CONFIG_LIBDIR");
    let program = env::var("PKG_CONFIG").unwrap_or_else(|_| "pkg-config".to_owned());
    let Ok(output) = process::Command::new(program).args(["--modversion", "libcurl"]).output() else {
        return;
    };
    let found = String::from_utf8_lossy(&output.stdout);
    let mut numbers = found.trim().split('.').map_while(|number| number.parse::<u32>().ok());
    if let (Some(major), Some(minor)) = (numbers.next(), numbers.next())
        && (major, minor) < OLDEST_LIBCURL
    {
        stop(&format!(
            "libcurl {}.{} or newer is needed, and pkg-config finds {}: install a newer one and set PKG_CONFIG_PATH to \
             its lib/pkgconfig, or build another one in with --features bundled",
            OLDEST_LIBCURL.0,
            OLDEST_LIBCURL.1,
            found.trim()
        ));
    }
}

fn soname() {
    // Until 1.0 the minor number is the one that says what is compatible; so far that is 0.
    let link = |argument: &str| println!("cargo:rustc-cdylib-link-arg={argument}");
    match variable("CARGO_CFG_TARGET_OS").as_str() {
        "linux" | "freebsd" | "netbsd" | "openbsd" => {
            link(&format!("-Wl,-soname,libcurlback.so.{}", variable("CARGO_PKG_VERSION_MAJOR")));
            // A sanitizer's functions are in the program.
            if env::var_os("CARGO_CFG_SANITIZE").is_none() {
                link("-Wl,-z,defs");
            }
        }
        "macos" => link(&format!(
            "-Wl,-install_name,@rpath/libcurlback.{}.dylib",
            variable("CARGO_PKG_VERSION_MAJOR")
        )),
        _ => {}
    }
}

/// One line of options.in or infos.in.
struct Row {
    name: String,
    number: i32,
    kind: String,
    since: String,
    alias: bool,
}

fn rows(path: &Path) -> Vec<Row> {
    let text = fs::read_to_string(path)
        .unwrap_or_else(|error| stop(&format!("cannot read {}: {error}", path.display())));
    text.lines()
        .filter(|line| !line.starts_with('#') && !line.trim().is_empty())
        .map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let number = words.get(1).and_then(|word| word.parse().ok());
            let (Some(number), true) = (number, words.len() >= 4) else {
                stop(&format!("{}: cannot read {line:?}", path.display()));
            };
            Row {
                name: words[0].into(),
                number,
                kind: words[2].into(),
                since: words[3].into(),
                alias: words.len() > 4,
            }
        })
        .collect()
}

fn rust_tables(options: &[Row], infos: &[Row], multi_options: &[Row]) -> String {
    let mut text = String::new();
    for (name, module, rows) in
        [("OPTIONS", "opt", options), ("INFOS", "info", infos), ("MULTI_OPTIONS", "mopt", multi_options)]
    {
        let _ = writeln!(text, "pub static {name}: [Row; {}] = [", rows.len());
        for Row { name, number, kind, since, alias } in rows {
            let mut kind_name = kind.replace('_', "");
            kind_name[..1].make_ascii_uppercase();
            let _ = writeln!(
                text,
                "    Row {{ name: c\"{name}\", number: {number}, kind: Kind::{kind_name}, since: \"{since}\", alias: {alias} }},"
            );
        }
        let _ = writeln!(text, "];\n#[allow(dead_code)]\npub mod {module} {{");
        for Row { name, number, .. } in rows {
            let _ = writeln!(text, "    pub const {name}: i32 = {number};");
        }
        let _ = writeln!(text, "}}");
    }
    // libcurl numbers its options within ten thousand, whatever their type.
    let last = options.iter().map(|row| row.number % 10_000).max().unwrap_or(0);
    let index: Vec<String> = (0..=last)
        .map(|n| options.iter().position(|row| !row.alias && row.number % 10_000 == n))
        .map(|position| position.map_or("NO_ROW".into(), |position| position.to_string()))
        .collect();
    let _ = writeln!(text, "static OPTION_ROWS: [u16; {}] = [{}];", index.len(), index.join(", "));
    text
}

fn c_enum(noun: &str, infix: &str, rows: &[Row]) -> String {
    let (prefix, setter) = match noun {
        "option" => {
            ("CURLOPT", "what curlback_easy_set_int(), _set_str(), _set_list() and _set_bytes() take")
        }
        "multi option" => ("CURLMOPT", "what curlback_multi_set_int() takes"),
        _ => ("CURLINFO", "what curlback_easy_get_int(), _get_double(), _get_str() and _get_list() take"),
    };
    let mut text = format!(
        "\n/**\n * libcurl's {noun}s, by libcurl's own numbers: {setter}.\n * Each says its libcurl type and the libcurl version that brought it.\n */\nenum {{\n"
    );
    for (index, Row { name, number, kind, since, .. }) in rows.iter().enumerate() {
        let comma = if index + 1 == rows.len() { "" } else { "," };
        let _ = writeln!(
            text,
            "  /** {prefix}_{name}: {kind}. Since libcurl {since}. */\n  CURLBACK_{infix}_{name} = {number}{comma}"
        );
    }
    text + "};\n"
}

fn header(root: &Path, enums: &str) {
    let part = |name: &str| variable(&format!("CARGO_PKG_VERSION_{name}"));
    let (major, minor, patch) = (part("MAJOR"), part("MINOR"), part("PATCH"));
    let versions = format!(
        "\n/** The version of this header: what curlback_version_number() should say of the library. */\n\
         #define CURLBACK_VERSION_MAJOR {major}\n\
         /** See CURLBACK_VERSION_MAJOR. */\n#define CURLBACK_VERSION_MINOR {minor}\n\
         /** See CURLBACK_VERSION_MAJOR. */\n#define CURLBACK_VERSION_PATCH {patch}\n\
         /** The three as one number, 0xMMmmpp. */\n\
         #define CURLBACK_VERSION_NUMBER \\\n  ((CURLBACK_VERSION_MAJOR << 16) | (CURLBACK_VERSION_MINOR << 8) | CURLBACK_VERSION_PATCH)\n"
    );
    let mut config = cbindgen::Config::from_file(root.join("cbindgen.toml"))
        .unwrap_or_else(|error| stop(&format!("cbindgen.toml: {error}")));
    config.after_includes = Some(versions + enums);
    match cbindgen::Builder::new().with_crate(root).with_config(config).generate() {
        Ok(bindings) => {
            let mut text = Vec::new();
            bindings.write(&mut text);
            let path = root.join("include/curlback.h");
            // A source tree that cannot be written to, a registry's say, keeps the header it came with.
            if fs::metadata(&path).is_ok_and(|file| file.permissions().readonly()) {
                return;
            }
            // rustdoc's heading for what callers of an unsafe function answer for.
            write(
                &path,
                &String::from_utf8_lossy(&text).replace(" * # Safety", " * Required of the caller:"),
            );
        }
        // rustc says it better when the sources do not parse.
        Err(error) => println!("cargo:warning=the header was not generated: {error}"),
    }
}
