//! `qp undo`

use std::collections::HashSet;

use serde_json::{Value, json};

use super::app::App;
use super::changed::{self, IssueChange};
use super::log::{note_undone, summary};
use crate::error::{Error, Kind, Result};
use crate::merge::{TakenBack, take_back};
use crate::model::{Holder, Issue, IssueId, Row, Settings, Tracker};
use crate::output::changes::Shape;
use crate::output::json::versioned;
use crate::output::text::one_line;
use crate::store::{Change, LogEntry, SETTINGS, Txn, View, following};

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
struct Target {
    entry: LogEntry,
    /// It was taken back before.
    already: bool,
    /// The operation that would be next.
    older: Option<LogEntry>,
}

/// What taking back changes.
#[derive(Default)]
struct Plan {
    issues: Vec<(IssueId, Option<Issue>, Option<Issue>)>,
    files: Vec<Change>,
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
    let changes = store.changes(&target.entry)?;
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

/// Works out what changes, and refuses where anything was written since.
fn prepare(txn: &Txn<'_>, target: &Target, changes: &[Change]) -> Result<Plan> {
    let mut plan = Plan::default();
    let mut conflicts = Vec::new();
    for change in changes {
        let (before, after) = change.issues();
        let readable = change.old.is_some() == before.is_some() && change.new.is_some() == after.is_some();
        match change.issue_id().filter(|_| readable && !is_unreadable(txn.tracker(), &change.path)) {
            Some(id) => {
                let now = txn.tracker().position(id).map(|at| txn.issue(at)).transpose()?;
                match take_back(before.as_ref(), after.as_ref(), now.as_ref()) {
                    Ok(TakenBack::Nothing) => {}
                    Ok(TakenBack::Write(issue)) => plan.issues.push((id, now, Some(*issue))),
                    Ok(TakenBack::Delete) => plan.issues.push((id, now, None)),
                    Err(parts) => {
                        let parts = parts.join(", ").replace("state", "status");
                        conflicts
                            .push(format!("{} ({parts})", changed::key(txn.tracker(), id, after.as_ref())));
                    }
                }
            }
            None => match take_file_back(txn, change)? {
                Ok(file) => plan.files.extend(file),
                Err(path) => conflicts.push(path),
            },
        }
    }
    if !conflicts.is_empty() {
        return Err(changed_since(target, &conflicts));
    }
    if plan.issues.is_empty() && plan.files.is_empty() {
        return Err(nothing_left(target));
    }
    refuse_cycles(txn.tracker(), &plan)?;
    Ok(plan)
}

fn is_unreadable(tracker: &Tracker, path: &str) -> bool {
    tracker.unreadable.iter().any(|file| file.path == path)
}

/// Any other file: byte by byte. The prefixes that a tracker ever had stay, so that no written key dies.
fn take_file_back(txn: &Txn<'_>, change: &Change) -> Result<std::result::Result<Option<Change>, String>> {
    let now = txn.view().file(&change.path)?;
    let wanted =
        if change.path == SETTINGS { keep_prefixes(txn.tracker(), change) } else { change.old.clone() };
    Ok(if now == wanted || now == change.old {
        Ok(None)
    } else if now == change.new {
        Ok(Some(Change { path: change.path.clone(), old: now, new: wanted }))
    } else {
        Err(change.path.clone())
    })
}

fn keep_prefixes(tracker: &Tracker, change: &Change) -> Option<Vec<u8>> {
    let old = change.old.as_ref()?;
    let Ok(mut settings) = Settings::read(&String::from_utf8_lossy(old)) else { return Some(old.clone()) };
    settings.prefixes.extend(tracker.settings.prefixes.iter().cloned());
    Some(settings.write().into_bytes())
}

fn changed_since(target: &Target, conflicts: &[String]) -> Error {
    let what = match conflicts {
        [one] => one.clone(),
        many => format!("{} and {} more", many[0], many.len() - 1),
    };
    let entry = &target.entry;
    let message = format!("{what} was written since {}, so nothing is undone", entry.short());
    let key = what.split(' ').next().filter(|_| what.contains('(')).unwrap_or_default();
    let hint = format!("qp diff {key} --from {}", entry.short()).replace("  ", " ");
    Error::new(Kind::Conflict, "changed_since", message).hint(hint)
}

fn nothing_left(target: &Target) -> Error {
    let entry = &target.entry;
    let message = format!(
        "nothing is left to take back of {} ({}); a claim does not come back",
        entry.short(),
        one_line(&entry.message.subject)
    );
    let error = Error::new(Kind::Conflict, "nothing_left", message);
    match &target.older {
        Some(older) => error.hint(format!(
            "qp undo {} takes back the one before: {}",
            older.short(),
            one_line(&older.message.subject)
        )),
        None => error.hint("qp log"),
    }
}

/// A relation that comes back must not close a cycle with what was added since.
fn refuse_cycles(tracker: &Tracker, plan: &Plan) -> Result<()> {
    let changed = |row: &Row| plan.issues.iter().any(|(id, ..)| *id == row.front.id);
    let mut rows: Vec<Row> = tracker.rows.iter().filter(|row| !changed(row)).cloned().collect();
    rows.extend(plan.issues.iter().filter_map(|(_, _, new)| {
        let front = new.as_ref()?.front.clone();
        Some(Row { front, blob: Vec::new(), comments: 0 })
    }));
    let after = Tracker::new(tracker.settings.clone(), rows, Vec::new());
    let ids = |tracker: &Tracker| -> HashSet<Vec<IssueId>> {
        let named = |cycle: Vec<usize>| {
            let mut ids: Vec<IssueId> = cycle.into_iter().map(|at| tracker.front(at).id).collect();
            ids.sort_unstable();
            ids
        };
        tracker.graph().cycles().into_iter().map(named).collect()
    };
    let known = ids(tracker);
    match ids(&after).into_iter().filter(|cycle| !known.contains(cycle)).min() {
        None => Ok(()),
        Some(cycle) => {
            let keys: Vec<String> = cycle.into_iter().map(|id| after.key_of(id)).collect();
            let message = format!("that would close a cycle of waiting between {}", keys.join(", "));
            Err(Error::new(Kind::Conflict, "cycle", message).hint(format!("qp dep tree {}", keys[0])))
        }
    }
}

fn apply(txn: &mut Txn<'_>, plan: &Plan) -> Result<()> {
    for (id, now, wanted) in &plan.issues {
        match wanted {
            None => {
                warn_of_references(txn, *id, plan);
                txn.delete(*id);
            }
            Some(issue) => {
                let mut issue = issue.clone();
                if now.is_none() {
                    issue.front.updated_at = following(txn.now, issue.front.updated_at).0;
                }
                txn.put(issue)?;
            }
        }
    }
    for file in &plan.files {
        txn.put_file(&file.path, file.new.clone());
    }
    Ok(())
}

fn warn_of_references(txn: &mut Txn<'_>, id: IssueId, plan: &Plan) {
    let tracker = txn.tracker();
    let Some(at) = tracker.position(id) else { return };
    let stays =
        |row: &&Row| !plan.issues.iter().any(|(other, _, new)| *other == row.front.id && new.is_none());
    let refers =
        |row: &&Row| row.front.references().iter().any(|(_, r)| tracker.keys().resolve_ref(r) == Some(at));
    let keys: Vec<String> =
        tracker.rows.iter().filter(stays).filter(refers).map(|row| tracker.key_of(row.front.id)).collect();
    if !keys.is_empty() {
        let message = format!("{} refers to {}, which is gone", keys.join(", "), tracker.key(at));
        txn.warnings.push(message);
    }
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
        return app.ui.document(&versioned(value.as_object().cloned().unwrap_or_default()));
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
