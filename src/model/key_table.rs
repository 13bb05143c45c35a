//! Tables for resolving keys: identities, sorted by their tails, and explicit keys, sorted by a hash. Used where they
//! stand in a snapshot, or made for a few issues.

use std::rc::Rc;

use super::IssueId;
use super::column::{Column, Numbers};
use super::key::is_valid_key;

/// Bits of the least number of characters of a tail.
const TAIL_BITS: u32 = 20;

/// The identities and explicit keys of issues, by their places in the table.
#[derive(Clone, Debug, Default)]
pub(super) struct KeyTable {
    ids: Column<16>,
    /// All places, ordered by the last four characters of the identity.
    tails: Numbers,
    /// The places that have an explicit key, in order.
    named: Numbers,
    /// Where the key of each of these ends.
    name_ends: Numbers,
    /// (hash of the key in small letters, number among the named), sorted.
    hashes: Column<12>,
    names: Column<1>,
}

/// How many of everything a table holds.
#[derive(Clone, Copy, Debug)]
pub(super) struct KeyCounts {
    pub ids: usize,
    pub named: usize,
    pub name_bytes: usize,
}

impl KeyTable {
    /// Makes a table. An explicit key that is not valid (a file may say anything) is left out.
    pub fn new<K: AsRef<str>>(issues: impl Iterator<Item = (IssueId, Option<K>)>) -> Self {
        let (mut ids, mut tails, mut named) = (Vec::new(), Vec::new(), Vec::new());
        let (mut ends, mut hashes, mut names) = (Vec::new(), Vec::new(), Vec::new());
        for (at, (id, key)) in (0u32..).zip(issues) {
            ids.push(id.bits().to_le_bytes());
            tails.push((tail_bits(id), at));
            let Some(key) = key.as_ref().map(AsRef::as_ref).filter(|k| is_valid_key(k)) else { continue };
            names.extend_from_slice(key.as_bytes());
            hashes.push((hash(key), named.len()));
            named.push(at);
            ends.push(u32::try_from(names.len()).expect("keys stay below 4 GiB"));
        }
        tails.sort_unstable();
        hashes.sort_unstable();
        KeyTable {
            ids: Column::new(ids),
            tails: Numbers::of(tails.into_iter().map(|(_, at)| at)),
            named: Numbers::of(named),
            name_ends: Numbers::of(ends),
            hashes: Column::new(hashes.into_iter().map(|(hash, number)| {
                let mut bytes = [0; 12];
                bytes[..8].copy_from_slice(&hash.to_le_bytes());
                let number = u32::try_from(number).expect("fewer than 2^32 issues");
                bytes[8..].copy_from_slice(&number.to_le_bytes());
                bytes
            })),
            names: Column::new(names.into_iter().map(|byte| [byte])),
        }
    }

    /// Takes a table from where it stands.
    pub fn cut(bytes: &Rc<Vec<u8>>, at: &mut usize, counts: KeyCounts) -> Option<Self> {
        let KeyCounts { ids, named, name_bytes } = counts;
        Some(KeyTable {
            ids: Column::cut(bytes, at, ids)?,
            tails: Column::cut(bytes, at, ids)?,
            named: Column::cut(bytes, at, named)?,
            name_ends: Column::cut(bytes, at, named)?,
            hashes: Column::cut(bytes, at, named)?,
            names: Column::cut(bytes, at, name_bytes)?,
        })
    }

    pub fn write(&self, out: &mut Vec<u8>) {
        let KeyTable { ids, tails, named, name_ends, hashes, names } = self;
        let numbers = [tails.as_bytes(), named.as_bytes(), name_ends.as_bytes()];
        for bytes in std::iter::once(ids.as_bytes()).chain(numbers) {
            out.extend_from_slice(bytes);
        }
        out.extend_from_slice(hashes.as_bytes());
        out.extend_from_slice(names.as_bytes());
    }

    pub fn counts(&self) -> KeyCounts {
        KeyCounts { ids: self.ids.len(), named: self.named.len(), name_bytes: self.names.len() }
    }

    pub fn id(&self, at: usize) -> IssueId {
        IssueId::from_bits(u128::from_le_bytes(*self.ids.get(at)))
    }

    /// Finds an identity in a table whose identities are in order.
    pub fn find(&self, id: IssueId) -> Result<usize, usize> {
        let wanted = id.bits();
        let at = self.ids.partition_point(|bytes| u128::from_le_bytes(*bytes) < wanted);
        if at < self.ids.len() && self.id(at) == id { Ok(at) } else { Err(at) }
    }

    /// Returns the explicit key of an issue.
    pub fn name(&self, at: usize) -> Option<&str> {
        let wanted = u32::try_from(at).ok()?;
        let number = self.named.partition_point(|place| u32::from_le_bytes(*place) < wanted);
        (number < self.named.len() && self.named.number(number) == wanted).then(|| self.text(number))
    }

    fn text(&self, number: usize) -> &str {
        let start = number.checked_sub(1).map_or(0, |before| self.name_ends.number(before));
        let range = start as usize..self.name_ends.number(number) as usize;
        std::str::from_utf8(&self.names.as_bytes()[range]).unwrap_or_default()
    }

    /// Finds the issues with an explicit key, in any case.
    pub fn with_name<'k>(&'k self, key: &'k str) -> impl Iterator<Item = usize> + 'k {
        let hash = hash(key);
        let of = |bytes: &[u8; 12]| u64::from_le_bytes(*bytes.first_chunk().expect("eight of twelve"));
        let start = self.hashes.partition_point(|bytes| of(bytes) < hash);
        let same = (start..self.hashes.len()).map(|at| self.hashes.get(at));
        same.take_while(move |bytes| of(bytes) == hash)
            .map(|bytes| u32::from_le_bytes(*bytes.last_chunk().expect("four of twelve")) as usize)
            .filter(move |number| self.text(*number).eq_ignore_ascii_case(key))
            .map(|number| self.named.number(number) as usize)
    }

    /// Finds the issues whose identities end in the same four characters.
    pub fn with_tail(&self, bits: u32) -> impl Iterator<Item = usize> + '_ {
        let of = |at: u32| tail_bits(self.id(at as usize));
        let start = self.tails.partition_point(|at| of(u32::from_le_bytes(*at)) < bits);
        let places = (start..self.tails.len()).map(|at| self.tails.number(at));
        places.take_while(move |at| of(*at) == bits).map(|at| at as usize)
    }

    /// Returns all explicit keys with the place of their issue.
    pub fn names(&self) -> impl Iterator<Item = (&str, usize)> {
        (0..self.named.len()).map(|number| (self.text(number), self.named.number(number) as usize))
    }
}

/// Returns the last four characters of an identity as bits.
pub(super) fn tail_bits(id: IssueId) -> u32 {
    u32::try_from(id.bits() & ((1 << TAIL_BITS) - 1)).expect("masked to 20 bits")
}

/// FNV-1a over the key in small letters: good enough to find candidates, which are compared.
fn hash(key: &str) -> u64 {
    key.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, b| {
        (hash ^ u64::from(b.to_ascii_lowercase())).wrapping_mul(0x0100_0000_01b3)
    })
}
