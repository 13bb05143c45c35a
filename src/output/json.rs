//! The JSON documents. Names and shapes are those that `bd` made known; `uid` and what follows is ours.
//! The table in `schema/` describes them, and `docs/json.md` is made from it.

use serde_json::{Map, Value, json};

use crate::model::{FIELDS, FieldDef, FieldType, Front, Issue, Ref, Tracker, Value as FieldValue};

/// The version that objects carry. It grows when a field changes its meaning or goes away, never for a new one.
pub const SCHEMA_VERSION: u32 = 1;

/// A JSON object in the order of its making.
pub type Object = Map<String, Value>;

/// Fields that stand in documents in a form of their own.
const SHOWN_ELSEWHERE: [&str; 14] = [
    "id",
    "key",
    "title",
    "type",
    "status",
    "priority",
    "parent",
    "blocked_by",
    "related",
    "discovered_from",
    "links",
    "duplicate_of",
    "superseded_by",
    "metadata",
];

/// Returns what every document says of an issue, without its texts.
pub fn issue(tracker: &Tracker, position: usize) -> Object {
    let mut object = Object::new();
    let front = tracker.front(position);
    object.insert("id".to_owned(), tracker.key(position).into());
    object.insert("title".to_owned(), front.title.clone().into());
    object.insert("status".to_owned(), front.status.as_str().into());
    object.insert("priority".to_owned(), front.priority.number().into());
    object.insert("issue_type".to_owned(), front.kind.clone().into());
    add_fields(&mut object, tracker, front);
    object.insert("uid".to_owned(), front.id.to_string().into());
    object
}

/// Returns the fields that documents show as they are, in their order.
pub(super) fn plain_fields() -> impl Iterator<Item = &'static FieldDef> {
    FIELDS.iter().filter(|field| !SHOWN_ELSEWHERE.contains(&field.key))
}

/// Returns the names of the fields that a row may have, with its texts.
pub fn row_fields() -> Vec<&'static str> {
    let first = ["id", "title", "description", "design", "acceptance_criteria", "notes"];
    let then = ["status", "priority", "issue_type"];
    let known = plain_fields().map(|f| f.json);
    let last =
        ["metadata", "uid", "dependencies", "dependency_count", "dependent_count", "comment_count", "parent"];
    first.into_iter().chain(then).chain(known).chain(last).collect()
}

/// Tells whether a field is one of the texts, which are read only where they are wanted.
pub fn is_text(field: &str) -> bool {
    ["description", "design", "acceptance_criteria", "notes"].contains(&field)
}

fn add_fields(object: &mut Object, tracker: &Tracker, front: &Front) {
    for field in plain_fields() {
        let value = match field.get(front) {
            None => continue,
            Some(FieldValue::Text(text)) => text.into(),
            Some(FieldValue::Number(number)) => number.into(),
            Some(FieldValue::Time(time)) => time.to_string().into(),
            Some(FieldValue::TextSet(items)) => items.into_iter().collect(),
            Some(FieldValue::Id(id)) => id.to_string().into(),
            Some(FieldValue::Ref(target)) => tracker.show_ref(&target).into(),
            Some(FieldValue::RefSet(_) | FieldValue::LinkSet(_) | FieldValue::Map(_)) => continue,
        };
        object.insert(field.json.to_owned(), value);
    }
    if !front.metadata.is_empty() {
        object.insert("metadata".to_owned(), metadata(front));
    }
    debug_assert!(FIELDS.iter().filter(|f| f.kind == FieldType::Map).count() == 1);
}

/// Returns the metadata as the JSON it holds.
pub fn metadata(front: &Front) -> Value {
    let parsed = |text: &String| serde_json::from_str(text).unwrap_or_else(|_| text.clone().into());
    Value::Object(front.metadata.iter().map(|(name, text)| (name.clone(), parsed(text))).collect())
}

/// Returns an issue as listings show it: with its dependencies by id and with counts.
pub fn row(tracker: &Tracker, position: usize) -> Object {
    let mut object = issue(tracker, position);
    let front = tracker.front(position);
    let edges: Vec<Value> = front
        .references()
        .iter()
        .map(|(kind, target)| edge(tracker, position, kind, &tracker.show_ref(target)))
        .collect();
    let dependents = tracker.graph().dependents(position).count();
    let dependencies = tracker.graph().blockers(position).count();
    if !edges.is_empty() {
        object.insert("dependencies".to_owned(), edges.into());
    }
    object.insert("dependency_count".to_owned(), dependencies.into());
    object.insert("dependent_count".to_owned(), dependents.into());
    object.insert("comment_count".to_owned(), tracker.rows[position].comments.into());
    if let Some(parent) = &front.parent {
        object.insert("parent".to_owned(), tracker.show_ref(parent).into());
    }
    object
}

/// One dependency in the form of listings.
fn edge(tracker: &Tracker, position: usize, kind: &str, target: &str) -> Value {
    json!({
        "issue_id": tracker.key(position),
        "depends_on_id": target,
        "type": kind,
        "created_at": tracker.front(position).created_at.to_string(),
    })
}

