//! What changed in an issue: a line a field for people, an array of objects for programs.

use anstyle::{AnsiColor, Style};
use serde_json::{Value as Json, json};
use similar::{ChangeTag, TextDiff};

use super::Ui;
use super::sheet::short;
use super::text::{cut, lines, one_line};
use crate::error::Result;
use crate::model::{Comment, Front, Tracker, Value};
use crate::query::Changed;

/// Longest value that stands in a line, in columns.
const VALUE_WIDTH: usize = 60;
/// What follows from a change of the status, and would only repeat it.
const FOLLOWS_STATUS: [&str; 5] = ["claimed_at", "claimed_session", "claim", "started_at", "closed_at"];
/// What a new issue says in its first line or has from its creation.
const OF_CREATION: [&str; 5] = ["id", "key", "title", "created_at", "created_by"];
/// How long a text comparison looks for the shortest answer, in milliseconds.
const PATIENCE_MS: u64 = 1000;

/// How changes are printed for people.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Shape {
    /// Spaces before each line.
    pub indent: usize,
    /// Texts as unified differences, instead of the number of their lines that differ.
    pub patch: bool,
}

/// Prints changes, a line each. What every change brings with it is left out.
///
/// # Errors
/// The reader has gone away.
pub fn print(ui: &mut Ui, tracker: &Tracker, changes: &[Changed], shape: Shape) -> Result<()> {
    let indent = " ".repeat(shape.indent);
    let whole = changes.iter().any(is_identity);
    for change in changes.iter().filter(|c| says_something(c, changes)) {
        match change {
            Changed::Field { field, old, new } => {
                let text = match old.as_ref().or(new.as_ref()).filter(|_| whole) {
                    Some(only) => whole_text(tracker, only),
                    None => field_text(tracker, old.as_ref(), new.as_ref()),
                };
                ui.line(format!("{indent}{} {text}", field.key))?;
            }
            Changed::Entry { name, old, new } => {
                let [old, new] = [old, new].map(|text| text.as_deref().map(|t| entry_text(name, t)));
                ui.line(format!("{indent}{} {}", one_line(name), arrow(old, new)))?;
            }
            Changed::Text { name, old, new } => print_text(ui, &one_line(name), old, new, shape)?,
            Changed::Comment { old, new } => print_comment(ui, old.as_ref(), new.as_ref(), shape)?,
        }
    }
    Ok(())
}

/// Where the identity is new, or gone, the whole issue is.
fn is_identity(change: &Changed) -> bool {
    matches!(change, Changed::Field { field, .. } if field.key == "id")
}

/// Returns the value of a field of an issue that is new or gone.
fn whole_text(tracker: &Tracker, value: &Value) -> String {
    let text = items(tracker, value).map_or_else(|| value_text(tracker, value), |items| items.join(", "));
    cut(&one_line(&text), VALUE_WIDTH)
}

/// Tells whether anything is to be printed of a change.
fn says_something(change: &Changed, all: &[Changed]) -> bool {
    let Changed::Field { field, old, new } = change else { return true };
    let has = |key: &str| all.iter().any(|c| matches!(c, Changed::Field { field, .. } if field.key == key));
    if field.key == "updated_at" || FOLLOWS_STATUS.contains(&field.key) && has("status") {
        return false;
    }
    if all.iter().any(is_identity) {
        let mut usual = Front::default();
        "task".clone_into(&mut usual.kind);
        let value = old.as_ref().or(new.as_ref());
        return !OF_CREATION.contains(&field.key) && value != field.get(&usual).as_ref();
    }
    true
}

fn field_text(tracker: &Tracker, old: Option<&Value>, new: Option<&Value>) -> String {
    let items = [old, new].map(|side| side.and_then(|value| items(tracker, value)));
    if let [Some(_), _] | [_, Some(_)] = items {
        let [old, new] = items.map(Option::unwrap_or_default);
        let added = new.iter().filter(|item| !old.contains(item)).map(|item| format!("+{item}"));
        let removed = old.iter().filter(|item| !new.contains(item)).map(|item| format!("-{item}"));
        return added.chain(removed).collect::<Vec<_>>().join(" ");
    }
    let [old, new] = [old, new].map(|side| side.map(|value| value_text(tracker, value)));
    arrow(old, new)
}

