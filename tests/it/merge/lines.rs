//! Texts, line by line: what both sides did to them, together.

use quipu::merge::{Side, three_way, three_way_with};

use super::issue;

/// Merges descriptions, ours being the later; `/` ends a line. No result is a conflict.
#[track_caller]
fn texts(base: &str, ours: &str, theirs: &str, expect: Option<&str>) {
    let lines = |text: &str| text.replace('/', "\n");
    for end in ["\n", "\r\n"] {
        let with = |text: &str| {
            let mut found = issue("", "");
            found.body.description = lines(text).replace('\n', end);
            found
        };
        let merged = three_way(Some(&with(base)), &with(ours), &with(theirs));
        let found = merged.conflicts.is_empty().then_some(merged.issue.body.description);
        assert_eq!(found, expect.map(|text| lines(text).replace('\n', end)), "line end {end:?}");
        // The other way round, with the same answers, it is the same.
        let swapped = three_way_with(Some(&with(base)), &with(theirs), &with(ours), |_| Side::Theirs);
        if let Some(found) = found {
            assert_eq!(swapped.issue.body.description, found);
        }
    }
}

#[test]
fn texts_merge_line_by_line() {
    texts("a/b/c", "A/b/c", "a/b/C", Some("A/b/C"));
    texts("a/b/c", "A/b/c", "a/B/c", Some("A/B/c"));
    texts("a/b/c", "b/c", "a/b/c/d", Some("b/c/d"));
    texts("a/b/c", "a/B/c", "a/B/c/d", Some("a/B/c/d"));
    texts("a/b/c", "a/B/c", "a/X/c", None);
    texts("a/b/c", "a/c", "a/X/c", None);
    texts("a/b/c", "", "a/b/X", None);
    // An insertion in the middle of what the other one replaced.
    texts("a/b/c/d", "a/X/d", "a/b/new/c/d", None);
}

#[test]
fn insertions_at_the_same_place_are_both_kept_the_earlier_first() {
    texts("a", "a/mine", "a/yours", Some("a/yours/mine"));
    texts("a/b", "a/mine/b", "a/yours/1/b", Some("a/yours/1/mine/b"));
    texts("a", "mine/a", "yours/a", Some("yours/mine/a"));
    texts("a", "a/same", "a/same", Some("a/same"));
    texts("", "mine", "yours/2", Some("yours/2//mine"));
    texts("a/b/c", "mine/a/b/c/mine", "yours/a/b/c/yours", Some("yours/mine/a/b/c/yours/mine"));
    // Beside what the other one replaced.
    texts("a/b/c", "a/new/b/c", "a/B/c", Some("a/new/B/c"));
    texts("a/b/c", "a/b/new/c", "a/B/c", Some("a/B/new/c"));
}

#[test]
fn ticks_are_merged_by_their_own() {
    let list = "- [ ] one/- [ ] two/- [ ] three";
    texts(list, "- [x] one/- [ ] two/- [ ] three", "- [ ] one/- [x] two/- [ ] three", {
        Some("- [x] one/- [x] two/- [ ] three")
    });
    texts(list, "- [x] one/- [ ] two/- [ ] three", "- [x] one/- [ ] two/- [ ] three/- [ ] four", {
        Some("- [x] one/- [ ] two/- [ ] three/- [ ] four")
    });
    texts("1. [x] one/2. [x] two", "1. [ ] one/2. [x] two", "1. [x] one/2. [ ] two", {
        Some("1. [ ] one/2. [ ] two")
    });
    texts(list, "- [x] one/- [ ] new/- [ ] two/- [ ] three", "- [ ] one/- [x] two/- [ ] three", {
        Some("- [x] one/- [ ] new/- [x] two/- [ ] three")
    });
    // Both have the same new entry: it begins without a tick, so the one who ticked it has changed it.
    texts(list, &format!("{list}/- [x] four"), &format!("{list}/- [ ] four"), {
        Some("- [ ] one/- [ ] two/- [ ] three/- [x] four")
    });
    texts("", "- [ ] one/- [X] two", "- [x] one/- [ ] two", Some("- [x] one/- [X] two"));
    texts("- [x] old", "- [ ] new", "- [x] new", Some("- [x] new"));
    // Another letter is no other tick: who took it away has changed it.
    texts("- [x] one/end", "- [X] one/end", "- [ ] one/end", Some("- [ ] one/end"));
    texts("- [ ] one/end", "- [X] one/end", "- [x] one/end", Some("- [x] one/end"));
    // One side rewrote, or removed, the line that the other one ticked.
    texts(list, "- [ ] one and a half/- [ ] two/- [ ] three", "- [x] one/- [ ] two/- [ ] three", None);
    texts(list, "- [ ] two/- [ ] three", "- [x] one/- [ ] two/- [ ] three", None);
    texts("[ ] no list/end", "[x] no list/end", "[X] no list/end", None);
}

#[test]
fn line_ends_that_differ_are_kept() {
    let with = |text: &str| {
        let mut found = issue("", "");
        text.clone_into(&mut found.body.description);
        found
    };
    let [base, ours, theirs] = ["a\nb\nc", "a\r\nb\r\nc", "a\nb\nc\nd"].map(with);
    let merged = three_way(Some(&base), &ours, &theirs);
    assert_eq!(merged.issue.body.description, "a\r\nb\r\nc\nd");
    let [base, ours, theirs] = ["a\r\nb\nc", "a\r\nb\nC", "A\r\nb\nc"].map(with);
    let merged = three_way(Some(&base), &ours, &theirs);
    assert_eq!(merged.issue.body.description, "A\r\nb\nC");
}
