//! What a killed process leaves behind that nobody else clears away: half-written files of gix and of our own. Git's
//! own are removed by git.

use std::path::{Path, PathBuf};

use super::Store;
use super::outbox::Outbox;
use crate::model::{DAY_MS, Timestamp};
use crate::query::{Finding, Mend, Severity};

/// How long the random part of such a file's name is.
const RANDOM: usize = 6;

impl Store {
    /// Removes half-written files that have been there for a day; returns how many.
    pub fn sweep_leftovers(&self, now: Timestamp) -> usize {
        self.leftovers(now).into_iter().filter(|path| std::fs::remove_file(path).is_ok()).count()
    }

    /// Finds such files: they are in nobody's way, and only collect.
    pub(super) fn inspect_leftovers(&self, now: Timestamp) -> Vec<Finding> {
        let describe = |path: PathBuf| {
            let path = path.display().to_string();
            let message = format!("{path} was being written when a program died; nobody needs it");
            let finding = Finding::new(Severity::Note, "stray_file", message, "qp doctor --fix deletes it");
            finding.at(&path).mended_by(Mend::DropFile(path))
        };
        self.leftovers(now).into_iter().map(describe).collect()
    }

    /// Nobody writes on one file for a day.
    fn leftovers(&self, now: Timestamp) -> Vec<PathBuf> {
        let mut found = half_written(&self.common_dir().join("objects"), &[".tmp"], now);
        found.extend(half_written(&self.private_dir(), &[".tmp", "search-", "snapshot-"], now));
        if let Some(outbox) = self.outbox_place().filter(Outbox::is_there) {
            found.extend(half_written(&outbox.folder(), &[".new-"], now));
        }
        found
    }
}

fn half_written(folder: &Path, prefixes: &[&str], now: Timestamp) -> Vec<PathBuf> {
    let is_random = |rest: &str| rest.len() == RANDOM && rest.bytes().all(|b| b.is_ascii_alphanumeric());
    let is_left = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        prefixes.iter().filter_map(|prefix| name.strip_prefix(prefix)).any(is_random)
            && age_ms(path, now).is_some_and(|age| age >= DAY_MS)
    };
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(is_left).collect();
    found.sort();
    found
}

/// Returns how old a plain file is by the clock, in milliseconds; `None` for what is none. No link is followed.
pub(super) fn age_ms(path: &Path, now: Timestamp) -> Option<i64> {
    let metadata = std::fs::symlink_metadata(path).ok().filter(std::fs::Metadata::is_file)?;
    let since = metadata.modified().ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
    Some(now.since(Timestamp::from_millis(i64::try_from(since.as_millis()).ok()?)))
}
