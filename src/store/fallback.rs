//! The branch beside the tracker's own, for clones that may not push that: which it is, and how what arrived on such
//! branches is taken in and tidied away.
//!
//! Everything here is opt-in: without `quipu.fallbackBranch` no other branch is looked at. A branch is deleted only
//! after the remote's own has all of it, and only as it was seen.

use gix::ObjectId;

use super::Store;
use super::merge::Unmergeable;
use super::outcome::Outcome;
use super::pattern::{Pattern, SETTING};
use super::push::{Expect, RefPush};
use super::remote::{Depth, Listing};
use super::remote_name::portable;
use super::sync::Exchange;
use crate::error::{Error, Kind, Result};

/// Below a remote's private refs: branches of the pattern as they were last seen.
const FOLDER: &str = "fallback";
/// Branches that are taken in by one exchange.
const MOST: usize = 100;

/// What came of the branches of the pattern.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Fallbacks {
    /// Branches that have brought something.
    pub taken: Vec<String>,
    /// Branches that were deleted, because the remote's own has all of them.
    pub swept: Vec<String>,
    /// Branches that were not taken in and may have something; the warnings say why.
    pub left: Vec<String>,
}

impl Exchange<'_> {
    /// Returns the pattern that is configured.
    pub(super) fn pattern(&self) -> Result<Option<Pattern>> {
        Pattern::configured(self.store, self.context)
    }

    /// Returns the branch that this session pushes to where it may not push to the tracker's.
    pub(super) fn own_fallback(&self) -> Option<String> {
        self.fallback.as_ref().map(|pattern| pattern.of_session(&self.author.session))
    }

    /// Takes in what stands on branches of the pattern. What is no tracker, or none of this one, stays where it is.
    pub(super) fn harvest(&mut self, listing: &Listing) -> Result<()> {
        let local = self.store.reopen()?.both_tips()?.0;
        let (wanted, later) = self.wanted(listing, local);
        self.store.forget_fallbacks(listing)?;
        let mut specs = Vec::new();
        for (name, id) in &wanted {
            let here = self.store.fallback_ref(name);
            if self.store.read_ref(&here)? != Some(*id) {
                specs.push(format!("+refs/heads/{name}:{here}"));
            }
        }
        if !specs.is_empty()
            && let Err(outcome) = self.remote.fetch(&specs, Depth::AsIs)
        {
            self.warn(format!("branches of {SETTING} were not fetched: {outcome}"));
        }
        self.synced.fallbacks.left = later;
        for (name, id) in wanted {
            match self.take_in(&name, id)? {
                Taken::Something if !self.synced.fallbacks.taken.contains(&name) => {
                    self.synced.fallbacks.taken.push(name);
                }
                Taken::Something | Taken::Nothing => {}
                Taken::Not | Taken::CutOff => self.synced.fallbacks.left.push(name),
            }
        }
        Ok(())
    }

    /// Returns the branches of the pattern that are to be taken in, and the names of those that must wait. Branches that
    /// nobody could delete do not take the place of new ones.
    pub(super) fn wanted(
        &mut self,
        listing: &Listing,
        local: Option<ObjectId>,
    ) -> (Vec<(String, ObjectId)>, Vec<String>) {
        let own = self.own_fallback();
        let is_wanted = |name: &String| self.takes_all() || Some(name) == own.as_ref();
        let is_here = |id: ObjectId| local.is_some_and(|local| self.store.contains(local, id));
        let new = listing.fallbacks.iter().filter(|(name, id)| is_wanted(name) && !is_here(**id));
        let mut wanted: Vec<(String, ObjectId)> = new.map(|(name, id)| (name.clone(), *id)).collect();
        // What this session has left there is never put off.
        wanted.sort_by_key(|(name, _)| Some(name) != own.as_ref());
        let later = wanted.split_off(wanted.len().min(MOST));
        if !later.is_empty() {
            self.warn(format!("{} branches of {SETTING} are left for the next sync", later.len()));
        }
        (wanted, later.into_iter().map(|(name, _)| name).collect())
    }

    /// Merges one branch of the pattern; a history that is cut off is deepened first.
    fn take_in(&mut self, name: &str, id: ObjectId) -> Result<Taken> {
        let mut taken = self.try_take_in(name, id)?;
        if taken == Taken::CutOff && self.deepen()? {
            taken = self.try_take_in(name, id)?;
        }
        if taken == Taken::CutOff {
            self.warn(passed_over(name, &self.store.cut_off()));
        }
        Ok(taken)
    }

    fn try_take_in(&mut self, name: &str, id: ObjectId) -> Result<Taken> {
        let store = self.store.reopen()?;
        if !store.repo.has_object(id) {
            return Ok(Taken::Not);
        }
        let local = store.both_tips()?.0;
        if local.is_some_and(|local| store.contains(local, id)) {
            return Ok(Taken::Nothing);
        }
        if let Some(why) = store.foreign(local, id)? {
            self.warn(passed_over(name, why));
            return Ok(Taken::Nothing);
        }
        match store.integrate(self.context, self.author, false, Some(id)) {
            Ok(done) => {
                self.synced.merged |= done.merged.is_some();
                self.synced.lost.extend(done.merged.into_iter().flatten());
                self.synced.warnings.extend(done.warnings);
                Ok(Taken::Something)
            }
            Err(Unmergeable::CutOff) => Ok(Taken::CutOff),
            Err(Unmergeable::Failed(error)) if is_of_the_branch(&error) => {
                self.warn(passed_over(name, error.message()));
                Ok(if error.kind() == Kind::Conflict { Taken::Nothing } else { Taken::Not })
            }
            Err(Unmergeable::Failed(error)) => Err(error),
        }
    }

    /// Sends the tip to the branch of this session; `None` where that is not configured or not taken.
    pub(super) fn push_fallback(&mut self, tip: ObjectId) -> Result<Option<String>> {
        let Some(branch) = self.own_fallback() else { return Ok(None) };
        if self.seen_fallbacks.get(&branch) == Some(&tip) {
            return Ok(Some(branch));
        }
        let (name, now) = (format!("refs/heads/{branch}"), self.context.now());
        if !self.retries() && self.store.verdict(&name, now).is_some() {
            return Ok(None);
        }
        let push = RefPush { name: name.clone(), new: Some(tip), expect: Expect::FastForward };
        let outcome = self.remote.push(&[push], false).pop().unwrap_or(Outcome::TimedOut);
        let outcome = self.told_apart(outcome);
        if outcome.is_success() && !self.shows_fallback(&branch, tip) {
            let remote = self.synced.shown_remote();
            self.warn(format!("{branch} went to where pushes go, and {remote} does not show it"));
            return Ok(None);
        }
        if outcome.is_success() {
            self.store.forget_refusal(&name, now);
            self.store.set_ref(&self.store.fallback_ref(&branch), tip)?;
            return Ok(Some(branch));
        }
        self.store.note_refusal(&name, &outcome, now);
        self.synced.warnings.push(format!("{branch} was not pushed either: {outcome}"));
        Ok(None)
    }

    /// Tells whether a branch that was pushed is where others look for it.
    fn shows_fallback(&self, branch: &str, tip: ObjectId) -> bool {
        if self.remote.pushes_elsewhere().is_none() {
            return true;
        }
        let listing = self.remote.list_with(self.fallback.as_ref());
        listing.is_ok_and(|listing| listing.fallbacks.get(branch) == Some(&tip))
    }

    /// Deletes branches of the pattern that the remote's own branch, which is `tip` now, has all of. Who may not
    /// delete them leaves them: nothing is merged twice.
    pub(super) fn sweep_fallbacks(&mut self, listing: &Listing, tip: ObjectId) -> Result<()> {
        if !self.takes_all() || listing.fallbacks.is_empty() {
            return Ok(());
        }
        let (store, now) = (self.store.reopen()?, self.context.now());
        let mut pushes = Vec::new();
        for (branch, id) in &listing.fallbacks {
            let name = format!("refs/heads/{branch}");
            let known = self.store.verdict(&deletion(&name), now).is_some() && !self.retries();
            if pushes.len() < MOST && !known && store.contains(tip, *id) {
                pushes.push(RefPush { name, new: None, expect: Expect::Merged(*id) });
            }
        }
        let outcomes = self.remote.push(&pushes, false);
        let mut gone = Vec::new();
        for (push, outcome) in pushes.iter().zip(&outcomes) {
            self.store.note_refusal(&deletion(&push.name), outcome, now);
            if let (true, Expect::Merged(id)) = (outcome.is_success(), push.expect) {
                let branch = push.name.strip_prefix("refs/heads/").unwrap_or(&push.name);
                gone.push((self.store.fallback_ref(branch), id));
                self.synced.fallbacks.swept.push(branch.to_owned());
            }
        }
        self.store.delete_refs(gone)
    }
}

