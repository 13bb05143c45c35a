//! The YAML reader, bounded: a mapping of texts, lists and maps, with the line of whatever is wrong.
//!
//! Knows nothing of issues. Bounds are tight, because everything that arrives by a fetch is hostile.

use std::cell::RefCell;
use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;
use serde_saphyr::options::{MergeKeyPolicy, NonFiniteFloatPolicy};

use super::yaml_message::{in_words, line_of};

/// How deep lists and maps may stand in each other.
pub const MAX_DEPTH: usize = 64;
/// How many values a text may hold.
pub const MAX_NODES: usize = 50_000;
/// How many aliases a text may hold, and how many anchors.
pub const MAX_ALIASES: usize = 100;

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
    /// A list of maps of texts; a single map counts as a list of one.
    Maps,
    /// Whatever it is, in JSON.
    Json,
}

/// One entry of a mapping.
#[derive(Clone, PartialEq, Debug)]
pub struct Entry {
    /// Its key.
    pub key: String,
    /// The line of the key, from 1.
    pub line: usize,
    /// Its value.
    pub node: Node,
}

/// Reads a mapping. `wish` says for each key how its value is to be read.
///
/// # Errors
/// Anything that is not one bounded mapping with unique keys.
pub fn read_mapping(text: &str, wish: fn(&str) -> Wish) -> Result<Vec<(String, Node)>, YamlError> {
    Ok(read_entries(text, wish)?.into_iter().map(|e| (e.key, e.node)).collect())
}

/// Reads a mapping, as [`read_mapping`] does, with the line of each key.
///
/// # Errors
/// Anything that is not one bounded mapping with unique keys.
pub fn read_entries(text: &str, wish: fn(&str) -> Wish) -> Result<Vec<Entry>, YamlError> {
    let walk = Walk { wish, ..Walk::default() };
    let entries = read_once(text, &walk)?;
    if walk.typed.borrow().is_empty() {
        return Ok(entries);
    }
    // `labels: 2.50` is a list of one text, but where a list may stand the library hands over a number.
    // Now that it is known to be a scalar, its text can be asked for.
    let again = Walk { scalars: walk.typed.take(), wish, ..Walk::default() };
    let mut entries = read_once(text, &again)?;
    for entry in entries.iter_mut().filter(|e| again.scalars.contains(&e.key)) {
        let node = std::mem::replace(&mut entry.node, Node::Null);
        entry.node = Node::List(vec![node]);
    }
    Ok(entries)
}

fn read_once(text: &str, walk: &Walk) -> Result<Vec<Entry>, YamlError> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: MAX_DEPTH,
            flow_nesting_limit: MAX_DEPTH,
            max_nodes: MAX_NODES,
            max_aliases: MAX_ALIASES,
            max_anchors: MAX_ALIASES,
            max_documents: 1,
            // A key may be as long as a file; the default of 1,024 characters would refuse our own.
            simple_key_max_lookahead: super::MAX_FILE,
        },
        // As YAML 1.2 has it, and as our writer means it: `<<` is a name, `no` is a text.
        merge_keys: MergeKeyPolicy::AsOrdinary,
        strict_booleans: true,
        non_finite_float_policy: NonFiniteFloatPolicy::AsString,
        ignore_binary_tag_for_string: true,
        with_snippet: false,
        emit_comments: false,
    };
    serde_saphyr::with_deserializer_from_str_with_options(text, options, |de| {
        de.deserialize_any(TopVisitor(walk))
    })
    .map_err(|e| YamlError { line: line_of(&e), message: in_words(&e, walk.place.borrow().as_ref()) })
}

/// What one pass over a text needs and learns.
struct Walk {
    wish: fn(&str) -> Wish,
    /// Keys that wish for a list and are known to hold a scalar.
    scalars: Vec<String>,
    /// Keys that wish for a list and turned out to hold a number or a boolean.
    typed: RefCell<Vec<String>>,
    /// The key whose value is being read.
    place: RefCell<Option<(String, Wish)>>,
}

impl Default for Walk {
    fn default() -> Self {
        Walk {
            wish: |_| Wish::Json,
            scalars: Vec::new(),
            typed: RefCell::default(),
            place: RefCell::default(),
        }
    }
}

struct TopVisitor<'w>(&'w Walk);

