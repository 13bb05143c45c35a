//! `quipu.yml`: what every clone of the tracker shares.

use std::collections::{BTreeMap, BTreeSet};

use super::front::raw_text;
use super::scalar::{Place, write_scalar};
use super::yaml::{Node, Wish, YamlError, read_mapping, split_entries};

/// The newest format this program reads and writes.
pub const FORMAT: u32 = 1;

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
        let raw = split_entries(text).unwrap_or_default();
        let mut settings = Settings { format: FORMAT, ..Settings::default() };
        for (key, node) in read_mapping(text, wish)? {
            match (key.as_str(), node) {
                ("format", Node::Text(number)) => {
                    settings.format = number.parse().map_err(|_| YamlError {
                        line: raw.iter().find(|e| e.key == "format").map_or(1, |e| e.line),
                        message: format!("format: {number:?} is not a number"),
                    })?;
                }
                ("prefix", Node::Text(prefix)) => settings.prefix = prefix,
                ("prefixes", Node::List(items)) => {
                    settings.prefixes.extend(items.into_iter().filter_map(|i| match i {
                        Node::Text(text) => Some(text),
                        _ => None,
                    }));
                }
                ("format" | "prefix" | "prefixes", _) => {}
                (_, node) => {
                    settings.extra.insert(key.clone(), raw_text(&raw, &key, &node));
                }
            }
        }
        if !settings.prefix.is_empty() {
            settings.prefixes.insert(settings.prefix.clone());
        }
        Ok(settings)
    }

    /// Returns the file in its canonical form.
    pub fn write(&self) -> String {
        let mut out = format!("format: {}\n", self.format);
        if !self.prefix.is_empty() {
            out.push_str("prefix: ");
            write_scalar(&mut out, &self.prefix, Place::Block);
            out.push_str("\nprefixes: [");
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
