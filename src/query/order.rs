//! The orders of a listing.
//!
//! Each key has the direction people expect of it; `reverse` turns the key, not the ties. What lacks the
//! value comes last either way, and ties are by age, then id.

use std::cmp::Ordering;

use crate::error::{Error, Kind, Result};
use crate::model::{Facts, Front, Status, Timestamp, Tracker};

use super::nearest;

/// How long an issue counts as recent in the hybrid order, in milliseconds.
const RECENT_MS: i64 = 48 * 60 * 60 * 1000;

/// What a listing is ordered by.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum SortKey {
    /// The most urgent first.
    #[default]
    Priority,
    /// The newest first.
    Created,
    /// The last changed first.
    Updated,
    /// The last closed first.
    Closed,
    /// The soonest due first.
    Due,
    /// By title, in any case.
    Title,
    /// In the order of an issue's life; foreign statuses after the known.
    Status,
    /// By type.
    Type,
    /// By assignee.
    Assignee,
    /// By key.
    Id,
    /// Those of the last two days by priority, then the others by age.
    Hybrid,
    /// The oldest first.
    Oldest,
}

impl SortKey {
    /// The keys with their names on the command line.
    pub const NAMES: [(&'static str, SortKey); 12] = [
        ("priority", SortKey::Priority),
        ("created", SortKey::Created),
        ("updated", SortKey::Updated),
        ("closed", SortKey::Closed),
        ("due", SortKey::Due),
        ("title", SortKey::Title),
        ("status", SortKey::Status),
        ("type", SortKey::Type),
        ("assignee", SortKey::Assignee),
        ("id", SortKey::Id),
        ("hybrid", SortKey::Hybrid),
        ("oldest", SortKey::Oldest),
    ];

    /// Reads the name of a key, in any case; `created_at` and `created-at` are `created`.
    ///
    /// # Errors
    /// `invalid_sort`, with the nearest name or all of them as the hint.
    pub fn parse(text: &str) -> Result<Self> {
        let word = text.trim().to_lowercase().replace('-', "_");
        let word = word.strip_suffix("_at").unwrap_or(&word);
        if let Some((_, key)) = Self::NAMES.iter().find(|(name, _)| *name == word) {
            return Ok(*key);
        }
        let names = Self::NAMES.map(|(name, _)| name);
        let error = Error::new(Kind::Invalid, "invalid_sort", format!("unknown sort key {text:?}"));
        Err(match nearest(word, names) {
            Some(name) => error.hint(format!("use {name}")).meant(text.trim(), name),
            None => error.hint(format!("use one of {}", names.join(", "))),
        })
    }
}

/// Puts the issues at `positions` in order.
pub fn sort(tracker: &Tracker, positions: &mut [usize], key: SortKey, reverse: bool, now: Timestamp) {
    let turn = |order: Ordering| if reverse { order.reverse() } else { order };
    // A sort looks at each issue many times, so what decides most comparisons is taken out once.
    let mut known: Vec<(Facts, usize)> = positions.iter().map(|at| (tracker.facts(*at), *at)).collect();
    let ties = |(a, a_at): &(Facts, usize), (b, b_at): &(Facts, usize)| {
        a.created_at.cmp(&b.created_at).then_with(|| tracker.rows.id(*a_at).cmp(&tracker.rows.id(*b_at)))
    };
    if key == SortKey::Id {
        let mut keyed: Vec<_> = known.into_iter().map(|known| (tracker.key(known.1), known)).collect();
        keyed.sort_by(|a, b| turn(a.0.cmp(&b.0)).then_with(|| ties(&a.1, &b.1)));
        known = keyed.into_iter().map(|(_, known)| known).collect();
    } else {
        known.sort_by(|a, b| {
            let order = match by_facts(&a.0, &b.0, key, now, turn) {
                Some(order) => order,
                None => by_front(tracker.front(a.1), tracker.front(b.1), key, turn),
            };
            order.then_with(|| ties(a, b))
        });
    }
    for (place, (_, at)) in positions.iter_mut().zip(known) {
        *place = at;
    }
}

/// Compares by what is known without the front matter; `None` where that does not tell.
fn by_facts(
    a: &Facts,
    b: &Facts,
    key: SortKey,
    now: Timestamp,
    turn: impl Fn(Ordering) -> Ordering,
) -> Option<Ordering> {
    Some(match key {
        SortKey::Priority => turn(a.priority.cmp(&b.priority)),
        SortKey::Created => turn(b.created_at.cmp(&a.created_at)),
        SortKey::Updated => turn(b.updated_at.cmp(&a.updated_at)),
        SortKey::Closed => absent_last(a.closed_at, b.closed_at, |a, b| turn(b.cmp(&a))),
        SortKey::Hybrid => turn(hybrid(a, now).cmp(&hybrid(b, now))),
        SortKey::Oldest => turn(a.created_at.cmp(&b.created_at)),
        SortKey::Due | SortKey::Title | SortKey::Status | SortKey::Type | SortKey::Assignee | SortKey::Id => {
            return None;
        }
    })
}

fn by_front(a: &Front, b: &Front, key: SortKey, turn: impl Fn(Ordering) -> Ordering) -> Ordering {
    match key {
        SortKey::Due => absent_last(a.due_at, b.due_at, |a, b| turn(a.cmp(&b))),
        SortKey::Title => turn(a.title.to_lowercase().cmp(&b.title.to_lowercase())),
        SortKey::Status => turn(life(&a.status).cmp(&life(&b.status))),
        SortKey::Type => turn(a.kind.cmp(&b.kind)),
        SortKey::Assignee => absent_last(a.assignee.as_deref(), b.assignee.as_deref(), |a, b| turn(a.cmp(b))),
        // The others are decided by facts, or by the key.
        _ => Ordering::Equal,
    }
}

fn absent_last<T>(a: Option<T>, b: Option<T>, present: impl Fn(T, T) -> Ordering) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) => present(a, b),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    }
}

fn life(status: &Status) -> (usize, &str) {
    let place = Status::KNOWN.iter().position(|s| s == status).unwrap_or(Status::KNOWN.len());
    (place, status.as_str())
}

fn hybrid(facts: &Facts, now: Timestamp) -> (bool, u8) {
    let recent = now.since(facts.created_at) <= RECENT_MS;
    (!recent, if recent { facts.priority.number() } else { 0 })
}
