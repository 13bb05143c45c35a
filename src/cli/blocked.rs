//! `qp blocked`

use serde_json::Value;

use super::app::{App, readiness};
use super::filter::FilterArgs;
use super::list::more;
use super::selection::{self, QueryArgs};
use super::shape::{RowShape, ShapeArgs};
use super::texts::TextArgs;
use crate::error::Result;
use crate::output::table::{self, Line};
use crate::query::{self, Readiness, SortKey, State, describe};
use crate::store::View;

/// List issues with open blockers, their own or inherited from what they are a part of
#[derive(clap::Args, Debug)]
#[command(
    after_long_help = "Examples:\n  qp blocked\n  qp blocked --parent web-7k2m --json\n  qp blocked 'priority:0..1 -assignee:me'\n  qp why web-3f9c"
)]
pub struct BlockedArgs {
    #[command(flatten)]
    query: QueryArgs,
    #[command(flatten)]
    shape: ShapeArgs,
    #[command(flatten)]
    texts: TextArgs,
    #[command(flatten)]
    filter: FilterArgs,
}

pub(super) fn run(args: &BlockedArgs, app: &mut App) -> Result<()> {
    let shape = args.shape.settle(app, &["blocked_by_count", "blocked_by"])?;
    let view = app.view()?;
    let tracker = &view.tracker;
    let now = app.context.now();
    let filter = args.filter.with(&args.query.text()).resolve(app, tracker)?;
    let readiness = readiness(&view, now);
    let blocked = readiness.blocked().count();
    let mut found: Vec<usize> = readiness.blocked().collect();
    selection::retain(&view, &filter, now, &mut found, |at| *at)?;
    args.texts.keep(&view, &mut found, |at| *at)?;
    query::sort(tracker, &mut found, SortKey::Priority, false, now);
    let left_out = args.shape.cut(&mut found);
    if app.ui.json {
        let rows = found.iter().map(|at| row(&view, &readiness, *at, &shape));
        app.ui.document(&rows.collect::<Result<Vec<Value>>>()?.into())?;
    } else {
        let line =
            |at: &usize| Line { position: *at, remark: remark(&view, &readiness, *at), ..Line::default() };
        table::print(&mut app.ui, tracker, &found.iter().map(line).collect::<Vec<_>>())?;
    }
    more(app, left_out);
    if found.is_empty() {
        app.ui.note(match blocked {
            0 => "nothing is blocked".to_owned(),
            count => format!("no blocked issue fits; {count} outside the selection: qp blocked"),
        });
    }
    Ok(())
}

fn remark(view: &View, readiness: &Readiness, at: usize) -> String {
    let blocked = readiness.reasons(at).into_iter().find(|s| matches!(s, State::Blocked { .. }));
    blocked.map(|state| format!("({})", describe(&view.tracker, readiness, at, state))).unwrap_or_default()
}

fn row(view: &View, readiness: &Readiness, at: usize, shape: &RowShape) -> Result<Value> {
    let tracker = &view.tracker;
    let mut object = shape.row(view, at)?;
    let blockers: Vec<String> =
        readiness.waits_for(tracker, at).into_iter().map(|(blocker, _)| tracker.key(blocker)).collect();
    object.insert("blocked_by_count".to_owned(), blockers.len().into());
    object.insert("blocked_by".to_owned(), blockers.into());
    Ok(shape.pick(object).into())
}
