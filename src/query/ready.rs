//! Readiness: which issues can be worked on now, and what keeps the others from it.
//!
//! Judges; it does not order, filter or render. All issues are judged in one pass whose cost grows with
//! issues and edges: what is inherited is remembered as a link to the nearest blocked ancestor, never as a
//! copy.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::model::{ClaimRef, Lease, Status, Timestamp, Tracker};

use super::inherit::{is_open, nearest_blocked_ancestor, nearest_blocked_ancestors};
use super::open_blockers;

/// Where an issue stands for somebody who looks for work. Several may hold; the order of the question is
/// closed, other, claimed, deferred, blocked, container.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum State {
    /// It can be taken now.
    Ready {
        /// It is in progress under a lease that has lapsed: the work of somebody who did not come back.
        lapsed: bool,
    },
    /// Something must be closed first.
    Blocked {
        /// Its own open blockers, in the order of their positions.
        by: Vec<usize>,
        /// The nearest ancestor with open blockers of its own; [`Readiness::inherited`] lists all.
        with: Option<usize>,
    },
    /// Somebody holds it.
    Claimed(Claim),
    /// It is put off.
    Deferred {
        /// Until when; `None` is for good.
        until: Option<Timestamp>,
    },
    /// Its open children are the work.
    Container {
        /// How many there are.
        open_children: usize,
    },
    /// It is done with.
    Closed,
    /// Its status says neither: `blocked` set by hand, or a status of another tracker.
    Other(Status),
}

impl State {
    /// Returns the word that JSON documents use.
    pub fn name(&self) -> &'static str {
        match self {
            State::Ready { .. } => "ready",
            State::Blocked { .. } => "blocked",
            State::Claimed(_) => "claimed",
            State::Deferred { .. } => "deferred",
            State::Container { .. } => "container",
            State::Closed => "closed",
            State::Other(_) => "other",
        }
    }

    /// Tells whether it can be worked on now.
    pub fn is_ready(&self) -> bool {
        matches!(self, State::Ready { .. })
    }
}

/// A claim that holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Claim {
    /// Who holds it, where that is known.
    pub actor: Option<String>,
    /// In which session.
    pub session: Option<String>,
    /// Until when; `None` is without a lease.
    pub until: Option<Timestamp>,
    /// Without a lease and without a sign of life for a day.
    pub stale: bool,
}

/// The state of every issue of a tracker at a moment.
#[derive(Debug)]
pub struct Readiness {
    now: Timestamp,
    /// The open issues, in the order of their positions.
    open: Vec<usize>,
    /// The state of each of these.
    states: Vec<State>,
    /// Reasons after the first, for the few issues that have several.
    further: BTreeMap<usize, Vec<State>>,
}

impl Readiness {
    /// Judges every issue by what the branch says and by the claims that are known here.
    pub fn new(tracker: &Tracker, now: Timestamp) -> Self {
        Readiness::with_claims(tracker, now, tracker.claims.values())
    }

    /// Judges some issues only, for whoever asks about these. Nothing is known of the others: they count as closed.
    pub fn of(tracker: &Tracker, now: Timestamp, positions: &[usize]) -> Self {
        let mut open: Vec<usize> = positions.iter().copied().filter(|at| is_open(tracker, *at)).collect();
        open.sort_unstable();
        open.dedup();
        let with =
            open.iter().filter_map(|at| Some((*at, nearest_blocked_ancestor(tracker, *at)?))).collect();
        Readiness::judge_all(tracker, now, open, &with, |at| tracker.live_claim(at, now))
    }

