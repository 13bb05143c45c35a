//! The result, as a table in Markdown.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use crate::measure::{Figure, median};
use crate::scene::State;

const BEGIN: &str = "<!-- measured by cargo bench -->";
const END: &str = "<!-- end of the measured part -->";

/// What a line is about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Row {
    pub name: String,
    /// What the command finds; `None` where there is no choice.
    pub state: Option<State>,
}

/// Figures of commands at several sizes.
pub struct Table {
    sizes: Vec<usize>,
    rows: Vec<(Row, BTreeMap<usize, Figure>)>,
}

impl Table {
    pub fn new(sizes: &[usize]) -> Self {
        Table { sizes: sizes.to_vec(), rows: Vec::new() }
    }

    pub fn add(&mut self, row: &Row, size: usize, figure: Figure) {
        match self.rows.iter_mut().find(|(known, _)| known == row) {
            Some((_, figures)) => drop(figures.insert(size, figure)),
            None => self.rows.push((row.clone(), BTreeMap::from([(size, figure)]))),
        }
    }

    /// Writes the table: milliseconds, and behind them how many times a `git rev-parse` that is.
    pub fn markdown(&self) -> String {
        let mut out = String::from("| command | state |");
        for size in &self.sizes {
            _ = write!(out, " {} |", thousands(*size));
        }
        out.push_str(" peak memory | written |\n|---|---|");
        out.push_str(&"--:|".repeat(self.sizes.len() + 2));
        out.push('\n');
        for (row, figures) in &self.rows {
            let state = row.state.map_or("–", State::name);
            _ = write!(out, "| {} | {state} |", row.name);
            for size in &self.sizes {
                let cell = figures.get(size).map_or("–".to_owned(), cell);
                _ = write!(out, " {cell} |");
            }
            let largest = figures.values().next_back().copied().unwrap_or_default();
            let memory =
                largest.memory_kb.map_or("n/a".to_owned(), |kb| format!("{:.0} MB", kb as f64 / 1024.0));
            let written = if largest.written == 0 { "–".to_owned() } else { bytes(largest.written) };
            _ = writeln!(out, " {memory} | {written} |");
        }
        out.push_str("| `git rev-parse --git-dir` | – |");
        for size in &self.sizes {
            let times: Vec<Duration> = self.rows.iter().filter_map(|(_, f)| Some(f.get(size)?.git)).collect();
            _ = write!(out, " {:.1} ms |", millis(median(times)));
        }
        out.push_str(" – | – |\n");
        out
    }
}

/// Writes a time, how many times the cheapest git command that is, and how many it may be; a goal that is missed is
/// marked.
fn cell(figure: &Figure) -> String {
    let ratio = millis(figure.time) / millis(figure.git);
    let number = |n: f64| if n < 10.0 { format!("{n:.1}") } else { format!("{n:.0}") };
    let goal = figure.goal.map(|goal| format!(" of {}", number(goal)));
    let missed = figure.goal.is_some_and(|goal| ratio > goal);
    let ratio = format!("{}{}{}", number(ratio), goal.unwrap_or_default(), if missed { " !" } else { "" });
    if figure.time.as_secs() > 0 {
        return format!("{:.2} s (×{ratio})", millis(figure.time) / 1000.0);
    }
    format!("{:.1} ms (×{ratio})", millis(figure.time))
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn bytes(count: u64) -> String {
    match count {
        0..10_000 => format!("{count} B"),
        10_000..10_000_000 => format!("{} kB", count / 1000),
        _ => format!("{} MB", count / 1_000_000),
    }
}

fn thousands(number: usize) -> String {
    if number < 1000 { number.to_string() } else { format!("{},{:03}", number / 1000, number % 1000) }
}

/// Puts the table into `docs/performance.md`.
pub fn write_into_docs(table: &str) {
    write_between(BEGIN, END, table);
}

/// Puts a table between two markers in `docs/performance.md`.
pub fn write_between(begin: &str, end: &str, table: &str) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/performance.md");
    let text = std::fs::read_to_string(path).expect("docs/performance.md");
    let (before, rest) = text.split_once(begin).expect("a marker where the table begins");
    let (_, after) = rest.split_once(end).expect("a marker where the table ends");
    let text = format!("{before}{begin}\n\n{table}\n{end}{after}");
    std::fs::write(path, text).expect("docs/performance.md can be written");
}
