//! Which sections an issue of a type wants, and which of them it lacks: the rule behind `create --validate`
//! and `lint`.

use crate::model::Issue;

const ACCEPTANCE: &str = "Acceptance criteria";
const STEPS: &str = "Steps to reproduce";
const SUCCESS: &str = "Success criteria";

/// Returns the sections that a type wants. Types that are not named want none.
pub fn wanted_sections(kind: &str) -> &'static [&'static str] {
    match kind {
        "bug" => &[STEPS, ACCEPTANCE],
        "task" | "feature" => &[ACCEPTANCE],
        "epic" => &[SUCCESS],
        _ => &[],
    }
}

/// Returns the sections that the type of an issue wants and that it lacks, by their headings.
///
/// A section is there where one of the texts has its heading. The acceptance text is the criteria, whatever stands
/// in it.
pub fn missing_sections(issue: &Issue) -> Vec<&'static str> {
    let body = &issue.body;
    let texts = [&body.description, &body.design, &body.acceptance, &body.notes];
    let has = |section: &str| {
        let criteria = [ACCEPTANCE, SUCCESS].contains(&section) && !body.acceptance.trim().is_empty();
        criteria || texts.iter().any(|text| text.lines().any(|line| is_heading(line, section)))
    };
    wanted_sections(&issue.front.kind).iter().copied().filter(|section| !has(section)).collect()
}

/// Tells whether a line heads the section: `## Steps to Reproduce`, `**Steps to reproduce:**`, `Steps to reproduce:`.
fn is_heading(line: &str, section: &str) -> bool {
    let marked = line.trim_start().starts_with(['#', '*', '_']);
    let bare = line.trim().trim_start_matches(['#', '*', '_', ' ']);
    let Some((name, rest)) = bare.split_at_checked(section.len()) else { return false };
    let rest = rest.trim_start_matches(['*', '_', ' ']);
    name.eq_ignore_ascii_case(section)
        && (rest.starts_with(':') || marked && rest.trim_matches('#').is_empty())
}