fn arrow(old: Option<String>, new: Option<String>) -> String {
    let show = |side: Option<String>| {
        side.map_or_else(|| "none".to_owned(), |text| cut(&one_line(&text), VALUE_WIDTH))
    };
    format!("{} → {}", show(old), show(new))
}

/// A key that quipu does not know stands in the file with its name before the value.
fn entry_text(name: &str, text: &str) -> String {
    let text = text.trim_end();
    text.strip_prefix(&format!("{name}:")).unwrap_or(text).trim().to_owned()
}

/// Returns the members of a set as they are shown.
fn items(tracker: &Tracker, value: &Value) -> Option<Vec<String>> {
    let found: Vec<String> = match value {
        Value::TextSet(items) => items.iter().map(|i| one_line(i)).collect(),
        Value::RefSet(items) => items.iter().map(|r| one_line(&tracker.show_ref(r))).collect(),
        Value::LinkSet(items) => {
            items.iter().map(|l| one_line(&format!("{}:{}", l.kind, tracker.show_ref(&l.target)))).collect()
        }
        _ => return None,
    };
    Some(found)
}

fn value_text(tracker: &Tracker, value: &Value) -> String {
    match value {
        Value::Id(id) => id.to_string(),
        Value::Text(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Time(time) => short(*time),
        Value::Ref(target) => tracker.show_ref(target),
        Value::TextSet(_) | Value::RefSet(_) | Value::LinkSet(_) | Value::Map(_) => String::new(),
    }
}

/// Prints the change of a longer text.
///
/// # Errors
/// The reader has gone away.
pub fn print_text(ui: &mut Ui, name: &str, old: &str, new: &str, shape: Shape) -> Result<()> {
    let indent = " ".repeat(shape.indent);
    if shape.patch {
        ui.line(format!("{indent}{name}"))?;
        return patch(ui, &format!("{indent}  "), old, new);
    }
    let (added, removed) = counts(old, new);
    let signed = |sign: char, count: usize| (count > 0).then(|| format!("{sign}{count}"));
    let counts: Vec<String> = [signed('+', added), signed('-', removed)].into_iter().flatten().collect();
    let unit = if added + removed == 1 { "line" } else { "lines" };
    ui.line(format!("{indent}{name} {} {unit}", counts.join(" ")))
}

fn print_comment(ui: &mut Ui, old: Option<&Comment>, new: Option<&Comment>, shape: Shape) -> Result<()> {
    let Some(any) = new.or(old) else { return Ok(()) };
    let verb = match (old, new) {
        (None, _) => "comment",
        (_, None) => "removed comment",
        _ => "edited comment",
    };
    let name = format!("{verb} by {}", one_line(&any.by));
    if !shape.patch && (old.is_none() || new.is_none()) {
        let first = any.text.lines().next().unwrap_or_default();
        return ui.line(format!(
            "{}{name}: {}",
            " ".repeat(shape.indent),
            cut(&one_line(first), VALUE_WIDTH)
        ));
    }
    let [before, after] = [old, new].map(|side| side.map_or("", |c| &c.text));
    print_text(ui, &name, before, after, shape)
}

fn compare<'a>(old: &'a str, new: &'a str) -> TextDiff<'a, 'a, str> {
    TextDiff::configure().timeout(std::time::Duration::from_millis(PATIENCE_MS)).diff_lines(old, new)
}

/// Returns how many lines were added and how many removed.
fn counts(old: &str, new: &str) -> (usize, usize) {
    let diff = compare(old, new);
    let count = |tag| diff.iter_all_changes().filter(|c| c.tag() == tag).count();
    (count(ChangeTag::Insert), count(ChangeTag::Delete))
}

