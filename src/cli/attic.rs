//! `qp attic`

use serde_json::Value;

use super::app::App;
use super::attic_drop::{self, DropArgs};
use super::attic_entry::{Attic, current, read};
use super::attic_restore::{self, RestoreArgs};
use crate::error::Result;
use crate::output::changes::{self, Shape};
use crate::output::json::versioned;
use crate::output::sheet::short;
use crate::output::text::{one_line, pad, width};
use crate::query;
use crate::store::LostRecord;

/// List, compare, restore and drop what lost a merge
///
/// Where two clones changed the same part of an issue, one value wins and the file that lost is kept here, byte for
/// byte. Nothing has to be done about it; restore puts back what should have won.
#[derive(clap::Args, Debug)]
#[command(
    args_conflicts_with_subcommands = true,
    after_long_help = "Examples:
  qp attic
  qp attic list web-7k2m
  qp attic show 9f3a1c2
  qp attic diff 9f3a1c2
  qp attic restore 9f3a1c2 --field title
  qp attic drop 9f3a1c2"
)]
pub struct AtticArgs {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    list: ListArgs,
}

#[derive(clap::Subcommand, Debug)]
enum Action {
    /// List what is kept, the last written first
    #[command(
        visible_alias = "ls",
        after_long_help = "Examples:\n  qp attic list\n  qp attic list web-7k2m --json"
    )]
    List(ListArgs),
    /// Print a copy as it is
    #[command(
        visible_alias = "view",
        after_long_help = "Examples:\n  qp attic show 9f3a1c2\n  qp attic show web-7k2m"
    )]
    Show(EntryArgs),
    /// Show what a copy has otherwise than the issue has now
    #[command(after_long_help = "Examples:\n  qp attic diff 9f3a1c2")]
    Diff(EntryArgs),
    Restore(RestoreArgs),
    #[command(visible_alias = "rm", aliases = ["remove", "delete"])]
    Drop(DropArgs),
}

/// Whose copies are listed.
#[derive(clap::Args, Debug, Default)]
struct ListArgs {
    /// Keys of issues, or paths of other files; all unless given
    #[arg(value_name = "ID")]
    ids: Vec<String>,
}

/// Which copy.
#[derive(clap::Args, Debug)]
struct EntryArgs {
    /// Its name as qp attic list shows it, its path, or the key of an issue with one copy
    #[arg(value_name = "ENTRY")]
    entry: String,
}

pub(super) fn run(args: &AtticArgs, app: &mut App) -> Result<()> {
    match &args.action {
        None => list(&args.list, app),
        Some(Action::List(args)) => list(args, app),
        Some(Action::Show(args)) => show(args, app),
        Some(Action::Diff(args)) => diff(args, app),
        Some(Action::Restore(args)) => attic_restore::run(args, app),
        Some(Action::Drop(args)) => attic_drop::run(args, app),
    }
}

fn list(args: &ListArgs, app: &mut App) -> Result<()> {
    let view = app.view()?;
    let attic = Attic::read(&view)?;
    let mut found: Vec<usize> = (0..attic.copies.len()).collect();
    if !args.ids.is_empty() {
        let mut wanted = Vec::new();
        for id in &args.ids {
            wanted.extend(attic.of(id)?.1);
        }
        found.retain(|at| wanted.contains(at));
    }
    let records = attic.records(&found)?;
    if app.ui.json {
        let documents: Vec<Value> = (found.iter().zip(&records))
            .map(|(at, record)| Ok(attic.document(*at, record.as_ref())?.into()))
            .collect::<Result<_>>()?;
        return app.ui.document(&documents.into());
    }
    if found.is_empty() {
        app.ui.note("nothing is in the attic");
    }
    print_list(app, &attic, &found, &records)
}

/// Prints a line a copy: its name, of what, which parts lost, who wrote them and when, the title.
fn print_list(
    app: &mut App,
    attic: &Attic<'_>,
    found: &[usize],
    records: &[Option<LostRecord>],
) -> Result<()> {
    let row = |(at, record): (&usize, &Option<LostRecord>)| {
        let copy = &attic.copies[*at];
        let parts = one_line(&attic.parts(*at, record.as_ref())?.join(", "));
        let actor = record.as_ref().and_then(|r| r.actor.as_deref()).unwrap_or("somebody");
        let mark = if attic.is_deleted(*at) { " (deleted)" } else { "" };
        let title = format!("{}{mark}", one_line(&copy.title));
        let by = format!("{}, {}", one_line(actor), short(copy.entry.time));
        Ok([one_line(&copy.name), one_line(&copy.of), parts, by, title])
    };
    let rows: Vec<[String; 5]> = found.iter().zip(records).map(row).collect::<Result<_>>()?;
    let column = |at: usize| rows.iter().map(|row| width(&row[at])).max().unwrap_or(0);
    let widths = [column(0), column(1), column(2), column(3), 0];
    for row in &rows {
        let cells: Vec<String> = row.iter().zip(widths).map(|(cell, width)| pad(cell, width)).collect();
        app.ui.line(cells.join("  ").trim_end())?;
    }
    Ok(())
}

fn show(args: &EntryArgs, app: &mut App) -> Result<()> {
    let view = app.view()?;
    let attic = Attic::read(&view)?;
    let at = attic.find(&args.entry)?;
    let content = view.attic_content(&attic.copies[at].entry)?;
    if app.ui.json {
        let record = attic.records(&[at])?.remove(0);
        let mut object = attic.document(at, record.as_ref())?;
        object.insert("text".to_owned(), String::from_utf8_lossy(&content).into());
        return app.ui.document(&versioned(object));
    }
    app.ui.bytes(&content)
}

fn diff(args: &EntryArgs, app: &mut App) -> Result<()> {
    let view = app.view()?;
    let attic = Attic::read(&view)?;
    let at = attic.find(&args.entry)?;
    let record = attic.records(&[at])?.remove(0);
    let entry = &attic.copies[at].entry;
    let now = current(&view, entry)?;
    let changes = match (read(&view, entry)?, &now) {
        (Some(copy), Some(now)) => query::changes(Some(now), Some(&copy?)),
        _ => Vec::new(),
    };
    let deleted = entry.issue_id().is_some() && now.is_none();
    if app.ui.json {
        let mut object = attic.document(at, record.as_ref())?;
        object.insert("deleted".to_owned(), deleted.into());
        object.insert("changes".to_owned(), changes::documents(&view.tracker, &changes).into());
        return app.ui.document(&versioned(object));
    }
    let copy = &attic.copies[at];
    if deleted {
        return app.ui.line(format!(
            "{} is deleted; qp attic restore {} brings it back as it was in this copy",
            one_line(&copy.of),
            one_line(&copy.name)
        ));
    }
    let parts = attic.parts(at, record.as_ref())?.join(", ");
    let what = if record.is_some() { "lost" } else { "differing" };
    let head = format!("{} as it is → {}, {what}: {parts}", copy.of, copy.name);
    app.ui.line(one_line(&head))?;
    let shape = Shape { indent: 2, patch: true };
    if entry.issue_id().is_some() {
        return changes::print(&mut app.ui, &view.tracker, &changes, shape);
    }
    let [now, then] = [view.file(&entry.original)?.unwrap_or_default(), view.attic_content(entry)?];
    let [now, then] = [&now, &then].map(|bytes| String::from_utf8_lossy(bytes));
    changes::print_text(&mut app.ui, &one_line(&entry.original), &now, &then, shape)
}
