//! Remotes that refuse, are away, hang, or were changed by others: exit code, stable code, and nothing is lost.

use super::{BRANCH, Desk, Scene, script};
use crate::sync::proxy::Proxy;

/// The clone is as it was, and the next sync that reaches the remote sends everything.
fn nothing_is_lost(scene: &Scene, desk: &Desk<'_>, titles: &[&str]) {
    assert_eq!(desk.titles(), titles);
    desk.run(&["sync", "--retry"]);
    assert_eq!(scene.server_tip(), desk.tip());
    desk.fsck();
}

#[test]
fn a_protected_branch() {
    let scene = Scene::new();
    let hook = scene.hook("pre-receive", "echo 'this branch is protected' >&2; exit 1");
    let (alice, bob) = (scene.alice(), scene.clone("bob", &[]));
    alice.create("Kept");
    for command in ["sync", "push"] {
        let done = alice.json(&[command, "--retry"]);
        assert!(
            done["refused"].as_str().is_some_and(|why| why.contains("this branch is protected")),
            "{done}"
        );
        assert_eq!((&done["unsent"], &done["in_sync"]), (&1.into(), &false.into()));
        assert_eq!(done["stored"], "outbox");
    }
    assert_eq!(alice.json(&["status"])["remote"]["ahead"], 1);
    let status = alice.run(&["status"]).stdout;
    assert!(status.contains("origin refuses quipu-sync (asked again from "), "{status}");
    assert!(status.contains("): 1 operation to send, saved in .quipu/outbox/"), "{status}");
    alice.run(&["pull"]);
    // What others send is taken in all the same.
    std::fs::remove_file(&hook).expect("the hook");
    bob.create("His");
    bob.run(&["sync"]);
    let hook = scene.hook("update", "exit 1");
    assert_eq!(alice.json(&["sync", "--retry"])["received"]["operations"], 1);
    std::fs::remove_file(&hook).expect("the hook");
    nothing_is_lost(&scene, &alice, &["His", "Kept", "Shared"]);
}

#[test]
fn a_remote_that_is_away() {
    let scene = Scene::new();
    let alice = scene.alice();
    alice.create("Kept");
    scene.server_is_away();
    for command in [&["sync"][..], &["pull"], &["push"], &["sync", "--dry-run"]] {
        let error = alice.error(8, command);
        assert_eq!(error["code"], "unreachable");
        assert_eq!(error["result"], serde_json::Value::Null);
    }
    assert_eq!(alice.json(&["status"])["remote"]["ahead"], 1);
    let run = alice.qp(&["create", "Written", "--sync"]).exits(8);
    assert!(run.stderr.contains("this is saved here and not shared"), "{run}");
    scene.server_is_back();
    nothing_is_lost(&scene, &alice, &["Kept", "Shared", "Written"]);
    // Not even named so that git could find it.
    alice.git(&["remote", "set-url", "origin", "https://nosuch.invalid/x.git"]);
    assert_eq!(alice.error(8, &["sync"])["code"], "unreachable");
}

#[test]
fn no_time() {
    let scene = Scene::new();
    let alice = scene.alice();
    let error = alice.error(5, &["sync", "--timeout", "0"]);
    assert_eq!(error["hint"], "--timeout 20s, or 2m");
    alice.run(&["sync", "--timeout", "60"]);
}

#[test]
fn a_remote_that_hangs() {
    let scene = Scene::new();
    let alice = scene.alice();
    alice.create("Kept");
    let git = scene.env.root().join("hanging/git");
    for word in ["ls-remote", "push"] {
        script(
            &git,
            &format!(
                "#!/bin/sh\nPATH=\"${{PATH#*:}}\"\ncase \" $* \" in *' {word} '*) exec sleep 600;; esac\nexec git \"$@\"\n"
            ),
        );
        let path = std::env::var("PATH").expect("PATH is set");
        let path = format!("{}:{path}", git.parent().expect("a folder").display());
        let run = alice.qp_with(&[("PATH", &path)], &["sync", "--timeout", "2s", "--json"]).exits(8);
        assert!(run.stderr.contains("\"code\":\"timeout\""), "{word}: {run}");
    }
    nothing_is_lost(&scene, &alice, &["Kept", "Shared"]);
}

