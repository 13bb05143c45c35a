//! The issues of a tracker, ordered by ULID, each decoded when it is first looked at.
//!
//! A command that needs one issue of ten thousand must not pay for the others. A row comes from memory, or from
//! encoded bytes. Beside these stand the identity and the explicit key, which is all that resolving keys takes, and
//! an [`Outline`], which is all that the graph takes.

use std::cell::OnceCell;
use std::collections::HashSet;
use std::ops::{Index, Range};
use std::rc::Rc;

use serde::{Deserialize, Serialize};

use super::{Front, IssueId, Ref};

/// Of many rows that are added at once, so many stay decoded.
const KEPT_DECODED: usize = 32;

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

/// What the graph needs to know of an issue.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct Outline {
    closed: bool,
    parent: Option<Ref>,
    blocked_by: Vec<Ref>,
    /// The targets of its other relations.
    others: Vec<Ref>,
}

/// Rows as bytes, and what stands beside them.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct EncodedRows {
    /// One entry a row, in order.
    pub index: Vec<EncodedRow>,
    /// All explicit keys, one behind the other.
    pub keys: String,
    /// The outlines of all rows.
    pub outlines: Vec<u8>,
}

/// The rows of a tracker.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    entries: Vec<Entry>,
    /// All explicit keys, one behind the other.
    keys: String,
    encoded: Rc<Vec<u8>>,
    encoded_outlines: Rc<Vec<u8>>,
    outlines: OnceCell<Rc<Vec<Outline>>>,
}

#[derive(Clone, Debug)]
struct Entry {
    id: IssueId,
    key: Range<u32>,
    /// Where the row stands in `encoded`; empty where it was never encoded.
    place: Range<u32>,
    /// Which of the outlines is its own, where it was encoded.
    outline: u32,
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
    pub fn from_encoded(encoded: Vec<u8>, start: usize, beside: EncodedRows) -> Option<Self> {
        let EncodedRows { index, keys, outlines } = beside;
        let mut entries = Vec::with_capacity(index.len());
        let (mut at, mut key_at) = (u32::try_from(start).ok()?, 0u32);
        for (outline, row) in (0u32..).zip(index) {
            let (end, key_end) = (at.checked_add(row.row_len)?, key_at.checked_add(u32::from(row.key_len))?);
            keys.get(key_at as usize..key_end as usize)?;
            let (place, key) = (at..end, key_at..key_end);
            entries.push(Entry { id: row.id, key, place, outline, row: OnceCell::new() });
            (at, key_at) = (end, key_end);
        }
        let ordered = entries.is_sorted_by(|a, b| a.id < b.id);
        let (encoded, encoded_outlines) = (Rc::new(encoded), Rc::new(outlines));
        (ordered && at as usize == encoded.len()).then(|| Rows {
            entries,
            keys,
            encoded,
            encoded_outlines,
            outlines: OnceCell::new(),
        })
    }

    /// Encodes all rows, behind each other, and what stands beside them. What is encoded already is copied.
    pub fn encode(&self) -> (EncodedRows, Vec<u8>) {
        let mut beside = EncodedRows { index: Vec::with_capacity(self.len()), ..EncodedRows::default() };
        let mut bytes = Vec::new();
        for (at, entry) in self.entries.iter().enumerate() {
            let before = bytes.len();
            if entry.place.is_empty() {
                bytes = postcard::to_extend(&self[at], bytes).expect("a row can be encoded in memory");
            } else {
                bytes.extend_from_slice(&self.encoded[range(&entry.place)]);
            }
            // A key that is longer is no key; the row has it all the same.
            let key = self.key(at).filter(|k| k.len() <= usize::from(u16::MAX)).unwrap_or_default();
            beside.keys.push_str(key);
            beside.index.push(EncodedRow {
                id: entry.id,
                key_len: u16::try_from(key.len()).expect("filtered above"),
                row_len: u32::try_from(bytes.len() - before).expect("a row is below 4 GiB"),
            });
        }
        let outlines: Vec<Outline> = (0..self.len()).map(|at| self.make_outline(at)).collect();
        beside.outlines = postcard::to_stdvec(&outlines).expect("outlines can be encoded in memory");
        (beside, bytes)
    }

    fn make_outline(&self, at: usize) -> Outline {
        match self.outline(at) {
            Some(outline) => outline.clone(),
            None => Outline::of(&self[at].front),
        }
    }

