//! The texts and the thread: each section line by line or as one value, each comment by its ULID.

use std::collections::BTreeSet;

use super::conflict::{Past, Referee};
use super::rule;
use crate::model::{Body, SECTIONS};

/// Merges two bodies.
pub(super) fn merge<P: Past>(
    base: Option<&Body>,
    ours: &Body,
    theirs: &Body,
    referee: &mut Referee<P>,
) -> Body {
    let none = Body::default();
    let base = base.unwrap_or(&none);
    let mut merged = Body::default();
    for name in std::iter::once("description").chain(SECTIONS.map(|(name, _)| name)) {
        let text = referee.text([base, ours, theirs].map(|side| text(side, name)), name);
        if let Some(section) = merged.section_mut(name) {
            *section = text.unwrap_or_default();
        }
    }
    let repeated = repeated([base, ours, theirs]);
    merged.unknown = rule::list(
        [&base.unknown, &ours.unknown, &theirs.unknown],
        referee,
        |section| (section.marker.clone(), repeated.contains(&section.marker).then(|| section.text.clone())),
        |section| section.marker.clone(),
        |section| section.text.clone(),
    );
    merged.comments = rule::list(
        [&base.comments, &ours.comments, &theirs.comments],
        referee,
        |comment| comment.id,
        |comment| format!("comment:{}", comment.id),
        |comment| comment.text.clone(),
    );
    merged.sort_comments();
    merged
}

/// Markers that stand more than once in a version. They do not tell which of their sections is which, so such
/// sections are matched by their text too: one that both sides have cannot get lost by changing its place.
fn repeated(sides: [&Body; 3]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for side in sides {
        let mut seen = BTreeSet::new();
        found.extend(side.unknown.iter().map(|s| &s.marker).filter(|m| !seen.insert(*m)).cloned());
    }
    found
}

/// A section without text is not there.
fn text<'a>(body: &'a Body, name: &str) -> Option<&'a str> {
    body.section(name).filter(|text| !text.is_empty())
}
