//! How many issues there are of each kind.

use std::collections::BTreeMap;

use crate::error::{Error, Result};
use crate::model::{Status, Tracker};

use super::nearest;

/// What issues are counted by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum GroupKey {
    /// The status.
    Status,
    /// The priority.
    Priority,
    /// The type.
    Type,
    /// Who is to do it.
    Assignee,
    /// Each label; an issue with several counts in several groups.
    Label,
}

/// The group of an issue: its place in the order, then its name.
type Group = (usize, String);

impl GroupKey {
    /// The keys with their names on the command line.
    pub const NAMES: [(&'static str, GroupKey); 5] = [
        ("status", GroupKey::Status),
        ("priority", GroupKey::Priority),
        ("type", GroupKey::Type),
        ("assignee", GroupKey::Assignee),
        ("label", GroupKey::Label),
    ];

    /// Reads the name of a key, in any case; `labels` and `issue_type` are known too.
    ///
    /// # Errors
    /// Usage, with the nearest name or all of them as the hint.
    pub fn parse(text: &str) -> Result<Self> {
        let word = text.trim().to_lowercase().replace('-', "_");
        let word = match word.as_str() {
            "labels" | "tag" | "tags" => "label",
            "issue_type" | "kind" => "type",
            "state" => "status",
            word => word,
        };
        if let Some((_, key)) = Self::NAMES.iter().find(|(name, _)| *name == word) {
            return Ok(*key);
        }
        let names = Self::NAMES.map(|(name, _)| name);
        let error = Error::usage(format!("issues are not counted by {text:?}"));
        Err(match nearest(word, names) {
            Some(name) => error.hint(format!("--by {name}")).meant(text.trim(), name),
            None => error.hint(format!("--by one of {}", names.join(", "))),
        })
    }

    /// Returns the groups of an issue. The front matter is read only where the facts do not tell.
    fn groups(self, tracker: &Tracker, at: usize) -> Vec<Group> {
        let facts = tracker.facts(at);
        let named = |name: &str| vec![(0, name.to_owned())];
        match self {
            GroupKey::Status => vec![match facts.status() {
                Some(status) => (life(status), status.as_str().to_owned()),
                None => (Status::KNOWN.len(), tracker.front(at).status.as_str().to_owned()),
            }],
            GroupKey::Priority => named(&facts.priority.to_string()),
            GroupKey::Type if facts.is_epic() => named("epic"),
            GroupKey::Type => named(&tracker.front(at).kind),
            GroupKey::Assignee if facts.has_assignee() => {
                named(tracker.front(at).assignee.as_deref().unwrap_or_default())
            }
            // In brackets, so that nobody takes it for a name; behind all of them.
            GroupKey::Assignee => vec![(1, "(unassigned)".to_owned())],
            GroupKey::Label if facts.has_labels() => {
                tracker.front(at).labels.iter().map(|label| (0, label.clone())).collect()
            }
            GroupKey::Label => vec![(1, "(no labels)".to_owned())],
        }
    }
}

fn life(status: &Status) -> usize {
    Status::KNOWN.iter().position(|known| known == status).unwrap_or(Status::KNOWN.len())
}

/// Counts issues by group: statuses in the order of an issue's life, everything else by name.
pub fn count_groups(tracker: &Tracker, positions: &[usize], key: GroupKey) -> Vec<(String, usize)> {
    let mut counts: BTreeMap<Group, usize> = BTreeMap::new();
    for group in positions.iter().flat_map(|at| key.groups(tracker, *at)) {
        *counts.entry(group).or_default() += 1;
    }
    counts.into_iter().map(|((_, name), count)| (name, count)).collect()
}
