//! Claims that something went wrong with: renewed too late, never written down, sent to another remote, held by a server
//! that does not let go.

use super::Scene;
use super::claims::two;

/// Whoever has taken a lapsed claim over has it, also where the old holder renews without having seen that.
#[test]
fn a_renewal_that_comes_too_late_does_not_bring_a_claim_back() {
    let scene = Scene::new();
    let (alice, bob, key) = two(&scene);
    alice.run(&["claim", &key, "--sync", "--for", "1h"]);
    alice.run(&["sync"]);
    scene.env.pass(70 * 60_000);
    bob.run(&["claim", &key, "--sync"]);
    bob.run(&["sync"]);
    scene.server_is_away();
    alice.run(&["renew", &key]);
    scene.server_is_back();
    let error = alice.error(6, &["sync"]);
    assert!(error["error"].as_str().is_some_and(|text| text.contains("claimed by bob")), "{error}");
    bob.run(&["sync"]);
    bob.run(&["renew", &key]);
    bob.run(&["close", &key]);
}

/// A claim that was confirmed and never written to the branch can be given back all the same.
#[test]
fn a_claim_without_a_trace_on_the_branch_is_released() {
    let scene = Scene::new();
    let (alice, bob, key) = two(&scene);
    let before = alice.tip();
    alice.run(&["claim", &key, "--sync"]);
    // As if the command had been killed before it wrote the claim here.
    scene.env.git_out(&["update-ref", "refs/heads/quipu-sync", &before]);
    assert_eq!(bob.error(6, &["claim", &key, "--sync"])["code"], "claim_held");
    assert!(alice.run(&["release", &key]).stdout.contains("released"), "it is given back");
    bob.run(&["claim", &key, "--sync"]);
}

/// What is sent to one remote says nothing about another.
#[test]
fn a_push_elsewhere_forgets_no_release() {
    let scene = Scene::new();
    let (alice, bob, key) = two(&scene);
    scene.env.run_git(scene.env.root(), &["init", "-q", "--bare", "backup.git"]);
    scene.env.git_out(&["remote", "add", "backup", "../backup.git"]);
    scene.env.git_out(&["config", "quipu.remote", "origin"]);
    alice.run(&["claim", &key, "--sync"]);
    scene.server_is_away();
    alice.run(&["release", &key]);
    alice.run(&["push", "--remote", "backup"]);
    scene.server_is_back();
    alice.run(&["sync"]);
    bob.run(&["claim", &key, "--sync"]);
}

/// A server that lets no claim go keeps nothing else from it.
#[test]
fn a_claim_that_cannot_be_deleted_does_not_hold_the_branch_up() {
    let scene = Scene::new();
    let (alice, _, key) = two(&scene);
    alice.run(&["claim", &key, "--sync"]);
    scene.hook("update", "case \"$1 $3\" in refs/quipu/*\\ 0000*) echo 'claims stay' >&2; exit 1;; esac");
    alice.run(&["close", &key]);
    alice.create("After it");
    alice.run(&["sync"]);
    assert_eq!(alice.tip(), scene.server_tip());
}
