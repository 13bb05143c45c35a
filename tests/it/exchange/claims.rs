//! Confirmed claims from one end to the other: won, lost, renewed, taken over, given back, and what stays of them.

use serde_json::{Value, json};

use super::{Desk, Scene, script};

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;

/// A shared issue, alice, and bob in a clone of his own.
pub(super) fn two(scene: &Scene) -> (Desk<'_>, Desk<'_>, String) {
    let (alice, bob) = (scene.alice(), scene.clone("bob", &[]));
    bob.run(&["pull"]);
    let key = alice.json(&["list"])[0]["id"].as_str().expect("a key").to_owned();
    (alice, bob, key)
}

impl Scene {
    /// The claims at the server: the issue's identity and the token of each.
    fn claims(&self) -> Vec<(String, String)> {
        let format = "--format=%(refname:lstrip=3) %(objectname)";
        let refs = self.env.run_git(&self.server(), &["for-each-ref", format, "refs/quipu/claims/"]);
        let pair = |line: &str| line.split_once(' ').map(|(id, token)| (id.to_owned(), token.to_owned()));
        refs.lines().filter_map(pair).collect()
    }

    /// The server takes no refs of ours.
    fn takes_no_claims(&self) {
        self.hook("update", "case $1 in refs/quipu/*) echo 'only branches here' >&2; exit 1;; esac");
    }
}

/// A `PATH` with a git that does something else right before its first push.
fn before_push(scene: &Scene, what: &str) -> String {
    let folder = scene.env.root().join("meddling");
    let once = folder.join("once");
    script(
        &folder.join("git"),
        &format!(
            "#!/bin/sh\nPATH=\"${{PATH#*:}}\"\ncase \" $* \" in *' push '*)\nif [ ! -e {0} ]; then touch {0}\n{what}\nfi;; esac\nexec git \"$@\"\n",
            once.display()
        ),
    );
    format!("{}:{}", folder.display(), std::env::var("PATH").expect("PATH is set"))
}

/// The command line by which alice claims, for a script.
fn hers(scene: &Scene, key: &str) -> String {
    let (qp, repo) = (crate::env::QP, scene.env.repo());
    let who = "QP_ACTOR=alice QP_SESSION=alice QP_TEST_SEED=77";
    format!("(cd {} && {who} {qp} claim {key} --sync >/dev/null 2>&1)", repo.display())
}

#[track_caller]
fn held_by(error: &Value, who: &str, key: &str) {
    assert_eq!(error["code"], "claim_held", "{error}");
    let message = error["error"].as_str().expect("a message");
    assert!(message.contains(key) && message.contains(who), "{error}");
}

#[test]
fn a_claim_is_confirmed_by_one_push() {
    let scene = Scene::new();
    let (alice, bob, key) = two(&scene);
    let claimed = &alice.json(&["claim", &key, "--sync"])[0];
    assert_eq!((&claimed["confirmed"], &claimed["stored"]), (&true.into(), &"shared".into()));
    let token = claimed["claim"].as_str().expect("a token");
    assert_eq!(scene.claims(), [(claimed["uid"].as_str().expect("an id").to_owned(), token.to_owned())]);
    let text = scene.env.run_git(&scene.server(), &["cat-file", "-p", token]);
    assert!(text.starts_with("holder: alice\nsession: alice\n"), "{text}");
    // The branch has not gone with it; others see it all the same.
    held_by(&bob.error(6, &["claim", &key, "--sync"]), "alice", &key);
    assert_eq!(bob.json(&["ready"]), json!([]));
    assert_eq!(bob.json(&["status"])["claims"][0]["confirmed"], true);
    assert_eq!(bob.json(&["claim", "--next", "--sync"]), json!([]));
    held_by(&bob.error(6, &["claim", &key]), "alice", &key);
    assert!(bob.qp(&["why", &key]).stdout.contains("alice"), "{}", bob.qp(&["why", &key]));
    alice.fsck();
}

#[test]
fn a_pull_brings_claims() {
    let scene = Scene::new();
    let (alice, bob, key) = two(&scene);
    alice.run(&["claim", &key, "--sync"]);
    assert_eq!(bob.json(&["ready"])[0]["id"], key.as_str());
    bob.run(&["pull"]);
    assert_eq!(bob.json(&["ready"]), json!([]));
    let held = &bob.json(&["status"])["claims"][0];
    assert_eq!(
        (&held["id"], &held["actor"], &held["confirmed"]),
        (&key.as_str().into(), &"alice".into(), &true.into())
    );
    alice.run(&["release", &key]);
    assert_eq!(scene.claims(), []);
    bob.run(&["pull"]);
    assert_eq!(bob.json(&["ready"])[0]["id"], key.as_str());
    assert!(!bob.refs().contains("/claims/"), "{}", bob.refs());
}

