//! A whole tracker at one moment: settings, the front matter of every issue, and what could not be read.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::graph::Graph;
use super::{ClaimRef, Facts, Front, IssueId, KeyIndex, Row, Rows, Settings, Timestamp};

/// A file on the branch that could not be read as what its name says.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Unreadable {
    /// Path on the branch.
    pub path: String,
    /// Object id of the file, as raw bytes.
    pub blob: Vec<u8>,
    /// The line, from 1.
    pub line: u32,
    /// What is wrong.
    pub message: String,
}

/// A tracker at one commit.
#[derive(Debug, Default)]
pub struct Tracker {
    /// What `quipu.yml` says.
    pub settings: Settings,
    /// The issues, ordered by ULID.
    pub rows: Rows,
    /// Files that could not be read, ordered by path.
    pub unreadable: Vec<Unreadable>,
    /// Claims that the remote has confirmed, as far as they are known here.
    pub claims: BTreeMap<IssueId, ClaimRef>,
    keys: OnceCell<KeyIndex>,
    graph: OnceCell<Graph>,
}

impl Tracker {
    /// Builds a tracker; rows and files are put in order.
    pub fn new(settings: Settings, rows: Vec<Row>, unreadable: Vec<Unreadable>) -> Self {
        Tracker::with_rows(settings, Rows::new(rows), unreadable)
    }

    /// Builds a tracker from rows that need not be decoded yet.
    pub fn with_rows(settings: Settings, rows: Rows, mut unreadable: Vec<Unreadable>) -> Self {
        unreadable.sort_by(|a, b| a.path.cmp(&b.path));
        Tracker { settings, rows, unreadable, ..Tracker::default() }
    }

    /// Returns the keys of this state.
    pub fn keys(&self) -> &KeyIndex {
        self.keys.get_or_init(|| KeyIndex::of(&self.settings, &self.rows))
    }

    /// Returns who waits for whom.
    pub fn graph(&self) -> &Graph {
        self.graph.get_or_init(|| Graph::new(&self.rows, self.keys()))
    }

    /// Returns the front matter at a position.
    pub fn front(&self, position: usize) -> &Front {
        &self.rows[position].front
    }

    /// Tells whether an issue is closed. Cheaper than its front matter.
    pub fn is_closed(&self, position: usize) -> bool {
        self.rows.is_closed(position)
    }

    /// Returns what is known of an issue without its front matter.
    pub fn facts(&self, position: usize) -> Facts {
        self.rows.facts(position)
    }

    /// Returns the position of an issue.
    pub fn position(&self, id: IssueId) -> Option<usize> {
        self.rows.position(id)
    }

    /// Returns the confirmed claim on the issue at a position that holds at `now`.
    pub fn live_claim(&self, position: usize, now: Timestamp) -> Option<&ClaimRef> {
        self.claims.get(&self.rows.id(position)).filter(|claim| claim.is_live(now))
    }

    /// Returns the key of the issue at a position.
    pub fn key(&self, position: usize) -> String {
        self.keys().key_of(position)
    }

    /// Returns the key of an issue, or its ULID where it is not in the tracker.
    pub fn key_of(&self, id: IssueId) -> String {
        self.position(id).map_or_else(|| id.to_string(), |at| self.key(at))
    }

    /// Returns how a reference is shown: as a key, or as it stands where it points nowhere.
    pub fn show_ref(&self, reference: &super::Ref) -> String {
        self.keys().resolve_ref(reference).map_or_else(|| reference.to_string(), |at| self.key(at))
    }
}
