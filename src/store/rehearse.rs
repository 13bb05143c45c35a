//! What an exchange with a remote would do: the same steps, in memory.

use gix::ObjectId;

use super::fallback::{is_of_the_branch, passed_over};
use super::lost::Lost;
use super::merge::Unmergeable;
use super::outbox::FOLDER;
use super::outbox_judge::{Judged, Verdict, passed_over as file_passed_over};
use super::outbox_pack::typed;
use super::outcome::Outcome;
use super::remote::{Depth, Listing};
use super::sync::{Exchange, SyncRequest, Synced};
use super::{Author, Store};
use crate::context::Context;
use crate::error::{Kind, Result};

/// An exchange that changes nothing.
struct Rehearsal<'r, 's> {
    exchange: &'r mut Exchange<'s>,
    /// Whatever a merge writes stays in its memory.
    store: Store,
    join: bool,
    /// What the branch here would be by now.
    tip: Option<ObjectId>,
}

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
        let store = self.through(request.remote)?.reopen()?;
        let mut exchange = store.exchange(context, author, request)?;
        exchange.fallback = exchange.pattern()?;
        let failed = |outcome: Outcome| exchange.remote.error(&outcome);
        let listing = exchange.remote.list_with(exchange.fallback.as_ref()).map_err(failed)?;
        if let Some(tip) = listing.branch.filter(|tip| !store.repo.has_object(*tip)) {
            if let Err(outcome) = exchange.remote.fetch(&[store.branch_ref()], Depth::AsIs) {
                store.check_writable()?;
                return Err(failed(outcome));
            }
            if !store.repo.has_object(tip) {
                return Err(exchange.remote.error(&Outcome::LostRace));
            }
        }
        let before = exchange.before;
        let in_memory = Store { repo: store.repo.clone().with_object_memory(), ..store.clone() };
        let mut rehearsal =
            Rehearsal { exchange: &mut exchange, store: in_memory, join: request.join, tip: before };
        rehearsal.merge_remote(&listing)?;
        rehearsal.absorb()?;
        rehearsal.harvest(&listing)?;
        rehearsal.sweep(&listing);
        rehearsal.count(&listing, before)?;
        let mut synced = exchange.synced;
        synced.remote_has_branch = listing.branch.is_some();
        if synced.unsent > 0 || synced.sent > 0 && !request.retry {
            synced.refusal = store.refusal(context, &author.session)?;
        }
        Ok(synced)
    }
}

impl Rehearsal<'_, '_> {
    /// Takes in the remote's branch, where that is wanted or nothing could be sent without it.
    fn merge_remote(&mut self, listing: &Listing) -> Result<()> {
        let Some(theirs) = listing.branch else { return Ok(()) };
        let base = self.tip.map_or(Ok(None), |mine| self.store.base(mine, theirs))?;
        if self.exchange.takes_all() || self.tip.is_some() && base != Some(theirs) {
            if self.tip.is_some_and(|mine| base != Some(mine) && base != Some(theirs)) {
                self.store.check_same_tracker(self.tip.unwrap_or(theirs), theirs, self.join)?;
            }
            if let Err(unmergeable) = self.merge(theirs) {
                match unmergeable {
                    Unmergeable::Failed(error) => return Err(error),
                    Unmergeable::CutOff => {
                        self.exchange.synced.merged = true;
                        let warning =
                            "this clone is shallow: what would conflict is known once it is deepened";
                        self.exchange.warn(warning.to_owned());
                    }
                }
            }
        }
        Ok(())
    }

    /// Brings the tip forward to what has both.
    fn merge(&mut self, theirs: ObjectId) -> std::result::Result<(), Unmergeable> {
        let base = self.tip.map_or(Ok(None), |mine| self.store.base(mine, theirs))?;
        self.tip = match self.tip {
            Some(mine) if base == Some(theirs) => Some(mine),
            Some(mine) if base != Some(mine) => {
                let merge = self.store.merge_commits(mine, theirs)?;
                self.add(Some(merge.lost));
                Some(merge.id)
            }
            _ => Some(theirs),
        };
        Ok(())
    }

    fn add(&mut self, lost: Option<Vec<Lost>>) {
        let synced = &mut self.exchange.synced;
        synced.merged |= lost.is_some();
        synced.lost.extend(lost.into_iter().flatten());
    }

