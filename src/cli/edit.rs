//! `qp edit`: an issue as a file in somebody's editor.
//!
//! Whatever goes wrong after the editor has closed, the text is kept in a file and the error says where.

use std::path::PathBuf;

use tempfile::NamedTempFile;

use super::app::{App, resolve};
use super::change::Change;
use super::{args, editor, report};
use crate::error::{Error, Kind, Result};
use crate::merge::three_way;
use crate::model::{Holder, Issue, IssueId};
use crate::output::text::one_line;
use crate::query::{changes, check_references, manuscript, read_manuscript};
use crate::store::Txn;

/// Edit an issue as a file, in your editor
///
/// Opens the file of the issue, references shown as keys, in $VISUAL, $EDITOR or git's core.editor. What others changed
/// in the meantime is brought together with your text. A text that is not valid is kept, and --from takes it when it is
/// corrected. Without a terminal use qp update, or --from.
#[derive(clap::Args, Debug)]
#[command(after_long_help = "Examples:
  qp edit web-7k2m
  qp edit web-7k2m --from /tmp/web-7k2m-Xy3f.md
  qp show web-7k2m --raw | sed s/colour/color/ | qp edit web-7k2m --from -")]
pub struct EditArgs {
    /// Key
    #[arg(value_name = "ID")]
    id: String,
    /// Take the text from a file instead of an editor; - reads standard input
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
}

/// The issue that an edit begins with.
struct Base {
    id: IssueId,
    key: String,
    issue: Issue,
}

pub(super) fn run(args: &EditArgs, app: &mut App) -> Result<()> {
    app.refuse_past()?;
    let shown = one_line(&args.id);
    if args.from.is_none() && (!app.ui.interactive || app.ui.json) {
        return Err(Error::usage("an editor needs a terminal").hint(format!(
            "qp update {shown} changes single fields, qp edit {shown} --from FILE takes a text"
        )));
    }
    let text = args.from.as_ref().map(|path| args::file(&app.context, path)).transpose()?;
    let view = app.view()?;
    let position = resolve(&view.tracker, &args.id)?;
    let issue = view.issue(position)?;
    let base = Base { id: issue.front.id, key: view.tracker.key(position), issue };
    if let Some(text) = text {
        check_current(&base, &text)?;
        return apply(app, &base, &text);
    }
    let before = manuscript(&view.tracker, &base.issue);
    let file = editor::write_draft(&base.key, &before)?;
    let ended = editor::open(app, file.path());
    let text = std::fs::read(file.path()).map_err(|e| {
        Error::new(Kind::Environment, "no_draft", format!("{} is gone", file.path().display())).because(e)
    })?;
    if text == before.as_bytes() {
        ended?;
        return report::changed(app, &view, &[(base.id, "unchanged".to_owned())]);
    }
    let applied = ended.and_then(|()| match std::str::from_utf8(&text) {
        Ok(text) => apply(app, &base, text),
        Err(_) => Err(Error::invalid("the text is not valid UTF-8")),
    });
    applied.map_err(|error| keep(file, &base.key, error))
}

/// A text without an editor says by its `updated_at` which version it was made from.
fn check_current(base: &Base, text: &str) -> Result<()> {
    let Ok(made_from) = Issue::read(text.as_bytes(), Some(base.id)) else { return Ok(()) };
    let (then, now) = (made_from.front.updated_at, base.issue.front.updated_at);
    if then == now {
        return Ok(());
    }
    let message = format!("{} was changed at {now}, and the text says updated_at: {then}", base.key);
    Err(Error::new(Kind::Conflict, "changed_since", message)
        .hint(format!("compare with qp show {} --raw, then write updated_at: {now} into the text", base.key)))
}

/// Keeps the text of a failed edit, and says where it is and how to go on with it.
fn keep(file: NamedTempFile, key: &str, error: Error) -> Error {
    match file.keep() {
        Ok((_, path)) => {
            let path = path.display();
            let error = error.within(&format!("your text is kept in {path}, because"));
            error.hint(format!("correct it, then qp edit {key} --from {path}"))
        }
        Err(_) => error,
    }
}

/// Writes an edited text: checked like any change, and merged with what others changed meanwhile.
fn apply(app: &mut App, base: &Base, text: &str) -> Result<()> {
    let holder = app.holder(&app.store()?);
    let done = app.transact("edit", |txn| {
        let position = txn.tracker().position(base.id).ok_or_else(|| {
            Error::new(Kind::NotFound, "not_found", format!("{} was deleted meanwhile", base.key))
        })?;
        let issue = edited(txn, position, base, text, &holder)?;
        let differing = changes(Some(&txn.issue(position)?), Some(&issue));
        txn.put(issue)?;
        txn.subject(report::subject("edit", txn.view(), &[position]));
        Ok(differing.is_empty())
    })?;
    let verb = if done.value { "unchanged" } else { "edited" };
    report::changed(app, &done.view, &[(base.id, verb.to_owned())])
}

fn edited(txn: &Txn<'_>, position: usize, base: &Base, text: &str, holder: &Holder) -> Result<Issue> {
    let tracker = txn.tracker();
    let mut issue = read_manuscript(tracker, &base.issue, text)
        .map_err(|e| Error::invalid(format!("line {}: {}", e.line, e.message)))?;
    check_references(tracker, &base.issue.front, &issue.front)?;
    // Status and assignee go the way of every change of the state, with its refusals.
    let mut state = Change::default();
    if issue.front.status != base.issue.front.status {
        state.status = Some(issue.front.status.as_str().to_owned());
        issue.front.status = base.issue.front.status.clone();
    }
    if issue.front.assignee != base.issue.front.assignee {
        state.fields.assignee = Some(issue.front.assignee.take());
        issue.front.assignee.clone_from(&base.issue.front.assignee);
    }
    state.reason.clone_from(&issue.front.close_reason);
    let current = txn.issue(position)?;
    let merged = three_way(Some(&base.issue), &current, &issue);
    if !merged.conflicts.is_empty() {
        let parts: Vec<&str> = merged.conflicts.iter().map(|c| c.field.as_str()).collect();
        let message = format!("{} was changed meanwhile in the same place: {}", base.key, parts.join(", "));
        return Err(
            Error::new(Kind::Conflict, "changed_since", message).hint(format!("qp show {}", base.key))
        );
    }
    let mut issue = merged.issue;
    state.change_state(&mut issue, position, txn, holder, &[position])?;
    if !issue.front.status.is_closed() {
        issue.front.close_reason = None;
    }
    Ok(issue)
}
