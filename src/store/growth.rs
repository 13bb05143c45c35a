//! Keeping a clone small that nobody but quipu works in.
//!
//! Every write leaves six small files. Git packs such files by itself, after commands of its own that quipu does not
//! call, or calls with that switched off: nothing is to start in the background that the user has not asked for. So an
//! exchange with a remote does it, in the foreground and within a limit, by git's own maintenance: from as many files on
//! as git itself would begin at, and never where the user has switched it off.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::Store;
use super::git::Git;
use super::remote::Deadline;
use crate::error::{Error, Kind, Result};

/// From how many loose objects on git packs them, unless `gc.auto` says otherwise.
const LOOSE: usize = 6700;
/// From how many packs on git makes one of them, unless `gc.autoPackLimit` says otherwise.
const PACKS: usize = 50;
/// Folders that loose objects are spread over.
const FOLDERS: usize = 256;
/// How long it may take, in milliseconds: several times as long as it does. What is not done then is done by the next
/// exchange.
const LIMIT_MS: u64 = 10_000;
/// Less time than this is not worth beginning in.
const LEAST: Duration = Duration::from_secs(1);

/// How many files there are in the object database.
pub(super) struct Clutter {
    /// About how many loose objects.
    pub loose: usize,
    /// Packs that git may touch.
    pub packs: usize,
    many_loose: bool,
}

impl Store {
    /// Estimates as git does: objects are spread evenly, so one folder tells. Git looks at `17`; where it was ended while it
    /// removed files, which it does in the order of the folders, the last one tells that there are more.
    pub(super) fn clutter(&self, most: usize) -> Clutter {
        let objects = self.common_dir().join("objects");
        let count = |folder: &str| files(&objects.join(folder)).filter(|path| is_object(path)).count();
        let in_one = count("17").max(count("ff"));
        let is_pack = |path: &PathBuf| {
            path.extension().is_some_and(|ext| ext == "pack") && !path.with_extension("keep").exists()
        };
        let packs = files(&objects.join("pack")).filter(is_pack).count();
        Clutter { loose: in_one * FOLDERS, packs, many_loose: in_one > most.div_ceil(FOLDERS) }
    }

    /// Returns the estimate where there are more loose objects than git would let there be.
    pub(super) fn too_many_loose(&self) -> Option<usize> {
        let clutter = self.clutter(self.limit_of("gc.auto", LOOSE).unwrap_or(LOOSE));
        clutter.many_loose.then_some(clutter.loose)
    }

    /// Packs what there is too much of, unless the user has switched that off. Whatever goes wrong with it is nobody's
    /// business: the next exchange tries again.
    pub(super) fn tidy(&self, deadline: Deadline) {
        let left = u64::try_from(deadline.remaining().as_millis()).unwrap_or(LIMIT_MS);
        let limit = Deadline::after(LIMIT_MS.min(left));
        let off = ["maintenance.auto", "quipu.maintenance"].iter().any(|key| self.is_off(key));
        let Some(most) = self.limit_of("gc.auto", LOOSE).filter(|_| !off && limit.remaining() >= LEAST)
        else {
            return;
        };
        if self.clutter(most).many_loose {
            self.pack_loose(limit).ok();
            let most_packs = self.limit_of("gc.autoPackLimit", PACKS);
            if most_packs.is_some_and(|limit| self.clutter(most).packs > limit) {
                self.join_packs(limit.remaining());
            }
        }
    }

    /// Packs loose objects by git's own maintenance, and removes the files that are packed now.
    ///
    /// # Errors
    /// Environment, where git cannot do it; busy, where another git is at it.
    pub(super) fn pack_loose(&self, limit: Deadline) -> Result<()> {
        // Git would do nothing, and call it a success.
        let lock = self.maintenance_lock();
        if lock.exists() {
            let message = format!("another git maintenance is at work, or has died: {}", lock.display());
            return Err(Error::new(Kind::Busy, "busy", message).hint("qp doctor"));
        }
        let run = Git::new(self).args(["maintenance", "run", "--quiet", "--task=loose-objects"]);
        let output = run.limit(limit.remaining()).output()?;
        if !output.success {
            let reason = output.stderr.lines().last().unwrap_or("git does not say why").to_owned();
            let message = format!("git cannot pack the loose objects: {reason}");
            return Err(Error::new(Kind::Environment, "git", message).hint("git maintenance run --task=gc"));
        }
        // The task itself removes them only when it runs for the next time.
        Git::new(self).args(["prune-packed", "--quiet"]).limit(limit.remaining()).output()?;
        Ok(())
    }

    /// Makes few packs of many, the small ones first. A partial clone's are left to git: they are of two kinds.
    fn join_packs(&self, limit: Duration) {
        if limit >= LEAST && !self.is_partial() {
            let repack = ["repack", "-d", "--quiet", "--geometric=2", "--no-write-bitmap-index"];
            Git::new(self).args(repack).limit(limit).output().ok();
        }
    }

    /// Reads a number of git's configuration; `None` where it is 0, which switches off what it bounds.
    fn limit_of(&self, key: &str, usual: usize) -> Option<usize> {
        let value = self.repo.config_snapshot().integer(key);
        let limit = value.map_or(usual, |number| usize::try_from(number).unwrap_or(0));
        (limit > 0).then_some(limit)
    }

    fn is_off(&self, key: &str) -> bool {
        self.repo.config_snapshot().boolean(key) == Some(false)
    }
}

fn is_object(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    name.len() >= 38 && name.bytes().all(|b| b.is_ascii_hexdigit())
}

fn files(folder: &Path) -> impl Iterator<Item = PathBuf> {
    std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path())
}
