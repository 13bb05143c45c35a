//! The file of an issue: front matter between lines of dashes, then the body.

use super::body::{Body, SECTIONS};
use super::front::{read_front, write_front};
use super::{FIELDS, Front, IssueId};

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
        let text = check_bytes(bytes)?;
        let (front, body) = split(text)?;
        let front = read_front(front, id).map_err(|e| FileError { line: e.line + 1, message: e.message })?;
        Ok(Issue { front, body: Body::parse(body) })
    }

    /// Names the fields and sections in which two versions of an issue differ, apart from `updated_at`.
    pub fn differences(&self, other: &Issue) -> Vec<&'static str> {
        let fields =
            FIELDS.iter().filter(|f| f.key != "updated_at" && f.get(&self.front) != f.get(&other.front));
        let mut found: Vec<&str> = fields.map(|f| f.key).collect();
        if self.body.description != other.body.description {
            found.push("description");
        }
        let sections = SECTIONS.iter().map(|(name, _)| *name);
        found.extend(sections.filter(|name| self.body.section(name) != other.body.section(name)));
        if self.body.comments != other.body.comments {
            found.push("comments");
        }
        if self.body.unknown != other.body.unknown || self.front.extra != other.front.extra {
            found.push("unknown parts");
        }
        found
    }

    /// Returns the file in its canonical form.
    pub fn write(&self) -> String {
        let mut out = String::from("---\n");
        write_front(&mut out, &self.front);
        out.push_str("---\n");
        out.push_str(&self.body.to_text());
        out
    }
}

fn check_bytes(bytes: &[u8]) -> Result<&str, FileError> {
    if bytes.len() > MAX_FILE {
        let message = format!("the file has {} bytes, the limit is {MAX_FILE}", bytes.len());
        return Err(FileError { line: 1, message });
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|e| FileError {
        line: 1 + bytes[..e.valid_up_to()].split(|b| *b == b'\n').count() - 1,
        message: "not valid UTF-8".to_owned(),
    })
}

/// Splits a file at its lines of dashes.
fn split(text: &str) -> Result<(&str, &str), FileError> {
    let first = text.split_inclusive('\n').next().unwrap_or_default();
    if first.trim_end() != "---" {
        return Err(FileError { line: 1, message: "the first line is not ---".to_owned() });
    }
    let mut at = first.len();
    for line in text[first.len()..].split_inclusive('\n') {
        if line.trim_end() == "---" {
            return Ok((&text[first.len()..at], &text[at + line.len()..]));
        }
        at += line.len();
    }
    let message = "the front matter has no closing ---".to_owned();
    Err(FileError { line: text.lines().count().max(1), message })
}
