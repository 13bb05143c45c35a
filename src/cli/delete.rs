//! `qp delete`

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::json;

use super::app::{App, resolve_all};
use super::bulk::KeysArgs;
use super::{args, report};
use crate::error::{Error, Result};
use crate::model::{Holder, IssueId, Tracker};
use crate::output::json::{Object, versioned};
use crate::output::text::one_line;
use crate::query::{list_keys, may_change_state};
use crate::store::Txn;

/// Delete issues
///
/// For what should never have been an issue; what is not going to be done is closed with a reason. The deletion is a
/// commit that `qp undo` takes back. References in other issues stay as they are.
#[derive(clap::Args, Debug)]
#[command(after_long_help = "Examples:
  qp delete web-7k2m
  qp delete web-7k2m --cascade --dry-run")]
pub struct DeleteArgs {
    /// Keys
    #[arg(value_name = "ID", required_unless_present_any = ["from_file", "stdin"])]
    ids: Vec<String>,
    #[command(flatten)]
    keys: KeysArgs,
    /// Read keys from a file, one a line; - reads standard input
    #[arg(long, value_name = "FILE")]
    from_file: Option<PathBuf>,
    #[command(flatten)]
    extent: Extent,
    /// Show what would be deleted, without deleting it
    #[arg(long)]
    dry_run: bool,
}

/// How far a deletion goes.
#[derive(clap::Args, Clone, Copy, Debug, Default)]
pub(super) struct Extent {
    /// Delete their parts too
    #[arg(long, visible_alias = "recursive")]
    pub cascade: bool,
    /// Delete what is under somebody else's claim too
    #[arg(short, long)]
    pub force: bool,
}

/// What a deletion comes to.
#[derive(Debug)]
pub(super) struct Deletion {
    /// The issues, in order.
    pub ids: Vec<IssueId>,
    /// (key, title) of each.
    gone: Vec<(String, String)>,
    /// Number of references that go with them.
    references: usize,
    /// Issues that refer to them.
    referrers: Vec<IssueId>,
}

pub(super) fn run(args: &DeleteArgs, app: &mut App) -> Result<()> {
    let has_keys = args.from_file.is_none() || !args.ids.is_empty() || args.keys.reads_stdin();
    let mut inputs = if has_keys { args.keys.all("delete", &args.ids)? } else { Vec::new() };
    if let Some(path) = &args.from_file {
        let text = args::file(&app.context, path)?;
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        inputs.extend(lines.map(str::to_owned));
        if inputs.is_empty() {
            return Err(Error::usage(format!("{} names no issue", path.display())));
        }
    }
    if args.dry_run {
        // A rehearsal keeps no session for later.
        let holder = app.reader(&app.store()?);
        let view = app.view()?;
        let deletion =
            view.store().rehearse(&app.context, &view, |txn| delete(txn, &inputs, args.extent, &holder))?;
        return print(app, &view.tracker, &deletion, true);
    }
    let holder = app.holder(&app.store()?);
    let done = app.transact("delete", |txn| delete(txn, &inputs, args.extent, &holder))?;
    print(app, &done.view.tracker, &done.value, false)
}

/// Deletes issues within a write.
pub(super) fn delete(
    txn: &mut Txn<'_>,
    inputs: &[String],
    extent: Extent,
    holder: &Holder,
) -> Result<Deletion> {
    let tracker = txn.tracker();
    let positions = wanted(tracker, inputs, extent)?;
    for position in &positions {
        if !extent.force {
            may_change_state(tracker, *position, holder, txn.now)?;
        }
        txn.delete(tracker.rows.id(*position));
    }
    txn.subject(report::subject("delete", txn.view(), &positions));
    let among: BTreeSet<usize> = positions.iter().copied().collect();
    let referrers: BTreeSet<usize> = positions.iter().flat_map(|at| tracker.graph().referrers(*at)).collect();
    Ok(Deletion {
        ids: positions.iter().map(|at| tracker.rows.id(*at)).collect(),
        gone: positions.iter().map(|at| (tracker.key(*at), tracker.front(*at).title.clone())).collect(),
        references: positions.iter().map(|at| tracker.front(*at).references().len()).sum(),
        referrers: referrers.difference(&among).map(|at| tracker.rows.id(*at)).collect(),
    })
}

/// Returns the issues that are named, and with a cascade their parts.
fn wanted(tracker: &Tracker, inputs: &[String], extent: Extent) -> Result<Vec<usize>> {
    let mut positions = resolve_all(tracker, inputs)?;
    if extent.cascade {
        positions.extend(tracker.graph().descendants(&positions));
    }
    Ok(positions)
}

fn print(app: &mut App, tracker: &Tracker, deletion: &Deletion, dry_run: bool) -> Result<()> {
    let referrers: Vec<usize> = deletion.referrers.iter().filter_map(|id| tracker.position(*id)).collect();
    if app.ui.json {
        let keys: Vec<&str> = deletion.gone.iter().map(|(key, _)| key.as_str()).collect();
        let mut object = Object::new();
        let deleted = if let [only] = keys[..] { json!(only) } else { json!(keys) };
        object.insert("deleted".to_owned(), deleted);
        object.insert("deleted_count".to_owned(), keys.len().into());
        object.insert("dependencies_removed".to_owned(), deletion.references.into());
        object.insert("references_updated".to_owned(), 0.into());
        let referrers: Vec<String> = referrers.iter().map(|at| tracker.key(*at)).collect();
        object.insert("referenced_by".to_owned(), json!(referrers));
        if dry_run {
            object.insert("dry_run".to_owned(), true.into());
        }
        return app.ui.document(&versioned(object));
    }
    let verb = if dry_run { "would delete" } else { "deleted" };
    for (key, title) in &deletion.gone {
        app.ui.line(format!("{verb} {key}: {}", one_line(title)))?;
    }
    if !referrers.is_empty() {
        app.ui.note(format!("still referred to by {}", list_keys(tracker, &referrers)));
    }
    if !dry_run {
        app.ui.note("qp undo brings back what was deleted");
    }
    Ok(())
}
