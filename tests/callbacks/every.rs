//! The one rule for all kinds of callback of an easy handle, with a peer that makes libcurl call each of them: docs/callbacks.md.

use std::cell::{Cell, RefCell};
use std::ptr::null_mut;
use std::rc::Rc;

use curlback::easy::error::curlback_easy_raise;
use curlback::easy::perform::curlback_easy_cancel;
use curlback::easy::sink::curlback_easy_body_to_memory;
use curlback::easy::source::curlback_easy_read_from_memory;
use curlback::easy::{curlback_easy_close, curlback_easy_duplicate, curlback_easy_reset};
use curlback::result::code;

use crate::kinds::{Kind, each};
use crate::support::{Drops, Easy, Raw, last_error, ok, text};

/// Registers a callback that counts its calls and then does as it is told.
fn counted(kind: Kind, easy: &Easy, drops: &Drops, ask: impl Fn(Raw) -> bool + 'static) -> Rc<Cell<usize>> {
    let (calls, token) = (Rc::new(Cell::new(0)), drops.token());
    let count = Rc::clone(&calls);
    ok(kind.register(easy.raw(), move |easy| {
        let _held = &token;
        count.set(count.get() + 1);
        ask(easy)
    }));
    calls
}

fn raise(easy: Raw, severity: i32) {
    // SAFETY: the message ends with NUL.
    ok(unsafe { curlback_easy_raise(easy, severity, 5, c"the reason".as_ptr(), null_mut(), None) });
}

#[test]
fn a_callback_that_is_well_leaves_the_transfer_alone() {
    each(|kind, easy| {
        let (drops, handle) = (Drops::new(), easy.raw());
        let calls = counted(kind, &easy, &drops, move |easy| {
            assert_eq!(easy, handle);
            false
        });
        assert_eq!(kind.perform(&easy), 0, "{}: {}", kind.name, last_error());
        assert_eq!((easy.error().callback, calls.get() > 0), (0, !kind.closing), "{}", kind.name);
        drop(easy);
        assert!(calls.get() > 0, "{} was never called", kind.name);
        assert_eq!(drops.count(), 1, "{}", kind.name);
    });
}

#[test]
fn a_failing_return_ends_the_transfer_and_names_the_callback_with_what_it_raised() {
    each(|kind, easy| {
        for raised in [false, true] {
            let drops = Drops::new();
            let calls = counted(kind, &easy, &drops, move |easy| {
                if raised {
                    raise(easy, 0);
                }
                true
            });
            assert_eq!(kind.perform(&easy), kind.ends_with, "{}: {}", kind.name, last_error());
            let error = easy.error();
            assert_eq!((error.result, error.curl_code), (kind.ends_with, kind.ends_with), "{}", kind.name);
            if kind.ends_with != 0 {
                assert_eq!((error.callback, calls.get()), (kind.id as i32, 1), "{}", kind.name);
                let end = format!("(in the {} callback)", kind.name);
                assert!(last_error().ends_with(&end), "{}", last_error());
                assert_eq!(last_error().starts_with("the reason: "), raised, "{}", last_error());
                assert_eq!(text(error.message), if raised { "the reason" } else { "" });
                assert_eq!(error.code, if raised { 5 } else { 0 });
            }
            kind.unset(easy.raw());
            assert_eq!(drops.count(), 1, "{}", kind.name);
        }
    });
}

/// How a callback ends its transfer whatever it returns, and what perform then says.
const ENDS: [(fn(Raw), i32); 3] = [
    (|easy| raise(easy, 1), code::E_RAISED),
    (|easy| ok(curlback_easy_cancel(easy)), code::E_CANCELLED),
    (|_| panic!("on purpose"), code::E_INTERNAL),
];

#[test]
fn an_interrupt_a_cancel_and_a_panic_end_the_transfer_whatever_is_returned() {
    each(|kind, easy| {
        if kind.closing {
            return;
        }
        for (end, result) in ENDS {
            for failing in [false, true] {
                let drops = Drops::new();
                let calls = counted(kind, &easy, &drops, move |easy| {
                    end(easy);
                    failing
                });
                assert_eq!(kind.perform(&easy), result, "{}: {}", kind.name, last_error());
                assert_eq!(calls.get(), 1, "{}: no further callback runs", kind.name);
                let named = if result == code::E_CANCELLED { easy.error().callback } else { kind.id as i32 };
                assert_eq!(easy.error().callback, named, "{}", kind.name);
                kind.unset(easy.raw());
                assert_eq!(drops.count(), 1, "{}", kind.name);
            }
        }
        // And the handle goes on.
        ok(kind.register(easy.raw(), |_| false));
        assert_eq!(kind.perform(&easy), 0, "{}: {}", kind.name, last_error());
    });
}

