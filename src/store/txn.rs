//! What a write asks for: the closure sees the tracker, reads from it, and says what changes. Nothing here touches the
//! repository.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::View;
use super::layout::SETTINGS;
use super::message::Message;
use super::transaction::Author;
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::model::{Issue, IssueId, Settings, Timestamp, Tracker};

/// How far ahead of the clock a time on the branch may be to be followed, in milliseconds.
const TRUSTED_AHEAD_MS: i64 = 10 * 60 * 1000;

/// A write in the making.
#[derive(Debug)]
pub struct Txn<'a> {
    view: &'a View,
    context: &'a Context,
    /// The time of the operation.
    pub now: Timestamp,
    issues: BTreeMap<IssueId, Option<Rc<Issue>>>,
    files: BTreeMap<String, Option<Vec<u8>>>,
    /// Files with the same content as an issue's: path → issue.
    copies: BTreeMap<String, IssueId>,
    settings: Option<Settings>,
    message: Message,
    latest: Timestamp,
    /// Notes for the user, printed when the write is done.
    pub warnings: Vec<String>,
}

/// Returns the time of a write that follows `last`: now, or a moment after `last`, so that a slow clock cannot
/// hide a later edit. A `last` far ahead of the clock is not followed; the second value tells.
pub fn following(now: Timestamp, last: Timestamp) -> (Timestamp, bool) {
    let next = last.plus_millis(1);
    if next <= now {
        (now, false)
    } else if next.since(now) <= TRUSTED_AHEAD_MS {
        (next, false)
    } else {
        (now, true)
    }
}

impl<'a> Txn<'a> {
    pub(super) fn new(view: &'a View, context: &'a Context) -> Self {
        let now = context.now();
        Txn {
            view,
            context,
            now,
            issues: BTreeMap::new(),
            files: BTreeMap::new(),
            copies: BTreeMap::new(),
            settings: None,
            message: Message::default(),
            latest: now,
            warnings: Vec::new(),
        }
    }

    /// Returns the tracker that the write starts from.
    pub fn view(&self) -> &'a View {
        self.view
    }

    /// Returns the issues that the write starts from.
    pub fn tracker(&self) -> &'a Tracker {
        &self.view.tracker
    }

    /// Reads an issue as this write has left it so far.
    ///
    /// # Errors
    /// Environment, where the object is missing; bug, where this write deletes it.
    pub fn issue(&self, position: usize) -> Result<Issue> {
        let id = self.tracker().front(position).id;
        match self.issues.get(&id) {
            Some(Some(issue)) => Ok(Issue::clone(issue)),
            Some(None) => Err(Error::bug(format!("{id} is deleted by this write"))),
            None => self.view.issue(position),
        }
    }

    /// Returns a fresh identity whose four-character tail nobody uses here.
    pub fn fresh_id(&self) -> IssueId {
        let used = |id: IssueId| self.issues.keys().any(|other| other.tail(4) == id.tail(4));
        // With more than half of all tails in use, a longer key has to do.
        (0..40)
            .map(|_| self.context.fresh_id())
            .find(|id| self.tracker().keys().tail_is_free(*id) && !used(*id))
            .unwrap_or_else(|| self.context.fresh_id())
    }

    /// Writes an issue. Its `updated_at` is set, unless nothing else changed. References by key become ids.
    ///
    /// # Errors
    /// Invalid, where the title is empty or too long, or the file too large.
    pub fn put(&mut self, mut issue: Issue) -> Result<()> {
        let keys = self.tracker().keys();
        issue.front.map_references(|r| match keys.resolve_ref(r) {
            Some(at) => self.tracker().front(at).id.into(),
            None => r.clone(),
        });
        if let Some(at) = self.tracker().position(issue.front.id) {
            let before = self.view.issue(at)?;
            issue.front.updated_at = before.front.updated_at;
            if issue == before {
                self.issues.remove(&issue.front.id);
                return Ok(());
            }
            let (time, poisoned) = following(self.now, before.front.updated_at);
            if poisoned {
                self.warnings.push(format!(
                    "{} was last changed at {}, far ahead of this clock; the present time is used",
                    self.tracker().key(at),
                    before.front.updated_at
                ));
            }
            issue.front.updated_at = time;
        } else {
            issue.front.updated_at = issue.front.updated_at.max(issue.front.created_at);
        }
        self.put_exact(issue)
    }

    /// Writes an issue as it is, with the times it has: for imports.
    ///
    /// # Errors
    /// Invalid, where the title is empty or too long, or the file too large.
    pub fn put_exact(&mut self, issue: impl Into<Rc<Issue>>) -> Result<()> {
        let issue = issue.into();
        check_title(&issue.front.title)?;
        check_file(&issue)?;
        let (time, _) = following(self.now, issue.front.updated_at.plus_millis(-1));
        self.latest = self.latest.max(time);
        self.issues.insert(issue.front.id, Some(issue));
        Ok(())
    }

    /// Deletes an issue's file. Its history stays.
    pub fn delete(&mut self, id: IssueId) {
        self.issues.insert(id, None);
    }

    /// Writes or (with `None`) deletes any other file.
    pub fn put_file(&mut self, path: &str, content: Option<Vec<u8>>) {
        self.files.insert(path.to_owned(), content);
    }

    /// Writes a file with the content of an issue that this write puts. It costs no object of its own.
    pub fn put_copy(&mut self, path: &str, id: IssueId) {
        self.copies.insert(path.to_owned(), id);
    }

    /// Writes the settings.
    pub fn put_settings(&mut self, settings: Settings) {
        self.settings = Some(settings);
    }

    /// Sets the first line of the commit message.
    pub fn subject(&mut self, subject: impl Into<String>) {
        self.message.subject = subject.into();
    }

    /// Adds a trailer to the commit message.
    pub fn trailer(&mut self, name: &str, value: &str) {
        self.message.add(name, value);
    }

    pub(super) fn context(&self) -> &'a Context {
        self.context
    }

    /// Returns what it does to issues, and the notes for the user.
    pub(super) fn into_changes(self) -> (BTreeMap<IssueId, Option<Rc<Issue>>>, Vec<String>) {
        (self.issues, self.warnings)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.issues.is_empty() && self.files.is_empty() && self.copies.is_empty() && self.settings.is_none()
    }
}