#[test]
fn a_server_that_hangs_and_one_that_wants_a_login() {
    let scene = Scene::new();
    let alice = scene.alice();
    let Some(hanging) = Proxy::start(scene.env.root(), &["--hang", "push"]) else { return };
    let Some(login) = Proxy::start(scene.env.root(), &["--auth", "u:hunter2"]) else { return };
    let url = |proxy: &Proxy, user: &str| format!("http://{user}127.0.0.1:{}/server.git", proxy.port);
    alice.create("Kept");
    let error = alice.error(8, &["sync", "--timeout", "3s", "--remote", &url(&hanging, "")]);
    assert_eq!(error["code"], "timeout");
    for user in ["", "u:hunter3@"] {
        let error = alice.error(8, &["sync", "--remote", &url(&login, user)]);
        assert_eq!(error["code"], "authentication");
        assert!(!error.to_string().contains("hunter"), "{error}");
    }
    let run = alice.run(&["sync", "--remote", &url(&login, "u:hunter2@")]);
    assert!(!run.to_string().contains("hunter"), "{run}");
    assert!(!alice.refs().contains("hunter"));
    nothing_is_lost(&scene, &alice, &["Kept", "Shared"]);
}

#[test]
fn others_are_always_quicker() {
    let scene = Scene::new();
    // Before every push is judged, somebody else's is there.
    scene.hook(
        "pre-receive",
        "unset GIT_QUARANTINE_PATH GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES\n\
         export GIT_AUTHOR_NAME=x GIT_AUTHOR_EMAIL=x@x GIT_COMMITTER_NAME=x GIT_COMMITTER_EMAIL=x@x\n\
         b=refs/heads/quipu-sync\ngit update-ref $b $(git commit-tree -p $b -m racer-$$ $b^{tree})",
    );
    let alice = scene.alice();
    alice.create("Kept");
    let error = alice.error(8, &["sync", "--timeout", "8s"]);
    assert_eq!(error["code"], "lost_race");
    std::fs::remove_file(scene.server().join("hooks/pre-receive")).expect("the hook");
    nothing_is_lost(&scene, &alice, &["Kept", "Shared"]);
}

#[test]
fn a_branch_that_goes_between_looking_and_fetching() {
    let scene = Scene::new();
    let (alice, bob) = (scene.alice(), scene.clone("bob", &[]));
    alice.create("Kept");
    bob.create("His");
    bob.run(&["sync"]);
    let git = scene.env.root().join("late/git");
    script(
        &git,
        &format!(
            "#!/bin/sh\nPATH=\"${{PATH#*:}}\"\ncase \" $* \" in *' fetch '*) git -C {} update-ref -d {BRANCH};; esac\nexec git \"$@\"\n",
            scene.server().display()
        ),
    );
    let path = std::env::var("PATH").expect("PATH is set");
    let path = format!("{}:{path}", git.parent().expect("a folder").display());
    alice.qp_with(&[("PATH", &path)], &["sync", "--timeout", "20s"]).success();
    assert_eq!(scene.server_tip(), alice.tip());
    bob.run(&["sync"]);
    assert_eq!(bob.titles(), ["His", "Kept", "Shared"]);
}

#[test]
fn one_direction_at_a_time() {
    let scene = Scene::new();
    let (alice, bob) = (scene.alice(), scene.clone("bob", &[]));
    bob.create("His");
    let before = scene.server_tip();
    assert_eq!(bob.json(&["pull"])["unsent"], 1);
    assert_eq!(scene.server_tip(), before, "a pull sends nothing");
    bob.run(&["push"]);
    assert_eq!(scene.server_tip(), bob.tip());
    // A push takes in what it must.
    alice.create("Hers");
    let pushed = alice.json(&["push"]);
    assert_eq!((&pushed["received"]["operations"], &pushed["merged"]), (&1.into(), &true.into()));
    assert_eq!(alice.titles(), ["Hers", "His", "Shared"]);
    let before = scene.server_tip();
    assert!(bob.json(&["pull"])["in_sync"] == true && scene.server_tip() == before);
}

#[test]
fn a_dry_run_changes_nothing() {
    let scene = Scene::new();
    let (alice, bob) = (scene.alice(), scene.clone("bob", &[]));
    bob.create("His");
    bob.run(&["sync"]);
    alice.create("Hers");
    let reflog = |desk: &Desk<'_>| desk.git(&["reflog", "show", "--all"]);
    let before = (alice.refs(), reflog(&alice), scene.server_tip());
    let rehearsed = alice.json(&["sync", "--dry-run"]);
    assert_eq!(rehearsed["dry_run"], true);
    assert_eq!(rehearsed["in_sync"], false);
    let his = bob.json(&["search", "His"])[0]["id"].clone();
    assert!(rehearsed["received"]["issues"].as_array().expect("keys").contains(&his), "{rehearsed}");
    alice.run(&["pull", "-n"]);
    alice.run(&["push", "-n"]);
    assert_eq!((alice.refs(), reflog(&alice), scene.server_tip()), before);
    assert_eq!(alice.titles(), ["Hers", "Shared"]);
    assert!(!alice.folder.join(".git/FETCH_HEAD").exists());
    let done = alice.json(&["sync"]);
    for field in ["sent", "received", "merged", "conflicts"] {
        assert_eq!(rehearsed[field], done[field], "{field}");
    }
}

