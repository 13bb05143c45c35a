//! What an exchange prints, for people and for programs.

use std::collections::BTreeSet;

use serde_json::Value;
use snapbox::str;

use super::{Desk, Run, Scene, stable};
use crate::history as snapshot;
use crate::json_docs::{fields, sections};

/// What a command printed, without what differs between runs.
fn told(scene: &Scene, run: &Run) -> String {
    stable(scene, &run.to_string())
}

/// Imports an issue whose key ends as that of another one does.
fn twin(desk: &Desk<'_>, uid: &str, title: &str) -> String {
    let other = if uid.as_bytes()[20] == b'0' { "1" } else { "0" };
    let uid = format!("{}{other}{}", &uid[..20], &uid[21..]);
    let times = "\"created_at\":\"2026-01-01T00:00:00Z\",\"updated_at\":\"2026-01-01T00:00:00Z\"";
    let line = format!(
        "{{\"id\":\"web-{}\",\"uid\":\"{uid}\",\"title\":\"{title}\",\"status\":\"open\",{times}}}\n",
        &uid[22..]
    );
    std::fs::write(desk.folder.join("twin.jsonl"), line).expect("a file");
    desk.run(&["import", "twin.jsonl"]);
    desk.json(&["search", title])[0]["id"].as_str().expect("a key").to_owned()
}

/// Every field of a document stands in `docs/json.md`.
pub fn documented(document: &Value) {
    let mut found = BTreeSet::new();
    fields(document, &mut found);
    let sections = sections();
    let unknown = |field: &&String| !sections["qp sync"].contains(*field);
    let unnamed: Vec<_> = found.iter().filter(unknown).filter(|f| *f != "schema_version").collect();
    assert!(unnamed.is_empty(), "docs/json.md does not name {unnamed:?}");
}

