//! `qp doctor --fix`: each fault that can be repaired is planted, seen, repaired, and gone; nothing else has changed.

use std::fs::File;
use std::path::Path;
use std::time::{Duration, SystemTime};

use serde_json::Value;
use snapbox::str;

use super::{LOGIN, NOTES, finding, findings, path, tracker};
use crate::compat::fingerprint::Fingerprint;
use crate::env::Env;
use crate::history;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Repairs the one finding of a code: the rehearsal says the same and changes nothing. Returns what was done.
#[track_caller]
fn fixed(env: &Env, code: &str) -> String {
    let before = finding(env, code);
    let still = Fingerprint::of(env.root());
    let rehearsed = env.qp(["doctor", "--fix", "--dry-run", "--json"]).json();
    assert_eq!(still.changes_until(&Fingerprint::of(env.root())), [""; 0], "a rehearsal changes nothing");
    let of_code = |document: &Value, code: &str| -> Vec<Value> {
        let all = document["findings"].as_array().expect("a list").iter();
        all.filter(|finding| finding["code"] == code).cloned().collect()
    };
    let run = env.qp(["doctor", "--fix", "--json"]).success();
    let document = run.json();
    assert_eq!(document["ok"], true, "{run}");
    let done = of_code(&document, code).remove(0);
    assert_eq!(done["message"], before["message"]);
    assert_eq!(
        without_verb(&of_code(&rehearsed, code)[0]["would_fix"]),
        without_verb(&done["fixed"]),
        "{run}"
    );
    assert_eq!(findings(env, code).len(), 0);
    assert_eq!(env.json(["doctor"])["ok"], true);
    done["fixed"].as_str().expect("what was done").to_owned()
}

/// What is the same in *would delete it* and *deleted it*.
fn without_verb(sentence: &Value) -> &str {
    let sentence = sentence.as_str().expect("a sentence");
    let sentence = sentence.strip_prefix("would ").unwrap_or(sentence);
    sentence.split_once(' ').expect("a verb").1
}

/// Repairs something around the tracker: its branch stays where it is.
#[track_caller]
fn fixed_around(env: &Env, code: &str) -> String {
    let tip = env.git_out(&["rev-parse", "quipu-sync"]);
    let done = fixed(env, code);
    assert_eq!(env.git_out(&["rev-parse", "quipu-sync"]), tip);
    done
}

/// Repairs something on the branch by one commit, which can be taken back.
#[track_caller]
fn fixed_on_branch(env: &Env, code: &str) -> String {
    let tip = env.git_out(&["rev-parse", "quipu-sync"]);
    let tree = env.git_out(&["rev-parse", "quipu-sync^{tree}"]);
    let done = fixed(env, code);
    assert_eq!(env.git_out(&["rev-parse", "quipu-sync~1"]), tip, "one commit");
    let message = env.git_out(&["log", "-1", "--format=%B", "quipu-sync"]);
    assert!(message.contains(&format!("Quipu-Repair: {code} ")), "{message}");
    env.fsck();
    env.qp(["undo"]).success();
    if !["unreadable", "bad_settings"].contains(&code) {
        assert_eq!(findings(env, code).len(), 1, "undo brings it back");
    } else {
        assert_eq!(env.git_out(&["rev-parse", "quipu-sync^{tree}"]), tree, "undo brings it back");
    }
    env.qp(["doctor", "--fix"]).success();
    assert_eq!(findings(env, code).len(), 0, "and it can be repaired again");
    done
}

fn changed(env: &Env) -> Vec<String> {
    let listed = env.git_out(&["diff", "--name-status", "quipu-sync~1", "quipu-sync"]);
    listed.lines().map(str::to_owned).collect()
}

pub(super) fn old(file: &Path, age_ms: u64) {
    let time = SystemTime::UNIX_EPOCH + Duration::from_millis(1_767_780_000_000 - age_ms);
    File::options().write(true).open(file).and_then(|file| file.set_modified(time)).expect("a file's time");
}

