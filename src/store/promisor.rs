//! Partial clones: files that the remote has promised, and that are fetched when they are read for the first time,
//! as git itself does.

use std::collections::BTreeSet;

use gix::ObjectId;

use super::git::Git;
use super::{Store, git_error};
use crate::error::{Error, Kind, Result};

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
        // The options that git uses for the same purpose: they write neither refs nor configuration.
        let output = Git::new(self)
            .args(["-c", "fetch.negotiationAlgorithm=noop", "-c", "http.lowSpeedLimit=1000"])
            .args(["-c", "http.lowSpeedTime=20", "fetch", "--quiet", "--no-tags", "--no-write-fetch-head"])
            .args(["--recurse-submodules=no", "--filter=blob:none", "--stdin", &remote])
            .input(list)
            .output()?;
        if output.success && !missing.iter().any(is_missing) {
            return Ok(());
        }
        let reason =
            output.stderr.lines().find_map(|l| l.strip_prefix("fatal: ")).unwrap_or("it has them not");
        let count = match missing.len() {
            1 => "a file".to_owned(),
            n => format!("{n} files"),
        };
        let message = format!(
            "{count} of the tracker are not in this partial clone, and {remote} does not give them: {reason}"
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
