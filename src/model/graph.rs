//! The relations of a tracker as a graph over positions: blockers and parents, both ways.

use super::{KeyIndex, Row};

/// Who waits for whom, and who is a part of whom. References that point nowhere are left out.
#[derive(Debug, Default)]
pub struct Graph {
    blockers: Vec<Vec<u32>>,
    dependents: Vec<Vec<u32>>,
    parents: Vec<Option<u32>>,
    children: Vec<Vec<u32>>,
}

impl Graph {
    /// Builds the graph of `rows`.
    pub fn new(rows: &[Row], keys: &KeyIndex) -> Self {
        let empty = || vec![Vec::new(); rows.len()];
        let mut graph = Graph {
            blockers: empty(),
            dependents: empty(),
            parents: vec![None; rows.len()],
            children: empty(),
        };
        for (at, row) in rows.iter().enumerate() {
            let me = index(at);
            for blocker in row.front.blocked_by.iter().filter_map(|r| keys.resolve_ref(r)) {
                graph.blockers[at].push(index(blocker));
                graph.dependents[blocker].push(me);
            }
            if let Some(parent) = row.front.parent.as_ref().and_then(|r| keys.resolve_ref(r)) {
                graph.parents[at] = Some(index(parent));
                graph.children[parent].push(me);
            }
        }
        graph
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
        let mut found = Vec::new();
        let mut next = self.parent(at);
        while let Some(parent) = next {
            if parent == at || found.contains(&parent) {
                break;
            }
            found.push(parent);
            next = self.parent(parent);
        }
        found
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
        let mut came_from = vec![None; self.parents.len()];
        let mut queue = std::collections::VecDeque::from([from]);
        while let Some(at) = queue.pop_front() {
            for next in self.waits_on(at) {
                if next == to {
                    return Some(trace(&came_from, from, at, to));
                }
                if next != from && came_from[next].is_none() {
                    came_from[next] = Some(at);
                    queue.push_back(next);
                }
            }
        }
        None
    }

    /// Finds the cycles of waiting: each strongly connected group once, as one closed walk through it.
    pub fn cycles(&self) -> Vec<Vec<usize>> {
        let mut seen = vec![false; self.parents.len()];
        let mut found = Vec::new();
        for at in 0..self.parents.len() {
            if seen[at] || self.blockers[at].is_empty() && self.children[at].is_empty() {
                continue;
            }
            if let Some(mut walk) = self.path(at, at) {
                walk.pop();
                for member in &walk {
                    seen[*member] = true;
                }
                found.push(walk);
            }
        }
        found
    }
}

fn trace(came_from: &[Option<usize>], from: usize, last: usize, to: usize) -> Vec<usize> {
    let mut walk = vec![to, last];
    let mut at = last;
    while at != from {
        at = came_from[at].expect("every queued node has an origin");
        walk.push(at);
    }
    walk.reverse();
    walk
}

fn index(at: usize) -> u32 {
    u32::try_from(at).expect("fewer than 2^32 issues")
}
