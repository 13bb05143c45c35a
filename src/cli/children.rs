//! `qp children`

use super::app::{App, resolve};
use super::shape::RowShape;
use crate::error::Result;
use crate::output::table::{self, Line};
use crate::query::{self, Filter, SortKey, forest};

/// List the parts of an issue, closed ones too
#[derive(clap::Args, Debug)]
#[command(after_long_help = "Examples:\n  qp children web-7k2m\n  qp children web-7k2m --recursive --json")]
pub struct ChildrenArgs {
    /// Key
    #[arg(value_name = "ID")]
    id: String,
    /// The parts of the parts too
    #[arg(short, long, alias = "tree")]
    recursive: bool,
    /// With --json: the texts too
    #[arg(long)]
    full: bool,
}

pub(super) fn run(args: &ChildrenArgs, app: &mut App) -> Result<()> {
    let view = app.view()?;
    let tracker = &view.tracker;
    let position = resolve(tracker, &args.id)?;
    let parent = Some(tracker.front(position).id);
    let filter = Filter { all: true, parent, direct: !args.recursive, ..Filter::default() };
    let now = app.context.now();
    let mut parts = query::select(tracker, &filter, now);
    query::sort(tracker, &mut parts, SortKey::Oldest, false, now);
    if app.ui.json {
        RowShape::for_caller(app, args.full).print(app, &view, &parts)?;
    } else {
        let line = |n: &query::Node| Line { position: n.position, depth: n.depth, ..Line::default() };
        let lines: Vec<Line> = forest(tracker, &parts).iter().map(line).collect();
        table::print(&mut app.ui, tracker, &lines)?;
    }
    let closed = parts.iter().filter(|at| tracker.is_closed(**at)).count();
    app.ui.note(match parts.len() {
        0 => format!("{} has no parts", tracker.key(position)),
        all => format!("{closed} of {all} closed"),
    });
    Ok(())
}
