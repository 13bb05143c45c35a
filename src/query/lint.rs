//! Which sections an issue should have and has not, by its type.
//!
//! Looks at texts only. What counts is that the section is there and says something, not how it is worded.

use crate::model::Issue;

/// A section that issues of a type should have.
struct Section {
    /// As it is reported, which is how it would stand in a text.
    heading: &'static str,
    /// How a line that begins the section may begin, in small letters.
    beginnings: &'static [&'static str],
    /// Whether the acceptance criteria, which have a field of their own, are that section.
    is_acceptance: bool,
}

const ACCEPTANCE: &[&str] = &["acceptance", "definition of done", "done when"];

const STEPS: Section = Section {
    heading: "## Steps to Reproduce",
    beginnings: &["steps to reproduce", "to reproduce", "how to reproduce", "reproduction", "repro"],
    is_acceptance: false,
};
const CRITERIA: Section =
    Section { heading: "## Acceptance Criteria", beginnings: ACCEPTANCE, is_acceptance: true };
const SUCCESS: Section = Section {
    heading: "## Success Criteria",
    beginnings: &["success criteria", "acceptance", "definition of done", "done when"],
    is_acceptance: true,
};

/// Returns the sections that issues of a type should have. Of types that people make up, none is known.
fn wanted(kind: &str) -> &'static [Section] {
    match kind {
        "bug" => &[STEPS, CRITERIA],
        "task" | "feature" => &[CRITERIA],
        "epic" => &[SUCCESS],
        _ => &[],
    }
}

/// Returns the headings of what an issue lacks: a description, which every issue should have, and the sections that its
/// type asks for.
pub fn missing_texts(issue: &Issue) -> Vec<&'static str> {
    let undescribed = issue.body.description.trim().is_empty().then_some("## Description");
    undescribed.into_iter().chain(missing_sections(issue)).collect()
}

/// Returns the headings of the sections that the type of an issue asks for and that it lacks.
pub fn missing_sections(issue: &Issue) -> Vec<&'static str> {
    let body = &issue.body;
    let texts = [&body.description, &body.design, &body.notes];
    let lacks = |section: &&Section| {
        let in_field = section.is_acceptance && !body.acceptance.trim().is_empty();
        !in_field && !texts.iter().any(|text| has_section(text, section.beginnings))
    };
    wanted(&issue.front.kind).iter().filter(lacks).map(|section| section.heading).collect()
}

/// Tells whether a text has a section that begins so and is not empty.
fn has_section(text: &str, beginnings: &[&str]) -> bool {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines.iter().enumerate().any(|(number, line)| {
        let words = bare(line);
        let begins = beginnings.iter().any(|beginning| begins_with(&words, beginning));
        // It says something on the line itself, behind a colon, or below.
        let says = |(_, rest): (&str, &str)| !bare(rest).is_empty();
        let below = lines.get(number + 1).is_some_and(|next| !is_heading(next));
        begins && (below || line.split_once(':').is_some_and(says))
    })
}

/// Takes what marks a heading or an item of a list off a line.
fn bare(line: &str) -> String {
    line.trim_matches(|c: char| c.is_whitespace() || "#*_->:".contains(c)).to_lowercase()
}

fn is_heading(line: &str) -> bool {
    line.trim_start().starts_with('#')
}

/// Tells whether `words` begin with `beginning`, as whole words.
fn begins_with(words: &str, beginning: &str) -> bool {
    words.strip_prefix(beginning).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
}
