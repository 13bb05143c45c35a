//! Claims outside the branch: one small object for each, under a ref of its own, so that the remote decides in one
//! push who holds an issue, and claims on different issues never contend.
//!
//! Here they stand under `refs/quipu/remotes/<remote>/claims/`, as they were when the remote was last asked.

use std::collections::BTreeMap;

use gix::ObjectId;

use super::git::Git;
use super::remote::{CLAIMS, Listing};
use super::remote_name::portable;
use super::{Store, git_error};
use crate::context::Context;
use crate::error::Result;
use crate::model::{ClaimRef, Holder, IssueId, Timestamp};

/// Claims that a clone knows, each with its object.
pub(super) type KnownClaims = BTreeMap<IssueId, ObjectId>;

impl Store {
    /// Returns the folder of refs in which this clone keeps what it knows of a remote's claims.
    fn claims_folder(&self) -> Option<String> {
        self.private_refs("claims")
    }

    /// Returns a folder of private refs about the remote.
    pub(super) fn private_refs(&self, what: &str) -> Option<String> {
        let remote = self.remote.as_ref()?;
        let folder = if self.is_configured(remote) { remote.clone() } else { portable(remote) };
        Some(format!("refs/quipu/remotes/{folder}/{what}/"))
    }

    /// Returns the claims as this clone last saw them.
    pub(super) fn known_claims(&self) -> Result<KnownClaims> {
        let Some(folder) = self.claims_folder() else { return Ok(KnownClaims::new()) };
        let claim = |(name, id): (String, ObjectId)| {
            name.strip_prefix(&folder).and_then(IssueId::parse).map(|issue| (issue, id))
        };
        Ok(self.refs_below(&folder)?.into_iter().filter_map(claim).collect())
    }

    /// Reads the claims that this clone knows. What is no claim is passed over: anybody may push anything there.
    pub(super) fn claims(&self) -> Result<BTreeMap<IssueId, ClaimRef>> {
        let leaving = self.leaving();
        let known = self.known_claims()?.into_iter();
        let stays = |(id, token): &(IssueId, ObjectId)| leaving.get(id) != Some(token);
        Ok(known.filter(stays).filter_map(|(id, token)| Some((id, self.read_claim(id, token)?))).collect())
    }

    /// Reads a claim.
    pub(super) fn read_claim(&self, id: IssueId, token: ObjectId) -> Option<ClaimRef> {
        const MOST: u64 = 64 * 1024;
        let header = self.repo.find_header(token).ok()?;
        if header.kind() != gix::objs::Kind::Blob || header.size() > MOST {
            return None;
        }
        parse(id, token, &String::from_utf8_lossy(&self.repo.find_object(token).ok()?.data))
    }

    /// Writes a claim and returns its id. No two are equal.
    pub(super) fn write_claim(
        &self,
        context: &Context,
        holder: &Holder,
        claimed_at: Timestamp,
        lease_until: Timestamp,
    ) -> Result<ObjectId> {
        let text = format!(
            "holder: {}\nsession: {}\nclaimed_at: {claimed_at}\nlease_until: {lease_until}\nnonce: {}\n",
            one_line(&holder.actor),
            one_line(&holder.session),
            context.fresh_id()
        );
        let _sharing = self.sharing();
        Ok(self.repo.write_blob(text).map_err(git_error("write to the repository"))?.detach())
    }

    /// Returns the refspecs that bring what the listing has and this clone has not.
    pub(super) fn claim_specs(&self, listing: &Listing, known: &KnownClaims) -> Vec<String> {
        let Some(folder) = self.claims_folder() else { return Vec::new() };
        let is_new = |(id, token): &(&IssueId, &ObjectId)| known.get(id) != Some(token);
        let new = listing.claims.iter().filter(is_new);
        new.map(|(id, _)| format!("+{CLAIMS}{id}:{folder}{id}")).collect()
    }

    /// Forgets claims that the remote has no more.
    pub(super) fn forget_claims(&self, gone: impl IntoIterator<Item = (IssueId, ObjectId)>) -> Result<()> {
        let Some(folder) = self.claims_folder() else { return Ok(()) };
        self.delete_refs(gone.into_iter().map(|(id, token)| (format!("{folder}{id}"), token)).collect())
    }

    /// Deletes private refs that are still what they were.
    pub(super) fn delete_refs(&self, refs: Vec<(String, ObjectId)>) -> Result<()> {
        let lines: String = refs.iter().map(|(name, id)| format!("delete {name} {id}\n")).collect();
        if !lines.is_empty() {
            // Somebody else in this clone may have been quicker; the next look settles it.
            Git::new(self).args(["update-ref", "--stdin"]).input(lines).output()?;
        }
        Ok(())
    }

    /// Notes a claim that the remote has just taken.
    pub(super) fn know_claim(&self, id: IssueId, token: ObjectId) -> Result<()> {
        let Some(folder) = self.claims_folder() else { return Ok(()) };
        self.set_ref(&format!("{folder}{id}"), token)
    }
}

/// Reads the lines of a claim.
pub(super) fn parse(id: IssueId, token: ObjectId, text: &str) -> Option<ClaimRef> {
    let value = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    let time = |name: &str| value(name).and_then(Timestamp::parse);
    Some(ClaimRef {
        id,
        holder: Holder { actor: value("holder")?.to_owned(), session: value("session")?.to_owned() },
        claimed_at: time("claimed_at")?,
        lease_until: time("lease_until")?,
        token: token.to_string(),
    })
}

fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
