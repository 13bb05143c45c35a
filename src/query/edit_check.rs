//! Guards the waits-on graph: no new blocker and no new parent may make an issue wait for itself.
//!
//! An issue waits for its blockers, for the blockers of its ancestors, and, as a container, for its children.
//! To search this in one linear pass every issue counts as two nodes, its beginning and its end: the end
//! follows the beginning and the ends of the children, the beginning follows the ends of the blockers and the
//! beginning of the parent.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap, VecDeque};

use crate::error::{Error, Kind, Result};
use crate::model::Tracker;

/// What a new relation says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EdgeKind {
    /// `from` is blocked by `to`.
    Blocker,
    /// `from` is a part of `to`, instead of what it was a part of before.
    Parent,
}

/// Checks one new relation against a tracker.
///
/// # Errors
/// Conflict `cycle`, naming the way round.
pub fn check_new_edge(tracker: &Tracker, from: usize, to: usize, kind: EdgeKind) -> Result<()> {
    EdgeCheck::new(tracker).add(from, to, kind)
}

/// Checks several changes that are to be made together, each against the tracker and the ones before it.
#[derive(Debug)]
pub struct EdgeCheck<'t> {
    tracker: &'t Tracker,
    /// Names of issues that are about to be created; their positions follow those of the tracker.
    created: Vec<String>,
    parents: HashMap<usize, Option<usize>>,
    children: HashMap<usize, BTreeSet<usize>>,
    blockers: HashMap<usize, BTreeSet<usize>>,
}

/// The beginning or the end of an issue's work.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Event {
    Begin(usize),
    End(usize),
}

impl<'t> EdgeCheck<'t> {
    /// Starts from the tracker as it is.
    pub fn new(tracker: &'t Tracker) -> Self {
        EdgeCheck {
            tracker,
            created: Vec::new(),
            parents: HashMap::new(),
            children: HashMap::new(),
            blockers: HashMap::new(),
        }
    }

    /// Adds an issue that is about to be created, under the name that a message should use, and returns the
    /// position that stands for it here.
    pub fn add_issue(&mut self, name: impl Into<String>) -> usize {
        self.created.push(name.into());
        self.tracker.rows.len() + self.created.len() - 1
    }

    /// Adds a relation, if it does not close a cycle. A refused one leaves no trace.
    ///
    /// # Errors
    /// Conflict `cycle`, naming the way round.
    pub fn add(&mut self, from: usize, to: usize, kind: EdgeKind) -> Result<()> {
        if from == to {
            return Err(self.refuse(from, to, kind, &[from, from]));
        }
        match kind {
            EdgeKind::Blocker => {
                if let Some(walk) = self.path(Event::End(to), Event::Begin(from)) {
                    return Err(self.refuse(from, to, kind, &around(&walk, from)));
                }
                self.blockers_mut(from).insert(to);
            }
            EdgeKind::Parent => {
                let before = self.parent(from);
                self.set_parent(from, None);
                let way_back = self
                    .path(Event::End(from), Event::End(to))
                    .or_else(|| self.path(Event::Begin(to), Event::Begin(from)));
                if let Some(walk) = way_back {
                    self.set_parent(from, before);
                    return Err(self.refuse(from, to, kind, &around(&walk, to)));
                }
                self.set_parent(from, Some(to));
            }
        }
        Ok(())
    }

    /// Takes a blocker away.
    pub fn remove_blocker(&mut self, from: usize, to: usize) {
        self.blockers_mut(from).remove(&to);
    }

    /// Takes the parent away.
    pub fn remove_parent(&mut self, from: usize) {
        self.set_parent(from, None);
    }

