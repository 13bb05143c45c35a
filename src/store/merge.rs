//! Merging two commits of the branch: the result depends on the two and on the history behind them, and on nothing
//! else, so whoever merges the same two gets the same commit.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use gix::ObjectId;
use gix::objs::tree::{EntryKind, EntryMode};

use super::layout::{ATTIC, IMPORTS, SETTINGS, attic_file_path, attic_path, issue_id};
use super::line::{Contents, Line, Stamp};
use super::lost::{LOST, Lost};
use super::merge_tree::{Leaf, Resolve};
use super::message::Message;
use super::tree_order::in_order;
use super::tree_walk::{DEEPEST, is_portable};
use super::{Store, git_error};
use crate::error::{Error, Kind, Result};
use crate::merge::{FileClass, Part, Past, Pick, Side, WHOLE, merge_file};
use crate::model::{FORMAT, Issue, IssueId, MAX_FILE, Settings};

/// So many files and folders are merged that both sides have changed, beside the files of issues: in the attic and of
/// imports, and anywhere else.
const MOST_KEPT: usize = 100_000;
const MOST_OTHERS: usize = 5000;
/// So often the bases of bases are merged, where histories cross again and again.
const MOST_CROSSINGS: usize = 30;

/// Who is named as the author of a merge: nobody in particular, or two clones would make two commits of one.
const AUTHOR: (&str, &str) = ("quipu", "quipu@quipu.invalid");

/// What stands for the content of a file that is too large: no text.
const UNREADABLE: &[u8] = &[0xff];

/// A merge that has been made, and is on no branch yet.
#[derive(Debug)]
pub(super) struct MergeCommit {
    /// The commit.
    pub id: ObjectId,
    /// What it discarded.
    pub lost: Vec<Lost>,
}

/// Why two commits cannot be merged as things are.
#[derive(Debug)]
pub(super) enum Unmergeable {
    /// The history here is cut off before the place where the two may have parted.
    CutOff,
    /// Anything else.
    Failed(Error),
}

impl From<Error> for Unmergeable {
    fn from(error: Error) -> Self {
        Unmergeable::Failed(error)
    }
}

/// A value that was discarded: the file it stands in.
struct Loser {
    path: String,
    parts: Vec<String>,
    blob: ObjectId,
    stamp: Stamp,
}

/// A merge in the making.
pub(super) struct Merger<'s> {
    pub store: &'s Store,
    pub sides: [Line; 2],
    contents: &'s Contents,
    /// Whether what both started from is a merge of several commits, and stands in none.
    has_several_bases: bool,
    issues: RefCell<HashMap<ObjectId, Option<Rc<Issue>>>>,
    losers: BTreeMap<(String, usize), Loser>,
    /// How much more in the attic and of imports, and of anything but issues elsewhere, is merged entry by entry.
    left_kept: usize,
    left_others: usize,
}

impl Store {
    /// Merges two commits of the branch. Their order does not matter.
    ///
    /// # Errors
    /// `CutOff` where the history has to be deepened first; environment, where one side has a newer format.
    pub(super) fn merge_commits(
        &self,
        one: ObjectId,
        other: ObjectId,
    ) -> std::result::Result<MergeCommit, Unmergeable> {
        let heads = [one.min(other), one.max(other)];
        for head in heads {
            self.check_format_at(head)?;
        }
        let contents = Contents::default();
        let meeting = self.meet(&heads[..1], &heads[1..])?;
        if meeting.is_cut_off() {
            return Err(Unmergeable::CutOff);
        }
        let bases = meeting.bases;
        let base = self.common_tree(&bases, &contents, MOST_CROSSINGS)?;
        let [first, second] = meeting.own;
        let trees = [self.commit_tree(heads[0])?, self.commit_tree(heads[1])?];
        let sides = [Line::new(vec![heads[0]], trees[0], first), Line::new(vec![heads[1]], trees[1], second)];
        let mut merger = Merger::new(self, sides, &contents, &bases);
        let tree = merger.merge(base)?;
        let tree = merger.break_cycles(tree)?;
        let lost = merger.lost();
        let tree = merger.keep_losers(tree, &lost)?;
        Ok(MergeCommit { id: self.write_merge(heads, tree, &lost)?, lost })
    }

