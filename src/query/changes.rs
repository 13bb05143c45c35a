//! What differs between two versions of an issue, part by part, in the order of the file.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Body, Comment, FIELDS, FieldDef, Issue, Rule, SECTIONS, Value};

/// One part of an issue that differs.
#[derive(Clone, Debug)]
pub enum Changed {
    /// A field of the table.
    Field {
        /// Its row.
        field: &'static FieldDef,
        /// The value before.
        old: Option<Value>,
        /// The value after.
        new: Option<Value>,
    },
    /// A metadata entry or a key that quipu does not know.
    Entry {
        /// `metadata.NAME`, or the key.
        name: String,
        /// The text before.
        old: Option<String>,
        /// The text after.
        new: Option<String>,
    },
    /// The description, a section, or a section that quipu does not know.
    Text {
        /// The section's name, or its marker.
        name: String,
        /// The text before; empty where there was none.
        old: String,
        /// The text after; empty where there is none.
        new: String,
    },
    /// A comment: added, edited or removed.
    Comment {
        /// The comment before.
        old: Option<Comment>,
        /// The comment after.
        new: Option<Comment>,
    },
}

impl Changed {
    /// Names the part: a field, an entry, a section, or the comments.
    pub fn name(&self) -> &str {
        match self {
            Changed::Field { field, .. } => field.key,
            Changed::Entry { name, .. } | Changed::Text { name, .. } => name,
            Changed::Comment { .. } => "comments",
        }
    }
}

/// Says in a word what happened to an issue that is there before and after: what became of its state, else `changed`.
pub fn happened(changes: &[Changed]) -> &'static str {
    let states = changes.iter().find_map(|change| match change {
        Changed::Field { field, old, new } if field.key == "status" => Some([old, new].map(status_word)),
        _ => None,
    });
    match states {
        Some([_, "closed"]) => "closed",
        Some(["closed", _]) => "reopened",
        Some([_, "in_progress"]) => "claimed",
        Some([_, "deferred"]) => "deferred",
        Some(["in_progress", "open"]) => "released",
        _ if changes.iter().any(|change| change.name() == "claimed_session") => "claimed",
        _ if changes.iter().any(is_put_off) => "deferred",
        _ => "changed",
    }
}

fn is_put_off(change: &Changed) -> bool {
    matches!(change, Changed::Field { field, new: Some(_), .. } if field.key == "defer_until")
}

fn status_word(value: &Option<Value>) -> &str {
    match value {
        Some(Value::Text(word)) => word,
        _ => "",
    }
}

/// Returns what differs. A version that is absent has nothing.
pub fn changes(old: Option<&Issue>, new: Option<&Issue>) -> Vec<Changed> {
    let mut found = fields(old, new);
    let none = Body::default();
    let [old, new] = [old, new].map(|side| side.map_or(&none, |issue| &issue.body));
    for name in std::iter::once("description").chain(SECTIONS.map(|(name, _)| name)) {
        let [before, after] = [old, new].map(|side| side.section(name).unwrap_or_default());
        add_text(&mut found, name, before, after);
    }
    let [before, after] = [unknown_sections(old), unknown_sections(new)];
    for marker in keys(&before, &after) {
        let text = |side: &BTreeMap<String, String>| side.get(&marker).cloned().unwrap_or_default();
        add_text(&mut found, &marker, &text(&before), &text(&after));
    }
    found.extend(comments(old, new));
    found
}

fn fields(old: Option<&Issue>, new: Option<&Issue>) -> Vec<Changed> {
    let mut found = Vec::new();
    for field in FIELDS {
        let [old, new] = [old, new].map(|side| side.and_then(|issue| field.get(&issue.front)));
        if field.rule == Rule::Entries {
            let [old, new] = [old, new].map(|side| match side {
                Some(Value::Map(map)) => map,
                _ => BTreeMap::new(),
            });
            add_entries(&mut found, &old, &new, |name| format!("{}.{name}", field.key));
        } else if old != new {
            found.push(Changed::Field { field, old, new });
        }
    }
    let none = BTreeMap::new();
    let [old, new] = [old, new].map(|side| side.map_or(&none, |issue| &issue.front.extra));
    add_entries(&mut found, old, new, str::to_owned);
    found
}

fn keys(old: &BTreeMap<String, String>, new: &BTreeMap<String, String>) -> BTreeSet<String> {
    old.keys().chain(new.keys()).cloned().collect()
}

fn add_entries(
    found: &mut Vec<Changed>,
    old: &BTreeMap<String, String>,
    new: &BTreeMap<String, String>,
    name: impl Fn(&str) -> String,
) {
    for key in keys(old, new) {
        let (old, new) = (old.get(&key).cloned(), new.get(&key).cloned());
        if old != new {
            found.push(Changed::Entry { name: name(&key), old, new });
        }
    }
}

fn add_text(found: &mut Vec<Changed>, name: &str, old: &str, new: &str) {
    if old != new {
        found.push(Changed::Text { name: name.to_owned(), old: old.to_owned(), new: new.to_owned() });
    }
}

/// The unknown sections by marker; a marker that stands twice counts as one section.
fn unknown_sections(body: &Body) -> BTreeMap<String, String> {
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    for section in &body.unknown {
        found.entry(section.marker.clone()).or_default().push_str(&section.text);
    }
    found
}

fn comments(old: &Body, new: &Body) -> Vec<Changed> {
    let [before, after] =
        [old, new].map(|body| body.comments.iter().map(|c| (c.id, c)).collect::<BTreeMap<_, _>>());
    let ids: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    ids.into_iter()
        .map(|id| (before.get(id).copied(), after.get(id).copied()))
        .filter(|(old, new)| old != new)
        .map(|(old, new)| Changed::Comment { old: old.cloned(), new: new.cloned() })
        .collect()
}
