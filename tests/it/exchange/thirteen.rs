//! Thirteen failures that a peer was seen to have. Each of them would be a loss of data or a lie about it.

use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use super::{BRANCH, Desk, Scene, script};

/// Two clones that know the same issue.
fn two(scene: &Scene) -> (Desk<'_>, Desk<'_>, String) {
    let (alice, bob) = (scene.alice(), scene.clone("bob", &[]));
    let key = alice.json(&["list"])[0]["id"].as_str().expect("a key").to_owned();
    (alice, bob, key)
}

#[test]
fn failure_01_the_attic_is_written_by_a_sync() {
    let scene = Scene::new();
    let (alice, bob, key) = two(&scene);
    alice.run(&["update", &key, "--title", "Hers"]);
    bob.run(&["update", &key, "--title", "His"]);
    alice.run(&["sync"]);
    let merged = bob.json(&["sync"]);
    assert_eq!(merged["conflicts"][0]["id"], key.as_str());
    assert_eq!(merged["conflicts"][0]["parts"][0], "title");
    assert_eq!(merged["in_sync"], true);
    alice.run(&["sync"]);
    for desk in [&alice, &bob] {
        assert_eq!(desk.show(&key)["title"], "His");
        let entries = desk.json(&["attic", "list"]);
        assert_eq!(entries.as_array().map(Vec::len), Some(1), "{entries}");
        let entry = merged["conflicts"][0]["entry"].as_str().expect("an entry");
        assert!(desk.run(&["attic", "show", entry]).stdout.contains("Hers"));
    }
    bob.fsck();
}

/// A `git` that stops at a call with `word` among its arguments, before or after doing it, and tells by a file.
fn stopping_git(scene: &Scene, word: &str, after: bool) -> (PathBuf, PathBuf) {
    let folder = scene.env.root().join("slow");
    let here = scene.env.root().join("stopped");
    let _ = std::fs::remove_file(&here);
    let real = "PATH=\"${PATH#*:}\"";
    let stop = format!("echo $$ > {0}.new; mv {0}.new {0}; exec sleep 600", here.display());
    let body = if after { format!("git \"$@\"; {stop}") } else { stop };
    script(
        &folder.join("git"),
        &format!(
            "#!/bin/sh\n{real}\nfor word in \"$@\"; do\nif [ \"$word\" = {word} ]; then {body}\nfi\ndone\nexec git \"$@\"\n"
        ),
    );
    (folder, here)
}

/// Waits until a child has come to where it stops, kills it, and what it was waiting for.
fn kill_at(mut child: Child, stopped: &std::path::Path) {
    let started = Instant::now();
    while !stopped.exists() {
        assert!(child.try_wait().expect("a child").is_none(), "it has ended before");
        assert!(started.elapsed() < Duration::from_secs(60), "it does not come there");
        std::thread::yield_now();
    }
    child.kill().expect("SIGKILL");
    child.wait().expect("it has ended");
    let pid = std::fs::read_to_string(stopped).expect("a process id");
    let kill = std::process::Command::new("kill").arg(pid.trim()).stderr(Stdio::null()).status();
    kill.expect("kill runs");
}

/// Starts qp with another git first on its path.
fn start(desk: &Desk<'_>, git: &std::path::Path, args: &[&str]) -> Child {
    let mut command = desk.env.command(&desk.folder);
    let path = std::env::var("PATH").expect("PATH is set");
    command.env("QP_ACTOR", desk.who).env("QP_SESSION", desk.who);
    command.env("PATH", format!("{}:{path}", git.display())).args(args);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().expect("the program starts")
}

