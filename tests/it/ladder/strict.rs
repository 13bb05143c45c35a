//! `--strict`: for whoever has to know that everything was shared, as a CI job does before its clone is thrown away.

use snapbox::str;

use super::Ground;
use crate::env::{Env, without_commits};
use crate::history;

/// Makes the server refuse the tracker's branch, or take it again.
fn refuse(ground: &Ground, refuses: bool) {
    let hook = ground.env.root().join("srv.git/hooks/update");
    if !refuses {
        return std::fs::remove_file(hook).expect("a hook");
    }
    std::fs::create_dir_all(hook.parent().expect("a folder")).expect("a folder");
    let text = "#!/bin/sh\ncase $1 in refs/heads/quipu-sync) echo protected >&2; exit 1;; esac\n";
    std::fs::write(&hook, text).expect("a hook");
    ground.env.shell(ground.env.root(), "chmod +x srv.git/hooks/update").success();
}

#[test]
fn what_was_saved_only_is_not_shared() {
    let ground = Ground::new();
    let desk = ground.free();
    desk.run(&["q", "One"]);
    refuse(&ground, true);
    history!(
        desk.qp(&["sync", "--strict"]),
        str![[r#"
origin: 1 operation in the outbox
[stderr]
the push is not tried again until 2026-01-07 11:05 UTC; qp sync --retry tries at once
error: not shared, saved in .quipu/outbox/alice-COMMIT.bundle: origin refuses quipu-sync: hook declined: protected
hint: git add .quipu/outbox && git commit -m "quipu outbox" -- .quipu/outbox, and push your branch
[exit 8]

"#]]
    );
    // The hour of the refusal, and a program that reads: one error, with the document in it.
    let run = desk.qp(&["push", "--strict", "--json"]).exits(8);
    let error: serde_json::Value = serde_json::from_str(&run.stderr).expect("one JSON object");
    assert_eq!((&error["code"], &error["exit"]), (&"not_shared".into(), &8.into()));
    let file = error["result"]["outbox"].as_str().expect("a name");
    assert_eq!(without_commits(file), ".quipu/outbox/alice-COMMIT.bundle");
    assert!(error["error"].as_str().expect("a text").contains(file), "{run}");
    desk.run(&["sync"]);
    refuse(&ground, false);
    desk.run(&["sync", "--strict", "--retry"]);
    desk.run(&["sync", "--strict"]);
    desk.run(&["push", "--strict"]);
}

#[test]
fn the_branch_of_a_session_is_not_the_tracker() {
    let ground = Ground::new();
    let desk = ground.free();
    desk.git(&["config", "quipu.fallbackBranch", super::PATTERN]);
    desk.run(&["q", "One"]);
    refuse(&ground, true);
    let run = desk.qp(&["sync", "--strict"]).exits(8);
    let told = "error: not shared, on claude/quipu-sync-alice only: origin refuses quipu-sync: hook declined: protected";
    assert!(run.stderr.contains(told), "{run}");
    refuse(&ground, false);
    desk.run(&["sync", "--strict", "--retry"]);
}

#[test]
fn a_remote_that_is_not_asked_or_not_reached_is_no_success() {
    let ground = Ground::new();
    let desk = ground.free();
    desk.qp_with(&[("QP_OFFLINE", "1")], &["sync", "--strict"]).exits(8);
    desk.git(&["remote", "set-url", "origin", "/nowhere"]);
    desk.qp(&["push", "--strict"]).exits(8);
}

#[test]
fn a_file_that_cannot_be_taken_in_is_not_shared() {
    let ground = Ground::new();
    let desk = ground.free();
    std::fs::create_dir_all(desk.folder.join(".quipu/outbox")).expect("a folder");
    std::fs::write(desk.folder.join(".quipu/outbox/torn.bundle"), "# v2 git bundle\n").expect("a file");
    desk.run(&["sync"]);
    let run = desk.qp(&["sync", "--strict"]).exits(8);
    assert!(run.stderr.contains("not shared: 1 file of the outbox could not be taken in"), "{run}");
    std::fs::remove_dir_all(desk.folder.join(".quipu")).expect("a folder");
    desk.run(&["sync", "--strict"]);
}

#[test]
fn a_server_without_the_tracker_has_nothing() {
    let env = Env::bare();
    env.run_git(env.root(), &["init", "-q", "--bare", "-b", "main", "srv.git"]);
    env.run_git(env.root(), &["init", "-q", "-b", "main", "repo"]);
    env.git_out(&["remote", "add", "origin", "../srv.git"]);
    let run = env.qp(["sync", "--strict"]).exits(8);
    assert!(run.stderr.contains("not shared: origin has no quipu-sync"), "{run}");
    env.qp(["init", "--prefix", "web"]).success();
    env.qp(["sync", "--strict"]).success();
}

#[test]
fn a_rehearsal_shares_nothing_to_be_strict_about() {
    let ground = Ground::new();
    let desk = ground.free();
    desk.qp(&["sync", "--strict", "--dry-run"]).exits(2);
    desk.qp(&["sync", "--strict", "--flush-only"]).exits(2);
    desk.qp(&["pull", "--strict"]).exits(2);
}
