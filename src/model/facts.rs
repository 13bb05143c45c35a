//! What is known of an issue without its front matter: enough to pass over most issues unseen.

use super::{Front, Priority, Status, Timestamp};

/// Bytes of the facts of one issue in a column.
pub(super) const FACTS_WIDTH: usize = 27;

/// The status in the column where it is none of those that quipu knows.
const OTHER: u8 = u8::MAX;
/// The time in the column where there is none.
const NEVER: i64 = i64::MIN;

/// Parts of the front matter that fit into a few bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Facts {
    /// Place of the status among the known ones, or `OTHER`.
    status: u8,
    /// The priority.
    pub priority: Priority,
    flags: u8,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
}

const EPIC: u8 = 1;
const LABELS: u8 = 2;
const ASSIGNEE: u8 = 4;
const PATHS: u8 = 8;
const DEFERRED: u8 = 16;

impl Facts {
    /// Takes the facts from a front matter.
    pub fn of(front: &Front) -> Self {
        let status = Status::KNOWN.iter().position(|s| *s == front.status);
        let flags = [
            (EPIC, front.kind == "epic"),
            (LABELS, !front.labels.is_empty()),
            (ASSIGNEE, front.assignee.is_some()),
            (PATHS, !front.paths.is_empty()),
            (DEFERRED, front.defer_until.is_some()),
        ];
        Facts {
            status: status.map_or(OTHER, |at| u8::try_from(at).expect("there are five")),
            priority: front.priority,
            flags: flags.iter().filter(|(_, is_set)| *is_set).map(|(flag, _)| flag).sum(),
            created_at: front.created_at,
            updated_at: front.updated_at,
            closed_at: front.closed_at,
        }
    }

    /// Returns the status; `None` where it is a word of another tracker.
    pub fn status(&self) -> Option<&'static Status> {
        const KNOWN: &[Status] = &Status::KNOWN;
        KNOWN.get(usize::from(self.status))
    }

    /// Tells whether the status is closed.
    pub fn is_closed(&self) -> bool {
        self.status() == Some(&Status::Closed)
    }

    /// Tells whether the type is epic.
    pub fn is_epic(&self) -> bool {
        self.flags & EPIC != 0
    }

    /// Tells whether there are labels.
    pub fn has_labels(&self) -> bool {
        self.flags & LABELS != 0
    }

    /// Tells whether it is assigned to somebody.
    pub fn has_assignee(&self) -> bool {
        self.flags & ASSIGNEE != 0
    }

    /// Tells whether it names files.
    pub fn has_paths(&self) -> bool {
        self.flags & PATHS != 0
    }

    /// Tells whether there is a time until which it is put off, past or to come.
    pub fn has_defer_until(&self) -> bool {
        self.flags & DEFERRED != 0
    }

    /// Tells whether the status is closed, of facts in a column.
    pub(super) fn is_closed_in(bytes: &[u8; FACTS_WIDTH]) -> bool {
        Status::KNOWN.get(usize::from(bytes[0])) == Some(&Status::Closed)
    }

    /// Writes the facts as they stand in a column.
    pub(super) fn to_bytes(self) -> [u8; FACTS_WIDTH] {
        let mut bytes = [0; FACTS_WIDTH];
        bytes[..3].copy_from_slice(&[self.status, self.priority.number(), self.flags]);
        let closed = self.closed_at.map_or(NEVER, Timestamp::millis);
        let times = [self.created_at.millis(), self.updated_at.millis(), closed];
        for (place, time) in bytes[3..].chunks_exact_mut(8).zip(times) {
            place.copy_from_slice(&time.to_le_bytes());
        }
        bytes
    }

    /// Reads the facts from a column.
    pub(super) fn from_bytes(bytes: &[u8; FACTS_WIDTH]) -> Self {
        let millis = |at: usize| {
            let bytes = bytes[3 + 8 * at..].first_chunk().expect("three times fit");
            i64::from_le_bytes(*bytes)
        };
        let closed = millis(2);
        Facts {
            status: bytes[0],
            priority: Priority::new(bytes[1]).unwrap_or_default(),
            flags: bytes[2],
            created_at: Timestamp::from_millis(millis(0)),
            updated_at: Timestamp::from_millis(millis(1)),
            closed_at: (closed != NEVER).then(|| Timestamp::from_millis(closed)),
        }
    }
}
