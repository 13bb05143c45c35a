//! What is said of a file: where it may not be taken in, and when a write has taken it in.

use snapbox::str;

use super::{Desk, Scene, bring};
use crate::compat::locked::locked;
use crate::compat::skip;
use crate::env::{Run, without_commits};
use crate::snapshot;

/// Runs a script where `.git` of the clone cannot be written.
fn inside(desk: &Desk<'_>, script: &str) -> Option<Run> {
    let who = format!("export QP_ACTOR={0} QP_SESSION={0}; {script}", desk.who);
    locked(desk.env, &desk.folder, ".git", &who)
}

#[test]
fn where_nothing_can_be_taken_in_nobody_is_sent_to_do_so() {
    let scene = Scene::new();
    let desk = scene.clone("bob");
    let Some(run) = inside(&desk, "qp q One && qp outbox") else { return skip("nothing can be locked here") };
    let list = without_commits(&run.success().stdout);
    assert!(
        list.ends_with(
            ".quipu/outbox/bob-COMMIT.bundle  1 operation  in use here, not shared: commit it with your work\n"
        ),
        "{list}"
    );
    let run = inside(&desk, "qp status && qp prime").expect("it worked before").success();
    assert!(!run.stdout.contains("takes it in"), "{run}");
    let said = without_commits(&run.stdout);
    assert!(said.contains("outbox: 1 operation in .quipu/outbox/bob-COMMIT.bundle, not shared"), "{run}");
    assert!(
        said.contains("- in .quipu/outbox/bob-COMMIT.bundle: 1 change not on the branch here yet"),
        "{run}"
    );
    // Outside it can be.
    let list = desk.qp(&["outbox"]).success().stdout;
    assert!(list.ends_with("not on the branch here: qp sync takes it in\n"), "{list}");
    // A read has made nothing.
    assert!(!desk.folder.join(".git/quipu/lock").exists());
}

#[test]
fn what_is_here_and_locked_is_not_sent_to_a_sync() {
    let scene = Scene::new();
    let desk = scene.clone("bob");
    desk.create("One");
    desk.save();
    let Some(run) = inside(&desk, "qp outbox") else { return skip("nothing can be locked here") };
    assert!(run.success().stdout.ends_with("on the branch here, not shared: commit it with your work\n"));
    let list = desk.qp(&["outbox"]).success().stdout;
    assert!(list.ends_with("on the branch here, not shared: qp sync\n"), "{list}");
}

#[test]
fn what_the_remote_refuses_is_not_sent_to_a_sync() {
    let scene = Scene::new();
    let desk = scene.clone("bob");
    desk.create("One");
    let hook = scene.env.root().join("server.git/hooks/update");
    std::fs::create_dir_all(hook.parent().expect("a folder")).expect("a folder");
    std::fs::write(&hook, "#!/bin/sh\ncase $1 in refs/heads/quipu-sync) exit 1;; esac\n").expect("a hook");
    scene.env.shell(scene.env.root(), "chmod +x server.git/hooks/update").success();
    desk.qp(&["sync"]).success();
    let last = || desk.qp(&["outbox"]).success().stdout.split_once("shared: ").expect("a state").1.to_owned();
    assert_eq!(last(), "commit it with your work\n");
    desk.git(&["add", ".quipu/outbox"]);
    desk.git(&["commit", "-q", "-m", "work"]);
    assert_eq!(last(), "it travels with your branch\n");
    std::fs::remove_file(&hook).expect("a hook");
    desk.qp(&["sync", "--retry"]).success();
    assert!(desk.qp(&["outbox"]).success().stdout.ends_with("shared: qp outbox prune removes it\n"));
}

#[test]
fn a_step_that_git_cannot_take_is_not_named() {
    let scene = Scene::new();
    let desk = scene.clone("bob");
    let Some(run) = inside(&desk, "qp q One && qp outbox save") else {
        return skip("nothing can be locked here");
    };
    let run = run.success();
    assert!(run.stderr.ends_with("with your work: nothing can be committed where .git is locked\n"), "{run}");
    let run = inside(&desk, "qp outbox absorb").expect("it worked before").exits(9);
    assert!(run.stderr.contains("hint: qp outbox absorb where .git can be written"), "{run}");
}

#[test]
fn a_write_names_what_it_takes_in() {
    let scene = Scene::new();
    let (bob, carol, dave) = (scene.clone("bob"), scene.clone("carol"), scene.clone("dave"));
    bob.create("First");
    bob.create("Second");
    bob.save();
    for desk in [&carol, &dave] {
        bring(&bob, desk);
    }
    snapshot!(
        carol.qp(&["create", "Third"]),
        str![[r#"
created web-edqr: Third
[stderr]
took in 2 operations (web-3ac9, web-hc1g) from the outbox

"#]]
    );
    assert_eq!(carol.qp(&["q", "Fourth"]).success().stderr, "");
    assert_eq!(dave.qp(&["q", "Third", "--quiet"]).success().stderr, "");
    assert_eq!(dave.titles(), ["First", "Second", "Shared", "Third"]);
}

/// What the merge with a file decided against is named, also where nothing of the file is seen afterwards.
#[test]
fn a_write_names_the_conflicts_of_what_it_takes_in() {
    let scene = Scene::new();
    let (bob, carol) = (scene.clone("bob"), scene.clone("carol"));
    bob.qp(&["update", &scene.shared, "--title", "From Bob"]).success();
    bob.save();
    carol.qp(&["update", &scene.shared, "--title", "From Carol"]).success();
    bring(&bob, &carol);
    let run = carol.qp(&["q", "Another"]).success();
    let told = format!("conflict in {}: title; the other version: qp attic show ", scene.shared);
    assert!(run.stderr.starts_with("took in 1 operation") && run.stderr.contains(&told), "{run}");
    assert_eq!(carol.titles(), ["Another", "From Carol"]);
    let dave = scene.clone("dave");
    dave.qp(&["update", &scene.shared, "--title", "From Dave"]).success();
    bring(&bob, &dave);
    let run = dave.qp(&["outbox", "absorb"]).success();
    assert!(run.stderr.contains(&told), "{run}");
}

#[test]
fn a_file_of_what_is_to_be_sent_is_named() {
    let scene = Scene::new();
    let bob = scene.clone("bob");
    bob.create("First");
    bob.create("Second");
    let second = |desk: &Desk<'_>| {
        let status = desk.qp(&["status"]).success().stdout;
        status
            .lines()
            .nth(1)
            .expect("a line")
            .split_once(" (")
            .map(|(state, _)| without_commits(state))
            .expect("when")
    };
    assert_eq!(second(&bob), "origin: 2 operations to send: qp sync");
    bob.qp(&["outbox", "save"]).success();
    assert_eq!(
        second(&bob),
        "origin: 2 operations to send, saved in .quipu/outbox/bob-COMMIT.bundle: qp sync"
    );
    bob.create("Third");
    assert_eq!(
        second(&bob),
        "origin: 3 operations to send, 2 of them saved in .quipu/outbox/bob-COMMIT.bundle: qp sync"
    );
    bob.qp(&["sync"]).success();
    assert_eq!(second(&bob), "origin: nothing to send");
}
