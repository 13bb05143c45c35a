//! The table as JSON Schema (draft 2020-12).
//!
//! Objects may hold more than is described: fields come in at any time, and only what is there already stays.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::page::{meaning, type_text};
use super::{Document, Field, Presence, Type};
use crate::output::json::SCHEMA_VERSION;

/// The version of JSON Schema.
const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";
/// A ULID in lower case.
const ULID: &str = "^[0-7][0-9a-hjkmnp-tv-z]{25}$";

/// One form of what a command prints.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// When the result has this form, empty where it is the usual one.
    pub when: &'static str,
    /// What it is.
    pub kind: Type,
    /// How it stands in the output.
    pub form: Form,
}

/// How a value stands in the output.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// As the whole of it.
    Result,
    /// As one of its lines.
    Line,
    /// Somewhere in it.
    Part,
}

impl Shape {
    /// The form that a command usually prints.
    pub const fn usual(kind: Type) -> Self {
        Shape { when: "", kind, form: Form::Result }
    }

    /// A form that depends on how the command is called.
    pub const fn when(when: &'static str, kind: Type) -> Self {
        Shape { when, kind, form: Form::Result }
    }

    /// JSON Lines.
    pub const fn lines(when: &'static str, kind: Type) -> Self {
        Shape { when, kind, form: Form::Line }
    }

    /// A value wherever it stands.
    pub const fn part(kind: Type) -> Self {
        Shape { when: "", kind, form: Form::Part }
    }

    /// Returns the words that name the form.
    pub fn text(&self) -> String {
        let text = type_text(self.kind);
        if self.form == Form::Line { format!("lines of {text}") } else { text }
    }

    fn schema(&self) -> Value {
        let mut schema = of_type(self.kind);
        if matches!(self.kind, Type::Of(_)) && self.form == Form::Result {
            schema["properties"] = json!({ "schema_version": { "const": SCHEMA_VERSION } });
            schema["required"] = json!(["schema_version"]);
        }
        let said = [self.when, if self.form == Form::Line { "each line" } else { "" }];
        let said: Vec<&str> = said.into_iter().filter(|text| !text.is_empty()).collect();
        if !said.is_empty() {
            schema["description"] = said.join("; ").into();
        }
        schema
    }
}

/// Returns the schema of a result that has one of these forms.
pub fn schema(title: &str, shapes: &[Shape]) -> Value {
    let mut documents = BTreeMap::new();
    shapes.iter().for_each(|shape| shape.kind.collect(&mut documents));
    let forms: Vec<Value> = shapes.iter().map(Shape::schema).collect();
    let mut root = json!({ "$schema": DRAFT, "title": title });
    root["anyOf"] = forms.into();
    let defs = documents.values().map(|document| (document.name.to_owned(), of_document(document)));
    root["$defs"] = Value::Object(defs.collect());
    root
}

/// Returns the schema of an object.
fn of_document(document: &'static Document) -> Value {
    let fields = document.fields();
    let properties: Map<String, Value> =
        fields.iter().map(|(_, field)| (field.name.to_owned(), property(field))).collect();
    let required: Vec<&str> =
        fields.iter().filter(|(_, f)| f.presence == Presence::Always).map(|(_, f)| f.name).collect();
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": true,
    })
}

fn property(field: &Field) -> Value {
    let mut schema = of_type(field.kind);
    let mut text = meaning(field);
    if let Presence::With(flag) = field.presence {
        text.push_str(&format!(" (with {})", flag.replace('`', "")));
    }
    schema["description"] = text.replace('`', "").into();
    schema
}

fn of_type(kind: Type) -> Value {
    match kind {
        Type::Text => json!({ "type": "string" }),
        Type::Time => json!({ "type": "string", "format": "date-time" }),
        Type::Ulid => json!({ "type": "string", "pattern": ULID }),
        Type::Whole => json!({ "type": "integer", "minimum": 0 }),
        Type::Fraction => json!({ "type": "number" }),
        Type::Flag => json!({ "type": "boolean" }),
        Type::Map => json!({ "type": "object", "additionalProperties": true }),
        Type::Any => json!({}),
        Type::Words(words) => json!({ "type": "string", "enum": words }),
        Type::Of(document) => json!({ "$ref": format!("#/$defs/{}", document.name) }),
        Type::List(inner) => json!({ "type": "array", "items": of_type(*inner) }),
        Type::OrNull(inner) => json!({ "anyOf": [of_type(*inner), { "type": "null" }] }),
        Type::Either(types) => json!({ "anyOf": types.iter().map(|t| of_type(*t)).collect::<Vec<_>>() }),
    }
}
