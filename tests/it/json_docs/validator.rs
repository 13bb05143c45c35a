//! A validator of JSON Schema, as far as `qp schema` uses it, and stricter: what an object holds has to be described.
//!
//! It reads the schemas as anybody would and shares no code with what makes them.

use std::collections::BTreeSet;

use serde_json::Value;

/// What the validator understands; a schema that says more would not be checked.
const KEYWORDS: [&str; 16] = [
    "$schema",
    "$defs",
    "$ref",
    "title",
    "description",
    "type",
    "properties",
    "required",
    "additionalProperties",
    "items",
    "anyOf",
    "enum",
    "const",
    "pattern",
    "format",
    "minimum",
];
const ULID: &str = "^[0-7][0-9a-hjkmnp-tv-z]{25}$";

/// What was found in a value.
#[derive(Default, Debug)]
pub struct Found {
    /// What is wrong, with its place.
    pub errors: Vec<String>,
    /// The fields that were there: the name of the definition, and that of the field.
    pub seen: BTreeSet<(String, String)>,
    /// Which of the schema's first alternatives it was.
    pub form: Option<usize>,
}

/// A schema with its definitions.
pub struct Validator<'s> {
    root: &'s Value,
}

/// Where the validator stands: the path in the value, the definition around it, and what else is allowed there.
struct Place<'p> {
    path: &'p str,
    definition: &'p str,
    also: Vec<&'p str>,
}

impl<'s> Validator<'s> {
    pub fn new(root: &'s Value) -> Self {
        understood(root);
        Validator { root }
    }

    /// Validates a whole result.
    pub fn check(&self, value: &Value) -> Found {
        let forms = self.root["anyOf"].as_array().expect("a schema of results");
        let mut best: Option<Found> = None;
        for (at, form) in forms.iter().enumerate() {
            let mut found = Found { form: Some(at), ..Found::default() };
            self.value(form, value, &Place { path: "", definition: "", also: Vec::new() }, &mut found);
            if found.errors.is_empty() {
                return found;
            }
            best = best.filter(|best| best.errors.len() <= found.errors.len()).or(Some(found));
        }
        best.expect("a result has a form")
    }

    fn value(&self, schema: &Value, value: &Value, place: &Place<'_>, found: &mut Found) {
        if let Some(reference) = schema["$ref"].as_str() {
            let name = reference.strip_prefix("#/$defs/").expect("a definition of this schema");
            let target = self.root["$defs"].get(name).unwrap_or_else(|| panic!("no definition {name}"));
            let also = schema["properties"].as_object().into_iter().flatten().map(|(name, _)| name.as_str());
            let inside = Place { path: place.path, definition: name, also: also.collect() };
            self.value(target, value, &inside, found);
            for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
                match value.get(name) {
                    Some(field) => self.value(schema, field, place, found),
                    None => found.errors.push(format!("{}: no {name}", place.path)),
                }
            }
            return;
        }
        if let Some(choices) = schema["anyOf"].as_array() {
            return self.choice(choices, value, place, found);
        }
        let mut wrong = |what: String| found.errors.push(format!("{}: {what}", place.path));
        if schema.get("const").is_some_and(|only| only != value) {
            wrong(format!("{value} is not {}", schema["const"]));
        }
        if schema["enum"].as_array().is_some_and(|words| !words.contains(value)) {
            wrong(format!("{value} is none of {}", schema["enum"]));
        }
        if let Some(kind) = schema["type"].as_str().filter(|kind| !is(kind, value)) {
            return wrong(format!("{value} is no {kind}"));
        }
        if let Some(text) = value.as_str() {
            if schema["format"] == "date-time" && !is_time(text) {
                wrong(format!("{text} is no time"));
            }
            if schema["pattern"] == ULID && !is_ulid(text) {
                wrong(format!("{text} is no ULID"));
            }
        }
        if let (Some(items), Some(item)) = (value.as_array(), schema.get("items")) {
            for (at, value) in items.iter().enumerate() {
                let path = format!("{}[{at}]", place.path);
                self.value(item, value, &Place { path: &path, definition: "", also: Vec::new() }, found);
            }
        }
        self.object(schema, value, place, found);
    }

    fn object(&self, schema: &Value, value: &Value, place: &Place<'_>, found: &mut Found) {
        let (Some(object), Some(properties)) = (value.as_object(), schema["properties"].as_object()) else {
            return;
        };
        for (name, value) in object {
            let Some(schema) = properties.get(name) else {
                if !place.also.contains(&name.as_str()) {
                    found.errors.push(format!("{}: {} has no {name}", place.path, place.definition));
                }
                continue;
            };
            found.seen.insert((place.definition.to_owned(), name.clone()));
            let path = format!("{}.{name}", place.path);
            self.value(schema, value, &Place { path: &path, definition: "", also: Vec::new() }, found);
        }
        for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if !object.contains_key(name) {
                found.errors.push(format!("{}: {} needs {name}", place.path, place.definition));
            }
        }
    }

    fn choice(&self, choices: &[Value], value: &Value, place: &Place<'_>, found: &mut Found) {
        let mut errors = Vec::new();
        for choice in choices {
            let mut tried = Found::default();
            self.value(choice, value, place, &mut tried);
            if tried.errors.is_empty() {
                found.seen.extend(tried.seen);
                return;
            }
            errors.extend(tried.errors);
        }
        found.errors.extend(errors);
    }
}

