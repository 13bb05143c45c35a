//! The last rung: a file of the working tree, which travels with the branch of the session, and `qp outbox`.

use super::{Desk, GENEROUS, Ground, OWN_BRANCHES};
use crate::env::{Env, without_commits};
use snapbox::str;

use crate::{history, snapshot};
use std::time::Instant;

/// Gives the outbox to the session's own branch, as the hint says, and pushes that.
fn give(desk: &Desk<'_>) {
    let run = desk.qp(&["sync"]).success();
    let hint = run.stderr.lines().find_map(|line| line.strip_prefix("hint: ")).expect("a next step");
    let command = hint.split(", and push").next().expect("a command");
    let who = "git config user.name x && git config user.email x@x";
    let run =
        desk.env.shell(&desk.folder, &format!("{who} && {command} && git push -q origin HEAD")).success();
    assert!(run.stdout.contains("quipu outbox"), "{run}");
    assert_eq!(desk.git(&["status", "--porcelain"]), "");
}

#[test]
fn the_outbox_travels_with_the_branch_of_the_session() {
    let ground = Ground::new();
    let Some(proxy) = ground.serve(&["--push-allow", "refs/heads/claude/s1"]) else { return };
    let (free, s1) = (ground.free(), ground.sandbox(&proxy, "s1"));
    s1.run(&["q", "One"]);
    snapshot!(
        s1.run(&["sync"]),
        str![[r#"
origin: 1 operation in the outbox
[stderr]
saved, not shared: origin refuses quipu-sync: the server answers HTTP 403
hint: git add .quipu/outbox && git commit -m "quipu outbox" -- .quipu/outbox, and push your branch
the push is not tried again until 2026-01-07 11:04 UTC; qp sync --retry tries at once

"#]]
    );
    assert_eq!(ground.pushes(), ["refs/heads/quipu-sync"]);
    let again = s1.json(&["push"]);
    assert_eq!(
        (&again["stored"], without_commits(again["outbox"].as_str().expect("a name")).as_str()),
        (&"outbox".into(), ".quipu/outbox/s1-COMMIT.bundle")
    );
    assert_eq!((&again["in_sync"], &again["unsent"]), (&false.into(), &1.into()));
    snapshot!(
        s1.run(&["create", "Two", "--sync"]),
        str![[r#"
created web-rsgw: Two
[stderr]
origin: 2 operations in the outbox
saved, not shared: origin refuses quipu-sync: the server answers HTTP 403
hint: git add .quipu/outbox && git commit -m "quipu outbox" -- .quipu/outbox, and push your branch
the push is not tried again until 2026-01-07 11:04 UTC; qp sync --retry tries at once

"#]]
    );
    give(&s1);
    // What was saved is saved: a further sync changes no file.
    s1.run(&["sync"]);
    assert_eq!(s1.git(&["status", "--porcelain"]), "");
    assert_eq!(ground.pushes(), ["refs/heads/quipu-sync", "refs/heads/claude/s1"]);
    free.run(&["q", "Meanwhile"]);
    free.git(&["pull", "-q", "--no-rebase", "origin", "claude/s1"]);
    assert_eq!(free.titles(), ["Meanwhile", "One", "Shared", "Two"]);
    history!(
        free.run(&["sync"]),
        str![[r#"
origin: sent 3 operations (web-hc1g, web-rsgw, web-p4x1), took in 2 operations (web-hc1g, web-rsgw) from the outbox, merged without a conflict
[stderr]
.quipu/outbox/s1-COMMIT.bundle is shared now: qp outbox prune removes it

"#]]
    );
    let tip = free.tip();
    history!(
        free.run(&["sync"]),
        str![[r#"
origin: in sync
[stderr]
.quipu/outbox/s1-COMMIT.bundle is shared now: qp outbox prune removes it

"#]]
    );
    assert_eq!(free.tip(), tip, "taking it in again changes nothing");
    assert_eq!(free.titles(), ["Meanwhile", "One", "Shared", "Two"]);
    s1.run(&["sync"]);
    assert_eq!((s1.tip(), s1.json(&["sync"])["in_sync"].clone()), (tip, true.into()));
    ground.env.fsck();
}

#[test]
fn where_the_fallback_is_refused_too_the_outbox_has_it() {
    let ground = Ground::new();
    let Some(proxy) = ground.serve(&["--push-allow", "refs/heads/claude/s1"]) else { return };
    let s1 = ground.sandbox(&proxy, "s1");
    s1.allow_fallback();
    s1.run(&["q", "One"]);
    let run = s1.run(&["sync"]);
    assert!(run.stderr.contains("claude/quipu-sync-s1 was not pushed either"), "{run}");
    assert!(run.stderr.contains("saved, not shared"), "{run}");
    assert_eq!(ground.pushes(), ["refs/heads/quipu-sync", "refs/heads/claude/quipu-sync-s1"]);
    s1.run(&["create", "Two", "--sync"]);
    s1.run(&["sync"]);
    assert_eq!(ground.pushes().len(), 2, "neither is tried again within the hour");
    assert_eq!(s1.json(&["outbox"])[0]["operations"], 2);
}

#[test]
fn a_network_that_only_reads_pages() {
    let ground = Ground::new();
    let Some(proxy) = ground.serve(&["--methods", "GET,HEAD"]) else { return };
    let s1 = ground.sandbox(&proxy, "s1");
    // With nothing to save this is a failure: nothing was received.
    for command in ["sync", "pull"] {
        s1.fails("refused", &[command]);
    }
    s1.run(&["q", "One"]);
    snapshot!(
        s1.run(&["sync"]),
        str![[r#"
origin: 1 operation in the outbox
[stderr]
saved, not shared, and nothing received: origin refuses quipu-sync: the server answers HTTP 403
hint: git add .quipu/outbox && git commit -m "quipu outbox" -- .quipu/outbox, and push your branch

"#]]
    );
    let document = s1.json(&["sync"]);
    assert_eq!((&document["stored"], &document["in_sync"]), (&"outbox".into(), &false.into()));
    assert_eq!(document["not_received"], document["refused"]);
    assert_eq!(ground.pushes(), [""; 0]);
    let free = ground.free();
    free.git(&["remote", "add", "s1", "../s1"]);
    let who = "git config user.name x && git config user.email x@x";
    let commit = format!("{who} && git add .quipu && git commit -qm outbox");
    s1.env.shell(&s1.folder, &commit).success();
    free.git(&["fetch", "-q", "s1", "claude/s1"]);
    // The files of a branch are taken in without a checkout.
    snapshot!(
        free.run(&["outbox", "absorb", "--from", "FETCH_HEAD"]),
        str![[r#"
took in 1 operation (web-3qws) from 1 file
[stderr]
next: qp sync shares them

"#]]
    );
    snapshot!(
        free.run(&["outbox", "absorb", "--from", "FETCH_HEAD"]),
        str![[r#"
[stderr]
nothing new: the branch has everything in the files

"#]]
    );
    assert_eq!(free.titles(), ["One", "Shared"]);
    free.qp(&["outbox", "absorb", "--from", "nowhere"]).exits(3);
}

#[test]
fn the_command_shows_saves_and_tidies() {
    let ground = Ground::new();
    let Some(proxy) = ground.serve(OWN_BRANCHES) else { return };
    let (free, s1) = (ground.free(), ground.sandbox(&proxy, "s1"));
    snapshot!(
        s1.run(&["outbox"]),
        str![[r#"
[stderr]
the outbox is empty

"#]]
    );
    snapshot!(
        s1.run(&["outbox", "save"]),
        str![[r#"
[stderr]
nothing to save: the remote has everything, as far as is known here

"#]]
    );
    assert_eq!(s1.json(&["outbox", "save"])["outbox"], serde_json::Value::Null);
    s1.run(&["q", "One"]);
    history!(
        s1.run(&["outbox", "save"]),
        str![[r#"
saved 1 operation: .quipu/outbox/s1-COMMIT.bundle
[stderr]
hint: git add .quipu/outbox && git commit -m "quipu outbox" -- .quipu/outbox, and push your branch

"#]]
    );
    history!(
        s1.run(&["outbox", "list"]),
        str![[r#"
.quipu/outbox/s1-COMMIT.bundle  1 operation  on the branch here, not shared: qp sync

"#]]
    );
    assert_eq!(s1.json(&["outbox", "prune"])["removed"], serde_json::json!([]));
    give(&s1);
    free.git(&["pull", "-q", "--no-rebase", "origin", "claude/s1"]);
    history!(
        free.run(&["outbox"]),
        str![[r#"
.quipu/outbox/s1-COMMIT.bundle  1 operation  not on the branch here: qp sync takes it in

"#]]
    );
    assert_eq!(free.json(&["outbox", "absorb"])["operations"], 1);
    snapshot!(
        free.run(&["outbox", "absorb"]),
        str![[r#"
[stderr]
nothing new: the branch has everything in the files

"#]]
    );
    free.run(&["sync"]);
    history!(
        free.run(&["outbox", "prune"]),
        str![[r#"
removed .quipu/outbox/s1-COMMIT.bundle
[stderr]
hint: git commit -m "quipu outbox" -- .quipu/outbox, where git knows them

"#]]
    );
    let status = without_commits(&free.git(&["status", "--porcelain"]));
    assert_eq!(status, " D .quipu/outbox/s1-COMMIT.bundle\n");
    snapshot!(
        free.run(&["outbox", "prune"]),
        str![[r#"
[stderr]
the outbox is empty

"#]]
    );
}

#[test]
fn a_bare_repository_has_no_outbox() {
    let ground = Ground::new();
    let Some(proxy) = ground.serve(OWN_BRANCHES) else { return };
    ground.env.run_git(ground.env.root(), &["clone", "-q", "--bare", "srv.git", "bare"]);
    let bare = Desk { env: &ground.env, folder: ground.env.root().join("bare"), who: "bare" };
    bare.git(&["remote", "set-url", "origin", &proxy.url("")]);
    bare.run(&["q", "One"]);
    bare.fails("refused", &["sync"]);
    assert_eq!(bare.titles(), ["One", "Shared"]);
    bare.qp(&["outbox", "save"]).exits(9);
    assert_eq!(bare.json(&["outbox"]), serde_json::json!([]));
    bare.allow_fallback();
    assert_eq!(bare.json(&["sync"])["stored"], "branch");
}

#[test]
fn without_a_remote_the_command_saves() {
    let ground = Ground::new();
    let free = ground.free();
    free.git(&["remote", "remove", "origin"]);
    snapshot!(
        free.qp(&["sync"]),
        str![[r#"
[stderr]
error: this repository has no remote to share the tracker through
hint: git remote add origin URL; without one, qp outbox save writes a file for your own branch
[exit 9]

"#]]
    );
    let saved = free.json(&["outbox", "save"]);
    assert_eq!(
        (without_commits(saved["outbox"].as_str().expect("a name")).as_str(), &saved["operations"]),
        (".quipu/outbox/alice-COMMIT.bundle", &2.into())
    );
}

#[test]
fn a_file_whose_past_is_not_here_stays_and_is_told() {
    let ground = Ground::new();
    let Some(proxy) = ground.serve(OWN_BRANCHES) else { return };
    let (free, s1) = (ground.free(), ground.sandbox(&proxy, "s1"));
    // The past of the file: a change that reaches s1, and that the remote then loses.
    free.run(&["q", "Lost to the others"]);
    free.run(&["push"]);
    s1.run(&["pull"]);
    s1.run(&["q", "Built upon it"]);
    s1.run(&["sync"]);
    let server = ground.env.root().join("srv.git");
    ground.env.run_git(&server, &["update-ref", super::BRANCH, &format!("{}~1", super::BRANCH)]);
    // By a URL, so that only what is reachable comes.
    let url = format!("file://{}", server.display());
    ground.env.run_git(ground.env.root(), &["clone", "-q", &url, "late"]);
    let late = Desk { env: &ground.env, folder: ground.env.root().join("late"), who: "late" };
    let copied = ground.env.shell(ground.env.root(), "cp -r s1/.quipu late/.quipu");
    assert_eq!(copied.code, 0, "{copied}");
    for command in [&["outbox", "absorb"][..], &["sync"], &["pull"]] {
        let run = late.qp(&[command, &["--json"]].concat()).exits(8);
        assert!(run.stderr.contains("\"code\":\"missing_prerequisite\""), "{run}");
    }
    assert_eq!(late.json(&["outbox"])[0]["state"], "missing_prerequisite");
    assert_eq!(late.titles(), ["Shared"]);
    // Whoever has the past brings it, and then the file is taken in.
    free.run(&["sync"]);
    assert_eq!(late.json(&["sync"])["absorbed"]["operations"], 1);
    assert_eq!(late.titles(), ["Built upon it", "Lost to the others", "Shared"]);
}

#[test]
fn where_git_cannot_be_written_nothing_is_asked() {
    let ground = Ground::new();
    let free = ground.free();
    free.run(&["q", "Not sent"]);
    let started = Instant::now();
    let script =
        "qp sync; echo $?; qp sync --json; qp create Inside --sync; qp ready --fetch; qp pull; echo $?";
    let Some(run) = crate::compat::locked::locked(&ground.env, &free.folder, ".git", script) else {
        return crate::compat::skip("nothing can be locked here");
    };
    history!(
        run,
        str![[r#"
origin: 1 operation in the outbox
0
{
  "remote": "origin",
  "in_sync": false,
  "dry_run": false,
  "sent": {
    "operations": 0,
    "issues": []
  },
  "received": {
    "operations": 0,
    "issues": []
  },
  "absorbed": {
    "operations": 0,
    "issues": []
  },
  "merged": false,
  "conflicts": [],
  "claims_lost": [],
  "collisions": [],
  "unsent": 1,
  "stored": "outbox",
  "outbox": ".quipu/outbox/s1-COMMIT.bundle",
  "not_received": ".git cannot be written",
  "schema_version": 1
}
created web-3qws: Inside
web-r7j2  P2  task  Shared
web-hc1g  P2  task  Not sent
web-3qws  P2  task  Inside
9
[stderr]
saved, not shared, and nothing received: .git cannot be written
hint: commit .quipu/outbox/s1-COMMIT.bundle with your work: nothing can be committed where .git is locked
saved, not shared, and nothing received: .git cannot be written
hint: commit .quipu/outbox/s1-COMMIT.bundle with your work: nothing can be committed where .git is locked
saved, not shared: .quipu/outbox/s1-COMMIT.bundle (commit it with your work)
origin: 2 operations in the outbox
error: nothing can be received: .git cannot be written
hint: git fetch, or qp pull, where .git can be written; reads see at once what it brings

"#]]
    );
    assert!(started.elapsed() < GENEROUS);
    let synced = free.json(&["sync"]);
    assert_eq!((&synced["in_sync"], &synced["absorbed"]["operations"]), (&true.into(), &1.into()));
    assert_eq!(free.titles(), ["Inside", "Not sent", "Shared"]);
}

/// The next step is one that can be done: past a rule that hides the folder, and without a branch.
#[test]
fn the_next_step_fits_the_checkout() {
    let env = Env::new();
    env.create(["One"]);
    let hint = || env.qp(["outbox", "save"]).success().stderr;
    assert!(hint().ends_with(", and it travels with your work\n"), "{}", hint());
    env.git_out(&["remote", "add", "origin", "../nowhere"]);
    assert!(hint().contains("git add .quipu/outbox &&"), "{}", hint());
    env.git_out(&["add", ".quipu"]);
    env.git_out(&["commit", "-q", "-m", "code"]);
    assert!(hint().contains("is committed: push your branch"), "{}", hint());
    env.create(["Two"]);
    assert!(hint().contains("git add .quipu/outbox &&"), "{}", hint());
    env.git_out(&["rm", "-q", "--cached", "-r", ".quipu"]);
    std::fs::write(env.repo().join(".git/info/exclude"), ".quipu/\n").expect("a file");
    assert!(hint().contains("git add -f \".quipu/outbox/*.bundle\" &&"), "{}", hint());
    // Git adds nothing outside of what a sparse checkout shows.
    std::fs::create_dir_all(env.repo().join("src")).expect("a folder");
    std::fs::write(env.repo().join("src/code"), "x").expect("a file");
    env.git_out(&["add", "src"]);
    env.git_out(&["commit", "-q", "-m", "code", "--", "src"]);
    env.git_out(&["sparse-checkout", "set", "src"]);
    assert!(hint().contains("git add --sparse -f \".quipu/outbox/*.bundle\" &&"), "{}", hint());
    let step = hint().split_once("hint: ").and_then(|(_, step)| Some(step.split_once(", and")?.0.to_owned()));
    let who = "git config user.name x && git config user.email x@x";
    env.shell(&env.repo(), &format!("{who} && {}", step.expect("a command"))).success();
    assert!(hint().contains("is committed: push your branch"), "{}", hint());
    env.create(["Three"]);
    env.git_out(&["checkout", "-q", "--detach"]);
    assert!(hint().contains("this checkout is on none"), "{}", hint());
}

/// In one command: what stands on a branch that is not checked out, and the exchange.
#[test]
fn a_sync_takes_in_what_another_branch_brings() {
    let ground = Ground::new();
    let Some(proxy) = ground.serve(OWN_BRANCHES) else { return };
    let (free, s1) = (ground.free(), ground.sandbox(&proxy, "s1"));
    s1.run(&["q", "Inside"]);
    s1.run(&["sync"]);
    s1.git(&["add", ".quipu/outbox"]);
    s1.git(&["commit", "-q", "-m", "work"]);
    s1.git(&["push", "-q", "origin", "HEAD"]);
    free.git(&["fetch", "-q"]);
    for command in [&["sync", "--from", "origin/claude/s1"][..], &["pull", "--from", "origin/claude/s1"]] {
        let synced = free.json(command);
        let expected = if command[0] == "sync" { 1 } else { 0 };
        assert_eq!((&synced["absorbed"]["operations"], &synced["in_sync"]), (&expected.into(), &true.into()));
    }
    assert_eq!(free.titles(), ["Inside", "Shared"]);
    assert!(!free.folder.join(".quipu").exists());
    free.qp(&["sync", "--from", "nowhere"]).exits(3);
    free.qp(&["sync", "--from", "origin/claude/s1", "--dry-run"]).exits(2);
}
