//! `qp lint`

use serde_json::{Value, json};

use super::app::{App, resolve_all};
use super::filter::FilterArgs;
use super::list::more;
use super::shape::ShapeArgs;
use crate::error::{Error, Kind, Result};
use crate::model::Tracker;
use crate::output::json::versioned;
use crate::output::table::{self, Line};
use crate::query::{self, SortKey, missing_texts};

/// List issues whose texts lack what their type should have
///
/// All should have a description; a bug also steps to reproduce and acceptance criteria, a task and a feature
/// acceptance criteria, an epic success criteria. A section counts by its heading, wherever it stands; --acceptance of
/// create and update writes that of the criteria. Exits 0 with findings, too, unless --check is given.
#[derive(clap::Args, Debug)]
#[command(after_long_help = "Examples:
  qp lint
  qp lint web-7k2m 3f9c
  qp lint --type bug --status all --json
  qp lint -l release-1.0 --check")]
pub struct LintArgs {
    /// Keys; without any, all issues that the flags select
    #[arg(value_name = "ID")]
    keys: Vec<String>,
    /// Exit 1 where anything is missing
    #[arg(long, visible_alias = "strict")]
    check: bool,
    /// Most issues to print; 0 for all
    #[arg(short = 'n', long, value_name = "N", default_value_t = 30)]
    limit: usize,
    #[command(flatten)]
    filter: FilterArgs,
}

/// An issue and what it lacks.
struct Finding {
    position: usize,
    missing: Vec<&'static str>,
}

impl Finding {
    fn document(&self, tracker: &Tracker) -> Value {
        let front = tracker.front(self.position);
        json!({
            "id": tracker.key(self.position), "title": front.title, "type": front.kind,
            "missing": self.missing, "warnings": self.missing.len(),
        })
    }

    fn line(&self) -> Line {
        let names: Vec<&str> = self.missing.iter().map(|name| name.trim_start_matches(['#', ' '])).collect();
        let remark = format!("(lacks {})", names.join(", ").to_lowercase());
        Line { position: self.position, remark, ..Line::default() }
    }
}

pub(super) fn run(args: &LintArgs, app: &mut App) -> Result<()> {
    let view = app.view()?;
    let tracker = &view.tracker;
    let now = app.context.now();
    let named = resolve_all(tracker, &args.keys)?;
    let mut filter = args.filter.resolve(app, tracker)?;
    // Who names an issue asks about it, closed or not.
    filter.all |= !named.is_empty();
    let mut positions = match named.is_empty() {
        true => query::select(tracker, &filter, now),
        false => named.into_iter().filter(|at| filter.matches(tracker, *at, now)).collect(),
    };
    query::sort(tracker, &mut positions, SortKey::Priority, false, now);
    let mut found = Vec::new();
    for position in &positions {
        let missing = missing_texts(&view.issue(*position)?);
        if !missing.is_empty() {
            found.push(Finding { position: *position, missing });
        }
    }
    let (issues, total) = (found.len(), found.iter().map(|f| f.missing.len()).sum::<usize>());
    let left_out = ShapeArgs::of(args.limit).cut(&mut found);
    if app.ui.json {
        let results: Vec<Value> = found.iter().map(|finding| finding.document(tracker)).collect();
        let document =
            json!({ "total": total, "issues": issues, "checked": positions.len(), "results": results });
        app.ui.document(&versioned(document))?;
    } else {
        table::print(&mut app.ui, tracker, &found.iter().map(Finding::line).collect::<Vec<_>>())?;
    }
    more(app, left_out);
    let verdict = match issues {
        0 => format!("{} looked at: nothing is missing", positions.len()),
        _ => format!("{issues} of {} lack something", positions.len()),
    };
    app.ui.note(&verdict);
    if args.check && issues > 0 { Err(Error::new(Kind::CheckFailed, "lint", verdict)) } else { Ok(()) }
}
