//! What does not depend on what runs, from everywhere: values that are no handles, handles that nothing ever runs on, functions
//! that take none.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::ptr::{null_mut, without_provenance_mut};
use std::rc::Rc;
use std::thread;

use curlback::boundary::curlback_last_error;
use curlback::callback::curlback_has_callback;
use curlback::easy::info::{curlback_easy_get_list, curlback_info_id, curlback_info_name};
use curlback::easy::options::*;
use curlback::easy::perform::curlback_easy_perform;
use curlback::easy::{curlback_easy_close, curlback_easy_new, curlback_easy_release};
use curlback::libcurl::tables::{info, opt};
use curlback::library::*;
use curlback::list::curlback_list_free;
use curlback::mime::sending::curlback_easy_set_mime;
use curlback::mime::{curlback_mime_add, curlback_mime_new, curlback_mime_release};
use curlback::multi::{curlback_multi_close, curlback_multi_new, curlback_multi_release};
use curlback::result::{code, curlback_result_name, curlback_strerror};
use curlback::share::{
    curlback_easy_set_share, curlback_share_close, curlback_share_new, curlback_share_release,
};

use crate::calls::header::prototypes;
use crate::calls::{ROWS, Row, Rule, all_rows};
use crate::situations::new;
use crate::support::multi::{Multi, on_done, on_timer};
use crate::support::{Easy, ok, on_debug, on_header};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Place {
    Outside,
    OwnCallback,
    /// Of another handle in the same multi handle.
    OthersCallback,
    Timer,
    Done,
    Drop,
    Closing,
    OtherThread,
}

const PLACES: [Place; 8] = [
    Place::Outside,
    Place::OwnCallback,
    Place::OthersCallback,
    Place::Timer,
    Place::Done,
    Place::Drop,
    Place::Closing,
    Place::OtherThread,
];

/// What is tried in a place; it gets the easy handle that is at work there.
type Probe = fn(usize);

/// Tries it there, once.
fn visit(place: Place, probe: Probe) {
    // A panic of the probe's would be contained in some places: it has to come to its end.
    let visited = Rc::new(Cell::new((false, false)));
    let easy = new();
    let here = easy.raw().addr();
    let once = {
        let visited = Rc::clone(&visited);
        move || {
            if !visited.get().0 {
                visited.set((true, false));
                if place == Place::OtherThread {
                    thread::spawn(move || probe(here)).join().unwrap();
                } else {
                    probe(here);
                }
                visited.set((true, true));
            }
        }
    };
    let in_header = |easy: &Easy| {
        let once = once.clone();
        ok(on_header(easy.raw(), move |_, line| {
            once();
            line.len() as i64
        }));
    };
    let other = new();
    match place {
        Place::Outside => once(),
        Place::OwnCallback | Place::OtherThread => {
            in_header(&easy);
            ok(easy.perform());
        }
        Place::Drop => {
            struct OnDrop<F: Fn()>(F);
            impl<F: Fn()> Drop for OnDrop<F> {
                fn drop(&mut self) {
                    (self.0)();
                }
            }
            let replaced = OnDrop(once.clone());
            ok(on_header(easy.raw(), move |easy, line| {
                let _ = &replaced;
                // It goes once this call has returned.
                ok(on_header(easy, |_, line| line.len() as i64));
                line.len() as i64
            }));
            ok(easy.perform());
        }
        Place::Closing => {
            let closing = Rc::new(Cell::new(false));
            let (now, once) = (Rc::clone(&closing), once.clone());
            easy.set_int(opt::CONNECT_ONLY, 1);
            ok(on_debug(easy.raw(), move |_, _, _| {
                if now.get() {
                    once();
                }
            }));
            ok(easy.perform());
            closing.set(true);
        }
        Place::OthersCallback | Place::Timer | Place::Done => {
            let multi = Multi::new();
            let (in_timer, in_done) = (once.clone(), once.clone());
            match place {
                Place::Timer => ok(on_timer(multi.raw(), move |_, _| {
                    in_timer();
                    0
                })),
                Place::Done => ok(on_done(multi.raw(), move |_, _, _| in_done())),
                _ => in_header(&other),
            }
            multi.add(&easy);
            multi.add(&other);
            multi.run();
            multi.remove(&easy);
            multi.remove(&other);
        }
    }
    drop(easy);
    assert_eq!(visited.get(), (true, true), "{place:?} was not reached, or the probe failed there");
}

