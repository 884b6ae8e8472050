//! fnmatch, chunk_begin and chunk_end, against an FTP server.

use std::cell::RefCell;
use std::ptr::null_mut;
use std::rc::Rc;

use curlback::callback::curlback_has_callback;
use curlback::callback::ftp::*;
use curlback::easy::curlback_easy_duplicate;
use curlback::easy::error::{curlback_easy_raise, curlback_raise};
use curlback::easy::perform::curlback_easy_cancel;
use curlback::libcurl::tables::opt;
use curlback::result::code;
use curlback_test_servers::{Ftp, pattern};

use crate::support::{Drops, Easy, Raw, Token, last_error, ok};
use crate::wildcard::*;

const OK: i32 = curlback_chunk::CURLBACK_CHUNK_OK as i32;
const FAIL: i32 = curlback_chunk::CURLBACK_CHUNK_FAIL as i32;
const SKIP: i32 = curlback_chunk::CURLBACK_CHUNK_SKIP as i32;
const MATCH: i32 = curlback_fnmatch::CURLBACK_FNMATCH_MATCH as i32;
const NOMATCH: i32 = curlback_fnmatch::CURLBACK_FNMATCH_NOMATCH as i32;
const FNMATCH_FAIL: i32 = curlback_fnmatch::CURLBACK_FNMATCH_FAIL as i32;

const ABORTED_BY_CALLBACK: i32 = 42;
const REMOTE_FILE_NOT_FOUND: i32 = 78;
const CHUNK_FAILED: i32 = 88;

/// The 200 files, the directory and the link.
const ENTRIES: usize = Ftp::FILES + 2;

/// file007.txt has 7 and a line end.
fn content(name: &str) -> Vec<u8> {
    let number: usize = name["file".len()..][..3].parse().unwrap();
    format!("{number}\n").into_bytes()
}

fn names(events: &[Event]) -> Vec<String> {
    let name = |event: &Event| match event {
        Event::Begin(file, _) => Some(file.name.clone()),
        _ => None,
    };
    events.iter().filter_map(name).collect()
}

/// Asserts that each file has its begin, its data if it is one of those, and its end, and that those left are counted down.
fn well_formed(events: &[Event], total: usize, downloaded: impl Fn(&Facts) -> bool) {
    let mut left = events.iter();
    for remaining in (1..=total).rev() {
        let Some(Event::Begin(file, told)) = left.next() else { panic!("{remaining}: {events:?}") };
        assert_eq!(*told, remaining as i32);
        if downloaded(file) {
            assert_eq!(left.next(), Some(&Event::Data(content(&file.name))));
        }
        assert_eq!(left.next(), Some(&Event::End), "{}", file.name);
    }
    assert_eq!(left.next(), None);
}

fn is_regular(file: &Facts) -> bool {
    file.sort == curlback_file::CURLBACK_FILE_REGULAR as i32
}

#[test]
fn every_file_begins_comes_and_ends() {
    let Some(download) = Download::of("/many/*") else { return };
    download.begin(|_, _| OK);
    download.end(|_| OK);
    let (result, events) = download.perform();
    assert_eq!(result, 0, "{}", last_error());
    well_formed(&events, ENTRIES, is_regular);
    let mut names = names(&events);
    names.sort();
    let files = (0..Ftp::FILES).map(|number| format!("file{number:03}.txt"));
    assert_eq!(names, files.chain(["sub".into(), "to-file007.txt".into()]).collect::<Vec<_>>());
}

#[test]
fn the_pattern_is_libcurls_where_no_callback_matches() {
    let Some(download) = Download::of("/many/file00[3-5].txt") else { return };
    download.begin(|_, _| OK);
    let (result, events) = download.perform();
    assert_eq!(result, 0, "{}", last_error());
    assert_eq!(names(&events), ["file003.txt", "file004.txt", "file005.txt"]);
}

