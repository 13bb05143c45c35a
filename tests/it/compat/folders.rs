//! Folders that are missing, cannot be written, or are not what they seem.

use std::path::Path;

use super::{skip, titles};
use crate::env::Env;

#[test]
fn no_folder_for_temporary_files_is_needed() {
    let mut env = Env::new();
    env.git_out(&["commit", "-q", "--allow-empty", "-m", "first"]);
    env.run_git(env.root(), &["init", "-q", "--bare", "hub.git"]);
    env.git_out(&["remote", "add", "origin", "../hub.git"]);
    env.set("TMPDIR", "/nonexistent");
    let key = env.create(["One", "-d", "A text."]);
    env.qp(["update", &key, "--description", "Another text."]).success();
    env.qp(["search", "text"]).success();
    env.qp(["sync"]).success();
    assert_eq!(titles(&env, &env.repo()), ["One"]);
    // Where there is a folder but nothing in it can be run, nothing is run from there.
    let script = "mkdir n && unshare -rm sh -c 'mount -t tmpfs -o noexec tmpfs n && TMPDIR=$PWD/n qp q Two'";
    let run = env.shell(&env.repo(), script);
    if run.stderr.contains("unshare") || run.stderr.contains("mount") {
        return skip("nothing can be mounted here");
    }
    assert_eq!(run.code, 0, "{run}");
}

#[test]
fn a_home_that_cannot_be_written_is_no_matter() {
    let env = Env::new();
    let home = env.root().join("home").display().to_string();
    let bind = format!("mount --bind {home} {home} && mount -o remount,bind,ro {home}");
    let check =
        "! touch \"$HOME/x\" 2>/dev/null && qp q One && qp list && qp status && qp search One && qp doctor";
    let run = env.shell(&env.repo(), &format!("unshare -rm sh -c '{bind} && {check}'"));
    if run.stderr.contains("unshare") || run.stderr.contains("mount") {
        return skip("nothing can be mounted here");
    }
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run}");
    let left = std::fs::read_dir(&home).expect("a folder").count();
    assert_eq!(left, 0, "nothing is ever written there");
}

#[test]
fn a_worktree_without_its_repository_says_where_that_should_be() {
    let env = Env::new();
    env.git_out(&["commit", "-q", "--allow-empty", "-m", "first"]);
    env.git_out(&["worktree", "add", "-q", "-b", "feature", "../linked"]);
    std::fs::rename(env.repo(), env.root().join("hidden")).expect("a folder");
    let linked = env.root().join("linked");
    for command in [&["list"][..], &["q", "One"]] {
        let run = env.qp_in(&linked, command, &[], "").exits(9);
        assert!(run.stderr.contains("the repository of this worktree is not at"), "{run}");
        assert!(run.stderr.contains("repo/.git/worktrees/linked"), "{run}");
        assert_eq!(run.stdout, "");
    }
    std::fs::rename(env.root().join("hidden"), env.repo()).expect("a folder");
    env.qp_in(&linked, ["q", "One"], &[], "").success();
}

/// Some mounts let files be made, and neither renamed nor deleted. What is half done there must not stop the next one.
#[test]
fn where_nothing_can_be_renamed_nothing_is_half_done() {
    for folders in [".git/objects .git/objects/??", ".git/refs/heads"] {
        let env = Env::new();
        env.create(["One"]);
        let tip = env.git_out(&["rev-parse", "quipu-sync"]);
        if env.shell(&env.repo(), &format!("chattr +a {folders}")).code != 0 {
            return skip("no file attributes can be set here");
        }
        let first = env.qp(["q", "Two", "--json"]);
        let second = env.qp(["q", "Three", "--json"]);
        let read = env.qp(["list"]);
        // Everything below must come after this, or the folder cannot be deleted.
        assert_eq!(env.shell(&env.repo(), &format!("chattr -a {folders}")).code, 0);
        for run in [first.success(), second.success()] {
            assert_eq!(run.json()["stored"], "outbox", "{run}");
            assert!(run.stderr.starts_with("saved, not shared"), "{run}");
        }
        assert!(read.success().stdout.contains("Three"));
        assert_eq!(env.git_out(&["rev-parse", "quipu-sync"]), tip);
        env.create(["Four"]);
        assert_eq!(titles(&env, &env.repo()), ["One", "Two", "Three", "Four"]);
        env.fsck();
    }
}

fn bare_with_tracker() -> Env {
    let mut env = Env::bare();
    env.run_git(env.root(), &["init", "-q", "--bare", "-b", "main", "repo"]);
    env.qp(["init", "--prefix", "web"]).success();
    let tree = env.run_git(&env.repo(), &["hash-object", "-t", "tree", "-w", "/dev/null"]);
    let commit = env.run_git(&env.repo(), &["commit-tree", "-m", "first", tree.trim()]);
    env.run_git(&env.repo(), &["update-ref", "refs/heads/main", commit.trim()]);
    let global = env.root().join("home/.gitconfig");
    std::fs::write(&global, "[safe]\n\tbareRepository = explicit\n").expect("a file");
    env.set("GIT_CONFIG_GLOBAL", global.to_str().expect("UTF-8"));
    env
}

#[test]
fn a_bare_repository_that_git_stays_out_of() {
    let env = bare_with_tracker();
    assert_ne!(env.try_git(&env.repo(), &["log"]).code, 0, "git refuses it");
    for command in [&["list"][..], &["q", "One"], &["sync"], &["init"]] {
        let run = env.qp(command).exits(9);
        assert!(run.stderr.contains("is a bare repository, and safe.bareRepository keeps git out"), "{run}");
    }
    // As the hint says: a worktree is a place to work in, and so is the git directory of one.
    let git_dir = format!("--git-dir={}", env.repo().display());
    env.run_git(env.root(), &[&git_dir, "worktree", "add", "-q", "linked", "main"]);
    env.qp_in(&env.root().join("linked"), ["q", "One"], &[], "").success();
    env.run_git(env.root(), &["init", "-q", "plain"]);
    let inside: &Path = &env.root().join("plain/.git");
    env.qp_in(inside, ["init", "--prefix", "two"], &[], "").success();
    env.qp_in(inside, ["q", "Two"], &[], "").success();
}

/// The repository itself cannot say that it is to be trusted.
#[test]
fn a_bare_repository_does_not_allow_itself() {
    let env = bare_with_tracker();
    let config = env.repo().join("config");
    let text = std::fs::read_to_string(&config).expect("a file") + "[safe]\n\tbareRepository = all\n";
    std::fs::write(&config, text).expect("a file");
    env.qp(["list"]).exits(9);
}
