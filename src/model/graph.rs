//! The relations of a tracker as a graph over positions: blockers and parents, both ways.

use std::collections::HashSet;

use super::waiting::Waiting;
use super::{KeyIndex, Rows};

/// Who waits for whom, and who is a part of whom. References that point nowhere are left out.
#[derive(Debug, Default)]
pub struct Graph {
    blockers: Vec<Vec<u32>>,
    dependents: Vec<Vec<u32>>,
    parents: Vec<Option<u32>>,
    children: Vec<Vec<u32>>,
}

/// An edge of the waits-on relation as a file states it, by positions.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum WaitEdge {
    /// The first is blocked by the second.
    Blocker(usize, usize),
    /// The first is a part of the second.
    Parent(usize, usize),
}

impl Graph {
    /// Returns the edges that lie on a cycle of waiting.
    pub fn cyclic_edges(&self) -> Vec<WaitEdge> {
        Waiting::new(self).cyclic_edges()
    }

    /// Builds the graph of issues in the order of their positions.
    pub fn new(rows: &Rows, keys: &KeyIndex) -> Self {
        let count = rows.len();
        let empty = || vec![Vec::new(); count];
        let mut graph =
            Graph { blockers: empty(), dependents: empty(), parents: vec![None; count], children: empty() };
        for at in 0..count {
            let me = index(at);
            let mut blockers: Vec<u32> =
                rows.blocked_by(at).into_iter().filter_map(|r| keys.resolve_ref(r)).map(index).collect();
            // A key and a ULID may name the same issue.
            blockers.sort_unstable();
            blockers.dedup();
            for blocker in &blockers {
                graph.dependents[*blocker as usize].push(me);
            }
            graph.blockers[at] = blockers;
            if let Some(parent) = rows.parent(at).and_then(|r| keys.resolve_ref(r)) {
                graph.parents[at] = Some(index(parent));
                graph.children[parent].push(me);
            }
        }
        graph
    }

    /// Returns the number of issues.
    pub(super) fn len(&self) -> usize {
        self.parents.len()
    }

    /// Returns the issues that must be closed before this one.
    pub fn blockers(&self, at: usize) -> impl Iterator<Item = usize> + '_ {
        self.blockers[at].iter().map(|b| *b as usize)
    }

    /// Returns the issues that wait for this one.
    pub fn dependents(&self, at: usize) -> impl Iterator<Item = usize> + '_ {
        self.dependents[at].iter().map(|b| *b as usize)
    }

    /// Returns the issue this one is a part of.
    pub fn parent(&self, at: usize) -> Option<usize> {
        self.parents[at].map(|p| p as usize)
    }

    /// Returns the parts of this issue.
    pub fn children(&self, at: usize) -> impl Iterator<Item = usize> + '_ {
        self.children[at].iter().map(|c| *c as usize)
    }

    /// Returns the ancestors, nearest first. A cycle of parents ends the walk.
    pub fn ancestors(&self, at: usize) -> Vec<usize> {
        let mut seen = HashSet::from([at]);
        let parents = std::iter::successors(self.parent(at), |p| self.parent(*p));
        parents.take_while(|p| seen.insert(*p)).collect()
    }

    /// Returns what an issue waits for: its blockers, the blockers of its ancestors, and its children.
    pub fn waits_on(&self, at: usize) -> Vec<usize> {
        let mut found: Vec<usize> = self.blockers(at).chain(self.children(at)).collect();
        for ancestor in self.ancestors(at) {
            found.extend(self.blockers(ancestor));
        }
        found
    }

    /// Finds the shortest chain of waiting from `from` to `to`, both ends included.
    pub fn path(&self, from: usize, to: usize) -> Option<Vec<usize>> {
        Waiting::new(self).walk(from, to, usize::MAX)
    }

    /// Finds the cycles of waiting: for each group of issues that all wait for each other one shortest closed walk,
    /// without its beginning repeated. A walk begins at its least position; the walks are ordered by it.
    pub fn cycles(&self) -> Vec<Vec<usize>> {
        Waiting::new(self).cycles()
    }
}

fn index(at: usize) -> u32 {
    u32::try_from(at).expect("fewer than 2^32 issues")
}
