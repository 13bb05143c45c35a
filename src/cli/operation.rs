//! The operations of `qp apply`: their names and fields, and what one line asks for.

use super::change::{Change, Condition};
use super::close::Closing;
use super::delete::Extent;
use super::draft::{Draft, Target};
use super::edges::Wish;
use super::lease::Term;
use super::operation_read::action;
use super::record::{Name, Record, name};
use crate::error::{Error, Result};
use crate::model::{Relation, Timestamp};
use crate::output::text::one_line;
use crate::query::nearest;

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
pub(super) const EDGE: &[Name] = &[
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

/// Returns the operations that `qp apply` knows, each with its fields, for the documentation.
pub fn operations() -> Vec<(&'static str, Vec<&'static str>)> {
    let fields = |tables: &[&[Name]]| tables.iter().copied().flatten().map(|field| field.name).collect();
    OPERATIONS.iter().map(|(name, _, tables)| (*name, fields(tables))).collect()
}

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
    let field = OP.iter().flat_map(|op| [op.name].into_iter().chain(op.aliases.iter().copied()));
    let field = field.into_iter().find(|field| record.has(field));
    let Some(field) = field else {
        return Err(record.wrong("op", "is missing").hint("{\"op\": \"close\", \"id\": \"ID\"}"));
    };
    let word = record.required(field)?;
    let plain = word.trim().to_ascii_lowercase().replace(['-', ' '], "_");
    let found =
        OPERATIONS.iter().find(|(name, others, _)| *name == plain || others.contains(&plain.as_str()));
    found.ok_or_else(|| {
        let names = || OPERATIONS.iter().map(|kind| kind.0);
        let hint = match nearest(&plain, names()) {
            Some(near) => format!("did you mean {near}?"),
            None => format!("one of {}", names().collect::<Vec<_>>().join(", ")),
        };
        Error::invalid(format!("there is no operation {:?}", one_line(&word)))
            .hint(hint)
            .within(&record.place)
    })
}
