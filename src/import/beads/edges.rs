//! Dependencies: which field of the model an edge goes to, and what of it no field holds.
//!
//! The time, the author and the metadata of an edge stay in `metadata` under [`ENTRY`], a list of
//! `{type, depends_on_id, …}` in the order of its text. The time is left out where it is the issue's own.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::model::{Front, Link, Ref, Timestamp};

/// The entry of `metadata` that holds the rest of the edges, and elements that are no edges.
pub(crate) const ENTRY: &str = "beads.dependencies";

const TYPE: &str = "type";
const TARGET: &str = "depends_on_id";
const OWNER: &str = "issue_id";
const TIME: &str = "created_at";

/// One dependency of an issue.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Edge {
    /// The type, as Beads has it.
    pub kind: String,
    /// The id of the issue it points to, as the source has it.
    pub target: String,
    /// What no field of ours holds.
    extra: Map<String, Value>,
}

impl Edge {
    /// Builds an edge of which nothing but type and target is known.
    pub fn plain(kind: &str, target: &str) -> Self {
        Edge { kind: kind.to_owned(), target: target.to_owned(), extra: Map::new() }
    }

    /// Reads an element of `dependencies`; `None` where it is no edge.
    pub fn from_dependency(value: &Value, id: &str, created_at: Timestamp) -> Option<Self> {
        let edge = Self::from_entry(value)?;
        let mut rest: BTreeMap<String, Value> = edge.extra.into_iter().collect();
        rest.retain(|_, v| !says_nothing(v));
        if rest.get(OWNER).is_some_and(|owner| owner == id) {
            rest.remove(OWNER);
        }
        let mut extra = Map::new();
        if let Some(value) = rest.remove(TIME) {
            match value.as_str().and_then(Timestamp::parse) {
                Some(time) if time == created_at || super::fields::is_unset(time) => {}
                Some(time) => drop(extra.insert(TIME.to_owned(), time.to_string().into())),
                None => drop(extra.insert(TIME.to_owned(), value)),
            }
        }
        extra.extend(rest);
        Some(Edge { extra, ..edge })
    }

    /// Reads an element of [`ENTRY`]; `None` where it is no edge.
    pub fn from_entry(value: &Value) -> Option<Self> {
        let object = value.as_object()?;
        let target = object.get(TARGET)?.as_str().filter(|t| !t.is_empty())?;
        let kind = match object.get(TYPE) {
            None | Some(Value::Null) => "",
            Some(kind) => kind.as_str()?,
        };
        let kind = if kind.is_empty() { "blocks" } else { kind };
        let extra = object.iter().filter(|(k, _)| *k != TARGET && *k != TYPE);
        Some(Edge {
            extra: extra.map(|(k, v)| (k.clone(), v.clone())).collect(),
            ..Self::plain(kind, target)
        })
    }

    /// Returns the element of [`ENTRY`], where the fields of the model do not say it all.
    pub fn to_entry(&self) -> Option<Value> {
        (!self.extra.is_empty() || self.kind == "relates-to").then(|| {
            let mut entry = Map::new();
            entry.insert(TYPE.to_owned(), self.kind.as_str().into());
            entry.insert(TARGET.to_owned(), self.target.as_str().into());
            entry.extend(self.extra.clone());
            Value::Object(entry)
        })
    }

    /// Returns the element of `dependencies` in a record of the issue `id`.
    pub fn to_dependency(&self, id: &str, created_at: Timestamp) -> Value {
        let mut extra = self.extra.clone();
        let mut record = Map::new();
        record.insert(OWNER.to_owned(), extra.shift_remove(OWNER).unwrap_or_else(|| id.into()));
        record.insert(TARGET.to_owned(), self.target.as_str().into());
        record.insert(TYPE.to_owned(), self.kind.as_str().into());
        let time = extra.shift_remove(TIME).unwrap_or_else(|| created_at.to_string().into());
        record.insert(TIME.to_owned(), time);
        record.extend(extra);
        Value::Object(record)
    }

