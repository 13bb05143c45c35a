//! Contradictions in and between issues.

use snapbox::str;

use super::{LOGIN, NOTES, finding, findings, path, tracker};
use crate::history;

#[test]
fn dangling_references() {
    let gone = "01kfn6tfn3n7h5b39ztztw0000";
    let env = tracker(&format!("parent: {gone}\nblocked_by: [{gone}, web-gone]\nduplicate_of: {gone}\n"));
    history!(
        env.qp(["doctor"]),
        str![[r#"
warning: web-7k2m refers to 01kfn6tfn3n7h5b39ztztw0000 (blocks), which is not in this tracker
  remedy: qp dep remove web-7k2m 01kfn6tfn3n7h5b39ztztw0000
warning: web-7k2m refers to web-gone (blocks), which is not in this tracker
  remedy: qp dep remove web-7k2m web-gone
warning: web-7k2m refers to 01kfn6tfn3n7h5b39ztztw0000 (parent-child), which is not in this tracker
  remedy: qp update web-7k2m --parent ""
warning: web-7k2m refers to 01kfn6tfn3n7h5b39ztztw0000 (duplicates), which is not in this tracker
  remedy: qp show web-7k2m
2 issues, 4 warnings
[exit 1]

"#]]
    );
    assert_eq!(findings(&env, "dangling_reference").len(), 4);
}

#[test]
fn keys_that_several_issues_have() {
    let env = tracker("key: web-same\n");
    let text = env.git_out(&["show", &format!("quipu-sync:{}", path(LOGIN))]);
    env.commit_file(&path(NOTES), Some(&text));
    assert_eq!(finding(&env, "duplicate_key")["severity"], "warning");
    history!(
        env.qp(["doctor"]),
        str![[r#"
warning: 2 issues have the key web-same
  remedy: name them web-same~7k2m and web-same~7k3n until one of them has another key
2 issues, 1 warning
[exit 1]

"#]]
    );
    let alike = "01kfn6tfn3n7h5b39ztzzz7k3n";
    let env = tracker("");
    env.commit_file(&path(alike), Some("---\ntitle: Alike\ncreated_at: 2026-01-07\n---\n"));
    assert_eq!(findings(&env, "long_key").len(), 2);
    history!(
        env.qp(["doctor"]),
        str![[r#"
note: web-w7k3n needs a longer key than most: another issue ends in the same four characters
  remedy: qp show web-w7k3n
note: web-z7k3n needs a longer key than most: another issue ends in the same four characters
  remedy: qp show web-z7k3n
3 issues, 2 notes

"#]]
    );
}

#[test]
fn cycles() {
    let env = tracker(&format!("blocked_by: [{NOTES}]\n"));
    let times = "created_at: 2026-01-07T09:00:00.000Z";
    env.commit_file(
        &path(NOTES),
        Some(&format!("---\ntitle: Notes\nparent: {LOGIN}\nblocked_by: [{LOGIN}]\n{times}\n---\n")),
    );
    history!(
        env.qp(["doctor"]),
        str![[r#"
error: a cycle of waiting, so none of these is ever ready: web-7k3n → web-7k3n
  remedy: qp update web-7k3n --parent ""
2 issues, 1 error
[exit 1]

"#]]
    );
    assert_eq!(finding(&env, "cycle")["severity"], "error");
    // An issue and its own parent.
    let env = tracker(&format!("parent: {NOTES}\n"));
    env.commit_file(&path(NOTES), Some(&format!("---\ntitle: Notes\nparent: {LOGIN}\n{times}\n---\n")));
    history!(
        env.qp(["doctor"]),
        str![[r#"
error: a cycle of waiting, so none of these is ever ready: web-7k2m → web-7k3n → web-7k2m
  remedy: qp update web-7k2m --parent ""
2 issues, 1 error
[exit 1]

"#]]
    );
}

#[test]
fn lapsed_and_stale_claims() {
    let claim =
        "status: in_progress\nassignee: bob\nclaimed_at: 2026-01-07T08:00:00.000Z\nclaimed_session: b1\n";
    let env = tracker(&format!("{claim}lease_until: 2026-01-07T09:00:00.000Z\n"));
    history!(
        env.qp(["doctor"]),
        str![[r#"
note: web-7k2m is claimed by bob under a lease that ended at 2026-01-07T09:00:00.000Z
  remedy: qp claim web-7k2m takes it over, qp release web-7k2m gives it back
2 issues, 1 note

"#]]
    );
    assert_eq!(finding(&env, "lapsed_claim")["severity"], "note");
    let env = tracker("status: in_progress\nassignee: bob\n");
    assert_eq!(findings(&env, "stale_claim").len(), 0);
    env.pass(2 * 24 * 60 * 60 * 1000);
    history!(
        env.qp(["doctor"]),
        str![[r#"
note: web-7k2m is in progress by bob without a lease and unchanged since 2026-01-07T09:00:00.000Z
  remedy: qp claim web-7k2m takes it over, qp release web-7k2m gives it back
2 issues, 1 note

"#]]
    );
    assert_eq!(finding(&env, "stale_claim")["issue"], "web-7k2m");
}

#[test]
fn incoherent_state_and_its_repair() {
    let claim =
        "claimed_at: 2026-01-07T08:00:00.000Z\nclaimed_session: b1\nlease_until: 2026-01-08T09:00:00.000Z\n";
    let env = tracker(&format!("status: closed\nassignee: bob\n{claim}"));
    let times = "created_at: 2026-01-07T09:00:00.000Z\nupdated_at: 2026-01-07T09:00:00.000Z";
    let open = format!(
        "---\ntitle: Notes\nlease_until: 2026-01-08T09:00:00.000Z\nclosed_at: 2026-01-07T09:00:00.000Z\nclose_reason: no\n{times}\n---\n"
    );
    env.commit_file(&path(NOTES), Some(&open));
    history!(
        env.qp(["doctor"]),
        str![[r#"
warning: web-7k2m is closed, but has claimed_at, claimed_session, lease_until
  remedy: qp doctor --fix
warning: web-7k2m is closed, but has no closed_at
  remedy: qp doctor --fix
warning: web-7k3n is open, but has lease_until
  remedy: qp doctor --fix
warning: web-7k3n is open, but has closed_at, close_reason
  remedy: qp doctor --fix
2 issues, 4 warnings
[exit 1]

"#]]
    );
    let before = env.git_out(&["rev-parse", "quipu-sync"]);
    history!(
        env.qp(["doctor", "--fix"]),
        str![[r#"
warning: web-7k2m is closed, but has claimed_at, claimed_session, lease_until
  fixed: removed what belongs to a claim
warning: web-7k2m is closed, but has no closed_at
  fixed: took the time of the last change as closed_at
warning: web-7k3n is open, but has lease_until
  fixed: removed what belongs to a claim
warning: web-7k3n is open, but has closed_at, close_reason
  fixed: removed what belongs to a closed issue
2 issues, 4 fixed

"#]]
    );
    assert_eq!(env.git_out(&["rev-parse", "quipu-sync~1"]), before);
    history!(
        env.qp(["diff"]),
        str![[r#"
changed web-7k2m: Login
  claimed_at 2026-01-07 08:00 UTC → none
  claimed_session b1 → none
  lease_until 2026-01-08 09:00 UTC → none
  closed_at none → 2026-01-07 09:00 UTC
changed web-7k3n: Notes
  lease_until 2026-01-08 09:00 UTC → none
  closed_at 2026-01-07 09:00 UTC → none
  close_reason no → none

"#]]
    );
    history!(
        env.qp(["doctor", "--fix"]),
        str![[r#"
2 issues, nothing wrong

"#]]
    );
    env.qp(["undo"]).success();
    assert_eq!(finding(&env, "closed_with_claim")["issue"], "web-7k2m");
    assert_eq!(finding(&env, "closed_without_time")["issue"], "web-7k2m");
    assert_eq!(finding(&env, "open_with_closing")["issue"], "web-7k3n");
    assert_eq!(finding(&env, "claim_without_work")["issue"], "web-7k3n");
}

#[test]
fn times_ahead_of_the_clock() {
    let env = tracker("due_at: 2099-01-01T00:00:00.000Z\nstarted_at: 2099-01-01T00:00:00.000Z\n");
    history!(
        env.qp(["doctor"]),
        str![[r#"
warning: web-7k2m: started_at is 2099-01-01T00:00:00.000Z, ahead of this clock, which says 2026-01-07T10:01:00.000Z
  remedy: compare the clocks of the machines that write; the next change of the issue takes the present time
2 issues, 1 warning
[exit 1]

"#]]
    );
    assert_eq!(finding(&env, "future_time")["issue"], "web-7k2m");
}
