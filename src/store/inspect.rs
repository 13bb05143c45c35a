//! What is wrong with the repository itself: ownership, git, locks, the branch's own log, objects, the snapshot.
//!
//! Each check stands alone, so that one that fails hides no other. Nothing here changes anything but
//! [`Store::drop_snapshot`].

use std::collections::HashSet;
use std::path::PathBuf;

use gix::ObjectId;

use super::checkout::Lagging;
use super::git::Git;
use super::sync::SWEPT_AFTER_MS;
use super::tip::Tip;
use super::{Store, View, git_error};
use crate::error::{Error, Result};
use crate::model::{ClaimRef, IssueId, Timestamp};
use crate::query::{Finding, Severity};

/// How old the lock of a ref must be to be called stale, in milliseconds. Git holds one for moments.
const STALE_LOCK_MS: i64 = 60 * 1000;
/// The oldest git whose flags are used.
const OLDEST_GIT: (u32, u32) = (2, 29);
/// Most objects or commits that are named.
const NAMED: usize = 3;

impl Store {
    /// Looks at everything around the tracker that is not its content.
    pub fn inspect(&self, now: Timestamp) -> Vec<Finding> {
        let mut found = self.inspect_owner();
        found.extend(self.inspect_git());
        found.extend(self.inspect_locks(now));
        let checks = match self.tip() {
            Err(error) => vec![Ok(vec![self.broken_tip(&error)])],
            Ok(None) => Vec::new(),
            Ok(Some(tip)) => vec![
                Ok(self.inspect_tip(&tip)),
                self.inspect_checkouts(),
                self.inspect_branch_log(&tip),
                self.inspect_objects(&tip),
                self.inspect_claims(&tip, now),
            ],
        };
        for check in checks {
            found.extend(check.unwrap_or_else(|error| vec![check_failed(&error)]));
        }
        found
    }

    /// The branch itself cannot be read. Its log knows where it stood.
    fn broken_tip(&self, error: &Error) -> Finding {
        let finding = check_failed(error);
        let path = self.common_dir().join(self.branch_ref());
        let known =
            self.branch_log().into_iter().rev().map(|(_, new)| new).find(|id| self.repo.has_object(*id));
        match known {
            Some(id) if error.code() == "bad_ref" => {
                let remedy = format!("its log knows where it stood: echo {id} > {}", path.display());
                Finding { remedy, ..finding }
            }
            _ => finding,
        }
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

    /// A lock that nobody holds any more keeps every write out.
    fn inspect_locks(&self, now: Timestamp) -> Vec<Finding> {
        let common = self.common_dir();
        let candidates = [
            common.join(format!("{}.lock", self.branch_ref())),
            common.join("packed-refs.lock"),
            common.join("reftable").join("tables.list.lock"),
        ];
        let stale = |path: &PathBuf| {
            let modified = std::fs::metadata(path).and_then(|m| m.modified()).ok();
            let since = modified.and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
            let millis = since.and_then(|s| i64::try_from(s.as_millis()).ok());
            millis.is_some_and(|ms| now.since(Timestamp::from_millis(ms)).abs() >= STALE_LOCK_MS)
        };
        let describe = |path: PathBuf| {
            let path = path.display().to_string();
            let message =
                format!("{path} has been there for a while; nothing can be written as long as it is");
            let remedy = format!("when no git command runs any more: rm {path}");
            Finding::new(Severity::Error, "stale_lock", message, remedy).at(path)
        };
        candidates.into_iter().filter(stale).map(describe).collect()
    }

    fn inspect_tip(&self, tip: &Tip) -> Vec<Finding> {
        let branch = self.branch();
        let message = format!("the local branch {branch} and the remote's have each something of their own");
        let remedy = "qp sync merges them".to_owned();
        let finding = Finding::new(Severity::Note, "diverged", message, remedy);
        tip.diverged.then_some(finding).into_iter().collect()
    }

    /// A claim at the remote that nobody needs any more keeps its issue from being claimed.
    fn inspect_claims(&self, tip: &Tip, now: Timestamp) -> Result<Vec<Finding>> {
        let claims = self.claims()?;
        if claims.is_empty() {
            return Ok(Vec::new());
        }
        let tracker = self.view_commit(tip.commit)?.tracker;
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
            let remedy = "qp sync removes it".to_owned();
            Some(
                Finding::new(Severity::Note, "claim_leftover", message, remedy).of_issue(tracker.key_of(*id)),
            )
        };
        Ok(claims.iter().filter_map(describe).collect())
    }

