//! Making text fit to print: no control characters, nothing that reorders its neighbours, and no wider than its place.

use std::collections::BTreeSet;

use unicode_width::UnicodeWidthStr;

use crate::error::Excerpt;

/// What stands between these two is ordered by itself, whatever its direction.
const ISOLATE: char = '\u{2068}';
const END: char = '\u{2069}';

/// Returns `text` on one line, with control characters made visible. What is written from right to left is isolated,
/// so that it changes the order of nothing that is printed beside it.
pub fn one_line(text: &str) -> String {
    let break_less = |c| if matches!(c, '\n' | '\r' | '\t') { ' ' } else { c };
    isolate(neutral(&text.chars().map(break_less).collect::<String>(), |_| false))
}

/// Returns `text` with its line breaks and tabs, and all other control characters made visible.
pub fn lines(text: &str) -> String {
    neutral(&text.replace("\r\n", "\n"), |c| matches!(c, '\n' | '\t'))
}

/// Makes visible what a terminal would obey, but for what is to be kept.
fn neutral(text: &str, keep: impl Fn(char) -> bool) -> String {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~') || byte == b'\n' && keep('\n')) {
        return text.to_owned();
    }
    let pairs = isolates(text);
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        if keep(c) || pairs.contains(&at) { out.push(c) } else { push_visible(&mut out, c) }
    }
    out
}

/// A terminal obeys control characters, and bidirectional overrides reorder what a person reads. U+2028 and U+2029
/// end a line for some.
fn push_visible(out: &mut String, c: char) {
    let reorders =
        matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..=END);
    match c {
        '\0'..='\u{1f}' => out.push(char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{fffd}')),
        '\u{7f}' => out.push('\u{2421}'),
        c if c.is_control() || reorders || matches!(c, '\u{2028}' | '\u{2029}') => {
            out.push_str(&format!("\\u{{{:x}}}", u32::from(c)));
        }
        c => out.push(c),
    }
}

/// Returns where isolates begin and end, as far as each has its other half on the same line: these harm nobody. An end
/// without a beginning would close an isolate that was put around the text.
fn isolates(text: &str) -> BTreeSet<usize> {
    let (mut open, mut pairs) = (Vec::new(), BTreeSet::new());
    for (at, c) in text.char_indices() {
        match c {
            '\n' => open.clear(),
            ISOLATE => open.push(at),
            END => pairs.extend(open.pop().into_iter().flat_map(|begin| [begin, at])),
            _ => {}
        }
    }
    pairs
}

/// Puts an isolate around a text with letters that run from right to left, unless they stand in one already.
fn isolate(text: String) -> String {
    let mut depth = 0_usize;
    let exposed = text.chars().any(|c| {
        match c {
            ISOLATE => depth += 1,
            END => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && runs_left(c)
    });
    if exposed { format!("{ISOLATE}{text}{END}") } else { text }
}

/// Tells whether a character belongs to a script that is written from right to left.
fn runs_left(c: char) -> bool {
    matches!(
        c,
        '\u{590}'..='\u{8ff}'
            | '\u{fb1d}'..='\u{fdff}'
            | '\u{fe70}'..='\u{fefe}'
            | '\u{10800}'..='\u{10fff}'
            | '\u{1e800}'..='\u{1efff}'
    )
}

/// Returns a number with its word, in the plural where it is not one: `1 copy`, `2 copies`.
pub fn counted(count: usize, word: &str) -> String {
    match (count, word.strip_suffix('y')) {
        (1, _) => format!("1 {word}"),
        (_, Some(stem)) => format!("{count} {stem}ies"),
        (_, None) => format!("{count} {word}s"),
    }
}

/// Returns the number of columns that `text` takes.
pub fn width(text: &str) -> usize {
    text.width()
}

/// Cuts `text` to `columns`, with an ellipsis where something was cut.
pub fn cut(text: &str, columns: usize) -> String {
    if columns == 0 || width(text) <= columns {
        return if columns == 0 { String::new() } else { text.to_owned() };
    }
    let mut out = String::new();
    let mut open = 0_usize;
    for c in text.chars() {
        out.push(c);
        // The width of a whole is not the sum of its characters': an emoji may be made of several.
        if width(&out) >= columns {
            out.pop();
            break;
        }
        match c {
            ISOLATE => open += 1,
            END => open = open.saturating_sub(1),
            _ => {}
        }
    }
    // A joiner would join the ellipsis.
    while out.ends_with('\u{200d}') {
        out.pop();
    }
    out.push('…');
    out.extend(std::iter::repeat_n(END, open));
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
    let (mut shown, wrong, after) = (one_line(before), cut(&one_line(wrong), AROUND), one_line(after));
    if width(&shown) > AROUND {
        // Cut before it is made fit to print, so that nothing of that is cut apart.
        let start = before.char_indices().rev().nth(AROUND / 2 - 1).map_or(0, |(at, _)| at);
        shown = format!("…{}", one_line(&before[start..]));
    }
    let before = shown;
    let marks = "^".repeat(width(&wrong).max(1));
    format!("\n  {before}{wrong}{}\n  {}{marks}", cut(&after, AROUND), " ".repeat(width(&before)))
}
