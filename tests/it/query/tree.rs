//! Dependency trees, explanations and issues under their parents.

use std::collections::BTreeSet;

use proptest::prelude::*;
use quipu::model::{Settings, Tracker};
use quipu::query::{Direction, Edge, Mark, Node, Readiness, TreeOptions, dependency_tree, forest, why};

use super::build::{any_tracker, at, id, names, now, plain, row, tracker};

/// Writes a node as its depth in dots, why it stands there, and its mark.
fn line(tracker: &Tracker, depth: usize, position: usize, edge: Option<Edge>, mark: Mark) -> String {
    let edge = match edge {
        None => String::new(),
        Some(Edge::Blocker) => "<".to_owned(),
        Some(Edge::Inherited { ancestor }) => format!("({})<", tracker.key(ancestor)),
        Some(Edge::Child) => "/".to_owned(),
        Some(Edge::Dependent) => ">".to_owned(),
        Some(Edge::WaitsWith) => "&".to_owned(),
        Some(Edge::Container) => "^".to_owned(),
    };
    let mark = match mark {
        Mark::Plain => "",
        Mark::Repeated => "*",
        Mark::Cycle => "!",
        Mark::Cut => "…",
    };
    format!("{}{edge}{}{mark}", ".".repeat(depth), tracker.key(position))
}

