//! Rows that have been packed: columns that are used where they stand, and encoded rows of which each is decoded when
//! it is first looked at.
//!
//! The columns stand in this order, in little-endian bytes. Positions count the issues, ordered by identity.
//!
//! | column | bytes | what |
//! |---|---|---|
//! | counts | 7 × 4 | issues, explicit keys, bytes of these, blockers, parts, other references, loose rows |
//! | identities | 16 each | in order |
//! | tails | 4 each | positions, ordered by the last four characters of the identity |
//! | named | 4 a key | positions of the issues with an explicit key |
//! | name ends | 4 a key | where its text ends |
//! | hashes | 12 a key | hash of the key and its number, sorted by the hash |
//! | names | | the texts of the keys |
//! | facts | 27 each | status, priority, flags, three times: `facts.rs` |
//! | places | 12 each | start, length and checksum of the encoded row |
//! | parents | 4 each | position, or all bits set |
//! | blockers, dependents, children, others, referrers | 4 each, 4 an entry | where each list ends; the positions |
//! | loose | 4 a row | positions of rows with a reference that was no position when they were packed |
//!
//! What a loose row refers to depends on the keys of the day, so its references are in no list and are read from the
//! row itself.

use std::cell::OnceCell;
use std::rc::Rc;

use super::bodies::{Bodies, Source};
use super::column::{Column, Lists, Numbers};
use super::facts::FACTS_WIDTH;
use super::key_table::{KeyCounts, KeyTable};
use super::order::index;
use super::{Facts, IssueId, Row};

/// Decoded rows are kept in groups of so many, which are made when they are needed.
const GROUP: usize = 256;

type Group = Box<[OnceCell<Box<Row>>]>;

/// Rows in their packed form.
#[derive(Default)]
pub struct Packed {
    pub(super) keys: KeyTable,
    pub(super) facts: Column<FACTS_WIDTH>,
    pub(super) places: Column<12>,
    pub(super) edges: Edges,
    pub(super) source: Source,
    pub(super) decoded: Vec<OnceCell<Group>>,
}

/// The references between packed rows.
#[derive(Default)]
pub(super) struct Edges {
    pub parents: Numbers,
    pub blockers: Lists,
    pub dependents: Lists,
    pub children: Lists,
    /// What each refers to by any other relation.
    pub others: Lists,
    /// The rows that do so.
    pub referrers: Lists,
    pub loose: Numbers,
}

impl std::fmt::Debug for Packed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Packed({})", self.len())
    }
}

impl Packed {
    pub(super) fn new(
        keys: KeyTable,
        facts: Column<FACTS_WIDTH>,
        places: Column<12>,
        edges: Edges,
        source: Source,
    ) -> Self {
        let groups = keys.counts().ids.div_ceil(GROUP);
        let decoded = std::iter::repeat_with(OnceCell::new).take(groups).collect();
        Packed { keys, facts, places, edges, source, decoded }
    }

    /// Takes rows from a buffer that holds their columns from `start` to its end. The buffer has been checked.
    /// `None` where the lengths do not fit.
    pub fn from_columns(
        buffer: Vec<u8>,
        start: usize,
        bodies: Box<dyn Bodies>,
        body_bytes: usize,
    ) -> Option<Self> {
        let buffer = Rc::new(buffer);
        let mut at = start;
        let counts = Numbers::cut(&buffer, &mut at, 7)?;
        let count = |which| counts.number(which) as usize;
        let [ids, named, name_bytes, blockers, children, others, loose] = std::array::from_fn(count);
        let keys = KeyTable::cut(&buffer, &mut at, KeyCounts { ids, named, name_bytes })?;
        let facts = Column::cut(&buffer, &mut at, ids)?;
        let places = Column::cut(&buffer, &mut at, ids)?;
        let edges = Edges {
            parents: Column::cut(&buffer, &mut at, ids)?,
            blockers: Lists::cut(&buffer, &mut at, ids, blockers)?,
            dependents: Lists::cut(&buffer, &mut at, ids, blockers)?,
            children: Lists::cut(&buffer, &mut at, ids, children)?,
            others: Lists::cut(&buffer, &mut at, ids, others)?,
            referrers: Lists::cut(&buffer, &mut at, ids, others)?,
            loose: Column::cut(&buffer, &mut at, loose)?,
        };
        let source = Source::elsewhere(bodies, body_bytes);
        (at == buffer.len()).then(|| Packed::new(keys, facts, places, edges, source))
    }