#[test]
fn who_is_quicker_wins() {
    let scene = Scene::new();
    let (_, bob, key) = two(&scene);
    let path = before_push(&scene, &hers(&scene, &key));
    let run = bob.qp_with(&[("PATH", &path)], &["claim", &key, "--sync", "--json"]).exits(6);
    held_by(
        &serde_json::from_str(run.stderr.lines().last().expect("an error")).expect("JSON"),
        "alice",
        &key,
    );
    assert_eq!(bob.show(&key)["status"], "open", "nothing was written here");
    assert_eq!(scene.claims().len(), 1);
}

#[test]
fn the_next_one_is_taken_where_another_was_quicker() {
    let scene = Scene::new();
    let alice = scene.alice();
    alice.run(&["create", "Second", "--sync", "-p", "3"]);
    let (_, bob, _) = two(&scene);
    let first = alice.json(&["ready"])[0]["id"].as_str().expect("a key").to_owned();
    let path = before_push(&scene, &hers(&scene, &first));
    let claimed = bob.qp_with(&[("PATH", &path)], &["claim", "--next", "--sync", "--json"]).success().json();
    assert_eq!((&claimed[0]["title"], &claimed[0]["confirmed"]), (&"Second".into(), &true.into()));
    assert_eq!(scene.claims().len(), 2);
    let next = bob.qp(&["next", "--sync", "--json"]).success().json();
    assert_eq!(next["claimed"], false);
}

#[test]
fn next_and_ready_ask_too() {
    let scene = Scene::new();
    let alice = scene.alice();
    alice.run(&["create", "Second", "--sync"]);
    let bob = scene.clone("bob", &[]);
    assert_eq!(alice.json(&["next", "--sync"])["confirmed"], true);
    assert_eq!(bob.json(&["ready", "--claim", "--sync"])[0]["confirmed"], true);
    assert_eq!(scene.claims().len(), 2);
}

#[test]
fn a_lapsed_claim_is_taken_over_and_its_token_is_dead() {
    let scene = Scene::new();
    let (alice, bob, key) = two(&scene);
    alice.run(&["claim", &key, "--sync", "--for", "10m"]);
    let before = scene.claims();
    scene.env.pass(60 * MINUTE_MS);
    let taken = &bob.json(&["claim", &key, "--sync"])[0];
    assert_eq!(taken["confirmed"], true);
    let after = scene.claims();
    assert!(after.len() == 1 && after != before);
    assert_eq!(after[0].1, taken["claim"].as_str().expect("a token"));
    for command in
        [&["renew", &key][..], &["close", &key], &["claim", &key, "--sync"], &["close", &key, "--sync"]]
    {
        held_by(&alice.error(6, command), "bob", &key);
    }
    held_by(&alice.error(6, &["release", &key]), "bob", &key);
    assert_eq!(scene.claims(), after);
    bob.run(&["close", &key]);
    assert_eq!(scene.claims(), []);
    alice.qp(&["sync"]);
    assert_eq!(alice.show(&key)["closed_by"], "bob");
}

#[test]
fn a_renewal_replaces_the_token() {
    let scene = Scene::new();
    let (alice, bob, key) = two(&scene);
    let first = alice.json(&["claim", &key, "--sync"])[0]["claim"].clone();
    for command in [&["renew", &key, "--for", "4h"][..], &["claim", &key], &["claim", &key, "--sync"]] {
        let renewed = &alice.json(command)[0];
        assert_eq!(
            (&renewed["outcome"], &renewed["confirmed"]),
            (&"renewed".into(), &true.into()),
            "{command:?}"
        );
        assert_ne!(renewed["claim"], first);
        assert_eq!(renewed["claim"], scene.claims()[0].1.as_str());
    }
    assert_eq!(scene.claims().len(), 1);
    scene.server_is_away();
    let run = alice.run(&["renew", &key]);
    assert!(run.stderr.contains("renewed here only, the remote still has the old lease"), "{run}");
    scene.server_is_back();
    held_by(&bob.error(6, &["claim", &key, "--sync"]), "alice", &key);
}

#[test]
fn what_ends_takes_the_claim_and_the_branch_along() {
    for command in ["close", "release", "delete"] {
        let scene = Scene::new();
        let (alice, bob, key) = two(&scene);
        alice.run(&["claim", &key, "--sync"]);
        alice.run(&[command, &key]);
        if command == "delete" {
            alice.run(&["sync"]);
        }
        assert_eq!(scene.claims(), [], "{command}");
        assert_eq!(scene.server_tip(), alice.tip(), "{command}");
        bob.run(&["sync"]);
        assert_eq!(bob.tip(), alice.tip());
    }
}

