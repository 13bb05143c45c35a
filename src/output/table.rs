//! Listings for people: a line an issue.

use anstyle::{AnsiColor, Style};

use super::Ui;
use super::text::{cut, one_line, pad, width};
use crate::error::Result;
use crate::model::{Priority, Status, Timestamp, Tracker};

/// One line of a listing.
#[derive(Clone, Debug, Default)]
pub struct Line {
    /// Position of the issue.
    pub position: usize,
    /// Steps of indentation, in trees.
    pub depth: usize,
    /// A remark behind the title.
    pub remark: String,
    /// Leaves the status out, where all lines have the same.
    pub same_status: bool,
}

/// Prints issues, a line each: key, priority, type, status (where it says something), title, labels, assignee.
///
/// # Errors
/// The reader has gone away.
pub fn print(ui: &mut Ui, tracker: &Tracker, lines: &[Line]) -> Result<()> {
    let keys: Vec<String> = lines.iter().map(|l| tracker.key(l.position)).collect();
    let indent = |line: &Line| "  ".repeat(line.depth);
    let key_width = keys.iter().zip(lines).map(|(k, l)| width(k) + 2 * l.depth).max().unwrap_or(0);
    let kind_width = lines.iter().map(|l| width(&tracker.front(l.position).kind)).max().unwrap_or(0).min(12);
    for (key, line) in keys.iter().zip(lines) {
        let front = tracker.front(line.position);
        let name = pad(&format!("{}{}", indent(line), one_line(key)), key_width);
        let kind = pad(&cut(&one_line(&front.kind), kind_width), kind_width);
        let status = match front.status {
            Status::Open => String::new(),
            _ if line.same_status => String::new(),
            ref other => format!("[{}] ", one_line(other.as_str())),
        };
        let mut rest = String::new();
        for label in &front.labels {
            rest.push_str(&format!(" #{}", one_line(label)));
        }
        if let Some(assignee) = &front.assignee {
            rest.push_str(&format!(" @{}", one_line(assignee)));
        }
        if !line.remark.is_empty() {
            rest.push_str(&format!("  {}", one_line(&line.remark)));
        }
        let used = width(&name) + 2 + 4 + kind_width + 2 + width(&status);
        let mut title = one_line(&front.title);
        if let Some(columns) = ui.width() {
            title = cut(&title, columns.saturating_sub(used).max(20));
            rest = cut(&rest, columns.saturating_sub(used + width(&title)));
        }
        let text = format!(
            "{}  {}  {}  {}{}{}",
            ui.paint(&name, Style::new().bold()),
            ui.paint(&front.priority.to_string(), priority_style(front.priority)),
            kind,
            ui.paint(&status, Style::new().fg_color(Some(AnsiColor::Yellow.into()))),
            title,
            ui.paint(&rest, Style::new().dimmed()),
        );
        ui.line(text.trim_end())?;
    }
    Ok(())
}

fn priority_style(priority: Priority) -> Style {
    match priority.number() {
        0 => Style::new().bold().fg_color(Some(AnsiColor::Red.into())),
        1 => Style::new().fg_color(Some(AnsiColor::Red.into())),
        _ => Style::new(),
    }
}

/// Returns how long ago, or how far ahead, a time is: `3m`, `2h`, `5d`.
pub fn distance(from: Timestamp, to: Timestamp) -> String {
    let minutes = to.since(from).abs() / 60_000;
    match minutes {
        0 => "less than a minute".to_owned(),
        1..60 => format!("{minutes}m"),
        60..1440 => match minutes % 60 {
            0 => format!("{}h", minutes / 60),
            rest => format!("{}h{rest:02}m", minutes / 60),
        },
        _ => format!("{}d", minutes / 1440),
    }
}
