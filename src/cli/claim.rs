//! `qp claim`, and the claim itself, which `next`, `ready --claim` and `update --claim` make too.
//!
//! Which issue is taken is decided inside the write that takes it, so two callers never get the same one.

use super::app::{App, readiness, resolve_all};
use super::bulk::KeysArgs;
use super::claimed::{self, Claimed};
use super::confirm::{self, Confirmed};
use super::filter::FilterArgs;
use super::lease::{LeaseArgs, Term};
use super::report;
use crate::error::{Error, Result};
use crate::model::{Holder, Timestamp, Tracker};
use crate::query::{ClaimStep, Filter, Readiness, State, describe, may_claim, next_candidates, overlap};
use crate::store::{Done, Txn, View};

/// Claim issues, or the best ready one
///
/// Makes you the assignee and sets the status to in_progress, until the lease ends. Whoever claims an issue that
/// somebody else holds is refused with exit 6 and told who that is. Claiming one's own again renews it; a lapsed
/// claim may be taken over. With --next and nothing to claim the result is empty and the exit is 0.
///
/// Within one clone and its worktrees a claim is certain at once. With --sync the remote decides between clones: the
/// claim is confirmed by one small push, and whoever loses it is refused with exit 6, or with --next gets the next
/// issue. Where the remote cannot be reached or takes no claims, the claim is made here and reported as not confirmed.
#[derive(clap::Args, Debug)]
#[command(after_long_help = "Examples:
  qp claim web-7k2m
  qp claim 7k2m 3f9c --for 30m
  qp claim --next
  qp claim --next --sync
  qp claim --next -l backend -p 0,1 --json")]
pub struct ClaimArgs {
    /// Keys
    #[arg(value_name = "ID")]
    keys: Vec<String>,
    #[command(flatten)]
    more: KeysArgs,
    /// Claim the best ready issue that the selection allows
    #[arg(long, conflicts_with_all = ["keys", "stdin"])]
    next: bool,
    #[command(flatten)]
    lease: LeaseArgs,
    #[command(flatten)]
    sync: ConfirmArgs,
    #[command(flatten)]
    filter: FilterArgs,
}

/// The flag that lets the remote decide.
#[derive(clap::Args, Debug, Default)]
pub struct ConfirmArgs {
    /// Let the remote confirm the claim, so that it holds for all clones (git config quipu.claim.sync true makes this
    /// the default)
    #[arg(long)]
    sync: bool,
    /// Claim in this clone only, whatever the configuration says
    #[arg(long, overrides_with = "sync")]
    no_sync: bool,
}

impl ConfirmArgs {
    /// Tells whether the remote is asked.
    pub fn wanted(&self, app: &App) -> Result<bool> {
        let configured = || Ok(app.store()?.config("quipu.claim.sync").is_some_and(|v| is_true(&v)));
        if self.sync {
            Ok(true)
        } else if self.no_sync {
            Ok(false)
        } else {
            configured()
        }
    }

    /// Tells whether one of the flags was given.
    pub fn is_given(&self) -> bool {
        self.sync || self.no_sync
    }
}

/// As git reads booleans.
fn is_true(value: &str) -> bool {
    matches!(value.to_ascii_lowercase().as_str(), "true" | "yes" | "on" | "1")
}

/// A claim that is to be written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Request<'a> {
    pub holder: &'a Holder,
    pub until: Timestamp,
    /// What the remote has confirmed.
    pub token: Option<&'a str>,
}

pub(super) fn run(args: &ClaimArgs, app: &mut App) -> Result<()> {
    let term = args.lease.read()?;
    if args.next {
        return next(app, &args.filter, term, args.sync.wanted(app)?);
    }
    if args.keys.is_empty() && !args.more.reads_stdin() {
        return Err(Error::usage("no issue is named")
            .hint("qp claim ID, or qp claim --next for the best ready issue"));
    }
    if !args.filter.is_unset() {
        return Err(Error::usage("a selection goes with --next, not with keys").hint("qp claim --next"));
    }
    app.refuse_past()?;
    let keys = args.more.all("claim", &args.keys)?;
    let done = take_keys(app, &keys, term, args.sync.wanted(app)?)?;
    claimed::print(app, &done)
}

/// Claims the issues that are named. A claim that the remote has confirmed before is renewed there.
fn take_keys(app: &mut App, keys: &[String], term: Term, sync: bool) -> Result<Done<Vec<Claimed>>> {
    let holder = app.holder(&app.store()?);
    let known = || {
        let tracker = app.store()?.view()?.tracker;
        Ok::<_, Error>(confirm::any_confirmed(&tracker, &resolve_all(&tracker, keys)?, &holder))
    };
    if sync || known()? {
        match confirm::by_keys(app, keys, &holder, term)? {
            Confirmed::Won(won) => return confirm::write(app, &won, &holder, "claim"),
            Confirmed::Unavailable(outcome) => confirm::warn_unconfirmed(app, &outcome),
        }
    }
    app.transact("claim", |txn| {
        let positions = resolve_all(txn.tracker(), keys)?;
        let claims = take_all(txn, &positions, &holder, term)?;
        txn.subject(subject(txn.view(), &positions, &claims));
        Ok(claims)
    })
}

