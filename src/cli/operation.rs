//! One line of `qp apply`: what it asks for, checked as far as that is possible without the tracker.
//!
//! An operation becomes the very value that the command of its name makes of its flags, so both obey one rule.

use super::args;
use super::change::{Change, Condition, Notes, SetChange};
use super::close::Closing;
use super::create;
use super::dates;
use super::delete::Extent;
use super::draft::{self, Draft, Target};
use super::edges::Wish;
use super::fields::FieldChanges;
use super::lease::{LeaseArgs, Term};
use super::record::{Name, Record, name};
use super::update;
use crate::error::{Error, Result};
use crate::model::{Relation, Timestamp};
use crate::output::text::one_line;
use crate::query::{nearest, parse_relation};

/// What an operation does.
#[derive(Clone, Debug)]
pub(super) enum Action {
    Create(Box<Draft>),
    Update { ids: Vec<String>, change: Box<Change>, condition: Condition, claim: bool },
    Close(Closing),
    Reopen { ids: Vec<String>, reason: Option<String> },
    Comment { ids: Vec<String>, author: Option<String>, text: String },
    Claim { ids: Vec<String>, term: Term },
    Release { ids: Vec<String>, force: bool },
    Connect(Wish),
    Disconnect { pair: (String, String), relation: Option<Relation> },
    Delete { ids: Vec<String>, extent: Extent },
    Defer { ids: Vec<String>, until: Option<Timestamp> },
    Undefer { ids: Vec<String> },
}

/// An operation and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Operation {
    pub line: usize,
    pub place: String,
    /// Its name, as the table has it.
    pub op: &'static str,
    /// The name under which later lines speak of the issue that it creates.
    pub reference: Option<String>,
    pub action: Action,
}

/// Fields that hold one value, in `create` and `update`.
pub(super) const VALUES: &[Name] = &[
    name("title", &[]),
    name("description", &["body"]),
    name("design", &[]),
    name("acceptance", &["acceptance_criteria"]),
    name("type", &["issue_type"]),
    name("priority", &[]),
    name("assignee", &[]),
    name("parent", &["parent_id"]),
    name("due", &["due_at"]),
    name("defer", &["defer_until"]),
    name("estimate", &["estimated_minutes", "estimate_minutes"]),
    name("external_ref", &[]),
    name("spec", &["spec_id"]),
];

/// What else a new issue may have.
pub(super) const NEW: &[Name] = &[
    name("id", &["key"]),
    name("notes", &["append_notes"]),
    name("labels", &["label"]),
    name("deps", &["blocked_by", "depends_on", "dependencies"]),
    name("paths", &["path"]),
    name("metadata", &[]),
    name("idempotency_key", &[]),
    name("validate", &[]),
    name("force", &[]),
];

const REF: &[Name] = &[name("ref", &[])];
const IDS: &[Name] = &[name("id", &["ids", "issue_id"])];
const UPDATE: &[Name] = &[
    name("status", &["state"]),
    name("reason", &[]),
    name("notes", &["append_notes"]),
    name("replace_notes", &[]),
    name("add_labels", &["add_label"]),
    name("remove_labels", &["remove_label"]),
    name("set_labels", &["labels"]),
    name("add_paths", &["add_path"]),
    name("remove_paths", &["remove_path"]),
    name("metadata", &["set_metadata"]),
    name("unset_metadata", &[]),
    name("claim", &[]),
    name("if_status", &[]),
    name("if_assignee", &[]),
    name("if_rev", &[]),
    name("force", &[]),
];
const REASON: &[Name] = &[name("reason", &["message", "resolution", "comment"])];
const FORCE: &[Name] = &[name("force", &[])];
const TEXT: &[Name] = &[name("text", &["comment", "message", "notes", "body"])];
const AUTHOR: &[Name] = &[name("author", &[])];
const EDGE: &[Name] = &[
    name("from", &["issue_id", "id"]),
    name("to", &["depends_on_id", "depends_on", "blocked_by"]),
    name("type", &["dependency_type"]),
];
const LABELS: &[Name] = &[name("labels", &["label"])];
const CASCADE: &[Name] = &[name("cascade", &["recursive"])];
const UNTIL: &[Name] = &[name("until", &["defer_until", "date"])];
const TERM: &[Name] = &[name("for", &["lease"])];

