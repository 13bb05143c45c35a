//! Beads' `issues.jsonl`: one JSON object a line.
//!
//! What the model holds goes into its fields; every other field is kept in `metadata` (see [`names`]), so that
//! the export can write the record again. Dropped, because they are computed or say nothing: the fields in
//! [`names::COMPUTED`]; empty texts, lists and nulls, and Go's zero time, which mean *absent*; the order of
//! labels and dependencies; blank lines at the end of texts; digits of times below the millisecond, and zones.

mod comments;
mod edges;
mod fields;
pub mod names;
mod ours;
mod record;

use std::collections::BTreeMap;
use std::io::{BufRead, Read};

use serde_json::{Map, Value};

use super::collect::Collector;
use super::{Batch, Options, Origin, cannot_read};
use crate::error::Result;

pub(crate) use comments::{
    ENTRY as COMMENT_ENTRY, element as comment_element, stored as comment_entries,
    with_rest as comment_with_rest,
};
pub(crate) use edges::{ENTRY as EDGE_ENTRY, Edge, same_field, stored as edge_entries};
pub(crate) use ours::{FIELDS as OUR_FIELDS, default_key};

/// The format's name, in identities and in commits.
pub(super) const KIND: &str = "beads";
/// A longer line is not read into memory. No issue of this size could be stored.
const MAX_LINE: u64 = 16 << 20;

pub(super) fn read(mut lines: impl BufRead, options: &Options) -> Result<Batch> {
    let mut source =
        Source { options, collector: Collector::default(), memories: BTreeMap::new(), base: false };
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        let read = lines.by_ref().take(MAX_LINE + 1).read_until(b'\n', &mut line).map_err(cannot_read)?;
        if read == 0 {
            break;
        }
        let at = Origin::Line(number);
        if line.len() as u64 > MAX_LINE && !line.ends_with(b"\n") {
            lines.skip_until(b'\n').map_err(cannot_read)?;
            source.skip(at, "too_large", format!("the line has more than {MAX_LINE} bytes"));
            continue;
        }
        let text = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&line).trim_ascii();
        if !text.is_empty() {
            source.line(at, text);
        }
    }
    let memories = source.memories.into_iter().map(|(key, (_, text))| (key, text)).collect();
    Ok(source.collector.finish(KIND, options, memories))
}

struct Source<'a> {
    options: &'a Options,
    collector: Collector,
    memories: BTreeMap<String, (Origin, String)>,
    /// Between the markers that hold what both sides of a conflict started from.
    base: bool,
}

impl Source<'_> {
    fn skip(&mut self, at: Origin, code: &'static str, message: impl Into<String>) {
        self.collector.report.records += 1;
        self.collector.report.skip(at, None, code, message);
    }

    fn line(&mut self, at: Origin, text: &[u8]) {
        if let Some(marker) = conflict_marker(text) {
            self.base = marker == b'|';
            let message = "a git conflict marker; the records of both sides were read, the newer of two wins";
            self.collector.report.warn(at, None, "conflict_marker", message);
            return;
        }
        if self.base {
            return self.skip(
                at,
                "conflict_base",
                "the common ancestor of a conflict, which both sides replaced",
            );
        }
        match serde_json::from_slice::<Value>(text) {
            Ok(Value::Object(record)) => self.record(at, record, text.len()),
            Ok(_) => self.skip(at, "not_an_object", "not a JSON object"),
            Err(_) if std::str::from_utf8(text).is_err() => self.skip(at, "not_utf8", "not valid UTF-8"),
            Err(error) => self.skip(at, "not_json", format!("not JSON: {}", reason(&error))),
        }
    }

    fn record(&mut self, at: Origin, mut record: Map<String, Value>, size: usize) {
        match record.get("_type").map(|t| t.as_str().unwrap_or_default()) {
            Some("memory") => self.memory(at, &mut record),
            None | Some("issue") => match record::draft(record, &at, size, self.options) {
                Ok((draft, remarks)) => {
                    for (code, message) in remarks {
                        self.collector.report.warn(at.clone(), Some(&draft.foreign), code, message);
                    }
                    self.collector.add(draft);
                }
                Err((id, code, message)) => {
                    self.collector.report.records += 1;
                    self.collector.report.skip(at, id.as_deref(), code, message);
                }
            },
            Some(other) => {
                let message = format!("a record of the unknown kind {other:?}");
                self.skip(at, "unknown_record", message);
            }
        }
    }

    fn memory(&mut self, at: Origin, record: &mut Map<String, Value>) {
        let key = record.get("key").and_then(Value::as_str).unwrap_or_default().to_owned();
        let value = match record.remove("value") {
            Some(Value::String(text)) => text,
            None | Some(Value::Null) => String::new(),
            Some(other) => other.to_string(),
        };
        if key.is_empty() || value.is_empty() {
            return self.skip(at, "empty_memory", "a memory without key or value");
        }
        // Memories carry no time: of two, the later line is taken for the newer.
        let message = format!("{at} has the memory {key} too and was taken");
        if let Some((earlier, _)) = self.memories.insert(key, (at, value)) {
            self.skip(earlier, "duplicate_memory", message);
        }
    }
}

/// Returns the character that a conflict marker is made of.
fn conflict_marker(text: &[u8]) -> Option<u8> {
    let first = *text.first()?;
    let mark = b"<|=>".contains(&first) && text.len() >= 7 && text[..7].iter().all(|b| *b == first);
    (mark && text.get(7).is_none_or(|b| *b == b' ')).then_some(first)
}

/// Returns what the JSON reader found, without the line, which is always the first.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let end = text.find(" at line ").unwrap_or(text.len());
    format!("{} at column {}", &text[..end], error.column())
}
