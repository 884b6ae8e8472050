//! docs/who-may-call-what.md says what the table of src/access.rs decides.

use std::collections::BTreeMap;

use curlback::access::{Call, TABLE};
use curlback::result::{code, name};

use crate::calls::{Rule, all_rows};

const DOCUMENT: &str = include_str!("../../docs/who-may-call-what.md");

/// The cells of each row of the document's first table, without its head.
fn rows() -> Vec<Vec<&'static str>> {
    let lines = DOCUMENT.lines().skip_while(|line| !line.starts_with('|'));
    let rows = lines.take_while(|line| line.starts_with('|'));
    rows.skip(2).map(|line| line.trim_matches('|').split('|').map(str::trim).collect()).collect()
}

fn word(answer: i32) -> String {
    match answer {
        code::OK => "yes".to_owned(),
        refusal => format!("`{}`", name(refusal).to_str().unwrap().trim_start_matches("CURLBACK_E_")),
    }
}

fn answers(rule: Rule) -> Vec<String> {
    let of = |call: Call| TABLE.iter().find(|(row, _)| *row == call).unwrap().1;
    match rule {
        Rule::Of(call) => of(call).map(word).to_vec(),
        Rule::Always | Rule::Free => vec![word(code::OK); TABLE[0].1.len()],
        // Of the callback that it was lent to; elsewhere there is no such handle.
        Rule::Lent => {
            let nowhere = code::E_HANDLE;
            let answers = [nowhere, code::OK, nowhere, nowhere, nowhere, code::E_NOT_IN_CALLBACK];
            answers.map(word).to_vec()
        }
    }
}

#[test]
fn the_document_has_every_function_with_the_tables_answers() {
    let mut documented = BTreeMap::new();
    for row in rows() {
        let (functions, answers) = row.split_first().expect("a row has cells");
        for function in functions.split(',') {
            let function = function.trim().trim_matches('`');
            let before = documented.insert(format!("curlback_{function}"), answers.to_vec());
            assert!(before.is_none(), "{function} is there twice");
        }
    }
    for row in all_rows() {
        let answers = answers(row.rule);
        assert_eq!(
            documented.remove(row.name).as_deref(),
            Some(&answers.iter().map(String::as_str).collect::<Vec<_>>()[..]),
            "{}",
            row.name
        );
    }
    assert!(documented.is_empty(), "not functions that take a handle: {documented:?}");
}
