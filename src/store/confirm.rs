//! Confirming claims at the remote: a push of one small object decides who holds an issue.
//!
//! Looking, bidding and withdrawing touch no branch but what a fetch brings; the issue itself is changed by an ordinary
//! write afterwards.

use gix::ObjectId;

use super::backoff::Backoff;
use super::notes::LostClaim;
use super::outcome::Outcome;
use super::push::{Expect, RefPush};
use super::remote::{CLAIMS, Deadline};
use super::sync::{Attempt, Exchange, SyncRequest};
use super::{Author, Store, View};
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::model::{Holder, IssueId, Timestamp};

/// A claim that somebody wants the remote to confirm.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Bid {
    /// The issue.
    pub id: IssueId,
    /// Who wants it.
    pub holder: Holder,
    /// Since when it is the holder's.
    pub claimed_at: Timestamp,
    /// Until when it is to be.
    pub lease_until: Timestamp,
}

/// How a bid ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum BidOutcome {
    /// The remote has taken it: the token.
    Won(String),
    /// Somebody else was quicker.
    Lost,
    /// The remote was not reached, or does not take claims.
    Unavailable(Outcome),
}

/// What a look is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Seek {
    /// The branch alone: whoever has won a claim need not know who has won others meanwhile.
    Branch,
    /// The branch and all claims.
    Claims,
}

impl Store {
    /// Takes in what the remote has now: the branch, and what `seek` says. `Some` is the reason why it could not be
    /// asked.
    ///
    /// # Errors
    /// Environment, without a remote; conflict, where the remote holds another tracker; whatever a merge fails with.
    pub fn look(
        &self,
        context: &Context,
        author: &Author,
        seek: Seek,
        deadline: Deadline,
    ) -> Result<Option<Outcome>> {
        if self.is_locked_away() {
            return Ok(Some(Outcome::Unreachable("this repository cannot be written here".to_owned())));
        }
        let store = self.through(None)?.reopen()?;
        let request =
            SyncRequest { remote: None, deadline, pull: true, push: false, join: false, retry: false };
        let mut exchange = store.exchange(context, author, request)?;
        exchange.with_claims = seek == Seek::Claims;
        let mut backoff = Backoff::new(context);
        loop {
            let outcome = match exchange.attempt() {
                Ok(Attempt::Done) => return exchange.note_losses().map(|()| None),
                Ok(Attempt::Failed(outcome)) => return Ok(Some(outcome)),
                Ok(Attempt::Again(outcome)) => outcome,
                // Which of the remote's failures it was does not matter to somebody who can go on without it.
                Err(error) if error.kind() == Kind::Remote => {
                    return Ok(Some(Outcome::Unreachable(error.message().to_owned())));
                }
                Err(error) => return Err(error),
            };
            if !backoff.sleep_after(&outcome, deadline) {
                return Ok(Some(outcome));
            }
        }
    }

    /// Asks the remote to confirm a claim. It does so if nobody has one, or the one that stands there is the holder's
    /// own or has lapsed.
    ///
    /// # Errors
    /// Environment, where the claim cannot be written or there is no remote.
    pub fn bid(&self, context: &Context, bid: &Bid, deadline: Deadline) -> Result<BidOutcome> {
        let store = self.through(None)?.reopen()?;
        let known = store.known_claims()?.get(&bid.id).copied();
        let standing = known.and_then(|token| store.read_claim(bid.id, token));
        if standing.is_some_and(|claim| claim.holder != bid.holder && claim.is_live(context.now())) {
            return Ok(BidOutcome::Lost);
        }
        let token = store.write_claim(context, &bid.holder, bid.claimed_at, bid.lease_until)?;
        let expect = known.map_or(Expect::Absent, Expect::Is);
        Ok(match store.push_claim(bid.id, Some(token), expect, deadline)? {
            Outcome::Pushed | Outcome::UpToDate => {
                if let Some(why) = store.take_back_unseen(bid.id, token, deadline)? {
                    return Ok(BidOutcome::Unavailable(why));
                }
                store.know_claim(bid.id, token)?;
                // An earlier claim of the holder's that was to leave has left.
                store.forget_leaving([bid.id]);
                BidOutcome::Won(token.to_string())
            }
            Outcome::LostRace => BidOutcome::Lost,
            other => BidOutcome::Unavailable(other),
        })
    }

