//! The user data of callbacks: dropped once, whatever becomes of the registration.

use std::cell::{Cell, RefCell};
use std::ffi::c_void;
use std::ptr::{null_mut, without_provenance_mut};
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::thread;

use curlback::callback::body::{curlback_easy_on_header, curlback_easy_on_write};
use curlback::callback::debug::curlback_easy_on_debug;
use curlback::callback::source::curlback_easy_on_read;
use curlback::easy::options::curlback_easy_set_int;
use curlback::easy::perform::curlback_easy_perform;
use curlback::easy::sink::*;
use curlback::easy::source::{curlback_easy_clear_source, curlback_easy_read_from_memory};
use curlback::easy::*;
use curlback::libcurl::tables::opt;
use curlback::result::code;

use crate::kinds::{HEADER, READ, WRITE, Watch, each, make_up_for, ready_for, unset};
use crate::support::{Drops, Easy, LIMIT, Raw, call_write, last_error, ok};

fn duplicate(easy: &Easy) -> Easy {
    let mut copy = null_mut();
    // SAFETY: the copy can be written to.
    ok(unsafe { curlback_easy_duplicate(easy.raw(), &mut copy) });
    Easy::adopt(copy)
}

fn touch(easy: Raw) -> i32 {
    curlback_easy_set_int(easy, opt::TIMEOUT_MS, 20_000)
}

#[test]
fn the_transfer_calls_every_kind_more_than_once() {
    each(|kind| {
        let (easy, others) = ready_for(kind);
        let watch = Watch::default();
        watch.register(kind, easy.raw(), |_| ());
        ok(easy.perform());
        assert!(watch.calls() >= 2, "{}", watch.calls());
        assert!(others.get() > 0);
        assert_eq!(watch.drops(), 0);
    });
}

#[test]
fn replacing_drops_the_old_and_keeps_the_new() {
    each(|kind| {
        let (easy, _) = ready_for(kind);
        let (first, second) = (Watch::default(), Watch::default());
        first.register(kind, easy.raw(), |_| ());
        assert_eq!(first.drops(), 0);
        second.register(kind, easy.raw(), |_| ());
        assert_eq!((first.drops(), second.drops()), (1, 0));
        ok(easy.perform());
        assert_eq!(first.calls(), 0);
        assert!(second.calls() > 0);
        drop(easy);
        assert_eq!((first.drops(), second.drops()), (1, 1));
    });
}

#[test]
fn unsetting_drops() {
    each(|kind| {
        let (easy, _) = ready_for(kind);
        let watch = Watch::default();
        watch.register(kind, easy.raw(), |_| ());
        ok(unset(kind, easy.raw()));
        assert_eq!(watch.drops(), 1);
        ok(unset(kind, easy.raw()));
        drop(easy);
        assert_eq!((watch.drops(), watch.calls()), (1, 0));
    });
}

#[test]
fn clearing_a_group_drops_its_callback() {
    for (kind, clear) in [
        (WRITE, curlback_easy_clear_body as extern "C" fn(Raw) -> i32),
        (HEADER, curlback_easy_clear_header),
        (READ, curlback_easy_clear_source),
    ] {
        let (easy, _) = ready_for(kind);
        let watch = Watch::default();
        watch.register(kind, easy.raw(), |_| ());
        ok(clear(easy.raw()));
        assert_eq!(watch.drops(), 1);
        ok(clear(easy.raw()));
        assert_eq!(watch.drops(), 1);
    }
}

#[test]
fn replacing_inside_itself_drops_the_old_as_soon_as_it_has_returned() {
    each(|kind| {
        let (easy, _) = ready_for(kind);
        let (first, second) = (Watch::default(), Watch::default());
        let (old, new) = (first.clone(), second.clone());
        first.register(kind, easy.raw(), move |easy| {
            let gone = old.clone();
            new.register(kind, easy, move |_| assert_eq!(gone.drops(), 1));
            assert_eq!(old.drops(), 0, "dropped while it was running");
        });
        ok(easy.perform());
        assert_eq!((first.calls(), first.drops()), (1, 1));
        assert!(second.calls() > 0);
        assert_eq!(second.drops(), 0);
        drop(easy);
        assert_eq!((first.drops(), second.drops()), (1, 1));
    });
}

