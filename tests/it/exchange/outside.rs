//! What may have operations and was not taken in: no exchange calls that in sync, and what has none stops nothing.

use serde_json::json;

use super::{Desk, Scene, script};
use crate::compat::locked::locked;
use crate::compat::skip;

const PATTERN: &str = "claude/quipu-sync-*";

fn plant(desk: &Desk<'_>, name: &str, text: &str) {
    let folder = desk.folder.join(".quipu/outbox");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join(name), text).expect("a file");
}

#[test]
fn a_torn_file_of_the_outbox_is_not_in_sync() {
    let scene = Scene::new();
    let alice = scene.alice();
    plant(&alice, "torn.bundle", "# v2 git bundle\n");
    for command in ["sync", "pull", "push"] {
        let run = alice.run(&[command]);
        assert_eq!(run.stdout, "origin: 1 file of the outbox could not be taken in\n", "{command}");
        assert!(run.stderr.contains(".quipu/outbox/torn.bundle is passed over"), "{run}");
        let document = alice.json(&[command]);
        assert_eq!(
            (&document["in_sync"], &document["stored"]),
            (&false.into(), &"local".into()),
            "{command}"
        );
    }
    alice.create("Hers");
    let run = alice.run(&["sync"]);
    assert!(run.stdout.contains("sent 1 operation") && run.stdout.contains("could not be taken in"), "{run}");
    std::fs::remove_dir_all(alice.folder.join(".quipu")).expect("a folder");
    assert_eq!(alice.json(&["sync"])["in_sync"], true);
}

/// Puts something in the place of the outbox that is none.
fn in_the_way(scene: &Scene, desk: &Desk<'_>, is_link: bool) {
    let place = desk.folder.join(".quipu");
    if is_link {
        let elsewhere = scene.env.root().join("elsewhere");
        std::fs::create_dir_all(elsewhere.join("outbox")).expect("a folder");
        return std::os::unix::fs::symlink(elsewhere, place).expect("a link");
    }
    std::fs::write(place, "somebody else's").expect("a file");
}

#[test]
fn what_is_no_outbox_stops_no_exchange() {
    for is_link in [false, true] {
        let scene = Scene::new();
        let (alice, bob) = (scene.alice(), scene.clone("bob", &[]));
        in_the_way(&scene, &alice, is_link);
        bob.create("His");
        bob.run(&["sync"]);
        alice.create("Hers");
        for command in [&["sync", "--dry-run"][..], &["pull"], &["push"], &["sync"]] {
            let run = alice.run(command);
            assert_eq!(run.stderr.matches(".quipu is no folder").count(), 1, "{command:?}: {run}");
        }
        assert_eq!(alice.json(&["sync"])["in_sync"], true);
        assert_eq!(alice.titles(), ["Hers", "His", "Shared"]);
        // Where the file of the outbox is what is needed, its place being taken is a failure.
        scene.hook("pre-receive", "exit 1");
        alice.create("Kept");
        let run = alice.qp(&["sync"]).exits(8);
        assert!(run.stderr.contains("no folder") && run.stderr.contains("origin refuses"), "{run}");
    }
}

#[test]
fn where_git_is_locked_only_what_is_to_be_saved_needs_the_outbox() {
    let scene = Scene::new();
    let alice = scene.alice();
    in_the_way(&scene, &alice, false);
    let Some(run) = locked(&scene.env, &alice.folder, ".git", "qp sync") else {
        return skip("nothing can be locked here");
    };
    assert!(run.success().stderr.contains("nothing received: .git cannot be written"));
    alice.create("Kept");
    let run = locked(&scene.env, &alice.folder, ".git", "qp sync").expect("it worked before").exits(9);
    assert!(run.stderr.contains(".quipu is no folder"), "{run}");
}

/// A folder that cannot be read may have operations.
#[test]
fn an_outbox_that_cannot_be_read_is_not_in_sync() {
    let scene = Scene::new();
    let alice = scene.alice();
    plant(&alice, "torn.bundle", "");
    scene.env.shell(&alice.folder, "chmod 0 .quipu/outbox").success();
    // Root reads everything, unless it gives that up.
    let alone =
        "setpriv --bounding-set=-dac_override,-dac_read_search --inh-caps=-dac_override,-dac_read_search";
    let cannot = |alone: &str| scene.env.shell(&alice.folder, &format!("{alone} ls .quipu/outbox")).code == 2;
    let Some(alone) = ["", alone].into_iter().find(|alone| cannot(alone)) else {
        return skip("root reads everything, and there is no setpriv");
    };
    let run = scene.env.shell(&alice.folder, &format!("{alone} qp sync --json"));
    scene.env.shell(&alice.folder, "chmod 755 .quipu/outbox").success();
    assert_eq!(run.success().json()["in_sync"], false);
}

