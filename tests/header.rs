//! include/curlback.h: it compiles everywhere, documents everything, is not stale, and agrees with the library and with
//! libcurl's own headers.

#[path = "support/mod.rs"]
mod support;

use std::collections::BTreeSet;
use std::io::Write as _;
use std::mem::{offset_of, size_of};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use curlback::libcurl::sys::{
    self, EasyOption, HstsEntry, HstsIndex, KnownHostKey, VersionInfo, WsFrame, curl_fileinfo,
};
use curlback::libcurl::tables::{INFOS, MULTI_OPTIONS, OPTIONS, Row};
use curlback::library::{curlback_version, curlback_version_number};
use curlback::result::curlback_result_name;
use support::{skipped, text};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const HEADER: &str = include_str!("../include/curlback.h");

/// What the command printed; its name, and what it complained of, where it failed.
#[track_caller]
fn output(command: &mut Command, input: &str) -> String {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?} is needed: {error}"));
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {complained}");
    String::from_utf8(output.stdout).unwrap()
}

fn exists(program: &str) -> bool {
    let mut command = Command::new(program);
    command.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Compiles `source` for its errors only.
#[track_caller]
fn compile(compiler: &str, language: &str, standard: &str, includes: &[PathBuf], source: &str) {
    let mut command = Command::new(compiler);
    command.args(["-fsyntax-only", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-x", language, standard]);
    for directory in includes {
        command.arg("-I").arg(directory);
    }
    output(command.arg("-"), source);
}

fn own() -> PathBuf {
    Path::new(ROOT).join("include")
}

#[test]
fn it_compiles_alone_as_c() {
    for standard in ["-std=c99", "-std=c11"] {
        compile("cc", "c", standard, &[own()], "#include \"curlback.h\"\n#include \"curlback.h\"\n");
    }
}

#[test]
fn it_compiles_alone_as_cpp() {
    if !exists("g++") {
        skipped("compiling the header as C++", "g++");
        return;
    }
    for standard in ["-std=c++11", "-std=c++17"] {
        compile("g++", "c++", standard, &[own()], "#include \"curlback.h\"\n#include \"curlback.h\"\n");
    }
}

#[test]
fn it_is_the_one_that_is_committed() {
    let git = |arguments: &[&str]| Command::new("git").args(["-C", ROOT]).args(arguments).output();
    // Not a checkout: a release's sources, say.
    let Ok(top) = git(&["rev-parse", "--show-prefix"]) else { return };
    if !top.status.success() || !top.stdout.trim_ascii().is_empty() {
        return;
    }
    let committed = git(&["show", ":include/curlback.h"]).unwrap();
    assert!(committed.status.success(), "include/curlback.h is not in git: git add include/curlback.h");
    let now = std::fs::read(own().join("curlback.h")).unwrap();
    assert!(committed.stdout == now, "the build wrote another include/curlback.h: commit it");
}

/// The header without its comments, each of which leaves the mark.
fn with_marks(header: &str, mark: char) -> String {
    let mut rest = header;
    let mut text = String::new();
    while let Some((before, comment)) = rest.split_once("/*") {
        text.push_str(before);
        let (comment, after) = comment.split_once("*/").expect("every comment ends");
        if comment.starts_with('*') {
            assert!(comment.trim_matches(['*', ' ', '\n']).len() > 3, "an empty comment");
            text.push(mark);
        }
        rest = after;
    }
    text + rest
}

/// The items of the header that no documentation comment stands directly before.
fn undocumented(header: &str) -> Vec<String> {
    const MARK: char = '\u{1}';
    let mut missing = Vec::new();
    let text = with_marks(header, MARK);
    // What the preprocessor takes.
    let mut code = String::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let bare = line.trim_start_matches(MARK);
        if !bare.starts_with('#') {
            code.push_str(line.split("//").next().unwrap());
            code.push('\n');
            continue;
        }
        let (directive, name) = bare.split_once(' ').unwrap_or((bare, ""));
        if directive == "#define" && name != "CURLBACK_H" {
            let documented = code.trim_end().ends_with(MARK);
            code.truncate(code.trim_end().trim_end_matches(MARK).len());
            if !documented {
                missing.push(bare.to_owned());
            }
        }
        let mut continued = bare.ends_with('\\');
        while continued {
            continued = lines.next().is_some_and(|line| line.ends_with('\\'));
        }
    }
    // What stands between the ends of items is an item: a declaration, an enumerator, a field.
    let mut parentheses = 0;
    let mut item = String::new();
    for c in code.chars() {
        match c {
            '(' => parentheses += 1,
            ')' => parentheses -= 1,
            _ => {}
        }
        if parentheses > 0 || !matches!(c, ';' | ',' | '{' | '}') {
            item.push(c);
            continue;
        }
        let words = item.trim();
        let name_of_block = c == ';' && words.split_whitespace().count() < 2 && !words.starts_with(MARK);
        let linkage = words == "extern \"C\"";
        if !words.is_empty() && !words.starts_with(MARK) && !name_of_block && !linkage {
            missing.push(words.replace(MARK, "").to_owned());
        }
        item.clear();
    }
    assert_eq!(item.trim(), "", "the header ends within an item");
    missing
}

#[test]
fn every_item_is_documented() {
    assert_eq!(undocumented(HEADER), Vec::<String>::new());
}

/// The test above sees what it should.
#[test]
fn an_undocumented_item_is_noticed() {
    let broken = "/** Fine. */\n#define FINE 1\n#define BAD 2\n/** Fine. */\nenum {\n/** Fine. */\nA,\nB\n};\n\
                  /** Fine. */\ntypedef struct s {\n/** Fine. */\nint a;\nint b;\n} s;\n\
                  extern \"C\" {\n/** Fine. */\nint f(int a, int b);\n/* Not one. */\nint g(void);\n}\n";
    assert_eq!(undocumented(broken), ["#define BAD 2", "B", "int b", "int g(void)"]);
    for line in ["curlback_result curlback_init(void);", "  curlback_result curl_code;", "  CURLBACK_OK = 0,"]
    {
        let (before, after) = HEADER.split_once(&format!("*/\n{line}")).unwrap();
        let broken = format!("{}{line}{after}", &before[..before.rfind("/**").unwrap()]);
        assert_eq!(undocumented(&broken), [line.trim_matches([' ', ';', ','])]);
    }
}

#[test]
fn macros_are_the_version_and_the_guard_alone() {
    let macros: Vec<&str> = HEADER
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix("#define "))
        .map(|rest| rest.split([' ', '(']).next().unwrap())
        .collect();
    let expected = ["H", "VERSION_MAJOR", "VERSION_MINOR", "VERSION_PATCH", "VERSION_NUMBER"];
    assert_eq!(macros, expected.map(|name| format!("CURLBACK_{name}")));
}

/// tests/c/header_version.c says the same of the macros.
#[test]
fn versions_agree() {
    let version = text(curlback_version());
    assert_eq!(version, env!("CARGO_PKG_VERSION"));
    let parts: Vec<u32> = version.split('.').map(|part| part.parse().unwrap()).collect();
    assert_eq!(curlback_version_number(), (parts[0] << 16) | (parts[1] << 8) | parts[2]);
    for (name, part) in ["MAJOR", "MINOR", "PATCH"].into_iter().zip(parts) {
        assert!(HEADER.contains(&format!("\n#define CURLBACK_VERSION_{name} {part}\n")), "{name}");
    }
}

/// The shared library that Cargo built with this test: beside it, in a directory of its own for each profile.
fn library() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let library = test.with_file_name("libcurlback.so");
    let modified = |path: &Path| path.metadata().and_then(|data| data.modified()).unwrap();
    // rustc writes both in one go; the test is linked with the other.
    let apart = modified(&test.with_file_name("libcurlback.rlib")).duration_since(modified(&library));
    let apart = apart.unwrap_or_else(|before| before.duration());
    assert!(apart.as_secs() < 300, "{} is not the fresh one", library.display());
    library
}

