//! What reads make of the outbox: they show the merge, and write nothing.

use quipu::store::OutboxSource;

use super::{Scene, bring};
use crate::compat::fingerprint::Fingerprint;

#[test]
fn reads_show_the_merge_and_write_nothing() {
    let scene = Scene::new();
    let (bob, carol) = (scene.clone("bob"), scene.clone("carol"));
    for n in 0..60 {
        bob.create(&format!("Enough for a snapshot, {n}"));
    }
    bob.qp(&["update", &scene.shared, "--title", "By bob"]).success();
    bob.save();
    carol.qp(&["update", &scene.shared, "--priority", "0"]).success();
    bring(&bob, &carol);
    let before = Fingerprint::of(&carol.folder);
    let key = scene.shared.as_str();
    for args in [
        &["list"][..],
        &["show", key],
        &["ready"],
        &["search", "snapshot"],
        &["log"],
        &["status"],
        &["diff", "--since", "1h"],
        &["changes"],
        &["export"],
        &["doctor"],
        &["watch", "--timeout", "0"],
        &["undo", "--dry-run"],
        &["list", "--at", "2026-01-07"],
    ] {
        let run = carol.qp(args);
        assert!(run.code == 0 || ["diff", "changes", "watch"].contains(&args[0]), "{args:?}: {run}");
        let changes = before.changes_until(&Fingerprint::of(&carol.folder));
        assert_eq!(changes, [""; 0], "{args:?}");
    }
    let shown = carol.qp(&["show", key, "--json"]).success().json();
    assert_eq!((&shown[0]["title"], &shown[0]["priority"]), (&"By bob".into(), &0.into()));
    let merged = carol.qp(&["log", "--json", "-n", "1"]).success().json();
    assert!(carol.absorb(OutboxSource::WorkTree).merged);
    assert_eq!(merged[0]["commit"], carol.tip(), "what was shown is what the branch has now");
}

#[test]
fn an_earlier_moment_and_a_commit_are_found_in_the_outbox() {
    let scene = Scene::new();
    let (bob, carol) = (scene.clone("bob"), scene.clone("carol"));
    bob.create("First");
    let first = bob.tip();
    bob.create("Second");
    bob.save();
    bring(&bob, &carol);
    for name in [first.as_str(), &first[..9]] {
        let list = carol.qp(&["list", "--at", name]).success();
        assert!(list.stdout.contains("First") && !list.stdout.contains("Second"), "{list}");
    }
    let log = carol.qp(&["log", "--json"]).success().json();
    let op = log[1]["op"].as_str().expect("an operation");
    assert_eq!(carol.qp(&["show", "--at", op, &scene.shared]).success().stderr, "");
    carol.qp(&["list", "--at", "00000000"]).exits(3);
}

#[test]
fn without_an_outbox_nothing_is_said_and_nothing_is_made() {
    let scene = Scene::new();
    let bob = scene.clone("bob");
    assert_eq!(bob.qp(&["list"]).success().stderr, "");
    bob.create("One");
    assert!(bob.store().outbox().expect("no outbox").is_empty());
    assert!(bob.store().prune_outbox().expect("no outbox").is_empty());
    assert!(bob.absorb(OutboxSource::WorkTree).is_idle());
    assert!(!bob.folder.join(".quipu").exists());
}
