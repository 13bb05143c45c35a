//! A `.git` that cannot be written: many sandboxes give an agent the working tree and nothing else.

use std::path::Path;

use super::fingerprint::Fingerprint;
use super::{skip, titles};
use crate::env::{Env, Run, without_commits};

/// Runs a script where `.git` of a repository cannot be written; `None` where this machine offers no way.
pub fn locked(env: &Env, folder: &Path, git_dir: &str, script: &str) -> Option<Run> {
    let bind = format!("mount --bind {git_dir} {git_dir} && mount -o remount,bind,ro {git_dir}");
    let probe = env.shell(folder, &format!("unshare -rm sh -c '{bind}'"));
    if probe.code == 0 {
        return Some(env.shell(folder, &format!("unshare -rm sh -c '{bind} && {script}'")));
    }
    // Without namespaces, whoever is not root can take the right away from themselves.
    if env.shell(folder, "test $(id -u) != 0").code != 0 {
        return None;
    }
    env.shell(folder, &format!("chmod -R a-w {git_dir}"));
    let run = env.shell(folder, script);
    env.shell(folder, &format!("chmod -R u+w {git_dir}"));
    Some(run)
}

#[test]
fn reads_work_and_write_nothing() {
    let env = Env::new();
    let key = env.create(["One"]);
    for number in 0..40 {
        env.create([format!("Enough for a snapshot, {number}")]);
    }
    let before = Fingerprint::of(&env.repo());
    let script = format!("qp list && qp show {key} && qp status && qp ready --json && qp log");
    let Some(run) = locked(&env, &env.repo(), ".git", &script) else {
        return skip("nothing can be locked here");
    };
    assert_eq!(run.code, 0, "{run}");
    assert!(run.stdout.contains("One"), "{run}");
    assert_eq!(run.stderr.matches("warning").count(), 0, "{run}");
    assert_eq!(before.changes_until(&Fingerprint::of(&env.repo())), [""; 0]);
}

#[test]
fn writes_go_to_the_outbox_and_nowhere_else() {
    let env = Env::new();
    let key = env.create(["One"]);
    let before = Fingerprint::of(&env.repo());
    for script in ["qp q Two".to_owned(), format!("qp claim {key}"), format!("qp close {key}")] {
        let Some(run) = locked(&env, &env.repo(), ".git", &script) else {
            return skip("nothing can be locked here");
        };
        assert!(run.success().stderr.starts_with("saved, not shared: .quipu/outbox/s1-"));
    }
    let changes = before.changes_until(&Fingerprint::of(&env.repo()));
    let changes: Vec<String> = changes.iter().map(|change| without_commits(change)).collect();
    assert_eq!(
        changes,
        [".gitattributes", ".gitignore", "lock", "s1-COMMIT.bundle", "s1.latest"]
            .map(|name| format!("+ .quipu/outbox/{name}"))
    );
    env.fsck();
}

#[test]
fn the_first_write_goes_there_too_and_init_says_why_it_cannot() {
    let env = Env::new();
    env.create(["One"]);
    env.run_git(env.root(), &["clone", "-q", "repo", "clone"]);
    env.run_git(env.root(), &["init", "-q", "empty"]);
    let clone = env.root().join("clone");
    let Some(run) = locked(&env, &clone, ".git", "qp list && qp q Two") else {
        return skip("nothing can be locked here");
    };
    assert!(run.code == 0 && run.stdout.contains("One"), "{run}");
    assert!(crate::outbox::bundle_of(&clone, "s1").exists());
    let run = locked(&env, &env.root().join("empty"), ".git", "qp init").expect("it worked before").exits(9);
    assert!(run.stderr.contains("cannot write"), "{run}");
    assert!(!env.root().join("empty/.quipu").exists());
    assert_eq!(titles(&env, &clone), ["One", "Two"]);
}

#[test]
fn a_linked_worktree_reads_from_a_locked_repository() {
    let env = Env::new();
    env.create(["One"]);
    env.git_out(&["commit", "-q", "--allow-empty", "-m", "first"]);
    env.git_out(&["worktree", "add", "-q", "-b", "feature", "../linked"]);
    let linked = env.root().join("linked");
    let Some(run) = locked(&env, &linked, "../repo/.git", "qp list") else {
        return skip("nothing can be locked here");
    };
    assert_eq!(run.code, 0, "{run}");
    locked(&env, &linked, "../repo/.git", "qp q Two").expect("it worked before").success();
    assert_eq!(titles(&env, &linked), ["One", "Two"]);
    assert_eq!(titles(&env, &env.repo()), ["One"]);
}

#[test]
fn configuration_and_hooks_may_be_locked_alone() {
    let env = Env::new();
    let bind =
        |name: &str| format!("mount --bind .git/{name} .git/{name} && mount -o remount,bind,ro .git/{name}");
    let script = format!("unshare -rm sh -c '{} && {} && qp q One'", bind("config"), bind("hooks"));
    let run = env.shell(&env.repo(), &script);
    if run.stderr.contains("unshare") || run.stderr.contains("mount") {
        return skip("nothing can be mounted here");
    }
    assert_eq!(run.code, 0, "{run}");
    assert_eq!(titles(&env, &env.repo()), ["One"]);
}
