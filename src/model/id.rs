//! Identities: the ULID of an issue and references to issues.

use std::fmt;

use serde::{Deserialize, Serialize};
use ulid::Ulid;

use super::Timestamp;

/// Number of characters of a ULID.
pub const ULID_LEN: usize = 26;

/// The identity of an issue, a comment or an operation: a ULID, written in lower case.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct IssueId(u128);

impl IssueId {
    /// Builds an id from a time and 80 random bits (the lower 80 of `random`).
    pub fn from_parts(at: Timestamp, random: u128) -> Self {
        let millis = u64::try_from(at.millis()).unwrap_or(0).min((1 << 48) - 1);
        IssueId(Ulid::from_parts(millis, random).into())
    }

    /// Takes the number behind an id, as [`IssueId::bits`] returns it.
    pub fn from_bits(bits: u128) -> Self {
        IssueId(bits)
    }

    /// Parses 26 characters of Crockford's base 32 in any case.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != ULID_LEN || !text.is_ascii() || text.as_bytes()[0] > b'7' {
            return None;
        }
        Ulid::from_string(text).ok().map(|u| IssueId(u.into()))
    }

    /// Returns the time in the id's first 48 bits.
    pub fn created_at(self) -> Timestamp {
        Timestamp::from_millis(i64::try_from(Ulid::from(self.0).timestamp_ms()).unwrap_or(i64::MAX))
    }

    /// Returns the 80 random bits.
    pub fn random(self) -> u128 {
        Ulid::from(self.0).random()
    }

    /// Returns the number behind the id; its lowest five bits are the last character.
    pub fn bits(self) -> u128 {
        self.0
    }

    /// Returns the last `len` characters.
    pub fn tail(self, len: usize) -> String {
        let text = self.to_string();
        text[ULID_LEN - len.min(ULID_LEN)..].to_owned()
    }
}

impl fmt::Display for IssueId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut buffer = [0; ULID_LEN];
        let text = Ulid::from(self.0).array_to_str(&mut buffer);
        text.make_ascii_lowercase();
        f.pad(text)
    }
}

impl fmt::Debug for IssueId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A reference from one issue to another, as it stands in a file.
///
/// The writer stores ULIDs. Readers also take keys, and an import keeps the key of an issue that does not
/// exist, so a reference may be either.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Ref {
    /// The identity of the issue.
    Id(IssueId),
    /// A key that could not be, or has not yet been, resolved.
    Key(String),
}

impl Ref {
    /// Reads a reference: a ULID where the text is one, a key otherwise.
    pub fn parse(text: &str) -> Self {
        IssueId::parse(text).map_or_else(|| Ref::Key(text.to_owned()), Ref::Id)
    }

    /// Returns the identity, where the reference holds one.
    pub fn id(&self) -> Option<IssueId> {
        match self {
            Ref::Id(id) => Some(*id),
            Ref::Key(_) => None,
        }
    }
}

impl fmt::Display for Ref {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ref::Id(id) => id.fmt(f),
            Ref::Key(key) => f.pad(key),
        }
    }
}

impl From<IssueId> for Ref {
    fn from(id: IssueId) -> Self {
        Ref::Id(id)
    }
}

/// A typed reference that has no field of its own: `{type: tracks, id: 01kf…}`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Link {
    /// The kind of the link, such as `tracks`.
    pub kind: String,
    /// The issue it points to.
    pub target: Ref,
}
