//! What filters select.

use std::collections::BTreeSet;

use quipu::model::{Body, Comment, Issue, Priority, Row, Status, Tracker};
use quipu::query::{Filter, Period, TextFilter, select};

use super::build::{at, id, moment, names, now, plain, tracker};

#[track_caller]
fn check(lines: &[&str], filter: &Filter, expected: &str) {
    let tracker = tracker(lines);
    assert_eq!(names(&tracker, select(&tracker, filter, now())), expected);
}

fn set(words: &[&str]) -> BTreeSet<String> {
    words.iter().map(|w| (*w).to_owned()).collect()
}

fn statuses(words: &[&str]) -> BTreeSet<Status> {
    words.iter().map(|w| Status::from_text(w)).collect()
}

const STATUSES: [&str; 5] = ["a", "b =closed", "c =in_progress", "d =deferred", "e =pinned"];

#[test]
fn the_default_is_everything_that_is_not_closed() {
    check(&STATUSES, &Filter::default(), "a c d e");
    check(&STATUSES, &Filter { all: true, ..Filter::default() }, "a b c d e");
    check(&[], &Filter::default(), "");
}

#[test]
fn by_status() {
    let filter = |words| Filter { statuses: statuses(words), ..Filter::default() };
    check(&STATUSES, &filter(&["open", "pinned"]), "a e");
    check(&STATUSES, &filter(&["closed"]), "b");
    check(&STATUSES, &filter(&["blocked"]), "");
}

#[test]
fn by_type_and_priority() {
    let lines = ["a !bug p0", "b !epic p1", "c !task p3"];
    let types = |types, exclude_types| Filter { types, exclude_types, ..Filter::default() };
    check(&lines, &types(set(&["bug", "task"]), set(&[])), "a c");
    check(&lines, &types(set(&[]), set(&["epic"])), "a c");
    check(&lines, &types(set(&["bug"]), set(&["bug"])), "");
    let one = BTreeSet::from([Priority::parse("P3").expect("a priority")]);
    check(&lines, &Filter { priorities: one, ..Filter::default() }, "c");
    let between = |min, max| Filter {
        priority_min: Priority::new(min),
        priority_max: Priority::new(max),
        ..Filter::default()
    };
    check(&lines, &between(1, 9), "b c");
    check(&lines, &between(1, 2), "b");
    check(&lines, &between(9, 0), "a");
}

#[test]
fn by_label() {
    let lines = ["a #x #y", "b #x", "c #z", "d"];
    check(&lines, &Filter { labels: set(&["x", "y"]), ..Filter::default() }, "a");
    check(&lines, &Filter { labels_any: set(&["y", "z"]), ..Filter::default() }, "a c");
    check(&lines, &Filter { exclude_labels: set(&["x"]), ..Filter::default() }, "c d");
    check(&lines, &Filter { no_labels: true, ..Filter::default() }, "d");
}

#[test]
fn by_assignee() {
    let lines = ["a @alice", "b @bob", "c"];
    check(&lines, &Filter { assignee: Some("bob".to_owned()), ..Filter::default() }, "b");
    check(&lines, &Filter { unassigned: true, ..Filter::default() }, "c");
}

#[test]
fn by_parent() {
    let lines = ["p", "a ^p", "b ^a", "c =closed ^p", "d", "e ^gone"];
    let under = |direct| Filter { parent: Some(id(0)), direct, ..Filter::default() };
    check(&lines, &under(false), "a b");
    check(&lines, &under(true), "a");
    check(&lines, &Filter { all: true, ..under(false) }, "a b c");
    check(&lines, &Filter { no_parent: true, ..Filter::default() }, "p d e");
    check(&lines, &Filter { parent: Some(id(77)), ..Filter::default() }, "");
    check(&["a ^b", "b ^a"], &Filter { parent: Some(id(0)), ..Filter::default() }, "b");
}

#[test]
fn by_identity_closed_ones_too() {
    let ids = BTreeSet::from([id(1), id(2), id(9)]);
    check(&["a", "b =closed", "c"], &Filter { ids, ..Filter::default() }, "b c");
}

