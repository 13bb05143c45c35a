//! The file format: what is written reads the same, what is readable survives, what is not gives one clear error.

mod arbitrary;
mod fast;
mod fixtures;
mod hostile;
mod liberal;
mod plain;
mod reference;
mod round_trip;

use quipu::model::{FileError, Issue, IssueId};

/// The identity in every file that a test spells out.
pub const ID: &str = "01kfn6tfn3n7h5b39ztztw7k2m";

/// Reads a front matter given without id, title and lines of dashes.
fn read_lines(lines: &str) -> Result<Issue, FileError> {
    read_file(&format!("---\nid: {ID}\ntitle: x\n{lines}---\n"))
}

fn read_file(text: &str) -> Result<Issue, FileError> {
    Issue::read(text.as_bytes(), IssueId::parse(ID))
}

/// Returns the line and the message of what must be an error.
#[track_caller]
fn error_of(text: &str) -> (usize, String) {
    let error = read_file(text).expect_err("this must not be readable");
    (error.line, error.message)
}