/// What taking in a branch of the pattern has come to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Taken {
    /// It has brought something.
    Something,
    /// It has nothing that belongs to this tracker and is not here.
    Nothing,
    /// It may have something.
    Not,
    /// The history here is cut off before the place where it may have parted.
    CutOff,
}

pub(super) fn passed_over(name: &str, why: &str) -> String {
    format!("the branch {name} is not taken in: {why}; it is left as it is")
}

/// Returns what a refused deletion is remembered by.
fn deletion(name: &str) -> String {
    format!("-{name}")
}

/// Tells whether it is a branch that cannot be taken in, and not this clone that cannot be written.
pub(super) fn is_of_the_branch(error: &Error) -> bool {
    error.kind() == Kind::Conflict || error.kind() == Kind::Invalid || error.code() == "newer_format"
}

impl Store {
    /// Returns the private ref for a branch of the pattern.
    pub(super) fn fallback_ref(&self, branch: &str) -> String {
        format!("{}{}", self.private_refs(FOLDER).unwrap_or_default(), portable(branch))
    }

    /// Says why a branch of the pattern is none of this tracker, if so.
    pub(super) fn foreign(&self, local: Option<ObjectId>, id: ObjectId) -> Result<Option<&'static str>> {
        if self.check_is_tracker(id).is_err() {
            return Ok(Some("there is no tracker on it"));
        }
        let Some(local) = local else { return Ok(None) };
        let is_apart = self.base(local, id)?.is_none() && !self.is_cut_off()?;
        Ok(is_apart.then_some("its history has nothing in common with the one here"))
    }

    pub(super) fn cut_off(&self) -> String {
        format!("this clone is shallow ({} brings the rest)", self.deepening_command())
    }

    /// Forgets branches that the remote has no more.
    fn forget_fallbacks(&self, listing: &Listing) -> Result<()> {
        let Some(folder) = self.private_refs(FOLDER) else { return Ok(()) };
        let stays: Vec<String> = listing.fallbacks.keys().map(|name| self.fallback_ref(name)).collect();
        let gone = self.refs_below(&folder)?.into_iter().filter(|(name, _)| !stays.contains(name));
        self.delete_refs(gone.collect())
    }
}