/// An operation of the table: its name, others for it, its fields.
type Kind = (&'static str, &'static [&'static str], &'static [&'static [Name]]);

/// The operations.
pub(super) const OPERATIONS: &[Kind] = &[
    ("create", &["new"], &[REF, VALUES, NEW]),
    ("update", &["edit"], &[IDS, VALUES, UPDATE]),
    ("close", &["done"], &[IDS, REASON, FORCE]),
    ("reopen", &[], &[IDS, REASON]),
    ("comment", &["comment_add", "comments_add"], &[IDS, TEXT, AUTHOR]),
    ("note", &[], &[IDS, TEXT]),
    ("claim", &["start", "take"], &[IDS, TERM]),
    ("release", &["unclaim"], &[IDS, FORCE]),
    ("dep_add", &["link", "add_dep", "add_dependency"], &[EDGE]),
    ("dep_remove", &["dep_rm", "remove_dep", "remove_dependency"], &[EDGE]),
    ("label_add", &["tag", "add_label"], &[IDS, LABELS]),
    ("label_remove", &["label_rm", "remove_label"], &[IDS, LABELS]),
    ("defer", &[], &[IDS, UNTIL]),
    ("undefer", &[], &[IDS]),
    ("delete", &["rm", "remove"], &[IDS, CASCADE, FORCE]),
];

impl Operation {
    /// Reads one line.
    pub fn read(line: usize, place: String, text: &str, now: Timestamp) -> Result<Self> {
        let mut record = Record::parse(place.clone(), text)?;
        let op = kind(&record)?;
        record.settle(&format!("{:?}", op.0), &[&[OP], op.2].concat())?;
        let action = action(op.0, &record, now)?;
        let reference = record.text("ref")?;
        if let Some(name) = &reference {
            let fits = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
            if name.is_empty() || !name.chars().all(fits) {
                return Err(record.wrong("ref", "takes letters, digits, '.', '_' and '-'"));
            }
        }
        Ok(Operation { line, place, op: op.0, reference, action })
    }

    /// Returns the keys that it speaks of, to be replaced where they are references to earlier lines.
    pub fn keys_mut(&mut self) -> Vec<&mut String> {
        match &mut self.action {
            Action::Create(draft) => {
                let targets = draft.references.iter_mut().filter_map(|r| match &mut r.target {
                    Target::Key(key) => Some(key),
                    Target::Draft(_) => None,
                });
                targets.chain(&mut draft.fields.parent).collect()
            }
            Action::Update { ids, change, .. } => ids.iter_mut().chain(&mut change.fields.parent).collect(),
            Action::Close(closing) => closing.ids.iter_mut().collect(),
            Action::Connect(wish) => vec![&mut wish.from, &mut wish.to],
            Action::Disconnect { pair, .. } => vec![&mut pair.0, &mut pair.1],
            Action::Reopen { ids, .. }
            | Action::Comment { ids, .. }
            | Action::Claim { ids, .. }
            | Action::Release { ids, .. }
            | Action::Delete { ids, .. }
            | Action::Defer { ids, .. }
            | Action::Undefer { ids } => ids.iter_mut().collect(),
        }
    }
}

const OP: &[Name] = &[name("op", &["operation", "action"])];

/// Finds out which operation it is, by its field `op`.
fn kind(record: &Record) -> Result<&'static Kind> {
    let field = ["op", "operation", "action"].into_iter().find(|field| record.has(field));
    let Some(field) = field else {
        return Err(record.wrong("op", "is missing").hint("{\"op\": \"close\", \"id\": \"ID\"}"));
    };
    let word = record.required(field)?;
    let plain = word.trim().to_ascii_lowercase().replace(['-', ' '], "_");
    let found = OPERATIONS.iter().find(|(name, others, _)| *name == plain || others.contains(&plain.as_str()));
    found.ok_or_else(|| {
        let names = || OPERATIONS.iter().map(|kind| kind.0);
        let hint = match nearest(&plain, names()) {
            Some(near) => format!("did you mean {near}?"),
            None => format!("one of {}", names().collect::<Vec<_>>().join(", ")),
        };
        Error::invalid(format!("there is no operation {:?}", one_line(&word))).hint(hint).within(&record.place)
    })
}

fn action(op: &str, record: &Record, now: Timestamp) -> Result<Action> {
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
                return Err(record.wrong("labels", if record.has("labels") { "is empty" } else { "is missing" }));
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
        _ => {
            let extent = Extent { cascade: record.flag("cascade")?, force: force()? };
            Action::Delete { ids: ids(record)?, extent }
        }
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

fn labels(record: &Record, field: &str) -> Result<std::collections::BTreeSet<String>> {
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
        (Some(text), None) => Some(Notes::Append(update::added(&text).map_err(|e| record.locate("notes", e))?)),
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
