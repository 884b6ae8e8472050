//! Finalizers, which a garbage collector runs where it likes: inside callbacks of every kind too.

use std::cell::Cell;
use std::mem::ManuallyDrop;
use std::ptr::null_mut;
use std::rc::Rc;

use curlback::callback::curlback_callback;
use curlback::easy::error::curlback_easy_raise;
use curlback::easy::info::curlback_easy_get_list;
use curlback::easy::perform::curlback_easy_perform;
use curlback::easy::{curlback_easy, curlback_easy_close, curlback_easy_release, curlback_easy_set_private};
use curlback::libcurl::tables::info;
use curlback::list::{curlback_list, curlback_list_free};
use curlback::mime::sending::curlback_easy_set_mime;
use curlback::mime::{
    curlback_mime, curlback_mime_add, curlback_mime_close, curlback_mime_new, curlback_mime_release,
};
use curlback::multi::members::curlback_multi_add;
use curlback::multi::{curlback_multi, curlback_multi_close, curlback_multi_new, curlback_multi_release};
use curlback::result::code;
use curlback::share::{
    curlback_easy_set_share, curlback_share, curlback_share_add, curlback_share_close, curlback_share_data,
    curlback_share_new, curlback_share_release,
};
use curlback_test_servers::HttpServer;

use crate::kinds::each;
use crate::request::quiet;
use crate::support::{Drops, Raw, ok};

/// One of everything that nobody holds any more, some of it used by the rest: each is found by the collector in any order.
struct Garbage {
    idle: *mut curlback_easy,
    /// It has kept a connection.
    used: *mut curlback_easy,
    member: *mut curlback_easy,
    multi: *mut curlback_multi,
    share: *mut curlback_share,
    mime: *mut curlback_mime,
    list: *mut curlback_list,
}

/// How many drops it makes.
const HELD: usize = 3;

impl Garbage {
    fn new(drops: &Drops) -> Self {
        let url = HttpServer::shared().url("/hello");
        let [idle, used, member] = [(); 3].map(|()| {
            let easy = quiet(&url).into_raw();
            let (data, drop) = drops.user_data();
            // SAFETY: the data and its drop function go together.
            ok(unsafe { curlback_easy_set_private(easy, data, drop) });
            easy
        });
        let (multi, share) = (curlback_multi_new(), curlback_share_new());
        ok(curlback_share_add(share, curlback_share_data::CURLBACK_SHARE_CONNECTIONS as i32));
        ok(curlback_easy_set_share(used, share));
        let mime = curlback_mime_new(idle);
        assert!(!curlback_mime_add(mime).is_null());
        ok(curlback_easy_set_mime(idle, mime));
        ok(curlback_easy_perform(used));
        ok(curlback_multi_add(multi, member));
        let mut list = null_mut();
        // SAFETY: the list can be written to.
        ok(unsafe { curlback_easy_get_list(used, info::COOKIELIST, &mut list) });
        Garbage { idle, used, member, multi, share, mime, list }
    }

    /// Twice, as some collectors do.
    fn release(&self, backwards: bool) {
        for _ in 0..2 {
            let mut all: [&dyn Fn(); 7] = [
                &|| curlback_easy_release(self.idle),
                &|| curlback_mime_release(self.mime),
                &|| curlback_multi_release(self.multi),
                &|| curlback_easy_release(self.member),
                &|| curlback_share_release(self.share),
                &|| curlback_easy_release(self.used),
                &|| curlback_list_free(self.list),
            ];
            if backwards {
                all.reverse();
            }
            all.iter().for_each(|release| release());
        }
    }

    fn is_gone(&self) {
        for easy in [self.idle, self.used, self.member] {
            assert_eq!(curlback_easy_close(easy), code::E_HANDLE);
        }
        assert_eq!(curlback_multi_close(self.multi), code::E_HANDLE);
        assert_eq!(curlback_share_close(self.share), code::E_HANDLE);
        assert_eq!(curlback_mime_close(self.mime), code::E_HANDLE);
    }
}

#[test]
fn finalizers_of_everything_run_inside_callbacks_of_every_kind() {
    each(|kind, easy| {
        drop(easy);
        for backwards in [false, true] {
            let easy = kind.ready().unwrap();
            let drops = Drops::new();
            let garbage = Rc::new(Garbage::new(&drops));
            let (inside, found) = (Rc::clone(&garbage), Cell::new(false));
            let token = drops.token();
            ok(kind.register(easy.raw(), move |_| {
                let _held = &token;
                if !found.replace(true) {
                    inside.release(backwards);
                    inside.is_gone();
                }
                false
            }));
            assert_eq!(kind.perform(&easy), 0, "{}", kind.name);
            drop(easy);
            garbage.is_gone();
            assert_eq!(drops.count(), HELD + 1, "{}", kind.name);
        }
    });
}

#[test]
fn the_finalizer_of_a_handle_runs_inside_its_own_callbacks_of_every_kind() {
    each(|kind, easy| {
        // Its transfer takes two performs: the second one would find no handle.
        if kind.id == curlback_callback::CURLBACK_CALLBACK_INTERLEAVE {
            return;
        }
        let (drops, easy) = (Drops::new(), ManuallyDrop::new(easy));
        let token = drops.token();
        let calls = Rc::new(Cell::new(0));
        let count = Rc::clone(&calls);
        ok(kind.register(easy.raw(), move |easy| {
            let _held = &token;
            count.set(count.get() + 1);
            curlback_easy_release(easy);
            curlback_easy_release(easy);
            gone(easy);
            false
        }));
        let performed = kind.perform(&easy);
        if kind.closing {
            assert_eq!(calls.get(), 0);
            curlback_easy_release(easy.raw());
        }
        assert_eq!(performed, 0, "{}", kind.name);
        assert!(calls.get() > 0, "{}", kind.name);
        gone(easy.raw());
        assert_eq!(drops.count(), 1, "{}", kind.name);
    });
}

/// No function knows the handle any more.
fn gone(easy: Raw) {
    assert_eq!(curlback_easy_perform(easy), code::E_HANDLE);
    // SAFETY: NULL is no message.
    let raised = unsafe { curlback_easy_raise(easy, 1, 0, std::ptr::null(), null_mut(), None) };
    assert_eq!(raised, code::E_HANDLE);
}
