//! The tracker as it stands at one commit.

use std::collections::{BTreeMap, HashSet};
use std::rc::Rc;

use gix::ObjectId;

use super::cache::Cached;
use super::layout::{ISSUES, SETTINGS, is_import_path, issue_id, issue_path};
use super::tip::Tip;
use super::{LogEntry, Store, git_error, tree};
use crate::error::{Error, Kind, Result};
use crate::model::{FORMAT, Issue, IssueId, Settings, Timestamp, Tracker, Unreadable};

/// A tracker read from a commit, with access to the texts of its issues.
#[derive(Debug)]
pub struct View {
    store: Store,
    pub(super) commit_id: ObjectId,
    pub(super) tree_id: ObjectId,
    pub(super) tip: Option<Tip>,
    /// Issues that stand in memory only, while a write is made in steps.
    unwritten: BTreeMap<IssueId, Rc<Issue>>,
    /// The tracker.
    pub tracker: Tracker,
    /// What the user should know about this view: a divergence, files that could not be read.
    pub warnings: Vec<String>,
}

impl Store {
    /// Reads the tracker as it stands now.
    ///
    /// # Errors
    /// Environment, where there is no tracker or git's files cannot be read.
    pub fn view(&self) -> Result<View> {
        let tip = self.require_tip()?;
        let mut view = self.view_tree(tip.commit, Self::keep)?;
        if tip.diverged {
            view.warnings.push(format!(
                "the local branch {} and the remote's have diverged; this is the local one: qp sync merges them",
                self.branch()
            ));
        }
        view.tip = Some(tip);
        view.tracker.claims = self.claims()?;
        Ok(view)
    }

    /// Reads the tracker at a commit. It is not kept in place of the newest, only where there is nothing.
    pub(super) fn view_commit(&self, commit_id: ObjectId) -> Result<View> {
        self.view_tree(commit_id, Self::keep_first)
    }

    fn keep_first(&self, tree_id: ObjectId, tracker: &Tracker, changed: usize) {
        if tracker.rows.origin().is_none() && !self.cache_path().exists() {
            self.keep(tree_id, tracker, changed);
        }
    }

    fn view_tree(&self, commit_id: ObjectId, keep: fn(&Self, ObjectId, &Tracker, usize)) -> Result<View> {
        let commit = self.repo.find_commit(commit_id).map_err(git_error("read the tracker's branch"))?;
        let tree_id = commit.tree_id().map_err(git_error("read the tracker's branch"))?.detach();
        let (tracker, changed) = self.load_changed(commit_id, tree_id)?;
        keep(self, tree_id, &tracker, changed);
        let mut warnings: Vec<String> = tracker.unreadable.iter().take(1).map(describe).collect();
        if tracker.unreadable.len() > 1 {
            warnings[0].push_str(&format!("; {} more: qp doctor", tracker.unreadable.len() - 1));
        }
        Ok(View::new(self.clone(), commit_id, tree_id, tracker, warnings))
    }

    /// Reads the tracker of a tree.
    pub(super) fn load_tracker(&self, commit_id: ObjectId, tree_id: ObjectId) -> Result<Tracker> {
        self.load_changed(commit_id, tree_id).map(|(tracker, _)| tracker)
    }

    /// Reads the tracker of a tree; returns also how many files differ from what was kept.
    fn load_changed(&self, commit_id: ObjectId, tree_id: ObjectId) -> Result<(Tracker, usize)> {
        if let Some(tracker) = self.recent.tracker(tree_id) {
            return Ok((tracker, 0));
        }
        let cached = self.load_cache().and_then(|cached| {
            let old = ObjectId::try_from(&cached.tree[..]).ok()?;
            // A snapshot of a tree that has been collected is of no use.
            (old == tree_id || self.repo.has_object(old)).then_some((old, cached))
        });
        let (old, mut cached) = cached.map_or((None, Cached::default()), |(old, c)| (Some(old), c));
        let mut refresh = || self.refresh(&mut cached, old, tree_id, commit_id);
        let changed = match old {
            Some(old) if old == tree_id => 0,
            _ => match refresh() {
                // The trees are looked up before anything is changed, so it can begin anew.
                Err(_) if self.fetch_promised_trees([commit_id])? => refresh()?,
                other => other?,
            },
        };
        let tracker = Tracker::with_rows(cached.settings, cached.rows, cached.unreadable);
        self.recent.keep(tree_id, &tracker);
        Ok((tracker, changed))
    }