#[test]
fn failure_02_a_killed_sync_leaves_the_old_branch_or_the_new_one() {
    for (word, after) in
        [("ls-remote", true), ("fetch", false), ("fetch", true), ("push", false), ("push", true)]
    {
        let scene = Scene::unsent();
        let key = scene.env.create(["Shared", "-d", "One\nTwo\nThree"]);
        scene.alice().run(&["push"]);
        let (alice, bob, _) = two(&scene);
        alice.run(&["update", &key, "--description", "One\nTwo hers\nThree"]);
        alice.run(&["sync"]);
        bob.run(&["update", &key, "--description", "One\nTwo his\nThree"]);
        bob.create("Other");
        let before = bob.tip();
        let (git, stopped) = stopping_git(&scene, word, after);
        kill_at(start(&bob, &git, &["sync"]), &stopped);
        let tip = bob.tip();
        let parents = bob.git(&["log", "-1", "--format=%P", &tip]);
        assert!(tip == before || parents.contains(&before), "{word}: {tip} is neither old nor new");
        let marked = bob.env.try_git(&bob.folder, &["grep", "-q", "-e", "<<<<<<<", &tip]);
        assert_eq!(marked.code, 1, "{word}: conflict markers on the branch");
        assert_eq!(bob.titles(), ["Other", "Shared"]);
        bob.run(&["sync"]);
        alice.run(&["sync"]);
        assert_eq!(alice.tip(), bob.tip());
        assert_eq!(alice.titles(), ["Other", "Shared"]);
        assert_eq!(alice.show(&key)["description"], "One\nTwo his\nThree");
        assert_eq!(alice.json(&["attic", "list"]).as_array().map(Vec::len), Some(1), "{word}");
        bob.fsck();
        scene.env.fsck_in(&scene.server());
    }
}

#[test]
fn failure_03_what_is_not_reached_is_not_in_sync() {
    let scene = Scene::new();
    let alice = scene.alice();
    assert!(alice.run(&["sync"]).stdout.contains("in sync"));
    scene.server_is_away();
    for command in ["sync", "pull", "push"] {
        let run = alice.qp(&[command]).exits(8);
        assert!(!run.to_string().contains("in sync"), "{run}");
        assert_eq!(alice.error(8, &[command])["code"], "unreachable");
    }
    scene.server_is_back();
    // Git knows no name here; the actor writes all the same, and it is sent.
    let key = alice.create("Without an identity");
    alice.git(&["config", "user.useConfigOnly", "true"]);
    alice.create("Neither");
    alice.run(&["sync"]);
    assert_eq!(scene.clone("bob", &[]).show(&key)["title"], "Without an identity");
    assert_eq!(scene.server_tip(), alice.tip());
}

#[test]
fn failure_04_an_edit_survives_what_another_clone_adds_later() {
    let scene = Scene::new();
    let (alice, bob, key) = two(&scene);
    alice.run(&["update", &key, "--description", "Text", "--priority", "0", "--notes", "A note"]);
    bob.run(&["label", "add", &key, "later"]);
    bob.run(&["sync"]);
    alice.run(&["sync"]);
    bob.run(&["sync"]);
    for desk in [&alice, &bob] {
        let issue = desk.show(&key);
        assert_eq!(issue["description"], "Text");
        assert_eq!(issue["priority"], 0);
        assert_eq!(issue["notes"], "A note");
        assert_eq!(issue["labels"][0], "later");
        assert_eq!(desk.json(&["attic", "list"]).as_array().map(Vec::len), Some(0));
    }
}

#[test]
fn failure_05_a_refusal_is_told_in_the_servers_words() {
    let scene = Scene::new();
    scene.hook("pre-receive", "echo 'changes need a ticket' >&2; exit 1");
    let alice = scene.alice();
    let key = alice.create("Kept");
    let run = alice.run(&["sync", "--json"]);
    assert!(run.json()["refused"].as_str().is_some_and(|why| why.contains("changes need a ticket")), "{run}");
    assert!(
        run.stderr.contains("saved, not shared") && run.stderr.contains("changes need a ticket"),
        "{run}"
    );
    assert_eq!(alice.show(&key)["title"], "Kept");
}

#[test]
fn failure_06_a_later_write_of_one_field_does_not_decide_another() {
    let scene = Scene::new();
    let (alice, bob, key) = two(&scene);
    alice.run(&["update", &key, "--title", "First"]);
    bob.run(&["update", &key, "--title", "Last"]);
    // The side that lost the title touches something else after that.
    alice.run(&["update", &key, "--priority", "1"]);
    alice.run(&["sync"]);
    bob.run(&["sync"]);
    let issue = bob.show(&key);
    assert_eq!((&issue["title"], &issue["priority"]), (&"Last".into(), &1.into()));
}

