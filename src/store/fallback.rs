//! The branch beside the tracker's own, for clones that may not push that: which it is, and how what arrived on such
//! branches is taken in and tidied away.
//!
//! Everything here is opt-in: without `quipu.fallbackBranch` no other branch is looked at. A branch is deleted only
//! after the remote's own has all of it, and only as it was seen.

use gix::ObjectId;

use super::merge::Unmergeable;
use super::outcome::Outcome;
use super::push::{Expect, RefPush};
use super::remote::{Depth, Listing};
use super::remote_name::portable;
use super::sync::Exchange;
use super::{Store, check_branch};
use crate::context::Context;
use crate::error::{Error, Kind, Result};

/// The setting, and the variable that stands above it.
const SETTING: &str = "quipu.fallbackBranch";
const VARIABLE: &str = "QP_FALLBACK_BRANCH";
/// Below a remote's private refs: branches of the pattern as they were last seen.
const FOLDER: &str = "fallback";
/// Branches that are taken in by one exchange.
const MOST: usize = 100;

/// A name of branches, with at most one `*` that stands for a session.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Pattern {
    before: String,
    /// What follows the `*`, where there is one.
    after: Option<String>,
}

impl Pattern {
    /// Returns the pattern that is configured.
    pub(super) fn configured(store: &Store, context: &Context) -> Result<Option<Self>> {
        let text = context.var(VARIABLE).map(str::to_owned).or_else(|| store.config(SETTING));
        text.map(|text| Pattern::parse(text.trim(), store.branch())).transpose()
    }

    /// Reads a pattern. It must not be able to mean the tracker's own branch, or just any branch.
    fn parse(text: &str, branch: &str) -> Result<Self> {
        let refuse = |why: &str| {
            let message = format!("{SETTING} {text:?} {why}");
            Err(Error::new(Kind::Environment, "bad_fallback", message)
                .hint(format!("git config {SETTING} 'claude/quipu-sync-*'")))
        };
        let (before, after) = match text.split_once('*') {
            Some((before, after)) => (before, Some(after)),
            None => (text, None),
        };
        if after.is_some_and(|after| after.contains('*')) {
            return refuse("has more than one *");
        }
        let pattern = Pattern { before: before.to_owned(), after: after.map(str::to_owned) };
        if check_branch(&pattern.of_session("x")).is_err() {
            return refuse("is not the name of a branch");
        }
        if !before.chars().chain(after.unwrap_or_default().chars()).any(char::is_alphanumeric) {
            return refuse("fits every branch");
        }
        if pattern.fits(branch) {
            return refuse(&format!("fits {branch} itself"));
        }
        Ok(pattern)
    }

    /// Returns the branch of a session.
    pub(super) fn of_session(&self, session: &str) -> String {
        match &self.after {
            Some(after) => format!("{}{}{after}", self.before, portable(session)),
            None => self.before.clone(),
        }
    }

    /// Tells whether a branch is one of these.
    fn fits(&self, branch: &str) -> bool {
        let Some(after) = &self.after else { return branch == self.before };
        let middle = branch.strip_prefix(&self.before).and_then(|rest| rest.strip_suffix(after.as_str()));
        middle.is_some_and(|middle| !middle.is_empty() && !middle.contains('/'))
    }

