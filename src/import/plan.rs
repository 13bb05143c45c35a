//! Plans: one Markdown file, a heading an issue, nested headings its parts.
//!
//! Reads structure only. What a priority, a type or a date may be is judged by whoever uses the plan; every value
//! carries its line for that.

mod headings;

use std::collections::HashMap;

use pulldown_cmark::HeadingLevel;

use crate::model::{FileError, is_valid_key};
use headings::{Heading, Lines, has_text, headings};

/// The issues of a plan, in the order of the file.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Plan {
    /// The issues.
    pub items: Vec<Item>,
    /// There is text above the first heading, which belongs to no issue.
    pub preamble: bool,
}

/// One heading and what belongs to it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Item {
    /// The line of the heading, from 1.
    pub line: usize,
    /// The text of the heading.
    pub title: String,
    /// The item this one is a part of.
    pub parent: Option<usize>,
    /// Sections with their texts: `description`, `design`, `acceptance`, `notes`.
    pub texts: Vec<(&'static str, String)>,
    /// Fields with what is written there.
    pub values: Vec<Value>,
    /// What it depends on, or is related to.
    pub references: Vec<Reference>,
}

/// What is written for a field.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Value {
    /// The line it stands on, from 1.
    pub line: usize,
    /// The field: `type`, `priority`, `labels`, `assignee`, `due`, `defer`, `estimate`, `paths`, `spec` or
    /// `external_ref`.
    pub field: &'static str,
    /// The text.
    pub text: String,
}

/// A reference to another issue.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reference {
    /// The line it stands on, from 1.
    pub line: usize,
    /// The type as written; empty where this one waits for the other, `blocks` where the other waits.
    pub kind: String,
    /// The other issue.
    pub target: Target,
}

/// What a reference points to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Target {
    /// Another item of the plan.
    Item(usize),
    /// A key of the tracker, as written.
    Key(String),
}

