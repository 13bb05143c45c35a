//! The issues of a tracker, ordered by ULID, each decoded when it is first looked at.
//!
//! A command that needs one issue of ten thousand must not pay for the others. A row comes from memory, or from
//! encoded bytes with the identity and the explicit key beside it, which is all that resolving keys takes.

use std::cell::OnceCell;
use std::collections::HashSet;
use std::ops::{Index, Range};
use std::rc::Rc;

use serde::{Deserialize, Serialize};

use super::{Front, IssueId};

/// One issue without its texts.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Row {
    /// The front matter.
    pub front: Front,
    /// Object id of the file, as raw bytes.
    pub blob: Vec<u8>,
    /// Number of comments.
    pub comments: u32,
}

/// Where an encoded row begins, beside what is known of it without decoding.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct EncodedRow {
    /// The identity.
    pub id: IssueId,
    /// Length of the explicit key in the text of all keys; 0 where there is none.
    pub key_len: u16,
    /// Length of the encoded row.
    pub row_len: u32,
}

/// The rows of a tracker.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    entries: Vec<Entry>,
    /// All explicit keys, one behind the other.
    keys: String,
    encoded: Rc<Vec<u8>>,
}

#[derive(Clone, Debug)]
struct Entry {
    id: IssueId,
    key: Range<u32>,
    /// Where the row stands in `encoded`; empty where it was never encoded.
    place: Range<u32>,
    row: OnceCell<Box<Row>>,
}

impl Rows {
    /// Takes decoded rows, and puts them in order.
    pub fn new(mut rows: Vec<Row>) -> Self {
        rows.sort_by_key(|r| r.front.id);
        let mut made = Rows::default();
        for row in rows {
            made.push(row);
        }
        made
    }

    /// Takes rows encoded by [`Rows::encode`]: `encoded` from `start` on holds them, in order. `None` where the
    /// lengths do not fit.
    pub fn from_encoded(encoded: Vec<u8>, start: usize, index: &[EncodedRow], keys: &str) -> Option<Self> {
        let mut entries = Vec::with_capacity(index.len());
        let (mut at, mut key_at) = (u32::try_from(start).ok()?, 0u32);
        for row in index {
            let (end, key_end) = (at.checked_add(row.row_len)?, key_at.checked_add(u32::from(row.key_len))?);
            keys.get(key_at as usize..key_end as usize)?;
            entries.push(Entry { id: row.id, key: key_at..key_end, place: at..end, row: OnceCell::new() });
            (at, key_at) = (end, key_end);
        }
        let ordered = entries.is_sorted_by(|a, b| a.id < b.id);
        (ordered && at as usize == encoded.len()).then(|| Rows {
            entries,
            keys: keys.to_owned(),
            encoded: Rc::new(encoded),
        })
    }

    /// Encodes all rows: the index, the text of all keys, and the rows behind each other. What is encoded already
    /// is copied.
    pub fn encode(&self) -> (Vec<EncodedRow>, String, Vec<u8>) {
        let mut index = Vec::with_capacity(self.entries.len());
        let (mut keys, mut bytes) = (String::new(), Vec::new());
        for (at, entry) in self.entries.iter().enumerate() {
            let before = bytes.len();
            if entry.place.is_empty() {
                bytes = postcard::to_extend(&self[at], bytes).expect("a row can be encoded in memory");
            } else {
                bytes.extend_from_slice(&self.encoded[range(&entry.place)]);
            }
            // A key that is longer is no key; the row has it all the same.
            let key = self.key(at).filter(|k| k.len() <= usize::from(u16::MAX)).unwrap_or_default();
            keys.push_str(key);
            index.push(EncodedRow {
                id: entry.id,
                key_len: u16::try_from(key.len()).expect("filtered above"),
                row_len: u32::try_from(bytes.len() - before).expect("a row is below 4 GiB"),
            });
        }
        (index, keys, bytes)
    }

    fn push(&mut self, row: Row) {
        let start = offset(self.keys.len());
        self.keys.push_str(row.front.key.as_deref().unwrap_or_default());
        let key = start..offset(self.keys.len());
        let id = row.front.id;
        self.entries.push(Entry { id, key, place: 0..0, row: OnceCell::from(Box::new(row)) });
    }

    /// Takes rows away and adds others; the rest stays as it is, decoded or not.
    pub fn change(&mut self, gone: &HashSet<IssueId>, added: Vec<Row>) {
        if !gone.is_empty() {
            self.entries.retain(|e| !gone.contains(&e.id));
        }
        for row in added {
            self.push(row);
        }
        self.entries.sort_by_key(|e| e.id);
    }

    /// Returns the number of rows.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Tells whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Returns the identity of a row, without decoding it.
    pub fn id(&self, position: usize) -> IssueId {
        self.entries[position].id
    }

    /// Returns the explicit key of a row, without decoding it.
    pub fn key(&self, position: usize) -> Option<&str> {
        let key = &self.keys[range(&self.entries[position].key)];
        (!key.is_empty()).then_some(key)
    }

    /// Finds the row of an issue.
    pub fn position(&self, id: IssueId) -> Option<usize> {
        self.entries.binary_search_by_key(&id, |e| e.id).ok()
    }

    /// Returns all rows in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Row> + Clone {
        (0..self.len()).map(|at| &self[at])
    }
}

impl Index<usize> for Rows {
    type Output = Row;

    fn index(&self, position: usize) -> &Row {
        let entry = &self.entries[position];
        entry.row.get_or_init(|| {
            let bytes = &self.encoded[range(&entry.place)];
            // Whoever reads a snapshot checks its sum and its layout before it comes here.
            Box::new(postcard::from_bytes(bytes).expect("a checked snapshot holds rows"))
        })
    }
}

impl PartialEq for Rows {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

fn range(range: &Range<u32>) -> Range<usize> {
    range.start as usize..range.end as usize
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).expect("keys and rows stay below 4 GiB")
}