#[test]
fn replacing_twice_inside_itself_drops_both() {
    each(|kind| {
        let (easy, _) = ready_for(kind);
        let watches = [Watch::default(), Watch::default(), Watch::default()];
        let [first, second, third] = watches.clone();
        watches[0].register(kind, easy.raw(), move |easy| {
            second.register(kind, easy, |_| unreachable!("replaced before it was ever called"));
            third.register(kind, easy, |_| ());
            assert_eq!((first.drops(), second.drops(), third.drops()), (0, 0, 0));
        });
        ok(easy.perform());
        assert_eq!(watches.each_ref().map(Watch::drops), [1, 1, 0]);
        assert!(watches[2].calls() > 0);
        drop(easy);
        assert_eq!(watches.each_ref().map(Watch::drops), [1, 1, 1]);
    });
}

#[test]
fn unsetting_inside_itself_drops_when_it_has_returned() {
    each(|kind| {
        let (easy, _) = ready_for(kind);
        let watch = Watch::default();
        let (inside, end) = (watch.clone(), Rc::new(Cell::new(0)));
        let ends = Rc::clone(&end);
        watch.register(kind, easy.raw(), move |easy| {
            ok(unset(kind, easy));
            ends.set(make_up_for(kind, easy));
            assert_eq!(inside.drops(), 0, "dropped while it was running");
        });
        let result = easy.perform();
        assert_eq!(result, end.get(), "{}", last_error());
        assert_eq!((watch.calls(), watch.drops()), (1, 1));
        drop(easy);
        assert_eq!(watch.drops(), 1);
    });
}

#[test]
fn reset_drops() {
    each(|kind| {
        let (easy, others) = ready_for(kind);
        let watch = Watch::default();
        watch.register(kind, easy.raw(), |_| ());
        ok(easy.perform());
        let (calls, other_calls) = (watch.calls(), others.get());
        ok(curlback_easy_reset(easy.raw()));
        assert_eq!(watch.drops(), 1);
        easy.set_url("file:///dev/null");
        ok(easy.perform());
        assert_eq!((watch.calls(), others.get()), (calls, other_calls), "libcurl still knew of a callback");
        drop(easy);
        assert_eq!(watch.drops(), 1);
    });
}

#[test]
fn close_drops_before_it_returns() {
    each(|kind| {
        for performed in [false, true] {
            let (easy, _) = ready_for(kind);
            let watch = Watch::default();
            watch.register(kind, easy.raw(), |_| ());
            if performed {
                ok(easy.perform());
            }
            let raw = easy.into_raw();
            ok(curlback_easy_close(raw));
            assert_eq!(watch.drops(), 1);
            assert_eq!(curlback_easy_close(raw), code::E_HANDLE);
            curlback_easy_release(raw);
            assert_eq!(watch.drops(), 1);
        }
    });
}

#[test]
fn releasing_an_idle_handle_drops_before_it_returns() {
    each(|kind| {
        let (easy, _) = ready_for(kind);
        let watch = Watch::default();
        watch.register(kind, easy.raw(), |_| ());
        ok(easy.perform());
        let raw = easy.into_raw();
        curlback_easy_release(raw);
        assert_eq!(watch.drops(), 1);
        assert_eq!(touch(raw), code::E_HANDLE);
        assert_eq!(curlback_easy_close(raw), code::E_HANDLE);
        curlback_easy_release(raw);
        assert_eq!(watch.drops(), 1);
    });
}