#[test]
fn nobody_closes_what_somebody_else_holds() {
    let scene = Scene::new();
    let (alice, bob, key) = two(&scene);
    alice.run(&["claim", &key, "--sync"]);
    // Bob has not heard of it.
    held_by(&bob.error(6, &["close", &key, "--sync"]), "alice", &key);
    assert_eq!(bob.show(&key)["status"], "open");
    // What nobody holds is claimed for the moment, and nothing of that stays.
    let free = bob.create("Free");
    bob.run(&["close", &free, "--sync"]);
    assert_eq!(scene.claims().len(), 1);
    assert_eq!(scene.server_tip(), bob.tip());
}

#[test]
fn an_end_that_could_not_be_told_is_told_by_the_next_sync() {
    let scene = Scene::new();
    let (alice, _, key) = two(&scene);
    alice.run(&["claim", &key, "--sync"]);
    scene.server_is_away();
    let run = alice.run(&["close", &key, "-r", "done"]);
    assert!(run.stdout.starts_with("closed"), "{run}");
    assert!(run.stderr.contains("cannot be reached"), "{run}");
    assert_eq!(alice.json(&["status"])["remote"]["ahead"], 2);
    scene.server_is_back();
    assert_eq!(scene.claims().len(), 1);
    alice.run(&["sync"]);
    assert_eq!(scene.claims(), []);
    assert_eq!(scene.server_tip(), alice.tip());
    assert_eq!(alice.run(&["sync"]).stdout, "origin: in sync\n");
}

#[test]
fn a_host_that_takes_no_claims_leaves_them_advisory() {
    let scene = Scene::new();
    let (alice, bob, key) = two(&scene);
    scene.takes_no_claims();
    let run = alice.qp(&["claim", &key, "--sync", "--json"]).success();
    let claimed = &run.json()[0];
    assert_eq!((&claimed["confirmed"], &claimed["stored"]), (&false.into(), &"local".into()));
    assert_eq!(claimed["claim"], Value::Null);
    assert!(run.stderr.contains("only branches here"), "{run}");
    alice.run(&["sync"]);
    assert_eq!(scene.server_tip(), alice.tip());
    held_by(&bob.error(6, &["claim", &key, "--sync"]), "alice", &key);
    alice.run(&["close", &key, "--sync"]);
    assert_eq!(scene.server_tip(), alice.tip());
    let next = bob.create("Next");
    assert_eq!(bob.json(&["next", "--sync"])["confirmed"], false);
    bob.run(&["close", &next]);
}

#[test]
fn without_a_network_a_claim_is_made_here() {
    let scene = Scene::new();
    let (alice, _, key) = two(&scene);
    scene.server_is_away();
    let run = alice.qp(&["claim", &key, "--sync"]).success();
    assert!(run.stdout.starts_with(&format!("claimed {key} until ")), "{run}");
    assert!(run.stderr.contains("warning: not confirmed, another clone may claim the same: "), "{run}");
    assert_eq!(alice.show(&key)["assignee"], "alice");
    let lone = crate::env::Env::new();
    let key = lone.create(["Alone"]);
    assert_eq!(lone.qp(["claim", &key, "--sync", "--json"]).exits(9).stdout, "");
}

#[test]
fn the_configuration_asks_for_confirmation() {
    let scene = Scene::new();
    let (alice, _, key) = two(&scene);
    alice.git(&["config", "quipu.claim.sync", "true"]);
    assert_eq!(alice.json(&["claim", &key, "--no-sync"])[0]["confirmed"], false);
    alice.run(&["release", &key]);
    assert_eq!(scene.claims(), []);
    assert_eq!(alice.json(&["claim", &key])[0]["confirmed"], true);
    assert_eq!(scene.claims().len(), 1);
}

#[test]
fn leftovers_are_swept() {
    let scene = Scene::new();
    let (alice, bob, key) = two(&scene);
    let (closed, lapsed) = (alice.create("Closed"), alice.create("Lapsed"));
    alice.run(&["claim", &closed, "--sync"]);
    alice.run(&["claim", &lapsed, "--sync", "--for", "10m"]);
    alice.run(&["claim", &key, "--sync", "--for", "3d"]);
    let kept = scene.claims();
    alice.run(&["close", &closed]);
    alice.run(&["sync"]);
    // The claim on the closed issue comes back, as if it had never been taken away.
    let uid = alice.show(&closed)["uid"].as_str().expect("an id").to_owned();
    let token = kept.iter().find(|(id, _)| *id == uid).expect("the claim").1.clone();
    scene.env.run_git(&scene.server(), &["update-ref", &format!("refs/quipu/claims/{uid}"), &token]);
    assert_eq!(scene.claims().len(), 3);
    bob.run(&["sync"]);
    assert_eq!(scene.claims().len(), 2, "a claim on a closed issue goes");
    scene.env.pass(DAY_MS);
    bob.run(&["sync"]);
    scene.env.pass(60 * MINUTE_MS);
    bob.run(&["sync"]);
    let left = scene.claims();
    assert_eq!(left.len(), 1, "what lapsed a day ago goes");
    assert_eq!(left[0].0, alice.show(&key)["uid"].as_str().expect("an id"));
}

