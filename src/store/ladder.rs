//! What is done with changes that do not reach the remote's branch: the branch of this session, else the outbox; and
//! what comes back from the outbox with an exchange.
//!
//! Only a refusal leads here, or a `.git` that cannot be written. A remote that is away, hangs or asks to wait is asked
//! again later.

use std::collections::BTreeSet;

use super::git::Git;
use super::outbox::{FOLDER, OutboxFile, OutboxState};
use super::outbox_absorb::{AbsorbedBundles, OutboxSource};
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
    /// Whether the history here is cut off, so that what is missing may be the part that is not here.
    pub is_cut_off: bool,
    /// Files that the remote has everything of.
    pub shared: Vec<String>,
}

impl FromOutbox {
    /// Counts the files whose operations are not known here, whatever they are: nobody can call that in sync.
    pub fn outside(&self) -> usize {
        self.missing.len() + self.unusable.len()
    }
}

impl Synced {
    /// Adds what was taken in from another branch before.
    pub fn count_absorbed(&mut self, mut absorbed: AbsorbedBundles) {
        let name = |file: &OutboxFile| file.name.clone();
        self.from_outbox.missing.extend(absorbed.missing().map(name));
        self.from_outbox.unusable.extend(absorbed.unusable().map(name));
        self.warnings.append(&mut absorbed.warnings);
        self.add_absorbed(absorbed);
    }

    fn add_absorbed(&mut self, absorbed: AbsorbedBundles) {
        self.from_outbox.operations += absorbed.operations;
        self.from_outbox.issues.extend(absorbed.issues);
        self.merged |= absorbed.merged;
        self.lost.extend(absorbed.lost);
    }
}

impl Exchange<'_> {
    /// Takes in what has come with the working tree; a history that is cut off before what that builds upon is deepened
    /// first.
    pub(super) fn absorb(&mut self) -> Result<()> {
        let Some(mut absorbed) = self.absorb_files()? else { return Ok(()) };
        if absorbed.lacks_history && self.deepen()? {
            let before = std::mem::take(&mut absorbed);
            self.synced.add_absorbed(before);
            absorbed = self.absorb_files()?.unwrap_or_default();
        }
        let found = &mut self.synced.from_outbox;
        found.missing = absorbed.missing().map(|file| file.name.clone()).collect();
        found.unusable.extend(absorbed.unusable().map(|file| file.name.clone()));
        found.is_cut_off = absorbed.lacks_history && self.store.reopen()?.is_cut_off()?;
        for warning in std::mem::take(&mut absorbed.warnings) {
            self.warn(warning);
        }
        self.synced.add_absorbed(absorbed);
        Ok(())
    }

    /// Takes in the files once; `None` where something else stands in the place of the outbox, which is told.
    fn absorb_files(&mut self) -> Result<Option<AbsorbedBundles>> {
        let store = self.store.reopen()?;
        self.synced.from_outbox.unusable.clear();
        let Some(outbox) = store.outbox_place() else { return Ok(None) };
        if let Err(error) = outbox.names() {
            // A folder that cannot be read may have operations; a file or a link in its place has none.
            let folder = FOLDER.join("/");
            self.synced.from_outbox.unusable.extend(outbox.is_there().then_some(folder));
            self.warn(error.message().to_owned());
            return Ok(None);
        }
        store.absorb_outbox(self.context, self.author, OutboxSource::WorkTree).map(Some)
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
                self.warn(error.message().to_owned());
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
        // What else may stand in the place of the folder was told.
        let files = self.store.reopen()?.outbox().unwrap_or_default().into_iter();
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

    /// Tells whether git is in the middle of a merge or the like, and commits no part of the working tree.
    pub fn is_in_progress(&self) -> bool {
        self.repo.state().is_some()
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
        // What stands in the place of the folder gets in the way of a file only where there is one to be written.
        match self.outbox().unwrap_or_default().into_iter().find(has_all) {
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