#[test]
fn while_a_handle_closes_nothing_that_a_callback_does_is_seen() {
    each(|kind, easy| {
        if !kind.closing {
            return;
        }
        for (end, result) in ENDS.iter().filter(|(_, result)| *result != code::E_CANCELLED) {
            let (drops, again) = (Drops::new(), kind.ready().unwrap());
            let end = *end;
            let calls = counted(kind, &again, &drops, move |easy| {
                end(easy);
                false
            });
            assert_eq!(kind.perform(&again), 0, "{}", last_error());
            let closed = curlback_easy_close(again.into_raw());
            // A panic is nobody's to hide; the handle is closed all the same.
            assert!([0, *result].contains(&closed), "{closed}");
            assert_eq!((calls.get(), drops.count()), (1, 1), "{}", kind.name);
        }
        drop(easy);
    });
}

#[test]
fn an_unset_callback_is_not_called_and_libcurls_default_is_back() {
    each(|kind, easy| {
        for reset in [false, true] {
            let drops = Drops::new();
            let calls = counted(kind, &easy, &drops, |_| true);
            if reset {
                ok(curlback_easy_reset(easy.raw()));
            } else {
                kind.unset(easy.raw());
                // What would go to the standard streams.
                ok(curlback_easy_body_to_memory(easy.raw(), 1 << 20));
                if kind.name == "read" {
                    // SAFETY: the bytes are there.
                    let bytes = b"hello".as_ptr().cast();
                    ok(unsafe { curlback_easy_read_from_memory(easy.raw(), bytes, 5) });
                }
                assert_eq!(kind.perform(&easy), kind.without, "{}: {}", kind.name, last_error());
            }
            assert_eq!((calls.get(), drops.count()), (0, 1), "{}", kind.name);
            ok(curlback::easy::sink::curlback_easy_clear_body(easy.raw()));
            ok(curlback::easy::source::curlback_easy_clear_source(easy.raw()));
        }
    });
}

#[test]
fn a_callback_replaced_inside_itself_is_dropped_when_it_has_returned() {
    each(|kind, easy| {
        if kind.closing {
            return;
        }
        let (old, new) = (Drops::new(), Drops::new());
        let (gone, later) = (old.clone(), Rc::new(Cell::new(0)));
        let (count, fresh) = (Rc::clone(&later), new.clone());
        let calls = counted(kind, &easy, &old, move |easy| {
            let (count, token) = (Rc::clone(&count), fresh.token());
            ok(kind.register(easy, move |_| {
                let _held = &token;
                count.set(count.get() + 1);
                false
            }));
            assert_eq!(gone.count(), 0, "it still runs");
            false
        });
        assert_eq!(kind.perform(&easy), 0, "{}: {}", kind.name, last_error());
        assert_eq!((calls.get(), old.count(), new.count()), (1, 1, 0), "{}", kind.name);
        assert_eq!(kind.perform(&easy), 0, "{}: {}", kind.name, last_error());
        assert_eq!((calls.get(), later.get() > 0), (1, true), "{}", kind.name);
        drop(easy);
        assert_eq!(new.count(), 1, "{}", kind.name);
    });
}

#[test]
fn a_duplicate_calls_with_itself_once_its_original_is_closed() {
    each(|kind, easy| {
        let (drops, handles) = (Drops::new(), Rc::new(RefCell::new(Vec::new())));
        let seen = Rc::clone(&handles);
        counted(kind, &easy, &drops, move |easy| {
            seen.borrow_mut().push(easy);
            false
        });
        let mut copy = null_mut();
        // SAFETY: the copy can be written to.
        ok(unsafe { curlback_easy_duplicate(easy.raw(), &mut copy) });
        let copy = Easy::adopt(copy);
        drop(easy);
        // Duplicating has libcurl read HSTS entries from the original.
        handles.borrow_mut().clear();
        assert_eq!(kind.perform(&copy), 0, "{}: {}", kind.name, last_error());
        let own = copy.raw();
        assert_eq!(drops.count(), 0, "{}", kind.name);
        drop(copy);
        assert!(!handles.borrow().is_empty(), "{} was never called", kind.name);
        assert!(handles.borrow().iter().all(|handle| *handle == own), "{}", kind.name);
        assert_eq!(drops.count(), 1, "{}", kind.name);
    });
}
