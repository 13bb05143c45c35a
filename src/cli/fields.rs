//! The fields that `create` and `update` both set: their flags, and what these come to.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::app::App;
use super::args::{self, DescriptionArgs};
use super::dates;
use crate::error::{Error, Result};
use crate::model::{Issue, Priority, Timestamp, Tracker};
use crate::output::sheet::short;
use crate::query;

/// Flags for fields that hold one value. An empty value empties the field.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct FieldArgs {
    #[command(flatten)]
    description: DescriptionArgs,
    /// How it is to be done; - reads standard input
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    design: Option<String>,
    /// Read the design from a file
    #[arg(long, value_name = "FILE", conflicts_with = "design")]
    design_file: Option<PathBuf>,
    /// When it counts as done; - reads standard input
    #[arg(long, visible_alias = "acceptance-criteria", value_name = "TEXT", allow_hyphen_values = true)]
    acceptance: Option<String>,
    /// Type: task, bug, feature, epic, chore, decision, question, or a word of your own
    #[arg(short = 't', long = "type", alias = "issue-type", value_name = "TYPE")]
    kind: Option<String>,
    /// Priority: 0 (most urgent) to 4
    #[arg(short, long, value_name = "0-4")]
    priority: Option<String>,
    /// Who is to do it
    #[arg(short, long, value_name = "NAME")]
    assignee: Option<String>,
    /// The issue this one is a part of
    #[arg(long, value_name = "ID")]
    parent: Option<String>,
    /// When it should be done: 2026-01-31, +2w, next monday
    #[arg(long, value_name = "DATE", allow_hyphen_values = true)]
    due: Option<String>,
    /// Not ready before this time
    #[arg(long, value_name = "DATE", allow_hyphen_values = true)]
    defer: Option<String>,
    /// Expected work: 90 (minutes), 2h, 1d
    #[arg(short, long, value_name = "DURATION")]
    estimate: Option<String>,
    /// The same thing in another system
    #[arg(long, value_name = "TEXT")]
    external_ref: Option<String>,
    /// The specification it belongs to
    #[arg(long, alias = "spec-id", value_name = "TEXT")]
    spec: Option<String>,
    /// A JSON object for other programs, or @FILE; entries that it does not name stay
    #[arg(long, value_name = "JSON")]
    metadata: Option<String>,
}

