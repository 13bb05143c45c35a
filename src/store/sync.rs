//! Exchanging the branch and the claims with a remote: look, fetch, merge, push, and again where somebody was quicker.
//!
//! The push of the branch is a compare-and-swap: it is never forced, and what the remote did not take is still here.

use std::collections::{BTreeMap, BTreeSet};

use gix::ObjectId;

use super::backoff::Backoff;
use super::claims::KnownClaims;
use super::fallback::Fallbacks;
use super::ladder::{FromOutbox, Kept};
use super::lost::Lost;
use super::merge::Unmergeable;
use super::notes::LostClaim;
use super::outcome::Outcome;
use super::patience::LeftLocks;
use super::pattern::Pattern;
use super::push_url::Elsewhere;
use super::refs::is_locked_away;
use super::refusal::Refusal;
use super::remote::{Deadline, Depth, Listing, Remote};
use super::sync_report::Collision;
use super::{Author, Store};
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::model::{DAY_MS, Holder, IssueId, Timestamp};

/// How long after its lease a claim is swept from the remote by whoever comes along, in milliseconds.
pub(super) const SWEPT_AFTER_MS: i64 = DAY_MS;
/// Refs that are named in one call of git: a command line has an end.
pub(super) const MOST_REFS: usize = 400;

/// What is asked of an exchange.
#[derive(Clone, Copy, Debug)]
pub struct SyncRequest<'a> {
    /// The remote, where it is not the tracker's own.
    pub remote: Option<&'a str>,
    /// By when it must have ended.
    pub deadline: Deadline,
    /// Whether what is here is sent.
    pub push: bool,
    /// Whether what the remote has is taken in although nothing asks for it.
    pub pull: bool,
    /// Make one tracker of two.
    pub join: bool,
    /// Push also what the remote has refused within the hour.
    pub retry: bool,
}

/// What an exchange did.
#[derive(Debug, Default)]
pub struct Synced {
    /// The remote's name.
    pub remote: String,
    /// Operations that the remote has taken.
    pub sent: usize,
    /// The issues they changed.
    pub sent_issues: BTreeSet<IssueId>,
    /// Where they went, if the remote is pushed to at another URL than it is fetched from.
    pub sent_to: Option<String>,
    /// What is at that other place, and not known to be at the remote.
    pub elsewhere: Option<Elsewhere>,
    /// Operations that came from the remote.
    pub received: usize,
    /// The issues they changed.
    pub received_issues: BTreeSet<IssueId>,
    /// Whether two lines of history were merged.
    pub merged: bool,
    /// What the merge decided against.
    pub lost: Vec<Lost>,
    /// Claims of the caller that others have now.
    pub claims_lost: Vec<LostClaim>,
    /// Issues whose key has changed, because two of them had the same.
    pub collisions: Vec<Collision>,
    /// How the issues are called that a rehearsal found there.
    pub names_there: BTreeMap<IssueId, String>,
    /// Operations that are here and not there.
    pub unsent: usize,
    /// Whether there is no tracker here, even now.
    pub is_empty_here: bool,
    /// Whether the remote has the branch.
    pub remote_has_branch: bool,
    /// Why not everything was sent.
    pub failure: Option<Outcome>,
    /// Where what the remote has refused is instead.
    pub kept: Option<Kept>,
    /// What came from the outbox.
    pub from_outbox: FromOutbox,
    /// Whether `.git` cannot be written, so that the remote was not asked.
    pub is_locked: bool,
    /// Why nothing could be received, where sending went on all the same.
    pub unread: Option<Outcome>,
    /// When the remote is asked again for what it has refused.
    pub retry_at: Option<Timestamp>,
    /// What the remote is known to refuse, where nothing was pushed, or was to be.
    pub refusal: Option<Refusal>,
    /// What came of the branches of `quipu.fallbackBranch`.
    pub fallbacks: Fallbacks,
    /// What the user should know.
    pub warnings: Vec<String>,
}

impl Synced {
    /// Tells whether nothing came and nothing went.
    pub fn is_idle(&self) -> bool {
        let counts =
            [self.sent, self.received, self.unsent, self.sent_issues.len(), self.received_issues.len()];
        let counts = counts.into_iter().chain([self.from_outbox.operations]);
        let quiet = self.lost.is_empty() && self.claims_lost.is_empty() && self.collisions.is_empty();
        counts.into_iter().all(|count| count == 0) && quiet && self.failure.is_none()
    }

    /// Counts files of the outbox and branches of `quipu.fallbackBranch` that may have operations which are not known
    /// here: nobody can call that in sync.
    pub fn outside(&self) -> usize {
        self.from_outbox.outside() + self.fallbacks.left.len()
    }

