//! Clones that borrow the objects of another one, and what is said where that one is gone.

use std::path::PathBuf;

use super::Store;
use crate::error::{Error, Kind};

impl Store {
    /// Returns the error for a repository whose objects are elsewhere and not there any more.
    pub(super) fn lender_is_gone(&self) -> Option<Error> {
        let objects = self.common_dir().join("objects");
        let list = objects.join("info/alternates");
        let text = std::fs::read_to_string(&list).ok()?;
        let lenders = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let gone: PathBuf = lenders.map(|line| objects.join(line)).find(|folder| !folder.is_dir())?;
        let message =
            format!("this clone borrows objects from {}, and that folder is not there", gone.display());
        Some(
            Error::new(Kind::Environment, "alternates", message)
                .hint(format!("bring it back, or correct its path in {}", list.display())),
        )
    }
}
