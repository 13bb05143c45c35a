//! Hooks in a JSON file: put in and taken out of its text, so that order, indentation and everything else stay as they
//! are byte for byte.

use std::ops::Range;

use serde::Serialize as _;
use serde_json::{Value, json};

use super::setup_block::State;
use crate::error::{Error, Kind, Result};

/// What the hooks run.
const COMMAND: &str = "qp prime";
/// When they run it.
const EVENTS: [&str; 2] = ["SessionStart", "PreCompact"];

/// Returns the hooks as a file of their own.
pub(super) fn render() -> String {
    let events: serde_json::Map<String, Value> =
        EVENTS.iter().map(|event| ((*event).to_owned(), json!([entry()]))).collect();
    pretty(&json!({ "hooks": events }), "  ") + "\n"
}

fn entry() -> Value {
    json!({ "matcher": "", "hooks": [{ "type": "command", "command": COMMAND }] })
}

/// Tells what a text has of quipu's.
///
/// # Errors
/// Invalid, where it is not JSON or not of the shape that hooks have.
pub(super) fn look(text: &str) -> Result<State> {
    let Some(file) = File::read(text)? else { return Ok(State::Absent) };
    let mut present = 0;
    for event in EVENTS {
        present += usize::from(file.ours(event)?.is_some());
    }
    Ok(match present {
        0 => State::Absent,
        2 => State::Current,
        _ => State::Outdated,
    })
}

/// Puts the hooks into a text, those that are missing.
pub(super) fn put(text: &str) -> Result<String> {
    if File::read(text)?.is_none() {
        return Ok(render());
    }
    let mut text = text.to_owned();
    for event in EVENTS {
        text = add(&text, event)?;
    }
    Ok(text)
}

fn add(text: &str, event: &str) -> Result<String> {
    let Some(file) = File::read(text)? else { return Ok(text.to_owned()) };
    if file.ours(event)?.is_some() {
        return Ok(text.to_owned());
    }
    let Some(hooks) = file.member(&file.root, "hooks")? else {
        return Ok(file.insert(&file.root, 1, Some("hooks"), &json!({ event: [entry()] })));
    };
    Ok(match file.member(&hooks, event)? {
        Some(entries) => file.insert(&entries, 3, None, &entry()),
        None => file.insert(&hooks, 2, Some(event), &json!([entry()])),
    })
}

/// Takes the hooks out of a text, with the lists and objects that are empty without them; `None` where nothing is left.
pub(super) fn remove(text: &str) -> Result<Option<String>> {
    let mut text = text.to_owned();
    for event in EVENTS {
        while let Some(shorter) = cut(&text, event)? {
            text = shorter;
        }
    }
    let left = File::read(&text)?.is_some_and(|file| !file.items(&file.root).is_empty());
    Ok(left.then_some(text))
}

/// Takes out one hook.
fn cut(text: &str, event: &str) -> Result<Option<String>> {
    let Some(file) = File::read(text)? else { return Ok(None) };
    let Some(path) = file.ours(event)? else { return Ok(None) };
    // From the inside to the outside: the first list that has something else keeps the rest.
    let container = path.iter().rev().find(|(container, _)| file.items(container).len() > 1);
    let (container, at) = container.unwrap_or(&path[0]);
    Ok(Some(file.delete(container, *at)))
}

/// A part of a list or object: its key where it has one, and where it stands.
struct Item {
    key: Option<String>,
    /// From the key on.
    whole: Range<usize>,
    value: Range<usize>,
}

/// A list or object, and a place in it.
type Step = (Range<usize>, usize);

/// A JSON text whose root is an object.
struct File<'t> {
    text: &'t str,
    root: Range<usize>,
}

impl<'t> File<'t> {
    /// Checks a text; `None` where it is empty.
    fn read(text: &'t str) -> Result<Option<Self>> {
        let body = text.trim_start_matches('\u{feff}');
        if body.trim().is_empty() {
            return Ok(None);
        }
        let value: Value = serde_json::from_str(body).map_err(|e| {
            Error::new(Kind::Invalid, "not_json", format!("this is not JSON, so it is left alone: {e}"))
                .hint("repair it, or put in by hand what qp setup TOOL --print shows")
        })?;
        if !value.is_object() {
            return Err(shape("the file is not a JSON object"));
        }
        let start = text.len() - body.len() + body.find('{').unwrap_or_default();
        let root = start..text.trim_end().len();
        Ok(Some(File { text, root }))
    }

    /// Returns the parts of a list or object; what is neither has none.
    fn items(&self, container: &Range<usize>) -> Vec<Item> {
        let is_object = self.text[container.start..].starts_with('{');
        let mut items = Vec::new();
        if !is_object && !self.text[container.start..].starts_with('[') {
            return items;
        }
        let mut at = self.skip_space(container.start + 1);
        while at + 1 < container.end {
            let start = at;
            let mut key = None;
            if is_object {
                let end = self.end_of_value(at);
                key = serde_json::from_str(&self.text[at..end]).ok();
                // Behind the colon.
                at = self.skip_space(self.skip_space(end) + 1);
            }
            let end = self.end_of_value(at);
            items.push(Item { key, whole: start..end, value: at..end });
            at = self.skip_space(end);
            if self.text[at..].starts_with(',') {
                at = self.skip_space(at + 1);
            }
        }
        items
    }

    fn skip_space(&self, at: usize) -> usize {
        let rest = &self.text[at..];
        at + rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len()
    }

