//! Reading and writing the front matter: liberal on the way in, canonical on the way out.
//!
//! Keys stand in the order of the field table, empty ones are left out, unknown ones follow as raw text.

use std::collections::{BTreeMap, BTreeSet};

use super::scalar::{Place, write_quoted, write_scalar};
use super::yaml::{Node, Wish, YamlError, read_mapping, split_entries};
use super::{FIELDS, FieldDef, FieldType, Front, IssueId, Link, Priority, Ref, Timestamp, Value};

type Outcome<T> = Result<T, YamlError>;

/// Reads a front matter, without the lines of dashes. `id` is what the file name says.
///
/// # Errors
/// The first thing that is wrong, with its line (from 1) in `text`.
pub fn read_front(text: &str, id: Option<IssueId>) -> Outcome<Front> {
    if let Some(line) = conflict_marker(text) {
        return fail(line, "a git conflict marker");
    }
    let raw = split_entries(text);
    let line_of = |key: &str| raw.iter().flatten().find(|e| e.key == key).map_or(1, |e| e.line);
    let mut front = Front::default();
    for (key, node) in read_mapping(text, wish_for)? {
        match FieldDef::by_key(&key) {
            Some(field) => {
                let value = to_value(field, node).map_err(|message| YamlError {
                    line: line_of(&key),
                    message: format!("{key}: {message}"),
                })?;
                if value.is_some() {
                    field.set(&mut front, value);
                }
            }
            None => {
                let text = raw_text(raw.as_deref().unwrap_or_default(), &key, &node);
                front.extra.insert(key, text);
            }
        }
    }
    for entry in raw.iter().flatten().filter(|e| e.key == "#") {
        let comment = entry.text.lines().next().unwrap_or_default();
        if !comment.is_empty() {
            front.extra.insert(comment.to_owned(), format!("{comment}\n"));
        }
    }
    complete(front, id, line_of)
}

fn fail<T>(line: usize, message: impl Into<String>) -> Outcome<T> {
    Err(YamlError { line, message: message.into() })
}

fn conflict_marker(text: &str) -> Option<usize> {
    let marks = ["<<<<<<< ", "||||||| ", ">>>>>>> "];
    text.lines()
        .position(|l| {
            l == "=======" || marks.iter().any(|m| l.starts_with(m)) || l == "<<<<<<<" || l == ">>>>>>>"
        })
        .map(|at| at + 1)
}

/// Fills what a file written by hand may leave out, and checks what it may not.
fn complete(mut front: Front, id: Option<IssueId>, line_of: impl Fn(&str) -> usize) -> Outcome<Front> {
    let none = IssueId::default();
    match (front.id == none, id) {
        (true, Some(id)) => front.id = id,
        (true, None) => return fail(1, "id is missing"),
        (false, Some(id)) if id != front.id => {
            return fail(line_of("id"), format!("id is {}, but the file is named {id}", front.id));
        }
        _ => {}
    }
    if front.title.is_empty() {
        return fail(line_of("title"), "title is missing");
    }
    if front.kind.is_empty() {
        "task".clone_into(&mut front.kind);
    }
    let unset = Timestamp::default();
    if front.created_at == unset {
        front.created_at = front.id.created_at();
    }
    if front.updated_at == unset {
        front.updated_at = front.created_at;
    }
    Ok(front)
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
        FieldType::Time => {
            Value::Time(Timestamp::parse(&text).ok_or_else(|| format!("{text:?} is not a time in RFC 3339"))?)
        }
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
    let Node::Map(entries) = node else { return Err("expected {type, id}".to_owned()) };
    let find = |name: &str| {
        entries.iter().find_map(|(key, value)| match value {
            Node::Text(text) if key == name => Some(text.clone()),
            _ => None,
        })
    };
    match (find("type"), find("id")) {
        (Some(kind), Some(target)) => Ok(Link { kind, target: Ref::parse(&target) }),
        _ => Err("expected {type, id}".to_owned()),
    }
}

