//! Connections that outlive their handles: who closes them, and when.

use std::ffi::c_void;
use std::ptr::null_mut;

use curlback::callback::socket::curlback_easy_on_close_socket;
use curlback::easy::{curlback_easy_close, curlback_easy_curl, curlback_easy_release};
use curlback::libcurl::sys;
use curlback::libcurl::tables::opt;
use curlback_test_servers::HttpServer;

use crate::support::multi::Multi;
use crate::support::*;
use crate::{is_open, name_of, still_open, to, watch};

/// A cache of connections that outlives the handles, by libcurl's own interface.
struct Share(*mut sys::CURLSH);

impl Share {
    fn new() -> Self {
        // SAFETY: the library is initialised by the handles of the test.
        unsafe {
            let share = sys::curl_share_init();
            sys::curl_share_setopt(share, sys::CURLSHOPT_SHARE, sys::CURL_LOCK_DATA_CONNECT);
            Share(share)
        }
    }

    fn give(&self, easy: &Easy) {
        let curl = curlback_easy_curl(easy.raw());
        // SAFETY: both are there.
        unsafe { sys::curl_easy_setopt(curl.cast(), opt::SHARE as sys::CURLoption, self.0.cast::<c_void>()) };
    }

    fn close(self) {
        // SAFETY: no handle uses it any more.
        assert_eq!(unsafe { sys::curl_share_cleanup(self.0) }, 0);
    }
}

#[test]
fn a_connection_that_outlives_its_handle_is_closed_by_its_callback_without_a_handle() {
    let drops = Drops::new();
    let easy = to(&HttpServer::shared().url("/hello"));
    let share = Share::new();
    share.give(&easy);
    let seen = watch(&easy, &drops);
    ok(easy.perform());
    ok(curlback_easy_close(easy.into_raw()));
    // The opener's user data is gone, the closer's is still needed.
    assert_eq!((drops.count(), seen.closed.borrow().len()), (1, 0));
    let socket = seen.opened.borrow()[0];
    assert!(is_open(socket));
    share.close();
    assert_eq!(*seen.closed.borrow(), [(false, socket)]);
    assert_eq!(drops.count(), 2);
}

#[test]
fn another_handle_reuses_the_connection_of_one_that_is_gone() {
    let (drops, other_drops) = (Drops::new(), Drops::new());
    let first = to(&HttpServer::shared().url("/hello"));
    let second = to(&HttpServer::shared().url("/hello"));
    let share = Share::new();
    share.give(&first);
    share.give(&second);
    let seen = watch(&first, &drops);
    let other = watch(&second, &other_drops);
    ok(first.perform());
    drop(first);
    ok(second.perform());
    assert_eq!((other.opened.borrow().len(), seen.opened.borrow().len()), (0, 1));
    drop(second);
    assert_eq!(other_drops.count(), 2);
    share.close();
    assert_eq!(seen.closed.borrow().len(), 1);
    assert!(other.closed.borrow().is_empty());
    assert_eq!(drops.count(), 2);
}

#[test]
fn after_unset_a_connection_that_outlives_its_handle_is_closed_by_the_library() {
    let drops = Drops::new();
    let easy = to(&HttpServer::shared().url("/hello"));
    let share = Share::new();
    share.give(&easy);
    let seen = watch(&easy, &drops);
    ok(easy.perform());
    let socket = seen.opened.borrow()[0];
    // SAFETY: there is no callback.
    ok(unsafe { curlback_easy_on_close_socket(easy.raw(), None, null_mut(), None) });
    drop(easy);
    assert_eq!(drops.count(), 2);
    let name = name_of(socket);
    share.close();
    assert!(seen.closed.borrow().is_empty());
    assert_eq!(still_open(&name), 0);
}

/// Performs in a multi handle, whose connections outlive the handles.
fn perform_in(multi: &Multi, easy: &Easy) {
    multi.add(easy);
    multi.perform_all();
    assert_eq!(multi.all_done(), [(easy.raw(), 0)]);
    multi.remove(easy);
}

#[test]
fn a_multi_handle_that_is_closed_last_closes_its_connections_through_their_callback() {
    let (drops, other_drops) = (Drops::new(), Drops::new());
    let multi = Multi::new();
    let first = to(&HttpServer::shared().url("/hello"));
    let seen = watch(&first, &drops);
    perform_in(&multi, &first);
    drop(first);
    // The opener's user data is gone, the closer's is still needed.
    assert_eq!((drops.count(), seen.closed.borrow().len()), (1, 0));
    let socket = seen.opened.borrow()[0];

    let second = to(&HttpServer::shared().url("/hello"));
    let other = watch(&second, &other_drops);
    perform_in(&multi, &second);
    assert_eq!(other.opened.borrow().len(), 0, "the connection was used again");
    drop(second);
    assert_eq!((other_drops.count(), drops.count()), (2, 1));
    assert!(is_open(socket));
    drop(multi);
    assert_eq!(*seen.closed.borrow(), [(false, socket)]);
    assert_eq!((other.closed.borrow().len(), drops.count()), (0, 2));
}

#[test]
fn in_a_multi_handle_too_the_library_closes_what_has_no_callback_any_more() {
    for released in [false, true] {
        let drops = Drops::new();
        let multi = Multi::new();
        let easy = to(&HttpServer::shared().url("/hello"));
        let seen = watch(&easy, &drops);
        perform_in(&multi, &easy);
        let socket = seen.opened.borrow()[0];
        // SAFETY: there is no callback.
        ok(unsafe { curlback_easy_on_close_socket(easy.raw(), None, null_mut(), None) });
        assert_eq!(drops.count(), 1);
        if released {
            curlback_easy_release(easy.into_raw());
        } else {
            drop(easy);
        }
        assert_eq!(drops.count(), 2);
        let name = name_of(socket);
        drop(multi);
        assert!(seen.closed.borrow().is_empty());
        assert_eq!(still_open(&name), 0);
    }
}

#[test]
fn a_socket_that_is_connecting_when_its_transfer_ends_is_let_go_of() {
    let drops = Drops::new();
    // A listener whose queue is full lets nobody connect.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    // SAFETY: the descriptor is the listener's.
    unsafe { libc::listen(std::os::fd::AsRawFd::as_raw_fd(&listener), 0) };
    let waiting: Vec<_> = (0..4)
        .map(|_| std::net::TcpStream::connect_timeout(&address, std::time::Duration::from_millis(50)))
        .collect();
    for cancelled in [true, false] {
        let easy = Easy::to(&format!("http://{address}/"));
        let token = drops.token();
        ok(on_close_socket(easy.raw(), move |_, socket| {
            let _held = &token;
            close_socket(socket)
        }));
        let raw = easy.raw();
        if cancelled {
            easy.on_xferinfo(move |_, _| {
                ok(curlback::easy::perform::curlback_easy_cancel(raw));
                0
            });
        }
        easy.set_int(opt::CONNECTTIMEOUT_MS, 100);
        assert_ne!(easy.perform(), 0);
    }
    assert_eq!(drops.count(), 2);
    drop(waiting);
}
