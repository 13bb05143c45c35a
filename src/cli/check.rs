//! `qp check`

use serde_json::{Value, json};

use super::app::{App, readiness, resolve_all};
use super::args::split;
use super::fetch::FetchArgs;
use super::filter::FilterArgs;
use super::unready::reason;
use crate::error::{Error, Kind, Result};
use crate::model::{Status, Tracker};
use crate::output::json::{self, Object, versioned};
use crate::output::table::{self, Line};
use crate::query::{self, Readiness, State, parse_status};

/// Check that issues are closed, or in another state: for CI jobs and scripts
///
/// Exits 0 if all of them are, and 1 with the list of those that are not. Issues are named, or selected by flags;
/// closed ones are then selected too. A key that nobody has, and a selection that finds nothing, exit 3.
#[derive(clap::Args, Debug)]
#[command(after_long_help = "Examples:
  qp check web-7k2m
  qp check web-7k2m web-3f9c --is closed,in_progress
  qp check -l release-1.0 --is closed
  qp check web-7k2m --fetch --json
  qp check --parent web-7k2m -t bug --is closed --allow-empty")]
pub struct CheckArgs {
    /// Keys
    #[arg(value_name = "ID")]
    keys: Vec<String>,
    /// One of these states: closed, open, in_progress, blocked, deferred, ready, claimed
    #[arg(long = "is", value_name = "STATE,…", default_value = "closed")]
    states: Vec<String>,
    /// A selection that finds nothing holds
    #[arg(long)]
    allow_empty: bool,
    #[command(flatten)]
    fetch: FetchArgs,
    #[command(flatten)]
    filter: FilterArgs,
}

/// A state to be in.
enum Wanted {
    /// Can be worked on now.
    Ready,
    /// Somebody's claim runs.
    Claimed,
    /// Has this status; blocked and deferred also by what the relations and the dates say.
    Status(Status),
}

pub(super) fn run(args: &CheckArgs, app: &mut App) -> Result<()> {
    args.fetch.fetch(app)?;
    let view = app.view()?;
    let tracker = &view.tracker;
    let words = split(&args.states);
    if words.is_empty() {
        return Err(Error::usage("--is names no state").hint("--is closed"));
    }
    let wanted = words.iter().map(|word| parse(word, tracker)).collect::<Result<Vec<_>>>()?;
    let positions = select(args, app, tracker)?;
    let readiness = readiness(&view, app.context.now());
    let failing: Vec<usize> = positions
        .iter()
        .copied()
        .filter(|at| !wanted.iter().any(|w| w.holds(tracker, &readiness, *at)))
        .collect();
    if app.ui.json {
        let rows: Vec<Value> = failing.iter().map(|at| row(tracker, &readiness, *at).into()).collect();
        let document = json!({
            "ok": failing.is_empty(), "checked": positions.len(), "is": words, "failing": rows,
        });
        app.ui.document(&versioned(document))?;
    } else {
        let line = |at: &usize| Line {
            position: *at,
            remark: format!("({})", reason(tracker, &readiness, *at)),
            ..Line::default()
        };
        table::print(&mut app.ui, tracker, &failing.iter().map(line).collect::<Vec<_>>())?;
    }
    let states = words.join(" or ");
    let count = positions.len();
    if failing.is_empty() {
        app.ui.note(format!("{count} checked: {states}"));
        return Ok(());
    }
    app.ui.note(format!("{} of {count} not {states}", failing.len()));
    Err(Error::new(Kind::CheckFailed, "check_failed", format!("{} of {count} not {states}", failing.len())))
}

fn parse(word: &str, tracker: &Tracker) -> Result<Wanted> {
    match word.to_ascii_lowercase().as_str() {
        "ready" => Ok(Wanted::Ready),
        "claimed" => Ok(Wanted::Claimed),
        _ => parse_status(word, tracker).map(Wanted::Status).map_err(|error| {
            let all = error.remedy().filter(|hint| hint.starts_with("use one of")).map(str::to_owned);
            match all {
                Some(hint) => error.hint(format!("{hint}, ready, claimed")),
                None => error,
            }
        }),
    }
}

/// A job that asks for nothing, or for a label that nobody has, has a mistake in it and must not pass.
fn select(args: &CheckArgs, app: &App, tracker: &Tracker) -> Result<Vec<usize>> {
    match (args.keys.is_empty(), args.filter.is_unset()) {
        (false, true) => resolve_all(tracker, &args.keys),
        (true, true) => Err(Error::usage("nothing to check").hint("qp check ID, or qp check --label LABEL")),
        (false, false) => Err(Error::usage("keys and a selection were given").hint("leave out one of them")),
        (true, false) => {
            let mut filter = args.filter.resolve(app, tracker)?;
            filter.all = true;
            let found = query::select(tracker, &filter, app.context.now());
            if found.is_empty() && !args.allow_empty {
                return Err(Error::new(Kind::NotFound, "nothing_selected", "the selection finds no issue")
                    .hint("--allow-empty, if that is as it should be"));
            }
            Ok(found)
        }
    }
}

impl Wanted {
    fn holds(&self, tracker: &Tracker, readiness: &Readiness, at: usize) -> bool {
        let has = |state: fn(&State) -> bool| readiness.reasons(at).into_iter().any(state);
        match self {
            Wanted::Ready => readiness.state(at).is_ready(),
            Wanted::Claimed => has(|s| matches!(s, State::Claimed(_))),
            Wanted::Status(status) => {
                tracker.front(at).status == *status
                    || *status == Status::Blocked && readiness.is_blocked(at)
                    || *status == Status::Deferred && has(|s| matches!(s, State::Deferred { .. }))
            }
        }
    }
}

fn row(tracker: &Tracker, readiness: &Readiness, at: usize) -> Object {
    let mut object = json::row(tracker, at);
    object.insert("state".to_owned(), readiness.state(at).name().into());
    object.insert("reason".to_owned(), reason(tracker, readiness, at).into());
    object
}
