//! Whether a bundle has everything that its newest commit needs, apart from what is in the repository. Nothing in it
//! is believed, and nothing here recurses: a tree may be as deep as whoever made it wanted.

use std::collections::{HashMap, HashSet};

use gix::ObjectId;
use gix::objs::tree::EntryKind;
use gix::objs::{CommitRef, Kind, TreeRef};

use super::bundle::Bundle;
use super::tree_walk::DEEPEST;

type Result<T> = std::result::Result<T, String>;

/// Refuses a bundle whose newest commit could not be read.
///
/// # Errors
/// What is wrong with it, in words that follow its name.
pub(super) fn check(repo: &gix::Repository, bundle: &Bundle, is_partial: bool) -> Result<()> {
    let objects = bundle.objects.iter().map(|(id, kind, data)| (*id, (*kind, data.as_slice()))).collect();
    let mut check = Check { repo, objects, is_partial, found: HashSet::new() };
    let roots = check.commits(bundle.header.tip)?;
    check.trees(roots)
}

struct Check<'c> {
    repo: &'c gix::Repository,
    objects: HashMap<ObjectId, (Kind, &'c [u8])>,
    is_partial: bool,
    /// What was found in the repository.
    found: HashSet<ObjectId>,
}

impl<'c> Check<'c> {
    /// Returns the bytes of an object of the bundle; `None` where it is in the repository.
    fn object(&mut self, id: ObjectId, kind: Kind) -> Result<Option<&'c [u8]>> {
        match self.objects.get(&id) {
            Some((other, _)) if *other != kind => Err(format!("{id} in it is a {other} and no {kind}")),
            Some((_, data)) => Ok(Some(*data)),
            None if self.found.contains(&id) => Ok(None),
            // The remote of a partial clone has promised its files.
            None if self.is_partial && kind == Kind::Blob => Ok(None),
            None => {
                let header = self.repo.find_header(id).map_err(|_| format!("it lacks the {kind} {id}"))?;
                if header.kind() != kind {
                    return Err(format!("{id} is a {} and no {kind}", header.kind()));
                }
                self.found.insert(id);
                Ok(None)
            }
        }
    }

    /// Goes through the commits that it brings and returns their trees.
    fn commits(&mut self, tip: ObjectId) -> Result<HashSet<ObjectId>> {
        let mut trees = HashSet::new();
        let mut seen = HashSet::from([tip]);
        let mut pending = vec![tip];
        while let Some(id) = pending.pop() {
            let Some(data) = self.object(id, Kind::Commit)? else { continue };
            let commit = CommitRef::from_bytes(data, self.repo.object_hash());
            let commit = commit.map_err(|_| format!("the commit {id} in it cannot be read"))?;
            trees.insert(commit.tree());
            pending.extend(commit.parents().filter(|parent| seen.insert(*parent)));
        }
        Ok(trees)
    }

    /// Goes through the folders that it brings, one level after the other.
    fn trees(&mut self, roots: HashSet<ObjectId>) -> Result<()> {
        let mut level = roots;
        for _ in 0..DEEPEST {
            let mut next = HashSet::new();
            for id in level {
                let Some(data) = self.object(id, Kind::Tree)? else { continue };
                let tree = TreeRef::from_bytes(data, self.repo.object_hash());
                for entry in tree.map_err(|_| format!("the tree {id} in it cannot be read"))?.entries {
                    match entry.mode.kind() {
                        EntryKind::Tree => drop(next.insert(entry.oid.to_owned())),
                        EntryKind::Commit => {}
                        _ => drop(self.object(entry.oid.to_owned(), Kind::Blob)?),
                    }
                }
            }
            if next.is_empty() {
                return Ok(());
            }
            level = next;
        }
        Err("its folders are nested too deep".to_owned())
    }
}
