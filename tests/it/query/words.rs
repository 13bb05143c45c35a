//! Corrections: the nearest word, and the words of statuses, priorities and types.

use proptest::prelude::*;
use quipu::error::{Error, Kind};
use quipu::model::{Added, Front, Priority, Ref, Relation, Status, Tracker};
use quipu::query::{TYPES, nearest, parse_priority, parse_relation, parse_status, parse_type};

use super::build::tracker;

#[track_caller]
fn near(word: &str, candidates: &[&str], expected: Option<&str>) {
    assert_eq!(nearest(word, candidates.iter().copied()), expected);
}

#[test]
fn nearest_counts_slips() {
    near("web-7k2n", &["web-ab12", "web-7k2m"], Some("web-7k2m"));
    near("web-7km2", &["web-7k2m", "web-7kmx"], Some("web-7k2m"));
    near("WEB-7K2M", &["web-7k2m"], Some("web-7k2m"));
    near("prioritty", &["priority"], Some("priority"));
    near("clsoed", &["open", "closed"], Some("closed"));
    near("closeddd", &["closed"], Some("closed"));
    near("closedddd", &["closed"], None);
    near("opne", &["open"], Some("open"));
    near("opxy", &["open"], None);
    near("", &["open"], None);
    near("open", &[], None);
}

/// Writes an error as its hint.
#[track_caller]
fn hint<T: std::fmt::Debug>(result: Result<T, Error>, code: &str) -> String {
    let error = result.expect_err("a correction");
    assert_eq!((error.kind(), error.code()), (Kind::Invalid, code));
    error.remedy().expect("a hint").to_owned()
}

fn status(text: &str) -> Result<Status, Error> {
    parse_status(text, &Tracker::default())
}

#[test]
fn statuses() {
    for known in Status::KNOWN {
        assert_eq!(status(known.as_str()).expect("a status"), known);
        assert_eq!(status(&format!(" {} ", known.as_str().to_uppercase())).expect("a status"), known);
    }
    for text in ["in-progress", "In_Progress", "inprogress", "in progress"] {
        assert_eq!(status(text).expect("a status"), Status::InProgress, "{text}");
    }
}

#[test]
fn other_words_for_a_status_are_corrected() {
    let cases = [
        ("closed", &["done", "complete", "completed", "finished", "resolved", "Done"][..]),
        ("open", &["todo", "to-do", "new", "pending"]),
        ("in_progress", &["wip", "doing", "started"]),
        ("deferred", &["hold", "on-hold", "on hold", "onhold", "later"]),
        ("in_progress", &["in_progres", "inn_progress"]),
        ("closed", &["clsoed", "close"]),
    ];
    for (right, words) in cases {
        for word in words {
            assert_eq!(hint(status(word), "invalid_status"), format!("use {right}"), "{word}");
        }
    }
    assert_eq!(
        hint(status("purple"), "invalid_status"),
        "use one of open, in_progress, blocked, deferred, closed"
    );
    assert_eq!(status("Dnoe").expect_err("unknown").message(), "unknown status \"Dnoe\"");
}

#[test]
fn statuses_of_the_tracker_are_accepted() {
    let tracker = tracker(&["a =pinned", "b =done", "c =Awaiting-QA"]);
    for (text, stored) in [("pinned", "pinned"), ("done", "done"), ("awaiting_qa", "Awaiting-QA")] {
        assert_eq!(parse_status(text, &tracker).expect("a status").as_str(), stored);
    }
    assert_eq!(hint(parse_status("pined", &tracker), "invalid_status"), "use pinned");
    assert!(
        hint(parse_status("purple", &tracker), "invalid_status")
            .ends_with("closed, Awaiting-QA, done, pinned")
    );
}

#[test]
fn priorities() {
    for (text, number) in [("0", 0), ("4", 4), ("P1", 1), ("p3", 3), (" 2 ", 2)] {
        assert_eq!(parse_priority(text).ok(), Priority::new(number), "{text}");
    }
    let cases = [
        ("critical", 0),
        ("Urgent", 0),
        ("high", 1),
        ("medium", 2),
        ("normal", 2),
        ("low", 3),
        ("lowest", 4),
        ("backlog", 4),
    ];
    for (word, number) in cases {
        assert_eq!(hint(parse_priority(word), "invalid_priority"), format!("use {number}"));
    }
    for word in ["5", "P9", "-1", "", "x"] {
        let hint = hint(parse_priority(word), "invalid_priority");
        assert_eq!(hint, "use one of 0 (most urgent), 1, 2, 3, 4 (least)", "{word}");
    }
}

