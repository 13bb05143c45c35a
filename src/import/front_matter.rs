//! The front matter of a foreign Markdown file: values by name, and the rest as it stands.
//!
//! Keys that no importer asks for stay as raw text in `Front::extra`, under their own names. Where that cannot be
//! (the name is one of ours, or the text means something only together with another key) the value goes into
//! `metadata` as `<kind>.<name>`, in JSON.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::model::yaml::{Node, Wish, read_mapping, split_entries};
use crate::model::{FieldDef, Front, IssueId, Timestamp, read_front};

/// What is wrong with a file: a code and a sentence.
pub(super) type Refusal = (&'static str, String);
/// What no importer asked for: raw front matter by name, and JSON by name in `metadata`.
type Unasked = (BTreeMap<String, String>, BTreeMap<String, String>);

/// A foreign file, as far as it was read.
#[derive(Debug)]
pub(super) struct ForeignFile<'a> {
    kind: &'static str,
    front: &'a str,
    entries: Vec<(String, Node)>,
    used: BTreeSet<String>,
    kept: BTreeMap<String, String>,
    /// Everything below the front matter.
    pub body: &'a str,
    /// Codes and sentences about values that could not be used.
    pub remarks: Vec<(&'static str, String)>,
}

impl<'a> ForeignFile<'a> {
    /// Reads a file. `wish` says how the values of well-formed files are read.
    pub fn read(kind: &'static str, bytes: &'a [u8], wish: fn(&str) -> Wish) -> Result<Self, Refusal> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let text = std::str::from_utf8(bytes).map_err(|_| ("not_utf8", "not valid UTF-8".to_owned()))?;
        let (front, body) = split(text).ok_or(("no_front_matter", "no front matter".to_owned()))?;
        if has_conflict_marker(front) {
            return Err(("conflict_marker", "git conflict markers in the front matter".to_owned()));
        }
        // A file that has another shape than we wish for may still be read as what it is.
        let entries = read_mapping(front, wish).or_else(|error| {
            read_mapping(front, |_| Wish::Json)
                .map_err(|_| ("unreadable", format!("line {}: {}", error.line + 1, error.message)))
        })?;
        let (used, kept) = Default::default();
        Ok(ForeignFile { kind, front, entries, used, kept, body, remarks: Vec::new() })
    }

    /// Tells whether any of the keys is there with a value.
    pub fn has(&self, names: &[&str]) -> bool {
        self.entries.iter().any(|(key, node)| names.contains(&key.as_str()) && *node != Node::Null)
    }

    /// Reads the first of `names` that is there. A value that `read` does not understand is kept in `metadata`.
    pub fn take<T>(&mut self, names: &[&str], what: &str, read: impl Fn(&Node) -> Option<T>) -> Option<T> {
        let found = names.iter().find_map(|name| self.entries.iter().find(|(key, _)| key == name));
        let (name, node) = found?;
        self.used.insert(name.clone());
        if is_empty(node) {
            return None;
        }
        let value = read(node);
        if value.is_none() {
            let (name, json) = (name.clone(), to_json(node).to_string());
            self.remarks.push(("kept_as_metadata", format!("{name} is not {what}; it is kept in metadata")));
            self.keep(&name, json);
        }
        value
    }

    /// Keeps a value in `metadata`, under the name it has in the file.
    pub fn keep(&mut self, name: &str, json: String) {
        self.kept.insert(format!("{}.{name}", self.kind), json);
    }

    /// Reads a scalar as its text.
    pub fn text(&mut self, names: &[&str]) -> Option<String> {
        self.take(names, "a text", scalar)
    }

    /// Reads a time.
    pub fn time(&mut self, names: &[&str]) -> Option<Timestamp> {
        self.take(names, "a time", |node| Timestamp::parse(&scalar(node)?))
    }

    /// Reads a list of texts. A single text is split at its commas.
    pub fn list(&mut self, names: &[&str]) -> Vec<String> {
        self.take(names, "a list of texts", list).unwrap_or_default()
    }

    /// Moves what was not asked for, and what was not understood, into the front matter of an issue.
    pub fn finish(self, front: &mut Front) -> Vec<(&'static str, String)> {
        let (extra, metadata) = self.unasked();
        front.extra = extra;
        front.metadata.extend(metadata);
        front.metadata.extend(self.kept);
        self.remarks
    }

    fn unasked(&self) -> Unasked {
        let rest: Vec<&(String, Node)> = self
            .entries
            .iter()
            .filter(|(key, node)| !self.used.contains(key) && *node != Node::Null)
            .collect();
        let raw = |key: &str| FieldDef::by_key(key).is_none() && !key.starts_with('#');
        let extra = self.raw_entries(|key| key == "#" || raw(key) && rest.iter().any(|(k, _)| k == key));
        let in_json = rest.iter().filter(|(key, _)| !extra.contains_key(key));
        let metadata = in_json.map(|(key, node)| (format!("{}.{key}", self.kind), to_json(node).to_string()));
        let metadata = metadata.collect();
        (extra, metadata)
    }

    /// Returns the wanted entries as they stand; none, where they cannot stand alone.
    fn raw_entries(&self, wanted: impl Fn(&str) -> bool) -> BTreeMap<String, String> {
        let mut text = "title: x\n".to_owned();
        for entry in split_entries(self.front).unwrap_or_default() {
            if wanted(entry.key) {
                text.push_str(entry.text);
                if !text.ends_with('\n') {
                    text.push('\n');
                }
            }
        }
        let id = IssueId::from_parts(Timestamp::default(), 1);
        read_front(&text, Some(id)).map(|front| front.extra).unwrap_or_default()
    }
}

