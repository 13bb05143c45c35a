//! The parts of an issue one by one: naming what differs, and taking it.

use proptest::prelude::*;
use quipu::merge::{Part, differing_parts, three_way};
use quipu::model::Status;

use super::{issue, issues};

/// The names of the parts that differ.
fn names(copy: &str, now: &str) -> Vec<String> {
    differing_parts(&issue(copy, ""), &issue(now, "")).iter().map(Part::name).collect()
}

#[test]
fn parts_are_named_as_conflicts_are() {
    assert_eq!(names("title: a\nstatus: closed", "title: b"), ["title", "state"]);
    assert_eq!(
        names("metadata: {\"a\": 1}\nodd: 1", "metadata: {\"b\": 1}"),
        ["metadata.a", "metadata.b", "odd"]
    );
    assert_eq!(names("labels: [a]\nupdated_at: 2026-01-01T00:00:00Z", "labels: [b]"), ["labels"]);
    assert_eq!(names("priority: 1", "priority: 1"), [""; 0]);
}

#[test]
fn names_are_read() {
    assert_eq!(Part::parse("assignee"), Some(Part::State));
    assert_eq!(Part::parse("acceptance"), Some(Part::Text("acceptance")));
    assert_eq!(Part::parse("priority"), Some(Part::Field("priority")));
    for fixed in ["id", "created_at", "created_by", "updated_at"] {
        assert_eq!(Part::parse(fixed), None, "{fixed}");
    }
    let id = "01kebyhr10hb5e8x66d95shc1g";
    assert_eq!(Part::parse(&format!("comment {id}")), Part::parse(&format!("comment:{id}")));
    for name in ["issue", "state", "metadata.a b", "odd", "<!-- qp:x y -->", &format!("blocked_by:{id}")] {
        assert_eq!(Part::parse(name).expect("a part").name(), name);
    }
}

#[test]
fn a_claim_is_not_taken() {
    let claim = "status: in_progress\nassignee: bob\nclaimed_at: 2026-01-01T00:00:00Z\nlease_until: 2026-01-01T01:00:00Z";
    let (copy, mut now) = (issue(claim, ""), issue("status: closed\nstarted_at: 2025-01-01T00:00:00Z", ""));
    let started = now.front.started_at;
    assert!(Part::State.differs(&copy, &now));
    Part::State.take(&copy, &mut now);
    assert_eq!((now.front.status.clone(), now.front.assignee.clone()), (Status::Open, None));
    assert_eq!((now.front.lease_until, now.front.started_at), (None, started));
    assert!(!Part::State.differs(&copy, &now) && !Part::State.differs(&copy, &copy));
}

proptest! {
    #[test]
    fn taking_every_part_leaves_no_difference(copy in issues(), now in issues()) {
        let mut taken = now.clone();
        for part in differing_parts(&copy, &now) {
            prop_assert_eq!(Part::parse(&part.name()), Some(part.clone()));
            prop_assert!(part.is_in(&copy) || part.is_in(&now));
            part.take(&copy, &mut taken);
            prop_assert!(!part.differs(&copy, &taken), "{:?}", part);
        }
        prop_assert_eq!(differing_parts(&copy, &taken), []);
        prop_assert_eq!(taken.front.created_at, now.front.created_at);
        prop_assert_eq!(taken.front.updated_at, now.front.updated_at);
        let mut whole = now.clone();
        Part::Whole.take(&copy, &mut whole);
        prop_assert_eq!(whole, taken);
    }

    #[test]
    fn every_conflict_names_a_part_that_differs(base in issues(), x in issues(), y in issues()) {
        for conflict in three_way(Some(&base), &x, &y).conflicts {
            let part = Part::parse(&conflict.field).expect("a part");
            let when = || part.differs(&x, &y) || part == Part::State;
            prop_assert!(when(), "{}", conflict.field);
        }
    }
}
