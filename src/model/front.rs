//! Reading the front matter, liberally: any YAML style, any order, keys instead of ULIDs.
//!
//! What the writer produces takes the fast path; everything else goes through the YAML reader.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::fast::read_fast;
use super::front_write::write_json;
use super::scalar::{Place, write_scalar};
use super::yaml::{Node, RawEntry, Wish, YamlError, read_entries, read_mapping, split_entries};
use super::{FieldDef, FieldType, Front, IssueId, Link, Priority, Ref, Value};

type Outcome<T> = Result<T, YamlError>;

/// How many keys a file may hold that quipu does not know.
pub const MAX_UNKNOWN: usize = 1000;

/// Reads a front matter, without the lines of dashes. `id` is what the file name says.
///
/// # Errors
/// The first thing that is wrong, with its line (from 1) in `text`.
pub fn read_front(text: &str, id: Option<IssueId>) -> Outcome<Front> {
    match read_fast(text, id) {
        Some(front) => Ok(front),
        None => read_front_yaml(text, id),
    }
}

/// Reads a front matter through the YAML reader, whatever it looks like. [`read_front`] gives the same, sooner.
///
/// # Errors
/// The first thing that is wrong, with its line (from 1) in `text`.
pub fn read_front_yaml(text: &str, id: Option<IssueId>) -> Outcome<Front> {
    if let Some(line) = conflict_marker(text) {
        return fail(line, "a git conflict marker");
    }
    let raw = split_entries(text).unwrap_or_default();
    let raw_of = by_key(&raw);
    let mut draft = Draft::default();
    let mut unknown = 0;
    let mut lines = HashMap::new();
    for entry in read_entries(text, wish_for)? {
        match FieldDef::by_key(&entry.key) {
            Some(field) => {
                lines.insert(field.key, entry.line);
                let message =
                    |message| YamlError { line: entry.line, message: format!("{}: {message}", entry.key) };
                if let Some(value) = to_value(field, entry.node).map_err(message)? {
                    draft.set(field, value);
                }
            }
            None if unknown == MAX_UNKNOWN => {
                return fail(entry.line, format!("more than {MAX_UNKNOWN} keys that quipu does not know"));
            }
            None => {
                unknown += 1;
                let text = raw_text(raw_of.get(entry.key.as_str()).copied(), &entry.key, &entry.node);
                draft.front.extra.insert(entry.key, text);
            }
        }
    }
    keep_comments(&raw, &mut draft.front.extra);
    draft
        .complete(id)
        .map_err(|(key, message)| YamlError { line: lines.get(key).copied().unwrap_or(1), message })
}

/// Finds raw entries by their keys. Where two lines seem to begin with the same key, the first counts; whether it
/// is the right one is checked when it is used.
pub(super) fn by_key<'r, 'a>(raw: &'r [RawEntry<'a>]) -> HashMap<&'a str, &'r RawEntry<'a>> {
    let mut found = HashMap::new();
    for entry in raw {
        found.entry(entry.key).or_insert(entry);
    }
    found
}

