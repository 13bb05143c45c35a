//! Keys: the short names of issues that people and agents write.
//!
//! A key is derived (`<prefix>-<tail of the ULID>`, the shortest unambiguous one from four characters) or
//! explicit (it stands in the file). Nothing derived is stored, so there is nothing to keep in step.

use std::collections::{BTreeMap, BTreeSet};

use super::id::ULID_LEN;
use super::{IssueId, Ref, Settings};

/// Least number of characters of a ULID's tail that name an issue.
const MIN_TAIL: usize = 4;
/// Least number of characters of a ULID's beginning that name an issue.
const MIN_HEAD: usize = 8;
/// Bits of [`MIN_TAIL`] characters.
const TAIL_BITS: u32 = 20;

/// Resolves keys to issues and names issues by keys, for one state of a tracker.
#[derive(Debug, Default)]
pub struct KeyIndex {
    prefix: String,
    prefixes: BTreeSet<String>,
    ids: Vec<IssueId>,
    /// All explicit keys, one behind the other, and where each issue's ends.
    names: String,
    name_ends: Vec<u32>,
    /// (last four characters as bits, position), sorted.
    tails: Vec<(u32, u32)>,
    /// (hash of the explicit key in small letters, position), sorted.
    explicit: Vec<(u64, u32)>,
}

/// Why a key names no issue.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum KeyMiss {
    /// Empty, `null`, `undefined`: what a script passes when something before it failed.
    Refused,
    /// The prefix is not one of this tracker's.
    Prefix(String),
    /// Too short to be safe.
    TooShort,
    /// No such issue.
    NotFound,
    /// Several issues fit: their positions.
    Ambiguous(Vec<usize>),
}

/// Tells whether `text` can be a prefix: small letters and digits, words joined by single hyphens.
pub fn is_valid_prefix(text: &str) -> bool {
    text.len() <= 32
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.split('-').all(|word| {
            !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        })
}

/// Tells whether `text` can be an explicit key: letters, digits, `.`, `_` and `-`, at most 100 characters,
/// beginning with a letter or digit. A ULID is none, because it may be the identity of another issue.
pub fn is_valid_key(text: &str) -> bool {
    (1..=100).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
        && !is_empty_word(text)
        && IssueId::parse(text).is_none()
}

fn is_empty_word(text: &str) -> bool {
    ["", "null", "undefined", "none", "nil"].iter().any(|w| text.eq_ignore_ascii_case(w))
}

impl KeyIndex {
    /// Builds the index over issues in the order of their positions. An explicit key that is not valid (a file
    /// may say anything) does not count: its issue has a derived one.
    pub fn new<K: AsRef<str>>(
        settings: &Settings,
        issues: impl Iterator<Item = (IssueId, Option<K>)>,
    ) -> Self {
        let all = settings.prefixes.iter().chain([&settings.prefix]);
        let prefixes = all.map(|p| p.to_ascii_lowercase()).collect();
        let mut index = KeyIndex { prefix: settings.prefix.clone(), prefixes, ..KeyIndex::default() };
        for (at, (id, key)) in (0u32..).zip(issues) {
            index.ids.push(id);
            index.tails.push((low_bits(id), at));
            if let Some(key) = key.as_ref().map(AsRef::as_ref).filter(|k| is_valid_key(k)) {
                index.names.push_str(key);
                index.explicit.push((hash(key), at));
            }
            index.name_ends.push(u32::try_from(index.names.len()).expect("keys stay below 4 GiB"));
        }
        index.tails.sort_unstable();
        index.explicit.sort_unstable();
        index
    }

    /// Returns the explicit key of an issue.
    fn name(&self, position: usize) -> Option<&str> {
        let start = position.checked_sub(1).map_or(0, |before| self.name_ends[before]);
        let name = &self.names[start as usize..self.name_ends[position] as usize];
        (!name.is_empty()).then_some(name)
    }

    /// Finds the issues with an explicit key, in any case.
    fn named<'k>(&'k self, key: &'k str) -> impl Iterator<Item = usize> + 'k {
        let hash = hash(key);
        let start = self.explicit.partition_point(|e| e.0 < hash);
        let same = self.explicit[start..].iter().take_while(move |e| e.0 == hash).map(|e| e.1 as usize);
        same.filter(move |at| self.name(*at).is_some_and(|name| name.eq_ignore_ascii_case(key)))
    }

