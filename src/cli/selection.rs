//! Queries on the command line: `qp list 'is:open label:auth'`, and what they select.

use std::ffi::OsString;

use super::app::{App, resolve};
use super::dates;
use super::usage::command_at;
use crate::error::Result;
use crate::model::{IssueId, Timestamp, Tracker};
use crate::output::text::one_line;
use crate::query::lang::{self, Predicate, Query, Surroundings, begins_field};
use crate::query::{self, Filter, Period, meant_status};
use crate::store::View;

/// A query beside the flags that select.
#[derive(clap::Args, Clone, PartialEq, Eq, Debug, Default)]
pub struct QueryArgs {
    /// Words of the title, and conditions: is:open label:auth -label:wip priority:0..1 updated:<7d
    #[arg(value_name = "QUERY")]
    query: Vec<String>,
}

impl QueryArgs {
    /// Returns the query as one text.
    pub fn text(&self) -> String {
        self.query.join(" ")
    }
}

/// Where a query is asked.
struct Here<'a> {
    app: &'a App,
    tracker: &'a Tracker,
}

impl Surroundings for Here<'_> {
    fn me(&self) -> String {
        let store = self.app.store();
        store.map(|store| self.app.identity(&store).actor.value).unwrap_or_default()
    }

    fn time(&self, text: &str) -> Result<Period> {
        dates::period(text, self.app.context.now())
    }

    fn issue(&self, key: &str) -> Result<IssueId> {
        resolve(self.tracker, key).map(|at| self.tracker.rows.id(at))
    }
}

/// Reads a query; `None` where it is empty.
///
/// # Errors
/// Usage, with the place; for keys, what they lead to.
pub(super) fn compile(app: &App, tracker: &Tracker, text: &str) -> Result<Option<Query>> {
    let expr = lang::parse(text)?;
    expr.map(|expr| lang::compile(&expr, text, tracker, &Here { app, tracker })).transpose()
}

/// Returns the selected issues, in the order of the tracker. Texts are read where the front matter does not decide.
pub(super) fn select(view: &View, filter: &Filter, now: Timestamp) -> Result<Vec<usize>> {
    let mut found = query::select(&view.tracker, filter, now);
    retain_texts(view, filter, now, &mut found, |at| *at)?;
    Ok(found)
}

/// Keeps what is selected; `position` says where each stands.
pub(super) fn retain<T>(
    view: &View,
    filter: &Filter,
    now: Timestamp,
    found: &mut Vec<T>,
    position: impl Fn(&T) -> usize,
) -> Result<()> {
    found.retain(|one| filter.matches(&view.tracker, position(one), now));
    retain_texts(view, filter, now, found, position)
}

fn retain_texts<T>(
    view: &View,
    filter: &Filter,
    now: Timestamp,
    found: &mut Vec<T>,
    position: impl Fn(&T) -> usize,
) -> Result<()> {
    if !filter.needs_texts() {
        return Ok(());
    }
    let mut fit = Vec::with_capacity(found.len());
    for one in found.iter() {
        fit.push(texts_fit(view, filter, position(one), now)?);
    }
    let mut fit = fit.into_iter();
    found.retain(|_| fit.next().unwrap_or(false));
    Ok(())
}

/// Tells whether an issue is selected, by its front matter and its texts.
pub(super) fn fits(view: &View, filter: &Filter, at: usize, now: Timestamp) -> Result<bool> {
    Ok(filter.matches(&view.tracker, at, now) && texts_fit(view, filter, at, now)?)
}

/// Tells whether an issue that is selected by its front matter is so by its texts.
pub(super) fn texts_fit(view: &View, filter: &Filter, at: usize, now: Timestamp) -> Result<bool> {
    let open = |query: &Predicate| query.by_front(&view.tracker, at, now).is_none();
    if !filter.needs_texts() || !filter.query.as_ref().is_some_and(open) {
        return Ok(true);
    }
    Ok(filter.matches_texts(&view.tracker, at, now, &view.issue(at)?))
}

/// Says that a query selects nothing, and what it may have missed.
pub(super) fn nothing(query: &str, filter: &Filter) -> String {
    match state_in(query) {
        Some((word, state)) => {
            format!("no issue fits; {} is a word of the title here: is:{state}", one_line(word))
        }
        None if filter.all => "no issue fits".to_owned(),
        None => "no issue fits; --all looks at closed ones too".to_owned(),
    }
}

/// Returns a word that was looked for in titles, and the state that was probably meant.
fn state_in(query: &str) -> Option<(&str, String)> {
    let words: Vec<&str> = query.split_whitespace().collect();
    if let [only] = words[..] {
        return meant_status(only).map(|state| (only, state.to_owned()));
    }
    let states = ["open", "closed", "ready", "blocked", "claimed", "deferred"];
    let found = words.into_iter().find(|word| states.contains(&word.to_lowercase().as_str()));
    found.map(|word| (word, word.to_lowercase()))
}

/// Commands whose words are a query.
const COMMANDS: [&str; 9] = ["list", "ls", "ready", "search", "find", "blocked", "count", "watch", "query"];

/// Keeps a condition that is turned round, `-label:wip`, from being taken for the flag `-l`: a space goes before it.
pub(super) fn conditions_as_words(mut arguments: Vec<OsString>, common: &clap::Command) -> Vec<OsString> {
    let is_query = |at: &usize| arguments[*at].to_str().is_some_and(|word| COMMANDS.contains(&word));
    let Some(at) = command_at(&arguments, common).filter(is_query) else { return arguments };
    for argument in &mut arguments[at + 1..] {
        let Some(text) = argument.to_str() else { continue };
        let is_turned = ["-(", "-@", "-\""].iter().any(|start| text.starts_with(start));
        if is_turned || text.starts_with('-') && begins_field(text) {
            *argument = format!(" {text}").into();
        }
    }
    arguments
}
