//! Where two lines of history meet, and what each has that the other has not.
//!
//! The walk goes from the newest to the oldest, but clocks differ by decades, so dates decide only the order in which
//! commits are looked at. A commit of one side that descends from the base cannot be an ancestor of it, too; about any
//! other one the walk goes on until it is reached from the base, or nothing is left to look at.

use std::collections::{BinaryHeap, HashMap, HashSet};

use gix::ObjectId;

use super::facts::CommitFacts;
use super::{Store, git_error};
use crate::error::Result;
use crate::model::Timestamp;

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
    /// Commits that may yet turn out to be old.
    open: HashSet<ObjectId>,
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
            open: HashSet::new(),
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
        let facts = CommitFacts::read(&commit).map_err(git_error("read a commit"))?;
        let is_boundary = boundary.contains(&id);
        Ok(Known {
            parents: if is_boundary { Vec::new() } else { facts.parents.clone() },
            tree: facts.tree,
            time: facts.time(),
            seconds: facts.committed,
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
        if after & OLD != 0 {
            self.open.remove(&id);
        }
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
        while self.fresh > 0 {
            self.advance(&mut common)?;
        }
        self.open = self.unsettled(&common);
        while !self.open.is_empty() && !self.queue.is_empty() {
            self.advance(&mut common)?;
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

    /// Looks at the next commit.
    fn advance(&mut self, common: &mut Vec<ObjectId>) -> Result<()> {
        let Some((_, id)) = self.queue.pop() else { return Ok(()) };
        self.queued.remove(&id);
        let mut flags = self.flags[&id];
        if flags & OLD == 0 {
            self.fresh -= 1;
            if flags == BOTH {
                common.push(id);
                flags |= OLD;
            }
        }
        for parent in self.known[&id].parents.clone() {
            self.mark(parent, flags)?;
        }
        Ok(())
    }

    /// Finds the commits that may be ancestors of a base without the walk having seen it: those of one side alone that
    /// do not descend from every base, and the bases, where there are several.
    fn unsettled(&self, common: &[ObjectId]) -> HashSet<ObjectId> {
        let mut bases: Vec<ObjectId> =
            common.iter().filter(|id| self.flags[*id] & OLD == 0).copied().collect();
        bases.sort_unstable();
        bases.dedup();
        let own = self.flags.iter().filter(|(_, flags)| matches!(**flags, ONE | TWO)).map(|(id, _)| *id);
        let own: HashSet<ObjectId> = own.collect();
        let mut children: HashMap<ObjectId, Vec<ObjectId>> = HashMap::new();
        for id in &own {
            for parent in &self.known[id].parents {
                children.entry(*parent).or_default().push(*id);
            }
        }
        let mut open: HashSet<ObjectId> = HashSet::new();
        for base in &bases {
            let mut after = HashSet::new();
            let mut pending = vec![*base];
            while let Some(id) = pending.pop() {
                let next = children.get(&id).into_iter().flatten().filter(|child| after.insert(**child));
                pending.extend(next);
            }
            open.extend(own.difference(&after));
        }
        open.extend(bases.iter().filter(|_| bases.len() > 1));
        open
    }
}
