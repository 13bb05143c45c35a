//! The history of the branch: the audit trail, and the tracker at an earlier moment.

use std::collections::BTreeMap;

use gix::ObjectId;

use super::layout::{ISSUES, SETTINGS, issue_id};
use super::message::Message;
use super::tree::{self, Difference};
use super::{Store, View, git_error};
use crate::error::{Error, Kind, Result};
use crate::model::{Issue, IssueId, Timestamp};

/// Characters of a commit id that are shown.
const SHORT: usize = 9;

/// One operation in the history.
#[derive(Clone, Debug)]
pub struct LogEntry {
    /// The commit, in hexadecimal.
    pub commit: String,
    /// The parents, in hexadecimal; two or more make a merge.
    pub parents: Vec<String>,
    /// Subject and trailers.
    pub message: Message,
    /// Whom git names as the author.
    pub author: String,
    /// When.
    pub time: Timestamp,
    /// The issues whose files it changed.
    pub issues: Vec<IssueId>,
}

impl LogEntry {
    /// Returns the commit's first characters: enough for people and for every command that takes a commit.
    pub fn short(&self) -> &str {
        &self.commit[..SHORT.min(self.commit.len())]
    }

    /// Returns who did it.
    pub fn actor(&self) -> &str {
        self.message.get("Quipu-Actor").unwrap_or(&self.author)
    }

    /// Returns what names the operation: its ULID, or its commit where another program made it.
    pub fn name(&self) -> String {
        self.message.op().map_or_else(|| self.commit.clone(), |op| op.to_string())
    }

    /// Tells whether two lines of history meet here.
    pub fn is_merge(&self) -> bool {
        self.parents.len() > 1
    }
}

/// A moment to look back to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Moment {
    /// A commit: an id, its beginning, or any name git knows.
    Commit(String),
    /// The last commit not later than this.
    Time(Timestamp),
}

/// A file that an operation changed: its path, and its content before and after.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Change {
    /// Path on the branch.
    pub path: String,
    /// Content before.
    pub old: Option<Vec<u8>>,
    /// Content after.
    pub new: Option<Vec<u8>>,
}

impl Change {
    /// Returns the issue, where the path is an issue's.
    pub fn issue_id(&self) -> Option<IssueId> {
        issue_id(&self.path)
    }

    /// Decodes both sides as an issue's file.
    pub fn issues(&self) -> (Option<Issue>, Option<Issue>) {
        let read =
            |bytes: &Option<Vec<u8>>| bytes.as_ref().and_then(|b| Issue::read(b, self.issue_id()).ok());
        (read(&self.old), read(&self.new))
    }
}

impl Moment {
    /// Reads `--at`: a time or a date (its end, in UTC), otherwise a commit.
    pub fn parse(text: &str) -> Self {
        const DAY_MS: i64 = 24 * 60 * 60 * 1000;
        match Timestamp::parse(text) {
            Some(time) if text.trim().len() == 10 => Moment::Time(time.plus_millis(DAY_MS - 1)),
            Some(time) => Moment::Time(time),
            None => Moment::Commit(text.to_owned()),
        }
    }
}

impl Store {
    /// Reads the tracker as it stood at a moment.
    ///
    /// # Errors
    /// Not found, where the history does not reach back so far or has no such commit.
    pub fn view_at(&self, moment: &Moment) -> Result<View> {
        self.view_commit(self.commit_at(moment)?)
    }

    fn commit_at(&self, moment: &Moment) -> Result<ObjectId> {
        match moment {
            Moment::Commit(name) => self.commit_named(name),
            Moment::Time(time) => {
                let tip = self.require_tip()?;
                let mut found = None;
                self.walk(tip.commit, |entry| {
                    let reached = entry.time <= *time;
                    found = reached.then(|| entry.commit.clone());
                    Ok(!reached)
                })?;
                found.and_then(|hex| ObjectId::from_hex(hex.as_bytes()).ok()).ok_or_else(|| {
                    Error::new(
                        Kind::NotFound,
                        "no_such_moment",
                        format!("the tracker is younger than {time}"),
                    )
                    .hint("qp log")
                })
            }
        }
    }

