//! `qp outbox list`: what is known of the files, and what is to be done about each.

use serde_json::{Value, json};

use super::app::App;
use super::kept;
use crate::error::Result;
use crate::output::text::{counted, one_line, pad, width};
use crate::store::{OutboxFile, OutboxState, Store};

pub(super) fn run(app: &mut App) -> Result<()> {
    let store = app.store()?;
    let files = store.outbox()?;
    if app.ui.json {
        return app.ui.document(&files.iter().map(document).collect::<Vec<_>>().into());
    }
    if files.is_empty() {
        app.ui.note("the outbox is empty");
    }
    let is_locked = !files.is_empty() && store.seems_locked();
    let is_refused = !files.is_empty() && is_refused(app, &store)?;
    let row = |file: &OutboxFile| {
        let travels = match file.state {
            OutboxState::New => is_locked,
            OutboxState::Here => is_locked || is_refused,
            _ => false,
        };
        let state = if travels { travelling(&store, file) } else { state(&file.state, is_locked) };
        [one_line(&file.name), counted(file.operations, "operation"), state]
    };
    let rows: Vec<[String; 3]> = files.iter().map(row).collect();
    let column = |at: usize| rows.iter().map(|row| width(&row[at])).max().unwrap_or(0);
    let widths = [column(0), column(1)];
    for [name, operations, state] in &rows {
        app.ui.advice(&format!("{}  {}  {state}", pad(name, widths[0]), pad(operations, widths[1])))?;
    }
    Ok(())
}

/// Tells whether the remote is known to refuse what is to be sent.
fn is_refused(app: &App, store: &Store) -> Result<bool> {
    let Some(standing) = store.standing()? else { return Ok(false) };
    Ok(kept::refusal(app, store, &standing)?.is_some())
}

/// Says what is known of a file that no sync gets further from here: it goes with the working tree.
fn travelling(store: &Store, file: &OutboxFile) -> String {
    let place = if file.state == OutboxState::New { "in use here" } else { "on the branch here" };
    let step = match store.is_committed(&file.name) {
        true => "it travels with your branch",
        false => "commit it with your work",
    };
    format!("{place}, not shared: {step}")
}

/// Says what is known of a file, and what to do about it.
fn state(state: &OutboxState, is_locked: bool) -> String {
    match state {
        OutboxState::Missing(_) if is_locked => {
            "builds upon commits that are not here: git fetch, where .git can be written".to_owned()
        }
        OutboxState::New => "not on the branch here: qp sync takes it in".to_owned(),
        OutboxState::Here => "on the branch here, not shared: qp sync".to_owned(),
        OutboxState::Shared => "shared: qp outbox prune removes it".to_owned(),
        OutboxState::Missing(_) => "builds upon commits that are not here: qp pull".to_owned(),
        OutboxState::Unreadable(why) => format!("unusable: {}", one_line(why)),
    }
}

/// Returns the document of a file.
pub(super) fn document(file: &OutboxFile) -> Value {
    let mut value = json!({
        "path": file.name,
        "session": file.session,
        "operations": file.operations,
        "state": file.state.word(),
        "prerequisites": file.prerequisites,
    });
    let mut put =
        |name: &str, what: Value| drop(value.as_object_mut().map(|o| o.insert(name.to_owned(), what)));
    if let Some(tip) = &file.tip {
        put("tip", tip.clone().into());
    }
    match &file.state {
        OutboxState::Missing(ids) => put("missing", ids.clone().into()),
        OutboxState::Unreadable(why) => put("reason", why.clone().into()),
        _ => {}
    }
    value
}
