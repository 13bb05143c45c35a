//! The body of a foreign Markdown file: its title, and the sections that the model has a place for.
//!
//! The headings are those that `ticket` writes. A section goes up to the next of them; a heading that was met
//! already, and any other, is text. Headings in fenced code are text too.

use super::super::text::clean;
use crate::model::Body;

/// The sections and the heading of each.
const HEADINGS: [(&str, &str); 4] = [
    ("## design", "design"),
    ("## acceptance criteria", "acceptance"),
    ("## acceptance", "acceptance"),
    ("## notes", "notes"),
];

/// Drops blank lines at both ends.
pub(super) fn trim(text: &str) -> &str {
    let mut rest = crate::model::trim_blank_end(text);
    while let Some((line, after)) = rest.split_once('\n') {
        if !line.trim().is_empty() {
            break;
        }
        rest = after;
    }
    rest
}

/// Takes a heading of the first level from the top: the title, and what follows it.
pub(super) fn title(text: &str) -> Option<(String, &str)> {
    let (line, rest) = text.split_once('\n').unwrap_or((text, ""));
    let title = line.strip_prefix("# ")?.trim();
    (!title.is_empty()).then(|| (title.to_owned(), trim(rest)))
}

/// Splits a text into description and sections.
pub(super) fn split(text: &str) -> Body {
    let mut body = Body::default();
    let mut section = "description";
    let mut met = vec![section];
    let (mut start, mut at) = (0, 0);
    let mut fence: Option<&str> = None;
    for line in text.split_inclusive('\n') {
        fence = after_line(fence, line);
        let heading = line.trim_end().to_ascii_lowercase();
        let found = HEADINGS.iter().find(|(known, _)| *known == heading).map(|(_, name)| *name);
        if let Some(name) = found.filter(|name| fence.is_none() && !met.contains(name)) {
            put(&mut body, section, &text[start..at]);
            met.push(name);
            section = name;
            start = at + line.len();
        }
        at += line.len();
    }
    put(&mut body, section, &text[start..]);
    body
}

/// Returns the fence that is open after a line.
fn after_line<'a>(open: Option<&'a str>, line: &'a str) -> Option<&'a str> {
    let text = line.trim_start();
    let mark = ["```", "~~~"].into_iter().find(|mark| text.starts_with(mark));
    match (open, mark) {
        (None, found) => found,
        (Some(open), Some(mark)) if open == mark && text.trim_end().len() == mark.len() => None,
        (open, _) => open,
    }
}

fn put(body: &mut Body, section: &str, text: &str) {
    let target = body.section_mut(section).expect("only called for sections of the model");
    *target = clean(trim(text).to_owned());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_of_ticket_are_found() {
        let text =
            "# T\n\nD\n\n## Design\n\nHow\n\n## Acceptance Criteria\n\nWhen\n\n## Notes\n\n**now**\n\nN\n";
        let (title, rest) = title(text).unwrap();
        let body = split(rest);
        let found = [&title, &body.description, &body.design, &body.acceptance, &body.notes];
        assert_eq!(found, ["T", "D", "How", "When", "**now**\n\nN"]);
    }

    #[test]
    fn headings_in_code_and_second_ones_are_text() {
        let text = "D\n```\n## Notes\n```\n## Notes\na\n## Notes\nb\n## Other\nc\n";
        let body = split(text);
        assert_eq!(body.description, "D\n```\n## Notes\n```");
        assert_eq!(body.notes, "a\n## Notes\nb\n## Other\nc");
    }

    #[test]
    fn indentation_of_the_first_line_stays() {
        assert_eq!(trim("\n \n    code\n\n"), "    code");
    }
}
