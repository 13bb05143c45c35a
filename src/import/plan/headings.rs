//! The headings of a Markdown text, and the lines between them.

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use crate::model::{FileError, trim_blank_end};

/// A heading that stands in no list, quote or code block.
pub(super) struct Heading<'t> {
    pub level: HeadingLevel,
    pub title: &'t str,
    pub line: usize,
    /// The line after the heading.
    pub body_line: usize,
    pub start: usize,
    pub end: usize,
}

/// Finds the headings of a text, in order.
pub(super) fn headings(text: &str) -> Result<Vec<Heading<'_>>, FileError> {
    let mut found = Vec::new();
    let mut depth = 0;
    // The heading that is open, and where its text begins and ends.
    let mut open: Option<(HeadingLevel, std::ops::Range<usize>, Option<std::ops::Range<usize>>)> = None;
    let (mut counted, mut line) = (0, 1);
    for (event, range) in Parser::new_ext(text, Options::ENABLE_YAML_STYLE_METADATA_BLOCKS).into_offset_iter()
    {
        match event {
            Event::Start(Tag::Heading { level, .. }) if depth == 0 => open = Some((level, range, None)),
            Event::End(TagEnd::Heading(_)) if depth == 0 => {
                let Some((level, block, inner)) = open.take() else { continue };
                line += text[counted..block.start].matches('\n').count();
                counted = block.start;
                let title = inner.map_or("", |i| text[i].trim());
                if title.contains('\n') {
                    let message = "a heading of several lines; is a blank line missing above the dashes?";
                    return Err(FileError { line, message: message.to_owned() });
                }
                let end = line_end(text, block.end);
                let body_line = line + text[block.start..end].matches('\n').count();
                found.push(Heading { level, title, line, body_line, start: block.start, end });
            }
            Event::Start(_) if open.is_none() => depth += 1,
            Event::End(_) if open.is_none() => depth -= 1,
            _ => {
                if let Some((_, _, inner)) = &mut open {
                    let start = inner.as_ref().map_or(range.start, |i| i.start.min(range.start));
                    let end = inner.as_ref().map_or(range.end, |i| i.end.max(range.end));
                    *inner = Some(start..end);
                }
            }
        }
    }
    Ok(found)
}

/// Returns where the line ends in which a heading does. To Markdown, a carriage return alone ends a line too.
fn line_end(text: &str, at: usize) -> usize {
    let ends = ['\n', '\r'];
    let end = match text[..at].ends_with(ends) {
        true => at,
        false => text[at..].find(ends).map_or(text.len(), |n| at + n + 1),
    };
    let is_between = text[..end].ends_with('\r') && text[end..].starts_with('\n');
    end + usize::from(is_between)
}

/// Tells whether there is text before an offset, apart from a block of metadata.
pub(super) fn has_text(text: &str, end: usize) -> bool {
    let before = &text[..end];
    let rest = match before.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---\n")) {
        Some((_, rest)) => rest,
        None => before,
    };
    !rest.trim().is_empty()
}

/// Lines with their numbers.
pub(super) struct Lines<'t> {
    pub text: &'t str,
    first: usize,
}

impl<'t> Lines<'t> {
    pub fn new(text: &'t str, first: usize) -> Self {
        Lines { text, first }
    }

    pub fn numbered(&self) -> impl Iterator<Item = (usize, &'t str)> {
        (self.first..).zip(self.text.lines())
    }

    /// The text without blank lines at either end.
    pub fn trimmed(&self) -> &'t str {
        let text = trim_blank_end(self.text);
        let blank: usize = text.split_inclusive('\n').take_while(|l| l.trim().is_empty()).map(str::len).sum();
        &text[blank..]
    }
}
