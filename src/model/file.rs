//! The file of an issue: front matter between lines of dashes, then the body.

use super::body::Body;
use super::front::{is_conflict_marker, read_front};
use super::front_write::write_front;
use super::{Front, IssueId};

/// The greatest size of a file, in bytes, on write and on read.
pub const MAX_FILE: usize = 1 << 20;

/// An issue with its texts.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Issue {
    /// Everything that stands between the lines of dashes.
    pub front: Front,
    /// Everything below them.
    pub body: Body,
}

/// Why a file could not be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FileError {
    /// The line in the file, from 1.
    pub line: usize,
    /// What is wrong: lower case, without a full stop.
    pub message: String,
}

impl Issue {
    /// Reads a file. `id` is what its name says, where it has one.
    ///
    /// # Errors
    /// The first thing that is wrong, with its line.
    pub fn read(bytes: &[u8], id: Option<IssueId>) -> Result<Self, FileError> {
        let (front, body) = read_parts(bytes, id)?;
        Ok(Issue { front, body: Body::parse(body) })
    }

    /// Returns the file in its canonical form.
    pub fn write(&self) -> String {
        let mut out = String::from("---\n");
        write_front(&mut out, &self.front);
        out.push_str("---\n");
        out.push_str(&self.body.to_text());
        out
    }

    /// Returns the file in its canonical form, once it is certain that it can be read again: within the limits of
    /// size, depth and number of values, and with the same content.
    ///
    /// # Errors
    /// What a reader would report.
    pub fn write_checked(&self) -> Result<String, FileError> {
        let text = self.write();
        let read = Issue::read(text.as_bytes(), Some(self.front.id))?;
        if read.front != self.front || read.write() != text {
            let message = "a value that cannot be written so that it reads the same".to_owned();
            return Err(FileError { line: 1, message });
        }
        Ok(text)
    }
}

/// Reads the front matter of a file and counts its comments, which is all that a list of issues needs.
///
/// # Errors
/// As [`Issue::read`].
pub fn read_row_parts(bytes: &[u8], id: Option<IssueId>) -> Result<(Front, u32), FileError> {
    let (front, body) = read_parts(bytes, id)?;
    Ok((front, Body::count_comments(body)))
}

fn read_parts(bytes: &[u8], id: Option<IssueId>) -> Result<(Front, &str), FileError> {
    let (front, body) = split(check_bytes(bytes)?)?;
    match read_front(front, id) {
        Ok(front) => Ok((front, body)),
        Err(e) => Err(FileError { line: e.line + 1, message: e.message }),
    }
}

fn check_bytes(bytes: &[u8]) -> Result<&str, FileError> {
    if bytes.len() > MAX_FILE {
        return fail(1, format!("the file has {} bytes, the limit is {MAX_FILE}", bytes.len()));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    std::str::from_utf8(bytes).or_else(|e| {
        let line_ends = bytes[..e.valid_up_to()].iter().filter(|b| **b == b'\n').count();
        fail(line_ends + 1, "not valid UTF-8")
    })
}

/// Splits a file at its lines of dashes.
fn split(text: &str) -> Result<(&str, &str), FileError> {
    let (first, rest) = text.split_at(text.find('\n').map_or(text.len(), |at| at + 1));
    if first.trim_end() != "---" {
        return fail(1, why_not_first(text, first.trim_end()));
    }
    if let Some(body) = after_dashes(rest) {
        return Ok(("", body));
    }
    for (at, _) in rest.match_indices("\n---") {
        if let Some(body) = after_dashes(&rest[at + 1..]) {
            return Ok((&rest[..=at], body));
        }
    }
    fail(1, "the front matter has no closing ---")
}

/// Returns what follows a line of three dashes.
fn after_dashes(text: &str) -> Option<&str> {
    let rest = text.strip_prefix("---")?;
    let (line, body) = rest.split_at(rest.find('\n').map_or(rest.len(), |at| at + 1));
    line.trim_end().is_empty().then_some(body)
}

fn why_not_first(text: &str, first: &str) -> &'static str {
    if text.trim().is_empty() {
        "the file is empty"
    } else if is_conflict_marker(first) {
        "a git conflict marker"
    } else {
        "the first line is not ---"
    }
}

fn fail<T>(line: usize, message: impl Into<String>) -> Result<T, FileError> {
    Err(FileError { line, message: message.into() })
}