    /// Takes a confirmed claim back. Where the remote cannot be told now, the next sync does it.
    ///
    /// # Errors
    /// Environment, without a remote.
    pub fn withdraw(&self, id: IssueId, token: &str, deadline: Deadline) -> Result<()> {
        let store = self.through(None)?.reopen()?;
        let Ok(token) = ObjectId::from_hex(token.as_bytes()) else { return Ok(()) };
        store.note_leaving([(id, token)]);
        let outcome = store.push_claim(id, None, Expect::Is(token), deadline)?;
        if outcome.is_success() || outcome == Outcome::LostRace {
            store.forget_leaving([id]);
            store.forget_claims([(id, token)])?;
        }
        Ok(())
    }

    /// Notes that confirmed claims are over: the next exchange takes them from the remote, together with the branch.
    /// Tells whether there were any.
    pub fn end_claims<'t>(&self, claims: impl IntoIterator<Item = (IssueId, &'t str)>) -> bool {
        let token = |(id, token): (IssueId, &str)| Some((id, ObjectId::from_hex(token.as_bytes()).ok()?));
        let claims: Vec<_> = claims.into_iter().filter_map(token).collect();
        let any = !claims.is_empty();
        if any {
            self.note_leaving(claims);
        }
        any
    }

    /// Takes a claim back that went to another place than fetches come from, where others do not see it: it decides
    /// nothing. Returns why.
    fn take_back_unseen(&self, id: IssueId, token: ObjectId, deadline: Deadline) -> Result<Option<Outcome>> {
        let remote = self.remote_named(self.remote.as_deref().unwrap_or_default(), deadline)?;
        let Some(url) = remote.pushes_elsewhere() else { return Ok(None) };
        let why = match remote.list() {
            Ok(listing) if listing.claims.get(&id) == Some(&token) => return Ok(None),
            Ok(_) => {
                let shown = super::redact::redacted(&remote.name);
                Outcome::Elsewhere(format!("claims are pushed to {url}, and {shown} does not show them"))
            }
            Err(outcome) => outcome,
        };
        self.push_claim(id, None, Expect::Is(token), deadline)?;
        Ok(Some(why))
    }

    fn push_claim(
        &self,
        id: IssueId,
        new: Option<ObjectId>,
        expect: Expect,
        deadline: Deadline,
    ) -> Result<Outcome> {
        let name = self.remote.clone().unwrap_or_default();
        let remote = self.remote_named(&name, deadline)?;
        let push = RefPush { name: format!("{CLAIMS}{id}"), new, expect };
        let outcome = remote.push(&[push], false).pop();
        outcome.ok_or_else(|| Error::bug("a push of one ref without an outcome"))
    }

    /// Reads the tracker as the remote has it, as far as is known here.
    ///
    /// # Errors
    /// Environment, where git's files cannot be read.
    pub fn shared_view(&self) -> Result<Option<View>> {
        let store = self.reopen()?;
        let (_, tracking) = store.both_tips()?;
        tracking.map(|commit| store.view_commit(commit)).transpose()
    }
}

impl Exchange<'_> {
    /// What the caller loses by looking is told by the next sync.
    fn note_losses(mut self) -> Result<()> {
        let store = self.store.reopen()?;
        let after = store.tip()?.map(|tip| tip.commit);
        if let (Some(before), Some(after)) = (self.before, after)
            && before != after
        {
            self.compare(&store.view_commit(before)?, &store.view_commit(after)?)?;
        }
        self.look_at_new_claims(&store, after)?;
        let lost: Vec<LostClaim> = std::mem::take(&mut self.synced.claims_lost);
        store.note_lost(&lost);
        Ok(())
    }
}
