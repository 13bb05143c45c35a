//! What an exchange with a remote would do.

use super::fallback::Pattern;
use super::merge::Unmergeable;
use super::outcome::Outcome;
use super::remote::Depth;
use super::sync::{SyncRequest, Synced};
use super::{Author, Store};
use crate::context::Context;
use crate::error::Result;

impl Store {
    /// Says what an exchange would do. The remote is asked and its objects are fetched, but no ref changes.
    ///
    /// # Errors
    /// As for the exchange.
    pub fn rehearse_sync(
        &self,
        context: &Context,
        author: &Author,
        request: SyncRequest<'_>,
    ) -> Result<Synced> {
        let passes_fallback = Pattern::configured(self, context)?.is_some();
        let mut store = self.through(request.remote)?.reopen()?;
        let exchange = store.exchange(context, author, request)?;
        let failed = |outcome: Outcome| exchange.remote.error(&outcome);
        let listing = exchange.remote.list().map_err(failed)?;
        if let Some(tip) = listing.branch.filter(|tip| !store.repo.has_object(*tip)) {
            exchange.remote.fetch(&[self.branch_ref()], Depth::AsIs).map_err(failed)?;
            if !store.repo.has_object(tip) {
                return Err(exchange.remote.error(&Outcome::LostRace));
            }
        }
        let mut synced = Synced {
            remote: exchange.synced.remote.clone(),
            remote_has_branch: listing.branch.is_some(),
            is_empty_here: exchange.before.is_none(),
            passes_fallback,
            ..Synced::default()
        };
        let mine = exchange.before;
        // Whatever a merge writes stays in memory.
        store.repo = store.repo.with_object_memory();
        let store = &store;
        let base = match (mine, listing.branch) {
            (Some(mine), Some(theirs)) => store.base(mine, theirs)?,
            _ => None,
        };
        // What cannot be sent before it is merged is taken in, too.
        let takes_in = request.pull || mine.is_some() && base != listing.branch;
        if let Some(theirs) = listing.branch.filter(|_| takes_in) {
            (synced.received, synced.received_issues) = store.between(mine, theirs)?;
            let there = store.view_commit(theirs)?.tracker;
            let names = synced.received_issues.iter().map(|id| (*id, there.key_of(*id)));
            synced.names_there = names.collect();
        }
        if let Some(mine) = mine.filter(|_| request.push) {
            (synced.sent, synced.sent_issues) = store.between(listing.branch, mine)?;
        }
        if let Some(mine) = mine.filter(|_| !request.push) {
            synced.unsent = store.between(listing.branch, mine)?.0;
        }
        if let (Some(mine), Some(theirs)) = (mine, listing.branch) {
            synced.merged = base != Some(mine) && base != Some(theirs);
            if synced.merged {
                store.check_same_tracker(mine, theirs, request.join)?;
                synced.lost = match store.merge_commits(mine, theirs) {
                    Ok(merge) => merge.lost,
                    Err(Unmergeable::Failed(error)) => return Err(error),
                    Err(Unmergeable::CutOff) => {
                        let warning =
                            "this clone is shallow: what would conflict is known once it is deepened";
                        synced.warnings.push(warning.to_owned());
                        Vec::new()
                    }
                };
            }
        }
        store.rehearse_outbox(&mut synced, &mine.into_iter().chain(listing.branch).collect::<Vec<_>>())?;
        if synced.unsent > 0 || synced.sent > 0 && !request.retry {
            synced.refusal = store.refusal(context, &author.session)?;
        }
        Ok(synced)
    }

    /// Counts what would come from the outbox. What the remote has, too, comes from there.
    fn rehearse_outbox(&self, synced: &mut Synced, known: &[gix::ObjectId]) -> Result<()> {
        if !self.has_outbox() {
            return Ok(());
        }
        if let Some((operations, issues)) = self.beside(known)? {
            let found = &mut synced.from_outbox;
            (found.operations, found.issues) = (operations, issues);
            // Without an operation of its own it is a merge that is new.
            synced.merged |= operations == 0;
            if operations == 0 {
                found.issues.clear();
            }
        }
        Ok(())
    }
}