#[test]
fn duplicates_share_until_the_last_lets_go() {
    each(|kind| {
        for original_first in [true, false] {
            let (easy, _) = ready_for(kind);
            let watch = Watch::default();
            let seen = Rc::new(RefCell::new(Vec::new()));
            let see = Rc::clone(&seen);
            watch.register(kind, easy.raw(), move |easy| see.borrow_mut().push(easy));
            let copy = duplicate(&easy);
            let (first, last) = if original_first { (easy, copy) } else { (copy, easy) };
            ok(first.perform());
            drop(first);
            assert_eq!(watch.drops(), 0);
            seen.borrow_mut().clear();
            let before = watch.calls();
            ok(last.perform());
            assert!(watch.calls() > before);
            assert!(seen.borrow().iter().all(|easy| *easy == last.raw()), "called with another handle");
            drop(last);
            assert_eq!(watch.drops(), 1);
        }
    });
}

#[test]
fn a_duplicate_keeps_what_the_original_replaces_inside_its_callback() {
    each(|kind| {
        let (easy, _) = ready_for(kind);
        let (first, second) = (Watch::default(), Watch::default());
        let copies = Rc::new(RefCell::new(Vec::new()));
        let (made, new) = (Rc::clone(&copies), second.clone());
        first.register(kind, easy.raw(), move |easy| {
            let mut copy = null_mut();
            // SAFETY: the copy can be written to.
            ok(unsafe { curlback_easy_duplicate(easy, &mut copy) });
            made.borrow_mut().push(Easy::adopt(copy));
            new.register(kind, easy, |_| ());
        });
        ok(easy.perform());
        assert_eq!((first.calls(), first.drops(), copies.borrow().len()), (1, 0, 1));
        drop(easy);
        assert_eq!((first.drops(), second.drops()), (0, 1));
        let copy = copies.borrow_mut().pop().unwrap();
        drop(copy);
        assert_eq!((first.drops(), second.drops()), (1, 1));
    });
}

#[test]
fn releasing_inside_its_own_callback_closes_when_perform_returns() {
    each(|kind| {
        let (easy, _) = ready_for(kind);
        let watch = Watch::default();
        let (inside, released) = (watch.clone(), Cell::new(false));
        watch.register(kind, easy.raw(), move |easy| {
            if released.replace(true) {
                return;
            }
            curlback_easy_release(easy);
            curlback_easy_release(easy);
            assert_eq!(touch(easy), code::E_HANDLE);
            assert_eq!(curlback_easy_perform(easy), code::E_HANDLE);
            assert_eq!(curlback_easy_close(easy), code::E_HANDLE);
            assert_eq!(inside.drops(), 0);
        });
        let raw = easy.into_raw();
        ok(curlback_easy_perform(raw));
        assert!(watch.calls() >= 2, "the transfer went on");
        assert_eq!(watch.drops(), 1);
        assert_eq!(curlback_easy_perform(raw), code::E_HANDLE);
    });
}

#[test]
fn releasing_on_another_thread_leaves_the_closing_to_the_one_that_performs() {
    each(|kind| {
        let drops = Drops::new();
        let token = drops.token();
        let (entered, inside) = channel();
        let (leave, left) = channel::<()>();
        let thread = {
            let drops = drops.clone();
            thread::spawn(move || {
                let (easy, _) = ready_for(kind);
                let waited = Cell::new(false);
                let hook = move |easy: Raw| {
                    let _held = &token;
                    if !waited.replace(true) {
                        entered.send(easy.addr()).unwrap();
                        left.recv_timeout(LIMIT).unwrap();
                    }
                };
                ok(crate::kinds::register(kind, easy.raw(), hook));
                let result = curlback_easy_perform(easy.into_raw());
                (result, drops.count())
            })
        };
        let easy = without_provenance_mut(inside.recv_timeout(LIMIT).unwrap());
        curlback_easy_release(easy);
        assert_eq!(touch(easy), code::E_HANDLE);
        curlback_easy_release(easy);
        assert_eq!(drops.count(), 0);
        leave.send(()).unwrap();
        assert_eq!(thread.join().unwrap(), (code::OK, 1));
        assert_eq!(drops.count(), 1);
    });
}

