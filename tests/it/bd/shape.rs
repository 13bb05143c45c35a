//! What a command may print.

use serde_json::Value;

use crate::env::Run;

/// The shape of a result, as scripts read it.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// One issue.
    Issue,
    /// An array of issues, not empty.
    Issues,
    /// An array of issues with counts, not empty.
    Rows,
    /// An array of issues with all that is known of them.
    Details,
    /// An array of issues, which is empty here.
    Nothing,
    /// An array of objects with these fields, not empty.
    Array(&'static [&'static str]),
    /// An object with these fields, and the version.
    Object(&'static [&'static str]),
    /// An array of texts.
    Texts,
    /// Any document.
    Json,
    /// Text that holds this.
    Text(&'static str),
    /// Lines of JSON.
    Lines,
    /// Refused with this code, and why.
    Refused(i32, &'static str),
}

const ISSUE: &[&str] = &["id", "title", "status", "priority", "issue_type", "created_at", "updated_at"];
const COUNTS: &[&str] = &["dependency_count", "dependent_count", "comment_count"];

use Shape::{Array, Details, Issue, Issues, Json, Lines, Nothing, Object, Refused, Rows, Text, Texts};

impl Shape {
    /// Tells whether the command is asked for JSON.
    pub fn is_json(self) -> bool {
        !matches!(self, Text(_) | Lines | Refused(..))
    }

    /// Returns why this is otherwise than in `bd`.
    pub fn deviation(self) -> Option<&'static str> {
        match self {
            Refused(_, reason) => Some(reason),
            _ => None,
        }
    }

    /// Compares what a command did with what it should.
    pub fn check(self, run: &Run) -> Result<(), String> {
        if let Refused(code, _) = self {
            let lines = run.stderr.lines().count();
            return said(
                run.code == code && lines <= 6 && run.stderr.contains("hint: "),
                "not refused as it should be",
            );
        }
        said(run.code == 0, "it fails")?;
        match self {
            Text(part) => return said(run.stdout.contains(part), &format!("{part:?} is not printed")),
            Lines => {
                let is_json = |line: &str| serde_json::from_str::<Value>(line).is_ok_and(|v| v.is_object());
                return said(!run.stdout.is_empty() && run.stdout.lines().all(is_json), "not lines of JSON");
            }
            _ => {}
        }
        let value: Value = serde_json::from_str(&run.stdout).map_err(|e| format!("no JSON: {e}"))?;
        let pretty = serde_json::to_string_pretty(&value).map_err(|e| e.to_string())?;
        said(pretty.trim() == run.stdout.trim(), "not indented by two spaces")?;
        let has_version = value.get("schema_version") == Some(&Value::from(1));
        said(has_version == value.is_object(), "schema_version belongs to objects only")?;
        match self {
            Issue => fields(&value, ISSUE),
            Issues => every(&value, ISSUE),
            Rows => every(&value, ISSUE).and_then(|()| every(&value, COUNTS)),
            Details => every(&value, ISSUE).and_then(|()| every(&value, COUNTS)),
            Nothing => said(run.stdout == "[]\n", "not an empty array"),
            Array(names) => every(&value, names),
            Object(names) => fields(&value, names),
            Texts => said(value.as_array().is_some_and(|a| a.iter().all(Value::is_string)), "not texts"),
            Json | Text(_) | Lines | Refused(..) => Ok(()),
        }
    }
}

fn said(holds: bool, why: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(why.to_owned()) }
}

fn fields(value: &Value, names: &[&str]) -> Result<(), String> {
    said(value.is_object(), "not an object")?;
    match names.iter().find(|name| value.get(**name).is_none()) {
        Some(name) => Err(format!("{name} is missing")),
        None => Ok(()),
    }
}

fn every(value: &Value, names: &[&str]) -> Result<(), String> {
    let items = value.as_array().ok_or("not an array")?;
    said(!items.is_empty(), "empty")?;
    items.iter().try_for_each(|item| fields(item, names))
}
