//! `qp merge-driver`, by itself and under git.

use std::path::PathBuf;

use snapbox::str;

use crate::env::{Env, Run};
use crate::snapshot;

/// The path of an issue's file.
const ISSUE: &str = "issues/2/m/01kfn6tfn3n7h5b39ztztw7k2m.md";

/// An issue changed at this hour.
fn issue(hour: u32, title: &str, labels: &str, text: &str) -> String {
    let labels = if labels.is_empty() { String::new() } else { format!("labels: [{labels}]\n") };
    format!(
        "---\nid: 01kfn6tfn3n7h5b39ztztw7k2m\nkey: web-login\ntitle: {title}\ntype: task\nstatus: open\npriority: 2\n\
         {labels}created_at: 2026-01-01T00:00:00.000Z\ncreated_by: alice\n\
         updated_at: 2026-01-07T{hour:02}:00:00.000Z\n---\n{text}"
    )
}

/// Runs the driver outside of any repository; returns how it ended and what is in OURS then.
fn drive(path: &str, [base, ours, theirs]: [&str; 3]) -> (Run, String) {
    let env = Env::bare();
    for (name, text) in [("base", base), ("ours", ours), ("theirs", theirs)] {
        std::fs::write(env.root().join(name), text).expect("a file");
    }
    let run = env.qp_in(env.root(), ["merge-driver", "base", "ours", "theirs", path], &[], "");
    (run, std::fs::read_to_string(env.root().join("ours")).expect("a file"))
}

#[track_caller]
fn merges(path: &str, versions: [&str; 3], expect: &str) {
    let (run, result) = drive(path, versions);
    assert_eq!(run.success().to_string(), "");
    assert_eq!(result, expect);
}

#[track_caller]
fn refuses(path: &str, versions: [&str; 3]) -> Run {
    let (run, result) = drive(path, versions);
    assert_eq!(result, versions[1], "ours stays as it is");
    assert_eq!(run.stdout, "");
    run.exits(1)
}

#[test]
fn brings_different_parts_together() {
    let base = issue(1, "Login", "a", "One.\n");
    let ours = issue(3, "Login page", "a", "One.\n");
    let theirs = issue(2, "Login", "a, b", "One.\n\nTwo.\n");
    let both = issue(3, "Login page", "a, b", "One.\n\nTwo.\n");
    merges(ISSUE, [&base, &ours, &theirs], &both);
    merges(ISSUE, [&base, &theirs, &ours], &both);
    merges(ISSUE, [&base, &base, &theirs], &theirs);
    merges(ISSUE, [&base, &theirs, &base], &theirs);
    merges(ISSUE, [&base, &theirs, &theirs], &theirs);
}

#[test]
fn the_earlier_of_two_insertions_stands_first() {
    let base = issue(1, "Login", "", "One.\n");
    let early = issue(2, "Login", "", "One.\nEarly.\n");
    let late = issue(3, "Login", "", "One.\nLate.\n");
    let both = issue(3, "Login", "", "One.\nEarly.\nLate.\n");
    merges(ISSUE, [&base, &early, &late], &both);
    merges(ISSUE, [&base, &late, &early], &both);
    let same = issue(2, "Login", "", "One.\nLate.\n");
    let one = drive(ISSUE, [&base, &early, &same]).1;
    assert_eq!(one, drive(ISSUE, [&base, &same, &early]).1, "a tie ends alike on both sides");
}

