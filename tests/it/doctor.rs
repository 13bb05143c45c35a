//! `qp doctor`: every fault is planted with git's own tools and must be found, named and told how to mend.

use serde_json::Value;
use snapbox::str;

use crate::env::Env;
use crate::history;

const LOGIN: &str = "01kfn6tfn3n7h5b39ztztw7k2m";
const NOTES: &str = "01kfn6tfn3n7h5b39ztztw7k3n";

fn path(id: &str) -> String {
    format!("issues/{}/{}/{id}.md", &id[24..25], &id[25..])
}

/// A tracker with the issues web-7k2m and web-7k3n, written by hand; `front` goes into the first.
fn tracker(front: &str) -> Env {
    let env = Env::new();
    let times = "created_at: 2026-01-07T09:00:00.000Z\nupdated_at: 2026-01-07T09:00:00.000Z";
    env.commit_file(&path(NOTES), Some(&format!("---\ntitle: Notes\n{times}\n---\n")));
    env.commit_file(&path(LOGIN), Some(&format!("---\ntitle: Login\n{front}{times}\n---\n")));
    env
}

/// The findings of a code.
#[track_caller]
fn findings(env: &Env, code: &str) -> Vec<Value> {
    let run = env.qp(["doctor", "--json"]);
    let document = run.json();
    let all = document["findings"].as_array().expect("a list").clone();
    let bad = all.iter().any(|finding| finding["severity"] != "note");
    assert_eq!(document["ok"], !bad, "{run}");
    assert_eq!(run.code, i32::from(bad), "{run}");
    assert_eq!(run.stderr, "", "{run}");
    for finding in &all {
        for name in ["message", "remedy", "code", "severity"] {
            assert!(finding[name].as_str().is_some_and(|text| !text.is_empty()), "{finding}");
        }
    }
    all.into_iter().filter(|finding| finding["code"] == code).collect()
}

/// The one finding of a code.
#[track_caller]
fn finding(env: &Env, code: &str) -> Value {
    let found = findings(env, code);
    assert_eq!(found.len(), 1, "{code}: {found:?}: {}", env.qp(["doctor"]));
    found[0].clone()
}

