//! What both sides changed differently, and who decides it.

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
    /// key, a section's name, `comment ULID`, or the marker of an unknown section.
    pub field: String,
    /// Our value as it stands in a file; `None` where we removed it.
    pub ours: Option<String>,
    /// Their value as it stands in a file; `None` where they removed it.
    pub theirs: Option<String>,
}

/// Decides conflicts and keeps the list of them.
pub(super) struct Referee<F> {
    prefer: F,
    pub conflicts: Vec<FieldConflict>,
}

impl<F: FnMut(&str) -> Side> Referee<F> {
    pub fn new(prefer: F) -> Self {
        Referee { prefer, conflicts: Vec::new() }
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
            self.conflicts.push(FieldConflict { field, ours: ours.map(&show), theirs: theirs.map(&show) });
            if side == Side::Ours { ours } else { theirs }
        };
        winner.cloned()
    }
}