/// Adds the comment lines of a text to its unknown entries, so that they survive.
pub(super) fn keep_comments(raw: &[RawEntry<'_>], extra: &mut BTreeMap<String, String>) {
    for entry in raw.iter().filter(|e| e.key == "#") {
        // To YAML, a carriage return alone ends the line and with it the comment.
        let comment = entry.text.split(['\r', '\n']).next().unwrap_or_default();
        if !comment.is_empty() {
            extra.entry(comment.to_owned()).or_insert_with(|| format!("{comment}\n"));
        }
    }
}

fn fail<T>(line: usize, message: impl Into<String>) -> Outcome<T> {
    Err(YamlError { line, message: message.into() })
}

/// Returns the line, from 1, of the first conflict marker that git left in a text.
pub(super) fn conflict_marker(text: &str) -> Option<usize> {
    text.lines().position(is_conflict_marker).map(|at| at + 1)
}

/// Tells whether git writes such a line where it could not merge.
pub(super) fn is_conflict_marker(line: &str) -> bool {
    let marks = ["<<<<<<<", "|||||||", ">>>>>>>"];
    line == "======="
        || marks.iter().any(|m| line.strip_prefix(m).is_some_and(|r| r.is_empty() || r.starts_with(' ')))
}

/// A front matter that is being read, and which of its required values it had.
#[derive(Default)]
pub(super) struct Draft {
    pub(super) front: Front,
    has_id: bool,
    has_created_at: bool,
    has_updated_at: bool,
}

impl Draft {
    /// Sets a field.
    pub(super) fn set(&mut self, field: &FieldDef, value: Value) {
        match field.key {
            "id" => self.has_id = true,
            "created_at" => self.has_created_at = true,
            "updated_at" => self.has_updated_at = true,
            _ => {}
        }
        field.set(&mut self.front, Some(value));
    }

    /// Fills what a file written by hand may leave out, and checks what it may not. An error names its key.
    pub(super) fn complete(mut self, id: Option<IssueId>) -> Result<Front, (&'static str, String)> {
        let front = &mut self.front;
        match id {
            Some(id) if !self.has_id => front.id = id,
            None if !self.has_id => return Err(("id", "id is missing".to_owned())),
            Some(id) if id != front.id => {
                return Err(("id", format!("id is {}, but the file is named {id}", front.id)));
            }
            _ => {}
        }
        if front.title.is_empty() {
            return Err(("title", "title is missing".to_owned()));
        }
        if front.kind.is_empty() {
            "task".clone_into(&mut front.kind);
        }
        if !self.has_created_at {
            front.created_at = front.id.created_at();
        }
        if !self.has_updated_at {
            front.updated_at = front.created_at;
        }
        Ok(self.front)
    }
}

fn wish_for(key: &str) -> Wish {
    match FieldDef::by_key(key).map(|f| f.kind) {
        Some(FieldType::TextSet | FieldType::RefSet) => Wish::List,
        Some(FieldType::LinkSet) => Wish::Maps,
        Some(FieldType::Map) | None => Wish::Json,
        Some(_) => Wish::Text,
    }
}

fn to_value(field: &FieldDef, node: Node) -> Result<Option<Value>, String> {
    let text = match node {
        Node::Null => return Ok(None),
        // A type or status of nothing is none; the default holds.
        Node::Text(text) if text.is_empty() && matches!(field.key, "type" | "status") => return Ok(None),
        Node::Text(text) => text,
        Node::List(items) => return list_value(field, items).map(Some),
        Node::Json(serde_json::Value::Object(map)) => {
            return Ok(Some(Value::Map(map.into_iter().map(|(k, v)| (k, v.to_string())).collect())));
        }
        Node::Json(_) | Node::Map(_) => return Err("expected a map of names to values".to_owned()),
    };
    text_value(field, text).map(Some)
}

fn text_value(field: &FieldDef, text: String) -> Result<Value, String> {
    Ok(match field.kind {
        FieldType::Id => Value::Id(IssueId::parse(&text).ok_or_else(|| format!("{text:?} is not a ULID"))?),
        FieldType::Time => Value::Time(
            super::Timestamp::parse(&text).ok_or_else(|| format!("{text:?} is not a time in RFC 3339"))?,
        ),
        FieldType::Number if field.key == "priority" => {
            let priority = Priority::parse(&text).ok_or_else(|| format!("{text:?} is not 0 to 4"))?;
            Value::Number(priority.number().into())
        }
        FieldType::Number => {
            Value::Number(text.parse().map_err(|_| format!("{text:?} is not a whole number"))?)
        }
        FieldType::Ref => Value::Ref(Ref::parse(&text)),
        _ => Value::Text(text),
    })
}

fn list_value(field: &FieldDef, items: Vec<Node>) -> Result<Value, String> {
    if field.kind == FieldType::LinkSet {
        return items.into_iter().map(link).collect::<Result<BTreeSet<_>, _>>().map(Value::LinkSet);
    }
    let texts = items
        .into_iter()
        .filter_map(|item| match item {
            Node::Null => None,
            Node::Text(text) => Some(Ok(text)),
            _ => Some(Err("expected a list of texts".to_owned())),
        })
        .collect::<Result<BTreeSet<String>, _>>()?;
    Ok(match field.kind {
        FieldType::RefSet => Value::RefSet(texts.iter().map(|t| Ref::parse(t)).collect()),
        _ => Value::TextSet(texts),
    })
}

fn link(node: Node) -> Result<Link, String> {
    let (mut kind, mut target) = (None, None);
    let Node::Map(entries) = node else { return Err("expected {type, id}".to_owned()) };
    for (name, value) in entries {
        match (name.as_str(), value) {
            ("type", Node::Text(text)) => kind = Some(text),
            ("id", Node::Text(text)) => target = Some(Ref::parse(&text)),
            // Dropping it would lose it at the next write.
            _ => return Err(format!("{name:?} in a link; expected {{type, id}}")),
        }
    }
    match (kind, target) {
        (Some(kind), Some(target)) => Ok(Link { kind, target }),
        _ => Err("expected {type, id}".to_owned()),
    }
}

/// Returns the text of an unknown entry: as it stands, where it means the same on its own; else in JSON,
/// which is YAML too (an entry that refers to an anchor elsewhere has to be spelled out).
pub(super) fn raw_text(raw: Option<&RawEntry<'_>>, key: &str, node: &Node) -> String {
    let same = |text: &str| matches!(&read_mapping(text, |_| Wish::Json).as_deref(), Ok([(k, n)]) if k == key && n == node);
    if let Some(entry) = raw {
        let trimmed = format!("{}\n", entry.text.trim_end());
        if same(&trimmed) {
            return trimmed;
        }
        // The line breaks at the end of a block scalar may be part of its value.
        if entry.text.ends_with('\n') && same(entry.text) {
            return entry.text.to_owned();
        }
    }
    let mut text = String::new();
    write_scalar(&mut text, key, Place::Flow);
    text.push_str(": ");
    match node {
        Node::Json(value) => write_json(&mut text, value),
        _ => text.push('~'),
    }
    text.push('\n');
    text
}
