//! The enum words of the command line: what is accepted, and the correction for what is not.
//!
//! Another spelling of a word is taken for it (`In-Progress`, `p1`). Another word is not, even where its
//! meaning is plain: the error gives the right one, so that whoever guessed learns it.

use crate::error::{Error, Kind, Result};
use crate::model::{Priority, Relation, Status, Tracker};

use super::nearest;
use super::suggest::nearest_within;

/// The types quipu knows. The set is open.
pub const TYPES: [&str; 7] = ["task", "bug", "feature", "epic", "chore", "decision", "question"];

/// Longest type, in characters.
const LONGEST_TYPE: usize = 50;

type Synonyms = &'static [(&'static str, &'static [&'static str])];

const STATUS_SYNONYMS: Synonyms = &[
    (
        "closed",
        &[
            "done",
            "complete",
            "completed",
            "finished",
            "fixed",
            "resolved",
            "close",
            "cancelled",
            "canceled",
            "wontfix",
            "wont_fix",
            "invalid",
            "duplicate",
            "archived",
        ],
    ),
    ("open", &["todo", "to_do", "new", "pending", "ready", "reopened", "unstarted", "queued", "planned"]),
    (
        "in_progress",
        &["wip", "doing", "started", "active", "working", "ongoing", "claimed", "progress", "in_work"],
    ),
    (
        "deferred",
        &["hold", "on_hold", "onhold", "held", "paused", "postponed", "later", "someday", "snoozed", "defer"],
    ),
    ("blocked", &["waiting", "stuck"]),
];

const PRIORITY_SYNONYMS: Synonyms = &[
    ("0", &["critical", "urgent", "highest", "blocker", "emergency"]),
    ("1", &["high", "important", "major"]),
    ("2", &["medium", "normal", "med", "default", "moderate"]),
    ("3", &["low", "minor"]),
    ("4", &["lowest", "backlog", "trivial", "someday"]),
];

const TYPE_SYNONYMS: Synonyms = &[
    ("feature", &["feat", "enhancement", "story", "user-story", "improvement", "feature-request"]),
    ("bug", &["defect", "bugfix", "fix", "error", "issue-bug"]),
    ("decision", &["adr", "dec"]),
    ("task", &["todo", "ticket", "issue"]),
    ("epic", &["initiative"]),
    ("chore", &["maintenance", "housekeeping"]),
];

/// Reads a status. Foreign statuses are accepted where some issue of the tracker has them.
///
/// # Errors
/// `invalid_status`, with the right word as the hint.
pub fn parse_status(text: &str, tracker: &Tracker) -> Result<Status> {
    let word = bare(text);
    if let Some(known) = Status::KNOWN.iter().find(|s| squeeze(s.as_str()) == squeeze(&word)) {
        return Ok(known.clone());
    }
    let mut foreign: Vec<&str> = tracker
        .rows
        .iter()
        .filter_map(
            |row| if let Status::Other(name) = &row.front.status { Some(name.as_str()) } else { None },
        )
        .collect();
    foreign.sort_unstable();
    foreign.dedup();
    if let Some(name) = foreign.iter().find(|name| bare(name) == word) {
        return Ok(Status::Other((*name).to_owned()));
    }
    let known = Status::KNOWN.iter().map(Status::as_str);
    let words: Vec<&str> = known.chain(foreign).collect();
    let hint = correction(&word, STATUS_SYNONYMS, &words);
    Err(wrong("invalid_status", "status", text, hint, &words.join(", ")))
}

/// Returns the status that is meant by another word for it: `done` is `closed`.
pub fn meant_status(text: &str) -> Option<&'static str> {
    synonym(&bare(text), STATUS_SYNONYMS)
}

/// Reads a priority: `0` to `4`, or `P0` to `P4` in any case.
///
/// # Errors
/// `invalid_priority`, with the right number as the hint.
pub fn parse_priority(text: &str) -> Result<Priority> {
    Priority::parse(text).ok_or_else(|| {
        let hint = correction(&bare(text), PRIORITY_SYNONYMS, &[]);
        wrong("invalid_priority", "priority", text, hint, "0 (most urgent), 1, 2, 3, 4 (least)")
    })
}