    /// Refuses to merge what a newer program wrote.
    pub(super) fn check_format_at(&self, commit: ObjectId) -> Result<()> {
        let file = super::tree::file(&self.repo, self.commit_tree(commit)?, SETTINGS)?;
        let bytes = file.map_or(Ok(Ok(Vec::new())), |id| self.blob_within(id, MAX_FILE as u64))?;
        let text = String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned();
        let stated =
            super::view::stated_format(&text).or_else(|| Settings::read(&text).ok().map(|s| s.format));
        match stated {
            Some(format) if format > FORMAT => Err(Error::new(
                Kind::Environment,
                "newer_format",
                format!("one side has format {format}, this qp merges format {FORMAT}; nothing was changed"),
            )
            .hint(format!("install a qp that knows format {format}"))),
            _ => Ok(()),
        }
    }

    /// Returns the tree that two sides started from: that of their base, or, where they have several, those merged.
    fn common_tree(
        &self,
        bases: &[ObjectId],
        contents: &Contents,
        crossings: usize,
    ) -> Result<Option<ObjectId>> {
        let Some((first, rest)) = bases.split_first() else { return Ok(None) };
        // Where histories cross again and again, the same bases are asked for on many ways, twice as many a crossing.
        if let Some(known) = contents.common_tree(bases) {
            return Ok(Some(known));
        }
        let mut tree = self.commit_tree(*first)?;
        if crossings == 0 {
            return Ok(Some(tree));
        }
        let mut heads = vec![*first];
        for next in rest {
            let meeting = self.meet(&heads, &[*next])?;
            let base = self.common_tree(&meeting.bases, contents, crossings - 1)?;
            let [one, two] = meeting.own;
            let sides =
                [Line::new(heads.clone(), tree, one), Line::new(vec![*next], self.commit_tree(*next)?, two)];
            // What a merge of this kind discards is in the history of both sides, and kept where it was merged.
            tree = Merger::new(self, sides, contents, &meeting.bases).merge(base)?;
            heads.push(*next);
        }
        contents.keep_common_tree(bases, tree);
        Ok(Some(tree))
    }

    /// Returns the tree of a commit.
    pub(super) fn commit_tree(&self, id: ObjectId) -> Result<ObjectId> {
        let commit = self.repo.find_commit(id).map_err(git_error("read a commit"))?;
        Ok(commit.tree_id().map_err(git_error("read a commit"))?.detach())
    }

    fn write_merge(&self, heads: [ObjectId; 2], tree: ObjectId, lost: &[Lost]) -> Result<ObjectId> {
        let boundary = self.boundary()?;
        let known = [self.known(heads[0], &boundary)?, self.known(heads[1], &boundary)?];
        let conflicts: usize = lost.iter().map(|l| l.parts.len()).sum();
        let what = match conflicts {
            0 => String::new(),
            1 => ", 1 conflict".to_owned(),
            n => format!(", {n} conflicts"),
        };
        let [one, two] = heads.map(|id| id.to_hex_with_len(9).to_string());
        let mut message = Message { subject: format!("merge {one} and {two}{what}"), ..Message::default() };
        let time = known.iter().map(|k| k.time).max().unwrap_or_default();
        message.add("Quipu-Time", &time.millis().to_string());
        for lost in lost {
            message.add(LOST, &lost.write());
        }
        let seconds = format!("{} +0000", known.iter().map(|k| k.seconds).max().unwrap_or_default());
        let signature =
            gix::actor::SignatureRef { name: AUTHOR.0.into(), email: AUTHOR.1.into(), time: &seconds };
        self.write_commit(tree, &heads, signature, &message.write())
    }
}

impl<'s> Merger<'s> {
    fn new(store: &'s Store, sides: [Line; 2], contents: &'s Contents, bases: &[ObjectId]) -> Self {
        let has_several_bases = bases.len() > 1;
        Merger {
            store,
            sides,
            contents,
            has_several_bases,
            issues: RefCell::default(),
            losers: BTreeMap::new(),
            left_kept: MOST_KEPT,
            left_others: MOST_OTHERS,
        }
    }

    fn merge(&mut self, base: Option<ObjectId>) -> Result<ObjectId> {
        let store = self.store;
        let trees = [base, Some(self.sides[0].tree), Some(self.sides[1].tree)];
        self.fetch_promised(trees)?;
        let merged = store.merge_trees("", trees, self)?;
        Ok(merged.unwrap_or_else(|| store.repo.empty_tree().id))
    }

    /// Partial clones fetch what they lack in one go.
    fn fetch_promised(&self, [base, ours, theirs]: [Option<ObjectId>; 3]) -> Result<()> {
        if !self.store.is_partial() {
            return Ok(());
        }
        let mut found = Vec::new();
        for side in [ours, theirs] {
            super::tree::differences(&self.store.repo, base, side, "", &mut found)?;
        }
        self.store.fetch_promised(found.into_iter().flat_map(|d| [d.old, d.new]).flatten())
    }

