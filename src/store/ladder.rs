//! What is done with changes that do not reach the remote's branch: the branch of this session, else the outbox; and
//! what comes back from the outbox with an exchange.
//!
//! Only a refusal leads here, or a `.git` that cannot be written. A remote that is away, hangs or asks to wait is asked
//! again later.

use std::collections::BTreeSet;

use super::git::Git;
use super::outbox::{OutboxFile, OutboxState};
use super::outbox_absorb::OutboxSource;
use super::outbox_pack::Saved;
use super::outcome::Outcome;
use super::sync::{Exchange, SyncRequest, Synced};
use super::{Author, Store};
use crate::error::{Error, Kind, Result};
use crate::model::IssueId;

/// Where changes are that the remote's branch does not have.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Kept {
    /// On another branch of the remote.
    Branch(String),
    /// In a file of the working tree, by its path from there.
    Outbox(String),
}

/// What an exchange found in the outbox.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct FromOutbox {
    /// Operations that came from there to the branch.
    pub operations: usize,
    /// The issues they changed.
    pub issues: BTreeSet<IssueId>,
    /// Files that build upon commits that are not here.
    pub missing: Vec<String>,
    /// Files that cannot be used; the warnings say why.
    pub unusable: Vec<String>,
    /// Files that the remote has everything of.
    pub shared: Vec<String>,
}

impl FromOutbox {
    /// Counts the files whose operations are not known here, whatever they are: nobody can call that in sync.
    pub fn outside(&self) -> usize {
        self.missing.len() + self.unusable.len()
    }
}

