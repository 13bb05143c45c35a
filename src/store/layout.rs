//! Where things stand on the branch.
//!
//! Two folder levels, the last two characters of the ULID: random, so that the trees of one write stay small.

use crate::model::{IssueId, ULID_LEN};

/// The path of the settings.
pub const SETTINGS: &str = "quipu.yml";
/// The folder of the issues.
pub(super) const ISSUES: &str = "issues";
/// The folder of the losing copies of conflicts.
pub(super) const ATTIC: &str = "attic";
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

fn sharded(folder: &str, id: IssueId) -> String {
    let text = id.to_string();
    let (first, second) = (&text[ULID_LEN - 2..ULID_LEN - 1], &text[ULID_LEN - 1..]);
    format!("{folder}/{first}/{second}/{text}.md")
}

/// Returns the identity that a path below `issues/` names, where it is in its place.
pub fn issue_id(path: &str) -> Option<IssueId> {
    let name = path.rsplit('/').next()?.strip_suffix(".md")?;
    let id = IssueId::parse(name)?;
    (issue_path(id) == path).then_some(id)
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
