//! Where the encoded rows of a tracker stand: in memory, or in a file of which only the parts that are needed are
//! read.

use std::cell::RefCell;

use super::{IssueId, Row};

/// After so many single reads, a whole stretch is read at once: the command looks at all of them.
const FEW_READS: usize = 16;
/// Length of such a stretch in bytes.
const STRETCH: usize = 128 * 1024;

/// Encoded rows that are kept outside of memory, and may be damaged or gone there.
pub trait Bodies {
    /// Reads bytes; `None` where they cannot be had.
    fn read(&self, start: usize, len: usize) -> Option<Vec<u8>>;

    /// Names what the rows were made from.
    fn origin(&self) -> &[u8];

    /// Reads a row from where it was first made from, because its encoded form is damaged. `None` where that cannot
    /// be read either.
    fn afresh(&self, id: IssueId) -> Option<Row>;
}

pub(super) enum Source {
    Memory(Vec<u8>),
    Elsewhere { bodies: Box<dyn Bodies>, total: usize, window: RefCell<Window> },
}

/// The bytes that were read last.
#[derive(Default)]
pub(super) struct Window {
    start: usize,
    bytes: Vec<u8>,
    reads: usize,
}

impl Default for Source {
    fn default() -> Self {
        Source::Memory(Vec::new())
    }
}

impl Source {
    pub fn elsewhere(bodies: Box<dyn Bodies>, total: usize) -> Self {
        Source::Elsewhere { bodies, total, window: RefCell::default() }
    }

    /// Shows some bytes to `look`; `None` where they cannot be had, or `look` says so.
    pub fn with<T>(&self, start: usize, len: usize, look: impl FnOnce(&[u8]) -> Option<T>) -> Option<T> {
        match self {
            Source::Memory(bytes) => look(bytes.get(start..start.checked_add(len)?)?),
            Source::Elsewhere { bodies, total, window } => {
                let mut window = window.borrow_mut();
                if start < window.start || start + len > window.start + window.bytes.len() {
                    window.reads += 1;
                    let wanted = if window.reads > FEW_READS { len.max(STRETCH) } else { len };
                    window.bytes = bodies.read(start, wanted.min(total.checked_sub(start)?))?;
                    window.start = start;
                }
                let from = start - window.start;
                look(window.bytes.get(from..from + len)?)
            }
        }
    }

    /// Names what the rows were made from, where they are kept outside of memory.
    pub fn origin(&self) -> Option<&[u8]> {
        match self {
            Source::Memory(_) => None,
            Source::Elsewhere { bodies, .. } => Some(bodies.origin()),
        }
    }

    /// Reads a row past what is damaged.
    pub fn afresh(&self, id: IssueId) -> Option<Row> {
        match self {
            Source::Memory(_) => None,
            Source::Elsewhere { bodies, .. } => bodies.afresh(id),
        }
    }
}
