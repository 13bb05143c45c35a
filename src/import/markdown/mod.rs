//! Folders of Markdown files with front matter: quipu's own, which keep their identity, `ticket`'s, and others.
//!
//! A file whose `id` is a ULID is quipu's own. Any other with a title, a status or an id is foreign: its `id`
//! becomes the key, or else its path is what the identity is derived from. Files without front matter, and those
//! that say nothing about an issue, are reported and left out.

mod foreign;
mod sections;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use walkdir::WalkDir;

use super::collect::{Collector, Draft};
use super::text::prefix_of;
use super::{Batch, Options, Origin};
use crate::error::{Error, Kind, Result};
use crate::model::{Issue, IssueId, MAX_FILE};

/// The format's name, in identities and in commits.
const KIND: &str = "markdown";

pub(super) fn read(folder: &Path, options: &Options) -> Result<Batch> {
    if !folder.is_dir() {
        let message = format!("{} is not a folder", folder.display());
        return Err(Error::new(Kind::NotFound, "not_a_folder", message));
    }
    let mut collector = Collector::default();
    // Hidden folders below the given one belong to tools; the given one may itself be `.tickets`.
    let visible = |name: &str, depth: usize| depth == 0 || !name.starts_with('.');
    let walk = WalkDir::new(folder)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(|entry| visible(&entry.file_name().to_string_lossy(), entry.depth()));
    for entry in walk {
        let entry = entry.map_err(|e| unreadable(folder, e))?;
        let markdown = entry.path().extension().is_some_and(|e| e.eq_ignore_ascii_case("md"));
        if !entry.file_type().is_file() || !markdown {
            continue;
        }
        let path = relative(folder, entry.path());
        let size = entry.metadata().map_err(|e| unreadable(entry.path(), e))?.len();
        if size > MAX_FILE as u64 {
            let message = format!("the file has {size} bytes, the limit is {MAX_FILE}");
            skip(&mut collector, path, "too_large", message);
            continue;
        }
        let bytes = fs::read(entry.path()).map_err(|e| unreadable(entry.path(), e))?;
        file(&mut collector, path, &bytes, options);
    }
    Ok(collector.finish(KIND, options, BTreeMap::new()))
}

fn unreadable(path: &Path, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::invalid(format!("cannot read {}", path.display())).because(error)
}

/// Returns the path below the folder, with slashes on every system.
fn relative(folder: &Path, path: &Path) -> String {
    let below = path.strip_prefix(folder).unwrap_or(path);
    let parts: Vec<_> = below.components().map(|c| c.as_os_str().to_string_lossy()).collect();
    parts.join("/")
}

fn skip(collector: &mut Collector, path: String, code: &'static str, message: String) {
    collector.report.records += 1;
    collector.report.skip(Origin::File(path), None, code, message);
}

fn file(collector: &mut Collector, path: String, bytes: &[u8], options: &Options) {
    let read = match foreign::read(&path, bytes, options) {
        Ok(foreign::Read::Own) => own(&path, bytes).map(|draft| (draft, Vec::new())),
        Ok(foreign::Read::Foreign(draft, remarks)) => Ok((*draft, remarks)),
        Err(refusal) => Err(refusal),
    };
    match read {
        Ok((draft, remarks)) => {
            for (code, message) in remarks {
                collector.report.warn(draft.at.clone(), Some(&draft.foreign), code, message);
            }
            collector.add(draft);
        }
        Err((code, message)) => skip(collector, path, code, message),
    }
}

/// Reads a file that quipu wrote. Other files may call it by its file name, which is its key.
fn own(path: &str, bytes: &[u8]) -> Result<Draft, (&'static str, String)> {
    let issue = Issue::read(bytes, None)
        .map_err(|error| ("unreadable", format!("line {}: {}", error.line, error.message)))?;
    let foreign = issue.front.key.clone().unwrap_or_else(|| stem(path).to_owned());
    let named_by_ulid = IssueId::parse(&foreign).is_some();
    let prefix = if named_by_ulid { "" } else { prefix_of(&foreign) }.to_owned();
    let at = Origin::File(path.to_owned());
    Ok(Draft { issue, foreign, prefix, own_id: true, at, size: bytes.len(), check: true, deleted: false })
}

/// Returns the name of a file without its folders and its ending.
fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}
