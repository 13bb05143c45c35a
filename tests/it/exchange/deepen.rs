//! Shallow clones, and files and branches that build upon the part of the history which is not there.

use super::{Desk, Scene, script};
use crate::env::Run;

/// A server whose branch has gone on since bob saved a file, and a clone of depth 1 that has the file.
fn shallow(scene: &Scene) -> Desk<'_> {
    let (alice, bob) = (scene.alice(), scene.clone("bob", &[]));
    alice.git(&["commit", "-q", "--allow-empty", "-m", "second"]);
    alice.git(&["push", "-q", "origin", "main"]);
    bob.create("His");
    bob.run(&["outbox", "save"]);
    for title in ["Second", "Third"] {
        alice.create(title);
        alice.run(&["sync"]);
    }
    let carol = scene.clone("carol", &["--depth", "1", "--no-single-branch"]);
    scene.env.shell(scene.env.root(), "cp -r bob/.quipu carol/").success();
    carol
}

/// Runs qp with a git that writes down the fetches which deepen, and may refuse them.
fn watched(scene: &Scene, desk: &Desk<'_>, refuses: bool, args: &[&str]) -> (Run, usize) {
    let (git, log) = (scene.env.root().join("watched/git"), scene.env.root().join("deepened"));
    let end = if refuses { "echo 'fatal: no more' >&2; exit 128" } else { ":" };
    let case = format!("*' fetch '*--depth=*) echo >> '{}'; {end};;", log.display());
    script(
        &git,
        &format!("#!/bin/sh\nPATH=\"${{PATH#*:}}\"\ncase \" $* \" in {case} esac\nexec git \"$@\"\n"),
    );
    let path = std::env::var("PATH").expect("PATH is set");
    let path = format!("{}:{path}", git.parent().expect("a folder").display());
    std::fs::write(&log, "").expect("a file");
    let run = desk.qp_with(&[("PATH", &path)], args);
    (run, std::fs::read_to_string(&log).expect("a file").lines().count())
}

#[test]
fn what_a_file_builds_upon_is_fetched() {
    for command in ["sync", "pull"] {
        let scene = Scene::new();
        let carol = shallow(&scene);
        let run = carol.run(&[command, "--dry-run"]);
        assert!(run.stderr.contains("shallow: the exchange fetches all of quipu-sync first"), "{run}");
        let (run, deepened) = watched(&scene, &carol, false, &[command, "--json"]);
        let document = run.success().json();
        assert_eq!((&document["absorbed"]["operations"], deepened), (&1.into(), 1), "{document}");
        assert_eq!(carol.titles(), ["His", "Second", "Shared", "Third"]);
        assert_eq!(carol.git(&["rev-list", "--count", "origin/main"]).trim(), "1", "the code stays shallow");
        carol.fsck();
        assert_eq!(watched(&scene, &carol, false, &[command]).1, 0);
    }
}

#[test]
fn a_file_that_the_remote_has_long_since_is_known() {
    let scene = Scene::new();
    let carol = shallow(&scene);
    scene.at(scene.env.root().join("bob"), "bob").run(&["sync"]);
    scene.alice().run(&["sync"]);
    scene.alice().create("Fourth");
    scene.alice().run(&["sync"]);
    carol.git(&["fetch", "-q", "--depth", "1"]);
    let document = carol.json(&["sync"]);
    assert_eq!(document["in_sync"], true, "{document}");
    assert_eq!(carol.json(&["outbox"])[0]["state"], "shared");
}

#[test]
fn a_server_that_gives_no_more_is_asked_once_an_hour() {
    let scene = Scene::new();
    let carol = shallow(&scene);
    for expected in [1, 0] {
        let (run, deepened) = watched(&scene, &carol, true, &["sync"]);
        let run = run.exits(8);
        assert!(run.stderr.contains("builds upon commits that are not here"), "{run}");
        assert!(run.stderr.contains("hint: git fetch --unshallow origin quipu-sync, then qp sync"), "{run}");
        assert_eq!(deepened, expected);
    }
    assert_eq!(watched(&scene, &carol, true, &["sync", "--retry"]).1, 1);
    scene.env.pass(60 * 60 * 1000);
    assert_eq!(watched(&scene, &carol, true, &["pull"]).1, 1);
    // What the hint says helps.
    carol.git(&["fetch", "-q", "--unshallow", "origin", "quipu-sync"]);
    carol.run(&["sync"]);
    assert_eq!(carol.titles(), ["His", "Second", "Shared", "Third"]);
}

