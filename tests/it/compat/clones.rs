//! Clones of a hub: reads and writes start from what an ordinary clone or fetch has brought.

use std::path::PathBuf;

use super::{skip, titles, works};
use crate::env::Env;

/// A hub with a tracker of prefix `web` and one issue, made in `repo`.
fn hub() -> Env {
    let env = Env::new();
    env.git_out(&["commit", "-q", "--allow-empty", "-m", "first"]);
    env.run_git(env.root(), &["init", "-q", "--bare", "-b", "main", "hub.git"]);
    env.git_out(&["remote", "add", "origin", "../hub.git"]);
    env.create(["One"]);
    env.git_out(&["push", "-q", "origin", "main", "quipu-sync"]);
    env
}

fn clone(env: &Env, name: &str, args: &[&str]) -> PathBuf {
    let url = format!("file://{}", env.root().join("hub.git").display());
    env.run_git(env.root(), &[&["clone", "-q"], args, &[&url, name]].concat());
    env.root().join(name)
}

fn rev(env: &Env, folder: &std::path::Path, name: &str) -> String {
    env.run_git(folder, &["rev-parse", name]).trim().to_owned()
}

#[test]
fn the_remote_branch_alone_is_read_and_written_on() {
    let env = hub();
    let folder = clone(&env, "other", &[]);
    assert_eq!(titles(&env, &folder), ["One"]);
    assert_eq!(env.run_git(&folder, &["branch", "--list", "quipu-sync"]), "", "reading makes no branch");
    env.qp_in(&folder, ["q", "Two"], &[], "").success();
    let parent = rev(&env, &folder, "quipu-sync^");
    assert_eq!(parent, rev(&env, &folder, "origin/quipu-sync"), "the write stands on the remote's branch");
    env.run_git(&folder, &["push", "-q", "origin", "quipu-sync"]);
    env.fsck_in(&folder);
}

#[test]
fn init_finds_the_remote_branch() {
    let env = hub();
    let folder = clone(&env, "other", &[]);
    let run = env.qp_in(&folder, ["init", "--prefix", "other"], &[], "").success();
    assert!(run.stdout.contains("there is a tracker on the branch quipu-sync already"), "{run}");
    assert_eq!(titles(&env, &folder), ["One"]);
}

#[test]
fn an_ordinary_fetch_is_enough() {
    let env = hub();
    let folder = clone(&env, "other", &[]);
    env.qp_in(&folder, ["q", "Two"], &[], "").success();
    env.run_git(&folder, &["push", "-q", "origin", "quipu-sync"]);
    env.git_out(&["fetch", "-q"]);
    assert_eq!(titles(&env, &env.repo()), ["One", "Two"], "the local branch is behind");
    env.create(["Three"]);
    assert_eq!(rev(&env, &env.repo(), "quipu-sync^"), rev(&env, &env.repo(), "origin/quipu-sync"));
    assert_eq!(titles(&env, &env.repo()), ["One", "Two", "Three"]);
}

#[test]
fn a_divergence_is_told_in_one_line() {
    let env = hub();
    let folder = clone(&env, "other", &[]);
    env.qp_in(&folder, ["q", "Theirs"], &[], "").success();
    env.run_git(&folder, &["push", "-q", "origin", "quipu-sync"]);
    env.create(["Ours"]);
    env.git_out(&["fetch", "-q"]);
    let run = env.qp(["list"]).success();
    assert_eq!(run.stderr.lines().count(), 1, "{run}");
    assert!(run.stderr.contains("quipu-sync and the remote's have diverged"), "{run}");
    assert_eq!(titles(&env, &env.repo()), ["One", "Ours"]);
    let document = env.qp(["list", "--json"]).success();
    assert_eq!(document.json().as_array().map(Vec::len), Some(2));
}

#[test]
fn the_remote_may_have_any_name() {
    let env = hub();
    let folder = clone(&env, "other", &["-o", "upstream"]);
    assert_eq!(titles(&env, &folder), ["One"]);
}

#[test]
fn of_several_remotes_the_right_one_is_taken() {
    let env = hub();
    let folder = clone(&env, "other", &["-o", "upstream"]);
    env.run_git(env.root(), &["init", "-q", "--bare", "fork.git"]);
    env.run_git(&folder, &["remote", "add", "fork", "../fork.git"]);
    // Neither is called origin, so nothing says which.
    let run = env.qp_in(&folder, ["list"], &[], "").exits(9);
    assert!(run.stderr.contains("no tracker here"), "{run}");
    env.run_git(&folder, &["config", "quipu.remote", "upstream"]);
    assert_eq!(titles(&env, &folder), ["One"]);
    env.run_git(&folder, &["config", "--unset", "quipu.remote"]);
    env.run_git(&folder, &["config", "branch.quipu-sync.remote", "upstream"]);
    assert_eq!(titles(&env, &folder), ["One"]);
    env.run_git(&folder, &["config", "--unset", "branch.quipu-sync.remote"]);
    env.run_git(&folder, &["remote", "rename", "upstream", "origin"]);
    assert_eq!(titles(&env, &folder), ["One"]);
}

