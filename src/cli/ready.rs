//! `qp ready`

use std::collections::HashMap;

use serde_json::{Value, json};

use super::app::{App, readiness};
use super::claim::{self, ConfirmArgs};
use super::fetch::FetchArgs;
use super::filter::FilterArgs;
use super::foreign::ForeignArgs;
use super::lease::LeaseArgs;
use super::list::more;
use super::selection::{self, QueryArgs};
use super::shape::{RowShape, ShapeArgs};
use super::texts::TextArgs;
use super::unready::{self, Question};
use crate::error::{Error, Result};
use crate::model::{Timestamp, Tracker};
use crate::output::json::Object;
use crate::output::table::{self, Line, distance};
use crate::output::text::one_line;
use crate::query::{self, Candidate, Readiness, SortKey, State, describe};
use crate::store::View;

/// List what can be worked on now, the best first
///
/// Ready is what is open, unclaimed, not put off, and waits for nothing; also what somebody left under a lease
/// that has lapsed. The order is priority, then how much it unblocks, then age. What touches the same files as
/// claimed work comes last.
#[derive(clap::Args, Debug, Default)]
#[command(after_long_help = "Examples:
  qp ready
  qp ready -l backend -p 0,1 --json
  qp ready --unassigned --sort oldest --limit 5
  qp ready 'label:backend,db -path:docs/**'
  qp ready --fetch --json
  qp ready --explain
  qp ready --fields id,title,paths
  qp ready --claim")]
pub struct ReadyArgs {
    #[command(flatten)]
    query: QueryArgs,
    #[command(flatten)]
    shape: ShapeArgs,
    /// Order: priority, created, updated, due, title, type, assignee, id, hybrid, oldest
    #[arg(long, value_name = "KEY", default_value = "priority")]
    sort: String,
    /// Turn the order round
    #[arg(short, long)]
    reverse: bool,
    /// Also say of every other open issue why it is not ready
    #[arg(long)]
    explain: bool,
    /// Claim the best one: the same as qp claim --next
    #[arg(long, conflicts_with_all = ["explain", "sort", "reverse"])]
    claim: bool,
    #[command(flatten)]
    lease: LeaseArgs,
    #[command(flatten)]
    sync: ConfirmArgs,
    /// Also what is only put off
    #[arg(long, conflicts_with_all = ["explain", "claim"])]
    include_deferred: bool,
    /// Lines are pretty enough
    #[arg(long, hide = true)]
    pretty: bool,
    #[command(flatten)]
    fetch: FetchArgs,
    #[command(flatten)]
    texts: TextArgs,
    #[command(flatten)]
    foreign: ForeignArgs,
    #[command(flatten)]
    filter: FilterArgs,
}

/// The fields that rows have here, beside their own.
const FIELDS: [&str; 8] = [
    "unblocks",
    "lapsed",
    "overlaps",
    "reason",
    "resolved_blockers",
    "state",
    "blocked_by_count",
    "blocked_by",
];

pub(super) fn run(args: &ReadyArgs, app: &mut App) -> Result<()> {
    args.foreign.refuse()?;
    let (filter, sort) = sorting(args);
    if args.claim && sort != args.sort {
        return Err(Error::usage("--claim takes the best in the order of qp ready").hint("qp ready --claim"));
    }
    if args.claim && !args.texts.is_unset() {
        return Err(
            Error::usage("--claim does not look into texts").hint("qp claim ID takes what you choose")
        );
    }
    args.fetch.fetch(app)?;
    if args.claim {
        return claim::next(app, &filter, args.lease.read()?, args.sync.wanted(app)?);
    }
    if args.sync.is_given() {
        return Err(Error::usage("--sync lets the remote confirm a claim").hint("qp ready --claim --sync"));
    }
    if args.lease.is_given() {
        return Err(Error::usage("--for is how long a claim holds").hint("qp ready --claim --for 1h"));
    }
    let key = SortKey::parse(&sort)?;
    let shape = args.shape.settle(app, if args.explain { &FIELDS } else { &FIELDS[..3] })?;
    let view = app.view()?;
    let tracker = &view.tracker;
    let now = app.context.now();
    let filter = filter.resolve(app, tracker)?;
    let readiness = readiness(&view, now);
    let deferred = readiness.put_off().filter(|_| args.include_deferred);
    let mut found = query::in_order(tracker, &readiness, readiness.ready().chain(deferred));
    let ready = found.len();
    selection::retain(&view, &filter, now, &mut found, |candidate| candidate.position)?;
    args.texts.keep(&view, &mut found, |c| c.position)?;
    order(tracker, &mut found, key, args.reverse, now);
    if args.explain {
        let question = Question { filter: &filter, texts: &args.texts, shape: &args.shape, row: &shape };
        return unready::print(app, &view, &readiness, found, &question);
    }
    let outside = ready - found.len();
    let left_out = args.shape.cut(&mut found);
    if app.ui.json {
        let row = |c: &Candidate| Ok(shape.pick(document(&view, &readiness, c, &shape)?).into());
        let rows: Vec<Value> = found.iter().map(row).collect::<Result<_>>()?;
        app.ui.document(&rows.into())?;
    } else {
        table::print(&mut app.ui, tracker, &lines(tracker, &readiness, &found))?;
    }
    more(app, left_out);
    if found.is_empty() {
        app.ui.note(match outside {
            0 => "no issue is ready: qp ready --explain says why".to_owned(),
            count => format!("no ready issue fits; {count} outside the selection: qp ready"),
        });
    }
    Ok(())
}

