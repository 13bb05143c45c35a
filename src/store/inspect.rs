//! What is wrong with the repository itself: ownership, git, the two branches, objects, the snapshot. What a loss of power
//! breaks is found by `damage.rs`.
//!
//! Each check stands alone, so that one that fails hides no other. Nothing here changes anything but
//! [`Store::drop_snapshot`].

use gix::ObjectId;

use super::checkout::Lagging;
use super::git::Git;
use super::sync::SWEPT_AFTER_MS;
use super::tip::Tip;
use super::{Store, View};
use crate::error::{Error, Result};
use crate::model::{ClaimRef, IssueId, Timestamp, Tracker};
use crate::query::{Finding, Mend, Severity, ailment};

/// The oldest git whose flags are used.
const OLDEST_GIT: (u32, u32) = (2, 29);
/// Most objects or commits that are named.
const NAMED: usize = 3;

impl Store {
    /// Looks at everything around the tracker that is not its content, but for what [`Store::inspect_damage`] finds.
    pub fn inspect(&self, now: Timestamp) -> Vec<Finding> {
        let mut found = self.inspect_owner();
        found.extend(self.inspect_git());
        found.extend(self.inspect_locks(now));
        found.extend(self.inspect_maintenance(now));
        found.extend(self.inspect_leftovers(now));
        found.extend(self.inspect_loose_objects());
        // A branch that cannot be read is damage.
        let Ok(tip) = self.tip() else { return found };
        found.extend(self.inspect_outbox());
        let Some(tip) = tip else { return found };
        let checks = [
            Ok(self.inspect_tip(&tip)),
            self.inspect_checkouts(),
            self.inspect_branch_log(&tip),
            self.inspect_objects(&tip),
            self.inspect_leftover_refs(&tip),
        ];
        for check in checks {
            found.extend(check.unwrap_or_else(|error| vec![check_failed(&error)]));
        }
        found
    }

    fn inspect_owner(&self) -> Vec<Finding> {
        let Err(error) = self.check_owner() else { return Vec::new() };
        let remedy = error.remedy().unwrap_or_default().to_owned();
        vec![Finding::new(Severity::Error, "foreign_owner", error.message(), remedy)]
    }

    fn inspect_git(&self) -> Vec<Finding> {
        let Ok(output) = Git::new(self).args(["version"]).output() else {
            let message = "the git program cannot be run; whatever shares the tracker needs it";
            return vec![Finding::new(Severity::Warning, "no_git", message, "install git")];
        };
        let text = output.stdout.trim();
        let mut numbers = text
            .split(|c: char| !c.is_ascii_digit())
            .filter(|word| !word.is_empty())
            .filter_map(|word| word.parse().ok());
        let version: (u32, u32) = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
        if version >= OLDEST_GIT {
            return Vec::new();
        }
        let message = format!("{text} is older than {}.{}", OLDEST_GIT.0, OLDEST_GIT.1);
        vec![Finding::new(Severity::Warning, "old_git", message, "install a newer git")]
    }

    fn inspect_tip(&self, tip: &Tip) -> Vec<Finding> {
        let branch = self.branch();
        let message = format!("the local branch {branch} and the remote's have each something of their own");
        let remedy = "qp sync merges them".to_owned();
        let finding = Finding::new(Severity::Note, "diverged", message, remedy);
        tip.diverged.then_some(finding).into_iter().collect()
    }

    fn inspect_checkouts(&self) -> Result<Vec<Finding>> {
        let describe = |lagging: Lagging| {
            let folder = lagging.folder.display().to_string();
            let message =
                format!("{folder} has {} checked out and is {} behind it", self.branch(), lagging.behind);
            let remedy = format!("{} keeps your changes", lagging.remedy());
            let mend = lagging.is_clean.then(|| Mend::Follow(folder.clone()));
            Finding::new(Severity::Warning, "checkout_behind", message, remedy).at(folder).mended_by(mend)
        };
        Ok(self.lagging_checkouts()?.into_iter().map(describe).collect())
    }

    fn inspect_objects(&self, tip: &Tip) -> Result<Vec<Finding>> {
        let commit = tip.commit.to_string();
        let Ok(output) = Git::new(self).args(["rev-list", "--objects", "--missing=print", &commit]).output()
        else {
            return Ok(Vec::new());
        };
        let missing: Vec<&str> = output.stdout.lines().filter_map(|line| line.strip_prefix('?')).collect();
        if missing.is_empty() && output.success {
            return Ok(Vec::new());
        }
        let partial = self.is_partial();
        let named: Vec<&str> = missing.iter().take(NAMED).copied().collect();
        let message = match missing.len() {
            0 => format!("the history of {} cannot be read to its end", self.branch()),
            1 => format!("an object of {} is missing: {}", self.branch(), named.join(", ")),
            count => format!("{count} objects of {} are missing: {}", self.branch(), named.join(", ")),
        };
        let remedy = match &self.remote {
            Some(_) if partial => {
                "they are fetched when they are needed; qp doctor --fix fetches all".to_owned()
            }
            Some(remote) => format!("git fetch --refetch {remote} brings back what the remote has"),
            None => "git fsck --full; copy .git/objects from another clone".to_owned(),
        };
        let severity = if partial { Severity::Note } else { Severity::Error };
        let ids = missing.iter().map(|id| (*id).to_owned()).collect();
        let mend = (partial && !missing.is_empty()).then_some(Mend::Fetch(ids));
        Ok(vec![Finding::new(severity, "missing_objects", message, remedy).mended_by(mend)])
    }

