//! What nobody needs any more, and what there is too much of: refs of remotes that are gone, too many loose objects.

use std::collections::{BTreeMap, BTreeSet};

use gix::ObjectId;

use super::Store;
use super::remote_name::portable;
use super::tip::Tip;
use crate::error::Result;
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
        let what = if count == 1 { "ref" } else { "refs" };
        let message = format!("{folder} has {count} {what} of a remote that is not configured any more");
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
