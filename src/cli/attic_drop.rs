//! `qp attic drop`

use serde_json::{Value, json};

use super::app::App;
use super::attic_entry::Attic;
use crate::error::Result;
use crate::output::json::versioned;
use crate::output::text::one_line;
use crate::store::{Txn, View};

/// Remove copies from the attic
///
/// One commit, which qp undo takes back.
#[derive(clap::Args, Debug)]
#[command(after_long_help = "Examples:\n  qp attic drop 9f3a1c2\n  qp attic drop --all --dry-run")]
pub struct DropArgs {
    /// Names as qp attic list shows them, paths, or keys of issues with one copy
    #[arg(value_name = "ENTRY", required_unless_present = "all")]
    entries: Vec<String>,
    /// Remove everything
    #[arg(long, conflicts_with = "entries")]
    all: bool,
    /// Show what would be removed, without removing it
    #[arg(short = 'n', long)]
    dry_run: bool,
}

/// What a removal comes to: a name and what it is a copy of, each.
struct Dropped {
    documents: Vec<Value>,
    lines: Vec<String>,
}

pub(super) fn run(args: &DropArgs, app: &mut App) -> Result<()> {
    if args.dry_run {
        let view = app.view()?;
        let dropped = view.store().rehearse(&app.context, &view, |txn| drop_entries(txn, args))?;
        return print_dropped(app, &dropped, true, None);
    }
    let done = app.transact("attic drop", |txn| drop_entries(txn, args))?;
    let written = done.commit.map(|commit| (commit, done.op.to_string()));
    print_dropped(app, &done.value, false, written)
}

fn drop_entries(txn: &mut Txn<'_>, args: &DropArgs) -> Result<Dropped> {
    let view: &View = txn.view();
    let attic = Attic::read(view)?;
    let mut found: Vec<usize> = Vec::new();
    if args.all {
        found.extend(0..attic.copies.len());
    }
    for input in &args.entries {
        let at = attic.find(input)?;
        if !found.contains(&at) {
            found.push(at);
        }
    }
    let mut dropped = Dropped { documents: Vec::new(), lines: Vec::new() };
    for (at, record) in found.iter().zip(attic.records(&found)?) {
        let copy = &attic.copies[*at];
        txn.put_file(&copy.entry.path, None);
        dropped.documents.push(attic.document(*at, record.as_ref())?.into());
        dropped.lines.push(one_line(&format!("{} of {}", copy.name, copy.of)));
    }
    txn.subject(match &dropped.lines[..] {
        [only] => format!("drop {only} from the attic"),
        many => format!("drop {} copies from the attic", many.len()),
    });
    Ok(dropped)
}

fn print_dropped(
    app: &mut App,
    dropped: &Dropped,
    dry_run: bool,
    written: Option<(String, String)>,
) -> Result<()> {
    if app.ui.json {
        let (commit, op) = written.unzip();
        let value = json!({ "dropped": dropped.documents, "dry_run": dry_run, "op": op, "commit": commit });
        return app.ui.document(&versioned(value));
    }
    let verb = if dry_run { "would drop" } else { "dropped" };
    for line in &dropped.lines {
        app.ui.line(format!("{verb} {line}"))?;
    }
    match (dropped.lines.is_empty(), dry_run) {
        (true, _) => app.ui.note("nothing is in the attic"),
        (false, false) => app.ui.note("qp undo brings back what was dropped"),
        (false, true) => {}
    }
    Ok(())
}
