//! Trees: finding a file in one, and what differs between two. How far a walk goes stands in `tree_walk.rs`.

use gix::ObjectId;

use super::git_error;
use super::tree_walk::{Walk, entries};
use crate::error::Result;

/// Finds the object at a path: (id, whether it is a tree).
pub(super) fn lookup(
    repo: &gix::Repository,
    tree_id: ObjectId,
    path: &str,
) -> Result<Option<(ObjectId, bool)>> {
    let tree = repo.find_tree(tree_id).map_err(git_error("read a tree"))?;
    let entry = tree.lookup_entry(path.split('/')).map_err(git_error("read a tree"))?;
    Ok(entry.map(|e| (e.object_id(), e.mode().is_tree())))
}

/// Finds the file at a path. A link or a submodule in its place is no file: what these name is not read.
pub(super) fn file(repo: &gix::Repository, tree_id: ObjectId, path: &str) -> Result<Option<ObjectId>> {
    let tree = repo.find_tree(tree_id).map_err(git_error("read a tree"))?;
    let entry = tree.lookup_entry(path.split('/')).map_err(git_error("read a tree"))?;
    Ok(entry.filter(|e| e.mode().is_blob()).map(|e| e.object_id()))
}

/// Returns the names in the folder at `path`; none where it does not exist.
pub(super) fn names(repo: &gix::Repository, tree_id: ObjectId, path: &str) -> Result<Vec<String>> {
    match lookup(repo, tree_id, path)? {
        Some((id, true)) => Ok(entries(repo, id)?.into_iter().map(|e| e.name).collect()),
        _ => Ok(Vec::new()),
    }
}

/// A file that differs: its path, its old object, its new one.
pub(super) struct Difference {
    pub path: String,
    pub old: Option<ObjectId>,
    pub new: Option<ObjectId>,
}

/// Finds the files that differ between two trees, without reading what is equal. Either may be absent.
pub(super) fn differences(
    repo: &gix::Repository,
    old: Option<ObjectId>,
    new: Option<ObjectId>,
    path: &str,
    found: &mut Vec<Difference>,
) -> Result<()> {
    Walk::new(repo, found).differences(old, new, path)
}