#[test]
fn in_one_line_each() {
    let scene = Scene::unsent();
    let alice = scene.alice();
    let bob = scene.clone("bob", &[]);
    scene.env.create(["One"]);
    snapshot!(
        alice.qp(&["sync", "--dry-run"]),
        str![[r#"
origin: would send 2 operations (web-r7j2)

"#]]
    );
    snapshot!(
        alice.qp(&["sync"]),
        str![[r#"
origin: sent 2 operations (web-r7j2)

"#]]
    );
    snapshot!(
        alice.qp(&["sync"]),
        str![[r#"
origin: in sync

"#]]
    );
    snapshot!(
        bob.qp(&["pull", "-n"]),
        str![[r#"
origin: would receive 2 operations (web-r7j2)

"#]]
    );
    snapshot!(
        bob.qp(&["pull"]),
        str![[r#"
origin: received 2 operations (web-r7j2)

"#]]
    );
    bob.create("Two");
    bob.create("Three");
    snapshot!(
        bob.qp(&["pull"]),
        str![[r#"
origin: 2 operations to send: qp push

"#]]
    );
    snapshot!(
        bob.qp(&["push"]),
        str![[r#"
origin: sent 2 operations (web-ty01, web-ztk2)

"#]]
    );
    alice.create("Four");
    snapshot!(
        alice.qp(&["push", "--dry-run"]),
        str![[r#"
origin: would send 1 operation (web-h92q), would receive 2 operations (web-ty01, web-ztk2), would merge without a conflict

"#]]
    );
    snapshot!(
        alice.qp(&["sync"]),
        str![[r#"
origin: sent 1 operation (web-h92q), received 2 operations (web-ty01, web-ztk2), merged without a conflict

"#]]
    );
}

#[test]
fn many_issues_are_counted() {
    let scene = Scene::new();
    let alice = scene.alice();
    let bob = scene.clone("bob", &[]);
    for n in 0..10 {
        alice.create(&format!("Number {n}"));
    }
    snapshot!(
        alice.qp(&["sync", "-q"]),
        str![[r#"
origin: sent 10 operations (10 issues)

"#]]
    );
    snapshot!(
        bob.qp(&["sync", "--json"]),
        str![[r#"
{
  "remote": "origin",
  "in_sync": true,
  "dry_run": false,
  "sent": {
    "operations": 0,
    "issues": []
  },
  "received": {
    "operations": 10,
    "issues": [
      "web-hc1g",
      "web-edqr",
      "web-3qws",
      "web-rsgw",
      "web-ty01",
      "web-ztk2",
      "web-dkj6",
      "web-p4x1",
      "web-h92q",
      "web-d83h"
    ]
  },
  "absorbed": {
    "operations": 0,
    "issues": []
  },
  "merged": false,
  "conflicts": [],
  "claims_lost": [],
  "collisions": [],
  "unsent": 0,
  "stored": "shared",
  "schema_version": 1
}

"#]]
    );
    snapshot!(
        bob.qp(&["create", "Sent at once", "--sync"]),
        str![[r#"
created web-as2b: Sent at once
[stderr]
origin: sent 1 operation (web-as2b)

"#]]
    );
}

#[test]
fn conflicts() {
    let scene = Scene::new();
    let (alice, bob) = (scene.alice(), scene.clone("bob", &[]));
    let key = alice.json(&["list"])[0]["id"].as_str().expect("a key").to_owned();
    alice.run(&["update", &key, "--title", "Hers", "--priority", "0"]);
    bob.run(&["update", &key, "--title", "His", "--priority", "1"]);
    bob.run(&["sync"]);
    snapshot!(
        told(&scene, &alice.qp(&["sync", "--dry-run"])),
        str![[r#"
origin: would send 1 operation, would receive 1 operation (web-r7j2), would merge with 2 conflicts
conflict in web-r7j2: priority, title

"#]]
    );
    snapshot!(
        told(&scene, &alice.qp(&["sync"])),
        str![[r#"
origin: sent 1 operation, received 1 operation (web-r7j2), merged with 2 conflicts
conflict in web-r7j2: priority, title; the other version: qp attic show ba6bc0f

"#]]
    );
    bob.run(&["update", &key, "--title", "His again"]);
    alice.run(&["update", &key, "--title", "Hers again"]);
    alice.run(&["sync"]);
    let document = bob.json(&["sync"]);
    documented(&document);
    let conflict = &document["conflicts"][0];
    assert_eq!((&conflict["id"], &conflict["parts"][0]), (&key.as_str().into(), &"title".into()));
    assert_eq!(document["merged"], true);
    assert_eq!(alice.run(&["show", &key]).code, 0);
}

#[test]
fn equal_tails() {
    let scene = Scene::new();
    let (alice, bob) = (scene.alice(), scene.clone("bob", &[]));
    let hers = alice.create("Hers");
    let uid = alice.show(&hers)["uid"].as_str().expect("an id").to_owned();
    assert_eq!(hers, twin(&bob, &uid, "His"));
    alice.run(&["sync"]);
    snapshot!(
        told(&scene, &bob.qp(&["sync"])),
        str![[r#"
origin: sent 1 operation (web-0shc1g), received 1 operation (web-5shc1g), merged without a conflict
web-hc1g is called web-0shc1g now: the key of another issue ends alike

"#]]
    );
    snapshot!(
        bob.qp(&["show", &hers]),
        str![[r#"
[stderr]
error: web-hc1g fits 2 issues
hint: one of web-0shc1g (His), web-5shc1g (Hers)
[exit 4]

"#]]
    );
    let document = alice.json(&["sync"]);
    documented(&document);
    assert_eq!(document["collisions"][0]["before"], hers.as_str());
    assert_ne!(document["collisions"][0]["after"], hers.as_str());
    assert_eq!(alice.titles(), ["Hers", "His", "Shared"]);
}

#[test]
fn lost_claims() {
    let scene = Scene::new();
    let (alice, bob) = (scene.alice(), scene.clone("bob", &[]));
    let key = alice.json(&["list"])[0]["id"].as_str().expect("a key").to_owned();
    alice.run(&["claim", &key]);
    bob.run(&["claim", &key]);
    bob.run(&["sync"]);
    snapshot!(
        told(&scene, &alice.qp(&["sync"])),
        str![[r#"
origin: sent 1 operation, received 1 operation (web-r7j2), merged with 1 conflict
conflict in web-r7j2: state; the other version: qp attic show 5567473
[stderr]
error: web-r7j2 is no longer yours: claimed by bob until 2026-01-07T12:05:00.000Z
hint: stop working on it; qp claim --next
[exit 6]

"#]]
    );
    snapshot!(
        alice.qp(&["sync"]),
        str![[r#"
origin: in sync

"#]]
    );
}

/// Twenty lines of a hook, each the same, with colours and a password, are one sentence.
#[test]
fn a_server_that_talks_much_is_quoted_once() {
    let scene = Scene::new();
    let alice = scene.alice();
    alice.create("Kept");
    let line = r"printf '\033[31merror: ask Bo\033[0m, see https://u:hunter2@host/x\n' >&2";
    scene.hook("pre-receive", &format!("for i in $(seq 20); do {line}; done; exit 1"));
    let run = alice.qp(&["sync", "--json"]).success();
    let why = "pre-receive hook declined: ask Bo, see https://host/x";
    assert_eq!(run.json()["refused"], why);
    assert!(
        run.stderr.starts_with(&format!("saved, not shared: origin refuses quipu-sync: {why}\n")),
        "{run}"
    );
}

#[test]
fn failures() {
    let scene = Scene::new();
    let alice = scene.alice();
    alice.create("Kept");
    let hook = scene.hook("pre-receive", "echo 'no pushes today' >&2; exit 1");
    snapshot!(
        alice.qp(&["sync"]),
        str![[r#"
origin: 1 operation in the outbox
[stderr]
saved, not shared: origin refuses quipu-sync: pre-receive hook declined: no pushes today
hint: git add .quipu/outbox && git commit -m "quipu outbox" -- .quipu/outbox, and push your branch
the push is not tried again until 2026-01-07 11:04 UTC; qp sync --retry tries at once

"#]]
    );
    snapshot!(
        alice.qp(&["create", "Another", "--sync"]),
        str![[r#"
created web-3qws: Another
[stderr]
origin: 2 operations in the outbox
saved, not shared: origin refuses quipu-sync: pre-receive hook declined: no pushes today
hint: git add .quipu/outbox && git commit -m "quipu outbox" -- .quipu/outbox, and push your branch
the push is not tried again until 2026-01-07 11:04 UTC; qp sync --retry tries at once

"#]]
    );
    std::fs::remove_file(hook).expect("the hook");
    scene.server_is_away();
    snapshot!(
        told(&scene, &alice.qp(&["sync"])),
        str![[r#"
[stderr]
error: origin cannot be reached: '../server.git' does not appear to be a git repository
hint: qp sync again later, or qp outbox save where this clone will not last
[exit 8]

"#]]
    );
    snapshot!(
        told(&scene, &alice.qp(&["claim", "--next", "--sync"])),
        str![[r#"
claimed web-r7j2 until 2026-01-07 12:07 UTC: Shared
[stderr]
warning: not confirmed, another clone may claim the same: not reached: '../server.git' does not appear to be a git repository

"#]]
    );
}

#[test]
fn the_status_says_how_a_clone_stands() {
    let scene = Scene::unsent();
    let line = |desk: &Desk<'_>| {
        let run = desk.run(&["status"]);
        run.stdout.lines().find(|line| line.starts_with("origin: ")).unwrap_or_default().to_owned()
    };
    let alice = scene.alice();
    scene.env.create(["One"]);
    let bob = scene.clone("bob", &[]);
    let mut lines = vec![line(&alice)];
    alice.run(&["sync"]);
    bob.run(&["pull"]);
    lines.push(line(&alice));
    alice.create("Two");
    lines.push(line(&alice));
    scene.env.pass(3 * 60 * 60_000);
    alice.run(&["push"]);
    bob.git(&["fetch", "-q"]);
    lines.push(line(&bob));
    bob.git(&["update-ref", "refs/heads/quipu-sync", "refs/heads/quipu-sync"]);
    alice.create("Three");
    bob.create("Four");
    bob.run(&["push"]);
    alice.git(&["fetch", "-q"]);
    lines.push(line(&alice));
    snapshot!(
        lines.join("\n"),
        str![[r#"
origin: 2 operations never sent: qp sync (not reached from here yet)
origin: nothing to send (last reached 2m ago)
origin: 1 operation to send: qp sync (last reached 4m ago)
origin: 1 operation to take in: qp sync (last reached 3h05m ago)
origin: 1 operation to send, 1 to take in: qp sync (last reached 5m ago)
"#]]
    );
}