/// Returns the text of an unknown entry: as it stands, where it means the same on its own; else in JSON,
/// which is YAML too (an entry that refers to an anchor elsewhere has to be spelled out).
pub(super) fn raw_text(raw: &[super::yaml::RawEntry<'_>], key: &str, node: &Node) -> String {
    let same = |text: &str| matches!(read_mapping(text, |_| Wish::Json), Ok(alone) if alone.len() == 1 && alone[0].0 == key && alone[0].1 == *node);
    match raw.iter().find(|e| e.key == key) {
        Some(entry) if same(entry.text) => {
            let mut text = entry.text.trim_end().to_owned();
            // The line breaks at the end of a block scalar may be part of its value.
            if !same(&text) {
                entry.text.clone_into(&mut text);
            }
            if !text.ends_with('\n') {
                text.push('\n');
            }
            text
        }
        _ => {
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
    }
}

/// Appends a JSON value in YAML's flow style. Its strings are quoted our way, which both readers take.
fn write_json(out: &mut String, value: &serde_json::Value) {
    match value {
        serde_json::Value::String(text) => write_quoted(out, text),
        serde_json::Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at > 0 { ", " } else { "" });
                write_json(out, item);
            }
            out.push(']');
        }
        serde_json::Value::Object(map) => {
            out.push('{');
            for (at, (key, item)) in map.iter().enumerate() {
                out.push_str(if at > 0 { ", " } else { "" });
                write_quoted(out, key);
                out.push_str(": ");
                write_json(out, item);
            }
            out.push('}');
        }
        other => out.push_str(&other.to_string()),
    }
}

/// Appends the front matter in its canonical form, without the lines of dashes.
pub fn write_front(out: &mut String, front: &Front) {
    for field in FIELDS {
        if let Some(value) = field.get(front) {
            out.push_str(field.key);
            out.push_str(": ");
            write_value(out, &value);
            out.push('\n');
        }
    }
    for text in front.extra.values() {
        out.push_str(text);
    }
}

fn write_value(out: &mut String, value: &Value) {
    match value {
        Value::Id(id) => write_scalar(out, &id.to_string(), Place::Block),
        Value::Text(text) => write_scalar(out, text, Place::Block),
        Value::Number(number) => out.push_str(&number.to_string()),
        Value::Time(time) => write_scalar(out, &time.to_string(), Place::Block),
        Value::Ref(target) => write_scalar(out, &target.to_string(), Place::Block),
        Value::TextSet(items) => write_list(out, items.iter(), |out, i| write_scalar(out, i, Place::Flow)),
        Value::RefSet(items) => {
            write_list(out, items.iter(), |out, i| write_scalar(out, &i.to_string(), Place::Flow));
        }
        Value::LinkSet(items) => write_list(out, items.iter(), |out, link| {
            out.push_str("{type: ");
            write_scalar(out, &link.kind, Place::Flow);
            out.push_str(", id: ");
            write_scalar(out, &link.target.to_string(), Place::Flow);
            out.push('}');
        }),
        Value::Map(map) => write_map(out, map),
    }
}

fn write_list<T>(out: &mut String, items: impl Iterator<Item = T>, write: impl Fn(&mut String, T)) {
    out.push('[');
    for (at, item) in items.enumerate() {
        if at > 0 {
            out.push_str(", ");
        }
        write(out, item);
    }
    out.push(']');
}

fn write_map(out: &mut String, map: &BTreeMap<String, String>) {
    out.push('{');
    for (at, (name, json)) in map.iter().enumerate() {
        if at > 0 {
            out.push_str(", ");
        }
        write_quoted(out, name);
        out.push_str(": ");
        match serde_json::from_str(json) {
            Ok(value) => write_json(out, &value),
            Err(_) => write_quoted(out, json),
        }
    }
    out.push('}');
}