    /// Brings decoded issues from one tree to another; returns how many files differed.
    pub(super) fn refresh(
        &self,
        cached: &mut Cached,
        old: Option<ObjectId>,
        new: ObjectId,
        commit_id: ObjectId,
    ) -> Result<usize> {
        let at = |tree: Option<ObjectId>, path| match tree {
            Some(tree) => {
                // A folder in the place of the settings, or a file in that of the issues, is neither.
                let found = tree::lookup(&self.repo, tree, path)?;
                Ok(found.filter(|(_, is_tree)| *is_tree == (path == ISSUES)).map(|(id, _)| id))
            }
            None => Ok(None),
        };
        let settings = at(Some(new), SETTINGS)?;
        if settings != at(old, SETTINGS)? || old.is_none() {
            cached.unreadable.retain(|u| u.path != SETTINGS);
            let (settings, unreadable) = self.read_settings(settings, commit_id)?;
            cached.settings = settings;
            cached.unreadable.extend(unreadable);
        }
        let mut differences = Vec::new();
        tree::differences(&self.repo, at(old, ISSUES)?, at(Some(new), ISSUES)?, ISSUES, &mut differences)?;
        self.fetch_promised(differences.iter().filter_map(|d| d.new))?;
        // In place of nothing there is nothing to take away.
        let replaced = || differences.iter().filter(|d| d.old.is_some()).map(|d| d.path.as_str());
        let gone: HashSet<&str> = replaced().collect();
        let gone_ids: HashSet<IssueId> = replaced().filter_map(issue_id).collect();
        let Cached { rows, unreadable, .. } = cached;
        unreadable.retain(|u| !gone.contains(u.path.as_str()));
        self.read_rows(&differences, |read| {
            rows.change(&gone_ids, read.filter_map(|row| row.map_err(|file| unreadable.push(file)).ok()));
        });
        Ok(differences.len())
    }

    /// Reads the settings. Where they cannot be read, those of the last commit that has readable ones hold, so
    /// that keys go on resolving.
    fn read_settings(
        &self,
        blob_id: Option<ObjectId>,
        commit_id: ObjectId,
    ) -> Result<(Settings, Option<Unreadable>)> {
        let Some(id) = blob_id else {
            return Ok((self.last_settings(commit_id)?.unwrap_or_else(|| Settings::new("qp")), None));
        };
        let bytes = self.blob(id)?;
        let text = String::from_utf8_lossy(&bytes);
        let error = match Settings::read(&text) {
            Ok(settings) => return Ok((settings, None)),
            Err(error) => error,
        };
        let mut settings = self.last_settings(commit_id)?.unwrap_or_else(|| Settings::new("qp"));
        // A newer format may be what makes it unreadable, and must not be written to.
        settings.format = stated_format(&text).unwrap_or(settings.format);
        let unreadable = Unreadable {
            path: SETTINGS.to_owned(),
            blob: id.as_slice().to_owned(),
            line: u32::try_from(error.line).unwrap_or(u32::MAX),
            message: error.message,
        };
        Ok((settings, Some(unreadable)))
    }

    fn last_settings(&self, commit_id: ObjectId) -> Result<Option<Settings>> {
        let mut found = None;
        self.walk(commit_id, |entry| {
            let bytes = self.file_at(&entry.commit, SETTINGS)?;
            found = bytes.and_then(|(_, bytes)| Settings::read(&String::from_utf8_lossy(&bytes)).ok());
            Ok(found.is_none())
        })?;
        Ok(found)
    }

    /// Returns the content of a file.
    pub(super) fn blob(&self, id: ObjectId) -> Result<Vec<u8>> {
        self.fetch_promised([id])?;
        let mut object = self.repo.find_object(id).map_err(git_error("read a file of the tracker"))?;
        Ok(std::mem::take(&mut object.data))
    }
}

/// Finds the line `format: N` in settings that cannot be read as a whole.
pub(super) fn stated_format(text: &str) -> Option<u32> {
    text.lines().find_map(|line| line.strip_prefix("format:")?.trim().parse().ok())
}

fn describe(file: &Unreadable) -> String {
    format!("{} line {} cannot be read: {}; qp doctor shows the remedy", file.path, file.line, file.message)
}

impl View {
    pub(super) fn new(
        store: Store,
        commit_id: ObjectId,
        tree_id: ObjectId,
        tracker: Tracker,
        warnings: Vec<String>,
    ) -> Self {
        View { store, commit_id, tree_id, tip: None, unwritten: BTreeMap::new(), tracker, warnings }
    }

    /// Returns a view of the same moment with another tracker.
    pub(super) fn with_tracker(&self, tracker: Tracker) -> Self {
        View::new(self.store.clone(), self.commit_id, self.tree_id, tracker, Vec::new())
    }

    /// Takes issues that stand in memory only.
    pub(super) fn set_unwritten(&mut self, issues: BTreeMap<IssueId, Option<Rc<Issue>>>) {
        self.unwritten.extend(issues.into_iter().filter_map(|(id, issue)| Some((id, issue?))));
    }