    fn commit_named(&self, name: &str) -> Result<ObjectId> {
        let missing = || {
            Error::new(Kind::NotFound, "no_such_commit", format!("no commit {name:?}"))
                .hint("qp log shows the commits")
        };
        if name.starts_with('-') {
            return Err(missing());
        }
        if let Some(op) = IssueId::parse(name) {
            let found = self.log(None, usize::MAX, |e| e.message.op() == Some(op))?;
            let entry = found.first().ok_or_else(missing)?;
            return ObjectId::from_hex(entry.commit.as_bytes()).map_err(git_error("read a commit id"));
        }
        let spec = format!("{name}^{{commit}}");
        let id = self.repo.rev_parse_single(spec.as_str()).map_err(|_| missing())?.detach();
        let tree_id = self.tree_of(&id.to_string())?.ok_or_else(missing)?;
        let has = |path| Ok::<_, Error>(tree::lookup(&self.repo, tree_id, path)?.is_some());
        if !has(SETTINGS)? && !has(ISSUES)? {
            let message = format!("{name} is a commit, but not one of the tracker's branch");
            return Err(
                Error::new(Kind::NotFound, "no_such_commit", message).hint("qp log shows its commits")
            );
        }
        Ok(id)
    }

    /// Returns operations, newest first, that `select` accepts and that changed `issue` (or any). What an
    /// operation changed is looked up after `select` has seen it.
    ///
    /// # Errors
    /// Environment, where there is no tracker or git's files cannot be read.
    pub fn log(
        &self,
        issue: Option<IssueId>,
        limit: usize,
        select: impl FnMut(&LogEntry) -> bool,
    ) -> Result<Vec<LogEntry>> {
        self.log_from(self.require_tip()?.commit, issue, limit, select)
    }

    pub(super) fn log_from(
        &self,
        from: ObjectId,
        issue: Option<IssueId>,
        limit: usize,
        mut select: impl FnMut(&LogEntry) -> bool,
    ) -> Result<Vec<LogEntry>> {
        let mut found = Vec::new();
        self.walk(from, |mut entry| {
            if found.len() >= limit {
                return Ok(false);
            }
            if select(&entry) {
                entry.issues = self.touched(&entry)?;
                if issue.is_none_or(|id| entry.issues.contains(&id)) {
                    found.push(entry);
                }
            }
            Ok(found.len() < limit)
        })?;
        Ok(found)
    }

    /// Visits the history, newest first, until `visit` returns false.
    pub(super) fn walk(&self, from: ObjectId, mut visit: impl FnMut(LogEntry) -> Result<bool>) -> Result<()> {
        use gix::revision::walk::Sorting;
        use gix::traverse::commit::simple::CommitTimeOrder;
        let sorting = Sorting::ByCommitTime(CommitTimeOrder::NewestFirst);
        let walk =
            self.repo.rev_walk([from]).sorting(sorting).all().map_err(git_error("walk the history"))?;
        for info in walk {
            let info = info.map_err(git_error("walk the history"))?;
            let entry = self.entry(info.id)?;
            if !visit(entry)? {
                break;
            }
        }
        Ok(())
    }

    fn entry(&self, commit_id: ObjectId) -> Result<LogEntry> {
        let commit = self.repo.find_commit(commit_id).map_err(git_error("read a commit"))?;
        let decoded = commit.decode().map_err(git_error("read a commit"))?;
        let message = Message::parse(&decoded.message.to_string());
        let author = decoded.author().map_err(git_error("read a commit"))?;
        let seconds = author.time().map_or(0, |t| t.seconds);
        let time = message.time().unwrap_or_else(|| Timestamp::from_millis(seconds.saturating_mul(1000)));
        Ok(LogEntry {
            commit: commit_id.to_string(),
            parents: decoded.parents().map(|id| id.to_string()).collect(),
            author: author.name.to_string(),
            message,
            time,
            issues: Vec::new(),
        })
    }

