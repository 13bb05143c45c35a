//! `quipu.yml`: what every clone of the tracker shares.

use std::collections::{BTreeMap, BTreeSet};

use super::front::{by_key, conflict_marker, keep_comments, raw_text};
use super::key::is_valid_prefix;
use super::scalar::{Place, write_scalar};
use super::yaml::{Node, Wish, YamlError, read_entries, split_entries};

/// The newest format this program reads and writes.
pub const FORMAT: u32 = 1;
/// What the keys of saved queries begin with.
const QUERY: &str = "query.";

/// The settings of a tracker.
#[derive(Clone, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct Settings {
    /// Version of the format on the branch.
    pub format: u32,
    /// What new keys begin with.
    pub prefix: String,
    /// Every prefix the tracker ever had; all of them resolve.
    pub prefixes: BTreeSet<String>,
    /// Keys that quipu does not know, as raw text.
    pub extra: BTreeMap<String, String>,
}

impl Settings {
    /// Settings of a new tracker.
    pub fn new(prefix: &str) -> Self {
        Settings {
            format: FORMAT,
            prefix: prefix.to_owned(),
            prefixes: BTreeSet::from([prefix.to_owned()]),
            extra: BTreeMap::new(),
        }
    }

    /// Reads the file.
    ///
    /// # Errors
    /// The first thing that is wrong, with its line.
    pub fn read(text: &str) -> Result<Self, YamlError> {
        let wish = |key: &str| match key {
            "format" | "prefix" => Wish::Text,
            "prefixes" => Wish::List,
            _ => Wish::Json,
        };
        if let Some(line) = conflict_marker(text) {
            return Err(YamlError { line, message: "a git conflict marker".to_owned() });
        }
        let raw = split_entries(text).unwrap_or_default();
        let raw_of = by_key(&raw);
        let mut settings = Settings { format: FORMAT, ..Settings::default() };
        for entry in read_entries(text, wish)? {
            match (entry.key.as_str(), entry.node) {
                ("format", Node::Text(number)) => {
                    settings.format = number.parse().map_err(|_| YamlError {
                        line: entry.line,
                        message: format!("format: {number:?} is not a number"),
                    })?;
                }
                // It is a part of every key that is printed, so it may be nothing but letters.
                ("prefix", Node::Text(prefix)) if !is_prefix_like(&prefix) => {
                    let message = format!("prefix: {prefix:?} cannot begin a key");
                    return Err(YamlError { line: entry.line, message });
                }
                ("prefix", Node::Text(prefix)) => settings.prefix = prefix,
                ("prefixes", Node::List(items)) => {
                    settings.prefixes.extend(items.into_iter().filter_map(|i| match i {
                        Node::Text(text) => Some(text),
                        _ => None,
                    }));
                }
                ("format" | "prefix" | "prefixes", _) => {}
                (key, node) => {
                    let text = raw_text(raw_of.get(key).copied(), key, &node);
                    settings.extra.insert(entry.key, text);
                }
            }
        }
        keep_comments(&raw, &mut settings.extra);
        if !settings.prefix.is_empty() {
            settings.prefixes.insert(settings.prefix.clone());
        }
        Ok(settings)
    }

    /// Returns the saved queries by their names. Each is a key of its own, so that two clones can save at once.
    pub fn queries(&self) -> BTreeMap<String, String> {
        let read = |(key, text): (&String, &String)| {
            let name = key.strip_prefix(QUERY)?;
            let entry = read_entries(text, |_| Wish::Text).ok()?.pop()?;
            match entry.node {
                Node::Text(query) => Some((name.to_owned(), query)),
                _ => None,
            }
        };
        self.extra.iter().filter_map(read).collect()
    }

    /// Saves a query under a name, or with `None` deletes it.
    pub fn set_query(&mut self, name: &str, query: Option<&str>) {
        let key = format!("{QUERY}{name}");
        let Some(query) = query else {
            self.extra.remove(&key);
            return;
        };
        let mut text = format!("{key}: ");
        write_scalar(&mut text, query, Place::Block);
        text.push('\n');
        self.extra.insert(key, text);
    }

    /// Returns the file in its canonical form.
    pub fn write(&self) -> String {
        let mut out = format!("format: {}\n", self.format);
        if !self.prefix.is_empty() {
            out.push_str("prefix: ");
            write_scalar(&mut out, &self.prefix, Place::Block);
            out.push('\n');
        }
        if !self.prefixes.is_empty() {
            out.push_str("prefixes: [");
            for (at, prefix) in self.prefixes.iter().enumerate() {
                out.push_str(if at > 0 { ", " } else { "" });
                write_scalar(&mut out, prefix, Place::Flow);
            }
            out.push_str("]\n");
        }
        for text in self.extra.values() {
            out.push_str(text);
        }
        out
    }
}

/// Tells whether a prefix is one, in any case. A tracker that has none yet may say nothing.
fn is_prefix_like(prefix: &str) -> bool {
    prefix.is_empty() || is_valid_prefix(&prefix.to_ascii_lowercase())
}
