//! A `.git` that cannot be written: the working tree takes what is done.

use std::path::Path;

use super::bundle_of;
use crate::compat::fingerprint::Fingerprint;
use crate::compat::locked::locked;
use crate::compat::skip;
use crate::env::{Env, Run, without_commits};

/// A repository with two issues, whose `.git` is locked for every command.
struct Stage {
    env: Env,
    keys: [String; 2],
    before: Fingerprint,
}

impl Stage {
    /// `None` where nothing can be locked.
    fn new() -> Option<Self> {
        Stage::with(Env::new())
    }

    fn with(env: Env) -> Option<Self> {
        let keys = [env.create(["One"]), env.create(["Two"])];
        let before = Fingerprint::of(&env.repo());
        locked(&env, &env.repo(), ".git", "true")?;
        Some(Stage { env, keys, before })
    }

    #[track_caller]
    fn run(&self, script: &str) -> Run {
        locked(&self.env, &self.env.repo(), ".git", script).expect("it worked before")
    }

    #[track_caller]
    fn json(&self, script: &str) -> serde_json::Value {
        self.run(&format!("{script} --json")).success().json()
    }

    /// What has changed outside of the outbox.
    fn touched(&self) -> Vec<String> {
        let mut changes = self.before.changes_until(&Fingerprint::of(&self.env.repo()));
        changes.retain(|change| !change[2..].starts_with(".quipu/outbox/"));
        changes
    }

    fn files(&self) -> Vec<String> {
        files(&self.env.repo())
    }
}

fn files(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder.join(".quipu/outbox")).expect("an outbox");
    let mut names: Vec<String> =
        entries.map(|e| without_commits(e.expect("a file").file_name().to_str().expect("UTF-8"))).collect();
    names.sort();
    names
}

const SKIP: &str = "nothing can be locked here";

#[test]
fn every_command_sees_what_was_written() {
    let Some(stage) = Stage::new() else { return skip(SKIP) };
    let [one, two] = &stage.keys;
    let run = stage.run("qp q Three").success();
    let three = run.stdout.trim();
    let said = without_commits(&run.stderr);
    assert_eq!(said, "saved, not shared: .quipu/outbox/s1-COMMIT.bundle (commit it with your work)\n");
    assert_eq!(stage.json(&format!("qp show {three}"))[0]["title"], "Three");
    assert_eq!(stage.json(&format!("qp update {three} --title Third"))[0]["stored"], "outbox");
    assert!(stage.run("qp list").success().stdout.contains("Third"));
    assert!(stage.run("qp ready").success().stdout.contains("Third"));
    assert!(stage.run("qp search Third").success().stdout.contains(three));
    assert_eq!(stage.json(&format!("qp close {one}"))[0]["stored"], "outbox");
    assert!(!stage.run("qp ready").success().stdout.contains(one.as_str()));
    let claimed = stage.json(&format!("qp claim {two}"));
    assert_eq!((&claimed[0]["stored"], &claimed[0]["confirmed"]), (&"outbox".into(), &false.into()));
    let log = stage.run("qp log").success().stdout;
    for subject in ["claim", "close", "update", "create"] {
        assert!(log.contains(subject), "{log}");
    }
    assert!(stage.run("qp export").success().stdout.contains("Third"));
    assert!(
        stage.run(&format!("qp comment {three} Seen && qp show {three}")).success().stdout.contains("Seen")
    );
    stage.run("qp undo").success();
    assert!(!stage.run(&format!("qp show {three}")).success().stdout.contains("Seen"));
    assert_eq!(stage.touched(), [""; 0]);
    assert_eq!(stage.files(), [".gitattributes", ".gitignore", "lock", "s1-COMMIT.bundle", "s1.latest"]);
    let status = without_commits(&stage.env.git_out(&["status", "--short", "-uall"]));
    assert_eq!(status, "?? .quipu/outbox/s1-COMMIT.bundle\n");
}

#[test]
fn two_sessions_have_two_files_and_see_each_other() {
    let Some(stage) = Stage::new() else { return skip(SKIP) };
    stage.run("qp q Three").success();
    stage.run("QP_SESSION=s2 qp q Four").success();
    stage.run("qp q Five").success();
    let bundles = ["s1-COMMIT.bundle", "s1.latest", "s2-COMMIT.bundle", "s2.latest"];
    assert_eq!(stage.files()[3..], bundles);
    let list = stage.run("QP_SESSION=s3 qp list").success();
    for title in ["One", "Two", "Three", "Four", "Five"] {
        assert!(list.stdout.contains(title), "{list}");
    }
    assert_eq!(list.stderr, "");
    // The first session has what the second has written, too.
    std::fs::remove_file(bundle_of(&stage.env.repo(), "s2")).expect("a file");
    assert!(stage.run("qp list").success().stdout.contains("Four"));
}

