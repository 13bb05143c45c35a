//! Searches in the waits-on relation: shortest chains and cycles, in linear space and without recursion.
//!
//! An issue waits for the blockers of all its ancestors. Spelled out, that relation is quadratic in the depth of
//! the hierarchy, so each issue has a second node, its *ward*: it stands for what is inherited through the issue
//! and leads to its blockers and to the ward of its parent. A step onto a ward is no step of waiting.

use std::collections::VecDeque;

use super::Graph;
use super::graph::WaitEdge;

/// Steps after which a group's shortest walk found so far is good enough: no tracker needs them, and a hostile one
/// must not cost more than a moment.
const MAX_STEPS: usize = 5_000_000;

/// The graph of issues (`0..issues`) and their wards (`issues..2 * issues`).
pub(super) struct Waiting<'g> {
    graph: &'g Graph,
    issues: usize,
    /// For each issue the one whose ward stands for its own: itself, except on a cycle of parents, whose members
    /// inherit the same and share one. Thus no cycle consists of wards alone.
    ward_of: Vec<usize>,
    /// The issues that share the ward of an issue, where there are several.
    sharers: Vec<Vec<usize>>,
}

impl<'g> Waiting<'g> {
    pub(super) fn new(graph: &'g Graph) -> Self {
        let issues = graph.len();
        let mut ward_of: Vec<usize> = (0..issues).collect();
        let mut sharers = vec![Vec::new(); issues];
        for cycle in parent_cycles(graph) {
            for member in &cycle {
                ward_of[*member] = cycle[0];
            }
            let first = cycle[0];
            sharers[first] = cycle;
        }
        Waiting { graph, issues, ward_of, sharers }
    }

    fn ward(&self, issue: usize) -> Option<usize> {
        self.graph.parent(issue).map(|parent| self.issues + self.ward_of[parent])
    }

    fn is_ward(&self, node: usize) -> bool {
        node >= self.issues
    }

    /// Calls `visit` for each node that `node` leads to.
    fn each_next(&self, node: usize, mut visit: impl FnMut(usize)) {
        if !self.is_ward(node) {
            self.graph.blockers(node).chain(self.graph.children(node)).chain(self.ward(node)).for_each(visit);
            return;
        }
        let issue = node - self.issues;
        let sharers = &self.sharers[issue];
        for member in std::iter::once(&issue).filter(|_| sharers.is_empty()).chain(sharers) {
            self.graph.blockers(*member).for_each(&mut visit);
        }
        if sharers.is_empty() {
            self.ward(issue).into_iter().for_each(visit);
        }
    }

    /// Finds a shortest walk of at most `limit` steps, both ends included. Its ends may be the same node.
    pub(super) fn walk(&self, from: usize, to: usize, limit: usize) -> Option<Vec<usize>> {
        let mut search = Search::new(self);
        search.walk(from, to, limit, |_| true).map(|mut walk| {
            walk.retain(|node| !self.is_ward(*node));
            walk
        })
    }

    pub(super) fn cycles(&self) -> Vec<Vec<usize>> {
        let Components { of, heads } = Components::find(self);
        let mut shortest: Vec<Option<Vec<usize>>> = vec![None; of.len()];
        let mut search = Search::new(self);
        for head in heads {
            let group = of[head];
            let limit = shortest[group].as_ref().map_or(usize::MAX, |walk| walk.len() - 1);
            if limit == 0 || search.steps > MAX_STEPS && limit < usize::MAX {
                continue;
            }
            if let Some(walk) = search.walk(head, head, limit, |node| of[node] == group) {
                shortest[group] = Some(self.canonical(&walk));
            }
        }
        let mut found: Vec<_> = shortest.into_iter().flatten().collect();
        found.sort_unstable();
        found
    }

    /// Returns the blockers and parents that lie on a cycle: both ends in one group.
    pub(super) fn cyclic_edges(&self) -> Vec<WaitEdge> {
        let Components { of, heads } = Components::find(self);
        if heads.is_empty() {
            return Vec::new();
        }
        let ward = |issue: usize| of[self.issues + self.ward_of[issue]];
        let mut found = Vec::new();
        for issue in 0..self.issues {
            for blocker in self.graph.blockers(issue) {
                if of[issue] == of[blocker] || ward(issue) == of[blocker] {
                    found.push(WaitEdge::Blocker(issue, blocker));
                }
            }
            if let Some(parent) = self.graph.parent(issue)
                && (of[issue] == ward(parent) || of[parent] == of[issue] || ward(issue) == ward(parent))
            {
                found.push(WaitEdge::Parent(issue, parent));
            }
        }
        found
    }

    /// Drops the wards and the repeated end, and begins with the least.
    fn canonical(&self, closed: &[usize]) -> Vec<usize> {
        let mut walk: Vec<usize> = closed[1..].iter().copied().filter(|node| !self.is_ward(*node)).collect();
        let least = (0..walk.len()).min_by_key(|at| walk[*at]).expect("no cycle consists of wards alone");
        walk.rotate_left(least);
        walk
    }
}

