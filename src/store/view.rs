//! The tracker as it stands at one commit.

use std::collections::{BTreeMap, HashSet};
use std::rc::Rc;

use gix::ObjectId;

use super::cache::Cached;
use super::layout::{ISSUES, SETTINGS, is_import_path, issue_id, issue_path};
use super::tip::Tip;
use super::tree::Difference;
use super::{LogEntry, Store, git_error, tree};
use crate::error::{Error, Kind, Result};
use crate::model::{FORMAT, Issue, IssueId, MAX_FILE, Settings, Timestamp, Tracker, Unreadable};

/// The largest file that is read at all, in bytes. One of an issue or of settings ends at [`MAX_FILE`]; what lost a
/// merge or came by an import may be more.
pub(super) const LARGEST: u64 = 16 << 20;
/// So many commits are looked back for settings that can be read.
const FURTHEST: usize = 10_000;
/// So many names below `issues/` that are none of issues are told of.
pub(super) const MOST_STRANGERS: usize = 1000;

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
    /// Reads the tracker as it stands now, with what waits in the outbox.
    ///
    /// # Errors
    /// Environment, where there is no tracker or git's files cannot be read.
    pub fn view(&self) -> Result<View> {
        self.in_spite_of_repacking(|store| store.overlaid()?.view_here())
    }

    /// Reads the tracker as this store has it.
    pub(super) fn view_here(&self) -> Result<View> {
        let tip = self.require_tip()?;
        let mut view = self.view_tree(tip.commit, Self::keep)?;
        if tip.diverged {
            view.warnings.push(format!(
                "the local branch {} and the remote's have diverged; this is the local one: qp sync merges them",
                self.branch()
            ));
        }
        view.warnings.extend(self.overlay.iter().flat_map(|overlay| overlay.warnings.iter().cloned()));
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
        let warnings = unreadable_warning(&tracker.unreadable).into_iter().collect();
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
        // A folder in the place of the settings, or a file in that of the issues, is neither.
        let file_in =
            |tree: Option<ObjectId>| tree.map_or(Ok(None), |id| tree::file(&self.repo, id, SETTINGS));
        let settings = file_in(Some(new))?;
        if settings != file_in(old)? || old.is_none() {
            cached.unreadable.retain(|u| u.path != SETTINGS);
            let (settings, unreadable) = self.read_settings(settings, commit_id)?;
            cached.settings = settings;
            cached.unreadable.extend(unreadable);
        }
        let issues_in = |tree: Option<ObjectId>| match tree {
            Some(id) => {
                Ok(tree::lookup(&self.repo, id, ISSUES)?.filter(|(_, is_tree)| *is_tree).map(|(id, _)| id))
            }
            None => Ok::<_, Error>(None),
        };
        let mut differences = Vec::new();
        tree::differences(&self.repo, issues_in(old)?, issues_in(Some(new))?, ISSUES, &mut differences)?;
        pass_over_strangers(&mut differences, cached.unreadable.len());
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
        let bytes = self.blob_within(id, MAX_FILE as u64)?;
        let text = String::from_utf8_lossy(bytes.as_deref().unwrap_or_default());
        let read = match &bytes {
            Ok(_) => Settings::read(&text).map_err(|error| (error.line, error.message)),
            Err(size) => Err((1, format!("the file has {size} bytes, the limit is {MAX_FILE}"))),
        };
        let (line, message) = match read {
            Ok(settings) => return Ok((settings, None)),
            Err(error) => error,
        };
        let mut settings = self.last_settings(commit_id)?.unwrap_or_else(|| Settings::new("qp"));
        // A newer format may be what makes it unreadable, and must not be written to.
        settings.format = stated_format(&text).unwrap_or(settings.format);
        let unreadable = Unreadable {
            path: SETTINGS.to_owned(),
            blob: id.as_slice().to_owned(),
            line: u32::try_from(line).unwrap_or(u32::MAX),
            message,
        };
        Ok((settings, Some(unreadable)))
    }

    fn last_settings(&self, commit_id: ObjectId) -> Result<Option<Settings>> {
        let (mut found, mut steps, mut before) = (None, 0, None);
        self.walk(commit_id, |entry| {
            steps += 1;
            let tree_id = self.tree_of(&entry.commit)?;
            let blob = tree_id.map_or(Ok(None), |id| tree::file(&self.repo, id, SETTINGS))?;
            // The same file is not read again for each commit that has it.
            if let Some(id) = blob.filter(|id| before.replace(*id) != Some(*id)) {
                found = self.settings_in(id)?;
            }
            Ok(found.is_none() && steps < FURTHEST)
        })?;
        Ok(found)
    }

    /// Reads settings; `None` where they cannot be read, or are larger than any that this program writes.
    pub(super) fn settings_in(&self, blob_id: ObjectId) -> Result<Option<Settings>> {
        let bytes = self.blob_within(blob_id, MAX_FILE as u64)?;
        Ok(bytes.ok().and_then(|bytes| Settings::read(&String::from_utf8_lossy(&bytes)).ok()))
    }

    /// Returns the content of a file.
    pub(super) fn blob(&self, id: ObjectId) -> Result<Vec<u8>> {
        self.blob_within(id, LARGEST)?.map_err(|size| {
            let message = format!("the file {id} has {size} bytes, the limit is {LARGEST}");
            Error::new(Kind::Environment, "too_large", message)
                .hint(format!("git log --find-object={id} {} shows who wrote it", self.branch()))
        })
    }

    /// Returns the content of a file, or the size of one that is larger than `most`, without reading it.
    pub(super) fn blob_within(&self, id: ObjectId, most: u64) -> Result<std::result::Result<Vec<u8>, u64>> {
        self.fetch_promised([id])?;
        self.in_spite_of_repacking(|store| {
            let failed = git_error("read a file of the tracker");
            let size = store.repo.find_header(id).map_err(failed)?.size();
            if size > most {
                return Ok(Err(size));
            }
            let mut object = store.repo.find_object(id).map_err(git_error("read a file of the tracker"))?;
            Ok(Ok(std::mem::take(&mut object.data)))
        })
    }
}

/// Names below `issues/` that are none of issues are told of, up to a number: a few objects can make millions.
fn pass_over_strangers(differences: &mut [Difference], known: usize) {
    let strangers = differences.iter_mut().filter(|d| d.new.is_some() && issue_id(&d.path).is_none());
    strangers.skip(MOST_STRANGERS.saturating_sub(known)).for_each(|stranger| stranger.new = None);
}

/// Finds the line `format: N` in settings that cannot be read as a whole.
pub(super) fn stated_format(text: &str) -> Option<u32> {
    text.lines().find_map(|line| line.strip_prefix("format:")?.trim().parse().ok())
}

/// Returns the warning about files that cannot be read, where there are any.
pub(super) fn unreadable_warning(files: &[Unreadable]) -> Option<String> {
    let Unreadable { path, line, message, .. } = files.first()?;
    let first = format!("{path} line {line} cannot be read: {message}; qp doctor shows the remedy");
    Some(match files.len() {
        1 => first,
        count => format!("{first}; {} more: qp doctor", count - 1),
    })
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

    /// Returns where what it shows stands: `local`, or `outbox` where some of it is in files of the working tree only.
    pub fn stored(&self) -> &'static str {
        if self.store.is_in_memory() { "outbox" } else { "local" }
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
        let found = tree::file(&self.store.repo, self.tree_id, path)?;
        found.map(|id| self.store.blob(id)).transpose()
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
