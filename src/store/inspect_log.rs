//! What the reflog of the branch knows: writers who did not see each other, and commits that the branch has lost.

use std::collections::HashSet;

use gix::ObjectId;

use super::tip::Tip;
use super::{Store, git_error};
use crate::error::Result;
use crate::query::{Finding, Mend, Severity};

/// Where commits are kept that the branch has lost.
pub(super) const RESCUE: &str = "refs/quipu/rescue/";
/// Most commits that are named.
const NAMED: usize = 100;

impl Store {
    /// Every line of the branch's log begins where the one before ended. Where it does not, two writers did not
    /// see each other; and commits that the branch once had and has no more are work that is about to be lost.
    pub(super) fn inspect_branch_log(&self, tip: &Tip) -> Result<Vec<Finding>> {
        let steps = self.branch_log();
        let gaps = steps.windows(2).filter(|pair| pair[0].1 != pair[1].0).count();
        let tips = [tip.commit].into_iter().chain(tip.local).chain(self.rescued()?);
        let reachable: HashSet<ObjectId> = self.reachable(tips)?;
        let lost = self.lost(&steps, &reachable)?;
        let mut found = Vec::new();
        if gaps > 0 {
            let plural = if gaps == 1 { "" } else { "s" };
            let message = format!("the reflog of {} has {gaps} gap{plural}", self.branch());
            let remedy = format!("git reflog show {}", self.branch());
            found.push(Finding::new(Severity::Note, "reflog_gap", message, remedy));
        }
        // Somebody who moves the branch back means it; writers who did not see each other do not.
        let severity = if gaps > 0 { Severity::Error } else { Severity::Warning };
        for commit in lost.into_iter().take(NAMED) {
            let short = commit.to_hex_with_len(9);
            let message = format!("{short} was on {} and is no longer part of it", self.branch());
            let remedy = format!(
                "qp doctor --fix keeps it by a ref; qp diff --from {} --to {short} shows what it has",
                self.branch()
            );
            let keep = Mend::Keep { commit: commit.to_string(), name: format!("{RESCUE}{short}") };
            found.push(Finding::new(severity, "left_behind", message, remedy).mended_by(keep));
        }
        Ok(found)
    }

    /// Reads the reflog of the branch: from where to where, oldest first. None in a reftable repository.
    pub(super) fn branch_log(&self) -> Vec<(ObjectId, ObjectId)> {
        let path = self.common_dir().join("logs").join(self.branch_ref());
        let text = std::fs::read(path).unwrap_or_default();
        String::from_utf8_lossy(&text).lines().filter_map(step).collect()
    }

    /// Returns the commits that are kept although the branch has lost them.
    fn rescued(&self) -> Result<Vec<ObjectId>> {
        let refs = self.refs_below(RESCUE)?;
        Ok(refs.into_iter().map(|(_, id)| id).filter(|id| self.repo.find_commit(*id).is_ok()).collect())
    }

    fn reachable(&self, from: impl Iterator<Item = ObjectId>) -> Result<HashSet<ObjectId>> {
        let mut found = HashSet::new();
        for info in self.repo.rev_walk(from).all().map_err(git_error("walk the history"))? {
            found.insert(info.map_err(git_error("walk the history"))?.id);
        }
        Ok(found)
    }

    /// Finds the newest commits of the log that the branch does not contain.
    fn lost(&self, steps: &[(ObjectId, ObjectId)], reachable: &HashSet<ObjectId>) -> Result<Vec<ObjectId>> {
        let mut covered: HashSet<ObjectId> = HashSet::new();
        let mut found = Vec::new();
        for id in steps.iter().rev().flat_map(|(old, new)| [*new, *old]) {
            if id.is_null() || reachable.contains(&id) || covered.contains(&id) || !self.repo.has_object(id) {
                continue;
            }
            found.push(id);
            let known = reachable.clone();
            let walk = self.repo.rev_walk([id]).selected(move |id| !known.contains(id));
            for info in walk.map_err(git_error("walk the history"))? {
                covered.insert(info.map_err(git_error("walk the history"))?.id);
            }
        }
        Ok(found)
    }
}

/// Reads one line of a ref's log: from where to where.
pub(super) fn step(line: &str) -> Option<(ObjectId, ObjectId)> {
    let mut words = line.split(' ');
    let mut id = || ObjectId::from_hex(words.next()?.as_bytes()).ok();
    Some((id()?, id()?))
}
