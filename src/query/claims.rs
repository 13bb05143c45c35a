//! Who may claim, release and close. It says yes or no; the change itself is the model's.
//!
//! The claimant is actor and session. What refuses names the holder or the issues in the way, and its hint is
//! a command that leaves other people's work alone.

use crate::error::{Error, Kind, Result};
use crate::model::{ClaimRef, Front, Holder, Lease, Status, Timestamp, Tracker};

use super::{list_keys, open_blockers};

/// What claiming an issue amounts to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ClaimStep {
    /// Nobody had it.
    Fresh,
    /// The caller had it already.
    Renewal,
    /// Somebody had it and did not come back.
    Takeover {
        /// Who, where that is known.
        from: Option<String>,
        /// When the lease ended; without a lease, the last sign of life.
        lapsed_at: Timestamp,
    },
}

/// What releasing an issue amounts to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReleaseStep {
    /// There is a claim to give back.
    Release,
    /// Nobody holds it: nothing to do.
    Nothing,
}

/// What closing an issue amounts to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CloseStep {
    /// It is to be closed.
    Close,
    /// It is closed: nothing to do.
    Nothing,
}

/// Tells whether `holder` may claim the issue at `position`.
///
/// # Errors
/// Conflict: `closed`, or `claim_held` by somebody else or by the same actor in another session.
pub fn may_claim(tracker: &Tracker, position: usize, holder: &Holder, now: Timestamp) -> Result<ClaimStep> {
    let (key, front) = (&*tracker.key(position), tracker.front(position));
    if front.status.is_closed() {
        let error = Error::new(Kind::Conflict, "closed", format!("{key} is closed"));
        return Err(error.hint(format!("qp reopen {key}")));
    }
    refuse_confirmed(tracker, position, holder, now)?;
    if front.is_held_by(holder) {
        return Ok(ClaimStep::Renewal);
    }
    let takeover = |lapsed_at| ClaimStep::Takeover { from: front.assignee.clone(), lapsed_at };
    match front.lease(now) {
        Lease::Free => Ok(ClaimStep::Fresh),
        Lease::Lapsed => Ok(takeover(front.lease_until.unwrap_or(front.updated_at))),
        Lease::Stale => Ok(takeover(front.updated_at)),
        Lease::Live(_) | Lease::Unleased => Err(held(key, front, holder).hint("qp claim --next")),
    }
}

/// Tells whether `holder` may renew the claim on the issue at `position`. It must still be the holder's:
/// a lapsed one is, as long as nobody has taken it over.
///
/// # Errors
/// Conflict: `closed`, `not_claimed`, or `claim_held` by somebody else.
pub fn may_renew(tracker: &Tracker, position: usize, holder: &Holder, now: Timestamp) -> Result<()> {
    let (key, front) = (&*tracker.key(position), tracker.front(position));
    if front.status.is_closed() {
        return Err(Error::new(
            Kind::Conflict,
            "closed",
            format!("{key} is closed, there is no claim on it"),
        )
        .hint(format!("qp show {key}")));
    }
    refuse_confirmed(tracker, position, holder, now)?;
    if front.is_held_by(holder) {
        return Ok(());
    }
    Err(match front.lease(now) {
        Lease::Free => Error::new(Kind::Conflict, "not_claimed", format!("{key} is not claimed"))
            .hint(format!("qp claim {key}")),
        Lease::Lapsed | Lease::Stale => {
            held(key, front, holder).hint(format!("qp claim {key} takes it over"))
        }
        Lease::Live(_) | Lease::Unleased => held(key, front, holder).hint("qp claim --next"),
    })
}

/// Tells whether `holder` may give the issue at `position` back. Work in progress without a lease is held until
/// anybody releases it.
///
/// # Errors
/// Conflict: `claim_held`, where it is under somebody else's live claim.
pub fn may_release(
    tracker: &Tracker,
    position: usize,
    holder: &Holder,
    now: Timestamp,
) -> Result<ReleaseStep> {
    let front = tracker.front(position);
    refuse_live(tracker, position, holder, now)?;
    let held = front.status == Status::InProgress;
    Ok(if held { ReleaseStep::Release } else { ReleaseStep::Nothing })
}

/// Tells whether `holder` may close the issue at `position`. `batch` holds the positions that the same
/// command closes: they count as closed.
///
/// # Errors
/// Conflict: `claim_held` (somebody else's live claim), `open_blockers`, `open_children`.
pub fn may_close(
    tracker: &Tracker,
    position: usize,
    holder: &Holder,
    now: Timestamp,
    batch: &[usize],
) -> Result<CloseStep> {
    let front = tracker.front(position);
    if front.status.is_closed() {
        return Ok(CloseStep::Nothing);
    }
    let key = tracker.key(position);
    refuse_live(tracker, position, holder, now)?;
    let mut blockers = open_blockers(tracker, position);
    blockers.retain(|at| !batch.contains(at));
    if !blockers.is_empty() {
        return Err(in_the_way(tracker, &key, "open_blockers", ["open blocker", "open blockers"], &blockers)
            .hint(format!("qp dep tree {key}")));
    }
    refuse_children(tracker, position, batch)?;
    Ok(CloseStep::Close)
}

