//! Bringing the local branch and the remote's together: forward where one of them is behind, else by a merge.

use gix::ObjectId;

use super::layout::{ISSUES, SETTINGS};
use super::lost::Lost;
use super::merge::{MergeCommit, Unmergeable};
use super::patience::Patience;
use super::refs::Swap;
use super::repacked::{ATTEMPTS, is_missing_object};
use super::{Author, Store, tree};
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::model::Settings;

/// What bringing two lines together did.
#[derive(Debug, Default)]
pub(super) struct Integrated {
    /// What a merge discarded; `None` where there was nothing to merge.
    pub merged: Option<Vec<Lost>>,
    /// What the user should know.
    pub warnings: Vec<String>,
}

/// What is to be done about two tips.
#[derive(Clone, Copy)]
enum Step {
    Nothing,
    Forward(ObjectId),
    Merge(ObjectId, ObjectId),
}

impl Store {
    /// Brings the local branch forward to everything that the remote-tracking branch has, or that `theirs` has.
    ///
    /// # Errors
    /// `CutOff` where a shallow history must be deepened; conflict, where the two are different trackers and `join`
    /// is not set; busy; environment.
    pub(super) fn integrate(
        &self,
        context: &Context,
        author: &Author,
        join: bool,
        theirs: Option<ObjectId>,
    ) -> std::result::Result<Integrated, Unmergeable> {
        let is_moving = |outcome: &std::result::Result<Integrated, Unmergeable>| matches!(outcome, Err(Unmergeable::Failed(error)) if is_missing_object(error));
        let mut outcome = self.try_integrate(context, author, join, theirs);
        for _ in 0..ATTEMPTS {
            if !is_moving(&outcome) {
                break;
            }
            outcome = self.try_integrate(context, author, join, theirs);
        }
        outcome
    }

    fn try_integrate(
        &self,
        context: &Context,
        author: &Author,
        join: bool,
        theirs: Option<ObjectId>,
    ) -> std::result::Result<Integrated, Unmergeable> {
        let _lock = self.lock()?;
        let mut patience = Patience::new();
        loop {
            let store = self.reopen()?;
            let (local, tracking) = store.both_tips()?;
            let step = store.step(local, theirs.or(tracking))?;
            let merge = matches!(step, Step::Merge(..)).then_some(step);
            let (before, new, merged) = match step {
                Step::Nothing => {
                    return Ok(Integrated::default());
                }
                Step::Forward(new) => (local.unwrap_or(new), new, None),
                Step::Merge(ours, theirs) => {
                    store.check_same_tracker(ours, theirs, join)?;
                    let MergeCommit { id, lost } = store.merge_commits(ours, theirs)?;
                    (ours, id, Some(lost))
                }
            };
            store.seam.pass();
            let log = if merged.is_some() { "qp: merge" } else { "qp: forward" };
            let time = format!("{} +0000", context.now().millis().div_euclid(1000));
            let signature = author.signature(&time);
            if let Some(warning) = store.move_branch(local, before, new, log, signature)? {
                let mut warnings = std::mem::take(&mut patience.warnings);
                warnings.extend(warning);
                if let Some(Step::Merge(ours, theirs)) = merge {
                    store.keep_merge(ours, theirs, new)?;
                }
                store.flush_branch()?;
                return Ok(Integrated { merged, warnings });
            }
            patience.another_attempt(&store, context.now())?;
        }
    }

    /// Returns the local and the remote-tracking tip.
    pub(super) fn both_tips(&self) -> Result<(Option<ObjectId>, Option<ObjectId>)> {
        let local = self.read_ref(&self.branch_ref())?;
        let tracking = match self.tracking_ref() {
            Some(name) => self.read_ref(&name)?,
            None => None,
        };
        Ok((local, tracking))
    }

    fn step(&self, local: Option<ObjectId>, tracking: Option<ObjectId>) -> Result<Step> {
        let (Some(ours), Some(theirs)) = (local, tracking) else {
            return Ok(tracking.map_or(Step::Nothing, Step::Forward));
        };
        if ours == theirs {
            return Ok(Step::Nothing);
        }
        Ok(match self.base(ours, theirs)? {
            Some(base) if base == ours => Step::Forward(theirs),
            Some(base) if base == theirs => Step::Nothing,
            _ => Step::Merge(ours, theirs),
        })
    }