/// Returns a listing's row together with its texts.
pub fn full_row(tracker: &Tracker, position: usize, issue: &Issue) -> Object {
    let mut object = row(tracker, position);
    add_texts(&mut object, issue);
    object
}

/// Returns the version of an issue as documents name it, from the object id of its file; `None` where it is not
/// written yet.
pub fn rev(blob: &[u8]) -> Option<String> {
    (!blob.is_empty()).then(|| blob.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn add_rev(object: &mut Object, tracker: &Tracker, position: usize) {
    object.extend(rev(&tracker.rows[position].blob).map(|rev| ("rev".to_owned(), rev.into())));
}

/// Returns an issue with all that is known of it, as `show` prints it. `dependencies` and `dependents` carry
/// the fields of both forms: of the edge and of the issue at its other end.
pub fn details(tracker: &Tracker, position: usize, issue: &Issue) -> Object {
    let mut object = row(tracker, position);
    add_texts(&mut object, issue);
    add_rev(&mut object, tracker, position);
    let dependencies = dependencies(tracker, position).into_iter().map(Value::from).collect();
    let dependents = dependents(tracker, position).into_iter().map(Value::from).collect();
    set_list(&mut object, "dependencies", dependencies);
    set_list(&mut object, "dependents", dependents);
    let comments: Vec<Value> = issue.body.comments.iter().map(|c| comment(tracker, position, c)).collect();
    set_list(&mut object, "comments", comments);
    add_epic_counts(&mut object, tracker, position);
    object
}

fn set_list(object: &mut Object, name: &str, items: Vec<Value>) {
    object.shift_remove(name);
    if !items.is_empty() {
        object.insert(name.to_owned(), items.into());
    }
}

fn merge(entry: &mut Object, other: Value) {
    if let Value::Object(fields) = other {
        for (name, value) in fields {
            entry.entry(name).or_insert(value);
        }
    }
}

/// Returns the issues that this one refers to, each with the kind of the reference.
pub fn dependencies(tracker: &Tracker, position: usize) -> Vec<Object> {
    let entry = |kind: &str, target: &Ref| {
        let mut entry = match tracker.keys().resolve_ref(target) {
            Some(other) => issue(tracker, other),
            None => Object::from_iter([("id".to_owned(), target.to_string().into())]),
        };
        entry.insert("dependency_type".to_owned(), kind.into());
        merge(&mut entry, edge(tracker, position, kind, &tracker.show_ref(target)));
        entry
    };
    tracker.front(position).references().into_iter().map(|(kind, target)| entry(kind, target)).collect()
}

/// Returns the issues that refer to this one, each with the kind of the reference.
pub fn dependents(tracker: &Tracker, position: usize) -> Vec<Object> {
    let is_this = |target: &Ref| tracker.keys().resolve_ref(target) == Some(position);
    let mut found = Vec::new();
    for other in tracker.graph().referrers(position) {
        for (kind, _) in tracker.front(other).references().into_iter().filter(|(_, target)| is_this(target)) {
            let mut entry = issue(tracker, other);
            entry.insert("dependency_type".to_owned(), kind.into());
            merge(&mut entry, edge(tracker, other, kind, &tracker.key(position)));
            found.push(entry);
        }
    }
    found
}

fn add_epic_counts(object: &mut Object, tracker: &Tracker, position: usize) {
    let children: Vec<usize> = tracker.graph().children(position).collect();
    if tracker.front(position).kind == "epic" || !children.is_empty() {
        let closed = children.iter().filter(|c| tracker.is_closed(**c)).count();
        object.insert("epic_total_children".to_owned(), children.len().into());
        object.insert("epic_closed_children".to_owned(), closed.into());
        let open = !tracker.is_closed(position);
        object.insert(
            "epic_closeable".to_owned(),
            (open && !children.is_empty() && closed == children.len()).into(),
        );
    }
}

/// Returns a comment.
pub fn comment(tracker: &Tracker, position: usize, comment: &crate::model::Comment) -> Value {
    json!({
        "id": comment.id.to_string(),
        "issue_id": tracker.key(position),
        "author": comment.by,
        "text": comment.text,
        "created_at": comment.at.to_string(),
    })
}

/// Puts the texts behind the title, where `bd` has them.
fn add_texts(object: &mut Object, issue: &Issue) {
    let texts = [
        ("description", &issue.body.description),
        ("design", &issue.body.design),
        ("acceptance_criteria", &issue.body.acceptance),
        ("notes", &issue.body.notes),
    ];
    for (at, (name, text)) in texts.into_iter().filter(|(_, text)| !text.is_empty()).enumerate() {
        object.shift_insert(2 + at, name.to_owned(), text.clone().into());
    }
}

/// Returns the whole of a changed issue, as the writing commands print it.
pub fn written(tracker: &Tracker, position: usize, issue: &Issue) -> Object {
    let mut object = full_row(tracker, position, issue);
    add_rev(&mut object, tracker, position);
    object
}

/// Marks an object with the schema version.
pub fn versioned(document: impl Into<Value>) -> Value {
    let mut document = document.into();
    if let Some(object) = document.as_object_mut() {
        object.insert("schema_version".to_owned(), SCHEMA_VERSION.into());
    }
    document
}
