//! What the rows came to: on the terminal, as JSON, as a plot, and in docs/speed.md.

use std::fmt::Write as _;
use std::fs;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::programs::Programs;
use super::rows::{Bar, Figure, Held, How, Row};
use crate::process;
use crate::workspace::Workspace;

const JSON: &str = "docs/bench/results.json";
const PLOT: &str = "docs/bench/speed.svg";
const PAGE: &str = "docs/speed.md";
/// What stands around the results in the page.
const BEGIN: &str = "<!-- what `cargo xtask bench` printed last -->\n";
const END: &str = "<!-- the end of it -->\n";

/// A row with what its runs came to.
pub struct Measured {
    pub row: &'static Row,
    pub figures: Vec<(&'static str, f64)>,
}

/// A bar, and what it is held against.
struct Judged {
    bar: &'static Bar,
    what: String,
    value: f64,
}

impl Measured {
    fn of(&self, label: &str) -> Option<f64> {
        self.figures.iter().find(|(found, _)| *found == label).map(|(_, value)| *value)
    }

    /// Takes over what is less in another measurement of the row.
    pub fn keep_fewer(&mut self, again: &Self) {
        for ((_, value), (_, other)) in self.figures.iter_mut().zip(&again.figures) {
            *value = value.min(*other);
        }
    }

    /// The bars whose programs were all measured.
    fn judged(&self) -> impl Iterator<Item = Judged> {
        self.row.bars.iter().filter_map(|bar| {
            let (what, value) = match bar.figure {
                Figure::Of(label) => (label.to_owned(), self.of(label)?),
                Figure::Ratio(of, to) => (format!("{of} / {to}"), self.of(of)? / self.of(to)?),
                Figure::More(of, than) => (format!("{of} - {than}"), self.of(of)? - self.of(than)?),
            };
            Some(Judged { bar, what, value })
        })
    }

    /// What the command fails for.
    pub fn over(&self) -> Vec<String> {
        let over = self.judged().filter(Judged::is_over);
        over.map(|judged| format!("{}: {}", self.row.name, judged.line().trim())).collect()
    }

    pub fn text(&self) -> String {
        let mut text = format!("{}, {}\n", self.row.title, unit(&self.row.how));
        for (label, value) in &self.figures {
            let _ = writeln!(text, "    {label:30} {:>16}", number(*value));
        }
        for judged in self.judged() {
            text += &judged.line();
        }
        text
    }

    fn json(&self) -> Value {
        let figures: Vec<Value> =
            self.figures.iter().map(|(label, value)| json!({"label": label, "value": value})).collect();
        let bars: Vec<Value> = self
            .judged()
            .map(|judged| {
                json!({
                    "figure": judged.what,
                    "value": judged.value,
                    "at_most": judged.bar.at_most,
                    "holds": judged.holds(),
                })
            })
            .collect();
        json!({
            "name": self.row.name,
            "title": self.row.title,
            "unit": unit(&self.row.how),
            "figures": figures,
            "bars": bars,
        })
    }
}

impl Judged {
    fn holds(&self) -> bool {
        self.value <= self.bar.at_most
    }

    fn is_over(&self) -> bool {
        match self.bar.held {
            Held::AtTheBar => !self.holds(),
            Held::At(limit, _) => self.value > limit,
            Held::Not => false,
        }
    }

    fn line(&self) -> String {
        let holds = match (&self.bar.held, self.holds()) {
            (_, true) => "holds".to_owned(),
            (Held::At(limit, why), false) => format!("MISSED: {why}; held at {limit}"),
            (_, false) => "MISSED".to_owned(),
        };
        let (value, at_most) = match self.bar.figure {
            Figure::Ratio(..) => (format!("{:.4}", self.value), format!("{:.4}", self.bar.at_most)),
            _ => (number(self.value), number(self.bar.at_most)),
        };
        let at_most = if at_most.contains('.') {
            at_most.trim_end_matches('0').trim_end_matches('.')
        } else {
            &at_most
        };
        format!("  > {:30} {value:>16}  at most {at_most}: {holds}\n", self.what)
    }
}

fn unit(how: &How) -> &'static str {
    match how {
        How::FromMain => "instructions from main on",
        How::Each { .. } | How::EachCallback | How::InCallback => "instructions",
        How::Cpu => "milliseconds of CPU time",
        How::Reported(_) => "as counted",
    }
}

/// With a comma between thousands, and one place behind the point where that says something.
fn number(value: f64) -> String {
    if value.abs() < 1000.0 && value.fract() != 0.0 {
        return format!("{value:.1}");
    }
    let digits = format!("{:.0}", value.abs());
    let mut text = if value < 0.0 { "-".to_owned() } else { String::new() };
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Writes what all the rows came to.
pub fn write(workspace: &Workspace, programs: &Programs, all: &[Measured]) -> Result<()> {
    let file = |name: &str| workspace.root.join(name);
    let rows: Vec<Value> = all.iter().map(Measured::json).collect();
    let versions: Vec<Value> =
        programs.versions.iter().map(|(who, text)| json!({"who": who, "version": text})).collect();
    let results = json!({"libcurl": versions, "rows": rows});
    fs::create_dir_all(file(JSON).parent().context("a file without a folder")?)?;
    fs::write(file(JSON), serde_json::to_string_pretty(&results)? + "\n")?;
    let page = fs::read_to_string(file(PAGE)).with_context(|| format!("cannot read {PAGE}"))?;
    let (before, rest) = page.split_once(BEGIN).with_context(|| format!("{PAGE} has no {BEGIN}"))?;
    let (_, after) = rest.split_once(END).with_context(|| format!("{PAGE} has no {END}"))?;
    let mut results = String::new();
    for measured in all {
        let name = measured.row.name;
        let _ = write!(results, "\n`cargo xtask bench {name}`\n\n```text\n{}```\n", measured.text());
    }
    let _ = writeln!(results, "\n| program | what it has inside |\n|---|---|");
    for (who, version) in &programs.versions {
        let _ = writeln!(results, "| {who} | {version} |");
    }
    fs::write(file(PAGE), format!("{before}{BEGIN}{results}\n{END}{after}"))?;
    process::run(programs.python()?.arg(file("benches/plot.py")).arg(file(JSON)).arg(file(PLOT)))?;
    println!("written: {JSON}, {PLOT}, {PAGE}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn numbers_can_be_read() {
        assert_eq!(number(6_543_210.4), "6,543,210");
        assert_eq!(number(24.0), "24");
        assert_eq!(number(24.06), "24.1");
        assert_eq!(number(-1234.0), "-1,234");
    }
}
