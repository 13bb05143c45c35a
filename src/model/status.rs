//! The state of an issue and its priority.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Where an issue stands. Statuses of other trackers are kept and shown as they are.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
pub enum Status {
    /// Waiting to be worked on.
    #[default]
    Open,
    /// Somebody works on it.
    InProgress,
    /// Marked as blocked by hand; blockers in the graph need no such mark.
    Blocked,
    /// Put off: until `defer_until`, or without a date for good.
    Deferred,
    /// Done, or not to be done.
    Closed,
    /// A status from another tracker.
    Other(String),
}

impl Status {
    /// The statuses quipu sets itself, in the order of an issue's life.
    pub const KNOWN: [Status; 5] =
        [Status::Open, Status::InProgress, Status::Blocked, Status::Deferred, Status::Closed];

    /// Reads a status from a file: every text is one.
    pub fn from_text(text: &str) -> Self {
        match text {
            "open" => Status::Open,
            "in_progress" => Status::InProgress,
            "blocked" => Status::Blocked,
            "deferred" => Status::Deferred,
            "closed" => Status::Closed,
            other => Status::Other(other.to_owned()),
        }
    }

    /// Returns the word that stands in the file.
    pub fn as_str(&self) -> &str {
        match self {
            Status::Open => "open",
            Status::InProgress => "in_progress",
            Status::Blocked => "blocked",
            Status::Deferred => "deferred",
            Status::Closed => "closed",
            Status::Other(text) => text,
        }
    }

    /// Tells whether the issue is done with.
    pub fn is_closed(&self) -> bool {
        *self == Status::Closed
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// How urgent an issue is: 0 is the most urgent, 4 the least, 2 the default.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Priority(u8);

impl Priority {
    /// The greatest number, the least urgent.
    pub const LOWEST: u8 = 4;

    /// Builds a priority from 0 to 4.
    pub fn new(number: u8) -> Option<Self> {
        (number <= Self::LOWEST).then_some(Priority(number))
    }

    /// Reads `0` to `4` or `P0` to `P4`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let digits = text.strip_prefix(['P', 'p']).unwrap_or(text);
        if digits.len() == 1 { Self::new(digits.parse().ok()?) } else { None }
    }

    /// Returns the number.
    pub fn number(self) -> u8 {
        self.0
    }
}

impl Default for Priority {
    fn default() -> Self {
        Priority(2)
    }
}

impl fmt::Display for Priority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "P{}", self.0)
    }
}
