//! Changes to existing issues: what `update` and its shortcuts ask for, and how it is done within a write.

use std::collections::BTreeSet;

use super::fields::FieldChanges;
use super::report;
use crate::error::{Error, Kind, Result};
use crate::model::{Holder, Issue, IssueId, Status, Tracker};
use crate::output::json;
use crate::query::{CloseStep, EdgeCheck, EdgeKind, changes, may_change_state, may_close, parse_status};
use crate::store::Txn;

/// Everything that may change in an issue. The default changes nothing.
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) struct Change {
    pub fields: FieldChanges,
    /// The status as typed.
    pub status: Option<String>,
    /// Why, where the status becomes closed.
    pub reason: Option<String>,
    /// Change the state in spite of blockers, children and claims.
    pub force: bool,
    pub notes: Option<Notes>,
    pub labels: SetChange,
    pub paths: SetChange,
    pub metadata: Vec<(String, Option<String>)>,
}

/// What happens to the notes.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Notes {
    /// The text is added behind a blank line.
    Append(String),
    /// The text takes the place of what is there.
    Replace(String),
}

/// What happens to a set of texts: first all of it is replaced, then some added, then some removed.
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) struct SetChange {
    pub replace: Option<BTreeSet<String>>,
    pub add: BTreeSet<String>,
    pub remove: BTreeSet<String>,
}

/// What became of one issue.
#[derive(Debug, Clone)]
pub(super) struct Outcome {
    pub id: IssueId,
    pub verb: &'static str,
}

impl SetChange {
    fn apply(&self, set: &mut BTreeSet<String>) {
        if let Some(all) = &self.replace {
            set.clone_from(all);
        }
        set.extend(self.add.iter().cloned());
        set.retain(|item| !self.remove.contains(item));
    }
}

impl Change {
    /// Changes several issues within a write, all or none.
    pub fn apply(&self, txn: &mut Txn<'_>, positions: &[usize], holder: &Holder) -> Result<Vec<Outcome>> {
        let mut edges = EdgeCheck::new(txn.tracker());
        let mut outcomes = Vec::new();
        let mut changed: Vec<String> = Vec::new();
        for position in positions {
            let before = txn.issue(*position)?;
            let mut issue = before.clone();
            self.fields.apply(&mut issue, txn.tracker())?;
            self.labels.apply(&mut issue.front.labels);
            self.paths.apply(&mut issue.front.paths);
            self.change_metadata(&mut issue);
            self.change_notes(&mut issue);
            self.change_parent(&mut issue, *position, txn, &mut edges)?;
            let verb = self.change_state(&mut issue, *position, txn, holder, positions)?;
            let differing = changes(Some(&before), Some(&issue));
            let verb = if differing.is_empty() { "unchanged" } else { verb.unwrap_or("updated") };
            outcomes.push(Outcome { id: issue.front.id, verb });
            for part in differing {
                if !changed.iter().any(|name| name == part.name()) {
                    changed.push(part.name().to_owned());
                }
            }
            txn.put(issue)?;
        }
        let verb = match outcomes.iter().map(|o| o.verb).find(|v| *v != "unchanged") {
            Some("closed") => "close".to_owned(),
            _ => format!("update {} of", name_some(&changed)),
        };
        txn.subject(report::subject(&verb, txn.view(), positions));
        Ok(outcomes)
    }

    fn change_metadata(&self, issue: &mut Issue) {
        for (name, value) in &self.metadata {
            match value {
                Some(json) => drop(issue.front.metadata.insert(name.clone(), json.clone())),
                None => drop(issue.front.metadata.remove(name)),
            }
        }
    }

    fn change_notes(&self, issue: &mut Issue) {
        let notes = &mut issue.body.notes;
        match &self.notes {
            Some(Notes::Append(text)) if !notes.trim().is_empty() => {
                notes.push_str("\n\n");
                notes.push_str(text);
            }
            Some(Notes::Append(text) | Notes::Replace(text)) => text.clone_into(notes),
            None => {}
        }
    }

    fn change_parent(
        &self,
        issue: &mut Issue,
        position: usize,
        txn: &Txn<'_>,
        edges: &mut EdgeCheck<'_>,
    ) -> Result<()> {
        let tracker = txn.tracker();
        let Some(key) = &self.fields.parent else { return Ok(()) };
        if key.trim().is_empty() {
            issue.front.parent = None;
            edges.remove_parent(position);
            return Ok(());
        }
        let parent = super::app::resolve(tracker, key)?;
        if tracker.graph().parent(position) != Some(parent) {
            edges.add(position, parent, EdgeKind::Parent)?;
        }
        issue.front.parent = Some(tracker.front(parent).id.into());
        Ok(())
    }