#[test]
fn the_facts_of_a_file_a_directory_and_a_link_are_the_servers() {
    let Some(download) = Download::of("/kinds/*") else { return };
    download.begin(|_, _| OK);
    let (result, events) = download.perform();
    assert_eq!(result, 0, "{}", last_error());
    let mut seen: Vec<Facts> = Vec::new();
    for event in &events {
        match event {
            Event::Begin(file, _) => seen.push(file.clone()),
            Event::Data(bytes) => assert_eq!(*bytes, pattern(0, 1234)),
            other => panic!("{other:?}"),
        }
    }
    seen.sort_by(|one, other| one.name.cmp(&other.name));
    let [directory, link, regular] = &seen[..] else { panic!("{seen:?}") };

    assert_eq!((&*regular.name, regular.sort), ("regular.bin", 0));
    assert_eq!(regular.numbers, [1234, 0o640, -1, -1, 1]);
    let [time, permissions, user, group, target] = &regular.texts;
    assert_eq!((permissions.as_deref(), target), (Some("rw-r-----"), &None));
    // As in "Nov 22 16:50".
    assert_eq!(time.as_ref().unwrap().split_whitespace().count(), 3, "{time:?}");
    assert!(!user.as_ref().unwrap().is_empty() && !group.as_ref().unwrap().is_empty());

    assert_eq!((&*directory.name, directory.sort), ("directory", 1));
    assert_eq!((directory.numbers[2..4].to_vec(), directory.texts[4].clone()), (vec![-1, -1], None));
    assert!(directory.texts[1].as_ref().unwrap().starts_with("rwx"));

    assert_eq!((&*link.name, link.sort), ("link", 2));
    assert_eq!(link.texts[4].as_deref(), Some("regular.bin"));
}

#[test]
fn a_skipped_file_ends_without_data() {
    let Some(download) = Download::of("/many/*") else { return };
    let odd = |file: &Facts| ["1.txt", "3.txt", "5.txt"].iter().any(|end| file.name.ends_with(end));
    download.begin(move |file, _| if odd(file) { SKIP } else { OK });
    download.end(|_| OK);
    let (result, events) = download.perform();
    assert_eq!(result, 0, "{}", last_error());
    well_formed(&events, ENTRIES, |file| is_regular(file) && !odd(file));
}

#[test]
fn a_failing_begin_ends_the_transfer() {
    for verdict in [FAIL, -1, 3, i32::MAX] {
        let Some(download) = Download::of("/many/file*") else { return };
        download.begin(move |_, before| if before == 2 { verdict } else { OK });
        download.end(|_| OK);
        let events = download.fails(CHUNK_FAILED, CHUNK_BEGIN);
        let (whole, last) = events.split_at(6);
        assert!(matches!(whole, [_, Event::Data(_), Event::End, _, Event::Data(_), Event::End]), "{whole:?}");
        // libcurl ends the file that did not begin as well.
        assert!(matches!(last, [Event::Begin(..)] | [Event::Begin(..), Event::End]), "{last:?}");
    }
}

/// libcurl itself takes no notice of it.
#[test]
fn a_failing_end_ends_the_transfer() {
    for (path, until) in [("/many/file*", 2), ("/many/file*", Ftp::FILES - 1), ("/many/file007.txt", 0)] {
        for verdict in [FAIL, SKIP, -1] {
            let Some(download) = Download::of(path) else { return };
            download.begin(|_, _| OK);
            download.end(move |before| if before == until { verdict } else { OK });
            let events = download.fails(CHUNK_FAILED, CHUNK_END);
            assert_eq!(names(&events).len(), until + 1);
            assert_eq!(events.len(), 3 * (until + 1));
        }
    }
}

#[test]
fn a_matching_callback_decides_by_pattern_and_name() {
    let Some(download) = Download::of("/many/what[ever") else { return };
    let seen = Rc::new(RefCell::new(Vec::new()));
    let told = Rc::clone(&seen);
    on_fnmatch(download.raw(), move |_, pattern, name| {
        assert_eq!(pattern, "what[ever");
        told.borrow_mut().push(name.to_owned());
        if name.ends_with("7.txt") { MATCH } else { NOMATCH }
    });
    download.begin(|_, _| OK);
    let (result, events) = download.perform();
    assert_eq!(result, 0, "{}", last_error());
    assert_eq!(seen.borrow().len(), ENTRIES);
    // The link matches too.
    assert_eq!(names(&events).len(), Ftp::FILES / 10 + 1);
}

