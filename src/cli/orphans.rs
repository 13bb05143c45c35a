//! `qp orphans`

use std::collections::BTreeMap;

use serde_json::Value;

use super::app::App;
use super::filter::FilterArgs;
use super::list::more;
use super::shape::{RowShape, ShapeArgs};
use crate::error::Result;
use crate::model::{Timestamp, Tracker};
use crate::output::json::Object;
use crate::output::table::{self, Line, distance};
use crate::output::text::{cut, one_line};
use crate::query::{Filter, Mentions};
use crate::store::{CodeCommit, View};

/// List open issues that commits of this branch name: work that may be done and was never closed
///
/// A commit names an issue by its key, with the prefix, anywhere in its message. The issue named last comes first.
#[derive(clap::Args, Debug)]
#[command(after_long_help = "Examples:
  qp orphans
  qp orphans --from main --json
  qp orphans --commits 0 -t bug")]
pub struct OrphansArgs {
    /// Look at the commits that lead to this branch, tag or commit
    #[arg(long, value_name = "COMMIT", default_value = "HEAD")]
    from: String,
    /// Most commits to look at; 0 for all
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    commits: usize,
    #[command(flatten)]
    shape: ShapeArgs,
    #[command(flatten)]
    filter: FilterArgs,
    /// Commits are shown as they are
    #[arg(long, hide = true)]
    details: bool,
}

/// What a row has beside the issue.
const OWN_FIELDS: [&str; 5] =
    ["issue_id", "latest_commit", "latest_commit_message", "latest_commit_at", "commit_count"];

/// An issue that commits name.
struct Orphan {
    position: usize,
    /// The newest commit that names it.
    latest: CodeCommit,
    /// How many do.
    commits: usize,
}

pub(super) fn run(args: &OrphansArgs, app: &mut App) -> Result<()> {
    let shape = args.shape.settle(app, &OWN_FIELDS)?;
    let view = app.view()?;
    let tracker = &view.tracker;
    let now = app.context.now();
    let filter = args.filter.resolve(app, tracker)?;
    let (mut found, whole) = find(args, &view, &filter, now)?;
    let left_out = args.shape.cut(&mut found);
    if app.ui.json {
        app.ui.documents(found.iter().map(|orphan| row(&view, orphan, &shape).map(Value::from)))?;
    } else {
        let lines: Vec<Line> = found.iter().map(|orphan| line(orphan, now)).collect();
        table::print(&mut app.ui, tracker, &lines)?;
    }
    more(app, left_out);
    if found.is_empty() {
        app.ui.note(format!("no commit of {} names an open issue", one_line(&args.from)));
    }
    if !whole {
        app.ui.note(format!("older commits than the last {} not looked at: --commits 0", args.commits));
    }
    Ok(())
}

/// Returns the issues in the order of the newest commits that name them, and whether all commits were looked at.
fn find(args: &OrphansArgs, view: &View, filter: &Filter, now: Timestamp) -> Result<(Vec<Orphan>, bool)> {
    let tracker: &Tracker = &view.tracker;
    let most = if args.commits == 0 { usize::MAX } else { args.commits };
    let mut mentions = Mentions::new(tracker);
    let mut orphans: Vec<Orphan> = Vec::new();
    let mut places: BTreeMap<usize, Option<usize>> = BTreeMap::new();
    let whole = view.store().code_commits(&args.from, most, |commit| {
        for position in mentions.of(&commit.message) {
            let is_wanted = || !tracker.is_closed(position) && filter.matches(tracker, position, now);
            let place = places.entry(position).or_insert_with(|| {
                is_wanted().then(|| {
                    orphans.push(Orphan { position, latest: commit.clone(), commits: 0 });
                    orphans.len() - 1
                })
            });
            if let Some(place) = place {
                orphans[*place].commits += 1;
            }
        }
    })?;
    Ok((orphans, whole))
}

fn line(orphan: &Orphan, now: Timestamp) -> Line {
    let Orphan { position, latest, commits } = orphan;
    let more = if *commits > 1 { format!(", {commits} commits") } else { String::new() };
    let subject = cut(&one_line(&latest.subject), 50);
    let remark = format!("({} {} ago: {subject}{more})", latest.short(), distance(latest.time, now));
    Line { position: *position, remark, ..Line::default() }
}

fn row(view: &View, orphan: &Orphan, shape: &RowShape) -> Result<Object> {
    let mut object = shape.row(view, orphan.position)?;
    let CodeCommit { commit, subject, time, .. } = &orphan.latest;
    let values: [Value; 5] = [
        view.tracker.key(orphan.position).into(),
        commit.clone().into(),
        subject.clone().into(),
        time.to_string().into(),
        orphan.commits.into(),
    ];
    object.extend(OWN_FIELDS.map(str::to_owned).into_iter().zip(values));
    Ok(shape.pick(object))
}