/// The functions that the header declares: names directly before their parameters.
fn declared() -> BTreeSet<String> {
    let code = with_marks(HEADER, ' ');
    let code = code.lines().filter(|line| !line.starts_with('#')).collect::<Vec<_>>().join("\n");
    let ends = code.match_indices('(').map(|(position, _)| &code[..position]);
    let names = ends.map(|before| {
        before.rsplit(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or_default()
    });
    names.filter(|name| name.starts_with("curlback_")).map(str::to_owned).collect()
}

#[test]
fn the_library_exports_what_the_header_declares() {
    let names = output(Command::new("nm").args(["-D", "--defined-only"]).arg(library()), "");
    let exported: BTreeSet<String> =
        names.lines().filter_map(|line| line.split_whitespace().last()).map(str::to_owned).collect();
    let declared = declared();
    assert!(declared.len() > 40, "{declared:?}");
    let only_in = |one: &BTreeSet<String>, other| one.difference(other).cloned().collect::<Vec<_>>();
    assert_eq!(only_in(&exported, &declared), Vec::<String>::new(), "exported, not declared");
    assert_eq!(only_in(&declared, &exported), Vec::<String>::new(), "declared, not exported");
}

#[test]
fn the_library_has_its_soname() {
    let dynamic = output(Command::new("readelf").args(["-d", "-W"]).arg(library()).env("LC_ALL", "C"), "");
    let sonames: Vec<&str> = dynamic.lines().filter(|line| line.contains("(SONAME)")).collect();
    assert_eq!(sonames.len(), 1);
    assert!(sonames[0].ends_with("[libcurlback.so.0]"), "{sonames:?}");
}

/// The directory of the curl.h that curl-sys carries: what rustc noted of its sources leads there.
fn carried() -> PathBuf {
    let built = std::env::current_exe().unwrap();
    let notes = built.parent().unwrap().read_dir().unwrap().map(|entry| entry.unwrap().path());
    let of_curl_sys = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_str().unwrap_or_default();
        name.starts_with("curl_sys-") && name.ends_with(".d")
    };
    let newest = notes.filter(of_curl_sys).max_by_key(|path| path.metadata().unwrap().modified().unwrap());
    let note = std::fs::read_to_string(newest.expect("curlback depends on curl-sys")).unwrap();
    let source = note.lines().find_map(|line| line.strip_suffix("lib.rs:")).expect("it has a lib.rs");
    Path::new(&source.replace("\\ ", " ")).join("curl/include")
}

