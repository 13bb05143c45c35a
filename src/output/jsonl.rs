//! Beads JSONL out: one record an issue, in Beads' field names and order.
//!
//! Two fields are ours. `uid` is the ULID; `quipu` holds what Beads has no place for. An import of such a record
//! gives the same issue: every value that a field of Beads cannot bring back goes into `quipu`.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::import::beads::names::{self, Place};
use crate::import::beads::{self, COMMENT_ENTRY, EDGE_ENTRY, Edge};
use crate::model::{FieldDef, Front, Issue, Ref, Timestamp, Value as Field};

use self::object::Object;

mod object;

/// Returns the record of an issue: one line, without its end. `key_of` names the issue that a reference points
/// to, `key` the issue itself.
pub fn beads_line(issue: &Issue, key_of: &dyn Fn(&Ref) -> String, key: &str) -> String {
    let (edges, spare_edges) = edges(issue, key_of, key);
    let (comments, spare_comments) = comments(issue, key);
    let mut entries = Entries::sort(&issue.front.metadata);
    entries.ours.extend(spare_edges.map(|text| (EDGE_ENTRY, text)));
    entries.ours.extend(spare_comments.map(|text| (COMMENT_ENTRY, text)));
    let mut record = Object::new();
    for name in names::ORDER {
        match name {
            "metadata" => record.object_if_any(name, &entries.inner),
            "dependencies" => record.list(name, &edges),
            "comments" => record.list(name, &comments),
            _ => match entries.fields.remove(name) {
                Some(json) => record.json(name, &json),
                None => field(&mut record, name, issue, key),
            },
        }
    }
    for (name, json) in &entries.fields {
        record.json(name, json);
    }
    record.text("uid", &issue.front.id.to_string());
    let ours = ours(issue, key_of, key, &entries.ours);
    if !ours.is_empty() {
        record.json("quipu", &ours.finish());
    }
    record.finish()
}

/// Returns the record of a memory.
pub fn memory_line(key: &str, text: &str) -> String {
    let mut record = Object::new();
    record.text("_type", "memory");
    record.text("key", key);
    record.text("value", text);
    record.finish()
}

/// The entries of `metadata`, by where they stand in a record, each with its JSON.
#[derive(Default)]
struct Entries<'a> {
    fields: BTreeMap<&'a str, String>,
    inner: BTreeMap<&'a str, String>,
    ours: BTreeMap<&'a str, String>,
}

impl<'a> Entries<'a> {
    fn sort(metadata: &'a BTreeMap<String, String>) -> Self {
        let mut entries = Entries::default();
        for (entry, text) in metadata.iter().filter(|(e, _)| *e != EDGE_ENTRY && *e != COMMENT_ENTRY) {
            let json = object::valid_json(text);
            match names::place(entry) {
                // A record without the field and one where it is null are the same to Beads.
                Place::Field(name) if json != "null" => entries.fields.insert(name, json),
                Place::Inner(name) => entries.inner.insert(name, json),
                Place::Field(_) | Place::Ours => entries.ours.insert(entry, json),
            };
        }
        entries
    }
}

/// Writes a field of the model under the name it has in Beads.
fn field(record: &mut Object, name: &str, issue: &Issue, key: &str) {
    let Issue { front, body } = issue;
    let time = |time: Option<Timestamp>| time.map(|t| t.to_string());
    let text = match name {
        "id" => Some(key.to_owned()),
        "title" => Some(front.title.clone()),
        "description" => full(&body.description),
        "design" => full(&body.design),
        "acceptance_criteria" => full(&body.acceptance),
        "notes" => full(&body.notes),
        "spec_id" => front.spec.clone(),
        "status" => Some(front.status.as_str().to_owned()),
        "priority" => return record.json(name, &front.priority.number().to_string()),
        "issue_type" => Some(front.kind.clone()),
        "assignee" => front.assignee.clone(),
        "estimated_minutes" => {
            return front.estimate_minutes.into_iter().for_each(|n| record.json(name, &n.to_string()));
        }
        "created_at" => Some(front.created_at.to_string()),
        "created_by" => front.created_by.clone(),
        "updated_at" => Some(front.updated_at.to_string()),
        "started_at" => time(front.started_at),
        "closed_at" => time(front.closed_at),
        "close_reason" => front.close_reason.clone(),
        "due_at" => time(front.due_at),
        "defer_until" => time(front.defer_until),
        "external_ref" => front.external_ref.clone(),
        "labels" => {
            let labels: Vec<String> = front.labels.iter().map(|l| object::quoted(l)).collect();
            return record.list(name, &labels);
        }
        _ => None,
    };
    text.into_iter().for_each(|text| record.text(name, &text));
}

