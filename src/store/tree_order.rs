//! Putting trees in order before they are edited. Git writes the entries of a tree sorted and each name once, and
//! editors rely on it; a tree that was pushed may have them in any order, and names twice.

use std::collections::BTreeMap;

use gix::ObjectId;
use gix::objs::tree::Entry;

use super::git_error;
use crate::error::Result;

/// Returns the tree with everything in order that leads to `paths`; itself, where it is already. Of two entries with one
/// name the first stays, which is the one that is read.
pub(super) fn in_order<'p>(
    repo: &gix::Repository,
    tree_id: ObjectId,
    paths: impl IntoIterator<Item = &'p str>,
) -> Result<ObjectId> {
    let mut below: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (folder, rest) in paths.into_iter().filter_map(|path| path.split_once('/')) {
        below.entry(folder).or_default().push(rest);
    }
    let tree = repo.find_tree(tree_id).map_err(git_error("read a tree"))?;
    let decoded = tree.decode().map_err(git_error("read a tree"))?;
    let mut entries: Vec<Entry> = decoded.entries.into_iter().map(Into::into).collect();
    let mut is_changed = !entries.is_sorted_by(|a, b| a < b);
    if is_changed {
        entries.sort();
        entries.dedup_by(|later, first| later.filename == first.filename);
    }
    for entry in entries.iter_mut().filter(|entry| entry.mode.is_tree()) {
        let name = std::str::from_utf8(&entry.filename).unwrap_or_default();
        let Some(paths) = below.get(name) else { continue };
        let id = in_order(repo, entry.oid, paths.iter().copied())?;
        is_changed |= id != entry.oid;
        entry.oid = id;
    }
    if !is_changed {
        return Ok(tree_id);
    }
    let tree = gix::objs::Tree { entries };
    Ok(repo.write_object(&tree).map_err(git_error("write to the repository"))?.detach())
}
