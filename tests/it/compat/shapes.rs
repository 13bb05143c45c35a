//! Kinds of repositories: wherever git finds one, there is a tracker.

use std::path::PathBuf;

use super::{lives, skip, titles, works};
use crate::env::Env;

/// Makes the first commit of `repo`.
fn with_commit() -> Env {
    let env = Env::git();
    env.git_out(&["commit", "-q", "--allow-empty", "-m", "first"]);
    env
}

#[test]
fn an_unborn_branch_is_enough() {
    let env = Env::git();
    lives(&env, &env.repo());
}

#[test]
fn a_detached_head_is_no_matter() {
    let env = with_commit();
    env.git_out(&["checkout", "-q", "--detach"]);
    lives(&env, &env.repo());
}

#[test]
fn a_folder_below_the_top_belongs_to_the_repository() {
    let env = Env::git();
    let below = env.repo().join("a/b");
    std::fs::create_dir_all(&below).expect("folders");
    lives(&env, &below);
    assert_eq!(titles(&env, &env.repo()), ["First", "Second"]);
}

#[test]
fn the_git_directory_itself_belongs_to_the_repository() {
    let env = Env::git();
    lives(&env, &env.repo().join(".git"));
}

#[test]
fn linked_worktrees_share_one_tracker() {
    let env = with_commit();
    env.git_out(&["worktree", "add", "-q", "-b", "feature", "../linked"]);
    let linked = env.root().join("linked");
    lives(&env, &linked);
    assert_eq!(titles(&env, &env.repo()), ["First", "Second"]);
    env.create(["From the main one"]);
    assert_eq!(titles(&env, &linked).len(), 3);
}

#[test]
fn each_worktree_is_a_session_of_its_own() {
    let mut env = with_commit();
    env.unset("QP_SESSION");
    env.git_out(&["worktree", "add", "-q", "-b", "feature", "../linked"]);
    env.qp(["init"]).success();
    let linked = env.root().join("linked");
    for _ in 0..2 {
        env.create(["Here"]);
        env.qp_in(&linked, ["q", "There"], &[], "").success();
    }
    let log = env.git_out(&[
        "log",
        "-4",
        "--format=%(trailers:key=Quipu-Session,valueonly,separator=)",
        "quipu-sync",
    ]);
    let sessions: Vec<&str> = log.lines().collect();
    assert_eq!((sessions[0], sessions[1]), (sessions[2], sessions[3]), "a session is kept");
    assert_ne!(sessions[0], sessions[1], "each worktree has its own");
    assert!(!sessions[0].is_empty());
}

#[test]
fn a_bare_repository_has_one_too() {
    let env = Env::bare();
    env.run_git(env.root(), &["init", "-q", "--bare", "hub.git"]);
    lives(&env, &env.root().join("hub.git"));
}

#[test]
fn a_bare_repository_may_have_worktrees() {
    let env = with_commit();
    env.run_git(env.root(), &["clone", "-q", "--bare", "repo", "box/.bare"]);
    let folder = env.root().join("box");
    std::fs::write(folder.join(".git"), "gitdir: ./.bare\n").expect("a file");
    env.run_git(&folder, &["worktree", "add", "-q", "main"]);
    lives(&env, &folder.join("main"));
    assert_eq!(titles(&env, &folder).len(), 2);
}

#[test]
fn the_git_directory_may_stand_elsewhere() {
    let env = Env::bare();
    env.run_git(env.root(), &["init", "-q", "--separate-git-dir", "elsewhere", "repo"]);
    lives(&env, &env.repo());
    assert!(env.root().join("elsewhere/refs/heads/quipu-sync").exists());
}

#[test]
fn a_submodule_has_its_own() {
    let env = with_commit();
    env.run_git(env.root(), &["clone", "-q", "repo", "library"]);
    let add = ["-c", "protocol.file.allow=always", "submodule", "add", "-q", "../library", "library"];
    env.git_out(&add);
    lives(&env, &env.repo().join("library"));
    env.qp(["list"]).exits(9);
    env.git_out(&["rev-parse", "--verify", "HEAD"]);
    assert_eq!(env.git_out(&["branch", "--list", "quipu-sync"]), "", "the outer repository has none");
}

#[test]
fn alternates_are_read() {
    let env = Env::new();
    env.create(["In the other one"]);
    let clone = ["clone", "-q", "--shared", "-b", "quipu-sync", "repo", "borrower"];
    env.run_git(env.root(), &clone);
    assert_eq!(titles(&env, &env.root().join("borrower")), ["In the other one"]);
}

fn init(args: &[&str]) -> Option<(Env, PathBuf)> {
    let env = Env::bare();
    let made = env.try_git(env.root(), &[&["init", "-q", "-b", "main"], args, &["repo"]].concat());
    let repo = env.repo();
    (made.code == 0).then_some((env, repo))
}

#[test]
fn sha256_is_as_good_as_sha1() {
    let Some((env, repo)) = init(&["--object-format=sha256"]) else { return skip("git has no SHA-256") };
    lives(&env, &repo);
    assert_eq!(env.git_out(&["rev-parse", "quipu-sync"]).trim().len(), 64);
}

#[test]
fn reftable_is_as_good_as_files() {
    let Some((env, repo)) = init(&["--ref-format=reftable"]) else { return skip("git has no reftable") };
    env.qp(["list"]).exits(9);
    lives(&env, &repo);
    env.git_out(&["commit", "-q", "--allow-empty", "-m", "first"]);
    env.git_out(&["worktree", "add", "-q", "-b", "feature", "../linked"]);
    let linked = env.root().join("linked");
    assert_eq!(titles(&env, &linked).len(), 2);
    env.qp_in(&linked, ["q", "Third"], &[], "").success();
    assert_eq!(titles(&env, &env.repo()).len(), 3);
    let log = env.git_out(&["reflog", "show", "--format=%gs", "quipu-sync"]);
    assert!(log.starts_with("qp: create web-"), "{log}");
}

#[test]
fn reftable_with_the_remote_branch_only() {
    let Some((env, repo)) = init(&["--ref-format=reftable"]) else { return skip("git has no reftable") };
    env.qp(["init", "--prefix", "web"]).success();
    env.git_out(&["commit", "-q", "--allow-empty", "-m", "first"]);
    let clone = ["clone", "-q", "--ref-format=reftable", "repo", "clone"];
    env.run_git(env.root(), &clone);
    works(&env, &env.root().join("clone"));
    env.fsck_in(&repo);
}

#[test]
fn outside_of_any_repository_the_way_is_shown() {
    let env = Env::bare();
    let run = env.qp_in(env.root(), ["list"], &[], "").exits(9);
    assert!(run.stderr.contains("no git repository") && run.stderr.contains("hint: git init"), "{run}");
    assert_eq!(run.stdout, "");
}
