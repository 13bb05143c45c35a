//! The three-way merge of issues: each rule in one line, and laws that hold for any three versions.

mod parts;

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use quipu::merge::{FieldConflict, Side, TakenBack, take_back, three_way, three_way_with};
use quipu::model::{
    Body, Comment, FIELDS, Front, Issue, IssueId, Link, Priority, RawSection, Ref, Rule, Status, Timestamp,
};

const ID: &str = "01kfn6tfn3n7h5b39ztztw7k2m";

/// An issue from lines of front matter and a body.
fn issue(front: &str, body: &str) -> Issue {
    let front = if front.contains("title:") { front.to_owned() } else { format!("title: t\n{front}") };
    let text = format!("---\n{}\n---\n{body}", front.trim());
    Issue::read(text.as_bytes(), IssueId::parse(ID)).unwrap_or_else(|e| panic!("{e:?}: {text}"))
}

/// Merges front matters and expects a result without conflict.
#[track_caller]
fn check(base: &str, ours: &str, theirs: &str, expect: &str) {
    let merged = three_way(Some(&issue(base, "")), &issue(ours, ""), &issue(theirs, ""));
    assert_eq!(merged.conflicts, []);
    assert_eq!(merged.issue.write(), issue(expect, "").write());
}

/// Merges front matters and expects ours to stay, and one conflict.
#[track_caller]
fn conflict(base: &str, ours: &str, theirs: &str, field: &str, values: [&str; 2]) {
    let merged = three_way(Some(&issue(base, "")), &issue(ours, ""), &issue(theirs, ""));
    let text = |value: &str| (!value.is_empty()).then(|| value.to_owned());
    let [a, b] = values.map(text);
    assert_eq!(
        merged.conflicts,
        [FieldConflict { field: field.to_owned(), ours: a, theirs: b, kept: Side::Ours }]
    );
    assert_eq!(merged.issue.write(), issue(ours, "").write());
}

/// Merges bodies; a conflict is shown by its name below the result.
#[track_caller]
fn bodies(base: &str, ours: &str, theirs: &str, expect: &str) {
    let merged = three_way(Some(&issue("", base)), &issue("", ours), &issue("", theirs));
    let mut text = merged.issue.body.to_text();
    for conflict in merged.conflicts {
        text.push_str(&format!("! {}\n", conflict.field));
    }
    assert_eq!(text, expect);
}

#[test]
fn single_fields() {
    check("title: a", "title: b", "title: a", "title: b");
    check("title: a", "title: a", "title: b", "title: b");
    check("title: a", "title: b", "title: b", "title: b");
    conflict("title: a", "title: b", "title: c", "title", ["b", "c"]);
    check("priority: 2", "priority: 1", "type: bug", "priority: 1\ntype: bug");
    check("spec: s", "", "spec: s", "");
    conflict("spec: s", "", "spec: t", "spec", ["", "t"]);
    conflict("spec: s", "spec: \"1\"", "", "spec", ["\"1\"", ""]);
}

#[test]
fn the_state_is_one_value() {
    let closed = "status: closed\nclosed_at: 2026-01-08T00:00:00.000Z\nclosed_by: alice";
    let claimed = "status: in_progress\nassignee: bob\nclaimed_at: 2026-01-08T00:00:00.000Z";
    check("", closed, "", closed);
    check("", "", claimed, claimed);
    check("", closed, "title: u", &format!("title: u\n{closed}"));
    // Each field alone would give a closed issue with a live claim.
    conflict("", closed, claimed, "state", [&format!("{closed}\n"), &format!("{claimed}\n")]);
}

