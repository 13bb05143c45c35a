//! `qp list`

use super::app::App;
use super::filter::FilterArgs;
use crate::error::Result;
use crate::output::{json, sheet, table};
use crate::query::{self, SortKey};
use crate::store::View;

/// List issues, a line each
///
/// Open ones, unless told otherwise.
#[derive(clap::Args, Debug, Default)]
#[command(
    after_long_help = "Examples:\n  qp list\n  qp list --status closed --sort closed --limit 10\n  qp list -l auth -p 0,1 --json\n  qp list --tree"
)]
pub struct ListArgs {
    #[command(flatten)]
    shape: ShapeArgs,
    /// Order: priority, created, updated, closed, due, title, status, type, assignee, id, hybrid, oldest
    #[arg(long, value_name = "KEY", default_value = "priority")]
    sort: String,
    /// Turn the order round
    #[arg(short, long)]
    reverse: bool,
    /// Show parts below what they are a part of
    #[arg(long, visible_alias = "pretty")]
    tree: bool,
    /// One line an issue, not a tree
    #[arg(long, hide = true)]
    flat: bool,
    /// Print each issue in full
    #[arg(long)]
    long: bool,
    #[command(flatten)]
    filter: FilterArgs,
}

/// How much of a listing is printed.
#[derive(clap::Args, Debug, Default)]
pub struct ShapeArgs {
    /// Most issues to print; 0 for all
    #[arg(short = 'n', long, value_name = "N", default_value_t = 30)]
    pub limit: usize,
    /// With --json: the texts too
    #[arg(long)]
    pub full: bool,
}

impl ShapeArgs {
    /// Cuts a listing; returns how many were left out.
    pub fn cut<T>(&self, items: &mut Vec<T>) -> usize {
        let all = items.len();
        if self.limit > 0 {
            items.truncate(self.limit);
        }
        all - items.len()
    }
}

pub(super) fn run(args: &ListArgs, app: &mut App) -> Result<()> {
    let view = app.view()?;
    let filter = args.filter.resolve(app, &view.tracker)?;
    let key = SortKey::parse(&args.sort)?;
    let now = app.context.now();
    let mut positions = query::select(&view.tracker, &filter, now);
    query::sort(&view.tracker, &mut positions, key, args.reverse, now);
    let left_out = args.shape.cut(&mut positions);
    if app.ui.json {
        documents(app, &view, &positions, args.shape.full)?;
    } else if args.long {
        for position in &positions {
            sheet::print(&mut app.ui, &view.tracker, *position, &view.issue(*position)?, now)?;
            app.ui.line("")?;
        }
    } else {
        let lines = if args.tree { tree(&view, &positions) } else { flat(&positions) };
        table::print(&mut app.ui, &view.tracker, &lines)?;
    }
    more(app, left_out);
    if positions.is_empty() {
        app.ui.note("no issues: qp list --all shows closed ones too");
    }
    Ok(())
}

fn flat(positions: &[usize]) -> Vec<table::Line> {
    positions.iter().map(|at| table::Line { position: *at, ..table::Line::default() }).collect()
}

fn tree(view: &View, positions: &[usize]) -> Vec<table::Line> {
    query::forest(&view.tracker, positions)
        .iter()
        .map(|node| table::Line { position: node.position, depth: node.depth, ..table::Line::default() })
        .collect()
}

/// Prints rows as an array of documents.
pub(super) fn documents(app: &mut App, view: &View, positions: &[usize], full: bool) -> Result<()> {
    let row = |at: &usize| {
        Ok(if full {
            json::full_row(&view.tracker, *at, &view.issue(*at)?).into()
        } else {
            json::row(&view.tracker, *at).into()
        })
    };
    app.ui.documents(positions.iter().map(row))
}

/// Says how many issues a limit left out, and how to get them.
pub(super) fn more(app: &mut App, left_out: usize) {
    if left_out > 0 {
        app.ui.note(format!("… {left_out} more: --limit 0 shows all"));
    }
}
