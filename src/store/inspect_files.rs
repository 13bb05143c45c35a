//! What is wrong with the files on the branch: names that do not belong there, and files that cannot be read,
//! each with the commit that still has a readable version.

use std::collections::HashSet;

use gix::ObjectId;

use super::layout::{ATTIC, IMPORTS, ISSUES, MEMORIES, SETTINGS, copy_path, issue_id, issue_path, slug};
use super::tree::Difference;
use super::tree_walk::Oddities;
use super::view::MOST_STRANGERS;
use super::{LogEntry, Store, View, tree};
use crate::error::Result;
use crate::model::{FORMAT, Issue, IssueId, MAX_FILE, Settings, Timestamp, Unreadable};
use crate::query::{Finding, Mend, Severity};

/// Files that people like to have on any branch.
const WELCOME: [&str; 4] = ["README.md", ".gitattributes", ".gitignore", "LICENSE"];

/// So many names that are not of the tracker are told of one by one.
const NAMED: usize = 200;

/// Where a file became unreadable.
struct Break {
    /// The commit that did it.
    by: LogEntry,
    /// It changed this file and no other.
    alone: bool,
    /// What the file was before.
    before: Vec<u8>,
}

/// The last version of a file that could be read.
pub(super) struct Readable {
    pub before: Vec<u8>,
    /// The file as it is now; `None` where it is gone.
    pub blob: Option<ObjectId>,
    /// When it became what it is now.
    pub since: Timestamp,
}

impl View {
    /// Looks at every file of the branch.
    ///
    /// # Errors
    /// Environment, where git's files cannot be read.
    pub fn inspect_files(&self) -> Result<Vec<Finding>> {
        let mut found = Vec::new();
        let settings = &self.tracker.settings;
        if settings.format > FORMAT {
            let format = settings.format;
            let message =
                format!("the tracker has format {format}; this qp reads it, but writes only format {FORMAT}");
            let remedy = format!("install a qp that knows format {format}");
            found.push(Finding::new(Severity::Error, "newer_format", message, remedy).at(SETTINGS));
        }
        for file in &self.tracker.unreadable {
            // Missing objects are a finding of their own.
            if self.store().has_blob(&file.blob) {
                found.push(self.unreadable(file)?);
            }
        }
        let mut files = Vec::new();
        tree::differences(&self.store().repo, None, Some(self.tree_id), "", &mut files)?;
        found.extend(self.strangers(&files)?);
        found.extend(self.too_large(&files)?);
        if !files.iter().any(|file| file.path == SETTINGS) {
            let message = format!(
                "{SETTINGS} is missing; keys still begin with {}, as they did before",
                settings.prefix
            );
            let deleted = self.deleted_by(SETTINGS)?;
            let remedy = match &deleted {
                Some(entry) => format!("qp undo {} brings it back", entry.short()),
                None => format!("write it anew on the branch: {}", self.store().by_hand()),
            };
            let finding = Finding::new(Severity::Error, "bad_settings", message, remedy).at(SETTINGS);
            found.push(finding.mended_by(self.restoration(SETTINGS)?));
        }
        Ok(found)
    }

    /// Finds what is not of the tracker. Of very many, the first are named.
    fn strangers(&self, files: &[Difference]) -> Result<Vec<Finding>> {
        let mut odd = Oddities::new(&self.store().repo);
        odd.look(self.tree_id, "")?;
        let misnamed = files.iter().filter(|file| !belongs(&file.path));
        let misnamed = misnamed.map(|file| (file.path.clone(), "not a file of the tracker"));
        let all: Vec<(String, &str)> = odd.found.into_iter().chain(misnamed).collect();
        let named = all.iter().take(NAMED).map(|(path, what)| stranger(path, &format!("{path} is {what}")));
        let mut found: Vec<Finding> = named.collect();
        // The reader has said it of the first below issues/.
        let below_issues =
            files.iter().filter(|f| f.path.starts_with("issues/") && issue_id(&f.path).is_none());
        let more = all.len().saturating_sub(NAMED) + below_issues.count().saturating_sub(MOST_STRANGERS);
        if more > 0 || odd.is_cut {
            let more = if odd.is_cut { "very many".to_owned() } else { more.to_string() };
            let message = format!("{more} more names on the branch are not of the tracker; they are ignored");
            let remedy = "qp log shows who wrote to the branch";
            found.push(Finding::new(Severity::Warning, "foreign_name", message, remedy));
        }
        Ok(found)
    }

    /// Finds files that are too large to be read. The reader has said it of issues and settings.
    fn too_large(&self, files: &[Difference]) -> Result<Vec<Finding>> {
        let (mut found, mut seen) = (Vec::new(), HashSet::new());
        let others = files.iter().filter(|f| f.path != SETTINGS && issue_id(&f.path).is_none());
        // One object may stand under very many names.
        for file in others.filter(|f| seen.insert(f.new)) {
            let Some(header) = file.new.and_then(|id| self.store().repo.find_header(id).ok()) else {
                continue;
            };
            if header.size() > MAX_FILE as u64 && found.len() < NAMED {
                let message = format!("{} has {} bytes, the limit is {MAX_FILE}", file.path, header.size());
                let remedy = format!("it is not read; shorten it on the branch: {}", self.store().by_hand());
                found.push(Finding::new(Severity::Warning, "too_large", message, remedy).at(&file.path));
            }
        }
        Ok(found)
    }

