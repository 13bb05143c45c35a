//! What lies between two views: the operations that led from one to the other.

use std::collections::HashMap;

use gix::ObjectId;
use gix::revision::walk::Sorting;
use gix::traverse::commit::simple::CommitTimeOrder;

use super::{LogEntry, Store, View, git_error};
use crate::error::Result;
use crate::model::IssueId;

impl View {
    /// Returns, for each issue, the last operation that changed it among those that led to this view and not to
    /// `old`. A merge counts only where no other operation changed the issue.
    ///
    /// # Errors
    /// Environment, where git's files cannot be read.
    pub fn last_operations(&self, old: &View) -> Result<HashMap<IssueId, LogEntry>> {
        let store = self.store();
        let walk = store
            .repo
            .rev_walk([self.commit_id])
            .with_hidden([old.commit_id])
            .sorting(Sorting::ByCommitTime(CommitTimeOrder::NewestFirst))
            .all()
            .map_err(git_error("walk the history"))?;
        let mut last: HashMap<IssueId, LogEntry> = HashMap::new();
        for info in walk {
            let entry = store.entry(info.map_err(git_error("walk the history"))?.id)?;
            for id in store.touched(&entry)? {
                let rank = |entry: &LogEntry| (!entry.is_merge(), entry.time);
                if last.get(&id).is_none_or(|known| rank(known) < rank(&entry)) {
                    last.insert(id, entry.clone());
                }
            }
        }
        Ok(last)
    }
}

impl Store {
    /// Reads the tracker as it was at its first commit; `None` where the history is cut off, so that nobody knows.
    ///
    /// # Errors
    /// Environment, where there is no tracker or git's files cannot be read.
    pub fn first_view(&self) -> Result<Option<View>> {
        if self.repo.is_shallow().unwrap_or(false) {
            return Ok(None);
        }
        let store = self.overlaid()?;
        let mut first = store.require_tip()?.commit;
        store.walk(first, |entry| {
            first = ObjectId::from_hex(entry.commit.as_bytes()).map_err(git_error("read a commit id"))?;
            Ok(true)
        })?;
        store.view_commit(first).map(Some)
    }
}