    /// Takes in the files of the outbox.
    fn absorb(&mut self) -> Result<()> {
        let sources = match self.store.outbox_sources() {
            Ok(sources) if sources.is_empty() => return Ok(()),
            Ok(sources) => sources,
            Err(error) => {
                // A folder that cannot be read may have operations.
                let is_there = self.store.outbox_place().is_some_and(|outbox| outbox.is_there());
                let unusable = &mut self.exchange.synced.from_outbox.unusable;
                unusable.extend(is_there.then(|| FOLDER.join("/")));
                self.exchange.warn(error.message().to_owned());
                return Ok(());
            }
        };
        let judged = self.store.judge(self.tip, sources);
        let folded = self.store.fold(self.tip, &judged);
        if let Some(after) = folded.tip.filter(|after| Some(*after) != self.tip) {
            let (operations, issues) = self.store.between(self.tip, after)?;
            let found = &mut self.exchange.synced.from_outbox;
            (found.operations, found.issues) = (operations, issues);
            // Without an operation of its own it is a merge that is new.
            if operations == 0 {
                found.issues.clear();
            }
            self.tip = Some(after);
        }
        self.add(folded.merged.then_some(folded.lost));
        for (name, error) in &folded.failed {
            self.exchange.synced.from_outbox.unusable.push(typed(name));
            self.exchange.warn(file_passed_over(name, error.message()));
        }
        for warning in judged.iter().filter_map(Judged::warning) {
            self.exchange.warn(warning);
        }
        let found = &mut self.exchange.synced.from_outbox;
        for Judged { name, verdict, .. } in &judged {
            match verdict {
                Verdict::Missing(_) => found.missing.push(typed(name)),
                Verdict::Unusable(_) => found.unusable.push(typed(name)),
                Verdict::Contained | Verdict::New(_) | Verdict::Foreign(_) => {}
            }
        }
        if !found.missing.is_empty() && self.store.is_cut_off()? {
            let branch = self.store.branch();
            self.exchange.warn(format!("this clone is shallow: the exchange fetches all of {branch} first"));
        }
        Ok(())
    }

    /// Takes in the branches of `quipu.fallbackBranch`.
    fn harvest(&mut self, listing: &Listing) -> Result<()> {
        let (wanted, later) = self.exchange.wanted(listing, self.tip);
        self.exchange.synced.fallbacks.left = later;
        let missing = wanted.iter().filter(|(_, id)| !self.store.repo.has_object(*id));
        let specs: Vec<String> = missing.map(|(name, _)| format!("refs/heads/{name}")).collect();
        if !specs.is_empty()
            && let Err(outcome) = self.exchange.remote.fetch(&specs, Depth::AsIs)
        {
            self.exchange.warn(format!("{} were not fetched: {outcome}", specs.join(", ")));
        }
        for (name, id) in wanted {
            if self.take_in(&name, id)? {
                self.exchange.synced.fallbacks.taken.push(name);
            }
        }
        Ok(())
    }

    /// Takes in one of them; tells whether it has brought something.
    fn take_in(&mut self, name: &str, id: ObjectId) -> Result<bool> {
        if !self.store.repo.has_object(id) {
            self.exchange.synced.fallbacks.left.push(name.to_owned());
            return Ok(false);
        }
        if self.tip.is_some_and(|tip| self.store.contains(tip, id)) {
            return Ok(false);
        }
        if let Some(why) = self.store.foreign(self.tip, id)? {
            self.exchange.warn(passed_over(name, why));
            return Ok(false);
        }
        let same = self.tip.map_or(Ok(()), |tip| self.store.check_same_tracker(tip, id, false));
        let (why, is_foreign) = match same.map_err(Unmergeable::Failed).and_then(|()| self.merge(id)) {
            Ok(()) => return Ok(true),
            Err(Unmergeable::CutOff) => (self.store.cut_off(), false),
            Err(Unmergeable::Failed(error)) if is_of_the_branch(&error) => {
                (error.message().to_owned(), error.kind() == Kind::Conflict)
            }
            Err(Unmergeable::Failed(error)) => return Err(error),
        };
        self.exchange.warn(passed_over(name, &why));
        if !is_foreign {
            self.exchange.synced.fallbacks.left.push(name.to_owned());
        }
        Ok(false)
    }

    /// Names the branches that would be deleted once the push is taken.
    fn sweep(&mut self, listing: &Listing) {
        if !self.exchange.takes_all() || !self.exchange.sends() {
            return;
        }
        let all_of = |id: ObjectId| self.tip.is_some_and(|tip| self.store.contains(tip, id));
        let swept = listing.fallbacks.iter().filter(|(_, id)| all_of(**id)).map(|(name, _)| name.clone());
        self.exchange.synced.fallbacks.swept = swept.collect();
    }

    /// Counts what would come and go.
    fn count(&mut self, listing: &Listing, before: Option<ObjectId>) -> Result<()> {
        let synced = &mut self.exchange.synced;
        synced.is_empty_here = before.is_none();
        let Some(after) = self.tip else { return Ok(()) };
        if Some(after) != before {
            (synced.received, synced.received_issues) = self.store.between(before, after)?;
            let found = &synced.from_outbox;
            synced.received = synced.received.saturating_sub(found.operations);
            synced.received_issues.retain(|id| !found.issues.contains(id));
            let there = self.store.view_commit(after)?.tracker;
            let issues = synced.received_issues.iter().chain(&synced.from_outbox.issues);
            synced.names_there = issues.map(|id| (*id, there.key_of(*id))).collect();
        }
        let (operations, issues) = self.store.between(listing.branch, after)?;
        if self.exchange.sends() {
            let synced = &mut self.exchange.synced;
            (synced.sent, synced.sent_issues) = (operations, issues);
        } else {
            self.exchange.synced.unsent = operations;
        }
        Ok(())
    }
}
