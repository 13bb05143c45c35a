//! `qp show`

use serde_json::Value;

use super::app::{App, resolve_all};
use super::attic_entry;
use super::bulk::KeysArgs;
use crate::error::{Error, Result};
use crate::output::json::Object;
use crate::output::{json, sheet};
use crate::store::View;

/// Show issues with their texts, relations and comments
#[derive(clap::Args, Debug)]
#[command(
    after_long_help = "Examples:\n  qp show web-7k2m\n  qp show 7k2m 3f9c --json\n  qp show web-7k2m --raw\n  qp show web-7k2m --at 2026-01-31"
)]
pub struct ShowArgs {
    /// Keys, or at least four characters of their tails
    #[arg(value_name = "ID", required_unless_present_any = ["id", "stdin"])]
    ids: Vec<String>,
    #[command(flatten)]
    keys: KeysArgs,
    /// A key, as a flag
    #[arg(long, value_name = "ID", hide = true)]
    id: Vec<String>,
    /// Print the file as it stands on the branch
    #[arg(long, conflicts_with = "short")]
    raw: bool,
    /// Print one line an issue
    #[arg(long)]
    short: bool,
    /// Everything is shown anyway
    #[arg(long, alias = "thread", hide = true)]
    long: bool,
}

pub(super) fn run(args: &ShowArgs, app: &mut App) -> Result<()> {
    let view = app.view()?;
    let inputs: Vec<String> = args.ids.iter().chain(&args.id).cloned().collect();
    let positions = resolve_all(&view.tracker, &args.keys.all("show", &inputs)?)?;
    if args.raw {
        if app.ui.json {
            return Err(
                Error::usage("--raw prints the file, --json a document").hint("leave out one of them")
            );
        }
        for position in positions {
            let bytes = view.raw(position)?;
            app.ui.raw(&String::from_utf8_lossy(&bytes))?;
        }
        return Ok(());
    }
    if app.ui.json {
        let documents: Vec<Value> =
            (positions.iter()).map(|p| Ok(details(&view, *p)?.into())).collect::<Result<_>>()?;
        return app.ui.document(&documents.into());
    }
    if args.short {
        let lines: Vec<_> = positions
            .iter()
            .map(|p| crate::output::table::Line { position: *p, ..Default::default() })
            .collect();
        return crate::output::table::print(&mut app.ui, &view.tracker, &lines);
    }
    for (at, position) in positions.iter().enumerate() {
        if at > 0 {
            app.ui.line("")?;
        }
        sheet::print(&mut app.ui, &view.tracker, *position, &view.issue(*position)?, app.context.now())?;
        mention_attic(app, &view, *position)?;
    }
    Ok(())
}

/// Returns everything that is known of an issue, with what lost a merge and waits in the attic.
fn details(view: &View, position: usize) -> Result<Object> {
    let mut object = json::details(&view.tracker, position, &view.issue(position)?);
    let conflicts = attic_entry::documents(view, view.tracker.front(position).id)?;
    if !conflicts.is_empty() {
        object.insert("conflicts".to_owned(), conflicts.into());
    }
    Ok(object)
}

/// Says that something of an issue lost a merge and was kept.
fn mention_attic(app: &mut App, view: &View, position: usize) -> Result<()> {
    let count = view.attic_of(view.tracker.front(position).id)?.len();
    if count == 0 {
        return Ok(());
    }
    let copies = if count == 1 { "1 copy".to_owned() } else { format!("{count} copies") };
    let key = view.tracker.key(position);
    app.ui.line("")?;
    app.ui.line(format!("Attic: {copies} of lost edits: qp attic list {key}"))
}
