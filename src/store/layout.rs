//! Where things stand on the branch.
//!
//! Two folder levels, the last two characters of the ULID: random, so that the trees of one write stay small.

use crate::model::{IssueId, Timestamp, ULID_LEN};

/// The path of the settings.
pub const SETTINGS: &str = "quipu.yml";
/// The folder of the issues.
pub(super) const ISSUES: &str = "issues";
/// The folder of the losing copies of conflicts.
pub(super) const ATTIC: &str = "attic";
/// The folder of those that are no issues.
const ATTIC_FILES: &str = "attic/files";
/// Digits of a blob's id in the name of a losing copy.
const COPY_DIGITS: usize = 16;
/// The folder of what imports brought, one folder a source.
pub(super) const IMPORTS: &str = "imports";
/// The folder of the memories.
pub(super) const MEMORIES: &str = "memories";

/// Returns the path of an issue's file.
pub fn issue_path(id: IssueId) -> String {
    sharded(ISSUES, id)
}

/// Returns the path where an import keeps what the source said, as the base of the next import.
pub fn import_path(source: &str, id: IssueId) -> String {
    sharded(&format!("{IMPORTS}/{source}"), id)
}

/// Tells whether a path is one that [`import_path`] gives for this source.
pub(super) fn is_import_path(source: &str, path: &str) -> bool {
    let id = path.rsplit('/').next().and_then(|name| IssueId::parse(name.strip_suffix(".md")?));
    id.is_some_and(|id| import_path(source, id) == path)
}

/// Returns the path where the losing version of an issue is kept: `time` is that of its write, `blob_id` its file, in
/// hexadecimal.
pub fn attic_path(id: IssueId, time: Timestamp, blob_id: &str) -> String {
    format!("{}/{}.md", attic_folder(id), copy_name(time, blob_id))
}

/// Returns the folder of an issue's losing versions.
pub(super) fn attic_folder(id: IssueId) -> String {
    let path = sharded(ATTIC, id);
    path.strip_suffix(".md").expect("an issue's path ends so").to_owned()
}

/// Returns the path where the losing version of any other file is kept.
pub fn attic_file_path(path: &str, time: Timestamp, blob_id: &str) -> String {
    format!("{ATTIC_FILES}/{path}/{}{}", copy_name(time, blob_id), extension(path))
}

fn copy_name(time: Timestamp, blob_id: &str) -> String {
    format!("{}-{}", time.millis(), &blob_id[..COPY_DIGITS.min(blob_id.len())])
}

/// Returns the extension of a path with its dot, or nothing.
fn extension(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.rfind('.').filter(|at| *at > 0).map_or("", |at| &name[at..])
}

/// What the path of a losing copy says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct CopyPath {
    /// The path that the file had.
    pub original: String,
    /// When it was written.
    pub time: Timestamp,
}

/// Reads the path of a losing copy; `None` where it is none.
pub(super) fn copy_path(path: &str) -> Option<CopyPath> {
    let (folder, name) = path.rsplit_once('/')?;
    let (original, end) = match folder.strip_prefix(ATTIC_FILES).and_then(|rest| rest.strip_prefix('/')) {
        // Nobody else's folders: a path that is written again must be one of a file on the branch.
        Some(original) if original.split('/').any(|name| ["", ".", "..", ".git"].contains(&name)) => {
            return None;
        }
        Some(original) => (original.to_owned(), extension(original)),
        None => {
            let rest = folder.strip_prefix(ATTIC)?.strip_prefix('/')?;
            let original = format!("{ISSUES}/{rest}.md");
            issue_id(&original)?;
            (original, ".md")
        }
    };
    let (millis, blob) = name.strip_suffix(end)?.split_once('-')?;
    let is_hex = blob.len() == COPY_DIGITS && blob.bytes().all(|b| b.is_ascii_hexdigit());
    let time = millis.parse().ok().map(Timestamp::from_millis).filter(|_| is_hex)?;
    Some(CopyPath { original, time })
}

fn sharded(folder: &str, id: IssueId) -> String {
    let text = id.to_string();
    let (first, second) = (&text[ULID_LEN - 2..ULID_LEN - 1], &text[ULID_LEN - 1..]);
    format!("{folder}/{first}/{second}/{text}.md")
}

/// Returns the identity that a path below `issues/` names, where it is in its place.
pub fn issue_id(path: &str) -> Option<IssueId> {
    let (folder, name) = path.rsplit_once('/')?;
    let name = name.strip_suffix(".md")?;
    let id = IssueId::parse(name)?;
    // This is asked of every file of a tracker, so no path is made to compare with.
    let mut folders = folder.split('/');
    let (first, second) = (&name[ULID_LEN - 2..ULID_LEN - 1], &name[ULID_LEN - 1..]);
    let is_there = [ISSUES, first, second].iter().all(|expected| folders.next() == Some(*expected));
    (is_there && folders.next().is_none() && id.to_string() == name).then_some(id)
}

/// Turns any text into a portable file name: small letters, digits and hyphens, at most 64 characters.
pub fn slug(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars().flat_map(char::to_lowercase) {
        if c.is_ascii_alphanumeric() {
            out.push(c);
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
        if out.len() == 64 {
            break;
        }
    }
    out.trim_end_matches('-').to_owned()
}