    /// Tells whose write of a part of the file at `path` was the later one.
    fn later(&self, path: &str, part: &str) -> Result<Side> {
        let [ours, theirs] = [self.stamp(0, path, part)?, self.stamp(1, path, part)?];
        let by_tip = || self.sides[0].tip_stamp() > self.sides[1].tip_stamp();
        let is_ours = if ours == theirs { by_tip() } else { ours > theirs };
        Ok(if is_ours { Side::Ours } else { Side::Theirs })
    }

    /// Finds the last write of a part on one side; `None` where the part is as the other side's past has it.
    pub fn stamp(&self, side: usize, path: &str, part: &str) -> Result<Option<Stamp>> {
        self.sides[side].last_write(self.store, path, |blob| self.value(path, part, blob))
    }

    /// Returns the value of a part in a version of a file.
    fn value(&self, path: &str, part: &str, blob: Option<ObjectId>) -> Result<Option<String>> {
        let Some(blob) = blob else { return Ok(None) };
        let raw = || Ok(Some(blob.to_string()));
        if part == WHOLE {
            return raw();
        }
        if let Some(id) = issue_id(path) {
            return match self.issue(id, blob)? {
                Some(issue) => Ok(Part::parse(part).and_then(|part| part.value(&issue))),
                None => raw(),
            };
        }
        if self.is_too_large(EntryKind::Blob.into(), blob)? {
            return raw();
        }
        let bytes = self.contents.get(self.store, blob)?;
        let settings = std::str::from_utf8(&bytes).ok().and_then(|text| Settings::read(text).ok());
        match settings {
            Some(settings) if path == SETTINGS && part == "prefix" => Ok(Some(settings.prefix)),
            Some(settings) if path == SETTINGS => Ok(settings.extra.get(part).cloned()),
            _ => raw(),
        }
    }

    /// Tells whether a file is larger than any that can be read as an issue or as settings: then nobody reads it.
    fn is_too_large(&self, mode: EntryMode, id: ObjectId) -> Result<bool> {
        if !mode.is_blob() {
            return Ok(false);
        }
        self.store.fetch_promised([id])?;
        let header = self.store.repo.find_header(id).map_err(git_error("read a file of the tracker"))?;
        Ok(header.size() > MAX_FILE as u64)
    }

    /// Decodes a version of an issue, once.
    pub fn issue(&self, id: IssueId, blob: ObjectId) -> Result<Option<Rc<Issue>>> {
        if let Some(known) = self.issues.borrow().get(&blob) {
            return Ok(known.clone());
        }
        let mut issue = None;
        if !self.is_too_large(EntryKind::Blob.into(), blob)? {
            let bytes = self.contents.get(self.store, blob)?;
            issue = Issue::read(&bytes, Some(id)).ok().map(Rc::new);
        }
        self.issues.borrow_mut().insert(blob, issue.clone());
        Ok(issue)
    }

    /// Notes that a value is not in the result. `blob` is the file it stands in.
    pub fn note_loser(&mut self, path: &str, side: usize, part: &str, blob: ObjectId) -> Result<()> {
        // Copies of copies serve nobody, and what an import said last can be imported again.
        if path.starts_with(&format!("{ATTIC}/")) || path.starts_with(&format!("{IMPORTS}/")) {
            return Ok(());
        }
        // A name that cannot be written again stays in the history alone.
        if !path.split('/').all(is_portable) {
            return Ok(());
        }
        let stamp = self.stamp(side, path, part)?.unwrap_or_else(|| self.sides[side].tip_stamp());
        let loser = self.losers.entry((path.to_owned(), side)).or_insert_with(|| Loser {
            path: path.to_owned(),
            parts: Vec::new(),
            blob,
            stamp,
        });
        loser.stamp = loser.stamp.max(stamp);
        loser.parts.push(part.to_owned());
        Ok(())
    }

    /// Returns what was discarded, in an order that both sides agree on.
    fn lost(&self) -> Vec<Lost> {
        let lost = self.losers.values().map(|loser| {
            let (time, commit) = loser.stamp;
            let blob = loser.blob.to_string();
            let (what, path) = match issue_id(&loser.path) {
                Some(id) => (id.to_string(), attic_path(id, time, &blob)),
                None => (loser.path.clone(), attic_file_path(&loser.path, time, &blob)),
            };
            let mut parts = loser.parts.clone();
            parts.sort();
            parts.dedup();
            Lost { what, parts, path, commit: commit.to_string() }
        });
        lost.collect()
    }

