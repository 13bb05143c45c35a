//! The YAML reader, bounded: a mapping of texts, lists and maps, with the line of whatever is wrong.
//!
//! Knows nothing of issues. Bounds are tight, because everything that arrives by a fetch is hostile.

use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

/// A YAML node. Scalars keep their text (`2.50` stays `2.50`) where the caller asked for text.
#[derive(Clone, PartialEq, Debug)]
pub enum Node {
    /// `~`, `null`, or nothing.
    Null,
    /// Any scalar, as text.
    Text(String),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping in the order of the file.
    Map(Vec<(String, Node)>),
    /// A value read without a wish for text, in JSON.
    Json(serde_json::Value),
}

/// What is wrong with a text, and on which of its lines.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct YamlError {
    /// Line in the text, from 1.
    pub line: usize,
    /// Lower case, without a full stop.
    pub message: String,
}

/// How the value of a key wants to be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wish {
    /// A scalar as its text, or null.
    Text,
    /// A list of texts; a single scalar counts as a list of one.
    List,
    /// A list of maps of texts.
    Maps,
    /// Whatever it is, in JSON.
    Json,
}

/// Reads a mapping. `wish` says for each key how its value is to be read.
///
/// # Errors
/// Anything that is not one bounded mapping with unique keys.
pub fn read_mapping(text: &str, wish: fn(&str) -> Wish) -> Result<Vec<(String, Node)>, YamlError> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: 64,
            max_nodes: 50_000,
            max_aliases: 100,
            max_anchors: 100,
            max_documents: 1,
        },
        with_snippet: false,
    };
    serde_saphyr::with_deserializer_from_str_with_options(text, options, |de| {
        MappingSeed { wish }.deserialize(de)
    })
    .map_err(|e| YamlError {
        line: e.location().map_or(1, |l| usize::try_from(l.line()).unwrap_or(1).max(1)),
        message: first_line(&e.without_snippet().to_string()),
    })
}

fn first_line(message: &str) -> String {
    let line = message.lines().next().unwrap_or("not valid YAML");
    match line.find(" at line ") {
        Some(at) => line[..at].to_owned(),
        None => line.trim_end_matches('.').to_owned(),
    }
}

struct MappingSeed {
    wish: fn(&str) -> Wish,
}

impl<'de> DeserializeSeed<'de> for MappingSeed {
    type Value = Vec<(String, Node)>;
    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<Self::Value, D::Error> {
        d.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for MappingSeed {
    type Value = Vec<(String, Node)>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a mapping")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries: Vec<(String, Node)> = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            let wish = (self.wish)(&key);
            let value = map.next_value_seed(NodeSeed(wish))?;
            entries.push((key, value));
        }
        Ok(entries)
    }
}

struct NodeSeed(Wish);

impl<'de> DeserializeSeed<'de> for NodeSeed {
    type Value = Node;
    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<Node, D::Error> {
        match self.0 {
            Wish::Text => Ok(de::Deserialize::deserialize(d).map(|t: Option<String>| text_or_null(t))?),
            Wish::List | Wish::Maps => d.deserialize_any(ListVisitor(self.0)),
            Wish::Json => {
                let value: serde_json::Value = de::Deserialize::deserialize(d)?;
                Ok(if value.is_null() { Node::Null } else { Node::Json(value) })
            }
        }
    }
}

fn text_or_null(text: Option<String>) -> Node {
    text.map_or(Node::Null, Node::Text)
}

struct ListVisitor(Wish);

impl<'de> Visitor<'de> for ListVisitor {
    type Value = Node;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }
    fn visit_unit<E: de::Error>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }
    fn visit_none<E: de::Error>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }
    fn visit_str<E: de::Error>(self, text: &str) -> Result<Node, E> {
        Ok(Node::List(vec![Node::Text(text.to_owned())]))
    }
    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Node, E> {
        self.visit_str(&value.to_string())
    }
    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Node, E> {
        self.visit_str(&value.to_string())
    }
    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Node, E> {
        self.visit_str(&value.to_string())
    }
    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Node, E> {
        self.visit_str(&value.to_string())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Node, A::Error> {
        let mut items = Vec::new();
        if self.0 == Wish::Maps {
            while let Some(entries) = seq.next_element_seed(MappingSeed { wish: |_| Wish::Text })? {
                items.push(Node::Map(entries));
            }
        } else {
            while let Some(item) = seq.next_element_seed(NodeSeed(Wish::Text))? {
                items.push(item);
            }
        }
        Ok(Node::List(items))
    }
}

/// One top-level entry of a mapping as it stands in the text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RawEntry<'a> {
    /// Its key, as written; `#` for a comment line.
    pub key: &'a str,
    /// Its lines, each with its line end.
    pub text: &'a str,
    /// The line of the key, from 1.
    pub line: usize,
}

/// Splits a block mapping into its top-level entries by lines, so that an unknown one can be kept as it is.
/// Returns `None` for any other way of writing a mapping.
pub fn split_entries(text: &str) -> Option<Vec<RawEntry<'_>>> {
    let mut starts: Vec<(usize, &str, usize)> = Vec::new();
    let mut at = 0;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        match line.as_bytes()[0] {
            b'#' => starts.push((at, "#", number + 1)),
            // Continued by indentation, or (for a list) by a dash in the first column.
            b' ' | b'\t' | b'-' | b'\r' | b'\n' if !starts.is_empty() => {}
            b'\r' | b'\n' => starts.push((at, "#", number + 1)),
            _ => starts.push((at, plain_key(line)?, number + 1)),
        }
        at += line.len();
    }
    let ends = starts.iter().skip(1).map(|s| s.0).chain([text.len()]);
    Some(
        starts
            .iter()
            .zip(ends)
            .map(|(s, end)| RawEntry { key: s.1, text: &text[s.0..end], line: s.2 })
            .collect(),
    )
}

/// Returns the key of `key: …`, where it is a plain word.
fn plain_key(line: &str) -> Option<&str> {
    let (key, rest) = line.split_once(':')?;
    let word = key.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/'));
    (word && !key.is_empty() && (rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n']))).then_some(key)
}
