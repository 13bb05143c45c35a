//! Histories that many clones weave in a short time, with clocks that are not quite right.

use super::{Herd, timed};

/// A commit with the content of `parents[0]`, of so many seconds after eleven.
fn commit(herd: &Herd, seconds: u32, parents: &[&str]) -> String {
    let tree = format!("{}^{{tree}}", parents[0]);
    let mut args = vec!["commit-tree", "-m", "by hand", &tree];
    args.extend(parents.iter().flat_map(|parent| ["-p", parent]));
    let mut command = herd.env.git_command(&herd.clone_of(0), &args);
    command.env("GIT_COMMITTER_DATE", format!("2026-01-07T11:00:{seconds:02}Z"));
    timed(command).run.success().stdout.trim().to_owned()
}

/// Somebody has merged what stands here, on a computer whose clock is slow. An older common commit is met first, and
/// is known for an older one only by the second parent of a merge.
#[test]
fn what_the_remote_has_merged_is_not_merged_again() {
    let herd = Herd::new(1, 1);
    let folder = herd.clone_of(0);
    let root = herd.env.run_git(&herd.server(), &["rev-parse", "quipu-sync"]);
    let root = root.trim();
    let old = commit(&herd, 40, &[root]);
    let side = commit(&herd, 41, &[&old]);
    let merge = commit(&herd, 42, &[root, &side]);
    let mine = commit(&herd, 43, &[&merge]);
    let slow = commit(&herd, 10, &[&mine]);
    let other = commit(&herd, 41, &[&old]);
    let theirs = commit(&herd, 42, &[&other, &slow]);
    herd.env.run_git(&folder, &["push", "-q", "origin", &format!("{theirs}:refs/heads/quipu-sync")]);
    herd.env.run_git(&folder, &["update-ref", "refs/heads/quipu-sync", &mine]);
    timed(herd.command(0, &["sync"])).run.success();
    assert_eq!(herd.tip(&folder).trim(), theirs);
    assert_eq!(herd.tip(&herd.server()).trim(), theirs);
}
