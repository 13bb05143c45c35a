//! The value of one field, whatever its type: what the table, the reader, the writer and the merge handle.

use std::collections::{BTreeMap, BTreeSet};

use super::{IssueId, Link, Priority, Ref, Status, Timestamp};

/// The type of a field, which decides how it is read and written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FieldType {
    /// A ULID.
    Id,
    /// One line of text.
    Text,
    /// A whole number from 0.
    Number,
    /// RFC 3339 in UTC with milliseconds.
    Time,
    /// A list of texts, a set: sorted, each once.
    TextSet,
    /// A reference to one issue.
    Ref,
    /// References to issues, a set.
    RefSet,
    /// Typed references, a set.
    LinkSet,
    /// A map of names to JSON values.
    Map,
}

impl FieldType {
    /// Returns the words the documentation uses.
    pub fn describe(self) -> &'static str {
        match self {
            FieldType::Id => "ULID",
            FieldType::Text => "text",
            FieldType::Number => "number",
            FieldType::Time => "time",
            FieldType::TextSet => "list of texts",
            FieldType::Ref => "reference",
            FieldType::RefSet => "list of references",
            FieldType::LinkSet => "list of `{type, id}`",
            FieldType::Map => "map",
        }
    }
}

/// The value of a field. An absent value is `None` around this.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[expect(missing_docs, reason = "each variant holds what FieldType describes")]
pub enum Value {
    Id(IssueId),
    Text(String),
    Number(u32),
    Time(Timestamp),
    TextSet(BTreeSet<String>),
    Ref(Ref),
    RefSet(BTreeSet<Ref>),
    LinkSet(BTreeSet<Link>),
    Map(BTreeMap<String, String>),
}

/// Converts between the typed field of the struct and a [`Value`].
pub(super) trait FieldValue {
    /// The type that the table shows.
    const TYPE: FieldType;
    /// Whether every issue has a value.
    const REQUIRED: bool = false;
    /// Returns the value, or `None` where the field is empty.
    fn to_value(&self) -> Option<Value>;
    /// Sets the field; a value of another type leaves it alone, `None` empties it.
    fn set_value(&mut self, value: Option<Value>);
}

/// A field that is always there.
macro_rules! required {
    ($type:ty, $kind:ident, $self:ident => $to:expr, $from:pat => $back:expr) => {
        impl FieldValue for $type {
            const TYPE: FieldType = FieldType::$kind;
            const REQUIRED: bool = true;
            fn to_value(&self) -> Option<Value> {
                let $self = self;
                Some(Value::$kind($to))
            }
            fn set_value(&mut self, value: Option<Value>) {
                if let Some(Value::$kind($from)) = value {
                    *self = $back;
                }
            }
        }
    };
}

/// A field that may be absent.
macro_rules! optional {
    ($type:ty, $kind:ident) => {
        impl FieldValue for Option<$type> {
            const TYPE: FieldType = FieldType::$kind;
            fn to_value(&self) -> Option<Value> {
                self.clone().map(Value::$kind)
            }
            fn set_value(&mut self, value: Option<Value>) {
                *self = match value {
                    Some(Value::$kind(inner)) => Some(inner),
                    _ => None,
                };
            }
        }
    };
}

/// A collection, absent when empty.
macro_rules! collection {
    ($type:ty, $kind:ident) => {
        impl FieldValue for $type {
            const TYPE: FieldType = FieldType::$kind;
            fn to_value(&self) -> Option<Value> {
                (!self.is_empty()).then(|| Value::$kind(self.clone()))
            }
            fn set_value(&mut self, value: Option<Value>) {
                *self = match value {
                    Some(Value::$kind(inner)) => inner,
                    _ => Default::default(),
                };
            }
        }
    };
}

required!(IssueId, Id, id => *id, id => id);
required!(String, Text, text => text.clone(), text => text);
required!(Timestamp, Time, time => *time, time => time);
required!(Status, Text, status => status.as_str().to_owned(), text => Status::from_text(&text));
required!(Priority, Number, priority => u32::from(priority.number()),
    number => u8::try_from(number).ok().and_then(Priority::new).unwrap_or_default());
optional!(String, Text);
optional!(u32, Number);
optional!(Timestamp, Time);
optional!(Ref, Ref);
collection!(BTreeSet<String>, TextSet);
collection!(BTreeSet<Ref>, RefSet);
collection!(BTreeSet<Link>, LinkSet);
collection!(BTreeMap<String, String>, Map);