#[test]
fn types() {
    let none = Tracker::default();
    let parse = |text: &str| parse_type(text, &none);
    for known in TYPES {
        assert_eq!(parse(&known.to_uppercase()).expect("a type"), known);
    }
    for open in ["spike", "investigation", "milestone", "test"] {
        assert_eq!(parse(open).expect("a type"), open);
    }
    let cases = [
        ("feature", &["featrue"][..]),
        ("bug", &["bugs", "bgu"]),
        ("decision", &["decison"]),
        ("task", &["taks", "tasks"]),
    ];
    for (right, words) in cases {
        for word in words {
            assert_eq!(hint(parse(word), "invalid_type"), format!("use {right}"), "{word}");
        }
    }
    let meant = [("feature", &["feat", "enhancement", "story", "user-story", "user_story"][..])];
    let meant = meant.into_iter().chain([("bug", &["defect"][..]), ("decision", &["adr", "dec"])]);
    for (right, words) in meant {
        for word in words {
            assert_eq!(parse(word).expect("a word with one meaning is accepted"), right, "{word}");
        }
    }
    for word in ["", "two words", "-x", "9", "ü"] {
        assert!(hint(parse(word), "invalid_type").starts_with("use one of task, bug"), "{word}");
    }
    let used = tracker(&["a !story", "b !Weird"]);
    assert_eq!(parse_type("Story", &used).expect("a type"), "story");
    assert_eq!(parse_type("weird", &used).expect("a type"), "Weird");
}

proptest! {
    #[test]
    fn no_text_is_too_strange(text in "\\PC{0,60}") {
        let tracker = Tracker::default();
        let _ = (parse_status(&text, &tracker), parse_priority(&text), parse_type(&text, &tracker));
    }

    #[test]
    fn a_word_with_one_slip_is_recognised(at in 0usize..11, slip in 0..4) {
        let mut word: Vec<char> = "in_progress".chars().collect();
        match slip {
            0 => drop(word.remove(at)),
            1 => word.insert(at, 'x'),
            2 => word[at] = 'x',
            _ => word.swap(at, (at + 1) % 11),
        }
        let word: String = word.into_iter().collect();
        prop_assume!(!(slip == 3 && at == 10));
        prop_assert_eq!(nearest(&word, ["open", "in_progress"]), Some("in_progress"));
    }
}

#[test]
fn relations_are_read_in_every_spelling() {
    let cases = [
        ("", Relation::Blocker),
        ("blocks", Relation::Blocker),
        ("blocked_by", Relation::Blocker),
        ("Depends-On", Relation::Blocker),
        ("needs", Relation::Blocker),
        ("requires", Relation::Blocker),
        ("waiting-on", Relation::Blocker),
        ("subtask-of", Relation::Parent),
        ("relates", Relation::Related),
        ("found_in", Relation::DiscoveredFrom),
        ("duplicate", Relation::Duplicate),
        ("parent-child", Relation::Parent),
        ("parent", Relation::Parent),
        ("relates_to", Relation::Related),
        ("discovered from", Relation::DiscoveredFrom),
        ("duplicate-of", Relation::Duplicate),
        ("superseded-by", Relation::Successor),
        ("caused_by", Relation::Other("caused-by".to_owned())),
    ];
    for (text, expected) in cases {
        assert_eq!(parse_relation(text).ok(), Some(expected), "{text}");
    }
    for (text, hint) in [("block", "use blocks"), ("relatd", "use related")] {
        assert_eq!(parse_relation(text).expect_err("a slip").remedy(), Some(hint), "{text}");
    }
    assert!(parse_relation("two words!").is_err());
}

#[test]
fn references_of_every_relation_come_and_go() {
    let [one, two] = ["web-1", "web-2"].map(Ref::parse);
    let others = [Relation::Other("tracks".to_owned())];
    for relation in Relation::KNOWN.into_iter().chain(others) {
        let mut front = Front::default();
        assert_eq!(front.add_reference(&relation, one.clone()), Added::Added);
        assert_eq!(front.add_reference(&relation, one.clone()), Added::Present);
        assert_eq!(front.references(), [(relation.as_str(), &one)]);
        assert_eq!(Relation::from_text(relation.as_str()), relation);
        let single = matches!(relation, Relation::Parent | Relation::Duplicate | Relation::Successor);
        let second = if single { Added::Taken(one.clone()) } else { Added::Added };
        assert_eq!(front.add_reference(&relation, two.clone()), second);
        assert_eq!(front.remove_reference(&relation, &two), !single);
        assert!(front.remove_reference(&relation, &one));
        assert!(!front.remove_reference(&relation, &one));
        assert_eq!(front, Front::default());
    }
}
