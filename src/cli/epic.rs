//! `qp epic`

use serde_json::{Value, json};

use super::app::{App, resolve_all, written};
use super::sync::ShareArgs;
use super::{confirm, report};
use crate::error::Result;
use crate::model::{Holder, IssueId, Tracker};
use crate::output::json::{self as documents, versioned};
use crate::output::table::{self, Line};
use crate::output::text::one_line;
use crate::query::{self, Closing, Progress, SortKey, eligible_epics, open_epics};
use crate::store::View;

/// Why an epic is closed by this command, where nobody says more.
const REASON: &str = "All parts are closed";

/// Show how far epics are, and close those whose parts are all closed
///
/// Without another word the same as qp epic status.
#[derive(clap::Args, Debug)]
#[command(after_long_help = "Examples:
  qp epic
  qp epic status web-7k2m
  qp epic status --eligible-only --json
  qp epic close-eligible --dry-run")]
pub struct EpicArgs {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(clap::Subcommand, Debug)]
enum Action {
    /// List epics with how many of their parts are closed
    ///
    /// All open ones, unless some are named; any issue with parts may be.
    #[command(
        visible_alias = "list",
        after_long_help = "Examples:\n  qp epic status\n  qp epic status web-7k2m\n  qp epic status --eligible-only"
    )]
    Status(StatusArgs),
    /// Close the open epics whose parts are all closed, in one commit
    ///
    /// An epic that contains such epics, and nothing else that is open, is closed with them. Those that wait for
    /// something else, or are claimed by somebody else, stay open and are named.
    #[command(after_long_help = "Examples:\n  qp epic close-eligible --dry-run\n  qp epic close-eligible")]
    CloseEligible(CloseArgs),
}

/// Which epics are shown.
#[derive(clap::Args, Debug, Default)]
struct StatusArgs {
    /// Keys; without any, all open epics
    #[arg(value_name = "ID")]
    keys: Vec<String>,
    /// Only those that wait for nothing but being closed
    #[arg(long, visible_alias = "eligible")]
    eligible_only: bool,
}

/// How epics are closed.
#[derive(clap::Args, Debug)]
struct CloseArgs {
    /// Say which would be closed, and change nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    share: ShareArgs,
}

pub(super) fn run(args: &EpicArgs, app: &mut App) -> Result<()> {
    match &args.action {
        Some(Action::Status(args)) => status(args, app),
        Some(Action::CloseEligible(args)) => close_eligible(args, app),
        None => status(&StatusArgs::default(), app),
    }
}

fn status(args: &StatusArgs, app: &mut App) -> Result<()> {
    let view = app.view()?;
    let tracker = &view.tracker;
    let named = resolve_all(tracker, &args.keys)?;
    let mut epics: Vec<Progress> = match named.is_empty() {
        true => open_epics(tracker),
        false => named.into_iter().map(|at| Progress::of(tracker, at)).collect(),
    };
    let all = epics.len();
    let is_eligible = |epic: &Progress| epic.is_complete() && !tracker.is_closed(epic.position);
    epics.retain(|epic| !args.eligible_only || is_eligible(epic));
    let mut order: Vec<usize> = epics.iter().map(|epic| epic.position).collect();
    query::sort(tracker, &mut order, SortKey::Priority, false, app.context.now());
    let epics: Vec<Progress> = order.into_iter().map(|at| Progress::of(tracker, at)).collect();
    if app.ui.json {
        let document = |epic: &Progress| {
            json!({
                "epic": documents::row(tracker, epic.position),
                "total_children": epic.total,
                "closed_children": epic.closed,
                "eligible_for_close": is_eligible(epic),
            })
        };
        return app.ui.document(&epics.iter().map(document).collect::<Vec<Value>>().into());
    }
    let program = app.ui.program;
    let remark = |epic: &Progress| match epic {
        Progress { total: 0, .. } => "(no parts)".to_owned(),
        Progress { total, closed, position } if is_eligible(epic) => {
            let is_epic = tracker.facts(*position).is_epic();
            let remedy = if is_epic {
                "epic close-eligible".to_owned()
            } else {
                format!("close {}", tracker.key(*position))
            };
            format!("({closed} of {total} closed: {program} {remedy})")
        }
        Progress { total, closed, .. } => format!("({closed} of {total} closed)"),
    };
    let line = |epic: &Progress| Line { position: epic.position, remark: remark(epic), ..Line::default() };
    table::print(&mut app.ui, tracker, &epics.iter().map(line).collect::<Vec<_>>())?;
    if epics.is_empty() {
        app.ui.note(match all {
            0 => "no open epics".to_owned(),
            all => format!("none of {all} is open with all parts closed"),
        });
    }
    Ok(())
}

