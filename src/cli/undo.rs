//! `qp undo`

use std::collections::HashSet;

use serde_json::{Value, json};

use super::app::App;
use super::changed::IssueChange;
use super::log::{note_undone, summary};
use super::undo_plan::{Plan, apply, prepare};
use crate::error::{Error, Kind, Result};
use crate::model::{Holder, IssueId};
use crate::output::changes::Shape;
use crate::output::json::versioned;
use crate::output::text::one_line;
use crate::store::{Change, LogEntry, View};

/// Take an operation back
///
/// The newest one of this actor and session that still stands, or the named one, whoever did it. Only what it wrote
/// is touched; where somebody has written the same since, nothing changes. A claim does not come back: the issue
/// is open again. Doing it twice goes one further back, and an undo can itself be undone by naming it.
#[derive(clap::Args, Debug)]
#[command(after_long_help = "Examples:\n  qp undo\n  qp undo --dry-run\n  qp undo 3fa9c21d0")]
pub struct UndoArgs {
    /// The operation: its commit or its ULID, as qp log shows them
    #[arg(value_name = "OP")]
    op: Option<String>,
    /// Show what would change, without changing it
    #[arg(short = 'n', long)]
    dry_run: bool,
}

/// Most issues whose changes are printed.
const SHOWN: usize = 20;

/// The operation that is to be taken back.
pub(super) struct Target {
    pub entry: LogEntry,
    /// It was taken back before.
    pub already: bool,
    /// The operation that would be next.
    pub older: Option<LogEntry>,
}

pub(super) fn run(args: &UndoArgs, app: &mut App) -> Result<()> {
    let store = app.store()?;
    let view = store.view()?;
    let holder = app.holder(&store);
    let target = match &args.op {
        Some(name) => named(&view, name)?,
        None => newest(&view, &holder)?,
    };
    if target.already {
        return print(
            app,
            &view,
            &target,
            &Plan::default(),
            &Outcome { already: true, ..Outcome::default() },
        );
    }
    refuse(&target.entry)?;
    let changes = view.store().changes(&target.entry)?;
    if args.dry_run {
        let plan = store.rehearse(&app.context, &view, |txn| prepare(txn, &target, &changes))?;
        return print(app, &view, &target, &plan, &Outcome { dry_run: true, ..Outcome::default() });
    }
    let done = app.transact("undo", |txn| {
        let plan = prepare(txn, &target, &changes)?;
        apply(txn, &plan)?;
        txn.subject(format!("undo: {}", target.entry.message.subject));
        txn.trailer("Quipu-Undo", &target.entry.name());
        Ok(plan)
    })?;
    let outcome = Outcome { commit: done.commit, op: Some(done.op), ..Outcome::default() };
    print(app, &done.view, &target, &done.value, &outcome)
}

/// Finds the named operation in the history of the branch.
fn named(view: &View, name: &str) -> Result<Target> {
    let commit = view.store().operation(name)?.commit;
    let mut undone = HashSet::new();
    let mut already = false;
    let found = view.log(None, 1, |entry| {
        note_undone(entry, &mut undone);
        already = undone.contains(&entry.name());
        entry.commit == commit
    })?;
    let missing = || {
        let message = format!("{} is not in the history of the branch", one_line(name));
        Error::new(Kind::NotFound, "no_such_commit", message).hint("qp log")
    };
    let entry = found.into_iter().next().ok_or_else(missing)?;
    Ok(Target { entry, already, older: None })
}

/// Finds the newest operation of `holder` that still stands and is itself no undo, and the one before.
fn newest(view: &View, holder: &Holder) -> Result<Target> {
    let mut undone = HashSet::new();
    let found = view.log(None, 2, |entry| {
        note_undone(entry, &mut undone);
        let message = &entry.message;
        message.get("Quipu-Actor") == Some(&holder.actor)
            && message.get("Quipu-Session").unwrap_or_default() == holder.session
            && message.get("Quipu-Undo").is_none()
            && !undone.contains(&entry.name())
            && refuse(entry).is_ok()
    })?;
    let mut found = found.into_iter();
    let Some(entry) = found.next() else {
        let Holder { actor, session } = holder;
        let message = format!("{actor} has nothing left to undo in session {session}");
        return Err(Error::new(Kind::NotFound, "nothing_to_undo", message)
            .hint("qp log shows all operations, qp undo COMMIT takes back any of them"));
    };
    Ok(Target { entry, already: false, older: found.next() })
}

/// Refuses what cannot be taken back at all.
fn refuse(entry: &LogEntry) -> Result<()> {
    let error = |message: String| Err(Error::new(Kind::Conflict, "cannot_undo", message));
    if entry.is_merge() {
        return error(format!("{} is a merge; what it decided against is in the attic", entry.short()))
            .map_err(|e| e.hint("qp attic"));
    }
    if entry.parents.is_empty() || entry.message.get("Quipu-Command") == Some("init") {
        return error(format!("{} started the tracker", entry.short())).map_err(|e| e.hint("qp log"));
    }
    Ok(())
}

/// How it ended.
#[derive(Default)]
struct Outcome {
    already: bool,
    dry_run: bool,
    commit: Option<String>,
    op: Option<IssueId>,
}

fn print(app: &mut App, view: &View, target: &Target, plan: &Plan, outcome: &Outcome) -> Result<()> {
    let mut issues: Vec<IssueChange> = (plan.issues.iter())
        .filter_map(|(id, old, new)| IssueChange::new(&view.tracker, *id, old.as_ref(), new.as_ref()))
        .collect();
    issues.sort_by_key(|issue| issue.id);
    for issue in issues.iter_mut().filter(|issue| issue.verb == "created") {
        issue.verb = "restored";
    }
    let verb = |file: &Change| if file.new.is_none() { "deleted" } else { "restored" };
    if app.ui.json {
        let files = plan.files.iter().map(|file| json!({ "path": file.path, "change": verb(file) }));
        let value = json!({
            "undone": summary(view, &target.entry)?,
            "already_undone": outcome.already,
            "dry_run": outcome.dry_run,
            "op": outcome.op.map(|op| op.to_string()),
            "commit": outcome.commit,
            "issues": issues.iter().map(|issue| issue.document(&view.tracker)).collect::<Vec<Value>>(),
            "files": files.collect::<Vec<Value>>(),
        });
        return app.ui.document(&versioned(value));
    }
    let word = match outcome {
        Outcome { already: true, .. } => "undone already",
        Outcome { dry_run: true, .. } => "would undo",
        _ => "undid",
    };
    app.ui.line(format!("{word} {}: {}", target.entry.short(), one_line(&target.entry.message.subject)))?;
    for issue in issues.iter().take(SHOWN) {
        issue.print(app, &view.tracker, Shape { indent: 2, patch: false })?;
    }
    for file in plan.files.iter().take(SHOWN) {
        app.ui.line(format!("  {} {}", verb(file), one_line(&file.path)))?;
    }
    let more = issues.len().saturating_sub(SHOWN) + plan.files.len().saturating_sub(SHOWN);
    if more > 0 {
        app.ui.line(format!("  … and {more} more"))?;
    }
    Ok(())
}
