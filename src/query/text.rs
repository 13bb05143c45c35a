//! The part of a selection that needs the texts of an issue, kept apart because loading them costs.

use std::collections::HashSet;

use crate::model::{Front, Issue, IssueId, Tracker};

/// What the texts of an issue must contain. The default asks for nothing.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TextFilter {
    /// Each of these words stands somewhere: in the title, a label, a section or a comment.
    pub words: Vec<String>,
    /// The description contains this text.
    pub description_contains: Option<String>,
    /// The notes contain this text.
    pub notes_contains: Option<String>,
    /// There is no description.
    pub empty_description: bool,
}

impl TextFilter {
    /// Tells whether nothing is asked for, so that no text needs to be loaded.
    pub fn is_unset(&self) -> bool {
        *self == TextFilter::default()
    }

    /// Tells whether the issue has all of it. Case does not matter.
    pub fn matches(&self, issue: &Issue) -> bool {
        let body = &issue.body;
        self.description_contains.as_ref().is_none_or(|text| contains(&body.description, text))
            && self.notes_contains.as_ref().is_none_or(|text| contains(&body.notes, text))
            && (!self.empty_description || body.description.trim().is_empty())
            && self.words.iter().all(|word| appears(issue, word))
    }
}

fn appears(issue: &Issue, word: &str) -> bool {
    let (front, body) = (&issue.front, &issue.body);
    let texts = [&front.title, &body.description, &body.design, &body.acceptance, &body.notes];
    let others = front.labels.iter().chain(&front.key).chain(&front.external_ref);
    let comments = body.comments.iter().map(|c| &c.text);
    texts.into_iter().chain(others).chain(comments).any(|text| contains(text, word))
}

/// Tells whether a text contains another, in any case.
pub(super) fn contains(text: &str, wanted: &str) -> bool {
    text.to_lowercase().contains(&wanted.to_lowercase())
}

/// A set of `PLACES`, a bit each.
pub type PlaceSet = u8;

/// Where a word can stand beside the key, in the order in which they are named.
const PLACES: [&str; 8] =
    ["title", "label", "external_ref", "description", "design", "acceptance", "notes", "comment"];
/// Those of them that are in the front matter.
const IN_FRONT: PlaceSet = 0b111;

/// Words to search for. All must occur, each anywhere; case does not matter.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Words(Vec<String>);

impl Words {
    /// Builds a search from words, or from texts of several each.
    pub fn new<'w>(texts: impl IntoIterator<Item = &'w str>) -> Self {
        Words(texts.into_iter().flat_map(str::split_whitespace).map(str::to_lowercase).collect())
    }

    /// Tells whether there is nothing to search for.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the words, in small letters.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Returns where the words stand, if the key and the front matter alone have all of them.
    pub fn places_in_front(&self, key: &str, front: &Front) -> Option<Vec<&'static str>> {
        self.find(key, front, front_texts(front))
    }

    /// Returns where the words stand, if the issue has all of them. What is settled by key and front matter is not
    /// looked for in the texts.
    pub fn places(&self, key: &str, issue: &Issue) -> Option<Vec<&'static str>> {
        let in_front = self.places_in_front(key, &issue.front);
        in_front.or_else(|| self.find(key, &issue.front, texts(issue)))
    }

    fn find(&self, key: &str, front: &Front, texts: Vec<(PlaceSet, String)>) -> Option<Vec<&'static str>> {
        let stands = |word: &String| {
            let having = texts.iter().filter(|(_, text)| text.contains(word));
            (is_named(word, key, front.id), having.fold(0, |set, (place, _)| set | place))
        };
        union(self.0.iter().map(stands)).map(|(named, set)| names(named, set))
    }

    /// Returns where the words stand, if an issue has all of them, from where each of them stands: whether it names
    /// the issue, and the places that have it.
    pub fn join(&self, stand: impl Fn(usize) -> (bool, PlaceSet)) -> Option<Vec<&'static str>> {
        let all = (0..self.0.len()).map(&stand);
        let anywhere = union(all.clone())?;
        let in_front = union(all.map(|(named, set)| (named, set & IN_FRONT)));
        let (named, set) = in_front.unwrap_or(anywhere);
        Some(names(named, set))
    }

    /// Returns for each word the issues that it names.
    pub fn named(&self, tracker: &Tracker) -> Vec<HashSet<IssueId>> {
        let named = |word: &String| {
            let possible = tracker.keys().possible(word).into_iter();
            let ids = possible.map(|at| (at, tracker.rows.id(at)));
            ids.filter(|(at, id)| is_named(word, &tracker.key(*at), *id)).map(|(_, id)| id).collect()
        };
        self.0.iter().map(named).collect()
    }
}

/// Joins where each word stands; `None` where one stands nowhere.
fn union(mut stands: impl Iterator<Item = (bool, PlaceSet)>) -> Option<(bool, PlaceSet)> {
    stands.try_fold((false, 0), |(named, set), (is_named, places)| {
        (is_named || places != 0).then_some((named | is_named, set | places))
    })
}

fn names(named: bool, set: PlaceSet) -> Vec<&'static str> {
    let places = PLACES.iter().enumerate().filter(|(bit, _)| set & (1 << bit) != 0).map(|(_, name)| *name);
    named.then_some("key").into_iter().chain(places).collect()
}

/// Tells whether a word names an issue. Of a key it must be the whole or the tail: every key has the prefix in it.
fn is_named(word: &str, key: &str, id: IssueId) -> bool {
    let key = key.to_lowercase();
    word == key || key.rsplit_once('-').is_some_and(|(_, tail)| tail == word) || word == id.to_string()
}

/// Returns the texts that are searched, in small letters, each with its place.
pub fn texts(issue: &Issue) -> Vec<(PlaceSet, String)> {
    let body = &issue.body;
    let sections = [&body.description, &body.design, &body.acceptance, &body.notes];
    let mut texts = front_texts(&issue.front);
    texts.extend((3..).zip(sections).map(|(bit, text)| (1 << bit, text.to_lowercase())));
    texts.extend(body.comments.iter().map(|comment| (1 << 7, comment.text.to_lowercase())));
    texts
}

fn front_texts(front: &Front) -> Vec<(PlaceSet, String)> {
    let title = [(1, front.title.to_lowercase())].into_iter();
    let labels = front.labels.iter().map(|label| (1 << 1, label.to_lowercase()));
    title.chain(labels).chain(front.external_ref.iter().map(|text| (1 << 2, text.to_lowercase()))).collect()
}
