//! New relations must not make an issue wait for itself.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use quipu::model::{Settings, Tracker};
use quipu::query::{EdgeCheck, EdgeKind, check_new_edge};

use super::build::{any_tracker, at, id, plain, row, tracker};

/// Adds `from<to` (blocked by) or `from^to` (part of) and returns what is said against it.
#[track_caller]
fn check(lines: &[&str], edge: &str, expected: &str) {
    let tracker = tracker(lines);
    let sign = edge.find(['<', '^']).expect("an edge");
    let kind = if &edge[sign..=sign] == "<" { EdgeKind::Blocker } else { EdgeKind::Parent };
    let (from, to) = (at(&tracker, &edge[..sign]), at(&tracker, &edge[sign + 1..]));
    let said = match check_new_edge(&tracker, from, to, kind) {
        Ok(()) => "fine".to_owned(),
        Err(error) => {
            assert_eq!((error.code(), error.kind().exit_code()), ("cycle", 6));
            let (_, way) = error.message().split_once(" of waiting: ").expect("the way round");
            format!("{way} ({})", error.remedy().unwrap_or("-"))
        }
    };
    assert_eq!(said, expected);
}

#[test]
fn blockers() {
    check(&["a", "b"], "a<b", "fine");
    check(&["a <b", "b"], "a<b", "fine");
    check(&["a", "b <a"], "a<b", "a → b → a (qp dep remove b a)");
    check(&["a", "b <c", "c <a"], "a<b", "a → b → c → a (qp dep tree b)");
    check(&["a"], "a<a", "a → a (qp dep tree a)");
    check(&["a <b <c", "b", "c"], "b<c", "fine");
}

#[test]
fn a_part_and_its_whole_cannot_block_each_other() {
    check(&["a ^p", "p"], "a<p", "a → p → a (qp dep tree p)");
    check(&["a ^p", "p"], "p<a", "p → a → p (qp dep tree a)");
    check(&["a ^b", "b ^p", "p"], "a<p", "a → p → b → a (qp dep tree p)");
    check(&["a ^b", "b ^p", "p"], "p<a", "p → a → p (qp dep tree a)");
    check(&["a ^p", "b ^p", "p"], "a<b", "fine");
}

#[test]
fn what_a_whole_waits_for_its_parts_wait_for() {
    check(&["p", "a ^p", "x <a"], "p<x", "a → x → a (qp dep tree x)");
    check(&["p", "a ^p", "x", "y ^x <a"], "p<x", "a → x → y → a (qp dep tree x)");
    check(&["p", "a ^p", "x"], "p<x", "fine");
}

#[test]
fn parents() {
    check(&["a", "p"], "a^p", "fine");
    check(&["a", "p ^a"], "a^p", "p → a → p (qp dep tree p)");
    check(&["a", "b ^a", "p ^b"], "a^p", "p → a → b → p (qp dep tree p)");
    check(&["a"], "a^a", "a → a (qp dep tree a)");
    check(&["a <p", "p"], "a^p", "p → a → p (qp dep tree p)");
    check(&["a", "p <a"], "a^p", "p → a → p (qp dep tree p)");
    check(&["a", "p <x", "x <a"], "a^p", "a → x → a (qp dep tree p)");
    check(&["a", "b ^a", "p ^q", "q <b"], "a^p", "p → b → p (qp dep tree p)");
}

#[test]
fn a_new_parent_takes_the_place_of_the_old() {
    check(&["a ^q", "p", "q <p"], "a^p", "fine");
    check(&["a ^q", "b ^a", "q ^r", "r"], "a^r", "fine");
}

#[test]
fn several_changes_are_judged_together() {
    let tracker = tracker(&["a", "b", "c"]);
    let mut check = EdgeCheck::new(&tracker);
    check.add(0, 1, EdgeKind::Blocker).expect("no cycle");
    check.add(1, 2, EdgeKind::Blocker).expect("no cycle");
    let error = check.add(2, 0, EdgeKind::Blocker).expect_err("a cycle");
    assert_eq!(error.message(), "c cannot be blocked by a, that closes a cycle of waiting: c → a → b → c");
    check.remove_blocker(1, 2);
    check.add(2, 0, EdgeKind::Blocker).expect("the way is gone");
    check.add(0, 2, EdgeKind::Parent).expect_err("c is blocked by a");
}