/// What a heading or an attribute line stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Field {
    Text(&'static str),
    Value(&'static str),
    List(&'static str),
    Reference(&'static str),
}

/// Headings with these names below an issue's heading hold a field of it.
const HEADINGS: [(&str, Field); 13] = [
    ("description", Field::Text("description")),
    ("design", Field::Text("design")),
    ("acceptance criteria", Field::Text("acceptance")),
    ("acceptance", Field::Text("acceptance")),
    ("notes", Field::Text("notes")),
    ("priority", Field::Value("priority")),
    ("type", Field::Value("type")),
    ("labels", Field::List("labels")),
    ("assignee", Field::Value("assignee")),
    ("dependencies", Field::Reference("")),
    ("deps", Field::Reference("")),
    ("depends on", Field::Reference("")),
    ("blocked by", Field::Reference("")),
];

/// Lines `name: value` with these names directly below a heading hold a field too.
const ATTRIBUTES: [(&str, Field); 24] = [
    ("priority", Field::Value("priority")),
    ("type", Field::Value("type")),
    ("labels", Field::List("labels")),
    ("label", Field::List("labels")),
    ("tags", Field::List("labels")),
    ("assignee", Field::Value("assignee")),
    ("due", Field::Value("due")),
    ("defer", Field::Value("defer")),
    ("estimate", Field::Value("estimate")),
    ("spec", Field::Value("spec")),
    ("external ref", Field::Value("external_ref")),
    ("paths", Field::List("paths")),
    ("dependencies", Field::Reference("")),
    ("deps", Field::Reference("")),
    ("depends on", Field::Reference("")),
    ("blocked by", Field::Reference("")),
    ("needs", Field::Reference("")),
    ("after", Field::Reference("")),
    ("parent", Field::Reference("parent")),
    ("part of", Field::Reference("parent")),
    ("blocks", Field::Reference("blocks")),
    ("related", Field::Reference("related")),
    ("related to", Field::Reference("related")),
    ("discovered from", Field::Reference("discovered-from")),
];

impl Plan {
    /// Reads a plan.
    ///
    /// # Errors
    /// The first thing that is wrong, with its line; also a file without a heading.
    pub fn read(text: &str) -> Result<Self, FileError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let headings = headings(text)?;
        let Some(first) = headings.first() else {
            return fail(1, "there is no heading; each issue begins with one, such as ## Title");
        };
        let mut reader = Reader::default();
        reader.plan.preamble = has_text(text, first.start);
        let mut at = 0;
        while let Some(heading) = headings.get(at) {
            let field = reader.enter(heading);
            // What is nested below a field is text of that field.
            let ends = |h: &Heading<'_>| field.is_none() || h.level <= heading.level;
            let next = headings[at + 1..].iter().position(ends).map_or(headings.len(), |n| at + 1 + n);
            let end = headings.get(next).map_or(text.len(), |h| h.start);
            let body = Lines::new(&text[heading.end.min(end)..end], heading.body_line);
            match field {
                Some(field) => reader.add_field(field, &body)?,
                None => reader.add_body(&body)?,
            }
            at = next;
        }
        reader.finish()
    }
}

fn fail<T>(line: usize, message: impl Into<String>) -> Result<T, FileError> {
    Err(FileError { line, message: message.into() })
}

/// A plan in the making.
#[derive(Default)]
struct Reader {
    plan: Plan,
    /// The items around the present place, from the outermost.
    around: Vec<(HeadingLevel, usize)>,
    /// References that wait until all titles are known: (item, line, type, text).
    pending: Vec<(usize, usize, &'static str, String)>,
}

impl Reader {
    /// Goes below a heading: returns the field it stands for, or begins an item.
    fn enter(&mut self, heading: &Heading<'_>) -> Option<Field> {
        while self.around.last().is_some_and(|(level, _)| *level >= heading.level) {
            self.around.pop();
        }
        let parent = self.around.last().map(|(_, item)| *item);
        if parent.is_some()
            && let Some(field) = find(&HEADINGS, heading.title)
        {
            return Some(field);
        }
        self.around.push((heading.level, self.plan.items.len()));
        let title = heading.title.to_owned();
        self.plan.items.push(Item { line: heading.line, title, parent, ..Item::default() });
        None
    }

    /// The item that the present place belongs to.
    fn item(&mut self) -> (usize, &mut Item) {
        let (_, at) = *self.around.last().expect("an item was entered before anything is added to it");
        (at, &mut self.plan.items[at])
    }

    /// Adds what stands below the heading of a field.
    fn add_field(&mut self, field: Field, body: &Lines<'_>) -> Result<(), FileError> {
        if let Field::Text(section) = field {
            self.add_text(section, body.trimmed());
            return Ok(());
        }
        for (line, text) in body.numbered().filter(|(_, text)| !text.trim().is_empty()) {
            self.add_value(field, line, bullet(text).unwrap_or(text.trim()))?;
        }
        Ok(())
    }

    /// Adds what stands below the heading of an item: attribute lines, then the description.
    fn add_body(&mut self, body: &Lines<'_>) -> Result<(), FileError> {
        let mut rest = body.text;
        // An attribute without a value takes its values from the list below it.
        let mut list: Option<Field> = None;
        let mut begun = false;
        for ((number, line), raw) in body.numbered().zip(body.text.split_inclusive('\n')) {
            if line.trim().is_empty() && !begun {
            } else if let (Some(field), Some(item)) = (list, bullet(line)) {
                self.add_value(field, number, item)?;
            } else if let Some((field, value)) = attribute(line) {
                begun = true;
                list = (value.is_empty() && matches!(field, Field::List(_) | Field::Reference(_)))
                    .then_some(field);
                if !value.is_empty() {
                    self.add_value(field, number, value)?;
                }
            } else {
                break;
            }
            rest = &rest[raw.len()..];
        }
        let text = Lines::new(rest, 0).trimmed();
        self.add_text("description", text);
        Ok(())
    }

    fn add_text(&mut self, section: &'static str, text: &str) {
        let (_, item) = self.item();
        if text.is_empty() {
            return;
        }
        match item.texts.iter_mut().find(|(name, _)| *name == section) {
            Some((_, there)) => {
                there.push_str("\n\n");
                there.push_str(text);
            }
            None => item.texts.push((section, text.to_owned())),
        }
    }

    fn add_value(&mut self, field: Field, line: usize, text: &str) -> Result<(), FileError> {
        let text = text.trim().to_owned();
        let (at, item) = self.item();
        match field {
            Field::Value(field) => {
                if let Some(before) = item.values.iter().find(|v| v.field == field) {
                    return fail(line, format!("{field} is given twice, first on line {}", before.line));
                }
                item.values.push(Value { line, field, text });
            }
            Field::List(field) => item.values.push(Value { line, field, text }),
            Field::Reference(kind) => self.pending.push((at, line, kind, text)),
            Field::Text(section) => self.add_text(section, &text),
        }
        Ok(())
    }

    /// Resolves the references, now that all titles are known.
    fn finish(mut self) -> Result<Plan, FileError> {
        let mut titles: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, item) in self.plan.items.iter().enumerate() {
            titles.entry(bare(&item.title)).or_default().push(at);
        }
        for (at, line, kind, text) in std::mem::take(&mut self.pending) {
            let found = references(&titles, &self.plan, line, kind, &text)?;
            self.plan.items[at].references.extend(found);
        }
        Ok(self.plan)
    }
}

/// Reads `Title`, `web-7k2m, Other title`, `related:web-7k2m`.
fn references(
    titles: &HashMap<String, Vec<usize>>,
    plan: &Plan,
    line: usize,
    kind: &str,
    text: &str,
) -> Result<Vec<Reference>, FileError> {
    let item = |name: &str| match titles.get(&bare(name)).map(Vec::as_slice) {
        None => Ok(None),
        Some([only]) => Ok(Some(Target::Item(*only))),
        Some(several) => {
            let lines: Vec<String> = several.iter().map(|at| plan.items[*at].line.to_string()).collect();
            fail(line, format!("several headings are called {name:?}: lines {}", lines.join(", ")))
        }
    };
    let make = |kind: &str, target| Reference { line, kind: kind.to_owned(), target };
    if let Some(target) = item(text)? {
        return Ok(vec![make(kind, target)]);
    }
    let mut found = Vec::new();
    for piece in text.split(',').map(str::trim).filter(|p| !p.is_empty()) {
        let typed = piece.split_once(':').map(|(own, rest)| (own.trim(), rest.trim()));
        let (own, rest) = typed.filter(|(own, _)| !own.contains(' ')).unwrap_or((kind, piece));
        if let Some(target) = item(piece)? {
            found.push(make(kind, target));
        } else if let Some(target) = item(rest)? {
            found.push(make(own, target));
        } else if are_keys(rest) {
            found.extend(rest.split_whitespace().map(|key| make(own, Target::Key(key.to_owned()))));
        } else {
            return fail(line, format!("no heading is called {piece:?}"));
        }
    }
    Ok(found)
}

/// Tells whether a text can be one key, or several that are plain to see.
fn are_keys(text: &str) -> bool {
    let several = text.contains(' ');
    text.split_whitespace()
        .all(|word| is_valid_key(word) && (word.contains('-') || !several && word.len() >= 4))
}

/// Returns what a list item says.
fn bullet(line: &str) -> Option<&str> {
    let line = line.trim_start();
    line.strip_prefix("- ").or_else(|| line.strip_prefix("* ")).or_else(|| line.strip_prefix("+ "))
}

/// Reads `name: value`, also as a list item and with emphasis: `- **Priority:** 1`.
fn attribute(line: &str) -> Option<(Field, &str)> {
    let (name, value) = bullet(line).unwrap_or(line).split_once(':')?;
    let field = find(&ATTRIBUTES, name.trim_matches(|c: char| c == '*' || c.is_whitespace()))?;
    Some((field, value.trim().trim_start_matches("**").trim()))
}

fn find(names: &[(&str, Field)], name: &str) -> Option<Field> {
    let name = bare(&name.replace(['_', '-'], " "));
    let name = name.trim_end_matches(':');
    names.iter().find(|(known, _)| *known == name).map(|(_, field)| *field)
}

/// Brings the spellings of a title together: case and spaces.
fn bare(title: &str) -> String {
    title.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}
