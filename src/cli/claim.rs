//! `qp claim`, and the claim itself, which `next`, `ready --claim` and `update --claim` make too.
//!
//! Which issue is taken is decided inside the write that takes it, so two callers never get the same one.

use super::app::{App, readiness, resolve_all};
use super::claimed::{self, Claimed};
use super::filter::FilterArgs;
use super::lease::{LeaseArgs, Term};
use super::report;
use crate::error::{Error, Result};
use crate::model::Holder;
use crate::query::{ClaimStep, Filter, Readiness, State, describe, may_claim, next_candidates, overlap};
use crate::store::{Done, Txn, View};

/// Claim issues, or the best ready one
///
/// Makes you the assignee and sets the status to in_progress, until the lease ends. Whoever claims an issue that
/// somebody else holds is refused with exit 6 and told who that is. Claiming one's own again renews it; a lapsed
/// claim may be taken over. With --next and nothing to claim the result is empty and the exit is 0.
#[derive(clap::Args, Debug)]
#[command(after_long_help = "Examples:
  qp claim web-7k2m
  qp claim 7k2m 3f9c --for 30m
  qp claim --next
  qp claim --next -l backend -p 0,1 --json")]
pub struct ClaimArgs {
    /// Keys
    #[arg(value_name = "ID")]
    keys: Vec<String>,
    /// Claim the best ready issue that the selection allows
    #[arg(long, conflicts_with = "keys")]
    next: bool,
    #[command(flatten)]
    lease: LeaseArgs,
    #[command(flatten)]
    filter: FilterArgs,
}

pub(super) fn run(args: &ClaimArgs, app: &mut App) -> Result<()> {
    let term = args.lease.read()?;
    if args.next {
        return next(app, &args.filter, term);
    }
    if args.keys.is_empty() {
        return Err(Error::usage("no issue is named")
            .hint("qp claim ID, or qp claim --next for the best ready issue"));
    }
    if !args.filter.is_unset() {
        return Err(Error::usage("a selection goes with --next, not with keys").hint("qp claim --next"));
    }
    let holder = app.holder(&app.store()?);
    let done = app.transact("claim", |txn| {
        let positions = resolve_all(txn.tracker(), &args.keys)?;
        let readiness = readiness(txn.view(), txn.now);
        let claims: Vec<Claimed> =
            positions.iter().map(|at| take(txn, *at, &readiness, &holder, term)).collect::<Result<_>>()?;
        txn.subject(subject(txn.view(), &positions, &claims));
        Ok(claims)
    })?;
    claimed::print(app, &done)
}

/// Claims the best ready issue and prints it: `qp claim --next`.
pub(super) fn next(app: &mut App, filter: &FilterArgs, term: Term) -> Result<()> {
    let (done, holder) = take_next(app, filter, term)?;
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
) -> Result<(Done<Vec<Claimed>>, Holder)> {
    let filter = selection(app, args)?;
    let holder = app.holder(&app.store()?);
    let done = app.transact("claim", |txn| {
        let readiness = readiness(txn.view(), txn.now);
        let candidates = next_candidates(txn.tracker(), &readiness, &holder.actor, &filter);
        let Some(best) = candidates.first() else { return Ok(Vec::new()) };
        let claims = vec![take(txn, *best, &readiness, &holder, term)?];
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
    args.resolve(app, &app.store()?.view()?.tracker)
}

/// Claims the issue at `position` for `holder` within a write.
///
/// # Errors
/// Conflict: closed, or held by somebody else.
pub(super) fn take(
    txn: &mut Txn<'_>,
    position: usize,
    readiness: &Readiness,
    holder: &Holder,
    term: Term,
) -> Result<Claimed> {
    let tracker = txn.tracker();
    let front = tracker.front(position);
    let step = may_claim(tracker, position, holder, txn.now)?;
    let until = term.end(front, holder, txn.now);
    let cautions = match step {
        ClaimStep::Renewal => Vec::new(),
        _ => cautions(txn.view(), readiness, position, holder),
    };
    let mut issue = txn.issue(position)?;
    issue.front.claim(holder, txn.now, until);
    txn.put(issue)?;
    Ok(Claimed { id: front.id, step, before: front.clone(), until, cautions })
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