#[test]
fn fixed_fields_keep_the_base() {
    let at =
        |year: &str| format!("created_at: {year}-01-01T00:00:00.000Z\nupdated_at: 2029-01-01T00:00:00.000Z");
    check(&at("2024"), &at("2025"), &at("2023"), &at("2024"));
    check("created_by: a", "created_by: b", "created_by: b", "created_by: a");
    let merged = three_way(None, &issue(&at("2025"), ""), &issue(&at("2023"), ""));
    assert_eq!(merged.issue.write(), issue(&at("2023"), "").write());
    let merged = three_way(None, &issue("created_by: b", ""), &issue("", ""));
    assert_eq!(merged.issue.front.created_by.as_deref(), Some("b"));
}

#[test]
fn the_clock_takes_the_greater() {
    let at = |year: &str| format!("updated_at: {year}-01-01T00:00:00.000Z");
    check(&at("2026"), &at("2027"), &at("2028"), &at("2028"));
    check(&at("2026"), &at("2028"), &at("2027"), &at("2028"));
}

#[test]
fn sets_add_and_remove() {
    check("labels: [a, b]", "labels: [a, c]", "labels: [a, b, d]", "labels: [a, c, d]");
    check("labels: [a]", "", "", "");
    check("labels: [a]", "", "labels: [a, b]", "labels: [b]");
    check("", "labels: [a]", "labels: [a]", "labels: [a]");
    check(
        "blocked_by: [web-1]",
        "blocked_by: [web-2]",
        "blocked_by: [web-1, web-3]",
        "blocked_by: [web-2, web-3]",
    );
    let link = |id: &str| format!("links: [{{type: tracks, id: {id}}}]");
    check(&link("a"), "", &link("a"), "");
    check(&link("a"), &link("b"), &link("a"), &link("b"));
}

#[test]
fn metadata_and_unknown_keys_merge_each_alone() {
    check("metadata: {a: 1}", "metadata: {a: 1, b: 2}", "metadata: {a: 3}", "metadata: {a: 3, b: 2}");
    conflict("metadata: {a: 1}", "metadata: {a: 2}", "metadata: {a: 3}", "metadata.a", ["2", "3"]);
    conflict("metadata: {a: 1}", "", "metadata: {a: 3}", "metadata.a", ["", "3"]);
    check("x-a: 1\nx-b: 1", "x-a: 2\nx-b: 1", "x-a: 1", "x-a: 2");
    conflict("x-a: 1", "x-a: 2", "x-a: 3", "x-a", ["x-a: 2\n", "x-a: 3\n"]);
}

#[test]
fn sections_merge_each_alone() {
    bodies("a\n", "b\n", "a\n", "b\n");
    bodies("a\n", "a\n\n<!-- qp:notes -->\nn\n", "b\n", "b\n\n<!-- qp:notes -->\n## Notes\n\nn\n");
    bodies("a\n", "b\n", "c\n", "b\n! description\n");
    bodies(
        "",
        "<!-- qp:design -->\nd\n",
        "<!-- qp:design -->\ne\n",
        "<!-- qp:design -->\n## Design\n\nd\n! design\n",
    );
    bodies("a\n", "", "a\n", "");
}

#[test]
fn unknown_sections_merge_by_marker() {
    let own = |texts: &[(&str, &str)]| -> String {
        let section = |(name, text): &(&str, &str)| format!("<!-- qp:x-{name} -->\n{text}\n");
        texts.iter().map(section).collect::<Vec<_>>().join("\n")
    };
    let base = own(&[("a", "1")]);
    bodies(&base, &own(&[("a", "2")]), &own(&[("a", "1"), ("b", "3")]), &own(&[("a", "2"), ("b", "3")]));
    bodies(&base, "", &own(&[("a", "1"), ("b", "3")]), &own(&[("b", "3")]));
    bodies(&base, &own(&[("a", "2")]), &own(&[("a", "3")]), &(own(&[("a", "2")]) + "! <!-- qp:x-a -->\n"));
}

