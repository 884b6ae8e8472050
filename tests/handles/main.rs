//! What is given as a handle, and what is given as NULL.

#[path = "../support/calls.rs"]
mod calls;
mod nulls;
mod nulls_multi;
#[path = "../support/mod.rs"]
mod support;

use std::collections::BTreeSet;
use std::ptr::{null, null_mut};

use calls::header::prototypes;
use calls::{Row, all_rows};
use curlback::easy::info::curlback_easy_get_list;
use curlback::easy::options::curlback_easy_set_int;
use curlback::easy::{curlback_easy_close, curlback_easy_new};
use curlback::libcurl::tables::{info, opt};
use curlback::list::{curlback_list, curlback_list_free, curlback_list_get, curlback_list_len};
use curlback::mime::part::curlback_mime_part_name;
use curlback::mime::{
    curlback_mime, curlback_mime_add, curlback_mime_new, curlback_mime_part, curlback_mime_release,
};
use curlback::result::code;
use curlback::share::{curlback_share_close, curlback_share_new};
use curlback_test_servers::wait_until;
use support::multi::Multi;
use support::{Easy, LIMIT, Raw, last_error, ok, text};

/// The low bits of a handle say its slot, those above how often the slot was used before.
const SLOT_BITS: u32 = 26;
const SLOT: usize = (1 << SLOT_BITS) - 1;
const GENERATION: usize = 1 << SLOT_BITS;
const KIND_AND_TOP: usize = 0b11_1111 << 58;

/// A list with one string.
struct List(*mut curlback_list);

impl List {
    fn new() -> Self {
        let easy = Easy::new();
        easy.set_str(opt::COOKIELIST, "Set-Cookie: one=1; domain=example.com");
        let mut list = null_mut();
        // SAFETY: the list can be written to.
        ok(unsafe { curlback_easy_get_list(easy.raw(), info::COOKIELIST, &mut list) });
        List(list)
    }

    fn works(&self) {
        assert_eq!(curlback_list_len(self.0), 1);
        assert!(text(curlback_list_get(self.0, 0)).ends_with("\tone\t1"));
        assert_eq!(curlback_list_get(self.0, 1), null());
    }
}

impl Drop for List {
    fn drop(&mut self) {
        curlback_list_free(self.0);
    }
}

fn works(easy: Raw) {
    ok(curlback_easy_set_int(easy, opt::TIMEOUT_MS, 20_000));
}

/// Every function that takes a handle of this kind, or all, must refuse the value with exactly this, and those that
/// ignore it must ignore it.
fn refused(handle: usize, rows: impl Fn(&Row) -> bool, sentence: impl Fn(&Row) -> String) {
    for row in all_rows().filter(|row| rows(row)) {
        let expected = if row.unknown == code::OK { String::new() } else { sentence(row) };
        assert_eq!(row.attempt(handle), (row.unknown, expected), "{} with {handle:#x}", row.name);
    }
}

fn not_live(row: &Row) -> String {
    format!("not a live {}: it was closed, or never was one", row.takes())
}

/// A mime with one part.
struct Mime {
    mime: *mut curlback_mime,
    part: *mut curlback_mime_part,
}

impl Mime {
    fn new() -> Self {
        let mime = curlback_mime_new(Easy::new().raw());
        let part = curlback_mime_add(mime);
        assert!(!part.is_null(), "{}", last_error());
        Mime { mime, part }
    }

    fn works(&self) {
        // SAFETY: the string ends with NUL.
        ok(unsafe { curlback_mime_part_name(self.part, c"name".as_ptr()) });
        assert!(!curlback_mime_add(self.mime).is_null());
    }
}

impl Drop for Mime {
    fn drop(&mut self) {
        curlback_mime_release(self.mime);
    }
}

fn for_easy(row: &Row) -> bool {
    row.takes() == "curlback_easy"
}

fn for_list(row: &Row) -> bool {
    row.takes() == "curlback_list"
}

#[test]
fn the_table_has_every_function_of_the_header_that_takes_a_handle() {
    let header: BTreeSet<_> =
        prototypes().into_iter().filter(|function| function.takes_handle()).map(|f| f.name).collect();
    let table: BTreeSet<_> = all_rows().map(|row| row.name.to_owned()).collect();
    assert_eq!(table.len(), all_rows().count(), "a function is there twice");
    let missing: Vec<_> = header.difference(&table).collect();
    let extra: Vec<_> = table.difference(&header).collect();
    assert!(
        missing.is_empty() && extra.is_empty(),
        "not in the table: {missing:?}; not in the header: {extra:?}"
    );
}

