//! The `quipu` object of our own export: what a Beads record has no place for.
//!
//! `key`, where it is not what the id says; the claim, paths and `closed_by`, under their front matter names;
//! `links` that would be read as another field; `extra` (unknown front matter, raw), `sections` (unknown
//! sections, raw); `metadata`, the entries that no field of the record can carry.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::super::text::clean;
use super::super::text::prefix_of;
use crate::model::{
    Body, FieldDef, FieldType, Front, IssueId, Link, RawSection, Ref, Timestamp, Value as Field, is_valid_key,
};

/// The fields that stand in the object under their front matter names.
pub(crate) const FIELDS: [&str; 6] =
    ["claimed_at", "claimed_session", "lease_until", "claim", "paths", "closed_by"];

/// Returns the explicit key of a record that brings its identity: none where the id ends in a tail of the ULID,
/// because then it was derived.
pub(crate) fn default_key(id: &str, uid: IssueId) -> Option<String> {
    let tail = id.strip_prefix(prefix_of(id)).and_then(|rest| rest.strip_prefix('-'));
    let derived = tail.is_some_and(|t| t.len() >= 4 && uid.to_string().ends_with(t));
    (!derived && is_valid_key(id)).then(|| id.to_owned())
}

/// What the object says besides fields of the model.
#[derive(Debug, Default)]
pub(super) struct Ours {
    /// Entries of `metadata`.
    pub metadata: BTreeMap<String, Value>,
    /// Whether raw text came in, which has to be read once before it is trusted.
    pub raw: bool,
    /// What is not understood.
    pub unread: Map<String, Value>,
}

/// Applies the object.
pub(super) fn apply(object: Map<String, Value>, front: &mut Front, body: &mut Body) -> Ours {
    let mut ours = Ours::default();
    for (name, value) in object {
        if one(&name, &value, front, body, &mut ours).is_none() {
            ours.unread.insert(name, value);
        }
    }
    ours
}

fn one(name: &str, value: &Value, front: &mut Front, body: &mut Body, ours: &mut Ours) -> Option<()> {
    match name {
        "key" if value.is_null() => front.key = None,
        "key" => front.key = Some(value.as_str()?.to_owned()),
        "links" => front.links.extend(value.as_array()?.iter().map(link).collect::<Option<Vec<_>>>()?),
        "extra" => {
            let texts = value.as_object()?.iter().map(|(k, v)| Some((k.clone(), v.as_str()?.to_owned())));
            front.extra.extend(texts.collect::<Option<Vec<_>>>()?);
            ours.raw = true;
        }
        "sections" => {
            let sections = value.as_array()?.iter().map(section).collect::<Option<Vec<_>>>()?;
            body.unknown.extend(sections);
            ours.raw = true;
        }
        "metadata" => {
            ours.metadata.extend(value.as_object()?.iter().map(|(k, v)| (k.clone(), v.clone())));
        }
        _ if FIELDS.contains(&name) => {
            let field = FieldDef::by_key(name).expect("FIELDS holds keys of the table");
            field.set(front, Some(field_value(field, value)?));
        }
        _ => return None,
    }
    Some(())
}

fn field_value(field: &FieldDef, value: &Value) -> Option<Field> {
    Some(match field.kind {
        FieldType::Time => Field::Time(Timestamp::parse(value.as_str()?)?),
        FieldType::TextSet => Field::TextSet(
            value.as_array()?.iter().map(|v| v.as_str().map(str::to_owned)).collect::<Option<_>>()?,
        ),
        _ => Field::Text(value.as_str()?.to_owned()),
    })
}

fn link(value: &Value) -> Option<Link> {
    let text = |name| value.get(name).and_then(Value::as_str).map(str::to_owned);
    Some(Link { kind: text("type")?, target: Ref::Key(text("id")?) })
}

fn section(value: &Value) -> Option<RawSection> {
    let text = |name| value.get(name).and_then(Value::as_str).map(str::to_owned);
    Some(RawSection { marker: text("marker")?, text: clean(text("text")?) })
}
