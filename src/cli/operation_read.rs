//! What one line of `qp apply` asks for, checked as far as that is possible without the tracker.
//!
//! An operation becomes the very value that the command of its name makes of its flags, so both obey one rule.

use std::collections::BTreeSet;

use super::args;
use super::change::{Change, Condition, Notes, SetChange};
use super::close::Closing;
use super::create;
use super::dates;
use super::delete::Extent;
use super::draft::{self, Draft};
use super::edges::Wish;
use super::fields::FieldChanges;
use super::lease::LeaseArgs;
use super::operation::{Action, EDGE, VALUES};
use super::record::{Name, Record};
use super::update;
use crate::error::{Error, Result};
use crate::model::{Relation, Timestamp};
use crate::query::parse_relation;

/// Reads the operation named `op`.
pub(super) fn action(op: &str, record: &Record, now: Timestamp) -> Result<Action> {
    let force = || record.flag("force");
    Ok(match op {
        "create" => Action::Create(Box::new(draft(record, now)?)),
        "update" => update(record, now)?,
        "close" => {
            let reason = optional(record, "reason")?;
            Action::Close(Closing { ids: ids(record)?, reason, force: force()? })
        }
        "reopen" => Action::Reopen { ids: ids(record)?, reason: optional(record, "reason")? },
        "comment" => {
            let author = optional(record, "author")?;
            Action::Comment { ids: ids(record)?, author, text: record.required("text")? }
        }
        "note" => {
            let notes = Some(Notes::Append(record.required("text")?));
            changed(record, Change { notes, ..Change::default() })?
        }
        "claim" => {
            let term = LeaseArgs::new(optional(record, "for")?).read();
            Action::Claim { ids: ids(record)?, term: term.map_err(|e| record.locate("for", e))? }
        }
        "release" => Action::Release { ids: ids(record)?, force: force()? },
        "dep_add" => Action::Connect(wish(record)?),
        "dep_remove" => {
            let relation = record.has("type").then(|| relation(record)).transpose()?;
            Action::Disconnect { pair: (record.required("from")?, record.required("to")?), relation }
        }
        "label_add" | "label_remove" => {
            let labels = labels(record, "labels")?;
            if labels.is_empty() {
                return Err(
                    record.wrong("labels", if record.has("labels") { "is empty" } else { "is missing" })
                );
            }
            let mut change = Change::default();
            let set = &mut change.labels;
            *(if op == "label_add" { &mut set.add } else { &mut set.remove }) = labels;
            changed(record, change)?
        }
        "defer" => {
            let until = optional(record, "until")?.map(|text| dates::parse(&text, now)).transpose();
            Action::Defer { ids: ids(record)?, until: until.map_err(|e| record.locate("until", e))? }
        }
        "undefer" => Action::Undefer { ids: ids(record)? },
        "delete" => {
            let extent = Extent { cascade: record.flag("cascade")?, force: force()? };
            Action::Delete { ids: ids(record)?, extent }
        }
        _ => return Err(Error::bug(format!("the operation {op:?} has fields and no meaning"))),
    })
}

fn changed(record: &Record, change: Change) -> Result<Action> {
    let condition = Condition::default();
    Ok(Action::Update { ids: ids(record)?, change: Box::new(change), condition, claim: false })
}

/// Returns the issues that an operation is about: one, or a list.
fn ids(record: &Record) -> Result<Vec<String>> {
    match record.texts("id")? {
        Some(ids) if !ids.is_empty() => Ok(ids),
        Some(_) => Err(record.wrong("id", "is empty")),
        None => Err(record.wrong("id", "is missing")),
    }
}

fn optional(record: &Record, field: &str) -> Result<Option<String>> {
    let text = record.text(field)?.map(|text| text.trim().to_owned());
    Ok(text.filter(|text| !text.is_empty()))
}

fn labels(record: &Record, field: &str) -> Result<BTreeSet<String>> {
    let words = record.texts(field)?.unwrap_or_default();
    args::labels(&words).map_err(|e| record.locate(field, e))
}

