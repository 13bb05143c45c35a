//! `qp close`

use std::path::PathBuf;

use serde_json::{Value, json};

use super::app::{App, resolve_all};
use super::bulk::{KeysArgs, MatchArgs};
use super::sync::ShareArgs;
use super::{args, confirm, report};
use crate::error::Result;
use crate::model::IssueId;
use crate::output::json::{self as documents, versioned};
use crate::output::text::one_line;
use crate::query::{CloseStep, Readiness, may_close};
use crate::store::{Txn, View};

/// Close issues
///
/// Refused while an issue has open blockers or open children, or is claimed by somebody else. All are closed, or
/// none. With --sync, or where the remote has confirmed your claim, the remote is asked first whether somebody else
/// has claimed it, and told of the close right after.
#[derive(clap::Args, Debug)]
#[command(
    after_long_help = "Examples:\n  qp close web-7k2m -r \"fixed in 3fa9c21\"\n  qp close 7k2m 3f9c --suggest-next\n  qp close 'label:obsolete' --all-matching --dry-run"
)]
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
    /// Also print what can be worked on now because of it
    #[arg(long)]
    suggest_next: bool,
    /// Close in spite of blockers, children and other people's claims
    #[arg(short, long)]
    force: bool,
    #[command(flatten)]
    share: ShareArgs,
}

pub(super) fn run(args: &CloseArgs, app: &mut App) -> Result<()> {
    let reason = match (&args.reason, &args.reason_file) {
        (Some(value), _) => Some(args::text(value)?),
        (None, Some(path)) => Some(args::file(&app.context, path)?),
        (None, None) => None,
    };
    let reason = reason.map(|r| r.trim().to_owned()).filter(|r| !r.is_empty());
    app.refuse_past()?;
    let Some(ids) = args.matching.keys(app, "close", &args.keys, &args.ids)? else { return Ok(()) };
    let holder = app.holder(&app.store()?);
    let fences = match args.force {
        true => Vec::new(),
        false => confirm::fence(app, &ids, &holder, args.share.is_given())?,
    };
    let done = app.transact("close", |txn| {
        let positions = resolve_all(txn.tracker(), &ids)?;
        let mut closed = Vec::new();
        for position in &positions {
            let step = if args.force {
                forced(txn, *position)
            } else {
                may_close(txn.tracker(), *position, &holder, txn.now, &positions)?
            };
            let id = txn.tracker().front(*position).id;
            if step == CloseStep::Close {
                let mut issue = txn.issue(*position)?;
                issue.front.close(&holder.actor, reason.clone(), txn.now);
                txn.put(issue)?;
            }
            closed.push((id, step));
        }
        txn.subject(report::subject("close", txn.view(), &positions));
        let before = Readiness::new(txn.tracker(), txn.now);
        let ready: Vec<IssueId> = before.ready().map(|at| txn.tracker().front(at).id).collect();
        Ok((closed, ready))
    });
    let unfenced = confirm::unfence(app, &fences, done.is_ok());
    let done = done?;
    unfenced?;
    let ended_claims = done.ended_claims || !fences.is_empty();
    let (closed, was_ready) = done.value;
    let unblocked = if args.suggest_next { unblocked(app, &done.view, &was_ready) } else { Vec::new() };
    print(app, &done.view, &closed, &unblocked)?;
    args.share.share(app, ended_claims)
}

fn forced(txn: &Txn<'_>, position: usize) -> CloseStep {
    if txn.tracker().is_closed(position) { CloseStep::Nothing } else { CloseStep::Close }
}

/// What is ready after the close and was not before.
fn unblocked(app: &App, view: &View, was_ready: &[IssueId]) -> Vec<usize> {
    let now = Readiness::new(&view.tracker, app.context.now());
    let found = now.ready().filter(|at| !was_ready.contains(&view.tracker.front(*at).id));
    found.collect()
}

fn print(app: &mut App, view: &View, closed: &[(IssueId, CloseStep)], unblocked: &[usize]) -> Result<()> {
    let tracker = &view.tracker;
    if app.ui.json && !unblocked.is_empty() {
        let closed: Vec<Value> = closed
            .iter()
            .map(|(id, _)| report::document(view, *id).map(Value::from))
            .collect::<Result<_>>()?;
        let unblocked: Vec<Value> = unblocked.iter().map(|at| documents::row(tracker, *at).into()).collect();
        let object = json!({ "closed": closed, "unblocked": unblocked });
        return app.ui.document(&versioned(object.as_object().cloned().unwrap_or_default()));
    }
    let lines: Vec<_> = closed
        .iter()
        .map(|(id, step)| {
            let verb = if *step == CloseStep::Close { "closed" } else { "closed already" };
            (*id, verb.to_owned())
        })
        .collect();
    report::changed(app, view, &lines)?;
    for at in unblocked {
        if !app.ui.json {
            app.ui.line(format!(
                "ready now {}: {}",
                tracker.key(*at),
                one_line(&tracker.front(*at).title)
            ))?;
        }
    }
    Ok(())
}
