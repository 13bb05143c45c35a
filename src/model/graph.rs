//! The relations of a tracker as a graph over positions: blockers and parents, both ways.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::rc::Rc;

use super::column::Lists;
use super::order::{Order, Slot};
use super::packed::Edges;
use super::waiting::Waiting;
use super::{KeyIndex, Packed, Rows};

/// Who waits for whom, and who is a part of whom. References that point nowhere are left out.
///
/// For packed rows the lists stand in the snapshot. Those of the rows beside them, and every list that such a row is
/// in, are made here.
#[derive(Debug, Default)]
pub struct Graph {
    count: usize,
    packed: Rc<Packed>,
    order: Option<Rc<Order>>,
    parents: BTreeMap<usize, Option<usize>>,
    blockers: Made,
    dependents: Made,
    children: Made,
    referrers: Made,
}

/// Lists that take the place of packed ones.
type Made = BTreeMap<usize, Vec<usize>>;

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
        let (packed, order) = (Rc::clone(rows.packed()), rows.order().cloned());
        let mut graph = Graph { count: rows.len(), packed, order, ..Graph::default() };
        let loose = &graph.packed.edges.loose;
        let loose = (0..loose.len()).filter_map(|at| graph.kept(loose.number(at) as usize));
        let own = (0..rows.own().len()).filter_map(|number| Some(rows.order()?.position_of_own(number)));
        let sources: Vec<usize> = loose.chain(own).collect();
        let (mut dependents, mut children, mut referrers) = (Made::new(), Made::new(), Made::new());
        for at in sources {
            let front = &rows[at].front;
            // A key and a ULID may name the same issue.
            let blockers: BTreeSet<usize> =
                front.blocked_by.iter().filter_map(|r| keys.resolve_ref(r)).collect();
            for blocker in &blockers {
                dependents.entry(*blocker).or_default().push(at);
            }
            graph.blockers.insert(at, blockers.into_iter().collect());
            let parent = front.parent.as_ref().and_then(|r| keys.resolve_ref(r));
            parent.into_iter().for_each(|parent| children.entry(parent).or_default().push(at));
            graph.parents.insert(at, parent);
            for (_, target) in front.references() {
                let target = keys.resolve_ref(target).into_iter();
                target.for_each(|target| referrers.entry(target).or_default().push(at));
            }
        }
        graph.dependents = graph.completed(dependents, |edges| &edges.dependents);
        graph.children = graph.completed(children, |edges| &edges.children);
        graph.referrers = graph.completed(referrers, |edges| &edges.referrers);
        graph
    }

    /// Adds what the packed lists have for the same issues.
    fn completed(&self, mut made: Made, lists: impl Fn(&Edges) -> &Lists) -> Made {
        for (at, list) in &mut made {
            list.extend(self.leading_to(&Made::new(), lists(&self.packed.edges), *at));
            list.sort_unstable();
            list.dedup();
        }
        made
    }

    /// Returns the position of a packed row; `None` where it is gone or replaced.
    fn kept(&self, at: usize) -> Option<usize> {
        self.order.as_ref().map_or(Some(at), |order| order.kept(at))
    }

    /// Returns the position of a packed row's identity.
    fn position(&self, at: usize) -> Option<usize> {
        self.order.as_ref().map_or(Some(at), |order| order.position_of_packed(at))
    }

    /// Returns the packed row of the issue itself; `None` where another stands for it.
    fn packed_row(&self, at: usize) -> Option<usize> {
        match self.order.as_ref().map_or(Slot::Packed(at), |order| order.slot(at)) {
            Slot::Packed(at) => Some(at),
            Slot::Own(_) => None,
        }
    }

    /// Returns the list of those that refer to an issue.
    fn leading_to<'g>(
        &'g self,
        made: &'g Made,
        lists: &'g Lists,
        at: usize,
    ) -> impl Iterator<Item = usize> + use<'g> {
        let made = made.get(&at);
        let packed = self.order.as_ref().map_or(Some(at), |order| order.packed_of(at));
        let packed = packed.filter(|_| made.is_none()).map(|at| lists.of(at));
        let packed = packed.into_iter().flatten().filter_map(|at| self.kept(at));
        made.into_iter().flatten().copied().chain(packed)
    }

    /// Returns the number of issues.
    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// Returns the issues that must be closed before this one.
    pub fn blockers(&self, at: usize) -> impl Iterator<Item = usize> + '_ {
        let made = self.blockers.get(&at);
        let packed = self.packed_row(at).filter(|_| made.is_none());
        let packed = packed.map(|at| self.packed.edges.blockers.of(at)).into_iter().flatten();
        made.into_iter().flatten().copied().chain(packed.filter_map(|at| self.position(at)))
    }

    /// Returns the issues that wait for this one.
    pub fn dependents(&self, at: usize) -> impl Iterator<Item = usize> + '_ {
        self.leading_to(&self.dependents, &self.packed.edges.dependents, at)
    }

    /// Returns the issue this one is a part of.
    pub fn parent(&self, at: usize) -> Option<usize> {
        match self.parents.get(&at) {
            Some(parent) => *parent,
            None => self.position(self.packed.edges.parents.position(self.packed_row(at)?)?),
        }
    }

    /// Returns the parts of this issue.
    pub fn children(&self, at: usize) -> impl Iterator<Item = usize> + '_ {
        self.leading_to(&self.children, &self.packed.edges.children, at)
    }

    /// Returns the issues that refer to this one, by any relation, in the order of their positions.
    pub fn referrers(&self, at: usize) -> BTreeSet<usize> {
        let others = self.leading_to(&self.referrers, &self.packed.edges.referrers, at);
        self.dependents(at).chain(self.children(at)).chain(others).collect()
    }

    /// Returns the ancestors, nearest first. A cycle of parents ends the walk.
    pub fn ancestors(&self, at: usize) -> Vec<usize> {
        let mut seen = HashSet::from([at]);
        let parents = std::iter::successors(self.parent(at), |p| self.parent(*p));
        parents.take_while(|p| seen.insert(*p)).collect()
    }

    /// Returns the parts of issues, their parts, and so on: each once, without the given ones, the nearest first.
    pub fn descendants(&self, of: &[usize]) -> Vec<usize> {
        let mut seen: HashSet<usize> = of.iter().copied().collect();
        let mut found = of.to_vec();
        let mut next = 0;
        while let Some(at) = found.get(next).copied() {
            found.extend(self.children(at).filter(|part| seen.insert(*part)));
            next += 1;
        }
        found.split_off(of.len())
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
