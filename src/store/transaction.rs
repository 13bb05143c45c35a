//! A write: one commit, made in the object database and published by a swap of the branch.
//!
//! The closure sees the tracker and says what changes. Where the swap is lost, it runs again on the new tip,
//! so it must not touch anything outside.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::ErrorKind;
use std::rc::Rc;

use gix::ObjectId;
use gix::objs::Kind as ObjectKind;
use gix::objs::tree::EntryKind;

use super::layout::{issue_id, issue_path};
use super::lost::Lost;
use super::outbox_write::Operation;
use super::pack::MANY;
use super::patience::Patience;
use super::refs::{io_kind, is_locked_away, is_read_only};
use super::repacked::{ATTEMPTS, is_missing_object};
use super::room;
use super::tree_order::in_order;
use super::txn::{Parts, Txn, check_path};
use super::view::unreadable_warning;
use super::{Store, Stored, View, git_error};
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::model::{Issue, IssueId, Row, Tracker};

/// Who writes.
#[derive(Clone, Debug)]
pub struct Author {
    /// The name that stands in the issue and in git's history.
    pub actor: String,
    /// The address in git's history.
    pub email: String,
    /// What tells two runs of the same actor apart.
    pub session: String,
}

impl Author {
    /// Returns the author as git's objects and reflogs name one. `time` is written as there: seconds and zone.
    pub(super) fn signature<'a>(&'a self, time: &'a str) -> gix::actor::SignatureRef<'a> {
        gix::actor::SignatureRef { name: self.actor.as_str().into(), email: self.email.as_str().into(), time }
    }
}

/// What a write left behind.
#[derive(Debug)]
pub struct Done<T> {
    /// What the closure returned.
    pub value: T,
    /// The tracker after the write.
    pub view: View,
    /// The commit, in hexadecimal; `None` where nothing changed.
    pub commit: Option<String>,
    /// The identity of the operation.
    pub op: IssueId,
    /// Whether it ended claims that a remote has confirmed. The remote is told by the next exchange.
    pub ended_claims: bool,
    /// Where it stands now.
    pub stored: Stored,
    /// What the branch has taken in from the outbox before it.
    pub taken_in: TakenIn,
}

/// Operations that came from the outbox.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TakenIn {
    /// How many.
    pub operations: usize,
    /// The issues they changed.
    pub issues: BTreeSet<IssueId>,
    /// What a merge with them decided against.
    pub lost: Vec<Lost>,
}

