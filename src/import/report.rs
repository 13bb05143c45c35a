//! What became of each record of a source. Nothing is passed over in silence.

use std::fmt;

/// Every record of the source is in exactly one place: imported, or skipped with a reason.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Report {
    /// Number of records: imported ones, memories and skipped ones.
    pub records: usize,
    /// Number of records that became an issue or a memory.
    pub imported: usize,
    /// Records that did not, and why, in the order of the source.
    pub skipped: Vec<Notice>,
    /// What is worth knowing about records that were imported, and about lines that are no records.
    pub warnings: Vec<Notice>,
}

/// One remark: where, about which issue, and what.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Notice {
    /// Where the record stands.
    pub at: Origin,
    /// The id it has there, where it has one.
    pub id: Option<String>,
    /// A stable snake_case word for programs.
    pub code: &'static str,
    /// The same for people: lower case, without a full stop.
    pub message: String,
}

/// Where a record stands in its source.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Origin {
    /// The line, from 1.
    Line(usize),
    /// The path, with slashes, from the root of the source.
    File(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Line(number) => write!(f, "line {number}"),
            Origin::File(path) => f.write_str(path),
        }
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.id {
            Some(id) => write!(f, "{}: {id}: {}", self.at, self.message),
            None => write!(f, "{}: {}", self.at, self.message),
        }
    }
}

impl Report {
    /// Counts a record that was not imported.
    pub(super) fn skip(
        &mut self,
        at: Origin,
        id: Option<&str>,
        code: &'static str,
        message: impl Into<String>,
    ) {
        self.skipped.push(Notice { at, id: id.map(str::to_owned), code, message: message.into() });
    }

    /// Adds a remark that costs no record.
    pub(super) fn warn(
        &mut self,
        at: Origin,
        id: Option<&str>,
        code: &'static str,
        message: impl Into<String>,
    ) {
        self.warnings.push(Notice { at, id: id.map(str::to_owned), code, message: message.into() });
    }

    /// Returns how often a code stands among the skipped records and the warnings.
    pub fn count(&self, code: &str) -> usize {
        self.skipped.iter().chain(&self.warnings).filter(|n| n.code == code).count()
    }
}
