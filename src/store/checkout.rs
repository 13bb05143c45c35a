//! Worktrees that have the tracker's own branch checked out.
//!
//! The branch moves under them. Where such a worktree is clean it follows; where it is not, it is left alone
//! and every command says how to bring it forward.

use std::path::{Path, PathBuf};

use gix::ObjectId;

use super::Store;
use super::git::Git;
use crate::error::Result;

impl Store {
    /// Returns the worktrees that have the tracker's branch checked out.
    fn checkouts(&self) -> Vec<PathBuf> {
        let head = format!("ref: {}", self.branch_ref());
        let on_branch = |git_dir: &Path| {
            std::fs::read_to_string(git_dir.join("HEAD")).is_ok_and(|text| text.trim_end() == head)
        };
        let common = self.common_dir();
        let mut found = Vec::new();
        if on_branch(common) && common.file_name().is_some_and(|n| n == ".git") {
            found.extend(common.parent().map(Path::to_owned));
        }
        for entry in std::fs::read_dir(common.join("worktrees")).into_iter().flatten().flatten() {
            if on_branch(&entry.path()) {
                let gitdir = std::fs::read_to_string(entry.path().join("gitdir")).unwrap_or_default();
                found.extend(Path::new(gitdir.trim_end()).parent().map(Path::to_owned));
            }
        }
        found
    }

    /// Brings clean worktrees from the old commit to the new one.
    pub(super) fn follow_checkouts(&self, old: ObjectId, new: ObjectId) -> Result<()> {
        for folder in self.checkouts() {
            let (old, new) = (old.to_string(), new.to_string());
            if self.matches(&folder, &old)? {
                Git::new(self).in_folder(&folder).args(["read-tree", "-m", "-u", &old, &new]).output()?;
            }
        }
        Ok(())
    }

    fn matches(&self, folder: &Path, commit: &str) -> Result<bool> {
        let quiet = ["diff-index", "--quiet", commit, "--"];
        Ok(Git::new(self).in_folder(folder).args(quiet).output()?.success)
    }

    /// Returns the worktrees that have the branch checked out and differ from it.
    pub(super) fn lagging_checkouts(&self) -> Result<Vec<PathBuf>> {
        let mut found = Vec::new();
        for folder in self.checkouts() {
            if !self.matches(&folder, "HEAD")? {
                found.push(folder);
            }
        }
        Ok(found)
    }

    /// Returns one warning for each worktree that lags behind the branch.
    ///
    /// # Errors
    /// Environment, where git cannot be run.
    pub fn checkout_warnings(&self) -> Result<Vec<String>> {
        let describe = |folder: PathBuf| {
            let folder = folder.display();
            format!(
                "{folder} has {} checked out and differs from it: keep your changes with git -C {folder} stash, which brings it forward",
                self.branch(),
            )
        };
        Ok(self.lagging_checkouts()?.into_iter().map(describe).collect())
    }
}