/// The directories of the linked libcurl's headers.
fn linked() -> Vec<PathBuf> {
    if env!("CURLBACK_LINKAGE") == "bundled" {
        return vec![carried()];
    }
    let flags = output(Command::new("pkg-config").args(["--cflags-only-I", "libcurl"]), "");
    flags.split_whitespace().filter_map(|flag| flag.strip_prefix("-I")).map(PathBuf::from).collect()
}

/// Assertions about each row, left out where the header is older than it.
fn assertions(rows: &[Row], own: &str, libcurls: &str) -> String {
    let assertion = |row: &Row| {
        let mut parts = row.since.split('.').map(|part| part.parse::<u32>().unwrap());
        let mut part = || parts.next().unwrap_or(0);
        let since = (part() << 16) | (part() << 8) | part();
        let (name, number) = (row.name.to_str().unwrap(), row.number);
        format!(
            "#if LIBCURL_VERSION_NUM >= {since:#x}\n\
             _Static_assert({own}{name} == (int){libcurls}{name}, \"{own}{name}\");\n#endif\n\
             _Static_assert({own}{name} == {number}, \"{own}{name}\");\n"
        )
    };
    rows.iter().map(assertion).collect()
}

/// A C program that compiles where curlback's header and declarations agree with curl.h.
fn program() -> String {
    let mut program = String::from("#include <curl/curl.h>\n#include <stddef.h>\n#include \"curlback.h\"\n");
    program += &assertions(&OPTIONS, "CURLBACK_OPT_", "CURLOPT_");
    program += &assertions(&INFOS, "CURLBACK_INFO_", "CURLINFO_");
    program += &assertions(&MULTI_OPTIONS, "CURLBACK_MOPT_", "CURLMOPT_");
    let mut same = |one: &str, other: &str| {
        program += &format!("_Static_assert((long)({one}) == (long)({other}), \"{one}\");\n");
    };
    for (own, libcurls) in [
        ("CURLBACK_PAUSE_NONE", "CURLPAUSE_CONT"),
        ("CURLBACK_PAUSE_RECV", "CURLPAUSE_RECV"),
        ("CURLBACK_PAUSE_SEND", "CURLPAUSE_SEND"),
        ("CURLBACK_PAUSE_BOTH", "CURLPAUSE_ALL"),
        ("CURLBACK_SEEK_OK", "CURL_SEEKFUNC_OK"),
        ("CURLBACK_SEEK_FAIL", "CURL_SEEKFUNC_FAIL"),
        ("CURLBACK_SEEK_CANTSEEK", "CURL_SEEKFUNC_CANTSEEK"),
        ("CURLBACK_ORIGIN_START", "SEEK_SET"),
        ("CURLBACK_ORIGIN_CURRENT", "SEEK_CUR"),
        ("CURLBACK_ORIGIN_END", "SEEK_END"),
        ("CURLBACK_IOCTL_OK", "CURLIOE_OK"),
        ("CURLBACK_IOCTL_UNKNOWN_COMMAND", "CURLIOE_UNKNOWNCMD"),
        ("CURLBACK_IOCTL_FAIL_RESTART", "CURLIOE_FAILRESTART"),
        ("CURLBACK_IOCTL_NOP", "CURLIOCMD_NOP"),
        ("CURLBACK_IOCTL_RESTART_READ", "CURLIOCMD_RESTARTREAD"),
        ("CURLBACK_PREREQ_OK", "CURL_PREREQFUNC_OK"),
        ("CURLBACK_PREREQ_ABORT", "CURL_PREREQFUNC_ABORT"),
        ("CURLBACK_TRAILER_OK", "CURL_TRAILERFUNC_OK"),
        ("CURLBACK_TRAILER_ABORT", "CURL_TRAILERFUNC_ABORT"),
        ("CURLBACK_HSTS_OK", "CURLSTS_OK"),
        ("CURLBACK_HSTS_DONE", "CURLSTS_DONE"),
        ("CURLBACK_HSTS_FAIL", "CURLSTS_FAIL"),
        ("CURLBACK_WS_TEXT", "CURLWS_TEXT"),
        ("CURLBACK_WS_BINARY", "CURLWS_BINARY"),
        ("CURLBACK_WS_CONT", "CURLWS_CONT"),
        ("CURLBACK_WS_CLOSE", "CURLWS_CLOSE"),
        ("CURLBACK_WS_PING", "CURLWS_PING"),
        ("CURLBACK_WS_OFFSET", "CURLWS_OFFSET"),
        ("CURLBACK_WS_PONG", "CURLWS_PONG"),
        ("CURLBACK_DEBUG_TEXT", "CURLINFO_TEXT"),
        ("CURLBACK_DEBUG_HEADER_IN", "CURLINFO_HEADER_IN"),
        ("CURLBACK_DEBUG_HEADER_OUT", "CURLINFO_HEADER_OUT"),
        ("CURLBACK_DEBUG_DATA_IN", "CURLINFO_DATA_IN"),
        ("CURLBACK_DEBUG_DATA_OUT", "CURLINFO_DATA_OUT"),
        ("CURLBACK_DEBUG_TLS_DATA_IN", "CURLINFO_SSL_DATA_IN"),
        ("CURLBACK_DEBUG_TLS_DATA_OUT", "CURLINFO_SSL_DATA_OUT"),
        ("CURLBACK_SSH_KEY_UNKNOWN", "CURLKHTYPE_UNKNOWN"),
        ("CURLBACK_SSH_KEY_RSA1", "CURLKHTYPE_RSA1"),
        ("CURLBACK_SSH_KEY_RSA", "CURLKHTYPE_RSA"),
        ("CURLBACK_SSH_KEY_DSS", "CURLKHTYPE_DSS"),
        ("CURLBACK_SSH_KEY_ECDSA", "CURLKHTYPE_ECDSA"),
        ("CURLBACK_SSH_KEY_ED25519", "CURLKHTYPE_ED25519"),
        ("CURLBACK_SSH_MATCH", "CURLKHMATCH_OK"),
        ("CURLBACK_SSH_MISMATCH", "CURLKHMATCH_MISMATCH"),
        ("CURLBACK_SSH_MISSING", "CURLKHMATCH_MISSING"),
        ("CURLBACK_FNMATCH_MATCH", "CURL_FNMATCHFUNC_MATCH"),
        ("CURLBACK_FNMATCH_NOMATCH", "CURL_FNMATCHFUNC_NOMATCH"),
        ("CURLBACK_FNMATCH_FAIL", "CURL_FNMATCHFUNC_FAIL"),
        ("CURLBACK_CHUNK_OK", "CURL_CHUNK_BGN_FUNC_OK"),
        ("CURLBACK_CHUNK_FAIL", "CURL_CHUNK_BGN_FUNC_FAIL"),
        ("CURLBACK_CHUNK_SKIP", "CURL_CHUNK_BGN_FUNC_SKIP"),
        ("CURLBACK_FILE_REGULAR", "CURLFILETYPE_FILE"),
        ("CURLBACK_FILE_DIRECTORY", "CURLFILETYPE_DIRECTORY"),
        ("CURLBACK_FILE_SYMLINK", "CURLFILETYPE_SYMLINK"),
        ("CURLBACK_FILE_BLOCK_DEVICE", "CURLFILETYPE_DEVICE_BLOCK"),
        ("CURLBACK_FILE_CHAR_DEVICE", "CURLFILETYPE_DEVICE_CHAR"),
        ("CURLBACK_FILE_PIPE", "CURLFILETYPE_NAMEDPIPE"),
        ("CURLBACK_FILE_SOCKET", "CURLFILETYPE_SOCKET"),
        ("CURLBACK_FILE_DOOR", "CURLFILETYPE_DOOR"),
        ("CURLBACK_FILE_UNKNOWN", "CURLFILETYPE_UNKNOWN"),
        ("CURLBACK_WAIT_IN", "CURL_WAIT_POLLIN"),
        ("CURLBACK_WAIT_PRI", "CURL_WAIT_POLLPRI"),
        ("CURLBACK_WAIT_OUT", "CURL_WAIT_POLLOUT"),
        ("CURLBACK_POLL_NONE", "CURL_POLL_NONE"),
        ("CURLBACK_POLL_IN", "CURL_POLL_IN"),
        ("CURLBACK_POLL_OUT", "CURL_POLL_OUT"),
        ("CURLBACK_POLL_INOUT", "CURL_POLL_INOUT"),
        ("CURLBACK_POLL_REMOVE", "CURL_POLL_REMOVE"),
        ("CURLBACK_SELECT_IN", "CURL_CSELECT_IN"),
        ("CURLBACK_SELECT_OUT", "CURL_CSELECT_OUT"),
        ("CURLBACK_SELECT_ERR", "CURL_CSELECT_ERR"),
        ("CURLBACK_SOCKET_TIMEOUT", "CURL_SOCKET_TIMEOUT"),
        ("CURLBACK_PUSH_OK", "CURL_PUSH_OK"),
        ("CURLBACK_PUSH_DENY", "CURL_PUSH_DENY"),
        ("CURLBACK_PUSH_ERROR", "CURL_PUSH_ERROROUT"),
    ] {
        same(own, libcurls);
    }
    for (libcurls, own) in [
        ("CURLE_NOT_BUILT_IN", sys::CURLE_NOT_BUILT_IN as usize),
        ("CURL_WRITEFUNC_ERROR", sys::CURL_WRITEFUNC_ERROR),
        ("sizeof(struct curl_hstsentry)", size_of::<HstsEntry>()),
        ("offsetof(struct curl_hstsentry, name)", offset_of!(HstsEntry, name)),
        ("offsetof(struct curl_hstsentry, namelen)", offset_of!(HstsEntry, namelen)),
        ("offsetof(struct curl_hstsentry, expire)", offset_of!(HstsEntry, expire)),
        ("offsetof(struct curl_index, index)", offset_of!(HstsIndex, index)),
        ("offsetof(struct curl_index, total)", offset_of!(HstsIndex, total)),
        ("CURLKHSTAT_FINE_ADD_TO_FILE", sys::CURLKHSTAT_FINE_ADD_TO_FILE as usize),
        ("CURLKHSTAT_FINE", sys::CURLKHSTAT_FINE as usize),
        ("CURLKHSTAT_REJECT", sys::CURLKHSTAT_REJECT as usize),
        ("CURLKHSTAT_FINE_REPLACE", sys::CURLKHSTAT_FINE_REPLACE as usize),
        ("CURLWS_RAW_MODE", sys::CURLWS_RAW_MODE as usize),
        ("sizeof(struct curl_ws_frame)", size_of::<WsFrame>()),
        ("offsetof(struct curl_ws_frame, age)", offset_of!(WsFrame, age)),
        ("offsetof(struct curl_ws_frame, flags)", offset_of!(WsFrame, flags)),
        ("offsetof(struct curl_ws_frame, offset)", offset_of!(WsFrame, offset)),
        ("offsetof(struct curl_ws_frame, bytesleft)", offset_of!(WsFrame, bytesleft)),
        ("offsetof(struct curl_ws_frame, len)", offset_of!(WsFrame, len)),
        ("sizeof(struct curl_khkey)", size_of::<KnownHostKey>()),
        ("offsetof(struct curl_khkey, key)", offset_of!(KnownHostKey, key)),
        ("offsetof(struct curl_khkey, len)", offset_of!(KnownHostKey, len)),
        ("offsetof(struct curl_khkey, keytype)", offset_of!(KnownHostKey, keytype)),
        ("offsetof(struct curl_fileinfo, filename)", offset_of!(curl_fileinfo, filename)),
        ("offsetof(struct curl_fileinfo, filetype)", offset_of!(curl_fileinfo, filetype)),
        ("offsetof(struct curl_fileinfo, perm)", offset_of!(curl_fileinfo, perm)),
        ("offsetof(struct curl_fileinfo, uid)", offset_of!(curl_fileinfo, uid)),
        ("offsetof(struct curl_fileinfo, gid)", offset_of!(curl_fileinfo, gid)),
        ("offsetof(struct curl_fileinfo, size)", offset_of!(curl_fileinfo, size)),
        ("offsetof(struct curl_fileinfo, hardlinks)", offset_of!(curl_fileinfo, hardlinks)),
        ("offsetof(struct curl_fileinfo, flags)", offset_of!(curl_fileinfo, flags)),
        ("offsetof(struct curl_fileinfo, strings.time)", offset_of!(curl_fileinfo, strings_time)),
        ("offsetof(struct curl_fileinfo, strings.perm)", offset_of!(curl_fileinfo, strings_perm)),
        ("offsetof(struct curl_fileinfo, strings.user)", offset_of!(curl_fileinfo, strings_user)),
        ("offsetof(struct curl_fileinfo, strings.group)", offset_of!(curl_fileinfo, strings_group)),
        ("offsetof(struct curl_fileinfo, strings.target)", offset_of!(curl_fileinfo, strings_target)),
        ("sizeof(struct curl_easyoption)", size_of::<EasyOption>()),
        ("offsetof(struct curl_easyoption, name)", offset_of!(EasyOption, name)),
        ("offsetof(struct curl_easyoption, id)", offset_of!(EasyOption, id)),
        ("offsetof(struct curl_easyoption, type)", offset_of!(EasyOption, kind)),
        ("offsetof(struct curl_easyoption, flags)", offset_of!(EasyOption, flags)),
        ("offsetof(curl_version_info_data, version)", offset_of!(VersionInfo, version)),
        ("offsetof(curl_version_info_data, version_num)", offset_of!(VersionInfo, version_num)),
        ("offsetof(curl_version_info_data, features)", offset_of!(VersionInfo, features)),
        ("offsetof(curl_version_info_data, ssl_version)", offset_of!(VersionInfo, ssl_version)),
        ("offsetof(curl_version_info_data, libz_version)", offset_of!(VersionInfo, libz_version)),
        ("offsetof(curl_version_info_data, protocols)", offset_of!(VersionInfo, protocols)),
        ("offsetof(curl_version_info_data, libssh_version)", offset_of!(VersionInfo, libssh_version)),
        ("offsetof(curl_version_info_data, cainfo)", offset_of!(VersionInfo, cainfo)),
        ("offsetof(curl_version_info_data, capath)", offset_of!(VersionInfo, capath)),
        ("offsetof(curl_version_info_data, feature_names)", offset_of!(VersionInfo, feature_names)),
    ] {
        same(libcurls, &own.to_string());
    }
    program
}

