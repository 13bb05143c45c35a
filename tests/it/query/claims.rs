//! Who may claim, release and close.

use quipu::error::{Error, Kind};
use quipu::model::Holder;
use quipu::query::{
    ClaimStep, CloseStep, ReleaseStep, may_change_state, may_claim, may_close, may_drop, may_release,
};

use super::build::{at, moment, now, tracker};

/// The caller of all these tests.
fn alice() -> Holder {
    Holder { actor: "alice".to_owned(), session: "s1".to_owned() }
}

/// Writes an error as `code: message (hint)`.
fn say(error: &Error) -> String {
    assert_eq!(error.kind(), Kind::Conflict);
    let hint = error.remedy().expect("every refusal has a remedy");
    assert!(!hint.contains("force"), "{hint}");
    format!("{}: {} ({hint})", error.code(), error.message())
}

fn claim(line: &str) -> Result<ClaimStep, String> {
    let tracker = tracker(&[line]);
    may_claim(&tracker, 0, &alice(), now()).map_err(|e| say(&e))
}

fn release(line: &str) -> Result<ReleaseStep, String> {
    may_release(&tracker(&[line]), 0, &alice(), now()).map_err(|e| say(&e))
}

fn close(lines: &[&str], batch: &[&str]) -> Result<CloseStep, String> {
    let tracker = tracker(lines);
    let batch: Vec<usize> = batch.iter().map(|name| at(&tracker, name)).collect();
    may_close(&tracker, 0, &alice(), now(), &batch).map_err(|e| say(&e))
}

fn fails<T: std::fmt::Debug>(result: Result<T, String>, expected: &str) {
    assert_eq!(result.expect_err("a refusal"), expected);
}

#[test]
fn what_nobody_has_can_be_claimed() {
    for line in ["a", "a @bob", "a =blocked", "a =deferred defer+9", "a =pinned", "a <b"] {
        assert_eq!(claim(line), Ok(ClaimStep::Fresh), "{line}");
    }
}

#[test]
fn claiming_again_renews() {
    for line in [
        "a =in_progress @alice session:s1 lease+9",
        "a =in_progress @alice session:s1 lease-99",
        "a =in_progress @alice lease+9",
        "a =in_progress @alice",
    ] {
        assert_eq!(claim(line), Ok(ClaimStep::Renewal), "{line}");
    }
}

#[test]
fn a_live_claim_is_refused_and_named() {
    fails(
        claim("a =in_progress @bob session:s2 lease+9"),
        "claim_held: a is claimed by bob (session s2) until 2026-01-10T12:09:00.000Z (qp claim --next)",
    );
    fails(
        claim("a =in_progress @alice session:s2 lease+9"),
        "claim_held: a is claimed by alice in another session (s2) until 2026-01-10T12:09:00.000Z \
         (qp claim --next)",
    );
    fails(
        claim("a =in_progress @bob"),
        "claim_held: a is in progress by bob, without a lease (qp claim --next)",
    );
    fails(claim("a =in_progress"), "claim_held: a is in progress, without a lease (qp claim --next)");
    fails(claim("a =closed @alice"), "closed: a is closed (qp reopen a)");
}

#[test]
fn what_was_left_can_be_taken_over() {
    let from = |name: &str| Some(name.to_owned());
    let lapsed = ClaimStep::Takeover { from: from("bob"), lapsed_at: moment(-6) };
    assert_eq!(claim("a =in_progress @bob session:s2 lease-6"), Ok(lapsed));
    let other_session = ClaimStep::Takeover { from: from("alice"), lapsed_at: moment(-6) };
    assert_eq!(claim("a =in_progress @alice session:s2 lease-6"), Ok(other_session));
    let stale = ClaimStep::Takeover { from: from("bob"), lapsed_at: moment(-2000) };
    assert_eq!(claim("a =in_progress @bob updated-2000"), Ok(stale));
    // Within the grace it still holds: clocks differ.
    assert!(claim("a =in_progress @bob lease-5").is_err());
}

