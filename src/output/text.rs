//! Making text fit to print: no control characters, and no wider than its place.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::error::Excerpt;

/// Returns `text` on one line, with control characters made visible.
pub fn one_line(text: &str) -> String {
    text.chars()
        .flat_map(|c| if matches!(c, '\n' | '\r' | '\t') { visible(' ') } else { visible(c) })
        .collect()
}

/// Returns `text` with its line breaks and tabs, and all other control characters made visible.
pub fn lines(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    text.chars().flat_map(|c| if matches!(c, '\n' | '\t') { vec![c] } else { visible(c) }).collect()
}

/// A terminal obeys control characters, and bidirectional overrides reorder what a person reads.
fn visible(c: char) -> Vec<char> {
    let reorders = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}');
    match c {
        '\0'..='\u{1f}' => vec![char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{fffd}')],
        '\u{7f}' => vec!['\u{2421}'],
        c if c.is_control() || reorders => format!("\\u{{{:x}}}", u32::from(c)).chars().collect(),
        c => vec![c],
    }
}

/// Returns the number of columns that `text` takes.
pub fn width(text: &str) -> usize {
    text.width()
}

/// Cuts `text` to `columns`, with an ellipsis where something was cut.
pub fn cut(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut used = 0;
    for c in text.chars() {
        let w = c.width().unwrap_or(0);
        if used + w + 1 > columns {
            break;
        }
        used += w;
        out.push(c);
    }
    if columns > 0 {
        out.push('…');
    }
    out
}

/// Pads `text` with spaces to `columns`.
pub fn pad(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(width(text))))
}

/// Columns of a line that are shown before the place that is wrong, and after it.
const AROUND: usize = 40;

/// Returns two lines: what was typed, and below it marks under what is wrong there.
pub fn pointed_out(place: &Excerpt) -> String {
    let Excerpt { text, span } = place;
    let parts = (text.get(..span.start), text.get(span.clone()), text.get(span.end..));
    let (Some(before), Some(wrong), Some(after)) = parts else { return String::new() };
    let (mut before, wrong, after) = (one_line(before), cut(&one_line(wrong), AROUND), one_line(after));
    if width(&before) > AROUND {
        let tail: String = before.chars().rev().take(AROUND / 2).collect();
        before = format!("…{}", tail.chars().rev().collect::<String>());
    }
    let marks = "^".repeat(width(&wrong).max(1));
    format!("\n  {before}{wrong}{}\n  {}{marks}", cut(&after, AROUND), " ".repeat(width(&before)))
}
