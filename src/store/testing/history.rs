//! Histories for tests of the merge: commits in memory, made as a write makes them, without lock, branch or disk.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use gix::ObjectId;
use gix::objs::tree::EntryKind;

use super::super::merge::Unmergeable;
use super::super::transaction::Author;
use super::super::txn::{Parts, Txn};
use super::super::{Store, View, git_error};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::model::Timestamp;

/// What a raw commit puts at a path.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Put {
    /// A file with this content.
    File(Vec<u8>),
    /// A file that may be run, with this content.
    Program(Vec<u8>),
    /// A symbolic link to this.
    Link(Vec<u8>),
    /// A submodule at this commit, in hexadecimal.
    Submodule(String),
    /// Nothing: what is there goes away.
    Nothing,
}

/// The commits that a side has and the other has not, and where the two meet: ids in hexadecimal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Met {
    /// The best common ancestors.
    pub bases: BTreeSet<String>,
    /// What each has of its own.
    pub own: [BTreeSet<String>; 2],
}

/// Commits that are named by their ids in hexadecimal.
pub struct History {
    store: Store,
}

impl History {
    /// Starts in the repository of a store. With `in_memory`, nothing is written to it.
    pub fn new(mut store: Store, in_memory: bool) -> Self {
        if in_memory {
            store.repo = store.repo.with_object_memory();
        }
        History { store }
    }

    /// Returns the commit that every tracker begins with.
    ///
    /// # Errors
    /// Environment, where the repository cannot be written.
    pub fn root(&self) -> Result<String> {
        Ok(self.store.write_root()?.to_string())
    }

    /// Runs `change` on a commit and returns the one that follows it, if there is one.
    ///
    /// # Errors
    /// Those of `change`; environment, where objects cannot be read or written.
    pub fn write<T>(
        &self,
        context: &Context,
        author: &Author,
        parent: &str,
        change: impl FnOnce(&mut Txn<'_>) -> Result<T>,
    ) -> Result<Option<String>> {
        let view = self.view(parent)?;
        let mut txn = Txn::new(&view, context);
        change(&mut txn)?;
        if txn.is_empty() {
            return Ok(None);
        }
        let parts = Parts::from(txn, author, "test", context.fresh_id());
        let tree = self.store.write_tree(view.tree_id, &parts)?.tree_id;
        let message = parts.message.write();
        self.commit(tree, &[parent], parts.time.millis().div_euclid(1000), &message).map(Some)
    }

    /// Makes a commit as any program could: files put into the tree of the first parent, and a date in seconds.
    ///
    /// # Errors
    /// Environment, where objects cannot be read or written.
    pub fn raw(&self, parents: &[&str], puts: &[(&str, Put)], seconds: i64, message: &str) -> Result<String> {
        let base = match parents.first() {
            Some(parent) => self.store.commit_tree(id(parent))?,
            None => self.store.repo.empty_tree().id,
        };
        let mut editor = self.store.repo.edit_tree(base).map_err(git_error("read a tree"))?;
        for (path, put) in puts {
            let blob = |bytes: &Vec<u8>| {
                self.store.repo.write_blob(bytes).map(gix::Id::detach).map_err(git_error("write a file"))
            };
            let (kind, entry) = match put {
                Put::File(bytes) => (EntryKind::Blob, blob(bytes)?),
                Put::Program(bytes) => (EntryKind::BlobExecutable, blob(bytes)?),
                Put::Link(bytes) => (EntryKind::Link, blob(bytes)?),
                Put::Submodule(commit) => (EntryKind::Commit, id(commit)),
                Put::Nothing => {
                    editor.remove(*path).map_err(git_error("edit a tree"))?;
                    continue;
                }
            };
            editor.upsert(*path, kind, entry).map_err(git_error("edit a tree"))?;
        }
        let tree = editor.write().map_err(git_error("write a tree"))?.detach();
        self.commit(tree, parents, seconds, message)
    }

    fn commit(&self, tree: ObjectId, parents: &[&str], seconds: i64, message: &str) -> Result<String> {
        let time = format!("{seconds} +0000");
        let signature =
            gix::actor::SignatureRef { name: "test".into(), email: "test@quipu.invalid".into(), time: &time };
        let parents: Vec<ObjectId> = parents.iter().map(|parent| id(parent)).collect();
        Ok(self.store.write_commit(tree, &parents, signature, message)?.to_string())
    }

    /// Merges two commits.
    ///
    /// # Errors
    /// Where the merge refuses.
    pub fn merge(&self, one: &str, other: &str) -> Result<String> {
        match self.store.merge_commits(id(one), id(other)) {
            Ok(merge) => Ok(merge.id.to_string()),
            Err(Unmergeable::Failed(error)) => Err(error),
            Err(Unmergeable::CutOff) => Err(Error::bug("the history is cut off")),
        }
    }

    /// Finds out where two commits meet.
    ///
    /// # Errors
    /// Environment, where objects cannot be read.
    pub fn meet(&self, one: &str, other: &str) -> Result<Met> {
        let meeting = self.store.meet(&[id(one)], &[id(other)])?;
        let own = meeting.own.map(|own| own.keys().map(ToString::to_string).collect());
        Ok(Met { bases: meeting.bases.iter().map(ToString::to_string).collect(), own })
    }

    /// Returns the tracker at a commit.
    ///
    /// # Errors
    /// Environment, where objects cannot be read.
    pub fn view(&self, commit: &str) -> Result<View> {
        self.store.view_commit(id(commit))
    }

    /// Returns when a commit was written: by its trailer, else by its author's clock.
    ///
    /// # Errors
    /// Environment, where objects cannot be read.
    pub fn author_time(&self, commit: &str) -> Result<Timestamp> {
        Ok(self.store.known(id(commit), &HashSet::new())?.time)
    }

    /// Returns the message of a commit.
    ///
    /// # Errors
    /// Environment, where objects cannot be read.
    pub fn message(&self, commit: &str) -> Result<String> {
        let commit = self.store.repo.find_commit(id(commit)).map_err(git_error("read a commit"))?;
        Ok(commit.message_raw_sloppy().to_string())
    }

    /// Returns everything in the tree of a commit but folders: its path, and what it is. Names that are not UTF-8 are
    /// shown as well as they can be.
    ///
    /// # Errors
    /// Environment, where objects cannot be read.
    pub fn files(&self, commit: &str) -> Result<BTreeMap<String, Put>> {
        let mut found = BTreeMap::new();
        self.files_below(self.store.commit_tree(id(commit))?, "", &mut found)?;
        Ok(found)
    }

    fn files_below(&self, tree: ObjectId, folder: &str, found: &mut BTreeMap<String, Put>) -> Result<()> {
        let tree = self.store.repo.find_tree(tree).map_err(git_error("read a tree"))?;
        for entry in tree.iter() {
            let entry = entry.map_err(git_error("read a tree"))?;
            let path = format!("{folder}{}", entry.filename());
            let oid = entry.object_id();
            let put = match entry.mode().kind() {
                EntryKind::Tree => {
                    self.files_below(oid, &format!("{path}/"), found)?;
                    continue;
                }
                EntryKind::Blob => Put::File(self.store.blob(oid)?),
                EntryKind::BlobExecutable => Put::Program(self.store.blob(oid)?),
                EntryKind::Link => Put::Link(self.store.blob(oid)?),
                EntryKind::Commit => Put::Submodule(oid.to_string()),
            };
            found.insert(path, put);
        }
        Ok(())
    }
}

fn id(text: &str) -> ObjectId {
    ObjectId::from_hex(text.as_bytes()).expect("an id")
}
