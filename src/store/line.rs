//! One side of a merge: its heads, its tree, and who wrote what on it.
//!
//! The history is the clock: no file carries a stamp for each field. Whoever needs to know when a part was written
//! asks the commits that this side has of its own.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use gix::ObjectId;

use super::meet::Known;
use super::{Store, tree};
use crate::error::Result;
use crate::model::Timestamp;

/// A write: when, and in which commit. The greater one is the later.
pub(super) type Stamp = (Timestamp, ObjectId);

/// One side of a merge.
pub(super) struct Line {
    /// The newest commits.
    pub heads: Vec<ObjectId>,
    /// The tree of the head, or the merged one of several.
    pub tree: ObjectId,
    own: HashMap<ObjectId, Known>,
    order: OnceCell<Vec<ObjectId>>,
    touched: OnceCell<HashMap<String, BTreeSet<ObjectId>>>,
    blobs: RefCell<HashMap<(ObjectId, String), Option<ObjectId>>>,
}

impl Line {
    /// A side with the commits that only it has.
    pub fn new(heads: Vec<ObjectId>, tree: ObjectId, own: HashMap<ObjectId, Known>) -> Self {
        Line { heads, tree, own, order: OnceCell::new(), touched: OnceCell::new(), blobs: RefCell::default() }
    }

    /// Finds the last write of a part of the file at `path`: the greatest of those writes that no other one of this
    /// side follows. A write is a commit in which the part is otherwise than in every parent.
    pub fn last_write<T: PartialEq>(
        &self,
        store: &Store,
        path: &str,
        mut value: impl FnMut(Option<ObjectId>) -> Result<T>,
    ) -> Result<Option<Stamp>> {
        let touched = self.touched(store)?;
        let Some(candidates) = touched.get(path) else { return Ok(None) };
        let mut writers = HashSet::new();
        for id in candidates {
            let now = value(self.blob(store, *id, self.own[id].tree, path)?)?;
            let mut is_writer = true;
            for parent in &self.own[id].parents {
                let tree = self.tree_of(store, *parent)?;
                is_writer &= value(self.blob(store, *parent, tree, path)?)? != now;
            }
            if is_writer {
                writers.insert(*id);
            }
        }
        let stamp = |id: &ObjectId| (self.own[id].time, *id);
        if writers.len() < 2 {
            return Ok(writers.iter().map(stamp).max());
        }
        Ok(self.newest(&writers).iter().map(stamp).max())
    }

    /// Leaves out the commits that another one of the set descends from.
    fn newest(&self, writers: &HashSet<ObjectId>) -> Vec<ObjectId> {
        let mut followed: HashSet<ObjectId> = HashSet::new();
        let mut found = Vec::new();
        for id in self.order() {
            let covered = followed.contains(id);
            let writes = writers.contains(id);
            if writes && !covered {
                found.push(*id);
            }
            if writes || covered {
                followed.extend(self.own[id].parents.iter().copied());
            }
        }
        found
    }

    /// Returns the commits of this side alone, each before those it follows.
    fn order(&self) -> &[ObjectId] {
        self.order.get_or_init(|| {
            let mut children: HashMap<ObjectId, usize> = HashMap::new();
            for known in self.own.values() {
                for parent in known.parents.iter().collect::<BTreeSet<_>>() {
                    *children.entry(*parent).or_default() += 1;
                }
            }
            let mut ready: Vec<ObjectId> =
                self.own.keys().filter(|id| !children.contains_key(*id)).copied().collect();
            let mut order = Vec::with_capacity(self.own.len());
            while let Some(id) = ready.pop() {
                order.push(id);
                for parent in self.own[&id].parents.iter().collect::<BTreeSet<_>>() {
                    let left = children.get_mut(parent).expect("counted above");
                    *left -= 1;
                    if *left == 0 && self.own.contains_key(parent) {
                        ready.push(*parent);
                    }
                }
            }
            order
        })
    }

    /// Returns for each path the commits in which it is otherwise than in every parent.
    fn touched(&self, store: &Store) -> Result<&HashMap<String, BTreeSet<ObjectId>>> {
        if let Some(touched) = self.touched.get() {
            return Ok(touched);
        }
        let mut touched: HashMap<String, BTreeSet<ObjectId>> = HashMap::new();
        for (id, known) in &self.own {
            let mut paths: Option<HashSet<String>> = None;
            for parent in &known.parents {
                let mut found = Vec::new();
                let old = self.tree_of(store, *parent)?;
                tree::differences(&store.repo, Some(old), Some(known.tree), "", &mut found)?;
                let found: HashSet<String> = found.into_iter().map(|d| d.path).collect();
                paths = Some(match paths {
                    Some(paths) => paths.intersection(&found).cloned().collect(),
                    None => found,
                });
            }
            if known.parents.is_empty() && !known.is_boundary {
                let mut found = Vec::new();
                tree::differences(&store.repo, None, Some(known.tree), "", &mut found)?;
                paths = Some(found.into_iter().map(|d| d.path).collect());
            }
            for path in paths.into_iter().flatten() {
                touched.entry(path).or_default().insert(*id);
            }
        }
        Ok(self.touched.get_or_init(|| touched))
    }

    fn tree_of(&self, store: &Store, id: ObjectId) -> Result<ObjectId> {
        match self.own.get(&id) {
            Some(known) => Ok(known.tree),
            None => store.commit_tree(id),
        }
    }

    fn blob(&self, store: &Store, commit: ObjectId, tree: ObjectId, path: &str) -> Result<Option<ObjectId>> {
        let key = (commit, path.to_owned());
        if let Some(known) = self.blobs.borrow().get(&key) {
            return Ok(*known);
        }
        let found = tree::lookup(&store.repo, tree, path)?.filter(|(_, is_tree)| !is_tree).map(|(id, _)| id);
        self.blobs.borrow_mut().insert(key, found);
        Ok(found)
    }

    /// Returns the time of the newest commit, for what nobody on this side wrote.
    pub fn tip_stamp(&self) -> Stamp {
        let stamp = |id: &ObjectId| (self.own.get(id).map_or(Timestamp::default(), |k| k.time), *id);
        self.heads.iter().map(stamp).max().expect("a side has a head")
    }
}

/// What is read or worked out once in a merge: contents of files, and the trees that several bases make.
#[derive(Default)]
pub(super) struct Contents {
    files: RefCell<HashMap<ObjectId, Rc<Vec<u8>>>>,
    common: RefCell<HashMap<Vec<ObjectId>, ObjectId>>,
}

impl Contents {
    /// Returns the tree that these bases make together, where it has been worked out.
    pub fn common_tree(&self, bases: &[ObjectId]) -> Option<ObjectId> {
        self.common.borrow().get(bases).copied()
    }

    /// Keeps the tree that these bases make together.
    pub fn keep_common_tree(&self, bases: &[ObjectId], tree: ObjectId) {
        self.common.borrow_mut().insert(bases.to_vec(), tree);
    }

    /// Returns the content of a blob.
    pub fn get(&self, store: &Store, id: ObjectId) -> Result<Rc<Vec<u8>>> {
        if let Some(known) = self.files.borrow().get(&id) {
            return Ok(Rc::clone(known));
        }
        let content = Rc::new(store.blob(id)?);
        self.files.borrow_mut().insert(id, Rc::clone(&content));
        Ok(content)
    }
}