#[test]
fn failure_07_what_was_removed_stays_away() {
    let scene = Scene::new();
    let alice = scene.alice();
    let first = alice.create("First");
    let key = alice.run(&["q", "Second", "-l", "old", "--deps", &first]).stdout.trim().to_owned();
    alice.run(&["sync"]);
    let bob = scene.clone("bob", &[]);
    alice.run(&["label", "remove", &key, "old"]);
    alice.run(&["dep", "remove", &key, &first]);
    bob.run(&["label", "add", &key, "new"]);
    for desk in [&alice, &bob, &alice, &bob] {
        desk.run(&["sync"]);
    }
    for desk in [&alice, &bob] {
        let issue = desk.show(&key);
        assert_eq!(issue["labels"], serde_json::json!(["new"]));
        assert_eq!(desk.json(&["dep", "list", &key]).as_array().map(Vec::len), Some(0));
    }
}

#[test]
fn failure_08_a_closed_issue_is_not_in_progress() {
    for closer_is_later in [true, false] {
        let scene = Scene::new();
        let (alice, bob, key) = two(&scene);
        if !closer_is_later {
            alice.run(&["close", &key, "-r", "done"]);
        }
        bob.run(&["claim", &key]);
        if closer_is_later {
            alice.run(&["close", &key, "-r", "done"]);
        }
        alice.run(&["sync"]);
        bob.qp(&["sync"]).exits(6);
        alice.run(&["sync"]);
        for desk in [&alice, &bob] {
            let issue = desk.show(&key);
            assert_eq!((&issue["status"], &issue["close_reason"]), (&"closed".into(), &"done".into()));
            for field in ["lease_expires_at", "claimed_at", "claim"] {
                assert_eq!(issue[field], serde_json::Value::Null, "{issue}");
            }
        }
    }
}

#[test]
fn failure_09_the_loser_of_a_claim_is_told() {
    let scene = Scene::new();
    let (alice, bob, key) = two(&scene);
    alice.run(&["claim", &key]);
    bob.run(&["claim", &key]);
    alice.run(&["sync"]);
    bob.qp(&["sync"]);
    let holder = bob.show(&key)["assignee"].as_str().expect("a holder").to_owned();
    let (loser, winner) = if holder == "bob" { (&alice, "bob") } else { (&bob, "alice") };
    if loser.who == "alice" {
        let error = loser.error(6, &["sync"]);
        assert_eq!(error["code"], "claims_lost");
        let message = error["error"].as_str().expect("a message").to_owned();
        assert!(message.contains(&key) && message.contains(winner), "{message}");
        loser.run(&["sync"]);
    }
    assert_eq!(loser.error(6, &["claim", &key])["code"], "claim_held");
    assert!(bob.show(&key)["lease_expires_at"].is_string());
    assert_eq!(loser.error(6, &["release", &key])["code"], "claim_held");
}

#[test]
fn failure_10_a_killed_writer_blocks_nobody() {
    let scene = Scene::new();
    let (alice, bob, _) = two(&scene);
    alice.create("Hers");
    alice.run(&["sync"]);
    bob.create("His");
    // While it waits for the remote, others write; once it is dead, others sync.
    let (git, stopped) = stopping_git(&scene, "push", false);
    let child = start(&bob, &git, &["sync"]);
    let started = Instant::now();
    while !stopped.exists() && started.elapsed() < Duration::from_secs(60) {
        std::thread::yield_now();
    }
    bob.create("Meanwhile");
    kill_at(child, &stopped);
    bob.create("Afterwards");
    bob.run(&["sync", "--timeout", "30s"]);
    assert_eq!(bob.titles(), ["Afterwards", "Hers", "His", "Meanwhile", "Shared"]);
    // One that dies while it holds the lock on the branch: it was bringing a checkout forward.
    bob.git(&["worktree", "add", "-q", "../shown", "quipu-sync"]);
    let (git, stopped) = stopping_git(&scene, "read-tree", false);
    kill_at(start(&bob, &git, &["q", "Killed"]), &stopped);
    bob.create("At once");
    bob.run(&["sync"]);
    assert!(bob.titles().contains(&"At once".to_owned()));
}

#[test]
fn failure_11_a_worktree_takes_nothing_with_it() {
    let scene = Scene::new();
    let (alice, bob, _) = two(&scene);
    alice.git(&["worktree", "add", "-q", "-b", "side", "../side"]);
    let side = scene.at(scene.env.root().join("side"), "alice");
    side.create("From a worktree");
    alice.git(&["worktree", "remove", "--force", "../side"]);
    std::fs::remove_dir_all(scene.env.repo().join(".git/quipu")).expect("the disposable folder");
    assert_eq!(alice.titles(), ["From a worktree", "Shared"]);
    alice.run(&["sync"]);
    bob.run(&["pull"]);
    assert_eq!(bob.titles(), ["From a worktree", "Shared"]);
}

