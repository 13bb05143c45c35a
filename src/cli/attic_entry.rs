//! The losing copies as commands see them: their short names, whose they are, and what was lost with them.

use std::collections::BTreeSet;

use super::app::resolve;
use super::changed;
use crate::error::{Error, Kind, Result};
use crate::merge::{Part, differing_parts};
use crate::model::{Issue, IssueId, KeyIndex};
use crate::output::json::Object;
use crate::output::text::one_line;
use crate::store::{AtticEntry, LostRecord, View, issue_path};

/// Digits of a blob's id that name a copy, where they are enough.
const SHORT: usize = 7;
/// Fewest digits that are taken for a name.
const LEAST: usize = 4;
/// Most candidates that a hint names.
const NAMED: usize = 5;

/// Everything in the attic of a view.
pub(super) struct Attic<'v> {
    view: &'v View,
    pub copies: Vec<Kept>,
}

/// A losing copy.
pub(super) struct Kept {
    pub entry: AtticEntry,
    /// What names it: the first digits of its blob, or its path where another copy has the same content.
    pub name: String,
    /// The key of the issue, also of a deleted one; the path of any other file.
    pub of: String,
    /// The title of the issue as it is; that of the copy, where the issue is deleted.
    pub title: String,
}

impl<'v> Attic<'v> {
    pub fn read(view: &'v View) -> Result<Self> {
        let entries = view.attic()?;
        let names = names(&entries);
        let kept = |(entry, name): (AtticEntry, String)| {
            let (of, title) = whose(view, &entry)?;
            Ok(Kept { entry, name, of, title })
        };
        let copies = entries.into_iter().zip(names).map(kept).collect::<Result<_>>()?;
        Ok(Attic { view, copies })
    }

    /// Finds the one copy that `input` names: by its short name, its path, or what it is a copy of.
    ///
    /// # Errors
    /// Not found; ambiguous, naming the candidates.
    pub fn find(&self, input: &str) -> Result<usize> {
        let input = input.trim();
        let exact = |copy: &Kept| copy.entry.path == input || copy.name.eq_ignore_ascii_case(input);
        if let Some(at) = self.copies.iter().position(exact) {
            return Ok(at);
        }
        let (of, found) = match self.of(input) {
            Ok((of, found)) if !found.is_empty() => (of, found),
            other => {
                let found = self.by_digits(input);
                if found.is_empty() {
                    return Err(missing(input, other));
                }
                (one_line(input), found)
            }
        };
        match found[..] {
            [only] => Ok(only),
            _ => Err(self.ambiguous(&of, &found)),
        }
    }

    /// Finds the copies of what `input` names, an issue or another file; there may be none of it.
    ///
    /// # Errors
    /// Those of looking up an issue.
    pub fn of(&self, input: &str) -> Result<(String, Vec<usize>)> {
        let is_file = |copy: &Kept| copy.entry.issue_id().is_none() && copy.entry.original == input;
        let files = self.positions(is_file);
        if !files.is_empty() {
            return Ok((one_line(input), files));
        }
        let id = self.issue(input)?;
        let found = self.positions(|copy| copy.entry.issue_id() == Some(id));
        let of = found.first().map(|at| self.copies[*at].of.clone());
        Ok((of.unwrap_or_else(|| self.view.tracker.key_of(id)), found))
    }

    /// Finds an issue in the tracker, or a deleted one of which there is a copy.
    fn issue(&self, input: &str) -> Result<IssueId> {
        let tracker = &self.view.tracker;
        let error = match resolve(tracker, input) {
            Ok(at) => return Ok(tracker.front(at).id),
            Err(error) => error,
        };
        let deleted = |copy: &Kept| {
            let id = copy.entry.issue_id().filter(|id| tracker.position(*id).is_none())?;
            Some((id, copy.of.clone()))
        };
        let deleted: BTreeSet<(IssueId, String)> = self.copies.iter().filter_map(deleted).collect();
        let ids: Vec<IssueId> = deleted.iter().map(|(id, _)| *id).collect();
        let index = KeyIndex::new(&tracker.settings, deleted.into_iter().map(|(id, key)| (id, Some(key))));
        index.resolve(input).map(|at| ids[at]).map_err(|_| error)
    }

