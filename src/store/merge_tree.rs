//! Three trees become one, entry by entry. What is equal on two of them is taken without being read.

use std::collections::BTreeMap;

use gix::ObjectId;
use gix::bstr::BString;
use gix::objs::tree::{Entry, EntryMode};

use super::{Store, git_error};
use crate::error::Result;
use crate::merge::Side;

/// A file, or whatever else is no folder.
pub(super) type Leaf = (EntryMode, ObjectId);

/// Decides about what both sides changed differently.
pub(super) trait Resolve {
    /// Tells whether what both sides have changed at `path` is looked into. Whoever merges the same two asks in the same
    /// order, and must get the same answers.
    fn goes_into(&mut self, path: &str) -> bool;

    /// Both sides have changed the file at `path`, or one of them has deleted it.
    fn file(
        &mut self,
        path: &str,
        base: Option<Leaf>,
        ours: Option<Leaf>,
        theirs: Option<Leaf>,
    ) -> Result<Option<Leaf>>;

    /// A file of this side has to make room for a folder of the other.
    fn displaced(&mut self, path: &str, side: Side, leaf: Leaf) -> Result<()>;
}

impl Store {
    /// Merges trees and writes the result; `None` is a folder that is not there.
    pub(super) fn merge_trees(
        &self,
        path: &str,
        trees: [Option<ObjectId>; 3],
        resolver: &mut impl Resolve,
    ) -> Result<Option<ObjectId>> {
        let mut names: BTreeMap<BString, [Option<Entry>; 3]> = BTreeMap::new();
        for (at, tree) in trees.into_iter().enumerate() {
            let Some(tree) = tree else { continue };
            let tree = self.repo.find_tree(tree).map_err(git_error("read a tree"))?;
            for entry in tree.decode().map_err(git_error("read a tree"))?.entries {
                names.entry(entry.filename.to_owned()).or_default()[at] = Some(entry.into());
            }
        }
        let mut merged: Vec<Entry> = Vec::with_capacity(names.len());
        for (name, sides) in names {
            if let Some((mode, oid)) = self.merge_entry(path, &name, &sides, resolver)? {
                merged.push(Entry { mode, filename: name, oid });
            }
        }
        if merged.is_empty() {
            return Ok(None);
        }
        merged.sort();
        let tree = gix::objs::Tree { entries: merged };
        Ok(Some(self.repo.write_object(&tree).map_err(git_error("write to the repository"))?.detach()))
    }

    fn merge_entry(
        &self,
        folder: &str,
        name: &BString,
        sides: &[Option<Entry>; 3],
        resolver: &mut impl Resolve,
    ) -> Result<Option<Leaf>> {
        let value = |entry: &Option<Entry>| entry.as_ref().map(|e| (e.mode, e.oid));
        let [base, ours, theirs] = sides.each_ref().map(value);
        if ours == theirs || theirs == base {
            return Ok(ours);
        }
        if ours == base {
            return Ok(theirs);
        }
        let name = name.to_string();
        let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
        if !resolver.goes_into(&path) {
            // No tracker has so much else. One of the two stands, the same for everybody.
            return Ok([ours, theirs].into_iter().max_by_key(|leaf| leaf.map(|(_, id)| id)).flatten());
        }
        let folders = [base, ours, theirs].map(|e| e.filter(|(mode, _)| mode.is_tree()).map(|(_, id)| id));
        let [base, ours, theirs] = [base, ours, theirs].map(|e| e.filter(|(mode, _)| !mode.is_tree()));
        let mut merged = None;
        if folders[1].is_some() || folders[2].is_some() {
            merged = self.merge_trees(&path, folders, resolver)?;
        }
        let Some(folder) = merged else {
            return if ours == theirs || theirs == base {
                Ok(ours)
            } else if ours == base {
                Ok(theirs)
            } else {
                resolver.file(&path, base, ours, theirs)
            };
        };
        for (side, leaf) in [(Side::Ours, ours), (Side::Theirs, theirs)] {
            if let Some(leaf) = leaf.filter(|leaf| Some(*leaf) != base) {
                resolver.displaced(&path, side, leaf)?;
            }
        }
        Ok(Some((gix::objs::tree::EntryKind::Tree.into(), folder)))
    }
}