#[test]
fn what_was_written_is_taken_in_by_the_next_write_that_can() {
    let Some(stage) = Stage::new() else { return skip(SKIP) };
    stage.run("qp q Three").success();
    let before = stage.env.git_out(&["rev-parse", "quipu-sync"]);
    stage.env.create(["Four"]);
    let subjects = stage.env.git_out(&["log", "--format=%s", &format!("{}..quipu-sync", before.trim())]);
    assert_eq!(
        subjects.lines().filter(|line| line.contains(": Three") || line.contains(": Four")).count(),
        2
    );
    assert_eq!(subjects.lines().count(), 2, "nothing had to be merged: {subjects}");
    assert_eq!(stage.json("qp q Five")["stored"], "outbox");
    assert!(stage.run("qp list").success().stdout.contains("Three"));
    stage.env.fsck();
}

/// A writer replaces its file again and again: whoever reads beside it sees what was there before it looked.
#[test]
fn readers_beside_a_writer_miss_nothing() {
    let Some(stage) = Stage::new() else { return skip(SKIP) };
    let writer = "for n in $(seq 40); do qp q \"Number $n\" || exit 1; done >/dev/null 2>&1; touch ../done";
    let reader = "while [ ! -e ../done ]; do qp count || exit 1; done";
    let run = stage.run(&format!("({writer}) & {reader} && wait && qp count")).success();
    assert_eq!(run.stderr, "");
    let counts: Vec<usize> = run.stdout.lines().map(|line| line.parse().expect("a number")).collect();
    assert!(counts.is_sorted() && counts.last() == Some(&42), "{counts:?}");
}

#[test]
fn a_session_without_a_name_keeps_its_file() {
    let mut env = Env::new();
    env.unset("QP_SESSION");
    // The two issues are made in a session that the git directory keeps; there is none in the clone.
    let Some(stage) = Stage::with(env) else { return skip(SKIP) };
    std::fs::remove_file(stage.env.repo().join(".git/quipu-session")).expect("a session");
    stage.run("qp q Three").success();
    stage.run("qp q Four").success();
    let bundles = stage.files().into_iter().filter(|name| name.ends_with(".bundle"));
    assert_eq!(bundles.count(), 1);
    assert!(stage.env.git_out(&["status", "--short", "-uall"]).lines().count() == 1);
}

#[test]
fn a_change_that_is_refused_leaves_nothing() {
    let Some(stage) = Stage::new() else { return skip(SKIP) };
    stage.run("qp close web-none").exits(3);
    stage.run(&format!("qp update {} --title One", stage.keys[0])).success();
    assert!(!stage.env.repo().join(".quipu").exists());
    assert_eq!(stage.touched(), [""; 0]);
}

#[test]
fn an_outbox_that_cannot_be_written_either_is_an_error_that_names_both() {
    let Some(stage) = Stage::new() else { return skip(SKIP) };
    let outbox = stage.env.repo().join(".quipu");
    std::fs::create_dir_all(outbox.join("outbox")).expect("a folder");
    let lock = "mount --bind .quipu .quipu && mount -o remount,bind,ro .quipu";
    let run = stage.run(&format!("{lock} && qp q Three"));
    if run.stderr.contains("mount") {
        return skip("nothing can be mounted here");
    }
    let run = run.exits(9);
    assert!(run.stderr.contains(".git/quipu") && run.stderr.contains(".quipu/outbox"), "{run}");
    assert_eq!(std::fs::read_dir(outbox.join("outbox")).expect("a folder").count(), 0);
    assert_eq!(stage.touched(), [""; 0]);
    let run = stage.run(&format!("{lock} && qp q Three --json")).exits(9);
    let error: serde_json::Value = serde_json::from_str(&run.stderr).expect("one JSON object");
    assert_eq!((&error["code"], &error["exit"]), (&"read_only".into(), &9.into()));
    assert!(stage.run(&format!("{lock} && qp list")).success().stdout.contains("One"));
}

#[test]
fn nothing_is_followed_out_of_the_working_tree() {
    let Some(stage) = Stage::new() else { return skip(SKIP) };
    let repo = stage.env.repo();
    let elsewhere = stage.env.root().join("elsewhere");
    std::fs::create_dir_all(elsewhere.join("outbox")).expect("a folder");
    std::os::unix::fs::symlink(&elsewhere, repo.join(".quipu")).expect("a link");
    let run = stage.run("qp q Three").exits(9);
    assert!(run.stderr.contains(".quipu is no folder"), "{run}");
    let run = stage.run("qp list").success();
    assert!(run.stdout.contains("One") && run.stderr.contains(".quipu is no folder"), "{run}");
    assert_eq!(std::fs::read_dir(elsewhere.join("outbox")).expect("a folder").count(), 0);
    // Nor where the note of the session is a link, which is replaced.
    std::fs::remove_file(repo.join(".quipu")).expect("a link");
    std::fs::create_dir_all(repo.join(".quipu/outbox")).expect("a folder");
    let target = elsewhere.join("target");
    std::fs::write(&target, "mine").expect("a file");
    std::os::unix::fs::symlink(&target, repo.join(".quipu/outbox/s1.latest")).expect("a link");
    stage.run("qp q Three").success();
    assert_eq!(std::fs::read_to_string(&target).expect("a file"), "mine");
    let run = stage.run("qp list").success();
    assert!(run.stdout.contains("Three"), "{run}");
}

