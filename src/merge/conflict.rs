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

/// Decides conflicts and keeps the list of them.
pub(super) struct Referee<F> {
    prefer: F,
    /// Whether texts are merged line by line.
    lines: bool,
    pub conflicts: Vec<FieldConflict>,
}

impl<F: FnMut(&str) -> Side> Referee<F> {
    pub fn new(prefer: F, lines: bool) -> Self {
        Referee { prefer, lines, conflicts: Vec::new() }
    }

    /// Merges a text: line by line, where that is wanted and possible, else as one value.
    pub fn text(&mut self, [base, ours, theirs]: [Option<&str>; 3], name: &str) -> Option<String> {
        if self.lines && ours != theirs && ours != base && theirs != base {
            let texts = [base, ours, theirs].map(Option::unwrap_or_default);
            // The winner of a conflict is the later, so the other one stands first.
            let first = || (self.prefer)(name).other();
            if let Some(text) = text::merge(texts[0], texts[1], texts[2], first) {
                return Some(text);
            }
        }
        let owned = [base, ours, theirs].map(|side| side.map(str::to_owned));
        let [b, o, t] = owned.each_ref().map(Option::as_ref);
        self.single([b, o, t], || name.to_owned(), Clone::clone)
    }

    /// Merges one value. `name` and `show` are only called where there is a conflict.
    pub fn single<T: PartialEq + Clone>(
        &mut self,
        [base, ours, theirs]: [Option<&T>; 3],
        name: impl Fn() -> String,
        show: impl Fn(&T) -> String,
    ) -> Option<T> {
        let winner = if ours == theirs || theirs == base {
            ours
        } else if ours == base {
            theirs
        } else {
            let field = name();
            let side = (self.prefer)(&field);
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
