//! The order in which issues can be done.

use proptest::prelude::*;
use quipu::query::layers;

use super::build::{any_tracker, names, tracker};

#[track_caller]
fn check(lines: &[&str], expected: &str, circular: &str) {
    let tracker = tracker(lines);
    let positions: Vec<usize> = (0..lines.len()).collect();
    let found = layers(&tracker, &positions);
    let shown: Vec<String> =
        found.layers.iter().map(|layer| names(&tracker, layer.iter().copied())).collect();
    assert_eq!(shown.join(" | "), expected);
    assert_eq!(names(&tracker, found.circular), circular);
}

#[test]
fn blockers_containers_and_what_is_inherited() {
    check(&["a", "b <a", "c <b", "d <a"], "a | b d | c", "");
    // A container waits for its parts, and these for what it is blocked by.
    check(&["p <x", "c ^p", "x"], "x | c | p", "");
    check(&["a <b", "b <a", "c <a", "d"], "d", "a b c");
    check(&["a <a"], "", "a");
    check(&["a <gone"], "a", "");
    check(&[], "", "");
}

proptest! {
    #[test]
    fn each_layer_waits_for_those_before_it(tracker in any_tracker()) {
        let positions: Vec<usize> = (0..tracker.rows.len()).rev().collect();
        let found = layers(&tracker, &positions);
        let layer_of = |at: usize| found.layers.iter().position(|layer| layer.contains(&at));
        let mut all: Vec<usize> = found.layers.iter().flatten().chain(&found.circular).copied().collect();
        all.sort_unstable();
        prop_assert_eq!(all, (0..tracker.rows.len()).collect::<Vec<_>>());
        for at in positions {
            let waits = tracker.graph().waits_on(at);
            match layer_of(at) {
                Some(number) => {
                    let last = waits.iter().map(|other| layer_of(*other).expect("it can be done")).max();
                    prop_assert_eq!(last.map_or(0, |last| last + 1), number);
                }
                None => prop_assert!(waits.iter().any(|other| layer_of(*other).is_none())),
            }
        }
    }
}