/// Tells whether `holder` may close the issue at `position` without its work being done: as a duplicate, or
/// because another one replaces it. What it waits for does not matter then.
///
/// # Errors
/// Conflict: `claim_held` (somebody else's live claim), `open_children`.
pub fn may_drop(
    tracker: &Tracker,
    position: usize,
    holder: &Holder,
    now: Timestamp,
    batch: &[usize],
) -> Result<CloseStep> {
    if tracker.is_closed(position) {
        return Ok(CloseStep::Nothing);
    }
    may_change_state(tracker, position, holder, now)?;
    refuse_children(tracker, position, batch)?;
    Ok(CloseStep::Close)
}

/// Tells whether `holder` may change the status or the assignee of the issue at `position`, or delete it.
///
/// # Errors
/// Conflict: `claim_held`, where it is under somebody else's live claim.
pub fn may_change_state(tracker: &Tracker, position: usize, holder: &Holder, now: Timestamp) -> Result<()> {
    refuse_live(tracker, position, holder, now)
}

/// Refuses where parts of the issue stay open.
fn refuse_children(tracker: &Tracker, position: usize, batch: &[usize]) -> Result<()> {
    let stays_open = |at: &usize| !batch.contains(at) && !tracker.is_closed(*at);
    let children: Vec<usize> = tracker.graph().children(position).filter(stays_open).collect();
    if children.is_empty() {
        return Ok(());
    }
    let key = tracker.key(position);
    Err(in_the_way(tracker, &key, "open_children", ["open child", "open children"], &children)
        .hint(format!("qp children {key}")))
}

/// Refuses where somebody else's lease runs.
fn refuse_live(tracker: &Tracker, position: usize, holder: &Holder, now: Timestamp) -> Result<()> {
    let front = tracker.front(position);
    if !front.status.is_closed() {
        refuse_confirmed(tracker, position, holder, now)?;
    }
    match front.lease(now) {
        Lease::Live(_) if !front.is_held_by(holder) => {
            let key = tracker.key(position);
            Err(held(&key, front, holder).hint(format!("qp show {key}")))
        }
        _ => Ok(()),
    }
}

/// Refuses where the remote has confirmed somebody else's claim.
///
/// # Errors
/// Conflict `claim_held`.
pub fn refuse_confirmed(tracker: &Tracker, position: usize, holder: &Holder, now: Timestamp) -> Result<()> {
    match tracker.live_claim(position, now) {
        Some(claim) if claim.holder != *holder => Err(claimed_by(&tracker.key(position), claim, holder)),
        _ => Ok(()),
    }
}

/// Returns the issues in progress that `holder` has claimed, lapsed or not, in the order of the tracker.
pub fn held_by<'t>(tracker: &'t Tracker, holder: &'t Holder) -> impl Iterator<Item = usize> + 't {
    let in_progress = |at: &usize| tracker.facts(*at).status() == Some(&Status::InProgress);
    (0..tracker.rows.len()).filter(in_progress).filter(|at| tracker.front(*at).is_held_by(holder))
}

/// Builds the error that names who holds a confirmed claim.
pub fn claimed_by(key: &str, claim: &ClaimRef, holder: &Holder) -> Error {
    let session = &claim.holder.session;
    let session = match claim.holder.actor == holder.actor {
        true => format!("in another session ({session})"),
        false => format!("(session {session})"),
    };
    let (actor, until) = (&claim.holder.actor, claim.lease_until);
    let message = format!("{key} is claimed by {actor} {session} until {until}, confirmed by the remote");
    Error::new(Kind::Conflict, "claim_held", message).hint("qp claim --next")
}

/// Builds the error that names who holds an issue, in which session and until when.
fn held(key: &str, front: &Front, holder: &Holder) -> Error {
    let session = match (&front.claimed_session, front.assignee.as_ref() == Some(&holder.actor)) {
        (Some(session), true) => format!(" in another session ({session})"),
        (Some(session), false) => format!(" (session {session})"),
        (None, _) => String::new(),
    };
    let by = front.assignee.as_ref().map(|a| format!(" by {a}")).unwrap_or_default();
    let message = match front.lease_until {
        Some(until) => format!("{key} is claimed{by}{session} until {until}"),
        None => format!("{key} is in progress{by}{session}, without a lease"),
    };
    Error::new(Kind::Conflict, "claim_held", message)
}

fn in_the_way(
    tracker: &Tracker,
    key: &str,
    code: &'static str,
    [one, many]: [&str; 2],
    positions: &[usize],
) -> Error {
    let what = match positions.len() {
        1 => format!("an {one}"),
        count => format!("{count} {many}"),
    };
    let message = format!("{key} has {what}: {}", list_keys(tracker, positions));
    Error::new(Kind::Conflict, code, message)
}
