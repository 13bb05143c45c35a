//! `qp watch`: a bare repository as the remote, and two clones.

use std::path::PathBuf;
use std::process::{Child, Stdio};

use snapbox::str;

use crate::compat::fingerprint::Fingerprint;
use crate::env::{Env, Run};
use crate::{history, snapshot};

/// Two clones of one bare repository, each with the tracker.
struct Scene {
    env: Env,
    other: PathBuf,
}

impl Scene {
    fn new() -> Self {
        let env = Env::new();
        env.qp(["create", "Fix the login", "--id", "web-login", "-l", "auth"]).success();
        env.qp(["create", "Write the notes", "--id", "web-notes"]).success();
        env.run_git(env.root(), &["init", "-q", "--bare", "hub.git"]);
        env.git_out(&["remote", "add", "origin", "../hub.git"]);
        env.git_out(&["push", "-q", "origin", "quipu-sync"]);
        env.run_git(env.root(), &["clone", "-q", "-b", "quipu-sync", "hub.git", "other"]);
        let other = env.root().join("other");
        Scene { env, other }
    }

    /// Changes something in the other clone and pushes it.
    fn elsewhere(&self, args: &[&str]) {
        self.env.qp_in(&self.other, args, &[("QP_ACTOR", "bob"), ("QP_SESSION", "s2")], "").success();
        self.env.run_git(&self.other, &["push", "-q", "origin", "quipu-sync"]);
    }

    fn look(&self, args: &[&str]) -> Run {
        self.env.qp([&["watch", "--timeout", "0"], args].concat())
    }

    /// Starts a watch that ends by itself, at the latest after two minutes.
    fn start(&self, args: &[&str]) -> Child {
        let mut command = self.env.command(&self.env.repo());
        command.args(["watch", "--timeout", "2min", "--interval", "50ms"]).args(args);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().expect("the program starts")
    }

    /// Everything in the clone but objects and quipu's own files.
    fn traces(&self, before: &Fingerprint) -> Vec<String> {
        let mut changes = before.changes_until(&Fingerprint::of(&self.env.repo()));
        changes.retain(|c| !c[2..].starts_with(".git/objects/") && !c[2..].starts_with(".git/quipu/"));
        changes
    }
}

fn end(child: Child) -> Run {
    let output = child.wait_with_output().expect("the program ends");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    let code = output.status.code().unwrap_or(-1);
    Run { stdout: text(output.stdout), stderr: text(output.stderr), code }
}

