//! Worktrees that have the tracker's own branch checked out.
//!
//! The branch moves under them. Where such a worktree is clean it follows; where it is not, it is left alone, and
//! every command says how to bring it forward without losing what was changed there.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use gix::ObjectId;

use super::git::Git;
use super::{Store, git_error, tree};
use crate::error::Result;

/// How far back the state of a worktree is looked for.
const REACH: usize = 200;

/// A worktree that the branch has left behind.
pub(super) struct Lagging {
    /// Its folder.
    pub folder: PathBuf,
    /// How many commits behind it is.
    pub behind: usize,
    /// The commit that it stands at.
    base: ObjectId,
    /// Whether nothing was changed in it since.
    pub is_clean: bool,
}

impl Lagging {
    /// Returns the command that brings it forward. Git keeps what was changed there, or refuses.
    pub fn remedy(&self) -> String {
        let folder = self.folder.display().to_string();
        let plain = |c: char| c.is_alphanumeric() || "/._-+@".contains(c);
        let folder =
            if folder.chars().all(plain) { folder } else { format!("'{}'", folder.replace('\'', "'\\''")) };
        format!("git -C {folder} read-tree -m -u {} HEAD", self.base.to_hex_with_len(12))
    }
}

impl Store {
    /// Returns the worktrees that have the tracker's branch checked out.
    fn checkouts(&self) -> Result<Vec<PathBuf>> {
        let mut found =
            if self.uses_reftable() { self.checkouts_by_git()? } else { self.checkouts_by_files() };
        found.retain(|folder| folder.is_dir());
        Ok(found)
    }

    fn checkouts_by_files(&self) -> Vec<PathBuf> {
        let head = format!("ref: {}", self.branch_ref());
        let on_branch = |git_dir: &Path| {
            std::fs::read_to_string(git_dir.join("HEAD")).is_ok_and(|text| text.trim_end() == head)
        };
        let common = self.common_dir();
        let mut found = Vec::new();
        if on_branch(common) {
            found.extend(self.main_worktree());
        }
        for entry in std::fs::read_dir(common.join("worktrees")).into_iter().flatten().flatten() {
            if on_branch(&entry.path()) {
                let gitdir = std::fs::read_to_string(entry.path().join("gitdir")).unwrap_or_default();
                found.extend(entry.path().join(gitdir.trim_end()).parent().map(Path::to_owned));
            }
        }
        found
    }

    /// Returns the folder of the main worktree, where its place is known from here.
    fn main_worktree(&self) -> Option<PathBuf> {
        let common = self.common_dir();
        if self.git_dir() == common {
            return self.work_dir().map(Path::to_owned);
        }
        if self.config("core.bare").as_deref() == Some("true") {
            return None;
        }
        let configured = self.config("core.worktree").map(|folder| common.join(folder));
        let usual = || (common.file_name()? == ".git").then(|| common.parent().map(Path::to_owned))?;
        configured.or_else(usual)
    }

    /// In a reftable repository the files say nothing.
    fn checkouts_by_git(&self) -> Result<Vec<PathBuf>> {
        let output = Git::new(self).args(["worktree", "list", "--porcelain"]).output()?;
        let branch = format!("branch {}", self.branch_ref());
        let of_branch = output.stdout.split("\n\n").filter(|entry| entry.lines().any(|line| line == branch));
        Ok(of_branch
            .filter_map(|entry| Some(entry.lines().next()?.strip_prefix("worktree ")?.into()))
            .collect())
    }

    /// Brings clean worktrees from the old commit to the new one.
    pub(super) fn follow_checkouts(&self, old: ObjectId, new: ObjectId) -> Result<()> {
        for folder in self.checkouts()? {
            if self.is_clean(&folder, old)? {
                self.forward(&folder, old, new)?;
            }
        }
        Ok(())
    }

    /// Tells whether a worktree is as a commit is. Files that were only touched are as they were.
    fn is_clean(&self, folder: &Path, at: ObjectId) -> Result<bool> {
        let git = |args: &[&str]| Git::new(self).in_folder(folder).args(args).output();
        git(&["update-index", "-q", "--refresh"])?;
        Ok(git(&["diff-index", "--quiet", &at.to_string(), "--"])?.success)
    }

