//! What writing commands print: the changed issues, as lines or as documents.

use serde_json::Value;

use super::app::{App, written};
use crate::error::Result;
use crate::model::IssueId;
use crate::output::json::{self, Object};
use crate::output::text::one_line;
use crate::store::View;

/// Returns the document of a written issue, with where it stands.
pub(super) fn document(view: &View, id: IssueId) -> Result<Object> {
    let position = written(view, id)?;
    let mut object = json::written(&view.tracker, position, &view.issue(position)?);
    object.insert("stored".to_owned(), view.stored().into());
    Ok(object)
}

/// Prints one line an issue, `<verb> <key>: <title>`, or an array of issues.
pub(super) fn changed(app: &mut App, view: &View, ids: &[(IssueId, String)]) -> Result<()> {
    if app.ui.json {
        let documents: Vec<Value> =
            ids.iter().map(|(id, _)| document(view, *id).map(Value::from)).collect::<Result<_>>()?;
        return app.ui.document(&documents.into());
    }
    for (id, verb) in ids {
        let position = written(view, *id)?;
        let title = one_line(&view.tracker.front(position).title);
        app.ui.line(format!("{verb} {}: {title}", view.tracker.key(position)))?;
    }
    Ok(())
}

/// Returns the subject of a commit: one issue with its title, several by their keys.
pub(super) fn subject(verb: &str, view: &View, positions: &[usize]) -> String {
    let tracker = &view.tracker;
    match positions {
        [only] => format!("{verb} {}: {}", tracker.key(*only), one_line(&tracker.front(*only).title)),
        many => {
            let keys: Vec<String> = many.iter().take(10).map(|p| tracker.key(*p)).collect();
            let more = if many.len() > keys.len() { ", …" } else { "" };
            format!("{verb} {} issues: {}{more}", many.len(), keys.join(", "))
        }
    }
}
