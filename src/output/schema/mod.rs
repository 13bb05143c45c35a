//! What every JSON document holds: one table of documents and their fields.
//!
//! `qp schema` and `docs/json.md` are made from this table, and tests hold it against what the commands print. What an
//! issue has of its own comes from the model's table of fields. Which command prints which document is not known here.

mod exchange;
mod history;
mod issue;
mod json_schema;
mod listings;
mod outbox;
mod page;
mod parts;
mod readiness;
mod reports;
mod setting;
mod work;

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{FieldDef, FieldType};

pub use exchange::{EXPORTED, IMPORTED, MEMORY, RECORD, SYNCED};
pub use history::{COPY, COPY_DIFF, COPY_TEXT, DIFF, DROPPED, LOG_ENTRY, NEWS, RESTORED, UNDONE};
pub use issue::{CREATED, DANGLING, DEPENDENCY, DETAILS, DRAFT, ISSUE, ROW};
pub use json_schema::{Form, Shape, schema};
pub use listings::{
    APPLIED, CONTINUED, COUNTED, EPIC, EPICS_CLOSED, EXPLAINED_PICKED, GRAPH, GROUPED, LINTED, ORPHAN,
    PICKED, PLANTED,
};
pub use outbox::{ABSORBED, OUTBOX_FILE, PRUNED, SAVED_OUTBOX};
pub use page::{described, page, type_text};
pub use parts::{COMMENT, ERROR, RELATION};
pub use readiness::{BLOCKED, CHECKED, EXPLAINED, HIT, READY, WHY};
pub use reports::{
    COMPLETIONS, CREATED_TRACKER, DOCTOR, MAN_PAGE, MAN_PAGES, MERGED_FILE, SCHEMA, SCHEMAS, STATUS, WHOAMI,
};
pub use setting::{
    ACTIVITY, FORGOTTEN, INFO, QUERY, QUERY_DELETED, QUERY_SAVED, RECALLED, REMEMBERED, SAID, SETTING,
    TOOL_ACTION, TOOL_STATE, TOOL_TEXT, TYPES, UNSET, VERSION, WHERE,
};
pub use work::{
    CLAIMED, CLOSED, DELETED, DUPLICATE, LABEL_CHANGE, LABEL_COUNT, NEXT, NOTHING_NEXT, PAIR,
    RELATION_CHANGE, SUPERSEDED, TREE_NODE,
};

/// What a value is.
#[derive(Clone, Copy, Debug)]
pub enum Type {
    /// Any text.
    Text,
    /// RFC 3339 in UTC with milliseconds.
    Time,
    /// A ULID in lower case.
    Ulid,
    /// A whole number from 0.
    Whole,
    /// A number that may have a fraction.
    Fraction,
    /// True or false.
    Flag,
    /// An object whose names others choose.
    Map,
    /// Any JSON.
    Any,
    /// One of these words.
    Words(&'static [&'static str]),
    /// A document of the table.
    Of(&'static Document),
    /// An array.
    List(&'static Type),
    /// Null, or this.
    OrNull(&'static Type),
    /// One of these.
    Either(&'static [Type]),
}

/// When a field is there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Presence {
    /// In every document.
    Always,
    /// Where it has a value.
    Sometimes,
    /// Where it has a value, and the command was called so.
    With(&'static str),
}

/// A field of a document.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What its value is.
    pub kind: Type,
    /// When it is there.
    pub presence: Presence,
    /// What it says, for the page and the schema.
    pub meaning: &'static str,
}

/// A row of a document's table.
#[derive(Debug)]
pub enum Row {
    /// A field that stands here alone.
    Own(Field),
    /// A field of the model, by its key.
    Model(&'static str),
    /// All fields of the model that documents show as they are.
    Plain,
    /// A field of another document that this one has not.
    Without(&'static str),
    /// All fields of the other documents may be absent.
    Optional,
}

/// An object that commands print, or that stands in one.
#[derive(Debug)]
pub struct Document {
    /// Its name, on the page and in schemas.
    pub name: &'static str,
    /// The documents whose fields it has too.
    pub extends: &'static [&'static Document],
    /// Its own fields. One that has the name of another's replaces that.
    pub rows: &'static [Row],
}

/// A field that is always there.
const fn always(name: &'static str, kind: Type, meaning: &'static str) -> Row {
    Row::Own(Field { name, kind, presence: Presence::Always, meaning })
}

/// A field that is there where it has a value.
const fn sometimes(name: &'static str, kind: Type, meaning: &'static str) -> Row {
    Row::Own(Field { name, kind, presence: Presence::Sometimes, meaning })
}

/// A field that is there where it was asked for.
const fn with(flag: &'static str, name: &'static str, kind: Type, meaning: &'static str) -> Row {
    Row::Own(Field { name, kind, presence: Presence::With(flag), meaning })
}

impl Document {
    /// Returns its own fields, in the order of the table.
    pub fn own_fields(&self) -> Vec<Field> {
        let fields = self.rows.iter().map(|row| match row {
            Row::Own(field) => vec![*field],
            Row::Model(key) => FieldDef::by_key(key).map(of_model).into_iter().collect(),
            Row::Plain => super::json::plain_fields().map(of_model).collect(),
            Row::Without(_) | Row::Optional => Vec::new(),
        });
        fields.flatten().collect()
    }

    /// Returns all fields, each with the document that it is a row of.
    pub fn fields(&'static self) -> Vec<(&'static Document, Field)> {
        let mut found: Vec<(&Document, Field)> = self.extends.iter().flat_map(|base| base.fields()).collect();
        let own = self.own_fields();
        let replaced = |name: &str| {
            let left_out = |row: &Row| matches!(row, Row::Without(other) if *other == name);
            own.iter().any(|field| field.name == name) || self.rows.iter().any(left_out)
        };
        found.retain(|(_, field)| !replaced(field.name));
        let mut names = BTreeSet::new();
        found.retain(|(_, field)| names.insert(field.name));
        if self.rows.iter().any(|row| matches!(row, Row::Optional)) {
            found.iter_mut().for_each(|(_, field)| field.presence = Presence::Sometimes);
        }
        found.extend(own.into_iter().map(|field| (self, field)));
        found
    }

    /// Adds this document and all that stand in it, by name.
    pub fn collect(&'static self, found: &mut BTreeMap<&'static str, &'static Document>) {
        if found.insert(self.name, self).is_none() {
            for (owner, field) in self.fields() {
                found.entry(owner.name).or_insert(owner);
                field.kind.collect(found);
            }
        }
    }
}

impl Type {
    /// Adds the documents that a value of this type holds, and all that stand in them, by name.
    pub fn collect(self, found: &mut BTreeMap<&'static str, &'static Document>) {
        match self {
            Type::Of(document) => document.collect(found),
            Type::List(inner) | Type::OrNull(inner) => inner.collect(found),
            Type::Either(types) => types.iter().for_each(|kind| kind.collect(found)),
            _ => {}
        }
    }
}

fn of_model(field: &'static FieldDef) -> Field {
    let kind = match field.kind {
        FieldType::Id => Type::Ulid,
        FieldType::Text | FieldType::Ref => Type::Text,
        FieldType::Number => Type::Whole,
        FieldType::Time => Type::Time,
        FieldType::TextSet | FieldType::RefSet => Type::List(&Type::Text),
        FieldType::LinkSet => Type::List(&Type::Any),
        FieldType::Map => Type::Map,
    };
    let presence = if field.required { Presence::Always } else { Presence::Sometimes };
    Field { name: field.json, kind, presence, meaning: field.doc }
}