/// `-s` is the status everywhere, and the order for those who know `bd ready`: no order is the name of a status.
fn sorting(args: &ReadyArgs) -> (FilterArgs, String) {
    let mut filter = args.filter.with(&args.query.text());
    let sort = filter.take_sort_word().unwrap_or_else(|| args.sort.clone());
    (filter, sort)
}

/// Puts candidates in another order than the usual one. What overlaps claimed work stays last.
fn order(tracker: &Tracker, found: &mut [Candidate], key: SortKey, reverse: bool, now: Timestamp) {
    if key == SortKey::Priority && !reverse {
        return;
    }
    if key == SortKey::Priority {
        found.reverse();
    } else {
        let mut positions: Vec<usize> = found.iter().map(|c| c.position).collect();
        query::sort(tracker, &mut positions, key, reverse, now);
        let place: HashMap<usize, usize> = positions.into_iter().zip(0..).collect();
        found.sort_by_key(|c| place[&c.position]);
    }
    found.sort_by_key(|c| c.overlaps.is_some());
}

/// Returns the lines of ready issues, each with what is special about it.
pub(super) fn lines(tracker: &Tracker, readiness: &Readiness, found: &[Candidate]) -> Vec<Line> {
    let line = |c: &Candidate| Line {
        position: c.position,
        remark: remark(tracker, readiness, c),
        ..Line::default()
    };
    found.iter().map(line).collect()
}

fn remark(tracker: &Tracker, readiness: &Readiness, candidate: &Candidate) -> String {
    let mut parts = Vec::new();
    let state = readiness.state(candidate.position);
    if let State::Deferred { .. } = state {
        parts.push(describe(tracker, readiness, candidate.position, state));
    }
    if *state == (State::Ready { lapsed: true }) {
        let ago = tracker.front(candidate.position).lease_until.map(|t| distance(t, readiness.now()));
        parts.push(ago.map_or("lapsed".to_owned(), |ago| format!("lapsed {ago} ago")));
    }
    if candidate.unblocks > 0 {
        parts.push(format!("unblocks {}", candidate.unblocks));
    }
    parts.extend(candidate.overlaps.map(|other| same_files(tracker, other)));
    if parts.is_empty() { String::new() } else { format!("({})", parts.join(", ")) }
}

/// Says whose work a ready issue would get in the way of.
pub(super) fn same_files(tracker: &Tracker, other: usize) -> String {
    let whose = tracker.front(other).assignee.as_deref().map(one_line).unwrap_or_default();
    format!("same files as {} @{whose}", tracker.key(other))
}

/// Returns a row with what makes it better or worse than others.
pub(super) fn document(
    view: &View,
    readiness: &Readiness,
    candidate: &Candidate,
    shape: &RowShape,
) -> Result<Object> {
    let tracker = &view.tracker;
    let at = candidate.position;
    let mut object = shape.row(view, at)?;
    object.insert("unblocks".to_owned(), candidate.unblocks.into());
    if *readiness.state(at) == (State::Ready { lapsed: true }) {
        object.insert("lapsed".to_owned(), true.into());
    }
    if let Some(other) = candidate.overlaps {
        let assignee = tracker.front(other).assignee.clone().unwrap_or_default();
        object.insert("overlaps".to_owned(), json!({ "id": tracker.key(other), "assignee": assignee }));
    }
    Ok(object)
}
