//! Waiting for the tracker to change, here or on the remote, without leaving a trace: no branch, no tracking ref, no
//! object but those that git fetches, and one ref of our own while they are read.

use std::time::Duration;

use gix::ObjectId;

use super::git::Git;
use super::lost::Lost;
use super::merge::Unmergeable;
use super::outcome::Outcome;
use super::remote::{Deadline, Depth, Remote};
use super::{Store, View};
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::model::{DAY_MS, IssueId};

/// Where a fetched tip stands while it is read.
const PRIVATE: &str = "refs/quipu/watch/";
/// How often the refs of this clone are looked at.
const SLICE: Duration = Duration::from_millis(500);
/// How long a single look may take.
const ONE_LOOK_MS: u64 = 30_000;
/// A private ref of this age, in milliseconds, was left behind by a program that was killed.
const LEFT_BEHIND_MS: i64 = DAY_MS;

/// How long, and how often.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pace {
    /// Milliseconds between two looks at the remote.
    pub interval_ms: i64,
    /// Milliseconds in all; 0 looks once.
    pub timeout_ms: i64,
}

/// What whoever waits is shown.
#[derive(Debug)]
pub enum Sighting {
    /// The tracker as this clone and the remote have it together. What came from the remote is in no ref, and a merge
    /// of both is in memory only.
    Tracker {
        /// The tracker.
        view: Box<View>,
        /// Whether a part of it is on the remote only.
        away: bool,
    },
    /// The remote, which was reached before, cannot be reached now. Shown once.
    Unreachable(Error),
}

/// What a wait compares: the local branch, the remote-tracking one, and the branch of the remote.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
struct Tips {
    here: (Option<ObjectId>, Option<ObjectId>),
    there: Option<ObjectId>,
}

/// Why a wait between two looks has ended.
enum Rest {
    /// The branch has changed in this clone.
    Moved,
    /// It is time for the next look.
    Due,
    /// The time is over.
    Over,
}

/// A watch that runs.
struct Watch<'s> {
    store: &'s Store,
    context: &'s Context,
    remote: Remote<'s>,
    pace: Pace,
    deadline: Deadline,
    tips: Tips,
    shown: Option<Tips>,
}

impl Store {
    /// Shows the tracker to `look`, at once and whenever it has changed, until `look` finds what it looks for; `None`
    /// when the time is over.
    ///
    /// # Errors
    /// Remote, where the first look fails; environment, without a remote or a tracker, or where a history that is cut
    /// off does not let the two sides be compared; those of `look`.
    pub fn watch<T>(
        &self,
        context: &Context,
        pace: Pace,
        mut look: impl FnMut(Sighting) -> Result<Option<T>>,
    ) -> Result<Option<T>> {
        let store = self.through(None)?;
        let mut watch = Watch::new(&store, context, pace)?;
        watch.sweep()?;
        let mut looks: u64 = 0;
        let mut warned = false;
        loop {
            let looked = watch.look_there();
            looks += 1;
            if let Err(outcome) = looked {
                let error = watch.remote.error(&outcome);
                if looks == 1 {
                    return Err(error);
                }
                if !std::mem::replace(&mut warned, true) && !watch.is_over() {
                    look(Sighting::Unreachable(error))?;
                }
            }
            let next = watch.next_look();
            loop {
                if let Some(sighting) = watch.sighting()?
                    && let Some(found) = look(sighting)?
                {
                    return Ok(Some(found));
                }
                match watch.rest(next)? {
                    Rest::Moved => {}
                    Rest::Due => break,
                    Rest::Over => return Ok(None),
                }
            }
        }
    }
}

impl<'s> Watch<'s> {
    fn new(store: &'s Store, context: &'s Context, pace: Pace) -> Result<Self> {
        let ms = u64::try_from(pace.timeout_ms).unwrap_or_default();
        let deadline = Deadline::after(if ms == 0 { ONE_LOOK_MS } else { ms });
        let remote = store.remote_named(store.remote().unwrap_or_default(), deadline)?;
        Ok(Watch { store, context, remote, pace, deadline, tips: Tips::default(), shown: None })
    }

    fn is_over(&self) -> bool {
        self.pace.timeout_ms == 0 || self.deadline.remaining().is_zero()
    }