#[test]
fn a_refused_registration_leaves_the_user_data_to_the_caller() {
    type Function = fn(Raw, &[u8]) -> i64;
    unsafe extern "C-unwind" fn read(_: Raw, _: *mut u8, _: usize, _: *mut c_void) -> i64 {
        0
    }
    let easy = Easy::new();
    let raw = easy.raw();
    ok(curlback_easy_body_to_memory(raw, 10));
    ok(curlback_easy_header_to_memory(raw, 10));
    // SAFETY: the bytes are there, and the callbacks are never called.
    unsafe {
        ok(curlback_easy_read_from_memory(raw, b"hello".as_ptr().cast(), 5));
        for set in [curlback_easy_on_write, curlback_easy_on_header] {
            let drops = Drops::new();
            let (data, drop) = drops.user_data();
            assert_eq!(set(raw, Some(call_write::<Function>), data, drop), code::E_EXCLUSIVE);
            assert_eq!(drops.count(), 0);
            crate::support::unbox::<crate::support::Token>((data, drop));
            assert_eq!(drops.count(), 1);
            assert_eq!(
                set(without_provenance_mut(8), Some(call_write::<Function>), null_mut(), COUNT),
                code::E_HANDLE
            );
            assert_eq!(set(null_mut(), Some(call_write::<Function>), null_mut(), COUNT), code::E_NULL);
        }
        assert_eq!(curlback_easy_on_read(raw, Some(read), null_mut(), COUNT), code::E_EXCLUSIVE);
    }
    drop(easy);
    assert_eq!(COUNTED.load(Ordering::SeqCst), 0);
}

/// Only ever refused in the test above.
static COUNTED: AtomicUsize = AtomicUsize::new(0);
const COUNT: curlback::slot::curlback_drop_cb = Some(count);
unsafe extern "C-unwind" fn count(_: *mut c_void) {
    COUNTED.fetch_add(1, Ordering::SeqCst);
}

#[test]
fn a_refused_registration_of_any_kind_changes_nothing() {
    each(|kind| {
        let (easy, _) = ready_for(kind);
        let (watch, refused) = (Watch::default(), Watch::default());
        watch.register(kind, easy.raw(), |_| ());
        let gone = Easy::new().into_raw();
        ok(curlback_easy_close(gone));
        assert_eq!(refused.try_register(kind, gone, |_| ()), code::E_HANDLE);
        // The test's own helper freed it, as the caller has to.
        assert_eq!(refused.drops(), 1);
        ok(easy.perform());
        assert!(watch.calls() > 0);
        assert_eq!((watch.drops(), refused.drops()), (0, 1));
    });
}

#[test]
fn a_drop_function_is_called_for_null_but_not_where_nothing_was_registered() {
    static CALLED: AtomicUsize = AtomicUsize::new(0);
    unsafe extern "C-unwind" fn called(data: *mut c_void) {
        assert!(data.is_null());
        CALLED.fetch_add(1, Ordering::SeqCst);
    }
    unsafe extern "C-unwind" fn debug(_: Raw, _: i32, _: *const u8, _: usize, _: *mut c_void) {}
    let easy = Easy::new();
    // SAFETY: the drop function takes NULL.
    unsafe {
        ok(curlback_easy_on_debug(easy.raw(), Some(debug), null_mut(), Some(called)));
        assert_eq!(CALLED.load(Ordering::SeqCst), 0);
        ok(curlback_easy_on_debug(easy.raw(), None, null_mut(), Some(called)));
        assert_eq!(CALLED.load(Ordering::SeqCst), 1);
        ok(curlback_easy_on_debug(easy.raw(), None, null_mut(), Some(called)));
        ok(curlback_easy_on_write(easy.raw(), None, null_mut(), Some(called)));
    }
    drop(easy);
    assert_eq!(CALLED.load(Ordering::SeqCst), 1);
}