#[test]
fn a_file_that_cannot_be_read() {
    let env = tracker("labels: [a]\n");
    env.qp(["comment", LOGIN, "The last that can be read."]).success();
    let text = env.git_out(&["show", &format!("quipu-sync:{}", path(LOGIN))]);
    let torn = text.replace("title: Login", "title: Login\npriority: {");
    env.commit_file(&path(LOGIN), Some(&torn));
    env.commit_file("memories/other.md", Some("Something else"));
    let done = fixed(&env, "unreadable");
    assert!(done.contains(&path(LOGIN)) && done.contains("attic"), "{done}");
    let copies: Vec<String> = changed(&env);
    assert_eq!(copies.len(), 2, "{copies:?}");
    assert!(copies[0].starts_with(&format!("A\tattic/2/m/{LOGIN}/")), "{copies:?}");
    assert_eq!(copies[1], format!("M\t{}", path(LOGIN)));
    let kept = copies[0].trim_start_matches("A\t");
    assert_eq!(env.git_out(&["show", &format!("quipu-sync:{kept}")]), torn, "byte for byte");
    assert_eq!(env.json(["show", LOGIN])[0]["comment_count"], 1);
    assert_eq!(env.json(["attic", "list"]).as_array().map(Vec::len), Some(1));
    assert!(env.qp(["show", LOGIN]).success().stdout.contains("Login"));
    // The commit can be taken back, and that, too.
    env.qp(["undo"]).success();
    assert_eq!(findings(&env, "unreadable").len(), 1);
    fixed_on_branch(&env, "unreadable");
}

#[test]
fn what_a_file_brings_to_light_is_said() {
    let gone = "01kfn6tfn3n7h5b39ztztw0000";
    let env = tracker(&format!("blocked_by: [{gone}]\n"));
    env.commit_file(&path(LOGIN), Some("<<<<<<< ours\n"));
    let run = env.qp(["doctor", "--fix", "--json"]).exits(1);
    let codes: Vec<Value> =
        run.json()["findings"].as_array().expect("a list").iter().map(|f| f["code"].clone()).collect();
    assert_eq!(codes, ["unreadable", "dangling_reference"], "{run}");
    assert_eq!(run.json()["issue_count"], 2);
    fixed(&env, "dangling_reference");
}

#[test]
fn a_file_that_could_never_be_read_is_left_alone() {
    let env = tracker("");
    env.commit_file(&path("01kfn6tfn3n7h5b39ztztw7k44"), Some("no dashes\n"));
    let tip = env.git_out(&["rev-parse", "quipu-sync"]);
    let found = env.qp(["doctor", "--fix", "--json"]).exits(1).json();
    assert_eq!(found["findings"][0]["code"], "unreadable");
    assert_eq!(found["findings"][0]["fixed"], Value::Null);
    assert_eq!(env.git_out(&["rev-parse", "quipu-sync"]), tip);
}

#[test]
fn settings_that_cannot_be_read_or_are_gone() {
    let env = tracker("");
    env.commit_file("quipu.yml", Some("format: 1\n<<<<<<< ours\nprefix: web\n"));
    assert!(fixed_on_branch(&env, "bad_settings").contains("quipu.yml"));
    assert!(env.qp(["list"]).success().stdout.contains("web-7k2m"));
    let env = tracker("");
    env.commit_file("quipu.yml", None);
    fixed(&env, "bad_settings");
    assert_eq!(changed(&env), ["A\tquipu.yml"]);
    assert_eq!(env.json(["doctor"])["findings"], serde_json::json!([]));
}

