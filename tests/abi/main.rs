//! The interface that programs are compiled against stays what it was: tests/abi/curlback.abi has it.

mod description;
mod header;

use std::path::Path;
use std::sync::LazyLock;
use std::{env, fs};

use description::{Change, Description, check, compare, compatible_part, may_be_recorded};

/// What asks for the record to be written: `cargo xtask abi` sets it.
const WRITE: &str = "CURLBACK_WRITE_ABI";

fn now() -> Description {
    Description {
        version: compatible_part(env!("CARGO_PKG_VERSION")),
        soname: header::soname(),
        items: header::items(),
    }
}

#[test]
fn the_interface_is_the_one_that_is_recorded() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/abi/curlback.abi");
    let now = now();
    let recorded = fs::read_to_string(&path).ok().map(|text| Description::parse(&text));
    if env::var_os(WRITE).is_some() {
        let may = recorded.map_or(Ok(()), |recorded| may_be_recorded(&recorded, &now));
        may.unwrap_or_else(|broken| panic!("{broken}"));
        fs::write(&path, now.to_text()).unwrap();
        return;
    }
    let recorded = recorded.expect("tests/abi/curlback.abi is there");
    check(&recorded, &now).unwrap_or_else(|why| panic!("{why}"));
}

#[test]
fn a_record_is_read_as_it_was_written() {
    let now = now();
    assert_eq!(Description::parse(&now.to_text()), now);
    for item in ["function curlback_easy_perform", "callback curlback_write_cb", "struct curlback_error"] {
        assert!(now.items.contains_key(item), "{item}");
    }
    assert_eq!(now.items["value CURLBACK_OPT_URL"], "10002");
    assert_eq!(now.items["field curlback_error.message"], "const char *, 8 bytes at 24");
}

#[test]
fn the_part_of_the_version_that_says_what_is_compatible() {
    let parts = ["0.1.0", "0.12.3", "1.0.0", "2.7.1"].map(compatible_part);
    assert_eq!(parts, ["0.1", "0.12", "1", "2"]);
}

const BEFORE: &str = "#include <stddef.h>\n#include <stdint.h>\n\
    enum {\n  /** One. */\n  ONE = 1,\n  TWO = 2\n};\n\
    typedef enum kind {\n  KIND_A = 0,\n} kind;\n\
    typedef struct opaque opaque;\n\
    typedef int32_t result;\n\
    typedef result (*call_cb)(struct opaque *self,\n    void *user_data);\n\
    typedef struct record {\n  int32_t code;\n  const char *text;\n} record;\n\
    result open(struct opaque *self, int32_t how);\n\
    void close(struct opaque *self);\n";

fn described(header: &str) -> Description {
    Description { version: "0.1".into(), soname: "lib.so.0".into(), items: header::items_of(header) }
}

/// What comes of replacing a part of the header.
fn changed(part: &str, by: &str) -> (Description, Description) {
    static DESCRIBED: LazyLock<Description> = LazyLock::new(|| described(BEFORE));
    assert!(BEFORE.contains(part), "{part}");
    (DESCRIBED.clone(), described(&BEFORE.replacen(part, by, 1)))
}

#[test]
fn what_breaks_programs_is_noticed_and_named() {
    for (part, by, says) in [
        ("void close(struct opaque *self);\n", "", "removed: function close\n"),
        (
            "int32_t how",
            "int64_t how",
            "changed: function open: result (struct opaque *, int32_t) -> result (struct opaque *, int64_t)\n",
        ),
        ("result open", "void open", "changed: function open: "),
        ("void *user_data)", "void *user_data, int32_t more)", "changed: callback call_cb: "),
        ("TWO = 2", "TWO = 3", "changed: value TWO: 2 -> 3\n"),
        ("  KIND_A = 0,", "  KIND_B = 0,", "removed: value KIND_A\n"),
        ("typedef int32_t result", "typedef int64_t result", "changed: type result: int32_t -> int64_t\n"),
        ("typedef struct opaque opaque;\n", "", "removed: type opaque\n"),
        (
            "  int32_t code;\n",
            "  int64_t code;\n",
            "changed: field record.code: int32_t, 4 bytes at 0 -> int64_t, 8 bytes at 0\n",
        ),
        (
            "  const char *text;\n",
            "  int32_t more;\n  const char *text;\n  int32_t last;\n",
            "changed: struct record: 16 bytes, aligned to 8 -> 24 bytes, aligned to 8\n",
        ),
        (
            "  int32_t code;\n  const char *text;\n",
            "  const char *text;\n  int32_t code;\n",
            "changed: field record.text: const char *, 8 bytes at 8 -> const char *, 8 bytes at 0\n",
        ),
    ] {
        let (before, after) = changed(part, by);
        let broken = check(&before, &after).expect_err(part);
        assert!(broken.contains(says), "{part} -> {by}: {broken}");
        assert_eq!(may_be_recorded(&before, &after), Err(broken));
        // With another version alone, or another SONAME alone, a program would still load the wrong library.
        let version = Description { version: "0.2".into(), ..after.clone() };
        let soname = Description { soname: "lib.so.1".into(), ..after.clone() };
        assert!(may_be_recorded(&before, &version).is_err() && may_be_recorded(&before, &soname).is_err());
        let both = Description { version: "0.2".into(), ..soname };
        assert_eq!(may_be_recorded(&before, &both), Ok(()));
        assert!(check(&before, &both).is_err(), "it has to be recorded still");
    }
}

#[test]
fn what_is_new_has_to_be_recorded_and_no_more() {
    for (part, by, item) in [
        ("void close", "void reopen(struct opaque *self);\nvoid close", "function reopen"),
        ("TWO = 2", "TWO = 2,\n  THREE = 3", "value THREE"),
        (
            "typedef struct opaque opaque;\n",
            "typedef struct opaque opaque;\ntypedef struct other other;\n",
            "type other",
        ),
    ] {
        let (before, after) = changed(part, by);
        assert_eq!(compare(&before, &after), [Change::NotRecorded(item.to_owned())]);
        assert_eq!(may_be_recorded(&before, &after), Ok(()));
        assert_eq!(
            check(&before, &after),
            Err(format!("not recorded: {item}\n`cargo xtask abi` records it"))
        );
        assert_eq!(check(&after, &after), Ok(()));
    }
}

#[test]
fn comments_and_names_of_parameters_are_nothing_to_programs() {
    let (before, after) = changed("int32_t how", "int32_t /* else */ way");
    assert_eq!(check(&before, &after), Ok(()));
}
