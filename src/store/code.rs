//! The project's own commits, as far as issues are concerned: what their messages say.
//!
//! Reads the history that the checkout stands on; nothing here knows the tracker's branch.

use gix::ObjectId;

use super::layout::{ISSUES, SETTINGS};
use super::{Store, git_error, tree};
use crate::error::{Error, Kind, Result};
use crate::model::Timestamp;

/// Characters of a commit id that are shown.
const SHORT: usize = 9;

/// A commit of the project.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CodeCommit {
    /// The commit, in hexadecimal.
    pub commit: String,
    /// When.
    pub time: Timestamp,
    /// The first line of its message.
    pub subject: String,
    /// All of its message.
    pub message: String,
}

impl CodeCommit {
    /// Returns the commit's first characters: enough for people and for git.
    pub fn short(&self) -> &str {
        &self.commit[..SHORT.min(self.commit.len())]
    }
}

impl Store {
    /// Visits the commits that `from` leads to, newest first and at most `most` of them; returns whether that was all.
    /// A `HEAD` without a commit leads to none.
    ///
    /// # Errors
    /// Not found, where there is no such commit; usage, where it is one of the tracker's; environment, where git's
    /// files cannot be read.
    pub fn code_commits(&self, from: &str, most: usize, mut visit: impl FnMut(&CodeCommit)) -> Result<bool> {
        let Some(start) = self.code_commit(from)? else { return Ok(true) };
        let mut left = most;
        let mut whole = true;
        self.walk(start, |entry| {
            if left == 0 {
                whole = false;
                return Ok(false);
            }
            left -= 1;
            let id = ObjectId::from_hex(entry.commit.as_bytes()).map_err(git_error("read a commit id"))?;
            let message = self.commit_message(id)?;
            visit(&CodeCommit {
                commit: entry.commit,
                time: entry.time,
                subject: entry.message.subject,
                message,
            });
            Ok(true)
        })?;
        Ok(whole)
    }

    fn code_commit(&self, from: &str) -> Result<Option<ObjectId>> {
        let missing = || {
            Error::new(Kind::NotFound, "no_such_commit", format!("no commit {from:?}"))
                .hint("name a branch, a tag or a commit of the project")
        };
        if from.starts_with('-') {
            return Err(missing());
        }
        let id = match self.resolve(&format!("{from}^{{commit}}")) {
            Some(id) => id,
            // A repository without a commit of its own.
            None if from == "HEAD" => return Ok(None),
            None => return Err(missing()),
        };
        let tree_id = self.tree_of(&id.to_string())?.ok_or_else(missing)?;
        let has = |path| Ok::<_, Error>(tree::lookup(&self.repo, tree_id, path)?.is_some());
        if has(SETTINGS)? && has(ISSUES)? {
            let message = format!("{from} is on the tracker's own branch, whose commits name every issue");
            return Err(Error::usage(message).hint("--from BRANCH names a branch of the project"));
        }
        Ok(Some(id))
    }

    fn commit_message(&self, id: ObjectId) -> Result<String> {
        let commit = self.repo.find_commit(id).map_err(git_error("read a commit"))?;
        let text = String::from_utf8_lossy(&commit.data);
        Ok(text.split_once("\n\n").map_or_else(String::new, |(_, message)| message.to_owned()))
    }
}