    /// Returns the branch that a ref is, where it is one of these.
    pub(super) fn branch_of<'r>(&self, name: &'r str) -> Option<&'r str> {
        name.strip_prefix("refs/heads/").filter(|branch| self.fits(branch))
    }

    /// Returns what git is asked for.
    pub(super) fn glob(&self) -> String {
        let end = self.after.as_ref().map(|after| format!("*{after}")).unwrap_or_default();
        format!("refs/heads/{}{end}", self.before)
    }
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
        let own = self.own_fallback();
        let wanted = |name: &String| self.takes_all() || Some(name) == own.as_ref();
        let local = self.store.reopen()?.both_tips()?.0;
        // Branches that nobody could delete must not take the place of new ones.
        let is_here = |id: ObjectId| local.is_some_and(|local| self.store.contains(local, id));
        let mut wanted: Vec<(String, ObjectId)> = (listing.fallbacks.iter())
            .filter(|(name, id)| wanted(name) && !is_here(**id))
            .map(|(name, id)| (name.clone(), *id))
            .collect();
        if wanted.len() > MOST {
            let warning = format!("{} branches of {SETTING} are left for the next sync", wanted.len() - MOST);
            self.synced.warnings.push(warning);
            wanted.truncate(MOST);
        }
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
            self.synced.warnings.push(format!("branches of {SETTING} were not fetched: {outcome}"));
        }
        wanted.iter().try_for_each(|(name, id)| self.take_in(name, *id))
    }

    /// Merges one branch of the pattern.
    fn take_in(&mut self, name: &str, id: ObjectId) -> Result<()> {
        let store = self.store.reopen()?;
        if !store.repo.has_object(id) {
            return Ok(());
        }
        let passed_over =
            |why: &str| format!("the branch {name} is not taken in: {why}; it is left as it is");
        let (local, _) = store.both_tips()?;
        let base = local.map_or(Ok(None), |local| store.base(local, id))?;
        if base == Some(id) {
            return Ok(());
        }
        if store.check_is_tracker(id).is_err() {
            self.synced.warnings.push(passed_over("there is no tracker on it"));
            return Ok(());
        }
        if local.is_some() && base.is_none() {
            self.synced.warnings.push(passed_over("its history has nothing in common with the one here"));
            return Ok(());
        }
        match store.integrate(self.context, self.author, false, Some(id)) {
            Ok(done) => {
                self.synced.merged |= done.merged.is_some();
                self.synced.lost.extend(done.merged.into_iter().flatten());
                self.synced.warnings.extend(done.warnings);
            }
            Err(Unmergeable::CutOff) => self.synced.warnings.push(passed_over("this clone is shallow")),
            Err(Unmergeable::Failed(error)) if is_of_the_branch(&error) => {
                self.synced.warnings.push(passed_over(error.message()));
            }
            Err(Unmergeable::Failed(error)) => return Err(error),
        }
        Ok(())
    }

    /// Sends the tip to the branch of this session; `false` where that is not configured or not taken.
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
        if outcome.is_success() {
            self.store.forget_refusal(&name, now);
            self.store.set_ref(&self.store.fallback_ref(&branch), tip)?;
            return Ok(Some(branch));
        }
        self.store.note_refusal(&name, &outcome, now);
        self.synced.warnings.push(format!("{branch} was not pushed either: {outcome}"));
        Ok(None)
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
            if !known && store.repo.has_object(*id) && store.base(tip, *id)? == Some(*id) {
                pushes.push(RefPush { name, new: None, expect: Expect::Merged(*id) });
            }
        }
        let outcomes = self.remote.push(&pushes, false);
        let mut gone = Vec::new();
        for (push, outcome) in pushes.iter().zip(&outcomes) {
            self.store.note_refusal(&deletion(&push.name), outcome, now);
            if let (true, Expect::Merged(id)) = (outcome.is_success(), push.expect) {
                let branch = push.name.trim_start_matches("refs/heads/");
                gone.push((self.store.fallback_ref(branch), id));
            }
        }
        self.store.delete_refs(gone)
    }
}

/// Returns what a refused deletion is remembered by.
fn deletion(name: &str) -> String {
    format!("-{name}")
}

/// Tells whether it is a branch that cannot be taken in, and not this clone that cannot be written.
fn is_of_the_branch(error: &Error) -> bool {
    error.kind() == Kind::Conflict || error.kind() == Kind::Invalid || error.code() == "newer_format"
}

impl Store {
    /// Returns the private ref for a branch of the pattern.
    pub(super) fn fallback_ref(&self, branch: &str) -> String {
        format!("{}{}", self.private_refs(FOLDER).unwrap_or_default(), portable(branch))
    }

    /// Forgets branches that the remote has no more.
    fn forget_fallbacks(&self, listing: &Listing) -> Result<()> {
        let Some(folder) = self.private_refs(FOLDER) else { return Ok(()) };
        let stays: Vec<String> = listing.fallbacks.keys().map(|name| self.fallback_ref(name)).collect();
        let gone = self.refs_below(&folder)?.into_iter().filter(|(name, _)| !stays.contains(name));
        self.delete_refs(gone.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Pattern> {
        Pattern::parse(text, "quipu-sync")
    }

    #[test]
    fn a_pattern_is_a_name_with_one_place_for_the_session() {
        let pattern = parse("claude/quipu-sync-*").expect("a pattern");
        assert_eq!(pattern.of_session("s1"), "claude/quipu-sync-s1");
        assert_eq!(pattern.glob(), "refs/heads/claude/quipu-sync-*");
        assert_eq!(pattern.branch_of("refs/heads/claude/quipu-sync-s1"), Some("claude/quipu-sync-s1"));
        for other in
            ["refs/heads/claude/quipu-sync-", "refs/heads/claude/quipu-sync-a/b", "refs/tags/claude/x"]
        {
            assert_eq!(pattern.branch_of(other), None, "{other}");
        }
        let odd = pattern.of_session("Ä b/../c");
        assert!(check_branch(&odd).is_ok() && pattern.fits(&odd), "{odd}");
        let plain = parse("shared").expect("a name");
        assert_eq!((plain.of_session("s1").as_str(), plain.glob().as_str()), ("shared", "refs/heads/shared"));
    }

    #[test]
    fn what_could_mean_too_much_is_refused() {
        for text in
            ["*", "-*", "*/*", "a*b*", "quipu-*", "quipu-sync", "a b*", "-x*", "a..*", "*.lock", "x/", "?*"]
        {
            let error = parse(text).expect_err(text);
            assert_eq!(error.code(), "bad_fallback", "{text}");
        }
    }
}