#[test]
fn nothing_that_matches_is_libcurls_own_failure() {
    let Some(download) = Download::of("/many/*") else { return };
    download.fnmatch(|_, _| NOMATCH);
    let (result, events) = download.perform();
    assert_eq!((result, events.len()), (REMOTE_FILE_NOT_FOUND, ENTRIES));
    assert_eq!(download.easy.error().callback, 0);
}

/// libcurl itself takes it for "no match".
#[test]
fn a_failing_match_ends_the_transfer_and_no_further_callback_runs() {
    for verdict in [FNMATCH_FAIL, -1, 3] {
        for fails_at in [0, 5, ENTRIES - 1] {
            let Some(download) = Download::of("/many/*") else { return };
            download.fnmatch(move |_, before| if before == fails_at { verdict } else { MATCH });
            download.begin(|_, _| OK);
            download.end(|_| OK);
            let events = download.fails(ABORTED_BY_CALLBACK, FNMATCH);
            assert_eq!(events.len(), fails_at + 1, "{events:?}");
            assert!(events.iter().all(|event| matches!(event, Event::Match(_))));
        }
    }
}

/// Where a listing ends early libcurl keeps a write function of its own, and what it writes to is gone.
#[test]
fn a_handle_whose_listing_ended_early_works_again() {
    type End = fn(&Download);
    let ends: [(End, i32); 3] = [
        (|download| download.fnmatch(|_, _| FNMATCH_FAIL), ABORTED_BY_CALLBACK),
        (
            |download| {
                on_fnmatch(download.raw(), |easy, _, _| {
                    ok(curlback_easy_cancel(easy));
                    MATCH
                });
            },
            code::E_CANCELLED,
        ),
        (
            |download| {
                on_fnmatch(download.raw(), |easy, _, _| {
                    raise_interrupt(easy);
                    MATCH
                });
            },
            code::E_RAISED,
        ),
    ];
    for (end, result) in ends {
        for wildcard in [1, 0] {
            let Some(download) = Download::of("/many/*") else { return };
            end(&download);
            assert_eq!(download.perform().0, result, "{}", last_error());
            // SAFETY: there is no callback.
            ok(unsafe { curlback_easy_on_fnmatch(download.raw(), None, null_mut(), None) });
            download.easy.set_int(opt::WILDCARDMATCH, wildcard);
            download.easy.set_url(&Ftp::shared().unwrap().url("/many/file042.txt"));
            assert_eq!(download.perform(), (0, vec![Event::Data(b"42\n".to_vec())]), "{}", last_error());
        }
    }
}

fn raise_interrupt(easy: Raw) {
    let severity = curlback_raise::CURLBACK_RAISE_INTERRUPT as i32;
    // SAFETY: there is no message.
    ok(unsafe { curlback_easy_raise(easy, severity, 0, std::ptr::null(), null_mut(), None) });
}

#[test]
fn an_interrupt_in_either_chunk_callback_ends_the_transfer() {
    let Some(download) = Download::of("/many/file*") else { return };
    ok(on_chunk_begin(download.raw(), |easy, _, _| {
        raise_interrupt(easy);
        OK
    }));
    download.end(|_| unreachable!("no further callback runs"));
    assert_eq!(download.perform(), (code::E_RAISED, vec![]));
    assert_eq!(download.easy.error().callback, CHUNK_BEGIN);

    download.begin(|_, before| if before == 0 { OK } else { unreachable!("no further callback runs") });
    on_chunk_end(download.raw(), |easy| {
        raise_interrupt(easy);
        OK
    });
    let (result, events) = download.perform();
    assert_eq!((result, names(&events).len()), (code::E_RAISED, 1));
    assert_eq!(download.easy.error().callback, CHUNK_END);
}