#[test]
fn a_newer_format_is_left_alone() {
    let scene = Scene::new();
    let bob = scene.clone("bob", &[]);
    bob.run(&["sync"]);
    bob.create("His");
    let settings = scene.env.git_out(&["show", "quipu-sync:quipu.yml"]);
    let newer: String = settings
        .lines()
        .map(|line| if line.starts_with("format:") { "format: 99\n".to_owned() } else { format!("{line}\n") })
        .collect();
    assert_ne!(settings, newer);
    scene.env.commit_file("quipu.yml", Some(&newer));
    scene.alice().git(&["push", "-q", "origin", "quipu-sync"]);
    let (mine, theirs) = (bob.tip(), scene.server_tip());
    for command in ["sync", "pull", "push"] {
        let error = bob.error(9, &[command]);
        assert_eq!(error["code"], "newer_format");
        assert_eq!((bob.tip(), scene.server_tip()), (mine.clone(), theirs.clone()));
    }
    assert_eq!(bob.titles(), ["His", "Shared"]);
}

#[test]
fn a_branch_that_was_put_back_or_replaced() {
    for replaced in [false, true] {
        let scene = Scene::new();
        let alice = scene.alice();
        alice.create("Second");
        alice.run(&["sync"]);
        let (bob, carol) = (scene.clone("bob", &[]), scene.clone("carol", &[]));
        carol.create("Hers");
        let server = scene.server();
        let old = if replaced {
            let tree = scene.env.run_git(&server, &["rev-parse", "main^{tree}"]);
            scene.env.run_git(&server, &["commit-tree", "-m", "something else", tree.trim()])
        } else {
            scene.env.run_git(&server, &["rev-parse", "quipu-sync~1"])
        };
        scene.env.run_git(&server, &["update-ref", BRANCH, old.trim()]);
        // Bob has nothing but the remote-tracking branch; carol has work of her own besides.
        for desk in [&bob, &carol] {
            if replaced {
                assert_eq!(desk.error(6, &["pull"])["code"], "no_tracker_there");
                continue;
            }
            let run = desk.run(&["pull"]);
            assert!(run.stderr.contains("quipu-sync was put back at origin"), "{run}");
        }
        assert_eq!(bob.titles(), ["Second", "Shared"]);
        for desk in [&carol, &bob, &alice] {
            desk.run(if replaced { &["sync", "--join"] } else { &["sync"] });
            assert_eq!(desk.titles(), ["Hers", "Second", "Shared"]);
        }
        assert_eq!(alice.tip(), scene.server_tip());
        alice.fsck();
    }
}

/// What the remote had is kept before its branch is looked at again, so that nothing hangs on one moment.
#[test]
fn a_busy_clone_loses_nothing_of_a_branch_that_was_put_back() {
    let scene = Scene::new();
    let alice = scene.alice();
    let bob = scene.clone("bob", &[]);
    bob.create("His");
    bob.run(&["sync"]);
    scene.env.run_git(&scene.env.repo(), &["fetch", "-q"]);
    let old = scene.env.run_git(&scene.server(), &["rev-parse", "quipu-sync~1"]);
    scene.env.run_git(&scene.server(), &["update-ref", BRANCH, old.trim()]);
    let lock = std::fs::File::create(scene.env.repo().join(".git/quipu/lock")).expect("the lock");
    lock.lock().expect("nobody else is here");
    assert_eq!(alice.error(7, &["sync"])["code"], "busy");
    drop(lock);
    alice.run(&["sync"]);
    assert_eq!(alice.titles(), ["His", "Shared"]);
}

#[test]
fn two_syncs_of_one_clone_take_turns() {
    let scene = Scene::new();
    let alice = scene.alice();
    alice.create("Kept");
    let lock = std::fs::File::create(scene.env.repo().join(".git/quipu/sync.lock")).expect("the lock");
    lock.lock().expect("nobody else is here");
    let error = alice.error(7, &["sync", "--timeout", "1s"]);
    assert_eq!(error["code"], "busy");
    alice.create("Meanwhile");
    drop(lock);
    nothing_is_lost(&scene, &alice, &["Kept", "Meanwhile", "Shared"]);
}