/// Both have claimed without confirmation; bob's is the later one and stands.
fn advisory_race(scene: &Scene) -> (Desk<'_>, Desk<'_>, String) {
    let (alice, bob, key) = two(scene);
    alice.run(&["claim", &key]);
    bob.run(&["claim", &key]);
    bob.run(&["sync"]);
    (alice, bob, key)
}

#[test]
fn the_loser_of_an_advisory_race_is_told_once() {
    let scene = Scene::new();
    let (alice, _, key) = advisory_race(&scene);
    let error = alice.error(6, &["sync"]);
    assert_eq!(error["code"], "claims_lost");
    let message = error["error"].as_str().expect("a message");
    assert!(message.contains(&key) && message.contains("bob"), "{message}");
    assert_eq!(error["result"]["claims_lost"][0]["id"], key.as_str());
    super::report::documented(&error["result"]);
    assert_eq!(scene.server_tip(), alice.tip(), "everything was sent all the same");
    alice.run(&["sync"]);
}

#[test]
fn who_loses_beside_another_command_is_warned_and_told_again() {
    let scene = Scene::new();
    let (alice, _, key) = advisory_race(&scene);
    let run = alice.run(&["create", "Another", "--sync"]);
    assert!(run.stderr.contains(&format!("warning: {key} is no longer yours: claimed by bob")), "{run}");
    alice.error(6, &["sync"]);
    alice.run(&["sync"]);
}

#[test]
fn the_note_waits_for_the_session_that_lost() {
    let scene = Scene::new();
    let (_, _, key) = advisory_race(&scene);
    let carol = scene.at(scene.env.repo(), "carol");
    carol.run(&["sync"]);
    carol.run(&["sync"]);
    let alice = scene.alice();
    let error = alice.error(6, &["pull"]);
    assert!(error["error"].as_str().is_some_and(|e| e.contains(&key) && e.contains("bob")), "{error}");
    alice.run(&["sync"]);
}

#[test]
fn a_confirmed_claim_beats_a_later_one_that_is_not() {
    let scene = Scene::new();
    let (alice, bob, key) = two(&scene);
    alice.run(&["claim", &key, "--sync"]);
    bob.run(&["claim", &key]);
    // Her branch has not come yet, but the remote has confirmed her claim.
    let error = bob.error(6, &["sync"]);
    assert_eq!(error["code"], "claims_lost");
    assert!(error["error"].as_str().is_some_and(|e| e.contains(&key) && e.contains("alice")), "{error}");
    bob.run(&["sync"]);
    alice.run(&["sync"]);
    bob.run(&["sync"]);
    for desk in [&alice, &bob] {
        assert_eq!(desk.show(&key)["assignee"], "alice");
    }
}

#[test]
fn sessions_of_one_actor_are_two_claimants() {
    let scene = Scene::new();
    let (alice, bob, key) = two(&scene);
    let as_alice = [("QP_ACTOR", "alice"), ("QP_SESSION", "other")];
    alice.run(&["claim", &key, "--sync"]);
    let run = bob.qp_with(&as_alice, &["claim", &key, "--sync"]).exits(6);
    assert!(run.stderr.contains("alice in another session"), "{run}");
    bob.qp_with(&as_alice, &["close", &key, "--sync"]).exits(6);
}

#[test]
fn reftable_keeps_claims_too() {
    let scene = Scene::with(&["--ref-format=reftable"]);
    scene.env.create(["Shared"]);
    scene.alice().run(&["push"]);
    let alice = scene.alice();
    let bob = scene.clone("bob", &["--ref-format=reftable"]);
    let key = alice.json(&["list"])[0]["id"].as_str().expect("a key").to_owned();
    assert_eq!(alice.json(&["claim", &key, "--sync"])[0]["confirmed"], true);
    held_by(&bob.error(6, &["claim", &key, "--sync"]), "alice", &key);
    assert_eq!(bob.json(&["ready"]), json!([]));
    alice.run(&["renew", &key]);
    alice.run(&["close", &key]);
    assert_eq!(scene.claims(), []);
    bob.run(&["sync"]);
    assert_eq!(bob.show(&key)["status"], "closed");
}
