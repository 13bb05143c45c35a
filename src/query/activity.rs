//! What happened lately, as far as the issues themselves tell.

use crate::model::{Timestamp, Tracker};

/// Counts of issues over a span of time. What was created and closed in it counts in both.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Activity {
    /// Created.
    pub created: usize,
    /// Closed, and closed still.
    pub closed: usize,
    /// Changed otherwise: neither created nor closed.
    pub updated: usize,
    /// Touched in any of these ways, each once.
    pub touched: usize,
}

impl Activity {
    /// Counts what happened at or after `since`. Needs no front matter.
    pub fn since(tracker: &Tracker, since: Timestamp) -> Self {
        let mut activity = Activity::default();
        for at in 0..tracker.rows.len() {
            let facts = tracker.facts(at);
            let created = facts.created_at >= since;
            let closed = facts.is_closed() && facts.closed_at.is_some_and(|time| time >= since);
            let touched = created || closed || facts.updated_at >= since;
            activity.created += usize::from(created);
            activity.closed += usize::from(closed);
            activity.updated += usize::from(touched && !created && !closed);
            activity.touched += usize::from(touched);
        }
        activity
    }
}
