//! `--fetch` of commands that read: what the remote has, without a write of any kind to the local branch.

use super::{BRANCH, Desk, Ground};
use snapbox::str;

use crate::snapshot;

/// What a CI job has: one commit of one branch.
fn checkout<'g>(ground: &'g Ground) -> Desk<'g> {
    let url = format!("file://{}", ground.env.root().join("srv.git").display());
    let clone = ["clone", "-q", "--depth", "1", "--single-branch", "--branch", "main", &url, "job"];
    ground.env.run_git(ground.env.root(), &clone);
    let job = Desk { env: &ground.env, folder: ground.env.root().join("job"), who: "job" };
    job.git(&["checkout", "-q", "--detach"]);
    job
}

#[test]
fn a_job_asks_in_one_command() {
    let ground = Ground::new();
    let job = checkout(&ground);
    job.qp(&["ready", "--json"]).exits(9);
    assert_eq!(job.json(&["ready", "--fetch"])[0]["title"], "Shared");
    let refs = job.git(&["for-each-ref", "--format=%(refname)"]);
    assert!(refs.ends_with("refs/remotes/origin/main\nrefs/remotes/origin/quipu-sync\n"), "{refs}");
    assert!(!refs.contains("refs/heads/quipu-sync"), "{refs}");
    let key = job.json(&["list"])[0]["id"].as_str().expect("a key").to_owned();
    job.qp(&["check", &key, "--fetch"]).exits(1);
    ground.free().run(&["close", &key, "-r", "done"]);
    ground.free().run(&["push"]);
    assert_eq!(job.json(&["show", &key])[0]["status"], "open");
    job.run(&["check", &key, "--fetch"]);
    ground.free().run(&["reopen", &key]);
    ground.free().run(&["push"]);
    assert_eq!(job.json(&["show", &key, "--fetch"])[0]["status"], "open");
    ground.free().run(&["q", "New"]);
    ground.free().run(&["push"]);
    assert_eq!(job.json(&["list", "--fetch"]).as_array().map(Vec::len), Some(2));
    ground.free().run(&["q", "Newer"]);
    ground.free().run(&["push"]);
    assert_eq!(job.json(&["status", "--fetch"])["summary"]["open_issues"], 3);
}

#[test]
fn the_local_branch_stays() {
    let ground = Ground::new();
    let Some(proxy) = ground.serve(&[]) else { return };
    let (free, s1) = (ground.free(), ground.sandbox(&proxy, "s1"));
    s1.run(&["q", "Mine"]);
    let tip = s1.tip();
    free.run(&["q", "Theirs"]);
    free.run(&["push"]);
    let run = s1.run(&["list", "--fetch"]);
    assert_eq!(s1.tip(), tip);
    // Both sides have something of their own: that is said, and only a pull brings them together.
    assert!(run.stderr.contains("qp sync") || run.stderr.contains("qp pull"), "{run}");
    s1.run(&["pull"]);
    assert_eq!(s1.titles(), ["Mine", "Shared", "Theirs"]);
}

#[test]
fn claims_come_too() {
    let ground = Ground::new();
    let Some(proxy) = ground.serve(&[]) else { return };
    let (free, s1) = (ground.free(), ground.sandbox(&proxy, "s1"));
    assert_eq!(s1.json(&["ready", "--fetch"]).as_array().map(Vec::len), Some(1));
    let key = free.json(&["claim", "--next", "--sync"])[0]["id"].as_str().expect("a key").to_owned();
    assert_eq!(s1.json(&["ready"]).as_array().map(Vec::len), Some(1));
    assert_eq!(s1.json(&["ready", "--fetch"]).as_array().map(Vec::len), Some(0));
    free.run(&["release", &key]);
    assert_eq!(s1.json(&["ready", "--fetch"]).as_array().map(Vec::len), Some(1));
}

#[test]
fn who_cannot_ask_answers_from_what_is_here() {
    let ground = Ground::new();
    let free = ground.free();
    snapshot!(
        free.qp_with(&[("QP_OFFLINE", "1")], &["ready", "--fetch"]).success(),
        str![[r#"
web-r7j2  P2  task  Shared
[stderr]
warning: nothing was fetched: QP_OFFLINE is set, so origin is not asked; this is from what is here

"#]]
    );
    free.git(&["remote", "set-url", "origin", "/nowhere"]);
    snapshot!(
        free.run(&["ready", "--fetch", "--quiet"]),
        str![[r#"
web-r7j2  P2  task  Shared
[stderr]
warning: nothing was fetched: origin cannot be reached: '/nowhere' does not appear to be a git repository; this is from what is here

"#]]
    );
    free.git(&["remote", "remove", "origin"]);
    snapshot!(
        free.run(&["ready", "--fetch"]),
        str![[r#"
web-r7j2  P2  task  Shared
[stderr]
warning: nothing was fetched: this repository has no remote to share the tracker through; this is from what is here

"#]]
    );
}

#[test]
fn where_git_cannot_be_written_that_is_said() {
    let ground = Ground::new();
    let job = checkout(&ground);
    job.run(&["ready", "--fetch"]);
    ground.free().run(&["q", "New"]);
    ground.free().run(&["push"]);
    let Some(run) = crate::compat::locked::locked(&ground.env, &job.folder, ".git", "qp ready --fetch")
    else {
        return crate::compat::skip("nothing can be locked here");
    };
    let run = run.success();
    assert!(run.stderr.contains("origin has something new, and .git cannot be written"), "{run}");
    assert!(run.stdout.contains("Shared"), "{run}");
}

#[test]
fn a_branch_that_was_put_back_is_not_followed() {
    let ground = Ground::new();
    let free = ground.free();
    let url = ground.env.root().join("srv.git");
    free.run(&["q", "Later"]);
    free.run(&["push"]);
    let job = checkout(&ground);
    job.run(&["ready", "--fetch"]);
    ground.env.run_git(&url, &["update-ref", BRANCH, &format!("{BRANCH}~1")]);
    let run = job.run(&["ready", "--fetch"]);
    assert!(run.stderr.contains("was put back"), "{run}");
    assert_eq!(job.titles(), ["Later", "Shared"]);
}
