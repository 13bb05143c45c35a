//! One JSON object of an input file, whose fields are asked for by name: operations and nodes of a graph.
//!
//! It knows how values are written, not what they mean. Every error names the place and the field.

use std::collections::BTreeMap;

use serde_json::Value;

use super::args::split;
use crate::error::{Error, Result};
use crate::output::json::Object;
use crate::output::text::one_line;
use crate::query::nearest;

/// A field with the other names it goes by: those of the JSON documents, and those of `bd`.
#[derive(Debug)]
pub(super) struct Name {
    pub name: &'static str,
    pub aliases: &'static [&'static str],
}

/// Shortens the tables of names.
pub(super) const fn name(name: &'static str, aliases: &'static [&'static str]) -> Name {
    Name { name, aliases }
}

/// An object and where it stands.
#[derive(Debug)]
pub(super) struct Record {
    pub place: String,
    object: Object,
}

impl Record {
    /// Reads an object.
    pub fn parse(place: String, text: &str) -> Result<Self> {
        match serde_json::from_str(text) {
            Ok(value) => Record::of(place, value),
            Err(e) => {
                let reason = e.to_string();
                let reason = reason.split(" at line").next().unwrap_or_default().to_owned();
                Err(Error::invalid(format!("this is no JSON: {reason}")).within(&place))
            }
        }
    }

    /// Takes a value that must be an object.
    pub fn of(place: String, value: Value) -> Result<Self> {
        match value {
            Value::Object(object) => Ok(Record { place, object }),
            _ => Err(Error::invalid("this is no JSON object").within(&place)),
        }
    }

    /// Gives every field its first name, and refuses those that are not among `tables`. `what` is in the message.
    pub fn settle(&mut self, what: &str, tables: &[&[Name]]) -> Result<()> {
        let names: Vec<&Name> = tables.iter().copied().flatten().collect();
        let mut settled = Object::new();
        for (field, value) in std::mem::take(&mut self.object) {
            let known = names.iter().find(|n| n.name == field || n.aliases.contains(&field.as_str()));
            let Some(known) = known else {
                let all = || names.iter().map(|n| n.name);
                let aliases = names.iter().flat_map(|n| n.aliases.iter().copied());
                let near = nearest(&field, all().chain(aliases));
                let hint = match near {
                    Some(near) => format!("did you mean {near}?"),
                    None => format!("one of {}", all().collect::<Vec<_>>().join(", ")),
                };
                let message = format!("{what} has no field {:?}", one_line(&field));
                return Err(Error::invalid(message).hint(hint).within(&self.place));
            };
            if settled.insert(known.name.to_owned(), value).is_some() {
                return Err(self.wrong(known.name, "is given twice, under two names"));
            }
        }
        self.object = settled;
        Ok(())
    }

    /// An error in a field.
    pub fn wrong(&self, field: &str, problem: &str) -> Error {
        Error::invalid(format!("{field} {problem}")).within(&self.place)
    }

    /// Says in an error where and in which field it happened.
    pub fn locate(&self, field: &str, error: Error) -> Error {
        error.within(field).within(&self.place)
    }

    /// Returns whether the field is there.
    pub fn has(&self, field: &str) -> bool {
        self.object.contains_key(field)
    }

    /// Returns a text. Null is the empty text, and a number its digits.
    pub fn text(&self, field: &str) -> Result<Option<String>> {
        match self.object.get(field) {
            None => Ok(None),
            Some(Value::Null) => Ok(Some(String::new())),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(Value::Number(number)) => Ok(Some(number.to_string())),
            Some(_) => Err(self.wrong(field, "is not a text")),
        }
    }

    /// Returns a text that must be there.
    pub fn required(&self, field: &str) -> Result<String> {
        match self.text(field)? {
            Some(text) if !text.trim().is_empty() => Ok(text),
            Some(_) => Err(self.wrong(field, "is empty")),
            None => Err(self.wrong(field, "is missing")),
        }
    }

    /// Returns a list of texts: an array, or one text in which commas separate them. Null is the empty list.
    pub fn texts(&self, field: &str) -> Result<Option<Vec<String>>> {
        let texts = match self.object.get(field) {
            None => return Ok(None),
            Some(Value::Null) => Vec::new(),
            Some(Value::String(text)) => split(std::slice::from_ref(text)),
            Some(Value::Array(items)) => items
                .iter()
                .map(|item| item.as_str().map(|text| text.trim().to_owned()))
                .collect::<Option<_>>()
                .ok_or_else(|| self.wrong(field, "is not a list of texts"))?,
            Some(_) => return Err(self.wrong(field, "is not a list of texts")),
        };
        Ok(Some(texts))
    }

    /// Returns true or false; what is not there is false.
    pub fn flag(&self, field: &str) -> Result<bool> {
        match self.object.get(field) {
            None | Some(Value::Null) => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(_) => Err(self.wrong(field, "is neither true nor false")),
        }
    }

    /// Returns the entries of an object, each as JSON.
    pub fn entries(&self, field: &str) -> Result<Option<BTreeMap<String, String>>> {
        match self.object.get(field) {
            None => Ok(None),
            Some(Value::Null) => Ok(Some(BTreeMap::new())),
            Some(Value::Object(map)) => {
                Ok(Some(map.iter().map(|(k, v)| (k.clone(), v.to_string())).collect()))
            }
            Some(_) => Err(self.wrong(field, "is not an object")),
        }
    }

    /// Takes an array of objects.
    pub fn records(&mut self, field: &str) -> Result<Vec<Record>> {
        let items = match self.object.shift_remove(field) {
            None | Some(Value::Null) => return Ok(Vec::new()),
            Some(Value::Array(items)) => items,
            Some(_) => return Err(self.wrong(field, "is not a list")),
        };
        let place = |at: usize| format!("{} {field}[{at}]", self.place);
        items.into_iter().enumerate().map(|(at, item)| Record::of(place(at), item)).collect()
    }
}