#[test]
fn failure_12_shallow_and_single_branch_clones_work() {
    let scene = Scene::new();
    let alice = scene.alice();
    alice.create("Second");
    alice.run(&["sync"]);
    for (who, args) in [
        ("bob", &["--depth", "1"][..]),
        ("carol", &["--single-branch"]),
        ("dave", &["--depth", "1", "--no-single-branch"]),
    ] {
        let desk = scene.clone(who, args);
        desk.run(&["pull"]);
        desk.create(who);
        alice.create("More");
        alice.run(&["sync"]);
        desk.run(&["sync"]);
        alice.run(&["pull"]);
        assert_eq!(alice.tip(), desk.tip(), "{who}");
        assert!(alice.titles().contains(&who.to_owned()));
        desk.fsck();
    }
}

/// A text that other formats take apart comes through a sync as it was.
const TEXT: &str = "Before\n\n## Notes\n\nA heading of its own.\n\n<<<<<<< ours\none\n=======\ntwo\n>>>>>>> theirs\n\n---\n\nAfter";

#[test]
fn failure_13_a_deferred_issue_is_not_ready() {
    let scene = Scene::new();
    let (alice, bob, key) = two(&scene);
    alice.run(&["defer", &key, "--until", "2030-01-01"]);
    alice.run(&["sync"]);
    bob.run(&["sync"]);
    assert_eq!(bob.json(&["ready"]), serde_json::json!([]));
}

#[test]
fn failure_13_a_cycle_is_refused_and_one_made_by_two_clones_is_broken() {
    let scene = Scene::new();
    let alice = scene.alice();
    let (one, two) = (alice.create("One"), alice.create("Two"));
    alice.run(&["sync"]);
    let bob = scene.clone("bob", &[]);
    alice.run(&["dep", "add", &one, &two]);
    assert_eq!(alice.error(6, &["dep", "add", &two, &one])["exit"], 6);
    bob.run(&["dep", "add", &two, &one]);
    for desk in [&alice, &bob, &alice] {
        desk.run(&["sync"]);
    }
    assert_eq!(alice.run(&["dep", "cycles", "--json"]).json(), serde_json::json!([]));
    assert_eq!(alice.json(&["attic", "list"]).as_array().map(Vec::len), Some(1), "the edge is kept");
}

#[test]
fn failure_13_the_key_of_another_project_is_not_ours() {
    let scene = Scene::new();
    let (alice, _, key) = two(&scene);
    let foreign = key.replace("web-", "other-");
    assert_eq!(alice.error(3, &["update", &foreign, "--title", "Wrong"])["code"], "foreign_prefix");
    assert_eq!(alice.show(&key)["title"], "Shared");
}

#[test]
fn failure_13_a_text_with_headings_and_markers_comes_through() {
    let scene = Scene::new();
    let (alice, bob, key) = two(&scene);
    alice.run(&["update", &key, "--description", TEXT]);
    bob.run(&["update", &key, "--notes", "His"]);
    for desk in [&alice, &bob, &alice] {
        desk.run(&["sync"]);
    }
    for desk in [&alice, &bob] {
        let issue = desk.show(&key);
        assert_eq!(issue["description"], TEXT);
        assert_eq!(issue["notes"], "His");
    }
}

#[test]
fn failure_13_bad_values_are_refused() {
    let scene = Scene::new();
    let alice = scene.alice();
    for (code, args) in [
        (5, &["list", "--status", "nosuch"][..]),
        (5, &["list", "--priority", "high-ish"]),
        (2, &["list", "--limit", "many"]),
        (5, &["list", "--sort", "nosuch"]),
        (5, &["sync", "--timeout", "soon"]),
        (2, &["sync", "--force"]),
        (2, &["sync", "--nosuch"]),
    ] {
        let error = alice.error(code, args);
        assert!(error["hint"].is_string(), "{error}");
    }
    let mine = alice.rev(BRANCH);
    assert_eq!(alice.json(&["list", "--limit", "1"]).as_array().map(Vec::len), Some(1));
    assert_eq!(mine, alice.tip());
}