    /// Returns all explicit keys with the position of their issue.
    fn names(&self) -> impl Iterator<Item = (&str, usize)> {
        (0..self.ids.len()).filter_map(|at| Some((self.name(at)?, at)))
    }

    /// Returns the key of the issue at `position`, as it is shown.
    pub fn key_of(&self, position: usize) -> String {
        match self.name(position) {
            Some(key) if self.named(key).nth(1).is_none() => key.to_owned(),
            Some(key) => format!("{key}~{}", self.ids[position].tail(self.tail_length(position))),
            None => self.derived(position, self.ids[position]),
        }
    }

    fn derived(&self, position: usize, id: IssueId) -> String {
        let mut length = self.tail_length(position);
        loop {
            let key = format!("{}-{}", self.prefix, id.tail(length));
            if length >= ULID_LEN || !self.has_explicit(&key) {
                return key;
            }
            length += 1;
        }
    }

    /// Returns how many characters tell this ULID's tail from all others.
    fn tail_length(&self, position: usize) -> usize {
        let id = self.ids[position];
        let same = self.with_tail_bits(low_bits(id)).filter(|at| *at != position);
        let shared = same.map(|at| (self.ids[at].bits() ^ id.bits()).trailing_zeros() as usize / 5).max();
        shared.map_or(MIN_TAIL, |n| (n + 1).clamp(MIN_TAIL, ULID_LEN))
    }

    fn with_tail_bits(&self, bits: u32) -> impl Iterator<Item = usize> {
        let start = self.tails.partition_point(|t| t.0 < bits);
        self.tails[start..].iter().take_while(move |t| t.0 == bits).map(|t| t.1 as usize)
    }

    /// Tells whether the key of the issue at `position` has to be longer than usual, because another issue's ULID
    /// ends alike.
    pub fn is_crowded(&self, position: usize) -> bool {
        self.tail_length(position) > MIN_TAIL
    }

    /// Tells whether the four-character tail of `id` is still unused, by ULIDs and by explicit keys.
    pub fn tail_is_free(&self, id: IssueId) -> bool {
        let key = format!("{}-{}", self.prefix, id.tail(MIN_TAIL));
        self.with_tail_bits(low_bits(id)).next().is_none() && !self.has_explicit(&key)
    }

    /// Tells whether an issue has this explicit key.
    pub fn has_explicit(&self, key: &str) -> bool {
        self.named(key).next().is_some()
    }

    /// Returns the positions of the explicit keys that several issues share.
    pub fn collisions(&self) -> Vec<(String, Vec<usize>)> {
        let mut by_key: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (name, at) in self.names() {
            by_key.entry(name.to_ascii_lowercase()).or_default().push(at);
        }
        by_key.into_iter().filter(|(_, positions)| positions.len() > 1).collect()
    }

    /// Finds the issue that `input` names.
    ///
    /// # Errors
    /// Why it names none, or several.
    pub fn resolve(&self, input: &str) -> Result<usize, KeyMiss> {
        let text = input.trim().to_ascii_lowercase();
        if is_empty_word(&text) {
            return Err(KeyMiss::Refused);
        }
        let explicit: Vec<usize> = self.named(&text).collect();
        if !explicit.is_empty() {
            return one(explicit);
        }
        if let Some((key, tail)) = text.split_once('~') {
            return one(self.named(key).filter(|at| self.ids[*at].to_string().ends_with(tail)).collect());
        }
        if let Some(id) = IssueId::parse(&text) {
            return self.position(id).ok_or(KeyMiss::NotFound);
        }
        match text.rsplit_once('-') {
            Some((prefix, tail)) if self.prefixes.contains(prefix) => self.by_tail(tail),
            Some((prefix, _)) if !self.knows_prefix(&text) => Err(KeyMiss::Prefix(prefix.to_owned())),
            Some(_) => Err(KeyMiss::NotFound),
            None => self.by_bare(&text),
        }
    }

