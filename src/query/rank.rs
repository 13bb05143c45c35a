//! The order in which ready work is offered, and what `claim --next` may take of it.
//!
//! Priority, then how many open issues it unblocks, then age, then id. Work on files that a claim already
//! covers comes last.

use std::cmp::Reverse;
use std::collections::HashMap;

use crate::model::Tracker;

use super::{Filter, Glob, Readiness, State};

/// Most relations looked at while counting what one issue unblocks. It bounds the whole order to this many
/// steps a candidate, whatever the shape of the graph; issues that unblock more than this count as equal.
pub const UNBLOCK_LIMIT: usize = 1000;

/// A ready issue in its place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Candidate {
    /// The issue.
    pub position: usize,
    /// How many open issues wait for it, directly or not; at most [`UNBLOCK_LIMIT`].
    pub unblocks: usize,
    /// The claimed issue whose `paths` overlap this one's.
    pub overlaps: Option<usize>,
}

/// Returns the ready issues, the best to take first.
pub fn ready_order(tracker: &Tracker, readiness: &Readiness) -> Vec<Candidate> {
    in_order(tracker, readiness, readiness.ready())
}

/// Returns issues in the order in which ready work is offered, the best to take first.
pub fn in_order(
    tracker: &Tracker,
    readiness: &Readiness,
    positions: impl Iterator<Item = usize>,
) -> Vec<Candidate> {
    let mut counter = Counter { seen: vec![0; tracker.rows.len()], round: 0 };
    let mut overlaps = Overlaps::new(tracker, readiness);
    let mut found: Vec<Candidate> = positions
        .map(|position| Candidate {
            position,
            unblocks: counter.unblocks(tracker, position),
            overlaps: overlaps.find(tracker, position),
        })
        .collect();
    found.sort_by_cached_key(|c| {
        let (facts, id) = (tracker.facts(c.position), tracker.rows.id(c.position));
        (c.overlaps.is_some(), facts.priority, Reverse(c.unblocks), facts.created_at, id)
    });
    found
}

/// Returns what `claim --next` may take for `actor`, the best first: ready, selected by `filter`, not planned
/// for somebody else, and not on files under another claim.
pub fn next_candidates(tracker: &Tracker, readiness: &Readiness, actor: &str, filter: &Filter) -> Vec<usize> {
    let free = |at: usize| {
        if !tracker.facts(at).has_assignee() {
            return true;
        }
        let assignee = tracker.front(at).assignee.as_deref();
        // The assignee of a lapsed claim is the one who did not come back, not a plan.
        assignee.is_none_or(|a| a == actor) || *readiness.state(at) == State::Ready { lapsed: true }
    };
    (ready_order(tracker, readiness).into_iter())
        .filter(|c| c.overlaps.is_none())
        .map(|c| c.position)
        .filter(|at| free(*at) && filter.matches(tracker, *at, readiness.now()))
        .collect()
}

/// Returns the claimed issue whose `paths` overlap those of the issue at `position`, which may itself be claimed.
pub fn overlap(tracker: &Tracker, readiness: &Readiness, position: usize) -> Option<usize> {
    let mut overlaps = Overlaps::new(tracker, readiness);
    overlaps.claimed.retain(|(at, _)| *at != position);
    overlaps.find(tracker, position)
}

/// Counts what an issue unblocks. The marks are kept between candidates, so a count costs what it looks at.
struct Counter {
    seen: Vec<u32>,
    round: u32,
}

impl Counter {
    /// Counts the open issues that wait for this one: dependents, what is part of them, and so on.
    fn unblocks(&mut self, tracker: &Tracker, start: usize) -> usize {
        let graph = tracker.graph();
        self.round += 1;
        self.seen[start] = self.round;
        let mut queue: Vec<usize> = Vec::new();
        let mut steps = 0;
        let mut count = 0;
        let mut next = graph.dependents(start).take(UNBLOCK_LIMIT).collect::<Vec<_>>();
        loop {
            for at in next {
                steps += 1;
                if steps > UNBLOCK_LIMIT {
                    return count;
                }
                if self.seen[at] != self.round {
                    self.seen[at] = self.round;
                    count += usize::from(!tracker.is_closed(at));
                    queue.push(at);
                }
            }
            let Some(at) = queue.pop() else { return count };
            // What is closed holds nobody up any more, but its parts still inherit what it waits for.
            let open = !tracker.is_closed(at);
            let waiting = graph.dependents(at).take(if open { UNBLOCK_LIMIT } else { 0 });
            next = waiting.chain(graph.children(at).take(UNBLOCK_LIMIT)).collect();
        }
    }
}

/// The files under live claims.
struct Overlaps<'t> {
    claimed: Vec<(usize, Glob)>,
    /// Answers by pattern: many issues name the same files.
    known: HashMap<&'t str, Option<usize>>,
}

impl<'t> Overlaps<'t> {
    fn new(tracker: &'t Tracker, readiness: &Readiness) -> Self {
        let live = readiness.claims().filter(|(_, claim)| !claim.stale).map(|(at, _)| at);
        let claimed = live
            .filter(|at| tracker.facts(*at).has_paths())
            .flat_map(|at| tracker.front(at).paths.iter().map(move |path| (at, Glob::new(path))))
            .collect();
        Overlaps { claimed, known: HashMap::new() }
    }

    /// Returns the first claimed issue whose files overlap those of the issue at `position`.
    fn find(&mut self, tracker: &'t Tracker, position: usize) -> Option<usize> {
        if self.claimed.is_empty() || !tracker.facts(position).has_paths() {
            return None;
        }
        let paths = tracker.front(position).paths.iter();
        paths.filter_map(|path| self.find_path(path)).min()
    }

    fn find_path(&mut self, path: &'t str) -> Option<usize> {
        let claimed = &self.claimed;
        *self.known.entry(path).or_insert_with(|| {
            let glob = Glob::new(path);
            claimed.iter().find(|(_, c)| c.overlaps(&glob)).map(|(at, _)| *at)
        })
    }
}
