//! Making the bundle of a session: which commits the remote lacks, and which objects these have brought.

use std::collections::{HashMap, HashSet};

use gix::ObjectId;
use gix::objs::Kind;
use gix::objs::tree::EntryKind;

use super::bundle::{Bundle, BundleError, Header, Object};
use super::meet::Known;
use super::outbox::Outbox;
use super::outbox_name::file_name;
use super::{Store, git_error};
use crate::error::{Error, Kind as ErrorKind, Result};

/// The code of an error: more than a file may hold.
pub(super) const FULL: &str = "outbox_full";

/// A bundle that was saved.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Saved {
    /// The file.
    pub path: std::path::PathBuf,
    /// Its name as it is typed: below the root of the working tree.
    pub name: String,
    /// The operations in it; merges do not count.
    pub operations: usize,
    /// The newest commit in it, in hexadecimal.
    pub tip: String,
}

/// A bundle in bytes.
pub(super) struct Packed {
    header: Header,
    bytes: Vec<u8>,
    operations: usize,
}

impl Store {
    /// Saves what the remote lacks, as far as is known here, as the session's file in the outbox; `None` where it lacks
    /// nothing. The file has everything that the one before it had.
    ///
    /// # Errors
    /// Environment, without a working tree or a tracker, or where the outbox cannot be written.
    pub fn save_outbox(&self, session: &str) -> Result<Option<Saved>> {
        let Some(outbox) = self.outbox_place() else {
            let message = "a bare repository has no working tree, and so no outbox";
            return Err(Error::new(ErrorKind::Environment, "no_outbox", message));
        };
        let tip = self.require_tip()?.commit;
        let Some(packed) = self.pack_outbox(tip, self.both_tips()?.1)? else { return Ok(None) };
        let _lock = outbox.open()?;
        self.write_outbox(&outbox, session, tip, packed).map(Some)
    }

    /// Writes a session's file, and removes the one that it replaces. The caller holds the lock of the outbox.
    pub(super) fn write_outbox(
        &self,
        outbox: &Outbox,
        session: &str,
        tip: ObjectId,
        packed: Packed,
    ) -> Result<Saved> {
        let name = file_name(session, tip);
        // One of the same tip may build upon commits that the remote has no more, or be of another branch.
        let is_there = outbox.content(&name).bundle().is_ok_and(|bundle| bundle.header == packed.header);
        if !is_there {
            outbox.write(&name, &packed.bytes)?;
        }
        self.replace_latest(outbox, session, &name, &packed.header);
        let path = outbox.path(&name);
        Ok(Saved { path, name: typed(&name), operations: packed.operations, tip: tip.to_string() })
    }

    /// Packs what `known` lacks of `tip`; everything, without a `known`.
    pub(super) fn pack_outbox(&self, tip: ObjectId, known: Option<ObjectId>) -> Result<Option<Packed>> {
        let [own, _] = self.meet(&[tip], known.as_slice())?.own;
        if own.is_empty() {
            return Ok(None);
        }
        let mut picked = Picked { store: self, seen: HashSet::new(), objects: Vec::new() };
        let prerequisites = picked.commits(&own)?;
        // The first commit is the same in every tracker, and merges are nobody's.
        let operations = own.values().filter(|k| k.parents.len() == 1 || k.is_boundary).count();
        let header = Header { hash: self.repo.object_hash(), prerequisites, name: self.branch_ref(), tip };
        let bytes = Bundle { header: header.clone(), objects: picked.objects }.write().map_err(|e| {
            let message = match e {
                BundleError::TooLarge(what) => {
                    format!("what is not shared is too much for the outbox: {what}")
                }
                other => other.to_string(),
            };
            Error::new(ErrorKind::Environment, FULL, message)
                .hint("qp sync, where .git can be written and the remote can be reached")
        })?;
        Ok(Some(Packed { header, bytes, operations }))
    }
}

/// Returns the name of a file as it is typed.
pub(super) fn typed(name: &str) -> String {
    format!("{}/{name}", super::outbox::FOLDER.join("/"))
}

/// The objects of a bundle in the making.
struct Picked<'s> {
    store: &'s Store,
    seen: HashSet<ObjectId>,
    objects: Vec<Object>,
}