    fn forward(&self, folder: &Path, old: ObjectId, new: ObjectId) -> Result<bool> {
        let (old, new) = (old.to_string(), new.to_string());
        let args = ["read-tree", "-m", "-u", &old, &new];
        Ok(Git::new(self).in_folder(folder).args(args).output()?.success)
    }

    /// Brings one worktree that is behind forward, where nothing was changed in it; tells whether it has.
    pub(super) fn follow_checkout(&self, folder: &Path) -> Result<bool> {
        let lagging = self.lagging_checkouts()?.into_iter().find(|lagging| lagging.folder == folder);
        let Some(lagging) = lagging.filter(|lagging| lagging.is_clean) else { return Ok(false) };
        match self.read_ref(&self.branch_ref())? {
            Some(head) => self.forward(folder, lagging.base, head),
            None => Ok(false),
        }
    }

    /// Returns the worktrees that the branch has left behind.
    pub(super) fn lagging_checkouts(&self) -> Result<Vec<Lagging>> {
        let mut found = Vec::new();
        for folder in self.checkouts()? {
            let Some(head) = self.read_ref(&self.branch_ref())? else { continue };
            let staged = self.staged(&folder)?;
            if staged.is_empty() {
                continue;
            }
            let (behind, base) = self.nearest(head, &staged)?;
            if behind > 0 {
                let is_clean = self.is_clean(&folder, base)?;
                found.push(Lagging { folder, behind, base, is_clean });
            }
        }
        Ok(found)
    }

    /// Returns what the index of a worktree has otherwise than its HEAD: path → blob, `None` where it has no file.
    fn staged(&self, folder: &Path) -> Result<BTreeMap<String, Option<ObjectId>>> {
        let list = ["diff-index", "--cached", "--raw", "-z", "--no-renames", "HEAD", "--"];
        let output = Git::new(self).in_folder(folder).args(list).output()?;
        let mut words = output.stdout.split('\0');
        let mut staged = BTreeMap::new();
        while let (Some(facts), Some(path)) = (words.next(), words.next()) {
            let id = facts.split(' ').nth(3).and_then(|id| ObjectId::from_hex(id.as_bytes()).ok());
            staged.insert(path.to_owned(), id.filter(|id| !id.is_null()));
        }
        Ok(staged)
    }

    /// Finds the commit that an index was made from: the one that it differs least from, and how far back it is.
    fn nearest(
        &self,
        head: ObjectId,
        staged: &BTreeMap<String, Option<ObjectId>>,
    ) -> Result<(usize, ObjectId)> {
        let failed = git_error("walk the history");
        let tree_of = |id| {
            let commit = self.repo.find_commit(id).map_err(git_error("read a commit"))?;
            Ok::<_, crate::error::Error>(commit.tree_id().map_err(git_error("read a commit"))?.detach())
        };
        let head_tree = tree_of(head)?;
        let mut best = (staged.len(), 0, head);
        let walk = self.repo.rev_walk([head]).first_parent_only().all().map_err(&failed)?;
        for (back, info) in walk.take(REACH).enumerate().skip(1) {
            let id = info.map_err(&failed)?.id;
            let mut differences = Vec::new();
            tree::differences(&self.repo, Some(tree_of(id)?), Some(head_tree), "", &mut differences)?;
            let equal = differences.iter().filter(|d| staged.get(&d.path) == Some(&d.old)).count();
            let unequal = staged.len() + differences.len() - 2 * equal;
            if unequal < best.0 {
                best = (unequal, back, id);
            }
        }
        Ok((best.1, best.2))
    }

    /// Returns one warning for each worktree that the branch has left behind.
    ///
    /// # Errors
    /// Environment, where git cannot be run.
    pub fn checkout_warnings(&self) -> Result<Vec<String>> {
        let describe = |lagging: Lagging| {
            let writes = if lagging.behind == 1 { "write" } else { "writes" };
            format!(
                "{} has {} checked out and is {} {writes} behind; this brings it forward and keeps what was changed there: {}",
                lagging.folder.display(),
                self.branch(),
                lagging.behind,
                lagging.remedy()
            )
        };
        Ok(self.lagging_checkouts()?.into_iter().map(describe).collect())
    }
}
