//! The part of a selection that needs the texts of an issue, kept apart because loading them costs.

use crate::model::{Front, Issue};

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

fn contains(text: &str, wanted: &str) -> bool {
    text.to_lowercase().contains(&wanted.to_lowercase())
}

/// Words to search for. All must occur, each anywhere; case does not matter.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Words(Vec<String>);

impl Words {
    /// Builds a search from words.
    pub fn new<'w>(words: impl IntoIterator<Item = &'w str>) -> Self {
        Words(words.into_iter().map(str::to_lowercase).collect())
    }

    /// Tells whether there is nothing to search for.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns where the words stand, if the key and the front matter alone have all of them.
    pub fn places_in_front(&self, key: &str, front: &Front) -> Option<Vec<&'static str>> {
        self.find(front_texts(key, front))
    }

    /// Returns where the words stand, if the issue has all of them.
    pub fn places(&self, key: &str, issue: &Issue) -> Option<Vec<&'static str>> {
        let mut texts = front_texts(key, &issue.front);
        let body = &issue.body;
        texts.push(("description", body.description.to_lowercase()));
        texts.push(("design", body.design.to_lowercase()));
        texts.push(("acceptance", body.acceptance.to_lowercase()));
        texts.push(("notes", body.notes.to_lowercase()));
        texts.extend(body.comments.iter().map(|c| ("comment", c.text.to_lowercase())));
        self.find(texts)
    }

    /// Returns the places that have some of the words, if together they have all; each place once.
    fn find(&self, texts: Vec<(&'static str, String)>) -> Option<Vec<&'static str>> {
        if !self.0.iter().all(|word| texts.iter().any(|(place, text)| occurs(word, place, text))) {
            return None;
        }
        let some = texts.iter().filter(|(place, text)| self.0.iter().any(|word| occurs(word, place, text)));
        let mut places: Vec<&'static str> = some.map(|(place, _)| *place).collect();
        places.dedup();
        Some(places)
    }
}

/// Tells whether a word stands in a text. Of a key it must be the whole or the tail: every key has the prefix in it.
fn occurs(word: &str, place: &str, text: &str) -> bool {
    match place {
        "key" => text == word || text.rsplit_once('-').is_some_and(|(_, tail)| tail == word),
        _ => text.contains(word),
    }
}

fn front_texts(key: &str, front: &Front) -> Vec<(&'static str, String)> {
    let mut texts = vec![("key", key.to_lowercase()), ("key", front.id.to_string())];
    texts.push(("title", front.title.to_lowercase()));
    texts.extend(front.labels.iter().map(|label| ("label", label.to_lowercase())));
    texts.extend(front.external_ref.iter().map(|text| ("external_ref", text.to_lowercase())));
    texts
}
