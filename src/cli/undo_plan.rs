//! What taking an operation back changes, and everything that speaks against it.

use std::collections::HashSet;

use super::changed;
use super::undo::Target;
use crate::error::{Error, Kind, Result};
use crate::merge::{TakenBack, take_back};
use crate::model::{Front, Issue, IssueId, Row, Settings, Tracker};
use crate::output::text::one_line;
use crate::store::{Change, SETTINGS, Txn, following};

/// Most relations to deleted issues that are named.
const NAMED: usize = 5;

/// What taking back changes.
#[derive(Default)]
pub(super) struct Plan {
    /// The issue, as it is, and as it will be.
    pub issues: Vec<(IssueId, Option<Issue>, Option<Issue>)>,
    pub files: Vec<Change>,
}

/// Works out what changes, and refuses where anything was written since.
pub(super) fn prepare(txn: &Txn<'_>, target: &Target, changes: &[Change]) -> Result<Plan> {
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
                        let names: Vec<&str> = parts.iter().map(|part| shown(part)).collect();
                        let key = changed::key(txn.tracker(), id, after.as_ref());
                        conflicts.push(format!("{key} ({})", names.join(", ")));
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
    let after: Vec<_> =
        plan.issues.iter().map(|(id, _, new)| (*id, new.as_ref().map(|issue| &issue.front))).collect();
    refuse_cycles(txn.tracker(), &after)?;
    Ok(plan)
}

/// The state is merged as one value; what people know of it is the status.
fn shown(part: &str) -> &str {
    if part == "state" { "status" } else { part }
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
    let entry = &target.entry;
    let what = match conflicts {
        [one] => format!("{one} was"),
        many => format!("{} and {} more were", many[0], many.len() - 1),
    };
    let message = format!("{what} written since {}, so nothing is undone", entry.short());
    let hint = match conflicts[0].split_once(" (") {
        Some((key, _)) => format!("qp diff {key} --from {}", entry.short()),
        None => format!("qp diff --from {}", entry.short()),
    };
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
pub(super) fn refuse_cycles(tracker: &Tracker, issues: &[(IssueId, Option<&Front>)]) -> Result<()> {
    let changed: HashSet<IssueId> = issues.iter().map(|(id, _)| *id).collect();
    let mut rows: Vec<Row> =
        tracker.rows.iter().filter(|row| !changed.contains(&row.front.id)).cloned().collect();
    rows.extend(issues.iter().filter_map(|(_, front)| {
        let front = Front::clone((*front)?);
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

/// Puts a plan into a write.
pub(super) fn apply(txn: &mut Txn<'_>, plan: &Plan) -> Result<()> {
    warn_of_references(txn, plan);
    for (id, now, wanted) in &plan.issues {
        match wanted {
            None => txn.delete(*id),
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

/// Deleting changes no other issue, so those that refer to a deleted one are named.
fn warn_of_references(txn: &mut Txn<'_>, plan: &Plan) {
    let tracker = txn.tracker();
    let gone: HashSet<IssueId> =
        plan.issues.iter().filter(|(_, _, wanted)| wanted.is_none()).map(|(id, ..)| *id).collect();
    if gone.is_empty() {
        return;
    }
    let mut found = Vec::new();
    for row in tracker.rows.iter().filter(|row| !gone.contains(&row.front.id)) {
        for (_, target) in row.front.references() {
            let id = tracker.keys().resolve_ref(target).map(|at| tracker.front(at).id);
            if let Some(id) = id.filter(|id| gone.contains(id)) {
                found.push(format!("{} refers to {}", tracker.key_of(row.front.id), tracker.key_of(id)));
            }
        }
    }
    let more = found.len().saturating_sub(NAMED);
    found.truncate(NAMED);
    txn.warnings.extend(found.into_iter().map(|said| format!("{said}, which is gone")));
    if more > 0 {
        txn.warnings.push(format!("{more} more relations point nowhere now: qp doctor"));
    }
}
