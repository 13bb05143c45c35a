//! What happened in the tracker lately: a part of `qp status`.

use serde_json::{Value, json};

use crate::error::Result;
use crate::model::Timestamp;
use crate::query::Activity;
use crate::store::View;

/// How far back is lately, in hours.
const HOURS: i64 = 24;
const HOUR_MS: i64 = 60 * 60 * 1000;

fn since(now: Timestamp) -> Timestamp {
    now.plus_millis(-HOURS * HOUR_MS)
}

/// Says what happened, for people; `None` where nothing did. Reads no history.
pub(super) fn line(view: &View, now: Timestamp) -> Option<String> {
    let Activity { created, closed, updated, .. } = Activity::since(&view.tracker, since(now));
    let counts = [(created, "created"), (closed, "closed"), (updated, "otherwise changed")];
    let said: Vec<String> =
        counts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
    (!said.is_empty()).then(|| format!("last {HOURS} hours: {}", said.join(", ")))
}

/// Says what happened, for programs, with what only the history tells.
pub(super) fn document(view: &View, now: Timestamp) -> Result<Value> {
    let activity = Activity::since(&view.tracker, since(now));
    let (mut commits, mut reopened) = (0_usize, 0_usize);
    view.recent(since(now), |entry| {
        commits += 1;
        if entry.message.get("Quipu-Command") == Some("reopen") {
            reopened += view.count_touched(entry)?;
        }
        Ok(())
    })?;
    Ok(json!({
        "hours_tracked": HOURS,
        "commit_count": commits,
        "issues_created": activity.created,
        "issues_closed": activity.closed,
        "issues_updated": activity.updated,
        "issues_reopened": reopened,
        "total_changes": activity.touched,
    }))
}
