//! How far epics have come: their parts, how many of those are closed, and which epics only wait to be closed.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::Error;
use crate::model::{Holder, Timestamp, Tracker};

use super::may_close;

/// How far an epic has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Progress {
    /// The epic.
    pub position: usize,
    /// How many parts it has.
    pub total: usize,
    /// How many of these are closed.
    pub closed: usize,
}

impl Progress {
    /// Counts the parts of an issue.
    pub fn of(tracker: &Tracker, position: usize) -> Self {
        let mut progress = Progress { position, total: 0, closed: 0 };
        for part in tracker.graph().children(position) {
            progress.total += 1;
            progress.closed += usize::from(tracker.is_closed(part));
        }
        progress
    }

    /// Tells whether there were parts and all of them are closed.
    pub fn is_complete(&self) -> bool {
        self.total > 0 && self.closed == self.total
    }
}

/// Tells whether an issue is an epic that is not closed.
pub fn is_open_epic(tracker: &Tracker, at: usize) -> bool {
    let facts = tracker.facts(at);
    facts.is_epic() && !facts.is_closed()
}

/// Returns how far all open epics have come, in the order of the tracker.
pub fn open_epics(tracker: &Tracker) -> Vec<Progress> {
    let open = (0..tracker.rows.len()).filter(|at| is_open_epic(tracker, *at));
    open.map(|at| Progress::of(tracker, at)).collect()
}

/// What may be done about the epics whose parts are all closed.
#[derive(Debug, Default)]
pub struct Closing {
    /// Those to close, each after the epics that are parts of it.
    pub close: Vec<usize>,
    /// Those that have to stay open, with what stands in the way.
    pub stay: BTreeMap<usize, Error>,
}

/// Finds the open epics whose parts are all closed, or are such epics themselves, and that `holder` may close.
pub fn eligible_epics(tracker: &Tracker, holder: &Holder, now: Timestamp) -> Closing {
    let mut found = Closing::default();
    let mut closing = BTreeSet::new();
    let mut pending: Vec<usize> = (0..tracker.rows.len()).filter(|at| is_open_epic(tracker, *at)).collect();
    pending.reverse();
    while let Some(at) = pending.pop() {
        let is_done = |part: usize| tracker.is_closed(part) || closing.contains(&part);
        let mut parts = tracker.graph().children(at).peekable();
        if closing.contains(&at) || parts.peek().is_none() || !parts.all(is_done) {
            continue;
        }
        match may_close(tracker, at, holder, now, &found.close) {
            Ok(_) => {
                found.stay.remove(&at);
                found.close.push(at);
                closing.insert(at);
                // Whatever contains it, or waits for it, may be complete now.
                let graph = tracker.graph();
                let next = graph.parent(at).into_iter().chain(graph.dependents(at));
                pending.extend(next.filter(|other| is_open_epic(tracker, *other)));
            }
            Err(error) => drop(found.stay.insert(at, error)),
        }
    }
    found
}
