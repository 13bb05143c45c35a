//! `qp count`

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::app::App;
use super::filter::FilterArgs;
use super::selection::{self, QueryArgs};
use super::texts::TextArgs;
use crate::error::{Error, Result};
use crate::model::{Status, Timestamp};
use crate::output::json::versioned;
use crate::output::text::{one_line, pad, width};
use crate::query::{Filter, GroupKey, count_groups};
use crate::store::View;

/// Count issues, all together or by group
///
/// Counts what `qp list --limit 0` would print under the same flags: open ones, unless told otherwise. By status,
/// closed ones are a group of their own and are counted, too. An issue with several labels counts in several groups.
#[derive(clap::Args, Debug)]
#[command(after_long_help = "Examples:
  qp count
  qp count --status closed --closed-after -7d
  qp count --by status
  qp count -t bug --by-priority --json
  qp count 'is:ready -label:wip'")]
pub struct CountArgs {
    #[command(flatten)]
    query: QueryArgs,
    /// Count by group: status, priority, type, assignee, label
    #[arg(long, visible_alias = "group-by", value_name = "KEY")]
    by: Option<String>,
    /// The same as --by status
    #[arg(long, conflicts_with = "by")]
    by_status: bool,
    /// The same as --by priority
    #[arg(long, conflicts_with_all = ["by", "by_status"])]
    by_priority: bool,
    /// The same as --by type
    #[arg(long, conflicts_with_all = ["by", "by_status", "by_priority"])]
    by_type: bool,
    /// The same as --by assignee
    #[arg(long, conflicts_with_all = ["by", "by_status", "by_priority", "by_type"])]
    by_assignee: bool,
    /// The same as --by label
    #[arg(long, conflicts_with_all = ["by", "by_status", "by_priority", "by_type", "by_assignee"])]
    by_label: bool,
    #[command(flatten)]
    texts: TextArgs,
    #[command(flatten)]
    filter: FilterArgs,
}

impl CountArgs {
    fn key(&self) -> Result<Option<GroupKey>> {
        let flags = [
            (self.by_status, GroupKey::Status),
            (self.by_priority, GroupKey::Priority),
            (self.by_type, GroupKey::Type),
            (self.by_assignee, GroupKey::Assignee),
            (self.by_label, GroupKey::Label),
        ];
        match self.by.as_deref() {
            Some("") => Err(Error::usage("--by names nothing to count by").hint("--by status")),
            Some(word) => GroupKey::parse(word).map(Some),
            None => Ok(flags.into_iter().find(|(is_given, _)| *is_given).map(|(_, key)| key)),
        }
    }
}

pub(super) fn run(args: &CountArgs, app: &mut App) -> Result<()> {
    let key = args.key()?;
    let view = app.view()?;
    let tracker = &view.tracker;
    let now = app.context.now();
    let mut filter = args.filter.with(&args.query.text()).resolve(app, tracker)?;
    filter.all |= key == Some(GroupKey::Status) && filter.statuses.is_empty();
    let found = select(args, &view, &filter, now)?;
    let total = found.len();
    let groups = key.map(|key| count_groups(tracker, &found, key));
    if app.ui.json {
        let document = match groups {
            None => json!({ "count": total }),
            Some(groups) => {
                let group = |(group, count)| json!({ "group": group, "count": count });
                json!({ "total": total, "groups": groups.into_iter().map(group).collect::<Vec<Value>>() })
            }
        };
        return app.ui.document(&versioned(document));
    }
    let Some(groups) = groups else {
        app.ui.line(total.to_string())?;
        let left_out = hidden(args, &view, &filter, now)?;
        if left_out > 0 {
            app.ui.note(format!("{left_out} closed not counted: --all counts them"));
        }
        return Ok(());
    };
    let columns = groups.iter().map(|(name, _)| width(&one_line(name))).max().unwrap_or(0);
    for (name, count) in &groups {
        app.ui.line(format!("{}  {count}", pad(&one_line(name), columns)))?;
    }
    app.ui.note(format!("{total} in all"));
    Ok(())
}

fn select(args: &CountArgs, view: &View, filter: &Filter, now: Timestamp) -> Result<Vec<usize>> {
    let mut found = selection::select(view, filter, now)?;
    args.texts.keep(view, &mut found, |at| *at)?;
    Ok(found)
}

/// Returns how many closed ones there would be besides, where nothing says which statuses are meant.
fn hidden(args: &CountArgs, view: &View, filter: &Filter, now: Timestamp) -> Result<usize> {
    let counts_closed = filter.all || !filter.ids.is_empty() || !filter.closed.is_unset();
    if counts_closed || !filter.statuses.is_empty() {
        return Ok(0);
    }
    let closed = Filter { statuses: BTreeSet::from([Status::Closed]), ..filter.clone() };
    select(args, view, &closed, now).map(|found| found.len())
}