    /// Tells whether any known prefix, or that of an explicit key, begins `text`.
    fn knows_prefix(&self, text: &str) -> bool {
        let begins = |prefix: &str| {
            let head = text.get(..prefix.len());
            head.is_some_and(|h| h.eq_ignore_ascii_case(prefix)) && text[prefix.len()..].starts_with('-')
        };
        self.prefixes.iter().any(|p| begins(p))
            || self.names().filter_map(|(k, _)| k.rsplit_once('-')).any(|(prefix, _)| begins(prefix))
    }

    /// Returns the position of an identity.
    pub fn position(&self, id: IssueId) -> Option<usize> {
        self.with_tail_bits(low_bits(id)).find(|at| self.ids[*at] == id)
    }

    /// Finds what a reference in a file points to.
    pub fn resolve_ref(&self, reference: &Ref) -> Option<usize> {
        match reference {
            Ref::Id(id) => self.position(*id),
            Ref::Key(key) => self.resolve(key).ok(),
        }
    }

    fn by_tail(&self, tail: &str) -> Result<usize, KeyMiss> {
        if tail.len() < MIN_TAIL {
            return Err(KeyMiss::TooShort);
        }
        one(self.ending(tail))
    }

    fn ending(&self, tail: &str) -> Vec<usize> {
        self.with_last_of(tail).filter(|at| self.ids[*at].to_string().ends_with(tail)).collect()
    }

    /// Returns the issues whose ULID ends with the last four characters of `text`.
    fn with_last_of(&self, text: &str) -> impl Iterator<Item = usize> {
        let last = text.get(text.len().saturating_sub(MIN_TAIL)..);
        last.and_then(decode_tail).into_iter().flat_map(|bits| self.with_tail_bits(bits))
    }

    /// Returns the issues whose shown key or identity may end with `word`, which is in small letters.
    pub fn possible(&self, word: &str) -> Vec<usize> {
        let named = self.names().filter(|(name, _)| ends_with(name, word)).map(|(_, at)| at);
        // What is not explicit ends with that of the ULID.
        let mut found: Vec<usize> = named.chain(self.with_last_of(word)).collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// A word without a prefix: a tail, what follows an explicit key's prefix, or the beginning of a ULID.
    fn by_bare(&self, text: &str) -> Result<usize, KeyMiss> {
        if text.len() < MIN_TAIL {
            return Err(KeyMiss::TooShort);
        }
        let mut found = self.ending(text);
        let ends = |key: &str| key.rsplit_once('-').is_some_and(|(_, rest)| rest.eq_ignore_ascii_case(text));
        found.extend(self.names().filter(|(key, _)| ends(key)).map(|(_, at)| at));
        if found.is_empty() && text.len() >= MIN_HEAD {
            found = (0..self.ids.len()).filter(|at| self.ids[*at].to_string().starts_with(text)).collect();
        }
        found.sort_unstable();
        found.dedup();
        one(found)
    }
}

fn one(found: Vec<usize>) -> Result<usize, KeyMiss> {
    match found[..] {
        [] => Err(KeyMiss::NotFound),
        [only] => Ok(only),
        _ => Err(KeyMiss::Ambiguous(found)),
    }
}

fn ends_with(name: &str, word: &str) -> bool {
    let start = name.len().checked_sub(word.len());
    start.and_then(|start| name.get(start..)).is_some_and(|end| end.eq_ignore_ascii_case(word))
}

/// FNV-1a over the key in small letters: good enough to find candidates, which are compared.
fn hash(key: &str) -> u64 {
    key.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, b| {
        (hash ^ u64::from(b.to_ascii_lowercase())).wrapping_mul(0x0100_0000_01b3)
    })
}

fn low_bits(id: IssueId) -> u32 {
    u32::try_from(id.bits() & ((1 << TAIL_BITS) - 1)).expect("masked to 20 bits")
}

/// Decodes four characters of Crockford's base 32.
fn decode_tail(tail: &str) -> Option<u32> {
    const ALPHABET: &[u8] = b"0123456789abcdefghjkmnpqrstvwxyz";
    tail.bytes().try_fold(0, |bits, b| {
        let digit = ALPHABET.iter().position(|a| *a == b)?;
        Some((bits << 5) | u32::try_from(digit).ok()?)
    })
}