impl Exchange<'_> {
    /// Takes in what has come with the working tree.
    pub(super) fn absorb(&mut self) -> Result<()> {
        let store = self.store.reopen()?;
        let absorbed = store.absorb_outbox(self.context, self.author, OutboxSource::WorkTree)?;
        let missing = absorbed.missing().map(|file| file.name.clone()).collect();
        let unusable = absorbed.unusable().map(|file| file.name.clone()).collect();
        let found = &mut self.synced.from_outbox;
        found.operations += absorbed.operations;
        found.issues.extend(absorbed.issues);
        (found.missing, found.unusable) = (missing, unusable);
        self.synced.merged |= absorbed.merged;
        self.synced.lost.extend(absorbed.lost);
        for warning in absorbed.warnings {
            if !self.synced.warnings.contains(&warning) {
                self.synced.warnings.push(warning);
            }
        }
        Ok(())
    }

    /// Goes on where the remote has refused the branch.
    pub(super) fn descend(&mut self) -> Result<()> {
        let Some(outcome) = self.synced.failure.clone().filter(Outcome::is_policy) else { return Ok(()) };
        if !self.sends() {
            return Ok(());
        }
        let (branch, now) = (self.store.branch_ref(), self.context.now());
        let is_news = self.synced.retry_at.is_none() && self.synced.unread.is_none();
        if is_news {
            self.store.note_refusal(&branch, &outcome, now);
        }
        let Some(tip) = self.store.reopen()?.tip()?.map(|tip| tip.commit) else { return Ok(()) };
        let pushed = if self.synced.unread.is_none() { self.push_fallback(tip)? } else { None };
        self.synced.kept = match pushed {
            Some(branch) => Some(Kept::Branch(branch)),
            None => self.save()?,
        };
        if is_news {
            self.synced.retry_at = self.store.verdict(&branch, now).map(|verdict| verdict.until);
        }
        Ok(())
    }

    /// Saves what the remote lacks as a file of the working tree, where there is one that can be written.
    fn save(&mut self) -> Result<Option<Kept>> {
        let store = self.store.reopen()?;
        if self.synced.unread.is_some() {
            // Without a look at the remote nobody has taken in yet what came with the working tree.
            self.absorb()?;
        }
        match store.save_outbox(&self.author.session) {
            Ok(saved) => Ok(saved.map(|saved| Kept::Outbox(saved.name))),
            Err(error) if error.kind() == Kind::Environment => {
                self.synced.warnings.push(error.message().to_owned());
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Names the files of the outbox that nobody needs any more.
    pub(super) fn look_for_shared(&mut self) -> Result<()> {
        if self.synced.failure.is_some() || self.synced.unsent > 0 {
            return Ok(());
        }
        let files = self.store.reopen()?.outbox()?.into_iter();
        let shared = files.filter(|file| file.state == OutboxState::Shared).map(|file| file.name);
        self.synced.from_outbox.shared = shared.collect();
        Ok(())
    }
}

impl Store {
    /// Tells whether a rule of the user's keeps a path of the working tree out of git's sight. Git is asked.
    pub fn is_ignored(&self, path: &str) -> bool {
        let Some(top) = self.work_dir() else { return false };
        let path = path.trim_start_matches(":/");
        let asked = Git::at(top).args(["check-ignore", "-q", "--", path]).output();
        asked.is_ok_and(|output| output.code == Some(0))
    }

    /// Tells whether git has a path of the working tree as it is.
    pub fn is_committed(&self, path: &str) -> bool {
        let Some(top) = self.work_dir() else { return false };
        let path = path.trim_start_matches(":/");
        let asked = |args: &[&str]| Git::at(top).args(args).args(["--", path]).output();
        let says_yes = |args| asked(args).is_ok_and(|output| output.code == Some(0));
        says_yes(&["ls-files", "--error-unmatch"]) && says_yes(&["diff", "--quiet", "HEAD"])
    }

    /// Tells whether the working tree is a sparse one, which git adds nothing outside of.
    pub fn is_sparse(&self) -> bool {
        self.repo.config_snapshot().boolean("core.sparseCheckout").unwrap_or(false)
    }

    /// Tells whether the working tree is on no branch.
    pub fn is_detached(&self) -> bool {
        self.repo.head().is_ok_and(|head| head.is_detached())
    }

    /// Tells whether files came with the working tree.
    pub(super) fn has_outbox(&self) -> bool {
        let names = self.outbox_place().map(|outbox| outbox.names());
        names.is_some_and(|names| names.map_or(true, |names| !names.is_empty()))
    }

    /// Makes sure that a file of the outbox has what the remote lacks, as reads see it: of the branch and of all files;
    /// `None` where it lacks nothing.
    ///
    /// # Errors
    /// Environment, without a working tree or a tracker, or where the outbox cannot be written.
    pub fn ensure_outbox(&self, session: &str) -> Result<Option<Saved>> {
        let store = self.reopen()?.in_memory()?;
        let seen = store.require_tip()?.commit.to_string();
        let has_all = |file: &OutboxFile| file.state == OutboxState::New && file.tip.as_ref() == Some(&seen);
        match self.outbox()?.into_iter().find(has_all) {
            Some(OutboxFile { path, name, operations, .. }) => {
                Ok(Some(Saved { path, name, operations, tip: seen }))
            }
            None => store.save_outbox(session),
        }
    }

    /// What an exchange comes to where `.git` cannot be written: nothing is received, and what is not shared is in the
    /// outbox.
    pub(super) fn sync_locked(&self, author: &Author, request: SyncRequest<'_>) -> Result<Synced> {
        self.check_owner()?;
        if !request.push {
            let message = "nothing can be received: .git cannot be written";
            return Err(Error::new(Kind::Environment, "read_only", message)
                .hint("git fetch, or qp pull, where .git can be written; reads see at once what it brings"));
        }
        let saved = self.ensure_outbox(&author.session)?;
        let (_, tracking) = self.both_tips()?;
        Ok(Synced {
            remote: self.remote.clone().unwrap_or_default(),
            remote_has_branch: tracking.is_some(),
            unsent: saved.as_ref().map_or(0, |saved| saved.operations),
            kept: saved.map(|saved| Kept::Outbox(saved.name)),
            is_locked: true,
            ..Synced::default()
        })
    }
}
