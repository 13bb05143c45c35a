//! What an operation changed, and what differs between two moments: file by file.

use std::collections::{BTreeMap, HashSet};

use gix::ObjectId;

use super::layout::issue_id;
use super::tree::{self, Difference};
use super::{LogEntry, Store, View, git_error};
use crate::error::{Error, Kind, Result};
use crate::model::{Issue, IssueId};

/// A file that an operation changed: its path, and its content before and after.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Change {
    /// Path on the branch.
    pub path: String,
    /// Content before.
    pub old: Option<Vec<u8>>,
    /// Content after.
    pub new: Option<Vec<u8>>,
}

impl Change {
    /// Returns the issue, where the path is an issue's.
    pub fn issue_id(&self) -> Option<IssueId> {
        issue_id(&self.path)
    }

    /// Decodes both sides as an issue's file.
    pub fn issues(&self) -> (Option<Issue>, Option<Issue>) {
        let read =
            |bytes: &Option<Vec<u8>>| bytes.as_ref().and_then(|b| Issue::read(b, self.issue_id()).ok());
        (read(&self.old), read(&self.new))
    }
}

impl Store {
    /// Returns the issues whose files an operation changed; none at the boundary of a shallow history.
    pub(super) fn touched(&self, entry: &LogEntry) -> Result<Vec<IssueId>> {
        let files = self.changed_files(entry)?.unwrap_or_default();
        Ok(files.iter().filter_map(|d| issue_id(&d.path)).collect())
    }

    /// Tells whether an operation changed a file, without looking at any other.
    pub(super) fn touches(&self, entry: &LogEntry, path: &str) -> Result<bool> {
        let blob_at = |commit: &str| match self.tree_of(commit)? {
            Some(tree_id) => Ok(Some(tree::lookup(&self.repo, tree_id, path)?.map(|(id, _)| id))),
            None => Ok::<_, Error>(None),
        };
        let new = blob_at(&entry.commit)?;
        if entry.parents.is_empty() {
            return Ok(new.flatten().is_some());
        }
        for parent in &entry.parents {
            match blob_at(parent)? {
                Some(old) if Some(old) != new => {}
                _ => return Ok(false),
            }
        }
        Ok(true)
    }

    /// Returns the files that an operation changed; of a merge, those that are in no parent as they are in it.
    /// `None` at the boundary of a shallow history, where nobody knows.
    fn changed_files(&self, entry: &LogEntry) -> Result<Option<Vec<Difference>>> {
        let new = self.tree_of(&entry.commit)?;
        let mut parents = entry.parents.iter();
        let mut found = Vec::new();
        let Some(first) = parents.next() else {
            tree::differences(&self.repo, None, new, "", &mut found)?;
            return Ok(Some(found));
        };
        let Some(old) = self.tree_of(first)? else { return Ok(None) };
        tree::differences(&self.repo, Some(old), new, "", &mut found)?;
        for parent in parents {
            let Some(old) = self.tree_of(parent)? else { return Ok(None) };
            let mut other = Vec::new();
            tree::differences(&self.repo, Some(old), new, "", &mut other)?;
            let paths: HashSet<&str> = other.iter().map(|d| d.path.as_str()).collect();
            found.retain(|d| paths.contains(d.path.as_str()));
        }
        Ok(Some(found))
    }

    /// Returns what an operation changed in the files that `select` accepts.
    ///
    /// # Errors
    /// Environment, where git's files cannot be read, or the history ends before this operation.
    pub fn changes_in(&self, entry: &LogEntry, select: impl Fn(&str) -> bool) -> Result<Vec<Change>> {
        let Some(files) = self.changed_files(entry)? else {
            let message = format!("the history ends at {}: what it changed is not known here", entry.short());
            return Err(Error::new(Kind::Environment, "shallow", message).hint("git fetch --unshallow"));
        };
        files.into_iter().filter(|d| select(&d.path)).map(|d| self.read_change(d)).collect()
    }

    /// Returns what an operation changed, file by file.
    ///
    /// # Errors
    /// Environment, where git's files cannot be read, or the history ends before this operation.
    pub fn changes(&self, entry: &LogEntry) -> Result<Vec<Change>> {
        self.changes_in(entry, |_| true)
    }

    /// Compares two views: the files that differ, by path.
    ///
    /// # Errors
    /// Environment, where git's files cannot be read.
    pub fn compare(&self, old: &View, new: &View) -> Result<Vec<Change>> {
        let mut found = Vec::new();
        tree::differences(&self.repo, Some(old.tree_id), Some(new.tree_id), "", &mut found)?;
        let sorted: BTreeMap<_, _> = found.into_iter().map(|d| (d.path.clone(), d)).collect();
        sorted.into_values().map(|d| self.read_change(d)).collect()
    }

    fn read_change(&self, difference: Difference) -> Result<Change> {
        let read = |id: Option<ObjectId>| id.map(|id| self.blob(id)).transpose();
        let Difference { path, old, new } = difference;
        Ok(Change { old: read(old)?, new: read(new)?, path })
    }

    /// Returns the tree of a commit; `None` where the commit is beyond the boundary of a shallow history.
    pub(super) fn tree_of(&self, commit: &str) -> Result<Option<ObjectId>> {
        let id = ObjectId::from_hex(commit.as_bytes()).map_err(git_error("read a commit id"))?;
        if !self.repo.has_object(id) {
            return Ok(None);
        }
        let commit = self.repo.find_commit(id).map_err(git_error("read a commit"))?;
        Ok(Some(commit.tree_id().map_err(git_error("read a commit"))?.detach()))
    }

    /// Reads a file as it stands in a commit: its object and its content.
    pub(super) fn file_at(&self, commit: &str, path: &str) -> Result<Option<(ObjectId, Vec<u8>)>> {
        let Some(tree_id) = self.tree_of(commit)? else { return Ok(None) };
        let Some(id) = tree::file(&self.repo, tree_id, path)? else { return Ok(None) };
        Ok(Some((id, self.blob(id)?)))
    }
}
