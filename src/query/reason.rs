//! The sentences that say where an issue stands. Only wording; the judgement is made in `ready`.

use crate::model::{Status, Tracker};

use super::{Claim, Readiness, State};

/// How many issues a sentence names before it only counts.
const NAMED: usize = 5;
/// Longest title that stands in a sentence, in characters.
const TITLE: usize = 60;

/// Says one reason of an issue's in a sentence: lower case, no full stop.
pub fn describe(tracker: &Tracker, readiness: &Readiness, position: usize, state: &State) -> String {
    match state {
        State::Ready { lapsed: false } => "ready".to_owned(),
        State::Ready { lapsed: true } => lapsed(tracker, position),
        State::Blocked { by, .. } => blocked(tracker, readiness, position, by),
        State::Claimed(claim) => claimed(claim),
        State::Deferred { until: Some(until) } => format!("deferred until {until}"),
        State::Deferred { until: None } => "deferred without a date".to_owned(),
        State::Container { open_children: 1 } => "its open child is the work".to_owned(),
        State::Container { open_children } => format!("its {open_children} open children are the work"),
        State::Closed => "closed".to_owned(),
        State::Other(Status::Blocked) => "marked as blocked by hand".to_owned(),
        State::Other(status) => format!("its status is {status}"),
    }
}

/// Names up to five issues by their keys, and says how many more there are.
pub fn list_keys(tracker: &Tracker, positions: &[usize]) -> String {
    enumerate(positions, |at| tracker.key(*at))
}

pub(super) fn claimed(claim: &Claim) -> String {
    let by = claim.actor.as_ref().map(|a| format!(" by {a}")).unwrap_or_default();
    match claim.until {
        Some(until) => format!("claimed{by} until {until}"),
        None if claim.stale => format!("in progress{by}, without a lease and unchanged for a day"),
        None => format!("in progress{by}, without a lease"),
    }
}

fn lapsed(tracker: &Tracker, position: usize) -> String {
    let front = tracker.front(position);
    let whose = front.assignee.as_ref().map(|a| format!(" of {a}")).unwrap_or_default();
    let when = front.lease_until.map(|t| format!(" at {t}")).unwrap_or_default();
    format!("ready: the lease{whose} lapsed{when}")
}

fn blocked(tracker: &Tracker, readiness: &Readiness, position: usize, by: &[usize]) -> String {
    let mut parts = Vec::new();
    if !by.is_empty() {
        parts.push(format!("blocked by {}", enumerate(by, |at| mention(tracker, *at))));
    }
    let inherited = readiness.inherited(tracker, position);
    for pairs in inherited.chunk_by(|a, b| a.0 == b.0) {
        let ancestor = pairs[0].0;
        let direct = tracker.graph().parent(position) == Some(ancestor);
        let word = if direct { "parent" } else { "ancestor" };
        let blockers = enumerate(pairs, |(_, blocker)| mention(tracker, *blocker));
        parts
            .push(format!("waits with its {word} {}, which is blocked by {blockers}", tracker.key(ancestor)));
    }
    parts.join("; ")
}

/// Names an issue with its title and status.
fn mention(tracker: &Tracker, at: usize) -> String {
    let front = tracker.front(at);
    let mut title: String = front.title.chars().take(TITLE).collect();
    if title.len() < front.title.len() {
        title.push('…');
    }
    format!("{} \"{title}\" ({})", tracker.key(at), front.status)
}

fn enumerate<T>(items: &[T], name: impl Fn(&T) -> String) -> String {
    let shown: Vec<String> = items.iter().take(NAMED).map(name).collect();
    match items.len() - shown.len() {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