/// Claims the best ready issue and prints it: `qp claim --next`.
pub(super) fn next(app: &mut App, filter: &FilterArgs, term: Term, sync: bool) -> Result<()> {
    let (done, holder) = take_next(app, filter, term, sync)?;
    if done.value.is_empty() {
        app.ui.note(claimed::nothing(app, &done.view, filter)?);
    }
    claimed::also_held(app, &done, &holder);
    claimed::print(app, &done)
}

/// Claims the best ready issue, if there is one.
pub(super) fn take_next(
    app: &mut App,
    args: &FilterArgs,
    term: Term,
    sync: bool,
) -> Result<(Done<Vec<Claimed>>, Holder)> {
    app.refuse_past()?;
    let filter = selection(app, args)?;
    let holder = app.holder(&app.store()?);
    if sync {
        match confirm::next(app, args, &holder, term)? {
            Confirmed::Won(won) => return Ok((confirm::write(app, &won, &holder, "claim")?, holder)),
            Confirmed::Unavailable(outcome) => confirm::warn_unconfirmed(app, &outcome),
        }
    }
    let done = app.transact("claim", |txn| {
        let readiness = readiness(txn.view(), txn.now);
        let candidates = next_candidates(txn.tracker(), &readiness, &holder.actor, &filter);
        let Some(best) = candidates.first() else { return Ok(Vec::new()) };
        let claims = vec![take_for(txn, *best, &readiness, &holder, term)?];
        txn.subject(subject(txn.view(), &[*best], &claims));
        Ok(claims)
    })?;
    Ok((done, holder))
}

/// Says in the history what kind of claim it was.
pub(super) fn subject(view: &View, positions: &[usize], claims: &[Claimed]) -> String {
    let verb = match claims {
        [Claimed { step: ClaimStep::Renewal, .. }] => "renew",
        [Claimed { step: ClaimStep::Takeover { .. }, .. }] => "take over",
        _ => "claim",
    };
    report::subject(verb, view, positions)
}

/// Makes a filter of the flags. It names issues by identity, so it stays valid when the write runs again.
fn selection(app: &App, args: &FilterArgs) -> Result<Filter> {
    if args.is_unset() {
        return Ok(Filter::default());
    }
    let filter = args.resolve(app, &app.store()?.view()?.tracker)?;
    if filter.needs_texts() {
        return Err(
            Error::usage("a claim is chosen without reading texts").hint("qp ready QUERY, then qp claim ID")
        );
    }
    Ok(filter)
}

/// Claims issues for `holder` within a write, in this clone only, all or none.
pub(super) fn take_all(
    txn: &mut Txn<'_>,
    positions: &[usize],
    holder: &Holder,
    term: Term,
) -> Result<Vec<Claimed>> {
    let readiness = judged(txn.tracker(), txn.now, positions);
    positions.iter().map(|at| take_for(txn, *at, &readiness, holder, term)).collect()
}

/// Claims the issue at `position` for `holder` within a write, in this clone only.
///
/// # Errors
/// Conflict: closed, or held by somebody else.
pub(super) fn take_for(
    txn: &mut Txn<'_>,
    position: usize,
    readiness: &Readiness,
    holder: &Holder,
    term: Term,
) -> Result<Claimed> {
    let until = term.end(txn.tracker().front(position), holder, txn.now);
    take(txn, position, readiness, &Request { holder, until, token: None })
}

/// Claims the issue at `position` within a write.
///
/// # Errors
/// Conflict: closed, or held by somebody else.
pub(super) fn take(
    txn: &mut Txn<'_>,
    position: usize,
    readiness: &Readiness,
    request: &Request<'_>,
) -> Result<Claimed> {
    let tracker = txn.tracker();
    let front = tracker.front(position);
    let holder = request.holder;
    let step = may_claim(tracker, position, holder, txn.now)?;
    let cautions = match step {
        ClaimStep::Renewal => Vec::new(),
        _ => cautions(txn.view(), readiness, position, holder),
    };
    let mut issue = txn.issue(position)?;
    issue.front.claim(holder, txn.now, request.until);
    if let Some(token) = request.token {
        issue.front.claim = Some(token.to_owned());
    }
    txn.put(issue)?;
    let (before, confirmed) = (front.clone(), request.token.is_some());
    Ok(Claimed { id: front.id, step, before, until: request.until, cautions, confirmed })
}

/// Judges the issues that are to be claimed; where their files are to be compared with those of claimed work, all.
pub(super) fn judged(tracker: &Tracker, now: Timestamp, positions: &[usize]) -> Readiness {
    if positions.iter().all(|at| tracker.front(*at).paths.is_empty()) {
        return Readiness::of(tracker, now, positions);
    }
    Readiness::new(tracker, now)
}

/// What a worker should know before starting: whatever else keeps the issue from being ready, and who is at its
/// files.
fn cautions(view: &View, readiness: &Readiness, position: usize, holder: &Holder) -> Vec<String> {
    let tracker = &view.tracker;
    let key = tracker.key(position);
    let mut found: Vec<String> = readiness
        .reasons(position)
        .into_iter()
        .filter(|state| !matches!(state, State::Ready { .. } | State::Claimed(_)))
        .map(|state| format!("{key} is not ready: {}", describe(tracker, readiness, position, state)))
        .collect();
    if let Some(other) = overlap(tracker, readiness, position)
        && !tracker.front(other).is_held_by(holder)
    {
        let whose = tracker.front(other).assignee.as_deref().unwrap_or("somebody");
        found.push(format!("{key} touches files of {}, which {whose} is working on", tracker.key(other)));
    }
    found
}