    /// Returns the columns as they stand in a file.
    pub fn columns(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write_columns(&mut out);
        out
    }

    /// Writes the columns behind what is there.
    pub fn write_columns(&self, out: &mut Vec<u8>) {
        let KeyCounts { ids, named, name_bytes } = self.keys.counts();
        let edges = &self.edges;
        let (blockers, children) = (edges.blockers.total(), edges.children.total());
        let counts = [ids, named, name_bytes, blockers, children, edges.referrers.total(), edges.loose.len()];
        for count in counts {
            out.extend_from_slice(&u32::try_from(count).expect("counts fit").to_le_bytes());
        }
        self.keys.write(out);
        out.extend_from_slice(self.facts.as_bytes());
        let mut start = 0;
        for at in 0..ids {
            let place = Place { start, ..self.place(at) };
            out.extend_from_slice(&place.to_bytes());
            start += place.len;
        }
        out.extend_from_slice(edges.parents.as_bytes());
        let Edges { blockers, dependents, children, others, referrers, .. } = edges;
        for lists in [blockers, dependents, children, others, referrers] {
            lists.write(out);
        }
        out.extend_from_slice(edges.loose.as_bytes());
    }

    /// Returns the encoded rows in order, where they are in memory.
    pub fn bodies(&self) -> Option<impl Iterator<Item = &[u8]>> {
        let Source::Memory(bytes) = &self.source else { return None };
        Some((0..self.len()).map(|at| {
            let Place { start, len, .. } = self.place(at);
            &bytes[start..start + len]
        }))
    }

    fn place(&self, at: usize) -> Place {
        Place::from_bytes(self.places.get(at))
    }

    pub(super) fn len(&self) -> usize {
        self.keys.counts().ids
    }

    pub(super) fn id(&self, at: usize) -> IssueId {
        self.keys.id(at)
    }

    pub(super) fn facts(&self, at: usize) -> Facts {
        Facts::from_bytes(self.facts.get(at))
    }

    pub(super) fn is_closed(&self, at: usize) -> bool {
        Facts::is_closed_in(self.facts.get(at))
    }

    /// Tells whether the references of a row are in no list.
    pub(super) fn is_loose(&self, at: usize) -> bool {
        let loose = &self.edges.loose;
        let number = loose.partition_point(|place| (u32::from_le_bytes(*place) as usize) < at);
        number < loose.len() && loose.number(number) as usize == at
    }

    /// Shows the encoded row to `look`, where it is whole.
    pub(super) fn with_body<T>(&self, at: usize, look: impl FnOnce(&[u8]) -> Option<T>) -> Option<T> {
        let Place { start, len, sum } = self.place(at);
        self.source.with(start, len, |body| if checksum(body) == sum { look(body) } else { None })
    }

    pub(super) fn row(&self, at: usize) -> &Row {
        let group = self.decoded[at / GROUP]
            .get_or_init(|| std::iter::repeat_with(OnceCell::new).take(GROUP).collect());
        group[at % GROUP].get_or_init(|| {
            let decoded = self.with_body(at, |body| postcard::from_bytes(body).ok());
            let row = decoded.or_else(|| self.source.afresh(self.id(at)));
            Box::new(row.expect("the file of an issue that is on the branch can be read"))
        })
    }
}

/// Where an encoded row stands, and its checksum. In a file, the rows are in the order of their positions.
pub(super) struct Place {
    pub start: usize,
    pub len: usize,
    pub sum: u32,
}

impl Place {
    pub fn to_bytes(&self) -> [u8; 12] {
        let mut bytes = [0; 12];
        for (place, number) in bytes.chunks_exact_mut(4).zip([index(self.start), index(self.len), self.sum]) {
            place.copy_from_slice(&number.to_le_bytes());
        }
        bytes
    }

    fn from_bytes(bytes: &[u8; 12]) -> Self {
        let number = |which: usize| {
            let bytes = bytes[4 * which..].first_chunk().expect("three numbers fit");
            u32::from_le_bytes(*bytes)
        };
        Place { start: number(0) as usize, len: number(1) as usize, sum: number(2) }
    }
}

/// Sums up the bytes of an encoded row.
pub(super) fn checksum(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}