    fn touched(&self, entry: &LogEntry) -> Result<Vec<IssueId>> {
        let files = self.changed_files(entry)?.unwrap_or_default();
        Ok(files.iter().filter_map(|d| issue_id(&d.path)).collect())
    }

    /// Returns the files that an operation changed; of a merge, those that are in no parent as they are in it.
    /// `None` at the boundary of a shallow history, where nobody knows.
    fn changed_files(&self, entry: &LogEntry) -> Result<Option<Vec<Difference>>> {
        let new = self.tree_of(&entry.commit)?;
        let mut parents = entry.parents.iter();
        let mut found = Vec::new();
        let Some(first) = parents.next() else {
            tree::differences(&self.repo, None, new, "", &mut found)?;
            return Ok(Some(found));
        };
        let Some(old) = self.tree_of(first)? else { return Ok(None) };
        tree::differences(&self.repo, Some(old), new, "", &mut found)?;
        for parent in parents {
            let Some(old) = self.tree_of(parent)? else { return Ok(None) };
            let mut other = Vec::new();
            tree::differences(&self.repo, Some(old), new, "", &mut other)?;
            found.retain(|d| other.iter().any(|o| o.path == d.path));
        }
        Ok(Some(found))
    }

    /// Returns the tree of a commit; `None` where the commit is beyond the boundary of a shallow history.
    fn tree_of(&self, commit: &str) -> Result<Option<ObjectId>> {
        let id = ObjectId::from_hex(commit.as_bytes()).map_err(git_error("read a commit id"))?;
        if !self.repo.has_object(id) {
            return Ok(None);
        }
        let commit = self.repo.find_commit(id).map_err(git_error("read a commit"))?;
        Ok(Some(commit.tree_id().map_err(git_error("read a commit"))?.detach()))
    }

    /// Reads a file as it stands in a commit: its object and its content.
    pub(super) fn file_at(&self, commit: &str, path: &str) -> Result<Option<(ObjectId, Vec<u8>)>> {
        let Some(tree_id) = self.tree_of(commit)? else { return Ok(None) };
        match tree::lookup(&self.repo, tree_id, path)? {
            Some((id, false)) => Ok(Some((id, self.blob(id)?))),
            _ => Ok(None),
        }
    }

    /// Returns what an operation changed, file by file.
    ///
    /// # Errors
    /// Environment, where git's files cannot be read, or the history ends before this operation.
    pub fn changes(&self, entry: &LogEntry) -> Result<Vec<Change>> {
        let read = |id: Option<ObjectId>| id.map(|id| self.blob(id)).transpose();
        let Some(files) = self.changed_files(entry)? else {
            let message = format!("the history ends at {}: what it changed is not known here", entry.short());
            return Err(Error::new(Kind::Environment, "shallow", message).hint("git fetch --unshallow"));
        };
        files.into_iter().map(|d| Ok(Change { old: read(d.old)?, new: read(d.new)?, path: d.path })).collect()
    }

    /// Finds the operation that `name` names: its ULID or its commit.
    ///
    /// # Errors
    /// Not found.
    pub fn operation(&self, name: &str) -> Result<LogEntry> {
        self.entry(self.commit_named(name)?)
    }

    /// Compares two views: the files that differ, by path.
    ///
    /// # Errors
    /// Environment, where git's files cannot be read.
    pub fn compare(&self, old: &View, new: &View) -> Result<Vec<Change>> {
        let mut found = Vec::new();
        tree::differences(&self.repo, Some(old.tree_id), Some(new.tree_id), "", &mut found)?;
        let read = |id: Option<ObjectId>| id.map(|id| self.blob(id)).transpose();
        let sorted: BTreeMap<_, _> = found.into_iter().map(|d| (d.path.clone(), d)).collect();
        sorted
            .into_values()
            .map(|d| Ok(Change { old: read(d.old)?, new: read(d.new)?, path: d.path }))
            .collect()
    }
}
