//! `qp show --children` and `qp show --refs`: the issues around those that were named.

use serde_json::Value;

use super::app::App;
use super::shape::RowShape;
use crate::error::Result;
use crate::model::Tracker;
use crate::output::json;
use crate::output::table::{self, Line};
use crate::query::{self, SortKey};
use crate::store::View;

/// Lists the parts of issues, the oldest first, closed ones too.
pub(super) fn children(app: &mut App, view: &View, positions: &[usize]) -> Result<()> {
    let tracker = &view.tracker;
    let now = app.context.now();
    let mut found: Vec<usize> = positions.iter().flat_map(|at| tracker.graph().children(*at)).collect();
    query::sort(tracker, &mut found, SortKey::Oldest, false, now);
    if app.ui.json {
        return RowShape::whole(true).print(app, view, &found);
    }
    let lines: Vec<Line> = found.iter().map(|at| Line { position: *at, ..Line::default() }).collect();
    table::print(&mut app.ui, tracker, &lines)?;
    if found.is_empty() {
        app.ui.note(format!("{} has no parts", query::list_keys(tracker, positions)));
    }
    Ok(())
}

/// Lists what refers to issues, each with the kinds of its references.
pub(super) fn referrers(app: &mut App, view: &View, positions: &[usize]) -> Result<()> {
    let tracker = &view.tracker;
    if app.ui.json {
        let found = positions.iter().flat_map(|at| json::dependents(tracker, *at)).map(Value::from);
        return app.ui.document(&found.collect());
    }
    let lines: Vec<Line> = positions.iter().flat_map(|at| referring(tracker, *at)).collect();
    table::print(&mut app.ui, tracker, &lines)?;
    if lines.is_empty() {
        app.ui.note(format!("nothing refers to {}", query::list_keys(tracker, positions)));
    }
    Ok(())
}

fn referring(tracker: &Tracker, to: usize) -> impl Iterator<Item = Line> {
    tracker.graph().referrers(to).into_iter().map(move |at| {
        let references = tracker.front(at).references();
        let hits = references.iter().filter(|(_, target)| tracker.keys().resolve_ref(target) == Some(to));
        let kinds: Vec<String> = hits.map(|(kind, _)| kind.to_string()).collect();
        let remark = format!("({} {})", kinds.join(", "), tracker.key(to));
        Line { position: at, remark, ..Line::default() }
    })
}
