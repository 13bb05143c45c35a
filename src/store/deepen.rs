//! Shallow clones: the history of the branch is brought here once something builds upon the part of it that is not.

use super::Store;
use super::outcome::Outcome;
use super::remote::Depth;
use super::sync::Exchange;
use crate::error::Result;

impl Exchange<'_> {
    /// Fetches all of the branch's history, where it is cut off. Tells whether it is whole then. What has failed is not
    /// tried again within the hour: for who has a large history, or a server that does not give it, each try is dear.
    pub(super) fn deepen(&mut self) -> Result<bool> {
        let store = self.store.reopen()?;
        let (name, now) = (format!("deepen {}", store.branch_ref()), self.context.now());
        if !store.is_cut_off()? || store.verdict(&name, now).is_some() && !self.retries() {
            return Ok(false);
        }
        let outcome = self.remote.fetch(&[self.branch_spec()], Depth::Whole);
        let is_whole = outcome.is_ok() && !self.store.reopen()?.is_cut_off()?;
        if !is_whole {
            let why =
                outcome.err().map_or_else(|| "it has no more".to_owned(), |outcome| outcome.to_string());
            let remote = self.synced.shown_remote();
            self.warn(format!(
                "this clone is shallow, and {remote} does not give the rest of the history: {why}"
            ));
            self.store.note_refusal(&name, &Outcome::Refused(why), now);
        }
        Ok(is_whole)
    }
}

impl Store {
    /// Tells whether the history of the tracker is cut off here, as in a shallow clone.
    ///
    /// # Errors
    /// Environment, where git's files cannot be read.
    pub fn is_cut_off(&self) -> Result<bool> {
        if !self.repo.is_shallow().unwrap_or(false) {
            return Ok(false);
        }
        // The histories of other branches may be cut off as well, and say nothing.
        Ok(self.boundary()?.into_iter().any(|id| self.check_is_tracker(id).is_ok()))
    }

    /// Returns what brings the whole history of the tracker.
    pub fn deepening_command(&self) -> String {
        let remote = super::redact::redacted(self.remote.as_deref().unwrap_or("origin"));
        format!("git fetch --unshallow {remote} {}", self.branch())
    }
}
