//! The order of ready work, and what `claim --next` may take.

use std::collections::BTreeSet;

use proptest::prelude::*;
use quipu::model::{Settings, Tracker};
use quipu::query::{Filter, Readiness, UNBLOCK_LIMIT, next_candidates, ready_order};

use super::build::{any_tracker, id, names, now, plain, row, tracker};

/// Checks the order, written as `name:unblocks` and `~claim` where files overlap.
#[track_caller]
fn check(lines: &[&str], expected: &str) {
    let tracker = tracker(lines);
    let order = ready_order(&tracker, &Readiness::new(&tracker, now())).into_iter().map(|c| {
        let overlaps = c.overlaps.map(|at| format!("~{}", tracker.key(at))).unwrap_or_default();
        let unblocks = if c.unblocks > 0 { format!(":{}", c.unblocks) } else { String::new() };
        format!("{}{unblocks}{overlaps}", tracker.key(c.position))
    });
    assert_eq!(order.collect::<Vec<_>>().join(" "), expected);
}

/// Checks what alice may take.
#[track_caller]
fn check_next(lines: &[&str], expected: &str) {
    let tracker = tracker(lines);
    let readiness = Readiness::new(&tracker, now());
    let found = next_candidates(&tracker, &readiness, "alice", &Filter::default());
    assert_eq!(names(&tracker, found), expected);
}

#[test]
fn priority_then_unblocked_then_age() {
    check(&["a p2", "b p0", "c p1"], "b c a");
    check(&["a", "b", "c <b"], "b:1 a");
    check(&["a p1", "b p2", "c <b"], "a b:1");
    check(&["a created-1", "b created-9", "c created-5"], "b c a");
    check(&["a created-5", "b created-5"], "a b");
}

#[test]
fn unblocked_issues_are_counted_once_through_everything_that_inherits() {
    check(&["a", "b <a", "c <b", "d <a <c"], "a:3");
    check(&["a", "p <a", "c ^p", "d ^c", "e <d"], "a:4");
    check(&["a", "b <a =closed", "c <b"], "a c");
    check(&["a", "p <a =closed", "c ^p"], "a:1");
    check(&["a", "b <a =closed", "c ^b =closed", "d <c"], "a d");
    check(&["p", "a ^p"], "a");
}

#[test]
fn files_under_a_claim_come_last() {
    let claim = "x =in_progress @bob lease+10 ~src/auth/**";
    check(&["a p0 ~src/auth/login.rs", "b", claim], "b a~x");
    check(&["a ~src/auth", "b ~src/db/**", claim], "b a~x");
    check(&["a ~src/auth/login.rs", "x =in_progress @bob lease-10 ~src/auth/**"], "a x");
    check(&["a ~src/auth/login.rs", "x =in_progress @bob updated-2000 ~src/**"], "a");
    check(&["a ~src/auth/login.rs", "x =in_progress @bob ~src/**"], "a~x");
}

#[test]
fn next_leaves_plans_of_others_and_files_under_claims() {
    check_next(&["a @bob", "b @alice", "c"], "b c");
    check_next(&["a =in_progress @bob lease-10", "b =in_progress @bob lease+10"], "a");
    check_next(&["a =in_progress @bob updated-2000"], "");
    check_next(&["a ~src/x", "b", "c =in_progress @bob lease+9 ~src"], "b");
}

#[test]
fn next_takes_filters() {
    let tracker = tracker(&["a #ui", "b #db"]);
    let filter = Filter { labels: BTreeSet::from(["db".to_owned()]), ..Filter::default() };
    let found = next_candidates(&tracker, &Readiness::new(&tracker, now()), "alice", &filter);
    assert_eq!(names(&tracker, found), "b");
}

#[test]
fn a_long_chain_behind_many_candidates_is_counted_up_to_the_limit() {
    let (heads, links) = (3_000, 20_000);
    let rows = (0..heads + links).map(|n| {
        let mut front = plain(n, &format!("k{n}"));
        match n.checked_sub(heads) {
            None => {}
            Some(0) => front.blocked_by.extend((0..heads).map(|head| id(head).into())),
            Some(_) => drop(front.blocked_by.insert(id(n - 1).into())),
        }
        row(front)
    });
    let tracker = Tracker::new(Settings::new("t"), rows.collect(), Vec::new());
    let order = ready_order(&tracker, &Readiness::new(&tracker, now()));
    assert_eq!(order.len(), heads);
    assert!(order.iter().all(|c| c.unblocks == UNBLOCK_LIMIT));
}

/// What is open and waits for `start`, by following the rules until nothing is added.
fn naively_unblocks(tracker: &Tracker, start: usize) -> usize {
    let graph = tracker.graph();
    let open = |at: usize| !tracker.front(at).status.is_closed();
    let mut reached: BTreeSet<usize> = graph.dependents(start).collect();
    loop {
        let mut more = reached.clone();
        for at in &reached {
            more.extend(graph.children(*at));
            more.extend(graph.dependents(*at).filter(|_| open(*at)));
        }
        if more == reached {
            return reached.into_iter().filter(|at| *at != start && open(*at)).count();
        }
        reached = more;
    }
}

proptest! {
    #[test]
    fn unblocks_counts_what_waits(tracker in any_tracker()) {
        let readiness = Readiness::new(&tracker, now());
        for candidate in ready_order(&tracker, &readiness) {
            prop_assert_eq!(candidate.unblocks, naively_unblocks(&tracker, candidate.position));
        }
    }

    #[test]
    fn the_order_holds_exactly_the_ready(tracker in any_tracker()) {
        let readiness = Readiness::new(&tracker, now());
        let mut ordered: Vec<usize> = ready_order(&tracker, &readiness).iter().map(|c| c.position).collect();
        ordered.sort_unstable();
        prop_assert_eq!(ordered, readiness.ready().collect::<Vec<_>>());
    }
}
