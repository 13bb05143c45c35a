//! Comments: a ULID in place of the number or UUID that Beads gives them.
//!
//! The foreign id, and whatever else no field holds, stays in `metadata` under [`ENTRY`]: an object of
//! `<ULID>: {id, …}`, so that an export can write it again.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::super::derived_id;
use super::super::text::clean;
use crate::model::{Comment, IssueId, Timestamp};

/// The entry of `metadata` that holds the rest of the comments.
pub(crate) const ENTRY: &str = "beads.comments";
/// The name in [`ENTRY`] of what is in `comments` and is no comment.
const UNREAD: &str = "unread";

/// What no field of a [`Comment`] holds, by the ULID of the comment.
pub(crate) type Extras = BTreeMap<String, Value>;

/// Whose comments are read.
pub(super) struct Owner<'a> {
    pub namespace: &'a str,
    pub id: &'a str,
    pub created_at: Timestamp,
}

/// Reads `comments`. The number counts what is no comment.
pub(super) fn read(value: Value, owner: &Owner<'_>) -> (Vec<Comment>, Extras, usize) {
    let items = match value {
        Value::Array(items) => items,
        other => vec![other],
    };
    let mut comments: Vec<Comment> = Vec::with_capacity(items.len());
    let mut extras = Extras::new();
    let mut unread = Vec::new();
    for item in items {
        let Value::Object(record) = item else {
            unread.push(item);
            continue;
        };
        let (mut comment, extra) = one(record, owner);
        let base = comment.id;
        for count in 2.. {
            if comments.iter().all(|c| c.id != comment.id) {
                break;
            }
            comment.id = derived_id("beads comment", &base.to_string(), &count.to_string(), comment.at);
        }
        if !extra.is_empty() {
            extras.insert(comment.id.to_string(), Value::Object(extra));
        }
        comments.push(comment);
    }
    let count = unread.len();
    if count > 0 {
        extras.insert(UNREAD.to_owned(), Value::Array(unread));
    }
    (comments, extras, count)
}

fn one(mut record: Map<String, Value>, owner: &Owner<'_>) -> (Comment, Map<String, Value>) {
    record.retain(|_, v| !v.is_null());
    let by = take_text(&mut record, "author");
    let text = clean(take_text(&mut record, "text"));
    let at = record.get("created_at").and_then(Value::as_str).and_then(Timestamp::parse);
    if at.is_some() {
        record.remove("created_at");
    }
    let at = at.unwrap_or(owner.created_at);
    if record.get("issue_id").is_some_and(|id| id == owner.id) {
        record.remove("issue_id");
    }
    let given = ["uid", "id"].into_iter().find_map(|name| {
        let id = IssueId::parse(record.get(name)?.as_str()?)?;
        record.remove(name);
        Some(id)
    });
    let id = given.unwrap_or_else(|| {
        let own = record.get("id").map_or_else(|| format!("{by}\0{text}"), Value::to_string);
        derived_id("beads comment", owner.namespace, &format!("{}\0{own}", owner.id), at)
    });
    let sorted: BTreeMap<String, Value> = record.into_iter().collect();
    (Comment { id, at, by, text }, sorted.into_iter().collect())
}

/// Takes a text; what is no text stays in the record, and so among the extras.
fn take_text(record: &mut Map<String, Value>, name: &str) -> String {
    match record.remove(name) {
        Some(Value::String(text)) => text,
        Some(other) => {
            record.insert(name.to_owned(), other);
            String::new()
        }
        None => String::new(),
    }
}

/// Returns the element of `comments` for a comment of the issue `id`, with the rest that [`ENTRY`] holds about it.
pub(crate) fn element(comment: &Comment, mut rest: Map<String, Value>, id: &str) -> Value {
    let mut record = Map::new();
    let uid = comment.id.to_string();
    match rest.shift_remove("id") {
        Some(foreign) => {
            record.insert("id".to_owned(), foreign);
            record.insert("uid".to_owned(), uid.into());
        }
        None => drop(record.insert("id".to_owned(), uid.into())),
    }
    let at = comment.at.to_string();
    let fields = [("issue_id", id), ("author", &comment.by), ("text", &comment.text), ("created_at", &at)];
    for (name, text) in fields {
        let value = rest.shift_remove(name).unwrap_or_else(|| text.into());
        record.insert(name.to_owned(), value);
    }
    record.extend(rest);
    Value::Object(record)
}

/// Returns the same, where an import would read the same comment and the same rest again.
pub(crate) fn with_rest(comment: &Comment, rest: &Value, id: &str, created_at: Timestamp) -> Option<Value> {
    let element = element(comment, rest.as_object()?.clone(), id);
    let owner = Owner { namespace: "", id, created_at };
    let (again, left) = one(element.as_object()?.clone(), &owner);
    let left = Value::Object(left).to_string();
    (again == *comment && left == *rest.to_string()).then_some(element)
}

/// Returns the text of the entry: what the comments left, and what an earlier export carried along.
pub(super) fn entry_text(mut extras: Extras, carried: Option<Value>) -> Option<String> {
    match carried {
        Some(value) if extras.is_empty() => return Some(value.to_string()),
        Some(Value::Object(more)) => extras.extend(more),
        Some(other) => drop(extras.insert(UNREAD.to_owned(), other)),
        None if extras.is_empty() => return None,
        None => {}
    }
    Some(Value::Object(extras.into_iter().collect()).to_string())
}

/// Returns the elements of [`ENTRY`]; `None` where it is not as an import writes it.
pub(crate) fn stored(text: &str) -> Option<Extras> {
    let Ok(Value::Object(items)) = serde_json::from_str(text) else { return None };
    let extras: Extras = items.into_iter().collect();
    (entry_text(extras.clone(), None).as_deref() == Some(text)).then_some(extras)
}
