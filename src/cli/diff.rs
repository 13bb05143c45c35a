//! `qp diff`

use serde_json::{Value, json};

use super::app::{App, resolve};
use super::changed::{self, IssueChange};
use super::moment;
use crate::error::{Error, Kind, Result};
use crate::model::IssueId;
use crate::output::changes::{self, Shape};
use crate::output::json::versioned;
use crate::output::text::one_line;
use crate::store::{Change, Moment, Store, View};

/// Show what changed between two moments
///
/// Issue by issue and field by field; texts as unified differences. Without --from: since the operation before.
/// A date means its beginning in --from and its end in --to.
#[derive(clap::Args, Debug)]
#[command(
    after_long_help = "Examples:\n  qp diff\n  qp diff --from yesterday\n  qp diff web-7k2m --from 2026-01-05 --to 2026-01-07\n  qp diff --from 3fa9c21d0 --short"
)]
pub struct DiffArgs {
    /// Only what changed in this issue
    #[arg(value_name = "ID")]
    id: Option<String>,
    /// The moment before: a commit, an operation, a date or a time
    #[arg(long, visible_alias = "since", value_name = "MOMENT", allow_hyphen_values = true)]
    from: Option<String>,
    /// The moment after; now unless given
    #[arg(long, visible_alias = "until", value_name = "MOMENT", allow_hyphen_values = true)]
    to: Option<String>,
    /// Print one line an issue
    #[arg(long, visible_alias = "stat")]
    short: bool,
}

pub(super) fn run(args: &DiffArgs, app: &mut App) -> Result<()> {
    let store = app.store()?;
    let new = match &args.to {
        Some(text) => moment::end(app, &store, text)?,
        None => app.view()?,
    };
    let old = match &args.from {
        Some(text) => moment::beginning(app, &store, text)?,
        None => before(&store, &new)?,
    };
    let only = args.id.as_deref().map(|id| find(&old, &new, id)).transpose()?;
    let (mut issues, mut rest) = changed::between(&old, &new)?;
    if let Some(id) = only {
        issues.retain(|issue| issue.id == id);
        rest.retain(|file| file.issue_id() == Some(id));
    }
    if app.ui.json {
        return document(app, [&old, &new], &issues, &rest);
    }
    if issues.is_empty() && rest.is_empty() {
        app.ui.note("no differences");
    }
    print(app, &new, &issues, &rest, args.short)
}

/// The tracker before the newest operation of `view`.
fn before(store: &Store, view: &View) -> Result<View> {
    let missing = || Error::new(Kind::NotFound, "no_such_moment", "there is no operation before this one");
    let entry = store.operation(&view.commit())?;
    let parent = entry.parents.first().ok_or_else(|| missing().hint("qp log"))?;
    store.view_at(&Moment::Commit(parent.clone()))
}

/// Finds an issue in the later tracker, else in the earlier one.
fn find(old: &View, new: &View, input: &str) -> Result<IssueId> {
    let of = |view: &View| resolve(&view.tracker, input).map(|at| view.tracker.front(at).id);
    of(new).or_else(|error| of(old).map_err(|_| error))
}

fn print(app: &mut App, view: &View, issues: &[IssueChange], rest: &[Change], short: bool) -> Result<()> {
    let shape = Shape { indent: 0, patch: true };
    for issue in issues {
        if short {
            app.ui.line(format!("{} {}: {}{}", issue.verb, issue.key, issue.title, parts(issue)))?;
        } else {
            issue.print(app, &view.tracker, shape)?;
        }
    }
    for file in rest {
        let verb = verb(file);
        let old = file.old.as_deref().map(String::from_utf8_lossy).unwrap_or_default();
        let new = file.new.as_deref().map(String::from_utf8_lossy).unwrap_or_default();
        let name = format!("{verb} {}", one_line(&file.path));
        // What an import said is in the issues too, and a losing copy has a command of its own.
        let copy = file.path.starts_with("imports/") || file.path.starts_with("attic/");
        if short || copy {
            app.ui.line(name)?;
        } else {
            changes::print_text(&mut app.ui, &name, &old, &new, shape)?;
        }
    }
    Ok(())
}

fn verb(file: &Change) -> &'static str {
    match (&file.old, &file.new) {
        (None, _) => "created",
        (_, None) => "deleted",
        _ => "changed",
    }
}

/// Names the parts of a changed issue.
fn parts(issue: &IssueChange) -> String {
    let names = changes::names(&issue.changes);
    if issue.verb == "changed" { format!(" ({})", names.join(", ")) } else { String::new() }
}

fn document(app: &mut App, [old, new]: [&View; 2], issues: &[IssueChange], rest: &[Change]) -> Result<()> {
    let issues: Vec<Value> = issues.iter().map(|issue| issue.document(&new.tracker)).collect();
    let files: Vec<Value> =
        rest.iter().map(|file| json!({ "path": file.path, "change": verb(file) })).collect();
    let value = json!({ "from": old.commit(), "to": new.commit(), "issues": issues, "files": files });
    app.ui.document(&versioned(value))
}