fn everywhere(probe: Probe) {
    for place in PLACES {
        visit(place, probe);
    }
}

fn refused(row: &Row, handle: usize, sentence: &str) {
    let expected = if row.unknown == code::OK { "" } else { sentence };
    assert_eq!(row.attempt(handle), (row.unknown, expected.to_owned()), "{} with {handle:#x}", row.name);
}

/// A list with one string, a mime and its part, and a share.
fn idle() -> [(usize, &'static str); 4] {
    let easy = Easy::new();
    easy.set_str(opt::COOKIELIST, "Set-Cookie: one=1; domain=example.com");
    let mut list = null_mut();
    // SAFETY: the list can be written to.
    ok(unsafe { curlback_easy_get_list(easy.raw(), info::COOKIELIST, &mut list) });
    let mime = curlback_mime_new(easy.raw());
    let part = curlback_mime_add(mime);
    [
        (list.addr(), "curlback_list"),
        (mime.addr(), "curlback_mime"),
        (part.addr(), "curlback_mime_part"),
        (curlback_share_new().addr(), "curlback_share"),
    ]
}

fn free(idle: [(usize, &'static str); 4]) {
    let [(list, _), (mime, _), _, (share, _)] = idle;
    curlback_list_free(without_provenance_mut(list));
    curlback_mime_release(without_provenance_mut(mime));
    curlback_share_release(without_provenance_mut(share));
}

#[test]
fn what_is_no_handle_is_refused() {
    everywhere(|at_work| {
        for row in all_rows() {
            let sentence =
                if row.null == code::OK { String::new() } else { format!("the {} is NULL", row.takes()) };
            assert_eq!(row.attempt(0), (row.null, sentence), "{}", row.name);
        }
        let closed = [curlback_easy_new(), curlback_easy_new()].map(|easy| easy.addr());
        ok(curlback_easy_close(without_provenance_mut(closed[0])));
        curlback_easy_release(without_provenance_mut(closed[1]));
        let multis = [curlback_multi_new(), curlback_multi_new()].map(|multi| multi.addr());
        ok(curlback_multi_close(without_provenance_mut(multis[0])));
        curlback_multi_release(without_provenance_mut(multis[1]));
        let gone = idle();
        free(gone);
        let gone = gone.map(|(handle, _)| handle);
        // Invented: near the one that is at work, and anywhere.
        let invented = [1, 8, 0xc0_0000_0000, usize::MAX, at_work + (1 << 26), at_work & !(1 << 63)];
        for value in closed.into_iter().chain(multis).chain(gone).chain(invented) {
            for row in all_rows() {
                let not_live = format!("not a live {}: it was closed, or never was one", row.takes());
                refused(row, value, &not_live);
            }
        }
        // Of another kind, the one at work among them.
        let live = idle();
        let multi = curlback_multi_new();
        let others = [(multi.addr(), "curlback_multi"), (at_work, "curlback_easy")];
        for (handle, kind) in live.into_iter().chain(others) {
            for row in all_rows().filter(|row| row.takes() != kind) {
                let taken = row.takes();
                refused(row, handle, &format!("this is a {kind}, not a {taken}"));
            }
        }
        ok(curlback_multi_close(multi));
        free(live);
    });
}

#[test]
fn what_nothing_runs_on_can_be_used() {
    everywhere(|_| {
        for row in all_rows().filter(|row| row.rule == Rule::Free) {
            let idle = idle();
            let (handle, _) = idle.into_iter().find(|(_, kind)| *kind == row.takes()).unwrap();
            assert_eq!(row.attempt(handle), (code::OK, String::new()), "{}", row.name);
            free(idle);
        }
    });
}

#[test]
fn what_a_handle_uses_is_in_use() {
    everywhere(|_| {
        let (easy, idle) = (Easy::new(), idle());
        let [_, (mime, _), _, (share, _)] = idle;
        ok(curlback_easy_set_share(easy.raw(), without_provenance_mut(share)));
        ok(curlback_easy_set_mime(easy.raw(), without_provenance_mut(mime)));
        let of_share = |row: &&Row| row.takes() == "curlback_share" && row.unknown != code::OK;
        for row in all_rows().filter(of_share) {
            assert_eq!(row.attempt(share).0, code::E_IN_USE, "{}", row.name);
        }
        let close = all_rows().find(|row| row.name == "curlback_mime_close").unwrap();
        assert_eq!(close.attempt(mime).0, code::E_IN_USE);
        drop(easy);
        ok(curlback_share_close(without_provenance_mut(share)));
        free(idle);
    });
}

/// A handle that was released inside its callback is closed when that has returned; it is none from there on.
#[test]
fn a_handle_that_was_released_while_it_runs_is_none() {
    let easy = new().into_raw();
    let released = Rc::new(Cell::new(false));
    let did = Rc::clone(&released);
    ok(on_header(easy, move |easy, line| {
        if !did.replace(true) {
            curlback_easy_release(easy);
            let handle = easy.addr();
            let try_all = move || {
                for row in ROWS.iter().filter(|row| row.takes() == "curlback_easy") {
                    refused(row, handle, "not a live curlback_easy: it was closed, or never was one");
                }
            };
            try_all();
            thread::spawn(try_all).join().unwrap();
        }
        line.len() as i64
    }));
    ok(curlback_easy_perform(easy));
    assert!(released.get());
}

/// The functions that take no handle, called so that they succeed.
// SAFETY of all the calls: the strings end with NUL.
const WITHOUT_A_HANDLE: &[(&str, fn())] = &[
    ("curlback_easy_new", || drop(Easy::adopt(curlback_easy_new()))),
    ("curlback_multi_new", || ok(curlback_multi_close(curlback_multi_new()))),
    ("curlback_share_new", || ok(curlback_share_close(curlback_share_new()))),
    ("curlback_init", || ok(curlback_init())),
    ("curlback_init_memory", || {
        assert_eq!(unsafe { curlback_init_memory(None, None, None, None, None) }, code::E_NULL);
    }),
    ("curlback_last_error", || assert!(!curlback_last_error().is_null())),
    ("curlback_live_handles", || assert!(curlback_live_handles() < 1_000_000)),
    ("curlback_version", || assert!(!curlback_version().is_null())),
    ("curlback_version_number", || assert!(curlback_version_number() > 0)),
    ("curlback_libcurl_version", || assert!(!curlback_libcurl_version().is_null())),
    ("curlback_libcurl_version_number", || assert!(curlback_libcurl_version_number() > 0)),
    ("curlback_libcurl_linkage", || assert!(!curlback_libcurl_linkage().is_null())),
    ("curlback_has_protocol", || assert!(unsafe { curlback_has_protocol(c"http".as_ptr()) })),
    ("curlback_has_feature", || assert!(unsafe { !curlback_has_feature(c"nosuch".as_ptr()) })),
    ("curlback_protocol_name", || assert!(!curlback_protocol_name(0).is_null())),
    ("curlback_feature_name", || assert!(!curlback_feature_name(0).is_null())),
    ("curlback_has_callback", || assert!(curlback_has_callback(1))),
    ("curlback_option_id", || {
        assert_eq!(unsafe { curlback_option_id(c"URL".as_ptr()) }, opt::URL);
    }),
    ("curlback_option_name", || assert!(!curlback_option_name(opt::URL).is_null())),
    ("curlback_info_id", || {
        assert_eq!(unsafe { curlback_info_id(c"EFFECTIVE_URL".as_ptr()) }, info::EFFECTIVE_URL);
    }),
    ("curlback_info_name", || assert!(!curlback_info_name(info::EFFECTIVE_URL).is_null())),
    ("curlback_result_name", || assert!(!curlback_result_name(0).is_null())),
    ("curlback_strerror", || assert!(!curlback_strerror(0).is_null())),
];

#[test]
fn functions_that_take_no_handle_can_be_called() {
    everywhere(|_| WITHOUT_A_HANDLE.iter().for_each(|(_, call)| call()));
}

#[test]
fn every_function_of_the_header_is_in_one_of_the_tables() {
    let header: BTreeSet<String> = prototypes().into_iter().map(|function| function.name).collect();
    let without = WITHOUT_A_HANDLE.iter().map(|(name, _)| (*name).to_owned());
    let tables: BTreeSet<String> = all_rows().map(|row| row.name.to_owned()).chain(without).collect();
    assert!(header.len() > 100, "{}", header.len());
    let only_in = |one: &BTreeSet<String>, other| one.difference(other).cloned().collect::<Vec<_>>();
    assert_eq!(only_in(&header, &tables), Vec::<String>::new(), "nobody says who may call these");
    assert_eq!(only_in(&tables, &header), Vec::<String>::new(), "not in the header");
}
