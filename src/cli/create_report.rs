//! What `qp create` prints: new issues, those that were there already, and what would be created.

use serde_json::Value;

use super::app::App;
use super::draft::Written;
use super::{plan, report};
use crate::error::Result;
use crate::model::{Issue, IssueId, Row, Tracker};
use crate::output::{json, sheet, table};
use crate::store::View;

/// Prints the issue that an idempotency key has created before.
pub(super) fn exists(app: &mut App, view: &View, id: IssueId, silent: bool) -> Result<()> {
    if app.ui.json {
        let mut document = report::document(view, id)?;
        document.insert("existing".to_owned(), true.into());
        return app.ui.document(&json::versioned(document));
    }
    if silent {
        return app.ui.line(view.tracker.key_of(id));
    }
    report::changed(app, view, &[(id, "exists already".to_owned())])
}

/// Shows what would be written. New issues go by names that no command takes, because their keys do not exist yet.
pub(super) fn preview(app: &mut App, tracker: &Tracker, written: Written, many: bool) -> Result<()> {
    let Written { mut created, changed } = written;
    for (at, issue) in created.iter_mut().enumerate() {
        let name = if many { format!("new-{}", at + 1) } else { "new".to_owned() };
        issue.front.key.get_or_insert(name);
    }
    let row = |issue: &Issue| Row { front: issue.front.clone(), blob: Vec::new(), comments: 0 };
    let mut rows = tracker.rows.clone();
    let gone = changed.iter().map(|issue| issue.front.id).collect();
    rows.change(&gone, created.iter().chain(&changed).map(row));
    let after = Tracker::with_rows(tracker.settings.clone(), rows, Vec::new());
    let positions: Vec<usize> = created.iter().filter_map(|issue| after.position(issue.front.id)).collect();
    if app.ui.json {
        let documents = positions.iter().zip(&created).map(|(at, issue)| {
            let mut object = json::full_row(&after, *at, issue);
            object.shift_remove("uid");
            object.insert("dry_run".to_owned(), true.into());
            object
        });
        let mut documents: Vec<json::Object> = documents.collect();
        return match documents.pop() {
            Some(only) if !many => app.ui.document(&json::versioned(only)),
            last => app.ui.document(&documents.into_iter().chain(last).map(Value::from).collect()),
        };
    }
    app.ui.note("would create (nothing was written):");
    match (&created[..], &positions[..]) {
        ([issue], [at]) => sheet::print(&mut app.ui, &after, *at, issue, app.context.now()),
        _ => table::print(&mut app.ui, &after, &plan::outline(&after, &positions)),
    }
}

/// Prints created issues; `many` are printed as a list, even if there is only one.
pub(super) fn print(app: &mut App, view: &View, ids: &[IssueId], silent: bool, many: bool) -> Result<()> {
    if silent && !app.ui.json {
        for id in ids {
            app.ui.line(view.tracker.key_of(*id))?;
        }
        return Ok(());
    }
    if let ([id], false, true) = (ids, many, app.ui.json) {
        return app.ui.document(&json::versioned(report::document(view, *id)?));
    }
    let ids: Vec<_> = ids.iter().map(|id| (*id, "created".to_owned())).collect();
    report::changed(app, view, &ids)
}
