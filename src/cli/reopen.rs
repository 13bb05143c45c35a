//! `qp reopen`

use super::app::{App, resolve_all};
use super::{args, comment, report};
use crate::error::Result;
use crate::model::IssueId;
use crate::query::list_keys;
use crate::store::Txn;

/// Open closed issues again
///
/// A reason becomes a comment. A deferral and the mark as a duplicate go away.
#[derive(clap::Args, Debug)]
#[command(
    after_long_help = "Examples:\n  qp reopen web-7k2m -r \"it is back in 2.1\"\n  qp reopen 7k2m 3f9c"
)]
pub struct ReopenArgs {
    /// Keys
    #[arg(value_name = "ID", required = true)]
    ids: Vec<String>,
    /// Why; - reads standard input
    #[arg(short, long, aliases = ["message", "comment"], short_alias = 'm', value_name = "TEXT", allow_hyphen_values = true)]
    reason: Option<String>,
}

pub(super) fn run(args: &ReopenArgs, app: &mut App) -> Result<()> {
    let reason = args.reason.as_deref().map(args::text).transpose()?;
    let reason = reason.map(|r| r.trim().to_owned()).filter(|r| !r.is_empty());
    let by = app.identity(&app.store()?).actor.value;
    let done = app.transact("reopen", |txn| {
        let (lines, reopened) = reopen(txn, &args.ids, reason.as_deref(), &by)?;
        txn.subject(report::subject("reopen", txn.view(), &reopened));
        let parents = closed_parents(txn.tracker(), &reopened);
        Ok((lines, parents))
    })?;
    let (lines, parents) = done.value;
    let lines: Vec<(IssueId, String)> = lines.into_iter().map(|(id, verb)| (id, verb.to_owned())).collect();
    if !parents.is_empty() {
        app.ui.note(format!(
            "still closed, though now with open parts: {}",
            list_keys(&done.view.tracker, &parents)
        ));
    }
    report::changed(app, &done.view, &lines)
}

/// Reopens issues within a write; returns what became of each, and the positions of those that were closed.
pub(super) fn reopen(
    txn: &mut Txn<'_>,
    ids: &[String],
    reason: Option<&str>,
    by: &str,
) -> Result<(Vec<(IssueId, &'static str)>, Vec<usize>)> {
    let (mut lines, mut reopened) = (Vec::new(), Vec::new());
    for position in resolve_all(txn.tracker(), ids)? {
        let mut issue = txn.issue(position)?;
        let id = issue.front.id;
        if !issue.front.status.is_closed() {
            lines.push((id, "open already"));
            continue;
        }
        issue.front.reopen();
        if let Some(reason) = reason {
            comment::append(txn, &mut issue, by, reason);
        }
        txn.put(issue)?;
        lines.push((id, "reopened"));
        reopened.push(position);
    }
    Ok((lines, reopened))
}

/// The closed issues that the given ones are parts of, apart from these themselves.
fn closed_parents(tracker: &crate::model::Tracker, positions: &[usize]) -> Vec<usize> {
    let mut found: Vec<usize> = positions
        .iter()
        .filter_map(|at| tracker.graph().parent(*at))
        .filter(|parent| !positions.contains(parent) && tracker.is_closed(*parent))
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}
