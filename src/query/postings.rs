//! Postings: for one term, the documents that have it and in which places, as few bytes.

use super::text::PlaceSet;

/// A list under way. Documents come in ascending order; the same may come again with another place.
#[derive(Default, Debug)]
pub struct Postings {
    bytes: Vec<u8>,
    /// The least number that the next entry may have.
    next: u32,
    /// The places of the entry before, which most share.
    before: PlaceSet,
    open: Option<(u32, PlaceSet)>,
}

impl Postings {
    /// Adds places of a document.
    pub fn push(&mut self, document: u32, places: PlaceSet) {
        match &mut self.open {
            Some((open, known)) if *open == document => *known |= places,
            _ => {
                self.close();
                self.open = Some((document, places));
            }
        }
    }

    /// Writes the open entry: the gap, with one bit that says whether the places follow because they are others.
    fn close(&mut self) {
        let Some((document, places)) = self.open.take() else { return };
        let gap = u64::from(document - self.next);
        write_number(&mut self.bytes, gap << 1 | u64::from(places != self.before));
        if places != self.before {
            self.bytes.push(places);
        }
        (self.next, self.before) = (document + 1, places);
    }

    /// Returns the list as [`read_postings`] takes it.
    pub fn finish(mut self) -> Vec<u8> {
        self.close();
        self.bytes
    }
}

/// Reads a list: documents and places. It ends where the bytes end or make no sense.
pub fn read_postings(mut bytes: &[u8]) -> impl Iterator<Item = (u32, PlaceSet)> {
    let (mut next, mut places) = (0u32, 0);
    std::iter::from_fn(move || {
        let number = read_number(&mut bytes)?;
        if number & 1 == 1 {
            let (first, rest) = bytes.split_first()?;
            (places, bytes) = (*first, rest);
        }
        let document = next.checked_add(u32::try_from(number >> 1).ok()?)?;
        next = document.checked_add(1)?;
        Some((document, places))
    })
}

/// Writes a number in groups of seven bits, the lowest first.
pub(super) fn write_number(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Reads a number from the beginning of `bytes`, and moves them behind it.
pub(super) fn read_number(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..63).step_by(7) {
        let (first, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(first & 0x7f) << shift;
        if first & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}
