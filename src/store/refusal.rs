//! What is known of a refused branch without asking the remote: when it is asked again, and where the changes are.

use gix::ObjectId;

use super::Store;
use super::ladder::Kept;
use super::outbox::OutboxState;
use super::pattern::Pattern;
use crate::context::Context;
use crate::error::Result;
use crate::model::Timestamp;

/// A refusal of the branch that is still believed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refusal {
    /// When the remote is asked again.
    pub until: Timestamp,
    /// Where what is to be sent is instead, and how many of these operations; `None` where it is here only.
    pub kept: Option<(Kept, usize)>,
}

impl Store {
    /// Returns what the remote has refused within the hour, if that was the tracker's branch.
    ///
    /// # Errors
    /// Environment, where git's files cannot be read.
    pub fn refusal(&self, context: &Context, session: &str) -> Result<Option<Refusal>> {
        let Some(verdict) = self.verdict(&self.branch_ref(), context.now()) else { return Ok(None) };
        let store = self.of_branch();
        let mut unsent = store.unsent()?;
        store.look_on_branch(context, session, &mut unsent)?;
        if unsent.most.is_none() && store.has_outbox() {
            store.look_in_outbox(&mut unsent)?;
        }
        Ok(Some(Refusal { until: verdict.until, kept: unsent.most }))
    }

    /// Returns the file of the outbox that has most of what is on the branch here and to be sent, and how many of these
    /// operations; `None` where no file has any.
    ///
    /// # Errors
    /// Environment, where git's files cannot be read.
    pub fn saved_unsent(&self) -> Result<Option<(String, usize)>> {
        let store = self.of_branch();
        if !store.has_outbox() {
            return Ok(None);
        }
        let mut unsent = store.unsent()?;
        store.look_in_outbox(&mut unsent)?;
        Ok(unsent.most.map(|(place, count)| match place {
            Kept::Branch(name) | Kept::Outbox(name) => (name, count),
        }))
    }

    fn unsent(&self) -> Result<Unsent> {
        let (local, tracking) = self.both_tips()?;
        Ok(Unsent { mine: local.or(tracking), tracking, most: None })
    }

    /// Looks at the branch of this session, as it was last seen or pushed.
    fn look_on_branch(&self, context: &Context, session: &str, unsent: &mut Unsent) -> Result<()> {
        // A pattern that cannot be read is what the next exchange complains of.
        let Some(pattern) = Pattern::configured(self, context).ok().flatten() else { return Ok(()) };
        let branch = pattern.of_session(session);
        match self.read_ref(&self.fallback_ref(&branch))? {
            Some(id) => unsent.look(self, Kept::Branch(branch), id),
            None => Ok(()),
        }
    }

    /// Finds the file that has most of what is to be sent.
    fn look_in_outbox(&self, unsent: &mut Unsent) -> Result<()> {
        // What is not on the branch here is in the memory of what reads see.
        let seen = self.overlaid()?;
        for file in self.outbox().unwrap_or_default() {
            let is_usable = matches!(file.state, OutboxState::Here | OutboxState::New);
            let tip = file.tip.filter(|_| is_usable);
            if let Some(tip) = tip.and_then(|tip| ObjectId::from_hex(tip.as_bytes()).ok()) {
                unsent.look(&seen, Kept::Outbox(file.name), tip)?;
            }
        }
        Ok(())
    }
}

/// What is to be sent, and the place that was found to have most of it.
struct Unsent {
    mine: Option<ObjectId>,
    tracking: Option<ObjectId>,
    most: Option<(Kept, usize)>,
}

impl Unsent {
    fn look(&mut self, store: &Store, place: Kept, tip: ObjectId) -> Result<()> {
        let Some(mine) = self.mine.filter(|_| store.repo.has_object(tip)) else { return Ok(()) };
        let mut known: Vec<ObjectId> = self.tracking.into_iter().collect();
        let all = store.count_beyond(mine, &known)?;
        known.push(tip);
        let count = all - store.count_beyond(mine, &known)?;
        if count > self.most.as_ref().map_or(0, |(_, most)| *most) {
            self.most = Some((place, count));
        }
        Ok(())
    }
}