/// Deprecated names are compared too.
#[track_caller]
fn agrees(mut includes: Vec<PathBuf>, source: &str) {
    includes.push(own());
    let source = format!("#define CURL_DISABLE_DEPRECATION\n{source}");
    compile("cc", "c", "-std=c11", &includes, &source);
}

#[test]
fn constants_agree_with_the_linked_libcurls_header() {
    agrees(linked(), &program());
}

/// That header is of the version that the tables are of, so nothing is left out.
#[test]
fn constants_and_names_of_results_agree_with_the_newest_header() {
    let mut program = program();
    program += "#if LIBCURL_VERSION_NUM != 0x081600\n#error \"the tables are of libcurl 8.22.0\"\n#endif\n";
    let mut last = Vec::new();
    for (base, prefix) in [(0, "CURLE_"), (1000, "CURLM_"), (2000, "CURLSHE_")] {
        let named = |number: i32| {
            let name = text(curlback_result_name(base + number));
            name.starts_with(prefix).then_some(name)
        };
        // 0 is success in all three, and has this library's name among the first.
        let names: Vec<String> = (1..1000).map_while(named).collect();
        for (number, name) in (1..).zip(&names) {
            program += &format!("_Static_assert({name} == {number}, \"{name}\");\n");
        }
        last.push(names.len() + 1);
    }
    for (end, count) in ["CURL_LAST", "CURLM_LAST", "CURLSHE_LAST"].iter().zip(last) {
        program += &format!("_Static_assert({end} == {count}, \"{end}\");\n");
    }
    agrees(vec![carried()], &program);
}
