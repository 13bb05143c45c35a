//! The branch of the session, where the remote refuses the tracker's own.

use super::{Ground, OWN_BRANCHES, PATTERN};
use snapbox::str;

use crate::snapshot;

#[test]
fn what_is_refused_goes_to_the_branch_of_the_session() {
    let ground = Ground::new();
    let Some(proxy) = ground.serve(OWN_BRANCHES) else { return };
    let (free, s1) = (ground.free(), ground.sandbox(&proxy, "s1"));
    s1.allow_fallback();
    s1.run(&["q", "One"]);
    snapshot!(
        s1.run(&["sync"]),
        str![[r#"
origin: 1 operation on claude/quipu-sync-s1
[stderr]
shared on claude/quipu-sync-s1 only: origin refuses quipu-sync: the server answers HTTP 403
hint: qp sync takes it in where quipu.fallbackBranch is the same and quipu-sync may be pushed
the push is not tried again until 2026-01-07 11:04 UTC; qp sync --retry tries at once

"#]]
    );
    assert_eq!(ground.pushes(), ["refs/heads/quipu-sync", "refs/heads/claude/quipu-sync-s1"]);
    // The branch has everything now: nothing is sent a second time.
    let again = s1.json(&["sync"]);
    assert_eq!((&again["stored"], &again["in_sync"]), (&"branch".into(), &false.into()));
    assert_eq!(again["fallback_branch"], "claude/quipu-sync-s1");
    assert_eq!(ground.pushes().len(), 2);
    snapshot!(
        s1.run(&["create", "Two", "--sync"]),
        str![[r#"
created web-rsgw: Two
[stderr]
origin: 2 operations on claude/quipu-sync-s1
shared on claude/quipu-sync-s1 only: origin refuses quipu-sync: the server answers HTTP 403
hint: qp sync takes it in where quipu.fallbackBranch is the same and quipu-sync may be pushed
the push is not tried again until 2026-01-07 11:04 UTC; qp sync --retry tries at once

"#]]
    );
    assert_eq!(ground.pushes().len(), 3);
    // A clone without the setting looks at no other branch.
    free.run(&["sync"]);
    assert_eq!(free.titles(), ["Shared"]);
    free.allow_fallback();
    snapshot!(
        free.run(&["sync"]),
        str![[r#"
origin: sent 2 operations (web-hc1g, web-rsgw), received 2 operations (web-hc1g, web-rsgw)
[stderr]
deleted claude/quipu-sync-s1: quipu-sync has everything of it

"#]]
    );
    assert_eq!(free.titles(), ["One", "Shared", "Two"]);
    assert_eq!(ground.branches(), ["main", "quipu-sync"]);
    assert!(!free.git(&["for-each-ref"]).contains("fallback"));
    let in_sync = s1.json(&["sync"]);
    assert_eq!((&in_sync["stored"], &in_sync["in_sync"]), (&"shared".into(), &true.into()));
    assert_eq!(ground.pushes().len(), 3);
    assert_eq!(s1.tip(), free.tip());
}

#[test]
fn sessions_see_each_other_on_these_branches() {
    let ground = Ground::new();
    let Some(proxy) = ground.serve(OWN_BRANCHES) else { return };
    let (s1, s2) = (ground.sandbox(&proxy, "s1"), ground.sandbox(&proxy, "s2"));
    for (desk, title) in [(&s1, "One"), (&s2, "Two")] {
        desk.allow_fallback();
        desk.run(&["q", title]);
        desk.run(&["sync"]);
    }
    assert_eq!(s2.titles(), ["One", "Shared", "Two"]);
    s1.run(&["pull"]);
    assert_eq!(s1.titles(), ["One", "Shared", "Two"]);
    let free = ground.free();
    free.allow_fallback();
    free.run(&["q", "Three"]);
    free.run(&["sync"]);
    assert_eq!(free.titles(), ["One", "Shared", "Three", "Two"]);
    assert_eq!(ground.branches(), ["main", "quipu-sync"]);
    free.env.fsck();
}

#[test]
fn one_name_may_serve_all_sessions() {
    let ground = Ground::new();
    let Some(proxy) = ground.serve(OWN_BRANCHES) else { return };
    let (s1, s2) = (ground.sandbox(&proxy, "s1"), ground.sandbox(&proxy, "s2"));
    let shared = [("QP_FALLBACK_BRANCH", "claude/tracker")];
    s1.run(&["q", "One"]);
    s2.run(&["q", "Two"]);
    s1.qp_with(&shared, &["push"]).success();
    s2.qp_with(&shared, &["push"]).success();
    assert_eq!(s2.titles(), ["One", "Shared", "Two"]);
    assert_eq!(ground.branches(), ["claude/tracker", "main", "quipu-sync"]);
    let free = ground.free();
    free.qp_with(&shared, &["sync"]).success();
    assert_eq!(free.titles(), ["One", "Shared", "Two"]);
}

#[test]
fn a_pull_takes_in_and_deletes_nothing() {
    let ground = Ground::new();
    let Some(proxy) = ground.serve(OWN_BRANCHES) else { return };
    let (free, s1) = (ground.free(), ground.sandbox(&proxy, "s1"));
    s1.allow_fallback();
    s1.run(&["q", "One"]);
    s1.run(&["sync"]);
    free.allow_fallback();
    free.run(&["pull"]);
    assert_eq!(free.titles(), ["One", "Shared"]);
    assert_eq!(ground.branches(), ["claude/quipu-sync-s1", "main", "quipu-sync"]);
    // Somebody else's push brings the rest; the branch is deleted by whoever syncs next.
    free.run(&["push"]);
    assert_eq!(ground.branches(), ["claude/quipu-sync-s1", "main", "quipu-sync"]);
    free.run(&["sync"]);
    assert_eq!(ground.branches(), ["main", "quipu-sync"]);
}

#[test]
fn who_may_not_delete_the_branch_leaves_it() {
    let ground = Ground::new();
    let Some(proxy) = ground.serve(OWN_BRANCHES) else { return };
    let Some(keeper) = ground.serve(&["--push-allow", "refs/heads/quipu-sync"]) else { return };
    let (s1, free) = (ground.sandbox(&proxy, "s1"), ground.sandbox(&keeper, "free"));
    s1.allow_fallback();
    s1.run(&["q", "One"]);
    s1.run(&["sync"]);
    free.allow_fallback();
    free.run(&["sync"]);
    let before = ground.pushes().len();
    assert_eq!(free.json(&["sync"])["in_sync"], true);
    assert_eq!(free.titles(), ["One", "Shared"]);
    assert_eq!(ground.branches(), ["claude/quipu-sync-s1", "main", "quipu-sync"]);
    assert_eq!(ground.pushes().len(), before, "the deletion is not tried again within the hour");
}

/// What would be taken in, sent and deleted is what then is.
#[test]
fn a_rehearsal_looks_at_the_branches() {
    let ground = Ground::new();
    let Some(proxy) = ground.serve(OWN_BRANCHES) else { return };
    let (s1, s2) = (ground.sandbox(&proxy, "s1"), ground.sandbox(&proxy, "s2"));
    for (desk, title) in [(&s1, "One"), (&s2, "Two")] {
        desk.run(&["q", title]);
        desk.qp_with(&[("QP_FALLBACK_BRANCH", PATTERN)], &["push"]).success();
    }
    let free = ground.free();
    free.allow_fallback();
    let before = (free.git(&["for-each-ref"]), ground.branches());
    snapshot!(
        free.run(&["sync", "--dry-run"]),
        str![[r#"
origin: would send 2 operations (web-hc1g, web-3qws), would receive 2 operations (web-hc1g, web-3qws), would merge without a conflict
[stderr]
would take in claude/quipu-sync-s1, claude/quipu-sync-s2
would delete claude/quipu-sync-s1, claude/quipu-sync-s2: quipu-sync has everything of it

"#]]
    );
    let pulled = free.json(&["pull", "--dry-run"]);
    assert_eq!((&pulled["received"]["operations"], pulled.get("swept")), (&2.into(), None));
    assert_eq!(free.json(&["push", "--dry-run"])["sent"]["operations"], 0, "a push takes in its own alone");
    let rehearsed = free.json(&["sync", "--dry-run"]);
    assert_eq!((free.git(&["for-each-ref"]), ground.branches()), before);
    let done = free.json(&["sync"]);
    for field in ["sent", "received", "merged", "conflicts", "harvested", "swept", "unsent"] {
        assert_eq!(rehearsed[field], done[field], "{field}");
    }
    assert_eq!(done["swept"].as_array().map(Vec::len), Some(2));
}

#[test]
fn a_pattern_that_could_mean_any_branch_is_refused() {
    let ground = Ground::new();
    let free = ground.free();
    for pattern in ["*", "quipu-*", "-x", "a*b*"] {
        let run = free.qp_with(&[("QP_FALLBACK_BRANCH", pattern)], &["sync", "--json"]).exits(9);
        assert!(run.stderr.contains("\"code\":\"bad_fallback\"") && run.stderr.contains(pattern), "{run}");
    }
    free.qp_with(&[("QP_FALLBACK_BRANCH", PATTERN)], &["sync"]).success();
}
