//! Branches: which one holds the tracker, what may be in its way, and the commit that all trackers begin with.

use super::{titles, works};
use crate::env::Env;

/// The first commit of every tracker in a SHA-1 repository. It must never change: two clones that both ran `init`
/// share a history because of it.
const ROOT: &str = "896802193a6e34f576ed06b07b6e90427a5f855f";

#[test]
fn all_trackers_begin_with_the_same_commit() {
    let env = Env::new();
    let root = |folder: &str| {
        let folder = env.root().join(folder);
        env.run_git(&folder, &["rev-list", "--max-parents=0", "quipu-sync"]).trim().to_owned()
    };
    env.run_git(env.root(), &["init", "-q", "-b", "trunk", "second"]);
    let second = env.root().join("second");
    env.qp_in(&second, ["init", "--prefix", "api"], &[("QP_ACTOR", "bob"), ("QP_SESSION", "s2")], "")
        .success();
    assert_eq!(root("repo"), ROOT);
    assert_eq!(root("second"), ROOT);
    env.run_git(&second, &["fetch", "-q", "../repo", "quipu-sync"]);
    assert_eq!(env.run_git(&second, &["merge-base", "quipu-sync", "FETCH_HEAD"]).trim(), ROOT);
}

#[test]
fn all_trackers_begin_with_the_same_commit_in_sha256_too() {
    let env = Env::bare();
    let init = ["init", "-q", "--object-format=sha256", "repo"];
    if env.try_git(env.root(), &init).code != 0 {
        return super::skip("git has no SHA-256");
    }
    env.qp(["init"]).success();
    let root = env.git_out(&["rev-list", "--max-parents=0", "quipu-sync"]);
    assert_eq!(root.trim(), "0370825ce56137f7d2021ae22502d6f32dc33ac138886c1ddcc2920860155c08");
}

#[test]
fn a_branch_called_quipu_is_not_in_the_way() {
    let env = Env::git();
    env.git_out(&["commit", "-q", "--allow-empty", "-m", "first"]);
    env.git_out(&["branch", "quipu"]);
    env.qp(["init", "--prefix", "web"]).success();
    works(&env, &env.repo());
}

#[test]
fn a_branch_below_the_name_is_told_by_its_own() {
    let env = Env::git();
    env.git_out(&["commit", "-q", "--allow-empty", "-m", "first"]);
    env.git_out(&["branch", "quipu-sync/old"]);
    let run = env.qp(["init"]).exits(9);
    assert!(run.stderr.contains("the branch quipu-sync/old is in the way of quipu-sync"), "{run}");
    // The remedy works.
    env.qp(["--branch", "tracker", "init", "--prefix", "web"]).success();
    env.git_out(&["config", "quipu.branch", "tracker"]);
    env.create(["One"]);
    assert_eq!(titles(&env, &env.repo()), ["One"]);
}

#[test]
fn a_branch_above_the_name_is_told_by_its_own() {
    let env = Env::git();
    env.git_out(&["commit", "-q", "--allow-empty", "-m", "first"]);
    env.git_out(&["branch", "team"]);
    env.git_out(&["pack-refs", "--all"]);
    let run = env.qp(["--branch", "team/tracker", "init"]).exits(9);
    assert!(run.stderr.contains("the branch team is in the way of team/tracker"), "{run}");
}

#[test]
fn a_branch_in_the_way_of_the_first_write_is_told_at_once() {
    let env = Env::new();
    env.create(["One"]);
    env.run_git(env.root(), &["clone", "-q", "repo", "other"]);
    let other = env.root().join("other");
    env.run_git(&other, &["branch", "quipu-sync/old", "origin/quipu-sync"]);
    assert_eq!(titles(&env, &other), ["One"], "reading goes on");
    let run = env.qp_in(&other, ["q", "Two"], &[], "").exits(9);
    assert!(run.stderr.contains("the branch quipu-sync/old is in the way of quipu-sync"), "{run}");
}

#[test]
fn the_branch_is_named_by_flag_variable_or_configuration() {
    let env = Env::new();
    env.create(["On the default branch"]);
    env.git_out(&["config", "quipu.branch", "configured"]);
    env.qp(["init", "--prefix", "web"]).success();
    env.create(["On the configured one"]);
    let variable = [("QP_BRANCH", "variable")];
    env.qp_in(&env.repo(), ["init", "--prefix", "web"], &variable, "").success();
    env.qp_in(&env.repo(), ["q", "On the one of the variable"], &variable, "").success();
    let flag = |args: &[&str]| {
        env.qp_in(&env.repo(), [&["--branch", "flag"], args].concat(), &variable, "").success()
    };
    flag(&["init", "--prefix", "web"]);
    flag(&["q", "On the one of the flag"]);
    for (branch, title) in [
        ("quipu-sync", "On the default branch"),
        ("configured", "On the configured one"),
        ("variable", "On the one of the variable"),
        ("flag", "On the one of the flag"),
    ] {
        let listed = env.json(["list", "--branch", branch]);
        assert_eq!(listed[0]["title"], title);
        assert_eq!(listed.as_array().map(Vec::len), Some(1), "{branch}");
    }
    env.fsck();
}

#[test]
fn a_name_that_is_no_branch_is_refused() {
    let env = Env::new();
    for name in ["-x", "a..b", "a b", "x.lock", ""] {
        let run = env.qp(["list", &format!("--branch={name}")]).exits(2);
        assert!(run.stderr.contains("is not a branch name"), "{run}");
    }
}

#[test]
fn a_packed_branch_is_read_and_written() {
    let env = Env::new();
    env.create(["One"]);
    env.git_out(&["gc", "-q"]);
    assert!(!env.repo().join(".git/refs/heads/quipu-sync").exists(), "it is packed");
    env.create(["Two"]);
    env.git_out(&["pack-refs", "--all"]);
    env.create(["Three"]);
    assert_eq!(titles(&env, &env.repo()), ["One", "Two", "Three"]);
    env.fsck();
}

#[test]
fn the_past_is_read_by_commit_and_by_date() {
    let env = Env::new();
    let key = env.create(["One"]);
    let commit = env.git_out(&["rev-parse", "quipu-sync"]).trim().to_owned();
    env.pass(2 * 24 * 3_600_000);
    env.qp(["close", &key]).success();
    env.create(["Two"]);
    for at in [&commit, &commit[..10], "quipu-sync~2", "2026-01-07", "2026-01-08T00:00:00Z"] {
        let then = env.json(["list", "--all", "--at", at]);
        assert_eq!(then.as_array().map(Vec::len), Some(1), "{at}");
        assert_eq!(env.json(["show", &key, "--at", at])[0]["status"], "open", "{at}");
    }
    env.qp(["list", "--at", "2020-01-01"]).exits(3);
    env.qp(["list", "--at", "no-such-commit"]).exits(3);
    let run = env.qp(["close", &key, "--at", &commit]).exits(2);
    assert!(run.stderr.contains("the past cannot be changed"), "{run}");
    assert_eq!(titles(&env, &env.repo()), ["One", "Two"]);
}