    fn refuse(&self, from: usize, to: usize, kind: EdgeKind, walk: &[usize]) -> Error {
        let (from_key, to_key) = (self.name(from), self.name(to));
        let wish = match kind {
            EdgeKind::Blocker if from == to => format!("{from_key} cannot be blocked by itself"),
            EdgeKind::Blocker => format!("{from_key} cannot be blocked by {to_key}"),
            EdgeKind::Parent if from == to => format!("{from_key} cannot be its own parent"),
            EdgeKind::Parent => format!("{from_key} cannot be a part of {to_key}"),
        };
        let names: Vec<String> = walk.iter().map(|at| self.name(*at)).collect();
        let message = format!("{wish}, that closes a cycle of waiting: {}", names.join(" → "));
        let error = Error::new(Kind::Conflict, "cycle", message);
        match kind {
            _ if to >= self.tracker.rows.len() => error.hint("leave out one of these relations"),
            // The one relation in the way is the wished one the wrong way round.
            EdgeKind::Blocker if from != to && self.blockers(to).contains(&from) => {
                error.hint(format!("qp dep remove {to_key} {from_key}"))
            }
            _ => error.hint(format!("qp dep tree {to_key}")),
        }
    }

    fn name(&self, at: usize) -> String {
        match at.checked_sub(self.tracker.rows.len()) {
            Some(created) => self.created[created].clone(),
            None => self.tracker.key(at),
        }
    }

    fn is_created(&self, at: usize) -> bool {
        at >= self.tracker.rows.len()
    }

    fn parent(&self, at: usize) -> Option<usize> {
        match self.parents.get(&at) {
            Some(parent) => *parent,
            None if self.is_created(at) => None,
            None => self.tracker.graph().parent(at),
        }
    }

    fn blockers(&self, at: usize) -> BTreeSet<usize> {
        match self.blockers.get(&at) {
            Some(blockers) => blockers.clone(),
            None if self.is_created(at) => BTreeSet::new(),
            None => self.tracker.graph().blockers(at).collect(),
        }
    }

    fn children(&self, at: usize) -> BTreeSet<usize> {
        match self.children.get(&at) {
            Some(children) => children.clone(),
            None if self.is_created(at) => BTreeSet::new(),
            None => self.tracker.graph().children(at).collect(),
        }
    }

    fn blockers_mut(&mut self, at: usize) -> &mut BTreeSet<usize> {
        let now = self.blockers(at);
        self.blockers.entry(at).or_insert(now)
    }

    fn children_mut(&mut self, at: usize) -> &mut BTreeSet<usize> {
        let now = self.children(at);
        self.children.entry(at).or_insert(now)
    }

    fn set_parent(&mut self, at: usize, parent: Option<usize>) {
        if let Some(before) = self.parent(at) {
            self.children_mut(before).remove(&at);
        }
        if let Some(parent) = parent {
            self.children_mut(parent).insert(at);
        }
        self.parents.insert(at, parent);
    }

    /// Returns what must have happened before an event.
    fn follows(&self, event: Event) -> Vec<Event> {
        match event {
            Event::Begin(at) => {
                let blockers = self.blockers(at).into_iter().map(Event::End);
                blockers.chain(self.parent(at).map(Event::Begin)).collect()
            }
            Event::End(at) => {
                let children = self.children(at).into_iter().map(Event::End);
                std::iter::once(Event::Begin(at)).chain(children).collect()
            }
        }
    }

    /// Finds a shortest way from one event back to another that it follows.
    fn path(&self, from: Event, to: Event) -> Option<Vec<Event>> {
        let mut came_from = HashMap::from([(from, None)]);
        let mut queue = VecDeque::from([from]);
        while let Some(event) = queue.pop_front() {
            if event == to {
                let mut walk = vec![event];
                while let Some(before) = came_from[&walk[walk.len() - 1]] {
                    walk.push(before);
                }
                walk.reverse();
                return Some(walk);
            }
            for next in self.follows(event) {
                if let Entry::Vacant(entry) = came_from.entry(next) {
                    entry.insert(Some(event));
                    queue.push_back(next);
                }
            }
        }
        None
    }
}

/// Turns a way through events into one round through issues. Only ends count: the beginnings in between say
/// how waiting is inherited, not who waits. `through` stands for these where a single issue would wait for
/// itself.
fn around(walk: &[Event], through: usize) -> Vec<usize> {
    let mut round: Vec<usize> = Vec::new();
    for event in walk {
        if let Event::End(at) = event
            && round.last() != Some(at)
        {
            round.push(*at);
        }
    }
    match round[..] {
        [] => vec![through, through],
        [only] => vec![through, only, through],
        [.., last] => {
            round.insert(0, last);
            round
        }
    }
}