/// A thread of comments: (number of its ULID, text).
fn thread(comments: &[(u32, &str)]) -> String {
    let comment = |(number, text): &(u32, &str)| {
        format!(
            "<!-- qp:comment id=01kfn6tfn3n7h5b39ztztw7k{number:02} at=2026-01-08T15:00:{number:02}.000Z by=a -->\n{text}\n"
        )
    };
    comments.iter().map(comment).collect::<Vec<_>>().join("\n")
}

#[test]
fn comments_merge_by_ulid() {
    let base = thread(&[(2, "b"), (3, "c")]);
    let all = [(1, "a"), (2, "b"), (3, "c"), (4, "d")];
    bodies(&base, &thread(&all[1..]), &thread(&all[..3]), &thread(&all));
    bodies(&base, &thread(&[(2, "b")]), &base, &thread(&[(2, "b")]));
    bodies(&base, &thread(&[(3, "c")]), &thread(&[(2, "b")]), "");
    bodies(
        &base,
        &thread(&[(2, "b"), (3, "e")]),
        &thread(&[(2, "f"), (3, "c")]),
        &thread(&[(2, "f"), (3, "e")]),
    );
    let edited = thread(&[(2, "x"), (3, "c")]) + "! comment:01kfn6tfn3n7h5b39ztztw7k02\n";
    bodies(&base, &thread(&[(2, "x"), (3, "c")]), &thread(&[(2, "y"), (3, "c")]), &edited);
    let removed = thread(&[(3, "c")]) + "! comment:01kfn6tfn3n7h5b39ztztw7k02\n";
    bodies(&base, &thread(&[(3, "c")]), &thread(&[(2, "y"), (3, "c")]), &removed);
}

#[test]
fn without_a_base_additions_of_both_stay() {
    let ours = issue("labels: [a]\nspec: s\nmetadata: {a: 1}", &thread(&[(1, "a")]));
    let theirs = issue("labels: [b]\nestimate_minutes: 5\nmetadata: {b: 1}", &thread(&[(2, "b")]));
    let both = issue(
        "labels: [a, b]\nspec: s\nestimate_minutes: 5\nmetadata: {a: 1, b: 1}",
        &thread(&[(1, "a"), (2, "b")]),
    );
    let merged = three_way(None, &ours, &theirs);
    assert_eq!(merged.conflicts, []);
    assert_eq!(merged.issue.write(), both.write());
    let merged = three_way(None, &issue("title: a", ""), &issue("title: b", ""));
    assert_eq!(merged.conflicts.len(), 1);
}

#[test]
fn the_caller_decides_each_conflict() {
    let side = |name: &str| if name == "title" { Side::Theirs } else { Side::Ours };
    let [base, ours, theirs] =
        ["title: a\nspec: a", "title: b\nspec: b", "title: c\nspec: c"].map(|f| issue(f, ""));
    let merged = three_way_with(Some(&base), &ours, &theirs, side);
    assert_eq!(merged.issue.write(), issue("title: c\nspec: b", "").write());
    assert_eq!(merged.conflicts.len(), 2);
}

fn text() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["a", "b", "c"]).prop_map(str::to_owned)
}

fn some_text() -> impl Strategy<Value = Option<String>> {
    prop::option::of(text())
}

fn some_time() -> impl Strategy<Value = Option<Timestamp>> {
    prop::option::of((1..4_i64).prop_map(Timestamp::from_millis))
}

fn number() -> impl Strategy<Value = IssueId> {
    (1..4_u128).prop_map(|n| IssueId::from_parts(Timestamp::from_millis(n as i64), n))
}

fn refs() -> impl Strategy<Value = BTreeSet<Ref>> {
    prop::collection::btree_set(number().prop_map(Ref::Id), 0..3)
}

fn texts() -> impl Strategy<Value = BTreeSet<String>> {
    prop::collection::btree_set(text(), 0..3)
}

fn entries() -> impl Strategy<Value = BTreeMap<String, String>> {
    prop::collection::btree_map(text(), text(), 0..3)
}