/// A file that builds upon what nobody has costs the history once, and no other fetch.
#[test]
fn a_foreign_file_costs_nothing_twice() {
    let scene = Scene::new();
    let carol = shallow(&scene);
    let bob = scene.at(scene.env.root().join("bob"), "bob");
    bob.git(&["update-ref", "refs/remotes/origin/quipu-sync", "quipu-sync"]);
    bob.create("Upon what nobody has");
    std::fs::remove_dir_all(bob.folder.join(".quipu")).expect("a folder");
    bob.run(&["outbox", "save"]);
    scene.env.shell(scene.env.root(), "rm -r carol/.quipu && cp -r bob/.quipu carol/").success();
    for expected in [1, 0] {
        let (run, deepened) = watched(&scene, &carol, false, &["sync"]);
        let run = run.exits(8);
        assert!(run.stderr.contains("qp pull, which may bring them"), "{run}");
        assert_eq!(deepened, expected);
    }
}

/// A whole tracker in a file meets a history that is cut off.
#[test]
fn a_file_with_the_whole_past_meets_a_cut_off_one() {
    let scene = Scene::new();
    let carol = shallow(&scene);
    let bob = scene.at(scene.env.root().join("bob"), "bob");
    bob.git(&["remote", "remove", "origin"]);
    bob.run(&["outbox", "save"]);
    scene.env.shell(scene.env.root(), "rm -r carol/.quipu && cp -r bob/.quipu carol/").success();
    assert_eq!(carol.json(&["sync"])["absorbed"]["operations"], 1);
    assert_eq!(carol.titles(), ["His", "Second", "Shared", "Third"]);
}

#[test]
fn a_branch_of_the_pattern_that_parted_before_is_taken_in() {
    let scene = Scene::new();
    let carol = shallow(&scene);
    std::fs::remove_dir_all(carol.folder.join(".quipu")).expect("a folder");
    let bob = scene.at(scene.env.root().join("bob"), "bob");
    bob.git(&["push", "-q", "origin", "quipu-sync:refs/heads/claude/quipu-sync-bob"]);
    carol.git(&["config", "quipu.fallbackBranch", "claude/quipu-sync-*"]);
    let (run, _) = watched(&scene, &carol, true, &["sync"]);
    let run = run.success();
    assert!(run.stderr.contains("git fetch --unshallow origin quipu-sync brings the rest"), "{run}");
    assert!(run.stdout.contains("1 branch of quipu.fallbackBranch could not be taken in"), "{run}");
    let document = carol.json(&["sync", "--retry"]);
    assert_eq!(document["harvested"], serde_json::json!(["claude/quipu-sync-bob"]));
    assert_eq!((&document["in_sync"], &document["swept"]), (&true.into(), &document["harvested"]));
    assert_eq!(carol.titles(), ["His", "Second", "Shared", "Third"]);
}

/// The history here ends at a commit that the remote's branch does not lead to any more.
#[test]
fn a_branch_that_was_put_back_before_the_end_of_the_history_is_merged() {
    let scene = Scene::new();
    let alice = scene.alice();
    alice.create("Put back");
    alice.run(&["sync"]);
    let bob = scene.clone("bob", &["--depth", "1", "--no-single-branch"]);
    bob.create("His");
    scene.env.run_git(&scene.server(), &["update-ref", super::BRANCH, "quipu-sync~1"]);
    let carol = scene.clone("carol", &[]);
    carol.create("Hers");
    carol.run(&["sync"]);
    bob.run(&["sync"]);
    assert_eq!(bob.titles(), ["Hers", "His", "Put back", "Shared"]);
    assert_eq!(scene.server_tip(), bob.tip());
}