/// Panics at a keyword that the validator would pass over.
fn understood(schema: &Value) {
    for (name, value) in schema.as_object().into_iter().flatten() {
        assert!(KEYWORDS.contains(&name.as_str()), "the validator does not know {name}");
        match name.as_str() {
            "$defs" | "properties" => value.as_object().expect("schemas").values().for_each(understood),
            "items" => understood(value),
            "anyOf" => value.as_array().expect("schemas").iter().for_each(understood),
            "pattern" => assert_eq!(value, ULID),
            "format" => assert_eq!(value, "date-time"),
            "minimum" => assert_eq!(value, 0),
            "additionalProperties" => {
                assert_eq!(value, true, "only additions are promised, so they are allowed")
            }
            _ => {}
        }
    }
}

fn is(kind: &str, value: &Value) -> bool {
    match kind {
        "string" => value.is_string(),
        "integer" => value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "null" => value.is_null(),
        other => panic!("the validator does not know the type {other}"),
    }
}

fn is_time(text: &str) -> bool {
    let shape = "0000-00-00T00:00:00.000Z";
    text.len() == shape.len()
        && text.chars().zip(shape.chars()).all(|(c, s)| if s == '0' { c.is_ascii_digit() } else { c == s })
}

fn is_ulid(text: &str) -> bool {
    let letter = |c: char| c.is_ascii_digit() || c.is_ascii_lowercase() && !"ilou".contains(c);
    text.len() == 26 && text.starts_with(|c| ('0'..='7').contains(&c)) && text.chars().all(letter)
}

#[test]
fn what_is_wrong_is_found() {
    let schema = serde_json::json!({
        "anyOf": [{ "$ref": "#/$defs/A", "properties": { "schema_version": { "const": 1 } } }],
        "$defs": { "A": {
            "type": "object",
            "properties": {
                "word": { "type": "string", "enum": ["a", "b"] },
                "time": { "type": "string", "format": "date-time" },
                "uid": { "type": "string", "pattern": ULID },
                "list": { "type": "array", "items": { "type": "integer", "minimum": 0 } },
                "some": { "anyOf": [{ "type": "string" }, { "type": "null" }] },
            },
            "required": ["word"],
            "additionalProperties": true,
        } },
    });
    let validator = Validator::new(&schema);
    let errors = |text: &str| validator.check(&serde_json::from_str(text).expect("JSON")).errors;
    let fine = r#"{"schema_version": 1, "word": "a", "time": "2026-01-07T10:00:00.000Z", "some": null,
        "uid": "01kfn6tfn3n7h5b39ztztw7k2m", "list": [0, 1]}"#;
    assert_eq!(errors(fine), [""; 0]);
    for (text, expected) in [
        (r#"{"word": "a"}"#, ": no schema_version"),
        (r#"{"schema_version": 2, "word": "a"}"#, ": 2 is not 1"),
        (r#"{"schema_version": 1}"#, ": A needs word"),
        (r#"{"schema_version": 1, "word": "c"}"#, ".word: \"c\" is none of [\"a\",\"b\"]"),
        (r#"{"schema_version": 1, "word": "a", "time": "2026-01-07"}"#, ".time: 2026-01-07 is no time"),
        (r#"{"schema_version": 1, "word": "a", "uid": "x"}"#, ".uid: x is no ULID"),
        (r#"{"schema_version": 1, "word": "a", "list": [-1]}"#, ".list[0]: -1 is no integer"),
        (r#"{"schema_version": 1, "word": "a", "more": 1}"#, ": A has no more"),
        (r#"{"schema_version": 1, "word": "a", "list": null}"#, ".list: null is no array"),
        ("[]", ": [] is no object"),
    ] {
        assert_eq!(errors(text).first().map(String::as_str), Some(expected), "{text}");
    }
}