    /// Finds the newest commit that deleted a file.
    fn deleted_by(&self, path: &str) -> Result<Option<LogEntry>> {
        let store = self.store();
        let mut found = None;
        store.walk(self.commit_id, |entry| {
            let Some(parent) = entry.parents.first() else { return Ok(false) };
            let had = store.file_at(parent, path)?.is_some();
            if had && store.file_at(&entry.commit, path)?.is_none() {
                found = Some(entry);
            }
            Ok(!had)
        })?;
        Ok(found)
    }

    fn unreadable(&self, file: &Unreadable) -> Result<Finding> {
        let Unreadable { path, line, message, .. } = file;
        if path != SETTINGS && issue_id(path).is_none() {
            let name = path.rsplit('/').next().and_then(|name| name.strip_suffix(".md"));
            let (message, remedy) = match name.and_then(IssueId::parse) {
                Some(id) => (format!("{path} is not in its place"), format!("move it to {}", issue_path(id))),
                None => {
                    (format!("{path} is not named like an issue"), "move it away from issues/".to_owned())
                }
            };
            let remedy = format!("{remedy} on the branch: {}", self.store().by_hand());
            return Ok(Finding::new(Severity::Warning, "misplaced", message, remedy).at(path));
        }
        let code = if path == SETTINGS { "bad_settings" } else { "unreadable" };
        let remedy = match self.store().broken_by(self, file)? {
            Some(Break { by, alone: true, .. }) => {
                format!("correct line {line}, or bring back the version before: qp undo {}", by.short())
            }
            Some(Break { by, .. }) => {
                format!("correct line {line}; git show {}^:{path} shows the version before", by.short())
            }
            None => format!("correct line {line} on the branch: {}", self.store().by_hand()),
        };
        let message = format!("{path} line {line} cannot be read: {message}");
        let finding = Finding::new(Severity::Error, code, message, remedy).at(path).on_line(*line);
        Ok(finding.mended_by(self.restoration(path)?))
    }

    fn restoration(&self, path: &str) -> Result<Option<Mend>> {
        let mend = |found: Readable| Mend::Restore { path: path.to_owned(), has_text: found.blob.is_some() };
        Ok(self.last_readable(path)?.map(mend))
    }

    /// Finds the last version of a file that cannot be read, or of settings that are gone; `None` where there is none.
    pub(super) fn last_readable(&self, path: &str) -> Result<Option<Readable>> {
        let store = self.store();
        if let Some(file) = self.tracker.unreadable.iter().find(|file| file.path == path) {
            let blob = ObjectId::try_from(&file.blob[..]).ok();
            let found = store.broken_by(self, file)?;
            return Ok(found.map(|found| Readable { before: found.before, blob, since: found.by.time }));
        }
        if path != SETTINGS || self.file(path)?.is_some() {
            return Ok(None);
        }
        let Some(entry) = self.deleted_by(path)? else { return Ok(None) };
        let before = match entry.parents.first() {
            Some(parent) => store.file_at(parent, path)?,
            None => None,
        };
        let before = before.map(|(_, bytes)| bytes).filter(|bytes| readable(path, bytes));
        Ok(before.map(|before| Readable { before, blob: None, since: entry.time }))
    }
}

impl Store {
    fn has_blob(&self, blob: &[u8]) -> bool {
        ObjectId::try_from(blob).is_ok_and(|id| self.repo.has_object(id))
    }

    /// Returns how to get at the files of the branch by hand.
    fn by_hand(&self) -> String {
        format!("git worktree add ../{0} {0}", self.branch())
    }

    /// Finds the commit that made a file unreadable, where the version before it can be read. A version that is too large
    /// to be read says nothing about those before it.
    fn broken_by(&self, view: &View, file: &Unreadable) -> Result<Option<Break>> {
        let found = self.find_break(view, file);
        found.or_else(|error| if error.code() == "too_large" { Ok(None) } else { Err(error) })
    }

    fn find_break(&self, view: &View, file: &Unreadable) -> Result<Option<Break>> {
        let mut found = None;
        self.walk(view.commit_id, |entry| {
            let Some((blob, _)) = self.file_at(&entry.commit, &file.path)? else { return Ok(false) };
            let parent = match entry.parents.first() {
                Some(parent) => self.file_at(parent, &file.path)?,
                None => None,
            };
            // Only what still stands as this commit left it can be taken back as a whole.
            let same = blob.as_slice() == file.blob;
            if let Some((_, before)) = parent.filter(|(before, _)| *before != blob)
                && readable(&file.path, &before)
            {
                let alone = same && !entry.is_merge() && self.changes(&entry)?.len() == 1;
                found = Some(Break { by: entry, alone, before });
                return Ok(false);
            }
            Ok(true)
        })?;
        Ok(found)
    }
}

fn readable(path: &str, bytes: &[u8]) -> bool {
    if path == SETTINGS {
        return Settings::read(&String::from_utf8_lossy(bytes)).is_ok();
    }
    Issue::read(bytes, issue_id(path)).is_ok()
}

/// Tells whether a path is one that this program writes, or one that does no harm.
fn belongs(path: &str) -> bool {
    let below = |folder: &str| path.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/'));
    if let Some(name) = below(MEMORIES) {
        return name.strip_suffix(".md").is_some_and(|key| !key.is_empty() && slug(key) == key);
    }
    if below(ATTIC).is_some() {
        return copy_path(path).is_some();
    }
    // What is wrong below issues/ was said by the reader.
    path == SETTINGS || below(ISSUES).is_some() || below(IMPORTS).is_some() || WELCOME.contains(&path)
}

fn stranger(path: &str, message: &str) -> Finding {
    let remedy = "it does no harm; if nobody needs it, delete it on the branch";
    Finding::new(Severity::Note, "foreign_name", message, remedy).at(path)
}
