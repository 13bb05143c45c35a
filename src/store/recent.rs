//! The state of the tracker that was read last in this run.
//!
//! A command often looks before it writes, and the write reads the tracker again under the lock. Where nothing has
//! happened in between, which the tree tells, what was read and decoded the first time is used again.

use std::cell::RefCell;
use std::rc::Rc;

use gix::ObjectId;

use crate::model::{Rows, Settings, Tracker, Unreadable};

/// Shared by all copies of a store.
#[derive(Clone, Default)]
pub(super) struct Recent(Rc<RefCell<Option<State>>>);

struct State {
    tree: ObjectId,
    settings: Settings,
    /// The packed rows are shared, not copied.
    rows: Rows,
    unreadable: Vec<Unreadable>,
}

impl Recent {
    /// Keeps a tracker in place of the one before.
    pub fn keep(&self, tree: ObjectId, tracker: &Tracker) {
        let Tracker { settings, rows, unreadable, .. } = tracker;
        let (settings, rows, unreadable) = (settings.clone(), rows.clone(), unreadable.clone());
        self.0.replace(Some(State { tree, settings, rows, unreadable }));
    }

    /// Forgets it: the file that it came from may have been wrong.
    pub fn forget(&self) {
        self.0.replace(None);
    }

    /// Returns the tracker of a tree, if it is the one that was read last.
    pub fn tracker(&self, tree: ObjectId) -> Option<Tracker> {
        let state = self.0.borrow();
        let state = state.as_ref().filter(|state| state.tree == tree)?;
        Some(Tracker::with_rows(state.settings.clone(), state.rows.clone(), state.unreadable.clone()))
    }
}
