//! `qp dep list` and `qp dep cycles`

use serde_json::Value;

use super::app::{App, resolve_all};
use crate::error::{Error, Result};
use crate::model::{Relation, Tracker};
use crate::output::json::{self, Object};
use crate::output::table::{self, Line};
use crate::output::text::one_line;
use crate::query::parse_relation;

/// List the relations of issues
#[derive(clap::Args, Debug)]
#[command(
    after_long_help = "Examples:\n  qp dep list web-7k2m\n  qp dep list web-7k2m --direction up --type blocks"
)]
pub struct DepListArgs {
    /// Keys
    #[arg(value_name = "ID", required = true)]
    ids: Vec<String>,
    /// Which way: down to what it refers to, up to what refers to it, or both
    #[arg(long, value_name = "down|up|both", default_value = "down")]
    direction: String,
    /// Only relations of this type
    #[arg(short = 't', long = "type", value_name = "TYPE")]
    kind: Option<String>,
}

pub(super) fn run(args: &DepListArgs, app: &mut App) -> Result<()> {
    let (down, up) = match args.direction.as_str() {
        "down" => (true, false),
        "up" => (false, true),
        "both" => (true, true),
        other => {
            return Err(Error::usage(format!("unknown direction {other:?}")).hint("use down, up or both"));
        }
    };
    let wanted = args.kind.as_deref().map(parse_relation).transpose()?;
    let view = app.view()?;
    let tracker = &view.tracker;
    let positions = resolve_all(tracker, &args.ids)?;
    let mut documents: Vec<Value> = Vec::new();
    for position in &positions {
        let mut found = if down { json::dependencies(tracker, *position) } else { Vec::new() };
        if up {
            found.extend(json::dependents(tracker, *position));
        }
        let key = tracker.key(*position);
        let found: Vec<Object> = found.into_iter().filter(|entry| fits(entry, wanted.as_ref())).collect();
        if app.ui.json {
            documents.extend(found.into_iter().map(Value::from));
            continue;
        }
        let depth = usize::from(positions.len() > 1);
        if depth > 0 {
            let title = one_line(&tracker.front(*position).title);
            app.ui.line(format!("{}: {title}", tracker.key(*position)))?;
        }
        if found.is_empty() {
            let what = match (down, up) {
                (true, true) => "it refers to nothing, and nothing to it",
                (false, true) => "nothing refers to it",
                _ => "it refers to nothing",
            };
            app.ui.note(format!("{}: {what}", tracker.key(*position)));
        }
        lines(app, tracker, &found, depth, (down && up).then_some(&*key))?;
    }
    if app.ui.json { app.ui.document(&documents.into()) } else { Ok(()) }
}

fn fits(entry: &Object, wanted: Option<&Relation>) -> bool {
    wanted.is_none_or(|relation| kind(entry) == relation.as_str())
}

fn kind(entry: &Object) -> &str {
    entry.get("dependency_type").and_then(Value::as_str).unwrap_or_default()
}

/// Prints issues with the type of their relation, then references that point nowhere. Where relations of both ways
/// are among them, those of the others to `key` say so.
fn lines(app: &mut App, tracker: &Tracker, found: &[Object], depth: usize, key: Option<&str>) -> Result<()> {
    let remark = |entry: &Object| match key {
        Some(key) if entry.get("issue_id").and_then(Value::as_str) != Some(key) => {
            format!("({} {key})", Relation::from_text(kind(entry)).phrase())
        }
        _ => format!("({})", kind(entry)),
    };
    let place = |entry: &Object| {
        let uid = entry.get("uid").and_then(Value::as_str)?;
        tracker.position(crate::model::IssueId::parse(uid)?)
    };
    let rows: Vec<Line> = found
        .iter()
        .filter_map(|entry| {
            Some(Line { position: place(entry)?, depth, remark: remark(entry), ..Line::default() })
        })
        .collect();
    table::print(&mut app.ui, tracker, &rows)?;
    for entry in found.iter().filter(|entry| place(entry).is_none()) {
        let id = entry.get("id").and_then(Value::as_str).unwrap_or_default();
        let indent = "  ".repeat(depth);
        app.ui.line(format!("{indent}{}  not in this tracker  ({})", one_line(id), one_line(kind(entry))))?;
    }
    Ok(())
}

/// Prints the circles of waiting. They can come from hand-made changes and from imports only.
pub(super) fn cycles(app: &mut App) -> Result<()> {
    let view = app.view()?;
    let tracker = &view.tracker;
    let cycles = tracker.graph().cycles();
    if app.ui.json {
        let documents: Vec<Value> = cycles
            .iter()
            .map(|cycle| cycle.iter().map(|at| Value::from(json::issue(tracker, *at))).collect())
            .collect();
        return app.ui.document(&documents.into());
    }
    if cycles.is_empty() {
        app.ui.note("no issue waits for itself");
    }
    for cycle in &cycles {
        let keys: Vec<String> = cycle.iter().chain(cycle.first()).map(|at| tracker.key(*at)).collect();
        app.ui.line(keys.join(" → "))?;
    }
    Ok(())
}
