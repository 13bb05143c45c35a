//! Bringing two versions of an issue together, given the version both started from.
//!
//! Pure: two issues and a base in, one issue out. What changed on one side only is taken from that side, what
//! changed equally on both is no conflict, and what changed differently goes to the side that the caller
//! prefers and is reported with both values, so that nothing is dropped without a word. The field table says
//! by which [`Rule`](crate::model::Rule) each field is merged; this module gives the rules their meaning.
//!
//! Who calls it decides what the three versions are. Syncing: the common ancestor and two tips. Importing
//! again: the last import, the tracker as it is, the new import. Taking an operation back: its result, the
//! tracker as it is, the state before it.

mod body;
mod conflict;
mod file;
mod front;
mod parts;
mod rule;
mod take_back;
mod text;

use crate::model::Issue;

use conflict::Referee;
pub use conflict::{FieldConflict, Past, Side};
pub use file::{FileClass, FileMerge, Pick, merge_file};
pub use parts::{Part, STATE, WHOLE, differing_parts};
pub use take_back::{TakenBack, take_back};

/// What came out of a merge.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Merged {
    /// The merged issue.
    pub issue: Issue,
    /// The parts that both sides changed, each differently. The preferred side's value is in the issue.
    pub conflicts: Vec<FieldConflict>,
}

/// Merges two versions of an issue; where both changed the same part differently, ours stays.
///
/// Without a base, whatever only one side has is its addition, and what both have must be equal.
pub fn three_way(base: Option<&Issue>, ours: &Issue, theirs: &Issue) -> Merged {
    three_way_with(base, ours, theirs, |_| Side::Ours)
}

/// Merges two versions of an issue; `prefer` is asked, by the name in [`FieldConflict::field`], which side
/// wins where both changed the same part differently.
///
/// Exchanging the two sides and every answer of `prefer` gives the same issue, but for the place of sections
/// that quipu does not know.
pub fn three_way_with(
    base: Option<&Issue>,
    ours: &Issue,
    theirs: &Issue,
    prefer: impl FnMut(&str) -> Side,
) -> Merged {
    versions(base, ours, theirs, Referee::new(prefer, true))
}

/// Merges two versions of an issue, each text as one value.
fn strictly(base: Option<&Issue>, ours: &Issue, theirs: &Issue) -> Merged {
    versions(base, ours, theirs, Referee::new(|_: &str| Side::Ours, false))
}

fn versions<P: Past>(base: Option<&Issue>, ours: &Issue, theirs: &Issue, mut referee: Referee<P>) -> Merged {
    let front = front::merge(base.map(|b| &b.front), &ours.front, &theirs.front, &mut referee);
    let body = body::merge(base.map(|b| &b.body), &ours.body, &theirs.body, &mut referee);
    Merged { issue: Issue { front, body }, conflicts: referee.conflicts }
}
