//! Git's lock on its own maintenance, `objects/maintenance.lock`. Git takes it for as long as it packs, and where it is
//! taken, ends at once and with success. A git that is killed leaves it behind, and nobody packs from then on.
//!
//! Git never takes such a lock for stale, and says nothing of its holder in it. Two things tell that nobody holds it: a
//! git that maintains has the file open, and it is as old as git lets `gc.pid` become, which stands beside it for the same
//! purpose, before it passes that over.

use std::path::{Path, PathBuf};

use super::Store;
use super::leftovers::age_ms;
use crate::error::Result;
use crate::model::Timestamp;

/// How old the lock must be, in milliseconds: 12 hours.
const LEFT_MS: i64 = 12 * 60 * 60 * 1000;

impl Store {
    /// Returns where the lock stands when somebody holds it.
    pub(super) fn maintenance_lock(&self) -> PathBuf {
        self.common_dir().join("objects").join("maintenance.lock")
    }

    /// Returns the lock, where nobody holds it any more.
    pub(super) fn left_maintenance_lock(&self, now: Timestamp) -> Option<PathBuf> {
        let lock = self.maintenance_lock();
        (age_ms(&lock, now)? >= LEFT_MS && !is_open(&lock)).then_some(lock)
    }

    /// Returns where such a lock is moved to.
    pub(super) fn left_behind_maintenance(&self) -> PathBuf {
        self.private_dir().join("left-behind-maintenance.lock")
    }

    /// Moves the lock out of the way, where nobody holds it any more; tells whether it has.
    ///
    /// # Errors
    /// Environment, where the repository cannot be written; busy, where no turn was to be had.
    pub(super) fn free_maintenance(&self, now: Timestamp) -> Result<bool> {
        let _turn = self.lock()?;
        let lock = self.left_maintenance_lock(now);
        Ok(lock.is_some_and(|lock| std::fs::rename(lock, self.left_behind_maintenance()).is_ok()))
    }
}

/// Tells whether a process has a file open, as far as this system lets one see the files of others.
fn is_open(path: &Path) -> bool {
    let Ok(path) = path.canonicalize() else { return false };
    let list = |folder: PathBuf| std::fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path());
    let processes = list(PathBuf::from("/proc"));
    processes.flat_map(|process| list(process.join("fd"))).any(|fd| fd.read_link().is_ok_and(|to| to == path))
}
