//! A worktree that has the tracker's own branch checked out: it follows where it is clean; where it is not, it is
//! left alone, and the line that brings it forward loses nothing.

use std::path::{Path, PathBuf};

use super::titles;
use crate::env::Env;

/// A tracker with one issue, and a worktree `tracker` of its branch.
fn stage() -> (Env, PathBuf) {
    let env = Env::new();
    env.create(["One", "-d", "A text."]);
    env.git_out(&["worktree", "add", "-q", "../tracker", "quipu-sync"]);
    let tracker = env.root().join("tracker");
    (env, tracker)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = walkdir::WalkDir::new(folder.join("issues")).into_iter().filter_map(Result::ok);
    entries.filter(|e| e.file_type().is_file()).map(walkdir::DirEntry::into_path).collect()
}

fn status(env: &Env, folder: &Path) -> String {
    env.run_git(folder, &["status", "--porcelain"])
}

/// Returns the command at the end of a warning.
fn remedy(stderr: &str) -> String {
    let warning = stderr.lines().find(|l| l.starts_with("warning: ")).expect("a warning");
    warning.rsplit_once(": ").expect("a command").1.to_owned()
}

#[test]
fn a_clean_worktree_follows() {
    let (env, tracker) = stage();
    env.create(["Two"]);
    assert_eq!(status(&env, &tracker), "");
    assert_eq!(files(&tracker).len(), 2);
    let run = env.qp_in(&tracker, ["q", "Three"], &[], "").success();
    assert_eq!(run.stderr, "");
    assert_eq!((files(&tracker).len(), status(&env, &tracker).as_str()), (3, ""));
    env.fsck();
}

#[test]
fn the_main_worktree_follows_as_well() {
    let env = Env::new();
    env.create(["One"]);
    env.git_out(&["checkout", "-q", "quipu-sync"]);
    env.create(["Two"]);
    assert_eq!((files(&env.repo()).len(), status(&env, &env.repo()).as_str()), (2, ""));
}

#[test]
fn a_worktree_with_a_git_directory_elsewhere_follows_as_well() {
    let env = Env::bare();
    env.run_git(env.root(), &["init", "-q", "--separate-git-dir", "elsewhere", "repo"]);
    env.qp(["init", "--prefix", "web"]).success();
    env.git_out(&["checkout", "-q", "quipu-sync"]);
    env.create(["One"]);
    assert_eq!((files(&env.repo()).len(), status(&env, &env.repo()).as_str()), (1, ""));
}

#[test]
fn files_that_were_only_touched_are_clean() {
    let (env, tracker) = stage();
    let file = files(&tracker).remove(0);
    let text = std::fs::read(&file).expect("a file");
    std::fs::remove_file(&file).expect("a file");
    std::fs::write(&file, text).expect("a file");
    assert_eq!(env.qp(["q", "Two"]).success().stderr, "");
    assert_eq!(status(&env, &tracker), "");
}

#[test]
fn a_worktree_whose_branch_was_behind_the_remote_follows() {
    let (env, tracker) = stage();
    env.run_git(env.root(), &["clone", "-q", "repo", "other"]);
    let other = env.root().join("other");
    env.qp_in(&other, ["q", "Two"], &[], "").success();
    env.git_out(&["remote", "add", "origin", "../other"]);
    env.git_out(&["fetch", "-q"]);
    env.create(["Three"]);
    assert_eq!((files(&tracker).len(), status(&env, &tracker).as_str()), (3, ""));
}

#[test]
fn changes_are_left_alone_and_the_remedy_keeps_them() {
    let (env, tracker) = stage();
    let file = files(&tracker).remove(0);
    let mine = std::fs::read_to_string(&file).expect("a file").replace("A text.", "My text.");
    std::fs::write(&file, &mine).expect("a file");
    std::fs::write(tracker.join("untracked"), "untracked").expect("a file");
    assert_eq!(env.qp(["list"]).success().stderr, "", "changes alone are nobody's business");
    let run = env.qp(["q", "Two"]).success();
    assert_eq!(files(&tracker).len(), 1, "nothing was brought there");
    env.create(["Three"]);
    let again = env.qp(["list"]).success();
    assert!(run.stderr.contains("tracker has quipu-sync checked out"), "{run}");
    assert_eq!(env.shell(&env.repo(), &remedy(&again.stderr)).code, 0, "{again}");
    assert_eq!(files(&tracker).len(), 3, "the new issues have come");
    assert_eq!(std::fs::read_to_string(&file).expect("a file"), mine, "the change is still there");
    let changed = file.strip_prefix(&tracker).expect("below").display().to_string();
    assert_eq!(status(&env, &tracker), format!(" M {changed}\n?? untracked\n"));
    assert_eq!(env.qp(["list"]).success().stderr, "", "nothing is left to say");
    // Committing what is there takes nobody's work back.
    env.run_git(&tracker, &["commit", "-qam", "by hand"]);
    assert_eq!(titles(&env, &env.repo()), ["One", "Two", "Three"]);
}

#[test]
fn staged_changes_are_kept_too() {
    let (env, tracker) = stage();
    std::fs::write(tracker.join("staged"), "staged").expect("a file");
    env.run_git(&tracker, &["add", "staged"]);
    let run = env.qp(["q", "Two"]).success();
    assert_eq!(env.shell(&env.repo(), &remedy(&run.stderr)).code, 0, "{run}");
    assert_eq!(status(&env, &tracker), "A  staged\n");
    assert_eq!(files(&tracker).len(), 2);
}

#[test]
fn a_file_in_the_way_stops_the_worktree_and_not_the_write() {
    let (env, tracker) = stage();
    std::fs::write(tracker.join("quipu.yml"), "prefix: [").expect("a file");
    let run = env.qp(["q", "Two"]).success();
    assert!(run.stderr.contains("checked out"), "{run}");
    assert_eq!(titles(&env, &env.repo()), ["One", "Two"]);
}

#[test]
fn reftable_worktrees_follow() {
    let env = Env::bare();
    if env.try_git(env.root(), &["init", "-q", "--ref-format=reftable", "repo"]).code != 0 {
        return super::skip("git has no reftable");
    }
    env.qp(["init", "--prefix", "web"]).success();
    env.git_out(&["worktree", "add", "-q", "../tracker", "quipu-sync"]);
    env.create(["One"]);
    let tracker = env.root().join("tracker");
    assert_eq!((files(&tracker).len(), status(&env, &tracker).as_str()), (1, ""));
}

#[test]
fn a_worktree_that_is_gone_is_no_matter() {
    let (env, tracker) = stage();
    std::fs::remove_dir_all(&tracker).expect("a folder");
    let run = env.qp(["q", "Two"]).success();
    assert_eq!(run.stderr, "");
}