/// Finds the cycles of parents. Each issue has one parent at most, so they do not touch.
fn parent_cycles(graph: &Graph) -> Vec<Vec<usize>> {
    let mut found = Vec::new();
    // Zero is new, any other number the walk that was there.
    let mut seen = vec![0; graph.len()];
    for start in 0..graph.len() {
        let walk = start + 1;
        let mut at = Some(start);
        while let Some(issue) = at.filter(|issue| seen[*issue] == 0) {
            seen[issue] = walk;
            at = graph.parent(issue);
        }
        if let Some(first) = at.filter(|issue| seen[*issue] == walk) {
            let rest = std::iter::successors(graph.parent(first), |p| graph.parent(*p));
            found.push(std::iter::once(first).chain(rest.take_while(|p| *p != first)).collect());
        }
    }
    found
}

/// A breadth-first search whose memory serves many searches.
struct Search<'w> {
    waiting: &'w Waiting<'w>,
    /// The search that reached a node last, how far it is in that one, and from where it was reached.
    reached: Vec<(usize, usize, usize)>,
    round: usize,
    /// Edges followed in all rounds.
    steps: usize,
}

impl<'w> Search<'w> {
    fn new(waiting: &'w Waiting<'w>) -> Self {
        Search { waiting, reached: vec![(0, 0, 0); 2 * waiting.issues], round: 0, steps: 0 }
    }

    /// Finds a shortest walk of one step or more and at most `limit`, through nodes that are `within`.
    fn walk(
        &mut self,
        from: usize,
        to: usize,
        limit: usize,
        within: impl Fn(usize) -> bool,
    ) -> Option<Vec<usize>> {
        self.round += 1;
        let (waiting, round, reached) = (self.waiting, self.round, &mut self.reached);
        // Ordered by distance: steps onto wards cost nothing and go in front.
        let mut queue = VecDeque::from([(from, 0)]);
        let mut done = None;
        while let Some((node, distance)) = queue.pop_front() {
            if node == to && distance > 0 {
                done = Some(reached[to].2);
                break;
            }
            if node != from && reached[node].1 < distance {
                continue;
            }
            waiting.each_next(node, |next| {
                self.steps += 1;
                let onto_ward = waiting.is_ward(next);
                let far = distance + usize::from(!onto_ward);
                let better = reached[next].0 != round || far < reached[next].1;
                if far > limit || !better || !within(next) || next == from && next != to {
                    return;
                }
                reached[next] = (round, far, node);
                if onto_ward { queue.push_front((next, far)) } else { queue.push_back((next, far)) }
            });
        }
        let mut walk = vec![to];
        let mut at = done?;
        while at != from {
            walk.push(at);
            at = reached[at].2;
        }
        walk.push(from);
        walk.reverse();
        Some(walk)
    }
}

/// The strongly connected groups of the graph (Tarjan's), and where their cycles close.
struct Components {
    /// The group of each node.
    of: Vec<usize>,
    /// Nodes such that every cycle passes through one of them: the ends of edges that lead back.
    heads: Vec<usize>,
}

impl Components {
    const NONE: usize = usize::MAX;

    fn find(waiting: &Waiting<'_>) -> Self {
        let nodes = 2 * waiting.issues;
        let mut groups = Components { of: vec![Self::NONE; nodes], heads: Vec::new() };
        let mut walk = Tarjan { order: vec![Self::NONE; nodes], low: vec![0; nodes], ..Tarjan::default() };
        for start in 0..nodes {
            if walk.order[start] == Self::NONE {
                walk.run(waiting, start, &mut groups);
            }
        }
        groups.heads.sort_unstable();
        groups.heads.dedup();
        groups
    }
}

/// The state of the walk: what the recursive form keeps on the call stack stands in `calls`.
#[derive(Default)]
struct Tarjan {
    order: Vec<usize>,
    low: Vec<usize>,
    count: usize,
    /// Nodes whose group is not complete.
    open: Vec<usize>,
    /// Each node on the way to the present one, with what it leads to and is yet to be followed.
    calls: Vec<(usize, Vec<usize>)>,
}

impl Tarjan {
    fn enter(&mut self, waiting: &Waiting<'_>, node: usize) {
        self.order[node] = self.count;
        self.low[node] = self.count;
        self.count += 1;
        self.open.push(node);
        let mut next = Vec::new();
        waiting.each_next(node, |n| next.push(n));
        self.calls.push((node, next));
    }

    fn run(&mut self, waiting: &Waiting<'_>, start: usize, groups: &mut Components) {
        self.enter(waiting, start);
        while let Some((node, pending)) = self.calls.last_mut() {
            let node = *node;
            match pending.pop() {
                Some(next) if self.order[next] == Components::NONE => self.enter(waiting, next),
                Some(next) if groups.of[next] == Components::NONE => {
                    self.low[node] = self.low[node].min(self.order[next]);
                    // An edge to a node that came no later and is still open; only such edges close cycles.
                    if self.order[next] <= self.order[node] {
                        groups.heads.push(next);
                    }
                }
                Some(_) => {}
                None => self.leave(node, groups),
            }
        }
    }

    fn leave(&mut self, node: usize, groups: &mut Components) {
        self.calls.pop();
        if let Some((caller, _)) = self.calls.last() {
            self.low[*caller] = self.low[*caller].min(self.low[node]);
        }
        if self.low[node] == self.order[node] {
            let start = self.open.iter().rposition(|n| *n == node).expect("a node is open until here");
            for member in self.open.drain(start..) {
                groups.of[member] = node;
            }
        }
    }
}
