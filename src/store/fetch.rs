//! An ordinary fetch for those who only read: the remote-tracking branch and the claims, and nothing of this clone's own.

use super::Store;
use super::outcome::Outcome;
use super::remote::{Deadline, Depth};
use crate::context::Context;
use crate::error::{Error, Kind, Result};

impl Store {
    /// Fetches the branch and the claims of the remote. Reads start from there; the local branch stays as it is.
    ///
    /// # Errors
    /// Remote, with the reason, where the remote was not reached; environment, without a remote.
    pub fn fetch_news(&self, context: &Context, deadline: Deadline) -> Result<()> {
        let store = self.through(None)?;
        let turn = store.sync_turn(deadline)?;
        let store = if turn.has_waited { store.reopen()? } else { store };
        let name = store.remote.clone().unwrap_or_default();
        let remote = store.remote_named(&name, deadline)?;
        let failed = |outcome: Outcome| remote.error(&outcome);
        let listing = remote.list().map_err(failed)?;
        store.note_seen(&name, context.now());
        let (_, tracking) = store.both_tips()?;
        let known = store.known_claims()?;
        let is_new = listing.branch.is_some() && listing.branch != tracking;
        let specs = store.claim_specs(&listing, &known);
        if turn.is_locked && (is_new || !specs.is_empty()) {
            let shown = super::redact::redacted(&name);
            let message = format!("{shown} has something new, and .git cannot be written");
            return Err(Error::new(Kind::Environment, "read_only", message));
        }
        if let Some(here) = store.tracking_ref().filter(|_| is_new) {
            // Without a plus: what this clone knows of the remote may be nowhere else.
            let spec = format!("{}:{here}", store.branch_ref());
            remote.fetch(&[spec], Depth::AsIs).map_err(|outcome| match outcome {
                Outcome::Refused(_) if tracking.is_some() => store.put_back(&name),
                other => failed(other),
            })?;
        }
        if listing.branch.is_none() && !turn.is_locked {
            store.forget_shared_branch()?;
        }
        if !specs.is_empty() {
            remote.fetch(&specs, Depth::AsIs).map_err(failed)?;
        }
        store.forget_claims(known.into_iter().filter(|(id, _)| !listing.claims.contains_key(id)))
    }

    /// The remote has the branch no more: what this clone knew of it goes, if the local branch has all of that.
    fn forget_shared_branch(&self) -> Result<()> {
        let (Some(local), Some(known)) = self.both_tips()? else { return Ok(()) };
        let name = self.tracking_ref().filter(|_| self.contains(local, known));
        self.delete_refs(name.map(|name| (name, known)).into_iter().collect())
    }

    fn put_back(&self, remote: &str) -> Error {
        let remote = super::redact::redacted(remote);
        let message = format!("{} was put back at {remote}, and qp pull brings both together", self.branch());
        Error::new(Kind::Remote, "put_back", message).hint("qp pull")
    }
}
