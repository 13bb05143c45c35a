//! Where the encoded rows of a tracker stand: in memory, or in a file of which only the parts that are needed are
//! read.

use std::cell::RefCell;

use super::{IssueId, Row};

/// Where the next row that is wanted stands so close behind the last, more than it is read at once: the command
/// looks at most of them.
const CLOSE: usize = 4 * 1024;
/// So many bytes are then read.
const STRETCH: usize = 128 * 1024;

/// Encoded rows that are kept outside of memory, and may be damaged or gone there.
pub trait Bodies {
    /// Fills the buffer with the bytes from `start` on; `None` where they cannot be had.
    fn read(&self, start: usize, buffer: &mut [u8]) -> Option<()>;

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
    len: usize,
    /// At least as many. It never shrinks: growing it again would fill it with zeros again.
    bytes: Vec<u8>,
}

impl Window {
    /// Reads so many bytes.
    fn read(&mut self, bodies: &dyn Bodies, start: usize, len: usize) {
        if self.bytes.len() < len {
            self.bytes.resize(len, 0);
        }
        let read = bodies.read(start, &mut self.bytes[..len]);
        (self.start, self.len) = (start, read.map_or(0, |()| len));
    }

    fn end(&self) -> usize {
        self.start + self.len
    }
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
                if start < window.start || start.checked_add(len)? > window.end() {
                    let is_close = window.len > 0 && start >= window.start && start < window.end() + CLOSE;
                    let wanted = if is_close { len.max(STRETCH) } else { len };
                    window.read(&**bodies, start, wanted.min(total.checked_sub(start)?));
                }
                let from = start - window.start;
                look(window.bytes[..window.len].get(from..from + len)?)
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
