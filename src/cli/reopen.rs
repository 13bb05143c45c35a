//! `qp reopen`

use super::app::{App, resolve_all};
use super::bulk::KeysArgs;
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
    #[arg(value_name = "ID", required_unless_present = "stdin")]
    ids: Vec<String>,
    #[command(flatten)]
    keys: KeysArgs,
    /// Why; - reads standard input
    #[arg(short, long, aliases = ["message", "comment"], short_alias = 'm', value_name = "TEXT", allow_hyphen_values = true)]
    reason: Option<String>,
}

pub(super) fn run(args: &ReopenArgs, app: &mut App) -> Result<()> {
    let reason = args.reason.as_deref().map(args::text).transpose()?;
    let reason = reason.map(|r| r.trim().to_owned()).filter(|r| !r.is_empty());
    let ids = args.keys.all("reopen", &args.ids)?;
    let by = app.identity(&app.store()?).actor.value;
    let done = app.transact("reopen", |txn| {
        let lines = reopen(txn, &ids, reason.as_deref(), &by)?;
        let reopened: Vec<usize> = lines.iter().filter_map(|one| one.closed_at).collect();
        txn.subject(report::subject("reopen", txn.view(), &reopened));
        let parents = closed_parents(txn.tracker(), &reopened);
        Ok((lines, parents))
    })?;
    let (lines, parents) = done.value;
    let lines: Vec<_> = lines.iter().map(|one| (one.id, one.verb().to_owned())).collect();
    if !parents.is_empty() {
        app.ui.note(format!(
            "still closed, though now with open parts: {}",
            list_keys(&done.view.tracker, &parents)
        ));
    }
    report::changed(app, &done.view, &lines)
}

/// What became of one issue.
pub(super) struct Reopened {
    pub id: IssueId,
    /// The position of an issue that was closed.
    closed_at: Option<usize>,
}

impl Reopened {
    /// The word for it.
    pub fn verb(&self) -> &'static str {
        if self.closed_at.is_some() { "reopened" } else { "open already" }
    }
}

/// Reopens issues within a write.
pub(super) fn reopen(
    txn: &mut Txn<'_>,
    ids: &[String],
    reason: Option<&str>,
    by: &str,
) -> Result<Vec<Reopened>> {
    let mut reopened = Vec::new();
    for position in resolve_all(txn.tracker(), ids)? {
        let mut issue = txn.issue(position)?;
        let was_closed = issue.front.status.is_closed();
        reopened.push(Reopened { id: issue.front.id, closed_at: was_closed.then_some(position) });
        if !was_closed {
            continue;
        }
        issue.front.reopen();
        if let Some(reason) = reason {
            comment::append(txn, &mut issue, by, reason);
        }
        txn.put(issue)?;
    }
    Ok(reopened)
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
