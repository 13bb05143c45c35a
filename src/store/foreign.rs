//! Reading another branch, another repository or a bundle, as files: what an import starts from.

use std::path::Path;

use gix::ObjectId;

use super::git::Git;
use super::open::Opening;
use super::{Store, git_error, tree};
use crate::context::Context;
use crate::error::{Error, Kind, Result};

/// Files of another branch: (path, content).
pub type Files = Vec<(String, Vec<u8>)>;

impl Store {
    /// Reads the files of `branch`, local or remote-tracking.
    ///
    /// # Errors
    /// Not found, where there is no such branch.
    pub fn branch_files(&self, branch: &str) -> Result<Files> {
        let names = [format!("refs/heads/{branch}"), format!("refs/remotes/{branch}")];
        let tracking = self.remote.iter().map(|r| format!("refs/remotes/{r}/{branch}"));
        for name in names.into_iter().chain(tracking) {
            if let Some(commit_id) = self.read_ref(&name)? {
                return self.commit_files(commit_id);
            }
        }
        Err(Error::new(Kind::NotFound, "no_such_branch", format!("no branch {branch} in that repository"))
            .hint("git fetch, or name the branch"))
    }

    fn commit_files(&self, commit_id: ObjectId) -> Result<Files> {
        let commit = self.repo.find_commit(commit_id).map_err(git_error("read a commit"))?;
        let tree_id = commit.tree_id().map_err(git_error("read a commit"))?.detach();
        let mut found = Vec::new();
        tree::differences(&self.repo, None, Some(tree_id), "", &mut found)?;
        found
            .into_iter()
            .filter_map(|d| Some((d.path, d.new?)))
            .map(|(p, id)| Ok((p, self.blob(id)?)))
            .collect()
    }

    /// Reads the files of `branch` out of a bundle.
    ///
    /// # Errors
    /// Invalid, where the file is no bundle; not found, where it has no such branch.
    pub fn bundle_files(context: &Context, bundle: &Path, branch: &str) -> Result<Files> {
        let failed = |e: std::io::Error| {
            Error::new(Kind::Environment, "no_temporary_folder", "cannot make a temporary folder").because(e)
        };
        let folder = tempfile::tempdir().map_err(failed)?;
        let repo = gix::init_bare(folder.path()).map_err(git_error("make a temporary repository"))?;
        let store = Store::with_repository(repo, Opening::new(context), context, None)?;
        let bundle = bundle.canonicalize().map_err(failed)?;
        let fetched = Git::new(&store)
            .args(["fetch", "-q", "--no-tags", "--no-write-fetch-head", "--"])
            .args([bundle.as_os_str()])
            .args(["+refs/heads/*:refs/heads/*"])
            .output()?;
        if !fetched.success {
            return Err(Error::invalid(format!("{} is not a complete git bundle", bundle.display()))
                .hint(format!("git bundle verify {}", bundle.display())));
        }
        store.reopen()?.branch_files(branch)
    }
}
