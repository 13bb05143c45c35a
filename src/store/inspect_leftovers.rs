//! What nobody needs any more, and what there is too much of: refs of remotes that are gone, files of programs that
//! died, outbox files whose operations have arrived, files of git's that hold nothing, too many loose objects.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use gix::ObjectId;

use super::redact::one_line;
use super::remote_name::portable;
use super::tip::Tip;
use super::{OutboxFile, OutboxState, Store};
use crate::error::Result;
use crate::model::{DAY_MS, Timestamp};
use crate::query::{Finding, Mend, Severity};

/// Where everything stands that a clone knows of remotes beyond git's own refs.
const REMOTES: &str = "refs/quipu/remotes/";

impl Store {
    /// Finds refs of remotes that are not configured any more. Those of a path or URL have a hash in their name, and
    /// nobody can tell whether they are still used.
    pub(super) fn inspect_leftover_refs(&self, tip: &Tip) -> Result<Vec<Finding>> {
        let mut known: BTreeSet<String> = self.repo.remote_names().iter().map(ToString::to_string).collect();
        known.extend(self.remote().map(portable));
        known.extend(self.remote().map(str::to_owned));
        let mut gone: BTreeMap<String, Vec<(String, ObjectId)>> = BTreeMap::new();
        for (name, id) in self.refs_below(REMOTES)? {
            let rest = name.strip_prefix(REMOTES).unwrap_or_default();
            let place = rest.rfind("/claims/").or_else(|| rest.find("/heads/")).unwrap_or(0);
            let remote = &rest[..place];
            if !remote.is_empty() && !known.contains(remote) && !ends_with_hash(remote) {
                gone.entry(format!("{REMOTES}{remote}/")).or_default().push((name, id));
            }
        }
        gone.into_iter().map(|(folder, refs)| self.leftover_refs(tip, &folder, &refs)).collect()
    }

    fn leftover_refs(&self, tip: &Tip, folder: &str, refs: &[(String, ObjectId)]) -> Result<Finding> {
        let count = refs.len();
        let message = format!("{count} refs below {folder} are of a remote that is not configured any more");
        for (name, id) in refs.iter().filter(|(name, _)| name.contains("/heads/")) {
            if self.base(tip.commit, *id)? != Some(*id) {
                let remedy =
                    format!("{name} has what {0} has not: qp diff --from {0} --to {name}", self.branch());
                return Ok(Finding::new(Severity::Note, "leftover_refs", message, remedy).at(folder));
            }
        }
        let remedy = "qp doctor --fix deletes them; the branch has everything that they hold";
        let finding = Finding::new(Severity::Note, "leftover_refs", message, remedy).at(folder);
        Ok(finding.mended_by(Mend::DropRefs(folder.to_owned())))
    }

    /// Finds files of quipu's own that were being written when the program died.
    pub(super) fn inspect_stray_files(&self, now: Timestamp) -> Vec<Finding> {
        let is_stray = |path: &PathBuf| {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            name.starts_with(".tmp") && path.is_file() && age_ms(path, now).is_some_and(|age| age > DAY_MS)
        };
        let describe = |path: PathBuf| {
            let path = path.display().to_string();
            let message = format!("{path} was being written when a program died; nobody needs it");
            let finding = Finding::new(Severity::Note, "stray_file", message, "qp doctor --fix deletes it");
            finding.at(&path).mended_by(Mend::DropFile(path))
        };
        files(&self.private_dir()).filter(is_stray).map(describe).collect()
    }

    /// Finds files of the outbox that nobody needs any more, because the remote has everything in them.
    pub(super) fn inspect_outbox(&self) -> Result<Vec<Finding>> {
        let shared = self.outbox()?.into_iter().filter(|file| file.state == OutboxState::Shared);
        let describe = |file: OutboxFile| {
            let message = format!("{} holds nothing that the remote has not", one_line(&file.name));
            let path = file.path.display().to_string();
            Finding::new(Severity::Note, "outbox_absorbed", message, "qp outbox prune")
                .at(path)
                .mended_by(Mend::PruneOutbox)
        };
        Ok(shared.map(describe).collect())
    }

    /// Loose objects cost space and time, and whoever works with quipu alone never runs what packs them.
    pub(super) fn inspect_loose_objects(&self) -> Vec<Finding> {
        let Some(loose) = self.too_many_loose() else { return Vec::new() };
        let message = format!("about {loose} objects are loose; packed they would take a tenth of the space");
        let remedy = "git maintenance run --task=loose-objects, or qp doctor --fix";
        vec![Finding::new(Severity::Note, "many_loose_objects", message, remedy).mended_by(Mend::Pack)]
    }
}

/// Tells whether a name ends as [`portable`] ends what was a path or URL.
fn ends_with_hash(name: &str) -> bool {
    let end = name.rsplit('-').next().unwrap_or_default();
    end.len() == 8 && end.len() < name.len() && end.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Returns how old a file is by the clock, in milliseconds.
pub(super) fn age_ms(path: &Path, now: Timestamp) -> Option<i64> {
    let modified = std::fs::metadata(path).ok()?.modified().ok()?;
    let since = modified.duration_since(std::time::UNIX_EPOCH).ok()?;
    Some(now.since(Timestamp::from_millis(i64::try_from(since.as_millis()).ok()?)))
}

fn files(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let mut found: Vec<PathBuf> =
        std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    found.sort();
    found.into_iter()
}