fn draw(tracker: &Tracker, nodes: &[Node]) -> String {
    let lines = nodes.iter().map(|n| line(tracker, n.depth, n.position, n.above.map(|(_, e)| e), n.mark));
    lines.collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn check(lines: &[&str], options: TreeOptions, expected: &str) {
    let tracker = tracker(lines);
    let tree = dependency_tree(&tracker, 0, options);
    let parts = [tree.down, tree.up].map(|nodes| draw(&tracker, &nodes));
    assert_eq!(parts.iter().filter(|p| !p.is_empty()).cloned().collect::<Vec<_>>().join(" | "), expected);
}

fn down() -> TreeOptions {
    TreeOptions::default()
}

fn up() -> TreeOptions {
    TreeOptions { direction: Direction::Up, ..down() }
}

#[test]
fn down_is_what_it_waits_for() {
    check(&["a"], down(), "a");
    check(&["a <b <c", "b <d", "c", "d"], down(), "a .<b ..<d .<c");
    check(&["a", "c ^a <d", "d"], down(), "a ./c ..<d");
    check(&["a ^p", "p <b ^q", "b", "q <c", "c"], down(), "a .(p)<b .(q)<c");
    check(&["a <gone"], down(), "a");
}

#[test]
fn a_part_leaves_out_what_its_container_shows() {
    check(&["a <b", "b", "c ^a"], down(), "a .<b ./c");
}

#[test]
fn repeated_nodes_and_cycles_are_marked() {
    check(&["a <b <c", "b <d", "c <d", "d <e", "e"], down(), "a .<b ..<d ...<e .<c ..<d*");
    check(&["a <b", "b <a"], down(), "a .<b ..<a!");
    check(&["a <a"], down(), "a .<a!");
}

#[test]
fn depth_and_closed_issues_can_be_left_out() {
    let lines = ["a <b", "b <c", "c <d", "d"];
    check(&lines, TreeOptions { max_depth: 0, ..down() }, "a…");
    check(&lines, TreeOptions { max_depth: 2, ..down() }, "a .<b ..<c…");
    check(&lines, TreeOptions { max_depth: 3, ..down() }, "a .<b ..<c ...<d");
    check(&["a <b <c", "b =closed <d", "c", "d"], TreeOptions { open_only: true, ..down() }, "a .<c");
    // What was cut is shown where there is room for it.
    let lines = ["a <b <d", "b <c", "c <d", "d <e", "e"];
    check(&lines, TreeOptions { max_depth: 3, ..down() }, "a .<b ..<c ...<d… .<d ..<e");
}

#[test]
fn up_is_what_waits_for_it() {
    check(&["a", "b <a", "c <b"], up(), "a .>b ..>c");
    check(&["a", "p <a", "c ^p", "d ^c"], up(), "a .>p ..&c ...&d");
    check(&["a ^p", "p", "b ^p", "c <p"], up(), "a .^p ..>c");
    check(&["a", "b =closed <a"], TreeOptions { open_only: true, ..up() }, "a");
    check(&["a ^p", "p", "b ^p", "c <a", "d ^c", "p2 <c"], up(), "a .>c ..>p2 ..&d .^p");
}

#[test]
fn a_container_does_not_stand_for_the_same_issue_that_waits() {
    let lines = ["a ^p", "p <b", "b <a", "c ^p"];
    check(&lines, up(), "a .>b ..>p ...&a! ...&c .^p");
}

#[test]
fn both_is_one_after_the_other() {
    check(&["a <b", "b", "c <a"], TreeOptions { direction: Direction::Both, ..down() }, "a .<b | a .>c");
}

#[track_caller]
fn check_why(lines: &[&str], reasons: &str, expected: &str, workable: &str) {
    let tracker = tracker(lines);
    let answer = why(&tracker, &Readiness::new(&tracker, now()), 0);
    assert_eq!(answer.reasons.join(" | "), reasons);
    let lines = (answer.nodes.iter())
        .map(|n| line(&tracker, n.depth, n.position, n.above.map(|(_, e)| e), n.mark) + ":" + n.state.name());
    assert_eq!(lines.collect::<Vec<_>>().join(" "), expected);
    assert_eq!(names(&tracker, answer.workable), workable);
}

#[test]
fn why_leads_down_to_what_can_be_worked_on() {
    check_why(&["a"], "ready", "a:ready", "a");
    check_why(
        &["a <b <c", "b <d", "c =closed <e", "d", "e"],
        r#"blocked by b "b" (open)"#,
        "a:blocked .<b:blocked ..<d:ready",
        "d",
    );
    check_why(
        &["a <b", "b", "c ^b", "d ^b =in_progress @bob"],
        r#"blocked by b "b" (open)"#,
        "a:blocked .<b:container ../c:ready ../d:claimed",
        "c",
    );
    check_why(
        &["a ^p", "p <b", "b"],
        r#"waits with its parent p, which is blocked by b "b" (open)"#,
        "a:blocked .(p)<b:ready",
        "b",
    );
    check_why(&["a <b", "b <a"], r#"blocked by b "b" (open)"#, "a:blocked .<b:blocked ..<a!:blocked", "");
    check_why(&["a =closed <b", "b"], "closed", "a:closed", "");
    check_why(
        &["a =deferred <b", "b"],
        r#"deferred without a date | blocked by b "b" (open)"#,
        "a:deferred .<b:ready",
        "b",
    );
}

#[test]
fn a_long_chain_is_explained_without_recursion() {
    let count = 20_000;
    let rows = (0..count).map(|n| {
        let mut front = plain(n, &format!("k{n}"));
        front.blocked_by.insert(id(n + 1).into());
        row(front)
    });
    let tracker = Tracker::new(Settings::new("t"), rows.collect(), Vec::new());
    let answer = why(&tracker, &Readiness::new(&tracker, now()), 0);
    assert_eq!((answer.nodes.len(), answer.workable), (count, vec![count - 1]));
}

#[track_caller]
fn check_forest(lines: &[&str], shown: &str, expected: &str) {
    let tracker = tracker(lines);
    let positions: Vec<usize> = shown.split(' ').map(|name| at(&tracker, name)).collect();
    assert_eq!(draw(&tracker, &forest(&tracker, &positions)), expected);
}

#[test]
fn issues_stand_under_their_parents() {
    check_forest(&["a", "b ^a", "c ^b", "d"], "a b c d", "a ./b ../c d");
    check_forest(&["a", "b ^a", "c ^b", "d ^a"], "d c b a", "a ./d ./b ../c");
    check_forest(&["a", "b ^a", "c ^b"], "a c", "a c");
    check_forest(&["a ^b", "b ^a", "c ^b"], "c a b", "c a ./b");
    check_forest(&["a ^a"], "a", "a");
}

proptest! {
    #[test]
    fn a_forest_shows_every_issue_once(tracker in any_tracker()) {
        let positions: Vec<usize> = (0..tracker.rows.len()).rev().collect();
        let mut shown: Vec<usize> = forest(&tracker, &positions).iter().map(|n| n.position).collect();
        shown.sort_unstable();
        prop_assert!(shown.into_iter().eq(0..tracker.rows.len()));
    }

    #[test]
    fn the_tree_down_reaches_whatever_is_waited_for(tracker in any_tracker()) {
        for root in 0..tracker.rows.len() {
            let shown: BTreeSet<usize> =
                dependency_tree(&tracker, root, down()).down.iter().map(|n| n.position).collect();
            for other in (0..tracker.rows.len()).filter(|o| *o != root) {
                let waits = tracker.graph().path(root, other).is_some();
                prop_assert_eq!(shown.contains(&other), waits, "{} and {}", root, other);
            }
        }
    }

    #[test]
    fn the_tree_up_is_the_tree_down_from_the_other_side(tracker in any_tracker()) {
        // A cycle is cut where it closes, so what only inherits through the closing issue is not shown.
        if (0..tracker.rows.len()).any(|at| tracker.graph().path(at, at).is_some()) {
            return Ok(());
        }
        for root in 0..tracker.rows.len() {
            let shown: BTreeSet<usize> =
                dependency_tree(&tracker, root, up()).up.iter().map(|n| n.position).collect();
            for other in (0..tracker.rows.len()).filter(|o| *o != root) {
                let waits = tracker.graph().path(other, root).is_some();
                prop_assert_eq!(shown.contains(&other), waits, "{} and {}", root, other);
            }
        }
    }

    #[test]
    fn why_finds_work_wherever_there_is_some_below(tracker in any_tracker()) {
        let readiness = Readiness::new(&tracker, now());
        for root in 0..tracker.rows.len() {
            let answer = why(&tracker, &readiness, root);
            prop_assert_eq!(answer.nodes[0].position, root);
            prop_assert!(!answer.reasons.is_empty());
            prop_assert!(answer.workable.iter().all(|at| readiness.state(*at).is_ready()));
        }
    }
}