    /// Takes out what a claim sets by itself, status and assignee; the flags may only repeat it.
    pub fn beside_claim(&self, tracker: &Tracker, holder: &Holder) -> Result<Change> {
        let status = self.status.as_deref().map(|s| parse_status(s, tracker)).transpose()?;
        if status.is_some_and(|s| s != Status::InProgress) {
            return Err(Error::usage("a claim makes the status in_progress").hint("leave out --status"));
        }
        match &self.fields.assignee {
            Some(name) if name.as_ref() != Some(&holder.actor) => {
                return Err(Error::usage(format!("a claim makes {} the assignee", holder.actor))
                    .hint("leave out --assignee, or claim under another name with --as NAME"));
            }
            _ => {}
        }
        let mut change = Change { status: None, ..self.clone() };
        change.fields.assignee = None;
        Ok(change)
    }

    /// Changes status, assignee and claim, which are one value; returns the word for it, where there is one.
    pub fn change_state(
        &self,
        issue: &mut Issue,
        position: usize,
        txn: &Txn<'_>,
        holder: &Holder,
        batch: &[usize],
    ) -> Result<Option<&'static str>> {
        let tracker = txn.tracker();
        let front = &mut issue.front;
        let status = self.status.as_deref().map(|s| parse_status(s, tracker)).transpose()?;
        let status = status.filter(|s| *s != front.status);
        let assignee = self.fields.assignee.clone().filter(|a| *a != front.assignee);
        if status == Some(Status::Closed) {
            if !self.force && may_close(tracker, position, holder, txn.now, batch)? == CloseStep::Nothing {
                return Err(Error::bug("an issue that is not closed counts as closed"));
            }
            if let Some(assignee) = assignee {
                front.assignee = assignee;
            }
            front.close(&holder.actor, self.reason.clone(), txn.now);
            return Ok(Some("closed"));
        }
        if status.is_none() && assignee.is_none() {
            return Ok(None);
        }
        if !self.force {
            may_change_state(tracker, position, holder, txn.now)?;
        }
        let chosen = self.status.is_some();
        if let Some(status) = status {
            front.set_status(status, &holder.actor, txn.now);
        }
        if let Some(assignee) = assignee {
            if front.status == Status::InProgress {
                // The claim was the other's. Without anybody to do it, it is not being done either.
                front.reset_claim();
                if assignee.is_none() && !chosen {
                    front.status = Status::Open;
                }
            }
            front.assignee = assignee;
        }
        Ok(None)
    }
}

/// Names up to four fields.
fn name_some(fields: &[String]) -> String {
    match fields.len() {
        0..=4 => fields.join(", "),
        count => format!("{} and {} more", fields[..3].join(", "), count - 3),
    }
}

/// Refuses where an issue is not as the caller expects it.
#[derive(Debug, Default, Clone)]
pub(super) struct Condition {
    /// One of these statuses, as typed.
    pub statuses: Option<Vec<String>>,
    /// This assignee; `None` inside for nobody.
    pub assignee: Option<Option<String>>,
    /// This version: its `rev`, at least the beginning of it, or its `updated_at`.
    pub rev: Option<String>,
}

impl Condition {
    /// Checks the condition for several issues.
    pub fn check(&self, txn: &Txn<'_>, positions: &[usize]) -> Result<()> {
        let tracker = txn.tracker();
        let statuses = self.statuses.as_ref();
        let statuses: Option<Vec<Status>> = statuses
            .map(|words| words.iter().map(|w| parse_status(w, tracker)).collect::<Result<_>>())
            .transpose()?;
        for position in positions {
            let front = tracker.front(*position);
            let key = tracker.key(*position);
            let fail = |message: String| {
                Err(Error::new(Kind::Conflict, "condition_failed", message).hint(format!("qp show {key}")))
            };
            if let Some(statuses) = &statuses
                && !statuses.contains(&front.status)
            {
                let wanted: Vec<&str> = statuses.iter().map(Status::as_str).collect();
                return fail(format!("{key} is {}, not {}", front.status, wanted.join(" or ")));
            }
            if let Some(wanted) = &self.assignee
                && *wanted != front.assignee
            {
                let name = |a: &Option<String>| a.clone().unwrap_or_else(|| "nobody".to_owned());
                return fail(format!(
                    "{key} is assigned to {}, not to {}",
                    name(&front.assignee),
                    name(wanted)
                ));
            }
            if let Some(wanted) = &self.rev
                && !is_rev(txn, *position, wanted)?
            {
                return fail(format!(
                    "{key} was changed at {}: it is not {wanted} any more",
                    front.updated_at
                ));
            }
        }
        Ok(())
    }
}

/// Shortest beginning of a `rev` that counts.
const SHORTEST_REV: usize = 7;

/// Tells whether an issue has the version that was named.
fn is_rev(txn: &Txn<'_>, position: usize, wanted: &str) -> Result<bool> {
    let wanted = wanted.trim();
    if let Some(time) = crate::model::Timestamp::parse(wanted) {
        return Ok(txn.tracker().front(position).updated_at == time);
    }
    let wanted = wanted.to_ascii_lowercase();
    if wanted.len() < SHORTEST_REV || !wanted.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(Error::usage(format!("{wanted:?} is no version of an issue"))
            .hint("the field rev, or updated_at, of qp show ID --json"));
    }
    let rev = json::rev(&txn.tracker().rows[position].blob);
    Ok(rev.is_some_and(|rev| rev.starts_with(&wanted)))
}
