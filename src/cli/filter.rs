//! The flags that select issues, shared by `list`, `ready`, `blocked`, `search` and `check`.

use std::collections::BTreeSet;

use super::app::{App, resolve};
use super::args::split;
use super::{dates, selection};
use crate::error::{Error, Result};
use crate::model::{Timestamp, Tracker};
use crate::output::text::one_line;
use crate::query::{Filter, parse_priority, parse_status, parse_type};

/// Flags that select issues.
#[derive(clap::Args, Clone, PartialEq, Eq, Debug, Default)]
#[command(next_help_heading = "Selection")]
pub struct FilterArgs {
    /// With any of these statuses, separated by commas
    #[arg(short, long, alias = "state", value_name = "STATUS,…")]
    status: Vec<String>,
    /// Of any of these types
    #[arg(short = 't', long = "type", alias = "issue-type", value_name = "TYPE,…")]
    kind: Vec<String>,
    /// Not of these types
    #[arg(long, value_name = "TYPE,…")]
    exclude_type: Vec<String>,
    /// With any of these priorities
    #[arg(short, long, value_name = "0-4,…")]
    priority: Vec<String>,
    /// At this priority number or above
    #[arg(long, value_name = "0-4")]
    priority_min: Option<String>,
    /// At this priority number or below
    #[arg(long, value_name = "0-4")]
    priority_max: Option<String>,
    /// With all of these labels
    #[arg(short, long, alias = "labels", value_name = "LABEL,…")]
    label: Vec<String>,
    /// With any of these labels
    #[arg(long, value_name = "LABEL,…")]
    label_any: Vec<String>,
    /// With none of these labels
    #[arg(long, value_name = "LABEL,…")]
    exclude_label: Vec<String>,
    /// Without labels
    #[arg(long)]
    no_labels: bool,
    /// Assigned to this name; me is you
    #[arg(short, long, value_name = "NAME")]
    assignee: Option<String>,
    /// Assigned to nobody
    #[arg(short = 'u', long, visible_alias = "no-assignee")]
    unassigned: bool,
    /// Parts of this issue, at any depth
    #[arg(long, alias = "filter-parent", value_name = "ID")]
    parent: Option<String>,
    /// Not a part of anything
    #[arg(long)]
    no_parent: bool,
    /// These issues only
    #[arg(long = "id", value_name = "ID,…")]
    ids: Vec<String>,
    /// With this text in the title
    #[arg(long, alias = "title-contains", value_name = "TEXT")]
    title: Option<String>,
    /// Created at or after this time
    #[arg(long, value_name = "DATE", allow_hyphen_values = true)]
    created_after: Option<String>,
    /// Created before this time
    #[arg(long, value_name = "DATE", allow_hyphen_values = true)]
    created_before: Option<String>,
    /// Changed at or after this time
    #[arg(long, value_name = "DATE", allow_hyphen_values = true)]
    updated_after: Option<String>,
    /// Changed before this time
    #[arg(long, value_name = "DATE", allow_hyphen_values = true)]
    updated_before: Option<String>,
    /// Closed at or after this time
    #[arg(long, value_name = "DATE", allow_hyphen_values = true)]
    closed_after: Option<String>,
    /// Closed before this time
    #[arg(long, value_name = "DATE", allow_hyphen_values = true)]
    closed_before: Option<String>,
    /// Due at or after this time
    #[arg(long, value_name = "DATE", allow_hyphen_values = true)]
    due_after: Option<String>,
    /// Due before this time
    #[arg(long, value_name = "DATE", allow_hyphen_values = true)]
    due_before: Option<String>,
    /// Put off until this time or later
    #[arg(long, value_name = "DATE", allow_hyphen_values = true)]
    defer_after: Option<String>,
    /// Put off until before this time
    #[arg(long, value_name = "DATE", allow_hyphen_values = true)]
    defer_before: Option<String>,
    /// With this value in its metadata
    #[arg(long, value_name = "NAME=VALUE")]
    metadata_field: Vec<String>,
    /// Past due
    #[arg(long)]
    overdue: bool,
    /// Put off
    #[arg(long)]
    deferred: bool,
    /// Closed ones too
    #[arg(long)]
    all: bool,
    /// A query that stands beside the flags.
    #[arg(skip)]
    query: String,
}

impl FilterArgs {
    /// Selects the parts of an issue.
    pub fn parts_of(parent: String) -> Self {
        FilterArgs { parent: Some(parent), ..FilterArgs::default() }
    }

