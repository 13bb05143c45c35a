//! Where two lines of history meet, and what each has that the other has not.
//!
//! The walk goes from the newest to the oldest, but clocks differ by decades, so dates decide only the order in which
//! commits are looked at: a commit that turns out late to be known to both sides is taken out again.

use std::collections::{BinaryHeap, HashMap, HashSet};

use gix::ObjectId;

use super::message::Message;
use super::{Store, git_error};
use crate::error::Result;
use crate::model::Timestamp;

/// Commits that both sides know are looked at further, so many of them, for the sake of clocks that are wrong.
const FURTHER: usize = 256;

const ONE: u8 = 1;
const TWO: u8 = 2;
const BOTH: u8 = ONE | TWO;
/// An ancestor of a commit that both sides know.
const OLD: u8 = 4;

/// What is known of a commit.
#[derive(Clone, Debug)]
pub(super) struct Known {
    /// The commits it follows, without those beyond the boundary of a shallow history.
    pub parents: Vec<ObjectId>,
    /// Its tree.
    pub tree: ObjectId,
    /// When it was written: by its trailer, else by its author's clock.
    pub time: Timestamp,
    /// When it was committed, in seconds.
    pub seconds: i64,
    /// Whether its parents are cut off.
    pub is_boundary: bool,
}

/// How two sides, each with one head or several, relate.
#[derive(Debug)]
pub(super) struct Meeting {
    /// The best common ancestors, ordered by id.
    pub bases: Vec<ObjectId>,
    /// The commits of each side that the other has not.
    pub own: [HashMap<ObjectId, Known>; 2],
}

impl Meeting {
    /// Tells whether what one side has of its own ends where a shallow history is cut off, so that the common past
    /// may lie beyond.
    pub fn is_cut_off(&self) -> bool {
        self.own.iter().any(|own| own.values().any(|known| known.is_boundary))
    }
}

/// The walk from both sides at once.
struct Walk<'s> {
    store: &'s Store,
    boundary: HashSet<ObjectId>,
    known: HashMap<ObjectId, Known>,
    flags: HashMap<ObjectId, u8>,
    queue: BinaryHeap<(i64, ObjectId)>,
    queued: HashSet<ObjectId>,
    /// Queued commits that are not old.
    fresh: usize,
}

impl Store {
    /// Finds out how two sides relate.
    ///
    /// # Errors
    /// Environment, where git's files cannot be read.
    pub(super) fn meet(&self, one: &[ObjectId], two: &[ObjectId]) -> Result<Meeting> {
        let mut walk = Walk {
            store: self,
            boundary: self.boundary()?,
            known: HashMap::new(),
            flags: HashMap::new(),
            queue: BinaryHeap::new(),
            queued: HashSet::new(),
            fresh: 0,
        };
        for (heads, flag) in [(one, ONE), (two, TWO)] {
            for head in heads {
                walk.mark(*head, flag)?;
            }
        }
        walk.run()
    }

    /// Returns the commits of a shallow history whose parents are cut off.
    pub(super) fn boundary(&self) -> Result<HashSet<ObjectId>> {
        let commits = self.repo.shallow_commits().map_err(git_error("read where the history is cut off"))?;
        Ok(commits.map(|commits| commits.iter().copied().collect()).unwrap_or_default())
    }

    /// Reads what a walk needs of a commit.
    pub(super) fn known(&self, id: ObjectId, boundary: &HashSet<ObjectId>) -> Result<Known> {
        let failed = git_error("read a commit");
        let commit = self.repo.find_commit(id).map_err(&failed)?;
        let decoded = commit.decode().map_err(git_error("read a commit"))?;
        let is_boundary = boundary.contains(&id);
        let seconds = |signature: Option<gix::actor::SignatureRef<'_>>| {
            signature.and_then(|s| s.time().ok()).map_or(0, |time| time.seconds)
        };
        let written = || Timestamp::from_millis(seconds(decoded.author().ok()).saturating_mul(1000));
        Ok(Known {
            parents: if is_boundary { Vec::new() } else { decoded.parents().collect() },
            tree: decoded.tree(),
            time: Message::parse(&decoded.message.to_string()).time().unwrap_or_else(written),
            seconds: seconds(decoded.committer().ok()),
            is_boundary,
        })
    }
}

impl Walk<'_> {
    /// Adds flags to a commit, and queues it where that tells anything new.
    fn mark(&mut self, id: ObjectId, flags: u8) -> Result<()> {
        let before = self.flags.get(&id).copied().unwrap_or_default();
        let after = before | flags;
        if after == before {
            return Ok(());
        }
        if !self.known.contains_key(&id) {
            let known = self.store.known(id, &self.boundary)?;
            self.known.insert(id, known);
        }
        self.flags.insert(id, after);
        if self.queued.insert(id) {
            self.queue.push((self.known[&id].seconds, id));
            self.fresh += usize::from(after & OLD == 0);
        } else {
            self.fresh -= usize::from(before & OLD == 0 && after & OLD != 0);
        }
        Ok(())
    }

    fn run(mut self) -> Result<Meeting> {
        let mut common = Vec::new();
        let mut further = 0;
        let mut oldest = None;
        let mut parted = None;
        while self.fresh > 0
            || *parted.get_or_insert_with(|| self.is_parted())
                && (further < FURTHER || self.is_newer(*oldest.get_or_insert_with(|| self.oldest())))
        {
            let Some((_, id)) = self.queue.pop() else { break };
            self.queued.remove(&id);
            let mut flags = self.flags[&id];
            if flags & OLD == 0 {
                self.fresh -= 1;
                if flags == BOTH {
                    common.push(id);
                    flags |= OLD;
                }
            } else if self.fresh == 0 {
                further += 1;
            }
            for parent in self.known[&id].parents.clone() {
                self.mark(parent, flags)?;
            }
        }
        let mut bases: Vec<ObjectId> = common.into_iter().filter(|id| self.flags[id] & OLD == 0).collect();
        bases.sort_unstable();
        bases.dedup();
        let mut own = [HashMap::new(), HashMap::new()];
        for (id, known) in self.known {
            match self.flags[&id] {
                ONE => own[0].insert(id, known),
                TWO => own[1].insert(id, known),
                _ => None,
            };
        }
        Ok(Meeting { bases, own })
    }

    /// Tells whether each side seems to have something of its own. Where only one has, nothing depends on more.
    fn is_parted(&self) -> bool {
        [ONE, TWO].iter().all(|flag| self.flags.values().any(|flags| flags == flag))
    }

    /// Returns the date of the oldest commit that only one side seems to know.
    fn oldest(&self) -> i64 {
        let own = self.flags.iter().filter(|(_, flags)| matches!(**flags, ONE | TWO));
        own.map(|(id, _)| self.known[id].seconds).min().unwrap_or(i64::MAX)
    }

    /// Tells whether a commit that is yet to be looked at is as new as that.
    fn is_newer(&self, oldest: i64) -> bool {
        self.queue.peek().is_some_and(|(newest, _)| oldest <= *newest)
    }
}
