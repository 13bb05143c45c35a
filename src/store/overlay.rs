//! What the outbox adds to the branch: every read sees the merge of the tip and of all bundles that it does not contain
//! yet. The merge is made in memory, and nothing is written for it.
//!
//! The files may be anybody's. What cannot be used is passed over with a warning, and never keeps a read from going on.

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;
use std::time::SystemTime;

use gix::ObjectId;
use gix::objs::Write as _;

use super::bundle::{Bundle, Header};
use super::layout::{ISSUES, SETTINGS};
use super::lost::Lost;
use super::outbox::{Content, Outbox};
use super::tip::Tip;
use super::{Store, complete, tree};
use crate::error::{Error, Kind, Result};

/// Characters of a commit id in a message.
const SHORT: usize = 12;

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

/// A file that may hold a bundle.
pub(super) enum Source<'o> {
    /// One of the working tree.
    File(&'o Outbox, String),
    /// One that has been read.
    Bytes(Content),
}

impl Source<'_> {
    fn name(&self) -> &str {
        match self {
            Source::File(_, name) => name,
            Source::Bytes(content) => &content.name,
        }
    }

    fn header(&self) -> std::result::Result<Header, String> {
        match self {
            Source::File(outbox, name) => outbox.header(name),
            Source::Bytes(content) => {
                let bytes = content.bytes.as_ref().map_err(String::clone)?;
                Header::read(bytes).map(|(header, _)| header).map_err(|e| e.to_string())
            }
        }
    }

    pub fn bundle(&self) -> std::result::Result<Bundle, String> {
        match self {
            Source::File(outbox, name) => outbox.content(name).bundle(),
            Source::Bytes(content) => content.bundle(),
        }
    }
}

/// What is to be done about a file.
pub(super) enum Verdict {
    /// The commit that was compared with has everything in it.
    Contained,
    /// Its objects are in memory now.
    New(Bundle),
    /// Commits that it builds upon are not here.
    Missing(Vec<ObjectId>),
    /// It is of no use: the reason.
    Unusable(String),
}