    fn by_digits(&self, input: &str) -> Vec<usize> {
        let digits = input.to_ascii_lowercase();
        let is_name = digits.len() >= LEAST && digits.bytes().all(|b| b.is_ascii_hexdigit());
        if is_name { self.positions(|copy| copy.entry.blob.starts_with(&digits)) } else { Vec::new() }
    }

    fn positions(&self, select: impl Fn(&Kept) -> bool) -> Vec<usize> {
        (0..self.copies.len()).filter(|at| select(&self.copies[*at])).collect()
    }

    fn ambiguous(&self, of: &str, found: &[usize]) -> Error {
        let candidate = |at: &usize| {
            let copy = &self.copies[*at];
            format!("{} ({})", one_line(&copy.name), copy.entry.time)
        };
        let mut candidates: Vec<String> = found.iter().take(NAMED).map(candidate).collect();
        if found.len() > NAMED {
            candidates.push("…".to_owned());
        }
        let message = format!("{of} fits {} copies in the attic", found.len());
        Error::new(Kind::Ambiguous, "ambiguous", message).hint(format!("one of {}", candidates.join(", ")))
    }

    /// Tells whether the issue of a copy is no more.
    pub fn is_deleted(&self, at: usize) -> bool {
        let id = self.copies[at].entry.issue_id();
        id.is_some_and(|id| self.view.tracker.position(id).is_none() && !is_unreadable(self.view, id))
    }

    /// Looks up what the merges said of copies.
    pub fn records(&self, positions: &[usize]) -> Result<Vec<Option<LostRecord>>> {
        let entries: Vec<AtticEntry> = positions.iter().map(|at| self.copies[*at].entry.clone()).collect();
        self.view.attic_lost(&entries)
    }

    /// Names what was lost with a copy: what the merge said, else everything that differs now.
    pub fn parts(&self, at: usize, record: Option<&LostRecord>) -> Result<Vec<String>> {
        let copy = &self.copies[at];
        if let Some(record) = record {
            return Ok(record.lost.parts.clone());
        }
        let now = current(self.view, &copy.entry).ok().flatten();
        Ok(match (read(self.view, &copy.entry)?, now) {
            (Some(Ok(copy)), Some(now)) => differing_parts(&copy, &now).iter().map(Part::name).collect(),
            _ => vec!["issue".to_owned()],
        })
    }

    /// Returns the JSON form of a copy.
    pub fn document(&self, at: usize, record: Option<&LostRecord>) -> Result<Object> {
        let copy = &self.copies[at];
        let mut object = Object::new();
        let mut add = |name: &str, value: Option<String>| {
            object.extend(value.map(|value| (name.to_owned(), value.into())));
        };
        let id = copy.entry.issue_id();
        add("entry", Some(copy.name.clone()));
        add("id", id.map(|_| copy.of.clone()));
        add("uid", id.map(|id| id.to_string()));
        add("file", id.is_none().then(|| copy.of.clone()));
        add("path", Some(copy.entry.path.clone()));
        add("actor", record.and_then(|r| r.actor.clone()));
        add("time", Some(copy.entry.time.to_string()));
        add("commit", record.map(|r| r.lost.commit.clone()));
        add("merge", record.map(|r| r.merge.clone()));
        let parts = self.parts(at, record)?;
        object.shift_insert(object.len().min(4), "parts".to_owned(), parts.into());
        Ok(object)
    }
}

