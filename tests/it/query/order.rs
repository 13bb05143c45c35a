//! The orders of a listing.

use proptest::prelude::*;
use quipu::query::{SortKey, sort};

use super::build::{any_tracker, names, now, tracker};

#[track_caller]
fn check(key: &str, lines: &[&str], expected: &str, reversed: &str) {
    let tracker = tracker(lines);
    let key = SortKey::parse(key).expect("a sort key");
    for (reverse, expected) in [(false, expected), (true, reversed)] {
        let mut positions: Vec<usize> = (0..lines.len()).rev().collect();
        sort(&tracker, &mut positions, key, reverse, now());
        assert_eq!(names(&tracker, positions), expected, "{key:?}, reverse {reverse}");
    }
}

#[test]
fn each_key_has_its_direction() {
    check("priority", &["a p2", "b p0", "c p2"], "b a c", "a c b");
    check("created", &["a created-3", "b created-1", "c created-2"], "b c a", "a c b");
    check("oldest", &["a created-3", "b created-1", "c created-2"], "a c b", "b c a");
    check("updated", &["a updated-3", "b updated-1", "c updated-3"], "b a c", "a c b");
    check("closed", &["a closed-3", "b closed-1", "c"], "b a c", "a b c");
    check("due", &["a due+3", "b", "c due+1"], "c a b", "a c b");
    check("title", &["a title:beta", "b title:Alpha", "c title:alpha"], "b c a", "a b c");
    check("type", &["a !task", "b !bug"], "b a", "a b");
    check("assignee", &["a @zoe", "b", "c @al"], "c a b", "a c b");
    check("id", &["b", "c", "a"], "a b c", "c b a");
    check("status", &["a =pinned", "b =closed", "c =in_progress", "d"], "d c b a", "a b c d");
}

#[test]
fn hybrid_takes_the_recent_by_priority_and_the_others_by_age() {
    let lines = ["old created-9999 p0", "a created-20 p2", "b created-10 p1", "older created-99999 p4"];
    check("hybrid", &lines, "b a older old", "older old a b");
}

#[test]
fn ties_are_by_age_then_id() {
    check("priority", &["a created-1", "b created-2", "c created-2"], "b c a", "b c a");
}

#[test]
fn names_of_keys() {
    for (name, key) in SortKey::NAMES {
        assert_eq!(SortKey::parse(name).expect("a sort key"), key);
        assert_eq!(SortKey::parse(&name.to_uppercase()).expect("a sort key"), key);
    }
    assert_eq!(SortKey::parse("created_at").expect("a sort key"), SortKey::Created);
    assert_eq!(SortKey::parse("updated-at").expect("a sort key"), SortKey::Updated);
    let hint = |text: &str| SortKey::parse(text).expect_err("no sort key").remedy().map(str::to_owned);
    assert_eq!(hint("prioritiy").as_deref(), Some("use priority"));
    assert!(hint("colour").is_some_and(|h| h.starts_with("use one of priority, created")));
}

proptest! {
    #[test]
    fn sorting_keeps_every_issue_and_is_stable(
        tracker in any_tracker(),
        key in prop::sample::select(&SortKey::NAMES[..]),
        reverse in any::<bool>(),
    ) {
        let mut forward: Vec<usize> = (0..tracker.rows.len()).collect();
        let mut backward: Vec<usize> = forward.iter().rev().copied().collect();
        sort(&tracker, &mut forward, key.1, reverse, now());
        sort(&tracker, &mut backward, key.1, reverse, now());
        prop_assert_eq!(&forward, &backward);
        forward.sort_unstable();
        prop_assert!(forward.into_iter().eq(0..tracker.rows.len()));
    }
}
