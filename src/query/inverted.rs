//! An inverted index: for every term of all texts, which documents have it and where.
//!
//! A term is what stands between white space. No word of a search has white space in it, so wherever one stands in a
//! text, it stands inside one of its terms: the documents that have a word are exactly those of all terms that contain
//! it. That holds for every alphabet, and for a single letter as for a path.
//!
//! Documents are numbers here. The terms stand sorted in one text, a line each, beside the length of each list; the
//! lists stand behind each other, so whoever keeps them in a file reads those few that a search asks for.

use std::collections::HashMap;
use std::ops::Range;

use super::Words;
use super::postings::{Postings, read_number, read_postings, write_number};
use super::text::{PlaceSet, texts};
use crate::model::Issue;

/// The terms of an index, and where the list of each stands.
#[derive(Clone, Copy, Debug, Default)]
pub struct Dictionary<'d> {
    /// The terms, sorted, each followed by a line end, which is in none.
    pub terms: &'d str,
    /// The lengths of their lists, as numbers of variable length.
    pub lengths: &'d [u8],
}

/// An index as bytes.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Inverted {
    /// See [`Dictionary::terms`].
    pub terms: String,
    /// See [`Dictionary::lengths`].
    pub lengths: Vec<u8>,
    /// The lists, behind each other.
    pub lists: Vec<u8>,
}

impl<'d> Dictionary<'d> {
    /// Returns all terms with the places of their lists.
    pub fn entries(self) -> impl Iterator<Item = (&'d str, Range<usize>)> {
        let (mut lengths, mut at) = (self.lengths, 0);
        self.terms.lines().map_while(move |term| {
            let start = at;
            at += usize::try_from(read_number(&mut lengths)?).ok()?;
            Some((term, start..at))
        })
    }

    /// Returns the places of the lists of all terms that contain a word, in order.
    fn containing(self, word: &str) -> Option<Vec<Range<usize>>> {
        let (mut found, mut lengths, mut at) = (Vec::new(), self.lengths, 0);
        let mut seen = 0;
        for (place, _) in self.terms.match_indices(word) {
            if place < seen {
                continue;
            }
            let passed = self.terms.as_bytes()[seen..place].iter().filter(|byte| **byte == b'\n').count();
            for _ in 0..passed {
                at += usize::try_from(read_number(&mut lengths)?).ok()?;
            }
            let start = at;
            at += usize::try_from(read_number(&mut lengths)?).ok()?;
            found.push(start..at);
            seen = place + self.terms[place..].find('\n')? + 1;
        }
        Some(found)
    }

    /// Returns for each word where it stands: a set of places for each of the documents. `list` reads from the lists;
    /// `None` where it does, or where they make no sense.
    pub fn look_up(
        self,
        words: &Words,
        documents: usize,
        mut list: impl FnMut(Range<usize>) -> Option<Vec<u8>>,
    ) -> Option<Vec<Vec<PlaceSet>>> {
        let mut all = Vec::new();
        for word in words.iter() {
            let mut stands: Vec<PlaceSet> = vec![0; documents];
            for range in self.containing(word)? {
                for (document, places) in read_postings(&list(range)?) {
                    *stands.get_mut(document as usize)? |= places;
                }
            }
            all.push(stands);
        }
        Some(all)
    }
}

/// Makes an index.
#[derive(Default, Debug)]
pub struct Builder(HashMap<Box<str>, Postings>);

impl Builder {
    /// Adds the texts of an issue. Documents come in ascending order.
    pub fn add(&mut self, document: u32, issue: &Issue) {
        for (place, text) in texts(issue) {
            for term in text.split_whitespace() {
                match self.0.get_mut(term) {
                    Some(postings) => postings.push(document, place),
                    None => self.0.entry(term.into()).or_default().push(document, place),
                }
            }
        }
    }

    /// Joins what was added to an older index. `numbers` has the new number of each of its documents, in order, and
    /// none for those that are gone; what was added has greater ones. `None` where the older makes no sense.
    pub fn finish(self, old: Dictionary<'_>, lists: &[u8], numbers: &[Option<u32>]) -> Option<Inverted> {
        let mut made = Inverted::default();
        let mut added: Vec<(Box<str>, Postings)> = self.0.into_iter().collect();
        added.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        let mut added = added.into_iter().peekable();
        for (term, range) in old.entries() {
            while let Some((term, postings)) = added.next_if(|(new, _)| **new < *term) {
                made.push(&term, &postings.finish());
            }
            let mut joined = Postings::default();
            for (document, places) in read_postings(lists.get(range)?) {
                if let Some(number) = numbers.get(document as usize)? {
                    joined.push(*number, places);
                }
            }
            if let Some((_, postings)) = added.next_if(|(new, _)| **new == *term) {
                read_postings(&postings.finish())
                    .for_each(|(document, places)| joined.push(document, places));
            }
            made.push(term, &joined.finish());
        }
        added.for_each(|(term, postings)| made.push(&term, &postings.finish()));
        Some(made)
    }
}

impl Inverted {
    fn push(&mut self, term: &str, list: &[u8]) {
        if list.is_empty() {
            return;
        }
        self.terms.push_str(term);
        self.terms.push('\n');
        write_number(&mut self.lengths, list.len() as u64);
        self.lists.extend_from_slice(list);
    }
}