#[test]
fn by_title_in_any_case() {
    let filter = Filter { title_contains: Some("ÜBER".to_owned()), ..Filter::default() };
    check(&["a title:Fix_über", "b title:Fix_unter"], &filter, "a");
}

#[test]
fn by_metadata() {
    let plain = tracker(&["a", "b", "c"]);
    let mut rows: Vec<Row> = plain.rows.iter().cloned().collect();
    for (at, json) in [(0, "\"x\""), (1, "7")] {
        rows[at].front.metadata.insert("k".to_owned(), json.to_owned());
    }
    let tracker = Tracker::new(plain.settings, rows, Vec::new());
    let found = |value: &str| {
        let metadata = [("k".to_owned(), value.to_owned())].into();
        names(&tracker, select(&tracker, &Filter { metadata, ..Filter::default() }, now()))
    };
    assert_eq!((found("x"), found("7"), found("y")), ("a".to_owned(), "b".to_owned(), String::new()));
}

#[test]
fn by_time() {
    let lines =
        ["a created-30 due+5", "b created-20 due-5 =closed closed-3", "c created-10 updated-1 defer+9"];
    let period =
        |after: i64, before: i64| Period { after: Some(moment(after)), before: Some(moment(before)) };
    let default = Filter::default;
    check(&lines, &Filter { created: period(-30, -10), ..default() }, "a");
    check(&lines, &Filter { created: period(-30, -10), all: true, ..default() }, "a b");
    check(&lines, &Filter { updated: period(-2, 0), ..default() }, "c");
    check(&lines, &Filter { closed: period(-5, 0), ..default() }, "b");
    check(&lines, &Filter { due: period(-9, 9), ..default() }, "a");
    check(&lines, &Filter { defer: period(0, 99), ..default() }, "c");
    let since = Period { after: Some(moment(-20)), before: None };
    check(&lines, &Filter { created: since, ..default() }, "c");
}

#[test]
fn overdue_and_deferred_are_as_of_now() {
    let lines =
        ["a due-1", "b due+1", "c due-1 =closed", "d", "e =deferred", "f =deferred defer-1", "g defer+1"];
    check(&lines, &Filter { overdue: true, all: true, ..Filter::default() }, "a");
    check(&lines, &Filter { deferred: true, ..Filter::default() }, "e g");
}

#[test]
fn everything_that_is_set_must_hold() {
    let filter = Filter { labels: set(&["x"]), unassigned: true, ..Filter::default() };
    check(&["a #x", "b #x @bob", "c"], &filter, "a");
}

#[test]
fn a_filter_outlives_its_tracker() {
    let before: Tracker = tracker(&["a", "b ^a"]);
    let filter = Filter { parent: Some(before.front(at(&before, "a")).id), ..Filter::default() };
    check(&["a", "b ^a", "c ^a"], &filter, "b c");
}

#[test]
fn texts() {
    let comment =
        Comment { id: id(5), at: now(), by: "bob".to_owned(), text: "Seen in SESSION.ts".to_owned() };
    let body = Body { notes: "A note".to_owned(), comments: vec![comment], ..Body::default() };
    let issue = Issue { front: plain(0, "Login"), body };
    let words = |words: &[&str]| TextFilter {
        words: words.iter().map(|w| (*w).to_owned()).collect(),
        ..TextFilter::default()
    };
    assert!(TextFilter::default().is_unset() && TextFilter::default().matches(&issue));
    assert!(words(&["login", "session", "note"]).matches(&issue));
    assert!(!words(&["login", "logout"]).matches(&issue));
    let contains = |text: &str| Some(text.to_owned());
    assert!(TextFilter { notes_contains: contains("NOTE"), ..TextFilter::default() }.matches(&issue));
    assert!(!TextFilter { description_contains: contains("note"), ..TextFilter::default() }.matches(&issue));
    assert!(TextFilter { empty_description: true, ..TextFilter::default() }.matches(&issue));
}
