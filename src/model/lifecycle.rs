//! What happens to an issue's state: claim, release, close, reopen. The rules, without asking who may.
//!
//! State is one value: a closed issue never has a live claim, an open one has no closing time.

use super::{DAY_MS, Front, IssueId, Status, Timestamp};

/// How long after `lease_until` a claim still counts, in milliseconds: clocks differ.
pub const LEASE_GRACE_MS: i64 = 5 * 60 * 1000;
/// After this long without a sign of life, a claim without a lease is stale, in milliseconds.
const STALE_MS: i64 = DAY_MS;

/// Who holds a claim: the actor and the session, because several agents may run under one name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Holder {
    /// The name of the person or agent.
    pub actor: String,
    /// What tells two runs of the same actor apart.
    pub session: String,
}

/// A claim that a remote confirmed outside the branch, so that the branch may not show it yet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClaimRef {
    /// The claimed issue.
    pub id: IssueId,
    /// Who holds it.
    pub holder: Holder,
    /// Since when.
    pub claimed_at: Timestamp,
    /// Until when.
    pub lease_until: Timestamp,
    /// The id of the claim, which also stands in the issue: the fencing token.
    pub token: String,
}

impl ClaimRef {
    /// Tells whether the claim holds at `now`.
    pub fn is_live(&self, now: Timestamp) -> bool {
        now.since(self.lease_until) <= LEASE_GRACE_MS
    }
}

/// How an issue is held at a moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lease {
    /// Nobody holds it.
    Free,
    /// Held under a lease that runs until this time.
    Live(Timestamp),
    /// Held under a lease that has lapsed; whoever wants it may take it.
    Lapsed,
    /// In progress without a lease: held until released.
    Unleased,
    /// In progress without a lease and without a change for a day.
    Stale,
}

impl Front {
    /// Tells how the issue is held at `now`.
    pub fn lease(&self, now: Timestamp) -> Lease {
        if self.status != Status::InProgress {
            return Lease::Free;
        }
        match self.lease_until {
            Some(until) if now.since(until) <= LEASE_GRACE_MS => Lease::Live(until),
            Some(_) => Lease::Lapsed,
            None if now.since(self.updated_at) > STALE_MS => Lease::Stale,
            None => Lease::Unleased,
        }
    }

    /// Tells whether the claim on this issue, live or not, is `holder`'s.
    /// Work in progress without a session (an import, a status set by hand) belongs to its assignee.
    pub fn is_held_by(&self, holder: &Holder) -> bool {
        self.status == Status::InProgress
            && self.assignee.as_deref() == Some(&holder.actor)
            && self.claimed_session.as_deref().is_none_or(|s| s == holder.session)
    }

    /// Makes the issue `holder`'s until `lease_until`. Renewing keeps the time of the claim; a claim that had lapsed is
    /// a new one, because somebody else may have had it since.
    pub fn claim(&mut self, holder: &Holder, now: Timestamp, lease_until: Timestamp) {
        let lapsed = self.lease(now) == Lease::Lapsed;
        let renewed = self.is_held_by(holder) && self.claimed_at.is_some() && !lapsed;
        self.reset_closing();
        self.status = Status::InProgress;
        self.assignee = Some(holder.actor.clone());
        self.claimed_session = Some(holder.session.clone());
        if !renewed {
            self.claimed_at = Some(now);
            self.claim = None;
        }
        self.lease_until = Some(lease_until);
        self.started_at.get_or_insert(now);
    }

    /// Gives the issue back.
    pub fn release(&mut self) {
        self.status = Status::Open;
        self.assignee = None;
        self.reset_claim();
    }

    /// Closes the issue. The assignee stays, as the record of who did it.
    pub fn close(&mut self, by: &str, reason: Option<String>, now: Timestamp) {
        self.status = Status::Closed;
        self.closed_at = Some(now);
        self.closed_by = Some(by.to_owned());
        self.close_reason = reason;
        self.reset_claim();
    }

    /// Opens a closed issue again.
    pub fn reopen(&mut self) {
        self.reset_closing();
        self.status = Status::Open;
        self.defer_until = None;
        self.reset_claim();
    }

    /// Sets a status by hand, and with it what belongs to the status.
    pub fn set_status(&mut self, status: Status, by: &str, now: Timestamp) {
        if status == self.status {
            return;
        }
        match status {
            Status::Closed => self.close(by, None, now),
            other => {
                self.reset_closing();
                self.reset_claim();
                if other == Status::InProgress {
                    self.started_at.get_or_insert(now);
                }
                self.status = other;
            }
        }
    }

    /// Forgets the claim, but not the assignee.
    pub fn reset_claim(&mut self) {
        self.claimed_at = None;
        self.claimed_session = None;
        self.lease_until = None;
        self.claim = None;
    }

    /// Forgets that the issue was closed, and which other one it was closed for.
    fn reset_closing(&mut self) {
        if self.status.is_closed() {
            self.duplicate_of = None;
            self.superseded_by = None;
        }
        self.closed_at = None;
        self.closed_by = None;
        self.close_reason = None;
    }
}
