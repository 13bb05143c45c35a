//! `qp ready --explain`: a reason for every open issue.

use serde_json::{Value, json};

use super::app::App;
use super::list::more;
use super::shape::{RowShape, ShapeArgs};
use super::texts::TextArgs;
use super::{ready, selection};
use crate::error::Result;
use crate::model::Tracker;
use crate::output::json::{Object, versioned};
use crate::output::table::{self, Line};
use crate::query::{self, Candidate, Filter, Readiness, SortKey, describe, list_keys};
use crate::store::View;

/// What is asked of it, beside the ready issues themselves.
pub(super) struct Question<'a> {
    pub filter: &'a Filter,
    pub texts: &'a TextArgs,
    pub shape: &'a ShapeArgs,
    pub row: &'a RowShape,
}

/// Prints what is ready and why, what is not and why not, and what waits for itself.
pub(super) fn print(
    app: &mut App,
    view: &View,
    readiness: &Readiness,
    mut found: Vec<Candidate>,
    question: &Question<'_>,
) -> Result<()> {
    let tracker = &view.tracker;
    let Question { filter, texts, shape, row } = question;
    let now = readiness.now();
    let open = |at: &usize| !readiness.state(*at).is_ready() && !tracker.is_closed(*at);
    let mut others: Vec<usize> = selection::select(view, filter, now)?.into_iter().filter(open).collect();
    texts.keep(view, &mut others, |at| *at)?;
    query::sort(tracker, &mut others, SortKey::Priority, false, now);
    let cycles = open_cycles(tracker);
    let summary = json!({
        "total_ready": found.len(),
        "total_blocked": others.iter().filter(|at| readiness.is_blocked(**at)).count(),
        "total_not_ready": others.len(),
        "cycle_count": cycles.len(),
    });
    let heads = [format!("ready ({}):", found.len()), format!("not ready ({}):", others.len())];
    let left_out = shape.cut(&mut found) + shape.cut(&mut others);
    if app.ui.json {
        let ready = found.iter().map(|c| ready_row(view, readiness, c, row)).collect::<Result<Vec<_>>>()?;
        let blocked =
            others.iter().map(|at| other_row(view, readiness, *at, row)).collect::<Result<Vec<_>>>()?;
        let mut object = Object::new();
        object.insert("ready".to_owned(), ready.into());
        object.insert("blocked".to_owned(), blocked.into());
        if !cycles.is_empty() {
            let keys = |cycle: &Vec<usize>| cycle.iter().map(|at| tracker.key(*at)).collect::<Vec<_>>();
            object.insert("cycles".to_owned(), json!(cycles.iter().map(keys).collect::<Vec<_>>()));
        }
        object.insert("summary".to_owned(), summary);
        app.ui.document(&versioned(object))?;
    } else {
        app.ui.line(&heads[0])?;
        let line = |c: &Candidate| Line {
            position: c.position,
            depth: 1,
            remark: format!("({})", because(tracker, readiness, c)),
            ..Line::default()
        };
        table::print(&mut app.ui, tracker, &found.iter().map(line).collect::<Vec<_>>())?;
        app.ui.line(&heads[1])?;
        let line = |at: &usize| Line {
            position: *at,
            depth: 1,
            remark: format!("({})", reason(tracker, readiness, *at)),
            ..Line::default()
        };
        table::print(&mut app.ui, tracker, &others.iter().map(line).collect::<Vec<_>>())?;
        for cycle in &cycles {
            app.ui.line(format!("these wait for each other: {}", list_keys(tracker, cycle)))?;
        }
    }
    more(app, left_out);
    Ok(())
}

/// Whoever is closed holds nobody up.
fn open_cycles(tracker: &Tracker) -> Vec<Vec<usize>> {
    let open = |cycle: &Vec<usize>| cycle.iter().all(|at| !tracker.is_closed(*at));
    tracker.graph().cycles().into_iter().filter(open).collect()
}

fn resolved(tracker: &Tracker, at: usize) -> Vec<usize> {
    tracker.graph().blockers(at).filter(|b| tracker.is_closed(*b)).collect()
}

/// Says why an issue is ready, and what speaks against taking it all the same.
fn because(tracker: &Tracker, readiness: &Readiness, candidate: &Candidate) -> String {
    let at = candidate.position;
    let resolved = resolved(tracker, at);
    let reason = match describe(tracker, readiness, at, readiness.state(at)).strip_prefix("ready: ") {
        Some(lapsed) => lapsed.to_owned(),
        None if resolved.is_empty() => "nothing blocks it".to_owned(),
        None => format!("closed before it: {}", list_keys(tracker, &resolved)),
    };
    match candidate.overlaps {
        Some(other) => format!("{reason}; {}", ready::same_files(tracker, other)),
        None => reason,
    }
}

/// Says everything that keeps an issue from being ready.
pub(super) fn reason(tracker: &Tracker, readiness: &Readiness, at: usize) -> String {
    let reasons = readiness.reasons(at).into_iter().map(|s| describe(tracker, readiness, at, s));
    reasons.collect::<Vec<_>>().join("; ")
}

fn ready_row(view: &View, readiness: &Readiness, candidate: &Candidate, shape: &RowShape) -> Result<Value> {
    let tracker = &view.tracker;
    let mut object = ready::document(view, readiness, candidate, shape)?;
    let resolved: Vec<String> =
        resolved(tracker, candidate.position).into_iter().map(|at| tracker.key(at)).collect();
    object.insert("reason".to_owned(), because(tracker, readiness, candidate).into());
    object.insert("resolved_blockers".to_owned(), resolved.into());
    Ok(shape.pick(object).into())
}

fn other_row(view: &View, readiness: &Readiness, at: usize, shape: &RowShape) -> Result<Value> {
    let tracker = &view.tracker;
    let mut object = shape.row(view, at)?;
    let blockers: Vec<Value> = (readiness.waits_for(tracker, at).into_iter())
        .map(|(blocker, via)| {
            let front = tracker.front(blocker);
            let mut entry = Object::new();
            entry.insert("id".to_owned(), tracker.key(blocker).into());
            entry.insert("title".to_owned(), front.title.clone().into());
            entry.insert("status".to_owned(), front.status.as_str().into());
            entry.insert("priority".to_owned(), front.priority.number().into());
            entry.extend(via.map(|ancestor| ("via".to_owned(), tracker.key(ancestor).into())));
            entry.into()
        })
        .collect();
    object.insert("state".to_owned(), readiness.state(at).name().into());
    object.insert("reason".to_owned(), reason(tracker, readiness, at).into());
    object.insert("blocked_by_count".to_owned(), blockers.len().into());
    object.insert("blocked_by".to_owned(), blockers.into());
    Ok(shape.pick(object).into())
}
