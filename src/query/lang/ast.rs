//! A query as it was typed, and how it is written.

use std::fmt;
use std::ops::Range;

/// A query, or a part of one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Expr {
    /// All of these hold; two or more.
    All(Vec<Expr>),
    /// One of these holds; two or more.
    Any(Vec<Expr>),
    /// This does not hold.
    Not(Box<Expr>),
    /// A single condition.
    Term(Term),
}

/// A single condition.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Term {
    /// Words to look for.
    Text {
        /// What to look for.
        word: Word,
        /// Whether it stood in quotes, and so means nothing else.
        quoted: bool,
    },
    /// `name:value,value`: any of the values.
    Field {
        /// The field as typed.
        name: Word,
        /// Its values; none where nothing follows the colon.
        values: Vec<Word>,
    },
}

/// A piece of a query, and where it stands. Two words with the same text are equal wherever they stand.
#[derive(Clone, Eq, Debug)]
pub struct Word {
    /// What it says, without quotes.
    pub text: String,
    /// The bytes of the query that it was read from.
    pub span: Range<usize>,
}

impl PartialEq for Word {
    fn eq(&self, other: &Word) -> bool {
        self.text == other.text
    }
}

impl Word {
    /// A word that stands nowhere.
    pub fn new(text: &str) -> Self {
        Word { text: text.to_owned(), span: 0..0 }
    }
}

impl Expr {
    /// Returns the words, where the query is nothing but words without quotes.
    pub fn bare_words(&self) -> Option<Vec<&Word>> {
        let parts = match self {
            Expr::All(parts) => parts.as_slice(),
            single => std::slice::from_ref(single),
        };
        let bare = parts.iter().map(|part| match part {
            Expr::Term(Term::Text { word, quoted: false }) => Some(word),
            _ => None,
        });
        bare.collect()
    }
}

/// Writes the query so that reading it gives the same again.
impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Expr::All(parts) => join(f, parts, " ", |part| matches!(part, Expr::All(_) | Expr::Any(_))),
            Expr::Any(parts) => join(f, parts, " OR ", |part| matches!(part, Expr::Any(_))),
            Expr::Not(part) => match part.as_ref() {
                Expr::Term(term) => write!(f, "-{term}"),
                group => write!(f, "-({group})"),
            },
            Expr::Term(term) => write!(f, "{term}"),
        }
    }
}

fn join(
    f: &mut fmt::Formatter<'_>,
    parts: &[Expr],
    between: &str,
    is_group: impl Fn(&Expr) -> bool,
) -> fmt::Result {
    for (at, part) in parts.iter().enumerate() {
        f.write_str(if at > 0 { between } else { "" })?;
        if is_group(part) {
            write!(f, "({part})")?;
        } else {
            write!(f, "{part}")?;
        }
    }
    Ok(())
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Term::Text { word, quoted } => {
                let text = &word.text;
                let is_turned = text.len() > 1 && text.starts_with('-');
                let is_operator = ["OR", "AND", "NOT"].contains(&text.as_str());
                let in_need = *quoted || is_turned || is_operator || has_signs(text, "\"()");
                f.write_str(&if in_need { in_quotes(text) } else { text.clone() })
            }
            Term::Field { name, values } => {
                write!(f, "{}:", name.text)?;
                for (at, value) in values.iter().enumerate() {
                    f.write_str(if at > 0 { "," } else { "" })?;
                    let text = &value.text;
                    // After a colon, these two would make the name a word: `std::io`, `http://`.
                    let is_odd = has_signs(text, "\"(),") || text.starts_with([':', '/']);
                    f.write_str(&if is_odd { in_quotes(text) } else { text.clone() })?;
                }
                Ok(())
            }
        }
    }
}

/// Tells whether a text holds what ends a word, or nothing.
fn has_signs(text: &str, signs: &str) -> bool {
    text.is_empty() || text.contains(|c: char| c.is_whitespace() || signs.contains(c))
}

fn in_quotes(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
