//! Branches that fit the pattern and are nothing to take in: they stay where they are, and nothing else suffers.

use super::{BRANCH, Ground};
use crate::env::Env;

/// Something else, pushed to a branch that fits.
fn plant(ground: &Ground, what: &str) {
    ground.env.git_out(&["push", "-q", "origin", &format!("{what}:refs/heads/claude/quipu-sync-evil")]);
}

/// Syncing passes the branch over, says so, and leaves it alone.
fn is_passed_over(ground: &Ground, why: &str) {
    let free = ground.free();
    free.allow_fallback();
    free.run(&["q", "Mine"]);
    for _ in 0..2 {
        let run = free.run(&["sync"]);
        assert!(
            run.stderr.contains("claude/quipu-sync-evil is not taken in") && run.stderr.contains(why),
            "{run}"
        );
    }
    assert_eq!(free.titles(), ["Mine", "Shared"]);
    assert!(ground.branches().contains(&"claude/quipu-sync-evil".to_owned()));
    free.env.fsck();
}

#[test]
fn a_branch_of_code() {
    let ground = Ground::new();
    plant(&ground, "main");
    is_passed_over(&ground, "there is no tracker on it");
}

#[test]
fn a_tracker_with_a_history_of_its_own() {
    let ground = Ground::new();
    let tree = ground.env.git_out(&["rev-parse", "quipu-sync^{tree}"]);
    let orphan = ground.env.git_out(&["commit-tree", "-m", "another root", tree.trim()]);
    plant(&ground, orphan.trim());
    is_passed_over(&ground, "nothing in common");
}

#[test]
fn another_tracker() {
    let ground = Ground::new();
    let other = Env::git();
    other.qp(["init", "--prefix", "app", "--quiet"]).success();
    other.create(["Theirs"]);
    let url = other.repo();
    ground.env.git_out(&["fetch", "-q", url.to_str().expect("UTF-8"), BRANCH]);
    plant(&ground, "FETCH_HEAD");
    is_passed_over(&ground, "two trackers");
}

#[test]
fn a_newer_format() {
    let ground = Ground::new();
    let before = ground.free().tip();
    ground.env.commit_file("quipu.yml", Some("format: 99\nprefix: web\n"));
    plant(&ground, "quipu-sync");
    ground.env.git_out(&["update-ref", BRANCH, before.trim()]);
    is_passed_over(&ground, "99");
}