impl Picked<'_> {
    /// Takes commits with what is new in their trees, and returns the commits that they build upon.
    fn commits(&mut self, own: &HashMap<ObjectId, Known>) -> Result<Vec<ObjectId>> {
        let mut prerequisites = Vec::new();
        for id in parents_first(own) {
            let (id, known) = (&id, &own[&id]);
            let repo = &self.store.repo;
            let parents: Vec<ObjectId> = {
                let commit = repo.find_commit(*id).map_err(git_error("read a commit"))?;
                commit.parent_ids().map(gix::Id::detach).collect()
            };
            prerequisites.extend(parents.iter().filter(|parent| !own.contains_key(*parent)));
            // Beyond the boundary of a shallow history there is nothing to compare with.
            let here = parents.iter().filter(|parent| repo.has_object(**parent));
            let before = here.map(|parent| self.store.commit_tree(*parent)).collect::<Result<Vec<_>>>()?;
            self.object(*id)?;
            self.tree(known.tree, &before)?;
        }
        prerequisites.sort_unstable();
        prerequisites.dedup();
        Ok(prerequisites)
    }

    /// Takes a tree and what is in it, but for what one of the trees before has in the same place.
    fn tree(&mut self, id: ObjectId, before: &[ObjectId]) -> Result<()> {
        if before.contains(&id) || !self.object(id)? {
            return Ok(());
        }
        let repo = &self.store.repo;
        let failed = git_error("read a tree");
        let tree = repo.find_tree(id).map_err(&failed)?;
        let before = before.iter().map(|id| entries(repo, *id)).collect::<Result<Vec<_>>>()?;
        for entry in tree.iter() {
            let entry = entry.map_err(git_error("read a tree"))?;
            let oid = entry.object_id();
            let same_name = |tree: &Entries| tree.get(&**entry.filename()).copied();
            let others: Vec<(bool, ObjectId)> = before.iter().filter_map(same_name).collect();
            if others.iter().any(|(_, other)| *other == oid) {
                continue;
            }
            match entry.mode().kind() {
                EntryKind::Tree => {
                    let trees = others.iter().filter(|(is_tree, _)| *is_tree).map(|(_, other)| *other);
                    self.tree(oid, &trees.collect::<Vec<_>>())?;
                }
                EntryKind::Commit => {}
                _ => drop(self.object(oid)?),
            }
        }
        Ok(())
    }

    /// Takes an object; tells whether it is new.
    fn object(&mut self, id: ObjectId) -> Result<bool> {
        if !self.seen.insert(id) {
            return Ok(false);
        }
        self.store.fetch_promised([id])?;
        let mut object = self.store.repo.find_object(id).map_err(git_error("read an object"))?;
        let kind: Kind = object.kind;
        self.objects.push((id, kind, std::mem::take(&mut object.data)));
        Ok(true)
    }
}

/// Returns commits so that each stands behind its parents: whatever a parent has is taken then, or not needed. Dates do
/// not say it, because several commits are made within a second, and clocks go wrong.
fn parents_first(own: &HashMap<ObjectId, Known>) -> Vec<ObjectId> {
    let mut heads: Vec<ObjectId> = own.keys().copied().collect();
    heads.sort_unstable();
    let (mut order, mut met) = (Vec::with_capacity(heads.len()), HashSet::new());
    let mut todo: Vec<(ObjectId, bool)> = heads.into_iter().map(|id| (id, false)).collect();
    while let Some((id, is_done)) = todo.pop() {
        if is_done {
            order.push(id);
        } else if met.insert(id) {
            todo.push((id, true));
            let parents = own[&id].parents.iter().filter(|parent| own.contains_key(*parent));
            todo.extend(parents.map(|parent| (*parent, false)));
        }
    }
    order
}

/// What a tree holds: name → whether it is a folder, and its id.
type Entries = HashMap<Vec<u8>, (bool, ObjectId)>;

fn entries(repo: &gix::Repository, id: ObjectId) -> Result<Entries> {
    let tree = repo.find_tree(id).map_err(git_error("read a tree"))?;
    let entry = |entry: gix::object::tree::EntryRef<'_, '_>| {
        (entry.filename().to_vec(), (entry.mode().is_tree(), entry.object_id()))
    };
    tree.iter().map(|found| found.map(entry).map_err(git_error("read a tree"))).collect()
}