fn full(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// Returns the elements of `dependencies`, and what of the stored rest fits none of them any more.
fn edges(issue: &Issue, key_of: &dyn Fn(&Ref) -> String, key: &str) -> (Vec<String>, Option<String>) {
    let created_at = issue.front.created_at;
    let stored = issue.front.metadata.get(EDGE_ENTRY);
    let mut spare = stored.and_then(|text| beads::edge_entries(text)).unwrap_or_default();
    let usable = !spare.is_empty();
    let mut elements = Vec::new();
    for (kind, target) in written_edges(&issue.front) {
        let shown = key_of(target);
        let before = elements.len();
        spare.retain(|entry| {
            let edge = Edge::from_entry(entry)
                .filter(|edge| edge.target == shown && beads::same_field(&edge.kind, kind));
            let element = edge.map(|edge| edge.to_dependency(key, created_at));
            let again = element.as_ref().and_then(|e| Edge::from_dependency(e, key, created_at)?.to_entry());
            let fits = again.map(|again| again.to_string()) == Some(entry.to_string());
            elements.extend(element.filter(|_| fits).map(|e| e.to_string()));
            !fits
        });
        if elements.len() == before {
            elements.push(Edge::plain(kind, &shown).to_dependency(key, created_at).to_string());
        }
    }
    let rest = if usable {
        (!spare.is_empty()).then(|| Value::Array(spare).to_string())
    } else {
        stored.map(|text| object::valid_json(text))
    };
    (elements, rest)
}

/// Returns the references that Beads has as edges.
fn written_edges(front: &Front) -> Vec<(&str, &Ref)> {
    let mut edges = front.references();
    edges.truncate(edges.len() - front.links.len());
    edges
        .extend(front.links.iter().filter(|l| Edge::is_link(l, front)).map(|l| (l.kind.as_str(), &l.target)));
    edges
}

/// Returns the elements of `comments`, and what of the stored rest fits none of them any more.
fn comments(issue: &Issue, key: &str) -> (Vec<String>, Option<String>) {
    let created_at = issue.front.created_at;
    let stored = issue.front.metadata.get(COMMENT_ENTRY);
    let mut spare = stored.and_then(|text| beads::comment_entries(text)).unwrap_or_default();
    let usable = !spare.is_empty();
    let elements = issue.body.comments.iter().map(|comment| {
        let id = comment.id.to_string();
        let rest = spare.get(&id);
        let whole = rest.and_then(|rest| beads::comment_with_rest(comment, rest, key, created_at));
        if whole.is_some() {
            spare.remove(&id);
        }
        whole.unwrap_or_else(|| beads::comment_element(comment, Map::new(), key)).to_string()
    });
    let elements = elements.collect();
    let rest = if usable {
        (!spare.is_empty()).then(|| spare.into_iter().collect::<Value>().to_string())
    } else {
        stored.map(|text| object::valid_json(text))
    };
    (elements, rest)
}

fn ours(
    issue: &Issue,
    key_of: &dyn Fn(&Ref) -> String,
    key: &str,
    entries: &BTreeMap<&str, String>,
) -> Object {
    let Issue { front, body } = issue;
    let mut ours = Object::new();
    if beads::default_key(key, front.id) != front.key {
        ours.json("key", &front.key.as_deref().map_or_else(|| "null".to_owned(), object::quoted));
    }
    for name in beads::OUR_FIELDS {
        match FieldDef::by_key(name).and_then(|field| field.get(front)) {
            Some(Field::Text(text)) => ours.text(name, &text),
            Some(Field::Time(time)) => ours.text(name, &time.to_string()),
            Some(Field::TextSet(items)) => {
                ours.list(name, &items.iter().map(|i| object::quoted(i)).collect::<Vec<_>>());
            }
            _ => {}
        }
    }
    let pair = |names: [&str; 2], texts: [&str; 2]| {
        let mut item = Object::new();
        names.iter().zip(texts).for_each(|(name, text)| item.text(name, text));
        item.finish()
    };
    let links = front.links.iter().filter(|link| !Edge::is_link(link, front));
    let links: Vec<String> = links.map(|l| pair(["type", "id"], [&l.kind, &key_of(&l.target)])).collect();
    ours.list("links", &links);
    let extra: BTreeMap<&str, String> =
        front.extra.iter().map(|(k, v)| (k.as_str(), object::quoted(v))).collect();
    ours.object_if_any("extra", &extra);
    let sections = body.unknown.iter().map(|s| pair(["marker", "text"], [&s.marker, &s.text]));
    ours.list("sections", &sections.collect::<Vec<_>>());
    ours.object_if_any("metadata", entries);
    ours
}