    /// Returns the outline of a row that was encoded.
    fn outline(&self, position: usize) -> Option<&Outline> {
        let entry = &self.entries[position];
        (!entry.place.is_empty()).then(|| &self.outlines()[entry.outline as usize])
    }

    fn outlines(&self) -> &[Outline] {
        self.outlines.get_or_init(|| {
            if self.encoded_outlines.is_empty() {
                return Rc::default();
            }
            // As for the rows: the sum of the snapshot has been checked.
            Rc::new(postcard::from_bytes(&self.encoded_outlines).expect("a checked snapshot holds outlines"))
        })
    }

    /// Tells whether an issue is closed, without decoding its row.
    pub fn is_closed(&self, position: usize) -> bool {
        self.outline(position).map_or_else(|| self[position].front.status.is_closed(), |o| o.closed)
    }

    /// Returns what an issue is a part of, without decoding its row.
    pub fn parent(&self, position: usize) -> Option<&Ref> {
        match self.outline(position) {
            Some(outline) => outline.parent.as_ref(),
            None => self[position].front.parent.as_ref(),
        }
    }

    /// Returns what must be closed before an issue, without decoding its row.
    pub fn blocked_by(&self, position: usize) -> Vec<&Ref> {
        match self.outline(position) {
            Some(outline) => outline.blocked_by.iter().collect(),
            None => self[position].front.blocked_by.iter().collect(),
        }
    }

    /// Returns everything that an issue refers to, by any relation, without decoding its row.
    pub fn references(&self, position: usize) -> Vec<&Ref> {
        match self.outline(position) {
            Some(o) => o.parent.iter().chain(&o.blocked_by).chain(&o.others).collect(),
            None => self[position].front.references().into_iter().map(|(_, target)| target).collect(),
        }
    }

    fn push(&mut self, row: Row) {
        let (id, key) = (row.front.id, self.push_key(&row));
        let row = OnceCell::from(Box::new(row));
        self.entries.push(Entry { id, key, place: 0..0, outline: 0, row });
    }

    /// Adds a row without keeping it decoded, which takes a fraction of the memory.
    fn push_encoded(&mut self, row: &Row) {
        let (id, key) = (row.front.id, self.push_key(row));
        let bytes = Rc::make_mut(&mut self.encoded);
        let start = offset(bytes.len());
        *bytes = postcard::to_extend(row, std::mem::take(bytes)).expect("a row can be encoded in memory");
        let place = start..offset(bytes.len());
        self.outlines();
        let outlines = Rc::make_mut(self.outlines.get_mut().expect("just decoded"));
        let outline = offset(outlines.len());
        outlines.push(Outline::of(&row.front));
        self.entries.push(Entry { id, key, place, outline, row: OnceCell::new() });
    }

    fn push_key(&mut self, row: &Row) -> Range<u32> {
        let start = offset(self.keys.len());
        self.keys.push_str(row.front.key.as_deref().unwrap_or_default());
        start..offset(self.keys.len())
    }

    /// Takes rows away and adds others; the rest stays as it is, decoded or not. Of those added, a few stay
    /// decoded, because whoever adds them looks at them next.
    pub fn change(&mut self, gone: &HashSet<IssueId>, added: impl IntoIterator<Item = Row>) {
        if !gone.is_empty() {
            self.entries.retain(|e| !gone.contains(&e.id));
        }
        for (at, row) in added.into_iter().enumerate() {
            if at < KEPT_DECODED { self.push(row) } else { self.push_encoded(&row) }
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

impl Outline {
    fn of(front: &Front) -> Self {
        let others = front.references().into_iter().map(|(_, target)| target);
        let known =
            |target: &&Ref| front.parent.as_ref() == Some(target) || front.blocked_by.contains(*target);
        Outline {
            closed: front.status.is_closed(),
            parent: front.parent.clone(),
            blocked_by: front.blocked_by.iter().cloned().collect(),
            others: others.filter(|target| !known(target)).cloned().collect(),
        }
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
        let encoded = |rows: &Rows, at: usize| rows.entries[at].place.clone();
        let equal = |at: usize| match (encoded(self, at), encoded(other, at)) {
            // Equal rows have equal bytes.
            (a, b) if !a.is_empty() && !b.is_empty() => self.encoded[range(&a)] == other.encoded[range(&b)],
            _ => self[at] == other[at],
        };
        self.len() == other.len() && (0..self.len()).all(equal)
    }
}

fn range(range: &Range<u32>) -> Range<usize> {
    range.start as usize..range.end as usize
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).expect("keys and rows stay below 4 GiB")
}