#[test]
fn references_that_point_nowhere() {
    let gone = "01kfn6tfn3n7h5b39ztztw0000";
    let env = tracker(&format!("blocked_by: [{gone}, {NOTES}]\n"));
    let done = fixed_on_branch(&env, "dangling_reference");
    assert_eq!(done, format!("removed the reference to {gone} (blocks)"));
    history!(
        env.qp(["diff"]),
        str![[r#"
changed web-7k2m: Login
  blocked_by -01kfn6tfn3n7h5b39ztztw0000

"#]]
    );
    // All kinds at once, in one commit.
    let env = tracker(&format!("parent: {gone}\nrelated: [{gone}]\nduplicate_of: {gone}\n"));
    let before = env.git_out(&["rev-parse", "quipu-sync"]);
    env.qp(["doctor", "--fix"]).success();
    assert_eq!(env.git_out(&["rev-parse", "quipu-sync~1"]), before);
    assert_eq!(env.json(["doctor"])["findings"], serde_json::json!([]));
}

#[test]
fn what_cannot_be_read_is_not_gone() {
    let lost = "01kfn6tfn3n7h5b39ztztw7k44";
    let env = tracker(&format!("blocked_by: [{lost}]\nrelated: [web-named]\n"));
    env.commit_file(&path(lost), Some("---\ntitle: [\n---\n"));
    let found = findings(&env, "dangling_reference");
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0]["message"].as_str().is_some_and(|text| text.contains("web-named")), "{found:?}");
    let tip = env.git_out(&["rev-parse", "quipu-sync"]);
    env.qp(["doctor", "--fix"]).exits(1);
    assert_eq!(env.git_out(&["rev-parse", "quipu-sync"]), tip, "the file may be what is called web-named");
}

#[test]
fn keys_that_several_issues_have() {
    let env = tracker("key: web-same\n");
    let text = env.git_out(&["show", &format!("quipu-sync:{}", path(LOGIN))]);
    env.commit_file(&path(NOTES), Some(&text));
    let third =
        format!("---\ntitle: Third\nrelated: [web-same]\n{}\n---\n", "created_at: 2026-01-07T09:00:00.000Z");
    env.commit_file(&path("01kfn6tfn3n7h5b39ztztw7k44"), Some(&third));
    assert_eq!(finding(&env, "ambiguous_reference")["issue"], "web-7k44");
    assert_eq!(findings(&env, "dangling_reference").len(), 0);
    env.qp(["doctor", "--fix", "--json"]).success();
    let keys = |id: &str| env.json(["show", id])[0]["id"].as_str().expect("a key").to_owned();
    assert_eq!((keys(LOGIN), keys(NOTES)), ("web-same".to_owned(), "web-same-7k3n".to_owned()));
    assert_eq!(env.json(["doctor"])["findings"], serde_json::json!([]), "the reference fits one issue now");
    env.qp(["undo"]).success();
    assert!(fixed_on_branch(&env, "duplicate_key").contains("web-same-7k3n"));
}

#[test]
fn claims_that_are_long_over() {
    let claim =
        "status: in_progress\nassignee: bob\nclaimed_at: 2026-01-07T08:00:00.000Z\nclaimed_session: b1\n";
    let env = tracker(&format!("{claim}lease_until: 2026-01-07T09:00:00.000Z\n"));
    let tip = env.git_out(&["rev-parse", "quipu-sync"]);
    env.qp(["doctor", "--fix"]).success();
    assert_eq!(env.git_out(&["rev-parse", "quipu-sync"]), tip, "bob may yet come back");
    assert_eq!(findings(&env, "lapsed_claim").len(), 1);
    env.pass(DAY_MS);
    // Bob has renewed the claim at the remote, which this branch does not know.
    env.git_out(&["remote", "add", "origin", "https://example.invalid/x.git"]);
    let live = "holder: bob\nsession: b1\nclaimed_at: 2026-01-07T08:00:00.000Z\n\
                lease_until: 2026-01-09T11:00:00.000Z\nnonce: 1\n";
    let blob = env.git_stdin(&["hash-object", "-w", "--stdin"], live);
    let name = format!("refs/quipu/remotes/origin/claims/{LOGIN}");
    env.git_out(&["update-ref", &name, blob.trim()]);
    env.qp(["doctor", "--fix"]).success();
    assert_eq!(findings(&env, "lapsed_claim").len(), 1);
    env.git_out(&["update-ref", "-d", &name]);
    fixed(&env, "lapsed_claim");
    assert_eq!(changed(&env), [format!("M\t{}", path(LOGIN))]);
    let issue = &env.json(["show", LOGIN])[0];
    assert_eq!((&issue["status"], &issue["assignee"]), (&"open".into(), &Value::Null));
    let message = env.git_out(&["log", "-1", "--format=%B", "quipu-sync"]);
    assert!(message.contains("Quipu-Repair: lapsed_claim web-7k2m: opened it again"), "{message}");
}