fn states() -> impl Strategy<Value = Front> {
    let status = prop::sample::select(Status::KNOWN.to_vec());
    (status, some_text(), some_time(), some_time(), some_text()).prop_map(
        |(status, assignee, claimed_at, closed_at, close_reason)| Front {
            status,
            assignee,
            claimed_at,
            closed_at,
            close_reason,
            ..Front::default()
        },
    )
}

fn fronts() -> impl Strategy<Value = Front> {
    let singles = (text(), text(), 0..5_u8, some_text(), some_time(), prop::option::of(number()), 1..9_i64);
    let sets = (texts(), refs(), refs(), texts(), entries(), entries());
    (states(), singles, sets).prop_map(|(state, single, set)| {
        let (title, kind, priority, spec, due_at, parent, updated_at) = single;
        let (labels, blocked_by, related, paths, metadata, extra) = set;
        let links = related.iter().map(|target| Link { kind: "tracks".into(), target: target.clone() });
        Front {
            id: IssueId::parse(ID).expect("a ULID"),
            title,
            kind,
            priority: Priority::new(priority).expect("0 to 4"),
            spec,
            due_at,
            parent: parent.map(Ref::Id),
            created_at: Timestamp::from_millis(1),
            created_by: Some("alice".into()),
            updated_at: Timestamp::from_millis(updated_at),
            labels,
            blocked_by,
            links: links.collect(),
            paths,
            metadata,
            extra: extra.into_iter().map(|(k, v)| (format!("x-{k}"), format!("x-{k}: {v}\n"))).collect(),
            ..state
        }
    })
}

fn issues() -> impl Strategy<Value = Issue> {
    let maybe = || prop::sample::select(vec!["", "a", "b"]).prop_map(str::to_owned);
    let comments = prop::collection::btree_map(number(), text(), 0..3);
    let unknown = prop::collection::vec((text(), text()), 0..3);
    (fronts(), maybe(), maybe(), comments, unknown).prop_map(
        |(front, description, notes, comments, unknown)| {
            let comments = comments.into_iter().map(|(id, text)| Comment {
                id,
                at: id.created_at(),
                by: "a".into(),
                text,
            });
            let unknown = unknown
                .into_iter()
                .map(|(name, text)| RawSection { marker: format!("<!-- qp:x-{name} -->"), text });
            let body = Body {
                description,
                notes,
                comments: comments.collect(),
                unknown: unknown.collect(),
                ..Body::default()
            };
            Issue { front, body }
        },
    )
}

/// The same issue, last changed not before `base`: the clock only ever moves forward.
fn after(base: &Issue, mut issue: Issue) -> Issue {
    issue.front.updated_at = issue.front.updated_at.max(base.front.updated_at);
    issue
}

/// Everything an issue says, each value alone: what a merge may choose from.
fn values(issue: &Issue) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut state = String::new();
    for field in FIELDS {
        let value = field.get(&issue.front);
        match field.rule {
            Rule::State => state.push_str(&format!("{value:?}")),
            Rule::Set | Rule::Entries => {}
            _ => drop(found.insert(format!("{}={value:?}", field.key))),
        }
    }
    found.insert(state);
    let front = &issue.front;
    found.extend(front.labels.iter().map(|v| format!("label {v}")));
    found.extend(front.paths.iter().map(|v| format!("path {v}")));
    found.extend(front.references().iter().map(|(kind, v)| format!("{kind} {v}")));
    found.extend(front.metadata.iter().map(|v| format!("metadata {v:?}")));
    found.extend(front.extra.iter().map(|v| format!("extra {v:?}")));
    found.insert(format!("description {}", issue.body.description));
    found.insert(format!("notes {}", issue.body.notes));
    found.extend(issue.body.comments.iter().map(|c| format!("{c:?}")));
    found.extend(issue.body.unknown.iter().map(|s| format!("{s:?}")));
    found
}

