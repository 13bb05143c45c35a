//! The fields of a record, taken one by one; what is no use to the model goes into `metadata`.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::names;
use crate::model::{Front, Timestamp};

/// What to remark about an imported record: a code, a sentence.
pub(super) type Remark = (&'static str, String);

/// JSON nested deeper than this is tried out before it is trusted: the reader of front matter has its bounds.
const DEEP: usize = 32;

/// Tells whether a time is Go's zero time, with which Beads says that there is none.
pub(super) fn is_unset(time: Timestamp) -> bool {
    time == Timestamp::from_millis(i64::MIN)
}

/// The fields of a record that are not used up yet, and what was made of the others.
pub(super) struct Record {
    pub fields: Map<String, Value>,
    pub metadata: BTreeMap<String, String>,
    pub remarks: Vec<Remark>,
    pub deep: bool,
}

impl Record {
    /// Takes a field; what means *absent* is absent.
    pub fn take(&mut self, name: &str) -> Option<Value> {
        self.fields.remove(name).filter(|value| match value {
            Value::Null => false,
            Value::String(text) => !text.is_empty(),
            Value::Array(items) => !items.is_empty(),
            Value::Object(map) => !map.is_empty(),
            _ => true,
        })
    }

    /// Takes a field that `read` understands. Any other value is kept in `metadata`.
    pub fn take_as<T>(&mut self, name: &str, what: &str, read: impl Fn(&Value) -> Option<T>) -> Option<T> {
        let value = self.take(name)?;
        let read = read(&value);
        if read.is_none() {
            self.keep(name, value, what);
        }
        read
    }

    /// Takes a text.
    pub fn text(&mut self, name: &str) -> Option<String> {
        match self.take(name)? {
            Value::String(text) => Some(text),
            other => {
                self.keep(name, other, "is not a text");
                None
            }
        }
    }

    /// Takes a time.
    pub fn time(&mut self, name: &str) -> Option<Timestamp> {
        self.take_as(name, "is not a time", |v| Timestamp::parse(v.as_str()?)).filter(|time| !is_unset(*time))
    }

    /// Tells whether a field is this text.
    pub fn is(&self, name: &str, text: &str) -> bool {
        self.fields.get(name).and_then(Value::as_str) == Some(text)
    }

    /// Keeps a field that is not as it should be.
    pub fn keep(&mut self, name: &str, value: Value, why: &str) {
        self.note(names::field_entry(name), &value);
        self.remarks.push(("kept_as_metadata", format!("{name} {why}; it is kept in metadata")));
    }

    /// Adds an entry of `metadata`.
    pub fn note(&mut self, entry: String, value: &Value) {
        self.deep |= is_deep(value);
        self.metadata.insert(entry, value.to_string());
    }

    /// Keeps everything that is left.
    pub fn rest(&mut self, front: &mut Front) {
        match self.take("metadata") {
            Some(Value::Object(map)) => {
                for (name, value) in &map {
                    self.note(names::inner_entry(name), value);
                }
            }
            Some(other) => self.note(names::field_entry("metadata"), &other),
            None => {}
        }
        for (name, value) in std::mem::take(&mut self.fields) {
            if !value.is_null() && !names::COMPUTED.contains(&name.as_str()) {
                self.note(names::field_entry(&name), &value);
            }
        }
        front.metadata = std::mem::take(&mut self.metadata);
    }
}

/// Tells whether JSON is nested so deep that it has to be tried out.
pub(super) fn is_deep(value: &Value) -> bool {
    deeper_than(value, DEEP)
}

fn deeper_than(value: &Value, levels: usize) -> bool {
    match value {
        Value::Array(items) => levels == 0 || items.iter().any(|v| deeper_than(v, levels - 1)),
        Value::Object(map) => levels == 0 || map.values().any(|v| deeper_than(v, levels - 1)),
        _ => false,
    }
}
