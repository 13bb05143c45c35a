//! One issue on a sheet: what `show` prints for people.

use anstyle::{AnsiColor, Style};

use super::Ui;
use super::table::distance;
use super::text::{lines, one_line};
use crate::error::Result;
use crate::model::{Issue, Lease, SECTIONS, Timestamp, Tracker};

/// Prints everything that is known of an issue.
///
/// # Errors
/// The reader has gone away.
pub fn print(ui: &mut Ui, tracker: &Tracker, position: usize, issue: &Issue, now: Timestamp) -> Result<()> {
    let front = &issue.front;
    let title = format!("{}: {}", tracker.key(position), one_line(&front.title));
    ui.line(ui.paint(&title, Style::new().bold()))?;
    ui.line(format!(
        "{}  {}  {}{}",
        one_line(front.status.as_str()),
        front.priority,
        one_line(&front.kind),
        labels(issue)
    ))?;
    for (name, value) in facts(tracker, issue, now) {
        ui.line(format!("{name}: {value}"))?;
    }
    relations(ui, tracker, position)?;
    section(ui, None, &issue.body.description)?;
    for (name, heading) in SECTIONS {
        section(
            ui,
            Some(heading.trim_start_matches('#').trim()),
            issue.body.section(name).unwrap_or_default(),
        )?;
    }
    for comment in &issue.body.comments {
        let head = format!("{} at {}", one_line(&comment.by), short(comment.at));
        section(ui, Some(&head), &comment.text)?;
    }
    Ok(())
}

fn labels(issue: &Issue) -> String {
    issue.front.labels.iter().map(|l| format!("  #{}", one_line(l))).collect()
}

/// Returns a time to the minute.
pub fn short(time: Timestamp) -> String {
    time.to_chrono().format("%Y-%m-%d %H:%M UTC").to_string()
}

fn facts(tracker: &Tracker, issue: &Issue, now: Timestamp) -> Vec<(&'static str, String)> {
    let front = &issue.front;
    let mut facts = Vec::new();
    let mut add = |name, value: Option<String>| facts.extend(value.map(|v| (name, one_line(&v))));
    add("assignee", front.assignee.clone());
    add("claim", claim(issue, now));
    let by = |name: &Option<String>| name.as_ref().map(|n| format!(" by {n}")).unwrap_or_default();
    add("created", Some(format!("{}{}", short(front.created_at), by(&front.created_by))));
    add("updated", (front.updated_at != front.created_at).then(|| short(front.updated_at)));
    let reason = front.close_reason.as_ref().map(|r| format!(": {r}")).unwrap_or_default();
    add("closed", front.closed_at.map(|at| format!("{}{}{reason}", short(at), by(&front.closed_by))));
    add("due", front.due_at.map(short));
    add("deferred until", front.defer_until.map(short));
    add("estimate", front.estimate_minutes.map(|m| format!("{m} min")));
    add(
        "paths",
        (!front.paths.is_empty()).then(|| front.paths.iter().cloned().collect::<Vec<_>>().join(", ")),
    );
    add("external", front.external_ref.clone());
    add("spec", front.spec.clone());
    add("duplicate of", front.duplicate_of.as_ref().map(|r| tracker.show_ref(r)));
    add("superseded by", front.superseded_by.as_ref().map(|r| tracker.show_ref(r)));
    facts
}

fn claim(issue: &Issue, now: Timestamp) -> Option<String> {
    let session = issue.front.claimed_session.as_ref().map(|s| format!(" (session {s})")).unwrap_or_default();
    match issue.front.lease(now) {
        Lease::Free => None,
        Lease::Live(until) if until > now => {
            Some(format!("until {}, {} left{session}", short(until), distance(now, until)))
        }
        Lease::Live(until) => Some(format!("ran out at {}, within its grace{session}", short(until))),
        Lease::Lapsed => Some(format!("lapsed, may be taken over{session}")),
        Lease::Unleased => Some("without a lease, held until released".to_owned()),
        Lease::Stale => Some("without a lease and without a change for a day".to_owned()),
    }
}

fn relations(ui: &mut Ui, tracker: &Tracker, position: usize) -> Result<()> {
    let front = tracker.front(position);
    let graph = tracker.graph();
    let mut groups: Vec<(String, Vec<String>)> = Vec::new();
    let named = |at: usize| {
        let other = tracker.front(at);
        format!("{} [{}] {}", tracker.key(at), one_line(other.status.as_str()), one_line(&other.title))
    };
    let refs = |refs: &mut dyn Iterator<Item = &crate::model::Ref>| -> Vec<String> {
        refs.map(|r| match tracker.keys().resolve_ref(r) {
            Some(at) => named(at),
            None => format!("{} (not in this tracker)", one_line(&r.to_string())),
        })
        .collect()
    };
    groups.push(("part of".into(), refs(&mut front.parent.iter())));
    groups.push(("blocked by".into(), refs(&mut front.blocked_by.iter())));
    groups.push(("blocks".into(), graph.dependents(position).map(named).collect()));
    groups.push(("parts".into(), graph.children(position).map(named).collect()));
    groups.push(("discovered from".into(), refs(&mut front.discovered_from.iter())));
    groups.push(("related".into(), refs(&mut front.related.iter())));
    for link in &front.links {
        groups.push((one_line(&link.kind), refs(&mut std::iter::once(&link.target))));
    }
    for (name, items) in groups {
        for item in items {
            ui.line(format!("{name}: {item}"))?;
        }
    }
    Ok(())
}

/// Prints a text below a heading, after a blank line; nothing where there is no text.
///
/// # Errors
/// The reader has gone away.
pub fn section(ui: &mut Ui, heading: Option<&str>, text: &str) -> Result<()> {
    if text.is_empty() {
        return Ok(());
    }
    ui.line("")?;
    if let Some(heading) = heading {
        ui.line(ui.paint(heading, Style::new().fg_color(Some(AnsiColor::Cyan.into()))))?;
    }
    ui.line(lines(text))
}
