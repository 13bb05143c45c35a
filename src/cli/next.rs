//! `qp next`

use serde_json::{Value, json};

use super::app::{App, written};
use super::claim::{self, ConfirmArgs};
use super::claimed::{self, Claimed};
use super::filter::FilterArgs;
use super::lease::LeaseArgs;
use crate::error::Result;
use crate::output::json::{self, Object, versioned};
use crate::output::sheet;
use crate::output::text::one_line;
use crate::store::View;

/// Claim the best ready issue and print all that is needed to start on it
///
/// With nothing to claim it prints nothing, says why on stderr, and exits 0. The JSON document always has
/// `claimed`: true with the issue, or false with `reason`.
#[derive(clap::Args, Debug)]
#[command(
    after_long_help = "Examples:\n  qp next\n  qp next --sync\n  qp next -l backend --for 1h\n  qp next --json | jq -e .claimed"
)]
pub struct NextArgs {
    #[command(flatten)]
    lease: LeaseArgs,
    #[command(flatten)]
    sync: ConfirmArgs,
    #[command(flatten)]
    filter: FilterArgs,
}

pub(super) fn run(args: &NextArgs, app: &mut App) -> Result<()> {
    let (done, holder) = claim::take_next(app, &args.filter, args.lease.read()?, args.sync.wanted(app)?)?;
    let [claimed] = &done.value[..] else {
        let reason = claimed::nothing(app, &done.view, &args.filter)?;
        if !app.ui.json {
            app.ui.note(&reason);
        }
        claimed::also_held(app, &done, &holder);
        if !app.ui.json {
            return Ok(());
        }
        return app.ui.document(&versioned(json!({ "claimed": false, "reason": reason })));
    };
    claimed::also_held(app, &done, &holder);
    claimed::warn(app, &done.value);
    if app.ui.json {
        return app.ui.document(&versioned(document(&done.view, claimed)?));
    }
    app.ui.line(claimed::line(&done.view, claimed)?)?;
    app.ui.line("")?;
    print(app, &done.view, written(&done.view, claimed.id)?)?;
    claimed::local(app, &done.view, &done.value);
    Ok(())
}

/// The issues whose being closed made the start possible: the last closed first.
fn closed_blockers(view: &View, position: usize) -> Vec<usize> {
    let tracker = &view.tracker;
    let mut found: Vec<usize> =
        tracker.graph().blockers(position).filter(|b| tracker.is_closed(*b)).collect();
    found.sort_by_key(|b| (std::cmp::Reverse(tracker.front(*b).closed_at), *b));
    found
}

fn print(app: &mut App, view: &View, position: usize) -> Result<()> {
    let tracker = &view.tracker;
    sheet::print(&mut app.ui, tracker, position, &view.issue(position)?, app.context.now())?;
    for blocker in closed_blockers(view, position) {
        let front = tracker.front(blocker);
        let by = front.closed_by.as_ref().map(|b| format!(", closed by {}", one_line(b))).unwrap_or_default();
        let heading = format!("Done before: {} {}{by}", tracker.key(blocker), one_line(&front.title));
        let reason = front.close_reason.as_deref().unwrap_or("no reason was given");
        sheet::section(&mut app.ui, Some(&heading), reason)?;
    }
    if let Some(parent) = tracker.graph().parent(position) {
        let heading = format!("Part of {}: {}", tracker.key(parent), one_line(&tracker.front(parent).title));
        let text = view.issue(parent)?.body.description;
        let text = if text.is_empty() { "without a description" } else { &text };
        sheet::section(&mut app.ui, Some(&heading), text)?;
    }
    Ok(())
}

/// Returns the issue as `show` does, and what else a worker needs.
fn document(view: &View, claimed: &Claimed) -> Result<Object> {
    let tracker = &view.tracker;
    let position = written(view, claimed.id)?;
    let mut object = json::details(tracker, position, &view.issue(position)?);
    let issues = |positions: &mut dyn Iterator<Item = usize>| -> Vec<Value> {
        positions.map(|at| json::issue(tracker, at).into()).collect()
    };
    let front = tracker.front(position);
    let blockers = issues(&mut closed_blockers(view, position).into_iter());
    let related = issues(&mut front.related.iter().filter_map(|r| tracker.keys().resolve_ref(r)));
    object.insert("closed_blockers".to_owned(), blockers.into());
    object.insert("related".to_owned(), related.into());
    if let Some(parent) = tracker.graph().parent(position) {
        let mut entry = json::issue(tracker, parent);
        entry.insert("description".to_owned(), view.issue(parent)?.body.description.into());
        object.insert("parent_issue".to_owned(), entry.into());
    }
    object.insert("claimed".to_owned(), true.into());
    claimed::add_claim(&mut object, view, claimed);
    Ok(object)
}
