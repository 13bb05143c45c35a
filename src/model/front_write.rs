//! Writing the front matter in its one canonical form.
//!
//! Keys stand in the order of the field table, empty ones are left out, unknown ones follow as raw text.

use std::collections::BTreeMap;

use super::scalar::{Place, write_quoted, write_scalar};
use super::{FIELDS, Front, Value};

/// Appends a JSON value in YAML's flow style. Its strings are quoted our way, which both readers take.
pub(super) fn write_json(out: &mut String, value: &serde_json::Value) {
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
        // Plain, as the format shows it: a reader that knows times reads the same one.
        Value::Time(time) => out.push_str(&time.to_string()),
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

pub(super) fn write_map(out: &mut String, map: &BTreeMap<String, String>) {
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
