//! The history of the branch: the audit trail, and the tracker at an earlier moment.

use std::collections::{BinaryHeap, HashMap, HashSet};

use gix::ObjectId;

use super::facts::CommitFacts;
use super::layout::{ISSUES, SETTINGS, issue_path};
use super::message::Message;
use super::{Store, View, git_error, tree};
use crate::error::{Error, Kind, Result};
use crate::model::{DAY_MS, IssueId, Timestamp};

/// Characters of a commit id that are shown.
const SHORT: usize = 9;
/// Characters that name a commit at least.
const SHORTEST: usize = 4;

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
    fn new(id: ObjectId, facts: CommitFacts) -> Self {
        LogEntry {
            commit: id.to_string(),
            parents: facts.parents.iter().map(ToString::to_string).collect(),
            time: facts.time(),
            author: facts.author,
            message: facts.message,
            issues: Vec::new(),
        }
    }

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

impl Moment {
    /// Reads `--at`: a time or a date (its end, in UTC), otherwise a commit.
    pub fn parse(text: &str) -> Self {
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
        let store = self.overlaid()?;
        store.view_commit(store.commit_at(moment)?)
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
            let found = self.log(None, 1, |e| e.message.op() == Some(op))?;
            let entry = found.first().ok_or_else(missing)?;
            return ObjectId::from_hex(entry.commit.as_bytes()).map_err(git_error("read a commit id"));
        }
        let spec = format!("{name}^{{commit}}");
        let id = match self.resolve(&spec) {
            Some(id) => id,
            None => self.unwritten_commit(name)?.ok_or_else(missing)?,
        };
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

    /// Finds the commit that an id, or its beginning, names among those that are in memory only: git's own rules for
    /// names know nothing of these.
    fn unwritten_commit(&self, name: &str) -> Result<Option<ObjectId>> {
        let is_id = name.len() >= SHORTEST && name.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_id || !self.is_in_memory() {
            return Ok(None);
        }
        let name = name.to_ascii_lowercase();
        let found = self.log(None, 2, |entry| entry.commit.starts_with(&name))?;
        let id = |entry: &LogEntry| ObjectId::from_hex(entry.commit.as_bytes()).ok();
        Ok(if let [only] = &found[..] { id(only) } else { None })
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
        let store = self.overlaid()?;
        store.log_from(store.require_tip()?.commit, issue, limit, select)
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
            let fits = match issue {
                Some(id) => select(&entry) && self.touches(&entry, &issue_path(id))?,
                None => select(&entry),
            };
            if fits {
                entry.issues = self.touched(&entry)?;
                found.push(entry);
            }
            Ok(found.len() < limit)
        })?;
        Ok(found)
    }

    /// Visits the history, newest first, until `visit` returns false.
    pub(super) fn walk(&self, from: ObjectId, mut visit: impl FnMut(LogEntry) -> Result<bool>) -> Result<()> {
        let boundary = self.boundary()?;
        let mut pending = HashMap::from([(from, self.facts(from)?)]);
        let mut seen = HashSet::from([from]);
        let mut queue = BinaryHeap::from([(i64::MAX, from)]);
        while let Some((_, id)) = queue.pop() {
            let Some(facts) = pending.remove(&id) else { continue };
            let parents = if boundary.contains(&id) { &[][..] } else { &facts.parents };
            for parent in parents {
                if seen.insert(*parent) {
                    let facts = self.facts(*parent)?;
                    queue.push((facts.committed, *parent));
                    pending.insert(*parent, facts);
                }
            }
            if !visit(LogEntry::new(id, facts))? {
                break;
            }
        }
        Ok(())
    }

    fn facts(&self, id: ObjectId) -> Result<CommitFacts> {
        let commit = self.repo.find_commit(id).map_err(git_error("read a commit"))?;
        CommitFacts::read(&commit).map_err(git_error("read a commit"))
    }

    pub(super) fn entry(&self, commit_id: ObjectId) -> Result<LogEntry> {
        Ok(LogEntry::new(commit_id, self.facts(commit_id)?))
    }

    /// Finds the operation that `name` names: its ULID or its commit.
    ///
    /// # Errors
    /// Not found.
    pub fn operation(&self, name: &str) -> Result<LogEntry> {
        let store = self.overlaid()?;
        store.entry(store.commit_named(name)?)
    }
}
