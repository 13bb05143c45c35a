//! A write where `.git` cannot be written: the same change on what reads see, with tree and commit in memory only, and
//! the session's bundle in the outbox in the place of the one before.

use std::rc::Rc;

use super::outbox::Outbox;
use super::outbox_pack::FULL;
use super::overlay::Overlay;
use super::tip::Tip;
use super::transaction::{Published, TakenIn};
use super::txn::Parts;
use super::{Author, Done, Store, Stored, Txn};
use crate::context::Context;
use crate::error::{Error, Kind, Result};

/// Who writes, and as what.
pub(super) struct Operation<'o> {
    pub context: &'o Context,
    pub author: &'o Author,
    pub command: &'o str,
}

impl Store {
    /// Runs `change` on what reads see and puts what it asks for into the outbox. `refused` is why the repository did
    /// not take it.
    ///
    /// # Errors
    /// Those of `change`; busy; environment, where the outbox cannot be written either.
    pub(super) fn transact_in_outbox<T>(
        &self,
        operation: &Operation<'_>,
        change: &mut impl FnMut(&mut Txn<'_>) -> Result<T>,
        refused: Error,
    ) -> Result<Done<T>> {
        let Some(outbox) = self.outbox_place() else { return Err(refused) };
        let neither = |e: Error| if e.kind() == Kind::Environment { both(&refused, e) } else { e };
        let mut lock = outbox.is_there().then(|| outbox.open().map_err(neither)).transpose()?;
        let (store, view, value, parts, op) = loop {
            let store = self.reopen()?.in_memory()?;
            let view = store.view_here()?;
            view.check_format()?;
            let mut txn = Txn::new(&view, operation.context);
            let value = change(&mut txn)?;
            if txn.is_empty() {
                return Ok(store.unchanged(txn.warnings, view, value, operation));
            }
            if lock.is_some() {
                let op = operation.context.fresh_id();
                let parts = Parts::from(txn, operation.author, operation.command, op);
                break (store, view, value, parts, op);
            }
            // Nothing is made for a change that is refused, or that asks for nothing.
            lock = Some(outbox.open().map_err(neither)?);
        };
        let tip = view.tip.clone().expect("a view to write on has a tip");
        let (commit_id, tree) = store.write_parts(&view, &parts, operation.author)?;
        let saved = store.save_commit(&outbox, operation.author, &tip, commit_id).map_err(neither)?;
        let overlay =
            Overlay { tip: Tip { commit: commit_id, ..tip }, warnings: Vec::new(), in_memory: true };
        let store = Store { overlay: Some(Rc::new(overlay)), ..store };
        let view = store.after(view, parts, Published { commit_id, tree, warning: None });
        let commit = Some(commit_id.to_string());
        // No remote can be told of claims that are over from here; the sync that takes the file in does it.
        let (stored, taken_in) = (Stored::Outbox(saved), TakenIn::default());
        Ok(Done { value, view, commit, op, ended_claims: false, stored, taken_in })
    }

    fn save_commit(
        &self,
        outbox: &Outbox,
        author: &Author,
        tip: &Tip,
        commit: gix::ObjectId,
    ) -> Result<std::path::PathBuf> {
        let (_, tracking) = self.both_tips()?;
        // What no remote has yet is nobody else's, so the file has to have it, too, as long as there is room for it.
        let packed = match self.pack_outbox(commit, tracking) {
            Err(error) if error.code() == FULL && tracking.is_none() => {
                self.pack_outbox(commit, tip.local)?
            }
            packed => packed?,
        };
        let packed = packed.ok_or_else(|| Error::bug("a new commit that is known already"))?;
        Ok(self.write_outbox(outbox, &author.session, commit, packed)?.path)
    }
}

/// Says that neither of the two places can be written.
fn both(refused: &Error, outbox: Error) -> Error {
    let message = format!("{}, nor to the outbox", refused.message());
    let hint = outbox.remedy().unwrap_or("make one of the two writable; nothing was changed").to_owned();
    Error::new(Kind::Environment, "read_only", message).hint(hint).because(outbox)
}
