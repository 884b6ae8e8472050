//! Each fault ends with the right number, a sentence that names it, nothing leaked, and a handle that goes on.

use curlback::libcurl::tables::{info, opt};
use curlback::library::curlback_has_feature;
use curlback_test_servers::Nginx;

use crate::collect;
use crate::faults::{Servers, faults};
use crate::support::{Drops, Easy, last_error, ok, skipped, text};
use crate::watched::goes_on;

#[test]
fn every_fault_ends_with_its_number_and_a_sentence_that_names_it() {
    let servers = Servers::start();
    for fault in faults(&servers.urls) {
        let name = fault.name;
        let drops = Drops::new();
        let easy = Easy::new();
        fault.set(&easy, &servers.urls);
        let tokens = [drops.token(), drops.token()];
        let [write, debug] = tokens;
        easy.on_write(move |_, data| {
            let _held = &write;
            data.len() as i64
        });
        easy.on_debug(move |_, _, _| {
            let _held = &debug;
        });
        assert_eq!(easy.perform(), fault.expected, "{name}: {}", last_error());
        let sentence = last_error();
        let names_it = fault.says.iter().any(|part| sentence.to_lowercase().contains(&part.to_lowercase()));
        assert!(names_it, "{name}: {sentence:?} says nothing of {:?}", fault.says);
        let error = easy.error();
        assert_eq!((error.result, error.curl_code), (fault.expected, fault.expected), "{name}");
        assert_eq!((error.callback, error.severity, error.code), (0, 0, 0), "{name}");
        assert_eq!((text(error.message), error.payload.is_null()), (String::new(), true), "{name}");
        assert_eq!(text(error.curl_message), sentence, "{name}");
        if fault.os_errno != 0 {
            assert_eq!(error.os_errno, fault.os_errno, "{name}");
        }
        assert_eq!(drops.count(), 0, "{name}");
        goes_on(&easy);
        assert_eq!(easy.error().os_errno, 0, "{name}");
        drop(easy);
        assert_eq!(drops.count(), 2, "{name}");
    }
}

#[test]
fn the_same_handle_survives_all_faults_in_a_row() {
    let servers = Servers::start();
    let easy = Easy::new();
    for fault in faults(&servers.urls) {
        ok(curlback::easy::curlback_easy_reset(easy.raw()));
        if fault.url.is_none() {
            continue;
        }
        fault.set(&easy, &servers.urls);
        let _body = collect(&easy);
        assert_eq!(easy.perform(), fault.expected, "{}: {}", fault.name, last_error());
        // Once more, over whatever the first one left.
        assert_eq!(easy.perform(), fault.expected, "{}: {}", fault.name, last_error());
    }
    goes_on(&easy);
}

#[test]
fn a_certificate_that_verifies_is_accepted_with_http_1_and_http_2() {
    let nginx = Nginx::shared().unwrap_or_else(|error| panic!("{error}"));
    // SAFETY: the name ends with NUL.
    let http2 = unsafe { curlback_has_feature(c"HTTP2".as_ptr()) };
    // CURL_HTTP_VERSION_1_1 and CURL_HTTP_VERSION_2_0, for which libcurl has the same numbers as for what came.
    for (version, wanted) in [(2, true), (3, http2)] {
        if !wanted {
            skipped("HTTP/2", "a libcurl built with HTTP2");
            continue;
        }
        let easy = Easy::to(&nginx.https_url("/hello.txt"));
        easy.set_str(opt::CAINFO, nginx.ca_path().to_str().unwrap());
        let body = collect(&easy);
        easy.set_int(opt::HTTP_VERSION, version);
        ok(easy.perform());
        assert_eq!(*body.borrow(), b"hello, world\n");
        assert_eq!(easy.int(info::HTTP_VERSION), version);
        assert_eq!(easy.int(info::SSL_VERIFYRESULT), 0);
    }
}
