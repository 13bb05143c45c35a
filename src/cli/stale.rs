//! `qp stale`

use super::app::App;
use super::filter::FilterArgs;
use super::list::more;
use super::shape::ShapeArgs;
use crate::error::{Error, Result};
use crate::model::Status;
use crate::output::table::{self, Line, distance};
use crate::query::{self, SortKey};

/// List open issues that nobody has changed for long, the longest untouched first
///
/// What is put off until a day to come is not neglected, and left out unless --status or --deferred asks for it.
#[derive(clap::Args, Debug)]
#[command(after_long_help = "Examples:
  qp stale
  qp stale --days 90 --status in_progress
  qp stale -d 14 -a me --json")]
pub struct StaleArgs {
    /// Untouched for so many days
    #[arg(short, long, value_name = "N", default_value_t = query::STALE_DAYS)]
    days: u32,
    #[command(flatten)]
    shape: ShapeArgs,
    #[command(flatten)]
    filter: FilterArgs,
}

pub(super) fn run(args: &StaleArgs, app: &mut App) -> Result<()> {
    let shape = args.shape.settle(app, &[])?;
    let view = app.view()?;
    let tracker = &view.tracker;
    let now = app.context.now();
    let mut filter = args.filter.resolve(app, tracker)?;
    if !filter.updated.is_unset() {
        return Err(Error::usage("--days says when an issue was last changed").hint("qp stale --days 30"));
    }
    filter.updated.before = Some(query::stale_before(now, args.days));
    let keep_deferred = filter.deferred || filter.statuses.contains(&Status::Deferred);
    let mut found = query::select(tracker, &filter, now);
    found.retain(|at| keep_deferred || !query::is_for_later(tracker, *at, now));
    query::sort(tracker, &mut found, SortKey::Updated, true, now);
    let left_out = args.shape.cut(&mut found);
    if app.ui.json {
        shape.print(app, &view, &found)?;
    } else {
        let line = |at: &usize| Line {
            position: *at,
            remark: format!("(unchanged for {})", distance(tracker.facts(*at).updated_at, now)),
            ..Line::default()
        };
        table::print(&mut app.ui, tracker, &found.iter().map(line).collect::<Vec<_>>())?;
    }
    more(app, left_out);
    if found.is_empty() {
        app.ui.note(format!("nothing has been unchanged for {} days", args.days));
    }
    Ok(())
}
