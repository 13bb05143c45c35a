//! Partial clones: files that the remote has promised, and that are fetched when they are read for the first time,
//! as git itself does.

use std::collections::BTreeSet;
use std::time::Duration;

use gix::ObjectId;

use super::outcome::{Outcome, of_fetch};
use super::remote::{Deadline, Remote};
use super::{Store, git_error};
use crate::error::{Error, Kind, Result};

/// How long the files of a partial clone may take to come. They may be many, and a connection that has gone still is
/// ended sooner.
const LIMIT_MS: u64 = 5 * 60 * 1000;
/// How long they may take where an exchange waits for them whose time is up.
const GRACE_MS: u64 = 2000;

impl Store {
    /// Fetches those of `wanted` that are not here, in one go. Does nothing in an ordinary clone.
    ///
    /// # Errors
    /// Environment, where the remote cannot be asked for them.
    pub(super) fn fetch_promised(&self, wanted: impl IntoIterator<Item = ObjectId>) -> Result<()> {
        let Some(remote) = self.promisor() else { return Ok(()) };
        let is_missing = |id: &ObjectId| !self.repo.has_object(*id);
        let missing: Vec<ObjectId> = wanted.into_iter().filter(is_missing).collect();
        if missing.is_empty() {
            return Ok(());
        }
        let list: String = missing.iter().map(|id| format!("{id}\n")).collect();
        let limit = self.deadline.map_or(LIMIT_MS, |deadline| {
            // Also an exchange that has used up its time says what it has done.
            u64::try_from(deadline.remaining().as_millis()).unwrap_or(LIMIT_MS).clamp(GRACE_MS, LIMIT_MS)
        });
        let deadline = Deadline::after(limit);
        let asked = Remote { store: self, name: remote.clone(), deadline, variables: Vec::new() };
        // The options that git uses for the same purpose: they write neither refs nor configuration.
        let output = asked.run_for(Duration::from_millis(limit), |git| {
            git.args(["-c", "fetch.negotiationAlgorithm=noop", "fetch", "--quiet", "--no-tags"])
                .args(["--no-write-fetch-head", "--no-auto-maintenance", "--recurse-submodules=no"])
                .args(["--filter=blob:none", "--stdin", "--", &remote])
                .input(list)
        });
        let outcome = output.map_or_else(|outcome| outcome, |output| of_fetch(&output));
        if outcome.is_success() && !missing.iter().any(is_missing) {
            return Ok(());
        }
        let reason = match outcome {
            Outcome::Pushed | Outcome::UpToDate => "it has them not".to_owned(),
            Outcome::Refused(why)
            | Outcome::Unauthorised(why)
            | Outcome::Unreachable(why)
            | Outcome::Gone(why) => why,
            other => other.to_string(),
        };
        let count = match missing.len() {
            1 => "a file".to_owned(),
            n => format!("{n} files"),
        };
        let verb = if count == "a file" { "is" } else { "are" };
        let message = format!(
            "{count} of the tracker {verb} not in this partial clone, and {remote} does not give them: {reason}"
        );
        let branch = self.branch();
        Err(Error::new(Kind::Environment, "partial_clone", message).hint(format!(
            "git fetch --refetch --no-filter --no-tags {remote} +refs/heads/{branch}:refs/remotes/{remote}/{branch}"
        )))
    }

    /// Fetches the folders of everything that these commits descend from, where the clone was made without any
    /// (`--filter=tree:0`). Returns whether some were missing.
    ///
    /// # Errors
    /// Environment, where the remote cannot be asked for them.
    pub(super) fn fetch_promised_trees(&self, tips: impl IntoIterator<Item = ObjectId>) -> Result<bool> {
        if !self.lacks_trees() {
            return Ok(false);
        }
        let failed = git_error("walk the history");
        let mut missing = BTreeSet::new();
        for info in self.repo.rev_walk(tips).all().map_err(&failed)? {
            let commit = info.map_err(&failed)?.object().map_err(git_error("read a commit"))?;
            missing.insert(commit.tree_id().map_err(git_error("read a commit"))?.detach());
        }
        missing.retain(|id| !self.repo.has_object(*id));
        let found = !missing.is_empty();
        self.fetch_promised(missing)?;
        Ok(found)
    }

    /// Tells whether this clone leaves out folders, too.
    pub(super) fn lacks_trees(&self) -> bool {
        let filter = |remote: String| self.config(&format!("remote.{remote}.partialCloneFilter"));
        self.promisor().and_then(filter).is_some_and(|filter| filter.starts_with("tree:"))
    }

    /// Tells whether this is a partial clone.
    pub(super) fn is_partial(&self) -> bool {
        self.promisor().is_some()
    }

    /// Returns the remote that keeps what this clone has not.
    fn promisor(&self) -> Option<String> {
        let named = self.config("extensions.partialClone");
        named.or_else(|| {
            let names = self.repo.remote_names();
            let promises =
                |name: &String| self.config(&format!("remote.{name}.promisor")).as_deref() == Some("true");
            names.iter().map(ToString::to_string).find(promises)
        })
    }
}
