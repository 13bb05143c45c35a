//! Conditions among words that mean themselves: `qp search idle timer label:auth`.

use super::field::Field;
use super::parse::Reader;

/// Words, and the conditions that stood among them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Loose {
    /// The conditions, as a query.
    pub query: String,
    /// Everything else, as it was.
    pub words: Vec<String>,
}

/// Takes from words the conditions on known fields, and the names of saved queries that `is_saved` knows. Whatever else
/// stands there is a word as it is: quotes, parentheses and hyphens too.
pub fn split_words<'w>(texts: impl IntoIterator<Item = &'w str>, is_saved: impl Fn(&str) -> bool) -> Loose {
    let mut loose = Loose::default();
    for text in texts {
        let mut at = 0;
        while let Some(start) = text[at..].find(|c: char| !c.is_whitespace()) {
            at += start;
            let rest = &text[at..];
            let saved = word(rest).strip_prefix('@').is_some_and(&is_saved);
            let length = if saved { Some(word(rest).len()) } else { condition(rest) };
            if let Some(length) = length {
                loose.query.push_str(if loose.query.is_empty() { "" } else { " " });
                loose.query.push_str(&rest[..length]);
            } else {
                let word = word(rest);
                loose.words.push(unquoted(word).unwrap_or(word).to_owned());
            }
            at += length.unwrap_or(word(rest).len());
        }
    }
    loose
}

fn word(text: &str) -> &str {
    text.split(char::is_whitespace).next().unwrap_or_default()
}

/// Returns the length of the condition that a text begins with.
fn condition(text: &str) -> Option<usize> {
    let minus = usize::from(text.starts_with('-'));
    let mut reader = Reader::new(&text[minus..]);
    let name = reader.field_name().filter(|name| Field::find(name).is_some())?;
    let colon = name.len() + 1;
    reader.term().ok()?;
    let ends = reader.rest().is_empty() || reader.rest().starts_with(char::is_whitespace);
    (reader.at > colon && ends).then_some(minus + reader.at)
}

/// A condition in quotes is looked for as it is.
fn unquoted(word: &str) -> Option<&str> {
    let inner = word.strip_prefix('"')?.strip_suffix('"')?;
    condition(inner).filter(|length| *length == inner.len()).map(|_| inner)
}

/// Tells whether a text begins with the name of a known field and a colon, perhaps after a hyphen.
pub fn begins_field(text: &str) -> bool {
    let text = text.strip_prefix('-').unwrap_or(text);
    Reader::new(text).field_name().is_some_and(|name| Field::find(name).is_some())
}

/// Tells whether a text can be a query and cannot be a key.
pub fn looks_like_query(text: &str) -> bool {
    let text = text.trim();
    text.starts_with(['@', '(']) || text.split_whitespace().any(begins_field)
}
