//! A loss of power may leave files that are empty: of objects, of the branch. They are found, named and mended, and
//! nothing that can still be read is lost.

use std::path::PathBuf;

use crate::env::Env;

/// A tracker with four issues, one of them not sent yet.
fn tracker() -> (Env, Vec<String>) {
    let env = Env::new();
    env.run_git(env.root(), &["init", "-q", "--bare", "server"]);
    env.git_out(&["remote", "add", "origin", "../server"]);
    let mut keys: Vec<String> = ["One", "Two", "Three"].map(|title| env.create([title])).into();
    env.qp(["sync"]).success();
    keys.push(env.create(["Unsent"]));
    (env, keys)
}

/// Returns the file of an object that stands alone.
fn file(env: &Env, name: &str) -> PathBuf {
    let id = env.git_out(&["rev-parse", name]);
    let (two, rest) = id.trim().split_at(2);
    env.repo().join(".git/objects").join(two).join(rest)
}

/// Leaves as much of a file as a loss of power may.
fn tear(path: &PathBuf, length: usize) {
    let bytes = std::fs::read(path).expect("an object");
    std::fs::remove_file(path).expect("an object can be removed");
    std::fs::write(path, &bytes[..length]).expect("the torn file");
}

fn issue(env: &Env, key: &str) -> String {
    let uid = env.json(["show", key])[0]["uid"].as_str().expect("an identity").to_owned();
    format!("issues/{}/{}/{uid}.md", &uid[24..25], &uid[25..])
}

fn titles(env: &Env) -> Vec<String> {
    let issues = env.json(["list", "--sort", "created", "--reverse"]);
    let issues = issues.as_array().expect("an array").iter();
    issues.map(|issue| issue["title"].as_str().expect("a title").to_owned()).collect()
}

/// The damage is named, `doctor --fix` mends it, and git finds no fault.
fn mended(env: &Env, torn: &[PathBuf]) -> String {
    let shown = env.qp(["doctor"]).exits(1).stdout;
    let named = torn.iter().any(|file| shown.contains(&file.display().to_string()));
    assert!(named && shown.contains("qp doctor --fix"), "{shown}");
    let fixed = env.qp(["doctor", "--fix"]).success().stdout;
    assert!(fixed.contains("fixed: "), "{fixed}");
    env.qp(["doctor"]).success();
    env.fsck();
    let kept = std::fs::read_dir(env.repo().join(".git/quipu/broken")).expect("what was moved aside").count();
    assert!(kept >= torn.len(), "{kept} files were kept of {}", torn.len());
    fixed
}

#[test]
fn what_the_remote_has_is_fetched() {
    for (name, length) in [("~1", 0), ("~1^{tree}", 0), ("~1:issues", 0), ("~1:issues", 9), ("~1^{tree}", 20)]
    {
        let (env, _) = tracker();
        let torn = [file(&env, &format!("quipu-sync{name}"))];
        tear(&torn[0], length);
        let shown = env.qp(["doctor"]);
        if shown.code == 0 {
            // The newest state does not need it, and it is not empty.
            assert!(length > 0, "{shown}");
            continue;
        }
        mended(&env, &torn);
        assert_eq!(titles(&env), ["One", "Two", "Three", "Unsent"], "{name}");
    }
}

#[test]
fn a_file_that_the_remote_has() {
    let (env, keys) = tracker();
    let path = issue(&env, &keys[1]);
    let torn = [file(&env, &format!("quipu-sync:{path}"))];
    tear(&torn[0], 10);
    // The others are served meanwhile.
    let shown = env.qp(["list"]).success();
    assert!(shown.stdout.contains("One") && !shown.stdout.contains("Two"), "{shown}");
    mended(&env, &torn);
    assert_eq!(titles(&env), ["One", "Two", "Three", "Unsent"]);
}

#[test]
fn a_file_that_nobody_has_is_as_it_was_before() {
    let (env, keys) = tracker();
    env.qp(["update", &keys[0], "--title", "Changed"]).success();
    env.qp(["update", &keys[1], "--title", "Changed too"]).success();
    let path = issue(&env, &keys[0]);
    let torn = [file(&env, &format!("quipu-sync:{path}"))];
    tear(&torn[0], 0);
    // The version that is gone is missing in the history, which stays a finding.
    let fixed = env.qp(["doctor", "--fix"]).exits(1).stdout;
    assert!(fixed.contains("missing: ") && fixed.contains("is again as it was at "), "{fixed}");
    assert_eq!(titles(&env), ["One", "Changed too", "Three", "Unsent"]);
    let subject = env.git_out(&["log", "-1", "--format=%s", "quipu-sync"]);
    assert_eq!(subject.trim(), format!("doctor: {path} as before the damage"));
}

#[test]
fn the_last_writes_are_gone() {
    let (env, _) = tracker();
    env.create(["Second unsent"]);
    let names = ["", "^{tree}", ":issues", "~1", "~1^{tree}"];
    let torn: Vec<PathBuf> = names.iter().map(|name| file(&env, &format!("quipu-sync{name}"))).collect();
    torn.iter().for_each(|file| tear(file, 0));
    for command in [["list", "-q"], ["q", "Next"]] {
        let run = env.qp(command).exits(9);
        assert!(run.stderr.contains(&torn[0].display().to_string()), "{run}");
        assert!(run.stderr.contains("hint: qp doctor"), "{run}");
    }
    let fixed = mended(&env, &torn);
    assert!(fixed.contains("moved quipu-sync from "), "{fixed}");
    assert_eq!(titles(&env)[..3], ["One", "Two", "Three"]);
    env.qp(["q", "Next"]).success();
    env.qp(["sync"]).success();
    env.fsck();
}

#[test]
fn a_tree_under_a_commit_that_can_be_read() {
    let (env, _) = tracker();
    let torn = [file(&env, "quipu-sync^{tree}")];
    tear(&torn[0], 0);
    let fixed = mended(&env, &torn);
    assert!(fixed.contains("(create web-"), "it says what the lost write was: {fixed}");
    assert_eq!(titles(&env)[..3], ["One", "Two", "Three"]);
}

#[test]
fn a_branch_that_is_torn() {
    for content in ["", "12345", "\0\0\0\0"] {
        let (env, _) = tracker();
        let branch = env.repo().join(".git/refs/heads/quipu-sync");
        std::fs::write(&branch, content).expect("the branch is torn");
        env.qp(["list"]).exits(9);
        let fixed = env.qp(["doctor", "--fix"]).success();
        assert!(fixed.stdout.contains("moved quipu-sync back to "), "{fixed}");
        assert_eq!(titles(&env), ["One", "Two", "Three", "Unsent"]);
        env.qp(["doctor"]).success();
        env.fsck();
    }
}

#[test]
fn an_empty_object_that_nothing_needs_yet() {
    let (env, _) = tracker();
    let id = env.git_stdin(&["hash-object", "-w", "--stdin"], "to be written again\n");
    let torn = [file(&env, id.trim())];
    tear(&torn[0], 0);
    mended(&env, &torn);
    assert!(!torn[0].exists());
}

#[test]
fn nothing_is_broken_and_nothing_is_done() {
    let (env, _) = tracker();
    env.qp(["doctor", "--fix"]).success();
    assert!(!env.repo().join(".git/quipu/broken").exists());
}
