//! The first sync of a clone, whatever it is a clone of.

use super::{BRANCH, Scene};

#[test]
fn a_fresh_clone_takes_the_branch() {
    let scene = Scene::new();
    let bob = scene.clone("bob", &[]);
    assert_eq!(bob.tip(), "");
    assert_eq!(bob.run(&["sync"]).stdout, "origin: in sync\n");
    assert_eq!(bob.tip(), scene.server_tip());
    // Nothing but the remote: no branch of it is known, not even its own.
    let carol = scene.at(scene.env.root().join("carol"), "carol");
    scene.env.run_git(scene.env.root(), &["init", "-q", "carol"]);
    carol.git(&["remote", "add", "origin", "../server.git"]);
    assert_eq!(carol.error(9, &["list"])["code"], "no_tracker");
    let run = carol.run(&["pull"]);
    assert!(run.stdout.starts_with("origin: received 2 operations (web-"), "{run}");
    assert_eq!(carol.titles(), ["Shared"]);
    carol.fsck();
}

#[test]
fn a_server_without_a_tracker_is_told() {
    let scene = Scene::unsent();
    let bob = scene.clone("bob", &[]);
    for command in ["sync", "pull", "push"] {
        let run = bob.run(&[command]);
        assert_eq!(run.stdout, "origin: no tracker there and none here: qp init starts one\n");
    }
    assert_eq!(bob.json(&["sync"])["in_sync"], false);
    let alice = scene.alice();
    assert_eq!(alice.run(&["pull"]).stdout, "origin: no tracker there yet: qp push sends this one\n");
    assert_eq!(scene.server_tip(), "");
    assert_eq!(alice.run(&["push"]).stdout, "origin: sent 1 operation\n");
    assert_eq!(scene.server_tip(), alice.tip());
    bob.run(&["sync"]);
    assert_eq!(bob.tip(), alice.tip());
}

#[test]
fn a_branch_that_was_deleted_on_the_server_comes_back() {
    let scene = Scene::new();
    let alice = scene.alice();
    let bob = scene.clone("bob", &[]);
    bob.run(&["sync"]);
    bob.create("His");
    scene.env.run_git(&scene.server(), &["update-ref", "-d", BRANCH]);
    let run = alice.run(&["pull"]);
    assert_eq!(run.stdout, "origin: no tracker there yet: qp push sends this one\n");
    assert_eq!(alice.json(&["pull"])["unsent"], 2);
    let before = alice.tip();
    alice.run(&["sync"]);
    assert_eq!((scene.server_tip(), alice.tip()), (before.clone(), before));
    bob.run(&["sync"]);
    alice.run(&["sync"]);
    assert_eq!(alice.titles(), ["His", "Shared"]);
    // Somebody who has only the remote-tracking branch brings it back, too.
    let carol = scene.clone("carol", &[]);
    scene.env.run_git(&scene.server(), &["update-ref", "-d", BRANCH]);
    carol.run(&["sync"]);
    assert_eq!(scene.server_tip(), alice.tip());
}

/// Bob starts a tracker of his own, with an issue in it, before he hears of hers.
fn started_apart(prefix: &str, with_issue: bool) -> Scene {
    let scene = Scene::unsent();
    let bob = scene.clone("bob", &[]);
    bob.run(&["init", "--prefix", prefix]);
    if with_issue {
        bob.create("His");
    }
    scene.env.create(["Hers"]);
    scene.alice().run(&["sync"]);
    scene
}

#[test]
fn two_that_were_started_with_the_same_prefix_are_one() {
    let scene = started_apart("web", true);
    let bob = scene.at(scene.env.root().join("bob"), "bob");
    let run = bob.run(&["sync"]);
    assert!(run.stdout.contains("merged without a conflict"), "{run}");
    scene.alice().run(&["sync"]);
    for desk in [&bob, &scene.alice()] {
        assert_eq!(desk.titles(), ["Hers", "His"]);
    }
    assert_eq!(bob.tip(), scene.alice().tip());
}

