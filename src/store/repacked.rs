//! Objects that are on the move: `git gc` puts them from single files into packs, and from packs into others. Whoever
//! looks at each place at the wrong moment finds them in none.

use super::Store;
use crate::error::{Error, Result};

/// How often a repository is looked through again.
pub(super) const ATTEMPTS: usize = 5;

impl Store {
    /// Reads something. Where an object is not found, the repository is opened anew and read again: what is really
    /// missing is missing then, too.
    pub(super) fn in_spite_of_repacking<T>(&self, read: impl Fn(&Store) -> Result<T>) -> Result<T> {
        let mut outcome = read(self);
        for _ in 0..ATTEMPTS {
            match &outcome {
                // What stands in memory only would be lost.
                Err(error) if is_missing_object(error) && !self.is_in_memory() => {
                    outcome = read(&self.reopen()?);
                }
                _ => break,
            }
        }
        outcome
    }
}

/// Tells whether a failure comes from an object that was not found.
pub(super) fn is_missing_object(error: &Error) -> bool {
    // gix has no type for it any more, only these words.
    error.cause().is_some_and(|cause| cause.to_string().contains("An object with id"))
}
