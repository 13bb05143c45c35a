//! A branch whose name is a folder of the tracker's, or the other way round: git cannot have both.

use super::git::Git;
use super::{Store, git_error};
use crate::error::{Error, Kind, Result};

impl Store {
    /// Refuses to create the branch where another one is in its way.
    ///
    /// # Errors
    /// Environment, naming the other branch.
    pub(super) fn check_way(&self) -> Result<()> {
        let Some(other) = self.branch_in_the_way()? else { return Ok(()) };
        let message = format!("the branch {other} is in the way of {}: git cannot have both", self.branch());
        Err(Error::new(Kind::Environment, "branch_in_the_way", message).hint(
            "choose another name for the tracker: qp --branch NAME init, and git config quipu.branch NAME",
        ))
    }

    fn branch_in_the_way(&self) -> Result<Option<String>> {
        let above = self.branch().match_indices('/').map(|(at, _)| &self.branch()[..at]);
        for name in above {
            if self.read_ref(&format!("refs/heads/{name}"))?.is_some() {
                return Ok(Some(name.to_owned()));
            }
        }
        let below = format!("{}/", self.branch_ref());
        let found = if self.uses_reftable() {
            let list = ["for-each-ref", "--count=1", "--format=%(refname)", &below];
            Git::new(self).args(list).output()?.stdout.trim().to_owned()
        } else {
            let refs = self.repo.references().map_err(git_error("list the branches"))?;
            let mut refs = refs.prefixed(below.as_str()).map_err(git_error("list the branches"))?;
            refs.find_map(Result::ok).map(|r| r.name().as_bstr().to_string()).unwrap_or_default()
        };
        Ok(found.strip_prefix("refs/heads/").map(str::to_owned))
    }
}
