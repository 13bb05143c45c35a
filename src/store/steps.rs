//! Several changes that build upon each other, as one write.
//!
//! Each runs as a write of its own would, on the tracker as the ones before have left it. Only memory holds what lies
//! between: no object is written before the last has passed.

use std::collections::{BTreeMap, HashSet};
use std::rc::Rc;

use super::{Txn, View};
use crate::error::Result;
use crate::model::{Issue, IssueId, Row, Tracker};

impl Txn<'_> {
    /// Runs `count` changes, each on what the ones before have left, and takes what they come to into this write.
    /// Their subjects and trailers are left out: one commit has one message.
    ///
    /// Each step is a millisecond later than the one before, so that what has an order by time keeps it.
    ///
    /// # Errors
    /// Those of the first step that fails.
    pub fn in_steps<T>(
        &mut self,
        count: usize,
        mut step: impl FnMut(usize, &mut Txn<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let mut view = self.view().in_memory();
        let mut values = Vec::new();
        let mut touched: BTreeMap<IssueId, Option<Rc<Issue>>> = BTreeMap::new();
        for at in 0..count {
            let mut txn = Txn::new(&view, self.context());
            txn.now = self.now.plus_millis(i64::try_from(at).unwrap_or_default());
            values.push(step(at, &mut txn)?);
            let (issues, warnings) = txn.into_changes();
            self.warnings.extend(warnings);
            touched.extend(issues.iter().map(|(id, issue)| (*id, issue.clone())));
            view = view.after_step(issues);
        }
        touched.into_iter().try_for_each(|(id, issue)| self.settle(id, issue))?;
        Ok(values)
    }

    /// Takes what all steps together have made of an issue.
    fn settle(&mut self, id: IssueId, issue: Option<Rc<Issue>>) -> Result<()> {
        let before = self.tracker().position(id).map(|at| self.view().issue(at)).transpose()?;
        match (before, issue) {
            // Created and deleted again.
            (None, None) => {}
            (Some(_), None) => self.delete(id),
            (Some(mut before), Some(issue)) => {
                before.front.updated_at = issue.front.updated_at;
                if before != *issue {
                    self.put_exact(issue)?;
                }
            }
            (None, Some(issue)) => self.put_exact(issue)?,
        }
        Ok(())
    }
}

impl View {
    /// Returns the same view, to be changed in memory.
    fn in_memory(&self) -> View {
        let Tracker { settings, rows, unreadable, claims, .. } = &self.tracker;
        let mut tracker = Tracker::with_rows(settings.clone(), rows.clone(), unreadable.clone());
        tracker.claims.clone_from(claims);
        self.with_tracker(tracker)
    }

    /// Returns the view after a step that changed these issues.
    fn after_step(mut self, issues: BTreeMap<IssueId, Option<Rc<Issue>>>) -> View {
        if issues.is_empty() {
            return self;
        }
        let gone: HashSet<IssueId> = issues.keys().copied().collect();
        let row = |issue: &Rc<Issue>| Row {
            front: issue.front.clone(),
            blob: Vec::new(),
            comments: u32::try_from(issue.body.comments.len()).unwrap_or(u32::MAX),
        };
        let Tracker { settings, mut rows, unreadable, claims, .. } = std::mem::take(&mut self.tracker);
        rows.change(&gone, issues.values().flatten().map(row));
        // What was known of the keys and the graph holds no more.
        self.tracker = Tracker::with_rows(settings, rows, unreadable);
        self.tracker.claims = claims;
        self.set_unwritten(issues);
        self
    }
}