    /// Judges every issue by what the branch says and by claims that only the remote knows.
    /// Such a claim holds while its lease runs, whatever the branch says of the issue.
    pub fn with_claims<'c>(
        tracker: &Tracker,
        now: Timestamp,
        claims: impl IntoIterator<Item = &'c ClaimRef>,
    ) -> Self {
        let open = (0..tracker.rows.len()).filter(|at| is_open(tracker, *at)).collect();
        let live = claims.into_iter().filter(|c| c.is_live(now));
        let remote: BTreeMap<usize, &ClaimRef> =
            live.filter_map(|c| Some((tracker.position(c.id)?, c))).collect();
        let with = nearest_blocked_ancestors(tracker);
        Readiness::judge_all(tracker, now, open, &with, |at| remote.get(&at).copied())
    }

    fn judge_all<'c>(
        tracker: &Tracker,
        now: Timestamp,
        open: Vec<usize>,
        with: &HashMap<usize, usize>,
        claim_on: impl Fn(usize) -> Option<&'c ClaimRef>,
    ) -> Self {
        let mut readiness = Readiness { now, open, states: Vec::new(), further: BTreeMap::new() };
        readiness.states.reserve(readiness.open.len());
        for number in 0..readiness.open.len() {
            let at = readiness.open[number];
            let mut reasons = judge(tracker, at, now, with.get(&at).copied(), claim_on(at)).into_iter();
            let ready = || State::Ready { lapsed: tracker.facts(at).status() == Some(&Status::InProgress) };
            readiness.states.push(reasons.next().unwrap_or_else(ready));
            if reasons.len() > 0 {
                readiness.further.insert(at, reasons.collect());
            }
        }
        readiness
    }

    /// Returns the moment the judgement is for.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Returns where the issue stands: the first of its reasons.
    pub fn state(&self, position: usize) -> &State {
        // Most issues of an old tracker are closed.
        self.open.binary_search(&position).map_or(&State::Closed, |number| &self.states[number])
    }

    /// Returns everything that keeps the issue from being ready, or [`State::Ready`] alone.
    pub fn reasons(&self, position: usize) -> Vec<&State> {
        let further = self.further.get(&position).into_iter().flatten();
        std::iter::once(self.state(position)).chain(further).collect()
    }

    /// Returns the positions of all ready issues, in the order of the tracker.
    pub fn ready(&self) -> impl Iterator<Item = usize> + '_ {
        self.states().filter(|(_, state)| state.is_ready()).map(|(at, _)| at)
    }

    /// Returns the positions of the issues that would be ready were they not put off.
    pub fn put_off(&self) -> impl Iterator<Item = usize> + '_ {
        let only = |at: &usize| !self.further.contains_key(at);
        self.states().filter(|(_, s)| matches!(s, State::Deferred { .. })).map(|(at, _)| at).filter(only)
    }

    /// Returns the positions of all open issues with an open blocker, own or inherited, whatever else holds.
    pub fn blocked(&self) -> impl Iterator<Item = usize> + '_ {
        self.open.iter().copied().filter(|at| self.is_blocked(*at))
    }

    /// Returns the positions of the issues that somebody holds, with the claim.
    pub fn claims(&self) -> impl Iterator<Item = (usize, &Claim)> + '_ {
        self.states().filter_map(|(at, state)| match state {
            State::Claimed(claim) => Some((at, claim)),
            _ => None,
        })
    }

    /// Returns the open issues with their states.
    fn states(&self) -> impl Iterator<Item = (usize, &State)> + '_ {
        self.open.iter().copied().zip(&self.states)
    }

    /// Tells whether an open blocker, own or inherited, is among the reasons.
    pub fn is_blocked(&self, position: usize) -> bool {
        self.reasons(position).iter().any(|s| matches!(s, State::Blocked { .. }))
    }

    /// Returns what the issue waits for through its ancestors: each ancestor with open blockers, nearest
    /// first, with each of these.
    pub fn inherited(&self, tracker: &Tracker, position: usize) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        let mut seen = HashSet::from([position]);
        let mut next = nearest_blocked_ancestor(tracker, position);
        while let Some(ancestor) = next.filter(|a| seen.insert(*a)) {
            found.extend(open_blockers(tracker, ancestor).into_iter().map(|b| (ancestor, b)));
            next = nearest_blocked_ancestor(tracker, ancestor);
        }
        found
    }

    /// Returns every open issue that must be closed first, each once: its own blockers, then, with the ancestor
    /// through which it waits for them, the inherited ones.
    pub fn waits_for(&self, tracker: &Tracker, position: usize) -> Vec<(usize, Option<usize>)> {
        let own = open_blockers(tracker, position).into_iter().map(|b| (b, None));
        let inherited = self.inherited(tracker, position).into_iter().map(|(via, b)| (b, Some(via)));
        let mut seen = HashSet::new();
        own.chain(inherited).filter(|(blocker, _)| seen.insert(*blocker)).collect()
    }
}

/// Collects the reasons of an open issue in the order of the question. None of them is ready.
fn judge(
    tracker: &Tracker,
    at: usize,
    now: Timestamp,
    with: Option<usize>,
    remote: Option<&ClaimRef>,
) -> Vec<State> {
    let facts = tracker.facts(at);
    let mut reasons = Vec::new();
    match facts.status() {
        Some(Status::Blocked) | None => reasons.push(State::Other(tracker.front(at).status.clone())),
        Some(_) => {}
    }
    reasons.extend(claim(tracker, at, now, remote).map(State::Claimed));
    let is_deferred = facts.status() == Some(&Status::Deferred);
    if facts.has_defer_until() || is_deferred {
        let until = tracker.front(at).defer_until;
        if until.map_or(is_deferred, |until| until > now) {
            reasons.push(State::Deferred { until });
        }
    }
    let by = open_blockers(tracker, at);
    if !by.is_empty() || with.is_some() {
        reasons.push(State::Blocked { by, with });
    }
    let open_children = tracker.graph().children(at).filter(|c| is_open(tracker, *c)).count();
    if open_children > 0 {
        reasons.push(State::Container { open_children });
    }
    reasons
}

fn claim(tracker: &Tracker, at: usize, now: Timestamp, remote: Option<&ClaimRef>) -> Option<Claim> {
    let is_claimed = tracker.facts(at).status() == Some(&Status::InProgress);
    let front = is_claimed.then(|| tracker.front(at));
    let (front, until, stale) = match front.map(|front| (front, front.lease(now))) {
        Some((front, Lease::Live(until))) => (front, Some(until), false),
        Some((front, Lease::Unleased)) => (front, None, false),
        Some((front, Lease::Stale)) => (front, None, true),
        None | Some((_, Lease::Free | Lease::Lapsed)) => {
            return remote.map(|claim| Claim {
                actor: Some(claim.holder.actor.clone()),
                session: Some(claim.holder.session.clone()),
                until: Some(claim.lease_until),
                stale: false,
            });
        }
    };
    Some(Claim { actor: front.assignee.clone(), session: front.claimed_session.clone(), until, stale })
}
