//! Merging one file of the tracker, by its class: an issue, the settings, or anything else.

use std::cmp::Ordering;

use super::conflict::{Past, Referee, Side};
use super::parts::{STATE, WHOLE};
use super::{Merged, rule, versions};
use crate::model::{Front, Issue, IssueId, Settings, Status, Timestamp};

/// What kind of file a path names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FileClass {
    /// The file of an issue.
    Issue(IssueId),
    /// `quipu.yml`.
    Settings,
    /// Anything else: one value.
    Whole,
}

/// What becomes of the file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Pick {
    /// It is as that side has it.
    Side(Side),
    /// It is this.
    New(Vec<u8>),
}

/// A merged file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FileMerge {
    /// What becomes of it.
    pub pick: Pick,
    /// The values that were discarded: whose, and the name of the part.
    pub lost: Vec<(Side, String)>,
}

/// Merges a file that both sides changed differently. `None` is a file that is not there; both sides missing is no
/// conflict and does not come here. `past` knows who wrote a part, by its name.
pub fn merge_file(
    class: FileClass,
    base: Option<&[u8]>,
    ours: Option<&[u8]>,
    theirs: Option<&[u8]>,
    past: &mut dyn Past,
) -> FileMerge {
    let (ours, theirs) = match (ours, theirs) {
        (Some(ours), Some(theirs)) => (ours, theirs),
        // Deleted on one side and changed on the other: the change stands.
        (ours, _) => return clean(Pick::Side(if ours.is_some() { Side::Ours } else { Side::Theirs })),
    };
    match class {
        FileClass::Issue(id) => issue(id, base, ours, theirs, past),
        FileClass::Settings => settings(base, ours, theirs, past),
        FileClass::Whole => whole(past),
    }
}

fn clean(pick: Pick) -> FileMerge {
    FileMerge { pick, lost: Vec::new() }
}

/// One value: the later stands.
fn whole(past: &mut dyn Past) -> FileMerge {
    let side = past.later(WHOLE);
    FileMerge { pick: Pick::Side(side), lost: vec![(side.other(), WHOLE.to_owned())] }
}

/// Where one side can be read and the other cannot, the readable one stands.
fn readable<T, E>(ours: Result<T, E>, theirs: Result<T, E>) -> Result<(T, T), Option<Side>> {
    match (ours, theirs) {
        (Ok(ours), Ok(theirs)) => Ok((ours, theirs)),
        (Ok(_), Err(_)) => Err(Some(Side::Ours)),
        (Err(_), Ok(_)) => Err(Some(Side::Theirs)),
        (Err(_), Err(_)) => Err(None),
    }
}

fn one_side(side: Option<Side>, past: &mut dyn Past) -> FileMerge {
    match side {
        Some(side) => FileMerge { pick: Pick::Side(side), lost: vec![(side.other(), WHOLE.to_owned())] },
        None => whole(past),
    }
}

fn issue(
    id: IssueId,
    base: Option<&[u8]>,
    ours_bytes: &[u8],
    theirs_bytes: &[u8],
    past: &mut dyn Past,
) -> FileMerge {
    let read = |bytes: &[u8]| Issue::read(bytes, Some(id));
    let (ours, theirs) = match readable(read(ours_bytes), read(theirs_bytes)) {
        Ok(sides) => sides,
        Err(side) => return one_side(side, past),
    };
    let base = base.and_then(|bytes| read(bytes).ok());
    // What is too large with both texts in it is merged once more, each text as one value.
    for lines in [true, false] {
        let ranked = Ranked { states: rank(&ours.front).cmp(&rank(&theirs.front)), past };
        let merged = versions(base.as_ref(), &ours, &theirs, Referee::new(ranked, lines));
        let Ok(text) = merged.issue.write_checked() else { continue };
        let pick = match text.into_bytes() {
            text if text == ours_bytes => Pick::Side(Side::Ours),
            text if text == theirs_bytes => Pick::Side(Side::Theirs),
            text => Pick::New(text),
        };
        return FileMerge { pick, lost: lost(merged) };
    }
    whole(past)
}

fn lost(merged: Merged) -> Vec<(Side, String)> {
    merged.conflicts.into_iter().filter_map(|c| Some((c.lost()?, c.field))).collect()
}

/// How states stand against each other: closed beats a confirmed claim beats anything else. Of two confirmed claims the
/// one that was made later has taken the other over, whoever wrote last.
fn rank(front: &Front) -> (u8, Option<Timestamp>) {
    match front.status {
        Status::Closed => (2, None),
        Status::InProgress if front.claim.is_some() => (1, front.claimed_at),
        _ => (0, None),
    }
}

/// The history, but for states of different rank.
struct Ranked<'p> {
    states: Ordering,
    past: &'p mut dyn Past,
}

impl Past for Ranked<'_> {
    fn later(&mut self, part: &str) -> Side {
        match self.states {
            Ordering::Greater if part == STATE => Side::Ours,
            Ordering::Less if part == STATE => Side::Theirs,
            _ => self.past.later(part),
        }
    }

    fn has_true_base(&self) -> bool {
        self.past.has_true_base()
    }

    fn wrote(&mut self, part: &str) -> [bool; 2] {
        self.past.wrote(part)
    }
}

fn settings(base: Option<&[u8]>, ours: &[u8], theirs: &[u8], past: &mut dyn Past) -> FileMerge {
    let read = |bytes: &[u8]| std::str::from_utf8(bytes).ok().and_then(|t| Settings::read(t).ok()).ok_or(());
    let base = base.and_then(|bytes| read(bytes).ok()).unwrap_or_default();
    let (ours, theirs) = match readable(read(ours), read(theirs)) {
        Ok(sides) => sides,
        Err(side) => return one_side(side, past),
    };
    // Two trackers that were started before they met go on under the name that was first.
    let founding = base.prefix.is_empty();
    let mut referee = Referee::new(
        |part: &str| {
            let side = past.later(part);
            if founding && part == "prefix" { side.other() } else { side }
        },
        false,
    );
    let prefixes = [&base, &ours, &theirs].map(|s| Some(&s.prefix).filter(|p| !p.is_empty()));
    let merged = Settings {
        format: ours.format.max(theirs.format),
        prefix: referee.single(prefixes, || "prefix".to_owned(), Clone::clone).unwrap_or_default(),
        prefixes: rule::set(&base.prefixes, &ours.prefixes, &theirs.prefixes),
        extra: rule::map(&base.extra, &ours.extra, &theirs.extra, &mut referee, str::to_owned),
    };
    let lost = referee.conflicts.into_iter().filter(|c| !(founding && c.field == "prefix"));
    let lost = lost.filter_map(|c| Some((c.lost()?, c.field))).collect();
    FileMerge { pick: Pick::New(merged.write().into_bytes()), lost }
}
