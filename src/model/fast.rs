//! The fast path: a reader for front matter in the form the writer gives it, which is nearly all there is.
//!
//! It answers only where it is sure that the YAML reader would give the same; anything else is `None`, never an
//! error. It knows one entry a line, keys in the order of the table, and the writer's own idea of what is plain.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::front::{Draft, MAX_UNKNOWN};
use super::front_write::write_map;
use super::scalar::{Place, is_plain, needs_escape};
use super::{FIELDS, FieldDef, FieldType, Front, IssueId, Link, Priority, Ref, Timestamp, Value};

/// Greater texts may meet the bounds of the YAML reader, whose error is then the answer.
const MAX_TEXT: usize = 64 * 1024;
/// Brackets in metadata up to which its depth is within the bounds of both readers.
const MAX_BRACKETS: usize = 32;

/// Reads a canonical front matter; `None` where the text is anything else or is not valid.
pub fn read_fast(text: &str, id: Option<IssueId>) -> Option<Front> {
    if text.len() > MAX_TEXT {
        return None;
    }
    let mut draft = Draft::default();
    let mut fields = FIELDS;
    let mut unknown: Option<&str> = None;
    for line in text.strip_suffix('\n')?.split('\n') {
        let (key, value) = line.split_at(line.find(':')?);
        let value = value.strip_prefix(": ")?;
        match fields.iter().position(|f| f.key == key).filter(|_| unknown.is_none()) {
            Some(at) => {
                draft.set(&fields[at], read_value(&fields[at], value)?);
                fields = &fields[at + 1..];
            }
            // In order, so that none can stand twice.
            None if is_unknown_key(key) && unknown.is_none_or(|before| before < key) => {
                if !is_plain(value, Place::Block) || draft.front.extra.len() == MAX_UNKNOWN {
                    return None;
                }
                unknown = Some(key);
                draft.front.extra.insert(key.to_owned(), format!("{line}\n"));
            }
            None => return None,
        }
    }
    draft.complete(id).ok()
}

fn is_unknown_key(key: &str) -> bool {
    key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        && is_plain(key, Place::Flow)
        && FieldDef::by_key(key).is_none()
}

fn read_value(field: &FieldDef, text: &str) -> Option<Value> {
    Some(match field.kind {
        FieldType::Id => Value::Id(IssueId::parse(&scalar(text)?)?),
        FieldType::Text => Value::Text(Some(scalar(text)?).filter(|t| !t.is_empty())?.into_owned()),
        FieldType::Number => Value::Number(number(field, text)?),
        FieldType::Time => Value::Time(Timestamp::parse_canonical(text)?),
        FieldType::Ref => Value::Ref(Ref::parse(&scalar(text)?)),
        FieldType::TextSet => Value::TextSet(list(text, |rest| {
            let (item, rest) = item(rest)?;
            Some((item.into_owned(), rest))
        })?),
        FieldType::RefSet => Value::RefSet(list(text, |rest| {
            let (item, rest) = item(rest)?;
            Some((Ref::parse(&item), rest))
        })?),
        FieldType::LinkSet => Value::LinkSet(list(text, link)?),
        FieldType::Map => Value::Map(map(text)?),
    })
}

fn number(field: &FieldDef, text: &str) -> Option<u32> {
    if text.len() > 10 || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    if field.key == "priority" {
        return Priority::parse(text).map(|p| p.number().into());
    }
    text.parse().ok()
}

/// Reads a scalar that takes up the rest of a line.
fn scalar(text: &str) -> Option<Cow<'_, str>> {
    if text.starts_with('"') {
        return quoted(text).filter(|(_, rest)| rest.is_empty()).map(|(text, _)| text);
    }
    is_plain(text, Place::Block).then_some(Cow::Borrowed(text))
}

/// Reads `[…]` with at least one item.
fn list<T: Ord>(text: &str, read: impl Fn(&str) -> Option<(T, &str)>) -> Option<BTreeSet<T>> {
    let mut rest = text.strip_prefix('[')?;
    let mut items = BTreeSet::new();
    loop {
        let (item, after) = read(rest)?;
        items.insert(item);
        if after == "]" {
            return Some(items);
        }
        rest = after.strip_prefix(", ")?;
    }
}

/// Reads a scalar inside brackets and returns what follows it.
fn item(text: &str) -> Option<(Cow<'_, str>, &str)> {
    if text.starts_with('"') {
        return quoted(text);
    }
    let (item, rest) = text.split_at(text.find([',', ']', '}'])?);
    is_plain(item, Place::Flow).then_some((Cow::Borrowed(item), rest))
}

fn link(text: &str) -> Option<(Link, &str)> {
    let (kind, rest) = item(text.strip_prefix("{type: ")?)?;
    let (target, rest) = item(rest.strip_prefix(", id: ")?)?;
    Some((Link { kind: kind.into_owned(), target: Ref::parse(&target) }, rest.strip_prefix('}')?))
}

/// Reads a text in double quotes, with the escapes the writer uses, and returns what follows it.
fn quoted(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let inner = text.strip_prefix('"')?;
    let end = inner.find(['"', '\\'])?;
    if inner[..end].contains(needs_escape) {
        return None;
    }
    if inner.as_bytes()[end] == b'"' {
        return Some((Cow::Borrowed(&inner[..end]), &inner[end + 1..]));
    }
    let mut out = inner[..end].to_owned();
    let mut chars = inner[end..].chars();
    loop {
        match chars.next()? {
            '"' => return Some((Cow::Owned(out), chars.as_str())),
            '\\' => out.push(escaped(&mut chars)?),
            c if needs_escape(c) => return None,
            c => out.push(c),
        }
    }
}

fn escaped(chars: &mut std::str::Chars<'_>) -> Option<char> {
    let digits = match chars.next()? {
        'n' => return Some('\n'),
        'r' => return Some('\r'),
        't' => return Some('\t'),
        c @ ('"' | '\\') => return Some(c),
        'x' => 2,
        'u' => 4,
        'U' => 8,
        _ => return None,
    };
    let mut code = 0;
    for _ in 0..digits {
        code = code << 4 | chars.next()?.to_digit(16)?;
    }
    char::from_u32(code)
}

/// Reads metadata as JSON, where it is what the writer would write: only then do JSON and YAML agree on it.
fn map(text: &str) -> Option<BTreeMap<String, String>> {
    if text.bytes().filter(|b| matches!(b, b'[' | b'{')).count() > MAX_BRACKETS {
        return None;
    }
    let read: serde_json::Map<String, serde_json::Value> = serde_json::from_str(text).ok()?;
    let map: BTreeMap<String, String> = read.into_iter().map(|(k, v)| (k, v.to_string())).collect();
    let mut written = String::with_capacity(text.len());
    write_map(&mut written, &map);
    (written == text && !map.is_empty()).then_some(map)
}
