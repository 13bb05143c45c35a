//! Claims that the remote confirms: `--sync` on `claim` and `next`, and every change of a claim that was confirmed.
//!
//! The order is look, bid, look again, write: whoever has won the push and still sees the issue open and free on the
//! remote's branch holds it, and only then it is written here.

use super::app::{App, readiness, resolve_all};
use super::claim::{self, Request, subject};
use super::claimed::Claimed;
use super::filter::FilterArgs;
use super::lease::Term;
use super::sync::TIMEOUT_MS;
use crate::error::{Error, Kind, Result};
use crate::model::{Holder, IssueId, Lease, Timestamp, Tracker};
use crate::query::{claimed_by, may_claim, may_close, next_candidates};
use crate::store::{Bid, BidOutcome, Deadline, Done, Outcome, Seek, View};

/// Attempts on an issue whose claim was lost to somebody who is gone again.
const ATTEMPTS: usize = 3;

/// A claim that is to be written here, because the remote has it.
#[derive(Clone, Debug)]
pub(super) struct Won {
    pub id: IssueId,
    pub token: String,
    pub until: Timestamp,
}

/// What came of asking for confirmation.
pub(super) enum Confirmed {
    /// The claims are the caller's.
    Won(Vec<Won>),
    /// The remote cannot confirm anything now: the reason.
    Unavailable(Outcome),
}

/// Who asks, for how long, and how much time there is.
struct Desk<'a> {
    app: &'a App,
    holder: Holder,
    term: Term,
    deadline: Deadline,
}

pub(super) fn deadline() -> Deadline {
    Deadline::after(u64::try_from(TIMEOUT_MS).unwrap_or_default())
}

/// Takes in what the remote has; `Some` is why it could not be asked.
pub(super) fn look(app: &App, seek: Seek, deadline: Deadline) -> Result<Option<Outcome>> {
    let store = app.store()?;
    store.look(&app.context, &app.author(&store), seek, deadline)
}

/// Asks the remote to confirm claims on the issues that are named, all or none.
///
/// # Errors
/// Conflict, naming the winner, where somebody else holds one of them.
pub(super) fn by_keys(app: &App, keys: &[String], holder: &Holder, term: Term) -> Result<Confirmed> {
    let desk = Desk { app, holder: holder.clone(), term, deadline: deadline() };
    if let Some(outcome) = look(app, Seek::Claims, desk.deadline)? {
        return Ok(Confirmed::Unavailable(outcome));
    }
    let tracker = app.store()?.view()?.tracker;
    let ids = resolve_all(&tracker, keys)?.into_iter().map(|at| tracker.rows.id(at));
    desk.win_all(ids.collect())
}

/// Asks the remote to confirm a claim on the best ready issue; after a lost race, on the next.
///
/// # Errors
/// As for any exchange.
pub(super) fn next(app: &App, args: &FilterArgs, holder: &Holder, term: Term) -> Result<Confirmed> {
    let desk = Desk { app, holder: holder.clone(), term, deadline: deadline() };
    let mut lost = 0;
    loop {
        if let Some(outcome) = look(app, Seek::Claims, desk.deadline)? {
            return Ok(Confirmed::Unavailable(outcome));
        }
        let view = app.store()?.view()?;
        let Some(at) = desk.pick(&view, args, lost)? else { return Ok(Confirmed::Won(Vec::new())) };
        let out_of_time = desk.deadline.remaining().is_zero();
        match desk.bid(&view, at)? {
            Ok(one) => match desk.check(vec![one]) {
                Err(error) if ["claim_held", "closed"].contains(&error.code()) && !out_of_time => lost += 1,
                other => return other,
            },
            Err(BidOutcome::Unavailable(outcome)) => return Ok(Confirmed::Unavailable(outcome)),
            Err(_) if out_of_time => return Ok(Confirmed::Unavailable(Outcome::TimedOut)),
            Err(_) => lost += 1,
        }
    }
}

