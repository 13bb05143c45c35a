//! What an operation, or a stretch of history, did to issues and to other files: the common ground of `log`,
//! `diff` and `undo`.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::{Value, json};

use super::app::App;
use crate::error::Result;
use crate::model::{Issue, IssueId, KeyIndex, Tracker};
use crate::output::changes::{self, Shape};
use crate::output::text::one_line;
use crate::query::{self, Changed};
use crate::store::{Change, LogEntry, View, issue_path};

/// One issue that differs between two moments.
pub(super) struct IssueChange {
    pub id: IssueId,
    pub key: String,
    pub title: String,
    pub verb: &'static str,
    pub changes: Vec<Changed>,
}

/// Returns the key of an issue, also of one that is deleted.
pub(super) fn key(tracker: &Tracker, id: IssueId, file: Option<&Issue>) -> String {
    if let Some(at) = tracker.position(id) {
        return tracker.key(at);
    }
    let explicit = file.and_then(|issue| issue.front.key.clone());
    explicit.unwrap_or_else(|| format!("{}-{}", tracker.settings.prefix, id.tail(4)))
}

/// Returns the keys of the issues that an operation changed; those of deleted ones from their files.
pub(super) fn keys(view: &View, entry: &LogEntry) -> Result<Vec<String>> {
    let tracker = &view.tracker;
    let gone: HashSet<String> =
        entry.issues.iter().filter(|id| tracker.position(**id).is_none()).map(|id| issue_path(*id)).collect();
    let files = match gone.is_empty() {
        true => Vec::new(),
        false => view.store().changes_in(entry, |path| gone.contains(path))?,
    };
    let lost: HashMap<IssueId, Issue> = (files.iter())
        .filter_map(|file| {
            let (old, new) = file.issues();
            Some((file.issue_id()?, new.or(old)?))
        })
        .collect();
    let name = |id: &IssueId| key(tracker, *id, lost.get(id));
    Ok(entry.issues.iter().map(name).collect())
}

impl IssueChange {
    /// Compares two versions of an issue; `None` where nothing differs.
    pub fn new(tracker: &Tracker, id: IssueId, old: Option<&Issue>, new: Option<&Issue>) -> Option<Self> {
        let file = new.or(old)?;
        let changes = query::changes(old, new);
        let verb = match (old, new) {
            (None, _) => "created",
            (_, None) => "deleted",
            _ => "changed",
        };
        (!changes.is_empty()).then(|| IssueChange {
            id,
            key: key(tracker, id, Some(file)),
            title: one_line(&file.front.title),
            verb,
            changes,
        })
    }

    /// Decodes the change of an issue's file; `None` where the path is no issue's or a side cannot be read.
    pub fn read(tracker: &Tracker, change: &Change) -> Option<Self> {
        let id = change.issue_id()?;
        let (old, new) = change.issues();
        if change.old.is_some() != old.is_some() || change.new.is_some() != new.is_some() {
            return None;
        }
        IssueChange::new(tracker, id, old.as_ref(), new.as_ref())
    }

    /// Prints the issue and, below it, what changed.
    pub fn print(&self, app: &mut App, tracker: &Tracker, shape: Shape) -> Result<()> {
        let indent = " ".repeat(shape.indent);
        app.ui.line(format!("{indent}{} {}: {}", self.verb, one_line(&self.key), self.title))?;
        let below = Shape { indent: shape.indent + 2, ..shape };
        changes::print(&mut app.ui, tracker, &self.changes, below)
    }

    /// Returns the JSON form.
    pub fn document(&self, tracker: &Tracker) -> Value {
        json!({
            "id": self.key,
            "uid": self.id.to_string(),
            "title": self.title,
            "change": self.verb,
            "changes": changes::documents(tracker, &self.changes),
        })
    }
}

/// Splits changed files into issues, in the order of their creation, and the rest.
pub(super) fn split(tracker: &Tracker, files: Vec<Change>) -> (Vec<IssueChange>, Vec<Change>) {
    let mut issues = Vec::new();
    let mut rest = Vec::new();
    for file in files {
        match IssueChange::read(tracker, &file) {
            Some(change) => issues.push(change),
            // Written anew without a difference that counts.
            None if same(&file) => {}
            None => rest.push(file),
        }
    }
    issues.sort_by_key(|issue| issue.id);
    (issues, rest)
}

/// Compares two views: the issues that differ, in the order of their creation, and the other files.
pub(super) fn between(old: &View, new: &View) -> Result<(Vec<IssueChange>, Vec<Change>)> {
    let (mut issues, rest) = split(&new.tracker, new.store().compare(old, new)?);
    for issue in issues.iter_mut().filter(|issue| new.tracker.position(issue.id).is_none()) {
        issue.key = key(&old.tracker, issue.id, None);
    }
    Ok((issues, rest))
}

fn same(file: &Change) -> bool {
    matches!(file.issues(), (Some(old), Some(new)) if old == new)
}

/// Finds the issue that `input` names, in a tracker or among the issues that its history has lost.
///
/// # Errors
/// Those of the tracker, where the history does not know the issue either.
pub(super) fn resolve_past(view: &View, input: &str) -> Result<IssueId> {
    let tracker = &view.tracker;
    let error = match super::app::resolve(tracker, input) {
        Ok(at) => return Ok(tracker.front(at).id),
        Err(error) if error.code() != "not_found" && error.code() != "foreign_prefix" => return Err(error),
        Err(error) => error,
    };
    let mut lost: BTreeMap<IssueId, Option<String>> = BTreeMap::new();
    for entry in view.log(None, usize::MAX, |entry| !entry.is_merge())? {
        let unknown = |id: &IssueId| tracker.position(*id).is_none() && !lost.contains_key(id);
        let gone: HashSet<String> = entry.issues.iter().copied().filter(unknown).map(issue_path).collect();
        if gone.is_empty() {
            continue;
        }
        for change in view.store().changes_in(&entry, |path| gone.contains(path))? {
            let (old, new) = change.issues();
            if let Some(id) = change.issue_id() {
                lost.insert(id, new.or(old).and_then(|issue| issue.front.key));
            }
        }
    }
    let ids: Vec<IssueId> = lost.keys().copied().collect();
    let index = KeyIndex::new(&tracker.settings, lost.into_iter());
    index.resolve(input).map(|at| ids[at]).map_err(|_| error)
}
