//! What other commands say of the outbox, and of a remote that refuses the branch.

use serde_json::json;
use snapbox::str;

use super::{Desk, Scene, bring};
use crate::env::{Run, without_commits};
use crate::{history, snapshot};

/// Makes the server refuse the tracker's branch, or take it again.
fn refuse(scene: &Scene, refuses: bool) {
    let hook = scene.env.root().join("server.git/hooks/update");
    std::fs::create_dir_all(hook.parent().expect("a folder")).expect("a folder");
    if !refuses {
        return std::fs::remove_file(hook).expect("a hook");
    }
    let text = "#!/bin/sh\ncase $1 in refs/heads/quipu-sync) echo protected >&2; exit 1;; esac\n";
    std::fs::write(&hook, text).expect("a hook");
    scene.env.shell(scene.env.root(), "chmod +x server.git/hooks/update").success();
}

fn first_lines(run: &Run, count: usize) -> String {
    run.stdout.lines().take(count).map(|line| format!("{line}\n")).collect()
}

/// The lines of `qp prime` on the remote and the outbox.
fn primed(desk: &Desk<'_>, flags: &[&str]) -> String {
    let run = desk.qp(&[&["prime"], flags].concat()).success();
    let state = run.stdout.split_once("## Now\n").expect("a state").1;
    let lines = state.lines().filter(|line| line.contains("origin") || line.contains("outbox"));
    lines.map(|line| format!("{line}\n")).collect()
}

