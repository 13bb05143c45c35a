//! Which issues are ready, and what the others say.

use std::collections::BTreeSet;

use proptest::prelude::*;
use quipu::model::{ClaimRef, Holder, LEASE_GRACE_MS, Settings, Status, Timestamp, Tracker};
use quipu::query::{Readiness, State, describe};

use super::build::{any_tracker, at, id, moment, names, now, plain, row, tracker};

/// Checks all reasons of the first issue.
#[track_caller]
fn check(lines: &[&str], expected: &str) {
    let tracker = tracker(lines);
    let readiness = Readiness::new(&tracker, now());
    let reasons = readiness.reasons(0).into_iter().map(|s| describe(&tracker, &readiness, 0, s));
    assert_eq!(reasons.collect::<Vec<_>>().join(" | "), expected);
}

#[test]
fn status_decides_first() {
    check(&["a"], "ready");
    check(&["a =closed"], "closed");
    check(&["a =closed <b ^c defer+5", "b", "c <b"], "closed");
    check(&["a =blocked"], "marked as blocked by hand");
    check(&["a =pinned"], "its status is pinned");
    check(&["a @alice"], "ready");
}

#[test]
fn claims_hold_while_their_lease_runs() {
    check(&["a =in_progress @bob lease+10"], "claimed by bob until 2026-01-10T12:10:00.000Z");
    check(&["a =in_progress lease+10"], "claimed until 2026-01-10T12:10:00.000Z");
    check(&["a =in_progress @bob lease-5"], "claimed by bob until 2026-01-10T11:55:00.000Z");
    check(&["a =in_progress @bob lease-6"], "ready: the lease of bob lapsed at 2026-01-10T11:54:00.000Z");
    check(&["a =in_progress @bob"], "in progress by bob, without a lease");
    check(&["a =in_progress"], "in progress, without a lease");
    check(
        &["a =in_progress @bob updated-2000"],
        "in progress by bob, without a lease and unchanged for a day",
    );
    check(&["a lease+10"], "ready");
}

#[test]
fn deferral_is_the_date_not_the_status() {
    check(&["a =deferred"], "deferred without a date");
    check(&["a =deferred defer+1"], "deferred until 2026-01-10T12:01:00.000Z");
    check(&["a =deferred defer+0"], "ready");
    check(&["a =deferred defer-1"], "ready");
    check(&["a defer+1"], "deferred until 2026-01-10T12:01:00.000Z");
    check(&["a defer-1"], "ready");
    check(&["a =in_progress lease-9 defer+1"], "deferred until 2026-01-10T12:01:00.000Z");
}

