//! Names and numbers, and the table against libcurl's own.

use std::collections::HashSet;
use std::ffi::{CStr, CString, c_char};
use std::ptr::null;

use curlback::easy::info::{curlback_info_id, curlback_info_name};
use curlback::easy::options::{curlback_option_id, curlback_option_name};
use curlback::libcurl::tables::{INFOS, OPTIONS, Row, info, opt};

use crate::support::{last_error, text};

type Id = unsafe extern "C" fn(*const c_char) -> i32;
type Name = extern "C" fn(i32) -> *const c_char;

const TABLES: [(&[Row], &str, Id, Name); 2] = [
    (&OPTIONS, "CURLOPT_", curlback_option_id, curlback_option_name),
    (&INFOS, "CURLINFO_", curlback_info_id, curlback_info_name),
];

fn number(id: Id, name: &str) -> i32 {
    let name = CString::new(name).unwrap();
    // SAFETY: it ends with NUL.
    unsafe { id(name.as_ptr()) }
}

fn mixed_case(name: &str) -> String {
    let letters = name.chars().enumerate();
    letters.map(|(i, c)| if i % 2 == 0 { c.to_ascii_lowercase() } else { c }).collect()
}

#[test]
fn every_name_has_its_number_in_any_case_with_and_without_prefix() {
    for (table, prefix, id, _) in TABLES {
        for row in table {
            let name = row.name.to_str().unwrap();
            for form in [name.to_owned(), name.to_lowercase(), mixed_case(name)] {
                assert_eq!(number(id, &form), row.number, "{form}");
                for prefix in [prefix.to_owned(), prefix.to_lowercase(), mixed_case(prefix)] {
                    assert_eq!(number(id, &format!("{prefix}{form}")), row.number, "{prefix}{form}");
                }
            }
        }
    }
}

#[test]
fn every_number_has_its_present_name() {
    for (table, _, _, name) in TABLES {
        for row in table {
            assert!(!name(row.number).is_null(), "{:?} has no name", row.name);
            let given = text(name(row.number));
            let same: Vec<&Row> = table.iter().filter(|other| other.number == row.number).collect();
            let [present] = same.iter().filter(|row| !row.alias).collect::<Vec<_>>()[..] else {
                panic!("{given} has {} rows, of which not exactly one is no alias", same.len());
            };
            assert_eq!(given, present.name.to_str().unwrap());
        }
    }
    assert_eq!(text(curlback_option_name(opt::FILE)), "WRITEDATA");
    assert_eq!(text(curlback_option_name(opt::FTP_RESPONSE_TIMEOUT)), "SERVER_RESPONSE_TIMEOUT");
}

#[test]
fn names_are_static() {
    assert_eq!(curlback_option_name(opt::URL), curlback_option_name(opt::URL));
    assert_eq!(curlback_info_name(info::RESPONSE_CODE), curlback_info_name(info::RESPONSE_CODE));
}

#[test]
fn unknown_names_and_numbers_are_0_and_null() {
    for (table, prefix, id, name) in TABLES {
        let first = table[0].name.to_str().unwrap();
        for unknown in [
            "",
            " ",
            prefix,
            "NO_SUCH_NAME",
            &format!("{prefix}{prefix}{first}"),
            &format!("{first} "),
            &format!("{first}_"),
            &first[1..],
            "CURLMOPT_TIMERDATA",
            "\u{fffd}",
        ] {
            assert_eq!(number(id, unknown), 0, "{unknown:?}");
        }
        // SAFETY: NULL is allowed.
        assert_eq!(unsafe { id(null()) }, 0);
        assert_eq!(last_error(), "name is NULL");
        let known: HashSet<i32> = table.iter().map(|row| row.number).collect();
        let near = table.iter().flat_map(|row| [row.number + 10_000, row.number - 10_000, -row.number]);
        for unknown in near.chain([0, -1, 4999, 9999, 59_999, 0x7f_ffff, i32::MAX, i32::MIN]) {
            if !known.contains(&unknown) {
                assert!(name(unknown).is_null(), "{unknown}");
            }
        }
    }
}

/// The prefix of one is no prefix of the other's.
#[test]
fn options_and_infos_are_told_apart() {
    assert_eq!(number(curlback_option_id, "CURLINFO_CAINFO"), 0);
    assert_eq!(number(curlback_info_id, "CURLOPT_CAINFO"), 0);
    assert_eq!(number(curlback_option_id, "CAINFO"), opt::CAINFO);
    assert_eq!(number(curlback_info_id, "CAINFO"), info::CAINFO);
}

#[test]
fn names_and_numbers_are_unique() {
    for (table, ..) in TABLES {
        let names: HashSet<&CStr> = table.iter().map(|row| row.name).collect();
        assert_eq!(names.len(), table.len());
        let numbers: HashSet<i32> = table.iter().filter(|row| !row.alias).map(|row| row.number).collect();
        assert_eq!(numbers.len(), table.iter().filter(|row| !row.alias).count());
    }
}

/// curl-sys leaves easygetopt.c out of what it compiles.
#[cfg(libcurl_bundled)]
#[test]
fn the_table_is_libcurls_own() {
    crate::support::skipped("comparing the options with libcurl's own table", "curl_easy_option_next()");
}

#[cfg(not(libcurl_bundled))]
#[test]
fn the_table_is_libcurls_own() {
    use crate::support::skipped;
    use curlback::libcurl::sys::EasyOption;
    use curlback::libcurl::tables::Kind;
    use curlback::libcurl::version;

    unsafe extern "C" {
        fn curl_easy_option_next(previous: *const EasyOption) -> *const EasyOption;
    }
    const KINDS: [Kind; 9] = [
        Kind::Long,
        Kind::Values,
        Kind::Offt,
        Kind::Object,
        Kind::String,
        Kind::Slist,
        Kind::Cbptr,
        Kind::Blob,
        Kind::Function,
    ];
    const ALIAS: u32 = 1;

    // SAFETY: it takes NULL or what it gave, and gives NULL or a static entry.
    let next = |previous| unsafe { curl_easy_option_next(previous).as_ref() };
    let own: Vec<(&CStr, i32, Kind, bool)> = std::iter::successors(next(null()), |entry| next(*entry))
        .map(|entry| {
            // SAFETY: its name is a static string.
            let name = unsafe { CStr::from_ptr(entry.name) };
            (name, entry.id as i32, KINDS[entry.kind as usize], entry.flags & ALIAS != 0)
        })
        .collect();
    let table: Vec<_> = OPTIONS.iter().map(|row| (row.name, row.number, row.kind, row.alias)).collect();

    if version::number() == version::version(8, 22, 0) {
        assert_eq!(table, own);
        return;
    }
    skipped("comparing the whole table of options with libcurl's own", "libcurl 8.22.0, which it is of");
    // What is an alias now can have been the name then: MAIL_RCPT_ALLLOWFAILS was, before 8.2.0.
    for (name, number, kind, _) in own {
        let found = table.iter().find(|row| row.0 == name).map(|row| (row.1, row.2));
        assert_eq!(found, Some((number, kind)), "{name:?}");
    }
}