#[test]
fn what_would_be_lost_is_a_conflict() {
    let base = issue(1, "Login", "", "One.\n");
    let versions = [&base, &issue(2, "Sign-in", "", "Two.\n"), &issue(3, "Log in", "", "Three.\n")];
    snapshot!(
        refuses(ISSUE, versions.map(|v| v.as_str())),
        str![[r#"
[stderr]
error: web-login (Sign-in) in issues/2/m/01kfn6tfn3n7h5b39ztztw7k2m.md: both sides changed title, description
hint: qp sync merges the branch and keeps the losing value
[exit 1]

"#]]
    );
    let run = refuses("memories/build.md", ["make\n", "make it\n", "make them\n"]);
    snapshot!(
        run,
        str![[r#"
[stderr]
error: memories/build.md: both sides changed it as a whole
hint: qp sync merges the branch and keeps the losing value
[exit 1]

"#]]
    );
    refuses("attic/2/m/01kfn6tfn3n7h5b39ztztw7k2m/1-0123456789abcdef.md", ["", "x\n", "y\n"]);
    let marked = base.replace("title", "<<<<<<< ours\ntitle");
    refuses(ISSUE, [&base, &issue(2, "Sign-in", "", "One.\n"), &marked]);
}

#[test]
fn without_a_base_all_that_is_equal_or_on_one_side_stays() {
    let ours = issue(2, "Login", "a", "One.\n");
    let theirs = issue(2, "Login", "b", "One.\n");
    merges(ISSUE, ["", &ours, &theirs], &issue(2, "Login", "a, b", "One.\n"));
    let env = Env::bare();
    std::fs::write(env.root().join("ours"), &ours).expect("a file");
    std::fs::write(env.root().join("theirs"), &theirs).expect("a file");
    let run = env.qp_in(env.root(), ["merge-driver", "none", "ours", "theirs", ISSUE, "--json"], &[], "");
    assert_eq!(run.success().json()["merged"], true);
    env.qp_in(env.root(), ["merge-driver", "none", "ours", "gone", ISSUE], &[], "").exits(5);
}

#[test]
fn settings_and_other_files_have_their_rules() {
    let settings =
        |prefixes: &str, more: &str| format!("format: 1\nprefix: web\nprefixes: [{prefixes}]\n{more}");
    let base = settings("web", "");
    let both = settings("api, old, web", "");
    merges("quipu.yml", [&base, &settings("old, web", ""), &settings("api, web", "")], &both);
    refuses("quipu.yml", [&base, &settings("web", "a: 1\n"), &settings("web", "a: 2\n")]);
    let newer = base.replace("format: 1", "format: 99");
    let (run, result) = drive("quipu.yml", [&base, &settings("old, web", ""), &newer]);
    assert!(run.exits(9).stderr.contains("format 99"));
    assert_eq!(result, settings("old, web", ""));
    merges("memories/build.md", ["make\n", "make\n", "make it\n"], "make it\n");
}

/// A checkout of the branch with the driver configured, and a branch `other` at the same commit.
fn checkout() -> (Env, PathBuf) {
    let env = Env::new();
    env.qp(["create", "Login", "--id", "web-login", "-d", "One."]).success();
    let folder = env.root().join("checkout");
    let script = "set -e
        git config user.name alice; git config user.email alice@example.com
        git config merge.quipu.driver 'qp merge-driver %O %A %B %P'
        git worktree add -q ../checkout -b ours quipu-sync; git branch other quipu-sync
        printf '%s merge=quipu\\n' quipu.yml 'issues/**' 'attic/**' 'memories/**' \
            >\"$(git rev-parse --git-path info/attributes)\"";
    assert_eq!(env.shell(&env.repo(), script).to_string(), "");
    (env, folder)
}

/// Changes the issue on two branches, each with qp, and merges them with git.
fn merged(env: &Env, folder: &std::path::Path, ours: &[&str], theirs: &[&str]) -> Run {
    for (branch, args) in [("second", theirs), ("first", ours)] {
        env.git_out(&["branch", branch, "other"]);
        env.qp([&["update", "web-login", "--branch", branch], args].concat()).success();
    }
    env.run_git(folder, &["reset", "-q", "--hard", "first"]);
    env.shell(folder, "git merge -q second 2>&1")
}

#[test]
fn git_merges_what_both_sides_did() {
    let (env, folder) = checkout();
    let run = merged(&env, &folder, &["--title", "Login page"], &["-p", "0", "--add-label", "auth"]);
    run.success();
    env.git_out(&["branch", "merged", "ours"]);
    let issue = &env.json(["show", "web-login", "--branch", "merged"])[0];
    assert_eq!((&issue["title"], &issue["priority"]), (&"Login page".into(), &0.into()));
    assert_eq!(issue["labels"], serde_json::json!(["auth"]));
}

#[test]
fn git_stops_where_a_value_would_be_lost() {
    let (env, folder) = checkout();
    let run = merged(&env, &folder, &["--title", "Sign-in"], &["--title", "Log in"]).exits(1);
    assert!(run.stdout.contains("both sides changed title") && run.stdout.contains("qp sync"), "{run}");
    assert!(run.stdout.contains("CONFLICT"), "{run}");
    let status = env.run_git(&folder, &["status", "--porcelain"]);
    assert!(status.starts_with("UU issues/"), "{status}");
    let path = folder.join(status.trim_start_matches("UU ").trim());
    let text = std::fs::read_to_string(path).expect("a file");
    assert!(text.contains("title: Sign-in\n") && !text.contains("<<<<"), "{text}");
}
