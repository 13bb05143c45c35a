//! The part of a selection that needs the texts of an issue, kept apart because loading them costs.

use crate::model::Issue;

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
