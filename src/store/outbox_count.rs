//! What the outbox comes to beside the branch, counted for those who ask where a tracker stands.

use std::borrow::Cow;
use std::collections::BTreeSet;

use gix::ObjectId;

use super::meet::Known;
use super::outbox::OutboxState;
use super::{Store, View};
use crate::error::Result;
use crate::model::IssueId;

/// The files of the outbox in the working tree, counted.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct OutboxCount {
    /// All files.
    pub files: usize,
    /// Operations in them that are not on the branch here.
    pub operations: usize,
    /// Files that have something which is not on the branch here.
    pub new: usize,
    /// The name of such a file, where it is the only one.
    pub only: Option<String>,
    /// Files that build upon commits that are not here.
    pub waiting: usize,
    /// Files that cannot be used.
    pub unusable: usize,
}

impl Store {
    /// Counts what is in the outbox; `None` where no file is there.
    ///
    /// # Errors
    /// Environment, where git's files cannot be read.
    pub fn count_outbox(&self) -> Result<Option<OutboxCount>> {
        // What stands in the place of the folder, every read has warned of.
        if !self.has_outbox() {
            return Ok(None);
        }
        let store = self.of_branch();
        let Ok(files) = store.outbox() else { return Ok(None) };
        let mut count = OutboxCount { files: files.len(), ..OutboxCount::default() };
        for file in &files {
            match file.state {
                OutboxState::New => {
                    count.new += 1;
                    count.only = Some(file.name.clone()).filter(|_| count.new == 1);
                }
                OutboxState::Missing(_) => count.waiting += 1,
                OutboxState::Unreadable(_) => count.unusable += 1,
                OutboxState::Here | OutboxState::Shared => {}
            }
        }
        if count.new > 0 {
            let tip = store.tip()?.map(|tip| tip.commit);
            count.operations = store.beside(tip.as_slice())?.map_or(0, |(operations, _)| operations);
        }
        Ok(Some(count))
    }

    /// Counts the operations that reads see in the outbox and that none of `known` has, and names the issues that
    /// they change. `None` where the outbox adds nothing.
    pub(super) fn beside(&self, known: &[ObjectId]) -> Result<Option<(usize, BTreeSet<IssueId>)>> {
        let before = self.of_branch();
        let seen = before.overlaid()?;
        let Some(tip) = seen.tip()?.filter(|_| seen.is_in_memory()) else { return Ok(None) };
        let operations = seen.count_beyond(tip.commit, known)?;
        let (_, issues) = seen.between(before.tip()?.map(|tip| tip.commit), tip.commit)?;
        Ok(Some((operations, issues)))
    }

    /// Counts the operations that led to `new` and to none of `known`.
    pub(super) fn count_beyond(&self, new: ObjectId, known: &[ObjectId]) -> Result<usize> {
        let known: Vec<ObjectId> = known.iter().copied().filter(|id| self.repo.has_object(*id)).collect();
        let meeting = self.meet(&[new], &known)?;
        // The first commit is the same in every tracker, and merges are nobody's.
        let is_operation = |commit: &&Known| commit.parents.len() == 1 || commit.is_boundary;
        Ok(meeting.own[0].values().filter(is_operation).count())
    }

    /// Returns the store as the branch is, without the outbox.
    pub(super) fn of_branch(&self) -> Cow<'_, Store> {
        match self.overlay {
            Some(_) => Cow::Owned(Store { overlay: None, ..self.clone() }),
            None => Cow::Borrowed(self),
        }
    }
}

impl View {
    /// Returns the commit of the branch, in hexadecimal: of what it shows together with the outbox, the one that git
    /// has. `None` where git has none yet.
    ///
    /// # Errors
    /// Environment, where git's files cannot be read.
    pub fn branch_commit(&self) -> Result<Option<String>> {
        if !self.shows_outbox() {
            return Ok(Some(self.commit()));
        }
        Ok(self.store().of_branch().tip()?.map(|tip| tip.commit.to_string()))
    }

    /// Counts the operations that it shows and that only the outbox has.
    ///
    /// # Errors
    /// Environment, where git's files cannot be read.
    pub fn count_from_outbox(&self) -> Result<usize> {
        if !self.shows_outbox() {
            return Ok(0);
        }
        let before = self.store().of_branch().tip()?.map(|tip| tip.commit);
        Ok(self.store().between(before, self.commit_id)?.0)
    }

    /// Tells whether it is the present, with something that only the outbox has.
    fn shows_outbox(&self) -> bool {
        self.tip.is_some() && self.store().is_in_memory()
    }
}
