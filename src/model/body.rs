//! The body of an issue file: the description, then sections and comments behind marker lines.
//!
//! A marker is a line that begins with `<!-- qp:` and a small letter, wherever it stands. The reader looks at
//! lines only, so an unclosed code fence or tag cannot swallow what follows. A line of user text that would be
//! taken for a marker is written with a backslash more and read with one less.

use std::borrow::Cow;

use super::percent::{percent_decode, percent_encode};
use super::{IssueId, Timestamp};

/// The texts and comments of an issue.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Body {
    /// What it is about: everything before the first marker.
    pub description: String,
    /// How it is to be done.
    pub design: String,
    /// When it counts as done.
    pub acceptance: String,
    /// What was learnt on the way.
    pub notes: String,
    /// Sections that quipu does not know, as they stand.
    pub unknown: Vec<RawSection>,
    /// The thread, ordered by time, then id.
    pub comments: Vec<Comment>,
}

/// A section with a marker that quipu does not know. It survives byte for byte.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RawSection {
    /// The marker line, without the line end.
    pub marker: String,
    /// The lines up to the next marker, as they stand in the file.
    pub text: String,
}

/// One entry of the thread.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Comment {
    /// Its identity.
    pub id: IssueId,
    /// When it was written.
    pub at: Timestamp,
    /// Who wrote it.
    pub by: String,
    /// What it says, in Markdown.
    pub text: String,
}

/// The sections with a field of their own: name in the marker, and the heading that a reader of the file sees.
pub const SECTIONS: [(&str, &str); 3] =
    [("design", "## Design"), ("acceptance", "## Acceptance criteria"), ("notes", "## Notes")];

const MARKER: &str = "<!-- qp:";

impl Body {
    /// Returns the text of one of [`SECTIONS`].
    pub fn section(&self, name: &str) -> Option<&str> {
        match name {
            "description" => Some(&self.description),
            "design" => Some(&self.design),
            "acceptance" => Some(&self.acceptance),
            "notes" => Some(&self.notes),
            _ => None,
        }
    }

    /// Returns the text of `description` or one of [`SECTIONS`], to change it.
    pub fn section_mut(&mut self, name: &str) -> Option<&mut String> {
        match name {
            "description" => Some(&mut self.description),
            "design" => Some(&mut self.design),
            "acceptance" => Some(&mut self.acceptance),
            "notes" => Some(&mut self.notes),
            _ => None,
        }
    }

    /// Reads a body. There is no text that is not one.
    pub fn parse(text: &str) -> Self {
        let mut body = Body::default();
        let mut marker = None;
        let mut start = 0;
        for (at, line) in markers(text) {
            body.add_section(marker, &text[start..at]);
            marker = Some(line.trim_end_matches(['\r', '\n']));
            start = at + line.len();
        }
        body.add_section(marker, &text[start..]);
        body.sort_comments();
        body
    }

    /// Counts the comments of a body without reading their texts.
    pub fn count_comments(text: &str) -> u32 {
        let comments =
            markers(text).filter(|(_, line)| matches!(Marker::parse(line), Marker::Comment { .. }));
        u32::try_from(comments.count()).unwrap_or(u32::MAX)
    }

    fn add_section(&mut self, marker: Option<&str>, raw: &str) {
        let Some(marker) = marker else {
            self.description = unescape(trim_blank_end(raw));
            return;
        };
        match Marker::parse(marker) {
            Marker::Comment { id, at, by } => {
                let text = unescape(trim_blank_end(raw));
                self.comments.push(Comment { id, at, by: by.into_owned(), text });
            }
            Marker::Section(name, heading) => {
                self.add_text(name, unescape(trim_blank_end(strip_heading(raw, heading))));
            }
            Marker::Unknown => self.add_raw(marker, raw),
        }
    }

    /// A section that stands twice in a file written by hand is read as one.
    fn add_text(&mut self, name: &str, text: String) {
        let target = self.section_mut(name).expect("only called for SECTIONS");
        if target.is_empty() {
            *target = text;
        } else if !text.is_empty() {
            target.push_str("\n\n");
            target.push_str(&text);
        }
    }

    fn add_raw(&mut self, marker: &str, raw: &str) {
        let text = trim_blank_end(raw).to_owned();
        self.unknown.push(RawSection { marker: marker.to_owned(), text });
    }

    /// Puts the thread in its order: time, then id.
    pub fn sort_comments(&mut self) {
        self.comments.sort_by_key(|a| (a.at, a.id));
    }

    /// Returns the body in its canonical form.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        let out = &mut text;
        write_text(out, &self.description);
        for (name, heading) in SECTIONS {
            let text = trim_blank_end(self.section(name).expect("only called for SECTIONS"));
            if !text.is_empty() {
                begin(out, &format!("{MARKER}{name} -->"));
                out.push_str(heading);
                out.push_str("\n\n");
                write_text(out, text);
            }
        }
        for section in &self.unknown {
            begin(out, &section.marker);
            let text = trim_blank_end(&section.text);
            out.push_str(text);
            if !text.is_empty() {
                out.push('\n');
            }
        }
        for comment in &self.comments {
            begin(out, &comment.marker());
            write_text(out, &comment.text);
        }
        text
    }
}