/// Reads a type. Any word is one, apart from other words for, and slips in, those quipu knows; a type that
/// some issue of the tracker has is always accepted.
///
/// # Errors
/// `invalid_type`, with the right word as the hint.
pub fn parse_type(text: &str, tracker: &Tracker) -> Result<String> {
    let word = text.trim().to_lowercase();
    if TYPES.contains(&word.as_str()) {
        return Ok(word);
    }
    if let Some(row) = tracker.rows.iter().find(|row| row.front.kind.to_lowercase() == word) {
        return Ok(row.front.kind.clone());
    }
    // Types are an open set, so only a single slip is taken for one.
    if let Some(meant) = synonym(&bare(&word), TYPE_SYNONYMS) {
        return Ok(meant.to_owned());
    }
    match nearest_within(1, &word, TYPES) {
        Some(right) => Err(wrong("invalid_type", "type", text, Some(right), "")),
        None if is_type(&word) => Ok(word),
        None => Err(wrong("invalid_type", "type", text, None, &TYPES.join(", "))),
    }
}

/// Other words for the relations, from the commands and formats that people know, and what else is typed for them:
/// a link of the type `needs` would hold nothing up, and that is not what anybody means by it.
const RELATION_SPELLINGS: [(&str, Relation); 26] = [
    ("", Relation::Blocker),
    ("blocked_by", Relation::Blocker),
    ("blocked", Relation::Blocker),
    ("blocker", Relation::Blocker),
    ("depends_on", Relation::Blocker),
    ("depends", Relation::Blocker),
    ("dependency", Relation::Blocker),
    ("needs", Relation::Blocker),
    ("requires", Relation::Blocker),
    ("after", Relation::Blocker),
    ("waits_on", Relation::Blocker),
    ("waiting_on", Relation::Blocker),
    ("waiting_for", Relation::Blocker),
    ("parent", Relation::Parent),
    ("child_of", Relation::Parent),
    ("part_of", Relation::Parent),
    ("subtask_of", Relation::Parent),
    ("relates_to", Relation::Related),
    ("relates", Relation::Related),
    ("see_also", Relation::Related),
    ("discovered", Relation::DiscoveredFrom),
    ("found_in", Relation::DiscoveredFrom),
    ("duplicate_of", Relation::Duplicate),
    ("duplicate", Relation::Duplicate),
    ("dup_of", Relation::Duplicate),
    ("superseded_by", Relation::Successor),
];

/// Reads the type of a dependency, as it stands in the issue that has it: `blocks` and `blocked-by` both say that
/// this issue waits for the other. Any word is a type, apart from slips in those quipu knows.
///
/// # Errors
/// `invalid_relation`, with the right word as the hint.
pub fn parse_relation(text: &str) -> Result<Relation> {
    let word = bare(text);
    if let Some(known) = Relation::KNOWN.into_iter().find(|r| bare(r.as_str()) == word) {
        return Ok(known);
    }
    if let Some((_, known)) = RELATION_SPELLINGS.into_iter().find(|(other, _)| *other == word) {
        return Ok(known);
    }
    let names = Relation::KNOWN.map(|r| r.as_str().to_owned());
    let word = word.replace('_', "-");
    let right = nearest_within(1, &word, names.iter().map(String::as_str));
    if right.is_none() && is_type(&word) {
        return Ok(Relation::Other(word));
    }
    Err(wrong("invalid_relation", "dependency type", text, right, &names.join(", ")))
}

fn is_type(word: &str) -> bool {
    word.len() <= LONGEST_TYPE
        && word.starts_with(|c: char| c.is_ascii_lowercase())
        && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_".contains(&b))
}

/// Brings the spellings of a word together: case, spaces, hyphens.
fn bare(text: &str) -> String {
    text.trim().to_lowercase().replace(['-', ' '], "_")
}

fn squeeze(word: &str) -> String {
    word.replace('_', "")
}

/// Finds the word that was meant: one with the same meaning, else one that differs by a slip or two.
fn correction<'w>(word: &str, synonyms: Synonyms, words: &[&'w str]) -> Option<&'w str>
where
    'static: 'w,
{
    synonym(word, synonyms).or_else(|| nearest(word, words.iter().copied()))
}

fn synonym(word: &str, synonyms: Synonyms) -> Option<&'static str> {
    let word = squeeze(word);
    let means = |others: &[&str]| others.iter().any(|other| squeeze(&bare(other)) == word);
    synonyms.iter().find(|(_, others)| means(others)).map(|(right, _)| *right)
}

fn wrong(code: &'static str, what: &str, text: &str, right: Option<&str>, all: &str) -> Error {
    let hint = right.map_or_else(|| format!("use one of {all}"), |right| format!("use {right}"));
    let error = Error::new(Kind::Invalid, code, format!("unknown {what} {text:?}")).hint(hint);
    match right {
        Some(right) => error.meant(text.trim(), right),
        None => error,
    }
}