fn check_title(title: &str) -> Result<()> {
    match title.chars().count() {
        1..=500 if !title.trim().is_empty() => Ok(()),
        0..=500 => Err(Error::invalid("the title is empty").hint("give a title of 1 to 500 characters")),
        n => Err(Error::invalid(format!("the title has {n} characters, the limit is 500"))
            .hint("shorten the title and put the rest into the description: -d TEXT")),
    }
}

/// Refuses a path that git would not check out.
pub(super) fn check_path(path: &str) -> Result<()> {
    let names = path.split('/');
    let is_bad = |name: &str| gix::validate::path::component(name.into(), None, Default::default()).is_err();
    match names.into_iter().find(|name| is_bad(name)) {
        Some(name) => Err(Error::invalid(format!("{name:?} in {path:?} is no name of a file"))),
        None => Ok(()),
    }
}

/// Refuses what no reader would load.
fn check_file(issue: &Issue) -> Result<()> {
    issue.write_checked().map(drop).map_err(|e| {
        let error = Error::new(
            Kind::Invalid,
            "unwritable",
            format!("{:?} cannot be kept: {}", issue.front.title, e.message),
        );
        error.hint("put long logs into a file of the repository and name its path in the issue")
    })
}

/// What a finished closure asked for, as files and a message.
pub(super) struct Parts {
    pub issues: BTreeMap<IssueId, Option<Rc<Issue>>>,
    pub files: BTreeMap<String, Option<Vec<u8>>>,
    pub copies: BTreeMap<String, IssueId>,
    pub settings: Option<Settings>,
    pub message: Message,
    pub time: Timestamp,
    pub warnings: Vec<String>,
}

impl Parts {
    /// Returns the confirmed claims that are over by this write, with their tokens.
    pub fn ended_claims(&self, before: &View) -> Vec<(IssueId, String)> {
        let ended = |(id, after): (&IssueId, &Option<Rc<Issue>>)| {
            let tracker = &before.tracker;
            let token = tracker.front(tracker.position(*id)?).claim.clone()?;
            let is_over = after.as_ref().is_none_or(|issue| issue.front.claim.is_none());
            is_over.then_some((*id, token))
        };
        self.issues.iter().filter_map(ended).collect()
    }

    pub fn from(txn: Txn<'_>, author: &Author, command: &str, op: IssueId) -> Self {
        let Txn { issues, mut files, copies, settings, message, latest, warnings, .. } = txn;
        if let Some(settings) = &settings {
            files.insert(SETTINGS.to_owned(), Some(settings.write().into_bytes()));
        }
        let mut full = Message { subject: message.subject, trailers: Vec::new() };
        full.add("Quipu-Op", &op.to_string());
        full.add("Quipu-Time", &latest.millis().to_string());
        full.add("Quipu-Command", command);
        full.add("Quipu-Actor", &author.actor);
        full.add("Quipu-Session", &author.session);
        full.trailers.extend(message.trailers);
        Parts { issues, files, copies, settings, message: full, time: latest, warnings }
    }
}