    /// Compares the snapshot file with the tree that it was made from. `view` was read without it.
    ///
    /// # Errors
    /// Environment, where git's files cannot be read.
    pub fn inspect_snapshot(&self, view: &View) -> Result<Vec<Finding>> {
        let path = self.cache_path();
        let finding = |severity, message: &str| {
            Finding::new(
                severity,
                "snapshot",
                message,
                "qp doctor --fix deletes it; the next command makes a new one",
            )
            .at(path.display().to_string())
            .mended_by(Mend::DropSnapshot)
        };
        let Some(cached) = self.load_cache() else {
            let unusable = path
                .exists()
                .then(|| finding(Severity::Note, "the snapshot file cannot be used and is passed over"));
            return Ok(unusable.into_iter().collect());
        };
        let Ok(tree_id) = ObjectId::try_from(&cached.tree[..]) else {
            return Ok(vec![finding(Severity::Note, "the snapshot file names no tree")]);
        };
        if !self.repo.has_object(tree_id) {
            return Ok(Vec::new());
        }
        let agrees = |tracker: &Tracker| {
            tracker.rows == cached.rows
                && tracker.rows.pack().columns() == cached.rows.pack().columns()
                && tracker.unreadable == cached.unreadable
                && tracker.settings == cached.settings
        };
        let tip = self.tip()?.map_or(view.commit_id, |tip| tip.commit);
        let same = match tree_id == view.tree_id {
            true => agrees(&view.tracker),
            false => agrees(&self.read_afresh(tree_id, tip)?),
        };
        let wrong = finding(Severity::Error, "the snapshot file disagrees with the branch");
        Ok(if same { Vec::new() } else { vec![wrong] })
    }

    /// Reads the tracker of a tree without the snapshot file.
    fn read_afresh(&self, tree_id: ObjectId, commit: ObjectId) -> Result<Tracker> {
        let mut afresh = super::cache::Cached::default();
        self.refresh(&mut afresh, None, tree_id, commit)?;
        Ok(Tracker::with_rows(afresh.settings, afresh.rows, afresh.unreadable))
    }

    /// Deletes the snapshot file, which costs the next command some time and nothing else.
    pub fn drop_snapshot(&self) -> bool {
        self.recent.forget();
        drop(std::fs::remove_file(self.changes_path()));
        std::fs::remove_file(self.cache_path()).is_ok()
    }

    /// Reads the tracker, with what waits in the outbox, without the snapshot file.
    ///
    /// # Errors
    /// Environment, where there is no tracker or git's files cannot be read.
    pub fn view_afresh(&self) -> Result<View> {
        let store = self.overlaid()?.into_owned();
        let tip = store.require_tip()?;
        let tree_id = store.commit_tree(tip.commit)?;
        let tracker = store.read_afresh(tree_id, tip.commit)?;
        let mut view = View::new(store, tip.commit, tree_id, tracker, Vec::new());
        view.tip = Some(tip);
        view.tracker.claims = self.claims()?;
        Ok(view)
    }
}

impl View {
    /// Looks at what a remote knows of claims: one that nobody needs any more keeps its issue from being claimed.
    pub fn inspect_claims(&self, now: Timestamp) -> Vec<Finding> {
        let tracker = &self.tracker;
        let describe = |(id, claim): (&IssueId, &ClaimRef)| {
            let over = match tracker.position(*id) {
                None => "whose issue is not here".to_owned(),
                Some(at) if tracker.is_closed(at) => "whose issue is closed".to_owned(),
                Some(_) if now.since(claim.lease_until) > SWEPT_AFTER_MS => {
                    format!("whose lease ended at {}", claim.lease_until)
                }
                Some(_) => return None,
            };
            let message = format!("the remote has a claim of {}, {over}", claim.holder.actor);
            let finding = Finding::new(Severity::Note, "claim_leftover", message, "qp sync removes it");
            Some(finding.of_issue(tracker.key_of(*id)))
        };
        tracker.claims.iter().filter_map(describe).collect()
    }
}

/// Turns a check that could not be made into a finding.
pub fn check_failed(error: &Error) -> Finding {
    let remedy = error.remedy().filter(|remedy| *remedy != "qp doctor").unwrap_or("git fsck").to_owned();
    let known = ailment(error.code()).filter(|known| known.severities.contains(&Severity::Error));
    let code = known.map_or("check_failed", |known| known.code);
    Finding::new(Severity::Error, code, error.to_string(), remedy)
}