    /// Counts the values that a merge decided against.
    pub fn conflicts(&self) -> usize {
        self.lost.iter().map(|lost| lost.parts.len()).sum()
    }

    /// Returns the remote's name; of a URL, without its password.
    pub fn shown_remote(&self) -> String {
        super::redact::redacted(&self.remote)
    }
}

/// How an attempt ended.
pub(super) enum Attempt {
    Done,
    /// Somebody was quicker, or the server asks to wait.
    Again(Outcome),
    Failed(Outcome),
}

/// An exchange in the making.
pub(super) struct Exchange<'s> {
    pub store: &'s Store,
    pub context: &'s Context,
    pub author: &'s Author,
    pub remote: Remote<'s>,
    pub request: SyncRequest<'s>,
    /// Whether other people's claims are taken in with the branch.
    pub with_claims: bool,
    /// Where reads started from at the beginning.
    pub before: Option<ObjectId>,
    /// What the remote was known to have at the beginning.
    pub known: Option<ObjectId>,
    /// The claims that were known at the beginning.
    pub known_claims: KnownClaims,
    /// Whether what the remote has was brought here once.
    is_reached: bool,
    /// Whether the first look has shown that there is nothing to do.
    pub is_settled: bool,
    /// How often claims have got in the way.
    pub held_up: usize,
    /// Locks that stood in the way of a fetch.
    left_locks: LeftLocks,
    /// How often the place that is pushed to, and not fetched from, had something else.
    pub lost_elsewhere: usize,
    /// Whether the remote has listed its refs after it had said of a push that it is not there.
    pub lets_read: bool,
    /// Whether the remote shows what was pushed.
    pub is_shown: bool,
    /// What the local branch was at the beginning.
    local: Option<ObjectId>,
    /// The branches that are used where the remote refuses the tracker's.
    pub fallback: Option<Pattern>,
    /// Those of them that the remote was seen to have.
    pub seen_fallbacks: BTreeMap<String, ObjectId>,
    /// What the remote had before the push that it took.
    pub replaced: Option<ObjectId>,
    pub pushed: Option<ObjectId>,
    pub synced: Synced,
}

impl Store {
    /// Exchanges the branch and the claims with the remote.
    ///
    /// # Errors
    /// Remote, with the reason, where the remote was not reached at all; conflict, where the remote holds another
    /// tracker; environment, without a remote. What could be received but not sent is no error here: see
    /// [`Synced::failure`].
    pub fn sync(&self, context: &Context, author: &Author, request: SyncRequest<'_>) -> Result<Synced> {
        let store = self.through(request.remote)?.within(request.deadline);
        if self.opening.is_offline {
            let remote = store.remote.as_deref().unwrap_or_default();
            return Err(Outcome::Offline.error(remote, &store.branch));
        }
        let turn = store.sync_turn(request.deadline)?;
        if turn.is_locked {
            return store.sync_locked(author, request);
        }
        // Whoever had to wait looks at the repository as it is now.
        let store = if turn.has_waited { store.reopen()? } else { store };
        store.sweep_leftovers(context.now());
        let synced = match store.exchange_all(context, author, request) {
            // Its own folder can be written, and git's are locked.
            Err(error) if is_locked_away(&error) => return store.sync_locked(author, request),
            outcome => outcome?,
        };
        // Others need not wait for it.
        drop(turn);
        if synced.failure.is_none() {
            store.tidy(request.deadline);
        }
        Ok(synced)
    }

    fn exchange_all(&self, context: &Context, author: &Author, request: SyncRequest<'_>) -> Result<Synced> {
        let mut exchange = self.exchange(context, author, request)?;
        exchange.fallback = exchange.pattern()?;
        exchange.run()?;
        exchange.descend()?;
        exchange.report()
    }

    pub(super) fn exchange<'s>(
        &'s self,
        context: &'s Context,
        author: &'s Author,
        request: SyncRequest<'s>,
    ) -> Result<Exchange<'s>> {
        let name = self.remote.clone().unwrap_or_default();
        let remote = self.remote_named(&name, request.deadline)?;
        let (local, known) = self.both_tips()?;
        self.fetch_promised_trees(local.into_iter().chain(known))?;
        let before = if local == known { local } else { self.tip()?.map(|tip| tip.commit) };
        let synced = Synced { remote: name, ..Synced::default() };
        Ok(Exchange {
            store: self,
            context,
            author,
            remote,
            request,
            with_claims: true,
            before,
            known,
            known_claims: self.known_claims()?,
            is_reached: false,
            is_settled: false,
            held_up: 0,
            left_locks: LeftLocks::default(),
            lost_elsewhere: 0,
            lets_read: false,
            is_shown: true,
            local,
            fallback: None,
            seen_fallbacks: BTreeMap::new(),
            replaced: None,
            pushed: None,
            synced,
        })
    }
}