#[test]
fn what_is_in_the_outbox_only_is_told() {
    let scene = Scene::new();
    let (bob, carol) = (scene.clone("bob"), scene.clone("carol"));
    carol.qp(&["sync"]).success();
    bob.create("First");
    bob.create("Second");
    bob.save();
    bring(&bob, &carol);
    std::fs::write(carol.file("torn.bundle"), "# v2 git bundle\n").expect("a file");
    history!(
        first_lines(&carol.qp(&["status"]).success(), 3),
        str![[r#"
web on quipu-sync: 3 open
origin: nothing on the branch to send (last reached 3m ago)
outbox: 2 operations in .quipu/outbox/bob-COMMIT.bundle, not on the branch here: qp sync takes them in; 1 file that cannot be used: qp outbox

"#]]
    );
    let document = carol.qp(&["status", "--json"]).success().json();
    crate::json_docs::checker::hold(&["status"], &document);
    assert_eq!(
        document["outbox"],
        json!({"files": 2, "operations": 2, "new": 1, "waiting": 0, "unusable": 1})
    );
    assert_eq!((&document["remote"]["ahead"], &document["remote"]["shared"]), (&0.into(), &false.into()));
    assert_eq!(document["commit"], carol.tip());
    snapshot!(
        primed(&carol, &[]),
        str![[r#"
- origin has the branch as it is here
- in the outbox: 2 changes not on the branch here yet; 1 file of no use yet: `qp outbox`

"#]]
    );
    snapshot!(
        primed(&carol, &["--stealth"]),
        str![[r#"
- in the outbox: 2 changes not on the branch here yet; 1 file of no use yet: `qp outbox`

"#]]
    );
    let info = carol.qp(&["info"]).success().stdout;
    let branch = format!("branch: quipu-sync at {}, with 2 operations of the outbox\n", &carol.tip()[..9]);
    assert!(info.contains(&branch), "{info}");
    assert_eq!(carol.qp(&["info", "--json"]).success().json()["commit"], carol.tip());
    // What was taken in is neither new nor told any more.
    std::fs::remove_file(carol.file("torn.bundle")).expect("a file");
    carol.qp(&["sync"]).success();
    let document = carol.qp(&["status", "--json"]).success().json();
    assert_eq!(
        (&document["outbox"], &document["remote"]["shared"]),
        (&json!({"files": 1, "operations": 0, "new": 0, "waiting": 0, "unusable": 0}), &true.into())
    );
    assert!(!carol.qp(&["status"]).success().stdout.contains("outbox"));
    assert!(!carol.qp(&["info"]).success().stdout.contains("outbox"));
    std::fs::remove_dir_all(carol.folder.join(".quipu")).expect("a folder");
    assert!(carol.qp(&["status", "--json"]).success().json().get("outbox").is_none());
}

#[test]
fn two_files_that_overlap_are_counted_once() {
    let scene = Scene::new();
    let (bob, carol) = (scene.clone("bob"), scene.clone("carol"));
    bob.create("First");
    bob.save();
    bring(&bob, &carol);
    std::fs::rename(super::bundle_of(&carol.folder, "bob"), carol.file("early.bundle")).expect("a file");
    bob.create("Second");
    bob.save();
    bring(&bob, &carol);
    let outbox = carol.qp(&["status", "--json"]).success().json()["outbox"].clone();
    assert_eq!((&outbox["new"], &outbox["operations"]), (&2.into(), &2.into()));
}

#[test]
fn a_rehearsal_counts_the_outbox() {
    let scene = Scene::new();
    let (bob, carol) = (scene.clone("bob"), scene.clone("carol"));
    carol.qp(&["sync"]).success();
    let key = bob.create("First");
    bob.save();
    bring(&bob, &carol);
    let before = carol.tip();
    for command in ["sync", "pull", "push"] {
        let run = carol.qp(&[command, "--dry-run"]).success();
        let taken = format!("would take in 1 operation ({key}) from the outbox");
        let line = match command {
            "pull" => format!("origin: {taken}, 1 operation to send: qp push\n"),
            _ => format!("origin: would send 1 operation ({key}), {taken}\n"),
        };
        assert_eq!((run.stdout, run.stderr), (line, String::new()), "{command}");
        let document = carol.qp(&[command, "--dry-run", "--json"]).success().json();
        assert_eq!(document["absorbed"], json!({"operations": 1, "issues": [key]}));
        assert_eq!(document["in_sync"], false);
    }
    assert_eq!(carol.tip(), before);
    // What the remote has as well comes from there.
    bob.qp(&["push"]).success();
    let document = carol.qp(&["sync", "--dry-run", "--json"]).success().json();
    let counts = (&document["received"]["operations"], &document["absorbed"]["operations"]);
    assert_eq!(counts, (&1.into(), &0.into()));
    // A file that is of no use is named, as it will be.
    std::fs::write(carol.file("torn.bundle"), "# v2 git bundle\n").expect("a file");
    let run = carol.qp(&["sync", "--dry-run"]).success();
    assert!(run.stdout.ends_with(", 1 file of the outbox cannot be taken in\n"), "{run}");
    assert!(run.stderr.contains("torn.bundle is passed over"), "{run}");
}

#[test]
fn a_remote_that_refuses_is_named_instead_of_a_push_that_is_not_taken() {
    let scene = Scene::new();
    let bob = scene.clone("bob");
    refuse(&scene, true);
    bob.create("First");
    bob.qp(&["sync"]).success();
    history!(
        first_lines(&bob.qp(&["status"]).success(), 2),
        str![[r#"
web on quipu-sync: 2 open
origin refuses quipu-sync (asked again from 11:04 UTC): 1 operation to send, saved in .quipu/outbox/bob-COMMIT.bundle

"#]]
    );
    history!(
        primed(&bob, &[]),
        str![[r#"
- origin refuses quipu-sync until 2026-01-07 11:04 UTC: 1 change not shared, saved in .quipu/outbox/bob-COMMIT.bundle

"#]]
    );
    bob.create("Second");
    history!(
        bob.qp(&["pull"]).success(),
        str![[r#"
origin refuses quipu-sync (asked again from 11:04 UTC): 2 operations to send, 1 of them in .quipu/outbox/bob-COMMIT.bundle: qp sync saves the others

"#]]
    );
    let run = bob.qp(&["sync", "--dry-run"]).success();
    assert!(run.stderr.starts_with("origin refuses quipu-sync: the push is not tried again until "), "{run}");
    scene.env.create(["Meanwhile"]);
    refuse(&scene, false);
    scene.env.git_out(&["push", "-q", "origin", "quipu-sync"]);
    refuse(&scene, true);
    history!(
        bob.qp(&["pull"]).success(),
        str![[r#"
origin: received 1 operation (web-p4x1), merged without a conflict; it refuses quipu-sync (asked again from 11:04 UTC): 2 operations to send, 1 of them in .quipu/outbox/bob-COMMIT.bundle: qp sync saves the others

"#]]
    );
    // An hour later the remote is asked again.
    scene.env.pass(60 * 60 * 1000);
    let run = bob.qp(&["status"]).success();
    let line = "origin: 2 operations to send, 1 of them saved in .quipu/outbox/bob-COMMIT.bundle: qp sync (";
    assert!(without_commits(&run.stdout).contains(line), "{run}");
}

#[test]
fn the_branch_of_the_session_is_named_where_it_has_the_changes() {
    let scene = Scene::new();
    let bob = scene.clone("bob");
    refuse(&scene, true);
    bob.git(&["config", "quipu.fallbackBranch", "claude/quipu-sync-*"]);
    bob.create("First");
    bob.qp(&["sync"]).success();
    snapshot!(
        first_lines(&bob.qp(&["status"]).success(), 2),
        str![[r#"
web on quipu-sync: 2 open
origin refuses quipu-sync (asked again from 11:04 UTC): 1 operation to send, saved on claude/quipu-sync-bob

"#]]
    );
}

#[test]
fn a_session_that_cannot_write_git_is_told_where_its_changes_are() {
    let scene = Scene::new();
    let bob = scene.clone("bob");
    bob.qp(&["sync"]).success();
    let script = "qp q Third >/dev/null 2>&1; qp status | sed -n 2,3p; qp info | grep branch";
    let Some(run) = crate::compat::locked::locked(&scene.env, &bob.folder, ".git", script) else {
        return crate::compat::skip("nothing can be locked here");
    };
    let run = run.success();
    let told =
        "outbox: 1 operation in .quipu/outbox/s1-COMMIT.bundle, not shared: commit it with your work\n";
    assert!(without_commits(&run.stdout).contains(told), "{run}");
    assert!(run.stdout.contains("origin: nothing on the branch to send (last reached"), "{run}");
    let at = &bob.git(&["rev-parse", "origin/quipu-sync"])[..9];
    assert!(
        run.stdout.contains(&format!("branch: quipu-sync at {at}, with 1 operation of the outbox\n")),
        "{run}"
    );
}

#[test]
fn where_git_has_no_branch_yet_the_outbox_is_all_there_is() {
    let env = crate::env::Env::new();
    env.create(["One"]);
    env.qp(["outbox", "save"]).success();
    env.run_git(env.root(), &["init", "-q", "empty"]);
    let empty = env.root().join("empty");
    env.shell(env.root(), "mkdir empty/.quipu && cp -r repo/.quipu/outbox empty/.quipu").success();
    let qp = |args: &[&str]| env.qp_in(&empty, args, &[], "").success();
    let info = qp(&["info"]).stdout;
    assert!(info.contains("branch: quipu-sync (not there yet), with 2 operations of the outbox\n"), "{info}");
    let status = qp(&["status", "--json"]).json();
    assert_eq!(status["commit"], env.git_out(&["rev-parse", "quipu-sync"]).trim());
    assert_eq!((&status["outbox"]["operations"], status.get("remote")), (&2.into(), None));
    let status = qp(&["status"]).stdout;
    let told = "outbox: 2 operations in .quipu/outbox/s1-COMMIT.bundle, not on the branch here: qp sync takes them in\n";
    assert!(without_commits(&status).contains(told), "{status}");
}