#[test]
fn what_is_on_the_remote_already_is_printed_at_once() {
    let scene = Scene::new();
    snapshot!(
        scene.look(&[]),
        str![[r#"
[stderr]
nothing has changed
[exit 1]

"#]]
    );
    scene.elsewhere(&["close", "web-login", "-r", "fixed"]);
    let before = Fingerprint::of(&scene.env.repo());
    history!(
        scene.look(&[]),
        str![[r#"
closed web-login: Fix the login (bob, 2026-01-07 10:04 UTC)
  status open → closed
  closed_by none → bob
  close_reason none → fixed
[stderr]
not all of it is here yet: qp sync brings it

"#]]
    );
    assert_eq!(scene.traces(&before), [""; 0]);
    assert!(!scene.env.repo().join(".git/refs/quipu/watch").exists(), "no empty folder either");
    assert_eq!(scene.env.json(["show", "web-login"])[0]["status"], "open", "nothing came here");
    scene.env.fsck();
    let document = scene.look(&["--json"]).success().json();
    assert_eq!((&document[0]["change"], &document[0]["actor"]), (&"closed".into(), &"bob".into()));
}

#[test]
fn a_push_ends_the_wait() {
    let scene = Scene::new();
    let before = Fingerprint::of(&scene.env.repo());
    let child = scene.start(&["--short"]);
    scene.elsewhere(&["claim", "web-notes"]);
    snapshot!(
        end(child),
        str![[r#"
claimed web-notes: Write the notes (bob, 2026-01-07 10:04 UTC)
[stderr]
not all of it is here yet: qp sync brings it

"#]]
    );
    assert_eq!(scene.traces(&before), [""; 0]);
}

#[test]
fn a_change_that_is_not_selected_does_not() {
    let scene = Scene::new();
    let child = scene.start(&["--short", "-l", "auth"]);
    scene.elsewhere(&["claim", "web-notes"]);
    scene.elsewhere(&["comment", "web-notes", "Well"]);
    scene.elsewhere(&["close", "web-login"]);
    let run = end(child).success();
    assert!(run.stdout.starts_with("closed web-login") && run.stdout.lines().count() == 1, "{run}");
    snapshot!(
        scene.look(&["--id", "web-none"]),
        str![[r#"
[stderr]
error: no issue web-none
hint: qp list shows the open ones, qp search none looks in all 2
[exit 3]

"#]]
    );
    scene.look(&["-l", "none"]).exits(1);
}

#[test]
fn a_change_in_this_clone_counts() {
    let scene = Scene::new();
    let child = scene.start(&["--short", "--interval", "1h"]);
    // Whenever it is made: before the first look, during it, or after it. A watch that starts after all of them would
    // wait for ever, so the changes go on until it ends.
    let mut child = child;
    while child.try_wait().expect("a child").is_none() {
        scene.env.qp(["comment", "web-notes", "Well"]).success();
    }
    let run = end(child).success();
    assert!(run.stdout.starts_with("changed web-notes"), "{run}");
    assert!(!run.stderr.contains("qp sync"), "{run}");
}

#[test]
fn what_only_this_clone_has_is_not_taken_for_a_change() {
    let scene = Scene::new();
    scene.env.create(["Mine, not pushed"]);
    scene.env.qp(["update", "web-login", "--title", "Fix the login page"]).success();
    scene.look(&[]).exits(1);
    scene.elsewhere(&["update", "web-login", "-p", "0"]);
    let before = Fingerprint::of(&scene.env.repo());
    history!(
        scene.look(&[]),
        str![[r#"
changed web-login: Fix the login page (bob, 2026-01-07 10:06 UTC)
  priority 2 → 0
[stderr]
not all of it is here yet: qp sync brings it

"#]]
    );
    assert_eq!(scene.traces(&before), [""; 0]);
    // The merge that was needed to see it is in memory only: what came are the objects of one operation.
    let missing = scene.env.git_out(&["fsck", "--unreachable", "--no-reflogs"]);
    let commits = missing.lines().filter(|line| line.contains(" commit ")).count();
    assert_eq!(commits, 1, "{missing}");
    scene.env.qp(["sync"]).success();
    scene.look(&[]).exits(1);
}

#[test]
fn claims_on_the_remote_are_no_change() {
    let scene = Scene::new();
    let hub = scene.env.root().join("hub.git");
    let blob = scene.env.run_git(&hub, &["rev-parse", "quipu-sync:quipu.yml"]);
    let claim = "refs/quipu/claims/01kfn6tfn3n7h5b39ztztw7k2m";
    scene.env.run_git(&hub, &["update-ref", claim, blob.trim()]);
    scene.look(&[]).exits(1);
}

#[test]
fn since_a_moment() {
    let scene = Scene::new();
    let run = scene.look(&["--since", "quipu-sync~1", "--short"]).success();
    assert!(run.stdout.starts_with("created web-notes") && run.stderr.is_empty(), "{run}");
    scene.elsewhere(&["close", "web-login"]);
    let run = scene.look(&["--since", "quipu-sync~1", "--short"]).success();
    assert_eq!(run.stdout.lines().count(), 2, "{run}");
    scene.look(&["--since", "nonsense"]).exits(3);
}

#[test]
fn the_time_comes_to_an_end() {
    let scene = Scene::new();
    snapshot!(
        scene.env.qp(["watch", "--timeout", "300ms", "--interval", "50ms"]),
        str![[r#"
[stderr]
nothing changed in 300ms
[exit 1]

"#]]
    );
    let run = scene.look(&["--json"]).exits(1);
    assert_eq!(run.stdout, "");
}

#[test]
fn a_remote_that_cannot_be_reached() {
    let scene = Scene::new();
    let hub = scene.env.root().join("hub.git");
    let away = scene.env.root().join("away.git");
    std::fs::rename(&hub, &away).expect("a folder can be moved");
    let run = scene.look(&[]).exits(8);
    assert!(run.stderr.contains("origin cannot be reached") && run.stdout.is_empty(), "{run}");
    std::fs::rename(&away, &hub).expect("a folder can be moved");
    let run = scene.env.git_out(&["remote", "remove", "origin"]);
    assert_eq!(run, "");
    snapshot!(
        scene.look(&[]),
        str![[r#"
[stderr]
error: this repository has no remote to share the tracker through
hint: git remote add origin URL; without one, qp outbox save writes a file for your own branch
[exit 9]

"#]]
    );
}

#[test]
fn a_remote_that_does_not_answer_is_not_waited_for_beyond_the_time() {
    let scene = Scene::new();
    scene.env.git_out(&["config", "remote.origin.uploadpack", "tail -f /dev/null; true"]);
    let run = scene.env.qp(["watch", "--timeout", "300ms"]).exits(8);
    assert!(run.stderr.contains("origin did not answer in time") && run.stdout.is_empty(), "{run}");
}

#[test]
fn a_remote_that_goes_away_is_waited_for() {
    let scene = Scene::new();
    scene.elsewhere(&["comment", "web-notes", "Well"]);
    let hub = scene.env.root().join("hub.git");
    // A remote that answers once with nothing new, then breaks: its program counts the calls.
    let script = format!(
        "n=$(cat calls 2>/dev/null || echo 0); echo $((n + 1)) >calls\n\
         [ $n = 0 ] && exec git-upload-pack '{0}-old'\n[ $n -lt 3 ] && exit 1\nexec git-upload-pack '{0}'",
        hub.display()
    );
    let old = scene.env.root().join("hub.git-old");
    scene.env.run_git(scene.env.root(), &["init", "-q", "--bare", old.to_str().expect("UTF-8")]);
    scene.env.git_out(&["push", "-q", old.to_str().expect("UTF-8"), "quipu-sync"]);
    let program = scene.env.root().join("upload-pack");
    std::fs::write(&program, format!("cd '{}'\n{script}\n", scene.env.root().display())).expect("a file");
    let call = format!("sh {}", program.display());
    scene.env.git_out(&["config", "remote.origin.uploadpack", &call]);
    let run = end(scene.start(&["--short"])).success();
    assert!(run.stdout.starts_with("changed web-notes"), "{run}");
    assert_eq!(run.stderr.matches("warning: ").count(), 1, "{run}");
    assert!(run.stderr.contains("still trying"), "{run}");
}

#[test]
fn what_a_killed_watch_left_behind_is_swept() {
    let scene = Scene::new();
    let left = "refs/quipu/watch/01h00000000000000000000000";
    scene.env.git_out(&["update-ref", left, "quipu-sync"]);
    scene.look(&[]).exits(1);
    assert_eq!(scene.env.git_out(&["for-each-ref", "refs/quipu"]), "");
}

#[test]
fn odd_times_are_refused() {
    let scene = Scene::new();
    let qp = |args: &[&str]| scene.env.qp([&["watch"], args].concat());
    snapshot!(
        qp(&["--timeout", "600"]),
        str![[r#"
[stderr]
error: --timeout 600 has no unit
hint: --timeout 600s, or 600m
[exit 2]

"#]]
    );
    snapshot!(
        qp(&["--interval", "0"]),
        str![[r#"
[stderr]
error: --interval 0 never rests
hint: --interval 15s
[exit 2]

"#]]
    );
    qp(&["--interval", "soon"]).exits(5);
    qp(&["--at", "yesterday"]).exits(2);
}
