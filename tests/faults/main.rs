//! A network that misbehaves: for each case the result, the order of the callbacks and the bytes they were given, everything back that was
//! held, and a handle that is good for the next transfer.

mod case;
mod connecting;
mod counted;
mod descriptors;
mod ftp;
mod http;
mod http2;
mod phases;
mod protocol;
mod script;
#[path = "../support/mod.rs"]
mod support;
mod tls;
mod websocket;

use std::sync::LazyLock;

use case::{Case, at_once, one_by_one};

const SUBJECTS: &[fn() -> Vec<Case>] = &[
    http::a_connection_fails_in_any_phase_of_http,
    protocol::heads_that_are_wrong,
    protocol::chunks_that_are_wrong,
    protocol::bodies_that_are_wrong,
    protocol::encodings_that_lie,
    protocol::redirects_that_are_wrong,
    protocol::a_server_that_changes_its_mind,
    tls::a_connection_fails_in_any_phase_of_tls,
    tls::handshakes_that_are_wrong,
    ftp::a_control_connection_fails_in_any_phase,
    ftp::a_data_connection_fails_in_any_phase,
    ftp::answers_of_ftp_that_are_wrong,
    websocket::a_connection_fails_in_any_phase_of_websocket,
    websocket::handshakes_of_websocket_that_are_wrong,
    http2::a_connection_fails_in_any_phase_of_http2,
    http2::frames_that_end_or_break_a_transfer,
    connecting::names_that_do_not_resolve,
    connecting::connections_that_do_not_come_about,
    connecting::proxies_that_do_not_do_their_part,
];

/// Made once, and kept: they are made of what lasts for ever.
static CASES: LazyLock<Vec<Case>> = LazyLock::new(|| SUBJECTS.iter().flat_map(|subject| subject()).collect());

#[test]
fn each_fault_ends_as_it_must() {
    one_by_one(CASES.iter().filter(|case| !case.slow));
}

#[test]
fn each_fault_that_a_limit_ends_does_so() {
    at_once(CASES.iter().filter(|case| case.slow));
}

#[test]
fn there_are_many_cases_and_each_has_a_name_of_its_own() {
    let mut names: Vec<&str> = CASES.iter().map(|case| case.name).collect();
    assert!(names.len() >= 150, "{}", names.len());
    names.sort_unstable();
    let all = names.len();
    names.dedup();
    assert_eq!(names.len(), all);
}