fn close_eligible(args: &CloseArgs, app: &mut App) -> Result<()> {
    if args.dry_run {
        return report_only(app, true);
    }
    app.refuse_past()?;
    let keys = {
        let view = app.store()?.view()?;
        let found = eligible(app, &view);
        found.close.iter().map(|at| view.tracker.key(*at)).collect::<Vec<String>>()
    };
    if keys.is_empty() {
        report_only(app, false)?;
        return args.share.share(app, false);
    }
    let holder = app.holder(&app.store()?);
    let fences = confirm::fence(app, &keys, &holder, args.share.is_given())?;
    let done = app.transact("epic close-eligible", |txn| {
        let found = eligible_epics(txn.tracker(), &holder, txn.now);
        let mut closed = Vec::new();
        for at in &found.close {
            let mut issue = txn.issue(*at)?;
            issue.front.close(&holder.actor, Some(REASON.to_owned()), txn.now);
            closed.push(issue.front.id);
            txn.put(issue)?;
        }
        txn.subject(report::subject("close", txn.view(), &found.close));
        Ok((closed, stay(txn.tracker(), &found)))
    });
    let unfenced = confirm::unfence(app, &fences, done.is_ok());
    let done = done?;
    unfenced?;
    let (closed, stay) = &done.value;
    print(app, &done.view, closed, stay, false)?;
    args.share.share(app, done.ended_claims || !fences.is_empty())
}

/// Says what would be closed, or that there is nothing to close.
fn report_only(app: &mut App, is_rehearsal: bool) -> Result<()> {
    let view = app.view()?;
    let found = eligible(app, &view);
    let close: Vec<IssueId> = found.close.iter().map(|at| view.tracker.rows.id(*at)).collect();
    print(app, &view, &close, &stay(&view.tracker, &found), is_rehearsal)
}

fn eligible(app: &App, view: &View) -> Closing {
    let identity = app.identity(view.store());
    let holder = Holder { actor: identity.actor.value, session: identity.session.value };
    eligible_epics(&view.tracker, &holder, app.context.now())
}

/// Names the epics that have to stay open, each with the reason.
fn stay(tracker: &Tracker, found: &Closing) -> Vec<(String, String)> {
    found.stay.iter().map(|(at, error)| (tracker.key(*at), error.message().to_owned())).collect()
}

fn print(
    app: &mut App,
    view: &View,
    closed: &[IssueId],
    stay: &[(String, String)],
    is_rehearsal: bool,
) -> Result<()> {
    let tracker = &view.tracker;
    let positions = closed.iter().map(|id| written(view, *id)).collect::<Result<Vec<usize>>>()?;
    if app.ui.json {
        let keys: Vec<String> = positions.iter().map(|at| tracker.key(*at)).collect();
        let skipped: Vec<Value> =
            stay.iter().map(|(key, reason)| json!({ "id": key, "reason": reason })).collect();
        let mut document = json!({ "closed": keys, "count": keys.len(), "skipped": skipped });
        if is_rehearsal {
            document["dry_run"] = true.into();
        }
        return app.ui.document(&versioned(document.as_object().cloned().unwrap_or_default()));
    }
    let verb = if is_rehearsal { "would close" } else { "closed" };
    for at in &positions {
        app.ui.line(format!("{verb} {}: {}", tracker.key(*at), one_line(&tracker.front(*at).title)))?;
    }
    for (_, reason) in stay {
        app.ui.note(format!("stays open: {reason}"));
    }
    if positions.is_empty() && stay.is_empty() {
        app.ui.note("no open epic has all parts closed");
    }
    Ok(())
}
