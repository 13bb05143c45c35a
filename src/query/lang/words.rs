//! Words that stand for states, for parts of an issue and for priorities.

use std::collections::BTreeSet;

use super::period::{Sign, sign};
use super::predicate::{Is, Part, Section, TimeField};
use crate::error::{Error, Result};
use crate::model::Priority;
use crate::query::parse_priority;

/// States with their words.
pub(super) const STATES: [(&str, Is); 11] = [
    ("all", Is::All),
    ("any", Is::All),
    ("open", Is::Open),
    ("closed", Is::Closed),
    ("ready", Is::Ready),
    ("blocked", Is::Blocked),
    ("claimed", Is::Claimed),
    ("deferred", Is::Deferred),
    ("container", Is::Container),
    ("overdue", Is::Overdue),
    ("stale", Is::Stale),
];

/// Parts with their words.
pub(super) const PARTS: [(&[&str], Part); 18] = [
    (&["labels", "label"], Part::Labels),
    (&["assignee"], Part::Assignee),
    (&["parent"], Part::Parent),
    (&["description", "desc"], Part::Text(Section::Description)),
    (&["notes", "note"], Part::Text(Section::Notes)),
    (&["design"], Part::Text(Section::Design)),
    (&["acceptance"], Part::Text(Section::Acceptance)),
    (&["due"], Part::Time(TimeField::Due)),
    (&["defer", "defer_until"], Part::Time(TimeField::Defer)),
    (&["closed"], Part::Time(TimeField::Closed)),
    (&["blockers", "blocker"], Part::Blockers),
    (&["children", "parts"], Part::Children),
    (&["comments", "comment"], Part::Comments),
    (&["estimate"], Part::Estimate),
    (&["paths", "path"], Part::Paths),
    (&["metadata", "meta"], Part::Metadata),
    (&["external_ref", "external"], Part::ExternalRef),
    (&["spec"], Part::Spec),
];

/// Reads `1`, `P1`, `0..1`, `<2`.
pub(super) fn priorities(text: &str) -> Result<BTreeSet<Priority>> {
    let all = || (0..=Priority::LOWEST).filter_map(Priority::new);
    let read = |text: &str, open: u8| match text.trim() {
        "" => Ok(Priority::new(open).unwrap_or_default()),
        text => parse_priority(text),
    };
    if let Some((from, to)) = text.split_once("..") {
        let (from, to) = (read(from, 0)?, read(to, Priority::LOWEST)?);
        if from > to {
            return Err(Error::invalid("the range ends before it begins").hint(format!(
                "{}..{}",
                to.number(),
                from.number()
            )));
        }
        return Ok(all().filter(|p| (from..=to).contains(p)).collect());
    }
    let (sign, number) = sign(text);
    let number = parse_priority(number)?;
    let fits = |p: &Priority| match sign {
        Sign::Is => *p == number,
        Sign::Below => *p < number,
        Sign::AtMost => *p <= number,
        Sign::Above => *p > number,
        Sign::AtLeast => *p >= number,
    };
    Ok(all().filter(fits).collect())
}
