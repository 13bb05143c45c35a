//! Bringing the issues of another source into a write, by a three-way merge with what that source said the last
//! time (`docs/decisions/0001-import-base.md`).

use std::rc::Rc;

use super::layout::import_path;
use super::txn::Txn;
use crate::error::Result;
use crate::merge::three_way;
use crate::model::{Issue, IssueId};

/// What an import did, issue by issue.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Absorbed {
    /// Issues that were not here before.
    pub created: Vec<IssueId>,
    /// Issues that changed.
    pub updated: Vec<IssueId>,
    /// Issues that are here as the source has them, or whose changes here stand.
    pub unchanged: usize,
    /// Issues that were deleted here and stay deleted.
    pub deleted_here: Vec<IssueId>,
    /// Issues that the source had the last time and has no more; they stay.
    pub gone: usize,
    /// Fields that both sides changed; the change made here stands.
    pub kept: Vec<(IssueId, String)>,
}

impl Txn<'_> {
    /// Merges what `source` says into the tracker.
    ///
    /// # Errors
    /// Environment, where git's files cannot be read; invalid, where an issue cannot be written.
    pub fn absorb(&mut self, source: &str, issues: &[Rc<Issue>]) -> Result<Absorbed> {
        let mut outcome = Absorbed::default();
        let known = self.view().count_imported(source)?;
        let mut seen = 0;
        for theirs in issues {
            let id = theirs.front.id;
            let path = import_path(source, id);
            let base = if known == 0 { None } else { self.view().file(&path)? };
            seen += usize::from(base.is_some());
            let ours = self.tracker().position(id).map(|at| self.view().issue(at)).transpose()?;
            match (base, ours) {
                (None, None) => {
                    self.put_copy(&path, id);
                    self.put_exact(Rc::clone(theirs))?;
                    outcome.created.push(id);
                }
                (Some(base), None) => {
                    self.remember(&path, &base, theirs);
                    outcome.deleted_here.push(id);
                }
                (base, Some(ours)) => self.combine(&path, base, ours, theirs, &mut outcome)?,
            }
        }
        outcome.gone = known - seen;
        Ok(outcome)
    }

    fn combine(
        &mut self,
        path: &str,
        base: Option<Vec<u8>>,
        ours: Issue,
        theirs: &Rc<Issue>,
        outcome: &mut Absorbed,
    ) -> Result<()> {
        let id = ours.front.id;
        if base.as_deref() == Some(theirs.write().as_bytes()) {
            outcome.unchanged += 1;
            return Ok(());
        }
        let old = base.as_ref().and_then(|bytes| Issue::read(bytes, Some(id)).ok());
        if old.as_ref() == Some(&ours) {
            self.put_copy(path, id);
            self.put_exact(Rc::clone(theirs))?;
            outcome.updated.push(id);
            return Ok(());
        }
        self.remember(path, &base.unwrap_or_default(), theirs);
        let mut merged = three_way(old.as_ref(), &ours, theirs);
        outcome.kept.extend(merged.conflicts.drain(..).map(|c| (id, c.field)));
        merged.issue.front.updated_at = ours.front.updated_at;
        if merged.issue == ours {
            outcome.unchanged += 1;
        } else {
            self.put(merged.issue)?;
            outcome.updated.push(id);
        }
        Ok(())
    }

    /// Merges a memory: written where it is new, or unchanged here since the last import.
    ///
    /// # Errors
    /// Environment, where git's files cannot be read.
    pub fn absorb_memory(&mut self, source: &str, key: &str, text: &str) -> Result<()> {
        let name = super::layout::slug(key);
        if name.is_empty() {
            return Ok(());
        }
        let path = format!("memories/{name}.md");
        let copy = format!("imports/{source}/memories/{name}.md");
        let (base, ours) = (self.view().file(&copy)?, self.view().file(&path)?);
        let theirs = Some(text.as_bytes().to_owned());
        if base != theirs {
            self.put_file(&copy, theirs.clone());
            if ours == base {
                self.put_file(&path, theirs);
            }
        }
        Ok(())
    }

    /// Keeps what the source says, where it says something new.
    fn remember(&mut self, path: &str, before: &[u8], theirs: &Issue) {
        let text = theirs.write();
        if text.as_bytes() != before {
            self.put_file(path, Some(text.into_bytes()));
        }
    }
}
