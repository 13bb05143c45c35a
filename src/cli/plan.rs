//! `qp create -f`: many issues from one Markdown file.

use std::collections::HashSet;
use std::path::Path;

use super::app::App;
use super::args::{self, split};
use super::create::reference;
use super::draft::{Draft, Place, Target};
use crate::error::{Error, Result};
use crate::import::plan::{Item, Plan, Target as Planned, Value};
use crate::model::{Timestamp, Tracker};
use crate::output::table::Line;
use crate::query;

/// Reads a plan file.
pub(super) fn read(app: &mut App, path: &Path) -> Result<Vec<Draft>> {
    let (text, name) = args::bulk_file(&app.context, path)?;
    let plan =
        Plan::read(&text).map_err(|e| Error::invalid(format!("{name} line {}: {}", e.line, e.message)))?;
    if plan.preamble {
        app.ui.note(format!("the text above the first heading of {name} belongs to no issue"));
    }
    let now = app.context.now();
    let parts = |at: usize| plan.items.iter().any(|item| item.parent == Some(at));
    (plan.items.iter().enumerate()).map(|(at, item)| draft(item, parts(at), now, &name)).collect()
}

fn draft(item: &Item, has_parts: bool, now: Timestamp, name: &str) -> Result<Draft> {
    let within = |line: usize| move |e: Error| e.within(&format!("{name} line {line}"));
    let kind_line = item.values.iter().find(|v| v.field == "type").map(|v| v.line);
    let place = Place { file: name.to_owned(), line: item.line, kind_line };
    let mut draft = Draft { place: Some(place), ..Draft::default() };
    draft.fields.title = Some(item.title.clone());
    // What has parts is there to hold them.
    draft.fields.kind = has_parts.then(|| "epic".to_owned());
    for (section, text) in &item.texts {
        match *section {
            "notes" => draft.notes.clone_from(text),
            section => draft.fields.texts.push((section, text.clone())),
        }
    }
    for value in &item.values {
        set(&mut draft, value, now).map_err(within(value.line))?;
    }
    if let Some(parent) = item.parent {
        draft.references.push(reference("parent-child", Target::Draft(parent), None)?);
    }
    for planned in &item.references {
        let target = match &planned.target {
            Planned::Item(at) => Target::Draft(*at),
            Planned::Key(key) => Target::Key(key.clone()),
        };
        let made = reference(&planned.kind, target, Some(planned.line)).map_err(within(planned.line))?;
        draft.references.push(made);
    }
    Ok(draft)
}

fn set(draft: &mut Draft, value: &Value, now: Timestamp) -> Result<()> {
    let text = value.text.trim().trim_matches('`');
    let words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
    match value.field {
        "labels" => draft.labels.extend(args::labels(&words)?),
        "paths" => draft.paths.extend(split(&words)),
        "assignee" => drop(draft.fields.set("assignee", text.trim_start_matches('@'), now)?),
        field => drop(draft.fields.set(field, text, now)?),
    }
    Ok(())
}

/// Lines of a listing that shows issues in their order, parts below what they are a part of, with what they wait for.
pub(super) fn outline(tracker: &Tracker, positions: &[usize]) -> Vec<Line> {
    let graph = tracker.graph();
    let shown: HashSet<usize> = positions.iter().copied().collect();
    let line = |at: &usize| {
        let blockers: Vec<usize> = graph.blockers(*at).collect();
        let remark = if blockers.is_empty() {
            String::new()
        } else {
            format!("blocked by {}", query::list_keys(tracker, &blockers))
        };
        let depth = graph.ancestors(*at).iter().filter(|a| shown.contains(a)).count();
        Line { position: *at, depth, remark, ..Line::default() }
    };
    positions.iter().map(line).collect()
}