#[test]
fn open_blockers_block() {
    check(&["a <b", "b title:Fix_login"], r#"blocked by b "Fix login" (open)"#);
    check(&["a <b", "b =closed"], "ready");
    check(&["a <gone"], "ready");
    check(&["a <b <c", "b =pinned", "c =deferred"], r#"blocked by b "b" (pinned), c "c" (deferred)"#);
    check(&["a <a"], r#"blocked by a "a" (open)"#);
    check(
        &["a <b <c <d <e <f <g <h", "b", "c", "d", "e", "f", "g", "h"],
        r#"blocked by b "b" (open), c "c" (open), d "d" (open), e "e" (open), f "f" (open) and 2 more"#,
    );
}

#[test]
fn long_titles_are_cut_in_sentences() {
    let long = format!("b title:{}", "ü".repeat(61));
    check(&["a <b", &long], &format!("blocked by b \"{}…\" (open)", "ü".repeat(60)));
}

#[test]
fn blockers_of_ancestors_are_inherited() {
    check(&["a ^p", "p <b", "b"], r#"waits with its parent p, which is blocked by b "b" (open)"#);
    check(&["a ^p", "p <b", "b =closed"], "ready");
    check(&["a ^p", "p ^q", "q <b", "b"], r#"waits with its ancestor q, which is blocked by b "b" (open)"#);
    check(
        &["a <c ^p", "p <b ^q", "q <d", "b", "c", "d"],
        "blocked by c \"c\" (open); waits with its parent p, which is blocked by b \"b\" (open); \
         waits with its ancestor q, which is blocked by d \"d\" (open)",
    );
    check(&["a ^gone"], "ready");
}

#[test]
fn open_children_are_the_work() {
    check(&["a", "c ^a"], "its open child is the work");
    check(&["a", "c ^a", "d ^a =deferred", "e ^a =closed"], "its 2 open children are the work");
    check(&["a", "c ^a =closed"], "ready");
    check(&["a !epic"], "ready");
}

#[test]
fn cycles_of_parents_end() {
    check(&["a ^b", "b ^a"], "its open child is the work");
    check(&["a ^a"], "its open child is the work");
    check(
        &["a ^b", "b ^c", "c ^b <x", "x"],
        r#"waits with its ancestor c, which is blocked by x "x" (open)"#,
    );
    check(&["a ^b <x", "b ^c", "c ^a", "x"], r#"blocked by x "x" (open) | its open child is the work"#);
}

#[test]
fn several_reasons_come_in_order() {
    check(
        &["a =pinned defer+1 <b", "b", "c ^a"],
        "its status is pinned | deferred until 2026-01-10T12:01:00.000Z | blocked by b \"b\" (open) | \
         its open child is the work",
    );
    check(
        &["a =in_progress @bob lease+10 defer+1", "c ^a"],
        "claimed by bob until 2026-01-10T12:10:00.000Z | deferred until 2026-01-10T12:01:00.000Z | \
         its open child is the work",
    );
}

#[test]
fn a_claim_that_only_the_remote_knows_holds_too() {
    let tracker = tracker(&["a", "b =closed", "c"]);
    let holder = Holder { actor: "bob".to_owned(), session: "s1".to_owned() };
    let claim = |name, lease_until| ClaimRef {
        id: tracker.front(at(&tracker, name)).id,
        holder: holder.clone(),
        claimed_at: now(),
        lease_until,
        token: "t".to_owned(),
    };
    let lapsed = now().plus_millis(-LEASE_GRACE_MS - 1);
    let claims = [claim("a", moment(30)), claim("b", moment(30)), claim("c", lapsed)];
    let readiness = Readiness::with_claims(&tracker, now(), &claims);
    let states: Vec<_> = (0..3).map(|at| readiness.state(at).name()).collect();
    assert_eq!(states, ["claimed", "closed", "ready"]);
    assert_eq!(names(&tracker, readiness.claims().map(|(at, _)| at)), "a");
}

#[test]
fn blocked_lists_whatever_waits() {
    let tracker = tracker(&["a <b", "b", "c ^a", "d =closed <b", "e =in_progress @bob <b"]);
    let readiness = Readiness::new(&tracker, now());
    assert_eq!(names(&tracker, readiness.blocked()), "a c e");
    assert_eq!(names(&tracker, readiness.ready()), "b");
}

#[test]
fn a_deep_chain_of_parents_is_judged_once_each() {
    let rows = (0..20_000).map(|n| {
        let mut front = plain(n, &format!("k{n}"));
        front.parent = n.checked_sub(1).map(|above| id(above).into());
        if n == 0 {
            front.blocked_by.insert(id(19_999).into());
        }
        row(front)
    });
    let tracker = Tracker::new(Settings::new("t"), rows.collect(), Vec::new());
    let readiness = Readiness::new(&tracker, now());
    assert_eq!(readiness.ready().count(), 0);
    assert_eq!(readiness.inherited(&tracker, 10_000), [(0, 19_999)]);
}

/// The definition of the design, word for word, one issue at a time.
fn naively_ready(tracker: &Tracker, at: usize, now: Timestamp) -> bool {
    let front = tracker.front(at);
    let past = front.defer_until.is_some_and(|d| d <= now);
    let lapsed = front.lease_until.is_some_and(|l| now.since(l) > LEASE_GRACE_MS);
    let status = match front.status {
        Status::Open => true,
        Status::Deferred => past,
        Status::InProgress => lapsed,
        _ => false,
    };
    let open = |at: usize| tracker.front(at).status != Status::Closed;
    let graph = tracker.graph();
    status
        && (front.defer_until.is_none() || past)
        && !naively_waits(tracker, at, &mut BTreeSet::new())
        && !graph.children(at).any(open)
}

fn naively_waits(tracker: &Tracker, at: usize, seen: &mut BTreeSet<usize>) -> bool {
    seen.insert(at)
        && (tracker.graph().blockers(at).any(|b| tracker.front(b).status != Status::Closed)
            || tracker.graph().parent(at).is_some_and(|p| naively_waits(tracker, p, seen)))
}

/// The seven states, each by its own sentence; the first that holds is where the issue stands.
fn naive_state(tracker: &Tracker, at: usize, now: Timestamp) -> &'static str {
    let front = tracker.front(at);
    let open = |at: usize| tracker.front(at).status != Status::Closed;
    let held = front.lease_until.is_none_or(|until| now.since(until) <= LEASE_GRACE_MS);
    let later = front.defer_until.map_or(front.status == Status::Deferred, |until| until > now);
    let states = [
        ("closed", front.status == Status::Closed),
        ("other", matches!(front.status, Status::Blocked | Status::Other(_))),
        ("claimed", front.status == Status::InProgress && held),
        ("deferred", later),
        ("blocked", naively_waits(tracker, at, &mut BTreeSet::new())),
        ("container", tracker.graph().children(at).any(open)),
        ("ready", true),
    ];
    states.iter().find(|(_, holds)| *holds).expect("the last always holds").0
}

fn rank(state: &State) -> usize {
    ["ready", "closed", "other", "claimed", "deferred", "blocked", "container"]
        .iter()
        .position(|name| *name == state.name())
        .expect("one of these")
}

proptest! {
    #[test]
    fn ready_is_what_the_definition_says(tracker in any_tracker()) {
        let readiness = Readiness::new(&tracker, now());
        for at in 0..tracker.rows.len() {
            prop_assert_eq!(readiness.state(at).is_ready(), naively_ready(&tracker, at, now()));
            prop_assert_eq!(readiness.state(at), readiness.reasons(at)[0]);
        }
    }

    /// No issue is left out, and none is in two of them.
    #[test]
    fn each_issue_is_in_exactly_one_of_the_seven_states(tracker in any_tracker()) {
        let readiness = Readiness::new(&tracker, now());
        for at in 0..tracker.rows.len() {
            prop_assert_eq!(readiness.state(at).name(), naive_state(&tracker, at, now()));
        }
        let of = |name: &str| (0..tracker.rows.len()).filter(|at| readiness.state(*at).name() == name).count();
        let all = ["ready", "blocked", "claimed", "deferred", "container", "closed", "other"];
        prop_assert_eq!(all.map(of).iter().sum::<usize>(), tracker.rows.len());
        prop_assert_eq!(of("ready"), readiness.ready().count());
        prop_assert_eq!(of("claimed"), readiness.claims().count());
    }

    #[test]
    fn an_issue_is_in_one_state_and_says_every_reason_once(tracker in any_tracker()) {
        let readiness = Readiness::new(&tracker, now());
        for at in 0..tracker.rows.len() {
            let ranks: Vec<usize> = readiness.reasons(at).into_iter().map(rank).collect();
            prop_assert!(ranks.is_sorted_by(|a, b| a < b), "{ranks:?}");
            prop_assert!(ranks.len() == 1 || ranks[0] > 1, "{ranks:?}");
            for state in readiness.reasons(at) {
                let sentence = describe(&tracker, &readiness, at, state);
                prop_assert!(!sentence.is_empty() && !sentence.ends_with('.'));
            }
        }
    }

    #[test]
    fn some_issues_are_judged_as_among_all(tracker in any_tracker(), some in proptest::collection::vec(0..9usize, 0..4)) {
        let some: Vec<usize> = some.into_iter().filter(|at| *at < tracker.rows.len()).collect();
        let (of, all) = (Readiness::of(&tracker, now(), &some), Readiness::new(&tracker, now()));
        for at in some {
            prop_assert_eq!(of.reasons(at), all.reasons(at));
            prop_assert_eq!(of.inherited(&tracker, at), all.inherited(&tracker, at));
        }
    }

    #[test]
    fn inherited_is_every_open_blocker_of_every_ancestor(tracker in any_tracker()) {
        let readiness = Readiness::new(&tracker, now());
        for at in 0..tracker.rows.len() {
            let mut naive = Vec::new();
            for ancestor in tracker.graph().ancestors(at) {
                let blockers = tracker.graph().blockers(ancestor).filter(|b| !tracker.front(*b).status.is_closed());
                naive.extend(blockers.map(|b| (ancestor, b)).collect::<BTreeSet<_>>());
            }
            prop_assert_eq!(readiness.inherited(&tracker, at), naive);
        }
    }

    #[test]
    fn a_deferral_with_a_date_comes_back_by_itself(tracker in any_tracker()) {
        let readiness = Readiness::new(&tracker, now());
        for at in 0..tracker.rows.len() {
            let [State::Deferred { until: Some(until) }] = readiness.reasons(at)[..] else { continue };
            prop_assert!(*until > now());
            let later = Readiness::new(&tracker, *until);
            prop_assert!(later.state(at).is_ready());
        }
    }
}