impl Desk<'_> {
    /// Chooses the best ready issue. Where others are at work here, or were quicker a moment ago, one of the best of
    /// the same priority is drawn, so that many who ask at once do not all want the same.
    fn pick(&self, view: &View, args: &FilterArgs, lost: usize) -> Result<Option<usize>> {
        let tracker = &view.tracker;
        let filter = args.resolve(self.app, tracker)?;
        let readiness = readiness(view, self.app.context.now());
        let found = next_candidates(tracker, &readiness, &self.holder.actor, &filter);
        let Some(best) = found.first() else { return Ok(None) };
        let priority = tracker.front(*best).priority;
        let equal = found.iter().take_while(|at| tracker.front(**at).priority == priority).count();
        let others = tracker.claims.values().filter(|claim| claim.holder != self.holder).count();
        let width = equal.min(1 + 2 * others + 16 * lost).max(1);
        let draw = self.app.context.random() % u128::try_from(width).unwrap_or(1);
        Ok(found.get(usize::try_from(draw).unwrap_or(0)).copied())
    }

    /// Bids for issues, all or none.
    fn win_all(&self, ids: Vec<IssueId>) -> Result<Confirmed> {
        let mut won: Vec<Won> = Vec::new();
        for id in ids {
            match self.win(id) {
                Ok(Confirmed::Won(one)) => won.extend(one),
                failed => {
                    self.give_back(&won)?;
                    return failed;
                }
            }
        }
        if won.is_empty() { Ok(Confirmed::Won(won)) } else { self.check(won) }
    }

    /// Bids for one issue until it is won, or somebody holds it.
    fn win(&self, id: IssueId) -> Result<Confirmed> {
        for _ in 0..ATTEMPTS {
            let view = self.app.store()?.view()?;
            let Some(at) = view.tracker.position(id) else { break };
            match self.bid(&view, at)? {
                Ok(won) => return Ok(Confirmed::Won(vec![won])),
                Err(BidOutcome::Unavailable(outcome)) => return Ok(Confirmed::Unavailable(outcome)),
                Err(_) => {
                    if let Some(outcome) = look(self.app, Seek::Claims, self.deadline)? {
                        return Ok(Confirmed::Unavailable(outcome));
                    }
                }
            }
        }
        let view = self.app.store()?.view()?;
        Err(self.lost_to_somebody(&view.tracker, id))
    }

    fn bid(&self, view: &View, at: usize) -> Result<std::result::Result<Won, BidOutcome>> {
        let (tracker, now) = (&view.tracker, self.app.context.now());
        may_claim(tracker, at, &self.holder, now)?;
        let front = tracker.front(at);
        let until = self.term.end(front, &self.holder, now);
        let own = front.is_held_by(&self.holder) && front.lease(now) != Lease::Lapsed;
        let claimed_at = front.claimed_at.filter(|_| own).unwrap_or(now);
        let bid = Bid { id: front.id, holder: self.holder.clone(), claimed_at, lease_until: until };
        Ok(match view.store().bid(&self.app.context, &bid, self.deadline)? {
            BidOutcome::Won(token) => Ok(Won { id: front.id, token, until }),
            other => Err(other),
        })
    }

    /// Looks once more: a claim counts where the remote's branch shows the issue open and free. Otherwise all are
    /// given back.
    fn check(&self, won: Vec<Won>) -> Result<Confirmed> {
        if let Some(outcome) = look(self.app, Seek::Branch, self.deadline)? {
            self.give_back(&won)?;
            return Ok(Confirmed::Unavailable(outcome));
        }
        let store = self.app.store()?;
        let Some(shared) = store.shared_view()? else { return Ok(Confirmed::Won(won)) };
        let now = self.app.context.now();
        for one in &won {
            let Some(at) = shared.tracker.position(one.id) else { continue };
            if let Err(error) = may_claim(&shared.tracker, at, &self.holder, now) {
                self.give_back(&won)?;
                return Err(error);
            }
        }
        Ok(Confirmed::Won(won))
    }

    /// Tells whether the remote has confirmed the holder's claim, and nobody will take it over soon.
    fn is_safe(&self, tracker: &Tracker, at: usize) -> bool {
        let own = confirmed(tracker, at, &self.holder);
        tracker.claims.get(&tracker.rows.id(at)).is_some_and(|claim| {
            claim.holder == self.holder
                && own == Some(claim.token.as_str())
                && claim.lease_until >= self.app.context.now()
        })
    }

    fn give_back(&self, won: &[Won]) -> Result<()> {
        let store = self.app.store()?;
        won.iter().try_for_each(|one| store.withdraw(one.id, &one.token, self.deadline))
    }

    fn lost_to_somebody(&self, tracker: &Tracker, id: IssueId) -> Error {
        let key = tracker.key_of(id);
        match tracker.claims.get(&id) {
            Some(claim) => claimed_by(&key, claim, &self.holder),
            None => Error::new(
                Kind::Conflict,
                "claim_held",
                format!("{key}: others claim and release it at this moment"),
            )
            .hint("qp claim --next"),
        }
    }
}

/// Writes confirmed claims here. What cannot be written is given back.
pub(super) fn write(
    app: &mut App,
    won: &[Won],
    holder: &Holder,
    command: &str,
) -> Result<Done<Vec<Claimed>>> {
    let done = app.transact(command, |txn| {
        let gone = |id| Error::new(Kind::NotFound, "not_found", format!("{id} was deleted at this moment"));
        let position = |one: &Won| txn.tracker().position(one.id).ok_or_else(|| gone(one.id));
        let positions: Vec<usize> = won.iter().map(position).collect::<Result<_>>()?;
        let readiness = claim::judged(txn.tracker(), txn.now, &positions);
        let mut claims = Vec::new();
        for (one, at) in won.iter().zip(&positions) {
            let request = Request { holder, until: one.until, token: Some(&one.token) };
            claims.push(claim::take(txn, *at, &readiness, &request)?);
        }
        txn.subject(subject(txn.view(), &positions, &claims));
        Ok(claims)
    });
    if done.is_err() {
        let store = app.store()?;
        won.iter().try_for_each(|one| store.withdraw(one.id, &one.token, deadline()))?;
    }
    done
}

