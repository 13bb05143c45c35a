//! The message of a commit: a subject for people, trailers for programs.

use crate::model::{IssueId, Timestamp};

/// One trailer line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Trailer {
    /// Its name, such as `Quipu-Op`.
    pub name: String,
    /// Its value, on one line.
    pub value: String,
}

/// A commit message, put together or taken apart.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Message {
    /// The first line.
    pub subject: String,
    /// The trailers in their order.
    pub trailers: Vec<Trailer>,
}

impl Message {
    /// Appends a trailer; line breaks in the value become spaces.
    pub fn add(&mut self, name: &str, value: &str) {
        let value = one_line(value);
        if !value.is_empty() {
            self.trailers.push(Trailer { name: name.to_owned(), value });
        }
    }

    /// Returns the first value of a trailer.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.trailers.iter().find(|t| t.name == name).map(|t| t.value.as_str())
    }

    /// Returns the identity of the operation.
    pub fn op(&self) -> Option<IssueId> {
        self.get("Quipu-Op").and_then(IssueId::parse)
    }

    /// Returns the time of the operation.
    pub fn time(&self) -> Option<Timestamp> {
        self.get("Quipu-Time").and_then(|v| v.parse().ok()).map(Timestamp::from_millis)
    }

    /// Writes the message.
    pub fn write(&self) -> String {
        let mut out = one_line(&self.subject);
        out.push('\n');
        for (at, trailer) in self.trailers.iter().enumerate() {
            if at == 0 {
                out.push('\n');
            }
            out.push_str(&format!("{}: {}\n", trailer.name, trailer.value));
        }
        out
    }

    /// Reads a message. Anybody may have written it, so whatever is no trailer is passed over.
    pub fn parse(text: &str) -> Self {
        let mut lines = text.lines();
        let subject = lines.next().unwrap_or_default().to_owned();
        let trailers = lines
            .filter_map(|line| {
                let (name, value) = line.split_once(": ")?;
                let word = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
                word.then(|| Trailer { name: name.to_owned(), value: value.to_owned() })
            })
            .collect();
        Message { subject, trailers }
    }
}

/// Puts text on one line: control characters become spaces.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>().trim().to_owned()
}