proptest! {
    #[test]
    fn what_one_side_changed_is_taken(base in issues(), x in issues()) {
        let x = after(&base, x);
        for merged in [three_way(Some(&base), &x, &base), three_way(Some(&base), &base, &x), three_way(Some(&base), &x, &x)] {
            prop_assert_eq!(&merged.issue, &x);
            prop_assert_eq!(merged.conflicts, []);
        }
        prop_assert_eq!(three_way(None, &x, &x).issue, x);
    }

    #[test]
    fn exchanging_the_sides_changes_nothing_but_the_preference(base in issues(), x in issues(), y in issues()) {
        let mut one = three_way_with(Some(&base), &x, &y, |_| Side::Ours);
        let mut other = three_way_with(Some(&base), &y, &x, |_| Side::Theirs);
        for merged in [&mut one, &mut other] {
            merged.issue.body.unknown.sort_by(|a, b| (&a.marker, &a.text).cmp(&(&b.marker, &b.text)));
            merged.conflicts.sort_by(|a, b| a.field.cmp(&b.field));
        }
        prop_assert_eq!(one.issue, other.issue);
        let names = |merged: &[FieldConflict]| merged.iter().map(|c| c.field.clone()).collect::<Vec<_>>();
        prop_assert_eq!(names(&one.conflicts), names(&other.conflicts));
    }

    #[test]
    fn nothing_is_invented_and_nothing_new_is_dropped(base in issues(), x in issues(), y in issues()) {
        let merged = three_way(Some(&base), &x, &y);
        let (base, x, y, result) = (values(&base), values(&x), values(&y), values(&merged.issue));
        for value in &result {
            prop_assert!(x.contains(value) || y.contains(value) || base.contains(value), "{} is invented", value);
        }
        // What both sides say, the result says.
        for value in x.intersection(&y).filter(|v| !v.starts_with("updated_at") && !v.starts_with("created")) {
            prop_assert!(result.contains(value), "{} is dropped", value);
        }
        // With ours preferred, only what we removed of the base, or changed, can be missing.
        for value in x.difference(&base).filter(|v| !v.starts_with("updated_at")) {
            prop_assert!(result.contains(value), "{} is dropped", value);
        }
    }

    #[test]
    fn taking_a_change_back_gives_what_was_before(before in issues(), after in issues()) {
        let after = self::after(&before, after);
        let mut expected = before.clone();
        if expected.front.status == Status::InProgress && expected.front.claimed_at.is_some() {
            expected.front.release();
        }
        // Where the change did not touch the state, a claim stays.
        let state = |issue: &Issue| (issue.front.status.clone(), issue.front.assignee.clone(), issue.front.claimed_at);
        prop_assume!(state(&before) != state(&after) || state(&before) == state(&expected));
        expected.front.updated_at = after.front.updated_at;
        match take_back(Some(&before), Some(&after), Some(&after)) {
            Ok(TakenBack::Nothing) => prop_assert_eq!(&after, &expected),
            Ok(TakenBack::Write(issue)) => prop_assert_eq!(*issue, expected),
            other => prop_assert!(false, "{:?}", other),
        }
        prop_assert_eq!(take_back(None, Some(&after), Some(&after)), Ok(TakenBack::Delete));
        prop_assert_eq!(take_back(None, Some(&after), None), Ok(TakenBack::Nothing));
    }

    #[test]
    fn sets_follow_their_law(base in texts(), x in texts(), y in texts()) {
        let labelled = |labels: &BTreeSet<String>| {
            let mut issue = issue("", "");
            issue.front.labels.clone_from(labels);
            issue
        };
        let merged = three_way(Some(&labelled(&base)), &labelled(&x), &labelled(&y));
        for label in ["a", "b", "c"] {
            let [b, o, t] = [&base, &x, &y].map(|side| side.contains(label));
            let expected = if b { o && t } else { o || t };
            prop_assert_eq!(merged.issue.front.labels.contains(label), expected, "{}", label);
        }
    }
}
