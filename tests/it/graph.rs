//! Who waits for whom: cycles, chains and ancestors, against their definitions.

use std::collections::BTreeSet;

use proptest::prelude::*;
use quipu::model::{Front, Graph, IssueId, KeyIndex, Ref, Row, Rows, Settings, Timestamp};

fn issue_id(at: usize) -> IssueId {
    IssueId::from_parts(Timestamp::from_millis(1), at as u128)
}

/// Builds a graph of `count` issues from (issue, blocker) and (child, parent).
fn graph(count: usize, blocked: &[(usize, usize)], parents: &[(usize, usize)]) -> Graph {
    let mut rows: Vec<Row> = (0..count)
        .map(|at| Row {
            front: Front { id: issue_id(at), ..Front::default() },
            blob: Vec::new(),
            comments: 0,
        })
        .collect();
    for (issue, blocker) in blocked {
        rows[*issue].front.blocked_by.insert(Ref::Id(issue_id(*blocker)));
    }
    for (child, parent) in parents {
        rows[*child].front.parent = Some(Ref::Id(issue_id(*parent)));
    }
    let keys = KeyIndex::new(&Settings::new("web"), rows.iter().map(|r| (r.front.id, None::<String>)));
    Graph::new(&Rows::new(rows), &keys)
}

/// Lengths of the shortest walks of one step or more, from the definition of waiting.
fn distances(graph: &Graph, count: usize) -> Vec<Vec<Option<usize>>> {
    let mut found = vec![vec![None; count]; count];
    for (from, row) in found.iter_mut().enumerate() {
        let mut reached: BTreeSet<usize> = graph.waits_on(from).into_iter().collect();
        for length in 1..=count {
            reached.iter().for_each(|at| row[*at] = row[*at].or(Some(length)));
            reached = reached.iter().flat_map(|at| graph.waits_on(*at)).collect();
        }
    }
    found
}

fn is_walk(graph: &Graph, walk: &[usize]) -> bool {
    walk.windows(2).all(|pair| graph.waits_on(pair[0]).contains(&pair[1]))
}

const COUNT: usize = 7;

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn cycles_and_paths_are_what_they_are_called(
        blocked in prop::collection::vec((0..COUNT, 0..COUNT), 0..8),
        parents in prop::collection::vec((0..COUNT, 0..COUNT), 0..6),
    ) {
        let graph = graph(COUNT, &blocked, &parents);
        let distance = distances(&graph, COUNT);
        for (from, row) in distance.iter().enumerate() {
            for (to, length) in row.iter().enumerate() {
                let path = graph.path(from, to);
                prop_assert_eq!(path.as_ref().map(|p| p.len() - 1), *length);
                if let Some(path) = path {
                    prop_assert!(is_walk(&graph, &path) && path[0] == from && path.last() == Some(&to));
                }
            }
        }
        let together = |a: usize, b: usize| distance[a][b].is_some() && distance[b][a].is_some();
        let cycles = graph.cycles();
        for cycle in &cycles {
            let mut closed = cycle.clone();
            closed.push(cycle[0]);
            prop_assert!(is_walk(&graph, &closed), "{:?}", cycle);
            let group = (0..COUNT).filter(|at| together(cycle[0], *at));
            prop_assert_eq!(Some(cycle.len()), group.filter_map(|at| distance[at][at]).min());
            prop_assert_eq!(cycle.iter().min(), cycle.first());
        }
        for at in (0..COUNT).filter(|at| distance[*at][*at].is_some()) {
            prop_assert_eq!(cycles.iter().filter(|c| together(c[0], at)).count(), 1);
        }
        prop_assert!(cycles.is_sorted());
        prop_assert!(cycles.iter().all(|c| distance[c[0]][c[0]].is_some()));
    }

    #[test]
    fn ancestors_are_the_parents_of_parents(parents in prop::collection::vec((0..COUNT, 0..COUNT), 0..9)) {
        let graph = graph(COUNT, &[], &parents);
        for start in 0..COUNT {
            let mut expected = Vec::new();
            let mut at = graph.parent(start);
            while let Some(parent) = at.filter(|p| *p != start && !expected.contains(p)) {
                expected.push(parent);
                at = graph.parent(parent);
            }
            prop_assert_eq!(graph.ancestors(start), expected);
        }
    }
}

#[test]
fn long_chains_and_rings_end() {
    let count = 10_000;
    let chain: Vec<(usize, usize)> = (1..count).map(|at| (at - 1, at)).collect();
    let ring: Vec<(usize, usize)> = chain.iter().copied().chain([(count - 1, 0)]).collect();

    let blocked = graph(count, &chain, &[]);
    assert!(blocked.cycles().is_empty());
    assert_eq!(blocked.path(0, count - 1).expect("a chain").len(), count);
    assert_eq!(graph(count, &ring, &[]).cycles(), [(0..count).collect::<Vec<_>>()]);

    // Each level blocked by the one below its parent: the relation spelled out has fifty million pairs.
    let across: Vec<(usize, usize)> = (2..count).map(|at| (at, at - 2)).collect();
    let nested = graph(count, &across, &chain);
    assert_eq!(nested.ancestors(0).len(), count - 1);
    assert_eq!(nested.cycles().len(), 1);

    let parents = graph(count, &[], &ring);
    assert_eq!(parents.ancestors(5).len(), count - 1);
    assert_eq!(parents.cycles()[0].len(), count);
}

#[test]
fn an_issue_blocked_by_its_own_part_or_itself() {
    assert_eq!(graph(2, &[(0, 0)], &[]).cycles(), [[0]]);
    // A child that blocks its parent waits for itself through what it inherits.
    assert_eq!(graph(2, &[(0, 1)], &[(1, 0)]).cycles(), [[1]]);
    assert_eq!(graph(2, &[(1, 0)], &[(1, 0)]).cycles(), [[0, 1]]);
}