/// Splits a text at its lines of dashes.
fn split(text: &str) -> Option<(&str, &str)> {
    let first = text.split_inclusive('\n').next()?;
    if first.trim_end() != "---" {
        return None;
    }
    let mut at = first.len();
    for line in text[first.len()..].split_inclusive('\n') {
        if line.trim_end() == "---" {
            return Some((&text[first.len()..at], &text[at + line.len()..]));
        }
        at += line.len();
    }
    None
}

fn has_conflict_marker(text: &str) -> bool {
    let marker = |line: &str| ["<<<<<<<", "=======", ">>>>>>>"].iter().any(|m| line.starts_with(m));
    text.lines().any(marker)
}

fn is_empty(node: &Node) -> bool {
    match node {
        Node::Null => true,
        Node::Text(text) => text.is_empty(),
        Node::List(items) => items.is_empty(),
        Node::Map(entries) => entries.is_empty(),
        Node::Json(Value::Array(items)) => items.is_empty(),
        Node::Json(value) => value.is_null() || value == "",
    }
}

/// Returns a scalar as text.
pub(super) fn scalar(node: &Node) -> Option<String> {
    match node {
        Node::Text(text) | Node::Json(Value::String(text)) => Some(text.clone()),
        Node::Json(value @ (Value::Number(_) | Value::Bool(_))) => Some(value.to_string()),
        _ => None,
    }
}

/// Reads a list of texts, or one text with commas.
pub(super) fn list(node: &Node) -> Option<Vec<String>> {
    let texts = match node {
        Node::List(items) => match items.as_slice() {
            // A single text where a list was wished for.
            [Node::Text(text)] => split_commas(text),
            items => items.iter().filter(|i| **i != Node::Null).map(scalar).collect::<Option<_>>()?,
        },
        Node::Json(Value::Array(items)) => {
            items.iter().map(|v| scalar(&Node::Json(v.clone()))).collect::<Option<_>>()?
        }
        other => split_commas(&scalar(other)?),
    };
    Some(texts.into_iter().filter(|text| !text.is_empty()).collect())
}

fn split_commas(text: &str) -> Vec<String> {
    text.split(',').map(|part| part.trim().to_owned()).collect()
}

/// Returns the value in JSON.
pub(super) fn to_json(node: &Node) -> Value {
    match node {
        Node::Null => Value::Null,
        Node::Text(text) => text.as_str().into(),
        Node::List(items) => items.iter().map(to_json).collect(),
        Node::Map(entries) => entries.iter().map(|(k, v)| (k.clone(), to_json(v))).collect(),
        Node::Json(value) => value.clone(),
    }
}
