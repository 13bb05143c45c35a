//! Keys in texts: which issues a commit message, or any other text, speaks of.

use std::collections::HashMap;

use crate::model::Tracker;

/// Finds the issues that texts name by their keys. A word is looked up once, however often it is written.
#[derive(Debug)]
pub struct Mentions<'t> {
    tracker: &'t Tracker,
    known: HashMap<String, Option<usize>>,
}

impl<'t> Mentions<'t> {
    /// Looks for the keys of a tracker.
    pub fn new(tracker: &'t Tracker) -> Self {
        Mentions { tracker, known: HashMap::new() }
    }

    /// Returns the issues that a text names, each once, in the order of the text. A key stands there with its prefix;
    /// one that fits several issues names none.
    pub fn of(&mut self, text: &str) -> Vec<usize> {
        let mut found = Vec::new();
        for word in text.split(|c: char| !c.is_alphanumeric() && !"-_.~".contains(c)) {
            let word = word.trim_matches(|c: char| !c.is_alphanumeric());
            if word.contains('-')
                && let Some(at) = self.issue(word)
                && !found.contains(&at)
            {
                found.push(at);
            }
        }
        found
    }

    fn issue(&mut self, word: &str) -> Option<usize> {
        if let Some(known) = self.known.get(word) {
            return *known;
        }
        let found = self.tracker.keys().resolve(word).ok();
        self.known.insert(word.to_owned(), found);
        found
    }
}
