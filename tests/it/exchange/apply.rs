//! What `apply` and an idempotency key come to between clones.

use super::Scene;
use super::claims::two;

fn write(scene: &Scene, lines: &str) {
    std::fs::write(scene.env.root().join("operations.jsonl"), lines).expect("a file");
}

#[test]
fn closing_what_the_remote_has_confirmed_ends_the_claim_there() {
    let scene = Scene::new();
    let (alice, bob, key) = two(&scene);
    let claims = || scene.env.run_git(&scene.server(), &["for-each-ref", "refs/quipu/claims/"]);
    alice.run(&["claim", &key, "--sync"]);
    assert_ne!(claims(), "");
    bob.run(&["pull"]);
    write(&scene, &format!("{{\"op\": \"close\", \"id\": \"{key}\"}}"));
    let refused = bob.qp(&["apply", "../operations.jsonl"]).exits(6);
    assert!(refused.stderr.contains("line 1: ") && refused.stderr.contains("alice"), "{refused}");
    alice.run(&["apply", "../operations.jsonl"]);
    assert_eq!(claims(), "");
    bob.run(&["pull"]);
    assert_eq!(bob.json(&["show", &key])[0]["status"], "closed");
}

#[test]
fn a_lapsed_claim_that_somebody_took_over_is_not_closed() {
    let scene = Scene::new();
    let (alice, bob, key) = two(&scene);
    alice.run(&["claim", &key, "--sync", "--for", "10m"]);
    scene.env.pass(30 * 60_000);
    bob.run(&["claim", &key, "--sync"]);
    // Alice has not heard of it yet.
    write(
        &scene,
        &format!(
            "{{\"op\": \"note\", \"id\": \"{key}\", \"text\": \"x\"}}\n{{\"op\": \"close\", \"id\": \"{key}\"}}"
        ),
    );
    let refused = alice.qp(&["apply", "../operations.jsonl"]).exits(6);
    assert!(refused.stderr.contains("bob"), "{refused}");
    assert_eq!(alice.json(&["show", &key])[0].get("notes"), None);
}

#[test]
fn of_two_issues_under_one_idempotency_key_the_first_counts_everywhere() {
    let scene = Scene::new();
    let (alice, bob, _) = two(&scene);
    let create = ["create", "Nightly", "--idempotency-key", "n1"];
    let first = alice.json(&create)["uid"].clone();
    let second = bob.json(&create)["uid"].clone();
    assert_ne!(first, second);
    alice.run(&["push"]);
    bob.run(&["sync"]);
    alice.run(&["sync"]);
    for desk in [&alice, &bob] {
        let again = desk.json(&create);
        assert_eq!((&again["uid"], &again["existing"]), (&first, &true.into()));
    }
}
