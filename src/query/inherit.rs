//! Open blockers, and which ancestor an issue has to wait with.
//!
//! Facts of the graph and of statuses; what they mean for an issue, `ready` says.

use std::collections::HashMap;

use crate::model::Tracker;

/// Tells whether the issue is not closed.
pub(super) fn is_open(tracker: &Tracker, at: usize) -> bool {
    !tracker.is_closed(at)
}

/// Returns the issue's own blockers that are not closed, each once, in the order of their positions.
pub fn open_blockers(tracker: &Tracker, at: usize) -> Vec<usize> {
    let mut found: Vec<usize> = tracker.graph().blockers(at).filter(|b| is_open(tracker, *b)).collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// Finds the nearest ancestor of one issue with open blockers of its own.
pub(super) fn nearest_blocked_ancestor(tracker: &Tracker, at: usize) -> Option<usize> {
    tracker.graph().ancestors(at).into_iter().find(|a| !open_blockers(tracker, *a).is_empty())
}

/// Finds for every open issue, and for its ancestors, the nearest ancestor with open blockers of its own, where there is
/// one. Every parent link is followed once.
pub(super) fn nearest_blocked_ancestors(tracker: &Tracker) -> HashMap<usize, usize> {
    let graph = tracker.graph();
    let count = tracker.rows.len();
    let blocked = |at: usize| graph.blockers(at).any(|b| is_open(tracker, b));
    let mut with = vec![None; count];
    let mut walk_of = vec![usize::MAX; count];
    // What is part of nothing has no ancestors, and nobody asks for those of closed issues.
    let mut walk = Vec::new();
    for start in (0..count).filter(|at| is_open(tracker, *at) && graph.parent(*at).is_some()) {
        let mut next = Some(start);
        while let Some(at) = next.filter(|at| walk_of[*at] == usize::MAX) {
            walk_of[at] = start;
            walk.push(at);
            next = graph.parent(at);
        }
        if let Some(entry) = next.filter(|at| walk_of[*at] == start) {
            let from = walk.iter().position(|at| *at == entry).unwrap_or(walk.len());
            close_cycle(&walk.split_off(from), blocked, &mut with);
        }
        for at in walk.drain(..).rev() {
            with[at] = graph.parent(at).and_then(|p| if blocked(p) { Some(p) } else { with[p] });
        }
    }
    (0..).zip(with).filter_map(|(at, with)| Some((at, with?))).collect()
}

/// Fills in the members of a cycle of parents: each is an ancestor of all the others, but not of itself.
/// Going round twice, against the direction of the parents, brings every member's nearest one past it.
fn close_cycle(cycle: &[usize], blocked: impl Fn(usize) -> bool, with: &mut [Option<usize>]) {
    let mut nearest = None;
    for at in cycle.iter().rev().chain(cycle.iter().rev()).copied() {
        with[at] = nearest.filter(|n| *n != at);
        if blocked(at) {
            nearest = Some(at);
        }
    }
}