    /// Swaps the branch; `None` where somebody else was quicker, else what the user should know about it.
    pub(super) fn move_branch(
        &self,
        local: Option<ObjectId>,
        from: ObjectId,
        to: ObjectId,
        log: &str,
        signature: gix::actor::SignatureRef<'_>,
    ) -> Result<Option<Option<String>>> {
        if local.is_none() {
            self.check_way()?;
        }
        let cleared = self.begin_swap(local, to);
        if self.swap_ref(&self.branch_ref(), local, to, log, signature)? == Swap::Lost {
            return Ok(None);
        }
        if let Some(lost_id) = self.overwritten(to) {
            let log = "qp: bring back what was overwritten";
            if self.swap_ref(&self.branch_ref(), Some(to), lost_id, log, signature)? == Swap::Done {
                return Ok(None);
            }
            let warning =
                format!("the commit {lost_id} was overwritten: git branch rescued {lost_id} keeps it");
            return Ok(Some(Some(warning)));
        }
        let follows = self.follow_checkouts(local.unwrap_or(from), to);
        let warning =
            follows.err().map(|e| format!("the worktree on {} does not follow: {e}", self.branch()));
        Ok(Some(warning.or(cleared)))
    }

    /// Two clones that ran `init` share a root. Where that is all they share, and both hold issues under names of
    /// their own, they are two trackers.
    pub(super) fn check_same_tracker(&self, ours: ObjectId, theirs: ObjectId, join: bool) -> Result<()> {
        if join {
            return Ok(());
        }
        let base = self.base(ours, theirs)?;
        if base.is_none() && !self.repo.is_shallow().unwrap_or(false) {
            self.check_is_tracker(ours)?;
            self.check_is_tracker(theirs)?;
        }
        let is_root = |id: ObjectId| self.repo.find_commit(id).is_ok_and(|c| c.parent_ids().next().is_none());
        if self.repo.is_shallow().unwrap_or(false) || base.is_some_and(|base| !is_root(base)) {
            return Ok(());
        }
        let [one, other] = [self.founding(ours)?, self.founding(theirs)?];
        let (Some(one), Some(other)) = (one, other) else { return Ok(()) };
        if one.prefixes.iter().any(|prefix| other.prefixes.contains(prefix)) {
            return Ok(());
        }
        let message = format!(
            "two trackers: the one here calls its issues {}-…, the remote's {}-…, and they have no issue in common",
            one.prefix, other.prefix
        );
        Err(Error::new(Kind::Conflict, "two_trackers", message)
            .hint("qp sync --join makes one of them, with both prefixes; --branch NAME keeps them apart"))
    }

    /// Refuses what has nothing of a tracker: somebody may have pushed something else to the branch.
    pub(super) fn check_is_tracker(&self, commit: ObjectId) -> Result<()> {
        let tree_id = self.commit_tree(commit)?;
        if tree::lookup(&self.repo, tree_id, SETTINGS)?.is_some()
            || tree::lookup(&self.repo, tree_id, ISSUES)?.is_some()
        {
            return Ok(());
        }
        let short = commit.to_hex_with_len(12);
        let message =
            format!("{short} on {} is no tracker and has no past in common with this one", self.branch());
        Err(Error::new(Kind::Conflict, "no_tracker_there", message)
            .hint(format!("git log {short} shows what it is; qp sync --join takes it in all the same")))
    }

    /// Returns the settings of a tracker that holds issues.
    fn founding(&self, commit: ObjectId) -> Result<Option<Settings>> {
        let tree_id = self.commit_tree(commit)?;
        if tree::lookup(&self.repo, tree_id, ISSUES)?.is_none() {
            return Ok(None);
        }
        tree::file(&self.repo, tree_id, SETTINGS)?.map_or(Ok(None), |id| self.settings_in(id))
    }
}