    /// Puts the edge where the model has it: the first parent is the parent, further ones are links.
    pub fn attach(&self, front: &mut Front) {
        let target = Ref::Key(self.target.clone());
        let link = |front: &mut Front, target| {
            front.links.insert(Link { kind: self.kind.clone(), target });
        };
        match self.kind.as_str() {
            "blocks" => drop(front.blocked_by.insert(target)),
            "related" | "relates-to" => drop(front.related.insert(target)),
            "discovered-from" => drop(front.discovered_from.insert(target)),
            _ => match single_field(front, &self.kind) {
                Some(field) if field.is_none() => *field = Some(target),
                Some(field) if *field == Some(target.clone()) => {}
                _ => link(front, target),
            },
        }
    }

    /// Tells whether a link of this kind to this issue, written as an edge, is read as a link again.
    pub fn is_link(link: &Link, front: &Front) -> bool {
        match link.kind.as_str() {
            "" | "blocks" | "related" | "relates-to" | "discovered-from" => false,
            "parent-child" => front.parent.as_ref().is_some_and(|p| *p != link.target),
            "duplicates" => front.duplicate_of.as_ref().is_some_and(|d| *d != link.target),
            "supersedes" => front.superseded_by.as_ref().is_some_and(|s| *s != link.target),
            _ => true,
        }
    }
}

/// Returns the field that holds one edge of this kind. `supersedes` points from the old issue to the new one.
fn single_field<'a>(front: &'a mut Front, kind: &str) -> Option<&'a mut Option<Ref>> {
    match kind {
        "parent-child" => Some(&mut front.parent),
        "duplicates" => Some(&mut front.duplicate_of),
        "supersedes" => Some(&mut front.superseded_by),
        _ => None,
    }
}

/// Tells whether an edge of the type `entry` stands in the field whose references have the type `field`.
pub(crate) fn same_field(entry: &str, field: &str) -> bool {
    entry == field || (entry == "relates-to" && field == "related")
}

/// Beads writes an absent text as `""` in edges, and absent metadata as `"{}"`.
fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty() || text == "{}",
        Value::Object(map) => map.is_empty(),
        _ => false,
    }
}

/// Reads `dependencies` into the front matter and returns the elements of [`ENTRY`] and the number of elements
/// that are no edges.
pub(super) fn read(dependencies: Value, id: &str, front: &mut Front) -> (Vec<Value>, usize) {
    let Value::Array(items) = dependencies else { return (vec![dependencies], 1) };
    let mut entries = Vec::new();
    let mut unread = 0;
    for item in items {
        match Edge::from_dependency(&item, id, front.created_at) {
            Some(edge) => {
                edge.attach(front);
                entries.extend(edge.to_entry());
            }
            None => {
                unread += 1;
                entries.push(item);
            }
        }
    }
    (entries, unread)
}

/// Returns the text of the entry: what the edges left, and what an earlier export carried along.
pub(super) fn entry_text(mut entries: Vec<Value>, carried: Option<Value>) -> Option<String> {
    match carried {
        Some(value) if entries.is_empty() => return Some(value.to_string()),
        Some(Value::Array(items)) => entries.extend(items),
        Some(other) => entries.push(other),
        None if entries.is_empty() => return None,
        None => {}
    }
    let mut texts: Vec<String> = entries.iter().map(Value::to_string).collect();
    texts.sort_unstable();
    Some(format!("[{}]", texts.join(",")))
}

/// Returns the elements of [`ENTRY`]; `None` where it is not as an import writes it.
pub(crate) fn stored(text: &str) -> Option<Vec<Value>> {
    let Ok(Value::Array(items)) = serde_json::from_str(text) else { return None };
    (entry_text(items.clone(), None).as_deref() == Some(text)).then_some(items)
}
