//! `qp close`

use std::collections::HashSet;
use std::path::PathBuf;

use super::app::{App, resolve_all};
use super::bulk::{KeysArgs, MatchArgs};
use super::close_next::{self, Next};
use super::sync::ShareArgs;
use super::{args, confirm, report};
use crate::error::{Error, Kind, Result};
use crate::model::{Holder, IssueId, Tracker};
use crate::output::text::one_line;
use crate::query::{CloseStep, Readiness, may_close};
use crate::store::Txn;

/// Close issues
///
/// Refused while an issue has open blockers or open children, or is claimed by somebody else. All are closed, or
/// none. With --sync, or where the remote has confirmed your claim, the remote is asked first whether somebody else
/// has claimed it, and told of the close right after. A last word with white space in it is the reason.
#[derive(clap::Args, Debug)]
#[command(after_long_help = "Examples:
  qp close web-7k2m -r \"fixed in 3fa9c21\"
  qp done web-7k2m \"fixed in 3fa9c21\"
  qp close 7k2m 3f9c --suggest-next
  qp close web-7k2m --claim-next --json
  qp close 'label:obsolete' --all-matching --dry-run")]
pub struct CloseArgs {
    /// Keys; with --all-matching a query
    #[arg(value_name = "ID", required_unless_present = "stdin")]
    ids: Vec<String>,
    #[command(flatten)]
    keys: KeysArgs,
    #[command(flatten)]
    matching: MatchArgs,
    /// Why, or how it was solved
    #[arg(short, long, aliases = ["message", "resolution", "comment"], short_alias = 'm', value_name = "TEXT", allow_hyphen_values = true)]
    reason: Option<String>,
    /// Read the reason from a file; - reads standard input
    #[arg(long, value_name = "FILE", conflicts_with = "reason")]
    reason_file: Option<PathBuf>,
    #[command(flatten)]
    next: Next,
    /// Close in spite of blockers, children and other people's claims
    #[arg(short, long)]
    force: bool,
    #[command(flatten)]
    share: ShareArgs,
}

/// What closing issues comes to.
#[derive(Debug)]
pub(super) struct Closed {
    /// What became of each.
    pub steps: Vec<(IssueId, CloseStep)>,
    /// What was ready before, where somebody asks what is ready now.
    pub was_ready: HashSet<IssueId>,
}

/// How issues are closed.
#[derive(Clone, Debug, Default)]
pub(super) struct Closing {
    pub ids: Vec<String>,
    pub reason: Option<String>,
    pub force: bool,
}

pub(super) fn run(args: &CloseArgs, app: &mut App) -> Result<()> {
    let mut closing = closing(args, app)?;
    app.refuse_past()?;
    let ids = args.matching.keys(app, "close", &args.keys, &closing.ids)?;
    let Some(ids) = ids else { return Ok(()) };
    refuse_bare_reason(app, &ids, &closing)?;
    closing.ids = ids;
    let holder = app.holder(&app.store()?);
    let fences = match closing.force {
        true => Vec::new(),
        false => confirm::fence(app, &closing.ids, &holder, args.share.is_given())?,
    };
    let done = app.transact("close", |txn| {
        args.next.check(txn.tracker(), &closing.ids)?;
        let steps = close(txn, &closing, &holder)?;
        let was_ready = if args.next.suggests() { ready(txn) } else { HashSet::new() };
        let positions = resolve_all(txn.tracker(), &closing.ids)?;
        txn.subject(report::subject("close", txn.view(), &positions));
        Ok(Closed { steps, was_ready })
    });
    let unfenced = confirm::unfence(app, &fences, done.is_ok());
    let done = done?;
    unfenced?;
    let ended_claims = done.ended_claims || !fences.is_empty();
    close_next::finish(app, &args.next, &done.view, &done.value, args.share.is_given())?;
    args.share.share(app, ended_claims)
}

fn closing(args: &CloseArgs, app: &App) -> Result<Closing> {
    let mut ids = args.ids.clone();
    let mut reason = match (&args.reason, &args.reason_file) {
        (Some(value), _) => Some(args::text(value)?),
        (None, Some(path)) => Some(args::file(&app.context, path)?),
        (None, None) => None,
    };
    // No key has white space in it; a query may.
    if !args.matching.takes_query()
        && let [_, .., last] = &ids[..]
        && last.trim().contains(char::is_whitespace)
    {
        if reason.is_some() {
            return Err(Error::usage(format!(
                "{:?} is no key, and there is a reason already",
                one_line(last)
            ))
            .hint("leave out one of the two texts"));
        }
        reason = ids.pop();
    }
    let reason = reason.map(|r| r.trim().to_owned()).filter(|r| !r.is_empty());
    Ok(Closing { ids, reason, force: args.force })
}

/// A single word behind the keys is taken for a key, and was meant for the reason.
fn refuse_bare_reason(app: &mut App, ids: &[String], closing: &Closing) -> Result<()> {
    let [keys @ .., word] = ids else { return Ok(()) };
    let is_word = word.chars().all(char::is_alphabetic) && !word.is_empty();
    if keys.is_empty() || closing.reason.is_some() || !is_word {
        return Ok(());
    }
    if ["null", "undefined"].contains(&word.as_str()) || app.view()?.tracker.keys().resolve(word).is_ok() {
        return Ok(());
    }
    let hint = format!("qp close {} -r {word}", one_line(&keys.join(" ")));
    Err(Error::new(Kind::NotFound, "not_found", format!("no issue {word}")).hint(hint))
}

/// Returns what was ready before the write.
fn ready(txn: &Txn<'_>) -> HashSet<IssueId> {
    let tracker = txn.tracker();
    Readiness::new(tracker, txn.now).ready().map(|at| tracker.rows.id(at)).collect()
}

/// Closes issues within a write, all or none.
pub(super) fn close(
    txn: &mut Txn<'_>,
    closing: &Closing,
    holder: &Holder,
) -> Result<Vec<(IssueId, CloseStep)>> {
    let tracker = txn.tracker();
    let positions = resolve_all(tracker, &closing.ids)?;
    let mut steps = Vec::new();
    for position in &positions {
        let step = if closing.force {
            forced(tracker, *position)
        } else {
            may_close(tracker, *position, holder, txn.now, &positions)?
        };
        if step == CloseStep::Close {
            let mut issue = txn.issue(*position)?;
            issue.front.close(&holder.actor, closing.reason.clone(), txn.now);
            txn.put(issue)?;
        }
        steps.push((tracker.front(*position).id, step));
    }
    Ok(steps)
}

fn forced(tracker: &Tracker, position: usize) -> CloseStep {
    if tracker.is_closed(position) { CloseStep::Nothing } else { CloseStep::Close }
}

/// The word for what became of an issue.
pub(super) fn verb(step: CloseStep) -> &'static str {
    if step == CloseStep::Close { "closed" } else { "closed already" }
}
