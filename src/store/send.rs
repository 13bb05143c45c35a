//! The last step of an exchange: the push of the branch, together with the claims that are over.

use gix::ObjectId;

use super::outcome::Outcome;
use super::push::{Expect, RefPush};
use super::push_url::OR;
use super::refs::{Swap, is_locked_away};
use super::remote::{CLAIMS, Listing};
use super::sync::{Attempt, Exchange, MOST_REFS, SWEPT_AFTER_MS};
use crate::error::Result;
use crate::model::IssueId;

/// How often claims may hold the branch up, or lose a race, before it goes without them.
const PATIENCE: usize = 2;

impl Exchange<'_> {
    /// Sends the branch, and with it the claims that are over.
    pub(super) fn push(&mut self, listing: &Listing) -> Result<Attempt> {
        let Some(mine) = self.store.tip()?.map(|tip| tip.commit) else { return Ok(Attempt::Done) };
        // The fetch may have brought more than the listing before it showed.
        let (_, replaced) = self.store.both_tips()?;
        let leaving = self.leaving(listing, mine)?;
        let of_branch =
            RefPush { name: self.store.branch_ref(), new: Some(mine), expect: Expect::FastForward };
        if listing.branch == Some(mine) {
            return self.end_claims(&leaving);
        }
        let now = self.context.now();
        if let Some(verdict) = self.store.verdict(&of_branch.name, now).filter(|_| !self.request.retry) {
            self.synced.retry_at = Some(verdict.until);
            return Ok(Attempt::Failed(verdict.outcome));
        }
        let claims: Vec<RefPush> = leaving.iter().map(deletion).collect();
        let together = !claims.is_empty() && self.held_up < PATIENCE;
        let pushes: Vec<RefPush> =
            std::iter::once(of_branch.clone()).chain(claims.into_iter().filter(|_| together)).collect();
        let mut outcomes = self.remote.push(&pushes, together);
        // A claim that the remote does not let go keeps nothing else from it.
        let refused = matches!(outcomes.first(), Some(Outcome::Refused(_)));
        let alone = together && refused;
        if alone {
            outcomes = self.remote.push(&[of_branch], false);
        }
        let outcome = outcomes.first().cloned().unwrap_or(Outcome::TimedOut);
        self.synced.sent_to = self.remote.pushes_elsewhere();
        let outcome = self.told_apart(outcome);
        if let Some(failed) = self.lost_elsewhere(&outcome) {
            return Ok(failed);
        }
        if !outcome.is_success() {
            self.held_up += usize::from(together);
            let again = outcome.may_retry();
            return Ok(if again { Attempt::Again(outcome) } else { Attempt::Failed(outcome) });
        }
        self.store.forget_refusal(&self.store.branch_ref(), now);
        self.note_sent(mine, replaced, &outcome)?;
        if together && !alone {
            self.forget_ended(&leaving, &outcomes[1..])?;
            return Ok(Attempt::Done);
        }
        self.end_claims(&leaving)
    }

    /// Tells a server without that repository from one that says so to whoever may read it and not write to it: there the
    /// listing has just succeeded, and succeeds again.
    pub(super) fn told_apart(&mut self, outcome: Outcome) -> Outcome {
        let Outcome::Gone(why) = &outcome else { return outcome };
        // What was listed is another place.
        if self.remote.pushes_elsewhere().is_some() {
            return outcome;
        }
        self.lets_read = self.lets_read || self.remote.list().is_ok();
        if !self.lets_read {
            return outcome;
        }
        Outcome::Refused(format!("{why} (hosts say so to a login that may read and not write)"))
    }

    /// Ends the attempts where the place that pushes go to has something that does not come by fetching.
    fn lost_elsewhere(&mut self, outcome: &Outcome) -> Option<Attempt> {
        let url = self.synced.sent_to.as_ref().filter(|_| *outcome == Outcome::LostRace)?;
        self.lost_elsewhere += 1;
        if self.lost_elsewhere <= PATIENCE {
            return None;
        }
        let why = format!("{url}, where pushes go, has what {} does not show", self.synced.shown_remote());
        // Of several, the first is most often the one that is fetched from.
        let last = url.rsplit(OR).next().unwrap_or(url);
        Some(Attempt::Failed(Outcome::Elsewhere(format!("{why}: qp sync --remote {last}"))))
    }

    /// Notes that the branch was taken. Where that was elsewhere, only what the remote shows as well is shared.
    fn note_sent(&mut self, mine: ObjectId, replaced: Option<ObjectId>, outcome: &Outcome) -> Result<()> {
        let store = self.store.reopen()?;
        (self.replaced, self.pushed) = (replaced, Some(mine));
        if let Some(url) = &self.synced.sent_to {
            let before = store.sent_elsewhere().map(|(_, id)| id).filter(|id| store.contains(mine, *id));
            // It may have been there all along.
            self.replaced = if *outcome == Outcome::UpToDate { Some(mine) } else { before.or(replaced) };
            let shown = self.remote.list().ok().and_then(|listing| listing.branch);
            self.is_shown = shown.is_some_and(|shown| store.contains(shown, mine));
            store.note_elsewhere(Some((url.as_str(), mine)).filter(|_| !self.is_shown));
            if !self.is_shown {
                return Ok(());
            }
            // That it is at the remote is what counts.
            self.synced.sent_to.take_if(|url| url.contains(OR));
        } else {
            store.note_elsewhere(None);
        }
        self.synced.remote_has_branch = true;
        self.note_pushed(mine)
    }

    /// Takes claims from the remote that are over. A host that does not let them go leaves them to lapse.
    fn end_claims(&mut self, leaving: &[(IssueId, ObjectId)]) -> Result<Attempt> {
        if leaving.is_empty() {
            return Ok(Attempt::Done);
        }
        let pushes: Vec<RefPush> = leaving.iter().map(deletion).collect();
        let outcomes = self.remote.push(&pushes, false);
        self.forget_ended(leaving, &outcomes)?;
        let lost = outcomes.contains(&Outcome::LostRace) && self.held_up < PATIENCE;
        self.held_up += 1;
        Ok(if lost { Attempt::Again(Outcome::LostRace) } else { Attempt::Done })
    }

    fn forget_ended(&self, leaving: &[(IssueId, ObjectId)], outcomes: &[Outcome]) -> Result<()> {
        let ended = leaving.iter().zip(outcomes).filter(|(_, outcome)| outcome.is_success());
        let ended: Vec<(IssueId, ObjectId)> = ended.map(|(claim, _)| *claim).collect();
        self.store.forget_leaving(ended.iter().map(|(id, _)| *id));
        self.store.forget_claims(ended)
    }

    /// Returns the claims at the remote that are over: given up here, closed on the branch, or long lapsed.
    fn leaving(&self, listing: &Listing, mine: ObjectId) -> Result<Vec<(IssueId, ObjectId)>> {
        let noted = self.store.leaving();
        let gone = |(id, token): &(&IssueId, &ObjectId)| listing.claims.get(id) != Some(token);
        self.store.forget_leaving(noted.iter().filter(gone).map(|(id, _)| *id));
        if listing.claims.is_empty() {
            return Ok(Vec::new());
        }
        let tracker = self.store.view_commit(mine)?.tracker;
        let now = self.context.now();
        let is_over = |id: &IssueId, token: &ObjectId| {
            let claim = self.store.read_claim(*id, *token);
            let over = match tracker.position(*id) {
                Some(at) if tracker.is_closed(at) => true,
                Some(_) => claim.is_some_and(|claim| now.since(claim.lease_until) > SWEPT_AFTER_MS),
                // Deleted; or new, claimed by whoever has it, and not sent yet.
                None => claim.is_none_or(|claim| !claim.is_live(now)),
            };
            noted.get(id) == Some(token) || over
        };
        let claims = listing.claims.iter().map(|(id, token)| (*id, *token));
        Ok(claims.filter(|(id, token)| is_over(id, token)).take(MOST_REFS).collect())
    }

    /// Git itself follows a push only where the clone's refspec says so.
    fn note_pushed(&mut self, id: ObjectId) -> Result<()> {
        let Some(name) = self.store.tracking_ref() else { return Ok(()) };
        let store = self.store.reopen()?;
        let known = store.read_ref(&name)?;
        if known == Some(id) {
            return Ok(());
        }
        let time = format!("{} +0000", self.context.now().millis().div_euclid(1000));
        match store.swap_ref(&name, known, id, "qp: push", self.author.signature(&time)) {
            // It was sent all the same, and the next look settles what is known here.
            Ok(Swap::Done | Swap::Lost) => Ok(()),
            Err(error) if is_locked_away(&error) => {
                self.warn(error.message().to_owned());
                Ok(())
            }
            Err(error) => Err(error),
        }
    }
}

/// A push that takes a claim from the remote, if it is still that one.
fn deletion((id, token): &(IssueId, ObjectId)) -> RefPush {
    RefPush { name: format!("{CLAIMS}{id}"), new: None, expect: Expect::Is(*token) }
}