#[test]
fn several_repairs_are_one_commit() {
    let gone = "01kfn6tfn3n7h5b39ztztw0000";
    let env = tracker(&format!("status: closed\nblocked_by: [{gone}]\n"));
    env.commit_file("quipu.yml", Some("format: 1\nprefix: [\n"));
    env.commit_file(&path(NOTES), Some("<<<<<<< ours\n"));
    let before = env.git_out(&["rev-parse", "quipu-sync"]);
    history!(
        env.qp(["doctor", "--fix"]),
        str![[r#"
error: issues/3/n/01kfn6tfn3n7h5b39ztztw7k3n.md line 1 cannot be read: a git conflict marker
  fixed: restored issues/3/n/01kfn6tfn3n7h5b39ztztw7k3n.md as it was when it could be read, with the unreadable text in the attic
error: quipu.yml line 2 cannot be read: prefix: expected one text
  fixed: restored quipu.yml as it was when it could be read, with the unreadable text in the attic
warning: web-7k2m refers to 01kfn6tfn3n7h5b39ztztw0000 (blocks), which is not in this tracker
  fixed: removed the reference to 01kfn6tfn3n7h5b39ztztw0000 (blocks)
warning: web-7k2m is closed, but has no closed_at
  fixed: took the time of the last change as closed_at
2 issues, 4 fixed

"#]]
    );
    assert_eq!(env.git_out(&["rev-parse", "quipu-sync~1"]), before);
    history!(
        env.qp(["log", "-n", "1"]),
        str![[r#"
COMMIT  2026-01-07 10:01 UTC  alice  doctor: 4 repairs
[stderr]
… and earlier ones: -n 0 shows all

"#]]
    );
    assert_eq!(env.json(["doctor"])["findings"], serde_json::json!([]));
}

#[test]
fn commits_that_the_branch_has_lost() {
    let env = tracker("");
    let lost = env.git_out(&["rev-parse", "quipu-sync"]);
    env.git_out(&["update-ref", "refs/heads/quipu-sync", "quipu-sync~1"]);
    let done = fixed_around(&env, "left_behind");
    let name = done.trim_start_matches("kept it by the ref ");
    assert!(name.starts_with("refs/quipu/rescue/"), "{done}");
    assert_eq!(env.git_out(&["rev-parse", name]), lost);
    env.git_out(&["reflog", "expire", "--expire=now", "--expire-unreachable=now", "--all"]);
    env.git_out(&["gc", "-q", "--prune=now"]);
    let diff = env.qp(["diff", "--from", "quipu-sync", "--to", lost.trim()]).success();
    assert!(diff.stdout.contains("created web-7k2m"), "{diff}");
}

#[test]
fn a_lock_on_the_branch() {
    let env = tracker("");
    let lock = env.repo().join(".git/refs/heads/quipu-sync.lock");
    std::fs::write(&lock, "left").expect("a lock");
    old(&lock, 0);
    env.pass(5 * 60 * 1000);
    let found = env.qp(["doctor", "--fix", "--json"]).exits(1).json();
    assert_eq!(
        (&found["findings"][0]["code"], &found["findings"][0]["fixed"]),
        (&"stale_lock".into(), &Value::Null)
    );
    assert!(lock.exists(), "it may be somebody's");
    env.pass(6 * 60 * 1000);
    assert!(fixed_around(&env, "stale_lock").contains("left-behind.lock"));
    let kept = std::fs::read_to_string(env.repo().join(".git/quipu/left-behind.lock"));
    assert_eq!(kept.ok().as_deref(), Some("left"));
    // That of another program is not touched, however old it is.
    let other = env.repo().join(".git/packed-refs.lock");
    std::fs::write(&other, "").expect("a lock");
    old(&other, 1000 * 60 * 60 * 1000);
    env.qp(["doctor", "--fix"]).exits(1);
    assert!(other.exists());
    assert!(finding(&env, "stale_lock")["remedy"].as_str().is_some_and(|text| text.contains("mv ")));
}

#[test]
fn refs_of_a_remote_that_is_gone() {
    let env = tracker("");
    let blob = env.git_stdin(&["hash-object", "-w", "--stdin"], "holder: bob\n");
    env.git_out(&["remote", "add", "here", "https://example.invalid/x.git"]);
    let refs = |env: &Env| env.git_out(&["for-each-ref", "--format=%(refname)", "refs/quipu"]);
    for remote in ["gone", "here", "https-example-invalid-x-git-0a1b2c3d"] {
        env.git_out(&["update-ref", &format!("refs/quipu/remotes/{remote}/claims/{LOGIN}"), blob.trim()]);
        env.git_out(&[
            "update-ref",
            &format!("refs/quipu/remotes/{remote}/heads/quipu-sync"),
            "quipu-sync~1",
        ]);
    }
    let before = refs(&env);
    let lock = env.repo().join(".git/packed-refs.lock");
    std::fs::write(&lock, "").expect("a lock");
    let run = env.qp(["doctor", "--fix"]);
    assert!(run.stdout.contains("not fixed: git cannot delete them: Unable to create "), "{run}");
    std::fs::remove_file(lock).expect("a lock");
    assert_eq!(finding(&env, "leftover_refs")["path"], "refs/quipu/remotes/gone/");
    assert_eq!(fixed_around(&env, "leftover_refs"), "deleted the refs below refs/quipu/remotes/gone/");
    let left: String =
        before.lines().filter(|name| !name.contains("/gone/")).map(|name| format!("{name}\n")).collect();
    assert_eq!(refs(&env), left);
    // What only such a ref holds stays.
    let other = env.git_out(&["commit-tree", "-p", "quipu-sync~1", "-m", "theirs", "quipu-sync^{tree}"]);
    let name = "refs/quipu/remotes/gone/heads/quipu-sync";
    env.git_out(&["update-ref", name, other.trim()]);
    assert!(finding(&env, "leftover_refs")["remedy"].as_str().is_some_and(|text| text.contains("qp diff")));
    env.qp(["doctor", "--fix"]).success();
    assert_eq!(env.git_out(&["rev-parse", name]), other);
}

#[test]
fn files_of_a_program_that_died() {
    let env = tracker("");
    env.qp(["list"]).success();
    let folder = env.repo().join(".git/quipu");
    let strays = [".git/quipu/.tmpAbCdEf", ".git/quipu/search-AbCdEf", ".git/objects/.tmpAbCdEf"];
    let plant = |name: &str| {
        std::fs::write(env.repo().join(name), "half").expect("a file");
        old(&env.repo().join(name), 0);
    };
    plant(strays[0]);
    assert_eq!(findings(&env, "stray_file").len(), 0, "it may be somebody's");
    env.pass(2 * DAY_MS);
    let before = Fingerprint::of(&folder);
    fixed_around(&env, "stray_file");
    let changes = before.changes_until(&Fingerprint::of(&folder));
    assert_eq!(changes, ["- .tmpAbCdEf"]);
    strays.iter().for_each(|name| plant(name));
    let found = findings(&env, "stray_file");
    assert_eq!(found.len(), strays.len(), "{found:?}");
    env.qp(["doctor", "--fix"]).success();
    assert!(strays.iter().all(|name| !env.repo().join(name).exists()));
}

#[test]
fn a_checkout_that_lags_behind() {
    let env = tracker("");
    env.git_out(&["worktree", "add", "-q", "../tracker", "quipu-sync"]);
    // Another program moves the branch and knows nothing of worktrees.
    env.commit_file("memories/key.md", Some("x"));
    let folder = env.root().join("tracker");
    assert!(!folder.join("memories/key.md").exists());
    fixed_around(&env, "checkout_behind");
    assert_eq!(std::fs::read_to_string(folder.join("memories/key.md")).ok().as_deref(), Some("x"));
    assert_eq!(env.run_git(&folder, &["status", "--porcelain"]), "");
    // With changes of its own it is left alone.
    std::fs::write(folder.join("quipu.yml"), "format: 1\n").expect("a file");
    env.commit_file("memories/more.md", Some("x"));
    let found = env.qp(["doctor", "--fix", "--json"]).exits(1).json();
    assert_eq!(found["findings"][0]["code"], "checkout_behind");
    assert!(!folder.join("memories/more.md").exists());
}

#[test]
fn objects_that_a_partial_clone_has_not() {
    let env = tracker("");
    env.qp(["comment", LOGIN, "Some more."]).success();
    env.git_out(&["config", "uploadpack.allowFilter", "true"]);
    env.git_out(&["config", "uploadpack.allowAnySHA1InWant", "true"]);
    let url = format!("file://{}", env.repo().display());
    env.run_git(env.root(), &["clone", "-q", "--filter=blob:none", "--bare", &url, "partial"]);
    let folder = env.root().join("partial");
    let doctor = |args: &[&str]| env.qp_in(&folder, args, &[], "").success().json()["findings"].clone();
    // Where the remote is not there, nothing can be fetched, and nothing is read.
    env.run_git(&folder, &["remote", "set-url", "origin", "/nowhere"]);
    let found = env.qp_in(&folder, ["doctor", "--json"], &[], "").exits(1).json();
    assert_eq!(found["findings"][0]["code"], "partial_clone", "{found}");
    env.run_git(&folder, &["remote", "set-url", "origin", &url]);
    let found = doctor(&["doctor", "--json"]);
    assert_eq!(
        (&found[0]["code"], &found[0]["severity"]),
        (&"missing_objects".into(), &"note".into()),
        "{found}"
    );
    env.run_git(&folder, &["remote", "set-url", "origin", "/nowhere"]);
    let run = env.qp_in(&folder, ["doctor", "--fix"], &[], "").success();
    assert!(run.stdout.contains("not fixed: "), "{run}");
    env.run_git(&folder, &["remote", "set-url", "origin", &url]);
    let found = doctor(&["doctor", "--fix", "--json"]);
    assert!(found[0]["fixed"].as_str().is_some_and(|text| text.starts_with("fetched")), "{found}");
    assert_eq!(doctor(&["doctor", "--json"]), serde_json::json!([]));
    let missing = env.run_git(&folder, &["rev-list", "--objects", "--missing=print", "quipu-sync"]);
    assert!(!missing.contains('?'), "{missing}");
}

#[test]
fn a_repository_that_cannot_be_written() {
    let gone = "01kfn6tfn3n7h5b39ztztw0000";
    let env = tracker(&format!("blocked_by: [{gone}]\n"));
    // As good as a `.git` that cannot be written: the lock of writers is a folder.
    std::fs::remove_file(env.repo().join(".git/quipu/lock")).ok();
    std::fs::create_dir_all(env.repo().join(".git/quipu/lock")).expect("a folder");
    let tip = env.git_out(&["rev-parse", "quipu-sync"]);
    let run = env.qp(["doctor", "--fix"]).exits(1);
    assert!(
        run.stdout.contains("  not fixed: cannot write to ")
            && run.stdout.contains("  remedy: qp dep remove"),
        "{run}"
    );
    let found = env.qp(["doctor", "--fix", "--json"]).exits(1).json();
    assert!(
        found["findings"][0]["not_fixed"].as_str().is_some_and(|text| text.contains("cannot write")),
        "{found}"
    );
    assert_eq!(env.git_out(&["rev-parse", "quipu-sync"]), tip);
    history!(
        env.qp(["doctor", "--fix", "--readonly"]),
        str![[r#"
[stderr]
error: this command writes, and --readonly forbids it
hint: leave out --readonly
[exit 9]

"#]]
    );
    history!(
        env.qp(["doctor", "--dry-run"]),
        str![[r#"
[stderr]
error: the following required arguments were not provided: --fix
hint: qp doctor --fix --dry-run
[exit 2]

"#]]
    );
}
