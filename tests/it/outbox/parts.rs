//! A clone that is locked in part, and trackers that travel as a file because no remote has them yet.

use super::{Scene, titles};
use crate::compat::locked::locked;
use crate::compat::skip;
use crate::env::{Env, without_commits};

const SKIP: &str = "nothing can be locked here";

#[test]
fn where_only_objects_or_only_refs_are_locked_a_sync_saves() {
    for part in [".git/objects", ".git/refs"] {
        let scene = Scene::new();
        let bob = scene.clone("bob");
        bob.qp(&["sync"]).success();
        scene.env.create(["Meanwhile"]);
        scene.env.git_out(&["push", "-q", "origin", "quipu-sync"]);
        let script = "qp q Inside && qp sync && qp sync --json";
        let Some(run) = locked(&scene.env, &bob.folder, part, script) else { return skip(SKIP) };
        let run = run.success();
        assert!(run.stdout.contains("origin: 1 operation in the outbox\n"), "{part}: {run}");
        assert_eq!(run.stderr.matches("saved, not shared, and nothing received").count(), 2, "{part}: {run}");
        let document = &run.stdout[run.stdout.find('{').expect("a document")..];
        let document: serde_json::Value = serde_json::from_str(document).expect("JSON");
        assert_eq!((&document["in_sync"], &document["stored"]), (&false.into(), &"outbox".into()));
        let name = document["outbox"].as_str().expect("a name");
        assert_eq!(without_commits(name), ".quipu/outbox/s1-COMMIT.bundle");
        bob.qp(&["sync"]).success();
        assert_eq!(bob.titles(), ["Inside", "Meanwhile", "Shared"]);
        scene.env.fsck_in(&bob.folder);
    }
}

/// A push needs no ref of this clone. What cannot be noted is told, and what was sent counts as sent.
#[test]
fn a_push_that_cannot_be_noted_was_made_all_the_same() {
    let scene = Scene::new();
    let bob = scene.clone("bob");
    bob.create("His");
    let Some(run) = locked(&scene.env, &bob.folder, ".git/refs", "qp sync") else { return skip(SKIP) };
    let run = run.success();
    assert!(run.stdout.starts_with("origin: sent 1 operation"), "{run}");
    assert!(run.stderr.contains("refs/remotes/origin/quipu-sync cannot be written"), "{run}");
    let server = scene.env.root().join("server.git");
    assert_eq!(scene.env.run_git(&server, &["rev-parse", super::BRANCH]).trim(), bob.tip());
    assert_eq!(bob.qp(&["sync", "--json"]).success().json()["in_sync"], true);
}

#[test]
fn a_locked_sync_names_the_file_that_has_everything() {
    let scene = Scene::new();
    let bob = scene.clone("bob");
    bob.qp(&["sync"]).success();
    // Another session has nothing to add to it.
    let script = "qp q Inside && QP_SESSION=s2 qp sync --json";
    let Some(run) = locked(&scene.env, &bob.folder, ".git", script) else { return skip(SKIP) };
    let run = run.success();
    let name = super::bundle_of(&bob.folder, "s1");
    let name = name.file_name().and_then(|name| name.to_str()).expect("UTF-8");
    assert!(run.stdout.contains(&format!("\"outbox\": \".quipu/outbox/{name}\"")), "{run}");
    assert_eq!(bob.states().len(), 1);
}

/// Brings the file of a tracker that was never pushed, after a write where `.git` was locked.
fn never_pushed(env: &Env) -> Option<()> {
    env.create(["One"]);
    locked(env, &env.repo(), ".git", "qp q Two")?.success();
    Some(())
}

#[test]
fn what_was_never_pushed_travels_whole() {
    let env = Env::git();
    env.run_git(env.root(), &["init", "-q", "--bare", "-b", "main", "server.git"]);
    env.git_out(&["commit", "-q", "--allow-empty", "-m", "first"]);
    env.git_out(&["remote", "add", "origin", "../server.git"]);
    env.git_out(&["push", "-q", "origin", "main"]);
    env.qp(["init", "--prefix", "web", "--quiet"]).success();
    let Some(()) = never_pushed(&env) else { return skip(SKIP) };
    env.git_out(&["add", ".quipu"]);
    env.git_out(&["commit", "-q", "-m", "work"]);
    env.git_out(&["push", "-q", "origin", "main"]);
    // A clone that has the tracker through that file alone reads it, takes it in and shares it.
    env.run_git(env.root(), &["clone", "-q", "server.git", "bob"]);
    let bob = env.root().join("bob");
    assert_eq!(titles(&env, &bob), ["One", "Two"]);
    let document = env.qp_in(&bob, ["sync", "--json"], &[], "").success().json();
    assert_eq!((&document["in_sync"], &document["absorbed"]["operations"]), (&true.into(), &3.into()));
    env.run_git(env.root(), &["clone", "-q", "server.git", "carol"]);
    std::fs::remove_dir_all(env.root().join("carol/.quipu")).expect("a folder");
    assert_eq!(titles(&env, &env.root().join("carol")), ["One", "Two"]);
    env.qp(["sync"]).success();
    assert_eq!(titles(&env, &env.repo()), ["One", "Two"]);
    env.fsck();
}

#[test]
fn an_empty_repository_reads_what_was_never_pushed() {
    let env = Env::new();
    let Some(()) = never_pushed(&env) else { return skip(SKIP) };
    env.run_git(env.root(), &["init", "-q", "empty"]);
    env.shell(env.root(), "cp -r repo/.quipu empty/").success();
    let empty = env.root().join("empty");
    env.run_git(&empty, &["add", ".quipu"]);
    env.run_git(&empty, &["commit", "-q", "-m", "work"]);
    assert_eq!(titles(&env, &empty), ["One", "Two"]);
    env.qp_in(&empty, ["outbox", "absorb"], &[], "").success();
    assert_eq!(titles(&env, &empty), ["One", "Two"]);
    env.fsck_in(&empty);
}