#[test]
fn one_that_has_no_issues_yet_joins() {
    let scene = started_apart("bobs", false);
    let bob = scene.at(scene.env.root().join("bob"), "bob");
    bob.run(&["sync"]);
    let (key, hers) = (bob.create("His"), scene.alice().json(&["list"])[0]["id"].clone());
    bob.run(&["sync"]);
    scene.alice().run(&["sync"]);
    assert_eq!(scene.alice().show(&key)["title"], "His");
    assert_eq!(bob.show(hers.as_str().expect("a key"))["title"], "Hers");
}

#[test]
fn two_trackers_are_not_made_one_by_chance() {
    let scene = started_apart("app", true);
    let bob = scene.at(scene.env.root().join("bob"), "bob");
    let (mine, theirs) = (bob.tip(), scene.server_tip());
    for command in [&["sync"][..], &["pull"], &["push"], &["sync", "--dry-run"]] {
        let error = bob.error(6, command);
        assert_eq!(error["code"], "two_trackers");
        let message = error["error"].as_str().expect("a message");
        assert!(message.contains("app-…") && message.contains("web-…"), "{message}");
        assert_eq!((bob.tip(), scene.server_tip()), (mine.clone(), theirs.clone()));
    }
    let (his, hers) = (bob.create("Another"), scene.alice().json(&["list"])[0]["id"].clone());
    bob.run(&["sync", "--join"]);
    bob.create("After");
    bob.run(&["sync"]);
    let alice = scene.alice();
    alice.run(&["sync"]);
    assert_eq!(alice.titles(), ["After", "Another", "Hers", "His"]);
    for desk in [&alice, &bob] {
        assert_eq!(desk.show(&his)["title"], "Another", "the old keys still lead there");
        assert_eq!(desk.show(hers.as_str().expect("a key"))["title"], "Hers");
    }
}

#[test]
fn shallow_clones_are_deepened_to_merge() {
    for args in [&["--depth", "1"][..], &["--depth", "1", "--no-single-branch"]] {
        let scene = Scene::new();
        let alice = scene.alice();
        let key = alice.run(&["q", "Common", "-d", "One\nTwo\nThree"]).stdout.trim().to_owned();
        alice.run(&["sync"]);
        let bob = scene.clone("bob", args);
        bob.run(&["pull"]);
        bob.run(&["update", &key, "--description", "One, his\nTwo\nThree"]);
        alice.run(&["update", &key, "--description", "One\nTwo\nThree, hers"]);
        alice.run(&["sync"]);
        // Now neither side's history reaches the commit that both know.
        bob.git(&["fetch", "-q", "--depth", "1", "origin", "+quipu-sync:refs/remotes/origin/quipu-sync"]);
        bob.run(&["sync"]);
        assert_eq!(bob.show(&key)["description"], "One, his\nTwo\nThree, hers");
        assert_eq!(scene.server_tip(), bob.tip());
        bob.fsck();
    }
}

#[test]
fn without_the_history_for_a_merge_both_sides_are_kept() {
    let scene = Scene::new();
    let alice = scene.alice();
    let bob = scene.clone("bob", &["--depth", "1", "--no-single-branch"]);
    bob.create("His");
    alice.create("Hers");
    alice.run(&["sync"]);
    bob.git(&["fetch", "-q", "--depth", "1"]);
    let git = scene.env.root().join("refusing/git");
    super::script(
        &git,
        "#!/bin/sh\nPATH=\"${PATH#*:}\"\ncase \" $* \" in *' --unshallow '*|*' --deepen'*|*' --depth='*) \
         echo 'fatal: the remote end hung up unexpectedly' >&2; exit 128;; esac\nexec git \"$@\"\n",
    );
    let path =
        format!("{}:{}", git.parent().expect("a folder").display(), std::env::var("PATH").expect("PATH"));
    let before = bob.tip();
    let run = bob.qp_with(&[("PATH", &path)], &["sync", "--json"]).exits(8);
    assert!(run.stderr.contains("\"code\":\"shallow\""), "{run}");
    assert!(run.stderr.contains("both sides are kept"), "{run}");
    assert_eq!(bob.tip(), before);
    assert_eq!(bob.rev("refs/remotes/origin/quipu-sync"), scene.server_tip());
    assert_eq!(bob.titles(), ["His", "Shared"]);
    bob.run(&["sync"]);
    assert_eq!(bob.titles(), ["Hers", "His", "Shared"]);
}
