//! What a killed process leaves behind that nobody else clears away: half-written files of gix and of our own. Git's
//! own are removed by git.

use std::fs::DirEntry;
use std::path::Path;

use super::Store;
use crate::model::Timestamp;

/// Nobody writes on one file for so long, in milliseconds.
const LEFT_MS: i64 = 24 * 60 * 60 * 1000;
/// How the random part of such a file's name is long.
const RANDOM: usize = 6;

impl Store {
    /// Removes half-written files that have been there for a day; returns how many.
    pub fn sweep_leftovers(&self, now: Timestamp) -> usize {
        let objects = sweep(&self.common_dir().join("objects"), ".tmp", now);
        objects + sweep(&self.private_dir(), "snapshot-", now)
    }
}

fn sweep(folder: &Path, prefix: &str, now: Timestamp) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    let is_left = |entry: &DirEntry| {
        let name = entry.file_name();
        let random = name.to_str().and_then(|name| name.strip_prefix(prefix)).unwrap_or_default();
        random.len() == RANDOM
            && random.bytes().all(|b| b.is_ascii_alphanumeric())
            && age_ms(entry, now).is_some_and(|age| age >= LEFT_MS)
    };
    entries.flatten().filter(is_left).filter(|entry| std::fs::remove_file(entry.path()).is_ok()).count()
}

/// Returns the age of a file; `None` for what is no file.
fn age_ms(entry: &DirEntry, now: Timestamp) -> Option<i64> {
    let metadata = entry.metadata().ok().filter(|metadata| metadata.is_file())?;
    let modified = metadata.modified().ok()?.duration_since(std::time::SystemTime::UNIX_EPOCH).ok()?;
    Some(now.since(Timestamp::from_millis(i64::try_from(modified.as_millis()).ok()?)))
}