    /// Puts the losing files into the attic. They are there already, as objects.
    fn keep_losers(&self, tree: ObjectId, lost: &[Lost]) -> Result<ObjectId> {
        if lost.is_empty() {
            return Ok(tree);
        }
        let tree = in_order(&self.store.repo, tree, lost.iter().map(|lost| lost.path.as_str()))?;
        let mut editor = self.store.repo.edit_tree(tree).map_err(git_error("read a tree"))?;
        for (lost, loser) in lost.iter().zip(self.losers.values()) {
            editor
                .upsert(lost.path.as_str(), EntryKind::Blob, loser.blob)
                .map_err(git_error("edit a tree"))?;
        }
        Ok(editor.write().map_err(git_error("write to the repository"))?.detach())
    }
}

/// What the history knows of one file.
struct FilePast<'m> {
    merger: &'m Merger<'m>,
    path: &'m str,
    failure: Option<Error>,
}

impl FilePast<'_> {
    fn known<T>(&mut self, answer: Result<T>) -> Option<T> {
        answer.map_err(|error| self.failure.get_or_insert(error)).ok()
    }
}

impl Past for FilePast<'_> {
    fn later(&mut self, part: &str) -> Side {
        let side = self.merger.later(self.path, part);
        self.known(side).unwrap_or(Side::Ours)
    }

    fn has_true_base(&self) -> bool {
        !self.merger.has_several_bases
    }

    fn wrote(&mut self, part: &str) -> [bool; 2] {
        [0, 1].map(|side| {
            let stamp = self.merger.stamp(side, self.path, part);
            self.known(stamp).flatten().is_some()
        })
    }
}

impl Resolve for Merger<'_> {
    fn goes_into(&mut self, path: &str) -> bool {
        let below = |folder: &str| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
        let left = match path {
            _ if issue_id(path).is_some() => return true,
            _ if below(ATTIC) || below(IMPORTS) => &mut self.left_kept,
            _ => &mut self.left_others,
        };
        *left = left.saturating_sub(1);
        *left > 0 && path.matches('/').count() < DEEPEST
    }

    fn file(
        &mut self,
        path: &str,
        base: Option<Leaf>,
        ours: Option<Leaf>,
        theirs: Option<Leaf>,
    ) -> Result<Option<Leaf>> {
        let class = match issue_id(path) {
            Some(id) => FileClass::Issue(id),
            None if path == SETTINGS => FileClass::Settings,
            None => FileClass::Whole,
        };
        let is_file = |leaf: &Option<Leaf>| leaf.is_none_or(|(mode, _)| mode.is_blob());
        let class = if is_file(&ours) && is_file(&theirs) { class } else { FileClass::Whole };
        let read = |leaf: Option<Leaf>| match leaf {
            Some((mode, id)) if class != FileClass::Whole => match self.is_too_large(mode, id)? {
                false => self.contents.get(self.store, id).map(Some),
                // Nobody reads it, so it stands back behind one that can be read.
                true => Ok(Some(Rc::new(UNREADABLE.to_vec()))),
            },
            Some(_) => Ok(Some(Rc::default())),
            None => Ok(None),
        };
        let [b, o, t] = [read(base)?, read(ours)?, read(theirs)?];
        let [b, o, t] = [&b, &o, &t].map(|bytes| bytes.as_ref().map(|bytes| bytes.as_slice()));
        let mut past = FilePast { merger: self, path, failure: None };
        let merged = merge_file(class, b, o, t, &mut past);
        if let Some(error) = past.failure {
            return Err(error);
        }
        for (side, part) in merged.lost {
            let (index, leaf) = match side {
                Side::Ours => (0, ours),
                Side::Theirs => (1, theirs),
            };
            if let Some((_, blob)) = leaf.filter(|(mode, _)| mode.is_blob_or_symlink()) {
                self.note_loser(path, index, &part, blob)?;
            }
        }
        Ok(match merged.pick {
            Pick::Side(Side::Ours) => ours,
            Pick::Side(Side::Theirs) => theirs,
            Pick::New(bytes) => {
                let id = self.store.repo.write_blob(bytes).map_err(git_error("write to the repository"))?;
                Some((EntryKind::Blob.into(), id.detach()))
            }
        })
    }

    fn displaced(&mut self, path: &str, side: Side, leaf: Leaf) -> Result<()> {
        match leaf {
            // Where a link leads to is a blob, too. The commit of a submodule is none.
            (mode, blob) if mode.is_blob_or_symlink() => {
                self.note_loser(path, usize::from(side == Side::Theirs), WHOLE, blob)
            }
            _ => Ok(()),
        }
    }
}
