//! `qp list`

use super::app::App;
use super::filter::FilterArgs;
use super::selection::{self, QueryArgs};
use crate::error::Result;
use crate::output::{json, sheet, table};
use crate::query::{self, SortKey};
use crate::store::View;

/// List issues, a line each
///
/// Open ones, unless told otherwise. A query selects beside the flags: words of the title, conditions such as
/// label:auth, -label:wip, priority:0..1 or updated:<7d, OR and parentheses; qp query --help lists them. Keys or states
/// alone are what they say: qp list closed.
#[derive(clap::Args, Debug, Default)]
#[command(
    after_long_help = "Examples:\n  qp list\n  qp list --status closed --sort closed --limit 10\n  qp list -l auth -p 0,1 --json\n  qp list --tree\n  qp list 'label:auth -label:wip priority:0..1 updated:<7d'\n  qp list closed"
)]
pub struct ListArgs {
    #[command(flatten)]
    query: QueryArgs,
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

impl ListArgs {
    /// Returns the query as one text.
    pub(super) fn query(&self) -> String {
        self.query.text()
    }
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
    run_query(args, app, &args.query())
}

/// Lists what fits the flags and a query.
pub(super) fn run_query(args: &ListArgs, app: &mut App, query: &str) -> Result<()> {
    let view = app.view()?;
    let filter = args.filter.with(query).resolve(app, &view.tracker)?;
    let key = SortKey::parse(&args.sort)?;
    let now = app.context.now();
    let mut positions = selection::select(&view, &filter, now)?;
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
        app.ui.note(match query.trim() {
            "" => "no issues: qp list --all shows closed ones too".to_owned(),
            query => selection::nothing(query, &filter),
        });
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
