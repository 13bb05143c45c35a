//! `qp log`

use std::collections::HashSet;

use serde_json::{Value, json};

use super::app::App;
use super::changed::{self, IssueChange};
use super::dates;
use crate::error::Result;
use crate::model::{IssueId, Timestamp};
use crate::output::changes::{self, Shape};
use crate::output::json::Object;
use crate::output::sheet::short;
use crate::output::text::{one_line, pad, width};
use crate::store::{LogEntry, View, issue_path};

/// Show what was done, by whom and when
///
/// Newest first: commit, time, actor, subject. With an issue also what each operation changed in it. Deleted
/// issues have a history too.
#[derive(clap::Args, Debug)]
#[command(
    after_long_help = "Examples:\n  qp log\n  qp log web-7k2m\n  qp log web-7k2m -p\n  qp log --since yesterday --author claude --json"
)]
pub struct LogArgs {
    /// Only what changed this issue
    #[arg(value_name = "ID")]
    id: Option<String>,
    /// Most operations to print; 0 for all
    #[arg(short = 'n', long, value_name = "N", default_value_t = 20)]
    limit: usize,
    /// Only what was done since this time
    #[arg(long, visible_alias = "after", value_name = "DATE", allow_hyphen_values = true)]
    since: Option<String>,
    /// Only what was done by somebody whose name contains this
    #[arg(long, value_name = "NAME")]
    author: Option<String>,
    /// Show the changes, texts as differences
    #[arg(short, long)]
    patch: bool,
}

/// What the entries are chosen by.
struct Wanted {
    issue: Option<IssueId>,
    since: Option<Timestamp>,
    author: Option<String>,
}

pub(super) fn run(args: &LogArgs, app: &mut App) -> Result<()> {
    let view = app.view()?;
    let wanted = Wanted {
        issue: args.id.as_deref().map(|id| changed::resolve_past(&view, id)).transpose()?,
        since: args.since.as_deref().map(|text| dates::parse(text, app.context.now())).transpose()?,
        author: args.author.as_ref().map(|name| name.to_lowercase()),
    };
    let (mut entries, undone) = select(&view, &wanted, args.limit)?;
    let more = args.limit > 0 && entries.len() > args.limit;
    if more {
        entries.truncate(args.limit);
    }
    if app.ui.json {
        let documents: Vec<Value> = entries
            .iter()
            .map(|e| document(&view, e, &wanted, &undone, args.patch))
            .collect::<Result<_>>()?;
        app.ui.document(&documents.into())?;
    } else {
        let columns = entries.iter().map(|e| width(&one_line(e.actor()))).max().unwrap_or(0);
        for entry in &entries {
            print(app, entry, &undone, columns)?;
            details(app, &view, entry, &wanted, args.patch)?;
        }
    }
    if more {
        app.ui.note("… and earlier ones: -n 0 shows all");
    }
    if entries.is_empty() {
        app.ui.note("no operations");
    }
    Ok(())
}

/// Returns one entry more than the limit, and the names of the operations that were taken back.
fn select(view: &View, wanted: &Wanted, limit: usize) -> Result<(Vec<LogEntry>, HashSet<String>)> {
    let mut undone = HashSet::new();
    let most = if limit == 0 { usize::MAX } else { limit.saturating_add(1) };
    let entries = view.log(wanted.issue, most, |entry| {
        note_undone(entry, &mut undone);
        // The constant root says nothing.
        let root = entry.parents.is_empty() && entry.message.op().is_none();
        !root
            && wanted.since.is_none_or(|since| entry.time >= since)
            && wanted.author.as_ref().is_none_or(|name| entry.actor().to_lowercase().contains(name))
    })?;
    Ok((entries, undone))
}

/// Notes what an entry took back, unless it was itself taken back. Entries come newest first.
pub(super) fn note_undone(entry: &LogEntry, undone: &mut HashSet<String>) {
    if let Some(name) = entry.message.get("Quipu-Undo")
        && !undone.contains(&entry.name())
    {
        undone.insert(name.to_owned());
    }
}

fn print(app: &mut App, entry: &LogEntry, undone: &HashSet<String>, columns: usize) -> Result<()> {
    let mark = if undone.contains(&entry.name()) { " (undone)" } else { "" };
    let line = format!(
        "{}  {}  {}  {}{mark}",
        entry.short(),
        short(entry.time),
        pad(&one_line(entry.actor()), columns),
        one_line(&entry.message.subject),
    );
    app.ui.line(line)
}

/// Reads what an entry changed, as far as it is asked for.
fn changes_of(view: &View, entry: &LogEntry, wanted: &Wanted, patch: bool) -> Result<Vec<IssueChange>> {
    let touches = wanted.issue.map_or(!entry.issues.is_empty(), |id| entry.issues.contains(&id));
    if !touches || wanted.issue.is_none() && !patch {
        return Ok(Vec::new());
    }
    let path = wanted.issue.map(issue_path);
    let files = view.store().changes_in(entry, |other| path.as_deref().is_none_or(|path| path == other))?;
    Ok(changed::split(&view.tracker, files).0)
}

fn details(app: &mut App, view: &View, entry: &LogEntry, wanted: &Wanted, patch: bool) -> Result<()> {
    for change in changes_of(view, entry, wanted, patch)? {
        let shape = Shape { indent: 2, patch };
        if wanted.issue.is_some() {
            changes::print(&mut app.ui, &view.tracker, &change.changes, shape)?;
        } else {
            change.print(app, &view.tracker, shape)?;
        }
    }
    Ok(())
}

fn document(
    view: &View,
    entry: &LogEntry,
    wanted: &Wanted,
    undone: &HashSet<String>,
    patch: bool,
) -> Result<Value> {
    let mut object = summary(view, entry)?;
    object.insert("undone".to_owned(), undone.contains(&entry.name()).into());
    let trailers = entry.message.trailers.iter().map(|t| json!({ "name": t.name, "value": t.value }));
    object.insert("trailers".to_owned(), trailers.collect());
    if wanted.issue.is_some() || patch {
        let changed = changes_of(view, entry, wanted, patch)?;
        object.insert("changed".to_owned(), changed.iter().map(|c| c.document(&view.tracker)).collect());
    }
    Ok(object.into())
}

/// Returns what a document says of an operation.
pub(super) fn summary(view: &View, entry: &LogEntry) -> Result<Object> {
    let trailer = |name: &str| entry.message.get(name);
    let value = json!({
        "op": entry.message.op().map(|op| op.to_string()),
        "commit": entry.commit,
        "parents": entry.parents,
        "time": entry.time.to_string(),
        "actor": entry.actor(),
        "session": trailer("Quipu-Session"),
        "command": trailer("Quipu-Command"),
        "subject": entry.message.subject,
        "issues": changed::keys(view, entry)?,
        "undoes": trailer("Quipu-Undo"),
    });
    Ok(value.as_object().cloned().unwrap_or_default())
}
