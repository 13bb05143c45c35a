//! `qp list`

use super::app::{App, readiness};
use super::diagram;
use super::fetch::FetchArgs;
use super::filter::FilterArgs;
use super::foreign::ForeignArgs;
use super::list_format::{self, Format};
use super::selection::{self, QueryArgs};
use super::shape::ShapeArgs;
use super::texts::TextArgs;
use crate::error::{Error, Result};
use crate::model::{Front, Timestamp};
use crate::output::{sheet, table};
use crate::query::{self, Filter, SortKey};
use crate::store::View;

/// List issues, a line each
///
/// Open ones, unless told otherwise. A query selects beside the flags: words of the title, conditions such as
/// label:auth, -label:wip, priority:0..1 or updated:<7d, OR and parentheses; qp query --help lists them. Keys or states
/// alone are what they say: qp list closed.
///
/// At a terminal parts stand below what they are a part of, where no other order is asked for; everywhere else, and with
/// --flat, each line stands for itself. --format dot, or mermaid, draws the relations between the issues listed; --format
/// digraph prints the two keys of each.
#[derive(clap::Args, Debug, Default)]
#[command(
    // The flag of every command that names a format takes more words here, and they are read below.
    mut_arg("format", |arg| arg.value_parser(clap::value_parser!(String))),
    after_long_help = "Examples:
  qp list
  qp list --status closed --sort closed --limit 10
  qp list -l auth -p 0,1 --json
  qp list --tree
  qp list 'label:auth -label:wip priority:0..1 updated:<7d'
  qp list closed
  qp list --all --fields id,title,status --limit 0
  qp list --format dot | dot -Tsvg -o issues.svg"
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
    #[arg(long, visible_alias = "pretty", overrides_with = "flat")]
    tree: bool,
    /// Show one line after the other, also at a terminal
    #[arg(long, overrides_with = "tree")]
    flat: bool,
    /// Print each issue in full
    #[arg(long)]
    long: bool,
    /// Listing does not wait: qp watch does
    #[arg(short, long, hide = true)]
    watch: bool,
    /// Ready ones only
    #[arg(long, help_heading = "Selection")]
    ready: bool,
    #[command(flatten)]
    fetch: FetchArgs,
    #[command(flatten)]
    texts: TextArgs,
    #[command(flatten)]
    foreign: ForeignArgs,
    #[command(flatten)]
    filter: FilterArgs,
}

impl ListArgs {
    /// Returns the query as one text.
    pub(super) fn query(&self) -> String {
        self.query.text()
    }
}

pub(super) fn run(args: &ListArgs, app: &mut App) -> Result<()> {
    run_query(args, app, &args.query())
}

/// Lists what fits the flags and a query.
pub(super) fn run_query(args: &ListArgs, app: &mut App, query: &str) -> Result<()> {
    args.foreign.refuse()?;
    if args.watch {
        return Err(Error::usage("a listing is printed once").hint("qp watch waits for changes"));
    }
    let format = app.globals.format.as_deref().map(Format::parse).transpose()?;
    app.ui.json |= format == Some(Format::Json);
    let mut shape = args.shape.settle(app, &[])?;
    shape.texts |= args.long;
    if format.is_some_and(Format::is_graph) {
        diagram::refuse_json(app)?;
    }
    let key = SortKey::parse(&args.sort)?;
    args.fetch.fetch(app)?;
    let view = app.view()?;
    let now = app.context.now();
    let filter = args.filter.with(query).resolve(app, &view.tracker)?;
    let mut positions = select(args, &view, &filter, now)?;
    query::sort(&view.tracker, &mut positions, key, args.reverse, now);
    let left_out = args.shape.cut(&mut positions);
    match format {
        Some(format) if format.is_graph() => list_format::print(app, &view.tracker, &positions, format)?,
        _ if app.ui.json => shape.print(app, &view, &positions)?,
        _ if args.long => in_full(app, &view, &positions)?,
        _ => {
            let mut lines = if args.is_tree(app) { tree(&view, &positions) } else { flat(&positions) };
            for line in &mut lines {
                line.remark = date_asked_for(&filter, view.tracker.front(line.position));
            }
            table::print(&mut app.ui, &view.tracker, &lines)?;
        }
    }
    more(app, left_out);
    if positions.is_empty() {
        let selects =
            !query.trim().is_empty() || !args.filter.is_unset() || args.ready || !args.texts.is_unset();
        app.ui.note(match view.tracker.rows.len() {
            0 => "no issues yet: qp create \"What is to be done\"".to_owned(),
            _ if selects => selection::nothing(query, &filter),
            _ => "no open issues: qp list --all shows closed ones too".to_owned(),
        });
    }
    Ok(())
}

impl ListArgs {
    /// A person wants to see what belongs together; a program, and whoever asks for an order, wants lines.
    fn is_tree(&self, app: &App) -> bool {
        let ordered = self.reverse || self.sort != "priority";
        self.tree || !self.flat && !ordered && !app.ui.plain && app.ui.is_terminal()
    }
}

fn select(args: &ListArgs, view: &View, filter: &Filter, now: Timestamp) -> Result<Vec<usize>> {
    let mut positions = selection::select(view, filter, now)?;
    if args.ready {
        let readiness = readiness(view, now);
        positions.retain(|at| readiness.state(*at).is_ready());
    }
    args.texts.keep(view, &mut positions, |at| *at)?;
    Ok(positions)
}

fn in_full(app: &mut App, view: &View, positions: &[usize]) -> Result<()> {
    let now = app.context.now();
    for position in positions {
        sheet::print(&mut app.ui, &view.tracker, *position, &view.issue(*position)?, now)?;
        app.ui.line("")?;
    }
    Ok(())
}

fn flat(positions: &[usize]) -> Vec<table::Line> {
    positions.iter().map(|at| table::Line { position: *at, ..table::Line::default() }).collect()
}

/// The date that the issues were selected by.
fn date_asked_for(filter: &Filter, front: &Front) -> String {
    match (front.due_at, front.defer_until) {
        (Some(due), _) if filter.overdue => format!("(due {})", sheet::short(due)),
        (_, Some(until)) if filter.deferred => format!("(until {})", sheet::short(until)),
        _ => String::new(),
    }
}

fn tree(view: &View, positions: &[usize]) -> Vec<table::Line> {
    query::forest(&view.tracker, positions)
        .iter()
        .map(|node| table::Line { position: node.position, depth: node.depth, ..table::Line::default() })
        .collect()
}

/// Says how many issues a limit left out, and how to get them.
pub(super) fn more(app: &mut App, left_out: usize) {
    if left_out > 0 {
        app.ui.note(format!("… {left_out} more: --limit 0 shows all"));
    }
}