    /// Returns the end of the value that begins at `at`. The text is known to be JSON.
    fn end_of_value(&self, at: usize) -> usize {
        let bytes = self.text.as_bytes();
        let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
        for (place, byte) in bytes.iter().enumerate().skip(at) {
            match byte {
                _ if escaped => escaped = false,
                b'\\' if in_string => escaped = true,
                b'"' => in_string = !in_string,
                _ if in_string => continue,
                b'{' | b'[' => depth += 1,
                b'}' | b']' if depth == 0 => return place,
                b'}' | b']' => depth -= 1,
                b',' | b' ' | b'\t' | b'\r' | b'\n' if depth == 0 => return place,
                _ => continue,
            }
            let closes = matches!(byte, b'"' | b'}' | b']');
            if closes && !in_string && depth == 0 {
                return place + 1;
            }
        }
        bytes.len()
    }

    /// Finds a member that holds others: `hooks` an object, an event a list.
    fn member(&self, object: &Range<usize>, name: &str) -> Result<Option<Range<usize>>> {
        let mut named = self.items(object).into_iter().filter(|item| item.key.as_deref() == Some(name));
        let Some(item) = named.next() else { return Ok(None) };
        if named.next().is_some() {
            return Err(shape(&format!("there are two members {name:?}")));
        }
        let open = if name == "hooks" { '{' } else { '[' };
        if !self.text[item.value.start..].starts_with(open) {
            return Err(shape(&format!("the member {name:?} has another shape than hooks have")));
        }
        Ok(Some(item.value))
    }

    /// Finds quipu's hook for an event: the way to it, each step a list or object and the place in it.
    fn ours(&self, event: &str) -> Result<Option<Vec<Step>>> {
        let Some(hooks) = self.member(&self.root, "hooks")? else { return Ok(None) };
        let Some(entries) = self.member(&hooks, event)? else { return Ok(None) };
        let place = |object: &Range<usize>, name: &str| {
            let items = self.items(object);
            items.iter().position(|item| item.key.as_deref() == Some(name)).unwrap_or_default()
        };
        for (at, entry) in self.items(&entries).into_iter().enumerate() {
            let parts = self.items(&entry.value);
            let Some(list) = parts.into_iter().find(|part| part.key.as_deref() == Some("hooks")) else {
                continue;
            };
            if let Some(hook) = self.items(&list.value).iter().position(|hook| self.is_ours(hook)) {
                return Ok(Some(vec![
                    (self.root.clone(), place(&self.root, "hooks")),
                    (hooks.clone(), place(&hooks, event)),
                    (entries, at),
                    (list.value, hook),
                ]));
            }
        }
        Ok(None)
    }

    /// The command with flags of its own counts too: it was put there by somebody who wants those.
    fn is_ours(&self, hook: &Item) -> bool {
        let value: Value = serde_json::from_str(&self.text[hook.value.clone()]).unwrap_or_default();
        let command = value["command"].as_str().unwrap_or_default();
        command == COMMAND || command.strip_prefix(COMMAND).is_some_and(|rest| rest.starts_with(" -"))
    }

    /// Puts a value behind the others of a list or object, in the way these are written.
    fn insert(&self, container: &Range<usize>, depth: usize, key: Option<&str>, value: &Value) -> String {
        let text = self.text;
        let key = key.map(|key| format!("{}: ", Value::from(key))).unwrap_or_default();
        let eol = if text.contains("\r\n") { "\r\n" } else { "\n" };
        let unit = self.unit();
        let fresh =
            |indent: &str| format!("{key}{}", pretty(value, unit)).replace('\n', &format!("{eol}{indent}"));
        let items = self.items(container);
        let Some(last) = items.last() else {
            let (outer, inner) = (unit.repeat(depth - 1), unit.repeat(depth));
            let (open, close) = (&text[container.start..=container.start], &text[container.end - 1..]);
            return [&text[..container.start], open, eol, &inner, &fresh(&inner), eol, &outer, close]
                .concat();
        };
        let (before, after) = text.split_at(last.whole.end);
        if !text[container.clone()].contains('\n') {
            return format!("{before}, {key}{value}{after}");
        }
        let line = text[..last.whole.start].rfind('\n').map_or(0, |at| at + 1);
        let indent = &text[line..last.whole.start];
        let indent = if indent.trim().is_empty() { indent.to_owned() } else { unit.repeat(depth) };
        format!("{before},{eol}{indent}{}{after}", fresh(&indent))
    }

    /// Takes a part out of a list or object, with its comma.
    fn delete(&self, container: &Range<usize>, at: usize) -> String {
        let items = self.items(container);
        let gone = match (at.checked_sub(1).map(|before| &items[before]), items.get(at + 1)) {
            (_, Some(next)) => items[at].whole.start..next.whole.start,
            (Some(before), None) => before.whole.end..items[at].whole.end,
            (None, None) => container.start + 1..container.end - 1,
        };
        [&self.text[..gone.start], &self.text[gone.end..]].concat()
    }

    /// Returns one step of indentation, as the text has it.
    fn unit(&self) -> &'t str {
        let indent = |line: &'t str| &line[..line.len() - line.trim_start_matches([' ', '\t']).len()];
        let mut indents = self.text.lines().map(indent).filter(|indent| !indent.is_empty());
        indents.next().unwrap_or("  ")
    }
}

fn shape(what: &str) -> Error {
    Error::new(Kind::Invalid, "foreign_shape", format!("{what}, so it is left alone"))
        .hint("put in by hand what qp setup TOOL --print shows")
}

/// Returns JSON over several lines.
fn pretty(value: &Value, unit: &str) -> String {
    let mut out = Vec::new();
    let format = serde_json::ser::PrettyFormatter::with_indent(unit.as_bytes());
    let mut serializer = serde_json::Serializer::with_formatter(&mut out, format);
    value.serialize(&mut serializer).expect("a JSON value can be written");
    String::from_utf8(out).expect("JSON is UTF-8")
}