/// Makes sure that nobody else can confirm a claim on issues that are about to be closed: what the remote has
/// confirmed is looked at again, and what of it is not the holder's for some time yet is claimed for the moment; with
/// `sync`, every issue is. Returns these claims, for [`unfence`].
///
/// # Errors
/// Conflict, where somebody else holds one of them.
pub(super) fn fence(app: &mut App, keys: &[String], holder: &Holder, sync: bool) -> Result<Vec<Won>> {
    let tracker = app.store()?.view()?.tracker;
    let mut open = resolve_all(&tracker, keys)?;
    open.retain(|at| !tracker.is_closed(*at));
    if open.is_empty() || !(sync || any_confirmed(&tracker, &open, holder)) {
        return Ok(Vec::new());
    }
    let now = app.context.now();
    open.iter().try_for_each(|at| may_close(&tracker, *at, holder, now, &open).map(drop))?;
    fence_allowed(app, keys, holder, sync)
}

/// As [`fence`], for closes that are known to be allowed.
pub(super) fn fence_allowed(app: &mut App, keys: &[String], holder: &Holder, sync: bool) -> Result<Vec<Won>> {
    let tracker = app.store()?.view()?.tracker;
    let mut open = resolve_all(&tracker, keys)?;
    open.retain(|at| !tracker.is_closed(*at));
    if open.is_empty() || !(sync || any_confirmed(&tracker, &open, holder)) {
        return Ok(Vec::new());
    }
    let desk = Desk { app, holder: holder.clone(), term: Term::brief(), deadline: deadline() };
    // Sending the close will say what is wrong with the remote.
    if look(app, Seek::Claims, desk.deadline)?.is_some() {
        return Ok(Vec::new());
    }
    let tracker = app.store()?.view()?.tracker;
    let mut open = resolve_all(&tracker, keys)?;
    open.retain(|at| {
        let at_stake = sync || confirmed(&tracker, *at, holder).is_some();
        at_stake && !tracker.is_closed(*at) && !desk.is_safe(&tracker, *at)
    });
    match desk.win_all(open.iter().map(|at| tracker.rows.id(*at)).collect()) {
        Ok(Confirmed::Won(won)) => Ok(won),
        Ok(Confirmed::Unavailable(_)) => Ok(Vec::new()),
        Err(error) if error.code() == "closed" => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// Ends what [`fence`] has claimed: with the push that sends the close, or at once where there was none. Not before
/// the close stands on the branch, or a sync in another worktree could let the next claimant in ahead of it.
pub(super) fn unfence(app: &App, fences: &[Won], closed: bool) -> Result<()> {
    let store = app.store()?;
    if closed {
        store.end_claims(fences.iter().map(|one| (one.id, one.token.as_str())));
        return Ok(());
    }
    fences.iter().try_for_each(|one| store.withdraw(one.id, &one.token, deadline()))
}

/// Looks at the remote again where it has confirmed a claim of the holder's on one of the issues: somebody may have
/// taken it over, and what is done with it next must know. Where the remote is away, what is known here counts.
pub(super) fn look_again(app: &App, keys: &[String], holder: &Holder) -> Result<()> {
    let tracker = app.store()?.view()?.tracker;
    let positions = resolve_all(&tracker, keys)?;
    if any_confirmed(&tracker, &positions, holder) {
        look(app, Seek::Claims, deadline())?;
    }
    Ok(())
}

/// Tells whether the issues that are named hold a claim of the holder's that a remote has confirmed.
pub(super) fn any_confirmed(tracker: &Tracker, positions: &[usize], holder: &Holder) -> bool {
    positions.iter().any(|at| confirmed(tracker, *at, holder).is_some())
}

/// Returns the token of the holder's confirmed claim.
pub(super) fn confirmed<'t>(tracker: &'t Tracker, at: usize, holder: &Holder) -> Option<&'t str> {
    let front = tracker.front(at);
    front.claim.as_deref().filter(|_| front.is_held_by(holder))
}

/// Says that a claim is known here only, and why.
pub(super) fn warn_unconfirmed(app: &mut App, outcome: &Outcome) {
    app.told_unconfirmed = true;
    app.ui.warn(format!("not confirmed, another clone may claim the same: {outcome}"));
}
