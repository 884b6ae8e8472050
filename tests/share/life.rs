//! How long shares live, and who may touch them meanwhile.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::ptr::null_mut;
use std::rc::Rc;

use curlback::easy::{curlback_easy_duplicate, curlback_easy_reset};
use curlback::libcurl::tables::opt;
use curlback::result::code;
use curlback::share::lock::curlback_share_on_lock;
use curlback_test_servers::HttpServer;

use crate::support::multi::Multi;
use crate::support::{Drops, Easy, close_socket, last_error, ok, on_close_socket};
use crate::*;

fn refused(share: RawShare, expected: i32) {
    assert_eq!(curlback_share_close(share), expected);
    assert_eq!(curlback_share_add(share, COOKIES), expected);
    assert_eq!(curlback_share_remove(share, COOKIES), expected);
    // SAFETY: there are no callbacks.
    assert_eq!(unsafe { curlback_share_on_lock(share, None, None, null_mut(), None) }, expected);
}

#[test]
fn nothing_of_it_changes_while_a_handle_uses_it() {
    let share = Share::new(&[COOKIES]);
    let easy = Easy::new();
    join(&easy, share.raw());
    refused(share.raw(), code::E_IN_USE);
    assert!(last_error().contains("a handle uses the share"), "{}", last_error());
    // The same once more is nothing new.
    join(&easy, share.raw());
    join(&easy, null_mut());
    ok(curlback_share_add(share.raw(), COOKIES));
    join(&easy, share.raw());
    refused(share.raw(), code::E_IN_USE);
    drop(easy);
    let raw = share.into_raw();
    ok(curlback_share_close(raw));
    refused(raw, code::E_HANDLE);
    assert_eq!(last_error(), "not a live curlback_share: it was closed, or never was one");
    curlback_share_release(raw);
    curlback_share_release(null_mut());
    ok(curlback_share_close(null_mut()));
}

#[test]
fn another_share_replaces_it() {
    let (first, second) = (Share::new(&[COOKIES]), Share::new(&[COOKIES]));
    let (easy, body) = to(&url("/cookies"));
    join(&easy, first.raw());
    ok(easy.perform());
    join(&easy, second.raw());
    drop(first);
    easy.set_url(&url("/request-headers"));
    ok(easy.perform());
    assert!(!body.text().contains("cookie: "), "{}", body.text());
    drop(easy);
}

#[test]
fn reset_keeps_it_and_duplicates_have_none() {
    let share = Share::new(&[COOKIES]);
    let (easy, _body) = to(&url("/cookies"));
    join(&easy, share.raw());
    ok(easy.perform());
    ok(curlback_easy_reset(easy.raw()));
    assert_eq!(curlback_share_close(share.raw()), code::E_IN_USE);
    let mut copy = null_mut();
    // SAFETY: the copy can be written to.
    ok(unsafe { curlback_easy_duplicate(easy.raw(), &mut copy) });
    let copy = Easy::adopt(copy);
    drop(easy);
    // The duplicate is not counted.
    drop(share);
    copy.set_url(&url("/hello"));
    ok(curlback::easy::sink::curlback_easy_body_to_memory(copy.raw(), 1000));
    ok(copy.perform());
}

#[test]
fn a_released_share_stays_for_the_handles_that_use_it() {
    let (first, _) = to(&url("/cookies"));
    let (second, body) = to(&url("/request-headers"));
    let share = Share::new(&[COOKIES]).into_raw();
    join(&first, share);
    join(&second, share);
    curlback_share_release(share);
    refused(share, code::E_HANDLE);
    assert_eq!(curlback_easy_set_share(first.raw(), share), code::E_HANDLE);
    ok(first.perform());
    drop(first);
    ok(second.perform());
    assert!(body.text().contains("cookie: "), "{}", body.text());
    join(&second, null_mut());
    ok(second.perform());
}

#[test]
fn a_share_is_released_inside_a_callback_of_its_last_handle() {
    let (easy, _body) = to(&url("/hello"));
    let share = Share::new(&ALL).into_raw();
    join(&easy, share);
    easy.on_header(move |easy, line| {
        assert_eq!(curlback_easy_set_share(easy, null_mut()), code::E_IN_CALLBACK);
        curlback_share_release(share);
        line.len() as i64
    });
    ok(easy.perform());
    ok(easy.perform());
}

#[test]
fn a_handle_in_a_multi_handle_keeps_its_share() {
    let (share, multi) = (Share::new(&ALL), Multi::new());
    let (easy, _body) = to(&url("/hello"));
    join(&easy, share.raw());
    multi.add(&easy);
    for other in [null_mut(), share.raw()] {
        assert_eq!(curlback_easy_set_share(easy.raw(), other), code::E_IN_USE);
        assert!(last_error().contains("in a multi handle"), "{}", last_error());
    }
    multi.perform_all();
    assert_eq!(multi.all_done(), [(easy.raw(), 0)]);
    assert_eq!(curlback_easy_set_share(easy.raw(), null_mut()), code::E_IN_USE);
    multi.remove(&easy);
    join(&easy, null_mut());
    drop(share);
}

