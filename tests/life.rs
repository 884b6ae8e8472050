//! Handles come and go, and what they hold goes once.

mod support;

use curlback::library::curlback_live_handles;
use support::{Drops, Easy};

#[test]
fn a_replaced_callback_is_dropped_once() {
    let drops = Drops::new();
    let easy = Easy::new();
    let (first, second) = (drops.token(), drops.token());
    easy.on_write(move |_, data| {
        let _held = &first;
        data.len() as i64
    });
    easy.on_write(move |_, data| {
        let _held = &second;
        data.len() as i64
    });
    assert_eq!(drops.count(), 1);
    assert!(curlback_live_handles() > 0);
    drop(easy);
    assert_eq!(drops.count(), 2);
}