impl Store {
    /// Runs `change` on the newest state and publishes what it asks for as one commit. Nothing is committed
    /// where it fails or asks for nothing.
    ///
    /// # Errors
    /// Those of `change`; busy, where no turn was to be had; environment, where the repository cannot be
    /// written.
    pub fn transact<T>(
        &self,
        context: &Context,
        author: &Author,
        command: &str,
        mut change: impl FnMut(&mut Txn<'_>) -> Result<T>,
    ) -> Result<Done<T>> {
        self.check_owner()?;
        self.overlaid()?.require_tip()?;
        let operation = Operation { context, author, command };
        match self.transact_in_git(&operation, &mut change) {
            Err(refused) if is_locked_away(&refused) => {
                self.transact_in_outbox(&operation, &mut change, refused)
            }
            outcome => outcome,
        }
    }

    fn transact_in_git<T>(
        &self,
        operation: &Operation<'_>,
        change: &mut impl FnMut(&mut Txn<'_>) -> Result<T>,
    ) -> Result<Done<T>> {
        let context = operation.context;
        let _lock = self.lock()?;
        let (taken_in, mut warnings) = self.absorb_before_write(context, operation.author)?;
        let mut patience = Patience::new();
        let mut store = self.clone();
        let mut misses = 0;
        // Waiting for the lock, others may have packed refs. gix looks for new packs by itself.
        drop(store.repo.refs.force_refresh_packed_buffer());
        loop {
            match store.attempt(operation, change) {
                Ok(Some(mut done)) => {
                    done.view.warnings.append(&mut warnings);
                    done.view.warnings.append(&mut patience.warnings);
                    done.taken_in = taken_in;
                    return Ok(done);
                }
                Ok(None) => patience.another_attempt(&store, context.now())?,
                Err(error) if is_missing_object(&error) && misses < ATTEMPTS => misses += 1,
                Err(error) => return Err(error),
            }
            store = self.reopen()?;
        }
    }

    /// Makes a write on the state as it is now; `None` where somebody was quicker to publish.
    fn attempt<T>(
        &self,
        operation: &Operation<'_>,
        change: &mut impl FnMut(&mut Txn<'_>) -> Result<T>,
    ) -> Result<Option<Done<T>>> {
        let Operation { context, author, command } = *operation;
        let view = self.view_here()?;
        view.check_format()?;
        let mut txn = Txn::new(&view, context);
        let value = change(&mut txn)?;
        if txn.is_empty() {
            let warnings = std::mem::take(&mut txn.warnings);
            return Ok(Some(self.unchanged(warnings, view, value, operation)));
        }
        let op = context.fresh_id();
        let parts = Parts::from(txn, author, command, op);
        let Some(published) = self.publish(&view, &parts, author)? else { return Ok(None) };
        let commit = Some(published.commit_id.to_string());
        let ended = parts.ended_claims(&view);
        self.end_claims(ended.iter().map(|(id, token)| (*id, token.as_str())));
        let view = self.after(view, parts, published);
        let (ended_claims, taken_in) = (!ended.is_empty(), TakenIn::default());
        Ok(Some(Done { value, view, commit, op, ended_claims, stored: Stored::Local, taken_in }))
    }

    /// Says that a change asked for nothing.
    pub(super) fn unchanged<T>(
        &self,
        warnings: Vec<String>,
        mut view: View,
        value: T,
        operation: &Operation<'_>,
    ) -> Done<T> {
        view.warnings.extend(warnings);
        let op = operation.context.fresh_id();
        let taken_in = TakenIn::default();
        Done { value, view, commit: None, op, ended_claims: false, stored: Stored::Local, taken_in }
    }

    /// Runs `change` on a view without publishing anything.
    ///
    /// # Errors
    /// Those of `change`.
    pub fn rehearse<T>(
        &self,
        context: &Context,
        view: &View,
        change: impl FnOnce(&mut Txn<'_>) -> Result<T>,
    ) -> Result<T> {
        change(&mut Txn::new(view, context))
    }

    /// Writes objects and swaps the branch; `None` where the swap was lost.
    fn publish(&self, view: &View, parts: &Parts, author: &Author) -> Result<Option<Published>> {
        let tip = view.tip.as_ref().expect("a view to write on has a tip");
        let time = format!("{} +0000", parts.time.millis().div_euclid(1000));
        let signature = author.signature(&time);
        let write = |store: &Store| store.write_parts(view, parts, author);
        let (commit_id, tree) = in_spite_of_gc(|| write(self))?;
        self.flush_objects(&tree.objects)?;
        self.seam.pass();
        let log = format!("qp: {}", parts.message.subject);
        let Some(warning) = self.move_branch(tip.local, tip.commit, commit_id, &log, signature)? else {
            return Ok(None);
        };
        if let Err(error) = self.outlast_gc(&tree.objects, |store| write(store).map(drop)) {
            // Better the state before than a branch that points to nothing.
            self.swap_ref(&self.branch_ref(), Some(commit_id), tip.commit, "qp: take back", signature)?;
            return Err(error);
        }
        self.flush_branch()?;
        Ok(Some(Published { commit_id, tree, warning }))
    }

    /// Writes the objects of a write.
    pub(super) fn write_parts(
        &self,
        view: &View,
        parts: &Parts,
        author: &Author,
    ) -> Result<(ObjectId, WrittenTree)> {
        let tip = view.tip.as_ref().expect("a view to write on has a tip");
        let time = format!("{} +0000", parts.time.millis().div_euclid(1000));
        let mut tree = self.write_tree(view.tree_id, parts)?;
        let message = parts.message.write();
        let id = self.write_commit(tree.tree_id, &[tip.commit], author.signature(&time), &message)?;
        tree.objects.push(id);
        Ok((id, tree))
    }

    pub(super) fn write_tree(&self, base: ObjectId, parts: &Parts) -> Result<WrittenTree> {
        let issues: Vec<String> = parts.issues.keys().map(|id| issue_path(*id)).collect();
        let others = parts.files.keys().chain(parts.copies.keys());
        let base = in_order(&self.repo, base, issues.iter().chain(others).map(String::as_str))?;
        // Many files change many folders: their trees are collected first.
        let collecting = (parts.issues.len() >= MANY && !self.is_in_memory())
            .then(|| self.repo.clone().with_object_memory());
        let repo = collecting.as_ref().unwrap_or(&self.repo);
        let mut editor = repo.edit_tree(base).map_err(git_error("read a tree"))?;
        let mut set = |path: &str, blob_id: Option<ObjectId>| {
            let edited = match blob_id {
                Some(id) => editor.upsert(path, EntryKind::Blob, id),
                None => editor.remove(path),
            };
            edited.map(drop).map_err(git_error("edit a tree"))
        };
        let write = |bytes: &[u8]| self.repo.write_blob(bytes).map(gix::Id::detach).map_err(write_error);
        let blobs = self.write_issues(&parts.issues)?;
        let mut objects: Vec<ObjectId> = blobs.values().copied().collect();
        for id in parts.issues.keys() {
            set(&issue_path(*id), blobs.get(id).copied())?;
        }
        for (path, content) in &parts.files {
            check_path(path)?;
            let blob_id = content.as_deref().map(write).transpose()?;
            objects.extend(blob_id);
            set(path, blob_id)?;
        }
        for (path, id) in &parts.copies {
            check_path(path)?;
            set(path, blobs.get(id).copied())?;
        }
        // gix's own editor would look for every object in every tree; what is new was written just now.
        let written = editor.detach().write(|tree| {
            let id = repo.write_object(tree)?.detach();
            objects.push(id);
            Ok(id)
        });
        let tree_id = written.map_err(write_error)?;
        if let Some(trees) = collecting.and_then(|mut repo| repo.objects.take_object_memory()) {
            self.write_objects(trees.values())?;
        }
        Ok(WrittenTree { tree_id, blobs, objects })
    }

    /// Writes the files of issues: many as one pack, where git takes it.
    fn write_issues(
        &self,
        issues: &BTreeMap<IssueId, Option<Rc<Issue>>>,
    ) -> Result<HashMap<IssueId, ObjectId>> {
        let present: Vec<(IssueId, &Issue)> =
            issues.iter().filter_map(|(id, issue)| Some((*id, issue.as_deref()?))).collect();
        if present.len() >= MANY && !self.is_in_memory() {
            let files = present.iter().map(|(_, issue)| (ObjectKind::Blob, issue.write().into_bytes()));
            if let Some(blobs) = self.write_pack(files)? {
                return Ok(present.iter().map(|(id, _)| *id).zip(blobs).collect());
            }
        }
        let write = |issue: &Issue| self.repo.write_blob(issue.write()).map(gix::Id::detach);
        present.into_iter().map(|(id, issue)| Ok((id, write(issue).map_err(write_error)?))).collect()
    }

    /// Writes a commit object.
    pub(super) fn write_commit(
        &self,
        tree_id: ObjectId,
        parents: &[ObjectId],
        signature: gix::actor::SignatureRef<'_>,
        message: &str,
    ) -> Result<ObjectId> {
        let commit = gix::objs::Commit {
            tree: tree_id,
            parents: parents.iter().copied().collect(),
            author: signature.to_owned().map_err(git_error("name an author"))?,
            committer: signature.to_owned().map_err(git_error("name an author"))?,
            encoding: None,
            message: message.into(),
            extra_headers: Vec::new(),
        };
        Ok(self.repo.write_object(&commit).map_err(write_error)?.detach())
    }

    /// Returns the view after a write, from the one before and what the write changed.
    pub(super) fn after(&self, before: View, parts: Parts, published: Published) -> View {
        let Published { commit_id, tree, warning } = published;
        let Tracker { settings, mut rows, mut unreadable, .. } = before.tracker;
        let gone = parts.issues.keys().copied().collect();
        let is_written = |path: &str| match issue_id(path) {
            Some(id) => parts.issues.contains_key(&id),
            None => parts.files.contains_key(path),
        };
        let warned = unreadable_warning(&unreadable);
        unreadable.retain(|file| !is_written(&file.path));
        let changed = parts.issues.len();
        let row = |(id, issue): (IssueId, Option<Rc<Issue>>)| {
            let (issue, blob_id) = (issue?, tree.blobs.get(&id)?);
            Some(Row {
                comments: u32::try_from(issue.body.comments.len()).unwrap_or(u32::MAX),
                front: issue.front.clone(),
                blob: blob_id.as_slice().to_owned(),
            })
        };
        rows.change(&gone, parts.issues.into_iter().filter_map(row));
        let tracker = Tracker::with_rows(parts.settings.unwrap_or(settings), rows, unreadable);
        self.keep(tree.tree_id, &tracker, changed);
        self.recent.keep(tree.tree_id, &tracker);
        let mut warnings = before.warnings;
        warnings.retain(|warning| Some(warning) != warned.as_ref());
        warnings.splice(0..0, unreadable_warning(&tracker.unreadable));
        warnings.extend(parts.warnings);
        warnings.extend(warning);
        View::new(self.clone(), commit_id, tree.tree_id, tracker, warnings)
    }
}

/// A tree that has been written, and the blobs of the issues in it that are new.
pub(super) struct WrittenTree {
    pub tree_id: ObjectId,
    blobs: HashMap<IssueId, ObjectId>,
    /// All that the tree has and the one before need not have.
    objects: Vec<ObjectId>,
}

/// A commit that stands on the branch.
pub(super) struct Published {
    pub commit_id: ObjectId,
    pub tree: WrittenTree,
    pub warning: Option<String>,
}

/// The code of a failure to write into a folder that has just gone.
const FOLDER_GONE: &str = "folder_gone";

pub(super) fn write_error(error: gix::Error) -> Error {
    if room::is_full(&error) {
        return room::disk_full("cannot write to the repository").because(error);
    }
    let code = match io_kind(&error) {
        Some(ErrorKind::NotFound) => FOLDER_GONE,
        _ if is_read_only(&error) => "read_only",
        _ => "git",
    };
    Error::new(Kind::Environment, code, "cannot write to the repository").because(error)
}

/// Writes objects. `git gc` removes empty folders of the object database, also one in which an object is about to
/// appear: then it is written again.
pub(super) fn in_spite_of_gc<T>(write: impl Fn() -> Result<T>) -> Result<T> {
    const ATTEMPTS: usize = 20;
    let gone = |outcome: &Result<T>| matches!(outcome, Err(e) if e.code() == FOLDER_GONE);
    let mut outcomes = std::iter::repeat_with(&write).take(ATTEMPTS).skip_while(gone);
    outcomes.next().unwrap_or_else(&write)
}