/// libcurl has one data pointer for both.
#[test]
fn clearing_either_chunk_callback_leaves_the_other() {
    let Some(download) = Download::of("/many/file*") else { return };
    let count = |which: fn(&Event) -> bool| {
        let (result, events) = download.perform();
        assert_eq!(result, 0, "{}", last_error());
        events.iter().filter(|event| which(event)).count()
    };
    let is_begin = |event: &Event| matches!(event, Event::Begin(..));
    let is_end = |event: &Event| matches!(event, Event::End);
    // SAFETY: there is no callback.
    let clear_begin = || ok(unsafe { curlback_easy_on_chunk_begin(download.raw(), None, null_mut(), None) });
    // SAFETY: as above.
    let clear_end = || ok(unsafe { curlback_easy_on_chunk_end(download.raw(), None, null_mut(), None) });
    download.begin(|_, _| OK);
    download.end(|_| OK);
    clear_begin();
    assert_eq!(count(is_end), Ftp::FILES);
    assert_eq!(count(is_begin), 0);
    download.begin(|_, _| OK);
    clear_end();
    assert_eq!(count(is_begin), Ftp::FILES);
    assert_eq!(count(is_end), 0);
    clear_begin();
    assert_eq!(count(|event| !matches!(event, Event::Data(_))), 0);
}

#[test]
fn a_duplicate_calls_with_itself_after_the_original_is_gone() {
    let Some(download) = Download::of("/many/file00*") else { return };
    let (drops, calls) = (Drops::new(), Rc::new(RefCell::new(Vec::new())));
    let tokens: [Token; 3] = [drops.token(), drops.token(), drops.token()];
    let seen = [(); 3].map(|()| Rc::clone(&calls));
    let ([one, two, three], [matched, began, ended]) = (tokens, seen);
    on_fnmatch(download.raw(), move |easy, _, name| {
        let _held = &one;
        matched.borrow_mut().push((FNMATCH, easy));
        if name == "file001.txt" { MATCH } else { NOMATCH }
    });
    ok(on_chunk_begin(download.raw(), move |easy, _, _| {
        let _held = &two;
        began.borrow_mut().push((CHUNK_BEGIN, easy));
        OK
    }));
    on_chunk_end(download.raw(), move |easy| {
        let _held = &three;
        ended.borrow_mut().push((CHUNK_END, easy));
        OK
    });
    let mut copy = null_mut();
    // SAFETY: the copy can be written to.
    ok(unsafe { curlback_easy_duplicate(download.raw(), &mut copy) });
    let copy = Easy::adopt(copy);
    let Download { easy, events } = download;
    drop(easy);
    assert_eq!(copy.perform(), 0, "{}", last_error());
    assert_eq!(*events.borrow(), [Event::Data(b"1\n".to_vec())]);
    assert!(calls.borrow().iter().all(|(_, easy)| *easy == copy.raw()));
    let last = calls.borrow()[ENTRIES..].iter().map(|(kind, _)| *kind).collect::<Vec<_>>();
    assert_eq!((calls.borrow().len(), last), (ENTRIES + 2, vec![CHUNK_BEGIN, CHUNK_END]));
    assert_eq!(drops.count(), 0);
    drop(copy);
    assert_eq!(drops.count(), 3);
}

#[test]
fn without_the_option_a_pattern_is_a_name() {
    let Some(download) = Download::of("/many/file007.txt") else { return };
    download.easy.set_int(opt::WILDCARDMATCH, 0);
    download.begin(|_, _| unreachable!("it is no wildcard download"));
    assert_eq!(download.perform(), (0, vec![Event::Data(b"7\n".to_vec())]), "{}", last_error());
}

#[test]
fn a_libcurl_without_ftp_refuses_and_says_so() {
    let easy = Easy::new();
    let has = curlback_has_callback(CHUNK_BEGIN);
    assert_eq!(on_chunk_begin(easy.raw(), |_, _, _| OK), if has { 0 } else { code::E_UNSUPPORTED });
    if !has {
        assert!(last_error().starts_with("chunk_begin needs libcurl "), "{}", last_error());
    }
}
