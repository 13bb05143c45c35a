//! Packing rows: they come in any order, are encoded one by one, and are put in order at the end.

use super::bodies::Source;
use super::column::{Column, Lists, NONE, Numbers};
use super::facts::FACTS_WIDTH;
use super::key_table::KeyTable;
use super::order::index;
use super::packed::{Edges, Packed, Place, checksum};
use super::{Facts, IssueId, Ref, Row};

/// Packs rows.
#[derive(Default)]
pub(super) struct Packer {
    records: Vec<Record>,
    bodies: Vec<u8>,
    names: String,
    edges: Vec<Edge>,
}

/// One row that has come.
struct Record {
    id: IssueId,
    body: std::ops::Range<usize>,
    name: std::ops::Range<usize>,
    facts: [u8; FACTS_WIDTH],
    is_loose: bool,
}

/// A reference, by identity.
#[derive(Clone, Copy)]
struct Edge {
    source: u32,
    kind: EdgeKind,
    target: IssueId,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum EdgeKind {
    Parent,
    Blocker,
    Other,
}

impl Packer {
    /// Adds a row.
    pub fn push(&mut self, row: &Row) {
        let start = self.bodies.len();
        self.bodies = postcard::to_extend(row, std::mem::take(&mut self.bodies))
            .expect("a row can be encoded in memory");
        let front = &row.front;
        let source = index(self.records.len());
        let mut is_loose = false;
        let mut add = |kind, target: &Ref| match target {
            Ref::Id(target) => self.edges.push(Edge { source, kind, target: *target }),
            Ref::Key(_) => is_loose = true,
        };
        front.parent.iter().for_each(|target| add(EdgeKind::Parent, target));
        front.blocked_by.iter().for_each(|target| add(EdgeKind::Blocker, target));
        for (_, target) in front.references() {
            if front.parent.as_ref() != Some(target) && !front.blocked_by.contains(target) {
                add(EdgeKind::Other, target);
            }
        }
        let name = front.key.as_deref().unwrap_or_default();
        self.record(front.id, start, name, Facts::of(front).to_bytes(), is_loose);
    }

    /// Adds a row that is packed already, without decoding it.
    pub fn push_packed(&mut self, packed: &Packed, at: usize) {
        let start = self.bodies.len();
        let copied = packed.with_body(at, |body| {
            self.bodies.extend_from_slice(body);
            Some(())
        });
        // A loose row may have become another; a damaged one has to be read anyway.
        if copied.is_none() || packed.is_loose(at) {
            self.bodies.truncate(start);
            return self.push(packed.row(at));
        }
        let source = index(self.records.len());
        let mut add = |kind, target| self.edges.push(Edge { source, kind, target: packed.id(target) });
        packed.edges.parents.position(at).into_iter().for_each(|target| add(EdgeKind::Parent, target));
        packed.edges.blockers.of(at).for_each(|target| add(EdgeKind::Blocker, target));
        packed.edges.others.of(at).for_each(|target| add(EdgeKind::Other, target));
        let name = packed.keys.name(at).unwrap_or_default();
        self.record(packed.id(at), start, name, *packed.facts.get(at), false);
    }

    fn record(&mut self, id: IssueId, start: usize, name: &str, facts: [u8; FACTS_WIDTH], is_loose: bool) {
        let name_start = self.names.len();
        self.names.push_str(name);
        let (body, name) = (start..self.bodies.len(), name_start..self.names.len());
        self.records.push(Record { id, body, name, facts, is_loose });
    }

    /// Puts everything in order.
    pub fn finish(mut self) -> Packed {
        let mut order: Vec<usize> = (0..self.records.len()).collect();
        order.sort_by_key(|at| self.records[*at].id);
        let records = order.iter().map(|at| &self.records[*at]);
        let keys = KeyTable::new(records.clone().map(|record| {
            let name = &self.names[record.name.clone()];
            (record.id, (!name.is_empty()).then_some(name))
        }));
        let facts = Column::new(records.clone().map(|record| record.facts));
        let places = records.map(|record| {
            let body = &self.bodies[record.body.clone()];
            Place { start: record.body.start, len: body.len(), sum: checksum(body) }.to_bytes()
        });
        let places = Column::new(places);
        let edges = self.resolve(&order, &keys);
        Packed::new(keys, facts, places, edges, Source::Memory(self.bodies))
    }

    /// Turns identities into positions, and finds the rows for which that cannot be done.
    fn resolve(&mut self, order: &[usize], keys: &KeyTable) -> Edges {
        let count = order.len();
        let mut position_of = vec![NONE; count];
        for (position, at) in order.iter().enumerate() {
            position_of[*at] = index(position);
        }
        let found: Vec<Option<u32>> =
            self.edges.iter().map(|edge| keys.find(edge.target).ok().map(index)).collect();
        for (edge, target) in self.edges.iter().zip(&found) {
            self.records[edge.source as usize].is_loose |= target.is_none();
        }
        let mut parents = vec![NONE; count];
        let (mut blockers, mut children, mut others) = (Vec::new(), Vec::new(), Vec::new());
        for (edge, target) in self.edges.iter().zip(found) {
            let Some(target) = target.filter(|_| !self.records[edge.source as usize].is_loose) else {
                continue;
            };
            let source = position_of[edge.source as usize];
            match edge.kind {
                EdgeKind::Parent => {
                    parents[source as usize] = target;
                    children.push((target, source));
                }
                EdgeKind::Blocker => blockers.push((source, target)),
                EdgeKind::Other => others.push((source, target)),
            }
        }
        let turned = |pairs: &[(u32, u32)]| pairs.iter().map(|(a, b)| (*b, *a)).collect();
        let loose = (0u32..).zip(order).filter(|(_, at)| self.records[**at].is_loose).map(|(at, _)| at);
        Edges {
            parents: Numbers::of(parents),
            dependents: Lists::new(count, turned(&blockers)),
            blockers: Lists::new(count, blockers),
            children: Lists::new(count, children),
            referrers: Lists::new(count, turned(&others)),
            others: Lists::new(count, others),
            loose: Numbers::of(loose),
        }
    }
}