#[test]
fn finds_nothing_in_a_sound_tracker() {
    let env = tracker("");
    history!(
        env.qp(["doctor"]),
        str![[r#"
2 issues, nothing wrong

"#]]
    );
    assert_eq!(env.json(["doctor"])["ok"], true);
    history!(
        Env::git().qp(["doctor"]),
        str![[r#"
[stderr]
error: no tracker here: there is no branch quipu-sync
hint: qp init
[exit 9]

"#]]
    );
    history!(
        env.qp(["doctor", "--at", "2026-01-07"]),
        str![[r#"
[stderr]
error: --at 2026-01-07 looks back; doctor looks at the present
hint: qp doctor
[exit 2]

"#]]
    );
}

#[test]
fn unreadable_files_and_the_version_before() {
    let env = tracker("");
    let text = env.git_out(&["show", &format!("quipu-sync:{}", path(LOGIN))]);
    env.commit_file(&path(LOGIN), Some(&text.replace("title: Login", "title: Login\nlabels: {")));
    history!(
        env.qp(["doctor"]),
        str![[r#"
error: issues/2/m/01kfn6tfn3n7h5b39ztztw7k2m.md line 3 cannot be read: labels: expected a list of texts
  remedy: correct line 3, or bring back the version before: qp undo COMMIT
1 issue, 1 error
[exit 1]

"#]]
    );
    let found = finding(&env, "unreadable");
    assert_eq!((&found["path"], &found["line"]), (&Value::from(path(LOGIN)), &Value::from(3)));
    let remedy = found["remedy"].as_str().unwrap();
    let undo: Vec<&str> = remedy.split("qp ").nth(1).unwrap().split(' ').collect();
    env.qp(undo).success();
    assert_eq!(findings(&env, "unreadable"), Vec::<Value>::new());
    // Never readable: only correcting it helps.
    env.commit_file(&path(LOGIN), None);
    env.commit_file(&path(LOGIN), Some("no dashes\n"));
    env.git_out(&["update-ref", "refs/heads/quipu-sync", "quipu-sync"]);
    history!(
        env.qp(["doctor"]),
        str![[r#"
error: issues/2/m/01kfn6tfn3n7h5b39ztztw7k2m.md line 1 cannot be read: the first line is not ---
  remedy: correct line 1 on the branch: git worktree add ../quipu-sync quipu-sync
1 issue, 1 error
[exit 1]

"#]]
    );
}

#[test]
fn unreadable_files_broken_together_with_others() {
    let env = tracker("");
    env.qp(["create", "Third", "--id", "web-third"]).success();
    let breaking = env.commit_file(&path(LOGIN), Some("<<<<<<< ours\n"));
    // The same break, but in one commit with another change.
    let base = env.git_out(&["rev-parse", "quipu-sync~1"]);
    env.commit_file("memories/x.md", Some("x"));
    let tree = env.git_out(&["rev-parse", "quipu-sync^{tree}"]);
    let both = env.git_out(&["commit-tree", "-p", base.trim(), "-m", "both", tree.trim()]);
    env.git_out(&["update-ref", "refs/heads/quipu-sync", both.trim()]);
    assert!(finding(&env, "unreadable")["remedy"].as_str().unwrap().contains("git show"));
    env.git_out(&["cat-file", "-e", &format!("{breaking}^:{}", path(LOGIN))]);
}

#[test]
fn misplaced_and_foreign_names() {
    let env = tracker("");
    let text = env.git_out(&["show", &format!("quipu-sync:{}", path(LOGIN))]);
    env.commit_file(&format!("issues/x/y/{LOGIN}.md"), Some(&text));
    env.commit_file("issues/2/m/notes.txt", Some("hello"));
    env.commit_file("README.md", Some("hello"));
    env.commit_file("src/main.rs", Some("fn main() {}"));
    env.commit_file("memories/Not A Key.md", Some("x"));
    env.commit_file("memories/key.md", Some("x"));
    env.commit_file(&format!("attic/2/m/{LOGIN}/1767882600000-9f3a1c22d4e5f607.md"), Some("x"));
    env.commit_file("attic/odd.md", Some("x"));
    env.commit_file("imports/beads/state.yml", Some("x"));
    let names = |code| {
        findings(&env, code).iter().map(|f| f["path"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names("misplaced"), ["issues/2/m/notes.txt".to_owned(), format!("issues/x/y/{LOGIN}.md")]);
    assert_eq!(names("foreign_name"), ["attic/odd.md", "memories/Not A Key.md", "src/main.rs"]);
    history!(
        env.qp(["doctor"]),
        str![[r#"
warning: issues/2/m/notes.txt is not named like an issue
  remedy: move it away from issues/ on the branch: git worktree add ../quipu-sync quipu-sync
warning: issues/x/y/01kfn6tfn3n7h5b39ztztw7k2m.md is not in its place
  remedy: move it to issues/2/m/01kfn6tfn3n7h5b39ztztw7k2m.md on the branch: git worktree add ../quipu-sync quipu-sync
note: attic/odd.md is not a file of the tracker
  remedy: it does no harm; if nobody needs it, delete it on the branch
note: memories/Not A Key.md is not a file of the tracker
  remedy: it does no harm; if nobody needs it, delete it on the branch
note: src/main.rs is not a file of the tracker
  remedy: it does no harm; if nobody needs it, delete it on the branch
2 issues, 2 warnings, 3 notes
[exit 1]

"#]]
    );
}

#[test]
fn links_and_submodules_on_the_branch() {
    let env = tracker("");
    let tip = env.git_out(&["rev-parse", "quipu-sync"]);
    let blob = env.git_out(&["hash-object", "-w", "-t", "blob", "/dev/null"]);
    let listing = env.git_out(&["ls-tree", "quipu-sync"]);
    let listing = format!("{listing}120000 blob {}\tlink\n160000 commit {}\tsub\n", blob.trim(), tip.trim());
    let tree = env.git_stdin(&["mktree"], &listing);
    let commit = env.git_out(&["commit-tree", "-p", "quipu-sync", "-m", "odd", tree.trim()]);
    env.git_out(&["update-ref", "refs/heads/quipu-sync", commit.trim()]);
    let found = findings(&env, "foreign_name");
    let messages: Vec<_> = found.iter().map(|f| f["message"].as_str().unwrap()).collect();
    assert_eq!(messages, ["link is a symbolic link", "sub is a submodule"]);
    assert_eq!(env.json(["list"]).as_array().unwrap().len(), 2);
}

#[test]
fn dangling_references() {
    let gone = "01kfn6tfn3n7h5b39ztztw0000";
    let env = tracker(&format!("parent: {gone}\nblocked_by: [{gone}, web-gone]\nduplicate_of: {gone}\n"));
    history!(
        env.qp(["doctor"]),
        str![[r#"
warning: web-7k2m refers to 01kfn6tfn3n7h5b39ztztw0000 (blocks), which is not in this tracker
  remedy: qp dep remove web-7k2m 01kfn6tfn3n7h5b39ztztw0000
warning: web-7k2m refers to web-gone (blocks), which is not in this tracker
  remedy: qp dep remove web-7k2m web-gone
warning: web-7k2m refers to 01kfn6tfn3n7h5b39ztztw0000 (parent-child), which is not in this tracker
  remedy: qp update web-7k2m --parent ""
warning: web-7k2m refers to 01kfn6tfn3n7h5b39ztztw0000 (duplicates), which is not in this tracker
  remedy: qp show web-7k2m
2 issues, 4 warnings
[exit 1]

"#]]
    );
    assert_eq!(findings(&env, "dangling_reference").len(), 4);
}

#[test]
fn keys_that_several_issues_have() {
    let env = tracker("key: web-same\n");
    let text = env.git_out(&["show", &format!("quipu-sync:{}", path(LOGIN))]);
    env.commit_file(&path(NOTES), Some(&text));
    assert_eq!(finding(&env, "duplicate_key")["severity"], "warning");
    history!(
        env.qp(["doctor"]),
        str![[r#"
warning: 2 issues have the key web-same
  remedy: name them web-same~7k2m and web-same~7k3n until one of them has another key
2 issues, 1 warning
[exit 1]

"#]]
    );
    let alike = "01kfn6tfn3n7h5b39ztzzz7k3n";
    let env = tracker("");
    env.commit_file(&path(alike), Some("---\ntitle: Alike\ncreated_at: 2026-01-07\n---\n"));
    assert_eq!(findings(&env, "long_key").len(), 2);
    history!(
        env.qp(["doctor"]),
        str![[r#"
note: web-w7k3n needs a longer key than most: another issue ends in the same four characters
  remedy: qp show web-w7k3n
note: web-z7k3n needs a longer key than most: another issue ends in the same four characters
  remedy: qp show web-z7k3n
3 issues, 2 notes

"#]]
    );
}

#[test]
fn cycles() {
    let env = tracker(&format!("blocked_by: [{NOTES}]\n"));
    let times = "created_at: 2026-01-07T09:00:00.000Z";
    env.commit_file(
        &path(NOTES),
        Some(&format!("---\ntitle: Notes\nparent: {LOGIN}\nblocked_by: [{LOGIN}]\n{times}\n---\n")),
    );
    history!(
        env.qp(["doctor"]),
        str![[r#"
error: a cycle of waiting, so none of these is ever ready: web-7k3n → web-7k3n
  remedy: qp update web-7k3n --parent ""
2 issues, 1 error
[exit 1]

"#]]
    );
    // An issue and its own parent.
    let env = tracker(&format!("parent: {NOTES}\n"));
    env.commit_file(&path(NOTES), Some(&format!("---\ntitle: Notes\nparent: {LOGIN}\n{times}\n---\n")));
    history!(
        env.qp(["doctor"]),
        str![[r#"
error: a cycle of waiting, so none of these is ever ready: web-7k2m → web-7k3n → web-7k2m
  remedy: qp update web-7k2m --parent ""
2 issues, 1 error
[exit 1]

"#]]
    );
}

#[test]
fn lapsed_and_stale_claims() {
    let claim =
        "status: in_progress\nassignee: bob\nclaimed_at: 2026-01-07T08:00:00.000Z\nclaimed_session: b1\n";
    let env = tracker(&format!("{claim}lease_until: 2026-01-07T09:00:00.000Z\n"));
    history!(
        env.qp(["doctor"]),
        str![[r#"
note: web-7k2m is claimed by bob under a lease that ended at 2026-01-07T09:00:00.000Z
  remedy: qp claim web-7k2m takes it over, qp release web-7k2m gives it back
2 issues, 1 note

"#]]
    );
    assert_eq!(finding(&env, "lapsed_claim")["severity"], "note");
    let env = tracker("status: in_progress\nassignee: bob\n");
    assert_eq!(findings(&env, "stale_claim").len(), 0);
    env.pass(2 * 24 * 60 * 60 * 1000);
    history!(
        env.qp(["doctor"]),
        str![[r#"
note: web-7k2m is in progress by bob without a lease and unchanged since 2026-01-07T09:00:00.000Z
  remedy: qp claim web-7k2m takes it over, qp release web-7k2m gives it back
2 issues, 1 note

"#]]
    );
    assert_eq!(finding(&env, "stale_claim")["issue"], "web-7k2m");
}

#[test]
fn incoherent_state_and_its_repair() {
    let claim =
        "claimed_at: 2026-01-07T08:00:00.000Z\nclaimed_session: b1\nlease_until: 2026-01-08T09:00:00.000Z\n";
    let env = tracker(&format!("status: closed\nassignee: bob\n{claim}"));
    let times = "created_at: 2026-01-07T09:00:00.000Z\nupdated_at: 2026-01-07T09:00:00.000Z";
    let open = format!(
        "---\ntitle: Notes\nlease_until: 2026-01-08T09:00:00.000Z\nclosed_at: 2026-01-07T09:00:00.000Z\nclose_reason: no\n{times}\n---\n"
    );
    env.commit_file(&path(NOTES), Some(&open));
    history!(
        env.qp(["doctor"]),
        str![[r#"
warning: web-7k2m is closed, but has claimed_at, claimed_session, lease_until
  remedy: qp doctor --fix
warning: web-7k2m is closed, but has no closed_at
  remedy: qp doctor --fix
warning: web-7k3n is open, but has lease_until
  remedy: qp doctor --fix
warning: web-7k3n is open, but has closed_at, close_reason
  remedy: qp doctor --fix
2 issues, 4 warnings
[exit 1]

"#]]
    );
    let before = env.git_out(&["rev-parse", "quipu-sync"]);
    history!(
        env.qp(["doctor", "--fix"]),
        str![[r#"
warning: web-7k2m is closed, but has claimed_at, claimed_session, lease_until
  fixed: removed what belongs to a claim
warning: web-7k2m is closed, but has no closed_at
  fixed: took the time of the last change as closed_at
warning: web-7k3n is open, but has lease_until
  fixed: removed what belongs to a claim
warning: web-7k3n is open, but has closed_at, close_reason
  fixed: removed what belongs to a closed issue
2 issues, 4 fixed

"#]]
    );
    assert_eq!(env.git_out(&["rev-parse", "quipu-sync~1"]), before);
    history!(
        env.qp(["diff"]),
        str![[r#"
changed web-7k2m: Login
  claimed_at 2026-01-07 08:00 UTC → none
  claimed_session b1 → none
  lease_until 2026-01-08 09:00 UTC → none
  closed_at none → 2026-01-07 09:00 UTC
changed web-7k3n: Notes
  lease_until 2026-01-08 09:00 UTC → none
  closed_at 2026-01-07 09:00 UTC → none
  close_reason no → none

"#]]
    );
    history!(
        env.qp(["doctor", "--fix"]),
        str![[r#"
2 issues, nothing wrong

"#]]
    );
    env.qp(["undo"]).success();
    assert_eq!(finding(&env, "closed_with_claim")["issue"], "web-7k2m");
    assert_eq!(finding(&env, "closed_without_time")["issue"], "web-7k2m");
    assert_eq!(finding(&env, "open_with_closing")["issue"], "web-7k3n");
    assert_eq!(finding(&env, "claim_without_work")["issue"], "web-7k3n");
}

#[test]
fn a_newer_format_is_read_and_not_written() {
    let env = tracker("");
    env.commit_file("quipu.yml", Some("format: 2\nprefix: web\nprefixes: [web]\nshiny: yes\n"));
    assert_eq!(env.qp(["list"]).success().stderr, "");
    env.qp(["show", "web-7k2m"]).success();
    env.qp(["log"]).success();
    history!(
        env.qp(["create", "Not to be written"]),
        str![[r#"
[stderr]
error: the tracker has format 2, this qp writes format 1; reading still works
hint: install a qp that knows format 2
[exit 9]

"#]]
    );
    let error: Value =
        serde_json::from_str(&env.qp(["close", "web-7k2m", "--json"]).exits(9).stderr).unwrap();
    assert_eq!((&error["code"], &error["exit"]), (&"newer_format".into(), &9.into()));
    assert_eq!(finding(&env, "newer_format")["path"], "quipu.yml");
    history!(
        env.qp(["doctor"]),
        str![[r#"
error: the tracker has format 2; this qp reads it, but writes only format 1
  remedy: install a qp that knows format 2
2 issues, 1 error
[exit 1]

"#]]
    );
    history!(
        env.qp(["undo", "quipu-sync"]),
        str![[r#"
[stderr]
error: the tracker has format 2, this qp writes format 1; reading still works
hint: install a qp that knows format 2
[exit 9]

"#]]
    );
}

#[test]
fn settings_that_cannot_be_read() {
    let env = tracker("");
    env.commit_file("quipu.yml", Some("format: 1\n<<<<<<< ours\nprefix: web\n"));
    // The last readable settings hold, and no command is disabled.
    history!(
        env.qp(["list"]),
        str![[r#"
web-7k2m  P2  task  Login
web-7k3n  P2  task  Notes
[stderr]
warning: quipu.yml line 2 cannot be read: a git conflict marker; qp doctor shows the remedy

"#]]
    );
    env.qp(["create", "Goes on", "--id", "web-on"]).success();
    env.qp(["close", "web-7k2m"]).success();
    history!(
        env.qp(["doctor"]),
        str![[r#"
error: quipu.yml line 2 cannot be read: a git conflict marker
  remedy: correct line 2, or bring back the version before: qp undo COMMIT
3 issues, 1 error
[exit 1]

"#]]
    );
    let remedy = finding(&env, "bad_settings")["remedy"].as_str().unwrap().to_owned();
    env.qp(remedy.split("qp ").nth(1).unwrap().split(' ')).success();
    assert_eq!(env.json(["doctor"])["ok"], true);
    let deleting = env.commit_file("quipu.yml", None);
    history!(
        env.qp(["doctor"]),
        str![[r#"
error: quipu.yml is missing; keys still begin with web, as they did before
  remedy: qp undo COMMIT brings it back
3 issues, 1 error
[exit 1]

"#]]
    );
    env.qp(["undo", &deleting]).success();
    // A format that this program cannot even parse is not written either.
    env.commit_file("quipu.yml", Some("format: 7\nprefix: [web\n"));
    env.qp(["create", "Not to be written"]).exits(9);
}

#[test]
fn times_ahead_of_the_clock() {
    let env = tracker("due_at: 2099-01-01T00:00:00.000Z\nstarted_at: 2099-01-01T00:00:00.000Z\n");
    history!(
        env.qp(["doctor"]),
        str![[r#"
warning: web-7k2m: started_at is 2099-01-01T00:00:00.000Z, ahead of this clock, which says 2026-01-07T10:01:00.000Z
  remedy: compare the clocks of the machines that write; the next change of the issue takes the present time
2 issues, 1 warning
[exit 1]

"#]]
    );
    assert_eq!(finding(&env, "future_time")["issue"], "web-7k2m");
}

#[test]
fn commits_that_the_branch_has_lost() {
    let env = tracker("");
    // Somebody moved the branch back.
    env.git_out(&["update-ref", "refs/heads/quipu-sync", "quipu-sync~1"]);
    history!(
        env.qp(["doctor"]),
        str![[r#"
warning: COMMIT was on quipu-sync and is no longer part of it
  remedy: git branch quipu-rescue COMMIT keeps it; qp diff --from quipu-sync --to COMMIT shows what it has
1 issue, 1 warning
[exit 1]

"#]]
    );
    assert_eq!(finding(&env, "left_behind")["severity"], "warning");
    let remedy = finding(&env, "left_behind")["remedy"].as_str().unwrap().to_owned();
    let diff = remedy.split("qp ").nth(1).unwrap().split(" shows").next().unwrap().to_owned();
    assert!(env.qp(diff.split(' ')).success().stdout.contains("created web-7k2m"), "{diff}");
    // Two writers did not see each other.
    let log = env.repo().join(".git/logs/refs/heads/quipu-sync");
    let text = std::fs::read_to_string(&log).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let without_last = lines[..lines.len() - 1].join("\n") + "\n";
    let old = env.git_out(&["rev-parse", "quipu-sync"]);
    let gap = format!("{without_last}{} {} a <a@b> 1767780000 +0000\tqp: x\n", old.trim(), old.trim());
    std::fs::write(&log, gap).unwrap();
    assert_eq!(finding(&env, "reflog_gap")["severity"], "note");
    assert_eq!(finding(&env, "left_behind")["severity"], "error");
    // A log that was cut short, but nothing is lost.
    std::fs::write(&log, lines[lines.len() - 3..lines.len() - 2].join("\n") + "\n").unwrap();
    assert_eq!(env.json(["doctor"])["ok"], true);
}

#[test]
fn a_lock_that_nobody_holds() {
    let env = tracker("");
    let lock = env.repo().join(".git/refs/heads/quipu-sync.lock");
    std::fs::write(&lock, "").unwrap();
    let found = finding(&env, "stale_lock");
    assert!(found["path"].as_str().unwrap().ends_with("quipu-sync.lock"));
    assert_eq!(found["severity"], "error");
    std::fs::remove_file(lock).unwrap();
    assert_eq!(env.json(["doctor"])["ok"], true);
}

#[test]
fn a_branch_that_cannot_be_read() {
    let env = tracker("");
    let file = env.repo().join(".git/refs/heads/quipu-sync");
    let before = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, "").unwrap();
    let found = finding(&env, "bad_ref");
    assert!(found["remedy"].as_str().unwrap().contains(&format!("echo {}", before.trim())), "{found}");
    std::fs::write(&file, before).unwrap();
    assert_eq!(env.json(["doctor"])["ok"], true);
}

#[test]
fn a_snapshot_that_disagrees() {
    let env = tracker("");
    let snapshot = env.repo().join(".git/quipu/snapshot");
    std::fs::write(&snapshot, "torn").unwrap();
    assert_eq!(finding(&env, "snapshot")["severity"], "note");
    env.qp(["doctor", "--fix"]).success();
    assert!(!snapshot.exists());
    let many: String = (10..50).map(|n| format!("{{\"id\":\"bd-{n}\",\"title\":\"Issue {n}\"}}\n")).collect();
    env.qp_stdin(["import", "-"], &many).success();
    assert_eq!(env.json(["doctor"])["ok"], true);
    let mut bytes = std::fs::read(&snapshot).unwrap();
    let at = bytes.windows(8).position(|w| w == b"Issue 33").unwrap();
    bytes[at..at + 5].copy_from_slice(b"Wrong");
    let mut sum = flate2::Crc::new();
    sum.update(&bytes[12..]);
    bytes[8..12].copy_from_slice(&sum.sum().to_le_bytes());
    std::fs::write(&snapshot, bytes).unwrap();
    assert!(env.qp(["list", "-n", "0"]).stdout.contains("Wrong 33"));
    assert_eq!(finding(&env, "snapshot")["severity"], "error");
    let fixed = env.json(["doctor", "--fix"]);
    assert_eq!(fixed["findings"][0]["fixed"], "deleted the snapshot file");
    assert!(!env.qp(["list", "-n", "0"]).stdout.contains("Wrong 33"));
    assert_eq!(env.json(["doctor"])["ok"], true);
}

#[test]
fn a_branch_that_has_diverged() {
    let env = tracker("");
    env.git_out(&["remote", "add", "origin", "https://example.invalid/x.git"]);
    let tree = env.git_out(&["rev-parse", "quipu-sync~1^{tree}"]);
    let other = env.git_out(&["commit-tree", "-p", "quipu-sync~1", "-m", "theirs", tree.trim()]);
    env.git_out(&["update-ref", "refs/remotes/origin/quipu-sync", other.trim()]);
    let found = finding(&env, "diverged");
    assert_eq!((&found["severity"], &found["remedy"]), (&"note".into(), &"qp sync".into()));
}

#[test]
fn a_checkout_that_lags_behind() {
    let env = tracker("");
    env.git_out(&["worktree", "add", "-q", "../tracker", "quipu-sync"]);
    assert_eq!(env.json(["doctor"])["ok"], true);
    std::fs::write(env.root().join("tracker/quipu.yml"), "format: 1\n").unwrap();
    let found = finding(&env, "checkout_differs");
    assert!(found["path"].as_str().unwrap().ends_with("tracker"), "{found}");
}

#[test]
fn objects_that_are_missing() {
    let env = tracker("");
    let blob = env.git_out(&["rev-parse", &format!("quipu-sync:{}", path(LOGIN))]);
    let blob = blob.trim();
    std::fs::remove_file(env.repo().join(format!(".git/objects/{}/{}", &blob[..2], &blob[2..]))).unwrap();
    assert!(finding(&env, "missing_objects")["message"].as_str().unwrap().contains(blob));
    assert_eq!(findings(&env, "unreadable").len(), 0);
    // The rest of the tracker is served.
    assert!(env.qp(["list"]).success().stdout.contains("Notes"));
    let tree = env.git_out(&["rev-parse", "quipu-sync:issues"]);
    let tree = tree.trim();
    std::fs::remove_file(env.repo().join(format!(".git/objects/{}/{}", &tree[..2], &tree[2..]))).unwrap();
    env.qp(["doctor"]).exits(1);
}

#[test]
#[cfg(unix)]
fn git_that_is_missing_or_old() {
    use std::os::unix::fs::PermissionsExt as _;
    let mut env = tracker("");
    let git = String::from_utf8(
        std::process::Command::new("sh").args(["-c", "command -v git"]).output().unwrap().stdout,
    )
    .unwrap();
    let bin = env.root().join("bin");
    std::fs::create_dir(&bin).unwrap();
    env.set("PATH", bin.to_str().unwrap());
    assert_eq!(finding(&env, "no_git")["severity"], "warning");
    let script = format!(
        "#!/bin/sh\ncase \"$*\" in *version*) echo git version 2.20.1;; *) exec {} \"$@\";; esac\n",
        git.trim()
    );
    std::fs::write(bin.join("git"), script).unwrap();
    std::fs::set_permissions(bin.join("git"), std::fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(finding(&env, "old_git")["message"], "git version 2.20.1 is older than 2.29");
}

#[test]
#[cfg(unix)]
fn a_repository_that_belongs_to_somebody_else() {
    let env = tracker("");
    let git = env.repo().join(".git");
    if std::os::unix::fs::chown(&git, Some(12345), None).is_err() {
        println!("only root can give a folder away; nothing is checked");
        return;
    }
    let found = finding(&env, "foreign_owner");
    assert!(
        found["remedy"].as_str().unwrap().starts_with("git config --global --add safe.directory"),
        "{found}"
    );
    assert!(env.qp(["list"]).success().stdout.contains("Notes"));
    env.qp(["create", "No"]).exits(9);
}

#[test]
fn one_bad_file_disables_no_command() {
    let env = tracker("");
    env.commit_file(&path(NOTES), Some("---\ntitle: Notes\nlabels: [a\n---\n"));
    let warning = format!("warning: {} line", path(NOTES));
    let commands: [&[&str]; 8] = [
        &["list"],
        &["show", "web-7k2m"],
        &["log"],
        &["diff"],
        &["export"],
        &["create", "Goes on", "--id", "web-on"],
        &["close", "web-on"],
        &["undo"],
    ];
    for command in commands {
        let run = env.qp(command).success();
        assert_eq!(run.stderr.lines().filter(|l| l.starts_with(&warning)).count(), 1, "{command:?}: {run}");
        assert!(run.stderr.contains("qp doctor"), "{run}");
    }
    // The broken file itself is left as it is by all of them.
    assert!(env.git_out(&["show", &format!("quipu-sync:{}", path(NOTES))]).contains("labels: [a\n"));
    env.commit_file(&path(LOGIN), Some("no\n"));
    let run = env.qp(["list"]).success();
    assert_eq!(run.stderr.lines().filter(|l| l.starts_with("warning")).count(), 1, "{run}");
    assert!(run.stderr.contains("1 more"), "{run}");
}