impl Exchange<'_> {
    /// Looks, fetches and sends until it is done.
    fn run(&mut self) -> Result<()> {
        let mut backoff = Backoff::new(self.context);
        let mut earlier = None;
        loop {
            let outcome = match self.attempt()? {
                Attempt::Done => return Ok(()),
                Attempt::Again(outcome) if backoff.sleep_after(&outcome, self.request.deadline) => {
                    earlier = Some(outcome);
                    continue;
                }
                Attempt::Again(outcome) | Attempt::Failed(outcome) => outcome,
            };
            // What has used up the time says more than that it is used up.
            let outcome = earlier.filter(|_| outcome == Outcome::TimedOut).unwrap_or(outcome);
            if self.is_reached || self.synced.unread.is_some() && self.request.push {
                // The remote was reached: what came is here, and the caller says what did not go.
                self.synced.failure = Some(outcome);
                return Ok(());
            }
            let error = self.remote.error(&outcome);
            return Err(if self.synced.unread.is_some() { unread(error) } else { error });
        }
    }

    /// Looks once, takes in what there is, and sends where that is asked for.
    pub fn attempt(&mut self) -> Result<Attempt> {
        let listing = match self.remote.list_with(self.fallback.as_ref()) {
            Ok(listing) => listing,
            Err(outcome) if outcome.may_retry() => return Ok(Attempt::Again(outcome)),
            Err(outcome) => {
                // A network that lets nothing be asked lets nothing be sent either; there are other roads.
                if matches!(outcome, Outcome::Refused(_)) && !self.is_reached {
                    self.synced.unread = Some(outcome.clone());
                    self.synced.remote_has_branch = self.known.is_some();
                }
                return Ok(Attempt::Failed(outcome));
            }
        };
        self.store.note_seen(&self.synced.remote, self.context.now());
        self.synced.remote_has_branch = listing.branch.is_some();
        if self.finds_nothing_new(&listing) {
            (self.is_settled, self.is_reached) = (true, true);
            return Ok(Attempt::Done);
        }
        if let Err(outcome) = self.fetch(&listing)? {
            let changed = matches!(outcome, Outcome::MissingRef(_)) || outcome.may_retry();
            return if changed {
                Ok(Attempt::Again(Outcome::LostRace))
            } else {
                Ok(Attempt::Failed(outcome))
            };
        }
        self.is_reached = true;
        let (local, _) = self.store.both_tips()?;
        let is_ahead = match (local, listing.branch) {
            (Some(local), Some(remote)) => self.store.base(local, remote)? == Some(remote),
            _ => true,
        };
        let is_even = local.is_some() && local == listing.branch;
        if (self.request.pull || !is_ahead) && !is_even {
            self.integrate(None)?;
        }
        self.absorb()?;
        self.synced.fallbacks.left.clear();
        if !listing.fallbacks.is_empty() {
            self.harvest(&listing)?;
            self.seen_fallbacks.clone_from(&listing.fallbacks);
        }
        if !self.request.push {
            return Ok(Attempt::Done);
        }
        let attempt = self.push(&listing)?;
        let shared = self.pushed.filter(|_| self.is_shown).or(listing.branch);
        if let (Attempt::Done, Some(tip)) = (&attempt, shared) {
            self.sweep_fallbacks(&listing, tip)?;
        }
        Ok(attempt)
    }

    /// Tells whether everything is taken in that the remote has.
    pub(super) fn takes_all(&self) -> bool {
        self.request.pull && self.with_claims
    }

    /// Tells whether what is here is sent.
    pub(super) fn sends(&self) -> bool {
        self.request.push
    }

    /// Tells whether also that is tried again which the remote has refused a short while ago.
    pub(super) fn retries(&self) -> bool {
        self.request.retry
    }

    /// Tells whether both sides have the same, and no claim stands anywhere that might be over.
    fn finds_nothing_new(&self, listing: &Listing) -> bool {
        let is_even = self.local.is_some() && self.local == self.known && self.local == listing.branch;
        is_even
            && !self.is_reached
            && listing.claims.is_empty()
            && listing.fallbacks.is_empty()
            && !self.store.has_outbox()
            && self.known_claims.is_empty()
            && self.store.leaving().is_empty()
    }

    /// Brings what the listing has and this clone has not.
    fn fetch(&mut self, listing: &Listing) -> Result<std::result::Result<(), Outcome>> {
        let (_, tracking) = self.store.both_tips()?;
        let known = self.store.known_claims()?;
        let mut specs = Vec::new();
        if self.with_claims {
            specs = self.store.claim_specs(listing, &known);
        }
        if listing.branch.is_some() && listing.branch != tracking {
            // What the remote had is in the local branch before the remote-tracking one moves, so that nothing hangs
            // on that alone, whatever the remote has now.
            if tracking.is_some() {
                self.integrate(None)?;
            }
            specs.insert(0, self.branch_spec());
        }
        if let (None, Some(tracking)) = (listing.branch, tracking) {
            self.forget_branch(tracking)?;
        }
        for some in specs.chunks(MOST_REFS) {
            if let Err(outcome) = self.remote.fetch(some, Depth::AsIs) {
                self.store.check_writable()?;
                if outcome == Outcome::LostRace {
                    let names = some.iter().filter_map(|spec| spec.split_once(':')).map(|(_, name)| name);
                    let cleared = self.left_locks.look(self.store, names, self.context.now());
                    self.synced.warnings.extend(cleared);
                }
                return Ok(Err(outcome));
            }
        }
        self.store.forget_claims(known.into_iter().filter(|(id, _)| !listing.claims.contains_key(id)))?;
        if let (Some(old), Some(new)) = (tracking, listing.branch) {
            self.keep_rewound(old, new)?;
        }
        Ok(Ok(()))
    }

    /// Somebody may have put the remote's branch back, or something else in its place. What this clone knew of it
    /// then stays here, also where only the remote-tracking branch had it.
    fn keep_rewound(&mut self, old: ObjectId, new: ObjectId) -> Result<()> {
        let base = self.store.base(old, new)?;
        if old == new || base == Some(old) || base.is_none() && self.store.repo.is_shallow().unwrap_or(false)
        {
            return Ok(());
        }
        let (name, branch) = (self.synced.shown_remote(), &self.store.branch);
        let warning = match self.remote.pushes_elsewhere() {
            Some(url) => format!(
                "{branch} is pushed to {url}, and {name} does not show what went there; it is kept and merged"
            ),
            None => format!("{branch} was put back at {name}; what this clone knew of it is kept and merged"),
        };
        self.synced.warnings.push(warning);
        self.integrate(Some(old))
    }

    /// The remote has the branch no more: what this clone knew of it is here, and nothing of it counts as shared.
    fn forget_branch(&mut self, known: ObjectId) -> Result<()> {
        self.integrate(None)?;
        let name = self.store.tracking_ref().into_iter();
        self.store.delete_refs(name.map(|name| (name, known)).collect())
    }

    pub(super) fn branch_spec(&self) -> String {
        let tracking = self.store.tracking_ref().expect("an exchange has a remote");
        format!("+{}:{tracking}", self.store.branch_ref())
    }

    /// Merges what the remote has, or `theirs`; a history that is cut off is deepened first.
    fn integrate(&mut self, theirs: Option<ObjectId>) -> Result<()> {
        // The second is dear where the code has a long history, and seldom needed.
        let mut depths = [Depth::Whole, Depth::Everything].into_iter();
        loop {
            match self.store.integrate(self.context, self.author, self.request.join, theirs) {
                Ok(done) => {
                    self.synced.merged |= done.merged.is_some();
                    self.synced.lost.extend(done.merged.into_iter().flatten());
                    self.synced.warnings.extend(done.warnings);
                    return Ok(());
                }
                Err(Unmergeable::Failed(error)) => return Err(error),
                Err(Unmergeable::CutOff) => {
                    let depth = depths.next().ok_or_else(|| self.shallow("it has no more either"))?;
                    let deeper = self.remote.fetch(&[self.branch_spec()], depth);
                    deeper.map_err(|outcome| self.shallow(&outcome.to_string()))?;
                }
            }
        }
    }

    fn shallow(&self, why: &str) -> Error {
        let message = format!(
            "this clone is shallow, and {} does not give the history that a merge needs: {why}; both sides are kept",
            self.synced.remote
        );
        Error::new(Kind::Remote, "shallow", message)
            .hint(format!("{}, then qp sync", self.store.deepening_command()))
    }

    /// Keeps a warning, once.
    pub fn warn(&mut self, warning: String) {
        if !self.synced.warnings.contains(&warning) {
            self.synced.warnings.push(warning);
        }
    }

    /// Returns who acts, as the holder of claims.
    pub fn holder(&self) -> Holder {
        Holder { actor: self.author.actor.clone(), session: self.author.session.clone() }
    }
}

/// Says what helps where the remote lets nothing be asked.
pub fn unread(error: Error) -> Error {
    error.hint("qp sync where the network and the remote allow it; nothing is lost")
}
