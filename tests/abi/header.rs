//! Reads include/curlback.h, with the C compiler's help for sizes and values.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::{env, fs};

const HEADER: &str = include_str!("../../include/curlback.h");

/// The header's declarations: without comments and what is the preprocessor's, each ended by its semicolon.
fn declarations(header: &str) -> Vec<String> {
    let mut code = String::new();
    for (number, part) in header.split("/*").enumerate() {
        code.push_str(if number == 0 { part } else { part.split_once("*/").expect("a comment's end").1 });
    }
    let mut all = vec![String::new()];
    let mut depth = 0;
    let mut continued = false;
    for line in code.lines() {
        let directive = continued || line.starts_with('#');
        continued = directive && line.ends_with('\\');
        if directive || line.starts_with("extern \"C\"") || line.starts_with("}  // extern") {
            continue;
        }
        for c in line.split("//").next().unwrap_or_default().chars() {
            depth += i32::from(c == '{') - i32::from(c == '}');
            if c == ';' && depth == 0 {
                all.push(String::new());
            } else {
                all.last_mut().expect("there is one always").push(c);
            }
        }
        all.last_mut().expect("there is one always").push(' ');
    }
    let words = |text: &String| text.split_whitespace().collect::<Vec<_>>().join(" ");
    all.iter().map(words).filter(|text| !text.is_empty()).collect()
}

/// A declaration's type and name.
fn split_name(declaration: &str) -> (&str, &str) {
    let at = declaration.rfind([' ', '*']).map_or(0, |at| at + 1);
    (declaration[..at].trim(), &declaration[at..])
}

/// The types of parameters, without their names.
fn types(parameters: &str) -> String {
    let only = |parameter: &str| match split_name(parameter.trim()) {
        ("", alone) => alone.to_owned(),
        (kind, _) => kind.to_owned(),
    };
    parameters.split(',').map(only).collect::<Vec<_>>().join(", ")
}

/// The items, and a program that prints those that the compiler has to say.
#[derive(Default)]
struct Reader {
    items: BTreeMap<String, String>,
    program: String,
}

impl Reader {
    fn item(&mut self, item: String, what: String) {
        assert!(self.items.insert(item.clone(), what).is_none(), "{item} is there twice");
    }

    fn print(&mut self, item: &str, format: &str, values: &str) {
        let _ = writeln!(self.program, "printf(\"{item}: {format}\\n\", {values});");
    }

    fn enumerators(&mut self, body: &str) {
        for enumerator in body.split(',').map(str::trim).filter(|text| !text.is_empty()) {
            let name = enumerator.split([' ', '=']).next().unwrap_or_default();
            self.print(&format!("value {name}"), "%lld", &format!("(long long){name}"));
        }
    }

    fn read(&mut self, declaration: &str) {
        if let Some(body) = declaration.strip_prefix("enum {") {
            self.enumerators(body.trim_end_matches('}'));
        } else if let Some((head, rest)) = declaration.split_once('{') {
            let (body, name) = rest.rsplit_once('}').expect("a block's end");
            let (body, name) = (body.trim(), name.trim());
            if head.starts_with("typedef enum") {
                self.print(&format!("enum {name}"), "%zu bytes", &format!("sizeof({name})"));
                self.enumerators(body);
            } else {
                assert!(head.starts_with("typedef struct"), "what is this? {declaration}");
                self.structure(name, body);
            }
        } else if let Some((before, parameters)) = declaration.strip_suffix(')').and_then(|text| {
            // A callback's name stands in parentheses of its own.
            text.split_once(")(").or_else(|| text.split_once('('))
        }) {
            let parameters = types(parameters);
            match before.strip_prefix("typedef ").map(|text| text.split_once("(*")) {
                Some(Some((returns, name))) => {
                    self.item(format!("callback {name}"), format!("{} ({parameters})", returns.trim()));
                }
                Some(None) => panic!("what is this? {declaration}"),
                None => {
                    let (returns, name) = split_name(before);
                    self.item(format!("function {name}"), format!("{returns} ({parameters})"));
                }
            }
        } else {
            let (kind, name) = split_name(declaration.strip_prefix("typedef ").expect("a typedef"));
            self.item(format!("type {name}"), kind.to_owned());
        }
    }

    fn structure(&mut self, name: &str, body: &str) {
        let size = format!("sizeof({name}), _Alignof({name})");
        self.print(&format!("struct {name}"), "%zu bytes, aligned to %zu", &size);
        for field in body.split(';').map(str::trim).filter(|text| !text.is_empty()) {
            let (kind, field) = split_name(field);
            let place = format!("sizeof((({name} *)0)->{field}), offsetof({name}, {field})");
            self.print(&format!("field {name}.{field}"), &format!("{kind}, %zu bytes at %zu"), &place);
        }
    }
}

/// All items of a header.
pub fn items_of(header: &str) -> BTreeMap<String, String> {
    let mut reader = Reader::default();
    for declaration in declarations(header) {
        reader.read(&declaration);
    }
    for line in run(header, &reader.program).lines() {
        let (item, what) = line.split_once(": ").expect("as the program prints them");
        reader.item(item.to_owned(), what.to_owned());
    }
    reader.items
}

pub fn items() -> BTreeMap<String, String> {
    items_of(HEADER)
}

/// Compiles and runs a program with this header; what it prints.
fn run(header: &str, body: &str) -> String {
    let directory = tempfile::tempdir().unwrap();
    let (source, program) = (directory.path().join("abi.c"), directory.path().join("abi"));
    let text = format!("{header}\n#include <stdio.h>\nint main(void) {{\n{body}return 0;\n}}\n");
    fs::write(&source, text).unwrap();
    output(Command::new("cc").arg("-std=c11").arg(&source).arg("-o").arg(&program));
    output(&mut Command::new(&program))
}

fn output(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Of the library that Cargo built with this test.
pub fn soname() -> String {
    let library = env::current_exe().unwrap().with_file_name("libcurlback.so");
    dynamic_soname(&library)
}

fn dynamic_soname(library: &Path) -> String {
    let dynamic = output(Command::new("readelf").args(["-d", "-W"]).arg(library).env("LC_ALL", "C"));
    let line = dynamic.lines().find(|line| line.contains("(SONAME)")).expect("the library has a SONAME");
    line.split(['[', ']']).nth(1).expect("as readelf prints it").to_owned()
}
