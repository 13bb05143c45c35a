//! Files on the branch that do not belong there or cannot be read.

use serde_json::Value;
use snapbox::str;

use super::{LOGIN, NOTES, finding, findings, path, tracker};
use crate::history;

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
fn one_bad_file_disables_no_command() {
    let env = tracker("");
    env.commit_file(&path(NOTES), Some("---\ntitle: Notes\nlabels: [a\n---\n"));
    let warning = format!("warning: {} line", path(NOTES));
    let commands: &[&[&str]] = &[
        &["list"],
        &["show", "web-7k2m"],
        &["log"],
        &["diff"],
        &["export"],
        &["ready"],
        &["blocked"],
        &["status"],
        &["search", "login"],
        &["check", "web-7k2m", "--is", "open"],
        &["claim", "web-7k2m"],
        &["release", "web-7k2m"],
        &["update", "web-7k2m", "-p", "1"],
        &["create", "Goes on", "--id", "web-on"],
        &["close", "web-on"],
        &["undo"],
    ];
    for command in commands {
        let run = env.qp(command.iter()).success();
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

#[test]
fn files_that_are_too_large_to_be_read() {
    let env = tracker("");
    env.commit_file("memories/long.md", Some(&"long ".repeat(300_000)));
    let found = finding(&env, "too_large");
    assert_eq!((&found["severity"], &found["path"]), (&"warning".into(), &"memories/long.md".into()));
    env.commit_file("memories/long.md", Some("short"));
    assert_eq!(findings(&env, "too_large"), Vec::<Value>::new());
}