#[test]
fn null_is_refused_by_every_function_that_does_not_ignore_it() {
    for row in all_rows() {
        let sentence =
            if row.null == code::OK { String::new() } else { format!("the {} is NULL", row.takes()) };
        assert_eq!(row.attempt(0), (row.null, sentence), "{}", row.name);
    }
}

#[test]
fn a_closed_handle_is_refused() {
    let easy = Easy::new().into_raw();
    ok(curlback_easy_close(easy));
    refused(easy.addr(), for_easy, not_live);
    let list = List::new().0.addr();
    refused(list, for_list, not_live);
    let multi = Multi::new().raw().addr();
    refused(multi, |row| row.takes() == "curlback_multi", not_live);
    let mime = Mime::new();
    let (whole, part) = (mime.mime.addr(), mime.part.addr());
    drop(mime);
    refused(whole, |row| row.takes() == "curlback_mime", not_live);
    refused(part, |row| row.takes() == "curlback_mime_part", not_live);
    let share = curlback_share_new();
    ok(curlback_share_close(share));
    refused(share.addr(), |row| row.takes() == "curlback_share", not_live);
}

#[test]
fn a_stale_handle_is_refused_while_the_new_one_in_its_place_works() {
    let old = Easy::new().into_raw();
    ok(curlback_easy_close(old));
    let mut others = Vec::new();
    // Other tests take handles too: one of those made here gets the place once it is free.
    let reused = wait_until(LIMIT, || {
        others.push(Easy::adopt(curlback_easy_new()));
        others.last().is_some_and(|new| new.raw().addr() & SLOT == old.addr() & SLOT)
    });
    assert!(reused, "the slot was not used again");
    let new = others.pop().unwrap();
    assert_ne!(new.raw(), old);
    assert!(new.raw().addr() > old.addr(), "a handle's value is never used again");
    refused(old.addr(), for_easy, not_live);
    works(new.raw());
}

#[test]
fn a_handle_of_another_kind_is_refused_and_named() {
    let (easy, list, mime) = (Easy::new(), List::new(), Mime::new());
    let share = curlback_share_new();
    for (handle, kind) in [
        (easy.raw().addr(), "curlback_easy"),
        (list.0.addr(), "curlback_list"),
        (mime.mime.addr(), "curlback_mime"),
        (mime.part.addr(), "curlback_mime_part"),
        (share.addr(), "curlback_share"),
    ] {
        refused(handle, |row| row.takes() != kind, |row| format!("this is a {kind}, not a {}", row.takes()));
    }
    works(easy.raw());
    list.works();
    mime.works();
    ok(curlback_share_close(share));
}

#[test]
fn made_up_values_are_refused() {
    let (easy, list, mime) = (Easy::new(), List::new(), Mime::new());
    let share = curlback_share_new();
    let on_the_stack = 0_u64;
    let on_the_heap = Box::new(0_u64);
    let mut made_up = vec![1, 2, 8, 0x1000, 0xc0_0000_0000, usize::MAX, usize::MAX - 1, 1 << 63, 1 << 58];
    made_up.extend([(&raw const on_the_stack).addr(), (&raw const *on_the_heap).addr()]);
    for live in [easy.raw().addr(), list.0.addr(), mime.mime.addr(), mime.part.addr(), share.addr()] {
        made_up.extend([
            live + GENERATION,
            live.wrapping_sub(GENERATION),
            live | SLOT,
            (live & !SLOT) | 0x200_0000,
            live & !KIND_AND_TOP,
            live & !(1 << 63),
            (live & !KIND_AND_TOP) | (1 << 63),
            (live & !KIND_AND_TOP) | (0b10_0011 << 58),
            (live & !KIND_AND_TOP) | (0b11_1111 << 58),
        ]);
    }
    for value in made_up {
        refused(value, |_| true, not_live);
    }
    works(easy.raw());
    list.works();
    mime.works();
    ok(curlback_share_close(share));
}

#[test]
fn a_list_is_the_callers_until_it_is_freed() {
    let list = List::new();
    list.works();
    curlback_list_free(list.0);
    curlback_list_free(list.0);
    assert_eq!(curlback_list_len(list.0), 0);
    assert_eq!(last_error(), "not a live curlback_list: it was closed, or never was one");
    curlback_list_free(null_mut());
}
