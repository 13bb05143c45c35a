//! Trees: finding a file in one, and what differs between two.

use gix::ObjectId;
use gix::objs::tree::EntryKind;

use super::git_error;
use crate::error::Result;

/// One entry of a tree.
struct Entry {
    name: String,
    id: ObjectId,
    is_tree: bool,
}

/// Reads a tree. Names that are not UTF-8, links and submodules are not ours and are left out.
fn entries(repo: &gix::Repository, tree_id: ObjectId) -> Result<Vec<Entry>> {
    let tree = repo.find_tree(tree_id).map_err(git_error("read a tree"))?;
    let mut found = Vec::new();
    for entry in tree.iter() {
        let entry = entry.map_err(git_error("read a tree"))?;
        let is_tree = match entry.mode().kind() {
            EntryKind::Tree => true,
            EntryKind::Blob | EntryKind::BlobExecutable => false,
            EntryKind::Link | EntryKind::Commit => continue,
        };
        if let Ok(name) = std::str::from_utf8(entry.filename()) {
            found.push(Entry { name: name.to_owned(), id: entry.object_id(), is_tree });
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

/// Finds what is no file of anybody's: links, submodules and names that are not UTF-8. (path, what it is)
pub(super) fn odd_entries(
    repo: &gix::Repository,
    tree_id: ObjectId,
    path: &str,
    found: &mut Vec<(String, &'static str)>,
) -> Result<()> {
    let tree = repo.find_tree(tree_id).map_err(git_error("read a tree"))?;
    for entry in tree.iter() {
        let entry = entry.map_err(git_error("read a tree"))?;
        let name = String::from_utf8_lossy(entry.filename());
        let path = if path.is_empty() { name.to_string() } else { format!("{path}/{name}") };
        match entry.mode().kind() {
            EntryKind::Tree => odd_entries(repo, entry.object_id(), &path, found)?,
            EntryKind::Link => found.push((path, "a symbolic link")),
            EntryKind::Commit => found.push((path, "a submodule")),
            EntryKind::Blob | EntryKind::BlobExecutable if std::str::from_utf8(entry.filename()).is_err() => {
                found.push((path, "a file whose name is not UTF-8"));
            }
            EntryKind::Blob | EntryKind::BlobExecutable => {}
        }
    }
    Ok(())
}

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
    if old == new {
        return Ok(());
    }
    let list = |tree: Option<ObjectId>| tree.map_or(Ok(Vec::new()), |id| entries(repo, id));
    let (old, new) = (list(old)?, list(new)?);
    let (mut a, mut b) = (old.iter().peekable(), new.iter().peekable());
    loop {
        let (left, right) = match (a.peek(), b.peek()) {
            (None, None) => return Ok(()),
            (Some(l), Some(r)) if l.name == r.name => (a.next(), b.next()),
            (Some(l), Some(r)) if l.name > r.name => (None, b.next()),
            (None, Some(_)) => (None, b.next()),
            (Some(_), _) => (a.next(), None),
        };
        if left.map(|e| e.id) == right.map(|e| e.id) {
            continue;
        }
        let name = &left.or(right).expect("one of them is there").name;
        let path = if path.is_empty() { name.clone() } else { format!("{path}/{name}") };
        let trees = |e: Option<&Entry>| e.filter(|e| e.is_tree).map(|e| e.id);
        let files = |e: Option<&Entry>| e.filter(|e| !e.is_tree).map(|e| e.id);
        if files(left) != files(right) {
            found.push(Difference { path: path.clone(), old: files(left), new: files(right) });
        }
        differences(repo, trees(left), trees(right), &path, found)?;
    }
}
