//! Which sections an issue lacks.

use quipu::model::{Body, Front, Issue};
use quipu::query::missing_sections;

#[track_caller]
fn check(kind: &str, description: &str, acceptance: &str, expected: &[&str]) {
    let front = Front { kind: kind.to_owned(), ..Front::default() };
    let body =
        Body { description: description.to_owned(), acceptance: acceptance.to_owned(), ..Body::default() };
    let issue = Issue { front, body };
    assert_eq!(missing_sections(&issue), expected);
}

#[test]
fn a_type_wants_its_sections() {
    check("bug", "", "", &["Steps to reproduce", "Acceptance criteria"]);
    check("task", "", "", &["Acceptance criteria"]);
    check("feature", "x", "", &["Acceptance criteria"]);
    check("epic", "", "", &["Success criteria"]);
    check("chore", "", "", &[]);
    check("spike", "", "", &[]);
}

#[test]
fn the_acceptance_text_counts() {
    check("task", "", "- [ ] it works", &[]);
    check("epic", "", "- [ ] it works", &[]);
    check("bug", "", "- [ ] it works", &["Steps to reproduce"]);
    check("task", "", " \n", &["Acceptance criteria"]);
}

#[test]
fn headings_count_however_they_are_marked() {
    for line in [
        "## Steps to Reproduce",
        "**Steps to reproduce:**",
        "Steps to reproduce: start it",
        "### STEPS TO REPRODUCE ###",
    ] {
        check("bug", &format!("It crashes.\n\n{line}\n1. run"), "a", &[]);
    }
    for line in [
        "I know no steps to reproduce it",
        "## Steps to reproduce nothing",
        "steps to reproduce",
        "## Schritte",
        "é",
    ] {
        check("bug", line, "a", &["Steps to reproduce"]);
    }
}