    /// Returns the store this view was read from.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Returns the id of the commit, in hexadecimal.
    pub fn commit(&self) -> String {
        self.commit_id.to_string()
    }

    /// Reads an issue with its texts.
    ///
    /// # Errors
    /// Environment, where the object is missing.
    pub fn issue(&self, position: usize) -> Result<Issue> {
        if let Some(issue) = self.unwritten.get(&self.tracker.rows.id(position)) {
            return Ok(Issue::clone(issue));
        }
        let bytes = self.raw(position)?;
        Issue::read(&bytes, Some(self.tracker.rows.id(position))).map_err(|e| {
            Error::bug(format!("{} was readable before: {}", self.tracker.key(position), e.message))
        })
    }

    /// Returns the file of an issue as it stands on the branch.
    ///
    /// # Errors
    /// Environment, where the object is missing.
    pub fn raw(&self, position: usize) -> Result<Vec<u8>> {
        let id = ObjectId::try_from(&self.tracker.rows[position].blob[..])
            .map_err(|e| Error::bug(format!("a row without an object id: {e}")))?;
        self.store.blob(id)
    }

    /// Returns the file at a path on the branch.
    ///
    /// # Errors
    /// Environment, where git's files cannot be read.
    pub fn file(&self, path: &str) -> Result<Option<Vec<u8>>> {
        match tree::lookup(&self.store.repo, self.tree_id, path)? {
            Some((id, false)) => Ok(Some(self.store.blob(id)?)),
            _ => Ok(None),
        }
    }

    /// Returns the names in a folder on the branch.
    ///
    /// # Errors
    /// Environment, where git's files cannot be read.
    pub fn names(&self, folder: &str) -> Result<Vec<String>> {
        tree::names(&self.store.repo, self.tree_id, folder)
    }

    /// Returns all files below a folder: (path, content), in the order of the paths.
    ///
    /// # Errors
    /// Environment, where git's files cannot be read.
    pub fn files(&self, folder: &str) -> Result<Vec<(String, Vec<u8>)>> {
        let Some((id, true)) = tree::lookup(&self.store.repo, self.tree_id, folder)? else {
            return Ok(Vec::new());
        };
        let mut found = Vec::new();
        tree::differences(&self.store.repo, None, Some(id), folder, &mut found)?;
        found
            .into_iter()
            .filter_map(|d| Some((d.path, d.new?)))
            .map(|(p, id)| Ok((p, self.store.blob(id)?)))
            .collect()
    }

    /// Returns the number of issues that an import of `source` has left its words of.
    pub(super) fn count_imported(&self, source: &str) -> Result<usize> {
        let folder = format!("imports/{source}");
        let Some((id, true)) = tree::lookup(&self.store.repo, self.tree_id, &folder)? else { return Ok(0) };
        let mut found = Vec::new();
        tree::differences(&self.store.repo, None, Some(id), &folder, &mut found)?;
        // Memories, and what other integrations keep beside the issues, lie there too.
        Ok(found.iter().filter(|d| is_import_path(source, &d.path)).count())
    }

    /// Returns the operations that led to this view, newest first, as [`Store::log`] does.
    ///
    /// # Errors
    /// Environment, where git's files cannot be read.
    pub fn log(
        &self,
        issue: Option<IssueId>,
        limit: usize,
        select: impl FnMut(&LogEntry) -> bool,
    ) -> Result<Vec<LogEntry>> {
        self.store.log_from(self.commit_id, issue, limit, select)
    }

    /// Visits the operations that led to this view and are not older than `since`, newest first. Of what they changed
    /// nothing is read but where `visit` asks for it.
    ///
    /// # Errors
    /// Environment, where git's files cannot be read.
    pub fn recent(&self, since: Timestamp, mut visit: impl FnMut(&LogEntry) -> Result<()>) -> Result<()> {
        self.store.walk(self.commit_id, |entry| {
            let is_recent = entry.time >= since;
            if is_recent {
                visit(&entry)?;
            }
            Ok(is_recent)
        })
    }

    /// Counts the issues whose files an operation changed.
    ///
    /// # Errors
    /// Environment, where git's files cannot be read.
    pub fn count_touched(&self, entry: &LogEntry) -> Result<usize> {
        Ok(self.store.touched(entry)?.len())
    }

    /// Refuses to write a tracker of a newer format.
    pub(super) fn check_format(&self) -> Result<()> {
        let format = self.tracker.settings.format;
        if format <= FORMAT {
            return Ok(());
        }
        Err(Error::new(
            Kind::Environment,
            "newer_format",
            format!("the tracker has format {format}, this qp writes format {FORMAT}; reading still works"),
        )
        .hint(format!("install a qp that knows format {format}")))
    }

    /// Returns the path of an issue's file on the branch.
    pub fn path(&self, position: usize) -> String {
        issue_path(self.tracker.rows.id(position))
    }
}
