//! What both sides changed differently, and who decides it.

use super::text;

/// One of the two versions that are merged.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    /// The version that is being changed.
    Ours,
    /// The version that comes in.
    Theirs,
}

/// A part of an issue that both sides changed, each differently.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FieldConflict {
    /// The part: a field's key, `state` for all fields of the state together, `metadata.NAME`, an unknown
    /// key (`key:NAME` where it is called like something else), a section's name, `comment:ULID`, or the marker of an
    /// unknown section.
    pub field: String,
    /// Our value as it stands in a file; `None` where we removed it.
    pub ours: Option<String>,
    /// Their value as it stands in a file; `None` where they removed it.
    pub theirs: Option<String>,
    /// Whose value stands.
    pub kept: Side,
}

impl FieldConflict {
    /// Returns whose value was discarded; `None` where that side had none.
    pub fn lost(&self) -> Option<Side> {
        let (side, value) = match self.kept {
            Side::Ours => (Side::Theirs, &self.theirs),
            Side::Theirs => (Side::Ours, &self.ours),
        };
        value.as_ref().map(|_| side)
    }
}

impl Side {
    /// Returns the other side.
    pub fn other(self) -> Side {
        match self {
            Side::Ours => Side::Theirs,
            Side::Theirs => Side::Ours,
        }
    }
}

/// What the history knows of the parts of a file.
///
/// A closure that names a side for each part is a history that knows whose write was the later one, and no more.
pub trait Past {
    /// Tells whose write of a part was the later one.
    fn later(&mut self, part: &str) -> Side;

    /// Tells whether the base is a version that both sides had.
    ///
    /// One that is made of several is nobody's file: a value that a side has in common with it may have been written
    /// since, and one that differs from it may have been left alone.
    fn has_true_base(&self) -> bool {
        true
    }

    /// Tells which sides, ours and theirs, have written a part. Only asked where there is no true base.
    fn wrote(&mut self, part: &str) -> [bool; 2] {
        let _ = part;
        [false; 2]
    }
}

impl<F: FnMut(&str) -> Side> Past for F {
    fn later(&mut self, part: &str) -> Side {
        self(part)
    }
}

/// Decides conflicts and keeps the list of them.
pub(super) struct Referee<P> {
    past: P,
    /// Whether texts are merged line by line.
    lines: bool,
    pub conflicts: Vec<FieldConflict>,
}

impl<P: Past> Referee<P> {
    pub fn new(past: P, lines: bool) -> Self {
        Referee { past, lines, conflicts: Vec::new() }
    }

    /// Tells whether the base is a version that both sides had.
    pub fn has_true_base(&self) -> bool {
        self.past.has_true_base()
    }

    /// Merges a text: line by line, where that is wanted and possible, else as one value.
    pub fn text(&mut self, [base, ours, theirs]: [Option<&str>; 3], name: &str) -> Option<String> {
        let is_open = ours != theirs && ours != base && theirs != base;
        if self.lines && is_open && self.may_be_both(name) {
            let texts = [base, ours, theirs].map(Option::unwrap_or_default);
            // The winner of a conflict is the later, so the other one stands first.
            let first = || self.past.later(name).other();
            if let Some(text) = text::merge(texts[0], texts[1], texts[2], first) {
                return Some(text);
            }
        }
        let owned = [base, ours, theirs].map(|side| side.map(str::to_owned));
        let [b, o, t] = owned.each_ref().map(Option::as_ref);
        self.single([b, o, t], || name.to_owned(), Clone::clone)
    }

    /// Tells whether both sides may have written a part that differs from the base on both: not where the base is made of
    /// several and one of them is known to have done it alone.
    fn may_be_both(&mut self, name: &str) -> bool {
        if self.has_true_base() {
            return true;
        }
        let [ours, theirs] = self.past.wrote(name);
        ours == theirs
    }

    /// Merges one value. `show` is only called where there is a conflict, `name` at most where the sides differ.
    pub fn single<T: PartialEq + Clone>(
        &mut self,
        [base, ours, theirs]: [Option<&T>; 3],
        name: impl Fn() -> String,
        show: impl Fn(&T) -> String,
    ) -> Option<T> {
        if ours == theirs {
            return ours.cloned();
        }
        let wrote = if self.has_true_base() { [false; 2] } else { self.past.wrote(&name()) };
        // Where nobody wrote it, the two have it from different places, and the base decides as well as it can.
        let changed = if wrote == [false; 2] { [ours != base, theirs != base] } else { wrote };
        let winner = if !changed[1] {
            ours
        } else if !changed[0] {
            theirs
        } else {
            let field = name();
            let side = self.past.later(&field);
            self.conflicts.push(FieldConflict {
                field,
                ours: ours.map(&show),
                theirs: theirs.map(&show),
                kept: side,
            });
            if side == Side::Ours { ours } else { theirs }
        };
        winner.cloned()
    }
}
