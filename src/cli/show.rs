//! `qp show`

use serde_json::Value;

use super::app::{App, resolve_all};
use super::bulk::KeysArgs;
use super::fetch::FetchArgs;
use super::{attic_entry, related};
use crate::error::{Error, Kind, Result};
use crate::output::json::Object;
use crate::output::text::{counted, one_line};
use crate::output::{json, sheet};
use crate::query::held_by;
use crate::store::View;

/// Show issues with their texts, relations and comments
#[derive(clap::Args, Debug)]
#[command(
    after_long_help = "Examples:\n  qp show web-7k2m\n  qp show 7k2m 3f9c --json\n  qp show web-7k2m --raw\n  qp show web-7k2m --at 2026-01-31\n  qp show --current\n  qp show web-7k2m --refs"
)]
pub struct ShowArgs {
    /// Keys, or at least four characters of their tails
    #[arg(value_name = "ID", required_unless_present_any = ["id", "current", "stdin"])]
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
    #[arg(long, aliases = ["thread", "include-comments", "include-dependents"], hide = true)]
    long: bool,
    /// List their parts instead
    #[arg(long, conflicts_with = "raw")]
    children: bool,
    /// List what refers to them instead
    #[arg(long, conflicts_with_all = ["raw", "children"])]
    refs: bool,
    /// Show what you hold, the last claimed
    #[arg(long, conflicts_with_all = ["ids", "id", "stdin"])]
    current: bool,
    #[command(flatten)]
    fetch: FetchArgs,
    /// Showing does not wait: qp watch does
    #[arg(short, long, hide = true)]
    watch: bool,
}

pub(super) fn run(args: &ShowArgs, app: &mut App) -> Result<()> {
    let inputs: Vec<String> = args.ids.iter().chain(&args.id).cloned().collect();
    if args.watch {
        let hint = inputs.iter().map(|id| format!(" --id {}", one_line(id))).collect::<String>();
        return Err(Error::usage("an issue is shown once").hint(format!("qp watch{hint}")));
    }
    args.fetch.fetch(app)?;
    let view = app.view()?;
    let positions = match args.current {
        true => vec![current(app, &view)?],
        false => resolve_all(&view.tracker, &args.keys.all("show", &inputs)?)?,
    };
    if args.children {
        return related::children(app, &view, &positions);
    }
    if args.refs {
        return related::referrers(app, &view, &positions);
    }
    if args.raw {
        if app.ui.json {
            return Err(
                Error::usage("--raw prints the file, --json a document").hint("leave out one of them")
            );
        }
        for position in positions {
            app.ui.bytes(&view.raw(position)?)?;
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

/// Finds what the caller works on: the issue that was claimed last of those that are theirs.
fn current(app: &App, view: &View) -> Result<usize> {
    let tracker = &view.tracker;
    let holder = app.reader(view.store());
    held_by(tracker, &holder).max_by_key(|at| (tracker.front(*at).claimed_at, *at)).ok_or_else(|| {
        Error::new(Kind::NotFound, "no_claim", "you hold no claim")
            .hint("qp next claims an issue and shows it")
    })
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
    let copies = counted(count, "copy");
    let key = view.tracker.key(position);
    app.ui.line("")?;
    app.ui.advice(&format!("Attic: {copies} of lost edits: qp attic list {key}"))
}