/// Prints what differs between two texts as a unified difference.
fn patch(ui: &mut Ui, indent: &str, old: &str, new: &str) -> Result<()> {
    let colour = |colour: AnsiColor| Style::new().fg_color(Some(colour.into()));
    let diff = compare(old, new);
    for hunk in diff.unified_diff().iter_hunks() {
        let head = hunk.header().to_string();
        ui.line(format!("{indent}{}", ui.paint(&head, colour(AnsiColor::Cyan))))?;
        for change in hunk.iter_changes() {
            let (sign, style) = match change.tag() {
                ChangeTag::Equal => (' ', Style::new()),
                ChangeTag::Insert => ('+', colour(AnsiColor::Green)),
                ChangeTag::Delete => ('-', colour(AnsiColor::Red)),
            };
            let text = format!("{sign}{}", lines(change.value().trim_end_matches(['\n', '\r'])));
            ui.line(format!("{indent}{}", ui.paint(&text, style)))?;
        }
    }
    Ok(())
}

/// Returns the names of the changed parts, without what every change brings with it.
pub fn names(changes: &[Changed]) -> Vec<String> {
    let name = |change: &Changed| match change {
        Changed::Field { field, .. } => field.key.to_owned(),
        Changed::Entry { name, .. } | Changed::Text { name, .. } => one_line(name),
        Changed::Comment { .. } => "comments".to_owned(),
    };
    let mut found: Vec<String> = changes.iter().filter(|c| says_something(c, changes)).map(name).collect();
    found.dedup();
    found
}

/// Returns changes as JSON: `{field, old, new}` each, with the names that the issue's own document uses.
pub fn documents(tracker: &Tracker, changes: &[Changed]) -> Vec<Json> {
    changes.iter().map(|change| document(tracker, change)).collect()
}

fn document(tracker: &Tracker, change: &Changed) -> Json {
    match change {
        Changed::Field { field, old, new } => {
            let [old, new] =
                [old, new].map(|side| side.as_ref().map_or(Json::Null, |v| value_json(tracker, v)));
            json!({ "field": field.json, "old": old, "new": new })
        }
        Changed::Entry { name, old, new } => {
            let parsed = |text: &Option<String>| {
                let text = text.as_deref()?;
                Some(serde_json::from_str(text).unwrap_or_else(|_| Json::from(entry_text(name, text))))
            };
            json!({ "field": name, "old": parsed(old), "new": parsed(new) })
        }
        Changed::Text { name, old, new } => {
            let name = if name == "acceptance" { "acceptance_criteria" } else { name };
            let [old, new] = [old, new].map(|text| (!text.is_empty()).then_some(text));
            json!({ "field": name, "old": old, "new": new })
        }
        Changed::Comment { old, new } => {
            let any = new.as_ref().or(old.as_ref());
            let [before, after] = [old, new].map(|side| side.as_ref().map(|c| c.text.clone()));
            json!({
                "field": "comments",
                "comment_id": any.map(|c| c.id.to_string()),
                "author": any.map(|c| c.by.clone()),
                "old": before,
                "new": after,
            })
        }
    }
}

fn value_json(tracker: &Tracker, value: &Value) -> Json {
    match value {
        Value::Id(id) => id.to_string().into(),
        Value::Text(text) => text.clone().into(),
        Value::Number(number) => (*number).into(),
        Value::Time(time) => time.to_string().into(),
        Value::Ref(target) => tracker.show_ref(target).into(),
        Value::TextSet(items) => items.iter().cloned().collect(),
        Value::RefSet(items) => items.iter().map(|r| tracker.show_ref(r)).collect(),
        Value::LinkSet(items) => {
            items.iter().map(|l| json!({ "type": l.kind, "id": tracker.show_ref(&l.target) })).collect()
        }
        Value::Map(map) => map.iter().map(|(k, v)| (k.clone(), Json::from(v.clone()))).collect(),
    }
}
