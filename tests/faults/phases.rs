//! A connection that is reset, half closed or stalls, in each phase of a transfer.

use crate::case::*;
use crate::script::Step::{self, *};

/// What is done up to the fault, and what comes of each: reset, half-close, stall.
pub struct Phase {
    pub name: &'static str,
    pub steps: &'static [Step],
    /// What most of it is; its end and server are replaced.
    pub base: Case,
    pub ends: [End; 3],
    /// Of libcurl 7.88, where they differ.
    pub before: Option<[End; 3]>,
}

const FAULTS: [(&str, Step); 3] = [("reset", Reset), ("half-close", HalfClose), ("stall", Stall)];

/// Three cases for each; `server` has the steps with the fault after them.
pub fn of(phases: Vec<Phase>, server: impl Fn(&'static [Step]) -> Server) -> Vec<Case> {
    made(phases, 0, server)
}

/// The same without resets.
pub fn without_resets(phases: Vec<Phase>, server: impl Fn(&'static [Step]) -> Server) -> Vec<Case> {
    made(phases, 1, server)
}

fn made(phases: Vec<Phase>, first: usize, server: impl Fn(&'static [Step]) -> Server) -> Vec<Case> {
    let mut cases = Vec::new();
    for phase in phases {
        for (number, (fault, does)) in FAULTS.into_iter().enumerate().skip(first) {
            // They live as long as the test.
            let steps: &'static [Step] = Vec::leak([phase.steps, &[does]].concat());
            let name: &'static str = String::leak(format!("{fault} {}", phase.name));
            cases.push(Case {
                name,
                server: server(steps),
                end: phase.ends[number],
                before: phase.before.map(|ends| ends[number]),
                slow: phase.base.slow || fault == "stall",
                ..phase.base
            });
        }
    }
    cases
}