    /// Looks at the remote's branch, and fetches what this clone has not. Claims are no business of a watch.
    fn look_there(&mut self) -> Result<(), Outcome> {
        let Some(tip) = self.remote.list()?.branch else { return Ok(()) };
        let known = |error: Error| Outcome::Unreachable(error.to_string());
        let here = self.store.both_tips().map_err(known)?;
        if [self.tips.there, here.0, here.1].contains(&Some(tip)) {
            self.tips.there = Some(tip);
            return Ok(());
        }
        let private = PrivateRef { store: self.store, name: format!("{PRIVATE}{}", self.context.fresh_id()) };
        let spec = format!("+{}:{}", self.store.branch_ref(), private.name);
        self.remote.fetch(&[spec], Depth::AsIs)?;
        let fetched = self.store.reopen().and_then(|store| store.read_ref(&private.name)).map_err(known)?;
        self.tips.there = fetched.or(self.tips.there);
        Ok(())
    }

    /// Reads the tracker, where anything has changed since it was last shown.
    fn sighting(&mut self) -> Result<Option<Sighting>> {
        let store = self.store.reopen()?;
        self.tips.here = store.both_tips()?;
        if self.shown == Some(self.tips) {
            return Ok(None);
        }
        let mut store = store.overlaid()?.into_owned();
        let ours = store.require_tip()?.commit;
        store.repo.objects.enable_object_memory();
        let commit = store.together(ours, self.tips.there)?;
        self.shown = Some(self.tips);
        let view = Box::new(store.view_commit(commit)?);
        Ok(Some(Sighting::Tracker { view, away: commit != ours }))
    }

    /// Chooses the moment of the next look: a tenth sooner or later, so that clones that began together do not stay
    /// together.
    fn next_look(&self) -> Deadline {
        let interval = u64::try_from(self.pace.interval_ms).unwrap_or_default();
        let span = u128::from(interval / 5) + 1;
        let extra = u64::try_from(self.context.random() % span).unwrap_or_default();
        Deadline::after(interval - interval / 10 + extra)
    }

    /// Waits for the next look, for the end, or for a change of the branch in this clone.
    fn rest(&self, next: Deadline) -> Result<Rest> {
        loop {
            if self.is_over() {
                return Ok(Rest::Over);
            }
            if next.remaining().is_zero() {
                return Ok(Rest::Due);
            }
            std::thread::sleep(SLICE.min(next.remaining()).min(self.deadline.remaining()));
            if self.store.both_tips()? != self.tips.here {
                return Ok(Rest::Moved);
            }
        }
    }

    /// Deletes the private refs of programs that were killed.
    fn sweep(&self) -> Result<()> {
        let now = self.context.now();
        let list = ["for-each-ref", "--format=%(refname)", PRIVATE];
        for name in Git::new(self.store).args(list).output()?.stdout.lines() {
            let id = name.strip_prefix(PRIVATE).and_then(IssueId::parse);
            if id.is_some_and(|id| now.since(id.created_at()) > LEFT_BEHIND_MS) {
                drop(PrivateRef { store: self.store, name: name.to_owned() });
            }
        }
        Ok(())
    }
}

impl Store {
    /// Returns the commit that has what both sides have: one of them, or their merge.
    fn together(&self, ours: ObjectId, theirs: Option<ObjectId>) -> Result<ObjectId> {
        let Some(theirs) = theirs.filter(|id| *id != ours) else { return Ok(ours) };
        self.joined(ours, theirs).map(|(commit, _)| commit)
    }

    /// As [`Store::together`], with what a merge decided against, where one was made.
    pub(super) fn joined(&self, ours: ObjectId, theirs: ObjectId) -> Result<(ObjectId, Option<Vec<Lost>>)> {
        match self.base(ours, theirs)? {
            Some(base) if base == ours => return Ok((theirs, None)),
            Some(base) if base == theirs => return Ok((ours, None)),
            _ => {}
        }
        self.check_same_tracker(ours, theirs, false)?;
        match self.merge_commits(ours, theirs) {
            Ok(merge) => Ok((merge.id, Some(merge.lost))),
            Err(Unmergeable::Failed(error)) => Err(error),
            Err(Unmergeable::CutOff) => {
                let message = "the history ends before the branch here and the remote's parted";
                Err(Error::new(Kind::Environment, "shallow", message).hint("git fetch --unshallow"))
            }
        }
    }
}

/// A ref that keeps fetched objects while they are needed, and is deleted then, however that ends.
struct PrivateRef<'s> {
    store: &'s Store,
    name: String,
}

impl Drop for PrivateRef<'_> {
    fn drop(&mut self) {
        // Git also removes the folder that becomes empty.
        drop(Git::new(self.store).args(["update-ref", "-d", &self.name]).output());
    }
}