/// Returns the documents of an issue's copies.
pub(super) fn documents(view: &View, id: IssueId) -> Result<Vec<serde_json::Value>> {
    if view.attic_of(id)?.is_empty() {
        return Ok(Vec::new());
    }
    let attic = Attic::read(view)?;
    let found = attic.positions(|copy| copy.entry.issue_id() == Some(id));
    let records = attic.records(&found)?;
    found.iter().zip(&records).map(|(at, r)| Ok(attic.document(*at, r.as_ref())?.into())).collect()
}

/// Reads a copy as an issue; `None` where it is one of another file.
pub(super) fn read(view: &View, entry: &AtticEntry) -> Result<Option<Result<Issue>>> {
    let Some(id) = entry.issue_id() else { return Ok(None) };
    let content = match view.attic_content(entry) {
        Err(error) if error.code() == "too_large" => return Ok(Some(Err(error))),
        content => content?,
    };
    Ok(Some(Issue::read(&content, Some(id)).map_err(|e| {
        let message = format!("the copy cannot be read: line {}: {}", e.line, e.message);
        Error::new(Kind::Invalid, "unreadable", message).hint(format!("qp attic show {}", entry.path))
    })))
}

/// Reads the issue as it is now; `None` where it is deleted, or the copy is one of another file.
///
/// # Errors
/// Invalid, where its file cannot be read: it is not deleted, and must not be overwritten.
pub(super) fn current(view: &View, entry: &AtticEntry) -> Result<Option<Issue>> {
    let Some(id) = entry.issue_id() else { return Ok(None) };
    if is_unreadable(view, id) {
        let message = format!("{} cannot be read, so nothing is compared with it", entry.original);
        return Err(Error::new(Kind::Invalid, "unreadable", message).hint("qp doctor shows the remedy"));
    }
    view.tracker.position(id).map(|at| view.issue(at)).transpose()
}

fn is_unreadable(view: &View, id: IssueId) -> bool {
    let path = issue_path(id);
    view.tracker.unreadable.iter().any(|file| file.path == path)
}

/// Returns the key and the title of the issue that was copied, or the path of the file.
fn whose(view: &View, entry: &AtticEntry) -> Result<(String, String)> {
    let tracker = &view.tracker;
    let Some(id) = entry.issue_id() else { return Ok((entry.original.clone(), String::new())) };
    if let Some(at) = tracker.position(id) {
        return Ok((tracker.key(at), tracker.front(at).title.clone()));
    }
    let copy = read(view, entry)?.and_then(Result::ok);
    let title = copy.as_ref().map(|copy| copy.front.title.clone()).unwrap_or_default();
    Ok((changed::key(tracker, id, copy.as_ref()), title))
}

/// Names copies as shortly as possible.
fn names(entries: &[AtticEntry]) -> Vec<String> {
    let mut blobs: Vec<&str> = entries.iter().map(|entry| entry.blob.as_str()).collect();
    blobs.sort_unstable();
    let shared = |a: &str, b: &str| a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
    let name = |entry: &AtticEntry| {
        let at = blobs.partition_point(|blob| *blob < entry.blob.as_str());
        let before = at.checked_sub(1).map_or(0, |before| shared(blobs[before], &entry.blob));
        let after = blobs.get(at + 1).map_or(0, |after| shared(after, &entry.blob));
        let digits = (before.max(after) + 1).max(SHORT);
        entry.blob.get(..digits).map_or_else(|| entry.path.clone(), str::to_owned)
    };
    entries.iter().map(name).collect()
}

fn missing(input: &str, of: Result<(String, Vec<usize>)>) -> Error {
    let message = match of {
        Ok((of, _)) => format!("nothing of {of} is in the attic"),
        // The key itself is the trouble.
        Err(error) if !matches!(error.kind(), Kind::NotFound) => return error,
        Err(_) => format!("no copy {} in the attic", one_line(input)),
    };
    Error::new(Kind::NotFound, "not_found", message).hint("qp attic list shows what is there")
}
