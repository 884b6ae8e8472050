//! No fault leaves a descriptor open. The servers of the other tests have descriptors too, so this test runs itself once more
//! in a process that has none of them.

use std::process::Command;

use curlback::easy::perform::curlback_easy_cancel;
use curlback::library::curlback_live_handles;
use curlback::result::code;
use curlback_test_servers::open_descriptors;

use crate::collect;
use crate::faults::{Servers, Urls, faults};
use crate::support::{Easy, last_error, ok};

/// The servers' addresses, for the child.
const SERVERS: &str = "CURLBACK_TEST_SERVERS";

#[test]
fn no_fault_leaves_a_descriptor_open() {
    if let Ok(servers) = std::env::var(SERVERS) {
        return child(&Urls::from_text(&servers));
    }
    let servers = Servers::start();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "descriptors::no_fault_leaves_a_descriptor_open", "--nocapture"])
        .env(SERVERS, servers.urls.to_text())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

fn child(urls: &Urls) {
    let hello = format!("{}/hello", urls.http);
    // What libcurl and its libraries open once for the process.
    round(urls, &hello);
    let before = open_descriptors();
    for _ in 0..2 {
        round(urls, &hello);
        assert_eq!(open_descriptors(), before);
    }
    assert_eq!(curlback_live_handles(), 0);
}

fn round(urls: &Urls, hello: &str) {
    for fault in faults(urls) {
        let before = open_descriptors();
        let easy = Easy::new();
        fault.set(&easy, urls);
        let _body = collect(&easy);
        assert_eq!(easy.perform(), fault.expected, "{}: {}", fault.name, last_error());
        drop(easy);
        // The first of its kind may open what stays for the process: child() looks at that.
        assert!(open_descriptors() <= before + 1, "{}", fault.name);
    }
    let easy = Easy::to(hello);
    let _body = collect(&easy);
    ok(easy.perform());
    let connected = open_descriptors();
    // Cancelled, or failed by its callback, with more to come: that takes its connection along.
    easy.set_url(&format!("{}/bytes/1000000", urls.http));
    easy.on_write(|raw, data| {
        ok(curlback_easy_cancel(raw));
        data.len() as i64
    });
    for _ in 0..5 {
        assert_eq!(easy.perform(), code::E_CANCELLED);
        assert!(open_descriptors() < connected, "{} of {connected}", open_descriptors());
    }
    easy.on_write(|_, _| -1);
    for _ in 0..5 {
        assert_eq!(easy.perform(), 23);
        assert!(open_descriptors() < connected, "{} of {connected}", open_descriptors());
    }
    let _body = collect(&easy);
    ok(easy.perform());
    assert_eq!(open_descriptors(), connected);
}
