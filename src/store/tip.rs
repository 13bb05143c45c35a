//! Where the tracker stands: the local branch, the remote-tracking one, or both.

use gix::ObjectId;

use super::Store;
use super::remote_name::portable;
use crate::error::{Error, Kind, Result};

/// The commit that reads and writes start from.
#[derive(Clone, Debug)]
pub(super) struct Tip {
    /// The commit.
    pub commit: ObjectId,
    /// What the local branch points to: what a swap must find.
    pub local: Option<ObjectId>,
    /// Whether the local branch and the remote-tracking one have each something of their own.
    pub diverged: bool,
}

/// Chooses the remote: `quipu.remote`, else the branch's, else the only one, else `origin`.
pub(super) fn choose_remote(repo: &gix::Repository, branch: &str) -> Option<String> {
    let config = repo.config_snapshot();
    let of_branch = format!("branch.{branch}.remote");
    if let Some(name) = config.string("quipu.remote").or_else(|| config.string(of_branch.as_str())) {
        return Some(name.to_string());
    }
    let names: Vec<String> = repo.remote_names().iter().map(ToString::to_string).collect();
    match &names[..] {
        [only] => Some(only.clone()),
        _ => names.into_iter().find(|n| n == "origin"),
    }
}

/// The remote that clones have unless told otherwise.
const LEFTOVER: &str = "origin";

impl Store {
    /// Returns the full name of the tracker's branch.
    pub(super) fn branch_ref(&self) -> String {
        format!("refs/heads/{}", self.branch)
    }

    /// Returns the full name of the branch that follows the remote's. A path or a URL has no place among git's own.
    pub(super) fn tracking_ref(&self) -> Option<String> {
        let (remote, branch) = (self.remote.as_ref()?, &self.branch);
        Some(if self.is_configured(remote) {
            format!("refs/remotes/{remote}/{branch}")
        } else {
            format!("refs/quipu/remotes/{}/heads/{branch}", portable(remote))
        })
    }

    /// Tells whether a remote has a name, and is not a bare path or URL.
    pub(super) fn is_configured(&self, remote: &str) -> bool {
        !remote.contains([':', '\\'])
            && (!remote.contains('/') && !remote.trim_matches('.').is_empty()
                || self.repo.find_remote(remote).is_ok())
    }

    /// Finds the commit to start from; `None` where there is no tracker.
    pub(super) fn tip(&self) -> Result<Option<Tip>> {
        if let Some(overlay) = &self.overlay {
            return Ok(Some(overlay.tip.clone()));
        }
        let local = self.read_ref(&self.branch_ref())?;
        let tracking = match self.tracking_ref() {
            Some(name) => self.read_ref(&name)?,
            None => None,
        };
        let tip = |commit, diverged| Some(Tip { commit, local, diverged });
        Ok(match (local, tracking) {
            (None, None) => None,
            (Some(commit), None) | (None, Some(commit)) => tip(commit, false),
            (Some(ours), Some(theirs)) if ours == theirs => tip(ours, false),
            (Some(ours), Some(theirs)) => match self.base(ours, theirs)? {
                Some(base) if base == ours => tip(theirs, false),
                Some(base) if base == theirs => tip(ours, false),
                _ => tip(ours, true),
            },
        })
    }

    /// Finds a common ancestor: where one of the two is an ancestor of the other, exactly that one. A shallow history
    /// may have none.
    ///
    /// It is not asked of gix, which looks for the best of several by first parents only: after many clones have
    /// merged within a second, it takes an ancestor for a line of its own.
    pub(super) fn base(&self, one: ObjectId, two: ObjectId) -> Result<Option<ObjectId>> {
        match self.meet(&[one], &[two]) {
            Ok(meeting) => {
                let bases = meeting.bases;
                let head = [one, two].into_iter().find(|head| bases.contains(head));
                Ok(head.or_else(|| bases.first().copied()))
            }
            Err(_) if self.repo.is_shallow().unwrap_or(false) => Ok(None),
            Err(e) => Err(e),
        }
    }

    /// A sandbox may take the remotes away and leave what came from them: what `origin` had is still read.
    pub(super) fn with_leftovers(mut self) -> Self {
        if self.remote.is_none() && self.repo.remote_names().is_empty() {
            let left = self.read_ref(&format!("refs/remotes/{LEFTOVER}/{}", self.branch));
            self.remote = matches!(left, Ok(Some(_))).then(|| LEFTOVER.to_owned());
        }
        self
    }

    /// Returns a remote other than the tracker's whose branch has been fetched.
    fn remote_with_tracker(&self) -> Option<String> {
        let names = self.repo.remote_names();
        let has_one = |name: &String| {
            matches!(self.read_ref(&format!("refs/remotes/{name}/{}", self.branch)), Ok(Some(_)))
        };
        names.iter().map(ToString::to_string).find(has_one)
    }

    /// Finds the commit to start from, or says how to get a tracker.
    pub(super) fn require_tip(&self) -> Result<Tip> {
        if let Some(tip) = self.tip()? {
            return Ok(tip);
        }
        let error = Error::new(
            Kind::Environment,
            "no_tracker",
            format!("no tracker here: there is no branch {}", self.branch),
        );
        if let Some(other) = self.remote_with_tracker() {
            return Err(error.hint(format!(
                "git config quipu.remote {other}, whose tracker has been fetched; qp init starts a new one"
            )));
        }
        Err(match &self.remote {
            Some(remote) => error.hint(format!("qp pull, if {remote} has one; qp init starts a new one")),
            None if !self.repo.remote_names().is_empty() => {
                error.hint("qp pull --remote NAME, if a remote has one; qp init starts a new one")
            }
            None => error.hint("qp init"),
        })
    }
}