    /// Tells whether no flag selects anything.
    pub fn is_unset(&self) -> bool {
        *self == FilterArgs::default()
    }

    /// Adds a query: what is selected must fit it too.
    #[must_use]
    pub fn with(&self, query: &str) -> Self {
        FilterArgs { query: query.trim().to_owned(), ..self.clone() }
    }

    /// Takes away a word given as a status that is an order and can be nothing else.
    pub fn take_sort_word(&mut self) -> Option<String> {
        let is_order = |word: &String| ["priority", "hybrid", "oldest"].contains(&word.as_str());
        (self.status.len() == 1 && is_order(&self.status[0])).then(|| self.status.remove(0))
    }

    /// Checks the flags against the tracker and makes a filter of them.
    pub fn resolve(&self, app: &App, tracker: &Tracker) -> Result<Filter> {
        let now = app.context.now();
        let date = |text: &Option<String>| text.as_deref().map(|t| dates::parse(t, now)).transpose();
        let set = |values: &[String]| split(values).into_iter().collect::<BTreeSet<_>>();
        let mut filter = Filter { all: self.all, ..Filter::default() };
        for word in split(&self.status) {
            match word.as_str() {
                "all" | "any" => filter.all = true,
                _ => drop(filter.statuses.insert(parse_status(&word, tracker)?)),
            }
        }
        filter.types = split(&self.kind).iter().map(|t| parse_type(t, tracker)).collect::<Result<_>>()?;
        filter.exclude_types =
            split(&self.exclude_type).iter().map(|t| parse_type(t, tracker)).collect::<Result<_>>()?;
        filter.priorities = split(&self.priority).iter().map(|p| parse_priority(p)).collect::<Result<_>>()?;
        filter.priority_min = self.priority_min.as_deref().map(parse_priority).transpose()?;
        filter.priority_max = self.priority_max.as_deref().map(parse_priority).transpose()?;
        filter.labels = set(&self.label);
        filter.labels_any = set(&self.label_any);
        filter.exclude_labels = set(&self.exclude_label);
        filter.no_labels = self.no_labels;
        filter.assignee = self.assignee(app)?;
        filter.unassigned = self.unassigned;
        filter.parent = self
            .parent
            .as_ref()
            .map(|key| resolve(tracker, key).map(|at| tracker.front(at).id))
            .transpose()?;
        filter.no_parent = self.no_parent;
        filter.ids = split(&self.ids)
            .iter()
            .map(|key| resolve(tracker, key).map(|at| tracker.front(at).id))
            .collect::<Result<_>>()?;
        // Who names issues wants to see them, closed or not.
        filter.all |= !filter.ids.is_empty();
        filter.title_contains.clone_from(&self.title);
        let period =
            |after: Option<Timestamp>, before: Option<Timestamp>| crate::query::Period { after, before };
        filter.created = period(date(&self.created_after)?, date(&self.created_before)?);
        filter.updated = period(date(&self.updated_after)?, date(&self.updated_before)?);
        filter.closed = period(date(&self.closed_after)?, date(&self.closed_before)?);
        filter.all |= !filter.closed.is_unset();
        filter.due = period(date(&self.due_after)?, date(&self.due_before)?);
        filter.defer = period(date(&self.defer_after)?, date(&self.defer_before)?);
        filter.metadata = self.metadata_field.iter().map(|entry| metadata(entry)).collect::<Result<_>>()?;
        filter.overdue = self.overdue;
        filter.deferred = self.deferred;
        if let Some(query) = selection::compile(app, tracker, &self.query)? {
            filter.all |= query.closed_too;
            filter.query = Some(query.predicate);
        }
        Ok(filter)
    }

    fn assignee(&self, app: &App) -> Result<Option<String>> {
        Ok(match self.assignee.as_deref() {
            Some("me") => Some(app.identity(&app.store()?).actor.value),
            other => other.map(str::to_owned),
        })
    }
}

/// Reads a name and a value. A value may have commas and equal signs in it.
fn metadata(entry: &str) -> Result<(String, String)> {
    let (name, value) =
        entry.split_once('=').filter(|(name, _)| !name.trim().is_empty()).ok_or_else(|| {
            Error::usage(format!("{:?} is not NAME=VALUE", one_line(entry)))
                .hint("--metadata-field team=core")
        })?;
    Ok((name.trim().to_owned(), value.to_owned()))
}