#[test]
fn a_file_that_cannot_be_read_is_not_replaced() {
    let Some(stage) = Stage::new() else { return skip(SKIP) };
    let outbox = stage.env.repo().join(".quipu/outbox");
    std::fs::create_dir_all(&outbox).expect("a folder");
    std::fs::write(outbox.join("s1.bundle"), "# v2 git bundle\n").expect("a file");
    let run = stage.run("qp q Three").success();
    assert!(run.stderr.contains("s1.bundle is passed over"), "{run}");
    let run = stage.run("qp list").success();
    assert!(run.stdout.contains("Three") && run.stderr.contains("s1.bundle is passed over"), "{run}");
    assert_eq!(std::fs::read_to_string(outbox.join("s1.bundle")).expect("a file"), "# v2 git bundle\n");
}

#[test]
fn a_bare_repository_has_no_outbox() {
    let env = Env::bare();
    env.run_git(env.root(), &["init", "-q", "--bare", "bare.git"]);
    let bare = env.root().join("bare.git");
    env.qp_in(&bare, ["init", "--prefix", "web"], &[], "").success();
    let lock = "mount --bind . . && mount -o remount,bind,ro . && cd $PWD";
    let run = env.shell(&bare, &format!("unshare -rm sh -c '{lock} && qp q One'"));
    if run.stderr.contains("unshare") || run.stderr.contains("mount") {
        return skip("nothing can be mounted here");
    }
    assert!(run.exits(9).stderr.contains("cannot write to"));
}

#[test]
fn a_linked_worktree_has_an_outbox_of_its_own() {
    let Some(stage) = Stage::new() else { return skip(SKIP) };
    let env = &stage.env;
    env.git_out(&["commit", "-q", "--allow-empty", "-m", "first"]);
    env.git_out(&["worktree", "add", "-q", "-b", "feature", "../linked"]);
    let linked = env.root().join("linked");
    let run =
        |script: &str| locked(env, &linked, "../repo/.git", script).expect("it worked before").success();
    run("mkdir -p deep && cd deep && qp q Three");
    assert!(run("qp list").stdout.contains("Three"));
    assert_eq!(files(&linked), [".gitattributes", ".gitignore", "lock", "s1-COMMIT.bundle", "s1.latest"]);
    assert!(!stage.run("qp list").success().stdout.contains("Three"));
}

#[test]
fn names_of_sessions_are_made_portable() {
    let Some(stage) = Stage::new() else { return skip(SKIP) };
    for (session, begins) in
        [("A B/../c", "a-b-c-"), ("con", "con-"), ("..", "session-"), ("plain", "plain-")]
    {
        stage.run(&format!("qp q \"{session}\" --session \"{session}\"")).success();
        let is_own = |name: &String| name.starts_with(begins) && name.ends_with(".bundle");
        let found = stage.files().into_iter().filter(is_own).count();
        assert_eq!(found, 1, "{session}: {:?}", stage.files());
    }
    let list = stage.run("qp list").success().stdout;
    assert_eq!(list.lines().count(), 6, "{list}");
}

#[test]
fn an_import_of_many_issues_fits() {
    let Some(stage) = Stage::new() else { return skip(SKIP) };
    let line = |n: usize| format!("{{\"op\":\"create\",\"title\":\"Many {n}\"}}\n");
    let operations: String = (0..1200).map(line).collect();
    std::fs::write(stage.env.root().join("operations.jsonl"), operations).expect("a file");
    stage.run("qp apply ../operations.jsonl >/dev/null").success();
    let count = stage.json("qp count");
    assert_eq!(count["count"], 1202, "{count}");
    stage.env.create(["After"]);
    assert_eq!(stage.env.json(["count"])["count"], 1203);
    stage.env.fsck();
}

#[test]
fn a_confirmed_claim_that_is_released_there_leaves_the_remote_with_the_next_sync() {
    let scene = super::Scene::new();
    let (env, key) = (&scene.env, scene.shared.as_str());
    env.qp(["claim", key, "--sync"]).success();
    let server = env.root().join("server.git");
    let claims = || env.run_git(&server, &["for-each-ref", "refs/quipu/claims"]).lines().count();
    assert_eq!(claims(), 1);
    let Some(run) = locked(env, &env.repo(), ".git", &format!("qp release {key}")) else { return skip(SKIP) };
    run.success();
    assert_eq!(claims(), 1);
    env.create(["Next"]);
    env.qp(["sync"]).success();
    assert_eq!(claims(), 0);
}