/// New values for fields. `None` leaves a field alone, an inner `None` empties it.
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) struct FieldChanges {
    pub title: Option<String>,
    pub kind: Option<String>,
    pub priority: Option<Priority>,
    pub assignee: Option<Option<String>>,
    /// The key of the parent as typed; an empty one removes the parent.
    pub parent: Option<String>,
    pub due_at: Option<Option<Timestamp>>,
    pub defer_until: Option<Option<Timestamp>>,
    pub estimate_minutes: Option<Option<u32>>,
    pub external_ref: Option<Option<String>>,
    pub spec: Option<Option<String>>,
    pub metadata: Option<BTreeMap<String, String>>,
    /// Sections of the body with their new texts.
    pub texts: Vec<(&'static str, String)>,
}

impl FieldArgs {
    /// Takes away the flag that reads the description from standard input; tells whether it was there.
    pub fn take_stdin(&mut self) -> bool {
        self.description.take_stdin()
    }

    /// Reads and checks the flags, as far as that is possible without the tracker. `notes` is a flag of the
    /// caller's own that may read standard input too.
    pub fn read(&self, app: &mut App, notes: Option<&str>) -> Result<FieldChanges> {
        let design_file = self.design_file.as_ref().and_then(|p| p.to_str());
        args::one_stdin(
            [
                self.design.as_deref(),
                design_file,
                self.acceptance.as_deref(),
                notes,
                self.metadata.as_deref(),
            ],
            usize::from(self.description.reads_stdin()),
        )?;
        let now = app.context.now();
        let mut texts = Vec::new();
        let design = match (&self.design, &self.design_file) {
            (Some(value), _) => Some(args::text(value)?),
            (None, Some(path)) => Some(args::file(&app.context, path)?),
            (None, None) => None,
        };
        texts.extend(self.description.read(&app.context)?.map(|text| ("description", text)));
        texts.extend(design.map(|text| ("design", text)));
        let acceptance = self.acceptance.as_deref().map(args::text).transpose()?;
        texts.extend(acceptance.map(|text| ("acceptance", text)));
        let changes = FieldChanges {
            title: None,
            kind: self.kind.clone(),
            priority: self.priority.as_deref().map(query::parse_priority).transpose()?,
            assignee: or_none(self.assignee.as_ref()),
            parent: self.parent.clone(),
            due_at: date(self.due.as_ref(), now)?,
            defer_until: date(self.defer.as_ref(), now)?,
            estimate_minutes: or_none(self.estimate.as_ref())
                .map(|e| e.as_deref().map(minutes).transpose())
                .transpose()?,
            external_ref: or_none(self.external_ref.as_ref()),
            spec: or_none(self.spec.as_ref()),
            metadata: self.metadata.as_deref().map(|text| metadata(app, text)).transpose()?,
            texts,
        };
        if let Some(Some(until)) = changes.defer_until {
            warn_past(app, until);
        }
        Ok(changes)
    }
}

/// Warns of a date that puts nothing off.
pub(super) fn warn_past(app: &mut App, until: Timestamp) {
    if until <= app.context.now() {
        app.ui.warn(format!("{} is in the past: this puts nothing off", short(until)));
    }
}

impl FieldChanges {
    /// Sets one field from its text; an empty text empties it. Tells whether there is such a field.
    pub fn set(&mut self, field: &str, text: &str, now: Timestamp) -> Result<bool> {
        let value = or_none(Some(&text.to_owned()));
        match field {
            "title" => self.title = Some(one_line_title(text)?),
            "type" => self.kind = Some(text.to_owned()),
            "priority" => self.priority = Some(query::parse_priority(text)?),
            "assignee" => self.assignee = value,
            "parent" => self.parent = Some(text.to_owned()),
            "due" => self.due_at = date(Some(&text.to_owned()), now)?,
            "defer" => self.defer_until = date(Some(&text.to_owned()), now)?,
            "estimate" => {
                self.estimate_minutes = value.map(|v| v.as_deref().map(minutes).transpose()).transpose()?;
            }
            "spec" => self.spec = value,
            "external_ref" => self.external_ref = value,
            "description" => self.texts.push(("description", text.to_owned())),
            "design" => self.texts.push(("design", text.to_owned())),
            "acceptance" => self.texts.push(("acceptance", text.to_owned())),
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Adds a section to the end of the description.
    pub fn add_section(&mut self, heading: &str, text: &str) {
        let section = format!("## {heading}\n\n{}", text.trim());
        match self.texts.iter_mut().find(|(name, _)| *name == "description") {
            Some((_, before)) if !before.trim().is_empty() => {
                *before = format!("{}\n\n{section}", before.trim_end());
            }
            Some((_, before)) => *before = section,
            None => self.texts.push(("description", section)),
        }
    }

    /// Changes the fields, apart from the assignee and the parent, which other issues and claims bear upon.
    pub fn apply(&self, issue: &mut Issue, tracker: &Tracker) -> Result<()> {
        let front = &mut issue.front;
        if let Some(title) = &self.title {
            front.title = one_line_title(title)?;
        }
        if let Some(kind) = &self.kind {
            front.kind = query::parse_type(kind, tracker)?;
        }
        set(&mut front.priority, self.priority.as_ref());
        set(&mut front.due_at, self.due_at.as_ref());
        set(&mut front.defer_until, self.defer_until.as_ref());
        set(&mut front.estimate_minutes, self.estimate_minutes.as_ref());
        set(&mut front.external_ref, self.external_ref.as_ref());
        set(&mut front.spec, self.spec.as_ref());
        set(&mut front.metadata, self.metadata.as_ref());
        for (section, text) in &self.texts {
            let target = issue.body.section_mut(section).expect("only known sections are collected");
            text.clone_into(target);
        }
        Ok(())
    }
}

fn set<T: Clone>(field: &mut T, value: Option<&T>) {
    if let Some(value) = value {
        field.clone_from(value);
    }
}

/// An empty value stands for none.
fn or_none(value: Option<&String>) -> Option<Option<String>> {
    value.map(|v| v.trim()).map(|v| (!v.is_empty()).then(|| v.to_owned()))
}

fn date(value: Option<&String>, now: Timestamp) -> Result<Option<Option<Timestamp>>> {
    or_none(value).map(|text| text.map(|t| dates::parse(&t, now)).transpose()).transpose()
}

/// Refuses a title of several lines: what follows the first would look lost.
pub(super) fn one_line_title(title: &str) -> Result<String> {
    let title = title.trim();
    if title.contains(['\n', '\r']) {
        return Err(Error::invalid("the title has more than one line")
            .hint("put the rest into the description: -d TEXT"));
    }
    Ok(title.to_owned())
}

/// Reads an estimate in minutes.
pub(super) fn minutes(text: &str) -> Result<u32> {
    let minutes = dates::duration(text)? / 60_000;
    u32::try_from(minutes).map_err(|_| Error::invalid(format!("{text:?} is too long")))
}

/// Reads `--metadata`: a JSON object, or the file that holds one.
pub(super) fn metadata(app: &App, text: &str) -> Result<BTreeMap<String, String>> {
    let text = match text.strip_prefix('@') {
        Some(path) => args::file(&app.context, path.as_ref())?,
        None => args::text(text)?,
    };
    let empty = text.trim().is_empty();
    match serde_json::from_str(if empty { "{}" } else { &text }) {
        Ok(serde_json::Value::Object(map)) => Ok(map.into_iter().map(|(k, v)| (k, v.to_string())).collect()),
        _ => {
            Err(Error::invalid("the metadata is not a JSON object")
                .hint("--metadata '{\"name\": \"value\"}'"))
        }
    }
}
