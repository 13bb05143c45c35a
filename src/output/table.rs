//! Listings for people: a line an issue.

use anstyle::{AnsiColor, Style};

use super::Ui;
use super::text::{cut, one_line, pad, width};
use crate::error::Result;
use crate::model::{Priority, Status, Timestamp, Tracker};

/// Terminals with fewer columns see no types, which say less than a title.
const NARROW: usize = 60;
/// Nothing is cut to fewer columns.
const LEAST: usize = 8;

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
    let cells: Vec<Cells> = lines.iter().map(|line| Cells::new(tracker, line)).collect();
    if ui.plain {
        return cells.iter().try_for_each(|cells| ui.line(cells.plain()));
    }
    // A deep tree leaves room for its titles.
    let deepest = ui.width().map_or(usize::MAX, |columns| columns / 8);
    let indent = |cells: &Cells| "  ".repeat(cells.depth.min(deepest));
    let name_width = |cells: &Cells| width(&indent(cells)) + width(&cells.key);
    let key_width = cells.iter().map(name_width).max().unwrap_or(0);
    let narrow = ui.width().is_some_and(|columns| columns < NARROW);
    let kind_width = cells.iter().map(|cells| width(&cells.kind)).max().unwrap_or(0).min(12);
    for cells in &cells {
        let kind = if narrow { String::new() } else { pad(&cut(&cells.kind, kind_width), kind_width) + "  " };
        let used = key_width + 2 + 4 + width(&kind) + width(&cells.status);
        let (title, rest) = cells.fit(ui.width().map(|columns| columns.saturating_sub(used)));
        let text = format!(
            "{}{}{}  {}  {kind}{}{title}{}",
            indent(cells),
            ui.paint(&cells.key, Style::new().bold()),
            " ".repeat(key_width - name_width(cells)),
            ui.paint(&cells.priority.to_string(), priority_style(cells.priority)),
            ui.paint(&cells.status, Style::new().fg_color(Some(AnsiColor::Yellow.into()))),
            ui.paint(&rest, Style::new().dimmed()),
        );
        ui.line(text.trim_end())?;
    }
    Ok(())
}

/// The parts of a line, fit to print.
struct Cells {
    key: String,
    depth: usize,
    priority: Priority,
    kind: String,
    /// With a space behind it, or nothing.
    status: String,
    title: String,
    /// Labels and assignee, a space in front of each.
    tags: Vec<String>,
    remark: String,
}

impl Cells {
    fn new(tracker: &Tracker, line: &Line) -> Self {
        let front = tracker.front(line.position);
        let labels = front.labels.iter().map(|label| format!(" #{}", one_line(label)));
        let assignee = front.assignee.iter().map(|name| format!(" @{}", one_line(name)));
        Cells {
            key: one_line(&tracker.key(line.position)),
            depth: line.depth,
            priority: front.priority,
            kind: one_line(&front.kind),
            status: match front.status {
                Status::Open => String::new(),
                _ if line.same_status => String::new(),
                ref other => format!("[{}] ", one_line(other.as_str())),
            },
            title: one_line(&front.title),
            tags: labels.chain(assignee).collect(),
            remark: one_line(&line.remark),
        }
    }

    /// Returns the line with single spaces.
    fn plain(&self) -> String {
        let Cells { key, priority, kind, status, title, remark, .. } = self;
        let space = if remark.is_empty() { "" } else { " " };
        format!("{key} {priority} {kind} {status}{title}{}{space}{remark}", self.tags.concat())
    }

    /// Makes the title, and what follows it, fit into some columns. The title comes before labels; a remark is what
    /// the listing is for, and gets up to half. What would be hardly more than an ellipsis is left out.
    fn fit(&self, room: Option<usize>) -> (String, String) {
        let remark = if self.remark.is_empty() { String::new() } else { format!("  {}", self.remark) };
        let Some(room) = room else { return (self.title.clone(), self.tags.concat() + &remark) };
        let remark = if room / 2 < LEAST { String::new() } else { remark };
        let least = (room / 2).max(LEAST);
        let title = cut(&self.title, least.max(room.saturating_sub(width(&remark))));
        let left = room.saturating_sub(width(&title));
        let remark = cut(&remark, left);
        let (tags, left) = (self.tags.concat(), left.saturating_sub(width(&remark)));
        let tags = if left < LEAST.min(width(&tags)) { String::new() } else { cut(&tags, left) };
        (title, tags + &remark)
    }
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
