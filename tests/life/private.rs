//! The application's own pointer.

use std::cell::Cell;
use std::ffi::c_void;
use std::ptr::null_mut;
use std::rc::Rc;
use std::thread;

use curlback::easy::*;
use curlback::result::code;
use curlback::slot::curlback_drop_cb;
use curlback_test_servers::HttpServer;

use crate::support::{Drops, Easy, boxed, ok};

fn set(easy: &Easy, (data, drop): (*mut c_void, curlback_drop_cb)) {
    // SAFETY: the data and its drop function go together.
    ok(unsafe { curlback_easy_set_private(easy.raw(), data, drop) });
}

#[test]
fn private_data_is_given_back_and_dropped_when_replaced_or_closed() {
    let drops = Drops::new();
    let easy = Easy::new();
    assert!(curlback_easy_private(easy.raw()).is_null());
    let (first, second) = (drops.user_data(), drops.user_data());
    set(&easy, first);
    assert_eq!(curlback_easy_private(easy.raw()), first.0);
    set(&easy, second);
    assert_eq!((curlback_easy_private(easy.raw()), drops.count()), (second.0, 1));
    drop(easy);
    assert_eq!(drops.count(), 2);
}

#[test]
fn null_keeps_none_and_is_never_dropped() {
    unsafe extern "C-unwind" fn never(_: *mut c_void) {
        panic!("there was nothing to drop");
    }
    let drops = Drops::new();
    let easy = Easy::new();
    set(&easy, drops.user_data());
    set(&easy, (null_mut(), Some(never)));
    assert_eq!(drops.count(), 1);
    assert!(curlback_easy_private(easy.raw()).is_null());
    set(&easy, (null_mut(), Some(never)));
    drop(easy);
    assert_eq!(drops.count(), 1);
}

#[test]
fn private_data_without_a_drop_function_stays_the_callers() {
    let mut mine = 7;
    let easy = Easy::new();
    set(&easy, ((&raw mut mine).cast(), None));
    assert_eq!(curlback_easy_private(easy.raw()), (&raw mut mine).cast());
    drop(easy);
    assert_eq!(mine, 7);
}

#[test]
fn reset_keeps_private_data_and_a_duplicate_has_none() {
    let drops = Drops::new();
    let easy = Easy::new();
    let data = drops.user_data();
    set(&easy, data);
    ok(curlback_easy_reset(easy.raw()));
    assert_eq!((curlback_easy_private(easy.raw()), drops.count()), (data.0, 0));
    let mut copy = null_mut();
    // SAFETY: the copy can be written to.
    ok(unsafe { curlback_easy_duplicate(easy.raw(), &mut copy) });
    let copy = Easy::adopt(copy);
    assert!(curlback_easy_private(copy.raw()).is_null());
    drop(copy);
    assert_eq!(drops.count(), 0);
    drop(easy);
    assert_eq!(drops.count(), 1);
}

#[test]
fn private_data_replaced_inside_a_callback_is_dropped_after_it() {
    let drops = Drops::new();
    let easy = Easy::to(&HttpServer::shared().url("/status/204"));
    set(&easy, drops.user_data());
    let (inside, lines) = (drops.clone(), Rc::new(Cell::new(0)));
    let count = Rc::clone(&lines);
    easy.on_header(move |easy, line| {
        count.set(count.get() + 1);
        if count.get() == 1 {
            let (data, drop) = inside.user_data();
            // SAFETY: the data and its drop function go together.
            ok(unsafe { curlback_easy_set_private(easy, data, drop) });
            assert_eq!((curlback_easy_private(easy), inside.count()), (data, 0));
        } else {
            assert_eq!(inside.count(), 1);
        }
        line.len() as i64
    });
    ok(easy.perform());
    assert!(lines.get() > 1);
    assert_eq!(drops.count(), 1);
    drop(easy);
    assert_eq!(drops.count(), 2);
}

#[test]
fn release_drops_private_data_on_the_thread_that_released() {
    struct Here(std::sync::mpsc::Sender<thread::ThreadId>);
    impl Drop for Here {
        fn drop(&mut self) {
            self.0.send(thread::current().id()).unwrap();
        }
    }
    let (dropped, on) = std::sync::mpsc::channel();
    let easy = Easy::new();
    set(&easy, boxed(Here(dropped)));
    let address = easy.into_raw().addr();
    let thread = thread::spawn(move || {
        curlback_easy_release(std::ptr::without_provenance_mut(address));
        thread::current().id()
    });
    assert_eq!(on.recv_timeout(crate::support::LIMIT).unwrap(), thread.join().unwrap());
}

#[test]
fn a_refused_call_keeps_nothing() {
    let drops = Drops::new();
    let easy = Easy::new().into_raw();
    ok(curlback_easy_close(easy));
    let (data, drop) = drops.user_data();
    // SAFETY: the data and its drop function go together.
    assert_eq!(unsafe { curlback_easy_set_private(easy, data, drop) }, code::E_HANDLE);
    assert_eq!(drops.count(), 0);
    crate::support::unbox::<crate::support::Token>((data, drop));
}
