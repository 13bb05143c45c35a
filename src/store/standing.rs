//! How this clone stands to the remote, as far as is known without asking it.

use super::Store;
use super::push_url::Elsewhere;
use crate::error::Result;
use crate::model::Timestamp;

/// What lies between this clone and the remote.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Standing {
    /// The remote's name.
    pub remote: String,
    /// Operations that the remote has not, as far as is known.
    pub ahead: usize,
    /// Operations of the remote that are known here and not taken in.
    pub behind: usize,
    /// Whether the remote is known to have the tracker.
    pub is_shared: bool,
    /// When the remote was last reached.
    pub seen: Option<Timestamp>,
    /// What is at the other place that pushes go to.
    pub elsewhere: Option<Elsewhere>,
}

impl Store {
    /// Tells how this clone stands to the remote, without the network; `None` without a remote or a tracker.
    ///
    /// # Errors
    /// Environment, where git's files cannot be read.
    pub fn standing(&self) -> Result<Option<Standing>> {
        let Some(remote) = self.remote.clone() else { return Ok(None) };
        let (local, tracking) = self.both_tips()?;
        let Some(mine) = local.or(tracking) else { return Ok(None) };
        let count = |new, old| Ok::<_, crate::error::Error>(self.between(old, new)?.0);
        let (ahead, behind) = match tracking {
            Some(theirs) if theirs == mine => (0, 0),
            Some(theirs) => (count(mine, tracking)?, count(theirs, Some(mine))?),
            None => (count(mine, None)?, 0),
        };
        let elsewhere = if ahead > 0 { self.elsewhere(mine, tracking)? } else { None };
        let seen = self.seen(&remote);
        let remote = super::redact::redacted(&remote);
        Ok(Some(Standing { remote, ahead, behind, is_shared: tracking.is_some(), seen, elsewhere }))
    }
}