#[test]
fn branches_that_nobody_may_delete_hide_no_new_one() {
    let scene = Scene::new();
    let (alice, bob) = (scene.alice(), scene.clone("bob", &[]));
    let server = scene.server();
    scene.env.run_git(&server, &["config", "receive.denyDeletes", "true"]);
    let tip = scene.server_tip();
    let refs: String =
        (0..120).map(|n| format!("create refs/heads/claude/quipu-sync-{n:03} {tip}\n")).collect();
    std::fs::write(scene.env.root().join("refs"), refs).expect("a file");
    scene.env.shell(&server, "git update-ref --stdin < ../refs").success();
    bob.create("His");
    bob.git(&["push", "-q", "origin", "quipu-sync:refs/heads/claude/quipu-sync-zz"]);
    alice.git(&["config", "quipu.fallbackBranch", PATTERN]);
    let document = alice.json(&["sync"]);
    assert_eq!(document["harvested"], json!(["claude/quipu-sync-zz"]), "{document}");
    assert_eq!((&document["in_sync"], document.get("swept")), (&true.into(), None));
    assert_eq!(alice.titles(), ["His", "Shared"]);
    assert_eq!(scene.server_tip(), alice.tip());
}

#[test]
fn a_branch_that_could_not_be_fetched_is_not_in_sync() {
    let scene = Scene::new();
    let (alice, bob) = (scene.alice(), scene.clone("bob", &[]));
    bob.create("His");
    bob.git(&["push", "-q", "origin", "quipu-sync:refs/heads/claude/quipu-sync-bob"]);
    alice.git(&["config", "quipu.fallbackBranch", PATTERN]);
    let git = scene.env.root().join("failing/git");
    script(
        &git,
        "#!/bin/sh\nPATH=\"${PATH#*:}\"\ncase \" $* \" in *' fetch '*claude*) echo 'fatal: cut' >&2; exit 128;; esac\n\
         exec git \"$@\"\n",
    );
    let path = std::env::var("PATH").expect("PATH is set");
    let path = format!("{}:{path}", git.parent().expect("a folder").display());
    let vars = [("PATH", path.as_str())];
    let run = alice.qp_with(&vars, &["sync"]).success();
    assert_eq!(run.stdout, "origin: 1 branch of quipu.fallbackBranch could not be taken in\n");
    assert!(run.stderr.contains("were not fetched: not reached: cut"), "{run}");
    let document = alice.qp_with(&vars, &["sync", "--json"]).success().json();
    assert_eq!(document["in_sync"], false);
    assert_eq!(document["not_harvested"], json!(["claude/quipu-sync-bob"]));
    assert_eq!(alice.json(&["sync"])["in_sync"], true);
    assert_eq!(alice.titles(), ["His", "Shared"]);
}

/// The remote has lost the branch: what this clone remembers of it is no longer shared, and a file has all of it.
#[test]
fn what_the_remote_has_no_more_is_not_shared() {
    let scene = Scene::new();
    let alice = scene.alice();
    let bob = scene.clone("bob", &[]);
    bob.run(&["sync"]);
    scene.env.run_git(&scene.server(), &["update-ref", "-d", super::BRANCH]);
    let looked = bob.json(&["status", "--fetch"])["remote"].clone();
    assert_eq!((&looked["shared"], &looked["ahead"]), (&false.into(), &2.into()), "also by a mere look");
    assert_eq!(alice.json(&["pull"])["unsent"], 2);
    let status = alice.json(&["status"])["remote"].clone();
    assert_eq!((&status["shared"], &status["ahead"]), (&false.into(), &2.into()));
    scene.hook("pre-receive", "exit 1");
    let document = alice.json(&["sync"]);
    assert_eq!((&document["stored"], &document["unsent"]), (&"outbox".into(), &2.into()));
    let carol = scene.clone("carol", &[]);
    scene.env.shell(scene.env.root(), "cp -r repo/.quipu carol/").success();
    assert_eq!(carol.titles(), ["Shared"], "it needs nothing that the remote has not");
}

/// Two trackers of one repository have one outbox. A file of the one says nothing about the other.
#[test]
fn a_file_of_another_tracker_here_is_none_of_this_one() {
    let scene = Scene::new();
    let alice = scene.alice();
    alice.run(&["--branch", "second", "init", "--prefix", "two"]);
    alice.run(&["--branch", "second", "outbox", "save"]);
    assert_eq!(alice.json(&["sync"])["in_sync"], true);
    assert_eq!(alice.json(&["sync", "--branch", "second"])["in_sync"], true);
    // A branch that nobody here knows may be this one under another name.
    let bob = scene.clone("bob", &[]);
    alice.git(&["push", "-q", "origin", ":second"]);
    bob.git(&["update-ref", "-d", "refs/remotes/origin/second"]);
    scene.env.shell(scene.env.root(), "cp -r repo/.quipu bob/").success();
    assert_eq!(bob.json(&["sync"])["in_sync"], false);
}
