//! What the outbox adds to the branch: every read sees the merge of the tip and of all bundles that it does not contain
//! yet. The merge is made in memory, and nothing is written for it. What cannot be used is passed over with a warning.

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;
use std::time::SystemTime;

use gix::ObjectId;

use super::Store;
use super::lost::Lost;
use super::outbox::Outbox;
use super::outbox_judge::{Judged, Source, passed_over};
use super::tip::Tip;
use crate::error::{Error, Result};

/// What a store reads instead of the branch.
#[derive(Clone)]
pub(super) struct Overlay {
    /// Where reads start from.
    pub tip: Tip,
    /// Files that were passed over, a sentence each.
    pub warnings: Vec<String>,
    /// Whether the tip and its objects are in memory only.
    pub in_memory: bool,
}

/// What the files were when the overlay was made: the tip, and each with its length and time.
type Key = (Option<ObjectId>, Option<ObjectId>, Vec<(String, u64, Option<SystemTime>)>);

/// The overlay that was made last, shared by all copies of a store.
#[derive(Clone, Default)]
pub(super) struct Overlays(Rc<RefCell<Option<Kept>>>);

struct Kept {
    key: Key,
    repo: gix::Repository,
    overlay: Option<Rc<Overlay>>,
}

/// Several tips that have become one.
#[derive(Default)]
pub(super) struct Folded {
    pub tip: Option<ObjectId>,
    pub merged: bool,
    pub lost: Vec<Lost>,
    /// Files that could not be merged, and why not.
    pub failed: Vec<(String, Error)>,
}

impl Store {
    /// Tells whether what this store reads, and writes, is in memory only.
    pub(super) fn is_in_memory(&self) -> bool {
        self.overlay.as_ref().is_some_and(|overlay| overlay.in_memory)
    }

    /// Returns the store as reads see it: the branch together with the outbox.
    pub(super) fn overlaid(&self) -> Result<Cow<'_, Store>> {
        let Some(outbox) = self.outbox_place().filter(|_| self.overlay.is_none()) else {
            return Ok(Cow::Borrowed(self));
        };
        match outbox.names() {
            Ok(names) if names.is_empty() => return Ok(Cow::Borrowed(self)),
            Ok(_) => outbox.look(|names| self.keep_overlay(&outbox, names, None))?,
            Err(error) => self.keep_overlay(&outbox, Vec::new(), Some(error.message().to_owned()))?,
        }
        let kept = self.overlays.0.borrow();
        let kept = kept.as_ref().expect("it was just kept");
        Ok(match &kept.overlay {
            Some(overlay) => Cow::Owned(Store {
                repo: kept.repo.clone(),
                overlay: Some(Rc::clone(overlay)),
                ..self.clone()
            }),
            None => Cow::Borrowed(self),
        })
    }

    /// Makes the overlay, unless the one that was made last is of the same files.
    fn keep_overlay(&self, outbox: &Outbox, names: Vec<String>, refused: Option<String>) -> Result<()> {
        let tip = self.tip()?;
        let key = key(tip.as_ref(), outbox, &names);
        if self.overlays.0.borrow().as_ref().is_none_or(|kept| kept.key != key) {
            let (repo, overlay) = self.make_overlay(tip, outbox, names, refused)?;
            self.overlays.0.replace(Some(Kept { key, repo, overlay: overlay.map(Rc::new) }));
        }
        Ok(())
    }

    /// Returns the store as reads see it, so that what is written with it stays in memory.
    pub(super) fn in_memory(&self) -> Result<Store> {
        let store = self.overlaid()?;
        if store.is_in_memory() {
            return Ok(store.into_owned());
        }
        let tip = store.require_tip()?;
        let warnings = store.overlay.as_ref().map(|o| o.warnings.clone()).unwrap_or_default();
        let overlay = Some(Rc::new(Overlay { tip, warnings, in_memory: true }));
        Ok(Store { repo: self.repo.clone().with_object_memory(), overlay, ..self.clone() })
    }

    fn make_overlay(
        &self,
        tip: Option<Tip>,
        outbox: &Outbox,
        names: Vec<String>,
        refused: Option<String>,
    ) -> Result<(gix::Repository, Option<Overlay>)> {
        let store = Store { repo: self.repo.clone().with_object_memory(), ..self.clone() };
        let start = tip.as_ref().map(|tip| tip.commit);
        let sources = names.into_iter().map(|name| Source::File(outbox, name)).collect();
        let judged = store.judge(start, sources);
        let mut warnings: Vec<String> = refused.into_iter().collect();
        warnings.extend(judged.iter().filter_map(Judged::warning));
        let folded = store.fold(start, &judged);
        warnings.extend(folded.failed.iter().map(|(name, error)| passed_over(name, error.message())));
        let Some(commit) = folded.tip else { return Ok((store.repo, None)) };
        let in_memory = folded.tip != start;
        if !in_memory && warnings.is_empty() {
            return Ok((store.repo, None));
        }
        let tip = match tip {
            Some(tip) => Tip { commit, ..tip },
            None => Tip { commit, local: None, diverged: false },
        };
        Ok((store.repo, Some(Overlay { tip, warnings, in_memory })))
    }

    /// Merges the tips of all new bundles into `start`, in the order of their ids: whoever has the same gets the same.
    pub(super) fn fold(&self, start: Option<ObjectId>, judged: &[Judged]) -> Folded {
        let tip = |judged: &Judged| judged.header.as_ref().map(|header| header.tip);
        let mut tips: Vec<(ObjectId, &str)> = judged
            .iter()
            .filter(|judged| judged.is_new())
            .filter_map(|j| Some((tip(j)?, j.name.as_str())))
            .collect();
        tips.sort_unstable();
        let mut folded = Folded { tip: start, ..Folded::default() };
        for (theirs, name) in tips {
            let Some(ours) = folded.tip else {
                folded.tip = Some(theirs);
                continue;
            };
            match self.joined(ours, theirs) {
                Ok((commit, lost)) => {
                    folded.tip = Some(commit);
                    folded.merged |= lost.is_some();
                    folded.lost.extend(lost.into_iter().flatten());
                }
                Err(error) => folded.failed.push((name.to_owned(), error)),
            }
        }
        folded
    }
}

fn key(tip: Option<&Tip>, outbox: &Outbox, names: &[String]) -> Key {
    let facts = |name: &String| {
        let found = std::fs::symlink_metadata(outbox.path(name)).ok();
        let length = found.as_ref().map_or(0, std::fs::Metadata::len);
        (name.clone(), length, found.and_then(|found| found.modified().ok()))
    };
    (tip.map(|tip| tip.commit), tip.and_then(|tip| tip.local), names.iter().map(facts).collect())
}
