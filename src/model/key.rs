//! Keys: the short names of issues that people and agents write.
//!
//! A key is derived (`<prefix>-<tail of the ULID>`, the shortest unambiguous one from four characters) or
//! explicit (it stands in the file). Nothing derived is stored, so there is nothing to keep in step.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::id::ULID_LEN;
use super::key_table::{KeyTable, tail_bits};
use super::order::{Order, Slot};
use super::{IssueId, Ref, Rows, Settings};

/// Least number of characters of a ULID's tail that name an issue.
const MIN_TAIL: usize = 4;
/// Least number of characters of a ULID's beginning that name an issue.
const MIN_HEAD: usize = 8;

/// Resolves keys to issues and names issues by keys, for one state of a tracker.
#[derive(Debug, Default)]
pub struct KeyIndex {
    prefix: String,
    prefixes: BTreeSet<String>,
    /// Those of the packed rows, or of all issues.
    packed: KeyTable,
    /// Those of the rows beside them.
    own: KeyTable,
    order: Option<Rc<Order>>,
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
        KeyIndex { packed: KeyTable::new(issues), ..KeyIndex::with_prefixes(settings) }
    }

    /// Makes the index of rows, for which those that are packed need not be looked at.
    pub(super) fn of(settings: &Settings, rows: &Rows) -> Self {
        let own = rows.own().iter().map(|row| (row.front.id, row.front.key.as_deref()));
        let order = rows.order().cloned();
        KeyIndex {
            packed: rows.packed().keys.clone(),
            own: KeyTable::new(own),
            order,
            ..KeyIndex::with_prefixes(settings)
        }
    }

    fn with_prefixes(settings: &Settings) -> Self {
        let all = settings.prefixes.iter().chain([&settings.prefix]);
        let prefixes = all.map(|p| p.to_ascii_lowercase()).collect();
        KeyIndex { prefix: settings.prefix.clone(), prefixes, ..KeyIndex::default() }
    }

    fn len(&self) -> usize {
        self.order.as_ref().map_or(self.packed.counts().ids, |order| order.len())
    }

    fn slot(&self, position: usize) -> Slot {
        self.order.as_ref().map_or(Slot::Packed(position), |order| order.slot(position))
    }

    fn id(&self, position: usize) -> IssueId {
        match self.slot(position) {
            Slot::Packed(at) => self.packed.id(at),
            Slot::Own(number) => self.own.id(number),
        }
    }

    /// Returns the explicit key of an issue.
    fn name(&self, position: usize) -> Option<&str> {
        match self.slot(position) {
            Slot::Packed(at) => self.packed.name(at),
            Slot::Own(number) => self.own.name(number),
        }
    }

    /// Returns the position of a packed row; `None` where it is gone or replaced.
    fn kept(&self, at: usize) -> Option<usize> {
        self.order.as_ref().map_or(Some(at), |order| order.kept(at))
    }

    fn position_of_own(&self, number: usize) -> usize {
        self.order.as_ref().map_or(number, |order| order.position_of_own(number))
    }

    /// Finds the issues with an explicit key, in any case.
    fn named<'k>(&'k self, key: &'k str) -> impl Iterator<Item = usize> + 'k {
        let packed = self.packed.with_name(key).filter_map(|at| self.kept(at));
        packed.chain(self.own.with_name(key).map(|number| self.position_of_own(number)))
    }

    /// Returns all explicit keys with the position of their issue.
    fn names(&self) -> impl Iterator<Item = (&str, usize)> {
        let packed = self.packed.names().filter_map(|(name, at)| Some((name, self.kept(at)?)));
        packed.chain(self.own.names().map(|(name, number)| (name, self.position_of_own(number))))
    }

    /// Returns the key of the issue at `position`, as it is shown.
    pub fn key_of(&self, position: usize) -> String {
        match self.name(position) {
            Some(key) if self.named(key).nth(1).is_none() => key.to_owned(),
            Some(key) => format!("{key}~{}", self.id(position).tail(self.tail_length(position))),
            None => self.derived(position, self.id(position)),
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
        let id = self.id(position);
        let same = self.with_tail_bits(tail_bits(id)).filter(|at| *at != position);
        let shared = same.map(|at| (self.id(at).bits() ^ id.bits()).trailing_zeros() as usize / 5).max();
        shared.map_or(MIN_TAIL, |n| (n + 1).clamp(MIN_TAIL, ULID_LEN))
    }

    fn with_tail_bits(&self, bits: u32) -> impl Iterator<Item = usize> {
        let packed = self.packed.with_tail(bits).filter_map(|at| self.kept(at));
        packed.chain(self.own.with_tail(bits).map(|number| self.position_of_own(number)))
    }

    /// Tells whether the key of the issue at `position` has to be longer than usual, because another issue's ULID
    /// ends alike.
    pub fn is_crowded(&self, position: usize) -> bool {
        self.tail_length(position) > MIN_TAIL
    }

    /// Tells whether the four-character tail of `id` is still unused, by ULIDs and by explicit keys.
    pub fn tail_is_free(&self, id: IssueId) -> bool {
        let key = format!("{}-{}", self.prefix, id.tail(MIN_TAIL));
        self.with_tail_bits(tail_bits(id)).next().is_none() && !self.has_explicit(&key)
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
        by_key.values_mut().for_each(|positions| positions.sort_unstable());
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
            return one(self.named(key).filter(|at| self.id(*at).to_string().ends_with(tail)).collect());
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
        self.with_tail_bits(tail_bits(id)).find(|at| self.id(*at) == id)
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
        self.with_last_of(tail).filter(|at| self.id(*at).to_string().ends_with(tail)).collect()
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
            found = (0..self.len()).filter(|at| self.id(*at).to_string().starts_with(text)).collect();
        }
        found.sort_unstable();
        found.dedup();
        one(found)
    }
}

fn one(mut found: Vec<usize>) -> Result<usize, KeyMiss> {
    found.sort_unstable();
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

/// Decodes four characters of Crockford's base 32.
fn decode_tail(tail: &str) -> Option<u32> {
    const ALPHABET: &[u8] = b"0123456789abcdefghjkmnpqrstvwxyz";
    tail.bytes().try_fold(0, |bits, b| {
        let digit = ALPHABET.iter().position(|a| *a == b)?;
        Some((bits << 5) | u32::try_from(digit).ok()?)
    })
}