#[test]
fn issues_that_are_about_to_be_created_count_too() {
    let tracker = tracker(&["p"]);
    let mut check = EdgeCheck::new(&tracker);
    let new = check.add_issue("the new issue");
    check.add(new, 0, EdgeKind::Parent).expect("no cycle");
    let error = check.add(0, new, EdgeKind::Blocker).expect_err("a cycle");
    assert_eq!(
        error.message(),
        "p cannot be blocked by the new issue, that closes a cycle of waiting: p → the new issue → p"
    );
    check.remove_parent(new);
    check.add(0, new, EdgeKind::Blocker).expect("no part any more");
}

/// Who waits for whom, straight from the words of the design: blockers, blockers of ancestors, children.
#[derive(Clone, Default)]
struct Naive {
    parents: BTreeMap<usize, usize>,
    blockers: BTreeSet<(usize, usize)>,
}

impl Naive {
    fn waits(&self, at: usize) -> BTreeSet<usize> {
        let mut holders = BTreeSet::from([at]);
        let mut next = self.parents.get(&at);
        while let Some(parent) = next.filter(|p| holders.insert(**p)) {
            next = self.parents.get(parent);
        }
        let blockers = self.blockers.iter().filter(|(from, _)| holders.contains(from)).map(|(_, to)| *to);
        let children = self.parents.iter().filter(|(_, parent)| **parent == at).map(|(child, _)| *child);
        blockers.chain(children).collect()
    }

    fn has_cycle(&self, count: usize) -> bool {
        (0..count).any(|start| {
            let mut reached = self.waits(start);
            loop {
                let more: BTreeSet<usize> = reached.iter().flat_map(|at| self.waits(*at)).collect();
                if more.is_subset(&reached) {
                    return reached.contains(&start);
                }
                reached.extend(more);
            }
        })
    }

    fn with(&self, from: usize, to: usize, kind: EdgeKind) -> Self {
        let mut next = self.clone();
        match kind {
            EdgeKind::Blocker => drop(next.blockers.insert((from, to))),
            EdgeKind::Parent => drop(next.parents.insert(from, to)),
        }
        next
    }

    fn tracker(&self, count: usize) -> Tracker {
        let rows = (0..count).map(|at| {
            let mut front = plain(at, &format!("i{at}"));
            front.parent = self.parents.get(&at).map(|p| id(*p).into());
            let blockers = self.blockers.iter().filter(|(from, _)| *from == at);
            front.blocked_by = blockers.map(|(_, to)| id(*to).into()).collect();
            row(front)
        });
        Tracker::new(Settings::new("t"), rows.collect(), Vec::new())
    }
}

const COUNT: usize = 6;

fn any_edges() -> impl Strategy<Value = Vec<(usize, usize, EdgeKind)>> {
    let kind = prop::sample::select(&[EdgeKind::Blocker, EdgeKind::Blocker, EdgeKind::Parent][..]);
    prop::collection::vec((0..COUNT, 0..COUNT, kind), 1..25)
}

proptest! {
    #[test]
    fn accepted_edges_never_close_a_cycle_and_refused_ones_would(edges in any_edges()) {
        let mut naive = Naive::default();
        let start = naive.tracker(COUNT);
        let mut batch = EdgeCheck::new(&start);
        for (from, to, kind) in edges {
            let next = naive.with(from, to, kind);
            let alone = check_new_edge(&naive.tracker(COUNT), from, to, kind).is_ok();
            prop_assert_eq!(alone, !next.has_cycle(COUNT), "{} {} {:?}", from, to, kind);
            prop_assert_eq!(batch.add(from, to, kind).is_ok(), alone, "{} {} {:?}", from, to, kind);
            if alone {
                naive = next;
            }
        }
        let tracker = naive.tracker(COUNT);
        for at in 0..COUNT {
            prop_assert_eq!(tracker.graph().path(at, at), None);
        }
    }

    #[test]
    fn a_way_round_is_a_closed_walk(tracker in any_tracker(), from in 0usize..9, to in 0usize..9) {
        let (from, to) = (from % tracker.rows.len(), to % tracker.rows.len());
        for kind in [EdgeKind::Blocker, EdgeKind::Parent] {
            let Err(error) = check_new_edge(&tracker, from, to, kind) else { continue };
            let (_, way) = error.message().split_once(" of waiting: ").expect("the way round");
            let keys: Vec<&str> = way.split(" → ").collect();
            prop_assert!(keys.len() >= 2 && keys.first() == keys.last(), "{}", way);
            prop_assert!(keys.iter().all(|key| tracker.keys().resolve(key).is_ok()), "{}", way);
        }
    }
}