#[test]
fn a_handle_with_a_connection_of_its_own_can_be_given_a_share() {
    let server = HttpServer::start();
    let share = Share::new(&ALL);
    let (easy, _body) = to(&server.url("/hello"));
    easy.set_int(opt::CONNECT_ONLY, 1);
    ok(easy.perform());
    join(&easy, share.raw());
    easy.set_int(opt::CONNECT_ONLY, 0);
    ok(easy.perform());
    join(&easy, null_mut());
    ok(easy.perform());
    // And given up with a connection that is the share's.
    easy.set_int(opt::CONNECT_ONLY, 1);
    join(&easy, share.raw());
    ok(easy.perform());
    join(&easy, null_mut());
    drop(share);
    easy.set_int(opt::CONNECT_ONLY, 0);
    ok(easy.perform());
}

/// How often what was closed, with which handle, and what was dropped.
#[derive(Clone, Default)]
struct Closed {
    sockets: Rc<RefCell<Vec<isize>>>,
    with_handle: Rc<Cell<usize>>,
    drops: Drops,
}

impl Closed {
    fn watch(&self, easy: &Easy) {
        let (seen, token) = (self.clone(), self.drops.token());
        ok(on_close_socket(easy.raw(), move |easy, socket| {
            let _held = &token;
            seen.sockets.borrow_mut().push(socket);
            seen.with_handle.set(seen.with_handle.get() + usize::from(!easy.is_null()));
            close_socket(socket)
        }));
    }

    fn count(&self) -> usize {
        self.sockets.borrow().len()
    }
}

#[test]
fn a_share_that_goes_last_closes_what_it_has_with_the_callbacks_of_handles_that_are_gone() {
    for release in [true, false] {
        let server = HttpServer::start();
        let share = Share::new(&[CONNECTIONS]).into_raw();
        let closed = [Closed::default(), Closed::default()];
        // Each makes a connection of its own, as they are in use at the same time.
        let multi = Multi::new();
        let handles = closed.each_ref().map(|closed| {
            let (easy, _body) = to(&server.url("/trickle/5/5"));
            closed.watch(&easy);
            join(&easy, share);
            multi.add(&easy);
            easy
        });
        multi.perform_all();
        assert_eq!((multi.all_done().len(), server.connections()), (2, 2));
        drop(multi);
        drop(handles);
        assert_eq!(closed.each_ref().map(|closed| (closed.count(), closed.drops.count())), [(0, 0); 2]);
        if release {
            curlback_share_release(share);
        } else {
            ok(curlback_share_close(share));
        }
        for closed in &closed {
            assert_eq!((closed.count(), closed.with_handle.get(), closed.drops.count()), (1, 0, 1));
        }
        let different: BTreeSet<_> =
            closed.iter().flat_map(|closed| closed.sockets.borrow().clone()).collect();
        assert_eq!(different.len(), 2);
    }
}

#[test]
fn the_last_handle_to_leave_a_released_share_closes_what_it_has() {
    for detach in [true, false] {
        let server = HttpServer::start();
        let share = Share::new(&[CONNECTIONS]).into_raw();
        let closed = Closed::default();
        let (first, _body) = to(&server.url("/hello"));
        let (last, _body) = to(&server.url("/hello"));
        closed.watch(&first);
        join(&first, share);
        join(&last, share);
        ok(first.perform());
        curlback_share_release(share);
        drop(first);
        ok(last.perform());
        assert_eq!((connects(&last), closed.count(), closed.drops.count()), (0, 0, 0));
        if detach {
            join(&last, null_mut());
            assert_eq!((closed.count(), closed.drops.count()), (1, 1));
        }
        drop(last);
        assert_eq!((closed.count(), closed.with_handle.get(), closed.drops.count()), (1, 0, 1));
    }
}

#[test]
fn a_handle_that_lives_is_given_to_its_callback_when_the_share_closes() {
    let server = HttpServer::start();
    let share = Share::new(&[CONNECTIONS]);
    let closed = Closed::default();
    let (easy, _body) = to(&server.url("/hello"));
    closed.watch(&easy);
    join(&easy, share.raw());
    ok(easy.perform());
    join(&easy, null_mut());
    drop(share);
    assert_eq!((closed.count(), closed.with_handle.get(), closed.drops.count()), (1, 1, 0));
    drop(easy);
    assert_eq!((closed.count(), closed.drops.count()), (1, 1));
}
