//! Cycles of waiting that neither side has, and that a merge alone would make.
//!
//! The latest edge on any of them is dropped, its file is kept in the attic, and so on until none is left.

use std::collections::BTreeSet;

use gix::ObjectId;
use gix::objs::tree::EntryKind;

use super::layout::{ISSUES, issue_id, issue_path};
use super::line::Stamp;
use super::merge::Merger;
use super::tree_order::in_order;
use super::{git_error, tree};
use crate::error::Result;
use crate::model::{Issue, IssueId, Ref, Timestamp, Tracker, WaitEdge};

/// An edge by the identities of its ends: the one that waits, what it waits for, and whether that is its parent.
type Edge = (IssueId, IssueId, bool);

/// Who wrote an edge.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Writer {
    stamp: Stamp,
    side: usize,
    /// The file there.
    blob: ObjectId,
    /// The part of the issue that holds the edge.
    part: String,
}

impl Merger<'_> {
    /// Drops edges from a merged tree until it has no cycle that comes from the merge.
    pub fn break_cycles(&mut self, merged: ObjectId) -> Result<ObjectId> {
        if !self.adds_edges(0, merged)? || !self.adds_edges(1, merged)? {
            return Ok(merged);
        }
        let mut merged = merged;
        let mut spared: Option<BTreeSet<Edge>> = None;
        loop {
            let cyclic = self.cyclic_edges(merged)?;
            if cyclic.is_empty() {
                return Ok(merged);
            }
            if spared.is_none() {
                let [ours, theirs] = [self.sides[0].tree, self.sides[1].tree];
                let mut both = self.cyclic_edges(ours)?;
                both.append(&mut self.cyclic_edges(theirs)?);
                spared = Some(both);
            }
            let is_spared = |edge: &Edge| spared.as_ref().is_some_and(|spared| spared.contains(edge));
            let tracker = self.tracker(merged)?;
            let mut latest: Option<(Edge, Writer)> = None;
            for edge in cyclic.into_iter().filter(|edge| !is_spared(edge)) {
                let Some(writer) = self.writer(&tracker, edge)? else { continue };
                let key = |(edge, writer): &(Edge, Writer)| (writer.stamp.0, *edge);
                let found = (edge, writer);
                if latest.as_ref().is_none_or(|l| key(l) < key(&found)) {
                    latest = Some(found);
                }
            }
            let Some((edge, writer)) = latest else { return Ok(merged) };
            merged = self.without(&tracker, merged, edge)?;
            self.note_loser(&issue_path(edge.0), writer.side, &writer.part, writer.blob)?;
        }
    }

    /// Tells whether the merged tree has edges that a side has not.
    fn adds_edges(&self, side: usize, merged: ObjectId) -> Result<bool> {
        let repo = &self.store.repo;
        let issues = |tree| {
            Ok::<_, crate::error::Error>(
                tree::lookup(repo, tree, ISSUES)?.and_then(|(id, is_tree)| is_tree.then_some(id)),
            )
        };
        let mut found = Vec::new();
        tree::differences(repo, issues(self.sides[side].tree)?, issues(merged)?, ISSUES, &mut found)?;
        for difference in found {
            let (Some(id), Some(new)) = (issue_id(&difference.path), difference.new) else { continue };
            let Some(new) = self.issue(id, new)? else { continue };
            // An issue that is new to a side, or back, has edges that lead to it, too.
            let Some(old) = difference.old else { return Ok(true) };
            let Some(old) = self.issue(id, old)? else { return Ok(true) };
            let gained = new.front.blocked_by.difference(&old.front.blocked_by).next().is_some();
            if gained || new.front.parent.is_some() && new.front.parent != old.front.parent {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn cyclic_edges(&self, tree: ObjectId) -> Result<BTreeSet<Edge>> {
        let tracker = self.tracker(tree)?;
        let id = |at: usize| tracker.rows.id(at);
        let edge = |edge| match edge {
            WaitEdge::Blocker(from, to) => (id(from), id(to), false),
            WaitEdge::Parent(from, to) => (id(from), id(to), true),
        };
        Ok(tracker.graph().cyclic_edges().into_iter().map(edge).collect())
    }

    fn tracker(&self, tree: ObjectId) -> Result<Tracker> {
        self.store.load_tracker(self.sides[0].heads[0], tree)
    }

    /// Finds who wrote an edge: when, on which side, and the file there. An edge that nobody wrote since the sides
    /// parted is older than any other; it goes only where no other can.
    fn writer(&self, tracker: &Tracker, edge: Edge) -> Result<Option<Writer>> {
        let path = issue_path(edge.0);
        let mut found = None;
        for side in [0, 1] {
            let blob = tree::lookup(&self.store.repo, self.sides[side].tree, &path)?;
            let Some((blob, false)) = blob else { continue };
            let Some(issue) = self.issue(edge.0, blob)? else { continue };
            for part in parts(&issue, tracker, edge) {
                let stamp = self.stamp(side, &path, &part)?;
                let stamp = stamp.unwrap_or((Timestamp::default(), self.sides[side].heads[0]));
                found = found.max(Some(Writer { stamp, side, blob, part }));
            }
        }
        Ok(found)
    }

    /// Returns the tree without an edge.
    fn without(&self, tracker: &Tracker, merged: ObjectId, edge: Edge) -> Result<ObjectId> {
        let path = issue_path(edge.0);
        let found = tree::lookup(&self.store.repo, merged, &path)?;
        let Some((blob, false)) = found else { return Ok(merged) };
        let Some(issue) = self.issue(edge.0, blob)? else { return Ok(merged) };
        let mut issue = Issue::clone(&issue);
        if edge.2 {
            issue.front.parent = None;
        } else {
            let keys = tracker.keys();
            let target = tracker.position(edge.1);
            issue.front.blocked_by.retain(|r| keys.resolve_ref(r) != target);
        }
        let failed = git_error("write to the repository");
        let blob = self.store.repo.write_blob(issue.write()).map_err(&failed)?.detach();
        let merged = in_order(&self.store.repo, merged, [path.as_str()])?;
        let mut editor = self.store.repo.edit_tree(merged).map_err(git_error("read a tree"))?;
        editor.upsert(path.as_str(), EntryKind::Blob, blob).map_err(git_error("edit a tree"))?;
        Ok(editor.write().map_err(failed)?.detach())
    }
}

/// Names the parts of an issue that hold an edge. A file written by hand may call the other end by its key.
fn parts(issue: &Issue, tracker: &Tracker, edge: Edge) -> Vec<String> {
    let target = tracker.position(edge.1);
    let leads = |r: &&Ref| tracker.keys().resolve_ref(r) == target;
    if edge.2 {
        issue.front.parent.iter().filter(leads).map(|_| "parent".to_owned()).collect()
    } else {
        issue.front.blocked_by.iter().filter(leads).map(|r| format!("blocked_by:{r}")).collect()
    }
}
