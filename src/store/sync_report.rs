//! What an exchange amounts to for the person who asked for it: counted from the commits that came and went.

use std::collections::BTreeSet;

use gix::ObjectId;

use super::layout::issue_id;
use super::meet::Known;
use super::notes::LostClaim;
use super::sync::{Exchange, Synced};
use super::{Store, View, tree};
use crate::error::Result;
use crate::model::{Holder, IssueId, Lease, Status, Timestamp, Tracker};

/// An issue whose key has changed: another one with the same key came, or it did.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Collision {
    /// The issue.
    pub id: IssueId,
    /// Its key before.
    pub before: String,
    /// Its key now.
    pub after: String,
}

impl Store {
    /// Counts the operations that `new` has and `old` has not, and names the issues that they changed.
    pub(super) fn between(&self, old: Option<ObjectId>, new: ObjectId) -> Result<(usize, BTreeSet<IssueId>)> {
        let old = old.filter(|old| self.repo.has_object(*old));
        let meeting = self.meet(&[new], old.as_slice())?;
        // The first commit is the same in every tracker, and merges are nobody's.
        let is_operation = |known: &&Known| known.parents.len() == 1 || known.is_boundary;
        let operations = meeting.own[0].values().filter(is_operation).count();
        let mut found = Vec::new();
        // Where the two have parted, what `old` did since is no change of `new`.
        let old = old.map_or(Ok(None), |old| self.base(old, new))?;
        let old = old.map(|old| self.commit_tree(old)).transpose()?;
        tree::differences(&self.repo, old, Some(self.commit_tree(new)?), "", &mut found)?;
        Ok((operations, found.iter().filter_map(|d| issue_id(&d.path)).collect()))
    }
}