#[test]
fn releasing() {
    assert_eq!(release("a =in_progress @alice session:s1 lease+9"), Ok(ReleaseStep::Release));
    assert_eq!(release("a =in_progress @bob session:s2 lease-9"), Ok(ReleaseStep::Release));
    assert_eq!(release("a =in_progress @bob"), Ok(ReleaseStep::Release));
    assert_eq!(release("a @bob"), Ok(ReleaseStep::Nothing));
    assert_eq!(release("a =closed"), Ok(ReleaseStep::Nothing));
    fails(
        release("a =in_progress @bob session:s2 lease+9"),
        "claim_held: a is claimed by bob (session s2) until 2026-01-10T12:09:00.000Z (qp show a)",
    );
}

#[test]
fn closing() {
    assert_eq!(close(&["a"], &[]), Ok(CloseStep::Close));
    assert_eq!(close(&["a =in_progress @alice session:s1 lease+9"], &[]), Ok(CloseStep::Close));
    assert_eq!(close(&["a =in_progress @bob lease-9"], &[]), Ok(CloseStep::Close));
    assert_eq!(close(&["a =in_progress @bob"], &[]), Ok(CloseStep::Close));
    assert_eq!(close(&["a =closed <b", "b"], &[]), Ok(CloseStep::Nothing));
    assert_eq!(close(&["a <b <gone", "b =closed", "c ^a =closed"], &[]), Ok(CloseStep::Close));
    fails(
        close(&["a =in_progress @alice session:s2 lease+9"], &[]),
        "claim_held: a is claimed by alice in another session (s2) until 2026-01-10T12:09:00.000Z (qp show a)",
    );
}

#[test]
fn closing_before_what_it_waits_for() {
    fails(close(&["a <b", "b"], &[]), "open_blockers: a has an open blocker: b (qp dep tree a)");
    fails(
        close(&["a <b <c <d <e <f <g <h", "b", "c", "d", "e", "f", "g", "h"], &[]),
        "open_blockers: a has 7 open blockers: b, c, d, e, f and 2 more (qp dep tree a)",
    );
    fails(close(&["a", "c ^a"], &[]), "open_children: a has an open child: c (qp children a)");
    fails(
        close(&["a", "c ^a", "d ^a", "e ^a =closed"], &[]),
        "open_children: a has 2 open children: c, d (qp children a)",
    );
}

#[test]
fn what_one_command_closes_together_is_not_in_its_own_way() {
    let lines = ["a <b", "b", "c ^a"];
    assert_eq!(close(&lines, &["a", "b", "c"]), Ok(CloseStep::Close));
    fails(close(&lines, &["a", "b"]), "open_children: a has an open child: c (qp children a)");
}

#[test]
fn what_is_dropped_need_not_wait_but_keeps_its_parts() {
    let drop = |lines: &[&str]| may_drop(&tracker(lines), 0, &alice(), now(), &[]).map_err(|e| say(&e));
    assert_eq!(drop(&["a <b", "b"]), Ok(CloseStep::Close));
    assert_eq!(drop(&["a =closed"]), Ok(CloseStep::Nothing));
    fails(drop(&["a", "b ^a"]), "open_children: a has an open child: b (qp children a)");
    assert!(drop(&["a @bob =in_progress lease+60"]).is_err());
}

#[test]
fn the_state_belongs_to_whoever_holds_a_lease() {
    let change = |line: &str| may_change_state(&tracker(&[line]), 0, &alice(), now()).is_ok();
    for line in [
        "a",
        "a @bob",
        "a @alice =in_progress lease+60",
        "a @bob =in_progress",
        "a @bob =in_progress lease-60",
    ] {
        assert!(change(line), "{line}");
    }
    assert!(!change("a @bob =in_progress lease+60"));
}
