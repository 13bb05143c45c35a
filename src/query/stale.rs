//! Which issues nobody has touched for long.

use crate::model::{DAY_MS, Timestamp, Tracker};

/// After so many days without a change an open issue is stale, unless told otherwise.
pub const STALE_DAYS: u32 = 30;

/// Returns the moment since which an issue must have been changed, so as not to be stale.
pub fn stale_before(now: Timestamp, days: u32) -> Timestamp {
    now.plus_millis(-DAY_MS * i64::from(days))
}

/// Tells whether an issue is not closed, unchanged for [`STALE_DAYS`], and not meant to be left alone until later.
pub fn is_stale(tracker: &Tracker, position: usize, now: Timestamp) -> bool {
    let facts = tracker.facts(position);
    !facts.is_closed()
        && facts.updated_at < stale_before(now, STALE_DAYS)
        && !is_for_later(tracker, position, now)
}

/// Tells whether an issue is put off until a time to come. One that is put off for good can be forgotten like any other.
pub fn is_for_later(tracker: &Tracker, position: usize, now: Timestamp) -> bool {
    let facts = tracker.facts(position);
    facts.has_defer_until() && tracker.front(position).defer_until.is_some_and(|until| until > now)
}