impl Exchange<'_> {
    /// Counts what came and went, and looks for what the caller must know.
    pub fn report(mut self) -> Result<Synced> {
        let store = self.store;
        if self.is_settled {
            self.synced.claims_lost = store.take_lost(&self.holder());
            return Ok(self.synced);
        }
        let after = store.tip()?.map(|tip| tip.commit);
        self.synced.is_empty_here = after.is_none();
        if let Some(pushed) = self.pushed {
            (self.synced.sent, self.synced.sent_issues) = self.store.between(self.replaced, pushed)?;
        }
        if let Some(after) = after.filter(|after| Some(*after) != self.before) {
            (self.synced.received, self.synced.received_issues) = self.store.between(self.before, after)?;
            // What came from the outbox did not come from the remote.
            let found = &self.synced.from_outbox;
            self.synced.received = self.synced.received.saturating_sub(found.operations);
            self.synced.received_issues.retain(|id| !found.issues.contains(id));
            if let Some(before) = self.before {
                self.compare(&store.view_commit(before)?, &store.view_commit(after)?)?;
            }
        }
        self.look_at_new_claims(store, after)?;
        // What is remembered of a branch that the remote has no more says nothing.
        let tracking = store.both_tips()?.1.filter(|_| self.synced.remote_has_branch);
        if let Some(after) = after.filter(|after| self.pushed != Some(*after) || !self.is_shown) {
            self.synced.unsent =
                if tracking == Some(after) { 0 } else { self.store.between(tracking, after)?.0 };
            if self.synced.unsent > 0 {
                self.synced.elsewhere = store.elsewhere(after, tracking)?;
            }
        }
        if self.synced.unsent > 0 && self.synced.failure.is_none() {
            self.synced.refusal = store.refusal(self.context, &self.author.session)?;
        }
        self.look_for_shared()?;
        let told = store.take_lost(&self.holder());
        let known: BTreeSet<IssueId> = self.synced.claims_lost.iter().map(|lost| lost.id).collect();
        self.synced.claims_lost.extend(told.into_iter().filter(|lost| !known.contains(&lost.id)));
        Ok(self.synced)
    }

    /// Finds keys that have changed and claims that others have now.
    pub fn compare(&mut self, before: &View, after: &View) -> Result<()> {
        let (old, new) = (&before.tracker, &after.tracker);
        for at in 0..old.rows.len() {
            let id = old.rows.id(at);
            let Some(now_at) = new.position(id) else { continue };
            let (before, after) = (old.key(at), new.key(now_at));
            if before != after && old.front(at).key == new.front(now_at).key && after.len() > before.len() {
                self.synced.collisions.push(Collision { id, before, after });
            }
        }
        let me = self.holder();
        let (mine, others): (Vec<_>, Vec<_>) =
            self.lost_claims(old, new).into_iter().partition(|lost| lost.holder == me);
        self.synced.claims_lost.extend(mine);
        if others.is_empty() {
            return Ok(());
        }
        // What the remote had been told of already was noticed where it was claimed.
        let shared = self.known.map(|known| self.store.view_commit(known)).transpose()?;
        let is_ours = |lost: &LostClaim| {
            let known = shared.as_ref().and_then(|view| {
                let at = view.tracker.position(lost.id)?;
                Some(view.tracker.front(at).is_held_by(&lost.holder))
            });
            known != Some(true)
        };
        self.store.note_lost(&others.into_iter().filter(is_ours).collect::<Vec<_>>());
        Ok(())
    }

    /// Finds claims here that the remote has confirmed for somebody else. Their branch may come much later.
    pub fn look_at_new_claims(&mut self, store: &Store, after: Option<ObjectId>) -> Result<()> {
        let is_new = |(id, token): &(IssueId, ObjectId)| self.known_claims.get(id) != Some(token);
        let new: Vec<_> = store.known_claims()?.into_iter().filter(is_new).collect();
        let Some(after) = after.filter(|_| !new.is_empty()) else { return Ok(()) };
        let tracker = store.view_commit(after)?.tracker;
        let now = self.context.now();
        for (id, token) in new {
            let claim = store.read_claim(id, token).filter(|claim| claim.is_live(now));
            let (Some(claim), Some(at)) = (claim, tracker.position(id)) else { continue };
            let front = tracker.front(at);
            let (Some(actor), Some(session)) = (&front.assignee, &front.claimed_session) else { continue };
            let holder = Holder { actor: actor.clone(), session: session.clone() };
            if holder == claim.holder || tracker.is_closed(at) || !matches!(front.lease(now), Lease::Live(_))
            {
                continue;
            }
            let to = taken(
                &holder,
                Some(&claim.holder.actor),
                Some(&claim.holder.session),
                Some(claim.lease_until),
            );
            self.tell(LostClaim { id, holder, to });
        }
        Ok(())
    }

    /// Keeps a loss for the answer, or for the session that it concerns.
    fn tell(&mut self, lost: LostClaim) {
        if lost.holder != self.holder() {
            self.store.note_lost(&[lost]);
        } else if self.synced.claims_lost.iter().all(|known| known.id != lost.id) {
            self.synced.claims_lost.push(lost);
        }
    }

    /// Tells whether the holder of a claim was told already that the remote has confirmed it for somebody else.
    fn is_told(&self, id: IssueId, holder: &Holder) -> bool {
        let claim = self.known_claims.get(&id).and_then(|token| self.store.read_claim(id, *token));
        claim.is_some_and(|claim| claim.holder != *holder && claim.is_live(self.context.now()))
    }

    /// Finds claims that ran before and are somebody else's now, or over by somebody else's hand.
    fn lost_claims(&self, old: &Tracker, new: &Tracker) -> Vec<LostClaim> {
        let now = self.context.now();
        let mut found = Vec::new();
        for at in 0..old.rows.len() {
            if old.is_closed(at) {
                continue;
            }
            let front = old.front(at);
            let (Some(actor), Some(session)) = (&front.assignee, &front.claimed_session) else { continue };
            if !matches!(front.lease(now), Lease::Live(_)) {
                continue;
            }
            let holder = Holder { actor: actor.clone(), session: session.clone() };
            let id = front.id;
            let to = match new.position(id).map(|at| new.front(at)) {
                None => "deleted".to_owned(),
                Some(now) if now.is_held_by(&holder) || self.is_told(id, &holder) => continue,
                Some(now) if now.status == Status::InProgress => {
                    taken(&holder, now.assignee.as_deref(), now.claimed_session.as_deref(), now.lease_until)
                }
                Some(now) if now.status.is_closed() => match now.closed_by.as_deref() {
                    Some(who) if who == actor => continue,
                    who => format!("closed by {}", who.unwrap_or("somebody")),
                },
                Some(now) => format!("given back: it is {}", now.status),
            };
            found.push(LostClaim { id, holder, to });
        }
        found
    }
}

/// Says who has now what a holder has lost. Another session of the same actor is named by its session.
fn taken(from: &Holder, actor: Option<&str>, session: Option<&str>, until: Option<Timestamp>) -> String {
    let who = actor.unwrap_or("somebody");
    let session = session.filter(|_| who == from.actor);
    let session = session.map(|session| format!(" in another session ({session})")).unwrap_or_default();
    let until = until.map(|until| format!(" until {until}")).unwrap_or_default();
    format!("claimed by {who}{session}{until}")
}