impl Comment {
    fn marker(&self) -> String {
        format!("{MARKER}comment id={} at={} by={} -->", self.id, self.at, encode(&self.by))
    }
}

/// Starts a section: a blank line, where anything stands before it, and the marker.
fn begin(out: &mut String, marker: &str) {
    if !out.is_empty() {
        out.push('\n');
    }
    out.push_str(marker);
    out.push('\n');
}

fn write_text(out: &mut String, text: &str) {
    let text = trim_blank_end(text);
    if text.is_empty() {
        return;
    }
    for line in text.split_inclusive('\n') {
        match escaped_at(line) {
            Some(at) => {
                out.push_str(&line[..at]);
                out.push('\\');
                out.push_str(&line[at..]);
            }
            None => out.push_str(line),
        }
    }
    out.push('\n');
}

/// Returns the text without its blank lines at the end and without the end of its last line.
pub fn trim_blank_end(text: &str) -> &str {
    let mut rest = text;
    loop {
        let line_start = rest.rfind('\n').map_or(0, |at| at + 1);
        if !rest[line_start..].trim_matches([' ', '\t', '\r']).is_empty() {
            break;
        }
        rest = &rest[..line_start];
        if rest.is_empty() {
            return rest;
        }
        rest = rest.strip_suffix('\n').unwrap_or(rest);
    }
    // All of them: with one left, the end of the line that the writer adds would swallow it.
    rest.trim_end_matches('\r')
}

/// Finds the marker lines of a body, each with its position.
fn markers(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.match_indices(MARKER).filter_map(|(at, _)| {
        let begins_line = at == 0 || text.as_bytes()[at - 1] == b'\n';
        let named = text.as_bytes().get(at + MARKER.len()).is_some_and(u8::is_ascii_lowercase);
        let line = &text[at..];
        let end = line.find('\n').map_or(line.len(), |end| end + 1);
        (begins_line && named).then_some((at, &line[..end]))
    })
}

/// Returns where one more backslash goes, for a line of user text that matches `^<!-- \\*qp:`.
fn escaped_at(line: &str) -> Option<usize> {
    let rest = line.strip_prefix("<!-- ")?;
    rest.trim_start_matches('\\').starts_with("qp:").then_some("<!-- ".len())
}

fn unescape(text: &str) -> String {
    if !text.contains("<!-- \\") {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        match escaped_at(line) {
            Some(at) if line[at..].starts_with('\\') => {
                out.push_str(&line[..at]);
                out.push_str(&line[at + 1..]);
            }
            _ => out.push_str(line),
        }
    }
    out
}

/// Drops the heading that the writer puts below a marker. Any other heading is text.
fn strip_heading<'a>(raw: &'a str, heading: &str) -> &'a str {
    let Some(rest) = raw.strip_prefix(heading) else { return raw };
    let rest = rest.strip_prefix('\r').unwrap_or(rest);
    let Some(rest) = rest.strip_prefix('\n') else { return if rest.is_empty() { rest } else { raw } };
    rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix('\n')).unwrap_or(rest)
}

/// What a marker line says.
enum Marker<'a> {
    /// A section with a field of its own: its name and its heading.
    Section(&'static str, &'static str),
    /// A comment, without its text.
    Comment { id: IssueId, at: Timestamp, by: Cow<'a, str> },
    /// Anything else, which is kept as it stands.
    Unknown,
}

impl<'a> Marker<'a> {
    fn parse(line: &'a str) -> Self {
        Marker::parse_known(line).unwrap_or(Marker::Unknown)
    }

    fn parse_known(line: &'a str) -> Option<Self> {
        let inner = line.trim_end().strip_prefix(MARKER)?.strip_suffix("-->")?.trim_end();
        let mut words = inner.split(' ').filter(|w| !w.is_empty());
        let name = words.next()?;
        if name == "comment" {
            return Marker::parse_comment(words);
        }
        let (name, heading) = SECTIONS.iter().find(|(known, _)| *known == name)?;
        words.next().is_none().then_some(Marker::Section(name, heading))
    }

    fn parse_comment(words: impl Iterator<Item = &'a str>) -> Option<Self> {
        let (mut id, mut at, mut by) = (None, None, None);
        for word in words {
            let (name, value) = word.split_once('=')?;
            let value = percent_decode(value)?;
            let is_new = match name {
                "id" => id.replace(IssueId::parse(&value)?).is_none(),
                "at" => at.replace(Timestamp::parse(&value)?).is_none(),
                "by" => by.replace(value).is_none(),
                _ => false,
            };
            if !is_new {
                return None;
            }
        }
        Some(Marker::Comment { id: id?, at: at?, by: by? })
    }
}

/// Percent-encodes an attribute, so that it holds no space and cannot end the marker.
fn encode(text: &str) -> String {
    percent_encode(text, |c| c.is_alphanumeric() || matches!(c, '.' | '_' | ':' | '@' | '+' | '/' | '-'))
}