#[test]
fn a_shallow_clone_reads_and_writes() {
    let env = hub();
    env.create(["Two"]);
    env.git_out(&["push", "-q", "origin", "quipu-sync"]);
    let folder = clone(&env, "shallow", &["--depth", "1", "--no-single-branch"]);
    assert_eq!(env.run_git(&folder, &["rev-list", "--count", "origin/quipu-sync"]).trim(), "1");
    assert_eq!(titles(&env, &folder), ["One", "Two"]);
    env.qp_in(&folder, ["q", "Three"], &[], "").success();
    assert_eq!(titles(&env, &folder), ["One", "Two", "Three"]);
    env.run_git(&folder, &["push", "-q", "origin", "quipu-sync"]);
    env.fsck_in(&folder);
    env.fsck_in(&env.root().join("hub.git"));
    env.qp_in(&folder, ["log"], &[], "").success();
}

#[test]
fn a_shallow_clone_of_one_branch_has_no_tracker_until_it_is_fetched() {
    let env = hub();
    let folder = clone(&env, "shallow", &["--depth", "1"]);
    let run = env.qp_in(&folder, ["list"], &[], "").exits(9);
    let hint = run.stderr.lines().find_map(|l| l.strip_prefix("hint: ")).expect("a hint");
    let remedy = hint.split(", ").next().expect("a command");
    assert_eq!(env.shell(&folder, remedy).code, 0, "{run}");
    assert_eq!(titles(&env, &folder), ["One"]);
    env.qp_in(&folder, ["q", "Two"], &[], "").success();
}

#[test]
fn two_shallow_ends_without_a_common_commit_have_diverged() {
    let env = hub();
    let folder = clone(&env, "shallow", &["--depth", "1", "--no-single-branch"]);
    env.qp_in(&folder, ["q", "Ours"], &[], "").success();
    for title in ["Two", "Three"] {
        env.create([title]);
    }
    env.git_out(&["push", "-q", "origin", "quipu-sync"]);
    let branch = "+refs/heads/quipu-sync:refs/remotes/origin/quipu-sync";
    env.run_git(&folder, &["fetch", "-q", "--depth", "1", "origin", branch]);
    let run = env.qp_in(&folder, ["list"], &[], "").success();
    assert!(run.stderr.contains("have diverged"), "{run}");
    assert!(run.stdout.contains("Ours"), "{run}");
}

/// A clone without the content of files.
fn partial(env: &Env) -> Option<PathBuf> {
    env.run_git(&env.root().join("hub.git"), &["config", "uploadpack.allowFilter", "true"]);
    env.run_git(&env.root().join("hub.git"), &["config", "uploadpack.allowAnySHA1InWant", "true"]);
    let folder = clone(env, "partial", &["--filter=blob:none", "--no-checkout"]);
    let missing = env.run_git(&folder, &["rev-list", "--objects", "--missing=print", "origin/quipu-sync"]);
    missing.contains('?').then_some(folder)
}

#[test]
fn a_partial_clone_brings_what_it_lacks() {
    let env = hub();
    let Some(folder) = partial(&env) else { return skip("git makes no partial clones") };
    assert_eq!(titles(&env, &folder), ["One"]);
    works_in_partial(&env, &folder);
}

fn works_in_partial(env: &Env, folder: &std::path::Path) {
    env.qp_in(folder, ["q", "Two"], &[], "").success();
    assert_eq!(titles(env, folder), ["One", "Two"]);
    env.run_git(folder, &["push", "-q", "origin", "quipu-sync"]);
    env.fsck_in(&env.root().join("hub.git"));
}

#[test]
fn a_partial_clone_without_its_remote_says_what_is_missing() {
    let env = hub();
    let Some(folder) = partial(&env) else { return skip("git makes no partial clones") };
    let (here, away) = (env.root().join("hub.git"), env.root().join("away.git"));
    std::fs::rename(&here, &away).expect("the hub can be moved");
    let run = env.qp_in(&folder, ["list"], &[], "").exits(9);
    assert!(run.stderr.contains("partial clone"), "{run}");
    assert_eq!(run.stdout, "");
    // The remedy works as it stands.
    std::fs::rename(&away, &here).expect("the hub can be moved");
    let remedy = run.stderr.lines().find_map(|l| l.strip_prefix("hint: ")).expect("a hint").to_owned();
    assert_eq!(env.shell(&folder, &remedy).code, 0, "{remedy}");
    std::fs::rename(&here, &away).expect("the hub can be moved");
    assert_eq!(titles(&env, &folder), ["One"]);
}

#[test]
fn an_empty_tracker_is_shared_before_it_is_filled() {
    let env = Env::new();
    env.run_git(env.root(), &["clone", "-q", "repo", "other"]);
    works(&env, &env.root().join("other"));
}