impl<'de> Visitor<'de> for TopVisitor<'_> {
    type Value = Vec<Entry>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a mapping")
    }
    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(key) = map.next_key::<Spanned<String>>()? {
            let line = usize::try_from(key.referenced.line()).unwrap_or(1).max(1);
            let key = key.value;
            let known = self.0.scalars.contains(&key);
            let wish = if known { Wish::Text } else { (self.0.wish)(&key) };
            self.0.place.replace(Some((key, wish)));
            let node = map.next_value_seed(NodeSeed { wish, walk: self.0 })?;
            let (key, _) = self.0.place.take().expect("only nested values were read since");
            entries.push(Entry { key, line, node });
        }
        Ok(entries)
    }
}

struct NodeSeed<'w> {
    wish: Wish,
    walk: &'w Walk,
}

impl<'de> DeserializeSeed<'de> for NodeSeed<'_> {
    type Value = Node;
    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<Node, D::Error> {
        match self.wish {
            Wish::Text => text_or_null(d),
            Wish::List | Wish::Maps => d.deserialize_any(ListVisitor(self)),
            Wish::Json => {
                let value: serde_json::Value = de::Deserialize::deserialize(d)?;
                Ok(if value.is_null() { Node::Null } else { Node::Json(value) })
            }
        }
    }
}

fn text_or_null<'de, D: Deserializer<'de>>(d: D) -> Result<Node, D::Error> {
    let text: Option<String> = de::Deserialize::deserialize(d)?;
    Ok(text.map_or(Node::Null, Node::Text))
}

struct TextSeed;

impl<'de> DeserializeSeed<'de> for TextSeed {
    type Value = Node;
    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<Node, D::Error> {
        text_or_null(d)
    }
}

struct ListVisitor<'w>(NodeSeed<'w>);

impl ListVisitor<'_> {
    /// A scalar that came without its text: it is read again.
    fn typed(&self) -> Node {
        let place = self.0.walk.place.borrow();
        self.0.walk.typed.borrow_mut().extend(place.as_ref().map(|(key, _)| key.clone()));
        Node::Null
    }
}

impl<'de> Visitor<'de> for ListVisitor<'_> {
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
    fn visit_bool<E: de::Error>(self, _: bool) -> Result<Node, E> {
        Ok(self.typed())
    }
    fn visit_i64<E: de::Error>(self, _: i64) -> Result<Node, E> {
        Ok(self.typed())
    }
    fn visit_u64<E: de::Error>(self, _: u64) -> Result<Node, E> {
        Ok(self.typed())
    }
    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Node, E> {
        Ok(self.typed())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Node, A::Error> {
        let mut items = Vec::new();
        if self.0.wish == Wish::Maps {
            while let Some(entries) = seq.next_element_seed(TextMapSeed)? {
                items.push(Node::Map(entries));
            }
        } else {
            while let Some(item) = seq.next_element_seed(TextSeed)? {
                items.push(item);
            }
        }
        Ok(Node::List(items))
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Node, A::Error> {
        if self.0.wish == Wish::Maps {
            Ok(Node::List(vec![Node::Map(TextMapSeed.visit_map(map)?)]))
        } else {
            Err(de::Error::invalid_type(de::Unexpected::Map, &self))
        }
    }
}

/// Reads a mapping of texts.
struct TextMapSeed;

impl<'de> DeserializeSeed<'de> for TextMapSeed {
    type Value = Vec<(String, Node)>;
    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<Self::Value, D::Error> {
        d.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for TextMapSeed {
    type Value = Vec<(String, Node)>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a mapping")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries: Vec<(String, Node)> = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            let value = map.next_value_seed(TextSeed)?;
            entries.push((key, value));
        }
        Ok(entries)
    }
}

/// One top-level entry of a mapping as it stands in the text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RawEntry<'a> {
    /// Its key, without quotes; `#` for a comment line.
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
            _ => starts.push((at, written_key(line)?, number + 1)),
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

/// Returns the key of `key: …`, where it is a plain word or stands in quotes. One with escapes is not decoded:
/// it is given as `"`, which no key is, and does not keep the other entries from being found.
fn written_key(line: &str) -> Option<&str> {
    let (key, rest) = match line.as_bytes()[0] {
        quote @ (b'"' | b'\'') => line[1..].split_once(char::from(quote)),
        _ => line.find(':').map(|at| line.split_at(at)).filter(|(key, _)| {
            !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/'))
        }),
    }?;
    if key.contains('\\') || rest.starts_with('\'') {
        return Some("\"");
    }
    let rest = rest.strip_prefix(':')?;
    (rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n'])).then_some(key)
}