fn relation(record: &Record) -> Result<Relation> {
    let kind = record.text("type")?.unwrap_or_default();
    parse_relation(&kind).map_err(|e| record.locate("type", e))
}

/// Reads a relation between two issues: also a line of `dep add --file`.
pub(super) fn wish(record: &Record) -> Result<Wish> {
    let (from, to) = (record.required("from")?, record.required("to")?);
    Ok(Wish { from, to, relation: relation(record)?, place: None })
}

/// Reads such a line.
pub(super) fn edge(place: String, text: &str) -> Result<Wish> {
    let mut record = Record::parse(place.clone(), text)?;
    record.settle("a dependency", &[EDGE])?;
    Ok(Wish { place: Some(place), ..wish(&record)? })
}

/// Reads the fields that hold one value. A new issue takes an empty one for none.
fn values(record: &Record, now: Timestamp, is_new: bool) -> Result<FieldChanges> {
    let mut fields = FieldChanges::default();
    for Name { name, .. } in VALUES {
        let Some(text) = record.text(name)?.filter(|text| !is_new || !text.is_empty()) else { continue };
        fields.set(name, &text, now).map_err(|e| record.locate(name, e))?;
    }
    Ok(fields)
}

/// Reads a new issue: also a node of `create --graph`.
pub(super) fn draft(record: &Record, now: Timestamp) -> Result<Draft> {
    record.required("title")?;
    let mut fields = values(record, now, true)?;
    fields.metadata = record.entries("metadata")?;
    let key = optional(record, "id")?;
    key.as_deref().map(draft::check_key_form).transpose().map_err(|e| record.locate("id", e))?;
    let mut references = Vec::new();
    for text in record.texts("deps")?.unwrap_or_default() {
        references.push(create::dependency(&text).map_err(|e| record.locate("deps", e))?);
    }
    Ok(Draft {
        fields,
        labels: labels(record, "labels")?,
        paths: record.texts("paths")?.unwrap_or_default().into_iter().collect(),
        notes: record.text("notes")?.unwrap_or_default(),
        key,
        any_prefix: record.flag("force")?,
        references,
        idempotency_key: optional(record, "idempotency_key")?,
        validate: record.flag("validate")?,
        ..Draft::default()
    })
}

fn update(record: &Record, now: Timestamp) -> Result<Action> {
    let notes = match (record.text("notes")?, record.text("replace_notes")?) {
        (Some(_), Some(_)) => return Err(record.wrong("replace_notes", "does not go with notes")),
        (Some(text), None) => {
            Some(Notes::Append(update::added(&text).map_err(|e| record.locate("notes", e))?))
        }
        (None, text) => text.map(Notes::Replace),
    };
    let set = |field: &str| Ok::<_, Error>(record.texts(field)?.unwrap_or_default().into_iter().collect());
    let metadata = record.entries("metadata")?.unwrap_or_default().into_iter().map(|(k, v)| (k, Some(v)));
    let unset = record.texts("unset_metadata")?.unwrap_or_default().into_iter().map(|name| (name, None));
    let change = Change {
        fields: values(record, now, false)?,
        status: optional(record, "status")?,
        reason: optional(record, "reason")?,
        force: record.flag("force")?,
        notes,
        labels: SetChange {
            replace: record.has("set_labels").then(|| labels(record, "set_labels")).transpose()?,
            add: labels(record, "add_labels")?,
            remove: labels(record, "remove_labels")?,
        },
        paths: SetChange { replace: None, add: set("add_paths")?, remove: set("remove_paths")? },
        metadata: metadata.chain(unset).collect(),
    };
    let claim = record.flag("claim")?;
    update::check(&change, claim).map_err(|e| e.within(&record.place))?;
    let condition = Condition {
        statuses: record.texts("if_status")?,
        assignee: record.has("if_assignee").then(|| optional(record, "if_assignee")).transpose()?,
        rev: optional(record, "if_rev")?,
    };
    Ok(Action::Update { ids: ids(record)?, change: Box::new(change), condition, claim })
}
