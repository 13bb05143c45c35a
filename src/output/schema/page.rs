//! `docs/json.md`: the prose of `page.md`, with the tables of documents and of commands in their places.
//!
//! `<!-- fields: NAME -->` is where a document's table stands, `<!-- commands -->` that of the commands.

use std::collections::BTreeMap;

use super::{Document, Field, Form, Presence, Row, Shape, Type};

/// The prose.
const TEMPLATE: &str = include_str!("page.md");
const HEAD: &str = "<!-- Generated from the tables in src/output/schema/; UPDATE_DOCS=1 cargo test --test it json_docs rewrites it. -->\n";
const FIELDS_MARK: &str = "<!-- fields: ";
const COMMANDS_MARK: &str = "<!-- commands -->";

/// Renders the page. `commands` says what each prints.
pub fn page(commands: &[(&str, &[Shape])], documents: &BTreeMap<&'static str, &'static Document>) -> String {
    let places = places();
    let mut out = String::from(HEAD);
    for line in TEMPLATE.lines() {
        match (marked(line).and_then(|name| documents.get(name)), line) {
            (Some(document), _) => out.push_str(&table(document, &places)),
            (None, COMMANDS_MARK) => out.push_str(&command_table(commands, &places)),
            _ => out.push_str(&format!("{line}\n")),
        }
    }
    out
}

/// Returns the names of the documents whose tables the prose asks for.
pub fn described() -> Vec<&'static str> {
    TEMPLATE.lines().filter_map(marked).collect()
}

fn marked(line: &'static str) -> Option<&'static str> {
    line.strip_prefix(FIELDS_MARK)?.strip_suffix(" -->")
}

/// Returns the anchor of the section in which each document is described.
fn places() -> BTreeMap<&'static str, String> {
    let mut places = BTreeMap::new();
    let mut anchor = String::new();
    for line in TEMPLATE.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            anchor = heading.to_lowercase().replace(' ', "-");
        }
        places.extend(marked(line).map(|name| (name, anchor.clone())));
    }
    places
}

fn table(document: &'static Document, places: &BTreeMap<&str, String>) -> String {
    let link = |name: &str| linked(name, places);
    let mut also: Vec<String> =
        document.extends.iter().map(|base| format!("all of {}", link(base.name))).collect();
    for row in document.rows {
        also.extend(match row {
            Row::Without(name) => Some(format!("not `{name}`")),
            Row::Optional => Some("none of them always there".to_owned()),
            _ => None,
        });
    }
    let mut out = match (also.is_empty(), document.own_fields().is_empty()) {
        (true, _) => format!("*{}*:\n", document.name),
        (false, true) => format!("*{}*: {}.\n", document.name, also.join(", ")),
        (false, false) => format!("*{}*: {}, and:\n", document.name, also.join(", ")),
    };
    if !document.own_fields().is_empty() {
        out.push_str("\n| field | type | when | meaning |\n|---|---|---|---|\n");
    }
    for field in document.own_fields() {
        let when = match field.presence {
            Presence::Always => "always".to_owned(),
            Presence::Sometimes => String::new(),
            Presence::With(flag) if flag.starts_with("--") => format!("with `{flag}`"),
            Presence::With(flag) => format!("with {flag}"),
        };
        let kind = type_with(field.kind, &link);
        out.push_str(&format!("| `{}` | {kind} | {when} | {} |\n", field.name, meaning(&field)));
    }
    out
}

fn command_table(commands: &[(&str, &[Shape])], places: &BTreeMap<&str, String>) -> String {
    let mut out = String::from("| command | result |\n|---|---|\n");
    for (command, shapes) in commands {
        let shape = |shape: &Shape| {
            let text = type_with(shape.kind, &|name| linked(name, places));
            let text = if shape.form == Form::Line { format!("lines of {text}") } else { text };
            if shape.when.is_empty() { text } else { format!("{}: {text}", shape.when) }
        };
        let shapes: Vec<String> = shapes.iter().map(shape).collect();
        out.push_str(&format!("| `qp {command}` | {} |\n", shapes.join("; ")));
    }
    out
}

fn linked(name: &str, places: &BTreeMap<&str, String>) -> String {
    places.get(name).map_or_else(|| name.to_owned(), |anchor| format!("[{name}](#{anchor})"))
}

/// Returns the words that name a type.
pub fn type_text(kind: Type) -> String {
    type_with(kind, &str::to_owned).replace('`', "")
}

fn type_with(kind: Type, link: &dyn Fn(&str) -> String) -> String {
    let either = |types: Vec<String>| types.join(" or ");
    match kind {
        Type::Text => "text".to_owned(),
        Type::Time => "time".to_owned(),
        Type::Ulid => "ULID".to_owned(),
        Type::Whole => "number".to_owned(),
        Type::Fraction => "number with a fraction".to_owned(),
        Type::Flag => "true or false".to_owned(),
        Type::Map => "object".to_owned(),
        Type::Any => "any".to_owned(),
        Type::Words(words) => either(words.iter().map(|word| format!("`{word}`")).collect()),
        Type::Of(document) => link(document.name),
        Type::List(inner) => format!("array of {}", type_with(*inner, link)),
        Type::OrNull(inner) => format!("{} or null", type_with(*inner, link)),
        Type::Either(types) => either(types.iter().map(|kind| type_with(*kind, link)).collect()),
    }
}

/// Returns what a field says. Sentences of the model's table are made to stand beside phrases.
pub(super) fn meaning(field: &Field) -> String {
    let Some(text) = field.meaning.strip_suffix('.') else { return field.meaning.to_owned() };
    let mut letters = text.chars();
    match (letters.next(), letters.clone().next()) {
        (Some(first), Some(second)) if second.is_lowercase() || second == ' ' => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => text.to_owned(),
    }
}
