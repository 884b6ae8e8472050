//! No lock is held while callbacks run: two threads, each inside a callback, call every function on what the other is at work on, on a
//! handle of their own and on what both use, and neither has to wait.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use curlback::easy::{curlback_easy_new, curlback_easy_release};
use curlback::mime::{curlback_mime, curlback_mime_add, curlback_mime_new, curlback_mime_release};
use curlback::multi::queue::{curlback_multi_stop, curlback_multi_wakeup};
use curlback::multi::run::curlback_multi_run;
use curlback::multi::{curlback_multi_close, curlback_multi_new, curlback_multi_release};
use curlback::result::code;
use curlback::share::{curlback_share_new, curlback_share_release};

use crate::calls::{self, Rule, all_rows};
use crate::kinds::{Kind, each};
use crate::support::multi::{RawMulti, UNTIL_STOPPED};
use crate::support::{LIMIT, Raw, ok};

/// What ends what the other thread is doing, which is to go on.
const ENDS: [&str; 4] =
    ["curlback_easy_release", "curlback_easy_cancel", "curlback_multi_release", "curlback_multi_stop"];

fn handle<T>(value: usize) -> *mut T {
    std::ptr::without_provenance_mut(value)
}

/// Every function that takes such a handle.
fn on_each(takes: &str, call: impl Fn(&'static calls::Row)) -> usize {
    let rows = all_rows().filter(|row| row.takes() == takes);
    rows.inspect(|row| call(row)).count()
}

/// What both threads use, and the multi handle that a third one runs.
struct Common {
    mime: usize,
    share: usize,
    running: usize,
}

/// On the handle that the other thread is in a callback of, on the running multi handle, on new handles, and on what both use.
fn call_everything(other: usize, common: &Common) {
    let easy = on_each("curlback_easy", |row| {
        if !ENDS.contains(&row.name) {
            let answer = row.attempt(other).0;
            let refused = answer == code::E_BUSY || answer == code::E_NOT_IN_CALLBACK;
            assert!(refused || row.rule == Rule::Always, "{} answered {answer}", row.name);
        }
        let own = curlback_easy_new();
        // Without a URL, and with nothing that was set: whatever it answers.
        row.attempt(own.addr());
        curlback_easy_release(own);
    });
    let multi = on_each("curlback_multi", |row| {
        // A running one takes what it is given by others, and is given nothing.
        if !ENDS.contains(&row.name) {
            row.attempt(common.running);
        }
        let own = curlback_multi_new();
        row.attempt(own.addr());
        curlback_multi_release(own);
    });
    let share = on_each("curlback_share", |row| {
        if !row.name.ends_with("_close") && !row.name.ends_with("_release") {
            row.attempt(common.share);
        }
        let own = curlback_share_new();
        assert_eq!(row.attempt(own.addr()).0, code::OK, "{}", row.name);
        curlback_share_release(own);
    });
    let mime = on_each("curlback_mime", |row| {
        if !row.name.ends_with("_close") && !row.name.ends_with("_release") {
            row.attempt(common.mime);
        }
    });
    let part = curlback_mime_add(handle::<curlback_mime>(common.mime));
    assert!(!part.is_null());
    let parts = on_each("curlback_mime_part", |row| {
        row.attempt(part.addr());
    });
    assert!(
        easy > 70 && multi > 15 && share > 3 && mime > 2 && parts > 5,
        "{easy} {multi} {share} {mime} {parts}"
    );
}

/// A transfer on a thread of its own, whose first callback meets that of the other thread, calls everything, and meets it again.
fn transfer(kind: Kind, tell: Sender<usize>, told: Receiver<usize>, common: Arc<Common>) {
    let easy = kind.ready().unwrap();
    let met = Cell::new(false);
    ok(kind.register(easy.raw(), move |easy: Raw| {
        if !met.replace(true) {
            tell.send(easy.addr()).unwrap();
            let other = told.recv_timeout(LIMIT).expect("the other thread is in its callback");
            call_everything(other, &common);
            tell.send(0).unwrap();
            told.recv_timeout(LIMIT).expect("the other thread has called everything");
        }
        false
    }));
    assert_eq!(kind.perform(&easy), 0, "{}", kind.name);
}

#[test]
fn two_threads_inside_callbacks_call_everything_without_having_to_wait() {
    let multi: RawMulti = curlback_multi_new();
    let running = multi.addr();
    let (mime_of, share) = (curlback_easy_new(), curlback_share_new());
    let common = Arc::new(Common { mime: curlback_mime_new(mime_of).addr(), share: share.addr(), running });
    let runner = thread::spawn(move || curlback_multi_run(handle(running), UNTIL_STOPPED));
    each(|kind, easy| {
        drop(easy);
        let ((to_first, by_first), (to_second, by_second)) = (channel(), channel());
        let (done, over) = channel();
        let ends = [(to_second, by_first), (to_first, by_second)];
        let threads = ends.map(|(tell, told)| {
            let (common, done) = (Arc::clone(&common), done.clone());
            thread::spawn(move || {
                transfer(kind, tell, told, common);
                done.send(()).unwrap();
            })
        });
        drop(done);
        for _ in 0..2 {
            let ended = over.recv_timeout(LIMIT * 2);
            assert!(ended.is_ok(), "{}: a thread waits for ever, or has failed", kind.name);
        }
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    });
    ok(curlback_multi_wakeup(multi));
    ok(curlback_multi_stop(multi));
    assert_eq!(runner.join().unwrap(), 0);
    ok(curlback_multi_close(multi));
    curlback_mime_release(handle(common.mime));
    curlback_share_release(share);
    curlback_easy_release(mime_of);
}
