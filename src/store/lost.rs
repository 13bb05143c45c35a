//! What a merge decided against: the trailer `Quipu-Lost` of a merge commit, one a file.

use std::borrow::Cow;

use super::message::Message;
use crate::model::{percent_decode, percent_encode};

/// The name of the trailer.
pub const LOST: &str = "Quipu-Lost";
/// Digits of the short name of a losing file.
const SHORT: usize = 7;

/// One file that lost a merge, and the parts of it that are not in the result.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Lost {
    /// The ULID of the issue, or the path of any other file.
    pub what: String,
    /// The parts that lost, by the names of [`FieldConflict::field`](crate::merge::FieldConflict::field), with
    /// `comment:ULID` for a comment, `blocked_by:ULID` for a dropped blocker, and `issue` for the whole file.
    pub parts: Vec<String>,
    /// Where the losing file is kept.
    pub path: String,
    /// The commit that wrote it, in hexadecimal.
    pub commit: String,
}

impl Lost {
    /// Returns the name by which the attic's commands know the losing file.
    pub fn short(&self) -> &str {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        let digits = name.split_once('-').map_or(name, |(_, digits)| digits);
        digits.get(..SHORT).unwrap_or(digits)
    }

    /// Returns the value of the trailer: four words, the parts joined by commas.
    pub fn write(&self) -> String {
        let parts: Vec<String> = self.parts.iter().map(|part| encode(&with_colon(part))).collect();
        format!("{} {} {} {}", encode(&self.what), parts.join(","), encode(&self.path), encode(&self.commit))
    }

    /// Reads the value of a trailer; `None` where it is not one of these. Anybody may have written it.
    pub fn parse(value: &str) -> Option<Self> {
        let words: Vec<&str> = value.split(' ').collect();
        let [what, parts, path, commit] = words[..] else { return None };
        if [what, path, commit].contains(&"") {
            return None;
        }
        let parts = parts.split(',').filter(|part| !part.is_empty());
        Some(Lost {
            what: decode(what)?,
            parts: parts.map(decode).collect::<Option<_>>()?,
            path: decode(path)?,
            commit: decode(commit)?,
        })
    }

    /// Returns what the message of a merge says was lost. Lines that say nothing are passed over.
    pub fn all(message: &Message) -> impl Iterator<Item = Lost> + '_ {
        message.trailers.iter().filter(|t| t.name == LOST).filter_map(|t| Lost::parse(&t.value))
    }
}

/// A conflict calls a comment by two words.
fn with_colon(part: &str) -> String {
    part.strip_prefix("comment ").map_or_else(|| part.to_owned(), |id| format!("comment:{id}"))
}

/// Percent-encodes what separates words and parts, and what must not stand in a message.
fn encode(text: &str) -> String {
    percent_encode(text, |c| !c.is_whitespace() && !c.is_control() && !matches!(c, ',' | '%'))
}

fn decode(text: &str) -> Option<String> {
    percent_decode(text).map(Cow::into_owned)
}