/// A file that was looked at.
pub(super) struct Judged {
    pub name: String,
    pub header: Option<Header>,
    pub verdict: Verdict,
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
        let (names, refused) = match outbox.names() {
            Ok(names) if names.is_empty() => return Ok(Cow::Borrowed(self)),
            Ok(names) => (names, None),
            Err(error) => (Vec::new(), Some(error.message().to_owned())),
        };
        let tip = self.tip()?;
        let key = key(tip.as_ref(), &outbox, &names);
        if self.overlays.0.borrow().as_ref().is_none_or(|kept| kept.key != key) {
            let (repo, overlay) = self.make_overlay(tip, &outbox, names, refused)?;
            self.overlays.0.replace(Some(Kept { key, repo, overlay: overlay.map(Rc::new) }));
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

    /// Looks at files. The objects of those that `start` does not contain are put into the memory of this store.
    pub(super) fn judge(&self, start: Option<ObjectId>, sources: Vec<Source<'_>>) -> Vec<Judged> {
        let mut judged = Vec::new();
        let mut waiting: Vec<(String, Bundle)> = Vec::new();
        for source in sources {
            let name = source.name().to_owned();
            let header = source.header().and_then(|header| self.check_header(header));
            let (header, verdict) = match header {
                Err(reason) => (None, Verdict::Unusable(reason)),
                Ok(header) if start.is_some_and(|start| self.contains(start, header.tip)) => {
                    (Some(header), Verdict::Contained)
                }
                Ok(header) => match source.bundle() {
                    Ok(bundle) if bundle.header == header => {
                        waiting.push((name, bundle));
                        continue;
                    }
                    Ok(_) => (Some(header), Verdict::Unusable("it changes while it is read".to_owned())),
                    Err(reason) => (Some(header), Verdict::Unusable(reason)),
                },
            };
            judged.push(Judged { name, header, verdict });
        }
        // One may build upon another.
        loop {
            let (ready, rest): (Vec<_>, Vec<_>) =
                waiting.into_iter().partition(|(_, bundle)| self.missing(&bundle.header).is_empty());
            waiting = rest;
            if ready.is_empty() {
                break;
            }
            judged.extend(ready.into_iter().map(|(name, bundle)| self.take_into_memory(name, bundle)));
        }
        judged.extend(waiting.into_iter().map(|(name, Bundle { header, .. })| {
            let verdict = Verdict::Missing(self.missing(&header));
            Judged { name, header: Some(header), verdict }
        }));
        judged.sort_by(|a, b| a.name.cmp(&b.name));
        judged
    }

    fn check_header(&self, header: Header) -> std::result::Result<Header, String> {
        if header.hash != self.repo.object_hash() {
            return Err("its object ids are of another kind than this repository's".to_owned());
        }
        if header.name != self.branch_ref() {
            let name: String = header.name.chars().take(100).filter(|c| !c.is_control()).collect();
            return Err(format!("it is of {name} and not of {}", self.branch_ref()));
        }
        Ok(header)
    }

    fn missing(&self, header: &Header) -> Vec<ObjectId> {
        header.prerequisites.iter().copied().filter(|id| !self.repo.has_object(*id)).collect()
    }

    /// Tells whether `other` is `commit` or one of its ancestors.
    pub(super) fn contains(&self, commit: ObjectId, other: ObjectId) -> bool {
        commit == other
            || self.repo.has_object(other)
                && matches!(self.base(commit, other), Ok(Some(base)) if base == other)
    }

    fn take_into_memory(&self, name: String, bundle: Bundle) -> Judged {
        let taken = complete::check(&self.repo, &bundle, self.is_partial()).and_then(|()| {
            for (id, kind, data) in &bundle.objects {
                let written = self.repo.objects.write_buf_with_known_id(*kind, data, *id);
                written.map_err(|e| e.to_string())?;
            }
            self.check_tracker(bundle.header.tip).map_err(|e| e.message().to_owned())
        });
        let header = Some(bundle.header.clone());
        let verdict = taken.map_or_else(Verdict::Unusable, |()| Verdict::New(bundle));
        Judged { name, header, verdict }
    }

    /// Refuses a commit that is none of a tracker, or of a newer one.
    fn check_tracker(&self, commit: ObjectId) -> Result<()> {
        let tree_id = self.commit_tree(commit)?;
        let has = |path| Ok::<_, Error>(tree::lookup(&self.repo, tree_id, path)?.is_some());
        if !has(SETTINGS)? && !has(ISSUES)? {
            return Err(Error::new(Kind::Conflict, "no_tracker_there", "what it holds is no tracker"));
        }
        self.check_format_at(commit)
    }

    /// Merges the tips of all new bundles into `start`, in the order of their ids: whoever has the same gets the same.
    pub(super) fn fold(&self, start: Option<ObjectId>, judged: &[Judged]) -> Folded {
        let is_new = |judged: &&Judged| matches!(judged.verdict, Verdict::New(_));
        let tip = |judged: &Judged| judged.header.as_ref().map(|header| header.tip);
        let mut tips: Vec<(ObjectId, &str)> =
            judged.iter().filter(is_new).filter_map(|j| Some((tip(j)?, j.name.as_str()))).collect();
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

impl Judged {
    /// Says why the file is passed over, if it is.
    pub fn warning(&self) -> Option<String> {
        match &self.verdict {
            Verdict::Contained | Verdict::New(_) => None,
            Verdict::Unusable(reason) => Some(passed_over(&self.name, reason)),
            Verdict::Missing(commits) => {
                let first =
                    commits.first().map(|id| id.to_hex_with_len(SHORT).to_string()).unwrap_or_default();
                let reason = format!("it builds upon {first}, which is not here: qp pull");
                Some(passed_over(&self.name, &reason))
            }
        }
    }
}

pub(super) fn passed_over(name: &str, reason: &str) -> String {
    let name: String = name.chars().map(|c| if c.is_control() { '?' } else { c }).collect();
    format!(".quipu/outbox/{name} is passed over: {reason}")
}

fn key(tip: Option<&Tip>, outbox: &Outbox, names: &[String]) -> Key {
    let facts = |name: &String| {
        let found = std::fs::symlink_metadata(outbox.path(name)).ok();
        let length = found.as_ref().map_or(0, std::fs::Metadata::len);
        (name.clone(), length, found.and_then(|found| found.modified().ok()))
    };
    (tip.map(|tip| tip.commit), tip.and_then(|tip| tip.local), names.iter().map(facts).collect())
}