    fn inspect_checkouts(&self) -> Result<Vec<Finding>> {
        let describe = |lagging: Lagging| {
            let folder = lagging.folder.display().to_string();
            let message =
                format!("{folder} has {} checked out and is {} behind it", self.branch(), lagging.behind);
            let remedy = format!("{} keeps your changes", lagging.remedy());
            Finding::new(Severity::Warning, "checkout_behind", message, remedy).at(folder)
        };
        Ok(self.lagging_checkouts()?.into_iter().map(describe).collect())
    }

    /// Every line of the branch's log begins where the one before ended. Where it does not, two writers did not
    /// see each other; and commits that the branch once had and has no more are work that is about to be lost.
    fn inspect_branch_log(&self, tip: &Tip) -> Result<Vec<Finding>> {
        let steps = self.branch_log();
        let gaps = steps.windows(2).filter(|pair| pair[0].1 != pair[1].0).count();
        let reachable: HashSet<ObjectId> = self.reachable([tip.commit].into_iter().chain(tip.local))?;
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
                "git branch quipu-rescue {short} keeps it; qp diff --from {} --to {short} shows what it has",
                self.branch()
            );
            found.push(Finding::new(severity, "left_behind", message, remedy));
        }
        Ok(found)
    }

    /// Reads the reflog of the branch: from where to where, oldest first. None in a reftable repository.
    fn branch_log(&self) -> Vec<(ObjectId, ObjectId)> {
        let path = self.common_dir().join("logs").join(self.branch_ref());
        let text = std::fs::read_to_string(path).unwrap_or_default();
        text.lines().filter_map(step).collect()
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
        let partial = self.config("extensions.partialClone").is_some();
        let named: Vec<&str> = missing.iter().take(NAMED).copied().collect();
        let message = match missing.len() {
            0 => format!("the history of {} cannot be read to its end", self.branch()),
            count => format!("{count} objects of {} are missing: {}", self.branch(), named.join(", ")),
        };
        let remedy = match &self.remote {
            Some(remote) => format!("git fetch --refetch {remote} brings back what the remote has"),
            None => "git fsck --full; copy .git/objects from another clone".to_owned(),
        };
        let severity = if partial { Severity::Note } else { Severity::Error };
        Ok(vec![Finding::new(severity, "missing_objects", message, remedy)])
    }

    /// Compares the snapshot file with the tree that it was made from.
    ///
    /// # Errors
    /// Environment, where git's files cannot be read.
    pub fn inspect_snapshot(&self) -> Result<Vec<Finding>> {
        let path = self.cache_path();
        let finding = |severity, message: &str| {
            Finding::new(
                severity,
                "snapshot",
                message,
                "qp doctor --fix deletes it; the next command makes a new one",
            )
            .at(path.display().to_string())
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
        let mut afresh = super::cache::Cached::default();
        self.refresh(&mut afresh, None, tree_id, self.require_tip()?.commit)?;
        afresh.unreadable.sort_by(|a, b| a.path.cmp(&b.path));
        let same = afresh.rows == cached.rows
            && afresh.rows.pack().columns() == cached.rows.pack().columns()
            && afresh.unreadable == cached.unreadable
            && afresh.settings == cached.settings;
        let wrong = finding(Severity::Error, "the snapshot file disagrees with the branch");
        Ok(if same { Vec::new() } else { vec![wrong] })
    }

    /// Deletes the snapshot file, which costs the next command some time and nothing else.
    pub fn drop_snapshot(&self) -> bool {
        drop(std::fs::remove_file(self.changes_path()));
        std::fs::remove_file(self.cache_path()).is_ok()
    }

    /// Reads the tracker without the snapshot file.
    ///
    /// # Errors
    /// Environment, where there is no tracker or git's files cannot be read.
    pub fn view_afresh(&self) -> Result<View> {
        let tip = self.require_tip()?;
        let commit = self.repo.find_commit(tip.commit).map_err(git_error("read the tracker's branch"))?;
        let tree_id = commit.tree_id().map_err(git_error("read the tracker's branch"))?.detach();
        let mut afresh = super::cache::Cached::default();
        self.refresh(&mut afresh, None, tree_id, tip.commit)?;
        let tracker = crate::model::Tracker::with_rows(afresh.settings, afresh.rows, afresh.unreadable);
        let mut view = View::new(self.clone(), tip.commit, tree_id, tracker, Vec::new());
        view.tip = Some(tip);
        Ok(view)
    }
}

/// Turns a check that could not be made into a finding.
pub fn check_failed(error: &Error) -> Finding {
    let remedy = error.remedy().unwrap_or("git fsck").to_owned();
    Finding::new(Severity::Error, error.code(), error.to_string(), remedy)
}

/// Reads one line of a ref's log: from where to where.
pub(super) fn step(line: &str) -> Option<(ObjectId, ObjectId)> {
    let mut words = line.split(' ');
    let mut id = || ObjectId::from_hex(words.next()?.as_bytes()).ok();
    Some((id()?, id()?))
}
