//! Inside git's hooks, where the environment points to a repository that need not be the one that is meant.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::fingerprint::Fingerprint;
use super::titles;
use crate::env::Env;

/// Two repositories with trackers, `repo` and `other`, and a worktree `linked` of the first.
fn stage() -> Env {
    let env = Env::new();
    env.git_out(&["commit", "-q", "--allow-empty", "-m", "first"]);
    env.git_out(&["worktree", "add", "-q", "-b", "feature", "../linked"]);
    env.run_git(env.root(), &["init", "-q", "-b", "main", "other"]);
    env.qp_in(&env.root().join("other"), ["init", "--prefix", "other"], &[], "").success();
    env
}

fn hook(env: &Env, name: &str, script: &str) {
    let path = env.repo().join(".git/hooks").join(name);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).expect("a hook");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("an executable");
}

#[test]
fn a_hook_in_a_linked_worktree_hits_the_repository_of_its_folder() {
    let env = stage();
    let (linked, other) = (env.root().join("linked"), env.root().join("other"));
    hook(&env, "pre-commit", "set -e; test -n \"$GIT_INDEX_FILE\"; qp q Here; cd ../other; qp q There");
    std::fs::write(linked.join("staged"), "staged").expect("a file");
    std::fs::write(linked.join("untracked"), "untracked").expect("a file");
    env.run_git(&linked, &["add", "staged"]);
    let committed = env.shell(&linked, "git -c user.name=a -c user.email=a@b commit -q -m second");
    assert_eq!(committed.code, 0, "{committed}");
    assert_eq!(titles(&env, &env.repo()), ["Here"]);
    assert_eq!(titles(&env, &other), ["There"]);
    assert_eq!(env.run_git(&linked, &["status", "--porcelain"]), "?? untracked\n");
    assert_eq!(env.run_git(&linked, &["ls-tree", "--name-only", "HEAD"]), "staged\n");
    assert_eq!(env.run_git(&other, &["status", "--porcelain"]), "");
    env.fsck();
    env.fsck_in(&other);
}

#[test]
fn a_hook_after_checkout_hits_the_repository_of_its_folder() {
    let env = stage();
    hook(&env, "post-checkout", "set -e; cd ../other; qp q There");
    let run = env.shell(&env.root().join("linked"), "git checkout -q -b another");
    assert_eq!(run.code, 0, "{run}");
    assert_eq!(titles(&env, &env.root().join("other")), ["There"]);
    assert_eq!(titles(&env, &env.repo()), [""; 0]);
}

#[test]
fn variables_of_another_repository_are_ignored() {
    let env = stage();
    let other = env.root().join("other");
    let inside = |path: &str| other.join(path).to_str().expect("UTF-8").to_owned();
    let variables = [
        ("GIT_DIR", inside(".git")),
        ("GIT_INDEX_FILE", inside(".git/index")),
        ("GIT_WORK_TREE", inside("")),
        ("GIT_COMMON_DIR", inside(".git")),
        ("GIT_OBJECT_DIRECTORY", inside(".git/objects")),
        ("GIT_ALTERNATE_OBJECT_DIRECTORIES", inside(".git/objects")),
        ("GIT_NAMESPACE", "spaced".to_owned()),
        ("GIT_SHALLOW_FILE", inside("none")),
        ("GIT_PREFIX", "below/".to_owned()),
    ];
    let variables: Vec<(&str, &str)> = variables.iter().map(|(k, v)| (*k, v.as_str())).collect();
    let before = Fingerprint::of(&other);
    let write = |folder: &Path, title: &str| env.qp_in(folder, ["q", title], &variables, "").success();
    write(&env.repo(), "From the main worktree");
    write(&env.root().join("linked"), "From the linked one");
    assert_eq!(before.changes_until(&Fingerprint::of(&other)), [""; 0]);
    assert_eq!(titles(&env, &env.repo()), ["From the main worktree", "From the linked one"]);
    let shown = env.qp_in(&env.repo(), ["list"], &variables, "").success();
    assert!(shown.stdout.contains("From the linked one"), "{shown}");
    env.fsck();
}

#[test]
fn hooks_of_the_user_are_not_run_and_cannot_stop_a_write() {
    let env = stage();
    hook(&env, "reference-transaction", "touch ../ran; exit 1");
    hook(&env, "post-index-change", "touch ../ran");
    env.create(["One"]);
    assert!(!env.root().join("ran").exists(), "no hook ran");
    assert_eq!(titles(&env, &env.repo()), ["One"]);
    let elsewhere = env.root().join("hooks");
    std::fs::rename(env.repo().join(".git/hooks"), &elsewhere).expect("a folder can be moved");
    env.git_out(&["config", "core.hooksPath", elsewhere.to_str().expect("UTF-8")]);
    env.create(["Two"]);
    assert!(!env.root().join("ran").exists(), "no hook ran");
}
