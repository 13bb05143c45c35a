//! Locks of git's that nobody holds any more, and what they keep git and quipu from.

use std::path::{Path, PathBuf};

use super::Store;
use super::leftovers::age_ms;
use super::patience::OLD_MS;
use crate::model::Timestamp;
use crate::query::{Finding, Mend, Severity};

/// How old the lock of a ref must be to be called stale, in milliseconds. Git holds one for moments.
const STALE_LOCK_MS: i64 = 60 * 1000;

impl Store {
    /// A lock that nobody holds any more keeps every write out.
    pub(super) fn inspect_locks(&self, now: Timestamp) -> Vec<Finding> {
        let common = self.common_dir();
        let candidates = [
            common.join(format!("{}.lock", self.branch_ref())),
            common.join("packed-refs.lock"),
            common.join("reftable").join("tables.list.lock"),
        ];
        let stale = |path: &PathBuf| age_ms(path, now).is_some_and(|ms| ms.abs() >= STALE_LOCK_MS);
        let describe = |path: PathBuf| {
            let is_ours = path == candidates[0];
            let is_old = age_ms(&path, now).is_some_and(|ms| ms >= OLD_MS);
            let keeps = match path == candidates[1] {
                true => "no ref can be deleted",
                false => "nothing can be written",
            };
            let target = match is_ours {
                true => self.left_behind_lock(),
                false => self.private_dir().join(format!("left-behind-{}", file_name(&path))),
            };
            let (target, path) = (target.display().to_string(), path.display().to_string());
            let message = format!("{path} has been there for a while; {keeps} as long as it is");
            let remedy = match is_ours {
                true => "the next write moves it away, when nobody seems to hold it".to_owned(),
                false => format!("when no git command runs any more: mv {path} {target}"),
            };
            let finding = Finding::new(Severity::Error, "stale_lock", message, remedy).at(path);
            finding.mended_by((is_ours && is_old).then_some(Mend::SetAside(target)))
        };
        candidates.iter().filter(|path| stale(path)).cloned().map(describe).collect()
    }

    /// A `git maintenance` that was killed keeps every other from its work, and git says nothing of it.
    pub(super) fn inspect_maintenance(&self, now: Timestamp) -> Option<Finding> {
        let lock = self.left_maintenance_lock(now)?.display().to_string();
        let target = self.left_behind_maintenance().display().to_string();
        let message = format!(
            "{lock} was left behind by a git maintenance that died; as long as it is there, git packs nothing"
        );
        let remedy = format!("qp doctor --fix moves it to {target}");
        let finding = Finding::new(Severity::Warning, "maintenance_lock", message, remedy).at(lock);
        Some(finding.mended_by(Mend::FreeMaintenance(target)))
    }
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
