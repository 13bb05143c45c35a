//! That what the branch points to is there, and stays: beside a `git gc --prune=now`, and on the disk.
//!
//! Such a gc removes every object that no ref names when it looks, however new it is: also what a write has made and
//! not yet published. So whoever has swapped the branch looks once more, and has everything in memory still.

use std::fs::File;
use std::path::{Path, PathBuf};

use gix::ObjectId;

use super::merge::MergeCommit;
use super::pack::MANY;
use super::transaction::in_spite_of_gc;
use super::{Store, room, tree};
use crate::error::{Error, Kind, Result};

/// How often objects that keep vanishing are written again.
const ATTEMPTS: usize = 5;

impl Store {
    /// Makes sure that objects which were just published are there; `write` writes them again.
    ///
    /// # Errors
    /// Environment, where they keep vanishing or cannot be written any more.
    pub(super) fn outlast_gc(
        &self,
        written: &[ObjectId],
        write: impl Fn(&Store) -> Result<()>,
    ) -> Result<()> {
        // A pack stays open here when its file is gone: it takes a fresh look to see that.
        let mut store = if written.len() >= MANY { self.reopen()? } else { self.clone() };
        for _ in 0..ATTEMPTS {
            if written.iter().all(|id| store.repo.has_object(*id)) {
                return Ok(());
            }
            in_spite_of_gc(|| write(&store))?;
            store = store.reopen()?;
        }
        Err(Error::new(
            Kind::Environment,
            "git",
            "the objects of this write vanish as soon as they are written",
        )
        .hint("wait for git gc or git prune to end, then run the same command again"))
    }

    /// The same for a merge, which is made again from the two commits: it comes out the same.
    ///
    /// # Errors
    /// As above.
    pub(super) fn keep_merge(&self, ours: ObjectId, theirs: ObjectId, merge: ObjectId) -> Result<()> {
        let mut store = self.clone();
        for _ in 0..ATTEMPTS {
            if store.has_merge(ours, merge) {
                return Ok(());
            }
            store = store.reopen()?;
            match store.merge_commits(ours, theirs) {
                Ok(MergeCommit { id, .. }) if id == merge => {}
                _ => break,
            }
        }
        Err(Error::new(Kind::Environment, "git", format!("the objects of the merge {merge} have vanished"))
            .hint("qp doctor --fix"))
    }

    /// Tells whether a commit and all files in which it differs from another one are there.
    fn has_merge(&self, ours: ObjectId, merge: ObjectId) -> bool {
        let tree = |id| self.commit_tree(id);
        let (Ok(old), Ok(new)) = (tree(ours), tree(merge)) else { return false };
        let mut found = Vec::new();
        let has_trees = tree::differences(&self.repo, Some(old), Some(new), "", &mut found).is_ok();
        // In a partial clone the remote has what is not here.
        has_trees
            && (self.is_partial() || found.iter().filter_map(|d| d.new).all(|id| self.repo.has_object(id)))
    }

    /// Brings single objects to the disk, where git's `core.fsync` asks for it. By default it does not, as git's own
    /// does not. Packs are written by git, which asks itself.
    ///
    /// # Errors
    /// Environment, where the disk does not take them.
    pub(super) fn flush_objects(&self, written: &[ObjectId]) -> Result<()> {
        if !self.flushes("loose-object") {
            return Ok(());
        }
        written.iter().try_for_each(|id| flush(&self.object_path(*id)))
    }

    /// Brings the branch to the disk, where git's `core.fsync` asks for it.
    ///
    /// # Errors
    /// Environment, where the disk does not take it.
    pub(super) fn flush_branch(&self) -> Result<()> {
        if !self.flushes("reference") {
            return Ok(());
        }
        flush(&self.common_dir().join(self.branch_ref()))
    }

    /// Returns where an object stands when it stands alone.
    pub(super) fn object_path(&self, id: ObjectId) -> PathBuf {
        let name = id.to_string();
        self.common_dir().join("objects").join(&name[..2]).join(&name[2..])
    }

    /// Tells whether a component of git's `core.fsync` is switched on by the configuration.
    fn flushes(&self, component: &str) -> bool {
        let Some(value) = self.config("core.fsync") else { return false };
        let mut is_on = false;
        for word in value.split(',').map(str::trim) {
            let (switch, name) = word.strip_prefix('-').map_or((true, word), |name| (false, name));
            match name {
                "none" => is_on = false,
                "all" | "added" | "committed" => is_on = switch,
                "objects" if component == "loose-object" => is_on = switch,
                name if name == component => is_on = switch,
                _ => {}
            }
        }
        is_on
    }
}

/// Brings a file and its name to the disk. A file that is not there is kept elsewhere.
fn flush(path: &Path) -> Result<()> {
    let failed = |e: std::io::Error| {
        let message = format!("{} cannot be brought to the disk", path.display());
        if room::is_full(&e) {
            return room::disk_full(&message).because(e);
        }
        Error::new(Kind::Environment, "fsync", message).because(e)
    };
    let Ok(file) = File::open(path) else { return Ok(()) };
    file.sync_all().map_err(failed)?;
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)?;
    }
    Ok(())
}
