//! What happened to issues between two views, newest first: the common ground of `changes` and `watch`.

use std::cmp::Reverse;

use serde_json::Value;

use super::app::App;
use super::changed::{self, IssueChange};
use super::filter::FilterArgs;
use super::selection;
use crate::error::Result;
use crate::model::Timestamp;
use crate::output::changes::{self, Shape};
use crate::output::sheet::short;
use crate::output::text::one_line;
use crate::query::{self, Filter};
use crate::store::{LogEntry, View};

/// How news are printed.
#[derive(clap::Args, Debug, Default)]
pub struct NewsArgs {
    /// Print one line an issue
    #[arg(long, visible_alias = "stat")]
    short: bool,
    /// Show texts as differences
    #[arg(long)]
    patch: bool,
}

/// The issues that differ, as the later view has them.
pub(super) struct News {
    view: View,
    items: Vec<Item>,
}

/// An issue, and the last operation that changed it, where the history knows one.
struct Item {
    issue: IssueChange,
    last: Option<LogEntry>,
    time: Option<Timestamp>,
}

/// Makes a filter of the flags. It selects closed issues too, and takes the keys of either view.
pub(super) fn filter(args: &FilterArgs, app: &App, old: &View, new: &View) -> Result<Filter> {
    let found = args.resolve(app, &new.tracker);
    let found = found.or_else(|error| args.resolve(app, &old.tracker).map_err(|_| error));
    found.map(|filter| Filter { all: true, ..filter })
}

impl News {
    /// Compares two views. An issue is selected where it fits the filter before or after.
    pub fn between(old: &View, new: View, filter: &Filter, now: Timestamp) -> Result<Self> {
        let fits = |view: &View, issue: &IssueChange| match view.tracker.position(issue.id) {
            Some(at) => selection::fits(view, filter, at, now),
            None => Ok(false),
        };
        let (all, _) = changed::between(old, &new)?;
        let mut issues = Vec::new();
        for issue in all {
            if fits(&new, &issue)? || fits(old, &issue)? {
                issues.push(issue);
            }
        }
        let mut last = if issues.is_empty() { Default::default() } else { new.last_operations(old)? };
        let mut items: Vec<Item> = issues
            .into_iter()
            .map(|mut issue| {
                if issue.verb == "changed" {
                    issue.verb = query::happened(&issue.changes);
                }
                let last = last.remove(&issue.id);
                let at = new.tracker.position(issue.id);
                let updated = at.map(|at| new.tracker.front(at).updated_at);
                Item { time: last.as_ref().map(|entry| entry.time).or(updated), last, issue }
            })
            .collect();
        items.sort_by_key(|item| Reverse((item.time, item.issue.id)));
        Ok(News { view: new, items })
    }

    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Keeps the newest; returns how many were left out. No limit is 0.
    pub fn cut(&mut self, limit: usize) -> usize {
        let all = self.items.len();
        if limit > 0 {
            self.items.truncate(limit);
        }
        all - self.items.len()
    }

    /// Prints a line an issue and below it what changed; or an array of documents.
    pub fn print(&self, app: &mut App, args: &NewsArgs) -> Result<()> {
        let tracker = &self.view.tracker;
        if app.ui.json {
            return app.ui.documents(self.items.iter().map(|item| Ok(item.document(&self.view))));
        }
        for Item { issue, last, time } in &self.items {
            let who = last.as_ref().map(|entry| one_line(entry.actor()));
            let when = time.map(short);
            let by: Vec<String> = [who, when].into_iter().flatten().collect();
            let by = if by.is_empty() { String::new() } else { format!(" ({})", by.join(", ")) };
            app.ui.line(format!("{} {}: {}{by}", issue.verb, one_line(&issue.key), issue.title))?;
            if !args.short {
                let shape = Shape { indent: 2, patch: args.patch };
                changes::print(&mut app.ui, tracker, &issue.changes, shape)?;
            }
        }
        Ok(())
    }
}

impl Item {
    fn document(&self, view: &View) -> Value {
        let mut document = self.issue.document(&view.tracker);
        let last = self.last.as_ref();
        let session = last.and_then(|entry| entry.message.get("Quipu-Session"));
        document["time"] = self.time.map(|time| time.to_string()).into();
        document["actor"] = last.map(LogEntry::actor).into();
        document["session"] = session.into();
        document["op"] = last.and_then(|entry| entry.message.op()).map(|op| op.to_string()).into();
        document["commit"] = last.map(|entry| entry.commit.as_str()).into();
        document
    }
}
