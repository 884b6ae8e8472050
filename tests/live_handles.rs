//! How many handles are live. One test, in a program of its own: it counts all of them.

mod support;

use std::cell::Cell;
use std::ptr::null_mut;

use curlback::easy::info::curlback_easy_get_list;
use curlback::easy::{curlback_easy_close, curlback_easy_duplicate, curlback_easy_release};
use curlback::libcurl::tables::info;
use curlback::library::curlback_live_handles;
use curlback::list::curlback_list_free;
use support::{Easy, ok};

#[test]
fn handles_of_all_kinds_are_counted_until_they_are_closed() {
    assert_eq!(curlback_live_handles(), 0);
    let easy = Easy::to("file:///dev/null");
    assert_eq!(curlback_live_handles(), 1);
    let (mut copy, mut list) = (null_mut(), null_mut());
    // SAFETY: both can be written to.
    unsafe {
        ok(curlback_easy_duplicate(easy.raw(), &mut copy));
        ok(curlback_easy_get_list(easy.raw(), info::COOKIELIST, &mut list));
    }
    assert_eq!(curlback_live_handles(), 3);
    curlback_list_free(list);
    curlback_list_free(list);
    assert_eq!(curlback_live_handles(), 2);
    ok(curlback_easy_close(copy));
    curlback_easy_release(copy);
    assert_eq!(curlback_live_handles(), 1);

    let released = Cell::new(false);
    easy.on_header(move |easy, line| {
        if !released.replace(true) {
            curlback_easy_release(easy);
            assert_eq!(curlback_live_handles(), 1, "released while it runs, and not closed yet");
        }
        line.len() as i64
    });
    ok(curlback::easy::perform::curlback_easy_perform(easy.into_raw()));
    assert_eq!(curlback_live_handles(), 0);

    let many: Vec<Easy> = (0..1000).map(|_| Easy::new()).collect();
    assert_eq!(curlback_live_handles(), 1000);
    drop(many);
    assert_eq!(curlback_live_handles(), 0);
}
